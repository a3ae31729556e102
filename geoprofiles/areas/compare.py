"""How each area stands beside all areas together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.frames import INDICATOR_COLUMNS, Indicators, check_columns

ROUNDING = 0.02
"""By how much a printed value may miss numerator over denominator, as a part of itself."""


def compare(indicators: Indicators) -> Indicators:
    """Set each value beside the same figure for all areas together, and rank it.

    The whole is made from summed numerators and denominators, never from averaged rates, and
    of the areas that have both; where a ``whole`` is there already, as for standardised rates, it
    stays. Where values are not one multiple of numerator over denominator, as figures that are
    given or standardised, sums cannot tell the whole: it is NaN then. Whether an area differs from
    it beyond chance is not tested.

    Parameters
    ----------
    indicators : DataFrame
        Indicators; each indicator and period is compared within itself.

    Returns
    -------
    DataFrame
        A copy with ``whole`` (in the unit of the value), ``difference`` (value minus whole),
        ``ratio`` (value over whole), ``rank`` (1 the highest value; ties share a rank; NA
        without a value) and ``ranked`` (how many were ranked).

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> indicators = pd.DataFrame({"area_code": ["A", "B"], "indicator": "theft",
    ...     "period": "2025", "numerator": [10, 10], "denominator": [1000.0, 4000.0],
    ...     "value": [10.0, 2.5], "lower": 0.0, "upper": 20.0, "unit": "per 1,000",
    ...     "method": "exact"})
    >>> geoprofiles.compare(indicators)[["whole", "ratio", "rank"]].to_dict("list")
    {'whole': [4.0, 4.0], 'ratio': [2.5, 0.625], 'rank': [1, 2]}
    """
    check_columns(indicators, INDICATOR_COLUMNS, what="Indicators")
    compared = indicators.copy()
    known = compared["value"].notna()
    by = compared.groupby(["indicator", "period"], sort=False, observed=True).ngroup()
    by = by.where(by >= 0)
    value, part, whole = (
        compared[name].astype(float).where(known) for name in ("value", "numerator", "denominator")
    )

    def among(values: pd.Series, told: str) -> pd.Series:
        return values.groupby(by, sort=False, observed=True).transform(told)

    # What one unit of numerator over denominator counts for: 1,000 in a rate per 1,000.
    multiplier = value * whole / part.replace(0, np.nan)
    per = among(multiplier, "median")
    differs = (multiplier / per - 1).abs().gt(ROUNDING).where(multiplier.notna())
    per = per.mask(among(differs.astype(float), "mean") > 0.5)
    part, whole = part.where(part.notna() & (whole > 0)), whole.where(part.notna() & (whole > 0))
    pooled = among(part, "sum") / among(whole, "sum").replace(0, np.nan) * per
    none_happened = among(part.eq(0) | part.isna(), "all") & among(part.notna(), "any")
    whole_of_all = pooled.mask(none_happened, 0.0)
    # What is standardised has a whole of its own, that sums cannot tell.
    given = compared["whole"] if "whole" in compared else pd.Series(np.nan, index=compared.index)
    compared["whole"] = given.astype(float).fillna(whole_of_all)
    compared["difference"] = value - compared["whole"]
    compared["ratio"] = value / compared["whole"].where(compared["whole"] > 0)
    values = value.groupby(by, sort=False, observed=True)
    compared["rank"] = values.rank(method="min", ascending=False).astype("Int64")
    compared["ranked"] = values.transform("count").astype("Int64")
    return compared

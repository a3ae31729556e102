"""How each area stands beside all areas together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.frames import INDICATOR_COLUMNS, Indicators, check_columns


def compare(indicators: Indicators) -> Indicators:
    """Set each value beside the same figure for all areas together, and rank it.

    The whole is made from summed numerators and denominators, never from averaged rates, and
    of the areas that have both; where a ``whole`` is there already, as for standardised rates, it
    stays. Whether an area differs from it beyond chance is not tested.

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
    by = [compared["indicator"], compared["period"]]
    part = compared["numerator"].astype(float).where(known).groupby(by, sort=False)
    whole = compared["denominator"].astype(float).where(known).groupby(by, sort=False)
    denominators = whole.transform("sum")
    # What one unit of numerator over denominator counts for: 1,000 in a rate per 1,000.
    multiplier = (
        compared["value"] * compared["denominator"] / compared["numerator"].replace(0, np.nan)
    )
    per = multiplier.groupby(by, sort=False).transform("median")
    pooled = part.transform("sum") / denominators.where(denominators > 0) * per
    none_happened = known.groupby(by).transform("any") & per.isna()
    whole_of_all = pooled.mask(none_happened, 0.0)
    # What is standardised has a whole of its own, that sums cannot tell.
    given = compared["whole"] if "whole" in compared else pd.Series(np.nan, index=compared.index)
    compared["whole"] = given.astype(float).fillna(whole_of_all)
    compared["difference"] = compared["value"] - compared["whole"]
    compared["ratio"] = compared["value"] / compared["whole"].where(compared["whole"] > 0)
    values = compared["value"].groupby(by, sort=False)
    compared["rank"] = values.rank(method="min", ascending=False).astype("Int64")
    compared["ranked"] = values.transform("count").astype("Int64")
    return compared

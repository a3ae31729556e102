"""Other rules by which areas are called high or low, by name, for those who must match them."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from geoprofiles.areas.rates import crude_rate, normal_quantile, proportion
from geoprofiles.areas.rest import COUNTED, NOT_TESTED, compare_with_rest
from geoprofiles.checks import check_choice
from geoprofiles.frames import INDICATOR_COLUMNS, Indicators, check_columns

RULES = ("rest", "interval", "overlap")


def compare_by_rule(
    indicators: Indicators, rule: Literal["rest", "interval", "overlap"] = "rest"
) -> pd.DataFrame:
    """Say by a named rule which areas are higher or lower.

    Parameters
    ----------
    indicators : DataFrame
        Indicators after :func:`geoprofiles.compare`.
    rule : {"rest", "interval", "overlap"}
        ``rest``: each area against the rest, as :func:`geoprofiles.compare_with_rest` tests it,
        the rule of this program. ``interval``: the whole lies outside the area's own limits, the
        rule of Fingertips and ScotPHO, which takes the whole as known, is not strict about how
        many areas are looked at, and marks nearly every ward of a city. ``overlap``: the limits of
        the area and of the whole do not meet, which is too shy. The whole's limits are those of
        its counts; where it rests on none, they come from the areas' own limits.

    Returns
    -------
    DataFrame
        A copy with ``verdict`` and ``rule``. What has no value, no limits or no whole is
        ``"not tested"``.

    Raises
    ------
    InputError
        If the rule is not known, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> from geoprofiles.areas.rules import compare_by_rule
    >>> indicators = pd.DataFrame({"area_code": ["A", "B"], "indicator": "theft",
    ...     "period": "2025", "numerator": [10, 10], "denominator": [1000.0, 4000.0],
    ...     "value": [10.0, 2.5], "lower": [4.8, 1.2], "upper": [18.4, 4.6], "unit": "per 1,000",
    ...     "method": "Byar's limits", "whole": 4.0})
    >>> compare_by_rule(indicators, "interval")["verdict"].tolist()
    ['higher than the whole', 'no clear difference']
    """
    check_choice(rule, RULES, "rule")
    if rule == "rest":
        return compare_with_rest(indicators).assign(rule=rule)
    check_columns(indicators, [*INDICATOR_COLUMNS, "whole"], what="Indicators")
    value, lower, upper, whole = (
        indicators[name].astype(float) for name in ("value", "lower", "upper", "whole")
    )
    low, high = _limits_of_whole(indicators) if rule == "overlap" else (whole, whole)
    known = pd.concat([value, lower, upper, low, high], axis=1).notna().all(axis=1)
    verdict = np.select(
        [~known, lower > high, upper < low],
        [NOT_TESTED, "higher than the whole", "lower than the whole"],
        "no clear difference",
    )
    return indicators.assign(verdict=verdict, rule=rule)


def _limits_of_whole(indicators: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return 95% limits of the whole, on the rows of the areas that it is made of."""
    by = [indicators["indicator"], indicators["period"]]
    names = ["numerator", "denominator", "value", "lower", "upper", "whole"]
    some = indicators[names].astype(float)
    counted = indicators["method"].isin(COUNTED)
    used = some["value"].notna() & (some["denominator"] > 0)

    def total(values: pd.Series) -> pd.Series:
        return values.where(used).groupby(by, sort=False, observed=True).transform("sum")

    count, people, whole = total(some["numerator"]), total(some["denominator"]), some["whole"]
    # A whole is the mean of its areas weighted by their people; so are errors put together.
    error = (some["upper"] - some["lower"]) / (2 * normal_quantile(0.95))
    margin = normal_quantile(0.95) * np.sqrt(total((some["denominator"] * error) ** 2)) / people
    low, high = whole - margin, whole + margin
    portion = counted & (indicators["method"] == "Wilson's limits")
    for chosen, made in ((counted & ~portion, crude_rate), (portion, proportion)):
        if chosen.any():
            limits = made(count[chosen], people[chosen], per=1)
            # In the unit of the value, whatever the multiplier is; none where nothing happened.
            per = (whole[chosen] / limits["value"]).where(limits["value"] != 0, 0.0)
            low.loc[chosen], high.loc[chosen] = limits["lower"] * per, limits["upper"] * per
    return low, high

"""Other rules by which areas are called high or low, by name, for those who must match them."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from geoprofiles.areas.rest import compare_with_rest
from geoprofiles.checks import check_choice
from geoprofiles.frames import Indicators, check_columns

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
        the area and of the whole do not meet, which is too shy.

    Returns
    -------
    DataFrame
        A copy with ``verdict`` and ``rule``.

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
    check_columns(indicators, ["value", "lower", "upper", "whole"], what="Indicators")
    low = high = indicators["whole"].astype(float)
    if rule == "overlap":
        margin = 1.959964 * _error_of_whole(indicators)
        low, high = low - margin, high + margin
    verdict = np.select(
        [
            indicators["value"].isna() | indicators["lower"].isna(),
            indicators["lower"] > high,
            indicators["upper"] < low,
        ],
        ["not tested", "higher than the whole", "lower than the whole"],
        "no clear difference",
    )
    return indicators.assign(verdict=verdict, rule=rule)


def _error_of_whole(indicators: pd.DataFrame) -> pd.Series:
    """Return the standard error of the whole: that of a count, over the people of all areas."""
    by = [indicators["indicator"], indicators["period"]]
    count = indicators["numerator"].astype(float).groupby(by, sort=False).transform("sum")
    return indicators["whole"].astype(float) / np.sqrt(count.where(count > 0))

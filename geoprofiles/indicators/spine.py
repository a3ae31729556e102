"""Where each figure stands on a spine chart: on a scale that no single area sets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.frames import check_columns

LOW, HIGH = 0.05, 0.95
"""Centiles of the areas that the axis runs between."""

BETTER, WORSE, ABOVE, BELOW = "better", "worse", "higher", "lower"
HIGHER_ANYWAY, LOWER_ANYWAY = f"{ABOVE}, as areas differ anyway", f"{BELOW}, as areas differ anyway"
NO_DIFFERENCE, NOT_TESTED = "no clear difference", "not tested"


def spine_positions(figures: pd.DataFrame) -> pd.DataFrame:
    """Put each area's figure on an axis that has the whole in its middle and worse at its left.

    An axis that runs from the lowest to the highest area is set by a single one: half the wards
    may share a hundredth of it. This one runs as far on either side as the 5th or the 95th centile
    of the areas, whichever is farther from the whole; what lies beyond is drawn as an arrow.

    Parameters
    ----------
    figures : DataFrame
        All areas: ``indicator``, ``period``, ``value``, ``lower``, ``upper``, ``whole``,
        ``polarity``, ``verdict`` as :func:`geoprofiles.compare_with_rest` gives it; and where
        there is one ``national``, the country's figure.

    Returns
    -------
    DataFrame
        A copy with ``position``, ``position_lower``, ``position_upper``, ``box_low``, ``box_high``
        (the middle half of areas), in parts of the axis: 0.5 the whole, 0 its left end, below 0 or
        above 1 beyond it; left is worse, or lower where there is no judgement. Where there is a
        national figure, ``position_national`` is its own. ``significance`` is
        ``"better"``, ``"worse"``, ``"higher"``, ``"lower"``, the last two with ``", as areas differ
        anyway"``, ``"no clear difference"`` or ``"not tested"``: only what differs by more than
        areas differ anyway is better or worse.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.spine import spine_positions
    >>> figures = pd.DataFrame({"indicator": "theft", "period": "2025",
    ...     "value": [1.0, 2.0, 3.0, 4.0, 90.0], "lower": 0.5, "upper": 5.0, "whole": 3.0,
    ...     "polarity": "high is bad", "verdict": "cannot be told from the rest"})
    >>> spine_positions(figures)["position"].round(2).tolist()
    [0.51, 0.51, 0.5, 0.49, -0.12]
    """
    needed = ["indicator", "period", "value", "lower", "upper", "whole", "polarity", "verdict"]
    check_columns(figures, needed, what="Figures")
    table = figures.copy()
    by = [table["indicator"], table["period"]]
    value = table["value"].astype(float)
    grouped = value.groupby(by, sort=False)
    whole = table["whole"].astype(float).fillna(grouped.transform("median"))
    far = np.maximum(
        grouped.transform("quantile", HIGH) - whole, whole - grouped.transform("quantile", LOW)
    )
    # Where all are alike, what is left is rounding, and no axis.
    half = far.where(far > 1e-9 * whole.abs())
    sign = pd.Series(np.where(table["polarity"] == "high is bad", -1.0, 1.0), index=table.index)

    def place(values: pd.Series) -> pd.Series:
        return 0.5 + 0.5 * sign * (values.astype(float) - whole) / half

    table["position"] = place(value).where(half.notna() | value.isna(), 0.5)
    ends = place(table["lower"]), place(table["upper"])
    boxes = place(grouped.transform("quantile", 0.25)), place(grouped.transform("quantile", 0.75))
    for names, (one, two) in (
        (("position_lower", "position_upper"), ends),
        (("box_low", "box_high"), boxes),
    ):
        table[names[0]] = np.fmin(one, two)
        table[names[1]] = np.fmax(one, two)
    if "national" in table:
        table["position_national"] = place(table["national"])
    table["significance"] = significance(table["verdict"], table["polarity"])
    return table


def significance(verdict: pd.Series, polarity: pd.Series) -> np.ndarray:
    """Turn verdicts into better and worse, where high or low is good, and only where sure.

    Examples
    --------
    >>> import pandas as pd
    >>> significance(pd.Series(["higher than the rest", "lower than the rest, as areas differ "
    ...     "anyway", "not tested"]), pd.Series(["high is bad"] * 3)).tolist()
    ['worse', 'lower, as areas differ anyway', 'not tested']
    """
    said = verdict.fillna("not tested").astype(str)
    high, low = said == "higher than the rest", said == "lower than the rest"
    bad, good = polarity == "high is bad", polarity == "high is good"
    anyway = said.str.endswith("as areas differ anyway")
    return np.select(
        [
            said == "not tested",
            (high & bad) | (low & good),
            (high & good) | (low & bad),
            high,
            low,
            anyway & said.str.startswith("higher"),
            anyway,
        ],
        [NOT_TESTED, WORSE, BETTER, ABOVE, BELOW, HIGHER_ANYWAY, LOWER_ANYWAY],
        NO_DIFFERENCE,
    ).astype(object)

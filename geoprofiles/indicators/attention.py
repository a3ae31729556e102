"""What is worse and getting worse, and its opposite: one list, by evidence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.frames import check_columns
from geoprofiles.indicators.trend import FALLING, RISING

WORSE, BETTER = "worse and getting worse", "better and getting better"


def worse_and_worsening(figures: pd.DataFrame, *, level: float = 0.05) -> pd.DataFrame:
    """List areas and indicators that are both worse than the rest and getting worse.

    Both must be beyond chance: the difference from the rest with no more than `level` of findings
    false, and the trend or the change since a year before. What is worse only because areas differ
    anyway is listed after what stands out. Indicators without polarity are in neither list.

    Parameters
    ----------
    figures : DataFrame
        One row for each area and indicator: ``area_code``, ``indicator``, ``polarity``, ``value``,
        ``whole``, ``q``, ``q_adjusted``, ``trend`` (as :func:`geoprofiles.trends` gives it, with
        its judgement or without); ``change_verdict`` and ``change_q`` where changes were tested.
    level : float
        The share of false findings allowed.

    Returns
    -------
    DataFrame
        The rows that are in a list, with ``list`` (``"worse and getting worse"`` or ``"better and
        getting better"``), ``stands_out`` (beyond how areas differ anyway) and ``evidence`` (the
        weaker of the two probabilities; small is strong), by list, then stands out, then evidence.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> figures = pd.DataFrame({"area_code": ["A", "B"], "indicator": "theft",
    ...     "polarity": "high is bad", "value": [9.0, 1.0], "whole": 5.0, "q": 0.001,
    ...     "q_adjusted": 0.01, "trend": ["rising", "falling"]})
    >>> geoprofiles.worse_and_worsening(figures)[["area_code", "list"]].values.tolist()
    [['A', 'worse and getting worse'], ['B', 'better and getting better']]
    """
    needed = ["area_code", "indicator", "polarity", "value", "whole", "q", "q_adjusted", "trend"]
    check_columns(figures, needed, what="Figures")
    judged = figures["polarity"].isin(["high is bad", "high is good"])
    sign = np.where(figures["polarity"] == "high is good", -1, 1)
    side = np.sign(figures["value"].astype(float) - figures["whole"].astype(float)) * sign
    differs = figures["q"].astype(float) <= level
    # A trend may carry its judgement: "rising: getting worse".
    trend = figures["trend"].astype(str).str.split(":").str[0]
    way = trend.map({RISING: 1, FALLING: -1}).fillna(0).to_numpy(dtype=float) * sign
    moves = pd.Series(np.where(way != 0, 0.002, 1.0), index=figures.index)
    if "change_verdict" in figures:
        changed = figures["change_verdict"].map({"more": 1, "fewer": -1}).fillna(0)
        changed = changed.to_numpy(dtype=float) * sign
        # A year's change speaks where years have no trend; two that disagree say nothing.
        q = figures["change_q"].astype(float).fillna(1.0)
        moves = moves.where((way != 0) | (changed == 0), q)
        disagree = (way != 0) & (changed != 0) & (way != changed)
        way = np.where(disagree, 0, np.where(way != 0, way, changed))
    both = judged & differs & (side != 0) & (side == way)
    listed = figures[both].copy()
    listed["list"] = np.where(side[both] > 0, WORSE, BETTER)
    listed["stands_out"] = listed["q_adjusted"].astype(float) <= level
    listed["evidence"] = np.maximum(listed["q"].astype(float), moves[both])
    listed["order"] = (listed["list"] == BETTER).astype(int)
    listed = listed.sort_values(
        ["order", "stands_out", "evidence", "q"], ascending=[True, False, True, True], kind="stable"
    )
    return listed.drop(columns="order").reset_index(drop=True)

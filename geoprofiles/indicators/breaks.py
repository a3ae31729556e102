"""Breaks in recording: found, proposed, kept in a dated table, and respected."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from geoprofiles.frames import OUTSIDE, UNLOCATED, Counts, check_columns

LEAST_RATIO = 1.25
"""A step is proposed where the level changes by a quarter or more."""

SIDE = 3
"""Months that must stand on either side of a step."""

CLEARLY = 1.2
"""By so much a steady climb must fit worse than a step, for a step to be proposed."""

BREAK_COLUMNS = ("source", "category", "area", "month", "why")


def find_breaks(
    counts: Counts, *, level: float = 0.001, least: float = LEAST_RATIO, most: int = 3
) -> pd.DataFrame:
    """Propose months at which the recording of a category may have changed, in all areas at once.

    Real change seldom moves a whole city from one month to the next; a rule of counting does. A
    step is proposed where the city's level moves at once by a quarter or more, far beyond how
    months vary on either side; or where it is another after months that are missing. What is
    proposed is for somebody who knows the force to confirm: nothing is treated as a break until
    it stands in the table of breaks.

    Parameters
    ----------
    counts : DataFrame
        Counts; summed over all areas, those outside left out.
    level : float
        The probability at which a step stands, shared among the months looked at.
    least : float
        The least ratio of levels, up or down.
    most : int
        Steps proposed in a category, the strongest first.

    Returns
    -------
    DataFrame
        ``category``, ``month`` (the first of the new level), ``before``, ``after`` (a month, over
        the months on either side up to the next gap or step), ``ratio`` (by the day), ``p``,
        ``gap`` (months missing before it, 0 where none), ``everywhere`` (share of areas that move
        the same way), ``sentence``; by category, then month.

    References
    ----------
    Binary segmentation: Scott and Knott (1974). *Biometrics* 30, 507-512, on quasi-Poisson
    levels.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> months = pd.date_range("2023-01-01", periods=24, freq="MS")
    >>> counts = pd.DataFrame({"area_code": "A", "month": months, "category": "ASB",
    ...     "count": [100, 104, 97] * 4 + [60, 64, 57] * 4})
    >>> found = geoprofiles.find_breaks(counts).iloc[0]
    >>> f"{found['month']:%Y-%m}", float(round(found["ratio"], 2))
    ('2024-01', 0.6)
    """
    check_columns(counts, ["area_code", "month", "category", "count"], what="Counts")
    inside = counts[~counts["area_code"].isin([OUTSIDE, UNLOCATED]) & counts["month"].notna()]
    held = pd.DatetimeIndex(sorted(inside["month"].unique()))
    stretch = np.cumsum(np.diff(held.year * 12 + held.month, prepend=0) > 1)
    rows: list[dict[str, object]] = []
    for category, some in inside.groupby("category", sort=False, observed=True):
        wide = some.pivot_table(
            index="month", columns="area_code", values="count", aggfunc="sum", observed=True
        )
        wide = wide.reindex(held).fillna(0)
        daily = (wide.sum(axis=1) / held.days_in_month).to_numpy(dtype=float)
        found = _split(daily, stretch, (0, len(held)), level / max(len(held), 1), least)
        found = sorted(found, key=lambda one: one[1])[:most]
        places = [at for at, _ in found]
        for at, p in sorted(found):
            rows.append({"category": category, **_describe(wide, stretch, at, p, places)})
    columns = ["category", "month", "before", "after", "ratio", "p", "gap", "everywhere",
               "sentence"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _split(
    daily: np.ndarray, stretch: np.ndarray, part: tuple[int, int], level: float, least: float
) -> list[tuple[int, float]]:
    """Return the steps within a part: the strongest, then those on either side of it."""
    first, last = part
    best: tuple[float, int] | None = None
    for at in range(first + SIDE, last - SIDE + 1):
        one, two = daily[first:at], daily[at:last]
        if _factor(one, two) < least:
            continue
        # A gap tells levels apart, not when they changed: elsewhere the change must be sudden.
        if stretch[at] == stretch[at - 1] and not _sudden(daily, stretch, part, at, least):
            continue
        p = _p(one * 30, two * 30)
        if best is None or p < best[0]:
            best = (p, at)
    if best is None or best[0] > level:
        return []
    p, at = best
    return [
        (at, p),
        *_split(daily, stretch, (first, at), level, least),
        *_split(daily, stretch, (at, last), level, least),
    ]


def _sudden(
    daily: np.ndarray, stretch: np.ndarray, part: tuple[int, int], at: int, least: float
) -> bool:
    """Tell whether the level changes at once, not little by little, in months without a gap.

    The three months on either side differ, and two levels fit clearly better than a line.
    """
    near = stretch[part[0] : part[1]] == stretch[at]
    level = daily[part[0] : part[1]][near]
    place = int(np.sum(near[: at - part[0]]))
    one, two = level[:place], level[place:]
    if _factor(one[-SIDE:], two[:SIDE]) < 1 + (least - 1) * 0.8:
        return False
    across = np.arange(len(level)) - (len(level) - 1) / 2
    line = level - level.mean() - across * (across @ level) / (across @ across)
    steps = np.r_[one - one.mean(), two - two.mean()]
    return bool(CLEARLY * (steps @ steps) < line @ line)


def _factor(before: np.ndarray, after: np.ndarray) -> float:
    """Return by how much two levels differ, up or down: 1 where they do not."""
    one, two = sorted((float(before.mean()), float(after.mean())))
    if two == 0:
        return 1.0
    return two / one if one > 0 else np.inf


def _ratio(before: float, after: float) -> float:
    return after / before if before > 0 else np.inf


def _p(one: np.ndarray, two: np.ndarray) -> float:
    """Test two levels, with the spread of months about them where that is more than chance."""
    both = np.r_[one - one.mean(), two - two.mean()]
    expected = np.r_[np.full(len(one), one.mean()), np.full(len(two), two.mean())]
    free = max(len(both) - 2, 1)
    spread = max(float(np.sum(both**2 / np.maximum(expected, 0.5)) / free), 1.0)
    pooled = (one.sum() + two.sum()) / (len(one) + len(two))
    error = np.sqrt(spread * pooled * (1 / len(one) + 1 / len(two)))
    if error == 0:
        return 1.0
    # Student's law: the spread is an estimate too.
    return float(2 * stats.t.sf(abs(two.mean() - one.mean()) / error, free))


def _describe(
    wide: pd.DataFrame, stretch: np.ndarray, at: int, p: float, others: list[int]
) -> dict[str, object]:
    """Say a step by the months on either side that neither a gap nor another step parts from it."""
    start = max((one for one in others if one < at), default=0)
    end = min((one for one in others if one > at), default=len(wide))
    before = wide.iloc[start:at][stretch[start:at] == stretch[at - 1]]
    after = wide.iloc[at:end][stretch[at:end] == stretch[at]]
    month, last = wide.index[at], wide.index[at - 1]
    gap = (month.year - last.year) * 12 + month.month - last.month - 1
    one, two = (part.sum() / sum(part.index.days_in_month) for part in (before, after))
    ratio = _ratio(float(one.sum()), float(two.sum()))
    moved = (two - one)[(two + one) > 0]
    same = float(np.mean(np.sign(moved) == np.sign(ratio - 1))) if len(moved) else np.nan
    levels = [float(part.sum(axis=1).mean()) for part in (before, after)]
    sentence = (
        f"From about {levels[0]:,.0f} a month to about {levels[1]:,.0f}"
        + (f" after {gap} months that are missing" if gap else f" at {month:%Y-%m}")
        + f", the same way in {same:.0%} of areas: did recording change?"
    )
    return {
        "month": month, "before": levels[0], "after": levels[1], "ratio": ratio, "p": p,
        "gap": gap, "everywhere": same, "sentence": sentence,
    }  # fmt: skip


def breaks_of(
    breaks: pd.DataFrame | None,
    *,
    category: str,
    area: str | None = None,
    source: str | None = None,
) -> pd.DataFrame:
    """Return the breaks that concern one category, area and source; an empty cell means all.

    Parameters
    ----------
    breaks : DataFrame or None
        ``source``, ``category``, ``area``, ``month``, ``why``.
    category, area, source : str
        What is looked at.

    Returns
    -------
    DataFrame
        Those rows, by month.

    Examples
    --------
    >>> import pandas as pd
    >>> breaks = pd.DataFrame({"source": "", "category": ["ASB", "Drugs"], "area": "",
    ...     "month": pd.to_datetime(["2024-07-01", "2024-09-01"]), "why": ["new rule", "?"]})
    >>> breaks_of(breaks, category="ASB")["why"].tolist()
    ['new rule']
    """
    if breaks is None or breaks.empty:
        return pd.DataFrame(columns=list(BREAK_COLUMNS))
    keep = pd.Series(True, index=breaks.index)
    for column, wanted in (("category", category), ("area", area), ("source", source)):
        if column in breaks:
            said = breaks[column].fillna("").astype(str)
            keep &= (said == "") | (wanted is None) | (said == wanted)
    return breaks[keep].sort_values("month")

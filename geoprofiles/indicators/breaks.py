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
        ``category``, ``month`` (the first of the new level), ``before``, ``after`` (a month),
        ``ratio``, ``p``, ``gap`` (months missing before it, 0 where none), ``everywhere`` (share of
        areas that move the same way), ``sentence``; by category, then month.

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
    rows: list[dict[str, object]] = []
    for category, some in inside.groupby("category", sort=False, observed=True):
        wide = some.pivot_table(
            index="month", columns="area_code", values="count", aggfunc="sum", observed=True
        )
        wide = wide.reindex(held).fillna(0)
        found = _split(wide.sum(axis=1), 0, len(held), level / max(len(held), 1), least)
        found = sorted(found, key=lambda one: one[1])[:most]
        for at, p in sorted(found):
            rows.append({"category": category, **_describe(wide, at, p, [one for one, _ in found])})
    columns = ["category", "month", "before", "after", "ratio", "p", "gap", "everywhere",
               "sentence"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _split(
    total: pd.Series, first: int, last: int, level: float, least: float
) -> list[tuple[int, float]]:
    """Return the steps between two places: the strongest, then those on either side of it."""
    daily = (total / total.index.days_in_month).to_numpy(dtype=float)
    months = total.index.year * 12 + total.index.month
    best: tuple[float, int] | None = None
    for at in range(first + SIDE, last - SIDE + 1):
        one, two = daily[first:at], daily[at:last]
        ratio = _ratio(float(one.mean()), float(two.mean()))
        if max(ratio, 1 / max(ratio, 1e-9)) < least:
            continue
        # At once, not little by little: the months next to it differ as well. A gap is no step.
        near = _ratio(float(daily[max(first, at - SIDE) : at].mean()),
                      float(daily[at : at + SIDE].mean()))  # fmt: skip
        gap = months[at] - months[at - 1] > 1
        if not gap and max(near, 1 / max(near, 1e-9)) < 1 + (least - 1) * 0.8:
            continue
        p = _p(one * 30, two * 30)
        if best is None or p < best[0]:
            best = (p, at)
    if best is None or best[0] > level:
        return []
    p, at = best
    return [
        (at, p),
        *_split(total, first, at, level, least),
        *_split(total, at, last, level, least),
    ]


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


def _describe(wide: pd.DataFrame, at: int, p: float, others: list[int]) -> dict[str, object]:
    start = max((one for one in others if one < at), default=0)
    end = min((one for one in others if one > at), default=len(wide))
    before, after = wide.iloc[start:at].mean(), wide.iloc[at:end].mean()
    month, last = wide.index[at], wide.index[at - 1]
    gap = (month.year - last.year) * 12 + month.month - last.month - 1
    ratio = _ratio(float(before.sum()), float(after.sum()))
    moved = (after - before)[(after + before) > 0]
    same = float(np.mean(np.sign(moved) == np.sign(ratio - 1))) if len(moved) else np.nan
    sentence = (
        f"From about {before.sum():,.0f} a month to about {after.sum():,.0f}"
        + (f" after {gap} months that are missing" if gap else f" at {month:%Y-%m}")
        + f", the same way in {same:.0%} of areas: did recording change?"
    )
    return {
        "month": month, "before": float(before.sum()), "after": float(after.sum()),
        "ratio": ratio, "p": p, "gap": gap, "everywhere": same, "sentence": sentence,
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

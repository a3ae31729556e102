"""What figures say, in plain sentences that claim no more than was tested."""

from __future__ import annotations

import pandas as pd

from geoprofiles.areas.rest import HIGHER, LOWER, NOT_TESTED
from geoprofiles.words import ordinal, places_of, plural

CANNOT_RANK = "cannot be told apart from most others"
MOST = 12
"""Sentences of each sort that a profile shows."""

SCALES = {"score": "a score", "index": "an index", "ratio": "a ratio", "rank": "a mean rank"}
"""Units that are the name of a number and do not stand behind it."""


def headlines(figures: pd.DataFrame, *, kind: str) -> list[str]:
    """Say what stands out in one area and what has changed; only what passed its test.

    Parameters
    ----------
    figures : DataFrame
        Figures of one area, as :func:`geoprofiles.profile.profile_figures` gives them.
    kind : str
        What the areas are, singular.

    Returns
    -------
    list of str
        What is higher or lower than in the rest by more than areas differ anyway, the surest
        first; what has changed since a year before; what has risen or fallen over five years.

    Examples
    --------
    >>> figures = pd.DataFrame({"indicator": ["Theft"], "value": [9.0], "lower": [8.0],
    ...     "upper": [10.0], "whole": [5.0], "unit": ["per 1,000"], "period": ["2025"],
    ...     "verdict": ["higher than the rest"], "q_adjusted": [0.001]})
    >>> headlines(figures, kind="ward")
    ['Theft: higher than in the other wards, 9.0 per 1,000 (95% limits 8.0 to 10.0) in 2025; all \
wards together 5.0.']
    >>> headlines(figures.assign(verdict="cannot be told from the rest"), kind="ward")
    ['The one figure that was tested does not differ from the other wards by more than wards \
differ anyway.']
    """
    if "verdict" not in figures:
        return []
    tested = int((figures["verdict"].fillna(NOT_TESTED) != NOT_TESTED).sum())
    if not tested:
        return []  # nothing can be said to stand out or not
    lines = []
    stands = figures[figures["verdict"].isin([HIGHER, LOWER])].sort_values("q_adjusted")
    used = ["indicator", "verdict", "value", "unit", "lower", "upper", "period", "whole"]
    for row in stands[used].head(MOST).itertuples():
        side = "higher" if row.verdict == HIGHER else "lower"
        places = places_of(row.value, row.whole)
        lines.append(
            f"{row.indicator}: {side} than in the other {plural(kind)},"
            f" {with_unit(row.value, row.unit, places)}"
            f" (95% limits {row.lower:,.{places}f} to {row.upper:,.{places}f}) in {row.period}; all"
            f" {plural(kind)} together {_bare(row.whole, row.unit, places)}."
        )
    left = len(stands) - MOST
    if left > 0:
        differ = "figure differs" if left == 1 else "figures differ"
        lines.append(f"{left} more {differ} by more than {plural(kind)} differ anyway.")
    if not lines:
        none = (
            "The one figure that was tested does not differ"
            if tested == 1
            else f"None of the {tested:,} figures that were tested differs"
        )
        lines.append(
            f"{none} from the other {plural(kind)} by more than {plural(kind)} differ anyway."
        )
    return [*lines, *_changed(figures), *_trended(figures)]


CHANGED = (
    "indicator", "change_verdict", "change_before", "change_after", "change_percent",
    "change_lower", "change_upper",
)  # fmt: skip


def signed(value: float) -> str:
    """Write a change in percent, with its sign.

    Examples
    --------
    >>> signed(-45.6), signed(12)
    ('−46%', '+12%')
    """
    return f"{value:+,.0f}%".replace("-", "−")


def _changed(figures: pd.DataFrame) -> list[str]:
    if "change_verdict" not in figures:
        return []
    found = figures[figures["change_verdict"].isin(["more", "fewer"])].sort_values("change_q")
    return [
        f"{row.indicator}: {row.change_verdict} than a year before, {row.change_before:,.0f} to"
        f" {row.change_after:,.0f} ({signed(row.change_percent)}, 95% limits"
        f" {signed(row.change_lower)} to {signed(row.change_upper)})."
        for row in found[list(CHANGED)].head(MOST).itertuples()
    ]


def _trended(figures: pd.DataFrame) -> list[str]:
    if "trend" not in figures:
        return []
    moving = figures[figures["trend"].astype(str).str.startswith(("rising", "falling"))]
    return [
        f"{row.indicator}: {str(row.trend).replace(': ', ', ')}, over five periods."
        for row in moving[["indicator", "trend"]].head(MOST).itertuples()
    ]


def with_unit(value: float, unit: str, places: int = 1) -> str:
    """Write a figure with its unit, as a sentence does.

    Examples
    --------
    >>> with_unit(12.34, "%"), with_unit(1234.5, "per 1,000 residents"), with_unit(25.1, "score")
    ('12.3%', '1,234.5 per 1,000 residents', 'a score of 25.1')
    >>> with_unit(132.2, "city = 100")
    '132.2 (city = 100)'
    """
    bare = _bare(value, unit, places)
    if unit in SCALES:
        return f"{SCALES[unit]} of {bare}"
    if "=" in unit:
        return f"{bare} ({unit})"
    return bare if unit == "%" else f"{bare} {unit}".rstrip()


def _bare(value: float, unit: str, places: int = 1) -> str:
    """Write a figure that stands beside another of its unit; a percentage keeps its sign."""
    return f"{value:,.{places}f}{'%' if unit == '%' else ''}"


def rank_words(rank: object, lower: object, upper: object, ranked: object) -> str:
    """Say a rank with its limits; none where it may be more than half of all places.

    Examples
    --------
    >>> rank_words(2, 1, 3, 17), rank_words(9, 3, 14, 17), rank_words(1, 1, 1, 17)
    ('2nd highest of 17 (1st to 3rd)', 'cannot be told apart from most others', 'highest of 17')
    >>> rank_words(17, 16, 17, 17)
    'lowest of 17 (16th to 17th)'
    """
    if pd.isna(rank):
        return ""
    place, of = int(str(rank)), int(str(ranked))
    text = f"{'' if place == 1 else ordinal(place) + ' '}highest of {of}"
    if place == of > 1:
        text = f"lowest of {of}"
    if pd.isna(lower):
        return text
    low, high = int(str(lower)), int(str(upper))
    if high - low + 1 > of / 2:
        return CANNOT_RANK
    return text if low == high else f"{text} ({ordinal(low)} to {ordinal(high)})"


def figure_sentence(figure: pd.Series, *, kind: str) -> str:
    """Say one figure of one area in a sentence: value, limits, count, rank, the whole, the test.

    Nothing in it claims more than the figure holds: the rank comes with its limits, and a
    difference is called one only where it was tested.

    Examples
    --------
    >>> figure = pd.Series({"indicator": "Theft", "value": float("nan"), "count": 4,
    ...     "period": "June 2026", "unit": "no denominator"})
    >>> figure_sentence(figure, kind="ward")
    'Theft: 4 counted in June 2026; no rate, because there is no denominator.'
    """
    if pd.isna(figure["value"]):
        if pd.isna(figure["count"]):
            return f"{figure['indicator']}: no data."
        return (
            f"{figure['indicator']}: {figure['count']:,.0f} counted in {figure['period']};"
            " no rate, because there is no denominator."
        )
    unit = str(figure["unit"])
    places = places_of(figure["value"], figure["whole"])
    said = with_unit(figure["value"], unit, places)
    text = f"{figure['indicator']}: {said} in {figure['period']}"
    if pd.notna(figure["lower"]):
        text += f" (95% limits {figure['lower']:,.{places}f} to {figure['upper']:,.{places}f}"
        text += f"; {figure['count']:,.0f} counted)" if pd.notna(figure["count"]) else ")"
    if pd.notna(figure["rank"]) and figure["ranked"] > 1:
        place, of = int(figure["rank"]), int(figure["ranked"])
        rank = "the highest" if place == 1 else f"the {ordinal(place)} highest"
        text += f", {'the lowest' if place == of else rank} of {of} {plural(kind)}"
        if pd.notna(figure.get("rank_lower")):
            text += _ranks(figure)
    if pd.notna(figure["whole"]):
        text += f"; all {plural(kind)} together {_bare(figure['whole'], unit, places)}"
    verdict = figure.get("verdict")
    if pd.notna(verdict) and verdict != NOT_TESTED:
        text += f": {verdict}"
    return f"{text}."


def _ranks(figure: pd.Series) -> str:
    """Say which other ranks it may be as well; nothing where it is sure."""
    low, high = int(figure["rank_lower"]), int(figure["rank_upper"])
    if low == high == int(figure["rank"]):
        return ""
    return f" (it may be {ordinal(low)}{'' if low == high else f' to {ordinal(high)}'})"

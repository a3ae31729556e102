"""What figures say, in plain sentences that claim no more than was tested."""

from __future__ import annotations

import pandas as pd

from geoprofiles.areas.rest import HIGHER, LOWER, NOT_TESTED
from geoprofiles.words import ordinal, plural

CANNOT_RANK = "cannot be told apart from most others"
MOST = 12
"""Sentences of each sort that a profile shows."""


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
    ['Theft is higher than in the other wards: 9.0 per 1,000 (95% limits 8.0 to 10.0) in 2025; all \
wards together 5.0.']
    >>> headlines(figures.assign(verdict="cannot be told from the rest"), kind="ward")
    ['Nothing here differs from the other wards by more than wards differ anyway.']
    """
    if "verdict" not in figures or not (figures["verdict"].fillna(NOT_TESTED) != NOT_TESTED).any():
        return []  # nothing was tested: nothing can be said to stand out or not
    lines = []
    stands = figures[figures["verdict"].isin([HIGHER, LOWER])].sort_values("q_adjusted")
    for row in stands.head(MOST).itertuples():
        side = "higher" if row.verdict == HIGHER else "lower"
        lines.append(
            f"{row.indicator} is {side} than in the other {plural(kind)}: {row.value:,.1f}"
            f" {row.unit} (95% limits {row.lower:,.1f} to {row.upper:,.1f}) in {row.period}; all"
            f" {plural(kind)} together {row.whole:,.1f}."
        )
    if len(stands) > MOST:
        lines.append(f"{len(stands) - MOST} more figures differ in that way.")
    if not lines:
        lines.append(
            f"Nothing here differs from the other {plural(kind)} by more than {plural(kind)}"
            " differ anyway."
        )
    return [*lines, *_changed(figures), *_trended(figures)]


def _changed(figures: pd.DataFrame) -> list[str]:
    if "change_verdict" not in figures:
        return []
    found = figures[figures["change_verdict"].isin(["more", "fewer"])].sort_values("change_q")
    return [
        f"{row.indicator}: {row.change_verdict} than a year before, {row.change_before:,.0f} to"
        f" {row.change_after:,.0f} ({row.change_percent:+,.0f}%, 95% limits"
        f" {row.change_lower:+,.0f}% to {row.change_upper:+,.0f}%)."
        for row in found.head(MOST).itertuples()
    ]


def _trended(figures: pd.DataFrame) -> list[str]:
    if "trend" not in figures:
        return []
    moving = figures[figures["trend"].astype(str).str.startswith(("rising", "falling"))]
    return [
        f"{row.indicator}: {row.trend} over five periods." for row in moving.head(MOST).itertuples()
    ]


def rank_words(rank: object, lower: object, upper: object, ranked: object) -> str:
    """Say a rank with its limits; none where it may be more than half of all places.

    Examples
    --------
    >>> rank_words(2, 1, 3, 17), rank_words(9, 3, 14, 17), rank_words(1, 1, 1, 17)
    ('2nd highest of 17 (1st to 3rd)', 'cannot be told apart from most others', 'highest of 17')
    """
    if pd.isna(rank):
        return ""
    place, of = int(str(rank)), int(str(ranked))
    text = f"{'' if place == 1 else ordinal(place) + ' '}highest of {of}"
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
    text = f"{figure['indicator']}: {figure['value']:,.1f} {figure['unit']} in {figure['period']}"
    if pd.notna(figure["lower"]):
        text += f" (95% limits {figure['lower']:,.1f} to {figure['upper']:,.1f}"
        text += f"; {figure['count']:,.0f} counted)" if pd.notna(figure["count"]) else ")"
    if pd.notna(figure["rank"]):
        place = int(figure["rank"])
        rank = "the highest" if place == 1 else f"the {ordinal(place)} highest"
        text += f", {rank} of {int(figure['ranked'])} {plural(kind)}"
        if pd.notna(figure.get("rank_lower")):
            text += f" (it may be {_ranks(figure)})"
    if pd.notna(figure["whole"]):
        text += f"; all {plural(kind)} together {figure['whole']:,.1f}"
    verdict = figure.get("verdict")
    if pd.notna(verdict) and verdict != NOT_TESTED:
        text += f": {verdict}"
    return f"{text}."


def _ranks(figure: pd.Series) -> str:
    low, high = int(figure["rank_lower"]), int(figure["rank_upper"])
    return ordinal(low) if low == high else f"{ordinal(low)} to {ordinal(high)}"

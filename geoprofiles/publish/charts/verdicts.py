"""Verdicts as marks, checked rows, and the sentences that tell a chart in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.publish.charts.frame import (
    HUSHED,
    INK,
    PAPER,
    QUIET,
    Face,
    Key,
    Mark,
    literal,
    measure,
)
from geoprofiles.publish.figures import NO_DATA, decimals_of, number, summary
from geoprofiles.publish.style import TOKENS
from geoprofiles.words import listed, nearest

WORSE, BETTER = TOKENS["worse"], TOKENS["better"]
UNCLEAR, CITY = TOKENS["unclear"], TOKENS["whole"]
"""Worse, better, no clear difference, and the line of the whole city."""

ACCENT, SIGNAL, NODATA = TOKENS["accent"], TOKENS["cluster"], TOKENS["nodata"]

NOT_TESTED = "not tested"

MARKS = {
    "worse": Mark("^", WORSE, WORSE),
    "better": Mark("v", BETTER, BETTER),
    "higher": Mark("^", PAPER, INK),
    "lower": Mark("v", PAPER, INK),
    "higher, as areas differ anyway": Mark("^", UNCLEAR, QUIET, 6),
    "lower, as areas differ anyway": Mark("v", UNCLEAR, QUIET, 6),
    "no clear difference": Mark("o", UNCLEAR, QUIET, 6),
    NOT_TESTED: Mark("o", PAPER, QUIET, 6),
}
"""The mark of each verdict: shape and colour say the same."""

UNMARKED = {
    "higher, as areas differ anyway", "lower, as areas differ anyway", "no clear difference",
    NOT_TESTED,
}  # fmt: skip
"""Verdicts that put no area apart from the others."""

MEANING = {
    "higher": "higher, neither better nor worse",
    "lower": "lower, neither better nor worse",
}


def verdict_keys(verdicts: Iterable[str]) -> list[Key]:
    """Explain the marks that are used, in one order."""
    used = set(verdicts)
    return [Key(MEANING.get(one, one), mark) for one, mark in MARKS.items() if one in used]


def checked(
    frame: pd.DataFrame,
    numbers: Collection[str],
    others: Collection[str],
    what: str,
    optional: Collection[str] = (),
) -> pd.DataFrame:
    """Check that a frame has rows and columns, and copy it with numbers as numbers.

    Numbers that are `optional` need not be there: the copy has them, empty.

    Raises
    ------
    InputError
        If there is no row, a column is missing, or a verdict is not a known one.
    """
    wanted = [*others, *numbers]
    if not len(frame):
        raise InputError(
            f"{what}: there is no row to draw",
            remedy="Give at least one row, or leave the chart out.",
        )
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise InputError(
            f"{what}: the column {listed(map(repr, missing))} is missing",
            remedy=f"Give the columns {listed(wanted, most=20)}.",
        )
    rows = frame.reset_index(drop=True).copy()
    for name in optional:
        if name not in rows:
            rows[name] = np.nan
    for name in (*numbers, *optional):
        rows[name] = _numbers(rows[name], name, what)
    if "verdict" in others:
        rows["verdict"] = [_verdict(one, what) for one in rows["verdict"]]
    return rows


def _numbers(column: pd.Series, name: str, what: str) -> np.ndarray:
    try:
        values = pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what}: the column {name!r} holds what is not a number") from error
    return np.where(np.isfinite(values), values, np.nan)


def _verdict(value: Any, what: str) -> str:
    if value is None or pd.isna(value):
        return NOT_TESTED
    if str(value) not in MARKS:
        raise InputError(f"{what}: {value!r} is not a verdict", remedy=nearest(str(value), MARKS))
    return str(value)


def names_of(column: pd.Series) -> list[str]:
    """Take names as they are, each one line.

    Examples
    --------
    >>> names_of(pd.Series(["Mill", None, " "]))
    ['Mill', '(no name)', '(no name)']
    """
    return ["(no name)" if pd.isna(one) else literal(one) or "(no name)" for one in column]


def texts_of(values: Any, decimals: int | None = None) -> list[str]:
    """Write numbers with the same decimals; what is missing is said in words."""
    numbers = np.asarray(values, dtype=float)
    places = decimals_of(numbers) if decimals is None else decimals
    return [number(float(one), places) for one in numbers]


def fitted(text: str, value: float, room: float, face: Face = HUSHED) -> str:
    """Write a number in few signs where there is no room for all of them.

    Examples
    --------
    >>> fitted("12,346", 12345.7, 50), fitted("12,345,678,901", 12345678901.0, 50)
    ('12,346', '1.23e+10')
    """
    return text if measure(text, face) <= room else f"{value:.3g}".replace("-", "−")


def range_words(low: float, high: float, decimals: int) -> str:
    """Write an interval, or nothing.

    Examples
    --------
    >>> range_words(1.04, 2, 1), range_words(float("nan"), 2, 1)
    ('1.0 to 2.0', '')
    """
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    return f"{number(low, decimals)} to {number(high, decimals)}"


def extremes(names: Sequence[str], values: Any, kind: str) -> str:
    """Say which are highest and lowest and how many have no data."""
    numbers = np.asarray(values, dtype=float)
    return summary(names, numbers, texts_of(numbers), kind)


def verdict_words(verdicts: Sequence[str], names: Sequence[str]) -> str:
    """Say how many areas have each verdict, and which are clearly apart.

    Examples
    --------
    >>> verdict_words(["worse", "no clear difference"], ["Mill", "Quay"])
    'Worse: Mill. No clear difference: 1.'
    """
    parts = []
    for verdict in MARKS:
        who = [name for name, one in zip(names, verdicts, strict=True) if one == verdict]
        if who:
            apart = verdict not in UNMARKED
            told = listed(who, most=4) if apart else f"{len(who):,}"
            parts.append(f"{verdict.capitalize()}: {told}.")
    return " ".join(parts)


def has_limits(table: pd.DataFrame) -> bool:
    """Tell whether any value has an interval to be drawn."""
    return bool(table[["value", "lower", "upper"]].notna().all(axis=1).any())


def sentence(text: str) -> str:
    """End a text as a sentence ends."""
    text = literal(text)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def tell(*parts: str) -> str:
    """Join the sentences that say something."""
    return " ".join(part for part in parts if part)


__all__ = [
    "ACCENT", "BETTER", "CITY", "HUSHED", "MARKS", "NODATA", "NOT_TESTED", "NO_DATA", "SIGNAL",
    "UNCLEAR", "WORSE", "checked", "extremes", "fitted", "has_limits", "names_of",
    "range_words", "sentence", "tell", "texts_of", "verdict_keys", "verdict_words",
]  # fmt: skip

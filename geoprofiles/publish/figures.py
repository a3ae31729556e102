"""Figures in words: numbers, units, classes and the sentence that sums a layer up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles import words
from geoprofiles.errors import InputError
from geoprofiles.words import listed, month_words, plural

NO_DATA = "no data"

_UNPRINTABLE = {
    code: "\ufffd"
    for code in (*range(32), *range(127, 160), 0xFFFE, 0xFFFF)  # the last two: XML has them not
    if chr(code) not in "\t\n"
}


def clean(text: Any) -> str:
    r"""Make any value one line of text that HTML and JSON can carry.

    Examples
    --------
    >>> clean("St  Mary's\nward \x00")
    "St Mary's ward \ufffd"
    """
    whole = str(text).translate(_UNPRINTABLE).encode("utf-8", "replace").decode("utf-8")
    return " ".join(whole.split())


def decimals_of(values: Any) -> int:
    """Choose how many decimals a column of numbers needs.

    Examples
    --------
    >>> decimals_of([1.0, 250.0]), decimals_of([0.5, 259.13]), decimals_of([0.5, 2.2])
    (0, 1, 2)
    """
    return words.decimals_of(np.asarray(values, dtype=float).ravel().tolist())


def number(value: float, decimals: int) -> str:
    """Write a number with separators of thousands and a true minus.

    Examples
    --------
    >>> number(1234.56, 1), number(-2, 0), number(float("nan"), 1), number(-0.01, 1)
    ('1,234.6', '−2', 'no data', '0.0')
    """
    if value is None or math.isnan(value):
        return NO_DATA
    if math.isinf(value):
        return "no limit"
    text = f"{value:,.{decimals}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", "−")


def column_words(column: pd.Series, *, decimals: int | None = None) -> tuple[bool, list[str]]:
    """Write a column: whether it is of numbers, and a text for each row."""
    if pd.api.types.is_bool_dtype(column):
        return False, ["yes" if one else "no" for one in column]
    if pd.api.types.is_numeric_dtype(column):
        values = pd.to_numeric(column).astype(float).tolist()
        places = decimals_of(values) if decimals is None else decimals
        return True, [number(one, places) for one in values]
    if pd.api.types.is_datetime64_any_dtype(column):
        return False, [NO_DATA if pd.isna(one) else month_words(one) for one in column]
    return False, [NO_DATA if pd.isna(one) else clean(one) for one in column.astype(object)]


def short_unit(unit: str) -> str:
    """Leave the period off a unit.

    Examples
    --------
    >>> short_unit("per 1,000 residents, July 2025 to June 2026")
    'per 1,000 residents'
    """
    return clean(unit).partition(", ")[0]


def with_unit(text: str, unit: str) -> str:
    """Put a unit after a number.

    Examples
    --------
    >>> with_unit("12.3", "%"), with_unit("4", "incidents"), with_unit("no data", "%")
    ('12.3%', '4 incidents', 'no data')
    """
    if text == NO_DATA or not unit:
        return text
    return text + unit if unit.startswith("%") else f"{text} {unit}"


def with_article(noun: str) -> str:
    """Put a or an before a kind of area.

    Examples
    --------
    >>> with_article("ward"), with_article("LSOA"), with_article("area")
    ('a ward', 'an LSOA', 'an area')
    """
    spelt = noun[:2].isupper()
    return f"{'an' if noun[:1] in ('AEFHILMNORSX' if spelt else 'aeioAEIO') else 'a'} {noun}"


def classify(values: np.ndarray, breaks: Sequence[float]) -> np.ndarray:
    """Find the class of each value, counted from 0; -1 where there is no value.

    Examples
    --------
    >>> classify(np.array([1, 2, 2.5, 9, np.nan]), (2, 5)).tolist()
    [0, 0, 1, 1, -1]
    """
    bounds = np.asarray(breaks, dtype=float)
    present = np.isfinite(values)
    if not present.any():
        return np.full(len(values), -1)
    if not len(bounds) or not np.isfinite(bounds).all() or (np.diff(bounds) <= 0).any():
        raise InputError(
            f"the class breaks {tuple(breaks)} are not rising numbers",
            remedy="Make them with geoprofiles.class_breaks.",
        )
    found = np.searchsorted(bounds, np.where(present, values, 0.0), side="left")
    return np.where(present, np.minimum(found, len(bounds) - 1), -1)


def class_words(values: np.ndarray, breaks: Sequence[float]) -> list[str]:
    """Say each class in words.

    Examples
    --------
    >>> class_words(np.array([8.1, 12.5, 18.0]), (12.3, 18.0))
    ['8.1 to 12.3', '12.3 to 18.0']
    >>> class_words(np.array([0, 3, 9]), (5, 9)), class_words(np.array([0, 0]), (0,))
    (['0 to 5', '6 to 9'], ['0'])
    """
    numbers = values[np.isfinite(values)]
    if not len(numbers):
        return []
    decimals = decimals_of(numbers)
    whole = decimals == 0 and bool((numbers == np.round(numbers)).all())
    words = []
    lower = min(float(numbers.min()), float(breaks[0]))
    for upper in breaks:
        shown = math.floor(upper) if whole else upper
        low, high = number(lower, decimals), number(shown, decimals)
        words.append(high if low == high or lower > shown else f"{low} to {high}")
        lower = math.floor(upper) + 1 if whole else upper
    return words


def summary(names: Sequence[str], values: np.ndarray, texts: Sequence[str], kind: str) -> str:
    """Say in a sentence which areas are highest and lowest, and how many have no data.

    Examples
    --------
    >>> summary(["A", "B"], np.array([1.0, 2.0]), ["1 incident", "2 incidents"], "ward")
    'Highest: B, 2 incidents; lowest: A, 1 incident.'
    """
    present = np.isfinite(values)
    missing = int((~present).sum())
    kinds = plural(kind)
    if not present.any():
        return f"There are no data for {'this ' + kind if missing == 1 else 'any of the ' + kinds}."
    tail = "" if not missing else f" No data for {missing} {kind if missing == 1 else kinds}."
    high, low = values[present].max(), values[present].min()
    if present.sum() == 1:
        only = int(np.flatnonzero(present)[0])
        return f"{names[only]}: {texts[only]}.{tail}"
    if high == low:
        return f"All {int(present.sum())} {kinds}: {texts[int(np.flatnonzero(present)[0])]}.{tail}"
    parts = []
    for word, extreme in (("Highest", high), ("lowest", low)):
        found = np.flatnonzero(values == extreme)
        who = listed([names[int(one)] for one in found], most=3)
        parts.append(f"{word}: {who}, {texts[int(found[0])]}")
    return "; ".join(parts) + "." + tail

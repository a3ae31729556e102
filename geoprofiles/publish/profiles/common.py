"""What all parts of an area's page share: how numbers, units, ranks and verdicts are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import pandas as pd

from geoprofiles.narrative import rank_words
from geoprofiles.publish import figures as words_of
from geoprofiles.words import period_months

Lines = Iterator[str]
Figure = Mapping[str, Any]
"""One row of figures."""

NOT_KNOWN = "–"
"""In a cell without a figure; what it means stands beside it."""

APART = ("worse", "better", "higher", "lower")
"""Verdicts that put an area apart from the others."""

TURNING = "\u0590"
"""The first sign of those that may be written from right to left, or turn others."""

MARKS = {"worse": "▲", "better": "▼", "higher": "△", "lower": "▽"}
"""The shapes of those, as charts have them; a word always stands with them."""


def number(value: Any, decimals: int, unit: str = "") -> str:
    """Write a number for HTML, with a sign such as % or £; longer units stand elsewhere."""
    return escape(number_text(value, decimals, unit))


def number_text(value: Any, decimals: int, unit: str = "") -> str:
    """Write a number as text, with a sign such as % or £; longer units stand elsewhere.

    Examples
    --------
    >>> number_text(12.34, 1, "%"), number_text(5, 0, "£"), number_text(1200.0, 0, "people")
    ('12.3%', '£5', '1,200')
    >>> number_text(float("nan"), 1)
    '–'
    """
    if pd.isna(value):
        return NOT_KNOWN
    text = words_of.number(float(value), decimals)
    if len(unit) > 2:
        return text
    return f"{unit}{text}" if unit in {"£", "€", "$"} else words_of.with_unit(text, unit)


def limits(row: Figure, decimals: int) -> str:
    """Write the 95% limits of a figure."""
    if pd.isna(row.get("lower")) or pd.isna(row.get("upper")):
        return NOT_KNOWN
    low, high = (words_of.number(float(row[end]), decimals) for end in ("lower", "upper"))
    return f"{low} to {high}"


def unit_words(row: Figure) -> str:
    """Write what a figure is in and of when, without a sign that stands at it anyway."""
    unit = words_of.short_unit(row["unit"])
    told = unit if len(unit) > 2 else ""
    return ", ".join(filter(None, (told, short_period(row["period"]))))


def rank_of(row: Figure) -> str:
    """Write a rank with its limits, in words."""
    return rank_words(row["rank"], row.get("rank_lower"), row.get("rank_upper"), row["ranked"])


def verdict_of(row: Figure) -> str:
    """Return how a figure stands against the rest of the areas."""
    if pd.isna(row["value"]):
        return "no data"
    said = row.get("significance")
    return "not tested" if pd.isna(said) or not said else str(said)


def tag(row: Figure) -> str:
    """Write the verdict as a tag: a word, with a shape and a colour beside it."""
    said = verdict_of(row)
    return f'<span class="tag {escape(said.split()[0].rstrip(","))}">{escape(said)}</span>'


def isolated(text: Any) -> str:
    """Write a text of any direction so that it does not turn what stands around it.

    Examples
    --------
    >>> isolated("Mill & Quay"), isolated("\u05e0\u05de\u05dc")
    ('Mill &amp; Quay', '<bdi>\u05e0\u05de\u05dc</bdi>')
    """
    told = words_of.clean(text)
    safe = escape(told)
    return safe if all(one < TURNING for one in told) else f"<bdi>{safe}</bdi>"


def anchor(topic: Any, topics: list[str]) -> str:
    """Return the address of a topic on its page."""
    return f"topic-{topics.index(str(topic)) + 1}"


def short_period(period: Any) -> str:
    """Say a year that begins in the middle of one by its last month.

    Examples
    --------
    >>> short_period("July 2025 to June 2026"), short_period("2025"), short_period("2021 to 2025")
    ('year to June 2026', '2025', '2021 to 2025')
    """
    text = words_of.clean(period)
    to, last = text.partition(" to ")[1:]
    months = period_months(text) if to else None
    if months is None:
        return text
    (first_year, first_month), (last_year, last_month) = (
        tuple(map(int, one.split("-"))) for one in months
    )
    year = 12 * (last_year - first_year) + last_month - first_month == 11
    return f"year to {last}" if year else text

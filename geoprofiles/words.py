"""Words: how numbers, months and lists read, and which known word is nearest to a given one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def nearest(word: str, known: Collection[str]) -> str:
    """Suggest the nearest known word, or list them all.

    Examples
    --------
    >>> nearest("incident", ["incidents", "areas"])
    "Did you mean 'incidents'?"
    """
    close = get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(known)}."


def plural(noun: str) -> str:
    """Give the plural of an area kind.

    Examples
    --------
    >>> plural("locality"), plural("small area"), plural("LSOA"), plural("parish")
    ('localities', 'small areas', 'LSOAs', 'parishes')
    """
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def listed(words: Iterable[str], *, most: int = 6) -> str:
    """Join words as a sentence does; a long list is cut and says so.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"]), listed("abcdefgh", most=2)
    ('a', 'a, b and c', 'a, b and 6 more')
    """
    words = list(words)
    if len(words) > most + 1:
        words = [*words[:most], f"{len(words) - most} more"]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def rows_are(number: int) -> str:
    """Say how many rows, with the verb that follows.

    Examples
    --------
    >>> rows_are(1), rows_are(2000)
    ('1 row is', '2,000 rows are')
    """
    return "1 row is" if number == 1 else f"{number:,} rows are"


def month_words(month: pd.Timestamp) -> str:
    """Say a month in words.

    Examples
    --------
    >>> import pandas as pd
    >>> month_words(pd.Timestamp("2026-06-01"))
    'June 2026'
    """
    return f"{MONTHS[month.month - 1]} {month.year}"


def period_words(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Say a period in words.

    Examples
    --------
    >>> import pandas as pd
    >>> period_words(pd.Timestamp("2025-07-01"), pd.Timestamp("2026-06-01"))
    'July 2025 to June 2026'
    """
    if first == last:
        return month_words(first)
    return f"{month_words(first)} to {month_words(last)}"


def ordinal(number: int) -> str:
    """Write a rank.

    Examples
    --------
    >>> [ordinal(number) for number in (1, 2, 3, 4, 11, 22)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def slug(name: str) -> str:
    """Make a safe file name of any name.

    Examples
    --------
    >>> slug("Small area / LSOA: 2021"), slug("...")
    ('small_area_lsoa_2021', 'layer')
    """
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:60] or "layer"

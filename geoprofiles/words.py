"""Words: how numbers, months and lists read, and which known word is nearest to a given one."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

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


def spell_months(text: str) -> str:
    """Say the months of a text in words.

    Examples
    --------
    >>> spell_months("2023-07 to 2024-06"), spell_months("2027-06"), spell_months("2024/25")
    ('July 2023 to June 2024', 'June 2027', '2024/25')
    """
    return re.sub(
        r"\b(\d{4})-(0[1-9]|1[0-2])\b(?!-)",
        lambda found: f"{MONTHS[int(found[2]) - 1]} {found[1]}",
        text,
    )


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


def slugs(names: Sequence[str]) -> dict[str, str]:
    """Name files after each of several names, no two alike.

    Examples
    --------
    >>> slugs(["Theft!", "Robbery", "theft?"])
    {'Theft!': 'theft', 'Robbery': 'robbery', 'theft?': 'theft_2'}
    """
    given: dict[str, str] = {}
    for name in names:
        plain, number = slug(name), 1
        taken = set(given.values())
        while (file := plain if number == 1 else f"{plain}_{number}") in taken:
            number += 1
        given[name] = file
    return given


def period_months(period: str) -> tuple[str, str] | None:
    """Return the first and last month of a period as people write it; None where it is not known.

    Two years with a stroke are a financial one, April to March; a year alone is a calendar year.

    Examples
    --------
    >>> period_months("2019/20"), period_months("2025")
    (('2019-04', '2020-03'), ('2025-01', '2025-12'))
    >>> period_months("year to June 2025"), period_months("2025-07 to 2026-06")
    (('2024-07', '2025-06'), ('2025-07', '2026-06'))
    >>> period_months("July 2025 to June 2026"), period_months("last year")
    (('2025-07', '2026-06'), None)
    """
    text = " ".join(re.sub(r"[–—]", "-", str(period)).lower().split())
    text = re.sub(r"\s*\(.*\)$", "", text)
    if year := re.fullmatch(r"(?:the )?year (?:to|ending|ended) (?:in )?(.+)", text):
        end = _one_period(year.group(1))
        if end is None or end[0] != end[1]:
            return None
        year_of, month = map(int, end[1].split("-"))
        first = f"{year_of:04d}-01" if month == 12 else f"{year_of - 1:04d}-{month + 1:02d}"
        return first, end[1]
    ends = [_one_period(one) for one in re.split(r"\s+(?:to|-)\s+|:", text)]
    first_end, last_end = ends[0], ends[-1]
    if len(ends) > 2 or first_end is None or last_end is None or first_end[0] > last_end[1]:
        return None
    return first_end[0], last_end[1]


def _one_period(text: str) -> tuple[str, str] | None:
    """Read a year, a financial year, a month or a day."""
    if re.fullmatch(r"(19|20)\d\d", text):
        return f"{text}-01", f"{text}-12"
    if day := re.fullmatch(r"((?:19|20)\d\d-(?:0[1-9]|1[0-2]))(?:-(?:0[1-9]|[12]\d|3[01]))?", text):
        return day.group(1), day.group(1)
    if two := re.fullmatch(r"((?:19|20)\d\d)[/-]((?:19|20)?\d\d)", text):
        following = int(two.group(1)) + 1
        known = two.group(2) in {str(following), f"{following % 100:02d}"}
        return (f"{two.group(1)}-04", f"{following}-03") if known else None
    if named := re.fullmatch(r"([a-z]{3,9})\.? ((?:19|20)\d\d)", text):
        for number, month in enumerate(MONTHS, 1):
            if month.lower() == named.group(1) or month.lower()[:3] == named.group(1):
                return (f"{named.group(2)}-{number:02d}",) * 2
    return None


def decimals_of(values: Iterable[float]) -> int:
    """Choose how many decimals numbers of one kind need, to be read beside each other.

    Examples
    --------
    >>> decimals_of([1.0, 250.0]), decimals_of([0.5, 259.13]), decimals_of([0.5, 2.2])
    (0, 1, 2)
    """
    known = [abs(float(one)) for one in values if one is not None and math.isfinite(one)]
    if all(one == round(one) for one in known):
        return 0
    largest = max(known)
    for least, places in ((10_000, 0), (10, 1), (1, 2), (0.1, 3)):
        if largest >= least:
            return places
    return 4


def places_of(value: float, whole: float) -> int:
    """Choose the decimals of a figure and of what it stands beside: one at the least, if not large.

    A whole number that stands beside nothing, as a count does, has none.

    Examples
    --------
    >>> places_of(30.0, 20.0), places_of(4.12, 2.65), places_of(11_244.3, 11_559.0)
    (1, 2, 0)
    >>> places_of(450.0, float("nan"))
    0
    """
    if not math.isfinite(whole) and math.isfinite(value) and value == int(value):
        return 0
    found = decimals_of([value, whole])
    large = any(abs(one) >= 10_000 for one in (value, whole) if math.isfinite(one))
    return found if large else max(found, 1)


def decimals(value: float) -> int:
    """Return with how many decimals a number is written; ``7.0`` counts as none.

    Examples
    --------
    >>> decimals(7.3), decimals(-8.0), decimals(125.25), decimals(float("nan"))
    (1, 0, 2, 0)
    """
    return len(f"{value:.10f}".rstrip("0").rpartition(".")[2]) if value % 1 > 0 else 0


def split_name(name: str) -> list[str]:
    """Split a name into two lines at the gap nearest its middle.

    Examples
    --------
    >>> split_name("Banister and Polygon"), split_name("Millbrook")
    (['Banister', 'and Polygon'], ['Millbrook'])
    """
    gaps = [place for place, letter in enumerate(name) if letter == " "]
    if not gaps:
        return [name]
    gap = min(gaps, key=lambda place: (abs(place - len(name) / 2), place))
    return [name[:gap], name[gap + 1 :]]

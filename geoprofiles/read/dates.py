"""Read dates and months as people in Britain write them, and say how they were read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

_TIME = r"(?:[T ,]+(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_YEAR_FIRST = (
    rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})(?:[-/.](?P<day>\d{{1,2}}){_TIME}{_ZONE})?"
)
_NUMBERS = rf"(?P<first>\d{{1,2}})[-/.](?P<second>\d{{1,2}})[-/.](?P<year>\d{{4}}){_TIME}{_ZONE}"
_NAMED = rf"(?:(?P<day>\d{{1,2}})[- ])?(?P<name>[A-Za-z]{{3,9}})[- ](?P<year>\d{{4}}){_TIME}{_ZONE}"
_MONTH_YEAR = r"(?P<month>\d{1,2})[-/](?P<year>\d{4})"
_BARE = r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})?"

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"), ("may",),
            ("jun", "june"), ("jul", "july"), ("aug", "august"), ("sep", "sept", "september"),
            ("oct", "october"), ("nov", "november"), ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip


def read_dates(column: pd.Categorical) -> tuple[np.ndarray, dict[str, Any]]:
    """Read a column of dates, each distinct text once.

    Numbers with slashes are day first, as in Britain, unless the column as a whole can only
    be month first: no first number is over 12, and many a second one is.

    Parameters
    ----------
    column : Categorical of str
        As :meth:`Table.columns` gives it.

    Returns
    -------
    dates : array of datetime64[s]
        NaT where there is no date, or none that can be read.
    facts : dict
        ``format`` in words, ``times`` (whether hours were given), ``month_first`` and ``zones``.
    """
    texts = pd.Series(np.asarray(column.categories, dtype=object), dtype=object)
    dates = np.full(len(texts) + 1, np.datetime64("NaT"), dtype="datetime64[s]")
    facts: dict[str, Any] = {"format": "", "times": False, "month_first": False, "zones": False}
    formats: list[str] = []
    left = np.ones(len(texts), dtype=bool)
    for pattern, shown in _PATTERNS:
        if not left.any():
            break
        parts = texts[left].str.extract(f"^{pattern}$")
        parts = parts[parts["year"].notna()]
        if parts.empty:
            continue
        words = shown
        if "first" in parts:
            facts["month_first"] = _is_month_first(parts)
            words = "MM/DD/YYYY" if facts["month_first"] else shown
        elif "day" in parts and parts["day"].isna().all():
            words = shown.replace("-DD", "").replace("DD", "").replace("D ", "")
        read = _from_parts(parts, month_first=facts["month_first"])
        at = parts.index.to_numpy()
        dates[at] = read
        left[at] = False
        if not np.isnat(read).all():
            facts["times"] |= "time" in parts and bool(parts["time"].notna().any())
            facts["zones"] |= "zone" in parts and bool(parts["zone"].notna().any())
            formats.append(words)
    facts["format"] = " and ".join(formats) + (" with times" if facts["times"] else "")
    return dates[column.codes], facts


_PATTERNS = (
    (_YEAR_FIRST, "YYYY-MM-DD"),
    (_NUMBERS, "DD/MM/YYYY"),
    (_NAMED, "D Month YYYY"),
    (_MONTH_YEAR, "MM/YYYY"),
    (_BARE, "YYYYMMDD"),
)


def _is_month_first(parts: pd.DataFrame) -> bool:
    first, second = parts["first"].astype(int), parts["second"].astype(int)
    return bool((first <= 12).all() and (second > 12).mean() >= 0.2)


def _from_parts(parts: pd.DataFrame, *, month_first: bool) -> np.ndarray:
    if "first" in parts:
        names = ("second", "first") if month_first else ("first", "second")
        day, month = (parts[name].astype(int) for name in names)
    elif "name" in parts:
        month = parts["name"].str.lower().map(_MONTHS).fillna(0).astype(int)
        day = parts["day"].fillna("1").astype(int)
    else:
        month = parts["month"].astype(int)
        day = (parts["day"].fillna("1") if "day" in parts else month * 0 + 1).astype(int)
    year = parts["year"].astype(int)
    seconds, good = _seconds(parts)
    days = pd.to_datetime(
        pd.DataFrame({"year": year, "month": month, "day": day}), errors="coerce"
    ).to_numpy(dtype="datetime64[s]")
    good &= ((year >= 1900) & (year <= 2100)).to_numpy()
    dates = days + seconds.astype("timedelta64[s]")
    dates[~good] = np.datetime64("NaT")
    return dates


def _seconds(parts: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the seconds since midnight, and whether the time is one."""
    if "time" not in parts or parts["time"].isna().all():
        return np.zeros(len(parts), dtype=int), np.ones(len(parts), dtype=bool)
    pieces = parts["time"].fillna("0:00").str.split(":", expand=True)
    hour, minute = pieces[0].astype(int).to_numpy(), pieces[1].astype(int).to_numpy()
    second = np.zeros(len(parts), dtype=int)
    if 2 in pieces:
        second = pieces[2].fillna("0").astype(float).astype(int).to_numpy()
    half = parts["half"].fillna("").str.lower().str[:1].to_numpy()
    good = (hour <= 23) & (minute <= 59) & (second <= 59)
    twelve = half != ""
    good &= ~twelve | ((hour >= 1) & (hour <= 12))
    hour = np.where(twelve, hour % 12 + 12 * (half == "p"), hour)
    return hour * 3600 + minute * 60 + second, good

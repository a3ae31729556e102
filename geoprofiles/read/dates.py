"""Read dates and months as people in Britain write them, and say how they were read."""

from __future__ import annotations

import re
from dataclasses import dataclass

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


@dataclass(frozen=True)
class DateFacts:
    """What was seen in a column of dates; facts of its parts add up to those of the whole."""

    patterns: frozenset[tuple[int, bool]] = frozenset()
    """Patterns that dates were read by, and whether a day was among what they gave."""
    pairs: frozenset[tuple[int, int]] = frozenset()
    """First and second numbers of dates such as 31/12/2026."""
    times: bool = False
    zones: bool = False

    def __add__(self, other: DateFacts) -> DateFacts:
        return DateFacts(
            self.patterns | other.patterns,
            self.pairs | other.pairs,
            self.times or other.times,
            self.zones or other.zones,
        )

    @property
    def month_first(self) -> bool:
        """Whether the column can only be month first: no first number over 12, many a second."""
        if not self.pairs or max(first for first, _ in self.pairs) > 12:
            return False
        return sum(second > 12 for _, second in self.pairs) >= 0.2 * len(self.pairs)

    @property
    def words(self) -> str:
        """The format, for people."""
        words = []
        for at, (_, usual) in enumerate(_PATTERNS):
            days = {day for pattern, day in self.patterns if pattern == at}
            if not days:
                continue
            shown = "MM/DD/YYYY" if at == _AT_NUMBERS and self.month_first else usual
            if days == {False}:
                shown = shown.replace("-DD", "").replace("DD", "").replace("D ", "")
            words.append(shown)
        return " and ".join(words) + (" with times" if self.times else "")


def read_dates(
    column: pd.Categorical, *, month_first: bool | None = None
) -> tuple[np.ndarray, DateFacts]:
    """Read a column of dates, each distinct text once.

    Numbers with slashes are day first, as in Britain, unless the column as a whole can only
    be month first.

    Parameters
    ----------
    column : Categorical of str
        As :meth:`Table.columns` gives it.
    month_first : bool, optional
        Whether 1/2/2026 is 2 January; found from the column where not said.

    Returns
    -------
    dates : array of datetime64[s]
        NaT where there is no date, or none that can be read.
    facts : DateFacts
    """
    plain = _plain_dates(column)
    if plain is not None:
        return plain
    texts = pd.Series(np.asarray(column.categories, dtype=object), dtype=object)
    dates = np.full(len(texts) + 1, np.datetime64("NaT"), dtype="datetime64[s]")
    facts = DateFacts()
    left = np.ones(len(texts), dtype=bool)
    for at, (pattern, _) in enumerate(_PATTERNS):
        if not left.any():
            break
        parts = texts[left].str.extract(f"^{pattern}$")
        parts = parts[parts["year"].notna()]
        if parts.empty:
            continue
        if at == _AT_NUMBERS:
            pairs = zip(parts["first"].astype(int), parts["second"].astype(int), strict=True)
            facts += DateFacts(pairs=frozenset(pairs))
            if month_first is None:
                month_first = facts.month_first
        read = _from_parts(parts, month_first=bool(month_first))
        where = parts.index.to_numpy()
        dates[where] = read
        left[where] = False
        if not np.isnat(read).all():
            day = "first" in parts or ("day" in parts and bool(parts["day"].notna().any()))
            facts += DateFacts(
                patterns=frozenset({(at, day)}),
                times="time" in parts and bool(parts["time"].notna().any()),
                zones="zone" in parts and bool(parts["zone"].notna().any()),
            )
    return dates[column.codes], facts


def _plain_dates(column: pd.Categorical) -> tuple[np.ndarray, DateFacts] | None:
    """Read a column that holds nothing but 2026-06 or 2026-06-30; None for any other."""
    texts = column.categories.tolist()
    if not texts or len({len(text) for text in texts}) > 1 or not all(map(_PLAIN, texts)):
        return None
    try:
        dates = np.array([*texts, "NaT"], dtype="datetime64[s]")
    except ValueError:  # a thirteenth month, a thirty-first of June
        return None
    return dates[column.codes], DateFacts(frozenset({(0, len(texts[0]) == 10)}))


_PLAIN = re.compile(r"(19|20)\d\d-\d\d(-\d\d)?").fullmatch


_PATTERNS = (
    (_YEAR_FIRST, "YYYY-MM-DD"),
    (_NUMBERS, "DD/MM/YYYY"),
    (_NAMED, "D Month YYYY"),
    (_MONTH_YEAR, "MM/YYYY"),
    (_BARE, "YYYYMMDD"),
)
_AT_NUMBERS = 1


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

"""Periods: which months the figures of each source of incidents are of."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import PlaceTally
from geoprofiles.pipeline.material import Material
from geoprofiles.settings import Project
from geoprofiles.words import period_words

MOST_PERIODS = 5
"""Earlier periods of the same length that are looked back at, the latest included."""


@dataclass(frozen=True)
class Period:
    """First and last month of the figures of one source of incidents."""

    first: pd.Timestamp
    last: pd.Timestamp
    months: int
    """Months of it that the data hold; a gap is not a month."""

    @property
    def span(self) -> int:
        """Months from the first to the last, gaps included."""
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    @property
    def days(self) -> int:
        """Days from the first to the last month, gaps included."""
        return (self.last + pd.offsets.MonthEnd(0) - self.first).days + 1

    @property
    def words(self) -> str:
        """The period as products print it."""
        words = period_words(self.first, self.last)
        full = self.months == self.span
        return words if full else f"{words} ({self.months} of {self.span} months)"


def earlier_periods(period: Period, months: pd.DatetimeIndex) -> list[Period]:
    """Return a period and those of its length before it, earliest first, that have every month."""
    held, found = set(months), [period]
    if period.months < period.span:
        return found
    years = pd.DateOffset(months=12 * -(-period.span // 12))
    while len(found) < MOST_PERIODS:
        first, last = found[-1].first - years, found[-1].last - years
        if not set(pd.date_range(first, last, freq="MS")) <= held:
            break
        found.append(Period(first, last, period.span))
    return found[::-1]


def gapless_from(months: pd.Series, last: pd.Timestamp) -> pd.Timestamp:
    """Return the month from which on every month up to the last one is there.

    Examples
    --------
    >>> months = pd.Series(pd.to_datetime(["2026-01-01", "2026-03-01", "2026-04-01"]))
    >>> gapless_from(months, pd.Timestamp("2026-04-01")).strftime("%Y-%m")
    '2026-03'
    """
    held = set(months.dropna())
    first = last
    while first - pd.DateOffset(months=1) in held:
        first -= pd.DateOffset(months=1)
    return first


def spanning(held: PlaceTally, first: pd.Timestamp, last: pd.Timestamp) -> PlaceTally:
    """Keep the months from the first to the last, and have both, if need be with no incident.

    Else time would seem to begin and end with the incidents of a rare category.
    """
    kept = held[held["month"].between(first, last)]
    if kept.empty:
        return kept
    ends = [kept.iloc[:1].assign(month=month, rows=0) for month in (first, last)]
    both = pd.concat([kept, *ends], ignore_index=True)
    both.attrs = held.attrs
    return both


def choose_period(project: Project, material: Material, source: str) -> Period:
    """Turn the project's wish for a period into months that the data hold."""
    tally = material.tallied[source].tally
    months = tally.loc[(tally["fate"] != "refused").to_numpy(), "month"].dropna()
    present = pd.DatetimeIndex(sorted(months.unique()))
    if present.empty:
        raise InputError(
            f"no row of '{source}' has a readable month",
            file=project.file,
            remedy="Run 'geoprofiles check' on its files.",
        )
    wish = project.period
    if latest := re.fullmatch(r"latest (\d+) months", wish):
        return _latest(material, source, present, wanted=int(latest.group(1)))
    first, last = present[0], present[-1]
    if wish != "all":
        first, last = (pd.Timestamp(f"{month}-01") for month in wish.split(" to "))
    held = present[(present >= first) & (present <= last)]
    if held.empty:
        raise InputError(
            f"'{source}' has no month in the period {wish}; it holds"
            f" {present[0]:%Y-%m} to {present[-1]:%Y-%m}",
            file=project.file,
            remedy="Change 'period'.",
        )
    period = Period(first, last, len(held))
    if period.months < period.span:
        material.caution(
            f"{source}: of the {period.span} months of the period only {period.months} are in the"
            " files. The others are missing, not zero; rates are for the months there are."
        )
    return period


def _latest(material: Material, source: str, present: pd.DatetimeIndex, *, wanted: int) -> Period:
    """Take the latest months without a gap, at most so many as are wanted."""
    number = 1
    while (
        number < min(wanted, len(present))
        and present[-number] - pd.DateOffset(months=1) == present[-number - 1]
    ):
        number += 1
    chosen = Period(present[-number], present[-1], number)
    reason = f"the latest {wanted} months were asked for"
    if number < wanted:
        held = "all there are" if number == len(present) else "the latest without a gap"
        reason += f"; the period holds {held}"
        months = "1 month" if number == 1 else f"{number} months"
        material.caution(
            f"{source}: the period is {months} ({chosen.words}), not {wanted}; its rates are for"
            " that period and are not yearly rates."
        )
    material.choose(f"period of {source}", chosen.words, reason)
    return chosen

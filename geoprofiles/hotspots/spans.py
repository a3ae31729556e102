"""Spans of time in civil time: from when to when each incident may have happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.hotspots.neighbours import blocks
from geoprofiles.hotspots.resolution import need_times

HOUR = 3_600
WEEK = 168 * HOUR

REVERSED = ("start", "swap", "refuse")
"""What to do with a span that ends before it starts."""

PIECES_AT_ONCE = 2_000_000


class Spans(NamedTuple):
    """Spans in seconds that pass for all alike, the clock's changes notwithstanding."""

    known: np.ndarray  # of each row: whether it has a start
    start: np.ndarray  # of the known rows: seconds since 1970
    end: np.ndarray
    facts: dict[str, int]


def zone(name: str | None) -> ZoneInfo | None:
    """Find a time zone by name; None is a clock that never changes."""
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"there is no time zone '{name}'",
            remedy="Write a name such as 'Europe/London' or 'America/Chicago'.",
        ) from error


def read_spans(
    incidents: pd.DataFrame, *, what: str, time_zone: str | None, reversed_spans: str
) -> Spans:
    """Take the spans of incidents; a missing end is the start, a reversed span as ruled."""
    check_choice(reversed_spans, REVERSED, "reversed_spans")
    where = zone(time_zone)
    need_times(incidents, what)
    known = incidents["start"].notna().to_numpy()
    first = incidents["start"][known]
    last = incidents["end"][known] if "end" in incidents else first
    open_ = last.isna().to_numpy() if "end" in incidents else np.ones(len(first), dtype=bool)
    last = last.where(last.notna(), first)
    turned = (last < first).to_numpy()
    if turned.any() and reversed_spans == "refuse":
        number = int(turned.sum())
        raise InputError(
            "1 row ends before it starts"
            if number == 1
            else f"{number:,} rows end before they start",
            remedy="Correct them, or say reversed_spans='start' (the start counts) or 'swap'.",
        )
    if reversed_spans == "swap":
        first, last = first.where(~turned, last), last.where(~turned, first)
    else:
        last = last.where(~turned, first)
    # What the clock shows twice is the first time for a start, the second for an end.
    start, end = _seconds(first, where, first_time=True), _seconds(last, where, first_time=False)
    alone = (first == last).to_numpy()
    end = np.where(alone, start, np.maximum(end, start))
    facts = {
        "incidents": len(known),
        "no_start": int((~known).sum()),
        "no_end": int(open_.sum()),
        "reversed": int(turned.sum()),
        "too_wide": int((end - start > 24 * HOUR).sum()),
    }
    return Spans(known, start, end, facts)


def _seconds(times: pd.Series, where: ZoneInfo | None, *, first_time: bool) -> np.ndarray:
    """Turn civil times into seconds since 1970; a time that the clock skips is moved on."""
    index = pd.DatetimeIndex(times)
    if index.tz is None and where is not None:
        shown_twice = np.full(len(index), first_time)
        index = index.tz_localize(where, ambiguous=shown_twice, nonexistent="shift_forward")
    if index.tz is not None:
        if where is None:
            raise InputError(
                "the times carry an offset from UTC, and no time zone is named",
                remedy="Give time_zone, such as 'Europe/London'.",
            )
        index = index.tz_convert("UTC").tz_localize(None)
    return index.as_unit("s").asi8.astype(np.int64)


def civil_seconds(
    days: pd.DatetimeIndex, minutes: int | np.ndarray, where: ZoneInfo | None
) -> np.ndarray:
    """Return when a clock first shows so many minutes after midnight, on each day."""
    shown = days + pd.to_timedelta(minutes, unit="min")
    return _seconds(pd.Series(shown), where, first_time=True)


def civil_days(spans: Spans, *, before: int = 2) -> pd.DatetimeIndex:
    """Return every day that spans touch in any time zone, and some more."""
    first = pd.Timestamp(int(spans.start.min()), unit="s").normalize() - pd.Timedelta(days=before)
    last = pd.Timestamp(int(spans.end.max()), unit="s").normalize() + pd.Timedelta(days=2)
    return pd.date_range(first, last, freq="D")


def split_by_hours(
    spans: Spans, where: ZoneInfo | None
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Give each span's parts in hours of the week: the row, the hour (Monday 0 h is 0), the share.

    The hours are those of the clock, so that on the day it goes forward one of them is empty, and
    on the day it goes back one lasts two.
    """
    days = civil_days(spans)
    hours = civil_seconds(days.repeat(24), np.tile(np.arange(24), len(days)) * 60, where)
    monday = int(days[0].day_of_week) * 24
    long = spans.end - spans.start
    first = np.searchsorted(hours, spans.start, side="right") - 1
    last = np.where(long > 0, np.searchsorted(hours, spans.end, side="left") - 1, first)
    pieces = last - first + 1
    for block in blocks(pieces, PIECES_AT_ONCE):
        rows = np.repeat(np.arange(block.start, block.stop), pieces[block])
        begun = np.cumsum(pieces[block]) - pieces[block]
        at = first[rows] + np.arange(len(rows)) - np.repeat(begun, pieces[block])
        overlap = np.minimum(spans.end[rows], hours[at + 1]) - np.maximum(
            spans.start[rows], hours[at]
        )
        share = np.where(long[rows] > 0, overlap / np.maximum(long[rows], 1), 1.0)
        yield rows, (at + monday) % 168, share


def share_within(spans: Spans, opens: np.ndarray, closes: np.ndarray) -> np.ndarray:
    """Return the share of each span that lies in windows, which are sorted and do not overlap."""
    before = np.concatenate([[0], np.cumsum(closes - opens)])

    def within(time: np.ndarray) -> np.ndarray:
        at = np.searchsorted(opens, time, side="right")
        last = np.maximum(at - 1, 0)
        part = np.clip(time - opens[last], 0, closes[last] - opens[last])
        return np.where(at > 0, before[last] + part, 0)

    long = spans.end - spans.start
    overlap = within(spans.end) - within(spans.start)
    at = np.maximum(np.searchsorted(opens, spans.start, side="right") - 1, 0)
    inside = (spans.start >= opens[at]) & (spans.start < closes[at])
    return np.where(long > 0, overlap / np.maximum(long, 1), inside.astype(float))

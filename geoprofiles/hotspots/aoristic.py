"""Time of day of incidents that are known from when to when: aoristic weights."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import Incidents
from geoprofiles.hotspots.resolution import counted_rows
from geoprofiles.hotspots.spans import (
    WEEK,
    Spans,
    civil_days,
    civil_seconds,
    read_spans,
    share_within,
    split_by_hours,
    zone,
)
from geoprofiles.words import WEEKDAYS

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def aoristic_hours(
    incidents: Incidents,
    *,
    time_zone: str | None = None,
    reversed_spans: str = "start",
    simulations: int = 999,
    seed: int = 0,
    coverage: float = 0.95,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Spread incidents over the hours of the week in which they may have happened.

    Each incident counts for 1, shared out over the hours between its start and its end in
    proportion to the time that each takes of the span. A burglary between 17:00 and
    09:00 is so no evening burglary, as its start would make it.

    Parameters
    ----------
    incidents : DataFrame
        ``start`` and, where it is known, ``end``. Rows with a reason in ``refused`` are left out.
    time_zone : str, optional
        Name of the zone whose clock the times show, such as ``"Europe/London"``: then the day
        that the clock goes forward has 23 hours and the day it goes back 25. Where none is
        named every day has 24.
    reversed_spans : {"start", "swap", "refuse"}
        What to do with a span that ends before it starts: count its start alone, swap the two,
        or refuse.
    simulations : int
        Samples drawn for the bands; 0 gives none.
    seed : int
        Of the samples.
    coverage : float
        Of the bands.
    progress : callable, optional
        Called with the samples drawn and all of them.

    Returns
    -------
    DataFrame
        Index ``hour`` 0 to 23, columns ``Monday`` to ``Sunday``: weights that add up to the
        incidents with a start. ``attrs`` holds, as plain lists of the same shape, ``low`` and
        ``high`` (the bands) and ``start`` (incidents by the hour of their start alone, to compare
        with); ``by_hour`` and ``by_weekday`` (dicts of the lists ``weight``, ``low``, ``high``,
        ``start``); the counts ``incidents``, ``no_start``, ``no_end``, ``reversed``,
        ``too_wide``; and ``note``, sentences on all of these.

    Raises
    ------
    InputError
        If no row has a time of day, there is no such time zone, or a span is reversed and
        `reversed_spans` is ``"refuse"``.

    Notes
    -----
    A missing end counts as the start. A span of 7 days or more gives 1/168 to each hour of the
    week. Spans of more than 24 hours say nothing of the hour of the day; they are counted in, and
    how many there are is said. Shares are of the time that passed, also on the days when the
    clock changes. A time that the clock shows twice is taken for the first if it is a start, for
    the second if it is an end; a time that it skips is moved on to the next there is.

    The bands are percentiles of samples of as many incidents, drawn with replacement from these.
    They hold what chance does to which incidents were recorded, not what is unknown of when
    each happened.

    References
    ----------
    Ratcliffe and McCullagh (1998). *International Journal of Geographical Information
    Science* 12, 751-764.
    Ratcliffe (2000). *International Journal of Geographical Information Science* 14,
    669-679.
    Efron and Tibshirani (1993). *An Introduction to the Bootstrap*, chapter 13.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> incidents = pd.DataFrame({
    ...     "start": pd.to_datetime(["2026-06-05 22:30"]),  # a Friday
    ...     "end": pd.to_datetime(["2026-06-06 00:30"])})
    >>> hours = geoprofiles.aoristic_hours(incidents)
    >>> hours["Friday"][22:].tolist(), hours["Saturday"][:2].tolist()
    ([0.25, 0.5], [0.25, 0.0])
    """
    if isinstance(simulations, bool) or not isinstance(simulations, int) or simulations < 0:
        raise InputError(f"'simulations' must be a whole number from 0 on; it is {simulations!r}")
    if not 0 < coverage < 1:
        raise InputError(f"'coverage' must be between 0 and 1; it is {coverage!r}")
    counted = _one_by_one(incidents)
    spans = read_spans(
        counted, what="time of day", time_zone=time_zone, reversed_spans=reversed_spans
    )
    matrix = _by_hour_of_week(spans, time_zone)
    weights = np.asarray(matrix.sum(axis=0)).ravel()
    first = counted.loc[spans.known, "start"]
    if first.dt.tz is not None:
        first = first.dt.tz_convert(zone(time_zone))
    at_start = np.bincount((first.dt.day_of_week * 24 + first.dt.hour).to_numpy(), minlength=168)
    drawn = _resampled(matrix, simulations, seed, progress)
    frame = pd.DataFrame(
        weights.reshape(7, 24).T, index=pd.RangeIndex(24, name="hour"), columns=list(WEEKDAYS)
    )
    frame.attrs = {
        **spans.facts,
        "time_zone": time_zone,
        "coverage": coverage,
        "start": at_start.reshape(7, 24).T.tolist(),
        "by_hour": _margin(weights, at_start, drawn, coverage, axis=0),
        "by_weekday": _margin(weights, at_start, drawn, coverage, axis=1),
        "note": _note(spans, time_zone, reversed_spans),
    }
    if simulations:
        for name, edge in zip(("low", "high"), _edges(drawn, coverage), strict=True):
            frame.attrs[name] = edge.reshape(7, 24).T.tolist()
    return frame


MOSTLY = 0.5
"""Of its time: an incident with more in a window counts there whole, and so in no other window."""

SHAPED = ("low", "high", "start")
"""What stands in ``attrs`` of :func:`aoristic_hours` in the shape of the week."""


def week_rows(hours: pd.DataFrame) -> pd.DataFrame:
    """Lay the hours of the week out in rows, with what stands beside each weight.

    Parameters
    ----------
    hours : DataFrame
        As :func:`aoristic_hours` gives them.

    Returns
    -------
    DataFrame
        ``weekday``, ``hour``, ``weight``, ``low`` and ``high`` where there are bands, ``start``.

    Examples
    --------
    >>> hours = aoristic_hours(
    ...     pd.DataFrame({"start": pd.to_datetime(["2026-06-01 01:30"])}), simulations=0)
    >>> week_rows(hours).loc[[1]].to_dict("list")
    {'weekday': ['Monday'], 'hour': [1], 'weight': [1.0], 'start': [1]}
    """
    columns = {"weight": hours.to_numpy()} | {
        name: np.array(hours.attrs[name]) for name in SHAPED if name in hours.attrs
    }
    return pd.DataFrame(
        {
            "weekday": np.repeat(hours.columns.to_numpy(), 24),
            "hour": np.tile(np.arange(24), 7),
            **{name: values.T.ravel() for name, values in columns.items()},
        }
    )


def shift_weights(
    incidents: Incidents,
    *,
    start: str = "22:00",
    end: str = "06:00",
    weekdays: Sequence[str] | None = None,
    time_zone: str | None = None,
    reversed_spans: str = "start",
) -> pd.Series:
    """Say how much of each incident falls within a window of the day, such as a night shift.

    The share of each incident's span that lies in the window is its weight. Put into a column
    ``weight`` it flows into :func:`distinct_places`, and from there into every map.

    Parameters
    ----------
    incidents : DataFrame
        As for :func:`aoristic_hours`.
    start, end : str
        Times of day, ``"HH:MM"``. Where the end is not after the start the window runs past
        midnight; where they are the same it is 24 hours long.
    weekdays : list of str, optional
        Days on which the window opens, such as ``["Friday", "Saturday"]``: Friday's from 22:00 to
        06:00 ends on Saturday morning. All where not said.
    time_zone, reversed_spans
        As for :func:`aoristic_hours`.

    Returns
    -------
    Series
        ``weight``, 0 to 1, with the index of the incidents. A row that is refused or has no start
        has 0. ``attrs["note"]`` says how many those are, and how many spans say nothing of the
        hour.

    Raises
    ------
    InputError
        As for :func:`aoristic_hours`, or if a time or a weekday cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> incidents = pd.DataFrame({"easting": [450105.0] * 2, "northing": [58913.0] * 2,
    ...     "month": pd.to_datetime(["2026-06-01"] * 2),
    ...     "start": pd.to_datetime(["2026-06-05 20:00", "2026-06-06 23:15"]),
    ...     "end": pd.to_datetime(["2026-06-06 04:00", None])})
    >>> weight = geoprofiles.shift_weights(incidents, start="22:00", end="06:00")
    >>> weight.tolist()
    [0.75, 1.0]
    >>> geoprofiles.distinct_places(incidents.assign(weight=weight))["count"].tolist()
    [1.75]
    """
    opens_at, closes_at = _minutes(start, "start"), _minutes(end, "end")
    for name in weekdays or ():
        check_choice(name, WEEKDAYS, "weekdays")
    if weekdays is not None and not len(weekdays):
        raise InputError(
            "no weekday is named", remedy="Name some, or leave 'weekdays' out for all."
        )
    closes_at += 1440 * (closes_at <= opens_at)
    counted = counted_rows(incidents)
    spans = read_spans(
        counted, what="a shift window", time_zone=time_zone, reversed_spans=reversed_spans
    )
    days = civil_days(spans)
    if weekdays is not None:
        days = days[days.day_of_week.isin([WEEKDAYS.index(name) for name in weekdays])]
    where = zone(time_zone)
    windows = (civil_seconds(days, at, where) for at in (opens_at, closes_at))
    share = share_within(spans, *windows)
    number = 7 if weekdays is None else len(set(weekdays))
    share[spans.end - spans.start >= WEEK] = number * (closes_at - opens_at) / (7 * 1440)
    refused = incidents["refused"].notna() if "refused" in incidents else np.zeros(len(incidents))
    at = np.flatnonzero(refused == 0)[spans.known]
    values = np.zeros(len(incidents))
    values[at] = share
    weight = pd.Series(values, index=incidents.index, name="weight")
    weight.attrs["note"] = _note(spans, time_zone, reversed_spans)
    return weight


def _one_by_one(incidents: Incidents) -> pd.DataFrame:
    """Give every incident a row of its own, also where one row stands for several."""
    counted = counted_rows(incidents)
    return counted.iloc[np.repeat(np.arange(len(counted)), counted["n"].astype(int))]


def _by_hour_of_week(spans: Spans, time_zone: str | None) -> csr_matrix:
    """Lay out the shares of every incident: a row each, and a column for each hour of the week."""
    from scipy.sparse import csr_matrix

    week = spans.end - spans.start >= WEEK
    short = spans._replace(end=np.where(week, spans.start, spans.end))
    parts = []
    for rows, hour, share in split_by_hours(short, zone(time_zone)):
        told = ~week[rows]
        parts.append((rows[told], hour[told], share[told]))
    even = np.flatnonzero(week)
    every = np.tile(np.arange(168), len(even))
    parts.append((np.repeat(even, 168), every, np.full(len(every), 1 / 168)))
    rows, hour, share = (np.concatenate(column) for column in zip(*parts, strict=True))
    return csr_matrix((share, (rows, hour)), shape=(len(spans.start), 168))


def _resampled(
    matrix: csr_matrix,
    simulations: int,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> np.ndarray:
    """Draw samples of as many incidents and return the weights of each, by hour of the week."""
    rng = np.random.default_rng(seed)
    turned, number = matrix.T.tocsr(), matrix.shape[0]
    drawn = np.empty((simulations, 168))
    for done in range(simulations):
        drawn[done] = turned @ np.bincount(rng.integers(0, number, number), minlength=number)
        if progress is not None:
            progress(done + 1, simulations)
    return drawn


def _edges(drawn: np.ndarray, coverage: float) -> np.ndarray:
    return np.quantile(drawn, [(1 - coverage) / 2, (1 + coverage) / 2], axis=0)


def _margin(
    weights: np.ndarray, at_start: np.ndarray, drawn: np.ndarray, coverage: float, *, axis: int
) -> dict[str, list[float]]:
    """Sum over the days (axis 0) or over the hours (axis 1) of the week, bands with it."""
    found = {
        "weight": weights.reshape(7, 24).sum(axis=axis).tolist(),
        "start": at_start.reshape(7, 24).sum(axis=axis).tolist(),
    }
    if len(drawn):
        low, high = _edges(drawn.reshape(-1, 7, 24).sum(axis=1 + axis), coverage)
        found |= {"low": low.tolist(), "high": high.tolist()}
    return found


def _minutes(text: str, name: str) -> int:
    """Read a time of day as minutes after midnight."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", str(text).strip())
    if found is None or int(found[1]) > 24 or int(found[2]) > 59 or int(found[1] + found[2]) > 2400:
        raise InputError(f"'{name}' is no time of day: {text!r}", remedy="Write it as '22:00'.")
    return (int(found[1]) * 60 + int(found[2])) % 1440


def _note(spans: Spans, time_zone: str | None, reversed_spans: str) -> str:
    """Say what stands behind the weights."""
    facts = spans.facts
    told = len(spans.start)
    ruled = {"swap": "were turned round", "start": "count at their start"}
    said = [f"{told:,} incidents, each spread evenly over the time between its start and its end"]
    if facts["no_start"]:
        said.append(f"{facts['no_start']:,} more have no start and are left out")
    if facts["no_end"]:
        said.append(f"{facts['no_end']:,} have no end and count at their start")
    if facts["reversed"]:
        said.append(f"{facts['reversed']:,} end before they start and {ruled[reversed_spans]}")
    wide = facts["too_wide"]
    said.append(f"{wide:,} ({wide / told:.0%}) span more than 24 hours and say nothing of the hour")
    said.append(
        "no time zone was named, so every day is taken to have 24 hours"
        if time_zone is None
        else f"the hours are those of the clock in {time_zone}, with its days of 23 and 25 hours"
    )
    return " ".join(f"{one[0].upper()}{one[1:]}." for one in said)

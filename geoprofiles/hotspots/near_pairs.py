"""Pairs of incidents near to one another in space, with how far apart they are in days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import Incidents, check_incidents
from geoprofiles.hotspots.neighbours import PAIRS_AT_ONCE, blocks
from geoprofiles.hotspots.places import placed
from geoprofiles.hotspots.resolution import check_metres, counted_rows, need_days

DISTANCES = {"euclidean": 2.0, "manhattan": 1.0}
"""The straight line, and along streets that run east and north: Minkowski's exponents."""

SAME_PLACE = 1.0
"""Metres: nearer than this is the same place."""

MOST_PAIRS = 60_000_000
"""That are held at once: half a gigabyte."""


class Events(NamedTuple):
    """Incidents with a place and a day, in the order of their days, then of their rows."""

    points: np.ndarray  # (n, 2), metres
    days: np.ndarray  # whole days, the first is 0
    rows: np.ndarray  # position of each in the frame given
    left_out: int


def read_events(incidents: Incidents, *, what: str) -> Events:
    """Take the incidents that have a place of their own and a day."""
    counted = counted_rows(incidents)
    check_incidents(counted)
    need_days(counted, what)
    at = np.flatnonzero(incidents["refused"].isna()) if "refused" in incidents else None
    keep = (placed(counted) & counted["start"].notna()).to_numpy()
    points = counted.loc[keep, ["easting", "northing"]].to_numpy(dtype=float)
    check_metres(points)
    if keep.sum() < 2:
        raise InputError(f"{what} need at least two incidents with a place and a date")
    times = counted.loc[keep, "start"]
    times = times.dt.tz_localize(None) if times.dt.tz is not None else times
    days = times.to_numpy().astype("datetime64[D]").astype(np.int64)
    rows = np.flatnonzero(keep) if at is None else at[keep]
    several = counted.loc[keep, "n"].to_numpy().astype(int)
    points, days, rows = (np.repeat(one, several, axis=0) for one in (points, days, rows))
    order = np.argsort(days, kind="stable")
    days = (days - days.min())[order]
    return Events(points[order], days, rows[order], int((~keep).sum()))


def check_bands(bands: Sequence[float], name: str, *, whole: bool) -> np.ndarray:
    """Check the edges of bands: at least two, rising, from 0 on."""
    edges = np.asarray(list(bands), dtype=float)
    if len(edges) < 2 or not np.isfinite(edges).all() or (np.diff(edges) <= 0).any():
        raise InputError(
            f"'{name}' must be rising edges, at least two; they are {tuple(bands)!r}",
            remedy="Bands run from one edge to just under the next: (0, 7, 14) makes two.",
        )
    if edges[0] < 0 or (whole and (edges != np.round(edges)).any()):
        raise InputError(
            f"'{name}' must be {'whole days' if whole else 'metres'} from 0 on;"
            f" they are {tuple(bands)!r}"
        )
    return edges


def near_pairs(
    points: np.ndarray, reach: float, distance: str
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Give pairs less than a reach apart, a block at a time: first, second (later), metres."""
    from scipy.spatial import cKDTree

    power = DISTANCES[check_choice(distance, DISTANCES, "distance")]
    tree = cKDTree(points)
    number = tree.query_ball_point(points, reach, p=power, return_length=True)
    if number.sum() / 2 > MOST_PAIRS:
        raise InputError(
            f"{number.sum() / 2:,.0f} pairs of incidents lie within {reach:g} m of one another,"
            f" more than {MOST_PAIRS:,}",
            remedy="Take a shorter period, one category, or narrower bands.",
        )
    for block in blocks(number, PAIRS_AT_ONCE):
        asked = cKDTree(points[block])
        pairs = asked.sparse_distance_matrix(tree, reach, p=power, output_type="ndarray")
        one, other = pairs["i"] + block.start, pairs["j"]
        once = one < other
        one, other = one[once].astype(np.int32), other[once].astype(np.int32)
        offset = np.abs(points[one] - points[other])
        apart = offset.sum(axis=1) if power == 1 else np.sqrt((offset**2).sum(axis=1))
        near = apart < reach
        yield one[near], other[near], apart[near]


def band_of(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the band [a, b) of each value, -1 below the first and the number of bands beyond."""
    return np.searchsorted(edges, values, side="right") - 1


def space_label(start: float, stop: float) -> str:
    """Say a band of metres.

    Examples
    --------
    >>> space_label(0, 1), space_label(1, 100), space_label(100, 200)
    ('same place', '1 to under 100 m', '100 to under 200 m')
    """
    if start == 0 and stop <= SAME_PLACE:
        return "same place"
    return f"{start:g} to under {stop:g} m"


def time_label(start: float, stop: float) -> str:
    """Say a band of whole days by the first and the last day in it.

    Examples
    --------
    >>> time_label(0, 1), time_label(1, 2), time_label(2, 3), time_label(0, 7), time_label(7, 14)
    ('same day', '1 day', '2 days', '0 to 6 days', '7 to 13 days')
    """
    if stop - start == 1:
        return {0: "same day", 1: "1 day"}.get(int(start), f"{start:g} days")
    return f"{start:g} to {stop - 1:g} days"

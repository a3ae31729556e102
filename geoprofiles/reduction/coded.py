"""Partial tables as plain arrays of codes: quick to add by the thousand, named only at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoprofiles.areas.tally import MOST_PLACES, canonical, fold, group_all
from geoprofiles.frames import (
    FATES,
    OUTSIDE,
    UNLOCATED,
    UNLOCATED_REASONS,
    Areas,
    PlaceTally,
    Tally,
)
from geoprofiles.read.pieces import REFUSED_REASONS

REASONS = (*UNLOCATED_REASONS, *REFUSED_REASONS)
"""What a `why` of 0 and up stands for; -1 is no reason."""
FIRST_REFUSED = len(UNLOCATED_REASONS)

PENDING = 500_000
"""Rows of partial tables that may wait before they are added up."""


@dataclass(frozen=True)
class Coded:
    """Rows of a table that adds up.

    Attributes
    ----------
    codes : array of int32, columns x rows
        ``area`` (the number of areas is outside, one more unlocated), ``month`` (from January
        1970; -1 none), ``category`` (-1 none), ``why`` (-1 none) of a tally, then ``file`` where
        files are set side by side; ``month`` and ``category`` of places.
    rows : array of int64
        Incidents.
    points : array of float, 2 x rows
        Easting and northing; empty for a tally.
    """

    codes: np.ndarray
    rows: np.ndarray
    points: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def recoded(self, at: int, codes: np.ndarray) -> Coded:
        """Return the table with the codes of one column renumbered; -1 stays -1."""
        renumbered = self.codes.copy()
        renumbered[at] = np.append(codes, -1)[self.codes[at]]
        return Coded(renumbered, self.rows, self.points)

    def of_file(self, number: int) -> Coded:
        """Return the table with a last column that tells the file."""
        file = np.full((1, len(self)), number, dtype=np.int32)
        return Coded(np.concatenate([self.codes, file]), self.rows, self.points)

    def where(self, keep: np.ndarray) -> Coded:
        """Return some of the rows."""
        return Coded(self.codes[:, keep], self.rows[keep], self.points[:, keep])


def no_points(number: int) -> np.ndarray:
    """Return the points of a tally of so many rows: none."""
    return np.empty((0, number))


def add_coded(parts: Sequence[Coded]) -> Coded:
    """Add tables: one row for each combination, none for what adds up to nothing."""
    codes = np.concatenate([part.codes for part in parts], axis=1)
    rows = np.concatenate([part.rows for part in parts])
    points = np.concatenate([part.points for part in parts], axis=1)
    if not len(rows):
        return parts[0]
    columns = list(codes)
    sizes = [int(code.max(initial=0)) + 1 for code in columns]
    if len(points):
        first, point = fold(points[0], points[1])
        columns, sizes = [point, *columns], [len(first), *sizes]
    head, owner = group_all(columns, sizes)
    total = np.zeros(len(head), dtype=np.int64)
    np.add.at(total, owner, rows)
    kept = total != 0
    head = head[kept]
    return Coded(codes[:, head], total[kept], points[:, head])


class Sum:
    """Partial tables that are added up when enough of them wait."""

    def __init__(self) -> None:
        self._parts: list[Coded] = []
        self._waiting = 0

    def add(self, part: Coded) -> None:
        """Take in one more partial table."""
        self._parts.append(part)
        self._waiting += len(part)
        # Adding only when as much waits as was added keeps the work in proportion to the rows.
        if self._waiting > max(PENDING, len(self._parts[0])):
            self.sum()

    def sum(self) -> Coded | None:
        """Return the sum of all that was taken in; None of nothing."""
        if self._parts:
            self._parts = [add_coded(self._parts)]
        self._waiting = 0
        return self._parts[0] if self._parts else None


class PlaceSum(Sum):
    """Places that are added up, and rounded where there are too many distinct points.

    Points are taken down to whole metres, then to 10, 100 and so on: how far depends on the
    points alone, not on the order they came in.
    """

    step = 0.0
    """Metres that points are rounded down to; 0 for none."""

    def add(self, part: Coded) -> None:
        """Take in more places, at the step that those before need."""
        super().add(part if not self.step else _rounded(part, self.step))

    def sum(self) -> Coded:
        """Return all places taken in, at the step they need."""
        total = super().sum()
        if total is None:
            return Coded(np.empty((2, 0), np.int32), np.empty(0, np.int64), np.empty((2, 0)))
        while len(total) > MOST_PLACES and _points(total) > MOST_PLACES:
            self.step = self.step * 10 or 1.0
            total = add_coded([_rounded(total, self.step)])
            self._parts = [total]
        return total


def _rounded(places: Coded, step: float) -> Coded:
    return Coded(places.codes, places.rows, np.floor(places.points / step) * step)


def _points(places: Coded) -> int:
    return len(fold(places.points[0], places.points[1])[0])


def as_tally(
    tables: Mapping[str, Coded],
    areas: Mapping[str, Areas],
    categories: Sequence[str],
    files: Sequence[str],
) -> Tally:
    """Name the codes of tallies of several kinds of area."""
    kinds = list(tables)
    codes = np.concatenate([tables[kind].codes for kind in kinds], axis=1)
    of_kind = np.repeat(np.arange(len(kinds)), [len(tables[kind]) for kind in kinds])
    names: dict[object, int] = {}
    places = []
    for kind in kinds:
        own = [*areas[kind].index.astype(object), OUTSIDE, UNLOCATED]
        numbers = np.array([names.setdefault(name, len(names)) for name in own])
        places.append(numbers[tables[kind].codes[0]])
    number = np.array([len(areas[kind]) for kind in kinds])[of_kind]
    area, month, category, why, file = codes
    fate = np.select([why >= FIRST_REFUSED, area > number, area == number], [3, 2, 1], 0)
    table = {
        "areas": _named(of_kind, kinds),
        "area_code": _named(np.concatenate(places), list(names)),
        "month": as_months(month),
        "category": _named(category, categories),
        "file": _named(file, files),
        "fate": _named(fate, FATES),
        "reason": _named(why, REASONS),
        "rows": np.concatenate([tables[kind].rows for kind in kinds]),
    }
    return canonical(pd.DataFrame(table))


def as_places(table: Coded, categories: Sequence[str]) -> PlaceTally:
    """Name the codes of places."""
    frame = {
        "easting": table.points[0],
        "northing": table.points[1],
        "month": as_months(table.codes[0]),
        "category": _named(table.codes[1], categories),
        "rows": table.rows,
    }
    return canonical(pd.DataFrame(frame))


def as_months(codes: np.ndarray) -> np.ndarray:
    """Turn months counted from January 1970 into their first days."""
    months = codes.astype("datetime64[M]").astype("datetime64[s]")
    return np.where(codes < 0, np.datetime64("NaT", "s"), months)


def _named(codes: np.ndarray, names: Sequence[object]) -> pd.Categorical:
    index = pd.Index(list(names), dtype=object)
    return pd.Categorical.from_codes(codes, categories=index, validate=False)

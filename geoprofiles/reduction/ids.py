"""Incident IDs of any number of rows, kept on disk in sorted runs, to find those that repeat."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from geoprofiles.errors import OutputError

ID = np.dtype(
    [
        ("key", "u8"), ("more", "u8"), ("row", "i8"), ("file", "i4"), ("month", "i4"),
        ("category", "i4"), ("easting", "f8"), ("northing", "f8"), ("marked", "i4"),
        ("unlocated", "i1"), ("whole", "?"),
    ]
)  # fmt: skip
"""One row with an ID: 128 bits for the ID, where the row stands, and what was counted for it.
`marked` is the number of rows that the entry stands for and that are refused already; `whole`
tells a row that is known to an area only, and so is among no places."""

RUN = 2_000_000
"""IDs sorted and written at a time, and looked at together."""


class IdRuns:
    """The rows with IDs of one file: in memory while they are few, else in runs on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pending: list[np.ndarray] = []
        self.runs: list[np.ndarray] = []
        self.waiting = 0

    def add(self, ids: np.ndarray) -> None:
        """Add rows of the type `ID`."""
        if not len(ids):
            return
        self._pending.append(ids)
        self.waiting += len(ids)
        if self.waiting >= RUN:
            self.write()

    def write(self) -> None:
        """Write what is in memory to disk."""
        if not self.waiting:
            return
        run = _sorted(np.concatenate(self._pending))
        self._pending, self.waiting = [], 0
        descriptor, name = tempfile.mkstemp(suffix=".npy", dir=self._folder)
        os.close(descriptor)
        try:
            np.save(name, run)
        except OSError as error:
            raise OutputError(
                "the folder for temporary files is full or cannot be written"
                f" ({error.strerror or error}). Set TMPDIR to a larger disk."
            ) from error
        self.runs.append(np.load(name, mmap_mode="r"))

    def parts(self) -> list[np.ndarray]:
        """Return all rows; runs on disk are sorted by key."""
        return [*self.runs, *self._pending]


def in_ranges(files: Sequence[Sequence[np.ndarray]]) -> Iterator[np.ndarray]:
    """Give back the rows of all files, each of its number, those of one ID together.

    Some `RUN` rows come at a time, whatever the number of files and rows.
    """
    parts = [(number, part) for number, runs in enumerate(files) for part in runs if len(part)]
    total = sum(len(part) for _, part in parts)
    number = max(1, -(-total // RUN))
    if number > 1:
        parts = [
            (file, part if isinstance(part, np.memmap) else _sorted(part)) for file, part in parts
        ]
    bounds = np.array([2**64 * at // number for at in range(1, number)], dtype=np.uint64)
    cuts = [
        [0, *(np.searchsorted(part["key"], bounds) if len(bounds) else []), len(part)]
        for _, part in parts
    ]
    for at in range(number):
        held = []
        for (file, part), cut in zip(parts, cuts, strict=True):
            some = np.array(part[cut[at] : cut[at + 1]])
            some["file"] = file
            held.append(some)
        if held:
            yield np.concatenate(held)


def _sorted(ids: np.ndarray) -> np.ndarray:
    return ids[np.argsort(ids["key"], kind="stable")]


def shared_rows(ids: np.ndarray) -> np.ndarray:
    """Return the rows whose ID another row has too, in the order of files and rows."""
    key = np.sort(ids["key"])
    again = np.unique(key[1:][key[1:] == key[:-1]])
    ids = (
        ids[np.isin(ids["key"], again) | (ids["marked"] > 0)]
        if len(again)
        else ids[ids["marked"] > 0]
    )
    if not len(ids):
        return ids
    # Different IDs hardly ever have the first half of their keys in common.
    ids = ids[np.lexsort((ids["more"], ids["key"]))]
    same = (ids["key"][1:] == ids["key"][:-1]) & (ids["more"][1:] == ids["more"][:-1])
    ids = ids[np.append(same, False) | np.append(False, same) | (ids["marked"] > 0)]
    return ids[np.lexsort((ids["row"], ids["file"]))]


def as_frame(ids: np.ndarray) -> pd.DataFrame:
    """Return rows with IDs as the frame that repeats are looked for in."""
    pairs = ids["key"].astype(np.uint64) ^ (ids["more"] * np.uint64(3))
    return pd.DataFrame(
        {
            "incident_id": pairs,
            "month": ids["month"],
            "file": ids["file"],
            "category": ids["category"],
        }
    )

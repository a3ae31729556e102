"""What one file was reduced to, and how its pieces are taken in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geoprofiles.read.repeats import GivenFile
from geoprofiles.reduction.batch import Reduced
from geoprofiles.reduction.coded import Coded, PlaceSum, Sum
from geoprofiles.reduction.ids import IdRuns


@dataclass
class FileTally:
    """What one file was reduced to, before it is set beside the others."""

    base: str
    name: str
    street: bool
    digest: str
    facts: dict[str, Any]
    tallies: dict[str, Coded]
    places: Coded | None
    place_step: float
    rows: int
    near: tuple[int, int, int]
    units: dict[int, int]
    hashes: dict[int, np.ndarray]
    ids: Sequence[np.ndarray]
    """Runs sorted by key."""
    categories: list[str]
    placed: dict[str, int]
    """Rows by the rung that placed them; only with a ladder."""

    @property
    def given(self) -> GivenFile:
        """What tells whether two files hold the same."""
        return GivenFile(self.base, self.street, self.digest)


class Accumulator:
    """Takes in the pieces of one file."""

    def __init__(self, folder: Path) -> None:
        self.tallies: dict[str, Sum] = {}
        self.places, self.ids = PlaceSum(), IdRuns(folder)
        self.rows = 0
        self.near = (0, 0, 0)
        self.categories: list[str] = []
        self.units: dict[int, int] = {}
        self.hashes: dict[int, list[np.ndarray]] = {}
        self.placed: Counter[str] = Counter()
        self._codes: dict[str, int] = {}

    def add(self, piece: Reduced) -> None:
        """Take in the next piece."""
        new = [self._codes.setdefault(one, len(self._codes)) for one in piece.categories]
        renumbered = np.array([*new], dtype=np.int32)
        for kind, tally in piece.tallies.items():
            self.tallies.setdefault(kind, Sum()).add(tally.recoded(2, renumbered))
        if piece.places is not None:
            self.places.add(piece.places.recoded(1, renumbered))
        ids = piece.ids
        ids["row"] += self.rows
        ids["category"] = np.append(renumbered, -1)[ids["category"]]
        self.ids.add(ids)
        self.categories = list(self._codes)
        self.rows += piece.rows
        self.placed.update(piece.placed)
        near, also = self.near, piece.near
        self.near = (near[0] + also[0], near[1] + also[1], near[2] + also[2])
        for month, number in piece.units.items():
            self.units[month] = self.units.get(month, 0) + number
        for month, hashes in piece.hashes.items():
            self.hashes.setdefault(month, []).append(hashes)

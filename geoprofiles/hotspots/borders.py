"""How long the border of chosen cells is: whether a choice is a few patches or many crumbs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas
import numpy as np
import shapely

from geoprofiles.hotspots.grid import whole_cell
from geoprofiles.hotspots.weights import neighbour_weights

MILLIMETRE = 0.001
"""Borders of clipped cells are laid on a raster so fine, as clipping moves them by rounding."""


class Borders(NamedTuple):
    """Length of the outline of each unit, and of what each two that touch have in common."""

    outline: np.ndarray
    one: np.ndarray
    other: np.ndarray
    shared: np.ndarray

    @classmethod
    def of(cls, units: geopandas.GeoDataFrame) -> Borders:
        """Measure them, in metres."""
        shapes = units.geometry.to_numpy()
        grid = "grid" in units.attrs
        links = neighbour_weights(units, rule="rook" if grid else "border").matrix.tocoo()
        once = links.row < links.col
        one, other = links.row[once], links.col[once]
        shared = np.zeros(len(one))
        asked = np.ones(len(one), dtype=bool)
        if grid:
            area, side = whole_cell(units)
            whole = shapely.area(shapes) >= area * (1 - 1e-9)
            asked = ~(whole[one] & whole[other])
            shared[~asked] = side
        first, second = shapes[one[asked]], shapes[other[asked]]
        both = shapely.length(shapely.union(first, second, grid_size=MILLIMETRE))
        # What two have in common is gone twice from the outline of both together.
        left = (shapely.length(first) + shapely.length(second) - both) / 2
        shared[asked] = np.maximum(left, 0)
        return cls(shapely.length(shapes), one, other, shared)

    def around(self, chosen: Sequence[Chosen]) -> np.ndarray:
        """Return the length of the border of each choice of cells, the chosen put together.

        Of cells of one value, some are taken: the length is then the mean over all choices of
        as many. Where that is no whole number, it lies between the two, as for a single cell of
        which only a part is taken.
        """
        lengths = []
        for taken, tied, part in chosen:
            together = np.minimum(taken[self.one], taken[self.other])
            both = tied[self.one] & tied[self.other]
            together[both] = _pair(int(tied.sum()), part)
            lengths.append(taken @ self.outline - 2 * (together @ self.shared))
        return np.array(lengths)


class Chosen(NamedTuple):
    """The highest-valued share of the area."""

    taken: np.ndarray
    """Part of each cell that is in it."""
    tied: np.ndarray
    """Whether a cell is of the last value, among which the share ends."""
    part: float
    """That is taken of each of them."""


def highest(value: np.ndarray, area: np.ndarray, shares: np.ndarray) -> list[Chosen]:
    """Take the highest-valued shares of the area; cells of one value go together.

    Examples
    --------
    >>> one = highest(np.array([5.0, 1.0, 1.0]), np.ones(3), np.array([0.5]))[0]
    >>> one.taken.tolist(), one.tied.tolist(), one.part
    ([1.0, 0.25, 0.25], [False, True, True], 0.25)
    """
    _, level = np.unique(-value, return_inverse=True)
    ground = np.concatenate([[0.0], np.cumsum(np.bincount(level, area))])
    chosen = []
    for wanted in shares * ground[-1]:
        last = min(int(np.searchsorted(ground[1:], wanted)), len(ground) - 2)
        part = float(min((wanted - ground[last]) / (ground[last + 1] - ground[last]), 1.0))
        tied = level == last
        chosen.append(Chosen(np.where(tied, part, level < last), tied, part))
    return chosen


def _pair(many: int, part: float) -> float:
    """Return how often two of so many cells are both among a random choice of a part of them.

    Examples
    --------
    >>> _pair(4, 0.5), _pair(4, 0.25), _pair(1, 0.5)
    (0.16666666666666666, 0.0, 0.0)
    """
    if many < 2:
        return 0.0
    whole, rest = divmod(part * many, 1)
    return float(whole * (whole - 1 + 2 * rest) / (many * (many - 1)))

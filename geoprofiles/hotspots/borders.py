"""How long the border of chosen cells is: whether a choice is a few patches or many crumbs."""

from __future__ import annotations

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

    def around(self, value: np.ndarray, area: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Return the length of the border of the highest-valued shares of the area.

        Of cells of one value, some are taken: the length is then the mean over all choices of
        as many. Where that is no whole number, it lies between the two, as for a single cell of
        which only a part is taken.
        """
        _, level = np.unique(-value, return_inverse=True)  # cells of one value go together
        many = np.bincount(level)
        size = np.bincount(level, area)
        ground = np.concatenate([[0.0], np.cumsum(size)])
        lengths = []
        for wanted in shares * area.sum():
            last = min(int(np.searchsorted(ground, wanted, side="left")), len(size)) - 1
            part = min((wanted - ground[last]) / size[last], 1.0)
            taken = np.where(level < last, 1.0, np.where(level == last, part, 0.0))
            a, b = level[self.one], level[self.other]
            together = np.minimum(taken[self.one], taken[self.other])
            together[(a == last) & (b == last)] = _pair(int(many[last]), part)
            lengths.append(taken @ self.outline - 2 * (together @ self.shared))
        return np.array(lengths)


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

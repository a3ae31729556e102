"""An exact index of areas: which of them a point lies in, mostly by looking it up.

The plane is cut into cells, and cells that a border crosses into finer ones. A cell that no
border crosses lies wholly in one area, or in none: its points are looked up. In the others
the point is joined to a reference point whose area is known, and the borders crossed on the
way are counted. A point so close to a border that rounding could decide is put to GEOS, which
computes exactly. So the answer is that of ``shapely.intersects_xy``, many times sooner.

References
----------
Point in polygon by counting crossings: Shimrat (1962), *Communications of the ACM* 5(8), 434.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import numpy as np
import shapely

from geoprofiles.frames import Areas

FINE = 4
"""Fine cells along the side of a coarse one; a power of two, so that halving is exact."""
CHUNK = 1 << 17
"""Points looked up at a time, so that they stay in the processor's cache."""
BATCH = 1 << 20
"""Points whose neighbours of borders are tested together."""
# Where in its cell the reference point lies: off the middle, where round coordinates lie.
AT_X, AT_Y = 0.4773, 0.4871
OUTSIDE = -1
CODE_BITS = np.uint64((1 << 24) - 1)


@dataclass(frozen=True)
class AreaIndex:
    """The index of one set of areas, made by :func:`geoprofiles.build_index`.

    Attributes
    ----------
    shapes : array of Polygon and MultiPolygon
        In order of the areas' codes; what GEOS is asked with.
    place : array of int32
        Row of each shape in the areas as they were given.
    origin : array of three floats
        West and south end of the grid and side of a coarse cell, metres.
    tolerance : float
        Distance from a border, in metres, within which GEOS decides.
    coarse : array of int32, rows x columns
        Row of the area that a cell lies in; -1 for none; from -2 down, the number of its block
        of fine cells.
    fine : array of int32, blocks x FINE x FINE
        The same for fine cells; from -2 down, the number of the cell among those with borders.
    first_edge : array of int32
        Where the edges of each such cell start in `edge_of`; one more than there are cells.
    base : array of int32
        Place in `values` of what holds at the cell's reference point; -1: ask GEOS.
    edge_of : array of int32
        Edges that cross each cell.
    edges : array of float, edges x 4
        Ends of each edge, lower one first.
    steps : array of uint64
        How the sum of values changes when an edge is crossed from left to right.
    values : array of uint64
        Sum of values inside: one for each area, then one for each overlap met.
    meaning : array of int32
        Row of the area that each of `values` stands for.
    """

    shapes: np.ndarray
    place: np.ndarray
    origin: np.ndarray
    tolerance: float
    coarse: np.ndarray
    fine: np.ndarray
    first_edge: np.ndarray
    base: np.ndarray
    edge_of: np.ndarray
    edges: np.ndarray
    steps: np.ndarray
    values: np.ndarray
    meaning: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes that the index holds in memory, the shapes not counted."""
        return sum(
            value.nbytes
            for field in fields(self)
            if field.name != "shapes" and isinstance(value := getattr(self, field.name), np.ndarray)
        )

    def locate(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the row of the area that holds each point, -1 for none.

        Parameters
        ----------
        x, y : array of float
            Easting and northing in the metres of the areas; NaN is in no area.

        Returns
        -------
        array of int32
            The area whose code is first in sorted order where several hold or touch the point.
            Each point's answer depends on nothing but the point and the areas.

        Examples
        --------
        >>> import geopandas
        >>> import pandas as pd
        >>> from shapely import box
        >>> import geoprofiles
        >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill", "Quay"]},
        ...     geometry=[box(0, 0, 1e3, 1e3), box(1e3, 0, 2e3, 1e3)],
        ...     index=pd.Index(["A", "B"], name="area_code"), crs=27700)
        >>> geoprofiles.build_index(areas).locate([500, 1000, 1500, 5000], [500] * 4).tolist()
        [0, 0, 1, -1]
        """
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        found = np.empty(len(x), dtype=np.int32)
        for start in range(0, len(x), BATCH):
            part = slice(start, start + BATCH)
            self._locate_batch(x[part], y[part], found[part])
        return found

    def _locate_batch(self, x: np.ndarray, y: np.ndarray, found: np.ndarray) -> None:
        labels, columns = self.coarse.ravel(), self.coarse.shape[1]
        for start in range(0, len(x), CHUNK):
            part = slice(start, start + CHUNK)
            u, v = self._cells(x[part], y[part])
            cell = v.astype(np.int32)
            cell *= columns
            cell += u.astype(np.int32)
            # Every cell is in the grid: "wrap" only spares the check.
            labels.take(cell, out=found[part], mode="wrap")
        crossed = np.flatnonzero(found < OUTSIDE)
        if not len(crossed):
            return
        x, y, block = x[crossed], y[crossed], -2 - found[crossed]
        u, v = self._cells(x, y)
        column, row = (u * FINE).astype(np.int32), (v * FINE).astype(np.int32)
        cell = (block * FINE + row % FINE) * FINE + column % FINE
        answer = self.fine.ravel().take(cell, mode="wrap")
        near = np.flatnonzero(answer < OUTSIDE)
        if len(near):
            cell = -2 - answer[near]
            answer[near] = self._test(x[near], y[near], cell, column[near], row[near])
        found[crossed] = answer

    def _cells(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Count coarse cells from the corner; beyond the grid is its rim, and so is NaN."""
        west, south, side = self.origin
        rows, columns = self.coarse.shape
        u, v = (x - west) * (1 / side), (y - south) * (1 / side)
        np.fmin(np.fmax(u, 0, out=u), columns - 1, out=u)
        np.fmin(np.fmax(v, 0, out=v), rows - 1, out=v)
        return u, v

    def _test(
        self, x: np.ndarray, y: np.ndarray, cell: np.ndarray, column: np.ndarray, row: np.ndarray
    ) -> np.ndarray:
        """Count the edges between each point and the reference point of its cell."""
        west, south, side = self.origin
        fine = side / FINE
        from_x, from_y = west + (column + AT_X) * fine, south + (row + AT_Y) * fine
        base = self.base[cell]
        unsure = base < 0
        total = self.values.take(base, mode="clip")
        start = self.first_edge[cell]
        number = self.first_edge[cell + 1] - start
        alive = np.flatnonzero(~unsure)
        for turn in range(int(number.max(initial=0))):
            alive = alive[number[alive] > turn]
            if not len(alive):
                break
            edge = self.edge_of[start[alive] + turn]
            crossing, close = _crossings(
                self.edges[edge], from_x[alive], from_y[alive], x[alive], y[alive], self.tolerance
            )
            unsure[alive[close]] = True
            hit = np.flatnonzero(crossing)
            step = self.steps[edge[hit]]
            total[alive[hit]] += np.where(crossing[hit] > 0, step, ~step + np.uint64(1))
        answer = self._read(total)
        unsure |= answer < OUTSIDE
        doubtful = np.flatnonzero(unsure)
        if len(doubtful):
            answer[doubtful] = self._ask(x[doubtful], y[doubtful])
        return answer

    def _read(self, total: np.ndarray) -> np.ndarray:
        """Turn sums of values into rows of areas; -2 where the sum is not known."""
        code = (total & CODE_BITS).astype(np.int64) - 1
        inside = self.values.take(code, mode="clip") == total
        answer = np.where(inside, self.meaning.take(code, mode="clip"), -2)
        answer[total == 0] = OUTSIDE
        return answer.astype(np.int32)

    def _ask(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Put each distinct point to GEOS."""
        distinct, inverse = np.unique(x + 1j * y, return_inverse=True)
        return ask_geos(self.shapes, self.place, distinct.real, distinct.imag)[inverse]


def ask_geos(shapes: np.ndarray, place: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Ask GEOS for the first shape, in the order given, that holds or touches each point.

    The points go into the tree and the shapes are asked for, since GEOS then prepares each
    shape once.
    """
    points = shapely.STRtree(shapely.points(x, y))
    shape, point = points.query(shapes, predicate="intersects")
    found = np.full(len(x), len(place), dtype=np.int64)
    np.minimum.at(found, point, shape)
    return np.append(place, OUTSIDE)[found].astype(np.int32)


def sorted_shapes(areas: Areas) -> tuple[np.ndarray, np.ndarray]:
    """Return the shapes in order of their codes, and the row of each; empty ones left out."""
    order = np.argsort(areas.index.astype(str).to_numpy(), kind="stable").astype(np.int32)
    shapes = areas.geometry.to_numpy()[order]
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return shapes[usable], order[usable]


def fingerprint(areas: Areas) -> str:
    """Return what tells whether two sets have the same codes and shapes.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> fingerprint(areas) == fingerprint(areas.rename({"A": "B"}))
    False
    """
    digest = hashlib.sha256(repr(areas.index.astype(str).tolist()).encode())
    for shape in shapely.to_wkb(areas.geometry.to_numpy()):
        digest.update(shape or b"missing")
    return digest.hexdigest()


def _crossings(
    edge: np.ndarray,
    from_x: np.ndarray,
    from_y: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    tolerance: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Tell how each edge is crossed on the way to a point: 1 left to right, -1 back, 0 not.

    Also tells which points are so close to their edge's line that rounding could decide. A
    vertex on the way counts as on its left, for all edges that meet there alike.
    """
    ax, ay, bx, by = edge.T
    dx, dy = bx - ax, by - ay
    to_point = dx * (y - ay) - dy * (x - ax)
    to_start = dx * (from_y - ay) - dy * (from_x - ax)
    way_x, way_y = x - from_x, y - from_y
    between = (way_x * (ay - from_y) - way_y * (ax - from_x) >= 0) != (
        way_x * (by - from_y) - way_y * (bx - from_x) >= 0
    )
    left = to_start > 0
    crossed = between & (left != (to_point > 0))
    close = np.abs(to_point) <= tolerance * (np.abs(dx) + np.abs(dy))
    return np.where(crossed, np.where(left, 1, -1), 0), close

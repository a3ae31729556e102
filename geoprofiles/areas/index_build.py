"""Build the index of areas: lay the grid, find the cells that borders cross, label the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely

from geoprofiles.areas.index import (
    AT_X,
    AT_Y,
    CODE_BITS,
    FINE,
    OUTSIDE,
    AreaIndex,
    ask_geos,
    sorted_shapes,
)
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, check_areas

CELLS_PER_EDGE = 16.0
"""Coarse cells for each edge of the borders: finer means fewer exact tests and more memory."""
FEWEST_CELLS, MOST_CELLS = 1 << 16, 1 << 22
MOST_AREAS = (1 << 24) - 2
MOST_EDGES_A_CELL = 256
"""Points of a cell with more edges are put to GEOS."""


def build_index(areas: Areas, *, cells: int | None = None) -> AreaIndex:
    """Build the index that answers which area a point lies in.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, in metres. They may have holes and several parts, overlap, and leave gaps.
    cells : int, optional
        About how many coarse cells to cut their box into. By default 16 for each edge of their
        borders, and between 65,536 and 4,194,304.

    Returns
    -------
    AreaIndex

    Raises
    ------
    CRSError
        If the areas are not in metres.
    InputError
        If there is no area with a shape, codes repeat, or a shape is no polygon.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> index = geoprofiles.build_index(areas)
    >>> index.locate([500.0, 1500.0], [500.0, 500.0]).tolist()
    [0, -1]
    """
    check_areas(areas)
    shapes, place = sorted_shapes(areas)
    if not len(shapes):
        raise InputError("no area has a shape", remedy="Read them with geoprofiles.read_areas.")
    if len(shapes) > MOST_AREAS:
        raise InputError(f"{len(shapes):,} areas are more than an index can hold")
    if not np.isin(shapely.get_type_id(shapes), (3, 6)).all():
        raise InputError("an area is neither a polygon nor a multipolygon")
    values = _values(len(shapes))
    edges, steps = _edges(shapes, values)
    grid = _Grid.over(edges, cells)
    slots, lines = grid.cross(edges)
    coarse, blocks = grid.blocks(slots)
    inside, after, unsure = _sums(grid, edges, steps, lines, coarse, blocks)
    cell = _fine_cell(coarse, slots.row, slots.column)
    unsure[cell[_beside_reference(grid, edges, slots)]] = True
    order = np.argsort(cell, kind="stable")
    held, first, number = np.unique(cell[order], return_index=True, return_counts=True)
    unsure[held[number > MOST_EDGES_A_CELL]] = True
    values, meaning, codes = _meanings(grid, inside, after, values, shapes, place, blocks)
    fine = meaning[codes[: len(inside)]]
    base = np.where(unsure[held], -1, codes[held])
    fine[held] = -2 - np.arange(len(held))
    _fill(coarse, blocks, meaning[codes[len(inside) :]])
    return AreaIndex(
        shapes=shapes,
        place=place,
        origin=np.array([grid.west, grid.south, grid.side]),
        tolerance=grid.tolerance,
        coarse=coarse,
        fine=fine.reshape(-1, FINE, FINE),
        first_edge=np.append(first, len(cell)).astype(np.int32),
        base=base.astype(np.int32),
        edge_of=slots.edge[order].astype(np.int32),
        edges=edges,
        steps=steps,
        values=values,
        meaning=meaning,
    )


class _Slots(NamedTuple):
    """Which edge crosses which fine cell."""

    row: np.ndarray
    column: np.ndarray
    edge: np.ndarray


class _Lines(NamedTuple):
    """Where edges cross the horizontal lines that the reference points of a row lie on."""

    row: np.ndarray
    x: np.ndarray
    edge: np.ndarray


@dataclass(frozen=True)
class _Grid:
    west: float
    south: float
    side: float
    """Of a coarse cell."""
    rows: int
    columns: int
    tolerance: float

    @classmethod
    def over(cls, edges: np.ndarray, cells: int | None) -> _Grid:
        """Lay a grid over the edges, with a rim of cells that no edge reaches."""
        west, south = edges[:, [0, 2]].min(), edges[:, [1, 3]].min()
        east, north = edges[:, [0, 2]].max(), edges[:, [1, 3]].max()
        wanted = cells or int(np.clip(CELLS_PER_EDGE * len(edges), FEWEST_CELLS, MOST_CELLS))
        width, height = east - west, north - south
        # A box much longer than wide is cut along its length.
        side = max(np.sqrt(width * height / wanted), max(width, height) / wanted)
        columns, rows = (int(np.ceil(length / side)) + 3 for length in (width, height))
        # Wide against the rounding of coordinates, narrow against anything surveyed.
        tolerance = max(np.abs([west, south, east, north]).max(), width, height) * 2.0**-40
        return cls(west - 1.5 * side, south - 1.5 * side, side, rows, columns, tolerance)

    @property
    def fine(self) -> float:
        """Side of a fine cell."""
        return self.side / FINE

    def cross(self, edges: np.ndarray) -> tuple[_Slots, _Lines]:
        """Find the fine cells that each edge touches, row by row, and the lines it crosses."""
        ax, ay, bx, by = edges.T
        margin = self.tolerance
        first = np.floor((ay - self.south - margin) / self.fine).astype(np.int64)
        last = np.floor((by - self.south + margin) / self.fine).astype(np.int64)
        edge, step = _expand(last - first + 1)
        row = first[edge] + step
        ax, ay, bx, by = (end[edge] for end in (ax, ay, bx, by))
        rise = np.where(by > ay, by - ay, 1.0)
        bottom = self.south + row * self.fine
        low = np.clip((bottom - margin - ay) / rise, 0.0, 1.0)
        high = np.clip((bottom + self.fine + margin - ay) / rise, 0.0, 1.0)
        high[by <= ay] = 1.0
        one, two = ax + low * (bx - ax), ax + high * (bx - ax)
        left, right = np.minimum(one, two) - margin, np.maximum(one, two) + margin
        start = np.floor((left - self.west) / self.fine).astype(np.int64)
        stop = np.floor((right - self.west) / self.fine).astype(np.int64)
        part, step = _expand(stop - start + 1)
        slots = _Slots(row[part], start[part] + step, edge[part])
        level = self.south + (row + AT_Y) * self.fine
        met = np.flatnonzero((ay <= level) & (level < by))
        share = (level[met] - ay[met]) / rise[met]
        x = ax[met] + share * (bx[met] - ax[met])
        return slots, _Lines(row[met], x, edge[met])

    def blocks(self, slots: _Slots) -> tuple[np.ndarray, np.ndarray]:
        """Give a number to each coarse cell that is crossed; return the cells and the blocks."""
        crossed = np.zeros(self.rows * self.columns, dtype=bool)
        crossed[slots.row // FINE * self.columns + slots.column // FINE] = True
        blocks = np.flatnonzero(crossed)
        coarse = np.full(self.rows * self.columns, OUTSIDE, dtype=np.int32)
        coarse[blocks] = -2 - np.arange(len(blocks), dtype=np.int32)
        return coarse.reshape(self.rows, self.columns), blocks

    def reference(self, row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the reference points of fine cells."""
        return (
            self.west + (column + AT_X) * self.fine,
            self.south + (row + AT_Y) * self.fine,
        )


def _expand(number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return 0, 0, 1, 2, 2, 2 … and 0, 1, 0, 0, 1, 2 … for the numbers 2, 1, 3 …."""
    owner = np.repeat(np.arange(len(number)), number)
    start = np.cumsum(number) - number
    return owner, np.arange(len(owner)) - start[owner]


def _values(number: int) -> np.ndarray:
    """Give each area a value: its number in the low bits, and bits that look random above."""
    code = np.arange(1, number + 1, dtype=np.uint64)
    mixed = code * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return (mixed & ~CODE_BITS) | code


def _edges(shapes: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each border once, lower end first, and how the sum changes from its left to right."""
    _, points, offsets = shapely.to_ragged_array(shapes, include_z=False)
    rings = np.asarray(offsets[0])
    if not np.isfinite(points).all():
        raise InputError("a shape has a coordinate that is not a finite number")
    if len(offsets) == 3:
        polygons, owners = np.asarray(offsets[1]), np.asarray(offsets[2])
        shape_of_polygon = np.repeat(np.arange(len(shapes)), np.diff(owners))
    else:
        polygons, shape_of_polygon = np.asarray(offsets[1]), np.arange(len(shapes))
    shape_of_ring = np.repeat(shape_of_polygon, np.diff(polygons))
    hole = np.ones(len(rings) - 1, dtype=bool)
    hole[polygons[:-1][np.diff(polygons) > 0]] = False
    ring = np.repeat(np.arange(len(rings) - 1), np.diff(rings))
    inner = np.flatnonzero(ring[1:] == ring[:-1])
    start, end, ring = points[inner], points[inner + 1], ring[inner]
    anchor = points[rings[:-1]][ring]
    twice = (start[:, 0] - anchor[:, 0]) * (end[:, 1] - anchor[:, 1])
    twice -= (end[:, 0] - anchor[:, 0]) * (start[:, 1] - anchor[:, 1])
    leftward = np.bincount(ring, twice, minlength=len(rings) - 1) >= 0
    # On the left of its edges lies the area, once every ring runs as it should.
    step = values[shape_of_ring[ring]]
    forward = (leftward != hole)[ring]
    upward = (start[:, 1] < end[:, 1]) | ((start[:, 1] == end[:, 1]) & (start[:, 0] < end[:, 0]))
    step = np.where(forward == upward, ~step + np.uint64(1), step)
    low = np.where(upward[:, None], start, end)
    high = np.where(upward[:, None], end, start)
    long = (low != high).any(axis=1)
    return _merged(np.column_stack([low, high])[long], step[long])


def _merged(edges: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make one of edges that have the same ends, as neighbours' borders do."""
    edges = np.ascontiguousarray(edges + 0.0)  # -0.0 and 0.0 are one coordinate
    bits = edges.view(np.uint64)
    key = np.zeros(len(edges), dtype=np.uint64)
    for at in range(4):
        key = (key ^ bits[:, at]) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(31)
    order = np.argsort(key, kind="stable")
    edges, steps = edges[order], steps[order]
    new = np.append(True, (edges[1:] != edges[:-1]).any(axis=1))
    first = np.flatnonzero(new)
    edges, steps = edges[first], np.add.reduceat(steps, first)
    # Neighbours in space become neighbours in memory.
    near = np.argsort(edges[:, 1] + edges[:, 3], kind="stable")
    return np.ascontiguousarray(edges[near]), steps[near]


def _fine_cell(coarse: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    block = (-2 - coarse[row // FINE, column // FINE]).astype(np.int64)
    return (block * FINE + row % FINE) * FINE + column % FINE


def _sums(
    grid: _Grid,
    edges: np.ndarray,
    steps: np.ndarray,
    lines: _Lines,
    coarse: np.ndarray,
    blocks: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum the steps from the west to each reference point.

    Returns the sum at each fine cell, that after each block on its first line, and which
    reference points a border passes too close by. Edges lie in blocks only, and the steps of
    a whole line add up to nothing, so one running sum over all blocks serves.
    """
    at = (lines.x - grid.west) / grid.fine
    own = np.floor(at).astype(np.int64)
    block = -2 - coarse[lines.row // FINE, own // FINE]
    ahead = at - AT_X
    local = np.ceil(ahead).astype(np.int64) - own // FINE * FINE
    sums = np.zeros((FINE, len(blocks), FINE + 1), dtype=np.uint64)
    np.add.at(sums, (lines.row % FINE, block, local), steps[lines.edge])
    sums = np.cumsum(sums.reshape(FINE, -1), axis=1, dtype=np.uint64).reshape(sums.shape)
    unsure = np.zeros(len(blocks) * FINE * FINE, dtype=bool)
    close = np.abs(ahead - np.round(ahead)) * grid.fine < 4 * grid.tolerance
    unsure[_fine_cell(coarse, lines.row[close], own[close])] = True
    inside = sums[:, :, :FINE].transpose(1, 0, 2).ravel()
    # What holds behind a block is of use only where no other block follows at once.
    after = np.where(np.diff(blocks, append=coarse.size) > 1, sums[0, :, FINE], np.uint64(0))
    return inside, after, unsure


def _beside_reference(grid: _Grid, edges: np.ndarray, slots: _Slots) -> np.ndarray:
    """Tell which edges pass so close by a reference point that its side could be mistaken."""
    x, y = grid.reference(slots.row, slots.column)
    ax, ay, bx, by = edges[slots.edge].T
    across = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    return np.abs(across) <= 4 * grid.tolerance * (np.abs(bx - ax) + np.abs(by - ay))


def _meanings(
    grid: _Grid,
    inside: np.ndarray,
    after: np.ndarray,
    values: np.ndarray,
    shapes: np.ndarray,
    place: np.ndarray,
    blocks: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all values met, the area that each stands for, and the place of each sum in them.

    A sum that is the value of no area is that of an overlap, or of a faulty shape: GEOS says
    once which area its first point belongs to.
    """
    number = len(values)
    sums = np.concatenate([inside, after])
    code = (sums & CODE_BITS).astype(np.int64) - 1
    plain = values.take(code, mode="clip") == sums
    codes = np.where(plain, code, number)  # the value after those of the areas is 0: outside
    odd = np.flatnonzero(~plain & (sums != 0))
    others, first, which = np.unique(sums[odd], return_index=True, return_inverse=True)
    codes[odd] = number + 1 + which
    at = odd[first]
    block, cell = np.divmod(at, FINE * FINE)
    behind = at >= len(inside)
    block = np.where(behind, at - len(inside), block)
    row = blocks[block] // grid.columns * FINE + np.where(behind, 0, cell // FINE)
    column = blocks[block] % grid.columns * FINE + np.where(behind, FINE, cell % FINE)
    x, y = grid.reference(row, column)
    resolved = ask_geos(shapes, place, x, y) if len(at) else at
    meaning = np.concatenate([place, [OUTSIDE], resolved]).astype(np.int32)
    zero = np.zeros(1, dtype=np.uint64)
    return np.concatenate([values, zero, others]), meaning, codes.astype(np.int32)


def _fill(coarse: np.ndarray, blocks: np.ndarray, after: np.ndarray) -> None:
    """Give the cells between blocks the area that begins behind the block before them."""
    gaps = np.diff(blocks, append=coarse.size) - 1
    labels = coarse.ravel()
    free = np.flatnonzero(labels[blocks[0] :] == OUTSIDE) + blocks[0]
    labels[free] = np.repeat(after, gaps)

"""Who lies within reach of whom, a block at a time.

The number of pairs within reach grows with the square of the data, so it is never held: pairs are
met in blocks, and places that a square cell already tells to be near are not paired at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

PAIRS_AT_ONCE = 500_000

_SIDE = 0.7
"""Of a cell, in units of the reach: less than 1/√2, so that any two places of a cell are near."""

_STEPS = sorted(
    ((x, y) for x in range(3) for y in range(-2, 3) if x > 0 or y > 0),
    key=lambda step: step[0] ** 2 + step[1] ** 2,
)
"""To the cells that may hold a near place, half of the ring as each pair is met once."""


class Squares(NamedTuple):
    """Places sorted into square cells, of which only those that hold a place are kept."""

    cell: np.ndarray  # of each place
    codes: np.ndarray  # of each cell, rising
    width: int  # from one column of cells to the next, in codes


def squares(points: np.ndarray, reach: float) -> Squares:
    """Sort places into square cells in which any two places are within reach."""
    at = np.floor((points - points.min(axis=0)) / (_SIDE * reach)).astype(np.int64)
    width = int(at[:, 1].max()) + 3  # two empty rows, so that no step leads into the next column
    codes, cell = np.unique(at[:, 0] * width + at[:, 1], return_inverse=True)
    return Squares(cell, codes, width)


def _steps(grid: Squares) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give pairs of neighbouring cells, the nearest first; the first is west or south."""
    for x, y in _STEPS:
        wanted = grid.codes + (x * grid.width + y)
        found = np.minimum(np.searchsorted(grid.codes, wanted), len(wanted) - 1)
        first = np.flatnonzero(grid.codes[found] == wanted)
        yield first, found[first]


def _with_neighbours(grid: Squares, own: np.ndarray) -> np.ndarray:
    """Add to what each cell holds what the cells around it hold."""
    total = own.copy()
    for one, other in _steps(grid):
        total[one] += own[other]
        total[other] += own[one]
    return total


def blocks(sizes: np.ndarray, most: int) -> Iterator[slice]:
    """Cut a row of items into blocks of at most so much size, but of at least one item."""
    total = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, before + most, side="right")))
        yield slice(start, stop)
        start = stop


def dense_places(points: np.ndarray, weights: np.ndarray, reach: float, least: float) -> np.ndarray:
    """Mark places within reach of which, themselves included, there is at least a weight."""
    from scipy.spatial import cKDTree

    grid = squares(points, reach)
    own = np.column_stack([np.bincount(grid.cell, weights), np.bincount(grid.cell)])
    weight, number = _with_neighbours(grid, own).T
    dense = own[grid.cell, 0] >= least
    # Own cell and all around bound the weight from below and above; count only in between.
    open_ = np.flatnonzero(~dense & (weight[grid.cell] >= least))
    open_ = open_[np.argsort(grid.cell[open_], kind="stable")]
    tree = cKDTree(points)
    for block in blocks(number[grid.cell[open_]], PAIRS_AT_ONCE):
        asked = open_[block]
        pairs = cKDTree(points[asked]).sparse_distance_matrix(tree, reach, output_type="ndarray")
        mass = np.bincount(pairs["i"], weights[pairs["j"]], minlength=len(asked))
        dense[asked] = mass >= least
    return dense


def chains(points: np.ndarray, reach: float) -> np.ndarray:
    """Tell apart sets of places chained by steps within reach, numbered as their first comes."""
    grid = squares(points, reach)
    order = np.argsort(grid.cell, kind="stable")
    points = points[order]
    number = np.bincount(grid.cell)
    first = np.cumsum(number) - number
    sets = np.arange(len(number))
    for one, other in _steps(grid):
        # Most neighbours are told by the last place of one cell and the first of the next.
        near = within(points[first[one] + number[one] - 1], points[first[other]], reach)
        sets = _union(sets, one[near], other[near])
        apart = sets[one] != sets[other]
        one, other = one[apart], other[apart]  # noqa: PLW2901
        near = _touching(points, first, number, one, other, reach)
        sets = _union(sets, one[near], other[near])
    found = sets[grid.cell]
    _, start, found = np.unique(found, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(start))[found]


def within(one: np.ndarray, other: np.ndarray, reach: float | np.ndarray) -> np.ndarray:
    """Compare squares, as the trees of scipy and scikit-learn do, so that ties fall alike."""
    offset = one - other
    return offset[:, 0] ** 2 + offset[:, 1] ** 2 <= reach * reach


def _union(sets: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Join the sets of pairs of cells; ``sets`` has the set of each cell."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    one, other = sets[one], sets[other]
    new = one != other
    if not new.any():
        return sets
    links = (np.ones(int(new.sum()), dtype=bool), (one[new], other[new]))
    graph = coo_matrix(links, shape=(len(sets), len(sets)))
    return connected_components(graph, directed=False)[1][sets]


def _touching(
    points: np.ndarray,
    first: np.ndarray,
    number: np.ndarray,
    one: np.ndarray,
    other: np.ndarray,
    reach: float,
) -> np.ndarray:
    """Mark pairs of cells that hold two places within reach; places are sorted by cell."""
    from scipy.spatial import cKDTree

    near = np.zeros(len(one), dtype=bool)
    sizes = number[one] * number[other]
    for block in blocks(sizes, PAIRS_AT_ONCE):
        a, b, size = one[block], other[block], sizes[block]
        if size[0] > PAIRS_AT_ONCE:  # then it is the only one
            left = points[first[a[0]] : first[a[0]] + number[a[0]]]
            right = points[first[b[0]] : first[b[0]] + number[b[0]]]
            nearest = cKDTree(right).query(left)[1]
            near[block] = within(left, right[nearest], reach).any()
            continue
        pair = np.repeat(np.arange(len(a)), size)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size)
        left = first[a][pair] + place // number[b][pair]
        right = first[b][pair] + place % number[b][pair]
        near[block][pair[within(points[left], points[right], reach)]] = True
    return near

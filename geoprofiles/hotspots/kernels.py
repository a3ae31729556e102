"""Sums of kernels: exact, and quick where the points asked for lie on a lattice.

All is in units of the bandwidth, and within blocks, so that memory does not grow with the number
of places.
"""

from __future__ import annotations

import numpy as np

from geoprofiles.hotspots.neighbours import PAIRS_AT_ONCE, blocks

GAUSSIAN_REACH = 7.0
"""Standard deviations after which a Gaussian kernel is taken as nothing (2.3e-11 of its peak).

Even a ring of incidents just beyond, around an empty middle, is then missed by no more than
4e-10 of the density on the ring.
"""

_SAME = 1e-10
"""Bandwidths within which two coordinates are one; a density moves by less than that."""

_FEWEST = 4
"""Targets that make a column or a row of a lattice; the rest is summed pair by pair."""

_LARGEST_LATTICE = 4_000_000

_PLACES_AT_ONCE = 2_000


def kernel_sums(
    targets: np.ndarray, points: np.ndarray, weights: np.ndarray, bandwidth: float, kernel: str
) -> np.ndarray:
    """Add up the kernels of weighted places at targets; in incidents per square metre.

    The quartic is the direct sum but for rounding. The Gaussian leaves out what is farther than
    7 standard deviations, at most 1e-9 of the peak.
    """
    sums = np.zeros(len(targets))
    if not len(points) or not len(targets):
        return sums
    middle = targets[0]
    points, targets = (points - middle) / bandwidth, (targets - middle) / bandwidth
    regular, column, row, xs, ys = _lattice(targets)
    if regular.any():
        add_up = _quartic_lattice if kernel == "quartic" else _gaussian_lattice
        sums[regular] = add_up(xs, ys, points, weights)[column, row]
    sums[~regular] = _pair_sums(targets[~regular], points, weights, kernel)
    scale = 3 / np.pi if kernel == "quartic" else 1 / (2 * np.pi)
    return sums * scale / bandwidth**2


def _lattice(
    targets: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Find the targets on common columns and rows: which, the numbers of both, the levels of both.

    The centres of whole cells are; those of cells clipped at the outline are mostly not.
    """
    regular = np.ones(len(targets), dtype=bool)
    for axis in (0, 1):
        number, levels = _levels(targets[:, axis])
        regular &= np.bincount(number)[number] >= _FEWEST
        regular &= np.abs(levels[number] - targets[:, axis]) <= _SAME
    column, xs = _levels(targets[regular, 0])
    row, ys = _levels(targets[regular, 1])
    if len(xs) * len(ys) > _LARGEST_LATTICE:  # too scattered to be one
        regular[:] = False
    return regular, column, row, xs, ys


def _levels(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give values that differ by rounding one number; return the numbers and rising levels."""
    order = np.argsort(values)
    rising = values[order]
    new = np.diff(rising, prepend=-np.inf) > _SAME
    number = np.empty(len(values), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    return number, rising[new]


def _gaussian_lattice(
    xs: np.ndarray, ys: np.ndarray, points: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Add up ``exp(-(x²+y²)/2)``, which is a product of x and y, as products of matrices."""
    sums = np.zeros((len(xs), len(ys)))
    tile = np.floor((points - points.min(axis=0)) / GAUSSIAN_REACH).astype(np.int64)
    order = np.argsort(tile[:, 0] * (tile[:, 1].max() + 1) + tile[:, 1], kind="stable")
    points, weights, tile = points[order], weights[order], tile[order]
    starts = np.flatnonzero((np.diff(tile, axis=0, prepend=-1) != 0).any(axis=1))
    for first, last in zip(starts, [*starts[1:], len(points)], strict=True):
        for start in range(first, last, _PLACES_AT_ONCE):
            held = slice(start, min(start + _PLACES_AT_ONCE, last))
            across, left = _slopes(xs, points[held, 0])
            along, right = _slopes(ys, points[held, 1])
            sums[across, along] += (left * weights[held]) @ right.T
    return sums


def _slopes(levels: np.ndarray, at: np.ndarray) -> tuple[slice, np.ndarray]:
    """Return the levels within reach of any place, and ``exp(-x²/2)`` from each to each place."""
    ends = [at.min() - GAUSSIAN_REACH, at.max() + GAUSSIAN_REACH]
    near = slice(*np.searchsorted(levels, ends))
    away = levels[near, None] - at
    return near, np.exp(away * away / -2)


def _quartic_lattice(
    xs: np.ndarray, ys: np.ndarray, points: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Add up ``(1-x²-y²)²`` within 1, as a small patch of the lattice for each place.

    Places whose patches are the same cells are added together first.
    """
    from scipy.sparse import csr_matrix

    first_x, wide = _patches(xs, points[:, 0])
    first_y, tall = _patches(ys, points[:, 1])
    corner = first_x * len(ys) + first_y
    patch = (np.arange(wide)[:, None] * len(ys) + np.arange(tall)).ravel()
    order = np.argsort(corner, kind="stable")
    points, weights, corner = points[order], weights[order], corner[order]
    sums = np.zeros(len(xs) * len(ys))
    # One room for all blocks: asking for memory afresh would cost more than the arithmetic.
    room = np.empty((max(1, PAIRS_AT_ONCE // (wide * tall)), wide, tall))
    for held in blocks(np.full(len(corner), wide * tall), PAIRS_AT_ONCE):
        corners, starts = np.unique(corner[held], return_index=True)
        column, row = np.divmod(corner[held, None], len(ys))
        across = xs[column + np.arange(wide)] - points[held, :1]
        along = ys[row + np.arange(tall)] - points[held, 1:]
        heights = room[: len(column)]
        np.subtract((1 - across**2)[:, :, None], (along**2)[:, None, :], out=heights)
        np.maximum(heights, 0, out=heights)
        heights *= heights
        heights = heights.reshape(len(column), -1)
        ends = np.append(starts, len(column))
        together = csr_matrix((weights[held], np.arange(len(column)), ends))
        cells = (corners[:, None] + patch).ravel()
        low = cells[0]
        part = np.bincount(cells - low, (together @ heights).ravel())
        sums[low : low + len(part)] += part
    return sums.reshape(len(xs), len(ys))


def _patches(levels: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, int]:
    """Find the first of the levels within 1 of each place, and the most there can be of them."""
    most = int((np.searchsorted(levels, levels + 2, side="right") - np.arange(len(levels))).max())
    return np.minimum(np.searchsorted(levels, at - 1), len(levels) - most), most


def _pair_sums(
    targets: np.ndarray, points: np.ndarray, weights: np.ndarray, kernel: str
) -> np.ndarray:
    """Add up kernels at targets that lie anyhow."""
    from scipy.spatial import cKDTree

    sums = np.zeros(len(targets))
    if not len(targets):
        return sums
    reach = 1.0 if kernel == "quartic" else GAUSSIAN_REACH
    # Few targets ask it, so that a tree that is quick to build serves best.
    tree = cKDTree(points, leafsize=64, compact_nodes=False, balanced_tree=False)
    near = tree.query_ball_point(targets, reach, return_length=True)
    for block in blocks(near, PAIRS_AT_ONCE):
        asked = cKDTree(targets[block])
        pairs = asked.sparse_distance_matrix(tree, reach, output_type="ndarray")
        squared = pairs["v"] ** 2
        heights = (1 - np.minimum(squared, 1)) ** 2 if kernel == "quartic" else np.exp(-squared / 2)
        sums[block] = np.bincount(
            pairs["i"], heights * weights[pairs["j"]], minlength=len(targets[block])
        )
    return sums

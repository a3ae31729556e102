"""How far a place must reach for enough incidents, by which it is dense."""

from __future__ import annotations

import numpy as np

from geoprofiles.hotspots.draws import Reach, check_pairs
from geoprofiles.hotspots.neighbours import dense_places

DIGITS = 3
"""Distances are told apart to the millimetre, so that ties are ties whatever the rounding."""


def core_distances(reach: Reach, weights: np.ndarray, min_samples: float) -> np.ndarray:
    """Return of each place the distance within which `min_samples` incidents lie; inf if none.

    Its own incidents count: with so many of them the distance is 0. It is the distance of the
    `min_samples`-th nearest incident, as if each were a point of its own.
    """
    row = np.repeat(np.arange(len(weights)), np.diff(reach.start))
    order = np.lexsort((reach.distance, row))
    held = np.cumsum(weights[reach.other[order]])
    before = np.concatenate([[0.0], held])[reach.start[:-1]]
    # Rounding of sums must not leave a place one incident short.
    enough = held - before[row] >= min_samples * (1 - 1e-9)
    found = np.full(len(weights), np.inf)
    at = np.flatnonzero(enough)
    place, first = np.unique(row[at], return_index=True)
    found[place] = reach.distance[order][at[first]]
    return found


def reach_and_cores(
    points: np.ndarray, weights: np.ndarray, eps: float, min_samples: float, finest: float
) -> tuple[Reach, np.ndarray]:
    """Return who is within `eps` of dense places, and core distances, none finer than `finest`.

    A place that is not dense has no row: it is reached, and reaches none.
    """
    from scipy.spatial import cKDTree

    dense = np.flatnonzero(dense_places(points, weights, eps, min_samples))
    about, every = cKDTree(points[dense]), cKDTree(points)
    check_pairs(int(about.count_neighbors(every, eps)), len(points), eps)
    pairs = about.sparse_distance_matrix(every, eps, output_type="ndarray")
    pairs = pairs[np.lexsort((pairs["j"], pairs["i"]))]
    number = np.bincount(dense[pairs["i"]], minlength=len(points))
    start = np.concatenate([[0], np.cumsum(number)])
    distance = np.maximum(np.round(pairs["v"], DIGITS), finest)
    reach = Reach(start, pairs["j"].astype(np.int32), distance)
    return reach, core_distances(reach, weights, min_samples)

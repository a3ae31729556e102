"""DBSCAN on many random draws at once: the places stay, only their incidents change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from geoprofiles.errors import InputError

MOST_PAIRS = 20_000_000
"""Pairs of places within reach that are held; some 0.3 GB."""

NUMBERS_AT_ONCE = 4_000_000
"""Of counts of places in a block of draws."""


class Reach(NamedTuple):
    """Who is within reach of whom, row by row, each its own neighbour."""

    start: np.ndarray  # of each place's row, and the end of the last
    other: np.ndarray
    distance: np.ndarray


class Found(NamedTuple):
    """Clusters of a block of draws: to which draw each belongs, what it holds, what it expects."""

    draw: np.ndarray
    incidents: np.ndarray
    expected: np.ndarray


def reach_of(points: np.ndarray, eps: float) -> Reach:
    """Find all pairs within reach; refuse more than can be held."""
    from scipy.spatial import cKDTree

    tree = cKDTree(points)
    number = int(tree.count_neighbors(tree, eps))
    if number > MOST_PAIRS:
        raise InputError(
            f"{len(points):,} points at risk make {number:,} pairs within {eps:g} m, more than"
            f" {MOST_PAIRS:,}",
            remedy="Lay points at risk farther apart, a quarter of eps, or choose a smaller eps.",
        )
    pairs = tree.sparse_distance_matrix(tree, eps, output_type="ndarray")
    order = np.lexsort((pairs["j"], pairs["i"]))
    start = np.concatenate([[0], np.cumsum(np.bincount(pairs["i"], minlength=len(points)))])
    return Reach(start, pairs["j"][order].astype(np.int32), pairs["v"][order])


def draws(
    weights: np.ndarray, total: int, simulations: int, rng: np.random.Generator, *, most: int
) -> Iterator[np.ndarray]:
    """Draw `total` incidents by weight, again and again; give blocks of draws by places.

    The blocks differ with `most`, the draws do not.
    """
    share = weights / weights.sum()
    edges = np.cumsum(share)
    edges[-1] = 1.0
    for first in range(0, simulations, most):
        block = np.zeros((min(most, simulations - first), len(weights)), dtype=np.float32)
        for draw in range(len(block)):
            if total < len(weights):
                at = np.searchsorted(edges, rng.random(total), side="right")
                block[draw] = np.bincount(at, minlength=len(weights))
            else:
                block[draw] = rng.multinomial(total, share)
        yield block


def draws_at_once(places: int, pairs: int) -> int:
    """Return how many draws make a block that fits in memory."""
    return max(1, min(NUMBERS_AT_ONCE // places, 4 * NUMBERS_AT_ONCE // max(pairs, 1)))


def weight_within(reach: Reach, counts: np.ndarray) -> np.ndarray:
    """Add up, for draws by places, the counts within reach of each place."""
    from scipy.sparse import csr_array

    size = len(reach.start) - 1
    ones = np.ones(len(reach.other), dtype=np.float32)
    near = csr_array((ones, reach.other, reach.start), shape=(size, size))
    return (near @ counts.T).T


def clusters_of_draws(
    reach: Reach, counts: np.ndarray, expected: np.ndarray, min_samples: float
) -> Found:
    """Find the clusters of each draw, as DBSCAN would one by one.

    Every place within reach of a core place belongs to the cluster of the nearest, and so does
    what is expected there.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = counts.shape[1]
    core = (counts > 0) & (weight_within(reach, counts) >= min_samples)
    draw, place = np.nonzero(core)
    if not len(draw):
        return Found(draw, np.zeros(0), np.zeros(0))
    # All pairs of a core place with a place within its reach.
    row = reach.start[place + 1] - reach.start[place]
    one = np.repeat(np.arange(len(draw)), row)
    at = np.arange(len(one)) - np.repeat(np.cumsum(row) - row, row)
    at += np.repeat(reach.start[place], row)
    other, distance = reach.other[at], reach.distance[at]
    node = draw[one] * size + other
    # Core places chained to one another are one cluster.
    number = np.full(core.size, -1)
    number[draw * size + place] = np.arange(len(draw))
    linked = number[node] > one
    links = (np.ones(int(linked.sum()), dtype=bool), (one[linked], number[node][linked]))
    graph = coo_array(links, shape=(len(draw), len(draw)))
    clusters, label = connected_components(graph, directed=False)
    # Each place goes to the nearest core place.
    order = np.lexsort((distance, node))
    node, first = np.unique(node[order], return_index=True)
    member = label[one[order][first]]
    cluster_draw = np.zeros(clusters, dtype=np.int64)
    cluster_draw[label] = draw
    return Found(
        cluster_draw,
        np.bincount(member, counts.ravel()[node], minlength=clusters),
        np.bincount(member, expected[node % size], minlength=clusters),
    )

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
    check_pairs(int(tree.count_neighbors(tree, eps)), len(points), eps, what="points at risk")
    pairs = tree.sparse_distance_matrix(tree, eps, output_type="ndarray")
    order = np.lexsort((pairs["j"], pairs["i"]))
    start = np.concatenate([[0], np.cumsum(np.bincount(pairs["i"], minlength=len(points)))])
    return Reach(start, pairs["j"][order].astype(np.int32), pairs["v"][order])


def check_pairs(number: int, points: int, eps: float, *, what: str = "places") -> None:
    """Refuse more pairs within reach than can be held."""
    if number > MOST_PAIRS:
        farther = "Lay points at risk farther apart, a quarter of eps, or choose a smaller eps."
        raise InputError(
            f"{points:,} {what} make {number:,} pairs within {eps:g} m, more than {MOST_PAIRS:,}",
            remedy=farther if what == "points at risk" else "Choose a smaller eps.",
        )


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


def draws_at_once(reach: Reach, expected: np.ndarray) -> int:
    """Return how many draws make a block that fits in memory."""
    occupied = -np.expm1(-expected)  # the chance that a draw has an incident there
    pairs = float((occupied * np.diff(reach.start)).sum())
    return max(1, int(NUMBERS_AT_ONCE / max(len(expected), pairs, 1)))


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
    draw, place = np.nonzero(counts)
    one, at = _pairs(reach, place)
    weight = np.bincount(one, counts[draw[one], reach.other[at]], minlength=len(draw))
    dense = weight >= min_samples
    if not dense.any():
        return Found(draw[:0], np.zeros(0), np.zeros(0))
    draw, place = draw[dense], place[dense]
    one, at = _pairs(reach, place)
    # A node is a place in a draw.
    node = draw[one] * size + reach.other[at]
    number = np.full(counts.size, -1)
    number[draw * size + place] = np.arange(len(draw))
    # Core places chained to one another are one cluster.
    linked = number[node] > one
    links = (np.ones(int(linked.sum()), dtype=bool), (one[linked], number[node[linked]]))
    graph = coo_array(links, shape=(len(draw), len(draw)))
    clusters, label = connected_components(graph, directed=False)
    # Each place goes to the nearest core place.
    order = np.lexsort((reach.distance[at], node))
    node, first = np.unique(node[order], return_index=True)
    member = label[one[order[first]]]
    cluster_draw = np.zeros(clusters, dtype=np.int64)
    cluster_draw[label] = draw
    return Found(
        cluster_draw,
        np.bincount(member, counts.ravel()[node], minlength=clusters),
        np.bincount(member, expected[node % size], minlength=clusters),
    )


def _pairs(reach: Reach, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs that places have: whose each is, and where it stands in the reach."""
    row = reach.start[place + 1] - reach.start[place]
    one = np.repeat(np.arange(len(place)), row)
    at = np.arange(len(one)) + np.repeat(reach.start[place] - np.cumsum(row) + row, row)
    return one, at

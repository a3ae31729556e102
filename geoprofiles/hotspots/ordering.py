"""OPTICS on weighted distinct places: in order of how easily they are reached, cut into valleys."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np

from geoprofiles.errors import InputError
from geoprofiles.hotspots.clusters import Labelled
from geoprofiles.hotspots.core_distance import reach_and_cores
from geoprofiles.hotspots.draws import Reach

MOST_INCIDENTS = 2_000_000
"""A plot has one step for each incident; some 0.1 GB."""


class Ordered(NamedTuple):
    """Places in the order of OPTICS, each with what it took to reach it and from where."""

    place: np.ndarray
    reached: np.ndarray  # inf where a new start was made
    before: np.ndarray  # place from which it was reached, -1 where none


def order_places(reach: Reach, cores: np.ndarray) -> Ordered:
    """Put places in order: next is always the one most easily reached from those before."""
    number = len(cores)
    reached, before = np.full(number, np.inf), np.full(number, -1)
    done = np.zeros(number, dtype=bool)
    order: list[int] = []
    for first in range(number):
        waiting = [] if done[first] else [(np.inf, first)]
        while waiting:
            _, place = heapq.heappop(waiting)
            if done[place]:
                continue
            done[place] = True
            order.append(place)
            if np.isinf(cores[place]):
                continue
            row = slice(reach.start[place], reach.start[place + 1])
            other = reach.other[row]
            length = np.maximum(reach.distance[row], cores[place])
            nearer = ~done[other] & (length < reached[other])
            other, length = other[nearer], length[nearer]
            reached[other], before[other] = length, place
            for entry in zip(length.tolist(), other.tolist(), strict=True):
                heapq.heappush(waiting, entry)
    at = np.array(order, dtype=np.int64)
    return Ordered(at, reached[at], before[at])


def label_by_valleys(
    points: np.ndarray,
    weights: np.ndarray,
    eps: float,
    min_samples: int,
    *,
    smallest: int,
    finest: float,
    xi: float,
) -> Labelled:
    """Label places by the innermost valleys of the plot of OPTICS, a step for each incident."""
    from sklearn.cluster import cluster_optics_xi

    label, dense = np.full(len(points), -1), np.zeros(len(points), dtype=bool)
    counts = np.round(weights).astype(np.int64)
    if (counts != weights).any():
        raise InputError(
            "the counts of places are no whole numbers, and OPTICS takes whole incidents"
        )
    total = int(counts.sum())
    if total > MOST_INCIDENTS:
        raise InputError(f"{total:,} incidents are more than {MOST_INCIDENTS:,}, too many")
    if total < max(2, smallest, min_samples):
        return Labelled(label, dense, np.zeros(0))
    held = np.flatnonzero(counts)
    sorted_ = held[np.lexsort((points[held, 1], points[held, 0]))]
    reach, cores = reach_and_cores(points[sorted_], weights[sorted_], eps, min_samples, finest)
    dense[sorted_] = np.isfinite(cores)
    plot = _plot(order_places(reach, cores), cores, counts[sorted_])
    steps = np.arange(total)
    found, _ = cluster_optics_xi(
        reachability=plot.reached, predecessor=plot.before, ordering=steps,
        min_samples=min_samples, min_cluster_size=smallest, xi=xi,
    )  # fmt: skip
    return _of_places(found, plot, label, dense, sorted_, eps)


def _plot(order: Ordered, cores: np.ndarray, counts: np.ndarray) -> Ordered:
    """Give each incident a step: those of a place follow one another.

    The first of a place is reached as the place is; the others lie where it lies, so that they
    are reached within the distance in which the place is dense, where that is less.
    """
    number = counts[order.place]
    first = np.cumsum(number) - number
    step = np.zeros(len(cores), dtype=np.int64)
    step[order.place] = first
    place = np.repeat(order.place, number)
    reached = np.repeat(np.minimum(order.reached, cores[order.place]), number)
    before = step[place]
    reached[first] = order.reached
    before[first] = np.where(order.before >= 0, step[order.before], -1)
    alone = np.isinf(reached)
    before[alone] = -1
    return Ordered(place, reached, before)


def _of_places(
    found: np.ndarray, plot: Ordered, label: np.ndarray, dense: np.ndarray, sorted_: np.ndarray,
    eps: float,
) -> Labelled:  # fmt: skip
    """Turn labels of steps into labels of places: that of most of its incidents."""
    clusters = int(found.max(initial=-1)) + 1
    pairs, number = np.unique(plot.place * (clusters + 1) + found + 1, return_counts=True)
    place, own = pairs // (clusters + 1), pairs % (clusters + 1) - 1
    order = np.lexsort((own, -number, place))
    place, first = np.unique(place[order], return_index=True)
    label[sorted_[place]] = own[order][first]
    radius = np.zeros(clusters)
    # A cluster hangs together at the farthest reach within; its first step leads into it.
    inner = (found[1:] >= 0) & (found[1:] == found[:-1])
    reached = np.minimum(plot.reached[1:][inner], eps)
    np.maximum.at(radius, found[1:][inner], reached)
    # No place may be left of a cluster of which each place has more incidents elsewhere.
    kept, numbered = np.unique(label[label >= 0], return_inverse=True)
    label[label >= 0] = numbered
    return Labelled(label, dense & (label >= 0), radius[kept])

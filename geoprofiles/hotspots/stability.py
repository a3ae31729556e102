"""HDBSCAN on weighted distinct places: the clusters of all densities that last the longest."""

from __future__ import annotations

import numpy as np

from geoprofiles.hotspots.clusters import Labelled
from geoprofiles.hotspots.core_distance import reach_and_cores
from geoprofiles.hotspots.draws import Reach


class _Tree:
    """Sets of places as the distance grows: leaves are places, each node what then is linked.

    Links of one length are made at once, so that a node may join more than two.
    """

    def __init__(self, weights: np.ndarray, cores: np.ndarray) -> None:
        self.weight = weights.tolist()
        self.level = cores.tolist()
        self.below: list[list[int]] = [[] for _ in self.weight]
        self._set = list(range(len(self.weight)))
        self._top = list(range(len(self.weight)))

    def link(self, one: int, other: int, level: float) -> None:
        """Link two places, of which the set is not the same, at a level not under the last."""
        one, other = self._find(one), self._find(other)
        tops = [self._top[one], self._top[other]]
        weight = self.weight[tops[0]] + self.weight[tops[1]]
        lists = [self._parts(top, level) for top in tops]
        longer, shorter = sorted(lists, key=len, reverse=True)
        longer += shorter
        self._set[other] = one
        self._top[one] = len(self.weight)
        self.weight.append(weight)
        self.level.append(level)
        self.below.append(longer)

    def tops(self) -> list[int]:
        """Return the nodes that nothing is above."""
        return [self._top[at] for at, parent in enumerate(self._set) if at == parent]

    def leaves(self, node: int) -> list[int]:
        """Return the places under a node."""
        found, open_ = [], [node]
        while open_:
            at = open_.pop()
            if self.below[at]:
                open_ += self.below[at]
            else:
                found.append(at)
        return found

    def _parts(self, top: int, level: float) -> list[int]:
        """Return what a node brings to another at a level: itself, or its parts if made there."""
        return self.below[top] if self.below[top] and self.level[top] == level else [top]

    def _find(self, at: int) -> int:
        while self._set[at] != at:
            self._set[at] = self._set[self._set[at]]
            at = self._set[at]
        return at


def label_by_stability(
    points: np.ndarray,
    weights: np.ndarray,
    eps: float,
    min_samples: float,
    *,
    smallest: float,
    finest: float,
) -> Labelled:
    """Label places by the most stable clusters between two scales, `finest` and `eps`."""
    label, dense = np.full(len(points), -1), np.zeros(len(points), dtype=bool)
    if not len(points):
        return Labelled(label, dense, np.zeros(0))
    order = np.lexsort((weights, points[:, 1], points[:, 0]))
    reach, cores = reach_and_cores(points[order], weights[order], eps, min_samples, finest)
    held = np.flatnonzero(np.isfinite(cores))
    dense[order[held]] = True
    tree = _Tree(weights[order[held]], cores[held])
    number = np.cumsum(np.isfinite(cores)) - 1
    for one, other, level in _shortest_links(reach, cores):
        tree.link(number[one], number[other], level)
    chosen = [(node, tree.leaves(node)) for node in _most_stable(tree, eps, smallest)]
    chosen.sort(key=lambda one: min(one[1]))
    radius = np.zeros(len(chosen))
    for cluster, (node, leaves) in enumerate(chosen):
        label[order[held[leaves]]] = cluster
        radius[cluster] = tree.level[node]
    return Labelled(label, dense, radius)


def _shortest_links(reach: Reach, cores: np.ndarray) -> list[tuple[int, int, float]]:
    """Return the least links that hold together what can be: a forest, the shortest link first.

    The length of a link is the mutual reachability: the distance, but at least that within which
    both are dense.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    row = np.repeat(np.arange(len(cores)), np.diff(reach.start))
    both = (row < reach.other) & np.isfinite(cores[row]) & np.isfinite(cores[reach.other])
    one, other = row[both], reach.other[both]
    length = np.maximum(reach.distance[both], np.maximum(cores[one], cores[other]))
    graph = csr_array((length, (one, other)), shape=(len(cores), len(cores)))
    forest = minimum_spanning_tree(graph).tocoo()
    order = np.lexsort((forest.col, forest.row, forest.data))
    links = (forest.row[order].tolist(), forest.col[order].tolist(), forest.data[order].tolist())
    return list(zip(*links, strict=True))


def _most_stable(tree: _Tree, eps: float, smallest: float) -> list[int]:
    """Choose the nodes whose incidents stay together over the widest range of density.

    A node is split where two of its parts or more have `smallest` incidents; else it goes on with
    the one that has, and the rest falls off. Density is 1 / distance. A node is chosen unless the
    parts that it splits into last longer, weighed by incidents and summed.
    """
    lasting, best = [0.0] * len(tree.weight), [0.0] * len(tree.weight)
    below: list[list[int]] = [[] for _ in tree.weight]

    def choose(parts: list[int], above: float) -> tuple[float, list[int]]:
        """Of parts that are there from a distance down, choose each or what is best below it."""
        total, chosen = 0.0, []
        for part in parts:
            own = lasting[part] - tree.weight[part] / above
            total += max(own, best[part])
            chosen += [part] if own >= best[part] else below[part]
        return total, chosen

    for node, (weight, level) in enumerate(zip(tree.weight, tree.level, strict=True)):
        # A place is there from its core distance on; before, its incidents are apart.
        large = [
            part
            for part in tree.below[node]
            if tree.weight[part] >= smallest and tree.level[part] < level
        ]
        lasting[node] = weight / level
        if len(large) == 1:
            (part,) = large
            lasting[node] = lasting[part] + (weight - tree.weight[part]) / level
            best[node], below[node] = best[part], below[part]
        elif large:
            best[node], below[node] = choose(large, level)
    return choose([node for node in tree.tops() if tree.weight[node] >= smallest], eps)[1]

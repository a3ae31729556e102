"""Circles around centres, and how strongly the strongest of them stands out, draw by draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from geoprofiles.checks import check_positive
from geoprofiles.errors import InputError

Ratio: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""The log likelihood ratio of zones by count and size: rises with the count, falls with size."""

MOST_ROWS = 15_000_000
"""Locations met in all circles; where all centres would meet more, centres are thinned."""

NUMBERS_AT_ONCE = 20_000_000
"""Of counts at locations in a block of draws."""

NEIGHBOURS_AT_ONCE = 10_000
"""Locations met in a block of centres, whose counts by draw then fit a processor's own memory."""

STEP = 0.05
"""Of circles that differ in size by less only the largest is looked at."""

SAME_DISTANCE = 1e-3
"""Metres: locations so nearly as far as one another lie in the same circles."""

GRID = 2_000
"""Sizes for which the least count that matters is known."""


class Circles(NamedTuple):
    """The circles around some centres, centre by centre, each circle within the next."""

    centre: np.ndarray  # of each circle
    metres: np.ndarray  # its radius
    size: np.ndarray
    members: np.ndarray  # locations, centre by centre, the nearest first
    edges: np.ndarray  # where among them the ring of each circle starts, and the last ends

    def first(self) -> np.ndarray:
        """Mark the innermost circle of each centre."""
        return np.diff(self.centre, prepend=-1) != 0

    def starts(self) -> np.ndarray:
        """Return of each circle where the members of its centre start."""
        first = self.first()
        return self.edges[:-1][first][np.cumsum(first) - 1]


class Screen(NamedTuple):
    """From how many incidents a zone of some size reaches a level, and so is worth a look."""

    level: float
    grid: np.ndarray  # sizes, rising
    least: np.ndarray  # count, by size
    total: float  # the largest count there is

    def of(self, size: np.ndarray) -> np.ndarray:
        """Return the least count by size, never too large: sizes are rounded down."""
        return self.least[np.searchsorted(self.grid, size, side="right") - 1]


def fold_locations(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct locations, sorted, and where each point stands among them."""
    distinct, at = np.unique(points, axis=0, return_inverse=True)
    return distinct, at.ravel()


def check_caps(max_share: float, max_radius: float) -> None:
    """Refuse caps of circles that make no sense."""
    check_positive(max_radius, "max_radius")
    if isinstance(max_share, bool) or not 0 < max_share <= 0.5:
        raise InputError(
            f"'max_share' must lie above 0 and be at most 0.5; it is {max_share!r}",
            remedy="A zone that holds more than half is told better by where there is too little.",
        )


def members_most(
    points: np.ndarray, size: np.ndarray, max_size: float, max_radius: float
) -> np.ndarray:
    """Return how many locations the circles around each location meet, at most."""
    from scipy.spatial import cKDTree

    near = cKDTree(points).query_ball_point(points, _bound(max_radius), return_length=True)
    return np.minimum(near, _most_members(size, max_size))


def thinned(points: np.ndarray, most: int) -> np.ndarray:
    """Choose at most so many locations, spread evenly: of each square that nearest to its middle.

    Examples
    --------
    >>> points = np.column_stack([np.arange(100.0), np.zeros(100)])
    >>> thinned(points, 200).size, thinned(points, 5).size <= 5
    (100, True)
    """
    if len(points) <= most:
        return np.arange(len(points))
    offset = points - points.min(axis=0)
    side = max(float(np.prod(np.ptp(points, axis=0)) / most) ** 0.5, np.ptp(points) / most**2)
    while True:
        square = np.floor(offset / side)
        away = ((offset - (square + 0.5) * side) ** 2).sum(axis=1)
        order = np.lexsort((away, square[:, 1], square[:, 0]))
        first = np.unique(square[order], axis=0, return_index=True)[1]
        if len(first) <= most:
            return np.sort(order[first])
        side *= 1.1


def circles_around(
    points: np.ndarray,
    size: np.ndarray,
    centres: np.ndarray,
    *,
    max_size: float,
    max_radius: float,
    step: float = STEP,
) -> Iterator[Circles]:
    """Give the circles around each centre that end at a location and are within both caps.

    Of circles that differ in size by less than a `step` only the largest is given.

    Centres of a block lie together, so that they meet the same locations. Blocks come in an order
    without a pattern, so that the first already tell of the whole city.
    """
    from scipy.spatial import cKDTree

    tree = cKDTree(points)
    near = tree.query_ball_point(centres, _bound(max_radius), return_length=True)
    # One more than can be held, so that of locations equally far none is left out unseen.
    most = int(min(near.max(initial=0), _most_members(size, max_size) + 1))
    if not most:
        return
    weighed = np.append(size, 0.0)  # the last for where there is no neighbour
    for part in _blocks(centres, max(1, NEIGHBOURS_AT_ONCE // most)):
        metres, members = tree.query(
            centres[part],
            k=np.arange(1, most + 1),
            distance_upper_bound=_bound(max_radius),
            workers=-1,
        )
        found = np.isfinite(metres)
        total = np.cumsum(weighed[members], axis=1)
        # Infinite less infinite is no number, and so no end.
        with np.errstate(invalid="ignore"):
            ends = np.diff(metres, append=np.inf) > SAME_DISTANCE
        row, column = np.nonzero(ends & found & (total <= max_size * (1 + 1e-9)))
        if not len(row):
            continue
        with np.errstate(divide="ignore"):
            stair = np.floor(np.log(total[row, column]) / np.log1p(step) + 1e-9)
        # All circles without any size are on one stair, infinitely far below.
        last = (np.diff(row, append=-1) != 0) | (stair != np.append(stair[1:], np.inf))
        row, column = row[last], column[last]
        outer = np.full(len(part), -1)
        outer[row] = column
        held = np.arange(most) <= outer[:, None]
        offset = np.cumsum(outer + 1) - (outer + 1)
        yield Circles(
            part[row],
            metres[row, column],
            total[row, column],
            members[held].astype(np.int32),
            np.append(0, offset[row] + column + 1),
        )


def strongest(
    circles: Iterable[Circles], counts: np.ndarray, ratio: Ratio, screen: Screen
) -> np.ndarray:
    """Return of each draw the ratio of its strongest circle; `counts` is locations by draws."""
    from scipy.sparse import csr_array

    best = np.zeros(counts.shape[1])
    for some in circles:
        ones = np.ones(len(some.members), dtype=counts.dtype)
        shape = (len(some.size), len(counts))
        sums = csr_array((ones, some.members, some.edges), shape=shape) @ counts
        for inner, outer in pairwise(np.flatnonzero(np.append(some.first(), True))):
            for ring in range(inner + 1, outer):
                np.add(sums[ring], sums[ring - 1], out=sums[ring])
        screen = take_better(best, sums, some.size, ratio, screen)
    return best


def take_better(
    best: np.ndarray, counts: np.ndarray, size: np.ndarray, ratio: Ratio, screen: Screen
) -> Screen:
    """Raise the best of each draw by zones (zones by draws); return the screen to go on with.

    The ratio is worked out only where a count is high enough to raise the weakest of the draws.
    """
    worth = counts >= screen.of(size)[..., None].astype(counts.dtype)
    if not worth.any():
        return screen
    zone, draw = np.divmod(np.flatnonzero(worth), len(best))
    np.maximum.at(best, draw, ratio(counts[worth], size.ravel()[zone]))
    level = float(best.min())
    return raised(screen, ratio, level) if level > 1.02 * screen.level else screen


def first_screen(ratio: Ratio, total: float, largest: float) -> Screen:
    """Make the screen for zones up to the largest size, that lets pass what is above 0."""
    grid = np.concatenate([[0.0], np.geomspace(1e-6 * largest, largest, GRID)])
    return raised(Screen(0.0, grid, grid, total), ratio, 0.0)


def raised(screen: Screen, ratio: Ratio, level: float) -> Screen:
    """Find from how many incidents zones are above a level, by halving."""
    low, high = np.zeros(len(screen.grid)), np.full(len(screen.grid), screen.total + 1)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        # Rounding must not make a zone look weaker than it is.
        enough = ratio(middle, screen.grid) * (1 + 1e-9) > level
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return screen._replace(level=level, least=high.astype(np.float32))


def p_values(llr: np.ndarray, by_chance: np.ndarray) -> np.ndarray:
    """Return (1 + draws with a zone at least as strong) / (1 + draws).

    Ties count against the cluster, and rounding does not break them.
    """
    below = np.searchsorted(np.sort(by_chance), llr * (1 - 1e-9))
    return (1 + len(by_chance) - below) / (1 + len(by_chance))


def apart(
    llr: np.ndarray, at: np.ndarray, metres: np.ndarray, enough: Callable[[float], bool]
) -> list[int]:
    """Choose zones, the strongest first, whose circles do not overlap; always at least one.

    Of zones as strong the smallest comes first, then the westernmost.
    """
    chosen: list[int] = []
    order = np.lexsort((at[:, 1], at[:, 0], metres.round(3), -llr.round(9)))
    while len(order) and (not chosen or enough(float(llr[order[0]]))):
        best = order[0]
        chosen.append(int(best))
        far = np.hypot(*(at[order] - at[best]).T)
        order = order[far > metres[order] + metres[best] + SAME_DISTANCE]
    return chosen


def within(points: np.ndarray, centre: np.ndarray, metres: float) -> np.ndarray:
    """Mark the locations in a circle that ends at one of them."""
    return np.hypot(*(points - centre).T) <= metres + SAME_DISTANCE / 2


def _blocks(centres: np.ndarray, number: int) -> list[np.ndarray]:
    """Put some centres that lie together into each block."""
    offset = centres - centres.min(axis=0)
    side = float(np.ptp(centres) or 1.0) / max(1.0, (len(centres) / number) ** 0.5)
    square = np.floor(offset / side)
    order = np.lexsort((offset[:, 1], square[:, 1], square[:, 0]))
    blocks = np.array_split(order, -(-len(centres) // number))
    return [blocks[one] for one in np.random.default_rng(0).permutation(len(blocks))]


def _bound(max_radius: float) -> float:
    return max_radius + SAME_DISTANCE


def _most_members(size: np.ndarray, max_size: float) -> int:
    return int(np.searchsorted(np.cumsum(np.sort(size)), max_size * (1 + 1e-9), side="right"))

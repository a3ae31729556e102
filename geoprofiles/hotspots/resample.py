"""What neighbours would hold by chance, the unit's own value given: by moments and by draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NUMBERS_AT_ONCE = 4_000_000
"""Sums of draws that are held at once."""


class Moments(NamedTuple):
    """Mean and variance of a weighted sum over neighbours, were all others' values shuffled."""

    mean: np.ndarray
    variance: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, others: csr_matrix) -> Moments:
        """Work them out for every unit; `others` has no unit as its own neighbour."""
        number = len(values)
        ones = np.ones(number)
        weight, square = others @ ones, others.power(2) @ ones
        middle = (values.sum() - values) / (number - 1)
        own = values - values.mean()
        spread = number * (values.var() - own**2 / (number - 1)) / (number - 1)
        few = (number - 1) * square - weight**2
        # Neighbours that are all the others leave nothing to chance, but for rounding.
        few = np.where(few > 1e-12 * number * square, few, np.nan)
        return cls(weight * middle, spread * few / (number - 2))

    def z(self, lag: np.ndarray) -> np.ndarray:
        """Score a sum against them; NaN where nothing can vary."""
        with np.errstate(divide="ignore", invalid="ignore"):
            score = (lag - self.mean) / np.sqrt(self.variance)
        return np.where(self.variance > 0, score, np.nan)


def conditional_p(
    values: np.ndarray,
    others: csr_matrix,
    simulations: int,
    seed: int,
    progress: Callable[[int, int], object] | None = None,
) -> np.ndarray:
    """Return the two-sided p of each unit's sum over its neighbours, by conditional permutation.

    A draw is the beginning of one random order of all units. A unit's neighbours get the values
    of the first that come, itself passed over: which is a random choice among all others. So one
    draw serves all units with as many neighbours, and where weights are equal it is one sum.
    NaN for a unit that has no neighbours, or whose neighbours are all the others.
    """
    rng = np.random.default_rng(seed)
    total, number = len(values), np.diff(others.indptr)
    first = min(int(number.max(initial=0)) + 1, total)
    groups = [_Group(values, others, np.flatnonzero(number == k)) for k in np.unique(number) if k]
    above, below = np.zeros((2, total), dtype=np.int64)
    step = max(1, NUMBERS_AT_ONCE // first)
    for start in range(0, simulations, step):
        draws = min(step, simulations - start)
        orders = _orders(rng, total, draws, first)
        for place, group in enumerate(groups, start=1):
            group.count(orders, above, below)
            if progress is not None:
                progress(start + draws * place // len(groups), simulations)
    p = np.minimum(2 * (1 + np.minimum(above, below)) / (1 + simulations), 1.0)
    return np.where((number > 0) & (number < total - 1), p, np.nan)


def _orders(rng: np.random.Generator, total: int, draws: int, first: int) -> np.ndarray:
    """Draw the first of so many random orders of all units, one a row."""
    if first * first > total:
        held = max(1, NUMBERS_AT_ONCE // total)
        parts = [
            np.argsort(rng.random((min(held, draws - start), total)), axis=1)[:, :first]
            for start in range(0, draws, held)
        ]
        return np.concatenate(parts)
    # Most rows drawn with replacement hold no unit twice; the others are drawn again.
    orders = rng.integers(0, total, (draws, first))
    again = np.arange(draws)
    while len(again):
        rising = np.sort(orders[again], axis=1)
        again = again[(rising[:, 1:] == rising[:, :-1]).any(axis=1)]
        orders[again] = rng.integers(0, total, (len(again), first))
    return orders


class _Group:
    """Units with the same number of neighbours."""

    def __init__(self, values: np.ndarray, others: csr_matrix, units: np.ndarray) -> None:
        # From the middle, so that sums of large values do not lose what tells them apart.
        self.values, self.units = values - values.mean(), units
        self.many = int(others.indptr[units[0] + 1] - others.indptr[units[0]])
        places = others.indptr[units][:, None] + np.arange(self.many)
        self.weight = others.data[places]
        self.equal = bool((self.weight == self.weight[:, :1]).all())
        if self.equal:
            self.weight = np.ones_like(self.weight)
        self.lag = (self.weight * self.values[others.indices[places]]).sum(axis=1)
        # Sums that differ by rounding only are one.
        self.slack = 1e-9 * self.weight.sum(axis=1) * np.abs(self.values).max()
        self.place = np.full(len(values), -1)
        self.place[units] = np.arange(len(units))

    def count(self, orders: np.ndarray, above: np.ndarray, below: np.ndarray) -> None:
        """Count draws that hold at least, and at most, what each unit's neighbours hold."""
        drawn = self.values[orders[:, : self.many]]
        high, low = self.lag - self.slack, self.lag + self.slack
        if self.equal:
            sums = np.sort(drawn.sum(axis=1))
            above[self.units] += len(sums) - np.searchsorted(sums, high, side="left")
            below[self.units] += np.searchsorted(sums, low, side="right")
        else:
            held = max(1, NUMBERS_AT_ONCE // len(drawn))
            for start in range(0, len(self.units), held):
                part = slice(start, start + held)
                some = drawn @ self.weight[part].T
                above[self.units[part]] += (some >= high[part]).sum(axis=0)
                below[self.units[part]] += (some <= low[part]).sum(axis=0)
        self._pass_over(orders, drawn, above, below)

    def _pass_over(
        self, orders: np.ndarray, drawn: np.ndarray, above: np.ndarray, below: np.ndarray
    ) -> None:
        """Where a unit was given its own value, give it those of the others that came next."""
        if orders.shape[1] == self.many:  # then its neighbours are all the others
            return
        for slot in range(self.many):
            place = self.place[orders[:, slot]]
            draw = np.flatnonzero(place >= 0)
            place = place[draw]
            weight = self.weight[place]
            one = drawn[draw]
            rest = np.delete(self.values[orders[draw, : self.many + 1]], slot, axis=1)
            # The first sum is made as it was counted, the second as the unit would be given it.
            before, after = (one * weight).sum(axis=1), (rest * weight).sum(axis=1)
            high, low = (self.lag - self.slack)[place], (self.lag + self.slack)[place]
            moved = np.stack(
                [(after >= high) * 1 - (before >= high), (after <= low) * 1 - (before <= low)]
            )
            np.add.at(above, self.units[place], moved[0])
            np.add.at(below, self.units[place], moved[1])

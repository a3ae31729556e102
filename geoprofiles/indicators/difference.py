"""How two figures of one measure differ: counts, rates, percentages, and figures with limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from geoprofiles.areas.change import FEW, month_spread, ratio_test
from geoprofiles.areas.rates import proportion
from geoprofiles.errors import InputError

LEAST_EXPECTED = 5
"""Expected number in a cell below which Fisher's exact test takes the place of Pearson's."""

DAYS = (31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Of each month of the year."""


@dataclass(frozen=True)
class Difference:
    """What a later figure is beside an earlier one."""

    change: float
    """Percent for counts and rates, percentage points or the figure's own unit for others."""
    lower: float
    upper: float
    unit: str
    p: float
    sign: int
    """1 where the later figure is higher, -1 where it is lower, 0 where it is the same."""
    few: bool = False
    """Too few events to say."""


def count_difference(
    before: float,
    after: float,
    *,
    exposure: float = 1.0,
    months: tuple[Sequence[float], Sequence[float]] | None = None,
    first_months: tuple[int, int] = (1, 1),
) -> Difference:
    """Compare two counts by their ratio: exact limits, E-test, and the spread of months.

    Parameters
    ----------
    before, after : float
        The counts.
    exposure : float
        What the later is out of over what the earlier is: days, or people times days.
    months : pair of sequences, optional
        The counts of the months that each is the sum of. Where months vary more than chance
        allows, limits and test are widened by that: about their season where both periods hold
        the same months of the year, about their mean otherwise.
    first_months : pair of int
        Which month of the year each begins with.

    Returns
    -------
    Difference
        ``change`` and its limits in percent; NaN below 20 events in both together.

    References
    ----------
    As for :func:`geoprofiles.change_between`: of one area, it is the same test.

    Examples
    --------
    >>> found = count_difference(722, 664)
    >>> round(found.change, 2), round(found.p, 2)
    (-8.03, 0.12)
    """
    spread, free = 1.0, 0
    if months is not None:
        one, two = (np.array([part], dtype=float) for part in months)
        days = (_days(first_months[0], one.shape[1]), _days(first_months[1], two.shape[1]))
        same = one.shape == two.shape and (first_months[0] - first_months[1]) % 12 == 0
        spread, free = month_spread(one, two, days=days, season=same)
    row = pd.DataFrame({"before": [float(before)], "after": [float(after)]})
    row = row.assign(dispersion=spread, free=free)
    ratio_test(row, exposure)
    ratio, lower, upper, p = (float(row[one].iloc[0]) for one in ("ratio", "lower", "upper", "p"))
    few = before + after < FEW
    sign = int(np.sign(after / exposure - before))
    if few:
        return Difference(np.nan, np.nan, np.nan, "%", p, sign, few)
    change, low, high = (float(100 * (one - 1)) for one in (ratio, lower, upper))
    return Difference(change, low, high, "%", p, sign)


def _days(first: int, months: int) -> np.ndarray:
    """Return the days of so many months from one of the year on."""
    return np.array(DAYS)[(first - 1 + np.arange(months)) % 12]


def proportion_difference(
    before: tuple[float, float],
    after: tuple[float, float],
    *,
    design_effects: tuple[float, float] = (1.0, 1.0),
) -> Difference:
    """Compare two proportions by their difference, with limits and a two-sample test.

    Limits are Newcombe's hybrid of Wilson's limits; the test is Pearson's without correction,
    Fisher's exact one where a cell would hold fewer than 5. A survey counts for as many as its
    design makes it worth: the number asked over the design effect.

    Parameters
    ----------
    before, after : pair of float
        Numerator and denominator of each.
    design_effects : pair of float
        Of each survey; 1 for a count of all.

    Returns
    -------
    Difference
        ``change`` and its limits in percentage points. Too few to say where either those counted
        or the others are fewer than 20 in both together.

    Raises
    ------
    InputError
        If a numerator is larger than its denominator, or a design effect is not above 0.

    References
    ----------
    Newcombe (1998). *Statistics in Medicine* 17, 873-890, method 10. Kish (1965). *Survey
    Sampling*.

    Examples
    --------
    >>> found = proportion_difference((48, 80), (56, 70))
    >>> [round(one, 1) for one in (found.change, found.lower, found.upper)], round(found.p, 4)
    ([20.0, 5.2, 33.4], 0.008)
    """
    if not all(one > 0 for one in design_effects):
        raise InputError("a design effect must be above 0; without any it is 1")
    part = np.array([before[0] / design_effects[0], after[0] / design_effects[1]])
    whole = np.array([before[1] / design_effects[0], after[1] / design_effects[1]])
    limits = proportion(part, whole, per=1)
    share, low, high = (limits[name].to_numpy() for name in ("value", "lower", "upper"))
    change = share[1] - share[0]
    lower = change - np.hypot(share[1] - low[1], high[0] - share[0])
    upper = change + np.hypot(high[1] - share[1], share[0] - low[0])
    few = min(part.sum(), (whole - part).sum()) < FEW
    return Difference(
        float(100 * change), float(100 * lower), float(100 * upper), "percentage points",
        _two_samples(part, whole), int(np.sign(change)), bool(few),
    )  # fmt: skip


def _two_samples(part: np.ndarray, whole: np.ndarray) -> float:
    pooled = part.sum() / whole.sum()
    if pooled in (0, 1):
        return 1.0
    if min(pooled, 1 - pooled) * whole.min() < LEAST_EXPECTED:
        cells = np.rint([part, whole - part]).astype(int)
        return min(float(stats.fisher_exact(cells).pvalue), 1.0)
    error = np.sqrt(pooled * (1 - pooled) * np.sum(1 / whole))
    return float(2 * special.ndtr(-abs(part[1] / whole[1] - part[0] / whole[0]) / error))


def given_difference(
    before: tuple[float, float, float], after: tuple[float, float, float], *, unit: str
) -> Difference:
    """Compare two figures that come with 95% limits, by how wide those are.

    Parameters
    ----------
    before, after : tuple of three float
        Value, lower, upper of each.
    unit : str
        Of the difference.

    Returns
    -------
    Difference

    Examples
    --------
    >>> found = given_difference((80.0, 79.0, 81.0), (82.0, 81.0, 83.0), unit="years")
    >>> found.change, round(found.p, 3)
    (2.0, 0.006)
    """
    z = float(special.ndtri(0.975))
    change = after[0] - before[0]
    # Each limit is as far from its value as it is: the two sides need not be alike.
    lower = change - np.hypot(after[0] - after[1], before[2] - before[0])
    upper = change + np.hypot(after[2] - after[0], before[0] - before[1])
    error = np.hypot(after[2] - after[1], before[2] - before[1]) / (2 * z)
    p = float(2 * special.ndtr(-abs(change) / error)) if error > 0 else float(change == 0)
    return Difference(change, float(lower), float(upper), unit, p, int(np.sign(change)))

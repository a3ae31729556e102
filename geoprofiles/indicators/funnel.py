"""Funnel limits: how far areas of each size may lie from the whole by chance, and beyond it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from geoprofiles.errors import InputError
from geoprofiles.frames import Indicators, check_columns

POINTS = 60
"""Sizes at which limits are drawn."""

RESAMPLES = 2000

LIMITS = (0.95, 0.998)
FEWEST_FOR_OUTER = 30
"""Areas from which limits of 99.8% are worth drawing."""


def overdispersion(
    observed: np.ndarray, expected: np.ndarray, *, rng: int | np.random.Generator = 0
) -> dict[str, float | str]:
    """Measure by how much more than chance areas differ from what their sizes let one expect.

    Parameters
    ----------
    observed, expected : array of float
        Events of each area, and those that the rate of all areas together would give it.
    rng : int or numpy.random.Generator
        For the bootstrap.

    Returns
    -------
    dict
        ``phi`` (mean square of the differences in standard errors, a tenth at either end drawn
        in), ``lower`` and ``upper`` (95%, from resampled areas), ``tau`` (standard deviation of
        areas' true ratios on the square-root scale, doubled to be read as a proportion), ``areas``
        (how many), and ``sentence``.

    References
    ----------
    Spiegelhalter (2005). *Statistics in Medicine* 24, 1185-1202.

    Examples
    --------
    >>> from geoprofiles.indicators.funnel import overdispersion
    >>> round(overdispersion(np.array([50, 100, 200, 80, 30]), np.full(5, 92.0))["phi"], 1)
    21.9
    """
    observed, expected = (np.asarray(one, dtype=float) for one in (observed, expected))
    keep = expected > 0
    observed, expected = observed[keep], expected[keep]
    number = len(observed)
    if number < 2:
        raise InputError("two areas at least are needed to see how they differ")
    generator = np.random.default_rng(rng)
    z = 2 * (np.sqrt(observed) - np.sqrt(expected))
    phi = float(_mean_square(z))
    draws = z[generator.integers(0, number, (RESAMPLES, number))]
    low, high = np.quantile(_mean_square(draws), [0.025, 0.975])
    weight = 4 * expected
    between = weight.sum() - np.sum(weight**2) / weight.sum()
    tau = np.sqrt(max(0.0, (number * phi - (number - 1)) / between))
    beyond = phi > 1 + 2 * np.sqrt(2 / number)
    sentence = (
        f"The {number} areas vary {phi:,.1f} times as much as chance allows (95% limits"
        f" {low:,.1f} to {high:,.1f}): "
        + (
            f"they really differ, typically by {200 * tau:.0f}% either way."
            if beyond
            else "no more than chance explains."
        )
    )
    return {
        "phi": phi, "lower": float(low), "upper": float(high), "tau": float(2 * tau),
        "areas": float(number), "sentence": sentence,
    }  # fmt: skip


def _mean_square(z: np.ndarray) -> np.ndarray:
    low, high = np.quantile(z, [0.1, 0.9], axis=-1, keepdims=True)
    return np.asarray(np.mean(np.clip(z, low, high) ** 2, axis=-1))


def funnel(
    indicators: Indicators, *, per: float | None = None, rng: int | np.random.Generator = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make a funnel plot's points and limits for one indicator of one period.

    Limits say how far an area of a given size may lie from the whole by chance; adjusted ones
    also allow for how much areas of this set differ anyway. An area beyond the adjusted limits
    is unlike the others; one between the two differs as areas differ.

    Parameters
    ----------
    indicators : DataFrame
        One indicator of one period: ``area_code``, ``numerator``, ``denominator``, ``value``,
        ``method``.
    per : float, optional
        The multiplier; told from the values where not said.
    rng : int or numpy.random.Generator
        For the bootstrap of the spread.

    Returns
    -------
    points : DataFrame
        The areas that have a value, with ``verdict``: ``"higher"`` or ``"lower"`` beyond the
        adjusted limits, ``"higher, as areas differ anyway"``, ``"lower, ..."`` beyond plain
        ones, or ``"within"``. ``attrs["dispersion"]`` is what :func:`overdispersion` gives.
    limits : DataFrame
        ``denominator``, ``centre``, ``lower``, ``upper`` (95%), ``lower_outer``, ``upper_outer``
        (99.8%; NaN below 30 areas), ``lower_adjusted``, ``upper_adjusted`` (95% with the spread
        of areas; the plain ones where there is none).

    Raises
    ------
    InputError
        If there are several indicators or periods, or fewer than two areas with a value.

    References
    ----------
    Spiegelhalter (2005). *Statistics in Medicine* 24, 1185-1202. Limits of counts are the counts
    whose exact Poisson limits touch what is expected; those of proportions, Wilson's.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> indicators = pd.DataFrame({"area_code": list("ABC"), "indicator": "theft",
    ...     "period": "2025", "numerator": [60, 20, 21], "denominator": [1000.0] * 3,
    ...     "value": [60.0, 20.0, 21.0], "method": "Byar's limits"})
    >>> points, limits = geoprofiles.funnel(indicators)
    >>> points["verdict"].tolist()[:2]
    ['higher, as areas differ anyway', 'lower, as areas differ anyway']
    """
    needed = ["area_code", "indicator", "period", "numerator", "denominator", "value", "method"]
    check_columns(indicators, needed, what="Indicators")
    if len(indicators[["indicator", "period"]].drop_duplicates()) > 1:
        raise InputError("a funnel is of one indicator and one period; choose one")
    some = indicators[indicators["value"].notna() & (indicators["denominator"] > 0)].copy()
    if len(some) < 2:
        raise InputError("a funnel needs at least two areas with a value")
    count = some["numerator"].to_numpy(dtype=float)
    people = some["denominator"].to_numpy(dtype=float)
    centre = count.sum() / people.sum()
    per = per or float(np.nanmedian(some["value"] * people / np.where(count > 0, count, np.nan)))
    portion = bool((some["method"] == "Wilson's limits").all())
    spread = overdispersion(count, centre * people, rng=rng)
    tau = _between(count, people, centre, portion=portion)
    sizes = np.geomspace(people.min() * 0.9, people.max() * 1.1, POINTS)
    limits = pd.DataFrame({"denominator": sizes, "centre": centre})
    plain = _edges(sizes, centre, LIMITS[0], portion=portion)
    limits["lower"], limits["upper"] = plain
    outer = (
        _edges(sizes, centre, LIMITS[1], portion=portion)
        if len(some) >= FEWEST_FOR_OUTER
        else (np.nan, np.nan)
    )
    limits["lower_outer"], limits["upper_outer"] = outer
    wide = _wider(plain, _adjusted(sizes, centre, tau, portion=portion))
    limits["lower_adjusted"], limits["upper_adjusted"] = wide
    limits[limits.columns[1:]] *= per
    rate = count / people
    low, high = _edges(people, centre, LIMITS[0], portion=portion)
    low_wide, high_wide = _wider((low, high), _adjusted(people, centre, tau, portion=portion))
    some["verdict"] = np.select(
        [rate > high_wide, rate < low_wide, rate > high, rate < low],
        ["higher", "lower", "higher, as areas differ anyway", "lower, as areas differ anyway"],
        "within",
    )
    some.attrs["dispersion"] = spread
    return some, limits


def _wider(
    one: tuple[np.ndarray, np.ndarray], two: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    return np.minimum(one[0], two[0]), np.maximum(one[1], two[1])


def _edges(
    people: np.ndarray, centre: float, level: float, *, portion: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rates at each size whose limits touch the centre."""
    z = special.ndtri(0.5 + level / 2)
    if portion:
        # Wilson's interval holds the centre just where the score test lets it be.
        error = z * np.sqrt(centre * (1 - centre) / people)
        return np.clip(centre - error, 0, 1), np.clip(centre + error, 0, 1)
    expected = centre * people
    tail = (1 - level) / 2
    return (
        np.array([_count_below(one, tail) for one in expected]) / people,
        np.array([_count_above(one, tail) for one in expected]) / people,
    )


def _count_below(expected: float, tail: float) -> float:
    """Return the count whose upper exact limit is what is expected; 0 where none is."""

    def gap(count: float) -> float:
        return float(stats.chi2.ppf(1 - tail, 2 * (count + 1)) / 2 - expected)

    return 0.0 if gap(0.0) >= 0 else float(optimize.brentq(gap, 0.0, expected))


def _count_above(expected: float, tail: float) -> float:
    def gap(count: float) -> float:
        return float(stats.chi2.ppf(tail, 2 * count) / 2 - expected)

    return float(optimize.brentq(gap, max(expected, 1e-9), expected * 3 + 30))


def _between(count: np.ndarray, people: np.ndarray, centre: float, *, portion: bool) -> float:
    """Return the variance of areas' true levels: of square roots, or of angles for proportions."""
    rate, target = count / people, centre
    if portion:
        y, middle, weight = np.arcsin(np.sqrt(rate)), np.arcsin(np.sqrt(target)), 4 * people
    else:
        y, middle, weight = np.sqrt(rate / target), 1.0, 4 * target * people
    phi = float(_mean_square((y - middle) * np.sqrt(weight)))
    number = len(count)
    # Spread that chance may show is none.
    if phi <= 1 + 2 * np.sqrt(2 / number):
        return 0.0
    between = weight.sum() - np.sum(weight**2) / weight.sum()
    return max(0.0, (number * phi - (number - 1)) / between)


def _adjusted(
    people: np.ndarray, centre: float, tau: float, *, portion: bool
) -> tuple[np.ndarray, np.ndarray]:
    z = special.ndtri(0.975)
    if portion:
        error = z * np.sqrt(1 / (4 * people) + tau)
        middle = np.arcsin(np.sqrt(centre))
        angles = np.clip(middle - error, 0, np.pi / 2), np.clip(middle + error, 0, np.pi / 2)
        return np.sin(angles[0]) ** 2, np.sin(angles[1]) ** 2
    error = z * np.sqrt(1 / (4 * centre * people) + tau)
    return centre * np.maximum(1 - error, 0) ** 2, centre * (1 + error) ** 2

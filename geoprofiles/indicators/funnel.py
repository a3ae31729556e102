"""Funnel limits: how far areas of each size may lie from the whole by chance, and beyond it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from geoprofiles.areas.rest import COUNTED
from geoprofiles.errors import InputError
from geoprofiles.frames import Indicators, check_columns

POINTS = 60
"""Sizes at which limits are drawn."""

RESAMPLES, FEWEST_RESAMPLES = 2000, 200
MOST_DRAWN = 4_000_000
"""Areas drawn in all: of thousands of areas fewer resamples tell as much."""

LIMITS = (0.95, 0.998)
FEWEST_FOR_OUTER = 30
"""Areas from which limits of 99.8% are worth drawing."""

PROPORTION = "Wilson's limits"
"""The method of an indicator that is a proportion of its denominator."""


def overdispersion(
    observed: np.ndarray,
    expected: np.ndarray,
    *,
    share: float = 0.0,
    rng: int | np.random.Generator = 0,
) -> dict[str, float | str]:
    """Measure by how much more than chance areas differ from what their sizes let one expect.

    Parameters
    ----------
    observed, expected : array of float
        Events of each area, and those that the rate of all areas together would give it. Areas
        without either are left out.
    share : float
        The proportion that all areas together have, 0 to 1, where events are parts of a
        denominator: a part of it varies less than a count. 0 for counts.
    rng : int or numpy.random.Generator
        For the bootstrap.

    Returns
    -------
    dict
        ``phi`` (mean square of the differences in standard errors, a tenth at either end drawn
        in), ``lower`` and ``upper`` (95%, from resampled areas), ``tau`` (standard deviation of
        areas' true ratios to what is expected, as a proportion), ``areas`` (how many), and
        ``sentence``.

    Raises
    ------
    InputError
        If there are fewer than two areas, or a count is negative.

    Notes
    -----
    Counts are taken on the square-root scale, proportions as they are.

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
    if (observed < 0).any():
        raise InputError("a count is negative")
    keep = (expected > 0) & ~np.isnan(observed)
    observed, expected = observed[keep], expected[keep]
    number = len(observed)
    if number < 2:
        raise InputError("two areas at least are needed to see how they differ")
    z = _away(observed, expected, share)
    phi = float(_mean_square(z))
    generator = np.random.default_rng(rng)
    resamples = max(FEWEST_RESAMPLES, min(RESAMPLES, MOST_DRAWN // number))
    draws = z[generator.integers(0, number, (resamples, number))]
    low, high = np.quantile(_mean_square(draws), [0.025, 0.975])
    # On the square-root scale a difference is half of what it is as a proportion.
    tau = np.sqrt(_between(phi, expected / (1 - share)))
    beyond = _more_than_chance(phi, number)
    sentence = (
        f"The {number} areas vary {phi:,.1f} times as much as chance allows (95% limits"
        f" {low:,.1f} to {high:,.1f}): "
        + (
            f"they really differ, typically by {100 * tau:.0f}% either way."
            if beyond
            else "no more than chance explains."
        )
    )
    return {
        "phi": phi, "lower": float(low), "upper": float(high), "tau": float(tau),
        "areas": float(number), "sentence": sentence,
    }  # fmt: skip


def _away(observed: np.ndarray, expected: np.ndarray, share: float) -> np.ndarray:
    """Return how far areas lie from what is expected, in standard errors."""
    if share > 0:
        return np.asarray((observed - expected) / np.sqrt(expected * (1 - share)))
    return np.asarray(2 * (np.sqrt(observed) - np.sqrt(expected)))


def _mean_square(z: np.ndarray) -> np.ndarray:
    low, high = np.quantile(z, [0.1, 0.9], axis=-1, keepdims=True)
    return np.asarray(np.mean(np.clip(z, low, high) ** 2, axis=-1))


def _more_than_chance(phi: float, number: int) -> bool:
    return phi > 1 + 2 * np.sqrt(2 / number)


def _between(phi: float, weight: np.ndarray) -> float:
    """Return the variance of areas' true ratios; `weight` is one over that of chance."""
    number = len(weight)
    between = weight.sum() - np.sum(weight**2) / weight.sum()
    return max(0.0, float((number * phi - (number - 1)) / between))


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
        If there are several indicators or periods, fewer than two areas with a value, an area
        twice, no event at all, or figures that do not rest on counts.

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
    known = indicators[["value", "numerator"]].notna().all(axis=1)
    some = indicators[known & (indicators["denominator"] > 0)].copy()
    _check_funnel(some)
    count = some["numerator"].to_numpy(dtype=float)
    people = some["denominator"].to_numpy(dtype=float)
    centre = count.sum() / people.sum()
    per = per or float(np.nanmedian(some["value"] * people / np.where(count > 0, count, np.nan)))
    portion = bool((some["method"] == PROPORTION).all())
    share = centre if portion else 0.0
    spread = overdispersion(count, centre * people, share=share, rng=rng)
    # Spread that chance may show is none.
    beyond = _more_than_chance(float(spread["phi"]), len(some))
    tau = float(spread["tau"]) if beyond else 0.0
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
    wide = _adjusted(sizes, centre, tau, plain, portion=portion)
    limits["lower_adjusted"], limits["upper_adjusted"] = wide
    limits[limits.columns[1:]] *= per
    rate = count / people
    low, high = _edges(people, centre, LIMITS[0], portion=portion)
    low_wide, high_wide = _adjusted(people, centre, tau, (low, high), portion=portion)
    some["verdict"] = np.select(
        [rate > high_wide, rate < low_wide, rate > high, rate < low],
        ["higher", "lower", "higher, as areas differ anyway", "lower, as areas differ anyway"],
        "within",
    )
    some.attrs["dispersion"] = spread
    return some, limits


def _check_funnel(some: pd.DataFrame) -> None:
    if len(some) < 2:
        raise InputError("a funnel needs at least two areas with a value")
    if some["area_code"].duplicated().any():
        twice = some["area_code"][some["area_code"].duplicated()].iloc[0]
        raise InputError(f"the area '{twice}' comes twice")
    other = some["method"][~some["method"].isin(COUNTED)]
    if len(other):
        raise InputError(
            "a funnel is of rates or proportions that rest on counts; this one has"
            f" '{other.iloc[0]}'"
        )
    if not some["numerator"].sum() > 0:
        raise InputError("nothing was counted in any area: there is no centre for a funnel")


def _edges(
    people: np.ndarray, centre: float, level: float, *, portion: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rates at each size whose limits touch the centre."""
    if portion:
        # Wilson's interval holds the centre just where the score test lets it be.
        error = special.ndtri(0.5 + level / 2) * np.sqrt(centre * (1 - centre) / people)
        return np.clip(centre - error, 0, 1), np.clip(centre + error, 0, 1)
    expected, tail = centre * people, (1 - level) / 2
    # Exact limits of a count are chi-squares with twice as many degrees of freedom: these are the
    # counts, between whole numbers too, whose limits are what is expected.
    low = special.chdtriv(1 - tail, 2 * expected) / 2 - 1
    high = special.chdtriv(tail, 2 * expected) / 2
    return np.maximum(low, 0.0) / people, high / people


def _adjusted(
    people: np.ndarray,
    centre: float,
    tau: float,
    plain: tuple[np.ndarray, np.ndarray],
    *,
    portion: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Return limits that allow for how much areas differ; never narrower than the plain ones."""
    z = special.ndtri(0.5 + LIMITS[0] / 2)
    if portion:
        error = z * np.sqrt(centre * (1 - centre) / people + (tau * centre) ** 2)
        low, high = np.clip(centre - error, 0, 1), np.clip(centre + error, 0, 1)
    else:  # on the square-root scale, where differences are half of what they are as proportions
        error = z * np.sqrt(1 / (centre * people) + tau**2) / 2
        low, high = centre * np.maximum(1 - error, 0) ** 2, centre * (1 + error) ** 2
    return np.minimum(low, plain[0]), np.maximum(high, plain[1])

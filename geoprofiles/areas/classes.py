"""Classes of a map: few, readable, and the same on every run."""

from __future__ import annotations

from typing import Any

import numpy as np

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError

SCHEMES = ("fisher_jenks", "quantiles", "equal_interval")


def class_breaks(
    values: Any, *, classes: int = 5, scheme: str = "fisher_jenks"
) -> tuple[float, ...]:
    """Choose the upper bounds of the classes of a choropleth.

    The bounds are rounded to as few digits as leave every value in
    its class, so that a legend reads "12.5 to 18", not "12.4837 to 18.0312".

    Parameters
    ----------
    values : array-like of float
        One value an area; NaN is no data.
    classes : int
        At most so many classes; fewer where there are fewer distinct values.
    scheme : {"fisher_jenks", "quantiles", "equal_interval"}
        Natural breaks (Fisher 1958; Jenks 1977), equal numbers of areas, or equal widths.

    Returns
    -------
    tuple of float
        Rising upper bounds; the last is not below the highest value. Empty without values.

    Raises
    ------
    InputError
        If `classes` is below 1 or the scheme is not known.

    Examples
    --------
    >>> import geoprofiles
    >>> geoprofiles.class_breaks([1.21, 1.32, 5.04, 5.12, 9.07], classes=3)
    (2.0, 6.0, 9.1)
    """
    check_choice(scheme, list(SCHEMES), "scheme")
    if classes < 1:
        raise InputError(f"'classes' must be at least 1; it is {classes!r}")
    known = np.asarray(values, dtype=float)
    known = np.sort(known[np.isfinite(known)])
    distinct = np.unique(known)
    uppers = distinct if len(distinct) <= classes else np.unique(_uppers(known, classes, scheme))
    return tuple(_readable(distinct, uppers))


def _uppers(values: np.ndarray, classes: int, scheme: str) -> np.ndarray:
    if scheme == "quantiles":
        return np.quantile(values, np.arange(1, classes + 1) / classes)
    if scheme == "equal_interval":
        return np.linspace(values[0], values[-1], classes + 1)[1:]
    return natural_breaks(values, classes)


def natural_breaks(values: np.ndarray, classes: int) -> np.ndarray:
    """Return the upper bounds of the classes with the least variance within them.

    In double precision and exact: a well-known package computes the sums in single precision,
    and its classes are wrong where values are large and close together.

    Parameters
    ----------
    values : array of float
        Rising, with more distinct numbers than `classes`.
    classes : int

    References
    ----------
    Fisher (1958), *Journal of the American Statistical Association* 53, 789-798.

    Examples
    --------
    >>> natural_breaks(np.array([1.0, 2.0, 9.0, 10.0, 11.0]), 2).tolist()
    [2.0, 11.0]
    """
    centred = values - values.mean()
    number = len(values)
    least = np.zeros((number + 1, classes + 1))  # sums of squares of the first so many values
    least[2:, 1:] = np.inf
    start = np.ones((number + 1, classes + 1), dtype=int)  # of the last class, from 1
    for last in range(2, number + 1):
        ahead = centred[last - 1 :: -1]  # the last class grows downwards from `last`
        total = np.cumsum(ahead)
        spread = np.cumsum(ahead * ahead) - total * total / np.arange(1.0, last + 1)
        costs = spread[:-1, None] + least[last - 1 : 0 : -1, 1:-1]
        best = last - 2 - np.argmin(costs[::-1], axis=0)
        start[last, 2:] = last - best
        least[last, 2:] = costs[best, np.arange(classes - 1)]
        least[last, 1] = spread[-1]
    bounds, end = [float(values[-1])], number
    for used in range(classes, 1, -1):
        end = start[end, used] - 1
        bounds.append(float(values[end - 1]))
    return np.array(bounds[::-1])


def _readable(distinct: np.ndarray, uppers: np.ndarray) -> list[float]:
    """Round each bound as far as the gap between the values on its two sides allows."""
    bounds: list[float] = []
    for upper in uppers:
        below = distinct[distinct <= upper]
        above = distinct[distinct > upper]
        if not len(below):
            continue
        low = float(below[-1])
        high = float(above[0]) if len(above) else np.inf
        bound = _shortest(low, high)
        if not bounds or bound > bounds[-1]:
            bounds.append(bound)
    return bounds


def _shortest(low: float, high: float) -> float:
    """Return the number with the fewest digits that is at least `low` and below `high`."""
    if low == 0:
        return 0.0
    size = int(np.floor(np.log10(abs(low))))
    # From two digits of the number's own size down, so that bounds stay near the values.
    for digits in range(1 - size if np.isinf(high) else -size, 16):
        step = 10.0**-digits
        bound = round(np.ceil(low / step - 1e-9) * step, max(digits, 0))
        if low <= bound < high:
            return float(bound)
    return low

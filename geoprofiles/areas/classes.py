"""Classes of a map: few, readable, and the same on every run."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError

SCHEMES = {
    "fisher_jenks": "FisherJenks",
    "quantiles": "Quantiles",
    "equal_interval": "EqualInterval",
}


def class_breaks(
    values: Any, *, classes: int = 5, scheme: str = "fisher_jenks"
) -> tuple[float, ...]:
    """Choose the upper bounds of the classes of a choropleth.

    The bounds come from mapclassify and are rounded to as few digits as leave every value in
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
    if len(distinct) <= classes:
        uppers = distinct
    else:
        import mapclassify

        with warnings.catch_warnings():
            # Ties can leave fewer classes than asked for; the bounds below say so themselves.
            warnings.simplefilter("ignore", UserWarning)
            uppers = np.unique(getattr(mapclassify, SCHEMES[scheme])(known, k=classes).bins)
    return tuple(_readable(distinct, uppers))


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

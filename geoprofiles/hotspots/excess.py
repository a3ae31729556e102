"""Observed against what is at risk, scored so that small units do not stand out by size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError


def excess_over_risk(counts: pd.Series, at_risk: pd.Series) -> pd.Series:
    """Score how far each unit's rate is from the whole, in its own standard deviations.

    A rate out of few at risk varies more than one out of many, so that rates as such make hot
    spots of small units. The scores of Assunção and Reis (1999) vary alike: the rate less that of
    the whole, divided by the standard deviation that a unit of its size has, chance and true
    variation between units together.

    Parameters
    ----------
    counts : Series
        Incidents by unit.
    at_risk : Series
        People, homes or premises at risk by the same units, or the counts expected of them
        (``expected`` of a standardised ratio), 0 or more.

    Returns
    -------
    Series
        The scores; NaN where nobody is at risk. ``attrs["lost"]`` is the incidents there.

    Raises
    ------
    InputError
        If the units differ, a figure is missing or negative, or nobody is at risk anywhere.

    Notes
    -----
    Where the estimated variance of a unit would be negative, that of chance alone is taken, as
    the authors do.

    References
    ----------
    Assunção and Reis (1999). *Statistics in Medicine* 18, 2147-2162.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> counts = pd.Series([2, 60, 30], index=list("ABC"))
    >>> at_risk = pd.Series([10, 1000, 1000], index=list("ABC"))
    >>> geoprofiles.excess_over_risk(counts, at_risk).round(2).to_dict()
    {'A': 2.21, 'B': 0.8, 'C': -0.88}
    """
    if not counts.index.equals(at_risk.index):
        raise InputError("counts and those at risk are not of the same units in the same order")
    y, n = counts.to_numpy(dtype=float), at_risk.to_numpy(dtype=float)
    if not (np.isfinite(y) & (y >= 0)).all() or not (np.isfinite(n) & (n >= 0)).all():
        raise InputError("a count, or a number at risk, is missing or negative")
    some = n > 0
    if not y[some].sum():
        raise InputError("nobody is at risk, or nothing happened where anybody is")
    y, n = y[some], n[some]
    rate, whole = y / n, y.sum() / n.sum()
    spread = (n * (rate - whole) ** 2).sum() / n.sum()
    chance = whole / n
    variance = spread - whole / n.mean() + chance
    variance = np.where(variance > 0, variance, chance)
    scores = pd.Series(np.nan, index=counts.index, name="score")
    scores[some] = (rate - whole) / np.sqrt(variance)
    scores.attrs["lost"] = float(counts[~some].sum())
    return scores

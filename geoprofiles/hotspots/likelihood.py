"""How much likelier the incidents of a zone are with a risk of its own: log likelihood ratios."""

from __future__ import annotations

import numpy as np


def poisson_ratio(count: np.ndarray, expected: np.ndarray, total: float) -> np.ndarray:
    """Log likelihood ratio of a zone under the Poisson model, 0 where it has no excess.

    ``c ln(c/E) + (N-c) ln((N-c)/(N-E))`` for ``c > E``: the zone against all else, given the
    total.

    Examples
    --------
    >>> poisson_ratio(np.array([4.0, 1.0]), np.array([2.0, 2.0]), 10).round(4).tolist()
    [1.0465, 0.0]
    """
    from scipy.special import xlogy

    count, expected = np.asarray(count, dtype=float), np.asarray(expected, dtype=float)
    # Where nothing is expected, or all, the ratio is without bound or there is no outside.
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = xlogy(count, count / expected)
        outside = xlogy(total - count, (total - count) / (total - expected))
    return np.where(count > expected, inside + outside, 0.0)


def bernoulli_ratio(
    cases: np.ndarray, number: np.ndarray, all_cases: float, total: float
) -> np.ndarray:
    """Log likelihood ratio of a zone under the Bernoulli model, 0 where it has no excess.

    `number` counts cases and controls together. The model asks whether the share of cases inside
    the zone is above the share outside.

    Examples
    --------
    >>> bernoulli_ratio(np.array([4.0, 1.0]), np.array([5.0, 5.0]), 8, 20).round(4).tolist()
    [2.2595, 0.0]
    """
    cases, number = np.asarray(cases, dtype=float), np.asarray(number, dtype=float)
    gained = (
        _binomial(cases, number)
        + _binomial(all_cases - cases, total - number)
        - _binomial(np.array(all_cases, dtype=float), np.array(total, dtype=float))
    )
    return np.where(cases * (total - number) > (all_cases - cases) * number, gained, 0.0)


def _binomial(cases: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Log likelihood at its own share; 0 where there is no one."""
    from scipy.special import xlogy

    return xlogy(cases, cases) + xlogy(number - cases, number - cases) - xlogy(number, number)

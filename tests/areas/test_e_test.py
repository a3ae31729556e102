"""The E-test summed from the ends, against SciPy's, which looks at every pair of counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from geoprofiles.areas.change import _e_test


def pairs(exposure: float) -> np.ndarray:
    """All small pairs with their ties, equal counts, and pairs of all sizes."""
    rng = np.random.default_rng(11)
    small = [(one, two) for one in range(9) for two in range(9)]
    ties = [(100, 100), (333, 333), (10, 20), (20, 10), (0, 40), (40, 0), (5000, 5050)]
    mean = np.exp(rng.uniform(0, 6, 60))
    some = [rng.poisson(mean), rng.poisson(mean * exposure * rng.lognormal(0, 0.2, 60))]
    return np.array([*small, *ties, *np.transpose(some)], dtype=float).T


@pytest.mark.parametrize("exposure", [1.0, 366 / 365, 28 / 31, 1 / 3, 2.5])
def test_sums_are_scipys(exposure):
    one, two = pairs(exposure)
    found = _e_test(one, two, exposure)
    for before, after, p in zip(one, two, found, strict=True):
        expected = stats.poisson_means_test(int(after), exposure, int(before), 1).pvalue
        if expected > 1e-9:
            assert p == pytest.approx(min(expected, 1), rel=1e-12)
        else:  # SciPy leaves out a ten-thousand-millionth at one end
            law = stats.binom(int(before + after), exposure / (1 + exposure))
            assert p == pytest.approx(2 * min(law.cdf(after), law.sf(after - 1)), rel=1e-12)


def test_no_block_depends_on_what_else_is_tested(monkeypatch):
    one, two = pairs(1.0)
    together = _e_test(one, two, 1.0)
    monkeypatch.setattr("geoprofiles.areas.change._BLOCK", 1)
    np.testing.assert_array_equal(_e_test(one, two, 1.0), together)


def test_many_events_take_the_normal_form():
    p = _e_test(np.array([40_000.0]), np.array([40_400.0]), 1.0)
    assert p == pytest.approx(2 * stats.norm.sf(400 / np.sqrt(80_400)))

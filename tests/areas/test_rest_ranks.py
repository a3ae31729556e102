"""Ranks of draws, against SciPy's: signs, ties, zeros and the very small."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from geoprofiles.areas.rest import _ranks

RNG = np.random.default_rng(5)


@pytest.mark.parametrize(
    "drawn",
    [
        RNG.normal(size=(40, 300)),
        RNG.gamma(2, size=(40, 300)).astype(np.float32),
        RNG.integers(-3, 3, (40, 50)).astype(float),
        np.array([[-np.inf, np.inf, 0.0, -1e-40, 1e-40, 1e38, -1e38, 0.0]]),
        np.zeros((3, 0)),
    ],
    ids=["signs", "positive", "ties", "extremes", "nothing"],
)
def test_ranks_are_scipys(drawn):
    expected = stats.rankdata(-drawn.astype(np.float32), method="ordinal", axis=1)
    np.testing.assert_array_equal(_ranks(drawn), expected)

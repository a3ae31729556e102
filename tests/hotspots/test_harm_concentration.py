"""Harm that falls at random in whole incidents: against every way it can fall."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

import geoprofiles
from geoprofiles.errors import InputError


def every_gini(weights, places, chances=None):
    """Return the mean Gini over all ways that incidents of these weights fall on places."""
    chances = np.full(places, 1 / places) if chances is None else chances
    mean = 0.0
    for way in product(range(places), repeat=len(weights)):
        held = np.sort(np.bincount(way, weights, minlength=places))
        rank = np.arange(1, places + 1)
        gini = 2 * (rank * held).sum() / (places * held.sum()) - (places + 1) / places
        mean += gini * np.prod(chances[list(way)])
    return mean


@pytest.mark.parametrize("chances", [None, [0.7, 0.2, 0.1]])
def test_expected_is_the_mean_over_all_ways_to_fall(chances):
    counts = pd.Series([10.0, 2.0, 1.0])
    lumps = pd.Series([1, 3, 1], index=[9.0, 1.0, 1.0 + 0.0])
    lumps = lumps.groupby(level=0).sum()  # one of 9, four of 1
    at_risk = None if chances is None else pd.Series(chances)
    table = geoprofiles.place_concentration(
        counts, lumps=lumps, at_risk=at_risk, simulations=6_000, seed=1
    )
    exact = every_gini([9.0, 1, 1, 1, 1], 3, None if chances is None else np.array(chances))
    assert table.loc["Gini", "expected"] == pytest.approx(exact, abs=0.008)
    assert table.loc["places with 50%", "expected"] == pytest.approx(1 / 3)  # the one of 9
    assert "generalised Gini" not in table.index
    assert table.attrs["incidents"] == 5


def test_harm_cut_into_crumbs_would_look_concentrated():
    """Two thousand incidents fall at random; a few are heavy. Whole, that is what chance does."""
    rng = np.random.default_rng(2)
    weight = np.where(rng.random(2000) < 0.02, 365.0, 2.0)
    counts = pd.Series(np.bincount(rng.integers(500, size=2000), weight, minlength=500))
    lumps = pd.Series(weight).value_counts()
    whole = geoprofiles.place_concentration(counts, lumps=lumps, simulations=199)
    crumbs = geoprofiles.place_concentration(counts, simulations=199)
    assert whole.loc["Gini", "p"] > 0.05
    assert crumbs.loc["Gini", "p"] == pytest.approx(1 / 200)
    assert whole.loc["Gini", "observed"] == crumbs.loc["Gini", "observed"]
    assert whole.attrs["sentence"].startswith("Half of the weight of the 2,000 incidents lies on")


def test_lumps_of_one_are_incidents():
    counts = pd.Series([4.0, 3, 0, 0, 1])
    lumps = pd.Series([8], index=[1.0])
    one, two = (
        geoprofiles.place_concentration(counts, lumps=each, simulations=99)
        for each in (None, lumps)
    )
    pd.testing.assert_frame_equal(one.drop(index="generalised Gini"), two)
    curves = [geoprofiles.lorenz_curve(counts, lumps=each) for each in (None, lumps)]
    pd.testing.assert_frame_equal(*curves)


@pytest.mark.parametrize(
    ("lumps", "told"),
    [
        (pd.Series([3], index=[2.0]), "'lumps' add up to 6, and 'counts' to 10"),
        (pd.Series([2.5], index=[4.0]), "parts of incidents"),
        (pd.Series([-1, 11], index=[1.0, 1.5]), "missing or negative"),
        (pd.Series([10], index=["heavy"]), "add up to"),
    ],
)
def test_lumps_that_do_not_fit_are_refused(lumps, told):
    with pytest.raises(InputError, match=told):
        geoprofiles.place_concentration(pd.Series([7.0, 3.0]), lumps=lumps)

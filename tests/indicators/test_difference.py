"""Two figures of one measure: published examples, R and SciPy; and how often noise is called."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geoprofiles.areas.change import change_between, month_spread
from geoprofiles.errors import InputError
from geoprofiles.indicators.difference import (
    count_difference,
    given_difference,
    proportion_difference,
)

ONE = [100, 150, 120, 180, 90, 130, 160, 110, 140, 170, 105, 125]
TWO = [130, 140, 150, 170, 120, 160, 150, 150, 160, 190, 95, 165]


@pytest.mark.parametrize(
    ("before", "after", "lower", "upper"),
    [
        # R: poisson.test(c(after, before))$conf.int
        (722, 664, 0.8264301, 1.0233),
        (2825, 3031, 1.018975, 1.129748),
        (101, 101, 0.7513755, 1.330893),
        (31889, 34254, 1.057874, 1.090706),
        (26165, 21929, 0.8231619, 0.853312),
    ],
)
def test_limits_of_a_ratio_are_those_of_r(before, after, lower, upper):
    found = count_difference(before, after)
    assert found.lower == pytest.approx(100 * (lower - 1), abs=2e-4)
    assert found.upper == pytest.approx(100 * (upper - 1), abs=2e-4)
    assert found.change == pytest.approx(100 * (after / before - 1))


@pytest.mark.parametrize(
    ("before", "after", "exposure"), [(722, 664, 1), (40, 25, 0.5), (3, 30, 2)]
)
def test_the_test_of_counts_is_scipys(before, after, exposure):
    theirs = stats.poisson_means_test(after, exposure, before, 1).pvalue
    assert count_difference(before, after, exposure=exposure).p == pytest.approx(theirs, rel=1e-6)


def test_people_and_days_are_exposure():
    # R: poisson.test(c(7881, 7765), c(252520 * 366, 252359 * 365))
    found = count_difference(7765, 7881, exposure=252520 * 366 / (252359 * 365))
    assert found.change == pytest.approx(1.152, abs=1e-3)
    assert (found.lower, found.upper) == pytest.approx((-1.98128, 4.3857), abs=1e-3)


def spread_of(one, two, *, season, days=None):
    one, two = (np.array([part], dtype=float) for part in (one, two))
    days = days or (np.ones(one.shape[1]), np.ones(two.shape[1]))
    return month_spread(one, two, days=days, season=season)


def test_the_spread_of_months_about_their_season_is_that_of_r():
    # R: summary(glm(y ~ month + period, quasipoisson))$dispersion
    assert spread_of(ONE, TWO, season=True) == (pytest.approx(1.669514, rel=2e-5), 11)


def test_the_spread_of_other_months_is_about_their_mean_by_the_day():
    # R: summary(glm(y ~ period + offset(log(days)), quasipoisson))$dispersion
    days = np.array([31, 28.25, 31, 30, 31, 30]), np.array([31, 31, 30, 31, 30, 31])
    found = spread_of(ONE[:6], TWO[6:], season=False, days=days)
    assert found == (pytest.approx(8.100231, rel=1e-6), 10)


def test_spread_widens_and_the_same_months_do_not():
    plain, wide = count_difference(1580, 1780), count_difference(1580, 1780, months=(ONE, TWO))
    # R's own test of this model, by Wald, has p 0.0218
    assert wide.p == pytest.approx(0.0218, rel=0.1)
    assert plain.p < 0.001
    assert wide.lower < plain.lower < plain.upper < wide.upper
    season = [50, 200, 80, 300]
    assert spread_of(season, [2 * one for one in season], season=True) == (1.0, 3)


def test_a_measure_and_a_table_of_changes_say_the_same_of_one_area():
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    table = pd.DataFrame({"area_code": "A", "category": "x", "month": months, "count": ONE + TWO})
    change = change_between(table, ("2024-01", "2024-12"), ("2025-01", "2025-12")).iloc[0]
    found = count_difference(sum(ONE), sum(TWO), exposure=365 / 366, months=(ONE, TWO))
    assert change["dispersion"] > 1.5
    assert found.p == pytest.approx(change["p"])
    assert found.lower == pytest.approx(100 * (change["lower"] - 1))
    assert found.upper == pytest.approx(100 * (change["upper"] - 1))


def test_noise_wider_than_chance_is_called_a_change_one_time_in_twenty():
    rng = np.random.default_rng(8)
    season = 300 * (1 + 0.4 * np.sin(np.arange(12)))
    found = []
    for _ in range(300):
        size = season / 3  # a variance four times the mean
        one, two = (rng.negative_binomial(size, 0.25) for _ in range(2))
        found.append(count_difference(one.sum(), two.sum(), months=(one, two)).p <= 0.05)
    assert 0.015 < np.mean(found) < 0.09  # 0.05 and three standard errors of 0.0126


def test_few_events_have_no_percent():
    found = count_difference(7, 4)
    assert found.few
    assert np.isnan([found.change, found.lower, found.upper]).all()
    assert not count_difference(10, 10).few


@pytest.mark.parametrize(
    ("one", "two", "lower", "upper"),
    [
        # Newcombe (1998), table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_limits_of_a_difference_are_newcombes(one, two, lower, upper):
    found = proportion_difference(two, one)
    assert found.lower == pytest.approx(100 * lower, abs=6e-3)
    assert found.upper == pytest.approx(100 * upper, abs=6e-3)


@pytest.mark.parametrize(
    ("before", "after", "p"),
    [
        # R: prop.test(c(after, before), c(n, m), correct = FALSE)$p.value
        ((48, 80), (56, 70), 0.008045081),
        ((158, 407), (146, 407), 0.3845715),
        ((130, 1000), (360, 1000), 5.90086e-33),
        ((70, 160), (63, 177), 0.1260621),
        # R: fisher.test, where a cell would hold fewer than 5
        ((10, 16), (30, 1000), 1.862632e-11),
        ((1, 10), (21, 621), 0.3005625),
    ],
)
def test_the_test_of_proportions_is_that_of_r(before, after, p):
    assert proportion_difference(before, after).p == pytest.approx(p, rel=1e-5)


def test_a_survey_is_worth_its_number_over_its_design_effect():
    plain = proportion_difference((130, 1000), (150, 1000))
    half = proportion_difference((130, 1000), (150, 1000), design_effects=(2, 2))
    same = proportion_difference((65, 500), (75, 500))
    assert (half.p, half.lower, half.upper) == (same.p, same.lower, same.upper)
    assert half.change == pytest.approx(plain.change)
    assert half.p > plain.p
    with pytest.raises(InputError, match="design effect must be above 0"):
        proportion_difference((1, 2), (1, 2), design_effects=(0, 1))


def test_few_of_either_kind_say_nothing():
    assert proportion_difference((4, 500), (9, 500)).few
    assert proportion_difference((496, 500), (491, 500)).few
    assert not proportion_difference((14, 500), (9, 500)).few


def test_given_figures_are_tested_by_their_limits():
    found = given_difference((80.0, 79.02, 80.98), (82.0, 81.02, 82.98), unit="years")
    assert found.p == pytest.approx(2 * stats.norm.sf(2 / (0.5 * 2**0.5)), rel=1e-3)
    assert found.lower == pytest.approx(2 - 0.98 * 2**0.5)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 400), st.integers(0, 400))
def test_a_difference_lies_within_its_limits_and_turns_round_with_its_figures(n, m, a, b):
    a, b = min(a, n), min(b, m)
    there, back = proportion_difference((a, n), (b, m)), proportion_difference((b, m), (a, n))
    assert there.lower - 1e-9 <= there.change <= there.upper + 1e-9
    assert there.lower == pytest.approx(-back.upper, abs=1e-9)
    assert there.p == pytest.approx(back.p)
    assert 0 <= there.p <= 1
    assert there.sign == -back.sign

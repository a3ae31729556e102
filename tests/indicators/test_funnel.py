"""Funnels: limits by their definition and by R, spread by hand, and Southampton's crime."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.funnel import _edges

# Made up; phi, tau and limits below by R 4.2 from the published formulas (quantile type 7).
COUNT = [120, 95, 210, 60, 33, 48, 75, 150, 88, 64]
PEOPLE = [900, 1100, 1500, 800, 500, 700, 650, 1200, 1000, 900]
PHI_OF_COUNTS, TAU2_OF_ROOTS = 6.0526673458, 0.015330665196
PHI_OF_PORTIONS, TAU2_OF_PORTIONS = 6.4300294350, 0.000614269180


def table(count=COUNT, people=PEOPLE, *, per=1000.0, method="Byar's limits"):
    count, people = np.asarray(count, dtype=float), np.asarray(people, dtype=float)
    return pd.DataFrame(
        {
            "area_code": [f"A{at}" for at in range(len(count))],
            "indicator": "theft",
            "period": "2025",
            "numerator": count,
            "denominator": people,
            "value": count / people * per,
            "method": method,
        }
    )


def test_limits_of_fifteen_expected_are_those_of_their_definition():
    """R's qchisq: the count whose exact upper limit is 15 is 7.4288, 49.5% of it."""
    low, high = _edges(np.array([1000.0]), 0.015, 0.95, portion=False)
    assert low[0] * 1000 / 15 == pytest.approx(0.4952524, abs=1e-6)
    assert high[0] * 1000 / 15 == pytest.approx(1.568498, abs=1e-6)
    low, high = _edges(np.array([1000.0]), 0.015, 0.998, portion=False)
    assert (low[0] * 1000, high[0] * 1000) == pytest.approx((4.121925, 28.78645), rel=1e-6)
    # The two other definitions in use give other figures, and are not what is meant here.
    assert stats.poisson.ppf(0.025, 15) / 15 == pytest.approx(0.533, abs=1e-3)
    assert stats.chi2.ppf(0.025, 30) / 2 / 15 == pytest.approx(0.560, abs=1e-3)


@given(st.floats(0.01, 1e5), st.sampled_from([0.95, 0.998]))
def test_limits_of_counts_by_solving_for_them(expected, level):
    tail = (1 - level) / 2
    low, high = _edges(np.array([1.0]), expected, level, portion=False)
    if np.exp(-expected) >= tail:
        assert low[0] == 0  # even no event at all is no surprise
    else:
        solved = optimize.brentq(
            lambda count: stats.chi2.ppf(1 - tail, 2 * (count + 1)) / 2 - expected, 0, expected
        )
        assert low[0] == pytest.approx(solved, rel=1e-6, abs=1e-6)
    assert stats.chi2.ppf(tail, 2 * high[0]) / 2 == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("people", [20, 150, 5000])
def test_limits_of_proportions_are_those_whose_wilson_interval_touches_the_centre(people):
    low, high = _edges(np.array([float(people)]), 0.3, 0.95, portion=True)
    touches_above = geoprofiles.proportion([low[0] * people], [people], per=1)["upper"].iloc[0]
    touches_below = geoprofiles.proportion([high[0] * people], [people], per=1)["lower"].iloc[0]
    assert (touches_above, touches_below) == pytest.approx((0.3, 0.3))


def test_spread_of_counts_is_that_of_r():
    expected = np.sum(COUNT) / np.sum(PEOPLE) * np.array(PEOPLE)
    found = geoprofiles.overdispersion(np.array(COUNT), expected)
    assert found["phi"] == pytest.approx(PHI_OF_COUNTS)
    assert found["tau"] == pytest.approx(2 * TAU2_OF_ROOTS**0.5)
    assert found["lower"] < found["phi"] < found["upper"]
    assert "vary 6.1 times as much as chance allows" in found["sentence"]
    assert "typically by 25% either way" in found["sentence"]


def test_adjusted_limits_of_counts_are_those_of_r():
    _, limits = geoprofiles.funnel(table())
    at_1000 = limits.apply(lambda column: np.interp(1000, limits["denominator"], column))
    assert at_1000["lower_adjusted"] == pytest.approx(55.61961, rel=1e-3)
    assert at_1000["upper_adjusted"] == pytest.approx(162.2006, rel=1e-3)
    assert at_1000["centre"] == pytest.approx(np.sum(COUNT) / np.sum(PEOPLE) * 1000)
    assert limits["lower_outer"].isna().all()  # ten areas are too few for limits of 99.8%


def test_spread_and_limits_of_proportions_are_those_of_r():
    points, limits = geoprofiles.funnel(table(per=100, method="Wilson's limits"))
    centre = np.sum(COUNT) / np.sum(PEOPLE)
    found = points.attrs["dispersion"]
    assert found["phi"] == pytest.approx(PHI_OF_PORTIONS)
    assert found["tau"] * centre == pytest.approx(TAU2_OF_PORTIONS**0.5)
    at_1000 = limits.apply(lambda column: np.interp(1000, limits["denominator"], column))
    assert at_1000["lower_adjusted"] == pytest.approx(4.987497, rel=1e-3)
    assert at_1000["upper_adjusted"] == pytest.approx(15.40169, rel=1e-3)


@pytest.mark.parametrize("method", ["Byar's limits", "Wilson's limits"])
def test_chance_alone_has_no_spread_and_few_areas_beyond(method):
    rng = np.random.default_rng(4)
    people = rng.integers(500, 5000, 400)
    drawn = rng.poisson(0.4 * people) if method == "Byar's limits" else rng.binomial(people, 0.4)
    points, limits = geoprofiles.funnel(table(drawn, people, method=method))
    assert points.attrs["dispersion"]["phi"] == pytest.approx(0.83, abs=0.15)  # tenths drawn in
    assert "no more than chance" in points.attrs["dispersion"]["sentence"]
    assert (limits["lower_adjusted"] == limits["lower"]).all()
    assert (limits["lower_outer"] < limits["lower"]).all()
    assert (points["verdict"] != "within").mean() == pytest.approx(0.05, abs=0.025)


def test_true_spread_is_measured():
    rng = np.random.default_rng(8)
    people = rng.integers(2000, 20_000, 800)
    true = 0.05 * (1 + 0.3 * rng.uniform(-1.7, 1.7, 800))  # standard deviation 0.29, no tails
    found = geoprofiles.overdispersion(rng.poisson(true * people), 0.05 * people)
    assert found["tau"] == pytest.approx(0.29, rel=0.15)


def test_what_differs_only_as_areas_do_is_said_so():
    points, _ = geoprofiles.funnel(table())
    assert points["verdict"].tolist()[2] == "higher, as areas differ anyway"
    assert set(points["verdict"]) <= {
        "higher", "lower", "within", "higher, as areas differ anyway",
        "lower, as areas differ anyway",
    }  # fmt: skip
    one = [*COUNT[:-1], 900]
    points, _ = geoprofiles.funnel(table(one, [*PEOPLE[:-1], 1000]))
    assert points["verdict"].iloc[-1] == "higher"


def test_small_areas_without_an_event_are_within():
    points, limits = geoprofiles.funnel(table([0, 0, 40, 38], [50, 60, 1000, 1000]))
    assert points["verdict"].iloc[0] == "within"
    assert np.isfinite(limits.drop(columns=["lower_outer", "upper_outer"])).all().all()
    assert (limits["lower"] <= limits["centre"]).all()
    assert (limits["upper"] >= limits["centre"]).all()


def test_areas_without_a_value_are_left_out():
    hole = table()
    hole.loc[2, ["value", "numerator"]] = np.nan
    points, _ = geoprofiles.funnel(hole)
    assert "A2" not in points["area_code"].tolist()
    assert points.attrs["dispersion"]["areas"] == 9


@pytest.mark.parametrize(
    ("given_table", "told"),
    [
        (table([3], [10]), "at least two areas"),
        (table([0, 0, 0], [10, 20, 30]), "nothing was counted in any area"),
        (table().assign(method="Dobson's limits"), "rest on counts; this one has 'Dobson's limits"),
        (table().assign(period=[str(at) for at in range(10)]), "one indicator and one period"),
        (pd.concat([table(), table().head(1)]), "the area 'A0' comes twice"),
        (table().drop(columns="method"), "lack the column 'method'"),
    ],
)
def test_funnels_at_fault(given_table, told):
    with pytest.raises(InputError, match=told):
        geoprofiles.funnel(given_table)


def test_spread_at_fault():
    with pytest.raises(InputError, match="two areas at least"):
        geoprofiles.overdispersion(np.array([3.0, np.nan]), np.array([3.0, 4.0]))
    with pytest.raises(InputError, match="negative"):
        geoprofiles.overdispersion(np.array([3.0, -1.0]), np.array([3.0, 4.0]))


@pytest.mark.real
def test_southamptons_wards_differ_so_much_that_a_colour_for_each_says_nothing(southampton_rates):
    """162 times as much as chance: 15 of 17 wards beyond plain limits, 2 beyond adjusted ones."""
    points, _ = geoprofiles.funnel(southampton_rates(without="Anti-social behaviour"))
    assert points.attrs["dispersion"]["phi"] == pytest.approx(162, abs=0.5)
    assert len(points) == 17
    assert (points["verdict"] != "within").sum() == 15
    assert points["verdict"].isin(["higher", "lower"]).sum() == 2


@pytest.mark.real
@pytest.mark.parametrize(
    ("category", "plain"),
    [("Violence and sexual offences", 13), ("Burglary", 12), ("Drugs", 14)],
)
def test_so_do_they_by_type_of_crime(southampton_rates, category, plain):
    points, _ = geoprofiles.funnel(southampton_rates([category]))
    assert (points["verdict"] != "within").sum() == plain
    assert points["verdict"].isin(["higher", "lower"]).sum() <= 2

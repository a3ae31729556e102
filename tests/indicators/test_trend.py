"""Trends: slopes and chi-squares by R, the faults of others not made again, breaks and gaps."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.trend import CRITICAL, period_order, trend_words

YEARS = ["2019/20", "2020/21", "2021/22", "2022/23", "2023/24"]
VALUE = [10.2, 11.1, 10.9, 12.8, 13.0]
LOWER = [9.1, 10.2, 9.7, 11.9, 11.6]
UPPER = [11.4, 12.1, 12.2, 13.8, 14.5]


def points(value=VALUE, lower=LOWER, upper=UPPER, period=YEARS, area="A"):
    return pd.DataFrame(
        {
            "area_code": area,
            "indicator": "theft",
            "period": period,
            "value": value,
            "lower": lower,
            "upper": upper,
        }
    )


def told(table, **options):
    return geoprofiles.trends(table, **options).iloc[0]


def test_slope_and_chi_square_are_those_of_r():
    """lm(value ~ period, weights = 1 / ((upper - lower) / 3.92)^2), its unscaled covariance."""
    found = told(points())
    assert found["slope"] == pytest.approx(0.7534061117)
    assert found["chi_square"] == pytest.approx(15.4082219837)
    assert found["trend"] == "rising"  # R's five slopes without a point: 0.63 to 0.80, all above 0
    assert (found["points"], found["first"], found["last"]) == (5, "2019/20", "2023/24")


def test_the_critical_value_is_that_of_r():
    assert pytest.approx(9.549536, abs=1e-6) == CRITICAL


@given(
    st.lists(st.floats(1, 100), min_size=5, max_size=5),
    st.lists(st.floats(0.1, 20), min_size=5, max_size=5),
)
def test_slopes_are_those_of_numpys_weighted_fit(value, width):
    value, width = np.array(value), np.array(width)
    found = told(points(value, value - width, value + width))
    at, error = np.arange(5), 2 * width / 3.92
    slope, _ = np.polyfit(at, value, 1, w=1 / error)
    design = np.c_[np.ones(5), at] / error[:, None]
    unscaled = np.linalg.inv(design.T @ design)
    assert found["slope"] == pytest.approx(slope, rel=1e-6, abs=1e-9)
    chi = slope**2 / unscaled[1, 1]
    assert found["chi_square"] == pytest.approx(chi, rel=1e-5, abs=1e-9)
    without = [
        np.polyfit(np.delete(at, one), np.delete(value, one), 1, w=np.delete(1 / error, one))[0]
        for one in range(5)
    ]
    one_sign = min(without) > 0 or max(without) < 0
    if abs(chi - CRITICAL) > 1e-6 and min(map(abs, without)) > 1e-9:
        words = {1.0: "rising", -1.0: "falling"}
        expected = words[np.sign(slope)] if chi > CRITICAL and one_sign else "no clear trend"
        assert found["trend"] == expected


def test_where_limits_are_missing_there_is_no_answer():
    """Another program says "no significant change" here; its sum is 0 over 0."""
    for name, bad in itertools.product(["lower", "upper"], [np.nan, np.inf]):
        found = told(points(**{name: [*VALUE[:4], bad]}))
        assert found["trend"] == "cannot be calculated"
        assert found["reason"] == "the limits of some points are missing"
        assert np.isnan(found["chi_square"])
    found = told(points(lower=VALUE, upper=VALUE))
    assert (found["trend"], found["reason"]) == (
        "cannot be calculated", "the limits of some points are as wide as nothing",
    )  # fmt: skip


def test_with_wilsons_limits_the_same_series_rises():
    """Proportions that climb by ten points of many people: far beyond chance."""
    made = geoprofiles.proportion([5000, 5300, 5600, 5900, 6200], [10_000] * 5)
    found = told(points(made["value"], made["lower"], made["upper"]))
    assert found["trend"] == "rising"
    assert found["chi_square"] > 300


def test_one_point_alone_makes_no_trend():
    value = np.array([10.0, 10, 10, 10, 30])
    found = told(points(value, value - 1, value + 1))
    assert found["chi_square"] > CRITICAL
    assert found["trend"] == "no clear trend"
    value = np.array([10.0, 10.1, 9.9, 10, 10.05])
    assert told(points(value, value - 1, value + 1))["trend"] == "no clear trend"


def test_equal_values_are_no_trend():
    assert told(points([5] * 5, [4] * 5, [6] * 5))["trend"] == "no clear trend"


@pytest.mark.parametrize(
    ("periods", "reason"),
    [
        (["2019", "2020", "2021", "2022", "2024"], "some periods are missing between the others"),
        (["2012", "2014", "2016", "2018", "2020"], ""),
        (["2018 to 2020", "2019 to 2021", "2020 to 2022", "2021 to 2023", "2022 to 2024"], ""),
        (["2024-10", "2024-11", "2024-12", "2025-01", "2025-02"], ""),
        (["2024-10", "2024-11", "2024-12", "2025-02", "2025-03"],
         "some periods are missing between the others"),
        (["2023 Q4", "2024 Q1", "2024 Q2", "2024 Q3", "2024 Q4"], ""),
        (["2019-20", "2020-21", "2021-22", "2022-23", "2023-24"], ""),
    ],
)  # fmt: skip
def test_periods_must_follow_each_other(periods, reason):
    shuffled = points(period=periods).sample(frac=1, random_state=4)
    found = told(shuffled)
    assert found["reason"] == reason
    if not reason:
        assert found["slope"] == pytest.approx(0.7534061117)


def test_only_the_latest_five_count():
    table = pd.concat([points([90.0], [89.0], [91.0], ["2018/19"]), points()])
    assert told(table)["slope"] == pytest.approx(0.7534061117)
    assert told(table)["first"] == "2019/20"


def test_an_area_with_a_hole_is_not_calculated_and_others_are():
    table = pd.concat([points(), points(area="B").drop(index=2), points([np.nan] * 5, area="C")])
    found = geoprofiles.trends(table).set_index("area_code")
    assert found["trend"].tolist() == ["rising", "cannot be calculated", "cannot be calculated"]
    assert found["reason"].tolist()[1:] == ["only 4 of 5 periods", "some points have no value"]


@pytest.mark.parametrize(
    ("at", "reason", "first"),
    [
        ("2022/23", "only 2 of 5 periods since recording changed", "2022/23"),
        ("2022", "only 2 of 5 periods since recording changed", "2022/23"),
        ("2021-04", "only 3 of 5 periods since recording changed", "2021/22"),
        ("2019/20", "", "2019/20"),
        ("2015", "", "2019/20"),
        ("2031", "", "2019/20"),
    ],
)
def test_no_line_goes_across_a_break(at, reason, first):
    """Whether it is named as a period, as a year, or as a month within one."""
    found = told(points(), breaks=[at])
    assert (found["reason"], found["first"]) == (reason, first)
    assert told(points(), breaks=["2015", at])["first"] == first


def test_since_a_break_a_line_is_fitted_again():
    years = [str(year) for year in range(2014, 2024)]
    value = np.r_[np.full(5, 50.0), VALUE]
    table = points(value, np.r_[[49] * 5, LOWER], np.r_[[51] * 5, UPPER], years)
    found = told(table, breaks=["2019"])
    assert (found["slope"], found["trend"]) == (pytest.approx(0.7534061117), "rising")


def test_few_periods():
    for number in range(1, 5):
        few = points(*(one[:number] for one in (VALUE, LOWER, UPPER, YEARS)))
        found = told(few)
        assert found["reason"] == f"only {number} of 5 periods"
        assert np.isnan(found["slope"])
    assert geoprofiles.trends(points()[:0]).empty


def test_a_period_twice_is_refused():
    with pytest.raises(InputError, match="a period of 'theft' comes twice"):
        geoprofiles.trends(pd.concat([points(), points().head(1)]))


def test_chance_seldom_makes_a_trend():
    """998 of 1,000 by the critical value, more for the rule of five: of 2,000 flat areas."""
    rng = np.random.default_rng(7)
    rates = geoprofiles.crude_rate(rng.poisson(200, 10_000), np.full(10_000, 1000.0))
    table = rates.assign(
        area_code=np.repeat(np.arange(2000), 5), indicator="theft", period=YEARS * 2000
    )
    assert (geoprofiles.trends(table)["trend"] != "no clear trend").sum() <= 10


def test_words():
    assert trend_words("rising", "high is good") == "rising: getting better"
    assert trend_words("falling", "high is good") == "falling: getting worse"
    assert trend_words("cannot be calculated", "high is bad") == "cannot be calculated"
    assert period_order("year to June 2024") == ("2024", "year to June 2024")

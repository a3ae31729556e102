"""Rules that say which areas are high or low, against R, brute force and each other."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import geoprofiles
from geoprofiles.areas.rest import _rank_limits, dispersion
from geoprofiles.areas.rules import RULES, compare_by_rule
from geoprofiles.errors import InputError


def made(counts, people, *, method="rate", per=1000, **columns):
    function = geoprofiles.proportion if method == "proportion" else geoprofiles.crude_rate
    values = function(np.asarray(counts, float), np.asarray(people, float), per=per)
    table = values.assign(
        area_code=[f"A{at}" for at in range(len(values))], indicator="x", period="2025",
        numerator=counts, denominator=people, unit="u",
    )  # fmt: skip
    return geoprofiles.compare(table.assign(**columns))


COUNTS, PEOPLE = [120, 100, 95, 60, 20], [8000, 8200, 9000, 7000, 3000]


def test_each_rule_says_what_its_definition_says():
    table = made([130, 75, 60, 25, 10], [8000, 8200, 9000, 3200, 800])
    whole = 300 / 29_200 * 1000
    low, high = (
        1000 * one / 29_200
        for one in geoprofiles.crude_rate([300], [1], per=1).loc[0, ["lower", "upper"]]
    )
    interval = compare_by_rule(table, "interval")
    overlap = compare_by_rule(table, "overlap")
    for row, one, two in zip(
        table.itertuples(), interval["verdict"], overlap["verdict"], strict=True
    ):
        assert one == (
            "higher than the whole" if row.lower > whole
            else "lower than the whole" if row.upper < whole else "no clear difference"
        )  # fmt: skip
        assert two == (
            "higher than the whole" if row.lower > high
            else "lower than the whole" if row.upper < low else "no clear difference"
        )  # fmt: skip
    assert interval["verdict"].tolist() == [
        "higher than the whole", "no clear difference", "lower than the whole",
        "no clear difference", "no clear difference",
    ]  # fmt: skip
    assert (interval["verdict"] != overlap["verdict"]).sum() <= 2
    rest = compare_by_rule(table)
    expected = geoprofiles.compare_with_rest(table)
    assert rest["verdict"].tolist() == expected["verdict"].tolist()
    assert [compare_by_rule(table, rule)["rule"].unique().tolist() for rule in RULES] == [
        [rule] for rule in RULES
    ]


def test_overlap_is_too_shy():
    # At 75 events beside a whole of about 75, the interval speaks before overlap does.
    for second in range(76, 130, 6):
        table = made([75] * 40 + [second], [1000] * 41)
        one, two = (
            compare_by_rule(table, rule)["verdict"].iloc[-1] for rule in ("interval", "overlap")
        )
        assert not (two == "higher than the whole" and one == "no clear difference")
    assert one == two == "higher than the whole"


def test_the_whole_has_the_limits_of_its_counts():
    for method, function in (
        ("rate", geoprofiles.crude_rate),
        ("proportion", geoprofiles.proportion),
    ):
        table = made(COUNTS, PEOPLE, method=method, per=100)
        limits = function([sum(COUNTS)], [sum(PEOPLE)], per=100).iloc[0]
        for shift, verdict in ((1e-6, "lower than the whole"), (-1e-6, "no clear difference")):
            edge = table.assign(lower=0.0, upper=limits["lower"] - shift)
            assert set(compare_by_rule(edge, "overlap")["verdict"]) == {verdict}
        for shift, verdict in ((1e-6, "higher than the whole"), (-1e-6, "no clear difference")):
            edge = table.assign(lower=limits["upper"] + shift, upper=1e9)
            assert set(compare_by_rule(edge, "overlap")["verdict"]) == {verdict}


def test_a_whole_of_means_has_the_error_of_their_weighted_mean():
    table = made([4000.0, 6000.0], [100, 300], per=1).assign(
        value=[40.0, 20.0], lower=[38.0, 19.0], upper=[42.0, 21.0], method="Student's limits",
        whole=25.0,
    )  # fmt: skip
    error = math.sqrt((100 * 2) ** 2 + (300 * 1) ** 2) / 400
    for distance, verdict in ((1.001, "higher than the whole"), (0.999, "no clear difference")):
        edge = table.assign(value=[40.0, 25 + distance * error + 1])
        edge["lower"] = edge["value"] - 1
        edge.loc[0, "lower"] = 38.0
        edge["upper"] = edge["value"] + 1
        edge.loc[0, "upper"] = 42.0
        assert compare_by_rule(edge, "overlap")["verdict"].iloc[1] == verdict


def test_what_is_not_known_is_not_tested_by_any_rule():
    table = made([60, 20, 21], [1000.0] * 3)
    table.loc[0, "value"] = np.nan
    table.loc[1, "whole"] = np.nan
    for rule in ("interval", "overlap"):
        verdict = compare_by_rule(table, rule)["verdict"]
        assert (verdict == "not tested").tolist() == [True, True, False]
    none = made([0, 0], [10, 20])
    assert set(compare_by_rule(none, "overlap")["verdict"]) == {"no clear difference"}
    alone = made([5], [100])
    assert compare_by_rule(alone)["verdict"].tolist() == ["not tested"]
    assert compare_by_rule(alone, "interval")["verdict"].tolist() == ["no clear difference"]


def test_rules_and_columns_that_are_not_there_are_refused():
    table = made(COUNTS, PEOPLE)
    with pytest.raises(InputError, match="'rule' cannot be 'intervall'. Did you mean 'interval'?"):
        compare_by_rule(table, "intervall")
    with pytest.raises(InputError, match="Indicators lack the column 'whole'"):
        compare_by_rule(table.drop(columns="whole"), "interval")


def test_mid_p_and_false_discoveries_are_those_of_r():
    # R 4.2.2, pbinom and dbinom of 12 of 57 at 0.13: 2 (0.0289873709437 + 0.0312810530022 / 2)
    table = made([12, 45], [1300, 8700])
    assert geoprofiles.compare_with_rest(table)["p"].tolist() == pytest.approx(
        [0.0892557948896] * 2
    )
    # R 4.2.2, phyper and dhyper of 30 white among 120 drawn, of 400 white and 1600 black
    table = made([30, 370], [120, 1880], method="proportion")
    assert geoprofiles.compare_with_rest(table)["p"].iloc[0] == pytest.approx(0.165770678078)
    # R 4.2.2, p.adjust(p, "BH")
    p = [0.0002, 0.013, 0.021, 0.04, 0.041, 0.3, 0.74, 0.9]
    q = [0.0016, 0.052, 0.056, 0.0656, 0.0656, 0.4, 0.845714285714, 0.9]
    tested = geoprofiles.compare_with_rest(made([30, 12, 11, 14, 9, 13, 12, 10], [1000.0] * 8))
    order = tested["p"].sort_values()
    step = (order * 8 / np.arange(1, 9))[::-1].cummin()[::-1].clip(upper=1)
    assert tested["q"].loc[order.index].tolist() == pytest.approx(step.tolist())
    assert stats.false_discovery_control(p).tolist() == pytest.approx(q)


def test_ranks_lie_within_their_limits_as_brute_force_has_them():
    # 400,000 draws of Gamma(count + 0.5) over people: 2.5 and 97.5 centiles of the rank.
    tested = geoprofiles.compare_with_rest(made(COUNTS, PEOPLE))
    assert tested["rank_lower"].tolist() == [1, 1, 2, 3, 4]
    assert tested["rank_upper"].tolist() == [2, 3, 4, 5, 5]
    # Of Beta(count + 0.5, rest + 0.5): shares near 1 vary less than counts do.
    tested = geoprofiles.compare_with_rest(
        made([880, 400, 960, 450], [900, 420, 1000, 500], method="proportion")
    )
    assert tested["rank_lower"].tolist() == [1, 2, 2, 4]
    assert tested["rank_upper"].tolist() == [1, 3, 3, 4]


def test_areas_of_one_value_share_their_places():
    tested = geoprofiles.compare_with_rest(made([0, 0, 0, 40], [100, 5000, 90_000, 8000]))
    assert tested["rank"].tolist() == [2, 2, 2, 1]
    assert (tested["rank_lower"] <= tested["rank"]).all()
    assert (tested["rank_upper"].iloc[:3] == 4).all()
    low, high = _rank_limits(np.array([[1.0, 2.0, 3.0]] * 50), np.array([1.0, 2.0, 3.0]))
    assert (low.tolist(), high.tolist()) == ([3, 2, 1], [3, 2, 1])


@pytest.mark.parametrize(("areas", "mean"), [(17, 1), (17, 4), (200, 0.5), (200, 1), (200, 30)])
def test_chance_alone_shows_no_spread_even_among_small_counts(areas, mean):
    rng = np.random.default_rng(areas)
    spread = [
        geoprofiles.compare_with_rest(made(rng.poisson(mean, areas), [1000.0] * areas))[
            "dispersion"
        ].iloc[0]
        for _ in range(12)
    ]
    # Plain square roots see one in nearly all of these at a mean of 1 or less.
    assert sum(one > 1 for one in spread) <= 1


def test_a_large_area_is_measured_against_the_rest_and_not_itself():
    # It holds half of all: about the whole it can vary half as much as it could alone.
    table = made([600, 200, 100, 100, 100, 100], [5000, 2000, 1000, 1000, 1000, 1000])
    tested = geoprofiles.compare_with_rest(table)
    p, adjusted = tested.loc[0, ["p", "p_adjusted"]]
    assert tested["dispersion"].iloc[0] == 1
    assert adjusted == p
    normal = 2 * stats.norm.sf((600 - 1200 * 5 / 11) / math.sqrt(1200 * 5 / 11 * 6 / 11))
    assert p == pytest.approx(2 - normal if normal > 1 else normal, rel=0.1)


def test_beyond_the_spread_is_never_more_than_beyond_chance():
    rng = np.random.default_rng(2)
    for _ in range(20):
        counts = rng.poisson(rng.gamma(0.5, 8, 30))
        tested = geoprofiles.compare_with_rest(made(counts, [1000.0] * 30))
        assert (tested["p_adjusted"] >= tested["p"]).all()
        assert (tested["q_adjusted"] >= tested["q"] - 1e-12).all()


def test_figures_without_counts_are_tested_where_one_is_zero():
    table = made([0.0, 400, 900, 500], [100] * 4, per=1).assign(
        value=[0.0, 4, 9, 5], lower=[-1.0, 3, 8, 4], upper=[1.0, 5, 10, 6],
        method="Student's limits",
    )  # fmt: skip
    tested = geoprofiles.compare_with_rest(table.drop(columns="whole"))
    z = np.array([-4.5, -0.5, 4.5, 0.5]) * stats.norm.ppf(0.975)
    assert tested["p"].tolist() == pytest.approx((2 * stats.norm.sf(np.abs(z))).tolist())
    negative = table.assign(numerator=[-9.0, 400, 900, 500], whole=4.5)
    assert geoprofiles.compare_with_rest(negative)["p"].notna().all()  # scores may be below 0


def test_huge_counts_and_certain_shares_can_be_tested():
    table = made([31_000_000, 29_000_000], [500_000_000.0, 480_000_000.0])
    tested = geoprofiles.compare_with_rest(table)
    assert tested["p"].between(0, 1e-9).all()
    table = made([30_000_000, 29_000_000], [60_000_000.0, 58_000_000.0], method="proportion")
    assert geoprofiles.compare_with_rest(table)["p"].iloc[0] == pytest.approx(1, abs=0.01)
    sure = geoprofiles.compare_with_rest(made([9, 12, 7], [9, 12, 7], method="proportion"))
    assert set(sure["verdict"]) == {"cannot be told from the rest"}
    parts = made([8.6, 11.7, 6.9], [8.6, 11.7, 6.9], method="proportion")  # shared out by weights
    assert geoprofiles.compare_with_rest(parts)["p"].notna().all()


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 90), st.integers(100, 5000)), min_size=2, max_size=12),
    st.sampled_from(["rate", "proportion"]),
    st.randoms(use_true_random=False),
)
def test_order_labels_and_kinds_of_column_change_no_verdict(pairs, method, random):
    counts, people = zip(*pairs, strict=True)
    table = made(list(counts), list(people), method=method)
    order = list(range(len(table)))
    random.shuffle(order)
    other = table.iloc[order].set_axis([3] * len(table), axis=0)
    other = other.astype({"numerator": "Int64", "indicator": "category", "period": "category"})
    names = ["p", "q", "dispersion", "p_adjusted", "q_adjusted", "verdict"]
    one = geoprofiles.compare_with_rest(table).set_index("area_code")[names]
    two = geoprofiles.compare_with_rest(other).set_index("area_code")[names].loc[one.index]
    pd.testing.assert_frame_equal(one, two)
    names = ["whole", "difference", "ratio", "rank", "ranked"]
    again = geoprofiles.compare(other.drop(columns=names)).set_index("area_code")
    pd.testing.assert_frame_equal(table.set_index("area_code")[names], again.loc[one.index, names])
    for rule in ("interval", "overlap"):
        first = compare_by_rule(table, rule).set_index("area_code")["verdict"]
        second = compare_by_rule(other, rule).set_index("area_code")["verdict"]
        assert first.to_dict() == second.to_dict()


def test_a_whole_is_told_only_by_values_that_are_sums_over_sums():
    table = made([10, 20, 30], [1000, 1000, 1000])
    rounded = table.drop(columns="whole").assign(value=[10.1, 20.0, 29.9])
    assert geoprofiles.compare(rounded)["whole"].tolist() == pytest.approx([20.0] * 3, rel=0.02)
    given_ones = table.drop(columns="whole").assign(value=[71.0, 75.5, 80.2], method="as given")
    assert geoprofiles.compare(given_ones)["whole"].isna().all()
    kept = geoprofiles.compare(given_ones.assign(whole=76.0))
    assert kept["whole"].tolist() == [76.0] * 3
    unknown = table.drop(columns="whole").assign(numerator=np.nan, denominator=np.nan)
    assert geoprofiles.compare(unknown)["whole"].isna().all()
    none = made([0, 0, np.nan], [10, 20, 30])
    assert none["whole"].tolist() == [0.0] * 3


def test_the_spread_of_few_areas_is_not_told():
    assert dispersion(np.array([9.0, -9.0, 9.0, -9.0])) == 1.0

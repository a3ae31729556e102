"""Means, medians, surveys, harm and quotients: against R, brute force and closed forms."""

from __future__ import annotations

import math
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, UNLOCATED

VALUES = [12.5, 19, 3, 7, 22, 40, 1, 0, 15, 9]


def sums(values):
    return [sum(values)], [len(values)], [sum(one * one for one in values)]


@pytest.mark.parametrize(
    ("values", "confidence", "lower", "upper"),
    [  # R 4.2.2, t.test(x, conf.level=)$conf.int
        (VALUES, 0.95, 4.20293897245, 21.49706102755),
        (VALUES, 0.998, -3.57447368386, 29.27447368386),
        ([3, 7, 1, 12, 8, 5.5, 9], 0.95, 3.07058018026, 9.92941981974),
    ],
)
def test_limits_of_means_are_those_of_r(values, confidence, lower, upper):
    row = geoprofiles.mean_with_limits(*sums(values), confidence=confidence).iloc[0]
    assert row["value"] == pytest.approx(np.mean(values))
    assert row[["lower", "upper"]].tolist() == pytest.approx([lower, upper], rel=1e-10)
    assert row["method"] == "Student's limits"


def test_means_that_have_no_limits_say_why():
    number = pd.Series([0, 1, 2, 3, None], index=list("abcde"), dtype="Int64")
    total = pd.Series([0, 7, None, 9, 4], index=list("abcde"), dtype="Int64")
    made = geoprofiles.mean_with_limits(total, number, [0, 49, 10, np.nan, 4])
    assert made.index.tolist() == list("abcde")
    assert made["value"].fillna(-1).tolist() == [-1, 7, -1, 3, -1]
    assert made[["lower", "upper"]].isna().all(axis=None)
    assert made["method"].tolist() == [
        "no denominator", "no limits: fewer than two values", "not known", "no limits: no squares",
        "no denominator",
    ]  # fmt: skip


def test_sums_of_a_mean_that_cannot_be_are_refused():
    with pytest.raises(InputError, match=r"less than its sum allows.*sum of squared values"):
        geoprofiles.mean_with_limits([30], [5], [179])
    assert geoprofiles.mean_with_limits([30], [5], [180])["lower"].tolist() == [6.0]  # all alike
    with pytest.raises(InputError, match="a number of values is negative"):
        geoprofiles.mean_with_limits([30], [-5], [220])
    with pytest.raises(InputError, match="confidence"):
        geoprofiles.mean_with_limits([30], [5], [220], confidence=95)
    # Rounding among large numbers is no fault: five incomes of 31,337.77 each.
    large = [31_337.77] * 5
    assert geoprofiles.mean_with_limits(*sums(large))["method"].tolist() == ["Student's limits"]


@pytest.mark.parametrize(
    ("number", "place"),
    # R 4.2.2, qbinom(0.025, n, 0.5): the sign test's limits are this place from either end.
    [(6, 1), (9, 2), (10, 2), (17, 5), (25, 8), (100, 40)],
)
def test_limits_of_medians_are_those_of_the_sign_test(number, place):
    rng = np.random.default_rng(number)
    values = rng.permutation(np.arange(1.0, number + 1))
    median, lower, upper = geoprofiles.median_with_limits(values)
    assert (median, lower, upper) == ((number + 1) / 2, place, number + 1 - place)
    # Brute force: how often so many of n coins fall on one side.
    tail = sum(comb(number, k) for k in range(place)) / 2**number
    wider = sum(comb(number, k) for k in range(place + 1)) / 2**number
    assert tail <= 0.025 < wider


def test_medians_of_few_values_have_no_limits():
    assert geoprofiles.median_with_limits([4, 1, np.nan, 3]) == (
        3.0,
        pytest.approx(np.nan, nan_ok=True),
        pytest.approx(np.nan, nan_ok=True),
    )
    assert np.isnan(geoprofiles.median_with_limits([])).all()
    assert np.isnan(geoprofiles.median_with_limits([np.nan])).all()
    with pytest.raises(InputError, match="confidence"):
        geoprofiles.median_with_limits([1, 2], confidence=0)


def test_a_design_effect_gives_the_variance_of_a_weighted_survey():
    # R 4.2.2, survey 4.1-1: svymean of 400 answers, 30% yes in either half, weights 1 and 3:
    # SE 0.0256494588021, which divides by 399.
    effect = geoprofiles.design_effect([1] * 200 + [3] * 200)
    assert effect == pytest.approx(1.25)
    error = math.sqrt(0.3 * 0.7 * effect / 400 * 400 / 399)
    assert error == pytest.approx(0.0256494588021, rel=1e-10)


def test_survey_limits_are_wilsons_on_the_effective_number():
    # R 4.2.2, prop.test(36/1.4, 100/1.4, correct=FALSE)
    row = geoprofiles.survey_proportion([36], [100], design_effect=1.4).iloc[0]
    assert row[["lower", "upper"]].tolist() == pytest.approx([25.8472661840, 47.5817334673])
    plain = geoprofiles.proportion([36], [100]).iloc[0]
    alone = geoprofiles.survey_proportion([36], [100]).iloc[0]
    assert (
        alone[["value", "lower", "upper"]].tolist() == plain[["value", "lower", "upper"]].tolist()
    )
    assert alone["method"] == "Wilson's limits, design effect"


def test_surveys_that_cannot_be_are_refused_in_their_own_numbers():
    with pytest.raises(InputError, match=r"a part \(101\) is larger than its whole \(100\)"):
        geoprofiles.survey_proportion([101], [100], design_effect=2)
    for effect in (0, -1, np.nan):
        with pytest.raises(InputError, match="a design effect must be above 0"):
            geoprofiles.survey_proportion([10], [100], design_effect=effect)
    for weights in ([], [0, 0], [1, -1], [1, np.nan]):
        with pytest.raises(InputError, match="weights of 0 or more"):
            geoprofiles.design_effect(weights)
    none = geoprofiles.survey_proportion([0, np.nan], [0, 50])
    assert none["method"].tolist() == ["no denominator", "not known"]


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=40))
def test_a_design_effect_is_one_or_more_and_has_no_unit(weights):
    effect = geoprofiles.design_effect(weights)
    assert 1 - 1e-12 <= effect <= len(weights) + 1e-9
    assert geoprofiles.design_effect([7 * one for one in weights]) == pytest.approx(effect)


def counted(**by_area):
    rows = [(code, name, n) for code, one in by_area.items() for name, n in one.items()]
    return pd.DataFrame(rows, columns=["area_code", "category", "count"])


def people(**by_area):
    return pd.DataFrame({"area_code": list(by_area), "population": list(by_area.values())})


WEIGHTS = {"Theft": 2, "Violence": 10, "Robbery": 365}


def test_harm_is_weights_times_counts_with_limits_of_a_weighted_sum():
    counts = counted(A={"Theft": 40, "Violence": 25, "Robbery": 3})
    row = geoprofiles.harm_rate(counts, WEIGHTS, people(A=5000)).iloc[0]
    harm, events = 40 * 2 + 25 * 10 + 3 * 365, 68
    assert (row["numerator"], row["count"], row["denominator"]) == (harm, events, 5000)
    assert row["value"] == pytest.approx(harm / 5)
    assert row["largest"] == pytest.approx(365 / harm)
    scale = math.sqrt((40 * 2**2 + 25 * 10**2 + 3 * 365**2) / events)
    limits = geoprofiles.crude_rate([events], [1], per=1).iloc[0]
    expected = [(harm + scale * (limits[end] - events)) / 5 for end in ("lower", "upper")]
    assert row[["lower", "upper"]].tolist() == pytest.approx(expected)


def test_harm_with_one_weight_for_all_is_the_crude_rate():
    counts = counted(A={"Theft": 40, "Robbery": 3})
    row = geoprofiles.harm_rate(counts, {"Theft": 1, "Robbery": 1}, people(A=5000)).iloc[0]
    crude = geoprofiles.crude_rate([43], [5000]).iloc[0]
    names = ["value", "lower", "upper"]
    assert row[names].tolist() == pytest.approx(crude[names].tolist())


def test_limits_of_harm_hold_it_as_often_as_they_say():
    rng = np.random.default_rng(8)
    means = np.array([60.0, 20.0, 8.0])
    true = float(means @ [2, 10, 365]) / 5
    drawn = rng.poisson(means, (2000, 3))
    counts = pd.DataFrame(
        {
            "area_code": np.repeat([f"A{at}" for at in range(2000)], 3),
            "category": list(WEIGHTS) * 2000,
            "count": drawn.ravel(),
        }
    )
    population = pd.DataFrame({"area_code": counts["area_code"].unique(), "population": 5000})
    made = geoprofiles.harm_rate(counts, WEIGHTS, population)
    held = ((made["lower"] <= true) & (true <= made["upper"])).mean()
    assert 0.92 < held < 0.97


def test_harm_that_is_not_known_or_did_not_happen_says_so():
    counts = pd.concat(
        [
            counted(A={"Theft": 0}, B={"Theft": 5}, C={"Theft": np.nan, "Robbery": 1},
                    D={"Theft": 2, "Robbery": 1}),
            counted(**{OUTSIDE: {"Theft": 7}, UNLOCATED: {"Theft": 7}}),
        ]
    )  # fmt: skip
    counts = counts.astype({"area_code": "category", "category": "category"})
    made = geoprofiles.harm_rate(counts, WEIGHTS, people(D=1, A=100, B=0, C=100))
    assert made["area_code"].tolist() == ["A", "B", "C", "D"]
    assert made["method"].tolist() == [
        "no limits: no incidents", "no denominator", "not known", "Dobson's limits"
    ]  # fmt: skip
    assert made["value"].fillna(-1).tolist() == [0, -1, -1, 369_000]
    assert made["lower"].iloc[3] == 0  # one robbery carries it: no limit below zero
    assert np.isnan(made["upper"].iloc[0])


def test_harm_that_cannot_be_worked_out_is_refused():
    counts = counted(A={"Theft": 4, "Arson": 1, "Fraud": 1})
    with pytest.raises(InputError, match=r"no weight for Arson and Fraud.*0 leaves one out"):
        geoprofiles.harm_rate(counts, WEIGHTS, people(A=100))
    counts = counted(A={"Theft": 4})
    for weight in (-1, np.nan):
        with pytest.raises(InputError, match="a weight is negative or not known"):
            geoprofiles.harm_rate(counts, {"Theft": weight}, people(A=100))
    with pytest.raises(InputError, match=r"more than one number for 'A'.*one year"):
        geoprofiles.harm_rate(counts, WEIGHTS, pd.concat([people(A=100)] * 2))
    with pytest.raises(InputError, match="a count of 'A' is negative"):
        geoprofiles.harm_rate(counted(A={"Theft": -4}), WEIGHTS, people(A=100))


def test_quotients_are_shares_over_the_whole_by_hand():
    counts = counted(
        A={"Theft": 30, "Arson": 10}, B={"Theft": 20}, **{OUTSIDE: {"Arson": 900}}
    )  # fmt: skip
    made = geoprofiles.location_quotients(counts).set_index(["area_code", "category"])
    # Of 60, 50 are theft; B has no row for arson and none of it.
    assert made["value"].to_dict() == pytest.approx(
        {("A", "Theft"): 0.9, ("A", "Arson"): 1.5, ("B", "Theft"): 1.2, ("B", "Arson"): 0.0}
    )
    low, high = geoprofiles.proportion([10], [40], per=1).loc[0, ["lower", "upper"]]
    row = made.loc[("A", "Arson")]
    assert (row["lower"], row["upper"]) == pytest.approx((6 * low, 6 * high))
    months = pd.concat([counts.assign(count=counts["count"] * part) for part in (0.5, 0.5)])
    pd.testing.assert_frame_equal(
        geoprofiles.location_quotients(months),
        made.reset_index()[geoprofiles.location_quotients(counts).columns],
        check_dtype=False,  # halves are no whole numbers
    )


def test_counts_of_quotients_stay_of_their_kind():
    counts = counted(A={"Theft": 30, "Arson": 10}, B={"Theft": 20})
    assert geoprofiles.location_quotients(counts)["count"].tolist() == [30, 10, 20, 0]
    for dtype in ("int64", "Int64", "float64"):
        made = geoprofiles.location_quotients(counts.astype({"count": dtype}))
        assert made["count"].dtype == dtype
    unknown = counts.astype({"count": "Int64"})
    unknown.loc[1, "count"] = pd.NA
    made = geoprofiles.location_quotients(unknown)
    assert made["count"].isna().tolist() == [True, True, False, False]


def test_quotients_of_what_is_not_known_or_nothing():
    counts = counted(A={"Theft": 4, "Arson": np.nan}, B={"Theft": 3, "Arson": 1}, C={"Theft": 0})
    made = geoprofiles.location_quotients(counts).set_index(["area_code", "category"])
    assert made.loc["A", "value"].isna().all()
    assert made.loc["C", "value"].isna().all()  # nothing happened: no mix
    assert made.loc["B", "value"].tolist() == [1.0, 1.0]  # all that is known is of B
    nothing = geoprofiles.location_quotients(counted(A={"Theft": 0}))
    assert nothing["value"].isna().all()
    with pytest.raises(InputError, match="Counts lack the column 'category'"):
        geoprofiles.location_quotients(counts.drop(columns="category"))


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz"), st.integers(0, 50)),
             min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_quotients_average_to_one_in_any_order(rows, random):
    table = pd.DataFrame(rows, columns=["area_code", "category", "count"])
    made = geoprofiles.location_quotients(table).set_index(["area_code", "category"])
    known = made.dropna(subset=["value"])
    weighted = (known["value"] * known["whole_share"]).groupby("area_code").sum()
    assert np.allclose(weighted, 1)  # an area's quotients, weighted as the whole is
    assert (known["lower"] <= known["value"]).all()
    assert (known["value"] <= known["upper"]).all()
    random.shuffle(rows)
    other = geoprofiles.location_quotients(pd.DataFrame(rows, columns=table.columns))
    other = other.set_index(["area_code", "category"]).reindex(made.index)
    pd.testing.assert_frame_equal(made, other)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(list(WEIGHTS)), st.integers(0, 50)),
             min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_harm_adds_up_in_any_order(rows, random):
    table = pd.DataFrame(rows, columns=["area_code", "category", "count"])
    population = people(A=900, B=400)
    made = geoprofiles.harm_rate(table, WEIGHTS, population).set_index("area_code")
    assert made["numerator"].sum() == sum(WEIGHTS[name] * n for _, name, n in rows)
    known = made.dropna(subset=["upper"])
    assert ((known["lower"] <= known["value"]) & (known["value"] <= known["upper"])).all()
    random.shuffle(rows)
    other = geoprofiles.harm_rate(
        pd.DataFrame(rows, columns=table.columns), WEIGHTS, population[::-1], per=10
    ).set_index("area_code").reindex(made.index)  # fmt: skip
    for name in ("value", "lower", "upper"):
        assert np.allclose(made[name], 100 * other[name], equal_nan=True)

"""Figures made as definitions say: each method, what is suppressed, and what is withheld."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.values import _hidden

FIVES = ["0", "1-4", *(f"{age}-{age + 4}" for age in range(5, 85, 5)), "85+"]


def defined(method, multiplier=1.0, **columns):
    return pd.DataFrame(
        {"method": method, "multiplier": multiplier, "unit": "u", **columns}, index=["x"]
    )


def figures(numerator, denominator, **columns):
    codes = [f"A{at}" for at in range(len(numerator))]
    usual = {"area_code": codes, "indicator": "x", "period": "2025"}
    return pd.DataFrame(
        {**usual, "numerator": numerator, "denominator": denominator, **columns}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "extra", "make"),
    [
        ("rate", {}, lambda n, d: geoprofiles.crude_rate(n, d, per=100)),
        ("proportion", {}, lambda n, d: geoprofiles.proportion(n, d, per=100)),
        ("survey", {"design_effect": 1.7},
         lambda n, d: geoprofiles.survey_proportion(n, d, design_effect=1.7, per=100)),
        ("survey", {"design_effect": np.nan},
         lambda n, d: geoprofiles.survey_proportion(n, d, per=100)),
        ("mean", {}, lambda n, d: geoprofiles.mean_with_limits(n, d, [900, 80], per=100)),
    ],
)  # fmt: skip
def test_each_method_is_its_own_function(method, extra, make):
    table = figures([40, 9], [160, 90], squares=[900.0, 80.0])
    made = geoprofiles.indicator_values(table, defined(method, 100, **extra))
    names = ["value", "lower", "upper", "method"]
    pd.testing.assert_frame_equal(made[names], make([40, 9], [160, 90])[names])
    assert "whole" not in made


def test_a_plain_value_is_a_ratio_without_limits_and_may_be_negative():
    made = geoprofiles.indicator_values(figures([-30, 6], [10, 12]), defined("value"))
    assert made["value"].tolist() == [-3.0, 0.5]
    assert made[["lower", "upper"]].isna().all(axis=None)
    assert set(made["method"]) == {"ratio"}
    with pytest.raises(InputError, match="indicator 'x': a denominator is negative"):
        geoprofiles.indicator_values(figures([3], [-10]), defined("value"))


def test_given_figures_stay_as_they_are():
    table = figures([np.nan] * 2, [np.nan] * 2, value=[7.5, np.nan], lower=[6, np.nan], upper=9.0)
    made = geoprofiles.indicator_values(table, defined("given"))
    assert made["value"].iloc[0] == 7.5
    assert made["method"].tolist() == ["as given", "suppressed at its source"]
    compared = geoprofiles.compare(made)
    assert compared["whole"].isna().all()  # no sums, so nothing tells the whole; it is not 0


def by_age(codes, method, seed=4):
    rng = np.random.default_rng(seed)
    people = rng.integers(700, 1500, (len(codes), len(FIVES)))
    rate = np.array([0.004, *np.linspace(0.0002, 0.09, len(FIVES) - 2), 0.16])
    return pd.DataFrame(
        {
            "area_code": np.repeat(codes, len(FIVES)),
            "indicator": "x",
            "period": "2021 to 2023",
            "age": FIVES * len(codes),
            "numerator": rng.poisson(people * rate).ravel(),
            "denominator": people.ravel(),
        }
    )


@pytest.mark.parametrize(
    ("method", "make"),
    [
        ("directly standardised", geoprofiles.standardised_rate),
        ("indirectly standardised", geoprofiles.standardised_ratio),
        ("life expectancy", geoprofiles.life_expectancy),
    ],
)
def test_rates_by_age_bring_the_whole_that_all_ages_together_have(method, make):
    table = by_age(list("ABC"), method)
    per = {"directly standardised": 100_000, "indirectly standardised": 100}.get(method, 1)
    made = geoprofiles.indicator_values(table, defined(method, per))
    alone = make(table)
    assert made["area_code"].tolist() == list("ABC")
    assert made["value"].tolist() == alone["value"].tolist()
    sums = table.groupby("age", sort=False)[["numerator", "denominator"]].sum().reset_index()
    whole = make(sums.assign(area_code="all"))["value"].iloc[0]
    assert made["whole"].tolist() == pytest.approx([whole] * 3)
    assert geoprofiles.compare(made)["whole"].tolist() == pytest.approx([whole] * 3)


def test_an_area_with_a_suppressed_age_is_no_part_of_the_whole():
    table = by_age(list("ABC"), "life expectancy").astype({"numerator": "Int64"})
    table.loc[table["area_code"].eq("B") & table["age"].eq("5-9"), "numerator"] = pd.NA
    made = geoprofiles.indicator_values(table, defined("life expectancy"))
    assert made["value"].notna().tolist() == [True, False, True]
    rest = geoprofiles.indicator_values(
        table[table["area_code"] != "B"], defined("life expectancy")
    )
    assert made["whole"].tolist() == pytest.approx([rest["whole"].iloc[0]] * 3)
    none = table.assign(numerator=pd.array([pd.NA] * len(table), dtype="Int64"))
    made = geoprofiles.indicator_values(none, defined("life expectancy"))
    assert made["whole"].isna().all()
    assert geoprofiles.compare(made)["whole"].isna().all()


def test_repeat_events_reach_the_limits_and_empty_squares_do_not():
    table = by_age(list("AB"), "directly standardised")
    definition = defined("directly standardised", 100_000)
    plain = geoprofiles.indicator_values(table, definition)
    empty = geoprofiles.indicator_values(table.assign(squares=np.nan), definition)
    pd.testing.assert_frame_equal(plain, empty)
    wide = geoprofiles.indicator_values(table.assign(squares=4 * table["numerator"]), definition)
    half = [(made["upper"] - made["value"]).tolist() for made in (plain, wide)]
    assert half[1] == pytest.approx([2 * one for one in half[0]])  # the root of four


def test_what_is_suppressed_at_its_source_is_not_zero():
    table = figures([4, None, 0, 8], [100, 100, 100, None])
    table = table.astype({"numerator": "Int64", "denominator": "Int64"})
    for method in ("rate", "proportion", "value"):
        made = geoprofiles.indicator_values(table, defined(method, 100))
        assert made["value"].fillna(-1).tolist() == [4, -1, 0, -1]
        assert made["method"].tolist()[1::2] == ["suppressed at its source", "no denominator"]
        # The whole is of the areas that have both: 4 of 200.
        assert geoprofiles.compare(made)["whole"].tolist() == [2.0] * 4


def test_rows_keep_their_order_whatever_their_labels():
    table = pd.concat([figures([1, 2], [10, 10]), figures([3, 4], [10, 10], indicator="y")])
    table = table.iloc[[3, 0, 2, 1]].rename_axis("row")  # labels 1, 0, 0, 1 under a name
    definitions = pd.concat([defined("rate"), defined("directly standardised").rename({"x": "y"})])
    definitions.loc["y", "method"] = "proportion"
    made = geoprofiles.indicator_values(table, definitions)
    assert made["numerator"].tolist() == [4, 1, 3, 2]
    assert made["indicator"].tolist() == ["y", "x", "y", "x"]
    aged = by_age(list("CAB"), "life expectancy").set_index("denominator", drop=False)
    aged = aged.rename_axis("index").astype({"indicator": "category", "period": "category"})
    made = geoprofiles.indicator_values(aged, defined("life expectancy"))
    assert made["area_code"].tolist() == list("CAB")
    assert made.index.tolist() == [0, 1, 2]
    nothing = geoprofiles.indicator_values(table.iloc[:0], definitions)
    assert len(nothing) == 0
    assert "value" in nothing


@pytest.mark.parametrize(
    ("table", "definitions", "told"),
    [
        (figures([1], [2], indicator="z"), defined("rate"), "indicator 'z' has no definition"),
        (figures([1], [2]), pd.concat([defined("rate")] * 2), "'x' is defined twice"),
        (figures([1], [2]), defined("rates"), "'method of x' cannot be 'rates'.*'rate'"),
        (figures([1, 2], [2, 2], area_code="A"), defined("rate"),
         "indicator 'x': the area 'A' comes twice in the period '2025'.*one row"),
        (figures([1], [2]), defined("mean"), "Means lack the column 'squares'"),
        (figures([1], [2]), defined("given"), "lack the columns 'value', 'lower', 'upper'"),
        (figures([1], [2]), defined("life expectancy"), "lack the column 'age'"),
        (figures([3], [2]), defined("proportion"), r"indicator 'x': a part \(3\) is larger"),
        (figures([3], [2]).drop(columns="period"), defined("rate"), "lack the column 'period'"),
        (figures([3], [2]), defined("rate").drop(columns="unit"), "Definitions lack the column"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused(table, definitions, told):
    with pytest.raises(InputError, match=told):
        geoprofiles.indicator_values(table, definitions)


def test_few_events_go_with_another_and_the_whole_stays_true():
    table = figures([0, 3, 12, 9, 40], [1000] * 5)
    made = geoprofiles.indicator_values(table, defined("rate", 1000, disclosure="under 5"))
    assert made["numerator"].isna().tolist() == [False, True, False, True, False]
    gone = made[made["numerator"].isna()]
    assert gone[["value", "lower", "upper"]].isna().all(axis=None)
    assert set(gone["method"]) == {"withheld: fewer than 5 events somewhere"}
    # 64 of 5,000, the withheld included: leaving out small counts would make it too high.
    assert made["whole"].tolist() == [12.8] * 5
    compared = geoprofiles.compare(made)
    assert compared["whole"].tolist() == [12.8] * 5
    assert compared["rank"].isna().tolist() == made["numerator"].isna().tolist()
    shown = geoprofiles.indicator_values(table, defined("rate", 1000, disclosure="none"))
    assert shown["value"].notna().all()


def test_a_period_that_nothing_else_can_hide_is_withheld_whole():
    table = figures([0, 3, 0], [1000] * 3)
    made = geoprofiles.compare(
        geoprofiles.indicator_values(table, defined("rate", disclosure="under 5"))
    )
    assert made[["numerator", "value", "rank"]].isna().all(axis=None)
    other = pd.concat([table, figures([8, 9, 10], [1000] * 3, period="2024")])
    made = geoprofiles.indicator_values(other, defined("rate", disclosure="under 5"))
    assert made["value"].notna().tolist() == [False] * 3 + [True] * 3


def test_a_mean_rests_on_its_number_of_values():
    table = figures([2.0, 900, 300], [30, 3, 9], squares=[4.0, 290_000, 11_000])
    made = geoprofiles.indicator_values(table, defined("mean", disclosure="under 5"))
    assert made["value"].notna().tolist() == [True, False, False]
    assert made["denominator"].isna().tolist() == [False, True, True]


def feasible(hidden, least):
    """Enumerate what each withheld count can be, given their sum and which are few."""
    total = sum(hidden)
    few = [one for one in hidden if one < least]
    others = len(hidden) - len(few)
    found = [set() for _ in few]
    for values in itertools.product(range(1, least), repeat=len(few)):
        left = total - sum(values)
        if (left >= least * others) if others else left == 0:
            for place, value in enumerate(values):
                found[place].add(value)
    return found


@settings(max_examples=150)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=9), st.integers(2, 5))
def test_no_withheld_count_can_be_had_back_from_the_sum(counts, least):
    hidden = _hidden(np.array(counts, dtype=float), least)
    few = [one for one in counts if 0 < one < least]
    assert all(hidden[at] for at, one in enumerate(counts) if 0 < one < least)
    if not few:
        assert not hidden.any()
    elif not hidden.all():
        left = [one for one, gone in zip(counts, hidden, strict=True) if gone]
        assert 0 not in left
        assert feasible(left, least) == [set(range(1, least))] * len(few)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(60, 900)), min_size=1, max_size=12),
    st.sampled_from(["rate", "proportion", "value", "mean"]),
    st.sampled_from(["none", "under 5"]),
    st.randoms(use_true_random=False),
)
def test_order_changes_nothing_and_the_multiplier_scales_all(pairs, method, rule, random):
    counts, people = zip(*pairs, strict=True)
    # Counts of the same size may take each other's place; made all unlike, none does.
    counts = [one + at / 100 for at, one in enumerate(counts)]
    table = figures(counts, people, squares=[one**2 + 5.0 for one in counts])
    made = geoprofiles.indicator_values(table, defined(method, 1, disclosure=rule))
    order = list(range(len(table)))
    random.shuffle(order)
    other = geoprofiles.indicator_values(
        table.iloc[order], defined(method, 1000, disclosure=rule)
    ).set_index("area_code").loc[made["area_code"]].reset_index()  # fmt: skip
    names = ["value", "lower", "upper", *(["whole"] if "whole" in made else [])]
    assert np.allclose(1000 * made[names].astype(float), other[names], equal_nan=True)
    known = made.dropna(subset=["lower"])
    assert ((known["lower"] <= known["value"]) & (known["value"] <= known["upper"])).all()


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(60, 900)), min_size=2, max_size=12))
def test_sums_of_areas_have_the_whole_as_their_figure(pairs):
    counts, people = zip(*pairs, strict=True)
    for method in ("rate", "proportion", "value"):
        apart = geoprofiles.indicator_values(figures(counts, people), defined(method, 100))
        both = figures([sum(counts)], [sum(people)])
        together = geoprofiles.indicator_values(both, defined(method, 100))
        whole = geoprofiles.compare(apart)["whole"]
        assert np.allclose(whole, together["value"].iloc[0])

"""Rates by age and life expectancy: against published figures, another package and hand sums."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.standardise import ESP2013, ESP2013_FINE
from geoprofiles.indicators.strata import read_bands

FIVES = [f"{age}-{age + 4}" for age in range(5, 90, 5)]


def strata(code="A", **columns):
    return pd.DataFrame({"area_code": code, **columns})


def byar(count, z=1.959963984540054):
    """Limits by the printed formula (Breslow and Day 1987), written out anew."""
    more = count + 1
    return (
        count * (1 - 1 / (9 * count) - z / (3 * math.sqrt(count))) ** 3,
        more * (1 - 1 / (9 * more) + z / (3 * math.sqrt(more))) ** 3,
    )


def published_death_rates():
    """The worked example of the documentation of PHEindicatormethods (directly standardised)."""
    people = [30, 35, 35, 35, 40, 40, 45, 50, 50, 50, 60, 60, 70, 75, 70, 60, 20, 20, 15]
    deaths = [1, 1, 0, 0, 0, 1, 1, 3, 3, 3, 3, 10, 10, 10, 10, 8, 8, 8, 8]
    return strata(age=["0-4", *FIVES, "90+"], numerator=deaths, denominator=people)


def published_lives():
    """The worked example of the tests of PHEindicatormethods (life expectancy)."""
    people = [7060, 35059, 46974, 48489, 43219, 38561, 46009, 57208, 61435, 55601, 50209, 56416,
              46411, 39820, 37978, 37039, 33288, 23306, 11936, 11936]  # fmt: skip
    deaths = [17, 9, 4, 8, 20, 15, 24, 33, 50, 71, 100, 163, 263, 304, 536, 872, 1390, 1605, 1936,
              1937]  # fmt: skip
    return strata(age=["0", "1-4", *FIVES, "90+"], numerator=deaths, denominator=people)


def test_the_standard_population_is_the_published_one():
    assert sum(ESP2013.values()) == 100_000
    fine = ESP2013_FINE
    assert fine["0"] + fine["1-4"] == ESP2013["0-4"]
    assert fine["85-89"] + fine["90+"] == ESP2013["85+"]
    assert fine["90-94"] + fine["95+"] == fine["90+"]


def test_direct_rates_and_dobsons_limits_are_the_published_ones():
    row = geoprofiles.standardised_rate(published_death_rates()).iloc[0]
    assert row[["value", "lower", "upper"]].tolist() == pytest.approx(
        [8283.016, 6570.819, 10289.65], rel=1e-6
    )
    assert (row["numerator"], row["denominator"], row["method"]) == (88, 860, "Dobson's limits")


def test_direct_rates_of_another_package():
    # epitools 0.5-10, ageadjust.direct: 0.0083 a person (its limits are of another method).
    table = strata(age=list("abc"), numerator=[12, 30, 55], denominator=[4000, 5000, 2500])
    weights = {"a": 30, "b": 50, "c": 20}
    row = geoprofiles.standardised_rate(table, weights=weights, per=1).iloc[0]
    assert row["value"] == pytest.approx(0.0083, rel=1e-12)
    assert 0.0067 < row["lower"] < 0.0068
    assert 0.0101 < row["upper"] < 0.0102


def test_repeat_events_widen_limits_by_their_squares():
    # Persons with one, two and three events, by age; the variance of each age is f squared summed.
    persons = np.array([[6, 20, 30], [3, 2, 5], [0, 2, 5]])
    times = np.array([[1], [2], [3]])
    people, weight = np.array([4000, 5000, 2500]), np.array([30, 50, 20])
    events, squares = (persons * times).sum(axis=0), (persons * times**2).sum(axis=0)
    assert events.tolist() == [12, 30, 55]
    variance = sum(
        f**2 * sum(weight**2 * persons[f - 1] / people**2) for f in (1, 2, 3)
    ) / 100**2  # fmt: skip
    total = int(events.sum())
    low, high = (0.0083 + math.sqrt(variance / total) * (one - total) for one in byar(total))
    table = strata(
        age=list("abc"), numerator=events, denominator=people, squares=squares
    )  # fmt: skip
    weights = dict(zip("abc", weight, strict=True))
    row = geoprofiles.standardised_rate(table, weights=weights, per=1).iloc[0]
    assert row[["value", "lower", "upper"]].tolist() == pytest.approx([0.0083, low, high])
    once = geoprofiles.standardised_rate(
        table.assign(squares=events), weights=weights, per=1
    )  # fmt: skip
    plain = geoprofiles.standardised_rate(table.drop(columns="squares"), weights=weights, per=1)
    pd.testing.assert_frame_equal(once, plain)
    assert row["lower"] < plain["lower"].iloc[0] < plain["upper"].iloc[0] < row["upper"]
    with pytest.raises(InputError, match=r"squares of 'A' are below its events.*each person"):
        geoprofiles.standardised_rate(table.assign(squares=1), weights=weights)


def test_indirect_ratios_are_those_of_another_package():
    # epitools 0.5-10, ageadjust.indirect: expected 92.1410256410, ratio 1.052734103242.
    table = strata(age=list("abc"), numerator=[12, 30, 55], denominator=[4000, 5000, 2500])
    reference = pd.DataFrame(
        {"age": list("abc"), "numerator": [90, 310, 640], "denominator": [40_000, 52_000, 30_000]}
    )
    row = geoprofiles.standardised_ratio(table, reference=reference).iloc[0]
    assert row["denominator"] == pytest.approx(92.141025641)
    assert row["value"] == pytest.approx(105.2734103242)
    limits = [100 * one / 92.1410256410 for one in byar(97)]
    assert row[["lower", "upper"]].tolist() == pytest.approx(limits)


def test_ratios_about_all_areas_together_expect_what_there_was():
    rng = np.random.default_rng(3)
    table = pd.concat(
        strata(code, age=list("abcd"), numerator=rng.poisson(9, 4),
               denominator=rng.integers(100, 900, 4))
        for code in "PQRS"
    )  # fmt: skip
    made = geoprofiles.standardised_ratio(table)
    assert made["denominator"].sum() == pytest.approx(made["numerator"].sum())
    alone = geoprofiles.standardised_ratio(table[table["area_code"] == "P"])
    assert alone["value"].iloc[0] == pytest.approx(100)


def test_life_expectancy_is_the_published_one():
    row = geoprofiles.life_expectancy(published_lives()).iloc[0]
    assert row["value"] == pytest.approx(80.16960813, abs=1e-8)
    # Published with 1.96 for the normal quantile.
    assert row["lower"] == pytest.approx(79.88268548, abs=1e-5)
    assert row["upper"] == pytest.approx(80.45653078, abs=1e-5)


def test_life_expectancy_by_hand_in_two_ages():
    table = strata(age=["0-49", "50+"], numerator=[100, 800], denominator=[50_000, 20_000])
    dying = 50 * 0.002 / (1 + 25 * 0.002)
    alive = 1 - dying
    value = 50 * (alive + dying / 2) + alive * 25
    error = math.sqrt(
        dying**2 * (1 - dying) / 100 * (25 + 25) ** 2 + alive**2 * 25**2 / 800
    )  # fmt: skip
    row = geoprofiles.life_expectancy(table).iloc[0]
    assert row["value"] == pytest.approx(value)
    assert row["upper"] - row["value"] == pytest.approx(1.959963984540054 * error)


def test_single_years_of_age_tell_the_same_as_bands():
    # At one death rate for all, a life lasts one over it, whatever the bands.
    single = [str(age) for age in range(90)] + ["90+"]
    for ages in (single, ["0", "1-4", *FIVES, "90+"]):
        table = strata(age=ages, numerator=[20] * len(ages), denominator=[1600] * len(ages))
        assert geoprofiles.life_expectancy(table)["value"].iloc[0] == pytest.approx(80, abs=0.1)


def lives(**changes):
    table = published_lives()
    for column, (age, value) in changes.items():
        table[column] = table[column].astype(float)
        table.loc[table["age"] == age, column] = value
    return table


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (lives(denominator=("40-44", 0)), "an age without people"),
        (lives(denominator=("40-44", np.nan)), "a figure is not known"),
        (lives(numerator=("40-44", np.nan)), "a figure is not known"),
        (lives(numerator=("40-44", 60_000)), "more deaths than people at an age"),
        (lives(denominator=("80-84", 3900)), "more deaths than people at an age"),
        (lives(numerator=("90+", 0)), "nobody died at the last age"),
        (published_lives().assign(denominator=249, numerator=1), "fewer than 5,000 people"),
    ],
)  # fmt: skip
def test_life_expectancy_is_withheld_with_its_reason(table, told):
    row = geoprofiles.life_expectancy(table).iloc[0]
    assert row["method"] == f"withheld: {told}"
    assert row[["value", "lower", "upper"]].isna().all()


def test_one_bad_area_takes_no_other_with_it():
    lacking = published_lives().assign(area_code="B").iloc[:-1]
    both = pd.concat([lacking, published_lives()])
    made = geoprofiles.life_expectancy(both).set_index("area_code")
    assert made.loc["B", "method"] == "withheld: an age without people"
    assert made.loc["A", "value"] == pytest.approx(80.16960813)


@pytest.mark.parametrize(
    ("ages", "told"),
    [
        (["0-4", "10+"], "leave a gap"),
        (["0-4", "5-9"], "leave a gap"),
        (["1-4", "5+"], "leave a gap"),
        (["0-9", "5+"], "'0-9' and '5\\+' overlap"),
        (["0-4", "five and over"], "'five and over' is no age"),
    ],
)
def test_ages_that_cannot_be_read_are_refused(ages, told):
    table = strata(age=ages, numerator=[10, 10], denominator=[9000, 9000])
    with pytest.raises(InputError, match=told):
        geoprofiles.life_expectancy(table)


def test_ages_are_read_in_any_order_and_with_any_dash():
    assert read_bands(["85+", "0", "1–4", "5 - 84"]) == {
        "0": (0, 1.0), "1–4": (1, 4.0), "5 - 84": (5, 80.0), "85+": (85, math.inf)
    }  # fmt: skip
    table = published_death_rates()
    other = table.assign(age=table["age"].str.replace("-", " – "))
    one, two = (geoprofiles.standardised_rate(some)["value"].iloc[0] for some in (table, other))
    assert one == two


def test_what_is_suppressed_at_one_age_is_not_zero():
    table = pd.concat([published_death_rates(), published_death_rates().assign(area_code="B")])
    table = table.astype({"numerator": "Int64"}).reset_index(drop=True)
    table.loc[3, "numerator"] = pd.NA
    made = geoprofiles.standardised_rate(table).set_index("area_code")
    assert made.loc["A", "method"] == "withheld: a figure is not known"
    assert made.loc["A", ["value", "numerator"]].isna().all()
    assert made.loc["A", "denominator"] == 860
    assert made.loc["B", "value"] == pytest.approx(8283.016)
    ratio = geoprofiles.standardised_ratio(table).set_index("area_code")
    assert ratio.loc["A", "method"] == "withheld: a figure is not known"
    # The reference is then of B alone at that age, and of both at the others.
    assert ratio.loc["B", "denominator"] == pytest.approx(88)


def test_a_missing_age_is_not_left_out_of_the_standard():
    whole = published_death_rates()
    table = pd.concat([whole, whole.assign(area_code="B").iloc[:-1]])
    made = geoprofiles.standardised_rate(table)
    assert made["method"].tolist() == ["Dobson's limits", "withheld: an age without people"]
    ratio = geoprofiles.standardised_ratio(table)
    assert ratio["value"].notna().tolist() == [True, False]
    # Where no area has it, the rate is of the ages that there are, as of those under 75.
    under = whole[whole["age"].isin(["0-4", *FIVES[:14]])]
    assert geoprofiles.standardised_rate(under)["value"].notna().all()


def test_few_events_and_no_events_have_no_rate():
    table = strata(age=["0-4", "5-9"], numerator=[4, 5], denominator=[100, 100])
    row = geoprofiles.standardised_rate(table).iloc[0]
    assert row["method"] == "withheld: fewer than 10 events"
    assert row["numerator"] == 9
    none = geoprofiles.standardised_rate(table.assign(numerator=0))
    assert none["value"].isna().all()
    ratio = geoprofiles.standardised_ratio(table.assign(numerator=0))
    assert ratio["method"].tolist() == ["no denominator"]  # nothing was to be expected


def test_an_event_of_great_weight_draws_no_limit_below_zero():
    table = strata(age=["a", "b"], numerator=[10, 1], denominator=[1000, 1])
    row = geoprofiles.standardised_rate(table, weights={"a": 1, "b": 1}, per=1).iloc[0]
    assert row["lower"] == 0
    assert row["value"] == pytest.approx(0.505)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"numerator": -1}, "a numerator of 'A' is negative"),
        ({"denominator": -1}, "a denominator of 'A' is negative"),
        ({"age": "5-9"}, "the age '5-9' of 'A' comes twice"),
        ({"area_code": None}, "a row of the strata has no area code"),
        ({"age": ["0-4", "0-19"]}, "the ages '0-4' and '0-19' overlap"),
        ({"age": ["0-4", "75+"]}, "has no age '75\\+'.*five-year ages"),
        ({"age": ["0-4", "all"]}, "'all' is no age"),
    ],
)
def test_strata_that_cannot_be_are_refused(change, told):
    table = strata(age=["0-4", "5-9"], numerator=[40, 50], denominator=[100, 100])
    with pytest.raises(InputError, match=told):
        geoprofiles.standardised_rate(table.assign(**change))


def test_arguments_are_checked():
    table = published_lives()
    for function in (geoprofiles.life_expectancy, geoprofiles.standardised_ratio):
        with pytest.raises(InputError, match="'confidence' must lie between 0 and 1"):
            function(table, confidence=95)
    with pytest.raises(InputError, match="'per' must be a number above 0"):
        geoprofiles.standardised_rate(published_death_rates(), per=0)
    with pytest.raises(InputError, match="Strata lack the column 'age'"):
        geoprofiles.standardised_rate(table.drop(columns="age"))
    with pytest.raises(InputError, match="has no age 'b'"):
        weights = {"a": 1, "b": -2}
        some = strata(age=["a", "b"], numerator=[9, 9], denominator=[9, 9])
        geoprofiles.standardised_rate(some, weights=weights)
    with pytest.raises(InputError, match="the reference has no people of the age '0'"):
        geoprofiles.standardised_ratio(table, reference=published_death_rates())
    # Ages of a reference may be numbers where those of the table are texts.
    some = strata(age=["1", "2"], numerator=[9, 9], denominator=[9, 9])
    reference = pd.DataFrame({"age": [1, 2], "numerator": [1, 1], "denominator": [2, 2]})
    assert geoprofiles.standardised_ratio(some, reference=reference)["value"].tolist() == [200.0]


areas = st.lists(
    st.lists(st.tuples(st.integers(0, 400), st.integers(500, 5000)), min_size=4, max_size=4),
    min_size=1, max_size=5,
)  # fmt: skip


def table_of(numbers):
    rows = [
        (f"A{at}", age, *pair)
        for at, one in enumerate(numbers)
        for age, pair in zip(["0", "1-4", "5-9", "10+"], one, strict=True)
    ]
    return pd.DataFrame(rows, columns=["area_code", "age", "numerator", "denominator"])


WEIGHTS = {"0": 10, "1-4": 40, "5-9": 50, "10+": 900}


@settings(max_examples=20)
@given(areas, st.randoms(use_true_random=False))
def test_order_and_labels_of_rows_do_not_matter(numbers, random):
    table = table_of(numbers)
    order = list(range(len(table)))
    random.shuffle(order)
    shuffled = table.iloc[order].set_axis([0] * len(table), axis=0)
    shuffled["area_code"] = pd.Categorical(
        shuffled["area_code"], categories=["X", "A4", "A3", "A2", "A1", "A0"]
    )
    for function in (
        lambda some: geoprofiles.standardised_rate(some, weights=WEIGHTS),
        geoprofiles.standardised_ratio,
        geoprofiles.life_expectancy,
    ):
        one = function(table).set_index("area_code").sort_index()
        two = function(shuffled).set_index("area_code").sort_index()
        pd.testing.assert_frame_equal(one, two, check_index_type=False)


@settings(max_examples=20)
@given(areas)
def test_values_lie_between_their_limits_and_per_scales_all(numbers):
    table = table_of(numbers)
    rates = geoprofiles.standardised_rate(table, weights=WEIGHTS, per=1)
    tenfold = geoprofiles.standardised_rate(table, weights=WEIGHTS, per=10)
    columns = ["value", "lower", "upper"]
    assert np.allclose(tenfold[columns], 10 * rates[columns], equal_nan=True)
    for made in (rates, geoprofiles.standardised_ratio(table), geoprofiles.life_expectancy(table)):
        known = made.dropna(subset=["value"])
        assert (known["lower"] <= known["value"]).all()
        assert (known["value"] <= known["upper"]).all()


@settings(max_examples=20)
@given(areas)
def test_a_rate_lies_between_those_of_its_ages(numbers):
    table = table_of(numbers)
    rates = geoprofiles.standardised_rate(table, weights=WEIGHTS, per=1).set_index("area_code")
    by_age = (table["numerator"] / table["denominator"]).groupby(table["area_code"])
    known = rates["value"].dropna()
    assert (known >= by_age.min()[known.index] - 1e-12).all()
    assert (known <= by_age.max()[known.index] + 1e-12).all()
    # Weighted as the people are, it is the crude rate.
    first = table[table["area_code"] == "A0"]
    own = dict(zip(first["age"], first["denominator"], strict=True))
    row = geoprofiles.standardised_rate(first, weights=own, per=1).iloc[0]
    if row["numerator"] >= 10:
        assert row["value"] == pytest.approx(row["numerator"] / row["denominator"])
        crude = geoprofiles.crude_rate([row["numerator"]], [row["denominator"]], per=1).iloc[0]
        assert row["lower"] == pytest.approx(crude["lower"])

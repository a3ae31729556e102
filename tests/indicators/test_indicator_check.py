"""What would mislead in a table of indicators: each fault planted, found, named and counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.check import _span


def table(**columns):
    usual = {
        "area_code": list("ABC"), "indicator": "x", "period": "2025",
        "numerator": [4.0, 5.0, 6.0], "denominator": [40.0, 50.0, 60.0],
    }  # fmt: skip
    return pd.DataFrame({**usual, **columns})


def found(frame, method="proportion", areas=None, **columns):
    definitions = pd.DataFrame({"method": [method], **columns}, index=["x"])
    return geoprofiles.check_indicators(frame, definitions, areas=areas)


@pytest.mark.parametrize(
    "method", ["rate", "proportion", "value", "indirectly standardised"],
)  # fmt: skip
def test_nothing_is_found_where_nothing_is_wrong(method):
    frame = table(age="all") if "standardised" in method else table()
    made = found(frame, method, areas=list("ABC"))
    assert made.empty
    assert made.columns.tolist() == [
        "severity", "indicator", "problem", "count", "first", "remedy"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "method", "severity", "problem", "count", "first"),
    [
        (table(denominator=[40, np.nan, 60]), "rate", "error",
         "the denominator is missing", 1, "B"),
        (table(denominator=[40, 0, 0]), "rate", "error", "the denominator is zero", 2, "B"),
        (table(numerator=[4, -5, 6]), "rate", "error", "a number is negative", 1, "B"),
        (table(denominator=[40, 50, -60]), "value", "error", "a number is negative", 1, "C"),
        (table(numerator=[4, 51, 6]), "survey", "error",
         "the numerator is larger than the denominator", 1, "B"),
        (table(numerator=[4, np.nan, np.nan]), "rate", "caution",
         r"the numerator is not known \(suppressed or empty\)", 2, "B"),
        (table(numerator=[0.1, 0.5, 1], denominator=100), "proportion", "error",
         "percentages are given as parts of 1 over 100", 3, "A"),
        (table(numerator=[10, 50, 7.5], denominator=100), "proportion", "caution",
         "every denominator is 100: these are percentages, not counts", 3, "A"),
        (table(numerator=[0, 0, 0], denominator=100), "proportion", "caution",
         "every denominator is 100: these are percentages, not counts", 3, "A"),
        (table(numerator=[0.1, 0.5, 0.4], denominator=1), "proportion", "caution",
         "every denominator is 1: these are parts of 1, not counts", 3, "A"),
        (table(numerator=[4, 0.35, 6]), "proportion", "caution",
         "some numerators are parts of 1, others are counts", 1, "B"),
        (table(area_code=list("ABA")), "rate", "error", "an area comes twice in a period", 1, "A"),
        (table(), "life expectancy", "error", ".*the table has no column 'age'", 3, "A"),
        (table(), "mean", "error", ".*the table has no column 'squares'", 3, "A"),
        (table(), "survey", "caution", ".*no design effect is said", 3, "A"),
        (table(), "given", "error", ".*no column 'value', 'lower' and 'upper'", 3, "A"),
        (table(value=[1, 2, 3], lower=[0, 3, 2], upper=4), "given", "error",
         "a value lies outside its limits", 1, "B"),
        (table(value=[1, np.nan, 3], lower=np.nan, upper=np.nan), "given", "caution",
         r"the value is not known \(suppressed or empty\)", 1, "B"),
        (table(period=["2024/25", "2025", "2023"]), "rate", "caution",
         "the periods '2024/25' and '2025' overlap", 1, "B"),
        (table(period=["2024", "2025", "20x5"]), "rate", "caution",
         "no year can be read in the period '20x5'", 1, "C"),
        (table(numerator=[4, 5.5, 6.25]), "rate", "caution",
         r"a numerator is no whole number \(5.5\)", 2, "B"),
        (table(numerator=np.nan, value=4.0), "rate", "error",
         "it has values and no numerator, and its method is 'rate'", 3, "A"),
        (table(indicator="y"), "rate", "error", "it has no definition", 3, "A"),
    ],
)  # fmt: skip
def test_each_fault_is_found_counted_and_has_its_remedy(
    frame, method, severity, problem, count, first
):
    made = found(frame, method)
    mine = made[made["problem"].str.fullmatch(problem)]
    assert mine[["severity", "count", "first"]].values.tolist() == [[severity, count, first]]
    assert mine["remedy"].iloc[0].endswith((".", "?"))


def test_a_period_that_most_areas_lack_is_told_and_one_that_half_have_is_not():
    codes = [f"W{at}" for at in range(8)]
    whole = pd.concat([table(area_code="", period="2024").iloc[[0] * 8].assign(area_code=codes)])
    for stray, told in ((3, True), (4, False)):
        frame = pd.concat([whole, whole.head(stray).assign(period="2999")])
        made = found(frame, "rate")
        expected = [[f"most areas lack the period '2999': {stray} of 8 have it", stray, "W0"]]
        assert made[["problem", "count", "first"]].values.tolist() == (expected if told else [])


def test_a_share_weighted_by_people_need_count_no_whole_number():
    frame = table(numerator=[4.5, 5, 6])
    assert len(found(frame)) == 1
    frame.attrs["weighted"] = ("x",)
    assert found(frame).empty


def test_scores_may_lie_below_zero():
    frame = table(numerator=[-4, 5, 6], squares=9)
    for method in ("value", "mean"):
        assert found(frame, method).empty


def test_a_design_effect_that_is_said_is_not_missed():
    assert found(table(), "survey", design_effect=1.4).empty
    assert len(found(table(), "survey", design_effect=np.nan)) == 1


def test_percentages_that_are_given_are_told_by_their_unit():
    frame = table(value=[0.2, 0.5, 1.0], lower=np.nan, upper=np.nan)
    made = found(frame, "given", unit="%")
    assert made["problem"].tolist() == ["percentages are given as parts of 1"]
    assert found(frame, "given", unit="children per woman").empty
    assert found(frame.assign(value=[20, 50, 0.4]), "given", unit="%").empty


def test_ages_of_an_area_are_no_repetition():
    frame = pd.concat([table(age="0-4"), table(age="5+")])
    assert found(frame, "directly standardised").empty
    twice = found(pd.concat([frame, table(age="5+")]), "directly standardised")
    assert twice[["problem", "count"]].values.tolist() == [["an area comes twice in a period", 3]]
    assert found(frame, "rate")["problem"].tolist() == ["an area comes twice in a period"]


def test_areas_that_are_missing_or_none_of_these_are_named():
    made = found(table(), areas=["A", "C", "D", "E"])
    assert made["problem"].tolist() == [
        "2 of 4 areas are missing: D and E",
        "1 of 3 codes are of none of these areas: B",
    ]
    assert made["first"].tolist() == ["D", "B"]
    assert set(made["severity"]) == {"caution"}


def test_many_areas_are_looked_up_at_once():
    codes = [f"E{at:08}" for at in range(30_000)]
    frame = table(area_code=codes[:3]).iloc[[0]].loc[[0] * 29_000].assign(area_code=codes[1000:])
    made = found(frame, areas=codes)  # a look through all codes for each would take minutes
    assert made["count"].tolist() == [1000]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2025", "2025-01", "2025-12"),
        ("2024/25", "2024-04", "2025-03"),
        ("2024/2025", "2024-04", "2025-03"),
        ("2021 to 2023", "2021-01", "2023-12"),
        ("2021-2023", "2021-01", "2023-12"),
        ("2021 – 2023", "2021-01", "2023-12"),
    ],
)
def test_periods_are_read_as_the_months_they_span(period, first, last):
    months = [pd.Period(one, "M") for one in (first, last)]
    assert _span(period) == tuple(one.year * 12 + one.month - 1 for one in months)


def test_periods_that_do_not_share_a_month_do_not_overlap():
    for periods in (["2021", "2022", "2023"], ["2021/22", "2022/23", "2024"],
                    ["2018 to 2020", "2021 to 2023", "2024"]):  # fmt: skip
        assert found(table(period=periods)).empty
    rolling = found(table(period=["2019 to 2021", "2020 to 2022", "2025"]))
    assert rolling["problem"].tolist() == [
        "the periods '2019 to 2021' and '2020 to 2022' overlap"
    ]  # fmt: skip


def test_faults_hold_for_any_kind_of_column():
    frame = table(numerator=[4, None, 61]).astype(
        {"numerator": "Int64", "denominator": "Int64", "indicator": "category",
         "area_code": "category"}
    )  # fmt: skip
    made = found(frame.iloc[[2, 0, 1]])
    assert made[["problem", "first"]].values.tolist() == [
        ["the numerator is larger than the denominator", "C"],
        ["the numerator is not known (suppressed or empty)", "B"],
    ]


def test_tables_that_cannot_be_checked_are_refused():
    definitions = pd.DataFrame({"method": ["rate", "rate"]}, index=["x", "x"])
    with pytest.raises(InputError, match="the indicator 'x' is defined twice"):
        geoprofiles.check_indicators(table(), definitions)
    with pytest.raises(InputError, match="Definitions lack the column 'method'"):
        geoprofiles.check_indicators(table(), definitions[[]])
    with pytest.raises(InputError, match="Indicators lack the column 'period'"):
        geoprofiles.check_indicators(table().drop(columns="period"), definitions)


@pytest.mark.parametrize(("first", "asked"), [(0.2, 1), (5.0, 0), (0.95, 1)])
def test_given_percentages_of_two_scales_are_asked_about(first, asked):
    value = [first, 20.0, 22.0, 19.0]
    table = pd.DataFrame(
        {"area_code": list("ABCD"), "indicator": "smoke", "period": "2025", "numerator": None,
         "denominator": None, "value": value, "lower": 0.0, "upper": 30.0}
    )  # fmt: skip
    meaning = pd.DataFrame({"method": ["given"], "unit": ["%"]}, index=["smoke"])
    found = geoprofiles.check_indicators(table, meaning)
    mixed = found[found["problem"].str.contains("parts of 1, beside")]
    assert len(mixed) == asked
    assert (mixed["first"] == "A").all()

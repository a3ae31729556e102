"""Rates, proportions, comparison: against published numbers and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError, InputWarning


@pytest.mark.parametrize(
    ("events", "lower", "upper"),
    [
        (0, 0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (9, 4.115, 17.085),  # Garwood 1936
        (10, 4.7875, 18.391), (100, 81.36, 121.63),  # Byar
    ],
)  # fmt: skip
def test_poisson_limits_are_the_published_ones(events, lower, upper):
    row = geoprofiles.crude_rate([events], [1000]).iloc[0]
    assert row["value"] == events
    assert row["lower"] == pytest.approx(lower, rel=8e-4, abs=1e-9)
    assert row["upper"] == pytest.approx(upper, rel=2e-4)


@given(st.integers(10, 5000))
@settings(deadline=None)  # the first call loads scipy.stats
def test_byar_is_near_the_exact_limits(events):
    from scipy import stats

    row = geoprofiles.crude_rate([events], [1000]).iloc[0]
    assert row["lower"] == pytest.approx(stats.chi2.ppf(0.025, 2 * events) / 2, rel=0.003)
    assert row["upper"] == pytest.approx(stats.chi2.ppf(0.975, 2 * events + 2) / 2, rel=0.003)


@pytest.mark.parametrize(
    ("part", "whole", "lower", "upper"),
    [
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),  # Newcombe 1998, table I, method 3
    ],
)  # fmt: skip
def test_wilson_limits_are_the_published_ones(part, whole, lower, upper):
    row = geoprofiles.proportion([part], [whole], per=1).iloc[0]
    assert row["lower"] == pytest.approx(lower, abs=6e-5)
    assert row["upper"] == pytest.approx(upper, abs=6e-5)


def test_no_denominator_is_no_rate():
    table = geoprofiles.crude_rate([4, 4], [0, np.nan])
    assert table["value"].isna().all()
    assert table["method"].tolist() == ["no denominator"] * 2


@pytest.mark.parametrize("function", [geoprofiles.crude_rate, geoprofiles.proportion])
def test_what_cannot_be_is_refused(function):
    with pytest.raises(InputError, match="negative"):
        function([-1], [10])
    with pytest.raises(InputError, match="confidence"):
        function([1], [10], confidence=95)
    with pytest.raises(InputError, match="per"):
        function([1], [10], per=0)


def test_a_part_larger_than_its_whole_is_refused():
    with pytest.raises(InputError, match=r"part \(11\) is larger than its whole \(10\)"):
        geoprofiles.proportion([11], [10])


def counts(**by_area):
    months = pd.to_datetime(["2026-05-01", "2026-06-01"])
    rows = [
        (code, code, month, "Theft", number)
        for code, numbers in by_area.items()
        for month, number in zip(months, numbers, strict=True)
    ]
    return pd.DataFrame(rows, columns=["area_code", "area_name", "month", "category", "count"])


def people(**by_area):
    rows = [(code, 2025, float(number)) for code, number in by_area.items()]
    return pd.DataFrame(rows, columns=["area_code", "year", "population"])


def test_rates_take_the_period_and_leave_out_what_is_outside():
    table = counts(A=(1, 9), B=(0, 4), **{"(outside)": (5, 5)})
    june = pd.Timestamp("2026-06-01")
    rates = geoprofiles.rate_by_area(
        table, people(A=1000, B=2000), indicator="Theft", period=(june, june)
    )
    assert rates["area_code"].tolist() == ["A", "B"]
    assert rates["value"].tolist() == [9.0, 2.0]
    assert set(rates["period"]) == {"June 2026"}


def test_an_area_without_people_has_a_count_and_no_rate():
    counted = counts(A=(1, 1), B=(2, 2))
    with pytest.warns(InputWarning, match="lacks 1 of 2 areas, with 66.7% of the incidents: B"):
        rates = geoprofiles.rate_by_area(counted, people(A=100), indicator="Theft")
    known = geoprofiles.rate_by_area(counted, people(A=100, B=float("nan")), indicator="Theft")
    pd.testing.assert_frame_equal(rates, known)
    assert rates["numerator"].tolist() == [2, 4]
    assert rates["value"].isna().tolist() == [False, True]
    compared = geoprofiles.compare(rates)
    # The whole is of the areas that have both: 2 of 100, not 6 of 100.
    assert compared["whole"].tolist() == [20.0, 20.0]
    assert compared["rank"].tolist()[0] == 1
    assert compared["ranked"].tolist() == [1, 1]


def test_two_years_at_once_are_refused():
    twice = pd.concat([people(A=100), people(A=110)])
    with pytest.raises(InputError, match="more than one number for 'A'"):
        geoprofiles.rate_by_area(counts(A=(1, 1)), twice, indicator="Theft")


def test_the_whole_is_pooled_and_ties_share_a_rank():
    rates = geoprofiles.rate_by_area(
        counts(A=(5, 5), B=(5, 5), C=(0, 0)), people(A=1000, B=1000, C=8000), indicator="Theft"
    )
    compared = geoprofiles.compare(rates)
    assert compared["whole"].tolist() == pytest.approx([2.0] * 3)  # 20 / 10,000, not (10+10+0)/3
    assert compared["rank"].tolist() == [1, 1, 3]
    assert compared["difference"].tolist() == pytest.approx([8, 8, -2])


def test_where_nothing_happened_the_whole_is_zero():
    compared = geoprofiles.compare(
        geoprofiles.rate_by_area(counts(A=(0, 0)), people(A=100), indicator="Theft")
    )
    assert compared["whole"].tolist() == [0.0]
    assert compared["ratio"].isna().all()


def test_sums_are_brought_up_and_totals_kept():
    small = people(a=10, b=20, c=30)
    lookup = pd.DataFrame({"source": ["a", "b", "c"], "target": ["B", "A", "B"]})
    large = geoprofiles.sum_to_areas(small, lookup)
    assert large.set_index("area_code")["population"].to_dict() == {"B": 40.0, "A": 20.0}
    small.loc[0, "population"] = np.nan
    large = geoprofiles.sum_to_areas(small, lookup).set_index("area_code")["population"]
    assert np.isnan(large["B"])
    assert large["A"] == 20
    # A part without a row is as unknown as one without a value.
    large = geoprofiles.sum_to_areas(people(a=10, b=20), lookup).set_index("area_code")
    assert np.isnan(large["population"]["B"])
    with pytest.raises(InputError, match="2 of the codes are not in the look-up: a and b"):
        geoprofiles.sum_to_areas(small, lookup.iloc[2:])
    double = pd.concat([lookup, pd.DataFrame({"source": ["a"], "target": ["A"]})])
    with pytest.raises(InputError, match="'a' to more than one"):
        geoprofiles.sum_to_areas(small, double)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6).map(lambda x: round(x, 3)), max_size=60), st.integers(1, 7))
def test_class_breaks_cover_every_value_and_rise(values, classes):
    breaks = geoprofiles.class_breaks(values, classes=classes)
    assert list(breaks) == sorted(set(breaks))
    assert len(breaks) <= classes or len(breaks) <= len(set(values))
    if values:
        assert breaks[-1] >= max(values)
        # Rounding a bound must not move a value: every class holds at least one.
        held = np.searchsorted(breaks, np.array(values), side="left")
        assert set(held) == set(range(len(breaks)))


def test_class_breaks_of_little_data():
    assert geoprofiles.class_breaks([]) == ()
    assert geoprofiles.class_breaks([np.nan]) == ()
    assert geoprofiles.class_breaks([0, 0, 0]) == (0.0,)
    assert geoprofiles.class_breaks([2.5, 2.5]) == (2.5,)


@pytest.mark.parametrize(
    ("events", "lower", "upper"),
    [  # R 4.2.2, poisson.test(x)$conf.int
        (0, 0, 3.68887945411), (1, 0.0253178079843, 5.5716433909389),
        (4, 1.08986537363, 10.24158867540), (9, 4.11537309738, 17.08480345142),
    ],
)  # fmt: skip
def test_exact_limits_are_those_of_r(events, lower, upper):
    row = geoprofiles.crude_rate([events], [1], per=1).iloc[0]
    assert row[["lower", "upper"]].tolist() == pytest.approx([lower, upper], rel=1e-10)
    assert row["method"] == "exact Poisson limits"


@pytest.mark.parametrize(
    ("part", "whole", "lower", "upper"),
    [  # R 4.2.2, prop.test(x, n, correct=FALSE)$conf.int
        (63, 177, 0.289142617467, 0.428842404704), (0, 20, 0, 0.161125158053),
        (250, 1000, 0.224153098984, 0.277760280259),
    ],
)  # fmt: skip
def test_wilson_limits_are_those_of_r(part, whole, lower, upper):
    row = geoprofiles.proportion([part], [whole], per=1).iloc[0]
    assert row[["lower", "upper"]].tolist() == pytest.approx([lower, upper], rel=1e-10)
    other = geoprofiles.proportion([whole - part], [whole], per=1).iloc[0]
    assert [1 - other["upper"], 1 - other["lower"]] == pytest.approx([lower, upper])


@pytest.mark.parametrize("function", [geoprofiles.crude_rate, geoprofiles.proportion])
def test_what_is_not_known_has_no_figure_and_says_so(function):
    count = pd.Series([4, None, 0], index=list("abc"), dtype="Int64")
    made = function(count, pd.Series([10, 10, None], index=list("abc"), dtype="Int64"))
    assert made["value"].isna().tolist() == [False, True, True]
    assert made["method"].tolist()[1:] == ["not known", "no denominator"]
    with pytest.raises(InputError, match="on different indexes.*reindex"):
        function(count, pd.Series([10, 10, 20], index=list("cba")))
    with pytest.raises(InputError, match=r"a denominator is infinite \(inf\), in place 2"):
        function([1, 2], [3, np.inf])


def test_counts_shared_out_may_pass_their_whole_by_rounding():
    part, whole = 0.1 + 0.2, 0.3
    assert part > whole
    row = geoprofiles.proportion([part], [whole]).iloc[0]
    assert row[["value", "upper"]].tolist() == [100.0, 100.0]


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 10**9)), min_size=1, max_size=20),
    st.floats(0.5, 0.9999),
)
def test_values_lie_between_limits_that_widen_with_confidence(pairs, confidence):
    counts, people = (np.array(one, dtype=float) for one in zip(*pairs, strict=True))
    parts = np.minimum(counts, people)
    for function, first in ((geoprofiles.crude_rate, counts), (geoprofiles.proportion, parts)):
        near = function(first, people, confidence=confidence)
        far = function(first, people, confidence=confidence + (1 - confidence) / 2)
        for made in (near, far):
            assert ((made["lower"] >= 0) & (made["lower"] <= made["value"])).all()
            assert (made["value"] <= made["upper"]).all()
        assert (far["lower"] <= near["lower"]).all()
        assert (near["upper"] <= far["upper"]).all()
        tenfold = function(first, people, per=10, confidence=confidence)
        unit = function(first, people, per=1, confidence=confidence)
        assert np.allclose(
            tenfold[["value", "lower", "upper"]], 10 * unit[["value", "lower", "upper"]]
        )

"""Benchmarks: wholes by hand, fifths by the published formula, bands by R, Bargate left out."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.benchmark import (
    benchmarks,
    denominators_side_by_side,
    quintiles,
    similar_places,
)

# Total crime per 1,000 of places like Southampton, without it; R 4.2: predict(lm(v ~ 1),
# interval = "prediction").
SIMILAR = [137.6, 125.4, 116.6, 114.9, 112.0, 110.4, 101.6, 96.8, 92.9]
BAND = (112.0222, 77.9587, 146.0857)


def table(count, people, *, per=1000.0):
    count, people = np.asarray(count, dtype=float), np.asarray(people, dtype=float)
    return pd.DataFrame(
        {
            "area_code": [f"A{at}" for at in range(len(count))],
            "indicator": "theft",
            "period": "2025",
            "numerator": count,
            "denominator": people,
            "value": count / people * per,
        }
    )


def test_wholes_are_sums_and_never_averages():
    found = benchmarks(table([90, 40, 20], [1000, 4000, 1000]))
    assert found["whole"].tolist() == pytest.approx([25] * 3)
    assert found["median"].tolist() == [20] * 3
    assert found["left_out"].tolist() == ["A0"] * 3
    assert found["left_out_share"].tolist() == pytest.approx([0.6] * 3)
    assert found["whole_without"].tolist() == pytest.approx([12] * 3)
    assert found["changes_side"].tolist() == [False, False, True]


def test_each_indicator_leaves_out_its_own_unless_said():
    two = pd.concat(
        [table([90, 40], [1000, 1000]), table([1, 4], [100, 100], per=100).assign(indicator="x")]
    ).reset_index(drop=True)
    assert benchmarks(two)["left_out"].tolist() == ["A0", "A0", "A1", "A1"]
    assert set(benchmarks(two, without="A0")["left_out"]) == {"A0"}
    with pytest.raises(InputError, match="there is no area 'Mill' to leave out"):
        benchmarks(two, without="Mill")


def test_areas_without_a_figure_count_for_nothing():
    hole = table([90, 40, 20], [1000, 1000, 1000])
    hole.loc[2, ["value", "numerator"]] = np.nan
    found = benchmarks(hole)
    assert found["whole"].tolist() == [65] * 3
    assert not found["changes_side"].iloc[2]


def test_one_area_and_areas_without_an_event():
    alone = benchmarks(table([5], [100]))
    assert alone["whole"].tolist() == [50]
    assert alone["whole_without"].isna().all()
    assert not alone["changes_side"].any()
    nothing = benchmarks(table([0, 0], [100, 100]))
    assert not nothing["changes_side"].any()


def test_what_is_standardised_keeps_its_own_whole():
    found = benchmarks(table([90, 40, 20], [1000, 4000, 1000]).assign(whole=30.0))
    assert found["whole"].tolist() == [30] * 3
    assert found["whole_without"].isna().all()


@given(st.integers(5, 400), st.sampled_from([5, 10]))
def test_fifths_are_those_of_the_published_formula(number, groups):
    """q = floor((k + 1) - ceil((n + 1 - rank) / (n / k))), and as even as they can be."""
    ranks = np.arange(1, number + 1)
    expected = [
        math.floor((groups + 1) - math.ceil(round((number + 1 - rank) / (number / groups), 9)))
        for rank in ranks
    ]
    found = quintiles(ranks, groups=groups)
    assert found.tolist() == expected
    sizes = np.bincount(found.astype(int), minlength=groups + 1)[1:]
    assert sizes.max() - sizes.min() <= 1


@given(st.permutations(list(range(12))))
def test_local_fifths_rank_anew(order):
    spread = np.array(order) * 997.0 + 3
    found = quintiles(spread)
    assert found[np.argsort(spread)].tolist() == quintiles(range(1, 13)).tolist()


def test_fifths_at_their_edges():
    assert quintiles([np.nan, 1, np.nan, 2], groups=2)[[1, 3]].tolist() == [1, 2]
    assert np.isnan(quintiles([np.nan, 1])[0])
    assert np.isnan(quintiles([np.nan])).all()
    assert np.isnan(quintiles([np.nan, 5], of=10)[0])
    assert quintiles([1], of=1).tolist() == [1]
    for rank in (0, 11):
        with pytest.raises(InputError, match="outside 1 to 10"):
            quintiles([rank], of=10)


def test_the_band_is_rs_prediction_interval():
    places = dict(zip("ABCDEFGHI", SIMILAR, strict=True))
    found = similar_places({"Southampton": 124.0, **places}, "Southampton")
    assert (found["mean"], found["lower"], found["upper"]) == pytest.approx(BAND, abs=1e-4)
    assert (found["rank"], found["places"], found["side"]) == (3, 10, "within")
    assert found["median"] == pytest.approx(np.median([124.0, *SIMILAR]))
    assert "the 3rd highest of 10 similar places, within the band" in found["sentence"]


def test_the_band_holds_one_more_of_them_as_often_as_it_says():
    rng = np.random.default_rng(6)
    inside = [
        similar_places(dict(enumerate(rng.normal(100, 15, 8))), 0)["side"] == "within"
        for _ in range(1500)
    ]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.015)


def test_places_all_alike_and_places_without_a_figure():
    alike = similar_places(dict.fromkeys("ABCDEFG", 0.1), "A")
    assert (alike["side"], alike["rank"]) == ("within", 1)
    some = similar_places({"A": 50.0, "B": 1.0, "C": 2.0, "D": 3.0, "E": np.nan}, "A")
    assert (some["places"], some["side"]) == (4, "above")
    low = similar_places({"A": -50.0, "B": 1.0, "C": 2.0, "D": 3.0}, "A")
    assert (low["rank"], low["side"]) == (4, "below")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"A": np.nan, "B": 1.0, "C": 2.0, "D": 3.0}, "'A' has no value"),
        ({"B": 1.0, "C": 2.0, "D": 3.0}, "'A' has no value"),
        ({"A": 1.0, "B": 1.0, "C": 2.0}, "at least three similar places"),
    ],
)
def test_bands_at_fault(values, told):
    with pytest.raises(InputError, match=told):
        similar_places(values, "A")


def test_denominators_side_by_side():
    homes = table([10, 20, 30, 5], [100, 100, 100, 100])
    people = table([10, 20, 30, 5], [20, 400, 900, 100])
    people.loc[3, "value"] = np.nan
    found = denominators_side_by_side({"homes": homes, "people": people})
    assert found["rank: homes"].tolist() == [3, 2, 1, 4]
    assert found["rank: people"].tolist()[:3] == [1, 2, 3]
    assert pd.isna(found["rank: people"].iloc[3])
    assert found["moves"].tolist() == [2, 0, 2, 0]
    assert not found["flagged"].any()
    with pytest.raises(InputError, match="at least two denominators"):
        denominators_side_by_side({"homes": homes})


@pytest.mark.real
def test_bargate_is_the_benchmark_of_southamptons_shoplifting(southampton_rates):
    """It holds 42%: 6.6 per 1,000 with it, 4.1 without, 3.4 in the median ward."""
    found = benchmarks(southampton_rates(["Shoplifting"]))
    assert found["left_out"].iloc[0] == "E05015491"
    assert found["left_out_share"].iloc[0] == pytest.approx(0.42, abs=0.005)
    first = found.iloc[0]
    figures = first["whole"], first["whole_without"], first["median"]
    assert figures == pytest.approx((6.6, 4.1, 3.4), abs=0.05)
    assert (found["value"] < found["whole"]).sum() == 13
    assert found["changes_side"].sum() == 4


@pytest.mark.real
def test_ranks_of_southamptons_wards_carry_less_than_they_seem_to(southampton_rates):
    """Places of 17 that a ward's rank may be off: 1 of all crime, 4 of burglary, 8 of theft."""
    for categories, wide, widest in [
        (None, 1, 3), (["Burglary"], 4, 6), (["Theft from the person"], 8, 11),
    ]:  # fmt: skip
        rates = southampton_rates(categories, without="Anti-social behaviour")
        found = geoprofiles.compare_with_rest(rates)
        width = (found["rank_upper"] - found["rank_lower"]).astype(float)
        assert (round(width.mean()), width.max()) == (wide, widest)


@pytest.mark.real
@pytest.mark.parametrize("year", [2019, 2025])
def test_tenths_are_those_published(shared_data, year):
    """But for the one area at each cut: the publisher rounds ten times rank over number up."""
    suffix = {2019: "2019_lsoa11", 2025: "2025_lsoa21"}[year]
    ranks = pd.read_csv(shared_data / "deprivation" / f"england_imd{suffix}.csv.gz")
    found = quintiles(ranks["IMD_rank"], groups=10, of=len(ranks))
    assert (np.ceil(ranks["IMD_rank"] * 10 / len(ranks)) == ranks["IMD_decile"]).all()
    assert (found != ranks["IMD_decile"]).sum() <= 9
    assert np.abs(found - ranks["IMD_decile"]).max() <= 1

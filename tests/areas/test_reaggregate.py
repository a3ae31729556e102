"""Sums brought to other areas: totals kept, the unknown unknown, guesses told and refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.areas.reaggregate import compare_ways
from geoprofiles.errors import InputError
from geoprofiles.read import read_areas, read_lookup, read_population, read_weights

WARDS = ["E05015490", "E05015493", "E05015496"]  # Banister & Polygon, Bevois, Freemantle


def points(*pairs, **options):
    frame = pd.DataFrame(pairs, columns=["source", "target", "weight"])
    return geoprofiles.crosswalk_from_points(frame, weight="weight", **{"small": True, **options})


def people(**numbers):
    return pd.DataFrame({"area_code": list(numbers), "population": list(numbers.values())})


def lookup(*pairs, **options):
    frame = pd.DataFrame(list(map(list, pairs)), columns=["source", "target"])
    return geoprofiles.crosswalk_from_lookup(frame, **options)


def test_weights_by_hand():
    way = points(("a", "A", 1), ("b", "A", 3), ("b", "B", 1))
    moved = geoprofiles.reaggregate(people(a=100, b=40), way)
    assert moved["area_code"].tolist() == ["A", "B"]
    assert moved["population"].tolist() == [130, 10]
    assert moved["assigned"].round(4).tolist() == [round(30 / 130, 4), 1]
    assert moved["method"].tolist() == ["weights", "weights"]
    assert moved.attrs["assigned"] == pytest.approx(40 / 140)


def test_merged_areas_add_up_and_stay_whole_numbers():
    moved = geoprofiles.reaggregate(people(a=2, b=3, c=5), lookup("aA", "bA", "cC"))
    assert moved["population"].tolist() == [5, 5]
    assert moved["population"].dtype == "int64"
    assert moved["assigned"].eq(0).all()
    assert moved.attrs["method"] == "whole areas summed"


def test_a_split_without_weights_is_refused_but_only_where_it_matters():
    way = lookup("aA", "bB", "bC")
    with pytest.raises(InputError, match="1 of the areas, with 80.0% of the total, were split"):
        geoprofiles.reaggregate(people(a=1, b=4), way)
    assert geoprofiles.reaggregate(people(a=1), way)["population"].tolist() == [1]


def test_codes_that_the_crosswalk_lacks_are_counted_and_named():
    with pytest.raises(InputError, match=r"lacks 1 of 2 codes, with 75.0% of the total: b"):
        geoprofiles.reaggregate(people(a=1, b=3), lookup("aA"))


def test_the_unknown_stays_unknown():
    values = people(a=1.0, b=np.nan, c=4.0)
    moved = geoprofiles.reaggregate(values, lookup("aA", "bA", "cC"))
    assert moved["population"].isna().tolist() == [True, False]
    assert "part is not known" in moved.attrs["notes"][0]
    without_b = geoprofiles.reaggregate(values.drop(1), lookup("aA", "bA", "cC"))
    assert without_b["population"].isna().tolist() == [True, False]


def test_best_fit_is_refused_without_evidence_above_the_limit_and_forced():
    values = people(a=90, b=10)
    bare = lookup("aA", "bB", best_fit=True)
    with pytest.raises(InputError, match="by best fit 100.0% .*nothing tells"):
        geoprofiles.reaggregate(values, bare)
    assert geoprofiles.reaggregate(values, bare, force=True)["population"].tolist() == [90, 10]
    evidence = pd.DataFrame(
        [("a", "A", 5), ("b", "A", 2), ("b", "B", 3)], columns=["source", "target", "weight"]
    )
    way = lookup("aA", "bB", weights=evidence, best_fit=True)
    with pytest.raises(InputError, match="by best fit 10.0%"):
        geoprofiles.reaggregate(values, way)
    moved = geoprofiles.reaggregate(values, way, limit=0.1)
    assert moved["population"].tolist() == [90, 10]
    # Of A's figure nothing was assigned to it, but 4 that would be its own went to B.
    assert moved["assigned"].round(4).tolist() == [round(4 / 94, 4), 1]
    assert moved["method"].tolist() == ["best fit", "best fit"]


def test_area_shares_are_refused_above_the_limit():
    way = points(("a", "A", 1), ("a", "B", 1), small=False)
    with pytest.raises(InputError, match="by area shares 100.0%"):
        geoprofiles.reaggregate(people(a=2), way)
    assert geoprofiles.reaggregate(people(a=2), way, force=True)["population"].tolist() == [1, 1]


def test_the_best_way_that_serves_is_taken():
    values = people(a=90, b=10)
    fit = lookup("aA", "bB", best_fit=True)
    weights = points(("a", "A", 1), ("b", "A", 1), ("b", "B", 1))
    assert geoprofiles.reaggregate(values, [fit, weights]).attrs["method"] == "weights"
    short = points(("a", "A", 1))
    moved = geoprofiles.reaggregate(values, [fit, short], force=True)
    assert moved.attrs["method"] == "best fit"
    assert "Whole areas summed would not do: the crosswalk lacks 1 of 2" in moved.attrs["notes"][0]
    with pytest.raises(InputError, match="none of 2 ways will do"):
        geoprofiles.reaggregate(values, [fit, short])
    with pytest.raises(InputError, match="no crosswalk"):
        geoprofiles.reaggregate(values, [])


def test_keys_tell_rows_apart():
    values = pd.DataFrame(
        {"area_code": ["a", "a", "b", "b"], "age": [0, 1, 0, 1], "population": [1.0, 2, 4, 8]}
    )
    way = points(("a", "A", 1), ("b", "A", 1), ("b", "B", 1))
    moved = geoprofiles.reaggregate(values, way, by=["age"])
    assert moved[["area_code", "age", "population"]].values.tolist() == [
        ["A", 0, 3], ["A", 1, 6], ["B", 0, 2], ["B", 1, 4],
    ]  # fmt: skip
    with pytest.raises(InputError, match="'a' comes more than once"):
        geoprofiles.reaggregate(values, way)


def test_rates_are_not_averaged():
    with pytest.raises(InputError, match="no sum to bring over"):
        geoprofiles.reaggregate(pd.DataFrame({"area_code": ["a"], "value": [1]}), lookup("aA"))


def test_outside_and_unlocated_are_carried_along():
    values = people(a=10, **{"(outside)": 3, "(unlocated)": 2})
    frame = pd.DataFrame({"source": ["a", "a"], "target": ["A", None]})
    way = geoprofiles.crosswalk_from_points(frame, small=True)
    moved = geoprofiles.reaggregate(values, way).set_index("area_code")
    assert moved["population"].to_dict() == {"A": 5, "(outside)": 8, "(unlocated)": 2}
    assert moved.loc["(outside)", "assigned"] == pytest.approx(5 / 8)
    plain = geoprofiles.reaggregate(values, lookup("aA"))
    assert plain["population"].tolist() == [10, 3, 2]


def test_a_crosswalk_made_by_hand_must_preserve_totals():
    way = points(("a", "A", 1))
    bad = way.assign(share=0.9)
    bad.attrs = way.attrs
    with pytest.raises(InputError, match="does not preserve totals"):
        geoprofiles.reaggregate(people(a=10), bad)
    with pytest.raises(InputError, match="does not say its method"):
        geoprofiles.reaggregate(people(a=10), pd.DataFrame(way.to_dict("list")))


def test_inputs_are_not_changed_and_no_rows_give_no_rows():
    values, way = people(a=1, b=2), lookup("aA", "bA")
    before = values.copy(deep=True), way.copy(deep=True)
    geoprofiles.reaggregate(values, way)
    pd.testing.assert_frame_equal(values, before[0])
    pd.testing.assert_frame_equal(way, before[1])
    assert geoprofiles.reaggregate(values.iloc[:0], way).empty


ROWS = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from([*"ABC", None]), st.floats(0.1, 9.0)),
    min_size=1,
    max_size=20,
)


@given(ROWS, st.lists(st.integers(0, 10**6), min_size=10, max_size=10), st.randoms())
@settings(max_examples=30, deadline=None)
def test_totals_are_preserved_whatever_the_order(rows, numbers, random):
    frame = pd.DataFrame(rows, columns=["source", "target", "weight"])
    way = geoprofiles.crosswalk_from_points(frame, weight="weight", small=True)
    sources = frame["source"].unique()
    values = pd.DataFrame(
        [(code, month) for code in sources for month in (1, 2)], columns=["area_code", "month"]
    )
    values["count"] = numbers[: len(values)]
    moved = geoprofiles.reaggregate(values, way)
    for month in (1, 2):
        before = values.loc[values["month"] == month, "count"].sum()
        after = moved.loc[moved["month"] == month, "count"].sum()
        assert after == pytest.approx(before, abs=1e-6)
    assert moved["assigned"].between(0, 1).all()
    shuffled = values.sample(frac=1, random_state=random.randrange(1000))
    again = geoprofiles.reaggregate(shuffled, way)
    key = ["area_code", "month"]
    pd.testing.assert_frame_equal(
        moved.sort_values(key).reset_index(drop=True), again.sort_values(key).reset_index(drop=True)
    )


# The real city: old and new wards, LSOAs of both censuses.


@pytest.fixture(scope="module")
def data(shared_data):
    return shared_data


def postcodes(data, source, target):
    return read_weights(
        data / "postcodes" / "so_postcodes_2025.csv.gz", source=source, target=target
    )


def residents(data):
    file = data / "census2021" / "southampton_lsoa21_residents_households.csv"
    return read_population(file, value="usual_residents", year=2021)


@pytest.mark.real
def test_best_fit_was_exact_for_the_old_wards(data):
    folder = data / "population"
    values = read_population(
        folder / "southampton_lsoa11_mid_year_population_by_age.csv.gz", year=2020
    )
    published = read_lookup(data / "lookups" / "ew_lsoa11_to_ward17.csv.gz")
    weights = postcodes(data, "lsoa11_code", "ward_2011_2022_code")
    moved = geoprofiles.reaggregate(values, geoprofiles.crosswalk_from_lookup(published, weights))
    assert moved.attrs["assigned"] < 0.007  # one postcode of one LSOA, by generalised outlines
    truth = read_population(
        folder / "southampton_portsmouth_ward2020_mid2020_population_by_age_sex.csv.gz",
        code="ward_code",
        where={"sex": "persons"},
    ).set_index("area_code")["population"]
    assert len(moved) == 16
    assert moved["population"].tolist() == truth[moved["area_code"]].tolist()


@pytest.mark.real
def test_best_fit_breaks_for_the_new_wards(data):
    values = residents(data)
    weights = postcodes(data, "lsoa21_code", "ward_2023_code").dropna()
    published = read_lookup(
        data / "lookups" / "ew_lsoa21_to_ward24.csv.gz", source="lsoa21_code", target="ward24_code"
    )
    fit = geoprofiles.crosswalk_from_lookup(published, weights)
    with pytest.raises(InputError, match="by best fit 19.0% of the total"):
        geoprofiles.reaggregate(values, fit)
    way = geoprofiles.crosswalk_from_points(weights)
    compared = compare_ways(values, fit, way).set_index("area_code")["population_difference"]
    assert len(compared) == 17
    assert compared[WARDS].round(3).tolist() == [0.211, 0.055, -0.187]
    moved = geoprofiles.reaggregate(values, [fit, way])
    assert moved.attrs["method"] == "weights"
    assert moved.attrs["assigned"] == pytest.approx(0.190, abs=0.0005)
    assert moved["population"].sum() == pytest.approx(248_893)
    whole = moved[moved["method"] == "whole areas summed"]["area_code"]
    assert set(whole) == {"E05015495", "E05015502"}  # Coxford and Shirley, as the review left them


@pytest.mark.real
@pytest.mark.parametrize(
    ("category", "total", "bevois"), [(None, 0.731, 0.242), ("Shoplifting", 0.8, 4.4)]
)
def test_history_is_not_carried_over_by_shares(data, category, total, bevois):
    counts = []
    for year in ("2013", "2023"):
        file = data / "ward-counts" / f"southampton_street_ward{year}_month_type.csv.gz"
        table = pd.read_csv(file).query("month >= '2021-03'")
        if category:
            table = table[table["crime_type"] == category]
        summed = table.groupby("ward_code")["crimes"].sum().rename("count")
        counts.append(summed.rename_axis("area_code").reset_index())
    old, truth = counts
    file = data / "postcodes" / "so_postcodes_2025.csv.gz"
    frame = pd.read_csv(file).dropna(
        subset=["ward_2011_2022_code", "ward_2023_code", "lsoa21_code"]
    )
    held = residents(data).set_index("area_code")["population"]
    frame["residents"] = frame["lsoa21_code"].map(held / frame.groupby("lsoa21_code").size())
    shares = geoprofiles.crosswalk_from_points(
        frame, source="ward_2011_2022_code", target="ward_2023_code", weight="residents"
    )
    assert shares.attrs["method"] == "area shares"
    with pytest.raises(InputError, match="by area shares .* would be assigned"):
        geoprofiles.reaggregate(old, shares)
    forced = geoprofiles.reaggregate(old, shares, force=True)
    assert forced.attrs["assigned"] == pytest.approx(total, abs=0.05)
    assert forced["count"].sum() == pytest.approx(old["count"].sum())
    of = forced.set_index("area_code")["count"] / truth.set_index("area_code")["count"] - 1
    assert of["E05015493"] == pytest.approx(bevois, abs=0.005)


@pytest.mark.real
def test_crimes_from_lsoas_of_2011_to_those_of_2021(data):
    files = sorted((data / "police" / "southampton").glob("*/*-hampshire-street.csv.gz"))
    codes = pd.concat([pd.read_csv(one, usecols=["LSOA code"]) for one in files])["LSOA code"]
    counts = codes.value_counts().rename_axis("area_code").reset_index(name="count")
    published = read_lookup(data / "lookups" / "ew_lsoa11_to_lsoa21.csv.gz")
    with pytest.raises(InputError, match="4 of the areas, with 9.7% of the total, were split"):
        geoprofiles.reaggregate(counts, geoprofiles.crosswalk_from_lookup(published))
    weights = postcodes(data, "lsoa11_code", "lsoa21_code")
    way = geoprofiles.crosswalk_from_lookup(published, weights)
    moved = geoprofiles.reaggregate(counts, way)
    assert len(moved) == 152
    assert moved["count"].sum() == pytest.approx(95_836)
    assert (moved["assigned"] == 1).sum() == 8
    back = published.rename(columns={"source": "target", "target": "source"})
    whole = residents(data)
    summed = geoprofiles.reaggregate(whole, geoprofiles.crosswalk_from_lookup(back))
    assert len(summed) == 148
    assert summed.attrs["assigned"] == 0
    assert summed["population"].sum() == 248_893


@pytest.mark.real
def test_shapes_of_the_new_wards_are_refused(data):
    folder = data / "boundaries"
    way = geoprofiles.crosswalk_from_shapes(
        read_areas(folder / "southampton_lsoa_2021.geojson"),
        read_areas(folder / "southampton_wards_2025.geojson"),
    )
    with pytest.raises(InputError, match="by area shares 17.2%"):
        geoprofiles.reaggregate(residents(data), way)


def test_numerator_and_denominator_go_together_and_one_unknown_leaves_both_empty():
    values = pd.DataFrame(
        {
            "area_code": ["a", "b"],
            "indicator": "homes",
            "numerator": [10.0, np.nan],
            "denominator": [100.0, 40.0],
        }
    )
    moved = geoprofiles.reaggregate(values, points(("a", "A", 1), ("b", "B", 1)))
    assert moved[["numerator", "denominator"]].iloc[0].tolist() == [10, 100]
    assert moved[["numerator", "denominator"]].iloc[1].isna().all()

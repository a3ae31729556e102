"""Areas against the rest: the law enumerated, the spread known, nothing found in noise."""

from __future__ import annotations

from math import comb

import numpy as np
import pandas as pd
import pytest

import geoprofiles
from geoprofiles.areas.rest import dispersion
from geoprofiles.errors import InputError
from geoprofiles.read import read_weights


def rates(counts, people, **columns):
    table = pd.DataFrame({"numerator": counts, "denominator": np.asarray(people, dtype=float)})
    table["area_code"] = [f"A{at}" for at in range(len(table))]
    table["value"] = 1000 * table["numerator"] / table["denominator"]
    usual = {"indicator": "theft", "period": "2025", "method": "Byar's limits"}
    return table.assign(**{**usual, **columns})


def test_mid_p_is_that_of_the_law_written_out():
    counts, people = [7, 2, 4], [100, 150, 250]
    tested = geoprofiles.compare_with_rest(rates(counts, people))
    for count, mine, p in zip(counts, people, tested["p"], strict=True):
        share = mine / 500
        law = [comb(13, k) * share**k * (1 - share) ** (13 - k) for k in range(14)]
        tail = min(sum(law[:count]), sum(law[count + 1 :])) + law[count] / 2
        assert p == pytest.approx(min(1, 2 * tail))


def test_proportions_follow_the_hypergeometric_law():
    counts, people = [7, 2], [10, 12]
    tested = geoprofiles.compare_with_rest(rates(counts, people, method="Wilson's limits"))
    law = [comb(10, k) * comb(12, 9 - k) / comb(22, 9) for k in range(10)]
    assert tested["p"].iloc[0] == pytest.approx(2 * (sum(law[8:]) + law[7] / 2))
    with pytest.raises(InputError, match="above its denominator"):
        geoprofiles.compare_with_rest(rates([11, 2], people, method="Wilson's limits"))


def test_the_spread_is_that_of_the_formula_and_one_where_chance_explains_it():
    z = np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 20.0])
    low, high = -2.1, 6.5  # tenth and ninetieth centile: -3 + 0.9 x 1; 5 + 0.1 x 15
    drawn = [low, -2, -1, 0, 1, 2, 3, 4, 5, high]
    assert dispersion(z) == pytest.approx(sum(one**2 for one in drawn) / 10)
    assert dispersion(np.array([1.0, -1.0, 0.5, -0.5, 1.2])) == 1.0
    assert dispersion(np.array([50.0, -50.0])) == 1.0  # two areas tell no spread


def test_among_equal_areas_hardly_anything_is_found():
    rng = np.random.default_rng(11)
    found = 0
    for _ in range(200):
        tested = geoprofiles.compare_with_rest(rates(rng.poisson(80, 17), [8000] * 17))
        found += bool((tested["q"] <= 0.05).any())
    assert found <= 20  # 10 are expected; more than 20 come by chance once in 600


def test_one_that_stands_out_among_equals_is_found():
    tested = geoprofiles.compare_with_rest(rates([80] * 16 + [180], [8000] * 17))
    assert tested["verdict"].iloc[-1] == "higher than the rest"
    assert tested["rank_upper"].iloc[-1] == 1
    assert set(tested["verdict"].iloc[:-1]) == {"cannot be told from the rest"}


def test_what_cannot_be_tested_is_left_and_said():
    table = rates([5, 6, 7], [100, 100, 100])
    table.loc[1, "value"] = np.nan
    tested = geoprofiles.compare_with_rest(table)
    assert tested["verdict"].iloc[1] == "not tested"
    assert tested["p"].notna().tolist() == [True, False, True]
    ratio = geoprofiles.compare_with_rest(rates([5, 6], [9, 9], method="ratio"))
    assert (ratio["verdict"] == "not tested").all()
    part = geoprofiles.compare_with_rest(rates([5.5, 6.2, 3.0], [100, 100, 100]))
    whole = geoprofiles.compare_with_rest(rates([6, 6, 3], [100, 100, 100]))
    assert part["p"].tolist() == whole["p"].tolist()  # shared out: to the nearest whole count
    none = geoprofiles.compare_with_rest(rates([0, 0, 0], [9, 9, 9]))
    assert (none["verdict"] == "cannot be told from the rest").all()
    for change, told in (
        ({"numerator": [-1, 2, 3]}, "negative"),
        ({"level": 0}, "between 0 and 1"),
    ):
        with pytest.raises(InputError, match=told):
            geoprofiles.compare_with_rest(
                table.assign(**{k: v for k, v in change.items() if k != "level"}),
                **{k: v for k, v in change.items() if k == "level"},
            )


@pytest.mark.real
def test_nearly_every_ward_misses_the_average_and_next_to_none_stands_out(shared_data):
    wards = geoprofiles.read_areas(shared_data / "boundaries" / "southampton_wards_2025.geojson")
    incidents = geoprofiles.read_incidents(shared_data / "police" / "southampton")
    incidents = incidents[incidents["month"] >= "2021-03-01"]
    counts = geoprofiles.count_by_area(geoprofiles.locate(incidents, wards), wards)
    people = geoprofiles.read_population(
        shared_data / "census2021" / "southampton_lsoa21_residents_households.csv",
        code="lsoa21_code", value="usual_residents", year=2021,
    )  # fmt: skip
    points = read_weights(
        shared_data / "postcodes" / "so_postcodes_2025.csv.gz",
        source="lsoa21_code", target="ward_2023_code",
    )  # fmt: skip
    residents = geoprofiles.reaggregate(people, geoprofiles.crosswalk_from_points(points))
    residents = residents[residents["area_code"].isin(wards.index)]
    table = geoprofiles.compare(
        geoprofiles.rate_by_area(counts, residents, indicator="All incidents")
    )
    misses = (table["lower"] > table["whole"]) | (table["upper"] < table["whole"])
    tested = geoprofiles.compare_with_rest(table)
    # As measured before, by others: 15 of 17; a spread of about 160; then 0 to 2.
    assert misses.sum() == 15
    assert 130 < tested["dispersion"].iloc[0] < 190
    assert (tested["q_adjusted"] <= 0.05).sum() <= 2
    assert (tested["rank_upper"] - tested["rank_lower"]).median() <= 2

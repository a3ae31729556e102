"""Southampton with its coordinates hidden: how much each rung puts into the right ward."""

from __future__ import annotations

import pandas as pd
import pytest

import geoprofiles

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def city(shared_data):
    boundaries = shared_data / "boundaries"
    return {
        "old": geoprofiles.read_areas(boundaries / "southampton_wards_2013.geojson"),
        "new": geoprofiles.read_areas(boundaries / "southampton_wards_2025.geojson"),
        "lsoa": geoprofiles.read_areas(boundaries / "southampton_lsoa_2011.geojson"),
        "postcodes": geoprofiles.read_postcodes(
            shared_data / "postcodes" / "so_postcodes_2025.csv.gz", codes=["ward_2023_code"]
        ),
        "anchors": geoprofiles.read_gazetteer(
            shared_data / "gazetteer" / "southampton_police_anchor_points.csv"
        ),
        "incidents": geoprofiles.read_incidents(shared_data / "police" / "southampton"),
    }


def test_lsoa_codes_agree_with_old_wards_for_98_in_100(city):
    ladder = geoprofiles.Ladder(
        postcodes=city["postcodes"], areas={"LSOA": city["lsoa"]}, rungs=("area code",)
    )
    table = geoprofiles.geocoding_accuracy(city["incidents"], ladder, city["old"])
    row = table.set_index("rung").loc["area code"]
    assert row["share_placed"] == 1
    assert row["share_right"] == pytest.approx(0.980, abs=0.003)  # as published in the data's notes


def test_location_texts_place_three_in_four_and_98_in_100_of_them_right(city):
    ladder = geoprofiles.Ladder(gazetteer=city["anchors"], rungs=("place name",))
    table = geoprofiles.geocoding_accuracy(city["incidents"], ladder, city["new"])
    row = table.set_index("rung").loc["place name"]
    assert row["share_placed"] > 0.7
    assert row["share_right"] > 0.98


def test_parking_area_is_ambiguous_and_not_guessed(city):
    ladder = geoprofiles.Ladder(gazetteer=city["anchors"])
    records = pd.DataFrame({"place": ["On or near Parking Area", "On or near Supermarket"]})
    located = geoprofiles.geocode(records, ladder)
    assert located["unlocated"].tolist() == ["place name ambiguous"] * 2
    review = geoprofiles.review_list(located, ladder)
    assert "73 places of this name" in set(review["problem"])


def test_postcodes_lie_in_the_wards_that_the_source_puts_them_in(city):
    codes = city["postcodes"].dropna(subset=["ward_2023_code"])
    # 5,820 are in the city; 8 of them lie off the generalised outline and have no ward.
    assert len(codes) == 5_812
    records = pd.DataFrame({"postcode": codes["postcode"].str.replace(" ", "").str.lower()})
    ladder = geoprofiles.Ladder(postcodes=city["postcodes"])
    located = geoprofiles.locate(geoprofiles.geocode(records, ladder), city["new"])
    assert (located["located_by"] == "postcode").all()
    right = located["area_code"].astype(object) == codes["ward_2023_code"]
    assert right.mean() > 0.999

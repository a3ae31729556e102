"""Reading the shared real data: every row and every fault accounted for."""

from __future__ import annotations

import gzip
import zipfile

import pytest

from geoprofiles.errors import InputError, InputWarning
from geoprofiles.read import read_areas, read_incidents, read_lookup, read_population

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def southampton(shared_data):
    pattern = shared_data / "police" / "southampton" / "*" / "*-hampshire-street.csv.gz"
    return read_incidents(pattern)


def test_thirty_months_of_southampton(southampton):
    assert len(southampton) == 95_836
    assert southampton["refused"].isna().all()
    assert southampton["unlocated"].isna().all()
    assert southampton["easting"].between(430_000, 450_000).all()
    assert len(southampton[["easting", "northing"]].drop_duplicates()) == 2_200
    assert southampton["month"].nunique() == 30
    assert len(southampton.attrs["sources"]) == 30
    assert sum(one["rows"] for one in southampton.attrs["sources"]) == 95_836
    assert southampton.attrs["notes"] == []


def test_the_frame_is_lean(southampton):
    assert southampton.memory_usage(deep=True).sum() < 25e6


def test_rows_are_as_a_spreadsheet_shows_them(southampton, shared_data):
    row = southampton.iloc[50_000]
    with gzip.open(row["file"], "rt", encoding="utf-8") as lines:
        line = lines.readlines()[row["row"] - 1]
    assert row["place"] in line
    assert row["category"] in line
    assert row["area_given"] in line


def test_two_cities_are_complementary(shared_data):
    police = shared_data / "police"
    folders = [police / "southampton" / "2021-10", police / "portsmouth" / "2021-10"]
    incidents = read_incidents(folders)
    assert incidents["refused"].isna().all()
    notes = " ".join(incidents.attrs["notes"])
    assert "all of them count" in notes
    assert "outcomes file(s) passed over" in notes


def test_a_city_and_its_whole_force_are_the_same_month(shared_data):
    police = shared_data / "police"
    folders = [police / "southampton" / "2021-10", police / "hampshire" / "2021-10"]
    incidents = read_incidents(folders)
    twice = incidents["refused"] == "month given twice"
    assert twice.sum() == 3_568
    assert incidents.loc[twice, "file"].str.contains("southampton").all()
    assert incidents.loc[~twice, "refused"].isna().all()


def test_gloucestershire_keeps_its_rows_without_location(shared_data):
    path = shared_data / "police/other-forces/2021-10/2021-10-gloucestershire-street.csv.gz"
    incidents = read_incidents(path)
    assert len(incidents) == 5_547
    assert (incidents["unlocated"] == "no coordinates").sum() == 736
    assert incidents["easting"].isna().sum() == 736
    assert incidents["refused"].isna().all()


def test_transport_police_without_any_id(shared_data):
    path = shared_data / "police/other-forces/2021-10/2021-10-btp-street.csv.gz"
    incidents = read_incidents(path)
    assert len(incidents) == 4_278
    assert incidents["incident_id"].isna().all()
    assert incidents["refused"].isna().all()
    assert incidents["unlocated"].isna().all()
    assert incidents["northing"].max() > 800_000  # Scotland


def test_a_zip_of_real_months(shared_data, tmp_path, southampton):
    folder = shared_data / "police" / "southampton"
    path = tmp_path / "download.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("2021-0*/*hampshire*.csv.gz")):
            name = f"{file.parent.name}/{file.name.removesuffix('.gz')}"
            archive.writestr(name, gzip.decompress(file.read_bytes()))
    incidents = read_incidents(path)
    wanted = southampton[southampton["month"].between("2021-03-01", "2021-09-01")]
    assert len(incidents) == len(wanted)
    assert incidents["easting"].tolist() == wanted["easting"].tolist()
    assert any("7 police.uk outcomes" in note for note in incidents.attrs["notes"])


def test_outcomes_and_searches_are_refused_by_name(shared_data):
    police = shared_data / "police"
    for path in (
        police / "southampton/2021-10/2021-10-hampshire-outcomes.csv.gz",
        police / "format-samples/2024-01-hampshire-stop-and-search.sample.csv",
    ):
        with pytest.raises(InputError, match=r"not street-level crimes"):
            read_incidents(path)


def test_places_outside_britain(shared_data):
    memphis = read_incidents(shared_data / "benchmarks" / "memphis_robberies_2019.csv")
    assert memphis.attrs["crs"] == "EPSG:32616"
    assert len(memphis) == 2_245
    assert memphis["easting"].notna().all()
    assert memphis["start"].dt.year.eq(2019).all()


def test_national_wards_are_read_with_their_faults(shared_data):
    path = shared_data / "boundaries/national/uk_wards_2022-12_bsc.geojson.gz"
    with pytest.warns(InputWarning, match=r"9 invalid polygons were repaired.*E05014284"):
        wards = read_areas(path)
    assert len(wards) == 8_482
    assert wards.index.is_unique
    assert wards.geometry.is_valid.all()
    assert wards.attrs["kind"] == "ward"
    assert wards.attrs["vintage"] == "2022"
    assert wards.attrs["source"]["features"] == 8_483


def test_southampton_wards_in_every_format(shared_data):
    folder = shared_data / "boundaries"
    plain = read_areas(folder / "southampton_wards_2025.geojson")
    assert plain.attrs["faults"] == []
    for name in ("_epsg27700.gpkg", "_epsg27700_shp.zip"):
        other = read_areas(folder / f"southampton_wards_2025{name}").loc[plain.index]
        assert other["area_name"].tolist() == plain["area_name"].tolist()
        assert (other.symmetric_difference(plain).area / plain.area).max() < 0.01
    old = read_areas(folder / "southampton_wards_2013.geojson")
    topology = read_areas(folder / "southampton_wards_2013.topojson").loc[old.index]
    assert (topology.symmetric_difference(old).area / old.area).max() < 0.02


def test_named_neighbourhoods(shared_data):
    path = shared_data / "boundaries/southampton_neighbourhoods_msoa2021_named.geojson"
    areas = read_areas(path)
    assert areas.attrs["kind"] == "neighbourhood"
    assert "Bassett Green" in areas["area_name"].tolist()


def test_populations(shared_data):
    folder = shared_data / "population"
    people = read_population(folder / "southampton_lsoa11_mid_year_population_by_age.csv.gz")
    assert people.groupby("year")["population"].sum().to_dict() == {
        2017: 252_359,
        2019: 252_520,
        2020: 252_872,
    }
    for path in (
        folder / "southampton_portsmouth_ward2020_mid2020_population_by_age_sex.csv.gz",
        folder / "messy" / "ward_mid2020_population_codes_broken_by_fill_down.csv.gz",
    ):
        persons = read_population(path, where={"sex": "persons"}, year=2020)
        assert len(persons) == 30
        assert persons["population"].sum() == 467_564
        assert read_population(path)["population"].tolist() == persons["population"].tolist()
    census = shared_data / "census2021"
    for name, value in (("tenure.csv.gz", None), ("residents_households.csv", "households")):
        homes = read_population(census / f"southampton_lsoa21_{name}", value=value)
        assert homes["population"].sum() == 102_318


def test_lookups(shared_data):
    path = shared_data / "lookups" / "ew_lsoa21_to_ward24.csv.gz"
    with pytest.raises(InputError, match=r"source and target cannot be told"):
        read_lookup(path)
    table = read_lookup(path, source="lsoa21_code", target="ward24_code")
    assert len(table) == 35_672
    assert table["source"].is_unique

"""``geocode`` and ``count`` on calls without coordinates, by eye."""

from __future__ import annotations

import csv
import io

import pytest

CALLS = """id,category,month,easting,northing,postcode,place
1,Theft,2026-06,450100,60100,,Mill Lane
2,Theft,2026-06,450100,60100,,Mill Lane
3,Theft,2026-06,,,so147lw,
4,Theft,2026-06,,,SO14 7ZZ,
5,Theft,2026-06,,,,On or near Mill Ln
6,Theft,2026-06,,,,Car Park
7,Theft,2026-06,60500,451500,SO14 7LW,
"""
POSTCODES = "postcode,easting,northing\nSO14 7LW,451500,60500\n"
NAMES = "name,easting,northing\nCar Park,450100,60900\nCar Park,451900,60900\n"


@pytest.fixture
def calls(toy):
    for name, text in (("calls.csv", CALLS), ("postcodes.csv", POSTCODES), ("names.csv", NAMES)):
        (toy / name).write_text(text)
    return toy


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


LADDER = ["--postcodes", "postcodes.csv", "--gazetteer", "names.csv"]


def test_geocode_places_counts_and_explains(calls, geoprofiles_command):
    done = geoprofiles_command(
        "geocode", "calls.csv", "--areas", "wards.geojson", *LADDER, "--learn",
        "--review-list", "review.csv", "-o", "placed.csv",
    )  # fmt: skip
    assert done.code == 0, done.err
    placed = rows((calls / "placed.csv").read_text())
    assert [row["located_by"] for row in placed] == [
        "coordinates", "coordinates", "postcode", "postcode sector", "place name", "",
        "coordinates",
    ]  # fmt: skip
    assert [row["area_code"] for row in placed] == ["A", "A", "B", "B", "A", "", ""]
    assert placed[5]["unlocated"] == "place name ambiguous"
    assert "Of 7 rows 85.7% were placed" in done.err
    assert "1 row is not placed: place name ambiguous." in done.err
    assert "easting and northing are swapped. The first is row 8 of calls.csv" in done.err
    review = rows((calls / "review.csv").read_text())
    assert [row["candidate"] for row in review] == ["Car Park", "Car Park"]

    review[0]["accept"] = "x"
    with (calls / "review.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(review[0]))
        writer.writeheader()
        writer.writerows(review)
    again = geoprofiles_command(
        "geocode", "calls.csv", "--areas", "wards.geojson", *LADDER, "--reviewed", "review.csv"
    )
    assert rows(again.out)[5]["located_by"] == "reviewed name"


def test_count_places_by_the_same_ladder(calls, geoprofiles_command):
    done = geoprofiles_command("count", "calls.csv", "--areas", "wards.geojson", *LADDER)
    assert done.code == 0, done.err
    counts = {row["area_code"]: int(row["count"]) for row in rows(done.out)}
    assert counts == {"A": 2, "B": 2, "(outside)": 1, "(unlocated)": 2}
    assert "1 by postcode and 1 by postcode sector" in done.err


def test_geocode_tests_itself_on_rows_with_coordinates(calls, geoprofiles_command):
    done = geoprofiles_command(
        "geocode", "calls.csv", "--areas", "wards.geojson", *LADDER, "--learn", "--test"
    )
    assert done.code == 0, done.err
    table = {row["rung"]: row for row in rows(done.out)}
    assert table["place name"]["right"] == "2"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--postcodes", "none.csv"], 3, "none.csv: there is no such file"),
        (["--gazetteer", "postcodes.csv"], 3, "no column was recognised as the name"),
        (["--cutoff", "0"], 3, "'cutoff' must be a number above 0"),
        (["--review-list", "review.json"], 2, "ends in none of .csv, .xlsx"),
    ],
)
def test_geocode_refuses_in_one_line(calls, geoprofiles_command, arguments, code, told):
    done = geoprofiles_command("geocode", "calls.csv", "--areas", "wards.geojson", *arguments)
    assert done.code == code
    assert told in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_a_project_places_rows_and_groups_wards(calls, geoprofiles_command):
    (calls / "geoprofiles.toml").write_text(
        'title = "Toy"\n'
        '[[areas]]\nkind = "ward"\nfile = "wards.geojson"\n'
        '[[areas]]\nkind = "locality"\nof = "ward"\ngroups = { Docks = ["Quay"], Town = ["A"] }\n'
        '[[incidents]]\nfiles = ["calls.csv"]\n'
        '[geocoding]\npostcodes = "postcodes.csv"\ngazetteers = ["names.csv"]\n'
        '[[denominators]]\nname = "residents"\nfile = "people.csv"\ncode = "block_code"\n'
        'areas = "block"\n'
        '[[lookups]]\nfrom = "block"\nto = "ward"\nfile = "homes.csv"\nsource = "block_code"\n'
        'target = "ward_code"\nweights = true\n'
    )
    (calls / "people.csv").write_text(
        "block_code,year,residents\nE00000001,2026,100\nE00000002,2026,60\n"
    )
    (calls / "homes.csv").write_text(
        "block_code,ward_code\nE00000001,A\nE00000001,A\nE00000001,A\nE00000001,B\nE00000002,B\n"
    )
    done = geoprofiles_command("run", "geoprofiles.toml", "--json")
    assert done.code == 0, done.err
    counts = rows((calls / "outputs" / "tables" / "localities_incidents_counts.csv").read_text())
    assert {row["area_code"]: row["count"] for row in counts} == {
        "Docks": "2", "Town": "2", "(outside)": "1", "(unlocated)": "2",
    }  # fmt: skip
    profiles = rows((calls / "outputs" / "tables" / "localities_profiles.csv").read_text())
    value = {
        row["area_code"]: float(row["value"])
        for row in profiles
        if row["indicator"] == "All incidents"
    }
    # Three in four homes of the first block are in Quay's neighbour: 75 and 85 residents.
    assert value == {"Town": pytest.approx(2000 / 75), "Docks": pytest.approx(2000 / 85)}
    assert "Residents of wards are made from blocks" in done.err + done.out
    page = (calls / "outputs" / "index.html").read_text()
    assert "1 by postcode and 1 by postcode sector" in page
    assert str(calls) not in (calls / "outputs" / "manifest.json").read_text()

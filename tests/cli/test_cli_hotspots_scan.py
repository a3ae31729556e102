"""``hotspots scan`` on the sample city, with the hot spots planted in it."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest


@pytest.fixture
def scan(repository, geoprofiles_command):
    """Run the command on the sample's street files and small areas."""
    areas = repository / "boundaries" / "port_averley_small_areas.geojson"

    def command(*more):
        months = repository / "data" / "incidents"
        return geoprofiles_command("hotspots", "scan", months, "--areas", areas, *more)

    return command


@pytest.fixture
def planted(repository):
    truth = json.loads((repository / "data" / "planted_truth.json").read_text())
    return {one["category"]: one for one in truth["hotspots"]}


def away(circle, spot):
    return math.dist((circle["easting"], circle["northing"]), (spot["easting"], spot["northing"]))


def test_the_planted_burglaries_are_found(scan, repository, planted):
    homes = repository / "data" / "households.csv"
    done = scan("--category", "Burglary", "--at-risk", homes)
    assert done.code == 0, done.err
    found = [one["properties"] for one in json.loads(done.out)["features"]]
    sure = [one for one in found if one["significant"]]
    assert len(sure) == 1
    assert away(sure[0], planted["Burglary"]) < 150
    assert sure[0]["ratio"] > 5
    assert "1 circle is beyond chance, held against 1," in done.err
    assert "drawn by households, moved to the 1," in done.err


def test_the_new_robberies_are_found_by_place_and_time(scan, planted, tmp_path):
    done = scan("--category", "Robbery", "--space-time", "--alive", "--simulations", 199,
                "-o", "out.csv")  # fmt: skip
    assert done.code == 0, done.err
    text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    first = next(csv.DictReader(io.StringIO(text)))
    assert (first["first_day"], first["last_day"]) == ("2026-01-01", "2026-06-30")
    assert first["significant"] == "True"
    spot = planted["Robbery"]
    circle = {name: float(first[name]) for name in ("easting", "northing", "radius_m")}
    assert away(circle, spot) < circle["radius_m"]
    assert "whose times are dealt anew" in done.err


def test_vehicle_crime_stands_out_among_all_other_crime(scan, planted):
    done = scan("--category", "Vehicle crime", "--controls", "all", "--simulations", 99)
    assert done.code == 0, done.err
    first = json.loads(done.out)["features"][0]["properties"]
    assert away(first, planted["Vehicle crime"]) < 240
    assert first["p"] == 0.01
    assert first["controls"] > 0
    assert "cases dealt at random among" in done.err


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (["--controls", "Burglary"], 2, "--controls needs --category"),
        (["--category", "Theft", "--controls", "Theft"], 2, "cannot be among the --controls"),
        (["--category", "Theft", "--controls", "Arson"], 3, "no row has the category 'Arson'"),
        (["--space-time", "--at-risk", "x.csv"], 2, "--at-risk does not go with --space-time"),
        (["--alive"], 2, "go with --space-time only"),
        (["--space-time", "--days", 7], 3, "steps of days need dates"),
        (["--max-share", 0.9], 2, "0<x<=0.5"),
        (["--max-radius", -1], 3, "'max_radius' must be a number above 0"),
        (["-o", "out.docx"], 2, "ends in none of"),
    ],
)
def test_what_does_not_go_is_one_line(toy, geoprofiles_command, more, code, told):
    start = ["hotspots", "scan", "incidents.csv", "--areas", "wards.geojson", "--column"]
    columns = ["incident_id=id", "--column", "category=offence"]
    done = geoprofiles_command(*start, *columns, *more)
    assert done.code == code
    assert told in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_what_is_told_where_nothing_stands_out(toy, geoprofiles_command):
    rows = ["id,offence,month,easting,northing", "1,Theft,2026-05,450500,60500"]
    (toy / "one.csv").write_text("\n".join(rows) + "\n")
    done = geoprofiles_command(
        "hotspots", "scan", "one.csv", "--areas", "wards.geojson", "--column", "incident_id=id",
        "--column", "category=offence", "--simulations", 9,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert json.loads(done.out)["features"] == []
    assert "No circle is beyond chance." in done.err


def test_too_few_draws_to_find_anything_are_said(geoprofiles_command, toy):
    columns = ["--column", "incident_id=id", "--column", "category=offence"]
    files = ["incidents.csv", "--areas", "wards.geojson", *columns]
    few = geoprofiles_command("hotspots", "scan", *files, "--simulations", 9, "-o", "out.csv")
    assert few.code == 0, few.err
    assert "with 9 draws no probability can be below 0.10" in few.err
    enough = geoprofiles_command("hotspots", "scan", *files, "--simulations", 19, "-o", "out.csv")
    assert "no probability can be below" not in enough.err

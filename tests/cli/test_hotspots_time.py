"""``hotspots data``, ``time`` and ``repeats`` on a handful of burglaries, by eye."""

from __future__ import annotations

import csv
import io
import json

import pytest

ROWS = """Ref,Offence,From,To,Easting,Northing,Premises
1,Burglary,05/06/2026 22:00,06/06/2026 02:00,450100,60100,Fox
2,Burglary,08/06/2026 23:30,,450100,60100,Fox
3,Burglary,09/06/2026 10:15,09/06/2026 10:45,450160,60100,Anchor
4,Theft,30/06/2026 12:00,30/06/2026 11:00,451500,60500,Bell
5,Theft,25/07/2026 12:00,,459000,60500,Crown
"""
COLUMNS = [
    "burglaries.csv", "--column", "incident_id=Ref", "--column", "category=Offence", "--column",
    "start=From", "--column", "end=To", "--column", "place=Premises", "--source-crs", "EPSG:27700",
]  # fmt: skip


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def burglaries(toy):
    (toy / "burglaries.csv").write_text(ROWS)
    return toy


def test_data_says_what_can_be_told(burglaries, geoprofiles_command):
    done = geoprofiles_command("hotspots", "data", *COLUMNS)
    assert done.code == 0, done.err
    facts = {row["fact"]: row for row in rows(done.out)}
    assert facts["distinct places"]["found"] == "4"
    assert facts["with an end"]["found"] == "3"
    assert "cannot be told" not in done.err
    months = geoprofiles_command("hotspots", "data", "incidents.csv", "--column", "incident_id=id")
    assert "cannot be told: near repeats: near repeats need dates; these have the" in months.err
    answer = json.loads(geoprofiles_command("hotspots", "data", *COLUMNS, "--json").out)
    assert {one["method"]: one["can"] for one in answer["methods"]}["near repeats"] is True


def test_time_spreads_incidents_over_hours(burglaries, geoprofiles_command):
    done = geoprofiles_command("hotspots", "time", *COLUMNS, "--time-zone", "Europe/London")
    assert done.code == 0, done.err
    table = rows(done.out)
    assert len(table) == 168
    weights = {(one["weekday"], int(one["hour"])): float(one["weight"]) for one in table}
    assert sum(weights.values()) == 5
    assert weights["Friday", 22] == weights["Saturday", 1] == 0.25
    assert weights["Monday", 23] == weights["Tuesday", 10] == weights["Tuesday", 12] == 1
    assert "1 end before they start and count at their start" in done.err
    assert "Europe/London" in done.err
    chart = geoprofiles_command("hotspots", "time", *COLUMNS, "--chart", "-q")
    assert chart.out.splitlines()[24].startswith("23          1.2  (1)")
    assert chart.err == ""
    answer = json.loads(geoprofiles_command("hotspots", "time", *COLUMNS, "--json").out)
    assert answer["by_hour"]["weight"][12] == 2
    assert answer["no_end"] == 2


def test_time_within_areas_and_by_category(burglaries, geoprofiles_command):
    inside = ["--areas", "wards.geojson", "--category", "Theft"]
    done = geoprofiles_command("hotspots", "time", *COLUMNS, *inside)
    assert done.code == 0, done.err
    assert sum(float(one["weight"]) for one in rows(done.out)) == 1


def test_repeats_and_near_repeats(burglaries, geoprofiles_command):
    done = geoprofiles_command("hotspots", "repeats", *COLUMNS, "--simulations", 19)
    assert done.code == 0, done.err
    pairs = {(one["space"], one["time"]): int(one["observed"]) for one in rows(done.out)}
    assert {key for key, number in pairs.items() if number} == {
        ("same place", "0 to 6 days"), ("1 to under 100 m", "0 to 6 days"),
    }  # fmt: skip
    assert pairs["1 to under 100 m", "0 to 6 days"] == 2
    assert "1 of 4 targets hit (25.0%) were hit more than once" in done.err
    answer = json.loads(
        geoprofiles_command(
            "hotspots", "repeats", *COLUMNS, "--target", "place", "--at-risk", 40, "--json"
        ).out
    )
    assert answer["repeats"]["repeats"] == 1
    assert answer["repeats"]["expected_repeats"] < 1
    assert answer["days_to_next"]["bands"][0]["followed"] == 1
    assert len(answer["near_repeats"]["bands"]) == 20


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["time", "incidents.csv", "--column", "incident_id=id"], 3, "these have the month only"),
        (["repeats", "incidents.csv", "--column", "incident_id=id"], 3, "near repeats need dates"),
        (["time", *COLUMNS, "--time-zone", "Averley"], 3, "no time zone 'Averley'"),
        (["time", *COLUMNS, "--reversed", "refuse"], 3, "1 row ends before it starts"),
        (["time", *COLUMNS, "--chart", "--json"], 2, "--chart goes with neither"),
        (["repeats", *COLUMNS, "--time-bands", "0,x"], 2, "is not a list of numbers"),
        (["repeats", *COLUMNS, "--target", "till"], 3, "lack the column 'till'"),
    ],
)
def test_what_cannot_be_told_is_one_line(burglaries, geoprofiles_command, arguments, code, said):
    done = geoprofiles_command("hotspots", *arguments)
    assert done.code == code, done.err
    assert said in done.err
    assert "Traceback" not in done.err

"""Hours of the day as an option of the commands on hot spots."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import toy

NIGHT = ["--window", "22:00-06:00"]


@pytest.fixture
def burglaries(tmp_path, monkeypatch):
    """Ten overnight, eight of their 14 hours in the window; ten by day, none of theirs in it."""
    monkeypatch.chdir(tmp_path)
    toy.areas().to_file(tmp_path / "wards.geojson")
    rows = [
        f"Burglary,2026-06-{day:02d} {start},2026-06-{day + late:02d} {end},"
        f"{toy.WEST + 500 + day},{toy.SOUTH + 700}"
        for day in range(1, 11)
        for start, end, late in (("18:00", "08:00", 1), ("09:00", "17:00", 0))
    ]
    (tmp_path / "b.csv").write_text("Offence,From,To,Easting,Northing\n" + "\n".join(rows) + "\n")
    columns = ("category=Offence", "start=From", "end=To")
    mapped = [part for column in columns for part in ("--column", column)]
    return ["b.csv", "--areas", "wards.geojson", "--source-crs", "EPSG:27700", *mapped]


def test_a_density_weighs_incidents_by_their_time_in_the_window(burglaries, geoprofiles_command):
    done = geoprofiles_command(
        "hotspots", "kde", *burglaries, *NIGHT, "--bandwidth", "300", "-o", "night.csv"
    )
    assert done.code == 0, done.err
    assert "10 of 20 have any of their time in 22:00-06:00" in done.err
    cells = pd.read_csv("night.csv")
    total = (cells["density"] * cells["area_km2"]).sum()
    assert total / 12 == pytest.approx(10 * 8 / 14, rel=1e-6)  # of one month


def test_what_counts_whole_counts_what_is_mostly_within(burglaries, geoprofiles_command):
    settings = ["--eps", "150", "--min-samples", "5"]
    done = geoprofiles_command("hotspots", "clusters", *burglaries, *NIGHT, *settings)
    assert "10 of 20 have more than half of their time" in done.err
    assert [one["properties"]["count"] for one in json.loads(done.out)["features"]] == [10]
    quiet = geoprofiles_command("hotspots", "clusters", *burglaries, *NIGHT, *settings, "-q")
    assert quiet.err == ""


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--window", "night"], "'night' is no window"),
        (["--window", "22:00-25:00"], "'end' is no time of day"),
        ([*NIGHT, "--weekdays", "Freitag"], "Freitag"),
        (["--weekdays", "Friday"], "--weekdays goes with --window"),
        (["--window", "17:10-17:50"], "no incident has more than half of its time"),
    ],
)
def test_windows_that_are_none_or_hold_none_are_refused(
    burglaries, geoprofiles_command, more, told
):
    done = geoprofiles_command("hotspots", "clusters", *burglaries, *more)
    assert done.code in {2, 3}
    assert told in done.err
    assert "Traceback" not in done.err

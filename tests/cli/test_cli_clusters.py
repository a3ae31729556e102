"""``hotspots clusters``: each method, what was not said, and what does not go together."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

METHODS = ("dbscan", "hdbscan", "optics", "st-dbscan")


@pytest.fixture
def city(tmp_path):
    """A square of 3 km with burglaries at random, and thirty within weeks at one corner."""
    ring = [[[450000, 60000], [453000, 60000], [453000, 63000], [450000, 63000], [450000, 60000]]]
    shape = {"type": "Polygon", "coordinates": ring}
    ward = {"type": "Feature", "properties": {"code": "A", "name": "Mill"}, "geometry": shape}
    layer = {"type": "FeatureCollection", "features": [ward]}
    layer["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    (tmp_path / "wards.geojson").write_text(json.dumps(layer))
    (tmp_path / "homes.csv").write_text("area_code,year,population\nA,2025,900\n")
    rng = np.random.default_rng(1)
    points = np.vstack([rng.uniform(10, 2990, (120, 2)), rng.normal(800, 45, (30, 2))]).round()
    days = np.concatenate([rng.integers(0, 300, 120), rng.integers(100, 120, 30)])
    rows = ["id,offence,start,easting,northing"]
    for number, ((x, y), day) in enumerate(zip(points, days, strict=True)):
        when = np.datetime64("2025-01-02T21:15") + np.timedelta64(int(day), "D")
        rows.append(f"{number},Burglary,{when},{450000 + x:.0f},{60000 + y:.0f}")
    (tmp_path / "burglaries.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


COMMON = (
    "hotspots", "clusters", "burglaries.csv", "--areas", "wards.geojson", "--area-code", "code",
    "--area-name", "name", "--source-crs", "EPSG:27700", "--column", "incident_id=id",
    "--column", "category=offence",
)  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_each_method_finds_the_corner_and_tests_it(city, geoprofiles_command, method):
    done = geoprofiles_command(
        *COMMON, "--method", method, "--at-risk", "homes.csv", "--simulations", 99, "--eps", 150,
        "-o", "found.csv",
    )  # fmt: skip
    assert done.code == 0, done.err
    rows = csv.DictReader((city / "found.csv").read_text().splitlines())
    sure = [row for row in rows if row["significant"] == "True"]
    assert len(sure) >= 1
    assert sum(int(row["count"]) for row in sure) >= 20
    assert "min-samples" in done.err
    assert "drawn by homes" in done.err
    if method == "st-dbscan":
        assert "up to 14 days apart is near: the dates have days" in done.err
        assert sure[0]["first_day"].startswith("2025-04")


def test_the_seed_decides_the_draws_and_is_said(city, geoprofiles_command):
    settings = ("--eps", 150, "--min-samples", 4, "--simulations", 29)
    one, again, other = (
        geoprofiles_command(*COMMON, *settings, "--seed", seed).out for seed in (3, 3, 4)
    )
    assert one == again
    assert one != other


def test_time_goes_with_one_method_only(city, geoprofiles_command):
    done = geoprofiles_command(*COMMON, "--days", 7)
    assert done.code == 2
    assert "--days and --months go with --method st-dbscan" in done.err
    both = geoprofiles_command(*COMMON, "--method", "st-dbscan", "--days", 7, "--months", 1)
    assert both.code == 3
    assert "by 'days' or by 'months'" in both.err


def test_an_empty_answer_says_why(city, geoprofiles_command):
    done = geoprofiles_command(*COMMON, "--method", "hdbscan", "--eps", 20, "--min-samples", 90)
    assert done.code == 0, done.err
    assert "No cluster has 90 incidents within 20 m or less" in done.err
    assert json.loads(done.out)["features"] == []

"""``hotspots streets`` on the sample city."""

from __future__ import annotations

import csv
import io
import json

import pytest


@pytest.fixture
def streets(repository, geoprofiles_command, tmp_path):
    """Run the command on the commercial burglaries, or on what else is named."""

    def command(*more, files=("data/commercial_burglary.csv", "--source-crs", "EPSG:27700")):
        boundaries = repository / "boundaries"
        return geoprofiles_command(
            "hotspots", "streets", repository / files[0], *files[1:],
            "--areas", boundaries / "port_averley_wards.geojson",
            "--streets", boundaries / "port_averley_streets.geojson", *more,
        )  # fmt: skip

    return command


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_streets_are_ranked_and_what_lies_too_far_is_told(streets, tmp_path):
    done = streets("--by", "count", "-o", "out.csv")
    assert done.code == 0, done.err
    ranked = rows(tmp_path / "out.csv")
    counts = [int(one["count"]) for one in ranked]
    assert counts == sorted(counts, reverse=True)
    assert [one["rank"] for one in ranked[:2]] == ["1", "2"]
    assert f"{sum(counts):,} of 1,500 incidents lie within 75 m of a street" in done.err
    assert f"{1500 - sum(counts):,} lie too far" in done.err
    assert "map points" not in done.err
    busiest = streets("--max-distance", 20, "--from", "2026-01", "-o", "rate.csv")
    assert busiest.code == 0, busiest.err
    for one in rows(tmp_path / "rate.csv"):
        # Six months, also on streets where none had an incident in some.
        rate = int(one["count"]) / (float(one["length_m"]) / 1000) / 0.5
        assert float(one["per_km_year"]) == pytest.approx(rate)


def test_runs_and_density_hold_what_lies_on_streets(streets):
    done = streets("--density", 200)
    assert done.code == 0, done.err
    pieces = [one["properties"] for one in json.loads(done.out)["features"]]
    total = sum(one["density"] * one["length_m"] / 1000 for one in pieces) * 3
    assert f"{total:,.0f} of 1,500" in done.err
    runs = streets("--runs", "-q")
    assert runs.err == ""
    first = json.loads(runs.out)["features"][0]
    assert first["properties"]["run"] == 1
    assert first["geometry"]["type"] in {"LineString", "MultiLineString"}
    both = streets("--runs", "--density", 200)
    assert both.code == 2
    assert "not both" in both.err


def test_map_points_are_told_even_where_nothing_else_is(streets):
    done = streets("-q", "--category", "Robbery", files=("data/incidents",))
    assert done.code == 0
    assert "map points, not streets" in done.err
    assert "can show no incident" in done.err


def test_what_is_no_street_is_refused(streets, repository):
    wards = repository / "boundaries" / "port_averley_wards.geojson"
    done = streets("--streets", wards)
    assert done.code != 0
    assert "is no line but a Polygon" in done.err
    nearer = streets("--max-distance", 1e-6)
    assert nearer.code != 0
    assert "allow a greater distance" in nearer.err

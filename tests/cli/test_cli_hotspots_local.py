"""``hotspots local`` and ``hotspots emerging`` on the sample city."""

from __future__ import annotations

import csv
import io
import json


def arguments(repository, *more):
    wards = repository / "boundaries" / "port_averley_wards.geojson"
    months = repository / "data" / "incidents"
    return ["hotspots", more[0], months, "--areas", wards, "--category", "Robbery", *more[1:]]


def test_cells_are_told_from_chance(repository, geoprofiles_command):
    done = geoprofiles_command(*arguments(repository, "local", "--shape", "hexagon", "--cell", 400))
    assert done.code == 0, done.err
    cells = [one["properties"] for one in json.loads(done.out)["features"]]
    assert {"hot", "not told from chance"} == {one["verdict"] for one in cells}
    assert sum(one["count"] for one in cells) > 600
    assert "Benjamini-Hochberg over all" in done.err


def test_areas_are_told_by_moran(repository, geoprofiles_command):
    more = ["--by-area", "--method", "moran", "--simulations", 9999, "-o", "out.csv", "-q"]
    done = geoprofiles_command(*arguments(repository, "local", *more))
    assert (done.code, done.out, done.err) == (0, "", "")


def test_emerging_cells_are_named(repository, geoprofiles_command, tmp_path):
    done = geoprofiles_command(*arguments(repository, "emerging", "-o", "out.csv"))
    assert done.code == 0, done.err
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))))
    kinds = {one["kind"] for one in rows}
    assert {"new hot spot", "no pattern"} <= kinds
    assert "12 steps of 3 months" in done.err
    assert "new hot spots" in done.err


def test_too_few_steps_are_refused_with_the_reason(repository, geoprofiles_command):
    done = geoprofiles_command(*arguments(repository, "emerging", "--months", 6))
    assert done.code != 0
    assert "36 months make 6 steps of 6" in done.err
    assert "at least 10" in done.err

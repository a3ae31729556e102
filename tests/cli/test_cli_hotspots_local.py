"""``hotspots local`` and ``hotspots emerging`` on the sample city."""

from __future__ import annotations

import csv
import io
import json

import pytest


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


def at_risk(repository, *more):
    small = repository / "boundaries" / "port_averley_small_areas.geojson"
    homes = repository / "data" / "households.csv"
    risk = ["--areas", small, "--at-risk", homes, "--simulations", 999, "-o", "out.csv"]
    return [*arguments(repository, *more), *risk]


def test_cells_are_held_against_what_is_at_risk(repository, geoprofiles_command, tmp_path):
    done = geoprofiles_command(*at_risk(repository, "local", "--adjust", "by", "--cell", 400))
    assert done.code == 0, done.err
    assert "Observed against expected by households:" in done.err
    assert "adjusted after Benjamini-Yekutieli" in done.err
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))))
    judged = [one for one in rows if float(one["at_risk"])]
    counts = sum(float(one["count"]) for one in judged)
    assert sum(float(one["expected"]) for one in judged) == pytest.approx(counts)
    for one in rows:  # scored above 0 where more happened than is expected
        if one["score"]:
            assert (float(one["score"]) > 0) == (float(one["count"]) > float(one["expected"]))
        else:
            assert one["verdict"] == "no value"


def test_areas_are_held_against_what_is_at_risk(repository, geoprofiles_command, tmp_path):
    """What is at risk in an area is what its table says."""
    done = geoprofiles_command(*at_risk(repository, "local", "--by-area"))
    assert done.code == 0, done.err
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))))
    with (repository / "data" / "households.csv").open(encoding="utf-8-sig") as stream:
        homes = {one["area_code"]: float(one["population"]) for one in csv.DictReader(stream)}
    assert {one["area_code"]: float(one["at_risk"]) for one in rows} == pytest.approx(homes)


def test_emerging_cells_are_held_against_what_is_at_risk(repository, geoprofiles_command, tmp_path):
    done = geoprofiles_command(*at_risk(repository, "emerging", "--adjust", "by", "--cell", 400))
    assert done.code == 0, done.err
    assert "Observed against expected by households." in done.err
    assert "No denominator" not in done.err
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))))
    assert all(float(one["at_risk"]) > 0 for one in rows)


def test_a_denominator_of_other_areas_is_refused(repository, geoprofiles_command):
    homes = repository / "data" / "households.csv"
    done = geoprofiles_command(*arguments(repository, "local", "--at-risk", homes))
    assert done.code == 3
    assert "no code is one of --areas" in done.err

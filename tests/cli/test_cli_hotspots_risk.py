"""``hotspots risk``, and how ``hotspots kde`` chooses a bandwidth."""

from __future__ import annotations

import json

import pytest

COLUMNS = ["--column", "incident_id=id", "--column", "category=offence"]
TOY = ["incidents.csv", "--areas", "wards.geojson", *COLUMNS]


def sample(repository, command, *more, areas="wards", months="20*"):
    shapes = repository / "boundaries" / f"port_averley_{areas}.geojson"
    files = sorted((repository / "data" / "incidents").glob(months))
    return ["hotspots", command, *files, "--areas", shapes, "--category", "Burglary", *more]


def cells(done):
    assert done.code == 0, done.err
    return [one["properties"] for one in json.loads(done.out)["features"]]


def test_the_planted_burglaries_are_raised_against_households(repository, geoprofiles_command):
    homes = ["--at-risk", repository / "data" / "households.csv"]
    arguments = sample(repository, "risk", *homes, areas="small_areas")
    done = geoprofiles_command(*arguments, "--outlines")
    outlines = cells(done)
    found = [one for one in outlines if one["kind"] == "raised" and one["significant"]]
    # Planted at 9 times the background, and smoothed.
    assert len(found) == 1
    assert 4 < found[0]["ratio"] < 9
    assert "drawn by households, moved to the 1,150 map points" in done.err
    assert f"{len(outlines)} outlines," in done.err


def test_risk_against_other_incidents(repository, geoprofiles_command):
    more = ["--controls-category", "Vehicle crime", "--simulations", 19, "--bandwidth", 500]
    done = geoprofiles_command(*sample(repository, "risk", *more, months="2026*"))
    found = cells(done)
    assert "cases and" in done.err
    assert "controls, shuffled" in done.err
    assert {"observed", "expected", "ratio", "log_ratio", "p", "p_map", "raised"} <= set(found[0])
    assert all(one["p"] is None or one["p"] >= 0.1 for one in found)


def test_risk_without_a_denominator_says_so(toy, geoprofiles_command):
    wide = ["--bandwidth", 300, "--cell", 100]
    done = geoprofiles_command("hotspots", "risk", *TOY, *wide, "--simulations", 19)
    assert len(cells(done)) == 200
    assert "concentration, not risk" in done.err
    quiet = geoprofiles_command("hotspots", "risk", *TOY, *wide, "-q", "-o", "risk.gpkg")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("rule", "3 times the median distance"),
        ("nrd", "the normal rule"),
        ("likelihood", "Next best"),
        ("forward", "incidents of later months"),
    ],
)
def test_a_bandwidth_is_chosen_as_said(repository, geoprofiles_command, way, told):
    more = ["--bandwidth-by", way, "--cell", 200, "-o", "density.csv"]
    done = geoprofiles_command(*sample(repository, "kde", *more, months="202[56]*"))
    assert done.code == 0, done.err
    assert told in done.err
    assert done.err.startswith("bandwidth ")


def test_a_forward_test_that_cannot_be_says_what_can(toy, geoprofiles_command):
    done = geoprofiles_command("hotspots", "kde", *TOY, "--bandwidth-by", "forward")
    assert done.code == 3
    assert "these incidents span 2 months" in done.err
    assert "--bandwidth-by likelihood" in done.err


def test_an_adaptive_density_keeps_the_total(toy, geoprofiles_command):
    done = geoprofiles_command(
        "hotspots", "kde", *TOY, "--adaptive", "--bandwidth", 300, "--kernel", "gaussian"
    )
    total = sum(one["density"] * one["area_km2"] for one in cells(done))
    assert total == pytest.approx(17 * 6, rel=1e-3)
    assert "300 m is typical" in done.err


def test_an_adaptive_density_of_map_points_is_doubted(repository, geoprofiles_command):
    more = ["--adaptive", "--bandwidth", 600, "--cell", 200, "-o", "density.csv"]
    done = geoprofiles_command(*sample(repository, "kde", *more, months="2026*"))
    assert done.code == 0, done.err
    assert "These incidents stand on map points" in done.err


def test_the_rule_smooths_alike_with_either_kernel(toy, geoprofiles_command):
    told = [
        geoprofiles_command("hotspots", "kde", *TOY, "--kernel", kernel).err.split(" m:")[0]
        for kernel in ("quartic", "gaussian")
    ]
    radius, deviation = (float(one.removeprefix("bandwidth ")) for one in told)
    assert radius / deviation == pytest.approx(8**0.5, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["kde", *TOY, "--bandwidth", 300, "--bandwidth-by", "nrd"], 2, "leave out --bandwidth-by"),
        (["kde", *TOY, "--adaptive", "--edge", "none"], 2, "the edge of diggle only"),
        (["risk", *TOY, "--controls-category", "Theft"], 2, "Say with --category"),
        (
            ["risk", *TOY, "--category", "Theft", "--controls-category", "Theft"],
            2,
            "cannot be held against itself",
        ),
        (
            ["risk", *TOY, "--category", "Theft", "--controls-category", "Burglery"],
            3,
            "Did you mean 'Burglary'?",
        ),
        (
            ["risk", *TOY, "--at-risk", "residents.csv", "--controls-category", "Theft"],
            2,
            "not both",
        ),
        (["risk", *TOY, "--at-risk", "none.csv"], 3, "none.csv"),
        (["risk", *TOY, "--floor", 500], 3, "Choose a wider bandwidth, a lower floor"),
        (
            ["kde", *TOY, "--category", "Theft", "--bandwidth-by", "likelihood"],
            3,
            "1 distinct places are too few",
        ),
    ],
)
def test_bad_input_is_one_line_with_its_code(toy, geoprofiles_command, arguments, code, said):
    done = geoprofiles_command("hotspots", *arguments)
    assert done.code == code, done.err
    assert said in " ".join(done.err.split())
    assert "Traceback" not in done.err

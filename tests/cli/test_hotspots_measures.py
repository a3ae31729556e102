"""``hotspots change``, ``concentration`` and ``accuracy``: on the toy city and the sample."""

from __future__ import annotations

import csv
import io
import json

import pytest

COLUMNS = ["--areas", "wards.geojson", "--column", "incident_id=id", "--column", "category=offence"]
CHANGE = ["hotspots", "change", "two.csv", *COLUMNS, "--before", "2025-06", "--after", "2026-06"]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


@pytest.fixture
def two(toy):
    """Two Junes: in Mill 30, then 10; in Quay 20, then 22. Each at a place of its own."""
    lines = ["id,offence,month,easting,northing"]
    for month, numbers, up in (("2025-06", (30, 20), 100), ("2026-06", (10, 22), 106)):
        for west, number in zip((450_000, 451_000), numbers, strict=True):
            lines += [
                f"{month}{west}{one},Theft,{month},{west + 100 + 17 * one},{60_000 + up + 13 * one}"
                for one in range(number)
            ]
    (toy / "two.csv").write_text("\n".join(lines) + "\n")
    return toy


@pytest.fixture
def sample(repository):
    """Say files and areas of the sample city."""
    incidents = repository / "data" / "incidents"
    return [incidents, "--areas", repository / "boundaries" / "port_averley_wards.geojson"]


def test_change_tells_the_ward_that_fell(two, geoprofiles_command):
    done = geoprofiles_command(*CHANGE, "--by", "areas", "-o", "change.csv")
    assert done.code == 0, done.err
    table = {one["area_name"]: one for one in rows((two / "change.csv").read_text("utf-8-sig"))}
    assert [table["Mill"][name] for name in ("before", "after", "verdict")] == ["30", "10", "fewer"]
    assert table["Quay"]["verdict"] == "no clear change"
    assert "Fewer: Mill (30 to 10)." in done.err
    assert "S is 0.00: of 2 units, 0 hold a share" in done.err
    cells = geoprofiles_command(*CHANGE, "--cell", 500)
    held = [one["properties"] for one in json.loads(cells.out)["features"]]
    assert len(held) == 8
    assert sum(one["before"] for one in held) == 50
    relative = geoprofiles_command(*CHANGE, "--by", "areas", "--relative", "--adjust", "by")
    assert "share of all incidents was compared" in relative.err
    assert "Benjamini and Yekutieli" in relative.err


def test_change_evaluates_an_operation(two, geoprofiles_command):
    """WDD by hand: (10 - 30) - (22 - 20) = -22, its variance 30 + 10 + 20 + 22."""
    ground = ["--treated", "Mill", "--control", "B", "--by", "areas", "--json"]
    done = geoprofiles_command(*CHANGE, *ground)
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert answer["operation"]["counts"] == {"treated": [30, 10], "control": [20, 22]}
    (part,) = answer["operation"]["parts"]
    assert part["estimate"] == -22
    assert part["se"] == pytest.approx(82**0.5)
    assert part["verdict"] == "fall"
    assert "Where the operation ran there were 22 fewer incidents" in done.err
    assert answer["units"][0]["area_name"] == "Mill"


def test_grounds_may_be_polygons(two, geoprofiles_command):
    wards = json.loads((two / "wards.geojson").read_text())
    for feature in wards["features"]:
        code = feature["properties"]["WD25CD"]
        (two / f"{code}.geojson").write_text(json.dumps({**wards, "features": [feature]}))
    done = geoprofiles_command(*CHANGE, "--treated", "A.geojson", "--control", "B.geojson")
    assert done.code == 0, done.err
    assert "Operation: treated 30 to 10, control 20 to 22." in done.err


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["--treated", "Mill"], 2, "--treated and --control go together"),
        (["--buffer", "A", "--buffer-control", "B"], 2, "--buffer goes with --treated"),
        (["--treated", "Mill", "--control", "A"], 3, "--treated and that of --control overlap"),
        (["--treated", "Mil", "--control", "B"], 3, "Did you mean 'Mill'?"),
        (["--treated", "Mill", "--control", "two.csv"], 3, "two.csv"),
        (["--before", "2025-07"], 3, "no counts of 2025-07"),
        (["--before", "2026-06", "--after", "2025-06"], 3, "the first is not the earlier"),
        (["--before", "June"], 2, "is no period"),
        (["--cell", "0"], 3, "'cell' must be"),
    ],
)
def test_changes_that_cannot_be_told(two, geoprofiles_command, more, code, said):
    done = geoprofiles_command(*CHANGE, *more)
    assert done.code == code, done.err
    assert said in done.err
    assert "Traceback" not in done.err


def test_the_planted_operation_is_found(sample, geoprofiles_command):
    """In the sample, violence in Orchard Park was cut to 0.45 from 2025-07."""
    done = geoprofiles_command(
        "hotspots", "change", *sample, "--category", "Violence and sexual offences", "--by",
        "areas", "--before", "2024-07:2025-06", "--after", "2025-07:2026-06", "-o", "out.csv",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "Fewer: Orchard Park" in done.err
    assert "note:" not in done.err


CONCENTRATION = ["hotspots", "concentration", "two.csv", *COLUMNS]


def test_concentration_over_places_cells_and_areas(two, geoprofiles_command):
    (two / "homes.csv").write_text("area_code,population\nA,100\nB,300\n")
    done = geoprofiles_command(*CONCENTRATION, "--by", "areas", "--at-risk", "homes.csv")
    assert done.code == 0, done.err
    table = {one["measure"]: one for one in rows(done.out)}
    assert float(table["Gini"]["observed"]) == pytest.approx(42 / 82 - 0.5)
    assert table["places with 50%"]["places"] == "1"
    assert "by what is at risk" in done.err
    places = geoprofiles_command(*CONCENTRATION, "--places", 1000)
    table = {one["measure"]: one for one in rows(places.out)}
    assert table["places with 50%"]["places"] == "41"
    assert "41 of 1,000 places (4.1%)" in places.err
    curve = geoprofiles_command(*CONCENTRATION, "--by", "cells", "--cell", 500, "--curve")
    line = rows(curve.out)
    assert (line[0]["incidents"], line[-1]["incidents"]) == ("0.0", "1.0")
    assert "Over 8 cells of 500 m, by their ground within the areas." in curve.err


def test_harm_stands_beside_with_its_heaviest_incident(two, geoprofiles_command):
    text = (two / "two.csv").read_text().replace(",Theft,", ",Robbery,", 1)
    (two / "two.csv").write_text(text)
    (two / "harm.csv").write_text("category,weight\nTheft,2\nRobbery,365\n")
    more = ["--by", "areas", "--harm", "harm.csv", "--json"]
    done = geoprofiles_command(*CONCENTRATION, *more)
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert answer["heaviest"]["share"] == pytest.approx(365 / (365 + 81 * 2))
    assert "The heaviest single incident (Robbery) brings 69.3% of the harm" in done.err
    harm = {one["measure"]: one for one in answer["harm"]["measures"]}
    assert harm["Gini"]["observed"] == pytest.approx((365 + 78) / 527 - 0.5)
    assert harm["Gini"]["p"] > 0.5  # wherever the robbery fell, half of the harm would be there
    assert len(answer["incidents"]["curve"]) == 3


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ([], 3, "how many there are without one is not known"),
        (["--places", 3], 3, "--places is 3, but there are"),
        (["--by", "cells", "--places", 3], 2, "--places goes with --by places"),
        (["--at-risk", "residents.csv"], 3, "at risk at each place is not known"),
        (["--places", 900, "--at-risk", "residents.csv"], 2, "--places and --at-risk"),
        (["--by", "areas", "--harm", "light.csv"], 3, "light.csv: there is no weight for Theft"),
        (["--category", "Arson"], 3, "no row has the category"),
    ],
)
def test_concentration_that_cannot_be_told(two, geoprofiles_command, more, code, said):
    (two / "light.csv").write_text("category,weight\nArson,2\n")
    done = geoprofiles_command(*CONCENTRATION, *more)
    assert done.code == code, done.err
    assert said in done.err
    assert "Traceback" not in done.err


def test_map_points_are_all_the_places_there_are(sample, geoprofiles_command):
    done = geoprofiles_command(
        "hotspots", "concentration", *sample, "--category", "Burglary", "--simulations", 99
    )
    assert done.code == 0, done.err
    assert "map points, to which incidents were moved" in done.err
    assert "No denominator" in done.err


def test_accuracy_names_the_best_and_what_cannot_be_told_from_it(sample, geoprofiles_command):
    more = ["--category", "Robbery", "--method", "gaussian", "--bandwidths", "150,1000"]
    more += ["--share", 2, "--shares", "1,20", "--cell", 200, "--periods", 2]
    done = geoprofiles_command("hotspots", "accuracy", *sample, *more)
    assert done.code == 0, done.err
    table = rows(done.out)
    assert {one["map"] for one in table} == {
        "Gaussian 150 m", "Gaussian 1000 m", "last year's counts",
    }  # fmt: skip
    assert sorted({float(one["area_share"]) for one in table}) == [0.01, 0.02, 0.2]
    for name in ("pai", "pei_star", "per_km2", "rri_levine", "rri_wheeler", "area_to_perimeter"):
        assert all(float(one[name]) > 0 for one in table)
    assert "of later incidents in the highest 2% of the area" in done.err
    assert "2 periods of 3 months from 2026-01" in done.err
    assert "fixed map points" in done.err


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["--bandwidths", "100,wide"], 2, "is not a list of numbers"),
        (["--periods", 20], 3, "too few to foretell 20 times 3"),
        (["--shares", "0,5"], 3, "a share of the area"),
        (["--bandwidths", "0"], 3, "'bandwidth' must be"),
    ],
)
def test_accuracy_that_cannot_be_told(sample, geoprofiles_command, more, code, said):
    done = geoprofiles_command("hotspots", "accuracy", *sample, "--category", "Robbery", *more)
    assert done.code == code, done.err
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_map_of_harm_has_its_heaviest_incident_beside(two, geoprofiles_command):
    (two / "weights.csv").write_text("category,weight\nTheft,3\n")
    done = geoprofiles_command(
        "hotspots", "kde", "two.csv", *COLUMNS, "--from", "2026-06", "--bandwidth", 300,
        "--cell", 500, "--harm", "weights.csv", "-o", "harm.csv",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "The heaviest single incident (Theft) brings 3.1% of the harm of all 32" in done.err
    cells = rows((two / "harm.csv").read_text("utf-8-sig"))
    # 32 thefts of weight 3 in one month; all of it lies on the cells.
    harm = sum(float(one["harm_density"]) * float(one["area_km2"]) for one in cells)
    assert harm / 12 == pytest.approx(96)
    assert sum(float(one["harm"]) for one in cells) == 96
    busiest = max(cells, key=lambda one: float(one["count"]))
    assert float(busiest["share_of_weightiest"]) == pytest.approx(1 / float(busiest["count"]))
    both = geoprofiles_command(
        "hotspots", "kde", "two.csv", *COLUMNS, "--harm", "weights.csv", "--window", "1:00-2:00"
    )
    assert (both.code, "not both" in both.err) == (2, True)

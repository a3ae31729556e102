"""``scorecard`` as a person meets it: to be read, as a table, from counts and indicators."""

from __future__ import annotations

import csv
import io
import json

import pytest


def rows(text):
    return {row["id"]: row for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))}


STRATEGY = """
[strategy]
title = "Safer together"
[[measures]]
id = "B"
measure = "Burglaries"
direction = "down"
kind = "count"
rate = "Burglary"
hazard = "Counts what is reported."
[[measures]]
id = "R"
measure = "Burglary rate"
direction = "down"
kind = "rate"
rate = "Burglary"
[[measures]]
id = "T"
measure = "Thefts"
direction = "down"
kind = "count"
rate = "Theft"
[[measures]]
id = "H"
measure = "Homes rented"
direction = "up"
kind = "proportion"
indicator = "renting"
[[measures]]
id = "N"
measure = "Noise"
direction = "down"
indicator = "noise"
[[printed]]
id = "drugs"
text = "Drug offences"
before = 722
after = 664
percent = -9
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "strategy.toml").write_text(STRATEGY)
    lines = ["area_code,area_name,month,category,count"]
    for year, burglary in ((2025, 60), (2026, 90)):
        for code in "AB":
            lines += [f"{code},Ward {code},{year}-06,Burglary,{burglary}",
                      f"{code},Ward {code},{year}-06,Theft,40"]  # fmt: skip
    (tmp_path / "counts.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "people.csv").write_text(
        "area_code,year,population\nA,2025,1000\nB,2025,2000\nA,2026,1500\nB,2026,3000\n"
    )
    (tmp_path / "breaks.csv").write_text("category,month,why\nTheft,2026-01,New rule\n")
    (tmp_path / "indicators.csv").write_text(
        "area_code,indicator,period,numerator,denominator\n"
        "A,renting,2024,40,160\nB,renting,2024,60,140\n"
        "A,renting,2025,90,160\nB,renting,2025,80,140\n"
    )
    return tmp_path


def test_the_answer_is_to_be_read(folder, geoprofiles_command):
    done = geoprofiles_command("scorecard", "strategy.toml", "--counts", "counts.csv")
    assert done.code == 0, done.err
    assert done.out.startswith("Safer together\n5 measures: ")
    assert "B [moving the wrong way] Burglaries" in done.out
    assert "180 (June 2026) against 120 (June 2025): +50.0%" in done.out
    assert "Caution: Counts what is reported." in done.out
    assert "Its figures are an indicator's: give --indicators" in done.out
    assert "It prints -9, which does not agree." in " ".join(done.out.split())
    assert max(map(len, done.out.splitlines())) <= 96


def test_everything_that_is_given_is_used(folder, geoprofiles_command):
    done = geoprofiles_command(
        "scorecard", "strategy.toml", "--counts", "-", "--population", "people.csv",
        "--indicators", "indicators.csv", "--breaks", "breaks.csv", "-o", "-",
        stdin=(folder / "counts.csv").read_text(),
    )  # fmt: skip
    assert done.code == 0, done.err
    table = rows(done.out)
    assert float(table["R"]["latest"]) == 40
    assert float(table["R"]["before"]) == 40
    assert table["R"]["status"] == "no clear change"
    assert table["T"]["status"] == "not comparable"
    assert table["H"]["status"] == "moving the right way (beyond chance)"
    assert float(table["H"]["latest"]) == pytest.approx(100 * 170 / 300)
    assert table["N"]["status"] == "no data"
    assert "could be tested" in done.err


@pytest.mark.parametrize("name", ["card.json", "card.xlsx"])
def test_the_ending_says_the_format(folder, geoprofiles_command, name):
    done = geoprofiles_command("scorecard", "strategy.toml", "-o", name)
    assert done.code == 0, done.err
    assert (folder / name).stat().st_size
    if name.endswith(".json"):
        assert [one["id"] for one in json.loads((folder / name).read_text())] == list("BRTHN")


def test_printed_figures_alone(folder, geoprofiles_command):
    table = rows(geoprofiles_command("scorecard", "strategy.toml", "--printed", "-o", "-").out)
    assert table["drugs"]["agrees"] == "no"
    assert table["drugs"]["verdict"] == "no clear change"
    told = geoprofiles_command("scorecard", "strategy.toml", "--printed").out
    assert told.startswith("Figures as printed, recomputed")


def test_the_city_of_the_example_has_nothing_green(repository, geoprofiles_command):
    strategy = repository / "examples" / "southampton" / "safe_city_strategy.toml"
    done = geoprofiles_command("scorecard", strategy)
    assert done.code == 0, done.err
    assert "22 measures: 2 no clear change, 2 not comparable, 18 no data." in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["none.toml"], 3, "there is no such file"),
        (["counts.csv"], 3, "this is not TOML"),
        (["strategy.toml", "-o", "card.doc"], 2, "ends in none of"),
        (["strategy.toml", "--level", "2"], 3, "'level' must be between 0 and 1"),
        (["strategy.toml", "--indicators", "people.csv"], 3, "indicator"),
    ],
)
def test_wrong_input_is_refused_in_one_line(folder, geoprofiles_command, arguments, code, told):
    done = geoprofiles_command("scorecard", *arguments)
    assert done.code == code, done.err
    assert told in done.err
    assert "Traceback" not in done.err


def test_help_shows_an_example(geoprofiles_command):
    done = geoprofiles_command("scorecard", "--help")
    assert "geoprofiles scorecard strategy.toml --counts counts.csv" in done.out

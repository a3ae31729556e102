"""``profile``, ``indicators`` and ``funnel`` as a person meets them."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pytest

RATES = (
    "area_code,indicator,period,numerator,denominator,value,lower,upper,unit,method\n"
    + "".join(
        f"W{place},Theft,2025,{count},1000,{count},{count - 5},{count + 5},per 1000,Byar's limits\n"
        for place, count in enumerate([90, 20, 22, 19, 25, 21])
    )
)  # fmt: skip


SHORT = """\
title = "Port Averley in short"
[[areas]]
kind = "ward"
file = "boundaries/port_averley_wards.geojson"
[[areas]]
kind = "locality"
file = "boundaries/port_averley_localities.geojson"
[[incidents]]
files = ["data/incidents"]
[[denominators]]
name = "residents"
file = "data/population_by_age.csv"
areas = "small area"
[[lookups]]
from = "small area"
to = "ward"
file = "data/lookup.csv"
source = "SA21CD"
target = "WD25CD"
[[lookups]]
from = "small area"
to = "locality"
file = "data/lookup.csv"
source = "SA21CD"
target = "LOC25CD"
[[rates]]
name = "All incidents"
[[rates]]
name = "Burglary"
categories = ["Burglary"]
"""


@pytest.fixture(scope="module")
def city(small_city, tmp_path_factory):
    """A small Port Averley with two rates, quick to tell."""
    folder = shutil.copytree(small_city, tmp_path_factory.mktemp("short") / "city")
    project = folder / "short.toml"
    project.write_text(SHORT)
    return project


def test_a_profile_is_printed_written_and_tabled(geoprofiles_command, city, tmp_path):
    done = geoprofiles_command("profile", city, "--area", "harbour", "-q")
    assert done.code == 0, done.err
    assert done.out.startswith("Harbour (ward X05000001)")
    assert "INCIDENTS" in done.out
    done = geoprofiles_command(
        "profile", city, "--kind", "locality", "--area", "Central", "-o", "central.html", "-q"
    )
    assert done.code == 0, done.err
    assert "Central" in (tmp_path / "central.html").read_text("utf-8")
    assert "<script" not in (tmp_path / "central.html").read_text("utf-8")


def test_a_folder_of_pages_is_written_whole(geoprofiles_command, city, tmp_path):
    done = geoprofiles_command("profile", city, "--kind", "locality", "-o", "pages", "-q")
    assert done.code == 0, done.err
    names = sorted(path.name for path in (tmp_path / "pages").iterdir())
    assert names == ["central.html", "east.html", "index.html", "north.html", "west.html"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("years of work")
    done = geoprofiles_command("profile", city, "--kind", "locality", "-o", "mine", "-q")
    assert done.code == 1
    assert "not made by geoprofiles" in done.err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.doc"]


def test_what_cannot_be_meant_is_refused_with_the_nearest(geoprofiles_command, city):
    done = geoprofiles_command("profile", city, "--area", "Harbuor", "-q")
    assert done.code == 3
    assert "Did you mean 'Harbour'?" in done.err
    done = geoprofiles_command("profile", city, "--kind", "wards", "-q")
    assert done.code == 3
    assert "Did you mean 'ward'?" in done.err
    done = geoprofiles_command("profile", city, "-o", "all.html", "-q")
    assert done.code == 3
    assert "a page is of one area" in done.err


def test_indicators_are_listed_by_topic(geoprofiles_command, repository):
    definitions = repository / "data" / "indicator_definitions.csv"
    done = geoprofiles_command("indicators", "list", definitions, "--topic", "Education")
    assert done.code == 0, done.err
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert rows
    assert {row["topic"] for row in rows} == {"Education"}
    done = geoprofiles_command("indicators", "list", definitions, "--topic", "Educaton")
    assert done.code == 3
    assert "Did you mean 'Education'?" in done.err


def test_faults_of_a_table_are_rows_and_errors_an_exit_code(geoprofiles_command, tmp_path):
    (tmp_path / "meaning.csv").write_text("indicator,method,unit\nrenting,proportion,%\n")
    (tmp_path / "good.csv").write_text(
        "area_code,indicator,period,numerator,denominator\nA,renting,2025,40,160\n"
    )
    done = geoprofiles_command("indicators", "check", "good.csv", "--definitions", "meaning.csv")
    assert done.code == 0, done.err
    assert "0 errors" in done.err
    (tmp_path / "bad.csv").write_text(
        "area_code,indicator,period,numerator,denominator\nA,renting,2025,[c],160\nB,renting,2025,9,0\n"
    )
    done = geoprofiles_command(
        "indicators", "check", "bad.csv", "--definitions", "meaning.csv", "--json"
    )
    assert done.code == 3
    problems = {row["problem"]: row["first"] for row in json.loads(done.out)}
    assert problems["the denominator is zero"] == "B"
    assert any("suppressed" in problem for problem in problems)


def test_a_project_is_looked_through_whole(geoprofiles_command, repository):
    project = repository / "geoprofiles.toml"
    done = geoprofiles_command("indicators", "list", project, "--topic", "Mortality", "-q")
    assert done.code == 0, done.err
    assert "Deaths from cancer" in done.out
    done = geoprofiles_command("indicators", "check", project)
    assert done.code == 0, done.err
    assert "0 errors" in done.err


def test_a_funnel_is_tabled_and_drawn(geoprofiles_command, tmp_path):
    (tmp_path / "rates.csv").write_text(RATES)
    done = geoprofiles_command("funnel", "rates.csv")
    assert done.code == 0, done.err
    rows = {row["area_code"]: row for row in csv.DictReader(io.StringIO(done.out))}
    assert rows["W0"]["verdict"].startswith("higher")
    assert "vary" in done.err
    done = geoprofiles_command(
        "funnel", "rates.csv", "--chart", "f.svg", "--polarity", "high is bad"
    )
    assert done.code == 0, done.err
    drawn = (tmp_path / "f.svg").read_text("utf-8")
    assert drawn.startswith("<svg")
    assert "W0" in drawn
    done = geoprofiles_command("funnel", "rates.csv", "--indicator", "Teft")
    assert done.code == 3
    assert "Did you mean 'Theft'?" in done.err
    done = geoprofiles_command("funnel", "rates.csv", "--chart", "f.gif")
    assert done.code == 2


def test_other_rules_and_breaks(geoprofiles_command, tmp_path):
    (tmp_path / "rates.csv").write_text(RATES)
    done = geoprofiles_command("compare", "rates.csv", "--rule", "interval")
    assert done.code == 0, done.err
    assert "6 of 6 figures are marked" in done.err
    months = ["2024-06", "2025-06"]
    counts = "area_code,area_name,month,category,count\n" + "".join(
        f"A,Mill,{month},Theft,{count}\n" for month, count in zip(months, [40, 90], strict=True)
    )
    (tmp_path / "counts.csv").write_text(counts)
    (tmp_path / "breaks.csv").write_text("category,month,why\nTheft,2025-01,new rule\n")
    wanted = ("change", "counts.csv", "--before", "2024-06", "--after", "2025-06")
    assert ",more" in geoprofiles_command(*wanted).out
    done = geoprofiles_command(*wanted, "--breaks", "breaks.csv")
    assert ",not comparable" in done.out

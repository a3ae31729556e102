"""A whole run on the bundled sample: everything is there, adds up, and stays the same."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas
import openpyxl
import pandas as pd
import pytest
from shapely import Point

import geoprofiles
from geoprofiles.errors import InputError, OutputError
from geoprofiles.pipeline.gather import gather
from geoprofiles.pipeline.periods import choose_period


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def test_every_product_is_there(sample_run):
    names = {
        path.relative_to(sample_run.folder).as_posix()
        for path in sample_run.folder.rglob("*")
        if path.is_file()
    }
    wanted = {
        "index.html", "map.html",
        "embed/index.html", "embed/map.js", "embed/map.css", "embed/iframe.html",
        "manifest.json", "reconciliation.csv", "summary.txt", "hotspots/hotspots.gpkg",
        "hotspots/all_incidents_clusters.geojson", "hotspots/commercial_burglary_clusters.geojson",
    }  # fmt: skip
    for kind in ("wards", "neighbourhoods", "localities", "small_areas"):
        wanted |= {
            f"tables/{kind}_profiles.csv",
            f"tables/{kind}_profiles_wide.csv",
            f"tables/{kind}_profiles.xlsx",
            f"tables/{kind}_street_incidents_counts.csv",
        }
    pages = {"index.html", "hotspots/burglary.html", "profiles/wards/harbour.html"}
    wanted |= {f"{form}/{page}" for form in ("embed", "fragments") for page in pages}
    assert wanted <= names
    assert sample_run.page.name == "index.html"
    for name in names:
        if name.startswith("embed/") and name.endswith(".html"):
            page = sample_run.folder / name
            for target in re.findall(r'(?:href|src)="([^"#:]+)"', page.read_text("utf-8")):
                assert (page.parent / target).is_file(), (name, target)


def test_the_manifest_lists_every_output_with_its_hash(sample_run):
    manifest = json.loads((sample_run.folder / "manifest.json").read_text("utf-8"))
    listed = {one["file"]: one["sha256"] for one in manifest["outputs"]}
    found = {
        path.relative_to(sample_run.folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in sample_run.folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert listed == found
    assert all(one["sha256"] for one in manifest["inputs"])
    assert all(one["reason"] for one in manifest["choices"])
    assert "/" not in str(manifest["project"]["file"])


def test_every_input_row_is_accounted_for(sample_run, repository):
    manifest = sample_run.manifest
    read = sum(one["rows"] for one in manifest["inputs"] if one["use"] == "street incidents")
    for entry in manifest["reconciliation"]["street incidents"].values():
        assert entry["rows read"] == read
        assert sum(number for fate, number in entry.items() if fate != "rows read") == read
    rows = table(sample_run.folder / "reconciliation.csv")
    total = sum(
        int(row["rows"])
        for row in rows
        if row["source"] == "street incidents" and row["areas"] == "wards"
    )
    assert total == read


def test_counts_of_nested_areas_agree(sample_run):
    """Small areas nest in wards, wards in localities: each set holds the same incidents."""
    totals = set()
    for kind in ("wards", "neighbourhoods", "localities", "small_areas"):
        rows = table(sample_run.folder / "tables" / f"{kind}_street_incidents_counts.csv")
        inside = [row for row in rows if not row["area_code"].startswith("(")]
        totals.add(sum(int(row["count"]) for row in inside))
    assert len(totals) == 1


def test_rates_are_counts_over_residents(sample_run, repository):
    """One ward worked out from the files by hand: neither reader nor rates of ours are used."""
    figures = table(sample_run.folder / "tables" / "wards_profiles.csv")
    row = next(one for one in figures if one["indicator"] == "All incidents")
    lookup = {one["SA21CD"]: one["WD25CD"] for one in table(repository / "data" / "lookup.csv")}
    people = table(repository / "data" / "population_by_age.csv")
    year = max(one["year"] for one in people)
    residents = sum(
        float(one["population"])
        for one in people
        if one["year"] == year and lookup[one["area_code"]] == row["area_code"]
    )
    assert float(row["denominator"]) == residents
    assert float(row["value"]) == pytest.approx(float(row["count"]) / residents * 1000)


def test_every_topic_is_in_the_profiles(sample_run):
    figures = table(sample_run.folder / "tables" / "wards_profiles.csv")
    topics = {row["topic"] for row in figures}
    assert {
        "Incidents", "Demography", "Economy", "Community safety", "Education", "Social care",
        "Healthy start", "Long-term conditions", "Hospital admissions", "Mortality",
    } <= topics  # fmt: skip
    proportions = [row for row in figures if row["unit"] == "%"]
    assert proportions
    assert all(0 <= float(row["lower"]) <= float(row["value"]) <= 100 for row in proportions)


def test_withheld_counts_cannot_be_had_from_other_kinds_of_area(sample_run, repository):
    """A ward's hidden count is its locality's less the other wards': no other kind has any."""
    definitions = table(repository / "data" / "indicator_definitions.csv")
    ruled = {one["name"] for one in definitions if one["disclosure"].startswith("under")}
    assert len(ruled) >= 5
    folder = sample_run.folder / "tables"
    shown = {one["indicator"] for one in table(folder / "wards_profiles.csv")}
    assert ruled <= shown
    for kind in ("neighbourhoods", "localities", "small_areas"):
        assert not ruled & {one["indicator"] for one in table(folder / f"{kind}_every_period.csv")}
    assert not ruled & {one["indicator"] for one in table(folder / "deprivation_quintiles.csv")}
    assert not ruled & {one["indicator"] for one in table(folder / "by_age.csv")}


def test_pages_say_that_the_city_is_fictional_and_what_hot_spots_cannot_say(sample_run):
    text = (sample_run.folder / "index.html").read_text("utf-8")
    assert "fictional" in text
    assert "says nothing of why" in text


def test_the_planted_burglaries_are_the_one_cluster_beyond_chance(sample_run):
    """Planted at 3,300 m east and 3,750 m north of the frame's corner, within 260 m."""
    name = sample_run.folder / "hotspots" / "burglary_clusters.geojson"
    clusters = geopandas.read_file(name).to_crs(27700)
    sure = clusters[clusters["significant"].astype(bool)]
    assert len(sure) == 1
    assert len(clusters) > 1
    middle = sure.geometry.iloc[0].centroid
    assert math.dist((middle.x, middle.y), (446_000 + 3_300, 56_000 + 3_750)) < 260
    assert sure["status"].iloc[0] == "stood before"
    told = (sample_run.folder / "summary.txt").read_text()
    assert "Burglary: 1 cluster is beyond chance" in told
    assert "in Ropewalk," in told


def test_the_planted_commercial_burglaries_are_one_cluster_and_not_the_whole_centre(sample_run):
    """Planted 4,150 m east and 2,850 m north of the frame's corner, within 170 m."""
    name = sample_run.folder / "hotspots" / "commercial_burglary_clusters.geojson"
    clusters = geopandas.read_file(name).to_crs(27700)
    sure = clusters[clusters["significant"].astype(bool)]
    assert len(sure) == 1
    planted = Point(446_000 + 4_150, 56_000 + 2_850)
    assert sure.geometry.iloc[0].buffer(1).covers(planted.buffer(170))
    # Discs of 120 m round all that was planted are 0.26 km²; where premises crowd, 0.9 km².
    assert sure["area_km2"].iloc[0] < 0.5
    assert sure["share"].iloc[0] < 0.4


@pytest.mark.skipif(os.name == "nt", reason="the second process needs PYTHONHASHSEED only")
def test_the_same_input_gives_the_same_bytes(sample_run, repository, tmp_path):
    code = "import geoprofiles, sys;geoprofiles.run(sys.argv[1], output=sys.argv[2])"
    subprocess.run(
        [sys.executable, "-c", code, str(repository / "geoprofiles.toml"), str(tmp_path / "out")],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(repository)},
        check=True,
    )
    again = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    differing = [
        one["file"]
        for one, other in zip(again["outputs"], sample_run.manifest["outputs"], strict=True)
        if one != other
    ]
    assert not differing


@pytest.fixture
def small(small_city, tmp_path):
    """A copy of the small city, to be changed."""
    return Path(shutil.copytree(small_city, tmp_path / "city"))


PLAIN = """\
title = "Counts alone"
[[areas]]
kind = "ward"
file = "boundaries/port_averley_wards.geojson"
[[incidents]]
files = ["data/incidents"]
[[hotspots]]
name = "Robbery"
categories = ["Robbery"]
"""


def plain(city: Path, more: str = "") -> Path:
    """Write a project of few sections, quick to run; the path of its file."""
    project = city / "plain.toml"
    project.write_text(more + PLAIN)
    return project


def test_a_folder_that_holds_something_else_stops_the_run_before_it_starts(small_city, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.doc").write_text("years of work")
    steps: list[str] = []
    with pytest.raises(OutputError, match="not made by geoprofiles"):
        geoprofiles.run(small_city / "geoprofiles.toml", output=out, progress=steps.append)
    assert steps == []
    assert [path.name for path in out.iterdir()] == ["thesis.doc"]


def test_a_failed_run_leaves_the_earlier_one(small, sample_run, tmp_path):
    out = Path(shutil.copytree(sample_run.folder, tmp_path / "out"))
    before = (out / "manifest.json").read_bytes()
    (small / "data" / "lookup.csv").write_text("nothing,here\n1,2\n")
    with pytest.raises(InputError, match=r"lookup\.csv"):
        geoprofiles.run(small / "geoprofiles.toml", output=out)
    assert (out / "manifest.json").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city", "out"]


def test_a_category_that_no_row_has_suggests_the_nearest(small, tmp_path):
    project = small / "geoprofiles.toml"
    project.write_text(project.read_text().replace('["Burglary"]', '["Burglery"]'))
    with pytest.raises(InputError, match=r"Did you mean 'Burglary'\?"):
        geoprofiles.run(project, output=tmp_path / "out")


def test_a_project_without_denominators_still_runs(small, tmp_path):
    result = geoprofiles.run(plain(small), output=tmp_path / "out")
    rows = table(tmp_path / "out" / "tables" / "wards_profiles.csv")
    assert {row["unit"] for row in rows} == {"no denominator"}
    assert result.page.exists()


def test_a_gap_in_the_months_is_said(small, tmp_path):
    for month in ("2024-02", "2024-03"):
        shutil.rmtree(small / "data" / "incidents" / month)
    project = plain(small, 'period = "2024-01 to 2024-06"\n')
    result = geoprofiles.run(project, output=tmp_path / "out")
    assert any("only 4 are in the files" in one for one in result.manifest["cautions"])
    rows = table(tmp_path / "out" / "tables" / "wards_profiles.csv")
    assert rows[0]["period"] == "January 2024 to June 2024 (4 of 6 months)"
    known = geoprofiles.read_project(plain(small, 'period = "latest 30 months"\n'))
    material = gather(known, progress=lambda _: None)
    choose_period(known, material, known.incidents[0].name)
    assert any("27 months (April 2024 to June 2026), not 30" in one for one in material.cautions)


def names_of(folder: Path, words: Path) -> list[str]:
    """Return the files of a folder that hold the words."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path.name for path in files if str(words).encode() in path.read_bytes()]


def test_no_output_names_the_machine(sample_run, small, repository, tmp_path):
    """Not even where readers complain of a file: a suppressed figure, an outcomes file."""
    assert names_of(sample_run.folder, repository) == []
    assert names_of(sample_run.folder, sample_run.folder.parent) == []
    households = small / "data" / "households.csv"
    lines = households.read_text().splitlines()
    lines[2] = lines[2].rsplit(",", 1)[0] + ",[c]"
    households.write_text("\n".join(lines) + "\n")
    outcomes = small / "data" / "incidents" / "2026-06" / "2026-06-port-averley-outcomes.csv"
    outcomes.write_text("Crime ID,Month,Outcome type\na,2026-06,b\n")
    project = plain(small)
    project.write_text(project.read_text() + HOMES)
    result = geoprofiles.run(project, output=tmp_path / "out")
    cautions = " ".join(result.manifest["cautions"])
    assert "data/households.csv" in cautions
    assert "not known, or not whole" in cautions
    assert names_of(tmp_path / "out", tmp_path) == []


HOMES = """\
[[denominators]]
name = "households"
file = "data/households.csv"
areas = "small area"
[[lookups]]
from = "small area"
to = "ward"
file = "data/lookup.csv"
source = "SA21CD"
target = "WD25CD"
[[rates]]
name = "Burglary"
categories = ["Burglary"]
denominator = "households"
"""


@pytest.mark.real
def test_southampton_runs_on_the_shared_data(shared_data, repository, tmp_path):
    project = repository / "examples" / "southampton" / "geoprofiles.toml"
    result = geoprofiles.run(project, data=shared_data, output=tmp_path / "out")
    entry = result.manifest["reconciliation"]["street crime and ASB"]
    # 95,836 rows of the force and 191 of the transport police; 8 and 30 of the force's lie
    # outside the old and the new wards (README of the data).
    assert entry["wards"]["rows read"] == 96_027
    assert entry["old wards"]["outside"] >= 8
    assert entry["wards"]["outside"] >= 30
    figures = table(tmp_path / "out" / "tables" / "old_wards_profiles.csv")
    rates = {
        row["area_name"]: float(row["value"])
        for row in figures
        if row["indicator"] == "All incidents"
    }
    assert max(rates, key=rates.get) == "Bargate"
    # A page for every ward and every named neighbourhood, and the way to each.
    pages = {
        kind: len(list((tmp_path / "out" / "profiles" / kind).glob("*.html"))) - 1
        for kind in ("wards", "neighbourhoods")
    }
    assert pages == {"wards": 17, "neighbourhoods": 33}
    shutil.rmtree(tmp_path / "out")


@pytest.mark.real
def test_published_rates_of_two_wards(shared_data):
    """Bargate 259 and Bassett 75 per 1,000, March 2021 to January 2022 (README of the data)."""
    wards = geoprofiles.read_areas(shared_data / "boundaries" / "southampton_wards_2013.geojson")
    files = sorted((shared_data / "police" / "southampton").glob("202[12]-*/*-hampshire-street*"))
    located = geoprofiles.locate(geoprofiles.read_incidents(files, crs=wards.crs), wards)
    counts = geoprofiles.count_by_area(located, wards)
    people = geoprofiles.read_population(
        shared_data
        / "population"
        / "southampton_portsmouth_ward2020_mid2020_population_by_age_sex.csv.gz",
        code="ward_code",
        value="all_ages",
        where={"sex": "persons"},
    )
    rates = geoprofiles.rate_by_area(counts, people, indicator="All incidents")
    values = rates.set_index(rates["area_code"].map(wards["area_name"]))["value"]
    assert round(values["Bargate"]) == 259
    assert round(values["Bassett"]) == 75


ANYWHERE = {"area_code", "area_name", "topic", "indicator", "period", "unit"}
"""Columns that mean the same in whatever table has them."""

OF_PROFILES = {"profiles", "every_period", "every_figure", "worse_and_worsening"}
"""Tables that show what profiles show: no other may lean on the meanings of theirs."""


def columns_written(folder: Path, names: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns of each table of a run, with what the dictionary calls the table."""
    for path in [*sorted(folder.glob("tables/*")), folder / "reconciliation.csv"]:
        fitting = [one for one in names if f"_{path.stem}".endswith(f"_{one}")]
        name = max(fitting, key=len, default=path.stem)
        if path.suffix == ".csv":
            yield name, next(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
        elif path.suffix == ".parquet":
            yield name, pytest.importorskip("pyarrow.parquet").read_schema(path).names
        else:
            book = openpyxl.load_workbook(path, read_only=True)
            _, first, *others = book.worksheets  # the cover explains itself
            wide = "profiles_wide" if name == "profiles" else name
            for kind, sheet in [(wide, first), *((name, one) for one in others)]:
                yield kind, list(next(sheet.iter_rows(max_row=1, values_only=True)))
            book.close()


def test_the_dictionary_explains_every_column_and_no_other(sample_run):
    rows = table(sample_run.folder / "tables" / "data_dictionary.csv")
    rows = [row for row in rows if row["what"] == "column"]
    names = {row["table"] for row in rows} - {""}
    headings = {row["name"]: row["id"] for row in rows if row["name"]}
    explained = {(row["table"], row["id"]): _any_name(row["id"]) for row in rows if row["meaning"]}
    used, lacking, written = set(), set(), set()
    for name, columns in columns_written(sample_run.folder, names | {"profiles"}):
        written.add(name)
        for column in (headings.get(one, one) for one in columns):
            found = {
                (of, known)
                for (of, known), pattern in explained.items()
                if of == name and pattern.fullmatch(column)
            }
            if not found and (name in OF_PROFILES or column in ANYWHERE):
                found = {("", column)} & set(explained)
            used |= found
            if not found:
                lacking.add((name, column))
    assert not lacking
    assert names - {"every_figure"} <= written
    assert {one for one in explained if one not in used and one[0] in {"", *written}} == set()


def _any_name(column: str) -> re.Pattern[str]:
    """Return what fits a column as the dictionary names it, capitals standing for any name."""
    return re.compile(re.sub("NAME|UNIT", ".+", column).replace("PERIOD", r".*\d{4}.*"))


def test_pages_say_what_was_found_and_name_what_could_not_be_asked(sample_run):
    folder = sample_run.folder
    text = (folder / "hotspots" / "commercial_burglary.html").read_text()
    for heading in (
        "What was found", "Where", "When", "Again, and nearby", "How few places hold how much",
        "Over time", "How well such a map foretells", "How this was decided",
    ):  # fmt: skip
        assert f">{heading}</h2>" in text
    assert "<script" not in text
    assert "default-src 'none'" in text
    month_only = (folder / "hotspots" / "burglary.html").read_text()
    assert ">When</h2>" not in month_only
    assert "the data name no day" in month_only
    assert "one map point stands for eight or more addresses" in month_only
    index = (folder / "index.html").read_text()
    for name in ("all_incidents", "burglary", "commercial_burglary"):
        assert f'href="hotspots/{name}.html"' in index


def test_tables_of_questions_add_up_to_the_incidents(sample_run, repository):
    hours = table(sample_run.folder / "tables" / "hotspots_hours.csv")
    total = sum(float(row["weight"]) for row in hours)
    rows = pd.read_csv(repository / "data" / "commercial_burglary.csv")
    begun = pd.to_datetime(rows["From"], dayfirst=True)
    of_period = begun.between("2025-07-01", "2026-07-01", inclusive="left")
    assert {row["question"] for row in hours} == {"Commercial burglary"}
    assert total == pytest.approx(of_period.sum(), abs=0.01)
    # By the start alone noon is as likely as night; by weights it is the least likely.
    by_hour = pd.DataFrame(hours).astype({"hour": int, "weight": float})
    day = by_hour.groupby("hour")["weight"].sum()
    assert day.loc[[10, 11, 12, 13]].sum() < 0.25 * day.loc[[22, 23, 0, 1]].sum()
    decisions = pd.DataFrame(table(sample_run.folder / "tables" / "hotspots_decisions.csv"))
    assert set(decisions["question"]) == {"All incidents", "Burglary", "Commercial burglary"}
    bandwidth = decisions[decisions["decision"] == "bandwidth"].set_index("question")
    assert bandwidth["reason"].str.startswith("forward test").all()


def test_every_column_of_the_tables_of_questions_is_explained(sample_run):
    folder = sample_run.folder / "tables"
    known = pd.DataFrame(table(folder / "data_dictionary.csv"))
    for path in folder.glob("hotspots_*.csv"):
        mine = set(known.loc[known["table"] == path.stem, "id"])
        assert set(table(path)[0]) <= mine, path.name

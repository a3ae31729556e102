"""A run fills a strategy's measures: counts added up by eye, and the planted truth."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from scipy import stats

from geoprofiles.indicators.scorecard import STATUSES
from geoprofiles.pipeline.figures import figures_of
from geoprofiles.pipeline.gather import gather
from geoprofiles.pipeline.periods import choose_period
from geoprofiles.pipeline.scorecard import scorecard_of
from geoprofiles.project import read_project


def scored(path):
    project = read_project(path)
    material = gather(project, progress=lambda _: None)
    periods = {name: choose_period(project, material, name) for name in material.tallied}
    figures = [figures_of(project, material, next(iter(material.areas)), periods)]
    return scorecard_of(project, material, figures, periods)


WARDS = {"A": ("Mill", 0), "B": ("Quay", 1000)}

PROJECT = """
title = "Toy"
period = "latest 12 months"
breaks = "breaks.csv"
strategy = "strategy.toml"
[[areas]]
kind = "ward"
file = "wards.geojson"
[[incidents]]
name = "crimes"
files = ["incidents.csv"]
source_crs = "EPSG:27700"
[[denominators]]
name = "residents"
file = "residents.csv"
areas = "ward"
[[rates]]
name = "All"
[[rates]]
name = "Burglary"
categories = ["Burglary"]
[[rates]]
name = "Theft"
categories = ["Theft"]
[[indicators]]
file = "indicators.csv"
definitions = "definitions.csv"
areas = "ward"
"""

MEASURES = [
    ("count", 'kind = "count"\nrate = "Burglary"'),
    ("rate", 'kind = "rate"\nrate = "Burglary"\nbaseline_period = "2024"'),
    ("mill", 'kind = "count"\nrate = "Burglary"\nareas = ["Mill"]'),
    ("quay", 'kind = "count"\nrate = "Burglary"\nareas = "B"'),
    ("old", 'kind = "count"\nrate = "Burglary"\nbaseline_period = "2019"\ntarget = 1'),
    ("misspelt", 'kind = "count"\nrate = "Burglry"'),
    ("theft", 'kind = "count"\nrate = "Theft"'),
    ("all", 'kind = "count"\nrate = "All"'),
    ("mixed", 'kind = "count"\nrate = "Burglary"\nbaseline = 200\nbaseline_period = "2019"'),
    ("renting", 'indicator = "renting"'),
    ("renting_mill", 'indicator = "renting"\nareas = "Mill"'),
    ("score", 'indicator = "score"'),
    ("unknown", 'indicator = "rentings"'),
    ("hand", 'kind = "count"\nvalues = [{ period = "2024", value = 50 }]'),
]


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """Burglary: 10 a month in Mill and 5 in Quay in 2024, half of that in 2025; Theft: 8."""
    folder = tmp_path_factory.mktemp("toy")
    features = []
    for code, (name, west) in WARDS.items():
        x, y = 450000 + west, 60000
        ring = [[x, y], [x + 1000, y], [x + 1000, y + 1000], [x, y + 1000], [x, y]]
        features.append(
            {
                "type": "Feature",
                "properties": {"WD25CD": code, "WD25NM": name},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": features}
    (folder / "wards.geojson").write_text(json.dumps(collection))
    rows = ["id,category,month,easting,northing"]
    for month in pd.date_range("2024-01-01", "2025-12-01", freq="MS"):
        for number, kind, east in [
            (10 if month.year == 2024 else 5, "Burglary", 450500),
            (6 if month.year == 2024 else 3, "Burglary", 451500),
            (8, "Theft", 450500),
            (1, "Theft", 459999),
        ]:
            rows += [f"x{len(rows) + n},{kind},{month:%Y-%m},{east},60500" for n in range(number)]
    (folder / "incidents.csv").write_text("\n".join(rows) + "\n")
    (folder / "residents.csv").write_text(
        "area_code,year,population\nA,2024,1000\nB,2024,2000\nA,2025,1100\nB,2025,2200\n"
    )
    (folder / "breaks.csv").write_text("category,month,why\nTheft,2025-03,New rule\n")
    (folder / "indicators.csv").write_text(
        "area_code,indicator,period,numerator,denominator,squares\n"
        "A,renting,2023,40,160,\nB,renting,2023,60,140,\n"
        "A,renting,2025,90,160,\nB,renting,2025,80,140,\n"
        "A,score,2023,300,50,2000\nB,score,2023,200,50,1000\n"
        "A,score,2025,320,50,2200\nB,score,2025,260,50,1500\n"
    )
    (folder / "definitions.csv").write_text(
        "indicator,name,method,unit\nrenting,Homes rented,proportion,%\nscore,Score,mean,points\n"
    )
    sections = [
        f'[[measures]]\nid = "{name}"\nmeasure = "x"\ndirection = "down"\n{text}\n'
        for name, text in MEASURES
    ]
    printed = '[[printed]]\nid = "p"\nbefore = 722\nafter = 664\npercent = -8\n'
    (folder / "strategy.toml").write_text("\n".join([*sections, printed]))
    (folder / "geoprofiles.toml").write_text(PROJECT)
    table, figures = scored(folder / "geoprofiles.toml")
    return table.set_index("id"), figures.set_index("id")


def test_counts_are_of_all_areas_or_of_those_named(toy):
    table, _ = toy
    for name, before, after in (("count", 192, 96), ("mill", 120, 60), ("quay", 72, 36)):
        row = table.loc[name]
        assert (row["before"], row["latest"]) == (before, after), name
        assert row["status"] == "moving the right way (beyond chance)"
        # 366 and 365 days; months that do not vary widen nothing
        theirs = stats.poisson_means_test(after, 365 / 366, before, 1).pvalue
        assert row["p"] == pytest.approx(theirs, rel=1e-3)
        assert row["latest_period"] == "January 2025 to December 2025"
    assert table.loc["theft", "latest"] == 96  # those outside are in no area


def test_rates_have_the_people_of_their_year(toy):
    row = toy[0].loc["rate"]
    assert row["before"] == pytest.approx(192 / 3000 * 1000)
    assert row["latest"] == pytest.approx(96 / 3300 * 1000, abs=1e-6)
    assert row["change"] == pytest.approx(
        100 * (96 / 3300 / 365 / (192 / 3000 / 366) - 1), abs=1e-5
    )
    assert row["unit"] == "per 1,000 residents"
    assert row["baseline_period"] == "2024"


def test_indicators_are_summed_and_never_averaged(toy):
    row = toy[0].loc["renting"]
    assert row["before"] == pytest.approx(100 * 100 / 300, abs=1e-6)
    assert row["latest"] == pytest.approx(100 * 170 / 300, abs=1e-6)
    assert row["status"] == "moving the wrong way"
    assert (row["kind"], row["unit"]) == ("proportion", "%")
    assert toy[0].loc["renting_mill", "latest"] == pytest.approx(100 * 90 / 160)
    mean = toy[0].loc["score"]
    assert (mean["before"], mean["latest"]) == (5.0, 5.8)
    # Student's limits of 100 values whose squares sum to 3,700
    half = stats.t.ppf(0.975, 99) * ((3700 - 100 * 5.8**2) / 99 / 100) ** 0.5
    assert mean["latest_upper"] == pytest.approx(5.8 + half, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        (
            "old",
            "no data",
            "lack 12 of the 12 months of the baseline period 2019; they run from January 2024 to",
        ),
        ("misspelt", "no data", "Nothing is counted as 'Burglry'. Did you mean 'Burglary'?"),
        ("unknown", "no data", "no indicator 'rentings'. Did you mean 'renting'?"),
        ("theft", "not comparable", "recording changed in March 2025 (New rule)"),
        # What counts everything counts what is recorded differently too.
        ("all", "not comparable", "recording changed in March 2025 (New rule)"),
        ("mixed", "moving the right way (beyond chance)", "96 (January 2025 to December 2025)"),
        ("hand", "not comparable", "nothing to compare it with"),
    ],
)
def test_what_a_run_cannot_fill_says_why(toy, name, status, told):
    row = toy[0].loc[name]
    assert row["status"] == status
    assert told in row["evidence"]


def test_printed_figures_come_with_the_run(toy):
    assert toy[1].loc["p", "verdict"] == "no clear change"
    assert toy[1].loc["p", "agrees"] == "yes"


def test_without_a_strategy_there_is_no_scorecard():
    class Nothing:
        strategy = None

    table, printed = scorecard_of(None, Nothing(), [], {})
    assert table.empty
    assert printed.empty


@pytest.fixture(scope="module")
def sample(repository):
    table, printed = scored(repository / "geoprofiles.toml")
    return table.set_index("id"), printed


def test_every_status_occurs_in_the_sample(sample):
    table, _ = sample
    assert set(table["status"]) == set(STATUSES)
    assert {"ahead", "behind", "on course", "cannot be said", ""} == set(table["course"])


def test_the_sample_says_what_was_planted(sample):
    table, printed = sample
    # Violence in one ward falls by two fifths, shoplifting in another rises, both from July 2025.
    assert table.loc["H6", "status"] == "moving the right way (beyond chance)"
    assert table.loc["P3", "status"] == "moving the wrong way"
    # Absence rises and claims fall from year to year.
    assert table.loc["O1", "status"] == "met"
    assert table.loc["O2", "status"] == "moving the wrong way"
    # Recording of anti-social behaviour changed.
    assert table.loc["P1", "status"] == "not comparable"
    assert "July 2024" in table.loc["P1", "evidence"]
    met = table[table["status"] == "met"]
    assert met["baseline"].notna().all()
    assert met["target"].notna().all()
    assert {"yes", "no", "not printed"} == set(printed["agrees"])

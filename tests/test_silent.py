"""What would go wrong without a word: each slip is refused by name, or told on the products.

Two wards of two zones each, and four incidents in every zone.
"""

from __future__ import annotations

import json

import pandas as pd
import pytest

from geoprofiles.errors import InputError
from geoprofiles.pipeline.figures import figures_of, latest_of
from geoprofiles.pipeline.gather import gather
from geoprofiles.pipeline.gradients import gradients_of
from geoprofiles.pipeline.periods import choose_period
from geoprofiles.project import read_project

PROJECT = """\
title = "Two wards"
[[areas]]
kind = "zone"
file = "zones.geojson"
[[areas]]
kind = "ward"
of = "zone"
groups = { A = ["a", "b"], B = ["c", "d"] }
[[incidents]]
name = "crime"
files = ["incidents.csv"]
[[denominators]]
name = "residents"
file = "residents.csv"
areas = "zone"
[[rates]]
name = "Theft"
categories = ["Theft"]
[[rates]]
name = "Drugs"
categories = ["Drugs"]
"""
RANKED = '[deprivation]\nfile = "ranks.csv"\nareas = "zone"\nrank = "rank"\n'
INDICATORS = '[[indicators]]\nfile = "figures.csv"\ndefinitions = "means.csv"\nareas = "zone"\n'
HEAD = "area_code,indicator,period,numerator,denominator\n"
FIGURES = HEAD + "".join(
    f"{code},fires,{year},{count},100\n" for year in (2024, 2025) for code, count in
    zip("abcd", (4, 5, 6, 7), strict=True)
)  # fmt: skip


def square(at: int, code: str) -> dict[str, object]:
    west, south = -1.4 + at * 0.01, 50.9
    ring = [[west, south], [west + 0.01, south], [west + 0.01, south + 0.01], [west, south + 0.01]]
    return {
        "type": "Feature",
        "properties": {"area_code": code, "area_name": f"Zone {code}"},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }


@pytest.fixture
def told(tmp_path):
    """Write the world with more sections and files, and return what gather makes of it."""
    zones = {"type": "FeatureCollection", "features": list(map(square, range(4), "abcd"))}
    (tmp_path / "zones.geojson").write_text(json.dumps(zones))
    rows = [f"{-1.395 + at * 0.01},50.905,2026-0{month},{kind}" for at in range(4)
            for month in (5, 6) for kind in ("Theft", "Drugs")]  # fmt: skip
    (tmp_path / "incidents.csv").write_text(
        "\n".join(["longitude,latitude,month,category", *rows]) + "\n"
    )
    (tmp_path / "residents.csv").write_text("area_code,population\na,100\nb,300\nc,50\nd,150\n")
    (tmp_path / "means.csv").write_text("indicator,name,method\nfires,Fires,rate\n")
    (tmp_path / "figures.csv").write_text(FIGURES)

    def gathered(more: str = "", first: str = "", **files: str):
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text)
        (tmp_path / "project.toml").write_text(first + PROJECT + more)
        read = read_project(tmp_path / "project.toml")
        return read, gather(read, progress=lambda _: None)

    return gathered


def every(project, material, kind="zone"):
    periods = {name: choose_period(project, material, name) for name in material.tallied}
    return figures_of(project, material, kind, periods)


def told_of(material):
    """Leave out that two months are no year."""
    return [one for one in material.cautions if not one.startswith("crime: the period")]


def test_nothing_is_told_where_nothing_is_wrong(told):
    ranks = "area_code,rank\na,1\nb,2\nc,3\nd,4\n"
    project, material = told(INDICATORS + RANKED, ranks=ranks)
    gradients_of(project, material, [every(project, material)])
    assert told_of(material) == []


@pytest.mark.parametrize(("stray", "latest"), [("2999", "2025"), ("20x5", "2025")])
def test_a_stray_period_is_told_and_takes_nothing_over(told, stray, latest):
    project, material = told(INDICATORS, figures=FIGURES + f"d,fires,{stray},7,100\n")
    made = every(project, material).figures
    mine = made[made["indicator"] == "Fires"]
    assert mine["period"].tolist() == [latest] * 4
    assert [one for one in material.cautions if f"'{stray}'" in one and "figures.csv" in one]


def test_the_latest_period_is_had_by_half_as_many_areas_as_the_fullest():
    codes = list("abcd")
    old = pd.DataFrame({"area_code": codes, "indicator": "x", "period": "2024"})
    for number, latest in ((1, "2024"), (2, "2025"), (4, "2025")):
        new = old.head(number).assign(period="2025")
        assert set(latest_of(pd.concat([old, new]))["period"]) == {latest}


GIVEN = "indicator,name,method\nlife,Life,given\n"
LIFE = "area_code,indicator,period,value,lower,upper\n" + "".join(
    f"{code},life,2025,{at + 80},{at + 79},{at + 82}\n" for at, code in enumerate("abcd")
)


def test_given_figures_need_no_numerators_and_are_shown_for_their_own_areas_alone(told):
    project, material = told(INDICATORS, means=GIVEN, figures=LIFE)
    made = every(project, material).figures
    mine = made[made["indicator"] == "Life"].set_index("area_code")
    assert mine["value"].to_dict() == {"a": 80, "b": 81, "c": 82, "d": 83}
    assert mine["lower"].tolist() == [79, 80, 81, 82]
    assert set(mine["method"]) == {"as given"}
    wards = every(project, material, "ward").figures
    assert "Life" not in set(wards["indicator"])
    assert told_of(material) == [
        "Left out of wards: 'life' of figures.csv; given as they are for zones, they cannot be"
        " added up."
    ]


def test_given_and_counted_figures_may_stand_in_one_table(told):
    table = FIGURES.replace("denominator\n", "denominator,value,lower,upper\n")
    table = table.replace(",100\n", ",100,,,\n") + "a,life,2025,,,80,79,82\n"
    project, material = told(INDICATORS, means=GIVEN + "fires,Fires,rate\n", figures=table)
    wards = every(project, material, "ward").figures
    fires = wards[wards["indicator"] == "Fires"]
    assert fires["value"].tolist() == [45.0, 65.0]
    zones = every(project, material).figures
    assert zones[zones["indicator"] == "Life"]["value"].dropna().tolist() == [80.0]


def test_a_rule_that_counts_numerators_is_refused_where_none_are_given(told):
    means = "indicator,method,disclosure\nlife,given,under 5\n"
    with pytest.raises(
        InputError, match="given without a numerator, which the rule 'under 5' counts"
    ):
        told(INDICATORS, means=means, figures=LIFE)


def test_counts_that_are_none_are_told(told):
    _, material = told(INDICATORS, figures=FIGURES.replace("c,fires,2025,6", "c,fires,2025,6.5"))
    (sentence,) = material.cautions
    assert "in 'fires', a numerator is no whole number (6.5); the first is 'c'" in sentence


def test_one_row_is_one_row(told):
    figures = FIGURES.replace("c,fires,2025,6", "c,fires,2025,-6")
    with pytest.raises(InputError, match=r"a number is negative \(1 row, first 'c'\)"):
        told(INDICATORS, figures=figures)


def test_areas_that_a_table_lacks_and_codes_of_none_are_told_once_a_table(told):
    figures = FIGURES.replace("d,fires", "Z,fires")
    _, material = told(INDICATORS, figures=figures)
    assert material.cautions == [
        "figures.csv: 1 code is of none of the zones, first 'Z'; left out (2 rows).",
        "figures.csv has no row for 1 of 4 zones, first 'd': not known there, and not zero.",
    ]
    country = FIGURES + "".join(f"Z{at},fires,2025,1,9\n" for at in range(9))
    assert told(INDICATORS, figures=country)[1].cautions == []


SIMILAR = '[similar_places]\nfile = "places.csv"\nown = "X"\ndated = "2026"\nnation = "Englnd"\n'


@pytest.mark.parametrize(
    ("first", "more", "message"),
    [
        ('leave_out = "Zone"\n', "", r"project\.toml: leave_out = 'Zone' names no area"),
        ('leave_out = "Zon a"\n', "", "Did you mean 'Zone a'"),
        ('headline = ["Thefts"]\n', "", "headline = 'Thefts' names no .*Did you mean 'Theft'"),
        ("", SIMILAR, r"nation = 'Englnd' of \[similar_places\].*Did you mean 'England'"),
        ("", "[priorities]\nweights = { volum = 2 }\n",
         r"project\.toml: .*'volum', which is no criterion.*Did you mean 'volume'"),
        ("", '[priorities]\nfile = "topics.csv"\n', "topics.csv, row 1, column 'concrn'"),
        ("", '[[rates]]\nname = "x"\nper = nan\n', r"\[\[rates\]\] number 3 .*it is nan"),
    ],
)  # fmt: skip
def test_names_and_numbers_that_are_none_are_refused(told, first, more, message):
    places = (
        "place,indicator,period,numerator,denominator\nX,Theft,2026,1,9\nEngland,Theft,2026,1,9\n"
    )
    with pytest.raises(InputError, match=message):
        told(more, first, places=places, topics="topic,concrn\nTheft,0.1\n")


def test_a_rule_of_disclosure_on_counted_incidents_is_refused(told, tmp_path):
    (tmp_path / "indicators.toml").write_text(
        '[indicators.theft]\nname = "Thefts"\nmethod = "rate"\nincidents = "crime"\n'
        'categories = ["Theft"]\nper = "residents"\ndisclosure = "under 5"\n'
    )
    with pytest.raises(InputError, match=r"\[indicators.theft\].*'under 5'.*cannot be kept"):
        told('[[indicators]]\ndefinitions = "indicators.toml"\n')


def test_breaks_of_what_the_run_does_not_have_are_told(told):
    breaks = (
        "source,category,area,month,why\ncrime,Theft,Zone a,2026-06,x\n,Fires,B,2026-06,x\n"
        "crme,Thft,Zone x,2026-06,x\n"
    )
    _, material = told(INDICATORS, 'breaks = "breaks.csv"\n', breaks=breaks)
    assert [one.partition(", which")[0] for one in material.cautions] == [
        "The table of breaks names the category 'Thft'",
        "The table of breaks names the area 'Zone x'",
        "The table of breaks names the source 'crme'",
    ]
    assert "Did you mean 'Theft'?" in material.cautions[0]


@pytest.mark.parametrize(
    ("ranks", "told_so"),
    [
        ("a,1\nb,2\nc,3\n", "1 of 4 zones have no rank"),
        ("x,1\ny,2\n", "None of the 4 zones has a rank of deprivation: no gradients"),
        ("a,1\nb,1\nc,3\nd,4\n", "2 of 4 areas share theirs with another"),
        ("a,1.5\nb,2\nc,3\nd,4\n", "some are no whole numbers"),
    ],
)
def test_ranks_that_lack_or_are_none_are_told(told, ranks, told_so):
    project, material = told(RANKED, ranks="area_code,rank\n" + ranks)
    gradients_of(project, material, [every(project, material)])
    assert [one for one in material.cautions if told_so in one]


def test_a_rank_beyond_those_that_were_ranked_names_its_file_and_column(told):
    project, material = told(RANKED + "of = 3\n", ranks="area_code,rank\na,1\nb,2\nc,3\nd,4\n")
    with pytest.raises(InputError, match=r"ranks\.csv, column 'rank': a rank lies outside 1 to 3"):
        gradients_of(project, material, [every(project, material)])

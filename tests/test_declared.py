"""Indicators files in a project: where figures are taken, brought and shown; small enough to sum.

Two wards of two zones each; zones of an earlier year, whose outlines are not at hand, are led to
zones by a look-up: ``P`` is a and b together, ``Q`` is c, ``R`` is d.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from geoprofiles.areas.counts import count_tally
from geoprofiles.errors import InputError
from geoprofiles.pipeline.gather import gather
from geoprofiles.pipeline.gradients import by_sex_of
from geoprofiles.pipeline.indicators import declared_figures, rate_figures, rates_of
from geoprofiles.pipeline.periods import choose_period
from geoprofiles.project import read_project

PROJECT = """\
title = "Two wards"
[[areas]]
kind = "ward"
file = "wards.geojson"
[[areas]]
kind = "zone"
file = "zones.geojson"
[[incidents]]
files = ["incidents.csv"]
[[denominators]]
name = "residents"
file = "residents.csv"
areas = "zone"
value = "residents"
year = 2025
[[denominators]]
name = "residents"
file = "earlier.csv"
areas = "earlier zone"
value = "residents"
year = 2015
[[lookups]]
from = "earlier zone"
to = "zone"
file = "split.csv"
source = "earlier_code"
target = "area_code"
weights = true
force = true
[[indicators]]
definitions = "indicators.toml"
"""
ZONES = "area_code,residents,jobs,score\na,100,10,-1\nb,300,30,1\nc,50,5,2\nd,150,45,4\n"
EARLIER = "area_code,residents,0,1,2,3+\nP,200,10,20,30,140\nQ,40,1,2,3,34\nR,60,5,6,7,42\n"


def square(code: str, at: int) -> dict[str, object]:
    west, south = -1.4 + at * 0.01, 50.9
    ring = [[west, south], [west + 0.01, south], [west + 0.01, south + 0.01], [west, south + 0.01]]
    return feature(code, [*ring, ring[0]])


def feature(code: str, ring: list[list[float]]) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"area_code": code, "area_name": f"Area {code}"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def wide(code: str, at: int) -> dict[str, object]:
    west, south, middle, east = -1.4 + at * 0.01, 50.9, -1.39 + at * 0.01, -1.38 + at * 0.01
    north = south + 0.01
    ring = [[west, south], [middle, south], [east, south], [east, north], [middle, north],
            [west, north], [west, south]]  # fmt: skip
    return feature(code, ring)


@pytest.fixture
def told(tmp_path):
    """Write the world with an indicators file, and return what gather makes of it."""

    def layer(name, features):
        text = json.dumps({"type": "FeatureCollection", "features": features})
        (tmp_path / name).write_text(text)

    layer("wards.geojson", [wide("A", 0), wide("B", 2)])
    layer("zones.geojson", [square(code, at) for at, code in enumerate("abcd")])
    rows = [f"{-1.395 + at * 0.01},50.905,2026-06,{kind}" for at in range(4)
            for kind in ("Theft", "Drugs")]  # fmt: skip
    (tmp_path / "incidents.csv").write_text(
        "longitude,latitude,month,category\n" + "\n".join(rows) + "\n"
    )
    (tmp_path / "residents.csv").write_text(ZONES)
    (tmp_path / "earlier.csv").write_text(EARLIER)
    (tmp_path / "split.csv").write_text("earlier_code,area_code\nP,a\nP,b\nP,b\nP,b\nQ,c\nR,d\n")

    (tmp_path / "jobs.csv").write_text("area_code,jobs\na,10\nb,30\nc,5\nd,45\n")

    def gathered(indicators: str, *, project: str = PROJECT):
        (tmp_path / "indicators.toml").write_text(indicators)
        (tmp_path / "project.toml").write_text(project)
        read = read_project(tmp_path / "project.toml")
        return read, gather(read, progress=lambda _: None)

    return gathered


TABLE = '[tables.zones]\nfile = "residents.csv"\nareas = "zone"\nperiod = "2025"\n'
EARLY = '[tables.early]\nfile = "earlier.csv"\nareas = "earlier zone"\nperiod = "2015"\n'

YOUNG = (
    '[indicators.young]\nmethod = "proportion"\ntable = "early"\ntake = "0"\nover = "residents"\n'
)


def values(material, kind, indicator):
    parts, _ = declared_figures(material, kind)
    rows = [part[part["indicator"] == indicator] for part in parts]
    rows = [part for part in rows if len(part)]
    return dict(zip(rows[0]["area_code"], rows[0]["value"], strict=True)) if rows else {}


def test_columns_from_one_to_another_are_added_up_and_reach_wards_by_way_of_zones(told):
    _, material = told(
        EARLY + '[indicators.young]\nmethod = "proportion"\ntable = "early"\ntake = "0 to 2"\n'
        'over = "residents"\n'
    )
    # P holds 60 of 200, R 18 of 60, Q 6 of 40.
    assert values(material, "ward", "young") == pytest.approx({"A": 30.0, "B": 24.0})
    assert values(material, "zone", "young")["c"] == pytest.approx(15.0)


def test_a_score_is_weighted_by_the_residents_of_its_own_areas_and_may_be_below_zero(told):
    _, material = told(
        TABLE
        + EARLY
        + '[indicators.score]\ntable = "zones"\ntake = "score"\nweight = "residents"\n'
    )
    found = values(material, "ward", "score")
    assert found == pytest.approx({"A": (-100 + 300) / 400, "B": (100 + 600) / 200})
    assert values(material, "zone", "score")["a"] == pytest.approx(-1.0)


def test_a_score_that_is_suppressed_in_a_part_is_told_as_that_and_not_as_no_denominator(
    told, tmp_path
):
    (tmp_path / "residents.csv").write_text(ZONES.replace("300,30,1", "300,30,*"))
    _, material = told(
        TABLE + '[indicators.score]\ntable = "zones"\ntake = "score"\nweight = "residents"\n'
    )
    parts, _ = declared_figures(material, "ward")
    score = parts[0].set_index("area_code")
    assert score["method"].to_dict() == {"A": "a part of it is not known", "B": "ratio"}
    assert score["value"].isna().to_dict() == {"A": True, "B": False}


def test_counts_may_stand_over_a_denominator_of_the_project_for_the_same_areas(told):
    table = TABLE.replace("residents.csv", "jobs.csv")
    _, material = told(
        table + '[indicators.jobs]\nmethod = "rate"\ntable = "zones"\ntake = "jobs"\n'
        'over = "residents"\n'
    )
    assert values(material, "ward", "jobs") == pytest.approx({"A": 100.0, "B": 250.0})


def estimates(material, kind, indicator):
    parts, _ = declared_figures(material, kind)
    rows = pd.concat([part[part["indicator"] == indicator] for part in parts])
    return dict(zip(rows["area_code"], rows["estimated"], strict=True))


def test_what_was_shared_out_is_marked_on_each_figure_and_not_forgotten_on_the_way(told):
    _, material = told(EARLY + YOUNG)
    # P was split into a and b; Q and R are c and d alone.
    assert estimates(material, "zone", "young") == {"a": 1.0, "b": 1.0, "c": 0.0, "d": 0.0}
    # A is a and b together, so that all of it is known to have been shared out first.
    assert estimates(material, "ward", "young") == {"A": 1.0, "B": 0.0}


def test_medians_go_to_larger_areas_by_their_values(told, tmp_path):
    (tmp_path / "calls.csv").write_text(
        "area_code,minutes\n" + "a,1\na,2\na,3\nb,50\nb,60\nb,70\nb,80\nc,5\n"
    )
    _, material = told(
        '[tables.calls]\nfile = "calls.csv"\nareas = "zone"\nperiod = "2025"\n'
        '[indicators.wait]\nmethod = "median"\ntable = "calls"\ntake = "minutes"\n'
    )
    assert values(material, "zone", "wait") == {"a": 2.0, "b": 65.0, "c": 5.0}
    found = values(material, "ward", "wait")
    assert found["A"] == 50.0  # of seven values, and not a mean of two medians
    assert np.isnan(found["B"])  # no row of d: what happened there is not known


def test_figures_by_sex_are_added_up_for_areas_and_told_apart_for_all(told, tmp_path):
    (tmp_path / "victims.csv").write_text(
        "area_code,sex,victims,people\n"
        + "".join(
            f"{code},f,{n},100\n{code},m,5,100\n"
            for code, n in zip("abcd", (9, 30, 40, 50), strict=True)
        )
    )
    _, material = told(
        '[tables.victims]\nfile = "victims.csv"\nareas = "zone"\nperiod = "2025"\nsex = "sex"\n'
        '[indicators.hurt]\nname = "Hurt"\nmethod = "proportion"\ntable = "victims"\n'
        'take = "victims"\nover = "people"\n'
    )
    assert values(material, "ward", "hurt") == pytest.approx({"A": 12.25, "B": 25.0})
    sexes = by_sex_of(material).set_index("sex")
    assert sexes["value"].to_dict() == pytest.approx({"f": 32.25, "m": 5.0})
    assert sexes["apart"].all()


def test_a_denominator_of_all_people_is_not_that_of_each_sex(told, tmp_path):
    (tmp_path / "victims.csv").write_text("area_code,sex,victims\na,f,1\na,m,2\n")
    with pytest.raises(InputError, match="for all ages and both sexes"):
        told(
            '[tables.victims]\nfile = "victims.csv"\nareas = "zone"\nsex = "sex"\n'
            '[indicators.hurt]\ntable = "victims"\ntake = "victims"\nover = "residents"\n'
        )


def test_a_table_may_be_shown_for_some_kinds_only(told):
    indicators = (
        TABLE + 'only = "zone"\n[indicators.score]\ntable = "zones"\ntake = "score"\n'
        'weight = "residents"\n'
    )
    _, material = told(indicators)
    assert values(material, "ward", "score") == {}
    assert len(values(material, "zone", "score")) == 4
    assert not [one for one in material.cautions if "score" in one or "zones" in one]


def test_a_table_of_a_larger_place_serves_where_look_ups_know_the_codes(told, tmp_path):
    (tmp_path / "earlier.csv").write_text(EARLIER + "X,900,1,1,1,897\n")
    _, material = told(EARLY + YOUNG)
    assert values(material, "ward", "young") == pytest.approx({"A": 5.0, "B": 6.0})


def test_codes_of_another_vintage_are_told_and_not_cut_off(told, tmp_path):
    (tmp_path / "earlier.csv").write_text(EARLIER.replace("\nR,", "\nZ,"))
    _, material = told(EARLY + YOUNG)
    with pytest.raises(InputError, match="lacks 1 of 3 codes"):
        declared_figures(material, "zone")


def test_an_indicator_from_two_tables_is_refused_by_the_names_of_both(told, tmp_path):
    one = TABLE + '[indicators.score]\ntable = "zones"\ntake = "score"\nweight = "residents"\n'
    (tmp_path / "more.toml").write_text(one.replace("zones", "others"))
    more = PROJECT + '[[indicators]]\ndefinitions = "more.toml"\n'
    _, material = told(one, project=more)
    with pytest.raises(InputError, match="'score' of 2025 is declared twice for wards"):
        declared_figures(material, "ward")


def test_two_indicators_of_one_name_are_refused(told):
    one = '[indicators.a]\nname = "Score"\ntable = "zones"\ntake = "score"\nweight = "residents"\n'
    with pytest.raises(InputError, match="two indicators are called 'Score'"):
        told(TABLE + one + one.replace("indicators.a", "indicators.b"))
    rate = PROJECT + '[[rates]]\nname = "Score"\n'
    with pytest.raises(InputError, match="two indicators are called 'Score'"):
        told(TABLE + one, project=rate)


COUNTED = '[indicators.theft]\nname = "Thefts"\nmethod = "rate"\ncategories = ["Theft"]\n'


def test_incidents_keep_the_words_they_are_declared_with(told):
    project, material = told(
        COUNTED + 'incidents = "incidents"\nper = "residents"\ndefinition = "What is stolen."\n'
        'source = "The force"\npolarity = "neither"\n'
    )
    counts = {"incidents": counted(material)}
    periods = {"incidents": choose_period(project, material, "incidents")}
    parts, definitions = rate_figures(
        project, material, "ward", rates_of(project, material), counts, periods
    )
    row = definitions.loc["Thefts"]
    assert (row["definition"], row["source"], row["polarity"]) == (
        "What is stolen.", "The force", "neither",
    )  # fmt: skip
    assert dict(zip(parts[0]["area_code"], parts[0]["value"], strict=True)) == pytest.approx(
        {"A": 5.0, "B": 10.0}
    )


def counted(material):
    return count_tally(material.tallied["incidents"].tally, material.areas["ward"], kind="ward")


@pytest.mark.parametrize(
    ("indicators", "message"),
    [
        (COUNTED + 'incidents = "incident"\n', "Did you mean 'incidents'"),
        (COUNTED + 'incidents = "incidents"\nper = "resident"\n', "Did you mean 'residents'"),
        (
            COUNTED.replace('["Theft"]', '["Thefts"]') + 'incidents = "incidents"\n',
            "asks for the category 'Thefts', which no row of 'incidents' has.*mean 'Theft'",
        ),
        (
            TABLE + 'only = ["wards"]\n[indicators.score]\ntable = "zones"\ntake = "score"\n'
            'weight = "residents"\n',
            "Did you mean 'ward'",
        ),
        (
            TABLE + '[indicators.score]\ntable = "zones"\ntake = "score"\nweight = "people"\n',
            "neither a column nor a denominator for these areas",
        ),
    ],
)
def test_what_a_project_does_not_have_is_refused_by_name(told, indicators, message):
    with pytest.raises(InputError, match=message):
        told(indicators)

"""Parts of an area's page: what cards, maps, findings and definitions say, of any input."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import geopandas
import numpy as np
import pandas as pd
import pytest
from publish.test_profile_page import profile, render_profile, tags
from publish.test_publish_browser import axe_problems
from shapely import box

from geoprofiles.pipeline.page_facts import NOT_COMPARABLE, since_before
from geoprofiles.publish.charts import chart_spine, spine_key
from geoprofiles.publish.profiles.findings import MOST, write_findings
from geoprofiles.publish.profiles.index import index_document
from geoprofiles.publish.profiles.locator import ground_of

LONG = "A ward with a name of eighty letters, such as some parishes of the north do have"
HEBREW = "רובע הנמל"


def town(names=("Mill", "Quay", "Hill")) -> geopandas.GeoDataFrame:
    shapes = [box(1000 * place, 0, 1000 * place + 1000, 1000) for place in range(len(names))]
    codes = pd.Index(list("ABC")[: len(names)], name="area_code")
    return geopandas.GeoDataFrame(
        {"area_name": list(names)}, geometry=shapes, index=codes, crs=27700
    )


def whole_profile(name: str = "Mill", **changes):
    """Return a profile that has all that a run gives it."""
    periods = ["2023", "2024", "2025"]
    smoking = pd.DataFrame([[20.0, 24.0, 30.0], [22.0, 21.0, 20.0]], list("AB"), periods)
    smoking.attrs = {"whole": [21.0, 22.0, 25.0], "segment": [0, 0, 0]}
    theft = pd.DataFrame({"June 2026": [4.0, 2.0]}, index=list("AB"))
    theft.attrs = {"whole": [3.0], "segment": [0]}
    made = profile(area_name=name)
    known = made.figures["indicator"] == "Smoking"
    for column, value in {"value": 30.0, "lower": 28.0, "upper": 33.0, "significance": "worse",
                          "rank": 1, "count": 60.0, "whole": 25.0,
                          "verdict": "higher than the rest"}.items():  # fmt: skip
        made.figures.loc[known, column] = value
    definitions = pd.DataFrame(
        {"name": ["Theft", "Smoking"], "definition": ["Thefts recorded.", "Adults who smoke."],
         "numerator": ["Thefts", "Smokers"], "denominator": ["Residents", "Adults"],
         "disclosure": ["none", "under 5"]}
    )  # fmt: skip
    since = pd.DataFrame(
        {"period": ["2024"], "value": [24.0], "change": [6.0], "verdict": ["higher"]},
        index=["Smoking"],
    )
    facts = pd.DataFrame(
        [("Residents", 1000.0, "", "2025"), ("Area", 1.0, "km²", "")],
        columns=["fact", "value", "unit", "told"],
    )
    spots = pd.DataFrame(
        {"label": ["Theft, cluster 1", "Theft, cluster 2"], "count": 9, "places": 4, "inside": 0.5,
         "expected": 3.0, "p": [0.001, 0.4], "status": ["new", "may be chance"],
         "geometry": [box(500, 200, 1500, 600), box(100, 100, 300, 300)]}
    )  # fmt: skip
    parts = {"among": {"Theft": theft, "Smoking": smoking}, "facts": facts, "since": since,
             "definitions": definitions, "hotspots": spots, "neighbours": ("Quay",)}  # fmt: skip
    return replace(made, **(parts | changes))


def text_of(page: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


LINKS = {"Quay": "quay.html", "Mill": "mill.html", "all": "index.html"}


def test_cards_show_where_an_area_stands_and_what_changed():
    page = render_profile(whole_profile(), title="Town", links=LINKS, ground=ground_of(town(), {}))
    told = {one["aria-label"] for tag, one in tags(page) if "glyph" in one.get("class", "")}
    assert told == {
        "Mill: 4.0. All wards together: 3.0. 2 wards from 2.0 to 4.0.",
        "30.0% of 100%; all wards together 25.0%.",
        "Mill: 30.0%. All wards together: 25.0%. 2 wards from 20.0% to 30.0%.",
        "Smoking over time. 2023: 20.0; 2024: 24.0; 2025: 30.0.",
    }
    text = text_of(page)
    for wanted in ("Mill, a ward of 1,000 residents, is worse than the other wards in 1 of 2",
                   "Since a year before: fewer, 10 to 4 (−60%)",
                   "Since 2024: higher (then 24.0%)", "Area 1 km²"):  # fmt: skip
        assert wanted in text, wanted


def test_the_map_leads_to_neighbours_and_dashes_what_may_be_chance():
    page = render_profile(whole_profile(), title="Town", links=LINKS, ground=ground_of(town(), {}))
    near = re.search(r'<svg class="near".*?</svg>', page, re.DOTALL)[0]
    assert re.findall(r'<a href="([^"]+)"', near) == ["quay.html"]
    assert near.count("stroke-dasharray") == 1
    assert "It borders Quay. 2 clusters reach into it." in near
    assert 'aria-label="Mill among all 3 wards: in the west."' in page


def test_each_indicator_has_its_definition_once():
    page = render_profile(whole_profile(), title="Town")
    rows = re.search(r'<table class="meta">.*?</table>', page, re.DOTALL)[0].split("<tr>")
    theft, smoking = (
        next(one for one in rows if f">{name}<" in one) for name in ("Theft", "Smoking")
    )
    assert text_of(theft).startswith("Theft Thefts recorded. Thefts Residents per 1,000 residents")
    assert "Adults who smoke. Withheld: under 5. Smokers Adults %" in text_of(smoking)


def test_of_many_findings_none_is_lost():
    one = profile().figures.iloc[[0]]
    many = pd.concat([one] * 30, ignore_index=True).assign(
        indicator=[f"Figure {place}" for place in range(30)], q_adjusted=np.arange(30) / 1e3,
        verdict="higher than the rest", significance=["worse"] * 27 + ["higher"] * 3,
        change_verdict=None,
    )  # fmt: skip
    told = "".join(write_findings(profile(figures=many), ["Incidents"]))
    listed, rest = told.split("<table", 1)
    assert [listed.count("<li>"), rest.count("<tr>") - 1] == [MOST, 30 - MOST]
    assert {int(one) for one in re.findall(r"Figure (\d+)", told)} == set(range(30))
    assert ["Figure 27<" in listed, "Figure 28<" in listed, "Figure 29<" in rest] == [True] * 3


@pytest.mark.parametrize("case", ["no figure", "nothing", "one area", "no outline", LONG, HEBREW])
def test_bad_input_is_told_in_words(case):
    name = case if case in {LONG, HEBREW} else "Mill"
    one, areas = whole_profile(name), town((name, "Quay", "Hill"))
    if case == "no figure":
        blank = dict.fromkeys(["value", "lower", "upper", "count", "rank"], np.nan)
        one.figures[list(blank)] = one.figures.assign(**blank)[list(blank)]
        one.figures["significance"] = one.figures["verdict"] = "not tested"
    elif case == "nothing":
        one = replace(one, figures=one.figures.iloc[:0], among={}, headlines=())
    elif case == "one area":
        among = {name: table.loc[["A"]] for name, table in one.among.items()}
        for table, old in zip(among.values(), one.among.values(), strict=True):
            table.attrs = old.attrs
        one, areas = replace(one, among=among, neighbours=()), town(("Mill",))
    elif case == "no outline":
        one, areas = replace(one, neighbours=()), town().drop(index="A")
    page = render_profile(one, title="Town", links=LINKS, ground=ground_of(areas, {}))
    text, seen = text_of(page), tags(page)
    targets = {one["href"][1:] for tag, one in seen if tag == "a" and one["href"][0] == "#"}
    assert targets <= {one.get("id") for _, one in seen}
    assert not re.search(r"\b(nan|None|NaT|<NA>)\b", text)
    wanted = {
        "no figure": "There are no data for Mill", "nothing": "no data",
        "no outline": "There is no outline of Mill: no data for a map.",
        HEBREW: HEBREW, LONG: LONG,
    }.get(case, "Mill")  # fmt: skip
    assert wanted in text
    if case == "one area":
        assert 'class="glyph strip"' not in page
        assert 'class="inset"' not in page


def test_the_index_has_every_area_on_its_map_and_in_its_table():
    other = replace(whole_profile("Quay"), area_code="B")
    rows = [(whole_profile(), "mill.html"), (other, "quay.html")]
    made = index_document(
        rows, title="Town", kind="ward", headline=["Smoking"], ground=ground_of(town(), {})
    )
    page = made.body
    drawn = re.search(r'<svg class="near".*?</svg>', page, re.DOTALL)[0]
    assert re.findall(r'href="([^"]+)"', drawn) == ["mill.html", "quay.html"]
    table = text_of(re.search(r'<table class="side">.*?</table>', page, re.DOTALL)[0])
    assert "Mill 30% ▲ worse 1 0 Quay 30% ▲ worse 1 0 All wards 25%" in table.replace("\xa0", " ")


def test_since_before_needs_more_than_chance_and_no_break():
    rows = [("A", "2024", 30.0, 0), ("B", "2024", 30.0, 0), ("A", "2025", 20.0, 0),
            ("B", "2025", 30.5, 0)]  # fmt: skip
    history = pd.DataFrame(rows, columns=["area_code", "period", "value", "segment"]).assign(
        indicator="Smoking", lower=lambda one: one["value"] - 2, upper=lambda one: one["value"] + 2
    )
    found = since_before(history, ["Smoking", "Unknown"])
    assert [found[one].at["Smoking", "verdict"] for one in "AB"] == ["lower", "no clear change"]
    broken = history.assign(segment=[0, 0, 1, 1])
    assert since_before(broken, ["Smoking"])["A"].at["Smoking", "verdict"] == NOT_COMPARABLE


@pytest.mark.browser
def test_axe_finds_nothing_on_an_areas_page(watch, tmp_path, artefacts):
    one = whole_profile()
    rows = one.figures.assign(
        position=0.3, position_lower=0.2, position_upper=0.4, box_low=0.4, box_high=0.6,
        verdict=one.figures["significance"],
    )  # fmt: skip
    spines = [
        chart_spine(some, title=str(topic), whole_label="All wards", bare=True)
        for topic, some in rows.groupby("topic", sort=False)
    ]
    page = render_profile(
        one, title="Town", links=LINKS, ground=ground_of(town(), {}),
        charts={"spine": spines, "key": spine_key(rows, whole_label="All wards")},
    )  # fmt: skip
    (tmp_path / "mill.html").write_text(page, encoding="utf-8")
    address = (tmp_path / "mill.html").as_uri()
    seen = watch(address)
    assert [seen.violations, seen.errors, seen.requests] == [[], [], [address]]
    opened = watch(address, bypass_csp=True, width=320).page
    assert opened.evaluate("document.documentElement.scrollWidth") <= 320
    assert axe_problems(opened) == []
    for width in (320, 768, 1280):
        opened.set_viewport_size({"width": width, "height": 900})
        opened.screenshot(path=str(artefacts / f"profile_{width}.png"), full_page=True)
    opened.pdf(path=str(artefacts / "profile.pdf"), prefer_css_page_size=True)


def test_without_a_denominator_counts_stand_in_for_rates():
    from geoprofiles.pipeline.profiles import counts_for_rates

    table = pd.DataFrame(
        {
            "value": [np.nan, np.nan, 2.5],
            "count": [450.0, np.nan, 9.0],
            "unit": ["no denominator", "no denominator", "per 1,000 homes"],
        }
    )
    found = counts_for_rates(table)
    assert found["unit"].tolist() == ["incidents", "no denominator", "per 1,000 homes"]
    assert found["value"].tolist()[0] == 450.0
    assert np.isnan(found["value"][1])
    assert table["value"].isna().sum() == 2

"""The dashboard as a value: what its data hold, its page without scripts, and bad input."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_EVEN, Decimal

import geopandas
import numpy as np
import pandas as pd
import pytest
from publish.city import HOSTILE, square_city
from publish.dashboard_city import city_dashboard, figures_of, kind_of, months_of

from geoprofiles.errors import InputError
from geoprofiles.publish.dashboard import build_dashboard
from geoprofiles.publish.dashboard_data import _kept
from geoprofiles.publish.look import Look
from geoprofiles.publish.pages import render_folder, render_fragment, render_page, with_look


@pytest.fixture(scope="module")
def page():
    return render_page(city_dashboard())


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def test_every_figure_is_in_its_place(page):
    wards = kind_of()
    kind = data_of(page)["kinds"][0]
    codes = list(wards.areas.index)
    assert kind["codes"] == codes
    for row in kind["indicators"]:
        mine = wards.history[
            (wards.history["topic"] == row["topic"]) & (wards.history["indicator"] == row["name"])
        ]
        for place, period in enumerate(row["periods"]):
            rows = mine[mine["period"] == period].set_index("area_code").loc[codes]
            to = row["decimals"]
            assert row["v"][place] == pytest.approx(rows["value"], abs=0.51 * 10**-to)
            assert row["lo"][place] == pytest.approx(rows["lower"], abs=0.6 * 10**-to)
            assert row["n"][place] == rows["count"].tolist()
        assert row["periods"] == ["2023", "2024", "2025"]
        assert row["rank"][0] == 1
    assert [row["key"] for row in kind["indicators"]] == [
        "theft", "burglary", "adults_who_smoke", "categories_theft",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [140.449438, 48.049962, 252.747253, 48.15, 4.25, -41.45, 7.25001])
def test_a_figure_reads_as_in_the_tables_after_it_is_rounded_twice(value):
    kept = _kept(np.array([value, np.nan]), 1)
    assert kept[1] is None
    shown = Decimal(str(kept[0])).quantize(Decimal("0.1"), ROUND_HALF_EVEN)  # as the page rounds
    assert str(shown) == f"{value:.1f}"


def test_months_stand_with_the_indicator_of_their_topic(page):
    rows = data_of(page)["kinds"][0]["indicators"]
    assert ["months" in row for row in rows] == [True, False, False, False]
    months = months_of(square_city())
    held = rows[0]["months"]
    assert held["labels"][0] == "January 2024"
    wanted = months.pivot(index="area_code", columns="month", values="count").to_numpy()
    assert held["n"] == wanted.tolist()


def test_a_month_the_data_lack_is_none_and_not_zero():
    areas = square_city(2)[["area_name", "geometry"]]
    months = months_of(areas)
    gap = months[months["month"] != pd.Timestamp("2024-03-01")]
    kind = kind_of(areas, months=gap)
    held = data_of(render_page(city_dashboard([kind])))["kinds"][0]["indicators"][0]["months"]
    assert held["labels"][2] == "March 2024"
    assert held["n"][0][2] is None
    assert held["n"][0][3] == 3


def test_months_on_either_side_of_a_break_are_apart():
    areas = square_city(2)[["area_name", "geometry"]]
    months = months_of(areas)
    months["segment"] = (months["month"] >= "2024-07-01").astype(int)
    kind = kind_of(areas, months=months)
    held = data_of(render_page(city_dashboard([kind])))["kinds"][0]["indicators"][0]["months"]
    assert held["segments"] == [0] * 6 + [1] * 18


def test_many_figures_keep_their_limits_of_the_latest_period_alone(monkeypatch):
    monkeypatch.setattr("geoprofiles.publish.dashboard_data.MOST_WITH_LIMITS", 10)
    row = data_of(render_page(city_dashboard()))["kinds"][0]["indicators"][0]
    assert row["lo"][:2] == [None, None]
    assert len(row["lo"][2]) == 17
    assert all(len(one) == 17 for one in row["v"])


def test_without_scripts_there_are_a_map_tables_and_what_changed(page):
    body = page.partition("<body>")[2].partition('<script type="application/json"')[0]
    assert "<script" not in body
    assert 'id="picture"' in body
    assert "Headline figures of wards" in body
    assert "Headline figures of neighbourhoods" in body
    assert body.count("<caption") >= 2
    for words in (
        "Burglary rose in Ward 3.",
        "One cluster.",
        "Everything here is made up.",
        "12.5",
    ):
        assert words in body
    assert 'href="hot.html"' in body


def test_the_policy_names_its_own_parts_and_nothing_else(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not re.search(r"\sstyle=", page.partition("<body>")[2].partition("<script")[0])


def test_the_same_dashboard_is_the_same_bytes(page):
    assert render_page(city_dashboard()) == page


def test_hostile_names_are_text_in_the_page_and_its_data():
    areas = square_city(len(HOSTILE))[["area_name", "geometry"]]
    areas["area_name"] = HOSTILE
    figures, history = figures_of(areas, indicators=[(t, t, t, "neither") for t in HOSTILE[:5]])
    kind = kind_of(areas, figures=figures, history=history, kind=HOSTILE[0])
    page = render_page(city_dashboard([kind], title=HOSTILE[1], notes=HOSTILE))
    assert "<img src=x" not in page
    assert "<script>window" not in page
    names = data_of(page)["kinds"][0]["names"]
    assert names[0] == HOSTILE[0]
    assert names[1] == HOSTILE[1]


def test_names_in_the_address_are_each_of_one_thing():
    areas = square_city(2)[["area_name", "geometry"]]
    same = [("Crime", one, "incidents", "neither") for one in ("ללא", "שכונה", "__proto__", "北")]
    figures, history = figures_of(areas, indicators=same)
    kinds = [
        kind_of(areas, figures=figures, history=history, kind=kind)
        for kind in ("period", "ward", "ללא", "北")
    ]
    written = data_of(render_page(city_dashboard(kinds)))["kinds"]
    assert [one["key"] for one in written] == ["period_2", "ward", "layer", "layer_2"]
    assert [row["key"] for row in written[0]["indicators"]] == [
        "layer", "crime_layer", "proto", "crime_layer_2",
    ]  # fmt: skip


def test_the_first_figure_is_one_that_is_known():
    """Without a denominator no rate is known; the page opens on counts, and not on no data."""
    areas = square_city(4)[["area_name", "geometry"]]
    figures, history = figures_of(areas)
    for table in (figures, history):
        table.loc[table["topic"] == "Incidents", ["value", "whole"]] = np.nan
    board = city_dashboard([kind_of(areas, figures=figures, history=history)])
    rows = data_of(render_page(board))["kinds"][0]["indicators"]
    assert [row["topic"] for row in rows] == ["Health", "Categories", "Incidents", "Incidents"]
    assert board.still.layers[0].name == "Adults who smoke"
    assert board.tables[0].columns[0].heading.startswith("Adults who smoke")


def test_a_dashboard_has_every_form_and_look_that_other_pages_have():
    board = city_dashboard()
    assert sorted(render_folder(board)) == ["dashboard.css", "dashboard.js", "index.html"]
    part = render_fragment(board)
    assert "Headline figures of wards" in part
    assert "<script" not in part
    assert "class=" not in part
    assert "--accent: #6b2c91;" in render_page(with_look(board, Look(accent="#6b2c91")))


def test_bad_input_is_refused_in_words():
    with pytest.raises(InputError, match="at least one kind"):
        build_dashboard([], title="City")
    kind = kind_of()
    with pytest.raises(InputError, match="no row"):
        build_dashboard([kind_of(figures=kind.figures.iloc[:0])], title="City")
    with pytest.raises(InputError, match="unit"):
        build_dashboard([kind_of(figures=kind.figures.drop(columns="unit"))], title="City")


@pytest.mark.parametrize("odd", ["no data", "one area", "all zero", "no outlines", "few columns"])
def test_odd_figures_make_a_page(odd):
    areas = square_city(1 if odd == "one area" else 4)[["area_name", "geometry"]]
    figures, history = figures_of(areas)
    if odd in {"no data", "all zero"}:
        to = np.nan if odd == "no data" else 0.0
        names = ["value", "lower", "upper", "whole", "count"]
        figures[names], history[names] = to, to
    if odd == "no outlines":
        areas = geopandas.GeoDataFrame(areas.assign(geometry=None), crs=27700)
    if odd == "few columns":
        kept = ["area_code", "topic", "indicator", "period", "value", "lower", "upper", "whole"]
        figures, history = figures[[*kept, "unit"]], pd.DataFrame()
    kind = kind_of(areas, figures=figures, history=history, months=pd.DataFrame())
    page = render_page(city_dashboard([kind], questions=[], panels=[]))
    row = data_of(page)["kinds"][0]["indicators"][0]
    if odd == "no data":
        assert row["v"][-1] == [None] * 4
        assert "no data" in page
    if odd == "all zero":
        assert row["breaks"] == [0]
    assert len(row["v"][-1]) == len(areas)

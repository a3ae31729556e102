"""Maps of each kind of finding: what they say, what they keep back, and what bad input does."""

from __future__ import annotations

import re

import folium
import geopandas
import numpy as np
import pandas as pd
import pytest
from publish.city import HOSTILE, area_layer, cluster_layer, density_layer, square_city
from shapely import LineString, box

import geoprofiles
from geoprofiles.errors import InputError, NetworkWarning
from geoprofiles.model import Tiles
from geoprofiles.publish.maps import map_areas
from geoprofiles.publish.style import FILLS


def changes_of(areas, **columns):
    facts = {
        "area_code": areas.index, "category": "Burglary", "before": 40, "after": 90, "ratio": 2.25,
        "lower": 1.5, "upper": 3.0, "q": 0.001, "verdict": "more",
    }  # fmt: skip
    return pd.DataFrame(facts | columns)


def words_of(page):
    body = page[page.index("<body>") : page.rindex("<script>")]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_changes_that_may_be_chance_are_pale_and_say_so():
    areas = square_city(5)
    table = changes_of(
        areas,
        ratio=[2.25, 1.1, 0.9, 0.4, np.nan],
        verdict=["more", "no clear change", "no clear change", "fewer", "too few to say"],
    )
    layer = geoprofiles.map_changes(areas, table).page.layers[0]
    assert layer.looks == ("d5", "m3", "m4", "e5", "m1")
    assert layer.signs == ("▲", "△", "▽", "▼", "?")
    assert layer.values[1] == "△ +10%, more, but may be chance"
    assert layer.summary == (
        "More in Ward 1; fewer in Ward 4. In 2 areas a change may be chance. 1 area has too few"
        " to say."
    )


def test_significance_is_told_in_words_and_by_a_sign():
    areas = square_city(4)
    figures = pd.DataFrame(
        {
            "area_code": areas.index, "indicator": "Burglary", "unit": "per 1,000 homes",
            "value": [9.0, 5.0, 3.0, 1.0],
            "verdict": [
                "higher than the rest", "higher than the rest, as areas differ anyway",
                "cannot be told from the rest", None,
            ],
        }
    )  # fmt: skip
    page = geoprofiles.map_significance(areas, figures).page
    told = dict(zip(page.layers[0].table.names, page.layers[0].values, strict=True))
    assert told["Ward 1"] == "▲ higher than the rest"
    assert told["Ward 2"] == "△ higher than the rest, as areas differ anyway"
    assert told["Ward 4"] == "no data"
    assert page.title == "Burglary: higher than the rest in Ward 1"
    assert page.layers[0].looks[3] == "k0"


def test_points_never_show_a_place_exactly_nor_a_few():
    areas = square_city(4)
    rng = np.random.default_rng(1)
    east, north = rng.uniform(440000, 444000, 300), rng.uniform(110000, 111000, 300)
    places = pd.DataFrame({"easting": east, "northing": north, "count": 1})
    drawn = geoprofiles.map_points(areas, places)
    counts = drawn.plan.hotspots[0].shapes["count"]
    assert counts.min() >= 3
    assert "fewer than 3 incidents" in words_of(drawn.render())
    corners = drawn.plan.hotspots[0].shapes.get_coordinates()
    assert (corners % 250 == 0).all().all()
    with pytest.raises(InputError, match="single homes"):
        geoprofiles.map_points(areas, places, cell=50)


def test_points_of_a_source_that_moved_them_are_its_own():
    areas = square_city(4)
    places = pd.DataFrame({"easting": 440100 + np.arange(12) * 250.0, "northing": 110900.0})
    many = geoprofiles.map_points(areas, places.assign(count=9))
    assert many.page.title.startswith("Incidents in 250 m squares")
    with pytest.raises(InputError, match="no map points"):
        geoprofiles.map_points(areas, places, at_map_points=True)
    layer = geoprofiles.map_points(areas, places.assign(count=9), at_map_points=True).plan.hotspots[
        0
    ]
    assert len(layer.shapes) == 12
    assert "a point is not an address" in layer.note


def test_panels_share_their_classes_and_write_each_outline_once():
    areas = square_city(6)
    months = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
    counts = pd.DataFrame(
        [(code, month, "Theft", at + 1 + int(month[:4]) - 2024)
         for at, code in enumerate(areas.index) for month in months],
        columns=["area_code", "month", "category", "count"],
    )  # fmt: skip
    drawn = geoprofiles.map_periods(areas, counts, by="year")
    with pytest.raises(InputError, match="no column 'week'"):
        geoprofiles.map_periods(areas, counts, by="week")
    assert [one.name for one in drawn.page.panels] == ["2024", "2025"]
    assert drawn.page.table.columns[1].cells[:2] == ("24", "36")
    page = drawn.render()
    assert page.count('<path id="area-') == 6
    assert page.count('href="#area-0"') == 2
    assert page.count('<ul class="keys">') == 1
    assert "unsafe" not in page
    with pytest.raises(InputError, match="24 maps"):
        geoprofiles.map_periods(areas, counts.assign(period=range(len(counts))), value="count")


def test_an_operation_is_marked_and_its_effect_is_not_claimed():
    areas = square_city(4)
    drawn = geoprofiles.map_before_after(areas, changes_of(areas), treated=["Ward 2"])
    assert drawn.page.outlined == (1,)
    assert "A change where an operation was is not its effect" in words_of(drawn.render())
    with pytest.raises(InputError, match="no treated area 'Ward 9'"):
        geoprofiles.map_before_after(areas, changes_of(areas), treated=["Ward 9"])


def test_two_periods_of_different_length_are_drawn_in_30_days():
    areas = square_city(2)
    table = changes_of(areas)
    table.attrs["days"] = (60, 30)
    panels = geoprofiles.map_two_periods(areas, table, names=("Two months", "June")).page.panels
    assert panels[0].values[0].startswith("20")
    assert panels[1].values[0].startswith("90")


@pytest.mark.parametrize("values", [[0.0] * 3, [np.nan] * 3, [0.0, np.nan, np.nan]])
def test_layers_of_nothing_are_legible(values):
    areas = square_city(3)
    rates = pd.DataFrame({"area_code": areas.index, "indicator": "Theft", "value": values})
    layer = geoprofiles.map_rates(areas, rates).page.layers[0]
    known = [key.words for key in layer.keys if key.look != "k0"]
    assert known == (["0"] if 0.0 in values else [])
    assert ("no data" in [key.words for key in layer.keys]) == bool(np.isnan(values).any())
    assert "nan" not in geoprofiles.render_svg(
        geoprofiles.chart_map(geoprofiles.map_rates(areas, rates))
    )


KINDS = ("rates", "emerging", "local", "risk", "density", "clusters", "periods", "beside")


@pytest.fixture(scope="module")
def kinds_of_map():
    areas = square_city(len(HOSTILE)).assign(area_name=list(HOSTILE))
    rates = pd.DataFrame(
        {"area_code": areas.index, "indicator": HOSTILE[0], "value": areas["rate"],
         "unit": HOSTILE[1]}
    )  # fmt: skip
    cells = geopandas.GeoDataFrame(
        {"kind": ["new hot spot", "persistent cold spot"], "verdict": ["hot", "cold"],
         "q": [0.001, 0.04], "ratio": [4.0, 0.2], "p": 0.01, "p_map": [0.01, 0.3],
         "raised": [True, False], "lowered": [False, True], "density": [9.0, 1.0],
         "area_km2": 0.01},
        geometry=[box(440000, 110000, 440100, 110100), box(440100, 110000, 440200, 110100)],
        index=pd.Index([HOSTILE[2], HOSTILE[4]], name="cell"), crs=27700,
    )  # fmt: skip
    clusters = cluster_layer().shapes.assign(significant=[True, False, True])
    periods = pd.concat([rates.assign(period=one) for one in (HOSTILE[4], HOSTILE[5])])
    changes = changes_of(areas, category=HOSTILE[3])
    return {
        "rates": geoprofiles.map_rates(areas, rates),
        "emerging": geoprofiles.map_emerging(areas, cells),
        "local": geoprofiles.map_local(areas, cells),
        "risk": geoprofiles.map_risk(areas, cells),
        "density": geoprofiles.map_density(areas, cells, clusters=clusters),
        "clusters": geoprofiles.map_clusters(areas, clusters),
        "periods": geoprofiles.map_periods(areas, periods),
        "beside": geoprofiles.map_two_periods(areas, changes),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_map_keeps_hostile_names_inert_and_can_stand_still(kind, kinds_of_map):
    drawn = kinds_of_map[kind]
    page = drawn.render()
    assert not re.search(r"<(img|svg on|script>window)", page)
    assert "&lt;img src=x onerror" in page
    svg = geoprofiles.render_svg(geoprofiles.chart_map(drawn))
    assert "<img" not in svg
    assert "Map" in re.search(r"<desc[^>]*>([^<]*)", svg)[1]
    assert set(re.findall(r'class="(?:area|cell|band) (\w+)"', page)) <= {*FILLS, "k0"}


def test_parts_of_folium_may_be_added_and_hostile_names_stay_inert():
    areas = square_city(len(HOSTILE)).assign(area_name=list(HOSTILE))
    drawn = map_areas(
        [area_layer(areas, name="{{ 7*7 }}", unit="{% for a in b %}</script>")],
        hotspots=[density_layer(), cluster_layer(name="{# unclosed {{")],
        title="{{ 6*6 }}",
    )
    alone = drawn.render()
    folium.Marker([50.9, -1.4]).add_to(drawn)
    with pytest.warns(NetworkWarning, match="Marker"):
        page = drawn.get_root().render()
    assert page != alone
    script = page[page.index("(function (map, data)") :]
    assert re.findall(r"\{[{%#]", script.partition("var marker")[0]) == []
    assert "\\u007b\\u007b 7*7 \\u007d\\u007d" in script
    assert "\\u003c/script\\u003e" in script
    assert "L.marker" in page
    with pytest.warns(NetworkWarning):
        assert drawn.get_root().render() == page


def test_context_looks_like_what_it_is_and_is_one_path_however_many_its_pieces():
    rng = np.random.default_rng(2)
    at = rng.uniform((440000, 110000), (444000, 111000), (500, 2))
    pieces = [LineString([one, one + 60]) for one in at]
    roads = geopandas.GeoDataFrame(geometry=pieces, crs=27700)
    wood = geopandas.GeoDataFrame(geometry=[box(440000, 109000, 445000, 109900)], crs=27700)
    wood.attrs["style"] = "park"
    drawn = map_areas([area_layer()], title="City", context={"Minor roads": roads, "W": wood})
    assert [one.style for one in drawn.page.backdrops] == ["minor", "park"]
    page = drawn.render()
    assert page.count('class="ground-park" d=') == 1
    assert page.count('class="ground-minor line" d=') == 1  # that of the legend: too near to print
    assert "Minor roads (seen from near)" in page
    svg = geoprofiles.render_svg(geoprofiles.chart_map(drawn))
    assert "#dfeddb" in svg


def test_tiles_open_the_policy_to_exactly_one_host_and_the_page_says_so():
    tiles = Tiles("https://tiles.example.org/{z}/{x}/{y}.png?key=1", "© Example <Maps>")
    with pytest.warns(NetworkWarning) as told:
        page = map_areas([area_layer()], title="City", tiles=tiles).render()
    assert len(told) == 2
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "img-src data: https://tiles.example.org;" in policy
    assert policy.count("https:") == 1
    words = words_of(page)
    assert "it asks tiles.example.org for map pictures whenever it is opened" in words
    assert "© Example &lt;Maps&gt;" in words
    alone = map_areas([area_layer()], title="City").render()
    assert "https:" not in re.search(r'-Policy" content="([^"]*)"', alone)[1]


@pytest.mark.parametrize(
    "address",
    [
        "http://tiles.example.org/{z}/{x}/{y}.png",
        "https://{s}.example.org/{z}/{x}/{y}.png",
        "https://example.org/{z}/{x}.png",
        "https://example.org; script-src *//{z}/{x}/{y}",
        "https://me@example.org/{z}/{x}/{y}",
        "javascript:alert(1)//{z}{x}{y}",
        "https://example.org/{z}/{x}/{y} ' onload=x",
    ],
)
def test_addresses_that_are_no_plain_https_tiles_are_refused(address):
    with pytest.raises(InputError, match="tiles"):
        map_areas([area_layer()], title="City", tiles=Tiles(address, "Example"))

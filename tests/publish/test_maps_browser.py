"""Maps beside each other, cells and added folium parts in Chromium."""

from __future__ import annotations

import re

import folium
import geopandas
import pandas as pd
import pytest
from publish.city import HOSTILE, area_layer, cluster_layer, square_city
from publish.test_publish_browser import axe_problems
from shapely import box

import geoprofiles
from geoprofiles.errors import NetworkWarning
from geoprofiles.publish.assets import leaflet_script, leaflet_style
from geoprofiles.publish.maps import map_areas

pytestmark = pytest.mark.browser


def panels():
    areas = square_city(6)
    changes = pd.DataFrame(
        {"area_code": areas.index, "category": "Burglary", "before": range(40, 46), "after": 90,
         "ratio": 2.25, "lower": 1.5, "upper": 3.0, "q": 0.001, "verdict": "more"}
    )  # fmt: skip
    return geoprofiles.map_before_after(areas, changes, treated=["Ward 2"])


def cells():
    shapes = [box(440000 + 250 * n, 110000, 440250 + 250 * n, 110250) for n in range(3)]
    frame = geopandas.GeoDataFrame(
        {"kind": ["new hot spot", "sporadic cold spot", "no pattern"], "count": [9, 0, 1]},
        geometry=shapes, index=pd.Index(["a", "b", "c"], name="cell"), crs=27700,
    )  # fmt: skip
    return geoprofiles.map_emerging(square_city(4), frame)


def test_an_area_chosen_in_one_map_is_marked_in_all(watch, tmp_path):
    (tmp_path / "panels.html").write_text(panels().render(), "utf-8")
    seen = watch((tmp_path / "panels.html").as_uri(), bypass_csp=True)
    page = seen.page
    page.locator("#maps").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.locator(".ring-chosen.over").count() == 3
    assert page.locator("tr.chosen th").text_content() == "Ward 2"
    told = page.locator(".reading").all_text_contents()
    assert told[0] == "Ward 241 incidents"
    assert told[2].startswith("Ward 2▲ +125%")
    page.locator("#nearer").click()
    views = page.locator("svg.map").evaluate_all("(all) => all.map((e) => e.viewBox.baseVal.width)")
    assert len(set(views)) == 1
    assert views[0] < 420
    assert seen.errors == []
    assert len(seen.requests) == 1
    assert axe_problems(page) == []


def test_cells_bear_their_letter_and_axe_finds_nothing(watch, tmp_path):
    (tmp_path / "cells.html").write_text(cells().render(), "utf-8")
    seen = watch((tmp_path / "cells.html").as_uri(), bypass_csp=True)
    assert sorted(seen.page.locator(".sign").all_text_contents()) == ["N", "s"]
    assert seen.page.locator("#map path.cell").count() == 2
    assert seen.errors == []
    assert axe_problems(seen.page) == []


def test_hostile_names_stay_inert_on_an_ordinary_folium_page(watch, tmp_path):
    areas = square_city(len(HOSTILE)).assign(area_name=list(HOSTILE))
    drawn = map_areas(
        [area_layer(areas, name=HOSTILE[0], unit=HOSTILE[1]), area_layer(areas, name=HOSTILE[2])],
        hotspots=[cluster_layer(name=HOSTILE[7])],
        title=HOSTILE[4],
    )
    folium.Marker([50.89, -1.4]).add_to(drawn)
    with pytest.warns(NetworkWarning):
        page = drawn.get_root().render()
    # No network here: Leaflet's own file stands in for what such a page fetches.
    page = re.sub(r'<(script src|link rel)="[^>]*>(</script>)?', "", page)
    ours = f"<script>{leaflet_script()}</script><style>{leaflet_style()}</style>"
    page = page.replace("<head>", f"<head>{ours}", 1)
    (tmp_path / "folium.html").write_text(page, "utf-8")
    seen = watch((tmp_path / "folium.html").as_uri())
    assert seen.page.locator("path.leaflet-interactive").count() == len(HOSTILE) + 3
    for place in range(4):
        seen.page.locator("path.leaflet-interactive").nth(place).hover(force=True)
    assert seen.page.evaluate("window.hacked") is None
    assert HOSTILE[2] in seen.page.locator(".leaflet-control-layers").text_content()

"""Pages in Chromium: what they fetch, what is refused, keyboard, axe, embedding, print."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest
from publish.city import area_layer, cluster_layer, density_layer, square_city

from geoprofiles.publish.iframe import render_iframe
from geoprofiles.publish.maps import map_areas
from geoprofiles.publish.pages import render_folder, render_page

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STRICT = "default-src 'self'; img-src 'self' data:"


def axe_problems(page):
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    page.evaluate(source)
    found = page.evaluate(
        "(rules) => axe.run({ runOnly: rules }).then((found) => found.violations)", RULES
    )
    return [(one["id"], [node["html"][:160] for node in one["nodes"][:4]]) for one in found]


def stops(page, keys):
    """Press Tab `keys` times; give the label of what has the focus after each."""
    labels = []
    for _ in range(keys):
        page.keyboard.press("Tab")
        labels.append(
            page.evaluate(
                "document.activeElement.getAttribute('aria-label')"
                " || document.activeElement.id || document.activeElement.textContent"
            )
        )
    return labels


def test_one_file_fetches_nothing_and_breaks_no_policy(watch, single):
    seen = watch(single)
    for box in seen.page.locator("input[name=overlay]").all():
        box.check()
    for radio in seen.page.locator("input[name=layer]").all():
        radio.check()
    seen.page.locator("#find").select_option(index=4)
    seen.page.locator(".leaflet-control-zoom-in").click()
    seen.page.get_by_role("button", name="Show all areas").click()
    seen.page.wait_for_timeout(400)
    assert seen.requests == [single]
    assert seen.errors == []
    assert seen.violations == []
    assert seen.page.locator("#map path.area").count() == 45
    assert seen.page.locator(".spot").count() == 3


def test_folder_works_under_a_strict_header_and_from_disk(watch, serve, city_map, tmp_path):
    files = render_folder(city_map)
    for name, content in files.items():
        serve(f"strict/{name}", content, STRICT)
        (tmp_path / name).write_bytes(content)
    served = serve("strict/index.html", files["index.html"], STRICT)
    for address in (served, (tmp_path / "index.html").as_uri()):
        seen = watch(address)
        seen.page.wait_for_selector("path.area")
        wanted = {"index.html", "map.js", "map.css"}
        asked = {one.rsplit("/", 1)[1] for one in seen.requests} - {"favicon.ico"}
        assert asked == wanted
        assert [one for one in seen.errors if "favicon" not in one and "404" not in one] == []
        assert seen.violations == []
        fill = "getComputedStyle(document.querySelector('path.k5')).fill"
        assert seen.page.evaluate(fill) == "rgb(14, 82, 102)"


@pytest.mark.parametrize("form", ["single", "folder", "no script"])
def test_axe_finds_nothing(watch, serve, single, city_map, form):
    page = render_page(city_map)
    if form == "folder":
        files = render_folder(city_map)
        for name, content in files.items():
            address = serve(f"axe/{name}", content, STRICT)
        address = serve("axe/index.html", files["index.html"], STRICT)
    elif form == "no script":
        bare = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
        address = serve("bare.html", bare.encode())
    else:
        address = single
    page_ = watch(address, bypass_csp=True).page
    assert axe_problems(page_) == []
    if form == "single":  # once more, small, and with everything switched on and an area chosen
        page_.set_viewport_size({"width": 320, "height": 900})
        for box in page_.locator("input[name=overlay]").all():
            box.check()
        page_.locator("#find").select_option(index=2)
        assert axe_problems(page_) == []


def test_keyboard_reaches_every_ward_and_enter_shows_it(watch, single):
    page = watch(single).page
    page.locator("input[name=overlay]").nth(1).uncheck()
    page.locator("#find").focus()
    labels = stops(page, 1 + 17 + 3)
    reached = [one for one in labels if one.startswith("Ward ")]
    assert len(set(reached)) == 17
    assert reached[0] == "Ward 1: 12.3 per 1,000 residents"
    page.locator("#map path.area").nth(4).focus()
    page.keyboard.press("Enter")
    details = page.locator("#details")
    assert details.get_attribute("aria-live") == "polite"
    assert "Ward 5" in details.inner_text()
    for words in ("Rate", "Lower limit", "Upper limit", "Incidents"):
        assert words in details.inner_text()
    assert page.locator("#map path.area").nth(4).get_attribute("aria-pressed") == "true"
    assert page.locator("tr.chosen th").inner_text() == "Ward 5"
    page.get_by_role("button", name="Clear Ward 5").click()
    assert "Choose an area" in details.inner_text()


def test_beyond_forty_areas_one_stop_and_arrow_keys(watch, single):
    page = watch(single).page
    page.locator("input[name=layer]").nth(2).check()
    assert page.locator("path.area[tabindex='0']").count() == 1
    page.locator("path.area[tabindex='0']").focus()
    reached = set()
    label = "document.activeElement.getAttribute('aria-label')"
    for _ in range(45):
        reached.add(page.evaluate(label))
        page.keyboard.press("ArrowRight")
    assert len(reached) == 45
    page.keyboard.press("End")
    assert page.evaluate(label).startswith("Ward 45:")
    assert page.locator("path.area[tabindex='0']").count() == 1
    page.keyboard.press(" ")
    assert "Ward 45" in page.locator("#details").inner_text()


def test_focus_is_seen_and_the_tooltip_goes_with_escape(watch, single):
    page = watch(single).page
    page.locator("input[name=overlay]").nth(1).uncheck()
    page.locator("#find").focus()
    for _ in range(6):
        page.keyboard.press("Tab")
    assert page.locator("path.ring-focus.over").get_attribute("d") != "M0 0"
    tip = page.locator(".tip")
    assert tip.is_visible()
    page.keyboard.press("Escape")
    assert not tip.is_visible()


def test_a_tooltip_of_the_focus_survives_a_move_of_the_map(watch, single):
    page = watch(single, reduced_motion="reduce").page
    page.locator("input[name=layer]").nth(2).check()
    for _ in range(3):
        page.locator(".leaflet-control-zoom-in").click()
    page.locator("path.area[tabindex='0']").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert page.locator(".tip strong").inner_text() == "Ward 2"
    assert page.locator(".tip").is_visible()


def test_hover_shows_a_tooltip_that_stays_within_the_map(watch, single):
    page = watch(single).page
    page.locator("input[name=overlay]").nth(1).uncheck()
    for place in (0, 4, 16):
        page.locator("#map path.area").nth(place).hover()
        tip, frame = page.locator(".tip").bounding_box(), page.locator("#map").bounding_box()
        assert tip["x"] >= frame["x"]
        assert tip["x"] + tip["width"] <= frame["x"] + frame["width"]
        assert tip["y"] >= frame["y"]


def test_layer_switch_changes_map_table_and_legend(watch, single):
    page = watch(single).page
    assert page.locator("section.table:visible").count() == 2  # wards, and clusters
    page.locator("input[name=layer]").nth(1).check()
    assert page.locator("#table-1").is_visible()
    assert not page.locator("#table-0").is_visible()
    assert page.locator("#legend-1").is_visible()
    assert "no data" in page.locator("#legend-1").inner_text().lower()
    assert page.locator("#map path.area").first.get_attribute("aria-label") == "Ward 1: no data"
    assert page.locator("#map path.area").first.get_attribute("fill") == "url(#hatch)"
    assert page.locator("#map").get_attribute("aria-label").startswith("Burglary by ward")
    page.locator("input[name=layer]").nth(2).check()
    assert page.locator("label[for=find]").inner_text() == "Find a neighbourhood"
    assert page.locator("#find option").count() == 46


def test_density_dims_the_areas_and_brings_its_key_and_table(watch, single):
    page = watch(single).page
    assert not page.locator("#spot-legend-0").is_visible()
    page.locator("input[name=overlay]").first.check()
    assert page.locator(".pane-areas.dim").count() == 1
    assert page.locator("path.band").first.is_visible()
    for words in ("2 to 4 times the mean", "over 8 times the mean"):
        assert words in page.locator("#spot-legend-0").inner_text()
    assert page.locator("#spot-table-0").is_visible()
    page.locator("input[name=overlay]").first.uncheck()
    assert page.locator(".pane-areas.dim").count() == 0


def test_clusters_open_by_key(watch, single):
    page = watch(single).page
    page.locator(".spot").nth(0).focus()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        "Cluster 1: Incidents 1,240"
    )
    page.keyboard.press("Enter")
    assert "Cluster 1" in page.locator("#details").inner_text()
    box = page.locator(".spot .face").nth(1).bounding_box()
    assert box["width"] >= 24
    assert box["height"] >= 24


def test_find_shows_the_area(watch, single):
    page = watch(single).page
    page.locator("#find").select_option(label="Ward 12")
    assert "Ward 12" in page.locator("#details h2").inner_text()
    page.locator("#find").select_option(index=0)
    assert "Choose an area" in page.locator("#details").inner_text()


def test_tables_sort(watch, single):
    page = watch(single).page
    head = page.locator("#table-1 thead th").nth(1)
    page.locator("input[name=layer]").nth(1).check()
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    first = page.locator("#table-1 tbody tr").first
    last = page.locator("#table-1 tbody tr").last
    assert first.locator("th").inner_text() == "Ward 17"
    assert last.locator("td").first.inner_text() == "no data"
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert last.locator("td").first.inner_text() == "no data"
    page.locator("#table-1 thead th").first.get_by_role("button").click()
    assert head.get_attribute("aria-sort") is None
    names = page.locator("#table-1 tbody th").all_inner_texts()
    assert names[1] == "Ward 2"


def test_embedded_page_tells_its_height_and_downloads(watch, serve, city_map):
    page_bytes = render_page(city_map).encode()
    serve("inner.html", page_bytes)
    host = f"<!DOCTYPE html><title>Host</title>{render_iframe('inner.html', title='Map')}"
    seen = watch(serve("host.html", host.encode()))
    seen.page.wait_for_function("document.querySelector('iframe').height !== '1400'")
    frame = seen.page.frames[1]
    told = int(seen.page.evaluate("document.querySelector('iframe').height"))
    real = frame.evaluate("document.documentElement.scrollHeight")
    assert abs(told - real) <= 2
    seen.page.evaluate("window.postMessage({type: 'geoprofiles:height', height: 9999}, '*')")
    seen.page.wait_for_timeout(150)
    assert int(seen.page.evaluate("document.querySelector('iframe').height")) == told
    with seen.page.expect_download() as waiting:
        frame.locator("#table-0 .download").click()
    text = Path(waiting.value.path()).read_bytes().decode("utf-8-sig")
    assert waiting.value.suggested_filename.endswith(".csv")
    assert text.splitlines()[0] == "Code,Ward,Rate,Lower limit,Upper limit,Incidents"
    assert text.splitlines()[17].startswith("E00000016,Ward 17,259.1,255.1,263.1,2850")
    assert not [one for one in seen.errors if "404" not in one]


def test_downloads_hold_no_formula(watch, tmp_path, hostile_map):
    path = tmp_path / "hostile.html"
    hostile_map.save(path)
    page = watch(path.as_uri()).page
    with page.expect_download() as waiting:
        page.locator("#table-0 .download").click()
    text = Path(waiting.value.path()).read_bytes().decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert not re.search(r"(^|,)\"?[=+@\t]", text, re.MULTILINE)


def test_hostile_names_do_nothing(watch, tmp_path, serve, hostile_map):
    path = tmp_path / "hostile.html"
    hostile_map.save(path)
    seen = watch(path.as_uri(), width=320)
    page = seen.page
    for area in page.locator("#map path.area").all():
        area.focus()
        page.keyboard.press("Enter")
    for spot in page.locator(".spot").all():
        spot.focus()
        page.keyboard.press("Enter")
    for number, radio in enumerate(page.locator("input[name=layer]").all()):
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        radio.check()
        page.locator("#find").select_option(index=number + 1)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.wait_for_timeout(200)
    assert page.evaluate("window.hacked") is None
    assert seen.requests == [path.as_uri()]
    assert seen.errors == []
    assert seen.violations == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    loose = re.sub(
        r"<meta http-equiv[^>]*>", "", path.read_text("utf-8")
    )  # the policy is a second line of defence: the first holds without it
    bare = watch(serve("loose.html", loose.encode())).page
    bare.wait_for_timeout(200)
    assert bare.evaluate("window.hacked") is None


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_page_fits_its_window(watch, single, artefacts, width):
    page = watch(single, width=width, height=900).page
    page.locator("#find").select_option(index=3)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=artefacts / f"page-{width}.png", full_page=True)


def test_text_may_be_twice_as_large(watch, single):
    page = watch(single, width=640).page
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_without_scripts_all_tables_and_a_picture_are_there(watch, single, artefacts):
    page = watch(single, java_script_enabled=False).page
    assert page.locator("#picture").is_visible()
    assert page.locator("table:visible").count() == 5
    assert page.locator("button:visible, input:visible, select:visible").count() == 0
    page.screenshot(path=artefacts / "page-no-script.png", full_page=True)


def test_print_has_the_picture_and_the_tables(watch, single, artefacts):
    page = watch(single).page
    page.locator("input[name=layer]").nth(1).check()
    page.emulate_media(media="print")
    assert page.locator("#picture").is_visible()
    assert not page.locator("#map").is_visible()
    assert not page.locator("#controls").is_visible()
    assert page.locator("table:visible").count() == 2
    assert "Burglary" in page.locator("#picture").get_attribute("aria-label")
    page.pdf(path=artefacts / "page-print.pdf", prefer_css_page_size=True)
    assert (artefacts / "page-print.pdf").read_bytes()[:5] == b"%PDF-"


@pytest.mark.parametrize("scheme", ["forced-colors", "reduced-motion"])
def test_other_ways_of_looking(watch, single, scheme):
    options = {
        scheme.replace("-", "_"): {"forced-colors": "active", "reduced-motion": "reduce"}[scheme]
    }
    seen = watch(single, **options)
    seen.page.locator(".leaflet-control-zoom-in").click()
    assert seen.page.locator("#map path.area").first.is_visible()
    assert seen.errors == []


def test_odd_maps_draw_without_error(watch, tmp_path):
    import geopandas
    import numpy as np
    from shapely import Polygon, box

    none = geopandas.GeoDataFrame({"label": []}, geometry=[], crs=27700)
    odd = {
        "none": [area_layer(square_city().assign(rate=np.nan), breaks=())],
        "one": [area_layer(square_city(1), breaks=(12.3,))],
        "shapeless": [area_layer(square_city(2).set_geometry([None, None], crs=27700))],
        "empty": [
            area_layer(square_city(2).set_geometry([Polygon(), box(0, 0, 9e3, 9e3)], crs=27700))
        ],
    }
    for name, layers in odd.items():
        for hotspots in [[cluster_layer(shapes=none), density_layer(shown=True)]]:
            path = tmp_path / f"{name}{len(hotspots)}.html"
            map_areas(layers, hotspots=hotspots, title=name).save(path)
            seen = watch(path.as_uri())
            assert seen.errors == [], name
            assert seen.violations == []
            seen.page.locator("#find").select_option(index=1)
            assert "Ward 1" in seen.page.locator("#details").inner_text()

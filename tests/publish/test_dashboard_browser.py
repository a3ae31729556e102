"""The dashboard in Chromium: choosing, keyboard, deep links, downloads, frames, axe, odd input."""

from __future__ import annotations

import csv
import io
import re
from html import escape
from pathlib import Path

import pytest
from publish.city import HOSTILE, square_city
from publish.dashboard_city import city_dashboard, figures_of, kind_of
from publish.test_publish_browser import axe_problems

from geoprofiles.publish.iframe import render_iframe
from geoprofiles.publish.pages import render_folder, render_page

pytestmark = pytest.mark.browser
STRICT = "default-src 'self'; img-src 'self' data:"


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """Address of the made-up city's dashboard as one file."""
    path = tmp_path_factory.mktemp("board") / "index.html"
    path.write_text(render_page(city_dashboard()), "utf-8")
    return path.as_uri()


def test_every_choice_works_without_request_error_or_violation(watch, board):
    seen = watch(board)
    page = seen.page
    for name in ("kind", "topic", "indicator", "period", "colour", "spots"):
        options = page.locator(f"#{name} option").evaluate_all(
            "found => found.map(one => one.value)"
        )
        for value in [*options[1:], options[0]]:
            if page.locator(f"#{name} option[value='{value}']").count():
                page.select_option(f"#{name}", value)
    page.fill("#area", "ward 7")
    page.locator("#area").press("Tab")
    page.fill("#other", "Ward 9")
    page.locator("#other").press("Tab")
    page.get_by_role("button", name="By month").click()
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Show all areas").click()
    page.locator("#theme").click()
    assert seen.requests == [board]
    assert seen.errors == []
    assert seen.violations == []
    assert page.locator(".live-map path.area").count() == 17
    assert "Ward 7" in page.locator("#card").inner_text()
    assert "Ward 9" in page.locator("#card .compare").inner_text()
    assert page.locator("#trend-canvas path.line-two").count() >= 1


def test_map_table_card_trend_and_spine_tell_of_the_same_area(watch, board):
    page = watch(board).page
    assert page.locator("#card h2").inner_text() == "Ward 1"  # the highest is chosen first
    page.locator(".live-map path.area").nth(4).click()
    assert page.locator("#card h2").inner_text() == "Ward 5"
    assert page.locator("#ranking tr.chosen .name-button").inner_text() == "Ward 5"
    assert page.locator(".live-map path.area").nth(4).get_attribute("aria-pressed") == "true"
    assert page.locator("#trend-title").inner_text() == "Theft: Ward 5 over time"
    assert "Ward 5 beside all wards" in page.locator("#spine caption").inner_text()
    figure = page.locator("#ranking tr.chosen td").nth(1).inner_text()
    assert page.locator("#card .big").inner_text() == figure
    page.locator("#spine").get_by_role("button", name="Burglary").click()
    assert page.locator("#indicator").input_value() == "1"
    assert page.locator("#map-title").inner_text().startswith("Burglary: highest in Ward 1")
    assert "per 1,000 homes" in page.locator("#about").inner_text()
    page.get_by_role("link", name="Burglary rose in Ward 3.").click()
    assert page.locator("#card h2").inner_text() == "Ward 3"
    page.get_by_role("button", name="All areas", exact=True).click()
    assert "All wards together" in page.locator("#card").inner_text()
    page.locator("#theme").click()
    page.get_by_role("link", name="Burglary rose in Ward 3.").click()  # what is said keeps colours
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.emulate_media(media="print")
    heads, cells = (
        page.locator(f"#ranking {one} > *:visible").count() for one in ("thead tr", "tr.chosen")
    )
    assert heads == cells  # or the words would stand above the wrong figures


def test_an_address_brings_the_same_view_again_and_says_what_it_cannot(watch, board):
    page = watch(board).page
    page.select_option("#topic", "Health")
    page.select_option("#period", "1")
    page.fill("#area", "Ward 6")
    page.locator("#area").press("Tab")
    page.select_option("#spots", "0")
    address = page.url
    assert "#ward=E00000005&indicator=adults_who_smoke&period=2024&spots=burglary" in address
    again = watch(address).page
    assert again.locator("#card h2").inner_text() == "Ward 6"
    assert again.locator("#period").input_value() == "1"
    assert again.locator("#said").inner_text() == ""
    figure = "found => found.textContent"
    assert again.locator("#card .big").evaluate(figure) == page.locator("#card .big").evaluate(
        figure
    )
    odd = watch(f"{board}#ward=E9&indicator=arson&period=1066").page
    said = odd.locator("#said").inner_text()
    for words in ("“arson”", "“1066”", "“E9”"):
        assert words in said
    assert watch(f"{board}#period=2023").page.locator("#period").input_value() == "0"
    page.evaluate("location.hash = '#neighbourhood=E00000044&indicator=theft'")
    assert page.locator("#card h2").inner_text() == "Ward 45"
    page.fill("#area", "nowhere")
    page.locator("#area").press("Tab")
    assert "There is no neighbourhood “nowhere” here." in page.locator("#said").inner_text()


def test_keyboard_reaches_few_areas_one_by_one_and_many_by_arrows(watch, board):
    page = watch(board).page
    page.get_by_role("button", name="Show all areas").focus()
    page.locator(".live-map path.area").first.focus()
    label = "document.activeElement.getAttribute('aria-label')"
    reached = [page.evaluate(label)]
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(label))
    assert len(set(reached)) == 17
    assert reached[0].startswith("Ward 1: 12.5 per 1,000 residents, higher than the rest")
    page.keyboard.press("Enter")
    assert page.locator("#card h2").inner_text() == "Ward 17"
    assert page.locator(".tip").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".tip").is_visible()
    page.select_option("#kind", "1")
    assert page.locator("path.area[tabindex='0']").count() == 1
    page.locator("path.area[tabindex='0']").focus()
    reached = set()
    for _ in range(45):
        reached.add(page.evaluate(label))
        page.keyboard.press("ArrowRight")
    assert len(reached) == 45


def test_axe_finds_nothing_light_dark_small_or_without_scripts(watch, serve, board):
    page = watch(board, bypass_csp=True).page
    assert axe_problems(page) == []
    page.select_option("#colour", "verdict")
    page.select_option("#spots", "0")
    page.locator("#theme").click()
    assert axe_problems(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert axe_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    bare = re.sub(r"<script>.*?</script>", "", render_page(city_dashboard()), flags=re.DOTALL)
    still = watch(serve("bare-board.html", bare.encode()), bypass_csp=True).page
    assert axe_problems(still) == []
    assert still.locator("#picture").is_visible()
    assert still.locator("#figures table").first.is_visible()
    assert not still.locator("#controls").is_visible()


def test_downloads_work_also_within_a_sandboxed_frame_that_grows(watch, serve):
    serve("board.html", render_page(city_dashboard()).encode())
    snippet = render_iframe("board.html", title="Dashboard")
    host = f"<!DOCTYPE html><html lang='en'><title>Host</title><body>{snippet}</body></html>"
    page = watch(serve("host-board.html", host.encode())).page
    frame = page.frame_locator("iframe")
    frame.locator("#ranking tr.chosen").wait_for()
    page.wait_for_function("document.querySelector('iframe').height > 1500")
    files = {}
    for name in ("Download this table (CSV)", "Download the map as SVG", "Download the map as PNG",
                 "Download the chart as SVG"):  # fmt: skip
        with page.expect_download() as caught:
            frame.get_by_role("button", name=name).first.click()
        files[name] = Path(caught.value.path()).read_bytes()
    rows = list(csv.DictReader(io.StringIO(files["Download this table (CSV)"].decode("utf-8-sig"))))
    assert len(rows) == 17
    assert rows[0]["ward"] == "Ward 1"
    assert float(rows[0]["figure"]) == 12.5
    assert float(rows[0]["upper_limit"]) == 14.0
    svg = files["Download the map as SVG"].decode()
    assert svg.count("<path") > 17
    assert "Theft: highest in Ward 1" in svg
    assert "Made-up incidents" in svg
    assert "class=" not in svg
    assert files["Download the map as PNG"][:4] == b"\x89PNG"
    assert len(files["Download the map as PNG"]) > 5_000
    assert "Ward 1" in files["Download the chart as SVG"].decode()


def test_a_page_that_a_host_writes_into_its_frame_stays_there(watch, serve):
    """Such a frame has no address of its own: Confluence's and others' HTML macros."""
    page = escape(render_page(city_dashboard()))
    host = f"<!DOCTYPE html><title>Host</title><iframe sandbox='allow-scripts' srcdoc=\"{page}\">"
    seen = watch(serve("host-srcdoc.html", host.encode()))
    frame = seen.page.frame_locator("iframe")
    frame.get_by_role("link", name="Burglary rose in Ward 3.").click()
    assert frame.locator("#card h2").inner_text() == "Ward 3"
    frame.get_by_role("link", name="Notes and sources", exact=True).click()
    assert frame.locator("#reading").evaluate("part => part === document.activeElement")
    assert [one for one in seen.errors if "404" not in one] == []


def test_the_folder_works_under_a_strict_header(watch, serve):
    files = render_folder(city_dashboard())
    for name, content in files.items():
        serve(f"strict-board/{name}", content, STRICT)
    seen = watch(serve("strict-board/index.html", files["index.html"], STRICT))
    seen.page.wait_for_selector("path.area")
    assert seen.violations == []
    asked = {one.rsplit("/", 1)[1] for one in seen.requests} - {"favicon.ico"}
    assert asked == {"index.html", "dashboard.js", "dashboard.css"}


@pytest.mark.parametrize("odd", ["hostile", "no data", "one area", "no outlines"])
def test_odd_cities_are_drawn_and_say_so(watch, tmp_path, artefacts, odd):
    count = {"hostile": len(HOSTILE), "one area": 1}.get(odd, 4)
    areas = square_city(count)[["area_name", "geometry"]]
    facts = {}
    if odd == "hostile":
        areas["area_name"] = HOSTILE
        facts = {"title": HOSTILE[0], "subtitle": HOSTILE[7], "notes": HOSTILE}
    figures, history = figures_of(areas)
    if odd == "no data":
        figures["value"] = history["value"] = float("nan")
    if odd == "no outlines":
        areas["geometry"] = None
    kinds = [kind_of(areas, figures=figures, history=history)]
    path = tmp_path / "odd.html"
    path.write_text(render_page(city_dashboard(kinds, **facts)), "utf-8")
    seen = watch(path.as_uri())
    page = seen.page
    assert seen.errors == []
    assert page.evaluate("window.hacked") is None
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    if odd == "hostile":
        page.locator(".live-map path.area").nth(3).click()
        page.locator("#spine button").first.click()
        assert page.evaluate("window.hacked") is None
        page.set_viewport_size({"width": 1280, "height": 900})
        page.screenshot(path=str(artefacts / "dashboard_hostile.png"), full_page=True)
        with page.expect_download():  # the picture is XML, whatever the names hold
            page.get_by_role("button", name="Download the map as PNG").click()
    if odd == "one area":
        assert "is all wards together, the box" in page.locator("#spine").inner_text()
    if odd == "no data":
        assert "no data" in page.locator("#map-title").inner_text()
        assert "4 wards" in page.locator("#legend").inner_text()
    if odd == "no outlines":
        assert "no outlines" in page.locator("#map-canvas").inner_text()


def test_pictures_of_the_dashboard_are_kept(watch, board, artefacts):
    for width in (320, 768, 1280):
        page = watch(board, width=width).page
        page.select_option("#spots", "0")
        page.screenshot(path=str(artefacts / f"dashboard_{width}.png"), full_page=True)
        if width == 1280:
            page.pdf(path=str(artefacts / "dashboard.pdf"), prefer_css_page_size=True)
            page.emulate_media(media="print")
            assert page.locator(".live-map").is_visible()
            assert not page.locator("#controls").is_visible()

"""The forms in Chromium: strict folders, dark screens, logos, and print that stays light."""

from __future__ import annotations

from dataclasses import replace

import pytest
from publish.dashboard_city import city_dashboard
from publish.test_profile_page import profile
from publish.test_publish_browser import STRICT, axe_problems

import geoprofiles
from geoprofiles.model import Logo
from geoprofiles.publish.charts import chart_ranked, ranked_rows
from geoprofiles.publish.document import write_folder, write_single
from geoprofiles.publish.fragment import write_fragment
from geoprofiles.publish.hotspot_page import Section, hotspot_document
from geoprofiles.publish.pages import dashboard_document, document_of
from geoprofiles.publish.profile_page import profile_document

pytestmark = pytest.mark.browser

LOGO = Logo(
    b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90" height="30"'
    b' fill="#6b2c91"/></svg>',
    "svg",
    "Town Council",
)
PAPER, DARK_PAPER = "rgb(255, 255, 255)", "rgb(18, 25, 30)"
GROUND = "getComputedStyle(document.body).backgroundColor"


def chart():
    figures = profile().figures.assign(q=1.0)
    rows = figures[figures["indicator"] == "Theft"]
    return chart_ranked(ranked_rows(rows), title="Theft by ward", x_label="per 1,000 residents")


@pytest.fixture(scope="module")
def documents(city_map):
    area = profile_document(profile(), title="Town", charts={"months": chart()})
    question = hotspot_document(
        "Burglary", title="Town", subtitle="2026", findings=["One."],
        sections=[Section("Where", ["Here."], charts=[chart()])],
    )  # fmt: skip
    board = dashboard_document(city_dashboard())
    return {
        "map": document_of(city_map), "profile": area, "question": question, "dashboard": board,
    }  # fmt: skip


def test_a_page_without_scripts_works_under_a_strict_header(watch, serve, documents):
    page = replace(documents["profile"], look=geoprofiles.Look(accent="#6b2c91", logo=LOGO))
    files = write_folder(page, page="strict/profiles/wards/mill", assets="strict/profiles")
    for name, content in files.items():
        address = serve(name, content, STRICT)
    address = serve(
        "strict/profiles/wards/mill.html", files["strict/profiles/wards/mill.html"], STRICT
    )
    seen = watch(address)
    assert seen.violations == []
    assert [one for one in seen.errors if "favicon" not in one and "404" not in one] == []
    rule = "getComputedStyle(document.querySelector('header')).borderBottomColor"
    assert seen.page.evaluate(rule) == "rgb(107, 44, 145)"
    assert seen.page.evaluate("document.querySelector('.logo').naturalWidth") == 90
    assert seen.page.get_by_alt_text("Town Council").is_visible()


@pytest.mark.parametrize("kind", ["map", "profile", "question", "dashboard"])
def test_dark_pages_have_no_fault_that_axe_finds(watch, serve, documents, kind):
    page = replace(documents[kind], look=geoprofiles.Look(accent="#6b2c91", logo=LOGO))
    address = serve(f"dark-{kind}.html", write_single(page).encode())
    seen = watch(address, color_scheme="dark", bypass_csp=True)
    assert seen.page.evaluate(GROUND) == DARK_PAPER
    if kind == "map":
        for box in seen.page.locator("input[name=overlay]").all():
            box.check()
        seen.page.locator("#find").select_option(index=2)
    assert axe_problems(seen.page) == []


def test_a_theme_can_be_asked_for_and_print_is_light(watch, serve, documents):
    address = serve("theme.html", write_single(documents["profile"]).encode())
    page = watch(address, color_scheme="dark").page
    text = "getComputedStyle(document.querySelector('.chart svg text')).fill"
    assert page.evaluate(text) == "rgb(233, 239, 242)"
    page.emulate_media(media="print")
    assert page.evaluate(GROUND) == PAPER
    assert page.evaluate(text) == "rgb(16, 33, 43)"
    page.emulate_media(media="screen")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert page.evaluate(GROUND) == PAPER
    page = watch(address, color_scheme="light").page
    assert page.evaluate(GROUND) == PAPER
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(GROUND) == DARK_PAPER


def test_a_page_can_stay_light(watch, serve, documents):
    page = replace(documents["profile"], look=geoprofiles.Look(dark=False))
    seen = watch(serve("light.html", write_single(page).encode()), color_scheme="dark")
    assert seen.page.evaluate(GROUND) == PAPER


def test_a_fragment_stands_in_another_page(watch, serve, documents):
    parts = "".join(write_fragment(one) for one in documents.values())
    whole = f'<!DOCTYPE html><html lang="en"><title>Host</title><main><h1>Host</h1>{parts}</main>'
    seen = watch(
        serve("host-of-parts.html", whole.encode(), "default-src 'none'; connect-src 'self'"),
        width=1000,
    )
    assert seen.violations == []
    problems = axe_problems(watch(serve("host-of-parts-2.html", whole.encode())).page)
    assert [one for one in problems if one[0] != "region"] == []
    fill = "[...document.querySelectorAll('svg path')].filter((p) => p.getAttribute('fill') ==="
    assert seen.page.evaluate(f"{fill} '#0e5266').length") > 0

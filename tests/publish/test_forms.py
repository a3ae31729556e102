"""The forms of a page as text: what a fragment may hold, shared folders, and going back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from publish.test_profile_page import HOSTILE, Tags, profile, tags
from publish.test_publish_pages import Reader

import geoprofiles
from geoprofiles.model import Logo
from geoprofiles.publish.document import (
    Document,
    read_document,
    write_folder,
    write_single,
)
from geoprofiles.publish.fragment import KEPT, write_fragment
from geoprofiles.publish.pages import document_of
from geoprofiles.publish.profile_page import profile_document

PNG = b"\x89PNG\r\n\x1a\n"
GOING = {"script", "style", "form", "button", "input", "select", "nav", "link", "iframe", "img"}


def check_inert(part: str) -> list[tuple[str, dict]]:
    """Check that a fragment holds nothing that runs, styles, or needs a style."""
    part.encode("ascii")
    seen = Reader(part).elements
    assert not GOING & {tag for tag, _ in seen}
    for tag, given in seen:
        assert not {"class", "style", "onload", "tabindex"} & set(given), tag
        assert not [name for name in given if name.startswith("on")]
        assert all(one.startswith("g") and "-" in one for one in given.get("id", "g-").split())
    return seen


def test_a_fragment_of_a_map_has_picture_legend_and_figures_of_what_opens(city_map):
    part = geoprofiles.render_fragment(city_map)
    seen = check_inert(part)
    headings = [tag for tag, _ in seen if re.fullmatch(r"h\d", tag)]
    assert headings[0] == "h2"
    assert "h1" not in headings
    for tag, given in seen:
        if tag in {"path", "rect", "polygon"}:
            assert given.get("fill") or given.get("stroke"), given
    legend = part.partition("</svg>")[2].partition("The figures")[0]
    assert legend.count("<tr>") >= 5 + 1 + 1  # classes, clusters, water
    assert legend.count("<tr><td>") == legend.count("<tr>")
    assert "12.3 to 50.0" in legend
    assert "Ward 17" in part
    assert part.count("<caption") == 2  # the first layer, and the clusters that are switched on
    assert Tags().feed(re.sub(r"<br>", "", part)) is None  # what is opened is closed


def test_a_fragment_of_a_profile_says_all_that_the_page_says():
    document = profile_document(
        profile(), title="Town", links={"all": "index.html", "dashboard": "../index.html#ward=A"}
    )
    part = write_fragment(document)
    seen = check_inert(part)
    assert "suppressed at its source" in part
    assert re.search('<td align="right"><strong>4[.0]*</strong></td>', part)
    assert "All wards</a>" not in part
    linked = write_fragment(document, address="https://maps.example.org/profiles/mill.html")
    targets = [at["href"] for tag, at in Reader(linked).elements if tag == "a"]
    assert targets == [
        "https://maps.example.org/index.html#ward=A",
        "https://maps.example.org/profiles/index.html",
    ]
    assert {tag for tag, _ in seen} & KEPT


def test_two_fragments_share_no_id():
    def ids(part: str) -> set[str]:
        return {at["id"] for _, at in Reader(part).elements if "id" in at}

    chart = (
        '<svg role="img" aria-labelledby="t" viewBox="0 0 60 9"><title id="t">A</title>'
        '<g fill="url(#h)"/></svg>'
    )
    one, two = (write_fragment(Document(name, chart, ())) for name in ("Mill", "Quay"))
    assert ids(one)
    assert not ids(one) & ids(two)
    (name,) = ids(one)
    assert f'aria-labelledby="{name}"' in one
    assert f'fill="url(#{name[:-1]}h)"' in one
    assert 'viewBox="0 0 60 9" xmlns="http://www.w3.org/2000/svg" width="60" height="9"' in one


def test_hostile_names_are_text_in_a_fragment(hostile_map):
    check_inert(geoprofiles.render_fragment(hostile_map))
    hostile = profile(area_name=HOSTILE, headlines=(HOSTILE,), neighbours=(HOSTILE,))
    part = write_fragment(profile_document(hostile, title=HOSTILE, notes=[HOSTILE]))
    check_inert(part)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in part
    used = '<svg><use href="#a" class="k5"/><use href="https://b"/></svg>'
    part = write_fragment(Document("A", used, ()))
    assert re.fullmatch('<svg><use fill="#0e5266" href="#g[0-9a-f]{8}-a"/><use/></svg>\n', part)
    direct = '<p onclick="x()" style="a:b">a<a href="javascript:x()">b</a></p><svg><set/>'
    assert write_fragment(Document("A", direct, ())) == "<p>ab</p><svg>\n"
    away = '<path fill="URL(https://a)" stroke="u\\72l(https://a)" aria-label="url(a)"/>'
    assert write_fragment(Document("A", f"<svg>{away}</svg>", ())) == (
        '<svg><path aria-label="url(a)"/></svg>\n'
    )


def test_pages_of_one_folder_share_their_files():
    logo = Logo(PNG, "png", 'The "Council"')
    page = replace(profile_document(profile(), title="Town"), look=geoprofiles.Look(logo=logo))
    files = write_folder(page, page="embed/profiles/wards/mill", assets="embed/profiles")
    assert sorted(files) == [
        "embed/logo.png", "embed/profiles.css", "embed/profiles/wards/mill.html",
    ]  # fmt: skip
    text = files["embed/profiles/wards/mill.html"].decode()
    seen = tags(text)
    assert ("link", {"rel": "stylesheet", "href": "../../profiles.css"}) in seen
    shown = next(given for tag, given in seen if tag == "img")
    assert (shown["src"], shown["alt"]) == ("../../logo.png", 'The "Council"')
    assert "<style" not in text
    single = next(given for tag, given in tags(write_single(page)) if tag == "img")
    assert single["src"] == "data:image/png;base64,iVBORw0KGgo="


def test_a_page_can_be_read_back(city_map):
    page = document_of(city_map)
    again = read_document(write_single(page))
    assert write_single(again) == write_single(page)
    assert write_folder(again) == write_folder(page)


@pytest.mark.parametrize("colour", ["#6b2c91"])
def test_a_fragment_has_the_colours_of_the_page(city_map, colour):
    look = geoprofiles.Look(
        accent=colour, classes=("#f1e6f7", "#d9bfe8", "#b98ad3", "#8a4fb0", "#4f1a73")
    )
    page = geoprofiles.with_look(city_map, look)
    part = write_fragment(page)
    assert 'fill="#4f1a73"' in part
    assert "#0e5266" not in part
    assert 'fill="#4f1a73"' in write_fragment(read_document(write_single(page)))

"""The look: what every reader can tell, on a light screen and on a dark one; what is refused."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from geoprofiles.errors import InputError
from geoprofiles.project import read_project
from geoprofiles.publish.colour import SEEN_BY, contrast, difference, lab
from geoprofiles.publish.look import APART, WRITTEN_ON, Look, colours_of, faults_of, look_css
from geoprofiles.publish.style import COLD, DARK, FILLS, RAMP, TOKENS, WARM, tokens_css
from geoprofiles.read.logo import read_logo

PURPLE = ("#f1e6f7", "#d9bfe8", "#b98ad3", "#8a4fb0", "#4f1a73")
TEXTS = ("ink", "quiet", "accent", "cluster", "worse", "better", "whole", "higher", "lower")
MARKS = ("border", "cluster", "unclear", "worse", "better", "whole", "accent", "higher", "lower")


def dark_of(css: str) -> dict[str, str]:
    """Return what a style says of a dark screen that a script asked for."""
    block = css.partition(':root[data-theme="dark"]')[2].partition("}")[0]
    return dict(re.findall(r"--([\w-]+): (#\w+);", block))


@pytest.mark.parametrize("colours", [TOKENS, DARK], ids=["light", "dark"])
def test_text_and_marks_are_seen(colours):
    for name in TEXTS:
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    for name in ("ink", "quiet", "accent"):
        assert contrast(colours[name], colours["ground"]) >= 4.5, name
    for name in ("ink", "quiet"):
        for under in ("own", "band", "nodata", "bar"):
            assert contrast(colours[name], colours[under]) >= 4.5, (name, under)
    for name in MARKS:
        assert contrast(colours[name], colours["paper"]) >= 3, name
    assert contrast(colours["cluster"], colours["paper"]) >= 4.5  # numbers on the marks of clusters


@pytest.mark.parametrize(
    "look", [Look(), Look(classes=PURPLE, accent="#6b2c91")], ids=["ours", "a council's"]
)
@pytest.mark.parametrize("dark", [False, True])
def test_classes_are_told_apart_by_all_and_written_on(look, dark):
    colours = colours_of(look)
    if dark:
        colours = {**DARK, **dark_of(look_css(look))}
    for letter in "kde":
        ramp = [colours[f"{letter}{step}"] for step in range(1, 6)]
        for one, other in pairwise(ramp):
            assert (lab(one)[0] < lab(other)[0]) == dark
            for who in (None, *SEEN_BY):
                assert difference(one, other, seen_by=who) >= APART - 0.2, (one, other, who)
        for colour, under in zip(ramp, WRITTEN_ON, strict=True):
            assert not under or contrast(colours[under], colour) >= 4.5


def test_every_token_is_known_by_its_colour_and_has_a_dark_one():
    light = [*TOKENS.values(), *RAMP, *WARM, *COLD]
    assert len(set(light)) == len(light)
    assert set(DARK) == {*TOKENS, *FILLS}
    css = tokens_css()
    assert dark_of(css) == DARK
    assert f'[stroke="{TOKENS["accent"]}"] {{ stroke: var(--accent); }}' in css
    assert "@media screen and (prefers-color-scheme: dark)" in css  # print stays light


WRONG = {
    "accent = '#f0a030'": ("accent", "contrast of 2.15 with the white page, and 4.5", "#a46702"),
    "accent = 'teal'": ("accent", "cannot be 'teal'", "#0e5266"),
    "classes = ['#ffffff']": ("classes", "five colours, and holds 1", "from light"),
    "classes = ['#0e5266', '#398698', '#77b2bc', '#b3d6da', '#e4f0f1']": (
        "classes", "no darker than", "darker one"
    ),
    "classes = ['#e4f0f1', '#dbeaeb', '#77b2bc', '#398698', '#0e5266']": (
        "classes", "apart for", "told apart is #"
    ),
    "classes = ['#e4f0f1', '#8fb8bd', '#4f8791', '#2f6670', '#0e3f4d']": (
        "classes", "dark figures on the class #4f8791", "can be read is #"
    ),
    "diverging = ['#d7191c', '#fdae61', '#ffffbf', '#a6d96a', '#1a9641']": (
        "diverging", "for readers with deuteranopia", "blue and orange"
    ),
    "font = 'Arial; } body { display: none'": ("font", "no name of a font", "commas"),
    "font = 'Comic Sans MS'": ("font", "not every machine", "sans-serif"),
    "logo_text = 'Council'": ("logo_text", "without a 'logo'", ""),
}  # fmt: skip


@pytest.mark.parametrize("line", WRONG)
def test_a_look_that_some_cannot_read_is_refused_by_file_and_line(tmp_path, line):
    key, problem, remedy = WRONG[line]
    path = tmp_path / "town.toml"
    path.write_text(
        "title = 'Town'\n[[areas]]\nkind = 'ward'\nfile = 'a.geojson'\n"
        f"[[incidents]]\nfiles = ['a.csv']\n[look]\n{line}\n"
    )
    with pytest.raises(InputError) as caught:
        read_project(path)
    told = str(caught.value)
    assert "town.toml, row 8" in told
    assert problem in told
    assert remedy in told
    assert key in told


def test_the_nearest_colour_that_is_suggested_passes():
    told = faults_of("#f0a030", RAMP, (), "")[0].remedy
    colour = re.search(r"#\w{6}", told)[0]
    assert faults_of(colour, RAMP, (), "") == []


def test_fonts_reach_the_style_as_names_alone():
    assert 'font-family: "Gill Sans", Verdana, sans-serif' in look_css(
        Look(font="'Gill Sans', Verdana, sans-serif")
    ).replace('"Verdana"', "Verdana")
    with pytest.raises(InputError, match="no name of a font"):
        Look(font='x"; } * { display: none; }, serif')


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">{}</svg>'
BAD = (
    "<script>x()</script>",
    '<rect onload="x()"/>',
    '<image href="https://example.org/a.png"/>',
    '<use x:href="other.svg#a"/>',
    "<style>@import 'a.css';</style>",
    "<style>rect { fill: url(https://example.org) }</style>",
    "<style>rect { fill: u\\72l(https://example.org) }</style>",
    "<foreignObject/>",
    '<rect fill="url(a.svg#b)"/>',
    '<a href="javascript:x()"/>',
    "<set/>",
    "<g>",
    "<style><g/>@import 'a.css';</style>",
    "<g style=\"background: image-set('a.png' 1x)\"/>",
    '<img xmlns="http://www.w3.org/1999/xhtml" srcset="https://example.org/a.png"/>',
)


@pytest.mark.parametrize("inside", BAD)
def test_a_logo_that_is_more_than_a_drawing_is_refused(tmp_path, inside):
    path = tmp_path / "logo.svg"
    path.write_text(SVG.format(inside))
    with pytest.raises(InputError, match="the logo"):
        read_logo(path, text="Council")


def test_logos(tmp_path):
    path = tmp_path / "logo.svg"
    good = '<style>.a { fill: url(#b) }</style><g class="a"/><use x:href="#b"/>'
    path.write_text(SVG.format(good))
    assert read_logo(path, text=" The  Council ").text == "The Council"
    path.write_text("<!DOCTYPE svg [<!ENTITY a 'aaa'>]>" + SVG.format("&a;"))
    with pytest.raises(InputError, match="declares entities"):
        read_logo(path, text="Council")
    path.write_text(SVG.format("<rect fill=\"url('#b')\"/>"))
    assert read_logo(path, text="Council").kind == "svg"
    path.write_text('<?xml version="1.0" encoding="x-none"?>' + SVG.format(""))
    with pytest.raises(InputError, match="no well-formed SVG"):
        read_logo(path, text="Council")
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
    path.write_bytes(head + (40).to_bytes(4, "big") * 2 + b"IEND")
    assert read_logo(path, text="Council").kind == "png"
    for wrong in ((40).to_bytes(4, "big") * 2, (20_000).to_bytes(4, "big") * 2 + b"IEND"):
        path.write_bytes(head + wrong)
        with pytest.raises(InputError, match="cut off, or of more than 4,000"):
            read_logo(path, text="Council")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100_000))
    with pytest.raises(InputError, match="100 kB"):
        read_logo(path, text="Council")
    path.write_bytes(b"GIF89a")
    with pytest.raises(InputError, match="neither a PNG nor an SVG"):
        read_logo(path, text="Council")
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(InputError, match="words that are read out"):
        read_logo(path, text=" ")

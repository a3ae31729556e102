"""The words of the dashboard as HTML: what stands there before, and without, its script."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from geoprofiles.publish import figures as words_of
from geoprofiles.publish.markup import HATCH, draw_legends, draw_sources, draw_table
from geoprofiles.publish.parts import Column, Dashboard, Highlight, Panel, Question, Table
from geoprofiles.publish.picture import draw_picture
from geoprofiles.words import plural, slug

if TYPE_CHECKING:
    import geopandas

Lines = Iterator[str]

HEADLINES = 7
"""Indicators in the table that is shown without scripts."""

CONTROLS = (
    ("kind", "Kind of area"),
    ("topic", "Topic"),
    ("indicator", "Indicator"),
    ("period", "Period"),
    ("colour", "Colour the map by"),
    ("spots", "Hot spots"),
)
"""Lists to choose from, which the script fills: their id and label."""


def figure_table(kind: str, areas: geopandas.GeoDataFrame, figures: pd.DataFrame) -> Table:
    """Make the table of the first indicators of all areas, latest period."""
    heads = figures.drop_duplicates(["topic", "indicator"]).head(HEADLINES)
    columns = []
    shared = len(set(heads["period"])) == 1  # said once above the table, not in every heading
    for row in heads.itertuples():
        same = (figures["topic"] == row.topic) & (figures["indicator"] == row.indicator)
        values = figures[same].drop_duplicates("area_code").set_index("area_code")["value"]
        texts = words_of.column_words(values.reindex(areas.index).astype(float))[1]
        heading = f"{row.indicator}, {row.unit}" + ("" if shared else f", {row.period}")
        columns.append(Column(words_of.clean(heading), True, tuple(texts)))
    names = [words_of.clean(one) for one in areas["area_name"].fillna("")]
    codes = [words_of.clean(one) for one in areas.index]
    return Table(
        caption=f"Headline figures of {plural(words_of.clean(kind))}"
        + (f", {words_of.clean(heads['period'].iloc[0])}" if shared else ""),
        first=kind[:1].upper() + kind[1:],
        names=tuple(name or code for name, code in zip(names, codes, strict=True)),
        codes=tuple(codes),
        columns=tuple(columns),
    )


def draw_dashboard(dashboard: Dashboard) -> str:
    """Write all that stands between ``<body>`` and the data block."""
    return "\n".join(filter(None, _body(dashboard)))


def _body(dashboard: Dashboard) -> Lines:
    yield HATCH
    yield '<nav class="skips" aria-label="Skip">'
    yield '<a href="#explore" class="live" hidden>Skip to the figures</a>'
    yield '<a href="#reading">Skip to notes and sources</a></nav>'
    yield from _header(dashboard)
    yield "<main>"
    yield from _explore()
    yield from _still(dashboard)
    for panel in dashboard.panels:
        yield from _panel(panel)
    if dashboard.questions:
        yield from _questions(dashboard.questions)
    yield from _reading(dashboard)
    yield "</main>"
    yield from draw_sources(dashboard.sources)


def _header(dashboard: Dashboard) -> Lines:
    yield f'<header><h1 dir="auto">{escape(dashboard.title)}</h1>'
    if dashboard.subtitle:
        yield f'<p class="subtitle" dir="auto">{escape(dashboard.subtitle)}</p>'
    yield '<div class="bar">'
    inside = [(one.heading, f"#{slug(one.heading)}") for one in dashboard.panels]
    if dashboard.questions:
        inside.append(("Hot spots", "#hot-spots"))
    links = [*inside, ("Notes and sources", "#reading"), *dashboard.links]
    shown = (f'<a href="{escape(to)}"><bdi>{escape(text)}</bdi></a>' for text, to in links)
    yield f'<nav class="links" aria-label="On this page and beside it">{" ".join(shown)}</nav>'
    yield '<button type="button" id="theme" class="quiet live" hidden>Dark</button>'
    yield "</div></header>"


def _explore() -> Lines:
    """Write the parts that the script fills."""
    yield (
        '<section id="explore" class="explore live" tabindex="-1" aria-label="Explore the figures"'
        " hidden>"
    )
    yield '<div id="controls" class="choices" role="group" aria-label="What to show">'
    yield from (
        f'<p class="pick pick-{key}"><label for="{key}">{label}</label>'
        f'<select id="{key}"></select></p>'
        for key, label in CONTROLS
    )
    for key, label in (("area", "Find an area"), ("other", "Compare with")):
        yield (
            f'<p class="pick pick-{key}"><label for="{key}" id="{key}-label">{label}</label>'
            f'<input id="{key}" type="search" list="areas" autocomplete="off" spellcheck="false">'
            "</p>"
        )
    yield '<datalist id="areas"></datalist></div>'
    yield '<p id="said" class="said" role="status"></p>'
    yield '<div class="panels">'
    yield (
        '<section class="panel map-panel" aria-labelledby="map-title">'
        '<h2 id="map-title" dir="auto"></h2><p id="map-about" class="unit" dir="auto"></p>'
        '<div id="map-canvas" class="canvas"></div>'
        '<p id="map-keys" class="unseen">Tab reaches the areas; arrow keys, Home and End move'
        " between them; Enter chooses one.</p>"
        '<div id="legend" class="legends" role="group" aria-label="Legend"></div>'
        '<p class="tools" id="map-tools"></p></section>'
    )
    yield (
        '<section class="panel table-panel" aria-label="Table"><div id="ranking"></div>'
        '<p class="tools" id="table-tools"></p></section>'
    )
    yield '<section class="panel area-panel" id="card" aria-live="polite" aria-label="Area">'
    yield "</section>"
    yield (
        '<section class="panel trend-panel" aria-labelledby="trend-title">'
        '<h2 id="trend-title" dir="auto"></h2><p id="trend-about" class="unit" dir="auto"></p>'
        '<p class="switch" id="trend-switch"></p><div id="trend-canvas" class="canvas"></div>'
        '<p class="tools" id="trend-tools"></p></section>'
    )
    yield (
        '<section class="panel spine-panel" aria-label="Spine chart"><div id="spine"></div>'
        '<p class="tools" id="spine-tools"></p></section>'
    )
    yield '<section class="panel about-panel" id="about" aria-label="About this figure"></section>'
    yield "</div></section>"


def _still(dashboard: Dashboard) -> Lines:
    """Write the map and the tables that stand there without scripts."""
    yield '<section class="fallback" id="figures" aria-labelledby="figures-heading">'
    yield '<h2 id="figures-heading">The figures</h2>'
    yield (
        '<p class="note scripted">With scripts switched on, this page lets you choose area,'
        " indicator and period. Without them it shows the first indicator as a map and the headline"
        " figures.</p>"
    )
    yield f'<figure class="still">{draw_picture(dashboard.still)}</figure>'
    yield from draw_legends(dashboard.still, most=1)
    for place, table in enumerate(dashboard.tables):
        yield from draw_table(table, f"figures-{place}")
    yield "</section>"


def _panel(panel: Panel) -> Lines:
    key = slug(panel.heading)
    yield f'<section class="part" id="{key}" tabindex="-1" aria-labelledby="{key}-heading">'
    yield f'<h2 id="{key}-heading">{escape(panel.heading)}</h2>'
    if panel.lead:
        yield f'<p class="unit">{escape(panel.lead)}</p>'
    if panel.highlights:
        yield '<ul class="highlights">'
        yield from (f"<li>{_highlight(one)}</li>" for one in panel.highlights)
        yield "</ul>"
    if panel.sentences:
        yield '<ul class="findings">'
        yield from (f"<li><bdi>{escape(words_of.clean(one))}</bdi></li>" for one in panel.sentences)
        yield "</ul>"
    if panel.table is not None:
        yield from draw_table(panel.table, f"{key}-table")
    yield "</section>"


def _highlight(one: Highlight) -> str:
    """Write a sentence; the script makes it lead to the area and indicator it speaks of."""
    about = "".join(
        f' data-{name}="{escape(words_of.clean(value))}"'
        for name, value in (
            ("kind", one.kind), ("area", one.area_code), ("topic", one.topic),
            ("indicator", one.indicator),
        )
    )  # fmt: skip
    return f'<span class="lead"{about}><bdi>{escape(words_of.clean(one.text))}</bdi></span>'


def _questions(questions: tuple[Question, ...]) -> Lines:
    yield '<section class="part" id="hot-spots" tabindex="-1" aria-labelledby="spots-heading">'
    yield '<h2 id="spots-heading">Hot spots</h2><div class="questions">'
    for place, one in enumerate(questions):
        yield f'<section class="question" aria-labelledby="question-{place}">'
        yield f'<h3 id="question-{place}"><bdi>{escape(words_of.clean(one.name))}</bdi></h3>'
        yield from (f"<p><bdi>{escape(words_of.clean(text))}</bdi></p>" for text in one.sentences)
        yield f'<p class="links" data-question="{place}">'
        if one.address:
            name = f'<span class="unseen">, {escape(words_of.clean(one.name))}</span>'
            yield f'<a href="{escape(one.address)}">Where, when and how sure{name}</a>'
        yield "</p></section>"
    yield "</div></section>"


def _reading(dashboard: Dashboard) -> Lines:
    yield '<section class="part notes" id="reading" tabindex="-1"'
    yield ' aria-labelledby="reading-heading">'
    yield '<h2 id="reading-heading">How to read this, and its limits</h2><ul>'
    yield from (f"<li><bdi>{escape(one)}</bdi></li>" for one in dashboard.notes)
    yield "</ul></section>"

"""The page of several maps beside each other: still maps that a small script links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from geoprofiles.model import Source
from geoprofiles.publish import figures
from geoprofiles.publish.content import build_page
from geoprofiles.publish.markup import HATCH, draw_keys, draw_notes, draw_sources, draw_table
from geoprofiles.publish.parts import Backdrop, Choropleth, Geometry, Key, Table, columns_of
from geoprofiles.publish.picture import Projection, path, place_names, projection
from geoprofiles.publish.plans import PanelPlan

WIDE, TALL, LETTERS = 420.0, 420.0, 13.0
"""Room of one map and the height of letters on it, in its own units."""

FEW_PANELS = 3
"""Up to so many maps are large enough to bear names."""


@dataclass(frozen=True)
class PanelPage:
    """A whole page of maps beside each other."""

    title: str
    subtitle: str
    finding: str
    panels: tuple[Choropleth, ...]
    geometry: Geometry
    legends: tuple[tuple[str, tuple[Key, ...]], ...]
    """Heading and lines of each legend."""
    backdrops: tuple[Backdrop, ...]
    outlined: tuple[int, ...]
    outline_words: str
    table: Table
    notes: tuple[str, ...]
    sources: tuple[Source, ...]
    bounds: tuple[float, float, float, float] | None


def panel_page(plan: PanelPlan) -> PanelPage:
    """Work out everything that a page of several maps shows."""
    page = build_page(
        plan.panels,
        title=plan.title,
        subtitle=plan.subtitle,
        notes=plan.notes,
        sources=plan.sources,
        context=plan.context,
    )
    geometry = page.geometries[0]
    kind = geometry.kind
    codes = page.layers[0].table.codes
    return PanelPage(
        title=page.title,
        subtitle=page.subtitle,
        finding=figures.clean(plan.finding),
        panels=page.layers,
        geometry=geometry,
        legends=_legends(plan, page.layers),
        backdrops=page.backdrops,
        outlined=tuple(codes.index(figures.clean(one)) for one in plan.outlined),
        outline_words=plan.outline_words,
        table=Table(
            caption=f"{page.title}, by {kind}",
            first=kind[:1].upper() + kind[1:],
            names=geometry.names,
            codes=codes,
            columns=columns_of(plan.table, plan.columns, decimals={}),
        ),
        notes=page.notes,
        sources=page.sources,
        bounds=page.bounds,
    )


def _legends(
    plan: PanelPlan, layers: Sequence[Choropleth]
) -> tuple[tuple[str, tuple[Key, ...]], ...]:
    """Make one legend for all maps of the same classes; counts of each map would not fit it."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, panel in enumerate(plan.panels):
        groups.setdefault(tuple(panel.classes), []).append(place)
    legends = []
    for places in groups.values():
        panel = plan.panels[places[0]]
        used = {key.look for place in places for key in layers[place].keys}
        keys = [
            Key(one.colour, f"{one.sign} {figures.clean(one.words)}".strip())
            for one in panel.classes.values()
            if one.colour in used
        ]
        if "k0" in used:
            keys.append(Key("k0", figures.NO_DATA))
        heading = figures.clean(panel.unit[:1].upper() + panel.unit[1:])
        if len(groups) > 1:
            names = " and ".join(plan.panels[place].name for place in places)
            heading = f"{figures.clean(names)}: {figures.clean(panel.unit)}"
        legends.append((heading, tuple(keys)))
    return tuple(legends)


def draw_panels(page: PanelPage) -> str:
    """Write all that stands between ``<body>`` and the script."""
    number = len(page.panels)
    parts = [
        HATCH,
        '<nav class="skips" aria-label="Skip">'
        '<a href="#maps">Skip to the maps</a>'
        '<a href="#tables">Skip to the figures in a table</a></nav>',
        f'<header><h1 dir="auto">{escape(page.title)}</h1>',
        f'<p class="subtitle" dir="auto">{escape(page.subtitle)}</p>' if page.subtitle else "",
        "</header><main>",
        f'<p class="finding" dir="auto">{escape(page.finding)}</p>' if page.finding else "",
        *_tools(page),
        f'<div id="maps" class="maps n{min(number, 4)}" tabindex="-1">',
        *(piece for place in range(number) for piece in _panel(page, place)),
        "</div>",
        '<div class="legends" role="group" aria-label="Legend">',
        *(piece for one in page.legends for piece in _legend(*one)),
        *_outline_legend(page),
        "</div>",
        '<section id="tables" class="tables" tabindex="-1" aria-labelledby="tables-heading">',
        '<h2 id="tables-heading">The figures</h2>',
        *draw_table(page.table, "table-0"),
        "</section>",
        *draw_notes(page.notes),
        "</main>",
        *draw_sources(page.sources),
    ]
    return "\n".join(filter(None, parts))


def _tools(page: PanelPage) -> Iterable[str]:
    """Write what needs the script: finding an area, and looking nearer in all maps at once."""
    yield '<div id="tools" class="live tools" role="group" aria-label="All maps" hidden>'
    yield (
        f'<p class="find"><label for="find">{escape(page.geometry.find)}</label>'
        '<select id="find"><option value="">Choose …</option></select></p>'
        '<p class="zoom"><button type="button" class="quiet" id="nearer">Zoom in</button>'
        '<button type="button" class="quiet" id="farther">Zoom out</button>'
        '<button type="button" class="quiet" id="whole">Show all areas</button></p>'
        '<p id="keys-help" class="unseen">In each map, Tab reaches an area; arrow keys, Home and'
        " End move between areas; Enter chooses one in all maps.</p></div>"
    )


def _panel(page: PanelPage, place: int) -> Iterable[str]:
    panel = page.panels[place]
    yield f'<figure class="panel"><figcaption id="panel-{place}" dir="auto">{escape(panel.name)}'
    yield "</figcaption>"
    if page.bounds is None:
        yield f"<p>There are no outlines to draw. {escape(panel.summary)}</p></figure>"
        return
    view = projection(page.bounds, width=WIDE, height=TALL)
    described = escape(f"Map of {panel.name}. {panel.summary}")
    yield (
        f'<svg class="map" role="img" aria-label="{described}"'
        f' viewBox="0 0 {view.width:g} {view.height:g}">'
    )
    yield from _ground(page, view, first=place == 0)
    yield '<g class="panel-areas">'
    for area, look in enumerate(panel.looks):
        if page.geometry.shapes[area]:
            fill = ' fill="url(#hatch)"' if look == "k0" else ""
            told = escape(f"{page.geometry.names[area]}: {panel.values[area]}")
            yield (
                f'<use href="#area-{area}" class="area {look}"{fill} data-area="{area}"'
                f' data-told="{escape(panel.values[area])}" aria-label="{told}"/>'
            )
    yield "</g>"
    for area in page.outlined:
        if page.geometry.shapes[area]:
            yield f'<use href="#area-{area}" class="treated under"/>'
            yield f'<use href="#area-{area}" class="treated"/>'
    yield from _names(page, panel, view)
    yield "</svg>"
    yield '<p class="reading" aria-hidden="true"></p></figure>'


def _ground(page: PanelPage, view: Projection, *, first: bool) -> Iterable[str]:
    """Write the outlines, once for all maps, and what lies below them."""
    if first:
        yield "<defs>"
        for area, shape in enumerate(page.geometry.shapes):
            if shape:
                yield f'<path id="area-{area}" d="{path(shape, view)}"/>'
        yield "</defs>"
    for one in page.backdrops:
        for shape in one.polygons:
            yield f'<path class="ground-{one.style}" d="{path(shape, view)}"/>'
        for shape in one.lines:
            yield f'<path class="ground-{one.style} line" d="{path(shape, view, closed=False)}"/>'


def _names(page: PanelPage, panel: Choropleth, view: Projection) -> Iterable[str]:
    if len(page.panels) > FEW_PANELS:
        return
    yield '<g class="names">'
    for x, y, lines in place_names(page.geometry, view, signs=panel.signs, size=LETTERS):
        spans = "".join(
            f'<tspan x="{x:g}" y="{y + (row - (len(lines) - 1) / 2) * LETTERS * 1.1 + 4:g}">'
            f"{escape(line)}</tspan>"
            for row, line in enumerate(lines)
        )
        yield f"<text>{spans}</text>"
    yield "</g>"


def _legend(heading: str, keys: Sequence[Key]) -> Iterable[str]:
    yield f'<section class="legend"><h2 dir="auto">{escape(heading)}</h2>'
    yield from draw_keys(keys)
    yield "</section>"


def _outline_legend(page: PanelPage) -> Iterable[str]:
    if page.outlined:
        yield (
            '<section class="legend"><ul class="keys"><li>'
            '<svg class="swatch" viewBox="0 0 26 16" aria-hidden="true">'
            '<rect class="treated" x="2" y="2" width="22" height="12"/></svg>'
            f'<span dir="auto">{escape(page.outline_words)}</span></li></ul></section>'
        )


__all__ = ["PanelPage", "draw_panels", "panel_page"]

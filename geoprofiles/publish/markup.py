"""The words of a page as HTML: every text escaped here, no template anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from geoprofiles.model import Source
from geoprofiles.publish.content import kinds_of
from geoprofiles.publish.figures import NO_DATA
from geoprofiles.publish.parts import Choropleth, Column, Key, Overlay, Page, Table
from geoprofiles.publish.picture import draw_picture
from geoprofiles.words import plural

FEW_LAYERS = 8
"""With more layers than this, the switch folds away all kinds of area but the first."""

LONG_SWITCHES = 13
"""With more lines of switches than this, the legend stands below the map, not below them."""

HATCH = (
    '<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/>'
    '<path class="hatch-line" d="M0 0V6"/></pattern></defs></svg>'
)

Lines = Iterable[str]


def draw_body(page: Page) -> str:
    """Write all that stands between ``<body>`` and the data block."""
    first = page.layers[0]
    parts = [
        HATCH,
        '<nav class="skips" aria-label="Skip">'
        '<a href="#map-part">Skip to the map</a>'
        '<a href="#tables">Skip to the figures in a table</a></nav>',
        f'<header><h1 dir="auto">{escape(page.title)}</h1>',
        f'<p class="subtitle" dir="auto">{escape(page.subtitle)}</p>' if page.subtitle else "",
        *_links(page),
        "</header>",
        f'<main><div class="board{" long" if _is_long(page) else ""}">',
        *_controls(page),
        '<div class="stage">',
        '<section id="map-part" class="map-part" tabindex="-1" aria-label="Map">',
        '<div id="map" class="live" role="application" aria-roledescription="map" hidden'
        f' aria-label="{escape(first.table.caption)}"'
        ' aria-describedby="summary-0 keys-help"></div>',
        '<p id="keys-help" class="unseen">Tab reaches the areas; arrow keys, Home and End move'
        " between them; Enter shows the figures of one.</p>",
        f'<figure class="still">{draw_picture(page)}</figure>',
        "</section>",
        '<section id="details" class="live details" aria-live="polite" aria-label="Details" hidden>'
        '<p class="hint">Choose an area on the map or in the list to see its figures here.</p>'
        "</section></div>",
        *draw_legends(page),
        "</div>",
        *_tables(page),
        *draw_notes(page.notes),
        "</main>",
        *draw_sources(page.sources, made="Made with geoprofiles. Map drawn with Leaflet."),
    ]
    return "\n".join(filter(None, parts))


def _links(page: Page) -> Lines:
    if page.links:
        shown = (
            f'<a href="{escape(address)}"><bdi>{escape(words)}</bdi></a>'
            for words, address in page.links
        )
        yield f'<nav class="links" aria-label="Other pages">{" ".join(shown)}</nav>'


def _is_long(page: Page) -> bool:
    """Tell whether the switches would push the legend far below the map's top."""
    first = max((len(places) for places in list(kinds_of(page).values())[:1]), default=0)
    rows = first if len(page.layers) > FEW_LAYERS else len(page.layers) + len(kinds_of(page))
    return rows + 3 * len(page.overlays) > LONG_SWITCHES


def _controls(page: Page) -> Lines:
    yield '<div id="controls" class="live controls" role="group" aria-label="What to show" hidden>'
    if len(page.layers) > 1:
        yield '<fieldset id="layers"><legend>Figures</legend>'
        kinds = kinds_of(page)
        folded = len(page.layers) > FEW_LAYERS and len(kinds) > 1
        for group, (kind, places) in enumerate(kinds.items()):
            heading = escape(kind[:1].upper() + kind[1:])
            if folded:
                yield f"<details{' open' if group == 0 else ''}><summary>{heading}</summary>"
            elif len(kinds) > 1:
                yield f'<p class="group" aria-hidden="true">{heading}</p>'
            yield from (_radio(page.layers[place], place, len(kinds) > 1) for place in places)
            if folded:
                yield "</details>"
        yield "</fieldset>"
    if page.overlays:
        yield '<fieldset id="overlays"><legend>Hot spots</legend>'
        yield from (_checkbox(one, place) for place, one in enumerate(page.overlays))
        yield "</fieldset>"
    yield (
        f'<p class="find"><label for="find" id="find-label">'
        f"{escape(page.geometries[0].find)}</label>"
        '<select id="find"><option value="">Choose …</option></select></p>'
    )
    yield "</div>"


def _radio(layer: Choropleth, place: int, several: bool) -> str:
    kind = f'<span class="unseen">, by {escape(layer.kind)}</span>' if several else ""
    checked = " checked" if place == 0 else ""
    return (
        f'<label class="choice"><input type="radio" name="layer" value="{place}"{checked}>'
        f'<span dir="auto">{escape(layer.name)}{kind}</span></label>'
    )


def _checkbox(overlay: Overlay, place: int) -> str:
    checked = " checked" if overlay.shown else ""
    described = f' aria-describedby="spot-note-{place}"' if overlay.note else ""
    note = (
        f'<p class="note" id="spot-note-{place}" dir="auto">{escape(overlay.note)}</p>'
        if overlay.note
        else ""
    )
    none = "" if overlay.table.names else " (none found)"
    return (
        f'<label class="choice"><input type="checkbox" name="overlay" value="{place}"{checked}'
        f'{described}><span dir="auto">{escape(overlay.name)}{none}</span></label>{note}'
    )


def draw_legends(page: Page, *, most: int | None = None) -> Lines:
    """Write the legend of every layer and hot-spot layer, or of the first `most` layers alone."""
    yield '<div class="legends" role="group" aria-label="Legend">'
    for place, layer in enumerate(page.layers[:most]):
        hidden = " hidden" if place else ""
        if not layer.keys:
            # Outlines alone need no legend; what they hold is said to those who do not see it.
            yield f'<section class="unseen" id="legend-{place}"{hidden}>'
            yield f'<p id="summary-{place}" dir="auto">{escape(layer.summary)}</p></section>'
            continue
        yield f'<section class="legend" id="legend-{place}"{hidden}>'
        yield f'<h2 dir="auto">{escape(layer.name)}</h2>'
        yield f'<p class="unit" dir="auto">{escape(layer.unit)}</p>'
        yield from draw_keys(layer.keys)
        yield f'<p class="summary" id="summary-{place}" dir="auto">{escape(layer.summary)}</p>'
        if layer.note:
            yield f'<p class="note" dir="auto">{escape(layer.note)}</p>'
        yield "</section>"
    for place, overlay in enumerate(page.overlays if most is None else ()):
        hidden = "" if overlay.shown else " hidden"
        yield f'<section class="legend spot-legend" id="spot-legend-{place}"{hidden}>'
        yield f'<h2 dir="auto">{escape(overlay.name)}</h2>'
        yield f'<p class="unit" dir="auto">{escape(overlay.unit)}</p>'
        if overlay.keys:
            yield from draw_keys(overlay.keys)
        else:
            yield '<p class="summary">None found.</p>'
        if overlay.note:
            yield f'<p class="note" dir="auto">{escape(overlay.note)}</p>'
        yield "</section>"
    named = [one for one in page.backdrops if one.name and (one.polygons or one.lines)]
    if named:
        yield '<ul class="keys grounds">'
        for one in named:
            near = " (seen from near)" if one.style == "minor" else ""
            words = f'<span dir="auto">{escape(one.name)}{near}</span>'
            swatch = _swatch(f"ground-{one.style}")
            if not one.polygons:
                swatch = (
                    '<svg class="swatch" viewBox="0 0 26 16" aria-hidden="true">'
                    f'<path class="ground-{one.style} line" d="M1 8H25"/></svg>'
                )
            yield f"<li>{swatch}{words}</li>"
        yield "</ul>"
    yield "</div>"


def draw_keys(keys: Sequence[Key]) -> Lines:
    """Write the lines of a legend: how each class looks, its words, and how many have it."""
    if not keys:
        return
    yield '<ul class="keys">'
    for key in keys:
        count = ""
        if key.count is not None:
            of = key.noun if key.count == 1 else plural(key.noun)
            count = f'<span class="count">{key.count:,} {escape(of)}</span>'
        words = key.words[:1].upper() + key.words[1:] if key.words == NO_DATA else key.words
        told = f'<span dir="auto">{escape(words)}</span>{count}'
        yield f"<li>{_swatch(key.look)}{told}</li>"
    yield "</ul>"


def _swatch(name: str) -> str:
    fill = ' fill="url(#hatch)"' if name == "k0" else ""
    inside = f'<rect class="{name}"{fill} x="1" y="1" width="24" height="14"/>'
    if name == "sure":
        inside = '<rect class="cluster" x="2" y="2" width="22" height="12" rx="5"/>'
    elif name == "chance":
        inside = '<rect class="cluster chance" x="2" y="2" width="22" height="12" rx="5"/>'
    elif name == "words":
        inside = ""
    elif name == "point":
        inside = '<polygon class="mark single" points="13,1 21,8 13,15 5,8"/>'
    return f'<svg class="swatch" viewBox="0 0 26 16" aria-hidden="true">{inside}</svg>'


def _tables(page: Page) -> Lines:
    yield '<section id="tables" class="tables" tabindex="-1" aria-labelledby="tables-heading">'
    yield '<h2 id="tables-heading">The figures</h2>'
    areas = [
        piece
        for place, layer in enumerate(page.layers)
        for piece in draw_table(layer.table, f"table-{place}", note=layer.note)
    ]
    spots: list[str] = []
    for place, overlay in enumerate(page.overlays):
        empty = "Nothing was found." if not overlay.table.names else ""
        note = " ".join(filter(None, (overlay.note, empty)))
        spots += draw_table(overlay.table, f"spot-table-{place}", note=note)
    # Where the areas are outlines alone, what lies over them comes first.
    yield from (*areas, *spots) if page.layers[0].keys else (*spots, *areas)
    yield "</section>"


def draw_table(table: Table, name: str, *, note: str = "") -> Lines:
    """Write one table in a box that scrolls, with its caption and its note."""
    yield f'<section class="table" id="{name}">'
    yield (
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{name}-caption"><table>'
        f'<caption id="{name}-caption" dir="auto"><span>{escape(table.caption)}</span></caption>'
    )
    heads = "".join(_head(column) for column in table.columns)
    yield f'<thead><tr><th scope="col">{escape(table.first)}</th>{heads}</tr></thead><tbody>'
    for row, (code, label) in enumerate(zip(table.codes, table.names, strict=True)):
        cells = "".join(_cell(column, row) for column in table.columns)
        yield (
            f'<tr data-code="{escape(code)}"><th scope="row"><bdi>{escape(label)}</bdi></th>'
            f"{cells}</tr>"
        )
    yield "</tbody></table></div>"
    if note:
        yield f'<p class="note table-note" dir="auto">{escape(note)}</p>'
    yield "</section>"


def _head(column: Column) -> str:
    numeric = ' class="n"' if column.numeric else ""
    return f'<th scope="col"{numeric}><bdi>{escape(column.heading)}</bdi></th>'


def _cell(column: Column, row: int) -> str:
    text = escape(column.cells[row])
    return f'<td class="n">{text}</td>' if column.numeric else f"<td><bdi>{text}</bdi></td>"


def draw_notes(notes: Sequence[str]) -> Lines:
    """Write the sentences that every reader should know."""
    if notes:
        yield '<section class="notes" aria-labelledby="notes-heading">'
        yield '<h2 id="notes-heading">Notes</h2><ul>'
        yield from (f"<li><bdi>{escape(note)}</bdi></li>" for note in notes)
        yield "</ul></section>"


def draw_sources(sources: Sequence[Source], *, made: str = "Made with geoprofiles.") -> Lines:
    """Write the foot of a page: where data came from, and what drew it."""
    yield "<footer>"
    if sources:
        yield "<h2>Sources</h2><ul>"
        for source in sources:
            told = [source.name, source.licence, source.attribution]
            words = ". ".join(part.strip().rstrip(".") for part in told if part.strip())
            yield f"<li><bdi>{escape(words)}.</bdi></li>"
        yield "</ul>"
    yield f'<p class="made">{escape(made)}</p></footer>'

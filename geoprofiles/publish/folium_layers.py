r"""Our areas and hot spots on an ordinary folium map, for maps to which something was added.

folium renders a script as a template, and compiles what came out as a template again. So the
script is a constant, and the data are JSON whose strings hold no brace: ``{`` is ``\u007b``.
"""

from __future__ import annotations

import re
from typing import Any

from branca.element import MacroElement
from folium.template import Template

from geoprofiles.publish.assets import asset
from geoprofiles.publish.document import json_block
from geoprofiles.publish.parts import Choropleth, Overlay, Page, Table
from geoprofiles.publish.style import FILLS, TOKENS
from geoprofiles.words import plural

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')


class DrawnLayers(MacroElement):
    """The layers of a page as a part of a folium map.

    Parameters
    ----------
    page : Page
        What is drawn.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}{{ this.script }}({{ this._parent.get_name() }},"
        " {{ this.block }});{% endmacro %}"
    )

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._name = "GeoprofilesLayers"
        self.script = asset("folium.js").strip()
        self.block = braceless(json_block(_data(page)))


def braceless(block: str) -> str:
    r"""Write braces within the strings of JSON as escapes, so that no template can begin there.

    Examples
    --------
    >>> braceless('{"name":"{{ 7*7 }} {% a %}"}')
    '{"name":"\\u007b\\u007b 7*7 \\u007d\\u007d \\u007b% a %\\u007d"}'
    """
    return _STRINGS.sub(
        lambda found: found[0].replace("{", "\\u007b").replace("}", "\\u007d"), block
    )


def _data(page: Page) -> dict[str, Any]:
    covered = any(one.shown and one.kind != "clusters" for one in page.overlays)
    return {
        "bounds": page.bounds,
        "layers": [_layer(page, one, covered) for one in page.layers],
        "overlays": [_overlay(one) for one in page.overlays],
    }


def _layer(page: Page, layer: Choropleth, covered: bool) -> dict[str, Any]:
    geometry = page.geometries[layer.geometry]
    drawn = [place for place, shape in enumerate(geometry.shapes) if shape]
    colour = {**FILLS, "k0": TOKENS["nodata"]}
    plain = not layer.keys
    return {
        "name": layer.name,
        "unit": layer.unit,
        "keys": [
            [
                colour[key.look],
                f"{key.words} ({key.count:,} {key.noun if key.count == 1 else plural(key.noun)})",
            ]
            for key in layer.keys
        ],
        "opacity": 0.0 if plain else 0.35 if covered else 0.75,
        "shapes": [geometry.shapes[place] for place in drawn],
        "names": [geometry.names[place] for place in drawn],
        "values": ["" if plain else layer.values[place] for place in drawn],
        "colours": [colour[layer.looks[place]] for place in drawn],
        "facts": [_facts(layer.table, place) for place in drawn],
    }


def _overlay(overlay: Overlay) -> dict[str, Any]:
    cells = overlay.kind == "cells"
    words = {key.look: key.words for key in overlay.keys}
    drawn = [place for place, shape in enumerate(overlay.shapes) if shape]
    return {
        "name": overlay.name,
        "shown": overlay.shown,
        "shapes": [overlay.shapes[place] for place in drawn],
        "points": [bool(overlay.single) and overlay.single[place] for place in drawn],
        "labels": [
            words.get(overlay.looks[place], "") if cells else overlay.table.names[place]
            for place in drawn
        ],
        "facts": [[] if cells else _facts(overlay.table, place)[:6] for place in drawn],
        "looks": [_look(overlay.kind, overlay.looks[place]) for place in drawn],
    }


def _look(kind: str, look: str) -> dict[str, Any]:
    if kind == "clusters":
        dashes = {"dashArray": "7 5"} if look == "chance" else {}
        return {"color": TOKENS["cluster"], "weight": 2.2, "fillOpacity": 0.12, **dashes}
    return {"color": "#ffffff", "weight": 0.5, "fillColor": FILLS[look], "fillOpacity": 0.8}


def _facts(table: Table, row: int) -> list[list[str]]:
    return [[one.heading, one.cells[row]] for one in table.columns]

"""Pages: one self-contained file, a strict folder, and the snippet that embeds either."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

from geoprofiles.errors import InputError
from geoprofiles.publish import picture
from geoprofiles.publish.assets import LEAFLET_LICENCE, asset, leaflet_script, leaflet_style
from geoprofiles.publish.content import MOST_MARKERS, Page
from geoprofiles.publish.markup import draw_body
from geoprofiles.publish.style import tokens_css

if TYPE_CHECKING:
    import folium

FRAME_HEIGHT = 1400
"""Pixels that an embedding frame is high before the page tells its own height."""

_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def render_page(map: folium.Map | Page) -> str:
    """Write a map as one HTML file that holds all it needs.

    The page makes no network request and carries a content security policy by hashes, without
    any ``unsafe-*``. It reads as a still map and tables where scripts are switched off.

    Parameters
    ----------
    map : folium.Map or Page
        As :func:`geoprofiles.map_areas` or :func:`geoprofiles.publish.content.build_page`
        returns it.

    Returns
    -------
    str
        The same for the same map.

    Raises
    ------
    InputError
        If the map is not from :func:`geoprofiles.map_areas`, or something was added to it.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> import geoprofiles
    >>> from geoprofiles.model import AreaLayer
    >>> wards = geopandas.GeoDataFrame(
    ...     {"area_name": ["Mill"], "n": [3]}, geometry=[box(0, 0, 1e3, 1e3)], index=["W1"],
    ...     crs=27700)
    >>> layer = AreaLayer("All", "ward", wards, "n", "incidents", {"n": "Incidents"}, (3,))
    >>> page = geoprofiles.render_page(geoprofiles.map_areas([layer], title="Incidents"))
    >>> page[:15], "unsafe" in page
    ('<!DOCTYPE html>', False)
    """
    page = page_of(map)
    styles = [leaflet_style(), page_style()]
    scripts = [leaflet_script(), asset("map.js")]
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src " + " ".join(map_hash(one) for one in scripts),
            "style-src-elem " + " ".join(map_hash(one) for one in styles),
            "style-src-attr 'none'",
            "img-src data:",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    head_end = "\n".join(f"<style>{one}</style>" for one in styles)
    body_end = "\n".join(f"<script>{one}</script>" for one in scripts)
    return _document(page, head=head, head_end=head_end, body_end=body_end)


def render_folder(map: folium.Map | Page) -> dict[str, bytes]:
    """Write a map as a folder for hosts that allow no script within a page.

    Works under ``default-src 'self'; img-src 'self' data:`` and when opened from a disk.

    Parameters
    ----------
    map : folium.Map or Page
        As :func:`geoprofiles.map_areas` or :func:`geoprofiles.publish.content.build_page`
        returns it.

    Returns
    -------
    dict of str to bytes
        ``index.html``, ``map.js`` and ``map.css``.

    Raises
    ------
    InputError
        If the map is not from :func:`geoprofiles.map_areas`, or something was added to it.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> import geoprofiles
    >>> from geoprofiles.model import AreaLayer
    >>> wards = geopandas.GeoDataFrame(
    ...     {"area_name": ["Mill"], "n": [3]}, geometry=[box(0, 0, 1e3, 1e3)], index=["W1"],
    ...     crs=27700)
    >>> layer = AreaLayer("All", "ward", wards, "n", "incidents", {"n": "Incidents"}, (3,))
    >>> sorted(geoprofiles.render_folder(geoprofiles.map_areas([layer], title="Incidents")))
    ['index.html', 'map.css', 'map.js']
    """
    page = page_of(map)
    licence = f"/*\n{LEAFLET_LICENCE}*/\n"
    index = _document(
        page,
        head="",
        head_end='<link rel="stylesheet" href="map.css">',
        body_end='<script src="map.js"></script>',
    )
    return {
        "index.html": index.encode(),
        "map.js": (licence + leaflet_script() + asset("map.js")).encode(),
        "map.css": (licence + leaflet_style() + page_style()).encode(),
    }


def render_iframe(src: str, *, title: str) -> str:
    """Write the snippet that shows a page inside another, as high as the page asks for.

    Parameters
    ----------
    src : str
        Address of the page, relative or http(s).
    title : str
        What screen readers say of the frame.

    Returns
    -------
    str
        HTML: the frame and a short script, and, in a comment, a form without script.

    Raises
    ------
    InputError
        If `src` is another kind of address, or either is empty.

    Examples
    --------
    >>> print(render_iframe("map/index.html", title="Incidents by ward").splitlines()[0][:60])
    <iframe class="geoprofiles" src="map/index.html" title="Inci
    """
    address = str(src).strip()
    scheme = re.match(r"[a-z][a-z0-9+.\-]*:", address, re.IGNORECASE)
    if not address or (scheme and scheme[0].lower() not in {"http:", "https:"}):
        raise InputError(
            f"a frame cannot show {address[:40]!r}",
            remedy="Give the address of the page: relative, or starting with https://.",
        )
    if not str(title).strip():
        raise InputError("a frame needs a title, which screen readers say")
    shared = f'src="{escape(address)}" title="{escape(str(title))}" width="100%"'
    safe = 'sandbox="allow-scripts allow-downloads" loading="lazy" frameborder="0"'
    return (
        f'<iframe class="geoprofiles" {shared} height="{FRAME_HEIGHT}" {safe}></iframe>\n'
        f"<script>\n{asset('frame.js').strip()}\n</script>\n"
        "<!-- Where scripts are not allowed, use this instead; it scrolls within itself:\n"
        f'<iframe {shared} height="900" {safe}></iframe>\n-->\n'
    )


def page_of(map: folium.Map | Page) -> Page:
    """Return what a map shows, refusing maps that are not ours or have gained other parts."""
    if isinstance(map, Page):
        return map
    page = getattr(map, "page", None)
    if not isinstance(page, Page):
        raise InputError(
            "this map was not made by geoprofiles.map_areas",
            remedy="Other folium maps are saved with their own save().",
        )
    root = getattr(map, "_parent", None)
    holders = [map, root, getattr(root, "html", None), getattr(root, "script", None)]
    found = [
        type(one).__name__
        for holder in holders
        for one in getattr(holder, "_children", {}).values()
        if one is not map and one not in holders[2:] and one is not getattr(root, "header", None)
    ]
    if found:
        raise InputError(
            f"the map has gained a {found[0]}, which its self-contained page cannot hold: such"
            " parts fetch scripts from the network and run input text as code",
            remedy="Give areas to map_areas as layers, shapes as hotspots, and water or roads as"
            " context; or draw them on a folium.Map of your own.",
        )
    return page


def page_style() -> str:
    """Return our style with the tokens filled in."""
    return tokens_css() + asset("map.css")


def map_hash(content: str) -> str:
    """Return the source expression that lets exactly this script or style run."""
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def json_block(value: Any) -> str:
    r"""Write JSON that can stand in a script element, whatever its text holds.

    Examples
    --------
    >>> json_block({"name": "</script><!-- é"})
    '{"name":"\\u003c/script\\u003e\\u003c!-- \\u00e9"}'
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPES)


def _document(page: Page, *, head: str, head_end: str, body_end: str) -> str:
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en-GB">',
        "<head>",
        '<meta charset="utf-8">',
        head,
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(page.title)}</title>",
        f"<!--\n{LEAFLET_LICENCE}-->",
        head_end,
        "</head>",
        "<body>",
        draw_body(page),
        f'<script type="application/json" id="data">{json_block(_data(page))}</script>',
        body_end,
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(part for part in parts if part or part is parts[-1])


def _data(page: Page) -> dict[str, Any]:
    """Gather what the script draws; figures it reads from the tables."""
    view = None if page.bounds is None else picture.projection(page.bounds)
    return {
        "bounds": page.bounds,
        "still": None
        if view is None
        else [view.west, view.north, view.across, view.down, view.width, picture.MARGIN],
        "geometries": [
            {"find": one.find, "names": one.names, "shapes": one.shapes, "anchors": one.anchors}
            for one in page.geometries
        ],
        "layers": [
            {
                "name": one.name,
                "geometry": one.geometry,
                "steps": one.steps,
                "values": one.values,
                "caption": one.table.caption,
                "column": one.column,
            }
            for one in page.layers
        ],
        "overlays": [
            {
                "name": one.name,
                "kind": one.kind,
                "labels": one.table.names,
                "steps": one.steps,
                "shapes": one.shapes,
                "anchors": one.anchors,
                "marks": one.marks,
                "single": one.single,
            }
            for one in page.overlays
        ],
        "grounds": [
            {"style": one.style, "polygons": one.polygons, "lines": one.lines}
            for one in page.backdrops
        ],
        "mostMarkers": MOST_MARKERS,
    }

"""Pages: one self-contained file, a strict folder, a fragment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from geoprofiles.errors import InputError
from geoprofiles.publish import picture
from geoprofiles.publish.assets import LEAFLET_LICENCE, asset, leaflet_script, leaflet_style
from geoprofiles.publish.dashboard_page import draw_dashboard
from geoprofiles.publish.document import Document, write_folder, write_single
from geoprofiles.publish.fragment import write_fragment
from geoprofiles.publish.look import Look
from geoprofiles.publish.markup import draw_body
from geoprofiles.publish.overlays import MOST_MARKERS
from geoprofiles.publish.panels_page import PanelPage, draw_panels
from geoprofiles.publish.parts import Dashboard, Page
from geoprofiles.publish.style import tokens_css
from geoprofiles.publish.tiles import origin_of

if TYPE_CHECKING:
    import folium

    Drawable: TypeAlias = folium.Map | Page | PanelPage | Dashboard | Document

DASHBOARD_SCRIPTS = ("core", "controls", "map", "table", "charts", "area", "export", "start")
"""Parts of the script of a dashboard, in order; together they are one."""


def render_page(map: Drawable) -> str:
    """Write a map, or any other page, as one HTML file that holds all it needs.

    The page makes no network request and carries a content security policy by hashes, without
    any ``unsafe-*``. It reads as a still map and tables where scripts are switched off.

    Parameters
    ----------
    map : folium.Map, Dashboard or Document
        As :func:`geoprofiles.map_areas`, :func:`geoprofiles.build_dashboard` or
        :func:`geoprofiles.profile_document` returns it.

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
    return write_single(document_of(map))


def render_folder(map: Drawable) -> dict[str, bytes]:
    """Write a map, or any other page, as a folder for hosts that allow no script within a page.

    Works under ``default-src 'self'; img-src 'self' data:`` and when opened from a disk.

    Parameters
    ----------
    map : folium.Map, Dashboard or Document
        As :func:`geoprofiles.map_areas`, :func:`geoprofiles.build_dashboard` or
        :func:`geoprofiles.profile_document` returns it.

    Returns
    -------
    dict of str to bytes
        ``index.html``, ``map.js`` and ``map.css``, or ``dashboard.js`` and ``dashboard.css``; of a
        page without a script, ``index.html`` and ``page.css``.

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
    document = document_of(map)
    name = "dashboard" if isinstance(map, Dashboard) else "map"
    return write_folder(document, assets=name if document.scripts else "page")


def render_fragment(map: Drawable, *, address: str = "") -> str:
    """Write a map, or any other page, for editors that strip scripts and styles.

    Text, tables and inline SVG are left; of a map, the still picture of its first layer, with the
    hot spots that are switched on, its legend in words and the figures. Headings start at ``h2``.

    Parameters
    ----------
    map : folium.Map, Dashboard or Document
        As :func:`geoprofiles.map_areas`, :func:`geoprofiles.build_dashboard` or
        :func:`geoprofiles.profile_document` returns it.
    address : str
        Where the whole page is hosted, ``https://...``; links to other pages need it, and are
        plain words without.

    Returns
    -------
    str
        HTML in ASCII; the same for the same map.

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
    >>> part = geoprofiles.render_fragment(geoprofiles.map_areas([layer], title="Incidents"))
    >>> part[:18], "<script" in part, "<style" in part, "class=" in part
    ('<h2 dir="auto">Inc', False, False, False)
    """
    return write_fragment(document_of(map), address=address)


def with_look(page: Drawable, look: Look) -> Document:
    """Give a page the colours, font and logo of a council.

    Parameters
    ----------
    page : folium.Map, Dashboard or Document
        As :func:`geoprofiles.map_areas`, :func:`geoprofiles.build_dashboard` or
        :func:`geoprofiles.profile_document` returns it.
    look : Look
        What to change.

    Returns
    -------
    Document
        For :func:`geoprofiles.render_page`, :func:`geoprofiles.render_folder` and
        :func:`geoprofiles.render_fragment`.

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
    >>> own = geoprofiles.with_look(
    ...     geoprofiles.map_areas([layer], title="Incidents"), geoprofiles.Look(accent="#6b2c91"))
    >>> "--accent: #6b2c91;" in geoprofiles.render_page(own)
    True
    """
    return replace(document_of(page), look=look)


def page_of(map: folium.Map | Page | PanelPage) -> Page | PanelPage:
    """Return what a map shows, refusing maps that are not ours or have gained other parts."""
    if isinstance(map, (Page, PanelPage)):
        return map
    page = getattr(map, "page", None)
    if not isinstance(page, (Page, PanelPage)):
        raise InputError(
            "this map was not made by geoprofiles.map_areas",
            remedy="Other folium maps are saved with their own save().",
        )
    found = added_parts(map)
    if found:
        raise InputError(
            f"the map has gained a {found[0]}, which its self-contained page cannot hold: such"
            " parts fetch scripts from the network and run input text as code",
            remedy="Give areas to map_areas as layers, shapes as hotspots, and water or roads as"
            " context; or save the map with its own save(), as an ordinary folium page.",
        )
    return page


def document_of(map: Drawable) -> Document:
    """Return what a page is made of, whichever way it is given."""
    if isinstance(map, Document):
        return map
    if isinstance(map, Dashboard):
        return dashboard_document(map)
    return map_document(page_of(map))


def added_parts(map: Any) -> list[str]:
    """Name the kinds of folium parts that were added to a map of ours, or to its figure."""
    root = getattr(map, "_parent", None)
    holders = [map, root, getattr(root, "html", None), getattr(root, "script", None)]
    return [
        type(one).__name__
        for holder in holders
        for one in getattr(holder, "_children", {}).values()
        if one is not map and one not in holders[2:] and one is not getattr(root, "header", None)
    ]


def page_style() -> str:
    """Return our style with the tokens filled in."""
    return tokens_css() + asset("map.css")


def map_document(page: Page | PanelPage) -> Document:
    """Put together what the page of a map is made of."""
    if isinstance(page, PanelPage):
        return Document(
            title=page.title,
            body=draw_panels(page),
            styles=(page_style(), asset("panels.css")),
            scripts=(asset("panels.js"),),
        )
    return Document(
        title=page.title,
        body=draw_body(page),
        styles=(leaflet_style(), page_style()),
        scripts=(leaflet_script(), asset("map.js")),
        data=_data(page),
        licence=LEAFLET_LICENCE,
        fragment=draw_body(_first_seen(page)),
        images=(origin_of(page.tiles),) if page.tiles else (),
    )


def dashboard_document(dashboard: Dashboard) -> Document:
    """Put together what the page of a dashboard is made of."""
    return Document(
        title=dashboard.title,
        body=draw_dashboard(dashboard),
        styles=(page_style() + asset("dashboard.css"),),
        scripts=("".join(asset(f"dashboard_{part}.js") for part in DASHBOARD_SCRIPTS),),
        data=dashboard.data,
    )


def _first_seen(page: Page) -> Page:
    """Keep what a map shows when it opens: where nothing can be switched on, the rest is fat."""
    shown = tuple(one for one in page.overlays if one.shown)
    return replace(page, layers=page.layers[:1], overlays=shown, links=())


def _data(page: Page) -> dict[str, Any]:
    """Gather what the script draws; figures it reads from the tables."""
    view = None if page.bounds is None else picture.projection(page.bounds)
    return {
        "bounds": page.bounds,
        "tiles": page.tiles.address.strip() if page.tiles else None,
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
                "looks": one.looks,
                "signs": one.signs,
                "values": one.values,
                "caption": one.table.caption,
                "column": one.column,
            }
            for one in page.layers
        ],
        "overlays": overlay_data(page),
        "grounds": [
            {"style": one.style, "polygons": one.polygons, "lines": one.lines}
            for one in page.backdrops
        ],
        "mostMarkers": MOST_MARKERS,
    }


def overlay_data(page: Page) -> list[dict[str, Any]]:
    """Gather what a script draws of each hot-spot layer."""
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "labels": one.table.names,
            "looks": one.looks,
            "shapes": one.shapes,
            "anchors": one.anchors,
            "marks": one.marks,
            "sides": one.sides,
            "single": one.single,
        }
        for one in page.overlays
    ]

"""Maps of areas and hot spots, as a folium.Map whose page holds all it needs."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Figure

from geoprofiles.errors import InputError, NetworkWarning
from geoprofiles.model import AreaLayer, HotspotLayer, Source, Tiles
from geoprofiles.publish.folium_layers import DrawnLayers
from geoprofiles.publish.pages import added_parts, render_page
from geoprofiles.publish.panels_page import panel_page
from geoprofiles.publish.parts import Page
from geoprofiles.publish.plans import PageWords, PanelPlan, Plan, plan_of
from geoprofiles.publish.tiles import warn

if TYPE_CHECKING:
    import geopandas

OURS = "geoprofiles_layers"
"""The name of our own part among those of a map."""

NOTEBOOK_HEIGHT = 900
"""Pixels of the frame that shows a map in a notebook."""


def map_areas(
    layers: Sequence[AreaLayer],
    *,
    hotspots: Sequence[HotspotLayer] = (),
    title: str,
    subtitle: str = "",
    notes: Sequence[str] = (),
    sources: Sequence[Source] = (),
    context: Mapping[str, geopandas.GeoDataFrame] | None = None,
    tiles: Tiles | None = None,
) -> folium.Map:
    """Draw areas coloured by a figure, with hot spots over them.

    Parameters
    ----------
    layers : sequence of AreaLayer
        One choropleth each; the first is shown when the page opens. Kinds of area may differ.
    hotspots : sequence of HotspotLayer
        Density bands and clusters, each with a switch.
    title, subtitle : str
        What the page shows, and how it is measured.
    notes : sequence of str
        Sentences every reader should know.
    sources : sequence of Source
        Named with their licence lines at the foot.
    context : mapping of str to GeoDataFrame, optional
        Water, roads and the like under their names, drawn quietly about the areas.
    tiles : Tiles, optional
        Map pictures of a network, as :class:`geoprofiles.model.Tiles`: the page then asks that one
        host, says so, and a NetworkWarning is given. None where not said.

    Returns
    -------
    folium.Map
        ``save(path)``, ``get_root().render()`` and a notebook all give the self-contained page
        of :func:`geoprofiles.render_page`. Once a part of folium is added to it, such as a Marker
        or a TileLayer, they give an ordinary folium page instead, which fetches scripts from the
        network: a warning says so, and :func:`geoprofiles.render_page` refuses it.

    Raises
    ------
    InputError
        If there is no layer, a column is missing, or the breaks do not rise.
    CRSError
        If shapes have no coordinate system.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> import geoprofiles
    >>> from geoprofiles.model import AreaLayer
    >>> wards = geopandas.GeoDataFrame(
    ...     {"area_name": ["Mill", "Quay"], "rate": [3.5, 12.0]},
    ...     geometry=[box(0, 0, 1e3, 1e3), box(1e3, 0, 2e3, 1e3)], index=["W1", "W2"], crs=27700)
    >>> layer = AreaLayer("All incidents", "ward", wards, "rate", "per 1,000 residents",
    ...                   {"rate": "Rate"}, (5.0, 12.0))
    >>> page = geoprofiles.map_areas([layer], title="Incidents by ward")
    >>> page.save("map.html")  # doctest: +SKIP
    """
    words: PageWords = {
        "title": title, "subtitle": subtitle, "notes": notes, "sources": sources,
        "context": context or {},
    }  # fmt: skip
    if tiles is not None:
        words["tiles"] = tiles
    return AreaMap(plan_of(layers, hotspots, words, title=title))


class AreaMap(folium.Map):
    """A folium.Map that renders our own page: no template sees any text of the input.

    Parameters
    ----------
    plan : Plan or PanelPlan
        What the map shows.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, plan: Plan | PanelPlan) -> None:
        page = plan.page() if isinstance(plan, Plan) else panel_page(plan)
        if isinstance(page, Page) and page.tiles is not None:
            warn(page.tiles)
        middle = [0.0, 0.0]
        if page.bounds is not None:
            west, south, east, north = page.bounds
            middle = [(south + north) / 2, (west + east) / 2]
        super().__init__(location=middle, tiles=None)
        self.plan = plan
        self.page = page
        self._parent: Any = _OwnFigure(self)

    def render(self, **kwargs: Any) -> Any:
        """Return the self-contained page; draw into folium's own page once parts were added."""
        if not isinstance(self._parent, _OwnFigure):
            raise InputError(
                "a map of geoprofiles cannot be drawn within another folium figure",
                remedy="Save it as a page of its own and embed that with render_iframe.",
            )
        if self._parent.is_drawing:
            return super().render(**kwargs)
        return self._parent.render(**kwargs)

    @property
    def is_extended(self) -> bool:
        """Whether parts of folium were added to the map or to its figure."""
        return bool(added_parts(self))

    def get_bounds(self) -> list[list[float | None]]:
        """Return the corners of the areas, south-west and north-east, as folium has them."""
        if self.page.bounds is None:
            return [[None, None], [None, None]]
        west, south, east, north = self.page.bounds
        return [[south, west], [north, east]]

    def _repr_html_(self, **kwargs: Any) -> str:
        trusted = "" if self.is_extended else ' sandbox="allow-scripts allow-downloads"'
        return (
            f'<iframe srcdoc="{escape(self.get_root().render())}"'
            f' title="{escape(self.page.title)}" width="100%" height="{NOTEBOOK_HEIGHT}"'
            f' frameborder="0"{trusted}></iframe>'
        )


class _OwnFigure(Figure):
    """The root of an AreaMap: it renders the page of its one map."""

    def __init__(self, area_map: AreaMap) -> None:
        super().__init__()
        self._children[area_map.get_name()] = area_map
        self._area_map = area_map
        self.is_drawing = False
        self._ours: DrawnLayers | None = None

    def render(self, **kwargs: Any) -> str:
        if not self._area_map.is_extended:
            return render_page(self._area_map)
        return self._render_extended(**kwargs)

    def _render_extended(self, **kwargs: Any) -> str:
        """Render an ordinary folium page, with our layers below whatever was added."""
        area_map = self._area_map
        page = area_map.page
        if not isinstance(page, Page):
            raise InputError(
                "a page of several maps takes no parts of folium",
                remedy="Add them to a map of one layer, such as that of map_rates.",
            )
        warnings.warn(
            f"the map has gained a {added_parts(area_map)[0]}: it is drawn as an ordinary folium"
            " page, which is not self-contained and fetches scripts from the network",
            NetworkWarning,
            stacklevel=3,
        )
        area_map.default_js = folium.Map.default_js
        area_map.default_css = folium.Map.default_css
        if self._ours is None:
            self._ours = DrawnLayers(page)
            self._ours._parent = area_map
        added = area_map._children
        area_map._children = OrderedDict({OURS: self._ours, **added})
        self.title = None
        self.is_drawing = True
        try:
            return str(super().render(**kwargs))
        finally:
            area_map._children = added
            self.is_drawing = False

"""Maps of areas and hot spots, as a folium.Map whose page holds all it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Figure

from geoprofiles.errors import InputError
from geoprofiles.model import AreaLayer, HotspotLayer, Source
from geoprofiles.publish.content import Page, build_page
from geoprofiles.publish.pages import page_of, render_page

if TYPE_CHECKING:
    import geopandas

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
        Water, roads and the like under their names, drawn quietly below the areas.

    Returns
    -------
    folium.Map
        ``save(path)``, ``get_root().render()`` and a notebook all give the self-contained page
        of :func:`geoprofiles.render_page`. It takes no further folium parts.

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
    page = build_page(
        layers,
        hotspots=hotspots,
        title=title,
        subtitle=subtitle,
        notes=notes,
        sources=sources,
        context=context,
    )
    return AreaMap(page)


class AreaMap(folium.Map):
    """A folium.Map that renders our own page: no template sees any text of the input.

    Parameters
    ----------
    page : Page
        What the map shows.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, page: Page) -> None:
        middle = [0.0, 0.0]
        if page.bounds is not None:
            west, south, east, north = page.bounds
            middle = [(south + north) / 2, (west + east) / 2]
        super().__init__(location=middle, tiles=None)
        self.page = page
        self._parent: Any = _OwnFigure(self)

    def render(self, **kwargs: Any) -> str:
        """Return the self-contained page."""
        if not isinstance(self._parent, _OwnFigure):
            raise InputError(
                "a map of geoprofiles cannot be drawn within another folium figure",
                remedy="Save it as a page of its own and embed that with render_iframe.",
            )
        return render_page(self)

    def get_bounds(self) -> list[list[float | None]]:
        """Return the corners of the areas, south-west and north-east, as folium has them."""
        if self.page.bounds is None:
            return [[None, None], [None, None]]
        west, south, east, north = self.page.bounds
        return [[south, west], [north, east]]

    def _repr_html_(self, **kwargs: Any) -> str:
        page_of(self)
        return (
            f'<iframe srcdoc="{escape(self.render())}" title="{escape(self.page.title)}"'
            f' width="100%" height="{NOTEBOOK_HEIGHT}" frameborder="0"'
            ' sandbox="allow-scripts allow-downloads"></iframe>'
        )


class _OwnFigure(Figure):
    """The root of an AreaMap: it renders the page of its one map."""

    def __init__(self, area_map: AreaMap) -> None:
        super().__init__()
        self._children[area_map.get_name()] = area_map
        self._area_map = area_map

    def render(self, **kwargs: Any) -> str:
        return render_page(self._area_map)

"""Plans: what a map shows, before it is drawn as a page or as a still chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypedDict

from geoprofiles.model import AreaLayer, HotspotLayer, Source, Tiles
from geoprofiles.publish.content import build_page
from geoprofiles.publish.parts import Page
from geoprofiles.publish.tiles import origin_of

if TYPE_CHECKING:
    import geopandas
    import pandas as pd


class PageWords(TypedDict, total=False):
    """What every map can be given beside its data."""

    title: str
    subtitle: str
    notes: Sequence[str]
    sources: Sequence[Source]
    context: Mapping[str, geopandas.GeoDataFrame]
    tiles: Tiles


@dataclass(frozen=True)
class Plan:
    """One map: layers of areas with hot spots over them."""

    layers: tuple[AreaLayer, ...]
    hotspots: tuple[HotspotLayer, ...]
    title: str
    subtitle: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    context: Mapping[str, geopandas.GeoDataFrame] = field(default_factory=dict)
    tiles: Tiles | None = None

    def page(self) -> Page:
        """Work out the page."""
        page = build_page(
            self.layers,
            hotspots=self.hotspots,
            title=self.title,
            subtitle=self.subtitle,
            notes=self.notes,
            sources=self.sources,
            context=self.context,
        )
        return with_tiles(page, self.tiles)


@dataclass(frozen=True)
class PanelPlan:
    """Several maps of the same areas beside each other, with one table.

    Attributes
    ----------
    panels : tuple of AreaLayer
        One map each; their areas are the same, in the same order.
    table : DataFrame
        One row an area, in that order; `columns` says which columns stand in it.
    outlined : tuple of str
        Codes of areas that are marked in every map.
    outline_words : str
        What the mark means.
    """

    panels: tuple[AreaLayer, ...]
    table: pd.DataFrame
    columns: Mapping[str, str]
    title: str
    finding: str = ""
    subtitle: str = ""
    outlined: tuple[str, ...] = ()
    outline_words: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    context: Mapping[str, geopandas.GeoDataFrame] = field(default_factory=dict)


def with_tiles(page: Page, tiles: Tiles | None) -> Page:
    """Put pictures of a network below the areas, and say so in words."""
    if tiles is None:
        return page
    host = origin_of(tiles).removeprefix("https://")
    note = (
        f"This page is not self-contained: it asks {host} for map pictures whenever it is opened."
        f" Map pictures: {tiles.attribution}"
    )
    return replace(page, tiles=tiles, notes=(note, *page.notes))


def plan_of(
    layers: Sequence[AreaLayer],
    hotspots: Sequence[HotspotLayer],
    words: PageWords,
    *,
    title: str,
) -> Plan:
    """Put a plan together; what was not said of the page is left empty, the title found."""
    return Plan(
        layers=tuple(layers),
        hotspots=tuple(hotspots),
        title=words.get("title") or title,
        subtitle=words.get("subtitle", ""),
        notes=tuple(words.get("notes", ())),
        sources=tuple(words.get("sources", ())),
        context=words.get("context") or {},
        tiles=words.get("tiles"),
    )

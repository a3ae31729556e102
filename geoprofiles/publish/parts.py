"""The parts of pages as plain values: layers, tables, legends, and the pages they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoprofiles.errors import CRSError
from geoprofiles.model import HotspotLayer, Source, Tiles
from geoprofiles.publish import figures, shapes

if TYPE_CHECKING:
    import geopandas


@dataclass(frozen=True)
class Column:
    """One column of a table, as text."""

    heading: str
    numeric: bool
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table: the name of each row, then columns."""

    caption: str
    first: str
    names: tuple[str, ...]
    codes: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Key:
    """One line of a legend: how it looks, words, and how many of what have it."""

    look: str
    """A name of FILLS, ``k0`` being hatched; or ``sure``, ``chance``, ``point``, ``words``."""
    words: str
    count: int | None = None
    noun: str = ""


@dataclass(frozen=True)
class Geometry:
    """Areas of one kind; layers with the same areas share it."""

    kind: str
    find: str
    names: tuple[str, ...]
    shapes: tuple[shapes.Shape, ...]
    anchors: tuple[list[int] | None, ...]


@dataclass(frozen=True)
class Choropleth:
    """One layer of areas."""

    name: str
    kind: str
    unit: str
    geometry: int
    looks: tuple[str, ...]
    signs: tuple[str, ...]
    """Before the name of each area on the map, where classes have signs."""
    values: tuple[str, ...]
    keys: tuple[Key, ...]
    summary: str
    note: str
    column: int
    table: Table


@dataclass(frozen=True)
class Overlay:
    """One hot-spot layer."""

    name: str
    kind: str
    unit: str
    note: str
    shown: bool
    looks: tuple[str, ...]
    """Of each shape."""
    shapes: tuple[shapes.Shape, ...]
    """One a cluster or band; of cells one a class, which holds all its cells."""
    anchors: tuple[list[int] | None, ...]
    marks: tuple[str, ...]
    """At the anchors: numbers of clusters, signs of cells."""
    sides: tuple[int, ...]
    """How large each cell is, in packed units; of others nothing."""
    single: tuple[bool, ...]
    keys: tuple[Key, ...]
    table: Table


@dataclass(frozen=True)
class Backdrop:
    """Water, roads and the like, drawn quietly below."""

    name: str
    style: str
    polygons: tuple[shapes.Shape, ...]
    lines: tuple[shapes.Shape, ...]


@dataclass(frozen=True)
class Page:
    """A whole page."""

    title: str
    subtitle: str
    layers: tuple[Choropleth, ...]
    overlays: tuple[Overlay, ...]
    geometries: tuple[Geometry, ...]
    backdrops: tuple[Backdrop, ...]
    notes: tuple[str, ...]
    sources: tuple[Source, ...]
    bounds: tuple[float, float, float, float] | None
    links: tuple[tuple[str, str], ...] = ()
    """Words and address of other pages of the set."""
    tiles: Tiles | None = None
    """Pictures of a network, where they were asked for."""


@dataclass(frozen=True)
class Highlight:
    """A sentence on one area and indicator, which leads to their figures."""

    text: str
    kind: str
    area_code: str
    topic: str
    indicator: str


@dataclass(frozen=True)
class Panel:
    """A part of the dashboard below the figures: sentences that lead somewhere, then a table."""

    heading: str
    lead: str = ""
    highlights: Sequence[Highlight] = ()
    sentences: Sequence[str] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Question:
    """A hot-spot question: what was found, its layers on the map, its own page."""

    name: str
    sentences: Sequence[str] = ()
    layers: Sequence[HotspotLayer] = ()
    address: str = ""


@dataclass(frozen=True)
class Dashboard:
    """A dashboard, worked out: ready to be written in any form."""

    title: str
    subtitle: str
    still: Page
    """What is shown without scripts: the first indicator of each kind as a map and tables."""
    tables: tuple[Table, ...]
    panels: tuple[Panel, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...]
    sources: tuple[Source, ...]
    data: Mapping[str, Any]
    links: tuple[tuple[str, str], ...] = ()
    """Words and address of other pages of the set."""


def check_crs(frame: geopandas.GeoDataFrame, what: str) -> None:
    """Refuse shapes without a coordinate system."""
    if frame.crs is None and not frame.geometry.isna().all():
        raise CRSError(
            f"{what} has no coordinate system", remedy="Set it with set_crs, say set_crs(27700)."
        )


def columns_of(
    frame: pd.DataFrame, headings: Mapping[str, str], *, decimals: Mapping[str, int]
) -> tuple[Column, ...]:
    """Write columns of a frame as text; limits have the decimals of the figure."""
    shared = next(iter(decimals.values()), None)
    columns = []
    for name, heading in headings.items():
        places = decimals.get(name, shared if name in {"lower", "upper"} else None)
        numeric, cells = figures.column_words(frame[name], decimals=places)
        columns.append(Column(figures.clean(heading), numeric, tuple(cells)))
    return tuple(columns)

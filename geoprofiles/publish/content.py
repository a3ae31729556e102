"""What stands on a map page, as plain values: worked out once, drawn by `markup` and the script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.errors import CRSError, InputError
from geoprofiles.frames import check_columns
from geoprofiles.model import AreaLayer, HotspotLayer, Source
from geoprofiles.publish import figures, shapes
from geoprofiles.publish.style import WARM, shades
from geoprofiles.words import plural

MOST_MARKERS = 200
"""Clusters that get a numbered marker of their own; the rest are outlined and in the table."""

CONTEXT_MARGIN = 0.15
"""How far context is drawn beyond the areas, as a part of their extent."""

WATERY = ("water", "river", "sea", "coast", "lake", "estuary", "dock")


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
    """One line of a legend: step of the ramp (0: no data), words, and how many have it."""

    step: int
    words: str
    count: int | None = None


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
    steps: tuple[int, ...]
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
    steps: tuple[int, ...]
    shapes: tuple[shapes.Shape, ...]
    anchors: tuple[list[int] | None, ...]
    marks: tuple[str, ...]
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


def build_page(
    layers: Sequence[AreaLayer],
    *,
    title: str,
    hotspots: Sequence[HotspotLayer] = (),
    subtitle: str = "",
    notes: Sequence[str] = (),
    sources: Sequence[Source] = (),
    context: Mapping[str, geopandas.GeoDataFrame] | None = None,
) -> Page:
    """Work out everything that a page shows."""
    layers, hotspots = list(layers), list(hotspots)
    if not layers:
        raise InputError("a map needs at least one layer of areas; none came")
    if not figures.clean(title):
        raise InputError("a map needs a title")
    geometries: list[Geometry] = []
    places: dict[Any, int] = {}
    choropleths = []
    for layer in layers:
        _check_area_layer(layer)
        key = _geometry_key(layer)
        if key not in places:
            places[key] = len(geometries)
            geometries.append(_geometry(layer))
        choropleths.append(_choropleth(layer, places[key], geometries[places[key]].names))
    bounds = shapes.bounds(shape for one in geometries for shape in one.shapes)
    return Page(
        title=figures.clean(title),
        subtitle=figures.clean(subtitle),
        layers=tuple(choropleths),
        overlays=tuple(_overlay(one) for one in hotspots),
        geometries=tuple(geometries),
        backdrops=tuple(_backdrop(name, frame, bounds) for name, frame in (context or {}).items()),
        notes=tuple(filter(None, map(figures.clean, notes))),
        sources=tuple(
            Source(*map(figures.clean, (one.name, one.licence, one.attribution))) for one in sources
        ),
        bounds=None if bounds is None else (bounds[0], bounds[1], bounds[2], bounds[3]),
    )


def _check_area_layer(layer: AreaLayer) -> None:
    what = f"the layer {layer.name!r}"
    if not isinstance(layer.areas, geopandas.GeoDataFrame):
        raise InputError(f"{what} has areas that are a {type(layer.areas).__name__}")
    wanted = ["area_name", layer.value, *layer.columns]
    check_columns(layer.areas, list(dict.fromkeys(wanted)), what=f"The areas of {what}")
    if not len(layer.areas):
        raise InputError(f"{what} has no areas")
    if not layer.areas.index.is_unique:
        raise InputError(f"{what} has an area code that stands for more than one area")
    if not pd.api.types.is_numeric_dtype(layer.areas[layer.value]):
        raise InputError(f"{what} is coloured by {layer.value!r}, which is not a column of numbers")
    _check_crs(layer.areas, what)


def _check_crs(frame: geopandas.GeoDataFrame, what: str) -> None:
    if frame.crs is None and not frame.geometry.isna().all():
        raise CRSError(
            f"{what} has no coordinate system", remedy="Set it with set_crs, say set_crs(27700)."
        )


def _geometry_key(layer: AreaLayer) -> tuple[Any, ...]:
    areas = layer.areas
    system = None if areas.crs is None else areas.crs.to_string()
    names = tuple(areas["area_name"].astype(str))
    return layer.kind, tuple(areas.index), names, system, tuple(shapely.to_wkb(areas.geometry))


def _geometry(layer: AreaLayer) -> Geometry:
    simple = shapes.simplify(layer.areas.geometry, cover=True).to_numpy()
    return Geometry(
        kind=figures.clean(layer.kind),
        find=f"Find {figures.with_article(figures.clean(layer.kind))}",
        names=tuple(_names(layer.areas)),
        shapes=tuple(shapes.pack(shape) for shape in simple),
        anchors=tuple(shapes.anchors(simple)),
    )


def _names(areas: geopandas.GeoDataFrame) -> list[str]:
    return [
        figures.clean(code if pd.isna(name) else name) or figures.clean(code)
        for code, name in zip(areas.index, areas["area_name"], strict=True)
    ]


def _choropleth(layer: AreaLayer, geometry: int, names: Sequence[str]) -> Choropleth:
    values = pd.to_numeric(layer.areas[layer.value]).astype(float).to_numpy(na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    classes = figures.classify(values, layer.breaks)
    unit = figures.short_unit(layer.unit)
    decimals = figures.decimals_of(values)
    texts = [figures.with_unit(figures.number(one, decimals), unit) for one in values]
    kind = figures.clean(layer.kind)
    words = figures.class_words(values, layer.breaks)
    ramp = shades(len(words)) if words else []
    keys = [
        Key(step, word, int((classes == place).sum()))
        for place, (step, word) in enumerate(zip(ramp, words, strict=True))
    ]
    missing = int((classes == -1).sum())
    if missing:
        keys.append(Key(0, figures.NO_DATA, missing))
    caption = f"{figures.clean(layer.name)} by {kind}, {figures.clean(layer.unit)}"
    columns = dict(layer.columns)
    if layer.value not in columns:
        columns = {layer.value: figures.clean(layer.name), **columns}
    return Choropleth(
        name=figures.clean(layer.name),
        kind=kind,
        unit=figures.clean(layer.unit),
        geometry=geometry,
        steps=tuple(0 if place < 0 else ramp[place] for place in classes),
        values=tuple(texts),
        keys=tuple(keys),
        summary=figures.summary(names, values, texts, kind),
        note=figures.clean(layer.note),
        column=list(columns).index(layer.value),
        table=Table(
            caption=caption,
            first=kind[:1].upper() + kind[1:] or "Area",
            names=tuple(names),
            codes=tuple(figures.clean(code) for code in layer.areas.index),
            columns=_columns(layer.areas, columns, decimals={layer.value: decimals}),
        ),
    )


def _columns(
    frame: pd.DataFrame, headings: Mapping[str, str], *, decimals: Mapping[str, int]
) -> tuple[Column, ...]:
    shared = next(iter(decimals.values()), None)
    columns = []
    for name, heading in headings.items():
        places = decimals.get(name, shared if name in {"lower", "upper"} else None)
        numeric, cells = figures.column_words(frame[name], decimals=places)
        columns.append(Column(figures.clean(heading), numeric, tuple(cells)))
    return tuple(columns)


def _overlay(layer: HotspotLayer) -> Overlay:
    what = f"the hot-spot layer {layer.name!r}"
    frame = layer.shapes
    if layer.kind not in {"density", "clusters"}:
        raise InputError(f"{what} is of the kind {layer.kind!r}, not 'density' or 'clusters'")
    if len(frame):
        wanted = ["label", *(["level"] if layer.kind == "density" else []), *layer.columns]
        check_columns(frame, list(dict.fromkeys(wanted)), what=f"The shapes of {what}")
        _check_crs(frame, what)
        simple = shapes.simplify(frame.geometry, cover=False).to_numpy()
    else:
        simple = np.array([], dtype=object)
    labels = [figures.clean(one) for one in frame["label"]] if len(frame) else []
    clustered = layer.kind == "clusters"
    steps = _chance(frame) if clustered else _levels(frame) if len(frame) else []
    points = [shape is not None and shape.geom_type in {"Point", "MultiPoint"} for shape in simple]
    headings = {name: text for name, text in layer.columns.items() if name in frame.columns}
    return Overlay(
        name=figures.clean(layer.name),
        kind=layer.kind,
        unit=figures.clean(layer.unit),
        note=figures.clean(layer.note),
        shown=bool(layer.shown),
        steps=tuple(steps),
        shapes=tuple(shapes.pack(shape) for shape in simple),
        anchors=tuple(shapes.anchors(simple)) if clustered else (),
        marks=tuple(_marks(frame)) if clustered else (),
        single=tuple(points) if clustered else (),
        keys=tuple(_overlay_keys(labels, steps, points, layer)),
        table=Table(
            caption=f"{figures.clean(layer.name)}, {figures.clean(layer.unit)}",
            first="Cluster" if clustered else "Band",
            names=tuple(labels),
            codes=tuple(str(number) for number in range(1, len(labels) + 1)),
            columns=_columns(frame, headings, decimals={}),
        ),
    )


def _chance(frame: pd.DataFrame) -> list[int]:
    """Mark with 1 the clusters that may be chance; where nothing was tested, none."""
    if "significant" not in frame.columns:
        return [0] * len(frame)
    return [int(not sure) for sure in frame["significant"].astype(bool)]


def _levels(frame: pd.DataFrame) -> list[int]:
    levels = sorted(set(frame["level"]))
    ramp = dict(zip(levels, shades(len(levels), WARM), strict=True))
    return [ramp[level] for level in frame["level"]]


def _marks(frame: pd.DataFrame) -> list[str]:
    """Write what the marker of each cluster shows: its count, or else its place in the table."""
    if "count" not in frame.columns:
        return [str(place) for place in range(1, len(frame) + 1)]
    return figures.column_words(frame["count"])[1]


def _overlay_keys(
    labels: Sequence[str], steps: Sequence[int], points: Sequence[bool], layer: HotspotLayer
) -> list[Key]:
    if layer.kind == "density":
        seen = dict(zip(steps, labels, strict=True))
        return [Key(step, seen[step]) for step in sorted(seen)]
    outlined = len(points) - sum(points)
    keys = []
    if outlined:
        keys.append(
            Key(1, "outlined; the number is its count, a dot where that has no room", outlined)
        )
    doubtful = sum(step and not point for step, point in zip(steps, points, strict=True))
    if doubtful:
        keys.append(Key(3, "of these dashed: may be chance", doubtful))
    if sum(points):
        keys.append(Key(2, "at one or two map points", sum(points)))
    if len(points) > MOST_MARKERS:
        keys.append(Key(0, f"the first {MOST_MARKERS} are numbered; the table has all"))
    return keys


def _backdrop(name: str, frame: geopandas.GeoDataFrame, bounds: Sequence[float] | None) -> Backdrop:
    _check_crs(frame, f"the context {name!r}")
    simple = shapes.simplify(frame.geometry, cover=False)
    if bounds is not None:
        wide = CONTEXT_MARGIN * max(bounds[2] - bounds[0], bounds[3] - bounds[1])
        frame_box = (bounds[0] - wide, bounds[1] - wide, bounds[2] + wide, bounds[3] + wide)
        simple = shapely.clip_by_rect(shapely.make_valid(simple.to_numpy()), *frame_box)
    parts = [part for part in shapely.get_parts(np.asarray(simple)) if not part.is_empty]
    parts = [one for part in parts for one in shapely.get_parts(part)]
    kinds: dict[int, list[shapes.Shape]] = {1: [], 3: []}
    for part in parts:
        if part.geom_type == "Point":
            raise InputError(
                f"the context {name!r} has points; only outlines and lines are drawn below a map"
            )
        kinds[3 if part.geom_type == "Polygon" else 1].append(shapes.pack(part))
    words = figures.clean(name)
    watery = any(word in words.lower() for word in WATERY)
    return Backdrop(
        words,
        "water" if watery else "other",
        tuple(filter(None, kinds[3])),
        tuple(filter(None, kinds[1])),
    )


def kinds_of(page: Page) -> dict[str, list[int]]:
    """Return the layers of each kind of area, in order.

    The plural of the kind is the key, as headings use it.
    """
    found: dict[str, list[int]] = {}
    for place, layer in enumerate(page.layers):
        found.setdefault(plural(layer.kind), []).append(place)
    return found

"""What stands on a map page, as plain values: worked out once, drawn by `markup` and the script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns
from geoprofiles.model import AreaLayer, HotspotLayer, MapClass, Source
from geoprofiles.publish import figures, shapes
from geoprofiles.publish.backdrops import backdrop_of
from geoprofiles.publish.overlays import overlay_of
from geoprofiles.publish.parts import (
    Choropleth,
    Geometry,
    Key,
    Page,
    Table,
    check_crs,
    columns_of,
)
from geoprofiles.publish.style import shades
from geoprofiles.words import plural


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
        overlays=tuple(overlay_of(one) for one in hotspots),
        geometries=tuple(geometries),
        backdrops=tuple(
            backdrop_of(name, frame, bounds) for name, frame in (context or {}).items()
        ),
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
    wanted = ["area_name", layer.value, *layer.columns, *filter(None, [layer.told])]
    check_columns(layer.areas, list(dict.fromkeys(wanted)), what=f"The areas of {what}")
    if not len(layer.areas):
        raise InputError(f"{what} has no areas")
    if not layer.areas.index.is_unique:
        raise InputError(f"{what} has an area code that stands for more than one area")
    if not layer.classes and not pd.api.types.is_numeric_dtype(layer.areas[layer.value]):
        raise InputError(f"{what} is coloured by {layer.value!r}, which is not a column of numbers")
    check_crs(layer.areas, what)


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
    kind = figures.clean(layer.kind)
    classed = classed_of(layer)
    columns = dict(layer.columns)
    if layer.value not in columns and not layer.classes:
        columns = {layer.value: figures.clean(layer.name), **columns}
    lead = layer.told if layer.told in columns else layer.value
    told = classed.texts
    if layer.told:
        told = [
            figures.NO_DATA if pd.isna(one) else figures.clean(one)
            for one in layer.areas[layer.told]
        ]
    return Choropleth(
        name=figures.clean(layer.name),
        kind=kind,
        unit=figures.clean(layer.unit),
        geometry=geometry,
        looks=classed.looks,
        signs=classed.signs,
        values=tuple(told),
        keys=classed.keys,
        summary=figures.clean(layer.finding) or classed.summary(names, kind),
        note=figures.clean(layer.note),
        column=list(columns).index(lead) if lead in columns else -1,
        table=Table(
            caption=f"{figures.clean(layer.name)} by {kind}, {figures.clean(layer.unit)}",
            first=kind[:1].upper() + kind[1:] or "Area",
            names=tuple(names),
            codes=tuple(figures.clean(code) for code in layer.areas.index),
            columns=columns_of(layer.areas, columns, decimals=classed.decimals),
        ),
    )


@dataclass(frozen=True)
class Classed:
    """The areas of a layer in classes."""

    looks: tuple[str, ...]
    signs: tuple[str, ...]
    keys: tuple[Key, ...]
    texts: list[str]
    values: np.ndarray
    decimals: dict[str, int]

    def summary(self, names: Sequence[str], kind: str) -> str:
        """Say which are highest and lowest; of kinds of finding, how many have each."""
        if self.decimals:
            return figures.summary(names, self.values, self.texts, kind)
        return "; ".join(f"{one.words}: {one.count:,}" for one in self.keys) + "." * bool(self.keys)


def classed_of(layer: AreaLayer) -> Classed:
    """Put the areas of a layer in classes, by kinds or by steps of a figure."""
    return _kinds(layer) if layer.classes else _steps(layer)


def _steps(layer: AreaLayer) -> Classed:
    """Class areas by steps of a figure, light to dark."""
    values = pd.to_numeric(layer.areas[layer.value]).astype(float).to_numpy(na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    classes = figures.classify(values, layer.breaks)
    unit = figures.short_unit(layer.unit)
    decimals = figures.decimals_of(values)
    words = figures.class_words(values, layer.breaks)
    ramp = shades(len(words)) if words else []
    noun = figures.clean(layer.kind)
    keys = [
        Key(f"k{step}", word, int((classes == place).sum()), noun)
        for place, (step, word) in enumerate(zip(ramp, words, strict=True))
    ]
    if missing := int((classes == -1).sum()):
        keys.append(Key("k0", figures.NO_DATA, missing, noun))
    return Classed(
        tuple(f"k{0 if place < 0 else ramp[place]}" for place in classes),
        (),
        tuple(keys),
        [figures.with_unit(figures.number(one, decimals), unit) for one in values],
        values,
        {layer.value: decimals},
    )


def _kinds(layer: AreaLayer) -> Classed:
    """Class areas by kinds of finding; what has none is without data."""
    found = [None if pd.isna(one) else str(one) for one in layer.areas[layer.value]]
    unknown = sorted({one for one in found if one is not None} - set(layer.classes))
    if unknown:
        raise InputError(f"the layer {layer.name!r} has no class {unknown[0]!r}")
    noun = figures.clean(layer.kind)
    keys = [
        Key(one.colour, _key_words(one), found.count(name), noun)
        for name, one in layer.classes.items()
        if one.words and name in found
    ]
    if None in found:
        keys.append(Key("k0", figures.NO_DATA, found.count(None), noun))
    texts = [figures.NO_DATA if one is None else layer.classes[one].words for one in found]
    return Classed(
        tuple("k0" if one is None else layer.classes[one].colour for one in found),
        tuple("" if one is None else layer.classes[one].sign for one in found),
        tuple(keys),
        [figures.clean(one) for one in texts],
        np.full(len(found), np.nan),
        {},
    )


def _key_words(one: MapClass) -> str:
    words = figures.clean(one.words)
    return f"{one.sign} {words}" if one.sign else words


def kinds_of(page: Page) -> dict[str, list[int]]:
    """Return the layers of each kind of area, in order.

    The plural of the kind is the key, as headings use it.
    """
    found: dict[str, list[int]] = {}
    for place, layer in enumerate(page.layers):
        found.setdefault(plural(layer.kind), []).append(place)
    return found

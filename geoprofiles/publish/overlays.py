"""Hot-spot layers of a page: density bands, cells by class, and clusters with their numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns
from geoprofiles.model import HotspotLayer
from geoprofiles.publish import figures, shapes
from geoprofiles.publish.parts import Key, Overlay, Table, check_crs, columns_of
from geoprofiles.publish.style import WARM, shades

MOST_MARKERS = 200
"""Clusters that get a numbered marker of their own; the rest are outlined and in the table."""

MOST_ROWS = 1000
"""Rows of a table of cells: each tells little, and a page with more would be slow to open."""

MOST_SIGNS = 600
"""Cells that bear a sign: with more, none would be large enough to be read."""

KINDS = ("density", "clusters", "cells")

NEEDED = {"density": ["label", "level"], "clusters": ["label"], "cells": ["label", "class"]}


def overlay_of(layer: HotspotLayer) -> Overlay:
    """Work out a hot-spot layer."""
    what = f"the hot-spot layer {layer.name!r}"
    frame = layer.shapes
    if layer.kind not in KINDS:
        raise InputError(
            f"{what} is of the kind {layer.kind!r}, not 'density', 'clusters' or 'cells'"
        )
    if len(frame):
        wanted = [*NEEDED[layer.kind], *layer.columns]
        check_columns(frame, list(dict.fromkeys(wanted)), what=f"The shapes of {what}")
        check_crs(frame, what)
    if layer.kind == "cells":
        return _cells(layer)
    labels = [figures.clean(one) for one in frame["label"]] if len(frame) else []
    simple = _simple(layer)
    if layer.kind == "density":
        looks = _levels(frame) if len(frame) else []
        keys = [Key(look, word) for look, word in dict(zip(looks, labels, strict=True)).items()]
        return _assemble(layer, simple, looks, keys)
    looks = _standing(frame)
    points = [shape is not None and shape.geom_type in {"Point", "MultiPoint"} for shape in simple]
    return _assemble(
        layer, simple, looks, _cluster_keys(looks, points, "significant" in frame.columns),
        anchors=tuple(shapes.anchors(list(simple))), marks=tuple(_marks(frame)),
        single=tuple(points),
    )  # fmt: skip


def _simple(layer: HotspotLayer) -> np.ndarray:
    if not len(layer.shapes):
        return np.array([], dtype=object)
    return shapes.simplify(layer.shapes.geometry, cover=False).to_numpy()


def _assemble(
    layer: HotspotLayer,
    simple: np.ndarray,
    looks: Sequence[str],
    keys: Sequence[Key],
    *,
    anchors: tuple[list[int] | None, ...] = (),
    marks: tuple[str, ...] = (),
    sides: tuple[int, ...] = (),
    single: tuple[bool, ...] = (),
) -> Overlay:
    return Overlay(
        name=figures.clean(layer.name),
        kind=layer.kind,
        unit=figures.clean(layer.unit),
        note=figures.clean(layer.note),
        shown=layer.shown,
        looks=tuple(looks),
        shapes=tuple(shapes.pack(shape) for shape in simple),
        anchors=anchors,
        marks=marks,
        sides=sides,
        single=single,
        keys=tuple(keys),
        table=_table(layer),
    )


def _table(layer: HotspotLayer) -> Table:
    most = MOST_ROWS if layer.kind == "cells" else len(layer.shapes)
    frame = layer.shapes.iloc[:most]
    headings = {name: text for name, text in layer.columns.items() if name in frame.columns}
    caption = f"{figures.clean(layer.name)}, {figures.clean(layer.unit)}"
    if len(layer.shapes) > most:
        caption += f"; the first {most:,} of {len(layer.shapes):,}"
    labels = tuple(figures.clean(one) for one in frame["label"]) if len(frame) else ()
    return Table(
        caption=caption,
        first={"density": "Band", "clusters": "Cluster", "cells": "Cell"}[layer.kind],
        names=labels,
        codes=tuple(str(number) for number in range(1, len(labels) + 1)),
        columns=columns_of(frame, headings, decimals={}),
    )


def _cells(layer: HotspotLayer) -> Overlay:
    """Put the cells of each class into one shape, so that thousands are drawn as a few."""
    frame = layer.shapes
    kinds = [str(one) for one in frame["class"]] if len(frame) else []
    unknown = sorted(set(kinds) - set(layer.classes))
    if unknown:
        raise InputError(f"the hot-spot layer {layer.name!r} has no class {unknown[0]!r}")
    web = shapes.to_web(frame.geometry).to_numpy() if len(frame) else np.array([], dtype=object)
    groups, looks, keys = [], [], []
    for name, one in layer.classes.items():
        mine = web[[kind == name for kind in kinds]] if kinds else []
        if len(mine):
            groups.append(shapely.geometrycollections(list(mine)))
            looks.append(one.colour)
            sign = f"{one.sign}: " if one.sign else ""
            keys.append(Key(one.colour, f"{sign}{figures.clean(one.words)}", len(mine), "cell"))
    signs = [layer.classes[kind].sign for kind in kinds]
    signed = any(signs) and len(signs) <= MOST_SIGNS
    return _assemble(
        layer, np.array([*groups, None], dtype=object)[:-1], looks, keys,
        anchors=tuple(shapes.anchors(list(web))) if signed else (),
        marks=tuple(signs) if signed else (),
        sides=tuple(map(_side, web)) if signed else (),
    )  # fmt: skip


def _side(shape: shapely.Geometry) -> int:
    _, south, _, north = shape.bounds
    return round((north - south) * shapes.SCALE)


def _standing(frame: pd.DataFrame) -> list[str]:
    """Mark the clusters that may be chance; where nothing was tested, none is."""
    if "significant" not in frame.columns:
        return ["sure"] * len(frame)
    return ["sure" if one else "chance" for one in frame["significant"].astype(bool)]


def _levels(frame: pd.DataFrame) -> list[str]:
    levels = sorted(set(frame["level"]))
    ramp = dict(zip(levels, shades(len(levels), WARM), strict=True))
    return [f"d{ramp[level]}" for level in frame["level"]]


def _marks(frame: pd.DataFrame) -> list[str]:
    """Give clusters the numbers of their own index, or else of their place in the table."""
    if frame.index.name in {"cluster", "rank"}:
        return [figures.clean(one) for one in frame.index]
    return [str(place) for place in range(1, len(frame) + 1)]


def _cluster_keys(looks: Sequence[str], points: Sequence[bool], tested: bool) -> list[Key]:
    outlined = [look for look, point in zip(looks, points, strict=True) if not point]
    keys = []
    solid, dashed = outlined.count("sure"), outlined.count("chance")
    if solid:
        words = "solid outline: beyond chance" if tested else "outline: not tested against chance"
        keys.append(Key("sure", words, solid, "cluster"))
    if dashed:
        keys.append(Key("chance", "dashed outline: may be chance", dashed, "cluster"))
    if any(points):
        keys.append(Key("point", "at one or two map points", sum(points), "cluster"))
    if keys:
        numbered = "the number is the one in the table; a dot stands where it has no room"
        if len(points) > MOST_MARKERS:
            numbered = f"the first {MOST_MARKERS:,} are numbered, as in the table"
        keys.append(Key("words", numbered))
    return keys

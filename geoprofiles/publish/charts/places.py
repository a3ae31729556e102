"""Still maps: areas with what lies on them, as a sheet that SVG and PNG are made of."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_same_crs
from geoprofiles.errors import CRSError, InputError
from geoprofiles.frames import check_columns
from geoprofiles.publish.backdrops import style_of
from geoprofiles.publish.charts.frame import (
    INK,
    PAPER,
    Box,
    Chart,
    Face,
    Key,
    Mark,
    Sheet,
    Stroke,
    Words,
    line_height,
    literal,
    measure,
)
from geoprofiles.publish.charts.ground import (
    View,
    fill,
    hatch,
    hits,
    scale_bar,
    seen,
    trace,
    view_of,
)
from geoprofiles.publish.charts.verdicts import SIGNAL, sentence, tell
from geoprofiles.publish.style import TOKENS, contrast
from geoprofiles.words import split_name

BORDER, FIELD = Stroke(TOKENS["border"], 0.6), TOKENS["ground"]
SURE, CHANCE = Stroke(SIGNAL, 1.7), Stroke(SIGNAL, 1.3, (4, 2.5))
ASIDE = 12.0
"""Points between the middle of a line and its number."""

SMALL = 26.0
"""Points: a cluster that is no larger has its number beside it."""

GROUNDS = {
    "water": (TOKENS["water"], TOKENS["shore"]), "park": ("#dfeddb", ""),
    "neighbours": ("#e6eaed", TOKENS["line"]), "other": (TOKENS["ground"], TOKENS["line"]),
}  # fmt: skip
"""Fill and edge of outlines about the areas, by their style."""

STREET = Stroke(TOKENS["line"], 0.9)
CASING = Stroke(PAPER, 3.4)
NAME, CODE, NUMBER = Face(7.5, INK), 6.5, Face(7.5, PAPER, bold=True)
LETTER = 4.5
"""Points that a letter is wide, at the least, for which a cell is large enough to hold one."""


@dataclass(frozen=True)
class Paint:
    """What some shapes look like, and what that means."""

    fill: str
    words: str
    code: str = ""
    """One or two letters that stand in each shape large enough."""
    hatched: bool = False
    """Whether it stands for what has no data."""


def chart_places(  # noqa: PLR0913
    areas: geopandas.GeoDataFrame,
    *,
    title: str,
    fills: geopandas.GeoDataFrame | None = None,
    paints: Mapping[str, Paint] | None = None,
    clusters: geopandas.GeoDataFrame | None = None,
    lines: geopandas.GeoDataFrame | None = None,
    context: Mapping[str, geopandas.GeoDataFrame] | None = None,
    within: Sequence[float] | None = None,
    subtitle: str = "",
    source: str = "",
    told: str = "",
) -> Chart:
    """Draw a still map: outlines and names of areas, and over them cells, bands or clusters.

    Parameters
    ----------
    areas : GeoDataFrame
        ``area_name`` and outlines, in metres.
    title : str
        What is to be seen and of when; best the finding.
    fills : GeoDataFrame, optional
        Shapes with ``paint``, a key of `paints`, drawn in their order.
    paints : mapping of str to Paint, optional
        Colour, words of the legend and letters, in the order of the legend.
    clusters : GeoDataFrame, optional
        Outlines, or points; the index is the number that each bears. Those that are not
        ``significant`` (bool) are dashed; without that column none was tested.
    lines : GeoDataFrame, optional
        Lines to be drawn heavily, such as busy streets; the index is the number that each bears.
    context : mapping of str to GeoDataFrame, optional
        Water, drawn quietly below, by name; lines, such as all streets, over the areas.
    within : sequence of float, optional
        West, south, east and north in metres: what is shown; all areas where not said.
    subtitle, source : str
        More of the title; the line at the foot.
    told : str
        What the map shows, in words, for those who do not see it.

    Returns
    -------
    Chart

    Raises
    ------
    CRSError
        If the areas are not in metres, or others are in other metres.
    InputError
        If there is no outline, or a fill has no paint.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 3e3, 2e3)],
    ...     crs=27700)
    >>> chart_places(areas, title="Burglary, 2026", told="One ward.").alt
    'Map. Burglary, 2026. One ward.'
    """
    outlines = _outlines(areas, {"fills": fills, "clusters": clusters, "lines": lines})
    paints = paints or {}
    if fills is not None and not set(fills["paint"]) <= set(paints):
        raise InputError("a fill has a paint that is not among the paints")
    keys = [*_fill_keys(fills, paints), *_cluster_keys(clusters), *_line_keys(lines)]
    view = view_of(outlines.total_bounds if within is None else np.asarray(within, dtype=float))
    sheet = Sheet(Words(title, subtitle, source, keys), view.tall)
    view = view.under(sheet.top)
    _draw_ground(sheet, view, outlines, context or {}, covered=_are_filled(outlines, fills))
    taken: list[Box] = []
    if fills is not None:
        _draw_fills(sheet, view, fills, paints, taken)
    for shape in outlines:
        trace(sheet, view, shapely.boundary(shape), BORDER)
    if lines is not None:
        _draw_lines(sheet, view, lines, taken)
    if clusters is not None:
        _draw_clusters(sheet, view, clusters, taken)
    write_names(sheet, view, areas.loc[outlines.index], taken)
    scale_bar(sheet, view)
    return Chart(sheet, literal(title), tell("Map.", sentence(title), told))


def _outlines(
    areas: geopandas.GeoDataFrame, overlays: Mapping[str, geopandas.GeoDataFrame | None]
) -> geopandas.GeoSeries:
    """Check what is to be drawn, and return the outlines there are."""
    check_columns(areas, ["area_name"], what="The areas of a map")
    outlines = areas.geometry[~(areas.geometry.isna() | areas.geometry.is_empty)]
    if outlines.empty:
        raise InputError("there is no outline to draw a map of")
    for what, frame in overlays.items():
        if frame is not None and len(frame):
            check_same_crs(frame.crs, areas.crs, names=(f"The {what}", "the areas"))
    if areas.crs is None or not areas.crs.is_projected:
        raise CRSError("a still map needs areas in metres", remedy="Read them with read_areas.")
    return outlines


def _are_filled(outlines: geopandas.GeoSeries, fills: geopandas.GeoDataFrame | None) -> bool:
    """Tell whether the fills are the areas themselves."""
    if fills is None or len(fills) != len(outlines):
        return False
    return bool((fills.geometry.to_numpy() == outlines.to_numpy()).all())


def _draw_ground(
    sheet: Sheet,
    view: View,
    outlines: geopandas.GeoSeries,
    context: Mapping[str, geopandas.GeoDataFrame],
    *,
    covered: bool,
) -> None:
    """Draw water and the like, and the areas over it unless they are all filled anyway."""
    lines = []
    for name, frame in context.items():
        inside, edge = GROUNDS.get(style_of(name, frame), GROUNDS["other"])
        clipped = shapely.clip_by_rect(shapely.make_valid(frame.geometry.to_numpy()), *view.box)
        for part in shapely.get_parts(clipped[~shapely.is_empty(clipped)]):
            if part.geom_type == "Polygon":
                fill(sheet, view, part, inside, edge)
            elif part.geom_type == "LineString":
                lines.append(part)
    for shape in [] if covered else outlines:
        fill(sheet, view, shape, FIELD)
    for part in lines:
        trace(sheet, view, part, STREET)


def _draw_fills(
    sheet: Sheet,
    view: View,
    fills: geopandas.GeoDataFrame,
    paints: Mapping[str, Paint],
    taken: list[Box],
) -> None:
    """Fill shapes, and write the letters of paints into those that hold them."""
    for shape, name in zip(fills.geometry, fills["paint"], strict=True):
        paint = paints[name]
        if paint.hatched:
            hatch(sheet, view, shape)
            continue
        fill(sheet, view, shape, paint.fill, PAPER if paint.code else "")
        west, south, east, north = shape.bounds
        room = min(east - west, north - south) * view.scale
        if not paint.code or room < LETTER * (1 + len(paint.code)):
            continue
        ink = INK if contrast(INK, paint.fill) >= contrast(PAPER, paint.fill) else PAPER
        at = view.place(shapely.get_coordinates(shape.representative_point()))[0]
        sheet.write_middle(at[0], at[1], [paint.code], Face(CODE, ink, bold=True), align="center")
        half = room / 2
        taken.append((at[0] - half, at[1] - half, at[0] + half, at[1] + half))


def _sure(clusters: geopandas.GeoDataFrame) -> pd.Series:
    if "significant" in clusters.columns:
        return clusters["significant"].astype(bool)
    return pd.Series(True, index=clusters.index)


def _draw_clusters(
    sheet: Sheet, view: View, clusters: geopandas.GeoDataFrame, taken: list[Box]
) -> None:
    sure = _sure(clusters)
    # What is beyond chance lies over what may be chance.
    order = np.argsort(sure.to_numpy(), kind="stable")
    for number, shape in clusters.geometry.iloc[order].items():
        stroke = SURE if sure[number] else CHANCE
        if shape.area > 0:
            trace(sheet, view, shapely.boundary(shape), CASING)
            trace(sheet, view, shapely.boundary(shape), stroke)
    for number, shape in clusters.geometry.items():
        at = view.place(shapely.get_coordinates(shape.representative_point()))[0]
        west, south, east, north = shape.bounds
        size = max(east - west, north - south) * view.scale
        # What is smaller than its number has it beside itself.
        aside = 0.0 if size > SMALL else size / 2 + 9
        if not size:
            sheet.mark(at[0], at[1], Mark("D", SIGNAL if sure[number] else PAPER, SIGNAL, 6))
        _number(sheet, at, str(number), taken, bold=bool(sure[number]), aside=aside)


def _number(
    sheet: Sheet, at: np.ndarray, text: str, taken: list[Box], *, bold: bool, aside: float = 0.0
) -> None:
    """Set a number on the map, or beside its spot; one that would hide another is left out."""
    half = max(measure(text, NUMBER) / 2 + 3.5, 6.5)
    for x, y in ((1, 0), (-1, 0), (0, -1), (0, 1)):
        middle = at[0] + x * aside, at[1] + y * aside
        place = (middle[0] - half, middle[1] - 6.5, middle[0] + half, middle[1] + 6.5)
        if not hits(place, taken):
            break
    else:
        return
    taken.append(place)
    fill, ink = (SIGNAL, PAPER) if bold else (PAPER, SIGNAL)
    sheet.box(place, fill, PAPER if bold else SIGNAL, 1.0)
    sheet.write_middle(*middle, [text], Face(7.5, ink, bold=True), align="center")


def _draw_lines(sheet: Sheet, view: View, lines: geopandas.GeoDataFrame, taken: list[Box]) -> None:
    for shape in lines.geometry:
        for stroke in (Stroke(PAPER, 5.0), Stroke(SIGNAL, 2.8)):
            trace(sheet, view, shape, stroke)
    for number, shape in lines.geometry.items():
        middle = shapely.get_parts(shape)[0].interpolate(0.5, normalized=True)
        at = view.place(shapely.get_coordinates(middle))[0]
        _number(sheet, at, str(number), taken, bold=True, aside=ASIDE)


def write_names(sheet: Sheet, view: View, areas: geopandas.GeoDataFrame, taken: list[Box]) -> None:
    """Name areas, the largest first, where the name fits and meets nothing else."""
    order = np.argsort(-areas.geometry.area.to_numpy(), kind="stable")
    for place in order:
        name = literal(areas["area_name"].iloc[place])
        shape = seen(view, areas.geometry.iloc[place])
        if not shape.area:
            continue
        west, south, east, north = shape.bounds
        wide, tall = (east - west) * view.scale, (north - south) * view.scale
        at = view.place(shapely.get_coordinates(shape.representative_point()))[0]
        for lines, shift in itertools.product(([name], split_name(name)), _SHIFTS):
            half = max(measure(line, NAME) for line in lines) / 2
            high = line_height(NAME) * len(lines) / 2
            y = at[1] + shift
            box = (at[0] - half - 2, y - high - 1, at[0] + half + 2, y + high + 1)
            fits = abs(shift) <= tall * 0.3 and 2 * half < wide * 0.95 and 2 * high < tall
            inside = box[0] >= view.left and box[2] <= view.left + view.wide
            if fits and inside and not hits(box, taken):
                taken.append(box)
                sheet.write_middle(at[0], y, lines, NAME, align="center", halo=True)
                break


_SHIFTS = (0, -13, 13, -22, 22)
"""Points by which a name may stand above or below its spot."""


def _fill_keys(fills: geopandas.GeoDataFrame | None, paints: Mapping[str, Paint]) -> list[Key]:
    if fills is None:
        return []
    used = set(fills["paint"])
    return [
        Key(
            f"{one.code}: {one.words}" if one.code else one.words,
            fill=one.fill,
            hatched=one.hatched,
        )
        for name, one in paints.items()
        if name in used
    ]


def _cluster_keys(clusters: geopandas.GeoDataFrame | None) -> list[Key]:
    if clusters is None or clusters.empty:
        return []
    sure = _sure(clusters)
    keys = []
    if sure.any():
        tested = "significant" in clusters.columns
        words = "cluster beyond chance" if tested else "cluster, not tested against chance"
        keys.append(Key(f"{words}, numbered as in the table", stroke=SURE))
    if not sure.all():
        keys.append(Key("may be chance", stroke=CHANCE))
    return keys


def _line_keys(lines: geopandas.GeoDataFrame | None) -> list[Key]:
    if lines is None or lines.empty:
        return []
    return [Key("numbered as in the table", stroke=Stroke(SIGNAL, 2.8))]

"""Still maps: areas with what lies on them, as a sheet that SVG and PNG are made of."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import geopandas
import numpy as np
import shapely

from geoprofiles.checks import check_same_crs
from geoprofiles.errors import CRSError, InputError
from geoprofiles.frames import check_columns
from geoprofiles.publish.charts.frame import (
    HUSHED,
    INK,
    LEFT,
    PAPER,
    QUIET,
    RIGHT,
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
from geoprofiles.publish.charts.verdicts import SIGNAL, sentence, tell
from geoprofiles.publish.style import TOKENS, contrast
from geoprofiles.words import split_name

TALLEST = 430.0
"""Height of a map at the most, in points."""

MARGIN_SHARE = 0.03
"""Of the extent of the areas, that context is shown beyond them."""

BORDER, FIELD = Stroke(TOKENS["border"], 0.6), TOKENS["ground"]
SURE, CHANCE = Stroke(SIGNAL, 1.7), Stroke(SIGNAL, 1.3, (4, 2.5))
ASIDE = 12.0
"""Points between the middle of a line and its number."""

SMALL = 26.0
"""Points: a cluster that is no larger has its number beside it."""

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
        Outlines, or points, with ``significant`` (bool); the index is the number that each
        bears. Those that are not significant are dashed.
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
    view = _view(outlines.total_bounds if within is None else np.asarray(within, dtype=float))
    sheet = Sheet(Words(title, subtitle, source, keys), view.tall)
    view = view.under(sheet.top)
    _draw_ground(sheet, view, outlines, context or {})
    taken: list[Box] = []
    if fills is not None:
        _draw_fills(sheet, view, fills, paints, taken)
    for shape in outlines:
        _trace(sheet, view, shapely.boundary(shape), BORDER)
    if lines is not None:
        _draw_lines(sheet, view, lines, taken)
    if clusters is not None:
        _draw_clusters(sheet, view, clusters, taken)
    _write_names(sheet, view, areas.loc[outlines.index], taken)
    _scale_bar(sheet, view)
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


@dataclass(frozen=True)
class _View:
    """From metres to points of the sheet."""

    west: float
    north: float
    scale: float
    left: float
    top: float
    wide: float
    tall: float

    @property
    def room(self) -> Box:
        return self.left, self.top, self.left + self.wide, self.top + self.tall

    def under(self, top: float) -> _View:
        return _View(self.west, self.north, self.scale, self.left, top, self.wide, self.tall)

    def place(self, corners: np.ndarray) -> np.ndarray:
        x = self.left + (corners[:, 0] - self.west) * self.scale
        y = self.top + (self.north - corners[:, 1]) * self.scale
        return np.column_stack([x, y])

    @property
    def box(self) -> Box:
        """What of the ground is shown, in metres."""
        south = self.north - self.tall / self.scale
        return self.west, south, self.west + self.wide / self.scale, self.north


def _view(bounds: np.ndarray) -> _View:
    west, south, east, north = bounds
    edge = MARGIN_SHARE * max(east - west, north - south, 1.0)
    west, south, east, north = west - edge, south - edge, east + edge, north + edge
    scale = min((RIGHT - LEFT) / (east - west), TALLEST / (north - south))
    wide, tall = (east - west) * scale, (north - south) * scale
    return _View(west, north, scale, LEFT + (RIGHT - LEFT - wide) / 2, 0.0, wide, tall)


def _seen(view: _View, shape: shapely.Geometry) -> shapely.Geometry:
    """Cut a shape to what is shown."""
    if shapely.box(*view.box).covers(shape):
        return shape
    return shapely.clip_by_rect(shapely.make_valid(shape), *view.box)


def _fill(sheet: Sheet, view: _View, shape: shapely.Geometry, fill: str, edge: str = "") -> None:
    """Fill a shape with its holes left open."""
    simple = shapely.simplify(_seen(view, shape), 0.35 / view.scale)
    for part in shapely.get_parts(simple):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        turned = shapely.orient_polygons(part)
        rings = [turned.exterior, *turned.interiors]
        pieces = [view.place(shapely.get_coordinates(ring)) for ring in rings]
        corners = _joined(pieces)
        x, y = corners.T.tolist()
        sheet.shape(x, y, fill, edge, 0.4)


def _joined(pieces: Sequence[np.ndarray]) -> np.ndarray:
    """Put rings after one another, with a break between."""
    gap = np.full((1, 2), np.nan)
    parts = [part for piece in pieces for part in (piece, gap)]
    return np.concatenate(parts[:-1])


def _trace(sheet: Sheet, view: _View, line: shapely.Geometry, stroke: Stroke) -> None:
    simple = shapely.simplify(_seen(view, line), 0.35 / view.scale)
    for part in shapely.get_parts(simple):
        corners = view.place(shapely.get_coordinates(part))
        if len(corners) > 1:
            x, y = corners.T.tolist()
            sheet.line(x, y, stroke)


def _draw_ground(
    sheet: Sheet,
    view: _View,
    outlines: geopandas.GeoSeries,
    context: Mapping[str, geopandas.GeoDataFrame],
) -> None:
    """Draw water and the like, and the areas over it."""
    lines = []
    for frame in context.values():
        clipped = shapely.clip_by_rect(shapely.make_valid(frame.geometry.to_numpy()), *view.box)
        for part in shapely.get_parts(clipped[~shapely.is_empty(clipped)]):
            if part.geom_type == "Polygon":
                _fill(sheet, view, part, TOKENS["water"], TOKENS["shore"])
            elif part.geom_type == "LineString":
                lines.append(part)
    for shape in outlines:
        _fill(sheet, view, shape, FIELD)
    for part in lines:
        _trace(sheet, view, part, STREET)


def _draw_fills(
    sheet: Sheet,
    view: _View,
    fills: geopandas.GeoDataFrame,
    paints: Mapping[str, Paint],
    taken: list[Box],
) -> None:
    """Fill shapes, and write the letters of paints into those that hold them."""
    for shape, name in zip(fills.geometry, fills["paint"], strict=True):
        paint = paints[name]
        _fill(sheet, view, shape, paint.fill, PAPER if paint.code else "")
        west, south, east, north = shape.bounds
        room = min(east - west, north - south) * view.scale
        if not paint.code or room < LETTER * (1 + len(paint.code)):
            continue
        ink = INK if contrast(INK, paint.fill) >= contrast(PAPER, paint.fill) else PAPER
        at = view.place(shapely.get_coordinates(shape.representative_point()))[0]
        sheet.write_middle(at[0], at[1], [paint.code], Face(CODE, ink, bold=True), align="center")
        half = room / 2
        taken.append((at[0] - half, at[1] - half, at[0] + half, at[1] + half))


def _draw_clusters(
    sheet: Sheet, view: _View, clusters: geopandas.GeoDataFrame, taken: list[Box]
) -> None:
    sure = clusters["significant"].astype(bool)
    # What is beyond chance lies over what may be chance.
    order = np.argsort(sure.to_numpy(), kind="stable")
    for number, shape in clusters.geometry.iloc[order].items():
        stroke = SURE if sure[number] else CHANCE
        if shape.area > 0:
            _trace(sheet, view, shapely.boundary(shape), CASING)
            _trace(sheet, view, shapely.boundary(shape), stroke)
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
        if not _hits(place, taken):
            break
    else:
        return
    taken.append(place)
    fill, ink = (SIGNAL, PAPER) if bold else (PAPER, SIGNAL)
    sheet.box(place, fill, PAPER if bold else SIGNAL, 1.0)
    sheet.write_middle(*middle, [text], Face(7.5, ink, bold=True), align="center")


def _draw_lines(sheet: Sheet, view: _View, lines: geopandas.GeoDataFrame, taken: list[Box]) -> None:
    for shape in lines.geometry:
        for stroke in (Stroke(PAPER, 5.0), Stroke(SIGNAL, 2.8)):
            _trace(sheet, view, shape, stroke)
    for number, shape in lines.geometry.items():
        middle = shapely.get_parts(shape)[0].interpolate(0.5, normalized=True)
        at = view.place(shapely.get_coordinates(middle))[0]
        _number(sheet, at, str(number), taken, bold=True, aside=ASIDE)


def _write_names(
    sheet: Sheet, view: _View, areas: geopandas.GeoDataFrame, taken: list[Box]
) -> None:
    """Name areas, the largest first, where the name fits and meets nothing else."""
    order = np.argsort(-areas.geometry.area.to_numpy(), kind="stable")
    for place in order:
        name = literal(areas["area_name"].iloc[place])
        shape = _seen(view, areas.geometry.iloc[place])
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
            if fits and inside and not _hits(box, taken):
                taken.append(box)
                sheet.write_middle(at[0], y, lines, NAME, align="center", halo=True)
                break


_SHIFTS = (0, -13, 13, -22, 22)
"""Points by which a name may stand above or below its spot."""


def _hits(box: Box, taken: Iterable[Box]) -> bool:
    return any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in taken
    )


def _scale_bar(sheet: Sheet, view: _View) -> None:
    metres = view.wide / view.scale / 5
    size = 10 ** math.floor(math.log10(metres))
    length = max(step * size for step in (1, 2, 5) if step * size <= metres)
    x, y = view.left + 2, view.top + view.tall - 3
    end = x + length * view.scale
    sheet.line([x, x, end, end], [y - 4, y, y, y - 4], Stroke(QUIET, 1.0))
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    sheet.write(x + 3, y - 3.5, words, HUSHED)


def _fill_keys(fills: geopandas.GeoDataFrame | None, paints: Mapping[str, Paint]) -> list[Key]:
    if fills is None:
        return []
    used = set(fills["paint"])
    return [
        Key(f"{one.code}: {one.words}" if one.code else one.words, fill=one.fill)
        for name, one in paints.items()
        if name in used
    ]


def _cluster_keys(clusters: geopandas.GeoDataFrame | None) -> list[Key]:
    if clusters is None or clusters.empty:
        return []
    sure = clusters["significant"].astype(bool)
    keys = []
    if sure.any():
        keys.append(Key("cluster beyond chance, numbered as in the table", stroke=SURE))
    if not sure.all():
        keys.append(Key("may be chance", stroke=CHANCE))
    return keys


def _line_keys(lines: geopandas.GeoDataFrame | None) -> list[Key]:
    if lines is None or lines.empty:
        return []
    return [Key("numbered as in the table", stroke=Stroke(SIGNAL, 2.8))]

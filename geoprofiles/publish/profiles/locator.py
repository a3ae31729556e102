"""Where an area lies: itself and its neighbours with clusters, and itself among all.

SVG with presentation attributes alone; outlines lead to the pages of their areas.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from html import escape

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.publish.charts.frame import Box, Face, line_height, literal, measure, shorten
from geoprofiles.publish.style import RAMP, TOKENS
from geoprofiles.words import split_name

WIDE, TALLEST = 420.0, 400.0
"""Of the map, in its own units; it takes the width it is given."""

SMALL = 150.0
"""Width and height, at the most, of the map of all areas."""

AROUND = 0.3
"""Of the extent of an area, what is shown beyond it."""

NAME, OWN = Face(11), Face(12.5, bold=True)
TOLERANCE = 0.7
"""Units by which an outline may be moved to save corners."""

SHIFTS = (0.0, *(side * step for step in (16.0, 30.0, 48.0, 70.0, 100.0) for side in (-1, 1)))
"""Units by which a name may stand above or below its spot."""

LEAST_ROOM = 18.0
"""Width and height of an outline below which it bears no name."""

FIELD, NEAR, MINE = TOKENS["ground"], RAMP[0], RAMP[2]
INK, LINE, PAPER, SIGNAL = TOKENS["ink"], TOKENS["border"], TOKENS["paper"], TOKENS["cluster"]


@dataclass(frozen=True)
class View:
    """From metres to the units of a drawing."""

    west: float
    north: float
    scale: float
    wide: float
    tall: float

    @property
    def box(self) -> Box:
        """What of the ground is shown, in metres."""
        right, down = self.wide / self.scale, self.tall / self.scale
        return self.west, self.north - down, self.west + right, self.north

    def place(self, corners: np.ndarray) -> np.ndarray:
        """Turn metres into units, down being positive."""
        return np.column_stack(
            [(corners[:, 0] - self.west) * self.scale, (self.north - corners[:, 1]) * self.scale]
        )


def view_of(bounds: Iterable[float], *, wide: float, tall: float, around: float) -> View:
    """Choose a view of some bounds, as large as a box allows, with an edge around."""
    west, south, east, north = (float(one) for one in bounds)
    edge = around * max(east - west, north - south, 1.0)
    west, south, east, north = west - edge, south - edge, east + edge, north + edge
    scale = min(wide / (east - west), tall / (north - south))
    return View(west, north, scale, (east - west) * scale, (north - south) * scale)


@dataclass(frozen=True)
class Ground:
    """All areas of a kind, ready to be drawn on the page of each.

    Attributes
    ----------
    areas : GeoDataFrame
        Those with an outline, in metres: index ``area_code``; ``area_name``.
    water : ndarray
        Shapes drawn below.
    view : View
        Of all of them, small.
    small : str
        Their outlines in it, as one path.
    """

    areas: geopandas.GeoDataFrame
    water: np.ndarray
    view: View
    small: str


def ground_of(
    areas: geopandas.GeoDataFrame, context: Mapping[str, geopandas.GeoDataFrame]
) -> Ground | None:
    """Make ready the outlines of a kind of area; None where none has one.

    Examples
    --------
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> ground_of(areas, {}).small
    'M146 75l0-71l-142 0l0 71z'
    """
    known = areas[~(areas.geometry.isna() | areas.geometry.is_empty)]
    if known.empty:
        return None
    view = view_of(known.total_bounds, wide=SMALL, tall=SMALL, around=0.03)
    water = [
        part
        for frame in context.values()
        for part in shapely.get_parts(shapely.make_valid(frame.geometry.dropna().to_numpy()))
        if part.geom_type in {"Polygon", "MultiPolygon"}
    ]
    small = "".join(path_of(shape, view) for shape in known.geometry)
    return Ground(known, np.array(water, dtype=object), view, small)


def path_of(shape: shapely.Geometry, view: View, *, fine: int = 1) -> str:
    """Write what is seen of a shape as the data of a path, in steps of a unit over `fine`."""
    if not shapely.box(*view.box).covers(shape):
        shape = shapely.clip_by_rect(shapely.make_valid(shape), *view.box)
    steps = []
    for part in shapely.get_parts(shapely.simplify(shape, TOLERANCE / view.scale)):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        for ring in (part.exterior, *part.interiors):
            corners = np.rint(view.place(shapely.get_coordinates(ring)[:-1]) * fine).astype(int)
            x, y = corners[0].tolist()
            steps.append(f"M{_short(x, fine)} {_short(y, fine)}")
            moves = np.diff(corners, axis=0).tolist()
            steps += [_step(x, y, fine) for x, y in moves if x or y]
            steps.append("z")
    return "".join(steps)


def _short(value: int, fine: int) -> str:
    return str(value) if fine == 1 else f"{value / fine:g}"


def _step(x: int, y: int, fine: int) -> str:
    """Write a step of a path; a minus parts numbers as a space does."""
    right, down = _short(x, fine), _short(y, fine)
    return f"l{right}{down}" if y < 0 else f"l{right} {down}"


def draw_small(ground: Ground, code: str, *, told: str) -> str:
    """Draw all areas with one of them filled."""
    view = ground.view
    own = path_of(ground.areas.geometry[code], view, fine=2)
    return (
        f'<svg class="inset" viewBox="0 0 {view.wide:.0f} {view.tall:.0f}" role="img"'
        f' aria-label="{escape(told)}"><path d="{ground.small}" fill="{FIELD}" stroke="{LINE}"'
        f' stroke-width="0.5"/><path d="{own}" fill="{TOKENS["accent"]}" stroke="{INK}"/></svg>'
    )


def draw_near(
    ground: Ground,
    code: str,
    *,
    near: Collection[str],
    links: Mapping[str, str],
    clusters: pd.DataFrame | None = None,
    told: str,
) -> str:
    """Draw an area with its neighbours, named, and the clusters that reach into it.

    Parameters
    ----------
    ground : Ground
    code : str
        Of the area; it has an outline.
    near : collection of str
        Names of its neighbours.
    links : mapping of str to str
        Name of an area to the address of its page.
    clusters : DataFrame, optional
        ``geometry`` and ``significant``, in the order of their numbers, from 1.
    told : str
        The same in words.

    Returns
    -------
    str
        SVG.
    """
    bounds = ground.areas.geometry[code].bounds
    view = view_of(bounds, wide=WIDE, tall=TALLEST, around=AROUND)
    window = shapely.box(*view.box)
    seen = ground.areas[shapely.intersects(ground.areas.geometry.to_numpy(), window)]
    taken: list[Box] = []
    numbers = _clusters(clusters, view, taken)
    shapes, names = [], []
    order = sorted(range(len(seen)), key=lambda place: seen.index[place] == code)
    for place in order:
        mine, name = seen.index[place] == code, literal(str(seen["area_name"].iloc[place]))
        fill = MINE if mine else NEAR if name in near else FIELD
        edge = f' stroke="{INK}" stroke-width="2"' if mine else f' stroke="{LINE}"'
        path = path_of(seen.geometry.iloc[place], view)
        shapes.append(_linked(f'<path d="{path}" fill="{fill}"{edge}/>', name, links, mine=mine))
    for place in reversed(order):  # the area itself is named first
        mine = seen.index[place] == code
        shape, name = seen.geometry.iloc[place], literal(str(seen["area_name"].iloc[place]))
        if mine or name in near:
            names.append(write_name(shape, name, view, taken, OWN if mine else NAME))
    water = "".join(path_of(one, view) for one in ground.water if one.intersects(window))
    sea = f'<path d="{water}" fill="{TOKENS["water"]}"/>' if water else ""
    return (
        f'<svg class="near" viewBox="0 0 {view.wide:.0f} {view.tall:.0f}" role="group"'
        f' aria-label="{escape(told)}" fill="{INK}">{sea}{"".join(shapes)}{numbers[0]}'
        f"{''.join(names)}{numbers[1]}</svg>"
    )


def draw_index(ground: Ground, links: Mapping[str, str], *, told: str) -> str:
    """Draw all areas, each leading to its page, with names where they fit.

    Examples
    --------
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> drawn = draw_index(ground_of(areas, {}), {"Mill": "mill.html"}, told="All wards")
    >>> '<a href="mill.html" aria-label="Mill">' in drawn, ">Mill</text>" in drawn
    (True, True)
    """
    view = view_of(ground.areas.total_bounds, wide=640.0, tall=520.0, around=0.02)
    water = "".join(
        path_of(one, view) for one in ground.water if one.intersects(shapely.box(*view.box))
    )
    sea = f'<path d="{water}" fill="{TOKENS["water"]}"/>' if water else ""
    shapes, names, taken = [], [], list[Box]()
    for shape, label in zip(ground.areas.geometry, ground.areas["area_name"], strict=True):
        name = literal(str(label))
        path = f'<path d="{path_of(shape, view)}" fill="{NEAR}" stroke="{LINE}"/>'
        shapes.append(_linked(path, name, links))
        names.append(write_name(shape, name, view, taken, NAME))
    return (
        f'<svg class="near" viewBox="0 0 {view.wide:.0f} {view.tall:.0f}" role="group"'
        f' aria-label="{escape(told)}" fill="{INK}">{sea}{"".join(shapes)}{"".join(names)}</svg>'
    )


def _linked(path: str, name: str, links: Mapping[str, str], *, mine: bool = False) -> str:
    """Let an outline lead to the page of its area, and say its name to who points at it."""
    told = f"<title>{escape(name)}</title>"
    if name not in links or mine:
        return f"<g>{told}{path}</g>"
    return f'<a href="{escape(links[name])}" aria-label="{escape(name)}">{told}{path}</a>'


def write_name(shape: shapely.Geometry, name: str, view: View, taken: list[Box], face: Face) -> str:
    """Write a name within what is seen of its area, where it meets nothing else."""
    part = shapely.clip_by_rect(shapely.make_valid(shape), *view.box)
    if not part.area:
        return ""
    part = max(shapely.get_parts(part), key=lambda one: one.area)
    west, south, east, north = part.bounds
    wide, tall = (east - west) * view.scale, (north - south) * view.scale
    if min(wide, tall) < LEAST_ROOM:
        return ""
    # Where it is widest: a point that is merely inside may lie close to a border.
    circle = shapely.maximum_inscribed_circle(part, tolerance=2 / view.scale)
    at = view.place(shapely.get_coordinates(circle))[0]
    step = line_height(face)
    for lines in ([name], split_name(name), [shorten(name, max(wide, 90.0), face)]):
        half = max(measure(line, face) for line in lines) / 2
        high = step * len(lines) / 2
        x = min(max(at[0], half + 3), view.wide - half - 3)
        if 2 * half + 6 > view.wide or 2 * half > wide * 1.15:
            continue
        for shift in SHIFTS:
            y = min(max(at[1] + shift, high + 2), view.tall - high - 2)
            box = (x - half - 2, y - high, x + half + 2, y + high)
            if abs(y - at[1]) <= tall / 2 and not _hits(box, taken):
                taken.append(box)
                return _text(x, y, lines, face, INK)
    return ""


def _text(x: float, y: float, lines: list[str], face: Face, fill: str) -> str:
    step = line_height(face)
    first = y + 0.36 * face.size - step * (len(lines) - 1) / 2
    bold = ' font-weight="bold"' if face.bold else ""
    looks = (
        f'text-anchor="middle" font-size="{face.size:g}"{bold} fill="{fill}" stroke="{PAPER}"'
        ' stroke-width="3" paint-order="stroke" pointer-events="none"'
    )
    return "".join(
        f'<text x="{x:.1f}" y="{first + step * place:.1f}" {looks}>{escape(line)}</text>'
        for place, line in enumerate(lines)
    )


def _clusters(clusters: pd.DataFrame | None, view: View, taken: list[Box]) -> tuple[str, str]:
    """Draw outlines of clusters, and their numbers apart, to lie over all else."""
    if clusters is None or clusters.empty or "geometry" not in clusters:
        return "", ""
    outlines, numbers = [], []
    for number, (shape, sure) in enumerate(
        zip(clusters["geometry"], clusters["significant"], strict=True), 1
    ):
        if shape is None or shape.is_empty:
            continue
        seen = shapely.clip_by_rect(shape, *view.box) if shape.area else shape
        seen = shape if seen.is_empty else seen
        at = view.place(shapely.get_coordinates(seen.representative_point()))[0]
        if shape.area > 0:
            path = path_of(shape, view)
            dashed = "" if sure else ' stroke-dasharray="5 3"'
            outlines.append(f'<path d="{path}" fill="none" stroke="{PAPER}" stroke-width="4"/>')
            outlines.append(
                f'<path d="{path}" fill="none" stroke="{SIGNAL}" stroke-width="2"{dashed}/>'
            )
        numbers.append(_number(at, str(number), view, taken, sure=bool(sure)))
    return "".join(outlines), "".join(numbers)


def _number(at: np.ndarray, text: str, view: View, taken: list[Box], *, sure: bool) -> str:
    """Set a number on the map, moved aside where others are."""
    half = 6.0 + 3.5 * (len(text) - 1)
    for x, y in ((0, 0), (17, 0), (-17, 0), (0, 17), (0, -17), (24, 17), (-24, -17), (34, 0)):
        left = min(max(at[0] + x, half + 2), view.wide - half - 2)
        top = min(max(at[1] + y, 9.0), view.tall - 9.0)
        box = (left - half - 1, top - 8, left + half + 1, top + 8)
        if not _hits(box, taken):
            break
    taken.append(box)
    fill, ink = (SIGNAL, PAPER) if sure else (PAPER, SIGNAL)
    return (
        f'<rect x="{left - half:.1f}" y="{top - 7:.1f}" width="{2 * half:.1f}" height="14"'
        f' fill="{fill}" stroke="{PAPER if sure else SIGNAL}"/><text x="{left:.1f}"'
        f' y="{top + 4:.1f}" font-size="11" font-weight="bold" text-anchor="middle"'
        f' fill="{ink}">{text}</text>'
    )


def _hits(box: Box, taken: Iterable[Box]) -> bool:
    return any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in taken
    )

"""The still picture of a map: inline SVG, for print and for readers without scripts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice

from geoprofiles.publish import shapes
from geoprofiles.publish.overlays import MOST_MARKERS
from geoprofiles.publish.parts import Choropleth, Geometry, Overlay, Page
from geoprofiles.words import split_name

WIDTH, HEIGHT, MARGIN = 1000, 860, 14
"""Largest extent of the picture, and its margin, in its own units."""

LABEL = 17
"""Height of a letter of a place name."""

LETTER = 0.56
"""Width of a letter as a part of its height."""

METRES_A_DEGREE = 111_320

Room = tuple[float, float, float, float]


@dataclass(frozen=True)
class Projection:
    """From packed corners to the picture's units."""

    west: float
    north: float
    across: float
    down: float
    width: float
    height: float

    def place(self, corner: Sequence[float]) -> tuple[float, float]:
        """Project one corner, given in packed units."""
        x = (corner[0] / shapes.SCALE - self.west) * self.across + MARGIN
        y = (self.north - corner[1] / shapes.SCALE) * self.down + MARGIN
        return round(x, 1), round(y, 1)


def projection(
    bounds: Sequence[float], *, width: float = WIDTH, height: float = HEIGHT
) -> Projection:
    """Fit bounds in degrees into the picture, true to shape at their middle."""
    west, south, east, north = bounds
    squeeze = max(math.cos(math.radians((south + north) / 2)), 0.01)
    wide, high = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    scale = min(width / wide, height / high)
    return Projection(
        west,
        north,
        squeeze * scale,
        scale,
        round(wide * scale + 2 * MARGIN, 1),
        round(high * scale + 2 * MARGIN, 1),
    )


def draw_picture(page: Page, *, layer: int = 0) -> str:
    """Draw one layer, its place names and the hot spots that are switched on, as SVG."""
    chosen = page.layers[layer]
    if page.bounds is None:
        return f"<p>There are no outlines to draw. {escape(chosen.summary)}</p>"
    view = projection(page.bounds)
    geometry = page.geometries[chosen.geometry]
    described = escape(f"Map. {chosen.table.caption}. {chosen.summary}")
    shown = [one for one in page.overlays if one.shown]
    marks, taken = _marks(shown, view)
    dim = " dim" if any(one.kind != "clusters" for one in shown) else ""
    parts = [
        f'<svg id="picture" role="img" aria-label="{described}"'
        f' viewBox="0 0 {view.width:g} {view.height:g}">',
        *_grounds(page, view),
        f'<g id="picture-areas" class="areas{dim}">',
        *_areas(chosen, geometry, view),
        "</g>",
        *_ways(page, view),
        '<g id="picture-spots">',
        *(piece for one in shown for piece in _spots(one, view)),
        *marks,
        '</g><g id="picture-names" class="names">',
        *_names(chosen, geometry, view, taken),
        "</g>",
        *_scale_bar(view),
        "</svg>",
    ]
    return "\n".join(parts)


def path(shape: shapes.Shape, view: Projection, *, closed: bool = True) -> str:
    """Write a packed shape as the ``d`` of a path."""
    return "".join(
        "M" + "L".join(f"{x:g} {y:g}" for x, y in map(view.place, shapes.unpack(ring)))
        + ("Z" if closed else "")
        for part in shape
        for ring in part
    )  # fmt: skip


def _grounds(page: Page, view: Projection) -> Iterable[str]:
    """Draw outlines below the areas."""
    for one in page.backdrops:
        if one.polygons:
            drawn = "".join(path(shape, view) for shape in one.polygons)
            yield f'<path class="ground-{one.style}" d="{drawn}"/>'


def _ways(page: Page, view: Projection) -> Iterable[str]:
    """Draw lines over the areas; minor roads would crowd a whole map."""
    for one in page.backdrops:
        if one.lines and one.style != "minor":
            drawn = "".join(path(shape, view, closed=False) for shape in one.lines)
            yield f'<path class="ground-{one.style} line" d="{drawn}"/>'


def _areas(layer: Choropleth, geometry: Geometry, view: Projection) -> Iterable[str]:
    for look, shape in zip(layer.looks, geometry.shapes, strict=True):
        if shape:
            fill = ' fill="url(#hatch)"' if look == "k0" else ""
            yield f'<path class="area {look}"{fill} d="{path(shape, view)}"/>'


def _spots(overlay: Overlay, view: Projection) -> Iterable[str]:
    if overlay.kind != "clusters":
        name = "band" if overlay.kind == "density" else "cell"
        for look, shape in zip(overlay.looks, overlay.shapes, strict=True):
            if shape:
                yield f'<path class="{name} {look}" d="{path(shape, view)}"/>'
        return
    for look, shape, single in zip(overlay.looks, overlay.shapes, overlay.single, strict=True):
        if shape and not single:
            outline = path(shape, view)
            name = "cluster chance" if look == "chance" else "cluster"
            yield f'<path class="casing" d="{outline}"/><path class="{name}" d="{outline}"/>'


def _marks(overlays: Sequence[Overlay], view: Projection) -> tuple[list[str], list[Room]]:
    """Draw numbered marks and say what room they take; one on another shrinks to a dot."""
    drawn: list[str] = []
    taken: list[Room] = []
    for one in overlays:
        if one.kind != "clusters":
            continue
        marked = zip(one.anchors, one.marks, one.single, strict=True)
        present = ((*view.place(anchor), mark, single) for anchor, mark, single in marked if anchor)
        for x, y, mark, single in islice(present, MOST_MARKERS):
            half = max(14, 4 * len(mark) + 7)
            room = (x - half, y - 14, x + half, y + 14)
            small = _hits(room, taken)
            taken.append((x - 7, y - 7, x + 7, y + 7) if small else room)
            drawn.append(_mark(x, y, "" if small else mark, single=single))
    return drawn[::-1], taken


def _mark(x: float, y: float, mark: str, *, single: bool) -> str:
    half, tall = (max(13.0, 5.2 * len(mark) + 5), 12) if mark else (6.0, 6)
    words = f'<text class="mark-text" x="{x:g}" y="{y + 5:g}">{escape(mark)}</text>' if mark else ""
    if single:
        side = half + (5 if mark else 2)
        corners = f"{x:g},{y - side:g} {x + side:g},{y:g} {x:g},{y + side:g} {x - side:g},{y:g}"
        return f'<polygon class="mark single" points="{corners}"/>{words}'
    return (
        f'<rect class="mark" x="{x - half:g}" y="{y - tall:g}" rx="{tall}"'
        f' width="{2 * half:g}" height="{2 * tall}"/>{words}'
    )


def _names(
    layer: Choropleth, geometry: Geometry, view: Projection, taken: Sequence[Room]
) -> Iterable[str]:
    for x, y, lines in place_names(geometry, view, taken=taken, signs=layer.signs):
        spans = "".join(
            f'<tspan x="{x:g}" y="{y + (row - (len(lines) - 1) / 2) * LABEL * 1.1 + 5:g}">'
            f"{escape(line)}</tspan>"
            for row, line in enumerate(lines)
        )
        yield f"<text>{spans}</text>"


def place_names(
    geometry: Geometry,
    view: Projection,
    *,
    taken: Sequence[Room] = (),
    signs: Sequence[str] = (),
    size: float = LABEL,
) -> list[tuple[float, float, list[str]]]:
    """Choose which names fit their areas without running into another; large areas first.

    `signs` stand before the names; `size` is how high letters are.
    """
    rooms = []
    named = [
        f"{sign} {name}" if sign else name
        for sign, name in zip(signs or [""] * len(geometry.names), geometry.names, strict=True)
    ]
    for at, (name, shape, anchor) in enumerate(
        zip(named, geometry.shapes, geometry.anchors, strict=True)
    ):
        box = shapes.bounds([shape])
        if box is None or anchor is None:
            continue
        wide, high = (box[2] - box[0]) * view.across, (box[3] - box[1]) * view.down
        sign = signs[at] if signs else ""
        rooms.append((-wide * high, name, *view.place(anchor), wide, high, sign))
    rest = list(taken)
    placed = []
    for _, name, x, y, wide, high, sign in sorted(rooms):
        # Where a name has no room its sign may have, which says the same as the colour.
        for lines, shift in [*_forms(name, high), *([([sign], 0)] if sign else [])]:
            half = max(map(len, lines)) * size * LETTER / 2
            tall = len(lines) * size * 1.1 / 2
            room = (x - half - 3, y + shift - tall - 2, x + half + 3, y + shift + tall + 2)
            inside = room[0] > 0 and room[2] < view.width
            if inside and 2 * half < wide * 0.92 and 2 * tall < high and not _hits(room, rest):
                rest.append(room)
                placed.append((x, y + shift, lines))
                break
    return placed


def _forms(name: str, high: float) -> Iterable[tuple[list[str], float]]:
    """Give the ways a name may stand, best first: on its spot, then moved up or down."""
    for shift in (0, -26, 26, -40, 40):
        if abs(shift) < high * 0.3:
            yield [name], shift
            if len(name) >= 9:
                yield split_name(name), shift


def _hits(room: Sequence[float], taken: Iterable[Sequence[float]]) -> bool:
    return any(
        room[0] < other[2] and other[0] < room[2] and room[1] < other[3] and other[1] < room[3]
        for other in taken
    )


def _scale_bar(view: Projection) -> Iterable[str]:
    metres = view.width / view.down * METRES_A_DEGREE / 5
    size = 10 ** math.floor(math.log10(metres))
    length = max(step * size for step in (1, 2, 5) if step * size <= metres)
    across = length / METRES_A_DEGREE * view.down
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    y = view.height - 10
    yield f'<path class="scale" d="M{MARGIN} {y - 7:g}V{y:g}H{MARGIN + across:g}V{y - 7:g}"/>'
    yield f'<text class="scale-text" x="{MARGIN + 6}" y="{y - 6:g}">{words}</text>'

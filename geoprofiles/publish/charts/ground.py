"""Ground of still maps: from metres to points of a sheet, and shapes drawn there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geoprofiles.publish.charts.frame import HUSHED, LEFT, QUIET, RIGHT, Box, Sheet, Stroke
from geoprofiles.publish.style import TOKENS

TALLEST = 430.0
"""Height of a map at the most, in points."""

MARGIN_SHARE = 0.03
"""Of the extent of the areas, that context is shown beyond them."""

HATCH = Stroke(TOKENS["hatch"], 0.7)
HATCH_GAP = 4.5
"""Points between the lines of a hatch."""


@dataclass(frozen=True)
class View:
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
        """What it takes of the sheet."""
        return self.left, self.top, self.left + self.wide, self.top + self.tall

    def under(self, top: float, left: float = 0.0) -> View:
        """Put it at the top of a body, and so far from its left."""
        left += self.left
        return View(self.west, self.north, self.scale, left, top, self.wide, self.tall)

    def place(self, corners: np.ndarray) -> np.ndarray:
        """Turn metres to points of the sheet."""
        x = self.left + (corners[:, 0] - self.west) * self.scale
        y = self.top + (self.north - corners[:, 1]) * self.scale
        return np.column_stack([x, y])

    @property
    def box(self) -> Box:
        """What of the ground is shown, in metres."""
        south = self.north - self.tall / self.scale
        return self.west, south, self.west + self.wide / self.scale, self.north


def view_of(bounds: np.ndarray, wide: float = RIGHT - LEFT, tall: float = TALLEST) -> View:
    """Fit bounds in metres into so much room, in its middle."""
    west, south, east, north = bounds
    edge = MARGIN_SHARE * max(east - west, north - south, 1.0)
    west, south, east, north = west - edge, south - edge, east + edge, north + edge
    scale = min(wide / (east - west), tall / (north - south))
    across, down = (east - west) * scale, (north - south) * scale
    return View(west, north, scale, LEFT + (wide - across) / 2, 0.0, across, down)


def seen(view: View, shape: shapely.Geometry) -> shapely.Geometry:
    """Cut a shape to what is shown."""
    if shapely.box(*view.box).covers(shape):
        return shape
    return shapely.clip_by_rect(shapely.make_valid(shape), *view.box)


def fill(sheet: Sheet, view: View, shape: shapely.Geometry, fill: str, edge: str = "") -> None:
    """Fill a shape with its holes left open."""
    simple = shapely.simplify(seen(view, shape), 0.35 / view.scale)
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


def hatch(sheet: Sheet, view: View, shape: shapely.Geometry) -> None:
    """Fill a shape as one without data."""
    fill(sheet, view, shape, TOKENS["nodata"])
    west, south, east, north = seen(view, shape).bounds
    high = north - south
    starts = np.arange(west - high, east, HATCH_GAP * math.sqrt(2) / view.scale)
    if not len(starts):
        return
    lines = shapely.linestrings(
        np.stack(
            [np.column_stack([starts, np.full(len(starts), south)]),
             np.column_stack([starts + high, np.full(len(starts), north)])], axis=1,
        )
    )  # fmt: skip
    for line in shapely.get_parts(shapely.intersection(lines, seen(view, shape))):
        if line.geom_type == "LineString" and line.length:
            trace(sheet, view, line, HATCH)


def trace(sheet: Sheet, view: View, line: shapely.Geometry, stroke: Stroke) -> None:
    """Draw lines, cut to what is shown."""
    simple = shapely.simplify(seen(view, line), 0.35 / view.scale)
    for part in shapely.get_parts(simple):
        corners = view.place(shapely.get_coordinates(part))
        if len(corners) > 1:
            x, y = corners.T.tolist()
            sheet.line(x, y, stroke)


def hits(box: Box, taken: Iterable[Box]) -> bool:
    """Tell whether a box meets another."""
    return any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in taken
    )


def scale_bar(sheet: Sheet, view: View) -> None:
    """Set a scale bar into the lower left corner. North is up: the grid's north, as on OS maps."""
    metres = view.wide / view.scale / 5
    size = 10 ** math.floor(math.log10(metres))
    length = max(step * size for step in (1, 2, 5) if step * size <= metres)
    x, y = view.left + 2, view.top + view.tall - 3
    end = x + length * view.scale
    sheet.line([x, x, end, end], [y - 4, y, y, y - 4], Stroke(QUIET, 1.0))
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    sheet.write(x + 3, y - 3.5, words, HUSHED)

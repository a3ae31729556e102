"""Shapes for a page: turned to longitude and latitude, simplified, rounded, packed as numbers.

A packed ring is a flat list of whole numbers in 1/100,000 of a degree (about a metre): the first
corner, then the step to each next one. A shape is a list of parts, a part a list of rings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoprofiles import crs

if TYPE_CHECKING:
    import geopandas

SCALE = 100_000
TOLERANCE = 5.0
"""Metres by which an outline may be moved to save corners; larger for maps over 12 km wide."""

EXTENT_TO_TOLERANCE = 2500

Ring = list[int]
Shape = list[list[Ring]]


def simplify(shapes: geopandas.GeoSeries, *, cover: bool) -> geopandas.GeoSeries:
    """Drop corners that cannot be seen; areas keep the borders that they share.

    Parameters
    ----------
    shapes : GeoSeries
        In any coordinate system.
    cover : bool
        Whether the shapes are areas that tile the ground, without overlaps.

    Returns
    -------
    GeoSeries
        In longitude and latitude. Missing and empty shapes stay.
    """
    if shapes.crs is None:
        shapes = shapes.set_crs(crs.WEB)
    present = ~(shapes.isna() | shapes.is_empty)
    if not present.any():
        return (
            shapes if crs.WEB.equals(shapes.crs) else shapes.set_crs(crs.WEB, allow_override=True)
        )
    system = shapes.crs
    if not crs.is_metric(system):
        shapes = shapes.to_crs(crs.WEB)
        system = crs.metric_crs(*shapes[present].total_bounds)
        shapes = shapes.to_crs(system)
    west, south, east, north = shapes[present].total_bounds
    tolerance = max(TOLERANCE, max(east - west, north - south) / EXTENT_TO_TOLERANCE)
    found = shapes[present].to_numpy()
    if cover and hasattr(shapely, "coverage_simplify") and bool(shapely.coverage_is_valid(found)):
        simple = shapely.coverage_simplify(found, tolerance)
    else:
        simple = shapely.simplify(found, tolerance if not cover else 1.0, preserve_topology=True)
    result = shapes.copy()
    result[present] = simple
    return result.to_crs(crs.WEB)


def to_web(shapes: geopandas.GeoSeries) -> geopandas.GeoSeries:
    """Turn shapes to longitude and latitude with every corner, as cells need, which are few."""
    return shapes if shapes.crs is None else shapes.to_crs(crs.WEB)


def pack(shape: Any) -> Shape:
    """Pack a shape in longitude and latitude; points give parts of one corner.

    Examples
    --------
    >>> pack(shapely.box(0, 0, 0.001, 0.002))
    [[[100, 0, 0, 200, -100, 0, 0, -200]]]
    >>> pack(None)
    []
    """
    if shape is None or shape.is_empty:
        return []
    parts = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            rings = [_pack_line(ring) for ring in (part.exterior, *part.interiors)]
            if len(rings[0]) >= 6:
                parts.append([ring for ring in rings if len(ring) >= 6])
        elif part.geom_type == "Point":
            parts.append([_pack_line(part)])
        elif part.geom_type in {"LineString", "LinearRing"}:
            line = _pack_line(part, closed=False)
            if len(line) >= 4:
                parts.append([line])
        else:
            parts.extend(pack(part))
    return parts


def _pack_line(line: Any, *, closed: bool = True) -> Ring:
    corners = np.round(shapely.get_coordinates(line) * SCALE).astype(int)
    steps = np.diff(corners, axis=0)
    moved = np.concatenate([[True], (steps != 0).any(axis=1)])
    corners = corners[moved]
    if closed and len(corners) > 1 and (corners[0] == corners[-1]).all():
        corners = corners[:-1]
    return [int(one) for one in np.vstack([corners[:1], np.diff(corners, axis=0)]).ravel()]


def unpack(ring: Ring) -> np.ndarray:
    """Give a packed ring's corners as whole numbers, one row a corner.

    Examples
    --------
    >>> unpack([100, 0, 0, 200]).tolist()
    [[100, 0], [100, 200]]
    """
    return np.cumsum(np.array(ring, dtype=int).reshape(-1, 2), axis=0)


def bounds(shapes: Iterable[Shape]) -> list[float] | None:
    """Return west, south, east, north in degrees of packed shapes, or None where there are none."""
    rings = [unpack(ring) for shape in shapes for part in shape for ring in part]
    if not rings:
        return None
    corners = np.vstack(rings)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return [float(one) / SCALE for one in (*low, *high)]


def anchors(shapes: Sequence[Any]) -> list[list[int] | None]:
    """Choose the point of each shape where its name may stand: well inside its largest part."""
    places: list[list[int] | None] = []
    for shape in shapes:
        if shape is None or shape.is_empty:
            places.append(None)
            continue
        largest = max(shapely.get_parts(shape), key=lambda part: (part.area, part.length))
        point = _inside(largest)
        places.append([round(point.x * SCALE), round(point.y * SCALE)])
    return places


def _inside(part: Any) -> Any:
    if part.area == 0:
        return part.representative_point()
    middle = part.centroid
    west, south, east, north = part.bounds
    room = 0.12 * min(east - west, north - south)
    if part.contains(middle) and part.exterior.distance(middle) > room:
        return middle
    line = shapely.maximum_inscribed_circle(part, tolerance=max(east - west, north - south) / 50)
    return shapely.Point(line.coords[0])

"""Decode TopoJSON: borders that areas share, stored once, back into rings."""

from __future__ import annotations

from typing import Any

from geoprofiles.errors import InputError
from geoprofiles.words import listed, nearest


def features_of_topology(
    topology: dict[str, Any], *, name: str, layer: str | None = None
) -> list[dict[str, Any]]:
    """Turn one object of a TopoJSON document into GeoJSON features.

    Raises
    ------
    InputError
        If the document is not sound, or holds several objects and none is named.

    Examples
    --------
    >>> square = {"type": "Topology", "arcs": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]],
    ...           "objects": {"wards": {"type": "GeometryCollection", "geometries": [
    ...               {"type": "Polygon", "arcs": [[0]], "properties": {"code": "A"}}]}}}
    >>> features_of_topology(square, name="wards.topojson")[0]["properties"]
    {'code': 'A'}
    """
    objects = topology.get("objects")
    if not isinstance(objects, dict) or not objects:
        raise InputError("this TopoJSON holds no objects", file=name)
    if layer is not None and layer not in objects:
        raise InputError(f"there is no layer '{layer}'", file=name, remedy=nearest(layer, objects))
    if layer is None and len(objects) > 1:
        raise InputError(
            f"there are {len(objects)} layers: {listed(objects)}",
            file=name,
            remedy=f"Say which with layer='{next(iter(objects))}'.",
        )
    chosen = objects[layer] if layer is not None else next(iter(objects.values()))
    try:
        arcs = [_arc(arc, topology.get("transform")) for arc in topology["arcs"]]
        inner = chosen["geometries"] if chosen["type"] == "GeometryCollection" else [chosen]
        return [_feature(geometry, arcs) for geometry in inner]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InputError(
            "this TopoJSON is damaged: an object does not fit its arcs",
            file=name,
            remedy="Download it again.",
        ) from error


def _arc(arc: list[list[float]], transform: dict[str, Any] | None) -> list[tuple[float, float]]:
    if transform is None:
        return [(float(x), float(y)) for x, y, *_ in arc]
    (scale_x, scale_y), (move_x, move_y) = transform["scale"], transform["translate"]
    x = y = 0.0
    points = []
    for dx, dy, *_ in arc:
        x, y = x + dx, y + dy
        points.append((x * scale_x + move_x, y * scale_y + move_y))
    return points


def _feature(geometry: dict[str, Any], arcs: list[list[tuple[float, float]]]) -> dict[str, Any]:
    kind = geometry.get("type")
    shape: dict[str, Any] | None = None
    if kind == "Polygon":
        shape = {"type": kind, "coordinates": [_ring(one, arcs) for one in geometry["arcs"]]}
    elif kind == "MultiPolygon":
        parts = [[_ring(one, arcs) for one in part] for part in geometry["arcs"]]
        shape = {"type": kind, "coordinates": parts}
    elif kind is not None:
        raise ValueError(kind)
    return {
        "type": "Feature",
        "id": geometry.get("id"),
        "properties": geometry.get("properties") or {},
        "geometry": shape,
    }


def _ring(indices: list[int], arcs: list[list[tuple[float, float]]]) -> list[tuple[float, float]]:
    """Join arcs end to end; a negative number means an arc the other way round."""
    ring: list[tuple[float, float]] = []
    for index in indices:
        points = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring.extend(points[1:] if ring else points)
    return ring

"""How much of a Gaussian kernel lies within an outline, from the outline itself."""

from __future__ import annotations

import numpy as np
import shapely

from geoprofiles.hotspots.kernels import GAUSSIAN_REACH
from geoprofiles.hotspots.neighbours import PAIRS_AT_ONCE, blocks

_DETAIL = 1 / 200
"""Standard deviations by which an outline may be simplified; moves the mass by under 0.002."""

_ON_EDGE = 1e-6
"""Metres within which a point is on a segment, where rounding would choose its side."""


def mass_within(points: np.ndarray, outline: shapely.Geometry, deviation: float) -> np.ndarray:
    """Return the part, 0 to 1, of a Gaussian on each point that lies within an outline.

    Seen from a point, the Gaussian beyond a straight segment is a difference of two values of
    Owen's T function, so the mass is a sum over the segments of the outline, holes and islands
    included: no grid is laid, and no bandwidth is too small for it.
    """
    from scipy.special import owens_t

    outline = shapely.normalize(shapely.simplify(outline, deviation * _DETAIL))
    shapely.prepare(outline)
    inside = shapely.contains_xy(outline, points[:, 0], points[:, 1])
    start, end = _segments(outline)
    tree = shapely.STRtree(shapely.linestrings(np.stack([start, end], axis=1)))
    beyond = np.zeros(len(points))
    for block in blocks(np.full(len(points), len(start)), PAIRS_AT_ONCE):
        asked = points[block]
        point, segment = tree.query(
            shapely.points(asked), predicate="dwithin", distance=GAUSSIAN_REACH * deviation
        )
        first, last = start[segment] - asked[point], end[segment] - asked[point]
        along = (last - first) / np.linalg.norm(last - first, axis=1)[:, None]
        away = first[:, 1] * along[:, 0] - first[:, 0] * along[:, 1]
        side = np.where(
            np.abs(away) < _ON_EDGE, np.where(inside[block][point], 1.0, -1.0), np.sign(away)
        )
        away = np.maximum(np.abs(away), _ON_EDGE * 1e-3)
        to_last, to_first = ((one * along).sum(axis=1) / away for one in (last, first))
        part = owens_t(away / deviation, to_last) - owens_t(away / deviation, to_first)
        beyond[block] = np.bincount(point, side * part, minlength=len(asked))
    return np.clip(inside - beyond, 0, 1)


def _segments(outline: shapely.Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Return start and end of the segments of a normalised outline; what is within lies right."""
    rings = shapely.get_rings(shapely.get_parts(outline))
    at, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return at[:-1][same], at[1:][same]

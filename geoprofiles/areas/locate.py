"""Which area each incident lies in."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_same_crs
from geoprofiles.frames import Areas, Incidents, check_areas, check_incidents, incidents_crs

POINTS_PER_AREA = 10
"""Below so many distinct points an area, asking a tree for each point is quicker."""


def locate(incidents: Incidents, areas: Areas | Mapping[str, Areas]) -> Incidents:
    """Add the code of the area that each incident lies in.

    A point on a border shared by several areas belongs to the one whose code comes first in
    sorted order; a point on the outer edge belongs to the area it touches. The answer for a
    point depends on nothing but the point and the areas.

    Parameters
    ----------
    incidents : DataFrame or GeoDataFrame
        Incidents with ``easting`` and ``northing`` in metres (NaN where there is no location),
        or a GeoDataFrame of points.
    areas : GeoDataFrame or mapping of str to GeoDataFrame
        Areas, in the same metres; several sets may be given at once under their kinds.

    Returns
    -------
    DataFrame
        A copy of `incidents`, same rows and index, with ``area_code`` (category): NA where the
        incident lies outside all areas or has no location. For a mapping, one column
        ``<kind>_code`` for each set.

    Raises
    ------
    CRSError
        If the two are in different metres, or the areas are in none.
    InputError
        If coordinates are missing as columns, or area codes repeat.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill", "Quay"]},
    ...     geometry=[box(0, 0, 1e3, 1e3), box(1e3, 0, 2e3, 1e3)],
    ...     index=pd.Index(["A", "B"], name="area_code"), crs=27700)
    >>> incidents = pd.DataFrame({"easting": [500, 1000, 5000], "northing": [500, 500, 500]})
    >>> geoprofiles.locate(incidents, areas)["area_code"].tolist()
    ['A', 'A', nan]
    """
    sets = areas if isinstance(areas, Mapping) else {"area": areas}
    located = incidents.copy()
    x, y = _coordinates(incidents)
    # Incident data are often snapped to few points: each distinct one is located once.
    distinct, inverse = _distinct(x, y)
    for kind, one in sets.items():
        check_areas(one)
        system = incidents_crs(incidents)
        if system is not None:
            check_same_crs(system, one.crs, names=("Incidents", "Areas"))
        place = _areas_of(distinct.real, distinct.imag, one)
        codes = pd.Categorical.from_codes(place, categories=one.index.astype(object))
        located[f"{kind}_code"] = codes.take(inverse)
    return located


def _coordinates(incidents: Incidents) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(incidents, geopandas.GeoDataFrame) and "easting" not in incidents:
        points = incidents.geometry.to_numpy()
        return shapely.get_x(points), shapely.get_y(points)
    check_incidents(incidents)
    return (
        incidents["easting"].to_numpy(dtype=float, na_value=np.nan),
        incidents["northing"].to_numpy(dtype=float, na_value=np.nan),
    )


def _distinct(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fold points to distinct ones, sorted by easting, as complex numbers; NaN stays one point."""
    pairs = x + 1j * y
    pairs[np.isnan(x) | np.isnan(y)] = complex(np.nan, np.nan)
    return np.unique(pairs, return_inverse=True)


def _areas_of(x: np.ndarray, y: np.ndarray, areas: Areas) -> np.ndarray:
    """Return the place in `areas` of the area that holds each point, -1 for none.

    `x` is sorted, NaN last.
    """
    shapes = areas.geometry.to_numpy()
    # Areas in order of their codes, so that the first of several that touch a point wins.
    order = np.argsort(areas.index.astype(str).to_numpy(), kind="stable")
    known = int(np.searchsorted(x, np.inf, side="right"))
    found = np.full(len(x), -1, dtype=np.int64)
    few = known < POINTS_PER_AREA * len(shapes)
    first = (_by_tree if few else _by_bands)(x[:known], y[:known], shapes[order])
    found[:known] = np.where(first < 0, -1, order[first])
    return found


def _by_tree(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Ask a tree of the areas for each point: best for few points over many areas."""
    points, place = shapely.STRtree(shapes).query(shapely.points(x, y), predicate="intersects")
    found = np.full(len(x), len(shapes), dtype=np.int64)
    np.minimum.at(found, points, place)
    return np.where(found == len(shapes), -1, found)


def _by_bands(x: np.ndarray, y: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Ask each area for the points in its west-to-east band: a slice, because `x` is sorted."""
    shapely.prepare(shapes)
    bounds = shapely.bounds(shapes)
    first = np.searchsorted(x, bounds[:, 0], side="left")
    last = np.searchsorted(x, bounds[:, 2], side="right")
    found = np.full(len(x), -1, dtype=np.int64)
    for place in np.flatnonzero(first < last):
        start, stop = first[place], last[place]
        south, north = bounds[place, 1], bounds[place, 3]
        band = y[start:stop]
        near = np.flatnonzero((band >= south) & (band <= north) & (found[start:stop] < 0)) + start
        if len(near):
            inside = shapely.intersects_xy(shapes[place], x[near], y[near])
            found[near[inside]] = place
    return found

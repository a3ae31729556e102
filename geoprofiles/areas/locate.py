"""Which area each incident lies in."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.areas.index import AreaIndex, ask_geos, sorted_shapes
from geoprofiles.areas.index_build import build_index
from geoprofiles.checks import check_same_crs
from geoprofiles.frames import Areas, Incidents, check_areas, check_incidents, incidents_crs

FEWEST_POINTS, POINTS_PER_VERTEX = 8_000, 2
"""From so many points, and so many for each vertex of the borders, building an index pays."""


def locate(
    incidents: Incidents,
    areas: Areas | Mapping[str, Areas],
    *,
    index: AreaIndex | Mapping[str, AreaIndex] | None = None,
) -> Incidents:
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
    index : AreaIndex or mapping of str to AreaIndex, optional
        What :func:`build_index` made of these areas, for work done batch by batch. Where not
        said, one is built if the points are many enough to pay for it.

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
    indexes = index if isinstance(index, Mapping) else {"area": index}
    located = incidents.copy()
    x, y = _coordinates(incidents)
    for kind, one in sets.items():
        check_areas(one)
        system = incidents_crs(incidents)
        if system is not None:
            check_same_crs(system, one.crs, names=("Incidents", "Areas"))
        place = locate_points(x, y, one, indexes.get(kind))
        located[f"{kind}_code"] = pd.Categorical.from_codes(
            place, categories=one.index.astype(object), validate=False
        )
    return located


def locate_points(
    x: np.ndarray, y: np.ndarray, areas: Areas, index: AreaIndex | None = None
) -> np.ndarray:
    """Return the row in `areas` of the area that holds each point, -1 for none.

    Without an index, few points over detailed borders are put to GEOS directly, which takes
    less time than building one. Both give the same answer.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> locate_points([500.0, np.nan], [500.0, 500.0], areas).tolist()
    [0, -1]
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if index is not None:
        return index.locate(x, y)
    shapes, place = sorted_shapes(areas)
    enough = max(FEWEST_POINTS, POINTS_PER_VERTEX * shapely.get_num_coordinates(shapes).sum())
    if len(x) >= enough and len(shapes):
        return build_index(areas).locate(x, y)
    found = np.full(len(x), -1, dtype=np.int32)
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    found[known] = ask_geos(shapes, place, x[known], y[known])
    return found


def _coordinates(incidents: Incidents) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(incidents, geopandas.GeoDataFrame) and "easting" not in incidents:
        points = incidents.geometry.to_numpy()
        return shapely.get_x(points), shapely.get_y(points)
    check_incidents(incidents)
    return (
        incidents["easting"].to_numpy(dtype=float, na_value=np.nan),
        incidents["northing"].to_numpy(dtype=float, na_value=np.nan),
    )

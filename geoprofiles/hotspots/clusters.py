"""Clusters: DBSCAN on weighted distinct places, outlined honestly."""

from __future__ import annotations

from typing import NamedTuple

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_positive, check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Clusters, Places, check_areas
from geoprofiles.hotspots.neighbours import chains, dense_places, within
from geoprofiles.hotspots.places import check_places

FEWEST_PLACES = 3
"""A cluster on fewer distinct places is a single map point and is not outlined."""

COLUMNS = (
    "count", "places", "share", "area_km2", "first_month", "last_month", "per_month", "outlined",
)  # fmt: skip


def hotspot_clusters(places: Places, areas: Areas, *, eps: float, min_samples: int) -> Clusters:
    """Find where incidents lie close together, and outline it.

    DBSCAN with weights: a place is a core place when the places within `eps` of it, itself
    included, hold at least `min_samples` incidents; core places within `eps` of one another are
    one cluster. A place that is not core and lies within `eps` of a core place belongs to the
    cluster of the nearest. The outline is the union of discs of radius `eps` around the core
    places, which is the ground that DBSCAN calls dense, clipped to the areas. Nothing is tested
    against chance.

    Parameters
    ----------
    places : DataFrame
        Places, in metres.
    areas : GeoDataFrame
        Areas, in the same metres, to clip to.
    eps : float
        Metres.
    min_samples : int
        Incidents.

    Returns
    -------
    GeoDataFrame
        Clusters: index ``cluster``, 1 the largest; ``count``, ``places``, ``share`` (of all
        incidents given, 0 to 1), ``area_km2``, ``first_month``, ``last_month``, ``per_month``,
        ``outlined``. A cluster on fewer than 3 distinct places is a single map point: a Point at
        its weightiest place, ``outlined`` False, no area. Where two outlines would overlap, the
        larger cluster keeps the ground. ``attrs["note"]`` says why there is none.

    Raises
    ------
    CRSError
        If places and areas are in different metres.
    InputError
        If `eps` or `min_samples` is not above 0, `eps` is wider than the areas, or coordinates
        are in degrees.

    References
    ----------
    Ester, Kriegel, Sander and Xu (1996). *KDD-96 Proceedings*, 226-231.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 6e3, 6e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> places = pd.DataFrame({"easting": [1000.0, 1050, 1100, 5000], "northing": 1000.0,
    ...     "count": [4, 4, 4, 9]})
    >>> clusters = geoprofiles.hotspot_clusters(places, areas, eps=100, min_samples=8)
    >>> clusters[["count", "places", "outlined"]].to_dict("list")
    {'count': [12, 9], 'places': [3, 1], 'outlined': [True, False]}
    """
    points, weights = check_clustering(places, areas, eps, min_samples)
    labels, core = label_places(points, weights, eps, min_samples)
    found = Labelled(labels, core, np.full(labels.max(initial=-1) + 1, float(eps)))
    return outlined_clusters(
        places,
        areas,
        found,
        none=f"No place has {min_samples:,} incidents within {eps:,.0f} m: there is no cluster.",
    )


class Labelled(NamedTuple):
    """To which cluster each place belongs, -1 for none, and what ground that makes."""

    label: np.ndarray
    dense: np.ndarray  # places about which discs are drawn
    reach: np.ndarray  # of each cluster: how large its discs are, in metres


def check_clustering(
    places: Places, areas: Areas, eps: float, min_samples: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates and weights of places that can be clustered; refuse others."""
    check_areas(areas)
    check_positive(eps, "eps")
    check_positive(min_samples, "min_samples")
    if places.attrs.get("crs") is not None:
        check_same_crs(places.attrs["crs"], areas.crs, names=("Places", "Areas"))
    west, south, east, north = areas.total_bounds
    if eps > max(east - west, north - south):
        raise InputError(
            f"'eps' ({eps:g} m) is wider than the areas", remedy="Choose some 100 to 300 m."
        )
    return check_places(places)


def outlined_clusters(
    places: Places, areas: Areas, found: Labelled, *, none: str, apart: bool = True
) -> Clusters:
    """Describe and outline clusters, the largest first; `none` says why there is none.

    `apart` leaves ground that two would share to the larger.
    """
    labels, weights = found.label, places["count"].to_numpy(dtype=float)
    if not (labels >= 0).any():
        empty = _frame([], areas)
        empty.attrs["note"] = none
        return empty
    outline = shapely.union_all(areas.geometry.to_numpy())
    rows: list[dict[str, object]] = []
    taken: list[shapely.Geometry] = []
    for label in by_size(labels, weights):
        row = _describe(places, weights, labels == label, found.dense, found.reach[label])
        if row["outlined"]:
            shape = shapely.intersection(row["geometry"], outline)
            overlapping = [one for one in taken if shapely.intersects(one, shape)]
            if overlapping and apart:
                shape = shapely.difference(shape, shapely.union_all(overlapping))
            row["geometry"] = shape
            row["area_km2"] = shapely.area(shape) / 1e6
            taken.append(shape)
        rows.append(row)
    return _frame(rows, areas)


def by_size(labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the labels of clusters, the one with most incidents first."""
    return np.argsort(-np.bincount(labels[labels >= 0], weights[labels >= 0]), kind="stable")


def label_places(
    points: np.ndarray, weights: np.ndarray, eps: float, min_samples: float
) -> tuple[np.ndarray, np.ndarray]:
    """Label places by cluster (-1 for none) and mark core places.

    Labels rise with the westernmost core place of the cluster, whatever the order of rows.
    """
    from scipy.spatial import cKDTree

    labels, core = np.full(len(points), -1), np.zeros(len(points), dtype=bool)
    if not len(points):
        return labels, core
    # Sorted, so that neither labels nor ties between clusters depend on the order of rows.
    order = np.lexsort((weights, points[:, 1], points[:, 0]))
    points, weights = points[order], weights[order]
    dense = dense_places(points, weights, eps, min_samples)
    core[order] = dense
    if not dense.any():
        return labels, core
    chained = chains(points[dense], eps)
    labels[order[dense]] = chained
    edge = np.flatnonzero(~dense)
    nearest = cKDTree(points[dense]).query(points[edge])[1]
    near = within(points[edge], points[dense][nearest], eps)
    labels[order[edge[near]]] = chained[nearest[near]]
    return labels, core


def _describe(
    places: Places, weights: np.ndarray, held: np.ndarray, dense: np.ndarray, reach: float
) -> dict[str, object]:
    own = places[held]
    count = int(weights[held].sum())
    dated = "first_month" in own
    first = own["first_month"].min() if dated else pd.NaT
    last = own["last_month"].max() if dated else pd.NaT
    months = (last.year - first.year) * 12 + last.month - first.month + 1 if dated else np.nan
    number = len(own[["easting", "northing"]].drop_duplicates())
    outlined = number >= FEWEST_PLACES
    if outlined:
        about = np.unique(places.loc[held & dense, ["easting", "northing"]].to_numpy(), axis=0)
        shape = shapely.union_all(shapely.buffer(shapely.points(about), reach))
    else:
        # The order of rows decides nothing: of places as weighty, the westernmost.
        by_place = own.assign(held=weights[held]).groupby(["easting", "northing"])["held"].sum()
        shape = shapely.Point(by_place.idxmax())
    return {
        "count": count,
        "places": number,
        "share": count / weights.sum(),
        "area_km2": np.nan,
        "first_month": first,
        "last_month": last,
        "per_month": count / months,
        "outlined": outlined,
        "geometry": shape,
    }


def _frame(rows: list[dict[str, object]], areas: Areas) -> Clusters:
    table = pd.DataFrame(rows, columns=[*COLUMNS, "geometry"])
    table.index = pd.RangeIndex(1, len(table) + 1, name="cluster")
    types = {"count": "int64", "places": "int64", "outlined": bool}
    months = {"first_month": "datetime64[ns]", "last_month": "datetime64[ns]"}
    return geopandas.GeoDataFrame(table.astype(types | months), geometry="geometry", crs=areas.crs)

"""Streets as units: incidents counted on the segments of a network."""

from __future__ import annotations

import geopandas
import numpy as np
import shapely

from geoprofiles.checks import check_positive, check_same_crs
from geoprofiles.crs import is_metric
from geoprofiles.errors import CRSError, InputError
from geoprofiles.frames import Places
from geoprofiles.hotspots.places import check_places
from geoprofiles.hotspots.resolution import MAP_POINTS
from geoprofiles.hotspots.resolution import map_points as points_of

WITHIN = 75.0
"""Metres within which an incident is taken to lie on a street (as in hexseg's example)."""

FEWEST_PLACES = 3
"""A segment, street or run on fewer distinct places may be ranked by one map point alone."""

_TOUCH = 0.5
"""Metres within which ends of segments are one junction."""


def count_on_streets(
    places: Places,
    streets: geopandas.GeoDataFrame,
    *,
    within: float = WITHIN,
    years: float = 1.0,
    map_points: Places | None = None,
) -> geopandas.GeoDataFrame:
    """Count incidents on the nearest street segment.

    Parameters
    ----------
    places : DataFrame
        Places, in metres.
    streets : GeoDataFrame
        Segments, in the same metres, as :func:`read_streets` reads them.
    within : float
        Metres. A place farther from every segment is on none.
    years : float
        Which the incidents span.
    map_points : DataFrame, optional
        The fixed map points of the whole source, where it has such. Where not given, the places
        themselves are asked, which a choice of few incidents may leave unable to tell.

    Returns
    -------
    GeoDataFrame
        A copy of `streets`, same index, with ``length_m``, ``count``, ``places`` (distinct places
        that it rests on) and ``per_km_year`` (incidents per km of street and year; a short
        segment has a high one on few incidents). A place as near to several segments, as at a
        junction, counts on the one whose identifier comes first. ``attrs`` holds ``matched``,
        ``unmatched`` (incidents), ``at_junctions`` (incidents equally near to several), ``note``
        and ``snapped``: what follows where incidents stand on fixed map points, else empty.

    Raises
    ------
    CRSError
        If the two are in different metres.
    InputError
        If streets are no lines, an identifier repeats, or no place lies near a street.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import LineString
    >>> import geoprofiles
    >>> streets = geopandas.GeoDataFrame({"name": ["Mill Lane", "Quay"]}, crs=27700,
    ...     geometry=[LineString([(1e3, 0), (1e3, 200)]), LineString([(1e3, 200), (1e3, 300)])],
    ...     index=pd.Index(["S1", "S2"], name="street_id"))
    >>> places = pd.DataFrame({"easting": [1010.0, 990, 4e3], "northing": [50.0, 90, 50],
    ...     "count": [4, 2, 1]})
    >>> found = geoprofiles.count_on_streets(places, streets)
    >>> found[["count", "places", "per_km_year"]].values.tolist(), found.attrs["unmatched"]
    ([[6.0, 2.0, 30.0], [0.0, 0.0, 0.0]], 1.0)
    """
    check_positive(within, "within")
    check_positive(years, "years")
    check_streets(streets, places)
    points, weights = check_places(places)
    segment, tied = segments_of(points, streets, within)
    on = segment >= 0
    found = streets.copy()
    found["length_m"] = shapely.length(streets.geometry.to_numpy())
    count = np.bincount(segment[on], weights[on], minlength=len(streets))
    whole = np.array_equal(weights, np.floor(weights))
    found["count"] = count.astype("int64") if whole else count
    held = on & (weights > 0)
    # Unfolded places may stand at one point: distinct points are counted, not rows.
    first = np.unique(points[held], axis=0, return_index=True)[1]
    found["places"] = np.bincount(segment[held][first], minlength=len(streets)).astype("int64")
    found["per_km_year"] = found["count"] / (found["length_m"] / 1000) / years
    total, matched = float(weights.sum()), float(weights[on].sum())
    if map_points is None and total:
        map_points = points_of(places)
    found.attrs = {
        "matched": matched,
        "unmatched": total - matched,
        "at_junctions": float(weights[on & tied].sum()),
        "note": _note(found, total, matched, within),
        "snapped": "" if map_points is None else _snapped_note(found, map_points, within),
    }
    return found


def check_streets(streets: geopandas.GeoDataFrame, places: Places | None = None) -> None:
    """Refuse streets that are not lines in metres under unique identifiers."""
    if not isinstance(streets, geopandas.GeoDataFrame) or not is_metric(streets.crs):
        raise CRSError(
            "streets must be a GeoDataFrame in metres",
            remedy="Read them with geoprofiles.read_streets.",
        )
    shapes = streets.geometry.to_numpy()
    if not len(shapes):
        raise InputError("there are no streets")
    if not (shapely.get_type_id(shapes) == 1).all() or not (shapely.length(shapes) > 0).all():
        raise InputError(
            "a street is no line, or a line of no length",
            remedy="Read them with geoprofiles.read_streets, which takes parts apart.",
        )
    if not streets.index.is_unique:
        raise InputError("an identifier stands for more than one street segment")
    if places is not None and places.attrs.get("crs") is not None:
        check_same_crs(places.attrs["crs"], streets.crs, names=("Places", "Streets"))


def segments_of(
    points: np.ndarray, streets: geopandas.GeoDataFrame, within: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return what :func:`nearest_segments` does; refuse places of which none is near a street."""
    segment, tied = nearest_segments(points, streets, within)
    if len(points) and not (segment >= 0).any():
        raise InputError(
            f"no place lies within {within:g} m of a street",
            remedy="Check that streets and incidents are of one city, or allow a greater distance.",
        )
    return segment, tied


def nearest_segments(
    points: np.ndarray, streets: geopandas.GeoDataFrame, within: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the row of the segment nearest to each point, -1 for none, and whether others tie."""
    order = np.argsort(streets.index.astype(str).to_numpy(), kind="stable")
    tree = shapely.STRtree(streets.geometry.to_numpy()[order])
    pairs = tree.query_nearest(shapely.points(points), max_distance=within, all_matches=True)
    found = np.full(len(points), -1)
    number = np.bincount(pairs[0], minlength=len(points))
    # The first of those as near, by identifier: written last, since the last to be written stays.
    back = np.lexsort((-pairs[1], pairs[0]))
    found[pairs[0][back]] = order[pairs[1][back]]
    return found, number > 1


def junctions(shapes: np.ndarray) -> np.ndarray:
    """Return the number of the junction at either end of each line; ends within 0.5 m are one.

    Examples
    --------
    >>> from shapely import LineString
    >>> junctions([LineString([(0, 0), (9, 0)]), LineString([(9.1, 0), (9, 9)])]).tolist()
    [[0, 1], [1, 2]]
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    ends = np.stack([shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)], axis=1)
    points = shapely.get_coordinates(ends.ravel())
    pairs = cKDTree(points).query_pairs(_TOUCH, output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs), bool), pairs.T), shape=(len(points), len(points)))
    return np.asarray(connected_components(graph, directed=False)[1].reshape(-1, 2))


def _note(streets: geopandas.GeoDataFrame, total: float, matched: float, within: float) -> str:
    used = int((streets["count"] > 0).sum())
    return (
        f"{matched:,.0f} of {total:,.0f} incidents lie within {within:g} m of a street and count on"
        f" the nearest; {total - matched:,.0f} lie too far from any. {used:,} of"
        f" {len(streets):,} segments have any."
    )


def _snapped_note(streets: geopandas.GeoDataFrame, map_points: Places, within: float) -> str:
    """Say what fixed map points do to a ranking of streets."""
    spots = map_points[["easting", "northing"]].to_numpy(dtype=float)
    segment, _ = nearest_segments(spots, streets, within)
    without = len(streets) - len(np.unique(segment[segment >= 0]))
    used = streets["count"] > 0
    thin = int((used & (streets["places"] < FEWEST_PLACES)).sum())
    return (
        f"These incidents were moved to fixed map points by their source: {MAP_POINTS}. What is"
        f" ranked is therefore map points, not streets. {without:,} of {len(streets):,} segments"
        " have no map point and can show no incident, whatever happens there;"
        f" {thin:,} of the {int(used.sum()):,} with any rest on fewer than {FEWEST_PLACES} points."
        " Name no street from this: records with the place itself are needed."
    )

"""Streets as units: incidents on segments, and runs of segments where they gather."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_positive, check_same_crs
from geoprofiles.crs import is_metric
from geoprofiles.errors import CRSError, InputError
from geoprofiles.frames import Places, check_columns
from geoprofiles.hotspots.places import check_places

WITHIN = 75.0
"""Metres within which an incident is taken to lie on a street (as in hexseg's example)."""

FEWEST_PLACES = 3
"""A segment or run on fewer distinct places may be ranked by one map point alone."""

HELD = 0.25
"""Runs are made of the busiest segments that hold this part of the incidents."""

SNAPPED_FROM, SNAPPED_TIMES = 100, 4
"""So many incidents, and so many to a place, tell data that were moved to map points."""

_TOUCH = 0.5
"""Metres within which ends of segments are one junction."""


def count_on_streets(
    places: Places,
    streets: geopandas.GeoDataFrame,
    *,
    within: float = WITHIN,
    years: float = 1.0,
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

    Returns
    -------
    GeoDataFrame
        A copy of `streets`, same index, with ``length_m``, ``count``, ``places`` (distinct places
        that it rests on) and ``per_100m_year`` (incidents per 100 m of street and year; a short
        segment has a high one on few incidents). A place as near to several segments, as at a
        junction, counts on the one whose identifier comes first. ``attrs`` holds ``matched``,
        ``unmatched`` (incidents), ``at_junctions`` (incidents equally near to several) and
        ``note``.

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
    >>> found[["count", "places", "per_100m_year"]].values.tolist(), found.attrs["unmatched"]
    ([[6.0, 2.0, 3.0], [0.0, 0.0, 0.0]], 1.0)
    """
    check_positive(within, "within")
    check_positive(years, "years")
    check_streets(streets, places)
    points, weights = check_places(places)
    segment, tied = nearest_segments(points, streets, within)
    on = segment >= 0
    if len(points) and not on.any():
        raise InputError(
            f"no place lies within {within:g} m of a street",
            remedy="Check that streets and incidents are of one city, or widen 'within'.",
        )
    found = streets.copy()
    found["length_m"] = shapely.length(streets.geometry.to_numpy())
    count = np.bincount(segment[on], weights[on], minlength=len(streets))
    whole = np.array_equal(weights, np.floor(weights))
    found["count"] = count.astype("int64") if whole else count
    held = on & (weights > 0)
    found["places"] = np.bincount(segment[held], minlength=len(streets)).astype("int64")
    found["per_100m_year"] = found["count"] / (found["length_m"] / 100) / years
    total, matched = float(weights.sum()), float(weights[on].sum())
    found.attrs = {
        "matched": matched,
        "unmatched": total - matched,
        "at_junctions": float(weights[on & tied].sum()),
        "note": _note(weights, held, total, matched, within, streets=found),
    }
    return found


def street_runs(
    counted: geopandas.GeoDataFrame,
    *,
    at_least: float | None = None,
    same_name: bool = True,
    years: float = 1.0,
) -> geopandas.GeoDataFrame:
    """Join busy segments that meet into runs, the one with the most incidents first.

    Parameters
    ----------
    counted : GeoDataFrame
        What :func:`count_on_streets` made.
    at_least : float, optional
        Incidents that make a segment busy. Where not said, the busiest segments are taken until
        they hold a quarter of the incidents on streets, and all that are as busy as the last.
    same_name : bool
        Join only segments of one name; segments without a name are then joined to one another.
    years : float
        Which the incidents span.

    Returns
    -------
    GeoDataFrame
        Index ``run``, 1 the most incidents: ``name`` (of all its streets, those with the most
        incidents first), ``segments``, ``count``, ``places``, ``share`` (of incidents on streets,
        0 to 1), ``length_m``, ``per_100m_year``, ``few_places`` (whether it rests on fewer than 3
        distinct places, perhaps one map point), lines. ``attrs`` holds ``at_least`` and ``note``.

    Raises
    ------
    InputError
        If `counted` was not counted, or `at_least` is not above 0.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import LineString
    >>> import geoprofiles
    >>> lines = [LineString([(1e3, y), (1e3, y + 100)]) for y in (0, 100, 200, 300)]
    >>> streets = geopandas.GeoDataFrame({"name": "Mill Lane"}, geometry=lines, crs=27700,
    ...     index=pd.Index(["S1", "S2", "S3", "S4"], name="street_id"))
    >>> places = pd.DataFrame({"easting": 1e3, "northing": [50.0, 150, 250, 350],
    ...     "count": [9, 8, 1, 5]})
    >>> runs = geoprofiles.street_runs(geoprofiles.count_on_streets(places, streets), at_least=4)
    >>> runs[["segments", "count", "length_m"]].values.tolist()
    [[2.0, 17.0, 200.0], [1.0, 5.0, 100.0]]
    """
    check_columns(counted, ["count", "places", "length_m"], what="Counted streets")
    check_positive(years, "years")
    count = counted["count"].to_numpy(dtype=float)
    if at_least is None:
        at_least = _busy(count)
    else:
        check_positive(at_least, "at_least")
    busy = counted[count >= at_least]
    group = _joined(busy, same_name)
    rows = [_run(busy[group == one]) for one in range(group.max() + 1)] if len(busy) else []
    columns = ["name", "segments", "count", "places", "length_m", "geometry"]
    table = pd.DataFrame(rows, columns=columns).sort_values(
        ["count", "length_m", "name"], ascending=[False, True, True], kind="stable"
    )
    table.index = pd.RangeIndex(1, len(table) + 1, name="run")
    total = count.sum()
    table.insert(4, "share", table["count"] / total if total else np.nan)
    table.insert(6, "per_100m_year", table["count"] / (table["length_m"] / 100) / years)
    table.insert(7, "few_places", table["places"] < FEWEST_PLACES)
    runs = geopandas.GeoDataFrame(table, geometry="geometry", crs=counted.crs)
    runs.attrs = {"at_least": at_least, "note": _runs_note(runs, at_least, total)}
    return runs


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


def _busy(count: np.ndarray) -> float:
    """Return how many incidents the least busy of the busiest segments has."""
    ranked = np.sort(count)[::-1]
    if not ranked.sum():
        return 1.0
    last = int(np.searchsorted(np.cumsum(ranked), HELD * ranked.sum() - 1e-9))
    return float(ranked[last])


def _joined(busy: geopandas.GeoDataFrame, same_name: bool) -> np.ndarray:
    """Label segments by the run they belong to."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if busy.empty:
        return np.empty(0, dtype=int)
    number = len(busy)
    ends = junctions(busy.geometry.to_numpy())
    if same_name and "name" in busy:
        name = pd.factorize(busy["name"].fillna("").astype(str))[0]
        ends = pd.factorize((ends.astype(np.int64) * (name.max() + 1) + name[:, None]).ravel())[0]
        ends = ends.reshape(-1, 2)
    segment = np.repeat(np.arange(number), 2)
    size = number + int(ends.max()) + 1
    links = (np.ones(2 * number, bool), (segment, number + ends.ravel()))
    graph = coo_matrix(links, shape=(size, size))
    label = connected_components(graph, directed=False)[1][:number]
    return np.asarray(pd.factorize(label)[0])


def _run(parts: geopandas.GeoDataFrame) -> dict[str, object]:
    name = ""
    if "name" in parts:
        sums = parts.groupby("name", sort=True)["count"].sum()
        sums = sums[sums.index.astype(str) != ""].sort_values(ascending=False, kind="stable")
        name = ", ".join(sums.index.astype(str))
    return {
        "name": name,
        "segments": len(parts),
        "count": parts["count"].sum(),
        "places": int(parts["places"].sum()),
        "length_m": float(parts["length_m"].sum()),
        "geometry": shapely.line_merge(shapely.union_all(parts.geometry.to_numpy())),
    }


def _note(
    weights: np.ndarray,
    held: np.ndarray,
    total: float,
    matched: float,
    within: float,
    *,
    streets: geopandas.GeoDataFrame,
) -> str:
    used = streets["count"] > 0
    note = (
        f"{matched:,.0f} of {total:,.0f} incidents lie within {within:g} m of a street and count on"
        f" the nearest; {total - matched:,.0f} do not. {int(used.sum()):,} of {len(streets):,}"
        " segments have any."
    )
    at = int(held.sum())
    if matched >= SNAPPED_FROM and matched >= SNAPPED_TIMES * at:
        thin = int((used & (streets["places"] < FEWEST_PLACES)).sum())
        note += (
            f" The incidents lie on {at:,} map points, to which their source moved them: the"
            f" ranking of segments is that of map points ({thin:,} of the {int(used.sum()):,} rest"
            f" on fewer than {FEWEST_PLACES}), and says less of single streets than of runs."
        )
    return note


def _runs_note(runs: geopandas.GeoDataFrame, at_least: float, total: float) -> str:
    if runs.empty:
        return f"No segment has {at_least:,.0f} incidents: there is no run."
    thin = int(runs["few_places"].sum())
    held = runs["count"].sum()
    return (
        f"{len(runs):,} runs of segments with at least {at_least:,.0f} incidents each hold"
        f" {held / total:.0%} of the incidents on streets."
        + (f" {thin:,} rest on fewer than {FEWEST_PLACES} distinct places." if thin else "")
    )

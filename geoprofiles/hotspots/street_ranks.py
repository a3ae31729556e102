"""Whole streets in order, and runs of busy segments: where along a network incidents gather."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_choice, check_positive
from geoprofiles.frames import check_columns
from geoprofiles.hotspots.streets import FEWEST_PLACES, junctions

HELD = 0.25
"""Runs are made of the busiest segments that hold this part of the incidents."""

BY = ("rate", "count")

_COUNTED = ["count", "places", "length_m", "per_km_year"]


def rank_streets(counted: geopandas.GeoDataFrame, *, by: str = "rate") -> geopandas.GeoDataFrame:
    """Put whole streets in order: the segments of one name that meet.

    Parameters
    ----------
    counted : GeoDataFrame
        What :func:`count_on_streets` made.
    by : str
        ``"rate"``: incidents per km and year, where streets that rest on fewer than 3 distinct
        places follow after the others, since one incident on a short street has a high rate.
        ``"count"``: incidents, the shorter street first among equals.

    Returns
    -------
    GeoDataFrame
        Index ``rank``, from 1; only streets with an incident. ``name``, ``segments``, ``count``,
        ``places``, ``share`` (of incidents on streets, 0 to 1), ``length_m``, ``per_km_year``,
        ``few_places`` (whether it rests on fewer than 3 distinct places, perhaps one map point),
        lines. A segment without a name is a street of its own. ``attrs["note"]`` says how many.

    Raises
    ------
    InputError
        If `counted` was not counted, or `by` is another word.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import LineString
    >>> import geoprofiles
    >>> lines = [LineString([(1e3, y), (1e3, y + 100)]) for y in (0, 100, 200)]
    >>> streets = geopandas.GeoDataFrame({"name": ["Mill Lane", "Mill Lane", "Quay"]},
    ...     geometry=lines, crs=27700, index=pd.Index(["S1", "S2", "S3"], name="street_id"))
    >>> places = pd.DataFrame({"easting": 1e3, "northing": [20.0, 50, 150, 220, 240, 260],
    ...     "count": [2, 3, 1, 1, 1, 3]})
    >>> ranked = geoprofiles.rank_streets(geoprofiles.count_on_streets(places, streets))
    >>> ranked[["name", "count", "per_km_year"]].values.tolist()
    [['Quay', 5, 50.0], ['Mill Lane', 6, 30.0]]
    """
    check_columns(counted, _COUNTED, what="Counted streets")
    check_choice(by, BY, "by")
    group = _joined(counted, name_alone=True)
    held = np.bincount(group, counted["count"]) > 0
    ranked = _together(counted[held[group]], group[held[group]])
    ranked["share"] = ranked["count"] / ranked["count"].sum()
    if by == "rate":
        order = np.lexsort((-ranked["count"], -ranked["per_km_year"], ranked["few_places"]))
        ranked = ranked.iloc[order]
    ranked.index = pd.RangeIndex(1, len(ranked) + 1, name="rank")
    thin = int(ranked["few_places"].sum())
    words = "incidents per km and year" if by == "rate" else "number of incidents"
    ranked.attrs = {
        "note": f"{len(ranked):,} of {len(held):,} streets have incidents, ranked by {words};"
        f" {thin:,} rest on fewer than {FEWEST_PLACES} distinct places"
        + (" and come last." if by == "rate" else ".")
    }
    return ranked


def street_runs(
    counted: geopandas.GeoDataFrame, *, at_least: float | None = None, same_name: bool = True
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

    Returns
    -------
    GeoDataFrame
        Index ``run``, 1 the most incidents: ``name`` (of all its streets, those with the most
        incidents first) and the other columns of :func:`rank_streets`. ``attrs`` holds
        ``at_least`` and ``note``.

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
    check_columns(counted, _COUNTED, what="Counted streets")
    count = counted["count"].to_numpy(dtype=float)
    if at_least is None:
        at_least = _busy(count)
    else:
        check_positive(at_least, "at_least")
    busy = counted[count >= at_least]
    total = count.sum()
    runs = _together(busy, _joined(busy, same_name=same_name))
    runs["share"] = runs["count"] / total if total else np.nan
    runs.index = pd.RangeIndex(1, len(runs) + 1, name="run")
    runs.attrs = {"at_least": at_least, "note": _runs_note(runs, at_least, total)}
    return runs


def _together(counted: geopandas.GeoDataFrame, group: np.ndarray) -> geopandas.GeoDataFrame:
    """Make a row of each group of segments, the one with the most incidents first."""
    plain = pd.DataFrame(counted.drop(columns=counted.geometry.name)).assign(group=group)
    plain["expected"] = plain["per_km_year"] * plain["length_m"]
    sums = plain.groupby("group")[["count", "places", "length_m", "expected"]].sum()
    order = np.argsort(group, kind="stable")
    cuts = np.flatnonzero(np.diff(group[order])) + 1
    shapes = [counted.geometry.to_numpy()[one] for one in np.split(order, cuts) if len(one)]
    table = pd.DataFrame(
        {
            "name": _names(plain).reindex(sums.index, fill_value=""),
            "segments": plain.groupby("group").size(),
            "count": sums["count"],
            "places": sums["places"],
            "share": np.nan,
            "length_m": sums["length_m"],
            "per_km_year": sums["expected"] / sums["length_m"],
            "few_places": sums["places"] < FEWEST_PLACES,
        }
    )
    lines = [
        shapely.line_merge(shapely.union_all(one)) if len(one) > 1 else one[0] for one in shapes
    ]
    found = geopandas.GeoDataFrame(table, geometry=lines, crs=counted.crs)
    return found.sort_values(
        ["count", "length_m", "name"], ascending=[False, True, True], kind="stable"
    )


def _names(plain: pd.DataFrame) -> pd.Series:
    """Return the names of each group's streets, those with the most incidents first."""
    if "name" not in plain:
        return pd.Series(dtype=object)
    named = plain.assign(name=plain["name"].fillna("").astype(str))
    sums = named[named["name"] != ""].groupby(["group", "name"])["count"].sum().reset_index()
    sums = sums.sort_values(["group", "count", "name"], ascending=[True, False, True])
    return sums.groupby("group")["name"].agg(", ".join)


def _busy(count: np.ndarray) -> float:
    """Return how many incidents the least busy of the busiest segments has."""
    ranked = np.sort(count)[::-1]
    if not ranked.sum():
        return 1.0
    last = int(np.searchsorted(np.cumsum(ranked), HELD * ranked.sum() - 1e-9))
    return float(ranked[last])


def _joined(
    segments: geopandas.GeoDataFrame, *, same_name: bool = True, name_alone: bool = False
) -> np.ndarray:
    """Label segments by what they belong to: those that meet, of one name unless any will do."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    number = len(segments)
    if not number:
        return np.empty(0, dtype=int)
    ends = junctions(segments.geometry.to_numpy())
    if same_name and "name" in segments:
        names = segments["name"].fillna("").astype(str)
        name = pd.factorize(names)[0].astype(np.int64)
        if name_alone:
            unnamed = (names == "").to_numpy()
            name[unnamed] = number + np.arange(number)[unnamed]
        ends = pd.factorize((ends.astype(np.int64) * (name.max() + 1) + name[:, None]).ravel())[0]
        ends = ends.reshape(-1, 2)
    segment = np.repeat(np.arange(number), 2)
    size = number + int(ends.max()) + 1
    links = (np.ones(2 * number, bool), (segment, number + ends.ravel()))
    graph = coo_matrix(links, shape=(size, size))
    label = connected_components(graph, directed=False)[1][:number]
    return np.asarray(pd.factorize(label)[0])


def _runs_note(runs: geopandas.GeoDataFrame, at_least: float, total: float) -> str:
    each = f"{at_least:,.6g} incident" + "s" * (at_least != 1)
    if runs.empty:
        return f"No segment has {each}: there is no run."
    thin = int(runs["few_places"].sum())
    held = runs["count"].sum()
    return (
        f"{len(runs):,} runs of segments with at least {each} hold"
        f" {held / total:.0%} of the incidents on streets."
        + (f" {thin:,} rest on fewer than {FEWEST_PLACES} distinct places." if thin else "")
    )

"""Clusters in space and time: ST-DBSCAN on weighted distinct places and times."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from geoprofiles.checks import check_positive
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Clusters, Incidents, Places, check_columns, incidents_crs
from geoprofiles.hotspots.clusters import Labelled, by_size, check_clustering, outlined_clusters
from geoprofiles.hotspots.draws import MOST_PAIRS
from geoprofiles.hotspots.places import placed
from geoprofiles.hotspots.resolution import counted_rows, need_days


class Spans(NamedTuple):
    """Distinct places and times, and how far apart in time is near."""

    places: Places  # one row a place and a time
    times: np.ndarray  # whole days or months
    span: int
    unit: str


def hotspot_st_dbscan(
    incidents: Incidents,
    areas: Areas,
    *,
    eps: float,
    min_samples: int,
    days: int | None = None,
    months: int | None = None,
) -> Clusters:
    """Find where incidents lie close together in space and in time (ST-DBSCAN).

    As :func:`hotspot_clusters`, but within reach is only what lies within `eps` metres *and* so
    many days or months: a cluster is a spell at a place. One that stands for years is one long
    cluster, since each part of it is near the next. Nothing is tested against chance;
    :func:`significant_st_dbscan` does it.

    Parameters
    ----------
    incidents : DataFrame
        ``easting``, ``northing`` in metres, ``month``; for `days` also ``start``, of which the day
        counts. Rows that are refused, or have no place of their own or no date, are left out.
        ``rows`` says how many incidents a row stands for.
    areas : GeoDataFrame
        Areas, in the same metres, to clip to.
    eps : float
        Metres.
    min_samples : int
        Incidents that make a place dense at a time, its own included.
    days, months : int
        One of the two. Incidents up to so many days, or months, apart are near in time; 0 is
        the same day, or month.

    Returns
    -------
    GeoDataFrame
        Clusters as of :func:`hotspot_clusters`, with ``first_day`` and ``last_day`` as text such as
        2026-03-19 (missing with `months`). Outlines may overlap: what lies on the same ground at
        another time is another cluster.

    Raises
    ------
    CRSError
        If incidents and areas are in different metres.
    InputError
        If a setting is out of range, `days` is asked of data by the month, coordinates are in
        degrees, or there are too many pairs within reach.

    Notes
    -----
    A place and time within reach of several clusters belongs to the nearest in space, then in
    time. The paper's third setting, by which a cluster stops where a value measured at the
    places changes, is left out: incidents have no such value, and it hangs on the order of rows.

    References
    ----------
    Birant and Kut (2007). *Data & Knowledge Engineering* 60, 208-221.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 6e3, 6e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> months = pd.to_datetime(["2026-01-01"] * 4 + ["2026-06-01"] * 3)
    >>> incidents = pd.DataFrame({"easting": [1000.0, 1030, 1060, 1090, 1000, 1030, 1060],
    ...     "northing": 1000.0, "month": months})
    >>> clusters = geoprofiles.hotspot_st_dbscan(incidents, areas, eps=100, min_samples=3, months=1)
    >>> clusters[["count", "first_month"]].astype(str).values.tolist()
    [['4', '2026-01-01'], ['3', '2026-06-01']]
    """
    spans = read_spans(incidents, days=days, months=months)
    points, weights = check_clustering(spans.places, areas, eps, min_samples)
    label, core = label_spans(points, weights, spans, eps, min_samples)
    return outlined_spans(spans, areas, label, core, eps, min_samples)


def read_spans(incidents: Incidents, *, days: int | None, months: int | None) -> Spans:
    """Fold incidents to distinct places and times; check how far apart in time is near."""
    if (days is None) == (months is None):
        raise InputError("say how far apart in time is near, by 'days' or by 'months'")
    unit, span = ("days", days) if months is None else ("months", months)
    if isinstance(span, bool) or not isinstance(span, (int, np.integer)) or span < 0:
        raise InputError(f"'{unit}' must be a whole number from 0 on; it is {span!r}")
    check_columns(incidents, ["easting", "northing", "month"], what="Incidents")
    counted = counted_rows(incidents)
    month = pd.to_datetime(counted["month"])  # which of no rows is no date
    when = month
    if unit == "days":
        need_days(counted, "clusters by days")
        when = counted["start"]
        when = (when.dt.tz_localize(None) if when.dt.tz is not None else when).dt.normalize()
    keep = placed(counted) & when.notna()
    table = pd.DataFrame(
        {
            "easting": counted.loc[keep, "easting"].astype(float),
            "northing": counted.loc[keep, "northing"].astype(float),
            "when": when[keep],
            "first_month": month[keep],
            "count": counted.loc[keep, "n"],
        }
    )
    keys = ["easting", "northing", "when"]
    places = table.groupby(keys, as_index=False).agg(
        count=("count", "sum"), first_month=("first_month", "min")
    )
    places = places.assign(last_month=places["first_month"])
    places.attrs["crs"] = incidents_crs(incidents)
    time = places["when"].dt
    steps = time.year * 12 + time.month
    if unit == "days":
        steps = pd.Series(places["when"].to_numpy().astype("datetime64[D]").astype(np.int64))
    return Spans(places, steps.to_numpy(dtype=np.int64), int(span), unit)


def near_in_time(spans: Spans) -> np.ndarray:
    """Return of each incident how many are near in time, itself included, wherever they lie."""
    times = np.sort(np.repeat(spans.times, spans.places["count"].astype(int)))
    last = np.searchsorted(times, times + spans.span, side="right")
    return np.asarray(last - np.searchsorted(times, times - spans.span, side="left"))


def label_spans(
    points: np.ndarray, weights: np.ndarray, spans: Spans, eps: float, min_samples: float
) -> tuple[np.ndarray, np.ndarray]:
    """Label places and times by cluster (-1 for none), and mark those that are core."""
    return label_in_time(points, spans.times, weights, eps, spans.span, min_samples)


def label_in_time(
    points: np.ndarray, times: np.ndarray, weights: np.ndarray, eps: float, span: int,
    min_samples: float,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Label places and times by cluster (-1 for none), and mark those that are core.

    Labels rise with the earliest core of the cluster, whatever the order of rows.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    order = np.lexsort((weights, points[:, 1], points[:, 0], times))
    points, times, weights = points[order], times[order], weights[order]
    one, other, apart = _pairs(points, times, eps, span)
    held = weights + np.bincount(one, weights[other], minlength=len(weights))
    held += np.bincount(other, weights[one], minlength=len(weights))
    core = held >= min_samples
    both = core[one] & core[other]
    links = (np.ones(int(both.sum()), dtype=bool), (one[both], other[both]))
    graph = coo_array(links, shape=(len(weights), len(weights)))
    chained = connected_components(graph, directed=False)[1]
    label = np.full(len(weights), -1)
    label[core] = np.unique(chained[core], return_inverse=True)[1]
    # What is not core itself goes to the nearest core in space, then in time.
    edge = core[one] != core[other]
    inner = np.where(core[one], one, other)[edge]
    outer = np.where(core[one], other, one)[edge]
    later = np.abs(times[outer] - times[inner])
    nearest = np.lexsort((inner, later, apart[edge], outer))
    outer, first = np.unique(outer[nearest], return_index=True)
    label[outer] = label[inner[nearest][first]]
    found, dense = np.empty_like(label), np.empty_like(core)
    found[order], dense[order] = label, core
    return found, dense


def _pairs(
    points: np.ndarray, times: np.ndarray, eps: float, span: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pairs near in space and in time, each once, and how far apart they lie; by time."""
    from scipy.spatial import cKDTree

    ones, others, lengths, number = [], [], [], 0
    begin = np.flatnonzero(np.diff(times, prepend=times[:1] - 1))
    end = np.searchsorted(times, times[begin], side="right")
    last = np.searchsorted(times, times[begin] + span, side="right")
    for start, stop, beyond in zip(begin, end, last, strict=True):
        now, then = cKDTree(points[start:stop]), cKDTree(points[start:beyond])
        number += int(now.count_neighbors(then, eps))
        if number > MOST_PAIRS:
            raise InputError(
                f"more than {MOST_PAIRS:,} pairs of places and times are near",
                remedy="Choose a smaller eps, fewer days or months, or a shorter period.",
            )
        pairs = now.sparse_distance_matrix(then, eps, output_type="ndarray")
        pairs = pairs[pairs["i"] < pairs["j"]]
        ones.append(pairs["i"] + start)
        others.append(pairs["j"] + start)
        lengths.append(pairs["v"])
    if not ones:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    return np.concatenate(ones), np.concatenate(others), np.concatenate(lengths)


def outlined_spans(
    spans: Spans, areas: Areas, label: np.ndarray, core: np.ndarray, eps: float, min_samples: int
) -> Clusters:
    """Describe and outline clusters in space and time, the largest first."""
    check_positive(eps, "eps")
    found = outlined_clusters(
        spans.places,
        areas,
        Labelled(label, core, np.full(label.max(initial=-1) + 1, float(eps))),
        none=(
            f"No place has {min_samples:,} incidents within {eps:,.0f} m and {spans.span}"
            f" {spans.unit}: there is no cluster."
        ),
        apart=False,
    )
    # As text: files of layers keep only the month of a time.
    days = spans.places["when"].dt.strftime("%Y-%m-%d").groupby(label)
    order = by_size(label, spans.places["count"].to_numpy(dtype=float))
    for name, of_all in (("first_day", days.min()), ("last_day", days.max())):
        told = of_all.loc[order].to_numpy() if spans.unit == "days" else None
        found[name] = pd.Series(told, index=found.index, dtype="string")
    return found[[*(one for one in found if one != "geometry"), "geometry"]]

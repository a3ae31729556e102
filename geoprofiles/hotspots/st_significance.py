"""Which clusters in space and time are real: ST-DBSCAN held against draws from what is at risk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from geoprofiles.frames import Areas, Clusters, Incidents, Places
from geoprofiles.hotspots.clusters import by_size, check_clustering
from geoprofiles.hotspots.draws import Found
from geoprofiles.hotspots.significance import Null, by_chance, check_test, judge, null_of
from geoprofiles.hotspots.st_dbscan import (
    label_in_time,
    label_spans,
    outlined_spans,
    read_spans,
)


def significant_st_dbscan(  # noqa: PLR0913
    incidents: Incidents,
    areas: Areas,
    at_risk: Places | None = None,
    *,
    eps: float,
    min_samples: int,
    days: int | None = None,
    months: int | None = None,
    map_points: Places | None = None,
    simulations: int = 999,
    seed: int = 0,
    alpha: float = 0.05,
    progress: Callable[[int, int], object] | None = None,
) -> Clusters:
    """Find clusters as :func:`hotspot_st_dbscan` does, and say which beat chance.

    As many incidents are drawn from what is at risk, the times of the data are dealt to them at
    random, and they are clustered alike. So a season or a busy month of the whole city is no
    cluster, and neither is a place where many are at risk. What stands out is a spell at a
    place, or a place that always has more than its share: one hot spot that stands all the time is
    one long cluster.

    Parameters
    ----------
    incidents : DataFrame
        As of :func:`hotspot_st_dbscan`.
    areas : GeoDataFrame
        Areas, in the same metres, to clip to.
    at_risk : DataFrame, optional
        Places: points with what is at risk in ``count``, the same at all times. Without it the
        ground of the areas.
    eps, min_samples, days, months
        As of :func:`hotspot_st_dbscan`.
    map_points, simulations, seed, alpha, progress
        As of :func:`significant_clusters`.

    Returns
    -------
    GeoDataFrame
        Clusters as of :func:`hotspot_st_dbscan`, with ``expected``, ``ratio``, ``p`` and
        ``significant`` as of :func:`significant_clusters`. ``expected`` is what is expected
        within `eps` of the core places from the first to the last time of the cluster.

    Raises
    ------
    CRSError
        If what is given is not in the same metres.
    InputError
        As of the two.

    References
    ----------
    Birant and Kut (2007). *Data & Knowledge Engineering* 60, 208-221. Xie and Shekhar (2019).
    Significant DBSCAN towards statistically robust clustering. *SSTD '19 Proceedings*, 31-40.

    Examples
    --------
    >>> import geopandas
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 3e3, 3e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> months = pd.to_datetime(["2026-01-01"] * 8 + ["2026-06-01"] * 60)
    >>> rng = np.random.default_rng(1)
    >>> incidents = pd.DataFrame({"easting": [*([2000.0, 2050] * 4), *rng.uniform(1, 2999, 60)],
    ...     "northing": [*([900.0] * 8), *rng.uniform(1, 2999, 60)], "month": months})
    >>> found = geoprofiles.significant_st_dbscan(incidents, areas, eps=150, min_samples=4,
    ...     months=1, simulations=99)
    >>> found.loc[found["significant"], ["count", "p"]].values.tolist()
    [[8.0, 0.01]]
    """
    from scipy.spatial import cKDTree

    check_test("llr", simulations, seed, alpha)
    spans = read_spans(incidents, days=days, months=months)
    points, weights = check_clustering(spans.places, areas, eps, min_samples)
    label, core = label_spans(points, weights, spans, eps, min_samples)
    found = outlined_spans(spans, areas, label, core, eps, min_samples)
    places = spans.places.groupby(["easting", "northing"], as_index=False)["count"].sum()
    null = null_of(places, areas, at_risk, map_points, eps)
    times = np.repeat(spans.times, weights.astype(int))
    held = _Spell(null, cKDTree(null.points), times, eps, spans.span, min_samples)
    rng = np.random.default_rng([seed, 1])  # apart from the draws of places
    chance = by_chance(null, lambda counts: _of_draws(held, counts, rng), simulations, seed, "llr",
                       progress)  # fmt: skip
    observed = _against(held, points, spans.times, weights, label, core)
    judge(found, null, observed, chance, statistic="llr", alpha=alpha)
    found.attrs |= {
        "null": f"{null.words}, with the {spans.unit} of the data at random",
        "method": "st-dbscan",
        "simulations": simulations,
        "seed": seed,
    }
    return found


class _Spell(NamedTuple):
    """What draws in space and time are clustered by."""

    null: Null
    tree: Any
    times: np.ndarray  # of each incident
    eps: float
    span: int
    min_samples: int


def _of_draws(held: _Spell, counts: np.ndarray, rng: np.random.Generator) -> Found:
    """Deal the times to the incidents of each draw, and cluster them."""
    found = []
    for number, row in enumerate(counts):
        place = np.repeat(np.arange(len(row)), row.astype(int))
        both, weights = np.unique(
            np.column_stack([place, rng.permutation(held.times)]), axis=0, return_counts=True
        )
        points, times, weights = held.null.points[both[:, 0]], both[:, 1], weights.astype(float)
        label, core = label_in_time(points, times, weights, held.eps, held.span, held.min_samples)
        one = _against(held, points, times, weights, label, core)
        found.append(one._replace(draw=np.full(len(one.incidents), number)))
    return Found(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _against(
    held: _Spell, points: np.ndarray, times: np.ndarray, weights: np.ndarray, label: np.ndarray,
    core: np.ndarray,
) -> Found:  # fmt: skip
    """Count what each cluster has, and what is expected on its ground in its time."""
    if not core.any():
        return Found(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
    order = by_size(label, weights)
    count = np.bincount(label[label >= 0], weights[label >= 0])
    every = np.sort(held.times)
    expected = np.zeros(len(count))
    for cluster in order:
        own = label == cluster
        near = held.tree.query_ball_point(np.unique(points[own & core], axis=0), held.eps)
        ground = np.unique(np.concatenate([np.asarray(one, dtype=np.int64) for one in near]))
        first, last = np.searchsorted(every, times[own].min()), times[own].max()
        share = (np.searchsorted(every, last, side="right") - first) / len(every)
        expected[cluster] = held.null.expected[ground].sum() * share
    return Found(np.zeros(len(count), dtype=np.int64), count[order], expected[order])

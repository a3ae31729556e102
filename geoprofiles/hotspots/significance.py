"""Which clusters are real: DBSCAN held against draws from what is at risk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from geoprofiles.areas.locate import locate_points
from geoprofiles.checks import check_choice, check_positive, check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Clusters, Places, check_areas
from geoprofiles.hotspots.at_risk import (
    at_risk_from_areas,
    at_risk_on_places,
    check_at_risk,
)
from geoprofiles.hotspots.cluster_methods import Labeller, labeller
from geoprofiles.hotspots.clusters import (
    Labelled,
    by_size,
    check_clustering,
    outlined_clusters,
)
from geoprofiles.hotspots.draws import (
    MOST_PAIRS,
    Found,
    Reach,
    clusters_of_draws,
    draws,
    draws_at_once,
    reach_of,
)
from geoprofiles.hotspots.likelihood import poisson_ratio
from geoprofiles.hotspots.neighbours import within
from geoprofiles.hotspots.places import check_places

STATISTICS = ("llr", "size")

FEWEST_EXPECTED = 1.0
"""No cluster is held against fewer expected incidents: no denominator is known that finely."""

CHANCE = 0.95
"""Of a draw's incidents, or of draws: what lies above this point is called unusual."""


def significant_clusters(  # noqa: PLR0913
    places: Places,
    areas: Areas,
    at_risk: Places | None = None,
    *,
    eps: float,
    min_samples: int,
    map_points: Places | None = None,
    simulations: int = 999,
    seed: int = 0,
    statistic: str = "llr",
    alpha: float = 0.05,
    method: str = "dbscan",
    progress: Callable[[int, int], object] | None = None,
) -> Clusters:
    """Find clusters as :func:`hotspot_clusters` does, and say which beat chance.

    DBSCAN finds clusters wherever people live close together, also where no one is at more risk
    than another. So the same number of incidents is drawn, again and again, from what is at risk;
    each draw is clustered with the same `eps` and `min_samples`; and each cluster is held against
    the *most unusual* cluster of each draw, so that looking at many clusters is paid for.

    A significant cluster has more incidents than what was given as at risk accounts for. That
    is as good as the denominator: against residents, a shopping street is significant because it
    has shops.

    Parameters
    ----------
    places : DataFrame
        Places, in metres.
    areas : GeoDataFrame
        Areas, in the same metres, to clip to.
    at_risk : DataFrame, optional
        Places: points with what is at risk in ``count``, from :func:`at_risk_from_areas`, or
        other incidents; those beyond the areas are left out. Without it the ground of the areas
        is at risk, and ``attrs["note"]`` says so.
    eps : float
        Metres.
    min_samples : int
        Incidents.
    map_points : DataFrame, optional
        For snapped data, the distinct places of the whole source: what is at risk is moved to
        the nearest of them first, see :func:`at_risk_on_places`.
    simulations : int, default 999
        Draws.
    seed : int, default 0
        Of the random numbers.
    statistic : str, default "llr"
        What is compared. ``"llr"``: the Poisson log likelihood ratio of the cluster's count
        against what is expected on its ground, never fewer than 1. ``"size"``: the count, which
        finds little outside the centre where risk is uneven, as large clusters by chance all
        lie where most is at risk.
    alpha : float, default 0.05
        A cluster is significant with ``p`` at most so much.
    method : str, default "dbscan"
        How clusters are found, in the data and in each draw alike: ``"hdbscan"`` as
        :func:`hotspot_hdbscan` and ``"optics"`` as :func:`hotspot_optics` by their defaults, one
        draw after the other, so that it takes some ten times as long.
    progress : callable, optional
        Called with the draws done and all draws.

    Returns
    -------
    GeoDataFrame
        Clusters as of :func:`hotspot_clusters`, with ``expected`` (incidents, if the risk were
        the same everywhere), ``ratio`` (count / expected; NaN where nothing is at risk), ``p``,
        (1 + draws with a cluster at least as unusual) / (1 + draws), and ``significant``.
        ``attrs`` says what was done: ``null`` and ``note`` in words, ``largest_by_chance`` (95 %
        of draws have no cluster with more incidents), ``clusters_by_chance`` (mean of a draw),
        ``statistic``, ``alpha``, ``simulations``, ``seed``.

    Raises
    ------
    CRSError
        If what is given is not in the same metres.
    InputError
        If a setting is out of range, counts are no whole numbers, there is no incident, nothing
        is at risk, points at risk are too far apart for `eps`, or a place is no map point.

    References
    ----------
    Xie and Shekhar (2019). Significant DBSCAN towards statistically robust clustering. *SSTD
    '19 Proceedings*, 31-40. Kulldorff (1997). *Communications in Statistics* 26, 1481-1496.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 2e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> places = pd.DataFrame({"easting": [1000.0, 1050, 1100, 1800], "northing": 1000.0,
    ...     "count": [6, 6, 6, 9]})
    >>> found = geoprofiles.significant_clusters(places, areas, eps=200, min_samples=5,
    ...     simulations=99)
    >>> found[["count", "p", "significant"]].to_dict("list")
    {'count': [18, 9], 'p': [0.01, 0.01], 'significant': [True, True]}
    >>> found.attrs["largest_by_chance"]
    5
    """
    check_test(statistic, simulations, seed, alpha)
    points, counts = check_clustering(places, areas, eps, min_samples)
    label = labeller(method, eps, min_samples)
    labelled = label(points, counts)
    found = outlined_clusters(
        places,
        areas,
        labelled,
        none=f"No place has {min_samples:,} incidents within {eps:,.0f} m: there is no cluster.",
    )
    null = null_of(places, areas, at_risk, map_points, eps)
    find = partial(_one_by_one, null, label)
    if method == "dbscan":
        find = partial(_at_once, null, min_samples)
    observed = _against(null, points, counts, labelled)
    chance = by_chance(null, find, simulations, seed, statistic, progress)
    judge(found, null, observed, chance, statistic=statistic, alpha=alpha)
    found.attrs |= {"method": method, "simulations": simulations, "seed": seed}
    return found


def judge(
    found: Clusters, null: Null, observed: Found, chance: pd.DataFrame, *, statistic: str,
    alpha: float,
) -> None:  # fmt: skip
    """Add to clusters what is expected of each and how many draws have one as unusual."""
    simulations = len(chance)
    found["expected"] = observed.expected
    something = np.where(observed.expected > 0, observed.expected, np.nan)
    found["ratio"] = observed.incidents / something
    strongest = np.sort(chance["strongest"].to_numpy())
    # Ties count against the cluster; rounding must not break them.
    below = np.searchsorted(strongest, _statistic(observed, null, statistic) * (1 - 1e-9))
    found["p"] = (1 + simulations - below) / (1 + simulations)
    found["significant"] = found["p"] <= alpha
    largest = chance["largest"].to_numpy()
    found.attrs |= {
        "null": null.words,
        "note": " ".join(filter(None, [found.attrs.get("note"), null.note])),
        "largest_by_chance": int(np.quantile(largest, CHANCE, method="inverted_cdf")),
        "clusters_by_chance": float(chance["clusters"].mean()),
        "statistic": statistic,
        "alpha": alpha,
    }


class Null(NamedTuple):
    """What draws are made from."""

    points: np.ndarray
    weights: np.ndarray
    expected: np.ndarray  # incidents at each point, if the risk were the same everywhere
    reach: Reach
    total: int
    words: str
    note: str


def null_of(
    places: Places, areas: Areas, at_risk: Places | None, map_points: Places | None, eps: float
) -> Null:
    """Prepare what draws are made from, and who is within reach of whom."""
    check_areas(areas)
    check_positive(eps, "eps")
    points, counts = check_places(places)
    if not counts.sum():
        raise InputError("there is no located incident to test clusters of")
    if (counts != np.round(counts)).any():
        raise InputError(
            "the counts of places are no whole numbers, and what is drawn are whole incidents",
            remedy="Test incidents, not weights such as harm.",
        )
    if at_risk is None:
        at_risk = at_risk_from_areas(areas, spacing=spacing_for(areas, eps))
    if "crs" in at_risk.attrs:
        check_same_crs(at_risk.attrs["crs"], areas.crs, names=("What is at risk", "Areas"))
    # What lies beyond the areas is not held against incidents within them.
    at_risk = _within(at_risk, areas)
    if map_points is not None:
        at_risk = at_risk_on_places(at_risk, _within(map_points, areas, points))
        _check_held(points[counts > 0], at_risk)
    at, weights = check_at_risk(at_risk)
    spacing = at_risk.attrs.get("spacing", 0)
    if map_points is None and "map_points" not in at_risk.attrs and spacing > eps / 2:
        raise InputError(
            f"points at risk lie {spacing:g} m apart: too far for an eps of {eps:g} m",
            remedy=f"Lay them again with spacing={eps / 4:g}.",
        )
    total = int(counts.sum())
    snapped = (
        f", moved to the {len(at):,} map points of the data"
        if "map_points" in at_risk.attrs
        else ""
    )
    what = at_risk.attrs.get("at_risk", "what is at risk")
    return Null(
        at,
        weights,
        weights * (total / weights.sum()),
        reach_of(at, eps),
        total,
        f"{total:,} incidents drawn by {what}{snapped}",
        at_risk.attrs.get("note", ""),
    )


def _within(points: Places, areas: Areas, also: np.ndarray | None = None) -> Places:
    """Keep the points that lie within the areas, and those that are among others."""
    keep = locate_points(points["easting"], points["northing"], areas) >= 0
    if also is not None:
        named = pd.MultiIndex.from_frame(points[["easting", "northing"]])
        keep |= named.isin(pd.MultiIndex.from_arrays(also.T))
    kept = points[keep].reset_index(drop=True)
    kept.attrs = points.attrs
    return kept


def spacing_for(areas: Areas, eps: float) -> float:
    """Choose how far apart points at risk are laid, in metres.

    A quarter of `eps`; farther where the areas are so wide that the pairs of points within
    `eps` could not be held.
    """
    ground = float(shapely.area(areas.geometry.to_numpy()).sum())
    # A point stands for spacing² of ground, and has pi eps² / spacing² others within reach.
    least = (ground * np.pi * eps**2 / (0.8 * MOST_PAIRS)) ** 0.25
    return float(max(eps / 4, least))


def _check_held(points: np.ndarray, at_risk: Places) -> None:
    """Refuse incidents at places that are no map point."""
    held = pd.MultiIndex.from_frame(at_risk[["easting", "northing"]])
    lacking = ~pd.MultiIndex.from_arrays(points.T).isin(held)
    if lacking.any():
        raise InputError(
            f"{lacking.sum():,} of {len(points):,} places are not among the map points",
            remedy="Give the distinct places of the whole source, of all months and categories.",
        )


def by_chance(
    null: Null,
    find: Callable[[np.ndarray], Found],
    simulations: int,
    seed: int,
    statistic: str,
    progress: Callable[[int, int], object] | None,
) -> pd.DataFrame:
    """Cluster the draws; return of each the number of clusters, the largest, the strongest."""
    rng = np.random.default_rng(seed)
    most = draws_at_once(null.reach, null.expected)
    blocks = []
    done = 0
    for counts in draws(null.weights, null.total, simulations, rng, most=most):
        found = find(counts)
        frame = pd.DataFrame(
            {"largest": found.incidents, "strongest": _statistic(found, null, statistic)}
        )
        by_draw = frame.groupby(found.draw)
        block = by_draw.max()
        block["clusters"] = by_draw.size()
        blocks.append(block.reindex(range(len(counts)), fill_value=0))
        done += len(counts)
        if progress is not None:
            progress(done, simulations)
    return pd.concat(blocks, ignore_index=True)


def _at_once(null: Null, min_samples: float, counts: np.ndarray) -> Found:
    """Find the clusters of DBSCAN in a block of draws."""
    return clusters_of_draws(null.reach, counts, null.expected, min_samples)


def _one_by_one(null: Null, label: Labeller, counts: np.ndarray) -> Found:
    """Find the clusters of any method in a block of draws."""
    found = []
    for number, row in enumerate(counts):
        at = np.flatnonzero(row)
        weights = row[at].astype(float)
        one = _against(null, null.points[at], weights, label(null.points[at], weights))
        found.append(one._replace(draw=np.full(len(one.incidents), number)))
    return Found(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _against(null: Null, points: np.ndarray, counts: np.ndarray, labelled: Labelled) -> Found:
    """Count what each cluster has, and what is expected on its ground; the largest first."""
    from scipy.spatial import cKDTree

    label, dense, reach = labelled
    dense = dense & (label >= 0)
    if not dense.any():
        return Found(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
    count = np.bincount(label[label >= 0], counts[label >= 0])
    nearest = cKDTree(points[dense]).query(null.points)[1]
    own = label[dense][nearest]
    near = within(null.points, points[dense][nearest], reach[own])
    expected = np.bincount(own[near], null.expected[near], minlength=len(count))
    order = by_size(label, counts)
    return Found(np.zeros(len(count), dtype=np.int64), count[order], expected[order])


def _statistic(found: Found, null: Null, statistic: str) -> np.ndarray:
    if statistic == "size":
        return found.incidents
    return poisson_ratio(found.incidents, np.maximum(found.expected, FEWEST_EXPECTED), null.total)


def check_test(statistic: str, simulations: int, seed: int, alpha: float) -> None:
    """Refuse settings of a test that are none."""
    check_choice(statistic, STATISTICS, "statistic")
    check_draws(simulations, seed)
    if not 0 < alpha < 1:
        raise InputError(f"'alpha' must lie between 0 and 1; it is {alpha!r}")


def check_draws(simulations: int, seed: int) -> None:
    """Refuse a number of simulations or a seed that is none."""
    for value, name, least in ((simulations, "simulations", 1), (seed, "seed", 0)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise InputError(f"'{name}' must be a whole number from {least} on; it is {value!r}")

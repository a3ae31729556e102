"""Settings of DBSCAN by stated rules: how near is near, and how many are many."""

from __future__ import annotations

import numpy as np
import shapely

from geoprofiles.checks import check_positive
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Places, check_areas
from geoprofiles.hotspots.density import suggest_bandwidth
from geoprofiles.hotspots.places import check_places
from geoprofiles.hotspots.significance import Null, null_of

TIMES_AVERAGE = 5.0
"""A place is dense, by default, from so many times the city's average density."""

FEWEST = 5
"""And from so many incidents."""

USUAL = 0.05
"""Where chance alone is at work, at most this share of incidents lies on dense places."""


def suggest_clusters(
    places: Places, areas: Areas, *, eps: float | None = None
) -> tuple[float, int, str]:
    """Suggest ``eps`` and ``min_samples`` for DBSCAN by stated rules.

    ``eps`` is half the bandwidth that :func:`suggest_bandwidth` gives. ``min_samples`` is 5 times
    the incidents that a disc of radius ``eps`` would hold if the incidents lay evenly over
    the areas, and at least 5. So a cluster is where incidents lie at least 5 times as thick as
    on average: a description, not a test against chance or against what is at risk.

    Parameters
    ----------
    places : DataFrame
        Places, in metres.
    areas : GeoDataFrame
        Areas, in the same metres.
    eps : float, optional
        Metres, where already decided.

    Returns
    -------
    tuple of float, int and str
        ``eps`` in metres, ``min_samples``, and the reason in a sentence.

    Raises
    ------
    InputError
        If there are no places.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 6e3, 6e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> places = pd.DataFrame({"easting": [500.0], "northing": [500.0], "count": [3600]})
    >>> geoprofiles.suggest_clusters(places, areas)[:2]
    (100.0, 16)
    """
    eps, why = suggest_eps(places, areas, eps)
    min_samples, because = _thick_from(places, areas, eps)
    return eps, min_samples, f"{why}; {because}"


def suggest_tested_clusters(
    places: Places,
    areas: Areas,
    at_risk: Places | None = None,
    *,
    eps: float | None = None,
    map_points: Places | None = None,
) -> tuple[float, int, str]:
    """Suggest ``eps`` and ``min_samples`` for clusters that are held against what is at risk.

    Where many live, incidents lie thickly with no one at more risk than another. With too small a
    ``min_samples`` DBSCAN then joins half the city to one cluster, which is beyond chance as a
    whole and useless. So ``min_samples`` is the least number, from that of
    :func:`suggest_clusters` on, that at most 5 % of incidents would have within ``eps`` if as
    many were drawn from what is at risk. That share is exact: it is a sum of binomial chances
    over what is at risk, so no draw of the later test is used up for it.

    Parameters
    ----------
    places : DataFrame
        Places, in metres.
    areas : GeoDataFrame
        Areas, in the same metres.
    at_risk : DataFrame, optional
        Places: points with what is at risk in ``count``. Without it the ground of the areas.
    eps : float, optional
        Metres, where already decided.
    map_points : DataFrame, optional
        For snapped data, the distinct places of the whole source.

    Returns
    -------
    tuple of float, int and str
        ``eps`` in metres, ``min_samples``, and the reason in a sentence.

    Raises
    ------
    CRSError
        If what is given is not in the same metres.
    InputError
        As of :func:`significant_clusters`.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 6e3, 6e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> places = pd.DataFrame({"easting": [500.0], "northing": [500.0], "count": [3600]})
    >>> villages = pd.DataFrame({"easting": [500.0, 2500, 4500], "northing": 500.0, "count": 100})
    >>> geoprofiles.suggest_tested_clusters(places, areas, villages, eps=100)[:2]
    (100.0, 1248)
    """
    eps, why = suggest_eps(places, areas, eps)
    min_samples, because = suggest_min_samples(
        places, areas, at_risk, eps=eps, map_points=map_points
    )
    return eps, min_samples, f"{why}; {because}"


def suggest_eps(places: Places, areas: Areas, eps: float | None = None) -> tuple[float, str]:
    """Suggest ``eps`` alone, from which points at risk are laid, and the reason."""
    if eps is not None:
        check_positive(eps, "eps")
        return float(eps), "eps was given"
    bandwidth, why = suggest_bandwidth(areas, places=places)
    return bandwidth / 2, f"half of {bandwidth:g} m, which is {why}"


def suggest_min_samples(
    places: Places,
    areas: Areas,
    at_risk: Places | None = None,
    *,
    eps: float,
    map_points: Places | None = None,
    beside: np.ndarray | None = None,
) -> tuple[int, str]:
    """Suggest ``min_samples`` alone, as :func:`suggest_tested_clusters` does, and the reason.

    `beside` is for clusters in time too: of each incident, how many are near it in time.
    """
    least, because = _thick_from(places, areas, eps, beside)
    null = null_of(places, areas, at_risk, map_points, eps)
    usual = _usual_number(null, beside)
    if usual <= least:
        return least, f"{because}; of {null.words} at most {USUAL:.0%} have as many within eps"
    return usual, (
        f"min_samples is the least number that at most {USUAL:.0%} of {null.words} have within eps;"
        f" an even spread asks for {least:,} only"
    )


def _thick_from(
    places: Places, areas: Areas, eps: float, beside: np.ndarray | None = None
) -> tuple[int, str]:
    """Return how many incidents within ``eps`` are many beside an even spread."""
    check_areas(areas)
    _, weights = check_places(places)
    if not weights.sum():
        raise InputError("there is no located incident to find clusters of")
    outline = shapely.area(shapely.union_all(areas.geometry.to_numpy()))
    number = weights.sum() if beside is None else beside.mean()
    expected = float(number * np.pi * eps**2 / outline)
    digits = 1 if expected >= 1 else 2
    return max(FEWEST, int(np.ceil(TIMES_AVERAGE * expected))), (
        f"min_samples is {TIMES_AVERAGE:g} times the {expected:.{digits}f} incidents that a disc of"
        f" that radius would hold if they lay evenly, and at least {FEWEST}"
    )


def share_on_dense_places(null: Null, min_samples: int, beside: np.ndarray | None = None) -> float:
    """Return the share of drawn incidents that lie on dense places: its mean over all draws.

    Beside an incident lie the others, each with the chance that what is at risk within reach
    has of all that is at risk, whatever the others do: their number is binomial. In time too,
    only those count that are near in time, `beside` of each incident, itself included.
    """
    from scipy.stats import binom

    share = null.weights / null.weights.sum()
    within = np.minimum(np.add.reduceat(share[null.reach.other], null.reach.start[:-1]), 1)
    number, often = np.unique([null.total] if beside is None else beside, return_counts=True)
    chances = [share @ binom.sf(min_samples - 2, one - 1, within) for one in number]
    return float(np.average(chances, weights=often))


def _usual_number(null: Null, beside: np.ndarray | None = None) -> int:
    """Return the least number of incidents that few enough have within reach by chance."""
    low, high = 1, null.total + 1
    while low < high:
        middle = (low + high) // 2
        if share_on_dense_places(null, middle, beside) <= USUAL:
            high = middle
        else:
            low = middle + 1
    return low

"""Clusters of more than one density: HDBSCAN and OPTICS on weighted distinct places."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from geoprofiles.checks import check_choice, check_positive
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Clusters, Places
from geoprofiles.hotspots.clusters import (
    Labelled,
    check_clustering,
    label_places,
    outlined_clusters,
)
from geoprofiles.hotspots.ordering import label_by_valleys
from geoprofiles.hotspots.stability import label_by_stability

METHODS = ("dbscan", "hdbscan", "optics")

FINEST = 0.25
"""Of ``eps``: nothing nearer is told apart, which is how far apart points at risk are laid."""

XI = 0.05
"""How much steeper than level, as a share, the sides of a valley of OPTICS are."""

Labeller = Callable[[np.ndarray, np.ndarray], Labelled]


def hotspot_hdbscan(
    places: Places,
    areas: Areas,
    *,
    eps: float,
    min_samples: int,
    min_cluster_size: int | None = None,
    finest: float | None = None,
) -> Clusters:
    """Find clusters of several densities, each where it lasts longest (HDBSCAN).

    DBSCAN asks for one density. Here the reach shrinks from `eps` to `finest`: what hangs
    together falls apart into denser parts, and of a cluster and its parts those are kept that hold
    the more incidents over the wider range of density (excess of mass). Every cluster lies
    within one that :func:`hotspot_clusters` finds by the same `eps` and `min_samples`. Nothing is
    tested against chance; :func:`significant_clusters` does it with ``method="hdbscan"``.

    Parameters
    ----------
    places : DataFrame
        Places, in metres. Each counts as so many points at one spot.
    areas : GeoDataFrame
        Areas, in the same metres, to clip to.
    eps : float
        Metres: the widest reach.
    min_samples : int
        Incidents that make a place dense.
    min_cluster_size : int, optional
        Incidents that make a part a cluster; `min_samples`, if not given.
    finest : float, optional
        Metres; nothing nearer is told apart. A quarter of `eps`, if not given. Without such a
        floor a spot with many incidents has no end of density, and is the best cluster always.

    Returns
    -------
    GeoDataFrame
        Clusters as of :func:`hotspot_clusters`. The discs of a cluster's outline are as large as
        the reach at which it hangs together.

    Raises
    ------
    CRSError
        If places and areas are in different metres.
    InputError
        If a setting is not above 0, `finest` is not under `eps`, `eps` is wider than the areas
        or has too many pairs of places within it, or coordinates are in degrees.

    Notes
    -----
    Links of the same length are made at once. Where other programs make one after the other, a
    place between two clusters falls to either as its row stands; here it belongs to none.

    References
    ----------
    Campello, Moulavi and Sander (2013). *PAKDD 2013*, 160-172.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 6e3, 6e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> places = pd.DataFrame({"easting": [1000.0, 1030, 1060, 1240, 1270, 1300],
    ...     "northing": 1000.0, "count": 5})
    >>> settings = {"eps": 200, "min_samples": 8}
    >>> len(geoprofiles.hotspot_clusters(places, areas, **settings))
    1
    >>> geoprofiles.hotspot_hdbscan(places, areas, finest=25, **settings)["count"].tolist()
    [15, 15]
    """
    points, weights = check_clustering(places, areas, eps, min_samples)
    label = labeller("hdbscan", eps, min_samples, smallest=min_cluster_size, finest=finest)
    return outlined_clusters(places, areas, label(points, weights), none=_none(eps, min_samples))


def hotspot_optics(
    places: Places,
    areas: Areas,
    *,
    eps: float,
    min_samples: int,
    min_cluster_size: int | None = None,
    finest: float | None = None,
    xi: float = XI,
) -> Clusters:
    """Find clusters as valleys in the order in which places are reached (OPTICS).

    Places are put in an order: next is the one most easily reached from those before. Where
    incidents lie thickly the distance to the next is short, so that a cluster is a valley
    between steep sides; of valleys within one another the innermost are kept. Nothing is tested
    against chance; :func:`significant_clusters` does it with ``method="optics"``.

    Parameters
    ----------
    places : DataFrame
        Places, in metres. Each counts as so many points at one spot.
    areas : GeoDataFrame
        Areas, in the same metres, to clip to.
    eps : float
        Metres: the widest reach.
    min_samples : int
        Incidents that make a place dense.
    min_cluster_size : int, optional
        Incidents that make a valley a cluster; `min_samples`, if not given.
    finest : float, optional
        Metres; nothing nearer is told apart. A quarter of `eps`, if not given.
    xi : float, default 0.05
        A side is steep where the distance changes by this share from one incident to the next.

    Returns
    -------
    GeoDataFrame
        Clusters as of :func:`hotspot_clusters`. The discs of a cluster's outline are as large as
        the farthest reach within it.

    Raises
    ------
    CRSError
        If places and areas are in different metres.
    InputError
        If a setting is out of range, counts are no whole numbers, there are more than 2,000,000
        incidents, `eps` is wider than the areas or has too many pairs of places within it,
        or coordinates are in degrees.

    Notes
    -----
    Of places as easily reached, the other incidents of the last place come first, then the
    westernmost: so the order of rows decides nothing. The innermost valleys are small, and many
    are made by chance.

    References
    ----------
    Ankerst, Breunig, Kriegel and Sander (1999). *SIGMOD Record* 28 (2), 49-60.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 6e3, 6e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> places = pd.DataFrame({"easting": [1000.0, 1030, 1060, 1240, 1270, 1300],
    ...     "northing": 1000.0, "count": 5})
    >>> clusters = geoprofiles.hotspot_optics(places, areas, eps=200, min_samples=8, finest=25)
    >>> clusters["count"].tolist()
    [15, 15]
    """
    points, weights = check_clustering(places, areas, eps, min_samples)
    label = labeller("optics", eps, min_samples, smallest=min_cluster_size, finest=finest, xi=xi)
    return outlined_clusters(places, areas, label(points, weights), none=_none(eps, min_samples))


def labeller(
    method: str,
    eps: float,
    min_samples: int,
    *,
    smallest: int | None = None,
    finest: float | None = None,
    xi: float = XI,
) -> Labeller:
    """Return what labels places by a method, its settings checked and filled in."""
    check_choice(method, METHODS, "method")
    if method == "dbscan":
        return partial(_by_density, eps=eps, min_samples=min_samples)
    smallest = min_samples if smallest is None else smallest
    check_positive(smallest, "min_cluster_size")
    finest = eps * FINEST if finest is None else finest
    check_positive(finest, "finest")
    if finest >= eps:
        raise InputError(f"'finest' ({finest:g} m) must be less than 'eps' ({eps:g} m)")
    if method == "hdbscan":
        return partial(
            label_by_stability, eps=eps, min_samples=min_samples, smallest=smallest, finest=finest
        )
    if min_samples < 2 or smallest < 2:
        raise InputError("OPTICS asks for 'min_samples' and 'min_cluster_size' of at least 2")
    if not 0 < xi < 1:
        raise InputError(f"'xi' must lie between 0 and 1; it is {xi!r}")
    return partial(
        label_by_valleys,
        eps=eps,
        min_samples=min_samples,
        smallest=smallest,
        finest=finest,
        xi=xi,
    )


def _by_density(
    points: np.ndarray, weights: np.ndarray, *, eps: float, min_samples: float
) -> Labelled:
    label, core = label_places(points, weights, eps, min_samples)
    return Labelled(label, core, np.full(label.max(initial=-1) + 1, float(eps)))


def _none(eps: float, min_samples: int) -> str:
    return f"No cluster has {min_samples:,} incidents within {eps:,.0f} m or less."

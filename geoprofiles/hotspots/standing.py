"""How clusters stand beside those of an earlier period: standing, new, or gone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_positive
from geoprofiles.frames import Clusters, Places, check_columns
from geoprofiles.hotspots.places import check_places
from geoprofiles.hotspots.similarity import binomial_p

STANDING, NEW, UNSURE, UNKNOWN, CHANCE = (
    "stood before",
    "new",
    "not found before; the rise may be chance",
    "no data of before",
    "may be chance",
)
LEVEL = 0.05


def compare_clusters(
    now: Clusters, then: Clusters, places: Places, *, eps: float, exposure: float = 1.0
) -> tuple[Clusters, Clusters]:
    """Say which clusters stood before, which are new, and which of before are gone.

    A cluster beyond chance stood before if its ground meets that of one beyond chance of the
    earlier period. If not, it is new where its count has risen by more than chance (exact binomial
    test of both counts, however few);
    as it was picked because it is high now, that test leans towards a rise, and so does not
    serve alone. The ground of a single map point is the disc of `eps` about it.

    Parameters
    ----------
    now, then : GeoDataFrame
        Clusters of both periods, found and tested by the same settings, as
        :func:`significant_clusters` gives them.
    places : DataFrame
        Places of the earlier period.
    eps : float
        That of the clusters, in metres.
    exposure : float
        Days of the later period over those of the earlier.

    Returns
    -------
    tuple of two GeoDataFrame
        `now` with ``before`` (incidents on its ground in the earlier period) and ``status``:
        ``"stood before"``, ``"new"``, ``"not found before; the rise may be chance"``, or ``"may be
        chance"`` of those that are not beyond it. And the clusters beyond chance of `then` that
        no cluster of `now` meets.

    Raises
    ------
    InputError
        If a column is missing, or `eps` or `exposure` is not above 0.

    References
    ----------
    As for :func:`geoprofiles.change_between`.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 2e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> early = pd.DataFrame({"easting": [400.0, 450, 500], "northing": 500.0, "count": 9})
    >>> late = pd.DataFrame({"easting": [1400.0, 1450, 1500], "northing": 500.0, "count": 9})
    >>> settings = {"eps": 100, "min_samples": 5, "simulations": 99}
    >>> then, now = (geoprofiles.significant_clusters(places, areas, **settings)
    ...     for places in (early, late))
    >>> found, gone = geoprofiles.compare_clusters(now, then, early, eps=100)
    >>> found[["before", "status"]].values.tolist(), len(gone)
    ([[0, 'new']], 1)
    """
    for clusters, name in ((now, "The later clusters"), (then, "The earlier clusters")):
        check_columns(clusters, ["count", "significant"], what=name)
    check_positive(eps, "eps")
    check_positive(exposure, "exposure")
    points, weights = check_places(places)
    ground, at = _ground(now, eps), shapely.points(points)
    counts = [int(weights[shapely.intersects(one, at)].sum()) for one in ground]
    both = (np.array(counts, dtype=float), now["count"].to_numpy(dtype=float))
    chance = binomial_p(*both, exposure)
    then = then[then["significant"].astype(bool)]
    earlier = _ground(then, eps)
    status: list[str] = []
    for shape, sure, before, after, p in zip(
        ground, now["significant"], *both, chance, strict=True
    ):
        risen = after > before * exposure and p <= LEVEL
        if not sure:
            status.append(CHANCE)
        elif shapely.intersects(earlier, shape).any():
            status.append(STANDING)
        else:
            status.append(NEW if risen else UNSURE)
    found = now.assign(before=pd.array(counts, "Int64"), status=status)
    found.attrs = now.attrs
    return found, then[~shapely.intersects(earlier, shapely.union_all(ground))]


def without_before(clusters: Clusters) -> Clusters:
    """Give clusters the columns of :func:`compare_clusters` where nothing is known of before."""
    status = [UNKNOWN if sure else CHANCE for sure in clusters["significant"]]
    before = pd.array([pd.NA] * len(clusters), "Int64")
    found = clusters.assign(before=before, status=status)
    found.attrs = clusters.attrs
    return found


def _ground(clusters: Clusters, eps: float) -> np.ndarray:
    """Return the ground of clusters: outlines, and discs about single map points."""
    shapes = np.array(clusters.geometry.to_numpy(), dtype=object)
    points = shapely.get_type_id(shapes) == 0 if len(shapes) else np.zeros(0, dtype=bool)
    shapes[points] = shapely.buffer(shapes[points], eps)
    return shapes

"""Which areas border which."""

from __future__ import annotations

import numpy as np
import shapely

from geoprofiles.checks import check_positive
from geoprofiles.frames import Areas, check_areas

APART = 20.0
"""Metres that borders may lie apart and still be one: outlines are generalised."""

LEAST = 100.0
"""Metres of border that neighbours share at the least: a corner is no border."""


def neighbours(areas: Areas, *, apart: float = APART) -> dict[str, tuple[str, ...]]:
    """Find the areas that each area borders.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, in metres.
    apart : float
        How far borders may lie apart, in metres.

    Returns
    -------
    dict of str to tuple of str
        Area code to the codes of its neighbours, the longest common border first. Areas that meet
        in a corner only are no neighbours.

    Raises
    ------
    InputError
        If the areas are not polygons in metres under unique codes.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill", "Quay", "Hill"]},
    ...     geometry=[box(0, 0, 1e3, 1e3), box(1e3, 0, 2e3, 1e3), box(1e3, 1e3, 1500, 2e3)],
    ...     index=pd.Index(list("ABC"), name="area_code"), crs=27700)
    >>> neighbours(areas)
    {'A': ('B',), 'B': ('A', 'C'), 'C': ('B',)}
    """
    check_areas(areas)
    check_positive(apart, "apart")
    shapes = areas.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=apart)
    apart_from_self = one < two
    one, two = one[apart_from_self], two[apart_from_self]
    # How much of one's border runs within reach of the other.
    reach = shapely.buffer(shapes[two], apart)
    shared = shapely.length(shapely.intersection(shapely.boundary(shapes[one]), reach))
    borders = shared - 2 * apart >= LEAST
    one, two, shared = one[borders], two[borders], shared[borders]
    first, second = np.concatenate([one, two]), np.concatenate([two, one])
    longest = np.argsort(-np.concatenate([shared, shared]), kind="stable")
    found: dict[str, list[str]] = {str(code): [] for code in areas.index}
    for at in longest:
        found[str(areas.index[first[at]])].append(str(areas.index[second[at]]))
    return {code: tuple(names) for code, names in found.items()}

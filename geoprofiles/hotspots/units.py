"""Incidents counted into areas or cells, for methods that compare units with one another."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd

from geoprofiles.areas.locate import locate_points
from geoprofiles.checks import check_same_crs
from geoprofiles.crs import is_metric
from geoprofiles.errors import CRSError, InputError
from geoprofiles.frames import Places
from geoprofiles.hotspots.grid import cells_of
from geoprofiles.hotspots.places import check_places


def count_places(places: Places, units: geopandas.GeoDataFrame) -> pd.Series:
    """Count incidents in each area or cell, zeros included.

    Parameters
    ----------
    places : DataFrame
        Places, in metres: ``easting``, ``northing``, ``count``.
    units : GeoDataFrame
        Areas or cells, in the same metres.

    Returns
    -------
    Series
        ``count`` of every unit, in the order of `units`. A place on a shared border counts once: in
        the area whose code comes first; of the cells of :func:`grid_over`, in that to its east or
        north where there is one. ``attrs["outside"]`` is what lies in no unit.

    Raises
    ------
    CRSError
        If units are not in metres, or places are in others.
    InputError
        If a code repeats, or a place cannot be used.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> cells = geopandas.GeoDataFrame(geometry=[box(0, 0, 1e3, 1e3), box(1e3, 0, 2e3, 1e3)],
    ...     index=pd.Index(["E0N0", "E1N0"], name="cell"), crs=27700)
    >>> places = pd.DataFrame({"easting": [500.0, 9e3], "northing": 500.0, "count": [7, 2]})
    >>> counts = geoprofiles.count_places(places, cells)
    >>> counts.to_dict(), counts.attrs["outside"]
    ({'E0N0': 7, 'E1N0': 0}, 2.0)
    """
    if not isinstance(units, geopandas.GeoDataFrame) or not is_metric(units.crs):
        raise CRSError(
            "areas or cells must be a GeoDataFrame in metres",
            remedy="Use geoprofiles.read_areas or geoprofiles.grid_over.",
        )
    if not units.index.is_unique:
        raise InputError("a code stands for more than one unit")
    if places.attrs.get("crs") is not None:
        check_same_crs(places.attrs["crs"], units.crs, names=("Places", "Units"))
    points, weights = check_places(places)
    if "grid" in units.attrs:
        held = cells_of(points, units)
    else:
        held = locate_points(points[:, 0], points[:, 1], units)
    inside = held >= 0
    total = np.bincount(held[inside], weights[inside], minlength=len(units))
    if np.array_equal(weights, np.floor(weights)):
        total = total.astype("int64")
    counts = pd.Series(total, index=units.index, name="count")
    counts.attrs["outside"] = float(weights[~inside].sum())
    return counts


def check_counts(counts: pd.Series, name: str, *, whole: bool = False) -> np.ndarray:
    """Return the counts of units as numbers; refuse what is no count.

    Examples
    --------
    >>> check_counts(pd.Series([1, -1]), "before")
    Traceback (most recent call last):
    geoprofiles.errors.InputError: a count in 'before' is missing or negative. What is \
suppressed is not zero: leave those units out.
    """
    if not isinstance(counts, pd.Series) or not pd.api.types.is_numeric_dtype(counts):
        raise InputError(
            f"'{name}' must be a Series of counts, one a unit",
            remedy="Make it with geoprofiles.count_places.",
        )
    if not counts.index.is_unique:
        raise InputError(f"a unit comes more than once in '{name}'")
    values = counts.to_numpy(dtype=float, na_value=np.nan)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InputError(
            f"a count in '{name}' is missing or negative",
            remedy="What is suppressed is not zero: leave those units out.",
        )
    if whole and not np.array_equal(values, np.floor(values)):
        raise InputError(
            f"'{name}' holds parts of incidents, and only whole ones can be tested",
            remedy="Count incidents without weights.",
        )
    return values


def check_pair(before: pd.Series, after: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts of two periods over the same units, in the order of `before`."""
    one = check_counts(before, "before", whole=True)
    check_counts(after, "after", whole=True)
    if len(before) != len(after) or not before.index.isin(after.index).all():
        raise InputError(
            "the two periods are not counted over the same units",
            remedy="Count both with geoprofiles.count_places over one set; zeros are rows.",
        )
    for values, name in ((one, "before"), (after, "after")):
        if not values.sum():
            raise InputError(
                f"there is no incident in '{name}'",
                remedy="Choose periods that the data hold.",
            )
    return one, after.reindex(before.index).to_numpy(dtype=float)

"""Coordinate systems: which metres to work in, and how to get there.

Everything between reading and drawing is in metres. In the United Kingdom that is the
British National Grid; elsewhere the UTM zone of the data's middle.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyproj
from pyproj.transformer import AreaOfInterest, TransformerGroup

from geoprofiles.errors import CRSError

METRIC = pyproj.CRS.from_epsg(27700)
"""British National Grid, metres."""

WEB = pyproj.CRS.from_epsg(4326)
"""Longitude and latitude, WGS84 degrees, as web maps take them."""

UNITED_KINGDOM = (-9.0, 49.75, 2.05, 61.05)
"""West, south, east, north of the grid's use, in degrees; the island of Ireland is taken out."""


class Operation(NamedTuple):
    """The one coordinate operation that is used for all points of a run."""

    name: str
    accuracy: float | None
    """Stated accuracy in metres; None where the registry states none."""
    best_available: bool
    """False where a more exact operation exists whose grid file is not installed."""


def metric_crs(west: float, south: float, east: float, north: float) -> pyproj.CRS:
    """Choose a coordinate system in metres for a box of longitudes and latitudes.

    Parameters
    ----------
    west, south, east, north : float
        The box, in degrees (EPSG:4326).

    Returns
    -------
    pyproj.CRS
        EPSG:27700 where the middle lies in Great Britain or its waters, otherwise the
        WGS84 / UTM zone of the middle.

    Raises
    ------
    CRSError
        If the box is not on the globe.

    Examples
    --------
    >>> metric_crs(-1.5, 50.8, -1.3, 51.0).to_epsg()
    27700
    >>> metric_crs(-90.3, 35.0, -89.6, 35.3).to_epsg()
    32616
    """
    longitude, latitude = (west + east) / 2, (south + north) / 2
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise CRSError(
            f"the box {west:g}, {south:g}, {east:g}, {north:g} is not in degrees",
            remedy="State the coordinate system of the input.",
        )
    in_box = (
        UNITED_KINGDOM[0] <= longitude <= UNITED_KINGDOM[2]
        and UNITED_KINGDOM[1] <= latitude <= UNITED_KINGDOM[3]
    )
    in_republic = longitude < -5.3 and 51.2 < latitude < 55.25  # the Irish grid's ground
    if in_box and not in_republic:
        return METRIC
    zone = min(int((longitude + 180) // 6) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)


@lru_cache(maxsize=32)
def _pinned(source: str, target: str) -> tuple[pyproj.Transformer, Operation]:
    area = pyproj.CRS.from_user_input(target).area_of_use
    interest = None if area is None else AreaOfInterest(*area.bounds)
    with warnings.catch_warnings():
        # A missing grid file is no surprise: it is told by Operation.best_available.
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(source, target, always_xy=True, area_of_interest=interest)
    if not group.transformers:
        raise CRSError(f"no way is known from {source} to {target}")
    chosen = group.transformers[0]
    accuracy = chosen.accuracy if chosen.accuracy is not None and chosen.accuracy >= 0 else None
    return chosen, Operation(chosen.description, accuracy, group.best_available)


def operation(source: object, target: object) -> Operation:
    """Describe the operation that :func:`project` uses between two coordinate systems.

    Examples
    --------
    >>> operation(4326, 27700).accuracy
    2.0
    """
    return _pinned(_key(source), _key(target))[1]


def project(
    x: np.ndarray, y: np.ndarray, *, source: object, target: object
) -> tuple[np.ndarray, np.ndarray]:
    """Turn coordinates from one system into another by one pinned operation.

    A single operation is used for every point, so that two points on either side of
    some area of use never jump against each other. Points given more than once are
    turned once.

    Parameters
    ----------
    x, y : array of float
        Easting and northing, or longitude and latitude. NaN stays NaN.
    source, target : anything :class:`pyproj.CRS` understands
        The two coordinate systems.

    Returns
    -------
    tuple of two arrays of float

    Raises
    ------
    CRSError
        If no operation between the two is known.

    Examples
    --------
    >>> easting, northing = project([-1.4049], [50.9], source=4326, target=27700)
    >>> round(float(easting[0])), round(float(northing[0]))
    (441945, 111338)
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if _key(source) == _key(target):
        return x.copy(), y.copy()
    transformer, _ = _pinned(_key(source), _key(target))
    pairs = np.column_stack([x, y]).view(np.complex128).ravel()
    distinct, inverse = np.unique(pairs, return_inverse=True)
    east, north = transformer.transform(distinct.real, distinct.imag)
    lost = ~(np.isfinite(east) & np.isfinite(north))
    east[lost], north[lost] = np.nan, np.nan
    return east[inverse], north[inverse]


def _key(system: object) -> str:
    try:
        return str(pyproj.CRS.from_user_input(system).to_string())
    except pyproj.exceptions.CRSError as error:
        raise CRSError(
            f"'{system}' is not a coordinate system", remedy="Write it as, say, EPSG:27700."
        ) from error


def is_metric(system: object) -> bool:
    """Tell whether a coordinate system is projected with the metre as its unit.

    Examples
    --------
    >>> is_metric(27700), is_metric(4326), is_metric(None)
    (True, False, False)
    """
    if system is None:
        return False
    crs = pyproj.CRS.from_user_input(system)
    return bool(crs.is_projected and crs.axis_info[0].unit_name in {"metre", "meter"})

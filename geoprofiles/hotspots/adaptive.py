"""Adaptive density: narrow kernels where incidents are many, wide ones where they are few."""

from __future__ import annotations

import numpy as np

from geoprofiles.checks import check_choice, check_positive, check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Cells, Places
from geoprofiles.hotspots.bandwidths import SAME_SMOOTHING
from geoprofiles.hotspots.density import KERNELS, cell_points, mass_on_cells, square_metres
from geoprofiles.hotspots.kernels import kernel_sums
from geoprofiles.hotspots.places import check_places

_STEP = 1.04
"""From one bandwidth that is computed to the next; a kernel between is a mixture of the two."""


def adaptive_kde(
    places: Places,
    cells: Cells,
    *,
    bandwidth: float,
    kernel: str = "quartic",
    years: float = 1.0,
    pilot: float | None = None,
    trim: float = 5.0,
) -> Cells:
    """Estimate density with a bandwidth of its own for each place.

    Abramson's rule: a first density with one bandwidth says how thick incidents lie at each
    place, and the bandwidth there is `bandwidth` divided by the square root of that, in multiples
    of its geometric mean. Peaks stand out sharper than in :func:`hotspot_kde`, and single
    incidents at the outskirts make no hills of their own. Kernels are scaled up to lie wholly on
    the cells (Diggle), so that density times area adds up to the incidents.

    Parameters
    ----------
    places : DataFrame
        Places, in metres.
    cells : GeoDataFrame
        Cells, as :func:`grid_over` makes them, in the same metres.
    bandwidth : float
        In metres, as in :func:`hotspot_kde`: the typical bandwidth, which is the geometric mean
        over incidents.
    kernel : {"quartic", "gaussian"}
        The kernel.
    years : float
        Years that the incidents span; 11 months are 11/12.
    pilot : float, optional
        Bandwidth of the first density, in metres; that of `bandwidth` if not said.
    trim : float
        No bandwidth is more than so many times as wide as `bandwidth`, or as narrow. Nor is a
        quartic narrower than a cell is wide, or a Gaussian that smooths as much.

    Returns
    -------
    GeoDataFrame
        A copy of `cells` with ``density``, in incidents per km² per year. ``attrs`` has the
        ``narrowest`` and ``widest`` bandwidth and a ``note``.

    Raises
    ------
    CRSError
        If places and cells are in different metres.
    InputError
        If a setting is out of range, there is no incident, or cells are too wide for the
        narrowest bandwidth.

    Notes
    -----
    Data moved to map points stack, and stacks narrow the kernel until it shows the map points.
    There keep `trim` near 1, or use one bandwidth.

    A local bandwidth is made of the two nearest of a ladder with steps of 4%, which moves
    densities by under 0.1%.

    References
    ----------
    Abramson (1982). *Annals of Statistics* 10, 1217-1223. Davies and Hazelton (2010). *Statistics
    in Medicine* 29, 2423-2437.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 3e3, 3e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> places = pd.DataFrame({"easting": [500.0, 550, 2500], "northing": [500.0, 550, 2500],
    ...     "count": [8, 8, 2]})
    >>> surface = geoprofiles.adaptive_kde(places, geoprofiles.grid_over(areas, cell=100),
    ...     bandwidth=400)
    >>> round(float((surface["density"] * surface["area_km2"]).sum()), 6)
    18.0
    >>> surface.attrs["note"]
    'Bandwidths range from 357 to 993 m; 400 m is typical.'
    """
    for value, name in ((bandwidth, "bandwidth"), (years, "years"), (trim, "trim")):
        check_positive(value, name)
    pilot = bandwidth if pilot is None else check_positive(pilot, "pilot")
    check_choice(kernel, KERNELS, "kernel")
    if trim < 1:
        raise InputError(f"'trim' must be at least 1; it is {trim!r}")
    if places.attrs.get("crs") is not None:
        check_same_crs(places.attrs["crs"], cells.crs, names=("Places", "Cells"))
    points, weights = check_places(places)
    points, weights = points[weights > 0], weights[weights > 0]
    if not len(points):
        raise InputError("there is no incident to make a density of")
    own = local_bandwidths(points, weights, cells, bandwidth, kernel, pilot, trim)
    at, area = cell_points(cells), square_metres(cells)
    per_m2 = np.zeros(len(cells))
    for width, held, part in _ladder(own):
        mass = mass_on_cells(points[held], at, area, width, kernel)
        per_m2 += kernel_sums(at, points[held], weights[held] * part / mass, width, kernel)
    surface = cells.assign(density=per_m2 * 1e6 / years)
    surface.attrs |= {
        "narrowest": float(own.min()),
        "widest": float(own.max()),
        "note": f"Bandwidths range from {own.min():,.0f} to {own.max():,.0f} m;"
        f" {bandwidth:,g} m is typical.",
    }
    return surface


def local_bandwidths(
    points: np.ndarray,
    weights: np.ndarray,
    cells: Cells,
    bandwidth: float,
    kernel: str,
    pilot: float,
    trim: float,
) -> np.ndarray:
    """Return the bandwidth at each point by Abramson's rule."""
    mass = mass_on_cells(points, cell_points(cells), square_metres(cells), pilot, kernel)
    first = kernel_sums(points, points, weights / mass, pilot, kernel)
    logs = np.log(first)
    thick = np.exp(logs - (weights @ logs) / weights.sum())
    side = np.sqrt(square_metres(cells).max()) * SAME_SMOOTHING[kernel] / SAME_SMOOTHING["quartic"]
    least = max(bandwidth / trim, min(side, bandwidth))
    return np.asarray(np.clip(bandwidth * thick**-0.5, least, bandwidth * trim))


def _ladder(own: np.ndarray) -> list[tuple[float, np.ndarray, np.ndarray]]:
    """Deal places to the bandwidths of a ladder: each to the two next to its own, in parts."""
    rung = np.log(own / own.min()) / np.log(_STEP)
    below = np.floor(rung).astype(np.int64)
    rungs = []
    for number in range(int(below.max()) + 2):
        part = np.clip(1 - np.abs(rung - number), 0, 1)
        held = np.flatnonzero(part > 0)
        if len(held):
            rungs.append((float(own.min() * _STEP**number), held, part[held]))
    return rungs

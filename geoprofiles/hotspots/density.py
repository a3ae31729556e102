"""Kernel density: how thickly incidents lie around each cell."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_choice, check_positive, check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Cells, Places, check_areas, check_columns
from geoprofiles.hotspots.kernels import kernel_sums
from geoprofiles.hotspots.places import check_places

KERNELS = ("quartic", "gaussian")
EDGES = ("none", "uniform", "diggle")
MULTIPLES = (2.0, 3.0, 5.0, 8.0)
"""Lower edges of the density bands, as multiples of the city's average."""


def suggest_cell(areas: Areas, *, bandwidth: float | None = None) -> tuple[float, str]:
    """Suggest the side of a grid cell for a density surface.

    100 m, as is usual in a city, or a third of the bandwidth where that is less, so that the
    surface is drawn finer than it is smoothed; doubled until the grid has at most 200,000 cells.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, in metres.
    bandwidth : float, optional
        Of the kernel, in metres.

    Returns
    -------
    tuple of float and str
        The side in metres, and the reason in a sentence.

    Raises
    ------
    CRSError
        If the areas are not in metres.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 3e3, 3e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> suggest_cell(areas, bandwidth=240)[0]
    80.0
    """
    check_areas(areas)
    cell, reason = 100.0, "the usual cell of a city"
    if bandwidth is not None and check_positive(bandwidth, "bandwidth") / 3 < cell:
        cell = float(np.floor(bandwidth / 30) * 10) or bandwidth / 3
        reason = f"a third of the bandwidth of {bandwidth:g} m"
    while float(areas.area.sum()) / cell**2 > 200_000:
        cell *= 2
        reason = "the smallest cell that keeps the grid below 200,000 cells"
    return cell, reason


def suggest_bandwidth(areas: Areas, *, places: Places | None = None) -> tuple[float, str]:
    """Suggest the bandwidth of a quartic kernel by a practitioners' rule.

    Five times a cell of one 150th of the outline's shorter side, rounded to 10 m, but at
    least three times the median distance between neighbouring places: data moved to map points
    hold nothing finer. A rule to start from, not an estimate: try others and look.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, in metres.
    places : DataFrame, optional
        Places, to keep the bandwidth above their spacing.

    Returns
    -------
    tuple of float and str
        The radius in metres, and the reason in a sentence.

    Raises
    ------
    CRSError
        If the areas are not in metres.

    References
    ----------
    Chainey and Ratcliffe (2005). *GIS and Crime Mapping*, chapter 6.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 9e3, 12e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> geoprofiles.suggest_bandwidth(areas)[0]
    300.0
    """
    check_areas(areas)
    west, south, east, north = areas.total_bounds
    shorter = min(east - west, north - south)
    bandwidth = round(5 * shorter / 150, -1) or shorter / 30
    reason = f"5 cells of 1/150 of the shorter side of the city, {shorter / 1000:.1f} km"
    if places is not None and len(places) > 2:
        from scipy.spatial import cKDTree

        points, _ = check_places(places)
        spacing = float(np.median(cKDTree(points).query(points, k=2)[0][:, 1]))
        if 3 * spacing > bandwidth:
            bandwidth = float(np.ceil(3 * spacing / 10) * 10)
            reason = f"3 times the median distance between neighbouring places, {spacing:.0f} m"
    return float(bandwidth), reason


def hotspot_kde(
    places: Places,
    cells: Cells,
    *,
    bandwidth: float,
    kernel: str = "quartic",
    years: float = 1.0,
    edge: str = "none",
) -> Cells:
    """Estimate how thickly incidents lie around the centre of each cell.

    A kernel is laid on every place, weighted by its incidents, and the kernels are added up
    at a point within each cell: exactly, but for what a Gaussian has beyond 7 standard
    deviations, at most 1e-9 of the peak. Without a correction density is understated within a
    bandwidth of the edge, because incidents beyond are unknown.

    Parameters
    ----------
    places : DataFrame
        Places, in metres.
    cells : GeoDataFrame
        Cells, as :func:`grid_over` makes them, in the same metres.
    bandwidth : float
        In metres: the radius h of the quartic kernel ``3/(πh²)(1-(d/h)²)²``, or the standard
        deviation of the Gaussian. A quartic radius of 2.83 s smooths as a Gaussian of s does.
    kernel : {"quartic", "gaussian"}
        The kernel.
    years : float
        Years that the incidents span; 11 months are 11/12.
    edge : {"none", "uniform", "diggle"}
        What is done at the edge of the cells. ``"diggle"``: each place's kernel is scaled up so
        that all of it lies on the cells; density times area then adds up to the incidents.
        ``"uniform"``: density is divided by the part of a kernel at the cell that lies on the
        cells, which is right where incidents lie evenly, and keeps no total.

    Returns
    -------
    GeoDataFrame
        A copy of `cells` with ``density``, in incidents per km² per year.

    Raises
    ------
    CRSError
        If places and cells are in different metres.
    InputError
        If `bandwidth` or `years` is not above 0, the kernel or edge is not known, coordinates are
        in degrees, or a place has no cell within reach, so that its kernel lies on none.

    References
    ----------
    Silverman (1986). *Density Estimation for Statistics and Data Analysis*, 76-77. Diggle (1985).
    *Applied Statistics* 34, 138-147. Jones (1993). *Statistics and Computing* 3, 135-146.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> cells = geopandas.GeoDataFrame({"area_km2": [1.0]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=pd.Index(["E0N0"], name="cell"), crs=27700)
    >>> places = pd.DataFrame({"easting": [500.0], "northing": [500.0], "count": [3]})
    >>> surface = geoprofiles.hotspot_kde(places, cells, bandwidth=250, kernel="gaussian")
    >>> surface["density"].round(2).tolist()
    [7.64]
    """
    check_positive(bandwidth, "bandwidth")
    check_positive(years, "years")
    check_choice(kernel, KERNELS, "kernel")
    if places.attrs.get("crs") is not None:
        check_same_crs(places.attrs["crs"], cells.crs, names=("Places", "Cells"))
    check_choice(edge, EDGES, "edge")
    points, weights = check_places(places)
    at = cell_points(cells)
    if edge == "diggle":
        points, weights = points[weights > 0], weights[weights > 0]
        weights = weights / mass_on_cells(points, at, square_metres(cells), bandwidth, kernel)
    per_m2 = kernel_sums(at, points, weights, bandwidth, kernel)
    if edge == "uniform":
        per_m2 = per_m2 / kernel_sums(at, at, square_metres(cells), bandwidth, kernel)
    return cells.assign(density=per_m2 * 1e6 / years)


def mass_on_cells(
    points: np.ndarray, at: np.ndarray, area: np.ndarray, bandwidth: float, kernel: str
) -> np.ndarray:
    """Return how much of a kernel on each point lies on cells, by their points and areas."""
    part = kernel_sums(points, at, area, bandwidth, kernel)
    if not (part > 0).all():
        raise InputError(
            f"{int((part <= 0).sum()):,} places have the middle of no cell within reach of"
            f" {bandwidth:g} m",
            remedy="Leave places outside the cells out, choose smaller cells or a wider bandwidth.",
        )
    return part


def square_metres(cells: Cells) -> np.ndarray:
    """Return the area of each cell, which must be given."""
    check_columns(cells, ["area_km2"], what="Cells")
    return cells["area_km2"].to_numpy(dtype=float) * 1e6


def cell_points(cells: Cells) -> np.ndarray:
    """Return the centre of each cell, or a point within it where the centre lies outside."""
    shapes = cells.geometry.to_numpy()
    west, south, east, north = shapely.bounds(shapes).T
    at = np.column_stack([(west + east) / 2, (south + north) / 2])
    # Most cells are whole squares, which fill their bounds; only the clipped need asking.
    box = (east - west) * (north - south)
    clipped = np.flatnonzero(~(shapely.area(shapes) >= box * (1 - 1e-12)))
    centre = shapely.centroid(shapes[clipped])
    outside = ~shapely.intersects(shapes[clipped], centre)
    centre[outside] = shapely.point_on_surface(shapes[clipped][outside])
    at[clipped] = np.column_stack([shapely.get_x(centre), shapely.get_y(centre)])
    return at


def density_bands(
    cells: Cells, *, multiples: tuple[float, ...] = MULTIPLES
) -> geopandas.GeoDataFrame:
    """Join cells of like density into bands, light enough for a page.

    Bands begin at multiples of the average density over all cells, so that they say "so many
    times the city's average", whatever the number of incidents.

    Parameters
    ----------
    cells : GeoDataFrame
        Cells with ``density`` and ``area_km2``.
    multiples : tuple of float
        Rising lower edges of the bands, in multiples of the average.

    Returns
    -------
    GeoDataFrame
        One row a band that holds any cell, lowest first: ``level`` (1 the lowest), ``lower`` and
        ``upper`` (incidents per km² per year), ``area_km2``, ``label``; the cells' coordinate
        system. ``attrs["average"]`` is the average density.

    Raises
    ------
    InputError
        If a column is missing or the multiples do not rise.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> import geoprofiles
    >>> cells = geopandas.GeoDataFrame({"density": [0.0, 0.0, 0.0, 8.0], "area_km2": 0.01},
    ...     geometry=[box(x, 0, x + 100, 100) for x in (0, 100, 200, 300)], crs=27700)
    >>> geoprofiles.density_bands(cells)["label"].tolist()
    ['3 to 5 times the average']
    """
    check_columns(cells, ["density", "area_km2"], what="Cells")
    if list(multiples) != sorted(set(multiples)) or not multiples or multiples[0] <= 0:
        raise InputError("the multiples of density bands must rise from above 0")
    area = cells["area_km2"].to_numpy()
    total = area.sum()
    average = float((cells["density"].to_numpy() * area).sum() / total) if total > 0 else 0.0
    edges = np.array([*multiples, np.inf]) * average
    level = np.searchsorted(edges, cells["density"].to_numpy(), side="right") if average else 0
    rows = []
    for number in range(1, len(multiples) + 1):
        held = np.broadcast_to(level == number, len(cells))
        if not held.any():
            continue
        lower, upper = multiples[number - 1], [*multiples, None][number]
        words = f"{lower:g} times the average and more"
        if upper is not None:
            words = f"{lower:g} to {upper:g} times the average"
        rows.append(
            {
                "level": number,
                "lower": edges[number - 1],
                "upper": float(cells.loc[held, "density"].max())
                if upper is None
                else edges[number],
                "area_km2": float(area[held].sum()),
                "label": words,
                "geometry": shapely.union_all(cells.geometry.to_numpy()[held]),
            }
        )
    columns = ["level", "lower", "upper", "area_km2", "label", "geometry"]
    bands = geopandas.GeoDataFrame(
        pd.DataFrame(rows, columns=columns), geometry="geometry", crs=cells.crs
    )
    bands.attrs["average"] = average
    return bands

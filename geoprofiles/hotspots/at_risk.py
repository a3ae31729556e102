"""What is at risk: points with a weight, from which a null is drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_positive, check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Places, check_areas, check_columns
from geoprofiles.hotspots.places import check_places

SPACING = 50.0
"""Metres between the points laid over areas, by default."""

MOST_POINTS = 2_000_000

EVENLY = "ground, evenly"
"""What is at risk where nothing was given."""

NO_DENOMINATOR = (
    "No denominator was given: incidents are held against ground, every square metre alike."
    " What stands out is concentration, not risk."
)


def at_risk_from_areas(
    areas: Areas, values: pd.Series | None = None, *, spacing: float = SPACING
) -> Places:
    """Lay points over areas and share out evenly what is at risk in each.

    Within an area the true spread is not known, so every point of an area weighs the same: the
    smaller the areas, the better. Points lie at the middles of squares of the national grid, so
    that two runs lay them alike. An area that holds no such middle has one point inside it.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, in metres. The smallest for which the denominator is known.
    values : Series, optional
        What is at risk in each area (residents, households, business premises), by area code;
        its name is kept in words. Without it the ground itself is at risk, every square metre
        alike.
    spacing : float, default 50
        Metres between points. A quarter of the reach of a method is fine enough.

    Returns
    -------
    DataFrame
        Places: ``easting``, ``northing``, ``count``, what is at risk, which may be a fraction.
        ``attrs`` holds ``at_risk`` (of what), ``spacing``, ``crs``, and a ``note`` where
        there is no denominator.

    Raises
    ------
    InputError
        If an area has no value or a negative one, nothing is at risk, codes do not fit, or
        more than 2,000,000 points would be laid.
    CRSError
        If the areas are not in metres.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> households = pd.Series({"A": 600}, name="households")
    >>> geoprofiles.at_risk_from_areas(areas, households, spacing=1000)[
    ...     ["easting", "northing", "count"]].to_dict("list")
    {'easting': [500.0, 1500.0], 'northing': [500.0, 500.0], 'count': [300.0, 300.0]}
    """
    check_areas(areas)
    check_positive(spacing, "spacing")
    shapes = areas.geometry.to_numpy()
    shared = shapely.area(shapes) if values is None else _by_area(areas, values)
    points, area = _lattice(shapes, spacing)
    number = np.bincount(area, minlength=len(shapes))
    found = pd.DataFrame(points, columns=["easting", "northing"])
    found["count"] = shared[area] / number[area]
    found = found[found["count"] > 0].reset_index(drop=True)
    found.attrs = {
        "at_risk": EVENLY if values is None else str(values.name or "what is at risk"),
        "spacing": float(spacing),
        "crs": areas.crs.to_string(),
    }
    if values is None:
        found.attrs["note"] = NO_DENOMINATOR
    return found


def at_risk_on_places(at_risk: Places, places: Places) -> Places:
    """Move what is at risk to the nearest of fixed map points, as incidents were moved.

    Open data gives each incident the nearest of a fixed list of map points. Incidents drawn from
    what is at risk must take the same way, or snapped data are held against a null that is
    not: the stacks that snapping makes would all pass for hot spots.

    Parameters
    ----------
    at_risk : DataFrame
        Places: what is at risk in ``count``.
    places : DataFrame
        The map points: ``easting``, ``northing``. Give the distinct places of the whole source,
        of all months and categories, since a map point without a burglary is still one that a
        burglary could have been moved to.

    Returns
    -------
    DataFrame
        Places: the map points in their order, each with what is at risk nearest to it, which may
        be 0. ``attrs`` are those of `at_risk`, with ``map_points``, their number.

    Raises
    ------
    InputError
        If there is no map point, two are the same, nothing is at risk, or a weight is negative.
    CRSError
        If both say what metres they are in, and the two differ.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> homes = pd.DataFrame({"easting": [1000.0, 1010, 1090], "northing": 1000.0, "count": 2.5})
    >>> points = pd.DataFrame({"easting": [1000.0, 1100], "northing": 1000.0})
    >>> geoprofiles.at_risk_on_places(homes, points)["count"].tolist()
    [5.0, 2.5]
    """
    from scipy.spatial import cKDTree

    points, weights = check_at_risk(at_risk)
    check_columns(places, ["easting", "northing"], what="Map points")
    at, _ = check_places(places[["easting", "northing"]].assign(count=0))
    if not len(at):
        raise InputError("there is no map point to move what is at risk to")
    if len(np.unique(at, axis=0)) < len(at):
        raise InputError(
            "a map point comes twice", remedy="Fold them with geoprofiles.distinct_places."
        )
    check_same_metres(at_risk, places, names=("What is at risk", "Map points"))
    nearest = cKDTree(at).query(points)[1]
    found = pd.DataFrame(at, columns=["easting", "northing"])
    found["count"] = np.bincount(nearest, weights, minlength=len(at))
    found.attrs = {**at_risk.attrs, "map_points": len(at)}
    return found


def check_at_risk(at_risk: Places) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates and weights of what is at risk; refuse where nothing is."""
    points, weights = check_places(at_risk)
    if not np.isfinite(weights).all():
        raise InputError("what is at risk at a place is not finite")
    if not weights.sum() > 0:
        raise InputError(
            "nothing is at risk anywhere", remedy="Give a denominator above 0 for some area."
        )
    return points, weights


def check_same_metres(one: pd.DataFrame, other: pd.DataFrame, *, names: tuple[str, str]) -> None:
    """Refuse two frames of points that say they are in different coordinate systems."""
    first, second = one.attrs.get("crs"), other.attrs.get("crs")
    if first is not None and second is not None:
        check_same_crs(first, second, names=names)


def _by_area(areas: Areas, values: pd.Series) -> np.ndarray:
    if not values.index.is_unique:
        raise InputError("an area has more than one value of what is at risk")
    given = pd.to_numeric(values, errors="coerce").reindex(areas.index).to_numpy(dtype=float)
    bad = ~(np.isfinite(given) & (given >= 0))
    if bad.any():
        named = ", ".join(map(str, areas.index[bad][:3]))
        raise InputError(
            f"what is at risk is missing, negative or no number in {bad.sum():,} of"
            f" {len(areas):,} areas, such as {named}",
            remedy="Give a value of 0 or more for every area, by its code.",
        )
    if not given.sum() > 0:
        raise InputError(
            "nothing is at risk anywhere", remedy="Give a denominator above 0 for some area."
        )
    return given


def _lattice(shapes: np.ndarray, spacing: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lattice's points within shapes, and of each the shape that it lies in.

    A point on a shared border belongs to the first of its shapes.
    """
    west, south, east, north = shapely.total_bounds(shapes)
    columns = np.arange(np.floor(west / spacing), np.ceil(east / spacing)) + 0.5
    rows = np.arange(np.floor(south / spacing), np.ceil(north / spacing)) + 0.5
    if shapely.area(shapes).sum() / spacing**2 > MOST_POINTS:
        raise InputError(
            f"points {spacing:g} m apart would be more than {MOST_POINTS:,}",
            remedy="Choose a larger spacing; a quarter of a method's reach is fine enough.",
        )
    points, area = [], []
    for column in np.array_split(columns, max(1, len(columns) * len(rows) // MOST_POINTS)):
        x, y = (one.ravel() for one in np.meshgrid(column * spacing, rows * spacing))
        # The shapes are asked for points, as it is those asked that are prepared.
        shape, at = shapely.STRtree(shapely.points(x, y)).query(shapes, predicate="intersects")
        order = np.lexsort((shape, at))
        at, first = np.unique(at[order], return_index=True)
        points.append(np.column_stack([x[at], y[at]]))
        area.append(shape[order][first])
    missed = np.setdiff1d(np.arange(len(shapes)), np.concatenate(area))
    points.append(shapely.get_coordinates(shapely.point_on_surface(shapes[missed])))
    area.append(missed)
    return np.vstack(points), np.concatenate(area)

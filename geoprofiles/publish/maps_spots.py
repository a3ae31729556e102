"""Maps of hot spots: density, clusters, cells by what was found of them, and points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import folium

from geoprofiles.publish import spot_plans
from geoprofiles.publish.layers_cells import FEWEST
from geoprofiles.publish.maps import AreaMap
from geoprofiles.publish.plans import PageWords

if TYPE_CHECKING:
    import geopandas

    from geoprofiles.frames import Areas, Cells, Places


def map_density(
    areas: Areas,
    cells: Cells,
    *,
    clusters: geopandas.GeoDataFrame | None = None,
    **page: Unpack[PageWords],
) -> folium.Map:
    """Map density in bands about its average, and clusters over it.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, whose outlines and names are shown.
    cells : GeoDataFrame
        As :func:`geoprofiles.hotspot_kde` or :func:`geoprofiles.density_bands` gives them.
    clusters : GeoDataFrame, optional
        As :func:`geoprofiles.significant_clusters` gives them.
    **page
        As :func:`geoprofiles.map_rates` takes it.

    Returns
    -------
    folium.Map
        As of :func:`geoprofiles.map_areas`.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 1e3)],
    ...     index=["W1"], crs=27700)
    >>> cells = geopandas.GeoDataFrame({"density": [1.0, 9.0], "area_km2": 1.0},
    ...     geometry=[box(0, 0, 1e3, 1e3), box(1e3, 0, 2e3, 1e3)], crs=27700)
    >>> geoprofiles.map_density(areas, cells).page.title
    'No density to show'
    """
    return AreaMap(spot_plans.density_plan(areas, cells, page, clusters=clusters))


def map_clusters(
    areas: Areas, clusters: geopandas.GeoDataFrame, **page: Unpack[PageWords]
) -> folium.Map:
    """Map clusters, or the circles of a scan; those that may be chance are dashed.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, whose outlines and names are shown.
    clusters : GeoDataFrame
        As :func:`geoprofiles.significant_clusters`, :func:`geoprofiles.hotspot_clusters` or
        :func:`geoprofiles.scan_poisson` gives them. Where there is no ``significant`` the map says
        that nothing was tested.
    **page
        As :func:`geoprofiles.map_rates` takes it.

    Returns
    -------
    folium.Map
        As of :func:`geoprofiles.map_areas`.

    Raises
    ------
    CRSError
        If the clusters have no coordinate system.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 1e3)],
    ...     index=["W1"], crs=27700)
    >>> clusters = geopandas.GeoDataFrame({"count": [9, 4], "significant": [True, False]},
    ...     geometry=[box(0, 0, 300, 300), box(900, 0, 1e3, 200)], crs=27700)
    >>> geoprofiles.map_clusters(areas, clusters).page.title
    '1 cluster beyond chance, 1 cluster that may be chance'
    """
    return AreaMap(spot_plans.cluster_plan(areas, clusters, page))


def map_emerging(areas: Areas, cells: Cells, **page: Unpack[PageWords]) -> folium.Map:
    """Map cells by how hot they have been over time: new, persistent, historical and so on.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, whose outlines and names are shown.
    cells : GeoDataFrame
        Cells joined with what :func:`geoprofiles.emerging_hot_spots` gives: ``kind``.
    **page
        As :func:`geoprofiles.map_rates` takes it.

    Returns
    -------
    folium.Map
        As of :func:`geoprofiles.map_areas`. Each kind has a letter beside its colour.

    Raises
    ------
    InputError
        If there is no column ``kind``.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 1e3)],
    ...     index=["W1"], crs=27700)
    >>> cells = geopandas.GeoDataFrame({"kind": ["new hot spot", "no pattern"]},
    ...     geometry=[box(0, 0, 250, 250), box(250, 0, 500, 250)], crs=27700)
    >>> geoprofiles.map_emerging(areas, cells).page.title
    'Cells over time: 1 new hot spot'
    """
    return AreaMap(spot_plans.emerging_plan(areas, cells, page))


def map_local(areas: Areas, cells: Cells, **page: Unpack[PageWords]) -> folium.Map:
    """Map cells or areas that stand out with their neighbours, beyond chance.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, whose outlines and names are shown.
    cells : GeoDataFrame
        Cells joined with what :func:`geoprofiles.getis_ord` or :func:`geoprofiles.local_moran`
        gives: ``verdict`` and ``q``, by which hot and cold are told at 1% and at 5%.
    **page
        As :func:`geoprofiles.map_rates` takes it.

    Returns
    -------
    folium.Map
        As of :func:`geoprofiles.map_areas`.

    Raises
    ------
    InputError
        If there is no column ``verdict``.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 1e3)],
    ...     index=["W1"], crs=27700)
    >>> cells = geopandas.GeoDataFrame({"verdict": ["hot", "not told from chance"],
    ...     "q": [0.004, 0.7]}, geometry=[box(0, 0, 250, 250), box(250, 0, 500, 250)], crs=27700)
    >>> geoprofiles.map_local(areas, cells).page.overlays[0].keys[0].words
    'H: hot: beyond chance at 1%'
    """
    return AreaMap(spot_plans.local_plan(areas, cells, page))


def map_risk(areas: Areas, cells: Cells, **page: Unpack[PageWords]) -> folium.Map:
    """Map a surface of relative risk, and what of it is raised or lowered beyond chance.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, whose outlines and names are shown.
    cells : GeoDataFrame
        As :func:`geoprofiles.relative_risk` gives them.
    **page
        As :func:`geoprofiles.map_rates` takes it.

    Returns
    -------
    folium.Map
        As of :func:`geoprofiles.map_areas`: two layers, of which the surface is off at first.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 1e3)],
    ...     index=["W1"], crs=27700)
    >>> cells = geopandas.GeoDataFrame({"ratio": [3.2, 1.0], "p": [0.01, 0.8],
    ...     "p_map": [0.02, 1.0], "raised": [True, False], "lowered": False},
    ...     geometry=[box(0, 0, 250, 250), box(250, 0, 500, 250)], crs=27700)
    >>> geoprofiles.map_risk(areas, cells).page.title
    'Relative risk: 1 cell raised and no cell lowered beyond chance'
    """
    return AreaMap(spot_plans.risk_plan(areas, cells, page))


def map_points(
    areas: Areas,
    places: Places,
    *,
    cell: float | None = None,
    fewest: int = FEWEST,
    at_map_points: bool = False,
    **page: Unpack[PageWords],
) -> folium.Map:
    """Map incidents at a precision that tells of nobody: counts in squares, few left out.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, whose outlines and names are shown.
    places : DataFrame
        As :func:`geoprofiles.distinct_places` gives them.
    cell : float, optional
        Side of the squares in metres, 100 at least; 250 where not said: in a town of 1,500 homes a
        km² that is some 90 homes.
    fewest : int
        Squares that hold fewer incidents are left out, and the map says how many.
    at_map_points : bool
        Whether the source has itself moved the incidents to map points, as police.uk does: they are
        then shown at those. Say so only where you know it: addresses with many incidents look so.
    **page
        As :func:`geoprofiles.map_rates` takes it.

    Returns
    -------
    folium.Map
        As of :func:`geoprofiles.map_areas`. No coordinate of an incident is in it, but for map
        points.

    Raises
    ------
    InputError
        If `cell` is below 100, `fewest` below 1, or incidents said to be at map points are not.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 1e3)],
    ...     index=["W1"], crs=27700)
    >>> places = pd.DataFrame({"easting": [10.2, 20.7, 900.0], "northing": [5.0, 7.5, 900.1],
    ...     "count": [3, 2, 1], "first_month": None, "last_month": None})
    >>> geoprofiles.map_points(areas, places).page.title
    'Incidents in 250 m squares: at most 5 in one'
    """
    return AreaMap(
        spot_plans.points_plan(
            areas, places, page, cell=cell, fewest=fewest, at_map_points=at_map_points
        )
    )

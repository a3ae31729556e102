"""Grids of square cells, the same for every run and every neighbour."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_positive
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Cells, check_areas

MOST_CELLS = 2_000_000


def grid_over(areas: Areas, *, cell: float) -> Cells:
    """Lay square cells over areas and clip them to the areas' outline.

    Cell borders are multiples of `cell` in the coordinate system, so that grids of two runs or
    two neighbouring cities fit.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, in metres.
    cell : float
        Side of a cell, in metres.

    Returns
    -------
    GeoDataFrame
        Cells: index ``cell`` (``"E4410N1120"``: its south-west corner in units of the side),
        ``area_km2`` (true, after clipping), polygons in the areas' coordinate system.

    Raises
    ------
    InputError
        If `cell` is not above 0, or the grid would have more than 2,000,000 cells.
    CRSError
        If the areas are not in metres.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(50, 0, 200, 100)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> geoprofiles.grid_over(areas, cell=100)["area_km2"].to_dict()
    {'E0N0': 0.005, 'E1N0': 0.01}
    """
    check_areas(areas)
    check_positive(cell, "cell")
    outline = shapely.union_all(areas.geometry.to_numpy())
    west, south, east, north = shapely.bounds(outline)
    columns = np.arange(np.floor(west / cell), np.ceil(east / cell))
    rows = np.arange(np.floor(south / cell), np.ceil(north / cell))
    if len(columns) * len(rows) > MOST_CELLS:
        raise InputError(
            f"cells of {cell:g} m would make a grid of {len(columns) * len(rows):,} cells",
            remedy=f"Choose a larger cell; at most {MOST_CELLS:,} cells are laid.",
        )
    column, row = (one.ravel() for one in np.meshgrid(columns, rows))
    boxes = shapely.box(column * cell, row * cell, (column + 1) * cell, (row + 1) * cell)
    shapely.prepare(outline)
    touching = shapely.intersects(outline, boxes)
    column, row, boxes = column[touching], row[touching], boxes[touching]
    edge = ~shapely.contains_properly(outline, boxes)
    boxes[edge] = [_polygonal(one) for one in shapely.intersection(boxes[edge], outline)]
    area = shapely.area(boxes)
    keep = area > 0
    names = [f"E{x:.0f}N{y:.0f}" for x, y in zip(column[keep], row[keep], strict=True)]
    return geopandas.GeoDataFrame(
        {"area_km2": area[keep] / 1e6},
        geometry=boxes[keep],
        index=pd.Index(names, name="cell"),
        crs=areas.crs,
    )


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """Drop the points and lines that clipping leaves where a cell only touches the outline."""
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        return shape
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])

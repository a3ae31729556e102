"""Grids of square or hexagonal cells, the same for every run and every neighbour."""

from __future__ import annotations

import re

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_choice, check_positive, check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Cells, Places, check_areas
from geoprofiles.hotspots.places import check_places

MOST_CELLS = 2_000_000

SHAPES = ("square", "hexagon")

_NAMES = {"square": ("E", "N"), "hexagon": ("H", "R")}

_CORNERS = np.array([(0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1)])
"""Of a hexagon, from its centre, in half cells eastward and in thirds of a row northward."""

_ROW = np.sqrt(3) / 2
"""From one row of hexagons to the next, in cells."""


def grid_over(
    areas: Areas,
    *,
    cell: float,
    shape: str = "square",
    mask: geopandas.GeoDataFrame | None = None,
    at_risk: Places | None = None,
) -> Cells:
    """Lay square or hexagonal cells over areas and clip them to the areas' outline.

    Borders of squares are multiples of `cell` in the coordinate system, and one hexagon has its
    centre on its origin, so that grids of two runs or two neighbouring cities fit. Hexagons stand
    on a corner: their flat sides lie east and west, `cell` apart, which is also how far the
    centres of any two neighbours are apart.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, in metres.
    cell : float
        Side of a square, or distance between opposite sides of a hexagon, in metres.
    shape : {"square", "hexagon"}
        Of a cell.
    mask : GeoDataFrame, optional
        Polygons in which nothing can happen, such as water, in the same metres. They are cut
        away: a cell wholly within is left out, another keeps what ground is left of it.
    at_risk : DataFrame, optional
        Places with people, homes or premises at risk in ``count``. Cells in which there are none
        are left out.

    Returns
    -------
    GeoDataFrame
        Cells: index ``cell``, ``area_km2`` (true, after clipping), polygons in the areas'
        coordinate system. A square is named by its south-west corner in units of the side,
        ``"E4410N1120"``; a hexagon by its centre, in half cells east and rows north,
        ``"H8821R1293"``. ``attrs["grid"]`` holds ``shape`` and ``cell``.

    Raises
    ------
    InputError
        If `cell` is not above 0, the grid would have more than 2,000,000 cells, or mask and risk
        leave none.
    CRSError
        If the areas are not in metres, or mask or places at risk are in others.

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
    >>> geoprofiles.grid_over(areas, cell=100, shape="hexagon").index.tolist()
    ['H2R0', 'H4R0', 'H1R1', 'H3R1']
    """
    check_areas(areas)
    check_positive(cell, "cell")
    check_choice(shape, SHAPES, "shape")
    outline = shapely.union_all(areas.geometry.to_numpy())
    if mask is not None:
        check_same_crs(mask.crs, areas.crs, names=("The mask", "Areas"))
        outline = shapely.difference(outline, shapely.union_all(mask.geometry.to_numpy()))
    column, row = _lattice_over(shapely.bounds(outline), cell, shape)
    shapes = _shapes(column, row, cell, shape)
    shapely.prepare(outline)
    touching = shapely.intersects(outline, shapes)
    column, row, shapes = column[touching], row[touching], shapes[touching]
    edge = ~shapely.contains_properly(outline, shapes)
    shapes[edge] = [_polygonal(one) for one in shapely.intersection(shapes[edge], outline)]
    area = shapely.area(shapes)
    # What only touches the outline has none, or the little that rounding leaves.
    keep = area > 1e-9 * cell * cell
    one, other = _NAMES[shape]
    names = [f"{one}{x}{other}{y}" for x, y in zip(column[keep], row[keep], strict=True)]
    cells = geopandas.GeoDataFrame(
        {"area_km2": area[keep] / 1e6},
        geometry=shapes[keep],
        index=pd.Index(names, name="cell", dtype=object),
        crs=areas.crs,
    )
    cells.attrs["grid"] = {"shape": shape, "cell": cell}
    if at_risk is not None:
        if at_risk.attrs.get("crs") is not None:
            check_same_crs(at_risk.attrs["crs"], cells.crs, names=("Places", "Cells"))
        points, weights = check_places(at_risk)
        held = cells_of(points[weights > 0], cells)
        cells = cells[np.isin(np.arange(len(cells)), held)]
    if cells.empty:
        raise InputError(
            "no cell is left: the mask covers the areas, or nobody is at risk in them",
            remedy="Check that mask and places at risk are of the same city.",
        )
    return cells


def cells_of(points: np.ndarray, cells: Cells) -> np.ndarray:
    """Find the cell of each point, as its position among `cells`; -1 outside them all."""
    shape, side = _grid(cells)
    column, row = lattice_of(cells.index)
    base, span = np.array([column.min(), row.min()]) - 1, int(np.ptp(row)) + 3
    codes = (column - base[0]) * span + (row - base[1])
    order = np.argsort(codes)
    x, y = _whole_cell_of(points, side, shape)
    inside = (y > base[1]) & (y < base[1] + span)
    wanted = np.where(inside, (x - base[0]) * span + (y - base[1]), -1)
    place = np.minimum(np.searchsorted(codes, wanted, sorter=order), len(order) - 1)
    at = np.where(codes[order[place]] == wanted, order[place], -1)
    # In a clipped cell a point may lie on what was cut away.
    shapes = cells.geometry.to_numpy()
    clipped = shapely.area(shapes) < whole_cell(cells)[0] * (1 - 1e-9)
    asked = np.flatnonzero((at >= 0) & clipped[at])
    one = shapely.points(points[asked])
    at[asked[~shapely.intersects(shapes[at[asked]], one)]] = -1
    # And on a border of which only the other side is a cell: that cell is closed.
    west, south, east, north = cells.total_bounds
    x, y = points.T
    lost = np.flatnonzero((at < 0) & (x >= west) & (x <= east) & (y >= south) & (y <= north))
    if len(lost):
        tree = shapely.STRtree(shapes)
        asked, found = tree.query(shapely.points(points[lost]), predicate="intersects")
        at[lost[asked]] = len(cells)
        np.minimum.at(at, lost[asked], found)
    return at


def lattice_of(names: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Read column and row of cells out of their names."""
    text = "".join(f"{one}," for one in names)
    if not re.fullmatch(r"(?:(?:E-?\d+N|H-?\d+R)-?\d+,)*+", text):
        raise InputError(
            "these are not cells of a grid: their names do not say where they lie",
            remedy="Lay them with geoprofiles.grid_over.",
        )
    pairs = np.array(re.findall(r"-?\d+", text), dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def centres_of(cells: Cells) -> np.ndarray:
    """Return the middle of each whole cell, whatever was clipped away of it."""
    shape, side = _grid(cells)
    column, row = lattice_of(cells.index)
    if shape == "square":
        return np.column_stack([column + 0.5, row + 0.5]) * side
    return np.column_stack([column / 2, row * _ROW]) * side


def whole_cell(cells: Cells) -> tuple[float, float]:
    """Return the area of a cell that nothing was clipped from, and the length of one border."""
    shape, cell = _grid(cells)
    if shape == "square":
        return cell * cell, cell
    return cell * cell * _ROW, cell / np.sqrt(3)


def _grid(cells: Cells) -> tuple[str, float]:
    grid = cells.attrs.get("grid")
    if grid is None:
        raise InputError(
            "the cells do not say how wide they are", remedy="Lay them with geoprofiles.grid_over."
        )
    return str(grid["shape"]), float(grid["cell"])


def _lattice_over(bounds: np.ndarray, cell: float, shape: str) -> tuple[np.ndarray, np.ndarray]:
    """Return column and row of every cell that may touch a box."""
    west, south, east, north = bounds
    if not np.isfinite(bounds).all():  # of an outline that a mask has taken wholly
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    if shape == "square":
        columns = np.arange(np.floor(west / cell), np.ceil(east / cell))
        rows = np.arange(np.floor(south / cell), np.ceil(north / cell))
        number = len(columns) * len(rows)
    else:
        columns = np.arange(np.floor(2 * west / cell) - 1, np.ceil(2 * east / cell) + 2)
        rows = np.arange(np.floor(south / cell / _ROW) - 1, np.ceil(north / cell / _ROW) + 2)
        number = len(columns) * len(rows) // 2
    if number > MOST_CELLS:
        raise InputError(
            f"cells of {cell:g} m would make a grid of {number:,} cells",
            remedy=f"Choose a larger cell; at most {MOST_CELLS:,} cells are laid.",
        )
    column, row = (one.ravel().astype(np.int64) for one in np.meshgrid(columns, rows))
    if shape == "hexagon":  # rows are shifted by half a cell, one against the next
        there = (column + row) % 2 == 0
        column, row = column[there], row[there]
    return column, row


def _shapes(column: np.ndarray, row: np.ndarray, cell: float, shape: str) -> np.ndarray:
    if shape == "square":
        boxes = shapely.box(column * cell, row * cell, (column + 1) * cell, (row + 1) * cell)
        return np.asarray(boxes, dtype=object)
    # Corners are counted in whole steps first, so that neighbours have the very same ones.
    across = (column[:, None] + _CORNERS[:, 0]) * (cell / 2)
    up = (3 * row[:, None] + _CORNERS[:, 1]) * (cell * _ROW / 3)
    return np.asarray(shapely.polygons(np.stack([across, up], axis=2)), dtype=object)


def _whole_cell_of(points: np.ndarray, side: float, shape: str) -> tuple[np.ndarray, np.ndarray]:
    """Return column and row of the cell of an endless grid that each point lies in."""
    if shape == "square":
        column, row = np.floor(points / side).astype(np.int64).T
        return column, row
    # A hexagon is the ground nearer to its centre than to any other: of the row below and the row
    # above a point, take the nearer of their nearest centres.
    x, y = points.T / side
    best = np.full(len(points), np.inf)
    column, row = np.zeros((2, len(points)), dtype=np.int64)
    for one in (np.floor(y / _ROW), np.floor(y / _ROW) + 1):
        odd = one % 2
        at = 2 * np.floor((2 * x - odd) / 2 + 0.5) + odd
        apart = (x - at / 2) ** 2 + (y - one * _ROW) ** 2
        nearer = apart < best
        best[nearer], column[nearer], row[nearer] = apart[nearer], at[nearer], one[nearer]
    return column, row


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """Drop the points and lines that clipping leaves where a cell only touches the outline."""
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        return shape
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])

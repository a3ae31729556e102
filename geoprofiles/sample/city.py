"""The fictional city's ground: water, land, and four kinds of area nesting in one another.

The frame is cut into some 9,000 small irregular cells; each is water or land. Every area is a
union of whole cells, so borders wander as real ones do, areas nest exactly, and neither gaps
nor overlaps can arise.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Voronoi, cKDTree

from geoprofiles import crs
from geoprofiles.sample import names

WEST, SOUTH = 446_000.0, 56_000.0
"""South-west corner of the frame, British National Grid: open sea in the English Channel."""

WIDTH, HEIGHT = 10_000.0, 8_800.0
CELLS = 9_000
CENTRE = np.array([4_300.0, 2_650.0])
"""Of the city, in metres from the frame's corner."""

CAMPUS = np.array([4_900.0, 5_200.0])
PARKS = ((3_900.0, 3_900.0, 420.0), (6_900.0, 3_000.0, 380.0), (2_100.0, 5_000.0, 520.0))
ESTATES = ((1_900.0, 3_200.0), (2_600.0, 6_300.0), (7_900.0, 4_700.0), (7_300.0, 6_600.0))
NUMBERS = {"small area": 160, "neighbourhood": 48, "ward": 16, "locality": 4}
KINDS = ("small area", "neighbourhood", "ward", "locality")


@dataclass(frozen=True)
class City:
    """The ground of the sample.

    Attributes
    ----------
    cells : DataFrame
        Land cells: ``x``, ``y`` (metres, British National Grid), ``area`` (m²), ``density`` (of
        homes, relative), and the code of the area of each kind that it belongs to.
    areas : dict of str to GeoDataFrame
        Kind to areas, longitude and latitude of six decimals; index ``area_code``, ``area_name``.
    water : GeoDataFrame
        Sea and river, with ``name``.
    """

    cells: pd.DataFrame
    areas: dict[str, geopandas.GeoDataFrame]
    water: geopandas.GeoDataFrame


def make_city(rng: np.random.Generator) -> City:
    """Make the ground from random numbers; the same generator state gives the same city."""
    points, polygons, pairs = _cells(rng)
    river, sea = _in_river(points), _in_sea(points)
    out = river | sea | _beyond(points)
    part = _parts(out, pairs)
    banks = np.argsort(-np.bincount(part[~out]))[:2]  # an islet of a few cells is no bank
    land = ~out & np.isin(part, banks)
    cells = pd.DataFrame(points[land] + [WEST, SOUTH], columns=["x", "y"])
    cells["area"] = shapely.area(polygons[land])
    cells["density"] = _density(points[land])
    number = np.cumsum(land) - 1
    inner = pairs[land[pairs].all(axis=1)]
    levels = _nest(points[land], cells, part[land], number[inner], rng)
    lonlat = _degrees(polygons)
    areas = {}
    for kind in KINDS:
        names_, codes = names.name_areas(kind, levels[kind], points[land], levels, CENTRE)
        cells[kind] = np.array(codes, dtype=object)[levels[kind]]
        shapes = [
            shapely.union_all(lonlat[land][levels[kind] == place]) for place in range(len(codes))
        ]
        frame = geopandas.GeoDataFrame(
            {"area_name": names_},
            geometry=shapely.normalize(shapes),
            index=pd.Index(codes, name="area_code"),
            crs=crs.WEB,
        )
        areas[kind] = frame.sort_index()
    reach = _parts(~river, pairs)  # upstream, where it is narrower than a cell, it breaks up
    unbroken = river & (reach == np.bincount(reach[river]).argmax())
    sheets = [shapely.union_all(lonlat[one]) for one in (sea & ~river, unbroken)]
    wet = geopandas.GeoDataFrame(
        {"name": ["The Channel", "River Averley"]}, geometry=shapely.normalize(sheets), crs=crs.WEB
    )
    return City(cells, areas, wet)


def _cells(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut the frame into irregular cells; return centres, polygons and neighbouring pairs."""
    columns = int(np.sqrt(CELLS * WIDTH / HEIGHT))
    step = WIDTH / columns
    rows = int(HEIGHT / step)
    x, y = np.meshgrid(np.arange(-2, columns + 2), np.arange(-2, rows + 2))
    grid = np.column_stack([x.ravel() + 0.5, y.ravel() + 0.5]) * step
    points = grid + (rng.random(grid.shape) - 0.5) * step * 0.85
    diagram = Voronoi(points)
    inside = np.all((points > 0) & (points < [WIDTH, HEIGHT]), axis=1)
    regions = [diagram.regions[place] for place in diagram.point_region[inside]]
    rings = [diagram.vertices[region] for region in regions]
    polygons = shapely.orient_polygons(
        [shapely.Polygon(_around(ring) + [WEST, SOUTH]) for ring in rings]
    )
    number = np.cumsum(inside) - 1
    pairs = diagram.ridge_points[inside[diagram.ridge_points].all(axis=1)]
    return points[inside], np.array(polygons), number[pairs]


def _around(ring: np.ndarray) -> np.ndarray:
    """Order the corners of a convex cell around it."""
    offset = ring - ring.mean(axis=0)
    return ring[np.argsort(np.arctan2(offset[:, 1], offset[:, 0]))]


def _degrees(polygons: np.ndarray) -> np.ndarray:
    """Turn cells into degrees of six decimals, corner by corner, so that neighbours still fit."""
    flat = shapely.get_coordinates(polygons)
    longitude, latitude = crs.project(flat[:, 0], flat[:, 1], source=crs.METRIC, target=crs.WEB)
    rounded = np.column_stack([longitude, latitude]).round(6)
    return shapely.set_coordinates(polygons.copy(), rounded)


def _coast(x: np.ndarray) -> np.ndarray:
    """Northing of the coast, metres from the frame's south edge."""
    return (
        1_500
        + 350 * np.sin(x / 1_350 + 0.4)
        + 160 * np.sin(x / 470 + 1.7)
        + 60 * np.sin(x / 190)
        - 500 * np.exp(-(((x - 4_400) / 900) ** 2))
    )


def river_at(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Easting of the river's middle, and its half-width: an estuary that narrows upstream."""
    middle = 5_750 + 420 * np.sin(y / 1_500 + 0.6) + 110 * np.sin(y / 520)
    half = 55 + 620 * np.exp(-np.maximum(y - 700, 0) / 1_250)
    return middle, half


def _in_river(points: np.ndarray) -> np.ndarray:
    middle, half = river_at(points[:, 1])
    return (np.abs(points[:, 0] - middle) < half) & (points[:, 1] > _coast(points[:, 0]) - 200)


def _in_sea(points: np.ndarray) -> np.ndarray:
    """Tell what lies below the coast, or in the dock that is cut into it."""
    x, y = points.T
    dock = (np.abs(x - 3_550) < 170) & (y < 2_050)
    return (y < _coast(x)) | dock


def _beyond(points: np.ndarray) -> np.ndarray:
    """Tell what lies beyond the city limit."""
    x, y = points.T
    angle = np.arctan2(y - 3_700, x - 4_900)
    limit = (
        4_250 + 260 * np.sin(3 * angle + 0.5) + 120 * np.sin(7 * angle) + 60 * np.sin(13 * angle)
    )
    return np.hypot((x - 4_900) * 0.93, (y - 3_700) * 1.04) > limit


def _parts(out: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Label cells by the connected piece they belong to; cells that are out stand alone."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    joined = pairs[~out[pairs].any(axis=1)]
    size = len(out)
    graph = coo_matrix((np.ones(len(joined), bool), (joined[:, 0], joined[:, 1])), (size, size))
    return connected_components(graph, directed=False)[1]


def _density(points: np.ndarray) -> np.ndarray:
    """How thickly homes stand: dense round the centre, thinner outwards, estates, parks."""
    from_centre = np.linalg.norm(points - CENTRE, axis=1)
    density = (
        0.28 + 2.6 * np.exp(-((from_centre / 1_500) ** 2)) + 0.9 * np.exp(-from_centre / 3_000)
    )
    for x, y in ESTATES:
        density += 1.1 * np.exp(-((np.hypot(points[:, 0] - x, points[:, 1] - y) / 620) ** 2))
    density += 0.8 * np.exp(-((np.linalg.norm(points - CAMPUS, axis=1) / 600) ** 2))
    for x, y, radius in PARKS:
        density[np.hypot(points[:, 0] - x, points[:, 1] - y) < radius] = 0.02
    return density


def _nest(
    points: np.ndarray,
    cells: pd.DataFrame,
    part: np.ndarray,
    pairs: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Group cells into small areas of like population, and these into larger areas.

    Each bank is grouped by itself, so that no area crosses the river. The larger kinds are cuts
    of one tree of merged neighbours, which makes them connected and nested.
    """
    homes = (cells["density"] * cells["area"]).to_numpy()
    levels = {kind: np.zeros(len(cells), dtype=int) for kind in KINDS}
    banks = sorted(set(part.tolist()), key=lambda one: -homes[part == one].sum())
    left = dict(NUMBERS)
    for place, bank in enumerate(banks):
        held = np.flatnonzero(part == bank)
        share = homes[held].sum() / homes.sum()
        wanted = (
            left
            if place == len(banks) - 1
            else {kind: max(1, round(number * share)) for kind, number in NUMBERS.items()}
        )
        first = {kind: NUMBERS[kind] - left[kind] for kind in KINDS}
        left = {kind: left[kind] - wanted[kind] for kind in KINDS}
        small = _small_areas(points[held], homes[held], wanted["small area"], rng)
        local = np.full(len(cells), -1)
        local[held] = np.arange(len(held))
        near = local[pairs[np.isin(pairs, held).all(axis=1)]]
        small = _connected(small, near, homes[held])
        levels["small area"][held] = small + first["small area"]
        for kind, merged in _merge(small, points[held], near, wanted).items():
            levels[kind][held] = merged[small] + first[kind]
    return levels


def _small_areas(
    points: np.ndarray, homes: np.ndarray, number: int, rng: np.random.Generator
) -> np.ndarray:
    """Give each cell to the nearest of seeds that settle where homes are (Lloyd 1982)."""
    share = np.cumsum(homes) / homes.sum()
    seeds = points[np.searchsorted(share, (np.arange(number) + rng.random(number)) / number)]
    seeds = seeds + rng.random(seeds.shape)
    weight = np.sqrt(homes)
    for _ in range(12):
        nearest = cKDTree(seeds).query(points)[1]
        total = np.bincount(nearest, weight, minlength=number)
        for axis in (0, 1):
            moved = np.bincount(nearest, weight * points[:, axis], minlength=number)
            seeds[:, axis] = np.where(total > 0, moved / np.maximum(total, 1e-9), seeds[:, axis])
    return cKDTree(seeds).query(points)[1]


def _connected(group: np.ndarray, pairs: np.ndarray, homes: np.ndarray) -> np.ndarray:
    """Give stray cells, cut off from the rest of their group, to a neighbouring group."""
    for _ in range(20):
        same = group[pairs[:, 0]] == group[pairs[:, 1]]
        piece = _parts(np.zeros(len(group), bool), pairs[same])
        size = np.bincount(piece, homes)
        largest = pd.Series(size[piece]).groupby(group).transform("max").to_numpy()
        stray = size[piece] < largest - 1e-9
        if not stray.any():
            return group
        both = np.vstack([pairs, pairs[:, ::-1]])
        useful = both[stray[both[:, 0]] & ~stray[both[:, 1]]]
        group = group.copy()
        group[useful[:, 0]] = group[useful[:, 1]]
    return group


def _merge(
    small: np.ndarray, points: np.ndarray, pairs: np.ndarray, wanted: dict[str, int]
) -> dict[str, np.ndarray]:
    """Merge neighbouring small areas into the larger kinds; each kind a cut of one tree."""
    number = small.max() + 1
    centres = np.column_stack(
        [np.bincount(small, points[:, axis]) / np.bincount(small) for axis in (0, 1)]
    )
    linked = np.zeros((number, number), dtype=bool)
    linked[small[pairs[:, 0]], small[pairs[:, 1]]] = True
    linked |= linked.T
    label = np.arange(number)
    cuts: dict[str, np.ndarray] = {}
    goals = sorted(((wanted[kind], kind) for kind in KINDS[1:]), reverse=True)
    for goal, kind in goals:
        while len(np.unique(label)) > goal:
            label = _merge_once(label, centres, linked)
        cuts[kind] = np.unique(label, return_inverse=True)[1]
    return cuts


def _merge_once(label: np.ndarray, centres: np.ndarray, linked: np.ndarray) -> np.ndarray:
    """Join the two neighbouring groups whose joining spreads out least (Ward 1963)."""
    groups = np.unique(label)
    member = (label[None, :] == groups[:, None]).astype(float)
    size = member.sum(axis=1)
    middle = member @ centres / size[:, None]
    touching = (member @ linked @ member.T) > 0
    spread = ((middle[:, None] - middle[None]) ** 2).sum(axis=2)
    # The power of the size keeps groups alike in number of small areas.
    cost = spread * (size[:, None] * size[None] / (size[:, None] + size[None])) ** 1.6
    cost[~touching] = np.inf
    np.fill_diagonal(cost, np.inf)
    one, two = np.unravel_index(np.argmin(cost), cost.shape)
    return np.where(label == groups[two], groups[one], label)

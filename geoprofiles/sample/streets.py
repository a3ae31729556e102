"""The fictional city's streets: a town's web of named segments, bent to pass its map points.

Junctions are thrown like darts, closer where homes are, and joined as a Gabriel graph: two are
neighbours where no third lies in the circle between them, which leaves no street to cross another
but at a junction. Main roads are laid first, and two bridges join the banks.
"""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

from geoprofiles import crs
from geoprofiles.sample.city import HEIGHT, SOUTH, WEST, WIDTH, City, river_at
from geoprofiles.sample.names import ENDINGS, street_names

DARTS = 30_000
NEAREST, FARTHEST = 85.0, 330.0
"""Metres between junctions, where homes are thickest and where there are next to none."""

ROADS = (
    # name, corners in metres from the frame's corner
    ("High Street", ((4_300, 2_650), (4_720, 3_850))),
    ("North Road", ((4_720, 3_850), (5_140, 5_050))),
    ("Millrace Road", ((5_140, 5_050), (4_850, 6_100), (4_950, 7_500))),
    ("Quay Parade", ((4_300, 2_650), (3_250, 2_250))),
    ("Strand Road", ((3_250, 2_250), (2_300, 2_050), (1_100, 2_150))),
    ("Bishop's Road", ((4_300, 2_650), (3_100, 3_050))),
    ("Western Road", ((3_100, 3_050), (1_900, 3_200), (900, 3_600))),
    ("Ropewalk", ((4_300, 2_650), (3_600, 4_150))),
    ("Averley Road", ((3_600, 4_150), (2_900, 5_650))),
    ("Common Road", ((2_900, 5_650), (2_600, 6_300), (2_100, 7_200))),
    ("Eastbank Road", ((6_350, 3_500), (7_100, 4_250), (7_900, 4_700))),
    ("Copperfields Road", ((7_900, 4_700), (8_900, 4_900))),
    ("Larkrise Road", ((6_000, 4_500), (6_500, 5_600))),
    ("Beacon Hill Road", ((6_500, 5_600), (7_300, 6_600))),
)
BRIDGES = (("Averley Bridge", 3_600.0), ("Fairmile Bridge", 5_400.0))
"""Their names, and how far north of the frame's edge they cross the river, about."""

SHORELINE = 35.0
"""Metres that streets keep from the water and the city limit."""

BEND, REACH, ENDS = 0.35, 70.0, 18.0
"""A street bends towards map points within reach: so much of the way to its nearer end."""

FAR, BEYOND, LONGEST = 55.0, 15.0, 260.0
"""A map point so far from a street has a close of its own, which ends so far behind it."""

STRAIGHT = np.cos(np.radians(38))
"""A street keeps its name through a junction where it turns by less than this."""

MORE = (
    "Gannet", "Tern", "Osprey", "Merlin", "Kittiwake", "Ash", "Birch", "Elder", "Willow", "Holly",
    "Ferry", "Rope", "Sail", "Buoy", "Haven", "Orchard", "Barley", "Clover", "Heather", "Primrose",
    "Sorrel", "Thistle", "Fern", "Moss", "Ivy", "Hop", "Malt", "Kiln", "Forge", "Wharf", "Slip",
    "Ballast", "Cable", "Signal", "Pilot", "Beacon", "Mill", "Spinner", "Potter", "Turner",
)  # fmt: skip


def make_streets(
    city: City, map_points: pd.DataFrame, rng: np.random.Generator
) -> geopandas.GeoDataFrame:
    """Lay streets over the city; ``street_id``, ``name``, lines in degrees of five decimals."""
    land = shapely.union_all(city.areas["locality"].to_crs(crs.METRIC).geometry.to_numpy())
    shore = land.buffer(-SHORELINE)
    shapely.prepare(shore)
    points = _junctions(city, shore, rng)
    pairs, label = _edges(points, shore, rng)
    spots = map_points[["x", "y"]].to_numpy()
    lines = _bent(points, pairs, spots, shore)
    closes, ends, more = _closes(points, pairs, lines, spots, shore)
    points, pairs = np.vstack([points, ends]), np.vstack([pairs, closes])
    lines, label = np.append(lines, more), np.append(label, np.full(len(more), -1))
    names = _names(points, pairs, label, _named_spots(lines, map_points), rng)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    order = np.lexsort((middle[:, 0], np.array(names)))
    flat = shapely.get_coordinates(lines)
    longitude, latitude = crs.project(flat[:, 0], flat[:, 1], source=crs.METRIC, target=crs.WEB)
    degrees = shapely.set_coordinates(lines, np.column_stack([longitude, latitude]).round(5))
    return geopandas.GeoDataFrame(
        {
            "street_id": [f"X09{number + 1:06d}" for number in range(len(lines))],
            "name": np.array(names)[order],
        },
        geometry=degrees[order],
        crs=crs.WEB,
    )


def _junctions(city: City, shore: shapely.Geometry, rng: np.random.Generator) -> np.ndarray:
    """Space junctions along the main roads, then throw darts that keep their distance."""
    laid = []
    for line in _roads():
        steps = np.linspace(0, line.length, max(int(line.length // 125), 1) + 1)
        at = shapely.get_coordinates(shapely.line_interpolate_point(line, steps))
        at[1:-1] += (rng.random((len(at) - 2, 2)) - 0.5) * 30
        laid.append(at)
    points = np.vstack(laid)
    points = points[np.sort(np.unique(points, axis=0, return_index=True)[1])]
    points = points[shapely.contains_xy(shore, points)]
    first = len(points)
    darts = rng.random((DARTS, 2)) * [WIDTH, HEIGHT] + [WEST, SOUTH]
    darts = darts[shapely.contains_xy(shore, darts)]
    homes = city.cells["density"].to_numpy()
    homes = homes[cKDTree(city.cells[["x", "y"]].to_numpy()).query(darts)[1]]
    apart = np.clip(172 / np.sqrt(homes), NEAREST, FARTHEST)
    every = np.vstack([points, darts])
    kept = [True] * first + [False] * len(darts)
    for dart, near in enumerate(cKDTree(every).query_ball_point(darts, apart), start=first):
        kept[dart] = not any(kept[one] for one in near)
    return every[kept]


def _roads() -> list[shapely.LineString]:
    return [shapely.LineString(np.array(corners) + [WEST, SOUTH]) for _, corners in ROADS]


def _edges(
    points: np.ndarray, shore: shapely.Geometry, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Join junctions; return pairs, and the number of the main road or bridge of each, or -1."""
    corners = Delaunay(points - points.mean(axis=0)).simplices
    sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    pairs = np.unique(np.sort(sides, axis=1), axis=0)
    length = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    middle = points[pairs].mean(axis=1)
    empty = cKDTree(points).query(middle)[0] >= length / 2 - 1e-6
    pairs, length = pairs[empty], length[empty]
    ashore = shapely.contains_properly(shore, shapely.linestrings(points[pairs]))
    on = shapely.dwithin(shapely.points(points)[:, None], np.array(_roads()), 24)
    both = on[pairs].all(axis=1) & (length < 220)[:, None]
    label = np.where(both.any(axis=1), both.argmax(axis=1), -1)
    for number, (_, north) in enumerate(BRIDGES):
        # No junction lies between the two, so they are a pair already, though not ashore.
        bridge = (pairs == _bridge(points, north)).all(axis=1)
        ashore[bridge], label[bridge] = True, len(ROADS) + number
    pairs, length, label = pairs[ashore], length[ashore], label[ashore]
    used = _largest(len(points), pairs)
    kept = used[pairs].all(axis=1)
    pairs, length, label = pairs[kept], length[kept], label[kept]
    thinned = _thinned(points, pairs, length, label, rng)
    return pairs[thinned], label[thinned]


def _bridge(points: np.ndarray, north: float) -> np.ndarray:
    """Find the two nearest junctions on either bank of the river."""
    near = np.flatnonzero(np.abs(points[:, 1] - SOUTH - north) < 450)
    middle, _ = river_at(points[near, 1] - SOUTH)
    west = points[near, 0] - WEST < middle
    one, two = near[west], near[~west]
    apart, nearest = cKDTree(points[two]).query(points[one])
    best = int(apart.argmin())
    return np.sort([one[best], two[nearest[best]]])


def _graph(number: int, pairs: np.ndarray, weight: np.ndarray | None = None) -> coo_matrix:
    values = np.ones(len(pairs)) if weight is None else weight
    return coo_matrix((values, pairs.T), shape=(number, number))


def _largest(number: int, pairs: np.ndarray) -> np.ndarray:
    part = connected_components(_graph(number, pairs), directed=False)[1]
    return part == np.bincount(part).argmax()


def _thinned(
    points: np.ndarray,
    pairs: np.ndarray,
    length: np.ndarray,
    label: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Leave streets out, so that most junctions have three arms; the town stays of one piece."""
    number = len(points)
    main = label >= 0
    weight = np.where(main, 1.0, length)
    tree = minimum_spanning_tree(_graph(number, pairs, weight).tocsr()).tocoo()
    needed = np.isin(
        pairs[:, 0] * number + pairs[:, 1],
        np.concatenate([tree.row * number + tree.col, tree.col * number + tree.row]),
    )
    arms = np.bincount(pairs.ravel(), minlength=number)
    chance = rng.random(len(pairs))
    kept = np.ones(len(pairs), dtype=bool)
    for place in np.argsort(-length, kind="stable"):
        one, two = pairs[place]
        crowded = min(arms[one], arms[two]) >= 4
        if main[place] or needed[place] or chance[place] > (0.6 if crowded else 0.16):
            continue
        kept[place] = False
        arms[one] -= 1
        arms[two] -= 1
    return kept


def _bent(
    points: np.ndarray, pairs: np.ndarray, spots: np.ndarray, shore: shapely.Geometry
) -> np.ndarray:
    """Bend streets through the map points beside them, unless they would then meet another."""
    straight = shapely.linestrings(points[pairs])
    at = shapely.points(spots)
    spot, edge = shapely.STRtree(straight).query_nearest(at, all_matches=False)
    along = shapely.line_locate_point(straight[edge], at[spot])
    foot = shapely.get_coordinates(shapely.line_interpolate_point(straight[edge], along))
    offset = spots[spot] - foot
    apart = np.linalg.norm(offset, axis=1)
    to_end = np.minimum(along, shapely.length(straight)[edge] - along)
    most = BEND * to_end
    usable = (apart < REACH) & (to_end > ENDS)
    bent = straight.copy()
    for number in np.unique(edge[usable]):
        mine = np.flatnonzero(usable & (edge == number))
        chosen: list[int] = []
        for one in mine[np.argsort(apart[mine], kind="stable")]:
            if all(abs(along[one] - along[other]) > 30 for other in chosen):
                chosen.append(int(one))
        chosen.sort(key=lambda one: along[one])
        moved = np.minimum(1, most[chosen] / np.maximum(apart[chosen], 1e-9))[:, None]
        through = foot[chosen] + offset[chosen] * moved
        ends = points[pairs[number]]
        bent[number] = shapely.LineString(np.vstack([ends[:1], through, ends[1:]]))
    while True:
        one, two = shapely.STRtree(bent).query(bent, predicate="intersects")
        common = pairs[one][:, :, None] == pairs[two][:, None, :]
        both = shapely.intersection(bent[one], bent[two])
        apart_only = (shapely.get_type_id(both) == 0) & common.any(axis=(1, 2))
        wrong = np.unique(one[(one != two) & ~apart_only])
        wet = np.flatnonzero((shapely.get_num_points(bent) > 2) & ~shapely.covers(shore, bent))
        wrong = np.union1d(wrong, wet)
        wrong = wrong[shapely.get_num_points(bent[wrong]) > 2]
        if not len(wrong):
            return bent
        bent[wrong] = straight[wrong]


def _closes(
    points: np.ndarray,
    pairs: np.ndarray,
    lines: np.ndarray,
    spots: np.ndarray,
    shore: shapely.Geometry,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lay dead ends from junctions to the map points that no street passes."""
    used = np.unique(pairs)
    near = cKDTree(points[used]).query(spots, k=6)[1]
    known = shapely.STRtree(lines)
    found: list[tuple[int, int]] = []
    ends: list[np.ndarray] = []
    laid: list[shapely.Geometry] = []
    passed = known.query(shapely.points(spots), "dwithin", FAR)[0]
    for spot in np.setdiff1d(np.arange(len(spots)), passed):
        place = shapely.Point(spots[spot])
        if laid and shapely.distance(laid, place).min() < FAR:
            continue
        for junction in used[near[spot]]:
            way = spots[spot] - points[junction]
            metres = float(np.hypot(*way))
            end = spots[spot] + way / metres * BEYOND
            line = shapely.LineString([points[junction], end])
            if metres > LONGEST or not shapely.contains_properly(shore, line):
                continue
            # Clear of every other street, but for the junction that it leaves from.
            rest = shapely.LineString([points[junction] + way / metres * 20, end]).buffer(12)
            if len(known.query(rest, "intersects")) or shapely.intersects(laid, rest).any():
                continue
            found.append((int(junction), len(points) + len(ends)))
            ends.append(end)
            laid.append(line)
            break
    closes = np.array(found, dtype=int).reshape(-1, 2)
    return closes, np.array(ends).reshape(-1, 2), np.array(laid, dtype=object)


def _named_spots(lines: np.ndarray, map_points: pd.DataFrame) -> dict[int, list[str]]:
    """Return the street names that the map points on each line carry."""
    named = map_points[map_points["place"].isin([f"On or near {one}" for one in street_names(400)])]
    at = shapely.points(named[["x", "y"]].to_numpy())
    spot, line = shapely.STRtree(lines).query_nearest(at, max_distance=40, all_matches=False)
    found: dict[int, list[str]] = {}
    for one, name in zip(line, named["place"].to_numpy()[spot], strict=True):
        found.setdefault(int(one), []).append(name.removeprefix("On or near "))
    return found


def _names(
    points: np.ndarray,
    pairs: np.ndarray,
    label: np.ndarray,
    carried: dict[int, list[str]],
    rng: np.random.Generator,
) -> list[str]:
    """Name streets: main roads as laid; others by a map point on them where its name is free."""
    street = _strokes(points, pairs, label)
    free = street_names(400) + [f"{word} {end}" for end in ENDINGS for word in MORE]
    spare = [free[one] for one in np.argsort(rng.random(len(free)), kind="stable")]
    spare += [f"{which} {name}" for which in ("Old", "Upper", "Lower") for name in spare]
    given: dict[int, str] = {}
    taken: set[str] = set()
    for one in np.argsort(-np.bincount(street), kind="stable"):
        parts = np.flatnonzero(street == one)
        main = label[parts[0]]
        if main >= 0:
            given[int(one)] = (*ROADS, *BRIDGES)[main][0]
            continue
        wanted = [name for part in parts for name in carried.get(int(part), [])]
        name = next((name for name in wanted if name not in taken), "")
        if name:
            given[int(one)] = name
            taken.add(name)
    rest = iter(name for name in spare if name not in taken)
    for one in range(int(street.max()) + 1):
        if one not in given:
            given[one] = next(rest)
    return [given[int(one)] for one in street]


def _strokes(points: np.ndarray, pairs: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Group segments into streets that run on through junctions without a sharp turn."""
    arms: dict[int, list[tuple[int, np.ndarray]]] = {}
    for number, (one, two) in enumerate(pairs):
        way = (points[two] - points[one]) / np.linalg.norm(points[two] - points[one])
        arms.setdefault(int(one), []).append((number, way))
        arms.setdefault(int(two), []).append((number, -way))
    joined = [(number, number) for number in range(len(pairs))]
    for main in range(len(ROADS) + len(BRIDGES)):
        same = np.flatnonzero(label == main)
        joined += [(int(same[0]), int(one)) for one in same]
    for place in sorted(arms):
        here = [(number, way) for number, way in arms[place] if label[number] < 0]
        turns = [
            (float(way @ other), one, two)
            for at, (one, way) in enumerate(here)
            for two, other in here[at + 1 :]
        ]
        taken: set[int] = set()
        for turn, one, two in sorted(turns):
            if turn < -STRAIGHT and not {one, two} & taken:
                joined.append((one, two))
                taken |= {one, two}
    graph = _graph(len(pairs), np.array(joined))
    return np.asarray(connected_components(graph, directed=False)[1])

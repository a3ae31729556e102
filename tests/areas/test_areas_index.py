"""The index answers as GEOS does, on every point, whatever the shapes."""

from __future__ import annotations

import itertools
import warnings

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
import toy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

import geoprofiles
from geoprofiles.areas.index import fingerprint
from geoprofiles.areas.index_build import build_index
from geoprofiles.errors import InputError
from geoprofiles.read import read_areas


def as_areas(shapes) -> geopandas.GeoDataFrame:
    codes = [f"{place:03d}" for place in range(len(shapes))]
    return geopandas.GeoDataFrame(
        {"area_name": codes}, geometry=shapes, index=pd.Index(codes, name="area_code"), crs=27700
    )


def brute_force(areas, x, y) -> np.ndarray:
    """Ask GEOS every area for every point; the first code in sorted order wins."""
    order = np.argsort(areas.index.astype(str), kind="stable")
    shapes = areas.geometry.to_numpy()[order]
    answer = np.full(len(x), -1)
    for place, shape in zip(order[::-1], shapes[::-1], strict=True):
        answer[shapely.intersects_xy(shape, x, y)] = place
    return answer


def hugging(areas, rng, number=150) -> np.ndarray:
    """Points on, beside and far from borders: vertices, middles, one ulp off, in line with them."""
    rings = [ring for shape in areas.geometry for ring in shapely.get_parts(shape.boundary)]
    vertices = np.vstack([shapely.get_coordinates(ring) for ring in rings])
    steps = [shapely.get_coordinates(ring) for ring in rings]
    middles = np.vstack([(one[:-1] + one[1:]) / 2 for one in steps])
    share = np.vstack(
        [one[:-1] + rng.random((len(one) - 1, 1)) * np.diff(one, axis=0) for one in steps]
    )
    west, south, east, north = areas.total_bounds
    span = np.array([east - west, north - south])
    inline = np.column_stack([rng.permutation(vertices[:, 0]), rng.permutation(vertices[:, 1])])
    return np.vstack(
        [
            rng.random((number, 2)) * span * 1.2 + [west, south] - span * 0.1,
            vertices, middles, share, inline,
            np.nextafter(vertices, np.inf), np.nextafter(middles, -np.inf),
            middles + rng.normal(0, 1e-6, middles.shape),
        ]
    )  # fmt: skip


def star(rng, points, middle, size) -> Polygon:
    angle = np.sort(rng.random(points)) * 2 * np.pi
    length = size * (0.2 + rng.random(points))
    return Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * length[:, None] + middle)


def scene(kind, rng):
    """Make shapes of one awkward kind, within a kilometre or so."""
    if kind == "cells":
        points = shapely.MultiPoint(rng.random((12, 2)) * 1000)
        cells = shapely.voronoi_polygons(points, extend_to=box(0, 0, 1000, 1000))
        return [shapely.intersection(one, box(0, 0, 1000, 1000)) for one in cells.geoms]
    if kind == "squares":  # borders in line with one another, on round numbers
        side = 100
        return [
            box(x, y, x + side, y + side) for x in range(0, 500, side) for y in range(0, 300, side)
        ]
    if kind == "overlaps":
        return [star(rng, 9, rng.random(2) * 600, 300) for _ in range(6)]
    if kind == "holes":
        outer = shapely.make_valid(star(rng, 12, (500, 500), 500)).buffer(0)
        inner = [star(rng, 6, rng.random(2) * 400 + 300, 120).buffer(0) for _ in range(4)]
        hole = shapely.union_all(inner)
        ring = shapely.difference(outer, hole)
        return [ring, shapely.intersection(outer, hole)]
    if kind == "parts":
        islands = [shapely.Point(*(rng.random(2) * 900)).buffer(40, quad_segs=3) for _ in range(8)]
        return [
            MultiPolygon(list(shapely.get_parts(shapely.union_all(islands[at::2]))))
            for at in (0, 1)
        ]
    if kind == "slivers":
        edges = np.sort(rng.random(30)) * 1000
        edges[1::2] = edges[::2] + 10 ** -rng.uniform(1, 9, 15)
        return [box(a, 0, b, 1000) for a, b in itertools.pairwise(edges) if b > a]
    if kind == "crossed":  # as published files do have them: a ring that crosses itself
        return [
            Polygon([(0, 0), (900, 900), (900, 0), (0, 900)]),
            Polygon(rng.random((7, 2)) * 900),
        ]
    raise ValueError(kind)


KINDS = ["cells", "squares", "overlaps", "holes", "parts", "slivers", "crossed"]


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.integers(0, 10**6),
    st.sampled_from([1, 30, 1000, 100_000]),
    st.sampled_from([(0.0, 1.0), (442_000.1, 1.0), (1e9, 1.0), (0.0, 1e-3), (3e5, 1e3)]),
)
@example("crossed", 0, 30, (0.0, 1.0))
@example("squares", 0, 1, (0.0, 1.0))
@example("overlaps", 576081, 30, (0.0, 1.0))
def test_agrees_with_brute_force(kind, seed, cells, frame):
    shift, scale = frame
    rng = np.random.default_rng(seed)
    shapes = [one for one in scene(kind, rng) if one.geom_type in {"Polygon", "MultiPolygon"}]
    shapes = [shapely.transform(one, lambda xy: xy * scale + shift) for one in shapes]
    areas = as_areas([one for one in shapes if one.area > 0 and not one.is_empty])
    x, y = hugging(areas, rng).T
    index = build_index(areas, cells=cells)
    np.testing.assert_array_equal(index.locate(x, y), brute_force(areas, x, y))


def test_every_point_of_a_fine_lattice_over_reference_points():
    """Points on the very places that the index compares with, and on lines through them."""
    areas = as_areas([box(0, 0, 10, 10), box(10, 0, 20, 10), box(3, 3, 6, 6)])
    index = build_index(areas, cells=64)
    west, south, side = index.origin
    steps = west + (np.arange(index.coarse.shape[1] * 4) + 0.4773) * side / 4
    rises = south + (np.arange(index.coarse.shape[0] * 4) + 0.4871) * side / 4
    x, y = (
        one.ravel()
        for one in np.meshgrid(np.append(steps, [0, 3, 10]), np.append(rises, [0, 3, 10]))
    )
    np.testing.assert_array_equal(index.locate(x, y), brute_force(areas, x, y))


def test_the_order_and_the_batch_of_points_do_not_matter(monkeypatch):
    rng = np.random.default_rng(3)
    areas = as_areas(scene("cells", rng))
    x, y = hugging(areas, rng, 5000).T
    index = build_index(areas)
    expected = index.locate(x, y)
    order = rng.permutation(len(x))
    np.testing.assert_array_equal(index.locate(x[order], y[order]), expected[order])
    monkeypatch.setattr("geoprofiles.areas.index.BATCH", 100)
    monkeypatch.setattr("geoprofiles.areas.index.CHUNK", 7)
    np.testing.assert_array_equal(index.locate(x, y), expected)


def test_points_that_are_nowhere():
    index = build_index(toy.areas())
    assert (
        index.locate([np.nan, 1e300, -np.inf, 441_000], [1.0, 1.0, np.nan, np.nan]).tolist()
        == [-1] * 4
    )
    assert index.locate([], []).tolist() == []


def test_the_index_serves_locate():
    sets = {"ward": toy.areas(), "half": toy.areas().iloc[:1]}
    incidents = toy.incidents([(500, 500), (1500, 500), None])
    indexes = {kind: build_index(one) for kind, one in sets.items()}
    by_index = geoprofiles.locate(incidents, sets, index=indexes)
    pd.testing.assert_frame_equal(by_index, geoprofiles.locate(incidents, sets))


def test_what_cannot_be_indexed_is_refused():
    areas = toy.areas()
    with pytest.raises(InputError, match="no area has a shape"):
        build_index(areas.assign(geometry=[None] * 3))
    with pytest.raises(InputError, match="neither a polygon"):
        build_index(areas.assign(geometry=areas.geometry.boundary))
    broken = areas.assign(geometry=[Polygon([(0, 0), (1, np.inf), (1, 0)]), *areas.geometry[1:]])
    with pytest.raises(InputError, match="finite"):
        build_index(broken)


def test_missing_shapes_hold_no_point():
    areas = toy.areas()
    holed = areas.assign(geometry=[areas.geometry.iloc[0], None, areas.geometry.iloc[2]])
    x, y = np.array([500, 1500, 2500]) + toy.WEST, np.full(3, 500) + toy.SOUTH
    assert build_index(holed).locate(x, y).tolist() == [0, -1, 2]


def test_a_fingerprint_tells_shapes_and_codes_apart():
    areas = toy.areas()
    assert fingerprint(areas) == fingerprint(areas.copy())
    assert fingerprint(areas) != fingerprint(areas.iloc[::-1])
    assert fingerprint(areas) != fingerprint(areas.set_geometry(areas.buffer(1)))


@pytest.mark.real
@pytest.mark.parametrize("file", ["uk_wards_2022-12_bsc.geojson.gz", "ew_lsoa_2011_bsc.geojson.gz"])
@pytest.mark.parametrize("mended", [True, False])
def test_national_files_with_their_faults(shared_data, file, mended):
    """Mended as geoprofiles reads them, and as published, invalid polygons and all."""
    path = shared_data / "boundaries" / "national" / file
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        areas = read_areas(path)
    if not mended:
        raw = geopandas.read_file(f"/vsigzip/{path}").to_crs(areas.crs)
        areas = as_areas(raw.geometry.to_numpy())
    rng = np.random.default_rng(5)
    shapes = areas.geometry.to_numpy()
    vertices = shapely.get_coordinates(shapes)
    some = vertices[rng.integers(0, len(vertices), 20_000)]
    wild = rng.random((40_000, 2)) * np.ptp(vertices, axis=0) + vertices.min(axis=0)
    x, y = np.vstack(
        [some, some + rng.normal(0, 1e-7, some.shape), some + rng.normal(0, 300, some.shape), wild]
    ).T
    tree = shapely.STRtree(shapely.points(x, y))
    order = np.argsort(areas.index.astype(str), kind="stable")
    shape, point = tree.query(shapes[order], predicate="intersects")
    expected = np.full(len(x), len(order))
    np.minimum.at(expected, point, shape)
    expected = np.append(order, -1)[expected]
    np.testing.assert_array_equal(build_index(areas).locate(x, y), expected)

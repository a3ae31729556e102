"""The fictional city's streets: a network that methods on streets can stand on."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geoprofiles.sample.streets import BRIDGES, ROADS


@pytest.fixture(scope="module")
def streets(repository):
    file = repository / "boundaries" / "port_averley_streets.geojson"
    assert file.stat().st_size < 400_000
    return geopandas.read_file(file).to_crs(27700)


@pytest.fixture(scope="module")
def map_points(repository):
    paths = (repository / "data" / "incidents").glob("*/*.csv.gz")
    columns = ["Longitude", "Latitude", "Location", "LSOA code"]
    rows = pd.concat([pd.read_csv(path, usecols=columns) for path in paths])
    rows = rows[rows["LSOA code"].notna() & (rows["LSOA code"] != "X01999999")]
    found = rows.groupby(columns[:3]).size().reset_index(name="n")
    points = geopandas.points_from_xy(found["Longitude"], found["Latitude"], crs=4326)
    return geopandas.GeoDataFrame(found, geometry=points).to_crs(27700)


def test_segments_are_named_told_apart_and_of_a_town(streets):
    assert streets["street_id"].is_unique
    assert (streets["name"].str.len() > 0).all()
    assert {name for name, _ in (*ROADS, *BRIDGES)} <= set(streets["name"])
    assert streets.length.sum() > 300_000
    assert streets.length.between(20, 700).all()
    assert 1.5 < len(streets) / streets["name"].nunique() < 5


def test_streets_meet_at_junctions_only_and_reach_one_another(streets):
    shapes = streets.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, two = one[one < two], two[one < two]
    met = shapely.intersection(shapes[one], shapes[two])
    ends = [shapely.multipoints(list(shapely.get_point(shape, [0, -1]))) for shape in shapes]
    ends = np.array(ends)
    assert shapely.covers(ends[one], met).all()
    assert shapely.covers(ends[two], met).all()
    graph = coo_matrix((np.ones(len(one)), (one, two)), shape=(len(shapes), len(shapes)))
    assert connected_components(graph, directed=False)[0] == 1


def test_streets_keep_ashore_but_for_two_bridges(streets, repository):
    water = geopandas.read_file(repository / "boundaries" / "port_averley_water.geojson")
    wet = streets[streets.intersects(shapely.union_all(water.to_crs(27700).geometry.to_numpy()))]
    assert sorted(wet["name"]) == [name for name, _ in BRIDGES]
    areas = geopandas.read_file(repository / "boundaries" / "port_averley_localities.geojson")
    land = shapely.union_all(areas.to_crs(27700).geometry.to_numpy())
    out = streets[~streets.within(land)]
    assert sorted(out["name"]) == [name for name, _ in BRIDGES]


def test_most_incidents_lie_on_a_street_and_some_carry_its_name(streets, map_points):
    tree = shapely.STRtree(streets.geometry.to_numpy())
    points, apart = tree.query_nearest(
        map_points.geometry.to_numpy(), return_distance=True, all_matches=False
    )
    assert np.median(np.repeat(apart, map_points["n"].to_numpy()[points[0]])) < 30
    name = streets["name"].to_numpy()[points[1]]
    same = map_points["Location"].to_numpy()[points[0]] == np.char.add(
        "On or near ", name.astype(str)
    )
    # A map point's name comes several times in the city, a street's once.
    assert same.mean() > 0.2

"""Neighbours, Gi, Gi* and local Moran against spdep's figures, scipy and counting by hand."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
import toy
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.sparse import csr_matrix

import geoprofiles
from geoprofiles.hotspots.grid import cells_of, centres_of
from geoprofiles.hotspots.local_statistics import adjusted
from geoprofiles.hotspots.resample import conditional_p
from geoprofiles.hotspots.weights import Weights

COLUMBUS = Path(__file__).parents[1] / "worked" / "columbus_local.csv"


@pytest.fixture(scope="module")
def columbus():
    with COLUMBUS.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return rows, {
        name: np.array([float(one[name]) for one in rows])
        for name in rows[0]
        if name not in {"neighbours", "near"}
    }


def binary(rows) -> Weights:
    pairs = [(at, int(two)) for at, one in enumerate(rows) for two in one["neighbours"].split()]
    first, second = np.array(pairs).T
    matrix = csr_matrix((np.ones(len(pairs)), (first, second)), shape=(len(rows), len(rows)))
    return Weights(matrix, pd.RangeIndex(len(rows)), "as given")


def by_distance(rows) -> Weights:
    links = [
        (at, *map(float, link.split(":")))
        for at, one in enumerate(rows)
        for link in one["near"].split()
    ]
    first, second, weight = np.array(links).T
    at = (first.astype(int), second.astype(int))
    return Weights(
        csr_matrix((weight, at), shape=(len(rows),) * 2), pd.RangeIndex(len(rows)), "near"
    )


def test_columbus_is_as_in_spdep(columbus):
    rows, figures = columbus
    crime = pd.Series(figures["crime"])
    for weights, end in ((binary(rows), ""), (by_distance(rows), "_decay")):
        gi = geoprofiles.getis_ord(crime, weights, star=False, simulations=0)
        np.testing.assert_allclose(gi["z"], figures["gi" + end], atol=1e-12)
        moran = geoprofiles.local_moran(crime, weights, simulations=0)
        np.testing.assert_allclose(moran["i"], figures["ii" + end], atol=1e-12)
        np.testing.assert_allclose(moran["z"], figures["zi" + end], atol=1e-12)
    star = geoprofiles.getis_ord(crime, binary(rows), simulations=0)
    np.testing.assert_allclose(star["z"], figures["gistar"], atol=1e-12)
    plain = geoprofiles.local_moran(crime, binary(rows), simulations=0)
    np.testing.assert_allclose(plain["p"], figures["p"], atol=1e-12)


@given(st.floats(1e-3, 1e3))
def test_scaling_weights_changes_nothing(scale):
    rng = np.random.default_rng(3)
    matrix = csr_matrix(rng.random((20, 20)) * (rng.random((20, 20)) < 0.3))
    values = pd.Series(rng.gamma(1, size=20))
    for star in (True, False):
        one, two = (
            geoprofiles.getis_ord(
                values, Weights(matrix * times, values.index, ""), star=star, simulations=99
            )
            for times in (1.0, scale)
        )
        np.testing.assert_allclose(one["z"], two["z"], atol=1e-9)
        np.testing.assert_array_equal(one["p"], two["p"])


def test_permutation_finds_the_shares_of_all_permutations():
    """Seven units: every choice of neighbours can be gone through."""
    values = np.array([0.0, 1, 1, 2, 5, 9, 9])
    rng = np.random.default_rng(0)
    for weighted in (False, True):
        dense = np.triu(np.ones((7, 7)), 1) * (rng.random((7, 7)) < 0.6)
        dense += dense.T
        dense *= rng.random((7, 7)) if weighted else 1
        found = conditional_p(values, csr_matrix(dense), 200_000, 1)
        for unit in range(7):
            weight = dense[unit][dense[unit] > 0]
            if not 0 < len(weight) < 6:
                assert np.isnan(found[unit])
                continue
            others = np.delete(values, unit)
            drawn = np.array([weight @ one for one in itertools.permutations(others, len(weight))])
            lag = dense[unit] @ values
            above, below = (drawn >= lag - 1e-9).mean(), (drawn <= lag + 1e-9).mean()
            assert found[unit] == pytest.approx(min(1, 2 * min(above, below)), abs=0.006)


def test_maps_of_chance_hold_no_hot_spot():
    """Counts mostly zero: the normal law finds hot spots in most maps, permutation does not."""
    grid = geoprofiles.grid_over(toy.areas(), cell=150)
    weights = geoprofiles.neighbour_weights(grid)
    rng = np.random.default_rng(7)
    false = {"normal": 0, "permutation": 0}
    for seed in range(40):
        values = pd.Series(rng.poisson(0.1, len(grid)).astype(float), index=grid.index)
        for name, simulations in (("normal", 0), ("permutation", 19_999)):
            found = geoprofiles.getis_ord(values, weights, simulations=simulations, seed=seed)
            false[name] += found["verdict"].isin(["hot", "cold"]).any()
    assert false["permutation"] <= 5  # 40 maps at 5%: more than 5 in one of 70
    assert false["normal"] > 15


def test_a_planted_block_is_hot_and_quadrants_are_told():
    grid = geoprofiles.grid_over(toy.areas(), cell=150)
    values = pd.Series(1.0, index=grid.index) + np.arange(len(grid)) % 2
    middle = centres_of(grid) - [toy.WEST, toy.SOUTH]
    block = (np.abs(middle - 1500) < 310).all(axis=1)
    values[block] += 20
    weights = geoprofiles.neighbour_weights(grid)
    hot = geoprofiles.getis_ord(values, weights)["verdict"]
    assert (hot[block] == "hot").all()
    far = (np.abs(middle - 1500) > 700).any(axis=1)
    assert not (hot[far] == "hot").any()
    moran = geoprofiles.local_moran(values, weights)
    assert (moran.loc[block, "quadrant"] == "HH").all()
    edge = (hot == "hot") & ~block
    assert (moran.loc[edge, "quadrant"] == "LH").all()
    both = geoprofiles.getis_ord(values, weights, star=False)
    np.testing.assert_allclose(both["p"], moran["p"], atol=0.002)


def test_units_without_value_or_neighbour_are_said():
    cells = geoprofiles.grid_over(toy.areas(), cell=1000)
    values = pd.Series(np.arange(9.0), index=cells.index)
    values.iloc[[1, 3, 4]] = np.nan  # which leaves the first cell alone
    weights = geoprofiles.neighbour_weights(cells)
    table = geoprofiles.getis_ord(values, weights, star=False)
    assert table["verdict"].iloc[[0, 1]].tolist() == ["no neighbours", "no value"]
    assert table["neighbours"].iloc[0] == 0
    rest = values.drop(values.index[[1, 3, 4]])
    kept = cells.loc[rest.index]
    again = geoprofiles.getis_ord(rest, geoprofiles.neighbour_weights(kept), star=False)
    pd.testing.assert_series_equal(table.loc[rest.index, "z"], again["z"])


def test_adjustment_is_over_the_whole_map():
    p = np.array([0.001, 0.01, 0.03, np.nan, 0.9])
    told = p[[0, 1, 2, 4]]
    for name, method in (("benjamini-hochberg", "bh"), ("benjamini-yekutieli", "by")):
        q = adjusted(p, name)
        np.testing.assert_allclose(
            q[[0, 1, 2, 4]], stats.false_discovery_control(told, method=method)
        )
        assert np.isnan(q[3])


def test_excess_over_risk_is_as_esda_has_it():
    """esda 2.9.0, esda.moran.assuncao_rate."""
    counts, at_risk = pd.Series([3, 0, 40, 7, 12]), pd.Series([50, 20, 300, 100, 0.5])
    scores = geoprofiles.excess_over_risk(counts, at_risk)
    np.testing.assert_allclose(scores, EXPECTED_SCORES, rtol=1e-12)
    none = geoprofiles.excess_over_risk(counts, at_risk * [1, 1, 1, 1, 0])
    assert np.isnan(none[4])
    assert none.attrs["lost"] == 12


EXPECTED_SCORES = [
    -0.09199279222150872,
    -0.16834833137996608,
    0.0020012853330412216,
    -0.0792617459929396,
    25.594444049052075,
]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"values": "short"}, "not of the same units"),
        ({"values": "alike"}, "all values are alike"),
        ({"values": "infinite"}, "infinite"),
        ({"level": 1.5}, "'level' must be between 0 and 1"),
        ({"adjust": "bonferoni"}, "'adjust' cannot be"),
        ({"simulations": -1}, "'simulations' must be 0 or more"),
    ],
)
def test_what_cannot_be_told_is_refused(change, text):
    cells = geoprofiles.grid_over(toy.areas(), cell=1000)
    weights = geoprofiles.neighbour_weights(cells)
    values = pd.Series(np.arange(9.0), index=cells.index)
    given_ = {
        "short": values.iloc[:5],
        "alike": values * 0,
        "infinite": values.replace(3.0, np.inf),
    }
    change = dict(change)
    values = given_.get(change.pop("values", ""), values)
    with pytest.raises(geoprofiles.InputError, match=text):
        geoprofiles.getis_ord(values, weights, **change)


@pytest.mark.parametrize(("shape", "cell"), [("square", 130), ("hexagon", 130), ("hexagon", 77.7)])
def test_places_are_counted_as_shapely_finds_them(shape, cell):
    outline = shapely.Point(toy.WEST + 500, toy.SOUTH + 500).buffer(480)
    areas = toy.areas().iloc[:1].set_geometry([outline])
    hole = geopandas.GeoDataFrame(
        geometry=[shapely.Point(toy.WEST + 500, toy.SOUTH + 500).buffer(150)], crs=27700
    )
    grid = geoprofiles.grid_over(areas, cell=cell, shape=shape, mask=hole)
    ground = outline.difference(hole.geometry.iloc[0])
    assert grid["area_km2"].sum() * 1e6 == pytest.approx(ground.area)
    whole = cell**2 * (1 if shape == "square" else np.sqrt(3) / 2)
    assert grid["area_km2"].max() * 1e6 == pytest.approx(whole)
    rng = np.random.default_rng(5)
    points = rng.uniform(-50, 1050, (3000, 2)) + [toy.WEST, toy.SOUTH]
    at = cells_of(points, grid)
    where, found = shapely.STRtree(grid.geometry.to_numpy()).query(
        shapely.points(points), "intersects"
    )
    assert sorted(where) == np.flatnonzero(at >= 0).tolist()
    assert (at[where] == found).all()
    places = pd.DataFrame({"easting": points[:, 0], "northing": points[:, 1], "count": 2})
    counts = geoprofiles.count_places(places, grid)
    assert counts.sum() + counts.attrs["outside"] == 6000
    only = geoprofiles.grid_over(areas, cell=cell, shape=shape, at_risk=places.iloc[:20])
    assert (geoprofiles.count_places(places.iloc[:20], only) > 0).all()


def test_corners_and_outer_edges_are_counted_once():
    grid = geoprofiles.grid_over(toy.areas(), cell=500)
    corner = np.array([(x, y) for x in range(0, 3001, 500) for y in range(0, 3001, 500)], float)
    assert (cells_of(corner + [toy.WEST, toy.SOUTH], grid) >= 0).all()


def test_grids_of_neighbours_fit():
    whole = geoprofiles.grid_over(toy.areas(), cell=90, shape="hexagon")
    for shift in (0, 1):
        part = geoprofiles.grid_over(toy.areas().iloc[shift : shift + 1], cell=90, shape="hexagon")
        full = part["area_km2"] > 90**2 * np.sqrt(3) / 2 / 1e6 * (1 - 1e-9)
        same = whole.geometry.loc[part.index[full]]
        apart = shapely.symmetric_difference(same.to_numpy(), part.geometry[full].to_numpy())
        assert full.sum() > 200
        assert shapely.area(apart).max() < 1e-6


@pytest.mark.parametrize(
    ("shape", "rule", "reach"),
    [("square", "rook", 100), ("square", "queen", 100 * np.sqrt(2)), ("hexagon", "queen", 100)],
)
def test_lattice_neighbours_are_those_within_a_cell(shape, rule, reach):
    """At some 400 km from the origin, where sums of floats no longer tie."""
    grid = geoprofiles.grid_over(toy.areas(), cell=100, shape=shape)
    by_rule = geoprofiles.neighbour_weights(grid, rule=rule).matrix
    band = geoprofiles.neighbour_weights(grid, rule="distance", distance=float(reach)).matrix
    number = by_rule.getnnz(axis=1).max()
    assert number == {"rook": 4, "queen": 8}[rule] if shape == "square" else number == 6
    assert abs(by_rule - band).nnz == 0
    assert abs(by_rule - by_rule.T).nnz == 0
    own = geoprofiles.neighbour_weights(grid, rule=rule, with_self=True).matrix
    assert (own.diagonal() == 1).all()


def test_borders_and_nearest():
    areas = toy.areas()
    border = geoprofiles.neighbour_weights(areas, rule="border").matrix.toarray()
    assert border.tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    nearest = geoprofiles.neighbour_weights(areas, rule="nearest", number=1).matrix.toarray()
    assert nearest.tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"rule": "queen"}, "not cells of a grid"),
        ({"rule": "distance"}, "need 'distance'"),
        ({"rule": "nearest", "number": 3}, "from 1 to 2"),
        ({"rule": "bishop"}, "'rule' cannot be"),
    ],
)
def test_rules_that_do_not_fit_are_refused(arguments, text):
    with pytest.raises(geoprofiles.InputError, match=text):
        geoprofiles.neighbour_weights(toy.areas(), **arguments)


def test_a_mask_over_all_leaves_nothing():
    with pytest.raises(geoprofiles.InputError, match="no cell is left"):
        geoprofiles.grid_over(toy.areas(), cell=500, mask=toy.areas())


def test_progress_ends_at_all_permutations_and_changes_nothing():
    rng = np.random.default_rng(7)
    areas = geopandas.GeoDataFrame(
        {"area_name": ["A"]},
        geometry=[shapely.box(0, 0, 900, 900)],
        index=pd.Index(["A"], name="area_code"),
        crs=27700,
    )
    cells = geoprofiles.grid_over(areas, cell=100)
    values = pd.Series(rng.poisson(3, len(cells)).astype(float), index=cells.index)
    weights, seen = geoprofiles.neighbour_weights(cells), []
    for test in (geoprofiles.getis_ord, geoprofiles.local_moran):
        seen.clear()
        told = test(values, weights, simulations=999, progress=lambda *one: seen.append(one))
        assert seen[-1] == (999, 999)
        assert [one for one, _ in seen] == sorted(one for one, _ in seen)
        pd.testing.assert_frame_equal(told, test(values, weights, simulations=999))

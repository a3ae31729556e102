"""HDBSCAN and OPTICS on weighted places: against brute force and scikit-learn on single points."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist
from shapely import Point, box, union_all

from geoprofiles.errors import CRSError, InputError
from geoprofiles.hotspots.cluster_methods import hotspot_hdbscan, hotspot_optics
from geoprofiles.hotspots.clusters import hotspot_clusters
from geoprofiles.hotspots.core_distance import core_distances, reach_and_cores
from geoprofiles.hotspots.draws import reach_of
from geoprofiles.hotspots.ordering import label_by_valleys, order_places
from geoprofiles.hotspots.significance import significant_clusters
from geoprofiles.hotspots.stability import label_by_stability

AREAS = geopandas.GeoDataFrame(
    {"area_name": ["All"]},
    geometry=[box(0, 0, 3000, 3000)],
    index=pd.Index(["A"], name="area_code"),
    crs=27700,
)
FIND = pytest.mark.parametrize("find", [hotspot_hdbscan, hotspot_optics])


def clumps(rng, number=4, most=4):
    """Clumps of several densities among strays, with whole weights."""
    middles = rng.uniform(400, 1800, (number, 2))
    parts = [rng.normal(one, rng.uniform(15, 80), (rng.integers(8, 18), 2)) for one in middles]
    points = np.vstack([*parts, rng.uniform(400, 1800, (14, 2))]).round(2)
    return points, rng.integers(1, most, len(points)).astype(float)


def sets(labels):
    return {
        frozenset(np.flatnonzero(labels == one).tolist()) for one in set(labels.tolist()) - {-1}
    }


def unfolded(points, weights):
    return np.repeat(np.arange(len(points)), weights.astype(int))


def frame(points, weights):
    table = pd.DataFrame(points, columns=["easting", "northing"]).assign(count=weights.astype(int))
    table.attrs["crs"] = "EPSG:27700"
    return table


# -- HDBSCAN -------------------------------------------------------------------------------


def test_core_distances_are_those_of_the_nearest_incidents():
    from sklearn.neighbors import NearestNeighbors

    points, weights = clumps(np.random.default_rng(0))
    copies = unfolded(points, weights)
    found = core_distances(reach_of(points, 5000), weights, 7)
    nearest = NearestNeighbors(n_neighbors=7).fit(points[copies]).kneighbors(points[copies])[0]
    np.testing.assert_allclose(found[copies], nearest[:, -1])
    assert np.isinf(core_distances(reach_of(points, 1), np.ones(len(points)), 7)).all()


def by_every_level(points, eps, min_samples, smallest, finest):
    """HDBSCAN from the top down: at every distance the sets are found anew, point by point."""
    apart = np.maximum(np.round(cdist(points, points), 3), finest)
    core = np.sort(apart, axis=1)[:, min_samples - 1]
    mutual = np.maximum(apart, np.maximum(core[:, None], core[None]))
    levels = sorted({*mutual[mutual <= eps].tolist()}, reverse=True)

    def linked(members, level):
        at = np.array([one for one in sorted(members) if core[one] <= level], dtype=int)
        if not len(at):
            return []
        number, label = connected_components(mutual[np.ix_(at, at)] <= level)
        return [frozenset(at[label == one].tolist()) for one in range(number)]

    def best(born, since, step):
        now, lasting = born, 0.0
        while True:
            level = levels[step]
            parts = linked(now, levels[step + 1]) if step + 1 < len(levels) else []
            large = [one for one in parts if len(one) >= smallest]
            left = len(now) - (len(large[0]) if len(large) == 1 else 0)
            lasting += left * (1 / level - 1 / since)
            step += 1
            if len(large) != 1:
                break
            now = large[0]
        below = [best(one, level, step) for one in large]
        if sum(one for one, _ in below) > lasting + 1e-12:
            return sum(one for one, _ in below), [two for _, chosen in below for two in chosen]
        return lasting, [born]

    tops = [one for one in linked(range(len(points)), levels[0]) if len(one) >= smallest]
    return {chosen for one in tops for chosen in best(one, eps, 0)[1]}


@pytest.mark.parametrize("seed", range(24))
def test_hdbscan_is_that_of_single_points_level_by_level(seed):
    rng = np.random.default_rng(seed)
    points, weights = clumps(rng)
    if seed % 3 == 0:
        points = np.round(points / 20) * 20  # ties, and places that stand twice
    min_samples, smallest = int(rng.integers(2, 9)), int(rng.integers(4, 12))
    eps, finest = float(rng.choice([150, 300, 5000])), float(rng.choice([0.001, 30]))
    found = label_by_stability(points, weights, eps, min_samples, smallest=smallest, finest=finest)
    copies = unfolded(points, weights)
    wanted = by_every_level(points[copies], eps, min_samples, smallest, finest)
    assert sets(found.label[copies]) == wanted


def test_hdbscan_is_that_of_scikit_learn_but_for_places_between_clusters():
    from sklearn.cluster import HDBSCAN
    from sklearn.metrics import adjusted_rand_score

    compared = same = 0
    for seed in range(30):
        points, weights = clumps(np.random.default_rng(seed), most=2)
        mine = label_by_stability(points, weights, 1e5, 5, smallest=8, finest=0.001).label
        if mine.max() < 1:  # scikit-learn draws a single cluster by another rule
            continue
        theirs = HDBSCAN(min_samples=5, min_cluster_size=8, copy=True).fit(points).labels_
        assert len(sets(mine)) == len(sets(theirs))
        # It gives a place between two to one of them; here it belongs to none.
        both = mine >= 0
        assert (theirs[both] >= 0).all()
        assert adjusted_rand_score(mine[both], theirs[both]) == 1
        compared += 1
        same += sets(mine) == sets(theirs)
    assert compared == 30
    assert same >= 12


def test_a_spot_with_many_incidents_does_not_swallow_what_lies_around():
    """Without a floor its density has no end, and it is the best cluster whatever lies near."""
    points = np.array([[1000.0, 1000], [1040, 1000], [1080, 1000], [1040, 1040]])
    weights = np.array([30.0, 8, 8, 8])
    bare = label_by_stability(points, weights, 200, 8, smallest=8, finest=0.001)
    floored = label_by_stability(points, weights, 200, 8, smallest=8, finest=50)
    assert len(bare.reach) == 4
    assert sets(floored.label) == {frozenset(range(4))}


def test_hdbscan_lies_within_dbscan_and_parts_what_that_joins():
    points, weights = clumps(np.random.default_rng(3), number=6)
    table, settings = frame(points, weights), {"eps": 250, "min_samples": 6}
    one, several = hotspot_clusters(table, AREAS, **settings), hotspot_hdbscan(
        table, AREAS, **settings, finest=10
    )  # fmt: skip
    assert len(several) > len(one)
    dense = union_all(one.geometry.to_numpy())
    assert several.geometry.within(dense.buffer(1)).all()


# -- OPTICS --------------------------------------------------------------------------------


def by_hand(points, place, eps, min_samples, finest):
    """OPTICS of single points: of those as easily reached the same place first, then by row."""
    apart = np.maximum(np.round(cdist(points, points), 3), finest)
    core = np.sort(apart, axis=1)[:, min_samples - 1]
    core[core > eps] = np.inf
    reached, left, order, plot = np.full(len(points), np.inf), set(range(len(points))), [], []
    last = -1
    while left:
        now = min(left, key=lambda one: (reached[one], place[one] != last, one))
        if np.isinf(reached[now]):
            now = min(left)
        left.remove(now)
        order.append(now)
        plot.append(reached[now])
        last = place[now]
        if np.isfinite(core[now]):
            for other in left:
                if apart[now, other] <= eps:
                    reached[other] = min(reached[other], max(core[now], apart[now, other]))
    return order, plot


@pytest.mark.parametrize("seed", range(8))
def test_optics_orders_places_as_single_points(seed):
    rng = np.random.default_rng(seed)
    points, weights = clumps(rng, number=3)
    order = np.lexsort((points[:, 1], points[:, 0]))
    points, weights = points[order], weights[order]
    eps, min_samples = float(rng.choice([150, 5000])), int(rng.integers(3, 8))
    copies = unfolded(points, weights)
    _, plot = by_hand(points[copies], copies, eps, min_samples, 5.0)
    reach, cores = reach_and_cores(points, weights, eps, min_samples, 5.0)
    mine = order_places(reach, cores)
    # The first of each place is reached as the place is, the rest lie where it lies.
    expanded = []
    for place, reached in zip(mine.place, mine.reached, strict=True):
        expanded += [reached, *[min(reached, cores[place])] * (int(weights[place]) - 1)]
    np.testing.assert_allclose(expanded, plot)


@pytest.mark.parametrize("seed", range(12))
def test_optics_of_single_points_is_that_of_scikit_learn(seed):
    from sklearn.cluster import OPTICS

    rng = np.random.default_rng(100 + seed)
    points, weights = clumps(rng, most=2)
    points = points[np.lexsort((points[:, 1], points[:, 0]))]
    eps, smallest = float(rng.choice([150, 300, 5000])), int(rng.integers(5, 12))
    found = label_by_valleys(points, weights, eps, 5, smallest=smallest, finest=0.001, xi=0.05)
    theirs = OPTICS(min_samples=5, max_eps=eps, min_cluster_size=smallest, xi=0.05).fit(points)
    assert sets(found.label) == sets(theirs.labels_)


# -- both ----------------------------------------------------------------------------------


@FIND
def test_folded_duplicates_and_the_order_of_rows_change_nothing(find):
    rng = np.random.default_rng(8)
    points, weights = clumps(rng)
    folded = frame(np.round(points / 10) * 10, weights)
    folded = folded.groupby(["easting", "northing"], as_index=False)["count"].sum()
    apart = folded.loc[folded.index.repeat(folded["count"])].assign(count=1)
    apart = apart.sample(frac=1, random_state=3)
    settings = {"eps": 200, "min_samples": 7}
    one, two = find(folded, AREAS, **settings), find(apart, AREAS, **settings)
    assert len(one) > 1
    pd.testing.assert_frame_equal(one.drop(columns="geometry"), two.drop(columns="geometry"))
    assert one.geometry.geom_equals_exact(two.geometry, 1e-6).all()


@FIND
def test_fewer_than_three_places_are_a_point_and_no_outline(find):
    points = np.array([[1000.0, 1000], [1005, 1000], [2000, 2000], [2010, 2000], [2020, 2010]])
    found = find(frame(points, np.array([9.0, 4, 6, 6, 6])), AREAS, eps=100, min_samples=6)
    assert found["count"].tolist() == [18, 13]
    assert found["outlined"].tolist() == [True, False]
    assert found.geometry.iloc[1] == Point(1000, 1000)
    assert np.isnan(found["area_km2"].iloc[1])


@FIND
def test_nothing_one_place_and_nothing_dense(find):
    few = frame(np.array([[1000.0, 1000], [2000, 2000]]), np.array([3.0, 3.0]))
    empty = find(few, AREAS, eps=100, min_samples=5)
    assert len(empty) == 0
    assert "No cluster has 5 incidents within 100 m" in empty.attrs["note"]
    assert len(find(few.iloc[:0], AREAS, eps=100, min_samples=5)) == 0
    one = find(few.iloc[:1].assign(count=9), AREAS, eps=100, min_samples=5)
    assert one[["count", "places", "outlined"]].values.tolist() == [[9, 1, False]]


@FIND
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"eps": 0}, "'eps' must be a number above 0"),
        ({"eps": 60_000}, "wider than the areas"),
        ({"min_samples": 0}, "'min_samples' must be a number above 0"),
        ({"min_cluster_size": -3}, "'min_cluster_size' must be a number above 0"),
        ({"finest": 0}, "'finest' must be a number above 0"),
        ({"finest": 100}, "must be less than 'eps'"),
    ],
)
def test_settings_at_fault(find, change, told):
    some = frame(np.array([[1000.0, 1000], [1040, 1000]]), np.array([5.0, 5.0]))
    with pytest.raises(InputError, match=told):
        find(some, AREAS, **({"eps": 100, "min_samples": 5} | change))


@FIND
def test_input_at_fault(find):
    settings = {"eps": 100, "min_samples": 5}
    with pytest.raises(InputError, match="look like degrees"):
        find(frame(np.array([[-1.4, 50.9]]), np.array([9.0])), AREAS, **settings)
    some = frame(np.array([[1000.0, 1000]]), np.array([9.0]))
    with pytest.raises(InputError, match="negative or missing"):
        find(some.assign(count=-1), AREAS, **settings)
    some.attrs["crs"] = "EPSG:2157"
    with pytest.raises(CRSError):
        find(some, AREAS, **settings)


def test_what_optics_alone_refuses():
    some = frame(np.array([[1000.0, 1000]]), np.array([9.0]))
    with pytest.raises(InputError, match="takes whole incidents"):
        hotspot_optics(some.assign(count=9.5), AREAS, eps=100, min_samples=5)
    with pytest.raises(InputError, match="at least 2"):
        hotspot_optics(some, AREAS, eps=100, min_samples=1)
    with pytest.raises(InputError, match="'xi' must lie between 0 and 1"):
        hotspot_optics(some, AREAS, eps=100, min_samples=5, xi=1)


# -- the test ------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["hdbscan", "optics"])
def test_a_planted_hot_spot_is_beyond_chance_and_chance_is_not(method):
    rng = np.random.default_rng(21)
    homes = pd.DataFrame(rng.uniform(50, 2950, (500, 2)).round(), columns=["easting", "northing"])
    homes["count"] = 1.0
    near = np.hypot(homes["easting"] - 900, homes["northing"] - 900) < 250
    settings = {"eps": 150, "min_samples": 6, "simulations": 49, "method": method}
    found = 0
    for seed in range(20):
        drawn = np.random.default_rng(seed).multinomial(300, np.full(500, 1 / 500))
        even = homes.assign(count=drawn)[drawn > 0].reset_index(drop=True)
        table = significant_clusters(even, AREAS, homes, map_points=homes, seed=seed, **settings)
        found += bool(table["significant"].any())
    assert found <= 4  # 1 is expected; 5 or more come once in 400
    hot = np.where(near, 9.0, 1.0)
    drawn = rng.multinomial(300, hot / hot.sum())
    places = homes.assign(count=drawn)[drawn > 0].reset_index(drop=True)
    sure = significant_clusters(places, AREAS, homes, map_points=homes, **settings)
    sure = sure[sure["significant"]]
    assert len(sure)
    middle = sure.geometry.centroid
    assert (np.hypot(middle.x - 900, middle.y - 900) < 300).all()
    assert sure.attrs["method"] == method


def test_a_method_that_is_none():
    some = frame(np.array([[1000.0, 1000]]), np.array([9.0]))
    with pytest.raises(InputError, match="Did you mean 'hdbscan'"):
        significant_clusters(some, AREAS, eps=100, min_samples=5, method="hdbscam", simulations=9)

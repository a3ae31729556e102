"""Significance of clusters: against scikit-learn draw by draw, null replicates, planted truth."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree
from shapely import box

from geoprofiles.errors import CRSError, InputError
from geoprofiles.hotspots.at_risk import at_risk_from_areas, at_risk_on_places
from geoprofiles.hotspots.cluster_settings import suggest_tested_clusters
from geoprofiles.hotspots.draws import MOST_PAIRS, clusters_of_draws, draws, reach_of
from geoprofiles.hotspots.likelihood import bernoulli_ratio, poisson_ratio
from geoprofiles.hotspots.significance import significant_clusters, spacing_for

AREAS = geopandas.GeoDataFrame(
    {"area_name": ["West", "East"]},
    geometry=[box(0, 0, 3000, 3000), box(3000, 0, 6000, 3000)],
    index=pd.Index(["W", "E"], name="area_code"),
    crs=27700,
)


def places(points, counts=None):
    frame = pd.DataFrame(points, columns=["easting", "northing"], dtype=float)
    frame["count"] = 1 if counts is None else counts
    frame = frame.groupby(["easting", "northing"], as_index=False)["count"].sum()
    frame.attrs["crs"] = "EPSG:27700"
    return frame


def people(rng, size=600):
    """Points where people live: most of them in one corner."""
    crowd = rng.normal([1500, 1500], 350, (size // 2, 2))
    rest = rng.uniform([0, 0], [6000, 3000], (size - size // 2, 2))
    at = np.clip(np.vstack([crowd, rest]), 1, [5999, 2999])
    frame = pd.DataFrame(at, columns=["easting", "northing"])
    return frame.assign(count=rng.integers(1, 9, size).astype(float))


def drawn(rng, at_risk, number):
    at = rng.choice(len(at_risk), number, p=at_risk["count"] / at_risk["count"].sum())
    return places(at_risk[["easting", "northing"]].to_numpy()[at])


# -- draws ---------------------------------------------------------------------------------


def test_every_draw_is_clustered_as_scikit_learn_would():
    from sklearn.cluster import DBSCAN

    rng = np.random.default_rng(1)
    at_risk = people(rng, 300)
    points, weights = at_risk[["easting", "northing"]].to_numpy(), at_risk["count"].to_numpy()
    reach, expected = reach_of(points, 150), weights / weights.sum() * 400
    (counts,) = draws(weights, 400, 40, rng, most=40)
    found = clusters_of_draws(reach, counts, expected, 12)
    assert (counts.sum(axis=1) == 400).all()
    for number, row in enumerate(counts):
        held = row > 0
        theirs = DBSCAN(eps=150, min_samples=12).fit(points[held], sample_weight=row[held])
        core = np.zeros(held.sum(), dtype=bool)
        core[theirs.core_sample_indices_] = True
        mine = np.sort(found.incidents[found.draw == number])
        assert len(mine) == len(set(theirs.labels_[core]))
        # Border places go to any cluster in scikit-learn: the sum of all clusters is the same.
        assert mine.sum() == row[held][theirs.labels_ >= 0].sum()


def test_blocks_of_draws_do_not_change_them():
    weights = np.array([1.0, 5.0, 2.0, 0.0])
    one = np.vstack(list(draws(weights, 50, 7, np.random.default_rng(3), most=7)))
    two = np.vstack(list(draws(weights, 50, 7, np.random.default_rng(3), most=2)))
    np.testing.assert_array_equal(one, two)
    assert (one[:, 3] == 0).all()
    many = np.vstack(list(draws(weights, 8, 4000, np.random.default_rng(3), most=500)))
    assert many.mean(axis=0) == pytest.approx([1, 5, 2, 0], abs=0.1)


def test_likelihood_ratios_by_their_formulas():
    assert poisson_ratio(np.array([10.0]), np.array([4.0]), 30)[0] == pytest.approx(
        10 * np.log(10 / 4) + 20 * np.log(20 / 26)
    )
    assert poisson_ratio(np.array([4.0]), np.array([4.0]), 30)[0] == 0
    cases, number = 6.0, 8.0
    inside = 6 * np.log(6 / 8) + 2 * np.log(2 / 8)
    outside = 4 * np.log(4 / 22) + 18 * np.log(18 / 22)
    whole = 10 * np.log(10 / 30) + 20 * np.log(20 / 30)
    found = bernoulli_ratio(np.array([cases]), np.array([number]), 10, 30)[0]
    assert found == pytest.approx(inside + outside - whole)


# -- what is at risk -----------------------------------------------------------------------


def test_what_is_at_risk_is_shared_out_evenly_and_wholly():
    homes = pd.Series({"W": 900.0, "E": 100.0}, name="households")
    found = at_risk_from_areas(AREAS, homes, spacing=100)
    assert found["count"].sum() == pytest.approx(1000)
    assert found.loc[found["easting"] < 3000, "count"].sum() == pytest.approx(900)
    assert found.loc[found["easting"] > 3000, "count"].nunique() == 1
    assert found.attrs["at_risk"] == "households"


def test_what_is_at_risk_goes_to_the_nearest_map_point():
    rng = np.random.default_rng(5)
    homes, points = people(rng, 200), places(rng.uniform([0, 0], [6000, 3000], (40, 2)))
    found = at_risk_on_places(homes, points)
    by_hand = np.zeros(40)
    for x, y, count in homes[["easting", "northing", "count"]].to_numpy():
        far = np.hypot(points["easting"] - x, points["northing"] - y)
        by_hand[far.to_numpy().argmin()] += count
    np.testing.assert_allclose(found["count"], by_hand)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"W": 5.0}, "missing, negative or no number in 1 of 2 areas, such as E"),
        ({"W": 5.0, "E": -1.0}, "missing, negative"),
        ({"W": 0.0, "E": 0.0}, "nothing is at risk anywhere"),
    ],
)
def test_denominators_at_fault_are_named(values, told):
    with pytest.raises(InputError, match=told):
        at_risk_from_areas(AREAS, pd.Series(values))


def test_points_at_risk_are_a_quarter_of_eps_apart_and_their_pairs_can_be_held():
    assert spacing_for(AREAS, 100) == 25
    wide = AREAS.set_geometry(AREAS.geometry.scale(4, 4, origin=(0, 0)))  # 288 km²
    spacing = spacing_for(wide, 100)
    assert 25 < spacing < 50
    laid = at_risk_from_areas(wide, spacing=spacing)
    tree = cKDTree(laid[["easting", "northing"]].to_numpy())
    assert 0.7 * MOST_PAIRS < tree.count_neighbors(tree, 100) <= MOST_PAIRS


# -- the test ------------------------------------------------------------------------------


def test_by_chance_hardly_ever_is_any_cluster_significant():
    """Drawn from people, held against people: 5% of replicates at the most, but for chance."""
    rng = np.random.default_rng(11)
    at_risk, found = people(rng), 0
    points = at_risk[["easting", "northing"]]
    for _ in range(60):
        now = drawn(rng, at_risk, 250)
        table = significant_clusters(
            now, AREAS, at_risk, eps=120, min_samples=6, map_points=points, simulations=99,
            seed=int(rng.integers(1_000_000)),
        )  # fmt: skip
        found += bool(table["significant"].any())
    assert found <= 8  # 3 are expected; 9 or more come once in 250


def test_where_people_live_there_are_clusters_without_any_risk():
    """Against even ground the crowd is a hot spot; against its people it is none."""
    rng = np.random.default_rng(2)
    at_risk = people(rng)
    now = drawn(rng, at_risk, 300)
    against = {"eps": 120, "min_samples": 6, "simulations": 199}
    ground = significant_clusters(now, AREAS, **against)
    assert ground["significant"].any()
    assert "every square metre alike" in ground.attrs["note"]
    points = at_risk[["easting", "northing"]]
    risk = significant_clusters(now, AREAS, at_risk, map_points=points, **against)
    assert not risk["significant"].any()
    assert risk.attrs["clusters_by_chance"] > 1


def test_a_planted_hot_spot_is_found_and_its_crowd_is_not():
    rng = np.random.default_rng(7)
    at_risk = people(rng)
    near = np.hypot(at_risk["easting"] - 4500, at_risk["northing"] - 1500) < 250
    hot = at_risk.assign(count=at_risk["count"].where(~near, at_risk["count"] * 12))
    now = drawn(rng, hot, 300)
    points = at_risk[["easting", "northing"]]
    found = significant_clusters(
        now, AREAS, at_risk, eps=120, min_samples=6, map_points=points, simulations=199
    )
    sure = found[found["significant"]]
    middle = sure.geometry.centroid
    assert len(sure) >= 1
    assert (np.hypot(middle.x - 4500, middle.y - 1500) < 350).all()
    assert (sure["ratio"] > 3).all()


def test_folded_duplicates_and_the_order_of_rows_change_nothing():
    rng = np.random.default_rng(9)
    at_risk = people(rng, 200)
    now = drawn(rng, at_risk, 400)
    points = at_risk[["easting", "northing"]]
    settings = {"eps": 150, "min_samples": 10, "map_points": points, "simulations": 49}
    first = significant_clusters(now, AREAS, at_risk, **settings)
    apart = now.loc[now.index.repeat(now["count"])].assign(count=1)
    apart = apart.sample(frac=1, random_state=1)
    again = significant_clusters(
        apart.groupby(["easting", "northing"], as_index=False, sort=False)["count"].sum(),
        AREAS,
        at_risk,
        **settings,
    )
    columns = ["count", "expected", "p"]
    pd.testing.assert_frame_equal(first[columns], again[columns])


def test_what_is_at_risk_beyond_the_areas_is_left_out():
    rng = np.random.default_rng(6)
    at_risk = people(rng, 200)
    now = drawn(rng, at_risk, 300)
    beyond = at_risk.assign(easting=at_risk["easting"] + 20_000, count=50.0)
    settings = {"eps": 150, "min_samples": 8, "simulations": 49}
    points = pd.concat([at_risk, beyond], ignore_index=True)
    one = significant_clusters(now, AREAS, at_risk, **settings)
    two = significant_clusters(now, AREAS, points, **settings)
    pd.testing.assert_frame_equal(one[["expected", "p"]], two[["expected", "p"]])


def test_a_point_said_three_times_is_one_place_and_ties_do_not_hang_on_rows():
    thrice = pd.DataFrame({"easting": [1000.0] * 3, "northing": 1000.0, "count": [3, 3, 3]})
    found = significant_clusters(thrice, AREAS, eps=120, min_samples=5, simulations=9)
    assert found[["count", "places", "outlined"]].values.tolist() == [[9, 1, False]]
    pair = pd.DataFrame({"easting": [1050.0, 1000.0], "northing": 1000.0, "count": [9, 9]})
    for rows in (pair, pair[::-1]):
        found = significant_clusters(rows, AREAS, eps=120, min_samples=5, simulations=9)
        assert found.geometry.iloc[0].x == 1000


def test_p_is_the_rank_among_the_strongest_of_the_draws():
    rng = np.random.default_rng(4)
    at_risk = people(rng, 150)
    now = drawn(rng, at_risk, 200)
    points = at_risk[["easting", "northing"]].to_numpy()
    found = significant_clusters(
        now, AREAS, at_risk, eps=150, min_samples=8, simulations=99, statistic="size",
        map_points=at_risk[["easting", "northing"]],
    )  # fmt: skip
    weights = at_risk["count"].to_numpy()
    largest = []
    for counts in draws(weights, 200, 99, np.random.default_rng(0), most=99):
        made = clusters_of_draws(reach_of(points, 150), counts, weights, 8)
        largest += [max(made.incidents[made.draw == one], default=0) for one in range(99)]
    for count, p in zip(found["count"], found["p"], strict=True):
        assert p == (1 + sum(one >= count for one in largest)) / 100


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"simulations": 0}, "'simulations' must be a whole number from 1 on"),
        ({"alpha": 1.5}, "'alpha' must lie between 0 and 1"),
        ({"eps": 60_000}, "wider than the areas"),
        ({"statistic": "area"}, "statistic"),
    ],
)
def test_settings_at_fault(change, told):
    settings = {"eps": 120, "min_samples": 5, "simulations": 9} | change
    with pytest.raises(InputError, match=told):
        significant_clusters(places([[100, 100], [150, 100], [900, 900]], 3), AREAS, **settings)


def test_input_at_fault():
    some = places([[1000, 1000], [1050, 1000]], 3)
    settings = {"eps": 120, "min_samples": 5, "simulations": 9}
    with pytest.raises(InputError, match="no located incident"):
        significant_clusters(some.iloc[:0], AREAS, **settings)
    with pytest.raises(InputError, match="no whole numbers"):
        significant_clusters(some.assign(count=2.5), AREAS, **settings)
    with pytest.raises(InputError, match="look like degrees"):
        significant_clusters(places([[-1.4, 50.9]], 3), AREAS, **settings)
    with pytest.raises(InputError, match="not among the map points"):
        significant_clusters(some, AREAS, map_points=places([[1000, 1000]]), **settings)
    elsewhere = some.copy()
    elsewhere.attrs["crs"] = "EPSG:2157"
    with pytest.raises(CRSError):
        significant_clusters(elsewhere, AREAS, **settings)


@pytest.mark.real
def test_memphis_robberies_are_cut_to_those_that_beat_people(shared_data):
    """105 clusters by DBSCAN; by people alone some 55 come about, the largest of up to 17."""
    folder = shared_data / "benchmarks"
    robberies = pd.read_csv(folder / "memphis_robberies_2019.csv")
    blocks = pd.read_csv(folder / "memphis_block_population.csv.gz")
    precincts = geopandas.read_file(folder / "memphis_police_precincts.geojson").to_crs(32616)
    precincts = geopandas.GeoDataFrame(
        {"area_name": [str(one) for one in precincts.index]},
        geometry=precincts.geometry.buffer(0).to_numpy(),
        index=pd.Index([str(one) for one in precincts.index], name="area_code"),
        crs=32616,
    )

    def metres(frame):
        x, y = (next(c for c in frame if c.lower().startswith(n)) for n in ("lon", "lat"))
        at = geopandas.points_from_xy(frame[x], frame[y], crs=4326).to_crs(32616)
        return pd.DataFrame({"easting": at.x, "northing": at.y})

    now = metres(robberies).groupby(["easting", "northing"]).size().rename("count").reset_index()
    population = next(c for c in blocks if "pop" in c.lower())
    risk = metres(blocks).assign(count=blocks[population].astype(float))
    risk = risk[risk["count"] > 0].reset_index(drop=True)
    found = significant_clusters(now, precincts, risk, eps=250, min_samples=5, simulations=99)
    assert len(found) == 105
    assert found.attrs["clusters_by_chance"] == pytest.approx(55, abs=3)
    assert found.attrs["largest_by_chance"] in (17, 18)
    assert 20 <= found["significant"].sum() <= 32  # 26 with 999 draws
    # With as many as few have by chance, chance makes a quarter of the clusters it made.
    _, least, _ = suggest_tested_clusters(now, precincts, risk, eps=250)
    assert least == 7
    usual = significant_clusters(now, precincts, risk, eps=250, min_samples=7, simulations=99)
    assert len(usual) == 54
    assert usual.attrs["clusters_by_chance"] == pytest.approx(12.5, abs=1.5)
    assert 22 <= usual["significant"].sum() <= 30
    evenly = significant_clusters(now, precincts, eps=250, min_samples=5, simulations=99)
    assert evenly.attrs["clusters_by_chance"] == pytest.approx(3, abs=0.8)
    assert evenly.attrs["largest_by_chance"] in (7, 8)

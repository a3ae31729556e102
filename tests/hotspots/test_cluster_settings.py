"""Settings of clusters: the share on dense places against draws, and the least that is few."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from shapely import box

from geoprofiles.errors import InputError
from geoprofiles.hotspots.cluster_settings import (
    FEWEST,
    USUAL,
    share_on_dense_places,
    suggest_clusters,
    suggest_min_samples,
    suggest_tested_clusters,
)
from geoprofiles.hotspots.significance import null_of, significant_clusters

AREAS = geopandas.GeoDataFrame(
    {"area_name": ["All"]},
    geometry=[box(0, 0, 6000, 3000)],
    index=pd.Index(["A"], name="area_code"),
    crs=27700,
)


def crowd(rng, size=300):
    """Points where people live: half of them in one corner."""
    near = rng.normal([1500, 1500], 300, (size // 2, 2))
    far = rng.uniform([0, 0], [6000, 3000], (size - size // 2, 2))
    at = np.clip(np.vstack([near, far]), 1, [5999, 2999]).round()
    frame = pd.DataFrame(at, columns=["easting", "northing"])
    return frame.assign(count=rng.integers(1, 9, size).astype(float))


def drawn(rng, at_risk, number):
    at = rng.choice(len(at_risk), number, p=at_risk["count"] / at_risk["count"].sum())
    chosen = at_risk[["easting", "northing"]].iloc[at].assign(count=1)
    return chosen.groupby(["easting", "northing"], as_index=False)["count"].sum()


@pytest.mark.parametrize("snapped", [False, True])
def test_the_share_on_dense_places_is_the_mean_over_draws(snapped):
    rng = np.random.default_rng(1)
    at_risk, eps, number = crowd(rng), 150, 200
    points = crowd(rng, 80)[["easting", "northing"]].drop_duplicates() if snapped else None
    # Only the number of incidents counts; but where there are map points they lie on such.
    some = (at_risk if points is None else points).iloc[:1].assign(count=number)
    null = null_of(some, AREAS, at_risk, points, eps)
    near = cdist(null.points, null.points) <= eps
    draws = rng.multinomial(number, null.weights / null.weights.sum(), size=1500)
    beside = draws @ near
    for least in (3, 8, 12, 20):
        shares = (draws * (beside >= least)).sum(axis=1) / number
        error = shares.std() / np.sqrt(len(shares))
        assert share_on_dense_places(null, least) == pytest.approx(shares.mean(), abs=4 * error)


def test_it_is_the_least_number_that_few_have_by_chance():
    rng = np.random.default_rng(3)
    at_risk = crowd(rng)
    now = drawn(rng, at_risk, 300)
    eps, found, reason = suggest_tested_clusters(now, AREAS, at_risk, eps=150)
    null = null_of(now, AREAS, at_risk, None, eps)
    assert found > suggest_clusters(now, AREAS, eps=150)[1]
    assert share_on_dense_places(null, found) <= USUAL < share_on_dense_places(null, found - 1)
    assert reason.startswith("eps was given; min_samples is the least number that at most 5%")
    assert "drawn by what is at risk" in reason


def test_where_nothing_crowds_an_even_spread_decides():
    rng = np.random.default_rng(5)
    now = pd.DataFrame(rng.uniform([0, 0], [6000, 3000], (900, 2)), columns=["easting", "northing"])
    now["count"] = 1
    _, found, reason = suggest_tested_clusters(now, AREAS, eps=150)
    assert found == suggest_clusters(now, AREAS, eps=150)[1] > FEWEST
    assert "have as many within eps" in reason
    assert "ground, evenly" in reason


def test_folded_duplicates_and_the_order_of_rows_change_nothing():
    rng = np.random.default_rng(6)
    at_risk = crowd(rng)
    now = drawn(rng, at_risk, 250)
    apart = now.loc[now.index.repeat(now["count"])].assign(count=1).sample(frac=1, random_state=2)
    twice = pd.concat([at_risk, at_risk], ignore_index=True)
    first = suggest_min_samples(now, AREAS, at_risk, eps=150)
    assert suggest_min_samples(apart, AREAS, at_risk, eps=150) == first
    assert suggest_min_samples(now, AREAS, twice, eps=150) == first


def test_half_of_a_city_is_no_cluster_and_by_chance_hardly_any_is_found():
    """Drawn from people, held against people, by suggested settings: no more than 5% find one."""
    rng = np.random.default_rng(12)
    at_risk, found = crowd(rng), 0
    points = at_risk[["easting", "northing"]].drop_duplicates()
    for _ in range(40):
        now = drawn(rng, at_risk, 300)
        # What half the bandwidth of such places would be, give or take.
        eps, least, _ = suggest_tested_clusters(
            now, AREAS, at_risk, eps=float(rng.choice([100, 150, 200])), map_points=points
        )
        table = significant_clusters(
            now, AREAS, at_risk, eps=eps, min_samples=least, map_points=points, simulations=99
        )
        assert table["share"].max() < 0.4 if len(table) else True
        found += bool(table["significant"].any())
    assert found <= 6  # 2 are expected; 7 or more come once in 300


@pytest.mark.parametrize(
    ("places", "at_risk", "told"),
    [
        ({"count": [0]}, None, "no located incident"),
        ({"count": [2.5]}, None, "no whole numbers"),
        ({"count": [3]}, {"count": [-1.0]}, "count"),
        ({"count": [3]}, {"count": [0.0]}, "nothing is at risk"),
        ({"easting": [-1.4], "northing": [50.9], "count": [3]}, None, "look like degrees"),
    ],
)
def test_input_at_fault(places, at_risk, told):
    base = {"easting": [1000.0], "northing": [1000.0]}
    places = pd.DataFrame(base | places)
    risk = None if at_risk is None else pd.DataFrame(base | at_risk)
    with pytest.raises(InputError, match=told):
        suggest_tested_clusters(places, AREAS, risk, eps=100)


def test_a_reach_at_fault():
    places = pd.DataFrame({"easting": [1000.0], "northing": [1000.0], "count": [3]})
    with pytest.raises(InputError, match="'eps' must be a number above 0"):
        suggest_tested_clusters(places, AREAS, eps=0)

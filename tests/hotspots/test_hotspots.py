"""Density and clusters: against scikit-learn and by eye."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
import toy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from shapely import box

import geoprofiles
from geoprofiles.errors import CRSError, InputError
from geoprofiles.hotspots.clusters import label_places


def test_places_fold_and_count():
    incidents = toy.incidents([(1, 1), (1, 1), (2, 2), None])
    incidents.loc[2, "refused"] = "repeated ID"
    places = geoprofiles.distinct_places(incidents)
    assert places["count"].tolist() == [2]
    assert places.attrs["crs"] == "EPSG:27700"


def test_a_grid_is_fixed_clipped_and_complete():
    areas = toy.areas(shift=50)
    grid = geoprofiles.grid_over(areas, cell=100)
    assert grid["area_km2"].sum() == pytest.approx(9.0)
    assert len(grid) == 31 * 31
    assert "E4400N1100" in grid.index
    assert grid.loc["E4401N1101", "area_km2"] == pytest.approx(0.01)
    assert grid.loc["E4400N1100", "area_km2"] == pytest.approx(0.0025)
    again = geoprofiles.grid_over(areas.iloc[:1], cell=100)
    assert set(again.index) <= set(grid.index)


def test_too_fine_a_grid_is_refused():
    with pytest.raises(InputError, match="Choose a larger cell"):
        geoprofiles.grid_over(toy.areas(), cell=1)


def scattered(seed: int, number: int = 300):
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 3000, (number, 2))
    return toy.places(np.column_stack([xy, rng.integers(1, 9, number)]).tolist())


@pytest.mark.parametrize(("kernel", "bandwidth"), [("gaussian", 150.0), ("quartic", 400.0)])
def test_density_is_the_direct_sum(kernel, bandwidth):
    places = scattered(1)
    grid = geoprofiles.grid_over(toy.areas(), cell=250)
    found = geoprofiles.hotspot_kde(places, grid, bandwidth=bandwidth, kernel=kernel, years=0.5)
    centres = shapely.get_coordinates(shapely.centroid(grid.geometry.to_numpy()))
    distance = np.linalg.norm(
        centres[:, None] - places[["easting", "northing"]].to_numpy()[None], axis=2
    )
    u = distance / bandwidth
    if kernel == "quartic":
        height = np.where(u < 1, 3 / np.pi * (1 - u**2) ** 2, 0)
    else:
        height = np.exp(-(u**2) / 2) / (2 * np.pi)
    direct = (height * places["count"].to_numpy()).sum(axis=1) / bandwidth**2 * 1e6 / 0.5
    np.testing.assert_allclose(found["density"], direct, rtol=1e-6, atol=1e-6 * direct.max())


def test_gaussian_density_is_that_of_scikit_learn():
    from sklearn.neighbors import KernelDensity

    places = scattered(2)
    grid = geoprofiles.grid_over(toy.areas(), cell=250)
    found = geoprofiles.hotspot_kde(places, grid, bandwidth=200, kernel="gaussian")
    points = places[["easting", "northing"]].to_numpy()
    model = KernelDensity(bandwidth=200).fit(points, sample_weight=places["count"].to_numpy())
    centres = shapely.get_coordinates(shapely.centroid(grid.geometry.to_numpy()))
    expected = np.exp(model.score_samples(centres)) * places["count"].sum() * 1e6
    np.testing.assert_allclose(found["density"], expected, rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize(("kernel", "bandwidth"), [("gaussian", 100.0), ("quartic", 300.0)])
def test_density_adds_up_to_the_incidents_away_from_the_edge(kernel, bandwidth):
    """The unit is incidents per km² per year: 50 incidents in half a year are 100 a year."""
    places = toy.places([(1500, 1500, 50)])
    grid = geoprofiles.grid_over(toy.areas(), cell=20)
    surface = geoprofiles.hotspot_kde(places, grid, bandwidth=bandwidth, kernel=kernel, years=0.5)
    assert (surface["density"] * surface["area_km2"]).sum() == pytest.approx(100, rel=1e-3)


def test_folding_changes_no_density():
    one = toy.places([(500, 500, 3), (900, 700, 2)])
    many = toy.places([(500, 500, 1)] * 3 + [(900, 700, 1)] * 2)
    grid = geoprofiles.grid_over(toy.areas(), cell=100)
    first = geoprofiles.hotspot_kde(one, grid, bandwidth=300)["density"]
    second = geoprofiles.hotspot_kde(many, grid, bandwidth=300)["density"]
    np.testing.assert_allclose(first, second)


def test_bands_are_multiples_of_the_average_and_do_not_overlap():
    grid = geoprofiles.grid_over(toy.areas(), cell=100)
    surface = geoprofiles.hotspot_kde(scattered(3), grid, bandwidth=300)
    bands = geoprofiles.density_bands(surface, multiples=(1.0, 1.5))
    average = (surface["density"] * surface["area_km2"]).sum() / 9
    assert bands["lower"].tolist() == pytest.approx([average, 1.5 * average])
    over = surface[surface["density"] >= average]
    assert bands["area_km2"].sum() == pytest.approx(over["area_km2"].sum())
    assert bands.area.sum() / 1e6 == pytest.approx(bands["area_km2"].sum())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 80), st.integers(20, 400), st.integers(1, 40))
def test_core_and_noise_are_those_of_scikit_learn(seed, number, eps, least):
    from sklearn.cluster import DBSCAN

    places = scattered(seed, number)
    points = places[["easting", "northing"]].to_numpy()
    weights = places["count"].to_numpy(dtype=float)
    labels, core = label_places(points, weights, eps, least)
    theirs = DBSCAN(eps=eps, min_samples=least).fit(points, sample_weight=weights)
    expected = np.zeros(number, dtype=bool)
    expected[theirs.core_sample_indices_] = True
    assert (core == expected).all()
    assert ((labels < 0) == (theirs.labels_ < 0)).all()
    # The same core places together, whatever the clusters are called.
    pairs = set(zip(labels[core], theirs.labels_[core], strict=True))
    assert len(pairs) == len(set(labels[core])) == len(set(theirs.labels_[core]))


def test_clusters_are_outlined_where_dense_and_clipped():
    places = toy.places([(0, 1000, 5), (50, 1000, 5), (50, 1050, 5), (2500, 2500, 40)])
    clusters = geoprofiles.hotspot_clusters(places, toy.areas(), eps=100, min_samples=12)
    assert clusters.index.tolist() == [1, 2]
    assert clusters["count"].tolist() == [40, 15]
    assert clusters["outlined"].tolist() == [False, True]
    assert clusters["share"].tolist() == pytest.approx([40 / 55, 15 / 55])
    assert clusters["per_month"].tolist() == pytest.approx([40 / 6, 15 / 6])
    assert clusters.geometry.iloc[0].geom_type == "Point"
    shape = clusters.geometry.iloc[1]
    assert shape.bounds[0] == toy.WEST
    assert clusters["area_km2"].iloc[1] == pytest.approx(shape.area / 1e6)


def test_outlines_never_overlap():
    places = scattered(5, 600)
    clusters = geoprofiles.hotspot_clusters(places, toy.areas(), eps=90, min_samples=22)
    shapes = clusters[clusters["outlined"]].geometry.to_numpy()
    assert len(shapes) > 3
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum())


def test_one_point_and_all_points_at_one_place():
    for rows in ([(500, 500, 1)], [(500, 500, 900)]):
        clusters = geoprofiles.hotspot_clusters(
            toy.places(rows), toy.areas(), eps=100, min_samples=1
        )
        assert clusters["outlined"].tolist() == [False]


def test_no_cluster_is_an_explained_empty_frame():
    clusters = geoprofiles.hotspot_clusters(
        toy.places([(500, 500, 1)]), toy.areas(), eps=100, min_samples=5
    )
    assert clusters.empty
    assert "there is no cluster" in clusters.attrs["note"]
    assert clusters.crs is not None


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"eps": 0}, InputError, "'eps' must be a number above 0"),
        ({"eps": 5000}, InputError, "wider than the areas"),
        ({"min_samples": 0}, InputError, "'min_samples'"),
    ],
)
def test_bad_settings_are_refused(change, error, told):
    settings_ = {"eps": 100, "min_samples": 5} | change
    with pytest.raises(error, match=told):
        geoprofiles.hotspot_clusters(toy.places([(1, 1, 1)]), toy.areas(), **settings_)


def test_degrees_negative_weights_and_other_metres_are_refused():
    grid = geoprofiles.grid_over(toy.areas(), cell=500)
    degrees = pd.DataFrame({"easting": [-1.4], "northing": [50.9], "count": [1]})
    with pytest.raises(InputError, match="look like degrees"):
        geoprofiles.hotspot_kde(degrees, grid, bandwidth=100)
    places = toy.places([(1, 1, -1)])
    with pytest.raises(InputError, match="negative"):
        geoprofiles.hotspot_kde(places, grid, bandwidth=100)
    places = toy.places([(1, 1, 1)])
    places.attrs["crs"] = "EPSG:32630"
    with pytest.raises(CRSError, match="EPSG:32630"):
        geoprofiles.hotspot_kde(places, grid, bandwidth=100)


def test_suggestions_say_why():
    places = scattered(7)
    bandwidth, reason = geoprofiles.suggest_bandwidth(toy.areas(), places=places)
    assert bandwidth >= 100
    assert reason
    eps, least, reason = geoprofiles.suggest_clusters(places, toy.areas())
    expected = places["count"].sum() * np.pi * eps**2 / 9e6
    assert least == int(np.ceil(5 * expected))
    assert "5 times" in reason


# -- the edge ------------------------------------------------------------------------------


def half_plane(cell):
    """Cells over 4 km by 4 km; what lies west of 0 is not known."""
    areas = geopandas.GeoDataFrame(
        {"area_name": ["A"]}, geometry=[box(0, 0, 4000, 4000)],
        index=pd.Index(["A"], name="area_code"), crs=27700,
    )  # fmt: skip
    return geoprofiles.grid_over(areas, cell=cell)


@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
def test_by_diggle_no_incident_is_lost_at_the_edge(kernel):
    rng = np.random.default_rng(1)
    points = rng.uniform([0, 0], [4000, 4000], (200, 2))
    places = pd.DataFrame(points, columns=["easting", "northing"]).assign(count=3)
    cells = half_plane(70)  # clipped at two sides
    lost, kept = (
        geoprofiles.hotspot_kde(places, cells, bandwidth=300, kernel=kernel, edge=edge)
        for edge in ("none", "diggle")
    )
    total = (kept["density"] * kept["area_km2"]).sum()
    assert total == pytest.approx(600, rel=1e-9)
    assert (lost["density"] * lost["area_km2"]).sum() < 590


def test_a_gaussian_by_a_straight_edge_is_scaled_by_the_normal_law():
    cells = half_plane(20)
    for away in (10.0, 100.0, 250.0):
        place = pd.DataFrame({"easting": [away], "northing": [2000.0], "count": [1]})
        plain, diggle = (
            geoprofiles.hotspot_kde(place, cells, bandwidth=150, kernel="gaussian", edge=edge)
            for edge in ("none", "diggle")
        )
        inside = stats.norm.cdf(away / 150)
        high = plain["density"] > plain["density"].max() / 2
        ratio = (plain["density"] / diggle["density"])[high]
        assert ratio.to_numpy() == pytest.approx(inside, rel=2e-3)


def test_uniform_correction_makes_even_incidents_even():
    x, y = np.meshgrid(np.arange(20, 4000, 40), np.arange(20, 4000, 40))
    places = pd.DataFrame({"easting": x.ravel(), "northing": y.ravel(), "count": 1.0})
    cells = half_plane(40)
    found = geoprofiles.hotspot_kde(places, cells, bandwidth=300, edge="uniform")
    assert found["density"].to_numpy() == pytest.approx(625, rel=1e-6)


def test_a_place_that_reaches_no_cell_is_told():
    place = pd.DataFrame({"easting": [9000.0], "northing": [2000.0], "count": [1]})
    with pytest.raises(InputError, match="1 places have the middle of no cell within reach"):
        geoprofiles.hotspot_kde(place, half_plane(100), bandwidth=200, edge="diggle")

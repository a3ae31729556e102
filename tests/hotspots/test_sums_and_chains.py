"""The arrays under density and clusters: against direct sums, brute force and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.hotspots import kernels, neighbours
from geoprofiles.hotspots.clusters import label_places
from geoprofiles.hotspots.kernels import kernel_sums
from geoprofiles.hotspots.neighbours import blocks, chains, dense_places

KERNELS = pytest.mark.parametrize("kernel", ["quartic", "gaussian"])


@st.composite
def weighted_places(draw):
    """Up to 120 places in a kilometre: snapped to whole metres or tens, or distinct."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    number = draw(st.integers(1, 120))
    points = rng.uniform(0, 1000, (number, 2))
    snap = draw(st.sampled_from([None, 1, 10, 50]))
    if snap:
        points = np.round(points / snap) * snap
    weights = rng.integers(draw(st.integers(0, 1)), 9, number).astype(float)
    weights[0] = 1  # scikit-learn refuses weights that are all 0
    return points + (440_000, 110_000), weights


def direct_sum(targets, points, weights, bandwidth, kernel):
    squared = ((targets[:, None] - points[None]) ** 2).sum(axis=2) / bandwidth**2
    if kernel == "quartic":
        heights = 3 / np.pi * np.maximum(1 - squared, 0) ** 2
    else:
        heights = np.exp(-squared / 2) / (2 * np.pi)
    return heights @ weights / bandwidth**2


def lattice(side: float, extent: float = 1000) -> np.ndarray:
    levels = np.arange(side / 2, extent, side)
    return np.array(np.meshgrid(levels, levels)).reshape(2, -1).T + (440_000, 110_000)


def assert_exact(found, targets, points, weights, bandwidth, kernel):
    peak = direct_sum(points, points, weights, bandwidth, kernel).max()
    expected = direct_sum(targets, points, weights, bandwidth, kernel)
    assert np.abs(found - expected).max() <= 1e-9 * max(peak, expected.max())


@KERNELS
@settings(max_examples=40, deadline=None)
@given(weighted_places(), st.sampled_from([15, 60, 250, 3000]), st.sampled_from([37.3, 100]))
def test_sums_are_the_direct_sum_on_a_lattice_and_off_it(kernel, given_, bandwidth, side):
    points, weights = given_
    anyhow = np.random.default_rng(0).uniform(-100, 1100, (30, 2)) + (440_000, 110_000)
    targets = np.concatenate([anyhow, lattice(side)])
    found = kernel_sums(targets, points, weights, bandwidth, kernel)
    assert_exact(found, targets, points, weights, bandwidth, kernel)


@KERNELS
def test_blocks_change_no_sum(kernel, monkeypatch):
    rng = np.random.default_rng(4)
    points = rng.uniform(0, 1000, (400, 2)) + (440_000, 110_000)
    weights = rng.integers(1, 9, 400).astype(float)
    targets = np.concatenate([lattice(50), points[:40]])
    whole = kernel_sums(targets, points, weights, 120, kernel)
    monkeypatch.setattr(kernels, "PAIRS_AT_ONCE", 7)
    monkeypatch.setattr(kernels, "_PLACES_AT_ONCE", 3)
    np.testing.assert_allclose(kernel_sums(targets, points, weights, 120, kernel), whole, rtol=1e-9)
    monkeypatch.setattr(kernels, "_LARGEST_LATTICE", 0)
    np.testing.assert_allclose(kernel_sums(targets, points, weights, 120, kernel), whole, rtol=1e-9)


@KERNELS
def test_sums_far_from_all_places_and_of_none(kernel):
    targets = lattice(100)
    far = np.array([[900_000.0, 900_000.0], [0.0, 0.0]])
    assert (kernel_sums(targets, far, np.ones(2), 100, kernel) == 0).all()
    assert (kernel_sums(targets, far[:0], np.ones(0), 100, kernel) == 0).all()
    assert kernel_sums(targets[:0], far, np.ones(2), 100, kernel).shape == (0,)


def test_what_a_gaussian_leaves_out_is_below_the_stated_share():
    """The worst there is: all incidents on a ring just out of reach, and an empty middle."""
    turn = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    ring = np.column_stack([np.cos(turn), np.sin(turn)]) * (kernels.GAUSSIAN_REACH + 1e-6)
    missed = direct_sum(np.zeros((1, 2)), ring, np.ones(len(ring)), 1, "gaussian")
    peak = direct_sum(ring[:1], ring, np.ones(len(ring)), 1, "gaussian")
    assert missed[0] < 1e-9 * peak[0]


@KERNELS
def test_density_of_clipped_cells_is_the_direct_sum(kernel):
    areas = toy.areas(shift=17.7).rotate(20, origin=(toy.WEST, toy.SOUTH)).to_frame("geometry")
    grid = geoprofiles.grid_over(areas.assign(area_name="Mill"), cell=70)
    rng = np.random.default_rng(3)
    offsets = np.column_stack([rng.uniform(-1000, 3000, (500, 2)), rng.integers(1, 20, 500)])
    places = toy.places(offsets)
    points = places[["easting", "northing"]].to_numpy()
    found = geoprofiles.hotspot_kde(places, grid, bandwidth=200, kernel=kernel)
    targets = shapely.get_coordinates(shapely.centroid(grid.geometry.to_numpy()))
    inside = shapely.intersects_xy(grid.geometry.to_numpy(), targets)
    assert inside.mean() > 0.9
    per_m2 = found["density"].to_numpy() / 1e6
    weights = places["count"].to_numpy(dtype=float)
    assert_exact(per_m2[inside], targets[inside], points, weights, 200, kernel)
    assert grid.columns.tolist() == found.columns.drop("density").tolist()


def brute_force(points, weights, eps, least):
    """Mark core places and label them, by the definition."""
    squared = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    near = squared <= eps**2
    core = near @ weights >= least
    labels = np.full(len(points), -1)
    for start in np.flatnonzero(core):
        if labels[start] < 0:
            reached = np.zeros(len(points), dtype=bool)
            reached[start] = True
            while True:
                wider = reached | (core & near[reached].any(axis=0))
                if (wider == reached).all():
                    break
                reached = wider
            labels[reached] = labels.max() + 1
    return labels, core


def same_sets(one, other):
    return len(set(zip(one, other, strict=True))) == len(set(one)) == len(set(other))


@settings(max_examples=80, deadline=None)
@given(
    weighted_places(),
    st.sampled_from([5, 10, 50, 70.7, 100, 300, 2000]),
    st.integers(1, 60),
    st.sampled_from([1, 40, neighbours.PAIRS_AT_ONCE]),
)
def test_clusters_are_those_of_the_definition_and_of_scikit_learn(given_, eps, least, at_once):
    from sklearn.cluster import DBSCAN

    points, weights = given_
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "PAIRS_AT_ONCE", at_once)
        labels, core = label_places(points, weights, eps, least)
    by_hand, expected = brute_force(points, weights, eps, least)
    theirs = DBSCAN(eps=eps, min_samples=least).fit(points, sample_weight=weights)
    assert (core == expected).all()
    assert (np.flatnonzero(core) == theirs.core_sample_indices_).all()
    assert ((labels < 0) == (theirs.labels_ < 0)).all()
    assert same_sets(labels[core], by_hand[core])
    assert same_sets(labels[core], theirs.labels_[core])


@settings(max_examples=40, deadline=None)
@given(weighted_places(), st.sampled_from([10, 50, 150]), st.integers(1, 40), st.randoms())
def test_the_order_of_rows_changes_no_label(given_, eps, least, random):
    points, weights = given_
    order = random.sample(range(len(points)), len(points))
    labels, core = label_places(points, weights, eps, least)
    again, core_again = label_places(points[order], weights[order], eps, least)
    assert (again == labels[order]).all()
    assert (core_again == core[order]).all()


def test_labels_rise_from_the_west():
    points = np.array([[900.0, 0], [0, 0], [500, 0], [500, 10]])
    assert label_places(points, np.ones(4), 20, 1)[0].tolist() == [2, 0, 1, 1]


def test_a_place_between_clusters_goes_to_the_nearest():
    points = np.array([[-50.0, 0], [0, 0], [55, 0], [105, 0], [150, 0]])
    labels, core = label_places(points, np.array([9.0, 1, 0, 1, 9]), 60, 10)
    assert core.tolist() == [True, True, False, True, True]
    assert labels.tolist() == [0, 0, 1, 1, 1]


def test_just_within_reach_is_near_and_just_beyond_is_not():
    points = np.array([[0.0, 0], [30, 40], [60, 80.001]])
    assert chains(points, 50).tolist() == [0, 0, 1]
    assert dense_places(points, np.ones(3), 50, 2).tolist() == [True, True, False]


@pytest.mark.parametrize(("gap", "sets"), [(49.9, 1), (50.1, 2)])
@pytest.mark.parametrize("at_once", [100, neighbours.PAIRS_AT_ONCE])
def test_two_crowds_are_chained_by_one_pair(gap, sets, at_once, monkeypatch):
    """Two crowds in neighbouring cells, too many for one block, that only one pair can join."""
    monkeypatch.setattr(neighbours, "PAIRS_AT_ONCE", at_once)
    rng = np.random.default_rng(1)
    west = rng.uniform([0, 0], [10, 30], (60, 2))
    east = rng.uniform([70, 0], [80, 30], (60, 2))
    points = np.concatenate([west, [[10, 15]], [[10 + gap, 15]], east])
    found = chains(points, 50)
    assert found.max() + 1 == sets
    assert len(set(found[:61])) == len(set(found[61:])) == 1


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 20))
def test_blocks_cover_all_in_turn_within_bounds(sizes, most):
    sizes = np.array(sizes, dtype=int)
    cut = list(blocks(sizes, most))
    assert [at for one in cut for at in range(len(sizes))[one]] == list(range(len(sizes)))
    for one in cut:
        assert sizes[one].sum() <= most or one.stop - one.start == 1

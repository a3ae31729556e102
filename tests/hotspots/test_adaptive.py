"""Adaptive density against sparr, brute force and the density with one bandwidth."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from shapely import box

import geoprofiles
from geoprofiles.errors import CRSError, InputError
from geoprofiles.hotspots.adaptive import local_bandwidths
from geoprofiles.hotspots.density import cell_points

WIDE, HIGH = 3000, 2000


def grid(cell):
    corner = np.array([toy.WEST, toy.SOUTH])
    areas = geopandas.GeoDataFrame(
        {"area_name": ["Mill"]},
        geometry=[box(*corner, *(corner + [WIDE, HIGH]))],
        index=pd.Index(["A"], name="area_code"),
        crs=27700,
    )
    return geoprofiles.grid_over(areas, cell=cell)


@pytest.fixture(scope="module")
def places():
    frame = pd.read_csv(Path(__file__).parents[1] / "worked" / "density_points.csv")
    return toy.places(np.column_stack([frame, np.ones(len(frame))]).tolist())


def by_hand(points, targets, counts, own):
    """Add up Gaussians of widths of their own, each scaled to lie within the rectangle."""
    own = np.broadcast_to(own, len(points))
    mass = np.prod(
        [
            norm.cdf((high - points[:, axis]) / own) - norm.cdf(-points[:, axis] / own)
            for axis, high in ((0, WIDE), (1, HIGH))
        ],
        axis=0,
    )
    squared = ((targets[:, None] - points[None]) ** 2).sum(axis=2)
    return (np.exp(-squared / 2 / own**2) / (2 * np.pi * own**2) * counts / mass).sum(axis=1)


def test_local_bandwidths_are_those_of_sparr(places):
    """R: bivariate.density(X, h0 = 200, adapt = TRUE, edge = "diggle", resolution = 400)$h."""
    theirs = [300.765, 229.630, 305.592, 179.347, 190.007, 189.711, 218.133, 171.763, 221.516,
              218.654, 249.318]  # fmt: skip
    points = places[["easting", "northing"]].to_numpy()
    found = local_bandwidths(points, np.ones(len(points)), grid(50), 200, "gaussian", 200, 5)
    # Theirs are read off pixels.
    np.testing.assert_allclose(found[::30], theirs, rtol=0.01)


def test_the_surface_is_that_of_sparr(places):
    """R: the density of the same call, per km², at 24 points; its bandwidths are read off pixels
    and dealt to groups, ours agree with brute force in the next test.
    """
    theirs = [53.89945, 58.75516, 30.02950, 30.58313, 20.72020, 50.71123, 52.60844, 34.47822,
              15.93114, 49.09371, 45.22387, 59.61256, 148.25018, 54.92940, 14.80892, 70.95867,
              95.88560, 87.71288, 92.68128, 33.65966, 27.58218, 28.93684, 33.16077,
              40.12749]  # fmt: skip
    at = [(x, y) for y in (150, 650, 1150, 1650) for x in (150, 550, 1050, 1550, 2050, 2550)]
    cells = grid(100)
    surface = geoprofiles.adaptive_kde(places, cells, bandwidth=200, kernel="gaussian")
    centres = pd.MultiIndex.from_arrays((cell_points(cells) - [toy.WEST, toy.SOUTH]).T)
    found = surface["density"].set_axis(centres)[at]
    np.testing.assert_allclose(found, theirs, rtol=0.03)


def test_the_surface_is_the_direct_sum(places):
    rng = np.random.default_rng(2)
    places = places.assign(count=rng.integers(1, 5, len(places)))
    cells = grid(50)
    surface = geoprofiles.adaptive_kde(
        places, cells, bandwidth=200, kernel="gaussian", pilot=300, years=0.5
    )
    corner = [toy.WEST, toy.SOUTH]
    points = places[["easting", "northing"]].to_numpy() - corner
    counts = places["count"].to_numpy()
    first = by_hand(points, points, counts, 300.0)
    own = 200 * np.exp(-(np.log(first) - (np.log(first) * counts).sum() / counts.sum()) / 2)
    expected = by_hand(points, cell_points(cells) - corner, counts, own) * 1e6 / 0.5
    np.testing.assert_allclose(surface["density"], expected, rtol=2e-3)
    assert surface.attrs["narrowest"] == pytest.approx(own.min(), rel=1e-3)
    assert surface.attrs["widest"] == pytest.approx(own.max(), rel=1e-3)


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
def test_without_room_it_is_the_density_of_one_bandwidth(places, kernel):
    cells = grid(100)
    adaptive = geoprofiles.adaptive_kde(places, cells, bandwidth=400, kernel=kernel, trim=1)
    fixed = geoprofiles.hotspot_kde(places, cells, bandwidth=400, kernel=kernel, edge="diggle")
    np.testing.assert_allclose(adaptive["density"], fixed["density"])


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 60), st.sampled_from(["gaussian", "quartic"]))
def test_the_total_is_kept_and_folding_changes_nothing(seed, number, kernel):
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, [WIDE, HIGH], (number, 2))
    counts = rng.integers(1, 6, number)
    cells = grid(200)
    folded = toy.places(np.column_stack([xy, counts]).tolist())
    found = geoprofiles.adaptive_kde(folded, cells, bandwidth=900, kernel=kernel, trim=3)
    assert (found["density"] * found["area_km2"]).sum() == pytest.approx(counts.sum())
    rows = toy.places(np.column_stack([xy, np.ones(number)]).repeat(counts, axis=0).tolist())
    again = geoprofiles.adaptive_kde(rows, cells, bandwidth=900, kernel=kernel, trim=3)
    np.testing.assert_allclose(found["density"], again["density"], rtol=1e-7)


def test_peaks_are_sharper_and_outskirts_flatter(places):
    heap = pd.concat([toy.places([(1500, 1000, 300), (1550, 1000, 300), (300, 300, 1)])])
    cells = grid(50)
    adaptive = geoprofiles.adaptive_kde(heap, cells, bandwidth=400)["density"]
    fixed = geoprofiles.hotspot_kde(heap, cells, bandwidth=400, edge="diggle")["density"]
    assert adaptive.max() > 1.01 * fixed.max()
    outskirts = cell_points(cells)[:, 0] < toy.WEST + 800
    assert adaptive[outskirts].max() < 0.2 * fixed[outskirts].max()


@pytest.mark.parametrize(
    ("rows", "more", "told"),
    [
        ([], {}, "there is no incident"),
        ([(5, 5, 0)], {}, "there is no incident"),
        ([(5, 5, 1)], {"trim": 0.5}, "'trim' must be at least 1"),
        ([(5, 5, 1)], {"pilot": -1}, "'pilot' must be a number above 0"),
        ([(5, 5, 1)], {"bandwidth": 0}, "'bandwidth' must be a number above 0"),
        ([(5, 5, 1)], {"kernel": "cone"}, "'kernel' cannot be 'cone'"),
        ([(5, 5, 1)], {"bandwidth": 20}, "the middle of no cell within reach of 20 m"),
        ([(5, 5, -1)], {}, "negative or missing"),
    ],
)
def test_what_cannot_be_answered_is_refused(rows, more, told):
    with pytest.raises(InputError, match=told):
        geoprofiles.adaptive_kde(toy.places(rows), grid(200), **{"bandwidth": 400, **more})


def test_no_kernel_is_narrower_than_a_cell():
    """Else it would fall between the middles of cells and be lost."""
    outskirts = [(x, y, 1) for x in range(50, 3000, 100) for y in range(1000, 2000, 100)]
    heap = toy.places([(101, 101, 100), *outskirts])
    surface = geoprofiles.adaptive_kde(heap, grid(200), bandwidth=250, trim=10)
    assert surface.attrs["narrowest"] == pytest.approx(200)
    assert (surface["density"] * surface["area_km2"]).sum() == pytest.approx(400)


def test_one_place_keeps_the_bandwidth_and_other_metres_are_refused():
    one = toy.places([(1500, 1000, 7)])
    surface = geoprofiles.adaptive_kde(one, grid(100), bandwidth=400)
    assert surface.attrs["note"] == "Bandwidths range from 400 to 400 m; 400 m is typical."
    one.attrs["crs"] = "EPSG:32630"
    with pytest.raises(CRSError, match="Read both with the same crs"):
        geoprofiles.adaptive_kde(one, grid(100), bandwidth=400)

"""Bandwidths against R (MASS, spatstat), closed forms and brute force."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
import toy
from scipy.special import logsumexp
from scipy.stats import norm
from shapely import Point, box

import geoprofiles
from geoprofiles.errors import CRSError, InputError
from geoprofiles.hotspots import bandwidths
from geoprofiles.hotspots.edges import mass_within

POINTS = Path(__file__).parents[1] / "worked" / "density_points.csv"


def worked_places(count=1):
    frame = pd.read_csv(POINTS)
    rows = np.column_stack([frame, np.resize(count, len(frame))])
    return toy.places(rows.tolist())


def ground(shape=None):
    shape = shape or box(0, 0, 3000, 2000).difference(box(1000, 500, 1300, 900))
    return geopandas.GeoDataFrame(
        {"area_name": ["Mill"]},
        geometry=[shapely.transform(shape, lambda at: at + [toy.WEST, toy.SOUTH])],
        index=pd.Index(["A"], name="area_code"),
        crs=27700,
    )


def in_boxes(points, deviation, *boxes):
    """The mass within boxes that are added, or taken away where the sign is -1: closed form."""
    total = 0
    for sign, west, south, east, north in boxes:
        sides = [
            norm.cdf((high - points[:, axis]) / deviation)
            - norm.cdf((low - points[:, axis]) / deviation)
            for axis, low, high in ((0, west, east), (1, south, north))
        ]
        total = total + sign * sides[0] * sides[1]
    return total


@pytest.mark.parametrize("deviation", [20, 300, 5000])
def test_mass_within_an_outline_with_a_hole_and_an_island_is_the_closed_form(deviation):
    rng = np.random.default_rng(0)
    points = rng.uniform([0, 0], [3000, 2000], (300, 2))
    points[:2] = [0, 700], [1300, 600]  # on the outline, and on the hole's
    shape = box(0, 0, 3000, 2000).difference(box(1000, 500, 1300, 900)).union(
        box(4000, 0, 5000, 500)
    )  # fmt: skip
    expected = in_boxes(
        points,
        deviation,
        (1, 0, 0, 3000, 2000),
        (-1, 1000, 500, 1300, 900),
        (1, 4000, 0, 5000, 500),
    )
    # Simplified by 25 m of 5 km: that is the error allowed.
    loose = 1e-9 if deviation < 5000 else 0.002
    np.testing.assert_allclose(mass_within(points, shape, deviation), expected, atol=loose)


def test_mass_within_a_round_outline_is_the_closed_form():
    """A Gaussian in the middle of a disc has 1 - exp(-r²/2s²) in it."""
    disc = Point(0, 0).buffer(500, quad_segs=200)
    found = mass_within(np.zeros((1, 2)), disc, 300.0)
    assert found[0] == pytest.approx(1 - np.exp(-(500**2) / 2 / 300**2), abs=1e-3)


def test_the_normal_rule_is_that_of_mass():
    """R: MASS::bandwidth.nrd of x and y, alone and with points repeated as often as counted."""
    for count, (x, y) in ((1, (1342.858, 717.526)), ([1, 1, 1, 2, 3], (1210.381, 660.1759))):
        places = worked_places(count)
        assert geoprofiles.bandwidth_nrd(places) == pytest.approx((x + y) / 2 / 4, rel=1e-6)
        quartic = geoprofiles.bandwidth_nrd(places, kernel="quartic")
        assert quartic == pytest.approx((x + y) / 8 * 8**0.5, rel=1e-6)


def test_the_normal_rule_with_half_on_one_line():
    """The interquartile range of northings is 0 there, and the standard deviation is taken."""
    places = toy.places([(0, 5, 1), (100, 5, 1), (200, 5, 1), (300, 5, 1), (400, 9, 1)])
    east = 1.06 * min(np.std([0, 100, 200, 300, 400], ddof=1), 200 / 1.34) * 5**-0.2
    north = 1.06 * np.std([5, 5, 5, 5, 9], ddof=1) * 5**-0.2
    assert geoprofiles.bandwidth_nrd(places) == pytest.approx((east + north) / 2)


def test_the_likelihood_is_that_of_spatstat():
    """R: sum(log(density(X, sigma, at = "points", leaveoneout = TRUE, diggle = TRUE)))."""
    theirs = {50: -3131.263, 75: -3017.901, 100: -2986.276, 150: -2968.359, 200: -2968.1,
              300: -2980.376, 500: -2999.92}  # fmt: skip
    places, areas = worked_places(), ground()
    found = geoprofiles.bandwidth_likelihood(places, areas, bandwidths=list(theirs))
    number = len(places)
    per_m2 = (number - 1) / float(areas.area.sum())
    ours = number * (found["score"] + np.log(per_m2))
    # Theirs has the edge from pixels.
    np.testing.assert_allclose(ours, list(theirs.values()), atol=0.35)


def test_the_choice_is_that_of_spatstat():
    """R: bw.ppl(X, srange = c(40, 600), ns = 32) gives 176.6092."""
    tried = np.geomspace(40, 600, 32).tolist()
    found = geoprofiles.bandwidth_likelihood(worked_places(), ground(), bandwidths=tried)
    assert found.attrs["chosen"] == pytest.approx(176.6092, rel=1e-6)
    assert found.attrs["as_good"][0] < 177 < found.attrs["as_good"][1]
    own = geoprofiles.bandwidth_likelihood(worked_places(), ground())
    assert own.attrs["chosen"] == 180
    assert "Next best: 150 m. From 150 to 210 m chance" in own.attrs["note"]


def test_places_with_counts_are_left_out_whole():
    """Brute force, place by place, with the edge of a rectangle in closed form."""
    rng = np.random.default_rng(3)
    points = rng.uniform([0, 0], [3000, 2000], (40, 2)).round()
    counts = rng.integers(1, 6, 40)
    places = toy.places(np.column_stack([points, counts]).tolist())
    found = geoprofiles.bandwidth_likelihood(
        places, ground(box(0, 0, 3000, 2000)), bandwidths=[30, 400]
    )
    for deviation, score in zip([30, 400], found["score"], strict=True):
        mass = in_boxes(points, deviation, (1, 0, 0, 3000, 2000))
        total = 0.0
        for one in range(40):
            rest = np.arange(40) != one
            squared = ((points[rest] - points[one]) ** 2).sum(axis=1) / deviation**2
            heights = logsumexp(-squared / 2, b=counts[rest] / mass[rest])
            density = heights - np.log(2 * np.pi * deviation**2) - np.log(counts[rest].sum())
            total += counts[one] * (density + np.log(6e6))
        # At 30 m most places have no other within reach.
        assert score == pytest.approx(total / counts.sum(), rel=1e-6)


def test_stacked_places_do_not_drive_it_to_nothing():
    """Snapped to 100 m, many share a point; taken one by one, 1 m would be likeliest."""
    places = worked_places()
    for axis in ("easting", "northing"):
        places[axis] = (places[axis] / 100).round() * 100
    inside = places[geoprofiles.areas.locate.locate_points(
        places["easting"], places["northing"], ground()) >= 0]  # fmt: skip
    assert inside.duplicated(["easting", "northing"]).sum() > 50
    tried = [1, 10, 50, 100, 180, 300]
    found = geoprofiles.bandwidth_likelihood(inside, ground(), bandwidths=tried)
    assert found.attrs["chosen"] == 180
    counted = geoprofiles.distinct_places(inside.assign(month=pd.Timestamp("2026-01-01")))
    again = geoprofiles.bandwidth_likelihood(counted, ground(), bandwidths=tried)
    pd.testing.assert_frame_equal(found, again)
    assert geoprofiles.bandwidth_nrd(inside) == pytest.approx(geoprofiles.bandwidth_nrd(counted))


def test_a_lonely_place_rules_out_no_bandwidth():
    places = pd.concat([worked_places(), toy.places([(9000, 9000, 1)])], ignore_index=True)
    areas = ground(box(0, 0, 10_000, 10_000))
    found = geoprofiles.bandwidth_likelihood(places, areas, bandwidths=[20, 100, 150])
    assert np.isfinite(found["score"]).all()
    assert found.attrs["chosen"] == 150
    assert "greatest that was tried" in found.attrs["note"]


def test_the_quartic_smooths_as_much():
    tried = [100.0, 200.0]
    gaussian = geoprofiles.bandwidth_likelihood(worked_places(), ground(), bandwidths=tried)
    radii = [one * 8**0.5 for one in tried]
    quartic = geoprofiles.bandwidth_likelihood(
        worked_places(), ground(), bandwidths=radii, kernel="quartic"
    )
    np.testing.assert_allclose(gaussian["score"], quartic["score"])
    assert quartic.attrs["chosen"] == pytest.approx(gaussian.attrs["chosen"] * 8**0.5)


def test_of_many_places_some_are_drawn(monkeypatch):
    monkeypatch.setattr(bandwidths, "MOST", 150)
    done = []
    found = geoprofiles.bandwidth_likelihood(
        worked_places(),
        ground(),
        bandwidths=[50, 180, 1000],
        progress=lambda one, all_: done.append((one, all_)),
    )
    assert (found.attrs["places"], found.attrs["chosen"]) == (150, 180)
    assert done == [(1, 3), (2, 3), (3, 3)]


def test_an_even_spread_is_told():
    rng = np.random.default_rng(5)
    places = toy.places(np.column_stack([rng.uniform(0, 2000, (200, 2)), np.ones(200)]).tolist())
    found = geoprofiles.bandwidth_likelihood(
        places, ground(box(0, 0, 3000, 2000).union(box(0, 0, 2000, 2000))), bandwidths=[30, 40]
    )
    assert "No bandwidth tells more of each place than an even spread" in found.attrs["note"]


@pytest.mark.parametrize(
    ("places", "more", "told"),
    [
        (toy.places([]), {}, "0 distinct places are too few"),
        (toy.places([(5, 5, 9), (5, 5, 1), (9, 5, 1)]), {}, "2 distinct places are too few"),
        (toy.places([(-900, 5, 9), (-800, 5, 1), (-700, 5, 1)]), {}, "0 distinct places"),
        (worked_places(), {"bandwidths": []}, "no bandwidth was given"),
        (worked_places(), {"bandwidths": [100, -5]}, "'bandwidths' must be a number above 0"),
        (worked_places(), {"kernel": "round"}, "'kernel' cannot be 'round'"),
        (worked_places().assign(count=-1), {}, "negative or missing"),
        (worked_places().assign(easting=1.0, northing=50.0), {}, "look like degrees"),
    ],
)
def test_what_cannot_be_answered_is_refused(places, more, told):
    with pytest.raises(InputError, match=told):
        geoprofiles.bandwidth_likelihood(places, ground(), **more)


def test_other_metres_are_refused():
    places = worked_places()
    places.attrs["crs"] = "EPSG:32630"
    with pytest.raises(CRSError, match="Read both with the same crs"):
        geoprofiles.bandwidth_likelihood(places, ground())


def test_the_rule_refuses_too_few():
    with pytest.raises(InputError, match="2 distinct places are too few"):
        geoprofiles.bandwidth_nrd(toy.places([(0, 0, 5), (9, 9, 5)]))


@pytest.mark.real
def test_snapping_robberies_to_blocks_does_not_narrow_the_bandwidth(shared_data):
    """Rules made for the distance between points fall from 57 to 7 m here (Diggle and Berman)."""
    from scipy.spatial import cKDTree

    folder = shared_data / "benchmarks"
    precincts = geopandas.read_file(folder / "memphis_police_precincts.geojson").to_crs(32616)
    areas = geopandas.GeoDataFrame(
        {"area_name": ["Memphis"]}, geometry=[precincts.union_all()], index=["M"], crs=32616
    )
    robberies, blocks = (
        geopandas.GeoSeries(
            geopandas.points_from_xy(frame["longitude"], frame["latitude"]), crs=4326
        )
        .to_crs(32616)
        .get_coordinates()
        .to_numpy()
        for frame in (
            pd.read_csv(folder / "memphis_robberies_2019.csv"),
            pd.read_csv(folder / "memphis_block_population.csv.gz"),
        )
    )
    snapped = blocks[cKDTree(blocks).query(robberies)[1]]
    for points in (robberies, snapped):
        places = pd.DataFrame(points, columns=["easting", "northing"]).assign(count=1)
        found = geoprofiles.bandwidth_likelihood(places, areas, bandwidths=[7, 60, 370, 2000])
        assert found.attrs["chosen"] == 370

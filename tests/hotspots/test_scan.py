"""Scan statistics: against spatstat, all circles by brute force, exact laws, planted truth."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from shapely import box

import geoprofiles
from geoprofiles.errors import CRSError, InputError
from geoprofiles.hotspots.draws import draws
from geoprofiles.hotspots.likelihood import bernoulli_ratio, poisson_ratio
from geoprofiles.hotspots.resolution import map_points
from geoprofiles.hotspots.scan import scan_bernoulli, scan_poisson
from geoprofiles.hotspots.scan_zones import circles_around, first_screen, strongest, thinned

WORKED = Path(__file__).parents[1] / "worked"
ALL = 1e-6
"""A step so small that no circle is passed over."""

AREAS = geopandas.GeoDataFrame(
    {"area_name": ["West", "East"]},
    geometry=[box(0, 0, 3000, 3000), box(3000, 0, 6000, 3000)],
    index=pd.Index(["W", "E"], name="area_code"),
    crs=27700,
)


def places(points, counts=1):
    frame = pd.DataFrame(points, columns=["easting", "northing"], dtype=float)
    frame["count"] = counts
    frame = frame.groupby(["easting", "northing"], as_index=False)["count"].sum()
    frame.attrs["crs"] = "EPSG:27700"
    return frame


def spots(rng, number=60):
    return rng.uniform([100, 100], [5900, 2900], (number, 2)).round()


def all_circles(points, size, *, max_size, max_radius):
    """Every circle around a point that ends at a point: its centre, radius and members."""
    for centre in range(len(points)):
        far = np.hypot(*(points - points[centre]).T)
        for metres in np.unique(far):
            held = far <= metres
            if metres <= max_radius and size[held].sum() <= max_size:
                yield centre, metres, held


# -- against others ----------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["poisson", "bernoulli"])
def test_ratios_are_those_of_spatstat(model):
    table = pd.read_csv(WORKED / "scan_lattice.csv")
    points = table[["easting", "northing"]].to_numpy(dtype=float)
    cases, total = table["cases"].to_numpy(), table["cases"].sum()
    size = table["at_risk"] if model == "poisson" else table["cases"] + table["controls"]
    size = size.to_numpy(dtype=float)
    compared = 0
    for some in circles_around(points, size, points, max_size=1e9, max_radius=250, step=ALL):
        starts, held = some.starts(), np.append(0, np.cumsum(cases[some.members]))
        count = held[some.edges[1:]] - held[starts]
        if model == "poisson":
            llr = poisson_ratio(count, some.size * total / size.sum(), total)
        else:
            llr = bernoulli_ratio(count, some.size, total, size.sum())
        for radius in (120, 160, 240):
            # The widest circle of each centre that is within the radius.
            inner = np.flatnonzero(some.metres <= radius)
            last = inner[np.append(np.diff(some.centre[inner]) != 0, True)]
            expected = table[f"{model}_{radius}"].to_numpy()[some.centre[last]]
            np.testing.assert_allclose(2 * llr[last], expected, atol=2e-6)
            compared += len(last)
    assert compared == 3 * 144


def test_the_strongest_circle_is_that_of_spatstat():
    table = pd.read_csv(WORKED / "scan_lattice.csv").astype(float)
    areas = geopandas.GeoDataFrame(
        {"area_name": ["Lattice"]},
        geometry=[box(450000, 60000, 451200, 61200)],
        index=["L"],
        crs=27700,
    )
    columns = ["easting", "northing", "count"]
    cases, controls, at_risk = (
        table.rename(columns={name: "count"})[columns] for name in ("cases", "controls", "at_risk")
    )
    caps = {"max_radius": 160, "max_share": 0.5, "simulations": 99}
    found = scan_poisson(cases, areas, at_risk, **caps).iloc[0]
    assert 2 * found["llr"] == pytest.approx(table["poisson_160"].max(), abs=1e-6)
    assert np.hypot(found["easting"] - 450850, found["northing"] - 60450) < 1
    assert found["radius_m"] == pytest.approx(100 * 2**0.5)
    assert found["p"] == 0.01
    found = scan_bernoulli(cases, controls, areas, **caps).iloc[0]
    assert 2 * found["llr"] == pytest.approx(table["bernoulli_160"].max(), abs=1e-6)
    assert found["p"] == 0.01


def test_each_draw_is_judged_by_all_its_circles():
    rng = np.random.default_rng(3)
    points, weights = spots(rng), rng.gamma(1, 1, 60)
    size, total = weights / weights.sum() * 150, 150
    (counts,) = draws(weights, total, 40, rng, most=40)
    caps = {"max_size": 0.3 * total, "max_radius": 1500}
    ratio = partial(poisson_ratio, total=total)
    found = strongest(
        circles_around(points, size, points, step=ALL, **caps),
        np.ascontiguousarray(counts.T),
        ratio,
        first_screen(ratio, total, total),
    )
    every = list(all_circles(points, size, **caps))
    assert len(every) > 600
    for draw, best in zip(counts, found, strict=True):
        by_hand = max(
            float(poisson_ratio(draw[held].sum(), size[held].sum(), total)) for *_, held in every
        )
        assert best == pytest.approx(by_hand, rel=1e-12)


def test_clusters_and_their_p_by_brute_force():
    """Equal weights, so that few circles differ by under a twentieth and none is passed over."""
    rng = np.random.default_rng(5)
    points = spots(rng)
    at_risk = places(points, 2.0)
    points = at_risk[["easting", "northing"]].to_numpy()
    hot = np.hypot(*(points - points[30]).T) < 700
    now = places(points[rng.choice(60, 90, p=np.where(hot, 6, 1) / np.where(hot, 6, 1).sum())])
    found = scan_poisson(
        now, AREAS, at_risk, map_points=at_risk, max_share=0.3, max_radius=1500, simulations=199
    )
    counts = at_risk.merge(now, on=["easting", "northing"], how="left")["count_y"].fillna(0)
    size = np.full(60, 1.5)
    circles = []
    for centre, metres, held in all_circles(points, size, max_size=27, max_radius=1500):
        llr = float(poisson_ratio(counts[held].sum(), size[held].sum(), 90))
        circles.append((-round(llr, 9), round(metres, 3), *points[centre], held))
    circles.sort(key=lambda one: one[:4])
    apart = []
    for one in circles:
        if all(np.hypot(one[2] - o[2], one[3] - o[3]) > one[1] + o[1] for o in apart):
            apart.append(one)
    ours = found[["llr", "radius_m", "easting", "northing"]].to_numpy()
    theirs = [(-llr, metres, x, y) for llr, metres, x, y, _ in apart[: len(found)]]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    largest = [
        max(float(poisson_ratio(d[o[4]].sum(), size[o[4]].sum(), 90)) for o in circles)
        for d in next(draws(np.ones(60), 90, 199, np.random.default_rng(0), most=199))
    ]
    for llr, p in zip(found["llr"], found["p"], strict=True):
        assert p == pytest.approx((1 + sum(one >= llr - 1e-9 for one in largest)) / 200)
    assert found["incidents"].tolist() == [counts[one[4]].sum() for one in apart[: len(found)]]


# -- exact laws --------------------------------------------------------------------------------

TWO = np.array([[1000.0, 1000.0], [5000.0, 1000.0]])


def test_p_of_two_places_is_that_of_the_binomial():
    """Only two circles, each of one place: the larger count is all there is."""
    for more in (31, 34, 38):
        now = places(TWO, [more, 60 - more])
        found = scan_poisson(
            now, AREAS, places(TWO), max_share=0.5, max_radius=500, simulations=9999
        )
        exact = 2 * stats.binom.sf(more - 1, 60, 0.5)
        assert found["p"].iloc[0] == pytest.approx(exact, abs=0.015)
        assert found["llr"].iloc[0] == pytest.approx(
            more * np.log(more / 30) + (60 - more) * np.log((60 - more) / 30)
        )


def test_p_of_two_places_with_controls_is_hypergeometric():
    for more in (12, 14, 16):
        found = scan_bernoulli(
            places(TWO, [more, 20 - more]), places(TWO, [40 - more, 20 + more]), AREAS,
            max_share=0.5, max_radius=500, simulations=9999,
        )  # fmt: skip
        exact = 2 * stats.hypergeom.sf(more - 1, 80, 20, 40)
        assert found["p"].iloc[0] == pytest.approx(exact, abs=0.015)
        assert found["controls"].iloc[0] == 40 - more
        assert found["expected"].iloc[0] == 10


@given(
    st.lists(st.tuples(st.integers(4, 59), st.integers(1, 29), st.integers(1, 4)), min_size=2),
    st.randoms(use_true_random=False),
)
@settings(max_examples=15, deadline=None)
def test_folding_order_and_moving_change_nothing(rows, random):
    points = np.array([row[:2] for row in rows]) * 100.0
    counts = np.array([row[2] for row in rows])
    several = pd.DataFrame(np.repeat(points, counts, axis=0), columns=["easting", "northing"])
    several["count"] = 1
    shuffled = several.iloc[random.sample(range(len(several)), len(several))]
    homes = places(np.random.default_rng(1).integers(1, 29, (40, 2)) * [200, 100])
    options = {"max_share": 0.3, "simulations": 19}
    columns = ["incidents", "places", "expected", "ratio", "llr", "p", "radius_m"]
    one = scan_poisson(places(points, counts), AREAS, homes, **options)
    two = scan_poisson(shuffled, AREAS, homes.sample(frac=1, random_state=1), **options)
    pd.testing.assert_frame_equal(one[columns], two[columns])
    away = np.array([431_700.25, 87_100.5])
    moved = AREAS.set_geometry(AREAS.translate(*away))
    there = homes.assign(easting=homes["easting"] + away[0], northing=homes["northing"] + away[1])
    three = scan_poisson(places(points + away, counts), moved, there, **options)
    pd.testing.assert_frame_equal(one[columns], three[columns], rtol=1e-6)
    if len(one):
        np.testing.assert_allclose(one["easting"] + away[0], three["easting"])


def test_blocks_of_draws_do_not_change_them(monkeypatch):
    rng = np.random.default_rng(8)
    at_risk, now = places(spots(rng)), places(spots(rng, 80))
    options = {"max_share": 0.3, "simulations": 49}
    one = scan_poisson(now, AREAS, at_risk, **options)
    monkeypatch.setattr("geoprofiles.hotspots.scan_found.NUMBERS_AT_ONCE", 7 * 60)
    monkeypatch.setattr("geoprofiles.hotspots.scan_zones.NEIGHBOURS_AT_ONCE", 50)
    told = []
    two = scan_poisson(now, AREAS, at_risk, progress=lambda *seen: told.append(seen), **options)
    pd.testing.assert_frame_equal(one, two)
    assert one.attrs == two.attrs
    assert told == [(done, 49) for done in range(7, 50, 7)]


# -- what comes about by chance, and what was planted ----------------------------------------


def test_by_chance_hardly_ever_is_any_circle_significant():
    rng = np.random.default_rng(12)
    at_risk = places(spots(rng, 150), rng.integers(1, 9, 150).astype(float))
    points = at_risk[["easting", "northing"]].to_numpy()
    poisson = bernoulli = 0
    for _ in range(40):
        by = at_risk["count"] / at_risk["count"].sum()
        now, others = (places(points[rng.choice(150, n, p=by)]) for n in (200, 300))
        options = {"simulations": 99, "seed": int(rng.integers(1_000_000)), "max_share": 0.1}
        found = scan_poisson(now, AREAS, at_risk, map_points=at_risk, **options)
        poisson += bool(found["significant"].any())
        found = scan_bernoulli(now, others, AREAS, **options)
        bernoulli += bool(found["significant"].any())
    assert max(poisson, bernoulli) <= 6  # 2 are expected; 7 or more come once in 300


def test_two_planted_hot_spots_are_found_and_circles_do_not_overlap():
    rng = np.random.default_rng(2)
    at_risk = places(spots(rng, 400), rng.integers(1, 9, 400).astype(float))
    points = at_risk[["easting", "northing"]].to_numpy()
    weights = at_risk["count"].to_numpy().copy()
    planted = [(1200.0, 1500.0), (4400.0, 1200.0)]
    for middle, times in zip(planted, (9, 6), strict=True):
        weights[np.hypot(*(points - middle).T) < 350] *= times
    now = places(points[rng.choice(400, 500, p=weights / weights.sum())])
    found = scan_poisson(now, AREAS, at_risk, map_points=at_risk, simulations=199)
    sure = found[found["significant"]]
    for middle in planted:
        far = np.hypot(sure["easting"] - middle[0], sure["northing"] - middle[1])
        assert far.min() < 350
    at, metres = found[["easting", "northing"]].to_numpy(), found["radius_m"].to_numpy()
    for one in range(len(found)):
        far = np.hypot(*(at[one + 1 :] - at[one]).T)
        assert (far > metres[one] + metres[one + 1 :]).all()
    assert found["p"].is_monotonic_increasing
    assert (found["p"] <= 0.5).all()
    assert (found["expected"] <= 0.05 * 500 * (1 + 1e-9)).all()


def test_outlines_hold_what_is_counted_and_are_clipped():
    rng = np.random.default_rng(4)
    crowd = rng.normal([100, 1500], 120, (80, 2))  # partly beyond the border at 0
    now = places(np.vstack([crowd, spots(rng, 100)]).round(1))
    found = scan_poisson(now, AREAS, max_radius=900, simulations=49)
    first = found.iloc[0]
    assert first["outlined"]
    assert first["significant"]
    inside = geopandas.GeoSeries.from_xy(now["easting"], now["northing"]).within(first["geometry"])
    assert now.loc[inside, "count"].sum() >= first["incidents"]
    assert first["easting"] < first["radius_m"]
    assert first["geometry"].bounds[0] == 0
    assert "every square metre alike" in found.attrs["note"]
    assert f"{(now['easting'] < 0).sum()} incidents outside the areas" in found.attrs["note"]


def test_fewer_than_three_places_are_a_point():
    stacked = places(np.vstack([np.tile([[2000.0, 2000.0]], (30, 1)), [[2040.0, 2000.0]]]))
    spread = places(spots(np.random.default_rng(1), 40) * [0.5, 1] + [3000, 0])
    now = pd.concat([stacked, spread], ignore_index=True)
    found = scan_poisson(now, AREAS, simulations=49).iloc[0]
    assert found[["incidents", "places", "outlined"]].tolist() == [31, 2, False]
    assert found["geometry"].equals(geopandas.points_from_xy([2000], [2000])[0])


def test_where_nothing_is_at_risk_the_ratio_is_missing_and_the_judgement_finite():
    at_risk = places(spots(np.random.default_rng(6), 50), 1.0)
    empty = places([[3000.0, 1500.0]], 0.0)
    points = pd.concat([at_risk, empty], ignore_index=True)
    now = pd.concat([at_risk.assign(count=1), empty.assign(count=9)], ignore_index=True)
    found = scan_poisson(now, AREAS, points, map_points=points, max_radius=50, simulations=99)
    first = found.iloc[0]
    assert first[["incidents", "expected"]].tolist() == [9, 0]
    assert np.isnan(first["ratio"])
    assert first["llr"] == pytest.approx(9 * np.log(9) + 50 * np.log(50 / 58))  # against 1


def test_too_many_centres_are_thinned_and_that_is_said(monkeypatch):
    monkeypatch.setattr("geoprofiles.hotspots.scan_found.MOST_ROWS", 500)
    rng = np.random.default_rng(9)
    at_risk = places(spots(rng, 300))
    found = scan_poisson(places(spots(rng, 50)), AREAS, at_risk, simulations=9)
    assert found.attrs["centres"] < 100
    assert f"around {found.attrs['centres']} of 300 points" in found.attrs["note"]
    points = at_risk[["easting", "northing"]].to_numpy()
    kept = points[thinned(points, 60)]
    assert 30 <= len(kept) <= 60
    far = np.hypot(*(points[:, None] - kept).transpose(2, 0, 1)).min(axis=1)
    assert far.max() < 1000


def test_centres_of_ones_own(monkeypatch):
    rng = np.random.default_rng(10)
    at_risk = places(spots(rng, 200))
    middle = pd.DataFrame({"easting": [1000.0, 4000], "northing": 1500.0})
    found = scan_poisson(
        places(spots(rng, 80)), AREAS, at_risk, centres=middle, max_share=0.2, simulations=19
    )
    assert set(found["easting"]) <= {1000.0, 4000.0}
    assert found.attrs["centres"] == 2
    monkeypatch.setattr("geoprofiles.hotspots.scan_found.MOST_ROWS", 200)
    with pytest.raises(InputError, match="200 centres have more circles than can be drawn for"):
        scan_poisson(places(spots(rng, 80)), AREAS, at_risk, centres=at_risk, simulations=19)


# -- input at fault --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"max_share": 0}, "'max_share' must lie above 0 and be at most 0.5"),
        ({"max_share": 0.7}, "'max_share' must lie above 0 and be at most 0.5"),
        ({"max_radius": -5}, "'max_radius' must be a number above 0"),
        ({"simulations": 0}, "'simulations' must be a whole number from 1 on"),
        ({"alpha": 1.5}, "'alpha' must lie between 0 and 1"),
        ({"at_risk": places([[900, 900]])}, "no circle of at most 1000 m holds at most 5%"),
        ({"at_risk": places([[900, 900]], 0.0)}, "nothing is at risk"),
        ({"at_risk": places([[900, 900]], -1.0)}, "negative or missing"),
        ({"map_points": places([[900, 900]])}, "2 of 2 places are not among the map points"),
    ],
)
def test_settings_at_fault(change, told):
    with pytest.raises(InputError, match=told):
        scan_poisson(places([[1000, 1000], [1050, 1000]], 3), AREAS, **change)


def test_input_at_fault():
    some = places([[1000, 1000], [1050, 1000]], 3)
    with pytest.raises(InputError, match="none of the places holds an incident in the areas"):
        scan_poisson(places([[9000, 9000]]), AREAS)
    with pytest.raises(InputError, match="no whole numbers"):
        scan_poisson(some.assign(count=2.5), AREAS)
    with pytest.raises(InputError, match="look like degrees"):
        scan_poisson(places([[-1.4, 50.9]]), AREAS)
    with pytest.raises(InputError, match="has no coordinates"):
        scan_poisson(some.assign(easting=np.nan), AREAS)
    with pytest.raises(InputError, match="none of the controls holds an incident"):
        scan_bernoulli(some, some.iloc[:0], AREAS)
    coarse = places([[500, 500], [2500, 500], [4500, 500]])
    coarse.attrs["spacing"] = 2000.0
    with pytest.raises(InputError, match="points at risk lie 2000 m apart: too far for circles"):
        scan_poisson(some, AREAS, coarse)
    elsewhere = some.copy()
    elsewhere.attrs["crs"] = "EPSG:2157"
    with pytest.raises(CRSError):
        scan_poisson(elsewhere, AREAS)
    with pytest.raises(CRSError):
        scan_bernoulli(some, elsewhere, AREAS)


def test_one_incident_and_all_at_one_place_are_told_and_not_refused():
    alone = scan_poisson(places([[1000, 1000]]), AREAS, max_radius=2000, simulations=9)
    assert alone.empty
    assert "No zone holds more incidents than are expected" in alone.attrs["note"]
    together = scan_poisson(places([[1000, 1000]], 20), AREAS, max_radius=2000, simulations=99)
    assert together[["incidents", "places", "outlined", "p"]].values.tolist() == [
        [20, 1, False, 0.01]
    ]


# -- real data -------------------------------------------------------------------------------


@pytest.mark.real
def test_no_circle_in_southampton_is_drawn_around_fewer_than_three_map_points(shared_data):
    wards = geoprofiles.read_areas(shared_data / "boundaries" / "southampton_wards_2013.geojson")
    files = sorted((shared_data / "police" / "southampton").glob("2022-*/*-hampshire-street*"))
    every = geoprofiles.read_incidents(files, crs=wards.crs)
    chosen = every[every["category"] == "Violence and sexual offences"]
    now, points = geoprofiles.distinct_places(chosen), map_points(every)
    options = {"map_points": points, "simulations": 99}
    found = geoprofiles.scan_poisson(now, wards, **options)
    assert found["significant"].any()
    assert (found["outlined"] == (found["places"] >= 3)).all()
    assert set(found.geometry[~found["outlined"]].geom_type) == {"Point"}
    assert "map points of the data" in found.attrs["null"]
    apart = now.loc[now.index.repeat(now["count"])].assign(count=1)
    again = geoprofiles.scan_poisson(apart.sample(frac=1, random_state=1), wards, **options)
    pd.testing.assert_frame_equal(found, again)

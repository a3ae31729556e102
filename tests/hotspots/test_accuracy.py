"""Accuracy of maps, and bandwidths by a forward test: by hand, by brute force, on Memphis."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.hotspots.accuracy import accuracy_curve, captured_share
from geoprofiles.hotspots.forward import forward_test

AREAS = geopandas.GeoDataFrame(
    {"area_name": ["A"]},
    geometry=[box(0, 0, 2000, 2000)],
    index=pd.Index(["A"], name="area_code"),
    crs=27700,
)


def places(points, counts):
    frame = pd.DataFrame(points, columns=["easting", "northing"], dtype=float)
    return frame.assign(count=counts)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 5), st.integers(0, 6)), min_size=1, max_size=8
    ).filter(lambda rows: any(one[2] for one in rows)),
    st.floats(0.01, 1),
)
def test_what_is_captured_is_the_mean_over_orders_of_ties(rows, share):
    """By brute force: cells are cut into units of area, and those of one value shuffled."""
    value, area, happened = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    found = captured_share(value, area, happened, np.array([share]))[0]
    wanted, left = 0.0, share * area.sum()
    for level in sorted(set(value), reverse=True):
        mine = value == level
        taken = min(left, area[mine].sum())
        wanted += happened[mine].sum() * taken / area[mine].sum()
        left -= taken
    assert found == pytest.approx(wanted / happened.sum())


def test_indices_by_hand():
    cells = geoprofiles.grid_over(AREAS, cell=1000).assign(density=[4.0, 3.0, 2.0, 1.0])
    at = cells.geometry.centroid
    later = places(np.column_stack([at.x, at.y]), [2, 6, 0, 2])
    earlier = places(np.column_stack([at.x, at.y]), [5, 4, 0, 1])
    row = accuracy_curve(cells, later, earlier=earlier, shares=[0.25]).iloc[0]
    assert row["captured"] == pytest.approx(0.2)
    assert row["pai"] == pytest.approx(0.2 / 0.25)
    assert row["best"] == pytest.approx(0.6)
    assert row["pei_star"] == pytest.approx(1 / 3)
    assert row["per_km2"] == pytest.approx(2.0)
    assert row["baseline"] == pytest.approx(0.2)
    assert row["rri_levine"] == pytest.approx(0.2 / 0.5)
    assert row["lower"] < 0.2 < row["upper"]


def test_the_whole_area_holds_all_and_no_choice_beats_the_best():
    rng = np.random.default_rng(3)
    cells = geoprofiles.grid_over(AREAS, cell=130)
    cells["density"] = rng.random(len(cells))
    later = places(rng.uniform(0, 2000, (60, 2)), 2)
    curve = accuracy_curve(cells, later, shares=[0.05, 0.2, 0.6, 1.0])
    assert curve["captured"].iloc[-1] == pytest.approx(1)
    assert (np.diff(curve["captured"]) >= 0).all()
    assert (curve["pei_star"] <= 1 + 1e-12).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"shares": [0.0]}, "a share of the area"),
        ({"later": places([[9e4, 9e4]], [1])}, "no later incident lies in a cell"),
        ({"score": "z"}, "z"),
    ],
)
def test_curves_that_cannot_be_drawn(change, told):
    cells = geoprofiles.grid_over(AREAS, cell=1000).assign(density=1.0)
    settings = {"later": places([[500, 500]], [1])} | change
    with pytest.raises(InputError, match=told):
        accuracy_curve(cells, **settings)


def monthly(rng, spread, months=12, each=60):
    """Incidents that come back about the same ten middles, month after month."""
    middles = rng.uniform(200, 1800, (10, 2))
    rows = []
    for month in pd.date_range("2025-01-01", periods=months, freq="MS"):
        at = middles[rng.integers(10, size=each)] + rng.normal(0, spread, (each, 2))
        rows.append(places(np.clip(at, 0, 1999), 1).assign(month=month))
    return pd.concat(rows, ignore_index=True)


def test_the_bandwidth_follows_how_far_incidents_stray():
    cells = geoprofiles.grid_over(AREAS, cell=50)
    chosen = []
    for spread in (15, 150):
        table = monthly(np.random.default_rng(4), spread)
        found = forward_test(table, cells, bandwidths=[20, 60, 150, 400], share=0.1)
        chosen.append(found.attrs["chosen"])
        assert found["lowest"].le(found["captured"]).all()
        assert found["captured"].le(found["highest"]).all()
        assert found.attrs["runner_up"] != found.attrs["chosen"]
    assert chosen[0] < chosen[1]


def test_no_later_month_is_learnt_from():
    """Incidents that move away in the last month are not foretold by any bandwidth."""
    cells = geoprofiles.grid_over(AREAS, cell=100)
    months = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"])
    table = places([[450, 450], [450, 450], [1850, 1850]], 5).assign(month=months)
    settings = {"share": 0.005, "test_months": 1, "folds": 1, "kernel": "quartic"}
    found = forward_test(table, cells, bandwidths=[150, 200], **settings)
    assert (found["captured"] == 0).all()
    assert found.attrs["folds"] == [("2025-03", 5)]


def test_folding_changes_nothing():
    table = monthly(np.random.default_rng(5), 30)
    twice = pd.concat([table, table], ignore_index=True)
    folded = table.assign(count=2)
    cells = geoprofiles.grid_over(AREAS, cell=100)
    one, two = (forward_test(each, cells, bandwidths=[60, 150]) for each in (twice, folded))
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"month": pd.NaT}, "60 rows have no month"),
        ({"easting": np.nan}, "a place has no coordinates"),
        ({"count": -1}, "negative or missing"),
    ],
)
def test_rows_that_cannot_be_used_are_refused(change, told):
    table = monthly(np.random.default_rng(5), 30)
    table.loc[table["month"] == "2025-04-01", list(change)] = list(change.values())
    with pytest.raises(InputError, match=told):
        forward_test(table, geoprofiles.grid_over(AREAS, cell=100))


def test_nothing_to_learn_from_is_told():
    table = monthly(np.random.default_rng(5), 30).iloc[:0]
    with pytest.raises(InputError, match="no incident to learn from"):
        forward_test(table, geoprofiles.grid_over(AREAS, cell=100))


def test_the_edge_is_that_of_the_surface_and_folds_that_disagree_say_so():
    table = monthly(np.random.default_rng(8), 80)
    cells = geoprofiles.grid_over(AREAS, cell=100)
    found = forward_test(table, cells, bandwidths=[150, 160], edge="diggle", share=0.1)
    told = found.attrs["note"]
    assert "do not tell apart" in told or "less in every fold" in told
    assert found["lowest"].lt(found["highest"]).any()


def test_too_few_months_are_refused():
    table = monthly(np.random.default_rng(5), 30, months=9)
    with pytest.raises(InputError, match="9 months are too few to foretell 3 times 3"):
        forward_test(table, geoprofiles.grid_over(AREAS, cell=100))


@pytest.mark.real
def test_robberies_in_memphis_are_foretold_twelve_times_better_than_by_area(shared_data):
    """Six months foretell six: PAI 12 and more at 1% of the area."""
    folder = shared_data / "benchmarks"
    robberies = pd.read_csv(folder / "memphis_robberies_2019.csv")
    shapes = geopandas.read_file(folder / "memphis_police_precincts.geojson").to_crs(32616)
    names = [str(one) for one in shapes.index]
    areas = geopandas.GeoDataFrame(
        {"area_name": names},
        geometry=shapes.geometry.buffer(0).to_numpy(),
        index=pd.Index(names, name="area_code"),
        crs=32616,
    )
    at = geopandas.points_from_xy(robberies["longitude"], robberies["latitude"], crs=4326)
    at = at.to_crs(32616)
    table = places(np.column_stack([at.x, at.y]), 1).assign(
        month=pd.to_datetime(robberies["date"].str[:7])
    )
    cells = geoprofiles.grid_over(areas, cell=200)
    found = forward_test(
        table, cells, bandwidths=[150, 250, 400, 1000], test_months=6, folds=1, share=0.01
    )
    pai = found.set_index("bandwidth")["pai"]
    assert pai[150] >= 12  # said beforehand, and not picked by what it foretells
    assert pai[150] / 100 > found.attrs["baseline"]
    assert pai[1000] < 8
    assert "one fold does not tell how sure that is" in found.attrs["note"]

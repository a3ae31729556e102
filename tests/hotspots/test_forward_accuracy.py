"""Maps held against later periods: indices by hand, borders and limits by brute force."""

from __future__ import annotations

from itertools import combinations

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.hotspots.accuracy import accuracy_curve
from geoprofiles.hotspots.borders import Borders, highest
from geoprofiles.hotspots.forward import forward_test
from geoprofiles.hotspots.forward_accuracy import LAST_YEAR, _apart, forward_accuracy


def city(shape=None):
    return geopandas.GeoDataFrame(
        {"area_name": ["A"]},
        geometry=[box(0, 0, 2000, 2000) if shape is None else shape],
        index=pd.Index(["A"], name="area_code"),
        crs=27700,
    )


def places(points, counts=1):
    frame = pd.DataFrame(points, columns=["easting", "northing"], dtype=float)
    return frame.assign(count=counts)


def test_both_recapture_indices_and_the_border_by_hand():
    """Four squares of 1 km: the two best, one above the other, are 2 km² with a border of 6 km."""
    cells = geoprofiles.grid_over(city(), cell=1000)
    cells["density"] = [4.0, 2.0, 3.0, 1.0]
    cells["said"] = [6.0, 2.0, 3.0, 1.0]
    at = cells.geometry.centroid
    at = np.column_stack([at.x, at.y])
    assert shapely.length(cells.geometry[["E0N0", "E0N1"]].union_all()) == 6000
    cells["density"] = pd.Series({"E0N0": 4.0, "E0N1": 3.0, "E1N0": 2.0, "E1N1": 1.0})
    cells["said"] = pd.Series({"E0N0": 6.0, "E0N1": 3.0, "E1N0": 2.0, "E1N1": 1.0})
    later = places(at, pd.Series({"E0N0": 2, "E0N1": 4, "E1N0": 3, "E1N1": 3})[cells.index].array)
    before = places(at, pd.Series({"E0N0": 5, "E0N1": 3, "E1N0": 1, "E1N1": 1})[cells.index].array)
    curve = accuracy_curve(cells, later, earlier=before, predicted="said", shares=[0.25, 0.5, 1])
    assert curve["rri_levine"].tolist() == pytest.approx([(2 / 12) / 0.5, 0.5 / 0.8, 1.0])
    assert curve["rri_wheeler"].tolist() == pytest.approx([6 / 2, 9 / 6, 12 / 12])
    assert curve["area_to_perimeter"].tolist() == pytest.approx([250, 2e6 / 6000, 500])
    assert curve["per_km2"].tolist() == pytest.approx([2, 3, 3])
    plain = accuracy_curve(cells, later, shares=[0.5])
    assert plain[["rri_levine", "rri_wheeler"]].isna().all(axis=None)
    nothing = accuracy_curve(cells.assign(said=0.0), later, predicted="said", shares=[0.5])
    assert nothing["rri_wheeler"].isna().all()
    with pytest.raises(InputError, match="the 'said' of 1 cells is not known"):
        accuracy_curve(cells.assign(said=[1, 1, 1, np.nan]), later, predicted="said")


@pytest.mark.parametrize("shape", ["square", "hexagon"])
def test_the_border_is_that_of_the_cells_put_together(shape):
    """Clipped cells too: against the union of the shapes, and holes count."""
    outline = Point(1000, 1000).buffer(950).difference(box(700, 700, 1010, 980))
    cells = geoprofiles.grid_over(city(outline), cell=130, shape=shape)
    borders, area = Borders.of(cells), cells["area_km2"].to_numpy()
    rng = np.random.default_rng(1)
    for _ in range(5):
        value = rng.random(len(cells))
        order = np.argsort(-value)
        for number in (1, 7, len(cells) // 2, len(cells)):
            taken = order[:number]
            share = area[taken].sum() / area.sum()
            union = shapely.union_all(cells.geometry.to_numpy()[taken], grid_size=0.001)
            found = borders.around(highest(value, area, np.array([share])))[0]
            assert found == pytest.approx(shapely.length(union), rel=1e-5)


def test_areas_have_borders_too():
    areas = city().iloc[[0, 0, 0]].assign(area_name=list("ABC"))
    areas = areas.set_index(pd.Index(list("ABC"), name="area_code"))
    areas.geometry = [box(0, 0, 1000, 1000), box(1000, 500, 2000, 1500), box(5000, 0, 6000, 1000)]
    borders = Borders.of(areas)
    assert borders.outline.tolist() == [4000] * 3
    assert borders.shared.tolist() == pytest.approx([500])
    both = highest(np.array([2.0, 2.0, 1.0]), np.ones(3), np.array([2 / 3]))
    assert borders.around(both)[0] == pytest.approx(7000)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=9, max_size=9), st.integers(1, 9))
def test_cells_of_one_value_have_the_mean_border_of_all_choices(value, number):
    cells = geoprofiles.grid_over(city(box(0, 0, 300, 300)), cell=100)
    value, shapes = np.array(value, dtype=float), cells.geometry.to_numpy()
    found = Borders.of(cells).around(highest(value, np.ones(9), np.array([number / 9])))[0]
    last = np.sort(value)[::-1][number - 1]
    sure, tied = np.flatnonzero(value > last), np.flatnonzero(value == last)
    wanted = np.mean(
        [
            shapely.length(shapely.union_all(shapes[[*sure, *some]]))
            for some in combinations(tied, number - len(sure))
        ]
    )
    assert found == pytest.approx(wanted)


def monthly(rng, spread, months=12, each=60):
    """Incidents that come back about the same ten middles, month after month."""
    middles = rng.uniform(200, 1800, (10, 2))
    rows = []
    for month in pd.date_range("2025-01-01", periods=months, freq="MS"):
        at = middles[rng.integers(10, size=each)] + rng.normal(0, spread, (each, 2))
        rows.append(places(np.clip(at, 0, 1999)).assign(month=month))
    return pd.concat(rows, ignore_index=True)


def test_folds_give_ranges_and_ratios_of_means():
    """By one accuracy curve a fold."""
    table, cells = monthly(np.random.default_rng(4), 60), geoprofiles.grid_over(city(), cell=100)
    row = forward_test(table, cells, bandwidths=[120], share=0.1, folds=2).iloc[0]
    curves = []
    for start in pd.to_datetime(["2025-07-01", "2025-10-01"]):
        before = table[table["month"] < start]
        later = table[table["month"].between(start, start + pd.DateOffset(months=2))]
        surface = geoprofiles.hotspot_kde(
            before, cells, bandwidth=120, kernel="gaussian", years=(start.month - 1) / 12
        )
        surface["said"] = surface["density"] * surface["area_km2"] / 4
        curve = accuracy_curve(surface, later, earlier=before, predicted="said", shares=[0.1])
        curves.append(curve.iloc[0])
    for name in ("pei_star", "rri_levine", "rri_wheeler", "area_to_perimeter"):
        low, high = sorted(curve[name] for curve in curves)
        assert [row[f"{name}_lowest"], row[f"{name}_highest"]] == pytest.approx([low, high])
        assert low <= row[name] <= high
    captured = [curve["captured"] for curve in curves]
    assert row["captured"] == pytest.approx(np.mean(captured))
    best = np.mean([curve["best"] for curve in curves])
    assert row["pei_star"] == pytest.approx(np.mean(captured) / best)


def test_each_map_is_what_the_forward_test_says_of_it():
    table, cells = monthly(np.random.default_rng(4), 60), geoprofiles.grid_over(city(), cell=100)
    found = forward_accuracy(
        table, cells, methods=["gaussian", "gi-star"], bandwidths=[60, 200], share=0.1, folds=2
    )
    alone = forward_test(table, cells, bandwidths=[60, 200], share=0.1, folds=2)
    same = found[(found["method"] == "gaussian") & (found["area_share"] == 0.1)]
    for name in ("captured", "lowest", "rri_levine", "rri_wheeler", "area_to_perimeter_highest"):
        assert same[name].tolist() == pytest.approx(alone[name].tolist())
    # There is no more than a year before: last year's counts are all there are.
    counts = found[(found["map"] == LAST_YEAR) & (found["area_share"] == 0.1)].iloc[0]
    assert counts["captured"] == pytest.approx(alone.attrs["baseline"])
    assert found.loc[found["map"] == "Gi*", "rri_wheeler"].isna().all()
    assert found.groupby("map")["captured"].is_monotonic_increasing.all()
    at = found[found["area_share"] == 0.1].set_index("map")
    assert at.loc[found.attrs["chosen"], "captured"] == at["captured"].max()
    assert at["behind"].to_numpy() == pytest.approx(at["captured"].max() - at["captured"])


def test_only_the_last_twelve_months_are_last_year():
    """All lay in the west until a year ago, and lie in the east since: so does the next month."""
    months = pd.date_range("2024-01-01", periods=25, freq="MS")
    west = places([[450, 450]] * 25, 9).assign(month=months)[:12]
    east = places([[1450, 450]] * 25, 1).assign(month=months)[12:]
    cells = geoprofiles.grid_over(city(), cell=100)
    found = forward_accuracy(
        pd.concat([west, east]), cells, bandwidths=[100], share=1 / 400, test_months=1, folds=1
    )
    assert found.attrs["chosen"] == LAST_YEAR
    row = found[(found["map"] == LAST_YEAR) & (found["area_share"] == 1 / 400)].iloc[0]
    assert row["captured"] == pytest.approx(1)
    assert row["rri_wheeler"] == pytest.approx(1)  # 12 in 12 months, and 1 in the next
    assert "a density is then only a picture" in " ".join(found.attrs["sentences"])
    assert "one period alone does not tell" in " ".join(found.attrs["sentences"])


@pytest.mark.parametrize("spread", [0, 3])
def test_limits_of_a_difference_hold_in_19_of_20_cities(spread):
    """The same cells, period after period; with `spread`, crimes come in bursts of cell and period.

    Of bursts the share of all is a ratio of large sums, so that the truth is that of the rates.
    """
    rng = np.random.default_rng(3)
    rate = rng.gamma(0.5, 1, 800) * 0.5
    more = np.zeros((4, 1, 800))
    more[:, :, :60], more[:, :, 60:120] = 1, -1
    truth = (more[0, 0] * rate).sum() / rate.sum()
    held = 0
    for _ in range(400):
        burst = rng.gamma(1 / spread, spread, (4, 800)) if spread else 1.0
        happened = rng.poisson(rate * burst * np.ones((4, 800))).astype(float)
        some = happened.any(axis=0)
        _, low, high = _apart(more[:, :, some], happened[:, some])[0]
        held += low <= truth <= high
    assert 0.92 <= held / 400 <= 0.98


def test_maps_that_do_the_same_are_not_told_apart_and_worse_ones_are():
    table, cells = monthly(np.random.default_rng(6), 15), geoprofiles.grid_over(city(), cell=50)
    found = forward_accuracy(table, cells, bandwidths=[30, 30.5, 900], share=0.02)
    told = found[found["area_share"] == 0.02].set_index("map")
    assert {found.attrs["chosen"], found.attrs["runner_up"]} >= {"Gaussian 30 m"}
    assert told.loc["Gaussian 900 m", "behind_lower"] > 0
    assert told.loc["Gaussian 30.5 m", "behind_lower"] <= 0
    assert not found.attrs["told_apart"]
    words = " ".join(found.attrs["sentences"])
    assert "it cannot be told from the best" in words
    assert "Gaussian 900 m" not in words


def test_folding_changes_nothing():
    table, cells = monthly(np.random.default_rng(5), 30), geoprofiles.grid_over(city(), cell=100)
    twice = pd.concat([table, table], ignore_index=True)
    one, two = (
        forward_accuracy(each, cells, bandwidths=[60]) for each in (twice, table.assign(count=2))
    )
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"methods": ["kriging"]}, "kriging"),
        ({"methods": []}, "there is no method"),
        ({"bandwidths": []}, "a density needs a bandwidth"),
        ({"share": 0}, "a share of the area"),
        ({"folds": 12}, "12 months are too few to foretell 12 times 3"),
        ({"edge": "torus"}, "torus"),
    ],
)
def test_settings_that_make_no_sense_are_refused(change, told):
    table, cells = monthly(np.random.default_rng(5), 30), geoprofiles.grid_over(city(), cell=200)
    with pytest.raises(InputError, match=told):
        forward_accuracy(table, cells, **change)


def test_progress_ends_at_all():
    seen = []
    table, cells = monthly(np.random.default_rng(5), 30), geoprofiles.grid_over(city(), cell=200)
    forward_accuracy(
        table, cells, bandwidths=[60, 90], folds=2, progress=lambda *one: seen.append(one)
    )
    assert seen == [(number, 6) for number in range(1, 7)]

"""Relative risk against spatstat, sparr, closed forms and brute force."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import toy
from scipy import stats
from shapely import box

import geoprofiles
from geoprofiles.errors import CRSError, InputError
from geoprofiles.hotspots import relative_risk as module
from geoprofiles.hotspots.density import cell_points

WIDE, HIGH = 3000, 2000


def ground():
    return geopandas.GeoDataFrame(
        {"area_name": ["Mill"]},
        geometry=[box(toy.WEST, toy.SOUTH, toy.WEST + WIDE, toy.SOUTH + HIGH)],
        index=pd.Index(["A"], name="area_code"),
        crs=27700,
    )


def grid(cell=100.0):
    return geoprofiles.grid_over(ground(), cell=cell)


@pytest.fixture(scope="module")
def sides():
    frame = pd.read_csv(Path(__file__).parents[1] / "worked" / "cases_and_controls.csv")
    split = [frame.loc[frame["kind"] == kind, ["x", "y"]] for kind in ("case", "control")]
    return [toy.places(one.assign(count=1).to_numpy().tolist()) for one in split]


def spread(seed, number, most=1):
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, [WIDE, HIGH], (number, 2))
    return toy.places(np.column_stack([xy, rng.integers(1, most + 1, number)]).tolist())


@pytest.fixture(scope="module")
def at_points(sides):
    """The ratio at 24 points that R was asked for."""
    cells = grid(50)
    risk = geoprofiles.relative_risk(
        sides[0],
        cells,
        controls=sides[1],
        bandwidth=200,
        kernel="gaussian",
        delta=0,
        floor=0,
        simulations=1,
    )
    centres = pd.MultiIndex.from_arrays((cell_points(cells) - [toy.WEST, toy.SOUTH]).T)
    wanted = [(x, y) for y in (75, 575, 1075, 1575) for x in (275, 775, 1275, 1775, 2275, 2775)]
    return risk.set_index(centres).loc[wanted]


def test_the_odds_are_those_of_spatstat(at_points, sides):
    """R: relrisk(X, sigma = 200, casecontrol = TRUE, relative = TRUE, dimyx = c(200, 300))."""
    theirs = [0.22578911, 0.09547880, 0.09052342, 0.22701491, 0.59704855, 0.12399146,
              0.33395203, 0.21590016, 0.18291094, 0.68799600, 1.44583936, 0.40957632,
              0.22460155, 0.19523496, 0.16390043, 0.39173158, 0.57003284, 0.27120130,
              0.22503787, 0.22874688, 0.21270765, 0.35185685, 0.15829508, 0.32845992]  # fmt: skip
    odds = at_points["ratio"] * len(sides[0]) / len(sides[1])
    # Theirs are sums over pixels of 10 m.
    np.testing.assert_allclose(odds, theirs, rtol=0.03)
    assert np.abs(odds / theirs - 1).median() < 0.01


def test_the_log_ratio_is_that_of_sparr(at_points):
    """R: risk(f, g) of two bivariate.density(h0 = 200, edge = "uniform", resolution = 200)."""
    theirs = [-0.2975592, -1.1386211, -1.2127125, -0.2746944, 0.6830633, -0.9111235,
              0.0944257, -0.3386017, -0.4917274, 0.8276159, 1.5663828, 0.2974313,
              -0.2871261, -0.4420696, -0.6015992, 0.2593804, 0.6405623, -0.1058977,
              -0.2983775, -0.2765867, -0.3610932, 0.1529698, -0.6462968, 0.0920972]  # fmt: skip
    np.testing.assert_allclose(at_points["log_ratio"], theirs, atol=0.06)


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
def test_all_columns_are_the_direct_sums(kernel):
    cases, homes, cells = spread(1, 60, 3), spread(2, 200, 9), grid(250)
    risk = geoprofiles.relative_risk(
        cases, cells, at_risk=homes, bandwidth=600, kernel=kernel, delta=2, simulations=9, floor=0
    )
    at = cell_points(cells)

    def sums(points, weights):
        away = np.linalg.norm(at[:, None] - points[None], axis=2) / 600
        quartic = np.where(away < 1, 3 / np.pi * (1 - away**2) ** 2, 0)
        gaussian = np.exp(-(away**2) / 2) / (2 * np.pi)
        return (quartic if kernel == "quartic" else gaussian) @ weights / 600**2 * 1e6

    one, other = (
        sums(frame[["easting", "northing"]].to_numpy(), frame["count"].to_numpy())
        for frame in (cases, homes)
    )
    edge = sums(at, cells["area_km2"].to_numpy())
    total = cases["count"].sum()
    observed, expected = one / edge, other / edge * total / homes["count"].sum()
    np.testing.assert_allclose(risk["observed"], observed, rtol=1e-7)
    np.testing.assert_allclose(risk["expected"], expected, rtol=1e-7)
    # Two cases on the ground over which the kernel takes its mean, 1 / ∫k².
    d = 2 / (0.6**2 * (4 * np.pi if kernel == "gaussian" else 5 * np.pi / 9))
    assert risk.attrs["d"] == pytest.approx(d)
    np.testing.assert_allclose(risk["ratio"], (observed + d) / (expected + d))
    np.testing.assert_allclose(risk["log_ratio"], np.log((observed + d) / (expected + d)))
    np.testing.assert_allclose(risk["probability"], observed / (observed + expected))


def test_p_of_draws_is_the_binomial_tail():
    """Two places beyond each other's reach: what a cell at one sees is a binomial count."""
    homes = toy.places([(550, 550, 300), (2550, 1550, 700)])
    cases = toy.places([(550, 550, 20), (2550, 1550, 20)])
    cells = grid()
    risk = geoprofiles.relative_risk(
        cases, cells, at_risk=homes, bandwidth=300, simulations=9999, seed=4
    )
    tail = 2 * stats.binom.sf(19, 40, 0.3)
    assert risk.loc["E4405N1105", "p"] == pytest.approx(tail, rel=0.15)
    assert risk.loc["E4405N1105", "raised"]
    assert risk.loc["E4425N1115", "lowered"]
    # Over the map: how often a square root lies as far from its mean, at either place.
    few = np.arange(41)
    chance = stats.binom.pmf(few, 40, 0.3)
    away = []
    for seen in (few, 40 - few):
        roots = np.sqrt(seen) - chance @ np.sqrt(seen)
        away.append(np.abs(roots) / np.sqrt(chance @ roots**2))
    as_far = np.maximum(*away) >= away[0][20] - 1e-9
    assert risk.loc["E4405N1105", "p_map"] == pytest.approx(chance[as_far].sum(), rel=0.15)


def test_p_of_shuffled_labels_is_the_hypergeometric_tail():
    controls = toy.places([(550, 550, 30), (2550, 1550, 50)])
    cases = toy.places([(550, 550, 18), (2550, 1550, 10)])
    risk = geoprofiles.relative_risk(
        cases, grid(), controls=controls, bandwidth=300, simulations=39_999, seed=1
    )
    tail = stats.hypergeom.sf(17, 108, 48, 28)
    assert risk.loc["E4405N1105", "p"] == pytest.approx(2 * tail, rel=0.15)
    assert "labels of 28 cases and 80 controls, shuffled" in risk.attrs["null"]


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
def test_the_reach_of_a_kernel_is_what_its_square_says(kernel):
    """1 / ∫k², by adding up on a fine lattice."""
    x, y = np.meshgrid(*[np.arange(-6, 6, 0.01)] * 2)
    squared = x**2 + y**2
    quartic = 3 / np.pi * np.maximum(1 - squared, 0) ** 2
    height = quartic if kernel == "quartic" else np.exp(-squared / 2) / (2 * np.pi)
    assert module.EFFECTIVE[kernel] == pytest.approx(1 / (height**2).sum() / 0.01**2, rel=1e-3)


def test_no_ratio_rests_on_next_to_nothing():
    """Where controls are rare, twenty cases are not a thousand times the average risk."""
    controls = toy.places([(2550, 1550, 500), (850, 550, 1)])
    cases = toy.places([(2550, 1550, 400), (550, 550, 20)])
    risk = geoprofiles.relative_risk(cases, grid(), controls=controls, bandwidth=310)
    assert risk["ratio"].max() < 100
    assert geoprofiles.relative_risk(
        cases, grid(), controls=controls, bandwidth=310, delta=0
    )["ratio"].max() > 1000  # fmt: skip


def test_p_does_not_hang_on_what_is_added(sides):
    said = {"controls": sides[1], "bandwidth": 400, "simulations": 49}
    none = geoprofiles.relative_risk(sides[0], grid(), delta=0, **said)
    much = geoprofiles.relative_risk(sides[0], grid(), delta=50, **said)
    pd.testing.assert_series_equal(none["p"], much["p"])
    assert (much["log_ratio"].abs() <= none["log_ratio"].abs() + 1e-9).all()


def test_blocks_change_nothing(sides, monkeypatch):
    said = {"controls": sides[1], "bandwidth": 400, "simulations": 49}
    whole = geoprofiles.relative_risk(sides[0], grid(), **said)
    monkeypatch.setattr(module, "_PAIRS", 5_000)
    done = []
    said["progress"] = lambda one, every: done.append((one, every))
    parts = geoprofiles.relative_risk(sides[0], grid(), **said)
    pd.testing.assert_frame_equal(whole, parts, check_exact=False)
    assert len(done) > 5
    assert done[-1] == (600, 600)


def test_folding_changes_nothing():
    cases, homes = spread(1, 60, 3), spread(2, 200, 3)
    rows = [
        frame.loc[frame.index.repeat(frame["count"])].assign(count=1) for frame in (cases, homes)
    ]
    for kind in ("at_risk", "controls"):
        found = [
            geoprofiles.relative_risk(
                one, grid(200), bandwidth=500, simulations=19, **{kind: other}
            )
            for one, other in ((cases, homes), rows)
        ]
        pd.testing.assert_frame_equal(*found)


@pytest.mark.parametrize("kind", ["at_risk", "controls"])
def test_chance_is_found_as_often_as_said(kind):
    """Cases drawn from what is at risk: 200 maps more are told of in the methods."""
    homes = spread(5, 400, 5)
    rng = np.random.default_rng(6)
    single, over_map = [], []
    points = homes.loc[homes.index.repeat(homes["count"])].assign(count=1)
    for seed in range(40):
        chosen = rng.permutation(len(points))
        cases, others = points.iloc[chosen[:150]], points.iloc[chosen[150:]]
        against = homes if kind == "at_risk" else others
        risk = geoprofiles.relative_risk(
            cases, grid(250), bandwidth=500, simulations=99, seed=seed, **{kind: against}
        )
        single.append((risk["raised"] | risk["lowered"]).mean())
        over_map.append(risk["p_map"].min() <= 0.05)
    assert 0.01 < np.mean(single) < 0.09
    assert np.mean(over_map) <= 0.15


def test_little_expected_is_masked_and_told():
    homes = toy.places([(550, 550, 990), (2550, 1550, 10)])
    cases = toy.places([(550, 550, 40), (2550, 1550, 2)])
    risk = geoprofiles.relative_risk(cases, grid(), at_risk=homes, bandwidth=300)
    here, there = risk.loc["E4405N1105"], risk.loc["E4425N1115"]
    assert here["ratio"] == pytest.approx(0.96, abs=0.02)
    assert there[["ratio", "log_ratio", "probability", "p", "p_map"]].isna().all()
    assert not there["raised"]
    assert there["observed"] > there["expected"] > 0
    assert "where less than 1 is expected" in risk.attrs["note"]
    assert risk.attrs["masked"] == risk["p"].isna().sum() > 500


def test_without_a_denominator_it_is_said():
    risk = geoprofiles.relative_risk(spread(3, 100), grid(), bandwidth=500)
    assert "concentration, not risk" in risk.attrs["note"]
    assert risk.attrs["null"] == "100 incidents drawn by ground, evenly"


def test_what_lies_outside_the_cells_does_not_count():
    homes = toy.places([(550, 550, 300), (2550, 1550, 700), (-900, 50, 5000)])
    cases = toy.places([(550, 550, 30), (2550, 1550, 70), (9000, 0, 40)])
    risk = geoprofiles.relative_risk(cases, grid(), at_risk=homes, bandwidth=300, delta=0)
    assert risk.attrs["cases"] == 100
    assert risk.loc["E4405N1105", "ratio"] == pytest.approx(1)


def test_contours_are_the_patches_of_cells(sides):
    risk = geoprofiles.relative_risk(sides[0], grid(50), controls=sides[1], bandwidth=500)
    outlines = geoprofiles.tolerance_contours(risk)
    assert outlines.index.name == "contour"
    assert outlines.crs == risk.crs
    for kind in ("raised", "lowered"):
        patches = outlines[outlines["kind"] == kind]
        assert patches.area.sum() / 1e6 == pytest.approx(risk.loc[risk[kind], "area_km2"].sum())
        assert patches["area_km2"].sum() == pytest.approx(patches.area.sum() / 1e6)
        assert patches["area_km2"].is_monotonic_decreasing
    first = outlines.iloc[0]
    # The cases were made with a heap at (2200, 600).
    assert first.geometry.contains(
        box(toy.WEST + 2150, toy.SOUTH + 550, toy.WEST + 2250, toy.SOUTH + 650)
    )
    assert first["ratio"] == pytest.approx(risk["ratio"].max())
    assert first["p_map"] == pytest.approx(1 / 200)
    assert (outlines.geom_type == "Polygon").all()


def test_no_contour_is_an_empty_frame():
    homes = spread(2, 200)
    risk = geoprofiles.relative_risk(homes, grid(), at_risk=homes, bandwidth=500)
    outlines = geoprofiles.tolerance_contours(risk)
    assert outlines.empty
    assert outlines.crs == risk.crs
    assert {"kind", "ratio", "p", "p_map", "area_km2", "label"} < set(outlines)
    with pytest.raises(InputError, match="Cells lack the column 'raised'"):
        geoprofiles.tolerance_contours(risk.drop(columns="raised"))


CASES = [(550, 550, 20), (2550, 1550, 20)]


@pytest.mark.parametrize(
    ("cases", "more", "told"),
    [
        ([], {}, "cases: none lies in the cells"),
        ([(-50, 5, 1)], {}, "cases: none lies in the cells"),
        ([(5, 5, 0)], {}, "cases: none lies in the cells"),
        ([(5, 5, -1)], {}, "negative or missing"),
        (CASES, {"at_risk": toy.places([(-50, 5, 9)])}, "what is at risk: none lies in the cells"),
        (CASES, {"at_risk": toy.places([(50, 5, 0)])}, "nothing is at risk anywhere"),
        (CASES, {"controls": toy.places([])}, "controls: none lies in the cells"),
        (CASES, {"controls": toy.places([(5, 5, 1)]), "at_risk": toy.places([(5, 5, 1)])},
         "give 'at_risk' or 'controls', not both"),
        (CASES, {"controls": toy.places([(5, 5, 1)]).assign(count=0.5)}, "controls are no whole"),
        (CASES, {"floor": 1000}, "in no cell are 1000 or more incidents expected"),
        (CASES, {"floor": -1}, "'floor' must be a number from 0"),
        (CASES, {"delta": float("nan")}, "'delta' must be a number from 0"),
        (CASES, {"bandwidth": 0}, "'bandwidth' must be a number above 0"),
        (CASES, {"bandwidth": 90}, "cells of 100 m are too wide for a bandwidth of 90 m"),
        (CASES, {"bandwidth": 35, "kernel": "gaussian"}, "cells of 100 m are too wide"),
        (CASES, {"kernel": "cone"}, "'kernel' cannot be 'cone'"),
        (CASES, {"alpha": 5}, "'alpha' must lie between 0 and 1"),
        (CASES, {"simulations": 0}, "'simulations' must be a whole number from 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused(cases, more, told):
    with pytest.raises(InputError, match=told):
        geoprofiles.relative_risk(toy.places(cases), grid(), **{"bandwidth": 400, **more})


def test_harm_and_other_metres_are_refused():
    harm = toy.places(CASES).assign(count=2.5)
    with pytest.raises(InputError, match="counts of cases are no whole numbers"):
        geoprofiles.relative_risk(harm, grid(), bandwidth=400)
    homes = toy.places(CASES)
    homes.attrs["crs"] = "EPSG:32630"
    with pytest.raises(CRSError, match="Read both with the same crs"):
        geoprofiles.relative_risk(toy.places(CASES), grid(), at_risk=homes, bandwidth=400)

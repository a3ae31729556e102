"""Emerging hot spots: the categories by a truth table written apart, cubes counted by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import toy

import geoprofiles
from geoprofiles.hotspots.categories import classify, describe
from geoprofiles.hotspots.emerging import suggest_step

SERIES = {
    # + hot, - cold, . neither; and whether scores rise (1) or fall (-1)
    "new": (".........+", 0),
    "consecutive": (".......+++", 0),
    "intensifying": ("+.++++++++", 1),
    "persistent": ("++++++++++", 0),
    "diminishing": ("++++.+++++", -1),
    "sporadic": ("..+..++..+", 0),
    "oscillating": ("..+.-.+..+", 0),
    "historical": ("+++++++++.", -1),
}


def states(texts) -> np.ndarray:
    return np.array([[{"+": 1, "-": -1, ".": 0}[one] for one in text] for text in texts])


@pytest.mark.parametrize(("sign", "side"), [(1, "hot"), (-1, "cold")])
def test_each_category_is_reached(sign, side):
    rows = states([text for text, _ in SERIES.values()]) * sign
    trend = np.array([trend for _, trend in SERIES.values()]) * sign
    assert classify(rows, trend).tolist() == [f"{name} {side} spot" for name in SERIES]


@pytest.mark.parametrize(
    ("text", "trend", "kind"),
    [
        ("-........+", 0, "new hot spot"),  # the first of the published order
        ("-......+++", 0, "consecutive hot spot"),
        ("+++++++++-", 0, "new cold spot"),  # the final step decides
        ("+++++++++.", 0, "historical hot spot"),
        (".+++++++++", 0, "persistent hot spot"),  # not consecutive: it is hot nearly always
        ("..++++++++", 1, "consecutive hot spot"),
        ("+++++.....", -1, "no pattern"),
        ("..........", 1, "no pattern"),
    ],
)
def test_what_the_texts_leave_open_is_decided(text, trend, kind):
    assert classify(states([text]), np.array([trend]))[0] == kind


def by_the_text(row, trend) -> set[str]:
    """Every category whose published text a row meets, word by word."""
    n, fits = len(row), set()
    for sign, side in ((1, "hot"), (-1, "cold")):
        hot = [one == sign for one in row]
        cold = [one == -sign for one in row]
        often, moves = sum(hot) / n >= 0.9, trend * sign
        run = 0
        while run < n and hot[n - 1 - run]:
            run += 1
        before = any(hot[: n - run])
        if hot[-1]:
            if not any(hot[:-1]):
                fits.add(f"new {side}")
            if run >= 2 and not before and not often:
                fits.add(f"consecutive {side}")
            if often:
                name = {1: "intensifying", 0: "persistent", -1: "diminishing"}[moves]
                fits.add(f"{name} {side}")
            if before and not often and not any(cold):
                fits.add(f"sporadic {side}")
            if any(cold[:-1]) and not often:
                fits.add(f"oscillating {side}")
        elif often:
            fits.add(f"historical {side}")
    return fits


def test_every_series_gets_one_category_that_its_text_allows():
    """All 3^10 series of ten steps, each with a rise, a fall and neither."""
    rows = np.array(list(itertools.product((-1, 0, 1), repeat=10)))
    ambiguous = set()
    for trend in (-1, 0, 1):
        kinds = classify(rows, np.full(len(rows), trend))
        for row, kind in zip(
            rows.tolist()[:: 1 if trend == 0 else 7], kinds[:: 1 if trend == 0 else 7], strict=True
        ):
            fits = by_the_text(row, trend)
            if not fits:
                assert kind == "no pattern"
                continue
            assert kind.removesuffix(" spot") in fits
            if len(fits) > 1:
                ambiguous.add(frozenset(fits))
    assert ambiguous == {
        frozenset({"new hot", "oscillating hot"}),
        frozenset({"new cold", "oscillating cold"}),
        frozenset({"consecutive hot", "oscillating hot"}),
        frozenset({"consecutive cold", "oscillating cold"}),
        frozenset({"historical cold", "new hot", "oscillating hot"}),
        frozenset({"historical hot", "new cold", "oscillating cold"}),
    }


def test_descriptions_have_no_gap():
    rows = np.vstack([states([text for text, _ in SERIES.values()]), states(["+-........"])])
    trend = np.array([*(trend for _, trend in SERIES.values()), 0])
    told = describe(classify(rows, trend), rows, trend)
    assert told[1] == "Hot in the final 3 steps without a break, and never before."
    assert (
        told[5] == "Hot in the final step, as on and off before, 4 of 10 steps in all; never cold."
    )
    assert told[8].startswith("No pattern: hot in 1 of 10 steps, last 9 steps ago, cold in 1 of 10")
    assert not any("{" in one for one in told)


@pytest.mark.parametrize(
    ("values", "s", "variance"),
    [
        ([1, 2, 3, 4, 5], 10, 50 / 3),
        ([5, 4, 3, 2, 1], -10, 50 / 3),
        ([2, 2, 2, 2], 0, 0),
        # pairs: 14 rise, one tie of two: (6 5 17 - 2 1 9) / 18
        ([1, 2, 2, 3, 5, 8], 14, 492 / 18),
        # ties of three and of two: (7 6 19 - 3 2 11 - 2 1 9) / 18
        ([1, 1, 1, 0, 4, 4, 9], 11, (798 - 66 - 18) / 18),
    ],
)
def test_mann_kendall_by_hand(values, s, variance):
    table = geoprofiles.mann_kendall(values)
    assert table["s"].item() == s
    assert table["variance"].item() == pytest.approx(variance)
    expected = 0 if not variance else (s - np.sign(s)) / np.sqrt(variance)
    assert table["z"].item() == pytest.approx(expected)


def test_mann_kendall_of_many_series_and_by_all_orders():
    """The variance is that of S over all orders of the values."""
    values = [1, 2, 2, 3, 3, 3]
    orders = np.array(list(itertools.permutations(values)), dtype=float)
    table = geoprofiles.mann_kendall(orders)
    assert table["s"].var(ddof=0) == pytest.approx(table["variance"].iloc[0])
    with pytest.raises(geoprofiles.InputError, match="shorter than 3"):
        geoprofiles.mann_kendall([1, 2])


def months(number) -> pd.DatetimeIndex:
    return pd.date_range("2024-01-01", periods=number, freq="MS")


def test_a_cube_counts_back_from_the_last_month():
    grid = geoprofiles.grid_over(toy.areas(), cell=1000)
    rows = pd.DataFrame(
        {
            "easting": toy.WEST + 500.0,
            "northing": toy.SOUTH + 500.0,
            "month": months(23),
            "count": 2,
        }
    )
    rows.loc[22, "easting"] = toy.WEST - 900
    cube = geoprofiles.space_time_cube(rows, grid, months_per_step=2)
    assert cube.shape == (9, 11)
    assert cube.columns[0] == pd.Timestamp("2024-02-01")
    assert cube.iloc[0].tolist() == [4] * 10 + [2]
    assert (cube.attrs["early"], cube.attrs["outside"]) == (2, 2)
    assert cube.to_numpy().sum() + 4 == rows["count"].sum()
    unfolded = rows.loc[rows.index.repeat(rows["count"])].drop(columns="count")
    again = geoprofiles.space_time_cube(unfolded, grid, months_per_step=2)
    pd.testing.assert_frame_equal(cube, again)


def test_too_few_steps_are_refused():
    grid = geoprofiles.grid_over(toy.areas(), cell=1000)
    rows = pd.DataFrame(
        {"easting": toy.WEST + 1.0, "northing": toy.SOUTH + 1.0, "month": months(19)}
    )
    with pytest.raises(geoprofiles.InputError, match="need at least 10"):
        geoprofiles.space_time_cube(rows, grid, months_per_step=2)
    with pytest.raises(geoprofiles.InputError, match="no incident lies in the cells"):
        geoprofiles.space_time_cube(rows.assign(easting=1e6), grid)
    with pytest.raises(geoprofiles.InputError, match="month of an incident is missing"):
        geoprofiles.space_time_cube(rows.assign(month=pd.NaT), grid)
    assert suggest_step(36, 10, 900)[0] == 3
    assert suggest_step(120, 10, 900)[0] == 12


def test_bins_are_scored_by_space_and_the_step_before():
    """Gi* of every bin by its definition, neighbours found by loops."""
    grid = geoprofiles.grid_over(toy.areas(), cell=500, shape="hexagon")
    weights = geoprofiles.neighbour_weights(grid)
    rng = np.random.default_rng(2)
    counts = rng.poisson(1.5, (len(grid), 10)).astype(float)
    cube = pd.DataFrame(counts, index=grid.index, columns=months(10))
    z = geoprofiles.emerging_hot_spots(cube, weights, simulations=0).attrs["z"].to_numpy()
    dense, n = weights.matrix.toarray() + np.eye(len(grid)), counts.size
    for cell, step in itertools.product(range(0, len(grid), 7), range(10)):
        near = [(j, t) for j in np.flatnonzero(dense[cell]) for t in (step - 1, step) if t >= 0]
        k = len(near)
        lag = sum(counts[one] for one in near) - k * counts.mean()
        assert z[cell, step] == pytest.approx(
            lag / (counts.std() * np.sqrt((n * k - k * k) / (n - 1)))
        )


def test_chance_alone_makes_no_pattern_and_a_new_spot_is_new():
    grid = geoprofiles.grid_over(toy.areas(), cell=250)
    weights = geoprofiles.neighbour_weights(grid)
    rng = np.random.default_rng(11)
    found = 0
    for seed in range(8):
        cube = pd.DataFrame(rng.poisson(0.3, (len(grid), 12)), index=grid.index, columns=months(12))
        table = geoprofiles.emerging_hot_spots(cube, weights, seed=seed, simulations=19_999)
        found += (table["kind"] != "no pattern").any()
    assert found <= 2
    spot = ["E1765N445", "E1766N445", "E1765N446", "E1766N446"]
    cube.loc[spot, months(12)[-1]] += 15
    table = geoprofiles.emerging_hot_spots(cube, weights)
    assert (table.loc[spot, "kind"] == "new hot spot").all()
    risk = pd.Series(1.0, index=grid.index)
    risk[spot] = 400.0  # so many people that it is no more than elsewhere
    assert not (
        geoprofiles.emerging_hot_spots(cube, weights, at_risk=risk).loc[spot, "final"] == "hot"
    ).any()
    with pytest.raises(geoprofiles.InputError, match="nobody is at risk"):
        geoprofiles.emerging_hot_spots(cube, weights, at_risk=risk * 0)


@pytest.fixture(scope="module")
def averley(repository):
    wards = geoprofiles.read_areas(repository / "boundaries" / "port_averley_wards.geojson")
    incidents = geoprofiles.read_incidents([repository / "data" / "incidents"], crs=wards.crs)
    located = geoprofiles.locate(incidents, wards)
    grid = geoprofiles.grid_over(wards, cell=250)
    return located[located["area_code"].notna()], grid, geoprofiles.neighbour_weights(grid)


@pytest.mark.parametrize(
    ("category", "x", "y", "radius", "kinds"),
    [
        ("Robbery", 7_500, 3_900, 330, {"new hot spot", "consecutive hot spot"}),
        ("Criminal damage and arson", 2_000, 3_250, 280, {"no pattern"}),
    ],
)
def test_the_planted_new_spot_is_new_and_the_fading_one_is_not(
    averley, category, x, y, radius, kinds
):
    """The fading one was hot in 15 of 36 months: no published category has a name for it."""
    from geoprofiles.hotspots.grid import centres_of
    from geoprofiles.sample.city import SOUTH, WEST

    incidents, grid, weights = averley
    cube = geoprofiles.space_time_cube(incidents[incidents["category"] == category], grid)
    assert cube.attrs["months_per_step"] == 3
    table = geoprofiles.emerging_hot_spots(cube, weights)
    centre = centres_of(grid) - [WEST, SOUTH]
    near = table[np.hypot(centre[:, 0] - x, centre[:, 1] - y) <= radius]
    assert near["kind"].isin(kinds).mean() >= 0.8
    if kinds == {"no pattern"}:
        assert (near["hot_steps"] >= 5).all()
        assert near["description"].str.endswith("last 6 steps ago; scores fall over time.").all()

"""The space-time permutation scan: all cylinders by brute force, exact laws, a planted spree."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shapely import box

from geoprofiles.errors import CRSError, InputError
from geoprofiles.hotspots.likelihood import poisson_ratio
from geoprofiles.hotspots.scan_time import scan_space_time

AREAS = geopandas.GeoDataFrame(
    {"area_name": ["Mill"]},
    geometry=[box(0, 0, 6000, 3000)],
    index=pd.Index(["M"], name="area_code"),
    crs=27700,
)


def incidents(points, steps, rows=None):
    frame = pd.DataFrame(points, columns=["easting", "northing"], dtype=float)
    frame["month"] = pd.date_range("2025-01-01", periods=200, freq="MS")[np.asarray(steps)]
    if rows is not None:
        frame["rows"] = rows
    frame.attrs["crs"] = "EPSG:27700"
    return frame


def random_incidents(rng, number, places, steps):
    points = rng.uniform([100, 100], [5900, 2900], (places, 2)).round()
    return incidents(points[rng.integers(0, places, number)], rng.integers(0, steps, number))


def strongest_by_hand(points, step, steps, *, max_size, max_radius, longest, alive=False):
    """The ratio of the strongest cylinder, and what it is: no circle and no window is left out."""
    spots = np.unique(points, axis=0)
    best = (0.0,)
    for centre in spots:
        far = np.hypot(*(points - centre).T)
        for metres in np.unique(far[far <= max_radius]):
            near = far <= metres
            if near.sum() > max_size:
                continue
            for length in range(1, longest + 1):
                for first in range(steps - length if alive else 0, steps - length + 1):
                    during = (step >= first) & (step < first + length)
                    expected = near.sum() * during.sum() / len(step)
                    llr = poisson_ratio((near & during).sum(), expected, len(step))
                    best = max(best, (float(llr), metres, first, length, (near & during).sum()))
    return best


@pytest.mark.parametrize("alive", [False, True])
def test_the_strongest_cylinder_and_p_by_brute_force(monkeypatch, alive):
    monkeypatch.setattr("geoprofiles.hotspots.scan_time.STEP", 1e-6)
    rng = np.random.default_rng(4)
    table = random_incidents(rng, 60, 20, 6)
    table = pd.concat([table, incidents(table[["easting", "northing"]].iloc[[3, 3, 3]], [5] * 3)])
    found = scan_space_time(
        table, AREAS, max_share=0.4, max_radius=1200, simulations=19, alive=alive
    )
    order = np.lexsort((table["month"], table["northing"], table["easting"]))
    points = table[["easting", "northing"]].to_numpy()[order]
    step = table["month"].dt.month.to_numpy()[order] - 1
    caps = {"max_size": 0.4 * 63, "max_radius": 1200, "longest": 3, "alive": alive}
    llr, metres, first, length, count = strongest_by_hand(points, step, 6, **caps)
    one = found.iloc[0]
    assert one["llr"] == pytest.approx(llr)
    assert one["radius_m"] == pytest.approx(metres)
    assert one["incidents"] == count
    assert one["first_day"] == pd.Timestamp(2025, first + 1, 1)
    assert one["last_day"] + pd.Timedelta(days=1) == pd.Timestamp(2025, first + length + 1, 1)
    if alive:
        assert one["last_day"] == pd.Timestamp("2025-06-30")
    dealt = np.random.default_rng(0)
    strongest = [
        strongest_by_hand(points, dealt.permutation(step), 6, **caps)[0] for _ in range(19)
    ]
    assert one["p"] == (1 + sum(other >= llr - 1e-9 for other in strongest)) / 20


def test_p_of_two_places_and_two_steps_is_hypergeometric():
    """All margins are given, so that one count of four says everything."""
    ends = np.array([[1000.0, 1000.0], [5000.0, 1000.0]])
    for more in (13, 14, 16):
        table = incidents(ends[[0, 0, 1, 1]], [0, 1, 0, 1], rows=[more, 20 - more, 20 - more, more])
        found = scan_space_time(table, AREAS, max_share=0.5, max_radius=500, simulations=9999)
        exact = 2 * stats.hypergeom.sf(more - 1, 40, 20, 20)
        assert found["p"].iloc[0] == pytest.approx(exact, abs=0.015)
        assert found["expected"].iloc[0] == 10
        assert found["llr"].iloc[0] == pytest.approx(
            more * np.log(more / 10) + (40 - more) * np.log((40 - more) / 30)
        )


def test_a_spree_is_found_and_a_place_that_is_always_hot_is_not():
    rng = np.random.default_rng(6)
    table = random_incidents(rng, 900, 150, 24)
    spot = table[["easting", "northing"]].iloc[0].to_numpy()
    steady = incidents(np.tile(spot, (96, 1)), np.tile(np.arange(24), 4))
    middle = np.array([4500.0, 1200.0])
    spree = incidents(middle + rng.normal(0, 80, (24, 2)).round(), np.repeat([15, 16, 17], 8))
    found = scan_space_time(pd.concat([table, steady, spree]), AREAS, simulations=99)
    first, sure = found.iloc[0], found[found["significant"]]
    assert np.hypot(first["easting"] - middle[0], first["northing"] - middle[1]) < 300
    assert first["first_day"] == pd.Timestamp("2026-04-01")
    assert first["last_day"] == pd.Timestamp("2026-06-30")
    assert first["p"] == 0.01
    assert len(sure) <= 2
    far = np.hypot(sure["easting"] - spot[0], sure["northing"] - spot[1])
    assert (far > sure["radius_m"]).all()
    assert found.attrs["steps"] == 24
    over = scan_space_time(pd.concat([table, spree]), AREAS, simulations=99, alive=True)
    assert not over["significant"].any()
    assert (over["last_day"] == pd.Timestamp("2026-12-31")).all()


def test_by_chance_hardly_ever_is_any_cylinder_significant():
    rng = np.random.default_rng(21)
    significant = 0
    for _ in range(40):
        table = random_incidents(rng, 120, 60, 8)
        found = scan_space_time(
            table, AREAS, max_share=0.2, simulations=39, seed=int(rng.integers(1_000_000))
        )
        significant += bool(found["significant"].any())
    assert significant <= 6  # 2 are expected; 7 or more come once in 300


def test_folding_order_moving_and_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(9)
    table = random_incidents(rng, 150, 40, 10)
    options = {"max_share": 0.2, "simulations": 29}
    columns = ["incidents", "places", "expected", "llr", "p", "radius_m", "first_day", "last_day"]
    one = scan_space_time(table, AREAS, **options)
    folded = table.groupby(["easting", "northing", "month"], as_index=False).size()
    folded = folded.rename(columns={"size": "rows"}).sample(frac=1, random_state=1)
    two = scan_space_time(folded, AREAS, **options)
    pd.testing.assert_frame_equal(one, two)
    moved = table.assign(easting=table["easting"] + 4e5, northing=table["northing"] + 1e5)
    three = scan_space_time(moved, AREAS.set_geometry(AREAS.translate(4e5, 1e5)), **options)
    pd.testing.assert_frame_equal(one[columns], three[columns], rtol=1e-6)
    monkeypatch.setattr("geoprofiles.hotspots.scan_time.NUMBERS_AT_ONCE", 1000)
    told = []
    four = scan_space_time(table, AREAS, progress=lambda *seen: told.append(seen), **options)
    pd.testing.assert_frame_equal(one, four)
    assert told[-1] == (29, 29)
    assert len(told) > 5


def test_steps_are_counted_back_from_the_last():
    table = incidents(np.tile([[1000.0, 1000.0], [1200.0, 1000.0]], (7, 1)), np.arange(14) // 2)
    extra = incidents([[1100.0, 1000.0]] * 9, [6] * 9)
    both = pd.concat([table, extra])
    found = scan_space_time(both, AREAS, months_per_step=3, max_share=0.5, simulations=9)
    assert found.attrs["steps"] == 3  # one month, then three and three
    assert found["first_day"].iloc[0] == pd.Timestamp("2025-05-01")
    days = both.assign(start=both["month"] + pd.Timedelta(days=2, hours=23))
    found = scan_space_time(days, AREAS, days_per_step=30, max_share=0.5, simulations=9)
    assert found["last_day"].iloc[0] == pd.Timestamp("2025-07-03")
    assert found["first_day"].iloc[0] == pd.Timestamp("2025-06-04")


def test_what_is_left_out_is_said():
    rng = np.random.default_rng(3)
    table = random_incidents(rng, 80, 30, 6)
    table.loc[0, "month"] = pd.NaT
    table.loc[1, "easting"] = 9000.0
    table.loc[2, "easting"] = np.nan
    found = scan_space_time(table, AREAS, simulations=9)
    assert "1 incident without a time is left out." in found.attrs["note"]
    assert "1 incident outside the areas is left out." in found.attrs["note"]
    assert "77 incidents whose times are dealt anew" in found.attrs["null"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"max_time_share": 0}, "'max_time_share' must lie above 0"),
        ({"months_per_step": 0}, "'months_per_step' must be a whole number from 1 on"),
        ({"days_per_step": 7}, "steps of days need dates; these have the month only"),
        ({"max_share": 0.001}, "no circle of at most 1000 m holds at most 0.1%"),
        ({"months_per_step": 12}, "all incidents are in one step of time"),
    ],
)
def test_settings_at_fault(change, told):
    table = random_incidents(np.random.default_rng(1), 40, 10, 6)
    if "days_per_step" in change:
        table["start"] = table["month"]
    with pytest.raises(InputError, match=told):
        scan_space_time(table, AREAS, **change)


def test_input_at_fault():
    table = random_incidents(np.random.default_rng(1), 40, 10, 150)
    with pytest.raises(InputError, match="more than 104.*Take more months to a step"):
        scan_space_time(table, AREAS)
    with pytest.raises(InputError, match="lack the column 'month'"):
        scan_space_time(table.drop(columns="month"), AREAS)
    with pytest.raises(InputError, match="no whole numbers"):
        scan_space_time(table.assign(rows=0.5), AREAS)
    with pytest.raises(InputError, match="no incident with a time lies in the areas"):
        scan_space_time(table.assign(easting=9000.0), AREAS)
    with pytest.raises(InputError, match="look like degrees"):
        scan_space_time(table.assign(easting=-1.4, northing=50.9), AREAS)
    table.attrs["crs"] = "EPSG:2157"
    with pytest.raises(CRSError):
        scan_space_time(table, AREAS)

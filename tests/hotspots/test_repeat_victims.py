"""Repeats: by hand, against R's survival, and against closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError


def named(names, days=None) -> pd.DataFrame:
    frame = toy.incidents([(10 * at, 5) for at in range(len(names))]).assign(shop=list(names))
    if days is not None:
        frame["start"] = pd.Timestamp("2026-01-02 10:00") + pd.to_timedelta(days, unit="D")
    return frame


def test_targets_by_hand():
    table = geoprofiles.repeat_table(named(["a", "b", "A ", "c", "a", "d", None]), target="shop")
    assert table.index.tolist() == [1, 3]
    assert table["targets"].tolist() == [3, 1]
    assert table["incidents"].tolist() == [3, 3]
    assert table["share_of_targets"].tolist() == [0.75, 0.25]
    assert table["share_of_incidents"].tolist() == [0.5, 0.5]
    assert table["expected"].isna().all()
    assert table.attrs["repeats"] == 2
    assert table.attrs["left_out"] == 1
    assert "1 of 4 targets hit (25.0%)" in table.attrs["summary"]
    assert "no comparison with chance" in table.attrs["note"]


def test_the_same_place_is_the_same_metre():
    frame = toy.incidents([(10, 10), (10.2, 10), (12, 10), None])
    table = geoprofiles.repeat_table(frame)
    assert table["targets"].to_dict() == {1: 1, 2: 1}
    assert table.attrs["left_out"] == 1
    folded = geoprofiles.repeat_table(frame.iloc[[0, 2]].assign(rows=[2, 1]))
    pd.testing.assert_frame_equal(table, folded)


def test_chance_is_the_binomial_and_its_repeats_are_known():
    """Four incidents on two targets: 16 ways; three repeats in 2 of them, otherwise two."""
    table = geoprofiles.repeat_table(named("aaaa"), target="shop", at_risk=2, simulations=20_000)
    assert table["targets"].to_dict() == {0: 1, 1: 0, 4: 1}
    assert table["expected"].tolist() == pytest.approx([2 / 16, 2 * 4 / 16, 2 / 16])
    assert table.attrs["expected_repeats"] == pytest.approx(2 + 2 / 16)
    assert table.attrs["p"] == pytest.approx(2 / 16, abs=0.01)
    assert "chance would give 2.1" in table.attrs["summary"]


def test_planted_repeats_are_found(repository):
    """Of 1,500, 90 were planted on a place already hit. The sample scatters the others over the
    metres round its shops, so that there are far more places than its 6,804 premises.
    """
    columns = {"incident_id": "Ref", "category": "Offence", "start": "From", "end": "To"}
    columns |= {"easting": "Easting", "northing": "Northing"}
    burglaries = geoprofiles.read_incidents(
        repository / "data" / "commercial_burglary.csv", columns=columns, source_crs="EPSG:27700"
    )
    table = geoprofiles.repeat_table(burglaries, at_risk=40_000)
    assert 85 <= table.attrs["repeats"] <= 95
    assert table.attrs["p"] == 0.001
    soon = geoprofiles.days_to_next(burglaries)
    # All were planted 1 to 18 days later.
    assert soon.loc[soon["time_to"] <= 21, "followed"].sum() >= 88
    # R, survival 3.5-3: survfit(Surv(days, followed) ~ 1, conf.type = "log-log") on the same days,
    # at 6, 13, 20 and 364 days.
    at = soon.set_index("time_to").loc[[7, 14, 21, 365]]
    risk = [0.01737812217, 0.04153720470, 0.06048578303, 0.06147059877]
    low = [0.01186525626, 0.03253423553, 0.04947783859, 0.05032990940]
    high = [0.02541924185, 0.05296247897, 0.07384608066, 0.07497831988]
    np.testing.assert_allclose(at[["risk", "low", "high"]], np.array([risk, low, high]).T)


def test_days_to_the_next_are_those_of_survival():
    """R: survfit(Surv(w, f) ~ 1, conf.type = "log-log"), w and f as below, at 6, 13 and 20."""
    watched = [3, 3, 5, 8, 10, 10, 12, 20, 25, 30]
    followed = [1, 0, 1, 1, 0, 1, 0, 1, 0, 0]
    from geoprofiles.hotspots.repeat_victims import _survival

    edges = np.array([0, 7, 14, 21, 28, 40])
    table = _survival(np.array(watched), np.array(followed, dtype=bool), edges)
    risk, low, high = (table[name][:3] for name in ("risk", "low", "high"))
    np.testing.assert_allclose(risk, [0.2125, 0.4375, 0.6250])
    np.testing.assert_allclose(low, [0.05740904778, 0.19082907847, 0.30172705147])
    np.testing.assert_allclose(high, [0.6191184768, 0.7905787563, 0.9313445499])
    assert table["watched"].tolist() == [10, 7, 3, 2, 1]
    assert table["followed"].tolist() == [2, 2, 1, 0, 0]


def test_gaps_by_hand():
    """a on days 0, 5 and 5; b on day 3; the data end on day 20 with c."""
    frame = named("abaac", [0, 3, 5, 5, 20])
    table = geoprofiles.days_to_next(frame, target="shop", time_bands=(0, 1, 6, 30, 40))
    assert table["followed"].tolist() == [1, 1, 0, 0]
    # Watched 5 (a), 0 (a, followed), 15 (a), 17 (b) and 0 (c) days.
    assert table["watched"].tolist() == [5, 3, 2, 0]
    assert table["risk"].tolist()[:2] == pytest.approx([0.2, 1 - 0.8 * 2 / 3])
    assert table["plain_share"].tolist()[:2] == [0.5, 0.5]
    assert np.isnan(table["risk"][3])


@settings(max_examples=40)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=60))
def test_tables_add_up(numbers):
    frame = named([f"shop {number}" for number in numbers])
    table = geoprofiles.repeat_table(frame, target="shop", at_risk=50, simulations=9)
    assert table["incidents"].sum() == len(numbers)
    assert table["targets"].sum() == 50
    assert table["share_of_targets"].sum() == pytest.approx(1)
    assert table.attrs["repeats"] == len(numbers) - len(set(numbers))


def test_map_points_and_rounded_places_are_refused():
    points = toy.incidents([(100 * at, 50 * at) for at in range(30)] * 4)
    with pytest.raises(InputError, match="fixed map points: one map point stands for eight"):
        geoprofiles.repeat_table(
            points.assign(easting=points["easting"] + 0.37 * (points.index % 30))
        )
    with pytest.raises(InputError, match="coordinates are rounded to 100 m"):
        geoprofiles.repeat_table(toy.incidents([(100 * at, 200 * at) for at in range(30)]))
    shops = points.assign(shop="a")
    assert geoprofiles.repeat_table(shops, target="shop").attrs["incidents"] == 120


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"target": "till"}, "Incidents lack the column 'till'"),
        ({"target": "empty"}, "no row names a target in 'empty'"),
        ({"target": "shop", "at_risk": 1}, "2 targets were hit, more than the 1"),
        ({"target": "shop", "at_risk": 0}, "'at_risk' must be a whole number"),
        ({"target": "shop", "at_risk": 2.5}, "'at_risk' must be a whole number"),
    ],
)
def test_what_cannot_be_counted_is_refused(options, said):
    with pytest.raises(InputError, match=said):
        geoprofiles.repeat_table(named("ab").assign(empty=" "), **options)


def test_days_need_dates_and_places_need_places():
    with pytest.raises(InputError, match="days to the next incident need dates"):
        geoprofiles.days_to_next(named("ab"), target="shop")
    with pytest.raises(InputError, match="no incident has a place of its own"):
        geoprofiles.repeat_table(toy.incidents([None, None]))

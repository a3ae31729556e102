"""Near repeats: R's surveillance, brute force, every permutation, and the planted truth."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError

PRECISE = {
    "incident_id": "Ref", "category": "Offence", "start": "From", "end": "To",
    "easting": "Easting", "northing": "Northing",
}  # fmt: skip


def dated(rows) -> pd.DataFrame:
    """Incidents from (x, y, day) at offsets from the toy world's corner and 2 January 2026."""
    frame = toy.incidents([(x, y) for x, y, _ in rows])
    days = pd.to_timedelta([day for *_, day in rows], unit="D")
    return frame.assign(start=pd.Timestamp("2026-01-02 10:00") + days)


def scattered(number: int, seed: int, *, days: int = 200, side: int = 3000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, side, (number, 2))
    return dated(np.column_stack([xy, rng.integers(0, days, number)]).tolist())


def counted(frame, **options) -> np.ndarray:
    return geoprofiles.near_repeats(frame, simulations=1, **options)["observed"].to_numpy()


@pytest.fixture(scope="module")
def burglaries(repository):
    return geoprofiles.read_incidents(
        repository / "data" / "commercial_burglary.csv", columns=PRECISE, source_crs="EPSG:27700"
    )


@pytest.mark.real
def test_counts_are_those_of_surveillance(shared_data):
    """Burkitt lymphoma in Uganda, in R: surveillance 1.20.3, knox(dt, ds, simulate.p.value=FALSE)
    on pairs with a <= distance < b. Its p is P(X > observed); ours is P(X >= observed).
    """
    from scipy import stats

    cases = pd.read_csv(shared_data / "benchmarks" / "burkitt_lymphoma_uganda.csv")
    cases.columns = cases.columns.str.upper()
    frame = pd.DataFrame(
        {
            "easting": cases["X"] + 1000.0,
            "northing": cases["Y"] + 1000.0,
            "start": pd.Timestamp("1960-01-02") + pd.to_timedelta(cases["T"], unit="D"),
        }
    )
    table = geoprofiles.near_repeats(frame, space_bands=(0, 25, 50), time_bands=(0, 30, 60))
    assert table["observed"].tolist() == [70, 55, 71, 67]
    expected = [57.86711, 55.4781, 67.96223, 65.15645]
    np.testing.assert_allclose(table["expected"], expected, rtol=1e-6)
    above = stats.poisson.sf(table["observed"], table["expected"])
    np.testing.assert_allclose(above, [0.05193357, 0.4898828, 0.3279535, 0.3785924], rtol=1e-6)
    equal = stats.poisson.pmf(table["observed"], table["expected"])
    np.testing.assert_allclose(table["p_poisson"], above + equal)
    # Shuffled, as the test is meant: near to what independent pairs would give.
    np.testing.assert_allclose(table["p"], table["p_poisson"], atol=0.05)


@settings(max_examples=40)
@given(
    st.integers(0, 10**6),
    st.integers(2, 40),
    st.sampled_from(["euclidean", "manhattan"]),
    st.sampled_from([60, 400]),
)
def test_pairs_are_those_of_brute_force(seed, number, distance, side):
    frame = scattered(number, seed, days=30, side=side)
    frame.loc[1, ["easting", "northing", "start"]] += [1, 0, pd.Timedelta(days=1)]
    frame.loc[0, "start"] = pd.Timestamp("2025-12-30 10:00")
    points = frame[["easting", "northing"]].to_numpy()
    days = frame["start"].dt.normalize().to_numpy().astype("datetime64[D]").astype(int)
    space, time = (0, 1, 25, 50, 100), (0, 1, 2, 7, 14)
    expected = np.zeros((4, 4), dtype=int)
    for one, other in itertools.combinations(range(number), 2):
        x, y = np.abs(points[one] - points[other])
        metres = x + y if distance == "manhattan" else np.sqrt(x**2 + y**2)
        apart = abs(days[one] - days[other])
        for i, j in itertools.product(range(4), range(4)):
            near, soon = space[i] <= metres < space[i + 1], time[j] <= apart < time[j + 1]
            expected[i, j] += near and soon
    found = counted(frame, space_bands=space, time_bands=time, distance=distance)
    np.testing.assert_array_equal(found, expected.ravel())


def test_bands_hold_their_lower_edge_and_not_their_upper():
    """60 and 80 m are exactly 100 m apart; 7 days are the second band."""
    table = geoprofiles.near_repeats(dated([(0, 0, 0), (60, 80, 7)]), simulations=1)
    one = table[table["observed"] == 1]
    assert one[["space", "time"]].to_numpy().tolist() == [["100 to under 200 m", "7 to 13 days"]]
    near = geoprofiles.near_repeats(dated([(0, 0, 0), (60, 79, 6)]), simulations=1)
    one = near[near["observed"] == 1]
    assert one[["space", "time"]].to_numpy().tolist() == [["1 to under 100 m", "0 to 6 days"]]


def test_a_band_of_one_day_is_called_by_its_day():
    """The Near Repeat Calculator prints [1, 2) days as "2 to 2 days"."""
    frame = dated([(0, 0, 0), (50, 0, 1), (2000, 0, 0)])
    table = geoprofiles.near_repeats(frame, time_bands=(0, 1, 2, 3, 5), simulations=1)
    one = table[table["observed"] == 1]
    assert one[["time", "time_from", "time_to"]].to_numpy().tolist() == [["1 day", 1, 2]]
    assert table["time"].unique().tolist() == ["same day", "1 day", "2 days", "3 to 4 days"]


def test_the_clock_does_not_move_a_day():
    """23:50 and 00:10 are a day apart on the calendar, and the first band counts from 0."""
    frame = dated([(0, 0, 0), (50, 0, 0), (2000, 0, 5)])
    frame.loc[0, "start"] = pd.Timestamp("2026-01-02 23:50")
    frame.loc[1, "start"] = pd.Timestamp("2026-01-03 00:10")
    assert counted(frame, space_bands=(0, 100), time_bands=(0, 1, 2)).tolist() == [0, 1]


def test_expected_is_the_mean_over_every_permutation():
    frame = scattered(5, 3, days=9, side=200)
    bands = {"space_bands": (0, 80, 160), "time_bands": (0, 2, 5)}
    table = geoprofiles.near_repeats(frame, simulations=2000, **bands)
    every = [
        counted(frame.assign(start=list(dates)), **bands)
        for dates in itertools.permutations(frame["start"])
    ]
    np.testing.assert_allclose(table["expected"], np.mean(every, axis=0))
    exact = (np.array(every) >= table["observed"].to_numpy()).mean(axis=0)
    np.testing.assert_allclose(table["p"], exact, atol=0.03)


def test_planted_bands_are_found_and_no_others(burglaries):
    """Planted: repeats 1 to 18 days later; near repeats within 110 m, 1 to 13 days later."""
    table = geoprofiles.near_repeats(burglaries)
    assert table.loc[table["found"], ["space", "time"]].to_numpy().tolist() == [
        ["same place", "0 to 6 days"],
        ["same place", "7 to 13 days"],
        ["same place", "14 to 20 days"],
        ["1 to under 100 m", "0 to 6 days"],
        ["1 to under 100 m", "7 to 13 days"],
    ]
    assert table.attrs["summary"].startswith("Pairs at the same place, 7 to 13 days apart, are 30")
    assert "shuffled 999 times" in table.attrs["note"]


def test_nothing_is_found_where_there_is_nothing():
    p = np.array(
        [
            geoprofiles.near_repeats(
                scattered(400, seed), simulations=99, space_bands=(0, 200, 400), seed=seed
            )["p"]
            for seed in range(40)
        ]
    )
    assert 0.02 < (p <= 0.05).mean() < 0.08
    table = geoprofiles.near_repeats(scattered(400, 1))
    assert "no repeats or near repeats" in table.attrs["summary"]


def test_folded_rows_and_shuffled_rows_change_nothing(burglaries):
    few = burglaries.iloc[:300][["easting", "northing", "month", "start"]]
    doubled = few.iloc[np.repeat(np.arange(300), 2)]
    folded = few.assign(rows=2)
    pd.testing.assert_frame_equal(
        geoprofiles.near_repeats(doubled, simulations=19),
        geoprofiles.near_repeats(folded, simulations=19),
    )
    mixed = few.sample(frac=1, random_state=0)
    np.testing.assert_array_equal(counted(mixed), counted(few))


def test_rows_without_place_or_date_are_left_out_and_said():
    frame = scattered(30, 0)
    more = pd.concat([frame, frame.iloc[:3]], ignore_index=True)
    more.loc[30, "start"] = pd.NaT
    more.loc[31, "easting"] = np.nan
    more.loc[32, "refused"] = "repeated ID"
    np.testing.assert_array_equal(counted(more), counted(frame))
    table = geoprofiles.near_repeats(more, simulations=1)
    assert "2 without a place of their own or a date" in table.attrs["note"]


def test_the_same_seed_gives_the_same_and_progress_is_told():
    frame = scattered(60, 0)
    told = []
    first = geoprofiles.near_repeats(frame, simulations=9, progress=lambda *at: told.append(at))
    pd.testing.assert_frame_equal(first, geoprofiles.near_repeats(frame, simulations=9))
    assert told[-1] == (9, 9)


@pytest.mark.parametrize(
    ("frame", "options", "said"),
    [
        (dated([(0, 0, 0)]), {}, "at least two incidents"),
        (dated([(5, 5, 0), (5, 5, 9)]), {}, "all incidents are at one place"),
        (dated([(5, 5, 1), (9, 5, 1)]), {}, "all incidents are on one day"),
        (dated([(5, 5, 1), (9, 5, 2)]), {"space_bands": (0, 100, 100)}, "must be rising edges"),
        (dated([(5, 5, 1), (9, 5, 2)]), {"space_bands": (0,)}, "must be rising edges"),
        (dated([(5, 5, 1), (9, 5, 2)]), {"time_bands": (0, 0.5)}, "must be whole days"),
        (dated([(5, 5, 1), (9, 5, 2)]), {"time_bands": (-7, 7)}, "from 0 on"),
        (dated([(5, 5, 1), (9, 5, 2)]), {"distance": "euclid"}, "Did you mean 'euclidean'"),
        (dated([(5, 5, 1), (9, 5, 2)]), {"simulations": 0}, "'simulations' must be"),
        (
            dated([(5, 5, 1), (9, 5, 2)]).assign(start=pd.Timestamp("2026-06-01")),
            {},
            "near repeats need dates; these have the month only",
        ),
        (toy.incidents([(5, 5), (9, 5)]), {}, "these have the month only"),
        (
            dated([(5, 5, 1), (9, 5, 2)]).assign(easting=-1.4, northing=50.9),
            {},
            "look like degrees",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused(frame, options, said):
    with pytest.raises(InputError, match=said):
        geoprofiles.near_repeats(frame, **options)


def test_too_many_pairs_are_refused(monkeypatch):
    monkeypatch.setattr("geoprofiles.hotspots.near_pairs.MOST_PAIRS", 100)
    with pytest.raises(InputError, match="narrower bands"):
        geoprofiles.near_repeats(scattered(60, 0, side=300))


def test_blocks_change_nothing(monkeypatch):
    frame = scattered(120, 0, side=900)
    whole = counted(frame), geoprofiles.near_repeat_chains(frame)
    monkeypatch.setattr("geoprofiles.hotspots.near_pairs.PAIRS_AT_ONCE", 10)
    monkeypatch.setattr("geoprofiles.hotspots.near_repeats.CHUNK", 7)
    np.testing.assert_array_equal(counted(frame), whole[0])
    pd.testing.assert_frame_equal(geoprofiles.near_repeat_chains(frame), whole[1])


@pytest.mark.real
def test_map_points_and_rounding_are_said(shared_data):
    robberies = geoprofiles.read_incidents(
        shared_data / "benchmarks" / "memphis_robberies_2019.csv",
        columns={"category": "offense_type"},
    )
    table = geoprofiles.near_repeats(robberies, simulations=1)
    assert "rounded to 111 m" in table.attrs["note"]
    street = geoprofiles.read_incidents(shared_data / "police" / "southampton" / "2021-10")
    with pytest.raises(InputError, match="near repeats need dates; these have the month only"):
        geoprofiles.near_repeats(street)


def test_chains_by_hand():
    """A chain of three, a pair on one day, and one alone."""
    frame = dated(
        [
            (2000, 2000, 50),  # the second of its day, by its row
            (0, 0, 0),
            (150, 0, 10),
            (0, 0, 13),  # 13 days and no metres from the first; 150 m and 3 days from the second
            (1999.5, 2000, 50),
            (0, 0, 27),  # 14 days after the last: not linked
            (900, 900, 0),
        ]
    ).iloc[[1, 2, 3, 4, 0, 5, 6]]
    chains = geoprofiles.near_repeat_chains(frame, within=200, days=14)
    assert chains.index.tolist() == frame.index.tolist()
    assert chains["role"].fillna("").tolist() == [
        "originator", "near repeat", "repeat", "originator", "repeat", "", "",
    ]  # fmt: skip
    assert chains["chain"].fillna(0).tolist() == [1, 1, 1, 2, 2, 0, 0]
    assert chains["size"].fillna(0).tolist() == [3, 3, 3, 2, 2, 0, 0]
    # Linked pairs: 10 days, 150 m; 13 days, same place; 3 days, 150 m; 0 days, same place.
    assert chains.attrs["links"] == 4
    assert chains.attrs["half_life"] == 6.5
    assert chains.attrs["half_distance"] == 150


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 40))
def test_chains_are_the_connected_sets(seed, number):
    frame = scattered(number, seed, days=40, side=600)
    points = frame[["easting", "northing"]].to_numpy()
    days = frame["start"].dt.normalize().to_numpy().astype("datetime64[D]").astype(int)
    metres = np.linalg.norm(points[:, None] - points[None], axis=2)
    linked = (metres < 100) & (np.abs(days[:, None] - days[None]) < 7)
    for _ in range(6):  # each squaring doubles the steps that are reached
        linked = (linked.astype(int) @ linked) > 0
    expected = {frozenset(np.flatnonzero(row)) for row in linked if row.sum() > 1}
    chains = geoprofiles.near_repeat_chains(frame, within=100, days=7)
    found = {frozenset(rows) for rows in chains.groupby("chain").groups.values()}
    assert found == expected
    assert chains.attrs["chains"] == len(expected)
    assert (chains["role"] == "originator").sum() >= len(expected)
    assert (chains["size"].dropna() >= 2).all()


def test_no_links_are_no_chains():
    chains = geoprofiles.near_repeat_chains(dated([(0, 0, 0), (900, 0, 0), (0, 900, 3)]))
    assert chains["chain"].isna().all()
    assert chains["role"].isna().all()
    assert np.isnan(chains.attrs["half_life"])
    with pytest.raises(InputError, match="'within' must be"):
        geoprofiles.near_repeat_chains(dated([(0, 0, 0), (900, 0, 0)]), within=0)

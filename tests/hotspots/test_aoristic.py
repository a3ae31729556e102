"""Aoristic weights: by hand, minute by minute, and on the days when the clock changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError

LONDON = "Europe/London"


def spans(*pairs: tuple[str, str | None]) -> pd.DataFrame:
    frame = toy.incidents([(100, 100)] * len(pairs))
    starts, ends = zip(*pairs, strict=True)
    return frame.assign(start=pd.to_datetime(list(starts)), end=pd.to_datetime(list(ends)))


def weights(*pairs, **options) -> pd.DataFrame:
    return geoprofiles.aoristic_hours(spans(*pairs), simulations=0, **options)


def told(frame: pd.DataFrame) -> dict[tuple[str, int], float]:
    """Return what is not 0, by weekday and hour."""
    long = frame.T.stack()
    return {key: pytest.approx(value) for key, value in long[long > 0].items()}


def test_worked_by_hand():
    """Friday 5 June 2026. One within an hour; two hours and a half; one over midnight."""
    frame = weights(
        ("2026-06-05 09:10", "2026-06-05 09:50"),
        ("2026-06-05 09:30", "2026-06-05 12:00"),
        ("2026-06-05 23:00", "2026-06-06 01:00"),
    )
    assert frame.index.name == "hour"
    assert told(frame) == {
        ("Friday", 9): 1 + 0.2,
        ("Friday", 10): 0.4,
        ("Friday", 11): 0.4,
        ("Friday", 23): 0.5,
        ("Saturday", 0): 0.5,
    }


def test_a_missing_end_is_the_start_and_an_instant_is_one_hour():
    frame = weights(("2026-06-05 09:10", None), ("2026-06-05 10:00", "2026-06-05 10:00"))
    assert told(frame) == {("Friday", 9): 1, ("Friday", 10): 1}
    assert frame.attrs["no_end"] == 1
    without = spans(("2026-06-05 09:10", None)).drop(columns="end")
    assert told(geoprofiles.aoristic_hours(without, simulations=0)) == {("Friday", 9): 1}


def test_reversed_spans_follow_the_rule():
    pair = ("2026-06-05 12:00", "2026-06-05 10:00")
    assert told(weights(pair)) == {("Friday", 12): 1}
    swapped = weights(pair, reversed_spans="swap")
    assert told(swapped) == {("Friday", 10): 0.5, ("Friday", 11): 0.5}
    assert swapped.attrs["reversed"] == 1
    assert "1 end before they start and were turned round" in swapped.attrs["note"]
    with pytest.raises(InputError, match="1 row ends before it starts"):
        weights(pair, reversed_spans="refuse")


def test_a_week_or_more_is_even():
    frame = weights(("2026-06-05 09:10", "2026-06-12 09:10"))
    np.testing.assert_allclose(frame.to_numpy(), 1 / 168)
    almost = weights(("2026-06-05 09:10", "2026-06-12 09:09"))
    assert almost.to_numpy().sum() == pytest.approx(1)
    assert almost.to_numpy().std() > 0
    assert frame.attrs["too_wide"] == almost.attrs["too_wide"] == 1


def test_wide_spans_are_counted():
    frame = weights(
        ("2026-06-05 09:00", "2026-06-06 09:00"), ("2026-06-05 09:00", "2026-06-06 09:01")
    )
    assert frame.attrs["too_wide"] == 1
    assert "1 (50%) span more than 24 hours" in frame.attrs["note"]


def test_the_day_the_clock_goes_forward_has_23_hours():
    """Sunday 29 March 2026 in London: 01:00 is 02:00; midnight to 04:00 lasts three hours."""
    pair = ("2026-03-29 00:00", "2026-03-29 04:00")
    assert told(weights(pair, time_zone=LONDON)) == {
        ("Sunday", 0): 1 / 3,
        ("Sunday", 2): 1 / 3,
        ("Sunday", 3): 1 / 3,
    }
    assert told(weights(pair)) == {("Sunday", hour): 0.25 for hour in range(4)}


def test_the_day_the_clock_goes_back_has_25_hours():
    """Sunday 25 October 2026 in London: the hour from 01:00 comes twice."""
    pair = ("2026-10-25 00:00", "2026-10-25 03:00")
    expected = {("Sunday", 0): 0.25, ("Sunday", 1): 0.5, ("Sunday", 2): 0.25}
    assert told(weights(pair, time_zone=LONDON)) == expected
    # 01:30 as an end is the second: half an hour, then one hour and a half.
    late = weights(("2026-10-25 00:30", "2026-10-25 01:30"), time_zone=LONDON)
    assert told(late) == {("Sunday", 0): 0.25, ("Sunday", 1): 0.75}


def test_a_zone_with_half_an_hour():
    """Lord Howe puts its clock back by half an hour: 01:30 to 02:00 comes twice on 5 April."""
    pair = ("2026-04-05 01:00", "2026-04-05 03:00")
    frame = weights(pair, time_zone="Australia/Lord_Howe")
    assert told(frame) == {("Sunday", 1): 1.5 / 2.5, ("Sunday", 2): 1 / 2.5}


MOMENTS = st.integers(0, 60 * 24 * 14)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=5), st.sampled_from([None, LONDON])
)
def test_weights_are_those_of_counting_minutes(pairs, zone):
    base = pd.Timestamp("2026-03-22")  # the clock goes forward a week later
    frame = toy.incidents([(1, 1)] * len(pairs))
    start, end = (base + pd.to_timedelta([pair[at] for pair in pairs], unit="min") for at in (0, 1))
    frame = frame.assign(start=start, end=end)
    frame.loc[0, "start"] = pd.Timestamp("2026-03-25 10:01")  # so that there is a time
    expected = np.zeros((24, 7))
    first, last = (pd.DatetimeIndex(frame[name]) for name in ("start", "end"))
    if zone:
        first, last = (one.tz_localize(zone, nonexistent="shift_forward") for one in (first, last))
    for one, other in zip(first, last, strict=True):
        if other - one >= pd.Timedelta(days=7):
            expected += 1 / 168
            continue
        minutes = pd.date_range(one, max(other, one), freq="min", inclusive="left")
        minutes = minutes if len(minutes) else pd.DatetimeIndex([one])
        np.add.at(expected, (minutes.hour, minutes.day_of_week), 1 / len(minutes))
    found = geoprofiles.aoristic_hours(frame, time_zone=zone, simulations=0)
    np.testing.assert_allclose(found.to_numpy(), expected, atol=1e-9)


def test_bands_are_those_of_a_bootstrap():
    """Of n incidents in one hour or another the weight of one is binomial: limits known."""
    from scipy import stats

    pairs = [("2026-06-05 09:10", None)] * 30 + [("2026-06-06 14:00", None)] * 70
    frame = geoprofiles.aoristic_hours(spans(*pairs), simulations=4000, seed=1)
    low, high = (np.array(frame.attrs[name])[9, 4] for name in ("low", "high"))
    assert (low, high) == pytest.approx(stats.binom.ppf([0.025, 0.975], 100, 0.3), abs=1)
    assert np.array(frame.attrs["high"])[3].sum() == 0
    by_hour = frame.attrs["by_hour"]
    assert by_hour["weight"][9] == 30
    assert by_hour["low"][9] == low
    assert frame.attrs["by_weekday"]["weight"][4] == 30
    again = geoprofiles.aoristic_hours(spans(*pairs), simulations=4000, seed=1)
    assert again.attrs == frame.attrs


def test_start_hours_mislead_about_burglary(repository):
    """The sample's shops are locked up from 17:00 and found broken into in the morning."""
    columns = {"incident_id": "Ref", "category": "Offence", "start": "From", "end": "To"}
    columns |= {"easting": "Easting", "northing": "Northing"}
    burglaries = geoprofiles.read_incidents(
        repository / "data" / "commercial_burglary.csv", columns=columns, source_crs="EPSG:27700"
    )
    frame = geoprofiles.aoristic_hours(burglaries, time_zone=LONDON, simulations=0)
    by_hour = {name: np.array(values) for name, values in frame.attrs["by_hour"].items()}
    night = [22, 23, 0, 1, 2, 3, 4, 5]
    assert by_hour["start"][night].sum() / 1500 < 0.15
    assert by_hour["weight"][night].sum() / 1500 > 0.45
    assert frame.to_numpy().sum() == pytest.approx(1500)
    shift = geoprofiles.shift_weights(burglaries, time_zone=LONDON)
    assert shift.sum() == pytest.approx(by_hour["weight"][night].sum(), abs=0.5)


def test_rows_that_stand_for_several_count_so_often():
    one = spans(("2026-06-05 09:30", "2026-06-05 11:00"), ("2026-06-06 09:30", None))
    rows = one.assign(rows=[3, 1])
    many = one.iloc[[0, 0, 0, 1]]
    pd.testing.assert_frame_equal(
        geoprofiles.aoristic_hours(rows), geoprofiles.aoristic_hours(many)
    )


def test_rows_without_a_start_are_left_out_and_said():
    frame = spans(("2026-06-05 09:30", None), ("2026-06-05 09:30", None))
    frame.loc[1, "start"] = pd.NaT
    hours = geoprofiles.aoristic_hours(frame)
    assert hours.to_numpy().sum() == 1
    assert "1 more have no start and are left out" in hours.attrs["note"]
    assert geoprofiles.shift_weights(frame, start="09:00", end="10:00").tolist() == [1, 0]


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({"start": pd.Timestamp("2026-06-01")}, {}, "these have the month only"),
        ({"start": pd.Timestamp("2026-06-05")}, {}, "no row has a time of day"),
        ({}, {"time_zone": "Europe/Averley"}, "no time zone 'Europe/Averley'"),
        ({}, {"reversed_spans": "turn"}, "'reversed_spans' cannot be 'turn'"),
        ({}, {"simulations": -1}, "'simulations' must be"),
        ({}, {"coverage": 1}, "'coverage' must be"),
        ({"start": pd.Timestamp("2026-06-05 09:30", tz="UTC")}, {}, "carry an offset from UTC"),
    ],
)
def test_what_cannot_be_told_is_refused(change, options, said):
    frame = spans(("2026-06-05 09:30", None)).drop(columns="end").assign(**change)
    with pytest.raises(InputError, match=said):
        geoprofiles.aoristic_hours(frame, **options)


def test_times_with_an_offset_are_turned_into_the_zone():
    frame = spans(("2026-06-05 09:30", None)).drop(columns="end")
    frame["start"] = frame["start"].dt.tz_localize("UTC")
    found = geoprofiles.aoristic_hours(frame, time_zone=LONDON, simulations=0)
    assert told(found) == {("Friday", 10): 1}  # an hour later in summer
    assert np.array(found.attrs["start"])[10, 4] == 1


def test_shift_windows_by_hand():
    """Friday 5 June 2026, 20:00 to Saturday 04:00: six of eight hours after 22:00."""
    frame = spans(("2026-06-05 20:00", "2026-06-06 04:00"), ("2026-06-06 05:59", None))
    assert geoprofiles.shift_weights(frame).tolist() == [0.75, 1]
    friday = geoprofiles.shift_weights(frame, weekdays=["Friday"])
    assert friday.tolist() == [0.75, 1], "Friday's shift ends on Saturday morning"
    assert geoprofiles.shift_weights(frame, weekdays=["Saturday"]).tolist() == [0, 0]
    day = geoprofiles.shift_weights(frame, start="00:00", end="24:00", weekdays=["Saturday"])
    assert day.tolist() == [0.5, 1]
    assert geoprofiles.shift_weights(frame, start="06:00", end="22:00").tolist() == [0.25, 0]


def test_windows_hold_their_start_and_not_their_end():
    frame = spans(("2026-06-05 22:00", None), ("2026-06-05 06:00", None))
    assert geoprofiles.shift_weights(frame).tolist() == [1, 0]


def test_a_week_or_more_has_the_share_of_the_week():
    frame = spans(("2026-06-05 22:00", "2026-06-20 03:00"))
    assert geoprofiles.shift_weights(frame).tolist() == pytest.approx([8 / 24])
    fridays = geoprofiles.shift_weights(frame, weekdays=["Friday"])
    assert fridays.tolist() == pytest.approx([8 / 168])


def test_the_night_the_clock_goes_back_is_an_hour_longer():
    """Saturday 24 October 2026, 22:00 to Sunday 06:00 lasts nine hours; 22:00 to 07:00 ten."""
    frame = spans(("2026-10-24 22:00", "2026-10-25 07:00"))
    assert geoprofiles.shift_weights(frame, time_zone=LONDON).tolist() == pytest.approx([9 / 10])
    assert geoprofiles.shift_weights(frame).tolist() == pytest.approx([8 / 9])


@settings(max_examples=60)
@given(st.lists(st.tuples(MOMENTS, st.integers(0, 20_000)), min_size=1, max_size=6))
def test_two_shifts_that_fill_the_day_add_up(pairs):
    start = pd.Timestamp("2026-03-22 00:01") + pd.to_timedelta([a for a, _ in pairs], unit="min")
    end = start + pd.to_timedelta([b for _, b in pairs], unit="min")
    frame = toy.incidents([(1, 1)] * len(pairs)).assign(start=start, end=end)
    frame.loc[len(frame)] = frame.loc[0].to_dict() | {"start": pd.Timestamp("2026-03-25 10:01")}
    parts = [
        geoprofiles.shift_weights(frame, start=a, end=b, time_zone=LONDON)
        for a, b in (("22:15", "06:00"), ("06:00", "14:30"), ("14:30", "22:15"))
    ]
    np.testing.assert_allclose(sum(parts), 1, atol=1e-9)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"start": "25:00"}, "'start' is no time of day: '25:00'"),
        ({"end": "6"}, "'end' is no time of day"),
        ({"weekdays": ["Fri"]}, "Did you mean 'Friday'"),
        ({"weekdays": []}, "no weekday is named"),
    ],
)
def test_windows_that_cannot_be_read_are_refused(options, said):
    with pytest.raises(InputError, match=said):
        geoprofiles.shift_weights(spans(("2026-06-05 09:30", None)), **options)


def test_weights_flow_into_places():
    frame = spans(
        ("2026-06-05 20:00", "2026-06-06 04:00"),
        ("2026-06-06 05:59", None),
        ("2026-06-06 12:00", None),
    )
    frame.loc[2, "easting"] += 500
    frame.loc[len(frame)] = frame.loc[0].to_dict() | {"refused": "repeated ID"}
    weight = geoprofiles.shift_weights(frame)
    assert weight.tolist() == [0.75, 1, 0, 0]
    places = geoprofiles.distinct_places(frame.assign(weight=weight))
    assert places["count"].tolist() == [1.75]
    twice = geoprofiles.distinct_places(frame.assign(weight=weight, rows=2))
    assert twice["count"].tolist() == [3.5]
    grid = geoprofiles.grid_over(toy.areas(), cell=50)
    places[["easting", "northing"]] += 1400  # away from the edge
    surface = geoprofiles.hotspot_kde(places, grid, bandwidth=400)
    assert (surface["density"] * surface["area_km2"]).sum() == pytest.approx(1.75, rel=0.001)


@pytest.mark.parametrize("bad", [-0.5, np.nan, np.inf])
def test_bad_weights_are_refused(bad):
    frame = toy.incidents([(1, 1), (2, 2)]).assign(weight=[0.5, bad])
    with pytest.raises(InputError, match="missing, negative or infinite"):
        geoprofiles.distinct_places(frame)
    frame.loc[1, "refused"] = "repeated ID"  # what does not count is not looked at
    assert geoprofiles.distinct_places(frame)["count"].tolist() == [0.5]


@pytest.mark.real
def test_without_ends_the_weights_are_the_start_hours(shared_data):
    """Homicides of nine American cities, counted by pandas."""
    file = shared_data / "benchmarks" / "us_homicides_2015.csv.gz"
    homicides = geoprofiles.read_incidents(
        file,
        columns={"incident_id": "uid", "category": "offense_type", "date": "date_single"},
        crs="EPSG:5070",
    )
    times = pd.to_datetime(pd.read_csv(file)["date_single"])
    expected = pd.crosstab(times.dt.hour, times.dt.day_of_week).to_numpy()
    frame = geoprofiles.aoristic_hours(homicides, simulations=0)
    np.testing.assert_array_equal(frame.to_numpy(), expected)
    np.testing.assert_array_equal(frame.attrs["start"], expected)
    assert frame.attrs["no_end"] == frame.attrs["incidents"] == len(times)

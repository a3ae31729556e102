"""What the data can carry: the sample, real open data, and heaps made on purpose."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import toy

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.hotspots.resolution import METHODS, lattice_step, need_days, need_times, snapped

PRECISE = {
    "incident_id": "Ref", "category": "Offence", "start": "From", "end": "To",
    "easting": "Easting", "northing": "Northing",
}  # fmt: skip


def found(incidents) -> dict[str, str]:
    facts = geoprofiles.data_resolution(incidents)
    assert facts["fact"].is_unique
    return facts.set_index("fact")["found"].to_dict()


def consequence(incidents, fact) -> str:
    facts = geoprofiles.data_resolution(incidents).set_index("fact")
    return facts.loc[fact, "consequence"]


def scattered(number=200, seed=0, *, every=1.0):
    rng = np.random.default_rng(seed)
    xy = np.round(rng.uniform(0, 3000, (number, 2)) / every) * every
    incidents = toy.incidents(xy.tolist())
    minutes = rng.integers(0, 60 * 24 * 300, number)
    return incidents.assign(start=pd.Timestamp("2025-01-01") + pd.to_timedelta(minutes, unit="min"))


def test_street_files_stand_on_map_points_and_have_the_month_only(repository):
    street = geoprofiles.read_incidents(repository / "data" / "incidents")
    facts = found(street)
    assert facts["fixed map points"] == "yes"
    assert facts["dates"] == "month only"
    can = geoprofiles.answerable(street)
    assert can.index.tolist() == list(METHODS)
    assert can.loc["density and clusters", "can"]
    assert not can.loc[["near repeats", "time of day", "streets"], "can"].any()
    assert can.loc["near repeats", "why"] == "near repeats need dates; these have the month only"
    # Without knowing the layout the points tell it, and so do places that were tallied.
    plain = street.drop(columns=["place"])
    plain.attrs = {}
    assert snapped(plain)
    assert snapped(geoprofiles.distinct_places(plain).assign())
    assert snapped(street[street["category"] == "Burglary"])


def test_precise_records_carry_everything(repository):
    precise = geoprofiles.read_incidents(
        repository / "data" / "commercial_burglary.csv", columns=PRECISE, source_crs="EPSG:27700"
    )
    assert geoprofiles.answerable(precise)["can"].all()
    facts = geoprofiles.data_resolution(precise).set_index("fact")
    # Counted in the file: 48 without an end, 7 that end before they start.
    assert facts.loc["with an end", "found"] == "1,452"
    assert facts.loc["ends before it starts", "found"] == "7"
    assert facts.loc["sharing their place", "found"] == "186"
    assert facts.loc["fixed map points", "found"] == "no"


@pytest.mark.real
def test_real_data_are_told_apart(shared_data):
    southampton = shared_data / "police" / "southampton" / "2021-10"
    month = geoprofiles.read_incidents(southampton)
    month.attrs = {"crs": month.attrs["crs"]}
    assert snapped(month)
    robberies = geoprofiles.read_incidents(
        shared_data / "benchmarks" / "memphis_robberies_2019.csv",
        columns={"category": "offense_type"},
    )
    assert not snapped(robberies)
    facts = found(robberies)
    assert facts["rounded coordinates"] == "to 3 decimals of a degree (about 111 m)"
    can = geoprofiles.answerable(robberies)["can"]
    assert can["near repeats"]
    assert not can["repeats at the same place"]


@pytest.mark.parametrize("step", [10, 100, 1000])
@pytest.mark.parametrize("middle", [0, 0.5])
def test_rounded_coordinates_are_seen_wherever_the_lattice_stands(step, middle):
    incidents = scattered(400 if step < 1000 else 60, every=step)
    if step == 1000:  # toy ground holds too few squares of a kilometre
        incidents["easting"] += np.arange(60) * 1000
    incidents[["easting", "northing"]] += middle * step
    assert lattice_step(incidents) == step
    assert f"closer than {step:,} m" in consequence(incidents, "rounded coordinates")


def test_exact_metres_are_not_rounded():
    assert lattice_step(scattered(every=1)) == 0
    assert lattice_step(scattered(every=0.001)) == 0


def test_shops_with_many_incidents_are_no_map_points():
    """Half stacked, but neighbours stand within ten metres: addresses, not map points."""
    shops = [(100 + 8 * at, 500) for at in range(40)]
    assert not snapped(toy.incidents(shops * 5))
    assert snapped(toy.incidents([(100 + 80 * at, 500) for at in range(40)] * 5))


def test_heaped_times_are_said():
    incidents = scattered()
    assert consequence(incidents, "at midnight exactly") == ""
    heaped = incidents.copy()
    heaped.loc[:19, "start"] = heaped.loc[:19, "start"].dt.normalize()
    heaped.loc[20:49, "start"] = heaped.loc[20:49, "start"].dt.normalize() + pd.Timedelta(hours=12)
    assert "Midnight may stand" in consequence(heaped, "at midnight exactly")
    assert "Noon may stand" in consequence(heaped, "at noon exactly")
    hours = incidents.assign(start=incidents["start"].dt.floor("h"))
    assert "to the hour" in consequence(hours, "on the hour")
    days = incidents.assign(start=incidents["start"].dt.normalize())
    assert found(days)["times"] == "none"
    can = geoprofiles.answerable(days)
    assert can.loc["near repeats", "can"]
    assert can.loc["time of day", "why"] == "time of day needs times; no row has one"
    firsts = days.copy()
    firsts.loc[:99, "start"] = firsts.loc[:99, "start"].to_numpy().astype("datetime64[M]")
    assert "whose day is not known" in consequence(firsts, "on the first of the month")


def test_what_cannot_be_answered_is_refused_with_its_reason():
    months = scattered().assign(start=pd.Timestamp("2026-06-01"))
    with pytest.raises(InputError, match="near repeats need dates; these have the month only"):
        need_days(months, "near repeats")
    with pytest.raises(InputError, match="time of day needs times; these have the month only"):
        need_times(months, "time of day")
    days = scattered().assign(start=pd.Timestamp("2026-06-02"))
    with pytest.raises(InputError, match="time of day needs times; no row has a time of day"):
        need_times(days, "time of day")


def test_counted_rows_stand_for_so_many():
    incidents = scattered()
    doubled = pd.concat([incidents, incidents], ignore_index=True)
    twice = incidents.assign(rows=2)
    pd.testing.assert_frame_equal(
        geoprofiles.data_resolution(doubled), geoprofiles.data_resolution(twice)
    )


def test_nothing_located_and_nothing_at_all():
    nowhere = toy.incidents([None, None])
    assert "Nothing can be mapped" in consequence(nowhere, "with a place")
    assert not geoprofiles.answerable(nowhere).loc["density and clusters", "can"]
    with pytest.raises(InputError, match="there is no incident to look at"):
        geoprofiles.data_resolution(nowhere.assign(refused="repeated ID"))
    with pytest.raises(InputError, match="there is no incident to look at"):
        geoprofiles.answerable(nowhere.iloc[:0])


def test_text_and_degrees_are_refused():
    incidents = scattered()
    texts = incidents.assign(start=incidents["start"].astype(str))
    for method in (geoprofiles.data_resolution, geoprofiles.aoristic_hours):
        with pytest.raises(InputError, match="the column 'start' holds no dates"):
            method(texts)
    degrees = incidents.assign(easting=-1.4, northing=50.9)
    for method in (geoprofiles.data_resolution, geoprofiles.answerable, geoprofiles.repeat_table):
        with pytest.raises(InputError, match="look like degrees"):
            method(degrees)
    with pytest.raises(InputError, match="lack the column 'easting'"):
        geoprofiles.data_resolution(incidents.drop(columns="easting"))
    with pytest.raises(InputError, match="lack the column 'easting'"):
        geoprofiles.near_repeats(incidents.drop(columns="easting"))


def test_no_row_is_said_to_be_none():
    none = scattered().iloc[:0]
    for method in (
        geoprofiles.aoristic_hours, geoprofiles.shift_weights, geoprofiles.near_repeats,
        geoprofiles.near_repeat_chains, geoprofiles.days_to_next, geoprofiles.repeat_table,
    ):  # fmt: skip
        with pytest.raises(InputError, match="there is no incident to look at"):
            method(none)

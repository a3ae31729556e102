"""Counts: zeros are rows, a missing month is not a zero, and all of it adds up."""

from __future__ import annotations

import pandas as pd
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError


def count(incidents):
    return geoprofiles.count_by_area(geoprofiles.locate(incidents, toy.areas()), toy.areas())


def test_every_combination_is_a_row():
    incidents = pd.concat(
        [
            toy.incidents([(500, 500), (500, 500)], month="2026-04-01"),
            toy.incidents([(1500, 500), None, (9000, 1)], category="Drugs"),
        ]
    )
    counts = count(incidents)
    assert len(counts) == 5 * 2 * 2
    assert list(dict.fromkeys(counts["area_code"])) == ["A", "B", "C", "(outside)", "(unlocated)"]
    assert list(dict.fromkeys(counts["area_name"]))[:3] == ["Mill", "Quay", "Heath"]
    # May is not in the data, so it is absent and not zero.
    assert list(dict.fromkeys(counts["month"].dt.strftime("%Y-%m"))) == ["2026-04", "2026-06"]
    by = counts.set_index(["area_code", counts["month"].dt.month, "category"])["count"]
    assert by["A", 4, "Theft"] == 2
    assert by["A", 6, "Theft"] == 0
    assert by["B", 6, "Drugs"] == by["(outside)", 6, "Drugs"] == by["(unlocated)", 6, "Drugs"] == 1
    assert counts["count"].sum() == 5


def test_refused_rows_do_not_count_and_are_reconciled():
    incidents = toy.incidents([(500, 500), (500, 500), None])
    incidents.loc[1, "refused"] = "repeated ID"
    located = geoprofiles.locate(incidents, toy.areas())
    assert geoprofiles.count_by_area(located, toy.areas())["count"].sum() == 2
    table = geoprofiles.reconcile(located)
    assert table[["fate", "reason", "rows"]].to_numpy().tolist() == [
        ["counted", "", 1], ["unlocated", "no coordinates", 1], ["refused", "repeated ID", 1],
    ]  # fmt: skip


def test_no_incidents_give_no_rows():
    assert count(toy.incidents([]))["count"].sum() == 0


def test_codes_of_other_areas_are_refused():
    located = geoprofiles.locate(toy.incidents([(500, 500)]), toy.areas())
    with pytest.raises(InputError, match="'A' in 'area_code' is not one of the areas"):
        geoprofiles.count_by_area(located, toy.areas().iloc[1:])


POINT = st.one_of(st.none(), st.tuples(st.integers(-500, 3500), st.integers(-500, 3500)))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(POINT, st.integers(1, 4), st.sampled_from("XYZ"), st.booleans())))
def test_nothing_vanishes_in_any_order(rows):
    if not rows:
        return
    incidents = toy.incidents([row[0] for row in rows])
    incidents["month"] = [pd.Timestamp(2026, row[1], 1) for row in rows]
    incidents["category"] = [row[2] for row in rows]
    incidents["refused"] = ["repeated ID" if row[3] else None for row in rows]
    located = geoprofiles.locate(incidents, toy.areas())
    counts = geoprofiles.count_by_area(located, toy.areas())
    assert counts["count"].sum() == sum(not row[3] for row in rows)
    assert geoprofiles.reconcile(located)["rows"].sum() == len(rows)
    backwards = geoprofiles.count_by_area(located.iloc[::-1], toy.areas())
    pd.testing.assert_frame_equal(counts, backwards)

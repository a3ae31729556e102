"""Worse and worsening: every combination by plain rules, sorted by evidence."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.trend import trend_words

POLARITIES = ["high is bad", "high is good", "neither"]
TRENDS = ["rising", "falling", "no clear trend", "cannot be calculated"]
CHANGES = ["more", "fewer", "no clear change", "too few to say", None]


def every_case():
    rows = itertools.product(POLARITIES, [3.0, 5.0, 9.0], [0.001, 0.2, np.nan], TRENDS, CHANGES)
    table = pd.DataFrame(rows, columns=["polarity", "value", "q", "trend", "change_verdict"])
    moved = table["change_verdict"].isin(["more", "fewer"])
    return table.assign(
        area_code=[f"A{at}" for at in range(len(table))],
        indicator="theft",
        whole=5.0,
        q_adjusted=table["q"] * 10,
        change_q=np.where(moved, 0.03, 0.6),
    )


def by_rules(row):
    """Say the list of one row as a person would."""
    if row["polarity"] == "neither" or not row["q"] <= 0.05 or row["value"] == row["whole"]:
        return None
    high_is_bad = row["polarity"] == "high is bad"
    worse = (row["value"] > row["whole"]) == high_is_bad
    trend = {"rising": 1, "falling": -1}.get(row["trend"], 0)
    change = {"more": 1, "fewer": -1}.get(row["change_verdict"], 0)
    if trend * change == -1 or not (trend or change):
        return None
    worsening = ((trend or change) > 0) == high_is_bad
    if worse != worsening:
        return None
    return "worse and getting worse" if worse else "better and getting better"


def test_every_case_by_plain_rules():
    table = every_case()
    found = geoprofiles.worse_and_worsening(table)
    expected = {
        row["area_code"]: said for _, row in table.iterrows() if (said := by_rules(row)) is not None
    }
    assert len(expected) > 20
    assert dict(zip(found["area_code"], found["list"], strict=True)) == expected


def test_trends_that_carry_their_judgement_count_as_well():
    """As profiles say them: a rise of what is bad is "rising: getting worse"."""
    table = every_case()
    judged = [trend_words(*one) for one in zip(table["trend"], table["polarity"], strict=True)]
    assert "rising: getting worse" in judged
    plain = geoprofiles.worse_and_worsening(table)
    found = geoprofiles.worse_and_worsening(table.assign(trend=judged))
    assert found["area_code"].tolist() == plain["area_code"].tolist()
    assert found["evidence"].tolist() == plain["evidence"].tolist()


def test_evidence_is_the_weaker_of_the_two():
    found = geoprofiles.worse_and_worsening(every_case())
    by_trend = found["trend"].isin(["rising", "falling"])
    assert set(found.loc[by_trend, "evidence"]) == {0.002}
    assert set(found.loc[~by_trend, "evidence"]) == {0.03}
    assert found["stands_out"].all()  # q adjusted is 0.01 in all of them


def listed(**columns):
    base = {"indicator": "theft", "polarity": "high is bad", "whole": 5.0, "trend": "rising"}
    return pd.DataFrame({**base, **columns})


def test_order_is_list_then_what_stands_out_then_evidence():
    table = listed(
        area_code=list("ABCDE"),
        value=[9.0, 9, 9, 1, 9],
        trend=["rising", "rising", "rising", "falling", "rising"],
        q=[0.04, 0.001, 0.0001, 0.001, 0.003],
        q_adjusted=[0.05, 0.6, 0.04, 0.01, np.nan],
    )
    found = geoprofiles.worse_and_worsening(table)
    assert found["area_code"].tolist() == ["C", "A", "B", "E", "D"]
    assert found["stands_out"].tolist() == [True, True, False, False, True]
    assert "change_verdict" not in found  # it is not needed


def test_a_stricter_level_lists_less():
    table = listed(area_code=["A", "B"], value=9.0, q=[0.01, 0.03], q_adjusted=0.03)
    assert len(geoprofiles.worse_and_worsening(table)) == 2
    strict = geoprofiles.worse_and_worsening(table, level=0.02)
    assert strict["area_code"].tolist() == ["A"]
    assert not strict["stands_out"].any()


def test_nothing_listed_is_an_empty_list():
    table = listed(area_code=["A"], value=[np.nan], q=[np.nan], q_adjusted=[np.nan])
    found = geoprofiles.worse_and_worsening(table)
    assert found.empty
    assert {"list", "stands_out", "evidence"} <= set(found)
    assert geoprofiles.worse_and_worsening(table[:0]).empty


def test_a_repeated_index_is_no_hindrance():
    table = every_case()
    table.index = [0] * len(table)
    found = geoprofiles.worse_and_worsening(table)
    assert len(found) == len(geoprofiles.worse_and_worsening(every_case()))


def test_a_column_that_lacks_is_named():
    with pytest.raises(InputError, match="lack the column 'q_adjusted'"):
        geoprofiles.worse_and_worsening(listed(area_code=["A"], value=[1.0], q=[0.5]))

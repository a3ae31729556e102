"""Priorities: scores, totals and sensitivity by brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.priorities import CUTS, DRAWS

TOPICS = pd.DataFrame(
    {
        "volume": [0.30, 0.12, 0.05, 0.02, 0.01, 0.08, 0.019],
        "trend": [1.3, 1.0, 0.9, 1.2, np.nan, 1.06, 1.4],
        "harm": [0.4, 0.02, np.nan, 0.05, 0.01, 0.15, 0.2],
        "concern": [0.5, 0.2, 0.3, 0.46, np.nan, 0.1, 0.1],
    },
    index=["Violence", "Disorder", "Theft", "Drugs", "Bicycles", "Burglary", "Robbery"],
)
SCORES = [
    [4, 4, 4, 4], [4, 2, 2, 2], [3, 1, None, 3], [2, 4, 3, 4],
    [1, None, 1, None], [3, 3, 4, 1], [1, 4, 4, 1],
]  # fmt: skip


def test_scores_and_totals_by_hand():
    """A figure at a cut has the higher score; what is not known is left out of the mean."""
    found = geoprofiles.prioritise(TOPICS).loc[TOPICS.index]
    expected = pd.DataFrame(SCORES, TOPICS.index, TOPICS.columns, dtype=float)
    pd.testing.assert_frame_equal(found[list(TOPICS)], expected)
    assert found["total"].tolist() == pytest.approx(expected.mean(axis=1).tolist())
    assert found["place"].tolist()[:4] == [1, 4, 6, 2]
    assert pd.isna(found.loc["Bicycles", "place"])  # two criteria of four are not enough
    assert np.isnan(found.loc["Bicycles", "stays"])
    assert found.loc["Bicycles", "lacks"] == "trend and concern"
    assert found.loc["Violence", "lacks"] == ""


def test_the_list_begins_with_the_first_and_ends_with_those_without_a_place():
    found = geoprofiles.prioritise(TOPICS)
    assert found.index[0] == "Violence"
    assert found.index[-1] == "Bicycles"
    assert found["place"].dropna().is_monotonic_increasing


def test_weights_that_are_named():
    found = geoprofiles.prioritise(TOPICS, weights={"volume": 3, "trend": 1}).loc[TOPICS.index]
    assert found["total"].iloc[1] == pytest.approx((3 * 4 + 2) / 4)
    assert found["total"].iloc[0] == 4
    same = geoprofiles.prioritise(TOPICS, weights=dict.fromkeys(TOPICS, 7.0))
    pd.testing.assert_frame_equal(same, geoprofiles.prioritise(TOPICS))


def test_sensitivity_by_brute_force():
    """Every one of the thousand weightings again, one topic after another."""
    found = geoprofiles.prioritise(TOPICS, rng=5).loc[TOPICS.index]
    drawn = np.random.default_rng(5).dirichlet(np.ones(4), DRAWS)
    stays = dict.fromkeys(TOPICS.index, 0)
    for weights in drawn:
        totals = {}
        for topic, scores in zip(TOPICS.index, SCORES, strict=True):
            known = [(w, s) for w, s in zip(weights, scores, strict=True) if s is not None]
            if len(known) >= 3:
                totals[topic] = sum(w * s for w, s in known) / sum(w for w, _ in known)
        for topic, total in totals.items():
            stays[topic] += sum(other > total + 1e-9 for other in totals.values()) < 5
    expected = [stays[one] / DRAWS if one != "Bicycles" else np.nan for one in TOPICS.index]
    assert found["stays"].tolist() == pytest.approx(expected, nan_ok=True)
    assert 0 < found.loc["Theft", "stays"] < 1


def test_weights_are_uniform_over_all_that_add_up():
    """Two criteria that disagree: the one with the higher score has it in half of all weightings.

    Ten topics; five score 4 and 1, five 1 and 4: each side is first where its criterion weighs
    more.
    """
    topics = pd.DataFrame(
        {"volume": [0.5] * 5 + [0.0] * 5, "harm": [0.0] * 5 + [0.5] * 5}, index=range(10)
    )
    found = geoprofiles.prioritise(topics)["stays"].loc[range(10)]
    assert found.iloc[0] == pytest.approx(0.5, abs=0.05)
    assert found.iloc[0] + found.iloc[9] == pytest.approx(1)


@given(st.permutations(list(range(7))))
@settings(max_examples=20)
def test_topics_of_one_score_are_treated_alike_in_any_order(order):
    alike = pd.DataFrame(
        {"volume": [0.1] * 7, "trend": [1.1] * 7, "harm": [0.3] * 7}, index=list("ABCDEFG")
    )
    found = geoprofiles.prioritise(alike.iloc[order])
    assert found["stays"].tolist() == [1.0] * 7
    assert found["place"].tolist() == [1] * 7
    other = geoprofiles.prioritise(TOPICS.iloc[order])
    pd.testing.assert_frame_equal(
        other.loc[TOPICS.index], geoprofiles.prioritise(TOPICS).loc[TOPICS.index]
    )


def test_own_cuts():
    found = geoprofiles.prioritise(TOPICS[["volume"]], cuts={"volume": (0.1, 0.2, 0.25)})
    assert found.loc[TOPICS.index, "volume"].tolist() == [4, 2, 1, 1, 1, 1, 1]
    assert CUTS["volume"] == (0.02, 0.05, 0.12)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"cuts": {"volume": (0.2, 0.1, 0.3)}}, "cuts of 'volume' must be three rising numbers"),
        ({"cuts": {"volume": (0.1, 0.2)}}, "must be three rising numbers"),
        ({"weights": {"volum": 1}}, "a weight is for 'volum', which no topic has"),
        ({"weights": {"volume": -1, "trend": 2}}, "weights must be 0 or more"),
        ({"weights": {"volume": 0}}, "weights must be 0 or more, and some above 0"),
        ({"weights": {"volume": np.nan, "trend": 2}}, "weights must be 0 or more"),
    ],
)
def test_priorities_at_fault(options, told):
    with pytest.raises(InputError, match=told):
        geoprofiles.prioritise(TOPICS, **options)


def test_a_criterion_without_cuts():
    with pytest.raises(InputError, match="there are no cuts for 'volumes'"):
        geoprofiles.prioritise(TOPICS.rename(columns={"volume": "volumes"}))

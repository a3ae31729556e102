"""Sentences about figures: they read as sentences, and claim what was tested and no more."""

from __future__ import annotations

import pandas as pd
import pytest

from geoprofiles.narrative import MOST, figure_sentence, headlines

FIGURE = {
    "indicator": "Theft", "value": 9.0, "lower": 8.0, "upper": 10.0, "whole": 5.0,
    "unit": "per 1,000", "period": "2025", "verdict": "higher than the rest", "q_adjusted": 0.001,
    "count": 90, "rank": 2, "ranked": 17, "rank_lower": 1, "rank_upper": 3,
}  # fmt: skip


def figures(number: int, **said: object) -> pd.DataFrame:
    return pd.DataFrame([{**FIGURE, **said}] * number)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (0, None),
        (1, "1 more figure differs by more than wards differ anyway."),
        (3, "3 more figures differ by more than wards differ anyway."),
    ],
)
def test_what_is_left_out_of_a_long_list_is_counted(more, told):
    lines = headlines(figures(MOST + more), kind="ward")
    assert lines[MOST:] == ([] if told is None else [told])


def test_what_only_differs_as_areas_do_anyway_stands_out_nowhere():
    lines = headlines(
        figures(4, verdict="higher than the rest, as areas differ anyway"), kind="ward"
    )
    assert lines == [
        "None of the 4 figures that were tested differs from the other wards by more than wards"
        " differ anyway."
    ]


def test_nothing_is_said_of_what_was_not_tested():
    assert headlines(figures(3, verdict="not tested"), kind="ward") == []
    mixed = pd.concat([figures(1), figures(3, verdict="not tested", indicator="Score")])
    assert not [line for line in headlines(mixed, kind="ward") if "Score" in line]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "9.0 per 1,000 in 2025 (95% limits 8.0 to 10.0; 90 counted), the 2nd highest of 17"
             " wards (it may be 1st to 3rd); all wards together 5.0"),
        ({"rank": 1, "rank_upper": 1}, "the highest of 17 wards; all"),
        ({"rank": 17, "rank_lower": 16, "rank_upper": 17}, "the lowest of 17 wards (it may be 16th"
                                                           " to 17th);"),
        ({"rank": 1, "ranked": 1}, "90 counted); all wards together"),
        ({"unit": "%"}, "9.0% in 2025"),
        ({"unit": "%"}, "all wards together 5.0%"),
        ({"unit": "score", "lower": float("nan")}, "Theft: a score of 9.0 in 2025, the 2nd"),
    ],
)  # fmt: skip
def test_figures_read_as_sentences(said, told):
    assert told in figure_sentence(pd.Series({**FIGURE, **said}), kind="ward")

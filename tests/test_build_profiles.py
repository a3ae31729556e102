"""All profiles at once are those told one by one."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from geoprofiles.profile import build_profile, build_profiles

CODES = ["B", "C", "A"]


@pytest.fixture
def tables():
    rng = np.random.default_rng(3)
    figures = pd.DataFrame(
        {
            "area_code": np.repeat(CODES, 2),
            "area_name": np.repeat(["Quay", "Moor", "Mill"], 2),
            "indicator": ["Theft", "Arson"] * 3,
            "period": "2025",
            "unit": "per 1,000",
            "value": rng.uniform(1, 9, 6),
            "lower": 0.5,
            "upper": [np.nan, *[12.0] * 5],
            "count": pd.array([4, None, 6, 7, 8, 9], dtype="Int64"),
            "whole": 3.0,
            "rank": pd.array([1, None, 2, 1, 3, 2], dtype="Int64"),
            "ranked": 3,
            "rank_lower": 1,
            "rank_upper": 3,
            "verdict": ["higher than the rest", "not tested", *["lower than the rest"] * 4],
            "q_adjusted": 0.01,
        }
    )
    counts = pd.DataFrame(
        {
            "area_code": ["A", "A", "A", "B", "(outside)"],
            "month": pd.to_datetime(["2025-02-01", "2025-01-01", "2025-02-01", "2025-01-01", None]),
            "category": ["Theft", "Theft", "Arson", "Theft", "Theft"],
            "count": [3, 5, 7, 0, 9],
        }
    )
    history = pd.DataFrame({"area_code": ["A", "B", "A"], "period": ["2024"] * 3, "value": 1.0})
    spots = pd.DataFrame({"area_code": ["A", "B", "A"], "label": ["one", "one", "two"]})
    return figures, counts, history, spots


def test_all_at_once_are_those_one_by_one(tables):
    figures, counts, history, spots = tables
    around = {"A": ["Quay"], "B": ["Mill", "Moor"]}
    together = list(
        build_profiles(
            figures, counts=counts, kind="ward", history=history, neighbours=around, hotspots=spots
        )
    )
    assert [one.area_code for one in together] == CODES
    for found in together:
        code = found.area_code
        alone = build_profile(
            code,
            figures=figures,
            counts=counts,
            kind="ward",
            history=history,
            neighbours=around.get(code, ()),
            hotspots=spots[spots["area_code"] == code].drop(columns="area_code"),
        )
        for field in fields(alone):
            one, two = getattr(alone, field.name), getattr(found, field.name)
            if isinstance(one, pd.DataFrame):
                pd.testing.assert_frame_equal(one, two)
            else:
                assert one == two, field.name


def test_months_are_summed_over_categories_and_only_where_there_are_counts(tables):
    figures, counts, _, _ = tables
    made = {one.area_code: one for one in build_profiles(figures, counts=counts)}
    assert made["A"].months["count"].tolist() == [5, 10]
    assert made["C"].months.empty
    assert made["C"].history is None and made["C"].hotspots is None

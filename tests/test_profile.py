"""Profiles: what is printed of one area is what the figures say."""

from __future__ import annotations

import pandas as pd
import pytest
import toy

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.profile import profile_figures

DEFINITIONS = pd.DataFrame(
    {
        "topic": ["Incidents"],
        "name": ["All incidents"],
        "polarity": ["high is bad"],
        "source": ["toy"],
    },
    index=pd.Index(["all"], name="indicator"),
)


@pytest.fixture
def figures_and_counts():
    points = [(500, 500)] * 30 + [(1500, 500)] * 10 + [(9000, 9000)]
    located = geoprofiles.locate(toy.incidents(points), toy.areas())
    counts = geoprofiles.count_by_area(located, toy.areas())
    numbers = [1000.0, 1000.0, float("nan")]
    people = pd.DataFrame({"area_code": list("ABC"), "year": 2025, "population": numbers})
    rates = geoprofiles.rate_by_area(counts, people, indicator="all", unit="per 1,000 residents")
    compared = geoprofiles.compare(rates)
    return profile_figures(compared, areas=toy.areas(), definitions=DEFINITIONS), counts


def test_a_profile_tells_one_area(figures_and_counts):
    figures, counts = figures_and_counts
    profile = geoprofiles.build_profile("A", figures=figures, counts=counts, kind="ward")
    assert profile.area_name == "Mill"
    assert profile.months["count"].tolist() == [30]
    (sentence,) = profile.sentences
    assert sentence == (
        "All incidents: 30.0 per 1,000 residents in June 2026"
        " (95% limits 20.2 to 42.8; 30 counted), the highest of 2 wards; all wards together 20.0."
    )


def test_an_area_without_a_denominator_says_so(figures_and_counts):
    figures, counts = figures_and_counts
    profile = geoprofiles.build_profile("C", figures=figures, counts=counts)
    assert profile.sentences == (
        "All incidents: 0 counted in June 2026; no rate, because there is no denominator.",
    )


def test_an_unknown_area_and_indicator_are_refused(figures_and_counts):
    figures, counts = figures_and_counts
    with pytest.raises(InputError, match="'X'"):
        geoprofiles.build_profile("X", figures=figures, counts=counts)
    rates = pd.DataFrame({"indicator": ["other"]})
    with pytest.raises(InputError, match="'other' has no definition"):
        profile_figures(rates, areas=toy.areas(), definitions=DEFINITIONS)

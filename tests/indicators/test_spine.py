"""Spine charts: positions by hand, and an axis that one ward does not set."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.spine import significance, spine_positions


def figures(value, *, whole=None, polarity="high is bad", verdict="cannot be told from the rest"):
    value = np.asarray(value, dtype=float)
    return pd.DataFrame(
        {
            "indicator": "theft",
            "period": "2025",
            "value": value,
            "lower": value - 1,
            "upper": value + 1,
            "whole": np.nanmean(value) if whole is None else whole,
            "polarity": polarity,
            "verdict": verdict,
        }
    )


def test_positions_by_hand():
    """0, 1, ... 20: 5th and 95th centile are 1 and 19; from a whole of 8 the farther is 11 away."""
    found = spine_positions(figures(range(21), whole=8.0))
    assert found["position"].iloc[8] == 0.5
    assert found["position"].iloc[19] == pytest.approx(0)  # the 95th centile, worse, at the left
    assert found["position"].iloc[20] == pytest.approx(0.5 - 0.5 * 12 / 11)  # an arrow beyond
    assert found["position"].iloc[0] == pytest.approx(0.5 + 0.5 * 8 / 11)
    first = found.iloc[10]
    assert (first["position_lower"], first["position_upper"]) == pytest.approx(
        (0.5 - 0.5 * 3 / 11, 0.5 - 0.5 * 1 / 11)
    )
    assert (first["box_low"], first["box_high"]) == pytest.approx(
        (0.5 - 0.5 * 7 / 11, 0.5 + 0.5 * 3 / 11)
    )  # quartiles 5 and 15


def test_worse_is_left_whichever_way_is_bad():
    bad = spine_positions(figures([1, 2, 3, 4, 10]))
    good = spine_positions(figures([1, 2, 3, 4, 10], polarity="high is good"))
    none = spine_positions(figures([1, 2, 3, 4, 10], polarity="neither"))
    assert bad["position"].is_monotonic_decreasing
    assert (bad["position"] + good["position"]).tolist() == pytest.approx([1] * 5)
    assert none["position"].tolist() == good["position"].tolist()  # lower is left


ROUND = st.floats(0, 1000).map(lambda one: round(one, 2))


@given(st.lists(ROUND, min_size=1, max_size=30), ROUND)
@settings(max_examples=40)
def test_what_holds_of_any_figures(value, whole):
    found = spine_positions(figures(value, whole=whole))
    assert (found["position_lower"].fillna(0) <= found["position_upper"].fillna(0)).all()
    assert (found["box_low"].fillna(0) <= found["box_high"].fillna(0)).all()
    assert found["position"].notna().all()
    scaled = spine_positions(figures(np.array(value) * 8, whole=whole * 8))
    assert scaled["position"].tolist() == pytest.approx(found["position"].tolist())
    same = np.isclose(value, whole, rtol=1e-12)
    assert found["position"][same].tolist() == pytest.approx([0.5] * int(same.sum()))


def test_one_area_does_not_set_the_axis():
    """A minimum-to-maximum axis puts all but one in a hundredth of it; this one does not."""
    value = [*np.linspace(2, 5, 30), 400.0]
    found = spine_positions(figures(value, whole=4.0))
    assert found["position"].iloc[-1] < 0
    assert np.ptp(found["position"].iloc[:-1]) > 0.5
    by_extremes = 0.5 - 0.5 * (np.array(value) - 4) / 396
    assert np.ptp(by_extremes[:-1]) < 0.01


def test_all_alike_one_area_and_none():
    alike = spine_positions(figures([0.1] * 7, whole=sum([0.1] * 7) / 7))
    assert alike["position"].tolist() == [0.5] * 7
    assert alike["position_lower"].isna().all()  # there is no axis to put limits on
    alone = spine_positions(figures([5.0], whole=5.0))
    assert alone["position"].tolist() == [0.5]
    hole = spine_positions(figures([1, np.nan, 3]))
    assert hole["position"].isna().tolist() == [False, True, False]
    assert spine_positions(figures([np.nan, np.nan], whole=3.0))["position"].isna().all()


def test_each_indicator_and_period_has_its_axis():
    two = pd.concat([figures([1, 2, 3]), figures([10, 20, 30]).assign(period="2026")])
    found = spine_positions(two.reset_index(drop=True))
    assert found["position"].tolist()[:3] == pytest.approx(found["position"].tolist()[3:])


def test_the_median_stands_in_for_a_whole_that_is_not_known():
    found = spine_positions(figures([1, 2, 9], whole=np.nan))
    assert found["position"].iloc[1] == 0.5


def test_only_what_is_sure_has_a_side():
    said = ["higher than the rest", "lower than the rest",
            "higher than the rest, as areas differ anyway", "cannot be told from the rest",
            "not tested", None]  # fmt: skip
    unsure = [
        "higher, as areas differ anyway", "no clear difference", "not tested", "not tested",
    ]  # fmt: skip
    for polarity, sides in [
        ("high is bad", ["worse", "better"]),
        ("high is good", ["better", "worse"]),
        ("neither", ["higher", "lower"]),
    ]:
        found = significance(pd.Series(said), pd.Series([polarity] * 6))
        assert found.tolist() == sides + unsure


def test_a_column_that_lacks_is_named():
    with pytest.raises(InputError, match="lack the column 'polarity'"):
        spine_positions(figures([1, 2]).drop(columns="polarity"))


@pytest.mark.real
def test_half_of_southamptons_wards_do_not_share_a_sliver(southampton_rates):
    """By extremes half of them share 7% of the axis for shoplifting; by centiles far more."""
    rates = geoprofiles.compare(southampton_rates(["Shoplifting"]).assign(unit="per 1,000"))
    found = spine_positions(rates.assign(polarity="high is bad", verdict="not tested"))
    first = found.iloc[0]
    value, whole = rates["value"], rates["whole"].iloc[0]
    half = max(value.max() - whole, whole - value.min())
    by_extremes = (value.quantile(0.75) - value.quantile(0.25)) / (2 * half)
    assert by_extremes == pytest.approx(0.07, abs=0.01)
    assert first["box_high"] - first["box_low"] > 2.5 * by_extremes

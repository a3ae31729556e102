"""Breaks: found where they were put, not where months only vary, and in Southampton's recording."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import geoprofiles
from geoprofiles.indicators.breaks import _p, breaks_of


def counted(levels, start="2021-01-01", *, areas=("A", "B"), category="ASB", drop=()):
    """Counts of each month in each area, without the months to drop."""
    month = pd.date_range(start, periods=len(levels), freq="MS")
    parts = [
        pd.DataFrame({"area_code": area, "month": month, "category": category, "count": levels})
        for area in areas
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[~table["month"].isin(pd.to_datetime(list(drop)))]


def noisy(rng, mean, spread):
    size = mean / (spread - 1)
    return rng.negative_binomial(size, 1 / spread)


def test_a_step_is_found_where_it_was_put_and_described_as_it_is():
    levels = [100, 104, 97, 101, 99, 103] * 3 + [60, 64, 57, 62, 61, 59] * 2
    found = geoprofiles.find_breaks(counted(levels))
    assert len(found) == 1
    step = found.iloc[0]
    assert step["month"] == pd.Timestamp("2022-07-01")
    assert step["before"] == pytest.approx(2 * np.mean(levels[:18]))
    assert step["after"] == pytest.approx(2 * np.mean(levels[18:]))
    days = pd.date_range("2021-01-01", periods=30, freq="MS").days_in_month.to_numpy()
    ratio = np.sum(levels[18:]) / days[18:].sum() / (np.sum(levels[:18]) / days[:18].sum())
    assert step["ratio"] == pytest.approx(ratio)
    assert (step["gap"], step["everywhere"]) == (0, 1.0)
    assert step["sentence"] == (
        "From about 201 a month to about 121 at 2022-07, the same way in 100% of areas: did"
        " recording change?"
    )


def test_two_steps_are_both_found():
    levels = [100, 104, 97, 101] * 4 + [160, 155, 162, 158] * 4 + [80, 83, 79, 82] * 4
    found = geoprofiles.find_breaks(counted(levels))
    assert found["month"].dt.strftime("%Y-%m").tolist() == ["2022-05", "2023-09"]
    assert found["before"].tolist() == pytest.approx([201, 317.5])


def test_a_step_in_one_area_alone_is_seen_to_be_so():
    quiet = counted([20, 21, 19, 20] * 6, areas=[f"Q{at}" for at in range(9)])
    loud = counted([200] * 12 + [600] * 12, areas=["L"])
    found = geoprofiles.find_breaks(pd.concat([quiet, loud]))
    assert found["month"].tolist() == [pd.Timestamp("2022-01-01")]
    assert found["everywhere"].iloc[0] <= 0.5


def test_the_test_of_two_levels_is_that_of_scipy():
    """Where spread is one, the pooled t test on variances as the Poisson law has them."""
    one, two = np.array([98.0, 110, 85, 120, 101, 95]), np.array([130.0, 118, 149, 125, 133])
    parts = [(part - part.mean()) ** 2 / part.mean() for part in (one, two)]
    spread = np.concatenate(parts).sum() / 9
    pooled = np.r_[one, two].mean()
    t = (two.mean() - one.mean()) / np.sqrt(spread * pooled * (1 / 6 + 1 / 5))
    assert _p(one, two) == pytest.approx(2 * stats.t.sf(abs(t), 9))
    assert _p(np.full(5, 3.0), np.full(5, 3.0)) == 1


@pytest.mark.parametrize("season", [0.0, 0.3])
def test_months_that_only_vary_have_no_break(season):
    """Stationary and seasonal series, four times as wide as chance: none in 60."""
    rng = np.random.default_rng(11)
    wave = 1 + season * np.cos(2 * np.pi * np.arange(36) / 12)
    series = [
        counted(noisy(rng, mean * wave, 4), areas=["A"], category=f"{mean}-{at}")
        for mean in (60, 300)
        for at in range(30)
    ]
    assert geoprofiles.find_breaks(pd.concat(series)).empty


def test_a_steady_climb_is_no_break():
    """A fifth more every year for three years."""
    rng = np.random.default_rng(12)
    climb = 300 * np.exp(0.2 * np.arange(36) / 12)
    series = [
        counted(noisy(rng, climb, 4), areas=["A"], category=str(number)) for number in range(40)
    ]
    assert len(geoprofiles.find_breaks(pd.concat(series))) <= 1


def test_steps_in_wide_and_seasonal_months_are_found():
    rng = np.random.default_rng(13)
    level = 300 * (1 + 0.2 * np.cos(2 * np.pi * (np.arange(36) + 6) / 12))
    level[15:] *= 1.6
    series = [
        counted(noisy(rng, level, 4), areas=["A"], category=str(number)) for number in range(40)
    ]
    found = geoprofiles.find_breaks(pd.concat(series))
    near = abs((found["month"] - pd.Timestamp("2022-04-01")).dt.days) < 40
    assert found.loc[near, "category"].nunique() >= 38


def test_another_level_after_a_gap_is_told_with_its_gap():
    levels = [100, 104, 97] * 4 + [0] * 12 + [50, 52, 47] * 4
    dropped = pd.date_range("2022-01-01", periods=12, freq="MS")
    found = geoprofiles.find_breaks(counted(levels, drop=dropped)).iloc[0]
    assert (found["month"], found["gap"]) == (pd.Timestamp("2023-01-01"), 12)
    assert "after 12 months that are missing" in found["sentence"]


def test_a_climb_that_a_gap_hides_is_not_called_sudden():
    """What lies before the gap is not next to what lies after it."""
    levels = [100, 104, 97] * 4 + [0] * 12 + [200, 205, 197] * 4
    dropped = pd.date_range("2022-01-01", periods=12, freq="MS")
    found = geoprofiles.find_breaks(counted(levels, drop=dropped))
    assert found["gap"].tolist() == [12]  # and no other, however near to the gap


@pytest.mark.parametrize(
    "levels", [[0] * 24, [5] * 24, [7], [3, 4, 3, 90, 80], [0] * 11 + [1] + [0] * 12]
)
def test_nothing_is_made_of_nothing(levels):
    assert geoprofiles.find_breaks(counted(levels)).empty


def test_what_begins_is_a_step_without_a_ratio():
    found = geoprofiles.find_breaks(counted([0] * 12 + [50, 55, 48, 52] * 3)).iloc[0]
    assert found["month"] == pd.Timestamp("2022-01-01")
    assert np.isinf(found["ratio"])


def test_what_lies_outside_is_left_out_and_order_does_not_matter():
    levels = [100, 104, 97] * 4 + [60, 64, 57] * 4
    table = counted(levels)
    more = pd.concat([table, counted([0] * 12 + [9999] * 12, areas=["(outside)"])])
    assert geoprofiles.find_breaks(more.sample(frac=1, random_state=2)).equals(
        geoprofiles.find_breaks(table)
    )
    assert geoprofiles.find_breaks(table[:0]).columns.tolist()[:2] == ["category", "month"]


def test_breaks_of_one_category_area_and_source():
    table = pd.DataFrame(
        {
            "source": ["", "police", "fire", ""],
            "category": ["ASB", "ASB", "ASB", "Drugs"],
            "area": ["", "A", "", None],
            "month": pd.to_datetime(["2024-07-01", "2023-01-01", "2022-01-01", "2021-01-01"]),
            "why": ["one", "two", "three", "four"],
        }
    )
    assert breaks_of(table, category="ASB", area="A", source="police")["why"].tolist() == [
        "two", "one",
    ]  # fmt: skip
    assert breaks_of(table, category="ASB", area="B", source="police")["why"].tolist() == ["one"]
    assert breaks_of(table, category="Drugs", area="B")["why"].tolist() == ["four"]
    assert breaks_of(None, category="ASB").empty


@pytest.mark.real
def test_southamptons_recording(southampton_counts):
    """Anti-social behaviour from 1,075 to 459 over a gap; violence at once in April 2017."""
    found = geoprofiles.find_breaks(southampton_counts)
    disorder = found[found["category"] == "Anti-social behaviour"].iloc[0]
    assert disorder["month"] == pd.Timestamp("2021-03-01")
    assert disorder["gap"] == 41
    assert (disorder["before"], disorder["after"]) == pytest.approx((1075, 459), abs=0.5)
    violence = found[found["category"] == "Violence and sexual offences"]
    assert violence["month"].dt.strftime("%Y-%m").tolist() == ["2017-04", "2021-03"]
    assert violence["gap"].tolist() == [0, 41]
    assert violence["before"].iloc[0] == pytest.approx((503 + 597) / 2)
    assert found["everywhere"].min() > 0.7


@pytest.mark.real
def test_in_two_years_of_london_one_group_of_offences_stepped(london_counts):
    found = geoprofiles.find_breaks(london_counts)
    assert found["category"].tolist() == ["DRUG OFFENCES"]

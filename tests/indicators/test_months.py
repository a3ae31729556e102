"""Months: season by statsmodels, sums by hand, and ranges that hold as often as they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import geoprofiles
from geoprofiles.errors import InputError

# Made up; factors by statsmodels 0.14, of counts a day: seasonal_decompose (multiplicative,
# period 12), and the mean of STL's (robust, seasonal 13, of logarithms) over the years.
COUNT = [210, 190, 226, 240, 265, 280, 301, 296, 255, 248, 214, 205,
         221, 182, 240, 236, 270, 291, 315, 288, 262, 240, 221, 199,
         205, 199, 231, 251, 259, 299, 308, 310, 249, 255, 209, 214,
         215, 188, 219, 246, 275, 284, 322, 301, 266, 243, 225, 210]  # fmt: skip
DECOMPOSED = [0.84953532, 0.82418663, 0.91238464, 1.00110392, 1.06234074, 1.19226896,
              1.22690325, 1.18721523, 1.05226296, 0.98774767, 0.88388515, 0.82016553]  # fmt: skip
LOESS = [0.86, 0.831, 0.921, 1.013, 1.078, 1.197, 1.252, 1.2, 1.073, 0.988, 0.903, 0.83]


def months(count, start="2021-01-01"):
    return pd.DataFrame(
        {"month": pd.date_range(start, periods=len(count), freq="MS"), "count": count}
    )


def test_season_is_that_of_statsmodels():
    found = geoprofiles.season(months(COUNT))
    raw = found["raw"] / found["raw"].mean()
    assert raw.tolist() == pytest.approx(DECOMPOSED, abs=1e-7)
    assert found["factor"].tolist() == pytest.approx(LOESS, abs=0.045)
    assert found["month_of_year"].tolist() == list(range(1, 13))
    assert found["factor"].mean() == pytest.approx(1)
    assert found.attrs["strength"] > 0.9
    assert found["years"].tolist() == [3] * 12


def test_chance_has_little_season():
    rng = np.random.default_rng(1)
    strengths, spread = [], []
    for _ in range(60):
        found = geoprofiles.season(months(rng.poisson(50, 60)))
        strengths.append(found.attrs["strength"])
        spread.append((found["factor"].std(ddof=0), found["raw"].std(ddof=0)))
    drawn_in, raw = np.mean(spread, axis=0)
    assert np.median(strengths) < 0.25
    assert drawn_in < 0.35 * raw


def test_february_is_not_low_for_being_short():
    days = pd.date_range("2021-01-01", periods=36, freq="MS").days_in_month
    found = geoprofiles.season(months(10 * days.to_numpy()))
    assert found["factor"].tolist() == pytest.approx([1] * 12)


def test_season_begins_in_any_month_and_rows_in_any_order():
    one = geoprofiles.season(months(COUNT[5:], "2021-06-01").sample(frac=1, random_state=3))
    assert one["month_of_year"].tolist() == list(range(1, 13))
    assert one["factor"].tolist() == pytest.approx(LOESS, abs=0.05)


def test_two_years_are_enough_and_nothing_has_no_season():
    found = geoprofiles.season(months(COUNT[:24]))
    assert found["years"].tolist() == [1] * 12
    empty = geoprofiles.season(months([0] * 30))
    assert empty["factor"].tolist() == [1] * 12
    assert empty.attrs["strength"] == 0
    late = geoprofiles.season(months([0] * 24 + [5] * 8))  # some months of the year never known
    assert late["factor"].notna().all()


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (months(COUNT[:23]), "24 consecutive months are needed; there are 23"),
        (months(COUNT).drop(index=20), "with 1 missing between"),
        (months([*COUNT[:20], np.nan, *COUNT[21:]]), "with 1 missing between"),
        (pd.concat([months(COUNT), months(COUNT[:1])]), "2021-01 comes twice"),
        (pd.concat([months(COUNT).drop(index=9), months(COUNT[:1])]), "2021-01 comes twice"),
        (months([]), "24 consecutive months are needed; there are 0"),
    ],
)
def test_season_at_fault(table, told):
    with pytest.raises(InputError, match=told):
        geoprofiles.season(table)


def test_sums_of_twelve_by_hand():
    table = months(range(1, 26))
    found = geoprofiles.rolling_year(table)
    expected = [sum(range(at - 10, at + 2)) for at in range(11, 25)]
    assert found["total"].isna().sum() == 11
    assert found["total"].dropna().tolist() == expected
    # The step from one sum to the next is one month against the same a year before: no trend.
    steps = found["total"].dropna().diff().dropna()
    assert set(steps) == {12.0}
    assert "no evidence of a trend" in found.attrs["warning"]


def test_no_sum_spans_a_missing_month():
    table = months([1] * 40)
    for hole in (table.drop(index=15), table.assign(count=table["count"].where(table.index != 15))):
        found = geoprofiles.rolling_year(hole).set_index("month")["total"]
        assert found.loc["2022-03-01"] == 12
        assert found.loc["2022-05-01":"2023-03-01"].isna().all()
        assert found.loc["2023-04-01"] == 12
    assert geoprofiles.rolling_year(table[:0]).empty
    with pytest.raises(InputError, match="2021-01 comes twice"):
        geoprofiles.rolling_year(pd.concat([table, table]))


def test_the_way_with_the_smallest_error_is_used():
    seasonal = months(COUNT)
    _, report = geoprofiles.forecast(seasonal)
    assert report["way"] == "the same month a year before"
    assert report["error"] == min(report["errors"].values())
    # Errors again, from the definition: each origin from the 25th month, three months ahead.
    daily = seasonal["count"].to_numpy() / seasonal["month"].dt.days_in_month.to_numpy()
    off = [
        abs(daily[at] - daily[start - 12 : start].mean())
        for start in range(24, 48)
        for at in range(start, min(start + 3, 48))
    ]
    mean = report["errors"]["the mean of the latest twelve months"]
    assert mean == pytest.approx(np.mean(off) / daily.mean())
    assert report["held_out"] == len(off)
    walk = months(np.round(500 * np.exp(np.cumsum(np.random.default_rng(2).normal(0, 0.1, 60)))))
    assert geoprofiles.forecast(walk, ahead=1)[1]["way"] == "the latest month"


def test_forecasts_follow_the_year_and_the_days():
    ahead, _ = geoprofiles.forecast(months(COUNT), ahead=12)
    assert ahead["month"].iloc[0] == pd.Timestamp("2025-01-01")
    last = np.array(COUNT[-12:], dtype=float)
    level = np.sum(COUNT[-12:]) / np.sum(COUNT[-24:-12])
    days_before = pd.date_range("2024-01-01", periods=12, freq="MS").days_in_month
    assert ahead["value"].tolist() == pytest.approx(
        last / days_before * ahead["month"].dt.days_in_month.to_numpy() * level**0.5, rel=0.003
    )
    assert (ahead["lower"] < ahead["value"]).all()
    assert (ahead["upper"] > ahead["value"]).all()


@pytest.mark.parametrize(("mean", "spread", "wave"), [(300, 4, 0.0), (300, 4, 0.2), (12, 1.001, 0)])
def test_ranges_hold_as_often_as_they_say(mean, spread, wave):
    """The next three months, unseen, of 50 series; and what a report says of itself."""
    rng = np.random.default_rng(9)
    level = mean * (1 + wave * np.cos(2 * np.pi * np.arange(51) / 12))
    inside, said = [], []
    for _ in range(50):
        count = rng.negative_binomial(level / (spread - 1), 1 / spread)
        ahead, report = geoprofiles.forecast(months(count[:48]))
        inside += ahead["lower"].le(count[48:]).mul(ahead["upper"].ge(count[48:])).tolist()
        said.append(report["covered"])
    assert np.mean(inside) == pytest.approx(0.8, abs=0.1)
    assert np.mean(said) == pytest.approx(np.mean(inside), abs=0.1)


def test_ranges_are_no_narrower_than_chance():
    """Equal months have no errors; the next is still a count."""
    ahead, report = geoprofiles.forecast(months([100] * 48), confidence=0.95)
    assert ahead["upper"].iloc[0] - ahead["value"].iloc[0] >= 1.96 * 100**0.5 * 0.98
    assert report["covered"] == 1
    nothing, _ = geoprofiles.forecast(months([0] * 40))
    assert nothing[["value", "lower"]].eq(0).all().all()
    assert nothing["upper"].between(0.1, 3).all()


def test_wider_ranges_for_more_confidence():
    widths = [
        (one["upper"] - one["lower"]).iloc[0]
        for level in (0.5, 0.8, 0.95)
        for one in [geoprofiles.forecast(months(COUNT), confidence=level)[0]]
    ]
    assert widths == sorted(widths)
    assert widths[0] < widths[2]


@pytest.mark.parametrize(
    ("count", "options", "told"),
    [
        (COUNT[:35], {}, "36 consecutive months are needed; there are 35"),
        (COUNT, {"ahead": 13}, "'ahead' must be 1 to 12 months; it is 13"),
        (COUNT, {"ahead": 0}, "'ahead' must be 1 to 12"),
        (COUNT, {"confidence": 80}, "'confidence' must be between 0 and 1"),
    ],
)
def test_forecasts_at_fault(count, options, told):
    with pytest.raises(InputError, match=told):
        geoprofiles.forecast(months(count), **options)


@pytest.mark.real
def test_southamptons_stretches_are_too_short_to_look_ahead_from(southampton_counts):
    city = southampton_counts.groupby("month")["count"].sum().reset_index()
    with pytest.raises(InputError, match="missing between"):
        geoprofiles.forecast(city)
    totals = geoprofiles.rolling_year(city)["total"]
    assert totals.isna().all()  # no stretch is of twelve months

"""Control charts: limits by R, rules by plain loops, alarms by simulation and on London's wards."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.control import _signals, control_charts

# Made up. Centre, sigma z and limits below by R 4.2 from Laney's formulas: z of each month, mean
# moving range of the first 24 screened once at 3.267 times its mean, over 1.128.
COUNT = [310, 298, 352, 331, 275, 340, 361, 322, 290, 305, 333, 348, 318,
         301, 377, 325, 299, 342, 350, 310, 287, 330, 345, 362, 410, 255]  # fmt: skip
EXPOSURE = [52.0] * 13 + [53.0] * 13


def months(count, start="2024-01-01", **more):
    month = pd.date_range(start, periods=len(count), freq="MS")
    return pd.DataFrame({"month": month, "count": count, **more})


def test_laneys_limits_are_those_of_r():
    chart = geoprofiles.control_chart(months(COUNT, exposure=EXPOSURE))
    assert chart["centre"].unique() == pytest.approx([0.2036979085])
    assert chart.attrs["spread"] == pytest.approx([1.3750394135])
    at = [0, 1, 25]
    lower, upper = chart["lower"].iloc[at].tolist(), chart["upper"].iloc[at].tolist()
    assert lower == pytest.approx([0.1573268331, 0.1557544880, 0.1553683602])
    assert upper == pytest.approx([0.2500689839, 0.2516413291, 0.2520274568])


def test_limits_of_individuals_are_those_of_r():
    """Mean less and plus 2.66 times the screened mean moving range."""
    chart = geoprofiles.control_chart(months(COUNT, exposure=EXPOSURE), kind="individuals")
    assert chart["centre"].unique() == pytest.approx([0.2036899492])
    assert chart["lower"].unique() == pytest.approx([0.1573132055], rel=1e-4)
    assert chart["upper"].unique() == pytest.approx([0.2500666930], rel=1e-4)


def test_a_plain_chart_is_a_u_chart():
    chart = geoprofiles.control_chart(months([100] * 12), kind="poisson")
    days = chart["month"].dt.days_in_month
    centre = 1200 / 366
    assert chart["upper"].tolist() == pytest.approx(centre + 3 * np.sqrt(centre / days))
    assert chart.attrs["spread"] == [1.0]


def by_loops(z):
    """The rules as a person would apply them, month by month."""
    said = []
    for at, value in enumerate(z):
        three, run = z[max(at - 2, 0) : at + 1], z[max(at - 7, 0) : at + 1]
        climb = z[max(at - 6, 0) : at + 1]
        sign = 1 if value > 0 else -1
        pairs = list(itertools.pairwise(climb))
        if value > 3:
            said.append("above")
        elif value < -3:
            said.append("below")
        elif len(three) == 3 and abs(value) > 2 and sum(sign * one > 2 for one in three) >= 2:
            said.append("two of three near a limit")
        elif len(climb) == 7 and (all(a < b for a, b in pairs) or all(a > b for a, b in pairs)):
            said.append("trend of seven")
        elif len(run) == 8 and (all(one > 0 for one in run) or all(one < 0 for one in run)):
            said.append("run on one side")
        else:
            said.append(None)
    return said


@given(st.lists(st.floats(-3.5, 3.5).map(lambda one: round(one, 2)), min_size=1, max_size=30))
@settings(max_examples=150)
def test_rules_are_those_of_plain_loops(z):
    one = np.array([z])
    nothing = np.zeros((1, 1))
    found = _signals(
        one, nothing, nothing, np.ones(one.shape), np.full(one.shape, 3.0),
        np.zeros(one.shape, dtype=bool), np.zeros(len(z), dtype=int),
    )  # fmt: skip
    assert found[0].tolist() == by_loops(z)


@given(st.data())
@settings(max_examples=8)
def test_many_charts_are_those_made_one_by_one(data):
    """With gaps, steps, exposures and rows in any order."""
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    parts, steps = [], {"Theft": ["2024-01-01"], "Drugs": []}
    for area in "ABC":
        for category in steps:
            part = months(
                rng.poisson(rng.choice([0.0, 0.3, 4, 40, 400]), 34), "2022-01-01",
                exposure=rng.uniform(1, 2, 34), area_code=area, category=category,
            )  # fmt: skip
            kept = np.sort(rng.choice(34, 28, replace=False)) if area != "C" else np.arange(34)
            parts.append(part.iloc[kept])
    breaks = pd.DataFrame(
        {"month": ["2024-01-01"], "category": ["Theft"], "area": [""], "why": ["rule"]}
    )
    table = pd.concat(parts).sample(frac=1, random_state=1)
    many = control_charts(table, breaks=breaks, baseline=12)
    keys = ["area_code", "category"]
    assert many[[*keys, "month"]].equals(many[[*keys, "month"]].sort_values([*keys, "month"]))
    for (_, category), rows in many.groupby(keys):
        mine = table.merge(rows[[*keys, "month"]], on=[*keys, "month"])
        one = geoprofiles.control_chart(mine, steps=steps[category], baseline=12)
        pd.testing.assert_frame_equal(rows[one.columns].reset_index(drop=True), one)
        assert rows.groupby("phase")["spread"].first().tolist() == pytest.approx(
            one.attrs["spread"], nan_ok=True
        )


def drawn(rng, mean, spread, series=400, number=36):
    """Stationary months whose variance is `spread` times their mean."""
    if spread == 1:
        count = rng.poisson(mean, (series, number))
    else:
        size = mean / (spread - 1)
        count = rng.negative_binomial(size, size / (size + mean), (series, number))
    month = pd.date_range("2022-01-01", periods=number, freq="MS")
    index = pd.MultiIndex.from_product([range(series), month], names=["area_code", "month"])
    return pd.Series(count.ravel(), index=index, name="count").reset_index().assign(category="x")


@pytest.mark.parametrize(
    ("mean", "spread"),
    [(0.2, 1), (0.3, 1), (1, 1), (3, 1), (8, 1), (8, 3), (20, 1), (20, 4), (300, 9)],
)
def test_ordinary_months_seldom_raise_the_alarm(mean, spread):
    """A plain chart of rare events is wrong in up to 4% of months, one of wide months in 30%."""
    rng = np.random.default_rng(3)
    charts = control_charts(drawn(rng, mean, spread))
    assert charts["signal"].isin(["above", "below"]).mean() < 0.015
    if spread == 1 and mean < 1:
        assert charts["signal"].notna().mean() < 0.004


def test_wide_months_are_measured_as_wide():
    """Moving ranges of three years tell the spread: sigma z squared is variance over mean."""
    charts = control_charts(drawn(np.random.default_rng(2), 100, 4))
    wide = charts.groupby("area_code")["spread"].first()
    assert wide.mean() == pytest.approx(2, rel=0.05)


def test_real_jumps_are_told():
    rng = np.random.default_rng(5)
    table = drawn(rng, 40, 2, series=100, number=25)
    last = table["month"] == table["month"].max()
    table.loc[last, "count"] = 90
    charts = control_charts(table)
    assert (charts.loc[last.to_numpy(), "signal"] == "above").mean() > 0.95


def test_few_events_that_come_at_once_are_told():
    chart = geoprofiles.control_chart(months([0, 1, 0, 0] * 6 + [6]))
    assert chart["signal"].tolist() == [None] * 24 + ["above"]
    two = geoprofiles.control_chart(months([0, 1, 0, 0] * 6 + [2]))
    assert two["signal"].isna().all()  # a plain chart calls two out of the ordinary
    plain = geoprofiles.control_chart(months([0, 1, 0, 0] * 6 + [2]), kind="poisson")
    assert plain["signal"].iloc[-1] == "above"


def test_a_baseline_without_an_event_gives_no_limits():
    chart = geoprofiles.control_chart(months([0] * 24 + [1, 2]))
    assert chart[["centre", "lower", "upper"]].isna().all().all()
    assert chart["signal"].isna().all()
    assert np.isnan(chart.attrs["spread"]).all()


@pytest.mark.parametrize("kind", ["laney", "individuals", "poisson"])
def test_equal_months_are_all_as_they_should_be(kind):
    table = months([3] * 30)
    table["exposure"] = (
        0.1 / table["month"].dt.days_in_month
    )  # all values the same but for rounding
    assert geoprofiles.control_chart(table, kind=kind)["signal"].isna().all()


def test_one_wild_month_in_the_baseline_does_not_make_runs_of_the_others():
    chart = geoprofiles.control_chart(months([30, 28, 33, 31, 29, 30, 34, 28, 30, 32, 27, 31, 90]))
    assert chart["signal"].tolist() == [None] * 12 + ["above"]


def test_limits_stay_where_the_baseline_put_them():
    rng = np.random.default_rng(1)
    count = rng.poisson(100, 48)
    short = geoprofiles.control_chart(months(count[:30]))
    long = geoprofiles.control_chart(months(count))
    columns = ["centre", "lower", "upper", "signal"]
    pd.testing.assert_frame_equal(short[columns], long[columns].head(30))


def test_a_declared_step_begins_a_phase_and_a_run_does_not_go_across():
    count = [100, 103, 98, 101, 99, 102] * 4 + [60, 61, 59, 62, 58, 60] * 2
    charted = geoprofiles.control_chart(months(count), steps=["2026-01"])
    assert charted["phase"].tolist() == [1] * 24 + [2] * 12
    assert charted["signal"].isna().all()
    assert charted["centre"].nunique() == 2
    unknown = geoprofiles.control_chart(months(count))
    assert set(unknown["signal"].iloc[24:]) == {"below"}


def test_nothing_goes_across_a_gap():
    """Seven rising months with one missing between are no trend of seven."""
    rising = months([100, 101, 99, 102, 100, 101, 99, *range(99, 107)])
    rising["exposure"] = 1 / rising["month"].dt.days_in_month
    assert "trend of seven" in set(geoprofiles.control_chart(rising)["signal"])
    assert "trend of seven" not in set(geoprofiles.control_chart(rising.drop(index=11))["signal"])
    assert geoprofiles.control_chart(rising.drop(index=11))["phase"].unique().tolist() == [1]
    # A month without a count is missing as well, and keeps its row.
    hole = rising.assign(count=rising["count"].astype(float).where(rising.index != 11))
    chart = geoprofiles.control_chart(hole)
    assert "trend of seven" not in set(chart["signal"])
    assert (len(chart), chart["value"].isna().sum(), chart["phase"].nunique()) == (15, 1, 1)


def test_a_year_without_figures_begins_a_phase():
    table = pd.concat([months([50] * 12, "2020-01-01"), months([90] * 12, "2022-01-01")])
    assert geoprofiles.control_chart(table)["phase"].tolist() == [1] * 12 + [2] * 12
    near = pd.concat([months([50] * 12, "2020-01-01"), months([90] * 12, "2021-12-01")])
    assert geoprofiles.control_chart(near)["phase"].unique().tolist() == [1]  # eleven missing


def test_a_short_phase_has_no_limits_and_no_signal():
    chart = geoprofiles.control_chart(months([5, 500, 5, 5, 5]))
    assert chart["centre"].isna().all()
    assert chart["signal"].isna().all()
    assert chart["value"].notna().all()
    assert len(geoprofiles.control_chart(months([5]))) == 1


@pytest.mark.parametrize(
    ("table", "options", "told"),
    [
        (pd.concat([months([1]), months([2])]), {}, "2024-01 comes twice"),
        (months([1, -2]), {}, "a count is negative"),
        (months([1, 2], exposure=[1.0, 0.0]), {}, "an exposure is not above 0"),
        (months([1, 2], exposure=[1.0, np.nan]), {}, "an exposure is not above 0"),
        (months([1, 2]), {"kind": "lanney"}, "Did you mean 'laney'"),
        (months([1, 2]), {"baseline": 3}, "'baseline' must be 6 months or more"),
        (months([1, 2]).drop(columns="count"), {}, "lack the column 'count'"),
    ],
)
def test_charts_at_fault(table, options, told):
    with pytest.raises(InputError, match=told):
        geoprofiles.control_chart(table, **options)


def test_an_area_twice_is_named():
    table = months([1, 2], area_code="A", category="Theft")
    with pytest.raises(InputError, match="2024-01 comes twice for 'Theft' in 'A'"):
        control_charts(pd.concat([table, table]))


def test_no_counts_give_no_charts():
    assert control_charts(months([1, 2], area_code="(outside)", category="x")).empty


@pytest.mark.real
def test_months_of_londons_boroughs_and_wards(london_counts):
    """A plain chart alarms in 29% of borough months; ours in under 2%, of wards too."""
    boroughs = london_counts.groupby(["borough", "month"])["count"].sum().reset_index()
    boroughs = boroughs.rename(columns={"borough": "area_code"}).assign(category="all")
    mean = boroughs.groupby("area_code")["count"].transform("mean")
    assert ((boroughs["count"] - mean).abs() > 3 * np.sqrt(mean)).mean() == pytest.approx(
        0.29, abs=0.005
    )
    wards = london_counts.groupby(["area_code", "month"])["count"].sum().reset_index()
    for table in (boroughs, wards.assign(category="all")):
        beyond = control_charts(table)["signal"].isin(["above", "below"])
        assert 0.01 < beyond.mean() < 0.02
    plain = control_charts(wards.assign(category="all"), kind="poisson")
    assert plain["signal"].isin(["above", "below"]).mean() == pytest.approx(0.05, abs=0.005)


@pytest.mark.real
def test_thousands_of_charts_at_once(london_counts):
    start = time.perf_counter()
    charts = control_charts(london_counts)
    taken = time.perf_counter() - start
    number = charts.groupby(["area_code", "category"]).ngroups
    assert number > 6000
    assert taken / number < 0.002  # seconds a chart, on a slow machine
    assert charts["signal"].isin(["above", "below"]).mean() < 0.01


@pytest.mark.real
def test_southamptons_three_stretches_are_three_phases(southampton_counts):
    city = southampton_counts.groupby("month")["count"].sum().reset_index()
    chart = geoprofiles.control_chart(city)
    assert chart.groupby("phase").size().tolist() == [11, 8, 11]
    assert chart.groupby("phase")["centre"].nunique().tolist() == [1, 1, 1]

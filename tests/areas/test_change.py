"""Changes: figures quoted by others recomputed, limits by another library, noise left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import geoprofiles
from geoprofiles.errors import InputError

BEFORE, AFTER = ("2025-06", "2025-06"), ("2026-06", "2026-06")


def counts(rows):
    """Rows of area, before, after, in one month of 30 days each."""
    table = pd.DataFrame(rows, columns=["area_code", "one", "two"]).melt(
        ["area_code"], var_name="month", value_name="count"
    )
    months = {"one": "2025-06-01", "two": "2026-06-01"}
    table["month"] = pd.to_datetime(table["month"].map(months))
    return table.assign(category="Theft")


@pytest.mark.parametrize(
    ("one", "two", "p", "percent"),
    [
        # Headlines of a strategy, and the p-values found for them elsewhere.
        (722, 664, 0.12, -8.0),
        (2825, 3031, 0.007, 7.3),
        (63, 84, 0.08, 33.3),
    ],
)
def test_quoted_changes_come_out_with_their_tests(one, two, p, percent):
    found = geoprofiles.change_between(counts([("city", one, two)]), BEFORE, AFTER).iloc[0]
    assert found["p"] == pytest.approx(p, rel=0.06)
    assert found["percent"] == pytest.approx(percent, abs=0.1)


@pytest.mark.parametrize(("one", "two"), [(10, 25), (0, 30), (30, 0), (500, 450)])
def test_limits_are_those_of_the_binomial(one, two):
    found = geoprofiles.change_between(counts([("A", one, two)]), BEFORE, AFTER).iloc[0]
    share = stats.binomtest(two, one + two).proportion_ci(0.95, method="exact")
    assert found["lower"] == pytest.approx(share.low / (1 - share.low))
    if one:
        assert found["upper"] == pytest.approx(share.high / (1 - share.high))
        assert found["ratio"] == pytest.approx(two / one)
    else:
        assert np.isinf(found["upper"])
        assert np.isnan(found["ratio"])


def test_few_events_say_nothing_and_cost_nothing():
    table = counts([("A", 2, 9), ("B", 100, 190)])
    found = geoprofiles.change_between(table, BEFORE, AFTER).set_index("area_code")
    assert found.loc["A", "verdict"] == "too few to say"
    assert np.isnan(found.loc["A", "percent"])
    assert np.isnan(found.loc["A", "q"])
    assert found.loc["B", "q"] == found.loc["B", "p"]
    assert found.loc["B", "verdict"] == "more"


def test_days_count_not_months():
    table = pd.DataFrame(
        {
            "area_code": "A",
            "category": "Theft",
            "month": pd.to_datetime(["2026-01-01", "2026-02-01"]),
            "count": [3100, 2800],
        }
    )
    found = geoprofiles.change_between(table, ("2026-01", "2026-01"), ("2026-02", "2026-02"))
    assert found["ratio"].iloc[0] == pytest.approx(1)
    assert found["verdict"].iloc[0] == "no clear change"
    assert found.attrs["days"] == (31, 28)


def monthly(rng, mean, spread=1.0, areas=60):
    """Two years of monthly counts whose variance is `spread` times their mean."""
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    if spread == 1:
        drawn = rng.poisson(mean, (areas, 24))
    else:
        size = mean / (spread - 1)
        drawn = rng.negative_binomial(size, size / (size + mean), (areas, 24))
    index = pd.MultiIndex.from_product([range(areas), months], names=["area_code", "month"])
    return pd.Series(drawn.ravel(), index=index, name="count").reset_index().assign(category="x")


@pytest.mark.parametrize("spread", [1.0, 3.0])
def test_in_noise_nothing_is_found_however_wide_it_is(spread):
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(40):
        table = geoprofiles.change_between(
            monthly(rng, 20, spread), ("2024-01", "2024-12"), ("2025-01", "2025-12")
        )
        assert table["dispersion"].iloc[0] == pytest.approx(spread, rel=0.25)
        found += bool(table["verdict"].isin(["more", "fewer"]).any())
    assert found <= 7  # 2 are expected


def test_real_changes_in_wide_noise_are_found():
    rng = np.random.default_rng(6)
    table = monthly(rng, 40, 2.0)
    later = (table["month"] >= "2025-01-01") & (table["area_code"] < 5)
    table.loc[later, "count"] *= 2
    found = geoprofiles.change_between(table, ("2024-01", "2024-12"), ("2025-01", "2025-12"))
    assert set(found.loc[found["verdict"] == "more", "area_code"]) == set(range(5))
    assert (
        found["area_code"].tolist()[:5] == found[found["verdict"] == "more"]["area_code"].tolist()
    )


def test_strong_evidence_is_still_ranked():
    table = counts([("A", 56, 223), ("B", 60, 294), ("C", 30_000, 31_000)])
    found = geoprofiles.change_between(table, BEFORE, AFTER)
    assert found["area_code"].tolist() == ["B", "A", "C"]
    assert 1e-26 < found["p"].iloc[1] < 1e-20  # z is 9.99
    assert found["p"].iloc[2] == pytest.approx(2 * stats.norm.sf(1000 / 61_000**0.5))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (("2025-06", "2025-07"), AFTER, "no counts of 2025-07"),
        (AFTER, BEFORE, "the periods overlap"),
        (("2025-07", "2025-06"), AFTER, "ends before it begins"),
    ],
)
def test_periods_at_fault(before, after, told):
    with pytest.raises(InputError, match=told):
        geoprofiles.change_between(counts([("A", 1, 2)]), before, after)


@pytest.mark.real
def test_most_large_changes_of_londons_wards_are_not_beyond_chance(shared_data):
    wide = pd.read_csv(shared_data / "london" / "mps_ward_level_crime_202307_202506.csv.gz")
    months = [one for one in wide if one.isdigit()]
    long = wide.melt(["WardCode", "MajorText"], months, "month", "count")
    keys = ["WardCode", "MajorText", "month"]
    sums = long.groupby(keys)["count"].sum()
    full = pd.MultiIndex.from_product([long[key].unique() for key in keys], names=keys)
    table = sums.reindex(full, fill_value=0).reset_index()
    table.columns = ["area_code", "category", "month", "count"]
    table["month"] = pd.to_datetime(table["month"], format="%Y%m")
    found = geoprofiles.change_between(table, ("2023-07", "2024-06"), ("2024-07", "2025-06"))
    large = found[(found["before"] > 0) & ((found["after"] / found["before"] - 1).abs() >= 0.1)]
    assert len(large) == pytest.approx(5367, abs=5)  # as counted before, by others
    assert large["verdict"].isin(["no clear change", "too few to say"]).mean() > 0.9
    assert found["dispersion"].between(1, 3.1).all()
    # Before months are allowed their spread: 74% of the large ones are not beyond chance by the
    # exact binomial, 71% by the E-test, which has more power.
    one, two = large["before"].to_numpy(), large["after"].to_numpy()
    exact = 2 * stats.binom.cdf(np.minimum(one, two), one + two, 0.5)
    assert (exact >= 0.05).mean() == pytest.approx(0.74, abs=0.005)
    names = large["area_code"] + large["category"]
    plain = geoprofiles.change_between(
        counts(list(zip(names, one, two, strict=True))), BEFORE, AFTER
    )
    assert (plain["p"] >= 0.05).mean() == pytest.approx(0.71, abs=0.005)


def test_equal_counts_are_no_change_at_all():
    found = geoprofiles.change_between(counts([(f"A{n}", n, n) for n in range(60)]), BEFORE, AFTER)
    assert found["p"].max() <= 1
    assert set(found["verdict"]) == {"no clear change", "too few to say"}


@pytest.mark.parametrize(
    ("one", "two", "ratio", "lower", "upper"),
    [
        # R 4.2: poisson.test(c(after, before), c(28, 31)), January against February.
        (10, 25, 2.7678571, 1.2838639, 6.4576468),
        (500, 450, 0.9964286, 0.8753175, 1.1340421),
        (3, 19, 7.0119048, 2.0640768, 36.9968126),
        (0, 30, np.nan, 8.4616661, np.inf),
        (30, 0, 0.0, 0.0, 0.1448610),
    ],
)
def test_ratios_by_the_day_and_their_limits_are_those_of_r(one, two, ratio, lower, upper):
    table = pd.DataFrame(
        {"area_code": "A", "category": "x", "count": [one, two],
         "month": pd.to_datetime(["2026-01-01", "2026-02-01"])}
    )  # fmt: skip
    found = geoprofiles.change_between(table, ("2026-01", "2026-01"), ("2026-02", "2026-02"))
    limits = found[["ratio", "lower", "upper"]].iloc[0].tolist()
    assert limits == pytest.approx([ratio, lower, upper], rel=1e-6, nan_ok=True)


def test_the_test_is_scipys_and_findings_are_those_of_benjamini_and_hochberg():
    pairs = [(20, 60), (50, 80), (100, 130), (300, 350), (40, 40), (25, 15), (8, 7)]
    table = counts([(f"A{at}", *pair) for at, pair in enumerate(pairs)])
    found = geoprofiles.change_between(table, BEFORE, AFTER).set_index("area_code")
    p = [stats.poisson_means_test(two, 1, one, 1).pvalue for one, two in pairs]
    found = found.loc[[f"A{at}" for at in range(7)]]
    assert found["p"].tolist() == pytest.approx(p, abs=1e-6)
    told = np.array(p[:6])  # the last rests on too few
    order = np.argsort(told)
    stepped = told[order] * 6 / np.arange(1, 7)
    q = np.empty(6)
    q[order] = np.minimum.accumulate(stepped[::-1])[::-1]
    assert found["q"].tolist() == pytest.approx([*q, np.nan], nan_ok=True, abs=1e-5)
    assert (found["verdict"] == "more").tolist() == [*(q <= 0.05), False]


@pytest.mark.parametrize("everywhere", ["", None, np.nan])
def test_across_a_break_nothing_is_compared(everywhere):
    """An empty cell of area or category means all, however the table of breaks was read."""
    table = counts([("A", 50, 90), ("B", 50, 90)])
    breaks = pd.DataFrame({"category": [everywhere], "area": ["A"], "month": ["2026-01-01"]})
    found = geoprofiles.change_between(table, BEFORE, AFTER, breaks=breaks).set_index("area_code")
    assert found["verdict"].to_dict() == {"A": "not comparable", "B": "more"}
    assert found.loc["A", ["percent", "p", "q"]].isna().all()
    assert found.index.tolist() == ["B", "A"]  # what is not tested comes last
    for column, other in (("category", "Drugs"), ("month", "2026-07-01"), ("month", "2025-06-01")):
        found = geoprofiles.change_between(
            table, BEFORE, AFTER, breaks=breaks.assign(**{column: other})
        )
        assert "not comparable" not in set(found["verdict"])
    all_areas = breaks.assign(area=everywhere, category="Theft")
    found = geoprofiles.change_between(table, BEFORE, AFTER, breaks=all_areas)
    assert set(found["verdict"]) == {"not comparable"}


@pytest.mark.parametrize("bad", [np.nan, -1])
def test_what_is_suppressed_is_not_zero(bad):
    with pytest.raises(InputError, match="a count is missing or negative"):
        geoprofiles.change_between(counts([("A", 5, bad)]), BEFORE, AFTER)


def test_nothing_at_all_is_no_change():
    found = geoprofiles.change_between(counts([("A", 0, 0)]), BEFORE, AFTER).iloc[0]
    assert (found["p"], found["verdict"]) == (1, "too few to say")
    assert np.isnan(found["ratio"])

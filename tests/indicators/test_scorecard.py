"""The scorecard: every status where it belongs, and figures of a strategy recomputed."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.scorecard import SCORECARD_COLUMNS, STATUSES


def judged(values, *, breaks=None, level=0.05, **measure):
    """One measure and its values, as rows of period and whatever else."""
    given_as = {"id": "M", "measure": "A thing", "direction": "down", "kind": "count"} | measure
    table = pd.DataFrame([{"id": "M", **one} for one in values], columns=None)
    if table.empty:
        table = None
    return geoprofiles.scorecard(pd.DataFrame([given_as]), table, breaks=breaks, level=level).iloc[
        0
    ]


def counts(*pairs, **more):
    return [{"period": period, "value": value, **more} for period, value in pairs]


YEARS = counts(("2024", 722), ("2025", 500))
AIM = {"baseline_period": "2024", "target": 600.0, "target_date": "2027"}


@pytest.mark.parametrize(
    ("values", "measure", "status"),
    [
        (YEARS, AIM, "met"),
        (YEARS, AIM | {"target": 450.0}, "moving the right way (beyond chance)"),
        (counts(("2024", 722), ("2025", 664)), AIM, "no clear change"),
        (counts(("2024", 722), ("2025", 900)), AIM, "moving the wrong way"),
        (YEARS, AIM | {"direction": "up", "target": 900.0}, "moving the wrong way"),
        (counts(("2024", 7), ("2025", 4)), AIM | {"target": 2.0}, "too few to say"),
        (YEARS[1:], {}, "not comparable"),
        ([], AIM, "no data"),
        (YEARS[1:], AIM, "no data"),
        (YEARS[:1], AIM, "no data"),
        (YEARS, {"direction": "none"}, "no direction: watch"),
        ([], {"direction": "none"}, "no data"),
    ],
)
def test_each_status(values, measure, status):
    assert judged(values, **measure)["status"] == status
    assert status in STATUSES


def test_nothing_is_met_without_baseline_and_target():
    assert judged(YEARS)["status"] == "moving the right way (beyond chance)"
    assert judged(YEARS, target=600.0)["status"] == "moving the right way (beyond chance)"
    assert judged(YEARS, baseline_period="2024")["status"].startswith("moving the right way")
    only_target = judged(YEARS[1:], target=600.0)
    assert only_target["status"] == "not comparable"
    assert "There is no baseline: it cannot be met." in only_target["evidence"]


@settings(max_examples=40)
@given(
    st.sampled_from(["up", "down", "none"]),
    st.integers(0, 900),
    st.integers(0, 900),
    st.one_of(st.none(), st.integers(0, 900)),
    st.one_of(st.none(), st.just("2024"), st.just("2020")),
)
def test_met_always_has_a_baseline_and_a_target_that_is_reached(
    direction, before, after, target, period
):
    found = judged(
        counts(("2024", before), ("2025", after)),
        direction=direction,
        target=math.nan if target is None else float(target),
        baseline_period=period or "",
    )
    reached = target is not None and {
        "up": after >= target, "down": after <= target, "none": False
    }[direction]  # fmt: skip
    assert (found["status"] == "met") == (reached and period == "2024")


def test_a_target_reached_by_chance_is_met_and_says_so():
    found = judged(counts(("2024", 722), ("2025", 700)), **AIM | {"target": 700.0})
    assert found["status"] == "met"
    assert "which chance may bring" in found["evidence"]
    assert "The target of 700 by 2027 is reached." in found["evidence"]
    few = judged(counts(("2024", 7), ("2025", 2)), **AIM | {"target": 2.0})
    assert few["status"] == "met"
    assert "too few to tell a change from chance" in few["evidence"]


def test_a_shorter_period_cannot_meet_a_target():
    half = [{"period": "2024", "value": 722}, {"period": "2025-01 to 2025-06", "value": 360}]
    found = judged(half, **AIM)
    assert found["status"] == "no clear change"
    assert found["change"] == pytest.approx(100 * (360 / 181 / (722 / 366) - 1))
    assert "periods are of different lengths" in found["evidence"]
    assert found["course"] == "cannot be said"


@pytest.mark.parametrize(
    ("month", "status"),
    [
        ("2023-12", "met"),
        ("2024-01", "met"),  # the first month of both is recorded the new way
        ("2024-02", "not comparable"),
        ("2025-12", "not comparable"),
        ("2026-01", "met"),
    ],
)
def test_nothing_is_compared_across_a_break(month, status):
    breaks = pd.DataFrame(
        {"category": ["M", "other"], "month": pd.to_datetime([month, "2024-06"]), "why": "rule"}
    )
    found = judged(YEARS, breaks=breaks, **AIM)
    assert found["status"] == status
    if status == "not comparable":
        assert "recording changed in" in found["evidence"]
        assert math.isnan(found["p"])
        assert math.isnan(found["change"])


@pytest.mark.parametrize(
    ("values", "measure", "told"),
    [
        (
            [
                {"period": "2024", "value": 722, "definition": "offences"},
                {"period": "2025", "value": 500, "definition": "reports"},
            ],
            AIM,
            "defined differently",
        ),
        (YEARS, AIM | {"baseline": 740.0}, "said to be 740, and the figures now give 722"),
        (counts(("2024", 722), ("2024-07 to 2025-06", 500)), AIM, "the two periods overlap"),
        (
            counts(("2023", 31), ("2025", 24)),
            {"kind": "survey proportion"},
            "cannot be tested without n",
        ),
        (counts(("2023", 7.1), ("2025", 5.2)), {"kind": "rate"}, "its count and population"),
        (counts(("2023", 80.1), ("2025", 82.2)), {"kind": "given"}, "without its limits"),
    ],
)
def test_what_is_not_comparable_says_why(values, measure, told):
    found = judged(values, **measure)
    assert found["status"] == "not comparable"
    assert told in found["evidence"]
    assert math.isnan(found["p"])


def test_a_bare_baseline_of_a_count_is_tested():
    found = judged(YEARS[1:], baseline=722.0, baseline_period="2024", target=450.0)
    whole = judged(YEARS, baseline_period="2024", target=450.0)
    assert found["status"] == whole["status"] == "moving the right way (beyond chance)"
    assert found["p"] == whole["p"]
    assert found["before"] == found["baseline"] == 722


def test_rates_take_people_and_days_into_account():
    people = [
        {"period": "2024", "numerator": 1000, "denominator": 100_000},
        {"period": "2025", "numerator": 1000, "denominator": 125_000},
    ]
    found = judged(people, kind="rate")
    assert found["latest"] == 8.0
    assert found["unit"] == "per 1,000"
    assert found["change"] == pytest.approx(100 * (0.8 * 366 / 365 - 1))
    assert found["status"] == "moving the right way (beyond chance)"


def test_surveys_are_as_wide_as_their_design():
    asked = [
        {"period": "2023", "value": 31.0, "denominator": 500},
        {"period": "2025", "value": 24.0, "denominator": 500},
    ]
    plain = judged(asked, kind="survey proportion")
    wide = judged([one | {"design_effect": 2.0} for one in asked], kind="survey proportion")
    assert plain["status"] == "moving the right way (beyond chance)"
    assert wide["status"] == "no clear change"
    assert wide["change"] == plain["change"] == pytest.approx(-7)
    assert wide["change_unit"] == "percentage points"


def test_months_widen_what_they_show_to_be_wider():
    one = [100, 150, 120, 180, 90, 130, 160, 110, 140, 170, 105, 125]
    two = [130, 140, 150, 170, 120, 160, 150, 150, 160, 190, 95, 165]
    rows = [{"period": "2024", "months": one}, {"period": "2025", "months": two}]
    found = judged(rows)
    plain = judged(counts(("2024", 1580), ("2025", 1780)))
    assert (found["before"], found["latest"]) == (1580, 1780)
    assert 0.01 < found["p"] < 0.05
    assert plain["p"] < 0.001


@pytest.mark.parametrize(
    ("latest", "course"),
    # The line goes from 1,000 at the end of 2024 to 700 at the end of 2027: 900 at that of 2025.
    [(900, "on course"), (920, "on course"), (800, "ahead"), (1000, "behind")],
)
def test_a_straight_line_is_kept_or_not(latest, course):
    found = judged(
        counts(("2024", 1000), ("2025", latest)),
        baseline_period="2024", target=700.0, target_date="2027-12",
    )  # fmt: skip
    assert found["course"] == course
    up = judged(
        counts(("2024", 1000), ("2025", 2000 - latest)), direction="up",
        baseline_period="2024", target=1300.0, target_date="2027",
    )  # fmt: skip
    assert up["course"] == course


def test_no_line_is_drawn_where_no_date_lies_ahead():
    assert judged(YEARS, baseline_period="2024", target=450.0)["course"] == ""
    assert judged(YEARS, **AIM | {"target_date": "2025"})["course"] == ""
    assert judged(counts(("2023", 31), ("2025", 24)), kind="survey proportion",
                  baseline_period="2023", target=20.0,
                  target_date="2027")["course"] == "cannot be said"  # fmt: skip


def test_figures_are_put_in_order_of_time_however_they_stand():
    values = counts(("2025/26", 300), ("2023/24", 722), ("2024/25", 664))
    found = judged(values)
    assert (found["latest"], found["before_period"]) == (300, "2024/25")


def test_measures_keep_their_order_and_what_was_said():
    measures = pd.DataFrame(
        {
            "id": ["B", "A"], "measure": ["x", "y"], "direction": "down", "kind": "count",
            "lead": ["Police", None], "hazard": ["Small.", "Few."], "priority": ["p", "q"],
        }
    )  # fmt: skip
    table = geoprofiles.scorecard(measures, pd.DataFrame({"id": ["A"], "period": "2025",
                                                           "value": [9]}))  # fmt: skip
    assert list(table.columns) == list(SCORECARD_COLUMNS)
    assert table["id"].tolist() == ["B", "A"]
    assert table["lead"].tolist() == ["Police", ""]
    assert table["hazard"].tolist() == ["Small.", "Few."]
    assert "0 of 2 measures could be tested" in table.attrs["notes"][0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"direction": "downwards"}, "Did you mean 'down'"),
        ({"kind": "counts"}, "Did you mean 'count'"),
    ],
)
def test_words_at_fault(change, told):
    with pytest.raises(InputError, match=told):
        judged(YEARS, **change)


def test_tables_at_fault():
    measures = pd.DataFrame({"id": ["A", "A"], "measure": "x", "direction": "up", "kind": "count"})
    with pytest.raises(InputError, match="'A' comes twice"):
        geoprofiles.scorecard(measures)
    with pytest.raises(InputError, match="figures of 'C', which is no measure"):
        geoprofiles.scorecard(measures[:1], pd.DataFrame({"id": ["C"], "period": ["2025"]}))
    with pytest.raises(InputError, match="lack the column 'kind'"):
        geoprofiles.scorecard(measures[["id", "measure", "direction"]])
    with pytest.raises(InputError, match="'level' must be"):
        geoprofiles.scorecard(measures[:1], level=5)


def test_figures_at_fault_name_their_measure():
    part = [{"period": "2025", "numerator": 8, "denominator": 7}]
    with pytest.raises(InputError, match="the measure 'M': a part .8. is larger than its whole"):
        judged(part, kind="proportion")
    with pytest.raises(InputError, match="the measure 'M': a count is negative"):
        judged(counts(("2025", -3)))


def test_a_baseline_that_is_later_than_every_figure():
    found = judged(YEARS, baseline=500.0, baseline_period="2026", target=400.0)
    assert found["status"] == "no data"
    assert found["evidence"] == "There is no figure after the baseline (2026)."


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 3000), min_size=1, max_size=5),
    st.sampled_from(["count", "rate", "proportion", "survey proportion"]),
    st.randoms(use_true_random=False),
)
def test_order_of_rows_is_nothing_and_the_other_direction_turns_the_verdict(numbers, kind, random):
    rows = [
        {"period": str(2020 + at), "numerator": one, "denominator": 3000}
        for at, one in enumerate(numbers)
    ]
    down = judged(rows, kind=kind)
    shuffled = random.sample(rows, len(rows))
    pd.testing.assert_series_equal(judged(shuffled, kind=kind), down)
    turned = {
        "moving the right way (beyond chance)": "moving the wrong way",
        "moving the wrong way": "moving the right way (beyond chance)",
    }
    up = judged(rows, kind=kind, direction="up")
    assert up["status"] == turned.get(down["status"], down["status"])


def checked(**figure):
    return geoprofiles.check_printed([{"id": "x", **figure}]).iloc[0]


@pytest.mark.parametrize(
    ("figure", "percent", "p", "verdict", "agrees"),
    [
        # Headlines of a strategy and of assessments, and the p-values found for them elsewhere.
        ({"before": 722, "after": 664, "percent": -8}, -8.03, 0.12, "no clear change", "yes"),
        ({"before": 2825, "after": 3031, "percent": 7.3}, 7.29, 0.007, "more", "yes"),
        ({"before": 101, "after": 101}, 0.0, 1.0, "no clear change", "not printed"),
        ({"before": 31889, "after": 34254, "percent": 7.4}, 7.42, 0.0, "more", "yes"),
        ({"before": 31889, "after": 28239, "percent": -11.4}, -11.45, 0.0, "fewer", "yes"),
        ({"before": 26165, "after": 21929, "percent": -16}, -16.19, 0.0, "fewer", "yes"),
        ({"before": 722, "after": 664, "percent": -8.1}, -8.03, 0.12, "no clear change", "no"),
        ({"before": 63, "after": 84, "percent": 32}, 33.33, 0.08, "no clear change", "no"),
    ],
)
def test_printed_changes_of_counts(figure, percent, p, verdict, agrees):
    found = checked(**figure)
    assert found["recomputed"] == pytest.approx(percent, abs=0.005)
    assert found["p"] == pytest.approx(p, rel=0.06, abs=1e-9)
    assert (found["verdict"], found["agrees"]) == (verdict, agrees)


def test_what_stayed_the_same_may_have_moved_by_a_third():
    found = checked(before=101, after=101)
    # R's exact limits; the large-sample form exp(1.96 sqrt(2 / 101)) gives 0.76 to 1.32.
    assert found["ratio_lower"] == pytest.approx(0.7513755, abs=1e-6)
    assert found["ratio_upper"] == pytest.approx(1.330893, abs=1e-6)
    assert found["ratio_lower"] == pytest.approx(0.76, abs=0.01)
    assert found["ratio_upper"] == pytest.approx(1.32, abs=0.012)


def test_years_of_different_lengths_are_compared_by_the_day():
    found = checked(
        before=31889, after=34254, before_period="2019/20", after_period="2021/22", percent=7.4
    )
    assert found["agrees"] == "yes"  # with the counts as they are
    assert found["change"] == pytest.approx(100 * (34254 / 365 / (31889 / 366) - 1))
    assert "by the day" in found["sentence"]


def test_percentages_need_how_many_they_are_of():
    bare = checked(kind="percentages", before=13, after=36)
    assert bare["verdict"] == "cannot be tested without n"
    assert math.isnan(bare["p"])
    assert bare["change"] == 23
    asked = checked(kind="percentages", before=13, after=36, before_n=400, after_n=400)
    assert asked["verdict"] == "more"
    assert asked["p"] == pytest.approx(3.942885e-14, rel=1e-5)  # R: prop.test(c(144, 52), ...)
    few = checked(kind="percentages", before=13, after=36, before_n=30, after_n=30)
    assert few["verdict"] == "too few to say"
    wide = {"before": 30, "after": 36, "before_n": 500, "after_n": 500}
    assert checked(kind="percentages", **wide)["verdict"] == "more"
    assert checked(kind="percentages", **wide, design_effect=1.5)["verdict"] == "no clear change"


def brute_force(value, population, per, places):
    """Every count whose rate is printed so, found by trying all near it."""
    near = round(value * population / per)
    tried = range(max(near - 200, 0), near + 200)
    shown = [one for one in tried if abs(one / population * per - value) <= 0.5 * 10**-places]
    return (shown[0], shown[-1]) if shown else None


@pytest.mark.parametrize(
    ("value", "population", "per", "places"),
    [(125.2, 252_359, 1000, 1), (439, 19_031, 100_000, 0), (436, 19_031, 100_000, 0),
     (4.3, 252_359, 100_000, 1), (0, 500, 1000, 0)],
)  # fmt: skip
def test_counts_behind_a_rate_are_those_found_by_trying_all(value, population, per, places):
    found = checked(kind="rate", value=value, population=population, per=per)
    wanted = brute_force(value, population, per, places)
    if wanted is None:
        assert found["verdict"] == "no count gives it"
        assert value != 439 or "83 gives 436.13 and 84 gives 441.39" in found["sentence"]
    else:
        assert (found["before"], found["after"]) == wanted
        assert found["verdict"] == "some count gives it"


def test_a_printed_share_has_wilsons_limits():
    found = checked(kind="proportion", numerator=63, denominator=177, percent=35.6)
    assert found["agrees"] == "yes"
    # R: prop.test(63, 177, correct = FALSE)$conf.int
    assert found["lower"] == pytest.approx(28.91426, abs=1e-4)
    assert found["upper"] == pytest.approx(42.88424, abs=1e-4)


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        ({"kind": "rates", "value": 1}, "Did you mean 'rate'"),
        ({"kind": "rate", "value": 1}, "'x' lacks 'population'"),
        ({"before": 1}, "'x' lacks 'after'"),
        ({"before": "1", "after": 2}, "'x': 'before' must be a number"),
        ({"before": -1, "after": 2}, "'x': 'before' must be 0 or more"),
        ({"kind": "rate", "value": 1, "population": 0}, "'x': 'population' must be above 0"),
        ({"kind": "proportion", "numerator": 3, "denominator": 2}, "'x': a part .3. is larger"),
    ],
)
def test_printed_figures_at_fault(figure, told):
    with pytest.raises(InputError, match=told):
        checked(**figure)


def test_no_printed_figures_are_an_empty_table():
    assert geoprofiles.check_printed([]).empty

"""What the library's own functions return is drawn as it comes, or through one adapter."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
from shapely import box

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators import control, spine
from geoprofiles.profile import profile_figures
from geoprofiles.publish.charts import control as charts_control
from geoprofiles.publish.charts import frame, verdicts

NUMBER = 17


@pytest.fixture(scope="module")
def indicators():
    """Two indicators of seventeen wards, one of them far above the others."""
    rng = np.random.default_rng(11)
    people = rng.integers(4000, 20_000, NUMBER).astype(float)
    parts = []
    for name, rate in (("theft", 12.0), ("turnout", 400.0)):
        level = rate * rng.gamma(60, 1 / 60, NUMBER)
        level[3] *= 1.9
        count = rng.poisson(people * level / 1000).astype(float)
        parts.append(
            pd.DataFrame(
                {
                    "area_code": [f"E{n:02}" for n in range(NUMBER)], "indicator": name,
                    "period": "2025", "numerator": count, "denominator": people,
                    "value": 1000 * count / people, "unit": "per 1,000 residents",
                    "lower": 1000 * (count - 2 * np.sqrt(count)) / people,
                    "upper": 1000 * (count + 2 * np.sqrt(count)) / people,
                    "method": "Byar's limits", "national": rate,
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def figures(indicators):
    areas = geopandas.GeoDataFrame(
        {"area_name": [f"Ward {n}" for n in range(NUMBER)]},
        geometry=[box(n, 0, n + 1, 1) for n in range(NUMBER)],
        index=pd.Index([f"E{n:02}" for n in range(NUMBER)], name="area_code"), crs=27700,
    )  # fmt: skip
    definitions = pd.DataFrame(
        {"topic": ["Crime", "Votes"], "name": ["Theft", "Turnout"], "source": "made up",
         "polarity": ["high is bad", "high is good"]},
        index=["theft", "turnout"],
    )  # fmt: skip
    tested = geoprofiles.compare_with_rest(geoprofiles.compare(indicators))
    return profile_figures(tested, areas=areas, definitions=definitions)


def texts(chart):
    return [item.text for item in chart.sheet.items if isinstance(item, frame.Writing)]


def test_a_profiles_figures_make_a_spine(figures):
    counts = pd.DataFrame({"area_code": ["E03"], "month": [pd.Timestamp("2025-01-01")],
                           "category": ["theft"], "count": [3]})  # fmt: skip
    profile = geoprofiles.build_profile("E03", figures=figures, counts=counts, kind="ward")
    rows = geoprofiles.spine_rows(profile.figures)
    assert rows["verdict"].tolist() == ["worse", "better"]
    chart = geoprofiles.chart_spine(rows, title="Ward 3", whole_label="All wards")
    assert chart.alt == "Ward 3. 2 indicators in 2 topics. Worse: Theft. Better: Turnout."
    assert {"worse", "better", "All wards", "national figure", "farther than that"} <= {
        *texts(chart)
    }


def test_the_national_figure_stands_on_the_axis_of_its_row(figures):
    """Where an area has just the national value, both stand at one place."""
    one = figures[figures["indicator"] == "Theft"]
    again = spine.spine_positions(one.assign(national=one["value"].iloc[5]))
    assert again["position_national"].iloc[0] == pytest.approx(again["position"].iloc[5])
    assert "position_national" not in spine.spine_positions(
        one.drop(columns=["national", "position_national"])
    )


def test_topics_of_a_spine_stand_in_one_piece(figures):
    own = figures[figures["area_code"] == "E03"]
    mixed = pd.concat([own, own.assign(indicator="Robbery"), own], ignore_index=True)
    assert geoprofiles.spine_rows(mixed)["topic"].tolist() == ["Crime"] * 3 + ["Votes"] * 3
    with pytest.raises(InputError, match="the spine is of one area; the figures are of 17"):
        geoprofiles.spine_rows(figures)
    with pytest.raises(InputError, match="Figures lack the column 'significance'"):
        geoprofiles.spine_rows(own.drop(columns="significance"))


def test_figures_of_all_areas_make_ranked_bars(figures, indicators):
    one = figures[figures["indicator"] == "Theft"]
    rows = geoprofiles.ranked_rows(one)
    chart = geoprofiles.chart_ranked(
        rows, title="Theft", x_label="per 1,000", own="Ward 3", whole=float(one["whole"].iloc[0])
    )
    assert "Highest: Ward 3, " in chart.alt
    assert "place 1 of 17, worse." in chart.alt
    # The same from what compare_with_rest returns, which knows of no names or polarity.
    tested = geoprofiles.compare_with_rest(indicators[indicators["indicator"] == "theft"])
    bare = geoprofiles.ranked_rows(tested, polarity="high is bad")
    assert bare["verdict"].tolist() == rows["verdict"].tolist()
    assert bare["area_name"].iloc[3] == "E03"
    untested = geoprofiles.ranked_rows(indicators[indicators["indicator"] == "theft"])
    assert "not tested" in texts(
        geoprofiles.chart_ranked(untested, title="Theft", x_label="per 1,000")
    )
    with pytest.raises(InputError, match="ranked bars are of one indicator; choose one"):
        geoprofiles.ranked_rows(figures)


@pytest.mark.parametrize(
    ("polarity", "verdict"),
    [("high is bad", "worse"), ("high is good", "better"), ("neither", "higher")],
)
def test_points_of_a_funnel_are_judged_by_their_polarity(indicators, polarity, verdict):
    one = indicators[indicators["indicator"] == "theft"]
    points, limits = geoprofiles.funnel(one)
    names = pd.Series({"E03": "Mill"})
    rows = geoprofiles.funnel_rows(points, polarity=polarity, names=names)
    assert rows.loc[3, ["area_name", "verdict"]].tolist() == ["Mill", verdict]
    assert rows["area_name"].iloc[4] == "E04"
    said = set(points["verdict"])
    chart = geoprofiles.chart_funnel(rows, limits, title="t", x_label="x", y_label="y")
    beyond = points["verdict"].isin(["higher", "lower"]).sum()
    apart = points["verdict"].ne("within").sum()
    assert f"Beyond the 95% limits: {apart}." in chart.alt
    assert chart.sheet.words.keys[0].text == verdicts.MEANING.get(verdict, verdict)
    assert beyond >= 1
    for word in said - {"higher", "lower", "within"}:
        assert word in texts(chart)
    assert texts(chart).count("Mill") == 1


def test_limits_that_are_the_plain_ones_are_drawn_once():
    rng = np.random.default_rng(3)
    people = rng.integers(4000, 20_000, 40).astype(float)
    count = rng.poisson(people * 0.01).astype(float)
    points, limits = geoprofiles.funnel(
        pd.DataFrame({"area_code": range(40), "indicator": "t", "period": "p", "numerator": count,
                      "denominator": people, "value": 1000 * count / people,
                      "method": "Byar's limits"})
    )  # fmt: skip
    assert limits["upper_adjusted"].to_numpy() == pytest.approx(limits["upper"], rel=0.02)
    chart = geoprofiles.chart_funnel(
        geoprofiles.funnel_rows(points), limits, title="t", x_label="x", y_label="y"
    )
    assert {"95% limits", "99.8% limits"} <= {*texts(chart)}
    assert not any("adjusted" in text for text in (*texts(chart), chart.alt))


def test_the_words_of_signals_are_those_of_control_charts():
    made = {control.ABOVE, control.BELOW, control.CLOSE, control.ASIDE, control.TREND}
    assert {*charts_control.SIGNALS} == made


def test_a_control_chart_is_drawn_as_it_is_returned():
    months = pd.DataFrame({"month": pd.date_range("2023-01-01", periods=36, freq="MS")})
    months["count"] = [30, 28, 33, 31, 29, 30, 34, 28, 30, 32, 27, 31] * 3
    months.loc[34, "count"] = 95
    breaks = pd.DataFrame({"month": [pd.Timestamp("2025-01-01")], "why": ["a new rule"]})
    series = geoprofiles.control_chart(months, steps=list(breaks["month"]))
    chart = geoprofiles.chart_control(series, title="t", y_label="y", breaks=breaks)
    assert "Signals: above the upper limit, November 2025." in chart.alt
    assert {"a new rule", "above the upper limit", "centre"} <= {*texts(chart)}
    short = geoprofiles.control_chart(months.head(4))
    assert "centre" not in texts(geoprofiles.chart_control(short, title="t", y_label="y"))


def test_history_becomes_a_trend_in_order_with_its_gaps():
    history = pd.DataFrame(
        {"area_code": "A", "indicator": "theft", "value": [4.0, 1.0, 3.0, 2.0],
         "period": ["2024/25", "2019/20", "2022/23", "2020/21"], "lower": 0.5, "upper": 5.0}
    )  # fmt: skip
    rows = geoprofiles.trend_rows(history, breaks=["2022/23"])
    assert rows["period"].tolist() == [
        "2019/20", "2020/21", "2021/22", "2022/23", "2023/24", "2024/25"
    ]  # fmt: skip
    assert rows["value"].tolist() == pytest.approx([1, 2, np.nan, 3, np.nan, 4], nan_ok=True)
    assert rows["segment"].tolist() == [1, 1, 1, 2, 2, 2]
    chart = geoprofiles.chart_trend(rows, title="t", y_label="y")
    assert "City" not in texts(chart)
    assert "not comparable across this line" in texts(chart)
    months = history.assign(period=[f"July {n} to June {n + 1}" for n in (2021, 2019, 2022, 2020)])
    assert geoprofiles.trend_rows(months)["value"].tolist() == [1, 2, 4, 3]
    words = history.assign(period=["before", "after", "then", "now"])
    assert geoprofiles.trend_rows(words)["period"].tolist() == ["after", "before", "now", "then"]


def test_history_of_several_series_is_refused():
    history = pd.DataFrame({"area_code": ["A", "B"], "period": ["2024", "2025"], "value": 1.0,
                            "lower": 0.0, "upper": 2.0})  # fmt: skip
    with pytest.raises(InputError, match="a trend is of one area_code; choose one"):
        geoprofiles.trend_rows(history)
    with pytest.raises(InputError, match="the period '2024' comes twice"):
        geoprofiles.trend_rows(history.assign(area_code="A", period="2024"))


def test_similar_places_are_drawn_with_their_band():
    values = {"Own": 30.0, "A": 10.0, "B": 11.0, "C": 12.0, "D": 13.0}
    found = geoprofiles.similar_places(values, "Own")
    chart = geoprofiles.chart_comparators(
        geoprofiles.comparator_rows(values, "Own"), title="t", x_label="x",
        band=(found["lower"], found["upper"]), median=found["median"],
    )  # fmt: skip
    assert "Own place: Own, 30, place 1 of 5, above the expected band 6.9 to 16.1." in chart.alt
    assert "95% interval" not in texts(chart)
    with pytest.raises(InputError, match="'E' is not among the places"):
        geoprofiles.comparator_rows(values, "E")


def test_groups_and_their_slope_are_drawn_as_they_are_returned():
    areas = pd.DataFrame({"quintile": [1, 1, 2, 3, 4, 5], "numerator": [30, 20, 25, 18, 14, 9],
                          "denominator": [500, 500, 900, 1000, 1000, 1000]})  # fmt: skip
    groups = geoprofiles.by_quintile(areas)
    slope = geoprofiles.slope_index(groups)
    chart = geoprofiles.chart_quintiles(
        groups, title="t", y_label="y", line=((0, slope["start"]), (1, slope["end"])),
        note=str(slope["sentence"]),
    )  # fmt: skip
    assert "Highest: quintile 1 (most deprived), 50.0" in chart.alt
    assert str(slope["sentence"]) in chart.alt


def test_priorities_are_drawn_as_they_are_returned():
    topics = pd.DataFrame(
        {"volume": [0.3, 0.01, 0.06, 0.02, 0.1, 0.2], "trend": [1.3, 1.0, 0.9, 1.1, 1.2, 1.0],
         "harm": [0.2, 0.01, np.nan, 0.06, 0.1, 0.03]}, index=list("ABCDEF"),
    )  # fmt: skip
    table = geoprofiles.prioritise(topics)
    chart = geoprofiles.chart_matrix(table, title="t")
    assert {"Volume", "Trend", "Harm", "score", "first five", "100%"} <= {*texts(chart)}
    assert "6 topics by 3 criteria" in chart.alt
    assert f"highest: {table.index[0]}, " in chart.alt


def test_a_pyramid_is_of_shares_that_add_up():
    rng = np.random.default_rng(4)
    rows = [(code, age, sex) for code in "AB" for age in ("10-19", "0-9", "90+", "20-89")
            for sex in ("male", "female")]  # fmt: skip
    population = pd.DataFrame(rows, columns=["area_code", "age", "sex"])
    population["population"] = rng.integers(10, 90, len(population))
    shares = geoprofiles.pyramid_rows(population, ["A"])
    assert shares["age"].unique().tolist() == ["0-9", "10-19", "20-89", "90+"]
    assert shares[["share", "whole_share"]].sum().tolist() == pytest.approx([100, 100])
    own = population[population["area_code"] == "A"]
    some = own[(own["age"] == "90+") & (own["sex"] == "male")]["population"].iloc[0]
    drawn = shares[(shares["age"] == "90+") & (shares["sex"] == "male")]["share"].iloc[0]
    assert drawn == pytest.approx(100 * some / own["population"].sum())
    assert "highest" in geoprofiles.chart_pyramid(shares, title="t").alt
    with pytest.raises(InputError, match="no row of the population is of the area"):
        geoprofiles.pyramid_rows(population, ["C"])
    with pytest.raises(InputError, match="the age 'all' does not begin with a number"):
        geoprofiles.pyramid_rows(population.assign(age="all"), ["A"])
    with pytest.raises(InputError, match="a pyramid is of one year"):
        geoprofiles.pyramid_rows(population.assign(year=range(len(population))), ["A"])

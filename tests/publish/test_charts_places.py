"""Charts put things where the data say: places and lengths are read back from the SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from publish import chart_cases as cases

import geoprofiles
from geoprofiles.publish.charts import control, frame, lists, matrix, people, spine, trend, verdicts

HUNDREDTH = 0.011
"""The SVG writes two decimals."""


def elements(chart):
    root = ElementTree.fromstring(geoprofiles.render_svg(chart))
    return [(one.tag.rpartition("}")[2], one.attrib) for one in root.iter()]


def marks(chart, *, fill, edge):
    """Return where marks of a look stand, in the order they were drawn; the key's come first."""
    found = []
    for tag, told in elements(chart):
        if told.get("fill") == fill and told.get("stroke") == edge:
            if tag == "circle":
                found.append((float(told["cx"]), float(told["cy"])))
            elif "transform" in told:
                found.append(tuple(map(float, re.findall(r"[\d.]+", told["transform"]))))
    return np.array(found)


def boxes(chart, fill):
    """Return left, top, right and bottom of the shapes of one fill."""
    found = []
    for tag, told in elements(chart):
        if tag == "path" and told.get("fill") == fill and "transform" not in told:
            points = np.array(re.findall(r"[-\d.]+", told["d"]), dtype=float).reshape(-1, 2)
            found.append([*points.min(axis=0), *points.max(axis=0)])
    return np.array(found)


def lines(chart, stroke):
    return [
        np.array(re.findall(r"[-\d.]+", told["d"]), dtype=float).reshape(-1, 2)
        for tag, told in elements(chart)
        if tag == "path"
        and told.get("stroke") == stroke.colour
        and float(told["stroke-width"]) == stroke.width
    ]


def assert_linear(values, places):
    """Fit the line through two of them; all others lie on it."""
    values, places = np.asarray(values, float), np.asarray(places, float)
    assert len(values) == len(places) >= 3
    low, high = int(values.argmin()), int(values.argmax())
    slope = (places[high] - places[low]) / (values[high] - values[low])
    assert slope != 0
    expected = places[low] + slope * (values - values[low])
    assert places == pytest.approx(expected, abs=2 * HUNDREDTH)
    return slope


def plain(count=9, **changes):
    table = pd.DataFrame(
        {
            "area_name": [f"Ward {n}" for n in range(count)],
            "value": np.linspace(40, 3, count) ** 1.3 / 4,
            "verdict": "no clear difference",
            "denominator": np.geomspace(600, 15_000, count)[::-1],
        }
    )
    return table.assign(lower=table["value"] * 0.7, upper=table["value"] * 1.4).assign(**changes)


GREY = {"fill": verdicts.UNCLEAR, "edge": frame.QUIET}


def test_ranked_bars_are_as_long_as_their_values():
    table = plain()
    chart = geoprofiles.chart_ranked(
        table.sample(frac=1, random_state=1), title="t", x_label="x", whole=20.0
    )
    bars = boxes(chart, verdicts.UNCLEAR)
    assert_linear([*table["value"], 0.0], [*bars[:, 2], bars[0, 0]])
    assert np.ptp(bars[:, 0]) == 0
    assert (np.diff(bars[:, 1]) > 0).all()
    inside = (bars[:, 1].min(), bars[:, 3].max())
    whiskers = [one for one in lines(chart, lists.LIMITS) if inside[0] < one[0, 1] < inside[1]]
    scale = np.polyfit([0, table["value"].iloc[0]], [bars[0, 0], bars[0, 2]], 1)
    expected = np.polyval(scale, table[["lower", "upper"]].to_numpy())
    assert np.array([one[:, 0] for one in whiskers]) == pytest.approx(expected, abs=0.05)
    city = next(one for one in lines(chart, frame.Stroke(verdicts.CITY, 1.4)))
    assert city[0, 0] == pytest.approx(np.polyval(scale, 20.0), abs=0.05)


def test_places_beside_each_other_lie_on_one_scale():
    table = plain().rename(columns={"area_name": "place"}).assign(own=False)
    table.loc[3, "own"] = True
    chart = geoprofiles.chart_comparators(
        table, title="t", x_label="x", band=(4.0, 15.0), median=9.0
    )
    others = marks(chart, fill=lists.OTHER.fill, edge=lists.OTHER.edge)[1:]
    own = marks(chart, fill=lists.MINE.fill, edge=lists.MINE.edge)[1:]
    slope = assert_linear(
        [*table["value"][~table["own"]], table["value"][3]], [*others[:, 0], own[0, 0]]
    )
    band = max(boxes(chart, lists.BAND), key=lambda one: one[3] - one[1])
    zero = others[0, 0] - slope * table["value"][0]
    assert [band[0], band[2]] == pytest.approx([zero + 4 * slope, zero + 15 * slope], abs=0.05)


def test_points_and_limits_of_a_funnel_share_both_scales():
    table, limits = plain(), cases.funnel_limits(500, 16_000)
    chart = geoprofiles.chart_funnel(table, limits, title="t", x_label="x", y_label="y")
    points = marks(chart, **GREY)[1:]
    across = assert_linear(table["denominator"], points[:, 0])
    down = assert_linear(table["value"], points[:, 1])
    assert across > 0 > down
    centre = max(lines(chart, frame.Stroke(verdicts.CITY, 1.2)), key=len)
    level = points[0, 1] + down * (20.0 - table["value"][0])
    assert centre[:, 1] == pytest.approx(level, abs=0.05)
    ends = points[0, 0] + across * (np.array([500, 16_000]) - table["denominator"][0])
    assert centre[[0, -1], 0] == pytest.approx(ends, abs=0.1)


def test_months_stand_at_their_time_and_value():
    table = cases.month_series(40, gap=range(8, 12)).assign(signal=None)
    chart = geoprofiles.chart_control(table, title="t", y_label="y")
    points = marks(chart, fill=control.ORDINARY.fill, edge=control.ORDINARY.edge)[1:]
    months = table["month"].dt.year * 12 + table["month"].dt.month
    assert_linear(months, points[:, 0])
    assert assert_linear(table["value"], points[:, 1]) < 0
    runs = [len(one) for one in lines(chart, control.JOIN)]
    assert runs == [8, 19, 9], "no line over a gap, nor from one phase to the next"


def test_breaks_stand_before_their_month():
    table = cases.month_series(60).assign(signal=None, phase=1)
    chart = geoprofiles.chart_control(table, title="t", y_label="y", breaks=cases.month_breaks())
    points = marks(chart, fill=control.ORDINARY.fill, edge=control.ORDINARY.edge)[1:]
    drawn = sorted(one[0, 0] for one in lines(chart, control.CHANGE))
    at = [list(table["month"]).index(month) for month in cases.month_breaks()["month"][:3]]
    middles = (points[at, 0] + points[np.array(at) - 1, 0]) / 2
    assert drawn == pytest.approx(middles.tolist(), abs=0.05), "and one beyond the end is left out"


def test_periods_of_a_trend_are_parted_at_gaps_and_breaks():
    table = cases.trend_points(12)
    chart = geoprofiles.chart_trend(table, title="t", y_label="y")
    known = table["value"].notna()
    points = marks(chart, fill=trend.POINT.fill, edge=trend.POINT.edge)[1:]
    assert_linear(np.flatnonzero(known), points[:, 0])
    assert assert_linear(table["value"][known], points[:, 1]) < 0
    runs = [one for one in lines(chart, frame.Stroke(verdicts.ACCENT, 1.6)) if len(one) > 0][1:]
    # A line that is broken by missing values is one path with two beginnings.
    assert [len(one) for one in runs] == [5, 5]
    svg = geoprofiles.render_svg(chart)
    assert [d.count("M") for d in re.findall(r'd="([^"]+)" fill="none" stroke="#0e5265" '
                                             r'stroke-width="1.6"', svg)][1:] == [2, 1]  # fmt: skip
    bands = [one for one in boxes(chart, trend.BAND) if one[3] - one[1] > 9]
    assert len(bands) == 3


def test_positions_on_a_spine_are_places_on_one_axis():
    table = cases.spine_table(40, hostile=False).assign(
        verdict="no clear difference", position_national=np.nan
    )
    table["value"] = 1.0
    table["position"] = np.linspace(-0.2, 1.2, 40)
    chart = geoprofiles.chart_spine(table, title="t")
    points = marks(chart, **GREY)[1:]
    inside = table["position"].between(0, 1).to_numpy()
    assert_linear(table["position"][inside], points[inside, 0])
    assert set(points[table["position"] < 0, 0]) == {round(spine.AXIS[0], 2)}
    assert set(points[table["position"] > 1, 0]) == {round(spine.AXIS[1], 2)}
    arrows = [one for one in boxes(chart, frame.INK) if one[2] - one[0] == pytest.approx(5)]
    assert len(arrows) == (~inside).sum()
    assert (np.diff(points[:, 1]) > 0).all()
    box = boxes(chart, spine.BOX)[1]  # the key comes first
    ends = [spine.AXIS[0] + share * (spine.AXIS[1] - spine.AXIS[0]) for share in (0.4, 0.62)]
    assert [box[0], box[2]] == pytest.approx(ends, abs=HUNDREDTH)


def test_a_national_figure_is_marked_and_explained():
    table = cases.spine_table(6, hostile=False).assign(position_national=0.25)
    chart = geoprofiles.chart_spine(table, title="t")
    drawn = table["value"].notna() & table["position"].notna()
    found = marks(chart, fill=spine.NATIONAL.fill, edge=spine.NATIONAL.edge)
    at = spine.AXIS[0] + 0.25 * (spine.AXIS[1] - spine.AXIS[0])
    assert (abs(found[:, 0] - at) < HUNDREDTH).sum() == drawn.sum()
    assert "national figure" in geoprofiles.render_svg(chart)
    without = geoprofiles.chart_spine(table.drop(columns="position_national"), title="t")
    assert "national figure" not in geoprofiles.render_svg(without)


def test_bars_of_a_pyramid_are_as_long_as_their_shares():
    rows = cases.people(10)
    chart = geoprofiles.chart_pyramid(rows, title="t")
    for sex, out in (("female", 0), ("male", 2)):
        bars = boxes(chart, people.SEXES[sex][1])
        part = rows[rows["sex"] == sex]
        sign = 1 if out else -1
        assert sign * assert_linear(part["share"], bars[:, out]) > 0
        lengths = bars[:, 2] - bars[:, 0]
        assert lengths / lengths[0] == pytest.approx(
            (part["share"] / part["share"].iloc[0]).to_numpy(), rel=0.005
        )
        assert (np.diff(bars[:, 1]) < 0).all(), "the youngest stand at the foot"


def test_bars_of_quintiles_are_as_high_as_their_values():
    rows = cases.quintile_rows().sample(frac=1, random_state=2)
    chart = geoprofiles.chart_quintiles(rows, title="t", y_label="y", line=((0, 9.0), (1, 3.0)))
    bars = boxes(chart, people.RAMP[1])
    ordered = rows.sort_values("quintile")["value"]
    down = assert_linear([*ordered, 0.0], [*bars[:, 1], bars[0, 3]])
    slope = max(lines(chart, people.SLOPE), key=np.ptp)
    assert slope[:, 1] == pytest.approx(bars[0, 3] + down * np.array([9.0, 3.0]), abs=0.05)


def test_a_fifth_without_areas_is_not_one_without_data():
    rows = cases.quintile_rows().iloc[:4]
    rows.loc[1, "value"] = np.nan
    chart = geoprofiles.chart_quintiles(rows, title="t", y_label="y")
    texts = [item.text for item in chart.sheet.items if isinstance(item, frame.Writing)]
    assert texts.count("no data") == texts.count("no areas") == 1


def test_cells_of_a_matrix_are_shaded_by_their_scores():
    table = cases.scores(9)
    chart = geoprofiles.chart_matrix(table, title="t")
    criteria = table[list(cases.CRITERIA)].to_numpy()
    for score, fill in enumerate(matrix.SHADES, 1):
        assert len(boxes(chart, fill)) - 1 == (criteria == score).sum()
    assert len(boxes(chart, verdicts.NODATA)) - 1 == np.isnan(criteria).sum()
    texts = [item.text for item in chart.sheet.items if isinstance(item, frame.Writing)]
    assert f"{100 * table['stays'].iloc[0]:.0f}%" in texts
    few = geoprofiles.chart_matrix(cases.scores(5), title="t")
    assert "first five" not in geoprofiles.render_svg(few), "all five are among the first five"


@pytest.mark.parametrize(
    ("values", "told"),
    [([100.0, 101.5, 104.0], "The axis begins at 100, not at 0."), ([1.0, 2.0, 9.0], "")],
)
def test_an_axis_that_does_not_begin_at_0_says_so(values, told):
    points = pd.DataFrame({"period": list("abc"), "value": values, "lower": values,
                           "upper": values, "whole": np.nan, "segment": 1})  # fmt: skip
    svg = geoprofiles.render_svg(geoprofiles.chart_trend(points, title="t", y_label="y"))
    assert ("The axis begins" in svg) == bool(told)
    assert told in svg


def test_what_is_not_known_is_said():
    nothing = plain(3, value=np.nan)
    for chart in (
        geoprofiles.chart_ranked(nothing, title="t", x_label="x"),
        geoprofiles.chart_comparators(
            nothing.assign(place=list("abc"), own=False), title="t", x_label="x"
        ),
    ):
        texts = [item.text for item in chart.sheet.items if isinstance(item, frame.Writing)]
        assert texts.count("no data") == 3
        assert "95% interval" not in texts
        assert "There are no data for any of the" in chart.alt
    funnel = geoprofiles.chart_funnel(
        nothing, cases.funnel_limits(), title="t", x_label="x", y_label="y"
    )
    assert "No data: Ward 0, Ward 1 and Ward 2." in geoprofiles.render_svg(funnel)
    zeros = plain(3, value=0.0, lower=0.0, upper=0.0)
    assert "All 3 areas: 0." in geoprofiles.chart_ranked(zeros, title="t", x_label="x").alt

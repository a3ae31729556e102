"""Charts are safe, deterministic, readable and true: laws that hold for every one of them."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from publish import chart_cases as cases
from publish.city import HOSTILE

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.publish.charts import frame, labels, verdicts
from geoprofiles.publish.charts.frame import literal, quiet_fonts
from geoprofiles.publish.style import contrast

TAGS = {"svg", "title", "desc", "path", "circle", "text", "g"}
ATTRIBUTES = {
    "viewBox", "role", "aria-labelledby", "id", "font-family", "font-size", "font-weight", "fill",
    "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "d", "x", "y", "cx", "cy", "r",
    "text-anchor", "transform", "paint-order",
}  # fmt: skip

CHARTS = {make.__name__: make for make in cases.MAKERS} | cases.SIZES


@pytest.fixture(scope="module", params=CHARTS, ids=list(CHARTS))
def chart(request):
    return CHARTS[request.param]()


@pytest.fixture(scope="module", params=cases.MAKERS, ids=lambda make: make.__name__)
def make(request):
    return request.param


def plain(tag):
    return tag.rpartition("}")[2]


def test_svg_is_a_picture_with_a_name_and_nothing_else(chart):
    text = geoprofiles.render_svg(chart)
    root = ElementTree.fromstring(text)
    for one in root.iter():
        assert plain(one.tag) in TAGS
        assert set(one.attrib) <= ATTRIBUTES
    assert not re.search(r"style=|<script|url\(|href|@import|javascript:(?!window)", text)
    assert text.count("http") == text.count('xmlns="http://www.w3.org/2000/svg"') == 1
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert all(re.fullmatch(r"c[0-9a-f]{12}-(title|desc)", one) for one in ids)
    assert root.attrib["aria-labelledby"].split() == ids
    assert [root[0].text, root[1].text] == [chart.title, chart.alt]
    assert root.attrib["role"] == "img"


def test_two_charts_share_no_id(make):
    one = geoprofiles.render_svg(make())
    other = geoprofiles.render_svg(cases.spine(5, seed=9))
    found = [set(re.findall(r'id="([^"]+)"', text)) for text in (one, other)]
    assert not found[0] & found[1]


def test_hostile_names_are_text_and_whole(make):
    root = ElementTree.fromstring(geoprofiles.render_svg(make()))
    told = " ".join(one.text or "" for one in root.iter())
    assert cases.HARM in told
    assert literal(cases.WORDS["source"]) in told
    assert "\u202e" not in told
    assert "\x00" not in told


def test_shortened_names_say_the_whole():
    root = ElementTree.fromstring(geoprofiles.render_svg(cases.ranked(17)))
    titles = {one[0].text: one[1].text for one in root.iter() if plain(one.tag) == "g"}
    assert HOSTILE[14] in titles
    assert titles[HOSTILE[14]].endswith("…")
    assert HOSTILE[14].startswith(titles[HOSTILE[14]].rstrip("…"))


def test_same_chart_same_bytes(make):
    one, other = make(), make()
    assert geoprofiles.render_svg(one) == geoprofiles.render_svg(other)
    assert geoprofiles.render_svg(one) == geoprofiles.render_svg(one)
    png = geoprofiles.render_png(one, dpi=40)
    assert png == geoprofiles.render_png(other, dpi=40)
    assert b"matplotlib" not in png.lower()
    assert b"tIME" not in png


def test_a_readers_settings_change_nothing():
    before = geoprofiles.render_png(cases.trend(), dpi=40), geoprofiles.render_svg(cases.trend())
    changes = {"font.size": 30, "lines.linewidth": 9, "text.color": "red", "figure.dpi": 10,
               "savefig.bbox": "tight", "axes.facecolor": "black"}  # fmt: skip
    with matplotlib.rc_context(changes):
        after = geoprofiles.render_png(cases.trend(), dpi=40), geoprofiles.render_svg(cases.trend())
    assert before == after


FRESH = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
import geoprofiles
from publish import chart_cases as cases
for make in (cases.spine, cases.control, cases.matrix, cases.funnel):
    chart = make()
    body = geoprofiles.render_svg(chart).encode() + geoprofiles.render_png(chart, dpi=30)
    print(hashlib.sha256(body).hexdigest())
"""


def test_a_fresh_process_makes_the_same_bytes(repository):
    done = subprocess.run(
        [sys.executable, "-c", FRESH, str(repository / "tests")],
        capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7", "LANG": "C"},
    )  # fmt: skip
    here = []
    for draw in (cases.spine, cases.control, cases.matrix, cases.funnel):
        chart = draw()
        body = geoprofiles.render_svg(chart).encode() + geoprofiles.render_png(chart, dpi=30)
        here.append(hashlib.sha256(body).hexdigest())
    assert done.stdout.split() == here


def test_charts_load_matplotlib_on_use_only():
    code = (
        "import sys, geoprofiles\n"
        "geoprofiles.funnel, geoprofiles.build_profile\n"
        "print('matplotlib' in sys.modules)\n"
        "geoprofiles.chart_spine\n"
        "print('matplotlib' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def extents(chart):
    """Measure every text as matplotlib draws it: left, top, right, bottom, in points."""
    figure = chart.figure
    figure.set_dpi(288)  # fine enough that letters are not moved to whole dots
    canvas, point = FigureCanvasAgg(figure), 288 / 72
    height = figure.get_size_inches()[1] * 72
    found = []
    with quiet_fonts():
        for artist in figure.get_children():
            if isinstance(artist, Text):
                box = artist.get_window_extent(canvas.get_renderer())
                left, right, low, high = (one / point for one in (box.x0, box.x1, box.y0, box.y1))
                found.append((artist.get_text(), left, height - high, right, height - low))
    return found, height


def assert_readable(chart):
    """No text leaves the sheet or lies over another."""
    found, height = extents(chart)
    for text, left, top, right, bottom in found:
        assert left >= 0, text
        assert right <= frame.WIDTH + 0.5, text
        assert top >= 0, text
        assert bottom <= height, text
    # Boxes of lines hold the room above and below letters: they may touch by a little.
    left, top, right, bottom = (
        np.array(side)[:, None] for side in zip(*[one[1:] for one in found], strict=True)
    )
    aside = (left >= right.T - 0.5) | (right - 0.5 <= left.T)
    over = ~(aside | (top >= bottom.T - 2.5) | (bottom - 2.5 <= top.T))
    np.fill_diagonal(over, False)
    clashes = [(found[one][0], found[other][0]) for one, other in np.argwhere(over)]
    assert not clashes


def test_no_text_leaves_the_sheet_or_lies_over_another(chart):
    assert_readable(chart)


@pytest.mark.parametrize("times", [0.0, 1e-6, 1e12, -1.0])
def test_figures_of_any_size_keep_their_places(times):
    def scaled(table):
        columns = [one for one in ("value", "lower", "upper", "whole", "centre") if one in table]
        return table.assign(**{one: table[one] * times for one in columns})

    assert_readable(geoprofiles.chart_spine(scaled(cases.spine_table(9)), title="t"))
    assert_readable(geoprofiles.chart_ranked(scaled(cases.areas(9)), title="t", x_label="x"))
    assert_readable(
        geoprofiles.chart_control(scaled(cases.month_series(9)), title="t", y_label="y")
    )
    assert_readable(geoprofiles.chart_trend(scaled(cases.trend_points()), title="t", y_label="y"))
    assert_readable(
        geoprofiles.chart_quintiles(scaled(cases.quintile_rows()), title="t", y_label="y")
    )


def test_measures_agree_with_what_is_drawn(make):
    """What is planned with must be what comes out, or nothing fits."""
    chart = make()
    planned = [item for item in chart.sheet.items if isinstance(item, frame.Writing)]
    for item, (text, left, _, right, _) in zip(planned, extents(chart)[0], strict=True):
        assert text == item.text
        if text.isascii() and not item.upright:
            wide = frame.measure(text, item.face)
            assert right - left == pytest.approx(wide, rel=0.02, abs=1), text


@pytest.mark.parametrize("count", [17, 57, 152])
def test_names_in_a_funnel_keep_clear_of_points_and_of_each_other(count):
    found, _ = extents(cases.funnel(count, hostile=False))
    chart = cases.funnel(count, hostile=False)
    faces = {item.text for item in chart.sheet.items
             if isinstance(item, frame.Writing) and item.face == labels.FACE}  # fmt: skip
    named = [one for one in found if one[0] in faces]
    points = [item for item in chart.sheet.items if isinstance(item, frame.Marking)]
    plot = [item for item in points if item.y < chart.sheet.bottom]
    assert len(named) >= 5
    for text, left, _, right, bottom in named:
        for point in plot:
            inside = left < point.x < right and bottom - 9 < point.y < bottom - 2
            assert not inside, text


def test_every_verdict_has_a_word_and_a_look_of_its_own():
    looks = {(mark.shape, mark.fill) for mark in verdicts.MARKS.values()}
    assert len(looks) == len(verdicts.MARKS)
    for one, other in (("worse", "better"), ("higher", "lower"), ("worse", "no clear difference")):
        assert verdicts.MARKS[one].shape != verdicts.MARKS[other].shape
    root = ElementTree.fromstring(geoprofiles.render_svg(cases.ranked(17)))
    texts = {one.text for one in root.iter() if plain(one.tag) == "text"}
    for verdict in cases.VERDICTS:
        assert verdicts.MEANING.get(verdict, verdict) in texts


def test_marks_and_words_stand_out(chart):
    """4.5 for text and 3 for marks, as WCAG 2.2 asks, against what lies under them."""
    from geoprofiles.publish.charts.spine import BAR, BOX

    grounds = {frame.PAPER, BAR, BOX} if "indicator" in chart.alt else {frame.PAPER}
    fills = []
    for item in chart.sheet.items:
        if isinstance(item, frame.Filling) and item.fill:
            fills.append((outline(item), item.fill))
        if isinstance(item, frame.Marking):
            assert max(contrast(item.mark.edge, one) for one in grounds) >= 3
            assert min(contrast(item.mark.edge, one) for one in grounds) >= 3
        casing = isinstance(item, frame.Drawing) and item.stroke.colour == frame.PAPER
        if isinstance(item, frame.Drawing) and item.stroke.width > 1 and not casing:
            assert contrast(item.stroke.colour, frame.PAPER) >= 3 or item.stroke.width in {2.2, 3.2}
        if isinstance(item, frame.Writing):
            ground = under(fills, item)
            assert contrast(item.face.colour, ground) >= 4.5, item.text


def outline(filling):
    gaps = np.flatnonzero(~np.isfinite(filling.points).all(axis=1))
    rings = [one[np.isfinite(one).all(axis=1)] for one in np.split(filling.points, gaps)]
    return shapely.Polygon(rings[0], rings[1:])


def under(fills, text):
    """Find the fill, of those drawn before, that lies right under the middle of a text."""
    middle = {"left": 0.5, "center": 0.0, "right": -0.5}[text.align]
    x = text.x + middle * frame.measure(text.text, text.face) * (not text.upright)
    point = shapely.Point(x, text.y - 2)
    over = (fill for shape, fill in reversed(fills) if shape.intersects(point))
    return next(over, frame.PAPER)


COLUMNS = {
    geoprofiles.chart_spine: (cases.spine_table(4), {}, {"position_national"}),
    geoprofiles.chart_ranked: (cases.areas(4), {"x_label": "x"}, {"denominator"}),
    geoprofiles.chart_comparators: (cases.places(4), {"x_label": "x"}, set()),
    geoprofiles.chart_control: (cases.month_series(8), {"y_label": "y"}, set()),
    geoprofiles.chart_trend: (cases.trend_points(8), {"y_label": "y"}, set()),
    geoprofiles.chart_pyramid: (cases.people(3), {}, set()),
    geoprofiles.chart_quintiles: (cases.quintile_rows(), {"y_label": "y"}, set()),
}
TEXTS = {"topic", "indicator", "unit", "verdict", "area_name", "place", "own", "month", "signal",
         "period", "age", "sex"}  # fmt: skip
PAIRS = [(draw, name) for draw, (table, _, spare) in COLUMNS.items()
         for name in table.columns if name not in spare]  # fmt: skip


@pytest.mark.parametrize(
    ("draw", "name"), PAIRS, ids=[f"{draw.__name__}-{name}" for draw, name in PAIRS]
)
def test_every_column_is_checked(draw, name):
    table, words, _ = COLUMNS[draw]
    with pytest.raises(InputError, match=f"the column '{name}' is missing"):
        draw(table.drop(columns=name), title="t", **words)
    if name not in TEXTS:
        wrong = table.assign(**{name: ["many"] * len(table)})
        with pytest.raises(InputError, match=f"'{name}' holds what is not a number"):
            draw(wrong, title="t", **words)


@pytest.mark.parametrize("draw", COLUMNS, ids=lambda draw: draw.__name__)
def test_an_empty_table_is_refused(draw):
    table, words, _ = COLUMNS[draw]
    with pytest.raises(InputError, match="there is no row to draw"):
        draw(table.iloc[:0], title="t", **words)


@pytest.mark.parametrize("draw", COLUMNS, ids=lambda draw: draw.__name__)
def test_rows_are_left_as_they_were(draw):
    table, words, _ = COLUMNS[draw]
    before = table.copy(deep=True)
    draw(table, title="t", **words)
    pd.testing.assert_frame_equal(table, before)


def test_other_wrong_input_is_refused_in_words():
    table, limits = cases.areas(4), cases.funnel_limits()
    labels_of = {"title": "t", "x_label": "x", "y_label": "y"}
    with pytest.raises(InputError, match="the limits of the funnel: the column 'upper' is missing"):
        geoprofiles.chart_funnel(table, limits.drop(columns="upper"), **labels_of)
    with pytest.raises(InputError, match="the funnel: the column 'denominator' is missing"):
        geoprofiles.chart_funnel(table.drop(columns="denominator"), limits, **labels_of)
    with pytest.raises(InputError, match=r"'wrse' is not a verdict\. Did you mean 'worse'\?"):
        geoprofiles.chart_ranked(table.assign(verdict="wrse"), title="t", x_label="x")
    with pytest.raises(InputError, match=r"the own area 'Nowhere' is not among the 4 rows"):
        geoprofiles.chart_ranked(table, title="t", x_label="x", own="Nowhere")
    with pytest.raises(InputError, match="'abov' is not a signal"):
        geoprofiles.chart_control(
            cases.month_series(8).assign(signal="abov"), title="t", y_label="y"
        )
    with pytest.raises(InputError, match="'both' is not a sex"):
        geoprofiles.chart_pyramid(cases.people(2).assign(sex="both"), title="t")
    with pytest.raises(InputError, match="an age stands twice"):
        geoprofiles.chart_pyramid(cases.people(2).assign(age="1"), title="t")
    with pytest.raises(InputError, match="must hold each of 1 to 5 once at most"):
        geoprofiles.chart_quintiles(
            cases.quintile_rows().assign(quintile=6), title="t", y_label="y"
        )
    with pytest.raises(InputError, match="the slope must be two pairs"):
        geoprofiles.chart_quintiles(
            cases.quintile_rows(), title="t", y_label="y", line=((0, 1), (1, np.nan))
        )
    for change, text in (
        ({"volume": 5}, "a score is not between 1 and 4"),
        ({"stays": 96.0}, "'stays' is not a share"),
    ):
        with pytest.raises(InputError, match=text):
            geoprofiles.chart_matrix(cases.scores(6).assign(**change), title="t")
    with pytest.raises(InputError, match="there is no criterion"):
        geoprofiles.chart_matrix(cases.scores(6)[["total"]], title="t")


whole_numbers = st.lists(st.integers(-500, 99_999), min_size=2, max_size=12, unique=True)


@settings(max_examples=20)
@given(whole_numbers, st.data())
def test_the_words_name_the_true_extremes(values, data):
    """Found here by going through all of them."""
    missing = data.draw(st.integers(0, len(values) - 2))
    known = values[: len(values) - missing]
    called = [f"Place {n}" for n in range(len(values))]
    high = low = 0
    for place, value in enumerate(known):
        high = place if value > known[high] else high
        low = place if value < known[low] else low
    ends = f"Highest: Place {high}, {known[high]:,}; lowest: Place {low}, {known[low]:,}.".replace(
        "-", "−"
    )
    column = [*map(float, known), *[np.nan] * missing]
    table = pd.DataFrame({"area_name": called, "value": column, "lower": np.nan, "upper": np.nan,
                          "denominator": 1000.0, "verdict": "not tested"})  # fmt: skip
    limits = cases.funnel_limits()
    told = [
        geoprofiles.chart_ranked(table, title="t", x_label="x").alt,
        geoprofiles.chart_funnel(table, limits, title="t", x_label="x", y_label="y").alt,
        geoprofiles.chart_comparators(
            table.assign(place=called, own=False), title="t", x_label="x"
        ).alt,
        geoprofiles.chart_trend(
            table.assign(period=called, whole=1.0, segment=1), title="t", y_label="y"
        ).alt,
    ]
    for alt in told:
        assert ends in alt
        kinds = {1: "1 (area|place|period)", 0: None}.get(missing, f"{missing} ")
        assert bool(re.search("No data for", alt)) == bool(missing)
        if kinds:
            assert re.search(f"No data for {kinds}", alt)


@given(st.lists(st.sampled_from(cases.VERDICTS), min_size=1, max_size=20))
def test_the_words_count_every_verdict(found):
    called = [f"Ward {n}" for n in range(len(found))]
    words = verdicts.verdict_words(found, called)
    for verdict in cases.VERDICTS:
        count = found.count(verdict)
        part = re.search(rf"(?:^|\. ){re.escape(verdict.capitalize())}: (.+?)(?=\.)", words)
        assert bool(part) == bool(count)
        if part and verdict in verdicts.UNMARKED:
            assert part[1] == f"{count}"
        elif part:
            more = re.search(r"and (\d+) more", part[1])
            assert part[1].count("Ward") + (int(more[1]) if more else 0) == count


def test_words_of_the_other_charts():
    assert "Female: highest " in cases.pyramid().alt
    rows = cases.people()
    for sex, word in (("female", "Female"), ("male", "Male")):
        part = rows[rows["sex"] == sex].sort_values("share")
        told = re.search(
            f"{word}: highest (.+?), (.+?)%; lowest (.+?), (.+?)%", cases.pyramid().alt
        )
        assert [told[1], told[3]] == [part["age"].iloc[-1], part["age"].iloc[0]]
        ends = [part["share"].iloc[-1], part["share"].iloc[0]]
        assert [float(told[2]), float(told[4])] == pytest.approx(ends, abs=0.05)
    assert (
        "Highest: quintile 1 (most deprived), 9.50; lowest: quintile 5 (least deprived), 3.50."
        in cases.quintiles().alt
    )
    table = cases.scores().sort_values("total")
    best, last = literal(table.index[-1]), literal(table.index[0])
    assert f"highest: {best}, {table['total'].iloc[-1]:.2f}; lowest: {last}, " in cases.matrix().alt
    control = cases.control()
    assert "Months without data: 6." in control.alt
    assert "above the upper limit, January 2021" in control.alt
    assert (
        "Signals: none."
        in geoprofiles.chart_control(
            cases.month_series(8).assign(signal=None), title="t", y_label="y"
        ).alt
    )
    assert "The series is broken once." in cases.trend().alt


def test_a_spine_of_a_whole_profile_is_small():
    table = cases.spine_table(83, hostile=False)
    text = geoprofiles.render_svg(geoprofiles.chart_spine(table, title="Mill ward, 2026"))
    assert len(text.encode()) < 100_000


def test_dollars_and_backslashes_are_letters():
    called = ["$x^2$", r"$\frac{1}{2}$", "$unclosed"]
    table = cases.areas(3).assign(area_name=called)
    chart = geoprofiles.chart_ranked(table, title="t", x_label="x")
    wide = {text: right - left for text, left, _, right, _ in extents(chart)[0]}
    for name in called:
        assert wide[name] == pytest.approx(frame.measure(name, frame.BODY), rel=0.02, abs=1)

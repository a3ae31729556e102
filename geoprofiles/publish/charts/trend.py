"""Trends: a figure from period to period, with its band, beside the whole's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geoprofiles.publish.charts.frame import (
    HUSHED,
    PAPER,
    QUIET,
    RIGHT,
    Chart,
    Key,
    Mark,
    Sheet,
    Stroke,
    Words,
    line_height,
    literal,
    measure,
    wrap,
)
from geoprofiles.publish.charts.scales import Plot, Scale, axes_of, begins, scale_of, write_label
from geoprofiles.publish.charts.times import TALL, draw_missing, runs_of
from geoprofiles.publish.charts.verdicts import (
    ACCENT,
    CITY,
    NO_DATA,
    NODATA,
    checked,
    extremes,
    has_limits,
    names_of,
    sentence,
    tell,
    texts_of,
)
from geoprofiles.publish.figures import number
from geoprofiles.publish.style import TOKENS

POINT = Mark("o", ACCENT, ACCENT, 5.5)
WHISKER = Stroke(ACCENT, 0.9)


def chart_trend(
    points: pd.DataFrame,
    *,
    title: str,
    y_label: str,
    whole_label: str = "City",
    subtitle: str = "",
    source: str = "",
) -> Chart:
    """Draw a figure from period to period with its intervals, beside the city's.

    Parameters
    ----------
    points : DataFrame
        In order of time: ``period`` (text), ``value``, ``lower``, ``upper``, ``whole`` (of the
        city; may be missing), ``segment`` (int: no line goes from one to the next). As
        :func:`geoprofiles.trend_rows` makes them.
    title : str
        What and when.
    y_label : str
        What the values count, with their unit.
    whole_label : str
        What the other line is of.
    subtitle, source : str
        More of the title; the line at the foot.

    Returns
    -------
    Chart

    Examples
    --------
    >>> import pandas as pd
    >>> points = pd.DataFrame({"period": ["2024", "2025"], "value": [4.0, 5.0], "lower": 3.0,
    ...                        "upper": 6.0, "whole": [4.4, 4.2], "segment": 1})
    >>> chart_trend(points, title="Burglary", y_label="per 1,000 homes").alt
    'Burglary. 2 periods, 2024 to 2025: from 4 to 5; City: from 4.40 to 4.20.
    Highest: 2025, 5; lowest: 2024, 4.'
    """
    numbers = ("value", "lower", "upper", "whole", "segment")
    table = checked(points, numbers, ("period",), "the trend")
    periods = names_of(table["period"])
    count = len(periods)
    missing = [int(one) for one in np.flatnonzero(table["value"].isna())]
    x = Scale(-0.5, count - 0.5, (0.0, count - 1.0))
    y = scale_of(table[["value", "lower", "upper", "whole"]].to_numpy())
    axes = axes_of(y_label, y)
    ticks, lines = _period_ticks(periods, RIGHT - axes.left)
    foot = 6 + line_height(HUSHED) * lines
    keys = _trend_keys(table, missing, literal(whole_label))
    sheet = Sheet(Words(title, subtitle, source, keys, [begins(y)]), axes.head + TALL + foot)
    top = sheet.top + axes.head
    plot = Plot(sheet, (axes.left, top, RIGHT, top + TALL), x, y)
    write_label(sheet, axes)
    draw_missing(plot, missing)
    plot.draw_y()
    for place, words in ticks:
        at = float(plot.px(place))
        for row, line in enumerate(words):
            at_y = top + TALL + 11 + line_height(HUSHED) * row
            sheet.write(at, at_y, line, HUSHED, align="center", whole=periods[place])
    runs = runs_of(np.arange(count), table["segment"].to_numpy())
    for run in runs:
        _draw_band(plot, run, table)
    for run in runs:
        plot.along(run, table["whole"].to_numpy()[run], Stroke(CITY, 1.4))
        plot.along(run, table["value"].to_numpy()[run], Stroke(ACCENT, 1.6))
        if run[0]:
            plot.sheet.line([float(plot.px(run[0] - 0.5))] * 2, [top, top + TALL], SEAM)
    for place, row in enumerate(table.to_dict("records")):
        if np.isfinite(row["whole"]):
            sheet.mark(float(plot.px(place)), float(plot.py(row["whole"])), CITY_POINT)
        if np.isfinite(row["value"]):
            plot.whisker(place, row["lower"], row["upper"], WHISKER)
            sheet.mark(float(plot.px(place)), float(plot.py(row["value"])), POINT)
    alt = tell(sentence(title), _trend_words(table, periods, literal(whole_label)))
    return Chart(sheet, literal(title), alt)


SEAM = Stroke(QUIET, 0.9, (1.5, 2))
BAND = TOKENS["band"]


def _draw_band(plot: Plot, run: np.ndarray, table: pd.DataFrame) -> None:
    """Shade the intervals of neighbours that have one."""
    lower, upper = (table[name].to_numpy()[run] for name in ("lower", "upper"))
    here = np.isfinite(lower + upper + table["value"].to_numpy()[run])
    for part in np.split(np.arange(len(run)), np.flatnonzero(np.diff(here)) + 1):
        if len(part) > 1 and here[part[0]]:
            at = plot.px(run[part])
            edges = np.r_[plot.py(upper[part]), plot.py(lower[part])[::-1]]
            plot.sheet.shape(np.r_[at, at[::-1]], edges, BAND)


CITY_POINT = Mark("s", PAPER, CITY, 4)


def _trend_keys(table: pd.DataFrame, missing: Sequence[int], whole: str) -> list[Key]:
    keys = [Key("this area", POINT, Stroke(ACCENT, 1.6))]
    if has_limits(table):
        keys.append(Key("95% interval", stroke=WHISKER, fill=BAND))
    if table["whole"].notna().any():
        keys.append(Key(whole, CITY_POINT, Stroke(CITY, 1.4)))
    if len(set(table["segment"])) > 1:
        keys.append(Key("not comparable across this line", stroke=SEAM))
    return keys + ([Key(NO_DATA, fill=NODATA)] if missing else [])


def _period_ticks(periods: Sequence[str], room: float) -> tuple[list[tuple[int, list[str]]], int]:
    """Choose which periods to write, in how many lines: as many as fit side by side."""
    slot = room / len(periods)
    for step in range(1, len(periods) + 1):
        wide = slot * step - 6
        chosen = range((len(periods) - 1) % step, len(periods), step)
        words = [wrap(periods[one], min(wide, 150), HUSHED, most=3) for one in chosen]
        longest = max(measure(part, HUSHED) for one in chosen for part in periods[one].split())
        if (longest <= wide and not any(one[-1].endswith("…") for one in words)) or wide > 120:
            return list(zip(chosen, words, strict=True)), max(len(one) for one in words)
    last = len(periods) - 1
    words = [wrap(periods[last], slot, HUSHED, most=3)]
    return [(last, words[0])], len(words[0])


def _trend_words(table: pd.DataFrame, periods: Sequence[str], whole_label: str) -> str:
    known = table["value"].notna().to_numpy()
    if not known.any():
        return "There are no data for any of the periods."
    texts = texts_of(table["value"])
    here = [int(one) for one in np.flatnonzero(known)]
    first, last = here[0], here[-1]
    if first == last:
        told = f"{periods[first]} alone: {texts[first]}"
    else:
        count = f"{len(here):,} periods, {periods[first]} to {periods[last]}"
        told = f"{count}: from {texts[first]} to {texts[last]}"
    whole = table["whole"].to_numpy()
    if np.isfinite(whole[[first, last]]).all():
        city = texts_of(whole)
        told += f"; {whole_label}: {_from_to(city[first], city[last])}"
    high_low = "" if first == last else " " + extremes(periods, table["value"], "period")
    seams = table["segment"].nunique() - 1
    broken = f" The series is broken {number(seams, 0)} times." if seams > 1 else ""
    return f"{told}.{high_low}{' The series is broken once.' if seams == 1 else broken}"


def _from_to(first: str, last: str) -> str:
    return first if first == last else f"from {first} to {last}"

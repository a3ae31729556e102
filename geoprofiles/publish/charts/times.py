"""Figures over time: control charts by month and trends by period."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.publish.charts.frame import (
    HUSHED,
    INK,
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
    shorten,
    wrap,
)
from geoprofiles.publish.charts.scales import Plot, Scale, axes_of, scale_of, write_label
from geoprofiles.publish.charts.verdicts import (
    ACCENT,
    CITY,
    NO_DATA,
    NODATA,
    SIGNAL,
    UNCLEAR,
    checked,
    extremes,
    names_of,
    sentence,
    tell,
    texts_of,
)
from geoprofiles.publish.figures import number
from geoprofiles.words import MONTHS, listed, month_words, nearest, period_words

TALL = 230.0
CENTRE, LIMIT = Stroke(ACCENT, 1.2), Stroke(QUIET, 0.9, (4, 2))
JOIN, CHANGE = Stroke(UNCLEAR, 1.1), Stroke(INK, 0.7)
ORDINARY = Mark("o", UNCLEAR, QUIET, 4)
POINT = Mark("o", ACCENT, ACCENT, 5.5)
WHISKER = Stroke(ACCENT, 0.9)

SIGNALS = {
    "above": ("above the upper limit", Mark("^", SIGNAL, SIGNAL, 7.5)),
    "below": ("below the lower limit", Mark("v", SIGNAL, SIGNAL, 7.5)),
    "run": ("run on one side of the centre", Mark("D", SIGNAL, SIGNAL, 5)),
    "trend": ("steady rise or fall", Mark("s", SIGNAL, SIGNAL, 5.5)),
}
"""What each signal means, and its mark; a signal is neither good nor bad."""


def chart_control(
    series: pd.DataFrame,
    *,
    title: str,
    y_label: str,
    breaks: pd.DataFrame | None = None,
    subtitle: str = "",
    source: str = "",
) -> Chart:
    """Draw a control chart of months, with its centre, limits, signals and phases.

    No line is drawn over months that are missing, nor from one phase to the next.

    Parameters
    ----------
    series : DataFrame
        ``month`` (Timestamp), ``value``, ``centre``, ``lower``, ``upper``, ``phase`` (int),
        ``signal`` ("above", "below", "run", "trend" or missing).
    title : str
        What and when.
    y_label : str
        What the values count.
    breaks : DataFrame, optional
        ``month`` with which something changed, and its ``label``.
    subtitle, source : str
        More of the title; the line at the foot.

    Returns
    -------
    Chart

    Examples
    --------
    >>> import pandas as pd
    >>> series = pd.DataFrame({"month": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-04-01"]),
    ...                        "value": [5, 6, 19], "centre": 6.0, "lower": 1.0, "upper": 11.0,
    ...                        "phase": 1, "signal": [None, None, "above"]})
    >>> chart_control(series, title="Burglary", y_label="Incidents a month").alt
    'Burglary. January 2026 to April 2026; the last value is 19. Highest: April 2026, 19;
    lowest: January 2026, 5. Signals: above the upper limit, April 2026. Months without data: 1.'
    """
    numbers = ("value", "centre", "lower", "upper", "phase")
    table = checked(series, numbers, ("month", "signal"), "the control chart")
    table["month"] = pd.to_datetime(table["month"])
    table = table.sort_values("month", kind="stable").reset_index(drop=True)
    at = _month_number(table["month"])
    signals = [_signal(one) for one in table["signal"]]
    first, last = int(at.min()), int(at.max())
    missing = sorted({*range(first, last + 1)} - {*at[table["value"].notna()]})
    x = Scale(first - 0.5, last + 0.5, (first, last))
    y = scale_of(table[["value", "centre", "lower", "upper"]].to_numpy())
    axes = axes_of(y_label, y)
    changes = _stacked(breaks, x, (axes.left, RIGHT))
    head = axes.head + 11 * (1 + max((level for *_, level in changes), default=-1))
    keys = _control_keys(signals, missing)
    sheet = Sheet(Words(title, subtitle, source, keys), head + TALL + 16)
    place = (axes.left, sheet.top + head, RIGHT, sheet.top + head + TALL)
    plot = Plot(sheet, place, x, y)
    write_label(sheet, axes)
    _draw_missing(plot, missing)
    plot.draw_y()
    _draw_months(plot, first, last)
    _draw_changes(plot, changes, sheet.top + axes.head)
    for run in _runs(at, table["phase"].to_numpy()):
        _draw_run(plot, at[run], table.iloc[run])
    for month, value, signal in zip(at, table["value"], signals, strict=True):
        if np.isfinite(value):
            mark = SIGNALS[signal][1] if signal else ORDINARY
            sheet.mark(float(plot.px(month)), float(plot.py(value)), mark)
    alt = tell(sentence(title), _control_words(table, signals), _missing_words(missing))
    return Chart(sheet.figure, literal(title), alt)


def _month_number(months: pd.Series) -> np.ndarray:
    return (months.dt.year * 12 + months.dt.month - 1).to_numpy()


def _signal(value: object) -> str:
    if value is None or pd.isna(value) or not str(value):
        return ""
    if str(value) not in SIGNALS:
        raise InputError(
            f"the control chart: {str(value)!r} is not a signal",
            remedy=nearest(str(value), SIGNALS),
        )
    return str(value)


def _runs(at: np.ndarray, phase: np.ndarray) -> list[np.ndarray]:
    """Part the rows where a month is missing or a phase begins."""
    same = (phase[1:] == phase[:-1]) | (np.isnan(phase[1:]) & np.isnan(phase[:-1]))
    return np.split(np.arange(len(at)), np.flatnonzero((np.diff(at) > 1) | ~same) + 1)


def _draw_run(plot: Plot, at: np.ndarray, rows: pd.DataFrame) -> None:
    edges = np.column_stack([at - 0.5, at + 0.5]).ravel()
    for column, stroke in (("lower", LIMIT), ("upper", LIMIT), ("centre", CENTRE)):
        plot.along(edges, np.repeat(rows[column].to_numpy(), 2), stroke)
    plot.along(at, rows["value"], JOIN)


def _draw_missing(plot: Plot, places: Sequence[int]) -> None:
    """Shade what has no data, and say so where the words fit."""
    _, top, _, bottom = plot.place
    groups = np.split(np.asarray(places, int), np.flatnonzero(np.diff(places) > 1) + 1)
    for group in groups if len(places) else []:
        left, right = float(plot.px(group[0] - 0.5)), float(plot.px(group[-1] + 0.5))
        plot.sheet.box((left, top, right, bottom), NODATA)
        lines = [NO_DATA] if measure(NO_DATA, HUSHED) < right - left - 2 else NO_DATA.split()
        if max(measure(line, HUSHED) for line in lines) <= right - left:
            middle = (left + right) / 2
            plot.sheet.write_middle(middle, bottom - 14, lines, HUSHED, align="center")


def _draw_months(plot: Plot, first: int, last: int) -> None:
    """Write as many months as fit, counted from January."""
    left, _, right, bottom = plot.place
    room = measure("Mmm 0000", HUSHED) + 10
    months = last - first + 1
    step = next(
        (one for one in (1, 2, 3, 6, 12, 24, 60) if months / one * room <= right - left), 120
    )
    ticks = [one for one in range(first, last + 1) if one % step == 0] or [first]
    for tick in ticks:
        x = float(plot.px(tick))
        plot.sheet.line([x, x], [bottom, bottom + 3], Stroke(QUIET, 0.8))
        text = f"{MONTHS[tick % 12][:3]} {tick // 12}"
        half = measure(text, HUSHED) / 2
        at = min(x, RIGHT - half)
        plot.sheet.write(at, bottom + 12, text, HUSHED, align="center")


Change = tuple[float, str, str, str, int]


def _stacked(breaks: pd.DataFrame | None, x: Scale, room: tuple[float, float]) -> list[Change]:
    """Place the labels of changes: the shown and whole words, the side, and how far down."""
    if breaks is None or not len(breaks):
        return []
    table = checked(breaks, (), ("month", "label"), "the changes of the control chart")
    at = _month_number(pd.to_datetime(table["month"]))
    changes: list[Change] = []
    ends: list[float] = []
    for month, label in sorted(zip(at, names_of(table["label"]), strict=True)):
        if not x.low < month <= x.high:
            continue
        share = (month - 0.5 - x.low) / (x.high - x.low)
        spot = room[0] + share * (room[1] - room[0])
        text = shorten(label, 200, HUSHED)
        wide = measure(text, HUSHED)
        side = "left" if spot + 4 + wide <= room[1] else "right"
        start, end = (spot, spot + 4 + wide) if side == "left" else (spot - 4 - wide, spot)
        level = next((one for one, last in enumerate(ends) if last + 6 < start), len(ends))
        ends[level : level + 1] = [end]
        changes.append((spot, text, label, side, level))
    return changes


def _draw_changes(plot: Plot, changes: Sequence[Change], top: float) -> None:
    for spot, text, whole, side, level in changes:
        y = top + 11 * level
        plot.sheet.line([spot, spot], [y, plot.place[3]], CHANGE)
        x = spot + 4 if side == "left" else spot - 4
        plot.sheet.write(x, y + 7, text, HUSHED, align=side, whole=whole)


def _control_keys(signals: Sequence[str], missing: Sequence[int]) -> list[Key]:
    keys = [Key("month", ORDINARY)]
    keys += [Key(words, mark) for one, (words, mark) in SIGNALS.items() if one in signals]
    keys += [Key("centre", stroke=CENTRE), Key("control limits", stroke=LIMIT)]
    return keys + ([Key(NO_DATA, fill=NODATA)] if missing else [])


def _control_words(table: pd.DataFrame, signals: Sequence[str]) -> str:
    known = table.loc[table["value"].notna()]
    if known.empty:
        return "There are no data for any of the months."
    months = [month_words(one) for one in known["month"]]
    texts = texts_of(known["value"])
    period = period_words(table["month"].iloc[0], table["month"].iloc[-1])
    told = f"{period}; the last value is {texts[-1]}. {extremes(months, known['value'], 'month')}"
    found = []
    for one, (words, _) in SIGNALS.items():
        when = [
            month_words(month)
            for month, signal in zip(table["month"], signals, strict=True)
            if signal == one
        ]
        if when:
            found.append(f"{words}, {listed(when, most=4)}")
    return f"{told} Signals: {'; '.join(found) or 'none'}."


def _missing_words(missing: Sequence[int]) -> str:
    return f"Months without data: {len(missing):,}." if missing else ""


def chart_trend(
    points: pd.DataFrame, *, title: str, y_label: str, subtitle: str = "", source: str = ""
) -> Chart:
    """Draw a figure from period to period with its intervals, beside the city's.

    Parameters
    ----------
    points : DataFrame
        In order of time: ``period`` (text), ``value``, ``lower``, ``upper``, ``whole`` (of the
        city; may be missing), ``segment`` (int: no line goes from one to the next).
    title : str
        What and when.
    y_label : str
        What the values count, with their unit.
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
    'Burglary. 2 periods, 2024 to 2025: from 4 to 5; the city from 4.40 to 4.20.
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
    keys = _trend_keys(table, missing)
    sheet = Sheet(Words(title, subtitle, source, keys), axes.head + TALL + foot)
    top = sheet.top + axes.head
    plot = Plot(sheet, (axes.left, top, RIGHT, top + TALL), x, y)
    write_label(sheet, axes)
    _draw_missing(plot, missing)
    plot.draw_y()
    for place, words in ticks:
        at = float(plot.px(place))
        for row, line in enumerate(words):
            at_y = top + TALL + 11 + line_height(HUSHED) * row
            sheet.write(at, at_y, line, HUSHED, align="center", whole=periods[place])
    for run in _runs(np.arange(count), table["segment"].to_numpy()):
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
    alt = tell(sentence(title), _trend_words(table, periods))
    return Chart(sheet.figure, literal(title), alt)


SEAM = Stroke(QUIET, 0.9, (1.5, 2))
CITY_POINT = Mark("s", PAPER, CITY, 4)


def _trend_keys(table: pd.DataFrame, missing: Sequence[int]) -> list[Key]:
    keys = [Key("this area", POINT, Stroke(ACCENT, 1.6)), Key("95% interval", stroke=WHISKER)]
    if table["whole"].notna().any():
        keys.append(Key("city", CITY_POINT, Stroke(CITY, 1.4)))
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


def _trend_words(table: pd.DataFrame, periods: Sequence[str]) -> str:
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
        told += f"; the city {_from_to(city[first], city[last])}"
    high_low = "" if first == last else " " + extremes(periods, table["value"], "period")
    seams = table["segment"].nunique() - 1
    broken = f" The series is broken {number(seams, 0)} times." if seams > 1 else ""
    return f"{told}.{high_low}{' The series is broken once.' if seams == 1 else broken}"


def _from_to(first: str, last: str) -> str:
    return first if first == last else f"from {first} to {last}"

"""Control charts: months with their centre, limits and signals."""

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
    Align,
    Chart,
    Key,
    Mark,
    Sheet,
    Stroke,
    Words,
    literal,
    measure,
    shorten,
)
from geoprofiles.publish.charts.scales import Plot, Scale, axes_of, begins, scale_of, write_label
from geoprofiles.publish.charts.times import TALL, draw_missing, runs_of
from geoprofiles.publish.charts.verdicts import (
    ACCENT,
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
from geoprofiles.words import MONTHS, listed, month_words, nearest, period_words

CENTRE, LIMIT = Stroke(ACCENT, 1.2), Stroke(QUIET, 0.9, (4, 2))
JOIN, CHANGE = Stroke(UNCLEAR, 1.1), Stroke(INK, 0.7)
ORDINARY = Mark("o", UNCLEAR, QUIET, 4)

SIGNALS = {
    "above": ("above the upper limit", Mark("^", SIGNAL, SIGNAL, 7.5)),
    "below": ("below the lower limit", Mark("v", SIGNAL, SIGNAL, 7.5)),
    "two of three near a limit": ("two of three near a limit", Mark("p", SIGNAL, SIGNAL, 6.5)),
    "trend of seven": ("steady rise or fall for seven", Mark("s", SIGNAL, SIGNAL, 5.5)),
    "run on one side": ("run on one side of the centre", Mark("D", SIGNAL, SIGNAL, 5)),
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
        ``signal``; as :func:`geoprofiles.control_chart` returns them.
    title : str
        What and when.
    y_label : str
        What the values count.
    breaks : DataFrame, optional
        ``month`` with which something changed, and ``why``; as a table of breaks holds them.
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
    notes = [begins(y)]
    head = axes.head + 11 * (1 + max((level for *_, level in changes), default=-1))
    keys = _control_keys(table, signals, missing)
    sheet = Sheet(Words(title, subtitle, source, keys, notes), head + TALL + 16)
    place = (axes.left, sheet.top + head, RIGHT, sheet.top + head + TALL)
    plot = Plot(sheet, place, x, y)
    write_label(sheet, axes)
    draw_missing(plot, missing)
    plot.draw_y()
    _draw_months(plot, first, last)
    _draw_changes(plot, changes, sheet.top + axes.head)
    for run in runs_of(at, table["phase"].to_numpy()):
        _draw_run(plot, at[run], table.iloc[run])
    for month, value, signal in zip(at, table["value"], signals, strict=True):
        if np.isfinite(value):
            mark = SIGNALS[signal][1] if signal else ORDINARY
            sheet.mark(float(plot.px(month)), float(plot.py(value)), mark)
    alt = tell(sentence(title), _control_words(table, signals), _missing_words(missing))
    return Chart(sheet, literal(title), alt)


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


def _draw_run(plot: Plot, at: np.ndarray, rows: pd.DataFrame) -> None:
    edges = np.column_stack([at - 0.5, at + 0.5]).ravel()
    for column, stroke in (("lower", LIMIT), ("upper", LIMIT), ("centre", CENTRE)):
        plot.along(edges, np.repeat(rows[column].to_numpy(), 2), stroke)
    plot.along(at, rows["value"], JOIN)


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


Change = tuple[float, str, str, Align, int]


def _stacked(breaks: pd.DataFrame | None, x: Scale, room: tuple[float, float]) -> list[Change]:
    """Place the labels of changes: the shown and whole words, the side, and how far down."""
    if breaks is None or not len(breaks):
        return []
    table = checked(breaks, (), ("month", "why"), "the changes of the control chart")
    at = _month_number(pd.to_datetime(table["month"]))
    changes: list[Change] = []
    ends: list[float] = []
    for month, label in sorted(zip(at, names_of(table["why"]), strict=True)):
        if not x.low < month <= x.high:
            continue
        share = (month - 0.5 - x.low) / (x.high - x.low)
        spot = room[0] + share * (room[1] - room[0])
        text = shorten(label, max(room[1] - spot, spot - room[0]) - 8, HUSHED)
        wide = measure(text, HUSHED)
        side: Align = "left" if spot + 4 + wide <= room[1] else "right"
        start, end = (spot, spot + 4 + wide) if side == "left" else (spot - 4 - wide, spot)
        level = next((one for one, last in enumerate(ends) if last + 6 < start), len(ends))
        ends[level : level + 1] = [end]
        changes.append((spot, text, label, side, level))
    return changes


def _draw_changes(plot: Plot, changes: Sequence[Change], top: float) -> None:
    for spot, *_, level in changes:
        plot.sheet.line([spot, spot], [top + 11 * level, plot.place[3]], CHANGE)
    for spot, text, whole, side, level in changes:
        y = top + 11 * level
        x = spot + 4 if side == "left" else spot - 4
        ends = sorted((x, x + (1 if side == "left" else -1) * measure(text, HUSHED)))
        plot.sheet.box((ends[0] - 1, y - 1, ends[1] + 1, y + 9.5), PAPER)
        plot.sheet.write(x, y + 7, text, HUSHED, align=side, whole=whole)


def _control_keys(table: pd.DataFrame, signals: Sequence[str], missing: Sequence[int]) -> list[Key]:
    keys = [Key("month", ORDINARY)]
    keys += [Key(words, mark) for one, (words, mark) in SIGNALS.items() if one in signals]
    if table["centre"].notna().any():
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

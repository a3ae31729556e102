"""The week: incidents by hour and weekday as a shaded table, and the day under it with limits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.publish.charts.frame import (
    BODY,
    BOLD,
    HUSHED,
    INK,
    LEFT,
    PAPER,
    QUIET,
    RIGHT,
    Chart,
    Face,
    Key,
    Mark,
    Sheet,
    Stroke,
    Words,
    literal,
)
from geoprofiles.publish.charts.scales import Plot, Scale, scale_of
from geoprofiles.publish.charts.verdicts import ACCENT, sentence, tell
from geoprofiles.publish.figures import decimals_of, number
from geoprofiles.publish.style import RAMP, contrast

NAME, TOTAL, ROW, DAY = 66.0, 40.0, 21.0, 130.0
"""Width of the names and of the totals, height of a weekday, height of the plot of the day."""

SHADES = (RAMP[0], RAMP[1], RAMP[2], RAMP[4])
"""From few to many; numbers can be read on each."""

HEADS = 16.0
START, BEYOND = Mark("o", PAPER, INK, 4.5), Mark("^", PAPER, INK, 6)
LIMITS = Stroke(INK, 1.0)


def chart_week(hours: pd.DataFrame, *, title: str, subtitle: str = "", source: str = "") -> Chart:
    """Draw when incidents happen: weekday by hour, and the hours of the day with their limits.

    Parameters
    ----------
    hours : DataFrame
        As :func:`geoprofiles.aoristic_hours` gives it: index 0 to 23, columns the weekdays;
        ``attrs["by_hour"]`` with ``weight``, ``start`` and, where there are limits, ``low`` and
        ``high``.
    title : str
        What and when.
    subtitle, source : str
        More of the title; the line at the foot.

    Returns
    -------
    Chart

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> hours = geoprofiles.aoristic_hours(pd.DataFrame({
    ...     "start": pd.to_datetime(["2026-06-05 22:00"]),
    ...     "end": pd.to_datetime(["2026-06-06 00:00"])}), simulations=19)
    >>> chart_week(hours, title="Burglary, by hour").alt
    'Burglary, by hour. Most: Friday 22:00 to 23:00, 0.5. By hour of the day: most 22:00 to 23:00,
    0.5; least 00:00 to 01:00, 0.0. By weekday: Monday 0.0, Tuesday 0.0, Wednesday 0.0, Thursday
    0.0, Friday 1.0, Saturday 0.0, Sunday 0.0.'
    """
    if list(hours.index) != list(range(24)) or hours.shape[1] != 7:
        raise InputError("the week needs 24 hours by 7 weekdays; take those of aoristic_hours")
    values = hours.to_numpy(dtype=float)
    days = [literal(one) for one in hours.columns]
    keys, edges = _classes(values)
    keys += [Key("by the start alone (with its number, beyond the scale)", mark=START)]
    limited = "low" in hours.attrs["by_hour"]
    if limited:
        keys += [Key("95% limits of chance", stroke=LIMITS)]
    words = Words(title, subtitle, source, keys)
    sheet = Sheet(words, HEADS + 7 * ROW + 28 + DAY + 18)
    wide = (RIGHT - TOTAL - LEFT - NAME) / 24
    top = sheet.top + HEADS
    left = LEFT + NAME
    for hour in range(0, 24, 2):
        at = left + wide * (hour + 0.5)
        sheet.write(at, top - 5, f"{hour:02d}", HUSHED, align="center")
    totals = values.sum(axis=0)
    places = decimals_of(totals)
    sheet.write(RIGHT, top - 5, "Total", HUSHED, align="right")
    for day, name in enumerate(days):
        y = top + ROW * day
        sheet.write_middle(LEFT, y + ROW / 2, [name], BODY)
        for hour in range(24):
            fill = SHADES[int(np.searchsorted(edges, values[hour, day], side="right"))]
            at = left + wide * hour
            sheet.box((at + 0.6, y + 0.6, at + wide - 0.6, y + ROW - 0.6), fill)
            text = number(values[hour, day], 0 if values.max() >= 10 else 1)
            ink = INK if contrast(INK, fill) >= contrast(PAPER, fill) else PAPER
            sheet.write_middle(at + wide / 2, y + ROW / 2, [text], Face(6.5, ink), align="center")
        sheet.write_middle(RIGHT, y + ROW / 2, [number(totals[day], places)], BOLD, align="right")
    _draw_day(sheet, hours, (left, top + 7 * ROW + 28, left + wide * 24, top + 7 * ROW + 28 + DAY))
    return Chart(sheet, literal(title), _alt(title, values, days, totals))


def _classes(values: np.ndarray) -> tuple[list[Key], np.ndarray]:
    """Part from nothing to the most into four equal steps."""
    most = float(values.max()) or 1.0
    edges = most * np.arange(1, 4) / 4
    places = 0 if most >= 50 else 1
    bounds = [0.0, *edges, most]
    return [
        Key(f"{number(low, places)} to {number(high, places)}", fill=colour)
        for low, high, colour in zip(bounds[:-1], bounds[1:], SHADES, strict=True)
    ], edges


def _draw_day(sheet: Sheet, hours: pd.DataFrame, place: tuple[float, float, float, float]) -> None:
    """Draw a bar an hour of the day, its limits, and what the start alone would say."""
    day = hours.attrs["by_hour"]
    weight, start = (np.asarray(day[name], dtype=float) for name in ("weight", "start"))
    high = np.asarray(day.get("high", weight), dtype=float)
    # Starts heap at closing time; the scale is that of the weights, or they could not be read.
    plot = Plot(sheet, place, Scale(0, 24, ()), scale_of([*weight, *high], zero=True))
    plot.draw_y()
    _, top, _, bottom = place
    sheet.write(LEFT, top - 10, "Incidents by hour of the day", Face(8, QUIET))
    for hour in range(24):
        sides = [float(plot.px(hour + shift)) for shift in (0.12, 0.88)]
        sheet.box((sides[0], float(plot.py(weight[hour])), sides[1], bottom), ACCENT)
        middle = float(plot.px(hour + 0.5))
        if "low" in day:
            ends = [float(plot.py(day[end][hour])) for end in ("low", "high")]
            sheet.line([middle, middle], ends, LIMITS)
            for end in ends:
                sheet.line([middle - 2.5, middle + 2.5], [end, end], LIMITS)
        if start[hour] <= plot.y.high:
            sheet.mark(middle, float(plot.py(start[hour])), START)
        else:
            sheet.mark(middle, top + 2, BEYOND)
            sheet.write(middle, top - 4, number(start[hour], 0), HUSHED, align="center")
        if hour % 2 == 0:
            sheet.write(middle, bottom + 11, f"{hour:02d}", HUSHED, align="center")


def _alt(title: str, values: np.ndarray, days: list[str], totals: np.ndarray) -> str:
    hour, day = np.unravel_index(int(values.argmax()), values.shape)
    by_hour = values.sum(axis=1)
    most, least = int(by_hour.argmax()), int(by_hour.argmin())
    by_day = ", ".join(f"{name} {total:,.1f}" for name, total in zip(days, totals, strict=True))
    return tell(
        sentence(title),
        f"Most: {days[int(day)]} {_span(int(hour))}, {values.max():,.1f}.",
        f"By hour of the day: most {_span(most)}, {by_hour[most]:,.1f}; least {_span(least)},"
        f" {by_hour[least]:,.1f}.",
        f"By weekday: {by_day}.",
    )


def _span(hour: int) -> str:
    return f"{hour:02d}:00 to {(hour + 1) % 24:02d}:00"

"""Rows with a name at the left and a figure at the right: areas in order, places compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    line_height,
    literal,
    measure,
    shorten,
)
from geoprofiles.publish.charts.scales import Plot, axis_name, begins, scale_of
from geoprofiles.publish.charts.verdicts import (
    ACCENT,
    CITY,
    MARKS,
    NO_DATA,
    UNCLEAR,
    checked,
    extremes,
    has_limits,
    names_of,
    range_words,
    sentence,
    tell,
    texts_of,
    verdict_keys,
    verdict_words,
)
from geoprofiles.publish.figures import decimals_of, number
from geoprofiles.publish.style import TOKENS
from geoprofiles.words import listed

ROW, OWN_ROW = 15.0, TOKENS["own"]
"""Height of a row, and what lies under the row of the own area."""

LIMITS = Stroke(INK, 0.9)


@dataclass(frozen=True)
class _Listing:
    """Rows in order, with what is written at both sides of them."""

    names: list[str]
    values: np.ndarray
    figures: list[str]
    ranges: list[str]
    own: list[bool]

    def room(self) -> tuple[float, float]:
        """Tell where the plot begins and ends."""
        widest = max(measure(name, BOLD) for name in self.names)
        left = LEFT + min(widest, 190.0) + 20
        figures = max(measure(text, BOLD) for text in self.figures)
        ranges = max(measure(text, HUSHED) for text in self.ranges)
        return left, RIGHT - figures - ranges - (16 if ranges else 8)


def _listing(table: pd.DataFrame, names: list[str], own: Sequence[bool]) -> _Listing:
    values = table["value"].to_numpy()
    decimals = decimals_of(values)
    ranges = [
        range_words(low, high, decimals) if np.isfinite(value) else ""
        for value, low, high in zip(values, table["lower"], table["upper"], strict=True)
    ]
    return _Listing(names, values, texts_of(values, decimals), ranges, list(own))


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Put the highest first and what has no data last."""
    return table.sort_values("value", ascending=False, kind="stable", na_position="last")


def _draw_rows(sheet: Sheet, rows: _Listing, top: float) -> None:
    """Write names, figures and intervals, and shade the own row."""
    left, _ = rows.room()
    wide = max(measure(text, HUSHED) for text in rows.ranges)
    for place, name in enumerate(rows.names):
        y = top + ROW * (place + 0.5)
        face = BOLD if rows.own[place] else BODY
        if rows.own[place]:
            sheet.box((LEFT - 4, y - ROW / 2, RIGHT + 4, y + ROW / 2), OWN_ROW)
        shown = shorten(name, left - 18 - LEFT, face)
        sheet.write_middle(LEFT, y, [shown], face, whole=name)
        if rows.figures[place] == NO_DATA:
            sheet.write_middle(left + 4, y, [NO_DATA], HUSHED)
            continue
        end = RIGHT - (wide + 6 if wide else 0)
        sheet.write_middle(end, y, [rows.figures[place]], face, align="right")
        sheet.write_middle(RIGHT, y, [rows.ranges[place]], HUSHED, align="right")


def _foot(plot: Plot, name: Sequence[str]) -> None:
    """Name the horizontal axis under its ticks."""
    bottom = plot.place[3]
    for place, line in enumerate(name):
        y = bottom + 24 + line_height(BODY) * place
        middle = (plot.place[0] + plot.place[2]) / 2
        half = measure(line) / 2
        at = min(max(middle, LEFT + half), RIGHT - half)
        plot.sheet.write(at, y, line, align="center")


def _over(plot: Plot, value: float, text: str, stroke: Stroke, high: float) -> None:
    """Draw a line down the plot with its words over it."""
    top, bottom = plot.place[1], plot.place[3]
    x = float(plot.px(value))
    plot.sheet.line([x, x], [top - 2, bottom], stroke)
    shown = shorten(text, RIGHT - LEFT, HUSHED)
    half = measure(shown, HUSHED) / 2
    at = min(max(x, LEFT + half), RIGHT - half)
    plot.sheet.write(at, high, shown, Face(7.5, stroke.colour), align="center", whole=text)


def chart_ranked(
    rows: pd.DataFrame,
    *,
    title: str,
    x_label: str,
    own: str | None = None,
    whole: float | None = None,
    whole_label: str = "City",
    subtitle: str = "",
    source: str = "",
) -> Chart:
    """Draw areas as bars, the highest first, with intervals and verdicts.

    Parameters
    ----------
    rows : DataFrame
        ``area_name``, ``value``, ``lower``, ``upper``, ``verdict``; in any order. An area
        without a value stands last and says so. As :func:`geoprofiles.ranked_rows` makes them.
    title : str
        What and when.
    x_label : str
        What the values count, with their unit.
    own : str, optional
        Name of the area to be made to stand out.
    whole : float, optional
        Value of the city, drawn as a line.
    whole_label : str
        Name of that line.
    subtitle, source : str
        More of the title; the line at the foot.

    Returns
    -------
    Chart

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"area_name": ["Mill", "Quay"], "value": [2.0, 3.0],
    ...                      "lower": [1.1, 2.5], "upper": [3.4, 3.6],
    ...                      "verdict": ["no clear difference", "worse"]})
    >>> chart_ranked(rows, title="Burglary, 2026", x_label="per 1,000", own="Mill", whole=2.2).alt
    'Burglary, 2026. Highest: Quay, 3; lowest: Mill, 2. City: 2.20. Mill: 2, place 2 of 2, no
    clear difference. Worse: Quay. No clear difference: 1.'
    """
    table = _in_order(
        checked(rows, ("value", "lower", "upper"), ("area_name", "verdict"), "the ranked bars")
    )
    names = names_of(table["area_name"])
    wanted = None if own is None else literal(own)
    if wanted is not None and wanted not in names:
        raise InputError(
            f"the ranked bars: the own area {wanted!r} is not among the {len(names):,} rows",
            remedy="Give its name as it stands in the column area_name.",
        )
    listing = _listing(table, names, [name == wanted for name in names])
    city = np.nan if whole is None else float(whole)
    x = scale_of([*table["value"], *table["lower"], *table["upper"], city], zero=True)
    label = axis_name(x_label)
    head, high = 16.0, ROW * len(names)
    keys = [*verdict_keys(table.loc[table["value"].notna(), "verdict"]), *_limits_key(table)]
    body = head + high + 24 + line_height(BODY) * len(label)
    sheet = Sheet(Words(title, subtitle, source, keys), body)
    left, right = listing.room()
    top = sheet.top + head
    plot = Plot(sheet, (left, top, right, top + high), x, scale_of([0, 1]))
    _draw_rows(sheet, listing, top)
    plot.draw_x()
    _bars(plot, table, top)
    city_text = f"{literal(whole_label)}: {number(city, decimals_of([*listing.values, city]))}"
    if np.isfinite(city):
        _over(plot, city, city_text, Stroke(CITY, 1.4), sheet.top + 9)
    _foot(plot, label)
    verdicts = table["verdict"].tolist()
    known = np.isfinite(listing.values)
    shown = [name for name, here in zip(names, known, strict=True) if here]
    told = verdict_words([one for one, here in zip(verdicts, known, strict=True) if here], shown)
    alt = tell(
        sentence(title),
        extremes(names, listing.values, "area"),
        f"{city_text}." if np.isfinite(city) else "",
        "" if wanted is None else _own_words(listing, verdicts),
        told,
    )
    return Chart(sheet, literal(title), alt)


def _own_words(rows: _Listing, verdicts: Sequence[str]) -> str:
    place = rows.own.index(True)
    if not np.isfinite(rows.values[place]):
        return f"{rows.names[place]}: {NO_DATA}."
    ranked = int(np.isfinite(rows.values).sum())
    rank = int((rows.values > rows.values[place]).sum()) + 1
    text = f"{rows.names[place]}: {rows.figures[place]}, place {rank:,} of {ranked:,}"
    return f"{text}, {verdicts[place]}."


def _limits_key(table: pd.DataFrame) -> list[Key]:
    return [Key("95% interval", stroke=LIMITS)] if has_limits(table) else []


def _bars(plot: Plot, table: pd.DataFrame, top: float) -> None:
    for place, row in enumerate(table.to_dict("records")):
        if not np.isfinite(row["value"]):
            continue
        y = top + ROW * (place + 0.5)
        mark = MARKS[row["verdict"]]
        start, end = sorted((float(plot.px(0)), float(plot.px(row["value"]))))
        plot.sheet.box((start, y - 4.5, end, y + 4.5), mark.fill, mark.edge, 0.8)
        plot.sheet.mark(plot.place[0] - 9, y, mark)
        if np.isfinite(row["lower"]) and np.isfinite(row["upper"]):
            ends = plot.px([row["lower"], row["upper"]])
            plot.sheet.line(ends, [y, y], Stroke(PAPER, 2.2))
            plot.sheet.line(ends, [y, y], LIMITS)


def chart_comparators(
    rows: pd.DataFrame,
    *,
    title: str,
    x_label: str,
    band: tuple[float, float] | None = None,
    median: float | None = None,
    subtitle: str = "",
    source: str = "",
) -> Chart:
    """Draw places as dots with intervals, the highest first, the own one marked.

    Parameters
    ----------
    rows : DataFrame
        ``place``, ``value``, ``own`` (true for the own place), and where there are such
        ``lower``, ``upper``. As :func:`geoprofiles.comparator_rows` makes them.
    title : str
        What and when.
    x_label : str
        What the values count, with their unit.
    band : tuple of float, optional
        Where a place like the others is expected: lower and upper limit.
    median : float, optional
        Of the comparators, drawn as a line.
    subtitle, source : str
        More of the title; the line at the foot.

    Returns
    -------
    Chart

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"place": ["Ayton", "Beeford"], "value": [4.0, 3.0],
    ...                      "lower": 2.5, "upper": 4.5, "own": [True, False]})
    >>> chart_comparators(rows, title="Burglary", x_label="per 1,000", band=(2.0, 3.5)).alt
    'Burglary. Highest: Ayton, 4; lowest: Beeford, 3. Own place: Ayton, 4, place 1 of 2, above
    the expected band 2.00 to 3.50.'
    """
    table = _in_order(
        checked(rows, ("value",), ("place", "own"), "the comparators", ("lower", "upper"))
    )
    names = names_of(table["place"])
    own = [bool(one) and not pd.isna(one) for one in table["own"]]
    listing = _listing(table, names, own)
    low, high = (np.nan, np.nan) if band is None else (float(band[0]), float(band[1]))
    middle = np.nan if median is None else float(median)
    x = scale_of([*table["value"], *table["lower"], *table["upper"], low, high, middle])
    label = axis_name(x_label)
    notes = [begins(x)]
    head, tall = 16.0, ROW * len(names)
    sheet = Sheet(
        Words(title, subtitle, source, _comparator_keys(table, own, np.isfinite(low)), notes),
        head + tall + 24 + line_height(BODY) * len(label),
    )
    left, right = listing.room()
    top = sheet.top + head
    plot = Plot(sheet, (left, top, right, top + tall), x, scale_of([0, 1]))
    _draw_rows(sheet, listing, top)
    if np.isfinite(low):
        sheet.box((float(plot.px(low)), top, float(plot.px(high)), top + tall), BAND)
    plot.draw_x()
    if np.isfinite(middle):
        text = f"Median: {number(middle, decimals_of([*listing.values, middle]))}"
        _over(plot, middle, text, Stroke(QUIET, 1.2, (4, 2)), sheet.top + 9)
    _dots(plot, table, own, top)
    _foot(plot, label)
    alt = tell(
        sentence(title),
        extremes(names, listing.values, "place"),
        _own_place(listing, low, high),
    )
    return Chart(sheet, literal(title), alt)


BAND = TOKENS["beside"]
OTHER, MINE = Mark("o", UNCLEAR, QUIET, 5.5), Mark("D", ACCENT, INK, 7)


def _comparator_keys(table: pd.DataFrame, own: Sequence[bool], band: bool) -> list[Key]:
    keys = [Key("own place", MINE)] if any(own) else []
    keys += [Key("other places", OTHER), *_limits_key(table)]
    return keys + ([Key("where a place like the others is expected", fill=BAND)] if band else [])


def _dots(plot: Plot, table: pd.DataFrame, own: Sequence[bool], top: float) -> None:
    for place, row in enumerate(table.to_dict("records")):
        if not np.isfinite(row["value"]):
            continue
        y = top + ROW * (place + 0.5)
        if np.isfinite(row["lower"]) and np.isfinite(row["upper"]):
            plot.sheet.line(plot.px([row["lower"], row["upper"]]), [y, y], LIMITS)
        plot.sheet.mark(float(plot.px(row["value"])), y, MINE if own[place] else OTHER)


def _own_place(rows: _Listing, low: float, high: float) -> str:
    """Say where the own place stands."""
    told = []
    for place in np.flatnonzero(rows.own):
        value = rows.values[place]
        if not np.isfinite(value):
            told.append(f"{rows.names[place]}, {NO_DATA}")
            continue
        rank, ranked = int((rows.values > value).sum()) + 1, int(np.isfinite(rows.values).sum())
        text = f"{rows.names[place]}, {rows.figures[place]}, place {rank:,} of {ranked:,}"
        if np.isfinite(low):
            where = "above" if value > high else "below" if value < low else "within"
            limits = range_words(low, high, decimals_of([low, high]))
            text += f", {where} the expected band {limits}"
        told.append(text)
    return f"Own place: {listed(told)}." if told else ""

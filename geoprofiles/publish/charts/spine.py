"""The spine: every indicator of one area against the whole city, a row each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.publish.charts.frame import (
    BODY,
    BOLD,
    HUSHED,
    INK,
    LEFT,
    LINE,
    PAPER,
    RIGHT,
    Box,
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
    wrap,
)
from geoprofiles.publish.charts.verdicts import (
    CITY,
    MARKS,
    NO_DATA,
    UNCLEAR,
    checked,
    fitted,
    names_of,
    sentence,
    tell,
    texts_of,
    verdict_keys,
    verdict_words,
)
from geoprofiles.publish.figures import decimals_of, short_unit, with_unit
from geoprofiles.publish.style import TOKENS

NAME, VALUE, WHOLE, RANK = LEFT + 4, 262.0, 314.0, 367.0
"""Where the columns stand: names begin, numbers end."""

AXIS = (388.0, RIGHT - 14)
"""From the worst to the best of all areas."""

BAR, BOX, GROUND = TOKENS["bar"], TOKENS["box"], TOKENS["ground"]
BEYOND = Mark(">", INK, INK, 5)
NATIONAL = Mark("D", PAPER, INK, 5.5)

NUMBERS = (
    "value", "lower", "upper", "whole", "position", "position_lower", "position_upper",
    "box_low", "box_high", "rank", "ranked",
)  # fmt: skip

TOPIC, UNIT, CITY_WORD = Face(9, bold=True), HUSHED, Face(7.5, CITY)

Label = list[tuple[str, Face]]


def chart_spine(
    rows: pd.DataFrame,
    *,
    title: str,
    whole_label: str = "City",
    subtitle: str = "",
    source: str = "",
    bare: bool = False,
) -> Chart:
    """Draw all indicators of one area against the city, a row each, under their topics.

    Every row has the same axis: the city in its middle, 0.5; worse (or lower) towards 0, better
    (or higher) towards 1. Its ends are as far from the city as the 5th or the 95th centile of the
    areas, whichever is farther; what lies beyond is drawn at the end, with an arrow. The chart
    places and colours only; all positions come with the rows.

    Parameters
    ----------
    rows : DataFrame
        In the order to be drawn, as :func:`geoprofiles.spine_rows` makes them: ``topic``,
        ``indicator``, ``unit``, ``value``, ``lower``, ``upper``, ``whole`` (of the city),
        ``position``, ``position_lower``, ``position_upper``, ``box_low``, ``box_high`` (on the
        axis), ``verdict``, ``rank`` (1 the highest), ``ranked``; and where there is one,
        ``position_national`` (of a national figure, on the same axis).
    title : str
        What and when.
    whole_label : str
        What stands in the middle of every axis.
    subtitle, source : str
        More of the title; the line at the foot.
    bare : bool
        Leave out title, topics and key, for a page on which they stand beside it.

    Returns
    -------
    Chart

    Raises
    ------
    InputError
        If there is no row, a column is missing, or a verdict is not a known one.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({
    ...     "topic": "Crime", "indicator": ["Burglary", "Robbery"], "unit": "per 1,000 residents",
    ...     "value": [9.1, 0.4], "lower": [8.0, 0.2], "upper": [10.3, 0.9], "whole": [6.0, 0.5],
    ...     "position": [0.2, 0.55], "position_lower": [0.1, 0.3], "position_upper": [0.3, 0.7],
    ...     "box_low": 0.4, "box_high": 0.6, "verdict": ["worse", "no clear difference"],
    ...     "rank": [3, 20], "ranked": 57})
    >>> chart_spine(rows, title="Mill ward, 2026").alt
    'Mill ward, 2026. 2 indicators in 1 topic. Worse: Burglary. No clear difference: 1.'
    """
    texts = ("topic", "indicator", "unit", "verdict")
    table = checked(rows, NUMBERS, texts, "the spine", ("position_national",))
    indicators, topics = names_of(table["indicator"]), names_of(table["topic"])
    units = ["" if pd.isna(one) else literal(short_unit(one)) for one in table["unit"]]
    labels = [_label(*one) for one in zip(indicators, units, strict=True)]
    heads = [place for place, one in enumerate(topics) if place == 0 or one != topics[place - 1]]
    words = Words(title, subtitle, source, _keys(table, whole_label))
    if bare:
        heads, words = [], Words("", subtitle, source)
    high = 22 * len(heads) + sum(_height(label) for label in labels)
    sheet = Sheet(words, high + (14 if bare else 48))
    y = _heading(sheet, sheet.top + (6 if bare else 22), literal(whole_label))
    middles, rules = [], []
    for place, row in enumerate(table.to_dict("records")):
        if place in heads:
            sheet.box((LEFT, y + 3, RIGHT, y + 20), GROUND)
            shown = wrap(topics[place], RIGHT - LEFT - 8, TOPIC, most=1)[0]
            sheet.write(NAME, y + 14.8, shown, TOPIC, whole=topics[place])
            y += 22
        high = _height(labels[place])
        rules.append(y + high)
        middles.append(y + high / 2)
        _write_label(sheet, y + 3, labels[place], indicators[place])
        _write_figures(sheet, y + high / 2, row, units[place])
        y += high
    sheet.line(*_pieces([(LEFT, one, RIGHT, one) for one in rules]), Stroke(GROUND, 0.8))
    _draw_axes(sheet, middles, table)
    sheet.line([LEFT, RIGHT], [y + 2, y + 2], Stroke(LINE, 0.6))
    if not bare:
        _write_ends(sheet, y + 13)
    return Chart(sheet, literal(title), _alt(title, table, indicators, topics))


def spine_key(rows: pd.DataFrame, *, whole_label: str = "City") -> Chart:
    """Draw the key of lines of a spine, for a page on which several stand without one.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({
    ...     "topic": "Crime", "indicator": ["Burglary"], "unit": "per 1,000 residents",
    ...     "value": [9.1], "lower": [8.0], "upper": [10.3], "whole": [6.0], "position": [0.2],
    ...     "position_lower": [0.1], "position_upper": [0.3], "box_low": 0.4, "box_high": 0.6,
    ...     "verdict": ["worse"], "rank": [3], "ranked": 57})
    >>> spine_key(rows).title
    'Key of the lines'
    """
    texts = ("topic", "indicator", "unit", "verdict")
    table = checked(rows, NUMBERS, texts, "the spine", ("position_national",))
    keys = _keys(table, whole_label)
    told = "; ".join(key.text for key in keys)
    return Chart(Sheet(Words("", keys=keys), -14.0), "Key of the lines", f"The marks: {told}.")


def _alt(title: str, table: pd.DataFrame, indicators: list[str], topics: list[str]) -> str:
    count, kinds = len(table), len(set(topics))
    known = table["value"].notna()
    told = f"{count:,} indicator{'s' * (count > 1)} in {kinds} topic{'s' * (kinds > 1)}."
    who = [name for name, here in zip(indicators, known, strict=True) if here]
    verdicts = verdict_words(table.loc[known, "verdict"].tolist(), who)
    empty = int((~known).sum())
    lacking = f"{NO_DATA.capitalize()}: {empty:,}." if empty else ""
    return tell(sentence(title), told, verdicts, lacking)


def _label(name: str, unit: str) -> Label:
    """Break an indicator's name and its unit into lines; a unit that is a sign goes elsewhere."""
    room = VALUE - 54 - NAME
    lines = [(line, BODY) for line in wrap(name, room, BODY, most=2)]
    if _is_sign(unit):
        return lines
    return lines + [(wrap(unit, room, UNIT, most=1)[0], UNIT)]


def _is_sign(unit: str) -> bool:
    return len(unit) <= 2


def _height(label: Label) -> float:
    return 6 + sum(line_height(face) for _, face in label)


def _heading(sheet: Sheet, y: float, whole: str) -> float:
    """Write the heads of the columns; return where the rows begin."""
    sheet.write(NAME, y, "Indicator", HUSHED)
    for x, text in ((VALUE, "This area"), (WHOLE, shorten(whole, 50, HUSHED))):
        sheet.write(x, y, text, HUSHED, align="right", whole=whole if x == WHOLE else "")
    sheet.write(RANK, y, "1 is highest", HUSHED, align="right")
    sheet.write(RANK, y - 10, "Rank", HUSHED, align="right")
    _write_ends(sheet, y)
    shown = shorten(whole, 140, CITY_WORD)
    sheet.write(_at(0.5), y - 11, shown, CITY_WORD, align="center", whole=whole)
    return y + 4


def _write_ends(sheet: Sheet, y: float) -> None:
    """Say what the ends of the axis mean."""
    sheet.write(AXIS[0] - 14, y, "◀ worse/lower", HUSHED)
    sheet.write(RIGHT, y, "better/higher ▶", HUSHED, align="right")


def _write_label(sheet: Sheet, y: float, label: Label, whole: str) -> None:
    cut = any(line.endswith("…") for line, _ in label)
    for line, face in label:
        y += line_height(face)
        told = whole if cut and face is BODY else ""
        sheet.write(NAME, y - 0.32 * face.size, line, face, whole=told)


def _write_figures(sheet: Sheet, y: float, row: dict[str, Any], unit: str) -> None:
    decimals = decimals_of([row["value"], row["whole"]])
    for column, x, face, room in (("value", VALUE, BOLD, 50), ("whole", WHOLE, BODY, 48)):
        text = fitted(texts_of([row[column]], decimals)[0], row[column], room - 8)
        text = _with_sign(text, unit)
        small = text == NO_DATA or measure(text, face) > room
        sheet.write_middle(x, y, [text], HUSHED if small else face, align="right")
    ranked = np.isfinite(row["rank"]) and np.isfinite(row["ranked"])
    rank = f"{row['rank']:,.0f} of {row['ranked']:,.0f}" if ranked else "–"
    sheet.write_middle(RANK, y, [rank], HUSHED, align="right")


def _with_sign(text: str, unit: str) -> str:
    """Put a sign at a number: pounds before it, others after it.

    Examples
    --------
    >>> _with_sign("12", "£"), _with_sign("12", "%"), _with_sign("12", "per 1,000 residents")
    ('£12', '12%', '12')
    """
    if text == NO_DATA or not _is_sign(unit):
        return text
    return f"{unit}{text}" if unit in {"£", "€", "$"} else with_unit(text, unit)


def _draw_axes(sheet: Sheet, middles: list[float], table: pd.DataFrame) -> None:
    """Draw the bars, the quartiles, the city, the intervals and the marks of all rows.

    What looks alike is drawn at once: pages hold many rows.
    """
    bars, boxes, cities, spans, marks = [], [], [], [], []
    for y, row in zip(middles, table.to_dict("records"), strict=True):
        if not (np.isfinite(row["position"]) and np.isfinite(row["value"])):
            text = "not compared" if np.isfinite(row["value"]) else NO_DATA
            sheet.write_middle(_at(0.5), y, [text], HUSHED, align="center")
            continue
        bars.append((AXIS[0], y - 5, AXIS[1], y + 5))
        if np.isfinite(row["box_low"]) and np.isfinite(row["box_high"]):
            boxes.append((_at(row["box_low"]), y - 5, _at(row["box_high"]), y + 5))
        cities.append((_at(0.5), y - 6.5, _at(0.5), y + 6.5))
        low, high = row["position_lower"], row["position_upper"]
        if np.isfinite(low) and np.isfinite(high) and high >= 0 and low <= 1:
            # What runs on beyond the axis is seen to leave it.
            spans.append((_at(low) - 5 * (low < 0), y, _at(high) + 5 * (high > 1), y))
        own = (row["position"], MARKS[row["verdict"]])
        marks += [(at, y, mark) for at, mark in ((row["position_national"], NATIONAL), own)]
    if bars:
        sheet.shape(*_pieces(bars, boxed=True), BAR)
    if boxes:
        sheet.shape(*_pieces(boxes, boxed=True), BOX, UNCLEAR, 0.7)
    for lines, stroke in ((cities, Stroke(CITY, 1.4)), (spans, Stroke(INK, 0.9))):
        if lines:
            sheet.line(*_pieces(lines), stroke)
    for at, y, mark in marks:
        _draw_mark(sheet, at, y, mark)


def _draw_mark(sheet: Sheet, at: float, y: float, mark: Mark) -> None:
    """Set a mark on its axis; what lies beyond is at the end, with an arrow."""
    if not np.isfinite(at):
        return
    sheet.mark(_at(at), y, mark)
    if not 0 <= at <= 1:
        side = -1 if at < 0 else 1
        tip = _at(at) + side * 11
        sheet.shape([tip, tip - side * 5, tip - side * 5], [y, y - 3.4, y + 3.4], INK)


def _pieces(places: Sequence[Box], *, boxed: bool = False) -> tuple[list[float], list[float]]:
    """Put lines, or boxes, after one another, with a break between.

    Examples
    --------
    >>> _pieces([(0, 1, 2, 1)])
    ([0, 2], [1, 1])
    >>> _pieces([(0, 1, 2, 3)], boxed=True)
    ([0, 2, 2, 0, 0], [1, 1, 3, 3, 1])
    """
    xs: list[float] = []
    ys: list[float] = []
    for left, top, right, bottom in places:
        if xs:
            xs.append(np.nan)
            ys.append(np.nan)
        xs += [left, right, right, left, left] if boxed else [left, right]
        ys += [top, top, bottom, bottom, top] if boxed else [top, bottom]
    return xs, ys


def _at(position: float) -> float:
    """Place a position on the axis, at its ends at most."""
    return AXIS[0] + min(max(position, 0.0), 1.0) * (AXIS[1] - AXIS[0])


def _keys(table: pd.DataFrame, whole_label: str) -> list[Key]:
    placed = table.loc[table["position"].notna() & table["value"].notna()]
    keys = [
        *verdict_keys(placed["verdict"]),
        Key(literal(whole_label), stroke=Stroke(CITY, 1.4)),
        Key("95% interval", stroke=Stroke(INK, 0.9)),
        Key("middle half of areas", fill=BOX),
        Key("most areas: as far as the 5th or 95th centile", fill=BAR),
    ]
    if placed["position_national"].notna().any():
        keys.insert(-2, Key("national figure", NATIONAL))
    marks = placed[["position", "position_national"]]
    if ((marks < 0) | (marks > 1)).any(axis=None):
        keys.append(Key("farther than that", BEYOND))
    return keys

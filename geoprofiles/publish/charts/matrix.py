"""The matrix: topics by criteria, each cell shaded by its score and the score in it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.publish.charts.frame import (
    BODY,
    BOLD,
    INK,
    LEFT,
    LINE,
    PAPER,
    RIGHT,
    Chart,
    Face,
    Key,
    Sheet,
    Stroke,
    Words,
    line_height,
    literal,
    measure,
    wrap,
)
from geoprofiles.publish.charts.verdicts import (
    NO_DATA,
    NODATA,
    checked,
    extremes,
    names_of,
    sentence,
    tell,
)
from geoprofiles.publish.figures import decimals_of, number
from geoprofiles.publish.style import RAMP, contrast
from geoprofiles.words import listed

SHADES = (RAMP[0], RAMP[1], RAMP[2], RAMP[4])
"""Scores 1 to 4, from low to high."""

EXTRAS = {"total": "Mean score", "stays": "Stays in first five"}
"""Columns at the right that are no criteria: the mean, and how often the place holds."""

TOP = 5
"""How many topics are the first."""

LEFT_OUT = {"place", "lacks"}
"""Columns that say what the drawing shows by itself."""

NAME, EXTRA, UPRIGHT = 170.0, 46.0, 40.0
"""Width of the names and of the columns at the right; narrower criteria stand upright."""

HEAD = Face(7.5, INK)


def chart_matrix(rows: pd.DataFrame, *, title: str, subtitle: str = "", source: str = "") -> Chart:
    """Draw topics by criteria as a table shaded by score.

    Parameters
    ----------
    rows : DataFrame
        One row a topic, named by the index, in the order to be drawn. One column a criterion
        with scores 1 to 4 (missing: no data), named as it is to be read; and where there are
        such, ``total`` and ``stays`` (a share, 0 to 1), which stand at the right. As
        :func:`geoprofiles.prioritise` returns them.
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
    >>> rows = pd.DataFrame({"Harm": [4, 2], "Trend": [3, None], "total": [3.5, 2.0],
    ...                      "stays": [0.96, 0.12]}, index=["Burglary", "Robbery"])
    >>> chart_matrix(rows, title="Priorities, 2026").alt
    'Priorities, 2026. 2 topics by 2 criteria, scores 1 to 4. Mean score: highest: Burglary, 3.50;
    lowest: Robbery, 2.00. No data in 1 cell.'
    """
    table, criteria, extras = _checked(rows)
    topics = names_of(pd.Series(rows.index))
    scores = table[criteria].to_numpy(dtype=float)
    start = LEFT + NAME
    wide = (RIGHT - EXTRA * len(extras) - (6 if extras else 0) - start) / len(criteria)
    wide = min(wide, 84.0)
    heads = [_head(capital(literal(name)), wide) for name in criteria]
    upright = wide < UPRIGHT
    high = max([_head_height(one, upright) for one in heads] + [24.0])
    names = [wrap(topic, NAME - 10, BODY, most=2) for topic in topics]
    tall = [21.0 if len(name) == 1 else 28.0 for name in names]
    sheet = Sheet(Words(title, subtitle, source, _keys(scores)), high + sum(tall) + 4)
    for place, head in enumerate(heads):
        _draw_head(sheet, start + wide * place, wide, head, (upright, sheet.top + high, criteria))
    right = start + wide * len(criteria) + 6
    for place, name in enumerate(extras):
        lines = wrap(EXTRAS[name], EXTRA - 4, HEAD)
        for row, line in enumerate(reversed(lines)):
            y = sheet.top + high - 5 - line_height(HEAD) * row
            sheet.write(right + EXTRA * (place + 1) - 4, y, line, HEAD, align="right")
    y = sheet.top + high
    places = decimals_of(table["total"]) if "total" in extras else 0
    end = right + EXTRA * len(extras)
    for place, lines in enumerate(names):
        middle = y + tall[place] / 2
        sheet.line([LEFT, end], [y, y], Stroke(LINE, 0.6))
        sheet.write_middle(LEFT, middle, lines, BODY, whole=topics[place])
        for column, score in enumerate(scores[place]):
            left = start + wide * column
            _cell(sheet, (left + 1, y + 1, left + wide - 1, y + tall[place] - 1), score)
        for column, name in enumerate(extras):
            text = _extra(table[name].iloc[place], name, places)
            at = right + EXTRA * (column + 1) - 4
            sheet.write_middle(at, middle, [text], BOLD if name == "total" else BODY, align="right")
        y += tall[place]
    return Chart(sheet, literal(title), _alt(title, table, topics, criteria))


def _checked(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Return the checked rows, the criteria among the columns, and those at the right."""
    criteria = [name for name in rows.columns if name not in {*EXTRAS, *LEFT_OUT}]
    extras = [name for name in EXTRAS if name in rows.columns]
    table = checked(rows, [*criteria, *extras], (), "the matrix")
    if not criteria:
        raise InputError("the matrix: there is no criterion", remedy="Give a column for each.")
    scores = table[criteria]
    if ((scores < 0.5) | (scores >= 4.5)).any(axis=None):
        raise InputError(
            "the matrix: a score is not between 1 and 4", remedy="Leave what is not known empty."
        )
    if "stays" in extras and not table["stays"].dropna().between(0, 1).all():
        raise InputError("the matrix: 'stays' is not a share, 0 to 1")
    if len(rows) <= TOP and "stays" in extras:
        extras.remove("stays")  # among so few, each is always one of the first five
    return table, criteria, extras


def capital(text: str) -> str:
    """Begin with a capital letter.

    Examples
    --------
    >>> capital("against similar places"), capital("")
    ('Against similar places', '')
    """
    return text[:1].upper() + text[1:]


def _head(name: str, wide: float) -> list[str]:
    """Break the name of a criterion; upright ones are one or two lines."""
    if wide < UPRIGHT:
        return wrap(name, 96, HEAD, most=2 if wide >= 22 else 1)
    return wrap(name, wide - 4, HEAD, most=5)


def _head_height(lines: list[str], upright: bool) -> float:
    if upright:
        return max(measure(line, HEAD) for line in lines) + 10
    return line_height(HEAD) * len(lines) + 8


def _draw_head(
    sheet: Sheet, left: float, wide: float, lines: list[str],
    how: tuple[bool, float, list[str]],
) -> None:  # fmt: skip
    upright, bottom, _ = how
    middle = left + wide / 2
    step = line_height(HEAD)
    for row, line in enumerate(lines):
        if upright:
            x = middle + 0.36 * HEAD.size + step * (row - (len(lines) - 1) / 2)
            sheet.write(x, bottom - 5, line, HEAD, upright=True)
        else:
            y = bottom - 5 - step * (len(lines) - 1 - row)
            sheet.write(middle, y, line, HEAD, align="center")


def _cell(sheet: Sheet, place: tuple[float, float, float, float], score: float) -> None:
    left, top, right, bottom = place
    known = bool(np.isfinite(score))
    fill = SHADES[int(score + 0.5) - 1] if known else NODATA
    face = Face(8.5, INK if contrast(INK, fill) >= 4.5 else PAPER)
    sheet.box(place, fill)
    text = number(score, decimals_of([score])) if known else "–"
    sheet.write_middle((left + right) / 2, (top + bottom) / 2, [text], face, align="center")


def _extra(value: float, name: str, places: int) -> str:
    if not np.isfinite(value):
        return "–"
    return number(value, places) if name == "total" else f"{number(100 * value, 0)}%"


def _keys(scores: np.ndarray) -> list[Key]:
    words = ("1, lowest", "2", "3", "4, highest")
    keys = [Key(text, fill=fill) for text, fill in zip(words, SHADES, strict=True)]
    return keys + ([Key(f"– {NO_DATA}", fill=NODATA)] if np.isnan(scores).any() else [])


def _alt(title: str, table: pd.DataFrame, topics: list[str], criteria: list[str]) -> str:
    kinds = "criterion" if len(criteria) == 1 else "criteria"
    told = (
        f"{len(topics):,} topic{'s' * (len(topics) > 1)} by {len(criteria)} {kinds}, scores 1 to 4."
    )
    if "total" in table.columns:
        words = extremes(topics, table["total"], "topic")
        best = f"Mean score: {words[:1].lower()}{words[1:]}" if words.startswith("H") else words
    else:
        full = [
            one for one, row in zip(topics, table[criteria].to_numpy(), strict=True) if 4 in row
        ]
        best = f"Scored 4 at least once: {listed(full) or 'none'}."
    empty = int(table[criteria].isna().to_numpy().sum())
    lacking = f"No data in {empty:,} cell{'s' * (empty > 1)}." if empty else ""
    return tell(sentence(title), told, best, lacking)

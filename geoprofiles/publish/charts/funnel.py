"""The funnel: areas of every size against the limits of chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoprofiles.publish.charts.frame import (
    BODY,
    INK,
    LEFT,
    QUIET,
    RIGHT,
    Box,
    Chart,
    Face,
    Key,
    Sheet,
    Stroke,
    Words,
    line_height,
    literal,
    measure,
    shorten,
)
from geoprofiles.publish.charts.scales import Plot, axes_of, axis_name, scale_of, write_label
from geoprofiles.publish.charts.verdicts import (
    CITY,
    MARKS,
    checked,
    extremes,
    names_of,
    sentence,
    tell,
    verdict_keys,
)
from geoprofiles.words import listed

TALL, LABEL = 290.0, Face(7.5, INK)
FEW = 6
"""So many areas are named where none is beyond the adjusted limits."""

CENTRE, NEAR, FAR = Stroke(CITY, 1.2), Stroke(QUIET, 1.0, (2, 2)), Stroke(INK, 1.1)


def chart_funnel(
    points: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    title: str,
    x_label: str,
    y_label: str,
    subtitle: str = "",
    source: str = "",
) -> Chart:
    """Draw areas by their size and value, with the limits within which chance leaves them.

    Named are the areas beyond the adjusted limits; where there is none, up to six beyond the
    95% limits. A name that finds no free place stands under the chart.

    Parameters
    ----------
    points : DataFrame
        ``area_name``, ``denominator``, ``value``, ``verdict``.
    limits : DataFrame
        ``denominator``, ``centre``, ``lower``, ``upper`` (95%), ``lower_adjusted``,
        ``upper_adjusted`` (for the spread of areas; may be missing).
    title : str
        What and when.
    x_label, y_label : str
        What the denominator and the value are, with units.
    subtitle, source : str
        More of the title; the line at the foot.

    Returns
    -------
    Chart

    Examples
    --------
    >>> import pandas as pd
    >>> points = pd.DataFrame({"area_name": ["Mill", "Quay"], "denominator": [900, 2000],
    ...                        "value": [9.0, 3.0], "verdict": ["worse", "no clear difference"]})
    >>> limits = pd.DataFrame({"denominator": [500, 2500], "centre": 4.0, "lower": [1.0, 3.0],
    ...                        "upper": [8.0, 5.0], "lower_adjusted": [0.5, 2.0],
    ...                        "upper_adjusted": [9.0, 6.0]})
    >>> chart_funnel(points, limits, title="Burglary", x_label="Homes", y_label="per 1,000").alt
    'Burglary. 2 areas. Highest: Mill, 9; lowest: Quay, 3. Beyond the 95% limits: 1.
    Beyond the limits adjusted for the spread of areas: Mill.'
    """
    table = checked(points, ("denominator", "value"), ("area_name", "verdict"), "the funnel")
    edges = checked(limits, LIMITS, (), "the limits of the funnel").sort_values("denominator")
    names = names_of(table["area_name"])
    adjusted = bool(edges["upper_adjusted"].notna().any() or edges["lower_adjusted"].notna().any())
    plain = _beyond(table, edges, "lower", "upper")
    beyond = _beyond(table, edges, "lower_adjusted", "upper_adjusted")
    known = (table["value"].notna() & table["denominator"].notna()).to_numpy()
    x = scale_of(table["denominator"])
    y = scale_of([*table["value"], *_held(edges, x.low, x.high, table["value"])])
    axes, name = axes_of(y_label, y), axis_name(x_label)
    place = (axes.left, axes.head, RIGHT, axes.head + TALL)
    draft = Plot(None, place, x, y)  # type: ignore[arg-type]  # to measure, before there is a sheet
    spots = np.column_stack([draft.px(table["denominator"]), draft.py(table["value"])])
    labelled = _labelled(table, edges, plain, beyond)
    labels, lost = _place_labels([names[one] for one in labelled], spots, labelled, place)
    lacking = [one for one, here in zip(names, known, strict=True) if not here]
    notes = [f"Also beyond: {listed(lost, most=99)}."] if lost else []
    notes += [f"No data: {listed(lacking, most=12)}."] if lacking else []
    keys = [*verdict_keys(table.loc[known, "verdict"]), Key("city", stroke=CENTRE)]
    keys.append(Key("95% limits", stroke=NEAR))
    if adjusted:
        keys.append(Key("95% limits adjusted for the spread of areas", stroke=FAR))
    body = axes.head + TALL + 24 + line_height(BODY) * len(name)
    sheet = Sheet(Words(title, subtitle, source, keys, notes), body)
    down = np.array([0, sheet.top, 0, sheet.top])
    plot = Plot(sheet, tuple(np.array(place) + down), x, y)
    write_label(sheet, axes)
    plot.draw_y()
    plot.draw_x(grid=False)
    _draw_limits(plot, edges)
    _draw_points(plot, table, known)
    for label in labels:
        label.draw(sheet)
    for row, line in enumerate(name):
        sheet.write(RIGHT, plot.place[3] + 24 + line_height(BODY) * row, line, align="right")
    alt = tell(
        sentence(title),
        f"{int(known.sum()):,} area{'s' * (known.sum() != 1)}.",
        extremes(names, table["value"], "area"),
        f"Beyond the 95% limits: {int(plain.sum()):,}.",
        _adjusted_words([n for n, one in zip(names, beyond, strict=True) if one], adjusted),
    )
    return Chart(sheet.figure, literal(title), alt)


LIMITS = ("denominator", "centre", "lower", "upper", "lower_adjusted", "upper_adjusted")


def _adjusted_words(who: Sequence[str], adjusted: bool) -> str:
    if not adjusted:
        return ""
    return f"Beyond the limits adjusted for the spread of areas: {listed(who) or 'none'}."


def _limit(edges: pd.DataFrame, column: str, at: pd.Series) -> np.ndarray:
    """Read a limit off its line."""
    known = edges.dropna(subset=["denominator", column])
    if known.empty:
        return np.full(len(at), np.nan)
    return np.interp(at.to_numpy(), known["denominator"], known[column])


def _beyond(table: pd.DataFrame, edges: pd.DataFrame, lower: str, upper: str) -> np.ndarray:
    values = table["value"].to_numpy()
    low = _limit(edges, lower, table["denominator"])
    high = _limit(edges, upper, table["denominator"])
    return np.asarray((values < low) | (values > high))


def _held(edges: pd.DataFrame, low: float, high: float, values: pd.Series) -> list[float]:
    """Choose which limits the vertical axis must hold: not those of areas far smaller than any."""
    inside = edges.loc[edges["denominator"].between(low, high)]
    top = float(values.max()) if values.notna().any() else np.inf
    numbers = inside[["centre", *LIMITS[2:]]].to_numpy().ravel()
    return [one for one in numbers if np.isfinite(one) and one <= 1.6 * abs(top)]


def _labelled(
    table: pd.DataFrame, edges: pd.DataFrame, plain: np.ndarray, beyond: np.ndarray
) -> list[int]:
    """Choose whom to name: all beyond the adjusted limits, else the six farthest of the rest."""
    if beyond.any():
        return [int(one) for one in np.flatnonzero(beyond)]
    centre = _limit(edges, "centre", table["denominator"])
    distance = np.abs(table["value"].to_numpy() - centre)
    places = sorted(np.flatnonzero(plain), key=lambda one: -distance[one])
    return [int(one) for one in places[:FEW]]


def _draw_limits(plot: Plot, edges: pd.DataFrame) -> None:
    ends = edges["denominator"]
    lines = (("centre", CENTRE), ("lower", NEAR), ("upper", NEAR))
    for column, stroke in (*lines, ("lower_adjusted", FAR), ("upper_adjusted", FAR)):
        plot.along(ends, edges[column], stroke, plot.place)


def _draw_points(plot: Plot, table: pd.DataFrame, known: np.ndarray) -> None:
    for row in table.loc[known].to_dict("records"):
        x, y = float(plot.px(row["denominator"])), float(plot.py(row["value"]))
        plot.sheet.mark(x, y, MARKS[row["verdict"]])


@dataclass(frozen=True)
class _Label:
    """A name with its place; a line leads to it from afar."""

    text: str
    whole: str
    box: Box
    spot: tuple[float, float]

    def draw(self, sheet: Sheet) -> None:
        """Write it, and lead to it."""
        left, top, right, bottom = self.box
        x, y = self.spot
        near = (min(max(x, left), right), min(max(y, top), bottom))
        if abs(near[0] - x) + abs(near[1] - y) > 9:
            down = sheet.top
            sheet.line([x, near[0]], [y + down, near[1] + down], Stroke(QUIET, 0.5))
        sheet.write(left, sheet.top + bottom - 2.5, self.text, LABEL, whole=self.whole)


def _place_labels(
    names: Sequence[str], spots: np.ndarray, which: Sequence[int], room: Box
) -> tuple[list[_Label], list[str]]:
    """Find each name a free place beside its point; return also those that have none."""
    taken: list[Box] = [(x - 4, y - 4, x + 4, y + 4) for x, y in spots if np.isfinite(x + y)]
    labels, lost = [], []
    for name, place in zip(names, which, strict=True):
        text = shorten(name, 150, LABEL)
        spot = (float(spots[place][0]), float(spots[place][1]))
        box = _free(spot, measure(text, LABEL) + 1, taken, room)
        if box is None:
            lost.append(name)
            continue
        taken.append(box)
        labels.append(_Label(text, name, box, spot))
    return labels, lost


def _free(spot: tuple[float, float], wide: float, taken: Sequence[Box], room: Box) -> Box | None:
    """Try places ever farther off."""
    x, y = spot
    high = 10.0
    for away in (6.0, 12.0, 20.0, 30.0, 42.0):
        for right, down in _SIDES:
            left = x + away if right > 0 else x - away - wide if right < 0 else x - wide / 2
            top = y - high / 2 + down * (away + (0 if right else high / 2))
            box = (left, top, left + wide, top + high)
            if left < LEFT or box[2] > room[2] or top < room[1] or box[3] > room[3]:
                continue
            if not any(_meet(box, one) for one in taken):
                return box
    return None


_SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]

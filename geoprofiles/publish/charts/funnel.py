"""The funnel: areas of every size against the limits of chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geoprofiles.publish.charts.frame import (
    BODY,
    INK,
    QUIET,
    RIGHT,
    Chart,
    Key,
    Sheet,
    Stroke,
    Words,
    line_height,
    literal,
)
from geoprofiles.publish.charts.labels import place_labels
from geoprofiles.publish.charts.scales import (
    Plot,
    Scale,
    axes_of,
    axis_name,
    begins,
    scale_of,
    write_label,
)
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

TALL = 290.0
FEW = 6
"""So many areas are named where none is beyond the adjusted limits."""

CENTRE, NEAR, FAR = Stroke(CITY, 1.2), Stroke(QUIET, 1.0, (2, 2)), Stroke(INK, 1.1)
OUTER = Stroke(QUIET, 0.9, (6, 2))


def chart_funnel(
    points: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    title: str,
    x_label: str,
    y_label: str,
    whole_label: str = "City",
    subtitle: str = "",
    source: str = "",
) -> Chart:
    """Draw areas by their size and value, with the limits within which chance leaves them.

    Named are the areas beyond the adjusted limits; where there is none, up to six beyond the
    95% limits. A name that finds no free place stands under the chart.

    Parameters
    ----------
    points : DataFrame
        ``area_name``, ``denominator``, ``value``, ``verdict``; as :func:`geoprofiles.funnel_rows`
        makes them of a funnel's points.
    limits : DataFrame
        As :func:`geoprofiles.funnel` returns them: ``denominator``, ``centre``, ``lower``,
        ``upper`` (95%), and where there are such ``lower_adjusted``, ``upper_adjusted`` (for the
        spread of areas), ``lower_outer``, ``upper_outer`` (99.8%).
    title : str
        What and when.
    x_label, y_label : str
        What the denominator and the value are, with units.
    whole_label : str
        What the line in the middle is of.
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
    edges = checked(limits, LIMITS, (), "the limits of the funnel", MORE_LIMITS)
    edges = edges.sort_values("denominator")
    names = names_of(table["area_name"])
    adjusted = _adjusted(edges)
    beyond = table["verdict"].isin(BEYOND)
    plain = beyond | table["verdict"].isin(ANYWAY)
    known = (table["value"].notna() & table["denominator"].notna()).to_numpy()
    x = _across([*table["denominator"], *edges["denominator"]])
    y = scale_of([*table["value"], *_held(edges, x.low, x.high, table["value"])])
    axes, name = axes_of(y_label, y), axis_name(x_label)
    place = (axes.left, axes.head, RIGHT, axes.head + TALL)
    draft = Plot(None, place, x, y)  # type: ignore[arg-type]  # to measure, before there is a sheet
    spots = np.column_stack([draft.px(table["denominator"]), draft.py(table["value"])])
    labelled = _labelled(table, edges)
    limits_drawn = [
        np.column_stack([draft.px(edges["denominator"]), draft.py(edges[column])])
        for column in _drawn(edges)
    ]
    labels, lost = place_labels(
        [names[one] for one in labelled], spots, labelled, place, limits_drawn
    )
    lacking = [one for one, here in zip(names, known, strict=True) if not here]
    notes = [f"Also beyond: {listed(lost, most=99)}."] if lost else []
    notes += [f"No data: {listed(lacking, most=12)}."] if lacking else []
    notes.append(begins(y))
    keys = _keys(table.loc[known], edges, whole_label)
    body = axes.head + TALL + 24 + line_height(BODY) * len(name)
    sheet = Sheet(Words(title, subtitle, source, keys, notes), body)
    down = np.array([0, sheet.top, 0, sheet.top])
    plot = Plot(sheet, tuple(np.array(place) + down), x, y)
    write_label(sheet, axes)
    plot.draw_y()
    plot.draw_x(grid=False)
    for column, stroke in _drawn(edges).items():
        plot.along(edges["denominator"], edges[column], stroke, plot.place)
    _draw_points(plot, table, known)
    for label in labels:
        label.draw(sheet)
    for row, line in enumerate(name):
        sheet.write(RIGHT, plot.place[3] + 24 + line_height(BODY) * row, line, align="right")
    alt = tell(
        sentence(title),
        f"{int(known.sum()):,} area{'s' * int(known.sum() != 1)}.",
        extremes(names, table["value"], "area"),
        f"Beyond the 95% limits: {int(plain.sum()):,}.",
        _adjusted_words([names[one] for one in labelled] if beyond.any() else [], adjusted),
    )
    return Chart(sheet, literal(title), alt)


LIMITS = ("denominator", "centre", "lower", "upper")
MORE_LIMITS = ("lower_adjusted", "upper_adjusted", "lower_outer", "upper_outer")
BEYOND = {"worse", "better", "higher", "lower"}
ANYWAY = {"higher, as areas differ anyway", "lower, as areas differ anyway"}


def _adjusted_words(who: Sequence[str], adjusted: bool) -> str:
    if not adjusted:
        return ""
    return f"Beyond the limits adjusted for the spread of areas: {listed(who) or 'none'}."


def _held(edges: pd.DataFrame, low: float, high: float, values: pd.Series) -> list[float]:
    """Choose which limits the vertical axis must hold: not those of areas far smaller than any."""
    inside = edges.loc[edges["denominator"].between(low, high)]
    top = float(values.max()) if values.notna().any() else np.inf
    numbers = inside[["centre", "lower", "upper", *MORE_LIMITS]].to_numpy().ravel()
    return [one for one in numbers if np.isfinite(one) and one <= 1.6 * abs(top)]


def _labelled(table: pd.DataFrame, edges: pd.DataFrame) -> list[int]:
    """Choose whom to name, the farthest off first: all beyond the adjusted limits, or six."""
    centre = np.interp(table["denominator"], edges["denominator"], edges["centre"])
    distance = np.abs(table["value"].to_numpy() - centre)

    def farthest(verdicts: set[str]) -> list[int]:
        found = np.flatnonzero(table["verdict"].isin(verdicts) & np.isfinite(distance))
        return [int(one) for one in sorted(found, key=lambda one: -distance[one])]

    return farthest(BEYOND) or farthest(ANYWAY)[:FEW]


def _across(sizes: Sequence[float]) -> Scale:
    """Make the horizontal axis as wide as the sizes are, its ticks within."""
    ticks = scale_of(sizes, zero=False).ticks
    known = [one for one in sizes if np.isfinite(one)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if low == high:
        low, high = 0.9 * low, 1.1 * high + (not high)
    return Scale(low, high, tuple(one for one in ticks if low <= one <= high))


def _adjusted(edges: pd.DataFrame) -> bool:
    """Tell whether adjusted limits can be told from the plain ones."""
    least = 0.02 * edges["centre"].abs()
    return any(
        bool(((edges[f"{side}_adjusted"] - edges[side]).abs() > least).any())
        for side in ("lower", "upper")
    )


def _drawn(edges: pd.DataFrame) -> dict[str, Stroke]:
    """Choose which limits are drawn, and how."""
    strokes = {"centre": CENTRE, "lower": NEAR, "upper": NEAR}
    if edges["upper_outer"].notna().any():
        strokes |= {"lower_outer": OUTER, "upper_outer": OUTER}
    if _adjusted(edges):
        strokes |= {"lower_adjusted": FAR, "upper_adjusted": FAR}
    return strokes


def _keys(table: pd.DataFrame, edges: pd.DataFrame, whole_label: str) -> list[Key]:
    words = {
        "centre": literal(whole_label),
        "lower": "95% limits",
        "lower_outer": "99.8% limits",
        "lower_adjusted": "95% limits adjusted for the spread of areas",
    }
    drawn = _drawn(edges)
    lines = [Key(text, stroke=drawn[one]) for one, text in words.items() if one in drawn]
    return [*verdict_keys(table["verdict"]), *lines]


def _draw_points(plot: Plot, table: pd.DataFrame, known: np.ndarray) -> None:
    for row in table.loc[known].to_dict("records"):
        x, y = float(plot.px(row["denominator"])), float(plot.py(row["value"]))
        plot.sheet.mark(x, y, MARKS[row["verdict"]])

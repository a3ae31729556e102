"""Parts of the people: ages and sexes, and fifths by deprivation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.publish.charts.frame import (
    BODY,
    HUSHED,
    INK,
    LEFT,
    PAPER,
    RIGHT,
    Align,
    Chart,
    Face,
    Key,
    Sheet,
    Stroke,
    Words,
    literal,
    measure,
    shorten,
)
from geoprofiles.publish.charts.scales import (
    Plot,
    Scale,
    axes_of,
    scale_of,
    write_label,
)
from geoprofiles.publish.charts.verdicts import (
    ACCENT,
    CITY,
    NO_DATA,
    checked,
    extremes,
    fitted,
    has_limits,
    names_of,
    sentence,
    tell,
    texts_of,
)
from geoprofiles.publish.style import RAMP
from geoprofiles.words import listed

SEXES = {"female": ("Female", ACCENT), "male": ("Male", RAMP[3])}
OUTLINE, HALO = Stroke(CITY, 1.3), Stroke(PAPER, 3.2)


def chart_pyramid(
    rows: pd.DataFrame,
    *,
    title: str,
    whole_label: str = "City",
    subtitle: str = "",
    source: str = "",
) -> Chart:
    """Draw the ages of an area's women and men, with the city's as an outline.

    Parameters
    ----------
    rows : DataFrame
        ``age`` (text, the youngest first), ``sex`` ("female" or "male"), ``share`` (per cent
        of the area), ``whole_share`` (per cent of the city; may be missing). As
        :func:`geoprofiles.pyramid_rows` makes them.
    title : str
        Of which area and when.
    whole_label : str
        What the outline is of.
    subtitle, source : str
        More of the title; the line at the foot.

    Returns
    -------
    Chart

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"age": ["0–39", "0–39", "40+", "40+"], "sex": ["female", "male"] * 2,
    ...                      "share": [20.0, 22.0, 31.0, 27.0], "whole_share": 25.0})
    >>> chart_pyramid(rows, title="Mill ward, 2026").alt
    'Mill ward, 2026. Per cent of all residents, by age and sex. Female: highest 40+, 31%;
    lowest 0–39, 20%. Male: highest 40+, 27%; lowest 0–39, 22%.'
    """
    table = checked(rows, ("share", "whole_share"), ("age", "sex"), "the pyramid")
    table["age"] = names_of(table["age"])
    unknown = sorted({str(one) for one in table["sex"]} - {*SEXES})
    if unknown:
        raise InputError(
            f"the pyramid: {unknown[0]!r} is not a sex that it can draw",
            remedy="Give 'female' or 'male'.",
        )
    if table.duplicated(["age", "sex"]).any():
        raise InputError("the pyramid: an age stands twice for one sex", remedy="Give it once.")
    ages = list(dict.fromkeys(table["age"]))
    row = min(16.0, max(460 / len(ages), 4.0))
    most = max(measure(age, HUSHED) for age in ages)
    gap = min(most, 110.0) + 16
    x = scale_of(table[["share", "whole_share"]].to_numpy(), zero=True, most=5)
    lined = bool(table["whole_share"].notna().any())
    keys = [Key(literal(whole_label), stroke=OUTLINE)] if lined else []
    sheet = Sheet(Words(title, subtitle, source, keys), 20 + row * len(ages) + 28)
    top = sheet.top + 20
    bottom = top + row * len(ages)
    middle = (LEFT + RIGHT) / 2
    places = {
        "female": (middle - gap / 2, top, LEFT + 8, bottom),
        "male": (middle + gap / 2, top, RIGHT - 8, bottom),
    }
    for sex, place in places.items():
        plot = Plot(sheet, place, x, Scale(0, len(ages), (0, len(ages))))
        part = table.loc[table["sex"] == sex].set_index("age").reindex(ages)
        sheet.write((place[0] + place[2]) / 2, top - 7, SEXES[sex][0], BOLD, align="center")
        _draw_side(plot, part, row, SEXES[sex][1])
    step = int(np.ceil(9.5 / row))
    for one in range(0, len(ages), step):
        text = shorten(ages[one], gap - 10, HUSHED)
        y = bottom - row * (one + 0.5)
        sheet.write_middle(middle, y, [text], HUSHED, align="center", whole=ages[one])
    sheet.write(middle, bottom + 24, "per cent of all residents", align="center")
    alt = tell(
        sentence(title),
        "Per cent of all residents, by age and sex.",
        *(_sex_words(table.loc[table["sex"] == sex], words) for sex, (words, _) in SEXES.items()),
    )
    return Chart(sheet, literal(title), alt)


BOLD = Face(9, bold=True)


def _draw_side(plot: Plot, part: pd.DataFrame, row: float, colour: str) -> None:
    """Draw one side, the youngest at the foot; its axis may run to the left."""
    start, top, end, bottom = plot.place
    out = 1 if end > start else -1
    plot.draw_x()
    for place, (share, _) in enumerate(part[["share", "whole_share"]].to_numpy()):
        y = bottom - row * (place + 1)
        if np.isfinite(share):
            edges = sorted((start, float(plot.px(share))))
            plot.sheet.box((edges[0], y + row * 0.08, edges[1], y + row * 0.92), colour)
        elif row >= 9:
            align: Align = "left" if out > 0 else "right"
            plot.sheet.write_middle(start + 4 * out, y + row / 2, [NO_DATA], HUSHED, align=align)
    if part["share"].isna().all() and row < 9:
        plot.sheet.write((start + end) / 2, (top + bottom) / 2, NO_DATA, align="center")
    shares = np.repeat(part["whole_share"].to_numpy(), 2)
    steps = np.column_stack([np.arange(len(part)), np.arange(1, len(part) + 1)]).ravel()
    # Where ages are narrow, bars and the ground around the line would be one.
    for stroke in (HALO, OUTLINE) if row >= 9 else (OUTLINE,):
        plot.along(shares, steps, stroke)


def _sex_words(part: pd.DataFrame, words: str) -> str:
    known = part.loc[part["share"].notna()]
    if known.empty:
        return f"{words}: {NO_DATA}."
    texts = texts_of(known["share"])
    high, low = int(known["share"].argmax()), int(known["share"].argmin())
    ages = known["age"].tolist()
    told = f"{words}: highest {ages[high]}, {texts[high]}%; lowest {ages[low]}, {texts[low]}%."
    lacking = part.loc[part["share"].isna(), "age"].tolist()
    return told + (f" {NO_DATA.capitalize()} for {listed(lacking)}." if lacking else "")


Line = tuple[tuple[float, float], tuple[float, float]]

TALL = 210.0
ENDS = {1: "1, most deprived", 5: "5, least deprived"}


def chart_quintiles(
    rows: pd.DataFrame,
    *,
    title: str,
    y_label: str,
    line: Line | None = None,
    note: str = "",
    subtitle: str = "",
    source: str = "",
) -> Chart:
    """Draw a figure for the five fifths of the areas by deprivation.

    Parameters
    ----------
    rows : DataFrame
        ``quintile`` (1 the most deprived, to 5), ``value``, ``lower``, ``upper``.
    title : str
        What and when.
    y_label : str
        What the values count, with their unit.
    line : pair of pairs, optional
        The slope: from (x, value) to (x, value), where x is the share of residents, 0 to 1
        from the most deprived, across the five bars.
    note : str
        A sentence on the slope, under the bars and in `alt`.
    subtitle, source : str
        More of the title; the line at the foot.

    Returns
    -------
    Chart

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"quintile": [1, 2, 3, 4, 5], "value": [9.0, 8.0, 6.5, 5.0, 4.0],
    ...                      "lower": 3.5, "upper": 9.5})
    >>> chart_quintiles(rows, title="Burglary", y_label="per 1,000 homes",
    ...                 line=((0, 9.6), (1, 3.4))).alt
    'Burglary. Highest: quintile 1 (most deprived), 9.00; lowest: quintile 5 (least deprived),
    4.00. The slope goes from 9.60 to 3.40.'
    """
    table = checked(rows, ("quintile", "value", "lower", "upper"), (), "the quintiles")
    if not table["quintile"].isin(range(1, 6)).all() or table["quintile"].duplicated().any():
        raise InputError(
            "the quintiles: the column 'quintile' must hold each of 1 to 5 once at most",
            remedy="Give one row for each fifth of the areas.",
        )
    here = set(table["quintile"])
    table = table.set_index(table["quintile"].astype(int)).reindex(range(1, 6))
    slope = np.array(line, dtype=float) if line is not None else np.empty((0, 2))
    if line is not None and (slope.shape != (2, 2) or not np.isfinite(slope).all()):
        raise InputError("the quintiles: the slope must be two pairs of numbers, (x, value)")
    y = scale_of([*table[["value", "lower", "upper"]].to_numpy().ravel(), *slope[:, 1]], zero=True)
    axes = axes_of(y_label, y)
    keys = [Key("95% interval", stroke=Stroke(INK, 1.0))] if has_limits(table) else []
    if len(slope):
        keys.append(Key("slope across all residents", stroke=SLOPE))
    said = [sentence(note)] if note else []
    sheet = Sheet(Words(title, subtitle, source, keys, said), axes.head + TALL + 32)
    top = sheet.top + axes.head
    plot = Plot(sheet, (axes.left, top, RIGHT, top + TALL), Scale(0, 1, (0, 1)), y)
    write_label(sheet, axes)
    plot.draw_y()
    _draw_fifths(plot, table, here)
    if len(slope):
        plot.along(slope[:, 0], slope[:, 1], SLOPE, plot.place)
    ends = {1: "quintile 1 (most deprived)", 5: "quintile 5 (least deprived)"}
    names = [ends.get(one, f"quintile {one}") for one in range(1, 6)]
    told = ""
    if len(slope):
        first, last = texts_of([*slope[:, 1]])
        told = f"The slope goes from {first} to {last}."
    alt = tell(sentence(title), extremes(names, table["value"], "quintile"), told, *said)
    return Chart(sheet, literal(title), alt)


SLOPE = Stroke(CITY, 1.6, (5, 2))


def _draw_fifths(plot: Plot, table: pd.DataFrame, here: set[float]) -> None:
    """Draw the bars; figures stand under them, where neither whisker nor slope passes."""
    bottom = plot.place[3]
    texts = texts_of(table["value"])
    base = float(plot.py(0))
    for place, row in enumerate(table.to_dict("records")):
        left, right = (float(plot.px(place / 5 + share)) for share in (0.03, 0.17))
        middle = (left + right) / 2
        name = ENDS.get(place + 1, str(place + 1))
        plot.sheet.write(middle, bottom + 14, name, BODY, align="center")
        if not np.isfinite(row["value"]):
            lack = NO_DATA if place + 1 in here else "no areas"
            plot.sheet.write(middle, bottom + 26, lack, HUSHED, align="center")
            continue
        end = float(plot.py(row["value"]))
        plot.sheet.box((left, min(end, base), right, max(end, base)), RAMP[1], ACCENT)
        plot.whisker(place / 5 + 0.1, row["lower"], row["upper"], Stroke(INK, 1.0))
        text = fitted(texts[place], row["value"], float(plot.px(0.2) - plot.px(0)) - 6, NUMBER)
        plot.sheet.write(middle, bottom + 26, text, NUMBER, align="center")


NUMBER = Face(8.5, bold=True)

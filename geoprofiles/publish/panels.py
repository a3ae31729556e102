"""Maps of the same areas beside each other: over time, two periods, before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from geoprofiles.areas.classes import class_breaks
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, check_columns
from geoprofiles.model import AreaLayer, MapClass
from geoprofiles.publish import figures
from geoprofiles.publish.layers_areas import change_layer, first_sentence, kind_of
from geoprofiles.publish.plans import PageWords, PanelPlan
from geoprofiles.publish.style import shades
from geoprofiles.words import listed, nearest, plural

MOST_PANELS = 24
"""Maps on a page; with more none could be read."""

STEPS_OF_TIME = {"year": "Y", "quarter": "Q", "month": "M"}
MONTHS_OF = {"year": 12, "quarter": 3}


def stepped(
    areas: Areas, columns: Mapping[str, pd.Series], *, unit: str, name: str = ""
) -> list[AreaLayer]:
    """Make a layer of each column, all in the same classes; its heading names it."""
    values = np.concatenate([one.to_numpy(dtype=float) for one in columns.values()])
    breaks = class_breaks(values)
    words = figures.class_words(values[np.isfinite(values)], breaks) if len(breaks) else []
    ramp = shades(len(words)) if words else []
    classes = {
        str(place): MapClass(word, f"k{step}")
        for place, (step, word) in enumerate(zip(ramp, words, strict=True))
    }
    decimals = figures.decimals_of(values)
    short = figures.short_unit(unit)
    layers = []
    for heading, column in columns.items():
        mine = column.reindex(areas.index).to_numpy(dtype=float)
        frame = areas[["area_name", "geometry"]].copy()
        frame["class"] = [None if one < 0 else str(one) for one in figures.classify(mine, breaks)]
        texts = [figures.with_unit(figures.number(one, decimals), short) for one in mine]
        frame["told"] = texts
        layers.append(
            AreaLayer(
                name=heading,
                kind=kind_of(areas),
                areas=frame,
                value="class",
                unit=unit,
                columns={"told": name or heading},
                classes=classes,
                told="told",
                finding=figures.summary(
                    list(frame["area_name"].astype(str)), mine, texts, kind_of(areas)
                ),
            )
        )
    return layers


def period_panels(
    areas: Areas,
    table: pd.DataFrame,
    words: PageWords,
    *,
    indicator: str | None = None,
    by: str = "period",
    value: str = "value",
) -> PanelPlan:
    """Plan one map a period, all in the same classes, with one table."""
    if by in STEPS_OF_TIME:
        table, value = _summed(table, by, indicator), "count"
    elif by not in table:
        raise InputError(
            f"there is no column '{by}' to make a map of each part of",
            remedy=f"Counts go by {', '.join(STEPS_OF_TIME)}; figures by a column they have, such"
            " as 'period'.",
        )
    check_columns(table, ["area_code", by, value], what="The figures")
    name, rows = _one(table, indicator)
    periods = list(dict.fromkeys(rows[by].astype(str)))
    if len(periods) > MOST_PANELS:
        raise InputError(
            f"there are {len(periods)} periods; a page has room for {MOST_PANELS} maps",
            remedy="Take fewer, or longer ones: years or quarters.",
        )
    columns = {}
    for period in periods:
        mine = rows[rows[by].astype(str) == period]
        column = pd.to_numeric(mine[value]).astype(float)
        column.index = mine["area_code"].astype(str)
        columns[period] = column[~column.index.duplicated(keep="last")].reindex(areas.index)
    if not any(one.notna().any() for one in columns.values()):
        raise InputError(
            "no area_code of the figures is a code of the areas",
            remedy="Use the boundaries that the figures were made with.",
        )
    unit = str(rows["unit"].iloc[0]) if "unit" in rows else "incidents"
    panels = stepped(areas, columns, unit=unit)
    wide = pd.DataFrame(columns)
    wide.columns = [f"period {place}" for place in range(len(periods))]
    return _plan(
        words, panels, wide.assign(area_name=areas["area_name"]),
        dict(zip(wide.columns[: len(periods)], periods, strict=True)),
        title=f"{name}: {_over_time(areas, columns, kind_of(areas))}",
        finding="",
        subtitle=f"{unit[:1].upper()}{unit[1:]}, {periods[0]} to {periods[-1]}; the classes are the"
        " same in all maps",
    )  # fmt: skip


def _summed(table: pd.DataFrame, by: str, category: str | None) -> pd.DataFrame:
    """Sum counts by area and year, quarter or month; all categories where none is asked for.

    A year or quarter of which the counts lack months says so: it is no fall.
    """
    check_columns(table, ["area_code", "month", "count"], what="The counts")
    table = table[~table["area_code"].astype(str).str.startswith("(")]
    months = pd.to_datetime(table["month"])
    when = months.dt.to_period(STEPS_OF_TIME[by])
    names = {
        one: _named(one, by, int(held)) for one, held in months.groupby(when).nunique().items()
    }
    told = when.map(names)
    keys = ["area_code", by, *(["category"] if category is not None else [])]
    order = table.assign(**{by: told}, _when=when.astype(str)).sort_values("_when", kind="stable")
    return order.groupby(keys, sort=False, as_index=False)["count"].sum()


def _named(period: pd.Period, by: str, held: int) -> str:
    """Name a period, and how many of its months are held where some are not.

    Examples
    --------
    >>> _named(pd.Period("2026", "Y"), "year", 6), _named(pd.Period("2026Q1", "Q"), "quarter", 3)
    ('2026 (6 of 12 months)', '2026 quarter 1')
    """
    if by == "month":
        return period.strftime("%B %Y")
    name = f"{period.year} quarter {period.quarter}" if by == "quarter" else str(period.year)
    whole = MONTHS_OF[by]
    return name if held == whole else f"{name} ({held} of {whole} months)"


def _one(table: pd.DataFrame, wanted: str | None) -> tuple[str, pd.DataFrame]:
    """Take the rows of one indicator, or of one category."""
    by = next((one for one in ("indicator", "category") if one in table.columns), None)
    if by is None:
        return wanted or "Incidents", table
    names = [str(one) for one in dict.fromkeys(table[by])]
    if wanted is None and len(names) > 1:
        raise InputError(
            f"there are {len(names)} figures and one can be drawn: {listed(names)}",
            remedy="Name one.",
        )
    name = names[0] if wanted is None else wanted
    if name not in names:
        raise InputError(f"there is no figure '{name}'", remedy=nearest(name, names))
    return name, table[table[by].astype(str) == name]


def _over_time(areas: Areas, columns: Mapping[str, pd.Series], kind: str) -> str:
    """Say which area was highest, and in how many of the periods."""
    tops = [
        str(areas["area_name"].loc[one.idxmax()]) for one in columns.values() if one.notna().any()
    ]
    first = max(dict.fromkeys(tops), key=tops.count)
    if len(set(tops)) == 1:
        return f"{first} was the highest {kind} in every period"
    return f"{first} was the highest {kind} in {tops.count(first)} of {len(tops)} periods"


def two_period_panels(
    areas: Areas,
    changes: pd.DataFrame,
    words: PageWords,
    *,
    category: str | None = None,
    names: tuple[str, str] = ("Before", "After"),
) -> PanelPlan:
    """Plan two maps in the same classes; the table has the change and its test."""
    name, rows, change = _changes(areas, changes, category)
    panels = _before_and_after(areas, rows, changes, names)
    table, columns = _table(change, names)
    return _plan(
        words, panels, table, columns,
        title=f"{name}: {first_sentence(change.finding)}",
        finding=change.finding,
        subtitle=f"{names[0]} and {names[1]}, {panels[0].unit}; the classes are the same in both",
    )  # fmt: skip


def before_after_panels(
    areas: Areas,
    changes: pd.DataFrame,
    words: PageWords,
    *,
    treated: Sequence[str] = (),
    category: str | None = None,
    names: tuple[str, str] = ("Before", "After"),
    effect: pd.DataFrame | None = None,
) -> PanelPlan:
    """Plan maps before and after an operation and of the change, with the treated areas marked."""
    name, rows, change = _changes(areas, changes, category)
    known = dict(zip(areas["area_name"].astype(str), areas.index.astype(str), strict=True))
    codes = set(areas.index.astype(str))
    chosen = []
    for one in treated:
        if str(one) not in codes and str(one) not in known:
            raise InputError(f"there is no treated area '{one}'", remedy=nearest(str(one), known))
        chosen.append(str(one) if str(one) in codes else known[str(one)])
    table, columns = _table(change, names)
    if chosen:
        table["treated"] = ["treated" if str(one) in chosen else "" for one in areas.index]
        columns = {"treated": "Operation", **columns}
    third = AreaLayer(
        name="Change", kind=change.kind, areas=change.areas, value="class", unit=change.unit,
        columns=change.columns, classes=change.classes, told="told", finding=change.finding,
    )  # fmt: skip
    sentences = [] if effect is None else [str(one) for one in effect.attrs.get("sentences", ())]
    notes = [] if effect is None else [str(one) for one in effect.attrs.get("notes", ())]
    if effect is None:
        notes = [
            "A change where an operation was is not its effect: what would have happened without it"
            " is told by areas that are alike and were not treated."
        ]
    told = " ".join([*sentences, change.finding])
    return _plan(
        words, [*_before_and_after(areas, rows, changes, names), third], table, columns,
        title=f"{name} before and after:"
        f" {first_sentence(sentences[0] if sentences else change.finding)}",
        finding=told,
        subtitle=f"{names[0]} and {names[1]}; the classes of both are the same",
        outlined=tuple(chosen),
        notes=notes,
    )  # fmt: skip


def _changes(
    areas: Areas, changes: pd.DataFrame, category: str | None
) -> tuple[str, pd.DataFrame, AreaLayer]:
    check_columns(changes, ["area_code", "before", "after", "ratio", "verdict"], what="The changes")
    name, rows = _one(changes, category)
    rows = rows.assign(area_code=rows["area_code"].astype(str)).drop_duplicates("area_code")
    rows = rows.set_index("area_code")
    if not set(rows.index) & set(areas.index.astype(str)):
        raise InputError(
            "no area_code of the changes is a code of the areas",
            remedy="Use the boundaries that the changes were made with.",
        )
    return name, rows, change_layer(areas, name, rows)


def _before_and_after(
    areas: Areas, rows: pd.DataFrame, changes: pd.DataFrame, names: tuple[str, str]
) -> list[AreaLayer]:
    """Draw counts; where the periods are not of one length, counts for each 30 days."""
    if names[0] == names[1]:
        raise InputError(f"both periods are called '{names[0]}'")
    days = changes.attrs.get("days")
    apart = days is not None and len(set(days)) > 1
    times = [30 / one for one in days] if apart and days is not None else [1, 1]
    columns = {
        name: rows[column].astype(float).reindex(areas.index) * by
        for name, column, by in zip(names, ("before", "after"), times, strict=True)
    }
    return stepped(areas, columns, unit="incidents in 30 days" if apart else "incidents")


def _table(change: AreaLayer, names: tuple[str, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    columns = {**change.columns}
    columns["before"], columns["after"] = names
    order = ["before", "after", *(one for one in columns if one not in {"before", "after"})]
    return pd.DataFrame(change.areas.drop(columns="geometry")), {one: columns[one] for one in order}


def _plan(  # noqa: PLR0913
    words: PageWords,
    panels: Sequence[AreaLayer],
    table: pd.DataFrame,
    columns: Mapping[str, str],
    *,
    title: str,
    finding: str,
    subtitle: str,
    outlined: tuple[str, ...] = (),
    notes: Sequence[str] = (),
) -> PanelPlan:
    return PanelPlan(
        panels=tuple(panels),
        table=table,
        columns=columns,
        title=words.get("title") or title,
        finding=finding,
        subtitle=words.get("subtitle") or subtitle,
        outlined=outlined,
        outline_words="heavy outline: where the operation was" if outlined else "",
        notes=(*words.get("notes", ()), *notes),
        sources=tuple(words.get("sources", ())),
        context=words.get("context") or {},
    )


def same_classes(plan: PanelPlan) -> list[list[AreaLayer]]:
    """Put the panels of one legend together, in their order."""
    groups: list[list[AreaLayer]] = []
    for panel in plan.panels:
        if groups and groups[-1][0].classes == panel.classes:
            groups[-1].append(panel)
        else:
            groups.append([panel])
    return groups


def kinds_words(plan: PanelPlan) -> str:
    """Name the areas of a plan, many."""
    return plural(plan.panels[0].kind)


__all__ = [
    "before_after_panels", "kinds_words", "period_panels", "same_classes", "stepped",
    "two_period_panels",
]  # fmt: skip

"""Read a table of incidents, whole or a piece at a time, and keep account of every row.

What can be told only from a whole file (its coordinate system, whether its dates are month
first) is decided from facts that add up over its pieces. So a file that is read in pieces is
read as it would be at once: a decision taken on the first piece is checked against the facts
of all, and where they differ the file is read again with the right one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.read.columns import Layout
from geoprofiles.read.coordinates import (
    NO_COORDINATES,
    UNLOCATED_REASONS,
    CoordinateFacts,
    Located,
    Pairs,
    decide,
    guess,
    place,
    read_pairs,
    split_points,
    survey,
)
from geoprofiles.read.dates import DateFacts, read_dates
from geoprofiles.read.records import EMPTY_ROW, WRONG_NUMBER
from geoprofiles.read.repeats import FILE_TWICE, MONTH_TWICE
from geoprofiles.read.tables import Table

NOT_STATED = "(not stated)"
"""Category of a row that gives none."""

BAD_MONTH = "month not readable"
REPEATED_ID = "repeated ID"
REFUSED_REASONS = (WRONG_NUMBER, EMPTY_ROW, BAD_MONTH, FILE_TWICE, MONTH_TWICE, REPEATED_ID)

DATED = ("month", "date", "start", "end")
CARRIED = (
    "incident_id", "category", "area_given", "place", "postcode", "uprn", "grid_reference",
    "district",
)  # fmt: skip
"""Columns that are taken as they stand."""


@dataclass(frozen=True)
class Decisions:
    """What holds for all pieces of a file."""

    system: str | None
    month_first: Mapping[str, bool]


@dataclass(frozen=True)
class PieceFacts:
    """What was seen in a piece; facts of the pieces of a file add up to those of the file."""

    rows: int = 0
    coordinates: CoordinateFacts = field(default_factory=CoordinateFacts)
    dates: Mapping[str, DateFacts] = field(default_factory=dict)
    bad_months: int = 0
    first_bad_month: int | None = None
    """Row of the first, as a spreadsheet shows it."""
    ended_early: int = 0
    months: tuple[str, str] | None = None
    """First and last."""

    def __add__(self, other: PieceFacts) -> PieceFacts:
        names = [*self.dates, *(name for name in other.dates if name not in self.dates)]
        nothing = DateFacts()
        bad = [one for one in (self.first_bad_month, other.first_bad_month) if one is not None]
        months = [one for pair in (self.months, other.months) if pair for one in pair]
        return PieceFacts(
            self.rows + other.rows,
            self.coordinates + other.coordinates,
            {n: self.dates.get(n, nothing) + other.dates.get(n, nothing) for n in names},
            self.bad_months + other.bad_months,
            min(bad, default=None),
            self.ended_early + other.ended_early,
            (min(months), max(months)) if months else None,
        )


@dataclass
class Piece:
    """Some rows of one file, or all: their columns, their fate, and the facts about them."""

    columns: dict[str, Any]
    located: Located
    refused: np.ndarray
    """-1, or the place of the reason in `REFUSED_REASONS`."""
    facts: PieceFacts


def decisions_of(
    facts: PieceFacts, layout: Layout, *, source_crs: Any, file: str
) -> tuple[Decisions, list[str]]:
    """Decide from the facts of a whole file; return sentences on how, too."""
    system, notes = decide(
        facts.coordinates, headings=headings_of(layout), source_crs=source_crs, file=file
    )
    return Decisions(system, _month_first(facts)), notes


def guess_decisions(facts: PieceFacts, layout: Layout, *, source_crs: Any, file: str) -> Decisions:
    """Decide from the facts of a first piece."""
    system = guess(
        facts.coordinates, headings=headings_of(layout), source_crs=source_crs, file=file
    )
    return Decisions(system, _month_first(facts))


def _month_first(facts: PieceFacts) -> dict[str, bool]:
    return {name: seen.month_first for name, seen in facts.dates.items()}


def headings_of(layout: Layout) -> str:
    """Say what the headings promise of the coordinates."""
    if "longitude" in layout.positions:
        return "degrees"
    return "metres" if "easting" in layout.positions else "either"


def read_piece(
    table: Table,
    layout: Layout,
    *,
    source_crs: Any,
    decisions: Decisions | None = None,
    whole: bool = True,
    carried: Sequence[str] = CARRIED,
    keyed: bool = False,
) -> Piece:
    """Read a table of incidents.

    Parameters
    ----------
    table : Table
        All of a file, or the records of a piece of it.
    layout : Layout
        Which column is which.
    source_crs : anything pyproj.CRS understands, optional
        As the user states it.
    decisions : Decisions, optional
        What holds for the file; decided from the table itself where not said.
    whole : bool
        Whether the table is the whole file: if not, its own facts do not decide finally.
    carried : sequence of str
        Which of `CARRIED` are wanted.
    keyed : bool
        Whether IDs are wanted as keys, which are quicker, and not as texts.

    Raises
    ------
    CRSError
        If the table is a whole file and its coordinates are swapped or in no known system.
    """
    unwanted = set(CARRIED) - set(carried)
    names = [name for name in layout.positions if name not in unwanted]
    numeric = [name for name in ("longitude", "latitude", "easting", "northing") if name in names]
    opaque = [layout.positions["incident_id"]] if keyed and "incident_id" in names else []
    table.read(
        [layout.positions[name] for name in names],
        numeric=[layout.positions[name] for name in numeric],
        opaque=opaque,
    )
    pairs = _pairs(table, layout)
    refused = np.full(table.rows, -1, dtype=np.int8)
    if table.problems is not None:
        for reason in (WRONG_NUMBER, EMPTY_ROW):
            refused[table.problems == reason] = REFUSED_REASONS.index(reason)
    month_first = decisions.month_first if decisions else {}
    columns, dates = _dated(table, layout, month_first)
    bad = np.isnat(columns["month"]) & (refused == -1)
    refused[bad] = REFUSED_REASONS.index(BAD_MONTH)
    for name in CARRIED:
        if name in names:
            at = layout.positions[name]
            columns[name] = table.keys(at) if at in opaque else table.column(at)
    late = 0
    if "start" in columns and "end" in columns:
        late = int((columns["start"] > columns["end"]).sum())
    facts = PieceFacts(
        rows=table.rows,
        coordinates=survey(pairs),
        dates=dates,
        bad_months=int(bad.sum()),
        first_bad_month=table.first_row + int(bad.argmax()) if bad.any() else None,
        ended_early=late,
        months=_months_covered(columns["month"]),
    )
    notes: list[str] = []
    if decisions is None and whole:
        decisions, notes = decisions_of(facts, layout, source_crs=source_crs, file=table.name)
    elif decisions is None:
        decisions = guess_decisions(facts, layout, source_crs=source_crs, file=table.name)
    return Piece(columns, place(pairs, decisions.system, notes), refused, facts)


def _pairs(table: Table, layout: Layout) -> Pairs:
    at = layout.positions
    if "point" in at:
        return read_pairs(*split_points(table.column(at["point"])))
    for x, y in (("longitude", "latitude"), ("easting", "northing")):
        if x in at:
            return read_pairs(table.number(at[x]), table.number(at[y]))
    nothing = np.full(table.rows, np.nan)
    reason = np.full(table.rows, UNLOCATED_REASONS.index(NO_COORDINATES), dtype=np.int8)
    return Pairs(nothing, nothing.copy(), reason)


def _dated(
    table: Table, layout: Layout, month_first: Mapping[str, bool]
) -> tuple[dict[str, Any], dict[str, DateFacts]]:
    """Read every column of dates; the month is that of the first of month, date, start."""
    columns: dict[str, Any] = {}
    facts: dict[str, DateFacts] = {}
    for name in DATED:
        if name not in layout.positions:
            continue
        column = table.column(layout.positions[name])
        values, facts[name] = read_dates(column, month_first=month_first.get(name))
        if "month" not in columns and name != "end":
            columns["month"] = values.astype("datetime64[M]").astype("datetime64[s]")
        if name != "month":
            columns["start" if name == "date" else name] = values
    return columns, facts


def _months_covered(months: np.ndarray) -> tuple[str, str] | None:
    known = months[~np.isnat(months)]
    return (str(known.min())[:7], str(known.max())[:7]) if len(known) else None


def remarks_on(facts: PieceFacts, layout: Layout) -> list[str]:
    """Say what a person should know about how a file was read."""
    remarks = []
    if not {"longitude", "easting", "point"} & set(layout.positions):
        remarks.append("No column gives coordinates.")
    for name, seen in facts.dates.items():
        if seen.month_first:
            remarks.append(f"Dates in '{name}' were read month first: some cannot be otherwise.")
        if seen.zones:
            remarks.append(f"Time zones in '{name}' were left out; times stand as written.")
    if facts.ended_early:
        remarks.append(f"Rows that end before they start: {facts.ended_early:,}; kept as they are.")
    if facts.bad_months:
        remarks.append(
            f"Rows without a readable month: {facts.bad_months:,}; the first is row"
            f" {facts.first_bad_month}."
        )
    if "category" not in layout.positions:
        remarks.append("No column gives a category.")
    return remarks


def facts_on_file(
    name: str,
    source: Mapping[str, Any],
    table: Mapping[str, Any],
    layout: Layout,
    facts: PieceFacts,
    system: str | None,
    notes: list[str],
) -> dict[str, Any]:
    """Put together what is known of a file that was read."""
    formats = [seen.words or "unreadable" for seen in facts.dates.values()]
    return {
        "file": name,
        **source,
        "rows": facts.rows,
        **table,
        "layout": "police.uk street file" if layout.street else "mapped columns",
        "columns": layout.columns,
        "guessed": list(layout.guessed),
        "dates": "; ".join(dict.fromkeys(formats)),
        "source_crs": system,
        "months": list(facts.months or []),
        "notes": [*notes, *remarks_on(facts, layout)],
    }


def stated_category(category: pd.Series, refused: np.ndarray) -> pd.Series:
    """Call a missing category so; a row that could not be split into columns has none."""
    missing = category.isna().to_numpy() & (refused != REFUSED_REASONS.index(WRONG_NUMBER))
    missing &= refused != REFUSED_REASONS.index(EMPTY_ROW)
    if not missing.any():
        return category
    if NOT_STATED not in category.cat.categories:
        category = category.cat.add_categories([NOT_STATED])
    return category.mask(missing, NOT_STATED)

"""Questions: the page and the tables of each hot-spot question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from geoprofiles.hotspots.aoristic import week_rows
from geoprofiles.pipeline.concentration import EDGE, TESTED_NOTE, Concentration, hours_of
from geoprofiles.pipeline.evidence import Evidence
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.periods import Period
from geoprofiles.pipeline.products import Files, sources_of
from geoprofiles.pipeline.question_sections import decisions_of, sections_of
from geoprofiles.pipeline.summary import hotspot_sentences
from geoprofiles.publish.hotspot_page import hotspot_document
from geoprofiles.publish.tables import render_csv
from geoprofiles.settings import Project
from geoprofiles.words import listed, slugs

BUSY = 8
"""Hours of a shift: which of them in a row hold most is said."""


def question_files(project: Project, material: Material, evidence: Sequence[Evidence]) -> Files:
    """Make the page of each question, and what all of them found as tables."""
    names = slugs([one.spot.hotspot.name for one in evidence])
    pages = {name: f"{file}.html" for name, file in names.items()}
    files: Files = {}
    for one in evidence:
        name = one.spot.hotspot.name
        others = {other: page for other, page in pages.items() if other != name}
        files[f"hotspots/{pages[name]}"] = hotspot_document(
            name,
            title=project.title,
            subtitle=_subtitle(one),
            findings=findings_of(one, material),
            sections=sections_of(one, material),
            notes=[*project.notes, *_notes(project, material, one)],
            sources=sources_of(project),
            links={"Dashboard": "../index.html", "Map of all layers": "../map.html", **others},
        )
    for name, table in question_tables(material, evidence).items():
        files[f"tables/hotspots_{name}.csv"] = render_csv(table)
    return files


def _subtitle(one: Evidence) -> str:
    """Say what is counted, and of when."""
    spot = one.spot
    count, distinct = int(spot.places["count"].sum()), len(spot.places)
    told = f"Hot spots of {spot.period.words}: {count:,} incidents at {distinct:,} distinct places"
    if spot.hotspot.window is None:
        return told
    return (
        f"{told}, those with more than half of their time in {hours_of(spot.hotspot)}; by the share"
        f" of its time that each has there they come to {spot.weighed:,.0f}"
    )


def question_tables(material: Material, evidence: Sequence[Evidence]) -> dict[str, pd.DataFrame]:
    """Lay out what all questions found in tables, those that any of them has."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for one in evidence:
        moments = one.moments
        found = {
            "decisions": decisions_of(one, material),
            "concentration": one.shares.reset_index(),
            "accuracy": one.spot.foresight.tested,
            "hours": None if moments.hours is None else week_rows(moments.hours),
            "near_repeats": moments.near,
            "repeats": None if one.repeats is None else one.repeats.reset_index(),
            "streets": None
            if one.streets is None
            else one.streets.drop(columns="geometry").reset_index(),
        }
        for name, table in found.items():
            if table is not None and len(table):
                told = table.copy()
                for column in told.select_dtypes("float"):
                    told[column] = told[column].round(6)
                told.insert(0, "question", one.spot.hotspot.name)
                parts.setdefault(name, []).append(told)
    return {name: pd.concat(some, ignore_index=True) for name, some in parts.items()}


def _notes(project: Project, material: Material, one: Evidence) -> list[str]:
    """Keep what concerns this question and its source, and leave what concerns others."""
    hotspot = one.spot.hotspot
    source = hotspot.incidents or project.incidents[0].name
    files = [Path(str(facts["file"])).name for facts in material.tallied[source].sources]
    mine = tuple(f"{name}:" for name in (hotspot.name, source, *files))
    return [TESTED_NOTE, EDGE, *(note for note in material.cautions if note.startswith(mine))]


def findings_of(one: Evidence, material: Material) -> list[str]:
    """Say in a few sentences where, how sure, when, and how it changed."""
    areas = next(iter(material.areas.values()))
    name = f"{one.spot.hotspot.name}: "
    told = [text.removeprefix(name) for text in hotspot_sentences(one.spot, areas)]
    found = [text[:1].upper() + text[1:] for text in told]
    if one.spot.earlier is not None:
        found.append(_since(one.spot, one.spot.earlier))
    if one.moments.hours is not None:
        found.append(_busiest(one.moments.hours))
    if one.pattern.steps:
        found.append(_over_time(one))
    return found


def _since(spot: Concentration, earlier: Period) -> str:
    """Set the incidents of the period beside those of the earlier one."""
    held = spot.held
    now, then = (
        int(held.loc[held["month"].between(one.first, one.last), "rows"].sum())
        for one in (spot.period, earlier)
    )
    return f"There were {now:,} incidents in all, and {then:,} in {earlier.words}."


def _busiest(hours: pd.DataFrame) -> str:
    """Say which hours in a row hold most."""
    day = hours.sum(axis=1).to_numpy()
    held = [day[[(first + step) % 24 for step in range(BUSY)]].sum() for first in range(24)]
    first = max(range(24), key=held.__getitem__)
    return (
        f"The busiest {BUSY} hours are {first:02d}:00 to {(first + BUSY) % 24:02d}:00: they hold"
        f" {held[first] / day.sum():.0%}, where even hours would hold {BUSY / 24:.0%}."
    )


def _over_time(one: Evidence) -> str:
    """Count the cells by how hot they have been."""
    kinds = one.pattern.cells["kind"].astype(str)
    hot = kinds[kinds.str.endswith("hot spot")].str.removesuffix(" hot spot").value_counts()
    if hot.empty:
        return (
            f"Over time no cell of {one.pattern.side:,.0f} m stands out together with those around"
            " it; one busy cell among quiet ones is not found so."
        )
    told = listed(f"{number} {kind}" for kind, number in hot.items())
    return (
        f"Of the {len(kinds):,} cells of {one.pattern.side:,.0f} m, held against one another"
        f" {_steps(one)}, {told} hot spot{'s' * int(hot.sum() > 1)}."
    )


def _steps(one: Evidence) -> str:
    months = "a month" if one.pattern.months == 1 else f"{one.pattern.months} months"
    return f"in {one.pattern.steps} steps of {months} each"

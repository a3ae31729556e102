"""Moments: at what times incidents happen, and how soon one follows another nearby."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geoprofiles.areas.locate import locate_points
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Incidents
from geoprofiles.hotspots.aoristic import aoristic_hours
from geoprofiles.hotspots.near_chains import near_repeat_chains
from geoprofiles.hotspots.near_repeats import near_repeats
from geoprofiles.hotspots.resolution import answerable
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.periods import Period
from geoprofiles.read import read_incidents
from geoprofiles.settings import Hotspot, Project

MOST_ROWS = 1_000_000
"""Rows of a source that are held to tell times: a run holds no others one by one."""

MOST_PAIRED = 20_000
"""Incidents that are paired: near repeats among more take minutes."""


@dataclass(frozen=True)
class Moments:
    """What exact times tell; where they do not, why not."""

    hours: pd.DataFrame | None
    """As :func:`aoristic_hours` gives them."""
    near: pd.DataFrame | None
    """As :func:`near_repeats` gives them."""
    chains: pd.DataFrame | None
    why_not: dict[str, str]
    """Method, as :func:`answerable` names it, to the reason why it was not used."""


def timed_rows(project: Project, material: Material, source: str) -> Incidents | None:
    """Read the rows of a source that says when incidents began; None of one that does not.

    They are read once for all questions. Rows that a ladder would place have no place here.
    """
    if source in material.timed:
        return material.timed[source]
    tallied = material.tallied[source]
    begun = _begun(material, source)
    rows = None
    if begun and tallied.rows <= MOST_ROWS:
        wish = next(one for one in project.incidents if one.name == source)
        areas = next(iter(material.areas.values()))
        rows = read_incidents(
            list(wish.files),
            columns=wish.columns,
            crs=areas.crs,
            source_crs=wish.source_crs,
            encoding=wish.encoding,
            delimiter=wish.delimiter,
            repeated_ids=wish.repeated_ids,
        )
        rows = rows[rows["refused"].isna()]
    elif begun:
        material.caution(
            f"{source}: times of day and near repeats are not told of more than {MOST_ROWS:,} rows;"
            " 'geoprofiles hotspots time' and 'repeats' do so for the files that you give them."
        )
    material.timed[source] = rows
    return rows


def asked_of(rows: Incidents, hotspot: Hotspot, period: Period, areas: Areas) -> Incidents:
    """Keep the rows of a question: its categories and period, in the areas."""
    keep = rows["month"].between(period.first, period.last)
    if hotspot.categories:
        keep &= rows["category"].isin(hotspot.categories)
    chosen = rows[keep]
    inside = locate_points(chosen["easting"], chosen["northing"], areas) >= 0
    kept = chosen[inside]
    kept.attrs = rows.attrs
    return kept


def moments_of(project: Project, material: Material, hotspot: Hotspot, period: Period) -> Moments:
    """Tell times of day and near repeats of one question, as far as its data can carry them."""
    source = hotspot.incidents or project.incidents[0].name
    rows = timed_rows(project, material, source)
    if rows is None:
        why = "the data name no day" if not _begun(material, source) else "there are too many rows"
        return Moments(None, None, None, {"time of day": why, "near repeats": why})
    asked = asked_of(rows, hotspot, period, next(iter(material.areas.values())))
    if asked.empty:
        none = "no incident has a place and a day"
        return Moments(None, None, None, {"time of day": none, "near repeats": none})
    can = answerable(asked)
    why_not = {str(name): str(row["why"]) for name, row in can.iterrows() if not row["can"]}
    hours = near = chains = None
    if "time of day" not in why_not:
        hours = aoristic_hours(asked, time_zone=project.time_zone)
    if "near repeats" not in why_not and len(asked) > MOST_PAIRED:
        why_not["near repeats"] = f"more than {MOST_PAIRED:,} incidents take minutes to pair"
    if "near repeats" not in why_not:
        try:
            near = near_repeats(asked)
            chains = near_repeat_chains(asked)
        except InputError as error:
            why_not["near repeats"] = error.problem
    return Moments(hours, near, chains, why_not)


def _begun(material: Material, source: str) -> bool:
    return any("start" in one.get("columns", {}) for one in material.tallied[source].sources)

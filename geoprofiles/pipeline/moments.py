"""Moments: at what times incidents happen, and how soon one follows another nearby."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geoprofiles.areas.locate import locate_points
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Incidents, PlaceTally
from geoprofiles.hotspots.aoristic import MOSTLY, aoristic_hours, shift_weights
from geoprofiles.hotspots.near_repeats import near_repeats
from geoprofiles.hotspots.resolution import answerable, data_resolution
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


def asked_of(
    rows: Incidents, hotspot: Hotspot, areas: Areas, *, period: Period | None = None
) -> Incidents:
    """Keep the rows of a question: its categories and period, in the areas, at any hour."""
    keep = pd.Series(True, index=rows.index)
    if period is not None:
        keep &= rows["month"].between(period.first, period.last)
    if hotspot.categories:
        keep &= rows["category"].isin(hotspot.categories)
    chosen = rows[keep]
    inside = locate_points(chosen["easting"], chosen["northing"], areas) >= 0
    kept = chosen[inside]
    kept.attrs = rows.attrs
    return kept


def in_window(rows: Incidents, hotspot: Hotspot, time_zone: str | None) -> pd.Series:
    """Say which share of each row's time lies in the hours that a question asks of."""
    if hotspot.window is None:
        return pd.Series(1.0, index=rows.index)
    opens, _, closes = hotspot.window.partition(" to ")
    try:
        return shift_weights(
            rows,
            start=opens,
            end=closes,
            weekdays=hotspot.weekdays or None,
            time_zone=time_zone,
        )
    except InputError as error:
        raise InputError(
            f"[[hotspots]] '{hotspot.name}' asks of hours: {error.problem}", remedy=error.remedy
        ) from error


def windowed(
    project: Project, material: Material, hotspot: Hotspot, areas: Areas
) -> tuple[PlaceTally, PlaceTally]:
    """Fold the incidents of a question within its hours: weighed, and those that count whole.

    Raises
    ------
    InputError
        If the source has no times, or too many rows to tell them.
    """
    source = hotspot.incidents or project.incidents[0].name
    rows = timed_rows(project, material, source)
    if rows is None:
        raise InputError(
            f"[[hotspots]] '{hotspot.name}' asks of hours, and '{source}' has no start times that a"
            " run can hold",
            file=project.file,
            column="window",
            remedy="Map the column of the start, or take 'window' out.",
        )
    asked = asked_of(rows, hotspot, areas)
    if asked.empty:
        none = _tally(asked.assign(rows=0.0), rows)
        return none, none
    asked = asked.assign(rows=in_window(asked, hotspot, project.time_zone))
    whole = asked[asked["rows"] > MOSTLY].assign(rows=1)
    return _tally(asked[asked["rows"] > 0], rows), _tally(whole, rows)


def _tally(asked: Incidents, rows: Incidents) -> PlaceTally:
    """Add up what is at one place in one month."""
    keys = ["easting", "northing", "month", "category"]
    plain = pd.DataFrame(asked[[*keys, "rows"]])
    plain.attrs = {}
    told = plain.groupby(keys, observed=True, as_index=False)["rows"].sum()
    told.attrs["crs"] = rows.attrs["crs"]
    return told


def moments_of(project: Project, material: Material, hotspot: Hotspot, period: Period) -> Moments:
    """Tell times of day and near repeats of one question, as far as its data can carry them."""
    source = hotspot.incidents or project.incidents[0].name
    rows = timed_rows(project, material, source)
    if rows is None:
        why = "the data name no day" if not _begun(material, source) else "there are too many rows"
        return Moments(None, None, {"time of day": why, "near repeats": why})
    asked = asked_of(rows, hotspot, next(iter(material.areas.values())), period=period)
    if asked.empty:
        none = "no incident has a place and a day"
        return Moments(None, None, {"time of day": none, "near repeats": none})
    _tell_unplaced(material, hotspot, source, len(asked), period)
    _tell_midnight(material, hotspot, asked)
    can = answerable(asked)
    why_not = {str(name): str(row["why"]) for name, row in can.iterrows() if not row["can"]}
    hours = near = None
    if "time of day" not in why_not:
        hours = aoristic_hours(asked, time_zone=project.time_zone)
    asked = asked[in_window(asked, hotspot, project.time_zone) > MOSTLY]
    if "near repeats" not in why_not and len(asked) > MOST_PAIRED:
        why_not["near repeats"] = f"more than {MOST_PAIRED:,} incidents take minutes to pair"
    if "near repeats" not in why_not:
        try:
            near = near_repeats(asked)
        except InputError as error:
            why_not["near repeats"] = error.problem
    return Moments(hours, near, why_not)


def _tell_unplaced(
    material: Material, hotspot: Hotspot, source: str, timed: int, period: Period
) -> None:
    """Say so where rows were placed by a ladder, for those are not held one by one."""
    held = material.tallied[source].places
    if held is None:
        return
    keep = held["month"].between(period.first, period.last)
    if hotspot.categories:
        keep &= held["category"].isin(hotspot.categories)
    chosen = held[keep.to_numpy()]
    areas = next(iter(material.areas.values()))
    inside = locate_points(chosen["easting"], chosen["northing"], areas) >= 0
    every = int(chosen["rows"].to_numpy()[inside].sum())
    if every > timed:
        material.caution(
            f"{hotspot.name}: {every - timed:,} of {every:,} incidents have no coordinates of their"
            " own; hours and repeats are told without them."
        )


def _tell_midnight(material: Material, hotspot: Hotspot, asked: Incidents) -> None:
    """Say so where many times may be none: midnight or noon may stand for what is not known."""
    facts = data_resolution(asked).set_index("fact")
    for fact in ("at midnight exactly", "at noon exactly"):
        if fact in facts.index and facts.loc[fact, "consequence"]:
            material.caution(
                f"{hotspot.name}: {facts.loc[fact, 'share']:.0%} of the times are {fact}."
                f" {facts.loc[fact, 'consequence']}"
            )


def _begun(material: Material, source: str) -> bool:
    return any("start" in one.get("columns", {}) for one in material.tallied[source].sources)

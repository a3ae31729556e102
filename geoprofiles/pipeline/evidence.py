"""Evidence: all that is known of one hot-spot question, beyond its map and its clusters."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import pandas as pd

from geoprofiles.areas.locate import locate_points
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Cells, Places
from geoprofiles.hotspots.aoristic import MOSTLY
from geoprofiles.hotspots.at_risk import at_risk_from_areas, at_risk_on_places
from geoprofiles.hotspots.concentration import place_concentration
from geoprofiles.hotspots.repeat_victims import repeat_table
from geoprofiles.hotspots.resolution import answerable
from geoprofiles.hotspots.street_ranks import street_runs
from geoprofiles.hotspots.streets import count_on_streets
from geoprofiles.hotspots.units import count_places
from geoprofiles.pipeline.concentration import Concentration
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.moments import Moments, asked_of, in_window, moments_of, timed_rows
from geoprofiles.pipeline.pattern import Pattern, pattern_of
from geoprofiles.settings import Project

GROUND = 50.0
"""Metres between points of ground, where nothing is known to be at risk."""


@dataclass(frozen=True)
class Evidence:
    """One question of ``[[hotspots]]`` looked at from every side that its data allow."""

    spot: Concentration
    pattern: Pattern
    moments: Moments
    repeats: pd.DataFrame | None
    """Places by how many incidents each had, as :func:`repeat_table` gives them."""
    shares: pd.DataFrame
    """How few cells hold how much, beside chance, as :func:`place_concentration` gives them."""
    streets: geopandas.GeoDataFrame | None
    """The busiest runs of streets, as :func:`street_runs` gives them."""
    why_not: dict[str, str]
    """Method, as :func:`answerable` names it, to the reason why it was not used."""


def evidence_of(project: Project, material: Material, spot: Concentration) -> Evidence:
    """Look at a question from every side that its data allow."""
    hotspot, period = spot.hotspot, spot.period
    areas = next(iter(material.areas.values()))
    pattern = pattern_of(spot.held, period, spot.earlier, areas, since=spot.since)
    moments = moments_of(project, material, hotspot, period)
    source = hotspot.incidents or project.incidents[0].name
    held = material.tallied[source].places
    can = answerable(spot.held if held is None else held)
    why_not = dict(moments.why_not)
    for method in ("streets", "repeats at the same place"):
        if not can["can"][method]:
            why_not[method] = str(can["why"][method])
    repeats = None
    rows = timed_rows(project, material, source)
    if rows is None:
        why_not.setdefault("repeats at the same place", "the data name no day")
    elif "repeats at the same place" not in why_not:
        try:
            asked = asked_of(rows, hotspot, areas, period=period)
            within = in_window(asked, hotspot, project.time_zone) > MOSTLY
            repeats = repeat_table(asked[within])
        except InputError as error:
            why_not["repeats at the same place"] = error.problem
    streets = None
    if material.streets is None:
        why_not["streets"] = "the project names no streets"
    elif "streets" not in why_not:
        try:
            counted = count_on_streets(spot.places, material.streets, years=period.months / 12)
        except InputError as error:
            why_not["streets"] = error.problem
        else:
            streets = street_runs(counted)
            streets.attrs["note"] = f"{counted.attrs['note']} {streets.attrs['note']}"
    return Evidence(
        spot,
        pattern,
        moments,
        repeats,
        _shares(spot, pattern.cells, areas),
        streets,
        why_not,
    )


def _shares(spot: Concentration, cells: Cells, areas: Areas) -> pd.DataFrame:
    """Say how few cells hold how much, beside incidents dealt out by what is at risk.

    What is at risk is moved to the map points of the data, as incidents were; where nothing is
    known of it, it is ground.
    """
    counts = cells["count"].astype(int)
    held = cells["area_km2"]
    risk = spot.at_risk
    if spot.map_points is not None and risk is None:
        risk = at_risk_from_areas(areas, spacing=GROUND)
    if risk is not None:
        inside = locate_points(risk["easting"], risk["northing"], areas) >= 0
        kept = risk[inside].reset_index(drop=True)
        kept.attrs = risk.attrs
        if spot.map_points is not None:
            kept = at_risk_on_places(kept, _in_areas(spot.map_points, areas))
        held = count_places(kept, cells)
    some = (held > 0) | (counts > 0)
    return place_concentration(counts[some], at_risk=held[some])


def _in_areas(points: Places, areas: Areas) -> Places:
    inside = locate_points(points["easting"], points["northing"], areas) >= 0
    return points[inside].reset_index(drop=True)

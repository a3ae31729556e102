"""Charts of a hot-spot question: its map, its cells over time, its week."""

from __future__ import annotations

import geopandas
import pandas as pd

from geoprofiles.pipeline.concentration import Concentration
from geoprofiles.pipeline.evidence import Evidence
from geoprofiles.pipeline.material import Material
from geoprofiles.publish.backdrops import without_minor
from geoprofiles.publish.charts import Chart, Paint, chart_places, chart_week
from geoprofiles.publish.layers_cells import EMERGING
from geoprofiles.publish.style import FILLS, WARM, shades
from geoprofiles.words import listed

CLOSEST = 2500.0
"""Metres that a map of streets is wide, at the least."""


def map_of(one: Evidence, material: Material) -> Chart:
    """Draw density, and the clusters over it."""
    spot = one.spot
    areas = next(iter(material.areas.values()))
    bands = spot.bands.copy()
    levels = sorted(set(bands["level"]))
    ramp = dict(zip(levels, shades(len(levels), WARM), strict=True)) if levels else {}
    bands["paint"] = bands["level"].astype(str)
    paints = {
        str(level): Paint(WARM[ramp[level] - 1], str(label))
        for level, label in zip(bands["level"], bands["label"], strict=True)
    }
    sure = int(spot.clusters["significant"].astype(bool).sum())
    number = len(spot.clusters)
    found = f"{_clusters(sure)} beyond chance"
    if number > sure:
        found += f", {_clusters(number - sure)} that may be chance"
    name = spot.hotspot.name
    return chart_places(
        areas,
        title=f"{name}: {found}",
        subtitle=f"Density of incidents, {spot.period.words}, and clusters over it; the average is"
        f" {bands.attrs['average']:,.1f} incidents per km² per year",
        fills=bands if len(bands) else None,
        paints=paints,
        clusters=spot.clusters if number else None,
        context=without_minor(material.context),
        told=f"{_clusters(number)} in all; the table below says where each is.".capitalize(),
    )


def _clusters(number: int) -> str:
    return f"{number:,} cluster{'s' * (number != 1)}" if number else "no cluster"


def map_of_streets(spot: Concentration, runs: geopandas.GeoDataFrame, material: Material) -> Chart:
    """Draw the busiest runs of street."""
    areas = next(iter(material.areas.values()))
    west, south, east, north = runs.total_bounds
    # No nearer than shows some streets around, and not so near that nobody knows the place.
    wide = max(CLOSEST - max(east - west, north - south), 0.2 * (east - west)) / 2
    all_streets = {} if material.streets is None else {"Streets": material.streets}
    return chart_places(
        areas,
        title=f"{spot.hotspot.name}: the {len(runs)} busiest runs of street",
        subtitle=spot.period.words,
        lines=runs,
        context={**material.context, **all_streets},
        within=(west - wide, south - wide, east + wide, north + wide),
        told="The table below names them.",
    )


def map_over_time(one: Evidence, material: Material) -> Chart:
    """Draw the cells that have been hot or cold, by kind."""
    spot = one.spot
    areas = next(iter(material.areas.values()))
    cells = one.pattern.cells
    told = cells[cells["kind"] != "no pattern"].assign(paint=lambda frame: frame["kind"])
    paints = {
        name: Paint(FILLS[kind.colour], kind.words, kind.sign) for name, kind in EMERGING.items()
    }
    counts = told["kind"].value_counts()
    hot = counts[counts.index.str.endswith("hot spot")]
    counts = hot if len(hot) else counts
    first = listed(
        f"{number} {kind}{'s' * (number > 1)}" for kind, number in counts.head(3).items()
    )
    return chart_places(
        areas,
        title=f"{spot.hotspot.name}, cell by cell: {first}",
        subtitle=f"How hot cells of {one.pattern.side:,.0f} m have been in {one.pattern.steps}"
        f" steps of {one.pattern.months} month{'s' * (one.pattern.months > 1)} up to"
        f" {spot.period.words.rpartition(' to ')[2]}",
        fills=told,
        paints=paints,
        context=without_minor(material.context),
        told="The table below says how many cells are of each kind.",
    )


def week_of(spot: Concentration, hours: pd.DataFrame) -> Chart:
    """Draw hours and weekdays."""
    return chart_week(
        hours,
        title=f"{spot.hotspot.name} by hour and weekday, {spot.period.words}",
        subtitle="Each incident is spread evenly over the time in which it may have happened.",
    )

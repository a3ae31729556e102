"""Charts of a hot-spot question: its map, its cells over time, its week."""

from __future__ import annotations

import geopandas
import pandas as pd

from geoprofiles.hotspots.categories import NAMES
from geoprofiles.pipeline.concentration import Concentration
from geoprofiles.pipeline.evidence import Evidence
from geoprofiles.pipeline.material import Material
from geoprofiles.publish.charts import Chart, Paint, chart_places, chart_week
from geoprofiles.publish.style import COLD, WARM, shades
from geoprofiles.words import listed

CODES = {
    "new": "N", "consecutive": "C", "intensifying": "I", "persistent": "P", "diminishing": "D",
    "sporadic": "S", "oscillating": "O", "historical": "H",
}  # fmt: skip
"""The letter of each kind, which says the same as its colour."""

STEPS = {
    "new": 3, "consecutive": 4, "intensifying": 5, "persistent": 4, "diminishing": 2, "sporadic": 1,
    "oscillating": 2, "historical": 1,
}  # fmt: skip
"""How dark each kind is, 1 to 5."""


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
    found = f"{sure:,} of {number:,} clusters beyond chance" if number else "no cluster"
    name = spot.hotspot.name
    return chart_places(
        areas,
        title=f"{name}: {found}",
        subtitle=f"Density of incidents, {spot.period.words}, and clusters over it",
        fills=bands if len(bands) else None,
        paints=paints,
        clusters=spot.clusters if number else None,
        context=material.context,
        told=f"{number:,} clusters are outlined; the table below says where each is.",
    )


def map_of_streets(spot: Concentration, runs: geopandas.GeoDataFrame, material: Material) -> Chart:
    """Draw the busiest runs of street."""
    areas = next(iter(material.areas.values()))
    return chart_places(
        areas,
        title=f"{spot.hotspot.name}: the {len(runs)} busiest runs of street",
        subtitle=spot.period.words,
        lines=runs,
        context=material.context,
        told="The table below names them.",
    )


def map_over_time(one: Evidence, material: Material) -> Chart:
    """Draw the cells that have been hot or cold, by kind."""
    spot = one.spot
    areas = next(iter(material.areas.values()))
    cells = one.pattern.cells
    told = cells[cells["kind"] != "no pattern"].assign(paint=lambda frame: frame["kind"])
    paints = {
        f"{kind} {side}": Paint(ramp[STEPS[kind] - 1], f"{kind} {side}", mark + CODES[kind])
        for side, ramp, mark in (("hot spot", WARM, ""), ("cold spot", COLD, "c"))
        for kind in NAMES
    }
    counts = told["kind"].value_counts()
    first = listed(
        f"{number} {kind}{'s' * (number > 1)}" for kind, number in counts.head(3).items()
    )
    return chart_places(
        areas,
        title=f"{spot.hotspot.name}, cell by cell: {first}",
        subtitle=f"How hot cells of {one.pattern.side:,.0f} m have been in {one.pattern.steps}"
        f" steps of time up to {spot.period.words.rpartition(' to ')[2]}",
        fills=told,
        paints=paints,
        context=material.context,
        told="The table below says how many cells are of each kind.",
    )


def week_of(spot: Concentration, hours: pd.DataFrame) -> Chart:
    """Draw hours and weekdays."""
    return chart_week(
        hours,
        title=f"{spot.hotspot.name} by hour and weekday, {spot.period.words}",
        subtitle="Each incident is spread evenly over the time in which it may have happened.",
    )

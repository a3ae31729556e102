"""Layers from files that geoprofiles wrote, for the page of ``geoprofiles map``."""

from __future__ import annotations

from pathlib import Path

from geoprofiles.errors import InputError
from geoprofiles.model import HotspotLayer

NOT_TESTED = "Not tested against chance or against what is at risk."


def hotspot_layer(path: str) -> HotspotLayer:
    """Read clusters, density cells or density bands as a layer of the page."""
    from geoprofiles.hotspots.density import density_bands
    from geoprofiles.read.boundaries import read_shapes

    frame = read_shapes(path)
    name = Path(path).stem.replace("_", " ").capitalize()
    if {"count", "places", "outlined"} <= set(frame.columns):
        frame["outlined"] = frame["outlined"].astype(bool)
        numbers = frame.get("cluster", frame.index)
        frame["label"] = [f"Cluster {number}" for number in numbers]
        columns = {"count": "Incidents", "places": "Distinct places", "area_km2": "Area, km²"}
        return HotspotLayer(name, "clusters", frame, "incidents", columns, NOT_TESTED, shown=True)
    if {"density", "area_km2"} <= set(frame.columns):
        frame = density_bands(frame)
    if {"level", "label"} <= set(frame.columns):
        columns = {"lower": "From", "upper": "To", "area_km2": "Area, km²"}
        unit = "incidents per km² per year"
        return HotspotLayer(name, "density", frame, unit, columns, NOT_TESTED, shown=True)
    raise InputError(
        "this is no hot-spot layer",
        file=path,
        remedy="Make one with 'geoprofiles hotspots kde' or 'geoprofiles hotspots clusters'.",
    )

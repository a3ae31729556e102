"""What files of geoprofiles hold, told by their columns, and how each is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoprofiles.errors import InputError
from geoprofiles.model import HotspotLayer

if TYPE_CHECKING:
    import geopandas
    import pandas as pd

    from geoprofiles.frames import Areas
    from geoprofiles.publish.plans import PageWords, PanelPlan, Plan

SHAPES = (".geojson", ".json", ".gpkg", ".parquet", ".shp", ".zip")
"""Endings of files that hold shapes; all others are tables."""


@dataclass(frozen=True)
class Asked:
    """What the options of ``geoprofiles map`` ask for."""

    value: str | None = None
    indicator: str | None = None
    by: str | None = None
    beside: bool = False
    treated: tuple[str, ...] = ()
    names: tuple[str, str] = ("Before", "After")


def shape_kind(columns: set[str]) -> str | None:
    """Tell what a layer of shapes is, by its columns.

    Examples
    --------
    >>> shape_kind({"density", "area_km2"}), shape_kind({"kind", "count", "hot_steps"})
    ('density', 'emerging')
    >>> shape_kind({"name"}) is None
    True
    """
    for kind, needed in (
        ("risk", {"ratio", "p_map", "raised"}),
        ("contours", {"contour", "kind", "p_map"}),
        ("emerging", {"kind", "hot_steps"}),
        ("changes", {"before", "after", "ratio", "verdict"}),
        ("local", {"verdict", "q"}),
        ("clusters", {"count", "places", "outlined"}),
        ("clusters", {"radius_m", "significant"}),
        ("density", {"density", "area_km2"}),
        ("density", {"level", "label"}),
    ):
        if needed <= columns:
            return kind
    return None


def read_layer(path: str, layer: str | None = None) -> tuple[str, geopandas.GeoDataFrame]:
    """Read shapes of geoprofiles, and tell what they are."""
    from geoprofiles.read.boundaries import read_shapes

    frame = read_shapes(path, layer=layer)
    kind = shape_kind(set(frame.columns))
    if kind is None:
        raise InputError(
            "this is no hot-spot layer",
            file=path,
            remedy="Make one with 'geoprofiles hotspots', such as 'hotspots kde' or 'hotspots"
            " clusters'; figures by area are drawn from a CSV file.",
        )
    return kind, frame


def hotspot_layers(path: str) -> list[HotspotLayer]:
    """Read a file as layers that lie over areas."""
    from dataclasses import replace

    kind, frame = read_layer(path)
    name = Path(path).stem.replace("_", " ").capitalize()
    layers = layers_of(kind, frame)
    if len(layers) == 1:
        return [replace(layers[0], name=name)]
    return [replace(one, name=f"{name}: {one.name.lower()}") for one in layers]


def layers_of(kind: str, frame: geopandas.GeoDataFrame) -> list[HotspotLayer]:
    """Make the layers of one kind of shapes."""
    from geoprofiles.publish import layers_cells

    if "outlined" in frame.columns:
        frame = frame.assign(outlined=frame["outlined"].astype(bool))
    if kind == "risk":
        return layers_cells.risk_layers(frame)
    makers: Mapping[str, Any] = {
        "contours": layers_cells.contour_layer,
        "emerging": layers_cells.emerging_layer,
        "changes": layers_cells.change_cells_layer,
        "local": layers_cells.local_layer,
        "clusters": layers_cells.cluster_layer,
        "density": layers_cells.density_layer,
    }
    return [makers[kind](frame)]


def shape_plan(areas: Areas, path: str, layer: str | None, words: PageWords) -> Plan:
    """Plan the map of a file of shapes."""
    from geoprofiles.publish import spot_plans

    kind, frame = read_layer(path, layer)
    plans: Mapping[str, Any] = {
        "risk": spot_plans.risk_plan,
        "emerging": spot_plans.emerging_plan,
        "local": spot_plans.local_plan,
        "clusters": spot_plans.cluster_plan,
        "density": spot_plans.density_plan,
    }
    if kind in plans:
        return plans[kind](areas, frame, words)
    return spot_plans.found_plan(areas, layers_of(kind, frame), words)


def table_plan(
    areas: Areas, table: pd.DataFrame, asked: Asked, words: PageWords
) -> Plan | PanelPlan:
    """Plan the map of a table of figures by area, by what its columns are."""
    from geoprofiles.publish import layers_areas, panels
    from geoprofiles.publish.plans import plan_of

    columns = set(table.columns)
    changed = {"before", "after", "ratio", "verdict"} <= columns
    if asked.by is not None:
        return panels.period_panels(
            areas, table, words, indicator=asked.indicator, by=asked.by,
            value=asked.value or "value",
        )  # fmt: skip
    if asked.treated or asked.beside:
        if not changed:
            raise InputError(
                "two periods are drawn beside each other from changes, which this is not",
                remedy="Make them with 'geoprofiles change'.",
            )
        if asked.treated:
            return panels.before_after_panels(
                areas, table, words, treated=asked.treated, category=asked.indicator,
                names=asked.names,
            )  # fmt: skip
        return panels.two_period_panels(
            areas, table, words, category=asked.indicator, names=asked.names
        )
    table = one_of(table, asked.indicator)
    if changed and asked.value is None:
        layers = layers_areas.change_layers(areas, table)
    else:
        if {"month", "count"} <= columns and asked.value is None and "value" not in columns:
            table, value = layers_areas.summed(table), "count"
        else:
            value = asked.value or "value"
        layers = layers_areas.rate_layers(areas, table, value=value)
        if "verdict" in columns and asked.value is None:
            layers += layers_areas.significance_layers(areas, table)
    return plan_of(layers, (), words, title=layers_areas.title_of(layers))


def one_of(table: pd.DataFrame, wanted: str | None) -> pd.DataFrame:
    """Take the rows of one indicator or category, where one is asked for."""
    from geoprofiles.words import nearest

    if wanted is None:
        return table
    by = next((one for one in ("indicator", "category") if one in table.columns), None)
    names = [] if by is None else [str(one) for one in table[by].unique()]
    if wanted not in names:
        raise InputError(f"there is no figure '{wanted}'", remedy=nearest(wanted, names))
    return table[table[by].astype(str) == wanted]

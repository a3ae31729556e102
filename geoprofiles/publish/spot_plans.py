"""Plans of maps of hot spots: a layer of outlines, what lies over it, and a title that says it."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas

from geoprofiles.frames import Areas, Cells, Places
from geoprofiles.hotspots.categories import NO_PATTERN
from geoprofiles.model import HotspotLayer
from geoprofiles.publish import layers_cells
from geoprofiles.publish.layers_areas import plain_layer
from geoprofiles.publish.plans import PageWords, Plan, plan_of
from geoprofiles.words import listed


def density_plan(
    areas: Areas,
    cells: Cells,
    words: PageWords,
    *,
    clusters: geopandas.GeoDataFrame | None = None,
) -> Plan:
    """Plan density bands, and clusters over them."""
    layers = [layers_cells.density_layer(cells)]
    title = _densest(areas, layers[0])
    if clusters is not None:
        layers.append(layers_cells.cluster_layer(clusters))
        title = f"Density of incidents; {clusters_words(layers[-1])}"
    return _over(areas, layers, words, title=title)


def _densest(areas: Areas, layer: HotspotLayer) -> str:
    """Say where the densest band is."""
    bands = layer.shapes
    if bands.empty:
        return "No density to show"
    top = bands.sort_values("level").iloc[[-1]].to_crs(areas.crs)
    reached = areas.loc[areas.intersects(top.geometry.iloc[0]), "area_name"].astype(str)
    where = f" in {listed(reached, most=3)}" if len(reached) else ""
    return f"Densest{where}: {top['label'].iloc[0]}"


def cluster_plan(areas: Areas, clusters: geopandas.GeoDataFrame, words: PageWords) -> Plan:
    """Plan clusters, or circles of a scan."""
    layer = layers_cells.cluster_layer(clusters)
    found = clusters_words(layer)
    return _over(areas, [layer], words, title=found[:1].upper() + found[1:])


def clusters_words(layer: HotspotLayer) -> str:
    """Say how many clusters there are, and how many of them may be chance."""
    shapes = layer.shapes
    what = "circle" if "radius_m" in shapes.columns else "cluster"
    if "significant" not in shapes.columns:
        return f"{_number(len(shapes), what)}, not tested against chance"
    sure = int(shapes["significant"].astype(bool).sum())
    found = f"{_number(sure, what)} beyond chance"
    if len(shapes) > sure:
        found += f", {_number(len(shapes) - sure, what)} that may be chance"
    return found


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}" if number else f"no {what}"


def emerging_plan(areas: Areas, cells: Cells, words: PageWords) -> Plan:
    """Plan cells by how hot they have been over time."""
    layer = layers_cells.emerging_layer(cells)
    found = emerging_words(cells)
    return _over(areas, [layer], words, title=f"Cells over time: {found}")


def emerging_words(cells: Cells) -> str:
    """Say which kinds most cells are of, hot ones before cold."""
    kinds = cells["kind"].dropna()
    counts = kinds[kinds != NO_PATTERN].value_counts()
    hot = counts[counts.index.str.endswith("hot spot")]
    counts = hot if len(hot) else counts
    if counts.empty:
        return "no cell shows a pattern"
    return listed(f"{number:,} {kind}{'s' * (number > 1)}" for kind, number in counts[:3].items())


def local_plan(areas: Areas, cells: Cells, words: PageWords) -> Plan:
    """Plan cells that stand out with their neighbours."""
    layer = layers_cells.local_layer(cells)
    kinds = layer.shapes["verdict"].astype(str).value_counts()
    found = listed(f"{number:,} {kind}" for kind, number in kinds.items()) or "none"
    return _over(
        areas, [layer], words,
        title=f"Cells that stand out with their neighbours: {found}",
    )  # fmt: skip


def risk_plan(areas: Areas, cells: Cells, words: PageWords) -> Plan:
    """Plan a surface of relative risk and what of it is beyond chance."""
    layers = layers_cells.risk_layers(cells)
    kinds = layers[0].shapes["class"].value_counts()
    found = (
        f"{_number(int(kinds.get('raised map', 0)), 'cell')} raised and"
        f" {_number(int(kinds.get('lowered map', 0)), 'cell')} lowered beyond chance"
    )
    return _over(areas, layers, words, title=f"Relative risk: {found}")


def found_plan(areas: Areas, layers: Sequence[HotspotLayer], words: PageWords) -> Plan:
    """Plan other cells: their title says how many are of each class."""
    first = layers[0]
    counts = first.shapes["class"].value_counts()
    found = listed(
        f"{int(counts[name]):,} {one.words}"
        for name, one in first.classes.items()
        if name in counts.index
    )
    return _over(areas, layers, words, title=f"{first.name}: {found or 'none'}")


def points_plan(
    areas: Areas,
    places: Places,
    words: PageWords,
    *,
    cell: float | None = None,
    fewest: int = layers_cells.FEWEST,
    at_map_points: bool = False,
) -> Plan:
    """Plan incidents at a precision that tells of nobody."""
    layer = layers_cells.points_layer(
        places, areas, cell=cell, fewest=fewest, at_map_points=at_map_points
    )
    most = int(layer.shapes["count"].max()) if len(layer.shapes) else 0
    where = "map point" if "map point" in layer.unit else "square"
    title = f"{layer.name}: at most {most:,} at one {where}"
    if where == "square":
        title = f"{layer.name} in {layer.unit.partition('in ')[2]}: at most {most:,} in one"
    return _over(areas, [layer], words, title=title, notes=[layer.note])


def _over(
    areas: Areas,
    layers: Sequence[HotspotLayer],
    words: PageWords,
    *,
    title: str,
    notes: Sequence[str] = (),
) -> Plan:
    """Lay hot spots over outlines, which say how many of them each area holds."""
    about: PageWords = {**words, "notes": [*words.get("notes", ()), *notes]}
    base = plain_layer(areas, layers[-1], finding=f"{title.rstrip('.')}.")
    return plan_of([base], layers, about, title=title)

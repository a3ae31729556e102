"""Hot-spot layers from finished frames: density, clusters, and cells by what was found of them."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas
import numpy as np
import pandas as pd

from geoprofiles.areas.classes import class_breaks
from geoprofiles.checks import check_positive
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Cells, Places, check_columns
from geoprofiles.hotspots.categories import NAMES, NO_PATTERN
from geoprofiles.hotspots.density import density_bands
from geoprofiles.hotspots.grid import grid_over
from geoprofiles.hotspots.resolution import map_points
from geoprofiles.hotspots.units import count_places
from geoprofiles.model import HotspotLayer, MapClass
from geoprofiles.publish import figures
from geoprofiles.publish.layers_areas import CHANGES, change_class
from geoprofiles.publish.style import WARM, shades

NOT_TESTED = "Not tested against chance or against what is at risk."

CODES = {
    "new": "N", "consecutive": "C", "intensifying": "I", "persistent": "P", "diminishing": "D",
    "sporadic": "S", "oscillating": "O", "historical": "H",
}  # fmt: skip
"""The letter of each kind, which says the same as its colour; of cold spots a small one."""

STEPS = {
    "new": 3, "consecutive": 4, "intensifying": 5, "persistent": 4, "diminishing": 2, "sporadic": 1,
    "oscillating": 2, "historical": 1,
}  # fmt: skip
"""How dark each kind is, 1 to 5."""

EMERGING = {
    f"{kind} {side}": MapClass(f"{kind} {side}", f"{ramp}{STEPS[kind]}", code(CODES[kind]))
    for side, ramp, code in (("hot spot", "d", str.upper), ("cold spot", "e", str.lower))
    for kind in NAMES
}
"""Kinds of cells over time."""

LOCAL = {
    "hot 99": MapClass("hot: beyond chance at 1%", "d5", "H"),
    "hot": MapClass("hot: beyond chance at 5%", "d3", "H"),
    "high among high": MapClass("high among high", "d4", "HH"),
    "high among low": MapClass("high among low", "d2", "HL"),
    "low among high": MapClass("low among high", "e2", "LH"),
    "low among low": MapClass("low among low", "e4", "LL"),
    "cold": MapClass("cold: beyond chance at 5%", "e3", "c"),
    "cold 99": MapClass("cold: beyond chance at 1%", "e5", "c"),
}
"""Cells that stand out with their neighbours, or against them."""

RISK = {
    "raised map": MapClass("raised beyond chance, having looked everywhere", "d5", "▲"),
    "raised": MapClass("raised beyond chance in this cell alone", "d2", "△"),
    "lowered": MapClass("lowered beyond chance in this cell alone", "e2", "▽"),
    "lowered map": MapClass("lowered beyond chance, having looked everywhere", "e5", "▼"),
    "masked": MapClass("too little at risk to say", "m2", "?"),
}

RATIOS = {
    "3": MapClass("3 times the average risk or more", "d5"),
    "2": MapClass("2 to 3 times", "d3"),
    "1.5": MapClass("1.5 to 2 times", "d1"),
    "1": MapClass("about average: from two thirds to 1.5 times", "m1"),
    "0.67": MapClass("half to two thirds", "e1"),
    "0.5": MapClass("a third to half", "e3"),
    "0.33": MapClass("less than a third", "e5"),
}
"""Steps of relative risk by their lower bound, but for the last."""

SURE_MAP = 0.05
"""Of the most unusual cell of a whole map, the probability up to which it is beyond chance."""

COARSE, FINEST = 250.0, 100.0
"""Metres of a cell of counts where not said, and the least: in a town of 1,500 homes a km² the
one holds some 90 homes and the other 15, so that no cell tells of one home."""

FEWEST = 3
"""Incidents that a cell must hold to be shown."""


def density_layer(cells: Cells, *, name: str = "Density") -> HotspotLayer:
    """Make bands of density cells, or take bands as they are."""
    bands = cells
    if "level" not in cells.columns:
        check_columns(cells, ["density", "area_km2"], what="The cells")
        bands = density_bands(cells)
    return HotspotLayer(
        name=name,
        kind="density",
        shapes=bands,
        unit="incidents per km² per year",
        columns={"lower": "From", "upper": "To", "area_km2": "Area, km²"},
        note="A density shows where incidents lie thickly; it is not tested.",
        shown=True,
    )


CLUSTER_COLUMNS = {
    "count": "Incidents", "incidents": "Incidents", "expected": "Expected by what is at risk",
    "ratio": "Times as many", "p": "Probability by chance", "status": "Standing",
    "places": "Distinct places", "radius_m": "Radius, m", "area_km2": "Area, km²",
    "first_day": "First day", "last_day": "Last day",
}  # fmt: skip


def cluster_layer(clusters: geopandas.GeoDataFrame, *, name: str = "Clusters") -> HotspotLayer:
    """Make a layer of clusters, or of circles of a scan; those that may be chance are dashed."""
    frame = clusters.copy()
    for index in ("cluster", "rank"):
        if index in frame.columns:
            frame = frame.set_index(index)
    what = "Circle" if "radius_m" in frame.columns else "Cluster"
    tested = "significant" in frame.columns
    sure = frame["significant"].astype(bool) if tested else pd.Series(True, index=frame.index)
    numbers = frame.index if frame.index.name in {"cluster", "rank"} else range(1, len(frame) + 1)
    frame["label"] = [
        f"{what} {number}" + ("" if one else ": may be chance")
        for number, one in zip(numbers, sure, strict=True)
    ]
    note = str(clusters.attrs.get("note", "")) or (
        "Dashed outlines may be chance." if tested else NOT_TESTED
    )
    return HotspotLayer(
        name=name,
        kind="clusters",
        shapes=frame,
        unit="incidents",
        columns={one: text for one, text in CLUSTER_COLUMNS.items() if one in frame.columns},
        note=note,
        shown=True,
    )


def emerging_layer(cells: Cells, *, name: str = "Cells over time") -> HotspotLayer:
    """Make a layer of cells by how hot they have been over time; those of no pattern are left."""
    check_columns(cells, ["kind"], what="The cells")
    told = cells[cells["kind"].notna() & (cells["kind"] != NO_PATTERN)]
    return _cell_layer(
        told.assign(**{"class": told["kind"]}),
        EMERGING,
        name=name,
        unit="by how hot each cell has been, step by step",
        columns={
            "kind": "Kind", "description": "In words", "count": "Incidents",
            "hot_steps": "Hot steps", "cold_steps": "Cold steps",
        },
        note=str(cells.attrs.get("note", "")),
    )  # fmt: skip


def local_layer(cells: Cells, *, name: str = "Hot and cold cells") -> HotspotLayer:
    """Make a layer of cells or areas that stand out with their neighbours; others are left."""
    check_columns(cells, ["verdict"], what="The cells")
    verdict = cells["verdict"].astype(object)
    sure = cells["q"].astype(float) <= 0.01 if "q" in cells else pd.Series(False, cells.index)
    named = [
        f"{one} 99" if one in {"hot", "cold"} and is_sure else one
        for one, is_sure in zip(verdict, sure, strict=True)
    ]
    cells = cells.assign(**{"class": named})
    told = cells[cells["class"].isin(LOCAL)]
    return _cell_layer(
        told,
        LOCAL,
        name=name,
        unit="against chance, with their neighbours"
        + (", by what is expected of those at risk" if "expected" in cells else ""),
        columns={
            "verdict": "Verdict", "value": "Value", "count": "Incidents", "expected": "Expected",
            "z": "z", "q": "q",
        },
        note=str(cells.attrs.get("note", "")),
    )  # fmt: skip


def risk_layers(cells: Cells) -> list[HotspotLayer]:
    """Make layers of relative risk: what is beyond chance, and the surface itself."""
    needed = ["ratio", "p", "p_map", "raised", "lowered"]
    check_columns(cells, needed, what="The cells")
    ratio = cells["ratio"].astype(float)
    sure = cells["p_map"].astype(float) <= float(cells.attrs.get("alpha", SURE_MAP))
    raised, lowered = (cells[one].fillna(False).astype(bool) for one in ("raised", "lowered"))
    found = np.select(
        [ratio.isna(), raised & sure, raised, lowered & sure, lowered],
        ["masked", "raised map", "raised", "lowered map", "lowered"],
        "",
    )
    keys = np.array(list(RATIOS)[::-1])
    steps = keys[np.searchsorted(_BOUNDS, ratio.fillna(1.0), side="right")]
    note = str(cells.attrs.get("note", ""))
    columns = {
        "ratio": "Times the average risk", "observed": "Observed per km²",
        "expected": "Expected per km²", "p": "p, this cell", "p_map": "p, whole map",
    }  # fmt: skip
    beyond = cells.assign(**{"class": found})
    surface = cells.assign(**{"class": steps})[ratio.notna()]
    return [
        _cell_layer(
            beyond[beyond["class"] != ""], RISK, name="Risk beyond chance",
            unit="against what is at risk", columns=columns, note=note,
        ),
        _cell_layer(
            surface, RATIOS, name="Relative risk", unit="times the average risk", shown=False,
            columns=columns, note=note,
        ),
    ]  # fmt: skip


def contour_layer(contours: geopandas.GeoDataFrame) -> HotspotLayer:
    """Make a layer of the outlines of where risk is raised or lowered."""
    check_columns(contours, ["kind", "significant"], what="The outlines")
    sure = contours["significant"].astype(bool)
    found = [
        f"{kind} map" if one else str(kind)
        for kind, one in zip(contours["kind"], sure, strict=True)
    ]
    return _cell_layer(
        contours.assign(**{"class": found}), RISK, name="Risk beyond chance",
        unit="against what is at risk",
        columns={"kind": "Risk", "ratio": "Times the average risk, at most or least",
                 "p_map": "p, whole map", "area_km2": "Area, km²"},
        what="Patch",
    )  # fmt: skip


def change_cells_layer(cells: Cells) -> HotspotLayer:
    """Make a layer of cells that hold more or fewer than before; others are left."""
    check_columns(cells, ["before", "after", "ratio", "verdict"], what="The cells")
    found = [
        change_class(*one)
        for one in zip(cells["verdict"], cells["ratio"].astype(float), strict=True)
    ]
    told = cells.assign(**{"class": found})
    told = told[told["class"].isin([one for one in CHANGES if one[-1] in "123"])]
    return _cell_layer(
        told, CHANGES, name="Cells that changed", unit="more or fewer than before, beyond chance",
        columns={"verdict": "Verdict", "before": "Before", "after": "After", "ratio": "Times",
                 "lower": "At least", "upper": "At most", "q": "q"},
        note=str(cells.attrs.get("note", "")),
    )  # fmt: skip


_BOUNDS = np.array([1 / 3, 0.5, 2 / 3, 1.5, 2.0, 3.0])
"""Between the steps of RATIOS, from its last to its first."""


def points_layer(
    places: Places,
    areas: Areas,
    *,
    cell: float | None = None,
    fewest: int = FEWEST,
    at_map_points: bool = False,
) -> HotspotLayer:
    """Count incidents on a grid coarse enough to tell of nobody, or show a source's map points."""
    if at_map_points:
        if map_points(places) is None:
            raise InputError(
                "these incidents stand on no map points of their source: each would be shown where"
                " it was",
                remedy="Leave out 'at_map_points': they are then counted in squares.",
            )
        return _map_points(places, areas)
    side = COARSE if cell is None else float(cell)
    check_positive(side, "cell")
    if side < FINEST:
        raise InputError(
            f"cells of {side:,.0f} m would tell of single homes",
            remedy=f"Give cells of {FINEST:,.0f} m or more.",
        )
    if fewest < 1:
        raise InputError(f"'fewest' must be at least 1; it is {fewest!r}")
    grid = grid_over(areas, cell=side)
    counts = count_places(places, grid)
    held = grid.assign(count=counts)[counts > 0]
    shown = held[held["count"] >= fewest]
    withheld = len(held) - len(shown)
    note = f"Counted in squares of {side:,.0f} m, so that no place is shown exactly."
    if withheld:
        cells = "square is" if withheld == 1 else "squares are"
        note += f" {withheld:,} {cells} left out: fewer than {fewest:,} incidents."
    classes, keys = _classes_of_counts(shown["count"])
    return _cell_layer(
        shown.assign(**{"class": keys}), classes, name="Incidents",
        unit=f"incidents in {side:,.0f} m squares",
        columns={"count": "Incidents"}, note=note,
    )  # fmt: skip


def _map_points(places: Places, areas: Areas) -> HotspotLayer:
    """Show the points to which the source itself moved incidents, as discs by their count."""
    points = geopandas.GeoDataFrame(
        {"count": places["count"].to_numpy()},
        geometry=geopandas.points_from_xy(places["easting"], places["northing"]),
        crs=places.attrs.get("crs", areas.crs),
    ).to_crs(areas.crs)
    west, south, east, north = areas.total_bounds
    largest = max(east - west, north - south) / 90
    radius = largest * np.sqrt(points["count"] / max(points["count"].max(), 1))
    points["geometry"] = points.buffer(np.maximum(radius, largest / 6), quad_segs=6)
    points = points.sort_values("count", ascending=False, kind="stable")
    points.index = pd.RangeIndex(1, len(points) + 1, name="point")
    classes, keys = _classes_of_counts(points["count"])
    note = (
        "The source moved incidents to these map points; a point is not an address. The area of"
        " a disc goes with its count."
    )
    return _cell_layer(
        points.assign(**{"class": keys}), classes, name="Incidents at map points",
        unit="incidents at each map point", columns={"count": "Incidents"}, note=note,
        what="Map point",
    )  # fmt: skip


def _classes_of_counts(counts: pd.Series) -> tuple[dict[str, MapClass], list[str]]:
    values = counts.to_numpy(dtype=float)
    breaks = class_breaks(values)
    words = figures.class_words(values, breaks)
    ramp = shades(len(words), WARM) if words else []
    classes = {
        str(place): MapClass(word, f"d{step}")
        for place, (step, word) in enumerate(zip(ramp, words, strict=True))
    }
    return classes, [str(one) for one in figures.classify(values, breaks)] if words else []


def _cell_layer(
    cells: geopandas.GeoDataFrame,
    classes: Mapping[str, MapClass],
    *,
    name: str,
    unit: str,
    columns: Mapping[str, str],
    note: str = "",
    shown: bool = True,
    what: str = "Cell",
) -> HotspotLayer:
    """Assemble cells, those of the first class first."""
    order = {key: place for place, key in enumerate(classes)}
    cells = cells.sort_values("class", key=lambda one: one.map(order), kind="stable")
    if "area_name" in cells.columns:
        labels = cells["area_name"].astype(str)
    else:
        labels = [f"{what} {one}" for one in cells.get("cell", pd.Series(cells.index))]
    return HotspotLayer(
        name=name,
        kind="cells",
        shapes=cells.assign(label=list(labels)),
        unit=unit,
        columns={one: text for one, text in columns.items() if one in cells.columns},
        note=note,
        shown=shown,
        classes=classes,
    )

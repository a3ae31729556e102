"""Products: the files of a run, as bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas
import pandas as pd

from geoprofiles.areas.classes import class_breaks
from geoprofiles.frames import Cells
from geoprofiles.model import AreaLayer, HotspotLayer, Source, Tiles
from geoprofiles.pipeline.concentration import DENSITY_NOTE, EDGE, TESTED_NOTE, Concentration
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.profiles import kinds_with_pages
from geoprofiles.publish.content import Page, build_page
from geoprofiles.publish.document import Document
from geoprofiles.publish.geodata import render_geojson, render_geopackage
from geoprofiles.publish.layers_cells import emerging_layer
from geoprofiles.publish.pages import map_document
from geoprofiles.publish.plans import with_tiles
from geoprofiles.publish.tiles import warn_of
from geoprofiles.settings import Project
from geoprofiles.words import period_words, plural, slug, slugs

MOST_AREAS_ON_MAP = 400
MANY_AREAS = 40
LAYERS_FOR_MANY = 2
"""Kinds with more than MANY_AREAS areas show so many rates on the map, to keep the page light."""

Files = dict[str, bytes | Document]
"""Name to content; a page is a document until the end, when it gets its forms."""


def notes_of(material: Material, *, kind: str | None = None) -> list[str]:
    """Return what readers of the products, or of those of one kind of area, should know."""
    notes = [
        "Rates are crude rates with 95% limits: exact Poisson below 10 incidents, Byar's from 10."
        " Proportions have Wilson limits. A rank of 1 is the highest value.",
        "Each area is tested against the rest of the areas, with at most 5% of what is found in a"
        " figure expected to be false. Areas mostly do differ: one is called higher or lower only"
        " where it differs by more than areas differ anyway.",
        "Limits of a rank say which places the area may hold: where they are wide, areas cannot be"
        " put in order.",
    ]
    facts = [one for tallied in material.tallied.values() for one in tallied.sources]
    if any("place" in one["columns"] for one in facts):
        notes.append(
            "Areas are those in which the published map point lies, which may be on a border."
        )
    return [*notes, *material.cautions_of(kind)]


def sources_of(project: Project) -> list[Source]:
    """Return the sources to name at the foot of products."""
    return [Source(one.name, one.licence, one.attribution) for one in project.sources]


def credits_of(project: Project) -> list[str]:
    """Return the lines that licences ask for."""
    return [
        ". ".join(filter(None, (one.name, one.licence, one.attribution)))
        for one in sources_of(project)
    ]


def hotspot_files(concentrations: Sequence[Concentration], cells: Sequence[Cells] = ()) -> Files:
    """Make the hot-spot layers: one GeoPackage, and GeoJSON for each layer.

    `cells` are those of each question that were tested one by one; the GeoPackage has them.
    """
    files: Files = {}
    layers: dict[str, geopandas.GeoDataFrame] = {}
    names = slugs([one.hotspot.name for one in concentrations])
    for at, one in enumerate(concentrations):
        name = names[one.hotspot.name]
        for what, frame in (
            ("density", one.cells[one.cells["density"] > 0]),
            ("density_bands", one.bands),
            ("clusters", one.clusters),
        ):
            if what != "density":
                files[f"hotspots/{name}_{what}.geojson"] = render_geojson(frame)
            if len(frame):
                layers[f"{name}_{what}"] = frame
        if at < len(cells):
            layers[f"{name}_cells"] = cells[at]
    if layers:
        files["hotspots/hotspots.gpkg"] = render_geopackage(layers)
    return files


def map_files(
    project: Project,
    material: Material,
    figures: Sequence[Figures],
    concentrations: Sequence[Concentration],
    cells: Sequence[Cells] = (),
) -> Files:
    """Make the page of the map, with links to the others."""
    page = page_of_run(project, material, figures, concentrations, cells)
    spots = slugs([one.hotspot.name for one in concentrations])
    links = [(f"Hot spots: {name}", f"hotspots/{file}.html") for name, file in spots.items()]
    links.insert(0, ("Dashboard", "index.html"))
    links += [
        (f"Profiles of {plural(kind)}", f"profiles/{slug(plural(kind))}/index.html")
        for kind in kinds_with_pages(project, material)
    ]
    document = map_document(replace(page, links=tuple(links)))
    # The dashboard has the bare title: tabs and bookmarks must tell the two apart.
    return {"map.html": replace(document, title=f"Map of all layers: {document.title}")}


def page_of_run(
    project: Project,
    material: Material,
    figures: Sequence[Figures],
    concentrations: Sequence[Concentration],
    cells: Sequence[Cells] = (),
) -> Page:
    """Work out the page of a run: what map_areas shows, without the time folium takes to load."""
    kinds = kinds_on_map(project, material)
    by_kind = {one.kind: one for one in figures}
    layers = [layer for kind in kinds for layer in _area_layers(material, by_kind[kind])]
    hotspots: list[HotspotLayer] = []
    for place, one in enumerate(concentrations):
        hotspots += hotspot_layers(one)
        if place < len(cells) and "kind" in cells[place]:
            hotspots.append(_emerging_layer(one, cells[place]))
    notes = [*project.notes, *notes_of(material)]
    if concentrations:
        notes += [TESTED_NOTE, EDGE]
    page = build_page(
        layers,
        hotspots=hotspots,
        title=project.title,
        subtitle=project.subtitle,
        notes=notes,
        sources=sources_of(project),
        context=material.context,
    )
    if project.tiles is None:
        return page
    tiles = Tiles(project.tiles.address, project.tiles.attribution)
    for said in warn_of(tiles):
        material.caution(f"map.html: {said}.")
    return with_tiles(page, tiles)


def kinds_on_map(project: Project, material: Material) -> list[str]:
    """Return the kinds of area that pages with maps show."""
    if project.map:
        return list(project.map)
    kinds = [kind for kind, areas in material.areas.items() if len(areas) <= MOST_AREAS_ON_MAP]
    chosen = kinds or [min(material.areas, key=lambda kind: len(material.areas[kind]))]
    material.choose("map", chosen, f"area kinds of at most {MOST_AREAS_ON_MAP} areas")
    return chosen


def _area_layers(material: Material, figures: Figures) -> list[AreaLayer]:
    areas = material.areas[figures.kind]
    many = len(areas) > MANY_AREAS
    names = figures.rates[:LAYERS_FOR_MANY] if many else figures.rates
    return [area_layer_of(areas, figures, name) for name in names]


def area_layer_of(areas: geopandas.GeoDataFrame, figures: Figures, name: str) -> AreaLayer:
    """Make the layer of one rate; of its count where nothing is at risk."""
    rows = figures.figures
    rows = rows[rows["indicator"] == name].drop_duplicates("area_code").set_index("area_code")
    wanted = ["value", "lower", "upper", "count", "denominator", "rank"]
    frame = areas[["area_name", "geometry"]].join(rows[wanted].astype(float))
    frame["ranks"] = [_ranks(*pair) for pair in zip(*_rank_limits(rows, areas), strict=True)]
    frame["verdict"] = rows["verdict"].reindex(areas.index).astype(object)
    unit, period = str(rows["unit"].iloc[0]), str(rows["period"].iloc[0])
    rated = bool(frame["value"].notna().any())
    value = "value" if rated else "count"
    columns = {"count": "Incidents"}
    if rated:
        of = unit.split(" ", 2)[-1]
        columns = {
            "value": "Rate",
            "lower": "Lower limit",
            "upper": "Upper limit",
            "count": "Incidents",
            "denominator": of.capitalize(),
            "rank": "Rank",
            "ranks": "Rank may be",
            "verdict": "Against the rest",
        }
    return AreaLayer(
        name=name,
        kind=figures.kind,
        areas=frame,
        value=value,
        unit=f"{unit}, {period}" if rated else f"incidents, {period}",
        columns=columns,
        breaks=class_breaks(frame[value]),
        polarity="high is bad",
    )


def _rank_limits(rows: pd.DataFrame, areas: geopandas.GeoDataFrame) -> list[pd.Series]:
    return [rows[f"rank_{end}"].reindex(areas.index) for end in ("lower", "upper")]


def _ranks(low: Any, high: Any) -> str | None:
    """Write the limits of a rank: one place, or from one to another."""
    if pd.isna(low):
        return None
    return f"{int(low)}" if low == high else f"{int(low)} to {int(high)}"


def hotspot_layers(one: Concentration) -> list[HotspotLayer]:
    """Make the layers of one question: bands of density, and tested clusters."""
    name, period = one.hotspot.name, one.period.words
    layers = [
        HotspotLayer(
            name=f"{name}: density",
            kind="density",
            shapes=one.bands,
            unit="incidents per km² per year",
            columns={"lower": "From", "upper": "To", "area_km2": "Area, km²"},
            note=f"{one.kernel_words}; {period}. {DENSITY_NOTE}",
            shown=False,
        )
    ]
    clusters = one.clusters.copy()
    clusters["label"] = [
        f"{name}, cluster {number}"
        + ("" if outlined else " (single map point)")
        + ("" if sure else ": may be chance")
        for number, outlined, sure in zip(
            clusters.index, clusters["outlined"], clusters["significant"], strict=True
        )
    ]
    clusters["months"] = [
        period_words(first, last)
        for first, last in zip(clusters["first_month"], clusters["last_month"], strict=True)
    ]
    clusters["percent"] = clusters["share"] * 100
    layers.append(
        HotspotLayer(
            name=f"{name}: clusters",
            kind="clusters",
            shapes=clusters,
            unit="incidents",
            columns={
                # What is read first stands first: a pointer's note has room for six.
                "count": "Incidents",
                "expected": "Expected by what is at risk",
                "p": "Probability by chance",
                "status": "Standing",
                "before": f"Incidents in {one.earlier.words}" if one.earlier else "Before",
                "percent": "Share of all, %",
                "places": "Distinct places",
                "area_km2": "Area, km²",
                "months": "Months",
            },
            note=f"{one.clusters_words}; {period}. {clusters.attrs.get('note', '')}".rstrip(),
            shown=one.hotspot.shown,
        )
    )
    return layers


def _emerging_layer(one: Concentration, cells: Cells) -> HotspotLayer:
    layer = emerging_layer(cells, name=f"{one.hotspot.name}: cells over time")
    return replace(
        layer,
        columns={"kind": "Kind", "count": "Incidents", "hot_steps": "Hot steps",
                 "cold_steps": "Cold steps"},
        note="Cells held against the other cells, step by step of time; the page of the question"
        " says how.",
        shown=False,
    )  # fmt: skip


def manifest_bytes(manifest: dict[str, Any]) -> bytes:
    """Write a manifest as JSON, the same bytes for the same content."""
    return json.dumps(manifest, indent=2, ensure_ascii=False, default=str).encode() + b"\n"

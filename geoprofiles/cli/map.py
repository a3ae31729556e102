"""``map``: any file of geoprofiles as one self-contained page, or as a still map."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoprofiles.cli.options import (
    areas_option,
    check_output,
    emit,
    example,
    output_option,
    read_one_set,
    tell,
)
from geoprofiles.errors import InputError

if TYPE_CHECKING:
    from geoprofiles.cli.layers import Asked
    from geoprofiles.frames import Areas
    from geoprofiles.model import Tiles
    from geoprofiles.publish.plans import PageWords, PanelPlan, Plan

FORMATS = (".html", ".svg", ".png")


@click.command(
    "map",
    epilog=example(
        "geoprofiles map rates.csv --areas wards.geojson -o map.html",
        "geoprofiles map rates.csv --areas wards.geojson --hotspots clusters.gpkg -o map.html",
        "geoprofiles map located.csv --areas wards.geojson --points -o points.html",
        "geoprofiles map emerging.gpkg --areas wards.geojson -o emerging.svg",
        "geoprofiles map counts.csv --areas wards.geojson --by year -o years.html",
        "geoprofiles map changes.csv --areas wards.geojson --indicator Burglary"
        " --treated Harbour -o operation.html",
    ),
)
@click.argument("file")
@areas_option()
@click.option("--value", help="Column to colour by; 'value' where not said.")
@click.option(
    "--indicator", metavar="NAME", help="Which indicator or category; each is a layer if not said."
)
@click.option(
    "--by",
    metavar="COLUMN",
    help="A small map for each: 'period', or another column; of counts 'year', 'quarter', 'month'.",
)
@click.option("--beside", is_flag=True, help="Of changes: both periods side by side.")
@click.option(
    "--treated",
    multiple=True,
    metavar="AREA",
    help="Of changes: before, after and change, this area marked; may be given more than once.",
)
@click.option(
    "--names",
    nargs=2,
    default=("Before", "After"),
    metavar="BEFORE AFTER",
    help="What the two periods are called.",
)
@click.option("--layer", metavar="NAME", help="Layer of FILE, where it has several.")
@click.option("--title", help="Heading of the map; the finding where not said.")
@click.option("--subtitle", default="", help="One line below the heading.")
@click.option(
    "--points",
    is_flag=True,
    help="FILE is incidents, as 'locate' writes them or in the police.uk layout: they are counted"
    " in squares, and squares that hold few are left out.",
)
@click.option(
    "--at-map-points",
    is_flag=True,
    help="With --points: the source itself moved the incidents to map points, as police.uk does;"
    " they are shown at those.",
)
@click.option(
    "--cell",
    type=click.FloatRange(100),
    metavar="METRES",
    help="Side of the squares of --points; 250 where not said.",
)
@click.option(
    "--hotspots",
    multiple=True,
    metavar="FILE",
    help="A layer from 'geoprofiles hotspots'; may be given more than once.",
)
@click.option(
    "--context",
    multiple=True,
    metavar="[STYLE:]FILE",
    help="Water, roads and the like about the areas, such as rail:lines.gpkg; STYLE is water, park,"
    " road, minor (seen from near), rail, neighbours or other; told by the name if not said.",
)
@click.option(
    "--tiles",
    metavar="URL",
    help="Map pictures of a network, https://host/{z}/{x}/{y}.png: the page then asks that host.",
)
@click.option("--attribution", metavar="TEXT", help="The line that the licence of tiles asks for.")
@output_option(FORMATS)
def map_(
    file: str,
    areas: str,
    value: str | None,
    indicator: str | None,
    by: str | None,
    beside: bool,
    treated: tuple[str, ...],
    names: tuple[str, str],
    layer: str | None,
    title: str | None,
    subtitle: str,
    points: bool,
    at_map_points: bool,
    cell: float | None,
    hotspots: tuple[str, ...],
    context: tuple[str, ...],
    tiles: str | None,
    attribution: str | None,
    output: Path | None,
    **area_options: Any,
) -> None:
    """Draw FILE (or - for a table from standard input) as a page, or as a still map.

    FILE is what other commands write, and its columns tell what it is: figures by area ('rates',
    'compare'), changes ('change'), counts, or a layer of 'hotspots' (kde, clusters, local,
    emerging, change, risk, scan). Any table with area_code and a column of numbers will do.

    A page holds all it needs: it makes no network request, and may be opened from disk,
    e-mailed, or embedded. A still map (.svg, .png) is for print; of several layers it has the
    first.
    """
    from geoprofiles.cli.layers import Asked

    check_output(output, FORMATS)
    if beside and treated:
        raise click.UsageError("--treated has both periods already; leave --beside out.")
    boundaries = read_one_set(areas, area_options)
    asked = Asked(value, indicator, by, beside, treated, names)
    words: PageWords = {
        "title": title or "",
        "subtitle": subtitle,
        "context": dict(_context(one, boundaries) for one in context),
    }
    if tiles is not None:
        words["tiles"] = _tiles(tiles, attribution)
    if points:
        plan: Plan | PanelPlan = _points(file, boundaries, cell, at_map_points, words)
    elif cell is not None or at_map_points:
        raise click.UsageError("--cell and --at-map-points are for --points.")
    else:
        plan = _plan(file, boundaries, layer, asked, words)
    emit(_drawn(_with_hotspots(plan, hotspots), output), output)


def _tiles(address: str, attribution: str | None) -> Tiles:
    from geoprofiles.model import Tiles
    from geoprofiles.publish.tiles import warn_of

    tiles = Tiles(address, attribution or "")
    for one in warn_of(tiles):
        tell(f"note: {one}")
    return tiles


def _context(said: str, boundaries: Areas) -> tuple[str, Any]:
    from geoprofiles.read.context import STYLES, read_context

    style, colon, file = said.partition(":")
    known = bool(colon) and style in STYLES
    path = file if known else said
    name = Path(path).stem.replace("_", " ").capitalize()
    return name, read_context(path, crs=boundaries.crs, style=style if known else None)


def _plan(
    file: str, boundaries: Areas, layer: str | None, asked: Asked, words: PageWords
) -> Plan | PanelPlan:
    from geoprofiles.cli.layers import SHAPES, shape_plan, table_plan
    from geoprofiles.read.results import read_figures, read_result

    if Path(file).suffix.lower() in SHAPES:
        if asked.by or asked.beside or asked.treated:
            raise click.UsageError("--by, --beside and --treated are for tables of figures.")
        return shape_plan(boundaries, file, layer, words)
    table = read_figures(file, value=asked.value) if asked.value else read_result(file)
    if not set(table["area_code"]) & set(boundaries.index):
        raise InputError(
            f"no area_code is a code of the boundaries; one reads"
            f" '{table['area_code'].iloc[0]}', the other '{boundaries.index[0]}'",
            file=file,
            remedy="Use the boundaries that the figures were made with.",
        )
    return table_plan(boundaries, table, asked, words)


def _points(
    file: str, boundaries: Areas, cell: float | None, at_map_points: bool, words: PageWords
) -> Plan:
    """Plan the map of incidents, at a precision that tells of nobody."""
    import geoprofiles
    from geoprofiles.publish.spot_plans import points_plan

    incidents = geoprofiles.read_incidents(file, crs=boundaries.crs)
    places = geoprofiles.distinct_places(geoprofiles.locate(incidents, boundaries))
    return points_plan(boundaries, places, words, cell=cell, at_map_points=at_map_points)


def _with_hotspots(plan: Plan | PanelPlan, files: tuple[str, ...]) -> Plan | PanelPlan:
    from geoprofiles.cli.layers import hotspot_layers
    from geoprofiles.publish.plans import PanelPlan

    if not files:
        return plan
    if isinstance(plan, PanelPlan):
        raise click.UsageError("Several maps take no --hotspots.")
    more = [layer for file in files for layer in hotspot_layers(file)]
    return replace(plan, hotspots=(*plan.hotspots, *more))


def _drawn(plan: Plan | PanelPlan, output: Path | None) -> bytes:
    """Draw a plan in the form that the ending of the output names."""
    from geoprofiles.publish.plans import PanelPlan

    ending = ".html" if output is None or str(output) == "-" else output.suffix.lower()
    if ending == ".html":
        from geoprofiles.publish.pages import render_page
        from geoprofiles.publish.panels_page import panel_page

        page = panel_page(plan) if isinstance(plan, PanelPlan) else plan.page()
        return render_page(page).encode()
    from geoprofiles.publish.charts import render_png, render_svg
    from geoprofiles.publish.stills import chart_panels, chart_plan

    chart = chart_panels(plan) if isinstance(plan, PanelPlan) else chart_plan(plan)
    return render_png(chart) if ending == ".png" else render_svg(chart).encode()

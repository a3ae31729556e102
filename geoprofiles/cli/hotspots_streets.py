"""``hotspots streets``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geoprofiles.cli.hotspots_reading import counted_incidents, window_options
from geoprofiles.cli.options import (
    LAYER_FORMATS,
    areas_option,
    category_option,
    check_output,
    emit_layer,
    example,
    files_argument,
    output_option,
    period_options,
    quiet_option,
    reading_options,
    tell,
)


@click.command(
    epilog=example(
        "geoprofiles hotspots streets burglaries.csv --areas wards.geojson --streets roads.gpkg"
        " --street-layer road_link -o streets.csv",
        "geoprofiles hotspots streets burglaries.csv --areas wards.geojson --streets roads.geojson"
        " --density 250 -o density.gpkg",
    )
)
@files_argument
@areas_option()
@click.option(
    "--streets",
    "network",
    required=True,
    metavar="FILE",
    help="Lines cut at their junctions, such as OS Open Roads.",
)
@click.option("--street-name", metavar="COLUMN", help="Column with the streets' names.")
@click.option("--street-layer", metavar="NAME", help="Layer of the streets' file.")
@click.option(
    "--max-distance",
    type=click.FloatRange(0, min_open=True),
    default=75.0,
    show_default=True,
    metavar="METRES",
    help="An incident farther from every street counts on none.",
)
@click.option(
    "--by",
    type=click.Choice(["rate", "count"]),
    default="rate",
    show_default=True,
    help="Rank whole streets by incidents per km and year, or by incidents.",
)
@click.option("--runs", is_flag=True, help="Give runs of busy segments that meet, not streets.")
@click.option(
    "--density",
    type=click.FloatRange(0, min_open=True),
    metavar="METRES",
    help="Give the density along streets, by a kernel that reaches so far along them.",
)
@category_option
@period_options
@window_options
@output_option(LAYER_FORMATS)
@reading_options
@quiet_option
def streets(
    files: tuple[str, ...],
    areas: str,
    network: str,
    street_name: str | None,
    street_layer: str | None,
    max_distance: float,
    by: str,
    runs: bool,
    density: float | None,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Rank streets by the incidents on them, join busy segments, or draw density along streets.

    An incident counts on the nearest street. It takes records with the place itself: where a
    source moved incidents to fixed map points, these are what is ranked, as the command then says.
    """
    import geoprofiles
    from geoprofiles.hotspots.resolution import map_points

    check_output(output, LAYER_FORMATS)
    if runs and density:
        raise click.UsageError("Give --runs or --density, not both.")
    counted, every, boundaries = counted_incidents(files, areas, reading)
    lines = geoprofiles.read_streets(
        network, name=street_name, layer=street_layer, crs=boundaries.crs
    )
    places, years = geoprofiles.distinct_places(counted), counted.attrs["years"]
    found = geoprofiles.count_on_streets(
        places, lines, within=max_distance, years=years, map_points=map_points(every)
    )
    tell(found.attrs["note"], quiet=quiet)
    if found.attrs["snapped"]:
        tell(found.attrs["snapped"])
    if density:
        layer = geoprofiles.network_kde(
            places, lines, bandwidth=density, within=max_distance, years=years
        )
    elif runs:
        layer = geoprofiles.street_runs(found)
    else:
        layer = geoprofiles.rank_streets(found, by=by)
    tell(layer.attrs["note"], quiet=quiet)
    emit_layer(layer, output, name="density" if density else "runs" if runs else "streets")

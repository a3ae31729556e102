"""``hotspots kde`` and the group of commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geoprofiles.cli import (
    hotspots_accuracy,
    hotspots_change,
    hotspots_clusters,
    hotspots_concentration,
    hotspots_local,
    hotspots_risk,
    hotspots_scan,
    hotspots_streets,
    hotspots_time,
)
from geoprofiles.cli.hotspots_bandwidth import bandwidth_options, chosen_bandwidth
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


@click.group()
def hotspots() -> None:
    """Find where incidents concentrate.

    A density describes: read it as places to ask about. 'clusters --at-risk' holds clusters
    against people, homes or premises, as 'geoprofiles run' does; 'risk' maps the ratio of the
    two; 'scan' says which circles, 'local' and 'emerging' which cells, are beyond chance.
    """


@hotspots.command(
    epilog=example(
        "geoprofiles hotspots kde downloads/ --areas wards.geojson -o density.gpkg",
        "geoprofiles hotspots kde downloads/ --areas wards.geojson --category Burglary"
        " --bandwidth 300 --cell 100 -o density.geojson",
        "geoprofiles hotspots kde downloads/ --areas wards.geojson --bandwidth-by forward"
        " --adaptive -o density.gpkg",
    )
)
@files_argument
@areas_option()
@category_option
@period_options
@window_options
@click.option("--cell", type=float, metavar="METRES", help="Side of a grid cell.")
@bandwidth_options
@click.option(
    "--adaptive", is_flag=True, help="Narrower where incidents are many, wider where few."
)
@click.option(
    "--edge",
    type=click.Choice(["diggle", "uniform", "none"]),
    default="diggle",
    show_default=True,
    help="Correction near the edge of the areas; diggle keeps the total.",
)
@output_option(LAYER_FORMATS)
@reading_options
@quiet_option
def kde(
    files: tuple[str, ...],
    areas: str,
    cell: float | None,
    bandwidth: float | None,
    bandwidth_by: str | None,
    kernel: str,
    adaptive: bool,
    edge: str,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Estimate the density of incidents, per km² per year, on a grid clipped to the areas."""
    import geoprofiles
    from geoprofiles.hotspots.density import suggest_cell
    from geoprofiles.hotspots.resolution import map_points

    check_output(output, LAYER_FORMATS)
    if adaptive and edge != "diggle":
        raise click.UsageError("--adaptive has the edge of diggle only.")
    counted, every, boundaries = counted_incidents(files, areas, reading, weighed=True)
    places, years = geoprofiles.distinct_places(counted), counted.attrs["years"]
    bandwidth = chosen_bandwidth(
        bandwidth, bandwidth_by, kernel, counted, boundaries, cell=cell, edge=edge, quiet=quiet
    )
    if cell is None:
        cell, reason = suggest_cell(boundaries, bandwidth=bandwidth)
        tell(f"cell {cell:g} m: {reason}", quiet=quiet)
    grid = geoprofiles.grid_over(boundaries, cell=cell)
    if adaptive:
        surface = geoprofiles.adaptive_kde(
            places, grid, bandwidth=bandwidth, kernel=kernel, years=years
        )
        tell(surface.attrs["note"], quiet=quiet)
        if map_points(every) is not None:
            tell(
                "These incidents stand on map points: narrow kernels show the points, not streets."
                " One bandwidth for all says more.",
                quiet=quiet,
            )
    else:
        surface = geoprofiles.hotspot_kde(
            places, grid, bandwidth=bandwidth, kernel=kernel, years=years, edge=edge
        )
    emit_layer(surface, output, name="density")


hotspots.add_command(hotspots_clusters.clusters)
hotspots.add_command(hotspots_time.data)
hotspots.add_command(hotspots_time.time)
hotspots.add_command(hotspots_time.repeats)
hotspots.add_command(hotspots_local.local)
hotspots.add_command(hotspots_local.emerging)
hotspots.add_command(hotspots_scan.scan)
hotspots.add_command(hotspots_change.change)
hotspots.add_command(hotspots_concentration.concentration)
hotspots.add_command(hotspots_accuracy.accuracy)
hotspots.add_command(hotspots_risk.risk)
hotspots.add_command(hotspots_streets.streets)

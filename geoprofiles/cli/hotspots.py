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
from geoprofiles.cli.hotspots_reading import counted_incidents, harm_by_unit, window_options
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
    "--harm",
    metavar="FILE",
    help="Weights by category (category, weight): harm is mapped, and what share of it the heaviest"
    " single incident brings is said, of each cell too.",
)
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
    harm: str | None,
    adaptive: bool,
    edge: str,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Estimate the density of incidents, per km² per year, on a grid clipped to the areas.

    With --harm, the density of harm ('harm_density'), and beside it the incidents of each cell,
    their harm, and what share of that the heaviest single incident brings.
    """
    import geoprofiles
    from geoprofiles.hotspots.density import suggest_cell
    from geoprofiles.hotspots.resolution import map_points

    check_output(output, LAYER_FORMATS)
    if adaptive and edge != "diggle":
        raise click.UsageError("--adaptive has the edge of diggle only.")
    if harm is not None and reading["window"] is not None:
        raise click.UsageError("Give --harm or --window, not both.")
    counted, every, boundaries = counted_incidents(files, areas, reading, weighed=True)
    places, years = geoprofiles.distinct_places(counted), counted.attrs["years"]
    bandwidth = chosen_bandwidth(
        bandwidth, bandwidth_by, kernel, counted, boundaries, cell=cell, edge=edge, quiet=quiet
    )
    if cell is None:
        cell, reason = suggest_cell(boundaries, bandwidth=bandwidth)
        tell(f"cell {cell:g} m: {reason}", quiet=quiet)
    grid = geoprofiles.grid_over(boundaries, cell=cell)
    if harm is not None:
        places, heaviest = _harm(harm, counted, grid, quiet=quiet)
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
    if harm is not None:
        surface = surface.rename(columns={"density": "harm_density"}).join(heaviest)
    emit_layer(surface, output, name="density")


def _harm(file: str, counted: Any, grid: Any, *, quiet: bool) -> tuple[Any, Any]:
    """Weigh places by harm; say of the map and of each cell what its heaviest incident brings."""
    import geoprofiles

    def count(incidents: Any) -> Any:
        return geoprofiles.count_places(geoprofiles.distinct_places(incidents), grid)

    _, weights, table = harm_by_unit(file, counted, count)
    tell(table.attrs["sentence"], quiet=quiet)
    beside = table.iloc[:-1].set_index(grid.index)[["count", "harm", "share_of_weightiest"]]
    return geoprofiles.harm_places(counted, weights), beside


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

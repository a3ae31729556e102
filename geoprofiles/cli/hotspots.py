"""``hotspots kde`` and ``hotspots clusters``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geoprofiles.cli import hotspots_local, hotspots_time
from geoprofiles.cli.options import (
    LAYER_FORMATS,
    areas_option,
    category_option,
    check_output,
    chosen,
    emit_layer,
    example,
    files_argument,
    output_option,
    period_options,
    quiet_option,
    read,
    read_one_set,
    reading_options,
    take_area_options,
    tell,
)
from geoprofiles.errors import InputError


@click.group()
def hotspots() -> None:
    """Find where incidents concentrate.

    A density and the outlines of 'clusters' describe: read them as places to ask about.
    'geoprofiles run' holds clusters against the people, homes or premises at risk, and 'local'
    and 'emerging' say which cells are beyond chance.
    """


def _places(files: tuple[str, ...], areas: str, reading: dict[str, Any]) -> tuple[Any, Any, float]:
    """Read, choose and fold incidents; return places, areas and the years they span."""
    import geoprofiles

    choice = {key: reading.pop(key) for key in ("categories", "from_month", "to_month")}
    boundaries = read_one_set(areas, take_area_options(reading))
    incidents = chosen(read(files, areas=boundaries, **reading), **choice)
    located = geoprofiles.locate(incidents, boundaries)
    counted = located[located["area_code"].notna() & located["refused"].isna()]
    places = geoprofiles.distinct_places(counted)
    if places.empty:
        raise InputError(
            "none of the chosen incidents lies in the areas",
            remedy="'geoprofiles check' says where they are.",
        )
    return places, boundaries, counted["month"].nunique() / 12


@hotspots.command(
    epilog=example(
        "geoprofiles hotspots kde downloads/ --areas wards.geojson -o density.gpkg",
        "geoprofiles hotspots kde downloads/ --areas wards.geojson --category Burglary"
        " --bandwidth 300 --cell 100 -o density.geojson",
    )
)
@files_argument
@areas_option()
@category_option
@period_options
@click.option("--cell", type=float, metavar="METRES", help="Side of a grid cell.")
@click.option(
    "--bandwidth",
    type=float,
    metavar="METRES",
    help="Radius of the quartic kernel, or standard deviation of the Gaussian.",
)
@click.option(
    "--kernel", type=click.Choice(["quartic", "gaussian"]), default="quartic", show_default=True
)
@output_option(LAYER_FORMATS)
@reading_options
@quiet_option
def kde(
    files: tuple[str, ...],
    areas: str,
    cell: float | None,
    bandwidth: float | None,
    kernel: str,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Estimate the density of incidents, per km² per year, on a grid clipped to the areas."""
    import geoprofiles
    from geoprofiles.hotspots.density import suggest_cell

    check_output(output, LAYER_FORMATS)
    places, boundaries, years = _places(files, areas, reading)
    if bandwidth is None:
        bandwidth, reason = geoprofiles.suggest_bandwidth(boundaries, places=places)
        tell(f"bandwidth {bandwidth:g} m: {reason}", quiet=quiet)
    if cell is None:
        cell, reason = suggest_cell(boundaries, bandwidth=bandwidth)
        tell(f"cell {cell:g} m: {reason}", quiet=quiet)
    grid = geoprofiles.grid_over(boundaries, cell=cell)
    surface = geoprofiles.hotspot_kde(places, grid, bandwidth=bandwidth, kernel=kernel, years=years)
    emit_layer(surface, output, name="density")


@hotspots.command(
    epilog=example(
        "geoprofiles hotspots clusters downloads/ --areas wards.geojson -o clusters.gpkg",
        "geoprofiles hotspots clusters downloads/ --areas wards.geojson --eps 150"
        " --min-samples 40 -o clusters.csv",
    )
)
@files_argument
@areas_option()
@category_option
@period_options
@click.option("--eps", type=float, metavar="METRES", help="DBSCAN's neighbourhood.")
@click.option(
    "--min-samples", type=click.IntRange(1), help="Incidents within eps that make a place dense."
)
@output_option(LAYER_FORMATS)
@reading_options
@quiet_option
def clusters(
    files: tuple[str, ...],
    areas: str,
    eps: float | None,
    min_samples: int | None,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Outline where incidents lie close together: DBSCAN on weighted distinct places."""
    import geoprofiles

    check_output(output, LAYER_FORMATS)
    places, boundaries, _ = _places(files, areas, reading)
    if eps is None or min_samples is None:
        found_eps, found_samples, reason = geoprofiles.suggest_clusters(places, boundaries, eps=eps)
        eps, min_samples = eps or found_eps, min_samples or found_samples
        tell(f"eps {eps:g} m, min-samples {min_samples}: {reason}", quiet=quiet)
    found = geoprofiles.hotspot_clusters(places, boundaries, eps=eps, min_samples=min_samples)
    if found.empty:
        tell(found.attrs.get("note") or "No place is that dense: there is no cluster.", quiet=quiet)
    emit_layer(found, output, name="clusters")


hotspots.add_command(hotspots_time.data)
hotspots.add_command(hotspots_time.time)
hotspots.add_command(hotspots_time.repeats)
hotspots.add_command(hotspots_local.local)
hotspots.add_command(hotspots_local.emerging)

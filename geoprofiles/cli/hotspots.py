"""``hotspots kde`` and ``hotspots clusters``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geoprofiles.cli import hotspots_local, hotspots_streets, hotspots_time
from geoprofiles.cli.hotspots_reading import counted_incidents
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
from geoprofiles.errors import InputError


@click.group()
def hotspots() -> None:
    """Find where incidents concentrate.

    A density describes: read it as places to ask about. 'clusters --at-risk' holds clusters
    against people, homes or premises, as 'geoprofiles run' does; 'local' and 'emerging' say
    which cells are beyond chance.
    """


def _at_risk(file: str | None, areas: Any, eps: float) -> Any:
    """Spread a table of people, homes or premises over its areas."""
    import geoprofiles
    from geoprofiles.hotspots.significance import spacing_for

    if file is None:
        return None
    table = geoprofiles.read_population(file).sort_values("year", kind="stable")
    table = table.drop_duplicates("area_code", keep="last").set_index("area_code")
    if not table.index.isin(areas.index).any():
        raise InputError(
            f"no code is one of --areas: here one reads '{table.index[0]}', there"
            f" '{areas.index[0]}'",
            file=file,
            remedy="Give with --areas the areas that the table is of; the smaller, the better.",
        )
    values = table["population"].reindex(areas.index).rename(Path(file).stem.replace("_", " "))
    try:
        return geoprofiles.at_risk_from_areas(areas, values, spacing=spacing_for(areas, eps))
    except InputError as error:
        raise InputError(error.problem, file=file, remedy=error.remedy) from error


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
    kernel: str,
    edge: str,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Estimate the density of incidents, per km² per year, on a grid clipped to the areas."""
    import geoprofiles
    from geoprofiles.hotspots.density import suggest_cell

    check_output(output, LAYER_FORMATS)
    counted, _, boundaries = counted_incidents(files, areas, reading)
    places, years = geoprofiles.distinct_places(counted), counted["month"].nunique() / 12
    if bandwidth is None:
        bandwidth, reason = geoprofiles.suggest_bandwidth(boundaries, places=places)
        tell(f"bandwidth {bandwidth:g} m: {reason}", quiet=quiet)
    if cell is None:
        cell, reason = suggest_cell(boundaries, bandwidth=bandwidth)
        tell(f"cell {cell:g} m: {reason}", quiet=quiet)
    grid = geoprofiles.grid_over(boundaries, cell=cell)
    surface = geoprofiles.hotspot_kde(
        places, grid, bandwidth=bandwidth, kernel=kernel, years=years, edge=edge
    )
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
@click.option(
    "--at-risk",
    metavar="FILE",
    help="People, homes or premises by area: clusters are held against random draws of them.",
)
@click.option(
    "--simulations",
    type=click.IntRange(1),
    help="Random draws; 999 where clusters are tested. Alone, against ground.",
)
@output_option(LAYER_FORMATS)
@reading_options
@quiet_option
def clusters(
    files: tuple[str, ...],
    areas: str,
    eps: float | None,
    min_samples: int | None,
    at_risk: str | None,
    simulations: int | None,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Outline where incidents lie close together: DBSCAN on weighted distinct places.

    With --at-risk, or --simulations alone, say which clusters are beyond chance: the columns
    'expected', 'ratio', 'p' and 'significant'.
    """
    import geoprofiles

    check_output(output, LAYER_FORMATS)
    counted, every, boundaries = counted_incidents(files, areas, reading)
    places = geoprofiles.distinct_places(counted)
    if eps is None or min_samples is None:
        found_eps, found_samples, reason = geoprofiles.suggest_clusters(places, boundaries, eps=eps)
        eps, min_samples = eps or found_eps, min_samples or found_samples
        tell(f"eps {eps:g} m, min-samples {min_samples}: {reason}", quiet=quiet)
    if at_risk is None and simulations is None:
        found = geoprofiles.hotspot_clusters(places, boundaries, eps=eps, min_samples=min_samples)
    else:
        from geoprofiles.hotspots.resolution import map_points

        found = geoprofiles.significant_clusters(
            places,
            boundaries,
            _at_risk(at_risk, boundaries, eps),
            eps=eps,
            min_samples=min_samples,
            map_points=map_points(every),
            simulations=simulations or 999,
        )
        sure = int(found["significant"].sum())
        tell(
            f"{sure:,} of {len(found):,} clusters are beyond chance, held against"
            f" {found.attrs['null']}. {found.attrs['note']}".rstrip(),
            quiet=quiet,
        )
    if found.empty:
        tell(found.attrs.get("note") or "No place is that dense: there is no cluster.", quiet=quiet)
    emit_layer(found, output, name="clusters")


hotspots.add_command(hotspots_time.data)
hotspots.add_command(hotspots_time.time)
hotspots.add_command(hotspots_time.repeats)
hotspots.add_command(hotspots_local.local)
hotspots.add_command(hotspots_local.emerging)
hotspots.add_command(hotspots_streets.streets)

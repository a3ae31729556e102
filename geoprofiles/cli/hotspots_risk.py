"""``hotspots risk``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geoprofiles.cli.hotspots_bandwidth import bandwidth_options, chosen_bandwidth
from geoprofiles.cli.hotspots_reading import counted_incidents, read_at_risk, window_options
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
    progress_bar,
    quiet_option,
    reading_options,
    tell,
)


@click.command(
    epilog=example(
        "geoprofiles hotspots risk downloads/ --areas lsoa.geojson --category Burglary"
        " --at-risk households.csv -o risk.gpkg",
        "geoprofiles hotspots risk downloads/ --areas wards.geojson --category Burglary"
        " --controls-category 'Other theft' --outlines -o raised.geojson",
    )
)
@files_argument
@areas_option()
@category_option
@period_options
@window_options
@click.option(
    "--at-risk",
    metavar="FILE",
    help="People, homes or premises by area. With neither this nor controls, ground is at risk.",
)
@click.option(
    "--controls-category",
    "controls",
    multiple=True,
    metavar="NAME",
    help="Hold --category against incidents of this one instead; may be given more than once.",
)
@click.option("--cell", type=float, metavar="METRES", help="Side of a grid cell.")
@bandwidth_options
@click.option(
    "--floor",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="Incidents expected within reach of a cell, below which nothing is told.",
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Of p, for each cell alone, at which risk is called raised or lowered.",
)
@click.option(
    "--simulations", type=click.IntRange(1), default=199, show_default=True, help="Random draws."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the draws.")
@click.option("--outlines", is_flag=True, help="Write outlines of raised and lowered risk only.")
@output_option(LAYER_FORMATS)
@reading_options
@quiet_option
def risk(
    files: tuple[str, ...],
    areas: str,
    at_risk: str | None,
    controls: tuple[str, ...],
    cell: float | None,
    bandwidth: float | None,
    bandwidth_by: str | None,
    kernel: str,
    floor: float,
    level: float,
    simulations: int,
    seed: int,
    outlines: bool,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Map how many times as many incidents there are as what is at risk accounts for.

    Both are smoothed with one bandwidth and divided; random draws tell which cells are raised or
    lowered beyond chance ('p' of the cell alone, 'p_map' over the whole map).
    """
    import geoprofiles
    from geoprofiles.hotspots.density import suggest_cell

    check_output(output, LAYER_FORMATS)
    _check_controls(at_risk, controls, reading["categories"])
    period = {key: reading[key] for key in ("from_month", "to_month")}
    counted, every, boundaries = counted_incidents(files, areas, reading)
    against: dict[str, Any] = {}
    if controls:
        others = chosen(every, categories=controls, **period)
        against["controls"] = geoprofiles.distinct_places(others)
    bandwidth = chosen_bandwidth(
        bandwidth, bandwidth_by, kernel, counted, boundaries, cell=cell, edge="uniform", quiet=quiet
    )
    if at_risk is not None:
        against["at_risk"] = _at_risk(at_risk, boundaries, bandwidth, every)
    if cell is None:
        cell, reason = suggest_cell(boundaries, bandwidth=bandwidth)
        tell(f"cell {cell:g} m: {reason}", quiet=quiet)
    with progress_bar(quiet=quiet) as shown:
        surface = geoprofiles.relative_risk(
            geoprofiles.distinct_places(counted),
            geoprofiles.grid_over(boundaries, cell=cell),
            bandwidth=bandwidth,
            kernel=kernel,
            floor=floor,
            alpha=level,
            simulations=simulations,
            seed=seed,
            progress=shown and (lambda done, all_: shown("cells", done, all_)),
            **against,
        )
    tell(f"Held against {surface.attrs['null']}. {surface.attrs['note']}", quiet=quiet)
    if outlines:
        patches = geoprofiles.tolerance_contours(surface)
        sure = int(patches["significant"].sum())
        tell(
            f"{len(patches):,} outlines, {sure:,} of them beyond chance over the whole map: those"
            " are 'significant'.",
            quiet=quiet,
        )
        emit_layer(patches, output, name="risk")
    else:
        emit_layer(surface, output, name="risk")


def _check_controls(
    at_risk: str | None, controls: tuple[str, ...], categories: tuple[str, ...]
) -> None:
    if not controls:
        return
    if at_risk is not None:
        raise click.UsageError("Give --at-risk or --controls-category, not both.")
    if not categories:
        raise click.UsageError("Say with --category which incidents to hold against the controls.")
    both = sorted(set(controls) & set(categories))
    if both:
        raise click.UsageError(f"'{both[0]}' cannot be held against itself.")


def _at_risk(file: str, areas: Any, bandwidth: float, every: Any) -> Any:
    """Read what is at risk; for data on map points, move it to them as incidents were moved."""
    import geoprofiles
    from geoprofiles.areas.locate import locate_points
    from geoprofiles.hotspots.resolution import map_points
    from geoprofiles.hotspots.significance import spacing_for

    found = read_at_risk(file, areas, spacing_for(areas, bandwidth))
    points = map_points(every)
    if points is None:
        return found
    inside = locate_points(points["easting"], points["northing"], areas) >= 0
    return geoprofiles.at_risk_on_places(found, points[inside])

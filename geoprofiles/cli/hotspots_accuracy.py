"""``hotspots accuracy``: which map foretells best, beside last year's counts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from geoprofiles.cli.hotspots_reading import counted_incidents, records, window_options
from geoprofiles.cli.options import (
    TABLE_FORMATS,
    areas_option,
    category_option,
    check_output,
    emit_json,
    emit_table,
    example,
    files_argument,
    json_option,
    output_option,
    period_options,
    progress_bar,
    quiet_option,
    reading_options,
    tell,
)


def _numbers(_: click.Context, __: click.Parameter, value: str | None) -> list[float]:
    """Read numbers with commas between."""
    try:
        return [float(one) for one in (value or "").split(",")]
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a list of numbers, such as 1,5,10.") from None


@click.command(
    epilog=example(
        "geoprofiles hotspots accuracy downloads/ --areas wards.geojson --category Burglary"
        " -o accuracy.csv",
        "geoprofiles hotspots accuracy robberies.csv --areas city.geojson --method gaussian"
        " --method gi-star --bandwidths 100,150,200,300 --share 0.5 --months 6 --periods 2",
    )
)
@files_argument
@areas_option()
@category_option
@period_options
@window_options
@click.option(
    "--method",
    "methods",
    type=click.Choice(["gaussian", "quartic", "gi-star"]),
    multiple=True,
    default=("gaussian", "quartic", "gi-star"),
    show_default=True,
    help="Densities with each bandwidth, or Gi*; may be given more than once.",
)
@click.option(
    "--bandwidths", metavar="METRES", callback=_numbers, show_default=True,
    default="100,150,200,300,400,500,700,1000", help="With commas between.",
)  # fmt: skip
@click.option(
    "--share", type=click.FloatRange(0, 100, min_open=True), default=1, show_default=True,
    metavar="PERCENT", help="Of the area, by which the best is chosen: what can be patrolled.",
)  # fmt: skip
@click.option(
    "--shares", metavar="PERCENT", callback=_numbers, show_default=True,
    default="0.5,1,2,3,5,10,15,20", help="Of the area, at which all are judged.",
)  # fmt: skip
@click.option("--months", type=click.IntRange(1), default=3, show_default=True,
              help="Of a period that is foretold.")  # fmt: skip
@click.option("--periods", type=click.IntRange(1), default=4, show_default=True,
              help="How many of the last are foretold.")  # fmt: skip
@click.option(
    "--edge", type=click.Choice(["diggle", "uniform", "none"]), default="diggle",
    show_default=True, help="Correction near the edge of the areas, as in 'hotspots kde'.",
)  # fmt: skip
@click.option("--cell", type=float, metavar="METRES", help="Side of a grid cell.")
@output_option()
@reading_options
@json_option
@quiet_option
def accuracy(
    files: tuple[str, ...],
    areas: str,
    methods: tuple[str, ...],
    bandwidths: list[float],
    share: float,
    shares: list[float],
    months: int,
    periods: int,
    edge: str,
    cell: float | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    **reading: Any,
) -> None:
    """Say which map foretells later incidents best, beside last year's counts.

    The last months are cut into periods. For each, every map is made of the months before it, and
    asked how many of the period's incidents lie in its highest 0.5 to 20% of the area. Writes for
    each map and share of the area what it captured, PAI, PEI*, search efficiency (per_km2), area
    to perimeter and both recapture indices: Levine's (captured later over captured earlier) and
    Wheeler's (predicted over observed); and how far it is behind the best, with 95% limits.
    """
    import geoprofiles
    from geoprofiles.hotspots.density import suggest_cell
    from geoprofiles.hotspots.resolution import map_points

    check_output(output, TABLE_FORMATS)
    counted, every, boundaries = counted_incidents(files, areas, reading)
    if cell is None:
        cell, reason = suggest_cell(boundaries)
        tell(f"cell {cell:g} m: {reason}", quiet=quiet)
    if map_points(every) is not None:
        tell(
            "note: incidents stand on fixed map points: a narrow bandwidth, or a count, finds the"
            " points again, and not the ground around them."
        )
    cells = geoprofiles.grid_over(boundaries, cell=cell)
    places = counted.groupby(["easting", "northing", "month"], as_index=False).size()
    with progress_bar(quiet=quiet) as progress:
        found = geoprofiles.forward_accuracy(
            places.rename(columns={"size": "count"}),
            cells,
            methods=methods,
            bandwidths=bandwidths,
            shares=[one / 100 for one in shares],
            share=share / 100,
            test_months=months,
            folds=periods,
            edge=edge,
            progress=None if progress is None else partial(progress, "maps"),
        )
    for said in (*found.attrs["sentences"], found.attrs["note"]):
        tell(said, quiet=quiet)
    if as_json:
        emit_json({**found.attrs, "maps": records(found)})
    else:
        emit_table(found, output)

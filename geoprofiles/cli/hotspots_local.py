"""``hotspots local`` and ``hotspots emerging``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

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

CELL = 250.0


def _options(function: Any) -> Any:
    """Give what both commands share: the grid, and how findings are told from chance."""
    for option in (
        click.option(
            "--simulations",
            type=click.IntRange(0),
            default=99_999,
            show_default=True,
            help="Permutations behind each p; 0 takes the normal law.",
        ),
        click.option("--seed", type=int, default=0, show_default=True, help="Of permutations."),
        click.option(
            "--level",
            type=click.FloatRange(0, 1, min_open=True, max_open=True),
            default=0.05,
            show_default=True,
            help="Share of false findings allowed, over the whole map.",
        ),
        click.option("--mask", metavar="FILE", help="Polygons to cut away, such as water."),
        click.option(
            "--cell",
            type=float,
            default=CELL,
            show_default=True,
            metavar="METRES",
            help="Side of a square, or width of a hexagon.",
        ),
        click.option(
            "--shape",
            type=click.Choice(["square", "hexagon"]),
            default="square",
            show_default=True,
            help="Of the cells.",
        ),
    ):
        function = option(function)
    return function


def _grid(boundaries: Any, cell: float, shape: str, mask: str | None) -> Any:
    import geoprofiles
    from geoprofiles.read.boundaries import read_shapes

    water = None if mask is None else read_shapes(mask).to_crs(boundaries.crs)
    return geoprofiles.grid_over(boundaries, cell=cell, shape=shape, mask=water)


@click.command(
    epilog=example(
        "geoprofiles hotspots local downloads/ --areas wards.geojson -o hot.gpkg",
        "geoprofiles hotspots local downloads/ --areas lsoa.geojson --by-area --method moran"
        " --category Burglary -o burglary.csv",
    )
)
@files_argument
@areas_option()
@category_option
@period_options
@click.option(
    "--method",
    type=click.Choice(["gi-star", "gi", "moran"]),
    default="gi-star",
    show_default=True,
    help="The statistic of Getis and Ord, with or without the unit itself, or local Moran.",
)
@click.option("--by-area", is_flag=True, help="Compare the areas that border, not cells.")
@_options
@output_option(LAYER_FORMATS)
@reading_options
@quiet_option
def local(
    files: tuple[str, ...],
    areas: str,
    method: str,
    by_area: bool,
    cell: float,
    shape: str,
    mask: str | None,
    level: float,
    seed: int,
    simulations: int,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Tell cells or areas that stand out with their neighbours from what chance puts together."""
    import geoprofiles

    check_output(output, LAYER_FORMATS)
    counted, _, boundaries = counted_incidents(files, areas, reading)
    if by_area:
        units, rule = boundaries, "border"
        counts = counted["area_code"].astype(str).value_counts()
        values = counts.reindex(units.index.astype(str), fill_value=0).set_axis(units.index)
    else:
        units, rule = _grid(boundaries, cell, shape, mask), "queen"
        values = geoprofiles.count_places(geoprofiles.distinct_places(counted), units)
    weights = geoprofiles.neighbour_weights(units, rule=rule)
    said: dict[str, Any] = {"simulations": simulations, "seed": seed, "level": level}
    if method == "moran":
        found = geoprofiles.local_moran(values, weights, **said)
    else:
        found = geoprofiles.getis_ord(values, weights, star=method == "gi-star", **said)
    tell(found.attrs["note"], quiet=quiet)
    emit_layer(units.join(found.rename(columns={"value": "count"})), output, name="local")


@click.command(
    epilog=example(
        "geoprofiles hotspots emerging downloads/ --areas wards.geojson -o emerging.gpkg",
        "geoprofiles hotspots emerging downloads/ --areas wards.geojson --category Robbery"
        " --months 2 --shape hexagon --cell 300 -o robbery.geojson",
    )
)
@files_argument
@areas_option()
@category_option
@period_options
@click.option(
    "--months", type=click.IntRange(1), help="Of a step; so many that bins are not too sparse."
)
@_options
@output_option(LAYER_FORMATS)
@reading_options
@quiet_option
def emerging(
    files: tuple[str, ...],
    areas: str,
    months: int | None,
    cell: float,
    shape: str,
    mask: str | None,
    level: float,
    seed: int,
    simulations: int,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Classify cells by how hot they have been over time: new, persistent, historical and so on."""
    import geoprofiles

    check_output(output, LAYER_FORMATS)
    counted, _, boundaries = counted_incidents(files, areas, reading)
    cells = _grid(boundaries, cell, shape, mask)
    cube = geoprofiles.space_time_cube(counted, cells, months_per_step=months)
    weights = geoprofiles.neighbour_weights(cells)
    found = geoprofiles.emerging_hot_spots(
        cube, weights, simulations=simulations, seed=seed, level=level
    )
    tell(found.attrs["note"], quiet=quiet)
    emit_layer(cells.join(found), output, name="emerging")

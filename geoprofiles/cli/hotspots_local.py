"""``hotspots local`` and ``hotspots emerging``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from geoprofiles.cli.hotspots_reading import counted_incidents, read_at_risk, window_options
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
    progress_bar,
    quiet_option,
    reading_options,
    tell,
)

CELL = 250.0
ADJUSTMENTS = {"bh": "benjamini-hochberg", "by": "benjamini-yekutieli"}

adjust_option = click.option(
    "--adjust",
    type=click.Choice(list(ADJUSTMENTS)),
    default="bh",
    show_default=True,
    help="For looking at so many: Benjamini-Hochberg, or Benjamini-Yekutieli, which holds however"
    " they depend on one another and finds less.",
)


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
        adjust_option,
        click.option(
            "--at-risk",
            metavar="FILE",
            help="People, homes or premises by area: what happened is held against what they lead"
            " one to expect.",
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


def grid_of(boundaries: Any, cell: float, shape: str, mask: str | None, at_risk: Any = None) -> Any:
    """Lay the grid that the options ask for."""
    import geoprofiles
    from geoprofiles.read.boundaries import read_shapes

    water = None if mask is None else read_shapes(mask).to_crs(boundaries.crs)
    return geoprofiles.grid_over(boundaries, cell=cell, shape=shape, mask=water, at_risk=at_risk)


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
@window_options
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
    at_risk: str | None,
    adjust: str,
    level: float,
    seed: int,
    simulations: int,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Tell cells or areas that stand out with their neighbours from what chance puts together.

    Without --at-risk, counts are looked at: more people, more crime. With it, each unit is scored
    by how far it is above or below what is expected of those at risk in it.
    """
    import geoprofiles
    from geoprofiles.hotspots.significance import spacing_for

    check_output(output, LAYER_FORMATS)
    counted, _, boundaries = counted_incidents(files, areas, reading)
    risk = read_at_risk(at_risk, boundaries, spacing_for(boundaries, cell))
    if by_area:
        units, rule = boundaries, "border"
        counts = counted["area_code"].astype(str).value_counts()
        values = counts.reindex(units.index.astype(str), fill_value=0).set_axis(units.index)
        values = values.rename("count")
    else:
        units, rule = grid_of(boundaries, cell, shape, mask), "queen"
        values = geoprofiles.count_places(geoprofiles.distinct_places(counted), units)
    judged, beside = _judged(values, units, risk, quiet=quiet)
    weights = geoprofiles.neighbour_weights(units, rule=rule)
    how = {"level": level, "simulations": simulations, "seed": seed, "adjust": ADJUSTMENTS[adjust]}
    with progress_bar(quiet=quiet) as progress:
        said: dict[str, Any] = {
            **how, "progress": None if progress is None else partial(progress, "permutations")
        }  # fmt: skip
        if method == "moran":
            found = geoprofiles.local_moran(judged, weights, **said)
        else:
            found = geoprofiles.getis_ord(judged, weights, star=method == "gi-star", **said)
    tell(found.attrs["note"], quiet=quiet)
    found = found.drop(columns="value")
    emit_layer(units.join(beside).join(found), output, name="local")


def _judged(values: Any, units: Any, risk: Any, *, quiet: bool) -> tuple[Any, Any]:
    """Return what is judged of each unit, and the columns to show beside it."""
    import geoprofiles

    beside = values.to_frame()
    if risk is None:
        return values, beside
    at_risk = geoprofiles.count_places(risk, units).round(6)
    scores = geoprofiles.excess_over_risk(values, at_risk)
    lost, held = scores.attrs["lost"], float(values[at_risk > 0].sum())
    tell(
        f"Observed against expected by {risk.attrs['at_risk']}: {held:,.0f} incidents for"
        f" {at_risk.sum():,.0f} at risk."
        + (f" {lost:,.0f} lie where nothing is at risk and are not judged." if lost else ""),
        quiet=quiet,
    )
    beside["at_risk"] = at_risk
    beside["expected"] = at_risk * held / at_risk.sum()
    return scores, beside.assign(score=scores)


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
@window_options
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
    at_risk: str | None,
    adjust: str,
    level: float,
    seed: int,
    simulations: int,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Classify cells by how hot they have been over time: new, persistent, historical and so on.

    With --at-risk, the counts of each cell are scored against what is expected of those at risk
    in it, and cells in which there is nobody are left out.
    """
    import geoprofiles
    from geoprofiles.hotspots.significance import spacing_for

    check_output(output, LAYER_FORMATS)
    counted, _, boundaries = counted_incidents(files, areas, reading)
    risk = read_at_risk(at_risk, boundaries, spacing_for(boundaries, cell))
    cells = grid_of(boundaries, cell, shape, mask, risk)
    cube = geoprofiles.space_time_cube(counted, cells, months_per_step=months)
    held = None
    if risk is not None:
        held, lost = geoprofiles.count_places(risk, cells).rename("at_risk"), cube.attrs["outside"]
        tell(
            f"Observed against expected by {risk.attrs['at_risk']}."
            + (f" {lost:,.0f} incidents lie where nothing is at risk: left out." if lost else ""),
            quiet=quiet,
        )
    weights = geoprofiles.neighbour_weights(cells)
    with progress_bar(quiet=quiet) as progress:
        found = geoprofiles.emerging_hot_spots(
            cube,
            weights,
            at_risk=held,
            simulations=simulations,
            seed=seed,
            level=level,
            adjust=ADJUSTMENTS[adjust],
            progress=None if progress is None else partial(progress, "permutations"),
        )
    tell(found.attrs["note"], quiet=quiet)
    emit_layer((cells if held is None else cells.join(held)).join(found), output, name="emerging")

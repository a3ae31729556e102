"""``hotspots scan``."""

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

ALL = "all"
"""As a category of controls: every other."""


FEWEST_DRAWS = 19
"""Draws from which on a probability of 5% can be reached."""


@click.command(
    epilog=example(
        "geoprofiles hotspots scan downloads/ --areas lsoa.geojson --category Burglary"
        " --at-risk households.csv -o burglary.gpkg",
        "geoprofiles hotspots scan downloads/ --areas wards.geojson --category Robbery"
        " --controls all -o robbery.geojson",
        "geoprofiles hotspots scan downloads/ --areas wards.geojson --category Robbery"
        " --space-time --alive -o now.csv",
    )
)
@files_argument
@areas_option()
@category_option
@period_options
@window_options
@click.option(
    "--at-risk", metavar="FILE",
    help="People, homes or premises by area, which incidents are held against.",
)  # fmt: skip
@click.option(
    "--controls", multiple=True, metavar="NAME",
    help="A category to hold those of --category against, or 'all' for every other; may be given"
    " more than once.",
)  # fmt: skip
@click.option(
    "--space-time", is_flag=True,
    help="Find where more happened for a time than place and time account for.",
)  # fmt: skip
@click.option("--months", type=click.IntRange(1), metavar="NUMBER",
              help="Of a step of --space-time; 1 where not said.")  # fmt: skip
@click.option("--days", type=click.IntRange(1), metavar="NUMBER",
              help="Of a step of --space-time, where the days are known.")  # fmt: skip
@click.option("--alive", is_flag=True, help="With --space-time: only what lasts to the end.")
@click.option("--max-radius", type=float, default=1000, show_default=True, metavar="METRES",
              help="Of a circle.")  # fmt: skip
@click.option(
    "--max-share",
    type=click.FloatRange(0, 0.5, min_open=True),
    default=0.05,
    show_default=True,
    help="The most that a circle holds of what incidents are held against.",
)
@click.option("--simulations", type=click.IntRange(1), default=999, show_default=True,
              help="Random draws behind each p.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the draws.")
@output_option(LAYER_FORMATS)
@reading_options
@quiet_option
def scan(
    files: tuple[str, ...],
    areas: str,
    at_risk: str | None,
    controls: tuple[str, ...],
    space_time: bool,
    months: int | None,
    days: int | None,
    alive: bool,
    max_radius: float,
    max_share: float,
    simulations: int,
    seed: int,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Find the circles that hold more than chance would put there: the scan statistic.

    Incidents are held against even ground; against people, homes or premises with --at-risk;
    against other crime with --controls; or, with --space-time, against their own place and time.
    """
    import geoprofiles
    from geoprofiles.hotspots.resolution import map_points

    check_output(output, LAYER_FORMATS)
    _check_together(at_risk, controls, space_time, months or days or alive, reading["categories"])
    choice = {key: reading[key] for key in ("categories", "from_month", "to_month")}
    counted, every, boundaries = counted_incidents(files, areas, reading)
    with progress_bar(quiet=quiet) as progress:
        said: dict[str, Any] = {
            "max_radius": max_radius,
            "max_share": max_share,
            "simulations": simulations,
            "seed": seed,
            "progress": None if progress is None else partial(progress, "drawing"),
        }
        if space_time:
            found = geoprofiles.scan_space_time(
                counted, boundaries, months_per_step=months or 1, days_per_step=days, alive=alive,
                **said,
            )  # fmt: skip
        elif controls:
            found = geoprofiles.scan_bernoulli(
                geoprofiles.distinct_places(counted),
                geoprofiles.distinct_places(_controls(every, controls, **choice)),
                boundaries,
                **said,
            )
        else:
            from geoprofiles.hotspots.scan import spacing_for_scan

            found = geoprofiles.scan_poisson(
                geoprofiles.distinct_places(counted),
                boundaries,
                read_at_risk(at_risk, boundaries, spacing_for_scan(boundaries, max_radius)),
                map_points=map_points(every),
                **said,
            )
    tell(_summary(found), quiet=quiet)
    if simulations < FEWEST_DRAWS:
        tell(
            f"note: with {simulations} draws no probability can be below"
            f" {1 / (simulations + 1):.2f}, so nothing can be beyond chance at 5%: use"
            f" {FEWEST_DRAWS} or more.",
            quiet=quiet,
        )
    for name in {"first_day", "last_day"} & set(found):
        found[name] = found[name].dt.strftime("%Y-%m-%d")
    emit_layer(found, output, name="scan")


def _check_together(
    at_risk: str | None,
    controls: tuple[str, ...],
    space_time: bool,
    timed: object,
    categories: tuple[str, ...],
) -> None:
    """Refuse options that do not go together."""
    given = [name for name, value in (("--at-risk", at_risk), ("--controls", controls),
                                      ("--space-time", space_time)) if value]  # fmt: skip
    if len(given) > 1:
        raise click.UsageError(f"{given[0]} does not go with {given[1]}: choose one.")
    if timed and not space_time:
        raise click.UsageError("--months, --days and --alive go with --space-time only.")
    if controls and not categories:
        raise click.UsageError("--controls needs --category: what is held against them.")
    if set(controls) & set(categories):
        raise click.UsageError("a category of --category cannot be among the --controls.")


def _controls(
    every: Any,
    controls: tuple[str, ...],
    categories: tuple[str, ...],
    from_month: str | None,
    to_month: str | None,
) -> Any:
    if ALL in controls:
        every, controls = every[~every["category"].astype(str).isin(categories)], ()
    return chosen(every, categories=controls, from_month=from_month, to_month=to_month)


def _summary(found: Any) -> str:
    """Say what was found, and what it was held against."""
    if found.empty:
        return f"No circle is beyond chance. {found.attrs['note']}"
    sure = found[found["significant"]]
    first = found.iloc[0]
    strongest = (
        f"The strongest holds {first['incidents']:,} where {first['expected']:,.1f} are expected"
        f" (p = {first['p']:.3g})."
    )
    number = {0: "No circle is", 1: "1 circle is"}.get(len(sure), f"{len(sure):,} circles are")
    told = f"{number} beyond chance, held against {found.attrs['null']}."
    return " ".join(filter(None, (told, strongest, found.attrs["note"])))

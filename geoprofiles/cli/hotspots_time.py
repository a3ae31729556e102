"""``hotspots data``, ``hotspots time`` and ``hotspots repeats``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoprofiles.cli.hotspots_reading import records
from geoprofiles.cli.options import (
    TABLE_FORMATS,
    areas_option,
    category_option,
    check_output,
    chosen,
    emit_json,
    emit_table,
    example,
    files_argument,
    json_option,
    output_option,
    period_options,
    progress_bar,
    quiet_option,
    read,
    read_one_set,
    reading_options,
    take_area_options,
    tell,
)

if TYPE_CHECKING:
    import pandas as pd

    from geoprofiles.frames import Incidents

WIDTH = 40
"""Of the longest bar, in characters."""


def _incidents(files: tuple[str, ...], areas: str | None, reading: dict[str, Any]) -> Incidents:
    """Read and choose incidents; those in the areas, where there are any."""
    import geoprofiles
    from geoprofiles.errors import InputError

    choice = {key: reading.pop(key) for key in ("categories", "from_month", "to_month")}
    how = take_area_options(reading)
    boundaries = None if areas is None else read_one_set(areas, how)
    incidents = chosen(read(files, areas=boundaries, **reading), **choice)
    if boundaries is None:
        return incidents
    located = geoprofiles.locate(incidents, boundaries)
    inside = located[located["area_code"].notna()]
    if inside.empty:
        raise InputError(
            "none of the chosen incidents lies in the areas",
            remedy="'geoprofiles check' says where they are.",
        )
    return inside


@click.command(
    epilog=example(
        "geoprofiles hotspots data downloads/",
        "geoprofiles hotspots data burglaries.csv --column start=From --column end=To --json",
    )
)
@files_argument
@areas_option(required=False)
@category_option
@period_options
@output_option()
@reading_options
@json_option
@quiet_option
def data(
    files: tuple[str, ...],
    areas: str | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    **reading: Any,
) -> None:
    """Say what the incidents can carry: how exact their places and times are.

    Writes fact, found, share and consequence. Which questions cannot be answered, and why, is
    said; with --json it is part of the answer.
    """
    import geoprofiles

    check_output(output, TABLE_FORMATS)
    incidents = _incidents(files, areas, reading)
    facts, can = geoprofiles.data_resolution(incidents), geoprofiles.answerable(incidents)
    if as_json:
        emit_json({"facts": records(facts), "methods": records(can.reset_index())})
        return
    for method, row in can.iterrows():
        if not row["can"]:
            tell(f"cannot be told: {method}: {row['why']}.", quiet=quiet)
    emit_table(facts, output)


@click.command(
    epilog=example(
        "geoprofiles hotspots time burglaries.csv --column start=From --column end=To"
        " --time-zone Europe/London --chart",
        "geoprofiles hotspots time burglaries.csv --reversed swap -o hours.csv",
    )
)
@files_argument
@areas_option(required=False)
@category_option
@period_options
@click.option(
    "--time-zone",
    metavar="NAME",
    help="Whose clock the times show, such as Europe/London; without it every day has 24 hours.",
)
@click.option(
    "--reversed",
    "reversed_spans",
    type=click.Choice(["start", "swap", "refuse"]),
    default="start",
    show_default=True,
    help="What to do with spans that end before they start: count the start, swap, or refuse.",
)
@click.option("--simulations", type=click.IntRange(0), default=999, show_default=True,
              help="Samples drawn for the bands.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of the samples.")
@click.option("--chart", is_flag=True, help="Answer with a chart of the day in text.")
@output_option()
@reading_options
@json_option
@quiet_option
def time(
    files: tuple[str, ...],
    areas: str | None,
    time_zone: str | None,
    reversed_spans: str,
    simulations: int,
    seed: int,
    chart: bool,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    **reading: Any,
) -> None:
    """Spread incidents over the hours of the week in which they may have happened.

    Needs start times, and says more where there are ends. Writes weekday, hour, weight (incidents),
    low and high (95% bands) and start (incidents by the hour of their start alone).
    """
    import geoprofiles
    from geoprofiles.hotspots.aoristic import SHAPED, week_rows

    check_output(output, TABLE_FORMATS)
    if chart and (output or as_json):
        raise click.UsageError("--chart goes with neither -o nor --json.")
    incidents = _incidents(files, areas, reading)
    hours = geoprofiles.aoristic_hours(
        incidents,
        time_zone=time_zone,
        reversed_spans=reversed_spans,
        simulations=simulations,
        seed=seed,
    )
    tell(str(hours.attrs["note"]), quiet=quiet)
    if chart:
        click.echo(_chart(hours))
    elif as_json:
        facts = {key: value for key, value in hours.attrs.items() if key not in SHAPED}
        emit_json({**facts, "hours": records(week_rows(hours))})
    else:
        emit_table(week_rows(hours), output)


def _chart(hours: pd.DataFrame) -> str:
    """Draw the day in text: a bar an hour, and the hour of the start to compare with."""
    by_hour = hours.attrs["by_hour"]
    most = max(by_hour["weight"]) or 1.0
    lines = ["hour  incidents  (by start alone)"]
    for hour, (weight, start) in enumerate(zip(by_hour["weight"], by_hour["start"], strict=True)):
        bar = "#" * round(WIDTH * weight / most)
        lines.append(f"{hour:02d}    {weight:9.1f}  ({start:,.0f})".ljust(28) + bar)
    return "\n".join(lines)


@click.command(
    epilog=example(
        "geoprofiles hotspots repeats burglaries.csv --column start=From -o bands.csv",
        "geoprofiles hotspots repeats burglaries.csv --space-bands 0,1,150,300"
        " --time-bands 0,1,2,7,14 --distance manhattan --json",
    )
)
@files_argument
@areas_option(required=False)
@category_option
@period_options
@click.option(
    "--space-bands", metavar="METRES", default="0,1,100,200,300,400", show_default=True,
    help="Edges of the bands; each runs to just under the next.",
)  # fmt: skip
@click.option(
    "--time-bands", metavar="DAYS", default="0,7,14,21,28", show_default=True,
    help="Edges of the bands, in whole days.",
)  # fmt: skip
@click.option(
    "--distance", type=click.Choice(["euclidean", "manhattan"]), default="euclidean",
    show_default=True,
)  # fmt: skip
@click.option(
    "--target", metavar="COLUMN",
    help="What names the target, such as uprn or place; the place where not said.",
)  # fmt: skip
@click.option("--at-risk", type=click.IntRange(1), help="How many targets there are.")
@click.option("--simulations", type=click.IntRange(1), default=999, show_default=True,
              help="How often dates are shuffled.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of the shuffling.")
@output_option()
@reading_options
@json_option
@quiet_option
def repeats(
    files: tuple[str, ...],
    areas: str | None,
    space_bands: str,
    time_bands: str,
    distance: str,
    target: str | None,
    at_risk: int | None,
    simulations: int,
    seed: int,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    **reading: Any,
) -> None:
    """Count repeats at the same target, and near repeats around it soon after.

    Needs the day of each incident. Writes the table of near repeats: pairs of incidents by how far
    apart they are in metres and days, against shuffled dates. What it comes to is said, and what
    was hit more than once; with --json all tables are part of the answer.
    """
    import geoprofiles
    from geoprofiles.errors import InputError

    check_output(output, TABLE_FORMATS)
    edges = [_edges(text, option) for text, option in
             ((space_bands, "--space-bands"), (time_bands, "--time-bands"))]  # fmt: skip
    incidents = _incidents(files, areas, reading)
    with progress_bar(quiet=quiet) as progress:
        bands = geoprofiles.near_repeats(
            incidents,
            space_bands=edges[0],
            time_bands=edges[1],
            distance=distance,
            simulations=simulations,
            seed=seed,
            progress=None if progress is None else partial(progress, "shuffling dates"),
        )
    answer: dict[str, Any] = {"near_repeats": {**bands.attrs, "bands": records(bands)}}
    tell(str(bands.attrs["note"]), quiet=quiet)
    tell(str(bands.attrs["summary"]), quiet=quiet)
    try:
        table = geoprofiles.repeat_table(incidents, target=target, at_risk=at_risk)
    except InputError as error:
        # The near repeats stand all the same, unless it was a column that was asked for.
        if target is not None:
            raise
        answer["repeats"] = {"note": str(error)}
        tell(f"note: {error}")
    else:
        soon = geoprofiles.days_to_next(incidents, target=target)
        answer["repeats"] = {**table.attrs, "targets_by_incidents": records(table.reset_index())}
        answer["days_to_next"] = {**soon.attrs, "bands": records(soon)}
        tell(f"{table.attrs['summary']} {table.attrs['note']}", quiet=quiet)
    if as_json:
        emit_json(answer)
    else:
        emit_table(bands, output)


def _edges(text: str, option: str) -> list[float]:
    try:
        return [float(one) for one in text.split(",")]
    except ValueError:
        raise click.BadParameter(
            f"'{text}' is not a list of numbers, such as 0,7,14.", param_hint=option
        ) from None

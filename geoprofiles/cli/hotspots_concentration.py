"""``hotspots concentration``: how few places hold how much, beside what chance would give."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click

from geoprofiles.cli.hotspots_local import CELL
from geoprofiles.cli.hotspots_reading import (
    counted_incidents,
    harm_by_unit,
    read_at_risk,
    records,
    window_options,
)
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
from geoprofiles.errors import InputError


@click.command(
    epilog=example(
        "geoprofiles hotspots concentration downloads/ --areas wards.geojson --category Burglary",
        "geoprofiles hotspots concentration burglaries.csv --areas wards.geojson --places 48000",
        "geoprofiles hotspots concentration downloads/ --areas lsoa.geojson --by areas"
        " --at-risk homes.csv --harm weights.csv -o concentration.csv",
    )
)
@files_argument
@areas_option()
@category_option
@period_options
@window_options
@click.option(
    "--by", type=click.Choice(["places", "cells", "areas"]), default="places", show_default=True,
    help="Over what: distinct places (map points, where incidents were moved to them), or all"
    " cells or areas.",
)  # fmt: skip
@click.option(
    "--cell", type=float, default=CELL, show_default=True, metavar="METRES", help="Side of a cell."
)
@click.option(
    "--places", "number", type=click.IntRange(1), metavar="NUMBER",
    help="How many places there are, those without incidents too: addresses, premises, segments.",
)  # fmt: skip
@click.option(
    "--at-risk",
    metavar="FILE",
    help="People, homes or premises by area, by which random incidents fall.",
)
@click.option(
    "--harm",
    metavar="FILE",
    help="Weights by category (category, weight): harm is measured too, and what share of it the"
    " heaviest single incident brings.",
)
@click.option("--curve", is_flag=True, help="Answer with the Lorenz curve.")
@click.option("--simulations", type=click.IntRange(1), default=999, show_default=True,
              help="How often incidents fall at random.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of the random numbers.")
@output_option()
@reading_options
@json_option
@quiet_option
def concentration(
    files: tuple[str, ...],
    areas: str,
    by: str,
    cell: float,
    number: int | None,
    at_risk: str | None,
    harm: str | None,
    curve: bool,
    simulations: int,
    seed: int,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    **reading: Any,
) -> None:
    """Say how concentrated incidents are: which part of the places holds half of them.

    Writes the Gini, the generalised Gini and the fewest places that hold 25% and 50%, each as
    observed and as it would be if as many incidents fell at random: a hundred incidents over a
    thousand places lie on a tenth of them at most, whoever is to blame.
    """
    import pandas as pd

    import geoprofiles

    check_output(output, TABLE_FORMATS)
    if number and by != "places":
        raise click.UsageError("--places goes with --by places: all cells or areas are counted.")
    if number and at_risk:
        raise click.UsageError(
            "--places and --at-risk do not go together: what is at risk at each is not known."
        )
    counted, every, boundaries = counted_incidents(files, areas, reading)
    units = _units(by, number, counted, every, boundaries, cell, at_risk)
    tell(units.said, quiet=quiet)
    kinds: dict[str, Any] = {"incidents": {"counts": units.count(counted)}}
    answer: dict[str, Any] = {}
    if harm is not None:
        kinds["harm"], answer["heaviest"] = _harm(harm, counted, units)
    tables, curves = [], []
    for kind, what in kinds.items():
        how = {**what, "units": number, "at_risk": units.risk, "seed": seed}
        with progress_bar(quiet=quiet) as progress:
            told = None if progress is None else partial(progress, f"{kind} at random")
            table = geoprofiles.place_concentration(**how, simulations=simulations, progress=told)
        if by == "cells" and at_risk is None:
            said = table.attrs["sentence"].replace("by what is at risk", "by their ground")
            table.attrs["sentence"] = said
        tell(table.attrs["sentence"], quiet=quiet)
        tables.append(table.reset_index().assign(of=kind))
        answer[kind] = {**table.attrs, "measures": records(table.reset_index())}
        if curve or as_json:
            line = geoprofiles.lorenz_curve(**how, simulations=min(simulations, 199))
            curves.append(line.assign(of=kind))
            answer[kind]["curve"] = records(line)
    for said in (answer["incidents"]["note"], answer.get("heaviest", {}).get("sentence")):
        if said:
            tell(said, quiet=quiet)
    if as_json:
        emit_json(answer)
        return
    rows = pd.concat(curves if curve else tables, ignore_index=True)
    emit_table(rows[["of", *rows.columns.drop("of")]], output)


class _Units(NamedTuple):
    """Over what concentration is measured."""

    count: Callable[[Any], Any]
    """Counts incidents into every unit."""
    risk: Any
    said: str


def _units(
    by: str,
    number: int | None,
    counted: Any,
    every: Any,
    boundaries: Any,
    cell: float,
    at_risk: str | None,
) -> _Units:
    import geoprofiles
    from geoprofiles.hotspots.significance import spacing_for

    risk = read_at_risk(at_risk, boundaries, spacing_for(boundaries, cell))
    if by == "places":
        return _places(counted, every, boundaries, risk, number)
    shapes = boundaries if by == "areas" else geoprofiles.grid_over(boundaries, cell=cell)
    if risk is not None:
        held, said = geoprofiles.count_places(risk, shapes), ""
    elif by == "cells":
        # Cells at the edge are cut: by chance they hold as much less as they are smaller.
        held, said = shapes["area_km2"], ", by their ground within the areas"
    else:
        held, said = None, ""
    what = "areas" if by == "areas" else f"cells of {cell:g} m{said}"
    return _Units(
        lambda incidents: geoprofiles.count_places(geoprofiles.distinct_places(incidents), shapes),
        held,
        f"Over {len(shapes):,} {what}.",
    )


def _places(counted: Any, every: Any, boundaries: Any, risk: Any, number: int | None) -> _Units:
    """Take the places of the incidents; all map points of the source, where it has them."""
    import pandas as pd

    import geoprofiles
    from geoprofiles.areas.locate import locate_points
    from geoprofiles.hotspots.resolution import map_points

    names = ["easting", "northing"]
    at = geoprofiles.distinct_places(counted)[names]
    points, said = map_points(every), f"Over {len(at):,} places with an incident."
    if points is not None:
        inside = locate_points(points["easting"], points["northing"], boundaries) >= 0
        at = pd.concat([at, points[inside]]).drop_duplicates(ignore_index=True)
        said = f"Over {len(at):,} map points, to which incidents were moved from around."
    elif risk is not None:
        raise InputError(
            "what is at risk at each place is not known",
            remedy="Say --by cells or --by areas with --at-risk.",
        )
    elif number is None:
        raise InputError(
            f"there are {len(at):,} places with an incident, and how many there are without one is"
            " not known",
            remedy="Say it with --places, or say --by cells or --by areas.",
        )
    if number is not None and number < len(at):
        raise InputError(
            f"--places is {number:,}, but there are {len(at):,} with an incident",
            remedy="Give the number of all places, those without an incident too.",
        )
    index = pd.MultiIndex.from_frame(at)

    def count(incidents: Any) -> Any:
        places = geoprofiles.distinct_places(incidents)
        return places.set_index(names)["count"].reindex(index, fill_value=0)

    if risk is not None:
        risk = geoprofiles.at_risk_on_places(risk, at).set_index(names)["count"]
    return _Units(count, risk, said)


def _harm(file: str, counted: Any, units: _Units) -> tuple[dict[str, Any], dict[str, Any]]:
    """Weigh what each unit holds; say what the heaviest single incident brings."""
    rows, weights, table = harm_by_unit(file, counted, units.count)
    whole, each = table.iloc[-1], table.iloc[:-1]
    by_weight = rows["count"].groupby(rows["category"].map(weights)).sum()
    heaviest = {
        "category": whole["weightiest"],
        "share": whole["share_of_weightiest"],
        "units_ruled_by_one": int(each["ruled"].sum()),
        "sentence": table.attrs["sentence"],
    }
    harm = each["harm"].set_axis(units.count(counted).index)
    return {"counts": harm, "lumps": by_weight}, heaviest

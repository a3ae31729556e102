"""``hotspots change``: where incidents became more or fewer, and what an operation did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geoprofiles.cli.compare import as_period
from geoprofiles.cli.hotspots_local import CELL, adjust_option
from geoprofiles.cli.hotspots_reading import counted_incidents, records, window_options
from geoprofiles.cli.options import (
    LAYER_FORMATS,
    areas_option,
    category_option,
    check_output,
    emit_json,
    emit_layer,
    example,
    files_argument,
    json_option,
    output_option,
    quiet_option,
    reading_options,
    tell,
)
from geoprofiles.errors import InputError

NAMED = 3
"""Units named in words, of those with more and of those with fewer."""

GROUNDS = ("treated", "control", "buffer", "buffer-control")


def _ground_options(function: Any) -> Any:
    for name, what in reversed(
        (
            ("treated", "Where an operation ran between the periods: an area, or a file of"
             " polygons. It is then held against --control."),
            ("control", "Ground like it, where nothing was done."),
            ("buffer", "Ground around the treated, where crime may have moved to."),
            ("buffer-control", "Ground like the buffer; goes with --buffer."),
        )
    ):  # fmt: skip
        function = click.option(
            f"--{name}",
            multiple=True,
            metavar="AREA|FILE",
            help=f"{what} May be given more than once.",
        )(function)
    return function


@click.command(
    epilog=example(
        "geoprofiles hotspots change downloads/ --areas wards.geojson --category Robbery"
        " --before 2024-07:2025-06 --after 2025-07:2026-06 -o change.gpkg",
        "geoprofiles hotspots change downloads/ --areas wards.geojson --by areas"
        " --before 2025-06 --after 2026-06 -o change.csv",
        "geoprofiles hotspots change downloads/ --areas wards.geojson --before 2025-01:2025-03"
        " --after 2026-01:2026-03 --treated Quayside --control 'Mill Hill'",
    )
)
@files_argument
@areas_option()
@category_option
@window_options
@click.option(
    "--before", required=True, callback=as_period, metavar="MONTH[:MONTH]", help="First period."
)
@click.option(
    "--after", required=True, callback=as_period, metavar="MONTH[:MONTH]", help="Second period."
)
@click.option(
    "--by", type=click.Choice(["cells", "areas"]), default="cells", show_default=True,
    help="What is compared.",
)  # fmt: skip
@click.option(
    "--cell", type=float, default=CELL, show_default=True, metavar="METRES", help="Side of a cell."
)
@click.option("--relative", is_flag=True, help="Compare shares of all incidents, not counts.")
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Share of false findings allowed, over the whole map.",
)
@adjust_option
@_ground_options
@output_option(LAYER_FORMATS)
@reading_options
@json_option
@quiet_option
def change(
    files: tuple[str, ...],
    areas: str,
    before: tuple[str, str],
    after: tuple[str, str],
    by: str,
    cell: float,
    relative: bool,
    level: float,
    adjust: str,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    **reading: Any,
) -> None:
    """Say which cells or areas hold more or fewer incidents than before, beyond chance.

    Writes before, after, ratio (per day) with 95% limits, p, q and a verdict. How alike the two
    patterns are is said too (Andresen's S). With --treated and --control, so is what an operation
    did: the weighted displacement difference. With --json all of it is part of the answer.

    Months are not looked at one by one: where they vary by more than chance, 'geoprofiles change'
    allows for it, and finds less.
    """
    import geoprofiles
    from geoprofiles.areas.change import two_periods

    check_output(output, LAYER_FORMATS)
    grounds = {name: reading.pop(name.replace("-", "_")) for name in GROUNDS}
    _check_grounds(grounds)
    reading |= {"from_month": None, "to_month": None}
    counted, every, boundaries = counted_incidents(files, areas, reading)
    months = two_periods(every["month"], before, after)
    places = [geoprofiles.distinct_places(counted[counted["month"].isin(one)]) for one in months]
    days = [int(one.days_in_month.to_numpy().sum()) for one in months]
    if [one.month for one in months[0]] != [one.month for one in months[1]]:
        tell("note: the periods are not of the same months of the year: season is in the change.")
    units = boundaries if by == "areas" else geoprofiles.grid_over(boundaries, cell=cell)
    counts = [geoprofiles.count_places(one, units) for one in places]
    table = geoprofiles.change_in_cells(
        *counts, exposure=days[1] / days[0], relative=relative, level=level, correction=adjust
    )
    answer: dict[str, Any] = {"note": table.attrs["note"]}
    try:
        alike = geoprofiles.andresen_s(*counts).attrs
    except InputError as error:  # too few to draw from: the tests stand all the same
        alike = {"note": f"Andresen's S cannot be told: {error.problem}."}
    else:
        answer["similarity"] = {"s": alike["s"], "robust_s": alike["robust_s"]}
    for said in (table.attrs["note"], _strongest(table, units), alike["note"]):
        tell(said, quiet=quiet)
    if grounds["treated"]:
        answer["operation"] = _operation(grounds, boundaries, places, days, quiet=quiet)
    if as_json:
        shown = units[["area_name"]].join(table) if by == "areas" else table
        emit_json({**answer, "units": records(shown.reset_index())})
    else:
        emit_layer(units.join(table), output, name="change")


def _strongest(table: Any, units: Any) -> str:
    """Name the units with the strongest evidence of more, and of fewer."""
    names = units.get("area_name")
    parts = []
    for verdict in ("more", "fewer"):
        rows = table[table["verdict"] == verdict].sort_values(["q", "p"], kind="stable")
        told = ", ".join(
            f"{unit if names is None else names[unit]} ({row['before']:,} to {row['after']:,})"
            for unit, row in rows.head(NAMED).iterrows()
        )
        if told:
            of = f", the surest of {len(rows):,}" if len(rows) > NAMED else ""
            parts.append(f"{verdict.capitalize()}{of}: {told}.")
    return " ".join(parts) or "No unit has changed by more than chance."


def _check_grounds(grounds: dict[str, tuple[str, ...]]) -> None:
    for one, other in (("treated", "control"), ("buffer", "buffer-control")):
        if bool(grounds[one]) != bool(grounds[other]):
            raise click.UsageError(
                f"--{one} and --{other} go together: what happened everywhere is told by ground"
                " in which nothing was done."
            )
    if grounds["buffer"] and not grounds["treated"]:
        raise click.UsageError("--buffer goes with --treated and --control.")


def _operation(
    grounds: dict[str, tuple[str, ...]],
    boundaries: Any,
    places: list[Any],
    days: list[int],
    *,
    quiet: bool,
) -> dict[str, Any]:
    """Hold the treated ground against its control; say what it comes to."""
    import geoprofiles

    shapes = _shapes(grounds, boundaries)
    counts = [geoprofiles.count_places(one, shapes) for one in places]
    pairs = {name: (counts[0][name], counts[1][name]) for name in shapes.index}
    table = geoprofiles.displacement_difference(
        pairs["treated"],
        pairs["control"],
        displacement=pairs.get("buffer"),
        displacement_control=pairs.get("buffer-control"),
        lengths=(days[0], days[1]),
    )
    told = ", ".join(f"{name} {one:,} to {two:,}" for name, (one, two) in pairs.items())
    tell(f"Operation: {told}.", quiet=quiet)
    for said in (*table.attrs["sentences"], *table.attrs["notes"]):
        tell(said, quiet=quiet)
    return {
        "counts": {name: [int(one), int(two)] for name, (one, two) in pairs.items()},
        **table.attrs,
        "parts": records(table.reset_index()),
    }


def _shapes(grounds: dict[str, tuple[str, ...]], boundaries: Any) -> Any:
    """Make one shape of each ground; refuse those that overlap."""
    import geopandas
    import shapely

    shapes = {
        name: shapely.union_all([_ground(one, name, boundaries) for one in given])
        for name, given in grounds.items()
        if given
    }
    names = list(shapes)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            both = shapely.area(shapely.intersection(shapes[one], shapes[other]))
            if both > 0.001 * min(shapely.area(shapes[one]), shapely.area(shapes[other])):
                raise InputError(
                    f"the ground of --{one} and that of --{other} overlap",
                    remedy="Cut one out of the other: an incident can count in one only.",
                )
    city = shapely.union_all(boundaries.geometry.to_numpy())
    for name, shape in shapes.items():
        beyond = shapely.area(shapely.difference(shape, city)) / shapely.area(shape)
        if beyond > 0.999:
            raise InputError(
                f"the ground of --{name} lies in none of the areas",
                remedy="Give areas that hold it, or check its coordinate system.",
            )
        if beyond > 0.001:
            tell(f"note: {beyond:.0%} of the ground of --{name} lies in none of the areas; what"
                 " happened there is not counted.")  # fmt: skip
    return geopandas.GeoDataFrame(
        {"area_name": names}, geometry=list(shapes.values()), index=names, crs=boundaries.crs
    )


def _ground(text: str, name: str, boundaries: Any) -> Any:
    """Find an area by its code or name, or read the polygons of a file."""
    import shapely

    from geoprofiles.read.boundaries import read_shapes
    from geoprofiles.words import nearest

    known = {str(one): str(code) for code, one in boundaries["area_name"].items()}
    codes = boundaries.index.astype(str)
    if text in codes or text in known:
        return boundaries.geometry.to_numpy()[codes == known.get(text, text)][0]
    if not Path(text).is_file():
        raise InputError(
            f"'{text}' of --{name} is no code or name of --areas, nor a file",
            remedy=nearest(text, list(known)),
        )
    shapes = read_shapes(text).to_crs(boundaries.crs).geometry.to_numpy()
    if not (shapely.get_dimensions(shapes) == 2).all():
        raise InputError(
            "these are not polygons",
            file=text,
            remedy=f"Give for --{name} the outline of the ground.",
        )
    return shapely.union_all(shapes)

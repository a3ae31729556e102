"""What commands share: options, and how answers are written."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geoprofiles.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from geoprofiles.frames import Areas, Incidents

F = TypeVar("F", bound=Callable[..., Any])

TABLE_FORMATS = (".csv", ".json", ".xlsx", ".parquet")
LAYER_FORMATS = (".geojson", ".gpkg", ".parquet", ".csv")


def example(*lines: str) -> str:
    """Set examples out for ``--help`` as they would be typed."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def files_argument(function: F) -> F:
    """``FILES...``: incident files, folders, globs, zips, or - for standard input."""
    return click.argument("files", nargs=-1, required=True, metavar="FILES...")(function)


def areas_option(*, multiple: bool = False, required: bool = True) -> Callable[[F], F]:
    """``--areas FILE`` and how to read it, where that is not to be found."""

    def decorate(function: F) -> F:
        for name, metavar, what in (
            ("--area-crs", "CRS", "Coordinate system of the boundaries, such as EPSG:27700."),
            ("--area-layer", "NAME", "Layer of the boundaries' file, where it has several."),
            ("--area-name", "COLUMN", "Column with the areas' names."),
            ("--area-code", "COLUMN", "Column with the areas' codes."),
        ):
            function = click.option(name, metavar=metavar, help=what)(function)
        return click.option(
            "--areas",
            required=required,
            multiple=multiple,
            metavar="FILE",
            help="Boundaries: GeoJSON, GeoPackage, shapefile (also zipped), TopoJSON or GeoParquet."
            + (" May be given more than once." if multiple else ""),
        )(function)

    return decorate


def output_option(formats: tuple[str, ...] = TABLE_FORMATS) -> Callable[[F], F]:
    """``-o FILE``."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=f"Where to write; the ending says how: {', '.join(formats)}."
        " Without it, or with -, to standard output.",
    )


def json_option(function: F) -> F:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Answer as one JSON document.")(
        function
    )


def quiet_option(function: F) -> F:
    """``--quiet``."""
    return click.option("-q", "--quiet", is_flag=True, help="Say nothing but notes and errors.")(
        function
    )


def reading_options(function: F) -> F:
    """Options on how incident files are read; each is found from the files where not said."""
    for option in (
        click.option(
            "--column",
            "columns",
            multiple=True,
            metavar="OURS=THEIRS",
            help="Map a column, such as category=Offence; may be given more than once."
            " Ours: incident_id, category, month, date, start, end, longitude, latitude,"
            " easting, northing, point, area_given, place, postcode, uprn, grid_reference,"
            " district.",
        ),
        click.option("--source-crs", metavar="CRS", help="Of the coordinates, such as EPSG:4326."),
        click.option("--encoding", metavar="NAME", help="Of the text, such as utf-8 or cp1252."),
        click.option("--delimiter", metavar="CHARACTER", help="Between columns, such as ';'."),
        click.option(
            "--repeated-ids",
            type=click.Choice(["first", "keep"]),
            default="first",
            show_default=True,
            help="Count the first row of an ID that comes again, or keep them all.",
        ),
    ):
        function = option(function)
    return function


def category_option(function: F) -> F:
    """``--category NAME``."""
    return click.option(
        "--category",
        "categories",
        multiple=True,
        metavar="NAME",
        help="Take only this category; may be given more than once.",
    )(function)


def period_options(function: F) -> F:
    """``--from`` and ``--to``."""
    for name, what in (("--to", "Last"), ("--from", "First")):
        function = click.option(
            name,
            name.strip("-") + "_month",
            metavar="YYYY-MM",
            callback=_month,
            help=f"{what} month to take; all months where not said.",
        )(function)
    return function


def _month(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    import re

    if value is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise click.BadParameter(f"'{value}' is not a month; write it as 2026-06.")
    return value


def how_to_read(options: dict[str, Any]) -> dict[str, Any]:
    """Turn the reading options of a command into those of the library."""
    reading = dict(options)
    mapping = {}
    for pair in reading.pop("columns", ()):
        ours, equals, theirs = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"'{pair}' is not OURS=THEIRS.", param_hint="--column")
        mapping[ours.strip()] = theirs.strip()
    return {**reading, "columns": mapping or None}


def read(files: tuple[str, ...], *, areas: Areas | None = None, **reading: Any) -> Incidents:
    """Read incidents as the reading options say, into the metres of the areas."""
    from geoprofiles.areas.plausible import check_plausible
    from geoprofiles.read import read_incidents

    reading = how_to_read(reading)
    crs = None if areas is None else areas.crs
    incidents = read_incidents(list(files), crs=crs, **reading)
    if areas is not None:
        check_plausible(incidents, areas)
    return incidents


def read_one_set(path: str, options: dict[str, Any], *, crs: object = None) -> Areas:
    """Read a set of areas as the ``--area-...`` options say."""
    from geoprofiles.read import read_areas

    said = {key: options.get(f"area_{key}") for key in ("code", "name", "layer")}
    return read_areas(path, **said, source_crs=options.get("area_crs"), crs=crs)


def take_area_options(options: dict[str, Any]) -> dict[str, Any]:
    """Take the ``--area-...`` options out of all of a command's."""
    return {key: options.pop(key) for key in ("area_code", "area_name", "area_layer", "area_crs")}


def read_area_sets(paths: tuple[str, ...], options: dict[str, Any]) -> dict[str, Areas]:
    """Read several sets of areas into the coordinate system of the first, by kind."""
    sets: dict[str, Areas] = {}
    crs = None
    for path in paths:
        areas = read_one_set(path, options, crs=crs)
        crs = areas.crs
        kind = str(areas.attrs.get("kind") or "area")
        if kind in sets:
            kind = f"{kind} {areas.attrs.get('vintage') or len(sets) + 1}"
        sets[kind] = areas
    return sets


def chosen(
    incidents: Incidents,
    *,
    categories: tuple[str, ...] = (),
    from_month: str | None = None,
    to_month: str | None = None,
) -> Incidents:
    """Take the incidents of some categories and months; a category that no row has is refused."""
    import pandas as pd

    from geoprofiles.words import nearest

    keep = pd.Series(True, index=incidents.index)
    if categories:
        present = sorted(incidents["category"].dropna().astype(str).unique())
        for name in categories:
            if name not in present:
                raise InputError(f"no row has the category '{name}'", remedy=nearest(name, present))
        keep &= incidents["category"].astype(str).isin(categories)
    if from_month:
        keep &= incidents["month"] >= pd.Timestamp(from_month)
    if to_month:
        keep &= incidents["month"] <= pd.Timestamp(to_month)
    if not keep.any():
        raise InputError(
            "no incident is left after the choice of categories and months",
            remedy="'geoprofiles check' lists what the files hold.",
        )
    return incidents[keep]


def emit_table(frame: pd.DataFrame, output: Path | None, *, as_json: bool = False) -> None:
    """Write a table where the user asked, in the format its ending names."""
    ending = ".json" if as_json else _ending(output, TABLE_FORMATS)
    if ending == ".json":
        from geoprofiles.publish.tables import render_json

        content = render_json(frame)
    elif ending == ".xlsx":
        from geoprofiles.publish.tables import render_workbook

        content = render_workbook({"Table": frame}, title="geoprofiles")
    elif ending == ".parquet":
        from geoprofiles.publish.columnar import render_parquet

        content = render_parquet(frame)
    else:
        from geoprofiles.publish.tables import render_csv

        content = render_csv(frame)
    emit(content, output)


def emit_layer(frame: Any, output: Path | None, *, name: str) -> None:
    """Write a layer of shapes where the user asked, in the format its ending names."""
    from geoprofiles.publish.geodata import render_geojson, render_geopackage
    from geoprofiles.publish.tables import render_csv

    ending = _ending(output, LAYER_FORMATS) if output else ".geojson"
    if ending == ".gpkg":
        emit(render_geopackage({name: frame}), output)
    elif ending == ".parquet":
        from geoprofiles.publish.columnar import render_geoparquet

        emit(render_geoparquet(frame), output)
    elif ending == ".csv":
        emit(render_csv(frame.drop(columns=frame.geometry.name).reset_index()), output)
    else:
        emit(render_geojson(frame), output)


def emit(content: bytes, output: Path | None) -> None:
    """Write bytes to a file, whole or not at all, or to standard output."""
    from geoprofiles.write import write_file

    if output is None or str(output) == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_file(output, content)


def emit_json(content: Any) -> None:
    """Write one JSON document to standard output."""
    click.echo(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def _ending(output: Path | None, formats: tuple[str, ...]) -> str:
    if output is None or str(output) == "-":
        return formats[0]
    ending = output.suffix.lower()
    if ending not in formats:
        raise click.BadParameter(
            f"'{output.name}' ends in none of {', '.join(formats)}.", param_hint="-o"
        )
    return ending


def check_output(output: Path | None, formats: tuple[str, ...]) -> None:
    """Refuse a format that cannot be written before the work, not after."""
    _ending(output, formats)


def tell(message: str, *, quiet: bool = False) -> None:
    """Say something to the person, on standard error."""
    if not quiet:
        click.echo(message, err=True)


def tell_fates(table: pd.DataFrame, *, quiet: bool = False) -> None:
    """Say where every row ended, on standard error."""
    fates = table.groupby("fate", sort=False)["rows"].sum()
    parts = ", ".join(f"{number:,} {fate}" for fate, number in fates.items() if number)
    tell(f"{int(fates.sum()):,} rows: {parts}.", quiet=quiet)


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """Show on a terminal how far each large file is read; give what is to be called."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    shown = {"width": 0}

    def tell(file: str, done: int, total: int) -> None:
        share = min(done / total, 1.0) if total else 0.0
        bar = "#" * round(30 * share)
        line = f"{file} [{bar:<30}] {share:4.0%}"
        click.echo(f"\r{line:<{shown['width']}}", err=True, nl=False)
        shown["width"] = len(line)

    try:
        yield tell
    finally:
        # The line is cleared, so that what follows starts clean.
        click.echo("\r" + " " * shown["width"] + "\r", err=True, nl=False)

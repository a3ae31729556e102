"""``indicators``: what indicators mean, and what is wrong with their tables."""

from __future__ import annotations

from pathlib import Path

import click

from geoprofiles.cli.options import (
    TABLE_FORMATS,
    areas_option,
    check_output,
    emit_table,
    example,
    json_option,
    output_option,
    quiet_option,
    read_one_set,
    tell,
)

FAULTY = 3
"""Exit code where a table has errors: input refused."""


@click.group(
    epilog=example(
        "geoprofiles indicators list indicators.toml",
        "geoprofiles indicators check indicators.csv --definitions definitions.csv",
    )
)
def indicators() -> None:
    """List what indicators mean, or check the tables of their figures."""


@indicators.command("list", epilog=example("geoprofiles indicators list definitions.csv"))
@click.argument("definitions")
@click.option("--topic", metavar="NAME", help="Only those of this topic.")
@output_option()
@json_option
@quiet_option
def list_(
    definitions: str, topic: str | None, output: Path | None, as_json: bool, quiet: bool
) -> None:
    """List the indicators that DEFINITIONS (a table or an indicators file) declares."""
    from geoprofiles.errors import InputError
    from geoprofiles.read import read_definitions
    from geoprofiles.words import nearest

    check_output(output, TABLE_FORMATS)
    table = read_definitions(definitions).reset_index()
    if topic is not None:
        topics = sorted(set(table["topic"]))
        if topic not in topics:
            raise InputError(
                f"no indicator is of the topic '{topic}'", remedy=nearest(topic, topics)
            )
        table = table[table["topic"] == topic]
    number = table["topic"].nunique()
    tell(f"{len(table):,} indicators on {number:,} topic{'s' * (number != 1)}.", quiet=quiet)
    emit_table(table, output, as_json=as_json)


@indicators.command(
    epilog=example(
        "geoprofiles indicators check indicators.csv --definitions definitions.csv",
        "geoprofiles indicators check indicators.csv --definitions d.csv --areas wards.geojson",
        "geoprofiles indicators check indicators.toml",
    )
)
@click.argument("table")
@click.option(
    "--definitions",
    metavar="FILE",
    help="What the indicators mean; not needed where TABLE is an indicators file (.toml).",
)
@areas_option(required=False)
@output_option()
@json_option
@quiet_option
def check(
    table: str,
    definitions: str | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    **areas: str | None,
) -> None:
    """Look through TABLE for what would mislead: missing, impossible or suppressed figures.

    Every fault is a row: how grave it is, what is wrong, where first, and what to do. The exit
    code is 3 where something is an error.
    """
    import pandas as pd

    from geoprofiles.errors import InputError
    from geoprofiles.indicators.check import check_indicators
    from geoprofiles.read import (
        read_declarations,
        read_definitions,
        read_indicators,
        read_tables,
    )

    check_output(output, TABLE_FORMATS)
    codes = None
    if areas.get("areas"):
        codes = list(read_one_set(str(areas["areas"]), areas).index)
    if table.lower().endswith(".toml"):
        declared = read_declarations(table)
        meanings = declared.definitions
        frames = [frame for _, frame in read_tables(declared)]
    else:
        if definitions is None:
            raise InputError("what the indicators mean is not said", remedy="Give --definitions.")
        meanings = read_definitions(definitions)
        frames = [read_indicators(table)]
    found = []
    for frame in frames:
        for note in frame.attrs.get("notes", []):
            tell(f"{Path(frame.attrs['file']).name}: {note}", quiet=quiet)
        found.append(check_indicators(frame, meanings, areas=codes))
    faults = pd.concat(found, ignore_index=True)
    errors = int((faults["severity"] == "error").sum())
    figures = sum(map(len, frames))
    tell(
        f"{figures:,} figures looked at: {errors:,} errors, {len(faults) - errors:,} cautions.",
        quiet=quiet,
    )
    emit_table(faults, output, as_json=as_json)
    if errors:
        raise click.exceptions.Exit(FAULTY)

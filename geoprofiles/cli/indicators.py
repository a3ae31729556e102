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


_data = click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder that relative paths of a project or an indicators file start from.",
)


def _is_project(path: str) -> bool:
    """Tell a project file from an indicators file: it has areas."""
    import tomllib

    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return False  # its reader says what is wrong
    return isinstance(content.get("areas"), list)


@indicators.command(
    "list",
    epilog=example(
        "geoprofiles indicators list definitions.csv",
        "geoprofiles indicators list geoprofiles.toml --topic Mortality",
    ),
)
@click.argument("definitions")
@_data
@click.option("--topic", metavar="NAME", help="Only those of this topic.")
@output_option()
@json_option
@quiet_option
def list_(
    definitions: str,
    data: Path | None,
    topic: str | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """List the indicators that DEFINITIONS declares: a table, an indicators or a project file."""
    import pandas as pd

    from geoprofiles.errors import InputError
    from geoprofiles.project import read_project
    from geoprofiles.read import read_definitions
    from geoprofiles.words import nearest

    check_output(output, TABLE_FORMATS)
    files = [definitions]
    if _is_project(definitions):
        wishes = read_project(definitions, data=data).indicators
        files = list(dict.fromkeys(str(one.definitions) for one in wishes))
        if not files:
            raise InputError("the project has no [[indicators]]", file=definitions)
    table = pd.concat([read_definitions(one) for one in files]).reset_index()
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
        "geoprofiles indicators check geoprofiles.toml",
    )
)
@click.argument("table")
@_data
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
    data: Path | None,
    definitions: str | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    **areas: str | None,
) -> None:
    """Look through TABLE for what would mislead: missing, impossible or suppressed figures.

    TABLE is a long table, an indicators file that names tables, or a project file.

    Every fault is a row: how grave it is, what is wrong, where first, and what to do. The exit
    code is 3 where something is an error.
    """
    import pandas as pd

    from geoprofiles.errors import InputError
    from geoprofiles.indicators.check import check_indicators
    from geoprofiles.pipeline.gather_tables import indicators_as_they_are
    from geoprofiles.project import read_project
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
    if _is_project(table):
        pairs = indicators_as_they_are(read_project(table, data=data))
    elif table.lower().endswith(".toml"):
        declared = read_declarations(table, folder=data)
        pairs = [(frame, declared.definitions) for _, frame in read_tables(declared)]
    elif definitions is None:
        raise InputError("what the indicators mean is not said", remedy="Give --definitions.")
    else:
        pairs = [(read_indicators(table), read_definitions(definitions))]
    if not pairs:
        raise InputError("no table of indicators is named here", file=table)
    found = []
    for frame, meanings in pairs:
        name = Path(frame.attrs["file"]).name
        for note in frame.attrs.get("notes", []):
            tell(f"{name}: {note}", quiet=quiet)
        faults_here = check_indicators(frame, meanings, areas=codes)
        faults_here.insert(0, "file", name)
        found.append(faults_here)
    faults = pd.concat(found, ignore_index=True)
    errors = int((faults["severity"] == "error").sum())
    figures = sum(len(frame) for frame, _ in pairs)
    tell(
        f"{figures:,} figures looked at: {errors:,} errors, {len(faults) - errors:,} cautions.",
        quiet=quiet,
    )
    emit_table(faults, output, as_json=as_json)
    if errors:
        raise click.exceptions.Exit(FAULTY)

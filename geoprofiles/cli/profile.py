"""``profile``: one area or all of a kind, told whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoprofiles.cli.options import (
    TABLE_FORMATS,
    check_output,
    emit,
    emit_table,
    example,
    json_option,
    output_option,
    quiet_option,
    tell,
)
from geoprofiles.errors import InputError

if TYPE_CHECKING:
    from geoprofiles.model import Profile

PAGE = ".html"
WIDTH = 44
"""Characters that the name of an indicator may take on a terminal."""


@click.command(
    epilog=example(
        "geoprofiles profile geoprofiles.toml --area Harbour",
        "geoprofiles profile geoprofiles.toml --area Harbour -o harbour.html",
        "geoprofiles profile geoprofiles.toml --kind neighbourhood -o neighbourhoods/",
        "geoprofiles profile geoprofiles.toml -o wards.xlsx",
    )
)
@click.argument("project", type=click.Path(path_type=Path))
@click.option(
    "--area",
    "areas",
    multiple=True,
    metavar="NAME",
    help="Name or code of an area; may be given more than once. All areas of the kind if not said.",
)
@click.option("--kind", metavar="KIND", help="Kind of area; the project's first if not said.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder that relative paths start from; the project file's own where not said.",
)
@click.option("--overwrite", is_flag=True, help="Replace a folder whatever it holds.")
@output_option((PAGE, *TABLE_FORMATS, "a folder"))
@json_option
@quiet_option
def profile(
    project: Path,
    areas: tuple[str, ...],
    kind: str | None,
    data: Path | None,
    overwrite: bool,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Tell areas of PROJECT.toml whole: every figure, what stands out, what changed.

    Without -o, the profile is printed as text. A page (.html) is of one area; a folder holds a
    page for each; a table holds every figure of every area asked for.
    """
    from geoprofiles.pipeline import profile_areas, profile_pages

    asked = {"kind": kind, "areas": areas, "data": data}
    page = output is not None and output.suffix.lower() == PAGE
    folder = output is not None and str(output) != "-" and not output.suffix
    if page and len(areas) != 1:
        raise InputError(
            "a page is of one area",
            remedy="Name it with --area, or give -o a folder for the pages of all.",
        )
    if not (page or folder or output is None):
        check_output(output, TABLE_FORMATS)
    if page or folder:
        from geoprofiles.write import check_replaceable, write_folder

        assert output is not None  # noqa: S101 (asked above)
        if folder:
            check_replaceable(output, overwrite=overwrite)
        files = profile_pages(project, **asked, progress=_steps(quiet=quiet))  # type: ignore[arg-type]
        if folder:
            write_folder(output, files, overwrite=overwrite)
            tell(f"Open {output / 'index.html'}", quiet=quiet)
        else:
            (content,) = (one for name, one in files.items() if name != "index.html")
            emit(content, output)
        return
    found = profile_areas(project, **asked, progress=_steps(quiet=quiet))  # type: ignore[arg-type]
    if output is None and not as_json:
        click.echo("\n\n".join(_text(one) for one in found))
        return
    import pandas as pd

    from geoprofiles.profile import DRAWN

    table = pd.concat([one.figures for one in found], ignore_index=True)
    emit_table(table.drop(columns=list(DRAWN)), output, as_json=as_json)


def _steps(*, quiet: bool):  # type: ignore[no-untyped-def]
    return lambda text: tell(text, quiet=quiet)


def _text(one: Profile) -> str:
    """Write a profile for a terminal: sentences, then a line a figure, topic by topic."""
    from geoprofiles.narrative import rank_words
    from geoprofiles.publish.figures import decimals_of, number
    from geoprofiles.words import plural

    lines = [f"{one.area_name} ({one.kind} {one.area_code})", ""]
    lines += [f"- {line}" for line in one.headlines]
    for topic, rows in one.figures.groupby("topic", sort=False):
        lines += ["", f"{str(topic).upper()}  (value, 95% limits; all {plural(one.kind)}; verdict)"]
        for row in rows.to_dict("records"):
            decimals = decimals_of([row[one] for one in ("value", "whole", "lower", "upper")])
            value = number(row["value"], decimals)
            limits = ""
            if row["lower"] == row["lower"]:
                low, high = (number(row[end], decimals) for end in ("lower", "upper"))
                limits = f" ({low} to {high})"
            rank = rank_words(row["rank"], row["rank_lower"], row["rank_upper"], row["ranked"])
            unit = f"{row['unit']}, {row['period']}"
            told = "; ".join(filter(None, (str(row["significance"]), rank, unit)))
            name = str(row["indicator"])
            name = name if len(name) <= WIDTH else f"{name[: WIDTH - 1]}…"
            whole = number(row["whole"], decimals)
            lines.append(f"  {name:<{WIDTH}} {value:>9}{limits:<20} {whole:>9}  {told}")
    return "\n".join(lines)

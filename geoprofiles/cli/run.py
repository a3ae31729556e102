"""``run``, ``init`` and ``demo``: a whole project."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoprofiles.cli.options import emit_json, example, json_option, quiet_option, tell
from geoprofiles.errors import OutputError

if TYPE_CHECKING:
    from geoprofiles.pipeline import Result


def _steps(*, quiet: bool) -> Callable[[str], None]:
    start = time.monotonic()

    def say(message: str) -> None:
        tell(f"{time.monotonic() - start:6.1f} s  {message}", quiet=quiet)

    return say


@click.command(
    epilog=example(
        "geoprofiles run geoprofiles.toml",
        "geoprofiles run geoprofiles.toml -o outputs/june --json",
    )
)
@click.argument("project", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FOLDER", help="Where to write."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder that relative paths start from; the project file's own where not said.",
)
@click.option("--overwrite", is_flag=True, help="Replace the folder whatever it holds.")
@json_option
@quiet_option
def run(
    project: Path,
    output: Path | None,
    data: Path | None,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run a project file: tables, hot spots, map and manifest into one folder.

    The folder is written whole or not at all. One that an earlier run made is replaced; one
    that holds anything else is left alone and the run refused, unless --overwrite is said.
    """
    import geoprofiles

    result = geoprofiles.run(
        project, output=output, data=data, overwrite=overwrite, progress=_steps(quiet=quiet)
    )
    if as_json:
        emit_json({"folder": str(result.folder), "page": str(result.page), **result.manifest})
    else:
        _tell_result(result, quiet=quiet)


def _tell_result(result: Result, *, quiet: bool) -> None:
    for caution in result.manifest["cautions"]:
        tell(f"note: {caution}", quiet=quiet)
    click.echo("")
    for line in result.summary:
        click.echo(line)
    click.echo(f"\nOpen {result.page}")


@click.command(epilog=example("geoprofiles init", "geoprofiles init my-city/geoprofiles.toml"))
@click.argument("path", type=click.Path(path_type=Path), default="geoprofiles.toml")
def init(path: Path) -> None:
    """Write a commented project file, with every default visible in it."""
    from geoprofiles.project import TEMPLATE
    from geoprofiles.write import write_file

    if path.is_dir():
        path = path / "geoprofiles.toml"
    if path.exists():
        raise OutputError(f"{path}: there is such a file already. Choose another name.")
    write_file(path, TEMPLATE.read_bytes())
    click.echo(f"Wrote {path}. Set its files, then: geoprofiles run {path}")


@click.command(
    epilog=example("geoprofiles demo my-demo", "geoprofiles demo big --incidents 1000000 --no-run")
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--incidents",
    type=click.IntRange(1),
    help="So many incidents, about; the sample's where not said.",
)
@click.option("--run/--no-run", "do_run", default=True, help="Run the project once it is written.")
@quiet_option
def demo(folder: Path, incidents: int | None, do_run: bool, quiet: bool) -> None:
    """Write the sample project of a fictional city into FOLDER and run it.

    The city of Port Averley, its people and its incidents are invented by code, always the
    same. Its project file is a good one to copy from.
    """
    import geoprofiles

    tell("Inventing a city", quiet=quiet)
    geoprofiles.write_sample(folder, incidents=incidents)
    project = folder / "geoprofiles.toml"
    if do_run:
        _tell_result(geoprofiles.run(project, progress=_steps(quiet=quiet)), quiet=quiet)
    else:
        click.echo(f"Wrote {folder}. Next: geoprofiles run {project}")

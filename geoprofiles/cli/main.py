"""The door of the command line: the list of commands, and how errors are told.

Exit codes: 0 good, 1 failed, 2 usage, 3 input refused. Commands are loaded when called, so
that ``geoprofiles --help`` loads none of the heavy libraries.
"""

from __future__ import annotations

import gc
import importlib
import os
import re
import signal
import sys
import warnings
from typing import Any, NoReturn

import click

from geoprofiles.errors import GeoprofilesError, InputError, InputWarning
from geoprofiles.words import nearest

FAILED, USAGE, REFUSED = 1, 2, 3

COMMANDS = {
    "demo": ("run:demo", "Write the sample project of a fictional city and run it."),
    "init": ("run:init", "Write a commented project file to start from."),
    "check": ("check:check", "Say what is in files, what was guessed, what would be dropped."),
    "run": ("run:run", "Run a project file: tables, hot spots, map and manifest."),
    "locate": ("tables:locate", "Add the area of each incident."),
    "geocode": ("geocode:geocode", "Place rows by postcode, code, UPRN, grid reference or name."),
    "count": ("tables:count", "Count incidents by area, month and category."),
    "rates": ("tables:rates", "Turn counts into rates with 95% limits."),
    "codes": ("vintages:codes", "Say which kind and vintage of area codes are."),
    "reaggregate": ("vintages:reaggregate", "Bring figures to other areas or another vintage."),
    "compare": ("compare:compare", "Test which areas differ from the rest."),
    "change": ("compare:change", "Test what has changed between two periods."),
    "funnel": ("funnel:funnel", "Set areas against limits for their size, plain and adjusted."),
    "profile": ("profile:profile", "Tell areas of a project whole, as text, page or table."),
    "indicators": ("indicators:indicators", "List what indicators mean; check their tables."),
    "scorecard": ("scorecard:scorecard", "Say how a strategy's measures stand, by evidence."),
    "hotspots": ("hotspots:hotspots", "Find where incidents concentrate: kde, clusters."),
    "map": ("map:map_", "Draw figures by area as one self-contained page."),
    "dashboard": ("dashboard:dashboard", "Make a page to explore of a table of figures."),
    "embed": ("embed:embed", "Write what embeds a page in another site."),
    "doctor": ("doctor:doctor", "Say what this installation has and lacks."),
}
"""Command to its function and its line in ``--help``; the line is here so that help loads none."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order of an analyst's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; a mistyped name is answered with the nearest."""
        if cmd_name not in COMMANDS:
            return None
        module, function = COMMANDS[cmd_name][0].split(":")
        command = getattr(importlib.import_module(f"geoprofiles.cli.{module}"), function)
        if not isinstance(command, click.Command):
            raise TypeError(f"{function} is not a command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which is nearest to what was typed."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message} {nearest(args[0], COMMANDS)}", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the lines kept here."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    click.echo(f"geoprofiles {version('geoprofiles')}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with 'geoprofiles demo my-demo', then 'geoprofiles init'. Help on one command:"
    " geoprofiles COMMAND --help. Exit codes: 0 good, 1 failed, 2 usage, 3 input refused.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """From incident files and boundaries to area profiles, hot spots and a map.

    Nothing is ever sent over a network.
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    _prepare()
    try:
        result = cli.main(args=arguments, prog_name="geoprofiles", standalone_mode=False)
        # With standalone_mode off, click hands back the code of ctx.exit().
        code = result if isinstance(result, int) else 0
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _tell("stopped; nothing was written, and earlier outputs are as they were.")
        code = FAILED
    except BrokenPipeError:
        # The reader of our output went away (| head): nothing to tell, and nothing to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    except InputError as error:
        _tell(_in_options(str(error), sys.argv[1:] if arguments is None else arguments))
        code = REFUSED
    except GeoprofilesError as error:
        _tell(str(error))
        code = FAILED
    except MemoryError:
        _tell("there is not enough memory for this. Run fewer files at a time.")
        code = FAILED
    except OSError as error:
        if os.environ.get("GEOPROFILES_DEBUG"):
            raise
        where = f"{error.filename}: " if error.filename else ""
        _tell(f"{where}{error.strerror or error}.")
        code = FAILED
    sys.exit(code)


def _tell(message: str) -> None:
    click.echo(f"geoprofiles: {' '.join(message.split())}", err=True)


AS_OPTIONS = (
    (r"columns=\{'(\w+)': '…', '(\w+)': '…'\}", r"--column \1=… --column \2=…"),
    (r"columns=\{'(\w+)': '…'\}", r"--column \1=…"),
    (r"columns=…", "--column"),
    (r"\b(code|layer)='([^']*)'", r"--area-\1 '\2'"),
    (r"\bsource_crs='([^']*)'", r"--source-crs '\1' (of areas, --area-crs)"),
    (r"\b(encoding|delimiter)='([^']*)'", r"--\1 '\2'"),
)
"""How a remedy that names a parameter of the library reads on the command line."""


def _in_options(message: str, arguments: list[str]) -> str:
    """Name options instead of parameters; a project file's keys are named as they are."""
    if any(argument.endswith(".toml") for argument in arguments):
        return message
    for parameter, option in AS_OPTIONS:
        message = re.sub(parameter, option, message)
    return message


def _prepare() -> None:
    """Make streams take any name, warnings one plain line, and a stop an orderly one."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")

    def show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        if issubclass(category, InputWarning):
            click.echo(f"note: {message}", err=True)
        elif os.environ.get("GEOPROFILES_DEBUG"):
            click.echo(f"{category.__name__}: {message}", err=True)

    warnings.showwarning = show
    warnings.simplefilter("always", InputWarning)
    # One command is short and keeps what it makes: looking for rubbish after every 700 new
    # things, as Python does, takes up to a tenth of its time and finds next to none.
    gc.set_threshold(100_000, 50, 50)
    # A stop from outside is as orderly as Ctrl-C: temporary files go.
    signal.signal(signal.SIGTERM, signal.default_int_handler)

"""``doctor``: what this installation has and lacks."""

from __future__ import annotations

import locale
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from geoprofiles.cli.options import emit_json, example, json_option


@click.command(epilog=example("geoprofiles doctor", "geoprofiles doctor --json"))
@json_option
def doctor(as_json: bool) -> None:
    """Say what this installation has and lacks; ends with 1 where something needed is missing."""
    findings = list(_findings())
    healthy = all(one["state"] != "missing" for one in findings)
    if as_json:
        emit_json({"healthy": healthy, "findings": findings})
    else:
        for one in findings:
            click.echo(f"{one['state']:<8} {one['what']}: {one['found']}")
        click.echo("All that is needed is here." if healthy else "Something needed is missing.")
    if not healthy:
        click.get_current_context().exit(1)


def _findings() -> Any:
    """Look at one thing after another; each is good, a note, or missing."""

    def finding(state: str, what: str, found: object) -> dict[str, str]:
        return {"state": state, "what": what, "found": str(found)}

    good = sys.version_info >= (3, 11)
    yield finding("good" if good else "missing", "Python 3.11 or later", platform.python_version())
    try:
        from geoprofiles.pipeline.manifest import versions

        for name, number in versions().items():
            if name != "python":
                yield finding("good", name, number)
    except ImportError as error:
        yield finding("missing", "libraries", f"{error}. Install geoprofiles again with pip.")
        return
    yield from _look_closer(finding)


def _look_closer(finding: Any) -> Any:
    from geoprofiles import crs
    from geoprofiles.publish.assets import check_leaflet

    operation = crs.operation(crs.WEB, crs.METRIC)
    accuracy = f"{operation.accuracy:g} m" if operation.accuracy else "unknown"
    if operation.best_available:
        yield finding("good", "longitude to British National Grid", f"accuracy {accuracy}")
    else:
        yield finding(
            "note",
            "longitude to British National Grid",
            f"accuracy {accuracy}; the OSTN15 grid file would be better and is not installed."
            " Fine for wards and hot spots",
        )
    yield finding("good", "Leaflet, packed into pages", check_leaflet())
    for name, folder in (("here", Path.cwd()), ("temporary folder", Path(tempfile.gettempdir()))):
        try:
            with tempfile.TemporaryFile(dir=folder):
                yield finding("good", f"right to write: {name}", "yes")
        except OSError as error:
            yield finding("note", f"right to write: {name}", f"no ({error.strerror})")
    encoding = (locale.getpreferredencoding(False) or "unknown").lower()
    state = "good" if encoding.replace("-", "") == "utf8" else "note"
    yield finding(state, "text encoding of this system", f"{encoding}; files are written as UTF-8")

"""``embed``: what to paste into another site, for each of the forms of a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoprofiles.cli.options import emit, example, quiet_option, tell
from geoprofiles.errors import InputError

if TYPE_CHECKING:
    from geoprofiles.publish.document import Document
    from geoprofiles.read.pages import PageFile


@click.command(
    epilog=example(
        "geoprofiles embed outputs/demo --address https://maps.example.gov.uk/safety/",
        "geoprofiles embed outputs/demo --page profiles/wards/harbour.html --form fragment",
        "geoprofiles embed map.html --form folder -o upload/",
    )
)
@click.argument("place", type=click.Path(path_type=Path))
@click.option(
    "--form",
    type=click.Choice(["iframe", "folder", "fragment"]),
    default="iframe",
    show_default=True,
    help="A frame around the hosted page; files for a host that allows no script within a page,"
    " and the frame around them; or tables and pictures alone.",
)
@click.option("--page", metavar="NAME", help="Page of the folder; index.html where not said.")
@click.option(
    "--address",
    default="",
    metavar="URL",
    help="Where the folder, or the page, is or will be hosted: https://...",
)
@click.option(
    "--height",
    type=click.IntRange(200, 30_000),
    default=1400,
    show_default=True,
    metavar="PIXELS",
    help="Of the frame, until the page tells its own; pages without scripts never do.",
)
@click.option("--overwrite", is_flag=True, help="Replace the folder of -o whatever it holds.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PLACE",
    help="File for the snippet or the fragment; with --form folder, the folder for the files."
    " Without it, the snippet goes to standard output.",
)
@quiet_option
def embed(
    place: Path,
    form: str,
    page: str | None,
    address: str,
    height: int,
    overwrite: bool,
    output: Path | None,
    quiet: bool,
) -> None:
    """Write what embeds a page of PLACE in another site.

    PLACE is the folder that a run wrote, or any page that geoprofiles wrote. The snippet goes to
    standard output, and what to do with it is said beside.
    """
    from geoprofiles.publish.iframe import render_iframe
    from geoprofiles.read.pages import read_page

    found = read_page(place, page=page and page.replace("\\", "/"))
    document = _document(found)
    hosted = _hosted(address, found)
    if form == "fragment":
        content = _fragment(found, document, hosted)
        emit(content.encode(), output)
        tell(f"Paste this where '{document.title}' is to stand; it holds no script.", quiet=quiet)
        return
    runs = bool(document.scripts) or "<script src=" in found.text
    snippet = render_iframe(hosted, title=document.title, scripts=runs, height=height)
    if form == "folder":
        tell(_write_strict(found, output, overwrite=overwrite), quiet=quiet)
        output = None
    elif address:
        tell(f"Put {found.folder / found.name} at {hosted}.", quiet=quiet)
    if not address:
        tell(f"Say --address https://... for the whole address of {hosted}.", quiet=quiet)
    tell("Paste this into the page that is to show it:", quiet=quiet)
    emit(snippet.encode(), output)


def _document(found: PageFile) -> Document:
    """Take a page apart, and refuse one that is not as it was written."""
    from geoprofiles.publish.document import policy_of, read_document

    document = read_document(found.text)
    policy = f'content="{policy_of(document)}"'
    problem = ""
    if not found.text.rstrip().endswith("</html>"):
        problem = "the page is cut off: its end is missing"
    elif document.styles and policy not in found.text.partition("<title>")[0]:
        problem = "the script or style of the page was changed since geoprofiles wrote it"
    if problem:
        raise InputError(problem, file=found.folder / found.name, remedy="Make the page again.")
    return document


def _hosted(address: str, found: PageFile) -> str:
    """Return the address that the page will have; its name alone where none is said."""
    from urllib.parse import quote, urlsplit

    name = quote(found.name)
    if not address:
        return name
    plain = "[" not in address and not re.search(r"[\s\\]", address)
    parts = urlsplit(address if plain else "")
    page = parts.path.endswith((".html", ".htm", ".aspx"))
    if parts.scheme not in {"https", "http"} or not parts.hostname or "@" in parts.netloc:
        problem = "is no address of a page"
    elif not page and re.search(r"[?#]", address):
        problem = "names neither a folder nor a page"
    else:
        return address if page else f"{address.rstrip('/')}/{name}"
    raise InputError(
        f"'{' '.join(address.split())[:60]}' {problem}",
        remedy="Write it whole: --address https://maps.example.gov.uk/safety/",
    )


def _fragment(found: PageFile, document: Document, hosted: str) -> str:
    """Take the fragment that the run wrote of a map; make that of any other page."""
    from geoprofiles.publish.fragment import write_fragment

    ready = found.folder / "fragments" / found.name
    if document.scripts and not found.alone and ready.is_file():
        return ready.read_text(encoding="ascii")
    return write_fragment(document, address=hosted if "://" in hosted else "")


def _write_strict(found: PageFile, output: Path | None, *, overwrite: bool) -> str:
    """Write the files for a strict host where asked to; say where they lie."""
    from geoprofiles.write import write_folder

    ready = found.folder / "embed"
    has = not found.alone and ready.is_dir()
    if output is None:
        if has:
            return f"Upload all of {ready}; it works where only scripts of the host's own may run."
        raise InputError(
            "the files for a strict host need a folder",
            remedy="Name a new one with -o, such as -o upload/.",
        )
    if found.folder.resolve().is_relative_to(output.resolve()):
        raise InputError(
            "the files for a strict host would take the place of the pages they are made of",
            file=output,
            remedy="Name a new folder with -o, such as -o upload/.",
        )
    files = (
        {
            path.relative_to(ready).as_posix(): path.read_bytes()
            for path in sorted(ready.rglob("*"))
            if path.is_file()
        }
        if has
        else _strict_files(found)
    )
    write_folder(output, files, overwrite=overwrite)
    return f"Upload all of {output}; it works where only scripts of the host's own may run."


def _strict_files(found: PageFile) -> dict[str, bytes]:
    """Make the strict form of one page, or of all pages of a folder."""
    from geoprofiles.publish.document import write_folder
    from geoprofiles.read.pages import page_names, read_page

    names = [found.name] if found.alone else page_names(found.folder)
    files: dict[str, bytes] = {}
    for name in names:
        page = _document(read_page(found.folder / name))
        if not page.styles:
            raise InputError(
                "this page has its style and script apart already",
                file=found.folder / name,
                remedy="Upload its whole folder as it is.",
            )
        assets = "map" if page.scripts else "page"
        files |= write_folder(page, page=name.removesuffix(".html"), assets=assets)
    return files

"""Forms: what each page of a run becomes, and the look that all of them have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from geoprofiles.pipeline.material import Material, note_input
from geoprofiles.publish.document import Document, write_folder, write_single
from geoprofiles.publish.fragment import write_fragment
from geoprofiles.publish.iframe import render_iframe
from geoprofiles.publish.look import Look
from geoprofiles.publish.style import RAMP, TOKENS
from geoprofiles.read.logo import read_logo
from geoprofiles.settings import Project

STRICT, PARTS = "embed", "fragments"
"""Folders of a run: all pages for hosts that allow no script within a page, and as fragments."""

Pages = Mapping[str, bytes | Document]


def look_of(project: Project, material: Material) -> Look | None:
    """Read the project's look, its logo included; None where it keeps ours."""
    said = project.look
    if said is None:
        return None
    logo = None
    if said.logo is not None:
        logo = read_logo(said.logo, text=said.logo_text)
        note_input(project, material, said.logo, {}, use="logo")
    return Look(
        said.accent or TOKENS["accent"],
        said.classes or RAMP,
        said.diverging,
        said.font,
        logo,
        said.dark,
    )


def all_forms(files: Pages, look: Look | None) -> dict[str, bytes]:
    """Write each page in its three forms, and leave other files as they are.

    The strict folder and the fragments mirror the run's own folders, so that links between pages
    hold in each; pages of one kind share their style and script.
    """
    written: dict[str, bytes] = {}
    shared: dict[str, tuple[tuple[str, ...], ...]] = {}
    for name, content in files.items():
        if isinstance(content, bytes):
            written[name] = content
            continue
        page = replace(content, look=look)
        written[name] = write_single(page).encode()
        stem = name.removesuffix(".html")
        assets = f"{STRICT}/{_assets_of(name, page, shared)}"
        written |= write_folder(page, page=f"{STRICT}/{stem}", assets=assets)
        written[f"{PARTS}/{name}"] = write_fragment(page).encode()
    return written


def _assets_of(name: str, page: Document, shared: dict[str, tuple[tuple[str, ...], ...]]) -> str:
    """Name the style and script of a page after its folder; pages share them where they can."""
    first = name.partition("/")[0].removesuffix(".html")
    first = "dashboard" if first == "index" else first
    own, number = (page.styles, page.scripts), 1
    while shared.setdefault(assets := first if number == 1 else f"{first}_{number}", own) != own:
        number += 1
    return assets


def single_files(files: Pages, look: Look | None) -> dict[str, bytes]:
    """Write each page as one file."""
    return {
        name: content
        if isinstance(content, bytes)
        else write_single(replace(content, look=look)).encode()
        for name, content in files.items()
    }


def snippet_of(title: str) -> bytes:
    """Write the snippet that embeds the first page of the strict folder."""
    return render_iframe("index.html", title=title).encode()

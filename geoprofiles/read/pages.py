"""Pages that geoprofiles wrote: one file, or those of a folder."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geoprofiles.errors import InputError
from geoprofiles.words import nearest

MARK = '<meta name="generator" content="geoprofiles">'
"""What tells a page of ours from any other; it stands in the head of each."""

FIRST = "index.html"
MANIFEST = "manifest.json"
OTHER_FORMS = ("embed", "fragments")
"""Folders of a run that hold the same pages again."""


@dataclass(frozen=True)
class PageFile:
    """A page on disk.

    Attributes
    ----------
    folder : Path
        What its name starts from: the folder of the run, or that of the file.
    name : str
        ``"profiles/wards/harbour.html"``.
    text : str
        The whole of it.
    alone : bool
        Whether the file was named itself, and not the folder.
    """

    folder: Path
    name: str
    text: str
    alone: bool = False


def read_page(place: str | os.PathLike[str], *, page: str | None = None) -> PageFile:
    """Read a page that geoprofiles wrote.

    Parameters
    ----------
    place : path
        The page, or the folder of a run or of profiles.
    page : str, optional
        Which page of the folder, such as ``"profiles/wards/harbour.html"``; the first where not
        said.

    Returns
    -------
    PageFile

    Raises
    ------
    InputError
        If there is no such page, or geoprofiles did not write it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "index.html").write_text(MARK)
    ...     read_page(folder).name
    'index.html'
    """
    place = Path(place)
    if place.is_dir():
        wanted = page or FIRST
        names = page_names(place)
        if wanted not in names:
            raise InputError(
                f"the folder has no page '{wanted}'" if names else "the folder holds no page",
                file=place,
                remedy=nearest(wanted, names) if names else "Name the folder that a run wrote.",
            )
        return PageFile(place, wanted, _text(place / wanted))
    if page is not None:
        raise InputError(
            "'page' says which page of a folder, and this is no folder",
            file=place,
            remedy="Name the folder, or the page alone.",
        )
    return PageFile(place.parent, place.name, _text(place), alone=True)


def page_names(folder: Path) -> list[str]:
    """List the pages of a folder, the first first; of a run, those that its manifest names."""
    manifest = folder / MANIFEST
    if manifest.is_file():
        try:
            content = json.loads(manifest.read_text(encoding="utf-8"))
            names = [str(one["file"]) for one in content["outputs"]]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                "this is no manifest of geoprofiles", file=manifest, remedy="Run the project again."
            ) from error
    else:
        names = sorted(path.name for path in folder.iterdir())
    names = [
        name
        for name in names
        if name.endswith(".html") and PurePosixPath(name).parts[0] not in OTHER_FORMS
    ]
    return sorted(names, key=lambda name: (name != FIRST, name))


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"the page cannot be read ({error.strerror})", file=path, remedy="Check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError("the file is not UTF-8 text", file=path) from error
    if MARK not in text.partition("<body>")[0]:
        raise InputError(
            "this is not a page that geoprofiles wrote",
            file=path,
            remedy="Name a page or folder of a run, or what 'map' or 'profile' wrote with -o.",
        )
    return text

"""Find the files that a user means: files, folders, patterns, members of a zip."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from geoprofiles.errors import InputError
from geoprofiles.read.archives import (
    PathLike,
    gunzip,
    missing_file,
    open_zip,
    read_bytes,
    read_member,
)
from geoprofiles.words import listed

TABLE_ENDINGS = (".csv", ".csv.gz", ".txt", ".tsv", ".xlsx", ".parquet")
STANDARD_INPUT = "standard input"


@dataclass(frozen=True)
class Item:
    """One table to read: a file, a member of a zip, or standard input.

    Attributes
    ----------
    name : str
        As messages show it: the path as given, with ``/member`` for a member of a zip.
    path : str
        The file on disk, or ``"-"``.
    member : str
        The member of the zip, or ``""``.
    explicit : bool
        Whether the user named this very file, rather than a folder, a pattern or a zip.
    """

    name: str
    path: str
    member: str = ""
    explicit: bool = True

    @property
    def base(self) -> str:
        """Name without folders."""
        return self.name if self.name == STANDARD_INPUT else Path(self.member or self.path).name

    def load(
        self, archives: dict[str, zipfile.ZipFile] | None = None
    ) -> tuple[bytes, dict[str, object]]:
        """Return the content, unpacked, with the sha256 and size of what was read.

        `archives` keeps zips open between members; whoever passes it closes them.
        """
        if self.member:
            kept = {} if archives is None else archives
            if self.path not in kept:
                kept[self.path] = open_zip(self.path)
            raw = read_member(kept[self.path], self.member, self.path)
        elif self.path == "-":
            raw = sys.stdin.buffer.read()
        else:
            raw = read_bytes(self.path)
        facts = {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
        if self.base.lower().endswith(".gz"):
            raw = gunzip(raw, self.name)
        return raw, facts


@dataclass
class Found:
    """What the paths of a user stand for, in order, and what was passed over."""

    items: list[Item] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find_items(paths: PathLike | Iterable[PathLike]) -> Found:
    """List the tables behind files, folders, patterns, zips and ``-``.

    The same file reached twice is listed once, and that is noted.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    if not given:
        raise InputError("no file was given", remedy="Name a file, a folder or a zip.")
    found, seen = Found(), set()
    for path in given:
        for item in _behind(os.fspath(path), found.notes):
            key = (item.path if item.path == "-" else os.path.realpath(item.path), item.member)
            if key in seen:
                found.notes.append(f"{item.base} was given twice and read once.")
                continue
            seen.add(key)
            found.items.append(item)
    return found


def _behind(path: str, notes: list[str]) -> Iterator[Item]:
    if path == "-":
        yield Item(STANDARD_INPUT, "-")
    elif Path(path).is_dir():
        yield from _in_folder(path, notes)
    elif Path(path).exists():
        yield from _in_file(path, notes, explicit=True)
    elif glob.has_magic(path):
        fitting = glob.glob(path, recursive=True)  # noqa: PTH207 - a pattern may be absolute
        matches = sorted(name for name in fitting if Path(name).is_file())
        if not matches:
            raise InputError("no file fits this pattern", file=path, remedy="Check its folder.")
        for name in _street_first(matches, path, notes):
            yield from _in_file(name, notes, explicit=False)
    else:
        raise missing_file(path)


def _in_folder(path: str, notes: list[str]) -> Iterator[Item]:
    names = sorted(
        str(entry)
        for entry in Path(path).rglob("*")
        if entry.name.lower().endswith((*TABLE_ENDINGS, ".zip"))
        and not any(part.startswith((".", "~$")) for part in entry.relative_to(path).parts)
        and entry.is_file()
    )
    if not names:
        raise InputError(
            "this folder holds no incident file",
            file=path,
            remedy="Put .csv, .csv.gz, .xlsx or .zip files into it, or name another folder.",
        )
    for name in _street_first(names, path, notes):
        yield from _in_file(name, notes, explicit=False)


def _in_file(path: str, notes: list[str], *, explicit: bool) -> Iterator[Item]:
    if not path.lower().endswith(".zip"):
        yield Item(path, path, explicit=explicit)
        return
    with open_zip(path) as archive:
        names = [
            info.filename
            for info in archive.infolist()
            if info.filename.lower().endswith(TABLE_ENDINGS)
            and not info.is_dir()
            and not any(part.startswith((".", "__MACOSX")) for part in info.filename.split("/"))
        ]
        held = [info.filename for info in archive.infolist() if not info.is_dir()]
    if not names:
        shapes = any(name.lower().endswith((".shp", ".geojson", ".gpkg")) for name in held)
        raise InputError(
            f"this zip holds no incident file; it holds {listed(held, most=4) or 'nothing'}",
            file=path,
            remedy="These are boundaries: read them with read_areas."
            if shapes
            else "It should hold .csv or .xlsx files.",
        )
    for name in _street_first(sorted(names), path, notes):
        yield Item(f"{path}/{name}", path, name, explicit=False)


def _street_first(names: Sequence[str], where: str, notes: list[str]) -> Sequence[str]:
    """Keep the street files (and zips) where police.uk files are among the names."""
    kinds = {name: police_kind(name) for name in names}
    if not any(kinds.values()):
        return names
    taken = [name for name in names if kinds[name] == "street" or name.lower().endswith(".zip")]
    place = Path(where).name or where
    for kind, words in _PASSED_OVER.items():
        number = sum(1 for name in names if name not in taken and kinds[name] == kind)
        if number:
            notes.append(f"{place}: {number} {words} passed over.")
    if not taken:
        raise InputError(
            "there are police.uk files, but none with street-level crimes",
            file=where,
            remedy="Download the street-level crime files (…-street.csv).",
        )
    return taken


_PASSED_OVER = {
    "outcomes": "police.uk outcomes file(s)",
    "stop-and-search": "police.uk stop-and-search file(s)",
    "": "other file(s) beside the police.uk street files",
}


def police_kind(name: str) -> str:
    """Tell by its name which kind of police.uk file this is; ``""`` for any other file.

    Examples
    --------
    >>> police_kind("2021-03/2021-03-hampshire-street.csv.gz"), police_kind("crimes.csv")
    ('street', '')
    """
    matched = _POLICE_NAME.match(Path(name).name.lower())
    return matched["kind"] if matched else ""


_POLICE_NAME = re.compile(
    r"(?P<month>\d{4}-\d{2})-(?P<force>.+)-(?P<kind>street|outcomes|stop-and-search)\b"
)

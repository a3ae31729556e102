"""Find the files that a user means, and hand out their bytes: plain, gzipped or in a zip.

Nothing is ever extracted to disk. What comes out of a compressed file is counted while it
is read, so that a small file cannot unpack into all of the memory.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import io
import lzma
import os
import re
import stat
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias

from geoprofiles.errors import InputError
from geoprofiles.words import listed, nearest

PathLike: TypeAlias = str | os.PathLike[str]

LARGEST_FILE = 2 << 30
"""Bytes that one file may hold once unpacked."""
LARGEST_RATIO = 250
"""How many times larger than its packed form a file over `SMALL` may be."""
SMALL = 64 << 20
"""Bytes up to which the ratio does not matter."""
MOST_MEMBERS = 20_000
"""Members that one zip may hold."""

DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, OverflowError,
    struct.error, lzma.LZMAError,
)  # fmt: skip
"""What a damaged zip lets out; NotImplementedError is a RuntimeError."""

TABLE_ENDINGS = (".csv", ".csv.gz", ".txt", ".tsv", ".xlsx")
STANDARD_INPUT = "standard input"
_CHUNK = 1 << 20


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
        return self.name if self.path == "-" else Path(self.member or self.path).name

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


def missing_file(path: PathLike) -> InputError:
    """Make the error for a file that is not there, with the nearest name that is."""
    parent = Path(path).parent
    if not parent.is_dir():
        return InputError("there is no such file", file=path, remedy="Its folder is missing too.")
    beside = sorted(entry.name for entry in parent.iterdir())
    hint = nearest(Path(path).name, beside)
    remedy = hint if hint.startswith("Did") else "Check the name and the folder."
    return InputError("there is no such file", file=path, remedy=remedy)


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


def read_bytes(path: PathLike) -> bytes:
    """Read a whole file, or say plainly why that is not possible."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise missing_file(path) from None
    except IsADirectoryError:
        raise InputError("this is a folder, not a file", file=path) from None
    except OSError as error:
        raise InputError(
            f"the file cannot be read ({error.strerror or error})",
            file=path,
            remedy="Check that you may open it.",
        ) from error


def gunzip(raw: bytes, name: str) -> bytes:
    """Unpack gzip, counting."""
    if not raw:
        raise InputError("the file is empty (0 bytes)", file=name, remedy="Download it again.")
    if raw[:2] != b"\x1f\x8b":
        raise InputError(
            "this is not a gzip file, whatever its name says",
            file=name,
            remedy="Take .gz off its name if it is a plain file, or download it again.",
        )
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            return _counted(stream, packed=len(raw), name=name)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            "the gzip file is damaged or cut short", file=name, remedy="Download it again."
        ) from error


def _counted(stream: IO[bytes] | gzip.GzipFile, *, packed: int, name: str) -> bytes:
    parts, total = [], 0
    while part := stream.read(_CHUNK):
        total += len(part)
        if total > LARGEST_FILE or (total > SMALL and total > packed * LARGEST_RATIO):
            raise InputError(
                f"this unpacks to more than {total:,} bytes from {packed:,}: too much to be sound",
                file=name,
                remedy="Unpack it yourself if you trust it, and give the plain file.",
            )
        parts.append(part)
    return b"".join(parts)


def open_zip(path: PathLike) -> zipfile.ZipFile:
    """Open a zip after checking every name in it."""
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise missing_file(path) from None
    except DAMAGE as error:
        raise InputError(
            "this is not a zip file, or it is damaged or cut short",
            file=path,
            remedy="Download it again.",
        ) from error
    try:
        check_members(archive, path)
    except InputError:
        archive.close()
        raise
    return archive


def check_members(archive: zipfile.ZipFile, path: PathLike) -> None:
    """Refuse a zip whose names reach outside it, are links, or come twice."""
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise InputError(f"this zip has {len(infos):,} members, over {MOST_MEMBERS:,}", file=path)
    seen: set[str] = set()
    for info in infos:
        name = info.orig_filename.replace("\\", "/")
        problem = ""
        if name.startswith("/") or name[1:2] == ":" or "\x00" in name or ".." in name.split("/"):
            problem = "a name that reaches outside the zip"
        elif stat.S_ISLNK(info.external_attr >> 16):
            problem = "a link instead of a file"
        elif name in seen:
            problem = "the same name twice"
        if problem:
            raise InputError(
                f"this zip holds {problem}: {info.filename!r}",
                file=path,
                remedy="It was not made by a sound tool; get it again from its source.",
            )
        seen.add(name)


def read_member(archive: zipfile.ZipFile, name: str, path: PathLike) -> bytes:
    """Read one member of a zip, counting, or say plainly why that is not possible."""
    info = archive.getinfo(name)
    shown = f"{os.fspath(path)}/{name}"
    if info.flag_bits & 0x1:
        raise InputError(
            "this member of the zip is encrypted", file=shown, remedy="Unpack it yourself."
        )
    if info.compress_type not in _COMPRESSIONS:
        method = "deflate64" if info.compress_type == 9 else f"method {info.compress_type}"
        raise InputError(
            f"this member of the zip is packed by {method}, which Python cannot read",
            file=shown,
            remedy="Unpack the zip (Windows Explorer can) and give the folder.",
        )
    if info.file_size > LARGEST_FILE:
        raise InputError(f"this member declares {info.file_size:,} bytes: too much", file=shown)
    try:
        with archive.open(info) as stream:
            return _counted(stream, packed=max(info.compress_size, 1), name=shown)
    except InputError:
        raise
    except DAMAGE as error:
        raise InputError(
            "this member of the zip is damaged or cut short",
            file=shown,
            remedy="Download the zip again.",
        ) from error


_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)

"""Read packed files safely: gzip and zip, counted while they unpack.

Nothing is ever extracted to disk. What comes out of a compressed file is counted while it
is read, so that a small file cannot unpack into all of the memory.
"""

from __future__ import annotations

import gzip
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, TypeAlias

from geoprofiles.errors import InputError
from geoprofiles.words import nearest

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

CHUNK = 1 << 20


def missing_file(path: PathLike) -> InputError:
    """Make the error for a file that is not there, with the nearest name that is."""
    parent = Path(path).parent
    if not parent.is_dir():
        return InputError("there is no such file", file=path, remedy="Its folder is missing too.")
    beside = sorted(entry.name for entry in parent.iterdir())
    hint = nearest(Path(path).name, beside)
    remedy = hint if hint.startswith("Did") else "Check the name and the folder."
    return InputError("there is no such file", file=path, remedy=remedy)


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
    while part := stream.read(CHUNK):
        total += len(part)
        if total > LARGEST_FILE or (total > SMALL and total > packed * LARGEST_RATIO):
            raise too_large(total, packed, name)
        parts.append(part)
    return b"".join(parts)


def too_large(total: int, packed: int, name: str) -> InputError:
    """Make the error for a file that unpacks to too much."""
    return InputError(
        f"this unpacks to more than {total:,} bytes from {packed:,}: too much to be sound",
        file=name,
        remedy="Unpack it yourself if you trust it, and give the plain file.",
    )


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


def checked_member(archive: zipfile.ZipFile, name: str, shown: str) -> zipfile.ZipInfo:
    """Return a member that can be read, or say plainly why it cannot."""
    info = archive.getinfo(name)
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
    return info


def read_member(archive: zipfile.ZipFile, name: str, path: PathLike) -> bytes:
    """Read one member of a zip, counting, or say plainly why that is not possible."""
    shown = f"{os.fspath(path)}/{name}"
    info = checked_member(archive, name, shown)
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

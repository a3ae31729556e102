"""Read a file bit by bit, unpacked, and check it while it is read."""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
import zipfile
import zlib
from pathlib import Path
from typing import IO, cast

from geoprofiles.errors import InputError
from geoprofiles.read.archives import (
    CHUNK,
    DAMAGE,
    LARGEST_RATIO,
    SMALL,
    checked_member,
    missing_file,
    open_zip,
    too_large,
)
from geoprofiles.read.inputs import Item


class Reader:
    """The content of an item, unpacked while it is read, and checked when it ends.

    Attributes
    ----------
    packed, size : int
        Bytes read so far from the disk, and bytes handed out.
    total : int
        Bytes on the disk, 0 where not known.
    """

    def __init__(self, item: Item) -> None:
        self.item = item
        self.packed = self.size = self.total = 0
        self._raw_digest, self._digest = hashlib.sha256(), hashlib.sha256()
        self._zipped = item.base.lower().endswith(".gz")
        self._archive: zipfile.ZipFile | None = None
        self._state: tuple[int, int] | None = None

    def __enter__(self) -> Reader:
        item = self.item
        try:
            if item.member:
                self._archive = open_zip(item.path)
                info = checked_member(self._archive, item.member, item.name)
                self.total = info.compress_size
                self._raw: IO[bytes] = self._archive.open(info)
            elif item.path == "-":
                self._raw = sys.stdin.buffer
            else:
                self._raw = Path(item.path).open("rb")
                self.total, self._state = os.fstat(self._raw.fileno()).st_size, _state(self._raw)
        except FileNotFoundError:
            raise missing_file(item.path) from None
        except IsADirectoryError:
            raise InputError("this is a folder, not a file", file=item.name) from None
        except DAMAGE as error:
            raise self._cannot(error) from error
        self._stream: IO[bytes] | gzip.GzipFile = self._raw
        if self._zipped:
            self._stream = gzip.GzipFile(fileobj=cast(IO[bytes], _Counted(self._raw, self)))
        return self

    def __exit__(self, *_: object) -> None:
        if self.item.path != "-":
            self._raw.close()
        if self._archive is not None:
            self._archive.close()

    def read(self, number: int) -> bytes:
        """Return the next bytes, fewer than asked only at the end.

        Raises
        ------
        InputError
            If what is packed is damaged or too large to be sound, or the file changed since
            it was opened.
        """
        parts, left = [], number
        while left:
            try:
                part = self._stream.read(min(left, CHUNK))
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise self._broken() from error
            except DAMAGE as error:
                raise self._cannot(error) from error
            if not part:
                break
            parts.append(part)
            left -= len(part)
            self.size += len(part)
            if self._zipped:
                self._digest.update(part)
            else:
                self._raw_digest.update(part)
                self.packed += len(part)
            self._check_sound()
        if left:
            self._check_whole()
        return b"".join(parts)

    def _check_sound(self) -> None:
        packed = self.packed if self._zipped else self.total
        inflated = bool(self.item.member) or self._zipped
        if inflated and self.size > SMALL and self.size > max(packed, 1) * LARGEST_RATIO:
            raise too_large(self.size, packed, self.item.name)

    def _check_whole(self) -> None:
        if self._zipped and not self.packed:
            raise InputError(
                "the file is empty (0 bytes)", file=self.item.name, remedy="Download it again."
            )
        if self._state is not None and self._state != _state(self._raw):
            raise InputError(
                "the file changed while it was read",
                file=self.item.name,
                remedy="Wait until it is written whole, then run again.",
            )

    def _broken(self) -> InputError:
        if self._zipped and not self.size and not self._looked_like_gzip():
            return InputError(
                "this is not a gzip file, whatever its name says",
                file=self.item.name,
                remedy="Take .gz off its name if it is a plain file, or download it again.",
            )
        return InputError(
            "the gzip file is damaged or cut short",
            file=self.item.name,
            remedy="Download it again.",
        )

    def _looked_like_gzip(self) -> bool:
        if self.item.path == "-" or self.item.member:
            return True
        with Path(self.item.path).open("rb") as raw:
            return raw.read(2) == b"\x1f\x8b"

    def _cannot(self, error: Exception) -> InputError:
        if self.item.member:
            return InputError(
                "this member of the zip is damaged or cut short",
                file=self.item.name,
                remedy="Download the zip again.",
            )
        return InputError(
            f"the file cannot be read ({getattr(error, 'strerror', None) or error})",
            file=self.item.name,
            remedy="Check that you may open it.",
        )

    @property
    def facts(self) -> dict[str, object]:
        """The sha256 and size of what was read, as it lies on the disk."""
        return {"sha256": self._raw_digest.hexdigest(), "bytes": self.packed}

    @property
    def digest(self) -> str:
        """The sha256 of what was handed out."""
        return (self._digest if self._zipped else self._raw_digest).hexdigest()


class _Counted:
    """A file that counts and hashes what is read of it."""

    def __init__(self, raw: IO[bytes], reader: Reader) -> None:
        self._raw, self._reader = raw, reader

    def read(self, number: int = -1) -> bytes:
        part = self._raw.read(number)
        self._reader.packed += len(part)
        self._reader._raw_digest.update(part)
        return part


def _state(raw: IO[bytes]) -> tuple[int, int]:
    """Return what changes when a file is written: its size and time."""
    found = os.fstat(raw.fileno())
    return found.st_size, found.st_mtime_ns

"""Cut a CSV file into blocks of whole records while it is read, in memory that does not grow.

Read block by block, a file gives the same records as read at once: a block ends only where a
record does, whatever its quotation marks, and blank rows are put off until it is known whether
anything comes after them.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geoprofiles.errors import InputError
from geoprofiles.read.parquet import MAGIC, parquet_tables
from geoprofiles.read.reader import Reader
from geoprofiles.read.records import count_lines, inside_quotes
from geoprofiles.read.tables import Head, Table, read_head, read_table, refuse_binary
from geoprofiles.read.workbooks import is_workbook

BLOCK = 16 << 20
"""Bytes of a block."""
HEAD = 1 << 20
"""Bytes within which the headings end."""
ENOUGH = 64
"""Bytes that tell what kind of file it is."""
LONGEST_RECORD = 64 << 20
"""Bytes after which a quotation mark that was opened counts as never closed."""


@dataclass(frozen=True)
class Block:
    """Some whole records of a file."""

    last: bool
    """Whether the file ends with it."""
    head: Head | None = None
    body: bytes = b""
    """In UTF-8."""
    table: Table | None = None
    """In place of a body, where a file cannot be cut as text."""


class NotUnicodeError(Exception):
    """A file that was taken for UTF-8 is not: it is to be read again as cp1252."""


def read_blocks(
    reader: Reader,
    *,
    encoding: str | None,
    delimiter: str | None,
    assumed: str | None = None,
    size: int = BLOCK,
) -> Iterator[Block]:
    """Cut a file into blocks of whole records.

    Parameters
    ----------
    reader : Reader
        The open file.
    encoding, delimiter : str, optional
        As the user states them; detected where not said.
    assumed : str, optional
        The encoding to take where the user states none, because another has failed.
    size : int
        Bytes read at a time.

    Yields
    ------
    Block
        A workbook, which cannot be cut, comes as one block with its table.

    Raises
    ------
    InputError
        If the content is empty, is no table, or cannot be decoded.
    NotUnicodeError
        If `encoding` and `assumed` are None and the text is not UTF-8 after all.
    """
    start = _start_of(reader, size)
    name = reader.item.name
    if not start.strip() or is_workbook(start):
        content = b"".join([start, *iter(lambda: reader.read(size), b"")])
        table = read_table(content, name=name, encoding=encoding, delimiter=delimiter)
        yield Block(last=True, table=table)
        return
    if start.startswith(MAGIC):
        yield from _parquet_blocks(start, reader, size)
        return
    refuse_binary(start, name)
    texts = _decoded(_chunks(start, reader, size), encoding or assumed, name, forced=bool(encoding))
    facts, text = next(texts)
    while len(text) < HEAD and not _holds_headings(text):
        following = next(texts, None)
        if following is None:
            break
        text += following[1]
    old_ends = b"\r" in text and b"\n" not in text
    if old_ends:
        text = text.replace(b"\r", b"\n")
    head = read_head(text, facts, name=name, delimiter=delimiter)
    rest = text[head.length :]
    for _, more in texts:
        rest += more.replace(b"\r", b"\n") if old_ends else more
        cut = _last_end(rest, head.mark)
        if cut:
            yield Block(last=False, head=head, body=rest[:cut])
            rest = rest[cut:]
        elif len(rest) > max(LONGEST_RECORD, 4 * size):
            raise InputError(
                "a quotation mark is opened near here and never closed",
                file=name,
                row=head.first_row,
                remedy="Mend this row in a text editor, or export the table again.",
            )
    body = rest.rstrip(b"\r\n")
    yield Block(last=True, head=head, body=body + b"\n" if body else b"")


def _start_of(reader: Reader, size: int) -> bytes:
    """Read on until there is something, and enough to tell what it is."""
    start = reader.read(size)
    while len(start) < ENOUGH or not start.strip():
        more = reader.read(size)
        if not more:
            break
        start += more
    return start


def _parquet_blocks(start: bytes, reader: Reader, size: int) -> Iterator[Block]:
    item = reader.item
    on_disk = not item.member and not item.base.lower().endswith(".gz")
    parts = [start]
    while chunk := reader.read(max(size, 1 << 20)):
        # Read in any case, so that what is read is checked, and its sha256 is known.
        if not on_disk:
            parts.append(chunk)
    source = item.path if on_disk else io.BytesIO(b"".join(parts))
    held: Table | None = None
    for table in parquet_tables(source, name=item.name):
        if held is not None:
            yield Block(last=False, table=held)
        held = table
    yield Block(last=True, table=held)


def _holds_headings(text: bytes) -> bool:
    """Tell whether a text goes on for some lines after its headings."""
    lines = text.lstrip(b"\r\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    end = -1
    for _ in range(3):
        end = lines.find(b"\n", end + 1)
        if end < 0:
            return False
    return lines.count(b'"', 0, end) % 2 == 0


def _chunks(start: bytes, reader: Reader, size: int) -> Iterator[bytes]:
    yield start
    while chunk := reader.read(size):
        yield chunk


def _decoded(
    chunks: Iterator[bytes], encoding: str | None, name: str, *, forced: bool
) -> Iterator[tuple[dict[str, object], bytes]]:
    """Turn chunks into UTF-8 without a mark at the front; say with each what they were in."""
    first = next(chunks)
    told, codec = _encoding_of(first, encoding, name)
    if first.startswith(codecs.BOM_UTF8) and codec == "utf-8":
        first = first[3:]
    decoder = codecs.getincrementaldecoder(codec)()
    lines = 1
    chunk: bytes | None = first
    opening = True
    while chunk is not None:
        following = next(chunks, None)
        plain = codec == "utf-8" and chunk.isascii() and b"\x00" not in chunk
        if plain and not decoder.getstate()[0]:
            lines += count_lines(chunk)
            yield {"encoding": told}, chunk
            chunk, opening = following, False
            continue
        try:
            text = decoder.decode(chunk, final=following is None)
        except UnicodeError as error:
            if encoding is None and codec == "utf-8" and told == "utf-8":
                raise NotUnicodeError from error
            at = getattr(error, "start", 0)
            raise InputError(
                f"this is not {codec} text",
                file=name,
                row=lines + chunk[:at].count(b"\n"),
                remedy="State the encoding, say encoding='cp1252'.",
            ) from error
        if opening:
            text = text.removeprefix("\ufeff")
        elif codec == "utf-8" and "\x00" in text:
            refuse_binary(chunk, name)
        lines += count_lines(chunk)
        yield {"encoding": told}, text.encode()
        chunk, opening = following, False


def _encoding_of(first: bytes, encoding: str | None, name: str) -> tuple[str, str]:
    """Return the encoding as products name it, and its codec."""
    if encoding is not None:
        try:
            return encoding, codecs.lookup(encoding).name
        except LookupError:
            raise InputError(
                f"'{encoding}' is not an encoding",
                file=name,
                remedy="Common ones: utf-8, cp1252, utf-16.",
            ) from None
    if first.startswith(codecs.BOM_UTF8):
        return "utf-8 with BOM", "utf-8"
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", "utf-16"
    return "utf-8", "utf-8"


def _last_end(text: bytes, mark: str) -> int:
    """Return where the last record ends that is surely whole and followed by something."""
    end = _even_end(text, mark) if b'"' in text else text.rfind(b"\n") + 1
    # Blank rows at the end are put off: at the end of the file they do not count.
    blank = b'\r\n \t"' + mark.encode()
    while end:
        start = text.rfind(b"\n", 0, end - 1) + 1
        if text[start:end].strip(blank):
            break
        end = start
    return end


def _even_end(text: bytes, mark: str) -> int:
    """Find the last end of a record where there are quotation marks."""
    buffer = np.frombuffer(text, dtype=np.uint8)
    outside = ~np.logical_xor.accumulate(buffer == ord('"'))
    ends = np.flatnonzero((buffer == ord("\n")) & outside)
    if len(ends):
        part = buffer[: ends[-1] + 1]
        breaks = (part == ord(mark)) | (part == ord("\n")) | (part == ord("\r"))
        if inside_quotes(part, breaks) is not None:
            return int(ends[-1]) + 1
    return _end_by_reader(text, mark)


def _end_by_reader(text: bytes, mark: str) -> int:
    """Find the start of the last record as the csv module sees it, stray marks and all."""
    lines = io.StringIO(text.decode("utf-8", "surrogateescape"), newline="").readlines()
    reader = csv.reader(iter(lines), delimiter=mark)
    read = before = 0
    for _ in reader:
        before, read = read, reader.line_num
    return len("".join(lines[:before]).encode("utf-8", "surrogateescape"))

"""Tell the records of a CSV text apart, and account for those that do not fit."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np

from geoprofiles.errors import InputError

WRONG_NUMBER = "wrong number of columns"
EMPTY_ROW = "empty row"


def count_even_rows(body: bytes, mark: str, width: int) -> int | None:
    """Count the records if every one has `width` fields and some text; else None."""
    if not body:
        return 0
    if body.count(b"\r") != body.count(b"\r\n") or has_blank_row(body, mark, width):
        return None
    buffer = np.frombuffer(body, dtype=np.uint8)
    marks, ends = buffer == ord(mark), buffer == ord("\n")
    if b'"' in body:
        inside = inside_quotes(buffer, marks | ends | (buffer == ord("\r")))
        if inside is None:
            return None
        marks &= ~inside
        ends &= ~inside
    at = np.flatnonzero(ends)
    fields = np.diff(np.searchsorted(np.flatnonzero(marks), at), prepend=0) + 1
    return len(at) if (fields == width).all() else None


def inside_quotes(buffer: np.ndarray, breaks: np.ndarray) -> np.ndarray | None:
    """Tell which bytes lie inside quotation marks; None where the marks are irregular."""
    quotes = buffer == ord('"')
    inside = np.logical_xor.accumulate(quotes)
    if inside[-1]:
        return None
    beside = breaks | quotes
    before = np.concatenate([[True], beside[:-1]])
    after = np.concatenate([beside[1:], [True]])
    regular = (before | ~(quotes & inside)) & (after | ~(quotes & ~inside))
    return inside if regular.all() else None


def count_lines(text: bytes) -> int:
    """Count the ends of lines; sooner than ``bytes.count`` where there are many."""
    return int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n")))


def has_empty_line(text: bytes) -> bool:
    """Tell whether there is a line of no bytes after the first."""
    ends = np.frombuffer(text, dtype=np.uint8) == ord("\n")
    return bool((ends[1:] & ends[:-1]).any()) or (b"\r" in text and b"\n\r\n" in text)


def has_blank_row(body: bytes, mark: str, width: int) -> bool:
    """Tell whether there is a row of empty cells."""
    row = mark.encode() * (width - 1)
    return any(
        body.startswith(start + end) or b"\n" + start + end in body
        for start in (row, b"")
        for end in (b"\n", b"\r\n")
    )


def records_of(body: bytes, mark: str, name: str, first_row: int) -> list[list[str]]:
    """Read record by record; a quotation mark that is never closed is an error."""
    text, records = body.decode("utf-8"), []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        for record in reader:
            records.append(record)
    except csv.Error as error:
        if "expected after" in str(error):  # text after a closing mark: read it as Excel does
            lenient = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
            if "\n" not in "".join(lenient[-1]):
                return lenient
        raise InputError(
            "a quotation mark is opened here and never closed"
            if "end of data" in str(error)
            else f"this row cannot be read as CSV ({error})",
            file=name,
            row=first_row + len(records),
            remedy="Mend this row in a text editor, or export the table again.",
        ) from error
    return records


def check_records(
    records: list[list[str]], width: int, *, last: bool, sheet: bool = False
) -> tuple[list[list[str]], np.ndarray | None]:
    """Return the fields of each record, none where it does not fit, and why it does not."""
    while last and records and is_blank(records[-1]):
        records.pop()
    reasons = [_problem(record, width, sheet=sheet) for record in records]
    fields = [[] if why else record for why, record in zip(reasons, records, strict=True)]
    return fields, np.array(reasons, dtype=object) if any(reasons) else None


def _problem(record: list[str], width: int, *, sheet: bool) -> str | None:
    if is_blank(record):
        return EMPTY_ROW
    if (len(record) < width and not sheet) or not is_blank(record[width:]):
        return WRONG_NUMBER
    return None


def is_blank(record: Sequence[str]) -> bool:
    """Tell whether a record holds no text."""
    return not any(cell.strip() for cell in record)


def cell(record: list[str], at: int) -> str | None:
    """Return one cell of a record; None where it is empty or absent."""
    return (record[at] or None) if at < len(record) else None

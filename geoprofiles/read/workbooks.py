"""Read the first sheet of an Excel workbook: values only, as text, under caps."""

from __future__ import annotations

import datetime
import io
import zipfile

from geoprofiles.errors import InputError
from geoprofiles.read import archives

MOST_CELLS = 60_000_000
"""Cells that one sheet may hold."""


def is_workbook(content: bytes) -> bool:
    """Tell whether bytes are an .xlsx workbook, whatever the file is called."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except archives.DAMAGE:
        return False


def workbook_rows(content: bytes, *, name: str) -> tuple[list[list[str]], dict[str, object]]:
    """Return the rows of the first visible sheet that holds anything, as text.

    Raises
    ------
    InputError
        If the workbook is damaged, declares XML entities, or would unpack to too much.
    """
    import openpyxl

    _guard(content, name)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            sheet.reset_dimensions()
            rows = _rows(sheet, name)
            if rows:
                break
        else:
            raise InputError("the workbook is empty", file=name, remedy="Export it again.")
    except InputError:
        raise
    except Exception as error:  # openpyxl lets many kinds out on a damaged file
        raise InputError(
            "this is a damaged or unusual workbook",
            file=name,
            remedy="Open it in Excel and save it again as .xlsx or CSV.",
        ) from error
    facts: dict[str, object] = {"encoding": "", "delimiter": "", "format": "xlsx"}
    facts["sheet"] = sheet.title
    facts["sheets"] = len(book.sheetnames)
    return rows, facts


def _rows(sheet, name: str) -> list[list[str]]:  # type: ignore[no-untyped-def]
    rows, cells = [], 0
    for values in sheet.iter_rows(values_only=True):
        row = [_text(value) for value in values]
        while row and not row[-1]:
            row.pop()
        rows.append(row)
        cells += len(values)
        if cells > MOST_CELLS:
            raise InputError("the sheet has too many cells", file=name, remedy="Save it as CSV.")
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _text(value: object) -> str:
    """Write a cell as CSV would: dates in ISO form, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        form = "%Y-%m-%d" if value.time() == datetime.time() else "%Y-%m-%d %H:%M:%S"
        return value.strftime(form)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _guard(content: bytes, name: str) -> None:
    """Refuse what would unpack to too much, and XML that declares entities."""
    total = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            total += info.file_size  # zipfile never hands out more than is declared
            over = total > archives.SMALL and total > len(content) * archives.LARGEST_RATIO
            if total > archives.LARGEST_FILE or over:
                raise InputError(
                    f"this workbook unpacks to more than {total:,} bytes from {len(content):,}",
                    file=name,
                    remedy="Save the table as CSV.",
                )
            if info.filename.endswith((".xml", ".rels")):
                _refuse_entities(archive, info, name)


def _refuse_entities(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> None:
    try:
        with archive.open(info) as part:
            head = part.read(4096)
    except archives.DAMAGE as error:
        raise InputError(
            "this workbook is damaged or encrypted", file=name, remedy="Save it again as .xlsx."
        ) from error
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise InputError(
            "this workbook declares XML entities, which no sound workbook does",
            file=name,
            remedy="Save the table as CSV.",
        )

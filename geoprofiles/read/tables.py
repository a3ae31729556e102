"""Turn the bytes of a CSV file or workbook into a table of text, row by row accounted for.

The fast way is the C reader of pandas; it is taken only when a count of the delimiters has
shown that every row has as many fields as the heading. Any other file goes the slow way,
row by row, and the rows that do not fit are marked.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.read import arrow
from geoprofiles.read.coordinates import Column, Numbers
from geoprofiles.read.keys import Keys, keys_of
from geoprofiles.read.records import (
    cell,
    check_records,
    count_even_rows,
    count_lines,
    has_empty_line,
    is_blank,
    records_of,
)
from geoprofiles.read.workbooks import is_workbook, workbook_rows
from geoprofiles.words import listed, nearest

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SPOKEN = {word: mark for mark, word in DELIMITERS.items()} | {"\\t": "\t"}


@dataclass
class Table:
    """The text of one file, or of a piece of it.

    Attributes
    ----------
    headings : list of str
        As the file spells them, without spaces around them.
    facts : dict
        ``encoding``, ``delimiter`` and ``format``, as detected or told.
    first_row : int
        Row of the first record, as a spreadsheet shows it.
    rows : int
        Records, those that do not fit included.
    problems : array of object, or None
        For each record the reason why it does not fit, or None; None where all fit.
    """

    headings: list[str]
    facts: dict[str, Any]
    first_row: int
    rows: int
    name: str
    problems: np.ndarray | None = None
    _body: bytes = b""
    _mark: str = ","
    _fields: list[list[str]] = field(default_factory=list)
    _read: dict[int, pd.Categorical] = field(default_factory=dict)
    _numbers: dict[int, Numbers] = field(default_factory=dict)
    _keys: dict[int, Keys] = field(default_factory=dict)
    _last: bool | None = None
    """None where every row is known to fit; else whether the file ends with this body."""

    def read(
        self,
        positions: Sequence[int],
        *,
        numeric: Sequence[int] = (),
        opaque: Sequence[int] = (),
    ) -> None:
        """Read some columns at one go: `numeric` as numbers if that can be, `opaque` as keys."""
        held = {*self._read, *self._numbers, *self._keys}
        wanted = sorted(set(positions) - held)
        if not self.rows or not wanted:
            return
        found = self._by_arrow(wanted, numeric, opaque) if self._body else None
        if found is None and self._last is not None:
            self._check_rows()
        if self._body:
            found = found or self._by_pandas(wanted)
            for at, column in found.items():
                self._hold(at, column)
        for at in () if self._body else wanted:
            cells = np.array([cell(record, at) for record in self._fields], dtype=object)
            self._read[at] = _stripped(pd.Categorical(cells))

    def _hold(self, at: int, column: pd.Categorical | Numbers | Keys) -> None:
        if isinstance(column, Numbers):
            self._numbers[at] = column
        elif isinstance(column, Keys):
            self._keys[at] = column
        else:
            self._read[at] = _stripped(column)

    def columns(self, positions: Sequence[int]) -> list[pd.Categorical]:
        """Return columns as categories of text, spaces taken off; an empty cell is NA."""
        if not self.rows:
            return [pd.Categorical([], categories=[]) for _ in positions]
        for at in positions:
            self._numbers.pop(at, None)
            self._keys.pop(at, None)
        self.read(positions)
        return [self._read[at] for at in positions]

    def column(self, position: int) -> pd.Categorical:
        """Return one column as :meth:`columns` does."""
        return self.columns([position])[0]

    def number(self, position: int) -> Column:
        """Return a column of numbers: as numbers if it was read so, else as text."""
        return self._numbers[position] if position in self._numbers else self.column(position)

    def _check_rows(self) -> None:
        """Look at each row, since not all of them fit."""
        last, self._last = bool(self._last), None
        if count_even_rows(self._body, self._mark, len(self.headings)) is not None:
            return
        records = records_of(self._body, self._mark, self.name, self.first_row)
        fields, self.problems = check_records(records, len(self.headings), last=last)
        self.rows, self._fields, self._body = len(fields), fields, b""

    def keys(self, position: int) -> Keys:
        """Return the keys of a column of texts."""
        if not self.rows:
            return Keys(np.empty((0, 2), dtype=np.uint64), np.empty(0, dtype=bool))
        self.read([position], opaque=[position])
        if position in self._keys:
            return self._keys[position]
        column = self._read[position]
        of_text = np.append(keys_of(column.categories), np.zeros((1, 2), np.uint64), axis=0)
        return Keys(of_text[column.codes], column.codes >= 0)

    def _by_arrow(
        self, wanted: list[int], numeric: Sequence[int], opaque: Sequence[int]
    ) -> dict[int, pd.Categorical | Numbers | Keys] | None:
        if not arrow.is_installed() or len(self._body) > arrow.LARGEST_BODY:
            return None
        return arrow.read_columns(
            self._body,
            self._mark,
            len(self.headings),
            wanted,
            numeric=numeric,
            opaque=opaque,
        )

    def _by_pandas(self, wanted: list[int]) -> dict[int, pd.Categorical | Numbers | Keys]:
        frame = pd.read_csv(
            io.BytesIO(self._body),
            sep=self._mark,
            header=None,
            usecols=wanted,
            # Not "category", which would take 007 for the number 7.
            dtype=object,
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
            index_col=False,
            encoding="utf-8",
            engine="c",
        )
        return {at: _categories(frame.iloc[:, place]) for place, at in enumerate(wanted)}

    def position(self, heading: str) -> int | None:
        """Find a heading: as spelt, else by letters alone; None where it is absent."""
        if heading in self.headings:
            exact = [at for at, one in enumerate(self.headings) if one == heading]
        else:
            exact = [
                at
                for at, one in enumerate(self.headings)
                if one.casefold() == heading.strip().casefold()
            ]
        if len(exact) > 1:
            raise InputError(
                f"{len(exact)} columns are called '{heading}'",
                file=self.name,
                row=self.first_row - 1,
                remedy="Give each its own heading.",
            )
        return exact[0] if exact else None

    def need(self, heading: str, *, ours: str = "") -> int:
        """Find a heading, or refuse the file with the nearest heading it has."""
        at = self.position(heading)
        if at is None:
            hint = nearest(heading, self.headings)
            purpose = f" for '{ours}'" if ours and ours != heading else ""
            present = listed([one for one in self.headings if one] or ["none"], most=30)
            raise InputError(
                f"there is no column '{heading}'{purpose}; the columns are {present}",
                file=self.name,
                remedy=hint if hint.startswith("Did") else "Name one of these.",
            )
        return at


def read_table(
    content: bytes, *, name: str, encoding: str | None = None, delimiter: str | None = None
) -> Table:
    """Read the bytes of a CSV file or an Excel workbook.

    Raises
    ------
    InputError
        If the content is empty, is no table, or cannot be decoded.
    """
    if not content.strip():
        raise InputError(
            "the file is empty" + ("" if content else " (0 bytes)"),
            file=name,
            remedy="Export or download it again.",
        )
    if is_workbook(content):
        records, facts = workbook_rows(content, name=name)
        return _from_records(records, facts, name=name)
    refuse_binary(content, name)
    text, facts = decode(content, name=name, encoding=encoding)
    return _from_text(text, facts, name=name, delimiter=delimiter)


def refuse_binary(content: bytes, name: str) -> None:
    """Refuse content that is no text, and say what it is."""
    for magic, (what, remedy) in _MAGIC.items():
        if content.startswith(magic):
            raise InputError(f"this is {what}, not a CSV file", file=name, remedy=remedy)
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\x00" in content and not marked:
        raise InputError(
            "this is a binary file, not a CSV file",
            file=name,
            remedy="Export the table as CSV (UTF-8) or .xlsx.",
        )


_MAGIC = {
    b"\x1f\x8b": ("a gzip file", "Give it a name that ends in .csv.gz."),
    b"PK\x03\x04": ("a zip file", "Give it a name that ends in .zip."),
    b"%PDF": ("a PDF", "Ask for the table as CSV or .xlsx."),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook (.xls)", "Save it as .xlsx or CSV."),
    b"SQLite format 3": ("an SQLite database or GeoPackage", "Export the table as CSV."),
    b"PAR1": ("a Parquet file", "Give it a name that ends in .parquet."),
}


def decode(
    content: bytes, *, name: str, encoding: str | None = None
) -> tuple[bytes, dict[str, Any]]:
    """Return the text as UTF-8 without a mark at its front, and what it was encoded in."""
    if encoding is not None:
        try:
            codec = codecs.lookup(encoding).name
        except LookupError:
            raise InputError(
                f"'{encoding}' is not an encoding",
                file=name,
                remedy="Common ones: utf-8, cp1252, utf-16.",
            ) from None
        return _decoded(content, codec, name), {"encoding": encoding}
    if content.startswith(codecs.BOM_UTF8):
        return _decoded(content[3:], "utf-8", name), {"encoding": "utf-8 with BOM"}
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(content, "utf-16", name), {"encoding": "utf-16"}
    if content.isascii():
        return content, {"encoding": "utf-8"}
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(content, "cp1252", name), {"encoding": "cp1252"}
    return content, {"encoding": "utf-8"}


def _decoded(content: bytes, codec: str, name: str) -> bytes:
    try:
        return content.decode(codec).removeprefix("\ufeff").encode("utf-8")
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        raise InputError(
            f"this is not {codec} text",
            file=name,
            row=content[:at].count(b"\n") + 1,
            remedy="State the encoding, say encoding='cp1252'.",
        ) from error


def _from_text(text: bytes, facts: dict[str, Any], *, name: str, delimiter: str | None) -> Table:
    if b"\r" in text and b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    head = read_head(text, facts, name=name, delimiter=delimiter)
    body = text[head.length :].rstrip(b"\r\n")
    return head.table(body + b"\n" if body else b"", head.first_row)


@dataclass(frozen=True)
class Head:
    """What stands above the records of a CSV file, and how to read them."""

    headings: list[str]
    facts: dict[str, Any]
    mark: str
    first_row: int
    """Row of the first record."""
    length: int
    """Bytes up to the first record."""
    name: str

    def table(self, body: bytes, first_row: int, *, last: bool = True) -> Table:
        """Read a body of whole records; `last` says whether the file ends with it."""
        if self._looks_even(body):
            lines = count_lines(body)
            table = Table(self.headings, self.facts, first_row, lines, self.name, None, body)
            table._mark, table._last = self.mark, last
            return table
        rows = count_even_rows(body, self.mark, len(self.headings))
        if rows is not None:
            kept = body if rows else b""
            return Table(
                self.headings, self.facts, first_row, rows, self.name, None, kept, self.mark
            )
        records = records_of(body, self.mark, self.name, first_row)
        return _finish(self.headings, records, self.facts, first_row, self.name, last=last)

    def _looks_even(self, body: bytes) -> bool:
        """Tell whether lines are records, so that Arrow alone can tell whether all fit.

        Arrow passes over rows that are blank; they are looked for here.
        """
        blank = self.mark.encode() * (len(self.headings) - 1)
        return (
            len(self.headings) > 1
            and bool(body)
            and arrow.is_installed()
            and b'"' not in body
            and (b"\r" not in body or body.count(b"\r") == body.count(b"\r\n"))
            and not body.startswith((blank, b"\n", b"\r\n"))
            and b"\n" + blank not in body
            and not has_empty_line(body)
        )


def read_head(text: bytes, facts: dict[str, Any], *, name: str, delimiter: str | None) -> Head:
    """Find the headings and the delimiter at the start of a text."""
    body = text.lstrip(b"\r\n")
    above = text[: len(text) - len(body)].count(b"\n")
    told = _told_by_first_line(body)
    if told:
        body, above = body.partition(b"\n")[2], above + 1
    mark = _check_delimiter(delimiter, name) or told or _guess_delimiter(body)
    facts = {**facts, "delimiter": DELIMITERS.get(mark, mark), "format": "CSV"}
    headings, end = _headings(body, mark, name)
    return Head(headings, facts, mark, above + 2, len(text) - len(body) + end, name)


def _told_by_first_line(text: bytes) -> str:
    """Read the line ``sep=;`` that Excel writes and obeys."""
    line = text[:16].partition(b"\n")[0].strip(b"\r")
    told = line.lower().startswith(b"sep=") and len(line) == 5
    return line[4:].decode("ascii", "replace") if told else ""


def _check_delimiter(delimiter: str | None, name: str) -> str | None:
    if delimiter is None:
        return None
    mark = _SPOKEN.get(delimiter, delimiter)
    if len(mark) != 1 or mark in '"\r\n' or not mark.isascii():
        raise InputError(
            f"the delimiter must be one character; it is {delimiter!r}",
            file=name,
            remedy="Use comma, semicolon, tab or pipe.",
        )
    return mark


def _guess_delimiter(text: bytes) -> str:
    line = text.partition(b"\n")[0].decode("utf-8", "replace")
    bare = "".join(line.split('"')[::2])  # what lies outside quotation marks
    return max(DELIMITERS, key=bare.count)


def _headings(text: bytes, mark: str, name: str) -> tuple[list[str], int]:
    """Return the headings, and where the text below them starts."""
    lines = io.StringIO(text[: 1 << 20].decode("utf-8", "ignore"), newline="")
    reader = csv.reader(lines, delimiter=mark)
    try:
        headings = [heading.strip() for heading in next(reader)]
    except (csv.Error, StopIteration) as error:
        raise InputError(
            "the first row holds no headings", file=name, row=1, remedy="Is this a CSV file?"
        ) from error
    end = 0
    for _ in range(reader.line_num):
        end = text.find(b"\n", end) + 1 or len(text)
    return headings, end


def _from_records(records: list[list[str]], facts: dict[str, Any], *, name: str) -> Table:
    above = len(list(itertools.takewhile(is_blank, records)))
    headings = [heading.strip() for heading in records[above]]
    while headings and not headings[-1]:
        headings.pop()
    return _finish(headings, records[above + 1 :], facts, above + 2, name)


def _finish(
    headings: list[str],
    records: list[list[str]],
    facts: dict[str, Any],
    first_row: int,
    name: str,
    *,
    last: bool = True,
) -> Table:
    # A workbook ends its rows where it likes.
    fields, problems = check_records(
        records, len(headings), last=last, sheet=facts["format"] != "CSV"
    )
    return Table(headings, facts, first_row, len(fields), name, problems, _fields=fields)


def _categories(column: pd.Series) -> pd.Categorical:
    codes, names = pd.factorize(column.to_numpy(dtype=object))
    return pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype=object))


def _stripped(column: pd.Categorical) -> pd.Categorical:
    names = np.asarray(column.categories, dtype=object).tolist()
    bare = [str(name).strip() for name in names]
    codes = column.codes
    if bare != names or "" in bare:
        places: dict[str, int] = {}
        renumbered = [places.setdefault(one, len(places)) if one else -1 for one in bare]
        codes, bare = np.array([*renumbered, -1])[codes], list(places)
    return pd.Categorical.from_codes(codes, categories=pd.Index(bare, dtype=object), validate=False)

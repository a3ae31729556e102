"""Read incidents: every row of every file ends up in the frame, with its fate."""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import OPTIONAL_INCIDENT_COLUMNS, UNLOCATED_REASONS, Incidents
from geoprofiles.read import parquet
from geoprofiles.read.archives import PathLike
from geoprofiles.read.columns import Layout, check_mapping, find_layout, police_headings
from geoprofiles.read.coordinates import choose_metres, to_metres
from geoprofiles.read.inputs import Item, find_items
from geoprofiles.read.pieces import (
    REFUSED_REASONS,
    REPEATED_ID,
    Piece,
    facts_on_file,
    read_piece,
    stated_category,
)
from geoprofiles.read.repeats import (
    FILE_TWICE,
    MONTH_TWICE,
    GivenFile,
    mark_files_twice,
    mark_months_twice,
    mark_repeated_ids,
)
from geoprofiles.read.tables import Table, read_table


@dataclass
class Part:
    """One file, read."""

    item: Item
    layout: Layout
    piece: Piece
    first_row: int
    digest: str
    facts: dict[str, Any]


def read_incidents(
    paths: PathLike | Iterable[PathLike],
    *,
    columns: Mapping[str, str] | None = None,
    crs: Any = None,
    source_crs: Any = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    repeated_ids: str = "first",
) -> Incidents:
    r"""Read incident files into one frame in metres, keeping every row.

    police.uk street files are known by their headings. Any other CSV or .xlsx is read by
    `columns`; what that leaves out is guessed from common headings, and said.

    Parameters
    ----------
    paths : path, or list of paths
        Files (``.csv``, ``.csv.gz``, ``.xlsx``, ``.parquet``), folders, patterns such as
        ``"2026-*.csv"``, a zip as police.uk gives it, or ``-`` for standard input.
    columns : mapping of str to str, optional
        Our name to the heading in the file: ``incident_id``; ``category``; one of ``month``,
        ``date``, ``start`` (with ``end``); ``longitude`` and ``latitude``, or ``easting`` and
        ``northing``, or ``point``; ``area_given``, ``place``, ``postcode``, ``uprn``,
        ``grid_reference``, ``district``, which :func:`geocode` places rows by.
    crs : anything pyproj.CRS understands, optional
        The metres to work in. British National Grid in Great Britain, otherwise the UTM zone
        of the data's middle.
    source_crs : anything pyproj.CRS understands, optional
        The coordinate system of the files, where it is not told by the range of the numbers.
    encoding, delimiter : str, optional
        Detected where not said.
    repeated_ids : {"first", "keep"}
        Whether only the first row of an ID that comes again counts, or all of them.

    Returns
    -------
    DataFrame
        Incidents, as ``geoprofiles.frames`` describes them. Every row of every file is there;
        ``refused`` and ``unlocated`` give the reason why one does not count or has no place.
        ``attrs`` holds ``crs``, ``sources`` (a dict of facts for each file) and ``notes``
        (sentences for people).

    Raises
    ------
    InputError
        If a file is missing, empty, damaged or something else under that name, or a column
        is missing.
    CRSError
        If coordinates are swapped, or their system cannot be told.

    Notes
    -----
    Rows without an ID are separate incidents, even where all else is equal. An ID that comes
    again is, by ``repeated_ids="first"``, refused as ``"repeated ID"``; in files other than
    police.uk's the same ID in two files counts as repeated only within one month, since each
    file may number its rows from 1. Where two police.uk files hold the same month and share
    their IDs (or, without IDs, most of their rows), the file given later replaces that month
    of the earlier one, whose rows are refused as ``"month given twice"``. Two files of one
    month that share nothing, say for two cities, both count.

    Dates are read as ISO or day first (``31/12/2026``); a column that can only be month first
    is read so, and that is noted. A row without a readable month is refused.

    ``refused`` is one of ``"wrong number of columns"``, ``"empty row"``, ``"month not
    readable"``, ``"file given twice"``, ``"month given twice"``, ``"repeated ID"``.
    ``unlocated`` is one of ``"no coordinates"``, ``"coordinates not numbers"``, ``"coordinates
    at (0, 0)"``, ``"coordinates out of range"``; a refused row has none. Coordinates of refused
    rows are kept for whoever looks into them; nothing counts them.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles
    >>> text = '''Crime ID,Month,Longitude,Latitude,Crime type
    ... ,2026-06,-1.4049,50.9,Burglary
    ... ,2026-06,,,Theft
    ... ,June,-1.4049,50.9,Theft
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "2026-06-averley-street.csv"
    ...     _ = file.write_text(text)
    ...     incidents = geoprofiles.read_incidents(file)
    >>> incidents["easting"].round().tolist()
    [441945.0, nan, 441945.0]
    >>> incidents["unlocated"].dropna().tolist(), incidents["refused"].dropna().tolist()
    (['no coordinates'], ['month not readable'])
    """
    check_choice(repeated_ids, ["first", "keep"], "repeated_ids")
    mapping = check_mapping(columns)
    found = find_items(paths)
    parts: list[Part] = []
    notes = list(found.notes)
    with contextlib.ExitStack() as stack:
        archives: dict[str, zipfile.ZipFile] = {}
        stack.callback(_close, archives)
        for item in found.items:
            content, facts = item.load(archives)
            try:
                table = _read_table(content, item.name, encoding, delimiter)
            except InputError as error:
                if item.explicit or "empty" not in error.problem:
                    raise
                notes.append(f"{item.base} is empty and was passed over.")
                continue
            if is_passed_over(item, table, notes):
                continue
            layout = find_layout(table, mapping)
            piece = read_piece(table, layout, source_crs=source_crs)
            system, remarks = piece.located.source_crs, piece.located.notes
            facts = facts_on_file(
                item.name, facts, table.facts, layout, piece.facts, system, remarks
            )
            digest = hashlib.sha256(content).hexdigest()
            parts.append(Part(item, layout, piece, table.first_row, digest, facts))
    check_any(found.items, parts)
    target = choose_metres([part.piece.located for part in parts], crs)
    incidents = _assemble(parts, target, notes, repeated_ids)
    bases = [part.item.base for part in parts]
    incidents.attrs = {
        "crs": target,
        "sources": [part.facts for part in parts],
        "notes": [*notes, *notes_on_files([part.facts for part in parts], bases)],
    }
    return incidents


def _close(archives: dict[str, zipfile.ZipFile]) -> None:
    for archive in archives.values():
        archive.close()


def _read_table(content: bytes, name: str, encoding: str | None, delimiter: str | None) -> Table:
    if content.startswith(parquet.MAGIC):
        return next(parquet.parquet_tables(io.BytesIO(content), name=name, rows=None))
    return read_table(content, name=name, encoding=encoding, delimiter=delimiter)


def is_passed_over(item: Item, table: Table, notes: list[str]) -> bool:
    """Pass over police.uk files of other kinds and files without rows; refuse them if named."""
    kind = police_headings(table)
    if kind in {"outcomes", "stop-and-search"}:
        if item.explicit:
            raise InputError(
                f"this is a police.uk {kind} file, not street-level crimes",
                file=item.name,
                remedy="Give the file of the same month that ends in -street.csv.",
            )
        notes.append(f"{item.base} is a police.uk {kind} file and was passed over.")
        return True
    if table.rows == 0:
        if item.explicit:
            raise InputError(
                "the file has headings and no rows", file=item.name, remedy="Export it again."
            )
        notes.append(f"{item.base} has headings and no rows.")
        return True
    return False


def check_any(items: Sequence[Item], parts: Sequence[Any]) -> None:
    """Refuse files none of which holds incidents."""
    if not parts:
        first = items[0]
        raise InputError(
            "none of the files here holds incidents",
            file=str(Path(first.path).parent) if not first.member else first.path,
            remedy="Give police.uk street files, or a CSV or .xlsx with one row an incident.",
        )


def _assemble(parts: list[Part], target: str, notes: list[str], repeated_ids: str) -> pd.DataFrame:
    sizes = [len(part.piece.refused) for part in parts]
    xy = [to_metres(part.piece.located, target) for part in parts]
    number = np.repeat(np.arange(len(parts), dtype=np.int32), sizes)
    frame = pd.DataFrame(
        {
            "incident_id": _texts(parts, "incident_id", sizes),
            "month": np.concatenate([part.piece.columns["month"] for part in parts]),
            "category": _categories(parts, "category", sizes),
            "easting": np.concatenate([east for east, _ in xy]),
            "northing": np.concatenate([north for _, north in xy]),
            "file": _coded(number, [part.item.name for part in parts]),
            "row": np.concatenate([p.first_row + np.arange(len(p.piece.refused)) for p in parts]),
        }
    )
    present = {name for part in parts for name in part.piece.columns}
    for ours in ("start", "end"):
        if ours in present:
            frame[ours] = np.concatenate(
                [
                    part.piece.columns.get(
                        ours, np.full(size, np.datetime64("NaT"), "datetime64[s]")
                    )
                    for part, size in zip(parts, sizes, strict=True)
                ]
            )
    texts = [name for name in OPTIONAL_INCIDENT_COLUMNS if name not in {"start", "end"}]
    for ours in texts:
        if ours in present:
            frame[ours] = _categories(parts, ours, sizes)
    refused = np.concatenate([part.piece.refused for part in parts])
    files = [GivenFile(part.item.base, part.layout.street, part.digest) for part in parts]
    copied = mark_files_twice(number, files, notes)
    refused[copied & (refused == -1)] = REFUSED_REASONS.index(FILE_TWICE)
    twice = mark_months_twice(frame, refused, number, files, notes)
    refused[twice & (refused == -1)] = REFUSED_REASONS.index(MONTH_TWICE)
    street = np.array([one.street for one in files])
    repeated = mark_repeated_ids(frame, refused, street[number], notes, keep=repeated_ids == "keep")
    refused[repeated] = REFUSED_REASONS.index(REPEATED_ID)
    reason = np.concatenate([part.piece.located.reason for part in parts])
    reason = np.where(refused == -1, reason, -1)
    frame["category"] = stated_category(frame["category"], refused)
    frame["unlocated"] = _coded(reason, UNLOCATED_REASONS)
    frame["refused"] = _coded(refused, REFUSED_REASONS)
    optional = [name for name in OPTIONAL_INCIDENT_COLUMNS if name in frame]
    rest = [name for name in frame.columns if name not in optional]
    return frame[[*rest, *optional]]


def _coded(codes: np.ndarray, names: Sequence[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(names), dtype=object))


def _texts(parts: list[Part], ours: str, sizes: list[int]) -> pd.Series:
    pieces = [
        np.asarray(part.piece.columns[ours], dtype=object)
        if ours in part.piece.columns
        else np.full(size, None, dtype=object)
        for part, size in zip(parts, sizes, strict=True)
    ]
    text = pd.Series(np.concatenate(pieces), dtype=object)
    return text.astype("str") if _HAS_TEXT else text


_HAS_TEXT = int(pd.__version__.split(".", maxsplit=1)[0]) >= 3


def _categories(parts: list[Part], ours: str, sizes: list[int]) -> Any:
    pieces = [
        part.piece.columns[ours]
        if ours in part.piece.columns
        else pd.Categorical([None] * size, categories=pd.Index([], dtype=object))
        for part, size in zip(parts, sizes, strict=True)
    ]
    joined: Any = union_categoricals(pieces)
    return joined.reorder_categories(sorted(joined.categories))


def notes_on_files(facts: Sequence[Mapping[str, Any]], bases: Sequence[str]) -> list[str]:
    """Gather what was remarked on files: one sentence for each remark, however many files."""
    by_remark: dict[str, list[str]] = {}
    for one, base in zip(facts, bases, strict=True):
        for remark in one["notes"]:
            by_remark.setdefault(remark, []).append(base)
    notes = []
    for remark, having in by_remark.items():
        where = having[0] if len(having) == 1 else f"{having[0]} and {len(having) - 1} more"
        notes.append(f"{where}: {remark}")
    return notes

"""Read incidents: every row of every file ends up in the frame, with its fate."""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import Incidents
from geoprofiles.read.columns import Layout, check_mapping, find_layout, police_headings
from geoprofiles.read.coordinates import (
    NO_COORDINATES,
    UNLOCATED_REASONS,
    Located,
    choose_metres,
    locate_rows,
    split_points,
    to_metres,
)
from geoprofiles.read.dates import read_dates
from geoprofiles.read.inputs import Item, PathLike, find_items
from geoprofiles.read.repeats import (
    FILE_TWICE,
    MONTH_TWICE,
    GivenFile,
    mark_files_twice,
    mark_months_twice,
    mark_repeated_ids,
)
from geoprofiles.read.tables import EMPTY_ROW, WRONG_NUMBER, Table, read_table

NOT_STATED = "(not stated)"
"""Category of a row that gives none."""

BAD_MONTH = "month not readable"
REPEATED_ID = "repeated ID"
REFUSED_REASONS = (WRONG_NUMBER, EMPTY_ROW, BAD_MONTH, FILE_TWICE, MONTH_TWICE, REPEATED_ID)


@dataclass
class Part:
    """One file, read: its columns, the fate of its rows, and the facts about it."""

    item: Item
    layout: Layout
    columns: dict[str, Any]
    located: Located
    refused: np.ndarray
    """-1, or the place of the reason in `REFUSED_REASONS`."""
    first_row: int
    digest: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


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
        Files (``.csv``, ``.csv.gz``, ``.xlsx``), folders, patterns such as ``"2026-*.csv"``,
        a zip as police.uk gives it, or ``-`` for standard input.
    columns : mapping of str to str, optional
        Our name to the heading in the file: ``incident_id``; ``category``; one of ``month``,
        ``date``, ``start`` (with ``end``); ``longitude`` and ``latitude``, or ``easting`` and
        ``northing``, or ``point``; ``area_given``; ``place``.
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
                table = read_table(content, name=item.name, encoding=encoding, delimiter=delimiter)
            except InputError as error:
                if item.explicit or "empty" not in error.problem:
                    raise
                notes.append(f"{item.base} is empty and was passed over.")
                continue
            if _is_passed_over(item, table, notes):
                continue
            part = _read_part(item, table, facts, mapping, source_crs)
            part.digest = hashlib.sha256(content).hexdigest()
            parts.append(part)
    _check_any(found.items, parts)
    target = choose_metres([part.located for part in parts], crs)
    incidents = _assemble(parts, target, notes, repeated_ids)
    incidents.attrs = {
        "crs": target,
        "sources": [part.facts for part in parts],
        "notes": [*notes, *_notes(parts)],
    }
    return incidents


def _close(archives: dict[str, zipfile.ZipFile]) -> None:
    for archive in archives.values():
        archive.close()


def _is_passed_over(item: Item, table: Table, notes: list[str]) -> bool:
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


def _check_any(items: list[Item], parts: list[Part]) -> None:
    if not parts:
        first = items[0]
        raise InputError(
            "none of the files here holds incidents",
            file=str(Path(first.path).parent) if not first.member else first.path,
            remedy="Give police.uk street files, or a CSV or .xlsx with one row an incident.",
        )


def _read_part(
    item: Item,
    table: Table,
    facts: dict[str, Any],
    mapping: Mapping[str, str],
    source_crs: Any,
) -> Part:
    layout = find_layout(table, mapping)
    names = list(layout.positions)
    text = dict(zip(names, table.columns([layout.positions[name] for name in names]), strict=True))
    refused = np.full(table.rows, -1, dtype=np.int8)
    if table.problems is not None:
        for reason in (WRONG_NUMBER, EMPTY_ROW):
            refused[table.problems == reason] = REFUSED_REASONS.index(reason)
    located = _locate(item, table.rows, text, source_crs)
    columns, dates, remarks = _dated(item, text)
    bad = np.isnat(columns["month"]) & (refused == -1)
    refused[bad] = REFUSED_REASONS.index(BAD_MONTH)
    if bad.any():
        at = int(bad.argmax())
        remarks.append(
            f"Rows without a readable month: {int(bad.sum()):,}; the first is row"
            f" {table.first_row + at}."
        )
    for ours in ("incident_id", "category", "area_given", "place"):
        if ours in text:
            columns[ours] = text[ours]
    if "category" not in text:
        remarks.append("No column gives a category.")
    facts = {
        "file": item.name,
        **facts,
        "rows": table.rows,
        **table.facts,
        "layout": "police.uk street file" if layout.street else "mapped columns",
        "columns": layout.columns,
        "guessed": list(layout.guessed),
        "dates": dates,
        "source_crs": located.source_crs,
        "months": _months_covered(columns["month"]),
        "notes": [*located.notes, *remarks],
    }
    return Part(item, layout, columns, located, refused, table.first_row, facts=facts)


def _locate(item: Item, rows: int, text: dict[str, pd.Categorical], source_crs: Any) -> Located:
    if "point" in text:
        x, y = split_points(text.pop("point"))
        headings = "either"
    elif "longitude" in text:
        x, y, headings = text.pop("longitude"), text.pop("latitude"), "degrees"
    elif "easting" in text:
        x, y, headings = text.pop("easting"), text.pop("northing"), "metres"
    else:
        reason = np.full(rows, UNLOCATED_REASONS.index(NO_COORDINATES), dtype=np.int8)
        nothing = np.full(rows, np.nan)
        note = "No column gives coordinates."
        return Located(nothing, nothing.copy(), reason, None, [note])
    return locate_rows(x, y, headings=headings, source_crs=source_crs, file=item.name)


def _dated(item: Item, text: dict[str, pd.Categorical]) -> tuple[dict[str, Any], str, list[str]]:
    """Read every column of dates; the month is that of the first of month, date, start."""
    columns: dict[str, Any] = {}
    remarks: list[str] = []
    formats = []
    for ours in ("month", "date", "start", "end"):
        if ours not in text:
            continue
        values, facts = read_dates(text[ours])
        if "month" not in columns and ours != "end":
            columns["month"] = values.astype("datetime64[M]").astype("datetime64[s]")
        if ours != "month":
            columns["start" if ours == "date" else ours] = values
        formats.append(facts["format"] or "unreadable")
        if facts["month_first"]:
            remarks.append(f"Dates in '{ours}' were read month first: some cannot be otherwise.")
        if facts["zones"]:
            remarks.append(f"Time zones in '{ours}' were left out; times stand as written.")
    if "start" in columns and "end" in columns:
        late = int((columns["start"] > columns["end"]).sum())
        if late:
            remarks.append(f"Rows that end before they start: {late:,}; kept as they are.")
    return columns, "; ".join(dict.fromkeys(formats)), remarks


def _months_covered(months: np.ndarray) -> list[str]:
    known = np.unique(months[~np.isnat(months)])
    return [] if not len(known) else [str(known[0])[:7], str(known[-1])[:7]]


def _assemble(parts: list[Part], target: str, notes: list[str], repeated_ids: str) -> pd.DataFrame:
    sizes = [len(part.refused) for part in parts]
    xy = [to_metres(part.located, target) for part in parts]
    number = np.repeat(np.arange(len(parts), dtype=np.int32), sizes)
    frame = pd.DataFrame(
        {
            "incident_id": _texts(parts, "incident_id", sizes),
            "month": np.concatenate([part.columns["month"] for part in parts]),
            "category": _categories(parts, "category", sizes),
            "easting": np.concatenate([east for east, _ in xy]),
            "northing": np.concatenate([north for _, north in xy]),
            "file": _coded(number, [part.item.name for part in parts]),
            "row": np.concatenate([p.first_row + np.arange(len(p.refused)) for p in parts]),
        }
    )
    present = {name for part in parts for name in part.columns}
    for ours in ("start", "end"):
        if ours in present:
            frame[ours] = np.concatenate(
                [
                    part.columns.get(ours, np.full(size, np.datetime64("NaT"), "datetime64[s]"))
                    for part, size in zip(parts, sizes, strict=True)
                ]
            )
    for ours in ("area_given", "place"):
        if ours in present:
            frame[ours] = _categories(parts, ours, sizes)
    refused = np.concatenate([part.refused for part in parts])
    files = [GivenFile(part.item.base, part.layout.street, part.digest) for part in parts]
    copied = mark_files_twice(number, files, notes)
    refused[copied & (refused == -1)] = REFUSED_REASONS.index(FILE_TWICE)
    twice = mark_months_twice(frame, refused, number, files, notes)
    refused[twice & (refused == -1)] = REFUSED_REASONS.index(MONTH_TWICE)
    street = np.array([one.street for one in files])
    repeated = mark_repeated_ids(frame, refused, street[number], notes, keep=repeated_ids == "keep")
    refused[repeated] = REFUSED_REASONS.index(REPEATED_ID)
    reason = np.concatenate([part.located.reason for part in parts])
    reason = np.where(refused == -1, reason, -1)
    frame["category"] = _stated(frame["category"], refused)
    frame["unlocated"] = _coded(reason, UNLOCATED_REASONS)
    frame["refused"] = _coded(refused, REFUSED_REASONS)
    optional = [name for name in ("start", "end", "area_given", "place") if name in frame]
    rest = [name for name in frame.columns if name not in optional]
    return frame[[*rest, *optional]]


def _coded(codes: np.ndarray, names: Sequence[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(names), dtype=object))


def _stated(category: pd.Series, refused: np.ndarray) -> pd.Series:
    """Call a missing category so; a row that could not be split into columns has none."""
    missing = category.isna().to_numpy() & (refused != REFUSED_REASONS.index(WRONG_NUMBER))
    missing &= refused != REFUSED_REASONS.index(EMPTY_ROW)
    if not missing.any():
        return category
    if NOT_STATED not in category.cat.categories:
        category = category.cat.add_categories([NOT_STATED])
    return category.mask(missing, NOT_STATED)


def _texts(parts: list[Part], ours: str, sizes: list[int]) -> pd.Series:
    pieces = [
        np.asarray(part.columns[ours], dtype=object)
        if ours in part.columns
        else np.full(size, None, dtype=object)
        for part, size in zip(parts, sizes, strict=True)
    ]
    text = pd.Series(np.concatenate(pieces), dtype=object)
    return text.astype("str") if _HAS_TEXT else text


_HAS_TEXT = int(pd.__version__.split(".", maxsplit=1)[0]) >= 3


def _categories(parts: list[Part], ours: str, sizes: list[int]) -> Any:
    pieces = [
        part.columns[ours]
        if ours in part.columns
        else pd.Categorical([None] * size, categories=pd.Index([], dtype=object))
        for part, size in zip(parts, sizes, strict=True)
    ]
    joined: Any = union_categoricals(pieces)
    return joined.reorder_categories(sorted(joined.categories))


def _notes(parts: list[Part]) -> list[str]:
    """Gather what was remarked on files: one sentence for each remark, however many files."""
    by_remark: dict[str, list[str]] = {}
    for part in parts:
        for remark in part.facts["notes"]:
            by_remark.setdefault(remark, []).append(part.item.base)
    notes = []
    for remark, bases in by_remark.items():
        where = bases[0] if len(bases) == 1 else f"{bases[0]} and {len(bases) - 1} more"
        notes.append(f"{where}: {remark}")
    return notes

"""Read look-ups between areas, and the registry of boundary files."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.read.archives import PathLike
from geoprofiles.read.numbers import (
    code_parts,
    find_heading,
    first_row,
    is_code,
    need_codes,
    open_table,
    texts,
)
from geoprofiles.read.tables import Table
from geoprofiles.words import listed

_CHANGES = ("change", "change_code", "chgind", "chgcd", "change_indicator")
REGISTRY = (
    "file", "kind", "vintage", "code_column", "name_column", "crs", "licence", "attribution",
    "sha256",
)  # fmt: skip


def read_lookup(
    path: PathLike, *, source: str | None = None, target: str | None = None
) -> pd.DataFrame:
    r"""Read which larger area each smaller one belongs to.

    Parameters
    ----------
    path : path
        A CSV file or workbook, one row for each pair.
    source, target : str, optional
        The columns with the codes of the smaller and of the larger areas. Where not said,
        there must be just two columns of codes; the one with more codes is the source. Two
        vintages of one kind of area (``LSOA11CD``, ``LSOA21CD``) go from the earlier to the later.

    Returns
    -------
    DataFrame
        ``source`` and ``target``, text, each pair once; ``change`` (U, S, M, X) where the file has
        a column of it. ``attrs`` holds ``source_column``, ``target_column`` and ``notes``.

    Raises
    ------
    InputError
        If a column is missing or cannot be told, or a code is empty.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "lookup.csv"
    ...     _ = file.write_text("LSOA21CD,LSOA21NM,WD25CD\nS1,Mill A,W1\nS2,Mill B,W1\n")
    ...     geoprofiles.read_lookup(file).to_dict("list")
    {'source': ['S1', 'S2'], 'target': ['W1', 'W1']}
    """
    table = open_table(path)
    first, second = _code_pair(table, source, target)
    frame = pd.DataFrame({"source": texts(table, first), "target": texts(table, second)})
    need_codes(frame["source"], file=table.name, heading=first)
    need_codes(frame["target"], file=table.name, heading=second)
    change = find_heading(table, _CHANGES)
    if change is not None:
        frame["change"] = texts(table, change)
    frame = frame.drop_duplicates(["source", "target"]).reset_index(drop=True)
    several = frame.loc[frame["source"].duplicated(), "source"].nunique()
    notes = []
    if several:
        notes.append(
            f"{several:,} of the codes in '{first}' belong to more than one in '{second}'."
        )
    frame.attrs = {"source_column": first, "target_column": second, "notes": notes}
    return frame


def _code_pair(table: Table, source: str | None, target: str | None) -> tuple[str, str]:
    told = [
        None if one is None else table.headings[table.need(one, ours=role)]
        for one, role in ((source, "source"), (target, "target"))
    ]
    if told[0] is not None and told[1] is not None:
        return told[0], told[1]
    codes = [one for one in table.headings if is_code(one) and one not in told]
    plain = {one.casefold(): one for one in table.headings}
    if told == [None, None] and {"source", "target"} <= set(plain):
        return plain["source"], plain["target"]
    vintages = _two_vintages(codes)
    if told == [None, None] and vintages is not None:
        return vintages
    missing = told.count(None)
    if len(codes) != missing:
        raise InputError(
            f"source and target cannot be told, since {listed(codes) or 'no column'}"
            f" look{'s' if len(codes) < 2 else ''} like codes; the columns are"
            f" {listed(table.headings, most=20)}",
            file=table.name,
            remedy="Say which with source='…' and target='…'.",
        )
    if missing == 1:
        return told[0] or codes[0], told[1] or codes[0]
    one, two = codes[:2]
    if texts(table, two).nunique() > texts(table, one).nunique():
        one, two = two, one
    return one, two


def _two_vintages(codes: list[str]) -> tuple[str, str] | None:
    """Find the one kind of area that has codes of two years, earlier first."""
    years: dict[str, dict[str, str]] = {}
    for heading in codes:
        kind, year = code_parts(heading)
        if year is not None:
            years.setdefault(kind, {})[year] = heading
    several = [found for found in years.values() if len(found) > 1]
    if len(several) != 1 or len(several[0]) != 2:
        return None
    first, second = sorted(several[0])
    return several[0][first], several[0][second]


def read_registry(path: PathLike) -> pd.DataFrame:
    r"""Read the list of bundled boundary files.

    Parameters
    ----------
    path : path
        ``boundaries/registry.csv``: ``file``, ``kind``, ``vintage``, ``code_column``,
        ``name_column``, ``crs``, ``licence``, ``attribution`` and ``sha256``.

    Returns
    -------
    DataFrame
        These columns as text, index ``file``; ``""`` where a cell is empty.

    Raises
    ------
    InputError
        If a column is missing, or a file is listed twice.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> text = ("file,kind,vintage,code_column,name_column,crs,licence,attribution,sha256\n"
    ...         "wards.geojson,ward,2025,WD25CD,WD25NM,EPSG:4326,CC0-1.0,,ab12\n")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "registry.csv"
    ...     _ = file.write_text(text)
    ...     geoprofiles.read.read_registry(file).loc["wards.geojson", "kind"]
    'ward'
    """
    table = open_table(path)
    columns: dict[str, Any] = {one: texts(table, one) for one in REGISTRY}
    frame = pd.DataFrame(columns)
    need_codes(frame["file"], file=table.name, heading="file")
    again = frame["file"].duplicated()
    if again.any():
        raise InputError(
            "this file is listed twice", file=table.name, row=first_row(again), column="file"
        )
    return frame.fillna("").set_index("file")

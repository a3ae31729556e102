"""Open small tables, and read their numbers as statistical offices write them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.read.archives import PathLike
from geoprofiles.read.inputs import Item
from geoprofiles.read.tables import Table, read_table
from geoprofiles.words import listed, nearest

_SUPPRESSED = re.compile(
    r"\[[a-z]{1,3}\]|\*+|[<>≤≥]\s*\d+|\.{2}|-|–|x|c|:|n/?a|nan|null|suppressed", re.I
)
"""What stands where a figure is withheld, unavailable or not applicable."""

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d+)?")


def open_table(path: PathLike) -> Table:
    """Read a CSV file, gzipped or not, a workbook, or standard input (``-``)."""
    name = os.fspath(path)
    shown = "standard input" if name == "-" else name
    content, _ = Item(shown, name).load()
    table = read_table(content, name=shown)
    table.columns(range(len(table.headings)))  # all at once; they are kept
    if table.rows == 0:
        raise InputError("the file has headings and no rows", file=shown)
    if table.problems is not None:
        at = next(at for at, why in enumerate(table.problems) if why)
        raise InputError(
            f"this row has the {table.problems[at]}"
            if "number" in table.problems[at]
            else "this row is empty",
            file=shown,
            row=table.first_row + at,
            remedy="Every row needs as many cells as the heading; take titles and notes out.",
        )
    return table


def texts(table: Table, heading: str) -> pd.Series:
    """Return a column as text, indexed by the row that a spreadsheet shows."""
    column = table.columns([table.need(heading)])[0]
    rows = table.first_row + np.arange(table.rows)
    return pd.Series(np.asarray(column, dtype=object), index=rows)


def numbers(column: pd.Series, *, file: str, heading: str) -> tuple[pd.Series, int]:
    """Turn text into numbers; marks of suppression become NaN and are counted.

    Raises
    ------
    InputError
        If a cell holds other text; row and column are named.
    """
    values = pd.to_numeric(column, errors="coerce").astype(float)
    values = values.where(np.isfinite(values))
    left = column[values.isna() & column.notna()]
    suppressed = 0
    places = np.flatnonzero(column.index.isin(left.index)).tolist()
    for at, cell in zip(places, left, strict=True):
        if _NUMBER.fullmatch(cell) and any(mark.isdigit() for mark in cell):
            values.iloc[at] = float(cell.replace(",", ""))
        elif _SUPPRESSED.fullmatch(cell):
            suppressed += 1
        else:
            raise InputError(
                f"'{cell[:30]}' is no number",
                file=file,
                row=int(column.index[at]),
                column=heading,
                remedy="Leave the cell empty where there is no figure.",
            )
    return values, suppressed


def first_row(bad: pd.Series) -> int:
    """Return the row, as a spreadsheet shows it, of the first that is true."""
    return int(bad.index.to_numpy()[int(bad.to_numpy().argmax())])


def refuse_negative(values: pd.Series, *, file: str, heading: str) -> None:
    """Refuse a number below 0 or beyond all bounds, with its row."""
    bad = (values < 0) | np.isinf(values)
    if bad.any():
        raise InputError(
            f"{values[bad].iloc[0]:g} is not possible here; it must be 0 or more",
            file=file,
            row=first_row(bad),
            column=heading,
        )


def need_codes(codes: pd.Series, *, file: str, heading: str, what: str = "area code") -> pd.Series:
    """Refuse an empty code, with its row."""
    if codes.isna().any():
        raise InputError(
            f"there is no {what}",
            file=file,
            row=first_row(codes.isna()),
            column=heading,
            remedy="Give every row its code; take totals and notes out.",
        )
    return codes


def rows_where(table: Table, where: Mapping[str, Any] | None) -> np.ndarray:
    """Tell which rows have the wanted texts; case does not matter.

    Raises
    ------
    InputError
        If a column is absent, or no row has the text.
    """
    keep = np.ones(table.rows, dtype=bool)
    for heading, wanted in (where or {}).items():
        column = texts(table, heading)
        several = isinstance(wanted, (list, tuple, set, frozenset))
        known = {str(one).casefold() for one in column.dropna().unique()}
        for one in wanted if several else [wanted]:
            if str(one).casefold() not in known:
                present = sorted(map(str, column.dropna().unique()))
                hint = nearest(str(one), present)
                raise InputError(
                    f"no row has {one!r}; there are {listed(present, most=8)}",
                    file=table.name,
                    column=heading,
                    remedy=hint if hint.startswith("Did") else "Choose one of these.",
                )
        chosen = {str(one).casefold() for one in (wanted if several else [wanted])}
        keep &= column.fillna("").str.casefold().isin(chosen).to_numpy()
    if not keep.any():
        raise InputError("no row fits all of 'where' at once", file=table.name)
    return keep


def find_heading(table: Table, common: tuple[str, ...]) -> str | None:
    """Find the first of common headings that a table has; spaces and underscores are one."""
    plain = {}
    for heading in reversed(table.headings):
        plain[re.sub(r"[^a-z0-9]+", "_", heading.casefold()).strip("_")] = heading
    return next((plain[one] for one in common if one in plain), None)


_CODE = re.compile(r"(?P<prefix>[a-z_]+?)_?(?P<year>\d{2})?_?(?:cd|code)(?:_?\d)?", re.IGNORECASE)
_PREFIXES = (
    "area", "source", "target", "wd", "ward", "lsoa", "msoa", "oa", "lad", "la", "ltla", "utla",
    "csp", "pcon", "loc", "locality", "nbh", "neighbourhood", "sa", "small_area", "beat", "rgn",
)  # fmt: skip


def is_code(heading: str) -> bool:
    """Tell whether a heading is that of area codes: ``WD25CD``, ``lsoa21_code``, ``Ward Code 1``.

    Examples
    --------
    >>> is_code("WD25CD"), is_code("Ward Code 1"), is_code("change_code"), is_code("WD25NM")
    (True, True, False, False)
    """
    plain = re.sub(r"\W+", "_", re.sub(r"\(.*\)", "", heading)).strip("_")
    told = _CODE.fullmatch(plain)
    return told is not None and bool(told["year"] or told["prefix"].lower() in _PREFIXES)


_VINTAGE = re.compile(
    r"([a-z]+?)[ _]*(\d{2}|(?:19|20)\d{2})?[ _]*(?:cd|code)(?:[ _]?\d)?", re.IGNORECASE
)


def code_parts(heading: str) -> tuple[str, str | None]:
    """Take a heading of codes apart: how its kind is written there, and its year.

    Examples
    --------
    >>> code_parts("lsoa11_code"), code_parts("WD22CD"), code_parts("WDCD")
    (('lsoa', '2011'), ('wd', '2022'), ('wd', None))
    """
    told = _VINTAGE.fullmatch(re.sub(r"\(.*\)", "", heading).strip())
    if told is None:
        return "", None
    year = told[2]
    return told[1].lower(), f"20{year}" if year and len(year) == 2 else year


def find_code(table: Table) -> str:
    """Find the column of area codes: by common headings, else by the ONS pattern.

    Where several follow the pattern (ward and district), the one with most codes is it.
    """
    common = find_heading(table, ("area_code", "code", "areacd", "gss_code", "geography_code"))
    if common is not None:
        return common
    matching = [one for one in table.headings if is_code(one)]
    if not matching:
        raise InputError(
            "no column was recognised as the area code; the columns are"
            f" {listed(table.headings, most=20)}",
            file=table.name,
            remedy="Say which with code='…'.",
        )
    distinct = {one: texts(table, one).nunique() for one in matching}
    return max(matching, key=lambda one: distinct[one])

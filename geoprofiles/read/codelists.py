"""Read lists of area codes, weights between areas, and single columns of a table as text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.read.archives import PathLike
from geoprofiles.read.numbers import (
    code_parts,
    find_code,
    find_heading,
    is_code,
    need_codes,
    numbers,
    open_table,
    refuse_negative,
    texts,
)
from geoprofiles.read.tables import Table
from geoprofiles.words import listed

KINDS = {
    "oa": "OA", "lsoa": "LSOA", "dz": "data zone", "msoa": "MSOA", "wd": "ward", "ward": "ward",
    "lad": "district", "la": "district", "ltla": "district", "pcon": "constituency",
    "csp": "community safety partnership", "pfa": "police force area", "rgn": "region",
}  # fmt: skip
"""Kind of area by how headings of codes begin: ``WD22CD``, ``lsoa11_code``."""

_VINTAGES = ("vintage", "year", "sourcefile", "source_file", "edition")


def read_code_list(
    path: PathLike,
    *,
    code: str | None = None,
    kind: str | None = None,
    vintage: str | int | None = None,
) -> pd.DataFrame:
    r"""Read which codes there are, of which kind and vintage, and what they stand for.

    Parameters
    ----------
    path : path
        A CSV file or workbook: a list of codes, or a look-up, whose columns are so many lists.
    code : str, optional
        Take only this column of codes; all where not said.
    kind : str, optional
        The kind of area; by the heading where not said (``WD22CD`` is ``ward``).
    vintage : str or int, optional
        By the heading where not said (``WD22CD`` is 2022), or by a column of years.

    Returns
    -------
    DataFrame
        ``kind``, ``vintage`` (text or NA), ``area_code``, ``area_name``, ``district`` and
        ``district_code`` (NA where the file does not say them); each row once.

    Raises
    ------
    InputError
        If no column of codes is found, or the one named is missing.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> text = "WD22CD,WD22NM,LAD22CD,LAD22NM\nE05002455,Bargate,E06000045,Southampton\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "wards.csv"
    ...     _ = file.write_text(text)
    ...     known = geoprofiles.read.read_code_list(file)
    >>> known[["kind", "vintage", "area_code", "district"]].values.tolist()[0]
    ['ward', '2022', 'E05002455', 'Southampton']
    """
    table = open_table(path)
    if code is not None:
        headings = [table.headings[table.need(code, ours="code")]]
    else:
        headings = [one for one in table.headings if is_code(one)]
    if not headings:
        raise InputError(
            "no column was recognised as area codes; the columns are"
            f" {listed(table.headings, most=20)}",
            file=table.name,
            remedy="Say which with code='…'.",
        )
    parts = [_list_of(table, one, kind, vintage) for one in headings]
    frame = pd.concat(parts, ignore_index=True)
    return frame[frame["area_code"].notna()].drop_duplicates().reset_index(drop=True)


def _list_of(
    table: Table, heading: str, kind: str | None, vintage: str | int | None
) -> pd.DataFrame:
    prefix, year = code_parts(heading)
    frame = pd.DataFrame({"area_code": texts(table, heading)})
    frame.insert(0, "kind", kind or KINDS.get(prefix, prefix or "area"))
    years = find_heading(table, _VINTAGES)
    if vintage is None and year is None and years is not None:
        frame.insert(1, "vintage", texts(table, years))
    else:
        frame.insert(1, "vintage", str(vintage) if vintage is not None else year)
    name = _beside(table, heading)
    frame["area_name"] = None if name is None else texts(table, name)
    district = _district(table, year)
    named = None if district is None else _beside(table, district)
    frame["district"] = None if named is None else texts(table, named)
    frame["district_code"] = None if district is None else texts(table, district)
    return frame.astype(object).where(frame.notna(), None)


def _beside(table: Table, heading: str) -> str | None:
    """Find the column of names that goes with one of codes: ``WD22NM`` with ``WD22CD``."""
    plain = {one.casefold(): one for one in table.headings}
    swapped = (
        re.sub(code, name, heading.casefold(), count=1)
        for code, name in (("code", "name"), (r"cd(?=_|\d?$)", "nm"))
    )
    return next((plain[one] for one in swapped if one != heading.casefold() and one in plain), None)


def _district(table: Table, year: str | None) -> str | None:
    found = [one for one in table.headings if KINDS.get(code_parts(one)[0]) == "district"]
    same = [one for one in found if code_parts(one)[1] == year]
    return next(iter(same or found), None)


def read_weights(
    path: PathLike, *, source: str, target: str, weight: str | None = None
) -> pd.DataFrame:
    r"""Read postcodes, addresses or output areas that carry the codes of two sets of areas.

    Parameters
    ----------
    path : path
        A CSV file or workbook, one row a postcode, address or output area.
    source, target : str
        The columns of codes.
    weight : str, optional
        The column of weights, such as residents; each row 1 where not said.

    Returns
    -------
    DataFrame
        ``source``, ``target`` (None where the file has none) and ``weight``, one row for each of
        the file that has a source. ``attrs["notes"]`` says how many had none.

    Raises
    ------
    InputError
        If a column is missing, or a weight is text or below 0; the row is named.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "postcodes.csv"
    ...     _ = file.write_text("postcode,lsoa,ward\nP1,a,A\nP2,a,B\nP3,,B\n")
    ...     geoprofiles.read.read_weights(file, source="lsoa", target="ward").to_dict("list")
    {'source': ['a', 'a'], 'target': ['A', 'B'], 'weight': [1.0, 1.0]}
    """
    table = open_table(path)
    frame = pd.DataFrame({"source": texts(table, source), "target": texts(table, target)})
    frame = frame.astype(object).where(frame.notna(), None)
    frame["weight"] = 1.0
    if weight is not None:
        frame["weight"], _ = numbers(texts(table, weight), file=table.name, heading=weight)
        refuse_negative(frame["weight"], file=table.name, heading=weight)
        frame["weight"] = frame["weight"].fillna(0.0)
    placed = frame["source"].notna()
    result = frame[placed].reset_index(drop=True)
    lacking = int((~placed).sum())
    result.attrs["notes"] = [f"{lacking:,} rows have no '{source}'."] if lacking else []
    return result


def read_texts(path: PathLike, columns: Sequence[str] = ()) -> pd.DataFrame:
    r"""Read columns of a table as text, as they stand.

    Parameters
    ----------
    path : path
        A CSV file, a workbook, or ``-`` for standard input.
    columns : list of str
        Which; where none is said, the one that looks most like area codes.

    Returns
    -------
    DataFrame
        These columns, on the rows as a spreadsheet shows them.

    Raises
    ------
    InputError
        If a column is missing, or none is said and none looks like codes.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "table.csv"
    ...     _ = file.write_text("WD25CD,n\nA,1\nB,2\n")
    ...     read_texts(file)["WD25CD"].to_dict()
    {2: 'A', 3: 'B'}
    """
    table = open_table(path)
    return pd.DataFrame({one: texts(table, one) for one in columns or [find_code(table)]})


def read_parts(
    path: PathLike, *, value: str, by: Sequence[str], code: str | None = None
) -> pd.DataFrame:
    r"""Read a table of sums by area and by further columns, such as age and sex, as it stands.

    Parameters
    ----------
    path : path
        A CSV file or workbook, one row for each area and part.
    value : str
        The column of numbers.
    by : list of str
        The columns that tell an area's rows apart.
    code : str, optional
        The column of area codes. Found where not said.

    Returns
    -------
    DataFrame
        ``area_code``, the columns of `by` as text, and ``population`` (NaN where suppressed).

    Raises
    ------
    InputError
        If a column is missing, a code is empty, or a number is text or below 0.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "ages.csv"
    ...     _ = file.write_text("area_code,age,n\nA,0,12\nA,1,9\n")
    ...     read_parts(file, value="n", by=["age"])["population"].tolist()
    [12.0, 9.0]
    """
    table = open_table(path)
    heading = code or find_code(table)
    codes = need_codes(texts(table, heading), file=table.name, heading=heading)
    frame = pd.DataFrame({"area_code": codes, **{one: texts(table, one) for one in by}})
    frame["population"], _ = numbers(texts(table, value), file=table.name, heading=value)
    refuse_negative(frame["population"], file=table.name, heading=value)
    return frame.reset_index(drop=True)

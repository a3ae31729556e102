"""Read look-ups between areas, tables of indicators and their definitions, and the registry."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.read.archives import PathLike
from geoprofiles.read.numbers import (
    code_parts,
    find_heading,
    first_row,
    is_code,
    need_codes,
    numbers,
    open_table,
    texts,
)
from geoprofiles.read.tables import Table
from geoprofiles.words import listed, nearest

METHODS = ("rate", "proportion", "value")
_CHANGES = ("change", "change_code", "chgind", "chgcd", "change_indicator")
POLARITIES = ("high is bad", "high is good", "neither")
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


def read_indicators(path: PathLike, *, definitions: pd.DataFrame | None = None) -> pd.DataFrame:
    r"""Read numerators and denominators of indicators by area.

    Parameters
    ----------
    path : path
        A CSV file or workbook with ``area_code``, ``indicator``, ``period``, ``numerator`` and
        ``denominator``.
    definitions : DataFrame, optional
        As :func:`read_definitions` gives it. An indicator that it lacks is an error.

    Returns
    -------
    DataFrame
        These five columns. NaN where a figure is suppressed or empty.

    Raises
    ------
    InputError
        If a column is missing, a number is text, an area comes twice for an indicator and
        period, or an indicator has no definition.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles
    >>> text = "area_code,indicator,period,numerator,denominator\nA,renting,2025,40,160\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "indicators.csv"
    ...     _ = file.write_text(text)
    ...     geoprofiles.read_indicators(file)["numerator"].tolist()
    [40.0]
    """
    table = open_table(path)
    file = table.name
    frame = pd.DataFrame({one: texts(table, one) for one in ("area_code", "indicator", "period")})
    for heading in ("area_code", "indicator"):
        need_codes(frame[heading], file=file, heading=heading)
    withheld = 0
    for heading in ("numerator", "denominator"):
        frame[heading], marks = numbers(texts(table, heading), file=file, heading=heading)
        withheld += marks
    frame["period"] = frame["period"].fillna("")
    again = frame.duplicated(["area_code", "indicator", "period"])
    if again.any():
        row = first_row(again)
        raise InputError(
            "this area, indicator and period came before",
            file=file,
            row=row,
            column="area_code",
            remedy="Keep one row for each.",
        )
    if definitions is not None:
        unknown = ~frame["indicator"].isin(definitions.index)
        if unknown.any():
            row = first_row(unknown)
            name = str(frame["indicator"][row])
            raise InputError(
                f"the indicator '{name}' has no definition",
                file=file,
                row=row,
                column="indicator",
                remedy=nearest(name, list(map(str, definitions.index))),
            )
    frame = frame.reset_index(drop=True)
    frame.attrs["notes"] = [f"{withheld:,} figures are suppressed."] if withheld else []
    return frame


def read_definitions(path: PathLike) -> pd.DataFrame:
    r"""Read what indicators mean: their unit, method and polarity.

    Parameters
    ----------
    path : path
        A CSV file or workbook with ``indicator``, ``topic``, ``name``, ``unit``, ``method``,
        ``multiplier``, ``polarity`` and ``source``. Only the first is a must.

    Returns
    -------
    DataFrame
        Index ``indicator``; ``topic``, ``name``, ``unit``, ``method`` (``rate``,
        ``proportion`` or ``value``), ``multiplier`` (1,000 for a rate, 100 for a proportion and
        1 for a value where not said), ``polarity`` and ``source``.

    Raises
    ------
    InputError
        If a word is not one of those known, a multiplier is not above 0, or an indicator is
        defined twice; the row is named.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> text = "indicator,name,method\nrenting,Homes rented,proportion\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "definitions.csv"
    ...     _ = file.write_text(text)
    ...     geoprofiles.read.read_definitions(file).loc["renting", "multiplier"]
    np.float64(100.0)
    """
    table = open_table(path)
    file = table.name
    names = need_codes(texts(table, "indicator"), file=file, heading="indicator")
    frame = pd.DataFrame({"indicator": names})
    for heading in ("topic", "name", "unit", "method", "polarity", "source"):
        present = table.position(heading) is not None
        frame[heading] = texts(table, heading) if present else None
    frame["name"] = frame["name"].fillna(frame["indicator"])
    frame["method"] = frame["method"].fillna("value")
    frame["polarity"] = frame["polarity"].fillna("neither")
    for heading in ("topic", "unit", "source"):
        frame[heading] = frame[heading].fillna("")
    _check_words(frame, "method", METHODS, file)
    _check_words(frame, "polarity", POLARITIES, file)
    usual = frame["method"].map({"rate": 1000.0, "proportion": 100.0, "value": 1.0})
    if table.position("multiplier") is not None:
        said, _ = numbers(texts(table, "multiplier"), file=file, heading="multiplier")
        usual = said.fillna(usual)
        _refuse_first(~(usual > 0), file, "multiplier", "the multiplier must be above 0")
    frame["multiplier"] = usual
    again = frame["indicator"].duplicated()
    _refuse_first(again, file, "indicator", "this indicator is defined twice")
    order = ["topic", "name", "unit", "method", "multiplier", "polarity", "source"]
    return frame.set_index("indicator")[order]


def _check_words(frame: pd.DataFrame, heading: str, known: tuple[str, ...], file: str) -> None:
    for row, word in frame[heading].items():
        try:
            check_choice(word, known, heading)
        except InputError as error:
            raise InputError(
                error.problem, file=file, row=int(str(row)), column=heading, remedy=error.remedy
            ) from None


def _refuse_first(bad: pd.Series, file: str, heading: str, problem: str) -> None:
    if bad.any():
        raise InputError(problem, file=file, row=first_row(bad), column=heading)


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
    _refuse_first(again, table.name, "file", "this file is listed twice")
    return frame.fillna("").set_index("file")

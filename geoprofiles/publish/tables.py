"""Tables as bytes: CSV and workbooks that open safely in a spreadsheet."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError

NOT_AVAILABLE = "[x]"
"""What stands in a workbook where there is no figure, as UK official statistics mark it."""

SHEETS_FOR_AREAS = 60
"""Up to so many areas a workbook gives each a sheet of its own."""

HEADINGS = {
    "area_code": "Area code", "area_name": "Area", "topic": "Topic", "indicator": "Indicator",
    "period": "Period", "unit": "Unit", "value": "Value", "lower": "Lower limit",
    "upper": "Upper limit", "count": "Count", "denominator": "Denominator",
    "whole": "All areas together", "difference": "Difference from all", "rank": "Rank",
    "ranked": "Areas ranked", "rank_lower": "Rank, lower limit",
    "rank_upper": "Rank, upper limit", "verdict": "Against the rest",
    "dispersion": "Spread of areas", "q": "False-finding rate",
    "q_adjusted": "False-finding rate beyond the spread", "polarity": "Polarity",
    "method": "Method", "source": "Source",
}  # fmt: skip
"""Headings of a workbook for people, by the column names that programs use in CSV."""

NARROW, WIDE = 10, 44
"""Widths of a workbook's columns, in characters."""

_CREATED = dt.datetime(2000, 1, 1)  # a fixed date, so that bytes depend on the figures alone
_FORMULA = re.compile(r"^\s*[=+\-@]|^\t")


def render_csv(frame: pd.DataFrame) -> bytes:
    r"""Turn a frame into CSV, UTF-8.

    Months are written ``YYYY-MM``. A text cell that a spreadsheet would take for a formula
    gets a leading apostrophe; numbers are left alone. A byte order mark is set only where
    the text goes beyond ASCII, because Excel needs it there.

    Parameters
    ----------
    frame : DataFrame
        The index is left out.

    Returns
    -------
    bytes

    Examples
    --------
    >>> import pandas as pd
    >>> render_csv(pd.DataFrame({"ward": ["=cmd()", "Mill"], "count": [-1, 2]})).decode()
    "ward,count\n'=cmd(),-1\nMill,2\n"
    """
    columns = [_csv_cells(frame[name]) for name in frame.columns]
    heading = ",".join(_quoted(_safe(str(name))) for name in frame.columns)
    text = "\n".join([heading, *map(",".join, zip(*columns, strict=True)), ""])
    return text.encode() if text.isascii() else b"\xef\xbb\xbf" + text.encode()


def render_json(frame: pd.DataFrame) -> bytes:
    r"""Turn a frame into a JSON list of records; what is missing is null.

    Examples
    --------
    >>> render_json(pd.DataFrame({"ward": ["Mill"], "rate": [float("nan")]}))
    b'[{"ward":"Mill","rate":null}]\n'
    """
    plain = frame.copy(deep=False)
    for name in frame.columns[[pd.api.types.is_datetime64_any_dtype(one) for one in frame.dtypes]]:
        codes, texts = _dated(frame[name])
        plain[name] = np.array([*texts, None], dtype=object)[codes]
    text: str = plain.to_json(orient="records", force_ascii=False, double_precision=12)
    return text.encode() + b"\n"


def _csv_cells(column: pd.Series) -> list[str]:
    """Write each cell of a column as CSV has it; numbers so that they read back the same."""
    if pd.api.types.is_numeric_dtype(column):
        # NumPy writes its single precision shortest; Python would write it out in double.
        values = column.to_numpy() if column.dtype == "float32" else column.tolist()
        known = column.notna().tolist()
        return [str(one) if here else "" for one, here in zip(values, known, strict=True)]
    if column.dtype == object:
        return ["" if one is None else _quoted(str(one)) for one in _safe_cells(column)]
    codes, distinct = _distinct_texts(column)
    cells: list[str] = np.array([*map(_quoted, distinct), ""], dtype=object)[codes].tolist()
    return cells


def _quoted(text: str) -> str:
    """Quote a text only where CSV needs it."""
    if any(sign in text for sign in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _safe_cells(column: pd.Series) -> list[Any]:
    """Make every text of a column safe, and None of what is missing."""
    if column.dtype == object:
        # Only here can values of several types meet, which factorize would take for one another.
        known = column.notna().tolist()
        return [
            _safe(one) if here else None for one, here in zip(column.tolist(), known, strict=True)
        ]
    codes, distinct = _distinct_texts(column)
    cells: list[Any] = np.array([*distinct, None], dtype=object)[codes].tolist()
    return cells


def _distinct_texts(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Make the texts of a column safe, each once: a long table repeats few.

    Returns for each row the place of its text; -1, the last, where it is missing.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        return _dated(column)
    codes, distinct = pd.factorize(column)
    return codes, [_safe(str(text)) for text in distinct]


def _dated(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Write months as months, other times to the minute."""
    codes, distinct = pd.factorize(column)
    times = pd.DatetimeIndex(distinct)
    monthly = bool(((times == times.normalize()) & (times.day == 1)).all())
    return codes, times.strftime("%Y-%m" if monthly else "%Y-%m-%d %H:%M").tolist()


def _safe(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # A lone carriage return would end the row for some readers, quoted or not.
    value = value.replace("\r\n", "\n").replace("\r", " ")
    return f"'{value}" if _FORMULA.match(value) else value


def render_workbook(
    sheets: Mapping[str, pd.DataFrame], *, title: str, notes: Sequence[str] = ()
) -> bytes:
    """Turn frames into an xlsx workbook: a cover sheet, then one table a sheet.

    Laid out as UK official statistics ask: each table starts at A1, is marked up as a table,
    has no merged or blank cells; what is not available says ``[x]``. No text ever becomes a
    formula or a link.

    Parameters
    ----------
    sheets : mapping of str to DataFrame
        Sheet name to table. Names are shortened to Excel's 31 characters, and kept apart.
    title : str
        Stands on the cover.
    notes : sequence of str
        Sentences on the cover: period, method, sources.

    Returns
    -------
    bytes
        The same for the same input.

    Raises
    ------
    InputError
        If there is no table.

    Examples
    --------
    >>> import pandas as pd
    >>> render_workbook({"Wards": pd.DataFrame({"ward": ["Mill"]})}, title="Wards")[:2]
    b'PK'
    """
    import xlsxwriter

    if not sheets:
        raise InputError("a workbook needs at least one table")
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties({"title": title, "created": _CREATED})
    bold = book.add_format({"bold": True, "font_size": 14})
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    names = _sheet_names(sheets)
    cover = book.add_worksheet("Cover")
    cover.set_column(0, 0, 100)
    lines = [*notes, f"{NOT_AVAILABLE} stands where there is no figure."]
    cover.write_string(0, 0, title, bold)
    for row, line in enumerate(lines, 1):
        cover.write_string(row, 0, line, wrapped)
    cover.write_string(len(lines) + 1, 0, "Sheets", heading)
    for row, (name, frame) in enumerate(zip(names, sheets.values(), strict=True), len(lines) + 2):
        cover.write_string(row, 0, f"{name}: {len(frame):,} rows")
    formats = {
        "int": book.add_format({"num_format": "#,##0"}),
        "float": book.add_format({"num_format": "#,##0.0"}),
        "missing": book.add_format({"align": "right"}),
        "heading": heading,
    }
    for number, (name, frame) in enumerate(zip(names, sheets.values(), strict=True), 1):
        _write_sheet(book.add_worksheet(name), frame, f"Table{number}", formats)
    book.close()
    return stream.getvalue()


def _write_sheet(sheet: Any, frame: pd.DataFrame, table: str, formats: Mapping[str, Any]) -> None:
    headings = _distinct([HEADINGS.get(name, name) for name in map(_safe, map(str, frame.columns))])
    for place, name in enumerate(frame.columns):
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column):
            _write_numbers(sheet, place, column, formats)
        else:
            _write_texts(sheet, place, _safe_cells(column), formats)
    last = max(len(frame), 1)
    sheet.add_table(
        0,
        0,
        last,
        max(len(headings) - 1, 0),
        {
            "name": table,
            "columns": [{"header": one, "header_format": formats["heading"]} for one in headings],
            "style": "Table Style Light 1",
        },
    )
    sheet.freeze_panes(1, 0)


def _write_numbers(sheet: Any, place: int, column: pd.Series, formats: Mapping[str, Any]) -> None:
    known = column.notna().to_numpy()
    present = column.to_numpy()[known].astype(float)
    style = formats["int" if bool((present % 1 == 0).all()) else "float"]
    for row, (value, is_known) in enumerate(zip(column.tolist(), known, strict=True), 1):
        if is_known:
            sheet.write_number(row, place, value, style)
        else:
            sheet.write_string(row, place, NOT_AVAILABLE, formats["missing"])
    sheet.set_column(place, place, NARROW)


def _write_texts(sheet: Any, place: int, cells: list[Any], formats: Mapping[str, Any]) -> None:
    for row, value in enumerate(cells, 1):
        if value is None:
            sheet.write_string(row, place, NOT_AVAILABLE, formats["missing"])
        else:
            sheet.write_string(row, place, str(value))
    longest = max((len(str(value)) for value in cells[:200]), default=0)
    sheet.set_column(place, place, min(max(longest + 2, NARROW), WIDE))


def _sheet_names(sheets: Mapping[str, Any]) -> list[str]:
    plain = [re.sub(r"[\[\]:*?/\\]", " ", str(name)).strip("' ")[:31] or "Sheet" for name in sheets]
    return _distinct(plain, taken={"cover", "history"}, width=31)


def _distinct(
    names: Sequence[str], *, taken: Set[str] = frozenset(), width: int = 255
) -> list[str]:
    """Keep names apart whatever their case, as spreadsheets need."""
    seen, result = set(taken), []
    for name in names:
        candidate, number = name[:width], 2
        while candidate.lower() in seen:
            ending = f" ({number})"
            candidate, number = name[: width - len(ending)] + ending, number + 1
        seen.add(candidate.lower())
        result.append(candidate)
    return result


def table_by_indicator(history: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Lay every indicator out as a table of its own: areas down, periods across.

    Parameters
    ----------
    history : DataFrame
        ``area_code``, ``area_name``, ``indicator``, ``period``, ``value``, ``lower``, ``upper``.

    Returns
    -------
    dict of str to DataFrame
        Indicator to table: ``area_code``, ``area_name``, then for each period its value, and
        ``"...: lower"``, ``"...: upper"``.

    Examples
    --------
    >>> import pandas as pd
    >>> history = pd.DataFrame({"area_code": "A", "area_name": "Mill", "indicator": "Theft",
    ...     "period": ["2024", "2025"], "value": [3.0, 4.0], "lower": [2.0, 3.0],
    ...     "upper": [4.0, 5.0]})
    >>> table_by_indicator(history)["Theft"].columns.tolist()[2:5]
    ['2024', '2024: lower', '2024: upper']
    """
    tables = {}
    for name, rows in history.groupby("indicator", sort=False):
        areas = rows[["area_code", "area_name"]].drop_duplicates("area_code")
        parts = [areas.set_index("area_code")]
        for period, some in rows.groupby("period", sort=True):
            part = some.set_index("area_code")[["value", "lower", "upper"]]
            part.columns = [str(period), f"{period}: lower", f"{period}: upper"]
            parts.append(part.reindex(areas["area_code"]))
        tables[str(name)] = pd.concat(parts, axis=1).reset_index()
    return tables


def table_profiles(figures: pd.DataFrame) -> pd.DataFrame:
    """Lay the figures of many areas out wide: one row an area, five columns an indicator.

    Parameters
    ----------
    figures : DataFrame
        Long, as :func:`geoprofiles.profile.profile_figures` makes it.

    Returns
    -------
    DataFrame
        ``area_code``, ``area_name``, then for each indicator its value under
        ``"name, unit"`` and ``"...: lower"``, ``"...: upper"``, ``"...: rank"``,
        ``"...: verdict"``.

    Examples
    --------
    >>> import pandas as pd
    >>> figures = pd.DataFrame({"area_code": ["A"], "area_name": ["Mill"], "topic": ["Crime"],
    ...     "indicator": ["Theft"], "unit": ["per 1,000"], "value": [4.0], "lower": [1.1],
    ...     "upper": [10.2], "rank": [1]})
    >>> table_profiles(figures).columns.tolist()[2:4]
    ['Theft, per 1,000', 'Theft: lower']
    """
    wide = figures[["area_code", "area_name"]].drop_duplicates("area_code").set_index("area_code")
    parts = [wide]
    for name, rows in figures.groupby("indicator", sort=False):
        by_area = rows.drop_duplicates("area_code", keep="last").set_index("area_code")
        wanted = ["value", "lower", "upper", "rank", "verdict"]
        part = by_area[[one for one in wanted if one in by_area]].reindex(wide.index)
        unit = by_area["unit"].iloc[0]
        part.columns = [f"{name}, {unit}", *(f"{name}: {one}" for one in part.columns[1:])]
        parts.append(part)
    return pd.concat(parts, axis=1).copy().reset_index()

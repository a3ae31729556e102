"""Read back what geoprofiles wrote: counts and figures."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from typing import IO

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import COUNT_COLUMNS, Counts
from geoprofiles.words import listed, nearest


def read_counts(path: str | os.PathLike[str]) -> Counts:
    r"""Read counts as ``geoprofiles count`` writes them.

    Parameters
    ----------
    path : path
        A CSV file, or ``-`` for standard input.

    Returns
    -------
    DataFrame
        Counts: ``area_code``, ``area_name``, ``month``, ``category``, ``count``.

    Raises
    ------
    InputError
        If a column is missing, a month is not ``YYYY-MM``, or a count is not a whole number
        of 0 or more; the row is named.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> text = "area_code,area_name,month,category,count\nA,Mill,2026-06,Theft,4\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "counts.csv"
    ...     _ = file.write_text(text)
    ...     read_counts(file)["count"].tolist()
    [4]
    """
    name, table = _table(path)
    need_columns(table, COUNT_COLUMNS, name, remedy="Make it with 'geoprofiles count'.")
    months = pd.to_datetime(table["month"], format="%Y-%m", errors="coerce")
    _refuse_first(months.isna(), name, "month", "this is not a month", "Write months as YYYY-MM.")
    numbers = pd.to_numeric(table["count"], errors="coerce")
    bad = numbers.isna() | (numbers < 0) | (numbers % 1 != 0)
    _refuse_first(
        bad, name, "count", "this is not a count", "A count is a whole number, 0 or more."
    )
    counts = table[list(COUNT_COLUMNS)].copy()
    counts["month"], counts["count"] = months, numbers.astype("int64")
    return counts


def read_figures(
    path: str | os.PathLike[str],
    *,
    value: str = "value",
    numbers: Sequence[str] = (),
    remedy: str = "Say which with --value.",
) -> pd.DataFrame:
    r"""Read a table of figures by area, to draw.

    Parameters
    ----------
    path : path
        A CSV file with a column ``area_code``, or ``-`` for standard input.
    value : str
        The column of numbers to draw.
    numbers : sequence of str
        Other columns that hold numbers, where the file has them.
    remedy : str
        What to do where there is no such column.

    Returns
    -------
    DataFrame
        All columns; ``area_code`` is text, `value` and the limits are numbers, and
        ``indicator`` is `value` where the file has no such column.

    Raises
    ------
    InputError
        If a column is missing or a value is text.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "figures.csv"
    ...     _ = file.write_text("area_code,share\nA,0.5\n")
    ...     read_figures(file, value="share").to_dict("records")
    [{'area_code': 'A', 'share': 0.5, 'indicator': 'share'}]
    """
    name, table = _table(path)
    codes = "Call the column that has the areas' codes area_code."
    need_columns(table, ["area_code"], name, remedy=codes)
    need_columns(table, [value], name, remedy=remedy)
    if "indicator" not in table:
        table["indicator"] = value
    columns = [value, "lower", "upper", "numerator", "denominator", "rank", "ranked", *numbers]
    return _as_numbers(table, columns, name)


MEASURED = (
    "value", "lower", "upper", "numerator", "denominator", "count", "rank", "ranked", "before",
    "after", "ratio", "percent", "q", "p",
)  # fmt: skip
"""Columns that are numbers in whatever geoprofiles writes by area."""


def read_result(path: str | os.PathLike[str]) -> pd.DataFrame:
    r"""Read any table by area that geoprofiles wrote, to draw.

    Parameters
    ----------
    path : path
        A CSV file with a column ``area_code``, or ``-`` for standard input.

    Returns
    -------
    DataFrame
        All columns; ``area_code`` is text, what is measured is numbers.

    Raises
    ------
    InputError
        If there is no column ``area_code``, nothing to draw, or a figure is text.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "changes.csv"
    ...     _ = file.write_text("area_code,before,after,ratio,verdict\nA,4,8,2.0,more\n")
    ...     read_result(file)["ratio"].tolist()
    [2.0]
    """
    name, table = _table(path)
    drawn = {"value", "count", "ratio"} & set(table.columns)
    needed = ["area_code"] if drawn else ["area_code", "value"]
    need_columns(table, needed, name, remedy="Say which column to draw with --value.")
    return _as_numbers(table, MEASURED, name)


def _as_numbers(table: pd.DataFrame, columns: Sequence[str], name: str) -> pd.DataFrame:
    for column in [one for one in dict.fromkeys(columns) if one in table.columns]:
        read = pd.to_numeric(table[column], errors="coerce")
        _refuse_first(
            read.isna() & table[column].notna(),
            name,
            column,
            "this is not a number",
            "Leave the cell empty where there is no figure.",
        )
        table[column] = read
    return table


def check_codes(table: pd.DataFrame, codes: Collection[str], *, file: str, areas: str) -> None:
    """Refuse figures of which none is of these areas."""
    known = set(map(str, codes))
    if not set(table["area_code"]) & known:
        raise InputError(
            f"no area_code is a code of {areas}; one reads '{table['area_code'].iloc[0]}',"
            f" the other '{next(iter(codes))}'",
            file=file,
            remedy="Use the boundaries that the figures were made with.",
        )


def _table(path: str | os.PathLike[str]) -> tuple[str, pd.DataFrame]:
    name = os.fspath(path)
    source: str | IO[bytes] = sys.stdin.buffer if name == "-" else name
    shown = "standard input" if name == "-" else name
    try:
        table = pd.read_csv(source, dtype={"area_code": str, "period": str}, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError("there is no such file", file=shown) from error
    except pd.errors.EmptyDataError as error:
        raise InputError("the file is empty", file=shown) from error
    except (pd.errors.ParserError, UnicodeDecodeError, IsADirectoryError) as error:
        raise InputError(
            "this is not a CSV file", file=shown, remedy="Save it as CSV, UTF-8."
        ) from error
    if table.empty:
        raise InputError("the file has no rows", file=shown)
    return shown, table


def check_once(table: pd.DataFrame, keys: Sequence[str], *, file: str) -> None:
    """Refuse rows without a key, and a second figure of the same keys."""
    for key in keys:
        _refuse_first(table[key].isna(), file, key, "the cell is empty", "Say what the figure is.")
    _refuse_first(
        table.duplicated(list(keys)), file, keys[0],
        f"there is a figure of the same {listed(one.replace('_', ' ') for one in keys)} before",
        "Leave one of them.",
    )  # fmt: skip


def need_columns(table: pd.DataFrame, columns: Sequence[str], name: str, *, remedy: str) -> None:
    """Refuse a table that lacks a column, naming the file and the nearest column there is."""
    present = list(map(str, table.columns))
    for column in columns:
        if column not in present:
            close = nearest(column, present)  # else all of them, which the problem names already
            raise InputError(
                f"there is no column '{column}'; there are {listed(present)}",
                file=name,
                remedy=f"{close} {remedy}" if close.startswith("Did") else remedy,
            )


def _refuse_first(bad: pd.Series, name: str, column: str, problem: str, remedy: str) -> None:
    if bad.any():
        row = int(bad.to_numpy().argmax()) + 2  # the heading is row 1
        raise InputError(problem, file=name, row=row, column=column, remedy=remedy)

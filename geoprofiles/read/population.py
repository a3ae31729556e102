"""Read denominators: residents, households, premises, by area and year."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from geoprofiles.errors import InputError, InputWarning
from geoprofiles.frames import Population
from geoprofiles.read.archives import PathLike
from geoprofiles.read.numbers import (
    find_code,
    find_heading,
    first_row,
    need_codes,
    numbers,
    open_table,
    refuse_negative,
    rows_where,
    texts,
)
from geoprofiles.read.tables import Table
from geoprofiles.words import listed

AGES = "ages"
"""As `value`: add up the columns that are called by ages."""

_VALUES = (
    "population", "total_population", "residents", "usual_residents", "total_residents",
    "persons", "all_ages", "all_persons", "all_people", "total", "households",
    "total_households", "premises", "count", "n", "value", "obs_value", "observation",
)  # fmt: skip
_YEARS = ("year", "mid_year", "date", "time", "period")
_AGE = re.compile(r"(?:age[d_ ]*)?(\d{1,3})(?:\+|[-– ](?:and )?(?:over|\d{1,3}))?(?: years)?", re.I)
_TOTALS = ("persons", "person", "all", "all persons", "all people", "all ages", "total", "both")
_BREAKDOWNS = re.compile(r"age.*|sex|gender", re.IGNORECASE)


@dataclass
class _Reading:
    """What is found while a table is read."""

    table: Table
    code: str
    values: list[str]
    year: str | None
    notes: list[str] = field(default_factory=list)


def read_population(
    path: PathLike,
    *,
    code: str | None = None,
    value: str | Sequence[str] | None = None,
    year: int | None = None,
    where: Mapping[str, Any] | None = None,
) -> Population:
    r"""Read a table of residents, or of any other denominator.

    Parameters
    ----------
    path : path
        A CSV file (``.csv``, ``.csv.gz``), a workbook, or ``-`` for standard input. One row an
        area and year; or one for each age or sex too; or one column for each age.
    code : str, optional
        The column of area codes. Found where not said.
    value : str or list of str, optional
        The column of numbers; several are added up, and ``"ages"`` adds up all columns that
        are called by ages. Found where not said: a total before single ages.
    year : int, optional
        Take this year only. A table without years is taken as of it.
    where : mapping, optional
        Take only rows with these texts: ``{"sex": "persons"}``.

    Returns
    -------
    DataFrame
        Population: ``area_code``, ``year``, ``population``. NaN where a figure is suppressed.
        ``attrs`` holds ``code_column``, ``value_columns``, ``year_column`` and ``notes``.

    Raises
    ------
    InputError
        If a column is missing, a number is text or below 0 (row and column are named), a year
        is not there, or an area comes twice in a year without a reason that can be told.

    Warns
    -----
    InputWarning
        If figures are suppressed (``[c]``, ``*``, ``<5``), or single ages do not add up to the
        total beside them.

    Notes
    -----
    Where an area comes more than once in a year by age or sex, rows for all persons are taken
    if there are any; otherwise the rows are added up. ``attrs["notes"]`` says what was done.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles
    >>> text = 'ward_code,year,sex,residents\nA,2025,persons,"1,200"\nA,2025,female,610\n'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "residents.csv"
    ...     _ = file.write_text(text)
    ...     geoprofiles.read_population(file, year=2025).to_dict("records")
    [{'area_code': 'A', 'year': 2025, 'population': 1200.0}]
    """
    table = open_table(path)
    reading = _Reading(
        table,
        table.headings[table.need(code, ours="code")] if code else find_code(table),
        _value_columns(table, value),
        find_heading(table, _YEARS),
    )
    keep = pd.Series(rows_where(table, where), index=texts(table, reading.code).index)
    frame = pd.DataFrame(
        {
            "area_code": texts(table, reading.code),
            "year": _years(reading, year),
        }
    )[keep]
    frame = frame[_of_year(frame["year"], year, reading)]
    need_codes(frame["area_code"], file=table.name, heading=reading.code)
    frame["population"] = _values(reading, frame.index)
    told = {one for one, wanted in (where or {}).items() if isinstance(wanted, (str, int, float))}
    frame = _once_each(frame, reading, told)
    _check_total(frame, reading)
    result = frame.reset_index(drop=True)
    if result["year"].notna().all():
        result["year"] = result["year"].astype("int64")
    result.attrs = {
        "code_column": reading.code,
        "value_columns": reading.values,
        "year_column": reading.year,
        "notes": reading.notes,
    }
    return result


def _value_columns(table: Table, value: str | Sequence[str] | None) -> list[str]:
    ages = _age_columns(table)
    if isinstance(value, str) and value != AGES:
        return [table.headings[table.need(value, ours="value")]]
    if value is not None and value != AGES:
        return [table.headings[table.need(one, ours="value")] for one in value]
    if value is None:
        common = find_heading(table, _VALUES)
        if common is not None:
            return [common]
    if not ages:
        raise InputError(
            "no column was recognised as the number of people; the columns are"
            f" {listed(table.headings, most=20)}",
            file=table.name,
            remedy="Say which with value='…'.",
        )
    return ages


def _age_columns(table: Table) -> list[str]:
    ages = [one for one in table.headings if _AGE.fullmatch(one.strip())]
    return ages if len(ages) >= 3 else []


def _years(reading: _Reading, year: int | None) -> pd.Series:
    index = texts(reading.table, reading.code).index
    if reading.year is None:
        return pd.Series([year] * len(index), index=index, dtype="Int64")
    column = texts(reading.table, reading.year)
    found = column.str.extract(r"((?:19|20)\d{2})(?!.*(?:19|20)\d{2})", expand=False)
    if found.isna().any():
        raise InputError(
            "there is no year",
            file=reading.table.name,
            row=first_row(found.isna()),
            column=reading.year,
            remedy="Write years as four figures.",
        )
    return found.astype("int64").astype("Int64")


def _of_year(years: pd.Series, year: int | None, reading: _Reading) -> pd.Series:
    if year is None:
        return pd.Series(True, index=years.index)
    keep = (years == year).fillna(False).astype(bool)
    if not keep.any():
        present = listed([str(one) for one in sorted(years.dropna().unique())], most=12)
        raise InputError(
            f"there is no row of {year}; there are {present}",
            file=reading.table.name,
            column=reading.year,
        )
    return keep


def _values(reading: _Reading, rows: pd.Index) -> pd.Series:
    total = pd.Series(0.0, index=rows)
    withheld = 0
    file = reading.table.name
    for heading in reading.values:
        column, marks = numbers(texts(reading.table, heading)[rows], file=file, heading=heading)
        refuse_negative(column, file=file, heading=heading)
        withheld += marks + int(texts(reading.table, heading)[rows].isna().sum())
        total += column
    if withheld:
        sentence = (
            f"{withheld:,} figure{'s are' if withheld > 1 else ' is'} suppressed or empty;"
            " areas without one have no rate."
        )
        reading.notes.append(sentence)
        warnings.warn(f"{file}: {sentence}", InputWarning, stacklevel=3)
    return total


def _once_each(frame: pd.DataFrame, reading: _Reading, told: set[str]) -> pd.DataFrame:
    """Bring the rows of an area and year down to one."""
    key = ["area_code", "year"]
    if not frame.duplicated(key).any():
        return frame
    table = reading.table
    breakdowns = [
        one
        for one in table.headings
        if _BREAKDOWNS.fullmatch(one) and one not in told and one not in reading.values
    ]
    for heading in breakdowns:
        column = texts(table, heading)[frame.index]
        totals = column.fillna("").str.casefold().isin(_TOTALS)
        if totals.any() and not totals.all():
            frame = frame[totals]
            reading.notes.append(f"Rows with '{column[totals].iloc[0]}' in '{heading}' were taken.")
    if not frame.duplicated(key).any():
        return frame
    figures = frame[[*key, "population"]].drop_duplicates()
    if not figures.duplicated(key).any() and any(
        "total" in one.casefold() for one in reading.values
    ):
        reading.notes.append(f"'{reading.values[0]}' stands on several rows of an area, once each.")
        return frame.drop_duplicates(key)
    parts = pd.DataFrame({one: texts(table, one)[frame.index] for one in breakdowns})
    whole = pd.concat([frame[key], parts], axis=1)
    if breakdowns and not whole.duplicated().any():
        reading.notes.append(f"Rows by {listed(breakdowns)} were added up.")
        summed = frame.groupby(key, sort=False, dropna=False)["population"]
        return summed.sum(min_count=1).where(summed.count() == summed.size()).reset_index()
    again = frame.index[whole.duplicated() if breakdowns else frame.duplicated(key)]
    raise InputError(
        f"the area '{frame['area_code'][again[0]]}' comes more than once in a year",
        file=table.name,
        row=int(again[0]),
        column=reading.code,
        remedy="Choose rows with where={'column': 'text'}, or another column with value='…'.",
    )


def _check_total(frame: pd.DataFrame, reading: _Reading) -> None:
    """Warn where single ages stand beside a total and do not add up to it."""
    ages = _age_columns(reading.table)
    if len(reading.values) != 1 or not ages or reading.values[0] in ages:
        return
    if not frame.index.isin(texts(reading.table, reading.code).index).all():
        return
    file, total = reading.table.name, pd.Series(0.0, index=frame.index)
    for heading in ages:
        total += numbers(texts(reading.table, heading)[frame.index], file=file, heading=heading)[0]
    wrong = (total - frame["population"]).abs() > 1
    if wrong.any():
        sentence = (
            f"In {int(wrong.sum()):,} row{'s' if wrong.sum() > 1 else ''} the ages do not add up to"
            f" '{reading.values[0]}'; the first is row {first_row(wrong)}."
        )
        reading.notes.append(sentence)
        warnings.warn(f"{file}: {sentence}", InputWarning, stacklevel=3)

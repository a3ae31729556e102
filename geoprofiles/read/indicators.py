"""Read the figures of indicators from long tables, as they are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.read.archives import PathLike
from geoprofiles.read.numbers import (
    first_row,
    need_codes,
    numbers,
    open_table,
    texts,
)
from geoprofiles.words import listed, nearest

OPTIONAL = ("squares", "value", "lower", "upper")
KEYS = ["area_code", "indicator", "period"]


def read_indicators(path: PathLike, *, definitions: pd.DataFrame | None = None) -> pd.DataFrame:
    r"""Read numerators and denominators of indicators by area.

    Parameters
    ----------
    path : path
        A CSV file or workbook with ``area_code``, ``indicator``, ``period``, ``numerator`` and
        ``denominator``; and ``age`` where figures are to be standardised, ``sex`` where they come
        by sex, ``observed`` for medians (a value that was seen, ``denominator`` times, or once
        where that is empty), ``squares`` for means,
        ``value``, ``lower`` and ``upper`` where figures are given as they are. Where all are, they
        need no numerator and no denominator.
    definitions : DataFrame, optional
        As :func:`read_definitions` gives it. An indicator that it lacks is an error.

    Returns
    -------
    DataFrame
        These columns. NaN where a figure is suppressed or empty; ``attrs["marks"]`` counts what
        stood there (``{"[c]": 3}``), ``attrs["notes"]`` says it.

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
    frame = pd.DataFrame({one: texts(table, one) for one in KEYS})
    for heading, what in (("area_code", "area code"), ("indicator", "indicator")):
        need_codes(frame[heading], file=file, heading=heading, what=what)
    keys = list(KEYS)
    for part in ("age", "sex"):
        if table.position(part) is not None:
            frame[part] = texts(table, part).fillna("")
            keys.append(part)
    marks: dict[str, int] = {}
    if table.position("observed") is not None:
        column = texts(table, "observed")
        frame["observed"], _ = numbers(column, file=file, heading="observed")
        count_marks(marks, column, frame["observed"])
        keys.append("observed")
    present = [one for one in OPTIONAL if table.position(one) is not None]
    need_none = "value" in present and _all_given(frame["indicator"], definitions)
    for heading in ("numerator", "denominator", *present):
        if (need_none or "observed" in frame) and table.position(heading) is None:
            frame[heading] = np.nan
            continue
        column = texts(table, heading)
        frame[heading], _ = numbers(column, file=file, heading=heading)
        count_marks(marks, column, frame[heading])
    frame["period"] = frame["period"].fillna("")
    frame = _times_observed(frame, keys)
    again = frame.duplicated(keys)
    if again.any():
        raise InputError(
            "this area, indicator and period came before",
            file=file,
            row=first_row(again),
            column="area_code",
            remedy="Keep one row for each.",
        )
    _refuse_half_by_sex(frame, file)
    _need_definitions(frame, definitions, file)
    frame = frame.reset_index(drop=True)
    frame.attrs = {"marks": marks, "notes": notes_on_marks(marks), "file": file}
    return frame


def _times_observed(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Add up how often each value was seen; a row that does not say it is one time."""
    if "observed" not in frame:
        return frame
    seen = frame["observed"].notna()
    frame = frame.astype({"denominator": float})
    frame.loc[seen, "denominator"] = frame.loc[seen, "denominator"].fillna(1.0)
    frame.loc[seen, "denominator"] = (
        frame[seen].groupby(keys, sort=False)["denominator"].transform("sum")
    )
    return frame[~(seen & frame.duplicated(keys))]


def _refuse_half_by_sex(frame: pd.DataFrame, file: str) -> None:
    """Refuse a figure that comes by sex and for both: it would be counted twice."""
    if "sex" not in frame:
        return
    told = frame["sex"] != ""
    both = told.groupby([frame["indicator"], frame["period"]]).transform("nunique") > 1
    if both.any():
        row = first_row(both & ~told)
        raise InputError(
            f"the indicator '{frame['indicator'][row]}' comes by sex, and this row says none",
            file=file,
            row=row,
            column="sex",
            remedy="Leave rows of both sexes together out: they are added up.",
        )


def _all_given(indicators: pd.Series, definitions: pd.DataFrame | None) -> bool:
    """Tell whether all figures are given as they are; where nobody says, they may be."""
    if definitions is None:
        return True
    methods = definitions["method"].reindex(indicators.unique()).dropna()
    return bool((methods == "given").all())


def _need_definitions(frame: pd.DataFrame, definitions: pd.DataFrame | None, file: str) -> None:
    if definitions is None:
        return
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


def count_marks(marks: dict[str, int], column: pd.Series, values: pd.Series) -> None:
    """Count what stands where a figure is withheld: suppressed is not zero, and not nothing."""
    for mark, number in column[values.isna() & column.notna()].value_counts().items():
        marks[str(mark)] = marks.get(str(mark), 0) + int(number)


def notes_on_marks(marks: Mapping[str, int]) -> list[str]:
    """Say in sentences what stood where figures are withheld."""
    if not marks:
        return []
    told = [f"'{mark}' {number:,} times" for mark, number in sorted(marks.items())]
    number = sum(marks.values())
    if number == 1:
        return [f"1 figure is suppressed ('{next(iter(marks))}'): it is not known, and not zero."]
    return [
        f"{number:,} figures are suppressed ({listed(told)}): they are not known, and not zero."
    ]

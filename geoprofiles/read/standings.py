"""Read what areas are judged by: breaks in recording, ranks of deprivation, similar places."""

from __future__ import annotations

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.read.archives import PathLike
from geoprofiles.read.numbers import find_code, first_row, need_codes, numbers, open_table, texts


def read_breaks(path: PathLike) -> pd.DataFrame:
    r"""Read the table of breaks in recording.

    Parameters
    ----------
    path : path
        A CSV file or workbook with ``category``, ``month`` (``YYYY-MM``, the first of the new
        recording) and ``why``; ``source`` and ``area`` where it concerns one. An empty cell of
        ``category``, ``source`` or ``area`` means all.

    Returns
    -------
    DataFrame
        ``source``, ``category``, ``area``, ``month`` (datetime64), ``why``; by month.

    Raises
    ------
    InputError
        If a month cannot be read, or a break says no reason.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "breaks.csv"
    ...     _ = file.write_text("category,month,why\nViolence,2017-04,new counting rule\n")
    ...     geoprofiles.read.read_breaks(file)["month"].dt.year.tolist()
    [2017]
    """
    table = open_table(path)
    frame = pd.DataFrame({one: texts(table, one) for one in ("category", "month", "why")})
    for heading in ("source", "area"):
        frame[heading] = texts(table, heading) if table.position(heading) is not None else ""
    month = pd.to_datetime(frame["month"], format="%Y-%m", errors="coerce")
    for bad, heading, problem, remedy in (
        (month.isna(), "month", "this is not a month", "Write months as YYYY-MM, say 2017-04."),
        (frame["why"].isna(), "why", "a break needs a reason", "Say who said so, or what changed."),
    ):
        if bad.any():
            raise InputError(
                problem, file=table.name, row=first_row(bad), column=heading, remedy=remedy
            )
    frame["month"] = month
    for heading in ("source", "category", "area"):
        frame[heading] = frame[heading].fillna("").astype(str)
    order = ["source", "category", "area", "month", "why"]
    return frame[order].sort_values("month", kind="stable").reset_index(drop=True)


def read_ranks(path: PathLike, *, rank: str, code: str | None = None) -> pd.DataFrame:
    r"""Read ranks of deprivation by area, 1 the most deprived.

    Parameters
    ----------
    path : path
        A CSV file or workbook.
    rank : str
        The column of ranks.
    code : str, optional
        The column of area codes; found where not said.

    Returns
    -------
    DataFrame
        ``area_code``, ``rank``.

    Raises
    ------
    InputError
        If a column is missing, a rank is empty, no number or below 1, or an area comes twice.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "imd.csv"
    ...     _ = file.write_text("lsoa21_code,imd_rank\nA,12\nB,7\n")
    ...     geoprofiles.read.read_ranks(file, rank="imd_rank")["rank"].tolist()
    [12.0, 7.0]
    """
    table = open_table(path)
    heading = table.headings[table.need(code, ours="code")] if code else find_code(table)
    codes = need_codes(texts(table, heading), file=table.name, heading=heading)
    column = table.headings[table.need(rank, ours="rank")]
    ranks, _ = numbers(texts(table, column), file=table.name, heading=column)
    for bad, where, problem, remedy in (
        (ranks.isna(), column, "there is no rank", "Leave out areas that were not ranked."),
        (ranks < 1, column, "a rank is below 1", "Ranks start at 1, the most deprived."),
        (codes.duplicated(), heading, "this area comes twice", "Keep one row for each."),
    ):
        if bad.any():
            raise InputError(
                problem, file=table.name, row=first_row(bad), column=where, remedy=remedy
            )
    return pd.DataFrame({"area_code": codes, "rank": ranks}).reset_index(drop=True)


def read_similar_places(path: PathLike, *, place: str = "place") -> pd.DataFrame:
    r"""Read figures of similar places.

    Parameters
    ----------
    path : path
        A CSV file or workbook: the place's name, ``indicator``, ``period``, ``numerator``,
        ``denominator``.
    place : str
        The column of names.

    Returns
    -------
    DataFrame
        ``place``, ``indicator``, ``period``, ``numerator``, ``denominator``.

    Raises
    ------
    InputError
        If a column is missing, a number is text, or a place comes twice for an indicator and
        period.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "similar.csv"
    ...     _ = file.write_text("place,indicator,period,numerator,denominator\nX,theft,2025,9,90\n")
    ...     geoprofiles.read.read_similar_places(file)["place"].tolist()
    ['X']
    """
    table = open_table(path)
    frame = pd.DataFrame({"place": texts(table, place)})
    need_codes(frame["place"], file=table.name, heading=place, what="place")
    frame["indicator"] = need_codes(
        texts(table, "indicator"), file=table.name, heading="indicator", what="indicator"
    )
    frame["period"] = texts(table, "period").fillna("")
    for heading in ("numerator", "denominator"):
        frame[heading], _ = numbers(texts(table, heading), file=table.name, heading=heading)
    again = frame.duplicated(["place", "indicator", "period"])
    if again.any():
        raise InputError(
            "this place, indicator and period came before",
            file=table.name,
            row=first_row(again),
            column=place,
            remedy="Keep one row for each.",
        )
    return frame.reset_index(drop=True)

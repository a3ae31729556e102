"""Read the figures of indicators: long tables as they are, others as an indicators file says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import Population
from geoprofiles.read.archives import PathLike
from geoprofiles.read.definitions import Declarations, FigureTable, FigureWish
from geoprofiles.read.numbers import (
    find_code,
    first_row,
    need_codes,
    numbers,
    open_table,
    rows_where,
    texts,
)
from geoprofiles.read.tables import Table
from geoprofiles.words import listed, nearest

OPTIONAL = ("squares", "value", "lower", "upper")
ALL = "*"
KEYS = ["area_code", "indicator", "period"]
SHARES = ("proportion", "survey")


def read_indicators(path: PathLike, *, definitions: pd.DataFrame | None = None) -> pd.DataFrame:
    r"""Read numerators and denominators of indicators by area.

    Parameters
    ----------
    path : path
        A CSV file or workbook with ``area_code``, ``indicator``, ``period``, ``numerator`` and
        ``denominator``; and ``age`` where figures are to be standardised, ``squares`` for means,
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
    if table.position("age") is not None:
        frame["age"] = texts(table, "age").fillna("")
        keys.append("age")
    marks: dict[str, int] = {}
    present = [one for one in OPTIONAL if table.position(one) is not None]
    need_none = "value" in present and _all_given(frame["indicator"], definitions)
    for heading in ("numerator", "denominator", *present):
        if need_none and table.position(heading) is None:
            frame[heading] = np.nan
            continue
        column = texts(table, heading)
        frame[heading], _ = numbers(column, file=file, heading=heading)
        _count_marks(marks, column, frame[heading])
    frame["period"] = frame["period"].fillna("")
    again = frame.duplicated(keys)
    if again.any():
        raise InputError(
            "this area, indicator and period came before",
            file=file,
            row=first_row(again),
            column="area_code",
            remedy="Keep one row for each.",
        )
    _need_definitions(frame, definitions, file)
    frame = frame.reset_index(drop=True)
    frame.attrs = {"marks": marks, "notes": _notes(marks), "file": file}
    return frame


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


def _count_marks(marks: dict[str, int], column: pd.Series, values: pd.Series) -> None:
    """Count what stands where a figure is withheld: suppressed is not zero, and not nothing."""
    for mark, number in column[values.isna() & column.notna()].value_counts().items():
        marks[str(mark)] = marks.get(str(mark), 0) + int(number)


def _notes(marks: Mapping[str, int]) -> list[str]:
    if not marks:
        return []
    told = [f"'{mark}' {number:,} times" for mark, number in sorted(marks.items())]
    number = sum(marks.values())
    if number == 1:
        return [f"1 figure is suppressed ('{next(iter(marks))}'): it is not known, and not zero."]
    return [
        f"{number:,} figures are suppressed ({listed(told)}): they are not known, and not zero."
    ]


Denominators = Mapping[str, Mapping[str, Population]]
"""Denominators by their name, then by the kind of area that they are for."""


def read_tables(
    declarations: Declarations, *, denominators: Denominators | None = None
) -> list[tuple[str, pd.DataFrame]]:
    r"""Read the tables that an indicators file names, and take its indicators from them.

    Parameters
    ----------
    declarations : Declarations
        As :func:`read_declarations` gives it.
    denominators : mapping of str to mapping of str to DataFrame, optional
        Name, then kind of area, to Population: for scores that are weighted by one, and counts
        that are rated by one.

    Returns
    -------
    list of pairs
        Kind of area, and a long frame of ``area_code``, ``indicator``, ``period``, ``numerator``,
        ``denominator``: one for each table. ``attrs["only"]`` names the kinds of area that it is
        to be shown for, if not all.

    Raises
    ------
    InputError
        If a column or label is not there, a number is text, an area comes twice, a total beside
        labels is not one for each area, or what is to be a proportion is given as a percentage.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "tenure.csv").write_text("area_code,kind,n\nA,rent,4\nA,own,6\n")
    ...     file = Path(folder) / "indicators.toml"
    ...     _ = file.write_text('[tables.tenure]\nfile = "tenure.csv"\nareas = "LSOA"\n'
    ...         'labels = "kind"\nvalue = "n"\n[indicators.renting]\ntable = "tenure"\n'
    ...         'take = "rent"\nover = "*"\nmethod = "proportion"\n')
    ...     kind, frame = geoprofiles.read.read_tables(geoprofiles.read.read_declarations(file))[0]
    >>> kind, frame[["numerator", "denominator"]].values.tolist()
    ('LSOA', [[4.0, 10.0]])
    """
    made = []
    for name, one in declarations.tables.items():
        wishes = [wish for wish in declarations.wishes if wish.table == name]
        if wishes:
            frame = _taken(one, wishes, denominators or {}, declarations.definitions["method"])
            made.append((one.areas, frame))
    return made


def _taken(
    one: FigureTable, wishes: list[FigureWish], denominators: Denominators, methods: pd.Series
) -> pd.DataFrame:
    table = open_table(one.file)
    keep = rows_where(table, one.where)
    code = table.headings[table.need(one.code, ours="code")] if one.code else find_code(table)
    codes = need_codes(texts(table, code)[keep], file=table.name, heading=code)
    if one.period_column:
        period = texts(table, one.period_column)[keep].fillna("")
    else:
        period = pd.Series(one.period or "", index=codes.index)
    keys = pd.MultiIndex.from_arrays([codes, period], names=["area_code", "period"])
    marks: dict[str, int] = {}
    if one.labels is not None:
        source = _by_label(table, one, keep, keys, marks)
    else:
        again = keys.duplicated()
        if again.any():
            raise InputError(
                f"the area '{codes[again].iloc[0]}' comes twice",
                file=table.name,
                row=int(codes.index[again][0]),
                column=code,
                remedy="Say with 'where' which rows to take, or with 'labels' what each counts.",
            )
        source = _Columns(table, keep, keys, marks)
    known = {
        name: people[one.areas] for name, people in denominators.items() if one.areas in people
    }
    parts = []
    for wish in wishes:
        if wish.weight is not None and methods[wish.indicator] in SHARES:
            source.refuse_percentages(wish.take)
        parts.append(_one(source, wish, table.name, known))
    frame = pd.concat(parts, ignore_index=True)
    notes = _notes(marks)
    weighted = tuple(wish.indicator for wish in wishes if wish.weight is not None)
    frame.attrs = {"marks": marks, "notes": notes, "file": table.name, "only": one.only,
                   "weighted": weighted}  # fmt: skip
    return frame


class _Columns:
    """The columns of a wide table, or the labels of a long one, as numbers by area and period."""

    def __init__(
        self, table: Table, keep: np.ndarray, keys: pd.MultiIndex, marks: dict[str, int]
    ) -> None:
        self.table, self.keep, self.keys, self.marks = table, keep, keys, marks
        self.read: dict[str, pd.Series] = {}
        self.labels: pd.DataFrame | None = None

    def names(self) -> list[str]:
        return list(self.table.headings if self.labels is None else self.labels.columns)

    def get(self, name: str) -> pd.Series:
        """Return one column; NaN where a figure is suppressed."""
        if self.labels is not None and name in self.labels:
            return self.labels[name]
        if name not in self.read:
            heading = self.table.headings[self.table.need(name)]
            column = texts(self.table, heading)[self.keep]
            values, _ = numbers(column, file=self.table.name, heading=heading)
            _count_marks(self.marks, column, values)
            series = pd.Series(values.to_numpy(), index=self.keys)
            first = ~series.index.duplicated()
            # Beside labels, a total stands on every row of an area.
            of_area = series[first].reindex(series.index).to_numpy()
            differs = ~np.isclose(series.to_numpy(), of_area, equal_nan=True)
            if differs.any():
                raise InputError(
                    f"beside labels a total is one for each area; that of"
                    f" '{self.keys[differs][0][0]}' differs from row to row",
                    file=self.table.name,
                    row=int(column.index[differs][0]),
                    column=heading,
                    remedy="Name the labels that add up to it, or '*' for all.",
                )
            self.read[name] = series[first]
        return self.read[name]

    def refuse_percentages(self, wanted: tuple[str, ...]) -> None:
        """Refuse figures above 1 that are weighted to make a proportion."""
        for name in wanted:
            if self.table.position(name) is None:
                continue
            heading = self.table.headings[self.table.need(name)]
            column = texts(self.table, heading)[self.keep]
            above = numbers(column, file=self.table.name, heading=heading)[0] > 1
            if above.any():
                raise InputError(
                    f"a weighted proportion takes parts of 1; {column[above].iloc[0]} is more",
                    file=self.table.name,
                    row=first_row(above),
                    column=heading,
                    remedy="Are these percentages? Then say method = 'value' and multiplier = 1.",
                )

    def total(self, wanted: tuple[str, ...], file: str) -> pd.Series:
        """Add up columns or labels; where one is not known, nor is their sum."""
        names = self.names()
        if wanted == (ALL,) and self.labels is not None:
            return self.labels.sum(axis=1, skipna=False)
        wanted = tuple(one for name in wanted for one in _between(name, names))
        for name in wanted:
            if name not in names and (self.labels is None or self.table.position(name) is None):
                raise InputError(
                    f"there is no {'column' if self.labels is None else 'label'} '{name}'",
                    file=file,
                    remedy=f"{nearest(name, names)} There are {listed(names, most=20)}.",
                )
        return pd.concat([self.get(name) for name in wanted], axis=1).sum(axis=1, skipna=False)


def _between(name: str, names: list[str]) -> list[str]:
    """Return the columns that ``"0 to 15"`` stands for: both ends and all between, as they stand.

    Examples
    --------
    >>> _between("1 to 90+", ["all", "0", "1", "2", "90+"]), _between("all", ["all"])
    (['1', '2', '90+'], ['all'])
    """
    ends = name.split(" to ")
    if name in names or len(ends) != 2 or not set(ends) <= set(names):
        return [name]
    first, last = (names.index(end) for end in ends)
    return names[first : last + 1]


def _by_label(
    table: Table, one: FigureTable, keep: np.ndarray, keys: pd.MultiIndex, marks: dict[str, int]
) -> _Columns:
    labels = texts(table, str(one.labels))[keep].fillna("")
    column = texts(table, str(one.value))[keep]
    values, _ = numbers(column, file=table.name, heading=str(one.value))
    _count_marks(marks, column, values)
    long = keys.to_frame(index=False).assign(label=labels.to_numpy(), n=values.to_numpy())
    again = long.duplicated(["area_code", "period", "label"])
    if again.any():
        raise InputError(
            f"'{labels[again.to_numpy()].iloc[0]}' comes twice for an area",
            file=table.name,
            row=int(labels.index[again.to_numpy()][0]),
            column=str(one.labels),
            remedy="Say with 'where' which rows to take.",
        )
    source = _Columns(table, keep, keys, marks)
    wide = long.set_index(["area_code", "period", "label"])["n"].unstack("label")
    # A label without a row for an area counts nothing there; one that is marked is not known.
    present = long.assign(here=True).set_index(["area_code", "period", "label"])["here"]
    here = present.unstack("label").notna()
    source.labels = wide.where(here, 0.0)
    return source


def _one(
    source: _Columns, wish: FigureWish, file: str, denominators: Mapping[str, Population]
) -> pd.DataFrame:
    """Take one indicator: sums over sums, or a score weighted by people."""
    part = source.total(wish.take, file)
    if wish.weight is not None:
        whole = _people(source, wish, wish.weight, denominators, part.index, file)
        part = part.reindex(whole.index) * whole
    elif len(wish.over) == 1 and wish.over[0] in denominators:
        whole = _people(source, wish, wish.over[0], denominators, part.index, file)
    elif wish.over:
        whole = source.total(wish.over, file)
    else:
        raise InputError(
            f"[indicators.{wish.indicator}] lacks 'over', the denominator's columns, or 'weight'",
            remedy="A figure that is only a value is brought to larger areas by a weight.",
        )
    frame = pd.DataFrame({"numerator": part, "denominator": whole}).reset_index()
    frame.insert(1, "indicator", wish.indicator)
    return frame[[*KEYS, "numerator", "denominator"]]


def _people(
    source: _Columns,
    wish: FigureWish,
    name: str,
    denominators: Mapping[str, Population],
    index: pd.MultiIndex,
    file: str,
) -> pd.Series:
    """Return a column of the table, or else a denominator that the project has for its areas."""
    if name in source.names() or source.table.position(name) is not None:
        return source.get(name).reindex(index)
    if name not in denominators:
        raise InputError(
            f"[indicators.{wish.indicator}] is weighted by '{name}', which is neither a column nor"
            " a denominator for these areas",
            file=file,
            remedy=nearest(name, [*source.names(), *denominators]),
        )
    table = denominators[name].sort_values("year", kind="stable")
    table = table.drop_duplicates("area_code", keep="last")
    people = table.set_index("area_code")["population"].reindex(index.get_level_values(0))
    return pd.Series(people.to_numpy(), index=index)

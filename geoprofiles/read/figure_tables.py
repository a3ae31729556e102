"""Read the figures of indicators from tables of any shape, as an indicators file says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import Population
from geoprofiles.read.definitions import Declarations, FigureTable, FigureWish
from geoprofiles.read.indicators import KEYS, count_marks, notes_on_marks
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

ALL = "*"
SHARES = ("proportion", "survey")

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
    levels = {"area_code": codes, "period": period}
    for part, heading in (("age", one.age), ("sex", one.sex)):
        if heading is not None:
            levels[part] = texts(table, heading)[keep].fillna("")
    keys = pd.MultiIndex.from_arrays(list(levels.values()), names=list(levels))
    marks: dict[str, int] = {}
    medians = [wish for wish in wishes if methods[wish.indicator] == "median"]
    others = [wish for wish in wishes if wish not in medians]
    if one.labels is not None:
        source = _by_label(table, one, keep, keys, marks)
    else:
        again = keys.duplicated() & bool(others)
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
    notes: list[str] = []
    parts = [_records(table, wish, keep, keys, notes) for wish in medians]
    for wish in others:
        if wish.weight is not None and methods[wish.indicator] in SHARES:
            source.refuse_percentages(wish.take)
        parts.append(_one(source, wish, table.name, known))
    frame = pd.concat(parts, ignore_index=True)
    notes += notes_on_marks(marks)
    weighted = tuple(wish.indicator for wish in wishes if wish.weight is not None)
    frame.attrs = {"marks": marks, "notes": notes, "file": table.name, "only": one.only,
                   "weighted": weighted}  # fmt: skip
    return frame


def _records(
    table: Table, wish: FigureWish, keep: np.ndarray, keys: pd.MultiIndex, notes: list[str]
) -> pd.DataFrame:
    """Take the values that a median is of: a row for each, and how often it was seen."""
    columns = []
    for name in (*wish.take, *wish.over):
        heading = table.headings[table.need(name)]
        values, _ = numbers(texts(table, heading)[keep], file=table.name, heading=heading)
        columns.append(values.to_numpy())
    seen = keys.to_frame(index=False).assign(observed=columns[0])
    seen["denominator"] = columns[1] if wish.over else 1.0
    lacking = seen[["observed", "denominator"]].isna().any(axis=1)
    if lacking.any():
        notes.append(
            f"{int(lacking.sum()):,} of {len(seen):,} rows of '{wish.take[0]}' have no value: they"
            " are left out of medians."
        )
    by = [*keys.names, "observed"]
    frame = seen[~lacking].groupby(by, sort=False)["denominator"].sum().reset_index()
    frame.insert(1, "indicator", wish.indicator)
    return frame.assign(numerator=np.nan)


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
            count_marks(self.marks, column, values)
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
    count_marks(marks, column, values)
    long = keys.to_frame(index=False).assign(label=labels.to_numpy(), n=values.to_numpy())
    by = [*keys.names, "label"]
    again = long.duplicated(by)
    if again.any():
        raise InputError(
            f"'{labels[again.to_numpy()].iloc[0]}' comes twice for an area",
            file=table.name,
            row=int(labels.index[again.to_numpy()][0]),
            column=str(one.labels),
            remedy="Say with 'where' which rows to take.",
        )
    source = _Columns(table, keep, keys, marks)
    wide = long.set_index(by)["n"].unstack("label")
    # A label without a row for an area counts nothing there; one that is marked is not known.
    present = long.assign(here=True).set_index(by)["here"]
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
    more = [name for name in source.keys.names if name not in KEYS]
    return frame[[*KEYS, *more, "numerator", "denominator"]]


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
    if len(index.names) > 2:
        raise InputError(
            f"[indicators.{wish.indicator}] is of '{name}', which the project has for all ages and"
            " both sexes",
            file=file,
            remedy="Name a column of the table that has them by age or sex.",
        )
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

"""Notice what is given twice: IDs that come again, and months downloaded twice."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

MONTH_TWICE = "month given twice"
FILE_TWICE = "file given twice"

SHARED_IDS = 0.1
"""Share of the IDs of the smaller of two files of a month from which they are one month twice."""
EQUAL_ROWS = 0.5
"""The same for files without IDs: share of exactly equal rows."""


@dataclass(frozen=True)
class GivenFile:
    """What tells whether two files hold the same."""

    base: str
    street: bool
    digest: str
    """Of the content, unpacked."""


def mark_files_twice(number: np.ndarray, files: list[GivenFile], notes: list[str]) -> np.ndarray:
    """Mark the rows of each file, other than police.uk's, that a later one copies exactly."""
    last = {one.digest: at for at, one in enumerate(files)}
    copied = [at for at, one in enumerate(files) if not one.street and last[one.digest] != at]
    notes.extend(
        f"{files[at].base} has the same content as {files[last[files[at].digest]].base},"
        " given later; the rows of the later count."
        for at in copied
    )
    return np.isin(number, copied)


def mark_months_twice(
    frame: pd.DataFrame,
    refused: np.ndarray,
    number: np.ndarray,
    files: list[GivenFile],
    notes: list[str],
) -> np.ndarray:
    """Mark the rows of each month of a police.uk file that a later file gives again.

    Parameters
    ----------
    frame : DataFrame
        ``incident_id``, ``month``, and what makes rows equal.
    refused : array of int
        -1 for rows that are not refused yet.
    number : array of int
        The file of each row, counted in the order given.
    files : list of GivenFile
        What is known of each file.
    notes : list of str
        Sentences are added to it.

    Returns
    -------
    array of bool
    """
    twice = np.zeros(len(frame), dtype=bool)
    street = np.array([one.street for one in files])
    if street.sum() < 2:
        return twice
    usable = (refused == -1) & street[number]
    months = frame["month"].to_numpy().astype("datetime64[M]").astype("int64")
    rows_of = _rows_by_unit(number, months, np.flatnonzero(usable))
    ids = frame.loc[usable, ["incident_id"]].assign(file=number[usable], month=months[usable])
    ids = ids[ids["incident_id"].notna()].drop_duplicates()
    with_id = ids.groupby(["file", "month"]).size().to_dict()
    units = {unit: Unit(len(rows), with_id.get(unit, 0)) for unit, rows in rows_of.items()}
    shared = shared_ids(
        pd.factorize(ids["incident_id"])[0], ids["file"].to_numpy(), ids["month"].to_numpy()
    )
    replaced = choose_replaced(
        units,
        shared,
        lambda one, two: _equal_rows(frame, rows_of[one], rows_of[two]),
        files,
        notes,
    )
    for unit in replaced:
        twice[rows_of[unit]] = True
    return twice


@dataclass(frozen=True)
class Unit:
    """One month of one file: its rows that may count, and the distinct IDs among them."""

    rows: int
    ids: int


def shared_ids(
    key: np.ndarray, file: np.ndarray, month: np.ndarray
) -> dict[tuple[int, int, int], int]:
    """Count the IDs that two files share in a month, by earlier file, later file and month.

    The arrays hold each ID of each file and month once.
    """
    table = pd.DataFrame({"key": key, "file": file, "month": month})
    table = table[table.duplicated(["key", "month"], keep=False)]
    pairs = table.merge(table, on=["key", "month"], suffixes=("", "_later"))
    pairs = pairs[pairs["file"] < pairs["file_later"]]
    return {
        (int(one), int(two), int(at)): int(number)
        for (one, two, at), number in pairs.groupby(["file", "file_later", "month"]).size().items()
    }


def choose_replaced(
    units: Mapping[tuple[int, int], Unit],
    shared: Mapping[tuple[int, int, int], int],
    equal_rows: Callable[[tuple[int, int], tuple[int, int]], int],
    files: Sequence[GivenFile],
    notes: list[str],
) -> list[tuple[int, int]]:
    """Choose the months of files that a later file gives again.

    Parameters
    ----------
    units : mapping
        What is known of each month (counted from January 1970) of each street file.
    shared : mapping
        What :func:`shared_ids` counts.
    equal_rows : callable
        Counts the exactly equal rows of two units; asked only about files of one name.
    files : sequence of GivenFile
    notes : list of str
        Sentences are added to it.
    """
    files_of: dict[int, list[int]] = {}
    for file, month in sorted(units):
        files_of.setdefault(month, []).append(file)
    came_again: list[str] = []
    replaced: dict[tuple[int, int], str] = {}
    for month, holders in files_of.items():
        for earlier, later in itertools.combinations(holders, 2):
            one, two = (earlier, month), (later, month)
            common = shared.get((earlier, later, month), 0)
            same_name = files[earlier].digest == files[later].digest or (
                name_key(files[earlier].base) == name_key(files[later].base)
            )
            if one in replaced or not (common or same_name):
                continue
            smaller = min(units[one].ids, units[two].ids)
            if smaller:
                same = common >= max(1, SHARED_IDS * smaller)
            else:
                fewer = min(units[one].rows, units[two].rows)
                same = same_name and equal_rows(one, two) >= EQUAL_ROWS * fewer
            if same:
                replaced[one] = (
                    f"{np.datetime64(month, 'M')} was given twice: {units[two].rows:,} rows of"
                    f" {files[later].base} (given later) replace {units[one].rows:,} rows of"
                    f" {files[earlier].base}."
                )
            elif same_name:
                came_again.append(files[later].base)
    notes.extend(list(replaced.values())[:3])
    if len(replaced) > 3:
        total = sum(units[unit].rows for unit in replaced)
        notes.append(
            f"{len(replaced) - 3} more months were given twice; the file given later counts,"
            f" and {total:,} rows in all were set aside."
        )
    if came_again:
        notes.append(
            f"{len(set(came_again))} police.uk file name(s) came twice with different rows"
            f" ({came_again[0]} and so on); all of them count."
        )
    return list(replaced)


def row_hashes(frame: pd.DataFrame) -> np.ndarray:
    """Hash what makes two rows equal, their IDs left out."""
    nothing = pd.Series([None] * len(frame), index=frame.index, dtype="category")
    columns = {
        name: frame.get(name, nothing)
        for name in ("category", "easting", "northing", "area_given", "place")
    }
    return pd.util.hash_pandas_object(pd.DataFrame(columns), index=False).to_numpy()


def common_rows(one: np.ndarray, two: np.ndarray) -> int:
    """Count the rows that two sets of hashes have in common, each as often as in both."""
    first, number = np.unique(one, return_counts=True)
    second, other = np.unique(two, return_counts=True)
    _, at, also = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    return int(np.minimum(number[at], other[also]).sum())


def _equal_rows(frame: pd.DataFrame, one: np.ndarray, two: np.ndarray) -> int:
    return common_rows(row_hashes(frame.iloc[one]), row_hashes(frame.iloc[two]))


def name_key(base: str) -> str:
    """Return what names the content: ``2026-06-averley-street`` of ``…-street (1).csv.gz``."""
    matched = re.match(r"\d{4}-\d{2}-.+-street", base.lower())
    return matched.group() if matched else base.lower()


def _rows_by_unit(
    number: np.ndarray, months: np.ndarray, rows: np.ndarray
) -> dict[tuple[int, int], np.ndarray]:
    """Return the rows of each file and month."""
    if not len(rows):
        return {}
    order = rows[np.lexsort((rows, months[rows], number[rows]))]
    pairs = np.column_stack([number[order], months[order]])
    starts = np.flatnonzero((np.diff(pairs, axis=0) != 0).any(axis=1)) + 1
    pieces = np.split(order, starts)
    return {(int(number[one[0]]), int(months[one[0]])): one for one in pieces}


def mark_repeated_ids(
    frame: pd.DataFrame,
    refused: np.ndarray,
    street: np.ndarray,
    notes: list[str],
    *,
    keep: bool,
) -> np.ndarray:
    """Mark the rows whose ID an earlier row has; a sentence on them is added to `notes`.

    An ID of police.uk means one crime in whatever file and month. Elsewhere, where each file
    may number its rows from 1, an ID is repeated within its file or within its month.
    """
    ids = frame["incident_id"]
    usable = np.flatnonzero((refused == -1) & ids.notna().to_numpy())
    marked = np.zeros(len(frame), dtype=bool)
    some = frame.iloc[usable][["incident_id", "month", "file", "category"]]
    repeated = is_repeated(some, street[usable])
    if not repeated.any():
        return marked
    again = some[some["incident_id"].isin(some["incident_id"][repeated]).to_numpy()]
    note_repeated(notes, int(repeated.sum()), *count_ids(again), keep=keep)
    if not keep:
        marked[usable[repeated]] = True
    return marked


def is_repeated(some: pd.DataFrame, street: np.ndarray) -> np.ndarray:
    """Tell which rows have an ID that an earlier one has: ``incident_id``, ``month``, ``file``."""
    in_month = some.duplicated(["incident_id", "month"]).to_numpy()
    in_file = some.duplicated(["incident_id", "file"]).to_numpy()
    anywhere = some.duplicated("incident_id").to_numpy()
    return np.where(street, anywhere, in_month | in_file)


def count_ids(again: pd.DataFrame) -> tuple[int, int]:
    """Count the IDs of rows, and those that stand with different months or categories."""
    kinds = again[["incident_id", "month", "category"]].drop_duplicates()
    differing = int((kinds["incident_id"].value_counts() > 1).sum())
    return again["incident_id"].nunique(), differing


def note_repeated(notes: list[str], rows: int, ids: int, differing: int, *, keep: bool) -> None:
    """Add the sentence on repeated IDs."""
    fate = "all of them count" if keep else "the first of each counts"
    extra = (
        f"; of these, {_number(differing, 'ID')} with different months or categories"
        if differing
        else ""
    )
    notes.append(
        f"{_number(rows, 'row')} of an ID that an earlier row has"
        f" ({_number(ids, 'ID')} in all): {fate}{extra}."
    )


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

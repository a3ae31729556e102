"""Notice what is given twice: IDs that come again, and months downloaded twice."""

from __future__ import annotations

import itertools
import re
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
    street, bases = np.array([one.street for one in files]), [one.base for one in files]
    if street.sum() < 2:
        return twice
    usable = (refused == -1) & street[number]
    months = frame["month"].to_numpy().astype("datetime64[M]").astype("int64")
    rows_of = _rows_by_unit(number, months, np.flatnonzero(usable))
    files_of: dict[int, list[int]] = {}
    for file, month in sorted(rows_of):
        files_of.setdefault(month, []).append(file)
    shared: list[str] = []
    replaced: list[str] = []
    for month, holders in files_of.items():
        for earlier, later in itertools.combinations(holders, 2):
            one, two = rows_of[earlier, month], rows_of[later, month]
            same_name = files[earlier].digest == files[later].digest or (
                _name_key(bases[earlier]) == _name_key(bases[later])
            )
            if twice[one].all() or not _is_same(frame, one, two, same_name=same_name):
                if same_name and not twice[one].all():
                    shared.append(bases[later])
                continue
            twice[one] = True
            replaced.append(
                f"{np.datetime64(month, 'M')} was given twice: {len(two):,} rows of {bases[later]}"
                f" (given later) replace {len(one):,} rows of {bases[earlier]}."
            )
    notes.extend(replaced[:3])
    if len(replaced) > 3:
        notes.append(
            f"{len(replaced) - 3} more months were given twice; the file given later counts,"
            f" and {int(twice.sum()):,} rows in all were set aside."
        )
    if shared:
        notes.append(
            f"{len(set(shared))} police.uk file name(s) came twice with different rows"
            f" ({shared[0]} and so on); all of them count."
        )
    return twice


def _is_same(frame: pd.DataFrame, one: np.ndarray, two: np.ndarray, *, same_name: bool) -> bool:
    ids = frame["incident_id"]
    first, second = ids.iloc[one].dropna().unique(), ids.iloc[two].dropna().unique()
    if len(first) and len(second):
        smaller = min(len(first), len(second))
        return bool(pd.Index(first).isin(second).sum() >= max(1, SHARED_IDS * smaller))
    if not same_name:
        return False
    return _equal_rows(frame, one, two) >= EQUAL_ROWS * min(len(one), len(two))


def _equal_rows(frame: pd.DataFrame, one: np.ndarray, two: np.ndarray) -> int:
    names = ["category", "easting", "northing", "area_given", "place"]
    columns = frame[[name for name in names if name in frame]]
    hashes = pd.util.hash_pandas_object(columns.iloc[np.concatenate([one, two])], index=False)
    counts = pd.crosstab(hashes.to_numpy(), np.repeat(["one", "two"], [len(one), len(two)]))
    return int(counts.min(axis=1).sum()) if counts.shape[1] == 2 else 0


def _name_key(base: str) -> str:
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
    some = frame.iloc[usable][["incident_id", "month", "file"]]
    in_month = some.duplicated(["incident_id", "month"]).to_numpy()
    in_file = some.duplicated(["incident_id", "file"]).to_numpy()
    anywhere = some.duplicated("incident_id").to_numpy()
    repeated = np.where(street[usable], anywhere, in_month | in_file)
    if not repeated.any():
        return marked
    rows = usable[repeated]
    again = frame.iloc[usable][some["incident_id"].isin(some["incident_id"][repeated]).to_numpy()]
    kinds = again[["incident_id", "month", "category"]].drop_duplicates()
    differing = kinds["incident_id"].value_counts() > 1
    fate = "all of them count" if keep else "the first of each counts"
    extra = (
        f"; of these, {_number(int(differing.sum()), 'ID')} with different months or categories"
        if differing.any()
        else ""
    )
    notes.append(
        f"{_number(len(rows), 'row')} of an ID that an earlier row has"
        f" ({_number(again['incident_id'].nunique(), 'ID')} in all): {fate}{extra}."
    )
    if not keep:
        marked[rows] = True
    return marked


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

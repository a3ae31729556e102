"""Set files side by side: add up what they were reduced to, and count nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.areas.plausible import check_numbers
from geoprofiles.areas.tally import MOST_PLACES
from geoprofiles.errors import GeoprofilesError
from geoprofiles.frames import RUNGS, PlaceTally, Tally
from geoprofiles.geocoding.geocode import ladder_sentences
from geoprofiles.read.incidents import notes_on_files
from geoprofiles.read.pieces import REPEATED_ID
from geoprofiles.read.repeats import (
    FILE_TWICE,
    MONTH_TWICE,
    GivenFile,
    Unit,
    choose_replaced,
    common_rows,
    count_ids,
    is_repeated,
    mark_files_twice,
    note_repeated,
    shared_ids,
)
from geoprofiles.reduction.batch import Wanted
from geoprofiles.reduction.coded import (
    FIRST_REFUSED,
    REASONS,
    Coded,
    PlaceSum,
    Sum,
    add_coded,
    as_places,
    as_tally,
    no_points,
)
from geoprofiles.reduction.filetally import FileTally
from geoprofiles.reduction.ids import as_frame, in_ranges, shared_rows


@dataclass(frozen=True)
class Tallied:
    """What files were reduced to.

    Attributes
    ----------
    tally : DataFrame
        Rows by area, month, category, file and fate, for every kind of area.
    places : DataFrame or None
        Located incidents by point, month and category.
    place_step : float
        Metres that points were rounded down to because there were too many; 0 for none.
    rows : int
        Rows read.
    sources : list of dict
        Facts on each file, as ``read_incidents`` has them in ``attrs["sources"]``.
    notes : list of str
        Sentences for people.
    crs : str
        The metres of `places`.
    located_by : dict of str to int
        Rows read by what placed them (`RUNGS`), of those not refused by themselves; only where a
        ladder was given.
    """

    tally: Tally
    places: PlaceTally | None
    place_step: float
    rows: int
    sources: list[dict[str, Any]]
    notes: list[str]
    crs: str
    located_by: dict[str, int] = field(default_factory=dict)


def combine(files: Sequence[FileTally], wanted: Wanted, notes: list[str]) -> Tallied:
    """Set the files beside one another: nothing that is given twice counts twice."""
    given = [one.given for one in files]
    replaced: dict[int, dict[int | None, str]] = {}
    numbers = np.arange(len(files))
    for copied in np.flatnonzero(mark_files_twice(numbers, given, notes)):
        replaced[int(copied)] = {None: FILE_TWICE}
    for file, month in _months_twice(files, given, notes):
        replaced.setdefault(file, {})[month] = MONTH_TWICE
    names, renumbered = _one_numbering(files)
    repeated = _repeated(files, replaced, renumbered, wanted, notes)
    tally = _add_tallies(files, replaced, repeated, (names, renumbered), wanted)
    places, step = None, 0.0
    if wanted.places:
        places, step = _add_places(files, replaced, repeated, (names, renumbered))
        places.attrs["crs"] = wanted.crs
    if step:
        notes.append(
            f"There were more than {MOST_PLACES:,} distinct points, so hot spots were found from"
            f" points rounded down to {step:,.0f} m."
        )
    rows = sum(one.rows for one in files)
    if int(tally["rows"].sum()) != rows * len(wanted.areas):
        raise GeoprofilesError(
            f"{rows:,} rows were read and {int(tally['rows'].sum()):,} accounted for in"
            f" {len(wanted.areas)} set(s) of areas. This is a fault of geoprofiles; please report"
            " it."
        )
    _check_plausible(files, tally, rows)
    placed: Counter[str] = Counter()
    for one in files:
        placed.update(one.placed)
    notes.extend(ladder_sentences(placed, placed["rows"], placed))
    facts = [one.facts for one in files]
    every = [*notes, *notes_on_files(facts, [one.base for one in files])]
    by = {rung: placed[rung] for rung in RUNGS if placed[rung]}
    return Tallied(tally, places, step, rows, facts, every, wanted.crs, by)


def _one_numbering(files: Sequence[FileTally]) -> tuple[list[str], list[np.ndarray]]:
    """List the categories of all files, and where those of each file stand in the list."""
    names = list(dict.fromkeys(name for one in files for name in one.categories))
    codes = {name: at for at, name in enumerate(names)}
    return names, [np.array([codes[n] for n in one.categories], dtype=np.int32) for one in files]


def _add_tallies(
    files: Sequence[FileTally],
    replaced: Mapping[int, Mapping[int | None, str]],
    repeated: Sequence[np.ndarray],
    numbering: tuple[list[str], list[np.ndarray]],
    wanted: Wanted,
) -> Tally:
    names, renumbered = numbering
    sums: dict[str, Coded] = {}
    for kind in wanted.areas:
        total = Sum()
        for at, one in enumerate(files):
            held = _without(one.tallies[kind], replaced.get(at, {}))
            total.add(held.recoded(2, renumbered[at]).of_file(at))
        for ids in repeated:
            total.add(_correction(ids, wanted, kind))
        held_all = total.sum()
        if held_all is not None:
            sums[kind] = held_all
    return as_tally(sums, wanted.areas, names, [one.name for one in files])


def _add_places(
    files: Sequence[FileTally],
    replaced: Mapping[int, Mapping[int | None, str]],
    repeated: Sequence[np.ndarray],
    numbering: tuple[list[str], list[np.ndarray]],
) -> tuple[PlaceTally, float]:
    names, renumbered = numbering
    total = PlaceSum()
    total.step = max(one.place_step for one in files)
    for at, one in enumerate(files):
        if one.places is not None:
            held = _places_without(one.places, replaced.get(at, {}))
            total.add(held.recoded(1, renumbered[at]))
    for ids in repeated:
        total.add(_places_correction(ids[(ids["unlocated"] < 0) & ~ids["whole"]]))
    return as_places(total.sum(), names), total.step


def _check_plausible(files: Sequence[FileTally], tally: Tally, rows: int) -> None:
    near = np.array([one.near for one in files]).sum(axis=0)
    reasons = tally[tally["fate"] == "unlocated"].groupby("reason", observed=True)["rows"].sum()
    mostly = str(reasons.idxmax()) if len(reasons) else ""
    check_numbers(int(near[0]), int(near[1]), int(near[2]), rows, mostly)


def _months_twice(
    files: Sequence[FileTally], given: list[GivenFile], notes: list[str]
) -> list[tuple[int, int]]:
    """Find the months of police.uk files that a later file gives again."""
    if sum(one.street for one in files) < 2:
        return []
    ids: dict[tuple[int, int], int] = {}
    shared: dict[tuple[int, int, int], int] = {}
    for held in in_ranges([one.ids if one.street else [] for one in files]):
        some = held[held["marked"] == 0]
        among = shared_rows(some)
        distinct = _once_a_unit(among)
        for part, sign in ((some, 1), (among, -1), (distinct, 1)):
            for unit, number in _number_by_unit(part).items():
                ids[unit] = ids.get(unit, 0) + sign * number
        key = as_frame(distinct)["incident_id"].to_numpy()
        for pair, number in shared_ids(key, distinct["file"], distinct["month"]).items():
            shared[pair] = shared.get(pair, 0) + number
    units = {
        (at, month): Unit(number, ids.get((at, month), 0))
        for at, one in enumerate(files)
        for month, number in one.units.items()
    }

    def equal_rows(one: tuple[int, int], two: tuple[int, int]) -> int:
        if given[one[0]].digest == given[two[0]].digest:
            return units[one].rows
        first, second = files[one[0]].hashes, files[two[0]].hashes
        return common_rows(first[one[1]], second[two[1]])

    return choose_replaced(units, shared, equal_rows, given, notes)


def _once_a_unit(ids: np.ndarray) -> np.ndarray:
    """Keep each ID once for each month of each file."""
    names = ["key", "more", "file", "month"]
    return ids[~pd.DataFrame({name: ids[name] for name in names}).duplicated().to_numpy()]


def _number_by_unit(ids: np.ndarray) -> dict[tuple[int, int], int]:
    # One number for file and month: rows of two numbers take ten times as long to sort.
    pairs = (ids["file"].astype(np.int64) << 32) + ids["month"]
    pairs, number = np.unique(pairs, return_counts=True)
    file = (pairs + (1 << 31)) >> 32  # a month may be below zero
    units = zip(file.tolist(), (pairs - (file << 32)).tolist(), strict=True)
    return dict(zip(units, number.tolist(), strict=True))


def _without(table: Coded, replaced: Mapping[int | None, str]) -> Coded:
    """Refuse the rows of months that another file gives, or of all."""
    if not replaced:
        return table
    codes = table.codes.copy()
    openly = (codes[3] < FIRST_REFUSED) | (codes[3] == REASONS.index(REPEATED_ID))
    for month, why in replaced.items():
        hit = openly if month is None else openly & (codes[1] == month)
        codes[3, hit] = REASONS.index(why)
    return add_coded([Coded(codes, table.rows, table.points)])


def _places_without(places: Coded, replaced: Mapping[int | None, str]) -> Coded:
    gone = [month for month in replaced if month is not None]
    return places.where(~np.isin(places.codes[0], gone) & (None not in replaced))


def _repeated(
    files: Sequence[FileTally],
    replaced: Mapping[int, Mapping[int | None, str]],
    renumbered: Sequence[np.ndarray],
    wanted: Wanted,
    notes: list[str],
) -> list[np.ndarray]:
    """Return the rows that count so far and whose ID an earlier row has."""
    street = np.array([one.street for one in files])
    rows = ids = differing = 0
    repeated: list[np.ndarray] = []
    for held in in_ranges([one.ids for one in files]):
        some = shared_rows(_usable(held, replaced))
        if not len(some):
            continue
        for at in np.unique(some["file"]):
            own = some["file"] == at
            some["category"][own] = np.append(renumbered[at], -1)[some["category"][own]]
        found = _mark(some, street)
        hit = found & (some["marked"] == 0)
        again = some[np.isin(some["key"], some["key"][found])]
        counted = count_ids(as_frame(again))
        rows += int(hit.sum() + some["marked"].sum())
        ids, differing = ids + counted[0], differing + counted[1]
        if hit.any() and not wanted.keep_repeats:
            repeated.append(some[hit])
    if rows:
        note_repeated(notes, rows, ids, differing, keep=wanted.keep_repeats)
    return repeated


def _usable(ids: np.ndarray, replaced: Mapping[int, Mapping[int | None, str]]) -> np.ndarray:
    if not replaced:
        return ids
    gone = np.zeros(len(ids), dtype=bool)
    for file, months in replaced.items():
        own = ids["file"] == file
        held = [month for month in months if month is not None]
        gone |= own if None in months else own & np.isin(ids["month"], held)
    return ids[~gone]


def _mark(some: np.ndarray, street: np.ndarray) -> np.ndarray:
    """Tell which rows repeat; those that their piece has marked do."""
    marked = some["marked"] > 0
    found = marked.copy()
    open_rows = np.flatnonzero(~marked)
    frame = as_frame(some[open_rows])
    found[open_rows] = is_repeated(frame, street[some["file"][open_rows]])
    return found


def _correction(ids: np.ndarray, wanted: Wanted, kind: str) -> Coded:
    """Make the table that, added, turns rows that counted into refused ones."""
    x, y = ids["easting"], ids["northing"]
    area = wanted.indexes[kind].locate(x, y)
    area[area < 0] = len(wanted.areas[kind])
    area[np.isnan(x)] = len(wanted.areas[kind]) + 1
    before = np.array([area, ids["month"], ids["category"], ids["unlocated"], ids["file"]])
    after = before.copy()
    after[3] = REASONS.index(REPEATED_ID)
    codes = np.concatenate([before, after], axis=1).astype(np.int32)
    rows = np.repeat([-1, 1], len(ids))
    return Coded(codes, rows, no_points(len(rows)))


def _places_correction(ids: np.ndarray) -> Coded:
    codes = np.array([ids["month"], ids["category"]], dtype=np.int32)
    points = np.array([ids["easting"], ids["northing"]])
    return Coded(codes, np.full(len(ids), -1), points)

"""From files of any size to tallies, in memory that does not grow with their rows."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from geoprofiles.areas.index import AreaIndex
from geoprofiles.areas.index_build import build_index
from geoprofiles.areas.plausible import check_numbers
from geoprofiles.areas.tally import MOST_PLACES
from geoprofiles.checks import check_choice
from geoprofiles.errors import GeoprofilesError, InputError
from geoprofiles.frames import Areas, PlaceTally, Tally, check_areas
from geoprofiles.read.archives import PathLike
from geoprofiles.read.columns import check_mapping
from geoprofiles.read.incidents import check_any, notes_on_files
from geoprofiles.read.inputs import Item, find_items, police_kind
from geoprofiles.read.pieces import CARRIED, REPEATED_ID
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
    name_key,
    note_repeated,
    shared_ids,
)
from geoprofiles.read.scan import Crew, Reading, kept_input, scan_item
from geoprofiles.reduction.batch import Reduced, Wanted, reduce_piece
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
from geoprofiles.reduction.ids import RUN, IdRuns, as_frame, in_ranges, shared_rows


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
    """

    tally: Tally
    places: PlaceTally | None
    place_step: float
    rows: int
    sources: list[dict[str, Any]]
    notes: list[str]
    crs: str


@dataclass
class FileTally:
    """What one file was reduced to, before it is set beside the others."""

    base: str
    name: str
    street: bool
    digest: str
    facts: dict[str, Any]
    tallies: dict[str, Coded]
    places: Coded | None
    place_step: float
    rows: int
    near: tuple[int, int, int]
    units: dict[int, int]
    hashes: dict[int, np.ndarray]
    ids: Sequence[np.ndarray]
    """Runs sorted by key."""
    categories: list[str]

    @property
    def given(self) -> GivenFile:
        """What tells whether two files hold the same."""
        return GivenFile(self.base, self.street, self.digest)


@dataclass
class Settings:
    """How files are read and what they are reduced to."""

    reading: Reading
    wanted: Wanted
    crew: Crew | None = None
    progress: Callable[[str, int, int], None] | None = None
    """Called with the file's name, bytes read and all its bytes."""
    folder: Path = field(default_factory=Path)
    """Where IDs are kept while they are many."""
    waiting: int = 0
    """IDs in memory, of all files."""
    hashed: frozenset[str] = field(default_factory=frozenset)
    """Names of police.uk files that come more than once."""


def tally_files(
    paths: PathLike | Iterable[PathLike],
    areas: Areas | Mapping[str, Areas],
    *,
    repeated_ids: str = "first",
    places: bool = True,
    indexes: Mapping[str, AreaIndex] | None = None,
    workers: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    **reading: Any,
) -> Tallied:
    r"""Reduce incident files of any size to tallies, in memory that does not grow with their rows.

    The files are read as :func:`read_incidents` reads them, a piece at a time on several
    threads; each piece is located and added up. The answer is that of reading, locating and
    counting all rows at once.

    Parameters
    ----------
    paths : path, or list of paths
        Files, folders, patterns, zips, or ``-``; as for :func:`read_incidents`, and ``.parquet``.
    areas : GeoDataFrame or mapping of str to GeoDataFrame
        Areas, in metres; several sets under their kinds. One alone has the kind ``"area"``.
    repeated_ids : {"first", "keep"}
        As for :func:`read_incidents`.
    places : bool
        Whether distinct places are wanted: hot spots need them, counts do not. Beyond a million
        points they are rounded down to whole metres, then to 10 and so on, and that is noted.
    indexes : mapping of str to AreaIndex, optional
        What :func:`build_index` made of the areas.
    workers : int, optional
        Threads; as many as there are processors where not said.
    progress : callable, optional
        Called with the name of the file, the bytes read of it and all its bytes.
    **reading
        ``columns``, ``source_crs``, ``encoding`` and ``delimiter``, as for
        :func:`read_incidents`.

    Returns
    -------
    Tallied

    Raises
    ------
    InputError
        If a file cannot be read, or changes while it is; the message names file and row.
    CRSError
        If coordinates are swapped, or their system cannot be told.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]},
    ...     geometry=[box(441000, 111000, 442000, 112000)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> text = "Month,Longitude,Latitude,Crime type\n2026-06,-1.4049,50.9,Theft\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "2026-06-averley-street.csv"
    ...     _ = file.write_text(text)
    ...     tallied = geoprofiles.tally_files(file, areas)
    >>> geoprofiles.count_tally(tallied.tally, areas)["count"].tolist()
    [1, 0, 0]
    """
    settings = make_settings(
        areas, repeated_ids=repeated_ids, places=places, indexes=indexes, **reading
    )
    settings.progress = progress
    found = find_items(paths)
    notes = list(found.notes)
    settings.hashed = names_given_twice(found.items)
    number = workers or os.cpu_count() or 1
    with ExitStack() as stack:
        temporary = stack.enter_context(tempfile.TemporaryDirectory(prefix="geoprofiles-"))
        settings.folder = Path(temporary)
        if number > 1:
            settings.crew = Crew(stack.enter_context(ThreadPoolExecutor(number)), number)
        reduced = (reduce_item(item, settings, notes) for item in found.items)
        files = [one for one in reduced if one is not None]
        check_any(found.items, files)
        return combine(files, settings.wanted, notes)


def make_settings(
    areas: Areas | Mapping[str, Areas],
    *,
    repeated_ids: str = "first",
    places: bool = True,
    indexes: Mapping[str, AreaIndex] | None = None,
    columns: Mapping[str, str] | None = None,
    **reading: Any,
) -> Settings:
    """Check what a caller asks for, and index the areas."""
    check_choice(repeated_ids, ["first", "keep"], "repeated_ids")
    sets = dict(areas) if isinstance(areas, Mapping) else {"area": areas}
    if not sets:
        raise InputError("no set of areas was given")
    for one in sets.values():
        check_areas(one)
    crs = next(iter(sets.values())).crs
    if any(one.crs != crs for one in sets.values()):
        raise InputError("the sets of areas are in different coordinate systems")
    known = dict(indexes or {})
    return Settings(
        Reading(check_mapping(columns), **reading),
        Wanted(
            sets,
            {kind: known.get(kind) or build_index(one) for kind, one in sets.items()},
            str(pyproj.CRS.from_user_input(crs).to_string()),
            places,
            repeated_ids == "keep",
        ),
    )


def names_given_twice(items: Sequence[Item]) -> frozenset[str]:
    """Name the police.uk street files of which there may be two versions."""
    keys = [name_key(item.base) for item in items if police_kind(item.base) in {"", "street"}]
    return frozenset(key for key in keys if keys.count(key) > 1)


def reduce_item(item: Item, settings: Settings, notes: list[str]) -> FileTally | None:
    """Read one file piece by piece and add up what it holds; None where it is passed over."""
    hashed = name_key(item.base) in settings.hashed
    progress, reading = settings.progress, settings.reading
    if hashed:
        reading = dataclasses.replace(reading, carried=CARRIED)
    with kept_input(item) as source:
        try:
            scanned = scan_item(
                source,
                reading,
                lambda numbered: reduce_piece(numbered, settings.wanted, hashed=hashed),
                lambda: Accumulator(settings.folder),
                crew=settings.crew,
                notes=notes,
                progress=None if progress is None else lambda *at: progress(item.base, *at),
            )
        except InputError as error:
            if item.explicit or "empty" not in error.problem:
                raise
            notes.append(f"{item.base} is empty and was passed over.")
            return None
    if scanned is None:
        return None
    total = scanned.result
    settings.waiting += total.ids.waiting
    if settings.waiting > RUN:
        total.ids.write()
    return FileTally(
        base=item.base,
        name=item.name,
        street=scanned.street,
        digest=scanned.digest,
        facts=scanned.facts,
        tallies={kind: held for kind, one in total.tallies.items() if (held := one.sum())},
        places=total.places.sum() if settings.wanted.places else None,
        place_step=total.places.step,
        rows=total.rows,
        near=total.near,
        units=total.units,
        hashes={month: np.concatenate(parts) for month, parts in total.hashes.items()},
        ids=total.ids.parts(),
        categories=total.categories,
    )


class Accumulator:
    """Takes in the pieces of one file."""

    def __init__(self, folder: Path) -> None:
        self.tallies: dict[str, Sum] = {}
        self.places, self.ids = PlaceSum(), IdRuns(folder)
        self.rows = 0
        self.near = (0, 0, 0)
        self.categories: list[str] = []
        self.units: dict[int, int] = {}
        self.hashes: dict[int, list[np.ndarray]] = {}
        self._codes: dict[str, int] = {}

    def add(self, piece: Reduced) -> None:
        """Take in the next piece."""
        new = [self._codes.setdefault(one, len(self._codes)) for one in piece.categories]
        renumbered = np.array([*new], dtype=np.int32)
        for kind, tally in piece.tallies.items():
            self.tallies.setdefault(kind, Sum()).add(tally.recoded(2, renumbered))
        if piece.places is not None:
            self.places.add(piece.places.recoded(1, renumbered))
        ids = piece.ids
        ids["row"] += self.rows
        ids["category"] = np.append(renumbered, -1)[ids["category"]]
        self.ids.add(ids)
        self.categories = list(self._codes)
        self.rows += piece.rows
        near, also = self.near, piece.near
        self.near = (near[0] + also[0], near[1] + also[1], near[2] + also[2])
        for month, number in piece.units.items():
            self.units[month] = self.units.get(month, 0) + number
        for month, hashes in piece.hashes.items():
            self.hashes.setdefault(month, []).append(hashes)


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
    facts = [one.facts for one in files]
    every = [*notes, *notes_on_files(facts, [one.base for one in files])]
    return Tallied(tally, places, step, rows, facts, every, wanted.crs)


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
        total.add(_places_correction(ids[ids["unlocated"] < 0]))
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
    pairs, number = np.unique(
        np.column_stack([ids["file"], ids["month"]]), axis=0, return_counts=True
    )
    return {(int(file), int(month)): int(n) for (file, month), n in zip(pairs, number, strict=True)}


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

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
import pyproj

from geoprofiles.areas.index import AreaIndex
from geoprofiles.areas.index_build import build_index
from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import RUNGS, Areas, check_areas
from geoprofiles.geocoding.climb import CARRIED as PLACED_BY
from geoprofiles.geocoding.ladder import Ladder, make_ready
from geoprofiles.read.archives import PathLike
from geoprofiles.read.columns import check_mapping
from geoprofiles.read.incidents import check_any
from geoprofiles.read.inputs import Item, find_items, police_kind
from geoprofiles.read.pieces import CARRIED
from geoprofiles.read.repeats import (
    name_key,
)
from geoprofiles.read.scan import Crew, Reading, kept_input, scan_item
from geoprofiles.reduction.batch import Wanted, reduce_piece
from geoprofiles.reduction.combine import Tallied, combine
from geoprofiles.reduction.filetally import Accumulator, FileTally
from geoprofiles.reduction.ids import RUN
from geoprofiles.reduction.state import State, open_state


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
    state: str | os.PathLike[str] | None = None,
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
    state : path, optional
        A folder that keeps what files were reduced to. Files it holds are not read again, new
        ones are added, and those of a month that was revised replace the earlier version: the
        answer is for all files the folder holds.
    progress : callable, optional
        Called with the name of the file, the bytes read of it and all its bytes.
    **reading
        ``columns``, ``source_crs``, ``encoding`` and ``delimiter``, as for
        :func:`read_incidents`; ``ladder``, by which rows without coordinates are placed as
        :func:`geocode` does.

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
        if state is None:
            reduced = (reduce_item(item, settings, notes) for item in found.items)
            files = [one for one in reduced if one is not None]
        else:
            kept = open_state(state, settings.wanted, reading)
            files = reduce_with_state(found.items, settings, kept, notes)
        check_any(found.items, files)
        return combine(files, settings.wanted, notes)


def reduce_with_state(
    items: Sequence[Item], settings: Settings, state: State, notes: list[str]
) -> list[FileTally]:
    """Read the files that a state does not hold, add them to it, and return all it holds."""
    if any(item.path == "-" for item in items):
        raise InputError(
            "standard input cannot be kept in a state", remedy="Write it to a file first."
        )
    earlier, given = dict(state.entries), set()
    # Rows of police.uk files are compared with those of a later version, which may yet come.
    settings.hashed = frozenset(name_key(item.base) for item in items)
    for item in items:
        name = state.known(item)
        if name is None:
            file = reduce_item(item, settings, notes)
            name = None if file is None else state.keep(item, file)
        if name is not None:
            given.add(name)
    keys = {state.entries[name]["key"] for name in given}
    replaced = {
        name for name, entry in earlier.items() if entry["key"] in keys and name not in given
    }
    if replaced:
        state.forget(replaced)
        notes.append(f"{len(replaced)} file(s) kept before were replaced by a later version.")
    return [state.load(name) for name in state.entries]


def make_settings(
    areas: Areas | Mapping[str, Areas],
    *,
    repeated_ids: str = "first",
    places: bool = True,
    indexes: Mapping[str, AreaIndex] | None = None,
    columns: Mapping[str, str] | None = None,
    ladder: Ladder | None = None,
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
    if ladder is not None:
        if RUNGS[0] not in ladder.rungs:
            raise InputError(
                "files are counted by their coordinates wherever they have them",
                remedy="Leave 'coordinates' among the rungs.",
            )
        reading["carried"] = (*Reading.carried, *PLACED_BY)
    return Settings(
        Reading(check_mapping(columns), **reading),
        Wanted(
            sets,
            {kind: known.get(kind) or build_index(one) for kind, one in sets.items()},
            str(pyproj.CRS.from_user_input(crs).to_string()),
            places,
            repeated_ids == "keep",
            None if ladder is None else make_ready(ladder, crs),
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
        placed=dict(total.placed),
    )

"""The same reduction on a cluster: Dask hands out the work, the sum is made here.

A worker that dies loses only what it was working on: Dask gives it to another. Whatever the
number of workers and whoever did what, the tables add up to the same.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from geoprofiles.areas.tally import add_tallies, tally_incidents
from geoprofiles.errors import GeoprofilesError, InputError, MissingDependencyError
from geoprofiles.frames import Areas, PlaceTally, Tally
from geoprofiles.read.archives import PathLike
from geoprofiles.read.incidents import check_any
from geoprofiles.read.inputs import Item, find_items
from geoprofiles.read.repeats import name_key
from geoprofiles.read.scan import Reading
from geoprofiles.reduction.batch import Wanted
from geoprofiles.reduction.combine import Tallied, combine
from geoprofiles.reduction.files import (
    FileTally,
    Settings,
    make_settings,
    names_given_twice,
    reduce_item,
)

PATIENCE = "20s"
"""How long a scheduler may take to answer."""


def tally_on_cluster(
    paths: PathLike | Iterable[PathLike],
    areas: Areas | Mapping[str, Areas],
    *,
    scheduler: Any,
    repeated_ids: str = "first",
    places: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
    **reading: Any,
) -> Tallied:
    """Do as :func:`tally_files` does on the workers of a Dask cluster, a file at a time each.

    Parameters
    ----------
    paths : path, or list of paths
        Files, folders, patterns or zips, under names that all workers can open.
    areas : GeoDataFrame or mapping of str to GeoDataFrame
        As for :func:`tally_files`.
    scheduler : str or dask.distributed.Client
        The scheduler's address, such as ``"tcp://10.0.0.5:8786"``, or a client of one.
    repeated_ids, places
        As for :func:`tally_files`.
    progress : callable, optional
        Called with the name of a file that is done, how many are, and how many there are.
    **reading
        ``columns``, ``source_crs``, ``encoding`` and ``delimiter``.

    Returns
    -------
    Tallied
        What :func:`tally_files` gives for the same files.

    Raises
    ------
    GeoprofilesError
        If the scheduler does not answer, or a file kills every worker that tries it.
    InputError
        If a file cannot be read.
    MissingDependencyError
        If Dask is not installed.

    Examples
    --------
    >>> tally_on_cluster("2026-06-averley-street.csv", areas,
    ...     scheduler="tcp://10.0.0.5:8786")  # doctest: +SKIP
    """
    settings = make_settings(areas, repeated_ids=repeated_ids, places=places, **reading)
    found = find_items(paths)
    if any(item.path == "-" for item in found.items):
        raise InputError(
            "standard input cannot be read on a cluster", remedy="Write it to a shared disk."
        )
    twice = names_given_twice(found.items)
    notes = list(found.notes)
    with _client(scheduler) as client:
        from dask.distributed import KilledWorker

        # The areas and their index go to each worker once, not with every file.
        shared = client.scatter(settings.wanted, broadcast=True)
        tasks = [
            client.submit(
                _reduce_on_worker,
                item,
                settings.reading,
                shared,
                name_key(item.base) in twice,
                pure=False,
            )
            for item in found.items
        ]
        try:
            done = _gathered(client, tasks, found.items, progress)
        except KilledWorker as error:
            raise GeoprofilesError(
                f"every worker that was given one of the files died: {error}. Give the workers"
                " more memory, or look into their logs."
            ) from error
        finally:
            client.cancel(tasks)
    for _, remarks in done:
        notes.extend(remarks)
    files = [file for file, _ in done if file is not None]
    check_any(found.items, files)
    return combine(files, settings.wanted, notes)


def tally_collection(
    collection: Any, areas: Areas | Mapping[str, Areas], *, places: bool = True
) -> tuple[Tally, PlaceTally | None]:
    """Reduce a Dask DataFrame of incidents to tallies, on whatever scheduler is in use.

    Rows are taken as they are: repeated IDs are not looked for.

    Parameters
    ----------
    collection : dask.dataframe.DataFrame
        ``easting``, ``northing`` in the metres of the areas, ``month``, ``category``.
    areas : GeoDataFrame or mapping of str to GeoDataFrame
        One set alone has the kind ``"area"``.
    places : bool
        Whether distinct places are wanted.

    Returns
    -------
    tuple of DataFrame, and DataFrame or None
        What :func:`tally_incidents` gives for all rows together.

    Raises
    ------
    InputError
        If a column is missing.
    MissingDependencyError
        If Dask is not installed.

    Examples
    --------
    >>> tally_collection(dask_frame, areas)  # doctest: +SKIP
    """
    _check_dask()
    import dask

    wanted = make_settings(areas, places=places).wanted
    shared = dask.delayed(wanted)
    reduce = dask.delayed(_reduce_partition)
    parts = [reduce(part, shared) for part in collection.to_delayed()]
    if not parts:
        raise InputError("the collection has no partition")
    while len(parts) > 1:  # in pairs, so that no one worker needs all partial tables at once
        pairs = [parts[at : at + 2] for at in range(0, len(parts), 2)]
        parts = [dask.delayed(_add)(*pair) if len(pair) > 1 else pair[0] for pair in pairs]
    tally, place_tally = dask.compute(parts[0])[0]
    return tally, place_tally


def _reduce_partition(part: Any, wanted: Wanted) -> tuple[Tally, PlaceTally | None]:
    return tally_incidents(part, wanted.areas, indexes=wanted.indexes, places=wanted.places)


def _add(
    one: tuple[Tally, PlaceTally | None], two: tuple[Tally, PlaceTally | None]
) -> tuple[Tally, PlaceTally | None]:
    places = None if one[1] is None or two[1] is None else add_tallies([one[1], two[1]])
    return add_tallies([one[0], two[0]]), places


def _reduce_on_worker(
    item: Item, reading: Reading, wanted: Wanted, hashed: bool
) -> tuple[FileTally | None, list[str]]:
    """Reduce one file; what it was reduced to travels back, and nothing of it stays."""
    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="geoprofiles-") as folder:
        settings = Settings(reading, wanted, folder=Path(folder))
        settings.hashed = frozenset([name_key(item.base)] if hashed else [])
        file = reduce_item(item, settings, notes)
        if file is not None:
            file = dataclasses.replace(file, ids=[np.array(part) for part in file.ids])
    return file, notes


def _gathered(
    client: Any,
    tasks: list[Any],
    items: list[Item],
    progress: Callable[[str, int, int], None] | None,
) -> list[tuple[FileTally | None, list[str]]]:
    from dask.distributed import as_completed

    if progress is not None:
        of_task = {task.key: item.base for task, item in zip(tasks, items, strict=True)}
        with client.as_current():
            for done, task in enumerate(as_completed(tasks), start=1):
                progress(of_task[task.key], done, len(tasks))
    return list(client.gather(tasks))


@contextmanager
def _client(scheduler: Any) -> Iterator[Any]:
    _check_dask()
    from dask.distributed import Client

    if not isinstance(scheduler, str):
        yield scheduler
        return
    try:
        client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise GeoprofilesError(
            f"no scheduler answers at {scheduler} ({error}). Check the address, and that it runs."
        ) from error
    try:
        yield client
    finally:
        client.close()


def _check_dask() -> None:
    if importlib.util.find_spec("distributed") is None:
        raise MissingDependencyError(
            "Dask, which hands work out to a cluster, is not installed."
            " Install it with: pip install 'geoprofiles[dask]'"
        )

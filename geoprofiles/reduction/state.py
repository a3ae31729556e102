"""Keep what files were reduced to, so that a new month is added without reading the old ones.

A state is a folder: ``state.json`` names the files it holds, and each has what it was reduced
to beside it. Both are written under other names and then renamed, ``state.json`` last, after
each file: whatever ends a run, the state is that of the files read so far, and the next run
goes on from there.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from geoprofiles.areas.index import fingerprint
from geoprofiles.errors import InputError, OutputError
from geoprofiles.geocoding.ladder import ladder_fingerprint
from geoprofiles.read.inputs import Item, police_kind
from geoprofiles.read.reader import Reader
from geoprofiles.read.repeats import name_key
from geoprofiles.reduction.batch import Wanted
from geoprofiles.reduction.coded import Coded
from geoprofiles.reduction.filetally import FileTally
from geoprofiles.reduction.ids import ID

VERSION = 2
"""Of the layout of a state; one of another version is refused."""

NAME = "state.json"


@dataclass
class State:
    """A folder of what files were reduced to.

    Attributes
    ----------
    folder : Path
    made_with : dict
        What it depends on: areas, coordinate system, how files are read.
    entries : dict of str to dict
        By name of what is stored: the key and sha256 of the file it is of.
    """

    folder: Path
    made_with: dict[str, Any]
    entries: dict[str, dict[str, str]] = field(default_factory=dict)

    def known(self, item: Item) -> str | None:
        """Return the name under which this very content is stored; None for new content."""
        digest = _digest_of(item)
        for name, entry in self.entries.items():
            if entry["sha256"] == digest and entry["key"] == key_of(item):
                return name
        return None

    def keep(self, item: Item, file: FileTally) -> str:
        """Store a file; return the name under which it is."""
        digest = str(file.facts["sha256"])
        name = sha256(f"{key_of(item)}\n{digest}".encode()).hexdigest()[:20]
        _replace(self.folder / f"{name}.npz", lambda path: _save(path, file))
        ids = _all_ids(file)
        _replace(self.folder / f"{name}.npy", lambda path: _save_array(path, ids))
        self.entries[name] = {"key": key_of(item), "sha256": digest}
        self.write()
        return name

    def forget(self, names: set[str]) -> None:
        """Drop files, because a later version of each was given."""
        for name in names:
            del self.entries[name]
        self.write()
        for name in names:
            for ending in (".npz", ".npy"):
                (self.folder / f"{name}{ending}").unlink(missing_ok=True)

    def write(self) -> None:
        """Write the list of files."""
        content = {"geoprofiles state": VERSION, "made with": self.made_with}
        text = json.dumps({**content, "files": self.entries}, indent=1)
        _replace(self.folder / NAME, lambda path: path.write_text(text, encoding="utf-8"))

    def load(self, name: str) -> FileTally:
        """Read what is stored of one file."""
        path = self.folder / f"{name}.npz"
        try:
            with np.load(path, allow_pickle=False) as held:
                arrays = {key: held[key] for key in held.files}
            ids = np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            return _file_tally(arrays, ids)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise InputError(
                "what the state holds of a file is damaged or missing",
                file=path,
                remedy="Delete the folder and run again with all files.",
            ) from error


def open_state(folder: str | os.PathLike[str], wanted: Wanted, reading: Mapping[str, Any]) -> State:
    """Open a state, or begin one.

    Raises
    ------
    InputError
        If the folder is of another version, of other areas, or files were read otherwise.
    OutputError
        If it cannot be made, or holds what is no state.
    """
    folder = Path(folder)
    made_with = {
        "areas": {kind: fingerprint(one) for kind, one in wanted.areas.items()},
        "crs": wanted.crs,
        "places": wanted.places,
        "repeated_ids": "keep" if wanted.keep_repeats else "first",
        "reading": {n: value for n, value in reading.items() if value and n != "ladder"},
        "ladder": "" if wanted.ladder is None else ladder_fingerprint(wanted.ladder),
    }
    made_with = json.loads(json.dumps(made_with, default=str))
    path = folder / NAME
    if not path.exists():
        _begin(folder)
        state = State(folder, made_with)
        state.write()
        return state
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version, held, entries = (
            content["geoprofiles state"], content["made with"], content["files"],
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "this is not a list of kept files, or it is damaged",
            file=path,
            remedy="Delete the folder and run again with all files.",
        ) from error
    if version != VERSION:
        raise InputError(
            f"this state is of version {version}; this geoprofiles keeps version {VERSION}",
            file=path,
            remedy="Delete the folder and run again with all files.",
        )
    for name, words in _WORDS.items():
        if held.get(name) != made_with[name]:
            raise InputError(
                f"this state was made with other {words}",
                file=path,
                remedy="Name another folder, or delete it and run again with all files.",
            )
    return State(folder, made_with, entries)


_WORDS = {
    "areas": "boundaries",
    "crs": "coordinates",
    "places": "tables wanted",
    "repeated_ids": "treatment of repeated IDs",
    "reading": "columns or ways to read files",
    "ladder": "ways to place rows without coordinates",
}


def _begin(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror or error}).") from error
    if held:
        raise OutputError(
            f"{folder}: holds '{held[0]}' and no kept state. Name an empty or a new folder."
        )


def key_of(item: Item) -> str:
    """Return what a later version of a file has in common with it.

    For a police.uk file that is its month and force; for any other, where it lies.
    """
    if police_kind(item.base) == "street":
        return name_key(item.base)
    return f"{Path(item.path).resolve()}/{item.member}" if item.path != "-" else item.name


def _digest_of(item: Item) -> str:
    with Reader(item) as reader:
        while reader.read(1 << 22):
            pass
    return str(reader.facts["sha256"])


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under another name and rename it, so that it is whole or not there."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
        os.close(descriptor)
        try:
            write(Path(name))
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"{path.parent}: cannot be written ({error.strerror or error}). What was kept before"
            " is as it was."
        ) from error


def _save_array(path: Path, array: np.ndarray) -> None:
    with path.open("wb") as file:
        np.save(file, array)


def _all_ids(file: FileTally) -> np.ndarray:
    parts = [np.asarray(part) for part in file.ids if len(part)]
    ids = np.concatenate(parts) if parts else np.empty(0, dtype=ID)
    return ids[np.argsort(ids["key"], kind="stable")]


_PLAIN = (
    "base", "name", "street", "digest", "facts", "place_step", "rows", "near", "categories",
    "placed",
)  # fmt: skip


def _save(path: Path, file: FileTally) -> None:
    about = {name: getattr(file, name) for name in _PLAIN}
    about |= {"kinds": list(file.tallies), "units": list(file.units.items())}
    about |= {"hashed": list(file.hashes), "places": file.places is not None}
    arrays: dict[str, np.ndarray] = {"about": np.array(json.dumps(about, default=str))}
    for at, table in enumerate([*file.tallies.values(), *([file.places] if file.places else [])]):
        arrays |= {f"codes{at}": table.codes, f"rows{at}": table.rows, f"points{at}": table.points}
    arrays |= {f"hashes{at}": one for at, one in enumerate(file.hashes.values())}
    with path.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def _file_tally(arrays: Mapping[str, np.ndarray], ids: np.ndarray) -> FileTally:
    about = json.loads(str(arrays["about"]))
    number = len(about["kinds"]) + bool(about["places"])
    tables = [
        Coded(arrays[f"codes{at}"], arrays[f"rows{at}"], arrays[f"points{at}"])
        for at in range(number)
    ]
    if ids.dtype != ID:
        raise ValueError("IDs of another type")
    return FileTally(
        **{name: about[name] for name in _PLAIN if name != "near"},
        near=tuple(about["near"]),
        tallies=dict(zip(about["kinds"], tables, strict=False)),
        places=tables[-1] if about["places"] else None,
        units={int(month): int(rows) for month, rows in about["units"]},
        hashes={int(month): arrays[f"hashes{at}"] for at, month in enumerate(about["hashed"])},
        ids=[ids],
    )

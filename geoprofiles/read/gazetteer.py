"""Read gazetteers: names of streets, premises and places, and where they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.gridref import BRITISH
from geoprofiles.read.archives import PathLike
from geoprofiles.read.bulk import (
    Bounds,
    as_numbers,
    cut,
    first_line,
    in_metres,
    members,
    named,
    plain_heading,
    read_chunks,
)
from geoprofiles.words import listed, nearest

COLUMNS = (
    "name", "kind", "easting", "northing", "longitude", "latitude", "precision", "district",
    "locality", "postcode", "identifier",
)  # fmt: skip
"""Names that a mapping of columns may use."""

_COMMON = {
    "name": (
        "name", "location", "street", "street name", "street descriptor", "location name", "place",
        "premises", "site", "site name", "hospital", "school", "building", "organisation",
    ),
    "kind": ("kind", "type", "category"),
    "easting": ("easting", "eastings", "x", "x coordinate", "x coord"),
    "northing": ("northing", "northings", "y", "y coordinate", "y coord"),
    "longitude": ("longitude", "long", "lon", "lng"),
    "latitude": ("latitude", "lat"),
    "precision": ("precision", "accuracy"),
    "district": ("district", "local authority", "lad name", "council", "town", "post town"),
    "locality": ("locality", "neighbourhood", "suburb"),
    "postcode": ("postcode", "post code"),
    "identifier": ("identifier", "usrn", "id"),
}  # fmt: skip

# The columns of OS Open Names, which come without headings, by their place.
_OPEN_NAMES = {
    "identifier": 0, "name": 2, "other": 4, "type": 6, "local_type": 7, "x": 8, "y": 9,
    "west": 12, "south": 13, "east": 14, "north": 15, "locality": 18, "district": 21, "unitary": 24,
}  # fmt: skip
_OPEN_NAMES_COLUMNS = 34

_KINDS = {
    "transportNetwork": "street",
    "populatedPlace": "locality",
    "hydrography": "water",
    "landform": "land",
    "landcover": "land",
}
_PRECISION = {"street": 100.0, "locality": 500.0, "water": 500.0, "land": 500.0}
"""Metres to which a name is known where its source does not say, by kind; 50 for premises."""
_USUAL = 50.0


def read_gazetteer(
    path: PathLike,
    *,
    columns: Mapping[str, str] | None = None,
    crs: Any = None,
    within: Bounds | None = None,
    kind: str | None = None,
) -> pd.DataFrame:
    r"""Read names and where they are.

    Known by itself: OS Open Names, as the zip it is downloaded as or a folder of its files. Any
    other CSV file is read by `columns`; what that leaves out is guessed from common headings,
    and said.

    Parameters
    ----------
    path : path
        A CSV file, gzipped or not, a folder of them, or a zip.
    columns : mapping of str to str, optional
        Our name to the heading: ``name``; ``easting`` and ``northing``, or ``longitude`` and
        ``latitude``; ``kind``, ``precision``, ``district``, ``locality``, ``postcode``,
        ``identifier``.
    crs : anything pyproj.CRS understands, optional
        The metres wanted; EPSG:27700 where not said.
    within : tuple of float, optional
        West, south, east and north, in those metres; names beyond are left out.
    kind : str, optional
        What the names are, where no column says: ``"street"``, ``"premises"`` and so on.

    Returns
    -------
    DataFrame
        ``name``, ``kind`` (category), ``easting``, ``northing``, ``precision`` (metres),
        ``district``, ``locality``, ``postcode``, ``identifier`` (text or NA). ``attrs`` holds
        ``crs`` and ``notes``, which say what was guessed.

    Raises
    ------
    InputError
        If a column is missing, or a coordinate is no number; the row is named.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles
    >>> text = "Street name,Easting,Northing\nHigh Street,441980,112100\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "streets.csv"
    ...     _ = file.write_text(text)
    ...     names = geoprofiles.read_gazetteer(file, kind="street")
    >>> names[["name", "easting", "precision"]].values.tolist()
    [['High Street', 441980.0, 100.0]]
    """
    for ours in columns or {}:
        if ours not in COLUMNS:
            raise InputError(f"'columns' cannot map '{ours}'", remedy=nearest(ours, COLUMNS))
    target = named(crs)
    notes: list[str] = []
    parts = []
    for name, file, member in members(path, r"\.csv"):
        headings = first_line(file, member)
        if _is_open_names(headings):
            parts.extend(_open_names(name, file, member, target, within))
        elif "NAME1" not in headings:  # its headings are a file of their own, in Doc
            parts.extend(_of_columns(name, file, member, columns or {}, target, within, notes))
    if not parts:
        raise InputError("the file has no rows", file=path)
    table = pd.concat(parts, ignore_index=True)
    if kind is not None:
        table["kind"] = table["kind"].fillna(kind)
    table["kind"] = table["kind"].fillna("premises")
    usual = table["kind"].map(_PRECISION).fillna(_USUAL)
    table["precision"] = table["precision"].astype(float).fillna(usual)
    nowhere = int((table["easting"].isna() | table["northing"].isna()).sum())
    if nowhere:
        notes.append(f"{nowhere:,} names have no coordinates.")
    table["kind"] = table["kind"].astype("category")
    table.attrs = {"crs": target, "notes": list(dict.fromkeys(notes))}
    order = ["name", "kind", "easting", "northing", "precision"]
    return table[[*order, "district", "locality", "postcode", "identifier"]]


def _is_open_names(headings: list[str]) -> bool:
    # Its own rows begin with an identifier such as osgb4000000074559881.
    return len(headings) >= _OPEN_NAMES_COLUMNS and headings[0].casefold().startswith("osgb")


def _open_names(
    name: str, file: Path, member: str, target: str, within: Bounds | None
) -> list[pd.DataFrame]:
    used = sorted(_OPEN_NAMES.values())
    parts = []
    for chunk in read_chunks(name, file, member, header=None, usecols=used):
        some = chunk.rename(columns={place: ours for ours, place in _OPEN_NAMES.items()})
        some = some[some["local_type"].fillna("") != "Postcode"]
        numbers = {
            ours: as_numbers(some[ours], file=name, heading=ours, first=1).to_numpy()
            for ours in ("x", "y", "west", "south", "east", "north")
        }
        reach = np.hypot(numbers["east"] - numbers["west"], numbers["north"] - numbers["south"]) / 2
        kind = some["type"].map(_KINDS).fillna("premises")
        # Railway stations and the like stand at a point; only roads are streets.
        station = ~some["local_type"].fillna("").str.contains("Road|Street", regex=True)
        frame = pd.DataFrame(
            {
                "kind": kind.where(~((kind == "street") & station), "transport").to_numpy(),
                "precision": np.where(reach > 0, reach, np.nan),
                "district": some["district"].fillna(some["unitary"]).to_numpy(),
                "locality": some["locality"].to_numpy(),
                "postcode": None,
                "identifier": some["identifier"].to_numpy(),
            }
        )
        frame = in_metres(frame, numbers["x"], numbers["y"], source=BRITISH, target=target)
        for ours in ("name", "other"):
            given = some[ours].notna().to_numpy()
            both = frame[given].assign(name=some[ours].to_numpy()[given])
            parts.append(cut(both, within))
    return parts


def _of_columns(
    name: str,
    file: Path,
    member: str,
    columns: Mapping[str, str],
    target: str,
    within: Bounds | None,
    notes: list[str],
) -> list[pd.DataFrame]:
    headings = first_line(file, member)
    at = _places(headings, columns, name, notes)
    degrees = "easting" not in at
    x, y = ("longitude", "latitude") if degrees else ("easting", "northing")
    parts = []
    for chunk in read_chunks(
        name, file, member, header=None, skiprows=1, usecols=sorted(set(at.values()))
    ):
        numbers = {
            ours: as_numbers(chunk[at[ours]], file=name, heading=headings[at[ours]], first=2)
            for ours in (x, y, "precision")
            if ours in at
        }
        frame = pd.DataFrame({"name": chunk[at["name"]].to_numpy()})
        for ours in ("kind", "district", "locality", "postcode", "identifier"):
            frame[ours] = chunk[at[ours]].to_numpy() if ours in at else None
        frame["precision"] = numbers["precision"].to_numpy() if "precision" in at else np.nan
        frame = in_metres(
            frame, numbers[x].to_numpy(), numbers[y].to_numpy(),
            source="EPSG:4326" if degrees else BRITISH, target=target,
        )  # fmt: skip
        parts.append(cut(frame[frame["name"].notna()], within))
    return parts


def _places(
    headings: list[str], columns: Mapping[str, str], name: str, notes: list[str]
) -> dict[str, int]:
    """Find the column of each of our names; what was guessed is noted."""
    plain = [plain_heading(one) for one in headings]
    at = {}
    for ours, theirs in columns.items():
        if theirs not in headings:
            raise InputError(
                f"there is no column '{theirs}' for '{ours}'; the columns are"
                f" {listed(headings, most=30)}",
                file=name,
            )
        at[ours] = headings.index(theirs)
    for ours, words in _COMMON.items():
        if ours in at:
            continue
        place = next((plain.index(word) for word in words if word in plain), None)
        if place is not None and place not in at.values():
            at[ours] = place
            notes.append(f"'{headings[place]}' was taken as {ours}.")
    pairs = [("easting", "northing"), ("longitude", "latitude")]
    if "name" not in at or not any(set(pair) <= set(at) for pair in pairs):
        missing = "the name" if "name" not in at else "coordinates"
        raise InputError(
            f"no column was recognised as {missing}; the columns are {listed(headings, most=30)}",
            file=name,
            remedy="Say which with columns={'name': '…', 'easting': '…', 'northing': '…'}.",
        )
    if not {"easting", "northing"} <= set(at):
        at.pop("easting", None)
        at.pop("northing", None)
    return at

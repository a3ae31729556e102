"""Read unique property reference numbers and where they are."""

from __future__ import annotations

from collections.abc import Iterable
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
from geoprofiles.words import listed

_X = ("x coordinate", "easting", "eastings", "x", "x coord", "map east")
_Y = ("y coordinate", "northing", "northings", "y", "y coord", "map north")
PRECISION = 10.0
"""Metres to which a property's point is known."""


def read_uprns(
    path: PathLike,
    *,
    crs: Any = None,
    within: Bounds | None = None,
    wanted: Iterable[int] | None = None,
) -> pd.DataFrame:
    r"""Read UPRNs and where they are, from OS Open UPRN or a council's own CSV file.

    Parameters
    ----------
    path : path
        A CSV file, gzipped or not, or the zip as it was downloaded. The national file has 40
        million rows; it is read a million at a time.
    crs : anything pyproj.CRS understands, optional
        The metres wanted; EPSG:27700 where not said.
    within : tuple of float, optional
        West, south, east and north, in those metres; others are left out.
    wanted : iterable of int, optional
        The UPRNs to keep.

    Returns
    -------
    DataFrame
        ``uprn`` (int, sorted), ``easting``, ``northing``, ``precision`` (metres). ``attrs`` holds
        ``crs`` and ``notes``.

    Raises
    ------
    InputError
        If a column is missing, a cell is no number (the row is named), or a UPRN comes twice
        at different places.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles
    >>> text = "UPRN,X_COORDINATE,Y_COORDINATE\n100060000002,441000,112000\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "osopenuprn.csv"
    ...     _ = file.write_text(text)
    ...     geoprofiles.read_uprns(file)["uprn"].tolist()
    [100060000002]
    """
    target = named(crs)
    keep = None if wanted is None else np.unique(np.fromiter(wanted, dtype=np.int64))
    parts = []
    for name, file, member in members(path, r"\.csv"):
        headings = first_line(file, member)
        plain = [plain_heading(one) for one in headings]
        at = [
            next((plain.index(word) for word in words if word in plain), None)
            for words in (("uprn",), _X, _Y)
        ]
        if None in at:
            raise InputError(
                f"no columns were recognised as UPRN, easting and northing; the columns are"
                f" {listed(headings, most=20)}",
                file=name,
                remedy="Name them UPRN, X_COORDINATE and Y_COORDINATE.",
            )
        used = [int(place) for place in at if place is not None]
        for chunk in read_chunks(name, file, member, header=None, skiprows=1, usecols=used):
            number, x, y = (
                as_numbers(chunk[place], file=name, heading=headings[place], first=2).to_numpy()
                for place in used
            )
            frame = pd.DataFrame({"uprn": number})
            if keep is not None:
                hit = np.isin(number, keep)
                frame, x, y = frame[hit], x[hit], y[hit]
            parts.append(cut(in_metres(frame, x, y, source=BRITISH, target=target), within))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if not parts:
        raise InputError("the file has no rows", file=path)
    table = pd.concat(parts, ignore_index=True)
    table = table[table["uprn"].notna()].drop_duplicates(["uprn", "easting", "northing"])
    twice = table["uprn"][table["uprn"].duplicated()]
    if len(twice):
        raise InputError(
            f"{twice.nunique():,} UPRNs come twice at different places; the first is"
            f" {int(twice.iloc[0])}",
            file=path,
            remedy="Take one of the two out.",
        )
    table = table.astype({"uprn": np.int64}).sort_values("uprn").assign(precision=PRECISION)
    table.attrs = {"crs": target, "notes": []}
    return table.reset_index(drop=True)

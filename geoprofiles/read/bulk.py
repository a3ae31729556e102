"""Open large published tables: one file, all of a folder, or the files inside a zip."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from geoprofiles import crs as systems
from geoprofiles.errors import InputError
from geoprofiles.read.archives import PathLike

Bounds = tuple[float, float, float, float]
"""West, south, east, north in metres."""


def plain_heading(text: object) -> str:
    """Bring a heading to the form that headings are looked for in.

    Examples
    --------
    >>> plain_heading("X_COORDINATE"), plain_heading("Post Code ")
    ('x coordinate', 'post code')
    """
    return re.sub(r"[^a-z0-9]+", " ", str(text).casefold()).strip()


def members(path: PathLike, wanted: str) -> list[tuple[str, Path, str]]:
    """List the CSV files that a path stands for: their names, the file and the place in a zip.

    Parameters
    ----------
    path : path
        A CSV file, a folder of them, or a zip.
    wanted : str
        Pattern of the names to take, where a folder or zip holds several kinds.

    Raises
    ------
    InputError
        If there is no such file, or nothing in it is a CSV file.
    """
    path = Path(path)
    if path.is_dir():
        found = [(str(one), one, "") for one in sorted(path.rglob("*.csv*"))]
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        found = [(f"{path}/{name}", path, name) for name in sorted(names)]
    elif path.is_file():
        return [(str(path), path, "")]
    else:
        raise InputError("there is no such file", file=path, remedy="Check the path.")
    taken = [one for one in found if re.search(wanted, one[0], re.IGNORECASE)]
    if not taken:
        raise InputError(
            "no CSV file of the kind expected is in it",
            file=path,
            remedy="Give the file itself.",
        )
    return taken


@contextmanager
def opened(file: Path, member: str) -> Iterator[IO[bytes]]:
    """Open a file, gzipped or not, or the file inside a zip."""
    try:
        if member:
            with zipfile.ZipFile(file) as archive, archive.open(member) as inner:
                yield inner
            return
        with file.open("rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            if packed:
                with gzip.open(stream) as inner:
                    yield inner  # type: ignore[misc]
            else:
                yield stream
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"the file cannot be read ({error})", file=member or file) from error


def first_line(file: Path, member: str) -> list[str]:
    """Read the cells of the first line."""
    with opened(file, member) as stream:
        line = stream.readline(1 << 16)
    text = line.decode("utf-8-sig", errors="replace")
    frame = pd.read_csv(io.StringIO(text), header=None, dtype=str, keep_default_na=False)
    return [str(cell).strip() for cell in frame.iloc[0]] if len(frame) else []


def read_chunks(name: str, file: Path, member: str, **how: Any) -> Iterator[pd.DataFrame]:
    """Read a CSV file a million rows at a time, as text."""
    with opened(file, member) as stream:
        try:
            yield from pd.read_csv(
                stream, dtype=str, keep_default_na=False, na_values=[""], chunksize=1_000_000,
                encoding="utf-8-sig", **how,
            )  # fmt: skip
        except (ValueError, EOFError) as error:
            raise InputError(f"the file cannot be read as CSV ({error})", file=name) from error


def as_numbers(column: pd.Series, *, file: str, heading: str, first: int) -> pd.Series:
    """Turn text into numbers; a cell that is none is an error that names its row.

    `first` is the row, as a spreadsheet shows it, of the index 0.
    """
    values = pd.to_numeric(column, errors="coerce")
    bad = values.isna() & column.notna()
    if bad.any():
        at = int(np.flatnonzero(bad.to_numpy())[0])
        raise InputError(
            f"'{str(column.iloc[at])[:30]}' is no number",
            file=file,
            row=int(column.index[at]) + first,
            column=heading,
        )
    return values.astype(float)


def in_metres(
    frame: pd.DataFrame, x: np.ndarray, y: np.ndarray, *, source: Any, target: Any
) -> pd.DataFrame:
    """Add easting and northing, projected; zeros and what cannot be projected are none."""
    nowhere = (x == 0) & (y == 0)
    east, north = systems.project(
        np.where(nowhere, np.nan, x), np.where(nowhere, np.nan, y), source=source, target=target
    )
    return frame.assign(easting=east, northing=north)


def cut(frame: pd.DataFrame, within: Bounds | None) -> pd.DataFrame:
    """Keep the rows within bounds; rows without coordinates go where there are bounds."""
    if within is None:
        return frame
    west, south, east, north = within
    x, y = frame["easting"], frame["northing"]
    return frame[(x >= west) & (x <= east) & (y >= south) & (y <= north)]


def named(system: Any) -> str:
    """Return the name of the metres asked for; EPSG:27700 where none were."""
    return str(
        systems.pyproj.CRS.from_user_input(systems.METRIC if system is None else system).to_string()
    )

"""Keep the index of areas in a file, so that a country's is built once."""

from __future__ import annotations

import os
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np

from geoprofiles.areas.index import AreaIndex, fingerprint, sorted_shapes
from geoprofiles.areas.index_build import build_index
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas
from geoprofiles.write import write_file

VERSION = 1
"""Of the layout of an index; a file of another version is refused."""


def keep_index(areas: Areas, path: str | os.PathLike[str]) -> AreaIndex:
    """Read the index of areas from a file; where there is none yet, build it and write it.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, in metres.
    path : path
        The file; its name should end in ``.npz``.

    Returns
    -------
    AreaIndex

    Raises
    ------
    InputError
        If the file is no index, is damaged, of another version, or of other areas.
    OutputError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     built = geoprofiles.keep_index(areas, Path(folder) / "wards.npz")
    ...     read = geoprofiles.keep_index(areas, Path(folder) / "wards.npz")
    >>> read.locate([500.0, 1500.0], [500.0, 500.0]).tolist()
    [0, -1]
    """
    path = Path(path)
    if path.exists():
        return _read(path, areas)
    index = build_index(areas)
    write_file(path, _packed(index, areas))
    return index


_ARRAYS = tuple(
    field.name for field in fields(AreaIndex) if field.name not in {"shapes", "tolerance"}
)


def _packed(index: AreaIndex, areas: Areas) -> bytes:
    import io

    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        geoprofiles_index=np.array(VERSION),
        fingerprint=np.array(fingerprint(areas)),
        tolerance=np.array(index.tolerance),
        **{name: getattr(index, name) for name in _ARRAYS},
    )
    return buffer.getvalue()


def _read(path: Path, areas: Areas) -> AreaIndex:
    remedy = "Delete it, and it is built again."
    try:
        with np.load(path, allow_pickle=False) as held:
            if "geoprofiles_index" not in held.files:
                raise InputError("this is no index of areas", file=path, remedy=remedy)
            version, of = int(held["geoprofiles_index"]), str(held["fingerprint"])
            if version != VERSION:
                raise InputError(
                    f"this index is of version {version}; this geoprofiles reads {VERSION}",
                    file=path,
                    remedy=remedy,
                )
            if of != fingerprint(areas):
                raise InputError("this index is of other boundaries", file=path, remedy=remedy)
            arrays = {name: held[name] for name in _ARRAYS}
            tolerance = float(held["tolerance"])
    except InputError:
        raise
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            "this is no index of areas, or it is damaged", file=path, remedy=remedy
        ) from error
    return AreaIndex(shapes=sorted_shapes(areas)[0], tolerance=tolerance, **arrays)

"""Read what rows without coordinates are placed by, for a project and for the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.frames import RUNGS, Areas
from geoprofiles.geocoding.ladder import Ladder
from geoprofiles.read import (
    read_areas,
    read_gazetteer,
    read_postcodes,
    read_review,
    read_uprns,
)

PACKAGE = "package"
"""In place of a file of postcodes: those of the package that the extra ``postcodes`` installs."""

AROUND = 20_000
"""Metres around the areas within which reference data is kept."""

Note = Callable[[Path, pd.DataFrame, str], None]


def read_ladder(
    areas: Mapping[str, Areas],
    *,
    postcodes: str | Path | None = None,
    uprns: Path | None = None,
    gazetteers: Sequence[Path] = (),
    more_areas: Sequence[Path] = (),
    reviewed: Path | None = None,
    note: Note | None = None,
    **how: Any,
) -> Ladder:
    """Read the files of a ladder, as far as they lie about the areas.

    Parameters
    ----------
    areas : mapping of str to GeoDataFrame
        The areas that rows are wanted in; their codes and names place rows too.
    postcodes : path or "package", optional
        A file of postcodes, or those of the installed package.
    uprns, reviewed : path, optional
        UPRNs with their places; decisions on a review list.
    gazetteers, more_areas : sequence of path
        Names with their places; further areas whose codes and names rows carry.
    note : callable, optional
        Called with each file, what was read from it and what it is.
    **how
        ``district``, ``rungs``, ``cutoff``, ``margin``, ``spread``, ``coarsest``: see `Ladder`.

    Returns
    -------
    Ladder

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    crs = next(iter(areas.values())).crs
    bounds = np.array([one.total_bounds for one in areas.values()])
    within = (*(bounds[:, :2].min(axis=0) - AROUND), *(bounds[:, 2:].max(axis=0) + AROUND))
    tell = note or (lambda *_: None)

    def read(reader: Callable[..., pd.DataFrame], path: Path, use: str, **said: Any) -> Any:
        frame = reader(path, crs=crs, **said)
        tell(Path(path), frame, use)
        return frame

    units = None
    if postcodes is not None and str(postcodes) == PACKAGE:
        units = read_postcodes(crs=crs, within=within)
    elif postcodes is not None:
        units = read(read_postcodes, Path(postcodes), "postcodes", within=within)
    names = [read(read_gazetteer, path, "gazetteer", within=within) for path in gazetteers]
    known = dict(areas)
    for path in more_areas:
        one = read(read_areas, path, "areas of codes and names")
        known[f"{path.stem} {len(known)}"] = one
    gazetteer = pd.concat(names, ignore_index=True) if names else None
    if gazetteer is not None:
        gazetteer.attrs = {"crs": crs.to_string()}
    if not how.get("rungs"):
        how["rungs"] = RUNGS
    return Ladder(
        postcodes=units,
        uprns=None if uprns is None else read(read_uprns, uprns, "UPRNs", within=within),
        gazetteer=gazetteer,
        areas=known,
        reviewed=None if reviewed is None else read(read_review, reviewed, "reviewed names"),
        **how,
    )

"""Whether incidents lie where the areas are; if not, why, before anything is counted."""

from __future__ import annotations

import warnings

import numpy as np

from geoprofiles.errors import CRSError, InputWarning
from geoprofiles.frames import Areas, Incidents, check_areas, check_incidents


def check_plausible(incidents: Incidents, areas: Areas) -> None:
    """Refuse incidents whose easting and northing are swapped; warn where none is near the areas.

    Nothing else can tell the two apart: within Britain their ranges overlap.

    Parameters
    ----------
    incidents : DataFrame
        Incidents, in metres.
    areas : GeoDataFrame
        Areas, in the same metres.

    Raises
    ------
    CRSError
        If hardly any incident lies within the areas' bounds, and most would if their
        coordinates were swapped.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]},
    ...     geometry=[box(440000, 110000, 445000, 115000)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> incidents = pd.DataFrame({"easting": [112000.0], "northing": [441000.0]})
    >>> check_plausible(incidents, areas)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    geoprofiles.errors.CRSError: easting and northing look swapped: 0 of 1 located rows ...
    """
    check_areas(areas)
    check_incidents(incidents)
    x = incidents["easting"].to_numpy(dtype=float)
    y = incidents["northing"].to_numpy(dtype=float)
    located = ~(np.isnan(x) | np.isnan(y))
    number = int(located.sum())
    if not number:
        mostly = ""
        if "unlocated" in incidents and incidents["unlocated"].notna().any():
            mostly = str(incidents["unlocated"].dropna().astype(str).value_counts().index[0])
        check_numbers(0, 0, 0, len(incidents), mostly)
        return
    west, south, east, north = areas.total_bounds
    there = int(((x >= west) & (x <= east) & (y >= south) & (y <= north)).sum())
    turned = int(((y >= west) & (y <= east) & (x >= south) & (x <= north)).sum())
    check_numbers(number, there, turned, len(incidents), "")


def check_numbers(number: int, there: int, turned: int, rows: int, mostly: str) -> None:
    """Do as :func:`check_plausible` does from numbers of rows, which add up over batches.

    Parameters
    ----------
    number, there, turned : int
        Located rows; those within the areas' bounds; those within them if swapped.
    rows : int
        All rows.
    mostly : str
        Why most of them have no place, where none has.
    """
    if not number:
        if rows and mostly:
            warnings.warn(
                f"None of the {rows:,} rows has a usable place; mostly: {mostly}.",
                InputWarning,
                stacklevel=3,
            )
        return
    if turned > number / 2 and there < number / 20:
        raise CRSError(
            f"easting and northing look swapped: {there:,} of {number:,} located rows lie where the"
            f" areas are, and {turned:,} would if they were swapped",
            remedy="Swap the two columns in the mapping.",
        )
    if not there:
        warnings.warn(
            f"None of the {number:,} located rows lies where the areas are: all will be outside."
            " Check that both are of the same place, and the coordinate systems.",
            InputWarning,
            stacklevel=3,
        )

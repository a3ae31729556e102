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
        _warn_unlocated(incidents)
        return
    west, south, east, north = areas.total_bounds
    there = int(((x >= west) & (x <= east) & (y >= south) & (y <= north)).sum())
    turned = int(((y >= west) & (y <= east) & (x >= south) & (x <= north)).sum())
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
            stacklevel=2,
        )


def _warn_unlocated(incidents: Incidents) -> None:
    if not len(incidents) or "unlocated" not in incidents:
        return
    reasons = incidents["unlocated"].dropna().astype(str).value_counts()
    if len(reasons):
        warnings.warn(
            f"None of the {len(incidents):,} rows has a usable place; mostly: {reasons.index[0]}.",
            InputWarning,
            stacklevel=3,
        )

"""Distinct places: one row for each coordinate, with its number of incidents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import (
    PLACE_COLUMNS,
    WHOLE_AREA_RUNGS,
    Incidents,
    Places,
    check_columns,
    check_incidents,
    incidents_crs,
)


def distinct_places(incidents: Incidents) -> Places:
    """Fold incidents to the distinct places they lie on.

    Open crime data moves incidents to fixed map points; methods that take rows as separate
    points then find the map points. Folded, the same data say so, and are far fewer.

    Parameters
    ----------
    incidents : DataFrame
        ``easting``, ``northing`` in metres, ``month``. Rows without a location and rows with a
        reason in ``refused`` are left out, and so are those that :func:`geocode` placed by a whole
        area: many on its middle would make a hot spot of it. A column ``rows`` says how many
        incidents a row stands for, as in the places of :func:`tally_files`.

    Returns
    -------
    DataFrame
        Places: ``easting``, ``northing``, ``count``, ``first_month``, ``last_month``, sorted by
        easting, then northing. ``attrs["crs"]`` is that of the incidents. ``count`` is a whole
        number, or the sum of the weights where there are any.

    Raises
    ------
    InputError
        If a column is missing, or a weight is missing or negative.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> incidents = pd.DataFrame({"easting": [5.0, 5.0, 9.0], "northing": [1.0, 1.0, 2.0],
    ...     "month": pd.to_datetime(["2026-05-01", "2026-06-01", "2026-06-01"])})
    >>> geoprofiles.distinct_places(incidents)[["easting", "count"]].to_dict("list")
    {'easting': [5.0, 9.0], 'count': [2, 1]}
    """
    check_incidents(incidents)
    check_columns(incidents, ["month"], what="Incidents")
    crs = incidents_crs(incidents)
    # pandas copies attrs, which for read incidents are long, at every step; so leave them behind.
    incidents = pd.DataFrame(incidents)
    incidents.attrs = {}
    keep = placed(incidents)
    amount = incidents["rows"] if "rows" in incidents else pd.Series(1, index=incidents.index)
    if "weight" in incidents:
        amount = amount * incidents["weight"].astype(float)
        if not (amount[keep] >= 0).all() or np.isinf(amount[keep]).any():
            raise InputError(
                "the weight of an incident is missing, negative or infinite",
                remedy="Fill the column 'weight' with geoprofiles.shift_weights, or drop it.",
            )
        keep &= amount > 0
    rows = pd.DataFrame(
        {
            "easting": incidents.loc[keep, "easting"].astype(float),
            "northing": incidents.loc[keep, "northing"].astype(float),
            "month": incidents.loc[keep, "month"],
            "rows": amount[keep],
        }
    )
    places = (
        rows.groupby(["easting", "northing"], sort=True)
        .agg(count=("rows", "sum"), first_month=("month", "min"), last_month=("month", "max"))
        .reset_index()
    )
    places = places[list(PLACE_COLUMNS)]
    places.attrs["crs"] = crs
    return places


def placed(incidents: Incidents) -> pd.Series:
    """Mark the rows that count and lie at a place of their own, not on the middle of an area."""
    keep = incidents["easting"].notna() & incidents["northing"].notna()
    if "refused" in incidents:
        keep &= incidents["refused"].isna()
    if "located_by" in incidents:
        keep &= ~incidents["located_by"].isin(WHOLE_AREA_RUNGS)
    return keep


def check_places(places: Places) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates (n, 2) and the weights of places; refuse what cannot be weighed."""
    check_columns(places, ["easting", "northing", "count"], what="Places")
    points = places[["easting", "northing"]].to_numpy(dtype=float)
    weights = places["count"].to_numpy(dtype=float)
    if not np.isfinite(points).all():
        raise InputError("a place has no coordinates", remedy="Use geoprofiles.distinct_places.")
    if not (weights >= 0).all():
        raise InputError("the count of a place is negative or missing")
    if len(points) and np.abs(points).max() <= 360:
        raise InputError(
            "the coordinates of the places look like degrees, not metres",
            remedy="Read incidents with geoprofiles.read_incidents, which gives metres.",
        )
    return points, weights

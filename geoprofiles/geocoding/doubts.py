"""Coordinates that contradict the postcode beside them, and what may have gone wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles import crs
from geoprofiles.frames import Incidents, check_columns
from geoprofiles.geocoding.geocode import text_columns
from geoprofiles.geocoding.ladder import Ladder, make_ready
from geoprofiles.gridref import BRITISH, IRISH
from geoprofiles.postcode import normalise_postcodes, postcode_key

FAR = 5_000.0
"""Metres from its postcode from which a point is in doubt."""

SWAPPED, ON_IRISH_GRID, FAR_AWAY = (
    "easting and northing are swapped",
    "the coordinates are on the Irish Grid",
    "far from its postcode",
)


def doubtful_coordinates(records: Incidents, ladder: Ladder, *, far: float = FAR) -> pd.DataFrame:
    """Find records whose coordinates lie far from their postcode, and say what would explain it.

    Nothing is changed: which of the two is wrong is for a person to say.

    Parameters
    ----------
    records : DataFrame
        ``easting``, ``northing`` (metres), ``postcode``; others as ``read_incidents`` gives them.
    ladder : Ladder
        With ``postcodes``.
    far : float
        Metres from which a record is in doubt.

    Returns
    -------
    DataFrame
        One row for each record in doubt, with its index: ``postcode``, ``metres`` (from its
        postcode) and ``doubt``: ``"easting and northing are swapped"`` or ``"the coordinates are
        on the Irish Grid"`` where the point would lie near the postcode then, else ``"far from
        its postcode"``.

    Raises
    ------
    InputError
        If the records lack coordinates or postcodes.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> postcodes = pd.DataFrame({"postcode": ["SO14 7LW"], "easting": [441980.0],
    ...     "northing": [112100.0], "precision": [100.0]})
    >>> records = pd.DataFrame({"easting": [441990.0, 112100.0], "northing": [112100.0, 441980.0],
    ...     "postcode": "SO14 7LW"})
    >>> ladder = geoprofiles.Ladder(postcodes=postcodes)
    >>> geoprofiles.doubtful_coordinates(records, ladder)["doubt"].to_dict()
    {1: 'easting and northing are swapped'}
    """
    check_columns(records, ["easting", "northing", "postcode"], what="Records")
    system = records.attrs.get("crs") or crs.METRIC
    points = make_ready(ladder, system).postcodes
    column = text_columns(records)["postcode"]
    told = normalise_postcodes(column)
    place = np.full(len(records), -1)
    unit = (told["level"] == "unit").to_numpy()
    if points is not None and len(points.key) and unit.any():
        key = postcode_key(told["postcode"][unit])
        at = np.minimum(np.searchsorted(points.key, key), len(points.key) - 1)
        place[unit] = np.where(points.key[at] == key, at, -1)
    x, y = (
        records[name].to_numpy(dtype=float, na_value=np.nan) for name in ("easting", "northing")
    )
    rows = np.flatnonzero((place >= 0) & np.isfinite(x) & np.isfinite(y))
    if points is None or not len(rows):
        return pd.DataFrame({"postcode": [], "metres": [], "doubt": []}, index=records.index[:0])
    home = points.easting[place[rows]], points.northing[place[rows]]
    away = np.hypot(x[rows] - home[0], y[rows] - home[1])
    rows, home, away = rows[away > far], tuple(one[away > far] for one in home), away[away > far]
    doubt = np.full(len(rows), FAR_AWAY, dtype=object)
    # The numbers as the file may have had them: in British metres whatever the metres of the work.
    east, north = crs.project(x[rows], y[rows], source=system, target=BRITISH)
    for words, source, (one, two) in (
        (ON_IRISH_GRID, IRISH, (east, north)),
        (SWAPPED, BRITISH, (north, east)),
    ):
        other = crs.project(one, two, source=source, target=system)
        near = np.hypot(other[0] - home[0], other[1] - home[1]) <= far
        doubt[near] = words
    return pd.DataFrame(
        {"postcode": told["postcode"].to_numpy()[rows], "metres": away.round(), "doubt": doubt},
        index=records.index[rows],
    )

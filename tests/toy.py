"""A world to count by eye: 3 km x 3 km, three areas, in British National Grid metres.

``A`` is the west third, ``B`` the middle, ``C`` the east; borders at 1 km and 2 km.
"""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
from shapely import box

WEST, SOUTH = 440_000, 110_000


def areas(*, shift: float = 0.0) -> geopandas.GeoDataFrame:
    shapes = [
        box(WEST + shift + x, SOUTH + shift, WEST + shift + x + 1000, SOUTH + shift + 3000)
        for x in (0, 1000, 2000)
    ]
    return geopandas.GeoDataFrame(
        {"area_name": ["Mill", "Quay", "Heath"]},
        geometry=shapes,
        index=pd.Index(["A", "B", "C"], name="area_code"),
        crs=27700,
    )


def incidents(points, *, month="2026-06-01", category="Theft") -> pd.DataFrame:
    """Incidents at offsets in metres from the world's south-west corner; None has no location."""
    offsets = np.array([point or (np.nan, np.nan) for point in points], dtype=float)
    x, y = offsets.reshape(-1, 2).T
    frame = pd.DataFrame(
        {
            "easting": x + WEST,
            "northing": y + SOUTH,
            "month": pd.Timestamp(month),
            "category": pd.Categorical([category] * len(points)),
            "unlocated": [None if point else "no coordinates" for point in points],
            "refused": pd.Series([None] * len(points), dtype=object),
            "file": "toy.csv",
        }
    )
    frame.attrs["crs"] = "EPSG:27700"
    return frame


def places(rows) -> pd.DataFrame:
    """Places from (x, y, count) at offsets from the south-west corner."""
    frame = pd.DataFrame(rows, columns=["easting", "northing", "count"]).astype(float)
    frame["easting"] += WEST
    frame["northing"] += SOUTH
    frame["count"] = frame["count"].astype(int)
    frame["first_month"], frame["last_month"] = (
        pd.Timestamp("2026-01-01"),
        pd.Timestamp("2026-06-01"),
    )
    frame.attrs["crs"] = "EPSG:27700"
    return frame

"""Tell which coordinate system a file is in, and which of its rows have a location.

Longitudes and latitudes of the United Kingdom, British National Grid metres and web
Mercator metres do not overlap, so ranges tell them apart. What ranges show to be swapped
is refused with the fix, never turned round in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from geoprofiles import crs
from geoprofiles.errors import CRSError

NO_COORDINATES = "no coordinates"
NOT_NUMBERS = "coordinates not numbers"
AT_ZERO = "coordinates at (0, 0)"
OUT_OF_RANGE = "coordinates out of range"
UNLOCATED_REASONS = (NO_COORDINATES, NOT_NUMBERS, AT_ZERO, OUT_OF_RANGE)

_SURE = 0.9
"""Share of the rows that must speak for a swap before a file is refused for it."""

_POINT = (
    r"^(?:SRID=\d+;)?\s*(?P<word>[A-Za-z]*)\s*"
    r"\(\s*(?P<one>[^\s,;()]+)[\s,;]+(?P<two>[^\s,;()]+)\s*\)$"
)

# Where Great Britain lies in the National Grid: for each 100 km of northing, the least and
# greatest easting of land, in km, with some kilometres to spare.
_GREAT_BRITAIN = (
    (75, 570), (160, 645), (155, 660), (200, 660), (205, 550), (175, 530), (105, 440), (50, 430),
    (45, 430), (0, 420), (0, 400), (310, 490), (390, 490),
)  # fmt: skip


@dataclass
class Located:
    """The coordinates of one file as it gives them.

    Attributes
    ----------
    x, y : array of float
        Longitude and latitude, or easting and northing; NaN where there is no location.
    reason : array of int8
        -1 where there is a location, else the place in `UNLOCATED_REASONS`.
    source_crs : str or None
        The system, detected or told; None where no row has a location.
    notes : list of str
    """

    x: np.ndarray
    y: np.ndarray
    reason: np.ndarray
    source_crs: str | None
    notes: list[str]


def numbers_of(column: pd.Categorical) -> tuple[np.ndarray, np.ndarray]:
    """Return a column as floats, and which of its cells hold something that is no number."""
    texts = pd.Series(np.asarray(column.categories, dtype=object), dtype=object)
    values = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
    padded = np.append(values, np.nan)[column.codes]
    return padded, np.isnan(padded) & (column.codes >= 0)


def is_point(text: str) -> bool:
    """Tell whether a text is a point: ``POINT (x y)`` or ``(latitude, longitude)``.

    Examples
    --------
    >>> is_point("POINT (-1.4 50.9)"), is_point("(50.9, -1.4)"), is_point("High Street (A33)")
    (True, True, False)
    """
    told = re.match(_POINT, text)
    if told is None or told["word"].upper() not in {"", "POINT"}:
        return False
    return all(re.fullmatch(r"[+-]?\d+(\.\d*)?", told[part]) for part in ("one", "two"))


def split_points(column: pd.Categorical) -> tuple[pd.Categorical, pd.Categorical]:
    """Split ``POINT (x y)`` and ``(latitude, longitude)`` into columns of x and y."""
    texts = pd.Series(np.asarray(column.categories, dtype=object), dtype=object)
    parts = texts.str.extract(_POINT)
    wkt = parts["word"].str.upper() == "POINT"
    bare = parts["word"] == ""
    x = parts["one"].where(wkt, parts["two"].where(bare)).fillna("?")
    y = parts["two"].where(wkt, parts["one"].where(bare)).fillna("?")
    return _spread(x, column.codes), _spread(y, column.codes)


def _spread(texts: pd.Series, codes: np.ndarray) -> pd.Categorical:
    inner, distinct = pd.factorize(texts.to_numpy(dtype=object))
    return pd.Categorical.from_codes(
        np.append(inner, -1)[codes], categories=pd.Index(distinct, dtype=object)
    )


def locate_rows(
    x_text: pd.Categorical,
    y_text: pd.Categorical,
    *,
    headings: str,
    source_crs: Any = None,
    file: str,
) -> Located:
    """Turn two columns of text into coordinates, and give each other row its reason.

    Parameters
    ----------
    x_text, y_text : Categorical of str
        The columns.
    headings : {"degrees", "metres", "either"}
        What the headings promise.
    source_crs : anything pyproj.CRS understands, optional
        The system, where the user states it.
    file : str
        Named in errors.

    Raises
    ------
    CRSError
        If the coordinates are swapped, or their system cannot be told.
    """
    (x, x_bad), (y, y_bad) = numbers_of(x_text), numbers_of(y_text)
    reason = np.full(len(x), -1, dtype=np.int8)
    reason[~(np.isfinite(x) & np.isfinite(y))] = _code(OUT_OF_RANGE)
    reason[(x_text.codes < 0) | (y_text.codes < 0)] = _code(NO_COORDINATES)
    reason[x_bad | y_bad] = _code(NOT_NUMBERS)
    reason[(x == 0) & (y == 0)] = _code(AT_ZERO)
    notes: list[str] = []
    usable = reason == -1
    if not usable.any():
        x, y = np.where(usable, x, np.nan), np.where(usable, y, np.nan)
        return Located(x, y, reason, None, notes)
    if source_crs is None:
        system = _detect(x[usable], y[usable], headings, file, notes)
    else:
        system = stated(source_crs, file)
    degrees = pyproj.CRS.from_user_input(system).is_geographic
    _refuse_swapped(x[usable], y[usable], system, degrees=degrees, file=file)
    reason[usable & ~_in_range(x, y, system, degrees=degrees)] = _code(OUT_OF_RANGE)
    usable = reason == -1
    return Located(np.where(usable, x, np.nan), np.where(usable, y, np.nan), reason, system, notes)


def _code(reason: str) -> int:
    return UNLOCATED_REASONS.index(reason)


def stated(source_crs: Any, file: str) -> str:
    """Return the name of a system that a user states."""
    try:
        return str(pyproj.CRS.from_user_input(source_crs).to_string())
    except pyproj.exceptions.CRSError:
        raise CRSError(
            f"'{source_crs}' is not a coordinate system",
            file=file,
            remedy="Write it as, say, EPSG:27700.",
        ) from None


def _in_degrees(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return (np.abs(x) <= 180) & (np.abs(y) <= 90)


def _in_grid(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return (x >= 0) & (x <= 700_000) & (y >= 0) & (y <= 1_300_000)


def _in_mercator(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return (x >= -1_010_000) & (x < 235_000) & (y >= 6_400_000) & (y <= 8_690_000)


def _detect(x: np.ndarray, y: np.ndarray, headings: str, file: str, notes: list[str]) -> str:
    degrees, large = _in_degrees(x, y), (np.abs(x) > 1000) | (np.abs(y) > 1000)
    shares = {
        "EPSG:4326": degrees.mean(),
        "EPSG:27700": (_in_grid(x, y) & large).mean(),
        "EPSG:3857": (_in_mercator(x, y) & (y > 1_300_000)).mean(),
    }
    best = max(shares, key=lambda system: shares[system])
    if shares[best] <= 0.5:
        if headings == "degrees":
            return "EPSG:4326"
        raise CRSError(
            "the coordinates are neither longitude and latitude nor British National Grid metres:"
            f" they run from {np.min(x):g} to {np.max(x):g} and"
            f" from {np.min(y):g} to {np.max(y):g}",
            file=file,
            remedy="State the system, say source_crs='EPSG:32630'.",
        )
    promised = {"degrees": "EPSG:4326", "metres": "EPSG:27700"}.get(headings, best)
    if best != promised:
        notes.append(f"Coordinates were taken as {_NAMES[best]} by their size, not their headings.")
    return best


_NAMES = {
    "EPSG:4326": "longitude and latitude (EPSG:4326)",
    "EPSG:27700": "British National Grid metres (EPSG:27700)",
    "EPSG:3857": "web Mercator metres (EPSG:3857)",
}


def _refuse_swapped(x: np.ndarray, y: np.ndarray, system: str, *, degrees: bool, file: str) -> None:
    if degrees:
        plausible, words = _plausible_degrees, "longitude and latitude"
    elif system == "EPSG:27700":
        plausible, words = _in_great_britain, "easting and northing"
    else:
        return
    as_is, swapped = plausible(x, y), plausible(y, x)
    if as_is.mean() < 1 - _SURE and swapped.mean() > _SURE:
        first, second = words.split(" and ")
        raise CRSError(
            f"{words} are swapped: {int(as_is.sum()):,} of {len(x):,} rows lie where they should"
            f" as they stand, {int(swapped.sum()):,} the other way round",
            file=file,
            remedy=f"Map '{first}' and '{second}' the other way round with columns=….",
        )


def _plausible_degrees(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Tell whether points are in Britain or Ireland; if none is, whether people live there."""
    west, south, east, north = crs.UNITED_KINGDOM
    home = (x >= west - 2) & (x <= east + 1) & (y >= south - 1) & (y <= north + 1)
    back = (y >= west - 2) & (y <= east + 1) & (x >= south - 1) & (x <= north + 1)
    if home.any() or back.any():
        return home
    return _in_degrees(x, y) & (y > -60) & (y < 75)


def _in_great_britain(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    band = np.clip(np.nan_to_num(y) // 100_000, 0, len(_GREAT_BRITAIN) - 1).astype(int)
    low, high = np.array(_GREAT_BRITAIN, dtype=float).T * 1000
    return _in_grid(x, y) & (x >= low[band]) & (x <= high[band])


def _in_range(x: np.ndarray, y: np.ndarray, system: str, *, degrees: bool) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        if degrees:
            return _in_degrees(x, y)
        if system == "EPSG:27700":
            return _in_grid(x, y)
        return (np.abs(x) <= 2.1e7) & (np.abs(y) <= 2.1e7)


def choose_metres(parts: list[Located], wanted: Any) -> str:
    """Choose the metres for all files: as wanted, as they are, or by where the points lie."""
    if wanted is not None:
        if not crs.is_metric(wanted):
            raise CRSError(
                f"'crs' must be in metres; '{wanted}' is not", remedy="Say crs='EPSG:27700'."
            )
        return str(pyproj.CRS.from_user_input(wanted).to_string())
    systems = {part.source_crs for part in parts if part.source_crs}
    if not systems:
        return str(crs.METRIC.to_string())
    if len(systems) == 1 and systems <= {"EPSG:27700"}:
        return systems.pop()
    corners = []
    for part in parts:
        keep = part.reason == -1
        if part.source_crs and keep.any():
            corners.append(
                np.column_stack(
                    crs.project(part.x[keep], part.y[keep], source=part.source_crs, target=crs.WEB)
                )
            )
    points = np.concatenate(corners) if corners else np.empty((0, 2))
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return str(crs.METRIC.to_string())
    # The middle half, so that stray points do not move a city to another zone.
    west, south = np.quantile(points, 0.25, axis=0, method="nearest")
    east, north = np.quantile(points, 0.75, axis=0, method="nearest")
    return str(crs.metric_crs(west, south, east, north).to_string())


def to_metres(part: Located, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Project one file; what the projection cannot carry is marked out of range in `part`."""
    if part.source_crs is None:
        return part.x.copy(), part.y.copy()
    east, north = crs.project(part.x, part.y, source=part.source_crs, target=target)
    located = part.reason == -1
    good = np.isfinite(east) & np.isfinite(north)
    if target == "EPSG:27700":
        # The grid is of no meaning beyond these waters.
        good &= (np.abs(east) < 2_000_000) & (np.abs(north) < 3_000_000)
    part.reason[located & ~good] = _code(OUT_OF_RANGE)
    east[~good], north[~good] = np.nan, np.nan
    return east, north

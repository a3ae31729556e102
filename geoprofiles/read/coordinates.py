"""Tell which coordinate system a file is in, and which of its rows have a location.

Longitudes and latitudes of the United Kingdom, British National Grid metres and web
Mercator metres do not overlap, so ranges tell them apart. What ranges show to be swapped
is refused with the fix, never turned round in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyproj

from geoprofiles import crs
from geoprofiles.errors import CRSError
from geoprofiles.frames import UNLOCATED_REASONS

NO_COORDINATES, NOT_NUMBERS, AT_ZERO, OUT_OF_RANGE = UNLOCATED_REASONS[:4]

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


@dataclass
class Numbers:
    """A column that was read as numbers at once; NaN and not `missing` is a text that is none."""

    values: np.ndarray
    missing: np.ndarray


Column: TypeAlias = pd.Categorical | Numbers


def numbers_of(column: Column) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a column as floats, which of its cells hold no number, and which hold nothing."""
    if isinstance(column, Numbers):
        return column.values, np.isnan(column.values) & ~column.missing, column.missing
    texts = pd.Series(np.asarray(column.categories, dtype=object), dtype=object)
    values = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
    padded = np.append(values, np.nan)[column.codes]
    missing = column.codes < 0
    return padded, np.isnan(padded) & ~missing, missing


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


@dataclass(frozen=True)
class CoordinateFacts:
    """How many of a file's points lie where; facts of its parts add up to those of the whole."""

    points: int = 0
    degrees: int = 0
    grid: int = 0
    mercator: int = 0
    home: int = 0
    """In and around the United Kingdom and Ireland, as longitude and latitude."""
    home_swapped: int = 0
    world: int = 0
    """Where people live, as longitude and latitude."""
    world_swapped: int = 0
    britain: int = 0
    """On Great Britain, as National Grid metres."""
    britain_swapped: int = 0
    box: tuple[float, float, float, float] = (np.inf, np.inf, -np.inf, -np.inf)
    """Least x and y, greatest x and y."""

    def __add__(self, other: CoordinateFacts) -> CoordinateFacts:
        sums = {
            field.name: getattr(self, field.name) + getattr(other, field.name)
            for field in fields(self)
            if field.name != "box"
        }
        (west, south, east, north), (w, s, e, n) = self.box, other.box
        box = (min(west, w), min(south, s), max(east, e), max(north, n))
        return CoordinateFacts(**sums, box=box)


@dataclass
class Pairs:
    """Pairs of numbers from two columns of text; NaN and a reason where they are none."""

    x: np.ndarray
    y: np.ndarray
    reason: np.ndarray
    """-1 for a pair of numbers, else the place in `UNLOCATED_REASONS`."""


def read_pairs(x_text: Column, y_text: Column) -> Pairs:
    """Turn two columns into pairs of numbers, and give each other row its reason."""
    (x, x_bad, x_missing), (y, y_bad, y_missing) = numbers_of(x_text), numbers_of(y_text)
    reason = np.full(len(x), -1, dtype=np.int8)
    reason[~(np.isfinite(x) & np.isfinite(y))] = _code(OUT_OF_RANGE)
    reason[x_missing | y_missing] = _code(NO_COORDINATES)
    reason[x_bad | y_bad] = _code(NOT_NUMBERS)
    reason[(x == 0) & (y == 0)] = _code(AT_ZERO)
    return Pairs(x, y, reason)


def survey(pairs: Pairs) -> CoordinateFacts:
    """Count where pairs of numbers lie, in each system that they might be in."""
    usable = pairs.reason == -1
    x, y = (pairs.x, pairs.y) if usable.all() else (pairs.x[usable], pairs.y[usable])
    if not len(x):
        return CoordinateFacts()
    large = (np.abs(x) > 1000) | (np.abs(y) > 1000)
    grid = int((_in_grid(x, y) & large).sum())
    facts: dict[str, Any] = {
        "points": len(x),
        "degrees": int(_in_degrees(x, y).sum()),
        "grid": grid,
        "mercator": int((_in_mercator(x, y) & (y > 1_300_000)).sum()),
        "box": (float(x.min()), float(y.min()), float(x.max()), float(y.max())),
    }
    for name, one, two in (("", x, y), ("_swapped", y, x)):
        facts[f"home{name}"] = int(_at_home(one, two).sum())
        facts[f"world{name}"] = int(_in_world(one, two).sum())
        facts[f"britain{name}"] = int(_in_great_britain(one, two).sum()) if large.any() else 0
    return CoordinateFacts(**facts)


def decide(
    facts: CoordinateFacts, *, headings: str, source_crs: Any = None, file: str
) -> tuple[str | None, list[str]]:
    """Decide which system a file is in, from facts on all of its points.

    Parameters
    ----------
    facts : CoordinateFacts
    headings : {"degrees", "metres", "either"}
        What the headings promise.
    source_crs : anything pyproj.CRS understands, optional
        The system, where the user states it.
    file : str
        Named in errors.

    Returns
    -------
    tuple of str or None and list of str
        The system, None where no row has a location; sentences on how it was decided.

    Raises
    ------
    CRSError
        If the coordinates are swapped, or their system cannot be told.
    """
    notes: list[str] = []
    if not facts.points:
        return None, notes
    if source_crs is None:
        system = _detect(facts, headings, file, notes)
    else:
        system = stated(source_crs, file)
    _refuse_swapped(facts, system, file)
    return system, notes


def guess(facts: CoordinateFacts, *, headings: str, source_crs: Any, file: str) -> str | None:
    """Decide as :func:`decide` does, for as long as only some of the points are known."""
    try:
        return decide(facts, headings=headings, source_crs=source_crs, file=file)[0]
    except CRSError:
        return crs.WEB.to_string() if source_crs is None else stated(source_crs, file)


def place(pairs: Pairs, system: str | None, notes: list[str]) -> Located:
    """Take pairs of numbers as coordinates of a system; those beyond its range are none."""
    x, y, reason = pairs.x, pairs.y, pairs.reason.copy()
    if system is not None:
        degrees = _is_geographic(system)
        reason[(reason == -1) & ~_in_range(x, y, system, degrees=degrees)] = _code(OUT_OF_RANGE)
    usable = reason == -1
    return Located(np.where(usable, x, np.nan), np.where(usable, y, np.nan), reason, system, notes)


@lru_cache(maxsize=32)
def _is_geographic(system: str) -> bool:
    return bool(pyproj.CRS.from_user_input(system).is_geographic)


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


def _detect(facts: CoordinateFacts, headings: str, file: str, notes: list[str]) -> str:
    numbers = {
        "EPSG:4326": facts.degrees,
        "EPSG:27700": facts.grid,
        "EPSG:3857": facts.mercator,
    }
    best = max(numbers, key=lambda system: numbers[system])
    if numbers[best] <= 0.5 * facts.points:
        if headings == "degrees":
            return "EPSG:4326"
        west, south, east, north = facts.box
        raise CRSError(
            "the coordinates are neither longitude and latitude nor British National Grid metres:"
            f" they run from {west:g} to {east:g} and from {south:g} to {north:g}",
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


def _refuse_swapped(facts: CoordinateFacts, system: str, file: str) -> None:
    if _is_geographic(system):
        words = "longitude and latitude"
        # In Britain and Ireland where any point may be there; if none, where people live.
        if facts.home or facts.home_swapped:
            as_is, swapped = facts.home, facts.home_swapped
        else:
            as_is, swapped = facts.world, facts.world_swapped
    elif system == "EPSG:27700":
        words = "easting and northing"
        as_is, swapped = facts.britain, facts.britain_swapped
    else:
        return
    if as_is < (1 - _SURE) * facts.points and swapped > _SURE * facts.points:
        first, second = words.split(" and ")
        raise CRSError(
            f"{words} are swapped: {as_is:,} of {facts.points:,} rows lie where they should"
            f" as they stand, {swapped:,} the other way round",
            file=file,
            remedy=f"Map '{first}' and '{second}' the other way round with columns=….",
        )


def _at_home(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    west, south, east, north = crs.UNITED_KINGDOM
    return (x >= west - 2) & (x <= east + 1) & (y >= south - 1) & (y <= north + 1)


def _in_world(x: np.ndarray, y: np.ndarray) -> np.ndarray:
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

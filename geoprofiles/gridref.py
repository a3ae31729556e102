"""Grid references as text: of the British National Grid and of the Irish Grid."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from geoprofiles.texts import parse_distinct

BRITISH, IRISH = "EPSG:27700", "EPSG:29903"

NONE = "no grid reference"
BAD = "not the form of a grid reference"
OFF_GRID = "letters of no square of the grid"
ODD = "an odd number of figures"

_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # the grid has no I


class _Reference(NamedTuple):
    easting: float = math.nan
    northing: float = math.nan
    precision: float = math.nan
    system: str | None = None
    problem: str | None = None


def parse_grid_references(texts: Iterable[object]) -> pd.DataFrame:
    """Turn grid references into coordinates: the middle of the square that each names.

    Two letters are the British National Grid (``SU 41980 12100``), one letter the Irish Grid
    (``J 338 740``), and two numbers of six or seven figures British easting and northing.

    Parameters
    ----------
    texts : Series, Categorical or iterable of str
        References with any spaces and in any case.

    Returns
    -------
    DataFrame
        One row for each text, with the index of a Series: ``easting``, ``northing`` (metres, NaN
        where there is none), ``precision`` (metres from the middle to the corner of the square),
        ``system`` (``"EPSG:27700"``, ``"EPSG:29903"`` or NA) and ``problem`` (or NA).

    References
    ----------
    Ordnance Survey (2020). *A guide to coordinate systems in Great Britain*, section 7.

    Examples
    --------
    >>> from geoprofiles.gridref import parse_grid_references
    >>> table = parse_grid_references(["SU 41980 12100", "su4112", "J 338 740", "SU 411"])
    >>> table["easting"].tolist()
    [441980.5, 441500.0, 333850.0, nan]
    >>> table["problem"].iloc[-1]
    'an odd number of figures'
    """
    return parse_distinct(texts, _parse, _Reference(problem=NONE))


def _parse(text: object) -> _Reference:
    typed = str(text).upper().strip()
    numbers = re.fullmatch(r"(\d{5,6}(?:\.\d+)?)\s*[,; /]\s*(\d{5,7}(?:\.\d+)?)", typed)
    if numbers:
        return _Reference(float(numbers[1]), float(numbers[2]), 1.0, BRITISH)
    bare = re.sub(r"[\s,.:/-]+", "", typed)
    if not bare:
        return _Reference(problem=NONE)
    told = re.fullmatch(r"([A-Z]{1,2})(\d{0,10})", bare)
    if told is None or not told[2]:
        return _Reference(problem=BAD)
    if len(told[2]) % 2:
        return _Reference(problem=ODD)
    corner = _british(told[1]) if len(told[1]) == 2 else _irish(told[1])
    if corner is None:
        return _Reference(problem=OFF_GRID)
    half = len(told[2]) // 2
    size = 10.0 ** (5 - half)
    east = corner[0] * 100_000 + int(told[2][:half]) * size + size / 2
    north = corner[1] * 100_000 + int(told[2][half:]) * size + size / 2
    system = BRITISH if len(told[1]) == 2 else IRISH
    return _Reference(east, north, size / math.sqrt(2), system)


def _british(letters: str) -> tuple[int, int] | None:
    """Return the square of 100 km in which a pair of letters lies, counted from the origin."""
    if not set(letters) <= set(_LETTERS):
        return None
    large, small = (_LETTERS.index(one) for one in letters)
    # Squares of 500 km run from A in the north-west, with the origin at the corner of S.
    east = (large % 5 - 2) * 5 + small % 5
    north = (3 - large // 5) * 5 + 4 - small // 5
    return (east, north) if 0 <= east <= 6 and 0 <= north <= 12 else None


def _irish(letter: str) -> tuple[int, int] | None:
    if letter not in _LETTERS:
        return None
    place = _LETTERS.index(letter)
    return place % 5, 4 - place // 5

"""Climb the ladder: place rows by each rung in turn, on the distinct texts among them."""

from __future__ import annotations

import collections
import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geoprofiles import crs
from geoprofiles.errors import InputError
from geoprofiles.frames import RUNGS, check_columns
from geoprofiles.geocoding.ladder import Points, Ready, district_of
from geoprofiles.geocoding.names import (
    AMBIGUOUS,
    KNOWN,
    NOTHING,
    UNKNOWN,
    Names,
    find_same,
    find_similar,
    plain_name,
)
from geoprofiles.gridref import NONE as NO_REFERENCE
from geoprofiles.gridref import parse_grid_references
from geoprofiles.postcode import NONE as NO_POSTCODE
from geoprofiles.postcode import normalise_postcodes, postcode_key

BAD_REFERENCE, UNKNOWN_UPRN, BAD_POSTCODE, UNKNOWN_POSTCODE = range(4, 8)
TWO_PLACES, NO_PLACE, NO_AREA, COARSE = range(8, 12)
"""Places of the reasons in `UNLOCATED_REASONS`."""

MOST_KNOWN = 200_000
"""Names whose answers are kept for the rows to come."""

CARRIED = ("postcode", "uprn", "grid_reference", "district", "place", "area_given")
"""Columns that rows may be placed by."""

MENDED, ENDED = "mended", "ended"

_AT_END = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\s*$", re.IGNORECASE)
"""A postcode at the end of an address."""

_AREA_RUNGS = ("area code", "area name", "similar area name")
"""Who names an area means all of it, however large it is."""

_NUMBER = re.compile(r"^\s*(?:flat\s+\w+\s*)?\d+\s*[-/]?\s*\w?\s+", re.IGNORECASE)
"""The number of a house, before the name of its street."""


@dataclass
class Placed:
    """Where rows were placed.

    Attributes
    ----------
    easting, northing : array of float
        Metres; NaN where no rung knew a place.
    rung : array of int8
        Place in `RUNGS`; -1 for none.
    precision : array of float
        Metres.
    score : array of float
        0 to 100.
    reason : array of int8
        What the finest rung that had something to go by says: place in `UNLOCATED_REASONS`; -1
        where the row is placed or had nothing to go by.
    entry : array of int
        What the row was matched to: place in `labels`, -1 for none.
    labels : list of str
    remarks : Counter
        Rows whose postcode was mended, or is no longer in use.
    """

    easting: np.ndarray
    northing: np.ndarray
    rung: np.ndarray
    precision: np.ndarray
    score: np.ndarray
    reason: np.ndarray
    entry: np.ndarray
    labels: list[str] = field(default_factory=list)
    remarks: collections.Counter[str] = field(default_factory=collections.Counter)


@dataclass
class _Step:
    """What one rung says of distinct texts."""

    place: np.ndarray
    """In `points`, -1 for none."""
    points: Points
    reason: np.ndarray
    score: np.ndarray | None = None
    mended: np.ndarray | None = None


def climb(columns: Mapping[str, pd.Categorical], rows: np.ndarray, ready: Ready) -> Placed:
    """Place rows by what they carry.

    Parameters
    ----------
    columns : mapping of str to Categorical
        Those of `CARRIED` that the records have.
    rows : array of int
        Which rows of the columns to place.
    ready : Ready
        The ladder.

    Returns
    -------
    Placed
        Arrays as long as `rows`.
    """
    size = len(rows)
    placed = Placed(
        easting=np.full(size, np.nan),
        northing=np.full(size, np.nan),
        rung=np.full(size, -1, dtype=np.int8),
        precision=np.full(size, np.nan),
        score=np.full(size, np.nan),
        reason=np.full(size, -1, dtype=np.int8),
        entry=np.full(size, -1),
    )
    if not size:
        return placed
    held = dict(columns)
    length = len(next(iter(held.values()))) if held else 0
    if held:
        held["district"] = district_of(held.get("district"), ready.ladder, length)
    left = np.arange(size)
    for number, rung in enumerate(RUNGS):
        if rung not in _STEPS or rung not in ready.ladder.rungs or not len(left):
            continue
        for names, way in _STEPS[rung]:
            if names[0] in held and len(left):
                texts, inverse = _distinct([held[name] for name in names], rows[left])
                step = way(texts, ready)
                if step is not None:
                    left = _take(step, inverse, left, ready, (number, rung), placed)
    return placed


def _take(
    step: _Step,
    inverse: np.ndarray,
    left: np.ndarray,
    ready: Ready,
    which: tuple[int, str],
    placed: Placed,
) -> np.ndarray:
    """Place what one rung knows of the rows that are left; return those that still are."""
    number, rung = which
    coarse = (step.place >= 0) & (rung not in _AREA_RUNGS)
    coarse[coarse] = step.points.precision[step.place[coarse]] > ready.ladder.coarsest
    reason = np.where(coarse, COARSE, step.reason)
    at = np.where(coarse, -1, step.place)[inverse]
    hit = at >= 0
    here, of = left[hit], at[hit]
    placed.easting[here], placed.northing[here] = step.points.easting[of], step.points.northing[of]
    placed.rung[here], placed.precision[here] = number, step.points.precision[of]
    placed.score[here] = 100.0 if step.score is None else step.score[inverse][hit]
    if len(step.points.label):
        used, place = np.unique(of, return_inverse=True)
        placed.entry[here] = len(placed.labels) + place
        placed.labels.extend(str(step.points.label[one]) for one in used)
    placed.remarks[ENDED] += int(step.points.ended[of].sum())
    if step.mended is not None:
        placed.remarks[MENDED] += int(step.mended[inverse][hit].sum())
    said = reason[inverse]
    open_rows = (placed.reason[left] == -1) & (said >= 0) & ~hit
    placed.reason[left[open_rows]] = said[open_rows]
    placed.reason[here] = -1
    return left[~hit]


def _distinct(
    columns: Sequence[pd.Categorical], rows: np.ndarray
) -> tuple[list[list[object]], np.ndarray]:
    """Return the distinct combinations of texts, column by column, and each row's place."""
    code = np.zeros(len(rows), dtype=np.int64)
    for column in columns:
        code = code * (len(column.categories) + 1) + column.codes[rows] + 1
    inverse, used = pd.factorize(code)
    texts: list[list[object]] = []
    for column in reversed(columns):
        one = used % (len(column.categories) + 1) - 1
        names = [*column.categories, None]
        texts.append([names[place] for place in one])
        used = used // (len(column.categories) + 1)
    return texts[::-1], inverse


def _by_grid_reference(texts: list[list[object]], ready: Ready) -> _Step:
    table = parse_grid_references(texts[0])
    east = table["easting"].to_numpy(dtype=float, copy=True)
    north = table["northing"].to_numpy(dtype=float, copy=True)
    system = table["system"].to_numpy(dtype=object)
    for one in set(system[np.isfinite(east)]):
        own = system == one
        east[own], north[own] = crs.project(east[own], north[own], source=one, target=ready.crs)
    known = np.isfinite(east) & np.isfinite(north)
    size = len(east)
    points = Points(
        np.arange(size),
        east,
        north,
        table["precision"].to_numpy(dtype=float),
        np.zeros(size, dtype=bool),
        [str(one) for one in texts[0]],
    )
    problem = table["problem"].notna() & (table["problem"] != NO_REFERENCE)
    return _Step(np.where(known, np.arange(size), -1), points, np.where(problem, BAD_REFERENCE, -1))


def _by_uprn(texts: list[list[object]], ready: Ready) -> _Step | None:
    if ready.uprns is None:
        return None
    wanted = [_as_number(text) for text in texts[0]]
    key = np.array([-1 if one is None else one for one in wanted], dtype=np.int64)
    at = _search(ready.uprns.key, key)
    given = np.array([text is not None for text in texts[0]])
    return _Step(at, ready.uprns, np.where(given, UNKNOWN_UPRN, -1))


def _as_number(text: object) -> int | None:
    told = re.fullmatch(r"\s*0*(\d{1,12})(?:\.0)?\s*", str(text))
    return int(told[1]) if told else None


def _search(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the place of each wanted key among sorted ones, -1 for none."""
    if not len(keys):
        return np.full(len(wanted), -1)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)


def _by_postcode(texts: list[list[object]], ready: Ready) -> _Step | None:
    if ready.postcodes is None:
        return None
    table = normalise_postcodes(texts[0])
    level = table["level"].to_numpy(dtype=object)
    unit = level == "unit"
    at = np.full(len(table), -1)
    at[unit] = _search(ready.postcodes.key, postcode_key(table["postcode"][unit]))
    problem = table["problem"].notna().to_numpy() & (table["problem"] != NO_POSTCODE).to_numpy()
    reason = np.where(problem, BAD_POSTCODE, np.where(unit & (at < 0), UNKNOWN_POSTCODE, -1))
    return _Step(at, ready.postcodes, reason, mended=table["mended"].to_numpy(dtype=bool))


def _by_postcode_in_address(texts: list[list[object]], ready: Ready) -> _Step | None:
    """Look up the postcode at the end of an address; one that is not known says nothing."""
    found = [_AT_END.search(str(text)) if text is not None else None for text in texts[0]]
    if not any(found):
        return None
    step = _by_postcode([[None if one is None else one[0] for one in found]], ready)
    return None if step is None else dataclasses.replace(step, reason=np.full(len(found), -1))


def _by_parent(level: str) -> Callable[[list[list[object]], Ready], _Step | None]:
    def by_parent(texts: list[list[object]], ready: Ready) -> _Step | None:
        points = ready.parents.get(level)
        if points is None:
            return None
        place = {label: at for at, label in enumerate(points.label)}
        table = normalise_postcodes(texts[0])
        parts = zip(table["postcode"], table["level"], strict=True)
        at = np.array([place.get(_parent(*one, level), -1) for one in parts])
        return _Step(at, points, np.full(len(at), -1))

    return by_parent


def _parent(postcode: object, own: object, level: str) -> str:
    """Return the sector or district that a postcode lies in, "" where it is no part of one."""
    if not isinstance(postcode, str):
        return ""
    sector = postcode[:-2] if own == "unit" else postcode if own == "sector" else ""
    if level == "sector":
        return sector
    return sector[:-2] if sector else postcode


def _by_area_code(texts: list[list[object]], ready: Ready) -> _Step | None:
    if ready.codes is None:
        return None
    place = {label.upper(): at for at, label in enumerate(ready.codes.label)}
    given = [str(text).strip().upper() if text is not None else "" for text in texts[0]]
    at = np.array([place.get(one, -1) for one in given])
    return _Step(at, ready.codes, np.where([bool(one) for one in given], NO_AREA, -1))


def _by_name(which: str, *, similar: bool) -> Callable[[list[list[object]], Ready], _Step | None]:
    def by_name(texts: list[list[object]], ready: Ready) -> _Step | None:
        names: Names | None = getattr(ready, which)
        if names is None:
            return None
        answers = [
            _look_up(text, where, names, ready, (which, similar))
            for text, where in zip(*texts, strict=True)
        ]
        at, outcome, score = (np.array(one) for one in zip(*answers, strict=True))
        reason = np.full(len(at), -1)
        unknown = NO_PLACE if which == "places" else -1
        reason[outcome == UNKNOWN] = unknown
        reason[outcome == AMBIGUOUS] = TWO_PLACES
        size = len(names.names)
        points = Points(
            np.arange(size), names.easting, names.northing, names.precision,
            np.zeros(size, dtype=bool), names.shown,
        )  # fmt: skip
        return _Step(at.astype(int), points, reason, score=score)

    return by_name


def _look_up(
    text: object, where: object, names: Names, ready: Ready, which: tuple[str, bool]
) -> tuple[int, int, float]:
    """Look one name up, or the parts of an address; answers are kept for rows to come."""
    key = (f"{which[0]} {which[1]}", "" if text is None else str(text), str(where or ""))
    if key not in ready.known:
        if len(ready.known) >= MOST_KNOWN:
            ready.known.clear()
        ready.known[key] = _ask(text, where, names, ready, similar=which[1])
    return ready.known[key]


def _ask(
    text: object, where: object, names: Names, ready: Ready, *, similar: bool
) -> tuple[int, int, float]:
    parts = address_parts(text)
    if not parts:
        return -1, NOTHING, np.nan
    worst: tuple[int, int, float] = (-1, UNKNOWN, np.nan)
    for part in parts:
        if similar:
            ladder = ready.ladder
            found = find_similar([part], [where], names, cutoff=ladder.cutoff, margin=ladder.margin)
        else:
            found = find_same([part], [where], names)
        answer = int(found.entry[0]), int(found.outcome[0]), float(found.score[0])
        if answer[1] == KNOWN:
            return answer
        if answer[1] == AMBIGUOUS:
            worst = answer
            break  # a coarser part of the address must not settle what a finer one leaves open
    return worst


def address_parts(text: object) -> list[str]:
    """Split an address into the names to look for: as it stands, then part by part.

    Examples
    --------
    >>> address_parts("12a High St, Southampton SO14 7LW")
    ['12a High St, Southampton SO14 7LW', 'High St']
    >>> address_parts("On or near Parking Area"), address_parts("No Location")
    (['On or near Parking Area'], [])
    """
    if text is None or not plain_name(text):
        return []
    whole = str(text)
    parts = [_NUMBER.sub("", one) for one in whole.split(",")]
    # The last part of an address is its town, which is no place for an incident.
    finer = parts[:-1] if len(parts) > 1 else parts
    some = [whole, *(one.strip() for one in finer)]
    return list(dict.fromkeys(one for one in some if plain_name(one)))


def _by_hook(texts: list[list[object]], ready: Ready) -> _Step | None:
    hook = ready.ladder.hook
    if hook is None:
        return None
    wanted = [str(one) for one in texts[0] if plain_name(one)]
    answer = hook(wanted)
    check_columns(answer, ["text", "easting", "northing", "precision"], what="Answers of the hook")
    if answer["text"].duplicated().any() or not set(answer["text"]) <= set(wanted):
        raise InputError("the hook must give each text that it was asked for once at most")
    east, north = crs.project(
        answer["easting"].to_numpy(dtype=float),
        answer["northing"].to_numpy(dtype=float),
        source=answer.attrs.get("crs") or crs.METRIC,
        target=ready.crs,
    )
    good = np.isfinite(east) & np.isfinite(north)
    points = Points(
        np.arange(len(answer)), east, north, answer["precision"].to_numpy(dtype=float),
        np.zeros(len(answer), dtype=bool), answer["text"].tolist(),
    )  # fmt: skip
    place = {text: at for at, text in enumerate(answer["text"]) if good[at]}
    at = np.array([place.get(str(text), -1) for text in texts[0]])
    return _Step(at, points, np.full(len(at), -1))


_Way = Callable[[list[list[object]], Ready], _Step | None]
_NAMED = ("place", "district")
_GIVEN = ("area_given", "district")
_STEPS: dict[str, tuple[tuple[tuple[str, ...], _Way], ...]] = {
    "grid reference": ((("grid_reference",), _by_grid_reference),),
    "UPRN": ((("uprn",), _by_uprn),),
    "postcode": ((("postcode",), _by_postcode), (("place",), _by_postcode_in_address)),
    "reviewed name": ((_NAMED, _by_name("reviewed", similar=False)),),
    "place name": ((_NAMED, _by_name("places", similar=False)),),
    "area code": ((("area_given",), _by_area_code),),
    "similar place name": ((_NAMED, _by_name("places", similar=True)),),
    "postcode sector": ((("postcode",), _by_parent("sector")),),
    "area name": tuple(
        (names, _by_name("area_names", similar=False)) for names in (_GIVEN, _NAMED)
    ),
    "similar area name": tuple(
        (names, _by_name("area_names", similar=True)) for names in (_GIVEN, _NAMED)
    ),
    "postcode district": ((("postcode",), _by_parent("district")),),
    "own geocoder": ((("place",), _by_hook),),
}
"""The columns each rung goes by, in turn, and how."""

"""One function from a piece of a file to what is kept of it: tallies that add up, and IDs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geoprofiles.areas.index import AreaIndex
from geoprofiles.areas.tally import fold, group, months_of
from geoprofiles.frames import RUNGS, UNLOCATED_REASONS, WHOLE_AREA_RUNGS, Areas
from geoprofiles.geocoding.climb import CARRIED as PLACED_BY
from geoprofiles.geocoding.climb import climb
from geoprofiles.geocoding.ladder import Ready
from geoprofiles.read.coordinates import OUT_OF_RANGE, Located, to_metres
from geoprofiles.read.pieces import REFUSED_REASONS, REPEATED_ID, Piece, stated_category
from geoprofiles.read.repeats import row_hashes
from geoprofiles.read.scan import Numbered
from geoprofiles.reduction.coded import FIRST_REFUSED, REASONS, Coded, add_coded, no_points
from geoprofiles.reduction.ids import ID


@dataclass(frozen=True)
class Wanted:
    """What files are reduced to."""

    areas: Mapping[str, Areas]
    indexes: Mapping[str, AreaIndex]
    crs: str
    places: bool = True
    keep_repeats: bool = False
    ladder: Ready | None = None
    """What rows without coordinates are placed by."""


@dataclass
class Reduced:
    """What is kept of a piece, or of a file."""

    tallies: dict[str, Coded]
    """By kind of area: ``area``, ``month``, ``category``, ``why``."""
    places: Coded | None
    rows: int
    ids: np.ndarray
    categories: list[str]
    """What the numbers in ``ids["category"]`` stand for."""
    near: tuple[int, int, int] = (0, 0, 0)
    """Located rows; those within the areas' box; those within it if turned round."""
    hashes: dict[int, np.ndarray] = field(default_factory=dict)
    """By month, a hash of each row; only where a file of the same name is given too."""
    units: dict[int, int] = field(default_factory=dict)
    """By month, rows that are not refused."""
    placed: Counter[str] = field(default_factory=Counter)
    """Rows by the rung that placed them, of those that are not refused; only with a ladder."""


def reduce_piece(numbered: Numbered, wanted: Wanted, *, hashed: bool = False) -> Reduced:
    """Reduce a piece of a file.

    Parameters
    ----------
    numbered : Numbered
        The piece.
    wanted : Wanted
        The areas and what else is wanted.
    hashed : bool
        Whether rows are to be compared with those of a file of the same name.
    """
    piece = numbered.piece
    spots = _spots(piece, wanted)
    point, east, north, unlocated = spots.of_row, spots.east, spots.north, spots.unlocated
    month = months_of(piece.columns["month"])
    refused = piece.refused.copy()
    category = _category(piece)
    ids = _ids(piece, month, category, refused, keep=wanted.keep_repeats)
    ids["easting"], ids["northing"] = east[point[ids["row"]]], north[point[ids["row"]]]
    ids["unlocated"], ids["whole"] = unlocated[ids["row"]], spots.whole[point[ids["row"]]]
    why = np.where(refused == -1, unlocated, refused + FIRST_REFUSED)
    coded = category.codes.astype(np.int64)
    head, _, rows = group(
        point, month, coded, why,
        sizes=[len(east), int(month.max(initial=0)) + 1, len(category.categories), len(REASONS)],
    )  # fmt: skip
    point_of, codes = point[head], np.array([month[head], coded[head], why[head]], dtype=np.int32)
    nowhere = np.isnan(east)
    tallies = {}
    for kind, one in wanted.areas.items():
        area = wanted.indexes[kind].locate(east, north)
        area[area < 0] = len(one)
        area[nowhere] = len(one) + 1
        codes_of = np.concatenate([area[point_of][None], codes])
        tallies[kind] = add_coded([Coded(codes_of, rows, no_points(len(rows)))])
    places = None
    if wanted.places:
        keep = (why[head] < 0) & ~nowhere[point_of] & ~spots.whole[point_of]
        points = np.array([east[point_of], north[point_of]])
        places = Coded(codes[:2], rows, points).where(keep)
    open_rows = (refused == -1) | (refused == REFUSED_REASONS.index(REPEATED_ID))
    return Reduced(
        tallies,
        places,
        len(refused),
        ids,
        [str(name) for name in category.categories],
        _near(east, north, np.bincount(point, minlength=len(east)), wanted),
        _hashes(piece, category, east[point], north[point], month, open_rows) if hashed else {},
        _number_by(month[open_rows]) if numbered.street else {},
        spots.placed,
    )


@dataclass
class _Spots:
    """The distinct points of a piece, in metres, and which of them each row lies on."""

    of_row: np.ndarray
    east: np.ndarray
    north: np.ndarray
    whole: np.ndarray
    """Whether a point stands for a whole area."""
    unlocated: np.ndarray
    """For each row the place of the reason in `UNLOCATED_REASONS`, -1 where it is located."""
    placed: Counter[str]


def _spots(piece: Piece, wanted: Wanted) -> _Spots:
    first, point = fold(piece.located.x, piece.located.y)
    some = piece.located
    distinct = Located(some.x[first], some.y[first], some.reason[first], some.source_crs, [])
    known = distinct.reason.copy()
    east, north = to_metres(distinct, wanted.crs)
    lost = distinct.reason != known
    unlocated = np.where(lost[point], UNLOCATED_REASONS.index(OUT_OF_RANGE), some.reason)
    spots = _Spots(point, east, north, np.zeros(len(east), dtype=bool), unlocated, Counter())
    if wanted.ladder is not None:
        _climb(piece, wanted.ladder, spots)
    return spots


def _climb(piece: Piece, ladder: Ready, spots: _Spots) -> None:
    """Place the rows that have no coordinates; their points follow those of the others."""
    open_rows = piece.refused == -1
    rows = np.flatnonzero((spots.unlocated >= 0) & open_rows)
    texts = {name: piece.columns[name] for name in PLACED_BY if name in piece.columns}
    placed = climb(texts, rows, ladder)
    hit = placed.rung >= 0
    said = np.where(placed.reason >= 0, placed.reason, spots.unlocated[rows])
    spots.unlocated[rows] = np.where(hit, -1, said)
    numbers = np.bincount(placed.rung[hit], minlength=len(RUNGS))
    spots.placed.update({rung: int(n) for rung, n in zip(RUNGS, numbers, strict=True) if n})
    spots.placed[RUNGS[0]] += int(open_rows.sum()) - len(rows)
    spots.placed.update(placed.remarks)
    spots.placed["rows"] += int(open_rows.sum())
    whole = np.isin(placed.rung[hit], [RUNGS.index(one) for one in WHOLE_AREA_RUNGS])
    # A point that stands for an area is kept apart from the same point given exactly.
    x, y = placed.easting[hit], placed.northing[hit]
    point = fold(x, y)[1]
    first, point, _ = group(point, whole.astype(np.int64), sizes=[len(x) + 1, 2])
    spots.of_row[rows[hit]] = len(spots.east) + point
    spots.east = np.concatenate([spots.east, x[first]])
    spots.north = np.concatenate([spots.north, y[first]])
    spots.whole = np.concatenate([spots.whole, whole[first]])


def _category(piece: Piece) -> pd.Categorical:
    rows = len(piece.refused)
    given = piece.columns.get("category")
    if given is None:
        empty = pd.Index([], dtype=object)
        given = pd.Categorical.from_codes(np.full(rows, -1), categories=empty)
    return stated_category(pd.Series(given), piece.refused).array


def _ids(
    piece: Piece, month: np.ndarray, category: pd.Categorical, refused: np.ndarray, *, keep: bool
) -> np.ndarray:
    """List the rows with an ID; one that comes again in its month is refused at once.

    So a column that says the same in every row takes no memory. Rows refused here are listed
    once for each ID, month and category, for the sentence on them.
    """
    given = piece.columns.get("incident_id")
    if given is None:
        return np.empty(0, dtype=ID)
    at = np.flatnonzero(given.present & (refused == -1))
    ids = np.zeros(len(at), dtype=ID)
    ids["key"], ids["more"] = given.values[at].T
    ids["row"], ids["month"], ids["category"] = at, month[at], category.codes[at]
    key = np.sort(ids["key"])
    if not (key[1:] == key[:-1]).any():
        return ids
    order = np.lexsort((ids["row"], ids["month"], ids["key"]))
    sorted_ids = ids[order]
    same = np.append(False, _equal(sorted_ids, "key", "more", "month"))
    if not same.any():
        return ids
    again = np.zeros(len(at), dtype=bool)
    again[order] = same
    if not keep:
        refused[at[again]] = REFUSED_REASONS.index(REPEATED_ID)
    twice = np.flatnonzero(again)
    number = pd.factorize(ids["key"][twice])[0]
    codes = category.codes[at[twice]].astype(np.int64)
    sizes = [len(twice), int(month.max()) + 1, len(category.categories)]
    head, _, rows = group(number, ids["month"][twice].astype(np.int64), codes, sizes=sizes)
    ids["marked"][twice[head]] = rows
    return ids[np.sort(np.concatenate([np.flatnonzero(~again), twice[head]]))]


def _equal(ids: np.ndarray, *names: str) -> np.ndarray:
    """Tell which rows are equal to the one before."""
    return np.logical_and.reduce([ids[name][1:] == ids[name][:-1] for name in names])


def _near(x: np.ndarray, y: np.ndarray, rows: np.ndarray, wanted: Wanted) -> tuple[int, int, int]:
    west, south, east, north = next(iter(wanted.areas.values())).total_bounds
    there = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    turned = (y >= west) & (y <= east) & (x >= south) & (x <= north)
    return int(rows[~np.isnan(x)].sum()), int(rows[there].sum()), int(rows[turned].sum())


def _hashes(
    piece: Piece,
    category: pd.Categorical,
    east: np.ndarray,
    north: np.ndarray,
    month: np.ndarray,
    usable: np.ndarray,
) -> dict[int, np.ndarray]:
    columns = {"category": category, "easting": east, "northing": north}
    columns |= {n: piece.columns[n] for n in ("area_given", "place") if n in piece.columns}
    hashes = row_hashes(pd.DataFrame(columns))
    held = np.unique(month[usable])
    return {int(one): hashes[usable & (month == one)] for one in held}


def _number_by(months: np.ndarray) -> dict[int, int]:
    held, number = np.unique(months, return_counts=True)
    return dict(zip(held.tolist(), number.tolist(), strict=True))

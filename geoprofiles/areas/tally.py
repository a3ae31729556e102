"""The additive reduction: from a batch of incidents to small tables that add up.

Everything above locating works on two of them: the tally, rows by area, month, category and
fate; and the places, incidents by distinct point, month and category. A batch of incidents is
reduced to both; those of several batches are added, in any order, and the sum is that of the
whole. So memory is needed for areas and distinct places, not for incidents.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from geoprofiles.areas.index import AreaIndex
from geoprofiles.areas.locate import locate_points
from geoprofiles.errors import InputError
from geoprofiles.frames import (
    FATES,
    OUTSIDE,
    PLACE_TALLY_COLUMNS,
    UNLOCATED,
    WHOLE_AREA_RUNGS,
    Areas,
    Incidents,
    PlaceTally,
    Tally,
    check_columns,
)

MOST_PLACES = 1_000_000
"""Rows of places from which points are rounded, first to whole metres, then to 10 and so on."""


def group(*codes: np.ndarray, sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Group rows by several columns of codes, -1 being a code like any other.

    Returns
    -------
    first : array of int
        A row of each group.
    group : array of int
        The group of each row.
    rows : array of int
        The number of rows of each group.
    """
    key = np.zeros(len(codes[0]), dtype=np.int64)
    span = 1
    for code, size in zip(codes, sizes, strict=True):
        key *= size + 1
        key += code
        key += 1
        span *= size + 1
    if span >= 2**62:
        raise InputError("there are too many places, months and categories to group at once")
    if span <= 4 * len(key) + 1024:
        number = np.bincount(key, minlength=span)
        held = np.flatnonzero(number)
        place = np.empty(span, dtype=np.int64)
        place[held] = np.arange(len(held))
        owner = place[key]
        rows = number[held]
    else:
        owner, held = pd.factorize(key)
        rows = np.bincount(owner, minlength=len(held))
    first = np.empty(len(rows), dtype=np.int64)
    first[owner] = np.arange(len(owner))
    return first, owner, rows


def fold(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fold points to distinct ones: a row of each, and which of them each row is.

    Examples
    --------
    >>> first, place = fold(np.array([5.0, 1.0, 5.0]), np.array([2.0, 2.0, 2.0]))
    >>> place.tolist()
    [0, 1, 0]
    """
    bits_x = np.ascontiguousarray(x + 0.0).view(np.uint64)
    bits_y = np.ascontiguousarray(y + 0.0).view(np.uint64)
    mixed = (bits_x ^ (bits_x >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= (bits_y + np.uint64(0x632BE59BD9B4E019)) * np.uint64(0xBF58476D1CE4E5B9)
    place, held = pd.factorize(mixed)
    first = np.empty(len(held), dtype=np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]
    if (bits_x[first][place] != bits_x).any() or (bits_y[first][place] != bits_y).any():
        # Two points with one hash, which chance hardly ever makes: sort instead.
        pairs = np.column_stack([bits_x, bits_y])
        _, first, place = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
        place = place.ravel()
    return first, place


def months_of(month: pd.Series | np.ndarray) -> np.ndarray:
    """Count months from January 1970; -1 where there is none."""
    number = np.asarray(month).astype("datetime64[M]").astype(np.int64)
    return np.where(np.isnat(np.asarray(month)), -1, number)


def tally_incidents(
    incidents: Incidents,
    areas: Mapping[str, Areas],
    *,
    indexes: Mapping[str, AreaIndex] | None = None,
    places: bool = True,
) -> tuple[Tally, PlaceTally | None]:
    """Reduce incidents to the two tables that add up.

    Parameters
    ----------
    incidents : DataFrame
        ``easting``, ``northing``, ``month``, ``category``; ``file``, ``unlocated`` and
        ``refused`` where there are such. A column ``rows`` says how many incidents a row
        stands for; 1 each where there is none.
    areas : mapping of str to GeoDataFrame
        Sets of areas under their kinds, in the metres of the incidents.
    indexes : mapping of str to AreaIndex, optional
        What :func:`build_index` made of them.
    places : bool
        Whether distinct places are wanted: hot spots need them, counts do not.

    Returns
    -------
    tally : DataFrame
        ``areas`` (the kind), ``area_code`` (or ``(outside)``, ``(unlocated)``), ``month``,
        ``category``, ``file``, ``fate``, ``reason``, ``rows``.
    places : DataFrame or None
        ``easting``, ``northing``, ``month``, ``category``, ``rows``: located, not refused, and
        not placed by a whole area (``located_by``).

    Raises
    ------
    CRSError
        If areas are not in metres.
    InputError
        If a column is missing.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> incidents = pd.DataFrame({"easting": [500.0, 500.0, 5e3], "northing": 500.0,
    ...     "month": pd.Timestamp("2026-06-01"), "category": "Theft"})
    >>> tally, places = tally_incidents(incidents, {"ward": areas})
    >>> tally[["area_code", "fate", "rows"]].to_dict("list")
    {'area_code': ['(outside)', 'A'], 'fate': ['outside', 'counted'], 'rows': [1, 2]}
    >>> places[["easting", "rows"]].to_dict("list")
    {'easting': [500.0, 5000.0], 'rows': [2, 1]}
    """
    check_columns(incidents, ["easting", "northing", "month", "category"], what="Incidents")
    folded = fold_incidents(incidents)
    x, y = folded["easting"].to_numpy(dtype=float), folded["northing"].to_numpy(dtype=float)
    first, point = fold(x, y)
    parts = []
    for kind, one in areas.items():
        index = None if indexes is None else indexes.get(kind)
        place = locate_points(x[first], y[first], one, index)[point]
        parts.append(_tally_of(folded, one.index, place, kind))
    return add_tallies(parts), places_of(folded) if places else None


def fold_incidents(incidents: Incidents) -> Incidents:
    """Make one row of incidents that are alike in all that is counted, with their number."""
    x = incidents["easting"].to_numpy(dtype=float, na_value=np.nan)
    y = incidents["northing"].to_numpy(dtype=float, na_value=np.nan)
    nowhere = np.isnan(x) | np.isnan(y)
    if nowhere.any():
        x, y = np.where(nowhere, np.nan, x), np.where(nowhere, np.nan, y)
    first, point = fold(x, y)
    month = months_of(incidents["month"].to_numpy(dtype="datetime64[s]"))
    columns = {
        name: coded(incidents, name)
        for name in ("category", "file", "unlocated", "refused", "located_by")
    }
    since = month[month >= 0].min(initial=2**30)
    codes = [point, np.where(month < 0, -1, month - since)]
    sizes = [len(first), int(max(codes[1].max(initial=0), 0)) + 1]
    for column in columns.values():
        codes.append(column.codes.astype(np.int64))
        sizes.append(len(column.categories))
    head, owner, rows = group(*codes, sizes=sizes)
    if "rows" in incidents:
        weight = incidents["rows"].to_numpy(dtype=np.int64)
        rows = np.zeros(len(rows), dtype=np.int64)
        np.add.at(rows, owner, weight)
    at = first[point[head]]
    return pd.DataFrame(
        {
            "easting": x[at],
            "northing": y[at],
            "month": incidents["month"].to_numpy(dtype="datetime64[s]")[head],
            **{name: column[head] for name, column in columns.items()},
            "rows": rows.astype(np.int64),
        }
    )


def coded(frame: pd.DataFrame, name: str) -> pd.Categorical:
    """Return a column as a category; one that is absent holds nothing."""
    if name not in frame:
        empty = pd.Index([], dtype=object)
        return pd.Categorical.from_codes(np.full(len(frame), -1), categories=empty)
    values = frame[name]
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.array
    return pd.Categorical(values.astype(object).where(values.notna(), None))


def _tally_of(folded: pd.DataFrame, codes: pd.Index, place: np.ndarray, kind: str) -> Tally:
    """Group folded incidents by area, month, category, file and fate."""
    refused, unlocated = folded["refused"].array, folded["unlocated"].array
    nowhere = np.isnan(folded["easting"].to_numpy())
    fate = np.select([refused.codes >= 0, nowhere, place < 0], [3, 2, 1], 0)
    reasons = [*refused.categories, *unlocated.categories]
    reason = np.where(fate == 3, refused.codes, -1)
    reason = np.where(
        (fate == 2) & (unlocated.codes >= 0), len(refused.categories) + unlocated.codes, reason
    )
    area = np.where(nowhere, len(codes) + 1, np.where(place < 0, len(codes), place))
    month = months_of(folded["month"].to_numpy())
    since = month[month >= 0].min(initial=2**30)
    late = np.where(month < 0, -1, month - since)
    category, file = folded["category"].array, folded["file"].array
    head, owner, _ = group(
        area, late, category.codes.astype(np.int64), file.codes.astype(np.int64), fate, reason,
        sizes=[len(codes) + 2, int(max(late.max(initial=0), 0)) + 1, len(category.categories),
               len(file.categories), len(FATES), len(reasons)],
    )  # fmt: skip
    rows = np.zeros(len(head), dtype=np.int64)
    np.add.at(rows, owner, folded["rows"].to_numpy())
    names = pd.Index([*codes.astype(object), OUTSIDE, UNLOCATED], dtype=object)
    return pd.DataFrame(
        {
            "areas": pd.Categorical.from_codes(np.zeros(len(head), dtype=int), categories=[kind]),
            "area_code": pd.Categorical.from_codes(area[head], categories=names),
            "month": folded["month"].to_numpy()[head],
            "category": category[head],
            "file": file[head],
            "fate": pd.Categorical.from_codes(fate[head], categories=list(FATES)),
            "reason": pd.Categorical.from_codes(reason[head], categories=_index(reasons)),
            "rows": rows,
        }
    )


def _index(values: Sequence[object]) -> pd.Index:
    return pd.Index(list(values), dtype=object)


def places_of(folded: Incidents) -> PlaceTally:
    """Return the places of folded incidents: located, not refused, not known to an area only."""
    keep = folded["refused"].isna() & folded["easting"].notna()
    keep &= ~folded["located_by"].isin(WHOLE_AREA_RUNGS)
    kept = folded.loc[keep, list(PLACE_TALLY_COLUMNS)]
    return add_tallies([kept])


def add_tallies(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add tables of one kind: tallies, or places. The order does not matter.

    Parameters
    ----------
    parts : sequence of DataFrame
        Tables with the same columns, the last of which is ``rows``.

    Returns
    -------
    DataFrame
        One row for each combination, in sorted order, with the sum of ``rows``; combinations
        that add up to none are left out.

    Raises
    ------
    InputError
        If there is no table, or their columns differ.

    Examples
    --------
    >>> import pandas as pd
    >>> one = pd.DataFrame({"area_code": ["A", "B"], "rows": [1, 2]})
    >>> add_tallies([one, one.iloc[:1]])["rows"].tolist()
    [2, 2]
    """
    if not parts:
        raise InputError("there is no table to add")
    names = list(parts[0].columns)
    if any(list(part.columns) != names for part in parts):
        raise InputError("tables with different columns cannot be added")
    columns: dict[str, object] = {}
    codes, sizes = [], []
    for name in names[:-1]:
        column = _joined([part[name] for part in parts])
        columns[name] = column
        code, size = _codes_of(column)
        codes.append(code)
        sizes.append(size)
    rows = np.concatenate([part["rows"].to_numpy(dtype=np.int64) for part in parts])
    if not len(rows):
        return parts[0].iloc[:0].reset_index(drop=True)
    head, owner = group_all(codes, sizes)
    total = np.zeros(len(head), dtype=np.int64)
    np.add.at(total, owner, rows)
    kept = np.flatnonzero(total)
    head = head[kept]
    table = {name: column[head] for name, column in columns.items()}  # type: ignore[index]
    return canonical(pd.DataFrame({**table, "rows": total[kept]}))


def group_all(codes: Sequence[np.ndarray], sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Group by any number of columns; return a row of each group, and the group of each row."""
    if math.prod(size + 1 for size in sizes) < 2**62:
        head, owner, _ = group(*codes, sizes=sizes)
        return head, owner
    # Two at a time, so that keys stay small.
    owner, size = codes[0], sizes[0]
    head = np.arange(len(owner))
    for code, width in zip(codes[1:], sizes[1:], strict=True):
        head, owner, rows = group(owner, code, sizes=[size, width])
        size = len(rows)
    return head, owner


def _joined(pieces: list[pd.Series]) -> object:
    if all(isinstance(piece.dtype, pd.CategoricalDtype) for piece in pieces):
        return union_categoricals([piece.array for piece in pieces])
    if any(
        isinstance(piece.dtype, pd.CategoricalDtype) or piece.dtype == object for piece in pieces
    ):
        return np.concatenate([piece.to_numpy(dtype=object) for piece in pieces])
    return np.concatenate([piece.to_numpy() for piece in pieces])


def _codes_of(column: object) -> tuple[np.ndarray, int]:
    if isinstance(column, pd.Categorical):
        return column.codes.astype(np.int64), len(column.categories)
    code, held = pd.factorize(column)
    return code.astype(np.int64), len(held)


def canonical(table: pd.DataFrame) -> pd.DataFrame:
    """Sort a table by its columns, and keep no category that it does not hold."""
    columns = {}
    for name in table.columns:
        values = table[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            array = values.array.remove_unused_categories()
            texts = sorted(array.categories, key=str)
            values = pd.Series(array.set_categories(_index(texts)))
        columns[name] = values.reset_index(drop=True)
    sorted_table = pd.DataFrame(columns)
    keys = [
        _codes_of(sorted_table[name].array)[0]
        if isinstance(sorted_table[name].dtype, pd.CategoricalDtype)
        else sorted_table[name].to_numpy()
        for name in sorted_table.columns[:-1]
    ]
    order = np.lexsort(keys[::-1])
    return sorted_table.iloc[order].reset_index(drop=True)


def rounded_places(places: PlaceTally, *, most: int = MOST_PLACES) -> tuple[PlaceTally, float]:
    """Round the points of places, where there are too many, until they are few enough.

    Points are taken down to whole metres, then to 10, 100 and so on: how far depends on
    the points alone, not on the batches they came in.

    Returns
    -------
    tuple of DataFrame and float
        The places, and the step in metres; 0 where nothing was rounded.

    Examples
    --------
    >>> import pandas as pd
    >>> places = pd.DataFrame({"easting": [0.25, 0.75, 7.0], "northing": 0.0,
    ...     "month": pd.Timestamp("2026-06-01"), "category": "Theft", "rows": 1})
    >>> rounded_places(places, most=2)[0]["easting"].tolist()
    [0.0, 7.0]
    """
    step = 0.0
    while _points(places) > most:
        step = step * 10 or 1.0
        at = {name: np.floor(places[name] / step) * step for name in ("easting", "northing")}
        places = add_tallies([places.assign(**at)])
    return places, step


def _points(places: PlaceTally) -> int:
    return len(fold(places["easting"].to_numpy(), places["northing"].to_numpy())[0])

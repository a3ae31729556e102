"""Place records by whatever they carry, and say of each by what, how exactly and how surely."""

from __future__ import annotations

import collections
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles import crs
from geoprofiles.checks import check_same_crs
from geoprofiles.frames import (
    RUNGS,
    UNLOCATED_REASONS,
    WHOLE_AREA_RUNGS,
    Areas,
    Incidents,
    check_columns,
    incidents_crs,
)
from geoprofiles.geocoding.climb import CARRIED, ENDED, MENDED, Placed, climb
from geoprofiles.geocoding.ladder import Ladder, Ready, make_ready
from geoprofiles.words import listed, rows_are

_NO_COORDINATES = UNLOCATED_REASONS.index("no coordinates")


def geocode(records: Incidents, ladder: Ladder, *, system: Any = None) -> Incidents:
    """Place records by coordinates, codes, postcodes and names, from the finest to the coarsest.

    Each record is placed by the first rung of the ladder that knows it. Nothing is guessed: a
    name that several places bear, or a similar name that is not clearly the best, places
    nothing and comes on the list of :func:`review_list`.

    Parameters
    ----------
    records : DataFrame
        Any of ``easting`` and ``northing`` (metres), ``grid_reference``, ``uprn``, ``postcode``,
        ``place``, ``area_given`` and ``district``; as ``read_incidents`` gives them. Rows with a
        reason in ``refused`` are left as they are.
    ladder : Ladder
        What to place by.
    system : anything pyproj.CRS understands, optional
        The metres of the answer; those in ``attrs["crs"]``, else EPSG:27700, where not said.

    Returns
    -------
    DataFrame
        A copy, same rows and index, with ``easting``, ``northing``; ``located_by`` (category, one
        of `RUNGS`, or NA); ``precision`` (metres, NaN for coordinates: theirs is not known);
        ``score`` (0 to 100; below 100 for similar names); ``matched`` (what it was matched to);
        ``unlocated`` (why there is no place, or NA). ``attrs["geocoding"]`` holds sentences.

    Raises
    ------
    InputError
        If there is nothing to go by, or the ladder is at fault.
    CRSError
        If `system` is not in metres.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> postcodes = pd.DataFrame({"postcode": ["SO14 7LW"], "easting": [441980.0],
    ...     "northing": [112100.0], "precision": [50.0]})
    >>> records = pd.DataFrame({"postcode": ["so147lw", "SO99 9ZZ"],
    ...     "grid_reference": [None, "SU 419 121"]})
    >>> ladder = geoprofiles.Ladder(postcodes=postcodes)
    >>> located = geoprofiles.geocode(records, ladder)
    >>> located["located_by"].tolist(), located["easting"].tolist()
    (['postcode', 'grid reference'], [441980.0, 441950.0])
    """
    system = system or incidents_crs(records) or crs.METRIC
    ready = make_ready(ladder, system)
    return geocode_with(records, ready)


def geocode_with(records: Incidents, ready: Ready) -> Incidents:
    """Place records by a ladder that was made ready; see :func:`geocode`."""
    columns = text_columns(records)
    if not columns and "easting" not in records:
        check_columns(records, ["easting", "northing"], what="Records")
    size = len(records)
    east, north = (_floats(records, name, size) for name in ("easting", "northing"))
    refused = (
        records["refused"].notna().to_numpy() if "refused" in records else np.zeros(size, bool)
    )
    known = np.isfinite(east) & np.isfinite(north) & ~refused
    if "coordinates" not in ready.ladder.rungs:
        known[:] = False
        east[~refused], north[~refused] = np.nan, np.nan
    rows = np.flatnonzero(~known & ~refused)
    placed = climb(columns, rows, ready)
    hit = placed.rung >= 0
    east[rows[hit]], north[rows[hit]] = placed.easting[hit], placed.northing[hit]
    rung = np.full(size, -1, dtype=np.int8)
    rung[known] = RUNGS.index("coordinates")
    rung[rows] = placed.rung
    result = pd.DataFrame(records).assign(
        easting=east,
        northing=north,
        unlocated=_reasons(records, rows, placed, known | refused),
        located_by=_coded(rung, RUNGS),
        precision=_spread(placed.precision, rows, size),
        score=np.where(known, 100.0, _spread(placed.score, rows, size)),
        matched=_matched(placed, rows, size),
    )
    result.attrs = {
        **records.attrs,
        "crs": ready.crs,
        "geocoding": ladder_sentences(
            collections.Counter(result["located_by"].dropna().astype(str)),
            int((~refused).sum()),
            placed.remarks,
        ),
    }
    return result


def text_columns(records: pd.DataFrame) -> dict[str, pd.Categorical]:
    """Return the columns that records may be placed by, as categories of text."""
    columns = {}
    for name in CARRIED:
        if name in records:
            column = records[name]
            if not isinstance(column.dtype, pd.CategoricalDtype):
                texts = column.astype(object).where(column.notna(), None)
                column = texts.map(lambda one: one if one is None else str(one)).astype("category")
            columns[name] = pd.Categorical(column)
    return columns


def _floats(records: pd.DataFrame, name: str, size: int) -> np.ndarray:
    if name not in records:
        return np.full(size, np.nan)
    return records[name].to_numpy(dtype=float, na_value=np.nan).copy()


def _spread(values: np.ndarray, rows: np.ndarray, size: int) -> np.ndarray:
    whole = np.full(size, np.nan)
    whole[rows] = values
    return whole


def _coded(codes: np.ndarray, names: tuple[str, ...]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(names), dtype=object))


def _matched(placed: Placed, rows: np.ndarray, size: int) -> np.ndarray:
    labels = np.array([*placed.labels, None], dtype=object)
    whole = np.full(size, None, dtype=object)
    whole[rows] = labels[placed.entry]
    return whole


def _reasons(
    records: pd.DataFrame, rows: np.ndarray, placed: Placed, fine: np.ndarray
) -> pd.Categorical:
    """Say why rows have no place: what the ladder says, else what their coordinates do."""
    code = np.full(len(records), _NO_COORDINATES, dtype=np.int8)
    if "unlocated" in records:
        place = {name: at for at, name in enumerate(UNLOCATED_REASONS)}
        before = records["unlocated"].astype(object).map(place)
        code = np.where(before.notna(), before.fillna(0), code).astype(np.int8)
    code[rows] = np.where(placed.reason >= 0, placed.reason, code[rows])
    code[rows[placed.rung >= 0]] = -1
    code[fine] = -1
    return _coded(code, UNLOCATED_REASONS)


def ladder_sentences(
    rungs: Mapping[str, int], rows: int, remarks: Mapping[str, int] | None = None
) -> list[str]:
    """Say in words how many rows were placed by what.

    Examples
    --------
    >>> ladder_sentences({"coordinates": 90, "postcode": 6, "area code": 2}, 100)[0]
    'Of 100 rows 98.0% were placed: 90 by coordinates, 6 by postcode and 2 by area code.'
    """
    if not rows:
        return []
    some = [(rung, rungs[rung]) for rung in RUNGS if rungs.get(rung)]
    share = sum(number for _, number in some) / rows
    by = listed([f"{number:,} by {rung}" for rung, number in some], most=len(RUNGS))
    sentences = [f"Of {rows:,} rows {share:.1%} were placed{': ' + by if some else ''}."]
    whole = sum(number for rung, number in some if rung in WHOLE_AREA_RUNGS)
    if whole:
        sentences.append(
            f"{rows_are(whole)} known only to an area, by the middle of its homes: counted there,"
            " and left out of hot spots."
        )
    for key, words in (
        (MENDED, "placed by a postcode with a letter for a figure, or a figure for a letter"),
        (ENDED, "placed where a postcode was that is no longer in use"),
    ):
        if (remarks or {}).get(key):
            sentences.append(f"{rows_are((remarks or {})[key])} {words}.")
    return sentences


def match_rates(located: Incidents) -> pd.DataFrame:
    """Count by what records were placed, and why others were not.

    Parameters
    ----------
    located : DataFrame
        As :func:`geocode` gives it.

    Returns
    -------
    DataFrame
        One row for each rung that placed a record and each reason why one was not placed:
        ``outcome`` (``"located"`` or ``"unlocated"``), ``by`` (the rung or the reason), ``rows``,
        ``share`` (of all rows that are not refused, 0 to 1), ``precision`` (median, metres) and
        ``score`` (lowest).

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> records = pd.DataFrame({"grid_reference": ["SU 419 121", "SU 4"]})
    >>> located = geoprofiles.geocode(records, geoprofiles.Ladder())
    >>> geoprofiles.match_rates(located)[["by", "rows", "share"]].values.tolist()
    [['grid reference', 1, 0.5], ['grid reference not readable', 1, 0.5]]
    """
    check_columns(located, ["located_by", "unlocated", "precision", "score"], what="Records")
    some = located[located["refused"].isna()] if "refused" in located else located
    parts = []
    for outcome, name in (("located", "located_by"), ("unlocated", "unlocated")):
        by = some.groupby(name, observed=True, sort=True)
        parts.append(
            pd.DataFrame(
                {
                    "outcome": outcome,
                    "by": by.size().index.astype(object),
                    "rows": by.size().to_numpy(),
                    "share": by.size().to_numpy() / max(len(some), 1),
                    "precision": by["precision"].median().to_numpy(),
                    "score": by["score"].min().to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def geocoding_accuracy(
    records: Incidents, ladder: Ladder, areas: Areas, *, system: Any = None
) -> pd.DataFrame:
    """Test a ladder on records whose place is known: hide it, place them, and compare.

    Each rung is tried alone, then the whole ladder. The truth is the area that holds the
    coordinates.

    Parameters
    ----------
    records : DataFrame
        As for :func:`geocode`, with ``easting`` and ``northing``; rows without them, or outside
        all areas, are left out.
    ladder : Ladder
        What to test.
    areas : GeoDataFrame
        The areas that rows are wanted in.
    system : anything pyproj.CRS understands, optional
        The metres of the records; those in ``attrs["crs"]`` where not said.

    Returns
    -------
    DataFrame
        For each rung that places any: ``rung``, ``rows`` (whose place is known), ``placed``,
        ``right`` (in the right area), ``share_placed`` and ``share_right`` (of those placed, 0 to
        1), ``median_error`` and ``error_95`` (metres). The last row is the ``whole ladder``.

    Raises
    ------
    CRSError
        If records and areas are in different metres.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill", "Quay"]},
    ...     geometry=[box(4e5, 1e5, 401e3, 101e3), box(401e3, 1e5, 402e3, 101e3)],
    ...     index=pd.Index(["A", "B"], name="area_code"), crs=27700)
    >>> records = pd.DataFrame({"easting": [400100.0, 401100.0], "northing": [100100.0] * 2,
    ...     "area_given": ["A", "A"]})
    >>> ladder = geoprofiles.Ladder(areas={"ward": areas})
    >>> geoprofiles.geocoding_accuracy(records, ladder, areas)[["rung", "right"]].values.tolist()
    [['area code', 1], ['whole ladder', 1]]
    """
    import dataclasses

    from geoprofiles.areas.locate import locate_points

    check_columns(records, ["easting", "northing"], what="Records")
    system = system or incidents_crs(records) or crs.METRIC
    check_same_crs(system, areas.crs, names=("Records", "Areas"))
    x, y = (records[name].to_numpy(dtype=float) for name in ("easting", "northing"))
    truth = locate_points(x, y, areas)
    keep = truth >= 0
    if "refused" in records:
        keep &= records["refused"].isna().to_numpy()
    columns = {name: one[keep] for name, one in text_columns(records).items()}
    x, y, truth = x[keep], y[keep], truth[keep]
    hidden = tuple(rung for rung in ladder.rungs if rung != "coordinates")
    ready = make_ready(dataclasses.replace(ladder, rungs=hidden), system)
    rows = []
    for rung in (*hidden, None):
        alone = ready.ladder if rung is None else dataclasses.replace(ladder, rungs=(rung,))
        placed = climb(columns, np.arange(len(x)), dataclasses.replace(ready, ladder=alone))
        hit = placed.rung >= 0
        if not hit.any():
            continue
        right = locate_points(placed.easting[hit], placed.northing[hit], areas) == truth[hit]
        away = np.hypot(placed.easting[hit] - x[hit], placed.northing[hit] - y[hit])
        rows.append(
            {
                "rung": rung or "whole ladder",
                "rows": len(x),
                "placed": int(hit.sum()),
                "right": int(right.sum()),
                "share_placed": float(hit.mean()),
                "share_right": float(right.mean()),
                "median_error": float(np.median(away)),
                "error_95": float(np.quantile(away, 0.95)),
            }
        )
    names = ["rung", "rows", "placed", "right", "share_placed", "share_right", "median_error"]
    return pd.DataFrame(rows, columns=[*names, "error_95"])

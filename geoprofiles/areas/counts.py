"""How many incidents in each area, month and category; and where every row ended."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import (
    FATES,
    OUTSIDE,
    TALLY_COLUMNS,
    UNLOCATED,
    Areas,
    Counts,
    Incidents,
    Tally,
    check_columns,
)


def count_by_area(
    incidents: Incidents,
    areas: Areas,
    *,
    code: str = "area_code",
    categories: Sequence[str] | None = None,
    months: Sequence[pd.Timestamp] | None = None,
) -> Counts:
    """Count located incidents by area, month and category.

    Parameters
    ----------
    incidents : DataFrame
        After :func:`locate`: ``month``, ``category``, coordinates and `code`. Rows with a reason
        in ``refused`` do not count.
    areas : GeoDataFrame
        The areas that were located in.
    code : str
        The column that holds the area codes.
    categories, months : sequence, optional
        What to count, and in which order; those that the data hold where not said. A month
        that the data do not hold is no zero: it is absent.

    Returns
    -------
    DataFrame
        Counts: ``area_code``, ``area_name``, ``month``, ``category``, ``count``, one row for each
        combination, zeros too, in the order of the areas; then ``(outside)`` and
        ``(unlocated)``. The counts add up to the rows that were not refused.

    Raises
    ------
    InputError
        If a column is missing, or a code is not one of the areas.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> incidents = pd.DataFrame({"easting": [500, 5000], "northing": [500, 500],
    ...     "month": pd.Timestamp("2026-06-01"), "category": "Theft"})
    >>> counts = geoprofiles.count_by_area(geoprofiles.locate(incidents, areas), areas)
    >>> counts[["area_code", "count"]].to_dict("list")
    {'area_code': ['A', '(outside)', '(unlocated)'], 'count': [1, 1, 0]}
    """
    check_columns(incidents, [code, "month", "category", "easting", "northing"], what="Incidents")
    counted = incidents[~_refused(incidents)]
    place = _place(counted, areas, code)
    month_of = pd.Index(sorted(counted["month"].unique()) if months is None else months)
    texts = counted["category"].astype(object)
    category_of = pd.Index(sorted(texts.dropna().unique()) if categories is None else categories)
    return _table(
        areas,
        place,
        month_of.get_indexer(counted["month"]),
        _codes(counted["category"], category_of),
        np.ones(len(counted), dtype=np.int64),
        month_of,
        category_of,
    )


def _table(
    areas: Areas,
    place: np.ndarray,
    month: np.ndarray,
    category: np.ndarray,
    rows: np.ndarray,
    month_of: pd.Index,
    category_of: pd.Index,
) -> Counts:
    """Lay out counts with every combination; `place` counts areas, then outside, unlocated."""
    places = [*areas.index.astype(object), OUTSIDE, UNLOCATED]
    names = [*areas["area_name"].astype(object), OUTSIDE, UNLOCATED]
    shape = (len(places), len(month_of), len(category_of))
    keep = (place >= 0) & (month >= 0) & (category >= 0)
    flat = np.ravel_multi_index((place[keep], month[keep], category[keep]), shape)
    counts = np.zeros(int(np.prod(shape)), dtype=np.int64)
    np.add.at(counts, flat, rows[keep])
    at = np.indices(shape).reshape(3, -1)
    return pd.DataFrame(
        {
            "area_code": np.array(places, dtype=object)[at[0]],
            "area_name": np.array(names, dtype=object)[at[0]],
            "month": month_of.to_numpy()[at[1]],
            "category": pd.Categorical.from_codes(at[2], categories=category_of),
            "count": counts,
        }
    )


def count_tally(
    tally: Tally,
    areas: Areas,
    *,
    kind: str = "area",
    categories: Sequence[str] | None = None,
    months: Sequence[pd.Timestamp] | None = None,
) -> Counts:
    """Turn a tally into counts by area, month and category, zeros included.

    Parameters
    ----------
    tally : DataFrame
        What :func:`tally_incidents` or :func:`tally_files` gives.
    areas : GeoDataFrame
        The areas of that kind.
    kind : str
        The kind of area to take.
    categories, months : sequence, optional
        As for :func:`count_by_area`.

    Returns
    -------
    DataFrame
        Counts, exactly as :func:`count_by_area` gives them for the same incidents.

    Raises
    ------
    InputError
        If a column is missing, or the tally holds no such kind or other areas.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> incidents = pd.DataFrame({"easting": [500, 5000], "northing": [500, 500],
    ...     "month": pd.Timestamp("2026-06-01"), "category": "Theft"})
    >>> tally, _ = geoprofiles.tally_incidents(incidents, {"area": areas})
    >>> count_tally(tally, areas)["count"].tolist()
    [1, 1, 0]
    """
    held = _of_kind(tally, kind)
    held = held[held["fate"] != "refused"]
    places = pd.Index([*areas.index.astype(object), OUTSIDE, UNLOCATED], dtype=object)
    place = _codes(held["area_code"], places)
    if (place < 0).any():
        first = held["area_code"].astype(object).to_numpy()[place < 0][0]
        raise InputError(
            f"the tally holds the area code '{first}', which is not one of the areas",
            remedy="Count with the areas that the tally was made with.",
        )
    present = sorted(held["month"].dropna().unique())
    month_of = pd.Index(present if months is None else months)
    texts = held["category"].astype(object).dropna()
    category_of = pd.Index(sorted(texts.unique()) if categories is None else categories)
    return _table(
        areas,
        place,
        month_of.get_indexer(held["month"]),
        _codes(held["category"], category_of),
        held["rows"].to_numpy(),
        month_of,
        category_of,
    )


def reconcile_tally(tally: Tally, *, kind: str = "area") -> pd.DataFrame:
    """Say where every row of a tally ended, as :func:`reconcile` does for incidents.

    Parameters
    ----------
    tally : DataFrame
        What :func:`tally_incidents` or :func:`tally_files` gives.
    kind : str
        The kind of area to take.

    Returns
    -------
    DataFrame
        ``file``, ``fate``, ``reason`` and ``rows``, as :func:`reconcile` has them.

    Raises
    ------
    InputError
        If a column is missing, or the tally holds no such kind.

    Examples
    --------
    >>> import pandas as pd
    >>> tally = pd.DataFrame({"areas": "area", "area_code": ["A", "(unlocated)"], "month": None,
    ...     "category": "Theft", "file": "a.csv", "fate": ["counted", "unlocated"],
    ...     "reason": [None, "no coordinates"], "rows": [5, 2]})
    >>> reconcile_tally(tally)[["fate", "reason", "rows"]].to_dict("list")
    {'fate': ['counted', 'unlocated'], 'reason': ['', 'no coordinates'], 'rows': [5, 2]}
    """
    held = _of_kind(tally, kind)
    names = ["file", "fate", "reason"]
    plain = {name: held[name].astype(object).where(held[name].notna(), "") for name in names}
    table = pd.DataFrame({**plain, "rows": held["rows"]})
    return _in_order(table.groupby(names, sort=False)["rows"].sum().reset_index())


def _of_kind(tally: Tally, kind: str) -> Tally:
    check_columns(tally, list(TALLY_COLUMNS), what="Tallies")
    held = tally[(tally["areas"] == kind).to_numpy()]
    if held.empty and len(tally):
        present = ", ".join(sorted(tally["areas"].astype(str).unique()))
        raise InputError(f"the tally holds no areas of the kind '{kind}'; it holds: {present}")
    return held


def reconcile(incidents: Incidents, *, code: str = "area_code") -> pd.DataFrame:
    """Say where every row ended: counted, outside, unlocated or refused, and why.

    Parameters
    ----------
    incidents : DataFrame
        After :func:`locate`.
    code : str
        The column that holds the area codes.

    Returns
    -------
    DataFrame
        ``file``, ``fate`` (one of `FATES`), ``reason`` (empty for counted and outside), ``rows``.
        The rows add up to the rows of `incidents`.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> incidents = pd.DataFrame({"easting": [1.0, None], "northing": [1.0, None],
    ...     "area_code": ["A", None], "unlocated": [None, "no coordinates"]})
    >>> reconcile(incidents)[["fate", "reason", "rows"]].to_dict("list")
    {'fate': ['counted', 'unlocated'], 'reason': ['', 'no coordinates'], 'rows': [1, 1]}
    """
    check_columns(incidents, [code, "easting", "northing"], what="Incidents")
    refused = _refused(incidents).to_numpy()
    placed = (incidents["easting"].notna() & incidents["northing"].notna()).to_numpy()
    inside = incidents[code].notna().to_numpy()
    fate = np.select([refused, ~placed, ~inside], ["refused", "unlocated", "outside"], "counted")
    reason = np.where(refused, _texts(incidents, "refused"), "")
    reason = np.where(fate == "unlocated", _texts(incidents, "unlocated"), reason)
    table = pd.DataFrame({"file": _texts(incidents, "file"), "fate": fate, "reason": reason})
    rows = table.groupby(["file", "fate", "reason"], sort=False).size().rename("rows").reset_index()
    return _in_order(rows)


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    order = rows["fate"].map({name: place for place, name in enumerate(FATES)})
    by = rows.assign(order=order).sort_values(["file", "order", "reason"], kind="stable")
    return by.drop(columns="order").reset_index(drop=True)


def _refused(incidents: Incidents) -> pd.Series:
    if "refused" in incidents:
        return incidents["refused"].notna()
    return pd.Series(False, index=incidents.index)


def _texts(incidents: Incidents, column: str) -> np.ndarray:
    if column not in incidents:
        return np.full(len(incidents), "", dtype=object)
    values = incidents[column]
    if isinstance(values.dtype, pd.CategoricalDtype):
        names = np.array([*values.cat.categories.astype(str), ""], dtype=object)
        return names[values.cat.codes.to_numpy()]  # the code of what is missing is -1
    return values.astype(object).where(values.notna(), "").to_numpy()


def _place(counted: Incidents, areas: Areas, code: str) -> np.ndarray:
    """Return the row of each incident in the areas, then outside, then unlocated."""
    place = _codes(counted[code], areas.index.astype(object))
    missing = counted[code].isna().to_numpy()
    unknown = (place < 0) & ~missing
    if unknown.any():
        first = counted[code].astype(object).to_numpy()[unknown][0]
        raise InputError(
            f"the area code '{first}' in '{code}' is not one of the areas",
            remedy="Count with the areas that the incidents were located in.",
        )
    placed = (counted["easting"].notna() & counted["northing"].notna()).to_numpy()
    return np.where(missing, np.where(placed, len(areas), len(areas) + 1), place)


def _codes(column: pd.Series, known: pd.Index) -> np.ndarray:
    """Return the place of each value in `known`, -1 for none; quick where it is a category."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        of_category = known.get_indexer(column.cat.categories.astype(object))
        codes = column.cat.codes.to_numpy()
        return np.where(codes < 0, -1, of_category[codes])
    return known.get_indexer(column.astype(object))

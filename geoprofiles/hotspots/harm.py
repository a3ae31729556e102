"""Harm on a map: places weighted by it, and how much of it one single incident brings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, UNLOCATED, Places, PlaceTally, check_columns
from geoprofiles.words import listed

RULED = 0.2
"""Part of the harm of a unit from which a single incident is said to rule it."""

WHOLE = "(whole map)"


def harm_places(tally: PlaceTally, weights: Mapping[str, float]) -> Places:
    """Weigh distinct places by the harm of their incidents, counts kept beside.

    Parameters
    ----------
    tally : DataFrame
        ``easting``, ``northing``, ``category`` and, where a row is several incidents, ``rows``, as
        in the places of :func:`tally_files`; rows without a location are left out.
    weights : mapping of str to float
        Category to its weight, as :func:`read_harm` reads it.

    Returns
    -------
    DataFrame
        ``easting``, ``northing``, ``count`` (harm: what methods weigh a place by), ``incidents``
        (how many there are). ``attrs["crs"]`` is that of `tally`.

    Raises
    ------
    InputError
        If a category has no weight, or a weight is negative or not known.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> rows = pd.DataFrame({"easting": 500.0, "northing": [500.0, 500, 900],
    ...     "category": ["Robbery", "Theft", "Theft"], "rows": [1, 5, 2]})
    >>> geoprofiles.harm_places(rows, {"Robbery": 365, "Theft": 2})["count"].tolist()
    [375.0, 4.0]
    """
    check_columns(tally, ["easting", "northing", "category"], what="Places by category")
    rows = tally["rows"] if "rows" in tally else pd.Series(1, index=tally.index)
    table = pd.DataFrame(
        {
            "easting": tally["easting"],
            "northing": tally["northing"],
            "count": _weights(tally["category"], weights) * rows,
            "incidents": rows,
        }
    )
    places = table.groupby(["easting", "northing"], sort=True)[["count", "incidents"]].sum()
    places = places.reset_index()
    places.attrs = {"crs": tally.attrs.get("crs")}
    return places


def harm_share(
    counts: pd.DataFrame, weights: Mapping[str, float], *, by: str = "area_code"
) -> pd.DataFrame:
    """Say how much of the harm of a map, and of each of its units, one incident brings.

    A harm map is ruled by what is rare and heavy: where one incident brings most of a unit's
    harm, the map shows that incident and not a pattern.

    Parameters
    ----------
    counts : DataFrame
        ``category``, ``count`` and `by`; several months are summed. ``(outside)`` and
        ``(unlocated)`` are left out.
    weights : mapping of str to float
        Category to its weight, as :func:`read_harm` reads it.
    by : str
        The column of units: ``"area_code"``, ``"cell"``, ``"street_id"``.

    Returns
    -------
    DataFrame
        Index `by`, sorted, and ``"(whole map)"`` last: ``count`` (incidents), ``harm``,
        ``weightiest`` (category of the heaviest incident), ``weight`` (its harm),
        ``share_of_weightiest`` (of the unit's harm, 0 to 1; NaN where there is none), ``ruled``
        (whether that is a fifth or more). ``attrs["sentence"]`` says it in words.

    Raises
    ------
    InputError
        If a category has no weight, or a weight or count is negative or not known.

    References
    ----------
    Sherman, Neyroud and Neyroud (2016). *Policing* 10, 171-183.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> counts = pd.DataFrame({"area_code": ["A", "A", "B"],
    ...     "category": ["Theft", "Robbery", "Theft"], "count": [10, 1, 90]})
    >>> table = geoprofiles.harm_share(counts, {"Theft": 2, "Robbery": 365})
    >>> table["share_of_weightiest"].round(2).to_dict()
    {'A': 0.95, 'B': 0.01, '(whole map)': 0.65}
    """
    check_columns(counts, [by, "category", "count"], what="Counts")
    counts = counts[~counts[by].isin([OUTSIDE, UNLOCATED])]
    number = counts["count"].to_numpy(dtype=float, na_value=np.nan)
    if not (np.isfinite(number) & (number >= 0)).all():
        raise InputError(
            "a count is missing or negative",
            remedy="What is suppressed is not zero: leave those units out.",
        )
    table = pd.DataFrame(
        {
            by: counts[by].astype(object).to_numpy(),
            "category": counts["category"].astype(str).to_numpy(),
            "weight": _weights(counts["category"], weights).to_numpy(),
            "count": number,
        }
    )
    whole = table.assign(**{by: WHOLE})
    result = pd.concat([_shares(table, by), _shares(whole, by)])
    result.index.name = by
    result.attrs["sentence"] = _sentence(result)
    return result


def _weights(category: pd.Series, weights: Mapping[str, float]) -> pd.Series:
    names = category.astype(str)
    lacking = sorted(set(names) - set(weights))
    if lacking:
        raise InputError(
            f"there is no weight for {listed(lacking)}",
            remedy="Give every category a weight; 0 leaves one out.",
        )
    if not all(0 <= one < np.inf for one in weights.values()):
        raise InputError("a weight is negative or not known")
    return names.map(weights).astype(float)


def _shares(table: pd.DataFrame, by: str) -> pd.DataFrame:
    table = table.assign(harm=table["weight"] * table["count"])
    sums = table.groupby(by, sort=True)[["count", "harm"]].sum()
    happened = table[(table["count"] > 0) & (table["weight"] > 0)]
    heaviest = happened.sort_values(["weight", "category"], ascending=[False, True], kind="stable")
    heaviest = heaviest.drop_duplicates(by).set_index(by).reindex(sums.index)
    share = heaviest["weight"] / sums["harm"].where(sums["harm"] > 0)
    return pd.DataFrame(
        {
            "count": sums["count"],
            "harm": sums["harm"],
            "weightiest": heaviest["category"],
            "weight": heaviest["weight"],
            "share_of_weightiest": share,
            "ruled": share >= RULED,
        }
    )


def _sentence(table: pd.DataFrame) -> str:
    if table.empty or not table["harm"].iloc[-1]:
        return "There is no harm on this map."
    whole, units = table.iloc[-1], table.iloc[:-1]
    ruled = int(units["ruled"].sum())
    share = whole["share_of_weightiest"]
    part = "under 0.1%" if share < 0.001 else f"{share:.1%}"
    return (
        f"The heaviest single incident ({whole['weightiest']}) brings {part} of the harm of all"
        f" {whole['count']:,.0f}. In {ruled:,} of {len(units):,} units one incident brings"
        f" {RULED:.0%} of the harm or more: read those by their counts."
    )

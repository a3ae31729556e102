"""What an area is set beside: the whole with and without one area, the median, similar places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from geoprofiles.errors import InputError
from geoprofiles.frames import Indicators, check_columns
from geoprofiles.words import listed, ordinal

MOVES = 3
"""Ranks by which a choice of denominator must move an area to be flagged."""

NEEDED = ["area_code", "indicator", "period", "numerator", "denominator", "value"]


def benchmarks(indicators: Indicators, *, without: str | None = None) -> pd.DataFrame:
    """Set each value beside the whole, the whole without one area, and the median area.

    One area can carry the whole: the rate of a city without its centre may be half, and areas
    that seemed below average are above it then.

    Parameters
    ----------
    indicators : DataFrame
        ``area_code``, ``indicator``, ``period``, ``numerator``, ``denominator``, ``value``.
    without : str, optional
        Code of the area to leave out; in each indicator the one that holds most where not said.

    Returns
    -------
    DataFrame
        A copy with ``whole``, ``median``, ``left_out`` (code), ``left_out_share`` (of all events,
        0 to 1), ``whole_without`` and ``changes_side`` (whether leaving it out puts this area on
        the other side of the whole).

    Raises
    ------
    InputError
        If no row is of the area to leave out.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.benchmark import benchmarks
    >>> indicators = pd.DataFrame({"area_code": list("ABC"), "indicator": "theft",
    ...     "period": "2025", "numerator": [90, 40, 20], "denominator": [1000.0] * 3,
    ...     "value": [90.0, 40.0, 20.0]})
    >>> table = benchmarks(indicators, without="A")
    >>> table[["whole", "whole_without", "median", "changes_side"]].values.tolist()[1]
    [50.0, 30.0, 40.0, True]
    """
    check_columns(indicators, NEEDED, what="Indicators")
    if without is not None and not (indicators["area_code"] == without).any():
        raise InputError(
            f"there is no area '{without}' to leave out",
            remedy=f"There are {listed(sorted(set(indicators['area_code'].astype(str))))}.",
        )
    table = indicators.copy()
    by = [table["indicator"], table["period"]]
    known = table["value"].notna() & table["numerator"].notna() & (table["denominator"] > 0)
    value = table["value"].astype(float)
    count = table["numerator"].astype(float).where(known)
    people = table["denominator"].astype(float).where(known)
    per = (value * people / count.where(count > 0)).groupby(by, sort=False).transform("median")

    def total(values: pd.Series) -> pd.Series:
        return values.groupby(by, sort=False).transform("sum")

    if without is None:
        most = count == count.groupby(by, sort=False).transform("max")
        holds = most & (most.groupby(by, sort=False).cumsum() == 1)
    else:
        holds = table["area_code"] == without
    kept = ~holds
    whole = total(count) / total(people).replace(0, np.nan) * per
    # What is standardised has a whole of its own, that sums cannot tell, nor leave one out of.
    given = table["whole"].astype(float) if "whole" in table else whole
    plain = np.isclose(given, whole, rtol=1e-9, equal_nan=True)
    rest = total(count.where(kept)) / total(people.where(kept)).replace(0, np.nan) * per
    table["whole"] = given.fillna(whole)
    table["median"] = value.groupby(by, sort=False).transform("median")
    table["left_out"] = table["area_code"].where(holds).groupby(by, sort=False).transform("first")
    table["left_out_share"] = total(count.where(holds)) / total(count).replace(0, np.nan)
    table["whole_without"] = rest.where(plain)
    sides = (value > table["whole"]) != (value > table["whole_without"])
    table["changes_side"] = sides & known & kept & table["whole_without"].notna()
    return table


def quintiles(rank: Any, *, groups: int = 5, of: int | None = None) -> np.ndarray:
    """Put ranked areas in groups of the same number of areas, 1 the most deprived.

    Parameters
    ----------
    rank : array-like of int
        1 the most deprived.
    groups : int
        Five for quintiles, ten for deciles.
    of : int, optional
        How many were ranked: all areas of the country for national groups; those of `rank` for
        local ones, where they are ranked anew.

    Returns
    -------
    array of float
        1 to `groups`; NaN where there is no rank.

    References
    ----------
    Public Health England (2018). Technical guide: assigning deprivation categories.

    Examples
    --------
    >>> from geoprofiles.indicators.benchmark import quintiles
    >>> quintiles(range(1, 11)).tolist()
    [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0]
    >>> quintiles([1, 6569, 6570], of=32844).tolist()
    [1.0, 1.0, 2.0]
    """
    ranks = np.asarray(rank, dtype=float)
    if of is None:
        ranks = stats.rankdata(ranks, method="ordinal", nan_policy="omit")
        number = int(np.sum(~np.isnan(ranks)))
    else:
        number = of
        if (ranks < 1).any() or (ranks > number).any():
            raise InputError(f"a rank lies outside 1 to {number:,}")
    if number == 0:
        return ranks
    return np.floor((groups + 1) - np.ceil(np.round((number + 1 - ranks) / (number / groups), 9)))


def similar_places(
    values: Mapping[str, float], own: str, *, confidence: float = 0.95
) -> dict[str, Any]:
    """Set a place beside others that are like it, in the band where one more of them would lie.

    Parameters
    ----------
    values : mapping of str to float
        Place to its value, the own one among them; NaN is left out.
    own : str
        The place that is looked at.
    confidence : float
        Of the band.

    Returns
    -------
    dict
        ``own``, ``mean`` (of the others), ``median`` (of all), ``lower`` and ``upper`` (the band,
        made of the others), ``rank`` (1 the highest), ``places``, ``side`` (``"above"``,
        ``"below"`` or ``"within"`` the band), and ``sentence``.

    Raises
    ------
    InputError
        If the own place has no value, or there are fewer than three others.

    References
    ----------
    Prediction limits of one more observation: Whitmore (1986). *The American Statistician* 40,
    141-143.

    Examples
    --------
    >>> from geoprofiles.indicators.benchmark import similar_places
    >>> band = similar_places({"Own": 30.0, "A": 10, "B": 11, "C": 12, "D": 13}, "Own")
    >>> print(band["sentence"])  # doctest: +NORMALIZE_WHITESPACE
    Own: 30.0, the highest of 5 similar places, above the band in which one like them would
    lie (6.9 to 16.1; median 12.0).
    """
    known = {place: float(value) for place, value in values.items() if pd.notna(value)}
    if own not in known:
        raise InputError(f"'{own}' has no value among the similar places")
    others = np.array([value for place, value in known.items() if place != own])
    if len(others) < 3:
        raise InputError("at least three similar places beside the own one are needed")
    spread = others.std(ddof=1) * np.sqrt(1 + 1 / len(others))
    margin = float(stats.t.ppf(0.5 + confidence / 2, len(others) - 1) * spread)
    mean, value = float(others.mean()), known[own]
    rank = 1 + int(np.sum(others > value))
    median = float(np.median(list(known.values())))
    side = "within"
    beyond = abs(value - mean) - margin
    if beyond > 1e-9 * abs(mean):  # rounding is no difference
        side = "above" if value > mean else "below"
    place = "the highest" if rank == 1 else f"the {ordinal(rank)} highest"
    # Where no place is below 0, none like them would be: rates and shares have an end.
    lower = mean - margin if min(known.values()) < 0 else max(mean - margin, 0.0)
    return {
        "own": value, "mean": mean, "median": median, "lower": lower,
        "upper": mean + margin, "rank": rank, "places": len(known), "side": side,
        "sentence": f"{own}: {value:,.1f}, {place} of {len(known)} similar places, {side} the band"
        f" in which one like them would lie ({lower:,.1f} to {mean + margin:,.1f};"
        f" median {median:,.1f}).",
    }  # fmt: skip


def denominators_side_by_side(choices: Mapping[str, Indicators]) -> pd.DataFrame:
    """Show what a choice of denominator does to each area's rank.

    Parameters
    ----------
    choices : mapping of str to DataFrame
        Name of the denominator to the indicators made with it: ``area_code``, ``indicator``,
        ``value``. Those of the first are what the others are set beside.

    Returns
    -------
    DataFrame
        One row for each area and indicator: ``area_code``, ``indicator``, for each denominator
        its ``value`` and ``rank`` (1 the highest), named ``"value: residents"``; ``moves`` (most
        ranks by which the choice moves the area) and ``flagged`` (3 or more).

    Raises
    ------
    InputError
        If there are fewer than two choices.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.benchmark import denominators_side_by_side
    >>> def rates(values):
    ...     return pd.DataFrame({"area_code": list("ABCD"), "indicator": "theft", "value": values})
    >>> table = denominators_side_by_side({"residents": rates([9, 4, 3, 2]),
    ...     "workday people": rates([1, 4, 3, 2])})
    >>> table["moves"].tolist(), table["flagged"].tolist()
    ([3, 1, 1, 1], [True, False, False, False])
    """
    if len(choices) < 2:
        raise InputError("give at least two denominators to set side by side")
    joined: pd.DataFrame | None = None
    for name, indicators in choices.items():
        check_columns(indicators, ["area_code", "indicator", "value"], what="Indicators")
        part = indicators.set_index(["area_code", "indicator"])[["value"]]
        ranks = (
            part["value"].groupby(level="indicator", sort=False).rank(method="min", ascending=False)
        )
        part = part.assign(rank=ranks.astype("Int64"))
        part.columns = [f"value: {name}", f"rank: {name}"]
        joined = part if joined is None else joined.join(part, how="outer", sort=False)
    assert joined is not None  # noqa: S101 (there are two at least)
    ranks = joined[[name for name in joined.columns if name.startswith("rank: ")]]
    joined["moves"] = (ranks.max(axis=1) - ranks.min(axis=1)).astype("Int64")
    joined["flagged"] = (joined["moves"] >= MOVES).fillna(False).astype(bool)
    return joined.reset_index()

"""Trends over years: rising, falling, neither, or not to be calculated."""

from __future__ import annotations

import bisect
import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import Indicators, check_columns

FEWEST_POINTS = 5
CRITICAL = 9.549535706
"""Chi-square of one degree of freedom at 99.8%."""

RISING, FALLING, NO_TREND = "rising", "falling", "no clear trend"
NOT_CALCULATED = "cannot be calculated"


def trends(indicators: Indicators, *, breaks: Collection[str] = ()) -> pd.DataFrame:
    """Test whether each area's figure has risen or fallen over its latest five periods.

    A line is fitted with weights that follow each point's limits. It counts as a trend where it
    is beyond chance at 99.8%, and none of the five points alone brings it about. Where limits are
    missing, there is no answer: that is not the same as no trend.

    Parameters
    ----------
    indicators : DataFrame
        ``area_code``, ``indicator``, ``period`` (that sort as text, or alike but for a year in
        them), ``value``, ``lower``, ``upper`` (95%); several periods.
    breaks : collection of str
        Periods at which recording changed, the first of the new recording: no line is fitted
        across their start. Where there is no such period, as for ``"2024-04"`` among years from
        April, it is the next in order of year and text.

    Returns
    -------
    DataFrame
        One row for each area and indicator, in their order: ``area_code``, ``indicator``,
        ``trend`` (``"rising"``, ``"falling"``, ``"no clear trend"``, ``"cannot be calculated"``),
        ``reason`` (why it cannot), ``slope`` (a period), ``chi_square``, ``points``, ``first``,
        ``last`` (periods of the line).

    Raises
    ------
    InputError
        If a period comes twice for an area.

    References
    ----------
    Office for Health Improvement and Disparities (2023). Fingertips: recent trends.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> points = pd.DataFrame({"area_code": "A", "indicator": "theft",
    ...     "period": ["2021", "2022", "2023", "2024", "2025"],
    ...     "value": [10, 12, 14, 16, 18.0], "lower": [9, 11, 13, 15, 17.0],
    ...     "upper": [11, 13, 15, 17, 19.0]})
    >>> geoprofiles.trends(points)[["trend", "slope"]].values.tolist()
    [['rising', 2.0]]
    >>> geoprofiles.trends(points.assign(lower=float("nan")))["reason"].tolist()
    ['the limits of some points are missing']
    """
    needed = ["area_code", "indicator", "period", "value", "lower", "upper"]
    check_columns(indicators, needed, what="Indicators")
    changed = set(map(str, breaks))
    parts = [
        _of_indicator(rows, changed).assign(indicator=name)
        for name, rows in indicators[needed].groupby("indicator", sort=False, observed=True)
    ]
    columns = ["area_code", "indicator", "trend", "reason", "slope", "chi_square", "points",
               "first", "last"]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def period_order(period: object) -> tuple[str, str]:
    """Return what puts periods in order of time: their first year, then their text.

    Examples
    --------
    >>> sorted(["2024/25", "2019/20", "2021 to 2023"], key=period_order)
    ['2019/20', '2021 to 2023', '2024/25']
    """
    text = str(period)
    year = re.search(r"\d{4}", text)
    return (year.group() if year else "", text)


def _of_indicator(rows: pd.DataFrame, changed: set[str]) -> pd.DataFrame:
    """Test all areas of one indicator at once: areas down, periods across."""
    if rows.duplicated(["area_code", "period"]).any():
        raise InputError(f"a period of '{rows['indicator'].iloc[0]}' comes twice for an area")
    down, areas = pd.factorize(rows["area_code"])
    at, found = pd.factorize(rows["period"])
    periods = sorted(found, key=period_order)
    across = np.array([periods.index(one) for one in found])[at]
    # A break parts its period from those before it, and so does one between two periods.
    order = [period_order(one) for one in periods]
    cut = max((bisect.bisect_left(order, period_order(one)) for one in changed), default=0)
    cut = cut if cut < len(periods) else 0
    used = periods[cut:][-FEWEST_POINTS:]
    cells = np.full((4, len(areas), len(periods)), np.nan)
    for table, name in zip(cells, ("value", "lower", "upper"), strict=False):
        table[down, across] = rows[name].to_numpy(dtype=float)
    cells[3, down, across] = 1.0
    value, lower, upper, here = cells[:, :, len(periods) - len(used) :]
    points = np.nansum(here, axis=1).astype(int)
    reason = _reasons(value, lower, upper, points, used, since=cut > 0)
    slope, chi, same_sign = _slopes(value, (upper - lower) / 3.92)
    fit = np.array([one == "" for one in reason])
    stands = fit & (chi > CRITICAL) & same_sign
    trend = np.select(
        [~fit, stands & (slope > 0), stands], [NOT_CALCULATED, RISING, FALLING], NO_TREND
    )
    return pd.DataFrame(
        {
            "area_code": areas,
            "trend": trend,
            "reason": reason,
            "slope": np.where(fit, slope, np.nan),
            "chi_square": np.where(fit, chi, np.nan),
            "points": points,
            "first": used[0],
            "last": used[-1],
        }
    )


def _reasons(
    value: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    points: np.ndarray,
    used: list[str],
    *,
    since: bool,
) -> np.ndarray:
    """Say of each area why no line can be fitted; nothing where one can."""
    few = f" of {FEWEST_POINTS} periods" + (" since recording changed" if since else "")
    with np.errstate(invalid="ignore"):
        flat = (upper <= lower).any(axis=1)
    return np.select(
        [
            points < FEWEST_POINTS,
            ~np.isfinite(value).all(axis=1),
            ~(np.isfinite(lower) & np.isfinite(upper)).all(axis=1),
            flat,
            np.full(len(points), not _even(used)),
        ],
        [
            np.array([f"only {number}{few}" for number in points], dtype=object),
            "some points have no value",
            "the limits of some points are missing",
            "the limits of some points are as wide as nothing",
            "some periods are missing between the others",
        ],
        "",
    ).astype(object)


def _even(periods: list[str]) -> bool:
    """Tell whether periods follow each other at one distance: in years, quarters or months."""
    found = [re.search(r"(\d{4})(?:-(\d\d)(?!\d)|\D*[Qq]([1-4]))?", str(one)) for one in periods]
    if not all(found):
        return True
    parts = [one.groups() for one in found if one]
    ways = [[int(year) for year, _, _ in parts]]
    ways += [
        [int(one[0]) * of + int(one[place]) for one in parts]
        for place, of in ((1, 12), (2, 4))
        if all(one[place] for one in parts)
    ]
    return any(len(set(np.diff(way))) <= 1 and 0 not in np.diff(way) for way in ways)


def _slopes(value: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit a weighted line to each row; return slope, chi-square, and whether no point makes it."""
    number = value.shape[1]
    if number < 3:
        nothing = np.full(len(value), np.nan)
        return nothing, nothing, np.zeros(len(value), dtype=bool)
    slope, its_error = _line(value, error, np.ones(number, dtype=bool))
    without = np.array(
        [_line(value, error, np.arange(number) != drop)[0] for drop in range(number)]
    )
    same_sign = np.asarray((without > 0).all(axis=0) | (without < 0).all(axis=0))
    return slope, np.square(slope / its_error), same_sign


def _line(value: np.ndarray, error: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at = np.arange(value.shape[1], dtype=float)[keep]
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = 1 / error[:, keep] ** 2
        total = weight.sum(axis=1)
        middle = (weight * at).sum(axis=1) / total
        away = at - middle[:, None]
        square = (weight * away**2).sum(axis=1)
        return (weight * away * value[:, keep]).sum(axis=1) / square, 1 / np.sqrt(square)


def trend_words(trend: str, polarity: str) -> str:
    """Say a trend with its judgement, where the figure has one.

    Examples
    --------
    >>> trend_words("rising", "high is bad"), trend_words("falling", "neither")
    ('rising: getting worse', 'falling')
    """
    if trend not in {RISING, FALLING} or polarity not in {"high is bad", "high is good"}:
        return trend
    worse = (trend == RISING) == (polarity == "high is bad")
    return f"{trend}: getting {'worse' if worse else 'better'}"

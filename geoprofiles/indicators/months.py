"""Months: their season, twelve at a time, and what range the next are likely to lie in."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns

YEAR = 12
FEWEST_FOR_SEASON = 24
FEWEST_FOR_FORECAST = 36
WARNING = (
    "Two neighbouring sums of twelve months share eleven of them: a run of rises is one month"
    " against the same month a year before, and no evidence of a trend. Test the months."
)


def season(months: pd.DataFrame) -> pd.DataFrame:
    """Work out how much each month of the year lies above or below its year.

    Counts are taken by the day, so that February is not low for being short. Factors are drawn
    towards 1 by as much as they may be chance.

    Parameters
    ----------
    months : DataFrame
        ``month``, ``count``: 24 consecutive months at least.

    Returns
    -------
    DataFrame
        ``month_of_year`` (1 to 12), ``factor`` (1 as the year is), ``raw``, ``years`` (from how
        many). ``attrs["strength"]`` is the share of the raw factors' variance that is more than
        chance. Half a year at either end gives the level of the others and no factor; where no
        month is known from two years (fewer than 25), chance is taken to be Poisson's, and factors
        are drawn in too little where months vary more.

    Raises
    ------
    InputError
        If there are fewer than 24 months, one is missing among them, or one comes twice.

    References
    ----------
    Ratio to moving average: Macaulay (1931). Shrinkage: Morris (1983). *Journal of the American
    Statistical Association* 78, 47-55.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.months import season
    >>> months = pd.DataFrame({"month": pd.date_range("2023-01-01", periods=36, freq="MS")})
    >>> months["count"] = 100 + 60 * (months["month"].dt.month == 7)
    >>> season(months)["factor"].round(2).tolist()[6]
    1.39
    """
    table = _consecutive(months, FEWEST_FOR_SEASON)
    daily = (table["count"] / table["month"].dt.days_in_month).to_numpy(dtype=float)
    level = _centred(daily)
    known = ~np.isnan(level) & (level > 0)
    ratio = daily[known] / level[known]
    of_year = table["month"].dt.month.to_numpy()[known]
    grouped = pd.Series(ratio).groupby(of_year)
    raw, years = grouped.mean(), grouped.size()
    expected = (level[known] * table["month"].dt.days_in_month.to_numpy()[known]).astype(float)
    noise = pd.Series(1 / np.maximum(expected, 1)).groupby(of_year).mean() / years
    free = int(np.sum(years - 1))
    if free:  # the same month in other years tells more than Poisson's law does
        within = float(np.sum((ratio - raw.reindex(of_year).to_numpy()) ** 2)) / free
        noise = np.maximum(noise, within / years)
    variance = float(np.mean((raw - raw.mean()) ** 2)) if len(raw) else 0.0
    strength = max(0.0, 1 - float(noise.mean()) / variance) if variance > 0 else 0.0
    every = pd.RangeIndex(1, YEAR + 1)
    raw, years = raw.reindex(every), years.reindex(every, fill_value=0)
    # A month that is not known is taken to be as the year is.
    factor = (1 + (raw / raw.mean() - 1) * strength).fillna(1.0)
    result = pd.DataFrame({"month_of_year": every, "factor": factor, "raw": raw, "years": years})
    result = result.reset_index(drop=True)
    result.attrs["strength"] = strength
    return result


def rolling_year(months: pd.DataFrame) -> pd.DataFrame:
    """Sum each twelve consecutive months.

    Parameters
    ----------
    months : DataFrame
        ``month``, ``count``. A month without a row is missing: no sum spans it.

    Returns
    -------
    DataFrame
        ``month`` (the last of the twelve) and ``total`` (NaN where one of them is missing).
        ``attrs["warning"]`` says what such sums cannot show.

    Raises
    ------
    InputError
        If a month comes twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.months import rolling_year
    >>> months = pd.DataFrame({"month": pd.date_range("2025-01-01", periods=13, freq="MS"),
    ...     "count": range(13)})
    >>> rolling_year(months)["total"].tolist()[-2:]
    [66.0, 78.0]
    """
    check_columns(months, ["month", "count"], what="Months")
    _once(months)
    series = months.set_index("month")["count"].sort_index().astype(float)
    total = series.reindex(_all_months(series.index)).rolling(YEAR).sum().reindex(series.index)
    result = total.rename("total").rename_axis("month").reset_index()
    result.attrs["warning"] = WARNING
    return result


def forecast(
    months: pd.DataFrame, *, ahead: int = 3, confidence: float = 0.8
) -> tuple[pd.DataFrame, dict[str, object]]:
    """Say in what range the next months are likely to lie, and how far such ranges were off.

    Three plain ways are tried on months held out at the end, each from what was known before it:
    the same month a year before at the level of the latest twelve; the mean of the latest twelve;
    the latest month. The way with the smallest error is used; the range is as wide as its errors,
    and never narrower than chance.

    Parameters
    ----------
    months : DataFrame
        ``month``, ``count``: 36 consecutive months at least; give only those since the latest
        break in recording.
    ahead : int
        Months to look ahead, up to 12.
    confidence : float
        Of the range.

    Returns
    -------
    ahead : DataFrame
        ``month``, ``value``, ``lower``, ``upper`` (counts).
    report : dict
        ``way``, ``error`` (mean absolute, as a share of the mean month), ``errors`` (of all ways),
        ``held_out`` (forecasts judged), ``covered`` (share of held-out months inside the ranges
        that the errors of the others give), ``sentence``.

    Raises
    ------
    InputError
        If there are fewer than 36 consecutive months, `ahead` is not 1 to 12, or `confidence` is
        not between 0 and 1.

    Notes
    -----
    A range is made of few errors: they are taken at the places where the next one is as likely to
    lie beyond as was asked for. Errors of overlapping forecasts are alike, and the way was chosen
    by them, so that ranges hold somewhat less often than they say: see ``covered``.

    References
    ----------
    Rolling-origin evaluation: Tashman (2000). *International Journal of Forecasting* 16, 437-450.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.months import forecast
    >>> months = pd.DataFrame({"month": pd.date_range("2022-01-01", periods=48, freq="MS")})
    >>> months["count"] = 100 + 60 * (months["month"].dt.month == 7)
    >>> ahead, report = forecast(months, ahead=1)
    >>> report["way"], ahead["value"].round().tolist()
    ('the same month a year before', [100.0])
    """
    if not 1 <= ahead <= YEAR:
        raise InputError(f"'ahead' must be 1 to 12 months; it is {ahead}")
    if not 0 < confidence < 1:
        raise InputError(f"'confidence' must be between 0 and 1; it is {confidence!r}")
    table = _consecutive(months, FEWEST_FOR_FORECAST)
    days = table["month"].dt.days_in_month.to_numpy(dtype=float)
    daily = table["count"].to_numpy(dtype=float) / days
    starts = range(2 * YEAR, len(daily))
    tried = {
        name: np.array(
            [
                [at, way(daily[:start], at - start), daily[at]]
                for start in starts
                for at in range(start, min(start + ahead, len(daily)))
            ]
        )
        for name, way in _WAYS.items()
    }
    mean = float(daily.mean()) or 1.0
    errors = {
        name: float(np.mean(np.abs(one[:, 1] - one[:, 2])) / mean) for name, one in tried.items()
    }
    best = min(errors, key=lambda name: errors[name])
    told = tried[best]
    counted = told[:, 1:] * days[told[:, 0].astype(int), None]
    wrong = np.log((counted[:, 1] + 0.5) / (counted[:, 0] + 0.5))
    following = pd.date_range(table["month"].iloc[-1], periods=ahead + 1, freq="MS")[1:]
    value = np.array([_WAYS[best](daily, step) for step in range(ahead)])
    value = value * following.days_in_month.to_numpy()
    lower, upper = _range(value, wrong, confidence)
    result = pd.DataFrame({"month": following, "value": value, "lower": lower, "upper": upper})
    covered = _covered(told[:, 0], counted, wrong, confidence)
    sentence = (
        f"Made from {best}; over {len(told)} held-out months such forecasts were off by"
        f" {errors[best]:.0%} of a usual month, and {covered:.0%} of them fell inside a"
        f" {confidence:.0%} range made from the others."
    )
    report = {
        "way": best, "error": errors[best], "errors": errors, "held_out": len(told),
        "covered": covered, "sentence": sentence,
    }  # fmt: skip
    return result, report


def _range(
    value: np.ndarray, wrong: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the range about forecasts that past errors give, and at least that of chance."""
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    # Weibull's places: of few errors, the next lies beyond them as often as was asked for.
    low, high = np.exp(np.quantile(wrong, tails, method="weibull"))
    chance = special.ndtri(tails[1]) * np.sqrt(np.maximum(value, 1))
    lower = np.minimum((value + 0.5) * low - 0.5, value - chance)
    return np.maximum(lower, 0), np.maximum((value + 0.5) * high - 0.5, value + chance)


def _covered(month: np.ndarray, counted: np.ndarray, wrong: np.ndarray, confidence: float) -> float:
    """Return the share of held-out months inside the range that errors at other months give."""
    inside = 0
    for one in np.unique(month):
        mine = month == one
        lower, upper = _range(counted[mine, 0], wrong[~mine], confidence)
        inside += int(np.sum((lower <= counted[mine, 1]) & (counted[mine, 1] <= upper)))
    return inside / len(month)


def _same_month(daily: np.ndarray, step: int) -> float:
    before = daily[-2 * YEAR : -YEAR].mean()
    level = daily[-YEAR:].mean() / before if before > 0 else 1.0
    # Half of last year's change is carried on: neither all of it nor none does better.
    return float(daily[len(daily) - YEAR + step % YEAR] * level**0.5)


_WAYS = {
    "the same month a year before": _same_month,
    "the mean of the latest twelve months": lambda daily, step: float(daily[-YEAR:].mean()),
    "the latest month": lambda daily, step: float(daily[-1]),
}


def _centred(daily: np.ndarray) -> np.ndarray:
    """Return the mean of the thirteen months around each, the two at the ends counted half."""
    weight = np.r_[0.5, np.ones(11), 0.5] / 12
    level = np.full(len(daily), np.nan)
    level[6:-6] = np.convolve(daily, weight, mode="valid")
    return level


def _all_months(months: pd.Index | pd.Series) -> pd.DatetimeIndex:
    if not len(months):
        return pd.DatetimeIndex([])
    return pd.date_range(months.min(), months.max(), freq="MS")


def _once(months: pd.DataFrame) -> None:
    twice = months["month"].duplicated()
    if twice.any():
        raise InputError(f"{months['month'][twice].iloc[0]:%Y-%m} comes twice")


def _consecutive(months: pd.DataFrame, fewest: int) -> pd.DataFrame:
    check_columns(months, ["month", "count"], what="Months")
    _once(months)
    # A month without a count is missing: it is not zero.
    table = months[months["count"].notna()].sort_values("month").reset_index(drop=True)
    full = _all_months(table["month"])
    if len(table) < fewest or len(table) != len(full):
        missing = len(full) - len(table)
        raise InputError(
            f"{fewest} consecutive months are needed; there are {len(table)}"
            + (f", with {missing} missing between" if missing > 0 else ""),
            remedy="Give a longer series, or only the stretch without a gap.",
        )
    return table

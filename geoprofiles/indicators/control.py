"""Control charts of months: what is out of the ordinary, with baselines that do not move."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from scipy import special

from geoprofiles.areas.rates import EXACT_BELOW
from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, UNLOCATED, Counts, check_columns

BASELINE = 24
"""Months of a phase from which its limits are made."""

FEWEST_BASELINE = 6
"""Months below which a phase has no limits."""

SIGMA = 1.128
"""Mean moving range of two over the standard deviation (Shewhart's d2)."""

SCREEN = 3.267
"""Moving ranges beyond so many times their mean are left out, once."""

RUN = 8
"""Months on one side that make a run."""

CLIMB = 7
"""Points, each beyond the last, that make a trend."""

TAIL = float(special.ndtr(-3))
"""Chance of a value beyond three standard deviations, on one side."""

ABOVE, BELOW, CLOSE, ASIDE, TREND = (
    "above", "below", "two of three near a limit", "run on one side", "trend of seven",
)  # fmt: skip

Month: TypeAlias = pd.Timestamp | str
Kind: TypeAlias = Literal["laney", "individuals", "poisson"]
_MADE = ("value", "centre", "lower", "upper", "phase", "signal", "spread")
"""What a chart adds to counts."""


def control_chart(
    months: pd.DataFrame,
    *,
    kind: Kind = "laney",
    baseline: int = BASELINE,
    steps: Collection[Month] = (),
) -> pd.DataFrame:
    """Put a monthly series of one area in a control chart.

    Laney's u-chart lets months vary as they do, where a plain Poisson chart takes each month for
    chance alone and raises the alarm again and again. Centre and limits come from the first months
    of each phase and stay; a new phase begins only at a declared step, or after a gap of a year or
    more. Nothing is compared across a gap: moving ranges and runs begin anew after it.

    Parameters
    ----------
    months : DataFrame
        ``month`` (first days), ``count``, one row each; ``exposure`` (people, or anything that
        counts are for; 1 where it is not given). Zeros are rows; a month without a row, or without
        a count, is missing.
    kind : {"laney", "individuals", "poisson"}
        ``individuals``: of rates, for what is no count; ``poisson``: a plain u-chart.
    baseline : int
        Months of each phase from which its limits are made; 6 at least.
    steps : collection of months
        Where recording changed: each begins a phase.

    Returns
    -------
    DataFrame
        ``month``, ``value`` (a day, times the exposure's unit), ``centre``, ``lower``, ``upper``
        (three standard deviations), ``phase`` (from 1) and ``signal``: ``"above"``, ``"below"``,
        ``"two of three near a limit"``, ``"trend of seven"``, ``"run on one side"`` or None; one a
        month, the first of these that holds. A phase shorter than six months has no limits; nor
        has one of counts whose first months hold no event. ``attrs["spread"]`` lists Laney's
        sigma z of each phase: 1 where months vary as chance does.

    Raises
    ------
    InputError
        If a month comes twice, a count is negative, an exposure is not above 0, or `baseline` is
        below 6.

    See Also
    --------
    control_charts : the same for many areas and categories at once.

    Notes
    -----
    Moving ranges beyond 3.267 times their mean are left out once, so that a single wild month in
    the baseline does not hide itself. Months that vary less than chance are given the limits of
    chance.

    Where fewer than ten events a month are expected, three standard deviations are exceeded by
    chance far more often than they should be. There the upper limit is the count that chance
    exceeds as seldom as it exceeds three standard deviations of a normal law, and only months
    beyond a limit are signals: few events lie below their mean more often than above it. A run
    lies on one side of the centre and of the baseline's median.

    References
    ----------
    Laney (2002). *Quality Engineering* 14, 531-537. Provost and Murray (2011). *The Health Care
    Data Guide*, for rules and screening.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> months = pd.DataFrame({"month": pd.date_range("2025-01-01", periods=13, freq="MS"),
    ...     "count": [30, 28, 33, 31, 29, 30, 34, 28, 30, 32, 27, 31, 90]})
    >>> chart = geoprofiles.control_chart(months)
    >>> chart["signal"].iloc[-1], int(chart["signal"].isna().sum())
    ('above', 12)
    """
    check_columns(months, ["month", "count"], what="Months")
    order = np.argsort(months["month"].to_numpy(), kind="stable")
    table = months.iloc[order]
    month = pd.DatetimeIndex(table["month"])
    if month.has_duplicates:
        raise InputError(f"{month[month.duplicated()][0]:%Y-%m} comes twice")
    count, size = _counts_and_sizes(table, month)
    begins = _first_days(list(steps))
    made = _charted(
        count[None],
        size[None],
        month,
        begins,
        np.ones((1, len(begins)), dtype=bool),
        kind,
        baseline,
    )
    columns = {name: values[0] for name, values in made.items() if name != "spread"}
    columns["signal"] = pd.Series(columns["signal"], dtype=object)
    chart = pd.DataFrame({"month": month, **columns})
    phase, spread = made["phase"][0], made["spread"][0]
    chart.attrs["spread"] = [
        float(np.fmax.reduce(spread[phase == one])) for one in np.unique(phase)
    ]
    return chart


def control_charts(
    counts: Counts,
    *,
    kind: Kind = "laney",
    baseline: int = BASELINE,
    breaks: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Put the months of every area and category in a control chart of its own, all at once.

    Each chart is as :func:`control_chart` makes it.

    Parameters
    ----------
    counts : DataFrame
        ``area_code``, ``category``, ``month``, ``count``, one row each; ``exposure`` as for
        :func:`control_chart`. Areas of incidents outside or unlocated are left out.
    kind, baseline
        As for :func:`control_chart`.
    breaks : DataFrame, optional
        Where recording changed: ``month``, and ``category`` and ``area`` (code) where it concerns
        one; an empty cell means all. Each begins a phase.

    Returns
    -------
    DataFrame
        One row a month of each area and category, by area, category, month: ``area_code``,
        ``category``, ``month``, ``count``, ``value``, ``centre``, ``lower``, ``upper``, ``phase``,
        ``signal`` as :func:`control_chart` gives them, and ``spread``, Laney's sigma z of the
        phase.

    Raises
    ------
    InputError
        If a month of an area and category comes twice, a count is negative, an exposure is not
        above 0, or `baseline` is below 6.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> months = pd.date_range("2025-01-01", periods=13, freq="MS")
    >>> counts = pd.DataFrame({"area_code": ["A"] * 13 + ["B"] * 13, "category": "Theft",
    ...     "month": [*months, *months], "count": [30, 34] * 6 + [31] + [15, 17] * 6 + [60]})
    >>> charts = geoprofiles.control_charts(counts, baseline=12)
    >>> charts.loc[charts["signal"].notna(), ["area_code", "signal"]].values.tolist()
    [['B', 'above']]
    """
    keys = ["area_code", "category"]
    check_columns(counts, [*keys, "month", "count"], what="Counts")
    table = _ordered(counts, keys)
    series = table.groupby(keys, sort=False, observed=True, dropna=False).ngroup().to_numpy()
    at, found = pd.factorize(table["month"], sort=True)
    named = table.loc[~pd.Series(series).duplicated(), keys].astype(str)
    shape = (len(named), len(found))
    count, size = np.full(shape, np.nan), np.full(shape, np.nan)
    values = _counts_and_sizes(table, pd.DatetimeIndex(table["month"]))
    count[series, at], size[series, at] = values
    steps, concerned = _steps_of(breaks, named)
    made = _charted(count, size, pd.DatetimeIndex(found), steps, concerned, kind, baseline)
    charts = table[[*keys, "month", "count"]].copy()
    for name, columns in made.items():
        charts[name] = pd.Series(columns[series, at], dtype=columns.dtype)
    return charts


def _ordered(counts: Counts, keys: list[str]) -> pd.DataFrame:
    """Put counts in order, by area, category, month; refuse what comes twice."""
    inside = counts[~counts["area_code"].isin([OUTSIDE, UNLOCATED]) & counts["month"].notna()]
    table = inside.sort_values([*keys, "month"], kind="stable").reset_index(drop=True)
    twice = table.duplicated([*keys, "month"])
    if twice.any():
        row = table[twice].iloc[0]
        raise InputError(
            f"{row['month']:%Y-%m} comes twice for '{row['category']}' in '{row['area_code']}'"
        )
    return table


def _counts_and_sizes(
    table: pd.DataFrame, month: pd.DatetimeIndex
) -> tuple[np.ndarray, np.ndarray]:
    """Return what was counted and what it was counted for, by the day."""
    count = table["count"].to_numpy(dtype=float, na_value=np.nan)
    if (count < 0).any():
        raise InputError("a count is negative")
    exposure = np.ones(len(table))
    if "exposure" in table:
        exposure = table["exposure"].to_numpy(dtype=float, na_value=np.nan)
    if not (exposure > 0).all():
        raise InputError("an exposure is not above 0")
    return count, exposure * np.asarray(month.days_in_month)


def _steps_of(
    breaks: pd.DataFrame | None, named: pd.DataFrame
) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Return the months of breaks, and which of them concern each area and category."""
    if breaks is None or breaks.empty:
        return pd.DatetimeIndex([]), np.zeros((len(named), 0), dtype=bool)
    check_columns(breaks, ["month"], what="Breaks")
    concerned = np.ones((len(named), len(breaks)), dtype=bool)
    for column, ours in (("category", "category"), ("area", "area_code")):
        if column in breaks:
            said = breaks[column].fillna("").astype(str).to_numpy()
            concerned &= (said == "") | (named[ours].to_numpy()[:, None] == said)
    return _first_days(breaks["month"]), concerned


def _first_days(months: Iterable[Month]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([pd.Timestamp(one).replace(day=1).normalize() for one in months])


def _charted(
    count: np.ndarray,
    size: np.ndarray,
    month: pd.DatetimeIndex,
    steps: pd.DatetimeIndex,
    concerned: np.ndarray,
    kind: Kind,
    baseline: int,
) -> dict[str, np.ndarray]:
    """Chart many series, series down and months across; a month without a count is missing."""
    check_choice(kind, get_args(Kind), "kind")
    if baseline < FEWEST_BASELINE:
        raise InputError(f"'baseline' must be {FEWEST_BASELINE} months or more; it is {baseline}")
    made = {name: np.full(count.shape, np.nan) for name in _MADE}
    made["value"], made["signal"] = count / size, np.full(count.shape, None, dtype=object)
    # Series of the same months and the same steps are charted together.
    alike = np.hstack([~np.isnan(count), concerned])
    patterns, which = np.unique(alike, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        known = np.flatnonzero(pattern[: len(month)])
        rows = which.ravel() == number
        phase = _phases(month[known], steps[pattern[len(month) :]])
        made["phase"][np.ix_(rows, known)] = phase
        for one in np.unique(phase):
            part = known[phase == one]
            if len(part) >= FEWEST_BASELINE:
                cells = np.ix_(rows, part)
                chart = _phase_chart(count[cells], size[cells], month[part], kind, baseline)
                for name, values in chart.items():
                    made[name][cells] = values
    # A month without a count belongs to the phase before it; those before all to the first.
    before = np.where(np.isnan(made["phase"]), 0, np.arange(len(month)))
    before = np.maximum.accumulate(before, axis=1)
    phase = np.take_along_axis(made["phase"], before, axis=1)
    made["phase"] = np.nan_to_num(phase, nan=1).astype(int)
    return made


def _phases(month: pd.DatetimeIndex, steps: pd.DatetimeIndex) -> np.ndarray:
    phase = np.searchsorted(np.sort(steps.to_numpy()), month.to_numpy(), side="right")
    # Twelve months without a figure part what went before from what comes after.
    phase = phase + np.cumsum(np.diff(_number(month), prepend=_number(month[:1])) > 12)
    return np.unique(phase, return_inverse=True)[1] + 1


def _number(month: pd.DatetimeIndex) -> np.ndarray:
    return np.asarray(month.year * 12 + month.month)


def _phase_chart(
    count: np.ndarray, size: np.ndarray, month: pd.DatetimeIndex, kind: Kind, baseline: int
) -> dict[str, np.ndarray]:
    """Chart one phase of many series of the same months: series down, months across."""
    value, stretch = (
        count / size,
        np.cumsum(np.diff(_number(month), prepend=_number(month[:1])) > 1),
    )
    first = slice(0, baseline)
    few = np.zeros(value.shape, dtype=bool)
    spread = np.ones((len(value), 1))
    if kind == "individuals":
        centre = value[:, first].mean(axis=1, keepdims=True)
        sigma = _moving_range(value[:, first], stretch[first]) / SIGMA
        error = np.broadcast_to(sigma, value.shape)
    else:
        total = count[:, first].sum(axis=1, keepdims=True)
        centre = np.where(total > 0, total, np.nan) / size[:, first].sum(axis=1, keepdims=True)
        error = np.sqrt(centre / size)
    if kind == "laney":
        z = (value - centre) / error
        # Months that vary less than chance are luck, not a narrower law.
        spread = np.fmax(_moving_range(z[:, first], stretch[first]) / SIGMA, 1.0)
        error = error * spread
        few = centre * size < EXACT_BELOW
    lower, upper = np.maximum(centre - 3 * error, 0.0), centre + 3 * error
    if few.any():
        upper = np.where(few, _rare(centre * size / spread**2) * spread**2 / size, upper)
    middle = np.median(value[:, first], axis=1, keepdims=True)
    few = few | np.isnan(centre)
    signal = _signals(value, centre, middle, error, upper, few, stretch)
    return {
        "centre": np.broadcast_to(centre, value.shape), "lower": lower, "upper": upper,
        "spread": np.broadcast_to(np.where(np.isnan(centre), np.nan, spread), value.shape),
        "signal": signal,
    }  # fmt: skip


def _rare(expected: np.ndarray) -> np.ndarray:
    """Return the count that chance exceeds as seldom as three standard deviations."""
    return np.asarray(special.chdtriv(TAIL, 2 * expected) / 2)


def _moving_range(values: np.ndarray, stretch: np.ndarray) -> np.ndarray:
    """Return the mean range of neighbours within a stretch, the wildest screened out once."""
    ranges = np.abs(np.diff(values, axis=1))[:, np.diff(stretch) == 0]
    if not ranges.shape[1]:
        return np.std(values, axis=1, keepdims=True) * SIGMA
    mean = ranges.mean(axis=1, keepdims=True)
    return np.asarray(np.mean(ranges, axis=1, where=~(ranges > SCREEN * mean), keepdims=True))


def _signals(
    value: np.ndarray,
    centre: np.ndarray,
    middle: np.ndarray,
    error: np.ndarray,
    upper: np.ndarray,
    few: np.ndarray,
    stretch: np.ndarray,
) -> np.ndarray:
    """Name the first rule that holds in each month."""
    away = value - centre
    away = np.where(np.abs(away) <= 1e-9 * np.abs(centre), 0.0, away)  # rounding is no difference

    def last(holds: np.ndarray, length: int, least: int, months: int) -> np.ndarray:
        """Tell where `least` of the last `length` hold, in `months` without a gap."""
        result = np.zeros(value.shape, dtype=bool)
        if value.shape[1] >= months:
            enough = sliding_window_view(holds, length, axis=1).sum(axis=-1) >= least
            result[:, months - 1 :] = enough & (stretch[months - 1 :] == stretch[: 1 - months])
        return result & ~few

    steps = np.diff(value, axis=1)
    # One wild month in the baseline moves the mean, and all others to one side of it: a run is
    # on one side of the median too.
    aside = np.where(np.sign(away) == np.sign(value - middle), away, 0.0)
    high, low = away > 2 * error, away < -2 * error
    rules = {
        ABOVE: (away > 0) & (value > upper),
        BELOW: away < -3 * error,
        CLOSE: (high & last(high, 3, 2, 3)) | (low & last(low, 3, 2, 3)),
        TREND: last(steps > 0, CLIMB - 1, CLIMB - 1, CLIMB)
        | last(steps < 0, CLIMB - 1, CLIMB - 1, CLIMB),
        ASIDE: last(aside > 0, RUN, RUN, RUN) | last(aside < 0, RUN, RUN, RUN),
    }
    signal = np.full(value.shape, None, dtype=object)
    for name, holds in reversed(rules.items()):
        signal[holds] = name
    return signal

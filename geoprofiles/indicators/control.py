"""Control charts of months: what is out of the ordinary, with baselines that do not move."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns

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

ABOVE, BELOW, CLOSE, ASIDE, TREND = (
    "above", "below", "two of three near a limit", "run on one side", "trend of seven",
)  # fmt: skip

Month: TypeAlias = pd.Timestamp | str


def control_chart(
    months: pd.DataFrame,
    *,
    kind: Literal["laney", "individuals", "poisson"] = "laney",
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
        counts are for; 1 where it is not given). Zeros are rows; a month without a row is missing.
    kind : {"laney", "individuals", "poisson"}
        ``individuals``: of rates, for what is no count; ``poisson``: a plain u-chart.
    baseline : int
        Months of each phase from which its limits are made.
    steps : collection of months
        Where recording changed: each begins a phase.

    Returns
    -------
    DataFrame
        ``month``, ``value`` (a day, times the exposure's unit), ``centre``, ``lower``, ``upper``
        (three standard deviations), ``phase`` (from 1) and ``signal``: ``"above"``, ``"below"``,
        ``"two of three near a limit"``, ``"trend of seven"``, ``"run on one side"`` or None; one a
        month, the first of these that holds. A phase shorter than six months has no limits.
        ``attrs["spread"]`` lists Laney's sigma z of each phase: 1 where months vary as chance
        does.

    Raises
    ------
    InputError
        If a month comes twice, a count is negative, or an exposure is not above 0.

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
    check_choice(kind, ["laney", "individuals", "poisson"], "kind")
    table = months.sort_values("month").reset_index(drop=True)
    if table["month"].duplicated().any():
        raise InputError(f"{table['month'][table['month'].duplicated()].iloc[0]:%Y-%m} comes twice")
    if (table["count"] < 0).any():
        raise InputError("a count is negative")
    exposure = table["exposure"].astype(float) if "exposure" in table else 1.0
    size = exposure * table["month"].dt.days_in_month
    if not (size > 0).all():
        raise InputError("an exposure is not above 0")
    chart = pd.DataFrame({"month": table["month"], "value": table["count"] / size})
    chart["phase"] = _phases(table["month"], steps)
    chart["stretch"] = _stretches(table["month"])
    for name in ("centre", "lower", "upper"):
        chart[name] = np.nan
    chart["signal"] = pd.Series([None] * len(chart), dtype=object)
    spreads = []
    for _, at in chart.groupby("phase").groups.items():
        rows = chart.loc[at]
        if len(rows) < FEWEST_BASELINE:
            spreads.append(np.nan)
            continue
        centre, error, spread = _limits(rows, size.loc[at], kind, baseline)
        spreads.append(spread)
        chart.loc[at, "centre"] = centre
        chart.loc[at, "lower"] = np.maximum(centre - 3 * error, 0.0)
        chart.loc[at, "upper"] = centre + 3 * error
        chart.loc[at, "signal"] = _signals(rows["value"], centre, error, rows["stretch"])
    chart.attrs["spread"] = spreads
    order = ["month", "value", "centre", "lower", "upper", "phase", "signal"]
    return chart[order]


def _phases(month: pd.Series, steps: Iterable[Month]) -> np.ndarray:
    phase = np.ones(len(month), dtype=int)
    for step in steps:
        phase += (month >= pd.Timestamp(step).to_period("M").to_timestamp()).to_numpy()
    # Twelve months without a figure part what went before from what comes after.
    number = month.dt.year * 12 + month.dt.month
    phase += (number.diff().fillna(1) > 12).cumsum().to_numpy()
    return np.unique(phase, return_inverse=True)[1] + 1


def _stretches(month: pd.Series) -> np.ndarray:
    number = month.dt.year * 12 + month.dt.month
    return (number.diff().fillna(1) > 1).cumsum().to_numpy()


def _limits(
    rows: pd.DataFrame, size: pd.Series, kind: str, baseline: int
) -> tuple[float, np.ndarray, float]:
    """Return a phase's centre, the standard error of each month, and how months vary."""
    first = slice(0, max(baseline, FEWEST_BASELINE))
    value, days = rows["value"].to_numpy(), size.to_numpy()
    stretch = rows["stretch"].to_numpy()[first]
    if kind == "individuals":
        centre = float(value[first].mean())
        sigma = _moving_range(value[first], stretch) / SIGMA
        return centre, np.full(len(value), sigma), 1.0
    centre = float(np.sum(value[first] * days[first]) / np.sum(days[first]))
    plain = np.sqrt(centre / days)
    if kind == "poisson" or centre == 0:
        return centre, plain, 1.0
    z = (value[first] - centre) / plain[first]
    # Months that vary less than chance are luck, not a narrower law.
    spread = max(_moving_range(z, stretch) / SIGMA, 1.0)
    return centre, plain * spread, spread


def _moving_range(values: np.ndarray, stretch: np.ndarray) -> float:
    """Return the mean range of neighbours within a stretch, the wildest screened out once."""
    ranges = np.abs(np.diff(values))[np.diff(stretch) == 0]
    if not len(ranges):
        return float(np.std(values) * SIGMA)
    kept = ranges[ranges <= SCREEN * ranges.mean()]
    return float(kept.mean())


def _signals(
    value: pd.Series, centre: float, error: np.ndarray, stretch: pd.Series
) -> list[str | None]:
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.nan_to_num((value.to_numpy() - centre) / error)
    part = stretch.to_numpy()
    signal: list[str | None] = [None] * len(z)

    def within(at: int, length: int) -> bool:
        return at + 1 >= length and part[at] == part[at - length + 1]

    for at in range(len(z)):
        run, climb, three = z[at - RUN + 1 : at + 1], z[at - CLIMB + 1 : at + 1], z[at - 2 : at + 1]
        if z[at] > 3:
            signal[at] = ABOVE
        elif z[at] < -3:
            signal[at] = BELOW
        elif within(at, 3) and abs(z[at]) > 2 and np.sum(three * np.sign(z[at]) > 2) >= 2:
            signal[at] = CLOSE
        elif within(at, CLIMB) and (np.all(np.diff(climb) > 0) or np.all(np.diff(climb) < 0)):
            signal[at] = TREND
        elif within(at, RUN) and (np.all(run > 0) or np.all(run < 0)):
            signal[at] = ASIDE
    return signal

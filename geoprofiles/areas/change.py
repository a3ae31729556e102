"""What has changed between two periods, and which changes are more than chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special, stats

from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, UNLOCATED, Counts, check_columns

FEW = 20
"""Events in both periods together below which a change is too few to say."""

MORE, FEWER, UNCLEAR, TOO_FEW = "more", "fewer", "no clear change", "too few to say"
NOT_COMPARABLE = "not comparable"
_LARGE = 20_000
"""Events from which the test takes its normal form, which then gives the same."""
_SMALL = 1e-9
_TAILS = (1e-10, 1 - 1e-16)
"""What of a Poisson law is left out at its ends."""

_BLOCK = 1 << 18
"""Terms that are summed at once."""

Period = tuple[pd.Timestamp | str, pd.Timestamp | str]


def change_between(
    counts: Counts,
    before: Period,
    after: Period,
    *,
    level: float = 0.05,
    breaks: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare the counts of two periods, area by area and category by category.

    The ratio is of counts per day. Its limits are exact given both counts together (Przyborowski
    and Wilenski 1940); whether it differs from 1 is told by the E-test (Krishnamoorthy and
    Thomson 2004). Where the months of a category's areas vary more than chance allows, about
    their season if both periods hold the same months of the year, and about their mean if not,
    limits and test are widened by that (quasi-Poisson, McCullagh and Nelder 1989). Of the many
    changes looked at, those that stand are chosen so that no more than `level` of them are
    expected to be chance (Benjamini and Hochberg 1995).

    Parameters
    ----------
    counts : DataFrame
        ``area_code``, ``month``, ``category``, ``count``; zeros are rows.
    before, after : tuple of two months
        First and last month of each period, as ``("2025-01", "2025-12")``.
    level : float
        The share of false findings allowed among those that are called a change.
    breaks : DataFrame, optional
        Where recording changed: ``category``, ``area`` (code; empty for all), ``month``. A change
        across one is not comparable, and not tested.

    Returns
    -------
    DataFrame
        One row for each area and category, those with the strongest evidence first:
        ``area_code``, ``category``, ``before``, ``after`` (counts), ``ratio`` (NaN where there
        were none before), ``lower``, ``upper`` (95%), ``percent`` (NaN where too few),
        ``dispersion`` (how many times as much as chance gives the months of the category vary, 1
        at least), ``p``, ``q`` (least share of false findings at which it would stand) and
        ``verdict``: ``"more"``, ``"fewer"``, ``"no clear change"``, ``"too few to say"`` below 20
        events in both periods together, or ``"not comparable"`` across a break in recording.
        ``attrs`` holds ``days`` of both periods and ``notes``.

    Raises
    ------
    InputError
        If a month of either period has no row, a count is missing or negative, periods overlap,
        or `before` is not earlier.

    References
    ----------
    Przyborowski and Wilenski (1940). *Biometrika* 31, 313-323. Krishnamoorthy and Thomson
    (2004). *Journal of Statistical Planning and Inference* 119, 23-35. McCullagh and Nelder
    (1989). *Generalized Linear Models*, 198-200. Benjamini and Hochberg
    (1995). *Journal of the Royal Statistical Society B* 57, 289-300.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> counts = pd.DataFrame({"area_code": ["A", "A", "B", "B"], "category": "Theft",
    ...     "month": pd.to_datetime(["2025-06-01", "2026-06-01"] * 2), "count": [40, 90, 9, 12]})
    >>> table = geoprofiles.change_between(counts, ("2025-06", "2025-06"), ("2026-06", "2026-06"))
    >>> table[["area_code", "ratio", "verdict"]].round(2).values.tolist()
    [['A', 2.25, 'more'], ['B', 1.33, 'no clear change']]
    """
    check_columns(counts, ["area_code", "month", "category", "count"], what="Counts")
    if not 0 < level < 1:
        raise InputError(f"'level' must be between 0 and 1; it is {level!r}")
    counts = counts[~counts["area_code"].isin([OUTSIDE, UNLOCATED]) & counts["month"].notna()]
    if not (counts["count"] >= 0).all():
        raise InputError(
            "a count is missing or negative",
            remedy="What is suppressed is not zero: leave those areas out.",
        )
    months = two_periods(counts["month"], before, after)
    days = [int(np.sum(one.days_in_month)) for one in months]
    keys = ["area_code", "category"]
    sums = [
        counts[counts["month"].isin(one)].groupby(keys, sort=False, observed=True)["count"].sum()
        for one in months
    ]
    table = pd.DataFrame({"before": sums[0], "after": sums[1]}).fillna(0).astype("int64")
    table = table.reset_index()
    spread = _dispersion(counts, months)
    for name in spread:
        table[name] = spread[name].reindex(table["category"]).astype(float).to_numpy()
    ratio_test(table, days[1] / days[0])
    few = table["before"] + table["after"] < FEW
    broken = _broken(table, breaks, months)
    table["p"] = table["p"].where(~broken)
    table["percent"] = (100 * (table["ratio"] - 1)).where(~few & ~broken)
    table["q"] = np.nan
    # What is too few to say is not among the findings that chance could fill.
    told = ~few & ~broken
    if told.any():
        table.loc[told, "q"] = stats.false_discovery_control(table.loc[told, "p"])
    rate = table["after"] / days[1] > table["before"] / days[0]
    stands = table["q"] <= level
    table["verdict"] = np.select(
        [broken, few, stands & rate, stands & ~rate],
        [NOT_COMPARABLE, TOO_FEW, MORE, FEWER],
        UNCLEAR,
    )
    order = [*keys, "before", "after", "ratio", "lower", "upper", "percent", "dispersion", "p", "q"]
    table = table.sort_values(["p", *keys], kind="stable")[[*order, "verdict"]]
    result = table.reset_index(drop=True)
    found = int(stands.sum())
    result.attrs = {
        "days": tuple(days),
        "notes": [
            f"{len(result):,} changes were looked at; {found:,} are more than chance, of which no"
            f" more than {level:.0%} are expected to be false; {int(few.sum()):,} rest on fewer"
            f" than {FEW} events."
            + (
                f" {int(broken.sum()):,} are not comparable: recording changed in between."
                if broken.any()
                else ""
            )
        ],
    }
    return result


def two_periods(known: pd.Series, before: Period, after: Period) -> list[pd.DatetimeIndex]:
    """Return the months of two periods; refuse those that overlap, or that data do not hold.

    Examples
    --------
    >>> known = pd.Series(pd.date_range("2025-01-01", periods=9, freq="MS"))
    >>> [len(one) for one in two_periods(known, ("2025-01", "2025-03"), ("2025-07", "2025-09"))]
    [3, 3]
    """
    months = [_months(known, period) for period in (before, after)]
    if months[0][-1] >= months[1][0]:
        raise InputError(
            "the periods overlap, or the first is not the earlier",
            remedy="Give the earlier period first, and end it before the other begins.",
        )
    return months


def _months(known: pd.Series, period: Period) -> pd.DatetimeIndex:
    first, last = (pd.Timestamp(one).to_period("M").to_timestamp() for one in period)
    months = pd.date_range(first, last, freq="MS")
    if not len(months):
        raise InputError(f"the period {first:%Y-%m} to {last:%Y-%m} ends before it begins")
    missing = months[~months.isin(known.unique())]
    if len(missing):
        raise InputError(
            f"there are no counts of {missing[0]:%Y-%m}"
            + (f" and {len(missing) - 1} more months" if len(missing) > 1 else ""),
            remedy="A month that is missing is not zero: choose periods that the data hold.",
        )
    return months


def _broken(
    table: pd.DataFrame, breaks: pd.DataFrame | None, months: list[pd.DatetimeIndex]
) -> pd.Series:
    """Tell which changes go across a break in recording."""
    broken = pd.Series(False, index=table.index)
    if breaks is None:
        return broken
    check_columns(breaks, ["category", "month"], what="Breaks")
    month = pd.to_datetime(breaks["month"])
    between = breaks[(month > months[0][0]) & (month <= months[1][-1])]
    for row in between.to_dict("records"):
        mine = pd.Series(True, index=table.index)
        for column, ours in (("category", "category"), ("area", "area_code")):
            said = row.get(column)
            if pd.notna(said) and str(said):  # an empty cell means all
                mine &= table[ours].astype(str).eq(str(said))
        broken |= mine
    return broken


def _dispersion(counts: pd.DataFrame, months: list[pd.DatetimeIndex]) -> pd.DataFrame:
    """Estimate by category how much more than chance the months of its areas vary."""
    one, two = months
    season = len(one) == len(two) and one[0].month == two[0].month
    days = (one.days_in_month.to_numpy(float), two.days_in_month.to_numpy(float))
    rows = {}
    for category, some in counts.groupby("category", observed=True):
        held = some.pivot_table(
            index="area_code", columns="month", values="count", aggfunc="sum", observed=True
        )
        parts = (held.reindex(columns=period).fillna(0).to_numpy(float) for period in months)
        rows[category] = month_spread(*parts, days=days, season=season)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["dispersion", "free"])


def month_spread(
    before: np.ndarray,
    after: np.ndarray,
    *,
    days: tuple[np.ndarray, np.ndarray],
    season: bool,
) -> tuple[float, int]:
    """Return by how much months vary beyond chance (1 at least), and on how many it rests.

    Pearson's statistic over its degrees of freedom.

    Parameters
    ----------
    before, after : array of float, one row an area and one column a month
        Counts of the two periods.
    days : pair of array
        Of each month.
    season : bool
        Whether both hold the same months of the year: months then vary about the season of their
        area, and otherwise about the mean of their area and period, per day.

    Examples
    --------
    >>> days = (np.ones(3), np.ones(3))
    >>> month_spread(
    ...     np.array([[100, 150, 100]]), np.array([[104, 156, 104]]), days=days, season=True
    ... )
    (1.0, 2)
    """
    if season:
        # Each area is a table of two periods by its months, as a test of independence has it.
        table = np.stack([before, after], axis=1)
        held = table.sum(axis=1)
        across, total = table.sum(axis=2), held.sum(axis=1)
        expected = across[:, :, None] * held[:, None, :] / np.maximum(total, 1)[:, None, None]
        some = (across > 0).all(axis=1)
        free = int(((held[some] > 0).sum(axis=1) - 1).clip(min=0).sum())
        table, expected = table[some], expected[some]
    else:
        means = [
            part.sum(axis=1, keepdims=True) * each / each.sum()
            for part, each in zip((before, after), days, strict=True)
        ]
        table, expected = np.hstack([before, after]), np.hstack(means)
        free = int(sum((part.sum(axis=1) > 0).sum() * (part.shape[1] - 1)
                       for part in (before, after)))  # fmt: skip
    if free < 1:
        return 1.0, 0
    # Where nothing happened there is nothing to vary.
    there = expected > 0
    spread = float(np.sum((table - expected)[there] ** 2 / expected[there]) / free)
    return max(spread, 1.0), free


def ratio_test(table: pd.DataFrame, exposure: float) -> None:
    """Add ratio, its limits and p to a table of ``before``, ``after`` and ``dispersion``.

    `exposure` is what the later counts are out of over what the earlier are: days, or people
    times days. ``free`` are the degrees of freedom that the dispersion was estimated on.

    Examples
    --------
    >>> table = pd.DataFrame({"before": [101], "after": [101], "dispersion": [1.0], "free": [0]})
    >>> ratio_test(table, 1.0)
    >>> table[["ratio", "lower", "upper", "p"]].round(2).values.tolist()
    [[1.0, 0.75, 1.33, 1.0]]
    """
    one, two = table["before"].to_numpy(dtype=float), table["after"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        table["ratio"] = np.where(one > 0, two / one / exposure, np.nan)
        # Small counts come again and again: each pair of them is worked out once.
        at, pairs = pd.factorize(one + 1j * two)
        first, second = pairs.real, pairs.imag
        # Given both together, the later count is binomial; its limits are those of the odds.
        low = np.where(second > 0, special.betaincinv(second, first + 1, 0.025), 0.0)
        high = np.where(first > 0, special.betaincinv(second + 1, first, 0.975), 1.0)
        lower, upper = (end[at] / (1 - end[at]) / exposure for end in (low, high))
        p = _e_test(np.floor(first), np.floor(second), exposure)[at]
    spread, free = table["dispersion"].to_numpy(), table["free"].to_numpy(dtype=float)
    wide = spread > 1
    # Quasi-Poisson: the same evidence, counted in so many fewer events, by Student's law, as the
    # spread is an estimate too.
    free = np.where(wide, free, np.inf)
    z = -special.ndtri(np.clip(p, 1e-300, 1) / 2)
    table["p"] = np.where(wide, 2 * stats.t.sf(z / np.sqrt(spread), free), p)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = stats.t.ppf(0.975, free) * np.sqrt(spread * (1 / one + 1 / two))
        ratio = table["ratio"].to_numpy()
        table["lower"] = np.where(wide, np.fmin(lower, ratio * np.exp(-error)), lower)
        table["upper"] = np.where(wide, np.fmax(upper, ratio * np.exp(error)), upper)


def _e_test(one: np.ndarray, two: np.ndarray, exposure: float) -> np.ndarray:
    """Return the two-sided p of each pair of counts, `exposure` the second's over the first's."""
    total, share = one + two, exposure / (1 + exposure)
    p = np.ones(len(one))
    large = total > _LARGE
    width = np.sqrt(total[large] * share * (1 - share))
    p[large] = 2 * special.ndtr(-np.abs(two[large] - total[large] * share) / width)
    some = np.flatnonzero((total > 0) & ~large)
    # Those alike in size go together, so that little of a block is padding.
    some = some[np.argsort(total[some], kind="stable")]
    while len(some):
        least = 15 * np.sqrt(total[some]) + 30
        number = max(1, int(np.searchsorted(np.arange(1, len(some) + 1) * least, _BLOCK)))
        block, some = some[:number], some[number:]
        p[block] = _sums_beyond(one[block], two[block], exposure)
    # Sums of many terms end at rounding: the binomial given both counts goes on from there.
    tiny = ~large & (p <= _SMALL)
    law = stats.binom(total[tiny], share)
    p[tiny] = 2 * np.minimum(law.cdf(two[tiny]), law.sf(two[tiny] - 1))
    return p


def _sums_beyond(one: np.ndarray, two: np.ndarray, exposure: float) -> np.ndarray:
    """Sum the chance of all pairs of counts that lie as far apart as these do, or farther.

    For one count, those of the other that are so far apart are all up to one and all from
    another: sums from either end tell their chance, and no pair needs to be looked at.
    """
    rate = (one + two) / (1 + exposure)
    apart = np.abs(two / exposure - one) / np.sqrt(two / exposure**2 + one)
    apart = apart[:, None]
    (x, chance), (y, other) = (_terms(expected) for expected in (exposure * rate, rate))
    below, above = np.cumsum(other, axis=1), np.cumsum(other[:, ::-1], axis=1)[:, ::-1]
    level = x / exposure
    middle = level + apart**2 / 2
    reach = apart * np.sqrt(level + level / exposure + apart**2 / 4)

    def lies(at: np.ndarray) -> np.ndarray:
        return np.asarray((level - at) / np.sqrt(level / exposure + at))

    with np.errstate(divide="ignore", invalid="ignore"):
        # Whether the nearest count itself belongs is for the statistic to say, ties and all.
        low, high = np.maximum(np.rint(middle - reach), 0), np.rint(middle + reach)
        low = np.where(lies(low) >= apart, low, low - 1)
        high = np.maximum(np.where(-lies(high) >= apart, high, high + 1), low + 1)
    nothing = np.zeros((len(one), 1))
    last, first = other.shape[1], y[:, :1]
    under = np.clip(low - first + 1, 0, last).astype(int)
    over = np.clip(high - first, 0, last).astype(int)
    found = np.take_along_axis(np.hstack([nothing, below]), under, axis=1)
    found += np.take_along_axis(np.hstack([above, nothing]), over, axis=1)
    # One after the other, so that the sum does not depend on how much padding a block has.
    p = np.cumsum(chance * found, axis=1)[:, -1]
    # Of two equal rates the sum of all terms ends a hair above 1.
    return np.minimum(p, 1.0)


def _terms(expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts that a Poisson law may give, one row each, and their chances."""
    first, last = (stats.poisson.ppf(tail, expected)[:, None] for tail in _TAILS)
    count = first + np.arange(np.max(last - first) + 1)
    return count, np.where(count <= last, stats.poisson.pmf(count, expected[:, None]), 0.0)

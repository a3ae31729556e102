"""Rates and proportions with their limits."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.areas.codes import lost_codes, refuse_names
from geoprofiles.checks import check_positive
from geoprofiles.errors import InputError, InputWarning
from geoprofiles.frames import (
    INDICATOR_COLUMNS,
    OUTSIDE,
    POPULATION_COLUMNS,
    UNLOCATED,
    Counts,
    Indicators,
    Population,
    check_columns,
)
from geoprofiles.words import listed, period_words

EXACT_BELOW = 10
"""Events below which Poisson limits are exact; from there on Byar's approximation serves."""

NO_DENOMINATOR, NOT_KNOWN = "no denominator", "not known"


def crude_rate(
    count: Any, denominator: Any, *, per: float = 1000, confidence: float = 0.95
) -> pd.DataFrame:
    """Turn counts into crude rates with Poisson limits.

    Exact limits below 10 events, Byar's approximation from 10.

    Parameters
    ----------
    count : array-like of int
        Events; 0 or more. NaN, not known, gives no rate.
    denominator : array-like of float
        Population at risk, or person-time. NaN and 0 give no rate.
    per : float
        The multiplier: 1000 for a rate per 1,000.
    confidence : float
        Of the limits, between 0 and 1.

    Returns
    -------
    DataFrame
        ``value``, ``lower``, ``upper`` and ``method``, one row a count, on its index.

    Raises
    ------
    InputError
        If a count or a denominator is negative, `per` or `confidence` is out of range, or the two
        are Series on different indexes.

    References
    ----------
    Breslow and Day (1987). *Statistical Methods in Cancer Research* II, 68-71.

    Examples
    --------
    >>> import geoprofiles
    >>> geoprofiles.crude_rate([65], [10_000]).round(4).to_dict("records")
    [{'value': 6.5, 'lower': 5.0163, 'upper': 8.2849, 'method': "Byar's limits"}]
    """
    from scipy import special

    check_positive(per, "per")
    z, alpha = normal_quantile(confidence), 1 - confidence
    events, people = _arrays(count, denominator)
    exact = events < EXACT_BELOW
    few, more = events[exact], events + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        low = events * (1 - 1 / (9 * events) - z / (3 * np.sqrt(events))) ** 3
        high = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
        # The exact ones take long: they are made only where they serve.
        low[exact] = np.where(few > 0, special.gammaincinv(few, alpha / 2), 0.0)
        high[exact] = special.gammaincinv(few + 1, 1 - alpha / 2)
        people = np.where(people > 0, people, np.nan)
        table = {
            "value": events / people * per,
            "lower": low / people * per,
            "upper": high / people * per,
        }
    method = np.where(exact, "exact Poisson limits", "Byar's limits").astype(object)
    method[np.isnan(events)] = NOT_KNOWN
    method[np.isnan(people)] = NO_DENOMINATOR
    return pd.DataFrame({**table, "method": method}, index=_index(count))


def proportion(
    numerator: Any, denominator: Any, *, per: float = 100, confidence: float = 0.95
) -> pd.DataFrame:
    """Turn parts of wholes into proportions with Wilson's score limits.

    Parameters
    ----------
    numerator, denominator : array-like of float
        The part and the whole.
    per : float
        The multiplier: 100 for a percentage.
    confidence : float
        Of the limits, between 0 and 1.

    Returns
    -------
    DataFrame
        ``value``, ``lower``, ``upper`` and ``method``; the index of `numerator`.

    Raises
    ------
    InputError
        If a part is negative or larger than its whole, or the two are Series on different
        indexes.

    References
    ----------
    Wilson (1927). *Journal of the American Statistical Association* 22, 209-212.

    Examples
    --------
    >>> import geoprofiles
    >>> geoprofiles.proportion([63], [177]).round(1).to_dict("records")
    [{'value': 35.6, 'lower': 28.9, 'upper': 42.9, 'method': "Wilson's limits"}]
    """
    check_positive(per, "per")
    z = normal_quantile(confidence)
    part, whole = _arrays(numerator, denominator)
    # A hair above is rounding, of counts that were shared out between areas.
    above = part > whole * (1 + 1e-9)
    if above.any():
        row = int(np.argmax(above))
        raise InputError(
            f"a part ({part[row]:g}) is larger than its whole ({whole[row]:g}), in place {row + 1}"
        )
    part = np.minimum(part, whole)
    whole = np.where(whole > 0, whole, np.nan)
    share = part / whole
    middle = 2 * part + z**2
    spread = z * np.sqrt(z**2 + 4 * part * (1 - share))
    below = 2 * (whole + z**2)
    method = np.where(np.isnan(part), NOT_KNOWN, "Wilson's limits").astype(object)
    method[np.isnan(whole)] = NO_DENOMINATOR
    return pd.DataFrame(
        {
            "value": share * per,
            # Rounding must not push a limit beyond what a share can be.
            "lower": np.clip((middle - spread) / below, 0, share) * per,
            "upper": np.clip((middle + spread) / below, share, 1) * per,
            "method": method,
        },
        index=_index(numerator),
    )


def rate_by_area(
    counts: Counts,
    population: Population,
    *,
    indicator: str,
    period: tuple[pd.Timestamp, pd.Timestamp] | None = None,
    per: float = 1000,
    unit: str | None = None,
) -> Indicators:
    """Turn counts into the crude rate of each area over a period.

    The rate is for the period as it is: that of 11 months is not made into a yearly one.

    Parameters
    ----------
    counts : DataFrame
        Counts, already of the categories wanted; ``(outside)`` and ``(unlocated)`` are left out.
    population : DataFrame
        Population: one number for each area. An area that it lacks has no rate, and a warning
        says how many there are; one with NaN is known to have none.
    indicator : str
        What the rate is called.
    period : pair of Timestamp, optional
        First and last month; all months of the counts where not said.
    per : float
        The multiplier: 1000 for a rate per 1,000.
    unit : str, optional
        The unit in words; ``"per 1,000"`` where not said.

    Returns
    -------
    DataFrame
        Indicators, one row for each area, in the order of the counts.

    Raises
    ------
    InputError
        If a column is missing, the population has two numbers for one area, names in place of
        codes, or not one of the codes.

    Warns
    -----
    InputWarning
        If the population lacks some of the areas, as one of another vintage does.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> counts = pd.DataFrame({"area_code": ["A"], "area_name": ["Mill"], "category": ["Theft"],
    ...     "month": [pd.Timestamp("2026-06-01")], "count": [4]})
    >>> population = pd.DataFrame({"area_code": ["A"], "year": [2025], "population": [1000.0]})
    >>> rates = geoprofiles.rate_by_area(counts, population, indicator="Theft")
    >>> rates[["value", "period", "unit"]].to_dict("records")
    [{'value': 4.0, 'period': 'June 2026', 'unit': 'per 1,000'}]
    """
    check_columns(counts, ["area_code", "month", "count"], what="Counts")
    check_columns(population, POPULATION_COLUMNS, what="Population")
    repeated = population["area_code"][population["area_code"].duplicated()]
    if len(repeated):
        raise InputError(
            f"the population has more than one number for '{repeated.iloc[0]}'",
            remedy="Choose one year of it.",
        )
    inside = counts[~counts["area_code"].isin([OUTSIDE, UNLOCATED])]
    first, last = period or (inside["month"].min(), inside["month"].max())
    chosen = inside["count"].where(inside["month"].between(first, last), 0)
    events = chosen.groupby(inside["area_code"].astype(object), sort=False).sum()
    _need_denominators(inside, population)
    people = population.set_index("area_code")["population"].reindex(events.index)
    table = crude_rate(events, people, per=per)
    table["area_code"] = events.index
    table["indicator"] = indicator
    table["period"] = period_words(first, last) if len(inside) else ""
    table["numerator"], table["denominator"] = events, people
    table["unit"] = unit or f"per {per:,.0f}"
    return table[list(INDICATOR_COLUMNS)].reset_index(drop=True)


def _need_denominators(counts: Counts, population: Population) -> None:
    """Refuse a population of other areas; warn of one that lacks some of these."""
    codes = counts["area_code"].astype(object)
    lost, share = lost_codes(codes, population["area_code"], weights=counts["count"])
    if not lost:
        return
    number = codes.nunique()
    if "area_name" in counts:
        names = dict(zip(codes, counts["area_name"].astype(str), strict=True))
        refuse_names(list(map(str, population["area_code"])), names, what="population's rows")
    if len(lost) == number:
        raise InputError(
            f"the population has none of the {number:,} areas that were counted: one has"
            f" '{lost[0]}', the other '{next(iter(population['area_code']), '')}'",
            remedy="They are of different kinds or vintages: bring the population to these areas"
            " with reaggregate.",
        )
    warnings.warn(
        f"The population lacks {len(lost):,} of {number:,} areas, with {share:.1%} of the"
        f" incidents: {listed(lost, most=3)}. They have no rate; is it of another vintage?",
        InputWarning,
        stacklevel=3,
    )


def _arrays(first: Any, second: Any) -> tuple[np.ndarray, np.ndarray]:
    both = isinstance(first, pd.Series) and isinstance(second, pd.Series)
    # Taken place by place, rows in another order would be rated by others' people.
    if both and not first.index.equals(second.index):
        raise InputError(
            "counts and denominators are on different indexes",
            remedy="Bring them into one order first: denominator.reindex(count.index).",
        )
    one, two = np.atleast_1d(np.asarray(first, float)), np.atleast_1d(np.asarray(second, float))
    one, two = np.broadcast_arrays(one, two)
    for values, what in ((one, "count"), (two, "denominator")):
        bad = (values < 0) | np.isinf(values)
        if bad.any():
            row = int(np.argmax(bad))
            told = "negative" if values[row] < 0 else "infinite"
            raise InputError(f"a {what} is {told} ({values[row]:g}), in place {row + 1}")
    return one, two


def _index(values: Any) -> pd.Index | None:
    return values.index if isinstance(values, pd.Series) else None


def normal_quantile(confidence: float) -> float:
    """Return how many standard errors either side hold so much.

    Parameters
    ----------
    confidence : float
        Between 0 and 1.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If it is not between 0 and 1.

    Examples
    --------
    >>> round(normal_quantile(0.95), 3)
    1.96
    """
    from scipy import special

    if not 0 < confidence < 1:
        raise InputError(f"'confidence' must lie between 0 and 1; it is {confidence!r}")
    return float(special.ndtri(0.5 + confidence / 2))

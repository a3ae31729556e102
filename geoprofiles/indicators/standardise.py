"""Rates made comparable between areas of different ages, and life expectancy."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from geoprofiles.areas.rates import crude_rate
from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns
from geoprofiles.words import listed

ESP2013 = {
    "0-4": 5000, "5-9": 5500, "10-14": 5500, "15-19": 5500, "20-24": 6000, "25-29": 6000,
    "30-34": 6500, "35-39": 7000, "40-44": 7000, "45-49": 7000, "50-54": 7000, "55-59": 6500,
    "60-64": 6000, "65-69": 5500, "70-74": 5000, "75-79": 4000, "80-84": 2500, "85+": 2500,
}  # fmt: skip
"""The European Standard Population of 2013: people by age in 100,000 (Eurostat 2013)."""

ESP2013_FINE = {"0": 1000, "1-4": 4000, "85-89": 1500, "90-94": 800, "90+": 1000, "95+": 200}
"""Its parts of the first and last bands, where data are that fine."""

FEWEST_EVENTS = 10
"""Events below which a directly standardised rate is withheld."""

FEWEST_PEOPLE = 5000
"""Person-years below which life expectancy is withheld."""

FIRST_YEAR = 0.1
"""Part of the first year that those live who die in it; half, at all other ages."""

STRATA = ["area_code", "age", "numerator", "denominator"]


def standardised_rate(
    strata: pd.DataFrame, *, weights: Any = None, per: float = 100_000, confidence: float = 0.95
) -> pd.DataFrame:
    """Standardise rates directly: what they would be were every area's people of the same ages.

    Parameters
    ----------
    strata : DataFrame
        One row for each area and age band: ``area_code``, ``age`` (``"0-4"``, ``"85+"``),
        ``numerator`` (events), ``denominator`` (people or person-years). Where some people have
        several events, ``squares`` (the sum over people of their events squared) keeps the limits
        honest.
    weights : mapping of age to number, optional
        The standard population; the European one of 2013 where not said.
    per : float
        The multiplier: 100,000 for a rate per 100,000.
    confidence : float
        Of the limits, between 0 and 1.

    Returns
    -------
    DataFrame
        One row an area: ``area_code``, ``numerator``, ``denominator``, ``value``, ``lower``,
        ``upper``, ``method``. Below 10 events, or where an age has no people, there is no value.

    Raises
    ------
    InputError
        If an age has no weight, an age of an area comes twice, or a number is negative.

    References
    ----------
    Dobson, Kuulasmaa, Eberle and Scherer (1991). *Statistics in Medicine* 10, 457-462.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> strata = pd.DataFrame({"area_code": "A", "age": ["young", "old"], "numerator": [10, 30],
    ...     "denominator": [1000, 1000]})
    >>> weights = {"young": 3, "old": 1}
    >>> rates = geoprofiles.standardised_rate(strata, weights=weights, per=1000)
    >>> rates[["value", "lower", "upper"]].round(2).values.tolist()
    [[15.0, 10.05, 21.27]]
    """
    strata = _checked(strata)
    known = dict(weights) if weights is not None else {**ESP2013_FINE, **ESP2013}
    unknown = sorted(set(strata["age"]) - set(known))
    if unknown:
        raise InputError(
            f"the standard population has no age '{unknown[0]}'; it has {listed(list(known))}",
            remedy="Bring the table to five-year ages, or give 'weights' for its own.",
        )
    weight = strata["age"].map(known).astype(float)
    events = strata["numerator"].astype(float)
    people = strata["denominator"].astype(float)
    people = people.where(people > 0)
    # Someone with three events adds nine to the variance, not three.
    spread = strata["squares"].astype(float) if "squares" in strata else events
    by = strata["area_code"]

    def total(values: pd.Series) -> pd.Series:
        return values.groupby(by, sort=False).sum(min_count=1)

    sums = total(weight)
    whole = people.notna().groupby(by, sort=False).all()
    rate = total(weight * events / people) / sums
    variance = total(weight**2 * spread / people**2) / sums**2
    count = total(events)
    limits = crude_rate(count, 1.0, per=1, confidence=confidence)
    enough = whole & (count >= FEWEST_EVENTS)
    scale = np.sqrt(variance / count.where(count > 0))
    method = np.where(enough, "Dobson's limits", "withheld: fewer than 10 events")
    method = np.where(whole, method, "withheld: an age without people")
    return pd.DataFrame(
        {
            "area_code": count.index,
            "numerator": count.to_numpy(),
            "denominator": total(people).to_numpy(),
            "value": (rate * per).where(enough).to_numpy(),
            "lower": ((rate + scale * (limits["lower"] - count)) * per).where(enough).to_numpy(),
            "upper": ((rate + scale * (limits["upper"] - count)) * per).where(enough).to_numpy(),
            "method": method.astype(object),
        }
    )


def standardised_ratio(
    strata: pd.DataFrame,
    *,
    reference: pd.DataFrame | None = None,
    per: float = 100,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Standardise indirectly: events observed over those that the reference's rates would give.

    Parameters
    ----------
    strata : DataFrame
        As for :func:`standardised_rate`.
    reference : DataFrame, optional
        ``age``, ``numerator``, ``denominator`` of the reference; all areas of `strata` together
        where not said.
    per : float
        What the reference counts as: 100.
    confidence : float
        Of the limits: Byar's, exact below 10 events, on the events observed.

    Returns
    -------
    DataFrame
        One row an area: ``area_code``, ``numerator`` (observed), ``denominator`` (expected),
        ``value``, ``lower``, ``upper``, ``method``.

    Raises
    ------
    InputError
        If the reference lacks an age or its people, or a number is negative.

    References
    ----------
    Breslow and Day (1987). *Statistical Methods in Cancer Research* II, 61-79.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> strata = pd.DataFrame({"area_code": ["A", "B"], "age": "all", "numerator": [30, 10],
    ...     "denominator": [1000, 1000]})
    >>> geoprofiles.standardised_ratio(strata)["value"].tolist()
    [150.0, 50.0]
    """
    strata = _checked(strata)
    reference = strata if reference is None else reference
    check_columns(reference, STRATA[1:], what="The reference")
    sums = reference.groupby("age", sort=False)[["numerator", "denominator"]].sum()
    rate = sums["numerator"] / sums["denominator"].where(sums["denominator"] > 0)
    lacking = sorted(set(strata["age"]) - set(rate.dropna().index))
    if lacking:
        raise InputError(f"the reference has no people of the age '{lacking[0]}'")
    by = strata["area_code"]
    expected = strata["denominator"].astype(float) * strata["age"].map(rate).astype(float)
    expected = expected.groupby(by, sort=False).sum()
    observed = strata["numerator"].astype(float).groupby(by, sort=False).sum()
    table = crude_rate(observed, expected, per=per, confidence=confidence)
    return pd.DataFrame(
        {
            "area_code": observed.index,
            "numerator": observed.to_numpy(),
            "denominator": expected.to_numpy(),
            **{name: table[name].to_numpy() for name in ("value", "lower", "upper", "method")},
        }
    )


def life_expectancy(strata: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Work out how long people would live, at birth, at the death rates of each area's ages.

    An abridged life table by Chiang's method, its last age open; the variance of that last age
    counts too (Silcocks, Jenner and Reza 2001), binomial as at the other ages.

    Parameters
    ----------
    strata : DataFrame
        As for :func:`standardised_rate`: ``numerator`` deaths, ``denominator`` person-years, ages
        from 0 on without a gap, the last open (``"85+"``).
    confidence : float
        Of the limits.

    Returns
    -------
    DataFrame
        One row an area: ``area_code``, ``numerator``, ``denominator``, ``value`` (years),
        ``lower``, ``upper``, ``method``. Withheld below 5,000 person-years, where an age has no
        people or more deaths than people, or nobody died at the last age.

    Raises
    ------
    InputError
        If ages cannot be read, leave a gap, or the last is not open.

    References
    ----------
    Chiang (1984). *The Life Table and its Applications*. Silcocks, Jenner and Reza (2001).
    *Journal of Epidemiology and Community Health* 55, 38-43. Eayres and Williams (2004), for the
    least number of people. *Journal of Epidemiology and Community Health* 58, 243-249.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> strata = pd.DataFrame({"area_code": "A", "age": ["0-49", "50+"],
    ...     "numerator": [100, 800], "denominator": [50_000, 20_000]})
    >>> geoprofiles.life_expectancy(strata)["value"].round(1).tolist()
    [70.2]
    """
    strata = _checked(strata)
    ages = _ages(list(dict.fromkeys(strata["age"])))
    rows = []
    for code, some in strata.groupby("area_code", sort=False):
        table = some.set_index("age").reindex(list(ages))
        deaths = table["numerator"].to_numpy(dtype=float)
        people = table["denominator"].to_numpy(dtype=float)
        reason = _withheld(deaths, people)
        value, error = (np.nan, np.nan) if reason else _life_table(deaths, people, ages)
        margin = float(special.ndtri(0.5 + confidence / 2)) * error
        rows.append(
            (code, np.nansum(deaths), np.nansum(people), value, value - margin, value + margin,
             reason or "Chiang's life table")
        )  # fmt: skip
    columns = ["area_code", "numerator", "denominator", "value", "lower", "upper", "method"]
    return pd.DataFrame(rows, columns=columns)


def _withheld(deaths: np.ndarray, people: np.ndarray) -> str:
    if np.isnan(people).any() or np.isnan(deaths).any() or (people <= 0).any():
        return "withheld: an age without people"
    if people.sum() < FEWEST_PEOPLE:
        return "withheld: fewer than 5,000 people"
    if (deaths[:-1] > people[:-1]).any():
        return "withheld: more deaths than people at an age"
    return "" if deaths[-1] > 0 else "withheld: nobody died at the last age"


def _life_table(
    deaths: np.ndarray, people: np.ndarray, ages: dict[str, tuple[int, float]]
) -> tuple[float, float]:
    """Return life expectancy at birth and its standard error."""
    width = np.array([one[1] for one in ages.values()])
    lived = np.where(width == 1, FIRST_YEAR, 0.5)
    rate = deaths / people
    dying = np.ones_like(rate)
    dying[:-1] = width[:-1] * rate[:-1] / (1 + width[:-1] * (1 - lived[:-1]) * rate[:-1])
    alive = np.concatenate([[1.0], np.cumprod(1 - dying[:-1])])
    years = np.empty_like(rate)
    years[:-1] = width[:-1] * (alive[1:] + lived[:-1] * (alive[:-1] - alive[1:]))
    years[-1] = alive[-1] / rate[-1]
    left = np.cumsum(years[::-1])[::-1] / alive
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(deaths > 0, dying**2 * (1 - dying) / deaths, 0.0)
    after = (1 - lived[:-1]) * width[:-1] + left[1:]
    total = np.sum(variance[:-1] * alive[:-1] ** 2 * after**2)
    total += alive[-1] ** 2 * (1 - min(rate[-1], 1.0)) / (deaths[-1] * rate[-1] ** 2)
    return float(left[0]), float(np.sqrt(total))


def _ages(names: list[str]) -> dict[str, tuple[int, float]]:
    """Read bands of age: each to its first year and width, in order, without a gap."""
    read = {}
    for name in names:
        match = re.fullmatch(r"(\d+)(?:\s*[-–]\s*(\d+)|\s*(\+))?", name.strip())
        if match is None:
            raise InputError(
                f"'{name}' is no age", remedy="Write ages as 0, 1-4, 5-9 and so on to 85+ or 90+."
            )
        first = int(match.group(1))
        last = match.group(2)
        width = np.inf if match.group(3) else (int(last) if last else first) - first + 1
        read[name] = (first, float(width))
    ordered = dict(sorted(read.items(), key=lambda one: one[1]))
    ends = [first + width for first, width in ordered.values()]
    starts = [first for first, _ in ordered.values()]
    if starts[0] != 0 or ends[-1] != np.inf or ends[:-1] != starts[1:]:
        raise InputError(
            f"the ages leave a gap or overlap: {listed(list(ordered))}",
            remedy="They must run from 0 to an open last age such as 85+.",
        )
    return ordered


def _checked(strata: pd.DataFrame) -> pd.DataFrame:
    check_columns(strata, STRATA, what="Strata")
    for column in ("numerator", "denominator"):
        if (strata[column] < 0).any():
            code = strata.loc[strata[column] < 0, "area_code"].iloc[0]
            raise InputError(f"a {column} of '{code}' is negative")
    twice = strata.duplicated(["area_code", "age"])
    if twice.any():
        code, age = strata.loc[twice, ["area_code", "age"]].iloc[0]
        raise InputError(f"the age '{age}' of '{code}' comes twice")
    return strata.assign(age=strata["age"].astype(str))

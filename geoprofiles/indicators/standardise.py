"""Rates made comparable between areas of different ages, and life expectancy."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.areas.rates import crude_rate, normal_quantile
from geoprofiles.checks import check_positive
from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns
from geoprofiles.indicators.strata import (
    STRATA,
    check_strata,
    read_bands,
    refuse_overlap,
    whole_life,
)
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

NO_PEOPLE, UNKNOWN = "withheld: an age without people", "withheld: a figure is not known"


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
        ``upper``, ``method``. Below 10 events, where an age that other areas have is missing or
        has no people, or where a figure is not known, there is no value.

    Raises
    ------
    InputError
        If an age has no weight, ages overlap, an age of an area comes twice, a number is negative,
        or squares are below their events.

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
    check_positive(per, "per")
    strata = check_strata(strata)
    weight = strata["age"].map(_weights(strata, weights)).astype(float)
    events, people = strata["numerator"], strata["denominator"]
    # Someone with three events adds nine to the variance, not three.
    spread = strata.get("squares", events)
    by = strata["area_code"]

    def total(values: pd.Series) -> pd.Series:
        return values.groupby(by, sort=False).sum()

    at_risk = people.where(people > 0)
    sums = total(weight)
    rate = total(weight * events / at_risk) / sums
    variance = total(weight**2 * spread / at_risk**2) / sums**2
    count = total(events)
    limits = crude_rate(count, 1.0, per=1, confidence=confidence)
    scale = np.sqrt(variance / count.where(count > 0))
    method = pd.Series("Dobson's limits", index=count.index, dtype=object)
    method[count < FEWEST_EVENTS] = f"withheld: fewer than {FEWEST_EVENTS} events"
    method[_any(events.isna() | spread.isna(), by)] = UNKNOWN
    method[_lacking(strata) | _any(at_risk.isna(), by)] = NO_PEOPLE
    made = method == "Dobson's limits"
    lower = np.maximum(rate + scale * (limits["lower"] - count), 0)
    return pd.DataFrame(
        {
            "area_code": count.index,
            # A sum of which a part is not known is not known.
            "numerator": count.where(~_any(events.isna(), by)).to_numpy(),
            "denominator": total(people).where(~_any(people.isna(), by)).to_numpy(),
            "value": (rate * per).where(made).to_numpy(),
            "lower": (lower * per).where(made).to_numpy(),
            "upper": ((rate + scale * (limits["upper"] - count)) * per).where(made).to_numpy(),
            "method": method.to_numpy(),
        }
    )


def _weights(strata: pd.DataFrame, weights: Any) -> dict[str, float]:
    """Return the standard population by age, once it has every age of the table."""
    given = {**ESP2013_FINE, **ESP2013} if weights is None else dict(weights)
    known = {str(age): float(number) for age, number in given.items()}
    names = list(dict.fromkeys(strata["age"]))
    if weights is None:
        # Bands may be written with other dashes or spaces, and must not count anybody twice.
        refuse_overlap(read_bands(names))
        plain = {name: re.sub(r"\s*[-–]\s*", "-", name).replace(" ", "") for name in names}
        known = {name: known[one] for name, one in plain.items() if one in known}
    unknown = [name for name in names if not known.get(name, -1.0) >= 0]
    if unknown:
        raise InputError(
            f"the standard population has no age '{unknown[0]}'; it has {listed(list(given))}",
            remedy="Bring the table to five-year ages, or give 'weights' for its own.",
        )
    if not sum(known[name] for name in names) > 0:
        raise InputError("the standard population has nobody of these ages")
    return known


def _any(flags: pd.Series, by: pd.Series) -> pd.Series:
    return flags.groupby(by, sort=False).any()


def _lacking(strata: pd.DataFrame) -> pd.Series:
    """Tell which areas lack an age that others have: a missing row is not zero."""
    return strata.groupby("area_code", sort=False)["age"].size() < strata["age"].nunique()


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
        where not said. Rows of which a figure is not known are left out of it.
    per : float
        What the reference counts as: 100.
    confidence : float
        Of the limits: Byar's, exact below 10 events, on the events observed.

    Returns
    -------
    DataFrame
        One row an area: ``area_code``, ``numerator`` (observed), ``denominator`` (expected),
        ``value``, ``lower``, ``upper``, ``method``. Where a figure is not known or an age that
        other areas have is missing, there is no value.

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
    strata = check_strata(strata)
    reference = strata if reference is None else reference
    check_columns(reference, STRATA[1:], what="The reference")
    pair = ["numerator", "denominator"]
    known = reference.assign(age=reference["age"].astype(str)).dropna(subset=pair)
    if (known[pair] < 0).any(axis=None):
        raise InputError("a number of the reference is negative")
    sums = known.groupby("age", sort=False)[pair].sum().astype(float)
    rate = sums["numerator"] / sums["denominator"].where(sums["denominator"] > 0)
    needed = strata["age"][strata["denominator"] > 0]
    lacking = sorted(set(needed) - set(rate.dropna().index))
    if lacking:
        raise InputError(
            f"the reference has no people of the age '{lacking[0]}'",
            remedy="It needs the ages of the table, each with its people.",
        )
    by = strata["area_code"]
    # Where nobody is of an age, none of its events are expected.
    people, events = strata["denominator"], strata["numerator"]
    expected = (people * strata["age"].map(rate)).where(people != 0, 0.0)
    unknown = _any(events.isna() | people.isna(), by) | _lacking(strata)
    observed = events.groupby(by, sort=False).sum().where(~unknown)
    expected = expected.groupby(by, sort=False).sum().where(~unknown)
    table = crude_rate(observed, expected, per=per, confidence=confidence)
    table.loc[unknown, "method"] = UNKNOWN
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
    counts too (Silcocks, Jenner and Reza 2001), as of a rate per person-year. Those who die in
    their first year live a tenth of it, where it is an age of its own; at all other ages half.

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
        ``lower``, ``upper``, ``method``. Withheld below 5,000 person-years, where an age is missing
        or without people, more die at an age than can, nobody died at the last age, or a figure is
        not known.

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
    z = normal_quantile(confidence)
    strata = check_strata(strata)
    ages = whole_life(list(dict.fromkeys(strata["age"])))
    row, codes = pd.factorize(strata["area_code"])
    column = strata["age"].map({name: place for place, name in enumerate(ages)}).to_numpy()
    deaths = np.full((len(codes), len(ages)), np.nan)
    people = deaths.copy()
    deaths[row, column], people[row, column] = strata["numerator"], strata["denominator"]
    present = np.zeros(deaths.shape, dtype=bool)
    present[row, column] = True
    width = np.array([one[1] for one in ages.values()])
    method = _withheld(deaths, people, present, width)
    made = method == ""
    value, error = np.full((2, len(codes)), np.nan)
    value[made], error[made] = _life_table(deaths[made], people[made], width)
    method[made] = "Chiang's life table"
    return pd.DataFrame(
        {
            "area_code": codes,
            "numerator": deaths.sum(axis=1),
            "denominator": people.sum(axis=1),
            "value": value,
            "lower": value - z * error,
            "upper": value + z * error,
            "method": method,
        }
    )


def _withheld(
    deaths: np.ndarray, people: np.ndarray, present: np.ndarray, width: np.ndarray
) -> np.ndarray:
    """Return for each area why it has no life expectancy; empty where it has one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        dying = _dying(deaths / people, width)
        reasons = [
            (~present.all(axis=1) | (people <= 0).any(axis=1), NO_PEOPLE),
            (np.isnan(deaths).any(axis=1) | np.isnan(people).any(axis=1), UNKNOWN),
            (people.sum(axis=1) < FEWEST_PEOPLE, f"withheld: fewer than {FEWEST_PEOPLE:,} people"),
            ((deaths > people).any(axis=1), "withheld: more deaths than people at an age"),
            ((dying[:, :-1] >= 1).any(axis=1), "withheld: more deaths than people at an age"),
            (deaths[:, -1] == 0, "withheld: nobody died at the last age"),
        ]
    found = np.select([one for one, _ in reasons], [told for _, told in reasons], "")
    return found.astype(object)


def _lived(width: np.ndarray) -> np.ndarray:
    """Return which part of an age those live through who die in it."""
    lived = np.full(len(width), 0.5)
    lived[0] = FIRST_YEAR if width[0] == 1 else 0.5
    return lived


def _dying(rate: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return the chance to die in each age, once reached; 1 in the last."""
    dying = np.ones_like(rate)
    left = width[:-1] * (1 - _lived(width)[:-1])
    dying[:, :-1] = width[:-1] * rate[:, :-1] / (1 + left * rate[:, :-1])
    return dying


def _life_table(
    deaths: np.ndarray, people: np.ndarray, width: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return life expectancy at birth and its standard error, of each row of ages."""
    rate, lived = deaths / people, _lived(width)[:-1]
    dying = _dying(rate, width)
    alive = np.cumprod(np.hstack([np.ones((len(rate), 1)), 1 - dying[:, :-1]]), axis=1)
    years = np.empty_like(rate)
    years[:, :-1] = width[:-1] * (alive[:, 1:] + lived * (alive[:, :-1] - alive[:, 1:]))
    years[:, -1] = alive[:, -1] / rate[:, -1]
    left = np.cumsum(years[:, ::-1], axis=1)[:, ::-1] / alive
    variance = np.divide(
        dying**2 * (1 - dying), deaths, out=np.zeros_like(rate), where=deaths > 0
    )  # fmt: skip
    after = (1 - lived) * width[:-1] + left[:, 1:]
    total = np.sum(variance[:, :-1] * alive[:, :-1] ** 2 * after**2, axis=1)
    # The years lived in the last age are one over its rate, whose variance is rate over people.
    total += alive[:, -1] ** 2 / (deaths[:, -1] * rate[:, -1] ** 2)
    return left[:, 0], np.sqrt(total)

"""Figures that are neither plain rates nor plain proportions: means, surveys, harm, shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from geoprofiles.areas.rates import (
    NO_DENOMINATOR,
    NOT_KNOWN,
    crude_rate,
    normal_quantile,
    proportion,
)
from geoprofiles.checks import check_positive
from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, UNLOCATED, check_columns
from geoprofiles.words import listed


def mean_with_limits(
    total: Any, number: Any, squares: Any, *, per: float = 1, confidence: float = 0.95
) -> pd.DataFrame:
    """Work out means with Student's limits from sums, which add up over areas.

    Parameters
    ----------
    total, number, squares : array-like of float
        Sum of the values, how many there are, and sum of their squares.
    per : float
        The multiplier.
    confidence : float
        Of the limits.

    Returns
    -------
    DataFrame
        ``value``, ``lower``, ``upper``, ``method``; no limits from fewer than two values, or where
        squares are not known.

    Raises
    ------
    InputError
        If squares are less than the total allows, a number of values is negative, or `per` or
        `confidence` is out of range.

    References
    ----------
    Student (1908). *Biometrika* 6, 1-25.

    Examples
    --------
    >>> from geoprofiles.indicators.measures import mean_with_limits
    >>> mean_with_limits([30], [5], [220]).round(2).values.tolist()[0][:3]
    [6.0, 2.07, 9.93]
    """
    check_positive(per, "per")
    normal_quantile(confidence)
    sums, n, square = (np.atleast_1d(np.asarray(one, float)) for one in (total, number, squares))
    if (n < 0).any():
        raise InputError("a number of values is negative")
    n = np.where(n > 0, n, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums / n
        about = square - n * mean**2
        # A hair below zero is rounding; more is a fault of the sums.
        if (about < -1e-9 * np.maximum(square, 1)).any():
            raise InputError(
                "the sum of squares is less than its sum allows",
                remedy="Give the sum of squared values, not the square of their sum.",
            )
        error = np.sqrt(np.maximum(about, 0) / np.where(n > 1, n - 1, np.nan) / n)
        margin = stats.t.ppf(0.5 + confidence / 2, n - 1) * error
    method = np.where(np.isnan(margin), "no limits: fewer than two values", "Student's limits")
    method = np.where((n > 1) & np.isnan(square), "no limits: no squares", method).astype(object)
    method[np.isnan(sums)] = NOT_KNOWN
    method[np.isnan(n)] = NO_DENOMINATOR
    return pd.DataFrame(
        {
            "value": mean * per,
            "lower": (mean - margin) * per,
            "upper": (mean + margin) * per,
            "method": method,
        },
        index=total.index if isinstance(total, pd.Series) else None,
    )


def median_with_limits(
    values: Any, counts: Any = None, *, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Return a median and limits that need no law: two of the values in order.

    Parameters
    ----------
    values : array-like of float
        One value each; NaN is left out.
    counts : array-like of float, optional
        How many times each was seen; once where not said. May be parts of one, where what was
        seen was shared out.
    confidence : float
        The limits hold it at least; NaN where so few values cannot.

    Returns
    -------
    tuple of float
        Median, lower, upper.

    Raises
    ------
    InputError
        If `confidence` is out of range, or a count is negative or not known.

    References
    ----------
    Thompson (1936). *Annals of Mathematical Statistics* 7, 122-128.

    Examples
    --------
    >>> from geoprofiles.indicators.measures import median_with_limits
    >>> median_with_limits(range(1, 11))
    (5.5, 2.0, 9.0)
    """
    normal_quantile(confidence)
    known = np.asarray(values, dtype=float)
    times = np.ones(len(known)) if counts is None else np.asarray(counts, dtype=float)
    if not (times >= 0).all():
        raise InputError("how many times a value was seen is negative or not known")
    keep = ~np.isnan(known) & (times > 0)
    known, times = known[keep], times[keep]
    if not len(known):
        return np.nan, np.nan, np.nan
    order = np.argsort(known, kind="stable")
    known, upto = known[order], np.cumsum(times[order])

    def at(place: float) -> float:
        """Return the value at a place in order, the first of which is 1."""
        return float(known[min(np.searchsorted(upto, place - 1e-9), len(known) - 1)])

    number = float(upto[-1])
    # The largest place whose tail holds no more than half of what may be missed.
    place = int(stats.binom.ppf((1 - confidence) / 2, np.floor(number + 1e-9), 0.5))
    ends = (at(place), at(number - place + 1)) if place else (np.nan, np.nan)
    # Of an even number of values two stand in the middle.
    step = 1.0 if number % 2 == 0 else 0.0
    return (at(number / 2) + at(number / 2 + step)) / 2, *ends


def design_effect(weights: Any) -> float:
    """Return by how much unequal weights widen a survey's variance.

    Clusters and strata are not seen by it: take a survey's own design effect where it has one.

    Parameters
    ----------
    weights : array-like of float
        One for each person asked; 0 or more.

    Returns
    -------
    float
        1 or more: 1 where all weights are equal.

    Raises
    ------
    InputError
        If there is no weight above 0, or one is negative or not known.

    References
    ----------
    Kish (1965). *Survey Sampling*, 427-430.

    Examples
    --------
    >>> from geoprofiles.indicators.measures import design_effect
    >>> design_effect([1, 1, 1, 1]), round(design_effect([1, 1, 4]), 2)
    (1.0, 1.5)
    """
    weight = np.asarray(weights, dtype=float)
    if not (weight >= 0).all() or not weight.sum() > 0:
        raise InputError("a survey needs weights of 0 or more, and some above 0")
    return float(len(weight) * np.sum(weight**2) / np.sum(weight) ** 2)


def survey_proportion(
    numerator: Any,
    denominator: Any,
    *,
    design_effect: Any = 1.0,
    per: float = 100,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Turn weighted answers of a survey into percentages, with limits as wide as its design.

    Wilson's limits on the effective number asked: the number over the design effect.

    Parameters
    ----------
    numerator, denominator : array-like of float
        Weighted number who said so; number asked. The weights add up to the number asked.
    design_effect : float or array-like
        Of the survey, above 0 and as a rule 1 or more; see :func:`design_effect`.
    per, confidence : float
        As for :func:`geoprofiles.proportion`.

    Returns
    -------
    DataFrame
        ``value``, ``lower``, ``upper``, ``method``.

    Raises
    ------
    InputError
        If a design effect is not above 0, or a numerator is larger than its denominator.

    References
    ----------
    Kish (1965). *Survey Sampling*. Wilson (1927), as for :func:`geoprofiles.proportion`.

    Examples
    --------
    >>> from geoprofiles.indicators.measures import survey_proportion
    >>> survey_proportion([36], [100], design_effect=1.4).round(1).values.tolist()[0][:3]
    [36.0, 25.8, 47.6]
    """
    effect = np.asarray(design_effect, dtype=float)
    if not (effect > 0).all():
        raise InputError("a design effect must be above 0; without any it is 1")
    proportion(numerator, denominator)  # told of in their own numbers, where they cannot be
    part, whole = (np.atleast_1d(np.asarray(one, float)) for one in (numerator, denominator))
    table = proportion(part / effect, whole / effect, per=per, confidence=confidence)
    table["method"] = table["method"].replace("Wilson's limits", "Wilson's limits, design effect")
    return table.set_axis(numerator.index) if isinstance(numerator, pd.Series) else table


def harm_rate(
    counts: pd.DataFrame,
    weights: Mapping[str, float],
    population: pd.DataFrame,
    *,
    per: float = 1000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Weigh incidents by the harm of their category, for each so many people.

    Parameters
    ----------
    counts : DataFrame
        ``area_code``, ``category``, ``count``; several months are summed. ``(outside)`` and
        ``(unlocated)`` are left out.
    weights : mapping of str to float
        Category to its weight, such as days in prison (Cambridge) or an ONS severity score.
    population : DataFrame
        ``area_code``, ``population``.
    per : float
        The multiplier.
    confidence : float
        Of the limits.

    Returns
    -------
    DataFrame
        One row an area: ``area_code``, ``numerator`` (harm), ``denominator``, ``value``,
        ``lower``, ``upper``, ``method``, ``count`` (incidents) and ``largest`` (the share of the
        harm that its weightiest single incident brings, 0 to 1). Where nothing happened, the harm
        is 0 and has no limits: nothing tells how heavy an incident would have been. Where a few
        incidents carry most of the harm, limits hold it less often than they say.

    Raises
    ------
    InputError
        If a category has no weight, a weight is negative or not known, a count is negative, or the
        population has two numbers for one area.

    References
    ----------
    Sherman, Neyroud and Neyroud (2016). *Policing* 10, 171-183. Limits: Dobson, Kuulasmaa, Eberle
    and Scherer (1991). *Statistics in Medicine* 10, 457-462.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.measures import harm_rate
    >>> counts = pd.DataFrame({"area_code": "A", "category": ["Theft", "Robbery"],
    ...     "count": [10, 1]})
    >>> people = pd.DataFrame({"area_code": ["A"], "population": [1000]})
    >>> harm = harm_rate(counts, {"Theft": 2, "Robbery": 365}, people)
    >>> harm[["value", "largest"]].round(2).values.tolist()
    [[385.0, 0.95]]
    """
    check_positive(per, "per")
    counts = _of_areas(counts)
    check_columns(population, ["area_code", "population"], what="Population")
    repeated = population["area_code"][population["area_code"].duplicated()]
    if len(repeated):
        raise InputError(
            f"the population has more than one number for '{repeated.iloc[0]}'",
            remedy="Choose one year of it.",
        )
    lacking = sorted(set(counts["category"]) - set(weights))
    if lacking:
        raise InputError(
            f"there is no weight for {listed(lacking)}",
            remedy="Give every category a weight; 0 leaves one out.",
        )
    if not all(one >= 0 for one in weights.values()):
        raise InputError("a weight is negative or not known")
    weight = counts["category"].map(weights).astype(float)
    by, number = counts["area_code"], counts["count"]

    def total(values: pd.Series) -> pd.Series:
        return values.groupby(by, sort=False).sum()

    unknown = number.isna().groupby(by, sort=False).any()
    harm, events = (total(one).where(~unknown) for one in (weight * number, number))
    heaviest = weight.where(number > 0, 0.0).groupby(by, sort=False).max()
    people = population.set_index("area_code")["population"].astype(float).reindex(harm.index)
    people = people.where(people > 0)
    limits = crude_rate(events, 1.0, per=1, confidence=confidence)
    # Incidents of a category follow Poisson's law; their harm is a weighted sum of such counts.
    scale = np.sqrt(total(weight**2 * number) / events.where(events > 0))
    lower = np.maximum(harm + scale * (limits["lower"] - events), 0)
    method = pd.Series("Dobson's limits", index=harm.index, dtype=object)
    method[events == 0] = "no limits: no incidents"
    method[unknown] = NOT_KNOWN
    method[people.isna()] = NO_DENOMINATOR
    return pd.DataFrame(
        {
            "area_code": harm.index,
            "numerator": harm.to_numpy(),
            "denominator": people.to_numpy(),
            "value": (harm / people * per).to_numpy(),
            "lower": (lower / people * per).to_numpy(),
            "upper": ((harm + scale * (limits["upper"] - events)) / people * per).to_numpy(),
            "method": method.to_numpy(),
            "count": events.to_numpy(),
            "largest": (heaviest / harm.where(harm > 0)).to_numpy(),
        }
    )


def _of_areas(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the counts that are of an area, with codes and categories as plain texts."""
    check_columns(counts, ["area_code", "category", "count"], what="Counts")
    inside = counts[~counts["area_code"].isin([OUTSIDE, UNLOCATED])]
    inside = inside[["area_code", "category"]].astype(object).assign(
        category=inside["category"].astype(str), count=inside["count"].astype(float)
    )  # fmt: skip
    if (inside["count"] < 0).any():
        code = inside.loc[inside["count"] < 0, "area_code"].iloc[0]
        raise InputError(f"a count of '{code}' is negative")
    return inside


def location_quotients(counts: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Say of what each area has more than its share: its mix of incidents beside the whole's.

    Parameters
    ----------
    counts : DataFrame
        ``area_code``, ``category``, ``count``; several months are summed. ``(outside)`` and
        ``(unlocated)`` are left out.
    confidence : float
        Of the limits: Wilson's on the area's share, over the whole's, which is taken as known.

    Returns
    -------
    DataFrame
        ``area_code``, ``category``, ``count``, ``share`` (of the area's incidents), ``whole_share``
        and ``value`` (the quotient: 1 where the mix is the whole's), ``lower``, ``upper``. One row
        for every area and category; where a count is not known, nothing of the area is, and the
        whole is that of the others.

    Raises
    ------
    InputError
        If a column is missing or a count is negative.

    References
    ----------
    Brantingham and Brantingham (1998). *Crime Prevention Studies* 8, 263-288.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.measures import location_quotients
    >>> counts = pd.DataFrame({"area_code": ["A", "A", "B", "B"],
    ...     "category": ["Theft", "Arson"] * 2, "count": [30, 10, 20, 40]})
    >>> location_quotients(counts)["value"].round(2).tolist()
    [1.5, 0.5, 0.67, 1.33]
    """
    dtype = counts["count"].dtype if "count" in counts else float
    counts = _of_areas(counts)
    codes, categories = counts["area_code"].unique(), counts["category"].unique()
    # An area without a row for a category had none of it.
    held = np.zeros((len(codes), len(categories)))
    row, column = pd.factorize(counts["area_code"])[0], pd.factorize(counts["category"])[0]
    np.add.at(held, (row, column), counts["count"])
    held[np.isnan(held).any(axis=1)] = np.nan
    of_all = np.nansum(held, axis=0)
    whole = np.tile(of_all / max(of_all.sum(), 1.0), len(codes))
    count, own = held.ravel(), np.repeat(held.sum(axis=1), len(categories))
    limits = proportion(count, own, per=1, confidence=confidence)
    over = np.where(whole > 0, whole, np.nan)
    return pd.DataFrame(
        {
            "area_code": np.repeat(codes, len(categories)),
            "category": np.tile(categories, len(codes)),
            "count": pd.array(count).astype(dtype),
            "share": limits["value"],
            "whole_share": whole,
            **{name: limits[name] / over for name in ("value", "lower", "upper")},
        }
    )

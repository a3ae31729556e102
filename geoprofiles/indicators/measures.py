"""Figures that are neither plain rates nor plain proportions: means, surveys, harm, shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from geoprofiles.areas.rates import crude_rate, proportion
from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns
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
        ``value``, ``lower``, ``upper``, ``method``; no limits from fewer than two values.

    Raises
    ------
    InputError
        If squares are less than the total allows.

    References
    ----------
    Student (1908). *Biometrika* 6, 1-25.

    Examples
    --------
    >>> from geoprofiles.indicators.measures import mean_with_limits
    >>> mean_with_limits([30], [5], [220]).round(2).values.tolist()[0][:3]
    [6.0, 2.07, 9.93]
    """
    sums, n, square = (np.atleast_1d(np.asarray(one, float)) for one in (total, number, squares))
    n = np.where(n > 0, n, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums / n
        variance = (square - n * mean**2) / np.where(n > 1, n - 1, np.nan)
        # A hair below zero is rounding; more is a fault of the sums.
        if (variance < -1e-9 * np.maximum(square, 1)).any():
            raise InputError(
                "the sum of squares is less than its sum allows",
                remedy="Give the sum of squared values, not the square of their sum.",
            )
        margin = stats.t.ppf(0.5 + confidence / 2, n - 1) * np.sqrt(np.maximum(variance, 0) / n)
    method = np.where(np.isnan(n), "no denominator", "Student's limits").astype(object)
    return pd.DataFrame(
        {
            "value": mean * per,
            "lower": (mean - margin) * per,
            "upper": (mean + margin) * per,
            "method": method,
        },
        index=total.index if isinstance(total, pd.Series) else None,
    )


def median_with_limits(values: Any, *, confidence: float = 0.95) -> tuple[float, float, float]:
    """Return a median and limits that need no law: two of the values in order.

    Parameters
    ----------
    values : array-like of float
        One value each; NaN is left out.
    confidence : float
        The limits hold it at least; NaN where so few values cannot.

    Returns
    -------
    tuple of float
        Median, lower, upper.

    References
    ----------
    Thompson (1936). *Annals of Mathematical Statistics* 7, 122-128.

    Examples
    --------
    >>> from geoprofiles.indicators.measures import median_with_limits
    >>> median_with_limits(range(1, 11))
    (5.5, 2.0, 9.0)
    """
    known = np.sort(np.asarray(values, dtype=float))
    known = known[~np.isnan(known)]
    if not len(known):
        return np.nan, np.nan, np.nan
    # The largest place whose tail holds no more than half of what may be missed.
    place = int(stats.binom.ppf((1 - confidence) / 2, len(known), 0.5))
    if stats.binom.cdf(place - 1, len(known), 0.5) > (1 - confidence) / 2 or place < 1:
        return float(np.median(known)), np.nan, np.nan
    return float(np.median(known)), float(known[place - 1]), float(known[-place])


def design_effect(weights: Any) -> float:
    """Return by how much unequal weights widen a survey's variance.

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
    if not len(weight) or (weight < 0).any() or weight.sum() == 0:
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
        Weighted number who said so; number asked.
    design_effect : float or array-like
        Of the survey, 1 or more; see :func:`design_effect`.
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
    Kish (1965). *Survey Sampling*. Wilson (1927). *Journal of the American Statistical
    Association* 22, 209-212.

    Examples
    --------
    >>> from geoprofiles.indicators.measures import survey_proportion
    >>> survey_proportion([36], [100], design_effect=1.4).round(1).values.tolist()[0][:3]
    [36.0, 25.8, 47.6]
    """
    effect = np.asarray(design_effect, dtype=float)
    if not (effect > 0).all():
        raise InputError("a design effect must be above 0; without any it is 1")
    part, whole = (np.atleast_1d(np.asarray(one, float)) for one in (numerator, denominator))
    table = proportion(part / effect, whole / effect, per=per, confidence=confidence)
    known = table["method"] == "Wilson's limits"
    table["method"] = np.where(known, "Wilson's limits, design effect", table["method"])
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
        ``area_code``, ``category``, ``count``.
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
        harm that its weightiest single incident brings, 0 to 1).

    Raises
    ------
    InputError
        If a category has no weight, or a weight is negative.

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
    check_columns(counts, ["area_code", "category", "count"], what="Counts")
    lacking = sorted(set(counts["category"].astype(str)) - set(weights))
    if lacking:
        raise InputError(
            f"there is no weight for {listed(lacking)}",
            remedy="Give every category a weight; 0 leaves one out.",
        )
    if min(weights.values(), default=0) < 0:
        raise InputError("a weight is negative")
    weight = counts["category"].astype(str).map(weights).astype(float)
    by = counts["area_code"]
    harm = (weight * counts["count"]).groupby(by, sort=False).sum()
    variance = (weight**2 * counts["count"]).groupby(by, sort=False).sum()
    events = counts["count"].groupby(by, sort=False).sum().astype(float)
    heaviest = weight.where(counts["count"] > 0, 0.0).groupby(by, sort=False).max()
    people = population.set_index("area_code")["population"].reindex(harm.index).astype(float)
    people = people.where(people > 0)
    limits = crude_rate(events, 1.0, per=1, confidence=confidence)
    scale = np.sqrt(variance / events.where(events > 0))
    return pd.DataFrame(
        {
            "area_code": harm.index,
            "numerator": harm.to_numpy(),
            "denominator": people.to_numpy(),
            "value": (harm / people * per).to_numpy(),
            "lower": ((harm + scale * (limits["lower"] - events)) / people * per).to_numpy(),
            "upper": ((harm + scale * (limits["upper"] - events)) / people * per).to_numpy(),
            "method": "Dobson's limits",
            "count": events.to_numpy(),
            "largest": (heaviest / harm.where(harm > 0)).to_numpy(),
        }
    )


def location_quotients(counts: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Say of what each area has more than its share: its mix of incidents beside the whole's.

    Parameters
    ----------
    counts : DataFrame
        ``area_code``, ``category``, ``count``; several months are summed.
    confidence : float
        Of the limits: Wilson's on the area's share, over the whole's.

    Returns
    -------
    DataFrame
        ``area_code``, ``category``, ``count``, ``share`` (of the area's incidents), ``whole_share``
        and ``value`` (the quotient: 1 where the mix is the whole's), ``lower``, ``upper``.

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
    check_columns(counts, ["area_code", "category", "count"], what="Counts")
    keys = ["area_code", "category"]
    table = counts.groupby(keys, sort=False, observed=True)["count"].sum().reset_index()
    own = table.groupby("area_code", sort=False)["count"].transform("sum")
    of_all = table.groupby("category", sort=False, observed=True)["count"].transform("sum")
    whole = of_all / max(float(table["count"].sum()), 1.0)
    limits = proportion(table["count"], own, per=1, confidence=confidence)
    table["share"], table["whole_share"] = limits["value"], whole
    for name in ("value", "lower", "upper"):
        table[name] = limits[name] / whole.where(whole > 0)
    return table


def normal_quantile(confidence: float) -> float:
    """Return how many standard errors either side hold so much.

    Examples
    --------
    >>> round(normal_quantile(0.95), 3)
    1.96
    """
    return float(special.ndtri(0.5 + confidence / 2))

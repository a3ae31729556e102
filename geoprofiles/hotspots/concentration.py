"""How concentrated incidents are at places, beside what chance alone would give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from geoprofiles.checks import check_positive
from geoprofiles.errors import InputError
from geoprofiles.hotspots.units import check_counts

SHARES = (0.25, 0.5)
"""Parts of all incidents for which the places that hold them are counted."""

GINI, GENERALISED = "Gini", "generalised Gini"
_POINTS = 200
"""Points of a Lorenz curve at most."""


def gini(counts: pd.Series, *, units: int | None = None) -> float:
    """Return the Gini coefficient of counts over units, 0 (even) to just below 1 (all in one).

    Parameters
    ----------
    counts : Series
        Incidents by unit.
    units : int, optional
        How many units there are, where those without incidents are not all in `counts`.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If there is no incident, a count is negative, or `units` is fewer than `counts` has.

    References
    ----------
    Bernasco and Steenbeek (2017). *Journal of Quantitative Criminology* 33, 451-467.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> round(geoprofiles.gini(pd.Series([5, 2, 1]), units=10), 3)
    0.8
    """
    values, number = _values(counts, units)
    return _gini(values, number)


def lorenz_curve(
    counts: pd.Series,
    *,
    units: int | None = None,
    at_risk: pd.Series | None = None,
    lumps: pd.Series | None = None,
    simulations: int = 199,
    seed: int = 0,
) -> pd.DataFrame:
    """Trace which share of incidents the most burdened places hold, beside chance.

    Parameters
    ----------
    counts, units, at_risk, lumps, simulations, seed
        As for :func:`place_concentration`.

    Returns
    -------
    DataFrame
        From none to all, 201 rows at most: ``places`` (share of places, most burdened first),
        ``incidents`` (share they hold), ``most_even`` (held if incidents were spread over as many
        places as there are incidents to spread; of `lumps`, as if all were alike),
        ``expected``, ``lower``, ``upper`` (mean and 95 % of random allocations).

    Raises
    ------
    InputError
        As for :func:`place_concentration`.

    References
    ----------
    Bernasco and Steenbeek (2017). *Journal of Quantitative Criminology* 33, 451-467.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> curve = geoprofiles.lorenz_curve(pd.Series([6, 3, 1, 0, 0]))
    >>> curve["incidents"].round(2).tolist()
    [0.0, 0.6, 0.9, 1.0, 1.0, 1.0]
    """
    values, number = _values(counts, units)
    falls = _falls(values.sum(), lumps)
    at = np.unique(np.linspace(0, number, min(number, _POINTS) + 1).round().astype(int))
    # Where few places hold nearly all, the curve is told by its first steps.
    held = int((values > 0).sum())
    at = np.unique(np.r_[at, np.linspace(0, held, min(held, _POINTS) + 1).round().astype(int)])
    at = at[np.unique(np.linspace(0, len(at) - 1, min(len(at), _POINTS + 1)).round().astype(int))]
    drawn = np.array(
        [_held(one, at) for one in _allocations(falls, number, at_risk, counts, simulations, seed)]
    )
    lower, upper = np.quantile(drawn, [0.025, 0.975], axis=0)
    return pd.DataFrame(
        {
            "places": at / number,
            "incidents": _held(values, at),
            "most_even": np.minimum(1, at / min(number, max(int(falls.number.sum()), 1))),
            "expected": drawn.mean(axis=0),
            "lower": lower,
            "upper": upper,
        }
    )


def place_concentration(
    counts: pd.Series,
    *,
    units: int | None = None,
    at_risk: pd.Series | None = None,
    lumps: pd.Series | None = None,
    shares: Sequence[float] = SHARES,
    simulations: int = 999,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Measure how concentrated incidents are at places, and how much of that is chance.

    A hundred incidents over a thousand places lie on a tenth of them at most, whoever is to
    blame. So each measure stands beside its value when the same number of incidents falls on
    the same places at random.

    Parameters
    ----------
    counts : Series
        Incidents by place: street segment, cell, address, area. Zeros are rows.
    units : int, optional
        How many places there are, where those without incidents are not all in `counts`.
    at_risk : Series, optional
        What is at risk at each place of `counts` (premises, dwellings), by which random incidents
        fall; every place alike where not said. It needs all places in `counts`.
    lumps : Series, optional
        Where `counts` are not incidents but what they weigh, such as harm: how many incidents there
        are (values) of each weight (index). Random incidents then fall whole, each with its
        weight. Cut into crumbs, harm would fall evenly and any map of it look concentrated.
    shares : sequence of float
        Parts of the incidents (0 to 1) for which the fewest places that hold them are counted.
    simulations : int
        Random allocations.
    seed : int
        Of the random numbers.
    progress : callable, optional
        Told how many allocations are done, of how many.

    Returns
    -------
    DataFrame
        Index ``measure``: ``"Gini"``, ``"generalised Gini"`` (not of `lumps`, of which the most
        even spread is not known), then one for each of `shares`, such
        as ``"places with 50%"`` (share of all places, 0 to 1). ``observed``; ``expected``,
        ``lower``, ``upper``: mean and 95 % of the random allocations; ``marginal``: how much more
        concentrated than at random, as a difference, above 0 always for more (observed less
        expected for a Gini, expected less observed for places); ``p``: how often chance is as
        concentrated, one-sided; ``places``: how many hold the share. ``attrs`` holds
        ``incidents``, ``units``, ``simulations``, ``seed``, ``note`` and ``sentence``.

    Raises
    ------
    InputError
        If there is no incident, a count is negative, `units` is fewer than `counts` has, what
        is at risk is negative, nowhere, or not known for a place, or `lumps` do not add up to
        `counts`.

    Notes
    -----
    The generalised Gini is ``max(1, units / incidents) * (G - 1) + 1``: how far from the most even
    spread that so many incidents allow. It is not free of chance: random incidents have one
    above 0. The comparison with random allocation is.

    References
    ----------
    Bernasco and Steenbeek (2017). *Journal of Quantitative Criminology* 33, 451-467. Chalfin,
    Kaplan and Cuellar (2021). *Journal of Research in Crime and Delinquency* 58, 467-504. Weisburd
    (2015). *Criminology* 53, 133-157.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> table = geoprofiles.place_concentration(pd.Series([30, 20, 5, 3, 2]), units=100)
    >>> table.loc["places with 50%", ["observed", "expected"]].round(2).tolist()
    [0.01, 0.16]
    >>> print(table.attrs["sentence"])
    Half of the 60 incidents lie on 1 of 100 places (1.0%). Dropped on these places at random, \
half would lie on 15.6% (12.0% to 20.0%).
    """
    values, number = _values(counts, units)
    total = values.sum()
    for one in shares:
        if not 0 < one < 1:
            raise InputError(f"'shares' must lie between 0 and 1; one is {one!r}")
    check_positive(simulations, "simulations")
    falls = _falls(total, lumps)
    observed = _measures(values, number, shares)
    drawn = np.empty((simulations, len(observed)))
    weights = _allocations(falls, number, at_risk, counts, simulations, seed)
    for place, allocated in enumerate(weights):
        drawn[place] = _measures(allocated, number, shares)
        if progress is not None and ((place + 1) % 50 == 0 or place + 1 == simulations):
            progress(place + 1, simulations)
    expected = drawn.mean(axis=0)
    lower, upper = np.quantile(drawn, [0.025, 0.975], axis=0)
    sign = np.array([1.0, 1.0] + [-1.0] * len(shares))
    # Sums of the same numbers in another order differ in their last bits.
    as_far = (sign * (drawn - observed) >= -1e-9).sum(axis=0)
    table = pd.DataFrame(
        {
            "observed": observed,
            "expected": expected,
            "lower": lower,
            "upper": upper,
            "marginal": sign * (observed - expected),
            "p": (1 + as_far) / (1 + simulations),
            "places": pd.array([pd.NA, pd.NA, *np.rint(observed[2:] * number)], dtype="Int64"),
        },
        index=pd.Index(
            [GINI, GENERALISED, *(f"places with {100 * one:g}%" for one in shares)], name="measure"
        ),
    )
    if lumps is not None:
        table = table.drop(index=GENERALISED)
    table.attrs = {
        "incidents": float(total if lumps is None else falls.number.sum()),
        "units": number,
        "simulations": simulations,
        "seed": seed,
        "note": _note(values, number, falls, at_risk is not None),
        "sentence": _sentence(
            table, shares, falls, number, weighted=at_risk is not None, harm=lumps is not None
        ),
    }
    return table


def _values(counts: pd.Series, units: int | None) -> tuple[np.ndarray, int]:
    """Return counts, largest first, and the number of places."""
    values = np.sort(check_counts(counts, "counts"))[::-1]
    if not values.sum():
        raise InputError("there is no incident to measure the concentration of")
    if units is None:
        return values, len(values)
    check_positive(units, "units")
    if units < len(values):
        raise InputError(
            f"'units' is {units:,}, but there are counts of {len(values):,} places",
            remedy="Give the number of all places, those without incidents included.",
        )
    return values, int(units)


def _gini(values: np.ndarray, number: int) -> float:
    """Gini of counts that are sorted from the largest; places beyond them have none."""
    rank = number - np.arange(len(values))
    return float(2 * (rank * values).sum() / (number * values.sum()) - (number + 1) / number)


def _measures(values: np.ndarray, number: int, shares: Sequence[float]) -> np.ndarray:
    total, plain = values.sum(), _gini(values, number)
    generalised = max(1.0, number / total) * (plain - 1) + 1
    reached = np.cumsum(values)
    # The rounding keeps half of 10 at 5, whatever the last bit of a sum.
    places = [int(np.searchsorted(reached, one * total - 1e-9 * total)) + 1 for one in shares]
    return np.array([plain, generalised, *(one / number for one in places)])


def _held(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    reached = np.r_[0.0, np.cumsum(values)]
    return reached[np.minimum(at, len(values))] / reached[-1]


class _Falls(NamedTuple):
    """What falls at random: so many incidents of each weight."""

    weight: np.ndarray
    number: np.ndarray


def _falls(total: float, lumps: pd.Series | None) -> _Falls:
    if lumps is None:
        return _Falls(np.ones(1), np.array([max(1, round(total))]))
    number = check_counts(lumps, "lumps", whole=True)
    weight = pd.to_numeric(lumps.index, errors="coerce").to_numpy(dtype=float)
    if not np.isclose(weight @ number, total, rtol=1e-6):
        raise InputError(
            f"'lumps' add up to {weight @ number:,.0f}, and 'counts' to {total:,.0f}",
            remedy="Give how many incidents there are of each weight; the weight is the index.",
        )
    some = (number > 0) & (weight > 0)
    return _Falls(weight[some], number[some].astype("int64"))


def _allocations(
    falls: _Falls,
    number: int,
    at_risk: pd.Series | None,
    counts: pd.Series,
    simulations: int,
    seed: int,
) -> Iterator[np.ndarray]:
    """Drop all that falls on the places, again and again; what places hold, largest first."""
    rng = np.random.default_rng(seed)
    chances = None if at_risk is None else _chances(at_risk, counts, number)
    for _ in range(simulations):
        parts = [_dropped(rng, int(one), number, chances) for one in falls.number]
        if len(parts) == 1:
            held = parts[0][1] * falls.weight[0]
        else:
            _, place = np.unique(np.concatenate([one for one, _ in parts]), return_inverse=True)
            weights = [many * one for (_, many), one in zip(parts, falls.weight, strict=True)]
            held = np.bincount(place, np.concatenate(weights))
        yield np.sort(held)[::-1].astype(float)


def _dropped(
    rng: np.random.Generator, incidents: int, number: int, chances: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Drop incidents on places: which places were hit, and how often."""
    if incidents >= number:
        even = np.full(number, 1 / number) if chances is None else chances
        return np.arange(number), rng.multinomial(incidents, even)
    if chances is None:
        fell = rng.integers(number, size=incidents)
    else:
        fell = rng.choice(number, size=incidents, p=chances)
    return np.unique(fell, return_counts=True)


def _chances(at_risk: pd.Series, counts: pd.Series, number: int) -> np.ndarray:
    if number != len(counts):
        raise InputError(
            "'units' and 'at_risk' do not go together",
            remedy="Give counts of all places, zeros included, and what is at risk at each.",
        )
    check_counts(at_risk, "at_risk")
    aligned = at_risk.reindex(counts.index)
    if aligned.isna().any():
        raise InputError(
            f"what is at risk at '{aligned.index[aligned.isna()][0]}' is not known",
            remedy="Give it for every place; 0 where nothing can happen.",
        )
    weights = aligned.to_numpy(dtype=float)
    if not weights.sum():
        raise InputError("nothing is at risk at any place")
    return np.asarray(weights / weights.sum())


def _note(values: np.ndarray, number: int, falls: _Falls, weighted: bool) -> str:
    parts, incidents = [], falls.number.sum()
    if (values > 0).sum() == number:
        parts.append(
            "Every place has an incident: if places without one were left out, concentration is"
            " understated; say how many there are."
        )
    if incidents < number:
        parts.append(
            f"There are fewer incidents than places: half of them cannot lie on more than"
            f" {-(-incidents // 2) / number:.1%} of places, so the plain Gini is high whatever"
            " happens."
        )
    if not weighted:
        parts.append(
            "No denominator: at random, every place is as likely as any other, so what is called"
            " concentration may be where people, homes or premises are."
        )
    return " ".join(parts)


def _sentence(
    table: pd.DataFrame,
    shares: Sequence[float],
    falls: _Falls,
    number: int,
    *,
    weighted: bool,
    harm: bool,
) -> str:
    share = min(shares, key=lambda one: abs(one - 0.5))
    row = table.loc[f"places with {100 * share:g}%"]
    half = "Half" if share == 0.5 else f"{share:.0%}"
    total, verb = f"{falls.number.sum():,}", "lies" if harm else "lie"
    what = f"weight of the {total} incidents" if harm else f"{total} incidents"
    chance = "by what is at risk" if weighted else "at random"
    return (
        f"{half} of the {what} {verb} on {int(row['places']):,} of {number:,} places"
        f" ({row['observed']:.1%}). Dropped on these places {chance}, {half.lower()} would lie on"
        f" {row['expected']:.1%} ({row['lower']:.1%} to {row['upper']:.1%})."
    )

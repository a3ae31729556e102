"""Near repeats: whether incidents draw others to the same place and around it, soon after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import Incidents
from geoprofiles.hotspots.near_pairs import (
    Events,
    band_of,
    check_bands,
    near_pairs,
    read_events,
    space_label,
    time_label,
)
from geoprofiles.hotspots.resolution import lattice_step, snapped

LEVEL = 0.05
"""Share of false findings allowed among the bands that are called found."""

CHUNK = 1 << 17
"""Pairs looked at at once: what they need fits a processor's own memory."""

COLUMNS = (
    "space", "time", "space_from", "space_to", "time_from", "time_to", "observed", "expected",
    "median", "low", "high", "ratio", "ratio_median", "p", "p_poisson", "q", "found",
)  # fmt: skip


def near_repeats(
    incidents: Incidents,
    *,
    space_bands: Sequence[float] = (0, 1, 100, 200, 300, 400),
    time_bands: Sequence[float] = (0, 7, 14, 21, 28),
    distance: str = "euclidean",
    simulations: int = 999,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Count pairs of incidents near in space and time, and compare with dates dealt anew.

    Knox's test for each band of metres and of days: the places stay, the dates are shuffled
    among them, and the pairs are counted again. More pairs than that means that an incident
    raises the risk around it for a while, or that something drove many at once.

    Parameters
    ----------
    incidents : DataFrame
        ``easting``, ``northing`` in metres and ``start``. Rows that are refused, have no place of
        their own or no date are left out. Where spans have an end the day of the start counts.
    space_bands : list of float
        Edges in metres, rising. A band runs from its edge to just under the next; the default's
        first, [0, 1), is the same place.
    time_bands : list of float
        Edges in whole days, rising. Days are those of the calendar: two incidents on one day are
        0 days apart, and the band from 0 to 7 holds 0 to 6 days.
    distance : {"euclidean", "manhattan"}
        The straight line, or along streets that run east and north.
    simulations : int
        How often the dates are shuffled.
    seed : int
        Of the shuffling.
    progress : callable, optional
        Called with the shuffles done and all of them.

    Returns
    -------
    DataFrame
        One row a band of metres and days: ``space`` and ``time`` (in words), ``space_from``,
        ``space_to``, ``time_from``, ``time_to``; ``observed`` pairs; ``expected``, the mean over
        all ways to deal the dates, which is exact: pairs in the space band times pairs in the
        time band over all pairs; ``median``, ``low`` and ``high`` (2.5% and 97.5%) of the
        shuffles; ``ratio`` and ``ratio_median`` of observed to expected and to the median; ``p``
        of the shuffles, one-sided, ``(1 + as many or more) / (1 + simulations)``; ``p_poisson``,
        as if pairs were independent, which they are not: it is given to compare with other
        programs; ``q``, the least share of false findings at which the band stands (Benjamini and
        Hochberg over all bands); ``found``, where `q` is at most 0.05. ``attrs["note"]`` says
        how it was made and what it cannot say, ``attrs["summary"]`` what was found.

    Raises
    ------
    InputError
        If the rows have the month only, fewer than two have a place and a date, all are at one
        place or on one day, coordinates are degrees, or bands are no rising edges.

    Notes
    -----
    Shuffled dates keep how many incidents there were on each day and at each place, and nothing
    else. Where some parts of the city grew busier and others quieter over the months, or have
    another season, pairs near in both are more for that alone: keep the period short, or look at
    the farthest bands, which then are raised too. A pair on the same day at the same place may be
    one event recorded twice.

    References
    ----------
    Knox (1964). *Applied Statistics* 13, 25-29.
    Johnson, Bernasco, Bowers, Elffers, Ratcliffe, Rengert and Townsley (2007). *Journal of
    Quantitative Criminology* 23, 201-219.
    Ratcliffe and Rengert (2008). *Security Journal* 21, 58-76.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import geoprofiles
    >>> first = pd.date_range("2026-01-05", periods=40, freq="9D")
    >>> east = 450000 + 500.0 * np.arange(40)
    >>> incidents = pd.DataFrame({"easting": [*east, *(east + 50)], "northing": 60000.0,
    ...     "start": [*first, *(first + pd.Timedelta(days=3))]})  # each has a near repeat
    >>> bands = geoprofiles.near_repeats(incidents)
    >>> bands.loc[bands["found"], ["space", "time", "observed"]].values.tolist()
    [['1 to under 100 m', '0 to 6 days', 40]]
    """
    space = check_bands(space_bands, "space_bands", whole=False)
    time = check_bands(time_bands, "time_bands", whole=True)
    if isinstance(simulations, bool) or not isinstance(simulations, int) or simulations < 1:
        raise InputError(f"'simulations' must be a whole number above 0; it is {simulations!r}")
    events = read_events(incidents, what="near repeats")
    _check_spread(events)
    one, other, starts = _pairs_by_band(events, space, distance)
    days = events.days.astype(np.int16 if events.days.max() < 2**15 else np.int32)
    observed = _count(days, one, other, starts, time)
    drawn = np.empty((simulations, len(space) - 1, len(time) - 1), dtype=np.int64)
    rng = np.random.default_rng(seed)
    for done in range(simulations):
        drawn[done] = _count(rng.permutation(days), one, other, starts, time)
        if progress is not None:
            progress(done + 1, simulations)
    expected = np.outer(np.diff(starts), _pairs_in_time(events.days, time))
    expected = expected / (len(days) * (len(days) - 1) / 2)
    table = _table(space, time, observed, expected, drawn)
    table.attrs["note"] = _note(incidents, events, space, distance, simulations)
    table.attrs["summary"] = _summary(table)
    return table


def _check_spread(events: Events) -> None:
    if (events.points == events.points[0]).all():
        raise InputError("all incidents are at one place, so that none is nearer than another")
    if events.days.max() == 0:
        raise InputError("all incidents are on one day, so that dates cannot be shuffled")


def _pairs_by_band(
    events: Events, space: np.ndarray, distance: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pairs sorted by band of space, and where each band starts among them."""
    firsts, seconds, bands = [], [], []
    for one, other, metres in near_pairs(events.points, float(space[-1]), distance):
        band = band_of(metres, space)
        inside = band >= 0
        firsts.append(one[inside])
        seconds.append(other[inside])
        bands.append(band[inside].astype(np.int16))
    band = np.concatenate(bands)
    order = np.argsort(band, kind="stable")
    starts = np.searchsorted(band[order], np.arange(len(space)))
    return np.concatenate(firsts)[order], np.concatenate(seconds)[order], starts


def _count(
    days: np.ndarray, one: np.ndarray, other: np.ndarray, starts: np.ndarray, time: np.ndarray
) -> np.ndarray:
    """Count pairs by band of space and of time."""
    under = np.zeros((len(starts) - 1, len(time)), dtype=np.int64)
    for band in range(len(starts) - 1):
        for start in range(starts[band], starts[band + 1], CHUNK):
            part = slice(start, min(start + CHUNK, starts[band + 1]))
            apart = np.abs(days[one[part]] - days[other[part]])
            under[band] += [np.count_nonzero(apart < edge) for edge in time]
    return np.diff(under, axis=1)


def _pairs_in_time(days: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Count all pairs by band of time; days are in order."""
    at = np.arange(len(days))
    under = [(np.searchsorted(days, days + edge, side="left") - at - 1).clip(0) for edge in time]
    return np.diff([one.sum() for one in under])


def _table(
    space: np.ndarray,
    time: np.ndarray,
    observed: np.ndarray,
    expected: np.ndarray,
    drawn: np.ndarray,
) -> pd.DataFrame:
    from scipy import stats

    median, low, high = np.quantile(drawn, [0.5, 0.025, 0.975], axis=0)
    p = (1 + (drawn >= observed).sum(axis=0)) / (1 + len(drawn))
    rows, columns = (one.ravel() for one in np.indices(observed.shape))
    edges = {
        "space_from": space[rows],
        "space_to": space[rows + 1],
        "time_from": time[columns].astype(int),
        "time_to": time[columns + 1].astype(int),
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, observed / expected, np.nan)
        to_median = np.where(median > 0, observed / median, np.nan)
    table = pd.DataFrame(
        {
            "space": [space_label(*band) for band in pairwise(space) for _ in time[1:]],
            "time": [time_label(*band) for _ in space[1:] for band in pairwise(time)],
            **edges,
            "observed": observed.ravel(),
            "expected": expected.ravel(),
            "median": median.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "ratio": ratio.ravel(),
            "ratio_median": to_median.ravel(),
            "p": p.ravel(),
            "p_poisson": stats.poisson.sf(observed - 1, expected).ravel(),
        }
    )
    table["q"] = stats.false_discovery_control(table["p"])
    table["found"] = table["q"] <= LEVEL
    return table[list(COLUMNS)]


def _note(
    incidents: Incidents, events: Events, space: np.ndarray, distance: str, simulations: int
) -> str:
    line = "the straight line" if distance == "euclidean" else "eastings and northings added"
    said = [
        f"{len(events.days):,} incidents with a place and a date; dates shuffled {simulations:,}"
        f" times; distance is {line}; the day is that of the start.",
        "Bands hold their lower edge and not their upper.",
        "Parts of the city that grew busier or quieter over the period raise all near bands.",
    ]
    if events.left_out:
        said.insert(1, f"{events.left_out:,} without a place of their own or a date are left out.")
    step = lattice_step(incidents)
    if snapped(incidents):
        said.append("Incidents stand on fixed map points: the same place is the same map point.")
    elif step > space[1]:
        said.append(f"Coordinates are rounded to {step:g} m: narrower bands say nothing.")
    return " ".join(said)


def _summary(table: pd.DataFrame) -> str:
    """Say what was found, the strongest first."""
    found = table[table["found"]].sort_values("ratio", ascending=False, kind="stable")
    if found.empty:
        return (
            "In no band are there more pairs than shuffled dates give: no repeats or near repeats"
            " were found."
        )
    one = found.iloc[0]
    here = one["space"] == "same place"
    where = "at the same place" if here else f"{one['space']} apart"
    when = "on the same day" if one["time"] == "same day" else f"{one['time']} apart"
    rest = f" {len(found)} of {len(table)} bands in all stand out." if len(found) > 1 else ""
    return (
        f"Pairs {where}, {when}, are {one['ratio']:.1f} times as many as if dates were shuffled"
        f" ({one['observed']:,} against {one['expected']:.1f}; p {one['p']:.3f}).{rest}"
    )

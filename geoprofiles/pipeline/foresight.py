"""Foresight: the bandwidth that foretells best, and how well a density foretells at all."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Places, PlaceTally
from geoprofiles.hotspots.bandwidths import SAME_SMOOTHING, bandwidth_likelihood
from geoprofiles.hotspots.density import suggest_bandwidth, suggest_cell
from geoprofiles.hotspots.forward_accuracy import forward_accuracy, forward_bandwidth
from geoprofiles.hotspots.grid import grid_over
from geoprofiles.hotspots.places import distinct_places
from geoprofiles.pipeline.periods import Period
from geoprofiles.settings import Hotspot

FOLDS, LONGEST = 3, 3
"""Periods that are foretold, and the months that each has at the most."""

SAID = "said by the project"

LEARN = 12
"""Months that are left to learn from, before the first that is foretold."""

EDGE = "diggle"
"""What is done at the edge, in the test and on the map."""

FEWEST = 30
"""Incidents that each of those periods must have: fewer tell bandwidths apart by luck."""


@dataclass(frozen=True)
class Foresight:
    """How wide a density should be, and what it is worth as a forecast."""

    bandwidth: float
    reason: str
    tested: pd.DataFrame | None = None
    """By bandwidth and share of the ground, as :func:`forward_accuracy` gives them."""


def foresight_of(
    held: PlaceTally,
    hotspot: Hotspot,
    period: Period,
    areas: Areas,
    *,
    points: Places | None = None,
) -> Foresight:
    """Choose the bandwidth of a question by a forward test, or say why it cannot be.

    Parameters
    ----------
    held : DataFrame
        Places by month of the question's incidents in the areas, the period's and before.
    hotspot : Hotspot
        The question; a bandwidth that it says is kept.
    period : Period
        What is shown, whose last month is the last that is foretold.
    areas : GeoDataFrame
        The areas.
    points : DataFrame, optional
        The fixed map points that incidents were moved to, where they were.
    """
    months = (period.last.to_period("M") - held["month"].min().to_period("M")).n + 1
    each = min((months - LEARN) // FOLDS, LONGEST)
    if each < 1:
        why = f"{months} month{'s' * (months != 1)} are too few to foretell the last by the first"
        return _by_rule(held, hotspot, areas, points, why)
    starts = [period.last - pd.DateOffset(months=each * (FOLDS - at) - 1) for at in range(FOLDS)]
    ends = [start + pd.DateOffset(months=each - 1) for start in starts]
    number = [
        int(held.loc[held["month"].between(*pair), "rows"].sum())
        for pair in zip(starts, ends, strict=True)
    ]
    if min(number) < FEWEST:
        why = f"{min(number):,} incidents in {each} months are too few to foretell by"
        return _by_rule(held, hotspot, areas, points, why)
    cells = grid_over(areas, cell=hotspot.cell or suggest_cell(areas)[0])
    try:
        tested = forward_accuracy(
            held[held["month"] <= period.last],
            cells,
            methods=(hotspot.kernel,),
            bandwidths=None if hotspot.bandwidth is None else (hotspot.bandwidth,),
            edge=EDGE,
            test_months=each,
            folds=FOLDS,
        )
    except InputError as error:
        return _by_rule(held, hotspot, areas, points, error.problem)
    bandwidth, reason = forward_bandwidth(tested)
    return Foresight(bandwidth, SAID if hotspot.bandwidth else reason, tested)


def _by_rule(
    held: PlaceTally, hotspot: Hotspot, areas: Areas, points: Places | None, why: str
) -> Foresight:
    if hotspot.bandwidth is not None:
        return Foresight(hotspot.bandwidth, SAID)
    places = distinct_places(held)
    if points is not None:
        # Map points tell little of one another: told from its neighbours each, any is wide.
        why += "; nor by likelihood, for incidents stand on map points"
        return _by_spacing(places, hotspot, areas, why)
    try:
        table = bandwidth_likelihood(places, areas, kernel=hotspot.kernel)
    except InputError as error:
        return _by_spacing(places, hotspot, areas, f"{why}; nor by likelihood: {error.problem}")
    return Foresight(
        float(table.attrs["chosen"]), f"{table.attrs['note']} Not by a forward test: {why}"
    )


def _by_spacing(places: Places, hotspot: Hotspot, areas: Areas, why: str) -> Foresight:
    """Take the practitioners' rule, turned to the kernel of the question."""
    radius, rule = suggest_bandwidth(areas, places=places)
    radius *= SAME_SMOOTHING[hotspot.kernel] / SAME_SMOOTHING["quartic"]
    return Foresight(float(f"{radius:.3g}"), f"{rule}; not by a forward test: {why}")


def worth(tested: pd.DataFrame, bandwidth: float, share: float) -> pd.Series | None:
    """Return what a density held in a share of the ground; ``counts`` is what last year's held.

    Examples
    --------
    >>> tested = pd.DataFrame({"bandwidth": [300.0, float("nan")], "area_share": 0.01,
    ...     "captured": [0.3, 0.2]})
    >>> worth(tested, 300.0, 0.01)[["captured", "counts"]].tolist()
    [0.3, 0.2]
    """
    rows = tested[(tested["area_share"] - share).abs() < 1e-9]
    mine, counts = rows[rows["bandwidth"] == bandwidth], rows[rows["bandwidth"].isna()]
    if mine.empty or counts.empty:
        return None
    return pd.concat([mine.iloc[0], pd.Series({"counts": counts["captured"].iloc[0]})])

"""Pattern: which cells gather incidents, which have changed, and how hot each has been over time.

Clusters are held against what is at risk; cells are held against the other cells. The one asks
whether there is more than the homes or premises account for, the other where it happens.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Cells, PlaceTally
from geoprofiles.hotspots.emerging import emerging_hot_spots, space_time_cube
from geoprofiles.hotspots.grid import grid_over
from geoprofiles.hotspots.local_statistics import getis_ord
from geoprofiles.hotspots.places import distinct_places
from geoprofiles.hotspots.similarity import change_in_cells
from geoprofiles.hotspots.units import count_places
from geoprofiles.hotspots.weights import neighbour_weights
from geoprofiles.pipeline.periods import Period, spanning

SIDE = 250.0
"""Metres of a cell: smaller ones hold too few incidents of one kind to be told from chance."""

MOST_CELLS = 40_000
"""Cells from which their side is doubled, so that a county takes no longer than a city."""


@dataclass(frozen=True)
class Pattern:
    """What cells tell of one question."""

    cells: Cells
    """``count`` in the period; where they could be tested, ``z``, ``p``, ``q``, ``verdict`` (Gi*);
    where there is an earlier one, ``before``, ``ratio``, ``lower``, ``upper``, ``change_p``,
    ``change_q``, ``change``; where months are enough, ``kind`` (emerging), ``hot_steps``,
    ``cold_steps``, ``trend_z``, ``trend_p``, ``description``."""
    side: float
    notes: tuple[str, ...]
    steps: int = 0
    """Of time, in which cells were classified; 0 where they were not."""
    months: int = 0
    """Of a step."""


def pattern_of(
    held: PlaceTally,
    period: Period,
    earlier: Period | None,
    areas: Areas,
    *,
    since: pd.Timestamp,
) -> Pattern:
    """Test the cells of one question: now, since the earlier period, and over all months.

    Parameters
    ----------
    held : DataFrame
        Places by month of the question's incidents in the areas.
    period, earlier : Period
        What is shown, and the same months before.
    areas : GeoDataFrame
        The areas.
    since : Timestamp
        The month from which on no month is missing: a gap is no month without incidents.
    """
    side = SIDE
    while float(areas.area.sum()) / side**2 > MOST_CELLS:
        side *= 2
    cells = grid_over(areas, cell=side)
    weights = neighbour_weights(cells)
    count = _counts(held, period, cells)
    table = pd.DataFrame({"count": count})
    notes = []
    try:
        local = getis_ord(count, weights)
    except InputError as error:
        notes.append(f"Cells are not tested against their neighbours: {error.problem}.")
    else:
        table = table.join(local[["z", "p", "q", "verdict"]])
        notes.append(str(local.attrs["note"]))
    if earlier is not None:
        before = _counts(held, earlier, cells)
        if before.sum() and count.sum():
            changed = change_in_cells(before, count, exposure=period.days / earlier.days)
            names = {"p": "change_p", "q": "change_q", "verdict": "change"}
            table = table.join(changed.drop(columns="after").rename(columns=names))
            notes.append(str(changed.attrs["note"]))
    steps, months = 0, 0
    try:
        cube = space_time_cube(spanning(held, since, period.last), cells)
        over_time = emerging_hot_spots(cube, weights)
    except InputError as error:
        notes.append(f"Cells are not classified over time: {error.problem}.")
    else:
        kept = ["kind", "hot_steps", "cold_steps", "trend_z", "trend_p", "description"]
        table = table.join(over_time[kept])
        notes.append(str(over_time.attrs["note"]))
        steps, months = cube.shape[1], int(cube.attrs["months_per_step"])
    told = cells.join(table)
    told.attrs = cells.attrs  # which say what grid it is
    return Pattern(told, side, tuple(notes), steps, months)


def _counts(held: PlaceTally, period: Period, cells: Cells) -> pd.Series:
    asked = held[held["month"].between(period.first, period.last)]
    return count_places(distinct_places(asked), cells)

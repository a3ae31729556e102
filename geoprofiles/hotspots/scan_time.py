"""The space-time permutation scan: cylinders, circles that last from one step to another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import (
    Areas,
    Clusters,
    Incidents,
    Places,
    check_areas,
    check_columns,
    incidents_crs,
)
from geoprofiles.hotspots.likelihood import poisson_ratio
from geoprofiles.hotspots.places import check_places, placed
from geoprofiles.hotspots.resolution import counted_rows, need_days
from geoprofiles.hotspots.scan_found import (
    Scanned,
    Settings,
    around,
    check_settings,
    check_some,
    describe,
    left_out,
    level_listed,
    listed,
    mean_met,
    points_within,
    row,
)
from geoprofiles.hotspots.scan_zones import (
    Circles,
    Ratio,
    apart,
    circles_around,
    first_screen,
    fold_locations,
    take_better,
    within,
)

MOST_STEPS = 104

STEP = 0.1
"""Of circles that differ in incidents by less only the largest is looked at."""

RINGS = 25
"""That a centre has, about; only to choose how many centres can be scanned."""

MOST_CYLINDERS = 12_000_000
MOST_MET = 2_000_000
"""Cylinders, and incidents met in all circles; where there would be more, centres are thinned."""

NUMBERS_AT_ONCE = 150_000
"""Of counts around a centre in a block of deals, that fit a processor's own memory."""

STEPS_AT_ONCE = 50_000_000
"""Of incidents in a block of deals, a byte each."""


class Events(NamedTuple):
    """Incidents one by one, in the order of their locations."""

    step: np.ndarray
    start: np.ndarray  # of each location's incidents, and the end of the last
    in_step: np.ndarray  # incidents by step


class Windows(NamedTuple):
    """From which step to which cylinders may last."""

    longest: int
    alive: bool


def scan_space_time(  # noqa: PLR0913
    incidents: Incidents,
    areas: Areas,
    *,
    months_per_step: int = 1,
    days_per_step: int | None = None,
    centres: Places | None = None,
    max_share: float = 0.05,
    max_radius: float = 1000.0,
    max_time_share: float = 0.5,
    alive: bool = False,
    simulations: int = 999,
    seed: int = 0,
    alpha: float = 0.05,
    progress: Callable[[int, int], object] | None = None,
) -> Clusters:
    """Find where more happened for a time than the place and the time each account for.

    The space-time permutation scan of Kulldorff and others. A cylinder is a circle on the map
    from one step of time to another. If when did not depend on where, it would hold the
    incidents of its circle times those of its steps over all. The excess over that is judged by
    its Poisson log likelihood ratio. Then times are dealt anew among the incidents, again and
    again, and each cylinder is held against the *strongest* of each deal. Nothing needs to be
    known of what is at risk, and snapped data with months do.

    Parameters
    ----------
    incidents : DataFrame
        ``easting``, ``northing`` in metres and ``month``, or ``start`` where `days_per_step` is
        given; ``rows`` or ``count`` where a row stands for more than one incident. Those outside
        the areas are left out, and so are those placed by a whole area.
    areas : GeoDataFrame
        Areas, in the same metres, to clip to.
    months_per_step : int, default 1
        Months of a step. Steps are counted back from the last, so that the first may be shorter.
    days_per_step : int, optional
        Days of a step, in place of months; 7 makes weeks.
    centres : DataFrame, optional
        ``easting``, ``northing`` of centres. Where not said, the distinct places of the incidents;
        where their cylinders would be too many to deal for, some of them, spread evenly.
    max_share : float, default 0.05
        The most that a circle may hold, as a share of the incidents of all steps.
    max_radius : float, default 1000
        Metres.
    max_time_share : float, default 0.5
        The most steps that a cylinder may last, as a share of all; always one.
    alive : bool, default False
        Take only cylinders that last to the last step: what is going on now.
    simulations : int, default 999
        Deals.
    seed : int, default 0
        Of the random numbers.
    alpha : float, default 0.05
        A cluster is significant with ``p`` at most so much.
    progress : callable, optional
        Called with the deals done and all deals.

    Returns
    -------
    GeoDataFrame
        As of :func:`scan_poisson`, of the circle of each cylinder, with ``first_day`` and
        ``last_day`` of its steps; ``incidents`` and ``places`` in the cylinder; ``expected``, the
        incidents of its circle times those of its steps over all. Of cylinders whose circles
        overlap only the strongest is listed. ``attrs["steps"]`` is the number of steps.

    Raises
    ------
    CRSError
        If what is given is not in the same metres.
    InputError
        If a setting is out of range, counts are no whole numbers, months or days are missing, no
        incident lies in the areas, all are in one step, or no circle is within the caps.

    Notes
    -----
    A place that is always hot is not found: it has no more than its own. What is found is hotter
    than it was, or was for a time. Where one part of a city grows for years and another does not,
    that is found as well, at the end of the period: keep the period short.

    References
    ----------
    Kulldorff, Heffernan, Hartman, Assunção and Mostashari (2005). A space-time permutation scan
    statistic for disease outbreak detection. *PLoS Medicine* 2(3), e59.

    Examples
    --------
    >>> import geopandas
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 4e3, 4e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> months = pd.date_range("2026-01-01", periods=12, freq="MS")
    >>> steady = pd.DataFrame([(east, 2000.0, month, 1) for month in months
    ...     for east in range(50, 4000, 100)], columns=["easting", "northing", "month", "rows"])
    >>> spree = pd.DataFrame({"easting": [1050.0, 1150, 1250], "northing": 2000.0,
    ...     "month": months[6], "rows": 7})
    >>> found = geoprofiles.scan_space_time(pd.concat([steady, spree]), areas, max_share=0.2,
    ...     simulations=99)
    >>> found[["incidents", "places", "first_day", "last_day", "p"]].astype(str).values.tolist()
    [['24', '3', '2026-07-01', '2026-07-31', '0.01']]
    """
    settings = Settings(max_share, max_radius, simulations, seed, alpha, progress)
    check_settings(settings)
    check_areas(areas)
    if not 0 < max_time_share <= 1:
        raise InputError(
            f"'max_time_share' must lie above 0 and be at most 1; it is {max_time_share!r}"
        )
    table, first_days, said = _read(incidents, areas, months_per_step, days_per_step)
    windows = Windows(max(1, int(max_time_share * (len(first_days) - 1))), alive)
    spots, table["location"] = fold_locations(table[["easting", "northing"]].to_numpy())
    table = table.sort_values("location", kind="stable")
    held = np.bincount(table["location"], table["count"], minlength=len(spots))
    step = np.repeat(table["step"].to_numpy(), table["count"].to_numpy()).astype(np.uint8)
    start = np.append(0, np.cumsum(held)).astype(np.int64)
    events = Events(step, start, np.bincount(step, minlength=len(first_days) - 1))
    total = float(held.sum())
    scanned = Scanned(spots, held, held, partial(poisson_ratio, total=total), table)
    met = mean_met(scanned, settings) * float(held.mean())
    lasting = windows.longest if alive else _windows(len(events.in_step), windows)
    middle, note = around(
        scanned, centres, int(min(MOST_MET / met, MOST_CYLINDERS / (RINGS * lasting)))
    )
    if note:
        note += " Longer steps or a shorter period allow more."
    caps = {"max_size": max_share * total, "max_radius": max_radius, "step": STEP}
    circles = list(circles_around(spots, held, middle, **caps))
    check_some(circles, settings)
    best = _by_chance(circles, events, windows, scanned.ratio, settings)
    zones = _observed(circles, events, windows, scanned.ratio, level_listed(best))
    rows = [
        _row(table, spots, middle[zones.centre[one]], zones, one, first_days, events)
        for one in apart(zones.llr, middle[zones.centre], zones.metres, listed(best))
    ]
    found = describe(rows, areas, best, settings, also=("first_day", "last_day"))
    found.attrs |= {
        "steps": len(events.in_step),
        "centres": len(middle),
        "null": f"{total:,.0f} incidents whose times are dealt anew among their places",
        "note": " ".join(filter(None, (said, note, found.attrs.get("note")))),
    }
    return found


def _read(
    incidents: Incidents, areas: Areas, months_per_step: int, days_per_step: int | None
) -> tuple[pd.DataFrame, pd.DatetimeIndex, str]:
    """Take the incidents with a place of their own in the areas, by place and step.

    Returns them, the first day of each step and that after the last, and what was left out.
    """
    long, name = (months_per_step, "months_per_step") if days_per_step is None else (
        days_per_step, "days_per_step")  # fmt: skip
    if isinstance(long, bool) or not isinstance(long, int) or long < 1:
        raise InputError(f"'{name}' must be a whole number from 1 on; it is {long!r}")
    counted = counted_rows(incidents)
    if days_per_step is not None:
        need_days(counted, "steps of days")
    when = "month" if days_per_step is None else "start"
    check_columns(counted, ["easting", "northing", when], what="Incidents")
    own = counted[placed(counted)]
    dated = own[own[when].notna()]
    _, number = check_places(dated[["easting", "northing"]].assign(count=dated["n"]))
    if (number != np.round(number)).any():
        raise InputError(
            "the counts of incidents are no whole numbers, and what is dealt are whole incidents",
            remedy="Test incidents, not weights such as harm.",
        )
    dated.attrs["crs"] = incidents_crs(incidents)
    inside = points_within(dated, areas, "Incidents")
    if not inside["n"].sum():
        raise InputError(
            "no incident with a time lies in the areas",
            remedy="Check that both are of the same city, and in the same metres.",
        )
    times = inside[when].dt.tz_localize(None)
    if days_per_step is None:
        unit = (times.dt.year * 12 + times.dt.month - 1).to_numpy()
    else:
        unit = times.to_numpy().astype("datetime64[D]").astype(np.int64)
    last = int(unit.max())
    steps = (last - int(unit.min())) // long + 1
    _check_steps(steps, days_per_step)
    edges = last + 1 - long * np.arange(steps, -1, -1)
    edge = pd.DatetimeIndex(
        [pd.Timestamp(one // 12, one % 12 + 1, 1) for one in edges.tolist()]
        if days_per_step is None
        else edges.astype("datetime64[D]").astype("datetime64[ns]")
    )
    table = pd.DataFrame(
        {
            "easting": inside["easting"].astype(float),
            "northing": inside["northing"].astype(float),
            "step": steps - 1 - (last - unit) // long,
            "count": inside["n"].astype(np.int64),
        }
    )
    table = table.groupby(["easting", "northing", "step"], as_index=False)["count"].sum()
    said = (
        left_out(own["n"].sum() - dated["n"].sum(), "without a time"),
        left_out(dated["n"].sum() - inside["n"].sum(), "outside the areas"),
    )
    return table[table["count"] > 0].reset_index(drop=True), edge, " ".join(filter(None, said))


def _check_steps(steps: int, days_per_step: int | None) -> None:
    if steps < 2:
        raise InputError(
            "all incidents are in one step of time, so that times cannot be dealt anew",
            remedy="Take a longer period or shorter steps.",
        )
    if steps > MOST_STEPS:
        unit = "months" if days_per_step is None else "days"
        raise InputError(
            f"the incidents span {steps:,} steps, more than {MOST_STEPS}",
            remedy=f"Take more {unit} to a step, or a shorter period.",
        )


def _windows(steps: int, windows: Windows) -> int:
    """Return from how many steps to how many cylinders may last."""
    return sum(steps - length + 1 for length in range(1, windows.longest + 1))


def _by_chance(
    circles: Sequence[Circles],
    events: Events,
    windows: Windows,
    ratio: Ratio,
    settings: Settings,
) -> np.ndarray:
    """Return the ratio of the strongest cylinder of each deal."""
    total = len(events.step)
    rng = np.random.default_rng(settings.seed)
    screen = first_screen(ratio, total, total)
    best = np.zeros(settings.simulations)
    met = NUMBERS_AT_ONCE // (RINGS * len(events.in_step))
    most = max(1, min(met, STEPS_AT_ONCE // total))
    for done in range(0, settings.simulations, most):
        part = best[done : done + most]
        steps = np.empty((len(part), total), dtype=np.uint8)
        for deal in steps:
            deal[:] = rng.permutation(events.step)
        now = screen
        for one in _cylinders(circles, events, np.ascontiguousarray(steps.T), windows):
            now = take_better(part, one.counts, one.expected, ratio, now)
        if settings.progress is not None:
            settings.progress(done + len(part), settings.simulations)
    return best


class Cylinders(NamedTuple):
    """The cylinders around one centre that last as long as one another."""

    centre: int
    metres: np.ndarray  # of each circle
    first: np.ndarray  # step, of each window
    length: int
    counts: np.ndarray  # circles by windows by draws
    expected: np.ndarray  # circles by windows


def _cylinders(
    circles: Iterable[Circles], events: Events, steps: np.ndarray, windows: Windows
) -> Iterator[Cylinders]:
    """Count incidents in cylinders; `steps` is incidents by draws."""
    total = len(steps)
    number = len(events.in_step)
    before = np.append(0, np.cumsum(events.in_step))
    for some in circles:
        for inner, outer in pairwise(np.flatnonzero(np.append(some.first(), True))):
            edges = some.edges[inner : outer + 1]
            upto = _sums(some.members[edges[0] : edges[-1]], np.diff(edges), events, steps)
            size = some.size[inner:outer]
            for length in range(1, windows.longest + 1):
                first = np.arange(number - length if windows.alive else 0, number - length + 1)
                counts = upto[:, first[0] + length :] - upto[:, first[0] : number - length + 1]
                during = before[first + length] - before[first]
                expected = size[:, None] * during / total
                metres = some.metres[inner:outer]
                yield Cylinders(int(some.centre[inner]), metres, first, length, counts, expected)


def _sums(members: np.ndarray, rings: np.ndarray, events: Events, steps: np.ndarray) -> np.ndarray:
    """Count incidents in the circles around a centre before each step: circles, steps, draws."""
    draws, number = steps.shape[1], len(events.in_step)
    held = events.start[members + 1] - events.start[members]
    rows = np.repeat(events.start[members] - np.cumsum(held) + held, held) + np.arange(held.sum())
    ring = np.repeat(np.repeat(np.arange(len(rings)), rings), held)
    at = (ring * number)[:, None] + steps[rows]
    at *= draws
    at += np.arange(draws)
    counts = np.bincount(at.ravel(), minlength=len(rings) * number * draws)
    # Half the bytes are half the time.
    counts = counts.astype(np.int16 if len(steps) < 2**15 else np.int32)
    upto = np.zeros((len(rings), number + 1, draws), dtype=counts.dtype)
    upto[:, 1:] = counts.reshape(len(rings), number, draws)
    for step in range(1, number):
        upto[:, step + 1] += upto[:, step]
    for one in range(1, len(rings)):
        upto[one] += upto[one - 1]
    return upto


class Lasting(NamedTuple):
    """Cylinders of the observed, those that may be listed."""

    llr: np.ndarray
    centre: np.ndarray
    metres: np.ndarray
    first: np.ndarray
    length: np.ndarray


def _observed(
    circles: Sequence[Circles], events: Events, windows: Windows, ratio: Ratio, level: float
) -> Lasting:
    """Judge the cylinders; keep those at a level, and the strongest of each centre and length."""
    parts = []
    for one in _cylinders(circles, events, events.step[:, None], windows):
        llr = ratio(one.counts[..., 0], one.expected)
        circle, window = np.nonzero((llr > 0) & ((llr >= level) | (llr == llr.max())))
        same = np.full(len(circle), 1)
        parts.append(
            (
                llr[circle, window],
                one.centre * same,
                one.metres[circle],
                one.first[window],
                one.length * same,
            )
        )
    return Lasting(*(np.concatenate(one) for one in zip(*parts, strict=True)))


def _row(
    table: pd.DataFrame,
    spots: np.ndarray,
    centre: np.ndarray,
    zones: Lasting,
    one: int,
    edges: pd.DatetimeIndex,
    events: Events,
) -> dict[str, object]:
    """Describe a cylinder by the places it holds, and by its days."""
    first, after = int(zones.first[one]), int(zones.first[one] + zones.length[one])
    metres = float(zones.metres[one])
    near = table[within(spots, centre, metres)[table["location"]]]
    during = near[near["step"].between(first, after - 1)]
    own = during.groupby(["easting", "northing"], as_index=False)["count"].sum()
    share = events.in_step[first:after].sum() / events.in_step.sum()
    made = row(centre, metres, own, float(near["count"].sum() * share), float(zones.llr[one]))
    return made | {"first_day": edges[first], "last_day": edges[after] - pd.Timedelta(days=1)}

"""What the data can carry: how exactly places and times are recorded, and what that allows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geoprofiles import crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Incidents, Places, check_incidents, incidents_crs
from geoprofiles.hotspots.places import placed

STACKED = 0.5
"""Of incidents that share their point with another: from here on, points may be map points."""

APART, SELDOM = 10.0, 0.02
"""Map points keep apart: at most this share of them has another within so many metres."""

HEAPED = 0.05
"""Of all times at exactly midnight, or noon: more than even hours would put there (1 in 24)."""

ON_THE_HOUR = 0.5
FIRST_OF_MONTH = 0.10
RULING = 0.10
LATTICE = 0.5
"""Of distinct places that stand on a lattice: by chance it is one in a hundred at the most."""

FEWEST_PLACES = 10
"""Fewer distinct places tell nothing of a lattice, or of map points."""

METHODS = (
    "density and clusters", "streets", "changes over time", "day of the week", "time of day",
    "repeats at the same place", "repeats of a named target", "near repeats",
)  # fmt: skip

MAP_POINTS = (
    "one map point stands for eight or more addresses, or for none, and holds what happened at"
    " all of them"
)
MONTH_ONLY = "these have the month only"


def data_resolution(incidents: Incidents | Places) -> pd.DataFrame:
    """Say how exactly incidents are placed and timed, and what follows from it.

    Parameters
    ----------
    incidents : DataFrame
        Incidents, as :func:`read_incidents` gives them, or places (``count``, or ``rows``) as
        :func:`distinct_places` and :func:`tally_files` do. Rows with a reason in ``refused`` are
        left out.

    Returns
    -------
    DataFrame
        One row a fact: ``fact``, ``found`` (for people), ``share`` (0 to 1, of what the fact is
        about, or NaN), ``consequence`` (a sentence, or empty where nothing follows).

    Raises
    ------
    InputError
        If there are no columns of coordinates, they are degrees, or there is no row.

    Notes
    -----
    Points are taken for fixed map points where the files are police.uk street files, or where at
    least half of the incidents share their point and at most 2% of the points have another within
    10 m: shops and flats with several incidents do stand that near to others. Coordinates count
    as rounded where at least half of the distinct places lie on one lattice of 10, 100 or 1,000 m,
    or of 2, 3 or 4 decimals of a degree. Dates are the month only where there is no day, or every
    one is the first of a month at midnight.

    References
    ----------
    Tompson, Johnson, Ashby, Perkins and Edwards (2015). *Cartography and Geographic Information
    Science* 42, 97-111.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> incidents = pd.DataFrame({"easting": [450105.0, 453827.0, 450008.0],
    ...     "northing": [58913.0, 59343.0, 58787.0],
    ...     "month": pd.to_datetime(["2026-05-01", "2026-06-01", "2026-06-01"])})
    >>> facts = geoprofiles.data_resolution(incidents)
    >>> facts.set_index("fact")["found"]["dates"]
    'month only'
    """
    counted = counted_rows(incidents)
    need_any(counted)
    facts = [*_place_facts(counted, incidents), *_time_facts(counted)]
    return pd.DataFrame(facts, columns=["fact", "found", "share", "consequence"])


def answerable(incidents: Incidents | Places) -> pd.DataFrame:
    """Say which methods the data can carry, and why not the others.

    Parameters
    ----------
    incidents : DataFrame
        As for :func:`data_resolution`.

    Returns
    -------
    DataFrame
        Index ``method``; ``can`` (bool); ``why``: the reason why not, or what to bear in mind, or
        empty.

    Raises
    ------
    InputError
        As for :func:`data_resolution`.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> incidents = pd.DataFrame({"easting": [450105.0, 453827.0], "northing": [58913.0, 59343.0],
    ...     "month": pd.to_datetime(["2026-05-01", "2026-06-01"])})
    >>> geoprofiles.answerable(incidents)["why"]["near repeats"]
    'near repeats need dates; these have the month only'
    """
    counted = counted_rows(incidents)
    need_any(counted)
    spots = _points(counted)
    known = _snapped(spots, incidents)
    step = 0.0 if known else _lattice(spots, incidents_crs(incidents))[1]
    nowhere = "" if len(spots) else "no incident has a place of its own"
    coarse = f"coordinates are rounded to {step:g} m" if step else ""
    point = f"incidents stand on fixed map points: {MAP_POINTS}" if known else coarse
    no_days = "" if has_days(counted) else f"need dates; {_dates_are(counted)}"
    no_times = no_days or ("" if has_times(counted) else "needs times; no row has one")
    months = "" if "month" in counted or "first_month" in counted else "the rows carry no months"
    why: dict[str, tuple[bool, str]] = {
        "density and clusters": (not nowhere, nowhere or _caution(known, step)),
        "streets": (not (nowhere or point), nowhere or point),
        "changes over time": (not months, months),
        "day of the week": (not no_days, f"days of the week {no_days}" if no_days else ""),
        "time of day": (not no_times, f"time of day {no_times.replace('need ', 'needs ', 1)}"
                        if no_times else ""),
        "repeats at the same place": (not (nowhere or point), nowhere or point),
        "repeats of a named target": (True, "needs a column that names the target"),
        "near repeats": (
            not (nowhere or no_days),
            nowhere or (f"near repeats {no_days}" if no_days else _caution(known, step)),
        ),
    }  # fmt: skip
    return pd.DataFrame.from_dict(
        {name: why[name] for name in METHODS}, orient="index", columns=["can", "why"]
    ).rename_axis("method")


def counted_rows(incidents: Incidents | Places) -> pd.DataFrame:
    """Leave out refused rows and the long attrs; ``n`` says how many incidents each stands for."""
    plain = pd.DataFrame(incidents, copy=False)
    for name in ("start", "end"):
        if name in plain and not pd.api.types.is_datetime64_any_dtype(plain[name]):
            raise InputError(
                f"the column '{name}' holds no dates but {plain[name].dtype} values",
                remedy="Read incidents with geoprofiles.read_incidents, or use pandas.to_datetime.",
            )
    plain = plain[plain["refused"].isna()] if "refused" in plain else plain[:]
    plain.attrs = {}
    for name in ("rows", "count"):
        if name in plain:
            return plain.assign(n=plain[name].astype(float))
    return plain.assign(n=1.0)


def has_days(incidents: pd.DataFrame) -> bool:
    """Whether dates name a day: not where each is the first of a month at midnight."""
    if "start" not in incidents:
        return False
    start = incidents["start"].dropna()
    return bool(((start.dt.day != 1) | (start != start.dt.normalize())).any())


def has_times(incidents: pd.DataFrame) -> bool:
    """Whether any start or end has a time of day."""
    if "start" not in incidents:
        return False
    known = (incidents[name].dropna() for name in ("start", "end") if name in incidents)
    return any(bool((one != one.dt.normalize()).any()) for one in known)


def need_days(incidents: pd.DataFrame, what: str) -> None:
    """Refuse incidents that do not name days, and say what needs them."""
    need_any(incidents)
    if not has_days(incidents):
        raise InputError(
            f"{what} need dates; {_dates_are(incidents)}",
            remedy="Use records with the day (police.uk gives the month only).",
        )


def need_times(incidents: pd.DataFrame, what: str) -> None:
    """Refuse incidents without a time of day, and say what needs it."""
    need_any(incidents)
    if not has_times(incidents):
        had = "no row has a time of day" if has_days(incidents) else _dates_are(incidents)
        raise InputError(
            f"{what} needs times; {had}",
            remedy="Use records with start and end times (police.uk gives the month only).",
        )


def snapped(incidents: Incidents | Places) -> bool:
    """Whether incidents stand on fixed map points, as the police.uk files do."""
    return _snapped(_points(counted_rows(incidents)), incidents)


def map_points(incidents: Incidents | Places) -> pd.DataFrame | None:
    """Return the fixed map points of a whole source; None where incidents stand on none.

    Examples
    --------
    >>> places = pd.DataFrame({"easting": np.arange(12) * 100.0, "northing": 900.0, "count": 9})
    >>> len(map_points(places)), map_points(places.assign(count=1))
    (12, None)
    """
    spots = _points(counted_rows(incidents))
    return spots[["easting", "northing"]] if _snapped(spots, incidents) else None


def lattice_step(incidents: Incidents | Places) -> float:
    """Return the metres that coordinates are rounded to, 0 where they are not."""
    return _lattice(_points(counted_rows(incidents)), incidents_crs(incidents))[1]


def need_any(counted: pd.DataFrame) -> None:
    """Refuse a frame in which nothing counts."""
    if counted.empty:
        raise InputError("there is no incident to look at: every row is refused, or there is none")


def check_metres(points: np.ndarray) -> None:
    """Refuse coordinates that look like degrees."""
    if len(points) and np.abs(points).max() <= 360:
        raise InputError(
            "the coordinates look like degrees, not metres",
            remedy="Read incidents with geoprofiles.read_incidents, which gives metres.",
        )


def _dates_are(counted: pd.DataFrame) -> str:
    dated = "month" in counted or "first_month" in counted or "start" in counted
    return MONTH_ONLY if dated else "these have none"


def _caution(known: bool, step: float) -> str:
    if known:
        return (
            "incidents stand on fixed map points: weigh distinct points, and read no place finer"
            " than the spacing of the points"
        )
    return f"coordinates are rounded to {step:g} m: read no place finer than that" if step else ""


def _points(counted: pd.DataFrame) -> pd.DataFrame:
    """Fold to distinct points, with the number of incidents at each, in ``n``."""
    check_incidents(counted)
    kept = counted.loc[placed(counted), ["easting", "northing", "n"]].astype(float)
    check_metres(kept[["easting", "northing"]].to_numpy())
    return kept.groupby(["easting", "northing"], sort=True, as_index=False)["n"].sum()


def _spacing(spots: pd.DataFrame) -> np.ndarray:
    """Return the distance from each distinct point to the nearest other."""
    from scipy.spatial import cKDTree

    if len(spots) < 2:
        return np.empty(0)
    points = spots[["easting", "northing"]].to_numpy()
    return np.asarray(cKDTree(points).query(points, k=2)[0][:, 1])


def _snapped(spots: pd.DataFrame, incidents: pd.DataFrame) -> bool:
    sources = incidents.attrs.get("sources") or []
    if sources and all(one.get("layout") == "police.uk street file" for one in sources):
        return True
    if len(spots) < FEWEST_PLACES or _stacked(spots) < STACKED:
        return False
    return bool((_spacing(spots) < APART).mean() <= SELDOM)


def _stacked(spots: pd.DataFrame) -> float:
    return float(spots.loc[spots["n"] > 1, "n"].sum() / spots["n"].sum()) if len(spots) else 0.0


def _lattice(spots: pd.DataFrame, system: str | None) -> tuple[str, float, float]:
    """Find the coarsest lattice that most places lie on: its name, its step in metres, the share.

    A lattice may stand anywhere (the middles of squares), so the commonest remainder decides.
    """
    none = ("not rounded", 0.0, float("nan"))
    if len(spots) < FEWEST_PLACES:
        return none
    points = spots[["easting", "northing"]].to_numpy()
    for step in (1000.0, 100.0, 10.0):
        share = _commonest(np.round(points % step, 1) % step)
        if share >= LATTICE:
            return f"to {step:,.0f} m", step, share
    if system is None:
        return none
    longitude, latitude = crs.project(points[:, 0], points[:, 1], source=system, target=crs.WEB)
    degrees = np.column_stack([longitude, latitude])
    for decimals in (2, 3, 4):
        scaled = degrees * 10**decimals
        share = float((np.abs(scaled - np.round(scaled)) < 0.02).all(axis=1).mean())
        if share >= LATTICE:
            step = 111_320 / 10**decimals
            return f"to {decimals} decimals of a degree (about {step:,.0f} m)", round(step), share
    return none


def _commonest(remainders: np.ndarray) -> float:
    return float(np.unique(remainders, axis=0, return_counts=True)[1].max() / len(remainders))


def _place_facts(counted: pd.DataFrame, incidents: pd.DataFrame) -> list[tuple[Any, ...]]:
    total, spots = counted["n"].sum(), _points(counted)
    located = spots["n"].sum()
    facts: list[tuple[Any, ...]] = [
        ("incidents", f"{total:,.0f}", float("nan"), ""),
        ("with a place", f"{located:,.0f}", located / total,
         "" if located else "Nothing can be mapped."),
    ]  # fmt: skip
    if not located:
        return facts
    known = _snapped(spots, incidents)
    name, step, share = _lattice(spots, incidents_crs(incidents))
    gaps = _spacing(spots)
    middle = float(np.median(gaps)) if len(gaps) else float("nan")
    most = float(spots["n"].max())
    blame = f"Places are weighed by their incidents; no point is to blame alone: {MAP_POINTS}."
    wide = f"A bandwidth well above {middle:,.0f} m is needed."
    ruled = f"One place holds {most / located:.0%} of the incidents: look at it before any map."
    near = f"Nothing closer than {step:,.0f} m can be told apart."
    return [
        *facts,
        ("distinct places", f"{len(spots):,}", len(spots) / located, ""),
        ("sharing their place", f"{_stacked(spots) * located:,.0f}", _stacked(spots), ""),
        ("fixed map points", "yes" if known else "no", float("nan"), blame if known else ""),
        ("spacing of places", f"{middle:,.0f} m" if len(gaps) else "one place", float("nan"),
         wide if known and len(gaps) else ""),
        ("largest place", f"{most:,.0f}", most / located,
         ruled if most / located >= RULING else ""),
        ("rounded coordinates", name, share, near if step else ""),
    ]  # fmt: skip


def _time_facts(counted: pd.DataFrame) -> list[tuple[Any, ...]]:
    number = counted["n"]
    if not has_days(counted):
        found = "month only" if _dates_are(counted) == MONTH_ONLY else "none"
        none = "Near repeats, days of the week and times of day cannot be told."
        return [("dates", found, 0.0, none)]
    start = counted["start"]
    dated = start.notna()

    def share(which: pd.Series, of: pd.Series = dated) -> float:
        return float(number[which & of].sum() / number[of].sum())

    first, midnight = share(start.dt.day == 1), share(start == start.dt.normalize())
    stands = "The first may stand for a month whose day is not known."
    facts: list[tuple[Any, ...]] = [
        ("dates", "day", share(dated, dated | True), ""),
        ("on the first of the month", f"{first * number[dated].sum():,.0f}", first,
         stands if first > FIRST_OF_MONTH else ""),
    ]  # fmt: skip
    if not has_times(counted):
        no = "Times of day cannot be told; days of the week can."
        return [*facts, ("times", "none", 0.0, no)]
    noon = share((start - start.dt.normalize()) == pd.Timedelta(hours=12))
    hour = share((start.dt.minute == 0) & (start.dt.second == 0))
    facts += [
        ("times", "yes", 1 - midnight, ""),
        ("at midnight exactly", f"{midnight * number[dated].sum():,.0f}", midnight,
         "Midnight may stand for a time that is not known." if midnight > HEAPED else ""),
        ("at noon exactly", f"{noon * number[dated].sum():,.0f}", noon,
         "Noon may stand for a time that is not known." if noon > HEAPED else ""),
        ("on the hour", f"{hour * number[dated].sum():,.0f}", hour,
         "Times are recorded to the hour: read no chart finer." if hour > ON_THE_HOUR else ""),
    ]  # fmt: skip
    return [*facts, *_span_facts(counted[dated])]


def _span_facts(dated: pd.DataFrame) -> list[tuple[Any, ...]]:
    number = dated["n"]
    if "end" not in dated or dated["end"].isna().all():
        consequence = "Times of day are those of the start; for what was found later they mislead."
        return [("with an end", "0", 0.0, consequence)]
    span = dated["end"] - dated["start"]
    facts = []
    for fact, which, consequence in (
        ("with an end", span.notna(), ""),
        ("ends before it starts", span < pd.Timedelta(0), "Counted by a stated rule."),
        ("over 24 hours long", span > pd.Timedelta(hours=24), "These say nothing of the hour."),
    ):
        share = float(number[which].sum() / number.sum())
        facts.append((fact, f"{number[which].sum():,.0f}", share, consequence if share else ""))
    return facts

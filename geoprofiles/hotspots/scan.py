"""Scan statistics: circles moved over the map, held against the strongest of many draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Clusters, Places, check_areas
from geoprofiles.hotspots.at_risk import at_risk_from_areas, at_risk_on_places, check_at_risk
from geoprofiles.hotspots.draws import draws
from geoprofiles.hotspots.likelihood import bernoulli_ratio, poisson_ratio
from geoprofiles.hotspots.scan_found import (
    Scanned,
    Settings,
    check_settings,
    points_within,
    scan,
    whole_places,
    with_ratio,
)
from geoprofiles.hotspots.scan_zones import fold_locations
from geoprofiles.hotspots.significance import FEWEST_EXPECTED

MOST_LOCATIONS = 20_000
"""Points that are laid over areas where nothing is given as at risk."""

FINENESS = 20
"""Points at risk lie so many to the radius of the widest circle, where they are laid here."""


def scan_poisson(  # noqa: PLR0913
    places: Places,
    areas: Areas,
    at_risk: Places | None = None,
    *,
    centres: Places | None = None,
    max_share: float = 0.05,
    max_radius: float = 1000.0,
    map_points: Places | None = None,
    simulations: int = 999,
    seed: int = 0,
    alpha: float = 0.05,
    progress: Callable[[int, int], object] | None = None,
) -> Clusters:
    """Find the circles that hold more incidents than what is at risk in them accounts for.

    Kulldorff's scan statistic. Around each centre circles grow from point to point at risk until
    they hold `max_share` of what is at risk or reach `max_radius`. Each is judged by its Poisson
    log likelihood ratio. Then as many incidents are drawn, again and again, from what is at risk,
    and each circle is held against the *strongest* circle of each draw, so that looking at many
    circles is paid for. Circles that do not overlap a stronger one are listed too.

    Parameters
    ----------
    places : DataFrame
        Places, in metres. Those outside the areas are left out. Each incident is counted at the
        point at risk nearest to it, where draws put theirs.
    areas : GeoDataFrame
        Areas, in the same metres, to clip to.
    at_risk : DataFrame, optional
        Places: points with what is at risk in ``count``, from :func:`at_risk_from_areas`, or
        other incidents; those beyond the areas are left out. Without it the ground of the areas
        is at risk, and ``attrs["note"]`` says so.
    centres : DataFrame, optional
        ``easting``, ``northing`` of centres, which must not be chosen by where the incidents
        are. Where not said, the points at risk; where their circles would be too many to draw
        for, some of them, spread evenly.
    max_share : float, default 0.05
        The most that a circle may hold, as a share of what is at risk.
    max_radius : float, default 1000
        Metres.
    map_points : DataFrame, optional
        For snapped data, the distinct places of the whole source: what is at risk is moved to
        the nearest of them first, see :func:`at_risk_on_places`.
    simulations : int, default 999
        Draws.
    seed : int, default 0
        Of the random numbers.
    alpha : float, default 0.05
        A cluster is significant with ``p`` at most so much.
    progress : callable, optional
        Called with the draws done and all draws.

    Returns
    -------
    GeoDataFrame
        Index ``rank``, 1 the strongest. The circle, clipped to the areas; its centre in
        ``easting`` and ``northing``, ``radius_m``, which reaches to the farthest incident that is
        counted in it; ``incidents`` and the distinct ``places`` they are at; ``expected``
        (incidents, if the risk were the same everywhere), ``ratio``
        (incidents / expected; NaN where nothing is at risk), ``llr``, the log likelihood ratio,
        for which never fewer than 1 incident is expected, ``p``, (1 + draws with a circle at
        least as strong) / (1 + draws), and ``significant``. A circle on fewer than 3 distinct
        places is a single map point: a Point at its weightiest place, ``outlined`` False.
        Circles with a ``p`` above 0.5 are not listed, but for the first. ``attrs`` says what was
        done: ``null`` and ``note`` in words, ``llr_by_chance`` (95 % of draws have no circle
        with a higher ratio), ``centres`` (their number), ``alpha``, ``simulations``, ``seed``.

    Raises
    ------
    CRSError
        If what is given is not in the same metres.
    InputError
        If a setting is out of range, counts are no whole numbers, no incident lies in the areas,
        nothing is at risk, a place is no map point, or no circle is within the caps.

    Notes
    -----
    The p of a cluster after the first is of the strongest circle of a draw too, and so rather too
    high than too low. Where two circles overlap only the stronger is listed, so that a long street
    shows as a row of circles.

    References
    ----------
    Kulldorff (1997). A spatial scan statistic. *Communications in Statistics: Theory and Methods*
    26, 1481-1496.

    Examples
    --------
    >>> import geopandas
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 4e3, 4e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> spread = np.arange(16) * 1000.0 + 500
    >>> places = pd.DataFrame({"easting": [*(spread % 4000), 1490, 1500, 1510],
    ...     "northing": [*(spread // 4000 * 1000 + 500), 1500, 1510, 1490],
    ...     "count": [1] * 16 + [5] * 3})
    >>> found = geoprofiles.scan_poisson(places, areas, simulations=99)
    >>> found[["incidents", "places", "p"]].to_dict("list")
    {'incidents': [16], 'places': [4], 'p': [0.01]}
    """
    settings = Settings(max_share, max_radius, simulations, seed, alpha, progress)
    check_settings(settings)
    check_areas(areas)
    counted, beyond = whole_places(places, areas, "Places")
    if at_risk is None:
        at_risk = at_risk_from_areas(areas, spacing=spacing_for_scan(areas, max_radius))
    spacing = at_risk.attrs.get("spacing", 0)
    if map_points is None and "map_points" not in at_risk.attrs and spacing > max_radius / 2:
        raise InputError(
            f"points at risk lie {spacing:g} m apart: too far for circles of {max_radius:g} m",
            remedy=f"Lay them again with spacing={max_radius / FINENESS:g}.",
        )
    within = points_within(at_risk, areas, "What is at risk")
    if map_points is not None:
        within = at_risk_on_places(within, points_within(map_points, areas, "Map points"))
    points, weights = check_at_risk(within)
    spots, at = fold_locations(points)
    weights = np.bincount(at, weights)
    counted["location"] = _nearest(counted, spots, snapped=map_points is not None)
    total = int(counted["count"].sum())
    scanned = Scanned(
        spots,
        weights * (total / weights.sum()),
        np.bincount(counted["location"], counted["count"], minlength=len(spots)),
        partial(_against_risk, total=total),
        counted,
    )
    found = scan(
        scanned,
        areas,
        settings,
        centres,
        lambda rng, most: draws(weights, total, simulations, rng, most=most),
    )
    what = within.attrs.get("at_risk", "what is at risk")
    moved = (
        f", moved to the {len(spots):,} map points of the data"
        if "map_points" in within.attrs
        else ""
    )
    found.attrs["null"] = f"{total:,} incidents drawn by {what}{moved}"
    notes = (within.attrs.get("note"), beyond, found.attrs["note"])
    found.attrs["note"] = " ".join(filter(None, notes))
    return found


def scan_bernoulli(  # noqa: PLR0913
    cases: Places,
    controls: Places,
    areas: Areas,
    *,
    centres: Places | None = None,
    max_share: float = 0.05,
    max_radius: float = 1000.0,
    simulations: int = 999,
    seed: int = 0,
    alpha: float = 0.05,
    progress: Callable[[int, int], object] | None = None,
) -> Clusters:
    """Find the circles in which more of what happens are cases than elsewhere.

    Kulldorff's scan statistic by the Bernoulli model: cases, such as robberies, are held against
    controls, such as all other crime. Under the null a case is no likelier at one place than at
    another where as much happens, so which of all these incidents are the cases is dealt anew,
    again and again. That is exact for snapped data too, since all stand on the same map points.

    Parameters
    ----------
    cases : DataFrame
        Places, in metres: the incidents in question. Those outside the areas are left out.
    controls : DataFrame
        Places, in the same metres: others, none of which is among the cases.
    areas : GeoDataFrame
        Areas, in the same metres, to clip to.
    centres : DataFrame, optional
        ``easting``, ``northing`` of centres, which must not be chosen by which incidents are
        cases. Where not said, the distinct places of cases and controls; where their circles
        would be too many to draw for, some of them, spread evenly.
    max_share : float, default 0.05
        The most that a circle may hold, as a share of cases and controls together.
    max_radius : float, default 1000
        Metres.
    simulations : int, default 999
        Draws.
    seed : int, default 0
        Of the random numbers.
    alpha : float, default 0.05
        A cluster is significant with ``p`` at most so much.
    progress : callable, optional
        Called with the draws done and all draws.

    Returns
    -------
    GeoDataFrame
        As of :func:`scan_poisson`, with ``incidents`` the cases, ``places`` the distinct places
        they are at, ``controls``, and ``expected`` the cases if their share of all were the same
        everywhere. The ratio is that of the Bernoulli model.

    Raises
    ------
    CRSError
        If what is given is not in the same metres.
    InputError
        If a setting is out of range, counts are no whole numbers, there is no case or no control
        in the areas, or no circle is within the caps.

    Notes
    -----
    What is found is where the mix of crime is another. A place where everything is high, cases and
    controls alike, is none.

    References
    ----------
    Kulldorff (1997). A spatial scan statistic. *Communications in Statistics: Theory and Methods*
    26, 1481-1496.

    Examples
    --------
    >>> import geopandas
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 4e3, 4e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> east = np.arange(40) * 100.0 + 50
    >>> others = pd.DataFrame({"easting": east, "northing": 2000.0, "count": 5})
    >>> robberies = pd.DataFrame({"easting": east[10:13], "northing": 2000.0, "count": [6, 9, 6]})
    >>> found = geoprofiles.scan_bernoulli(robberies, others, areas, max_share=0.2, simulations=99)
    >>> found[["incidents", "controls", "places", "p"]].to_dict("list")
    {'incidents': [21], 'controls': [15], 'places': [3], 'p': [0.01]}
    """
    settings = Settings(max_share, max_radius, simulations, seed, alpha, progress)
    check_settings(settings)
    check_areas(areas)
    ours, beyond = whole_places(cases, areas, "Cases")
    others, _ = whole_places(controls, areas, "Controls")
    if cases.attrs.get("crs") is not None and controls.attrs.get("crs") is not None:
        check_same_crs(cases.attrs["crs"], controls.attrs["crs"], names=("Cases", "Controls"))
    both = pd.concat([ours, others], ignore_index=True)
    spots, at = fold_locations(both[["easting", "northing"]].to_numpy())
    ours["location"] = at[: len(ours)]
    number = np.bincount(at, both["count"], minlength=len(spots))
    total, everything = int(ours["count"].sum()), int(number.sum())
    scanned = Scanned(
        spots,
        number,
        np.bincount(ours["location"], ours["count"], minlength=len(spots)),
        partial(_among_others, total=total, everything=everything),
        ours,
    )

    def dealt(rng: np.random.Generator, most: int) -> Iterator[np.ndarray]:
        whole = number.astype(np.int64)
        for start in range(0, simulations, most):
            block = np.empty((min(most, simulations - start), len(whole)), dtype=np.float32)
            for draw in block:
                draw[:] = rng.multivariate_hypergeometric(whole, total, method="marginals")
            yield block

    found = scan(scanned, areas, settings, centres, dealt)
    held = found["expected"].round().astype("int64")
    found.insert(list(found).index("places"), "controls", held - found["incidents"])
    found["expected"] *= total / everything
    found.attrs["null"] = f"{total:,} cases dealt at random among {everything:,} incidents"
    found.attrs["note"] = " ".join(filter(None, (beyond, found.attrs["note"])))
    return with_ratio(found)


def spacing_for_scan(areas: Areas, max_radius: float) -> float:
    """Choose how far apart points at risk are laid for a scan, in metres.

    A twentieth of the widest radius; farther where that would be more than 20,000 points.
    """
    ground = float(shapely.area(areas.geometry.to_numpy()).sum())
    return float(max(max_radius / FINENESS, (ground / MOST_LOCATIONS) ** 0.5))


def _nearest(places: pd.DataFrame, spots: np.ndarray, *, snapped: bool) -> np.ndarray:
    """Return at which location each place is counted; refuse places that are no map point."""
    from scipy.spatial import cKDTree

    metres, at = cKDTree(spots).query(places[["easting", "northing"]].to_numpy())
    if snapped and (metres > 0).any():
        raise InputError(
            f"{(metres > 0).sum():,} of {len(places):,} places are not among the map points",
            remedy="Give the distinct places of the whole source, of all months and categories.",
        )
    return at


def _against_risk(count: np.ndarray, expected: np.ndarray, *, total: float) -> np.ndarray:
    return poisson_ratio(count, np.maximum(expected, FEWEST_EXPECTED), total)


def _among_others(
    cases: np.ndarray, number: np.ndarray, *, total: float, everything: float
) -> np.ndarray:
    return bernoulli_ratio(cases, np.maximum(number, cases), total, everything)

"""What scans share: what they take, which zones they list, and how those are described."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.areas.locate import locate_points
from geoprofiles.checks import check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Clusters, Places, check_columns
from geoprofiles.hotspots.clusters import FEWEST_PLACES
from geoprofiles.hotspots.places import check_places
from geoprofiles.hotspots.scan_zones import (
    MOST_ROWS,
    NUMBERS_AT_ONCE,
    Circles,
    Ratio,
    apart,
    check_caps,
    circles_around,
    first_screen,
    members_most,
    p_values,
    strongest,
    thinned,
    within,
)
from geoprofiles.hotspots.significance import CHANCE, check_draws

LISTED = 0.5
"""Zones that chance makes more often than this are not listed, but for the first."""

MOST_TIMES = 4
"""So many times the centres that would be chosen may be given."""

SEGMENTS = 32
"""Of a quarter of a circle as it is drawn."""

COLUMNS = (
    "easting", "northing", "radius_m", "incidents", "places", "expected", "ratio", "llr", "p",
    "significant", "outlined",
)  # fmt: skip


class Settings(NamedTuple):
    """What the caller of a scan chose."""

    max_share: float
    max_radius: float
    simulations: int
    seed: int
    alpha: float
    progress: Callable[[int, int], object] | None


class Scanned(NamedTuple):
    """Locations, what each holds, how large it is, and how zones are judged."""

    points: np.ndarray
    size: np.ndarray  # of each location: incidents expected, or cases and controls
    held: np.ndarray  # incidents at each location
    ratio: Ratio
    places: pd.DataFrame  # easting, northing, count; location

    @property
    def total(self) -> float:
        """All incidents."""
        return float(self.held.sum())


class Zones(NamedTuple):
    """Circles of the observed, those that may be listed."""

    llr: np.ndarray
    centre: np.ndarray
    metres: np.ndarray


def check_settings(settings: Settings) -> None:
    """Refuse settings of a scan that are out of range."""
    check_caps(settings.max_share, settings.max_radius)
    check_draws(settings.simulations, settings.seed)
    if not 0 < settings.alpha < 1:
        raise InputError(f"'alpha' must lie between 0 and 1; it is {settings.alpha!r}")


def points_within(points: Places, areas: Areas, name: str) -> Places:
    """Keep the points that lie within the areas."""
    check_columns(points, ["easting", "northing"], what=name)
    if points.attrs.get("crs") is not None:
        check_same_crs(points.attrs["crs"], areas.crs, names=(name, "Areas"))
    at, _ = check_places(points[["easting", "northing"]].assign(count=0))
    kept = points[locate_points(at[:, 0], at[:, 1], areas) >= 0].reset_index(drop=True)
    kept.attrs = points.attrs
    return kept


def whole_places(places: Places, areas: Areas, name: str) -> tuple[pd.DataFrame, str]:
    """Fold places to the distinct ones that hold whole incidents within the areas.

    Returns them, sorted, and a sentence on what was left out.
    """
    _, counts = check_places(places)
    if (counts != np.round(counts)).any():
        raise InputError(
            f"the counts of {name.lower()} are no whole numbers, and what is drawn are whole"
            " incidents",
            remedy="Test incidents, not weights such as harm.",
        )
    inside = points_within(places, areas, name)
    folded = inside.groupby(["easting", "northing"], as_index=False)["count"].sum()
    folded = folded[folded["count"] > 0].reset_index(drop=True).astype(float)
    if folded.empty:
        raise InputError(
            f"none of the {name.lower()} holds an incident in the areas",
            remedy="Check that both are of the same city, and in the same metres.",
        )
    outside = counts.sum() - folded["count"].sum()
    return folded, left_out(outside, "outside the areas")


def left_out(number: float, where: str) -> str:
    """Say that incidents are left out; nothing where there are none.

    Examples
    --------
    >>> left_out(1, "outside the areas"), left_out(2000, "outside the areas"), left_out(0, "")
    ('1 incident outside the areas is left out.', '2,000 incidents outside the areas are left \
out.', '')
    """
    if not number:
        return ""
    what, are = ("incident", "is") if number == 1 else ("incidents", "are")
    return f"{number:,.0f} {what} {where} {are} left out."


def mean_met(scanned: Scanned, settings: Settings) -> float:
    """Return how many locations the circles around a location meet, on average, at most."""
    max_size = settings.max_share * scanned.size.sum()
    met = members_most(scanned.points, scanned.size, max_size, settings.max_radius)
    return float(max(met.mean(), 1.0))


def around(scanned: Scanned, centres: Places | None, most: int) -> tuple[np.ndarray, str]:
    """Choose the centres of circles; say so where they are fewer than the locations."""
    if centres is not None:
        check_columns(centres, ["easting", "northing"], what="Centres")
        at, _ = check_places(centres[["easting", "northing"]].assign(count=0))
        if len(at) > MOST_TIMES * max(1, most):
            raise InputError(
                f"{len(at):,} centres have more circles than can be drawn for",
                remedy=f"Give at most some {most:,} centres, or lower max_radius.",
            )
        return np.unique(at, axis=0), ""
    keep = thinned(scanned.points, max(1, most))
    if len(keep) == len(scanned.points):
        return scanned.points, ""
    return scanned.points[keep], (
        f"Circles are drawn around {len(keep):,} of {len(scanned.points):,} points, spread evenly:"
        " around all they would be too many."
    )


def scan(
    scanned: Scanned,
    areas: Areas,
    settings: Settings,
    centres: Places | None,
    by_chance: Callable[[np.random.Generator, int], Iterator[np.ndarray]],
) -> Clusters:
    """Judge all circles of what is scanned, and list those that stand out.

    `by_chance` gives draws, of so many at most in a block: draws by locations.
    """
    middle, note = around(scanned, centres, int(MOST_ROWS / mean_met(scanned, settings)))
    caps = {
        "max_size": settings.max_share * float(scanned.size.sum()),
        "max_radius": settings.max_radius,
    }
    circles = list(circles_around(scanned.points, scanned.size, middle, **caps))
    check_some(circles, settings)
    most = max(1, NUMBERS_AT_ONCE // len(scanned.points))
    screen = first_screen(scanned.ratio, scanned.total, float(scanned.size.sum()))
    best, done = np.zeros(settings.simulations), 0
    for block in by_chance(np.random.default_rng(settings.seed), most):
        counts = np.ascontiguousarray(block.T, dtype=np.float32)
        best[done : done + len(block)] = strongest(circles, counts, scanned.ratio, screen)
        done += len(block)
        if settings.progress is not None:
            settings.progress(done, settings.simulations)
    zones = _observed(circles, scanned, level_listed(best))
    rows = []
    for one in apart(zones.llr, middle[zones.centre], zones.metres, listed(best)):
        centre, metres = middle[zones.centre[one]], float(zones.metres[one])
        held = within(scanned.points, centre, metres)
        own = scanned.places[held[scanned.places["location"]]]
        size = float(scanned.size[held].sum())
        rows.append(row(centre, metres, own, size, float(zones.llr[one])))
    found = describe(rows, areas, best, settings)
    notes = (note, found.attrs.get("note"))
    found.attrs |= {"centres": len(middle), "note": " ".join(filter(None, notes))}
    return found


def check_some(circles: Sequence[Circles], settings: Settings) -> None:
    """Refuse a scan in which no circle is within the caps."""
    if not circles:
        raise InputError(
            f"no circle of at most {settings.max_radius:g} m holds at most"
            f" {100 * settings.max_share:g}% of all",
            remedy="Raise max_share, or give what is at risk in finer points.",
        )


def listed(best: np.ndarray) -> Callable[[float], bool]:
    """Return whether a zone is strong enough to be listed."""
    return lambda llr: bool(p_values(np.array([llr]), best)[0] <= LISTED)


def level_listed(best: np.ndarray) -> float:
    """Return a ratio under which no zone is listed."""
    return float(np.quantile(best, 1 - LISTED, method="lower")) * (1 - 1e-9)


def row(
    centre: np.ndarray, metres: float, own: pd.DataFrame, size: float, llr: float
) -> dict[str, object]:
    """Describe a zone by the places it holds: its circle, or the point where they are too few."""
    at = own[["easting", "northing"]].to_numpy()
    # A circle reaches to the farthest incident that is counted in it.
    metres = max(metres, float(np.hypot(*(at - centre).T).max()))
    outlined = len(own) >= FEWEST_PLACES
    if outlined:
        # Drawn from outside, so that its corners cut off nothing.
        drawn = metres / np.cos(np.pi / (4 * SEGMENTS))
        shape = shapely.buffer(shapely.Point(centre), drawn, quad_segs=SEGMENTS)
    else:
        order = np.lexsort((at[:, 1], at[:, 0], -own["count"].to_numpy()))
        shape = shapely.Point(at[order[0]])
    return {
        "easting": float(centre[0]),
        "northing": float(centre[1]),
        "radius_m": metres,
        "incidents": int(own["count"].sum()),
        "places": len(own),
        "size": size,
        "llr": llr,
        "outlined": outlined,
        "geometry": shape,
    }


def describe(
    rows: Sequence[dict[str, object]],
    areas: Areas,
    best: np.ndarray,
    settings: Settings,
    *,
    also: tuple[str, ...] = (),
) -> Clusters:
    """Make the frame of a scan; ``expected`` is the size of each zone until it is told better.

    `also` names columns of days.
    """
    outline = shapely.union_all(areas.geometry.to_numpy())
    taken: list[shapely.Geometry] = []
    for one in rows:
        if one["outlined"]:
            # What a stronger one has, and what lies outside the areas, is not drawn again.
            one["geometry"] = shapely.difference(
                shapely.intersection(one["geometry"], outline), shapely.union_all(taken)
            )
            taken.append(one["geometry"])
    table = pd.DataFrame(rows, columns=[*also, *COLUMNS, "size", "geometry"])
    table["p"] = p_values(table["llr"].to_numpy(dtype=float), best)
    table["significant"] = table["p"] <= settings.alpha
    table["expected"] = table.pop("size").astype(float)
    whole = {"incidents": "int64", "places": "int64", "outlined": bool}
    measured = dict.fromkeys(["easting", "northing", "radius_m", "llr"], float)
    found = geopandas.GeoDataFrame(
        table.astype(whole | measured | dict.fromkeys(also, "datetime64[ns]")),
        geometry="geometry",
        crs=areas.crs,
    )
    found.index = pd.RangeIndex(1, len(found) + 1, name="rank")
    found.attrs = {
        "llr_by_chance": float(np.quantile(best, CHANCE, method="inverted_cdf")),
        "alpha": settings.alpha,
        "simulations": settings.simulations,
        "seed": settings.seed,
        "max_share": settings.max_share,
        "max_radius": settings.max_radius,
    }
    if found.empty:
        found.attrs["note"] = "No zone holds more incidents than are expected in it."
    return with_ratio(found)


def with_ratio(found: Clusters) -> Clusters:
    """Set the ratio of incidents to what is expected; NaN where nothing is."""
    expected = found["expected"].to_numpy(dtype=float)
    found["ratio"] = found["incidents"] / np.where(expected > 0, expected, np.nan)
    return found


def _observed(circles: Iterable[Circles], scanned: Scanned, level: float) -> Zones:
    """Judge the circles; keep those at a level, and the strongest of each centre."""
    parts = []
    for some in circles:
        held = np.append(0.0, np.cumsum(scanned.held[some.members]))
        starts, ends = some.starts(), some.edges[1:]
        llr = scanned.ratio(held[ends] - held[starts], some.size)
        # The strongest circle of all is among those that are so of their block.
        keep = np.flatnonzero((llr > 0) & ((llr >= level) | (llr == llr.max())))
        parts.append((llr[keep], some.centre[keep], some.metres[keep]))
    return Zones(*(np.concatenate(one) for one in zip(*parts, strict=True)))

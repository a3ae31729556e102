"""Concentration: the hot-spot layers that a project asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import geopandas
import pandas as pd

from geoprofiles.areas.locate import locate_points
from geoprofiles.frames import Areas, Cells, Clusters, Places, PlaceTally
from geoprofiles.hotspots.cluster_settings import suggest_eps, suggest_min_samples
from geoprofiles.hotspots.density import density_bands, hotspot_kde, suggest_cell
from geoprofiles.hotspots.grid import grid_over
from geoprofiles.hotspots.places import distinct_places
from geoprofiles.hotspots.resolution import map_points
from geoprofiles.hotspots.significance import significant_clusters
from geoprofiles.hotspots.standing import compare_clusters, without_before
from geoprofiles.pipeline.at_risk import at_risk_of
from geoprofiles.pipeline.foresight import Foresight, foresight_of
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.moments import windowed
from geoprofiles.pipeline.periods import Period, earlier_periods, gapless_from, spanning
from geoprofiles.settings import Hotspot, Project
from geoprofiles.words import listed

Number = TypeVar("Number", int, float)

DENSITY_NOTE = "A density shows where incidents lie thickly; it is not tested, clusters are."
TESTED_NOTE = (
    "A cluster beyond chance has more incidents than what was given as at risk accounts for, beside"
    " the most unusual cluster of each of many random draws. That is as good as the denominator,"
    " and says nothing of why."
)
WINDOW = (
    "said by the project; the density weighs each incident by the share of its time within them,"
    " and all else counts those with more than half of it there"
)
EDGE = (
    "Incidents beyond the edge of the areas are not known. Density is corrected for that: each"
    " incident is spread over the areas alone (Diggle)."
)


@dataclass(frozen=True)
class Concentration:
    """One question of ``[[hotspots]]`` answered."""

    hotspot: Hotspot
    period: Period
    places: Places
    cells: Cells
    bands: geopandas.GeoDataFrame
    clusters: Clusters
    held: PlaceTally
    """Places by month of the question's incidents in the areas, over all months."""
    since: pd.Timestamp
    """The month from which on no month is missing."""
    foresight: Foresight
    at_risk: Places | None
    map_points: Places | None
    """Those of the whole source, where incidents were moved to such."""
    weighed: float
    """Incidents of the period, each by the share of its time within the hours asked of."""
    kernel_words: str
    clusters_words: str
    earlier: Period | None
    """The same months before, where the data hold them all."""
    gone: Clusters
    """Clusters beyond chance in those, where there is none now."""


def hotspots_of(project: Project, material: Material) -> tuple[Hotspot, ...]:
    """Return the hot-spot questions of a project; without any, one of all incidents."""
    if project.hotspots:
        return project.hotspots
    material.choose("hotspots", ["All incidents"], "no [[hotspots]] in the project file")
    return (Hotspot("All incidents", shown=True),)


def concentration_of(
    project: Project, material: Material, hotspot: Hotspot, periods: dict[str, Period]
) -> Concentration | None:
    """Answer one hot-spot question; None, with a caution, where nothing is there to answer it."""
    source = hotspot.incidents or project.incidents[0].name
    period = periods[source]
    areas = next(iter(material.areas.values()))
    held = material.tallied[source].places
    if held is None:
        return None
    asked = weighed = _asked(held, hotspot, areas)
    if hotspot.window is not None:
        weighed, asked = windowed(project, material, hotspot, areas)
        material.choose(f"hotspots '{hotspot.name}': hours", hours_of(hotspot), WINDOW)
    places = _within(asked, period)
    if places.empty:
        hours = f" within {hours_of(hotspot)}" if hotspot.window else ""
        material.caution(
            f"{hotspot.name}: no located incident in {period.words}{hours}, no hot spots."
        )
        return None
    points = map_points(held)
    if points is not None:
        _note_snapping(material, source, int(held["rows"].sum()), len(points))
    since = gapless_from(held["month"], period.last)
    known = spanning(asked, since, period.last)
    foresight = foresight_of(known if len(known) else asked, hotspot, period, areas, points=points)
    bandwidth = foresight.bandwidth
    material.choose(f"hotspots '{hotspot.name}': bandwidth", bandwidth, foresight.reason)
    cell = hotspot.cell or _suggested(
        material, hotspot, "cell", suggest_cell(areas, bandwidth=bandwidth)
    )
    cells = hotspot_kde(
        _within(weighed, period),
        grid_over(areas, cell=cell),
        bandwidth=bandwidth,
        kernel=hotspot.kernel,
        years=period.months / 12,
        edge="diggle",
    )
    eps = hotspot.eps or _suggested(material, hotspot, "eps", suggest_eps(places, areas))
    risk = at_risk_of(project, material, hotspot, period, eps)
    min_samples = hotspot.min_samples
    if min_samples is None:
        suggestion = suggest_min_samples(places, areas, risk, eps=eps, map_points=points)
        min_samples = _suggested(material, hotspot, "min_samples", suggestion)
    test = partial(
        significant_clusters, areas=areas, at_risk=risk, eps=eps, min_samples=min_samples,
        map_points=points, simulations=hotspot.simulations,
    )  # fmt: skip
    before = earlier_periods(period, pd.DatetimeIndex(held["month"].unique()))[:-1]
    earlier = before[-1] if before else None
    early = None if earlier is None else _within(asked, earlier)
    exposure = 1.0 if earlier is None else period.days / earlier.days
    clusters, gone = _beside(test(places), early, test, eps, exposure)
    if clusters.empty and clusters.attrs.get("note"):
        material.caution(f"{hotspot.name}: {clusters.attrs['note']}")
    width = "radius" if hotspot.kernel == "quartic" else "standard deviation"
    return Concentration(
        hotspot,
        period,
        places,
        cells,
        density_bands(cells),
        clusters,
        asked,
        since,
        foresight,
        risk,
        points,
        float(_within(weighed, period)["count"].sum()),
        f"{hotspot.kernel.capitalize()} kernel, {width} {bandwidth:,.0f} m, cells {cell:,.0f} m",
        f"Places with at least {min_samples:,} incidents within {eps:,.0f} m (DBSCAN), held against"
        f" {hotspot.simulations:,} draws of {clusters.attrs['null']}",
        earlier,
        gone,
    )


def hours_of(hotspot: Hotspot) -> str:
    """Say which hours are asked of."""
    days = f", from {listed(hotspot.weekdays, most=7)}" if hotspot.weekdays else ""
    return f"{hotspot.window}{days}"


def _asked(places: PlaceTally, hotspot: Hotspot, areas: Areas) -> PlaceTally:
    """Keep the incidents of a question that lie in the areas, of all months."""
    chosen = places
    if hotspot.categories:
        chosen = places[places["category"].isin(hotspot.categories).to_numpy()]
    return chosen[locate_points(chosen["easting"], chosen["northing"], areas) >= 0]


def _within(asked: PlaceTally, period: Period) -> Places:
    """Fold the incidents of a period."""
    return distinct_places(asked[asked["month"].between(period.first, period.last).to_numpy()])


def _beside(
    clusters: Clusters,
    early: Places | None,
    test: Callable[[Places], Clusters],
    eps: float,
    exposure: float,
) -> tuple[Clusters, Clusters]:
    """Set clusters beside those of the earlier period, found and tested by the same settings."""
    rounded = {"expected": 2, "ratio": 3, "p": 4}  # to no more than draws can tell
    tidy = clusters.assign(**{one: clusters[one].round(to) for one, to in rounded.items()})
    tidy.attrs = clusters.attrs
    if early is None:
        return without_before(tidy), clusters.iloc[:0]
    then = test(early) if len(early) else clusters.iloc[:0]
    return compare_clusters(tidy, then, early, eps=eps, exposure=exposure)


def _suggested(
    material: Material, hotspot: Hotspot, setting: str, suggestion: tuple[Number, str]
) -> Number:
    value, reason = suggestion
    material.choose(f"hotspots '{hotspot.name}': {setting}", value, reason)
    return value


def _note_snapping(material: Material, source: str, located: int, points: int) -> None:
    """Say so where incidents were moved to map points."""
    material.caution(
        f"{source}: {located:,} located incidents lie on {points:,} distinct points, so the source"
        " moves incidents to fixed map points. A point is not an address, and a hot spot is not"
        " known more exactly than the points are spaced."
    )

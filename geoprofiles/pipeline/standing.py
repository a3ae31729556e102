"""How clusters stand beside the same months a year before: standing, new or faded."""

from __future__ import annotations

from collections.abc import Callable

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.areas.change import FEW, ratio_test
from geoprofiles.areas.locate import locate_points
from geoprofiles.frames import Areas, Clusters, Places, PlaceTally
from geoprofiles.hotspots.places import distinct_places
from geoprofiles.pipeline.periods import Period
from geoprofiles.settings import Hotspot

STANDING, NEW, UNSURE, UNKNOWN, CHANCE = (
    "also a year before",
    "new: not a year before",
    "not found a year before; the rise may be chance",
    "no data of a year before",
    "may be chance",
)
LEVEL = 0.05


def chosen_places(places: PlaceTally, hotspot: Hotspot, period: Period, areas: Areas) -> PlaceTally:
    """Take the incidents of a question that lie in the areas."""
    keep = places["month"].between(period.first, period.last)
    if hotspot.categories:
        keep &= places["category"].isin(hotspot.categories)
    chosen = places[keep.to_numpy()]
    inside = locate_points(chosen["easting"], chosen["northing"], areas) >= 0
    return chosen[inside]


def followed(
    clusters: Clusters,
    held: PlaceTally,
    hotspot: Hotspot,
    period: Period,
    areas: Areas,
    test: Callable[[Places], Clusters],
    eps: float,
) -> tuple[Clusters, Clusters]:
    """Say of each cluster what was on its ground a year before, and which of then have gone.

    Clusters are looked for and tested in the same months a year before by the same settings. A
    cluster whose ground meets one beyond chance of then is standing. Otherwise it is new where its
    count has also risen by more than chance (E-test); as it was picked because it is high now,
    that test leans towards finding a rise, which is why it must not have been there before too.
    """
    back = pd.DateOffset(months=12 * -(-period.span // 12))
    earlier = Period(period.first - back, period.last - back, period.span)
    months = set(pd.DatetimeIndex(held["month"].unique()))
    wanted = pd.date_range(earlier.first, earlier.last, freq="MS")
    nothing = clusters.iloc[:0]
    if period.months < period.span or not set(wanted) <= months:
        unknown = [UNKNOWN if sure else CHANCE for sure in clusters["significant"]]
        none = pd.array([pd.NA] * len(clusters), "Int64")
        result = _rounded(clusters).assign(before=none, status=unknown)
        result.attrs = clusters.attrs
        return result, nothing
    before = distinct_places(chosen_places(held, hotspot, earlier, areas))
    then = test(before) if len(before) else nothing
    then = then[then["significant"]] if len(then) else nothing
    ground = _ground(clusters, eps)
    at = shapely.points(before["easting"], before["northing"])
    counts = [int(before.loc[shapely.intersects(one, at), "count"].sum()) for one in ground]
    exposure = _days(period) / _days(earlier)
    table = pd.DataFrame({"before": counts, "after": clusters["count"].to_numpy()})
    table = table.assign(dispersion=1.0, free=0)
    if len(table):
        ratio_test(table, exposure)
    grounds_then = _ground(then, eps)
    status: list[str] = []
    for shape, sure, row in zip(
        ground, clusters["significant"], table.itertuples(index=False), strict=True
    ):
        more = row.after > row.before * exposure and row.after + row.before >= FEW
        if not sure:
            status.append(CHANCE)
        elif shapely.intersects(grounds_then, shape).any():
            status.append(STANDING)
        else:
            status.append(NEW if more and row.p <= LEVEL else UNSURE)
    now = shapely.union_all(ground) if len(ground) else shapely.Point()
    gone = then[~shapely.intersects(grounds_then, now)] if len(then) else nothing
    result = _rounded(clusters).assign(before=pd.array(counts, "Int64"), status=status)
    result.attrs = clusters.attrs
    return result, gone


def _rounded(clusters: Clusters) -> Clusters:
    """Round what draws and sums made, to no more than can be known."""
    digits = {"expected": 2, "ratio": 3, "p": 4}
    return clusters.assign(**{name: clusters[name].round(many) for name, many in digits.items()})


def _ground(clusters: geopandas.GeoDataFrame, eps: float) -> np.ndarray:
    """Return the ground of clusters: outlines, and discs about single map points."""
    shapes = clusters.geometry.to_numpy()
    points = shapely.get_type_id(shapes) == 0 if len(shapes) else np.zeros(0, dtype=bool)
    shapes = np.array(shapes, dtype=object)
    shapes[points] = shapely.buffer(shapes[points], eps)
    return shapes


def _days(period: Period) -> int:
    return (period.last + pd.offsets.MonthEnd(0) - period.first).days + 1

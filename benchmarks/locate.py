"""Locating points in areas, against geopandas.sjoin and SedonaDB in the same run, on one core.

python benchmarks/locate.py [--largest 7]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import warnings

import geopandas
import numpy as np
import shapely
from measure import interleaved, shared_data, versions

import geoprofiles
from geoprofiles.areas.locate import locate_points

ROUNDS = {3: 7, 4: 7, 5: 5, 6: 3, 7: 1}


def points_over(areas, number: int, *, anchors: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Points where areas are: 98 in 100 on so many anchors, the rest anywhere; or all distinct."""
    rng = np.random.default_rng(7)
    west, south, east, north = areas.total_bounds
    anywhere = rng.random((number, 2)) * [east - west, north - south] + [west, south]
    # People live in small areas: anchors are spread over areas, not over square kilometres.
    middles = shapely.get_coordinates(areas.geometry.representative_point().to_numpy())
    size = np.sqrt(areas.geometry.area.to_numpy())
    chosen = rng.integers(0, len(areas), anchors or number)
    spots = middles[chosen] + rng.normal(0, 0.4, (len(chosen), 2)) * size[chosen, None]
    if anchors:
        weight = rng.lognormal(0, 1.2, anchors).cumsum()
        spots = spots[np.searchsorted(weight / weight[-1], rng.random(number))]
    at = np.where(rng.random(number)[:, None] < 0.02, anywhere, spots)
    return np.ascontiguousarray(at[:, 0]), np.ascontiguousarray(at[:, 1])


def contenders(areas, x, y, index):
    ready = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(x, y, crs=areas.crs))
    plain = areas.reset_index()[["area_code", "geometry"]]

    def from_coordinates():
        points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(x, y, crs=areas.crs))
        return geopandas.sjoin(points, plain, predicate="within")

    found = {
        "locate": lambda: locate_points(x, y, areas),
        "with the index ready": lambda: index.locate(x, y),
        "sjoin": lambda: geopandas.sjoin(ready, plain, predicate="within"),
        "from coordinates": from_coordinates,
    }
    if importlib.util.find_spec("sedonadb"):
        found["sedonadb"] = sedona(ready, plain)
    return found, plain, ready


def sedona(ready, plain):
    import sedonadb

    context = sedonadb.connect()
    context.create_data_frame(ready).to_view("points", overwrite=True)
    context.create_data_frame(plain).to_view("areas", overwrite=True)
    query = "SELECT COUNT(*) FROM points p JOIN areas a ON ST_Within(p.geometry, a.geometry)"
    return lambda: context.sql(query).to_pandas()


def compare(label: str, areas, size: int, *, anchors: int | None) -> None:
    x, y = points_over(areas, 10**size, anchors=anchors)
    index = geoprofiles.build_index(areas)
    runs, plain, ready = contenders(areas, x, y, index)
    times = interleaved(runs, ROUNDS[size], warm_up=size < 7)
    found = index.locate(x, y)
    join = geopandas.sjoin(ready, plain, predicate="within")
    differ = int((found[join.index] != join["index_right"].to_numpy()).sum())
    differ += int((found >= 0).sum()) - len(join)
    kind = "snapped" if anchors else "distinct"
    row = [label, f"{10**size:,}", kind, f"{times['locate'] * 1e3:,.1f} ms"]
    row += [f"{times['sjoin'] / times[name]:,.1f}" for name in ("locate", "with the index ready")]
    row += [f"{times['from coordinates'] / times['locate']:,.1f}"]
    sedona_time = times.get("sedonadb")
    row += [f"{sedona_time / times['locate']:,.1f}" if sedona_time else "not installed"]
    row += [f"{10**size / times['with the index ready'] / 1e6:,.0f} M/s", str(differ)]
    print("|", " | ".join(row), "|", flush=True)


def describe(label: str, areas) -> None:
    times = interleaved({"build": lambda: geoprofiles.build_index(areas)}, 5)
    index = geoprofiles.build_index(areas)
    vertices = int(shapely.get_num_coordinates(areas.geometry.to_numpy()).sum())
    print(
        f"{label}: {vertices:,} vertices, index {index.nbytes / 1e6:.1f} MB,"
        f" built in {times['build'] * 1e3:,.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--largest", type=int, default=7, help="power of ten of points")
    largest = parser.parse_args().largest
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    boundaries = shared_data() / "boundaries"
    warnings.simplefilter("ignore")
    sets = {
        "17 wards": (boundaries / "southampton_wards_2025.geojson", 3_300),
        "8,482 wards": (boundaries / "national" / "uk_wards_2022-12_bsc.geojson.gz", 700_000),
    }
    print(versions("geopandas", "shapely", "numpy", "pandas"), "on one core\n")
    read = {label: (geoprofiles.read_areas(path), n) for label, (path, n) in sets.items()}
    for label, (areas, _) in read.items():
        describe(label, areas)
    print(
        "\n| areas | points | kind | locate, index built | sjoin / it | sjoin / index ready"
        " | sjoin from coordinates / it | SedonaDB / it | index ready | differing |"
    )
    print("| --- " * 10 + "|")
    for label, (areas, anchors) in read.items():
        for size in range(3, largest + 1):
            compare(label, areas, size, anchors=None)
            if size >= 6:
                compare(label, areas, size, anchors=anchors)


if __name__ == "__main__":
    main()

"""Locating points in areas, against geopandas.sjoin in the same run.

python benchmarks/locate.py
"""

from __future__ import annotations

import gzip
import io

import geopandas
import numpy as np
import pandas as pd
from measure import interleaved, shared_data, versions

import geoprofiles


def areas_of(path, code: str, name: str) -> geopandas.GeoDataFrame:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    areas = geopandas.read_file(io.BytesIO(content)).to_crs(27700)
    areas = areas.rename(columns={code: "area_code", name: "area_name"})
    areas = areas.drop_duplicates("area_code").set_index("area_code")[["area_name", "geometry"]]
    return areas.assign(geometry=areas.geometry.make_valid())


def points_over(areas, number: int, *, anchors: int | None) -> pd.DataFrame:
    """Points over the areas' box; on so many anchors, as snapped data are, or all distinct."""
    rng = np.random.default_rng(7)
    west, south, east, north = areas.total_bounds
    size = anchors or number
    xy = rng.random((size, 2)) * [east - west, north - south] + [west, south]
    if anchors:
        xy = xy[rng.integers(0, anchors, number)]
    return pd.DataFrame(xy, columns=["easting", "northing"])


def compare(label: str, areas, number: int, *, anchors: int | None, rounds: int) -> None:
    incidents = points_over(areas, number, anchors=anchors)
    ready = geopandas.GeoDataFrame(
        geometry=geopandas.points_from_xy(incidents["easting"], incidents["northing"], crs=27700)
    )
    plain = areas.reset_index()[["area_code", "geometry"]]
    times = interleaved(
        {
            "locate": lambda: geoprofiles.locate(incidents, areas),
            "sjoin": lambda: geopandas.sjoin(ready, plain, predicate="within"),
            "sjoin from coordinates": lambda: geopandas.sjoin(
                geopandas.GeoDataFrame(
                    geometry=geopandas.points_from_xy(
                        incidents["easting"], incidents["northing"], crs=27700
                    )
                ),
                plain,
                predicate="within",
            ),
        },
        rounds,
    )
    found = geoprofiles.locate(incidents, areas)["area_code"].astype(object)
    joined = geopandas.sjoin(ready, plain, predicate="within")["area_code"]
    joined = joined[~joined.index.duplicated()].reindex(ready.index)
    differing = int(((found != joined) & ~(found.isna() & joined.isna())).sum())
    print(
        f"| {label} | {number:,} | {'snapped' if anchors else 'distinct'} |"
        f" {times['locate'] * 1000:,.0f} ms | {times['sjoin'] / times['locate']:.1f} |"
        f" {times['sjoin from coordinates'] / times['locate']:.1f} | {differing} |"
    )


def main() -> None:
    data = shared_data() / "boundaries"
    city = areas_of(data / "southampton_wards_2025.geojson", "WD25CD", "WD25NM")
    country = areas_of(data / "national" / "uk_wards_2022-12_bsc.geojson.gz", "WD22CD", "WD22NM")
    print(versions("geopandas", "shapely", "numpy", "pandas"))
    print("| areas | points | kind | locate | sjoin / locate | from coordinates | differing |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for number in (1_000, 10_000, 100_000, 1_000_000):
        for anchors in (None, 2_200):
            rounds = 3 if number == 1_000_000 else 7
            compare("17 wards", city, number, anchors=anchors, rounds=rounds)
    for number in (1_000, 100_000):
        compare("8,482 wards", country, number, anchors=None, rounds=3)


if __name__ == "__main__":
    main()

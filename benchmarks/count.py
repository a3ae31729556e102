"""Counting files of any size: reading, memory, the cluster. Peers in the same run.

python benchmarks/count.py reading [--rows 2000000]
python benchmarks/count.py memory [--rows 50000000]
python benchmarks/count.py cluster [--rows 4000000]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from measure import interleaved, shared_data, versions

import geoprofiles

ANCHORS = 3_300
CATEGORIES = [
    "Anti-social behaviour", "Bicycle theft", "Burglary", "Criminal damage and arson", "Drugs",
    "Other crime", "Other theft", "Possession of weapons", "Public order", "Robbery",
    "Shoplifting", "Theft from the person", "Vehicle crime", "Violence and sexual offences",
]  # fmt: skip
HEAD = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context\n"
)


def street_rows(rng, number: int, month: str) -> str:
    """Rows as police.uk writes them: 98 in 100 on anchors, 65 in 100 with an ID."""
    spots = np.random.default_rng(1).random((ANCHORS, 2)) * [0.12, 0.08] + [-1.46, 50.88]
    at = rng.integers(0, ANCHORS, number)
    xy = np.where(
        rng.random(number)[:, None] < 0.02, rng.random((number, 2)) + [-1.9, 50.4], spots[at]
    )
    digits = np.frombuffer(b"0123456789abcdef", dtype="S1")[rng.integers(0, 16, (number, 64))]
    ids = np.where(rng.random(number) < 0.65, digits.view("S64").ravel().astype(str), "")
    return "".join(
        f"{one},{month},Hampshire Constabulary,Hampshire Constabulary,{x:.6f},{y:.6f},On or near"
        f" High Street,E0101{a:04d},Southampton 021C,{CATEGORIES[c]},Investigation complete; no"
        " suspect identified,\n"
        for one, (x, y), a, c in zip(ids, xy, at, rng.integers(0, 14, number), strict=True)
    )


def write_street(folder: Path, rows: int, files: int) -> list[Path]:
    rng = np.random.default_rng(2)
    paths = []
    for number in range(files):
        month = f"{2020 + number // 12}-{number % 12 + 1:02d}"
        path = folder / f"{month}-averley-street.csv"
        with path.open("w") as file:
            file.write(HEAD)
            for _ in range(max(1, rows // files // 200_000)):
                file.write(street_rows(rng, min(rows // files, 200_000), month))
        paths.append(path)
    return paths


def wards():
    return geoprofiles.read_areas(shared_data() / "boundaries" / "southampton_wards_2025.geojson")


def reading(rows: int) -> None:
    """One large CSV: all that count does, against pandas that only reads it."""
    areas = wards()
    with tempfile.TemporaryDirectory() as folder:
        (path,) = write_street(Path(folder), rows, 1)
        times = interleaved(
            {
                "count": lambda: geoprofiles.tally_files(path, areas, places=False),
                "count, one thread": lambda: geoprofiles.tally_files(
                    path, areas, places=False, workers=1
                ),
                "read_incidents": lambda: geoprofiles.read_incidents(path),
                "pandas, all columns": lambda: pd.read_csv(path),
                "pandas by hand": lambda: by_hand(path, areas),
            },
            3,
        )
        size = path.stat().st_size
    print(f"{rows:,} rows, {size / 1e6:,.0f} MB\n\n| what | seconds | rows/s | of pandas' read |")
    print("| --- | --- | --- | --- |")
    for name, seconds in times.items():
        ratio = seconds / times["pandas, all columns"]
        print(f"| {name} | {seconds:.2f} | {rows / seconds / 1e6:.2f} M | {ratio:.1f} |")


def by_hand(path: Path, areas) -> pd.DataFrame:
    """What an analyst writes with geopandas: read, make points, project, join, group."""
    import geopandas

    frame = pd.read_csv(path)
    points = geopandas.points_from_xy(frame["Longitude"], frame["Latitude"], crs=4326)
    frame = geopandas.GeoDataFrame(frame, geometry=points).to_crs(areas.crs)
    joined = geopandas.sjoin(frame, areas.reset_index()[["area_code", "geometry"]])
    return joined.groupby(["area_code", "Month", "Crime type"]).size()


def write_parquet(path: Path, rows: int) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    rng = np.random.default_rng(3)
    west, south, east, north = wards().total_bounds
    box = np.array([east - west, north - south])
    spots = rng.random((ANCHORS, 2)) * box + [west, south]
    writer = None
    for start in range(0, rows, 1_000_000):
        number = min(1_000_000, rows - start)
        away = rng.random((number, 2)) * box + [west, south]
        xy = np.where(
            rng.random(number)[:, None] < 0.02, away, spots[rng.integers(0, ANCHORS, number)]
        )
        months = np.array(["2026-01", "2026-02", "2026-03"])[rng.integers(0, 3, number)]
        kinds = pa.DictionaryArray.from_arrays(
            pa.array(rng.integers(0, 14, number), pa.int32()), CATEGORIES
        )
        table = pa.table(
            {"easting": xy[:, 0], "northing": xy[:, 1], "month": months, "category": kinds}
        )
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


CHILD = """
import resource, sys, time
import geoprofiles
areas = geoprofiles.read_areas(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
tallied = geoprofiles.tally_files(sys.argv[1], areas, places=sys.argv[3] == "places")
counts = geoprofiles.count_tally(tallied.tally, areas)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(tallied.rows, int(counts["count"].sum()), seconds, peak // 1024, before // 1024)
"""


def memory(rows: int) -> None:
    """Parquet of so many points and of twice as many: seconds and peak memory of a process."""
    boundaries = shared_data() / "boundaries" / "southampton_wards_2025.geojson"
    print("| points | tables | seconds | points/s | peak MB | before reading |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for number in (rows, 2 * rows):
            path = Path(folder) / "points.parquet"
            write_parquet(path, number)
            for tables in ("counts", "places"):
                command = [sys.executable, "-c", CHILD, str(path), str(boundaries), tables]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                read, counted, seconds, peak, before = done.stdout.split()
                assert int(read) == int(counted) == number
                rate = number / float(seconds) / 1e6
                row = [
                    f"{number:,}",
                    tables,
                    f"{float(seconds):.1f}",
                    f"{rate:.2f} M",
                    peak,
                    before,
                ]
                print("|", " | ".join(row), "|", flush=True)


def cluster(rows: int) -> None:
    """The same files in one process and on a LocalCluster of two workers of one thread."""
    from dask.distributed import Client, LocalCluster

    areas = wards()
    with tempfile.TemporaryDirectory() as folder:
        paths = write_street(Path(folder), rows, 24)
        with (
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local,
            Client(local) as client,
        ):
            kept = {}

            def on_cluster():
                kept["cluster"] = geoprofiles.tally_on_cluster(paths, areas, scheduler=client)

            def alone(workers):
                kept[workers] = geoprofiles.tally_files(paths, areas, workers=workers)

            times = interleaved(
                {
                    "one process, one thread": lambda: alone(1),
                    "one process, two threads": lambda: alone(2),
                    "cluster of two workers": on_cluster,
                },
                3,
            )
    pd.testing.assert_frame_equal(
        kept["cluster"].tally.astype(object), kept[1].tally.astype(object)
    )
    print(f"{rows:,} rows in 24 files, results equal\n\n| where | seconds | rows/s |")
    print("| --- | --- | --- |")
    for name, seconds in times.items():
        print(f"| {name} | {seconds:.2f} | {rows / seconds / 1e6:.2f} M |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["reading", "memory", "cluster"])
    parser.add_argument("--rows", type=int)
    given = parser.parse_args()
    print(versions("pandas", "numpy", "pyarrow", "geopandas", "dask"), "\n")
    start = time.perf_counter()
    default = {"reading": 2_000_000, "memory": 50_000_000, "cluster": 4_000_000}[given.what]
    {"reading": reading, "memory": memory, "cluster": cluster}[given.what](given.rows or default)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\n{time.perf_counter() - start:.0f} s in all; peak of this process {peak} MB")


if __name__ == "__main__":
    main()

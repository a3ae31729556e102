"""The main job end to end, whole processes: seconds, peak memory, page size.

The peer is what an analyst would write with the usual libraries: read, join, count, a
choropleth with folium. It does less, and its page needs the network.

python benchmarks/run.py
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from measure import shared_data, versions

PEER = """
import sys
from pathlib import Path
import folium, geopandas, pandas as pd
data, out = Path(sys.argv[1]), Path(sys.argv[2])
files = sorted((data / "police" / "southampton").glob("*/*-street.csv.gz"))
rows = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
wards = geopandas.read_file(data / "boundaries" / "southampton_wards_2025.geojson")
points = geopandas.GeoDataFrame(
    rows, geometry=geopandas.points_from_xy(rows["Longitude"], rows["Latitude"], crs=4326)
)
joined = geopandas.sjoin(points.to_crs(27700), wards.to_crs(27700), predicate="within")
counts = joined.groupby(["WD25CD", "Month", "Crime type"]).size()
counts.to_csv(out / "counts.csv")
total = joined.groupby("WD25CD").size().rename("n").reset_index()
page = folium.Map(location=[50.92, -1.40], zoom_start=12)
folium.Choropleth(wards, data=total, columns=["WD25CD", "n"],
                  key_on="feature.properties.WD25CD").add_to(page)
page.save(out / "map.html")
"""

WARDS_ONLY = """
title = "Southampton"
[[areas]]
kind = "ward"
file = "boundaries/southampton_wards_2025.geojson"
[[incidents]]
files = ["police/southampton"]
[[rates]]
name = "All incidents"
[[hotspots]]
name = "All incidents"
"""


def timed(command: list[str]) -> tuple[float, float]:
    """Run a process; return its seconds and its peak memory in MB."""
    start = time.perf_counter()
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(
        sys.executable, [sys.executable, *command], os.environ, file_actions=silent
    )
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"failed: {command[:4]}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> None:
    data = shared_data()
    root = Path(__file__).parents[1]
    example = root / "examples" / "southampton" / "geoprofiles.toml"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        (out / "wards.toml").write_text(WARDS_ONLY)
        common = ["-m", "geoprofiles", "run", "--data", str(data), "-q", "-o"]
        jobs = {
            "whole example (4 kinds of area, 8 rates, 2 hot-spot layers)": [
                *common, str(out / "whole"), str(example),
            ],
            "wards only, 1 rate, 1 hot-spot layer": [
                *common, str(out / "wards"), str(out / "wards.toml"),
            ],
            "peer: pandas, geopandas and folium by hand": ["-c", PEER, str(data), str(out)],
        }  # fmt: skip
        results: dict[str, list[tuple[float, float]]] = {name: [] for name in jobs}
        for _ in range(3):
            for name, command in jobs.items():
                results[name].append(timed(command))
        print(versions("geopandas", "pandas", "folium"))
        print("| job | seconds, median of 3 | peak memory, MB | page, kB |")
        print("| --- | --- | --- | --- |")
        pages = [out / "whole" / "index.html", out / "wards" / "index.html", out / "map.html"]
        for (name, runs), page in zip(results.items(), pages, strict=True):
            seconds = statistics.median(run[0] for run in runs)
            memory = max(run[1] for run in runs)
            print(f"| {name} | {seconds:.1f} | {memory:,.0f} | {page.stat().st_size / 1000:,.0f} |")
        help_ = [timed(["-m", "geoprofiles", "--help"])[0] for _ in range(5)]
        click = [timed(["-c", "import click"])[0] for _ in range(5)]
        ratio = statistics.median(help_) / statistics.median(click)
        print(f"| geoprofiles --help | {statistics.median(help_):.2f} | | |\n")
        print(f"--help takes {ratio:.1f} times as long as importing click alone")


if __name__ == "__main__":
    main()

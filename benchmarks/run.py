"""The main job end to end, whole processes: seconds, peak memory, page size.

The peer is what an analyst would write with the usual libraries: read, join, count, a
choropleth with folium. It does less, and its page needs the network. It takes its turn in
every round, so that ratios are within one run. Each pair reads the same files: Southampton's
own, and 200,000 rows drawn from them in twelve monthly files.

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

ROWS = 200_000
ROUNDS = 5
PEER_NAME = "peer: pandas, geopandas and folium by hand"

PEER = """
import sys
from pathlib import Path
import folium, geopandas, pandas as pd
data, incidents, out = map(Path, sys.argv[1:])
files = sorted(incidents.glob("*/*-street.csv*"))
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

YEAR = """
import sys
from pathlib import Path
import numpy as np, pandas as pd
own, out, number = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
files = sorted(own.glob("*/*-street.csv.gz"))
rows = pd.concat([pd.read_csv(file, dtype=str) for file in files], ignore_index=True)
drawn = rows.sample(number, replace=True, random_state=1)
drawn["Crime ID"] = [f"{one:064x}" for one in range(number)]
for month, part in enumerate(np.array_split(np.arange(number), 12), 1):
    name = f"2025-{month:02}"
    (out / name).mkdir(parents=True)
    file = out / name / f"{name}-hampshire-street.csv"
    drawn.iloc[part].assign(Month=name).to_csv(file, index=False)
"""
"""Writes rows drawn from the real ones, each once, in monthly files as police.uk has them."""

WARDS_ONLY = """
title = "Southampton"
[[areas]]
kind = "ward"
file = "boundaries/southampton_wards_2025.geojson"
[[incidents]]
files = ["{incidents}"]
[[rates]]
name = "All incidents"
[[hotspots]]
name = "All incidents"
"""


def timed(command: list[str]) -> tuple[float, float]:
    """Run a process; return its seconds and its peak memory in MB.

    Python may keep what it has compiled, as it does where geoprofiles is installed; the
    libraries that the peer loads were compiled when they were installed.
    """
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    start = time.perf_counter()
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(
        sys.executable, [sys.executable, *command], environment, file_actions=silent
    )
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"failed: {command[:4]}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def jobs(data: Path, out: Path) -> dict[str, dict[str, list[str]]]:
    """Name the processes of each comparison, the peer's last."""
    own = data / "police" / "southampton"
    year = out / "incidents"
    # In a process of its own: what starts another counts as the other's peak memory.
    timed(["-c", YEAR, str(own), str(year), str(ROWS)])
    common = ["-m", "geoprofiles", "run", "--data", str(data), "-q", "-o"]
    for name, incidents in (("wards", own), ("year", year)):
        (out / f"{name}.toml").write_text(WARDS_ONLY.format(incidents=incidents))
    example = Path(__file__).parents[1] / "examples" / "southampton" / "geoprofiles.toml"
    return {
        "Southampton, 96,027 rows in 41 files": {
            "whole example: 4 kinds of area, 8 rates, 2 hot-spot layers": [
                *common, str(out / "whole"), str(example),
            ],
            "wards only, 1 rate, 1 hot-spot layer": [
                *common, str(out / "wards"), str(out / "wards.toml"),
            ],
            PEER_NAME: ["-c", PEER, str(data), str(own), str(out)],
        },
        f"{ROWS:,} rows in 12 files": {
            "wards only, 1 rate, 1 hot-spot layer": [
                *common, str(out / "year"), str(out / "year.toml"),
            ],
            PEER_NAME: ["-c", PEER, str(data), str(year), str(out)],
        },
    }  # fmt: skip


def compare(title: str, contenders: dict[str, list[str]]) -> None:
    """Run contenders in turn and print their medians, and ratios to the peer, the last."""
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for round_ in range(ROUNDS + 1):
        for name, command in contenders.items():
            result = timed(command)
            if round_:  # the first is a warm-up
                results[name].append(result)
    seconds = {name: statistics.median(run[0] for run in runs) for name, runs in results.items()}
    memory = {name: statistics.median(run[1] for run in runs) for name, runs in results.items()}
    for name in contenders:
        of = seconds[name] / seconds[PEER_NAME], memory[name] / memory[PEER_NAME]
        print(
            f"| {title} | {name} | {seconds[name]:.1f} | {of[0]:.2f} | {memory[name]:,.0f} |"
            f" {of[1]:.2f} |"
        )


def main() -> None:
    data = shared_data()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        print(versions("geopandas", "pandas", "folium"))
        print("| input | job | seconds | of the peer's | peak memory, MB | of the peer's |")
        print("| --- | --- | --- | --- | --- | --- |")
        for title, contenders in jobs(data, out).items():
            compare(title, contenders)
        print("\n| page | kB |\n| --- | --- |")
        for page in ("whole/index.html", "wards/index.html", "year/index.html", "map.html"):
            print(f"| {page} | {(out / page).stat().st_size / 1000:,.0f} |")
        help_ = [timed(["-m", "geoprofiles", "--help"])[0] for _ in range(9)]
        click = [timed(["-c", "import click"])[0] for _ in range(9)]
        ratio = statistics.median(help_) / statistics.median(click)
        print(
            f"\n--help takes {statistics.median(help_):.2f} s,"
            f" {ratio:.1f} times as long as importing click alone"
        )


if __name__ == "__main__":
    main()

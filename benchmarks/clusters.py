"""Tested clusters, 999 draws from residents, against scikit-learn's DBSCAN draw by draw; one core.

python benchmarks/clusters.py
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
from measure import interleaved, shared_data, versions
from sklearn.cluster import DBSCAN
from threadpoolctl import threadpool_limits

import geoprofiles
from geoprofiles.hotspots.cluster_settings import suggest_min_samples
from geoprofiles.hotspots.resolution import map_points
from geoprofiles.hotspots.significance import null_of, spacing_for

DRAWS, FEW = 999, 49
"""For our own seconds, and for the ratio to the peer."""

MANY = 10_000
"""Incidents: from here on the peer, and ST-DBSCAN, would take half an hour."""

MEMPHIS_CRS = 32616


@dataclass
class Case:
    """A city's incidents, and what residents say of where they would be."""

    label: str
    incidents: pd.DataFrame
    areas: geopandas.GeoDataFrame
    at_risk: pd.DataFrame
    eps: float
    points: pd.DataFrame | None

    def __post_init__(self) -> None:
        self.places = geoprofiles.distinct_places(self.incidents)
        self.min_samples, _ = suggest_min_samples(
            self.places, self.areas, self.at_risk, eps=self.eps, map_points=self.points
        )

    def ours(self, method: str = "dbscan", draws: int = FEW) -> object:
        if method == "st-dbscan":
            return geoprofiles.significant_st_dbscan(
                self.incidents, self.areas, self.at_risk, eps=self.eps, min_samples=5, months=1,
                map_points=self.points, simulations=draws,
            )  # fmt: skip
        return geoprofiles.significant_clusters(
            self.places, self.areas, self.at_risk, eps=self.eps, min_samples=self.min_samples,
            map_points=self.points, simulations=draws, method=method,
        )  # fmt: skip

    def theirs(self) -> list[int]:
        """What a script would do: cluster the points of each draw, and keep the largest."""
        null = null_of(self.places, self.areas, self.at_risk, self.points, self.eps)
        rng, largest = np.random.default_rng(0), []
        for _ in range(FEW):
            at = rng.choice(len(null.points), null.total, p=null.weights / null.weights.sum())
            model = DBSCAN(eps=self.eps, min_samples=self.min_samples).fit(null.points[at])
            largest.append(int(np.bincount(model.labels_ + 1, minlength=2)[1:].max()))
        return largest


def all_cases() -> list[Case]:
    return [memphis(), *southampton()]


def memphis() -> Case:
    folder = shared_data() / "benchmarks"
    precincts = geopandas.read_file(folder / "memphis_police_precincts.geojson")
    precincts = precincts.to_crs(MEMPHIS_CRS)
    areas = geopandas.GeoDataFrame(
        {"area_name": [str(one) for one in precincts.index]},
        geometry=precincts.geometry.buffer(0).to_numpy(),
        index=pd.Index([str(one) for one in precincts.index], name="area_code"),
        crs=MEMPHIS_CRS,
    )
    robberies = _metres(pd.read_csv(folder / "memphis_robberies_2019.csv"))
    blocks = pd.read_csv(folder / "memphis_block_population.csv.gz")
    people = next(one for one in blocks if "pop" in one.lower())
    at_risk = _metres(blocks).assign(count=blocks[people].astype(float))
    at_risk = at_risk[at_risk["count"] > 0].reset_index(drop=True)
    robberies["month"] = pd.Timestamp("2019-01-01")
    return Case("Memphis, robberies", robberies, areas, at_risk, 250.0, None)


def _metres(frame: pd.DataFrame) -> pd.DataFrame:
    x, y = (next(one for one in frame if one.lower().startswith(way)) for way in ("lon", "lat"))
    at = geopandas.points_from_xy(frame[x], frame[y], crs=4326).to_crs(MEMPHIS_CRS)
    return pd.DataFrame({"easting": at.x, "northing": at.y})


def southampton() -> list[Case]:
    data = shared_data()
    areas = geoprofiles.read_areas(data / "boundaries" / "southampton_lsoa_2021.geojson")
    every = geoprofiles.read_incidents(data / "police" / "southampton", crs=areas.crs)
    held = geoprofiles.locate(every, areas)
    held = held[held["area_code"].isin(areas.index)]
    people = pd.read_csv(data / "census2021" / "southampton_lsoa21_residents_households.csv")
    residents = people.set_index("lsoa21_code")["usual_residents"].reindex(areas.index)
    cases = []
    for label, chosen, eps in (
        ("Southampton, burglary", held[held["category"] == "Burglary"], 165.0),
        ("Southampton, all", held, 140.0),
    ):
        at_risk = geoprofiles.at_risk_from_areas(
            areas, residents.rename("residents"), spacing=spacing_for(areas, eps)
        )
        cases.append(Case(label, chosen, areas, at_risk, eps, map_points(every)))
    return cases


def main() -> None:
    print(versions("scikit-learn", "scipy", "numpy"))
    print(f"| data | incidents | places | method | {DRAWS} draws | scikit-learn / ours | MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for number, case in enumerate(all_cases()):
        months, ratio = case.incidents["month"], "not run"
        timed = months.min() < months.max() and len(months) < MANY
        if len(months) < MANY:
            times = interleaved({"ours": case.ours, "theirs": case.theirs}, rounds=3)
            ratio = f"{times['theirs'] / times['ours']:.1f}"
        for method in ("dbscan", "hdbscan", "optics", *(["st-dbscan"] if timed else [])):
            start = time.perf_counter()
            case.ours(method, DRAWS)
            seconds = time.perf_counter() - start
            peer = ratio if method == "dbscan" else "no peer"
            print(
                f"| {case.label} | {len(case.incidents):,} | {len(case.places):,} | {method} |"
                f" {seconds:.1f} s | {peer} | {_peak(number, method)} |",
                flush=True,
            )


def _peak(number: int, method: str) -> str:
    """Measure, in a child process, by how much one run exceeds what it was given."""
    command = [sys.executable, __file__, str(number), method]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _child(number: int, method: str) -> None:
    case = all_cases()[number]
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before = _status("VmRSS")
    case.ours(method)
    print(f"{(_status('VmHWM') - before) / 1024:.0f}")


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(field + ":")))


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    threadpool_limits(1)
    if len(sys.argv) > 1:
        _child(int(sys.argv[1]), sys.argv[2])
    else:
        main()

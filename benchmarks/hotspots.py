"""Density and DBSCAN on Southampton's months, against scikit-learn in the same run, on one core.

python benchmarks/hotspots.py
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from measure import interleaved, shared_data, versions
from sklearn.cluster import DBSCAN
from sklearn.neighbors import KernelDensity
from threadpoolctl import threadpool_limits

import geoprofiles
from geoprofiles.hotspots.clusters import label_places
from geoprofiles.hotspots.places import check_places

EPS = 50
SPREAD = 30
"""Metres by which points are moved to be distinct."""

ROUNDS = 5


class Case:
    """One table row: raw incidents, and what both make of them."""

    def __init__(self, label: str, incidents: pd.DataFrame, *, peer_runs: bool = True) -> None:
        self.label, self.incidents, self.peer_runs = label, incidents, peer_runs
        self.raw = incidents[["easting", "northing"]].to_numpy()


class Density(Case):
    def __init__(self, label, incidents, grid, kernel, bandwidth, theirs) -> None:
        super().__init__(label, incidents)
        self.grid, self.kernel, self.bandwidth, self.their_kernel = grid, kernel, bandwidth, theirs
        self.centres = shapely.get_coordinates(shapely.centroid(grid.geometry.to_numpy()))

    def ours(self) -> np.ndarray:
        places = geoprofiles.distinct_places(self.incidents)
        found = geoprofiles.hotspot_kde(
            places, self.grid, bandwidth=self.bandwidth, kernel=self.kernel
        )
        return found["density"].to_numpy()

    def theirs(self) -> np.ndarray:
        model = KernelDensity(bandwidth=self.bandwidth, kernel=self.their_kernel, rtol=1e-9)
        return np.exp(model.fit(self.raw).score_samples(self.centres)) * len(self.raw) * 1e6

    def agreement(self) -> str:
        found = self.ours()
        asked = np.random.default_rng(0).choice(len(found), 500, replace=False)
        direct = [self._direct(at) for at in self.centres[asked]]
        error = np.abs(found[asked] - direct).max() / found.max()
        return f"{error:.0e} of the peak from the direct sum"

    def _direct(self, at: np.ndarray) -> float:
        squared = ((self.raw - at) ** 2).sum(axis=1) / self.bandwidth**2
        if self.kernel == "quartic":
            heights = 3 / np.pi * np.maximum(1 - squared, 0) ** 2
        else:
            heights = np.exp(-squared / 2) / (2 * np.pi)
        return float(heights.sum()) / self.bandwidth**2 * 1e6


class Clusters(Case):
    def __init__(self, label, incidents, *, folded=False, peer_runs=True) -> None:
        super().__init__(label, incidents, peer_runs=peer_runs)
        self.least = max(5, len(incidents) // 2000)
        self.folded = geoprofiles.distinct_places(incidents) if folded else None

    def ours(self) -> tuple[np.ndarray, np.ndarray]:
        places = self.folded
        if places is None:
            places = geoprofiles.distinct_places(self.incidents)
        return label_places(*check_places(places), EPS, self.least)

    def theirs(self) -> DBSCAN:
        model = DBSCAN(eps=EPS, min_samples=self.least)
        if self.folded is None:
            return model.fit(self.raw)
        points, weights = check_places(self.folded)
        return model.fit(points, sample_weight=weights)

    def agreement(self) -> str:
        points, weights = check_places(geoprofiles.distinct_places(self.incidents))
        theirs = DBSCAN(eps=EPS, min_samples=self.least).fit(points, sample_weight=weights)
        labels, core = label_places(points, weights, EPS, self.least)
        expected = np.zeros(len(points), dtype=bool)
        expected[theirs.core_sample_indices_] = True
        differ = int((core != expected).sum()), int(((labels < 0) != (theirs.labels_ < 0)).sum())
        return f"{differ[0]} core, {differ[1]} noise places differ"


def all_cases() -> list[Case]:
    data = shared_data()
    wards = geoprofiles.read_areas(data / "boundaries" / "southampton_wards_2025.geojson")
    incidents = geoprofiles.read_incidents(data / "police" / "southampton", crs=wards.crs)
    snapped = incidents.loc[incidents["easting"].notna(), ["easting", "northing", "month"]]
    snapped = snapped.reset_index(drop=True)
    rng = np.random.default_rng(0)
    distinct = _moved(snapped, rng)
    million = snapped.iloc[rng.integers(0, len(snapped), 10**6)].reset_index(drop=True)
    grid = geoprofiles.grid_over(wards, cell=50)
    # Whole cells only: within a clipped one the two would be asked at different points.
    grid = grid[grid["area_km2"] > 0.0025 - 1e-9]
    return [
        Density("Gaussian 150 m, snapped", snapped, grid, "gaussian", 150, "gaussian"),
        Density("Gaussian 150 m, distinct", distinct, grid, "gaussian", 150, "gaussian"),
        Density("quartic 300 m, snapped", snapped, grid, "quartic", 300, "epanechnikov"),
        Density("quartic 300 m, distinct", distinct, grid, "quartic", 300, "epanechnikov"),
        Clusters("DBSCAN, snapped", snapped),
        Clusters("DBSCAN, snapped, both folded", snapped, folded=True),
        Clusters("DBSCAN, distinct", distinct),
        Clusters("DBSCAN, 1,000,000 snapped", million, peer_runs=False),
        Clusters("DBSCAN, 1,000,000 snapped, both folded", million, folded=True),
        Clusters("DBSCAN, 1,000,000 distinct", _moved(million, rng), peer_runs=False),
    ]


def _moved(incidents: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    moved = incidents.copy()
    moved[["easting", "northing"]] += rng.normal(0, SPREAD, (len(moved), 2))
    return moved


def main() -> None:
    print(versions("scikit-learn", "scipy", "numpy"))
    cases = all_cases()
    print(f"{len(cases[0].raw):,} incidents, {len(cases[0].grid):,} cells")
    print("| task | ours | scikit-learn / ours | agreement | ours, MB | scikit-learn, MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for number, case in enumerate(cases):
        runs: dict[str, Callable[[], object]] = {"ours": case.ours}
        if case.peer_runs:
            runs["theirs"] = case.theirs
        times = interleaved(runs, rounds=ROUNDS if case.peer_runs else 1)
        ratio = f"{times['theirs'] / times['ours']:.1f}" if case.peer_runs else "not run"
        peak = {who: _peak(number, who) for who in runs}
        agreement = case.agreement() if case.peer_runs else "-"
        print(
            f"| {case.label} | {times['ours'] * 1000:.0f} ms | {ratio} | {agreement} |"
            f" {peak['ours']} | {peak.get('theirs', '-')} |",
            flush=True,
        )


def _peak(number: int, who: str) -> str:
    """Measure, in a child process, by how much one run exceeds what it was given."""
    command = [sys.executable, __file__, str(number), who]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _child(number: int, who: str) -> None:
    cases = all_cases()
    warm = cases[number].incidents.iloc[:200]
    for case in (cases[0], cases[4]):  # what is imported on first use is not a run's memory
        whole, case.incidents = case.incidents, warm
        case.ours()
        case.incidents = whole
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before = _status("VmRSS")
    getattr(cases[number], who)()
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

"""Density and DBSCAN on Southampton's snapped months, against scikit-learn in the same run.

python benchmarks/hotspots.py
"""

from __future__ import annotations

import numpy as np
import shapely
from measure import interleaved, shared_data, versions
from sklearn.cluster import DBSCAN
from sklearn.neighbors import KernelDensity

import geoprofiles
from geoprofiles.hotspots.clusters import _dbscan


def main() -> None:
    data = shared_data()
    wards = geoprofiles.read_areas(data / "boundaries" / "southampton_wards_2025.geojson")
    incidents = geoprofiles.read_incidents(data / "police" / "southampton", crs=wards.crs)
    incidents = incidents[incidents["easting"].notna()]
    places = geoprofiles.distinct_places(incidents)
    grid = geoprofiles.grid_over(wards, cell=50)
    # Whole cells only: within a clipped one the two would be asked at different points.
    grid = grid[grid["area_km2"] > 0.0025 - 1e-9]
    centres = shapely.get_coordinates(shapely.centroid(grid.geometry.to_numpy()))
    raw = incidents[["easting", "northing"]].to_numpy()
    print(versions("scikit-learn", "scipy", "numpy"))
    print(f"{len(raw):,} incidents on {len(places):,} places; {len(grid):,} cells")

    def theirs() -> np.ndarray:
        model = KernelDensity(bandwidth=150, rtol=1e-8).fit(raw)
        return np.exp(model.score_samples(centres)) * len(raw) * 1e6

    def ours() -> np.ndarray:
        found = geoprofiles.hotspot_kde(places, grid, bandwidth=150, kernel="gaussian")
        return found["density"].to_numpy()

    times = interleaved({"ours": ours, "scikit-learn": theirs}, rounds=3)
    error = np.abs(ours() - theirs()).max() / theirs().max()
    print("| task | ours | scikit-learn / ours | agreement |")
    print("| --- | --- | --- | --- |")
    ratio = times["scikit-learn"] / times["ours"]
    print(f"| Gaussian density | {times['ours']:.2f} s | {ratio:.1f} | {error:.1e} of the peak |")

    points = places[["easting", "northing"]].to_numpy()
    weights = places["count"].to_numpy(dtype=float)
    least = 600
    times = interleaved(
        {
            "ours": lambda: _dbscan(points, weights, 100, least),
            "raw": lambda: DBSCAN(eps=100, min_samples=least).fit(raw),
            "weighted": lambda: DBSCAN(eps=100, min_samples=least).fit(
                points, sample_weight=weights
            ),
        },
        rounds=3,
    )
    _, core = _dbscan(points, weights, 100, least)
    expected = np.zeros(len(points), dtype=bool)
    fitted = DBSCAN(eps=100, min_samples=least).fit(points, sample_weight=weights)
    expected[fitted.core_sample_indices_] = True
    for name, label in (("raw", "DBSCAN, their raw points"), ("weighted", "DBSCAN, both folded")):
        print(
            f"| {label} | {times['ours'] * 1000:.0f} ms | {times[name] / times['ours']:.1f} |"
            f" {int((core != expected).sum())} core places differ |"
        )


if __name__ == "__main__":
    main()

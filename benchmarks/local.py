"""Gi* on grids of up to a million cells, against its definition on a dense matrix, or esda.

python benchmarks/local.py

esda is compared where it can be imported, with binary weights: at its default transform its
z-scores are those of other weights.
"""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec

import geopandas
import numpy as np
import pandas as pd
import shapely
from measure import interleaved, versions

import geoprofiles
from geoprofiles.hotspots.weights import Weights

SIDES = (50, 100, 316, 1000)
DENSE = 50
"""Cells along a side up to which the dense matrix is made."""


def city(side: int) -> tuple[geopandas.GeoDataFrame, pd.Series]:
    """Lay a square city of so many cells, with a Poisson count in each."""
    areas = geopandas.GeoDataFrame(
        {"area_name": ["City"]},
        geometry=[shapely.box(400_000, 100_000, 400_000 + side * 100, 100_000 + side * 100)],
        index=pd.Index(["A"], name="area_code"),
        crs=27700,
    )
    cells = geoprofiles.grid_over(areas, cell=100)
    counts = np.random.default_rng(0).poisson(1.0, len(cells))
    return cells, pd.Series(counts.astype(float), index=cells.index)


def ours(cells: geopandas.GeoDataFrame, counts: pd.Series, simulations: int) -> pd.DataFrame:
    weights = geoprofiles.neighbour_weights(cells)
    return geoprofiles.getis_ord(counts, weights, simulations=simulations)


def dense(counts: pd.Series, weights: Weights) -> np.ndarray:
    """Gi* as its definition has it."""
    table, x, n = weights.matrix.toarray() + np.eye(len(counts)), counts.to_numpy(), len(counts)
    total, square = table.sum(axis=1), (table**2).sum(axis=1)
    spread = x.std() * np.sqrt((n * square - total**2) / (n - 1))
    return np.asarray((table @ x - x.mean() * total) / spread)


def theirs(side: int, counts: pd.Series, permutations: int) -> np.ndarray:
    from esda.getisord import G_Local
    from libpysal.weights import lat2W

    found = G_Local(
        counts.to_numpy(), lat2W(side, side, rook=False), transform="B", star=True,
        permutations=permutations,
    )  # fmt: skip
    return np.asarray(found.Zs)


def main() -> None:
    peer = find_spec("esda") is not None
    print(versions("numpy", "scipy", *(["esda", "libpysal"] if peer else [])))
    print("| cells | weights and z | weights, z and 99,999 permutations | peer / z | differing |")
    print("| --- | --- | --- | --- | --- |")
    for side in SIDES:
        cells, counts = city(side)
        runs = {"z": partial(ours, cells, counts, 0), "p": partial(ours, cells, counts, 99_999)}
        weights, apart, reference = geoprofiles.neighbour_weights(cells), None, None
        if peer and side <= 100:
            runs["peer"] = partial(theirs, side, counts, 0)
        elif not peer and side <= DENSE:
            runs["peer"] = partial(dense, counts, weights)
        if side <= DENSE:
            reference = dense(counts, weights)
            apart = np.abs(ours(cells, counts, 0)["z"] - reference).max()
        times = interleaved(runs, rounds=3)
        ratio = f"{times['peer'] / times['z']:.1f}" if "peer" in times else "not run"
        differing = "-" if apart is None else f"{apart:.0e}"
        print(
            f"| {len(cells):,} | {times['z']:.3f} s | {times['p']:.2f} s | {ratio} | {differing} |"
        )


if __name__ == "__main__":
    main()

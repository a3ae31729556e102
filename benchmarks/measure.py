"""What the benchmarks share: interleaved timing, medians, ratios, versions, the real data."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path


def shared_data() -> Path:
    """The folder of real data beside the checkout, or the one GEOPROFILES_DATA names."""
    folder = Path(os.environ.get("GEOPROFILES_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (folder / "MANIFEST.csv").exists():
        raise SystemExit("The shared real data are not here; set GEOPROFILES_DATA.")
    return folder


def interleaved(
    contenders: dict[str, Callable[[], object]], rounds: int = 5, *, warm_up: bool = True
) -> dict[str, float]:
    """Time contenders in turn, so that a machine's drift falls on all; return medians in s."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for round_ in range(rounds + warm_up):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            if round_ or not warm_up:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def versions(*names: str) -> str:
    return ", ".join(f"{name} {version(name)}" for name in names)

"""Geocoding by postcode: rate and memory for files of any size, against pandas by hand.

The peer reads the same file with pandas, brings postcodes to one spelling with string methods,
merges them with the directory and counts by the ward that stands in it: exact spellings only,
no account of the rest.

python benchmarks/geocode.py [--rows 10000000]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from measure import interleaved, shared_data, versions

import geoprofiles

STYLES = (
    lambda text: text,
    str.lower,
    lambda text: text.replace(" ", ""),
    lambda text: text.replace(" ", "  "),
    lambda text: text.replace("SO", "S0"),
)
"""How people type them; the last has a zero for the letter O, in 1 of 20."""

POSTCODES = "postcodes/so_postcodes_2025.csv.gz"
WARDS = "boundaries/southampton_wards_2025.geojson"


def write_calls(path: Path, rows: int) -> None:
    """Rows with a month, a category and a postcode: 94 in 100 known, 3 not, 3 empty."""
    rng = np.random.default_rng(4)
    known = pd.read_csv(shared_data() / POSTCODES)["postcode"].to_numpy(dtype=object)
    typed = np.array([[style(text) for text in known] for style in STYLES], dtype=object)
    with path.open("w") as file:
        file.write("month,category,postcode\n")
        for start in range(0, rows, 500_000):
            number = min(500_000, rows - start)
            style = rng.choice(len(STYLES), number, p=[0.5, 0.2, 0.2, 0.05, 0.05])
            text = typed[style, rng.integers(0, len(known), number)]
            fate = rng.random(number)
            text = np.where(fate < 0.03, "SO99 9ZZ", np.where(fate > 0.97, "", text))
            months = np.array(["2026-01", "2026-02", "2026-03"])[rng.integers(0, 3, number)]
            kinds = np.array(["Burglary", "Theft", "Drugs"])[rng.integers(0, 3, number)]
            pd.DataFrame({"m": months, "c": kinds, "p": text}).to_csv(
                file, index=False, header=False
            )


CHILD = """
import resource, sys, time
import geoprofiles
areas = geoprofiles.read_areas(sys.argv[2])
ladder = geoprofiles.Ladder(postcodes=geoprofiles.read_postcodes(sys.argv[3]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
tallied = geoprofiles.tally_files(sys.argv[1], areas, places=False, ladder=ladder)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(tallied.rows, tallied.located_by["postcode"], seconds, peak // 1024, before // 1024)
"""


def memory(rows: int) -> None:
    print("| rows | by postcode | seconds | rows/s | peak MB | before reading |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for number in (rows // 2, rows):
            path = Path(folder) / "calls.csv"
            write_calls(path, number)
            files = [str(path), str(shared_data() / WARDS), str(shared_data() / POSTCODES)]
            done = subprocess.run(
                [sys.executable, "-c", CHILD, *files], capture_output=True, text=True, check=True
            )
            read, placed, seconds, peak, before = done.stdout.split()
            rate = int(read) / float(seconds) / 1e6
            print(
                f"| {int(read):,} | {int(placed):,} | {float(seconds):.1f} | {rate:.2f} M | {peak}"
                f" | {before} |",
                flush=True,
            )


def against_pandas(rows: int) -> None:
    areas = geoprofiles.read_areas(shared_data() / WARDS)
    ladder = geoprofiles.Ladder(postcodes=geoprofiles.read_postcodes(shared_data() / POSTCODES))
    directory = pd.read_csv(shared_data() / POSTCODES)[["postcode", "ward_2023_code"]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        write_calls(path, rows)

        def by_hand() -> pd.Series:
            frame = pd.read_csv(path)
            bare = frame["postcode"].str.upper().str.replace(r"\s+", "", regex=True)
            frame["postcode"] = bare.str[:-3] + " " + bare.str[-3:]
            merged = frame.merge(directory, on="postcode", how="left")
            return merged.groupby(["ward_2023_code", "month", "category"]).size()

        kept = {}

        def ours(workers: int) -> None:
            kept[workers] = geoprofiles.tally_files(
                path, areas, places=False, ladder=ladder, workers=workers
            )

        times = interleaved(
            {"two threads": lambda: ours(2), "one thread": lambda: ours(1), "pandas": by_hand}, 3
        )
    print(f"\n{rows:,} rows\n\n| what | seconds | rows/s | of pandas |\n| --- | --- | --- | --- |")
    for name, seconds in times.items():
        share = seconds / times["pandas"]
        print(f"| {name} | {seconds:.2f} | {rows / seconds / 1e6:.2f} M | {share:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    print(versions("pandas", "numpy", "pyarrow", "geopandas"), "\n")
    memory(rows)
    against_pandas(rows // 10)


if __name__ == "__main__":
    main()

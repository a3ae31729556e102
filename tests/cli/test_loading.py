"""Each command loads only the libraries it uses: the rest is waiting for nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "numpy", "pandas", "geopandas", "shapely", "pyproj", "pyogrio", "pyarrow", "scipy", "sklearn",
    "mapclassify", "matplotlib", "networkx", "folium", "branca", "jinja2", "requests",
    "xlsxwriter", "openpyxl", "IPython",
}  # fmt: skip

TABLES = {"numpy", "pandas", "pyarrow"}
SHAPES = TABLES | {"geopandas", "shapely", "pyproj", "pyogrio"}

READING = ["--column", "incident_id=id", "--column", "category=offence"]
COUNT = ["incidents.csv", "--areas", "wards.geojson", *READING]
YEAR = ["year.csv", "--areas", "wards.geojson", *READING]
TIMED = ["timed.csv", "--source-crs", "EPSG:27700"]

COMMANDS = {
    "help": (["--help"], set()),
    "version": (["--version"], set()),
    "mistyped": (["cuont"], set()),
    "bad option": (["count", "--arreas", "x"], set()),
    "bad month": (["hotspots", "kde", *COUNT, "--from", "June"], set()),
    "init": (["init", "new.toml"], set()),
    "check": (["check", "incidents.csv", *READING], SHAPES),
    "locate": (["locate", *COUNT, "-o", "out.csv"], SHAPES),
    "count": (["count", *COUNT, "-o", "out.csv"], SHAPES),
    "count into a workbook": (["count", *COUNT, "-o", "out.xlsx"], SHAPES | {"xlsxwriter"}),
    "rates": (
        ["rates", "counts.csv", "--population", "residents.csv", "-o", "out.csv"],
        SHAPES | {"scipy"},
    ),
    "hot spots": (["hotspots", "kde", *COUNT, "-o", "out.geojson"], SHAPES | {"scipy"}),
    "risk": (
        ["hotspots", "risk", *COUNT, "--bandwidth", "300", "-o", "out.csv"],
        SHAPES | {"scipy"},
    ),
    "clusters": (["hotspots", "clusters", *COUNT, "-o", "out.geojson"], SHAPES | {"scipy"}),
    "scan": (["hotspots", "scan", *COUNT, "--simulations", "9"], SHAPES | {"scipy"}),
    "local hot spots": (
        ["hotspots", "local", *COUNT, "--simulations", "99", "-o", "out.csv"], SHAPES | {"scipy"}
    ),
    "emerging hot spots": (
        ["hotspots", "emerging", *YEAR, "--simulations", "99", "-o", "out.csv"],
        SHAPES | {"scipy"},
    ),
    "change of hot spots": (
        ["hotspots", "change", *YEAR, "--before", "2025-01", "--after", "2025-02", "-o", "out.csv"],
        SHAPES | {"scipy"},
    ),
    "concentration": (
        ["hotspots", "concentration", *COUNT, "--by", "cells", "-o", "out.csv"], SHAPES | {"scipy"}
    ),
    "accuracy": (
        ["hotspots", "accuracy", *YEAR, "--periods", "1", "-o", "out.csv"], SHAPES | {"scipy"}
    ),
    "streets": (
        ["hotspots", "streets", *COUNT, "--streets", "streets.geojson", "--max-distance", "900",
         "-o", "out.csv"],
        SHAPES | {"scipy"},
    ),
    "what data carry": (["hotspots", "data", *COUNT], SHAPES | {"scipy"}),
    "time of day": (["hotspots", "time", *TIMED, "-o", "out.csv"], SHAPES | {"scipy"}),
    "near repeats": (["hotspots", "repeats", *TIMED, "-o", "out.csv"], SHAPES | {"scipy"}),
    "dashboard": (
        ["dashboard", "rates.csv", "--areas", "wards.geojson", "-o", "dashboard.html"],
        SHAPES,
    ),
    "map": (
        ["map", "rates.csv", "--areas", "wards.geojson", "-o", "map.html"],
        SHAPES,
    ),
    "embed": (["embed", "page.html", "--form", "fragment"], set()),
    "run": (
        ["run", "project.toml", "-o", "products", "-q"],
        SHAPES | {"scipy", "xlsxwriter", "matplotlib"},
    ),
}  # fmt: skip

FAILS = {"mistyped": 2, "bad option": 2, "bad month": 2}

PROJECT = """
title = "Toy"
[[areas]]
kind = "ward"
file = "wards.geojson"
[[incidents]]
files = ["incidents.csv"]
columns = { incident_id = "id", category = "offence" }
[[rates]]
name = "All incidents"
"""

COUNTS = (
    "area_code,area_name,month,category,count\nA,Mill,2026-06,Theft,3\nB,Quay,2026-06,Theft,5\n"
)

TIMES = (
    "id,offence,start,end,easting,northing\n"
    "1,Burglary,2026-06-05 17:00,2026-06-06 09:00,450100,60100\n"
    "2,Burglary,2026-06-07 22:30,,450160,60100\n"
)

MONTHS = "id,offence,month,easting,northing\n" + "".join(
    f"{month}{one},Theft,2025-{month:02d},{450_100 + 40 * one},60300\n"
    for month in range(1, 13)
    for one in range(month % 4 + 4)
)
LINE = {"type": "LineString", "coordinates": [[450000, 60500], [452000, 60500]]}
CRS27700 = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
STREETS = {
    "type": "FeatureCollection",
    "crs": CRS27700,
    "features": [{"type": "Feature", "properties": {"name": "Quay"}, "geometry": LINE}],
}

SCRIPT = """
import json, sys
from geoprofiles.cli.main import main
told = []
for arguments in json.load(open("commands.json")):
    try:
        main(arguments)
    except SystemExit as end:
        loaded = sorted({name.partition(".")[0] for name in sys.modules})
        told.append([end.code, loaded])
with open("loaded.json", "w") as stream:
    json.dump(told, stream)
"""


def groups() -> list[list[str]]:
    """Commands by what they may load: one process shows it for all that may load the same."""
    found: dict[frozenset[str], list[str]] = {}
    for name, (_, allowed) in COMMANDS.items():
        found.setdefault(frozenset(allowed), []).append(name)
    return list(found.values())


@pytest.mark.parametrize("names", groups(), ids=lambda names: names[0])
def test_a_command_loads_only_what_it_uses(toy, names):
    (toy / "project.toml").write_text(PROJECT)
    (toy / "counts.csv").write_text(COUNTS)
    (toy / "timed.csv").write_text(TIMES)
    (toy / "year.csv").write_text(MONTHS)
    (toy / "streets.geojson").write_text(json.dumps(STREETS))
    (toy / "page.html").write_text(
        '<title>Mill</title><meta name="generator" content="geoprofiles"><body></html>'
    )
    (toy / "rates.csv").write_text("area_code,value\nA,3.5\nB,12\n")
    (toy / "commands.json").write_text(json.dumps([COMMANDS[name][0] for name in names]))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=toy,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=True,
    )
    told = json.loads((toy / "loaded.json").read_text())
    for name, (code, loaded) in zip(names, told, strict=True):
        assert code == FAILS.get(name, 0), (name, done.stderr.decode())
        assert set(loaded) & HEAVY <= COMMANDS[name][1], name

"""A toy city on disk, and the command line as a person meets it."""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import subprocess
import sys
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest

from geoprofiles.cli.main import main

WARDS = {"A": ("Mill", 0), "B": ("Quay", 1000)}
"""Two wards of 1 km x 1 km beside each other: code to name and easting."""

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)


@dataclass
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def geoprofiles_process(tmp_path):
    """Run ``python -m geoprofiles`` in `tmp_path`; return its exit code, answer and messages.

    For what only a process of its own can show; it takes seconds to import its libraries.
    """

    def command(*arguments: object, stdin: str | None = None) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "geoprofiles", *map(str, arguments)],
            capture_output=True,
            cwd=tmp_path,
            input=None if stdin is None else stdin.encode(),
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return command


@pytest.fixture
def geoprofiles_command(tmp_path, monkeypatch):
    """Run ``geoprofiles`` in `tmp_path`, within this process; give what a process would give.

    All goes through the same door, `main`; what it sets for a whole process is set back.
    test_commands.py holds the two against each other.
    """

    def command(*arguments: object, stdin: str | None = None) -> Done:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        gave = io.TextIOWrapper(io.BytesIO((stdin or "").encode()), "utf-8")
        stopped, thresholds = signal.getsignal(signal.SIGTERM), gc.get_threshold()
        with monkeypatch.context() as patched, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as Python's own filters do; main shows what is ours
            patched.chdir(tmp_path)
            for name, stream in (("stdin", gave), ("stdout", out), ("stderr", err)):
                patched.setattr(sys, name, stream)
            try:
                main([str(one) for one in arguments])
            except SystemExit as end:
                code = end.code
            except Exception:
                code = 1
                traceback.print_exc(file=err)
            finally:
                signal.signal(signal.SIGTERM, stopped)
                gc.set_threshold(*thresholds)
        return Done(int(code or 0), *(one.buffer.getvalue().decode() for one in (out, err)))

    return command


def ward(code: str, name: str, west: float) -> dict:
    """One ward as a GeoJSON feature, in metres of the British National Grid."""
    east, south, north = 450000 + west, 60000, 61000
    west += 450000
    ring = [[west, south], [east + 1000, south], [east + 1000, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"WD25CD": code, "WD25NM": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def toy(tmp_path):
    """Write wards, incidents and residents of the toy city into `tmp_path`."""
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    features = [ward(code, name, west) for code, (name, west) in WARDS.items()]
    collection = {"type": "FeatureCollection", "crs": crs, "features": features}
    (tmp_path / "wards.geojson").write_text(json.dumps(collection))
    rows = ["id,offence,month,easting,northing"]
    rows += [
        f"a{n},Burglary,2026-06,450{100 + 20 * (n % 4)},60{100 + 20 * (n % 3)}" for n in range(12)
    ]
    rows += [f"b{n},Theft,2026-05,451500,60500" for n in range(5)]
    rows += ["c1,Theft,2026-06,455000,60500", "c2,Theft,2026-06,,", "c3,Theft,soon,450500,60500"]
    (tmp_path / "incidents.csv").write_text("\n".join(rows) + "\n")
    people = "area_code,year,population\nA,2025,1000\nB,2025,2000\n"
    (tmp_path / "residents.csv").write_text(people)
    return tmp_path

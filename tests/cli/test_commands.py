"""Commands on the toy city, counted by eye."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

TOY = """\
title = "Toy"
[[areas]]
kind = "ward"
file = "wards.geojson"
[[incidents]]
files = ["incidents.csv"]
"""

COLUMNS = ["--column", "incident_id=id", "--column", "category=offence"]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_count_counts_what_the_eye_counts(toy, geoprofiles_command):
    done = geoprofiles_command("count", "incidents.csv", "--areas", "wards.geojson", *COLUMNS)
    assert done.code == 0, done.err
    table = rows(done.out)
    assert list(table[0]) == ["area_code", "area_name", "month", "category", "count"]
    counts = {(row["area_code"], row["month"], row["category"]): int(row["count"]) for row in table}
    assert counts["A", "2026-06", "Burglary"] == 12
    assert counts["B", "2026-05", "Theft"] == 5
    assert counts["A", "2026-05", "Theft"] == 0
    assert counts["(outside)", "2026-06", "Theft"] == 1
    assert counts["(unlocated)", "2026-06", "Theft"] == 1
    assert sum(counts.values()) == 19
    assert "20 rows" in done.err
    assert "1 refused" in done.err


def test_count_reads_standard_input_and_writes_a_file(
    toy, geoprofiles_command, geoprofiles_process
):
    text = (toy / "incidents.csv").read_text()
    piped = geoprofiles_process(
        "count", "-", "--areas", "wards.geojson", *COLUMNS, "-o", "c.csv", stdin=text
    )
    assert piped.code == 0, piped.err
    assert piped.out == ""
    direct = geoprofiles_command("count", "incidents.csv", "--areas", "wards.geojson", *COLUMNS)
    assert (toy / "c.csv").read_text() == direct.out


def test_count_keeps_a_state_and_an_index(toy, geoprofiles_command):
    first = (toy / "incidents.csv").read_text()
    count = ["count", "incidents.csv", "--areas", "wards.geojson", *COLUMNS]
    kept = [*count, "--state", "kept", "--index", "wards.npz"]
    direct, done = geoprofiles_command(*count), geoprofiles_command(*kept)
    assert done.code == 0, done.err
    assert done.out == direct.out
    (toy / "more.csv").write_text(
        "id,offence,month,easting,northing\nz,Arson,2026-07,450500,60500\n"
    )
    done = geoprofiles_command("count", "more.csv", *kept[2:])
    assert sum(int(row["count"]) for row in rows(done.out)) == 20
    assert "21 rows" in done.err
    (toy / "incidents.csv").write_text(first + "y,Arson,2026-07,450500,60500\n")
    done = geoprofiles_command(*kept)
    assert sum(int(row["count"]) for row in rows(done.out)) == 21


def test_count_refuses_a_state_or_index_of_other_boundaries(toy, geoprofiles_command):
    kept = ["--state", "kept", "--index", "wards.npz"]
    count = ["count", "incidents.csv", "--areas", "wards.geojson", *COLUMNS]
    assert geoprofiles_command(*count, *kept).code == 0
    text = (toy / "wards.geojson").read_text()
    (toy / "wards.geojson").write_text(text.replace("450000", "450010"))
    for option in (kept[:2], kept[2:]):
        done = geoprofiles_command(*count, *option)
        assert done.code == 3
        assert "other boundaries" in done.err
        assert done.out == ""
    done = geoprofiles_command(*count, "--scheduler", "tcp://127.0.0.1:9", *kept)
    assert done.code == 2


@pytest.mark.parametrize("ending", ["json", "xlsx", "parquet"])
def test_count_writes_the_format_that_the_ending_names(toy, geoprofiles_command, ending):
    done = geoprofiles_command(
        "count", "incidents.csv", "--areas", "wards.geojson", *COLUMNS, "-o", f"c.{ending}"
    )
    assert done.code == 0, done.err
    content = (toy / f"c.{ending}").read_bytes()
    if ending == "json":
        assert sum(row["count"] for row in json.loads(content)) == 19
    elif ending == "parquet":
        assert pd.read_parquet(io.BytesIO(content))["count"].sum() == 19
    else:
        assert zipfile.is_zipfile(io.BytesIO(content))


def test_locate_answers_with_every_row(toy, geoprofiles_command):
    done = geoprofiles_command("locate", "incidents.csv", "--areas", "wards.geojson", *COLUMNS)
    assert done.code == 0, done.err
    table = rows(done.out)
    assert len(table) == 20
    codes = [row["area_code"] for row in table]
    assert codes.count("A") == 13  # the refused row has a place too
    assert codes.count("B") == 5
    assert codes.count("(outside)") == codes.count("(unlocated)") == 1
    (refused,) = [row for row in table if row["refused"]]
    assert refused["refused"] == "month not readable"
    assert refused["row"] == "21"


def test_count_rates_map_in_a_row(toy, geoprofiles_command):
    counts = geoprofiles_command("count", "incidents.csv", "--areas", "wards.geojson", *COLUMNS)
    rates = geoprofiles_command("rates", "-", "--population", "residents.csv", stdin=counts.out)
    assert rates.code == 0, rates.err
    by_code = {row["area_code"]: row for row in rows(rates.out)}
    assert float(by_code["A"]["value"]) == pytest.approx(12.0)
    assert float(by_code["B"]["value"]) == pytest.approx(2.5)
    assert float(by_code["A"]["whole"]) == pytest.approx(17 / 3)
    assert by_code["A"]["rank"] == "1"
    (toy / "rates.csv").write_text(rates.out)
    page = geoprofiles_command(
        "map", "rates.csv", "--areas", "wards.geojson", "-o", "map.html", "--title", "Toy"
    )
    assert page.code == 0, page.err
    text = (toy / "map.html").read_text()
    assert "<title>Toy" in text
    assert "Mill" in text
    (toy / "counts.csv").write_text(counts.out)
    still = geoprofiles_command(
        "map", "counts.csv", "--areas", "wards.geojson", "--by", "month", "-o", "months.svg"
    )
    assert still.code == 0, still.err
    assert "the classes are the same in all maps" in (toy / "months.svg").read_text()
    for options, told in (
        (["--beside"], "Make them with 'geoprofiles change'"),
        (["--indicator", "Nonsense"], "there is no figure 'Nonsense'"),
    ):
        refused = geoprofiles_command(
            "map", "rates.csv", "--areas", "wards.geojson", *options, "-o", "no.html"
        )
        assert refused.code == 3
        assert told in refused.err


def test_hotspots_and_their_map(toy, geoprofiles_command):
    common = ["incidents.csv", "--areas", "wards.geojson", *COLUMNS]
    done = geoprofiles_command(
        "hotspots", "clusters", *common, "--eps", 60, "--min-samples", 5, "-o", "clusters.geojson"
    )
    assert done.code == 0, done.err
    clusters = json.loads((toy / "clusters.geojson").read_text())["features"]
    assert [one["properties"]["count"] for one in clusters] == [12, 5]
    assert [one["properties"]["outlined"] for one in clusters] == [True, False]
    (toy / "homes.csv").write_text("area_code,year,population\nA,2025,5\nB,2025,500\n")
    tested = geoprofiles_command(
        "hotspots", "clusters", *common, "--eps", 60, "--min-samples", 5, "--at-risk", "homes.csv",
        "--simulations", 99, "-o", "tested.geojson",
    )  # fmt: skip
    assert tested.code == 0, tested.err
    assert "clusters are beyond chance, held against" in tested.err
    assert "drawn by homes" in tested.err
    for text, told in (("X,2025,5", "no code is one of --areas"), ("A,2025,5", "in 1 of 2 areas")):
        (toy / "wrong.csv").write_text(f"area_code,year,population\n{text}\n")
        refused = geoprofiles_command(
            "hotspots", "clusters", *common, "--at-risk", "wrong.csv", "-o", "none.geojson"
        )
        assert refused.code == 3
        assert "wrong.csv" in refused.err
        assert told in refused.err
    rows = json.loads((toy / "tested.geojson").read_text())["features"]
    assert [one["properties"]["count"] for one in rows] == [12, 5]
    assert all(0 < one["properties"]["p"] <= 1 for one in rows)
    done = geoprofiles_command(
        "hotspots", "kde", *common, "--bandwidth", 300, "--cell", 100, "-o", "density.gpkg"
    )
    assert done.code == 0, done.err
    (toy / "figures.csv").write_text("area_code,value\nA,1\nB,2\n")
    for layer in ("clusters.geojson", "density.gpkg"):
        page = geoprofiles_command(
            "map", "figures.csv", "--areas", "wards.geojson", "--hotspots", layer, "-o", "m.html"
        )
        assert page.code == 0, page.err


def test_check_writes_nothing_and_says_what_is_there(toy, geoprofiles_command):
    before = sorted(toy.iterdir())
    done = geoprofiles_command(
        "check", "incidents.csv", "--areas", "wards.geojson", *COLUMNS, "--json"
    )
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert report["rows"] == 20
    assert report["would be counted"] == 19
    assert report["refused"] == {"month not readable": 1}
    assert report["unlocated"] == {"no coordinates": 1}
    assert report["in ward"]["counted"] == 17
    plain = geoprofiles_command("check", "incidents.csv", *COLUMNS)
    assert "would be counted: 19" in plain.out
    areas = geoprofiles_command("check", "wards.geojson")
    assert "areas: 2" in areas.out
    assert sorted(toy.iterdir()) == before


def test_init_writes_once(tmp_path, geoprofiles_command):
    first = geoprofiles_command("init")
    assert first.code == 0, first.err
    (tmp_path / "geoprofiles.toml").write_text("mine")
    second = geoprofiles_command("init")
    assert second.code == 1
    assert (tmp_path / "geoprofiles.toml").read_text() == "mine"


def test_doctor_finds_this_installation_well(geoprofiles_process):
    done = geoprofiles_process("doctor", "--json")
    assert done.code == 0, done.out
    assert json.loads(done.out)["healthy"] is True


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["cuont"], 2, "Did you mean 'count'?"),
        (["count"], 2, "Missing"),
        (["count", "none.csv", "--areas", "wards.geojson"], 3, "none.csv"),
        (["count", "incidents.csv", "--areas", "none.geojson"], 3, "none.geojson"),
        (["count", "incidents.csv", "--areas", "incidents.csv"], 3, "incidents.csv"),
        (["count", "wards.geojson", "--areas", "wards.geojson"], 3, "wards.geojson"),
        (["count", "empty.csv", "--areas", "wards.geojson"], 3, "empty.csv"),
        (["count", "incidents.csv", "--areas", "wards.geojson", "-o", "a.doc"], 2, ".csv"),
        (["count", "incidents.csv", "--areas", "wards.geojson", "-o", "no/a.csv"], 1, "no/a.csv"),
        (["run", "none.toml"], 3, "geoprofiles init"),
        (["rates", "residents.csv", "--population", "residents.csv"], 3, "area_name"),
        (["map", "residents.csv", "--areas", "wards.geojson", "-o", "m.html"], 3, "'value'"),
        (
            [
                "hotspots",
                "kde",
                "incidents.csv",
                "--areas",
                "wards.geojson",
                "--category",
                "Theftt",
            ],
            3,
            "Did you mean 'Theft'?",
        ),
        (
            [*["hotspots", "kde", "incidents.csv", "--areas", "wards.geojson", "--from", "2026"]],
            2,
            "not a month",
        ),
    ],
)
def test_bad_input_is_one_line_with_its_code(toy, geoprofiles_command, arguments, code, said):
    (toy / "empty.csv").write_text("")
    before = sorted(toy.rglob("*"))
    done = geoprofiles_command(*arguments)
    assert done.code == code, done.err
    assert said in done.err
    assert "Traceback" not in done.err
    if code in {1, 3}:
        assert len([line for line in done.err.splitlines() if line.startswith("geoprofiles:")]) == 1
    assert sorted(toy.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["count", "incidents.csv", "--areas", "wards.geojson", *COLUMNS],
        ["init", "wards.geojson/new.toml"],
        ["cuont"],
        ["count", "none.csv", "--areas", "wards.geojson"],
    ],
    ids=["good", "failed", "usage", "refused"],
)
def test_a_process_ends_as_its_door_says(toy, geoprofiles_command, geoprofiles_process, arguments):
    """What every other test of a command leans on."""
    done = geoprofiles_process(*arguments)
    assert done == geoprofiles_command(*arguments)
    assert done.err


def test_a_closed_pipe_is_no_error_message(toy, geoprofiles_command):
    command = (
        f"{sys.executable} -m geoprofiles locate incidents.csv --areas wards.geojson -q"
        " --column incident_id=id --column category=offence | head -1"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, cwd=toy, env=environment, check=True
    )
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


STOPPED = """
import os, signal, sys
from geoprofiles import write
from geoprofiles.cli.main import main
# Whatever started the tests may have told its children to ignore Ctrl-C, as shells do for "&".
signal.signal(signal.SIGINT, signal.default_int_handler)
write_one = write._write_inside
def stopped(*arguments):
    write_one(*arguments)
    os.kill(os.getpid(), int(sys.argv[1]))
write._write_inside = stopped
main(["run", "toy.toml", "-o", "out"])
"""


@pytest.mark.skipif(os.name == "nt", reason="signals differ on Windows")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_nothing_behind(toy, stop):
    """Stopped at the worst of times: with one file written of many."""
    (toy / "toy.toml").write_text(TOY)
    before = sorted(toy.iterdir())
    done = subprocess.run(
        [sys.executable, "-c", STOPPED, str(int(stop))],
        cwd=toy,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Writing the folder" in done.stderr
    assert done.returncode == 1
    assert "nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(toy.iterdir()) == before


def test_a_run_into_a_folder_without_rights_says_so(toy, geoprofiles_command):
    (toy / "file").write_text("in the way")
    (toy / "toy.toml").write_text(TOY)
    done = geoprofiles_command("run", "toy.toml", "-o", "file/out")
    assert done.code == 1
    assert "'file' is a file" in done.err
    done = geoprofiles_command("run", "toy.toml", "-o", "out")
    assert done.code == 0, done.err
    again = geoprofiles_command("run", "toy.toml", "-o", "out")
    assert again.code == 0, again.err
    (toy / "out" / "mine.txt").write_text("mine")
    third = geoprofiles_command("run", "toy.toml", "-o", "out")
    assert third.code == 1
    assert "'mine.txt' was added" in third.err

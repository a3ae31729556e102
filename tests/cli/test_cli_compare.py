"""``compare`` and ``change`` on the bundled sample's planted truth, and on wrong input."""

from __future__ import annotations

import csv
import io

import pytest


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def counted(repository, tmp_path, geoprofiles_command):
    wards = repository / "boundaries" / "port_averley_wards.geojson"
    done = geoprofiles_command(
        "count", repository / "data" / "incidents", "--areas", wards, "-o", "counts.csv"
    )
    assert done.code == 0, done.err
    return tmp_path


def test_what_was_planted_leads_the_changes(counted, geoprofiles_command):
    done = geoprofiles_command(
        "change", "counts.csv", "--before", "2024-07:2025-06", "--after", "2025-07:2026-06"
    )
    assert done.code == 0, done.err
    table = rows(done.out)
    # Two changes of a ward and one new hot spot were planted; nothing else was.
    assert {(row["area_name"], row["category"]) for row in table[:3]} == {
        ("Orchard Park", "Violence and sexual offences"),
        ("Kingsmead", "Shoplifting"),
        ("Kingsmead", "Robbery"),
    }
    assert "224 changes were looked at" in done.err


def test_compare_reads_what_rates_writes(counted, repository, geoprofiles_command):
    people = counted / "people.csv"
    wards = sorted({row["area_code"] for row in rows((counted / "counts.csv").read_text())})
    lines = [f"{code},2026,10000" for code in wards if not code.startswith("(")]
    people.write_text("\n".join(["area_code,year,population", *lines]) + "\n")
    rates = geoprofiles_command("rates", "counts.csv", "--population", "people.csv")
    done = geoprofiles_command("compare", "-", stdin=rates.out)
    assert done.code == 0, done.err
    table = rows(done.out)
    assert len(table) == 16
    assert {"verdict", "rank_lower", "rank_upper", "q_adjusted"} <= set(table[0])
    assert "areas differ from the rest" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["change", "counts.csv", "--before", "2024", "--after", "2026-06"], 2, "is no period"),
        (
            ["change", "counts.csv", "--before", "2020-01", "--after", "2026-06"],
            3,
            "no counts of 2020-01",
        ),
        (["change", "none.csv", "--before", "2025-06", "--after", "2026-06"], 3, "no such file"),
        (["compare", "counts.csv"], 3, "there is no column 'value'"),
    ],
)
def test_wrong_input_is_refused_in_one_line(counted, geoprofiles_command, arguments, code, told):
    done = geoprofiles_command(*arguments)
    assert done.code == code
    assert told in done.err
    assert "Traceback" not in done.err


def test_change_takes_areas_of_breaks_by_name_as_by_code(geoprofiles_command, tmp_path):
    lines = [f"{code},Zone {code},2026-0{month},Theft,30" for code in "ab" for month in (5, 6)]
    (tmp_path / "two.csv").write_text(
        "\n".join(["area_code,area_name,month,category,count", *lines]) + "\n"
    )
    said = {}
    for area in ("a", "Zone a"):
        text = f"category,area,month,why\nTheft,{area},2026-06,x\nThft,Zone x,2026-06,x\n"
        (tmp_path / "breaks.csv").write_text(text)
        done = geoprofiles_command(
            "change", "two.csv", "--before", "2026-05", "--after", "2026-06", "--breaks",
            "breaks.csv",
        )  # fmt: skip
        assert done.code == 0, done.err
        assert "category 'Thft', which the counts do not have. Did you mean 'Theft'?" in done.err
        assert "area 'Zone x', which the counts do not have." in done.err
        said[area] = {row["area_code"]: row["verdict"] for row in rows(done.out)}
    assert said["a"] == said["Zone a"]
    assert said["a"]["a"] == "not comparable"
    assert said["a"]["b"] != "not comparable"

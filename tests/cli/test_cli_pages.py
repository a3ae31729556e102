"""``dashboard`` and ``map --points``: pages of tables and of incidents, and what they refuse."""

from __future__ import annotations

import json
import re

import pytest

AREAS = ["--areas", "boundaries/port_averley_wards.geojson"]


def data_of(path):
    return json.loads(re.search(r'id="data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)[1])


def test_a_table_of_every_period_makes_a_page(geoprofiles_command, repository, tmp_path):
    lines = ["area_code,indicator,period,value"]
    for period, value in (("2024/25", 3.5), ("2025/26", 4.5)):
        lines += [f"X050000{n:02d},Theft,{period},{value + n}" for n in (1, 2)]
    (tmp_path / "figures.csv").write_text("\n".join(lines) + "\n")
    page = tmp_path / "page.html"
    areas = ["--areas", str(repository / AREAS[1])]
    done = geoprofiles_command("dashboard", str(tmp_path / "figures.csv"), *areas, "-o", str(page))
    assert done.code == 0, done.err
    (row,) = data_of(page)["kinds"][0]["indicators"]
    assert row["periods"] == ["2024/25", "2025/26"]
    assert row["v"][1][:2] == [5.5, 6.5]
    assert row["v"][1][2:] == [None] * 14
    (tmp_path / "gap.csv").write_text("area_code,period,value\nX05000001,2024,1\nX05000002,,2\n")
    done = geoprofiles_command("dashboard", str(tmp_path / "gap.csv"), *areas, "-o", str(page))
    assert data_of(page)["kinds"][0]["indicators"][0]["periods"] == ["one period", "2024"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("area_code,value\nZ1,3\n", "no area_code is a code of"),
        ("area_code,value\nX05000001,many\n", "row 2"),
        ("code,value\nX05000001,1\n", "no column 'area_code'"),
        ("area_code,value,count\nX05000001,1,few\n", "column 'count'"),
        ("area_code,value\nX05000001,1\n,2\n", "row 3, column 'area_code'"),
        ("area_code,value\nX05000001,1\nX05000001,2\n", "a figure of the same area code"),
        ("area_code,value,polarity\nX05000001,1,constructor\n", "polarity 'constructor'"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_written(
    geoprofiles_command, repository, tmp_path, text, words
):
    (tmp_path / "figures.csv").write_text(text)
    areas = ["--areas", str(repository / AREAS[1])]
    page = tmp_path / "page.html"
    done = geoprofiles_command("dashboard", str(tmp_path / "figures.csv"), *areas, "-o", str(page))
    assert done.code == 3
    assert words in done.err
    assert not page.exists()


def test_a_map_of_points_never_shows_where_one_was(geoprofiles_command, toy, tmp_path):
    columns = ["--column", "incident_id=id", "--column", "category=offence"]
    placed = ["locate", "incidents.csv", "--areas", "wards.geojson", *columns, "-o", "placed.csv"]
    assert geoprofiles_command(*placed).code == 0
    draw = ["map", "placed.csv", "--areas", "wards.geojson", "--points"]
    done = geoprofiles_command(*draw, "-o", "points.html")
    assert done.code == 0, done.err
    assert "square" in (tmp_path / "points.html").read_text("utf-8")
    refused = geoprofiles_command(*draw, "--cell", "50", "-o", "fine.html")
    assert refused.code == 2
    assert not (tmp_path / "fine.html").exists()
    claimed = geoprofiles_command(*draw, "--at-map-points", "-o", "fine.html")
    assert claimed.code == 3
    assert "stand on no map points" in claimed.err

"""``geoprofiles codes`` and ``geoprofiles reaggregate``, as a person meets them."""

from __future__ import annotations

import csv
import io

import pytest

LIST = (
    "LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,LAD22CD,LAD22NM,CHGIND\n"
    "E01000001,Mill A,E01000001,Mill A,E06000001,North,U\n"
    "E01000002,Mill B,E01000003,Mill C,E06000001,North,S\n"
    "E01000002,Mill B,E01000004,Mill D,E06000001,North,S\n"
)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "list.csv").write_text(LIST)
    residents = "lsoa11_code,year,residents\nE01000001,2020,30\nE01000002,2020,10\n"
    (tmp_path / "residents.csv").write_text(residents)
    postcodes = "postcode,LSOA11CD,LSOA21CD\n"
    postcodes += "P1,E01000002,E01000003\nP2,E01000002,E01000003\nP3,E01000002,E01000004\n"
    (tmp_path / "postcodes.csv").write_text(postcodes + "P4,E01000001,E01000001\n")
    return tmp_path


def test_codes_says_kind_and_vintage(folder, geoprofiles_command):
    done = geoprofiles_command("codes", "residents.csv", "--known", "list.csv")
    assert done.code == 0, done.err
    assert "2 of 2 codes are LSOAs of 2011; on LSOAs of 2021 1 code with 50.0%" in done.err
    assert [row["vintage"] for row in rows(done.out)] == ["2011", "2021"]
    alone = geoprofiles_command("codes", "residents.csv")
    assert "only a list of known codes tells the vintage" in alone.err


def test_codes_checks_names(folder, geoprofiles_command):
    text = "code,ward,district\n"
    text += "E01000002,Mill A,North\nE01000003,Mill C,North\nE01000009,Mill D,North\n"
    (folder / "table.csv").write_text(text)
    done = geoprofiles_command(
        "codes", "table.csv", "--known", "list.csv", "--name", "ward", "--district", "district"
    )
    assert done.code == 0, done.err
    table = rows(done.out)
    assert [row["row"] for row in table] == ["2", "3", "4"]
    assert [row["proposed"] for row in table] == ["E01000001", "", "E01000004"]
    assert "1 of 3 codes agree" in done.err
    assert geoprofiles_command("codes", "table.csv", "--name", "ward").code == 2


def test_reaggregate_refuses_a_split_without_weights(folder, geoprofiles_command):
    done = geoprofiles_command("reaggregate", "residents.csv", "--lookup", "list.csv")
    assert done.code == 3
    assert done.out == ""
    assert "residents.csv: 1 of the areas, with 25.0% of the total" in done.err


def test_reaggregate_by_lookup_and_weights(folder, geoprofiles_command):
    done = geoprofiles_command(
        "reaggregate", "residents.csv", "--lookup", "list.csv", "--weights", "postcodes.csv",
        "-o", "out.csv",
    )  # fmt: skip
    assert done.code == 0, done.err
    table = rows((folder / "out.csv").read_text())
    assert {row["area_code"]: round(float(row["population"]), 3) for row in table} == {
        "E01000001": 30, "E01000003": 6.667, "E01000004": 3.333,
    }  # fmt: skip
    assert "25.0% of the total was assigned" in done.err
    by_points = geoprofiles_command(
        "reaggregate", "residents.csv", "--weights", "postcodes.csv", "--source", "LSOA11CD",
        "--target", "LSOA21CD",
    )  # fmt: skip
    assert rows(by_points.out)[0]["method"] == "weights"


def test_reaggregate_keeps_ages_apart(folder, geoprofiles_command):
    (folder / "ages.csv").write_text("area_code,age,n\nx,0,1\nx,1,2\ny,0,4\ny,1,8\n")
    (folder / "pairs.csv").write_text("source,target\nx,Z\ny,Z\n")
    done = geoprofiles_command(
        "reaggregate", "ages.csv", "--by", "age", "--value", "n", "--lookup", "pairs.csv"
    )
    assert done.code == 0, done.err
    assert [(row["age"], float(row["population"])) for row in rows(done.out)] == [
        ("0", 5), ("1", 10),
    ]  # fmt: skip


def test_reaggregate_by_shapes_is_refused_unless_forced(toy, geoprofiles_command):
    moved = (toy / "wards.geojson").read_text().replace("451000", "450700")
    (toy / "new.geojson").write_text(moved)
    command = [
        "reaggregate", "residents.csv", "--from-areas", "wards.geojson",
        "--to-areas", "new.geojson",
    ]  # fmt: skip
    refused = geoprofiles_command(*command)
    assert refused.code == 3
    assert "by area shares 33.3%" in refused.err
    assert "--force" in refused.err
    forced = geoprofiles_command(*command, "--force")
    assert forced.code == 0, forced.err
    assert [float(row["population"]) for row in rows(forced.out)] == [700, 2300]


def test_what_is_missing_is_a_usage_error(folder, geoprofiles_command):
    for arguments in ([], ["--from-areas", "a.geojson"], ["--weights", "postcodes.csv"]):
        assert geoprofiles_command("reaggregate", "residents.csv", *arguments).code == 2
    by = ["--by", "age", "--lookup", "list.csv"]
    assert geoprofiles_command("reaggregate", "residents.csv", *by).code == 2

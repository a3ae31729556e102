"""Incidents from made files: formats, coordinates, dates, and where every row ends."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoprofiles.errors import CRSError, InputError
from geoprofiles.read import read_incidents

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)


def street_row(
    identity="", month="2026-06", lon="-1.4049", lat="50.9", category="Burglary", place="Mill"
):
    return f"{identity},{month},F,F,{lon},{lat},{place},E01,Mill 1,{category},,"


@pytest.fixture
def street(tmp_path):
    """Write a police.uk street file into the folder of its month; return its path."""

    def write(rows, name="2026-06-averley-street.csv", folder=""):
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text("\n".join([STREET, *rows]) + "\n")
        return path

    return write


@pytest.fixture
def table(tmp_path):
    def write(text, name="incidents.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def fates(incidents):
    refused = incidents["refused"].astype(object)
    unlocated = incidents["unlocated"].astype(object)
    return refused.where(refused.notna(), unlocated).where(lambda one: one.notna(), None).tolist()


# The frame


def test_columns_and_facts_of_a_street_file(street):
    incidents = read_incidents(street([street_row("a1"), street_row()]))
    assert incidents.columns.tolist() == [
        "incident_id", "month", "category", "easting", "northing", "file", "row", "unlocated",
        "refused", "area_given", "place",
    ]  # fmt: skip
    assert incidents["incident_id"].isna().tolist() == [False, True]
    assert incidents["row"].tolist() == [2, 3]
    assert incidents["month"].dt.strftime("%Y-%m-%d").tolist() == ["2026-06-01"] * 2
    assert incidents["easting"].round().tolist() == [441945.0] * 2
    assert incidents.attrs["crs"] == "EPSG:27700"
    (facts,) = incidents.attrs["sources"]
    assert facts["rows"] == 2
    assert facts["encoding"] == "utf-8"
    assert facts["delimiter"] == "comma"
    assert facts["source_crs"] == "EPSG:4326"
    assert facts["months"] == ["2026-06", "2026-06"]
    assert facts["columns"]["category"] == "Crime type"
    assert facts["dates"] == "YYYY-MM"
    assert len(facts["sha256"]) == 64
    assert json.dumps(incidents.attrs)  # fit for a manifest


def test_headings_in_any_order(table):
    incidents = read_incidents(
        table("Latitude,Crime type,Longitude,Month\n50.9,Theft,-1.4049,2026-06\n")
    )
    assert incidents["easting"].round().tolist() == [441945.0]
    assert incidents["category"].tolist() == ["Theft"]


def test_every_reason_for_no_location(street):
    incidents = read_incidents(
        street(
            [
                street_row(),
                street_row(lon="", lat=""),
                street_row(lon="here", lat="there"),
                street_row(lon="0", lat="0.0"),
                street_row(lon="-1.4", lat="95"),
                street_row(lon="nan", lat="inf"),
            ]
        )
    )
    assert fates(incidents) == [
        None, "no coordinates", "coordinates not numbers", "coordinates at (0, 0)",
        "coordinates out of range", "coordinates not numbers",
    ]  # fmt: skip
    assert incidents["easting"].notna().tolist() == [True] + [False] * 5


def test_missing_category_is_kept_and_named(street):
    incidents = read_incidents(street([street_row(category=""), street_row()]))
    assert incidents["category"].tolist() == ["(not stated)", "Burglary"]
    assert fates(incidents) == [None, None]


def test_unreadable_month_is_refused_and_the_first_is_told(street):
    incidents = read_incidents(street([street_row(), street_row(month="Junish")]))
    assert fates(incidents) == [None, "month not readable"]
    assert any("row 3" in note for note in incidents.attrs["notes"])


def test_rows_of_the_wrong_length_are_refused(table):
    text = "month,category,longitude,latitude\n2026-06,A,-1.4,50.9\n2026-06,B,-1.4\n"
    text += "2026-06,C,-1.4,50.9,more\n2026-06,D,-1.4,50.9,,\n2026-06,E,-1.4,50.9\n\n  \n,,,\n"
    incidents = read_incidents(table(text))
    wrong = "wrong number of columns"
    assert fates(incidents) == [None, wrong, wrong, None, None]
    assert incidents["row"].tolist() == [2, 3, 4, 5, 6]


def test_blank_rows_within_are_rows(table):
    text = "month,longitude,latitude\n2026-06,-1.4,50.9\n\n,,\n2026-06,-1.4,50.9\n"
    incidents = read_incidents(table(text))
    assert fates(incidents) == [None, "empty row", "empty row", None]
    assert incidents["row"].tolist() == [2, 3, 4, 5]


def test_cells_with_line_breaks_and_quotes(table):
    text = 'month,place,longitude,latitude\r\n2026-06,"The ""Mill"",\r\nAverley",-1.4,50.9\r\n'
    text += '2026-06,5" pipe works,-1.4,50.9\r\n'
    incidents = read_incidents(table(text))
    assert incidents["place"].tolist() == ['The "Mill",\r\nAverley', '5" pipe works']


def test_a_quotation_mark_never_closed(table):
    text = 'month,place,longitude,latitude\n2026-06,Mill,-1.4,50.9\n2026-06,"Mill,-1.4,50.9\n'
    with pytest.raises(InputError, match=r"row 3: a quotation mark is opened here"):
        read_incidents(table(text + "2026-06,Mill,-1.4,50.9\n"))


# Repeats


def test_rows_without_id_are_never_repeats(street):
    incidents = read_incidents(street([street_row()] * 5))
    assert fates(incidents) == [None] * 5


def test_repeated_ids(street):
    path = street([street_row("a"), street_row("b"), street_row("a", category="Theft")])
    incidents = read_incidents(path)
    assert fates(incidents) == [None, None, "repeated ID"]
    (note,) = incidents.attrs["notes"]
    assert "1 row of an ID that an earlier row has (1 ID in all)" in note
    assert "different months or categories" in note
    kept = read_incidents(path, repeated_ids="keep")
    assert fates(kept) == [None] * 3
    assert "all of them count" in kept.attrs["notes"][0]
    with pytest.raises(InputError, match=r"Did you mean 'first'"):
        read_incidents(path, repeated_ids="firs")


def test_an_id_of_another_month_is_the_same_crime(street):
    many = [street_row(f"m{n}") for n in range(30)]
    street([street_row("a"), *many])
    later = [street_row(f"j{n}", month="2026-07") for n in range(30)]
    folder = street([street_row("a", month="2026-07"), *later], "2026-07-averley-street.csv").parent
    incidents = read_incidents(folder)
    assert incidents["refused"].dropna().tolist() == ["repeated ID"]


def test_files_that_number_their_rows_from_one(table):
    text = "id,month,longitude,latitude\n1,{0},-1.4,50.9\n2,{0},-1.4,50.9\n"
    june = table(text.format("2026-06"), "june.csv")
    july = table(text.format("2026-07"), "july.csv")
    assert fates(read_incidents([june, july])) == [None] * 4
    repeated = read_incidents(table(text.format("2026-06") + "1,2026-07,-1.4,50.9\n", "both.csv"))
    assert fates(repeated) == [None, None, "repeated ID"]


def test_the_same_month_given_twice(street):
    rows = [street_row(f"id{n}") for n in range(10)] + [street_row()] * 5
    old = street(rows, folder="old")
    new = street([*rows, street_row("id11")], folder="new")
    incidents = read_incidents([old, new])
    assert fates(incidents) == ["month given twice"] * 15 + [None] * 16
    assert any("given twice" in note and "16 rows" in note for note in incidents.attrs["notes"])
    # The file given later counts, whichever it is.
    assert fates(read_incidents([new, old])) == ["month given twice"] * 16 + [None] * 15


def test_the_same_month_twice_without_any_id(street):
    rows = [street_row(place=f"Street {n}") for n in range(10)]
    one, two = street(rows, folder="a"), street([*rows, street_row()], folder="b")
    assert fates(read_incidents([one, two])) == ["month given twice"] * 10 + [None] * 11


def test_a_browser_copy_is_the_same_month(street):
    rows = [street_row(f"id{n}") for n in range(10)]
    street(rows)
    folder = street(rows, "2026-06-averley-street (1).csv").parent
    assert fates(read_incidents(folder)).count(None) == 10


def test_two_cities_of_one_force_are_complementary(street):
    one = street([street_row("a"), street_row()], folder="north")
    two = street([street_row("b"), street_row(place="Quay")], folder="south")
    incidents = read_incidents([one, two])
    assert fates(incidents) == [None] * 4
    assert any("all of them count" in note for note in incidents.attrs["notes"])


def test_one_file_given_twice_is_read_once(street, tmp_path):
    path = street([street_row("a"), street_row()])
    incidents = read_incidents([path, tmp_path, tmp_path / "." / path.name])
    assert len(incidents) == 2
    assert sum("read once" in note for note in incidents.attrs["notes"]) == 2


def test_a_copy_of_a_mapped_file_counts_once(table):
    text = "month,longitude,latitude\n2026-06,-1.4,50.9\n"
    incidents = read_incidents([table(text, "a.csv"), table(text, "b.csv")])
    assert fates(incidents) == ["file given twice", None]


# Columns


def test_a_mapping(table):
    text = "Ref,What,When,E,N,Beat\nr1,Arson,03/02/2026 14:30,441945,111338,B1\n"
    incidents = read_incidents(
        table(text),
        columns={
            "incident_id": "Ref",
            "category": "What",
            "date": "When",
            "easting": "E",
            "northing": "N",
            "area_given": "Beat",
        },
    )
    (row,) = incidents.to_dict("records")
    assert (row["incident_id"], row["category"], row["area_given"]) == ("r1", "Arson", "B1")
    assert row["month"] == pd.Timestamp("2026-02-01")
    assert row["start"] == pd.Timestamp("2026-02-03 14:30")
    assert (row["easting"], row["northing"]) == (441945.0, 111338.0)
    assert incidents.attrs["sources"][0]["guessed"] == []


def test_headings_are_guessed_and_said(table):
    text = "Occurrence No,Offence Type,From,To,Easting,Northing\n"
    text += "1,Theft,01/06/2026 10:00,02/06/2026 11:00,441945,111338\n"
    text += "2,Theft,03/06/2026 10:00,02/06/2026 11:00,441945,111338\n"
    incidents = read_incidents(table(text))
    facts = incidents.attrs["sources"][0]
    assert set(facts["guessed"]) == {
        "incident_id", "category", "start", "end", "easting", "northing",
    }  # fmt: skip
    assert facts["dates"] == "DD/MM/YYYY with times"
    assert incidents["end"].tolist()[0] == pd.Timestamp("2026-06-02 11:00")
    assert any("Rows that end before they start: 1" in note for note in incidents.attrs["notes"])
    assert fates(incidents) == [None, None]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"category": "Offense"}, r"no column 'Offense' for 'category'.*Did you mean 'Offence'"),
        ({"catgory": "Offence"}, "cannot map 'catgory'. Did you mean 'category'"),
        ({"category": ""}, "must map 'category' to a heading"),
        ({"longitude": "x"}, "'longitude' is mapped and 'latitude' is not"),
        ({"easting": "x", "northing": "y", "point": "Offence"}, "more than one kind"),
    ],
)
def test_a_wrong_mapping_is_refused(table, columns, message):
    path = table("Offence,date,x,y\nTheft,2026-06-01,441945,111338\n")
    with pytest.raises(InputError, match=message):
        read_incidents(path, columns=columns)


def test_columns_that_tell_nothing(table):
    with pytest.raises(InputError, match=r"tells the month or date; the columns are a and b"):
        read_incidents(table("a,b\n1,2\n"))
    with pytest.raises(InputError, match=r"tells the location"):
        read_incidents(table("month,b\n2026-06,2\n"))
    with pytest.raises(InputError, match=r"2 columns are called 'month'"):
        read_incidents(table("month,month,x,y\n1,2,3,4\n"), columns={"month": "month"})


def test_an_area_without_coordinates_will_do(table):
    incidents = read_incidents(table("month,ward_code\n2026-06,E1\n"))
    assert fates(incidents) == ["no coordinates"]
    assert incidents["area_given"].tolist() == ["E1"]


@pytest.mark.parametrize("text", ["POINT (-1.4049 50.9)", "(50.9, -1.4049)", "point(-1.4049 50.9)"])
def test_points_in_one_column(table, text):
    path = table(f'date,location\n2026-06-30,"{text}"\n2026-06-30,\n')
    incidents = read_incidents(path)
    assert incidents["easting"].round().tolist()[0] == 441945.0
    assert fates(incidents) == [None, "no coordinates"]
    assert incidents.attrs["sources"][0]["columns"]["point"] == "location"


# Dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-30", "2026-06-30 00:00"),
        ("2026-06-30T23:59:00Z", "2026-06-30 23:59"),
        ("2026/6/3 7:05", "2026-06-03 07:05"),
        ("03/06/2026", "2026-06-03 00:00"),
        ("3.6.2026 18:30", "2026-06-03 18:30"),
        ("03-06-2026 06:30 PM", "2026-06-03 18:30"),
        ("3 June 2026", "2026-06-03 00:00"),
        ("03-Jun-2026 12:00", "2026-06-03 12:00"),
        ("June 2026", "2026-06-01 00:00"),
        ("06/2026", "2026-06-01 00:00"),
        ("20260603", "2026-06-03 00:00"),
        ("202606", "2026-06-01 00:00"),
    ],
)
def test_dates_as_people_write_them(table, text, expected):
    incidents = read_incidents(table(f"date,easting,northing\n{text},441945,111338\n"))
    assert incidents["start"].tolist() == [pd.Timestamp(expected)]
    assert incidents["month"].tolist() == [pd.Timestamp("2026-06-01")]


@pytest.mark.parametrize(
    "text",
    ["31/02/2026", "2026-13", "2026", "12/25/2026 ", "46000", "1/1/26", "03/06/2026 25:00", "soon",
     "0000-01-01", "9999-01-01", "2026-06-30 10:99", ""],
)  # fmt: skip
def test_what_is_no_date_is_refused(table, text):
    more = "".join(f"{day}/01/2026,441945,111338\n" for day in range(13, 30))
    incidents = read_incidents(table(f"date,easting,northing\n{text},441945,111338\n{more}"))
    assert fates(incidents) == ["month not readable"] + [None] * 17


def test_a_column_that_can_only_be_month_first(table):
    rows = "".join(f"06/{day:02}/2026,-1.4,50.9\n" for day in range(1, 31))
    incidents = read_incidents(table("date,longitude,latitude\n" + rows))
    assert set(incidents["month"]) == {pd.Timestamp("2026-06-01")}
    assert incidents.attrs["sources"][0]["dates"] == "MM/DD/YYYY"
    assert any("month first" in note for note in incidents.attrs["notes"])


# Coordinates


def points(rows, x="longitude", y="latitude"):
    return f"month,{x},{y}\n" + "".join(f"2026-06,{a},{b}\n" for a, b in rows)


@pytest.mark.parametrize(
    ("rows", "headings", "system"),
    [
        ([(-1.4049, 50.9)] * 3, ("longitude", "latitude"), "EPSG:4326"),
        ([(-1.4049, 50.9)] * 3, ("x", "y"), "EPSG:4326"),
        ([(441945, 111338)] * 3, ("longitude", "latitude"), "EPSG:27700"),
        ([(441945, 111338)] * 3, ("easting", "northing"), "EPSG:27700"),
        ([(-156392.8, 6603623.9)] * 3, ("x", "y"), "EPSG:3857"),
    ],
)
def test_the_system_is_told_by_its_range(table, rows, headings, system):
    incidents = read_incidents(table(points(rows, *headings)))
    assert incidents.attrs["sources"][0]["source_crs"] == system
    assert incidents["easting"].iloc[0] == pytest.approx(441945, abs=30)
    assert incidents["northing"].iloc[0] == pytest.approx(111338, abs=90)


def test_a_stated_system_is_taken(table):
    path = table(points([(612300, 5639500)] * 3, "x", "y"))
    with pytest.raises(CRSError, match=r"neither longitude and latitude nor.*source_crs"):
        read_incidents(path)
    incidents = read_incidents(path, source_crs="EPSG:32630")
    assert incidents.attrs["crs"] == "EPSG:27700"
    assert incidents["easting"].between(400_000, 500_000).all()
    with pytest.raises(CRSError, match=r"'nonsense' is not a coordinate system"):
        read_incidents(path, source_crs="nonsense")


@pytest.mark.parametrize(
    ("rows", "headings"),
    [
        ([(50.9, -1.4)] * 20 + [(-1.4, 50.9)], ("longitude", "latitude")),
        ([(41.9, -87.7)] * 20, ("longitude", "latitude")),
        ([(111338, 441945)] * 20, ("easting", "northing")),
    ],
)
def test_swapped_coordinates_are_refused_with_the_fix(table, rows, headings):
    with pytest.raises(CRSError, match=r"are swapped: .*columns="):
        read_incidents(table(points(rows, *headings)))


def test_elsewhere_the_metres_are_of_the_zone(table):
    path = table(points([(-90.0, 35.1)] * 99 + [(2.0, 48.0)]))
    assert read_incidents(path).attrs["crs"] == "EPSG:32616"
    assert read_incidents(path, crs="EPSG:32615").attrs["crs"] == "EPSG:32615"
    with pytest.raises(CRSError, match=r"must be in metres"):
        read_incidents(path, crs=4326)


def test_a_point_beyond_the_grid_is_out_of_range(table):
    incidents = read_incidents(table(points([(-1.4, 50.9)] * 30 + [(50.9, -1.4)])))
    assert fates(incidents) == [None] * 30 + ["coordinates out of range"]


# A law: whatever the rows, every one of them is in the frame.

CELL = st.one_of(
    st.sampled_from(
        ["", " ", "2026-06", "13/13/2026", "-1.4", "50.9", "0", "x", 'a"b', "a,b", "a\nb", "-", "é"]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=6),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(CELL, min_size=1, max_size=9), max_size=12), st.sampled_from(",;\t|"))
def test_every_row_ends_up_in_the_frame(rows, delimiter):
    good = ["id", "2026-06", "Theft", "-1.4", "50.9"]
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerows([["id", "month", "category", "longitude", "latitude"], *rows, good])
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "incidents.csv"
        path.write_text(buffer.getvalue(), encoding="utf-8", newline="")
        try:
            incidents = read_incidents(path)
        except CRSError:
            return  # all that have coordinates speak for a swap
    assert len(incidents) == len(rows) + 1
    assert incidents["row"].tolist() == list(range(2, len(rows) + 3))
    refused, unlocated = incidents["refused"].notna(), incidents["unlocated"].notna()
    assert not (refused & unlocated).any()
    counted = ~refused & ~unlocated
    assert np.isfinite(incidents.loc[counted, ["easting", "northing"]].to_numpy()).all()
    assert incidents.loc[~refused, "month"].notna().all()
    assert incidents.loc[unlocated & ~refused, "easting"].isna().all()


@pytest.mark.parametrize("installed", [True, False])
def test_leading_zeros_of_an_id_are_kept(tmp_path, monkeypatch, installed):
    monkeypatch.setattr("geoprofiles.read.arrow.is_installed", lambda: installed)
    path = tmp_path / "calls.csv"
    path.write_text("ref,month,easting,northing\n007,2026-06,441100,111500\n7,2026-06,1e5,2e5\n")
    assert read_incidents(path)["incident_id"].tolist() == ["007", "7"]

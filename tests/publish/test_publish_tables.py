"""Tables and layers: safe in a spreadsheet, readable by others, the same bytes every time."""

from __future__ import annotations

import io
import json

import geopandas
import openpyxl
import pandas as pd
import pytest
import shapely

from geoprofiles.errors import InputError
from geoprofiles.publish.geodata import render_geojson, render_geopackage
from geoprofiles.publish.tables import (
    render_csv,
    render_json,
    render_workbook,
    table_profiles,
)

HOSTILE = ["=cmd|'/c calc'!A1", "+1", "-1", "@sum", "\ttab", "\rreturn", " =1", "Mill", "Côte"]


def test_csv_never_holds_a_formula_and_reads_back():
    frame = pd.DataFrame({"ward": HOSTILE, "count": range(-1, 8)})
    content = render_csv(frame)
    assert content.startswith(b"\xef\xbb\xbf")  # not ASCII: Excel needs the mark
    back = pd.read_csv(io.BytesIO(content))
    assert back["count"].tolist() == list(range(-1, 8))
    assert not back["ward"].str.match(r"^\s*[=+\-@]|^[\t\r]").any()
    assert back["ward"].str.lstrip("'").tolist()[0] == HOSTILE[0]


def test_csv_without_accents_has_no_mark():
    assert render_csv(pd.DataFrame({"a": ["b"]})) == b"a\nb\n"


def test_months_are_months_and_times_are_times():
    frame = pd.DataFrame(
        {
            "month": pd.to_datetime(["2026-06-01", None]),
            "start": pd.to_datetime(["2026-06-03 22:15", None]),
        }
    )
    assert render_csv(frame).decode().splitlines()[1] == "2026-06,2026-06-03 22:15"
    assert json.loads(render_json(frame))[0] == {"month": "2026-06", "start": "2026-06-03 22:15"}
    assert json.loads(render_json(frame))[1] == {"month": None, "start": None}


def test_a_workbook_holds_no_formula_and_says_what_is_missing():
    frame = pd.DataFrame({"ward": HOSTILE, "rate": [1.5, None, 2, 3, 4, 5, 6, 7, 8]})
    content = render_workbook({"Wards [1]: all": frame, "wards (1)  all": frame}, title="Title")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames[0] == "Cover"
    assert len(book.sheetnames) == 3
    sheet = book.worksheets[1]
    assert sheet["A1"].value == "ward"
    assert book.worksheets[1]["B1"].value == "rate"
    assert sheet["B2"].value == 1.5
    assert sheet["B3"].value == "[x]"
    assert sheet.tables
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert all(cell.hyperlink is None for cell in cells)


def test_a_workbook_is_the_same_every_time():
    frame = pd.DataFrame({"ward": ["Mill"], "rate": [1.5]})
    one = render_workbook({"Wards": frame}, title="T", notes=["n"])
    assert one == render_workbook({"Wards": frame}, title="T", notes=["n"])


def test_sheets_of_long_and_equal_names_are_kept_apart():
    frame = pd.DataFrame({"a": [1]})
    names = ["x" * 40, "X" * 40, "History", "a/b", "a?b", ""]
    content = render_workbook(dict.fromkeys(names, frame), title="T")
    found = openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    assert len(found) == 7
    assert max(map(len, found)) <= 31
    assert len({name.lower() for name in found}) == 7


def test_an_empty_workbook_and_package_are_refused():
    with pytest.raises(InputError):
        render_workbook({}, title="T")
    with pytest.raises(InputError):
        render_geopackage({})


def test_an_empty_table_is_a_table():
    frame = pd.DataFrame({"ward": pd.Series([], dtype=str), "rate": pd.Series([], dtype=float)})
    assert render_csv(frame) == b"ward,rate\n"
    render_workbook({"Wards": frame}, title="T")


def layer() -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(
        {
            "name": ["<b>", None],
            "first_month": pd.to_datetime(["2026-06-01", None]),
            "kind": pd.Categorical(["a", "b"]),
            "n": [1, 2],
        },
        geometry=[shapely.box(450_000, 60_000, 450_100, 60_100), shapely.Point(450_000, 60_000)],
        index=pd.Index([1, 2], name="cluster"),
        crs=27700,
    )


def test_layers_read_back_as_they_were():
    back = geopandas.read_file(io.BytesIO(render_geojson(layer())))
    assert back.crs.to_epsg() == 4326
    assert back["cluster"].tolist() == [1, 2]
    moved = back.to_crs(27700).geometry
    assert moved.distance(layer().geometry.reset_index(drop=True)).max() < 0.2
    feature = json.loads(render_geojson(layer()))["features"][1]
    assert feature["properties"]["name"] is None
    ring = json.loads(render_geojson(layer()))["features"][0]["geometry"]["coordinates"][0]
    assert shapely.LinearRing(ring).is_ccw  # RFC 7946
    package = render_geopackage({"one": layer(), "two": layer().iloc[:1]})
    back = geopandas.read_file(io.BytesIO(package), layer="one")
    assert back.crs.to_epsg() == 27700
    assert back["first_month"].iloc[0] == "2026-06"
    assert len(geopandas.read_file(io.BytesIO(package), layer="two")) == 1


def test_layers_are_the_same_every_time():
    assert render_geopackage({"one": layer()}) == render_geopackage({"one": layer()})


def test_a_wide_table_has_a_row_an_area():
    long = pd.DataFrame(
        {
            "area_code": ["A", "B", "A"],
            "area_name": ["Mill", "Quay", "Mill"],
            "indicator": ["Theft", "Theft", "Drugs"],
            "unit": "per 1,000",
            "value": [1.0, 2.0, 3.0],
            "lower": 0.5,
            "upper": 4.0,
            "rank": [2, 1, 1],
        }
    )
    wide = table_profiles(long)
    assert wide["area_code"].tolist() == ["A", "B"]
    assert wide["Theft, per 1,000"].tolist() == [1.0, 2.0]
    assert wide["Drugs: rank"].isna().tolist() == [False, True]

"""Areas from made files: formats by content, codes and names, systems, faults."""

from __future__ import annotations

import gzip
import json
import sqlite3
import warnings
import zipfile

import geopandas
import numpy as np
import pytest
from shapely import MultiPolygon, Point, Polygon, box
from shapely.geometry import mapping

from geoprofiles.errors import CRSError, InputError, InputWarning
from geoprofiles.read import read_areas, read_shapes

EAST, NORTH = 450_000, 60_000
BNG = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}


def square(column, row=0, *, side=1000.0, grow=0.0):
    west, south = EAST + column * side, NORTH + row * side
    return box(west - grow, south - grow, west + side + grow, south + side + grow)


def feature(shape, **properties):
    geometry = None if shape is None else mapping(shape)
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def wards(*shapes):
    return [
        feature(shape, WD25CD=f"E{number}", WD25NM=f"Ward {number}")
        for number, shape in enumerate(shapes, start=1)
    ]


@pytest.fixture
def write(tmp_path):
    """Write features as GeoJSON in the National Grid."""

    def to(features, name="wards.geojson", crs=BNG, **members):
        path = tmp_path / name
        document = {"type": "FeatureCollection", "features": features, **members}
        if crs is not None:
            document["crs"] = crs
        path.write_text(json.dumps(document))
        return path

    return to


@pytest.fixture
def frame():
    return geopandas.GeoDataFrame(
        {"WD25CD": ["E1", "E2"], "WD25NM": ["Mill", "Quay"]},
        geometry=[square(0), square(1)],
        crs=27700,
    )


# Formats


def check_two(areas):
    assert areas.index.tolist() == ["E1", "E2"]
    assert areas.index.name == "area_code"
    assert areas["area_name"].tolist() == ["Mill", "Quay"]
    assert areas.crs.to_epsg() == 27700
    assert np.allclose(areas.area, 1e6, rtol=1e-3)
    assert areas.attrs["kind"] == "ward"
    assert areas.attrs["vintage"] == "2025"
    assert areas.attrs["faults"] == []


@pytest.mark.parametrize("ending", ["geojson", "geojson.gz", "gpkg", "shp", "zip"])
def test_formats(frame, tmp_path, ending):
    path = tmp_path / f"wards.{ending}"
    if ending == "geojson.gz":
        path.write_bytes(gzip.compress(frame.to_crs(4326).to_json().encode()))
    elif ending == "geojson":
        frame.to_crs(4326).to_file(path)
    elif ending == "zip":
        frame.to_file(tmp_path / "inner.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in tmp_path.glob("inner.*"):
                archive.write(part, f"folder/{part.name}")
    else:
        frame.to_file(path)
    areas = read_areas(path)
    check_two(areas)
    facts = areas.attrs["source"]
    assert facts["code_column"] == "WD25CD"
    assert facts["features"] == 2
    assert len(facts["sha256"]) == 64


def test_the_content_decides_not_the_name(frame, tmp_path):
    frame.to_file(tmp_path / "wards.gpkg")
    (tmp_path / "wards.gpkg").rename(tmp_path / "wards.geojson")
    check_two(read_areas(tmp_path / "wards.geojson"))


def topology(**more):
    """Two squares that share the border from (1, 0) to (1, 1), quantised."""
    return {
        "type": "Topology",
        "transform": {"scale": [1000, 1000], "translate": [EAST, NORTH]},
        "arcs": [
            [[1, 0], [0, 1]],
            [[1, 1], [-1, 0], [0, -1], [1, 0]],
            [[1, 0], [1, 0], [0, 1], [-1, 0]],
        ],
        "objects": {
            "wards": {
                "type": "GeometryCollection",
                "geometries": [
                    {
                        "type": "Polygon",
                        "arcs": [[0, 1]],
                        "properties": {"WD25CD": "E1", "WD25NM": "Mill"},
                    },
                    {
                        "type": "MultiPolygon",
                        "arcs": [[[2, -1]]],
                        "properties": {"WD25CD": "E2", "WD25NM": "Quay"},
                    },
                ],
            },
            **more,
        },
    }


def test_topojson(tmp_path):
    path = tmp_path / "wards.topojson"
    path.write_text(json.dumps(topology()))
    areas = read_areas(path, source_crs=27700)
    check_two(areas)
    assert areas.geometry["E2"].geom_type == "MultiPolygon"
    assert areas.geometry["E2"].equals(square(1))
    path.write_text(json.dumps(topology(other={"type": "GeometryCollection", "geometries": []})))
    with pytest.raises(InputError, match=r"2 layers: wards and other.*layer='wards'"):
        read_areas(path, source_crs=27700)
    check_two(read_areas(path, layer="wards", source_crs=27700))
    with pytest.raises(InputError, match=r"Did you mean 'wards'"):
        read_areas(path, layer="ward")
    broken = topology()
    broken["arcs"] = broken["arcs"][:1]
    path.write_text(json.dumps(broken))
    with pytest.raises(InputError, match=r"TopoJSON is damaged"):
        read_areas(path)


def test_layers_of_a_geopackage(frame, tmp_path):
    path = tmp_path / "all.gpkg"
    frame.to_file(path, layer="wards")
    frame.iloc[:1].to_file(path, layer="city")
    with pytest.raises(InputError, match=r"2 layers: wards and city"):
        read_areas(path)
    assert len(read_areas(path, layer="city")) == 1


VRT = (
    "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{}</SrcDataSource>"
    "</OGRVRTLayer></OGRVRTDataSource>"
)


def test_what_is_something_else_never_reaches_gdal(tmp_path, monkeypatch, frame):
    import pyogrio

    def never(*_, **__):
        raise AssertionError("a driver saw the file")

    frame.to_file(tmp_path / "secret.gpkg")
    monkeypatch.setattr(pyogrio, "read_dataframe", never)
    monkeypatch.setattr(pyogrio, "list_layers", never)
    sqlite = tmp_path / "plain.db"
    with sqlite3.connect(sqlite) as database:
        database.execute("create table a (b)")
    gdalg = {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline read secret.gpkg"}
    for name, content, message in (
        ("a.geojson", VRT.format(tmp_path / "secret.gpkg").encode(), "GDAL virtual file"),
        ("b.geojson", json.dumps(gdalg).encode(), "its type is 'gdal_streamed_alg'"),
        ("c.gpkg", sqlite.read_bytes(), "SQLite database, but not a GeoPackage"),
        ("d.geojson", b"<!DOCTYPE html><title>404</title>", "web page"),
        ("e.json", b"[1, 2]", "JSON list"),
        ("f.geojson", b'{"type": "FeatureCollection", "features": [', "not sound JSON.*again"),
        ("g.geojson", b'{"a":' * 100_000, "nested too deeply|not sound JSON"),
        ("h.geojson", b"", "empty"),
        ("i.kml", b"<?xml version='1.0'?><kml/>", "looks like XML"),
        ("j.shp", b"\x00\x00\x27\x0a" + b"\x00" * 96, ".shx part of this shapefile is missing"),
        ("k.geojson", b'{"type": "FeatureCollection", "features": {}}', "no list of features"),
        ("l.geojson", b'{"type": "FeatureCollection", "features": []}', "no features"),
        ("m.geojson", b'{"type": "FeatureCollection", "features": [1]}', "feature 1 is no"),
        ("n.geojson", '{"type": "é"}'.encode("cp1252"), "not UTF-8"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputError, match=message) as caught:
            read_areas(path)
        assert name in str(caught.value)


def test_files_that_are_not_there_or_damaged(tmp_path, frame):
    with pytest.raises(InputError, match=r"no such file"):
        read_areas(tmp_path / "wards.geojson")
    with pytest.raises(InputError, match=r"this is a folder"):
        read_areas(tmp_path)
    frame.to_file(tmp_path / "a.gpkg")
    whole = (tmp_path / "a.gpkg").read_bytes()
    (tmp_path / "b.gpkg").write_bytes(whole[:3000])
    with pytest.raises(InputError, match=r"damaged or cut short"):
        read_areas(tmp_path / "b.gpkg")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(InputError, match=r"zip holds no boundaries; it holds readme.txt"):
        read_areas(tmp_path / "a.zip")
    frame.to_file(tmp_path / "c.shp")
    (tmp_path / "c.dbf").unlink()
    with pytest.raises(InputError, match=r".dbf part"):
        read_areas(tmp_path / "c.shp")


def test_a_download_that_was_cut_off_by_its_server(write):
    with pytest.raises(InputError, match=r"cut off by its server"):
        read_areas(write(wards(square(0)), properties={"exceededTransferLimit": True}))


# Columns


@pytest.mark.parametrize(
    ("properties", "code", "name", "kind", "vintage"),
    [
        ({"LAD25CD": "L", "WD25CD": "*", "WD25NM": "n"}, "WD25CD", "WD25NM", "ward", "2025"),
        ({"FID": "1", "lsoa21cd": "*", "lsoa21nm": "n"}, "lsoa21cd", "lsoa21nm", "LSOA", "2021"),
        ({"lsoa11_name": "n", "lsoa11_code": "*"}, "lsoa11_code", "lsoa11_name", "LSOA", "2011"),
        (
            {"MSOA21CD": "*", "MSOA21NM": "m", "MSOA21HCLNM": "n"},
            "MSOA21CD", "MSOA21HCLNM", "neighbourhood", "2021",
        ),
        ({"OA11CD": "*", "LAD11CD": "L"}, "OA11CD", "OA11CD", "output area", "2011"),
        ({"PCON24CD": "*", "PCON24NM": "n"}, "PCON24CD", "PCON24NM", "constituency", "2024"),
        ({"LOC25CD": "*", "LOC25NM": "n"}, "LOC25CD", "LOC25NM", "locality", "2025"),
        ({"ward_code": "*", "ward_name": "n"}, "ward_code", "ward_name", "ward", ""),
        ({"name": "n", "code": "*"}, "code", "name", "area", ""),
        ({"name": "*"}, "name", "name", "area", ""),
        ({"precinct": "*"}, "precinct", "precinct", "area", ""),
    ],
)  # fmt: skip
def test_columns_are_found(write, properties, code, name, kind, vintage):
    features = [
        feature(
            square(at),
            **{one: f"E{at}" if value == "*" else value for one, value in properties.items()},
        )
        for at in range(3)
    ]
    areas = read_areas(write(features))
    facts = areas.attrs["source"]
    assert (facts["code_column"], facts["name_column"]) == (code, name)
    assert (areas.attrs["kind"], areas.attrs["vintage"]) == (kind, vintage)
    assert areas.index.tolist() == ["E0", "E1", "E2"]


def test_columns_are_named(write):
    path = write([feature(square(0), WD25CD="E1", ref=7, title="Mill", n=3, empty=None)])
    areas = read_areas(path, code="ref", name="title", kind="beat")
    assert areas.index.tolist() == ["7"]
    assert areas["area_name"].tolist() == ["Mill"]
    assert areas.attrs["kind"] == "beat"
    assert areas["n"].tolist() == [3]
    with pytest.raises(InputError, match=r"no column 'WD24CD' for the code.*Did you mean 'WD25CD'"):
        read_areas(path, code="WD24CD")
    with pytest.raises(InputError, match=r"Did you mean 'title'"):
        read_areas(path, name="tittle")


def test_no_code(write):
    with pytest.raises(InputError, match=r"recognised as the code; the columns are a"):
        read_areas(write([feature(square(0), a=1, b=2), feature(square(1), a=1, b=2)]))
    with pytest.raises(InputError, match=r"column 'code': feature 2 has no code"):
        read_areas(write([feature(square(0), code="A"), feature(square(1), code=" ")]), code="code")


def test_a_blank_name_is_the_code(write):
    areas = read_areas(write([feature(square(0), code="A", name=None)]))
    assert areas["area_name"].tolist() == ["A"]


# Coordinate systems


def test_missing_system_and_numbers_beyond_degrees(write, frame, tmp_path):
    path = write(wards(square(0)), crs=None)
    with pytest.raises(CRSError, match=r"does not name its coordinate system.*EPSG:27700"):
        read_areas(path)
    assert read_areas(path, source_crs=27700).area.tolist() == [1e6]
    with pytest.raises(CRSError, match=r"not a coordinate system"):
        read_areas(path, source_crs="EPSG:0")
    wrong = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    with pytest.raises(CRSError, match=r"should be degrees.*source_crs='EPSG:27700'"):
        read_areas(write(wards(square(0)), crs=wrong))
    link = {"type": "link", "properties": {"href": "http://example.invalid/crs"}}
    with pytest.raises(CRSError, match=r"by a link, which is not followed"):
        read_areas(write(wards(square(0)), crs=link))
    frame.set_crs(None, allow_override=True).to_file(tmp_path / "a.shp")
    with pytest.raises(CRSError, match=r"does not name"):
        read_areas(tmp_path / "a.shp")
    frame.to_crs(4326).set_crs(None, allow_override=True).to_file(tmp_path / "b.shp")
    with pytest.warns(InputWarning, match=r"WGS84 was assumed"):
        read_areas(tmp_path / "b.shp")


def test_swapped_axes(write):
    ring = box(50.9, -1.41, 50.91, -1.4)
    with pytest.raises(CRSError, match=r"longitude and latitude are swapped"):
        read_areas(write(wards(ring), crs=None))


def test_metres_elsewhere(write):
    path = write(wards(box(-90.01, 35.1, -90.0, 35.11)), crs=None)
    assert read_areas(path).crs.to_epsg() == 32615
    assert read_areas(path, crs="EPSG:32616").crs.to_epsg() == 32616
    with pytest.raises(CRSError, match=r"must be in metres"):
        read_areas(path, crs=4326)


def test_areas_and_incidents_meet_in_the_same_metres(write, tmp_path):
    from geoprofiles.read import read_incidents

    path = write(wards(box(-1.41, 50.9, -1.4, 50.91)), crs=None)
    corner = read_areas(path).geometry.iloc[0].exterior.coords[:]
    table = tmp_path / "a.csv"
    table.write_text("month,longitude,latitude\n2026-06,-1.41,50.9\n")
    incidents = read_incidents(table)
    assert (incidents["easting"][0], incidents["northing"][0]) in corner


# Faults


def bow_tie():
    return Polygon(
        [(EAST, NORTH), (EAST + 1000, NORTH + 1000), (EAST + 1000, NORTH), (EAST, NORTH + 1000)]
    )


def test_invalid_polygons_are_repaired_and_told(write):
    path = write(wards(bow_tie(), square(1)))
    with pytest.warns(InputWarning, match=r"wards.geojson: 1 invalid polygon was repaired: E1"):
        areas = read_areas(path)
    assert areas.geometry.is_valid.all()
    assert areas.area["E1"] == pytest.approx(500_000)
    assert set(areas.geom_type) <= {"Polygon", "MultiPolygon"}
    assert len(areas.attrs["faults"]) == 1


def test_parts_under_one_code_are_joined(write):
    features = wards(square(0), square(1), square(2))
    features[2]["properties"] = dict(features[0]["properties"])
    with pytest.warns(InputWarning, match=r"E1 came more than once under one name"):
        areas = read_areas(write(features))
    assert areas.index.tolist() == ["E1", "E2"]
    assert areas.area["E1"] == pytest.approx(2e6)
    assert isinstance(areas.geometry["E1"], MultiPolygon)
    features[2]["properties"]["WD25NM"] = "Other"
    with pytest.raises(InputError, match=r"code 'E1' stands for areas of different names"):
        read_areas(write(features))


def test_overlaps_beyond_slivers(write):
    with pytest.warns(InputWarning, match=r"1 pair of areas overlap.*E1 and E2 \(10.0 ha\)"):
        read_areas(write(wards(square(0), square(0.9), square(3))))
    with pytest.warns(InputWarning, match=r"E1 and E2"):
        read_areas(write(wards(square(0), square(2, side=100))))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_areas(write(wards(square(0, grow=1), square(1))))  # a sliver of 1 m


def test_gaps_beyond_slivers(write):
    ring = [square(c, r) for c in range(3) for r in range(3) if (c, r) != (1, 1)]
    with pytest.warns(InputWarning, match=r"1 gap of over 10,000 m².*100.0 ha beside"):
        read_areas(write(wards(*ring)))
    island = square(1, 1).buffer(-20, join_style="mitre")
    with pytest.warns(InputWarning, match=r"1 gap"):
        read_areas(write(wards(*ring, island)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_areas(write(wards(*ring, square(1, 1).buffer(-2, join_style="mitre"))))
        read_areas(write(wards(*ring, square(1, 1))))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (None, "feature 2, 'E2', has no shape"),
        (Polygon(), "feature 2, 'E2', has no shape"),
        (Point(EAST, NORTH), "feature 2, 'E2', is no polygon but a Point"),
        (square(1).exterior, "is no polygon but a Line"),
        (Polygon([(EAST, NORTH), (EAST + 9, NORTH), (EAST, NORTH)]), "encloses nothing"),
    ],
)
def test_shapes_that_cannot_be_areas(write, shape, message):
    with pytest.raises(InputError, match=message):
        read_areas(write(wards(square(0), shape, square(2))))


def test_a_malformed_geometry(write):
    features = wards(square(0))
    features[0]["geometry"] = {"type": "Polygon", "coordinates": [[["a", "b"]]]}
    with pytest.raises(InputError, match=r"geometry of feature 1 cannot be read"):
        read_areas(write(features))


def test_heights_are_dropped(write):
    high = Polygon([(EAST, NORTH, 5), (EAST + 9, NORTH, 5), (EAST, NORTH + 9, 5)])
    assert not read_areas(write(wards(high))).has_z.any()


def test_shapes_of_any_kind(write, tmp_path, frame):
    shapes = read_shapes(write([feature(Point(-1.4, 50.9), n=1)], crs=None))
    assert shapes.crs.to_epsg() == 4326
    assert shapes["n"].tolist() == [1]
    frame.to_file(tmp_path / "a.gpkg")
    assert read_shapes(tmp_path / "a.gpkg").crs.to_epsg() == 27700

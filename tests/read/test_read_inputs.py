"""Files as they come: encodings, delimiters, gzip, zip, workbooks, folders, and bad ones."""

from __future__ import annotations

import contextlib
import functools
import gzip
import io
import stat
import struct
import sys
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoprofiles.errors import InputError
from geoprofiles.read import archives, read_incidents

TEXT = "month,category,place,longitude,latitude\n2026-06,Theft,Café,-1.4049,50.9\n"
STREET = "Crime ID,Month,Longitude,Latitude,Location,LSOA code,Crime type\n"
ROW = "{},2026-06,-1.4049,50.9,Mill,E01,Theft\n"
OUTCOMES = (
    "Crime ID,Month,Longitude,Latitude,Location,LSOA code,Outcome type\na,2026-06,-1,50,,,No\n"
)
SEARCHES = "Type,Date,Latitude,Longitude,Object of search\nPerson,2026-06-01,50,-1,Drugs\n"


@pytest.fixture
def write(tmp_path):
    def to(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


# Encodings and delimiters


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8 with BOM"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
    ],
)
def test_encodings_are_detected(write, encoding, said):
    incidents = read_incidents(write("a.csv", TEXT.encode(encoding)))
    assert incidents["place"].tolist() == ["Café"]
    assert incidents.attrs["sources"][0]["encoding"] == said


def test_a_stated_encoding(write):
    path = write("a.csv", TEXT.encode("cp437"))
    assert read_incidents(path, encoding="cp437")["place"].tolist() == ["Café"]
    with pytest.raises(InputError, match=r"row 2: this is not utf-8 text"):
        read_incidents(path, encoding="utf-8")
    with pytest.raises(InputError, match=r"'utf-9' is not an encoding"):
        read_incidents(path, encoding="utf-9")


@pytest.mark.parametrize(
    ("mark", "said"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "pipe")]
)
def test_delimiters_are_detected(write, mark, said):
    incidents = read_incidents(write("a.csv", TEXT.replace(",", mark)))
    assert len(incidents) == 1
    assert incidents.attrs["sources"][0]["delimiter"] == said


def test_a_stated_delimiter(write):
    path = write("a.csv", TEXT.replace(",", "^"))
    assert read_incidents(path, delimiter="^")["place"].tolist() == ["Café"]
    assert len(read_incidents(write("b.csv", TEXT.replace(",", "\t")), delimiter="tab")) == 1
    with pytest.raises(InputError, match=r"one character"):
        read_incidents(path, delimiter="^^")


def test_what_excel_does_to_csv(write):
    text = "\r\nsep=;\r\n" + TEXT.replace(",", ";").replace("\n", "\r\n") + ";;;;\r\n\r\n"
    incidents = read_incidents(write("a.csv", text))
    assert len(incidents) == 1
    assert incidents["row"].tolist() == [4]
    old_mac = write("b.csv", TEXT.replace("\n", "\r"))
    assert read_incidents(old_mac)["place"].tolist() == ["Café"]


# Ways to name files


def test_gzip_and_standard_input(write, monkeypatch):
    assert len(read_incidents(write("a.csv.gz", gzip.compress(TEXT.encode())))) == 1
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    incidents = read_incidents("-")
    assert incidents["file"].tolist() == ["standard input"]


def test_folders_and_patterns_take_the_street_files(write, tmp_path):
    write("f/2026-06/2026-06-averley-street.csv", STREET + ROW.format("a"))
    write(
        "f/2026-07/2026-07-averley-street.csv.gz",
        gzip.compress((STREET + ROW.format("b")).encode()),
    )
    write("f/2026-06/2026-06-averley-outcomes.csv", OUTCOMES)
    write("f/2026-06/2026-06-averley-stop-and-search.csv", SEARCHES)
    write("f/2026-06/._2026-06-averley-street.csv", b"\x00\x05\x16\x07")
    write("f/readme.txt", "Read me.")
    for path in (tmp_path / "f", str(tmp_path / "f" / "**" / "*.*")):
        incidents = read_incidents(path)
        assert incidents["incident_id"].tolist() == ["a", "b"]
        notes = " ".join(incidents.attrs["notes"])
        assert "1 police.uk outcomes file(s) passed over" in notes
        assert "1 police.uk stop-and-search file(s) passed over" in notes
        assert "1 other file(s)" in notes


def test_renamed_outcomes_in_a_folder_are_passed_over(write, tmp_path):
    write("f/crimes.csv", STREET + ROW.format("a"))
    write("f/other.csv", OUTCOMES)
    write("f/nothing.csv", "")
    write("f/headings.csv", STREET)
    incidents = read_incidents(tmp_path / "f")
    assert len(incidents) == 1
    notes = " ".join(incidents.attrs["notes"])
    assert "other.csv is a police.uk outcomes file" in notes
    assert "nothing.csv is empty" in notes
    assert "headings.csv has headings and no rows" in notes


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("2026-06-averley-outcomes.csv", OUTCOMES, "outcomes"),
        ("2026-06-averley-stop-and-search.csv", SEARCHES, "stop-and-search"),
    ],
)
def test_other_police_files_are_refused_by_name(write, name, text, kind):
    with pytest.raises(InputError, match=f"police.uk {kind} file.*-street.csv"):
        read_incidents(write(name, text))


def test_a_download_is_read_without_unpacking(tmp_path):
    path = zipped(
        tmp_path / "latest.zip",
        {
            "2026-06/2026-06-averley-street.csv": STREET + ROW.format("a") + ROW.format(""),
            "2026-06/2026-06-averley-outcomes.csv": OUTCOMES,
            "2026-07/2026-07-averley-street.csv": STREET + ROW.format("b"),
            "__MACOSX/2026-07/._2026-07-averley-street.csv": "x",
        },
    )
    incidents = read_incidents(path)
    assert len(incidents) == 3
    assert [one["file"].removeprefix(str(path)) for one in incidents.attrs["sources"]] == [
        "/2026-06/2026-06-averley-street.csv",
        "/2026-07/2026-07-averley-street.csv",
    ]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["latest.zip"]


def test_a_workbook(tmp_path):
    import datetime

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Ref", "Type", "Date", "Easting", "Northing"])
    sheet.append([1, "Theft", datetime.datetime(2026, 6, 3, 14, 30), 441945, 111338.5])
    sheet.append([2, None, datetime.date(2026, 6, 4), 441945.0, None])
    sheet.append([None] * 5)
    book.save(tmp_path / "a.xlsx")
    incidents = read_incidents(tmp_path / "a.xlsx")
    assert incidents["incident_id"].tolist() == ["1", "2"]
    assert incidents["start"].dt.hour.tolist() == [14, 0]
    assert incidents["northing"].tolist()[0] == 111338.5
    assert incidents["category"].tolist() == ["Theft", "(not stated)"]
    assert incidents["unlocated"].tolist()[1] == "no coordinates"
    assert incidents.attrs["sources"][0]["format"] == "xlsx"


# Bad files: each message names the file and what to do


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", r"a\.csv: the file is empty \(0 bytes\)"),
        ("a.csv", b"  \n\n", "the file is empty"),
        ("a.csv", TEXT.split("\n", 1)[0].encode(), "headings and no rows"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "binary file"),
        ("a.csv", b"\x1f\x8b\x08\x00", "gzip file, not a CSV.*csv.gz"),
        ("a.csv", b"PK\x03\x04 and so on", "zip file, not a CSV"),
        ("a.csv", b"\xd0\xcf\x11\xe0", "old Excel workbook"),
        (
            "a.csv.gz",
            gzip.compress(TEXT.encode() * 9, mtime=0)[:-20],
            "damaged or cut short.*again",
        ),
        ("a.csv.gz", TEXT.encode(), "not a gzip file"),
        ("a.csv.gz", b"", "the file is empty"),
        ("a.zip", TEXT.encode(), "not a zip file"),
        ("a.xlsx", b"PK\x03\x04 and so on", "zip file, not a CSV"),
    ],
)
def test_bad_files(write, name, content, message):
    with pytest.raises(InputError, match=message) as caught:
        read_incidents(write(name, content))
    assert caught.value.file is not None
    assert caught.value.file.endswith(name)


def test_what_is_not_there(write, tmp_path):
    write("incidents.csv", TEXT)
    with pytest.raises(InputError, match=r"no such file. Did you mean 'incidents.csv'"):
        read_incidents(tmp_path / "incident.csv")
    with pytest.raises(InputError, match=r"folder is missing too"):
        read_incidents(tmp_path / "nowhere" / "a.csv")
    with pytest.raises(InputError, match=r"no file fits this pattern"):
        read_incidents(tmp_path / "*.xlsx")
    with pytest.raises(InputError, match=r"no file was given"):
        read_incidents([])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"folder holds no incident file"):
        read_incidents(tmp_path / "empty")
    write("only/2026-06-averley-outcomes.csv", OUTCOMES)
    with pytest.raises(InputError, match=r"none with street-level crimes"):
        read_incidents(tmp_path / "only")
    write("some/other.csv", OUTCOMES)
    with pytest.raises(InputError, match=r"none of the files here holds incidents"):
        read_incidents(tmp_path / "some")


# Hostile zips


@pytest.mark.parametrize(
    "name", ["../a.csv", "/a.csv", "x/../../a.csv", "C:\\a.csv", "x\\..\\a.csv"]
)
def test_names_that_reach_outside(tmp_path, name):
    path = zipped(tmp_path / "a.zip", {"ok.csv": TEXT, name: TEXT})
    with pytest.raises(InputError, match=r"reaches outside the zip"):
        read_incidents(path)


def test_links_and_twins(tmp_path):
    link = zipfile.ZipInfo("link.csv")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/hostname")
    with pytest.raises(InputError, match=r"a link instead of a file"):
        read_incidents(tmp_path / "link.zip")
    with (
        pytest.warns(UserWarning, match=r"Duplicate"),
        zipfile.ZipFile(tmp_path / "t.zip", "w") as z,
    ):
        z.writestr("a.csv", TEXT)
        z.writestr("a.csv", TEXT)
    with pytest.raises(InputError, match=r"the same name twice"):
        read_incidents(tmp_path / "t.zip")


def patched(path, *, flags=None, method=None, size=None):
    """Change the one member of a zip: flags, method or declared size, in both headers."""
    raw = bytearray(path.read_bytes())
    central = raw.index(b"PK\x01\x02")
    for value, local, middle, form in (
        (flags, 6, central + 8, "<H"),
        (method, 8, central + 10, "<H"),
        (size, 22, central + 24, "<I"),
    ):
        if value is not None:
            struct.pack_into(form, raw, local, value)
            struct.pack_into(form, raw, middle, value)
    path.write_bytes(raw)
    return path


def test_encrypted_and_deflate64_and_damaged(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.csv": TEXT})
    with pytest.raises(InputError, match=r"encrypted"):
        read_incidents(patched(path, flags=1))
    path = zipped(tmp_path / "b.zip", {"a.csv": TEXT})
    with pytest.raises(InputError, match=r"deflate64.*Unpack the zip"):
        read_incidents(patched(path, method=9))
    path = zipped(tmp_path / "c.zip", {"a.csv": TEXT})
    path.write_bytes(path.read_bytes().replace(TEXT[:0].encode() or b"\x05", b"\x06"))
    with pytest.raises(InputError):
        read_incidents(path)


def test_bombs_are_stopped_while_reading(tmp_path, write, monkeypatch):
    monkeypatch.setattr(archives, "SMALL", 100_000)
    bomb = zipped(tmp_path / "a.zip", {"a.csv": TEXT + " " * 30_000_000})
    with pytest.raises(InputError, match=r"too much to be sound"):
        read_incidents(bomb)
    packed = gzip.compress(b" " * 30_000_000)
    with pytest.raises(InputError, match=r"too much to be sound"):
        read_incidents(write("a.csv.gz", packed))
    monkeypatch.setattr(archives, "LARGEST_FILE", 10_000)
    with pytest.raises(InputError, match=r"declares"):
        read_incidents(zipped(tmp_path / "b.zip", {"a.csv": TEXT * 1000}))
    # A member that declares less than it holds is cut off, and its checksum tells.
    monkeypatch.undo()
    liar = patched(zipped(tmp_path / "c.zip", {"a.csv": TEXT * 1000}), size=70)
    with pytest.raises(InputError, match=r"damaged"):
        read_incidents(liar)


def test_a_zip_of_something_else(tmp_path):
    path = zipped(tmp_path / "a.zip", {"wards.shp": "x", "wards.dbf": "x"})
    with pytest.raises(InputError, match=r"holds wards.shp and wards.dbf.*read_areas"):
        read_incidents(path)


def test_hostile_workbooks(tmp_path, monkeypatch):
    entities = zipped(
        tmp_path / "a.xlsx",
        {"[Content_Types].xml": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'},
    )
    with pytest.raises(InputError, match=r"XML entities"):
        read_incidents(entities)
    damaged = zipped(tmp_path / "b.xlsx", {"[Content_Types].xml": "<x>"})
    with pytest.raises(InputError, match=r"damaged or unusual workbook"):
        read_incidents(damaged)
    book = openpyxl.Workbook()
    book.save(tmp_path / "c.xlsx")
    with pytest.raises(InputError, match=r"workbook is empty"):
        read_incidents(tmp_path / "c.xlsx")
    monkeypatch.setattr(archives, "LARGEST_FILE", 1000)
    with pytest.raises(InputError, match=r"unpacks to more than"):
        read_incidents(tmp_path / "c.xlsx")


@functools.cache
def whole_files() -> dict[str, bytes]:
    """One sound file of each kind, made once: a workbook's size differs from save to save."""
    plain = (STREET + ROW.format("a") * 3).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2026-06-averley-street.csv", plain)
    book = openpyxl.Workbook()
    book.active.append(["month", "longitude", "latitude"])
    book.active.append(["2026-06", -1.4, 50.9])
    sheet = io.BytesIO()
    book.save(sheet)
    return {
        "csv": plain,
        "csv.gz": gzip.compress(plain, mtime=0),
        "zip": packed.getvalue(),
        "xlsx": sheet.getvalue(),
    }


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_mutilated_files_end_in_one_clear_line(data):
    """Whatever is done to a file, it is read whole or refused by an error of ours."""
    ending = data.draw(st.sampled_from(sorted(whole_files())))
    raw = whole_files()[ending]
    at = data.draw(st.integers(0, len(raw)))
    until = data.draw(st.integers(at, min(len(raw), at + 30)))
    spoilt = raw[:at] + data.draw(st.binary(max_size=4)) + raw[until:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"incidents.{ending}"
        path.write_bytes(spoilt)
        with contextlib.suppress(InputError):
            incidents = read_incidents(path)
            assert len(incidents) == sum(one["rows"] for one in incidents.attrs["sources"])

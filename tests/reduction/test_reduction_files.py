"""Files reduced piece by piece give what reading, locating and counting at once gives."""

from __future__ import annotations

import gzip
import itertools

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import box

import geoprofiles
from geoprofiles.errors import CRSError, InputError
from geoprofiles.read import arrow
from geoprofiles.read.scan import Reading
from geoprofiles.reduction import files as reduction
from geoprofiles.reduction import ids

STREET = "Crime ID,Month,Longitude,Latitude,Location,LSOA code,Crime type\n"


def areas() -> geopandas.GeoDataFrame:
    shapes = [box(441_000 + x, 111_000, 441_500 + x, 112_000) for x in (0, 500)]
    return geopandas.GeoDataFrame(
        {"area_name": ["Mill", "Quay"]},
        geometry=shapes,
        index=pd.Index(["A", "B"], name="area_code"),
        crs=27700,
    )


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Compare values, not how categories are stored."""
    coded = [name for name in table if isinstance(table[name].dtype, pd.CategoricalDtype)]
    return table.astype(dict.fromkeys(coded, object))


def check_equal(paths, sets=None, **reading):
    """Compare the two ways, for several sizes of piece and numbers of threads."""
    sets = sets or {"area": areas()}
    incidents = geoprofiles.read_incidents(paths, crs=27700, **reading)
    tally, places = geoprofiles.tally_incidents(incidents, sets)
    tallied = geoprofiles.tally_files(paths, sets, **reading)
    pd.testing.assert_frame_equal(plain(tallied.tally), plain(tally))
    pd.testing.assert_frame_equal(plain(tallied.places), plain(places))
    assert tallied.rows == len(incidents) == int(tallied.tally["rows"].sum()) // len(sets)
    assert tallied.notes == incidents.attrs["notes"]
    assert tallied.sources == incidents.attrs["sources"]
    located = geoprofiles.locate(incidents, next(iter(sets.values())))
    kind = next(iter(sets))
    counts = geoprofiles.count_by_area(located, sets[kind])
    pd.testing.assert_frame_equal(
        plain(geoprofiles.count_tally(tallied.tally, sets[kind], kind=kind)), plain(counts)
    )
    pd.testing.assert_frame_equal(
        geoprofiles.reconcile_tally(tallied.tally, kind=kind).astype(object),
        geoprofiles.reconcile(located).astype(object),
    )
    return tallied


@pytest.fixture(params=[1 << 24, 200, 37], ids=lambda size: f"blocks of {size}")
def small_pieces(request, monkeypatch):
    monkeypatch.setattr(Reading, "block", request.param)
    monkeypatch.setattr(
        reduction, "Reading", lambda *a, **k: Reading(*a, **{"block": request.param, **k})
    )


@pytest.fixture(params=[True, False], ids=["with arrow", "without arrow"])
def readers(request, monkeypatch):
    if request.param:
        pytest.importorskip("pyarrow")
    monkeypatch.setattr(arrow, "is_installed", lambda: request.param)


def street_row(rng, number, *, ids_from=30, months=("2026-05", "2026-06")):
    incident = f"{rng.integers(ids_from):064x}" if rng.random() < 0.6 else ""
    month = rng.choice([*months, "June", ""], p=[0.47, 0.47, 0.03, 0.03])
    x, y = -1.4 + rng.integers(-3, 9) / 500, 50.9 + rng.integers(-3, 6) / 500
    place = {0: ",", 1: "x,50.9", 2: "0,0", 3: "200,50.9"}.get(rng.integers(40), f"{x:.4f},{y:.4f}")
    category = rng.choice(["Theft", "Burglary", "", '"Drugs, other"'])
    row = f"{incident},{month},{place},On or near High Street,E01,{category}"
    return {5: row + ",more", 6: "", 7: ",,,,,,"}.get(rng.integers(60), row) + "\n"


@pytest.mark.filterwarnings("ignore::geoprofiles.errors.InputWarning")
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10**6))
def test_messy_street_files_of_several_months(seed, tmp_path_factory, monkeypatch, readers):
    """IDs repeated within and across files, months given twice, broken rows."""
    rng = np.random.default_rng(seed)
    folder = tmp_path_factory.mktemp("street")
    months = ["2026-05-averley", "2026-06-averley", "2026-05-other"]
    names = [f"{month}-street.csv" for month in months]
    for at, name in enumerate(names):
        rows = [
            street_row(rng, n, ids_from=rng.choice([20, 200])) for n in range(rng.integers(1, 30))
        ]
        target = folder / str(at) / name
        target.parent.mkdir()
        target.write_text(STREET + "".join(rows))
        if rng.random() < 0.4:  # a second download of the month, partly other
            again = folder / f"again{at}" / name
            again.parent.mkdir()
            keep = [row for row in rows if rng.random() < rng.choice([0.3, 0.9, 1.0])]
            more = [street_row(rng, n) for n in range(3)]
            again.write_text(STREET + "".join([*keep, *more]))
    size = int(rng.choice([60, 300, 1 << 20]))
    monkeypatch.setattr(reduction, "Reading", lambda *a, **k: Reading(*a, **{"block": size, **k}))
    monkeypatch.setattr(ids, "RUN", int(rng.choice([7, 2_000_000])))
    check_equal([folder], repeated_ids=str(rng.choice(["first", "keep"])))


def test_mapped_files_whose_ids_start_again(tmp_path, small_pieces, readers):
    for at, month in enumerate(("05", "06")):
        rows = [
            f"{n % 40},{n % 28 + 1:02d}/{month}/2026,{441_100 + n * 5 % 900},{111_500},Theft"
            for n in range(60)
        ]
        text = "ref,date,easting,northing,type\n" + "\n".join(rows) + "\n"
        (tmp_path / f"calls{at}.csv").write_text(text)
    (tmp_path / "calls2.csv").write_text((tmp_path / "calls1.csv").read_text())
    tallied = check_equal([tmp_path])
    assert any("same content" in note for note in tallied.notes)


def test_what_only_the_whole_file_tells(tmp_path, small_pieces, readers):
    """The first piece speaks for day first, for metres and for UTF-8; the rest against it."""
    early = "".join(f"0{n % 9 + 1}/02/2026,1,1,Theft\n" for n in range(30))
    late = "".join(
        f"03/{n % 18 + 13}/2026,{441_100 + n},{111_200 + n},Caf\xe9\n" for n in range(90)
    )
    path = tmp_path / "turned.csv"
    path.write_bytes(("date,easting,northing,type\n" + early + late).encode("cp1252"))
    tallied = check_equal([path])
    assert tallied.sources[0]["dates"] == "MM/DD/YYYY"
    assert tallied.sources[0]["encoding"] == "cp1252"


QUOTED = [
    'a,2026-06,441100,111500,"Theft, other"\n',
    'b,2026-06,441200,111500,"two\nlines, here"\n',
    'c,2026-06,441300,111500,"a ""word"" here"\n',
    "d,2026-06,441400,111500,Theft\r\n",
    'e,2026-06,441500,111500,5" pipe\n',
    "f,2026-06,441600,111500,Drugs,too many\n",
    "\n",
    ",,,,\n",
]


def orders() -> list[list[int]]:
    """Eight orders of the eight rows in which each row follows each other row once.

    E. J. Williams, Australian Journal of Scientific Research A 2 (1949).
    """
    number = len(QUOTED)
    first = [at // 2 + 1 if at % 2 else -(at // 2) for at in range(number)]
    return [[(row + start) % number for row in first] for start in range(number)]


def test_each_row_follows_each_other():
    follows = {pair for order in orders() for pair in itertools.pairwise(order)}
    assert len(follows) == len(QUOTED) * (len(QUOTED) - 1)


@pytest.mark.parametrize("order", orders())
def test_quotation_marks_and_blank_rows_at_any_cut(tmp_path, order, readers, monkeypatch):
    rows = "".join(QUOTED[at] for at in order)
    path = tmp_path / "marks.csv"
    path.write_bytes(
        f"ref,month,easting,northing,type\n{rows}g,2026-06,441100,111500,x\n{rows}".encode()
    )
    for size in (30, 47, 64, 1 << 20):
        monkeypatch.setattr(
            reduction, "Reading", lambda *a, size=size, **k: Reading(*a, **{"block": size, **k})
        )
        check_equal([path])


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffmonth,easting,northing\n2026-06,441100,111500\n",
        "\r\n\r\nsep=;\nmonth;easting;northing\n2026-06;441100;111500\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_marks_at_the_front(tmp_path, text, encoding, small_pieces):
    path = tmp_path / "front.csv"
    path.write_bytes(text.encode(encoding))
    check_equal([path])


def test_old_ends_of_lines_and_packed_files(tmp_path, small_pieces):
    (tmp_path / "mac.csv").write_bytes(
        b"month,easting,northing\r2026-06,441100,111500\r2026-06,441200,111500\r"
    )
    text = "month,easting,northing\n" + "2026-06,441100,111500\n" * 50
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(text.encode()))
    check_equal([tmp_path])


def test_rows_in_errors_are_those_of_the_file(tmp_path, small_pieces):
    rows = "".join(f"{n},2026-06,441100,111500\n" for n in range(50))
    path = tmp_path / "open.csv"
    path.write_text("ref,month,easting,northing\n" + rows + 'x,2026-06,441100,"111500\n' + rows)
    with pytest.raises(InputError) as whole:
        geoprofiles.read_incidents(path)
    with pytest.raises(InputError) as pieces:
        geoprofiles.tally_files(path, areas())
    assert str(pieces.value) == str(whole.value)
    assert pieces.value.row == 52


def test_a_month_that_cannot_be_read_is_named_by_its_row(tmp_path, small_pieces):
    rows = [f"{n},2026-06,441100,111500\n" for n in range(50)]
    rows[40] = "40,never,441100,111500\n"
    path = tmp_path / "calls.csv"
    path.write_text("ref,month,easting,northing\n" + "".join(rows))
    assert "the first is row 42" in check_equal([path]).notes[0]


def test_truncated_gzip_and_swapped_coordinates_are_refused(tmp_path, small_pieces):
    text = "month,easting,northing\n" + "".join(
        f"2026-06,{441_000 + n},111500\n" for n in range(999)
    )
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(text.encode())[:-20])
    with pytest.raises(InputError, match="damaged or cut short"):
        geoprofiles.tally_files(cut, areas())
    swapped = tmp_path / "swapped.csv"
    swapped.write_text("month,latitude,longitude\n" + "2026-06,-1.4,50.9\n" * 9)
    with pytest.raises(CRSError, match="swapped: 0 of 9"):
        geoprofiles.tally_files(swapped, areas())


def test_a_file_that_changes_while_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "growing.csv"
    path.write_text("month,easting,northing\n" + "2026-06,441100,111500\n" * 50)

    def grow(name, done, total):
        with path.open("a") as file:
            file.write("2026-06,441100,111500\n")

    monkeypatch.setattr(reduction, "Reading", lambda *a, **k: Reading(*a, **{"block": 100, **k}))
    with pytest.raises(InputError, match="changed while it was read"):
        geoprofiles.tally_files(path, areas(), progress=grow)


def test_many_points_are_rounded_whatever_the_order(tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    xy = rng.random((400, 2)) * [900, 900] + [441_000, 111_000]
    rows = [f"2026-06,{x:.3f},{y:.3f}\n" for x, y in xy]
    monkeypatch.setattr("geoprofiles.reduction.coded.MOST_PLACES", 50)
    found = []
    for order in (range(400), rng.permutation(400)):
        path = tmp_path / "pings.csv"
        path.write_text("month,easting,northing\n" + "".join(rows[at] for at in order))
        monkeypatch.setattr(
            reduction, "Reading", lambda *a, **k: Reading(*a, **{"block": 700, **k})
        )
        monkeypatch.setattr("geoprofiles.reduction.coded.PENDING", 20)
        found.append(geoprofiles.tally_files(path, areas()))
    assert [one.place_step for one in found] == [1000.0, 1000.0]
    pd.testing.assert_frame_equal(plain(found[0].places), plain(found[1].places))
    assert "rounded down" in " ".join(found[0].notes)
    assert int(found[0].places["rows"].sum()) == 400


@pytest.mark.real
def test_southampton_and_all_of_hampshire(shared_data):
    boundaries = shared_data / "boundaries"
    sets = {
        "ward": geoprofiles.read_areas(boundaries / "southampton_wards_2025.geojson"),
        "lsoa": geoprofiles.read_areas(boundaries / "southampton_lsoa_2021.geojson"),
    }
    police = shared_data / "police"
    tallied = check_equal([police / "southampton", police / "hampshire" / "2021-03"], sets)
    assert tallied.rows > 96_027

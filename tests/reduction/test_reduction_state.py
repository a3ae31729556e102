"""A kept state: new months are added, revised ones replaced, and nothing else is read again."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
import toy

import geoprofiles
from geoprofiles.errors import InputError, OutputError
from geoprofiles.reduction import files as reduction
from geoprofiles.reduction import state as kept


def month_file(folder, month, rows, *, name="averley"):
    folder.mkdir(exist_ok=True)
    path = folder / f"{month}-{name}-street.csv"
    lines = [f"{i},{month},{x},{y},Theft\n" for i, x, y in rows]
    path.write_text("Crime ID,Month,Longitude,Latitude,Crime type\n" + "".join(lines))
    return path


HERE, THERE = (-1.428, 50.889), (-1.414, 50.889)


def areas():
    return toy.areas()


def counted(tallied):
    tally = tallied.tally[tallied.tally["fate"] == "counted"]
    return tally.groupby([tally["month"].dt.strftime("%Y-%m"), "area_code"], observed=True)[
        "rows"
    ].sum()


@pytest.fixture
def reads(monkeypatch):
    """Names of the files that were reduced."""
    names = []
    whole = reduction.reduce_item

    def spied(item, *rest):
        names.append(item.base)
        return whole(item, *rest)

    monkeypatch.setattr(reduction, "reduce_item", spied)
    return names


def test_a_new_month_is_added_without_reading_the_old(tmp_path, reads):
    may = month_file(tmp_path / "in", "2026-05", [("a", *HERE), ("b", *HERE), ("c", *THERE)])
    geoprofiles.tally_files(may, areas(), state=tmp_path / "state")
    june = month_file(tmp_path / "in", "2026-06", [("d", *HERE), ("a", *HERE)])
    reads.clear()
    tallied = geoprofiles.tally_files([may, june], areas(), state=tmp_path / "state")
    assert reads == [june.name]
    afresh = geoprofiles.tally_files([may, june], areas())
    pd.testing.assert_frame_equal(tallied.tally.astype(object), afresh.tally.astype(object))
    pd.testing.assert_frame_equal(tallied.places.astype(object), afresh.places.astype(object))
    assert tallied.notes == afresh.notes
    assert "1 row of an ID that an earlier row has" in tallied.notes[0]
    # The new month alone is enough: the state holds the other.
    july = month_file(tmp_path / "in", "2026-07", [("e", *THERE)])
    tallied = geoprofiles.tally_files(july, areas(), state=tmp_path / "state")
    assert counted(tallied).groupby(level=0).sum().to_dict() == {
        "2026-05": 3, "2026-06": 1, "2026-07": 1,
    }  # fmt: skip


def test_a_revised_month_replaces_its_earlier_version(tmp_path):
    state = tmp_path / "state"
    rows = [("a", *HERE), ("b", *HERE), ("c", *THERE)]
    geoprofiles.tally_files(month_file(tmp_path / "one", "2026-05", rows), areas(), state=state)
    revised = month_file(tmp_path / "two", "2026-05", [("x", *THERE)])
    tallied = geoprofiles.tally_files(revised, areas(), state=state)
    assert tallied.rows == 1
    assert any("replaced by a later version" in note for note in tallied.notes)
    assert len(json.loads((state / "state.json").read_text())["files"]) == 1
    assert len(list(state.iterdir())) == 3


def test_two_extracts_of_one_name_given_together_both_stay(tmp_path):
    one = month_file(tmp_path / "one", "2026-05", [("a", *HERE)])
    two = month_file(tmp_path / "two", "2026-05", [("b", *THERE)])
    tallied = geoprofiles.tally_files([one, two], areas(), state=tmp_path / "state")
    assert tallied.rows == 2
    assert int(counted(tallied).sum()) == 2


def test_a_run_that_breaks_off_is_gone_on_with(tmp_path, reads, monkeypatch):
    files = [
        month_file(tmp_path / "in", f"2026-0{n}", [(f"{n}{k}", *HERE) for k in range(5)])
        for n in (4, 5, 6)
    ]
    broken = files[2].read_text()
    files[2].write_bytes(b"\x00broken")
    with pytest.raises(InputError, match="binary"):
        geoprofiles.tally_files(files, areas(), state=tmp_path / "state")
    files[2].write_text(broken)
    reads.clear()
    tallied = geoprofiles.tally_files(files, areas(), state=tmp_path / "state")
    assert reads == [files[2].name]
    assert tallied.rows == 15


def test_a_disk_that_fills_leaves_the_state_as_it_was(tmp_path, monkeypatch):
    may = month_file(tmp_path / "in", "2026-05", [("a", *HERE)])
    june = month_file(tmp_path / "in", "2026-06", [("b", *HERE)])
    state = tmp_path / "state"
    geoprofiles.tally_files(may, areas(), state=state)
    before = {path.name: path.read_bytes() for path in state.iterdir()}

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(kept, "_save_array", full)
        with pytest.raises(OutputError, match="No space left"):
            geoprofiles.tally_files([may, june], areas(), state=state)
    after = {path.name: path.read_bytes() for path in state.iterdir()}
    assert {name: after[name] for name in before} == before
    assert geoprofiles.tally_files([may, june], areas(), state=state).rows == 2


def test_states_of_something_else_are_refused(tmp_path):
    may = month_file(tmp_path / "in", "2026-05", [("a", *HERE)])
    state = tmp_path / "state"
    geoprofiles.tally_files(may, areas(), state=state)
    with pytest.raises(InputError, match="other boundaries"):
        geoprofiles.tally_files(may, areas().iloc[:2], state=state)
    with pytest.raises(InputError, match="repeated IDs"):
        geoprofiles.tally_files(may, areas(), state=state, repeated_ids="keep")
    listing = state / "state.json"
    content = json.loads(listing.read_text())
    listing.write_text(json.dumps({**content, "geoprofiles state": 99}))
    with pytest.raises(InputError, match="of version 99"):
        geoprofiles.tally_files(may, areas(), state=state)
    listing.write_text("{")
    with pytest.raises(InputError, match="damaged"):
        geoprofiles.tally_files(may, areas(), state=state)
    listing.write_text(json.dumps(content))
    next(state.glob("*.npz")).write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(InputError, match="damaged or missing"):
        geoprofiles.tally_files(may, areas(), state=state)
    other = tmp_path / "other"
    shutil.copytree(tmp_path / "in", other)
    with pytest.raises(OutputError, match="no kept state"):
        geoprofiles.tally_files(may, areas(), state=other)


def test_an_index_in_a_file(tmp_path):
    path = tmp_path / "wards.npz"
    built = geoprofiles.keep_index(areas(), path)
    x, y = [toy.WEST + 500.0, toy.WEST + 2500.0], [toy.SOUTH + 500.0] * 2
    read = geoprofiles.keep_index(areas(), path)
    assert read.locate(x, y).tolist() == built.locate(x, y).tolist() == [0, 2]
    assert read.nbytes == built.nbytes
    with pytest.raises(InputError, match="of other boundaries"):
        geoprofiles.keep_index(areas().iloc[::-1], path)
    content = path.read_bytes()
    for cut in (content[:300], b"", b"no index"):
        path.write_bytes(cut)
        with pytest.raises(InputError, match="no index of areas, or it is damaged"):
            geoprofiles.keep_index(areas(), path)


def test_an_index_of_another_version(tmp_path, monkeypatch):
    path = tmp_path / "wards.npz"
    with monkeypatch.context() as patch:
        patch.setattr("geoprofiles.reduction.index_file.VERSION", 0)
        geoprofiles.keep_index(areas(), path)
    with pytest.raises(InputError, match="of version 0"):
        geoprofiles.keep_index(areas(), path)

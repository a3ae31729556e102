"""Whole or not at all: real failures of the disk, and nothing of the user's is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from geoprofiles.errors import OutputError
from geoprofiles.write import sha256, write_file, write_folder


def manifest(files: dict[str, bytes]) -> bytes:
    outputs = [{"file": name, "sha256": sha256(content)} for name, content in files.items()]
    return json.dumps({"versions": {"geoprofiles": "0"}, "outputs": outputs}).encode()


def ours(content: bytes = b"one") -> dict[str, bytes]:
    files = {"index.html": content, "tables/a.csv": b"a\n"}
    return files | {"manifest.json": manifest(files)}


def listing(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_folder_of_ours_is_replaced(tmp_path):
    write_folder(tmp_path / "out", ours())
    write_folder(tmp_path / "out", ours(b"two"))
    assert (tmp_path / "out" / "index.html").read_bytes() == b"two"
    assert listing(tmp_path) == {
        "out", "out/index.html", "out/tables", "out/tables/a.csv", "out/manifest.json",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["notes.txt", "tables/b.csv"])
def test_a_file_added_by_hand_is_never_lost(tmp_path, name):
    write_folder(tmp_path / "out", ours())
    (tmp_path / "out" / name).write_text("mine")
    with pytest.raises(OutputError, match="was added since"):
        write_folder(tmp_path / "out", ours(b"two"))
    assert (tmp_path / "out" / name).read_text() == "mine"
    assert (tmp_path / "out" / "index.html").read_bytes() == b"one"


def test_a_file_changed_by_hand_is_never_lost(tmp_path):
    write_folder(tmp_path / "out", ours())
    (tmp_path / "out" / "tables" / "a.csv").write_text("edited")
    with pytest.raises(OutputError, match="was changed since"):
        write_folder(tmp_path / "out", ours(b"two"))
    write_folder(tmp_path / "out", ours(b"two"), overwrite=True)
    assert (tmp_path / "out" / "tables" / "a.csv").read_text() == "a\n"


def test_a_folder_that_is_not_ours_is_refused(tmp_path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(OutputError, match="not made by geoprofiles"):
        write_folder(tmp_path, ours())
    assert listing(tmp_path) == {"thesis.doc"}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"versions": 1}', "not json"])
def test_a_foreign_manifest_does_not_make_a_folder_ours(tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(OutputError, match="not made by geoprofiles"):
        write_folder(tmp_path, ours())


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "out").mkdir()
    write_folder(tmp_path / "out", ours())
    assert (tmp_path / "out" / "index.html").exists()


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="this is a file"):
        write_folder(tmp_path / "out", ours())
    with pytest.raises(OutputError, match="is a file"):
        write_folder(tmp_path / "out" / "deeper", ours())
    assert (tmp_path / "out").read_text() == "a file"


def test_no_name_leads_out_of_the_folder(tmp_path):
    with pytest.raises(OutputError, match="may not lead out"):
        write_folder(tmp_path / "out", {"../escaped.txt": b""})
    assert listing(tmp_path) == set()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OutputError, match=r"nowhere.*does not exist"):
        write_file(tmp_path / "nowhere" / "a.csv", b"")


def test_rights_of_an_existing_file_are_kept(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("old")
    file.chmod(0o640)
    write_file(file, "new")
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o640


FULL_DISK = """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    from geoprofiles.errors import OutputError
    from geoprofiles.write import write_file, write_folder
    for write in (
        lambda: write_file("{folder}/a.csv", b"x" * 5000),
        lambda: write_folder("{folder}/out", {{"a": b"x", "b": b"x" * 5000}}, overwrite=True),
    ):
        try:
            write()
        except OutputError as error:
            print(error)
"""


@pytest.mark.skipif(os.name == "nt", reason="limits of a process are set so only on POSIX")
def test_a_full_disk_leaves_everything_as_it_was(tmp_path):
    (tmp_path / "a.csv").write_text("earlier")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kept.txt").write_text("earlier")
    code = textwrap.dedent(FULL_DISK.format(folder=tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("the disk is full") == 2
    assert listing(tmp_path) == {"a.csv", "out", "out/kept.txt"}
    assert (tmp_path / "a.csv").read_text() == "earlier"


INTERRUPTED = """
    import os, signal, sys
    from pathlib import Path
    from geoprofiles import write
    # Children of a shell's "&" are told to ignore Ctrl-C: this one is not to.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    real = write._write_inside
    def slow(folder, name, content):
        real(folder, name, content)
        os.kill(os.getpid(), signal.SIGINT)
    write._write_inside = slow
    try:
        write.write_folder(Path("{folder}") / "out", {{"a": b"x", "b": b"y"}}, overwrite=True)
    except KeyboardInterrupt:
        print("stopped")
"""


@pytest.mark.skipif(os.name == "nt", reason="signals differ on Windows")
def test_ctrl_c_leaves_everything_as_it_was(tmp_path):
    assert signal.SIGINT
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kept.txt").write_text("earlier")
    code = textwrap.dedent(INTERRUPTED.format(folder=tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "stopped"
    assert listing(tmp_path) == {"out", "out/kept.txt"}

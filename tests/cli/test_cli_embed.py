"""``embed`` as a person meets it: each form of a run's pages and of a page alone."""

from __future__ import annotations

import json

import pytest

from geoprofiles.model import Logo
from geoprofiles.pipeline.forms import all_forms, snippet_of
from geoprofiles.publish.document import Document
from geoprofiles.publish.look import Look

PNG = Logo(b"\x89PNG\r\n\x1a\n", "png", "Council")
ADDRESS = "https://maps.example.org/safety/"


@pytest.fixture
def outputs(tmp_path):
    """A folder as a run writes it: a map with a script, a page without."""
    first = Document(
        "Town & map", "<header><h1>Map</h1></header>", ("a { }",), ("run();",), {"a": 1}
    )
    mill = Document("Mill", '<h1>Mill</h1><p><a href="index.html">All</a></p>', ("b { }",))
    files = all_forms({"index.html": first, "profiles/mill.html": mill}, Look(logo=PNG))
    files["embed/iframe.html"] = snippet_of("Town")
    outputs = [{"file": name} for name in files]
    files["manifest.json"] = json.dumps({"outputs": outputs}).encode()
    for name, content in files.items():
        path = tmp_path / "outputs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "outputs"


def test_a_frame_for_a_page_with_scripts_and_one_without(outputs, geoprofiles_command):
    done = geoprofiles_command("embed", outputs, "--address", ADDRESS)
    assert done.code == 0, done.err
    assert f'src="{ADDRESS}index.html" title="Town &amp; map"' in done.out
    assert 'sandbox="allow-scripts allow-downloads"' in done.out
    assert "event.source" in done.out
    assert f"at {ADDRESS}index.html" in done.err
    page = ("--page", "profiles/mill.html", "--height", "2000")
    done = geoprofiles_command("embed", outputs, *page, "--address", ADDRESS.rstrip("/"))
    assert done.out == (
        f'<iframe src="{ADDRESS}profiles/mill.html" title="Mill" width="100%" height="2000"'
        ' sandbox loading="lazy" frameborder="0"></iframe>\n'
    )
    done = geoprofiles_command("embed", outputs, "--address", f"{ADDRESS}a.html", "-o", "s.html")
    assert f'src="{ADDRESS}a.html"' in (outputs.parent / "s.html").read_text()


def test_the_strict_folder_of_a_run_and_of_a_page(outputs, geoprofiles_command):
    done = geoprofiles_command("embed", outputs, "--form", "folder", "-q")
    assert '<iframe class="geoprofiles" src="index.html"' in done.out
    done = geoprofiles_command("embed", outputs, "--form", "folder", "-o", "upload")
    assert done.code == 0, done.err
    assert (outputs.parent / "upload" / "profiles" / "mill.html").is_file()
    assert (outputs.parent / "upload" / "logo.png").read_bytes() == PNG.content
    alone = geoprofiles_command("embed", outputs / "index.html", "--form", "folder", "-o", "one")
    assert alone.code == 0, alone.err
    assert sorted(path.name for path in (outputs.parent / "one").iterdir()) == [
        "index.html", "map.css", "map.js",
    ]  # fmt: skip
    assert "<style" not in (outputs.parent / "one" / "index.html").read_text()


def test_the_fragment_has_links_where_they_lead_somewhere(outputs, geoprofiles_command):
    page = ("--page", "profiles/mill.html", "--form", "fragment")
    assert geoprofiles_command("embed", outputs, *page).out == "<h2>Mill</h2><p>All</p>\n"
    done = geoprofiles_command("embed", outputs, *page, "--address", ADDRESS)
    assert f'<a href="{ADDRESS}profiles/index.html">All</a>' in done.out
    ready = (outputs / "fragments" / "index.html").read_text()
    assert geoprofiles_command("embed", outputs, "--form", "fragment").out == ready


def test_odd_names_of_files_and_pages_are_addresses(outputs, geoprofiles_command):
    (outputs.parent / "a:b #1.html").write_bytes((outputs / "index.html").read_bytes())
    done = geoprofiles_command("embed", "a:b #1.html", "--address", ADDRESS)
    assert f'src="{ADDRESS}a%3Ab%20%231.html"' in done.out
    done = geoprofiles_command("embed", "a:b #1.html")
    assert 'src="a%3Ab%20%231.html"' in done.out
    done = geoprofiles_command("embed", outputs, "--page", "profiles\\mill.html")
    assert 'src="profiles/mill.html"' in done.out
    done = geoprofiles_command("embed", outputs, "--address", f"{ADDRESS}a.aspx?id=1#ward=all")
    assert f'src="{ADDRESS}a.aspx?id=1#ward=all"' in done.out


WRONG = {
    "no such page": (["outputs", "--page", "profiles/mil.html"], "no page", "profiles/mill.html"),
    "not ours": (["other.html"], "not a page that geoprofiles wrote", "or what 'map'"),
    "nothing there": (["nowhere"], "cannot be read", "Check the path"),
    "no address": (["outputs", "--address", "javascript:x()"], "no address", "https://"),
    "a name and password": (
        ["outputs", "--address", "https://a:b@example.org/"], "no address", "https://"
    ),
    "two lines": (["outputs", "--address", "https://example.org/a\nb"], "no address", "https://"),
    "a question": (
        ["outputs", "--address", "https://example.org/?id=1"], "neither a folder", "https://"
    ),
    "in its own place": (
        ["outputs", "--form", "folder", "-o", "outputs", "--overwrite"], "take the place", "a new"
    ),
    "changed by hand": (["changed.html"], "was changed since", "again"),
    "cut off": (["cut.html", "--form", "fragment"], "cut off", "again"),
    "page of a page": (["outputs/index.html", "--page", "a.html"], "no folder", "page alone"),
    "no place": (["outputs/index.html", "--form", "folder"], "need a folder", "-o upload/"),
    "strict already": (
        ["outputs/embed/index.html", "--form", "folder", "-o", "up"], "apart already", "as it is"
    ),
    "no manifest": (["broken"], "no manifest", "Run the project again"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_embedded_is_said(outputs, geoprofiles_command, name):
    (outputs.parent / "other.html").write_text("<title>Other</title><body>")
    whole = (outputs / "index.html").read_text()
    (outputs.parent / "changed.html").write_text(whole.replace("run();", "steal();"))
    (outputs.parent / "cut.html").write_text(whole[:-20])
    (outputs.parent / "broken").mkdir()
    (outputs.parent / "broken" / "manifest.json").write_text("[]")
    arguments, problem, remedy = WRONG[name]
    done = geoprofiles_command("embed", *arguments)
    assert done.code == 3
    assert problem in done.err
    assert remedy in done.err
    assert done.out == ""

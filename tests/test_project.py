"""The project file: friendly to a slip of the pen, and its template tells the truth."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields

import pytest

from geoprofiles.errors import InputError
from geoprofiles.project import TEMPLATE, read_project
from geoprofiles.settings import PARTS, RENAMED, SECTIONS, Lookup, Project

GOOD = """\
title = "Town"

[[areas]]
kind = "ward"
file = "wards.geojson"

[[incidents]]
files = ["street.csv"]
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str):
        file = tmp_path / "geoprofiles.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_paths_are_relative_to_the_file(write, tmp_path, monkeypatch):
    file = write(GOOD)
    monkeypatch.chdir("/")
    project = read_project(file)
    assert project.areas[0].file == tmp_path.resolve() / "wards.geojson"
    assert project.output == tmp_path.resolve() / "outputs"


def test_data_moves_inputs_and_not_outputs(write, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    project = read_project(write(GOOD), data=tmp_path / "elsewhere")
    assert project.areas[0].file == tmp_path.resolve() / "elsewhere" / "wards.geojson"
    assert project.output == tmp_path.resolve() / "outputs"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("title", "titel"), r"row 1: unknown key 'titel'.*Did you mean 'title'\?"),
        (("[[areas]]", "[[area]]"), r"unknown key 'area'.*Did you mean 'areas'\?"),
        (("kind =", "knd ="), r"row 4: unknown key 'knd' in \[\[areas\]\] number 1.*'kind'"),
        (('kind = "ward"\n', ""), r"\[\[areas\]\] number 1 lacks the key 'kind'"),
        (("[[areas]]", "[areas]"), r"two brackets"),
        (('"ward"', "3"), r"'kind' in .* must be text in quotation marks; it is 3"),
        (('["street.csv"]', "[1]"), r"'files' in .* must be a list of paths"),
        (('"Town"', '"Town'), r"row 1: this is not TOML"),
        (('title = "Town"', 'title = "Town"\nperiod = "last year"'), r"'period' cannot be"),
        (('title = "Town"', 'title = "Town"\nmap = ["wrad"]'), r"Did you mean 'ward'\?"),
        (
            ('"street.csv"]', '"street.csv"]\nrepeated_ids = "frist"'),
            r"'repeated_ids' in .* cannot be 'frist'.*Did you mean 'first'\?",
        ),
        (
            ('"street.csv"]', '"street.csv"]\n[[rates]]\nname = "A"\nper = 0'),
            r"'per' in .* must be a number above 0; it is 0",
        ),
        (
            ('"street.csv"]', '"street.csv"]\n[[rates]]\nname = "A"\ndenominator = "people"'),
            r"denominator = 'people' names no denominators",
        ),
        (
            ('"street.csv"]', '"street.csv"]\n[[hotspots]]\nname = "A"\nbandwith = 3'),
            r"Did you mean 'bandwidth'\?",
        ),
        (
            ('"street.csv"]', '"street.csv"]\n[[hotspots]]\nname = "A"\nmin_samples = true'),
            r"must be a whole number above 0; it is True",
        ),
        (
            ("[[incidents]]", '[[areas]]\nkind = "ward"\nfile = "b"\n[[incidents]]'),
            r"two \[\[areas\]\] have the kind 'ward'",
        ),
    ],
)
def test_a_slip_is_named_with_its_remedy(write, change, expected):
    with pytest.raises(InputError, match=expected) as caught:
        read_project(write(GOOD.replace(*change)))
    assert str(caught.value).startswith(str(write(GOOD)))


def test_a_missing_file_points_to_init(tmp_path):
    with pytest.raises(InputError, match="geoprofiles init"):
        read_project(tmp_path / "none.toml")


def test_a_folder_points_to_its_project_file(tmp_path):
    with pytest.raises(InputError, match=r"Did you mean '.*geoprofiles.toml'"):
        read_project(tmp_path)


def test_the_template_is_a_valid_project(tmp_path):
    assert read_project(TEMPLATE).title


def uncommented() -> str:
    """The template with every setting switched on."""
    text = TEMPLATE.read_text(encoding="utf-8")
    return re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE)


def test_every_key_stands_in_the_template():
    text = uncommented()
    back = {ours: theirs for theirs, ours in RENAMED.items()}
    for kind in (Project, *SECTIONS.values(), *PARTS.values()):
        for one in fields(kind):
            name = back.get(one.name, one.name) if kind is Lookup else one.name
            if name in {"file", "folder"} and kind is Project:
                continue
            pattern = rf"^\[+(\w+\.)?{name}\]|^{name} = "
            assert re.search(pattern, text, re.MULTILINE), f"{kind.__name__}.{name}"


def test_defaults_in_the_template_are_the_defaults(write):
    """What the template shows behind a # as plain text or number is what the code does."""
    text = uncommented()
    top = text.split("[[areas]]")[0]
    project = read_project(write(GOOD))
    for name in ("subtitle", "period"):
        shown = re.search(rf'^{name} = "(.*?)"', top, re.MULTILINE)
        assert shown is not None
        assert shown.group(1) == getattr(project, name)
    for section, kind in SECTIONS.items():
        part = re.split(r"^\[\[", text.split(f"[[{section}]]")[1], flags=re.MULTILINE)[0]
        for one in fields(kind):
            if one.default in (MISSING, None, (), "") or one.name in {"name"}:
                continue
            shown = re.search(rf'^{one.name} = ("[^"]*"|\S+)', part, re.MULTILINE)
            assert shown is not None, one.name
            expected = f"{one.default:g}" if isinstance(one.default, float) else str(one.default)
            assert shown.group(1).strip('"').lower() == expected.lower(), one.name

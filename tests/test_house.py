"""The house keeps its own rules: light doors, documented names, no trace of a machine."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import pytest

import geoprofiles

HEAVY = ("pandas", "geopandas", "numpy", "shapely", "folium", "sklearn", "scipy", "matplotlib")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["nonsense"], ["run", "--help"], ["init", "--help"]]
)
def test_help_loads_nothing_heavy(arguments):
    code = (
        "import sys\n"
        "from geoprofiles.cli.main import main\n"
        f"try:\n    main({arguments!r})\n"
        "except SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, geoprofiles; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_exists_and_is_documented():
    assert len(geoprofiles.__all__) <= 230
    for name in geoprofiles.__all__:
        thing = getattr(geoprofiles, name)
        text = inspect.getdoc(thing) or ""
        assert text, name
        if not inspect.isclass(thing):
            for part in ("Parameters", "Returns", "Examples"):
                assert re.search(rf"^{part}\n-+$", text, re.MULTILINE), f"{name}: {part}"


def test_every_module_says_what_it_is(repository):
    for path in sorted((repository / "geoprofiles").rglob("*.py")):
        assert path.read_text("utf-8").lstrip().startswith(('"""', 'r"""')), path


def test_files_have_not_outgrown_their_names(repository):
    long = {
        path.name: lines
        for path in sorted((repository / "geoprofiles").rglob("*.py"))
        if (lines := len(path.read_text("utf-8").splitlines())) > 450
    }
    assert not long


def test_nothing_speaks_of_a_machine_or_a_registry(repository):
    listed = subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, cwd=repository, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    told = re.compile("|".join(["/ho" + "me/", "/wo" + "rk/", "/ro" + "ot/", "pypi" + r"\.org"]))
    for name in listed.stdout.splitlines():
        path = repository / name
        if path.suffix in {".py", ".md", ".toml", ".cfg", ".sh", ".js", ".css", ".csv", ".json"}:
            found = told.search(path.read_text("utf-8", errors="replace"))
            assert found is None, f"{name}: {found}"

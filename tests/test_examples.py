"""Every Python example in README and docs runs, in the order of its page."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

PAGES = (
    "README.md",
    "docs/large-data.md",
    "docs/start.md",
    "docs/geocoding.md",
    "docs/vintages.md",
    "docs/charts.md",
    "docs/dashboard.md",
)


def examples(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_no_page_with_examples_is_left_out(repository):
    pages = [repository / "README.md", *sorted((repository / "docs").glob("*.md"))]
    found = {
        path.relative_to(repository).as_posix()
        for path in pages
        if examples(path.read_text("utf-8"))
    }
    assert found == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_examples_run(repository, page):
    code = "\n".join(examples((repository / page).read_text("utf-8")))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=repository, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_library_job_is_about_twelve_lines(repository):
    (code,) = examples((repository / "README.md").read_text("utf-8"))
    lines = [line for line in code.splitlines() if line and not line.startswith("import")]
    assert len(lines) <= 13

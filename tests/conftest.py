"""Fixtures that every test folder shares."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

import geoprofiles

# A slow machine is no fault of the code: no law is timed. Each run draws anew, so that a few
# cases a run are many in a month.
settings.register_profile("geoprofiles", deadline=None, max_examples=40)
settings.load_profile("geoprofiles")

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout, or the one GEOPROFILES_DATA names."""
    folder = Path(os.environ.get("GEOPROFILES_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "MANIFEST.csv").exists():
        pytest.skip(f"the shared real data is not at {folder.name}; set GEOPROFILES_DATA")
    return folder


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Make what a whole session shares, whichever of its workers asks first; the rest wait.

    `make` is given an empty folder; what it returns is handed to each worker. Only for looking at.
    """
    here = tmp_path_factory.getbasetemp()
    shared = (here.parent if "PYTEST_XDIST_WORKER" in os.environ else here) / "shared"
    shared.mkdir(exist_ok=True)

    def made(name, make):
        kept = shared / f"{name}.pickle"
        with FileLock(shared / f"{name}.lock"):
            if not kept.exists():
                folder = shared / name
                folder.mkdir(exist_ok=True)
                kept.write_bytes(pickle.dumps(make(folder)))
        return pickle.loads(kept.read_bytes())

    return made


@pytest.fixture(scope="session")
def sample_run(once, repository):
    """One run of the bundled sample, for tests that only look; it takes most of a minute."""
    project = repository / "geoprofiles.toml"
    return once("sample", lambda folder: geoprofiles.run(project, output=folder / "out"))


@pytest.fixture(scope="session")
def small_city(once) -> Path:
    """The folder of a Port Averley with few incidents, for tests that only look or take a copy."""
    return once("city", lambda folder: geoprofiles.write_sample(folder, incidents=1500))

"""Fixtures that every test folder shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A slow machine is no fault of the code: no law is timed.
settings.register_profile("geoprofiles", deadline=None)
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

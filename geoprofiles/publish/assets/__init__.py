"""The constant files that go into pages: our script and style, and Leaflet from its package.

Leaflet is not kept in this repository: it comes with the dependency ``xstatic-leaflet``, and
what is installed is compared with the digests below before it goes into a page.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from functools import cache
from pathlib import Path

from geoprofiles.errors import MissingDependencyError

LEAFLET_VERSION = "1.9.3"
LEAFLET_SHA256 = {
    "leaflet.js": "5819285cec137b229c94e1ee5ad73e8b6b84345a4367d60f75fe477fe0fb7b03",
    "leaflet.css": "90b693d86392a4779c861b28cf307e7e59c3fb35328c4d8b95f58f814d38c722",
}
LEAFLET_LICENCE = f"""\
Leaflet {LEAFLET_VERSION}, https://leafletjs.com, BSD 2-Clause Licence.
Copyright (c) 2010-2022, Vladimir Agafonkin. Copyright (c) 2010-2011, CloudMade.
All rights reserved. Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:
1. Redistributions of source code must retain the above copyright notice, this list of
conditions and the following disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice, this list of
conditions and the following disclaimer in the documentation and/or other materials provided
with the distribution.
THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY
WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""
"""Kept in every page, as the licence asks."""

REMEDY = f"Install it again: pip install --force-reinstall 'xstatic-leaflet=={LEAFLET_VERSION}.*'"


def check_leaflet() -> str:
    """Say which Leaflet goes into pages, after comparing it with its digests.

    Examples
    --------
    >>> check_leaflet()
    'Leaflet 1.9.3'
    """
    for name in LEAFLET_SHA256:
        _leaflet(name)
    return f"Leaflet {LEAFLET_VERSION}"


@cache
def leaflet_script() -> str:
    """Return Leaflet's script, without the pointer to a source map that is not there."""
    return re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", _leaflet("leaflet.js"))


@cache
def leaflet_style() -> str:
    """Return Leaflet's style without the pictures it would fetch; our pages use none of them."""
    style = re.sub(r"[\w-]+:\s*url\([^)]*\);", "", _leaflet("leaflet.css"))
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", style).strip() + "\n"


@cache
def asset(name: str) -> str:
    """Return one of our own constant files."""
    return (Path(__file__).parent / name).read_text("utf-8").replace("\r\n", "\n")


def _leaflet_folder() -> Path:
    try:
        found = importlib.util.find_spec("xstatic.pkg.leaflet")
    except ModuleNotFoundError:
        found = None
    if found is None or found.origin is None:
        raise MissingDependencyError(
            f"pages need Leaflet {LEAFLET_VERSION} from the package xstatic-leaflet, which is not"
            f" installed. {REMEDY}"
        )
    return Path(found.origin).parent / "data"


@cache
def _leaflet(name: str) -> str:
    path = _leaflet_folder() / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MissingDependencyError(
            f"the package xstatic-leaflet lacks {name} ({error.strerror}). {REMEDY}"
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != LEAFLET_SHA256[name]:
        raise MissingDependencyError(
            f"{name} of xstatic-leaflet is not the file of Leaflet {LEAFLET_VERSION} that pages are"
            f" made with: its sha256 begins {digest[:12]}, {LEAFLET_SHA256[name][:12]} was"
            f" expected. {REMEDY}"
        )
    return content.decode("utf-8")

"""A logo for the head of pages: a PNG, or an SVG that holds nothing but a drawing."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from geoprofiles.errors import InputError
from geoprofiles.model import Logo

MOST_BYTES = 100_000
"""Every page holds the logo; one for screens needs far less."""

MOST_PIXELS = 4_000
"""A side of a PNG: a large one of one colour is a small file, and much for a browser to hold."""

PNG = b"\x89PNG\r\n\x1a\n"

RUNNING = frozenset(
    ("script", "foreignobject", "iframe", "object", "embed", "audio", "video", "canvas", "handler",
     "listener", "animate", "set")
)  # fmt: skip
"""Elements that run, load or change something: no part of a still drawing."""

_INSIDE = re.compile(
    r"url\(\s*+['\"]?+(?!#)|image-set\(|@import|\\|javascript:|expression\(", re.IGNORECASE
)
"""What in a style or an attribute leads out of the file, or could be hiding that it does."""


def read_logo(path: str | os.PathLike[str], *, text: str) -> Logo:
    """Read a logo, and refuse a drawing that could do anything but be seen.

    Parameters
    ----------
    path : path
        A PNG or an SVG of at most 100 kB.
    text : str
        What is read out in its place: ``"Port Averley City Council"``.

    Returns
    -------
    Logo

    Raises
    ------
    InputError
        If it is neither, is too large, has no text, or is an SVG with a script, a reference to
        anything outside itself, or a declaration of entities.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "logo.svg"
    ...     _ = file.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>')
    ...     read_logo(file, text="Town Council").kind
    'svg'
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        raise InputError(
            f"the logo cannot be read ({error.strerror})", file=path, remedy="Check the path."
        ) from error
    if size > MOST_BYTES:
        raise InputError(
            f"the logo has {size / 1000:,.0f} kB, and every page would hold it",
            file=path,
            remedy=f"Save it smaller: {MOST_BYTES // 1000} kB at most.",
        )
    if not text.strip():
        raise InputError(
            "a logo needs words that are read out in its place",
            file=path,
            remedy='Say logo_text = "Name of the council".',
        )
    return Logo(content, _kind_of(content, path), " ".join(text.split()))


def _kind_of(content: bytes, path: Path) -> Literal["png", "svg"]:
    if content.startswith(PNG):
        sides = [int.from_bytes(content[start : start + 4], "big") for start in (16, 20)]
        if b"IEND" in content and 0 < min(sides) <= max(sides) <= MOST_PIXELS:
            return "png"
        raise InputError(
            f"the logo is a PNG that is cut off, or of more than {MOST_PIXELS:,} pixels a side",
            file=path,
            remedy="Save it again; for screens, a few hundred pixels are enough.",
        )
    if b"<svg" not in content:
        raise InputError(
            "the logo is neither a PNG nor an SVG",
            file=path,
            remedy="Save it as one of them; JPEG and PDF are not taken.",
        )
    fault = _fault_of(content)
    if fault:
        raise InputError(
            f"the logo {fault}",
            file=path,
            remedy="Save it as a plain SVG with its fonts as outlines, or as a PNG.",
        )
    return "svg"


def _fault_of(content: bytes) -> str:
    """Say what in an SVG is more than a drawing; nothing where nothing is."""
    text = content.decode("utf-8", errors="replace")
    if re.search(r"<!(DOCTYPE|ENTITY)[^>]*[\[%]|<!ENTITY|<\?xml-stylesheet", text, re.IGNORECASE):
        return "declares entities or a style sheet of its own"
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 (no entity is left to expand)
    except (ElementTree.ParseError, LookupError) as error:  # LookupError: an unknown encoding
        return f"is no well-formed SVG ({error})"
    if _local(root.tag) != "svg":
        return "is no SVG"
    return next(filter(None, map(_fault_of_element, root.iter())), "")


def _fault_of_element(element: ElementTree.Element) -> str:
    name = _local(element.tag)
    if name in RUNNING or name.startswith("animate"):
        return f"holds <{name}>"
    if str(element.tag).startswith("{http://www.w3.org/1999/xhtml}"):
        return f"holds <{name}>, which is of a web page"
    if name == "style" and _INSIDE.search("".join(element.itertext())):
        return "refers to something outside itself in its style"
    for attribute, value in element.attrib.items():
        key = _local(attribute)
        if key.startswith("on"):
            return f"holds the handler {key}"
        leads = key in {"href", "src"} and not value.strip().startswith(
            ("#", "data:image/png;base64,", "data:image/jpeg;base64,")
        )
        if leads or _INSIDE.search(value):
            return f"refers to something outside itself in '{key}'"
    return ""


def _local(name: object) -> str:
    return str(name).rpartition("}")[2].lower()

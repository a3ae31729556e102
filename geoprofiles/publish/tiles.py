"""Map pictures of a network, for those who ask for them: the page is then not self-contained."""

from __future__ import annotations

import re
import warnings
from urllib.parse import urlsplit

from geoprofiles.errors import InputError, NetworkWarning
from geoprofiles.model import Tiles
from geoprofiles.publish.figures import clean

KEYS = re.compile(r"(key|token|apikey|access|auth|signature|secret)[^=&/]*=", re.IGNORECASE)
"""Parts of an address that look like a key."""


def origin_of(tiles: Tiles) -> str:
    """Check where tiles come from, and return the one host that the page may then ask.

    Raises
    ------
    InputError
        If the address is not https, lacks ``{z}``, ``{x}`` or ``{y}``, names a host by a
        placeholder, or there is no attribution.

    Examples
    --------
    >>> origin_of(Tiles("https://tiles.example.org/{z}/{x}/{y}.png", "Example"))
    'https://tiles.example.org'
    """
    address = tiles.address.strip()
    parts = urlsplit(address)
    host = re.fullmatch(r"[a-z0-9.-]+(:\d+)?", parts.netloc.lower())
    if parts.scheme != "https" or not host:
        raise InputError(
            "tiles come from one https address",
            remedy="Write it as https://host/{z}/{x}/{y}.png, without {s} in the host.",
        )
    missing = [one for one in ("{z}", "{x}", "{y}") if one not in address]
    if missing or not re.fullmatch(r"[!#-;=?-\]_a-z{}~]+", address) or ".." in address:
        raise InputError(
            f"the address of tiles {'lacks ' + missing[0] if missing else 'holds odd signs'}",
            remedy="Write it as https://host/{z}/{x}/{y}.png.",
        )
    if not clean(tiles.attribution):
        raise InputError("tiles need the attribution that their licence asks for")
    return f"https://{host[0]}"


def warn_of(tiles: Tiles) -> list[str]:
    """Say what a page with tiles gives up, and that a key in the address can be read by all.

    Examples
    --------
    >>> len(warn_of(Tiles("https://tiles.example.org/{z}/{x}/{y}.png?api_key=1", "Example")))
    2
    """
    host = origin_of(tiles).removeprefix("https://")
    said = [
        f"the page is not self-contained: it asks {host} for map pictures whenever it is opened"
    ]
    if KEYS.search(tiles.address):
        said.append("the address of the tiles seems to hold a key, which every reader can see")
    return said


def warn(tiles: Tiles) -> None:
    """Warn of them in the library's way."""
    for one in warn_of(tiles):
        warnings.warn(one, NetworkWarning, stacklevel=3)

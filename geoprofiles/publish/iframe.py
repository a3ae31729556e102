"""The snippet that shows a page within another."""

from __future__ import annotations

import re
from html import escape

from geoprofiles.errors import InputError
from geoprofiles.publish.assets import asset

FRAME_HEIGHT = 1400
"""Pixels that an embedding frame is high before the page tells its own height."""


def render_iframe(src: str, *, title: str, scripts: bool = True, height: int = FRAME_HEIGHT) -> str:
    """Write the snippet that shows a page inside another, as high as the page asks for.

    Parameters
    ----------
    src : str
        Address of the page, relative or http(s).
    title : str
        What screen readers say of the frame.
    scripts : bool
        Whether the page runs scripts. One that runs none is locked up whole, and as high as said.
    height : int
        Pixels; of a page with scripts, until it tells its own.

    Returns
    -------
    str
        HTML: the frame and a short script, and, in a comment, a form without script; of a page
        without scripts, the frame alone.

    Raises
    ------
    InputError
        If `src` is another kind of address, or either is empty.

    Examples
    --------
    >>> print(render_iframe("map/index.html", title="Incidents by ward").splitlines()[0][:60])
    <iframe class="geoprofiles" src="map/index.html" title="Inci
    >>> print(render_iframe("mill.html", title="Mill", scripts=False, height=2000)[:73])
    <iframe src="mill.html" title="Mill" width="100%" height="2000" sandbox l
    """
    address = str(src).strip()
    scheme = re.match(r"[a-z][a-z0-9+.\-]*:", address, re.IGNORECASE)
    if not address or (scheme and scheme[0].lower() not in {"http:", "https:"}):
        raise InputError(
            f"a frame cannot show {address[:40]!r}",
            remedy="Give the address of the page: relative, or starting with https://.",
        )
    if not str(title).strip():
        raise InputError("a frame needs a title, which screen readers say")
    shared = f'src="{escape(address)}" title="{escape(str(title))}" width="100%"'
    allowed = '="allow-scripts allow-downloads"' if scripts else ""
    safe = f'sandbox{allowed} loading="lazy" frameborder="0"'
    if not scripts:
        return f'<iframe {shared} height="{height}" {safe}></iframe>\n'
    return (
        f'<iframe class="geoprofiles" {shared} height="{height}" {safe}></iframe>\n'
        f"<script>\n{asset('frame.js').strip()}\n</script>\n"
        "<!-- Where scripts are not allowed, use this instead; it scrolls within itself:\n"
        f'<iframe {shared} height="900" {safe}></iframe>\n-->\n'
    )

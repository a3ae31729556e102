"""A page as a value, and the forms it can take: one file, a strict folder, a fragment.

Every page of geoprofiles is a `Document` first: what a browser needs, kept apart, so that each
form is put together from the same parts and none has to be cut out of another.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from html import escape
from typing import Any

_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Document:
    """Everything that a page is made of.

    Attributes
    ----------
    title : str
        What the browser's tab says.
    body : str
        HTML between ``<body>`` and the data, every text of it escaped, without any script,
        ``style`` attribute or address of another host.
    styles, scripts : tuple of str
        Constant texts, in the order in which they are loaded.
    data : object
        What the scripts draw, as JSON takes it; None where there is nothing.
    licence : str
        The licence of others' scripts and styles, kept in every form that holds them.
    images : tuple of str
        Hosts of pictures that the page may ask for, such as ``"https://tiles.example.org"``: none,
        unless the user asked for tiles of a network.
    fragment : str
        What is left of the page where only text, tables and pictures may stand; the body where
        it is empty.
    """

    title: str
    body: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...] = ()
    data: Any = None
    licence: str = ""
    images: tuple[str, ...] = ()
    fragment: str = ""


def write_single(document: Document) -> str:
    """Write a page as one file, under a policy that names its own scripts and styles by hash.

    Examples
    --------
    >>> page = write_single(Document("Mill", "<h1>Mill</h1>", ("h1 { margin: 0 }",)))
    >>> page[:15], "unsafe" in page, "script-src" in page
    ('<!DOCTYPE html>', False, False)
    """
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy_of(document)}">'
    styles = "\n".join(f"<style>{one}</style>" for one in document.styles)
    scripts = "\n".join(f"<script>{one}</script>" for one in document.scripts)
    return _write(document, head=head, styles=styles, scripts=scripts)


def write_folder(
    document: Document, *, page: str = "index", assets: str = "page"
) -> dict[str, bytes]:
    """Write a page with style and script apart: ``default-src 'self'; img-src 'self' data:``.

    `page` and `assets` name the files: ``index.html``, ``page.css`` and, where there is a script,
    ``page.js``. Pages of the same style and script may share them.

    Examples
    --------
    >>> sorted(write_folder(Document("Mill", "<h1>Mill</h1>", ("h1 { margin: 0 }",))))
    ['index.html', 'page.css']
    """
    licence = f"/*\n{document.licence}*/\n" if document.licence else ""
    near = assets.rpartition("/")[2]
    script = f'<script src="{escape(near)}.js"></script>' if document.scripts else ""
    style = f'<link rel="stylesheet" href="{escape(near)}.css">'
    files = {
        f"{page}.html": _write(document, head="", styles=style, scripts=script).encode(),
        f"{assets}.css": (licence + "".join(document.styles)).encode(),
    }
    if document.scripts:
        files[f"{assets}.js"] = (licence + "".join(document.scripts)).encode()
    return files


def policy_of(document: Document) -> str:
    """Return the content security policy of a page in one file."""
    parts = ["default-src 'none'"]
    if document.scripts:
        parts.append("script-src " + " ".join(map(hash_of, document.scripts)))
    parts.append("style-src-elem " + " ".join(map(hash_of, document.styles)))
    parts.append("style-src-attr 'none'")
    parts.append(" ".join(["img-src data:", *document.images]))
    if document.scripts:
        parts.append("connect-src 'none'")
    return "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])


def hash_of(content: str) -> str:
    """Return the source expression that lets exactly this script or style run."""
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def json_block(value: Any) -> str:
    r"""Write JSON that can stand in a script element, whatever its text holds.

    Examples
    --------
    >>> json_block({"name": "</script><!-- é"})
    '{"name":"\\u003c/script\\u003e\\u003c!-- \\u00e9"}'
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPES)


def _write(document: Document, *, head: str, styles: str, scripts: str) -> str:
    data = ""
    if document.data is not None:
        block = json_block(document.data)
        data = f'<script type="application/json" id="data">{block}</script>'
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en-GB">',
        "<head>",
        '<meta charset="utf-8">',
        head,
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(document.title)}</title>",
        f"<!--\n{document.licence}-->" if document.licence else "",
        styles,
        "</head>",
        "<body>",
        document.body,
        data,
        scripts,
        "</body>",
        "</html>",
    ]
    return "\n".join(filter(None, parts)) + "\n"

"""A page as a value, and two of the forms it can take: one file, and a strict folder.

Every page of geoprofiles is a `Document` first: what a browser needs, kept apart, so that each
form is put together from the same parts. The third form is in ``fragment``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from geoprofiles.model import Logo
from geoprofiles.publish.look import Look, look_css
from geoprofiles.read.pages import MARK

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
    look : Look, optional
        Colours, font and logo of the council; ours where not said.
    """

    title: str
    body: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...] = ()
    data: Any = None
    licence: str = ""
    images: tuple[str, ...] = ()
    fragment: str = ""
    look: Look | None = None


def write_single(document: Document) -> str:
    """Write a page as one file, under a policy that names its own scripts and styles by hash.

    Examples
    --------
    >>> page = write_single(Document("Mill", "<h1>Mill</h1>", ("h1 { margin: 0 }",)))
    >>> page[:15], "unsafe" in page, "script-src" in page
    ('<!DOCTYPE html>', False, False)
    """
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy_of(document)}">'
    styles = "\n".join(f"<style>{one}</style>" for one in styles_of(document))
    scripts = "\n".join(f"<script>{one}</script>" for one in document.scripts)
    logo = logo_of(document)
    source = "" if logo is None else f"data:{_KINDS[logo.kind]};base64,{_base64(logo.content)}"
    return _write(document, head=head, styles=styles, scripts=scripts, logo=source)


def write_folder(
    document: Document, *, page: str = "index", assets: str = "page"
) -> dict[str, bytes]:
    """Write a page with style and script apart: ``default-src 'self'; img-src 'self' data:``.

    `page` and `assets` name the files: ``index.html``, ``page.css`` and, where there is a script,
    ``page.js``. Either may lie in folders (``profiles/mill``): the page then asks for its files
    by the way from its own. Pages of the same style and script may share them.

    Examples
    --------
    >>> sorted(write_folder(Document("Mill", "<h1>Mill</h1>", ("h1 { margin: 0 }",))))
    ['index.html', 'page.css']
    """
    licence = f"/*\n{document.licence}*/\n" if document.licence else ""
    files = {f"{assets}.css": (licence + "".join(styles_of(document))).encode()}

    def way(name: str) -> str:
        return escape(posixpath.relpath(name, posixpath.dirname(page) or "."))

    style = f'<link rel="stylesheet" href="{way(f"{assets}.css")}">'
    script, source = "", ""
    if document.scripts:
        files[f"{assets}.js"] = (licence + "".join(document.scripts)).encode()
        script = f'<script src="{way(f"{assets}.js")}"></script>'
    if (logo := logo_of(document)) is not None:
        name = posixpath.join(posixpath.dirname(assets), f"logo.{logo.kind}")
        files[name] = logo.content
        source = way(name)
    text = _write(document, head="", styles=style, scripts=script, logo=source)
    return {f"{page}.html": text.encode(), **files}


def read_document(page: str) -> Document:
    """Take a page that `write_single` wrote apart again; of other forms, title and body.

    Examples
    --------
    >>> mill = Document("Mill", "<h1>Mill</h1>", ("h1 { margin: 0 }",), data={"a": "<b>"})
    >>> read_document(write_single(mill)) == mill
    True
    """
    head, _, rest = page.partition("<body>\n")
    body, _, end = rest.partition("\n<script")
    found = re.search(r'^ type="application/json" id="data">(.*)</script>$', end, re.MULTILINE)
    title = re.search(r"<title>(.*)</title>", head)
    licence = re.search(r"^<!--\n(.*?)-->$", head, re.MULTILINE | re.DOTALL)
    pictures = re.search(r"img-src data: ?([^;]*)", head)
    return Document(
        title=unescape(title[1]) if title else "",
        body=body.removesuffix("\n</body>\n</html>\n"),
        styles=tuple(re.findall(r"<style>(.*?)</style>", head, re.DOTALL)),
        scripts=tuple(
            re.findall(r"^<script>(.*?)</script>$", f"<script{end}", re.MULTILINE | re.DOTALL)
        ),
        data=json.loads(found[1]) if found else None,
        licence=licence[1] if licence else "",
        images=tuple(pictures[1].split()) if pictures else (),
    )


def styles_of(document: Document) -> tuple[str, ...]:
    """Return the styles of a page, what its look changes last."""
    own = look_css(document.look) if document.look is not None else ""
    return (*document.styles, own) if own else document.styles


def logo_of(document: Document) -> Logo | None:
    """Return the logo at the head of a page, where there is one."""
    return None if document.look is None else document.look.logo


def policy_of(document: Document) -> str:
    """Return the content security policy of a page in one file."""
    parts = ["default-src 'none'"]
    if document.scripts:
        parts.append("script-src " + " ".join(map(hash_of, document.scripts)))
    parts.append("style-src-elem " + " ".join(map(hash_of, styles_of(document))))
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


_KINDS = {"png": "image/png", "svg": "image/svg+xml"}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _with_logo(document: Document, source: str) -> str:
    """Put the logo first in the head of the page, which is the body's only or first header."""
    logo = logo_of(document)
    if logo is None:
        return document.body
    shown = f'<img class="logo" src="{source}" alt="{escape(logo.text)}">'
    return re.sub(r"<header\b[^>]*>", lambda found: found[0] + shown, document.body, count=1)


def _write(document: Document, *, head: str, styles: str, scripts: str, logo: str) -> str:
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
        MARK,
        f"<title>{escape(document.title)}</title>",
        f"<!--\n{document.licence}-->" if document.licence else "",
        styles,
        "</head>",
        "<body>",
        _with_logo(document, logo),
        data,
        scripts,
        "</body>",
        "</html>",
    ]
    return "\n".join(filter(None, parts)) + "\n"

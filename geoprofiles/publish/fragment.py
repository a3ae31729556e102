"""The third form of a page: text, tables and pictures alone, for editors that strip the rest.

What may stand in it is a list of elements and attributes; whatever is not on the list goes, so
that no script, style, form or handler can be left. Colours are presentation attributes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin

from geoprofiles.publish.document import Document, styles_of
from geoprofiles.publish.style import FILLS, TOKENS

Attributes = list[tuple[str, str | None]]

GONE = frozenset(
    ("button", "form", "iframe", "img", "input", "nav", "object", "script", "select", "style",
     "template", "textarea")
)  # fmt: skip
"""Elements that go with all that is in them."""

KEPT = frozenset(
    ("a", "b", "bdi", "br", "caption", "dd", "dl", "dt", "em", "figcaption", "figure", "li", "ol",
     "p", "small", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
     "ul")
)  # fmt: skip
"""Elements that stay; any other goes, and what is in it stays."""

HEADINGS = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6", "h6": "h6"}
"""The page that takes the fragment has a heading of its own."""

DRAWN = frozenset(
    ("circle", "clippath", "defs", "desc", "ellipse", "g", "line", "path", "pattern", "polygon",
     "polyline", "rect", "svg", "text", "title", "tspan", "use")
)  # fmt: skip
"""Elements of SVG that stay."""

ATTRIBUTES = frozenset(("colspan", "dir", "lang", "rowspan", "scope"))

PAINT = frozenset(
    ("aria-hidden", "aria-label", "aria-labelledby", "clip-path", "cx", "cy", "d",
     "dominant-baseline", "dx", "dy", "fill", "fill-opacity", "fill-rule", "font-family",
     "font-size", "font-weight",
     "height", "id", "opacity", "paint-order", "patternTransform", "patternUnits", "points", "r",
     "role", "rx", "ry", "stroke", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
     "stroke-opacity", "stroke-width", "text-anchor", "transform", "viewBox", "width", "x", "x1",
     "x2", "xmlns", "y", "y1", "y2")
)  # fmt: skip
"""Attributes of SVG that stay."""

PAINTED = PAINT - {"aria-hidden", "aria-label", "role"}
_LEADS = re.compile(r"url\(|\\", re.IGNORECASE)
"""What leads out of a picture, or could be hiding that it does."""

KEYS = {("li", "ul", "table"): "tr", ("span", "li", "tr"): "td"}
"""A legend becomes a table: what is written for an element, by itself and what it stands in."""

TABLE = '<table border="0" cellpadding="4">'

SMALL = 300.0
"""Pictures up to so wide have their own size; wider ones take the width they are given."""

AWAY = frozenset(("unseen", "scripted"))
"""Classes of what only concerns the page on a screen, or with scripts."""

_SPELT = {name.lower(): name for name in PAINT}
_VOID = frozenset(("br", "img", "input", "link", "meta"))
CELLS = frozenset(("td", "th"))


def write_fragment(document: Document, *, address: str = "") -> str:
    """Write a page for editors that strip scripts and styles: text, tables and SVG.

    Headings start at the second level. Ids are the fragment's own, so that several may stand on
    one page. Links to other pages of the set need the `address` where this one is hosted; without
    it their words stand alone.

    Parameters
    ----------
    document : Document
        As :func:`geoprofiles.map_document` or :func:`geoprofiles.profile_document` returns it.
    address : str
        Where the whole page is hosted, ``https://...``.

    Returns
    -------
    str
        HTML in ASCII, the same for the same document.

    Examples
    --------
    >>> page = Document("Mill", '<h1 onclick="x()">Mill</h1><script>x()</script>', ())
    >>> print(write_fragment(page))
    <h2>Mill</h2>
    <BLANKLINE>
    """
    body = document.fragment or document.body
    prefix = "g" + hashlib.sha256(f"{document.title}\0{body}".encode()).hexdigest()[:8] + "-"
    colours = colours_in("".join(styles_of(document)))
    writer = _Writer(prefix, address, colours, hatched="url(#" in body)
    writer.feed(body)
    writer.close()
    whole = re.sub(r"<p>\s*</p>", "", "".join(writer.parts))
    lines = (line.strip() for line in whole.splitlines())
    text = "\n".join(filter(None, lines)) + "\n"
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def colours_in(css: str) -> dict[str, str]:
    r"""Return the colours of a page on a light screen by token, as its style has them.

    Examples
    --------
    >>> colours_in(":root {\n--accent: #6b2c91;\n}")["accent"]
    '#6b2c91'
    """
    colours = {**TOKENS, **FILLS}
    for block in re.findall(r"^:root \{\n(.*?)\n\}", css, re.MULTILINE | re.DOTALL):
        colours |= dict(re.findall(r"^--([\w-]+): (#[0-9a-f]{6});$", block, re.MULTILINE))
    return colours


def dress_of(colours: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return presentation attributes for each class that pictures of maps use.

    Examples
    --------
    >>> dress_of({**TOKENS, **FILLS})["k5"]
    {'fill': '#0e5266'}
    """
    border, paper, cluster = colours["border"], colours["paper"], colours["cluster"]
    outline = {"fill": "none", "stroke-linejoin": "round"}
    swatch = {"stroke": border, "stroke-width": "0.8"}
    return {
        **{name: {"fill": colours[name]} for name in FILLS},
        "area": {"stroke": border, "stroke-width": "1", "stroke-linejoin": "round"},
        "swatch": {"width": "30", "height": "18", **swatch},
        "band": {"stroke": paper, "stroke-width": "0.6", "fill-opacity": "0.74"},
        "cell": {"stroke": paper, "stroke-width": "0.6"},
        "cluster": {**outline, "fill": cluster, "fill-opacity": "0.16", "stroke": cluster,
                    "stroke-width": "2.2"},
        "chance": {"fill-opacity": "0.04", "stroke-dasharray": "7 5"},
        "casing": {**outline, "stroke": paper, "stroke-width": "5", "stroke-opacity": "0.85"},
        "dim": {"fill-opacity": "0.42"},
        "ground-water": {"fill": colours["water"], "stroke": colours["shore"]},
        "ground-other": {"fill": "none", "stroke": colours["line"]},
        "ground-park": {"fill": colours["park"]},
        "ground-neighbours": {"fill": colours["beyond"], "stroke": colours["line"]},
        "ground-road": {"fill": "none", "stroke": colours["road"], "stroke-width": "1.4"},
        "ground-minor": {"fill": "none", "stroke": colours["road"], "stroke-width": "0.9"},
        "ground-rail": {"fill": "none", "stroke": colours["rail"], "stroke-width": "1.5",
                        "stroke-dasharray": "7 3"},
        "line": {"fill": "none"},
        "hatch-ground": {"fill": colours["nodata"], "stroke": "none"},
        "hatch-line": {"stroke": colours["hatch"], "stroke-width": "2.4"},
        "names": {"fill": colours["ink"], "stroke": paper, "stroke-width": "4",
                  "stroke-linejoin": "round", "paint-order": "stroke", "text-anchor": "middle",
                  "font-family": "sans-serif", "font-size": "17", "font-weight": "600"},
        "small": {"stroke-width": "3", "font-size": "13"},
        "treated": {"fill": "none", "stroke": colours["ink"], "stroke-width": "3"},
        "under": {"stroke": paper, "stroke-width": "5.5"},
        "mark": {"fill": cluster, "stroke": paper, "stroke-width": "2"},
        "mark-text": {"fill": paper, "text-anchor": "middle", "font-family": "sans-serif",
                      "font-size": "15", "font-weight": "700"},
        "scale": {"fill": "none", "stroke": border, "stroke-width": "1.6"},
        "scale-text": {"fill": colours["ink"], "font-family": "sans-serif", "font-size": "15"},
    }  # fmt: skip


class _Writer(HTMLParser):
    """Writes what is on the lists; everything else it has never heard of."""

    def __init__(
        self, prefix: str, address: str, colours: Mapping[str, str], *, hatched: bool
    ) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.prefix, self.address = prefix, address
        self.dress = dress_of(colours)
        own = {**FILLS, **TOKENS}
        self.painted = {own[name]: colours[name] for name in own if own[name] != colours[name]}
        self.open: list[tuple[str, str]] = []
        """The elements that are open, as read and as written; "-" for what goes, with all in it."""
        self.gone = 0
        self.hatched = hatched
        """Whether a shape is filled by a pattern: one that none needs would leave an empty line."""
        self.leads: list[int] = []
        """How many elements were open around each part that leads to other pages."""

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Write an element's start, if it may stand."""
        if tag in _VOID:
            if tag == "br" and not self.gone:
                self.parts.append("<br>")
            return
        given = {name: value or "" for name, value in attrs}
        if self.gone or self._goes(tag, given):
            self.gone += 1
            self.open.append((tag, "-"))
            return
        name, text = self._start(tag, given)
        if tag == "header" or "links" in given.get("class", "").split():
            self.leads.append(len(self.open))
        self.open.append((tag, name))
        self.parts.append(text)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        """Write an element that is at once closed: shapes of SVG."""
        given = {name: value or "" for name, value in attrs}
        if not self.gone and tag in DRAWN:
            self.parts.append(f"<{_spelt(tag)}{self._paint(tag, given)}/>")
        elif tag == "br" and not self.gone:
            self.parts.append("<br>")

    def handle_endtag(self, tag: str) -> None:
        """Write an element's end as its start was written."""
        if tag in _VOID or not self.open:
            return
        _, name = self.open.pop()
        if self.leads and self.leads[-1] == len(self.open):
            self.leads.pop()
        if name == "-":
            self.gone -= 1
        elif name:
            self.parts.append(f"</{name}>")
        elif tag in {"div", "section", "header", "main", "footer"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Write text as text."""
        if not self.gone:
            self.parts.append(escape(data, quote=False))

    def _goes(self, tag: str, given: dict[str, str]) -> bool:
        """Tell whether an element goes with all that is in it."""
        if tag in GONE or "hidden" in given or AWAY & set(given.get("class", "").split()):
            return True
        if "defs" in given.get("class", "") and not self.hatched:
            return True
        # What leads to other pages says nothing where it cannot.
        return tag == "a" and bool(self.leads) and not self._link(given)[0]

    def _start(self, tag: str, given: dict[str, str]) -> tuple[str, str]:
        """Return the name that an element gets and its start; none for one whose content stays."""
        classes = given.get("class", "").split()
        around = self.open[-1] if self.open else ("", "")
        if tag == "svg" or any(read == "svg" for read, _ in self.open):
            return self._drawn(tag, given, key=around == ("li", "tr"))
        if (tag, *around) in KEYS:
            return KEYS[tag, *around], f"<{KEYS[tag, *around]}>"
        if tag == "table" or (tag == "ul" and "keys" in classes):
            return "table", TABLE
        if tag in HEADINGS:
            return HEADINGS[tag], f"<{HEADINGS[tag]}{_plain(given)}>"
        if tag == "a":
            return self._link(given)
        if tag not in KEPT:
            return "", ""
        # What a style sets on a line of its own needs a line break here.
        before = "<br>" if tag == "small" and around[0] in CELLS else ""
        return tag, f"{before}<{tag}{_plain(given)}{_side(tag, classes)}>"

    def _drawn(self, tag: str, given: dict[str, str], *, key: bool) -> tuple[str, str]:
        """Start an element of SVG; the swatch of a legend gets a cell of its own."""
        if tag not in DRAWN:
            return "", ""
        start = f"<{_spelt(tag)}{self._paint(tag, given)}>"
        return (f"{tag}></td", f"<td>{start}") if key else (_spelt(tag), start)

    def _link(self, given: dict[str, str]) -> tuple[str, str]:
        target = given.get("href", "")
        whole = urljoin(self.address, target) if not target.startswith("#") else ""
        if not whole.startswith(("https://", "http://")):
            return "", ""
        return "a", f'<a href="{escape(whole)}">'

    def _paint(self, tag: str, given: dict[str, str]) -> str:
        """Write the attributes of a shape: those of its classes under those it has itself."""
        found: dict[str, str] = {}
        for one in given.get("class", "").split():
            found |= self.dress.get(one, {})
        for name, value in given.items():
            spelt = _SPELT.get(name)
            if spelt in {"id", "aria-labelledby"}:
                found[spelt] = " ".join(f"{self.prefix}{one}" for one in value.split())
            elif value.startswith("url(#"):
                found[spelt or ""] = f"url(#{self.prefix}{value[5:]}"
            elif name == "href" and tag == "use" and value.startswith("#"):
                found[name] = f"#{self.prefix}{value[1:]}"
            elif spelt is not None and (spelt not in PAINTED or not _LEADS.search(value)):
                found[spelt] = self.painted.get(value, value)
        found.pop("", None)
        if tag == "svg":
            if given.get("role") == "img":
                found.setdefault("xmlns", "http://www.w3.org/2000/svg")
            size = given.get("viewbox", "").split()[2:]
            if "width" not in found and size and float(size[0]) <= SMALL:
                found["width"], found["height"] = size
        return "".join(f' {name}="{escape(value)}"' for name, value in found.items())


def _side(tag: str, classes: list[str]) -> str:
    if tag not in CELLS:
        return ""
    return f' align="{"right" if "n" in classes else "left"}"'


def _plain(given: dict[str, str]) -> str:
    kept = ((name, value) for name, value in given.items() if name in ATTRIBUTES)
    return "".join(f' {name}="{escape(value)}"' for name, value in kept)


def _spelt(tag: str) -> str:
    return "clipPath" if tag == "clippath" else tag

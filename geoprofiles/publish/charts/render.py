"""Charts as bytes: SVG that stands in a page without a style of its own, and PNG."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any
from xml.etree import ElementTree

from matplotlib import style

from geoprofiles.publish.charts.frame import WHOLE, Chart, literal, quiet_fonts

FAMILY = "system-ui, 'DejaVu Sans', Arial, sans-serif"
"""Fonts of the SVG, the reader's own first."""

PLAIN: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "geoprofiles",
    "svg.id": None,
    "path.simplify": False,
    "savefig.bbox": None,
    "savefig.transparent": False,
    "text.usetex": False,
}

_FONT = re.compile(
    r"^(?:(?P<style>italic|oblique|normal) )?(?:(?P<weight>\d+|bold|normal) )?"
    r"(?P<size>[\d.]+)px (?P<family>.+)$"
)
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_LOST = {"id", "style", "type", "font-family", "href", "version", "width", "height"}

Attributes = dict[str, str]


def render_svg(chart: Chart) -> str:
    """Turn a chart into SVG for use inside a page, with text as text.

    No style attribute or element, no script, nothing from elsewhere: it is whole under a policy
    of ``default-src 'none'``. It has no size of its own and takes the width it is given.

    Parameters
    ----------
    chart : Chart

    Returns
    -------
    str
        From ``<svg`` to ``</svg>``; the same for the same chart.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.publish.charts import chart_ranked
    >>> rows = pd.DataFrame({"area_name": ["Mill", "Quay"], "value": [2.0, 3.0],
    ...                      "lower": 1.0, "upper": 4.0, "verdict": "no clear difference"})
    >>> text = render_svg(chart_ranked(rows, title="Burglary, 2026", x_label="per 1,000 homes"))
    >>> text[:4], "style=" in text, ">Burglary, 2026</title>" in text
    ('<svg', False, True)
    """
    with _plain():
        buffer = io.StringIO()
        nothing = {name: None for name in ("Date", "Creator", "Format", "Type")}
        chart.figure.savefig(buffer, format="svg", metadata=nothing)
    drawn = buffer.getvalue()
    title, alt = literal(chart.title), literal(chart.alt)
    digest = hashlib.sha256("\0".join((drawn, title, alt)).encode()).hexdigest()[:12]
    root = ElementTree.fromstring(drawn)  # noqa: S314  # matplotlib wrote it a moment ago
    writer = _Writer(f"c{digest}-", {one.get("id", ""): one for one in root.iter()})
    body = "".join(writer.element(child) for child in root)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{root.get("viewBox")}" role="img"'
        f' aria-labelledby="c{digest}-title c{digest}-desc" font-family="{escape(FAMILY)}"'
        ' stroke-linejoin="round" stroke-linecap="butt">'
        f'<title id="c{digest}-title">{escape(title)}</title>'
        f'<desc id="c{digest}-desc">{escape(alt)}</desc>{body}</svg>\n'
    )


def render_png(chart: Chart, dpi: int = 150) -> bytes:
    r"""Turn a chart into PNG, for documents.

    Parameters
    ----------
    chart : Chart
    dpi : int
        Dots an inch; a sheet is 7.8 inches wide.

    Returns
    -------
    bytes
        The same for the same chart; they tell of no program or time.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.publish.charts import chart_ranked
    >>> rows = pd.DataFrame({"area_name": ["Mill", "Quay"], "value": [2.0, 3.0],
    ...                      "lower": 1.0, "upper": 4.0, "verdict": "no clear difference"})
    >>> render_png(chart_ranked(rows, title="Burglary", x_label="per 1,000 homes"))[1:4]
    b'PNG'
    """
    with _plain():
        buffer = io.BytesIO()
        chart.figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


@contextmanager
def _plain() -> Iterator[None]:
    """Set matplotlib's own defaults, whatever the reader's settings are, for a while."""
    with style.context(["default", PLAIN]), quiet_fonts():
        yield


class _Writer:
    """Writes matplotlib's elements anew, with presentation attributes alone."""

    def __init__(self, prefix: str, known: dict[str, ElementTree.Element]) -> None:
        self.prefix = prefix
        self.known = known

    def element(self, one: ElementTree.Element) -> str:
        """Write an element and what is in it."""
        tag = one.tag.rpartition("}")[2]
        if tag in {"metadata", "style"}:
            return ""
        if tag == "use":
            return self.used(one)
        if tag == "defs":
            return self.definitions(one)
        attributes = self.attributes(one)
        inner = escape(one.text or "", quote=False) if tag == "text" else ""
        inner += "".join(self.element(child) for child in one)
        if tag == "g":
            whole = one.get("id", "")
            if whole.startswith(WHOLE):
                inner = f"<title>{escape(whole.removeprefix(WHOLE))}</title>{inner}"
            elif not attributes:
                return inner
            if not inner:
                return ""
        return _written(tag, attributes, inner)

    def definitions(self, one: ElementTree.Element) -> str:
        """Keep what cuts; marks are written where they stand."""
        cuts = [child for child in one if child.tag.endswith("clipPath")]
        inner = ""
        for child in cuts:
            shapes = "".join(self.element(shape) for shape in child)
            inner += _written("clipPath", {"id": self.prefix + child.get("id", "")}, shapes)
        return f"<defs>{inner}</defs>" if inner else ""

    def used(self, one: ElementTree.Element) -> str:
        """Write a mark where it stands, so that it needs no reference."""
        href = next(text for name, text in one.attrib.items() if name.endswith("href"))
        shape = self.known[href.removeprefix("#")]
        attributes = {**self.attributes(one), **self.attributes(shape)}
        x, y = (_short(attributes.pop(name, "0")) for name in ("x", "y"))
        attributes["transform"] = f"translate({x} {y})"
        return _written("path", attributes, "")

    def attributes(self, one: ElementTree.Element) -> Attributes:
        """Turn the style of an element into attributes, and shorten its numbers."""
        found: Attributes = {}
        rotated = ""
        for name, text in one.attrib.items():
            plain = name.rpartition("}")[2]
            if plain == "clip-path":
                found[plain] = text.replace("url(#", f"url(#{self.prefix}")
            elif plain == "transform":
                rotated = _short(text)
            elif (plain in {"width", "height"} and one.tag.endswith("rect")) or plain not in _LOST:
                found[plain] = _short(text)
        found.update(_declared(one.get("style", "")))
        if rotated and not re.match(r"rotate\(-?0(\.0)? ", rotated):
            found["transform"] = rotated
        return found


def _declared(declarations: str) -> Attributes:
    """Read style declarations.

    Examples
    --------
    >>> _declared("font: 700 12px 'DejaVu Sans', sans-serif; fill: #10212b")
    {'font-weight': '700', 'font-size': '12', 'fill': '#10212b'}
    """
    found: Attributes = {}
    for declaration in filter(str.strip, declarations.split(";")):
        name, _, text = (part.strip() for part in declaration.partition(":"))
        if name == "font" and (parts := _FONT.match(text)):
            for part in ("style", "weight", "size"):
                if parts[part] and parts[part] != "normal":
                    found[f"font-{part}"] = parts[part]
        elif name not in _LOST and name != "font":
            found[name] = _short(text).removesuffix("px")
    return found


def _short(text: str) -> str:
    r"""Write numbers with two decimals at most, on one line.

    Examples
    --------
    >>> _short("M 39.272727 87.70 \nL -0.001 1.5")
    'M 39.27 87.7 L 0 1.5'
    """
    rounded = _NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), text)
    return re.sub(r"-0(?![\d.])", "0", " ".join(rounded.split()))


def _written(tag: str, attributes: Attributes, inner: str) -> str:
    told = "".join(f' {name}="{escape(text)}"' for name, text in attributes.items())
    return f"<{tag}{told}>{inner}</{tag}>" if inner else f"<{tag}{told}/>"

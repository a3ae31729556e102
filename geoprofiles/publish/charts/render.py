"""Charts as bytes: SVG that stands in a page without a style of its own, and PNG."""

from __future__ import annotations

import hashlib
import io
from html import escape
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from geoprofiles.publish.charts.frame import (
    BODY,
    FONT,
    PAPER,
    WIDTH,
    Chart,
    Drawing,
    Filling,
    Item,
    Marking,
    Sheet,
    Writing,
    quiet_fonts,
)

FAMILY = "system-ui, 'DejaVu Sans', Arial, sans-serif"
"""Fonts of the SVG, the reader's own first."""

PLAIN: dict[str, Any] = {
    "path.simplify": False,
    "savefig.bbox": None,
    "savefig.transparent": False,
    "text.usetex": False,
}

HALO = 2.2
"""Width of the edge of paper around a text that lies on a map."""

EDGE = 0.9
"""Width of the edge of marks."""

_TURN = np.pi * np.arange(5) * 2 / 5
SHAPES: dict[str, np.ndarray | None] = {
    "^": np.array([(0, -1), (-1, 1), (1, 1)]) / 2,
    "v": np.array([(0, 1), (-1, -1), (1, -1)]) / 2,
    ">": np.array([(1, 0), (-1, -1), (-1, 1)]) / 2,
    "s": np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) / 2,
    "D": np.array([(0, -1), (1, 0), (0, 1), (-1, 0)]) / np.sqrt(2),
    "p": np.column_stack([np.sin(_TURN), -np.cos(_TURN)]) / 2,
    "o": None,
}
"""The marks, one point high, down being positive; a circle has no corners."""

_ANCHORS = {"left": "", "center": "middle", "right": "end"}


def render_svg(chart: Chart) -> str:
    """Turn a chart into SVG for use inside a page, with text as text.

    No style attribute or element, no script, no reference to anything: it is whole under a policy
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
    body = "".join(map(_element, chart.sheet.items))
    told = (body, chart.title, chart.alt)
    digest = hashlib.sha256("\0".join(told).encode()).hexdigest()[:12]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"'
        f' viewBox="0 0 {_short(WIDTH)} {_short(chart.sheet.height)}" role="img"'
        f' aria-labelledby="c{digest}-title c{digest}-desc" font-family="{escape(FAMILY)}"'
        f' font-size="{BODY.size}" fill="{BODY.colour}" stroke-linejoin="round">'
        f'<title id="c{digest}-title">{escape(chart.title)}</title>'
        f'<desc id="c{digest}-desc">{escape(chart.alt)}</desc>'
        f'<path d="M0 0H{_short(WIDTH)}V{_short(chart.sheet.height)}H0Z" fill="{PAPER}"/>'
        f"{body}</svg>\n"
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
    # matplotlib's own defaults, whatever the reader's settings are.
    with style.context(["default", PLAIN]), quiet_fonts():
        buffer = io.BytesIO()
        figure_of(chart.sheet).savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def figure_of(sheet: Sheet) -> Figure:
    """Draw a sheet on a figure of matplotlib."""
    figure = Figure(figsize=(WIDTH / 72, sheet.height / 72), dpi=72, facecolor=PAPER)
    flip = Affine2D().scale(1 / 72, -1 / 72).translate(0, sheet.height / 72)
    points = flip + figure.dpi_scale_trans
    for place, item in enumerate(sheet.items):
        artist = _artist(item)
        artist.set_transform(points)
        artist.set_zorder(place)  # later ones lie over earlier ones, whatever they are
        artist.set_clip_on(False)
        figure.add_artist(artist)
    return figure


def _artist(item: Item) -> Any:
    if isinstance(item, Writing):
        edged = [withStroke(linewidth=HALO, foreground=PAPER)] if item.halo else None
        return Text(
            item.x, item.y, item.text, color=item.face.colour, fontfamily=FONT,
            fontsize=item.face.size, fontweight="bold" if item.face.bold else "normal",
            horizontalalignment=item.align, verticalalignment="baseline",
            rotation=90 if item.upright else 0, rotation_mode="anchor", parse_math=False,
            usetex=False, wrap=False, path_effects=edged,
        )  # fmt: skip
    if isinstance(item, Drawing):
        stroke = item.stroke
        return Line2D(
            *item.points.T, color=stroke.colour, linewidth=stroke.width, solid_capstyle="butt",
            dash_capstyle="butt", linestyle=(0, stroke.dashes) if stroke.dashes else "-",
            marker="None",
        )  # fmt: skip
    if isinstance(item, Filling):
        return PathPatch(
            _rings(item.points), facecolor=item.fill or "none",
            edgecolor=item.edge or "none", linewidth=item.width if item.edge else 0,
            joinstyle="miter",
        )  # fmt: skip
    mark, corners = item.mark, SHAPES[item.mark.shape]
    looks: dict[str, Any] = {
        "facecolor": mark.fill, "edgecolor": mark.edge, "linewidth": EDGE, "joinstyle": "round",
    }  # fmt: skip
    if corners is None:
        return Circle((item.x, item.y), mark.size / 2, **looks)
    return Polygon(corners * mark.size + (item.x, item.y), closed=True, **looks)


def _rings(points: np.ndarray) -> Path:
    """Make one path of the rings of a shape."""
    known = np.isfinite(points).all(axis=1)
    pieces = np.split(points, np.flatnonzero(~known))
    rings = [piece[np.isfinite(piece).all(axis=1)] for piece in pieces]
    closed = [Path(np.vstack([ring, ring[:1]]), closed=True) for ring in rings if len(ring)]
    return Path.make_compound_path(*closed)


def _element(item: Item) -> str:
    """Write one item with presentation attributes alone."""
    if isinstance(item, Writing):
        return _text(item)
    if isinstance(item, Drawing):
        stroke = item.stroke
        dashes = " ".join(_short(one * stroke.width) for one in stroke.dashes or ())
        return (
            f'<path d="{_path(item.points)}" fill="none" stroke="{stroke.colour}"'
            f' stroke-width="{_short(stroke.width)}"'
            + (f' stroke-dasharray="{dashes}"/>' if dashes else "/>")
        )
    if isinstance(item, Filling):
        edge = f' stroke="{item.edge}" stroke-width="{_short(item.width)}"' if item.edge else ""
        return f'<path d="{_path(item.points)}Z" fill="{item.fill or "none"}"{edge}/>'
    return _mark(item)


def _text(item: Writing) -> str:
    x, y, face = _short(item.x), _short(item.y), item.face
    told = {
        "text-anchor": _ANCHORS[item.align],
        "font-size": "" if face.size == BODY.size else _short(face.size),
        "font-weight": "bold" if face.bold else "",
        "fill": "" if face.colour == BODY.colour else face.colour,
        "stroke": PAPER if item.halo else "",
        "stroke-width": _short(HALO) if item.halo else "",
        "paint-order": "stroke" if item.halo else "",
        "transform": f"rotate(-90 {x} {y})" if item.upright else "",
    }
    looks = "".join(f' {name}="{value}"' for name, value in told.items() if value)
    text = f'<text x="{x}" y="{y}"{looks}>{escape(item.text, quote=False)}</text>'
    # A text that was cut says the whole of itself to whoever points at it.
    return f"<g><title>{escape(item.whole, quote=False)}</title>{text}</g>" if item.whole else text


def _mark(item: Marking) -> str:
    mark, corners = item.mark, SHAPES[item.mark.shape]
    looks = f' fill="{mark.fill}" stroke="{mark.edge}" stroke-width="{EDGE}"/>'
    x, y = _short(item.x), _short(item.y)
    if corners is None:
        return f'<circle cx="{x}" cy="{y}" r="{_short(mark.size / 2)}"{looks}'
    return f'<path transform="translate({x} {y})" d="{_path(corners * mark.size)}Z"{looks}'


def _path(points: np.ndarray) -> str:
    """Write a line through points; what is not a number breaks it.

    Examples
    --------
    >>> _path(np.array([[0, 1], [2.5, 1], [np.nan, 1], [4, 1], [4, 2]]))
    'M0 1L2.5 1M4 1L4 2'
    """
    known = np.isfinite(points).all(axis=1)
    first = known & ~np.r_[False, known[:-1]]
    return "".join(
        f"{'M' if new else 'L'}{_short(x)} {_short(y)}"
        for (x, y), here, new in zip(points.tolist(), known, first, strict=True)
        if here
    )


def _short(value: float) -> str:
    """Write a number with two decimals at most.

    Examples
    --------
    >>> _short(39.272727), _short(87.7), _short(-0.001)
    ('39.27', '87.7', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text

"""The sheet that every chart is drawn on: heading, body, legend and foot, measured in points.

Places are points from the top left corner, so that what is written can be measured before it is
drawn: nothing overlaps by accident, and a sheet is as tall as its rows need.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal
from unicodedata import east_asian_width

import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

from geoprofiles.publish.figures import clean
from geoprofiles.publish.style import TOKENS

FONT = "DejaVu Sans"
"""Measures and PNG use this one, which matplotlib brings along; it is wider than most."""

WIDTH, MARGIN = 560.0, 14.0
"""Width of a sheet and its margin; within margins of 6 mm it fills a portrait A4 page."""

LEFT, RIGHT = MARGIN, WIDTH - MARGIN

WHOLE = "whole:"
"""Marks the group of a shortened text for render_svg; the whole text follows."""

INK, QUIET, LINE, PAPER = TOKENS["ink"], TOKENS["quiet"], TOKENS["line"], TOKENS["paper"]

Align = Literal["left", "center", "right"]

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True)
class Chart:
    """A finished chart.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    title : str
        What it shows and of when.
    alt : str
        The same in a few sentences, for those who do not see it.
    """

    figure: Figure
    title: str
    alt: str


@dataclass(frozen=True)
class Face:
    """How a text looks."""

    size: float = 8.5
    colour: str = INK
    bold: bool = False


TITLE, SUBTITLE = Face(12.5, bold=True), Face(9, QUIET)
BODY, BOLD, HUSHED = Face(), Face(bold=True), Face(7.5, QUIET)


@dataclass(frozen=True)
class Stroke:
    """How a line looks."""

    colour: str = INK
    width: float = 1.0
    dashes: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Mark:
    """A sign for one place: its shape as matplotlib names it, and its colours."""

    shape: str
    fill: str
    edge: str
    size: float = 6.5


@dataclass(frozen=True)
class Key:
    """A line of the legend: a mark, a stroke or the fill of a box, and what it means."""

    text: str
    mark: Mark | None = None
    stroke: Stroke | None = None
    fill: str = ""


@dataclass(frozen=True)
class Words:
    """What stands over and under a chart."""

    title: str
    subtitle: str = ""
    source: str = ""
    keys: Sequence[Key] = ()
    notes: Sequence[str] = ()


def literal(text: Any) -> str:
    r"""Make any value one line of text that both outputs can carry.

    Examples
    --------
    >>> literal("Mill\nward"), literal("a\ufffeb")
    ('Mill ward', 'ab')
    """
    return clean(text).replace("\ufffe", "").replace("\uffff", "")


@lru_cache(maxsize=20_000)
def measure(text: str, face: Face = BODY) -> float:
    """Tell how wide a text is, in points.

    Examples
    --------
    >>> 10 < measure("Mill") < 20, measure("")
    (True, 0.0)
    """
    if not text:
        return 0.0
    # The font has no East Asian letters: each is as wide as the face is high, as a long dash is.
    known = "".join("—" if east_asian_width(letter) in "WF" else letter for letter in text)
    font = FontProperties(family=FONT, weight="bold" if face.bold else "normal", size=face.size)
    with quiet_fonts():
        width, _, _ = text_to_path.get_text_width_height_descent(known, font, ismath=False)
    return float(width)


@contextmanager
def quiet_fonts() -> Iterator[None]:
    """Say nothing of letters that the font of PNG lacks; SVG has them all."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        yield


def shorten(text: str, width: float, face: Face = BODY) -> str:
    """Cut a text to a width, with an ellipsis.

    Examples
    --------
    >>> shorten("Mill", 100), shorten("Middlewick with Upper Sedgeholme", 60)
    ('Mill', 'Middlewick…')
    """
    if measure(text, face) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle].rstrip() + "…", face) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip(" ,;-") + "…"


def wrap(text: str, width: float, face: Face = BODY, most: int = 99) -> list[str]:
    """Break a text into lines of a width, at spaces where there are any.

    Examples
    --------
    >>> wrap("Middlewick with Upper Sedgeholme", 75)
    ['Middlewick with', 'Upper', 'Sedgeholme']
    >>> wrap("Middlewick with Upper Sedgeholme", 75, most=2)
    ['Middlewick with', 'Upper Sedgeho…']
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if measure(longer, face) <= width:
            lines[-1] = longer
            continue
        rest = word
        while measure(rest, face) > width and len(rest) > 1:
            part = shorten(rest, width, face).removesuffix("…") or rest[0]
            lines.append(part)
            rest = rest[len(part) :]
        lines.append(rest)
    lines = [line for line in lines if line] or [""]
    if len(lines) > most:
        lines[most - 1 :] = [shorten(" ".join(lines[most - 1 :]), width, face)]
    return lines


def line_height(face: Face) -> float:
    """Tell how far apart lines of a face stand."""
    return face.size * 1.32


@dataclass
class Sheet:
    """A figure with its heading, legend and foot drawn, and room between them for a body.

    Parameters
    ----------
    words : Words
    body : float
        Height of the body in points.
    """

    words: Words
    body: float
    top: float = field(init=False)
    figure: Figure = field(init=False)
    _points: Any = field(init=False)

    def __post_init__(self) -> None:
        room = RIGHT - LEFT
        head = [(line, TITLE) for line in wrap(literal(self.words.title), room, TITLE)]
        if self.words.subtitle:
            head += [
                (line, SUBTITLE) for line in wrap(literal(self.words.subtitle), room, SUBTITLE)
            ]
        foot = [one for one in (*self.words.notes, self.words.source) if one]
        last = [(line, HUSHED) for one in foot for line in wrap(literal(one), room, HUSHED)]
        keys = _key_rows(self.words.keys, room)
        self.top = MARGIN + sum(line_height(face) for _, face in head) + 8
        height = self.top + self.body + 10 + 15 * len(keys) + (4 if keys else 0)
        end = height + sum(line_height(face) for _, face in last) + (MARGIN - 4 if last else 4)
        self.figure = Figure(figsize=(WIDTH / 72, end / 72), dpi=72, facecolor=PAPER)
        flip = Affine2D().scale(1 / 72, -1 / 72).translate(0, end / 72)
        self._points = flip + self.figure.dpi_scale_trans
        self._lines(head, MARGIN)
        for row, places in enumerate(keys):
            for x, key in places:
                self._key(x, self.top + self.body + 14 + 15 * row, key)
        self._lines(last, height)

    @property
    def bottom(self) -> float:
        """Where the body ends."""
        return self.top + self.body

    def write(
        self,
        x: float,
        y: float,
        text: str,
        face: Face = BODY,
        *,
        align: Align = "left",
        whole: str = "",
        upright: bool = False,
    ) -> None:
        """Write one line with its baseline at `y`; `whole` is what a shortened text stands for."""
        if not text:
            return
        artist = Text(
            x, y, text, color=face.colour, fontfamily=FONT, fontsize=face.size,
            fontweight="bold" if face.bold else "normal", horizontalalignment=align,
            verticalalignment="baseline", rotation=90 if upright else 0,
            rotation_mode="anchor", parse_math=False, usetex=False, wrap=False,
        )  # fmt: skip
        if whole and whole != text:
            artist.set_gid(WHOLE + whole)
        self._add(artist)

    def write_middle(
        self, x: float, y: float, lines: Sequence[str], face: Face = BODY, *,
        align: Align = "left", whole: str = "",
    ) -> None:  # fmt: skip
        """Write lines so that their middle is at `y`; `whole` is told where they are cut."""
        step = line_height(face)
        first = y + 0.36 * face.size - step * (len(lines) - 1) / 2
        cut = whole if " ".join(lines) != whole else ""
        for place, line in enumerate(lines):
            self.write(x, first + step * place, line, face, align=align, whole=cut)

    def line(
        self, xs: Sequence[float], ys: Sequence[float], stroke: Stroke, within: Box | None = None
    ) -> None:
        """Draw a line; what is not a number breaks it. `within` cuts it to a box."""
        artist = Line2D(
            np.asarray(xs, float), np.asarray(ys, float), color=stroke.colour,
            linewidth=stroke.width, solid_capstyle="butt", dash_capstyle="butt",
            linestyle=(0, stroke.dashes) if stroke.dashes else "-", marker="None",
        )  # fmt: skip
        self._add(artist, within)

    def box(self, place: Box, fill: str, edge: str = "", width: float = 0.9) -> None:
        """Draw a box."""
        left, top, right, bottom = place
        self.shape([left, right, right, left], [top, top, bottom, bottom], fill, edge, width)

    def shape(
        self, xs: Sequence[float], ys: Sequence[float], fill: str, edge: str = "",
        width: float = 0.9,
    ) -> None:  # fmt: skip
        """Fill a shape."""
        artist = Polygon(
            np.column_stack([xs, ys]), closed=True, facecolor=fill or "none",
            edgecolor=edge or "none", linewidth=width if edge else 0, joinstyle="miter",
        )  # fmt: skip
        self._add(artist)

    def mark(self, x: float, y: float, mark: Mark) -> None:
        """Set a mark."""
        artist = Line2D(
            [x], [y], linestyle="None", marker=mark.shape, markersize=mark.size,
            markerfacecolor=mark.fill, markeredgecolor=mark.edge, markeredgewidth=0.9,
        )  # fmt: skip
        self._add(artist)

    def _add(self, artist: Any, within: Box | None = None) -> None:
        artist.set_transform(self._points)
        # Later artists lie over earlier ones, whatever they are.
        artist.set_zorder(len(self.figure.get_children()))
        self.figure.add_artist(artist)
        if within is None:
            artist.set_clip_on(False)
        else:
            left, top, right, bottom = within
            corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
            artist.set_clip_path(Path(corners, closed=True), self._points)

    def _lines(self, lines: Sequence[tuple[str, Face]], top: float) -> None:
        for text, face in lines:
            self.write(LEFT, top + face.size, text, face)
            top += line_height(face)

    def _key(self, x: float, y: float, key: Key) -> None:
        if key.fill:
            self.box((x, y - 4, x + 14, y + 4), key.fill)
        if key.stroke:
            self.line([x, x + 14], [y, y], key.stroke)
        if key.mark:
            self.mark(x + 7, y, key.mark)
        text = shorten(literal(key.text), RIGHT - LEFT - 20, _KEY)
        self.write(x + 19, y + 0.36 * _KEY.size, text, _KEY, whole=literal(key.text))


_KEY = Face(8)


def _key_rows(keys: Sequence[Key], room: float) -> list[list[tuple[float, Key]]]:
    """Place the keys in rows."""
    rows: list[list[tuple[float, Key]]] = []
    x = room + 1
    for key in keys:
        wide = min(19 + measure(literal(key.text), _KEY), room)
        if x + wide > room:
            rows.append([])
            x = 0.0
        rows[-1].append((LEFT + x, key))
        x += wide + 16
    return rows

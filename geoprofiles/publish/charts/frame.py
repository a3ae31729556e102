"""The sheet that every chart is drawn on: heading, body, legend and foot, measured in points.

Places are points from the top left corner, so that what is written can be measured before it is
drawn: nothing overlaps by accident, and a sheet is as tall as its rows need.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal
from unicodedata import east_asian_width

import numpy as np
import shapely
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from geoprofiles.publish.figures import clean
from geoprofiles.publish.style import TOKENS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FONT = "DejaVu Sans"
"""Measures and PNG use this one, which matplotlib brings along; it is wider than most."""

WIDTH, MARGIN = 560.0, 14.0
"""Width of a sheet and its margin; within margins of 6 mm it fills a portrait A4 page."""

LEFT, RIGHT = MARGIN, WIDTH - MARGIN

INK, QUIET, LINE, PAPER = TOKENS["ink"], TOKENS["quiet"], TOKENS["line"], TOKENS["paper"]

Align = Literal["left", "center", "right"]

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


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
    hatched: bool = False


@dataclass(frozen=True)
class Words:
    """What stands over and under a chart."""

    title: str
    subtitle: str = ""
    source: str = ""
    keys: Sequence[Key] = ()
    notes: Sequence[str] = ()


_UNFIT = re.compile("[\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
"""Signs that turn the text around them, which no name needs, and those that XML cannot hold."""


def literal(text: Any) -> str:
    r"""Make any value one line of text that both outputs can carry.

    Examples
    --------
    >>> literal("Mill\nward"), literal("a\ufffeb"), literal("\u202eMill")
    ('Mill ward', 'a�b', 'Mill')
    """
    return " ".join(_UNFIT.sub("", clean(text)).split())


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


@dataclass(frozen=True)
class Writing:
    """One line of text with its baseline at `y`; `whole` is what a shortened one stands for."""

    x: float
    y: float
    text: str
    face: Face
    align: Align
    whole: str
    upright: bool
    halo: bool = False
    """Whether it is edged with paper, so that it can be read on anything."""


@dataclass(frozen=True)
class Drawing:
    """A line through points; what is not a number breaks it."""

    points: np.ndarray
    stroke: Stroke


@dataclass(frozen=True)
class Filling:
    """A shape, filled; what is not a number parts its rings, holes turned the other way."""

    points: np.ndarray
    fill: str
    edge: str
    width: float


@dataclass(frozen=True)
class Marking:
    """A mark."""

    x: float
    y: float
    mark: Mark


Item = Writing | Drawing | Filling | Marking


@dataclass
class Sheet:
    """What is drawn: heading, legend and foot, and room between them for a body.

    Parameters
    ----------
    words : Words
    body : float
        Height of the body in points.
    """

    words: Words
    body: float
    top: float = field(init=False)
    height: float = field(init=False)
    items: list[Item] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        room = RIGHT - LEFT
        title = literal(self.words.title)
        head = [(line, TITLE) for line in wrap(title, room, TITLE)] if title else []
        if self.words.subtitle:
            head += [
                (line, SUBTITLE) for line in wrap(literal(self.words.subtitle), room, SUBTITLE)
            ]
        foot = [one for one in (*self.words.notes, self.words.source) if one]
        last = [(line, HUSHED) for one in foot for line in wrap(literal(one), room, HUSHED)]
        keys = _key_rows(self.words.keys, room)
        self.top = MARGIN + sum(line_height(face) for _, face in head) + 8
        under = self.top + self.body + 10 + 15 * len(keys) + (4 if keys else 0)
        self.height = under + sum(line_height(face) for _, face in last)
        self.height += MARGIN - 4 if last else 4
        self._lines(head, MARGIN)
        for row, places in enumerate(keys):
            for x, key in places:
                self._key(x, self.top + self.body + 14 + 15 * row, key)
        self._lines(last, under)

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
        halo: bool = False,
    ) -> None:
        """Write one line with its baseline at `y`; `whole` is what a shortened text stands for."""
        told = whole if whole != text else ""
        if text:
            self.items.append(Writing(float(x), float(y), text, face, align, told, upright, halo))

    def write_middle(
        self, x: float, y: float, lines: Sequence[str], face: Face = BODY, *,
        align: Align = "left", whole: str = "", halo: bool = False,
    ) -> None:  # fmt: skip
        """Write lines so that their middle is at `y`; `whole` is told where they are cut."""
        step = line_height(face)
        first = y + 0.36 * face.size - step * (len(lines) - 1) / 2
        cut = whole if " ".join(lines) != whole else ""
        for place, line in enumerate(lines):
            self.write(x, first + step * place, line, face, align=align, whole=cut, halo=halo)

    def line(
        self, xs: Sequence[float], ys: Sequence[float], stroke: Stroke, within: Box | None = None
    ) -> None:
        """Draw a line; what is not a number breaks it. `within` cuts it to a box."""
        points = np.column_stack([np.asarray(xs, float), np.asarray(ys, float)])
        for part in [points] if within is None else _cut(points, within):
            self.items.append(Drawing(part, stroke))

    def box(self, place: Box, fill: str, edge: str = "", width: float = 0.9) -> None:
        """Draw a box."""
        left, top, right, bottom = place
        self.shape([left, right, right, left], [top, top, bottom, bottom], fill, edge, width)

    def shape(
        self, xs: Sequence[float], ys: Sequence[float], fill: str, edge: str = "",
        width: float = 0.9,
    ) -> None:  # fmt: skip
        """Fill a shape."""
        self.items.append(Filling(np.column_stack([xs, ys]).astype(float), fill, edge, width))

    def mark(self, x: float, y: float, mark: Mark) -> None:
        """Set a mark."""
        self.items.append(Marking(float(x), float(y), mark))

    def _lines(self, lines: Sequence[tuple[str, Face]], top: float) -> None:
        for text, face in lines:
            self.write(LEFT, top + face.size, text, face)
            top += line_height(face)

    def _key(self, x: float, y: float, key: Key) -> None:
        if key.fill:
            self.box((x, y - 4, x + 14, y + 4), key.fill)
        for start in (-2, 3, 8) if key.hatched else ():
            ends = [max(x + start, x), min(x + start + 8, x + 14)]
            rise = [y + 4 - (ends[0] - x - start), y + 4 - (ends[1] - x - start)]
            self.line(ends, rise, Stroke(TOKENS["hatch"], 0.7))
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


def _cut(points: np.ndarray, within: Box) -> list[np.ndarray]:
    """Return what of a line lies in a box."""
    known = points[np.isfinite(points).all(axis=1)]
    if len(known) < 2:
        return []
    inside = shapely.intersection(shapely.LineString(known), shapely.box(*within))
    lines = [one for one in shapely.get_parts(inside) if one.geom_type == "LineString"]
    return [shapely.get_coordinates(one) for one in lines]


@dataclass(frozen=True)
class Chart:
    """A finished chart.

    Attributes
    ----------
    sheet : Sheet
        What is drawn.
    title : str
        What it shows and of when.
    alt : str
        The same in a few sentences, for those who do not see it.
    """

    sheet: Sheet
    title: str
    alt: str

    @property
    def figure(self) -> Figure:
        """The chart as a figure of matplotlib, made anew each time."""
        from geoprofiles.publish.charts.render import figure_of

        return figure_of(self.sheet)

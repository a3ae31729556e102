"""Scales of charts: round ticks, places in points, and the lines and words of an axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from geoprofiles.publish.charts.frame import (
    BODY,
    HUSHED,
    LEFT,
    LINE,
    QUIET,
    RIGHT,
    Box,
    Sheet,
    Stroke,
    line_height,
    literal,
    measure,
    wrap,
)
from geoprofiles.publish.figures import number

GRID = Stroke(LINE, 0.6)
BASE = Stroke(QUIET, 0.9)


@dataclass(frozen=True)
class Scale:
    """From where to where an axis runs, and its ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def words(self) -> list[str]:
        """Write the ticks, each with as many decimals as all of them need."""
        decimals = next(
            (
                one
                for one in range(7)
                if np.allclose(self.ticks, np.round(self.ticks, one), 0, 1e-9)
            ),
            7,
        )
        return [number(tick, decimals) for tick in self.ticks]


def scale_of(values: Any, *, zero: bool | None = None, most: int = 6) -> Scale:
    """Choose a scale that holds all values; from zero, if they begin near it or must.

    `zero` says whether it must; where it is not said, the values decide.

    Examples
    --------
    >>> scale_of([3.0, 47.0])
    Scale(low=0.0, high=50.0, ticks=(0.0, 10.0, 20.0, 30.0, 40.0, 50.0))
    >>> scale_of([0.0, 0.0]).words(), scale_of([101.0, 104.5]).words()
    (['0', '1'], ['101', '102', '103', '104', '105'])
    """
    numbers = np.asarray(values, dtype=float).ravel()
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers) or not numbers.any():
        return Scale(0.0, 1.0, (0.0, 1.0))
    low, high = float(numbers.min()), float(numbers.max())
    near = 0 <= low < 0.45 * high or (high <= 0 and low < high and high > 0.45 * low)
    if near if zero is None else zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = low - abs(low) * 0.1, high + abs(high) * 0.1
    locator = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10])
    ticks = [float(one) for one in locator.tick_values(low, high)]
    slack = (ticks[1] - ticks[0]) * 1e-6
    while len(ticks) > 2 and ticks[1] <= low + slack:
        ticks.pop(0)
    while len(ticks) > 2 and ticks[-2] >= high - slack:
        ticks.pop()
    return Scale(ticks[0], ticks[-1], tuple(ticks))


@dataclass(frozen=True)
class Plot:
    """A part of a sheet with its two scales."""

    sheet: Sheet
    place: Box
    x: Scale
    y: Scale

    def px(self, value: Any) -> Any:
        """Place a value of the horizontal axis."""
        left, _, right, _ = self.place
        share = (np.asarray(value, dtype=float) - self.x.low) / (self.x.high - self.x.low)
        return left + share * (right - left)

    def py(self, value: Any) -> Any:
        """Place a value of the vertical axis."""
        _, top, _, bottom = self.place
        share = (np.asarray(value, dtype=float) - self.y.low) / (self.y.high - self.y.low)
        return bottom - share * (bottom - top)

    def draw_y(self) -> None:
        """Draw the grid and the words of the vertical axis."""
        left, _, right, _ = self.place
        for tick, text in zip(self.y.ticks, self.y.words(), strict=True):
            y = float(self.py(tick))
            self.sheet.line([left, right], [y, y], BASE if tick == 0 else GRID)
            self.sheet.write_middle(left - 5, y, [text], HUSHED, align="right")

    def draw_x(self, *, grid: bool = True) -> None:
        """Draw the grid and the words of the horizontal axis; words too near are left out."""
        _, top, _, bottom = self.place
        taken: list[tuple[float, float]] = []
        for tick, text in zip(self.x.ticks, self.x.words(), strict=True):
            x = float(self.px(tick))
            if grid:
                self.sheet.line([x, x], [top, bottom], BASE if tick == 0 else GRID)
            half = measure(text, HUSHED) / 2
            at = min(max(x, LEFT + half), RIGHT - half)
            if all(at + half + 4 < low or at - half - 4 > high for low, high in taken):
                self.sheet.write(at, bottom + 11, text, HUSHED, align="center")
                taken.append((at - half, at + half))

    def along(self, xs: Any, ys: Any, stroke: Stroke, within: Box | None = None) -> None:
        """Draw a line through values."""
        self.sheet.line(self.px(xs), self.py(ys), stroke, within)

    def whisker(self, x: float, low: float, high: float, stroke: Stroke) -> None:
        """Draw an interval upright."""
        if np.isfinite(low) and np.isfinite(high):
            self.along([x, x], [low, high], stroke)


@dataclass(frozen=True)
class Axes:
    """What stands around a plot: how tall the words over it are, and how wide those left of it."""

    label: list[str]
    left: float

    @property
    def head(self) -> float:
        """Height of the label over the plot."""
        return line_height(BODY) * len(self.label) + 8


def axes_of(label: str, y: Scale) -> Axes:
    """Measure what stands around a plot; the vertical axis is named over it, not along it."""
    wide = max(measure(text, HUSHED) for text in y.words())
    return Axes(wrap(literal(label), RIGHT - LEFT), LEFT + max(wide + 6, 18))


def write_label(sheet: Sheet, axes: Axes) -> None:
    """Name the vertical axis, over the plot."""
    for place, line in enumerate(axes.label):
        sheet.write(LEFT, sheet.top + 8 + line_height(BODY) * place, line)


def begins(scale: Scale) -> str:
    """Say where an axis begins, where it is not at 0.

    Examples
    --------
    >>> begins(scale_of([101.5, 104.5])), begins(scale_of([1.0, 4.5]))
    ('The axis begins at 101.5, not at 0.', '')
    """
    if scale.low <= 0 <= scale.high:
        return ""
    return f"The axis begins at {scale.words()[0]}, not at 0."


def axis_name(label: str) -> list[str]:
    """Break the name of a horizontal axis into lines."""
    return wrap(literal(label), RIGHT - LEFT, BODY)

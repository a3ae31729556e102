"""What charts over time share: where a line must break, and months or periods without data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geoprofiles.publish.charts.frame import HUSHED, measure
from geoprofiles.publish.charts.scales import Plot
from geoprofiles.publish.charts.verdicts import NO_DATA, NODATA

TALL = 230.0
"""Height of the plots."""


def runs_of(at: np.ndarray, phase: np.ndarray) -> list[np.ndarray]:
    """Part the rows where a month is missing or a phase begins."""
    same = (phase[1:] == phase[:-1]) | (np.isnan(phase[1:]) & np.isnan(phase[:-1]))
    return np.split(np.arange(len(at)), np.flatnonzero((np.diff(at) > 1) | ~same) + 1)


def draw_missing(plot: Plot, places: Sequence[int]) -> None:
    """Shade what has no data, and say so where the words fit."""
    _, top, _, bottom = plot.place
    groups = np.split(np.asarray(places, int), np.flatnonzero(np.diff(places) > 1) + 1)
    for group in groups if len(places) else []:
        left, right = float(plot.px(group[0] - 0.5)), float(plot.px(group[-1] + 0.5))
        plot.sheet.box((left, top, right, bottom), NODATA)
        lines = [NO_DATA] if measure(NO_DATA, HUSHED) < right - left - 2 else NO_DATA.split()
        if max(measure(line, HUSHED) for line in lines) <= right - left:
            middle = (left + right) / 2
            plot.sheet.write_middle(middle, bottom - 14, lines, HUSHED, align="center")

"""Names beside points: each where there is room for it, with a line that leads there from afar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoprofiles.publish.charts.frame import (
    INK,
    LEFT,
    PAPER,
    QUIET,
    Box,
    Face,
    Sheet,
    Stroke,
    measure,
    shorten,
)

FACE, WIDEST, TALL = Face(7.5, INK), 150.0, 10.0

AWAY = (6.0, 12.0, 20.0, 30.0, 42.0)
"""How far from its point a name may stand, in points."""

SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))
"""To the right and down, in the order they are tried."""

POINT = 4.0
"""Half the room that a point takes."""

Spot = tuple[float, float]


@dataclass(frozen=True)
class Label:
    """A name with its place."""

    text: str
    whole: str
    box: Box
    spot: Spot

    @property
    def lead(self) -> tuple[Spot, Spot] | None:
        """The line to the point, where it is needed."""
        left, top, right, bottom = self.box
        x, y = self.spot
        near = (min(max(x, left), right), min(max(y, top), bottom))
        return (self.spot, near) if abs(near[0] - x) + abs(near[1] - y) > 9 else None

    def draw(self, sheet: Sheet) -> None:
        """Write it on a ground of its own, and lead to it."""
        left, top, right, bottom = self.box
        down = sheet.top
        if self.lead:
            (x, y), (end, low) = self.lead
            sheet.line([x, end], [y + down, low + down], Stroke(QUIET, 0.5))
        sheet.box((left, top + down, right, bottom + down), PAPER)
        sheet.write(left + 0.5, bottom + down - 2.5, self.text, FACE, whole=self.whole)


def place_labels(
    names: Sequence[str],
    spots: np.ndarray,
    which: Sequence[int],
    room: Box,
    lines: Sequence[np.ndarray] = (),
) -> tuple[list[Label], list[str]]:
    """Find each name a free place beside its point; return also those that have none.

    No name lies over a point, another name or a line that leads to one; over one of `lines`
    (rows of x and y) only where there is no other place.

    Examples
    --------
    >>> spots = np.array([[100.0, 50.0], [400.0, 50.0]])
    >>> labels, lost = place_labels(["Mill", "Quay"], spots, [0, 1], (0, 0, 500, 100))
    >>> [one.box[:2] for one in labels], lost
    ([(106.0, 45.0), (406.0, 45.0)], [])
    """
    known = spots[np.isfinite(spots).all(axis=1)]
    points = np.column_stack([known - POINT, known + POINT])
    strokes = _around(np.concatenate([_along(one) for one in lines])) if lines else _NONE
    labels: list[Label] = []
    leads = _NONE
    lost = []
    for name, place in zip(names, which, strict=True):
        text = shorten(name, WIDEST, FACE)
        spot = (float(spots[place][0]), float(spots[place][1]))
        choices = [
            Label(text, name, box, spot) for box in _places(spot, measure(text, FACE) + 1, room)
        ]
        written = np.array([one.box for one in labels]).reshape(-1, 4)
        solid = np.concatenate([points, written, leads])
        free = [one for one in choices if _is_free(one, solid, written)]
        found = next((one for one in free if not _meets(one.box, strokes)), None)
        found = found or next(iter(free), None)
        if found is None:
            lost.append(name)
            continue
        labels.append(found)
        if found.lead:
            leads = np.concatenate([leads, _around(_along(np.array(found.lead)))])
    return labels, lost


_NONE = np.empty((0, 4))


def _places(spot: Spot, wide: float, room: Box) -> list[Box]:
    """List the places of a name, ever farther off."""
    x, y = spot
    found = []
    for away in AWAY:
        for right, down in SIDES:
            left = x + away if right > 0 else x - away - wide if right < 0 else x - wide / 2
            top = y - TALL / 2 + down * (away + (0 if right else TALL / 2))
            box = (left, top, left + wide, top + TALL)
            if left >= LEFT and box[2] <= room[2] and room[1] <= top and box[3] <= room[3]:
                found.append(box)
    return found


def _is_free(label: Label, solid: np.ndarray, written: np.ndarray) -> bool:
    if _meets(label.box, solid):
        return False
    if label.lead is None:
        return True
    way = _along(np.array(label.lead))
    inside = (way[:, None, :] >= written[None, :, :2]) & (way[:, None, :] <= written[None, :, 2:])
    return not inside.all(axis=2).any()


def _meets(box: Box, others: np.ndarray) -> bool:
    left, top, right, bottom = box
    return bool(
        (
            (left < others[:, 2]) & (others[:, 0] < right)
            & (top < others[:, 3]) & (others[:, 1] < bottom)
        ).any()
    )  # fmt: skip


def _along(line: np.ndarray, step: float = 3.0) -> np.ndarray:
    """Set points along a line."""
    line = line[np.isfinite(line).all(axis=1)]
    if len(line) < 2:
        return line
    run = np.r_[0.0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]
    at = np.linspace(0, run[-1], int(run[-1] / step) + 2)
    return np.column_stack([np.interp(at, run, line[:, 0]), np.interp(at, run, line[:, 1])])


def _around(points: np.ndarray, half: float = 1.0) -> np.ndarray:
    return np.column_stack([points - half, points + half])

"""Small graphics of one figure, to be read at a glance: a strip, a bar of tenths, a line.

All are SVG with presentation attributes alone, and tell in words what they show.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd

from geoprofiles.publish.charts.verdicts import CITY
from geoprofiles.publish.profiles.common import short_period
from geoprofiles.publish.style import TOKENS

WIDE, EDGE = 220.0, 8.0
INK, QUIET, LINE, PAPER = TOKENS["ink"], TOKENS["quiet"], TOKENS["line"], TOKENS["paper"]
ACCENT = TOKENS["accent"]


def _svg(height: float, told: str, body: str, name: str) -> str:
    return (
        f'<svg class="glyph {name}" viewBox="0 0 {WIDE:g} {height:g}" role="img"'
        f' aria-label="{escape(told)}" font-size="10" fill="{QUIET}">{body}</svg>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "", fill: str = "") -> str:
    looks = f' text-anchor="{anchor}"' if anchor else ""
    looks += f' fill="{fill}"' if fill else ""
    return f'<text x="{x:.1f}" y="{y:g}"{looks}>{escape(text)}</text>'


def draw_strip(
    values: Sequence[float], own: float, whole: float, *, ends: tuple[str, str], told: str
) -> str:
    """Draw where an area stands among all: a mark for each, a round one for itself, the whole.

    Parameters
    ----------
    values : sequence of float
        Of all areas, this one among them; what is not known is left out.
    own, whole : float
        Of this area, and of all together.
    ends : pair of str
        The lowest and the highest value as they are written.
    told : str
        The same in words.

    Returns
    -------
    str
        SVG; nothing where fewer than two areas have a value or this one has none.

    Examples
    --------
    >>> drawn = draw_strip([1.0, 4.0, 2.0], 4.0, 2.5, ends=("1.0", "4.0"), told="Mill 4.0")
    >>> drawn.count("v12"), 'aria-label="Mill 4.0"' in drawn
    (3, True)
    >>> draw_strip([4.0], 4.0, 4.0, ends=("4.0", "4.0"), told="Mill 4.0")
    ''
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if len(known) < 2 or not np.isfinite(own):
        return ""
    every = [*known, own, *([whole] if np.isfinite(whole) else [])]
    low, span = min(every), (max(every) - min(every)) or 1.0

    def place(value: float) -> float:
        return EDGE + (value - low) / span * (WIDE - 2 * EDGE)

    ticks = "".join(f"M{place(one):.1f} 6v12" for one in sorted(known))
    body = f'<path d="M{EDGE:g} 12h{WIDE - 2 * EDGE:g}" stroke="{LINE}"/>'
    body += f'<path d="{ticks}" stroke="{QUIET}" stroke-width="1.4"/>'
    if np.isfinite(whole):
        body += f'<path d="M{place(whole):.1f} 1v22" stroke="{CITY}" stroke-width="2.4"/>'
    body += f'<circle cx="{place(own):.1f}" cy="12" r="6" fill="{ACCENT}" stroke="{PAPER}"'
    body += ' stroke-width="1.6"/>'
    body += _text(EDGE - 6, 32, ends[0]) + _text(WIDE - EDGE + 6, 32, ends[1], anchor="end")
    return _svg(35, told, body, "strip")


def draw_tenths(own: float, whole: float, *, told: str) -> str:
    """Draw a percentage as ten boxes that fill up, with a line where all areas together stand.

    Examples
    --------
    >>> drawn = draw_tenths(35.0, 28.0, told="35 of 100")
    >>> drawn.count("<path"), draw_tenths(120.0, 100.0, told="")
    (3, '')
    """
    if not 0 <= own <= 100:
        return ""
    room, gap = (WIDE - 2 * EDGE) / 10, 3.0
    boxes, filled = [], []
    for ten in range(10):
        left = EDGE + ten * room
        boxes.append(f"M{left:.1f} 4h{room - gap:.1f}v14h-{room - gap:.1f}z")
        part = min(max(own / 10 - ten, 0.0), 1.0) * (room - gap)
        if part > 0:
            filled.append(f"M{left:.1f} 4h{part:.1f}v14h-{part:.1f}z")
    body = f'<path d="{"".join(boxes)}" fill="{LINE}"/>'
    body += f'<path d="{"".join(filled)}" fill="{ACCENT}"/>'
    if np.isfinite(whole) and 0 <= whole <= 100:
        ten = min(int(whole // 10), 9)
        at = EDGE + ten * room + (whole / 10 - ten) * (room - gap)
        body += f'<path d="M{at:.1f} 0v22" stroke="{CITY}" stroke-width="2.4"/>'
    return _svg(22, told, body, "tenths")


FEWEST_PERIODS = 3
"""Of which a line is drawn: two make none."""


def draw_line(among: pd.DataFrame, code: str, *, told: str) -> str:
    """Draw one indicator of an area over its periods, before the lines of all other areas.

    Parameters
    ----------
    among : DataFrame
        Values of one indicator: index ``area_code``, a column for each period in order of time;
        ``attrs`` hold ``whole`` and ``segment`` of each period. No line goes from one segment to
        the next.
    code : str
        Of the area.
    told : str
        What it shows, in words.

    Returns
    -------
    str
        SVG; nothing where the area has fewer than three periods with a figure.

    Examples
    --------
    >>> among = pd.DataFrame({"2023": [1.0, 2.0], "2024": [2.0, 2.0], "2025": [4.0, 2.0]},
    ...     index=["A", "B"])
    >>> among.attrs = {"whole": [1.5, 2.0, 3.0], "segment": [0, 0, 0]}
    >>> drawn = draw_line(among, "A", told="Mill rises")
    >>> drawn.count("<path"), ">2023<" in drawn, ">2025<" in drawn
    (3, True, True)
    >>> draw_line(among[["2024", "2025"]], "A", told="")
    ''
    """
    if code not in among.index or among.loc[code].notna().sum() < FEWEST_PERIODS:
        return ""
    periods, parts = [str(one) for one in among.columns], among.attrs["segment"]
    whole = np.asarray(among.attrs["whole"], dtype=float)
    every = np.concatenate([among.to_numpy(dtype=float).ravel(), whole])
    every = every[np.isfinite(every)]
    low, span = every.min(), (every.max() - every.min()) or 1.0
    x = EDGE + np.arange(len(periods)) * (WIDE - 2 * EDGE) / (len(periods) - 1)

    def path(values: np.ndarray) -> str:
        steps, last = [], None
        for at, value, part in zip(x, values, parts, strict=True):
            if np.isfinite(value):
                y = 44 - (value - low) / span * 38
                steps.append(f"{'L' if part == last else 'M'}{at:.0f} {y:.1f}")
            last = part if np.isfinite(value) else None
        return "".join(steps)

    others = "".join(path(row) for row in among.drop(index=code).to_numpy(dtype=float))
    mine = among.loc[code].to_numpy(dtype=float)
    body = f'<path d="{others}" fill="none" stroke="{LINE}"/>'
    body += f'<path d="{path(whole)}" fill="none" stroke="{CITY}" stroke-width="1.6"/>'
    body += f'<path d="{path(mine)}" fill="none" stroke="{ACCENT}" stroke-width="2.6"/>'
    for at, value in zip(x, mine, strict=True):
        if np.isfinite(value):
            y = 44 - (value - low) / span * 38
            body += f'<circle cx="{at:.0f}" cy="{y:.1f}" r="3" fill="{ACCENT}"/>'
    body += _text(EDGE - 6, 58, short_period(periods[0]))
    body += _text(WIDE - EDGE + 6, 58, short_period(periods[-1]), anchor="end")
    return _svg(61, told, body, "line")

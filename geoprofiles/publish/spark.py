"""Sparklines: the values of an indicator over its periods, as small as a word."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd

from geoprofiles.publish.figures import decimals_of, number
from geoprofiles.publish.style import TOKENS

ACCENT = TOKENS["accent"]

WIDE, HIGH, EDGE = 64.0, 18.0, 2.5
"""Of a sparkline, and its margin, in its own units."""


def draw_spark(history: pd.DataFrame) -> str:
    """Draw one indicator of one area over its periods, as inline SVG.

    Parameters
    ----------
    history : DataFrame
        In order of time: ``period``, ``value``; NaN where a period has no figure. ``segment``
        (int), where recording changed: no line goes from one to the next.

    Returns
    -------
    str
        SVG whose label says every value; nothing where fewer than two periods have one.

    Examples
    --------
    >>> history = pd.DataFrame({"period": ["2024", "2025"], "value": [3.0, 4.5]})
    >>> 'aria-label="2024: 3.00; 2025: 4.50"' in draw_spark(history)
    True
    >>> draw_spark(history.head(1))
    ''
    """
    values = history["value"].astype(float).to_numpy()
    known = np.isfinite(values)
    if known.sum() < 2:
        return ""
    low, high = values[known].min(), values[known].max()
    span = (high - low) or 1.0
    x = EDGE + np.arange(len(values)) * (WIDE - 2 * EDGE) / (len(values) - 1)
    y = HIGH - EDGE - (values - low) / span * (HIGH - 2 * EDGE)
    if high == low:
        y = np.full(len(values), HIGH / 2)
    segment = history["segment"].to_numpy() if "segment" in history else np.zeros(len(values))
    # A line crosses neither a period that has no figure nor a break in recording.
    parts, last_in = [], None
    for here, part, at_x, at_y in zip(known, segment, x, y, strict=True):
        if here:
            parts.append(f"{'L' if last_in == part else 'M'}{at_x:.1f} {at_y:.1f}")
        last_in = part if here else None
    last = int(np.flatnonzero(known)[-1])
    decimals = decimals_of(values[known])
    told = "; ".join(
        f"{period}: {number(value, decimals)}"
        for period, value in zip(history["period"], values, strict=True)
    )
    return (
        f'<svg class="spark" viewBox="0 0 {WIDE:g} {HIGH:g}" width="{WIDE:g}" height="{HIGH:g}"'
        f' role="img"'
        f' aria-label="{escape(told)}">'
        f'<path d="{"".join(parts)}" fill="none" stroke="{ACCENT}" stroke-width="1.4"/>'
        f'<circle cx="{x[last]:.1f}" cy="{y[last]:.1f}" r="2.2" fill="{ACCENT}"/></svg>'
    )

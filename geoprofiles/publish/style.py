"""The look of pages: every colour and size, once.

The five classes of figures are one hue from light to dark, so that they read the same with any
kind of colour blindness and in grey print; bands of density are a warm ramp over them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

RAMP = ("#e4f0f1", "#b3d6da", "#77b2bc", "#398698", "#0e5266")
"""Classes from low to high."""

WARM = ("#fbd58b", "#f3a154", "#de6a35", "#b23a25", "#74181c")
"""Bands of density from low to high."""

COLD = ("#d9e6f4", "#a9c8e8", "#6f9fd0", "#3a72b0", "#1b4a85")
"""Cold spots, from low to high."""

TOKENS = {
    "ink": "#10212b",
    "quiet": "#46565f",
    "paper": "#ffffff",
    "ground": "#f4f6f7",
    "line": "#c4ced4",
    "border": "#33454f",
    "accent": "#0e5266",
    "cluster": "#7a1330",
    "focus": "#ffb000",
    "nodata": "#e9e9e6",
    "hatch": "#8d8d86",
    "water": "#dcebf3",
    "shore": "#b9d2e0",
}


def shades(count: int, ramp: Sequence[str] = RAMP) -> list[int]:
    """Choose `count` steps of a ramp, spread from its light to its dark end, counted from 1.

    Examples
    --------
    >>> shades(5), shades(3), shades(1), shades(7)
    ([1, 2, 3, 4, 5], [1, 3, 5], [3], [1, 2, 2, 3, 4, 4, 5])
    """
    if count == 1:
        return [(len(ramp) + 1) // 2]
    return [1 + int(place * (len(ramp) - 1) / (count - 1) + 0.5) for place in range(count)]


def tokens_css() -> str:
    """Write the tokens as custom properties, and the classes that fill shapes with them."""
    lines = [f"--{name}: {colour};" for name, colour in TOKENS.items()]
    lines += [f"--k{step}: {colour};" for step, colour in enumerate(RAMP, 1)]
    lines += [f"--d{step}: {colour};" for step, colour in enumerate(WARM, 1)]
    fills = [f".k{step} {{ fill: var(--k{step}); }}" for step in range(1, len(RAMP) + 1)]
    fills += [f".d{step} {{ fill: var(--d{step}); }}" for step in range(1, len(WARM) + 1)]
    return ":root {\n" + "\n".join(lines) + "\n}\n" + "\n".join(fills) + "\n"


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it, 1 to 21.

    Examples
    --------
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return round((light + 0.05) / (dark + 0.05), 2)


def _luminance(colour: str) -> float:
    red, green, blue = (int(part, 16) / 255 for part in re.findall("[0-9a-f]{2}", colour.lower()))
    parts = [
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4
        for one in (red, green, blue)
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

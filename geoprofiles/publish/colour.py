"""Colours as numbers: how far apart they are, to whom, and the nearest that is light enough.

Differences are distances in CIELAB (CIE 1976, white D65). What people with a colour-vision
deficiency see is simulated with the matrices of Machado, Oliveira and Fernandes (2009) for a
whole lack of one kind of cone, in linear sRGB.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Lab = tuple[float, float, float]

SEEN_BY = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""Machado and others (2009), severity 1, by the name of the deficiency."""

_TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_FROM_XYZ = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)
_WHITE = (0.95047, 1.0, 1.08883)
_KNEE = 6 / 29


def is_colour(text: str) -> bool:
    """Tell whether a text is a colour as we take it: ``#rrggbb``.

    Examples
    --------
    >>> is_colour("#0e5266"), is_colour("teal"), is_colour("#0E5")
    (True, False, False)
    """
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it, 1 to 21.

    Examples
    --------
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return round((light + 0.05) / (dark + 0.05), 2)


def lab(colour: str, *, seen_by: str | None = None) -> Lab:
    """Return lightness (0 to 100) and the two hue axes of a colour, as all see it or some do.

    Examples
    --------
    >>> [round(part) for part in lab("#ffffff")], round(lab("#10212b")[0])
    ([100, 0, 0], 12)
    """
    parts = _linear(colour)
    if seen_by is not None:
        parts = tuple(min(max(part, 0.0), 1.0) for part in _times(SEEN_BY[seen_by], parts))
    x, y, z = (
        one ** (1 / 3) if one > _KNEE**3 else one / (3 * _KNEE**2) + 4 / 29
        for one in (
            part / white for part, white in zip(_times(_TO_XYZ, parts), _WHITE, strict=True)
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(first: str, second: str, *, seen_by: str | None = None) -> float:
    """Return how far apart two colours are in CIELAB, as all see them or some do.

    Examples
    --------
    >>> round(difference("#c00000", "#008000")), round(difference("#c00000", "#008000",
    ...     seen_by="deuteranopia"))
    (117, 7)
    """
    pairs = zip(lab(first, seen_by=seen_by), lab(second, seen_by=seen_by), strict=True)
    return float(sum((one - other) ** 2 for one, other in pairs) ** 0.5)


def with_lightness(colour: str, lightness: float) -> str:
    """Return the colour of the same hue that is so light, as strong as a screen can show it.

    Examples
    --------
    >>> with_lightness("#0e5266", 80), with_lightness("#0e5266", 100)
    ('#97cfe6', '#ffffff')
    """
    _, green_red, blue_yellow = lab(colour)
    for step in range(20, -1, -1):
        parts = _from_lab((lightness, green_red * step / 20, blue_yellow * step / 20))
        if step == 0 or all(-0.001 <= part <= 1.001 for part in parts):
            break
    return _hex(parts)


def between(first: str, second: str, part: float) -> str:
    """Return the colour that lies a part of the way from one to another.

    Examples
    --------
    >>> between("#000000", "#ffffff", 0.5), between("#0e5266", "#ffffff", 0)
    ('#777777', '#0e5266')
    """
    light, green_red, blue_yellow = (
        one + (other - one) * part for one, other in zip(lab(first), lab(second), strict=True)
    )
    return _hex(_from_lab((light, green_red, blue_yellow)))


def nearest_that(colour: str, passes: Callable[[str], bool]) -> str | None:
    """Return the colour of the same hue, nearest in lightness, that passes a test.

    Examples
    --------
    >>> nearest_that("#5fb0bd", lambda one: contrast(one, "#ffffff") >= 4.5)
    '#277f8c'
    """
    here = round(lab(colour)[0])
    for away in range(101):
        for lightness in (here - away, here + away):
            if 0 <= lightness <= 100 and passes(found := with_lightness(colour, lightness)):
                return found
    return None


def _hex(parts: tuple[float, ...]) -> str:
    return "#" + "".join(f"{_encoded(part):02x}" for part in parts)


def _linear(colour: str) -> tuple[float, ...]:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return tuple(one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _times(
    matrix: tuple[tuple[float, float, float], ...], parts: tuple[float, ...]
) -> tuple[float, ...]:
    return tuple(sum(one * part for one, part in zip(row, parts, strict=True)) for row in matrix)


def _from_lab(colour: Lab) -> tuple[float, ...]:
    y = (colour[0] + 16) / 116
    x, z = y + colour[1] / 500, y - colour[2] / 200
    parts = tuple(
        white * (one**3 if one > _KNEE else 3 * _KNEE**2 * (one - 4 / 29))
        for one, white in zip((x, y, z), _WHITE, strict=True)
    )
    return _times(_FROM_XYZ, parts)


def _encoded(part: float) -> int:
    part = min(max(part, 0.0), 1.0)
    part = 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return round(255 * part)

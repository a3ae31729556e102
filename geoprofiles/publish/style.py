"""The look of pages: every colour, once, for a light screen and for a dark one.

The five classes of figures are one hue from light to dark, so that they read the same with any
kind of colour blindness and in grey print; bands of density are a warm ramp over them. On a dark
screen low is dark and high is light: what is high stands out from the page on both.

No two tokens are the same colour: charts name colours themselves, and a page that is dark, or in a
council's own colours, tells by them which token is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geoprofiles.publish.colour import contrast as contrast  # noqa: PLC0414 (charts ask here)

RAMP = ("#e4f0f1", "#b3d6da", "#77b2bc", "#398698", "#0e5266")
"""Classes from low to high."""

WARM = ("#fbd58b", "#f3a154", "#de6a35", "#b23a25", "#74181c")
"""Bands of density from low to high."""

COLD = ("#d9e6f4", "#a9c8e8", "#6f9fd0", "#3a72b0", "#1b4a85")
"""Cold spots, from low to high."""

PLAIN = {
    "p0": "#ffffff",
    "m0": "#f4f6f7",
    "m1": "#dfe3e6",
    "m2": "#b9c1c7",
    "m3": "#fdecce",
    "m4": "#d0daf0",
}
"""Outlines alone; no difference; too few to say; not comparable; more, and fewer, by chance."""

FILLS = {
    **{f"k{step}": colour for step, colour in enumerate(RAMP, 1)},
    **{f"d{step}": colour for step, colour in enumerate(WARM, 1)},
    **{f"e{step}": colour for step, colour in enumerate(COLD, 1)},
    **PLAIN,
}
"""Every colour that fills shapes of a map, by the name of its class; ``k0`` is hatched: no data."""

TOKENS = {
    "ink": "#10212b",
    "quiet": "#46565f",
    "paper": "#ffffff",
    "ground": "#f4f6f7",
    "line": "#c4ced4",
    "border": "#33454f",
    "accent": "#0e5265",
    "cluster": "#7a1330",
    "focus": "#ffb000",
    "nodata": "#e9e9e6",
    "hatch": "#8d8d86",
    "water": "#dcebf3",
    "shore": "#b9d2e0",
    "park": "#dfeddb",
    "beyond": "#e6eaed",
    "road": "#9aa6ae",
    "rail": "#4d5a63",
    "worse": "#c05408",
    "better": "#1f6fa8",
    "unclear": "#8a949b",
    "whole": "#b0202a",
    "worse-pale": "#f0c193",
    "better-pale": "#aecde6",
    "higher": "#6b4c9a",
    "higher-pale": "#cdbfe0",
    "lower": "#2f7f76",
    "lower-pale": "#b5d9d4",
    "plain": "#e8ecee",
    "bar": "#e6ebee",
    "box": "#cdd6db",
    "band": "#dcebee",
    "beside": "#d3e4ee",
    "own": "#fff1cc",
}

DARK_RAMP = ("#0e3540", "#155260", "#24707f", "#4d9cac", "#98d2db")
DARK_WARM = ("#651419", "#8f2a14", "#b24511", "#d98a33", "#f0cd80")
DARK_COLD = ("#12375f", "#1a5084", "#306c9f", "#6699c8", "#b3cce5")

DARK = {
    "ink": "#e9eff2",
    "quiet": "#b4c1c9",
    "paper": "#12191e",
    "ground": "#1b252b",
    "line": "#3a4952",
    "border": "#c3d0d7",
    "accent": "#7cc6d6",
    "cluster": "#ff9db2",
    "focus": "#ffb000",
    "nodata": "#333c41",
    "hatch": "#7b8790",
    "water": "#14303f",
    "shore": "#2d546b",
    "park": "#1d3322",
    "beyond": "#20292e",
    "road": "#71808a",
    "rail": "#a5b3bb",
    "worse": "#f39a52",
    "better": "#7cb8e8",
    "unclear": "#96a3ab",
    "whole": "#ff8a8f",
    "worse-pale": "#6e4322",
    "better-pale": "#26506f",
    "higher": "#c0a4e8",
    "higher-pale": "#52406f",
    "lower": "#74cabe",
    "lower-pale": "#27564f",
    "plain": "#2b353b",
    "bar": "#2a353c",
    "box": "#3f4e57",
    "band": "#21383f",
    "beside": "#24394a",
    "own": "#453b17",
    **{f"k{step}": colour for step, colour in enumerate(DARK_RAMP, 1)},
    **{f"d{step}": colour for step, colour in enumerate(DARK_WARM, 1)},
    **{f"e{step}": colour for step, colour in enumerate(DARK_COLD, 1)},
    "p0": "#12191e",
    "m0": "#1c262c",
    "m1": "#364349",
    "m2": "#5b6971",
    "m3": "#3b2f1c",
    "m4": "#1e2f43",
}
"""The same tokens and fills on a dark screen."""


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
    """Write the tokens as custom properties, and the rules that colour shapes with them.

    Shapes of maps have classes. Charts carry their colours themselves, so that they hold outside
    a page; within one, the property of the token takes the place of its colour.
    """
    light = {**TOKENS, **FILLS}
    rules = [f".{name} {{ fill: var(--{name}); }}" for name in FILLS]
    of = {colour: name for name, colour in reversed(light.items())}
    for colour, name in of.items():
        rules += [
            f'[{what}="{colour}"] {{ {what}: var(--{name}); }}' for what in ("fill", "stroke")
        ]
    return theme_css(light, DARK) + "\n".join(rules) + "\n"


def theme_css(light: Mapping[str, str], dark: Mapping[str, str]) -> str:
    """Write custom properties for light and dark screens; print is always light.

    The reader's system decides, unless ``data-theme`` of the root element says which.

    Examples
    --------
    >>> print(theme_css({"ink": "#000000"}, {"ink": "#ffffff"}))
    :root {
    color-scheme: light;
    --ink: #000000;
    }
    @media screen and (prefers-color-scheme: dark) {
    :root:not([data-theme="light"]) {
    color-scheme: dark;
    --ink: #ffffff;
    }
    }
    @media screen {
    :root[data-theme="dark"] {
    color-scheme: dark;
    --ink: #ffffff;
    }
    }
    <BLANKLINE>
    """
    bright, dim = (
        "\n".join([f"color-scheme: {scheme};", *(f"--{name}: {one};" for name, one in of.items())])
        for scheme, of in (("light", light), ("dark", dark))
    )
    return (
        f":root {{\n{bright}\n}}\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        f':root:not([data-theme="light"]) {{\n{dim}\n}}\n}}\n'
        f'@media screen {{\n:root[data-theme="dark"] {{\n{dim}\n}}\n}}\n'
    )

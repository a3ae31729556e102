"""A council's own look: its colours, font and logo, checked so that every reader can still read.

The colours of a dark screen follow from those of a light one: the hue is kept, the lightness is
that of our own dark colours, which are known to be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from geoprofiles.errors import InputError
from geoprofiles.model import Logo
from geoprofiles.publish.colour import (
    SEEN_BY,
    between,
    contrast,
    difference,
    is_colour,
    lab,
    nearest_that,
    with_lightness,
)
from geoprofiles.publish.style import DARK, FILLS, RAMP, TOKENS, theme_css

TEXT = 4.5
"""Contrast that text needs (WCAG 2.2, 1.4.3)."""

APART = 10.0
"""Least distance in CIELAB of neighbouring classes, for all readers; our own have as much."""

SIDES_APART = (24.0, 16.0)
"""From the middle of diverging colours to the next, and on: classes lie between them."""

STEPS = 5
GENERIC = ("serif", "sans-serif", "monospace", "system-ui", "ui-sans-serif", "ui-serif")

WRITTEN_ON = ("ink", "ink", "ink", "", "paper")
"""What charts write on each class, low to high; on the fourth they write nothing."""


@dataclass(frozen=True)
class Look:
    """How pages look: what a council may change.

    Attributes
    ----------
    accent : str
        Colour of links, headings of tables and rules, ``#rrggbb``.
    classes : tuple of str
        Five colours of classes, for low to high figures, light to dark.
    diverging : tuple of str
        Five colours from far below to far above, with the palest in the middle; none for ours.
    font : str
        Families in the order of preference, as CSS lists them: ``"Verdana, sans-serif"``. Nothing
        is fetched: a font must be on the reader's machine.
    logo : Logo, optional
        Shown at the head of every page.
    dark : bool
        Whether pages are dark for readers whose system is: a frame within a site that is always
        light had better be so too.

    Raises
    ------
    InputError
        If text on a colour, or neighbouring colours, could not be told by every reader.

    Examples
    --------
    >>> Look(accent="#6b2c91").accent
    '#6b2c91'
    """

    accent: str = TOKENS["accent"]
    classes: tuple[str, ...] = RAMP
    diverging: tuple[str, ...] = ()
    font: str = ""
    logo: Logo | None = None
    dark: bool = True

    def __post_init__(self) -> None:
        """Refuse what some readers could not read."""
        for fault in faults_of(self.accent, self.classes, self.diverging, self.font):
            raise InputError(fault.problem, remedy=fault.remedy)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a setting of the look, and what would be right."""

    key: str
    problem: str
    remedy: str


def faults_of(
    accent: str, classes: Sequence[str], diverging: Sequence[str], font: str
) -> list[Fault]:
    """List what is wrong with a look, the gravest of each setting first.

    Examples
    --------
    >>> [one.problem for one in faults_of("#f0a030", RAMP, (), "")]
    ['accent #f0a030 has a contrast of 2.15 with the white page, and 4.5 is needed']
    """
    found = [_accent_fault(accent), _classes_fault(classes), _diverging_fault(diverging)]
    return [one for one in [*found, _font_fault(font)] if one is not None]


def look_css(look: Look) -> str:
    """Write what a look changes, to stand after the other styles.

    Examples
    --------
    >>> "--accent: #6b2c91;" in look_css(Look(accent="#6b2c91")), look_css(Look())
    (True, '')
    """
    light = colours_of(look)
    own = {**TOKENS, **FILLS}
    changed = [name for name, colour in light.items() if own[name] != colour]
    css = ""
    if changed:
        dark = {name: _dark(light, name) for name in changed}
        css += theme_css({name: light[name] for name in changed}, dark)
    if not look.dark:
        kept = "\n".join(f"--{name}: {colour};" for name, colour in light.items())
        css += (
            "@media screen and (prefers-color-scheme: dark) {\n"
            f':root:not([data-theme="dark"]) {{\ncolor-scheme: light;\n{kept}\n}}\n}}\n'
        )
    if look.font:
        css += f"body, svg {{ font-family: {_families(look.font)}; }}\n"
    if look.logo is not None:
        css += (
            ".logo { display: block; width: auto; height: auto; max-width: 100%;"
            " max-height: 3.5rem; margin: 0 0 0.75rem; }\n"
            "@media screen { .logo { background: #ffffff; outline: 0.25rem solid #ffffff; } }\n"
        )
    return css


def colours_of(look: Look) -> dict[str, str]:
    """Return every token and fill by name, as a look has them on a light screen."""
    steps = {f"k{step}": colour for step, colour in enumerate(look.classes, 1)}
    ends: dict[str, str] = {}
    if look.diverging:
        far_below, below, middle, above, far_above = look.diverging
        for letter, inner, outer in (("e", below, far_below), ("d", above, far_above)):
            ramp = _side(middle, inner, outer)
            ends |= {f"{letter}{step}": colour for step, colour in enumerate(ramp, 1)}
    chosen = {"accent": look.accent, **steps, **ends}
    return {**TOKENS, **FILLS, **{name: colour.lower() for name, colour in chosen.items()}}


def _dark(light: Mapping[str, str], name: str) -> str:
    """Choose the dark screen's colour: our own dark one's lightness, the given one's hue."""
    letter, step = name[:1], name[1:]
    # The strongest class is dark on a light screen and light on a dark one; the palest have too
    # little of a hue to lend it.
    hue = light[f"{letter}{max(STEPS + 1 - int(step), 3)}"] if step.isdigit() else light[name]
    return with_lightness(hue, lab(DARK[name])[0])


def _side(middle: str, inner: str, outer: str) -> list[str]:
    """Lay five steps from near the middle to the outer colour; the inner one is the third."""
    return [
        between(middle, inner, 1 / 3),
        between(middle, inner, 2 / 3),
        inner,
        between(inner, outer, 1 / 2),
        outer,
    ]


def _accent_fault(accent: str) -> Fault | None:
    if not is_colour(accent):
        return _no_colour("accent", accent)
    seen = contrast(accent, TOKENS["paper"])
    if seen >= TEXT:
        return None
    nearest = nearest_that(accent, lambda one: contrast(one, TOKENS["paper"]) >= TEXT)
    return Fault(
        "accent",
        f"accent {accent} has a contrast of {seen:g} with the white page, and {TEXT:g} is needed",
        f"The nearest that can be read is {nearest}.",
    )


def _classes_fault(classes: Sequence[str]) -> Fault | None:
    if len(classes) != STEPS:
        return Fault(
            "classes",
            f"classes needs five colours, and holds {len(classes)}",
            "Give them from light (low) to dark (high).",
        )
    for colour in classes:
        if not is_colour(colour):
            return _no_colour("classes", colour)
    if fault := _order_fault("classes", classes, "from light (low) to dark (high)", [APART] * 4):
        return fault
    for colour, under in zip(classes, WRITTEN_ON, strict=True):
        if not under or (seen := contrast(colour, TOKENS[under])) >= TEXT:
            continue
        words = "dark" if under == "ink" else "white"
        nearest = nearest_that(colour, lambda one, on=under: contrast(one, TOKENS[on]) >= TEXT)  # type: ignore[misc]
        return Fault(
            "classes",
            f"{words} figures on the class {colour} have a contrast of {seen:g}, and {TEXT:g} is"
            " needed",
            f"The nearest that can be read is {nearest}.",
        )
    return None


def _diverging_fault(diverging: Sequence[str]) -> Fault | None:
    if not diverging:
        return None
    if len(diverging) != STEPS:
        return Fault(
            "diverging",
            f"diverging needs five colours, and holds {len(diverging)}",
            "Give them so: far below, below, the middle, above, far above.",
        )
    for colour in diverging:
        if not is_colour(colour):
            return _no_colour("diverging", colour)
    far_below, below, middle, above, far_above = diverging
    told = "from a pale middle to darker ends"
    for side in ((middle, below, far_below), (middle, above, far_above)):
        if fault := _order_fault("diverging", side, told, SIDES_APART):
            return fault
    for one, other in ((far_below, far_above), (below, above)):
        who, seen = _worst(one, other)
        if seen < APART:
            return Fault(
                "diverging",
                f"{one} and {other} are {seen:.0f} apart for {who}, and {APART:.0f} is needed",
                "Take two hues that all readers tell apart, such as blue and orange.",
            )
    return None


def _order_fault(
    key: str, colours: Sequence[str], order: str, apart: Sequence[float]
) -> Fault | None:
    """Refuse neighbours that do not darken, or that some readers cannot tell apart."""
    for (one, other), needed in zip(pairwise(colours), apart, strict=True):
        if lab(other)[0] >= lab(one)[0]:
            return Fault(
                key,
                f"{key} go {order}, and {other} is no darker than {one}",
                f"A darker one is {with_lightness(other, lab(one)[0] - 15)}."
                if lab(one)[0] > 15
                else f"{one} is too dark for a class to follow it.",
            )
        who, seen = _worst(one, other)
        if seen < needed:
            nearest = nearest_that(
                other,
                lambda new, old=one, least=needed: (
                    lab(new)[0] < lab(old)[0] and _worst(new, old)[1] >= least
                ),  # type: ignore[misc]
            )
            return Fault(
                key,
                f"{one} and {other} of {key} are {seen:.0f} apart for {who}, and {needed:.0f} is"
                " needed (distance in CIELAB)",
                f"The nearest that can be told apart is {nearest}."
                if nearest
                else f"{one} is too dark for a class to follow it.",
            )
    return None


def _worst(one: str, other: str) -> tuple[str, float]:
    """Tell who sees the least difference between two colours, and how much that is."""
    seen = {f"readers with {who}": difference(one, other, seen_by=who) for who in SEEN_BY}
    seen = {"all readers": difference(one, other), **seen}
    who = min(seen, key=seen.__getitem__)
    return who, seen[who]


def _font_fault(font: str) -> Fault | None:
    if not font:
        return None
    families = [one.strip().strip("'\"") for one in font.split(",")]
    for family in families:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9 \-]{0,39}", family):
            return Fault(
                "font",
                f"font holds {family[:40]!r}, which is no name of a font",
                'Write names with commas between, such as "Verdana, sans-serif".',
            )
    if families[-1] not in GENERIC:
        return Fault(
            "font",
            f"font ends in '{families[-1]}', which not every machine has",
            f'End it in a kind of font: "{", ".join(families)}, sans-serif".',
        )
    return None


def _families(font: str) -> str:
    names = [one.strip().strip("'\"") for one in font.split(",")]
    return ", ".join(name if name in GENERIC else f'"{name}"' for name in names)


def _no_colour(key: str, value: str) -> Fault:
    return Fault(
        key,
        f"{key} cannot be {value[:40]!r}",
        'Write colours as six digits of hexadecimal after #, such as "#0e5266".',
    )

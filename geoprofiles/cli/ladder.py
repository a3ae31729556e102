"""Options on what rows without coordinates are placed by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from geoprofiles.frames import Areas
    from geoprofiles.geocoding.ladder import Ladder

F = TypeVar("F", bound=Callable[..., Any])


def ladder_options(function: F) -> F:
    """Options on what rows without coordinates are placed by."""
    for option in (
        click.option(
            "--rung", "rungs", multiple=True, metavar="NAME",
            help="Try this one only, such as 'postcode' or 'place name'; may be given more than"
            " once. All in turn where not said.",
        ),
        click.option(
            "--coarsest", type=float, default=1000, show_default=True,
            help="Metres: a place that is known less exactly is none.",
        ),
        click.option(
            "--spread", type=float, default=250, show_default=True,
            help="Metres within which places of one name are one place.",
        ),
        click.option(
            "--margin", type=float, default=5, show_default=True,
            help="How far a similar name must be ahead of the next.",
        ),
        click.option(
            "--cutoff", type=float, default=92, show_default=True,
            help="Least score of a similar name, 0 to 100.",
        ),
        click.option("--district", metavar="NAME", help="Look for names in this district alone."),
        click.option(
            "--reviewed", metavar="FILE", type=click.Path(path_type=Path),
            help="A review list on which a person has marked the right candidates.",
        ),
        click.option(
            "--codes-of", "more_areas", multiple=True, metavar="FILE",
            type=click.Path(path_type=Path),
            help="More boundaries whose codes or names rows carry, such as LSOAs of 2011.",
        ),
        click.option(
            "--gazetteer", "gazetteers", multiple=True, metavar="FILE",
            type=click.Path(path_type=Path),
            help="Names with coordinates: OS Open Names, or a CSV; may be given more than once.",
        ),
        click.option(
            "--uprns", metavar="FILE", type=click.Path(path_type=Path),
            help="UPRNs with coordinates: OS Open UPRN, or a CSV.",
        ),
        click.option(
            "--postcodes", metavar="FILE",
            help="ONSPD, NSPL, Code-Point Open or a CSV; or 'package', with the extra 'postcodes'.",
        ),
    ):  # fmt: skip
        function = option(function)
    return function


_FILES = ("postcodes", "uprns", "gazetteers", "more_areas", "reviewed")


def ladder_if_asked(options: dict[str, Any], areas: dict[str, Areas]) -> Ladder | None:
    """Do as `take_ladder` does where there is anything to place rows by."""
    if any(options[name] for name in _FILES):
        return take_ladder(options, areas)
    for name in (*_FILES, *_LIMITS):
        del options[name]
    return None


_LIMITS = ("district", "rungs", "cutoff", "margin", "spread", "coarsest")


def take_ladder(options: dict[str, Any], areas: dict[str, Areas]) -> Ladder:
    """Take the ladder's options out of all of a command's, and read its files."""
    files = {name: options.pop(name) for name in _FILES}
    limits = {name: options.pop(name) for name in _LIMITS}
    from geoprofiles.pipeline.ladder import read_ladder

    return read_ladder(areas, **files, **limits)

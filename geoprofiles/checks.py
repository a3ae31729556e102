"""Argument checks: each says what was expected, what came and what to do."""

from __future__ import annotations

from collections.abc import Collection

import pyproj

from geoprofiles import crs
from geoprofiles.errors import CRSError, InputError
from geoprofiles.words import nearest


def check_positive(value: float, name: str) -> float:
    """Return `value` if it is a number above 0.

    Examples
    --------
    >>> check_positive(-5, "bandwidth")
    Traceback (most recent call last):
    geoprofiles.errors.InputError: 'bandwidth' must be a number above 0; it is -5.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not 0 < value < float("inf")
    ):
        raise InputError(f"'{name}' must be a number above 0; it is {value!r}")
    return value


def check_choice(value: str, choices: Collection[str], name: str) -> str:
    """Return `value` if it is one of `choices`; otherwise name the nearest.

    Examples
    --------
    >>> check_choice("quartik", ["quartic", "gaussian"], "kernel")
    Traceback (most recent call last):
    geoprofiles.errors.InputError: 'kernel' cannot be 'quartik'. Did you mean 'quartic'?
    """
    if value in choices:
        return value
    raise InputError(f"'{name}' cannot be {value!r}", remedy=nearest(value, choices))


def check_same_crs(first: object, second: object, *, names: tuple[str, str]) -> None:
    """Refuse two frames in different coordinate systems, or one that is not in metres."""
    for system, name in zip((first, second), names, strict=True):
        if not crs.is_metric(system):
            label = "no coordinate system" if system is None else f"'{system}'"
            raise CRSError(
                f"{name} are in {label}, not in metres",
                remedy="Read them with geoprofiles, or turn them into EPSG:27700 first.",
            )
    one, two = pyproj.CRS.from_user_input(first), pyproj.CRS.from_user_input(second)
    if not one.equals(two, ignore_axis_order=True):
        raise CRSError(
            f"{names[0]} are in {one.to_string()}, {names[1]} in {two.to_string()}",
            remedy=f"Read both with the same crs, say crs='{two.to_string()}'.",
        )

"""The part of an area's page that says where it lies, and what it borders."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import pandas as pd

from geoprofiles.model import Profile
from geoprofiles.publish import figures as words_of
from geoprofiles.publish.profiles.common import Lines, isolated
from geoprofiles.publish.profiles.locator import Ground, draw_near, draw_small
from geoprofiles.words import listed, plural

NOT_CHANCE = "may be chance"


def write_place(profile: Profile, ground: Ground | None, links: Mapping[str, str]) -> Lines:
    """Write the maps of an area and its neighbours, as links."""
    drawn = ground is not None and profile.area_code in ground.areas.index
    if not drawn and not profile.neighbours:
        if profile.among is not None:  # a whole run, and yet no outline
            yield '<section aria-labelledby="where"><h2 id="where">Where it lies</h2>'
            yield f'<p class="note">There is no outline of {isolated(profile.area_name)}:'
            yield " no data for a map.</p></section>"
        return
    yield '<section class="place" aria-labelledby="where"><h2 id="where">Where it lies</h2>'
    if ground is not None and drawn:
        yield from _maps(profile, ground, links)
    if profile.neighbours:
        told = [
            f'<a href="{escape(links[name])}">{isolated(name)}</a>'
            if name in links
            else isolated(name)
            for name in profile.neighbours
        ]
        yield f"<p>Neighbours: {listed(told, most=20)}.</p>"
    yield "</section>"


def marked_clusters(profile: Profile) -> pd.DataFrame | None:
    """Return the clusters that a map can show, in the order of their table."""
    spots = profile.hotspots
    if spots is None or spots.empty or "geometry" not in spots:
        return None
    sure = spots["status"] != NOT_CHANCE if "status" in spots else True
    return spots.assign(significant=sure)


def _maps(profile: Profile, ground: Ground, links: Mapping[str, str]) -> Lines:
    name, kinds = words_of.clean(profile.area_name), plural(profile.kind)
    clusters = marked_clusters(profile)
    told = f"Map of {name}."
    if profile.neighbours:
        told += f" It borders {listed(profile.neighbours, most=20)}."
    if clusters is not None:
        number = len(clusters)
        told += f" {number} cluster{'s reach' if number > 1 else ' reaches'} into it."
    yield '<figure class="maps">'
    yield draw_near(
        ground, profile.area_code, near=profile.neighbours, links=links, clusters=clusters,
        told=words_of.clean(told),
    )  # fmt: skip
    if len(ground.areas) > 1:
        middle = _compass(ground, profile.area_code)
        small = f"{name} among all {len(ground.areas)} {kinds}: {middle}."
        yield draw_small(ground, profile.area_code, told=small)
    told = f"{isolated(name)}, and what it borders in a paler shade"
    told += " (each leads to its page)" if links else ""
    told += f"; beside it, its place among all {escape(kinds)}" if len(ground.areas) > 1 else ""
    if clusters is not None:
        told += ". Red: clusters of incidents, numbered as in the table of hot spots"
        told += "" if clusters["significant"].all() else "; those dashed may be chance"
    yield f"<figcaption>{told}.</figcaption></figure>"


def _compass(ground: Ground, code: str) -> str:
    """Say in which part of all areas one lies."""
    west, south, east, north = ground.areas.total_bounds
    point = ground.areas.geometry[code].representative_point()
    x, y = (point.x - west) / (east - west or 1), (point.y - south) / (north - south or 1)
    up = "north" if y > 2 / 3 else "south" if y < 1 / 3 else ""
    side = "east" if x > 2 / 3 else "west" if x < 1 / 3 else ""
    return f"in the {up}{'-' if up and side else ''}{side}" if up or side else "in the middle"

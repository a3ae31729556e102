"""What is drawn about areas: water, parks, roads, rail, and areas beyond those of the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas
import numpy as np
import shapely

from geoprofiles.errors import InputError
from geoprofiles.publish import figures, shapes
from geoprofiles.publish.parts import Backdrop, check_crs

MARGIN = 0.15
"""How far context is drawn beyond the areas, as a part of their extent."""

NAMED = {
    "water": ("water", "river", "sea", "coast", "lake", "estuary", "dock", "canal"),
    "park": ("park", "green", "wood", "common", "forest"),
    "rail": ("rail", "tram"),
    "minor": ("minor", "street", "lane", "path"),
    "road": ("road", "motorway", "highway"),
    "neighbours": ("neighbour", "beyond", "around"),
}
"""Words in the name of context that tell how it looks, the first that fits."""


def style_of(name: str, frame: geopandas.GeoDataFrame) -> str:
    """Say how context looks: as it says itself, or else by its name.

    Examples
    --------
    >>> empty = geopandas.GeoDataFrame(geometry=[])
    >>> style_of("Main roads", empty), style_of("River Itchen", empty), style_of("Walls", empty)
    ('road', 'water', 'other')
    """
    said = frame.attrs.get("style")
    if said:
        return str(said)
    words = name.lower()
    return next(
        (style for style, some in NAMED.items() if any(word in words for word in some)), "other"
    )


def without_minor(
    context: Mapping[str, geopandas.GeoDataFrame],
) -> dict[str, geopandas.GeoDataFrame]:
    """Leave minor roads out, which would crowd a map that is not looked at from near."""
    return {name: frame for name, frame in context.items() if style_of(name, frame) != "minor"}


def backdrop_of(
    name: str, frame: geopandas.GeoDataFrame, bounds: Sequence[float] | None
) -> Backdrop:
    """Clip context to the map, join its lines, and simplify it; outlines keep shared borders."""
    check_crs(frame, f"the context {name!r}")
    style = style_of(name, frame)
    if (shapely.get_dimensions(frame.geometry.to_numpy()) == 0).any():
        raise InputError(
            f"the context {name!r} has points; only outlines and lines are drawn below a map"
        )
    frame = geopandas.GeoDataFrame(geometry=_joined(frame.geometry), crs=frame.crs)
    cover = bool((shapely.get_dimensions(frame.geometry.to_numpy()) == 2).all())
    simple = shapes.simplify(frame.geometry, cover=cover).to_numpy()
    if bounds is not None:
        wide = MARGIN * max(bounds[2] - bounds[0], bounds[3] - bounds[1])
        around = (bounds[0] - wide, bounds[1] - wide, bounds[2] + wide, bounds[3] + wide)
        simple = shapely.clip_by_rect(shapely.make_valid(simple), *around)
    parts = [part for part in shapely.get_parts(np.asarray(simple)) if not part.is_empty]
    parts = [one for part in parts for one in shapely.get_parts(part)]
    return Backdrop(
        figures.clean(name),
        style,
        tuple(filter(None, (shapes.pack(one) for one in parts if one.geom_type == "Polygon"))),
        tuple(filter(None, (shapes.pack(one) for one in parts if one.geom_type == "LineString"))),
    )


def _joined(found: geopandas.GeoSeries) -> np.ndarray:
    """Join the pieces of lines into as few as there can be; outlines stay as they are."""
    every = found[~(found.isna() | found.is_empty)].to_numpy()
    lines = every[shapely.get_dimensions(every) == 1]
    if not len(lines):
        return every
    merged = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(lines)))
    return np.concatenate([every[shapely.get_dimensions(every) == 2], [merged]])

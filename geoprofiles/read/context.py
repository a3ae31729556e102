"""Read what is drawn about areas: water, parks, roads and rail, as outlines or lines."""

from __future__ import annotations

import os
from typing import Any

import geopandas
import shapely

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.read.boundaries import read_shapes
from geoprofiles.read.shapes import load_shapes

STYLES = ("water", "park", "road", "minor", "rail", "neighbours", "other")
"""How context can look; minor roads are seen from near alone."""


def read_context(
    path: str | os.PathLike[str], *, crs: Any, style: str | None = None
) -> geopandas.GeoDataFrame:
    """Read outlines or lines, in any coordinate system; they may overlap as they like.

    Parameters
    ----------
    path : path
        As in :func:`geoprofiles.read_areas`.
    crs : coordinate system
        That of the areas.
    style : str, optional
        One of STYLES; told by the name that the shapes are given where not said.

    Returns
    -------
    GeoDataFrame
        Geometry alone; ``attrs`` holds ``style``, where it was said, and ``source``.

    Raises
    ------
    InputError
        If the file cannot be read, holds points, or the style is not known.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> text = '''{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {},
    ...     "geometry": {"type": "LineString", "coordinates": [[-1.4, 50.9], [-1.3, 50.9]]}}]}'''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "rail.geojson"
    ...     _ = file.write_text(text)
    ...     read_context(file, crs=27700, style="rail").attrs["style"]
    'rail'
    """
    _, facts = load_shapes(path)
    frame = read_shapes(path).to_crs(crs)
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    if (shapely.get_dimensions(frame.geometry.to_numpy()) == 0).any():
        raise InputError(
            "context has points; only outlines and lines are drawn about a map", file=path
        )
    kept = geopandas.GeoDataFrame(geometry=frame.geometry.to_numpy(), crs=frame.crs)
    kept.attrs = {"source": facts}
    if style is not None:
        kept.attrs["style"] = check_choice(style, list(STYLES), "style")
    return kept

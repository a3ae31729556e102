"""Outlines of where a relative risk is beyond what chance tolerates."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.frames import Cells, check_columns
from geoprofiles.hotspots.relative_risk import ALPHA


def tolerance_contours(cells: Cells) -> geopandas.GeoDataFrame:
    """Outline where the risk is raised or lowered beyond chance.

    Parameters
    ----------
    cells : GeoDataFrame
        Cells of :func:`relative_risk`.

    Returns
    -------
    GeoDataFrame
        One row a connected patch, raised before lowered, the largest first: index ``contour``,
        ``kind`` ("raised" or "lowered"), ``ratio`` (its greatest, or its least), ``p`` and
        ``p_map`` (the least of its cells), ``significant`` (`p_map` at most the level of the
        cells), ``area_km2``, ``label``, polygons. Empty where nothing is.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    A patch is drawn where single cells have ``p`` at most the level; chance alone draws many of
    them. Those that are significant have a cell so unusual that chance makes none like it anywhere
    on most maps.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> import geoprofiles
    >>> cells = geopandas.GeoDataFrame({"area_km2": 0.01, "ratio": [3.0, 2.0, 1.0],
    ...     "log_ratio": [1.1, 0.7, 0.0], "p": [0.01, 0.02, 0.9], "p_map": [0.04, 0.1, 1.0],
    ...     "raised": [True, True, False], "lowered": False},
    ...     geometry=[box(x, 0, x + 100, 100) for x in (0, 100, 200)], crs=27700)
    >>> geoprofiles.tolerance_contours(cells)["label"].tolist()
    ['up to 3.0 times the average risk']
    """
    columns = ["area_km2", "ratio", "log_ratio", "p", "p_map", "raised", "lowered"]
    check_columns(cells, columns, what="Cells")
    rows = []
    level = cells.attrs.get("alpha", ALPHA)
    shapes = cells.geometry.to_numpy()
    for kind, sign, words in (("raised", 1, "up to"), ("lowered", -1, "down to")):
        held = np.flatnonzero(cells[kind])
        patches = shapely.get_parts(shapely.union_all(shapes[held]))
        patch, of = shapely.STRtree(shapely.point_on_surface(shapes[held])).query(
            patches, predicate="intersects"
        )
        members = pd.DataFrame(cells.iloc[held[of]])
        for number, one in members.groupby(patch):
            ratio = one["ratio"].iloc[int((sign * one["log_ratio"]).argmax())]
            rows.append(
                {
                    "kind": kind,
                    "ratio": ratio,
                    "p": one["p"].min(),
                    "p_map": one["p_map"].min(),
                    "significant": bool(one["p_map"].min() <= level),
                    "area_km2": one["area_km2"].sum(),
                    "label": f"{words} {ratio:.{1 if ratio >= 1 else 2}f} times the average risk",
                    "geometry": patches[number],
                }
            )
    names = ["kind", "ratio", "p", "p_map", "significant", "area_km2", "label", "geometry"]
    found = pd.DataFrame(rows, columns=names)
    order = np.lexsort((-found["area_km2"].to_numpy(dtype=float), found["kind"] == "lowered"))
    found = found.iloc[order].set_axis(range(1, len(found) + 1)).rename_axis("contour")
    return geopandas.GeoDataFrame(found, geometry="geometry", crs=cells.crs)

"""Find and mend what is wrong with a set of areas, and say it in sentences."""

from __future__ import annotations

import geopandas
import numpy as np
import shapely

from geoprofiles.errors import InputError
from geoprofiles.words import listed

SLIVER_SHARE = 0.01
"""Share of the smaller area from which an overlap is more than a sliver."""
SLIVER_AREA = 10_000.0
"""Square metres from which an overlap or a gap is more than a sliver."""


def repair(shapes: np.ndarray, codes: np.ndarray, faults: list[str], *, file: str) -> np.ndarray:
    """Make invalid polygons valid, keep their polygonal parts, and say which.

    Raises
    ------
    InputError
        If nothing with an area is left of a polygon.
    """
    invalid = ~shapely.is_valid(shapes)
    if not invalid.any():
        return shapes
    shapes = shapes.copy()
    for at in np.flatnonzero(invalid):
        mended = _polygonal(shapely.make_valid(shapes[at]))
        if mended.is_empty:
            raise InputError(
                f"feature {at + 1}, '{codes[at]}', is invalid and encloses nothing",
                file=file,
                remedy="Export the file again.",
            )
        shapes[at] = mended
    number = int(invalid.sum())
    faults.append(
        f"{number} invalid polygon{'s were' if number > 1 else ' was'} repaired:"
        f" {listed(map(str, codes[invalid]), most=10)}."
    )
    return shapes


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    nested = [shapely.get_parts(part) for part in parts]
    flat = [one for group in nested for one in group if one.geom_type == "Polygon"]
    return shapely.union_all(flat) if flat else shapely.Polygon()


def dissolve_repeated(
    areas: geopandas.GeoDataFrame, faults: list[str], *, file: str
) -> geopandas.GeoDataFrame:
    """Join the parts of an area whose code comes more than once under one name.

    Raises
    ------
    InputError
        If one code stands for areas of different names.
    """
    repeated = areas.index.duplicated(keep=False)
    if not repeated.any():
        return areas
    names = areas.loc[repeated].groupby(level=0)["area_name"].nunique()
    differing = sorted(names.index[names > 1])
    if differing:
        raise InputError(
            f"the code {listed([repr(one) for one in differing])} stands for areas of different"
            " names",
            file=file,
            remedy="Name the column that tells them apart with code='…'.",
        )
    joined = areas[~areas.index.duplicated()].copy()
    shapes = joined.geometry.to_numpy().copy()
    for code in names.index:
        shapes[joined.index.get_loc(code)] = shapely.union_all(
            areas.geometry[areas.index == code].to_numpy()
        )
    joined = joined.set_geometry(geopandas.GeoSeries(shapes, index=joined.index, crs=areas.crs))
    faults.append(
        f"{listed(sorted(names.index), most=10)} came more than once under one name;"
        " the parts were joined into one area."
    )
    return joined


def find_faults(areas: geopandas.GeoDataFrame) -> list[str]:
    """Describe overlaps and gaps that are more than slivers."""
    if len(areas) < 2:
        return []
    shapes, codes = areas.geometry.to_numpy(), areas.index.to_numpy()
    tree = shapely.STRtree(shapes)
    return [*_overlaps(shapes, codes, tree), *_gaps(shapes, codes, tree)]


def _overlaps(shapes: np.ndarray, codes: np.ndarray, tree: shapely.STRtree) -> list[str]:
    first, second = tree.query(shapes)
    once = first < second
    first, second = first[once], second[once]
    # A pair whose boxes share less than a sliver needs no closer look.
    boxes, sizes = shapely.bounds(shapes), shapely.area(shapes)
    wide = np.minimum(boxes[first, 2], boxes[second, 2]) - np.maximum(
        boxes[first, 0], boxes[second, 0]
    )
    high = np.minimum(boxes[first, 3], boxes[second, 3]) - np.maximum(
        boxes[first, 1], boxes[second, 1]
    )
    least = np.minimum(SLIVER_AREA, SLIVER_SHARE * np.minimum(sizes[first], sizes[second]))
    near = wide * high > least
    first, second, least = first[near], second[near], least[near]
    shapely.prepare(shapes)
    meet = shapely.intersects(shapes[first], shapes[second])
    meet[meet] = ~shapely.touches(shapes[first[meet]], shapes[second[meet]])
    first, second, least = first[meet], second[meet], least[meet]
    shared = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    over = shared > least
    if not over.any():
        return []
    order = np.argsort(-shared[over], kind="stable")
    pairs = [
        f"{codes[one]} and {codes[two]} ({size / 10_000:,.1f} ha)"
        for one, two, size in zip(
            first[over][order], second[over][order], shared[over][order], strict=True
        )
    ]
    number = len(pairs)
    return [
        f"{number} pair{'s' if number > 1 else ''} of areas overlap by more than a sliver"
        f" (over 1 % of the smaller or over 10,000 m²): {listed(pairs, most=5)}."
    ]


def _gaps(shapes: np.ndarray, codes: np.ndarray, tree: shapely.STRtree) -> list[str]:
    whole = shapely.get_parts(shapely.union_all(shapes))
    rings = [
        shapely.get_interior_ring(part, at)
        for part in whole
        for at in range(shapely.get_num_interior_rings(part))
    ]
    gaps = [gap for gap in shapely.polygons(rings) if gap.area > SLIVER_AREA] if rings else []
    # What stands inside a hole of the outline, an island in a lake, is no gap.
    gaps = [gap for gap in gaps if _open_area(gap, shapes, tree) > SLIVER_AREA]
    if not gaps:
        return []
    gaps.sort(key=lambda gap: -gap.area)
    told = []
    for gap in gaps[:5]:
        beside = sorted(str(codes[at]) for at in tree.query(gap, predicate="intersects"))
        told.append(f"{gap.area / 10_000:,.1f} ha beside {listed(beside, most=2)}")
    number = len(gaps)
    more = f" and {number - 5} more" if number > 5 else ""
    return [
        f"{number} gap{'s' if number > 1 else ''} of over 10,000 m² inside the whole belong"
        f"{'' if number > 1 else 's'} to no area: {'; '.join(told)}{more}."
    ]


def _open_area(gap: shapely.Geometry, shapes: np.ndarray, tree: shapely.STRtree) -> float:
    inside = tree.query(gap, predicate="contains_properly")
    return float(gap.area - shapely.area(shapes[inside]).sum())

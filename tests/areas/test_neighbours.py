"""Neighbours: borders of some length, never corners; the same seen from either side."""

from __future__ import annotations

import geopandas
import pandas as pd
import pytest
from shapely import box

import geoprofiles
from geoprofiles.areas.neighbours import neighbours
from geoprofiles.errors import CRSError


def squares(*corners: tuple[float, float], crs: int = 27700) -> geopandas.GeoDataFrame:
    """Squares of 1 km, named by letters."""
    shapes = [box(x, y, x + 1000, y + 1000) for x, y in corners]
    codes = [chr(65 + place) for place in range(len(corners))]
    index = pd.Index(codes, name="area_code")
    return geopandas.GeoDataFrame({"area_name": codes}, geometry=shapes, index=index, crs=crs)


def test_a_corner_is_no_border():
    found = neighbours(squares((0, 0), (1000, 0), (0, 1000), (1000, 1000)))
    assert set(found["A"]) == {"B", "C"}
    assert set(found["D"]) == {"B", "C"}


def test_outlines_that_were_generalised_apart_still_border():
    apart = squares((0, 0), (1015, 0), (2100, 0))
    assert neighbours(apart) == {"A": ("B",), "B": ("A",), "C": ()}
    assert neighbours(apart, apart=200)["C"] == ("B",)


def test_one_area_has_none_and_degrees_are_refused():
    assert neighbours(squares((0, 0))) == {"A": ()}
    with pytest.raises(CRSError, match="not in metres"):
        neighbours(squares((0, 0), crs=4326))


def test_the_sample_wards_agree_with_shared_edges(repository):
    """Brute force: two wards border where their outlines share more than 100 m."""
    wards = geoprofiles.read_areas(repository / "boundaries" / "port_averley_wards.geojson")
    found = neighbours(wards)
    for one, shape in wards.geometry.items():
        for other, second in wards.geometry.items():
            if one == other:
                continue
            shared = shape.boundary.intersection(second.buffer(5)).length
            if shared > 200:
                assert other in found[one], (one, other)
            if shared < 20:
                assert other not in found[one], (one, other)
            assert (other in found[one]) == (one in found[other])

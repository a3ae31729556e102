"""Locating: exact, total, and the same whatever the order."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.areas.plausible import check_plausible
from geoprofiles.errors import CRSError, InputError, InputWarning


def codes(incidents, areas):
    located = geoprofiles.locate(incidents, areas)["area_code"]
    return located.astype(object).where(located.notna(), None).tolist()


def test_points_inside_on_borders_and_outside():
    points = [
        (500, 500), (1500, 500), (2500, 500),  # inside
        (1000, 500), (2000, 2999),  # on a shared border: the first code
        (0, 0), (3000, 3000), (2500, 3000),  # on the outer edge: the area it touches
        (-0.001, 500), (500, 3000.001), None,
    ]  # fmt: skip
    expected = ["A", "B", "C", "A", "B", "A", "C", "C", None, None, None]
    assert codes(toy.incidents(points), toy.areas()) == expected


def test_nothing_is_changed_and_nothing_lost():
    incidents = toy.incidents([(500, 500), None, (9000, 1)])
    incidents.index = pd.Index([7, 7, 3])
    before = incidents.copy(deep=True)
    located = geoprofiles.locate(incidents, toy.areas())
    pd.testing.assert_frame_equal(incidents, before)
    assert located.index.tolist() == [7, 7, 3]
    assert list(located.columns) == [*incidents.columns, "area_code"]


def test_points_may_come_as_geometry():
    incidents = toy.incidents([(500, 500), (1500, 500)])
    points = geopandas.GeoDataFrame(
        geometry=geopandas.points_from_xy(incidents["easting"], incidents["northing"], crs=27700)
    )
    assert codes(points, toy.areas()) == ["A", "B"]


def test_several_sets_at_once():
    sets = {"ward": toy.areas(), "half": toy.areas().iloc[:1]}
    located = geoprofiles.locate(toy.incidents([(500, 500), (1500, 500)]), sets)
    assert located["ward_code"].tolist() == ["A", "B"]
    assert located["half_code"].isna().tolist() == [False, True]


def test_no_rows_and_no_locations():
    assert codes(toy.incidents([]), toy.areas()) == []
    assert codes(toy.incidents([None, None]), toy.areas()) == [None, None]


def test_holes_and_parts_belong_to_whom_they_should():
    ring = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    islands = shapely.MultiPolygon([shapely.box(4, 4, 5, 5), shapely.box(20, 20, 21, 21)])
    areas = geopandas.GeoDataFrame(
        {"area_name": ["ring", "islands"]},
        geometry=[ring, islands],
        index=pd.Index(["R", "I"], name="area_code"),
        crs=27700,
    )
    points = pd.DataFrame({"easting": [1, 3.5, 4.5, 20.5, 3], "northing": [1, 3.5, 4.5, 20.5, 4]})
    assert codes(points, areas) == ["R", None, "I", "I", "R"]


def test_other_metres_are_refused():
    incidents = toy.incidents([(500, 500)])
    incidents.attrs["crs"] = "EPSG:32630"
    with pytest.raises(CRSError, match="EPSG:32630"):
        geoprofiles.locate(incidents, toy.areas())
    with pytest.raises(CRSError, match="not in metres"):
        geoprofiles.locate(toy.incidents([(5, 5)]), toy.areas().to_crs(4326))


def test_repeated_codes_are_refused():
    areas = toy.areas()
    areas.index = pd.Index(["A", "A", "C"], name="area_code")
    with pytest.raises(InputError, match="'A' stands for more than one"):
        geoprofiles.locate(toy.incidents([(5, 5)]), areas)


def voronoi(seed: int, number: int) -> geopandas.GeoDataFrame:
    """Irregular areas that share borders, with a hole where one was taken out."""
    rng = np.random.default_rng(seed)
    seeds = shapely.MultiPoint(rng.random((number, 2)) * 1000)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(seeds, extend_to=shapely.box(0, 0, 1e3, 1e3))
    )
    cells = cells[:-1]
    names = [f"V{place:02d}" for place in range(len(cells))]
    return geopandas.GeoDataFrame(
        {"area_name": names}, geometry=cells, index=pd.Index(names, name="area_code"), crs=27700
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 25), st.sampled_from([0, 10**9]))
def test_agrees_with_shapely_on_random_and_border_points(seed, number, fewest):
    """Both ways of asking, by tree and by index, against asking every area for every point."""
    areas = voronoi(seed, number)
    rng = np.random.default_rng(seed + 1)
    shapes = areas.geometry.to_numpy()
    vertices = shapely.get_coordinates(shapes)
    rings = shapely.get_coordinates(shapely.boundary(shapes))
    middles = (rings[:-1] + rings[1:]) / 2
    ulp = np.nextafter(vertices, np.inf)
    points = np.vstack([rng.random((200, 2)) * 1200 - 100, vertices, middles, ulp])
    frame = pd.DataFrame(points, columns=["easting", "northing"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geoprofiles.areas.locate.POINTS_PER_VERTEX", 0)
        patch.setattr("geoprofiles.areas.locate.FEWEST_POINTS", fewest)
        found = codes(frame, areas)
    # Brute force: the first code, in order, of the areas that cover the point.
    covers = shapely.intersects(shapes[:, None], shapely.points(points)[None, :])
    expected = [areas.index[np.argmax(one)] if one.any() else None for one in covers.T]
    assert found == expected
    order = rng.permutation(len(frame))
    assert codes(frame.iloc[order], areas) == [expected[place] for place in order]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(-1e5, 1e5).map(round))
def test_moving_everything_together_changes_nothing(seed, shift):
    rng = np.random.default_rng(seed)
    frame = toy.incidents([tuple(point) for point in rng.integers(-500, 3500, (50, 2)).tolist()])
    moved = frame.assign(easting=frame["easting"] + shift, northing=frame["northing"] + shift)
    assert codes(frame, toy.areas()) == codes(moved, toy.areas(shift=shift))


def test_swapped_metres_are_refused_and_a_far_place_warned_of():
    incidents = toy.incidents([(500, 500)] * 20)
    swapped = incidents.assign(easting=incidents["northing"], northing=incidents["easting"])
    check_plausible(incidents, toy.areas())
    with pytest.raises(CRSError, match="look swapped: 0 of 20"):
        check_plausible(swapped, toy.areas())
    with pytest.warns(InputWarning, match="None of the 1 located"):
        check_plausible(toy.incidents([(90_000, 1)]), toy.areas())


@pytest.mark.real
@pytest.mark.parametrize(
    ("boundaries", "code", "answer"),
    [
        ("southampton_wards_2013.geojson", "WD13", "southampton_street_ward2013_month_type.csv.gz"),
        ("southampton_wards_2025.geojson", "WD25", "southampton_street_ward2023_month_type.csv.gz"),
    ],
)
def test_southampton_counts_are_exactly_the_reference(shared_data, boundaries, code, answer):
    """All 30 months, read with pandas alone, against the counts that came with the data."""
    files = sorted((shared_data / "police" / "southampton").glob("*/*-hampshire-street.csv.gz"))
    rows = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
    assert len(rows) == 95_836
    points = geopandas.points_from_xy(rows["Longitude"], rows["Latitude"], crs=4326).to_crs(27700)
    incidents = pd.DataFrame(
        {
            "easting": points.x,
            "northing": points.y,
            "month": pd.to_datetime(rows["Month"]),
            "category": rows["Crime type"],
        }
    )
    areas = geopandas.read_file(shared_data / "boundaries" / boundaries).to_crs(27700)
    areas = areas.rename(columns={f"{code}CD": "area_code", f"{code}NM": "area_name"})
    areas = areas.set_index("area_code")
    counts = geoprofiles.count_by_area(geoprofiles.locate(incidents, areas), areas)
    counts = counts[counts["count"] > 0]
    found = counts.assign(month=counts["month"].dt.strftime("%Y-%m"))
    found = found.astype({"category": str}).set_index(["area_code", "month", "category"])["count"]
    expected = pd.read_csv(shared_data / "ward-counts" / answer)
    expected = expected.set_index(["ward_code", "month", "crime_type"])["crimes"]
    pd.testing.assert_series_equal(
        found.sort_index(), expected.sort_index(), check_names=False, check_index_type=False
    )

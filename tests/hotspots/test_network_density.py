"""Density along streets, against spatstat, closed forms and walks taken one by one."""

from __future__ import annotations

import json

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
import toy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay

import geoprofiles
from geoprofiles.errors import CRSError, InputError
from geoprofiles.hotspots import network_density

CORNER = np.array([toy.WEST, toy.SOUTH])


def streets_of(points, pairs) -> geopandas.GeoDataFrame:
    lines = shapely.linestrings((np.asarray(points, dtype=float) + CORNER)[np.asarray(pairs)])
    index = pd.Index([f"S{place + 1:02d}" for place in range(len(lines))], name="street_id")
    return geopandas.GeoDataFrame({"name": "Mill Lane"}, geometry=lines, index=index, crs=27700)


def at(streets, segment, share, count=1) -> pd.DataFrame:
    """Places at a share of the way along segments."""
    lines = streets.geometry.to_numpy()[segment]
    spots = shapely.get_coordinates(shapely.line_interpolate_point(lines, share, normalized=True))
    places = pd.DataFrame(spots, columns=["easting", "northing"]).assign(count=count)
    places.attrs["crs"] = "EPSG:27700"
    return places


def mass(found) -> pd.Series:
    return found["density"] * found["length_m"] / 1000


def cumulative(unit: float) -> float:
    """The integral of 15/16 (1 - u²)² from -1 on."""
    unit = min(max(unit, -1.0), 1.0)
    return 0.5 + 15 / 16 * (unit - 2 * unit**3 / 3 + unit**5 / 5)


def walked(streets, places, bandwidth, found) -> np.ndarray:
    """Take every walk from every place by itself; what each piece gets."""
    ends = [tuple(np.round(one.coords[place], 3)) for one in streets.geometry for place in (0, -1)]
    length = streets.length.to_numpy()
    own = streets.index.get_indexer(found["street_id"])
    held = np.zeros(len(found))

    def between(row, start, turned=False):
        """The part of a kernel on a piece, for a walk that begins at an end of its segment."""
        low, high = found["from_m"].iloc[row], found["to_m"].iloc[row]
        far = length[own[row]]
        near, end = (far - high, far - low) if turned else (low, high)
        return cumulative((start + end) / bandwidth) - cumulative((start + near) / bandwidth)

    def walk(end, start, share):
        """Go on from an end of a segment to the others there; at a dead end, back."""
        others = [one for one in range(len(ends)) if ends[one] == ends[end] and one != end]
        for one in (others or [end]) if start < bandwidth else []:
            part = share / max(len(others), 1)
            for row in np.flatnonzero(own == one // 2):
                held[row] += part * between(row, start, turned=one % 2 == 1)
            walk(one ^ 1, start + length[one // 2], part)

    for easting, northing, count in places[["easting", "northing", "count"]].to_numpy():
        point = shapely.Point(easting, northing)
        here = int(streets.distance(point).to_numpy().argmin())
        along = streets.geometry.iloc[here].project(point)
        for row in np.flatnonzero(own == here):
            held[row] += count * between(row, -along)
        walk(2 * here, along, count)
        walk(2 * here + 1, length[here] - along, count)
    return held


def town(seed) -> geopandas.GeoDataFrame:
    """Some streets between scattered junctions: loops, dead ends and pieces apart."""
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 900, (9, 2)).astype(float)
    corners = Delaunay(points, qhull_options="QJ").simplices
    pairs = np.unique(np.sort(np.vstack([corners[:, :2], corners[:, 1:]]), axis=1), axis=0)
    pairs = pairs[rng.random(len(pairs)) < 0.7]
    long = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1) > 20
    return streets_of(points, pairs[long])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(30, 450))
def test_it_is_what_walks_taken_one_by_one_add_up_to(seed, bandwidth):
    streets = town(seed)
    rng = np.random.default_rng(seed + 1)
    segment = rng.integers(0, len(streets), 4)
    places = at(streets, segment, rng.uniform(0.05, 0.95, 4), rng.integers(1, 9, 4))
    found = geoprofiles.network_kde(places, streets, bandwidth=bandwidth, step=40)
    expected = walked(streets, places, bandwidth, found)
    peak = 15 / 16 / bandwidth * found["length_m"] * places["count"].max()
    assert (np.abs(mass(found) - expected) < 0.001 * peak).all()
    assert mass(found).sum() == pytest.approx(places["count"].sum(), rel=1e-4)


def test_it_is_what_spatstat_finds():
    """spatstat.linnet 3.0-6: densityEqualSplit(X, sigma=h/sqrt(7), kernel="biweight",
    continuous=FALSE, at="points", leaveoneout=FALSE, epsilon=1e-9), per km; a network without
    dead ends, where spatstat lets what is left be lost."""
    x, y = (0, 110, 190, 10, 100, 205, 5, 95, 200), (0, 10, 0, 95, 110, 90, 200, 185, 205)
    pairs = [(1, 2), (2, 3), (4, 5), (5, 6), (7, 8), (8, 9), (1, 4), (4, 7), (2, 5), (5, 8),
             (3, 6), (6, 9)]  # fmt: skip
    streets = streets_of(np.column_stack([x, y]), np.array(pairs) - 1)
    segment = np.array([1, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 4]) - 1
    share = np.array([
        .2, .9, .5, .1, .7, .35, .6, .8, .5, .25, .65, .4, .15, .95, .95
    ])  # fmt: skip
    expected = {
        250: [14.5440863, 14.4353243, 13.1198689, 15.2263979, 15.3075776, 13.8608205, 10.8278756,
              10.9806667, 14.0089741, 12.2948971, 13.4577270, 12.7955670, 12.4653972, 10.9518528,
              13.9755255],
        120: [13.8998415, 14.6792395, 15.5857829, 18.3618139, 17.7599431, 15.3718889, 8.9416283,
              14.8465928, 15.1442189, 13.3077664, 13.1191483, 13.0404328, 14.0542073, 14.8757668,
              12.8961068],
    }  # fmt: skip
    for bandwidth, values in expected.items():
        found = geoprofiles.network_kde(
            at(streets, segment, share), streets, bandwidth=bandwidth, step=0.2
        )
        along = share * streets.length.to_numpy()[segment]
        here = [
            found["density"][
                (found["street_id"] == streets.index[one])
                & (found["from_m"] <= way)
                & (way < found["to_m"])
            ].iloc[0]
            for one, way in zip(segment, along, strict=True)
        ]
        assert here == pytest.approx(values, rel=5e-4)


def test_a_long_street_has_the_kernel_of_a_line_and_a_dead_end_turns_it_back():
    streets = streets_of([(0, 0), (1000, 0)], [(0, 1)])
    middle = geoprofiles.network_kde(at(streets, [0], [0.5], 6), streets, bandwidth=200, years=3)
    inner = (middle["from_m"] + 12.5 - 500) / 200
    kernel = 15 / 16 * np.maximum(1 - inner**2, 0) ** 2 / 200
    assert middle["density"].to_numpy() == pytest.approx(6 * kernel * 1000 / 3, abs=0.15)
    end = geoprofiles.network_kde(at(streets, [0], [0.0]), streets, bandwidth=200, step=50)
    # Nothing lies beyond the end, so all of it is on the street: twice the half of the kernel.
    edges = [2 * (cumulative(one / 200) - 0.5) for one in (0, 50, 100, 150, 200)]
    assert mass(end)[:4].tolist() == pytest.approx(np.diff(edges).tolist(), abs=1e-5)


def test_folding_order_and_blocks_change_nothing(monkeypatch):
    streets = town(5)
    rng = np.random.default_rng(1)
    segment = np.repeat(rng.integers(0, len(streets), 12), 2)
    places = at(streets, segment, np.repeat(rng.random(12), 2))
    found = geoprofiles.network_kde(places, streets, bandwidth=250)
    folded = places.groupby(["easting", "northing"], as_index=False)["count"].sum()
    shuffled = streets.sample(frac=1, random_state=3)
    monkeypatch.setattr(network_density, "SEGMENTS_AT_ONCE", 3)
    for other in (
        geoprofiles.network_kde(folded, streets, bandwidth=250),
        geoprofiles.network_kde(folded, shuffled, bandwidth=250),
    ):
        again = other.sort_values(["street_id", "from_m"])
        assert again["density"].to_numpy() == pytest.approx(found["density"].to_numpy(), abs=1e-9)


def test_pieces_are_the_streets_cut_up():
    bend = shapely.LineString(np.array([(0, 0), (30, 0), (30, 45), (80, 45)]) + CORNER)
    streets = geopandas.GeoDataFrame(geometry=[bend], index=["S1"], crs=27700)
    found = geoprofiles.network_kde(at(streets, [0], [0.5]), streets, bandwidth=50, step=30)
    assert found["length_m"].tolist() == pytest.approx([25] * 5)
    assert found.length.to_numpy() == pytest.approx(found["length_m"].to_numpy())
    whole = shapely.line_merge(shapely.union_all(found.geometry.to_numpy()))
    assert whole.hausdorff_distance(bend) < 1e-6
    assert found["name"].tolist() == [""] * 5
    assert found.index.name == "piece"
    assert found.crs == streets.crs


def test_what_cannot_be_is_refused_and_nothing_is_zero():
    streets = streets_of([(0, 0), (1000, 0)], [(0, 1)])
    places = at(streets, [0], [0.5])
    for more, said in (({"bandwidth": 0}, "bandwidth"), ({"bandwidth": 90, "step": -1}, "step")):
        with pytest.raises(InputError, match=said):
            geoprofiles.network_kde(places, streets, **more)
    far = places.assign(northing=places["northing"] + 200)
    with pytest.raises(InputError, match="no place lies within 75 m"):
        geoprofiles.network_kde(far, streets, bandwidth=90)
    with pytest.raises(CRSError, match="in metres"):
        geoprofiles.network_kde(places, streets.to_crs(4326), bandwidth=90)
    both = pd.concat([places, far])
    both.attrs = places.attrs
    found = geoprofiles.network_kde(both, streets, bandwidth=5000)
    assert (found.attrs["matched"], found.attrs["unmatched"]) == (1, 1)
    assert mass(found).sum() == pytest.approx(1)
    assert geoprofiles.network_kde(places.iloc[:0], streets, bandwidth=90)["density"].sum() == 0


def test_the_planted_burglaries_of_the_sample_are_where_streets_are_densest(repository):
    spot = json.loads((repository / "data" / "planted_truth.json").read_text("utf-8"))
    spot = spot["commercial_burglary"]
    file = repository / "data" / "commercial_burglary.csv"
    places = geoprofiles.distinct_places(geoprofiles.read_incidents(file, source_crs="EPSG:27700"))
    streets = geoprofiles.read_streets(repository / "boundaries" / "port_averley_streets.geojson")
    planted = shapely.Point(spot["easting"], spot["northing"]).buffer(spot["radius_m"])
    density = geoprofiles.network_kde(places, streets, bandwidth=150, years=3)
    assert mass(density).sum() * 3 == pytest.approx(density.attrs["matched"], rel=1e-5)
    assert density.nlargest(10, "density").intersects(planted).all()
    assert density["density"].median() < density["density"].max() / 50
    run = geoprofiles.street_runs(geoprofiles.count_on_streets(places, streets)).iloc[0]
    assert run.geometry.intersects(planted)

"""Change of places, displacement, concentration, harm and streets, against published numbers."""

from __future__ import annotations

import json

import geopandas
import numpy as np
import pandas as pd
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from shapely import LineString, MultiLineString

import geoprofiles
from geoprofiles.errors import CRSError, InputError

COUNTS = st.lists(st.integers(0, 30), min_size=2, max_size=40).filter(any)


def test_andresens_s_of_the_toy_data_is_that_of_the_r_package():
    """Counts and answer as printed in the README of wsteenbeek/sppt; of 9 points 8 are drawn."""
    before, after = pd.Series([2, 2, 2, 1, 0, 1]), pd.Series([2, 1, 2, 2, 1, 1])
    table = geoprofiles.andresen_s(before, after)
    assert table["lower"].tolist() == [0.125, 0, 0.125, 0.125, 0, 0]
    assert table["upper"].tolist() == [0.25, 0.125, 0.25, 0.25, 0.125, 0.125]
    assert table["change"].tolist() == ["alike", "fewer", *["alike"] * 4]
    assert table.attrs["s"] == table.attrs["robust_s"] == pytest.approx(5 / 6)


def test_resampled_shares_follow_the_hypergeometric_law():
    after = pd.Series([300, 150, 50])
    table = geoprofiles.andresen_s(after, after, simulations=20_000)
    law = stats.hypergeom(500, after.to_numpy(), 425)
    np.testing.assert_allclose(table["lower"] * 425, law.ppf(0.025), atol=1)
    np.testing.assert_allclose(table["upper"] * 425, law.ppf(0.975), atol=1)


def test_robust_s_leaves_out_what_is_empty_in_both():
    before, after = pd.Series([40, 40, 20, 0, 0]), pd.Series([41, 20, 39, 0, 0])
    attrs = geoprofiles.andresen_s(before, after).attrs
    assert (attrs["s"], attrs["robust_s"]) == (pytest.approx(3 / 5), pytest.approx(1 / 3))


def test_shares_are_tested_by_fishers_exact_test():
    """The p of R's fisher.test: 12 of 100 before, 30 of 100 after."""
    before, after = pd.Series([12, 88]), pd.Series([30, 70])
    table = geoprofiles.change_in_cells(before, after, relative=True)
    assert table["p"].tolist() == pytest.approx([0.00286656076328] * 2)
    before, after = pd.Series([3, 400]), pd.Series([11, 380])
    table = geoprofiles.change_in_cells(before, after, relative=True)
    assert table["p"].iloc[0] == pytest.approx(0.0313224414419)


def test_counts_are_tested_and_corrected_over_the_whole_map():
    """The E-test of 6 against 2 is 0.1748748 in R's ptools, and too few are no test."""
    before, after = pd.Series([6, 40, 30, 2]), pd.Series([2, 90, 33, 1])
    table = geoprofiles.change_in_cells(before, after)
    assert table["p"].iloc[0] == pytest.approx(0.1748748, abs=1e-6)
    p = table["p"].iloc[:3].to_numpy()
    ranked = np.sort(p)[::-1]
    adjusted = np.minimum.accumulate(ranked * 3 / np.array([3, 2, 1]))[::-1]
    np.testing.assert_allclose(np.sort(table["q"].iloc[:3]), adjusted)
    careful = geoprofiles.change_in_cells(before, after, correction="by")
    np.testing.assert_allclose(
        careful["q"].iloc[:3], np.minimum(table["q"].iloc[:3] * (1 + 1 / 2 + 1 / 3), 1)
    )
    assert table["verdict"].iloc[3] == "too few to say"
    assert np.isnan(table["q"].iloc[3])


def test_a_fall_that_all_share_is_a_change_of_counts_and_not_of_shares():
    before, after = pd.Series([400, 300, 200]), pd.Series([200, 150, 100])
    assert set(geoprofiles.change_in_cells(before, after)["verdict"]) == {"fewer"}
    shares = geoprofiles.change_in_cells(before, after, relative=True)
    assert set(shares["verdict"]) == {"no clear change"}
    half = geoprofiles.change_in_cells(before, after, exposure=0.5)
    assert set(half["verdict"]) == {"no clear change"}


def test_units_that_differ_and_parts_of_incidents_are_refused():
    one = pd.Series([5, 5], index=["A", "B"])
    with pytest.raises(InputError, match="not counted over the same units"):
        geoprofiles.andresen_s(one, pd.Series([5, 5], index=["A", "C"]))
    with pytest.raises(InputError, match="parts of incidents"):
        geoprofiles.change_in_cells(one, one * 0.3)
    with pytest.raises(InputError, match="no incident in 'after'"):
        geoprofiles.change_in_cells(one, one * 0)
    with pytest.raises(InputError, match="missing or negative"):
        geoprofiles.change_in_cells(one.where(one.index == "A"), one)
    with pytest.raises(InputError, match="too few to draw"):
        geoprofiles.andresen_s(one, pd.Series([1, 0], index=["A", "B"]))


def test_places_are_counted_by_unit_and_folding_changes_nothing():
    one = toy.places([(500, 500, 3), (1500, 700, 2), (9000, 0, 4)])
    many = toy.places([(500, 500, 1)] * 3 + [(1500, 700, 1)] * 2 + [(9000, 0, 4)])
    counts = geoprofiles.count_places(one, toy.areas())
    assert counts.to_dict() == {"A": 3, "B": 2, "C": 0}
    assert counts.attrs["outside"] == 4
    assert counts.equals(geoprofiles.count_places(many, toy.areas()))
    with pytest.raises(CRSError, match="in metres"):
        geoprofiles.count_places(one, toy.areas().to_crs(4326))


def test_wheeler_and_ratcliffes_example():
    """Wheeler and Ratcliffe (2018): -118, variance 1568, z -2.98, 95% -196 to -40."""
    around = {"displacement": (178, 157), "displacement_control": (150, 140)}
    total = geoprofiles.displacement_difference((207, 110), (308, 318), **around).loc["total"]
    assert total["estimate"] == -118
    assert total["se"] ** 2 == pytest.approx(1568)
    assert round(total["z"], 2) == -2.98
    assert (round(total["lower"]), round(total["upper"])) == (-196, -40)
    assert total["verdict"] == "fall"
    sizes = geoprofiles.displacement_difference(
        (207, 110), (308, 318), **around, sizes=(1.2, 0.9, 1.5, 1.6)
    ).loc["total"]  # the tests of R's ptools
    assert sizes[["estimate", "se", "z", "lower", "upper"]].tolist() == pytest.approx(
        [-99.69444444, 35.4280755, -2.813995483, -169.1321965, -30.25669241]
    )
    longer = geoprofiles.displacement_difference((80, 20), (100, 50), lengths=(2, 1))
    assert longer.loc["treated", ["estimate", "se"]].tolist() == pytest.approx([-20, 115**0.5])
    plain = geoprofiles.displacement_difference((20, 10), (20, 20), confidence=0.9).loc["treated"]
    assert plain[["se", "z", "lower", "upper"]].tolist() == pytest.approx(
        [8.366600, -1.195229, -23.761833, 3.761833], rel=1e-6
    )


def test_displacement_is_said_no_more_surely_than_it_is_known():
    table = geoprofiles.displacement_difference(
        (200, 100), (200, 200), displacement=(100, 180), displacement_control=(100, 100)
    )
    said = table.attrs["sentences"]
    assert "100 fewer incidents than the control" in said[0]
    assert said[1].startswith("Crime moved to the ground around: 80 more")
    assert "not shown to have changed anything" in said[2]
    unlike = geoprofiles.displacement_difference((100, 3), (10, 8))
    assert any("were not alike" in one for one in unlike.attrs["notes"])
    assert any("under 5" in one for one in unlike.attrs["notes"])


@pytest.mark.parametrize(
    ("arguments", "more", "said"),
    [
        (((1, 2, 3), (4, 5)), {}, "two counts"),
        (((-1, 2), (4, 5)), {}, "negative"),
        (((1.5, 2), (4, 5)), {}, "not whole"),
        (((0, 0), (0, 0)), {}, "no incident"),
        (((1, 2), (4, 5)), {"displacement": (1, 2)}, "go together"),
        (((1, 2), (4, 5)), {"lengths": (0, 1)}, "above 0"),
        (((1, 2), (4, 5)), {"confidence": 95}, "between 0 and 1"),
    ],
)
def test_what_is_no_evaluation_is_refused(arguments, more, said):
    with pytest.raises(InputError, match=said):
        geoprofiles.displacement_difference(*arguments, **more)


@pytest.mark.parametrize(
    ("counts", "plain", "generalised"),
    [
        # Of the examples of wsteenbeek/lorenzgini, the authors' own package.
        ([10, 8, 2, *[0] * 7], 0.78, 0.78),
        ([5, 2, 1, *[0] * 7], 0.8, 0.75),
        ([10, *[0] * 9], 0.9, 0.9),
        # Bernasco and Steenbeek's formula by hand: 10 / 5 * (0.78 - 1) + 1.
        ([3, 1, 1, *[0] * 7], 0.78, 0.56),
    ],
)
def test_ginis_are_those_of_bernasco_and_steenbeek(counts, plain, generalised):
    table = geoprofiles.place_concentration(pd.Series(counts), simulations=9)
    assert table.loc["Gini", "observed"] == pytest.approx(plain)
    assert table.loc["generalised Gini", "observed"] == pytest.approx(generalised)


@settings(max_examples=60)
@given(COUNTS, st.integers(0, 20))
def test_gini_is_half_the_relative_mean_difference(counts, empty):
    values = np.array([*counts, *[0] * empty], dtype=float)
    apart = np.abs(values[:, None] - values).sum() / (2 * len(values) ** 2 * values.mean())
    found = geoprofiles.gini(pd.Series(counts), units=len(values))
    assert found == pytest.approx(apart)
    assert -1e-9 <= found < 1
    assert found == pytest.approx(geoprofiles.gini(pd.Series(values[::-1])))


@settings(max_examples=30)
@given(COUNTS)
def test_a_lorenz_curve_rises_from_none_to_all_ever_slower(counts):
    curve = geoprofiles.lorenz_curve(pd.Series(counts), simulations=5)
    assert curve["incidents"].iloc[[0, -1]].tolist() == [0, 1]
    assert (curve["incidents"] >= curve["most_even"] - 1e-9).all()
    steps = np.diff(curve["incidents"])
    assert (np.diff(steps) <= 1e-9).all()


def test_random_incidents_are_as_concentrated_as_random_ones():
    """Closed form: of 3 incidents on 4 places all lie apart with chance 4 * 3 * 2 / 64."""
    table = geoprofiles.place_concentration(
        pd.Series([1, 1, 1, 0]), shares=[0.9], simulations=8000, seed=3
    )
    apart, together = 24 / 64, 4 / 64
    expected = (3 * apart + together + 2 * (1 - apart - together)) / 4
    assert table.loc["places with 90%", "expected"] == pytest.approx(expected, abs=0.01)
    rng = np.random.default_rng(1)
    drawn = pd.Series(np.bincount(rng.integers(500, size=2000), minlength=500))
    table = geoprofiles.place_concentration(drawn)
    assert (table["p"] > 0.01).all()
    assert (table["marginal"].abs() < 0.03).all()
    again = geoprofiles.place_concentration(drawn)
    pd.testing.assert_frame_equal(table, again)


def test_what_follows_what_is_at_risk_is_not_concentrated_beyond_it():
    rng = np.random.default_rng(2)
    premises = pd.Series(rng.pareto(1.5, 400))
    counts = pd.Series(rng.multinomial(3000, premises / premises.sum()))
    alike = geoprofiles.place_concentration(counts, at_risk=premises, simulations=499)
    uniform = geoprofiles.place_concentration(counts, simulations=499)
    assert alike.loc["places with 50%", "p"] > 0.01
    assert uniform.loc["places with 50%", "p"] == pytest.approx(1 / 500)
    assert "No denominator" in uniform.attrs["note"]
    assert "No denominator" not in alike.attrs["note"]


def test_concentration_of_what_cannot_be_is_refused():
    counts = pd.Series([3, 2, 0])
    for more, said in (
        ({"units": 2}, "counts of 3 places"),
        ({"shares": [50]}, "between 0 and 1"),
        ({"at_risk": pd.Series([0, 0, 0])}, "nothing is at risk"),
        ({"at_risk": pd.Series([1, 1])}, "not known"),
        ({"units": 9, "at_risk": counts}, "do not go together"),
    ):
        with pytest.raises(InputError, match=said):
            geoprofiles.place_concentration(counts, **more)
    with pytest.raises(InputError, match="no incident"):
        geoprofiles.gini(counts * 0)


def test_harm_of_one_incident_is_told_for_units_and_the_map():
    rows = [("A", "Theft", 10), ("A", "Robbery", 1), ("B", "Theft", 90), ("C", "Theft", 0)]
    counts = pd.DataFrame(rows, columns=["area_code", "category", "count"])
    table = geoprofiles.harm_share(counts, {"Theft": 2, "Robbery": 365})
    assert table["share_of_weightiest"].tolist() == pytest.approx(
        [365 / 385, 2 / 180, np.nan, 365 / 565], nan_ok=True
    )
    assert table["ruled"].tolist() == [True, False, False, True]
    assert table["count"].tolist() == [11, 90, 0, 101]
    assert "In 1 of 3 units" in table.attrs["sentence"]
    with pytest.raises(InputError, match="no weight for Robbery"):
        geoprofiles.harm_share(counts, {"Theft": 2})


def network(*lines, names=None) -> geopandas.GeoDataFrame:
    shapes = [LineString(np.array(one) + [toy.WEST, toy.SOUTH]) for one in lines]
    index = pd.Index([f"S{place + 1}" for place in range(len(lines))], name="street_id")
    names = names or ["Mill Lane"] * len(lines)
    return geopandas.GeoDataFrame({"name": names}, geometry=shapes, index=index, crs=27700)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.floats(5, 400))
def test_streets_hold_what_brute_force_says(seed, within):
    rng = np.random.default_rng(seed)
    streets = network(*rng.integers(0, 1000, (12, 2, 2)).tolist())
    streets = streets[streets.length > 0]
    xy = rng.integers(0, 1000, (40, 2))
    places = toy.places(np.column_stack([xy, rng.integers(1, 9, 40)]).tolist())
    points = geopandas.points_from_xy(places["easting"], places["northing"])
    apart = np.array([streets.distance(one).to_numpy() for one in points])
    near = apart.min(axis=1) <= within
    if not near.any():
        with pytest.raises(InputError, match="no place lies within"):
            geoprofiles.count_on_streets(places, streets, within=within)
        return
    found = geoprofiles.count_on_streets(places, streets, within=within)
    assert found["count"].sum() == found.attrs["matched"] == places["count"][near].sum()
    assert found.attrs["matched"] + found.attrs["unmatched"] == places["count"].sum()
    shortest = apart.argmin(axis=1)[near]
    expected = np.bincount(shortest, places["count"][near], minlength=len(streets))
    ties = (np.abs(apart - apart.min(axis=1)[:, None]) < 1e-6).sum(axis=1)[near] > 1
    if not ties.any():
        assert found["count"].tolist() == expected.tolist()


def test_folding_changes_no_street_and_ties_go_to_the_first_name():
    streets = network([(0, 0), (100, 0)], [(100, 0), (200, 0)])
    one = toy.places([(100, 0, 3), (150, 10, 2)])
    many = toy.places([(100, 0, 1)] * 3 + [(150, 10, 1)] * 2)
    found = geoprofiles.count_on_streets(one, streets.iloc[::-1], years=0.5)
    assert found["count"].to_dict() == {"S1": 3, "S2": 2}
    assert found["per_km_year"].to_dict() == {"S1": 60, "S2": 40}
    assert found.attrs["at_junctions"] == 3
    again = geoprofiles.count_on_streets(many, streets)
    assert again["count"].to_dict() == found["count"].to_dict()
    assert again["places"].to_dict() == found["places"].to_dict() == {"S1": 1, "S2": 1}


def test_runs_join_what_meets_and_is_of_one_name():
    streets = network(
        [(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (200, 80)], [(500, 0), (600, 0)],
        names=["Mill Lane", "Mill Lane", "Quay", "Mill Lane"],
    )  # fmt: skip
    places = toy.places([(50, 5, 6), (150, 5, 5), (195, 40, 9), (550, 5, 4)])
    counted = geoprofiles.count_on_streets(places, streets)
    runs = geoprofiles.street_runs(counted, at_least=4)
    assert runs["name"].tolist() == ["Mill Lane", "Quay", "Mill Lane"]
    assert runs["count"].tolist() == [11, 9, 4]
    assert runs["length_m"].tolist() == [200, 80, 100]
    assert runs["few_places"].all()
    joined = geoprofiles.street_runs(counted, at_least=4, same_name=False)
    assert joined["count"].tolist() == [20, 4]
    assert joined["name"].tolist() == ["Mill Lane, Quay", "Mill Lane"]
    assert joined["share"].sum() == pytest.approx(1)
    none = geoprofiles.street_runs(counted, at_least=50)
    assert none.empty
    assert "no run" in none.attrs["note"]


def test_snapped_data_say_that_the_ranking_is_that_of_map_points():
    streets = network([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(0, 500), (100, 500)])
    spots = toy.places([(x, 0, 9) for x in range(5, 200, 15)])
    found = geoprofiles.count_on_streets(spots, streets)
    assert "map points, not streets" in found.attrs["snapped"]
    assert "1 of 3 segments have no map point" in found.attrs["snapped"]
    free = geoprofiles.count_on_streets(toy.places([(x, 0, 1) for x in range(200)]), streets)
    assert free.attrs["snapped"] == ""
    # A few of them alone could not tell; the points of the whole source do.
    few = spots.iloc[:2].assign(count=1)
    assert geoprofiles.count_on_streets(few, streets).attrs["snapped"] == ""
    told = geoprofiles.count_on_streets(few, streets, map_points=spots)
    assert "1 of the 1 with any rest on fewer than 3 points" in told.attrs["snapped"]


def test_streets_are_ranked_whole_by_rate_or_count():
    streets = network(
        [(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (200, 80)], [(500, 0), (600, 0)],
        [(0, 300), (10, 300)], [(10, 300), (20, 300)],
        names=["Mill Lane", "Mill Lane", "Quay", "Mill Lane", "", ""],
    )  # fmt: skip
    places = toy.places([
        (50, 5, 6), (60, 5, 1), (150, 5, 5), (195, 40, 1), (195, 50, 2), (195, 60, 3),
        (550, 5, 4), (5, 300, 3), (15, 300, 1),
    ])  # fmt: skip
    counted = geoprofiles.count_on_streets(places, streets, years=2)
    ranked = geoprofiles.rank_streets(counted)
    # By hand: 6 in 80 m and 12 in 200 m on three places each; then those on one place each.
    assert ranked["name"].tolist() == ["Quay", "Mill Lane", "", "", "Mill Lane"]
    assert ranked["per_km_year"].tolist() == pytest.approx([37.5, 30, 150, 50, 20])
    assert ranked["few_places"].tolist() == [False, False, True, True, True]
    assert ranked.index.tolist() == [1, 2, 3, 4, 5]
    assert ranked["share"].sum() == pytest.approx(1)
    most = geoprofiles.rank_streets(counted, by="count")
    assert most["count"].tolist() == [12, 6, 4, 3, 1]
    assert most["segments"].tolist() == [2, 1, 1, 1, 1]
    assert geoprofiles.street_runs(counted, at_least=5)["per_km_year"].iloc[0] == pytest.approx(30)
    with pytest.raises(InputError, match="'by'"):
        geoprofiles.rank_streets(counted, by="name")
    with pytest.raises(InputError, match="places"):
        geoprofiles.rank_streets(streets)
    empty = geoprofiles.rank_streets(counted.assign(count=0))
    assert empty.empty
    assert "0 of 5 streets" in empty.attrs["note"]


def test_streets_are_read_taken_apart_and_checked(tmp_path):
    def write(*features):
        file = tmp_path / "streets.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
        return file

    def feature(number, shape, name="Quay"):
        return {
            "type": "Feature",
            "properties": {"id": number, "name": name},
            "geometry": None if shape is None else shape.__geo_interface__,
        }

    one = LineString([(-1.41, 50.9), (-1.40, 50.9)])
    two = MultiLineString([[(-1.41, 50.9), (-1.41, 50.91)], [(-1.3, 50.9), (-1.31, 50.9)]])
    streets = geoprofiles.read_streets(write(feature(1, one, None), feature(2, two)))
    assert streets.index.tolist() == ["1", "2/1", "2/2"]
    assert streets["name"].tolist() == ["", "Quay", "Quay"]
    assert streets.crs.to_epsg() == 27700
    assert streets["length_m"].iloc[0] == pytest.approx(703, abs=2)
    with pytest.warns(geoprofiles.InputWarning, match="1 without a shape was left out"):
        geoprofiles.read_streets(write(feature(1, one), feature(2, None)))
    with pytest.raises(InputError, match="is no line but a Polygon"):
        geoprofiles.read_streets(write(feature(1, one.buffer(0.01))))
    with pytest.raises(InputError, match="is a second '1'"):
        geoprofiles.read_streets(write(feature(1, one), feature(1, one)))
    with pytest.raises(InputError, match="Did you mean 'name'"):
        geoprofiles.read_streets(write(feature(1, one)), name="nmae")
    with pytest.raises(CRSError, match="in metres"):
        degrees = geopandas.GeoDataFrame(geometry=[one], crs=4326)
        geoprofiles.count_on_streets(toy.places([(0, 0, 1)]), degrees)


def test_periods_of_unlike_length_need_fewer_incidents_to_tell():
    before, after = pd.Series([0, 900]), pd.Series([5, 90])
    table = geoprofiles.change_in_cells(before, after, exposure=0.1)
    assert table["verdict"].tolist() == ["more", "no clear change"]
    # By hand: five of five in a period of a tenth the length.
    assert table["p"].iloc[0] < 1e-4
    assert geoprofiles.change_in_cells(before, after * 0 + 5).iloc[0]["verdict"] == "too few to say"


def test_progress_ends_and_shares_keep_their_names():
    seen = []
    table = geoprofiles.place_concentration(
        pd.Series([5, 0, 2, 9]), shares=[0.333, 0.334], simulations=99,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen[-1] == (99, 99)
    assert table.index.is_unique

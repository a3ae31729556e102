"""Crosswalks: unchanged, split, merged and irregular areas, points, and shapes."""

from __future__ import annotations

import geopandas
import pandas as pd
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

import geoprofiles
from geoprofiles.errors import CRSError, InputError
from geoprofiles.read import read_areas, read_lookup

LOOKUP = pd.DataFrame(
    [
        ("a", "a"), ("b", "p"), ("b", "q"), ("c", "r"), ("d", "r"),
        ("e", "s"), ("e", "t"), ("f", "t"),
    ],
    columns=["source", "target"],
)  # fmt: skip


def areas(**boxes):
    index = pd.Index(list(boxes), name="area_code")
    shapes = [box(*one) for one in boxes.values()]
    return geopandas.GeoDataFrame(
        {"area_name": list(boxes)}, geometry=shapes, index=index, crs=27700
    )


def rows(crosswalk):
    return crosswalk[["source", "target", "share"]].values.tolist()


def test_changes_are_told_from_what_hangs_together():
    crosswalk = geoprofiles.crosswalk_from_lookup(LOOKUP)
    assert "".join(crosswalk["change"]) == "USSMMXXX"
    assert crosswalk["share"].isna().tolist() == [
        False,
        True,
        True,
        *[False] * 2,
        *[True] * 2,
        False,
    ]
    assert crosswalk.attrs["method"] == "weights"
    assert "2 areas were split" in crosswalk.attrs["notes"][0]


def test_a_split_is_shared_out_by_weights_and_a_merger_is_not():
    weights = pd.DataFrame(
        [("b", "p", 1), ("b", "p", 2), ("b", "q", 1), ("c", "z", 9), ("e", "t", 5)],
        columns=["source", "target", "weight"],
    )
    crosswalk = geoprofiles.crosswalk_from_lookup(LOOKUP, weights)
    assert crosswalk["share"].tolist() == [1, 0.75, 0.25, 1, 1, 0, 1, 1]
    assert crosswalk.attrs["notes"] == []


def test_unchanged_and_merged_areas_go_over_whole():
    crosswalk = geoprofiles.crosswalk_from_lookup(LOOKUP.iloc[[0, 3, 4]])
    assert crosswalk.attrs["method"] == "whole areas summed"
    assert crosswalk["share"].eq(1).all()


@pytest.mark.parametrize(("change", "word"), [("UUUMMXXX", "unchanged"), ("SSSMMXXX", "changed")])
def test_a_file_that_contradicts_itself_is_refused(change, word):
    with pytest.raises(InputError, match=f"areas {word} that"):
        geoprofiles.crosswalk_from_lookup(LOOKUP.assign(change=list(change)))


def test_lookups_that_cannot_be_used_say_why():
    with pytest.raises(InputError, match="empty code"):
        geoprofiles.crosswalk_from_lookup(pd.DataFrame({"source": ["a"], "target": [None]}))
    with pytest.raises(InputError, match="lack the column 'target'"):
        geoprofiles.crosswalk_from_lookup(pd.DataFrame({"source": ["a"]}))
    with pytest.raises(InputError, match="gives 'b' to several"):
        geoprofiles.crosswalk_from_lookup(LOOKUP, best_fit=True)
    bad = pd.DataFrame({"source": ["b"], "target": ["p"], "weight": [-1]})
    with pytest.raises(InputError, match="weight of 'b'"):
        geoprofiles.crosswalk_from_lookup(LOOKUP, bad)


def test_kinds_that_do_not_nest_are_a_best_fit():
    lookup = pd.DataFrame({"source": ["E01000001"], "target": ["E05000001"]})
    assert geoprofiles.crosswalk_from_lookup(lookup).attrs["method"] == "best fit"
    exact = geoprofiles.crosswalk_from_lookup(lookup, best_fit=False)
    assert exact.attrs["method"] == "whole areas summed"
    nested = pd.DataFrame({"source": ["E00000001"], "target": ["E01000001"]})
    assert geoprofiles.crosswalk_from_lookup(nested).attrs["method"] == "whole areas summed"


def test_points_share_out_and_keep_what_lies_outside():
    points = pd.DataFrame(
        {"lsoa": ["E01000001"] * 4 + [None], "ward": ["A", "B", None, "A", "A"]}
    ).assign(people=[2, 1, 1, 4, 9])
    crosswalk = geoprofiles.crosswalk_from_points(
        points, source="lsoa", target="ward", weight="people"
    )
    assert rows(crosswalk) == [
        ["E01000001", "A", 0.75], ["E01000001", "B", 0.125], ["E01000001", "(outside)", 0.125],
    ]  # fmt: skip
    assert crosswalk.attrs["method"] == "weights"
    assert "1 rows without a source" in crosswalk.attrs["notes"][0]


def test_points_between_large_areas_are_area_shares():
    points = pd.DataFrame({"source": ["E05000001"] * 2, "target": ["E05000002", "E05000003"]})
    assert geoprofiles.crosswalk_from_points(points).attrs["method"] == "area shares"
    assert geoprofiles.crosswalk_from_points(points, small=True).attrs["method"] == "weights"
    with pytest.raises(InputError, match="no row has a code"):
        geoprofiles.crosswalk_from_points(points.assign(source=None))


def test_slivers_are_not_borders():
    small = areas(a=(0, 0, 100, 10), b=(100, 0, 200, 10), far=(900, 0, 910, 10))
    large = areas(A=(0, 0, 97, 10), B=(97, 0, 160, 10))
    assert rows(geoprofiles.crosswalk_from_shapes(small, large)) == [
        ["a", "A", 1.0], ["b", "B", 0.6], ["b", "(outside)", 0.4], ["far", "(outside)", 1.0],
    ]  # fmt: skip
    fine = geoprofiles.crosswalk_from_shapes(small, large, tolerance=0)
    assert rows(fine)[:2] == [["a", "A", pytest.approx(0.97)], ["a", "B", pytest.approx(0.03)]]


def test_shapes_that_nest_are_whole_areas():
    crosswalk = geoprofiles.crosswalk_from_shapes(toy.areas(), toy.areas())
    assert crosswalk.attrs["method"] == "whole areas summed"
    assert crosswalk["source"].tolist() == crosswalk["target"].tolist() == ["A", "B", "C"]
    with pytest.raises(CRSError):
        geoprofiles.crosswalk_from_shapes(toy.areas(), toy.areas().to_crs(4326))
    with pytest.raises(InputError, match="tolerance"):
        geoprofiles.crosswalk_from_shapes(toy.areas(), toy.areas(), tolerance=0.5)


PAIRS = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from("ABCDE"), st.integers(1, 9)),
    min_size=1,
    max_size=25,
)


@given(PAIRS, st.randoms())
@settings(max_examples=60, deadline=None)
def test_shares_add_up_to_one_in_any_order(pairs, random):
    points = pd.DataFrame(pairs, columns=["source", "target", "weight"])
    shuffled = points.sample(frac=1, random_state=random.randrange(1000))
    one, other = (
        geoprofiles.crosswalk_from_points(some, weight="weight") for some in (points, shuffled)
    )
    assert one.groupby("source")["share"].sum().round(9).eq(1).all()
    key = ["source", "target"]
    pd.testing.assert_frame_equal(
        one.sort_values(key).reset_index(drop=True), other.sort_values(key).reset_index(drop=True)
    )
    lookup = geoprofiles.crosswalk_from_lookup(points[key], points)
    assert lookup.groupby("source")["share"].sum().round(9).eq(1).all()


@pytest.mark.real
def test_published_changes_of_lsoas(shared_data):
    lookup = read_lookup(shared_data / "lookups" / "ew_lsoa11_to_lsoa21.csv.gz")
    assert lookup.attrs["source_column"] == "lsoa11_code"
    crosswalk = geoprofiles.crosswalk_from_lookup(lookup)
    assert crosswalk["change"].tolist() == lookup["change"].tolist()  # as derived, so published
    english = crosswalk[crosswalk["source"].str.startswith("E")]
    counts = english.groupby("change")["source"].nunique().to_dict()
    assert counts == {"U": 31_810, "S": 834, "M": 194, "X": 6}
    back = lookup.rename(columns={"source": "target", "target": "source"})
    assert geoprofiles.crosswalk_from_lookup(back)["change"].value_counts()["M"] == 1900


@pytest.mark.real
def test_lsoas_of_2011_nest_in_the_old_wards_by_shape(shared_data):
    folder = shared_data / "boundaries"
    crosswalk = geoprofiles.crosswalk_from_shapes(
        read_areas(folder / "southampton_lsoa_2011.geojson"),
        read_areas(folder / "southampton_wards_2013.geojson"),
    )
    assert crosswalk.attrs["method"] == "whole areas summed"
    published = read_lookup(shared_data / "lookups" / "ew_lsoa11_to_ward17.csv.gz")
    of = published.set_index("source")["target"]
    assert (crosswalk["source"].map(of) == crosswalk["target"]).all()

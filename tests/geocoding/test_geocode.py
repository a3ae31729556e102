"""The ladder: every rung placed by hand, nothing guessed, and the same in pieces as at once."""

from __future__ import annotations

import dataclasses

import geopandas
import numpy as np
import pandas as pd
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

import geoprofiles
from geoprofiles.errors import CRSError, InputError
from geoprofiles.frames import RUNGS, WHOLE_AREA_RUNGS
from geoprofiles.geocoding.names import find_same, find_similar, plain_name, ready_names

X, Y = toy.WEST, toy.SOUTH


def frame(rows, columns):
    table = pd.DataFrame(rows, columns=columns)
    table.attrs["crs"] = "EPSG:27700"
    return table


def postcodes():
    table = frame(
        [
            ("SO14 7LW", X + 100, Y + 100, 100.0, None),
            ("SO14 7LX", X + 300, Y + 100, 100.0, None),
            ("SO14 0AA", X + 1500, Y + 500, 100.0, "2020-01-01"),
            ("SO15 1AA", X + 2500, Y + 2500, 2000.0, None),
        ],
        ["postcode", "easting", "northing", "precision", "ended"],
    )
    table["ended"] = pd.to_datetime(table["ended"])
    return table


def gazetteer():
    return frame(
        [
            ("High Street", X + 200, Y + 200, "Averley"),
            ("High Street", X + 260, Y + 200, "Averley"),
            ("High Street", X + 2600, Y + 200, "Barton"),
            ("Parking Area", X + 100, Y + 2000, "Averley"),
            ("Parking Area", X + 2900, Y + 2000, "Averley"),
            ("Portswood Road", X + 1200, Y + 1200, "Averley"),
            ("Portland Road", X + 1700, Y + 1200, "Averley"),
        ],
        ["name", "easting", "northing", "district"],
    ).assign(precision=50.0)


def ladder(**changes):
    given = {
        "postcodes": postcodes(),
        "uprns": frame([(7, X + 400, Y + 400, 10.0)], ["uprn", "easting", "northing", "precision"]),
        "gazetteer": gazetteer(),
        "areas": {"ward": toy.areas()},
    }
    return geoprofiles.Ladder(**{**given, **changes})


def place(record, **changes):
    columns = ["easting", "northing", "grid_reference", "uprn", "postcode", "place", "area_given",
               "district"]  # fmt: skip
    table = pd.DataFrame([record], columns=columns)
    table[["easting", "northing"]] = table[["easting", "northing"]].astype(float)
    table.attrs["crs"] = "EPSG:27700"
    return geoprofiles.geocode(table, ladder(**changes)).iloc[0]


@pytest.mark.parametrize(
    ("record", "rung", "offset", "precision"),
    [
        ({"easting": X + 5.0, "northing": Y + 5.0, "postcode": "SO14 7LX"}, "coordinates", (5, 5), None),  # noqa: E501
        ({"grid_reference": "SU 4010 1020"}, "grid reference", (105, 205), 7.07),
        ({"uprn": "0000007"}, "UPRN", (400, 400), 10),
        ({"postcode": "so147lx"}, "postcode", (300, 100), 100),
        ({"postcode": "S014 7LX"}, "postcode", (300, 100), 100),
        ({"place": "On or near High St", "district": "Barton"}, "place name", (2600, 200), 50),
        ({"place": "high street", "district": "averley"}, "place name", (230, 200), 50),
        ({"place": "12 Portswood Rd, Averley SO14 7LX"}, "postcode", (300, 100), 100),
        ({"place": "12 Portswood Rd, Averley PO1 2AL"}, "place name", (1200, 1200), 50),
        ({"place": "Portswod Road"}, "similar place name", (1200, 1200), 50),
        # The postcodes alive inside ward A: two, 200 m apart.
        ({"area_given": "a"}, "area code", (200, 100), 977.2),
        ({"postcode": "SO14 7ZZ"}, "postcode sector", (200, 100), 100),
        ({"area_given": "Mill"}, "area name", (200, 100), 977.2),
        ({"place": "mill"}, "area name", (200, 100), 977.2),
        ({"area_given": "Heaht"}, None, None, None),  # five letters: nothing to be sure of
    ],
)  # fmt: skip
def test_each_rung_places_what_the_finer_ones_cannot(record, rung, offset, precision):
    found = place(record)
    if rung is None:
        assert pd.isna(found["located_by"])
        return
    assert found["located_by"] == rung
    assert (found["easting"] - X, found["northing"] - Y) == pytest.approx(offset)
    assert pd.isna(found["unlocated"])
    if precision is None:
        assert pd.isna(found["precision"])
    else:
        assert found["precision"] == pytest.approx(precision, abs=0.1)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, "no coordinates"),
        ({"grid_reference": "SU 401"}, "grid reference not readable"),
        ({"uprn": "8"}, "UPRN not known"),
        ({"postcode": "rubbish"}, "postcode not readable"),
        ({"postcode": "PO1 2AL"}, "postcode not known"),
        ({"place": "Parking Area"}, "place name ambiguous"),
        ({"place": "High Street"}, "place name ambiguous"),  # in two districts
        ({"place": "Nowhere Lane"}, "place name not known"),
        ({"area_given": "E05000001"}, "area not known"),
        ({"postcode": "SO15 1AA"}, "place known too coarsely"),
        # The finest thing it carries is what it is told of.
        ({"postcode": "PO1 2AL", "place": "Nowhere Lane"}, "postcode not known"),
    ],
)
def test_what_cannot_be_placed_says_why_and_is_never_guessed(record, reason):
    found = place(record)
    assert pd.isna(found["easting"])
    assert found["unlocated"] == reason
    assert pd.isna(found["located_by"])


def test_a_name_needs_a_margin_over_the_next():
    assert place({"place": "Portsland Road"}, margin=0)["located_by"] == "similar place name"
    assert pd.isna(place({"place": "Portsland Road"}, margin=40)["located_by"])
    assert pd.isna(place({"place": "Portswod Road"}, cutoff=99)["located_by"])
    two = frame([("Dock Gate 4", 0, 0), ("Mill Lane", 0, 900)], ["name", "easting", "northing"])
    # Another number is another place, however alike the letters.
    assert pd.isna(place({"place": "Dock Gate 5"}, gazetteer=two)["located_by"])


def test_rungs_can_be_chosen():
    found = place({"postcode": "SO14 7LW", "area_given": "C"}, rungs=("coordinates", "area code"))
    assert found["located_by"] == "area code"
    with pytest.raises(InputError, match="Did you mean 'postcode'"):
        place({}, rungs=("postcod",))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"cutoff": 0}, "'cutoff' must be a number above 0"),
        ({"cutoff": 101}, "scores, from 0 to 100"),
        ({"margin": -1}, "scores, from 0 to 100"),
        ({"spread": 0}, "'spread'"),
        ({"postcodes": pd.DataFrame({"postcode": []})}, "Postcodes lack"),
        ({"gazetteer": pd.DataFrame({"name": []})}, "Gazetteers lack"),
        ({"uprns": pd.DataFrame({"uprn": []})}, "UPRNs lack"),
        ({"reviewed": pd.DataFrame({"name": []})}, "Reviewed names lack"),
    ],
)
def test_a_ladder_at_fault_says_so(change, told):
    with pytest.raises(InputError, match=told):
        place({}, **change)
    with pytest.raises(CRSError):
        place({}, areas={"ward": toy.areas().set_crs(4326, allow_override=True)})


def test_records_without_anything_to_go_by_are_an_error():
    with pytest.raises(InputError, match="Records lack the columns 'easting'"):
        geoprofiles.geocode(pd.DataFrame({"month": []}), ladder())


def test_refused_rows_stay_as_they_are_and_the_index_is_kept():
    records = toy.incidents([(5, 5), None, None])
    records["postcode"] = ["SO14 7LW"] * 3
    records.loc[2, "refused"] = "empty row"
    records.index = [5, 7, 9]
    located = geoprofiles.geocode(records, ladder())
    assert located.index.tolist() == [5, 7, 9]
    assert located["located_by"].tolist()[:2] == ["coordinates", "postcode"]
    assert pd.isna(located["located_by"].iloc[2])
    assert records["easting"].isna().sum() == 2
    sentence = located.attrs["geocoding"][0]
    assert sentence == "Of 2 rows 100.0% were placed: 1 by coordinates and 1 by postcode."


def test_ended_and_mended_postcodes_are_said():
    records = pd.DataFrame({"postcode": ["SO14 0AA", "S014 7LW", "SO14 7LW"]})
    located = geoprofiles.geocode(records, ladder())
    assert located["matched"].tolist() == ["SO14 0AA", "SO14 7LW", "SO14 7LW"]
    told = " ".join(located.attrs["geocoding"])
    assert "1 row is placed where a postcode was that is no longer in use" in told
    assert "1 row is placed by a postcode with a letter for a figure" in told


def test_irish_references_are_turned():
    found = place({"grid_reference": "J 338 740"}, coarsest=1e9)
    # Belfast in British metres, by the ONS's own longitude and latitude of it.
    assert (found["easting"], found["northing"]) == pytest.approx((146_300, 529_500), abs=700)


def test_own_geocoder_is_asked_last_and_only_where_given():
    asked = []

    def hook(texts):
        asked.extend(texts)
        return frame(
            [("Nowhere Lane", X + 9, Y + 9, 30.0)], ["text", "easting", "northing", "precision"]
        )

    records = pd.DataFrame({"place": ["Portswood Road", "Nowhere Lane", "No Location"]})
    located = geoprofiles.geocode(records, ladder(hook=hook))
    assert asked == ["Nowhere Lane"]
    assert located["located_by"].tolist()[:2] == ["place name", "own geocoder"]


def test_review_list_is_edited_and_read_back(tmp_path):
    places = ["Parking Area"] * 3 + ["Portsland Rd", "Zzyzx", "Portswood Road", None]
    records = pd.DataFrame({"place": places})
    mine = ladder(margin=40, district="Averley")
    located = geoprofiles.geocode(records, mine)
    table = geoprofiles.review_list(located, mine)
    assert table["text"].unique().tolist() == ["Parking Area", "Portsland Rd", "Zzyzx"]
    parking = table[table["text"] == "Parking Area"]
    assert parking["problem"].unique().tolist() == ["2 places of this name"]
    assert parking["rows"].tolist() == [3, 3]
    assert table[table["text"] == "Zzyzx"]["problem"].tolist() == ["no name like it"]
    table.loc[parking.index[1], "accept"] = "x"
    table.to_csv(tmp_path / "review.csv", index=False)
    reviewed = geoprofiles.read_review(tmp_path / "review.csv")
    again = geoprofiles.geocode(records, dataclasses.replace(mine, reviewed=reviewed))
    assert again["located_by"].tolist()[:3] == ["reviewed name"] * 3
    assert again["easting"].iloc[0] == X + 2900


def test_a_gazetteer_is_learnt_from_located_records():
    records = toy.incidents([(100, 100), (100, 100), (140, 100), None])
    records["place"] = "On or near Mill Lane"
    learnt = geoprofiles.learn_gazetteer(records)
    assert learnt["name"].tolist() == ["Mill Lane"] * 2
    assert learnt["rows"].tolist() == [2, 1]
    located = geoprofiles.geocode(records, geoprofiles.Ladder(gazetteer=learnt))
    assert located["easting"].iloc[3] == X + 120
    assert located["located_by"].iloc[3] == "place name"


def test_whole_areas_are_counted_and_make_no_hot_spot():
    records = toy.incidents([(50, 50), None])
    records["area_given"] = "A"
    located = geoprofiles.locate(geoprofiles.geocode(records, ladder()), toy.areas())
    assert located["area_code"].tolist() == ["A", "A"]
    assert geoprofiles.distinct_places(located)["count"].tolist() == [1]
    tally, places = geoprofiles.tally_incidents(located, {"ward": toy.areas()})
    assert tally["rows"].sum() == 2
    assert places["rows"].sum() == 1


TEXTS = {
    "postcode": ["so147lw", "SO14 7LX", "SO14 7ZZ", "PO1 2AL", "x", ""],
    "place": ["High St", "Parking Area", "Portswod Road", "No Location", "Mill", ""],
    "area_given": ["A", "C", "E05000001", "Quay", ""],
    "grid_reference": ["SU 401 102", "SU 40", "SU 4", ""],
    "uprn": ["7", "8", ""],
}
ROWS = st.lists(st.tuples(*(st.sampled_from(texts) for texts in TEXTS.values())), max_size=12)


@settings(max_examples=20)
@given(ROWS, st.randoms(use_true_random=False))
def test_a_record_is_placed_alike_whatever_stands_beside_it(rows, random):
    records = pd.DataFrame(rows, columns=list(TEXTS)).replace("", None)
    whole = geoprofiles.geocode(records, ladder())
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = geoprofiles.geocode(records.iloc[order], ladder()).sort_index()
    columns = ["easting", "northing", "located_by", "precision", "score", "matched", "unlocated"]
    pd.testing.assert_frame_equal(whole[columns], shuffled[columns])
    assert (whole["located_by"].notna() ^ whole["unlocated"].notna()).all()


@pytest.mark.parametrize("block", [200, 1 << 20])
def test_files_in_pieces_are_placed_as_frames_are(tmp_path, block):
    rng = np.random.default_rng(3)
    table = pd.DataFrame({name: rng.choice(texts, 300) for name, texts in TEXTS.items()})
    known = rng.random(300) < 0.3
    table["easting"] = np.where(known, X + rng.integers(0, 3000, 300), np.nan)
    table["northing"] = np.where(known, Y + rng.integers(0, 3000, 300), np.nan)
    table["month"] = rng.choice(["2026-05", "2026-06", "soon"], 300)
    table["category"] = rng.choice(["Theft", "Drugs"], 300)
    table["id"] = rng.integers(0, 250, 300)
    file = tmp_path / "records.csv"
    table.to_csv(file, index=False)
    areas = {"ward": toy.areas()}
    columns = {"area_given": "area_given", "incident_id": "id"}
    tallied = geoprofiles.tally_files(file, areas, ladder=ladder(), columns=columns, block=block)
    incidents = geoprofiles.read_incidents(file, columns=columns, crs=27700)
    located = geoprofiles.geocode(incidents, ladder())
    tally, places = geoprofiles.tally_incidents(located, areas)
    # A row refused because its ID came before has been placed in a piece, and not in a frame.
    tally, pieces = (
        one.assign(area_code=one["area_code"].astype(object).where(one["fate"] != "refused"))
        for one in (tally, tallied.tally)
    )
    key = ["area_code", "month", "category", "fate", "reason"]
    for one, two, by in (
        (tally, pieces, key),
        (places, tallied.places, ["easting", "northing", "month", "category"]),
    ):
        sums = [
            part.astype(dict.fromkeys(by, object)).groupby(by, dropna=False)["rows"].sum()
            for part in (one, two)
        ]
        pd.testing.assert_series_equal(*(total[total > 0].sort_index() for total in sums))
    assert set(tallied.located_by) <= set(RUNGS)
    assert any(rung in WHOLE_AREA_RUNGS for rung in tallied.located_by)
    assert "were placed" in " ".join(tallied.notes)


def test_a_state_of_another_ladder_is_refused(tmp_path):
    file = tmp_path / "records.csv"
    file.write_text("id,category,month,postcode\n1,Theft,2026-06,SO14 7LW\n")
    areas = toy.areas()
    one = geoprofiles.tally_files(file, areas, ladder=ladder(), state=tmp_path / "kept")
    again = geoprofiles.tally_files(file, areas, ladder=ladder(), state=tmp_path / "kept")
    assert one.located_by == again.located_by == {"postcode": 1}
    with pytest.raises(InputError, match="other ways to place rows"):
        geoprofiles.tally_files(file, areas, ladder=ladder(coarsest=9.0), state=tmp_path / "kept")


@given(st.lists(st.sampled_from(["high st", "Rd", "St.", "MARY'S", "on or near", "7"]), max_size=4))
def test_plain_names_stay_plain(words):
    plain = plain_name(" ".join(words))
    assert plain_name(plain) == plain


def test_nothing_is_found_among_no_names():
    nothing = ready_names(frame([], ["name", "easting", "northing"]), spread=10)
    assert find_same(["a"], [None], nothing).entry.tolist() == [-1]
    assert find_similar(["a"], [None], nothing, cutoff=90, margin=5).entry.tolist() == [-1]


def test_area_groups_join_and_refuse_what_is_unclear():
    wards = toy.areas()
    two = geoprofiles.group_areas(wards, {"West": ["Mill", "B"]}, kind="locality")
    assert two.area.tolist() == [6_000_000.0]
    assert two.attrs["notes"] == ["In no group: Heath."]
    for groups, told in (
        ({"West": ["Mil"]}, "Did you mean 'Mill'"),
        ({"West": ["A"], "East": ["Mill"]}, "in the group 'West' and in 'East'"),
        ({"West": []}, "has no areas"),
    ):
        with pytest.raises(InputError, match=told):
            geoprofiles.group_areas(wards, groups)
    same = wards.assign(area_name="Mill")
    with pytest.raises(InputError, match="the name of 3 areas"):
        geoprofiles.group_areas(same, {"West": ["Mill"]})


def test_centres_lie_inside_whatever_the_shape():
    ring = box(0, 0, 900, 900).difference(box(100, 100, 800, 800))
    areas = geopandas.GeoDataFrame(
        {"area_name": ["Ring"]}, geometry=[ring], index=pd.Index(["R"], name="area_code"), crs=27700
    )
    homes = pd.DataFrame(
        {"postcode": ["SO14 7LW", "SO14 7LX"], "easting": [50.0, 850.0], "northing": 450.0}
    )
    found = geoprofiles.geocode(
        pd.DataFrame({"area_given": ["R"]}),
        geoprofiles.Ladder(postcodes=homes, areas={"ring": areas}),
    )
    located = geoprofiles.locate(found, areas)
    assert located["area_code"].tolist() == ["R"]


def test_coordinates_far_from_their_postcode_are_doubted():
    units = frame(
        [("SO14 7LW", 441_980, 112_100, 100.0), ("BT1 1AA", 146_778, 530_104, 100.0)],
        ["postcode", "easting", "northing", "precision"],
    )
    records = frame(
        [
            (441_990, 112_100, "so147lw"),
            (112_100, 441_980, "SO14 7LW"),
            (334_316, 374_675, "BT1 1AA"),  # the Irish Grid, as the ONS gives it
            (300_000, 300_000, "SO14 7LW"),
            (300_000, 300_000, "PO1 2AL"),
            (np.nan, np.nan, "SO14 7LW"),
        ],
        ["easting", "northing", "postcode"],
    )
    doubts = geoprofiles.doubtful_coordinates(records, geoprofiles.Ladder(postcodes=units))
    assert doubts["doubt"].to_dict() == {
        1: "easting and northing are swapped",
        2: "the coordinates are on the Irish Grid",
        3: "far from its postcode",
    }
    none = geoprofiles.doubtful_coordinates(records.iloc[:1], geoprofiles.Ladder(postcodes=units))
    assert none.empty

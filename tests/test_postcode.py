"""Postcodes in every style that people type, and grid references against published answers."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoprofiles.gridref import BRITISH, IRISH, parse_grid_references
from geoprofiles.postcode import normalise_postcodes, postcode_key, postcode_parents

KNOWN = ["SO14 7LW", "W1A 1AA", "EC1A 1BB", "M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "PO1 2AL"]


def one(text):
    return normalise_postcodes([text]).iloc[0]


@pytest.mark.parametrize("postcode", KNOWN)
def test_every_style_comes_back(postcode):
    outward, inward = postcode.split()
    for typed in (
        postcode.lower(), outward + inward, f" {outward}   {inward} ", f"{outward}-{inward}.",
        f"{outward}\u00a0{inward}", f"{outward}\t{inward}", f"{outward[0]} {outward[1:]}{inward}",
    ):  # fmt: skip
        found = one(typed)
        assert (found["postcode"], found["level"], found["mended"]) == (postcode, "unit", False)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("S014 7LW", "SO14 7LW"),
        ("SO14 OAA", "SO14 0AA"),
        ("SOI4 7LW", "SO14 7LW"),
        ("P01 2AL", "PO1 2AL"),
        ("5O14 7LW", "SO14 7LW"),
        ("S0I4 7LW", "SO14 7LW"),
    ],
)
def test_slips_that_can_mean_one_thing_are_mended_and_said(typed, meant):
    assert tuple(one(typed)[["postcode", "mended"]]) == (meant, True)


@pytest.mark.parametrize(
    ("typed", "postcode", "level"),
    [
        ("SO14", "SO14", "district"),
        ("SO14 7", "SO14 7", "sector"),
        ("SO1 4", "SO1 4", "sector"),
        ("so147", "SO14 7", "sector"),
        ("gir0aa", "GIR 0AA", "unit"),
    ],
)
def test_parts_of_postcodes_are_told_apart(typed, postcode, level):
    assert tuple(one(typed)[["postcode", "level"]]) == (postcode, level)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "no postcode"),
        (None, "no postcode"),
        ("  .", "no postcode"),
        ("ZZ99 3VZ", "a code for no fixed place"),
        ("BFPO 12", "a code for no fixed place"),
        ("unknown", "not the form of a postcode"),
        ("QQ1 1AA", "not the form of a postcode"),
        ("SO14 7LC", "not the form of a postcode"),  # C is never in the last two
        ("SO14 7L", "not the form of a postcode"),
        ("12345", "not the form of a postcode"),
    ],
)
def test_what_is_no_postcode_says_why(typed, problem):
    found = one(typed)
    assert pd.isna(found["postcode"])
    assert found["problem"] == problem


def test_index_and_categories_are_kept():
    texts = pd.Series(["so14 7lw", None, "so14 7lw"], index=[7, 8, 9], dtype="category")
    table = normalise_postcodes(texts)
    assert table.index.tolist() == [7, 8, 9]
    assert table["postcode"].tolist()[::2] == ["SO14 7LW"] * 2


@given(st.sampled_from(KNOWN), st.lists(st.sampled_from(" -.\t"), max_size=6), st.booleans())
def test_signs_between_do_not_matter(postcode, signs, low):
    typed = postcode[:1] + "".join(signs[:3]) + postcode[1:] + "".join(signs[3:])
    assert one(typed.lower() if low else typed)["postcode"] == postcode


@pytest.mark.real
def test_all_postcodes_of_southampton_in_every_style(shared_data):
    given = pd.read_csv(shared_data / "postcodes" / "so_postcodes_2025.csv.gz")["postcode"]
    assert len(given) == 18_534
    for style in (
        str.lower,
        lambda text: text.replace(" ", ""),
        lambda text: text.replace(" ", "  "),
        lambda text: text.replace("SO", "S0"),
    ):
        assert (normalise_postcodes(given.map(style))["postcode"] == given).all()


def test_keys_keep_order_and_parents_are_means():
    keys = postcode_key(sorted(KNOWN, key=lambda text: text.replace(" ", "")))
    assert (keys[1:] > keys[:-1]).all()
    units = pd.DataFrame(
        {
            "postcode": ["SO14 7LW", "SO14 7LX", "SO14 0AA", "SO14 9ZZ"],
            "easting": [0.0, 10.0, 50.0, 9e9],
            "northing": [0.0, 0.0, 0.0, 0.0],
            "ended": [pd.NaT, pd.NaT, pd.NaT, pd.Timestamp("2020-01-01")],
        }
    )
    table = postcode_parents(units).set_index("postcode")
    assert table["easting"].to_dict() == {"SO14 0": 50.0, "SO14 7": 5.0, "SO14": 20.0}
    assert table["units"].to_dict() == {"SO14 0": 1, "SO14 7": 2, "SO14": 3}


@pytest.mark.parametrize(
    ("reference", "east", "north", "system"),
    [
        # Corners of squares as Ordnance Survey and its guides give them.
        ("TG 51409 13177", 651409, 313177, BRITISH),
        ("NN 166 712", 216600, 771200, BRITISH),  # Ben Nevis
        ("SU 41980 12100", 441980, 112100, BRITISH),
        ("HU 396 753", 439600, 1175300, BRITISH),
        ("SV9010", 90000, 10000, BRITISH),
        ("O 159 343", 315900, 234300, IRISH),  # Dublin
        ("J338740", 333800, 374000, IRISH),  # Belfast
    ],
)
def test_grid_references_against_published_answers(reference, east, north, system):
    table = parse_grid_references([reference]).iloc[0]
    figures = sum(sign.isdigit() for sign in reference) // 2
    half = 10 ** (5 - figures) / 2
    assert (table["easting"], table["northing"]) == (east + half, north + half)
    assert table["system"] == system
    assert table["precision"] == pytest.approx(half * 2**0.5)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SU 411", "an odd number of figures"),
        ("XX 12 12", "letters of no square of the grid"),
        ("IA 12 12", "letters of no square of the grid"),
        ("SU", "not the form of a grid reference"),
        ("High Street", "not the form of a grid reference"),
        ("", "no grid reference"),
        (None, "no grid reference"),
    ],
)
def test_what_is_no_grid_reference_says_why(text, problem):
    table = parse_grid_references([text]).iloc[0]
    assert table["problem"] == problem
    assert pd.isna(table["easting"])

"""Codes: which kind and vintage they are, what a join would lose, and codes that were broken."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.areas.codes import kind_of_code, lost_codes, need_same_codes
from geoprofiles.errors import InputError, InputWarning
from geoprofiles.read import read_code_list

KNOWN = pd.DataFrame(
    [
        ("LSOA", "2011", "E01000001"),
        ("LSOA", "2011", "E01000002"),
        ("LSOA", "2021", "E01000001"),
        ("LSOA", "2021", "E01000003"),
        ("LSOA", "2021", "E01000004"),
        ("ward", "2013", "E05000001"),
    ],
    columns=["kind", "vintage", "area_code"],
)
WARDS = pd.DataFrame(
    [
        ("E05000010", "Abbey", "North", "E06000001", "2013"),
        ("E05000011", "Mill & Quay", "North", "E06000001", "2013"),
        ("E05000020", "Abbey", "North", "E06000001", "2023"),
        ("E05000030", "Abbey", "South", "E06000002", "2013"),
        ("E05000031", "St Mary's", "South", "E06000002", "2013"),
    ],
    columns=["area_code", "area_name", "district", "district_code", "vintage"],
)


def checked(rows, **columns):
    table = pd.DataFrame(rows, columns=["code", "ward", "in"])
    columns = {"code": "code", "name": "ward", "district": "in", **columns}
    return geoprofiles.check_codes(table, WARDS, **columns)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("E00000001", "OA"), ("W01000001", "LSOA"), ("S01006506", "data zone"),
        ("E02003549", "MSOA"), ("N08000101", "ward"), ("E06000045", "district"),
        ("E10000014", "county"), ("E22000120", "community safety partnership"),
        ("E23000030", "police force area"), ("E99999999", "area E99"), ("SO14 0AA", "postcode"),
        ("e01000001", None), ("E0100001", None), ("Southampton 023D", None), ("", None),
    ],
)  # fmt: skip
def test_first_characters_tell_the_kind(code, kind):
    assert kind_of_code(code) == kind


def test_the_vintage_that_loses_nothing_comes_first():
    found = geoprofiles.recognise_codes(["E01000001"] * 3 + ["E01000002"], KNOWN)
    assert found["vintage"].tolist() == ["2011", "2021"]
    assert found["rows_lost"].tolist() == [0, 1]
    assert found["first_lost"].tolist() == ["", "E01000002"]


def test_codes_of_both_vintages_are_not_told_apart():
    found = geoprofiles.recognise_codes(["E01000001"], KNOWN)
    assert len(found) == 2
    assert "does not tell apart" in found.attrs["sentence"]


def test_a_column_of_two_vintages_is_called_that():
    found = geoprofiles.recognise_codes(["E01000002", "E01000003", "E01000004"], KNOWN)
    assert found["rows_lost"].min() == 1
    assert found.attrs["sentence"].startswith("No one list has all 3 codes: 2 are LSOAs of 2021")


def test_text_and_empty_cells_are_counted_and_named():
    found = geoprofiles.recognise_codes(["E01000001", "Total", None, " ", "(outside)"], KNOWN)
    assert found["rows"].tolist() == [1, 1]
    assert found.attrs["notes"] == [
        "3 cells are empty or stand for no area.",
        "1 row holds no area code: 'Total'.",
    ]


def test_without_lists_only_the_kind_is_told():
    found = geoprofiles.recognise_codes(["E01000001", "E05000001", "E05000001"])
    assert found[["kind", "rows"]].values.tolist() == [["ward", 2], ["LSOA", 1]]
    assert found["vintage"].isna().all()


def test_no_code_at_all_is_said():
    for column in ([], ["Bargate"]):
        found = geoprofiles.recognise_codes(column, KNOWN)
        assert found.empty
        assert found.attrs["sentence"] == "No text of the column is an area code."


def test_own_codes_are_known_by_their_list():
    known = pd.DataFrame({"kind": "beat", "vintage": "2025", "area_code": ["B1", "B2"]})
    found = geoprofiles.recognise_codes(["B1", "B2", "B9"], known)
    assert found[["kind", "codes"]].values.tolist() == [["beat", 2]]
    assert "1 row holds no area code: 'B9'." in found.attrs["notes"]


@given(st.lists(st.sampled_from([*KNOWN["area_code"], "Total", ""]), max_size=30), st.randoms())
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_is_no_matter(column, random):
    shuffled = random.sample(column, len(column))
    one, other = (geoprofiles.recognise_codes(some, KNOWN) for some in (column, shuffled))
    pd.testing.assert_frame_equal(one, other)
    assert one.attrs["sentence"] == other.attrs["sentence"]


def test_a_name_of_two_districts_needs_the_district():
    rows = [("E05000031", "Abbey", "South"), ("E05000031", "St. Marys", "E06000002")]
    result = checked(rows)
    assert result["verdict"].tolist() == ["belongs to another area", "agrees"]
    assert result["proposed"].tolist() == ["E05000030", None]
    alone = checked([("E05000099", "Abbey", "")], district=None)
    assert alone["verdict"].tolist() == ["unknown code"]
    assert alone["proposed"].tolist() == [None]
    assert "the district must tell" in alone["why"][0]


def test_the_vintage_with_all_names_settles_a_name_of_two():
    rows = [("x", "Abbey", "North"), ("", "Mill and Quay", "North")]
    result = checked(rows)
    assert result["verdict"].tolist() == ["unknown code", "no code"]
    assert result["proposed"].tolist() == ["E05000010", "E05000011"]
    assert "2013" in result["why"][0]
    alone = checked(rows[:1])  # of one name alone, two vintages are as good
    assert alone["proposed"].tolist() == [None]
    assert "E05000010 and E05000020" in alone["why"][0]


def test_sorted_codes_that_agree_are_no_fill_down():
    reference = pd.DataFrame(
        {"area_code": [f"E050000{n}" for n in range(10, 30)], "district": "North"}
    )
    reference["area_name"] = [f"Ward {n}" for n in range(10, 30)]
    table = reference.rename(columns={"area_code": "code"})
    columns = {"code": "code", "name": "area_name", "district": "district"}
    right = geoprofiles.check_codes(table, reference, **columns)
    assert (right["verdict"] == "agrees").all()
    assert right.attrs["fill_down"] == 0
    wrong = table.assign(code=[f"E050000{n}" for n in range(40, 60)])
    broken = geoprofiles.check_codes(wrong, reference, **columns)
    assert broken.attrs["fill_down"] == 20
    assert "filled down" in broken.attrs["sentence"]
    assert broken["proposed"].tolist() == reference["area_code"].tolist()
    assert wrong["code"][0] == "E05000040"  # nothing is mended


def test_missing_columns_are_named():
    with pytest.raises(InputError, match="'ward'"):
        geoprofiles.check_codes(pd.DataFrame({"code": []}), WARDS, code="code", name="ward")


def test_a_join_that_loses_rows_is_refused():
    codes = ["E01000001", "E01000002", None, "(outside)"]
    with pytest.raises(InputError, match=r"1 code of 2, with 50.0% .* E01000002; .* LSOAs of 2011"):
        need_same_codes(codes, ["E01000001", "E01000003"], known=KNOWN)
    need_same_codes(codes, ["E01000001", "E01000002", "E01000003"])
    assert lost_codes([], ["A"]) == ([], 0.0)


def test_a_join_on_names_is_refused():
    with pytest.raises(InputError, match="have names"):
        need_same_codes(["Bargate"], ["E05002455"], names={"E05002455": "Bargate"})
    with pytest.raises(InputError, match="that the areas lack: B"):
        need_same_codes(["A", "B"], ["A"], names={"A": "A", "C": "B"} | {"B": "B"})


def rates(population_codes, counted=("A", "B")):
    counts = pd.DataFrame(
        {"area_code": list(counted), "area_name": [f"Ward {one}" for one in counted]}
    ).assign(month=pd.Timestamp("2026-06-01"), category="Theft", count=[3, 1])
    people = pd.DataFrame({"area_code": population_codes, "year": 2025, "population": 100.0})
    return geoprofiles.rate_by_area(counts, people, indicator="Theft")


def test_rates_warn_of_areas_without_a_denominator():
    with pytest.warns(InputWarning, match=r"lacks 1 of 2 areas, with 25.0% of the incidents: B"):
        table = rates(["A", "C"])
    assert table["value"].notna().tolist() == [True, False]


def test_rates_refuse_a_population_of_other_areas_or_by_name():
    with pytest.raises(InputError, match="none of the 2 areas"):
        rates(["X", "Y"])
    with pytest.raises(InputError, match="have names"):
        rates(["Ward A", "Ward B"])


@pytest.mark.real
def test_southampton_on_codes_of_2021_loses_a_tenth(shared_data):
    known = read_code_list(shared_data / "lookups" / "ew_lsoa11_to_lsoa21.csv.gz")
    files = sorted((shared_data / "police" / "southampton").glob("*/*-hampshire-street.csv.gz"))
    codes = pd.concat([pd.read_csv(one, usecols=["LSOA code"]) for one in files])["LSOA code"]
    found = geoprofiles.recognise_codes(codes, known)
    assert found.loc[0, ["kind", "vintage", "codes"]].tolist() == ["LSOA", "2011", 148]
    assert found.loc[1, ["vintage", "codes_lost", "rows_lost"]].tolist() == ["2021", 4, 9280]
    assert found.attrs["sentence"] == (
        "148 of 148 codes are LSOAs of 2011; on LSOAs of 2021 4 codes with 9.7% of rows would be"
        " lost."
    )


@pytest.mark.real
def test_the_messy_population_file_is_seen_through(shared_data):
    folder = shared_data / "population"
    known = read_code_list(shared_data / "lookups" / "gb_ward_codes_all_years.csv.gz", code="WDCD")
    messy = folder / "messy" / "ward_mid2020_population_codes_broken_by_fill_down.csv.gz"
    table = pd.read_csv(messy)
    truth = pd.read_csv(
        folder / "southampton_portsmouth_ward2020_mid2020_population_by_age_sex.csv.gz"
    )
    for district in ("LA name (2021 boundaries)", "LA Code (2021 boundaries)"):
        result = geoprofiles.check_codes(
            table, known, code="Ward Code 1", name="Ward Name 1", district=district
        )
        assert result.attrs["counts"] == {
            "agrees": 0, "belongs to another area": 87, "unknown code": 3, "no code": 0,
        }  # fmt: skip
        assert result.attrs["fill_down"] == 90
        assert result["proposed"].tolist() == truth["ward_code"].tolist()
    bargate = result[result["name"] == "Bargate"].iloc[0]
    assert bargate[["code", "proposed"]].tolist() == ["E05001450", "E05002455"]
    assert bargate["why"].startswith("E05001450 is Hemsworth, Wakefield")
    right = geoprofiles.check_codes(
        truth, known, code="ward_code", name="ward_name", district="lad_name"
    )
    assert (right["verdict"] == "agrees").all()
    assert right.attrs["fill_down"] == 0

"""Denominators, look-ups, indicators, definitions and the registry, from made files."""

from __future__ import annotations

import numpy as np
import openpyxl
import pytest

from geoprofiles.errors import InputError, InputWarning
from geoprofiles.read import (
    read_definitions,
    read_indicators,
    read_lookup,
    read_population,
    read_registry,
)


@pytest.fixture
def write(tmp_path):
    def to(text, name="table.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return to


def totals(frame):
    return dict(zip(frame["area_code"], frame["population"], strict=True))


# Population


def test_long(write):
    people = read_population(write("area_code,year,population\nA,2024,10\nA,2025,12\nB,2025,5\n"))
    assert people.columns.tolist() == ["area_code", "year", "population"]
    assert people["year"].dtype == "int64"
    assert people["population"].tolist() == [10.0, 12.0, 5.0]


def test_one_year(write):
    path = write("WD25CD,mid_year,persons\nA,mid-2024,10\nA,mid-2025,12\n")
    assert read_population(path, year=2025)["population"].tolist() == [12.0]
    with pytest.raises(InputError, match=r"no row of 2023; there are 2024 and 2025"):
        read_population(path, year=2023)
    undated = read_population(write("WD25CD,persons\nA,10\n"))
    assert undated["year"].isna().all()
    assert read_population(write("WD25CD,persons\nA,10\n"), year=2021)["year"].tolist() == [2021]
    with pytest.raises(InputError, match=r"row 3, column 'year': there is no year"):
        read_population(write("code,year,persons\nA,2024,1\nA,?,1\n"))


def test_wide_by_age(write):
    text = "LSOA21CD,LAD21CD,0,1,2,90+\nA,L,1,2,3,4\nB,L,0,0,0,1\n"
    people = read_population(write(text))
    assert totals(people) == {"A": 10.0, "B": 1.0}
    assert people.attrs["value_columns"] == ["0", "1", "2", "90+"]
    assert totals(read_population(write(text), value=["0", "1"])) == {"A": 3.0, "B": 0.0}
    both = write("code,All Ages,0,1,2\nA,6,1,2,3\nB,9,1,1,1\n")
    with pytest.warns(InputWarning, match=r"In 1 row the ages do not add up to 'All Ages'.*row 3"):
        assert totals(read_population(both)) == {"A": 6.0, "B": 9.0}
    assert totals(read_population(both, value="ages")) == {"A": 6.0, "B": 3.0}


def test_long_by_age_and_sex(write):
    text = "code,year,sex,age,population\n"
    text += "".join(f"A,2025,{sex},{age},5\n" for sex in ("f", "m") for age in ("0-14", "15+"))
    people = read_population(write(text))
    assert totals(people) == {"A": 20.0}
    assert people.attrs["notes"] == ["Rows by sex and age were added up."]
    assert totals(read_population(write(text), where={"sex": "F"})) == {"A": 10.0}
    persons = write(text + "A,2025,Persons,0-14,10\nA,2025,Persons,15+,10\n")
    assert totals(read_population(persons)) == {"A": 20.0}


def test_rows_that_cannot_be_told_apart(write):
    with pytest.raises(
        InputError, match=r"row 3, column 'code': the area 'A' comes more than once"
    ):
        read_population(write("code,tenure,population\nA,Owned,5\nA,Rented,6\n"))
    repeated = read_population(write("code,tenure,n,total_homes\nA,Owned,5,11\nA,Rented,6,11\n"),
                               value="total_homes")  # fmt: skip
    assert totals(repeated) == {"A": 11.0}


def test_where(write):
    path = write("code,sex,population\nA,male,5\nA,female,6\n")
    assert totals(read_population(path, where={"sex": "male"})) == {"A": 5.0}
    assert totals(read_population(path, where={"sex": ["male", "female"]})) == {"A": 11.0}
    with pytest.raises(InputError, match=r"no row has 'mail'; there are .*Did you mean 'male'"):
        read_population(path, where={"sex": "mail"})
    with pytest.raises(InputError, match=r"no column 'sax'.*Did you mean 'sex'"):
        read_population(path, where={"sax": "male"})


def test_numbers_as_offices_write_them(write):
    path = write('code,population\nA,"1,234"\nB,[c]\nC,*\nD,<5\nE,\nF,1.5e3\nG, 7 \n')
    with pytest.warns(InputWarning, match=r"4 figures are suppressed or empty"):
        people = read_population(path)
    assert people["population"].fillna(-1).tolist() == [1234, -1, -1, -1, -1, 1500, 7]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("-5", r"row 3, column 'population': -5 is not possible"),
        ("many", r"row 3, column 'population': 'many' is no number"),
        ("1,23", "'1,23' is no number"),
        ("inf", "is no number"),
    ],
)
def test_numbers_that_cannot_be(write, cell, message):
    with pytest.raises(InputError, match=message):
        read_population(write(f'code,population\nA,1\nB,"{cell}"\n'))


def test_columns_that_are_not_there(write):
    with pytest.raises(InputError, match=r"recognised as the area code; the columns are a and b"):
        read_population(write("a,b\n1,2\n"))
    with pytest.raises(InputError, match=r"recognised as the number of people"):
        read_population(write("code,b\n1,2\n"))
    with pytest.raises(InputError, match=r"no column 'popultion'.*Did you mean 'population'"):
        read_population(write("code,population\n1,2\n"), value="popultion")
    with pytest.raises(InputError, match=r"row 3, column 'code': there is no area code"):
        read_population(write("code,population\nA,2\n,2\n"))
    with pytest.raises(InputError, match=r"row 3: this row has the wrong number of columns"):
        read_population(write("code,population\nA,2\nTotal\nB,2\n"))
    with pytest.raises(InputError, match=r"headings and no rows"):
        read_population(write("code,population\n"))


def test_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Ward Code 1", "Households"], ["007", 12], ["B", 13.0]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert totals(read_population(tmp_path / "a.xlsx")) == {"007": 12.0, "B": 13.0}


# Look-ups


def test_lookup(write):
    path = write("LSOA21CD,LSOA21NM,WD25CD\nS1,a,W1\nS2,b,W1\nS2,b,W1\n")
    table = read_lookup(path)
    assert table.to_dict("list") == {"source": ["S1", "S2"], "target": ["W1", "W1"]}
    turned = read_lookup(path, source="WD25CD", target="LSOA21CD")
    assert turned["target"].tolist() == ["S1", "S2"]
    assert "more than one" in turned.attrs["notes"][0]


def test_lookup_that_cannot_be_told(write):
    with pytest.raises(InputError, match=r"LSOA21CD, WD25CD and LAD25CD look like codes"):
        read_lookup(write("LSOA21CD,WD25CD,LAD25CD\nS1,W1,L1\n"))
    with pytest.raises(InputError, match=r"Did you mean 'WD25CD'"):
        read_lookup(write("LSOA21CD,WD25CD\nS1,W1\n"), source="LSOA21CD", target="WD24CD")
    with pytest.raises(InputError, match=r"row 3, column 'WD25CD': there is no area code"):
        read_lookup(write("LSOA21CD,WD25CD\nS1,W1\nS2,\n"))


# Indicators


DEFINITIONS = (
    "indicator,topic,name,unit,method,multiplier,polarity,source\n"
    "renting,Housing,Homes rented,%,proportion,,neither,Census\n"
    "thefts,Safety,Thefts,per 1000,rate,1000,high is bad,Police\n"
)


def test_definitions_and_indicators(write):
    definitions = read_definitions(write(DEFINITIONS, "definitions.csv"))
    assert definitions.columns.tolist() == [
        "topic", "name", "definition", "numerator", "denominator", "unit", "method", "multiplier",
        "polarity", "source", "period_kind", "disclosure", "design_effect",
    ]  # fmt: skip
    assert definitions["multiplier"].tolist() == [100.0, 1000.0]
    text = "area_code,indicator,period,numerator,denominator\nA,renting,2025,[c],9\n"
    table = read_indicators(write(text), definitions=definitions)
    assert np.isnan(table["numerator"][0])
    assert table["period"].tolist() == ["2025"]
    with pytest.raises(InputError, match=r"row 3.*'rentin' has no definition. Did you mean"):
        read_indicators(write(text + "A,rentin,2025,1,2\n"), definitions=definitions)
    with pytest.raises(InputError, match=r"row 3.*came before"):
        read_indicators(write(text + "A,renting,2025,1,2\n"))
    with pytest.raises(InputError, match=r"row 3, column 'numerator': 'x1' is no number"):
        read_indicators(write(text + "B,renting,2025,x1,2\n"))
    with pytest.raises(InputError, match=r"no column 'denominator'"):
        read_indicators(write("area_code,indicator,period,numerator\nA,a,1,2\n"))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "a,,,,ratio,,,",
            "row 4, column 'method': 'method' cannot be 'ratio'. Did you mean 'rate'",
        ),
        ("a,,,,rate,0,,", "row 4, column 'multiplier': the multiplier must be a number above 0"),
        ("a,,,,rate,,high is bat,", "Did you mean 'high is bad'"),
        ("thefts,,,,rate,,,", "row 4, column 'indicator': this indicator is defined twice"),
    ],
)
def test_definitions_that_cannot_be(write, row, message):
    with pytest.raises(InputError, match=message):
        read_definitions(write(DEFINITIONS + row + "\n"))


def test_registry(write):
    head = "file,kind,vintage,code_column,name_column,crs,licence,attribution,sha256\n"
    row = "wards.geojson,ward,2025,WD25CD,WD25NM,EPSG:4326,CC0-1.0,,ab12\n"
    registry = read_registry(write(head + row))
    assert registry.loc["wards.geojson", "attribution"] == ""
    with pytest.raises(InputError, match=r"row 3, column 'file': this file is listed twice"):
        read_registry(write(head + row + row))
    with pytest.raises(InputError, match=r"no column 'sha256'"):
        read_registry(write(head.replace(",sha256", "") + row.replace(",ab12", "")))

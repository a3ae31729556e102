"""Residents by age and sex, harm weights, and what is known of topics."""

from __future__ import annotations

import math

import pytest

from geoprofiles.errors import InputError
from geoprofiles.read import read_harm, read_people, read_topics


@pytest.fixture
def write(tmp_path):
    def file(text: str, name: str = "table.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return file


def test_people_of_the_latest_year_without_totals(write):
    text = (
        "area_code,year,sex,age,population\n"
        "A,2024,F,0-4,10\nA,2025,Female,0-4,12\nA,2025,male,0-4,13\nA,2025,persons,0-4,25\n"
    )
    people = read_people(write(text))
    assert people["population"].tolist() == [12.0, 13.0]
    assert people["sex"].tolist() == ["female", "male"]
    assert people.attrs["year"] == 2025
    assert read_people(write(text), year=2024)["population"].tolist() == [10.0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("area_code,sex,age,population\nA,x,0-4,1\n", r"row 2, column 'sex': 'x' is no sex"),
        ("area_code,sex,age,population\nA,F,0-4,1\nA,F,0-4,2\n", r"row 3, .*came before"),
        ("area_code,sex,age,population\nA,F,0-4,-1\n", r"row 2, column 'population': -1"),
        ("area_code,sex,age,population\nA,F,0-4,ten\n", r"row 2, .*'ten' is no number"),
        ("area_code,sex,age\nA,F,0-4\n", r"population"),
    ],
)
def test_people_are_refused_with_row_and_column(write, text, told):
    with pytest.raises(InputError, match=told):
        read_people(write(text))


def test_a_year_that_is_not_there_names_those_that_are(write):
    with pytest.raises(InputError, match=r"no year 2020.*There are 2025"):
        read_people(write("area_code,year,sex,age,population\nA,2025,F,0-4,1\n"), year=2020)


def test_harm_weights(write):
    assert read_harm(write("category,weight\nTheft,2\nRobbery,0\n")) == {"Theft": 2, "Robbery": 0}
    for text, told in (
        ("category,weight\nTheft,\n", r"row 2, column 'weight': this category has no weight"),
        ("category,weight\nTheft,-1\n", r"row 2, column 'weight': -1"),
        ("category,weight\nTheft,0\nDrugs,0\n", r"column 'weight': every weight is 0"),
        ("category,weight\nTheft,1\nTheft,2\n", r"row 3, column 'category'.*came before"),
    ):
        with pytest.raises(InputError, match=told):
            read_harm(write(text))


def test_topics_leave_unknown_what_is_empty(write):
    topics = read_topics(write("topic,concern,repeats\nDrugs,0.4,\nTheft,0.1,0.2\n"))
    assert topics.loc["Theft"].tolist() == [0.1, 0.2]
    assert math.isnan(topics.loc["Drugs", "repeats"])
    with pytest.raises(InputError, match=r"row 3, column 'topic'"):
        read_topics(write("topic,concern\nDrugs,0.4\nDrugs,0.1\n"))


@pytest.mark.parametrize("column", ["concern", "repeats", "volume", "harm"])
@pytest.mark.parametrize("cell", ["31", "-0.1"])
def test_parts_of_topics_lie_between_nothing_and_all(write, column, cell):
    with pytest.raises(InputError, match=rf"row 3, column '{column}': {cell} is no part of 1"):
        read_topics(write(f"topic,{column}\nDrugs,1\nTheft,{cell}\n"))
    assert read_topics(write("topic,trend\nTheft,1.4\n")).loc["Theft", "trend"] == 1.4

"""The data dictionary: every column once, limits called what they are, indicators as defined."""

from __future__ import annotations

import pandas as pd
import pytest

from geoprofiles.indicators.printed import PRINTED_COLUMNS
from geoprofiles.indicators.priorities import CUTS
from geoprofiles.indicators.scorecard import SCORECARD_COLUMNS
from geoprofiles.pipeline.figures import HISTORY_COLUMNS
from geoprofiles.profile import DRAWN, FIGURE_COLUMNS
from geoprofiles.publish.dictionary import data_dictionary


@pytest.fixture(scope="module")
def dictionary():
    definitions = pd.DataFrame(
        {
            "name": ["Theft", "Theft", "Asthma"],
            "topic": ["Crime", "Crime", "Health"],
            "definition": ["Things taken", "Things taken", "People with asthma"],
            "unit": ["per 1,000", "per 1,000", "%"],
        },
        index=pd.Index(["theft", "theft", "asthma"], name="indicator"),
    )
    return data_dictionary(definitions)


def columns_of(dictionary, table):
    rows = dictionary[(dictionary["what"] == "column") & (dictionary["table"] == table)]
    return rows.set_index("id")["meaning"]


def test_each_column_of_a_table_is_explained_once_and_in_words(dictionary):
    columns = dictionary[dictionary["what"] == "column"]
    assert not columns.duplicated(["table", "id"]).any()
    assert (columns["meaning"].str.split().str.len() >= 2).all()
    assert (columns["unit"] != "").all()


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("", set(FIGURE_COLUMNS) - set(DRAWN)),
        ("scorecard", set(SCORECARD_COLUMNS)),
        ("printed_figures", set(PRINTED_COLUMNS)),
        ("priorities_figures", set(CUTS)),
        ("priorities", {*CUTS, "total", "place", "stays", "lacks"}),
    ],
)
def test_tables_of_fixed_columns_are_explained_whole(dictionary, table, columns):
    explained = set(columns_of(dictionary, table).index)
    # The topic means the same wherever it stands.
    assert explained - {"topic"} == columns - {"topic"}


def test_what_a_history_has_beyond_profiles_is_explained(dictionary):
    known = {*columns_of(dictionary, "").index, *columns_of(dictionary, "every_period").index}
    assert set(HISTORY_COLUMNS) <= known


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "95% limit of the value"),
        ("changes", "95% limit of the ratio"),
        ("next_months", "80% range"),
        ("similar_places", "band"),
        ("months_control_charts", "control limit"),
        ("printed_figures", "95% limit of the change"),
        ("by_age", "95% limit of the value"),
    ],
)
def test_limits_are_called_what_they_are(dictionary, table, words):
    meanings = columns_of(dictionary, table)
    assert words in meanings["lower"]
    assert words in meanings["upper"]


def test_indicators_follow_as_they_are_defined_each_once(dictionary):
    rows = dictionary[dictionary["what"] == "indicator"]
    assert rows[["id", "name", "meaning", "unit"]].values.tolist() == [
        ["theft", "Theft", "Things taken", "per 1,000"],
        ["asthma", "Asthma", "People with asthma", "%"],
    ]
    assert dictionary.index[dictionary["what"] == "column"].max() < rows.index.min()
    assert (rows["table"] == "").all()


def test_the_dictionary_explains_itself(dictionary):
    assert set(columns_of(dictionary, "data_dictionary").index) | {"topic"} == set(dictionary)


def test_headings_of_workbooks_lead_to_their_column(dictionary):
    columns = dictionary[dictionary["what"] == "column"].set_index("name")["id"]
    assert columns["Areas ranked"] == "ranked"
    assert columns["Against the rest"] == "verdict"

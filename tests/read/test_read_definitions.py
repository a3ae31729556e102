"""Definitions, figures and standings: read as they are, and each fault named with its place."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.frames import METHODS
from geoprofiles.read import (
    read_breaks,
    read_declarations,
    read_definitions,
    read_ranks,
    read_similar_places,
    read_tables,
)


@pytest.fixture
def write(tmp_path):
    def made(name, text):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return made


def fault(function, file, *, row=None, column=None, problem, remedy):
    """Check that a fault is told with its file, row, column and remedy."""
    with pytest.raises(InputError) as caught:
        function(file)
    error = caught.value
    assert error.file is not None
    assert error.file.endswith(file.name)
    assert (error.row, error.column) == (row, column)
    assert re.search(problem, error.problem), error.problem
    assert re.search(remedy, error.remedy or ""), error.remedy
    return error


# Definitions as a table


def test_a_table_of_definitions_is_read_and_filled_in(write):
    file = write(
        "definitions.csv",
        "indicator, Name ,method,polarity,multiplier,disclosure,design_effect,note\n"
        "renting,Homes rented,proportion,neither,,Under 5,,seen\n"
        "feels_safe,,survey,high is good,100,,1.4,\n"
        'thefts,Thefts,rate,high is bad,"10,000",none,,\n'
        "mix,,,,,,,\n",
    )
    frame = read_definitions(file)
    assert frame.index.tolist() == ["renting", "feels_safe", "thefts", "mix"]
    assert frame["name"].tolist() == ["Homes rented", "feels_safe", "Thefts", "mix"]
    assert frame["method"].tolist() == ["proportion", "survey", "rate", "value"]
    assert frame["multiplier"].tolist() == [100, 100, 10_000, 1]
    assert frame["disclosure"].tolist() == ["under 5", "none", "none", "none"]
    assert frame["design_effect"].fillna(0).tolist() == [0, 1.4, 0, 0]
    assert frame["polarity"].iloc[3] == "neither"
    assert frame[["topic", "definition", "unit", "source"]].eq("").all(axis=None)


@pytest.mark.parametrize(
    ("method", "multiplier"),
    [
        ("rate", 1000), ("proportion", 100), ("survey", 100), ("mean", 1), ("value", 1),
        ("given", 1), ("life expectancy", 1), ("directly standardised", 100_000),
        ("indirectly standardised", 100),
    ],
)  # fmt: skip
def test_every_method_has_its_usual_multiplier(write, method, multiplier):
    assert method in METHODS
    frame = read_definitions(write("d.csv", f"indicator,method\nx,{method}\n"))
    assert frame.loc["x", "multiplier"] == multiplier


@pytest.mark.parametrize(
    ("rows", "row", "column", "problem", "remedy"),
    [
        ("a,rate,,,\na,rate,,,\n", 3, "indicator", "defined twice", "Keep one row"),
        ("a,rate,,,\n,rate,,,\n", 3, "indicator", "there is no indicator", "Give every row"),
        ("a,rates,,,\n", 2, "method", "cannot be 'rates'", "Did you mean 'rate'"),
        ("a,,,,\nb,rate,high is worse,,\n", 3, "polarity", "cannot be 'high is worse'", "high is"),
        ("a,rate,,under five,\n", 2, "disclosure", "no disclosure rule", "under 5"),
        ("a,rate,,under 1,\n", 2, "disclosure", "no disclosure rule", "under 5"),
        ("a,rate,,,0\n", 2, "multiplier", "must be a number above 0; it is 0", "Leave it out"),
        ("a,rate,,,-5\n", 2, "multiplier", "must be a number above 0", "Leave it out"),
        ("a,rate,,,per 1000\n", 2, "multiplier", "'per 1000' is no number", "Leave the cell empty"),
        ("a,rate,,,inf\n", 2, "multiplier", "'inf' is no number", "Leave the cell empty"),
        ("a,rate\n", 2, None, "number of", "as many cells"),
    ],
)
def test_faults_of_a_table_of_definitions(write, rows, row, column, problem, remedy):
    file = write("d.csv", "indicator,method,polarity,disclosure,multiplier\n" + rows)
    fault(read_definitions, file, row=row, column=column, problem=problem, remedy=remedy)


def test_headings_that_are_nearly_ours_are_not_passed_over(write):
    file = write("d.csv", "indicator,method,multiplyer\na,rate,100000\n")
    fault(read_definitions, file, row=1, column="multiplyer", problem="is not known",
          remedy="Did you mean 'multiplier'")  # fmt: skip
    file = write("e.csv", "indicator,method,notes,owner\na,rate,x,y\n")
    assert read_definitions(file).loc["a", "multiplier"] == 1000
    file = write("f.csv", "id,method\na,rate\n")
    fault(read_definitions, file, problem="no column 'indicator'", remedy="Name one of these")


# Definitions as TOML, and their tables

TENURE = '[tables.t]\nfile = "t.csv"\nareas = "LSOA"\n'
RENTING = '[indicators.renting]\nmethod = "proportion"\ntable = "t"\ntake = "rented"\n'


def test_declarations_are_read_with_their_tables(write):
    file = write(
        "indicators.toml",
        TENURE + 'period = 2021\nonly = "ward"\n' + RENTING + 'over = ["rented", "owned"]\n'
        'disclosure = "under 5"\n'
        '[indicators.theft]\nmethod = "rate"\nincidents = "police"\ncategories = ["Theft"]\n'
        'per = "residents"\nmultiplier = 1\n'
        '[indicators.words]\nname = "Only defined"\n',
    )
    made = read_declarations(file)
    assert made.definitions.index.tolist() == ["renting", "theft", "words"]
    assert made.definitions["multiplier"].tolist() == [100, 1, 1]
    assert made.definitions.loc["renting", "disclosure"] == "under 5"
    table = made.tables["t"]
    assert (table.file, table.period, table.only) == (file.parent / "t.csv", "2021", ("ward",))
    assert [wish.indicator for wish in made.wishes] == ["renting", "theft"]
    assert made.wishes[0].over == ("rented", "owned")
    assert made.wishes[1].categories == ("Theft",)
    assert [one.areas for one in made.used_tables()] == ["LSOA"]
    assert read_definitions(file).index.tolist() == ["renting", "theft", "words"]
    elsewhere = read_declarations(file, folder=file.parent / "data")
    assert elsewhere.tables["t"].file == file.parent / "data" / "t.csv"


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("[indicators.a]\nmethod = 'rates'\n", r"\[indicators.a\]: .*cannot be 'rates'", "'rate'"),
        ("[indicators.a]\npolarity = 'bad'\n", r"\[indicators.a\]: ", "high is bad"),
        ("[indicators.a]\ndisclosure = 'few'\n", r"\[indicators.a\]: ", "under 5"),
        ("[indicators.a]\nmultiplier = 'thousand'\n", r"\[indicators.a\]: .*it is 'thousand'",
         "Leave it out"),
        ("[indicators.a]\nmultiplier = true\n", "it is True", "Leave it out"),
        ("[indicators.a]\nmultiplier = [1]\n", r"it is \[1\]", "Leave it out"),
        ("[indicators.a]\ndesign_effect = 0\n", "design effect must be a number above 0", "Leave"),
    ],
)  # fmt: skip
def test_faults_of_what_a_section_means(write, text, problem, remedy):
    file = write("i.toml", text)
    column = re.search(r"\n(\w+) =", text)[1]
    fault(read_declarations, file, column=column, problem=problem, remedy=remedy)


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("", "declares no indicator", r"Add \[indicators"),
        ("[indicater.a]\n", "unknown key 'indicater' in the file", "Did you mean 'indicators'"),
        ("[indicators]\na = 5\n", r"\[indicators.a\] must be a section", "Write it as"),
        ("[indicators.a]\nmetod = 'rate'\n", "unknown key 'metod'", "Did you mean 'method'"),
        (RENTING, "names the table 't', which the file does not have", r"Add \[tables"),
        (TENURE + RENTING.replace('"t"', '"tt"'), "names the table 'tt'", "'t'"),
        ("[tables.t]\nareas = 'LSOA'\n" + RENTING, "lacks the key 'file'", "needs its file"),
        ("[tables.t]\nfile = 't.csv'\n" + RENTING, "lacks the key 'areas'", "kind of area"),
        (TENURE + "lables = 'kind'\n" + RENTING, "unknown key 'lables'", "Did you mean 'labels'"),
        (TENURE + "labels = 'kind'\n" + RENTING, "'labels' and 'value' together", "number"),
        (TENURE + "code = ['a']\n" + RENTING, r"'code' of \[tables.t\] must be a text", "Write"),
        (TENURE + "where = 'x'\n" + RENTING, "'where' of .* must be a section", "Write"),
        (TENURE + "[indicators.a]\ntable = 't'\n", "has 'table' and no 'take'", "Add 'take'"),
        (TENURE + RENTING, "has 'take' and neither 'over' nor 'weight'", "part of"),
        ("[indicators.a]\ntake = 'x'\n", "has 'take' and no 'table'", "Add 'table'"),
        ("[indicators.a]\nover = 'x'\n", "has 'over' and no 'table'", "Add 'table'"),
        ("[indicators.a]\nper = 'x'\n", "has 'per' and no 'incidents'", "Add 'incidents'"),
        ("[indicators.a]\ncategories = 'x'\n", "'categories' and no 'incidents'", "take"),
        (TENURE + RENTING + "over = 'a'\nincidents = 'p'\n", "both 'table' and 'incidents'",
         "one of them"),
        (TENURE + RENTING + "over = 'a'\nweight = 'b'\n", "both 'over' and 'weight'", "one of"),
        (TENURE + RENTING.replace('"rented"', "[]"), "'take' of .* is an empty list", "Write"),
        (TENURE + RENTING.replace('"rented"', "[true]"), "must be a text; it is True", "Write"),
    ],
)  # fmt: skip
def test_faults_of_declarations(write, text, problem, remedy):
    fault(read_declarations, write("i.toml", text), problem=problem, remedy=remedy)


def test_an_indicator_declared_twice_is_refused_with_its_line(write):
    file = write("i.toml", "[indicators.a]\nname = 'A'\n[indicators.b]\n[indicators.a]\n")
    fault(read_declarations, file, row=4, problem="this is not TOML", remedy="declared twice")
    file = write("j.toml", "[indicators.a]\nname = 'A'\nname = 'B'\n")
    fault(read_declarations, file, row=3, problem="this is not TOML", remedy="declared twice")
    file = write("k.toml", "[indicators.a]\nname = A\n")
    fault(read_declarations, file, row=2, problem="this is not TOML", remedy="quotes")
    gone = file.parent / "gone.toml"
    fault(read_declarations, gone, problem="no such file", remedy="path")
    file.write_bytes(b"[indicators.a]\nname = '\xe9'\n")
    fault(read_declarations, file, problem="cannot be read", remedy="UTF-8")


# Figures from the analyst's tables


def taken(write, table, declared, denominators=None):
    write("t.csv", table)
    file = write("indicators.toml", declared)
    return read_tables(read_declarations(file), denominators=denominators)


def test_a_wide_table_is_summed_column_by_column(write):
    [(kind, frame)] = taken(
        write,
        "LSOA21CD,social,private,owned,note\nB,1,2,7,x\nA,\"1,000\",[c],5,\nC,3,0,<5,\n",
        TENURE + 'period = "2021"\n' + RENTING.replace('"rented"', '["social", "private"]')
        + 'over = ["social", "private", "owned"]\n'
        '[indicators.social]\nmethod = "proportion"\ntable = "t"\ntake = "social"\n'
        'over = "owned"\n',
    )  # fmt: skip
    assert kind == "LSOA"
    assert frame["area_code"].tolist() == ["B", "A", "C"] * 2
    assert set(frame["period"]) == {"2021"}
    assert frame["numerator"].fillna(-1).tolist() == [3, -1, 3, 1, 1000, 3]
    assert frame["denominator"].fillna(-1).tolist() == [10, -1, -1, 7, 5, -1]
    assert frame.attrs["marks"] == {"[c]": 1, "<5": 1}
    assert "not zero" in frame.attrs["notes"][0]


LONG = TENURE + 'labels = "kind"\nvalue = "n"\nperiod_column = "year"\n' + RENTING


def test_a_long_table_is_summed_label_by_label(write):
    [(_, frame)] = taken(
        write,
        "area_code,year,kind,n,sex\n"
        "B,2021,owned,7,all\nA,2021,rented,4,all\nA,2021,owned,6,all\nB,2021,rented,*,all\n"
        "A,2022,rented,5,all\nA,2022,rented,2,f\n",
        LONG.replace("[indicators", 'where = {sex = "ALL"}\n[indicators') + 'over = "*"\n',
    )
    frame = frame.set_index(["area_code", "period"]).sort_index()
    # No row for owners in 2022: there are none. A mark: not known, nor is its sum.
    assert frame["numerator"].fillna(-1).to_dict() == {
        ("A", "2021"): 4, ("A", "2022"): 5, ("B", "2021"): -1
    }  # fmt: skip
    assert frame["denominator"].fillna(-1).to_dict() == {
        ("A", "2021"): 10, ("A", "2022"): 5, ("B", "2021"): -1
    }  # fmt: skip


def test_a_total_beside_labels_is_taken_once(write):
    rows = "area_code,year,kind,n,all\nA,2021,rented,4,10\nA,2021,owned,6,{}\nB,2021,rented,1,3\n"
    [(_, frame)] = taken(write, rows.format(10), LONG + 'over = "all"\n')
    assert frame[["numerator", "denominator"]].values.tolist() == [[4, 10], [1, 3]]
    with pytest.raises(InputError, match=r"row 3, column 'all': .*that of 'A' differs.*labels"):
        taken(write, rows.format(11), LONG + 'over = "all"\n')
    with pytest.raises(InputError, match=r"row 3, column 'n': .*that of 'A' differs"):
        taken(write, rows.format(10), LONG + 'over = "n"\n')


WEIGHED = TENURE + '[indicators.score]\nmethod = "{}"\ntable = "t"\ntake = "score"\nweight = "{}"\n'


def test_scores_are_weighted_by_a_column_or_a_denominator(write):
    rows = "area_code,score,people\nA,0.2,100\nB,0.5,300\nC,-,50\n"
    [(_, frame)] = taken(write, rows, WEIGHED.format("proportion", "people"))
    assert frame["numerator"].fillna(-1).tolist() == [20, 150, -1]
    people = pd.DataFrame(
        {"area_code": ["B", "A", "A"], "year": [2021, 2022, 2020], "population": [300.0, 100, 90]}
    )
    denominators = {"residents": {"LSOA": people, "ward": people * 2}}
    [(_, frame)] = taken(write, rows, WEIGHED.format("value", "residents"), denominators)
    assert frame["denominator"].fillna(-1).tolist() == [100, 300, -1]  # of the latest year
    with pytest.raises(InputError, match=r"t.csv: .*neither a column nor a denominator.*'people'"):
        taken(write, rows, WEIGHED.format("value", "peopel"), denominators)


def test_percentages_where_parts_of_one_are_due_are_refused(write):
    rows = "area_code,score,people\nA,0.9,100\nB,12.5,300\n"
    with pytest.raises(InputError, match=r"row 3, column 'score': .*12.5 is more.*multiplier = 1"):
        taken(write, rows, WEIGHED.format("proportion", "people"))
    [(_, frame)] = taken(write, rows, WEIGHED.format("value", "people"))
    assert frame["numerator"].tolist() == pytest.approx([90, 3750])


@pytest.mark.parametrize(
    ("rows", "declared", "told"),
    [
        ("area_code,rented\nA,4\nA,5\n", RENTING + 'over = "rented"\n',
         r"t.csv, row 3, column 'area_code': the area 'A' comes twice.*'where'"),
        ("area_code,rented\nA,four\n", RENTING + 'over = "rented"\n',
         r"t.csv, row 2, column 'rented': 'four' is no number.*empty"),
        ("area_code,rent\nA,4\n", RENTING + 'over = "rent"\n',
         r"t.csv: there is no column 'rented'.*'rent'"),
        ("area_code,rented\n,4\n", RENTING + 'over = "rented"\n',
         r"t.csv, row 2, column 'area_code': there is no area code.*totals"),
        ("place,rented\nA,4\n", RENTING + 'over = "rented"\n',
         r"t.csv: no column was recognised as the area code.*code='"),
        ("area_code,rented\n", RENTING + 'over = "rented"\n', "headings and no rows"),
    ],
)  # fmt: skip
def test_faults_of_a_wide_table(write, rows, declared, told):
    with pytest.raises(InputError, match=told):
        taken(write, rows, TENURE + declared)


def test_faults_of_a_long_table(write):
    head = "area_code,year,kind,n\n"
    over = 'over = "*"\n'
    with pytest.raises(InputError, match=r"row 3, column 'kind': 'rented' comes twice.*'where'"):
        taken(write, head + "A,2021,rented,1\nA,2021,rented,2\n", LONG + over)
    with pytest.raises(InputError, match=r"no label 'rented'.*Did you mean 'Rented'"):
        taken(write, head + "A,2021,Rented,1\n", LONG + over)
    where = LONG.replace("[indicators", 'where = {kind = "rentd"}\n[indicators')
    with pytest.raises(InputError, match=r"column 'kind': no row has 'rentd'.*'rented'"):
        taken(write, head + "A,2021,rented,1\n", where + over)


# Figures as a long table of indicators


def test_figures_are_read_with_marks_named_and_counted(write):
    file = write(
        "figures.csv",
        "area_code,indicator,period,age,numerator,denominator,squares\n"
        "A,x,2025,0-4,[c],160,\nA,x,2025,5+,*,150,\nB,x,2025,0-4,<5,140,9\n"
        'C,x,2025,0-4,,"1,130",\nD,x,2025,0-4,0,120,\nE,x,2025,0-4,*,..,\n',
    )
    frame = geoprofiles.read_indicators(file)
    assert frame["numerator"].isna().tolist() == [True, True, True, True, False, True]
    assert frame["numerator"].iloc[4] == 0  # nothing is nothing; suppressed is not
    assert frame["denominator"].iloc[3] == 1130
    assert frame.attrs["marks"] == {"[c]": 1, "*": 2, "<5": 1, "..": 1}
    [note] = frame.attrs["notes"]
    assert note.startswith("5 figures are suppressed (")
    for told in ("'*' 2 times", "'[c]' 1 times", "'<5' 1 times"):
        assert told in note
    assert "value" not in frame
    assert frame["age"].tolist()[:2] == ["0-4", "5+"]


def test_given_figures_bring_their_own_columns(write):
    file = write(
        "figures.csv",
        "area_code,indicator,period,numerator,denominator,value,lower,upper\nA,x,,,,7.5,6,[x]\n",
    )
    frame = geoprofiles.read_indicators(file)
    assert frame.loc[0, "value"] == 7.5
    assert np.isnan(frame.loc[0, "upper"])
    assert frame.loc[0, "period"] == ""
    assert frame.attrs["marks"] == {"[x]": 1}


@pytest.mark.parametrize(
    ("rows", "row", "column", "problem", "remedy"),
    [
        ("A,x,2025,4,9\nB,x,2025,4,9\nA,x,2025,5,9\n", 4, "area_code", "came before", "one row"),
        ("A,x,2025,4,9\n,x,2025,4,9\n", 3, "area_code", "no area code", "Give every row"),
        ("A,x,2025,4,9\nB,,2025,4,9\n", 3, "indicator", "there is no indicator", "Give every row"),
        ("A,x,2025,some,9\n", 2, "numerator", "'some' is no number", "Leave the cell empty"),
        ("A,x,2025,4,9%\n", 2, "denominator", "'9%' is no number", "Leave the cell empty"),
        ("A,x,2025,inf,9\n", 2, "numerator", "'inf' is no number", "Leave the cell empty"),
        ("A,y,2025,4,9\n", 2, "indicator", "'y' has no definition", "Known: x"),
    ],
)
def test_faults_of_figures(write, rows, row, column, problem, remedy):
    file = write("figures.csv", "area_code,indicator,period,numerator,denominator\n" + rows)
    definitions = read_definitions(write("d.csv", "indicator,method\nx,rate\n"))
    fault(lambda one: geoprofiles.read_indicators(one, definitions=definitions), file,
          row=row, column=column, problem=problem, remedy=remedy)  # fmt: skip
    lacking = write("short.csv", "area_code,indicator,period,numerator\nA,x,2025,4\n")
    fault(geoprofiles.read_indicators, lacking, problem="no column 'denominator'",
          remedy="numerator")  # fmt: skip


def test_what_is_read_is_what_figures_are_made_of(write):
    """From the files to figures: suppressed, zero and known each stay what they are."""
    definitions = read_definitions(
        write("d.csv", "indicator,method,unit,disclosure\nrenting,proportion,%,none\n")
    )
    file = write(
        "figures.csv",
        "area_code,indicator,period,numerator,denominator\n"
        "A,renting,2021,40,160\nB,renting,2021,[c],100\nC,renting,2021,0,50\n",
    )
    made = geoprofiles.indicator_values(
        geoprofiles.read_indicators(file, definitions=definitions), definitions
    )
    assert made["value"].fillna(-1).tolist() == [25, -1, 0]
    assert made["method"].tolist()[1] == "suppressed at its source"
    compared = geoprofiles.compare(made)
    assert compared["whole"].tolist() == pytest.approx([100 * 40 / 210] * 3)


# Standings


def test_breaks_are_read_by_month(write):
    file = write(
        "breaks.csv",
        "month,category,why,area\n2019-11,ASB,system,\n2017-04,Violence,rule,E05000001\n"
        "2020-03,,lockdown,\n",
    )
    frame = read_breaks(file)
    assert frame.columns.tolist() == ["source", "category", "area", "month", "why"]
    assert frame["month"].dt.strftime("%Y-%m").tolist() == ["2017-04", "2019-11", "2020-03"]
    assert frame["category"].tolist() == ["Violence", "ASB", ""]
    assert frame["area"].tolist() == ["E05000001", "", ""]
    assert frame["source"].eq("").all()


@pytest.mark.parametrize(
    ("function", "text", "row", "column", "problem", "remedy"),
    [
        (read_breaks, "category,month,why\na,2017-04,x\nb,April 2017,x\n", 3, "month",
         "not a month", "YYYY-MM"),
        (read_breaks, "category,month,why\na,2017-13,x\n", 2, "month", "not a month", "YYYY-MM"),
        (read_breaks, "category,month,why\na,,x\n", 2, "month", "not a month", "YYYY-MM"),
        (read_breaks, "category,month,why\na,2017-04,\n", 2, "why", "needs a reason", "Say who"),
        (read_breaks, "category,month\na,2017-04\n", None, None, "no column 'why'", "Name one"),
        (lambda one: read_ranks(one, rank="r"), "area_code,r\nA,1\nA,2\n", 3, "area_code",
         "comes twice", "one row"),
        (lambda one: read_ranks(one, rank="r"), "area_code,r\nA,1\nB,0\n", 3, "r",
         "below 1", "start at 1"),
        (lambda one: read_ranks(one, rank="r"), "area_code,r\nA,1\nB,\n", 3, "r",
         "no rank", "Leave out"),
        (lambda one: read_ranks(one, rank="r"), "area_code,r\nA,first\n", 2, "r",
         "'first' is no number", "empty"),
        (lambda one: read_ranks(one, rank="rank"), "area_code,r\nA,1\n", None, None,
         "no column 'rank'", "Name one"),
        (read_similar_places, "place,indicator,period,numerator,denominator\nX,t,2025,9,90\n"
         "X,t,2025,9,90\n", 3, "place", "came before", "one row"),
        (read_similar_places, "place,indicator,period,numerator,denominator\n,t,2025,9,90\n",
         2, "place", "there is no place", "Give every row"),
        (read_similar_places, "place,indicator,period,numerator,denominator\nX,,2025,9,90\n",
         2, "indicator", "there is no indicator", "Give every row"),
        (read_similar_places, "place,indicator,period,numerator,denominator\nX,t,2025,few,90\n",
         2, "numerator", "'few' is no number", "empty"),
    ],
)  # fmt: skip
def test_faults_of_standings(write, function, text, row, column, problem, remedy):
    file = write("standings.csv", text)
    fault(function, file, row=row, column=column, problem=problem, remedy=remedy)


def test_ranks_and_similar_places_are_read_as_they_stand(write):
    file = write("imd.csv", 'lsoa21_code,lad_code,rank\nE01B,E06A,"12,345"\nE01A,E06A,7\n')
    frame = read_ranks(file, rank="Rank")
    assert frame.values.tolist() == [["E01B", 12_345], ["E01A", 7]]
    named = read_ranks(file, rank="rank", code="lsoa21_code")
    pd.testing.assert_frame_equal(frame, named)
    file = write(
        "similar.csv",
        "city,indicator,period,numerator,denominator\nDerby,t,2025,[c],90\nLeeds,t,2025,9,90\n",
    )
    frame = read_similar_places(file, place="city")
    assert frame["place"].tolist() == ["Derby", "Leeds"]
    assert frame["numerator"].isna().tolist() == [True, False]


@pytest.mark.real
def test_real_ranks_are_those_of_the_country(shared_data):
    files = sorted((shared_data / "deprivation").glob("england_imd2025_lsoa21*"))
    assert files
    heading = next(
        one for one in pd.read_csv(files[0], nrows=1) if "rank" in one.casefold()
    )  # fmt: skip
    ranks = read_ranks(files[0], rank=heading)
    assert len(ranks) == 33_755  # LSOAs of 2021 in England
    assert ranks["rank"].sort_values().tolist() == list(range(1, 33_756))

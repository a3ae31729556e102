"""Strategy files: what they say comes through, and what is wrong names file and measure."""

from __future__ import annotations

import math

import pytest

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.frames import DIRECTIONS, MEASURE_COLUMNS, MEASURE_KINDS, MEASURE_VALUE_COLUMNS

MEASURE = 'id = "A1"\nmeasure = "A thing"\ndirection = "down"\nkind = "count"\n'


@pytest.fixture
def read(tmp_path):
    def reader(text: str, *, whole: bool = False):
        file = tmp_path / "strategy.toml"
        file.write_text(text if whole else f"[[measures]]\n{text}", encoding="utf-8")
        return geoprofiles.read_strategy(file)

    return reader


def test_all_of_a_measure_comes_through(read):
    found = read(
        """
[strategy]
title = "Safer"
period = "2022 to 2027"
notes = "One note."
[[priorities]]
id = "p"
name = "Priority"
[[measures]]
id = "A1"
priority = "p"
action = "Do"
measure = "Felt safe"
lead = "Council"
direction = "up"
kind = "survey proportion"
baseline_period = "2022"
target = 80
target_date = "2027-03"
hazard = "A survey."
areas = "Mill"
values = [
    { period = "2022", value = 60.5, n = 400, design_effect = 1.4, definition = "old" },
    { period = "2024", numerator = 250, denominator = 400, source = "Survey 2024" },
]
breaks = [{ month = "2023-05", why = "New question" }]
[[printed]]
id = "x"
before = 1
after = 2
percent = 100
""",
        whole=True,
    )
    assert (found.title, found.period, found.notes) == ("Safer", "2022 to 2027", ("One note.",))
    assert list(found.measures.columns) == list(MEASURE_COLUMNS)
    assert list(found.values.columns) == list(MEASURE_VALUE_COLUMNS)
    row = found.measures.iloc[0]
    assert (row["priority"], row["action"], row["areas"]) == ("Priority", "Do", ("Mill",))
    assert (row["target"], row["per"], row["target_date"]) == (80, 100, "2027-03")
    assert math.isnan(row["baseline"])
    assert found.values["numerator"].tolist() == [242, 250]
    assert found.values["denominator"].tolist() == [400, 400]
    assert found.values["definition"].tolist() == ["old", ""]
    assert f"{found.breaks['month'][0]:%Y-%m}" == "2023-05"
    assert found.breaks["category"].tolist() == ["A1"]
    assert found.printed.loc[0, "percent"] == 100
    assert found.printed.loc[0, "kind"] == "counts"


def test_a_rate_or_indicator_of_a_run_needs_no_kind(read):
    text = 'id = "A"\nmeasure = "x"\ndirection = "down"\n'
    assert read(f'{text}rate = "Burglary"').measures["kind"].tolist() == ["rate"]
    found = read(f'{text}indicator = "absence"').measures
    assert found["kind"].tolist() == [""]
    assert found["per"].isna().all()


def test_months_add_up_to_the_count(read):
    found = read(MEASURE + 'values = [{ period = "2024-01 to 2024-03", months = [3, 4, 5] }]')
    assert found.values["numerator"].tolist() == [12]
    assert found.values["months"].tolist() == [(3, 4, 5)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MEASURE + "basline = 1", r"unknown key 'basline' in \[\[measures\]\] 'A1'.*'baseline'"),
        (MEASURE.replace("down", "downward"), "'direction' cannot be 'downward'.*'down'"),
        (MEASURE.replace('direction = "down"', ""), "there is no 'direction'"),
        (MEASURE.replace("count", "survey"), "'kind' cannot be 'survey'"),
        (MEASURE.replace('kind = "count"', ""), "'kind' cannot be None"),
        (MEASURE.replace('id = "A1"', ""), r"\[\[measures\]\] number 1 has no 'id'"),
        (f"{MEASURE}[[measures]]\n{MEASURE}", "'A1': it is declared twice"),
        (MEASURE + "target = 5", "'A1': it has a target and no baseline"),
        (MEASURE + "baseline = 5", "'A1': the baseline has no period"),
        (MEASURE + 'target_date = "2025"', "a target_date and no target"),
        (
            MEASURE + 'baseline = 5\nbaseline_period = "2024"\ntarget = 7',
            "target of 7 lies the other way from the baseline of 5",
        ),
        (
            MEASURE.replace("down", "none") + 'baseline_period = "2024"\ntarget = 7',
            "a target and no direction",
        ),
        (
            MEASURE + 'baseline_period = "2024"\ntarget = 7\ntarget_date = "2023"',
            "target date 2023 does not come after the baseline 2024",
        ),
        (MEASURE + 'baseline_period = "last year"', "'baseline_period' cannot be read.*2024/25"),
        (MEASURE + 'baseline_period = "2024/26"', "'baseline_period' cannot be read"),
        (MEASURE + 'baseline = "722"', "'baseline' must be a number; it is '722'"),
        (MEASURE + "baseline = nan", "'baseline' must be a number"),
        (MEASURE + "per = 0", "'per' must be above 0"),
        (MEASURE + "lead = 3", "'lead' must be text"),
        (MEASURE + "areas = 3", "'areas' must be a list of texts; it is 3"),
        (MEASURE + "breaks = 3", "'breaks' must be a list of tables"),
        (MEASURE + 'rate = "x"\nindicator = "y"', "names both a rate and an indicator"),
        (MEASURE + "values = 7", "'values' must be a list of tables"),
        (MEASURE + "values = [{ value = 7 }]", "values, number 1: there is no 'period'"),
        (MEASURE + 'values = [{ period = "2024", valu = 7 }]', "unknown key 'valu'.*'value'"),
        (MEASURE + 'values = [{ period = "soon", value = 7 }]', "'period' cannot be read"),
        (MEASURE + 'values = [{ period = "2024", value = 7.5 }]', "7.5 is no count"),
        (MEASURE + 'values = [{ period = "2024" }]', "2024: there is no figure"),
        (MEASURE + 'values = [{ period = "2024", value = -7 }]', "-7 is no count"),
        (
            MEASURE + 'values = [{ period = "2024", value = 7, numerator = 8 }]',
            "the count is 7 and 8",
        ),
        (
            MEASURE + 'values = [{ period = "2024", value = 7 },'
            ' { period = "2024-01 to 2024-12", value = 8 }]',
            "the period 2024-01 to 2024-12 comes twice",
        ),
        (
            MEASURE + 'values = [{ period = "2024", months = [1, 2] }]',
            "there are 2 months; the period has 12",
        ),
        (
            MEASURE + 'values = [{ period = "2024-01", months = [1], value = 2, numerator = 2 }]',
            "the months add up to 1, not 2",
        ),
        (MEASURE + 'breaks = [{ month = "2024-05" }]', "a break needs 'month' and 'why'"),
        (MEASURE + 'priority = "z"\n[[priorities]]\nid = "p"', "'priority' cannot be 'z'"),
        (f"{MEASURE}[measure]\n", "unknown key 'measure' in the file.*'measures'"),
        (f"{MEASURE}[strategy]\ntitle = 3", "'title' must be text"),
        (
            f'{MEASURE}[[printed]]\nid = "p"\nbefore = 3',
            "of kind 'counts' need 'after'",
        ),
        (f'{MEASURE}[[printed]]\nid = "p"\nkind = "count"', "'kind' cannot be 'count'.*'counts'"),
        (f'{MEASURE}[[printed]]\nid = "p"\nbefore = "3"\nafter = 4', "'before' must be a number"),
    ],
)
def test_what_is_wrong_names_file_and_measure(read, text, told):
    with pytest.raises(InputError, match=told) as caught:
        read(text)
    assert "strategy.toml: " in str(caught.value)
    assert "\n" not in str(caught.value)


SHARE = MEASURE.replace("count", "proportion")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("{ value = 0.36 }", "percentages all lie between 0 and 1"),
        ("{ value = 136 }", "136 is no share of 100"),
        ("{ numerator = 8, denominator = 7 }", r"numerator \(8\) is above its denominator \(7\)"),
        ("{ value = 36, numerator = 63, denominator = 177 }", "63 of 177 is 35.59, not 35"),
        ("{ value = 36, n = 100, denominator = 100 }", "both 'n' and 'denominator'"),
        ("{ value = 36, n = 100, design_effect = 0 }", "design effect must be above 0"),
        ("{ value = 36, months = [1] }", "'months' is a list of the counts of a count or rate"),
    ],
)
def test_percentages_at_fault(read, values, told):
    if "35.59" in told:
        values = values.replace("value = 36", "value = 35")
    with pytest.raises(InputError, match=told):
        read(f'{SHARE}values = [{{ period = "2024", {values.strip("{} ")} }}]')


def test_a_small_share_is_read_with_its_parts(read):
    found = read(f'{SHARE}values = [{{ period = "2024", numerator = 3, denominator = 900 }}]')
    assert geoprofiles.scorecard(found.measures, found.values)["latest"][0] == pytest.approx(1 / 3)


def test_files_at_fault(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        geoprofiles.read_strategy(tmp_path / "none.toml")
    file = tmp_path / "strategy.toml"
    file.write_text("[[measures]\n")
    with pytest.raises(InputError, match="this is not TOML"):
        geoprofiles.read_strategy(file)
    file.write_text('[strategy]\ntitle = "x"\n')
    with pytest.raises(InputError, match="the file has no measure"):
        geoprofiles.read_strategy(file)
    file.write_text("measures = 3\n")
    with pytest.raises(InputError, match="'measures' must be a repeated section"):
        geoprofiles.read_strategy(file)


def test_the_safe_city_strategy_stands_as_it_was_published(repository):
    found = geoprofiles.read_strategy(
        repository / "examples" / "southampton" / "safe_city_strategy.toml"
    )
    measures = found.measures
    assert len(measures) == 22
    assert measures["direction"].value_counts().to_dict() == {"down": 13, "up": 7, "none": 2}
    assert measures["priority"].nunique() == len(found.priorities) == 4
    assert set(measures["direction"]) == set(DIRECTIONS)
    assert set(measures["kind"]) <= set(MEASURE_KINDS)
    # The strategy prints no baseline and no target: nothing may be met.
    assert measures["baseline"].isna().all()
    assert measures["target"].isna().all()
    assert not measures["baseline_period"].any()
    status = geoprofiles.scorecard(measures, found.values, breaks=found.breaks).set_index("id")
    assert "met" not in set(status["status"])
    assert status.loc["B2", "status"] == "no clear change"
    assert status.loc["B2", "p"] == pytest.approx(0.12, abs=0.006)
    assert status.loc["D3", "latest_lower"] == pytest.approx(28.9, abs=0.05)
    assert status.loc["D3", "latest_upper"] == pytest.approx(42.9, abs=0.05)
    printed = geoprofiles.check_printed(found.printed).set_index("id")
    assert set(printed["agrees"]) == {"yes", "not printed"}
    assert (printed.loc["crime_rate", "before"], printed.loc["crime_rate", "after"]) == (
        31_583,
        31_607,
    )
    assert printed.loc["first_time_entrants", "verdict"] == "no count gives it"
    assert printed.loc["felt_crime_increased_2016", "verdict"] == "cannot be tested without n"
    assert printed.loc["domestic_violent_offences", "verdict"] == "more"

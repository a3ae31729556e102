"""The sample's indicators: complete, consistent with its people, and moved by nothing unplanted."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest

from geoprofiles.indicators.measures import mean_with_limits
from geoprofiles.indicators.standardise import life_expectancy, standardised_ratio
from geoprofiles.sample import sample_files

YEARS = ["2021", "2022", "2023", "2024", "2025"]
TOPICS = {
    "Demography", "Deprivation and poverty", "Economy", "Community safety", "Place",
    "Healthy start", "Education", "Social care", "Long-term conditions", "Hospital admissions",
    "Mortality",
}  # fmt: skip
COLUMNS = [
    "indicator", "topic", "name", "definition", "numerator", "denominator", "unit", "multiplier",
    "polarity", "source", "period_kind", "method", "disclosure", "design_effect",
]  # fmt: skip
BY_AGE = {"directly standardised", "indirectly standardised", "life expectancy"}


def read(repository, name):
    return pd.read_csv(repository / "data" / f"{name}.csv", dtype={"period": str})


@pytest.fixture(scope="module")
def table(repository):
    return read(repository, "indicators")


@pytest.fixture(scope="module")
def by_age(repository):
    return read(repository, "indicators_by_age")


@pytest.fixture(scope="module")
def definitions(repository):
    return read(repository, "indicator_definitions")


@pytest.fixture(scope="module")
def city(table):
    """Numerator and denominator of the whole city, by indicator and year."""
    return table.groupby(["indicator", "period"])[["numerator", "denominator"]].sum()


def test_some_eighty_indicators_stand_in_eleven_topics(definitions):
    assert list(definitions.columns) == COLUMNS
    assert 77 <= len(definitions) <= 84
    assert definitions["indicator"].is_unique
    assert definitions["name"].is_unique
    assert set(definitions["topic"]) == TOPICS
    assert definitions.groupby("topic").size().min() >= 5


def test_every_definition_is_a_sentence_of_its_own(definitions):
    words = definitions["definition"]
    assert words.is_unique
    assert words.str.fullmatch(r"[A-Z].*[^.]\.").all()
    assert not words.str[:-1].str.contains(". ", regex=False).any()
    needed = [one for one in COLUMNS if one != "design_effect"]
    assert definitions[needed].notna().all().all()
    assert set(definitions["polarity"]) == {"high is bad", "high is good", "neither"}
    assert set(definitions["disclosure"]) == {"none", "under 5"}
    assert (definitions["design_effect"].notna() == (definitions["method"] == "survey")).all()
    assert definitions["method"].value_counts()[["survey", "mean"]].tolist() == [3, 2]


def test_every_figure_has_a_definition_and_every_definition_figures(table, by_age, definitions):
    kind = definitions.set_index("indicator")["method"]
    assert set(table["indicator"]) == set(kind.index[~kind.isin(BY_AGE)])
    assert set(by_age["indicator"]) == set(kind.index[kind.isin(BY_AGE)])


def test_every_area_has_every_year_but_of_the_census(table, definitions):
    census = definitions.loc[definitions["period_kind"] == "census", "indicator"]
    for name, rows in table.groupby("indicator"):
        years = ["2021"] if name in set(census) else YEARS
        assert sorted(rows["period"].unique()) == years, name
        assert len(rows) == 160 * len(years), name
    assert not table.duplicated(["area_code", "indicator", "period"]).any()


def test_no_part_is_larger_than_its_whole_and_none_is_over_nobody(table, definitions):
    shares = definitions.loc[definitions["method"].isin(["proportion", "survey"]), "indicator"]
    held = table[table["indicator"].isin(shares)]
    assert (held["numerator"] <= held["denominator"]).all()
    assert (table["numerator"] >= 0).all()
    assert (table["denominator"] > 0).all()


def test_means_have_squares_that_allow_their_sums(table, definitions):
    means = definitions.loc[definitions["method"] == "mean", "indicator"]
    held = table["indicator"].isin(means)
    assert (table["squares"].notna() == held).all()
    for name, least, most in (("mean_age", 34, 46), ("score_16", 35, 55)):
        sums = table[table["indicator"] == name].groupby("period").sum(numeric_only=True)
        made = mean_with_limits(sums["numerator"], sums["denominator"], sums["squares"])
        assert made["value"].between(least, most).all()
        assert (made["lower"] < made["value"]).all()
    mean_with_limits(*(table.loc[held, one] for one in ("numerator", "denominator", "squares")))


def test_what_is_planted_is_there(city, repository):
    truth = json.loads((repository / "data" / "planted_truth.json").read_text("utf-8"))
    planted = truth["indicator_trends"]
    value = (city["numerator"] / city["denominator"]).unstack("period")
    assert planted["each_year"]["out_of_work"] < 0 < planted["each_year"]["absence"]
    for name, change in planted["each_year"].items():
        steps = value.loc[name, YEARS[1:]].to_numpy() / value.loc[name, YEARS[:-1]].to_numpy()
        assert steps == pytest.approx(1 + change, abs=0.03), name
    for name, (year, times) in planted["recorded_differently_from"].items():
        at = YEARS.index(year)
        rows = city.loc[name]
        after, before = (rows.loc[part].sum() for part in (YEARS[at:], YEARS[:at]))
        ratio = after["numerator"] / after["denominator"] / before["numerator"]
        ratio *= before["denominator"]
        error = np.sqrt(1 / after["numerator"] + 1 / before["numerator"])
        assert abs(np.log(ratio / times)) < 3 * error, name
        assert np.log(ratio) > 3 * error, name


def test_nothing_else_moves_but_by_chance(city, definitions, repository):
    """Pearson's chi-square of five years against one level; 60 tests, so at one in 10,000."""
    truth = json.loads((repository / "data" / "planted_truth.json").read_text("utf-8"))
    planted = {name for one in truth["indicator_trends"].values() for name in one}
    drawn = definitions.loc[definitions["method"].isin(["proportion", "survey", "rate"])]
    for name in set(drawn["indicator"]) - planted - {"children", "older", "working_age"}:
        rows = city.loc[name]
        level = rows["numerator"].sum() / rows["denominator"].sum()
        gap = rows["numerator"] - rows["denominator"] * level
        assert (gap**2 / (rows["denominator"] * level * (1 - level))).sum() < 23.5, name


def test_the_figures_by_age_are_of_five_years_and_eighteen_ages(by_age, repository):
    people = pd.read_csv(repository / "data" / "population_by_age.csv")
    assert set(by_age["period"]) == {"2021 to 2025"}
    assert (by_age.groupby(["indicator", "area_code"])["age"].nunique() == 18).all()
    assert set(by_age["age"]) == set(people["age"])
    lived = by_age[by_age["indicator"] == "mortality"]
    assert set(lived["sex"]) == {"female", "male"}
    lived = lived.groupby(["area_code", "age"])[["numerator", "denominator"]].sum()
    three = people.groupby(["area_code", "age"])["population"].sum()
    rest = lived["denominator"] - three.reindex(lived.index)
    assert (rest / three.reindex(lived.index)).median() == pytest.approx(2 / 3, abs=0.03)
    assert (by_age["numerator"] <= by_age["denominator"]).mean() > 0.99
    assert (by_age["denominator"] > 0).all()


def test_death_follows_age_and_deprivation(by_age, repository):
    wards = pd.read_csv(repository / "data" / "lookup.csv").set_index("SA21CD")["WD25CD"]
    moved = by_age.assign(area_code=by_age["area_code"].map(wards))
    moved = moved.groupby(["area_code", "indicator", "age"]).sum(numeric_only=True).reset_index()
    years = life_expectancy(moved[moved["indicator"] == "life_expectancy"])
    assert years["value"].between(75, 85).all()
    assert years["value"].max() - years["value"].min() > 2
    ratio = standardised_ratio(moved[moved["indicator"] == "preventable"])
    assert ratio["value"].between(50, 180).all()


def test_the_same_seed_gives_the_same_bytes_whatever_the_incidents(repository):
    files = sample_files(incidents=100)
    for name in ("indicators", "indicators_by_age", "indicator_definitions"):
        path = f"data/{name}.csv"
        assert files[path] == (repository / path).read_bytes()
    assert len(files["data/indicators.csv"]) < 3_000_000
    made = pd.read_csv(io.BytesIO(files["data/indicators.csv"]), dtype={"period": str})
    assert np.issubdtype(made["numerator"].dtype, np.integer)

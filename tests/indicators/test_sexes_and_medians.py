"""Figures by sex and medians: against sums by hand, NumPy, SciPy and plain sorting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.inequality import by_quintile, by_sex, slope_index
from geoprofiles.indicators.measures import median_with_limits, survey_proportion
from geoprofiles.indicators.strata import both_sexes


def definitions(method, multiplier=1.0, **more):
    row = {"method": [method], "multiplier": [multiplier], "unit": ["min"], "disclosure": ["none"]}
    return pd.DataFrame({**row, **more}, index=pd.Index(["x"], name="indicator"))


def sexed(rows):
    names = ["area_code", "sex", "numerator", "denominator"]
    return pd.DataFrame(rows, columns=names).assign(indicator="x", period="2025")


ASKED = sexed([("A", "f", 30, 100), ("A", "m", 10, 100), ("B", "f", 5, 50), ("B", "m", 5, 150)])


def test_the_sexes_are_added_up_for_the_figure_of_an_area():
    made = geoprofiles.indicator_values(ASKED, definitions("proportion", 100.0))
    assert made[["numerator", "denominator", "value"]].values.tolist() == [
        [40, 200, 20.0],
        [10, 200, 5.0],
    ]


def test_a_sum_of_which_one_sex_is_not_known_is_not_known():
    table = ASKED.astype({"numerator": float})
    table.loc[1, "numerator"] = np.nan
    whole = both_sexes(table)
    assert np.isnan(whole["numerator"][0])
    assert whole["numerator"][1] == 10
    assert by_sex(table, definitions("proportion", 100.0))["numerator"].tolist() == [5, 5]


def test_each_sex_has_its_figure_and_whether_they_are_apart():
    found = by_sex(ASKED, definitions("proportion", 100.0)).set_index("sex")
    assert found.loc["f", ["numerator", "denominator"]].tolist() == [35, 150]
    wilson = stats.binomtest(35, 150).proportion_ci(method="wilson")
    limits = found.loc["f", ["lower", "upper"]].astype(float) / 100
    assert limits.tolist() == pytest.approx([wilson.low, wilson.high], rel=1e-6)
    assert found["apart"].all()
    near = by_sex(ASKED.assign(numerator=[10, 10, 5, 15]), definitions("proportion", 100.0))
    assert not near["apart"].any()


def test_life_expectancy_comes_by_sex_too(repository):
    table = geoprofiles.read_indicators(repository / "data" / "indicators_by_age.csv")
    known = geoprofiles.read_definitions(repository / "data" / "indicator_definitions.csv")
    lives = table[table["indicator"] == "life_expectancy"]
    found = by_sex(lives, known).set_index("sex")["value"]
    for sex, value in found.items():
        some = lives[lives["sex"] == sex].groupby("age", sort=False)
        strata = some[["numerator", "denominator"]].sum().reset_index().assign(area_code="all")
        assert value == pytest.approx(geoprofiles.life_expectancy(strata)["value"].iloc[0])
    assert 2 < found["female"] - found["male"] < 4  # men die 1.35 times as often


def test_figures_by_sex_with_rows_of_both_together_are_refused(tmp_path):
    file = tmp_path / "i.csv"
    file.write_text(
        "area_code,indicator,period,sex,numerator,denominator\n"
        "A,x,2025,f,1,2\nA,x,2025,m,1,2\nA,x,2025,,2,4\n"
    )
    with pytest.raises(InputError, match=r"row 4.*sex.*comes by sex, and this row says none"):
        geoprofiles.read_indicators(file)


def test_what_else_stands_in_a_row_does_not_keep_the_sexes_apart():
    """Tables that were shared out between areas say how much; that differs by sex."""
    table = ASKED.assign(assigned=[0.1, 0.3, 0.0, 0.0])
    made = geoprofiles.indicator_values(table, definitions("proportion", 100.0))
    assert made["value"].tolist() == [20.0, 5.0]


def test_figures_given_by_sex_are_refused():
    table = ASKED.assign(value=[30.0, 10.0, 10.0, 3.0], lower=1.0, upper=40.0)
    with pytest.raises(InputError, match="'x' are given by sex, and given figures cannot be added"):
        geoprofiles.indicator_values(table, definitions("given"))


# -- medians -------------------------------------------------------------------------------


@given(st.lists(st.integers(-5, 30), min_size=1, max_size=60))
def test_a_median_of_counts_is_that_of_the_values_one_by_one(values):
    seen, times = np.unique(values, return_counts=True)
    one, folded = median_with_limits(values), median_with_limits(seen, times)
    assert one[0] == np.median(values)
    np.testing.assert_array_equal(one, folded)
    # By plain sorting: the place is the largest whose tail holds no more than 2.5%.
    places = [k for k in range(1, len(values)) if stats.binom.cdf(k - 1, len(values), 0.5) <= 0.025]
    if places and not np.isnan(one[1]):
        assert one[1:] == (sorted(values)[max(places) - 1], sorted(values)[-max(places)])


def test_shared_out_values_count_by_their_parts():
    assert median_with_limits([1, 2, 3], [0.5, 1.5, 0.25])[0] == 2
    with pytest.raises(InputError, match="negative or not known"):
        median_with_limits([1, 2], [1, -1])


def test_medians_of_records_go_up_by_their_values_and_not_by_their_medians(tmp_path):
    rng = np.random.default_rng(3)
    minutes = np.round(rng.gamma(2, 5, 900), 1)
    area = rng.choice(["a1", "a2", "b1"], 900, p=[0.6, 0.1, 0.3])
    pd.DataFrame({"code": area, "minutes": minutes}).to_csv(tmp_path / "calls.csv", index=False)
    (tmp_path / "i.toml").write_text(
        '[tables.calls]\nfile = "calls.csv"\nareas = "LSOA"\ncode = "code"\nperiod = "2025"\n'
        '[indicators.x]\nname = "Minutes to the first officer"\nmethod = "median"\n'
        'table = "calls"\ntake = "minutes"\nunit = "minutes"\n'
    )
    said = geoprofiles.read_declarations(tmp_path / "i.toml")
    ((_, table),) = geoprofiles.read_tables(said)
    assert table["denominator"].sum() == 900
    made = geoprofiles.indicator_values(table, said.definitions).set_index("area_code")
    for code in ("a1", "a2", "b1"):
        assert made.loc[code, "value"] == np.median(minutes[area == code])
    assert (made["whole"] == np.median(minutes)).all()
    assert made["denominator"].sum() == 900
    assert (made["lower"] < made["value"]).all()
    assert (made["value"] < made["upper"]).all()


def test_records_without_a_value_are_left_out_and_told(tmp_path):
    (tmp_path / "calls.csv").write_text("area_code,minutes\nA,3\nA,\nA,5\n")
    (tmp_path / "i.toml").write_text(
        '[tables.calls]\nfile = "calls.csv"\nareas = "ward"\n'
        '[indicators.x]\nmethod = "median"\ntable = "calls"\ntake = "minutes"\n'
    )
    ((_, table),) = geoprofiles.read_tables(geoprofiles.read_declarations(tmp_path / "i.toml"))
    assert table["denominator"].tolist() == [1, 1]
    assert table.attrs["notes"][0].startswith("1 of 3 rows of 'minutes' have no value")


def test_a_long_table_counts_values_that_come_again(tmp_path):
    (tmp_path / "i.csv").write_text(
        "area_code,indicator,period,observed,denominator\nA,x,2025,4,\nA,x,2025,4,2\nA,x,2025,9,1\n"
    )
    table = geoprofiles.read_indicators(tmp_path / "i.csv")
    assert table[["observed", "denominator"]].values.tolist() == [[4, 3], [9, 1]]
    made = geoprofiles.indicator_values(table, definitions("median"))
    assert made[["value", "denominator"]].values.tolist() == [[4, 4]]
    assert "too few" in made["method"][0]


def test_a_median_of_few_is_withheld_where_the_rule_says():
    table = pd.DataFrame(
        {"area_code": list("AABBB"), "observed": [1, 2, 3, 4, 5], "denominator": [1, 2, 9, 9, 9]}
    ).assign(indicator="x", period="2025", numerator=np.nan)
    made = geoprofiles.indicator_values(
        table, definitions("median").assign(disclosure="under 5")
    ).set_index("area_code")
    assert made["value"].isna().all()  # the other area would give it away by the whole
    assert made["method"].str.startswith("withheld").all()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('take = ["a", "b"]', "a median of several columns"),
        ('take = "a"\nweight = "b"', "a median of several columns, or of weighted ones"),
    ],
)
def test_medians_that_cannot_be_taken_are_refused(tmp_path, said, told):
    file = tmp_path / "i.toml"
    file.write_text(
        '[tables.t]\nfile = "t.csv"\nareas = "ward"\n'
        f'[indicators.x]\nmethod = "median"\ntable = "t"\n{said}\n'
    )
    with pytest.raises(InputError, match=told):
        geoprofiles.read_declarations(file)


# -- surveys by fifths ---------------------------------------------------------------------


def test_fifths_of_a_survey_have_the_limits_of_its_design():
    rng = np.random.default_rng(2)
    asked = np.full(50, 40)
    areas = pd.DataFrame(
        {
            "quintile": np.repeat(range(1, 6), 10),
            "numerator": rng.binomial(40, 0.4, 50),
            "denominator": asked,
        }
    )
    plain = by_quintile(areas, method="proportion", per=100)
    wide = by_quintile(areas, method="proportion", per=100, design_effect=2.0)
    theirs = survey_proportion(wide["numerator"], wide["denominator"], per=100, design_effect=2.0)
    np.testing.assert_allclose(wide[["lower", "upper"]], theirs[["lower", "upper"]])
    np.testing.assert_array_equal(plain["value"], wide["value"])
    assert (wide["dispersion"] == 2.0).all()

    def width(groups):
        found = slope_index(groups, method="proportion", per=100)
        return found["slope_upper"] - found["slope_lower"]

    ratio = np.sqrt(2.0 / plain["dispersion"].iloc[0])
    assert width(wide) / width(plain) == pytest.approx(ratio, rel=0.05)

"""Inequality: slopes by R, limits by simulation in R, concentration in closed form, Southampton."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.indicators.benchmark import quintiles
from geoprofiles.indicators.inequality import by_quintile, concentration, gap, slope_index

# Made up. R 4.2: lm(rate ~ midpoint, weights = people); 200,000 draws of Poisson counts (and of
# binomial ones for the proportions) refitted, 2.5 and 97.5 centiles.
EVENTS = [310, 255, 240, 160, 150]
PEOPLE = [2000, 2200, 1800, 2500, 1500]


def groups(events=EVENTS, people=PEOPLE):
    return pd.DataFrame({"numerator": events, "denominator": people})


def test_slope_and_relative_index_are_those_of_r():
    found = slope_index(groups())
    assert found["slope"] == pytest.approx(88.1947058086)
    assert found["relative"] == pytest.approx(2.3084754028)
    assert found["relative_percent"] == pytest.approx(79.0983908597)
    assert found["start"] - found["end"] == pytest.approx(found["slope"])
    assert found["attributable"] == pytest.approx(100 * (1 - 100 / 111.5))


def test_their_limits_are_those_of_a_simulation_in_r():
    found = slope_index(groups())
    assert (found["slope_lower"], found["slope_upper"]) == pytest.approx((64.48, 112.08), abs=0.9)
    limits = found["relative_lower"], found["relative_upper"]
    assert limits == pytest.approx((1.821, 2.997), rel=0.02)
    assert "88.2 higher (95% limits of the difference 64." in found["sentence"]


def test_slopes_of_logarithms_are_those_of_r():
    found = slope_index(groups(), log=True)
    assert found["slope"] == pytest.approx(90.2198864985)
    assert found["relative"] == pytest.approx(2.2835031065)


def test_parts_of_a_whole_vary_less_than_counts():
    parts = groups(np.array(PEOPLE) * [0.62, 0.55, 0.5, 0.41, 0.33])
    found = slope_index(parts, method="proportion", per=100)
    assert (found["slope_lower"], found["slope_upper"]) == pytest.approx((31.25, 37.95), abs=0.15)
    limits = found["relative_lower"], found["relative_upper"]
    assert limits == pytest.approx((1.943, 2.281), rel=0.01)
    as_counts = slope_index(parts, per=100)
    assert as_counts["slope_upper"] - as_counts["slope_lower"] > 9


@given(st.floats(1, 50), st.floats(-0.9, 0.9), st.lists(st.floats(10, 1e4), min_size=3, max_size=8))
def test_a_straight_line_is_returned_as_it_is(level, tilt, people):
    """Rates on a line through the midpoints: both ends in closed form."""
    share = np.array(people) / np.sum(people)
    middle = np.cumsum(share) - share / 2
    rate = level * (1 + tilt * (1 - 2 * middle))
    found = slope_index(groups(rate * people / 1000, people))
    assert found["start"] == pytest.approx(level * (1 + tilt), rel=1e-6)
    assert found["end"] == pytest.approx(level * (1 - tilt), rel=1e-6)
    assert found["relative"] == pytest.approx((1 + tilt) / (1 - tilt), rel=1e-5)


def test_limits_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(3)
    true = np.array([60.0, 52, 45, 37, 30])
    fitted = slope_index(groups(true * 1000, [1e6] * 5))["slope"]
    held = 0
    for _ in range(200):
        found = slope_index(groups(rng.poisson(true * 2), [2000] * 5), rng=rng)
        held += found["slope_lower"] <= fitted <= found["slope_upper"]
    assert 182 <= held <= 199  # 190 are expected


def test_no_gradient_is_called_none():
    found = slope_index(groups([50, 52, 49, 51, 50], [1000] * 5))
    assert found["sentence"].startswith("No clear gradient")
    nothing = slope_index(groups([0] * 5, [1000] * 5))
    assert nothing["slope"] == 0
    assert np.isnan([nothing["relative"], nothing["relative_percent"]]).all()
    assert nothing["sentence"].startswith("No clear gradient")


def test_a_line_that_falls_to_nothing_has_no_end_to_divide_by():
    found = slope_index(groups([100, 30, 5, 1, 0], [1000] * 5))
    assert found["relative"] == np.inf
    assert found["relative_lower"] > 5
    reversed_ = slope_index(groups([0, 1, 5, 30, 100], [1000] * 5))
    assert reversed_["relative"] == 0
    assert reversed_["slope_upper"] < 0


@pytest.mark.parametrize(
    ("table", "options", "told"),
    [
        (groups([1, 2], [10, 10]), {}, "at least three groups"),
        (groups([1, 2, 3], [10, 10, 0]), {}, "at least three groups"),
        (groups([1, 2, np.nan], [10, 10, 10]), {}, "at least three groups"),
        (groups([5, 2, 0], [10, 10, 10]), {"log": True}, "nothing has no logarithm"),
        (groups([5, 2, 20], [10, 10, 10]), {"method": "proportion"}, "numerator above its denom"),
        (groups(), {"method": "rates"}, "Did you mean 'rate'"),
    ],
)
def test_slopes_at_fault(table, options, told):
    with pytest.raises(InputError, match=told):
        slope_index(table, **options)


def test_groups_are_summed_and_never_averaged():
    areas = pd.DataFrame(
        {
            "quintile": [1, 1, 2, np.nan, 2, 1],
            "numerator": [10, 90, 30, 5, np.nan, 3],
            "denominator": [100, 1800, 1000, 50, 700, 0],
        }
    )
    found = by_quintile(areas)
    assert found["value"].tolist() == pytest.approx([100 / 1900 * 1000, 30])
    assert found["areas"].tolist() == [2, 1]
    assert found.attrs["left_out"] == 3
    byar = geoprofiles.crude_rate([100, 30], [1900, 1000])
    assert found["lower"].tolist() == byar["lower"].tolist()
    wilson = by_quintile(areas, method="proportion", per=100)
    assert (
        wilson["upper"].tolist()
        == geoprofiles.proportion([100, 30], [1900, 1000])["upper"].tolist()
    )
    assert by_quintile(areas[:0]).empty


def test_other_groups_than_fifths():
    areas = pd.DataFrame({"age": ["0-17", "18+", "18+"], "numerator": [1, 2, 3],
                          "denominator": [10, 10, 10]})  # fmt: skip
    assert by_quintile(areas, by="age")["age"].tolist() == ["0-17", "18+"]


def test_concentration_in_closed_form():
    """Rates that fall on a line a + b(1 - 2R): minus b over 3a, in the limit of many areas."""
    many = 4000
    place = (np.arange(many) + 0.5) / many
    areas = pd.DataFrame(
        {"rank": range(1, many + 1), "numerator": 3 + 2 * (1 - 2 * place), "denominator": 1.0}
    )
    found = concentration(areas)
    assert found["index"] == pytest.approx(-2 / (3 * 3), abs=1e-6)
    exact = (3 * 0.2 + 2 * (0.2 - 0.04)) / 3  # the integral of the line over the first fifth
    assert found["share_of_most_deprived"] == pytest.approx(exact, abs=1e-6)


@given(st.data())
def test_concentration_is_twice_the_covariance_over_the_mean(data):
    """The convenient covariance, by areas of equal people; and whatever their order."""
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    count = rng.poisson(20, 12) + 1
    areas = pd.DataFrame({"rank": rng.permutation(12) + 1, "numerator": count, "denominator": 100})
    place = (areas["rank"] - 0.5) / 12
    expected = 2 * np.cov(count, place, bias=True)[0, 1] / count.mean()
    assert concentration(areas)["index"] == pytest.approx(expected)


def test_areas_of_one_rank_stand_at_one_place():
    areas = pd.DataFrame({"rank": [1, 1, 2], "numerator": [30, 0, 10], "denominator": [100] * 3})
    one, two = concentration(areas), concentration(areas.iloc[[1, 0, 2]])
    assert one == two
    whole = areas.groupby("rank", as_index=False).sum()
    assert concentration(whole) == one


def test_concentration_of_nothing():
    areas = pd.DataFrame({"rank": [1, 2], "numerator": [0, 0], "denominator": [10, 10]})
    assert np.isnan(concentration(areas)["index"])
    assert concentration(areas.assign(numerator=[5, 5]))["index"] == pytest.approx(0)


def test_gap():
    table = pd.DataFrame(
        {
            "area_code": list("ABC"),
            "value": [9.0, np.nan, 0.0],
            "lower": [6.0, np.nan, 0.0],
            "upper": [12.0, np.nan, 7.0],
        }
    )
    found = gap(table, names=pd.Series({"A": "Mill", "B": "Quay", "C": "Hill"}))
    assert (found["highest"], found["lowest"], found["difference"]) == ("Mill", "Hill", 9.0)
    assert (found["ratio"], found["apart"]) == (np.inf, False)
    assert gap(table[:1])["difference"] == 0
    assert gap(table[1:2])["highest"] is None


@pytest.fixture(scope="module")
def small_areas(shared_data):
    """Crime of March 2021 to January 2022 in the 148 small areas, with residents and ranks."""
    counts = []
    for folder in sorted((shared_data / "police" / "southampton").glob("202[12]-*")):
        rows = pd.read_csv(next(folder.glob("*hampshire-street.csv.gz")))
        counts.append(rows.loc[rows["Crime type"] != "Anti-social behaviour", "LSOA code"])
    people = pd.read_csv(
        shared_data / "population" / "southampton_lsoa11_mid_year_population_by_age.csv.gz"
    )
    people = people[people["mid_year"] == 2020].set_index("lsoa11_code")["total_population"]
    ranks = pd.read_csv(shared_data / "deprivation" / "england_imd2019_lsoa11.csv.gz")
    table = people.to_frame("denominator")
    table["numerator"] = pd.concat(counts).value_counts().reindex(table.index).fillna(0)
    table["rank"] = ranks.set_index("lsoa11_code")["IMD_rank"].reindex(table.index)
    table["national"] = quintiles(table["rank"], of=len(ranks))
    table["local"] = quintiles(table["rank"])
    return table


@pytest.mark.real
def test_southamptons_fifths_by_national_ranks(small_areas):
    found = by_quintile(small_areas, by="national")
    assert found["areas"].tolist() == [43, 50, 29, 21, 5]
    assert found["value"].round().tolist()[::4] == [157, 45]
    assert found["value"].is_monotonic_decreasing


@pytest.mark.real
def test_two_city_centre_areas_carry_a_fifth(small_areas):
    """With them the second local fifth has 171, without them 124."""
    found = by_quintile(small_areas, by="local")
    assert found["value"].round().tolist() == [174, 171, 104, 100, 74]
    centre = small_areas["numerator"].where(small_areas["local"] == 2).nlargest(2).index
    rest = by_quintile(small_areas.drop(index=centre), by="local")
    assert rest["value"].round().tolist() == [174, 124, 104, 100, 74]
    both = slope_index(found), slope_index(rest)
    assert both[0]["slope_lower"] > 0
    assert both[1]["relative"] < both[0]["relative"]
    assert concentration(small_areas)["index"] == pytest.approx(-0.17, abs=0.02)

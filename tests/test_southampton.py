"""The example of Southampton, against what pandas and geopandas make of the same open data."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import geopandas
import numpy as np
import pandas as pd
import pytest

from geoprofiles.pipeline.concentration import concentration_of
from geoprofiles.pipeline.figures import figures_of
from geoprofiles.pipeline.gather import gather
from geoprofiles.pipeline.page_facts import facts_of
from geoprofiles.pipeline.periods import choose_period
from geoprofiles.project import read_project
from geoprofiles.settings import Hotspot

pytestmark = pytest.mark.real

SOURCE = "street crime and ASB"
MONTHS = pd.period_range("2021-03", "2022-01", freq="M")
CENSUS = {
    # table: column of labels, total column, indicator -> labels
    "tenure": ("tenure", {
        "Households that own outright": ["Owned: Owns outright"],
        "Households that own with a mortgage or shared ownership": [
            "Owned: Owns with a mortgage or loan", "Shared ownership: Shared ownership"],
        "Households renting from the council": [
            "Social rented: Rents from council or Local Authority"],
        "Households renting from any social landlord": [
            "Social rented: Rents from council or Local Authority",
            "Social rented: Other social rented"],
        "Households renting privately or rent free": [
            "Private rented: Private landlord or letting agency",
            "Private rented: Other private rented", "Lives rent free"],
    }),
    "accommodation_type": ("type", {
        "Households in detached homes": ["Detached"],
        "Households in semi-detached homes": ["Semi-detached"],
        "Households in terraced homes": ["Terraced"],
        "Households in purpose-built flats": ["In a purpose-built block of flats or tenement"],
    }),
    "occupancy": ("occupancy_rating", {
        "Overcrowded households": ["-1 (overcrowded)", "-2 or less (overcrowded)"],
        "Households with two spare bedrooms or more": ["+2 or more (under-occupied)"],
    }),
    "ethnic_group": ("ethnic_group", {
        "Asian residents": ["Asian, Asian British or Asian Welsh"],
        "Black residents": ["Black, Black British, Black Welsh, Caribbean or African"],
        "Residents of mixed or multiple ethnic groups": ["Mixed or Multiple ethnic groups"],
        "White residents": ["White"],
        "Residents of other ethnic groups": ["Other ethnic group"],
    }),
    "religion": ("religion", {
        "Residents with no religion": ["No religion"],
        "Christian residents": ["Christian"],
        "Muslim residents": ["Muslim"],
        "Sikh residents": ["Sikh"],
        "Residents who did not state a religion": ["Not answered"],
    }),
    "disability": ("disability", {"Disabled residents": ["Disabled under the Equality Act"]}),
    "household_deprivation": ("deprivation_dimensions", {
        "Households deprived in no dimension": ["Household is not deprived in any dimension"],
        "Households deprived in three or four dimensions": [
            "Household is deprived in three dimensions",
            "Household is deprived in four dimensions"],
    }),
}  # fmt: skip
AGES = {
    "Residents aged 0 to 4": (0, 4), "Residents aged 0 to 15": (0, 15),
    "Residents aged 16 to 24": (16, 24), "Residents aged 25 to 44": (25, 44),
    "Residents aged 45 to 64": (45, 64), "Residents of working age": (16, 64),
    "Residents aged 65 and over": (65, 90), "Residents aged 80 and over": (80, 90),
}  # fmt: skip


@pytest.fixture(scope="session")
def southampton(shared_data, repository):
    """What the example makes of both sets of wards: project, material, and figures by kind."""
    file = repository / "examples" / "southampton" / "geoprofiles.toml"
    project = read_project(file, data=shared_data)
    material = gather(project, progress=lambda _: None)
    periods = {SOURCE: choose_period(project, material, SOURCE)}
    figures = {kind: figures_of(project, material, kind, periods) for kind in ("ward", "old ward")}
    return project, material, figures


@pytest.fixture(scope="session")
def figures(southampton):
    return southampton[2]


@pytest.fixture(scope="session")
def street(shared_data):
    """Every row of the street files as published, in the wards that hold its point."""
    files = sorted((shared_data / "police" / "southampton").glob("*/*-street.csv.gz"))
    rows = pd.concat([pd.read_csv(one).assign(force=one.name[8:]) for one in files])
    points = geopandas.GeoDataFrame(
        rows[["Month", "Crime type", "force"]].reset_index(drop=True),
        geometry=geopandas.points_from_xy(rows["Longitude"], rows["Latitude"]),
        crs=4326,
    ).to_crs(27700)
    for name, column, code in (("ward", "2025", "WD25CD"), ("old ward", "2013", "WD13CD")):
        file = shared_data / "boundaries" / f"southampton_wards_{column}.geojson"
        shapes = geopandas.read_file(file).to_crs(27700)[[code, "geometry"]]
        found = points[["geometry"]].sjoin(shapes, predicate="intersects")
        points[name] = found[~found.index.duplicated()][code]
    return pd.DataFrame(points.drop(columns="geometry"))


@pytest.fixture(scope="session")
def shares(shared_data) -> Mapping[str, pd.DataFrame]:
    """How much of each LSOA of 2021 each ward is given: all to old wards, by postcodes to new."""
    changes = pd.read_csv(shared_data / "lookups" / "ew_lsoa11_to_lsoa21.csv.gz")
    best = pd.read_csv(shared_data / "lookups" / "ew_lsoa11_to_ward17.csv.gz")
    old = changes.merge(best, on="lsoa11_code")
    old = old[old["ltla22_name"] == "Southampton"].drop_duplicates("lsoa21_code")
    posts = pd.read_csv(shared_data / "postcodes" / "so_postcodes_2025.csv.gz")
    posts = posts.dropna(subset=["lsoa21_code"])
    new = posts.groupby(["lsoa21_code", "ward_2023_code"]).size().rename("share").reset_index()
    new["share"] /= new["lsoa21_code"].map(posts.groupby("lsoa21_code").size())
    return {
        "old ward": old[["lsoa21_code", "ward17_code"]]
        .set_axis(["lsoa", "ward"], axis=1)
        .assign(share=1.0),
        "ward": new.set_axis(["lsoa", "ward", "share"], axis=1),
    }


def summed(values: pd.Series, shares: pd.DataFrame) -> pd.Series:
    """Sum values by LSOA to wards."""
    some = shares.assign(value=shares["lsoa"].map(values) * shares["share"])
    return some.groupby("ward")["value"].sum()


def column(figures, indicator: str, name: str = "value") -> pd.Series:
    rows = figures.figures[figures.figures["indicator"] == indicator]
    assert len(rows), indicator
    return rows.set_index("area_code")[name].astype(float)


def same(found: pd.Series, expected: pd.Series, *, within: float = 1e-6) -> None:
    pd.testing.assert_series_equal(
        found.sort_index(),
        expected.reindex(found.index).sort_index(),
        check_names=False,
        check_index_type=False,
        check_dtype=False,
        rtol=within,
        atol=1e-6,
    )


def wilson(count: pd.Series, of: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Wilson (1927), at 95%, in percent."""
    z, p = 1.959963984540054, count / of
    middle = (p + z**2 / (2 * of)) / (1 + z**2 / of)
    half = z / (1 + z**2 / of) * np.sqrt(p * (1 - p) / of + z**2 / (4 * of**2))
    return 100 * (middle - half), 100 * (middle + half)


def test_every_row_ends_somewhere(southampton, street):
    """95,836 rows of the force and 191 of the transport police; some lie in no ward."""
    fates = southampton[1].fates
    for kind, areas in (("ward", "wards"), ("old ward", "old wards")):
        rows = fates[fates["areas"] == areas].groupby("fate")["rows"].sum()
        outside = int(street[kind].isna().sum())
        assert rows.to_dict() == {"counted": 96_027 - outside, "outside": outside}
        force = street[street["force"].str.startswith("hampshire")]
        assert force[kind].isna().sum() == {"ward": 30, "old ward": 8}[kind]


@pytest.mark.parametrize("kind", ["ward", "old ward"])
def test_incidents_of_every_type_are_those_whose_points_lie_in_the_ward(figures, street, kind):
    some = street[street["Month"].isin(MONTHS.astype(str)) & street[kind].notna()]
    same(column(figures[kind], "All incidents", "count"), some.groupby(kind).size())
    crime = some[some["Crime type"] != "Anti-social behaviour"]
    same(column(figures[kind], "All crime", "count"), crime.groupby(kind).size())
    types = some.groupby([kind, "Crime type"]).size().unstack(fill_value=0)
    assert len(types.columns) == 14
    for name in types:
        same(column(figures[kind], name, "count"), types[name])


def test_rates_of_bargate_and_bassett_are_those_published_with_the_data(figures, street):
    """259 and 75 per 1,000 on mid-2020 residents; 191 rows of the transport police come on top."""
    some = street[street["Month"].isin(MONTHS.astype(str))]
    people = column(figures["old ward"], "All incidents", "denominator")
    assert people["E05002455"] == 25_886
    force = some[some["force"].str.startswith("hampshire")].groupby("old ward").size()
    assert (force / people * 1000).round()[["E05002455", "E05002456"]].tolist() == [259, 75]
    everyone = some.groupby("old ward").size() / people * 1000
    same(column(figures["old ward"], "All incidents"), everyone)


def test_each_calendar_year_of_the_city_adds_up(southampton, street, shared_data):
    counts = southampton[2]["old ward"].counts[SOURCE]
    inside = counts[~counts["area_code"].isin(["(outside)", "(unlocated)"])]
    found = inside.groupby(inside["month"].dt.year)["count"].sum()
    # The answer that comes with the data is of the force alone.
    file = shared_data / "ward-counts" / "southampton_street_ward2013_month_type.csv.gz"
    answer = pd.read_csv(file)
    force = answer[answer["ward_code"] != "(outside)"]
    expected = force.groupby(force["month"].str[:4].astype(int))["crimes"].sum()
    rail = street[street["force"].str.startswith("btp") & street["old ward"].notna()]
    expected = expected.add(rail.groupby(rail["Month"].str[:4].astype(int)).size(), fill_value=0)
    assert sorted(found.index) == [2014, 2017, 2021, 2022]
    same(found, expected)


@pytest.mark.parametrize("kind", ["ward", "old ward"])
@pytest.mark.parametrize("name", list(CENSUS))
def test_shares_of_the_census_are_sums_over_sums(figures, shares, shared_data, kind, name):
    labels, wanted = CENSUS[name]
    file = shared_data / "census2021" / f"southampton_lsoa21_{name}.csv.gz"
    table = pd.read_csv(file)
    whole = summed(table.groupby("lsoa21_code")["n"].sum(), shares[kind])
    for indicator, names in wanted.items():
        one = table[table[labels].isin(names)].groupby("lsoa21_code")["n"].sum()
        part = summed(one.reindex(table["lsoa21_code"].unique(), fill_value=0), shares[kind])
        same(column(figures[kind], indicator), 100 * part / whole, within=2e-6)
        same(column(figures[kind], indicator, "denominator"), whole)
        for end, limit in zip(("lower", "upper"), wilson(part, whole), strict=True):
            same(column(figures[kind], indicator, end), limit, within=2e-6)


def test_ages_of_old_wards_are_those_that_ons_gives_for_the_wards_themselves(figures, shared_data):
    """The example adds up LSOAs of 2011; the table of wards is another publication."""
    file = "southampton_portsmouth_ward2020_mid2020_population_by_age_sex.csv.gz"
    wards = pd.read_csv(shared_data / "population" / file)
    wards = wards[wards["lad_name"] == "Southampton"]
    people = wards[wards["sex"] == "persons"].set_index("ward_code")
    for indicator, (first, last) in AGES.items():
        ages = [f"{age}" if age < 90 else "90+" for age in range(first, last + 1)]
        same(column(figures["old ward"], indicator, "count"), people[ages].sum(axis=1))
        same(column(figures["old ward"], indicator, "denominator"), people["all_ages"])
    by_sex = wards.set_index(["sex", "ward_code"])["all_ages"]
    ratio = 100 * by_sex["males"] / by_sex["females"]
    same(column(figures["old ward"], "Men for each 100 women"), ratio)


@pytest.mark.parametrize("kind", ["ward", "old ward"])
def test_scores_of_deprivation_are_weighted_by_residents(figures, shares, shared_data, kind):
    scores = pd.read_csv(shared_data / "deprivation" / "england_imd2025_lsoa21.csv.gz")
    scores = scores.set_index("lsoa21_code")
    file = shared_data / "census2021" / "southampton_lsoa21_residents_households.csv"
    people = pd.read_csv(file).set_index("lsoa21_code")["usual_residents"]
    whole = summed(people, shares[kind])
    for indicator, name, times in (
        ("Index of multiple deprivation", "IMD_score", 1),
        ("Residents deprived by low income", "Income_score", 100),
        ("Crime domain of the indices", "Crime_score", 1),
    ):
        weighted = (scores[name] * people).dropna()
        expected = times * summed(weighted, shares[kind]) / whole
        same(column(figures[kind], indicator), expected, within=5e-6)
        city = times * weighted.sum() / people.sum()
        # A little of the city lies in no ward of 2023.
        near = 1e-6 if kind == "old ward" else 2e-3
        assert column(figures[kind], indicator, "whole").iloc[0] == pytest.approx(city, rel=near)


def test_turnout_is_of_the_wards_that_voted_and_of_no_others(figures, shared_data):
    file = "southampton_portsmouth_ward_electorate_turnout_2021_2024.csv"
    votes = pd.read_csv(shared_data / "civic" / file)
    votes = votes[(votes["lad_name"] == "Southampton") & votes["ward_code"].notna()]
    old, new = "Turnout in the wards of before 2023", "Turnout in the wards of 2023"
    for kind, indicator, year in (("old ward", old, 2022), ("ward", new, 2024)):
        some = votes[votes["year"] == year].set_index("ward_code")
        same(column(figures[kind], indicator), some["turnout_pct"])
        city = np.average(some["turnout_pct"], weights=some["electorate"])
        assert column(figures[kind], indicator, "whole").iloc[0] == pytest.approx(city)
    for kind, other in (("ward", old), ("old ward", new)):
        assert other not in set(figures[kind].figures["indicator"])
    history = figures["ward"].history
    assert set(history.loc[history["indicator"] == new, "period"]) == {"2024"}


def test_one_ward_carries_the_whole_and_the_whole_is_shown_without_it(figures, street):
    """Bargate holds 42% of shoplifting: 6.6 per 1,000 with it, 4.1 without, 3.4 in the middle."""
    some = figures["ward"].figures
    some = some[some["indicator"] == "Shoplifting"].set_index("area_name")
    found = [some[name].iloc[0] for name in ("whole", "whole_without", "median")]
    assert np.round(found, 1).tolist() == [6.6, 4.1, 3.4]
    taken = street[street["Month"].isin(MONTHS.astype(str)) & street["ward"].notna()]
    taken = taken.loc[taken["Crime type"] == "Shoplifting", "ward"]
    people = some.set_index("area_code")["denominator"].astype(float)
    rest = people.index != "E05015491"
    expected = 1000 * (taken != "E05015491").sum() / people[rest].sum()
    assert found[1] == pytest.approx(expected, rel=1e-5)
    assert round((taken == "E05015491").mean(), 2) == 0.42
    assert (some["value"] < some["whole"]).sum() == 13
    sides = some.loc[some["changes_side"].astype(bool)].index
    assert sorted(sides) == ["Bitterne Park", "Harefield", "Peartree", "Portswood"]


def test_what_differs_by_more_than_wards_differ_anyway_is_little(figures):
    """Of 17 wards 15 are beyond chance in all crime; 2 at most by more than wards vary.

    The spread was measured as 162 times chance by another formula, with extremes drawn in alike.
    """
    rows = figures["ward"].figures
    rows = rows[rows["indicator"] == "All crime"]
    assert rows["dispersion"].iloc[0] == pytest.approx(162, rel=0.1)
    assert (rows["q"] < 0.05).sum() >= 15
    assert rows["verdict"].isin(["higher than the rest", "lower than the rest"]).sum() <= 2


def test_no_figure_of_a_ward_of_2023_comes_from_an_old_ward(figures):
    only_old = set(figures["old ward"].figures["indicator"]) - set(
        figures["ward"].figures["indicator"]
    )
    assert only_old == {
        "Turnout in the wards of before 2023", "Electors for each 100 residents",
        "Men for each 100 women", "Residents per hectare", "Residents in communal establishments",
    }  # fmt: skip
    codes = {kind: set(one.history["area_code"]) for kind, one in figures.items()}
    assert not codes["ward"] & codes["old ward"]
    # The two wards that did not change say the same either way, as near as postcodes can tell.
    for old, new in (("E05002460", "E05015495"), ("E05002467", "E05015502")):
        for indicator in ("Disabled residents", "White residents", "Overcrowded households"):
            one, other = column(figures["old ward"], indicator), column(figures["ward"], indicator)
            assert one[old] == pytest.approx(other[new], rel=0.01)


def test_land_of_old_wards_is_that_of_their_outlines(figures, shared_data):
    file = shared_data / "boundaries" / "southampton_wards_2013.geojson"
    wards = geopandas.read_file(file).to_crs(27700).set_index("WD13CD")
    hectares = column(figures["old ward"], "Residents per hectare", "denominator")
    same(hectares, wards.area / 10_000, within=0.01)


def test_similar_places_hold_what_was_published_and_no_place_whose_people_are_others(
    shared_data, repository
):
    ours = pd.read_csv(repository / "examples" / "southampton" / "similar_places.csv")
    file = "ew_csp_headline_recorded_crime_ye_june2025.csv.gz"
    crime = pd.read_csv(shared_data / "police" / "aggregates" / file, skiprows=7, dtype=str)
    crime.columns = crime.columns.str.split().str.join(" ")
    crime = crime.set_index("Community Safety Partnership code")
    people = pd.read_csv(shared_data / "population" / "ew_lsoa11_mid2020_population_total.csv.gz")
    names = people["lsoa11_name"].str.rsplit(" ", n=1).str[0]
    residents = people.groupby(names)["total_population"].sum()
    published = {
        "All crime": ["Total recorded crime (excluding fraud)"],
        "Violence and sexual offences": ["Violence against the person", "Sexual offences"],
        "Drugs": ["Drug offences"],
        "Shoplifting": ["Shoplifting"],
    }
    for indicator, columns in published.items():
        some = ours[ours["indicator"] == indicator]
        assert len(some) == 10
        for row in some.itertuples():
            counts = crime.loc[row.partnership_code, columns].str.replace(",", "").astype(int)
            assert row.numerator == counts.sum(), row.place
            assert row.denominator == residents[row.place], row.place
    totals = ours[ours["indicator"] == "All crime"].set_index("place")
    rates = 1000 * totals["numerator"] / totals["denominator"]
    assert rates.round(1).to_dict() == {
        "Southampton": 124.0, "Bristol": 137.6, "Cardiff": 101.6, "Derby": 110.4,
        "Eastbourne": 112.0, "Gloucester": 116.6, "Hounslow": 96.8, "Leeds": 125.4, "Luton": 92.9,
        "Newcastle upon Tyne": 114.9,
    }  # fmt: skip


def test_breaks_say_what_the_months_show(southampton, street):
    monthly = street.groupby(["Crime type", "Month"]).size()
    violence = monthly["Violence and sexual offences"]
    reasons = southampton[1].breaks.set_index(["category", "month"])["why"]
    why = reasons["Violence and sexual offences", pd.Timestamp("2017-04-01")]
    assert f"{violence['2017-03']} in March, {violence['2017-04']} in April" in why
    disorder = monthly["Anti-social behaviour"]
    before, after = disorder["2017-02":"2017-09"].mean(), disorder["2021-03":].mean()
    assert before == pytest.approx(1075, rel=0.02)
    assert after == pytest.approx(475, rel=0.05)
    held = pd.PeriodIndex(sorted(street["Month"].unique()), freq="M")
    gaps = [str(two) for one, two in itertools.pairwise(held) if two != one + 1]
    assert sorted(f"{month:%Y-%m}" for category, month in reasons.index if not category) == gaps


def test_what_readers_are_told_is_said_once_and_names_no_machine(southampton, shared_data):
    told = southampton[1].cautions
    assert len(told) == len(set(told))
    assert not [one for one in told if str(shared_data) in one]
    assert sum("partly estimates" in one for one in told) <= 2 * len(southampton[1].areas)
    assert not [one for one in told if one.startswith("Left out")]


def test_no_cluster_of_snapped_months_is_outlined_on_fewer_than_three_points(southampton):
    project, material, _ = southampton
    periods = {SOURCE: choose_period(project, material, SOURCE)}
    asked = [Hotspot(name, categories=names, simulations=99) for name, names in (
        ("All", ()), ("Burglary", ("Burglary",)), ("Robbery", ("Robbery",)),
    )]  # fmt: skip
    for hotspot in asked:
        found = concentration_of(project, material, hotspot, periods).clusters
        assert len(found)
        assert (found.loc[found["outlined"], "places"] >= 3).all()
        assert (found.geometry.geom_type.eq("Point") == ~found["outlined"]).all()
        assert found["significant"].any()


def test_a_denominator_of_several_years_is_told_once_on_a_page(southampton):
    project, material, _ = southampton
    for facts in facts_of(project, material, "ward", None).values():
        assert facts["fact"].tolist() == ["Residents", "Households", "Area", "Residents per km²"]

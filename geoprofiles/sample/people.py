"""Residents, households, premises and the other figures of the fictional city."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoprofiles.sample.city import CAMPUS, CENTRE, ESTATES, SOUTH, WEST, City
from geoprofiles.sample.names import COLUMNS

RESIDENTS = 184_000
YEARS = (2023, 2024, 2025)
AGES = tuple(f"{low}-{low + 4}" for low in range(0, 85, 5)) + ("85+",)
PERIOD = "2025"

DEFINITIONS = (
    # indicator, topic, name, unit, method, multiplier, polarity
    ("children", "Demography", "Residents aged under 15", "%", "proportion", 100, "neither"),
    ("older", "Demography", "Residents aged 65 and over", "%", "proportion", 100, "neither"),
    ("born_abroad", "Demography", "Residents born abroad", "%", "proportion", 100, "neither"),
    ("household_size", "Demography", "People in a household", "people", "value", 1, "neither"),
    ("out_of_work", "Economy", "Working-age residents claiming out-of-work benefits", "%",
     "proportion", 100, "high is bad"),
    ("child_poverty", "Economy", "Children in low-income families", "%", "proportion", 100,
     "high is bad"),
    ("renting", "Economy", "Households renting privately", "%", "proportion", 100, "neither"),
    ("no_car", "Economy", "Households without a car or van", "%", "proportion", 100, "neither"),
    ("feel_safe", "Community safety", "Adults who feel safe after dark", "%", "proportion", 100,
     "high is good"),
    ("first_entrants", "Community safety", "First-time entrants to youth justice",
     "per 1,000 aged 10-19", "rate", 1000, "high is bad"),
    ("fires", "Community safety", "Deliberate fires", "per 1,000 residents", "rate", 1000,
     "high is bad"),
    ("hate_reports", "Community safety", "Hate incidents reported", "per 1,000 residents", "rate",
     1000, "neither"),
    ("emergency", "Health", "Emergency hospital admissions", "per 1,000 residents", "rate", 1000,
     "high is bad"),
    ("smoking", "Health", "Adults who smoke", "%", "proportion", 100, "high is bad"),
    ("obese_year_6", "Health", "Children in year 6 who are obese", "%", "proportion", 100,
     "high is bad"),
    ("long_illness", "Health", "Residents with a limiting long-term illness", "%", "proportion",
     100, "high is bad"),
    ("good_development", "Education", "Children at a good level of development aged 5", "%",
     "proportion", 100, "high is good"),
    ("absence", "Education", "Pupils persistently absent", "%", "proportion", 100, "high is bad"),
    ("no_qualifications", "Education", "Adults without qualifications", "%", "proportion", 100,
     "high is bad"),
    ("exclusions", "Education", "School suspensions", "per 1,000 aged 5-19", "rate", 1000,
     "high is bad"),
    ("looked_after", "Social care", "Children in care", "per 1,000 aged 0-19", "rate", 1000,
     "high is bad"),
    ("child_need", "Social care", "Children in need", "per 1,000 aged 0-19", "rate", 1000,
     "high is bad"),
    ("adult_care", "Social care", "Older people in long-term care", "per 1,000 aged 65 and over",
     "rate", 1000, "neither"),
    ("carers", "Social care", "Residents who give unpaid care", "%", "proportion", 100, "neither"),
)  # fmt: skip

# indicator: (denominator, level in the least and in the most deprived area), a share or a rate.
LEVELS = {
    "born_abroad": ("all", 0.08, 0.27),
    "out_of_work": ("working", 0.015, 0.095),
    "child_poverty": ("children", 0.06, 0.38),
    "renting": ("households", 0.13, 0.36),
    "no_car": ("households", 0.12, 0.47),
    "feel_safe": ("sample", 0.84, 0.52),
    "first_entrants": ("aged 10-19", 0.001, 0.0075),
    "fires": ("all", 0.0003, 0.0019),
    "hate_reports": ("all", 0.0012, 0.0042),
    "emergency": ("all", 0.075, 0.135),
    "smoking": ("adults", 0.07, 0.25),
    "obese_year_6": ("year 6", 0.13, 0.31),
    "long_illness": ("all", 0.12, 0.23),
    "good_development": ("aged 5", 0.78, 0.57),
    "absence": ("aged 5-19", 0.12, 0.29),
    "no_qualifications": ("adults", 0.08, 0.27),
    "exclusions": ("aged 5-19", 0.012, 0.085),
    "looked_after": ("aged 0-19", 0.0015, 0.0125),
    "child_need": ("aged 0-19", 0.011, 0.062),
    "adult_care": ("older", 0.018, 0.036),
    "carers": ("all", 0.085, 0.105),
}


@dataclass(frozen=True)
class People:
    """The tables of the sample, by small area, and what each land cell holds."""

    tables: dict[str, pd.DataFrame]
    cells: pd.DataFrame
    """``residents``, ``households``, ``premises``, ``footfall`` of each land cell."""


def make_people(city: City, rng: np.random.Generator) -> People:
    """Fill the city: every table is by small area, and derived from one set of cells."""
    cells = _fill(city)
    codes = city.cells["small area"]
    areas = city.areas["small area"].index
    homes = (city.cells["density"] * city.cells["area"]).groupby(codes).sum().reindex(areas)
    residents = (homes / homes.sum() * RESIDENTS).round().astype(int)
    deprived = _deprivation(city, rng)
    students = _near(city, CAMPUS, 900)
    ages = _ages(residents, deprived, students, rng)
    by_age = ages[ages["year"] == YEARS[-1]].groupby(["area_code", "age"])["population"].sum()
    by_age = by_age.unstack("age")[list(AGES)]
    households = (by_age.sum(axis=1) / (2.05 + 0.5 * deprived - 0.3 * students)).round().astype(int)
    premises = cells["premises"].groupby(codes).sum().reindex(areas).round().astype(int)
    workday = (by_age.sum(axis=1) * 0.62 + premises * 11.5).round().astype(int)
    rank = (-deprived).rank(method="first").astype(int)
    tables = {
        "population_by_age": ages,
        "households": _table(areas, households),
        "business_premises": _table(areas, premises),
        "workday_population": _table(areas, workday),
        "deprivation": pd.DataFrame(
            {
                "area_code": areas,
                "score": (6 + 62 * deprived).round(3).to_numpy(),
                "rank": rank.to_numpy(),
                "decile": ((rank - 1) * 10 // len(rank) + 1).to_numpy(),
            }
        ),
        "indicators": _indicators(by_age, households, deprived, rng),
        "indicator_definitions": _definitions(),
        "lookup": _lookup(city),
    }
    share = cells["premises"] / cells["premises"].groupby(codes).transform("sum").clip(lower=1e-9)
    cells["premises"] = share * codes.map(premises)
    per_home = codes.map(residents) / codes.map(homes)
    cells["residents"] = city.cells["density"] * city.cells["area"] * per_home
    cells["households"] = cells["residents"] * codes.map(households / by_age.sum(axis=1))
    return People(tables, cells)


def _fill(city: City) -> pd.DataFrame:
    """Say where shops and crowds are: the centre, high streets, the campus, estates' parades."""
    x, y = (city.cells["x"] - WEST).to_numpy(), (city.cells["y"] - SOUTH).to_numpy()
    at = np.column_stack([x, y])
    from_centre = np.linalg.norm(at - CENTRE, axis=1)
    premises = 0.12 + 9.0 * np.exp(-((from_centre / 520) ** 2))
    for place in ESTATES:
        premises += 2.6 * np.exp(-((np.linalg.norm(at - place, axis=1) / 190) ** 2))
    high_street = np.abs((x - CENTRE[0]) - 0.35 * (y - CENTRE[1])) < 90
    premises += np.where(high_street & (y > CENTRE[1]) & (y < 6_400), 2.2, 0.0)
    footfall = premises * (1 + 3 * np.exp(-((from_centre / 600) ** 2)))
    footfall += 1.2 * np.exp(-((np.linalg.norm(at - CAMPUS, axis=1) / 400) ** 2))
    scale = 6_800 / premises.sum()
    return pd.DataFrame(
        {"premises": premises * scale, "footfall": footfall / footfall.sum()},
        index=city.cells.index,
    )


def _near(city: City, place: np.ndarray, metres: float) -> pd.Series:
    """Return how near each small area is to a place: 1 there, towards 0 far off."""
    middle = city.cells.groupby("small area")[["x", "y"]].mean() - [WEST, SOUTH]
    distance = np.linalg.norm(middle - place, axis=1)
    near = pd.Series(np.exp(-((distance / metres) ** 2)), index=middle.index)
    return near.reindex(city.areas["small area"].index)


def _deprivation(city: City, rng: np.random.Generator) -> pd.Series:
    """Return deprivation from 0 to 1: high on the estates and by the docks, low in the north."""
    score = 0.75 * _near(city, CENTRE, 1_300)
    for place in ESTATES:
        score = score + _near(city, np.array(place), 800)
    middle = city.cells.groupby("small area")["y"].mean().reindex(score.index) - SOUTH
    score = score - 0.5 * (middle / middle.max()) + 0.35 * (rng.random(len(score)) - 0.5)
    return (score - score.min()) / (score.max() - score.min())


def _ages(
    residents: pd.Series, deprived: pd.Series, students: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    """Spread residents over ages, sexes and years."""
    band = np.arange(len(AGES))
    young = np.exp(-(((band - 5.2) / 2.6) ** 2))
    family = (
        0.55 + 0.5 * np.exp(-(((band - 1.2) / 2.0) ** 2)) + 0.5 * np.exp(-(((band - 7) / 2.5) ** 2))
    )
    old = 0.5 + 0.6 * np.exp(-(((band - 12) / 3.0) ** 2))
    student = np.exp(-(((band - 4.0) / 0.8) ** 2)) * 9
    fade = np.where(band > 12, np.exp(-(band - 12) / 3.2), 1.0)
    d, s = deprived.to_numpy()[:, None], students.to_numpy()[:, None]
    mix = (family * (0.4 + d) + old * (1.1 - d) + young * 0.8 + student * s) * fade
    mix = mix / mix.sum(axis=1, keepdims=True)
    parts = []
    for place, year in enumerate(YEARS):
        growth = 1 + 0.006 * (place - len(YEARS) + 1) + 0.01 * (rng.random((len(d), 1)) - 0.5)
        both = residents.to_numpy()[:, None] * mix * growth
        female = 0.5 + 0.012 * (band - 9) * (band > 9)
        for sex, share in (("female", female), ("male", 1 - female)):
            table = pd.DataFrame(np.rint(both * share).astype(int), columns=AGES)
            table.insert(0, "area_code", residents.index.to_numpy())
            long = table.melt("area_code", var_name="age", value_name="population")
            parts.append(long.assign(year=year, sex=sex))
    ages = pd.concat(parts)[["area_code", "year", "sex", "age", "population"]]
    ages["age"] = pd.Categorical(ages["age"], categories=AGES)
    ages = ages.sort_values(["area_code", "year", "sex", "age"])
    return ages.assign(age=ages["age"].astype(str)).reset_index(drop=True)


def _table(areas: pd.Index, values: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {"area_code": areas, "year": YEARS[-1], "population": values.reindex(areas).to_numpy()}
    )


def _indicators(
    by_age: pd.DataFrame, households: pd.Series, deprived: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    """Make numerators by drawing around a level that follows deprivation."""
    whole = by_age.sum(axis=1)
    bands = {name: by_age[name] for name in AGES}
    teens = bands["10-14"] + bands["15-19"]
    school = bands["5-9"] + teens
    bases = {
        "all": whole,
        "children": by_age[list(AGES[:3])].sum(axis=1),
        "older": by_age[list(AGES[13:])].sum(axis=1),
        "working": by_age[list(AGES[3:13])].sum(axis=1),
        "adults": by_age[list(AGES[4:])].sum(axis=1),
        "households": households,
        "sample": (whole / 40).round().astype(int),
        "aged 10-19": teens,
        "aged 5-19": school,
        "aged 0-19": school + bands["0-4"],
        "aged 5": (bands["5-9"] / 5).round().astype(int),
        "year 6": (bands["10-14"] / 5).round().astype(int),
    }
    known = {
        "children": (bases["children"], whole),
        "older": (bases["older"], whole),
        "household_size": (whole, households),
    }
    parts = []
    for name in (row[0] for row in DEFINITIONS):
        if name in known:
            numerator, denominator = known[name]
        else:
            base, least, most = LEVELS[name]
            denominator = bases[base]
            level = least + (most - least) * deprived.to_numpy()
            wobble = 1 + 0.16 * (rng.random(len(level)) - 0.5)
            numerator = _draw(denominator.to_numpy(), level * wobble, rng)
        parts.append(
            pd.DataFrame(
                {
                    "area_code": whole.index,
                    "indicator": name,
                    "period": PERIOD,
                    "numerator": np.asarray(numerator),
                    "denominator": np.asarray(denominator),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _draw(size: np.ndarray, share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a binomial number by its normal approximation: the same on every version of NumPy."""
    mean = size * share
    spread = np.sqrt(np.maximum(mean * (1 - share), 0))
    normal = np.sqrt(-2 * np.log(1 - rng.random(len(size)))) * np.cos(
        2 * np.pi * rng.random(len(size))
    )
    return np.clip(np.rint(mean + spread * normal), 0, size).astype(int)


def _definitions() -> pd.DataFrame:
    columns = ["indicator", "topic", "name", "unit", "method", "multiplier", "polarity"]
    table = pd.DataFrame(DEFINITIONS, columns=columns)
    return table.assign(source="Invented for Port Averley")


def _lookup(city: City) -> pd.DataFrame:
    kinds = {code: kind for kind, (code, _) in COLUMNS.items()}
    table = city.cells[list(kinds.values())].drop_duplicates().sort_values("small area")
    table.columns = list(kinds)
    return table.reset_index(drop=True)

"""Residents, households, premises and the other figures of the fictional city."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoprofiles.sample.beside import similar_places
from geoprofiles.sample.by_age import by_age_figures
from geoprofiles.sample.city import CAMPUS, CENTRE, ESTATES, SOUTH, WEST, City
from geoprofiles.sample.indicators import bases, definitions, figures
from geoprofiles.sample.names import COLUMNS

RESIDENTS = 184_000
YEARS = (2023, 2024, 2025)
AGES = tuple(f"{low}-{low + 4}" for low in range(0, 85, 5)) + ("85+",)


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
    told = figures(bases(by_age, households, premises), deprived, rng)
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
        "indicators": told,
        "similar_places": similar_places(told),
        "indicators_by_age": by_age_figures(ages, deprived),
        "indicator_definitions": definitions(),
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


def _lookup(city: City) -> pd.DataFrame:
    kinds = {code: kind for kind, (code, _) in COLUMNS.items()}
    table = city.cells[list(kinds.values())].drop_duplicates().sort_values("small area")
    table.columns = list(kinds)
    return table.reset_index(drop=True)

"""Deaths and admissions of the fictional city by age, and deaths by sex."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.sample.indicators import POOLED, SEED, draw

DEATHS = (
    0.9, 0.08, 0.09, 0.25, 0.35, 0.45, 0.65, 0.95, 1.5, 2.3, 3.4, 5.2, 8.2, 12.8, 20, 34, 60, 150,
)  # fmt: skip
"""Deaths for each thousand people of each five-year age in a year."""

ADMITTED = (
    95, 45, 42, 60, 70, 68, 66, 66, 68, 72, 80, 90, 105, 130, 165, 225, 310, 420,
)  # fmt: skip

PREVENTABLE = (
    0.1, 0.02, 0.02, 0.12, 0.2, 0.25, 0.35, 0.5, 0.8, 1.2, 1.7, 2.4, 3.5, 5.0, 7.2, 0, 0, 0,
)  # fmt: skip

MEN = 1.35
"""Times as often as women men die, at any age."""


def _by_sex(part: pd.DataFrame, ages: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Share the events and people of each age out between the sexes; their sums stay."""
    keys = ["area_code", "age"]
    people = ages.groupby([*keys, "sex"], sort=False)["population"].sum().unstack("sex")
    share = (people["female"] / people.sum(axis=1)).reindex(pd.MultiIndex.from_frame(part[keys]))
    share = share.fillna(0.5).to_numpy()
    women = np.rint(part["denominator"].to_numpy() * share).astype(int)
    chance = women / np.maximum(women + MEN * (part["denominator"].to_numpy() - women), 1)
    events = np.minimum(draw(part["numerator"].to_numpy(), chance, rng), women)
    events = np.maximum(events, part["numerator"] - (part["denominator"] - women))
    female = part.assign(sex="female", numerator=events, denominator=women)
    male = part.assign(
        sex="male",
        numerator=part["numerator"] - events,
        denominator=part["denominator"] - women,
    )
    return pd.concat([female, male]).sort_index(kind="stable").reset_index(drop=True)


def by_age_figures(ages: pd.DataFrame, deprived: pd.Series) -> pd.DataFrame:
    """Draw deaths and admissions by age over five years, for what is standardised."""
    rng = np.random.default_rng(SEED + 1)
    years = sorted(ages["year"].unique())
    first = ages[ages["year"] == years[0]].groupby(["area_code", "age"], sort=False)
    held = ages.groupby(["area_code", "age"], sort=False)["population"].sum()
    # The two years before those of the table are taken to be as its first.
    people = (held + 2 * first["population"].sum()).reset_index()
    order = {age: at for at, age in enumerate(dict.fromkeys(ages["age"]))}
    band = people["age"].map(order).to_numpy()
    worse = 0.7 + 0.9 * deprived.reindex(people["area_code"]).to_numpy()
    parts: list[pd.DataFrame] = []
    for name, rates in (
        ("mortality", DEATHS),
        ("life_expectancy", DEATHS),
        ("emergency_by_age", ADMITTED),
        ("preventable", PREVENTABLE),
    ):
        if name == "life_expectancy":
            count = parts[0]["numerator"]
        else:
            level = np.asarray(rates, dtype=float)[band] / 1000 * worse
            count = draw(people["population"].to_numpy(), level, rng)
        part = people[["area_code", "age"]].assign(
            indicator=name, period=POOLED, numerator=count, denominator=people["population"]
        )
        parts.append(part)
    mortality = _by_sex(parts[0], ages, np.random.default_rng(SEED + 2))
    parts[:2] = [mortality, mortality.assign(indicator="life_expectancy")]
    columns = ["area_code", "indicator", "period", "age", "sex", "numerator", "denominator"]
    return pd.concat(parts, ignore_index=True).reindex(columns=columns)

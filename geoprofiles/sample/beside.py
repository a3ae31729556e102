"""What the fictional city is set beside: places like it, and its nation, as fictional."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.sample.indicators import PERIODS, SEED, draw, normal
from geoprofiles.words import period_words

NATION = "Averland"
"""The country that the city lies in, as fictional."""

NATION_SIZE, NATION_LEVEL = 9_000_000, 0.9
INCIDENTS_COMPARED = (
    "All incidents", "Violence and sexual offences", "Anti-social behaviour", "Vehicle crime",
)  # fmt: skip
"""Rates by residents; what is rated by homes or premises has no similar places."""

PLACES = (
    "Alderquay", "Brackenport", "Coldharbour Bay", "Dunmarsh", "Eastwick-on-Sea", "Farrowmouth",
    "Granton Ferry", "Holmestead", "Ironbridge Point", "Kelmouth", "Lowerhaven", "Merrow Sound",
    "Northstrand", "Oakhythe",
)  # fmt: skip
"""Fictional places like the city."""

COMPARED = (
    "out_of_work", "child_poverty", "smoking", "absence", "emergency", "first_entrants",
    "looked_after", "feel_safe",
)  # fmt: skip


def similar_places(table: pd.DataFrame) -> pd.DataFrame:
    """Invent the figures of similar places: the city's own, a fifth up or down."""
    rng = np.random.default_rng(SEED + 2)
    latest = table[(table["period"] == PERIODS[-1]) & table["indicator"].isin(COMPARED)]
    city = latest.groupby("indicator", sort=False)[["numerator", "denominator"]].sum()
    parts = []
    for name, (part, whole) in zip(city.index, city.to_numpy(dtype=float), strict=True):
        people = np.rint(whole * (0.6 + 0.9 * rng.random(len(PLACES)))).astype(int)
        level = part / whole * (1 + 0.16 * normal(len(PLACES), rng))
        parts.append(
            pd.DataFrame(
                {
                    "place": PLACES,
                    "indicator": name,
                    "period": PERIODS[-1],
                    "numerator": draw(people, np.clip(level, 0, 1), rng),
                    "denominator": people,
                }
            )
        )
        part_of_all = round(part / whole * NATION_SIZE * NATION_LEVEL)
        parts.append(
            pd.DataFrame(
                {
                    "place": [NATION], "indicator": name, "period": PERIODS[-1],
                    "numerator": part_of_all, "denominator": NATION_SIZE,
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def similar_incidents(street: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Invent the incidents of similar places in the latest twelve months, by rate."""
    rng = np.random.default_rng(SEED + 3)
    months = sorted(street["Month"].unique())[-12:]
    recent = street.loc[street["Month"].isin(months), "Crime type"]
    ages = tables["population_by_age"]
    residents = int(ages.loc[ages["year"] == ages["year"].max(), "population"].sum())
    period = period_words(pd.Timestamp(months[0]), pd.Timestamp(months[-1]))
    parts = []
    for name in INCIDENTS_COMPARED:
        count = len(recent) if name == "All incidents" else int((recent == name).sum())
        people = np.rint(residents * (0.6 + 0.9 * rng.random(len(PLACES)))).astype(int)
        level = count / residents * (1 + 0.16 * normal(len(PLACES), rng))
        events = np.rint(np.maximum(level, 0) * people).astype(int)
        whole = round(count / residents * NATION_SIZE * NATION_LEVEL)
        parts.append(
            pd.DataFrame(
                {
                    "place": [*PLACES, NATION], "indicator": name, "period": period,
                    "numerator": [*events, whole], "denominator": [*people, NATION_SIZE],
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)

"""Comparators: similar places, the nation, and other denominators beside the figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.areas.rates import rate_by_area
from geoprofiles.indicators.benchmark import denominators_side_by_side, similar_places
from geoprofiles.pipeline.denominators import known_denominator
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.indicators import rate_counts
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.periods import Period
from geoprofiles.settings import Project, Rate
from geoprofiles.words import listed

FEWEST = 3
"""Similar places beside the own one from which a band is made."""


def similar_of(project: Project, material: Material, figures: Figures) -> pd.DataFrame:
    """Set the whole beside similar places, indicator by indicator, like with like.

    The own figure is the file's where it has one, for then all are of one source; otherwise the
    run's own of the same period. A period that the run does not have is left out.
    """
    wish, table = project.similar_places, material.similar
    if wish is None or table is None:
        return pd.DataFrame()
    own = figures.history.dropna(subset=["whole"]).drop_duplicates(["id", "period"])
    own = own.set_index(["id", "period"])
    rows, left = [], []
    for (key, period), some in table.groupby(["indicator", "period"], sort=False):
        definition = figures.definitions.loc[key] if key in figures.definitions.index else None
        per = 1000.0 if definition is None else float(definition["multiplier"])
        values = dict(
            zip(some["place"], some["numerator"] / some["denominator"] * per, strict=True)
        )
        nation = values.pop(wish.nation, np.nan) if wish.nation else np.nan
        if wish.own not in values and (key, period) in own.index:
            values[wish.own] = float(own.loc[(key, period), "whole"])
        if np.isnan(values.get(wish.own, np.nan)) or len(values) <= FEWEST:
            left.append(f"{key} of {period}")
            continue
        band = similar_places(values, wish.own)
        about = {
            "indicator": key if definition is None else definition["name"], "period": period,
            "unit": f"per {per:,.0f}" if definition is None else definition["unit"],
            "dated": wish.dated, "nation": nation,
            **{one: band[one] for one in ("median", "lower", "upper", "rank", "sentence")},
        }  # fmt: skip
        rows += [
            {"place": place, "value": value, "own": place == wish.own, **about}
            for place, value in values.items()
        ]
    if left:
        material.caution(
            f"Not set beside similar places: {listed(left)}. There is no figure of"
            f" {wish.own} for that period, or there are fewer than {FEWEST} others."
        )
    order = ["indicator", "period", "place", "value", "own", "unit", "dated", "nation", "median",
             "lower", "upper", "rank", "sentence"]  # fmt: skip
    return pd.DataFrame(rows, columns=order) if rows else pd.DataFrame()


def denominators_of(
    project: Project,
    material: Material,
    figures: Figures,
    rates: tuple[Rate, ...],
    periods: dict[str, Period],
) -> pd.DataFrame:
    """Set each rate's ranks side by side for every denominator that the project has."""
    names = list(dict.fromkeys(one.name for one in project.denominators))
    if len(names) < 2:
        return pd.DataFrame()
    by_name: dict[str, list[pd.DataFrame]] = {name: [] for name in names}
    for rate in rates:
        source = rate.incidents or project.incidents[0].name
        counts = rate_counts(project, [rate], source, figures.counts[source])
        period = periods[source]
        for name in names:
            people = known_denominator(material, name, figures.kind, period, quiet=True)
            if people is None:
                continue
            by_name[name].append(
                rate_by_area(
                    counts, people, indicator=rate.name, period=(period.first, period.last),
                    per=rate.per,
                )
            )  # fmt: skip
    made = {name: pd.concat(parts) for name, parts in by_name.items() if parts}
    if len(made) < 2:
        return pd.DataFrame()
    table = denominators_side_by_side(made)
    names_of = material.areas[figures.kind]["area_name"]
    table.insert(1, "area_name", table["area_code"].map(names_of))
    return table

"""Breaks in recording that concern a rate or an indicator of a run."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from geoprofiles.indicators.breaks import BREAK_COLUMNS
from geoprofiles.pipeline.material import Material
from geoprofiles.settings import Project, Rate


def breaks_of_rates(project: Project, material: Material, rates: Sequence[Rate]) -> pd.DataFrame:
    """Return the breaks that concern each rate, with the rate's name as their category.

    A rate is concerned by a break in any category that it counts: where violence is recorded
    otherwise, so is all crime.
    """
    nothing = pd.DataFrame(columns=list(BREAK_COLUMNS))
    if material.breaks is None or material.breaks.empty:
        return nothing
    parts = []
    for rate in rates:
        source = rate.incidents or project.incidents[0].name
        known = material.breaks_of_source(source)
        if known is None:
            continue
        counted = set(rate.categories) or set(
            material.tallied[source].tally["category"].dropna().astype(str)
        )
        mine = known[known["category"].isin({"", rate.name} | counted)]
        parts.append(mine.assign(category=rate.name))
    found = pd.concat(parts, ignore_index=True) if parts else nothing
    return found.drop_duplicates(["category", "area", "month"]).reset_index(drop=True)


def breaks_of_indicator(material: Material, name: str) -> list[str]:
    """Return the months at which a declared indicator, named in the table of breaks, changed."""
    if material.breaks is None:
        return []
    mine = material.breaks[(material.breaks["category"] == name) & (material.breaks["area"] == "")]
    return [f"{month:%Y-%m}" for month in mine["month"]]

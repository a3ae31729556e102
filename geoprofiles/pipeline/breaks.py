"""Breaks in recording that concern a rate or an indicator of a run."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from geoprofiles.indicators.breaks import BREAK_COLUMNS
from geoprofiles.pipeline.indicators import rates_of
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.names import known_areas, near
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


def tell_strange_breaks(project: Project, material: Material) -> None:
    """Caution on breaks of a category, area or source that the run does not have.

    Nothing comes of them, and a slip of spelling would pass for a break that is respected.
    """
    if material.breaks is None:
        return
    tallied = material.tallied.values()
    categories = [rate.name for rate in rates_of(project, material)]
    for one in tallied:
        categories += sorted(one.tally["category"].dropna().astype(str).unique())
    for _, _, definitions in material.indicators:
        categories += list(definitions["name"].astype(str))
    known = {
        "category": list(dict.fromkeys(categories)),
        "area": known_areas(material),
        "source": list(material.tallied),
    }
    for column, names in known.items():
        said = dict.fromkeys(material.breaks[column].astype(str))
        for name in said:
            if name and name not in names:
                material.caution(
                    f"The table of breaks names the {column} '{name}', which this run does not"
                    f" have: nothing comes of it. {near(name, names)}"
                )

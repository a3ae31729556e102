"""Insight: what stands behind and across the figures: gradients, denominators, months, lists."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from geoprofiles.indicators.attention import worse_and_worsening
from geoprofiles.pipeline.comparators import denominators_of, similar_of
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.gradients import by_age_of, by_sex_of, gaps_of, gradients_of
from geoprofiles.pipeline.indicators import rates_of
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.outlook import breaks_found, months_of
from geoprofiles.pipeline.periods import Period
from geoprofiles.pipeline.priorities import priorities_of, quotients_of
from geoprofiles.settings import Project
from geoprofiles.words import plural

MOST_KINDS = 3
"""Kinds of area that are looked through for what is worse and getting worse."""


@dataclass(frozen=True)
class Insight:
    """Tables across areas and indicators; those that the data cannot give are empty."""

    quintiles: pd.DataFrame = field(default_factory=pd.DataFrame)
    inequality: pd.DataFrame = field(default_factory=pd.DataFrame)
    by_age: pd.DataFrame = field(default_factory=pd.DataFrame)
    by_sex: pd.DataFrame = field(default_factory=pd.DataFrame)
    gaps: pd.DataFrame = field(default_factory=pd.DataFrame)
    denominators: pd.DataFrame = field(default_factory=pd.DataFrame)
    attention: pd.DataFrame = field(default_factory=pd.DataFrame)
    months: pd.DataFrame = field(default_factory=pd.DataFrame)
    seasons: pd.DataFrame = field(default_factory=pd.DataFrame)
    outlook: pd.DataFrame = field(default_factory=pd.DataFrame)
    breaks: pd.DataFrame = field(default_factory=pd.DataFrame)
    similar: pd.DataFrame = field(default_factory=pd.DataFrame)
    quotients: pd.DataFrame = field(default_factory=pd.DataFrame)
    harm: pd.DataFrame = field(default_factory=pd.DataFrame)
    priorities: pd.DataFrame = field(default_factory=pd.DataFrame)
    behind_priorities: pd.DataFrame = field(default_factory=pd.DataFrame)


def insight_of(
    project: Project, material: Material, figures: list[Figures], periods: dict[str, Period]
) -> Insight:
    """Work out all that the data can give, of the first kind of area where it is by area."""
    rates = rates_of(project, material)
    first = figures[0]
    by_group, gradients = gradients_of(project, material, figures)
    months, outlook, seasons = months_of(project, material, first, rates)
    similar = similar_of(project, material, first)
    priorities, behind = priorities_of(
        project, material, first, periods, rates, (gradients, similar)
    )
    return Insight(
        quintiles=by_group,
        inequality=gradients,
        by_age=by_age_of(material),
        by_sex=by_sex_of(material),
        gaps=gaps_of(figures[:MOST_KINDS]),
        denominators=denominators_of(project, material, first, rates, periods),
        attention=pd.concat(
            [
                worse_and_worsening(one.figures).assign(areas=plural(one.kind))
                for one in figures[:MOST_KINDS]
            ],
            ignore_index=True,
        ),
        months=months,
        seasons=seasons,
        outlook=outlook,
        breaks=breaks_found(material, first),
        similar=similar,
        quotients=quotients_of(first, periods),
        harm=first.harm,
        priorities=priorities,
        behind_priorities=behind,
    )

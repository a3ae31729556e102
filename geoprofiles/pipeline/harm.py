"""Harm: incidents weighted by how much each harms, beside their counts."""

from __future__ import annotations

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import INDICATOR_COLUMNS, OUTSIDE, UNLOCATED, Counts, Indicators
from geoprofiles.indicators.measures import harm_rate
from geoprofiles.pipeline.denominators import known_denominator
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.periods import Period, earlier_periods
from geoprofiles.settings import Project

HARM = "Harm of incidents"
"""Name of the indicator."""

METHOD = "Dobson's limits, weighted by harm"


def harm_figures(
    project: Project,
    material: Material,
    kind: str,
    counts: dict[str, Counts],
    periods: dict[str, Period],
) -> tuple[list[Indicators], pd.DataFrame, pd.DataFrame]:
    """Weight the incidents of the first source by harm, period by period.

    Returns the figures, their definition, and for the latest period each area's harm beside its
    count, with the share of the harm that its weightiest incident brings.
    """
    wish, weights = project.harm, material.harm
    nothing: tuple[list[Indicators], pd.DataFrame, pd.DataFrame] = (
        [],
        pd.DataFrame(),
        pd.DataFrame(),
    )
    if wish is None or weights is None or not project.denominators:
        return nothing
    source, people = project.incidents[0].name, project.denominators[0].name
    table = counts[source]
    table = table[~table["area_code"].isin([OUTSIDE, UNLOCATED]) & table["month"].notna()]
    held = pd.DatetimeIndex(table["month"].unique())
    unit = f"{wish.unit} per 1,000 {people}"
    parts, beside = [], pd.DataFrame()
    for period in earlier_periods(periods[source], held):
        population = known_denominator(material, people, kind, period, quiet=True)
        if population is None:
            return nothing
        some = table[table["month"].between(period.first, period.last)]
        try:
            harm = harm_rate(some, weights, population.drop_duplicates("area_code"))
        except InputError as error:
            raise InputError(error.problem, file=wish.file, remedy=error.remedy) from error
        harm = harm.assign(indicator=HARM, period=period.words, unit=unit, method=METHOD)
        parts.append(harm[list(INDICATOR_COLUMNS)])
        beside = harm
    names = material.areas[kind]["area_name"]
    beside = beside.rename(columns={"numerator": "harm", "largest": "share_of_weightiest"})
    beside.insert(1, "area_name", beside["area_code"].map(names))
    order = ["area_code", "area_name", "period", "count", "harm", "denominator", "value", "lower",
             "upper", "unit", "share_of_weightiest"]  # fmt: skip
    return parts, _definition(wish.source, unit, people), beside[order].assign(source=wish.source)


def _definition(source: str, unit: str, people: str) -> pd.DataFrame:
    row = {
        "topic": "Incidents",
        "name": HARM,
        "definition": f"Incidents, each weighted by its category: {source}.",
        "numerator": "Weights of all incidents, added up",
        "denominator": people,
        "unit": unit,
        "method": "harm",
        "multiplier": 1000.0,
        "polarity": "high is bad",
        "source": source,
        "period_kind": "months",
        "disclosure": "none",
    }
    return pd.DataFrame(row, index=pd.Index([HARM], name="indicator"))

"""The strategy's scorecard of a run: its measures filled from counts and indicators."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from geoprofiles.indicators.measured import (
    Span,
    fill_from_counts,
    fill_from_indicators,
    joined_values,
    measure_breaks,
)
from geoprofiles.indicators.printed import check_printed
from geoprofiles.indicators.scorecard import scorecard
from geoprofiles.pipeline.denominators import brought, known_denominator
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.indicators import rate_counts, rates_of
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.periods import Period
from geoprofiles.profile import DECIMALS
from geoprofiles.settings import Project, Rate
from geoprofiles.words import nearest

ROUNDED = ("value", "latest", "before", "baseline", "change", "lower", "upper", "ratio",
           "recomputed")  # fmt: skip


def scorecard_of(
    project: Project, material: Material, figures: Sequence[Figures], periods: dict[str, Period]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fill the strategy's measures, and recompute what it prints; empty without a strategy.

    A measure is of all areas of the first kind together, or of those it names.
    """
    strategy = material.strategy
    if strategy is None:
        return pd.DataFrame(), pd.DataFrame()
    rates = rates_of(project, material)
    measures, values = strategy.measures.assign(missing=""), [strategy.values]
    kinds = [_kind_of(areas, material, figures) for areas in measures["areas"]]
    parts = []
    for one in figures:
        mine = measures[[kind == one.kind for kind in kinds]]
        if mine.empty:
            continue
        mine, counted = _from_counts(project, material, one, mine, rates, periods)
        mine, made = _from_indicators(material, one.kind, mine)
        parts.append(mine)
        values += [counted, made]
    filled = pd.concat(parts).reindex(measures.index)
    table = scorecard(
        _with_kinds(filled, material),
        joined_values(strategy.values, pd.concat(values[1:], ignore_index=True)),
        breaks=pd.concat([strategy.breaks, _breaks(project, material, filled, rates)]),
    )
    return _rounded(table), _rounded(check_printed(strategy.printed))


def _kind_of(areas: Sequence[str], material: Material, figures: Sequence[Figures]) -> str:
    """Return the kind of area that holds all of those named; the first where none is."""
    for one in figures:
        known = material.areas[one.kind]
        names = set(known.index) | set(known["area_name"].astype(str))
        if areas and set(areas) <= names:
            return one.kind
    return figures[0].kind


def _from_counts(
    project: Project,
    material: Material,
    figures: Figures,
    measures: pd.DataFrame,
    rates: Sequence[Rate],
    periods: dict[str, Period],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    by_name = {rate.name: rate for rate in rates}
    usual = project.denominators[0].name if project.denominators else None

    def people(name: str, span: Span) -> pd.Series | None:
        of = by_name[name].denominator or usual
        if of is None:
            return None
        period = Period(span[0], span[1], 0)
        known = known_denominator(material, of, figures.kind, period, quiet=True)
        return None if known is None else known.set_index("area_code")["population"]

    counts = [
        rate_counts(project, rates, source, table) for source, table in figures.counts.items()
    ]
    latest = {}
    for rate in rates:
        period = periods[rate.incidents or project.incidents[0].name]
        latest[rate.name] = (period.first, period.last)
    filled, values = fill_from_counts(
        measures, pd.concat(counts, ignore_index=True), people=people, latest=latest
    )
    unit = [
        f"per {per:,.0f} {by_name[rate].denominator or usual or ''}".strip()
        if kind == "rate" and not said and rate in by_name
        else said
        for rate, kind, said, per in zip(
            filled["rate"], filled["kind"], filled["unit"], filled["per"], strict=True
        )
    ]
    return filled.assign(unit=unit), values


def _from_indicators(
    material: Material, kind: str, measures: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum the analyst's tables; what names areas is brought to their kind first."""
    values = []
    for small, table, definitions in material.indicators:
        wanted = measures["indicator"].isin(definitions.index) & (measures["indicator"] != "")
        some = table[table["indicator"].isin(measures.loc[wanted, "indicator"])]
        for name in some["indicator"].unique():
            mine = some[some["indicator"] == name].reset_index(drop=True)
            here = measures[measures["indicator"] == name]
            if "squares" in mine and mine["squares"].isna().all():
                mine = mine.drop(columns="squares")
            if small not in material.areas or here["areas"].map(len).any():
                moved, _ = brought(material, mine, small, kind, what="the indicators")
                if moved is None:
                    continue
                names = material.areas[kind]["area_name"]
                mine = moved.assign(area_name=moved["area_code"].map(names))
            filled, made = fill_from_indicators(here, mine, definitions)
            measures = measures.astype({"kind": object, "unit": object})
            measures.loc[here.index, filled.columns] = filled
            values.append(made)
    return measures, pd.concat(values, ignore_index=True) if values else pd.DataFrame()


def _with_kinds(measures: pd.DataFrame, material: Material) -> pd.DataFrame:
    """Say which indicators no table has."""
    known = [name for _, _, definitions in material.indicators for name in definitions.index]
    lacking = measures["kind"] == ""
    told = [
        f"There is no indicator '{name}'. {nearest(name, known) if known else ''}".strip()
        for name in measures.loc[lacking, "indicator"]
    ]
    measures = measures.copy()
    measures.loc[lacking, "missing"] = told
    measures.loc[lacking, "kind"] = "given"
    return measures


def _breaks(
    project: Project, material: Material, measures: pd.DataFrame, rates: Sequence[Rate]
) -> pd.DataFrame:
    """Return the breaks that concern each measure, of the source that it counts."""
    first = project.incidents[0].name
    parts: dict[str, Sequence[str]] = {
        str(name): [str(definition)]
        for _, _, definitions in material.indicators
        for name, definition in definitions["name"].items()
    }
    parts |= {rate.name: rate.categories for rate in rates}
    sources = {rate.name: rate.incidents or first for rate in rates}
    found = [
        measure_breaks(
            measures[measures["rate"].map(sources).eq(source)],
            material.breaks_of_source(source),
            parts=parts,
        )
        for source in dict.fromkeys(sources.values())
    ]
    found.append(measure_breaks(measures[measures["rate"] == ""], material.breaks, parts=parts))
    return pd.concat(found, ignore_index=True)


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Round as other tables of a run are, so that the bytes are the same everywhere."""
    notes = table.attrs
    table = table.copy()
    for name in table.columns:
        if name.startswith(ROUNDED) and pd.api.types.is_numeric_dtype(table[name]):
            table[name] = table[name].round(DECIMALS)
    table["p"] = [float(f"{one:.4g}") for one in table["p"].astype(float)]
    table.attrs = notes
    return table

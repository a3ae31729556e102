"""Indicators of a run: incident rates period by period, and those of the analyst's tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from geoprofiles.areas.rates import rate_by_area
from geoprofiles.errors import InputError
from geoprofiles.frames import Counts, Indicators
from geoprofiles.indicators.values import indicator_values
from geoprofiles.pipeline.denominators import brought, known_denominator
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.periods import Period, earlier_periods
from geoprofiles.settings import Project, Rate
from geoprofiles.words import listed, plural

PART_UNKNOWN = "a part of it is not known"


def rates_of(project: Project, material: Material) -> tuple[Rate, ...]:
    """Return the rates that the project asks for; without any, all incidents and each category."""
    asked = (*project.rates, *material.rates)
    if asked:
        return asked
    source = project.incidents[0].name
    tally = material.tallied[source].tally
    first = (tally["areas"] == next(iter(material.areas))) & (tally["fate"] != "refused")
    rows = tally[first.to_numpy()].groupby("category", observed=True)["rows"].sum()
    names = sorted(rows.index.astype(str), key=lambda name: -int(rows[name]))
    material.choose("rates", ["All incidents", *names], "no [[rates]] in the project file")
    return (Rate("All incidents"), *(Rate(name, categories=(name,)) for name in names))


def rate_counts(
    project: Project, rates: Sequence[Rate], source: str, counts: Counts
) -> pd.DataFrame:
    """Sum the counts of one source by rate in place of category."""
    parts = []
    for rate in rates:
        if (rate.incidents or project.incidents[0].name) != source:
            continue
        some = counts[counts["category"].isin(rate.categories)] if rate.categories else counts
        keys = ["area_code", "area_name", "month"]
        summed = some.groupby(keys, sort=False, observed=True)["count"].sum().reset_index()
        parts.append(summed.assign(category=rate.name))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def rate_figures(
    project: Project,
    material: Material,
    kind: str,
    rates: Sequence[Rate],
    counts: dict[str, Counts],
    periods: dict[str, Period],
) -> tuple[list[Indicators], pd.DataFrame]:
    """Rate incidents over the period and over those of its length before it."""
    parts, rows = [], []
    for rate in rates:
        source = rate.incidents or project.incidents[0].name
        table = counts[source]
        if rate.categories:
            table = table[table["category"].isin(rate.categories)]
        held = pd.DatetimeIndex(counts[source]["month"].dropna().unique())
        for period in earlier_periods(periods[source], held):
            latest = period == periods[source]
            parts.append(_rate(project, material, kind, rate, table, period, latest=latest))
        rows.append(_definition(rate, source))
    return parts, pd.concat(rows)


def _definition(rate: Rate, source: str) -> pd.DataFrame:
    row = {
        "topic": rate.topic,
        "name": rate.name,
        "definition": rate.definition
        or f"Incidents of {', '.join(rate.categories) or 'every category'}.",
        "numerator": rate.name,
        "denominator": rate.denominator or "",
        "unit": f"per {rate.per:,.0f}",
        "method": "rate",
        "multiplier": rate.per,
        "polarity": rate.polarity,
        "source": rate.source or f"Counted from {source}",
        "period_kind": "months",
        "disclosure": "none",
    }
    return pd.DataFrame(row, index=pd.Index([rate.name], name="indicator"))


def _rate(
    project: Project,
    material: Material,
    kind: str,
    rate: Rate,
    counts: Counts,
    period: Period,
    *,
    latest: bool,
) -> Indicators:
    name = rate.denominator or (project.denominators[0].name if project.denominators else None)
    population = None
    if name:
        population = known_denominator(material, name, kind, period, quiet=not latest)
    if population is None:
        codes = material.areas[kind].index
        population = pd.DataFrame(
            {"area_code": codes, "year": period.last.year, "population": float("nan")}
        )
        unit = "no denominator"
    else:
        unit = f"per {rate.per:,.0f} {name}"
    rates = rate_by_area(
        counts,
        population,
        indicator=rate.name,
        period=(period.first, period.last),
        per=rate.per,
        unit=unit,
    )
    return rates.assign(period=period.words, estimated=_estimated(population, rates))


def _estimated(values: pd.DataFrame, made: Indicators) -> np.ndarray:
    """Return for each figure the share of its sums that was assigned to the area, not counted."""
    if "assigned" not in values:
        return np.zeros(len(made))
    keys = [one for one in ("area_code", "indicator", "period") if one in values]
    most = values.groupby(keys, observed=True)["assigned"].max()
    if len(keys) == 1:
        return made["area_code"].map(most).fillna(0.0).to_numpy(dtype=float)
    index = pd.MultiIndex.from_frame(made[keys].astype(object))
    return most.reindex(index).fillna(0.0).to_numpy(dtype=float)


def _alike(table: pd.DataFrame) -> list[pd.DataFrame]:
    """Part figures that have squares from those that have none: what is not known stays so."""
    if "squares" not in table:
        return [table]
    has = table["squares"].notna()
    parts = [table[~has].drop(columns="squares"), table[has]]
    return [one.reset_index(drop=True) for one in parts if len(one)]


def _refuse_twice(
    values: pd.DataFrame,
    seen: dict[tuple[str, str], tuple[int, str]],
    table: tuple[int, str],
    kind: str,
) -> None:
    """Refuse an indicator that two tables give for the same areas and period."""
    pairs = values[["indicator", "period"]].drop_duplicates()
    for pair in pairs.itertuples(index=False, name=None):
        first = seen.setdefault(pair, table)
        if first[0] != table[0]:
            raise InputError(
                f"the indicator '{pair[0]}' of {pair[1]} is declared twice for {plural(kind)}:"
                f" from '{first[1]}' and from '{table[1]}'",
                remedy="Take one out, or say with 'only' for which areas each table is.",
            )


def _guarded(
    material: Material, table: pd.DataFrame, definitions: pd.DataFrame, kind: str
) -> pd.DataFrame:
    """Keep indicators with a rule for small counts to one kind of area.

    A count that is withheld for a ward is had back from its locality's less the other wards': so
    such indicators are shown for the first kind alone.
    """
    ruled = definitions.index[definitions["disclosure"] != "none"]
    mine = table["indicator"].isin(ruled)
    if not mine.any():
        return table
    only = table.attrs.get("only") or list(material.areas)
    first = next((one for one in material.areas if one in only), kind)
    if kind == first:
        return table
    names = definitions.loc[table.loc[mine, "indicator"].unique(), "name"]
    material.caution(
        f"Small counts are withheld of {listed(names)}: these are shown for {plural(first)} alone,"
        " as figures of other kinds of area would give them away."
    )
    kept = table[~mine].reset_index(drop=True)
    kept.attrs = table.attrs
    return kept


def declared_figures(material: Material, kind: str) -> tuple[list[Indicators], pd.DataFrame]:
    """Bring the analyst's tables to one kind of area, and make their figures."""
    parts: list[Indicators] = []
    rows = []
    left: dict[str, list[str]] = {}
    most: dict[str, pd.DataFrame] = {}
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    for number, (small, table, definitions) in enumerate(material.indicators):
        if kind not in (table.attrs.get("only") or [kind]):
            continue
        for some in _alike(_guarded(material, table, definitions, kind)):
            file = table.attrs.get("file")
            name = Path(file).name if file else "an indicator table"
            values, reason = brought(material, some, small, kind, what=name)
            if values is None:
                left.setdefault(reason, []).append(name)
                continue
            if values.attrs.get("assigned", 0) > most.get(small, some).attrs.get("assigned", 0):
                most[small] = values
            _refuse_twice(values, seen, (number, name), kind)
            try:
                made = indicator_values(values, definitions)
            except InputError as error:
                raise InputError(error.problem, file=table.attrs.get("file")) from error
            made["estimated"] = _estimated(values, made)
            # Brought from small areas, both are empty where one is not known in one of them;
            # given figures need neither, and are of no parts.
            given = made["indicator"].isin(definitions.index[definitions["method"] == "given"])
            empty = made[["numerator", "denominator"]].isna().all(axis=1)
            made.loc[empty & ~given, "method"] = PART_UNKNOWN
            parts.append(made)
            used = definitions.index.isin(values["indicator"].unique())
            rows.append(definitions[used])
    for reason, names in left.items():
        told = listed(dict.fromkeys(names))
        sentence = f"Left out of {plural(kind)}: the figures of {told}; {reason}."
        material.caution(sentence, kind=kind)
    for small, values in most.items():
        material.caution(
            f"Indicators of {plural(kind)} that come from {plural(small)} are partly estimates:"
            f" at most {values.attrs['assigned']:.0%} of a total was assigned, not counted."
            f" {values.attrs['most']}".rstrip(),
            kind=kind,
        )
    if not rows:
        return parts, pd.DataFrame()
    used = pd.concat(rows)
    declared = pd.concat([definitions for _, _, definitions in material.indicators]).index
    order = {name: place for place, name in enumerate(declared.unique())}
    return parts, used.sort_index(key=lambda names: names.map(order), kind="stable")

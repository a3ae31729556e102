"""Insight: what stands behind and across the figures: gradients, denominators, months, lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.areas.rates import rate_by_area
from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, UNLOCATED, Counts
from geoprofiles.indicators.attention import worse_and_worsening
from geoprofiles.indicators.benchmark import (
    denominators_side_by_side,
    quintiles,
    similar_places,
)
from geoprofiles.indicators.breaks import breaks_of, find_breaks
from geoprofiles.indicators.control import control_chart
from geoprofiles.indicators.inequality import by_quintile, concentration, slope_index
from geoprofiles.indicators.months import FEWEST_FOR_FORECAST, forecast, rolling_year
from geoprofiles.indicators.priorities import prioritise
from geoprofiles.pipeline.denominators import known_denominator
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.gather import Material
from geoprofiles.pipeline.indicators import rate_counts, rates_of
from geoprofiles.pipeline.periods import Period
from geoprofiles.settings import Project, Rate
from geoprofiles.words import listed, plural

Periods = dict[str, Period]


@dataclass(frozen=True)
class Insight:
    """Tables across areas and indicators; those that the data cannot give are empty."""

    quintiles: pd.DataFrame = field(default_factory=pd.DataFrame)
    inequality: pd.DataFrame = field(default_factory=pd.DataFrame)
    denominators: pd.DataFrame = field(default_factory=pd.DataFrame)
    attention: pd.DataFrame = field(default_factory=pd.DataFrame)
    months: pd.DataFrame = field(default_factory=pd.DataFrame)
    outlook: pd.DataFrame = field(default_factory=pd.DataFrame)
    breaks: pd.DataFrame = field(default_factory=pd.DataFrame)
    similar: pd.DataFrame = field(default_factory=pd.DataFrame)
    priorities: pd.DataFrame = field(default_factory=pd.DataFrame)


def insight_of(
    project: Project, material: Material, figures: list[Figures], periods: Periods
) -> Insight:
    """Work out all that the data can give, of the first kind of area where it is by area."""
    rates = rates_of(project, material)
    by_group, gradients = _inequality(project, material, figures)
    months, outlook = _months(project, material, figures[0], rates)
    similar = _similar(project, material, figures[0])
    return Insight(
        quintiles=by_group,
        inequality=gradients,
        denominators=_denominators(project, material, figures[0], rates, periods),
        attention=pd.concat(
            [
                worse_and_worsening(one.figures).assign(areas=plural(one.kind))
                for one in figures[:3]
            ],
            ignore_index=True,
        ),
        months=months,
        outlook=outlook,
        breaks=_breaks(material, figures[0]),
        similar=similar,
        priorities=_priorities(figures[0], gradients, similar, rates),
    )


def _inequality(
    project: Project, material: Material, figures: list[Figures]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rate every indicator by fifths of deprivation of the small areas that were ranked."""
    nothing = pd.DataFrame(), pd.DataFrame()
    wish, ranks = project.deprivation, material.deprivation
    if wish is None or ranks is None:
        return nothing
    mine = next((one for one in figures if one.kind == wish.areas), None)
    if mine is None:
        material.caution(
            f"Deprivation is ranked for {plural(wish.areas)}, which are no areas of this project:"
            " no gradients."
        )
        return nothing
    known = ranks[ranks["area_code"].isin(material.areas[wish.areas].index)].copy()
    known["local"] = quintiles(known["rank"])
    groupings = ["local"]
    if wish.of is not None:
        known["national"] = quintiles(known["rank"], of=wish.of)
        groupings.append("national")
    definitions = mine.definitions
    tables, rows = [], []
    latest = mine.history.merge(
        mine.figures[["area_code", "indicator", "period"]], on=["area_code", "indicator", "period"]
    )
    for name, some in latest.groupby("indicator", sort=False):
        definition = definitions[definitions["name"] == name].iloc[0]
        if definition["method"] not in {"rate", "proportion", "survey"}:
            continue
        joined = some.merge(known, on="area_code", suffixes=("", "_deprivation"))
        joined = joined.rename(columns={"count": "numerator"})
        for grouping in groupings:
            portion = definition["method"] != "rate"
            groups = by_quintile(
                joined, method="proportion" if portion else "rate",
                per=float(definition["multiplier"]), by=grouping,
            ).rename(columns={grouping: "quintile"})  # fmt: skip
            about = {"indicator": name, "topic": definition["topic"], "grouping": grouping}
            tables.append(groups.assign(**about, period=some["period"].iloc[0]))
            if len(groups) < 3 or not groups["numerator"].sum():
                continue
            slope = slope_index(groups, per=float(definition["multiplier"]))
            held = concentration(
                joined.rename(columns={"rank": "rank_of_value", "rank_deprivation": "rank"})
            )
            rows.append({**about, **slope, **held, "unit": definition["unit"]})
    if not tables:
        return nothing
    order = ["topic", "indicator", "period", "grouping", "quintile", "areas", "numerator",
             "denominator", "value", "lower", "upper", "ratio"]  # fmt: skip
    return pd.concat(tables, ignore_index=True)[order], pd.DataFrame(rows)


def _denominators(
    project: Project,
    material: Material,
    figures: Figures,
    rates: tuple[Rate, ...],
    periods: Periods,
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


def _city_months(counts: Counts) -> pd.DataFrame:
    inside = counts[~counts["area_code"].isin([OUTSIDE, UNLOCATED]) & counts["month"].notna()]
    return inside.groupby("month", sort=True)["count"].sum().reset_index()


def _months(
    project: Project, material: Material, figures: Figures, rates: tuple[Rate, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Chart each rate's months for all areas together, and look ahead where there are enough."""
    charts: list[pd.DataFrame] = []
    ahead: list[dict[str, Any]] = []
    for rate in rates:
        source = rate.incidents or project.incidents[0].name
        months = _city_months(rate_counts(project, [rate], source, figures.counts[source]))
        broken = breaks_of(material.breaks, category=rate.name, source=source)
        if months.empty:
            continue
        chart = control_chart(months, steps=list(broken["month"]))
        rolled = rolling_year(months).set_index("month")["total"]
        chart["rolling_12_months"] = chart["month"].map(rolled)
        charts.append(chart.assign(indicator=rate.name, count=months["count"].to_numpy()))
        since = months[months["month"] >= broken["month"].max()] if len(broken) else months
        try:
            following, report = forecast(since)
        except InputError:
            # Too few months since the last break or gap: what cannot be told is not.
            ahead.append({"indicator": rate.name, "sentence": _no_outlook(len(since))})
            continue
        for row in following.to_dict("records"):
            ahead.append({"indicator": rate.name, **row, "sentence": report["sentence"]})
    if not charts:
        return pd.DataFrame(), pd.DataFrame()
    table = pd.concat(charts, ignore_index=True)
    order = ["indicator", "month", "count", "value", "centre", "lower", "upper", "phase", "signal",
             "rolling_12_months"]  # fmt: skip
    return table[order], pd.DataFrame(ahead)


def _no_outlook(months: int) -> str:
    return (
        f"No outlook: {FEWEST_FOR_FORECAST} months without a gap or a break are needed; there are"
        f" {months}."
    )


def _breaks(material: Material, figures: Figures) -> pd.DataFrame:
    """Propose breaks that stand in no table yet."""
    parts = []
    for source, counts in figures.counts.items():
        found = find_breaks(counts)
        if found.empty:
            continue
        known = [
            bool((breaks_of(material.breaks, category=str(row.category), source=source)["month"]
                  == row.month).any())
            for row in found.itertuples()
        ]  # fmt: skip
        parts.append(found.assign(source=source, known=known))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if len(table) and not table["known"].all():
        names = listed(
            f"{row.category} from {row.month:%B %Y}" for row in table[~table["known"]].itertuples()
        )
        material.caution(
            f"Recording may have changed: {names}. If so, put it in the table of breaks: no trend"
            " is then drawn across it."
        )
    return table


def _similar(project: Project, material: Material, figures: Figures) -> pd.DataFrame:
    """Set the whole beside similar places, for each indicator that they have."""
    wish, table = project.similar_places, material.similar
    if wish is None or table is None:
        return pd.DataFrame()
    definitions = figures.definitions
    latest = figures.figures.drop_duplicates("indicator").set_index("indicator")
    rows = []
    for (key, period), some in table.groupby(["indicator", "period"], sort=False):
        if key not in definitions.index or definitions.loc[key, "name"] not in latest.index:
            continue
        mine = latest.loc[definitions.loc[key, "name"]]
        per = float(definitions.loc[key, "multiplier"])
        values = dict(
            zip(some["place"], some["numerator"] / some["denominator"] * per, strict=True)
        )
        values[wish.own] = float(mine["whole"])
        if len(values) < 4 or np.isnan(values[wish.own]):
            continue
        band = similar_places(values, wish.own)
        rows += [
            {
                "indicator": mine.name, "period": period, "place": place, "value": value,
                "own": place == wish.own, "unit": mine["unit"], "dated": wish.dated,
                **{one: band[one] for one in ("median", "lower", "upper", "rank", "sentence")},
            }
            for place, value in values.items()
        ]  # fmt: skip
    return pd.DataFrame(rows)


def _priorities(
    figures: Figures, gradients: pd.DataFrame, similar: pd.DataFrame, rates: tuple[Rate, ...]
) -> pd.DataFrame:
    """Score the topics of incidents by what the run knows of them."""
    totals = figures.figures[figures.figures["indicator"].isin([one.name for one in rates])]
    single = [one.name for one in rates if one.categories]
    if len(single) < 2:
        return pd.DataFrame()
    sums = totals.groupby("indicator")[["count", "change_before", "change_after"]].sum(min_count=1)
    sums = sums.astype(float).reindex(single)
    everything = totals.loc[totals["indicator"] == rates[0].name, "count"].sum()
    topics = pd.DataFrame(index=pd.Index(single, name="topic"))
    topics["volume"] = sums["count"] / float(everything or np.nan)
    topics["trend"] = sums["change_after"] / sums["change_before"].where(sums["change_before"] > 0)
    if len(gradients):
        local = gradients[gradients["grouping"] == "local"].set_index("indicator")
        topics["deprivation gradient"] = local["relative"].reindex(single)
    if len(similar):
        own = similar[similar["own"].astype(bool)].set_index("indicator")
        topics["against similar places"] = (own["value"] / own["median"]).reindex(single)
    known = topics.loc[:, topics.notna().any()]
    return prioritise(known) if known.shape[1] else pd.DataFrame()

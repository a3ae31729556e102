"""Figures: all that is known of each kind of area, compared, tested and followed over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from geoprofiles.areas.change import change_between
from geoprofiles.areas.compare import compare
from geoprofiles.areas.counts import count_tally
from geoprofiles.areas.rest import compare_with_rest
from geoprofiles.frames import Counts, Indicators
from geoprofiles.indicators.benchmark import benchmarks
from geoprofiles.indicators.trend import NOT_CALCULATED, period_order, trend_words, trends
from geoprofiles.pipeline.breaks import breaks_of_indicator, breaks_of_rates
from geoprofiles.pipeline.harm import harm_figures
from geoprofiles.pipeline.indicators import declared_figures, rate_counts, rate_figures, rates_of
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.periods import Period
from geoprofiles.profile import DECIMALS, profile_figures
from geoprofiles.settings import Project, Rate

CHANGE_COLUMNS = {
    "before": "change_before", "after": "change_after", "percent": "change_percent",
    "q": "change_q", "verdict": "change_verdict",
}  # fmt: skip
KEPT = (
    "area_code", "indicator", "period", "numerator", "denominator", "value", "lower", "upper",
    "whole", "rank", "ranked", "unit", "method",
)  # fmt: skip
"""What the history keeps of each period."""

HISTORY_COLUMNS = (
    "area_code", "area_name", "topic", "indicator", "id", "period", "value", "lower", "upper",
    "count", "denominator", "whole", "rank", "ranked", "unit", "method",
)  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """What the products show of one kind of area."""

    kind: str
    counts: dict[str, Counts]
    figures: pd.DataFrame
    """The latest period of each indicator, compared and tested."""
    rates: tuple[str, ...]
    """Names of the incident rates among the figures, in order."""
    changes: dict[str, pd.DataFrame]
    """By source, all changes since the same months a year before, where the data hold those."""
    history: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Every period of every indicator: ``area_code``, ``area_name``, ``indicator`` (name) ..."""
    definitions: pd.DataFrame = field(default_factory=pd.DataFrame)
    harm: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Each area's harm beside its count, in the latest period; empty without weights."""


def figures_of(
    project: Project, material: Material, kind: str, periods: dict[str, Period]
) -> Figures:
    """Count, rate, compare and follow everything for one kind of area."""
    areas = material.areas[kind]
    counts = {
        source: count_tally(tallied.tally, areas, kind=kind)
        for source, tallied in material.tallied.items()
    }
    rates = rates_of(project, material)
    by_rate, definitions = rate_figures(project, material, kind, rates, counts, periods)
    harmed, its_definition, harm = harm_figures(project, material, kind, counts, periods)
    declared, more = declared_figures(material, kind)
    every = pd.concat([*by_rate, *harmed, *declared], ignore_index=True)
    definitions = pd.concat([definitions, its_definition, more])
    definitions = definitions[~definitions.index.duplicated()]
    every = compare(every)
    latest = compare_with_rest(latest_of(every))
    latest = benchmarks(latest, without=_left_out(project, material, kind))
    latest["national"] = _national(project, material, latest, definitions)
    latest = _with_trends(project, material, rates, latest, every, definitions)
    changes, by_name = _changes(project, material, counts, rates, periods)
    latest = latest.merge(by_name, on=["area_code", "indicator"], how="left", sort=False)
    return Figures(
        kind,
        counts,
        profile_figures(latest, areas=areas, definitions=definitions),
        tuple(rate.name for rate in rates),
        changes,
        _history(every, areas, definitions),
        definitions,
        harm,
    )


def latest_of(every: Indicators) -> Indicators:
    """Keep the latest period of each indicator: the newest that is no stray row or two.

    It is had by at least half as many areas as the period that most have.
    """
    return every[_order(every) == _order_of_latest(every)].reset_index(drop=True)


def _order(every: Indicators) -> pd.Series:
    return every["period"].astype(object).map(_PeriodKey())


def _order_of_latest(every: Indicators) -> pd.Series:
    """Return for each row the order of the latest period of its indicator."""
    held = every.groupby(["indicator", "period"], sort=False, observed=True)["area_code"].nunique()
    held = held.rename("areas").reset_index()
    most = held.groupby("indicator", sort=False, observed=True)["areas"].transform("max")
    full = held[2 * held["areas"] >= most]
    newest = full.assign(order=_order(full)).sort_values("order", kind="stable")
    newest = newest.drop_duplicates("indicator", keep="last").set_index("indicator")["order"]
    return every["indicator"].astype(object).map(newest)


class _PeriodKey:
    """Order of periods; months of incidents have their own, for words do not sort."""

    def __call__(self, period: object) -> tuple[str, str]:
        import re

        text = str(period)
        years = re.findall(r"\d{4}", text)
        return (years[-1] if years else "", period_order(text)[1])


def _left_out(project: Project, material: Material, kind: str) -> str | None:
    """Return the code of the area that the project leaves out of the benchmark, by code or name."""
    if project.leave_out is None:
        return None
    areas = material.areas[kind]
    if project.leave_out in areas.index:
        return project.leave_out
    named = areas.index[areas["area_name"].astype(str) == project.leave_out]
    return str(named[0]) if len(named) == 1 else None


def _national(
    project: Project, material: Material, latest: Indicators, definitions: pd.DataFrame
) -> pd.Series:
    """Return the nation's figure for the same indicator and period, where the project has it."""
    values = pd.Series(float("nan"), index=latest.index)
    wish, table = project.similar_places, material.similar
    if wish is None or table is None or wish.nation is None:
        return values
    mine = table[table["place"] == wish.nation].set_index(["indicator", "period"])
    shares = mine["numerator"] / mine["denominator"]
    found = shares.reindex(pd.MultiIndex.from_frame(latest[["indicator", "period"]]))
    per = latest["indicator"].map(definitions["multiplier"]).astype(float)
    return pd.Series(found.to_numpy() * per.to_numpy(), index=latest.index)


def _with_trends(
    project: Project,
    material: Material,
    rates: Sequence[Rate],
    latest: Indicators,
    every: Indicators,
    definitions: pd.DataFrame,
) -> pd.DataFrame:
    names = definitions["name"]
    rated = breaks_of_rates(project, material, rates)
    of_rates = {rate.name for rate in rates}
    parts = []
    # A stray period beyond the latest is no point of a line.
    every = every[_order(every) <= _order_of_latest(every)]
    for indicator, rows in every.groupby("indicator", sort=False, observed=True):
        if rows["period"].nunique() < 2:
            continue
        name = str(names.get(indicator, indicator))
        if name in of_rates:
            mine = rated[(rated["category"] == name) & (rated["area"] == "")]
            starts = [_period_of(month, rows["period"].unique()) for month in mine["month"]]
        else:
            starts = breaks_of_indicator(material, name)
        parts.append(trends(rows, breaks=starts))
    if not parts:
        return latest.assign(trend=NOT_CALCULATED, trend_reason="only one period")
    found = pd.concat(parts)[["area_code", "indicator", "trend", "reason"]]
    found = found.rename(columns={"reason": "trend_reason"})
    polarity = definitions["polarity"]
    found["trend"] = [
        trend_words(trend, str(polarity.get(indicator, "neither")))
        for trend, indicator in zip(found["trend"], found["indicator"], strict=True)
    ]
    joined = latest.merge(found, on=["area_code", "indicator"], how="left", sort=False)
    lacking = joined["trend"].isna()
    joined["trend"] = joined["trend"].where(~lacking, NOT_CALCULATED)
    joined["trend_reason"] = joined["trend_reason"].where(~lacking, "only one period")
    return joined


def _period_of(month: pd.Timestamp, periods: Any) -> str:
    """Return the first period that is wholly recorded as from a month on; else the month itself."""
    starts = {str(one): pd.Timestamp(str(one).partition(" to ")[0]) for one in periods}
    after = [one for one, start in starts.items() if start >= month]
    return min(after, key=lambda one: starts[one]) if after else f"{month:%Y-%m}"


def _history(every: Indicators, areas: Any, definitions: pd.DataFrame) -> pd.DataFrame:
    table = every[[one for one in KEPT if one in every]].copy()
    table = table[table["area_code"].isin(areas.index)]
    table.insert(1, "area_name", table["area_code"].map(areas["area_name"]))
    for column in ("topic", "name"):
        table[column] = table["indicator"].map(definitions[column])
    for column in ("value", "lower", "upper", "whole"):
        table[column] = table[column].astype(float).round(DECIMALS)
    table = table.rename(columns={"indicator": "id", "name": "indicator", "numerator": "count"})
    return table[list(HISTORY_COLUMNS)].reset_index(drop=True)


def _changes(
    project: Project,
    material: Material,
    counts: dict[str, Counts],
    rates: Sequence[Rate],
    periods: dict[str, Period],
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Compare each source's period with the same months a year before; by category and by rate."""
    tables, by_name = {}, []
    for source, table in counts.items():
        known = material.breaks_of_source(source)
        found = _changes_of(material, table, source, periods[source], known)
        if found is None:
            continue
        tables[source] = found
        mine = rate_counts(project, rates, source, table)
        if not mine.empty:
            rated = breaks_of_rates(project, material, rates)
            by_name.append(_changes_of(material, mine, source, periods[source], rated))
    columns = ["area_code", "indicator", *CHANGE_COLUMNS.values(), "change_lower", "change_upper"]
    known = [one for one in by_name if one is not None]
    if not known:
        return tables, pd.DataFrame(columns=columns)
    joined = pd.concat(known).rename(columns={**CHANGE_COLUMNS, "category": "indicator"})
    joined["indicator"] = joined["indicator"].astype(object)
    for end in ("lower", "upper"):
        joined[f"change_{end}"] = (100 * (joined[end] - 1)).where(joined["change_percent"].notna())
    return tables, joined[columns]


def _changes_of(
    material: Material,
    counts: Counts,
    source: str,
    period: Period,
    breaks: pd.DataFrame | None,
) -> pd.DataFrame | None:
    """Compare the period with the same months a year before it, or years if it is longer."""
    if period.months < period.span:
        return None
    back = pd.DateOffset(months=12 * -(-period.span // 12))
    earlier = Period(period.first - back, period.last - back, period.span)
    held = set(counts["month"].dropna())
    if not set(pd.date_range(earlier.first, earlier.last, freq="MS")) <= held:
        material.choose(f"changes of {source}", "none", f"the files lack {earlier.words}")
        return None
    changes = change_between(
        counts,
        (earlier.first, earlier.last),
        (period.first, period.last),
        breaks=_by_code(breaks, counts),
    )
    names = counts.drop_duplicates("area_code").set_index("area_code")["area_name"]
    changes.insert(1, "area_name", changes["area_code"].map(names))
    for column in ("ratio", "lower", "upper", "percent", "dispersion"):
        changes[column] = changes[column].round(DECIMALS)
    for column in ("p", "q"):
        changes[column] = [float(f"{one:.4g}") for one in changes[column]]
    changes.attrs["periods"] = (earlier.words, period.words)
    material.choose(f"changes of {source}", earlier.words, "the same months before the period")
    return changes


def _by_code(breaks: pd.DataFrame | None, counts: Counts) -> pd.DataFrame | None:
    """Name areas of breaks by their codes, as counts do."""
    if breaks is None:
        return None
    one = counts.drop_duplicates("area_code")
    codes = dict(zip(one["area_name"].astype(str), one["area_code"].astype(str), strict=True))
    return breaks.assign(area=breaks["area"].map(lambda name: codes.get(name, name)))


def summary_rows(figures: Figures, rate: str) -> list[dict[str, Any]]:
    """Return the areas of one rate, highest first, for the plain summary of a run."""
    rows = figures.figures[figures.figures["indicator"] == rate]
    return rows.sort_values(["rank", "area_code"]).to_dict("records")

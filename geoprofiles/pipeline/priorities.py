"""Priorities: what each area has more of than its share, and which topics come first."""

from __future__ import annotations

import pandas as pd

from geoprofiles.frames import OUTSIDE, UNLOCATED
from geoprofiles.indicators.measures import location_quotients
from geoprofiles.indicators.priorities import prioritise
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.periods import Period
from geoprofiles.settings import Project, Rate
from geoprofiles.words import listed


def quotients_of(figures: Figures, periods: dict[str, Period]) -> pd.DataFrame:
    """Say of what each area has more than its share, source by source."""
    parts = []
    for source, counts in figures.counts.items():
        period = periods[source]
        some = counts[counts["month"].between(period.first, period.last)]
        some = some[~some["area_code"].isin([OUTSIDE, UNLOCATED])]
        if some["category"].nunique() < 2:
            continue
        table = location_quotients(some)
        names = counts.drop_duplicates("area_code").set_index("area_code")["area_name"]
        table.insert(1, "area_name", table["area_code"].map(names))
        parts.append(table.assign(source=source, period=period.words))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def priorities_of(
    project: Project,
    material: Material,
    figures: Figures,
    periods: dict[str, Period],
    rates: tuple[Rate, ...],
    beside: tuple[pd.DataFrame, pd.DataFrame],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score the topics of incidents by what the run knows of them; give the figures behind too.

    `beside` are the tables of gradients and of similar places.
    """
    first = project.incidents[0].name
    topical = [one for one in rates if one.categories or one.incidents not in {None, first}]
    topical = [one for one in topical if not _is_total(one, topical)]
    names = [one.name for one in topical]
    if len(names) < 2:
        return pd.DataFrame(), pd.DataFrame()
    mine = figures.figures[figures.figures["indicator"].isin(names)]
    sums = mine.groupby("indicator")[["count", "change_before", "change_after"]].sum(min_count=1)
    sums = sums.astype(float).reindex(names)
    by_category = _by_category(figures, first, periods[first])
    topics = pd.DataFrame(index=pd.Index(names, name="topic"))
    topics["volume"] = sums["count"] / (float(by_category.sum()) or float("nan"))
    topics["trend"] = sums["change_after"] / sums["change_before"].where(sums["change_before"] > 0)
    gradients, similar = beside
    if len(gradients):
        local = gradients[gradients["grouping"] == "local"].set_index("indicator")
        topics["deprivation gradient"] = local["relative"].reindex(names)
    if len(similar):
        own = similar[similar["own"].astype(bool)].drop_duplicates("indicator", keep="last")
        own = own.set_index("indicator")
        topics["against similar places"] = (own["value"] / own["median"]).reindex(names)
    if material.harm is not None:
        harm = by_category * pd.Series(material.harm).reindex(by_category.index).fillna(0.0)
        topics["harm"] = [
            harm[harm.index.isin(one.categories)].sum() / (harm.sum() or float("nan"))
            if one.incidents in {None, first}
            else float("nan")
            for one in topical
        ]
    if material.topics is not None:
        _add_said(material, topics)
    known = topics.loc[:, topics.notna().any()]
    if not known.shape[1]:
        return pd.DataFrame(), pd.DataFrame()
    weights = project.priorities.weights if project.priorities else None
    if weights:
        lacking = [name for name in weights if name not in known]
        weights = {name: one for name, one in weights.items() if name in known}
        if lacking:
            said = "those of the others hold" if weights else "all criteria weigh the same"
            material.caution(
                f"[priorities] weighs {listed(lacking)}, for which no topic has a figure: {said}."
            )
    return prioritise(known, weights=weights), known


def _is_total(rate: Rate, rates: list[Rate]) -> bool:
    """Tell whether a rate counts all that another does and more: it is no topic of its own."""
    mine = set(rate.categories)
    others = (set(one.categories) for one in rates if one.incidents == rate.incidents)
    return any(other and other < mine for other in others)


def _by_category(figures: Figures, source: str, period: Period) -> pd.Series:
    counts = figures.counts[source]
    inside = ~counts["area_code"].isin([OUTSIDE, UNLOCATED])
    some = counts[inside & counts["month"].between(period.first, period.last)]
    summed = some.groupby(some["category"].astype(str), sort=False)["count"].sum()
    return summed.astype(float)


def _add_said(material: Material, topics: pd.DataFrame) -> None:
    """Add what a table says of topics, such as public concern, and tell what it does not fit."""
    said = material.topics
    assert said is not None  # noqa: S101 (asked before)
    unknown = sorted(set(map(str, said.index)) - set(topics.index))
    if unknown:
        material.caution(
            f"The table of topics names {listed(unknown)}, which are no rates of this project."
        )
    for name in said.columns:
        topics[name] = said[name].reindex(topics.index)

"""The dashboard of a run: every figure, what changed, the strategy and the hot spots."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from geoprofiles.frames import OUTSIDE, UNLOCATED, Counts
from geoprofiles.indicators.attention import BETTER, WORSE
from geoprofiles.indicators.breaks import breaks_of
from geoprofiles.pipeline.breaks import breaks_of_rates
from geoprofiles.pipeline.concentration import EDGE, TESTED_NOTE, Concentration
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.indicators import rate_counts, rates_of
from geoprofiles.pipeline.insight import Insight
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.periods import Period, earlier_periods
from geoprofiles.pipeline.products import Files, hotspot_layers, kinds_on_map, notes_of, sources_of
from geoprofiles.pipeline.profiles import counts_for_rates, with_segments
from geoprofiles.pipeline.summary import hotspot_sentences, signal_words, within_words
from geoprofiles.publish import figures as words_of
from geoprofiles.publish.dashboard import DashboardKind, build_dashboard
from geoprofiles.publish.pages import dashboard_document
from geoprofiles.publish.parts import Column, Highlight, Panel, Question, Table
from geoprofiles.settings import Project
from geoprofiles.words import month_words, plural, slug, slugs, spell_months

MOST_HIGHLIGHTS = 8
"""Sentences of one sort under "what changed"; tables have all."""

MOST_WITH_MONTHS = 100
"""Areas of a kind up to which the page has their months."""

CHANGED = ("more", "fewer")
"""Verdicts on changes that are more than chance."""


def dashboard_files(
    project: Project,
    material: Material,
    figures: Sequence[Figures],
    periods: Mapping[str, Period],
    concentrations: Sequence[Concentration],
    insight: Insight,
    card: pd.DataFrame,
    pages: Mapping[str, Mapping[str, str]],
) -> Files:
    """Make the page that a run is opened by; `pages` is, by kind, area code to its page."""
    names = slugs([one.hotspot.name for one in concentrations])
    first = next(iter(material.areas.values()))
    questions = [
        Question(
            one.hotspot.name,
            _unnamed(one.hotspot.name, hotspot_sentences(one, first)),
            hotspot_layers(one),
            f"hotspots/{names[one.hotspot.name]}.html",
        )
        for one in concentrations
    ]
    by_kind = {one.kind: one for one in figures}
    panels = [_changed(figures, insight)]
    if len(card):
        panels.append(_strategy(card))
    spot_notes = [TESTED_NOTE, EDGE] if concentrations else []
    links = [("Map of all layers", "map.html")]
    links += [
        (f"Profiles of {plural(kind)}", f"profiles/{slug(plural(kind))}/index.html")
        for kind in pages
    ]
    dashboard = build_dashboard(
        [
            _kind(project, material, by_kind[kind], periods, pages.get(kind, {}))
            for kind in kinds_on_map(project, material)
        ],
        title=project.title,
        subtitle=project.subtitle,
        panels=panels,
        questions=questions,
        notes=[*project.notes, *notes_of(material), *spot_notes],
        sources=sources_of(project),
        context=material.context,
    )
    linked = replace(dashboard, links=tuple(links))
    return {"index.html": dashboard_document(linked)}


def _unnamed(name: str, sentences: Sequence[str]) -> list[str]:
    """Leave off the name of the question, which stands above."""
    first, *rest = sentences
    told = first.removeprefix(f"{name}: ")
    return [told[:1].upper() + told[1:], *rest]


def _kind(
    project: Project,
    material: Material,
    figures: Figures,
    periods: Mapping[str, Period],
    pages: Mapping[str, str],
) -> DashboardKind:
    areas = material.areas[figures.kind]
    history = with_segments(project, material, counts_for_rates(figures.history))
    parts = [_categories(material, figures, source, counts, periods[source])
             for source, counts in figures.counts.items()]  # fmt: skip
    latest = [counts_for_rates(figures.figures), *(one for one, _, _ in parts)]
    past = [history, *(one for _, one, _ in parts)]
    months = [one for _, _, one in parts]
    if len(areas) <= MOST_WITH_MONTHS:
        months.append(_months(project, material, figures))
    return DashboardKind(
        kind=figures.kind,
        areas=areas,
        figures=pd.concat([one for one in latest if len(one)], ignore_index=True),
        history=pd.concat([one for one in past if len(one)], ignore_index=True),
        definitions=figures.definitions,
        months=pd.concat([one for one in months if len(one)], ignore_index=True)
        if len(areas) <= MOST_WITH_MONTHS and any(map(len, months))
        else pd.DataFrame(),
        pages=pages,
        nation=(project.similar_places.nation or "") if project.similar_places else "",
    )


def _inside(counts: Counts) -> Counts:
    return counts[~counts["area_code"].isin([OUTSIDE, UNLOCATED]) & counts["month"].notna()]


def _months(project: Project, material: Material, figures: Figures) -> pd.DataFrame:
    """Return the months of the incident rates."""
    rates = rates_of(project, material)
    topics = {rate.name: rate.topic for rate in rates}
    parts = [
        rate_counts(project, rates, source, _inside(counts))
        for source, counts in figures.counts.items()
    ]
    table = pd.concat([one for one in parts if len(one)], ignore_index=True)
    table = table.rename(columns={"category": "indicator"})
    broken = breaks_of_rates(project, material, rates)
    table["segment"] = _segments(broken, table, table["month"])
    return table.assign(topic=table["indicator"].map(topics))


def _categories(
    material: Material, figures: Figures, source: str, counts: Counts, period: Period
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Make an indicator of each category of incidents: counts by period, with the tested change."""
    table = _inside(counts)
    names = table["category"].astype(str)
    nothing = pd.DataFrame()
    if names.nunique() < 2:
        return nothing, nothing, nothing
    topic = f"Categories of {source}"
    held = pd.DatetimeIndex(table["month"].unique())
    parts = []
    for one in earlier_periods(period, held):
        some = table[table["month"].between(one.first, one.last)]
        sums = some.groupby(["area_code", "category"], observed=True)["count"].sum()
        parts.append(sums.rename("value").reset_index().assign(period=one.words, first=one.first))
    past = pd.concat(parts, ignore_index=True).rename(columns={"category": "indicator"})
    past["indicator"] = past["indicator"].astype(str)
    past["segment"] = _segments(material.breaks_of_source(source), past, past["first"])
    past = past.drop(columns="first").assign(
        topic=topic, unit="incidents", count=past["value"], lower=float("nan"),
        upper=float("nan"), whole=float("nan"),
    )  # fmt: skip
    latest = past[past["period"] == period.words].assign(
        polarity="high is bad", source=f"Counted from {source}"
    )
    changes = figures.changes.get(source)
    if changes is not None and len(changes):
        mine = changes.assign(
            change_lower=100 * (changes["lower"] - 1), change_upper=100 * (changes["upper"] - 1)
        ).rename(columns={"category": "indicator", "percent": "change_percent",
                          "verdict": "change_verdict", "before": "change_before",
                          "after": "change_after"})  # fmt: skip
        keys = ["area_code", "indicator"]
        kept = [*keys, *(one for one in mine if str(one).startswith("change_"))]
        mine["indicator"] = mine["indicator"].astype(str)
        latest = latest.merge(mine[kept], on=keys, how="left", sort=False)
    months = table[["area_code", "month", "category", "count"]].rename(
        columns={"category": "indicator"}
    )
    months = months.assign(topic=topic, indicator=months["indicator"].astype(str))
    months["segment"] = _segments(material.breaks_of_source(source), months, months["month"])
    return latest, past, months


def _segments(breaks: pd.DataFrame | None, rows: pd.DataFrame, when: pd.Series) -> pd.Series:
    """Give each stretch between breaks in recording a number: no line may join two of them."""
    found = pd.Series(0, index=rows.index)
    for name in rows["indicator"].unique():
        known = breaks_of(breaks, category=str(name))
        mine = rows["indicator"] == name
        for month in known.loc[known["area"] == "", "month"].unique():
            found[mine] += (when[mine] >= month).astype(int)
    return found


def _changed(figures: Sequence[Figures], insight: Insight) -> Panel:
    """Say what changed beyond chance, what is worse and worsening, and the latest month."""
    changes = list(_changes(figures[0], insight))
    told = {(one.area_code, one.indicator) for one in changes}
    others = [
        one for one in _attention(figures, insight) if (one.area_code, one.indicator) not in told
    ]
    found = [*changes, *others, *_signals(figures[0], insight)]
    looked = sum(len(table) for table in figures[0].changes.values())
    lead = "Only what passed its test is named."
    if looked:
        lead = (
            f"Of {looked:,} changes looked at, those named here are more than chance would bring,"
            " with at most 5% of what is found expected to be false."
        )
    sentences = [] if found else ["Nothing changed by more than chance may bring."]
    return Panel("What changed", lead=lead, highlights=tuple(found), sentences=sentences)


def _changes(figures: Figures, insight: Insight) -> Iterator[Highlight]:
    """Name what changed beyond chance, and whether it is worse or better than the rest too."""
    table = insight.attention
    listed: dict[tuple[str, str], str] = {}
    if len(table):
        keys = zip(table["area_code"].astype(str), table["indicator"].astype(str), strict=True)
        listed = dict(zip(keys, table["list"].astype(str), strict=True))
    for source, table in figures.changes.items():
        sure = table[table["verdict"].isin(CHANGED)]
        before, after = table.attrs["periods"]
        for row in sure.head(MOST_HIGHLIGHTS).itertuples():
            counts = f"{row.before:,.0f} in {before}, {row.after:,.0f} in {after}"
            share = (
                f" ({row.percent:+.0f}%)".replace("-", "−") if math.isfinite(row.percent) else ""
            )
            standing = listed.get((str(row.area_code), str(row.category)), "")
            also = f"; {standing}" if standing else ""
            text = f"{row.category} in {row.area_name}: {counts}{share}{also}."
            yield Highlight(
                text, figures.kind, str(row.area_code), f"Categories of {source}", str(row.category)
            )


def _attention(figures: Sequence[Figures], insight: Insight) -> Iterator[Highlight]:
    table = insight.attention
    if table.empty:
        return
    kinds = {plural(one.kind): one.kind for one in figures}
    for which in (WORSE, BETTER):
        mine = table[(table["list"] == which) & (table["areas"] == next(iter(kinds)))]
        for row in mine.head(MOST_HIGHLIGHTS // 2).itertuples():
            yield Highlight(
                f"{row.indicator} in {row.area_name}: {which}.",
                kinds[str(row.areas)], str(row.area_code), str(row.topic), str(row.indicator),
            )  # fmt: skip


def _signals(figures: Figures, insight: Insight) -> Iterator[Highlight]:
    """Name the series whose latest month is out of the ordinary."""
    if insight.months.empty:
        return
    last = insight.months["month"].max()
    rows = insight.months[(insight.months["month"] == last) & insight.months["signal"].notna()]
    topics = figures.figures.drop_duplicates("indicator").set_index("indicator")["topic"]
    for row in rows.head(MOST_HIGHLIGHTS).itertuples():
        yield Highlight(
            f"{row.indicator} in {within_words(str(row.area_name))}: {month_words(last)} is out of"
            f" the ordinary ({signal_words(str(row.signal))}).",
            figures.kind,
            str(row.area_code),
            str(topics.get(row.indicator, "")),
            str(row.indicator),
        )


def _strategy(card: pd.DataFrame) -> Panel:
    """Set out the scorecard as a table, and sum it up."""
    found = card["status"].value_counts()
    told = ", ".join(f"{number} {status}" for status, number in found.items())

    def figure(value: object, unit: object) -> str:
        number = pd.to_numeric(pd.Series([value]), errors="coerce").iloc[0]
        if pd.isna(number):
            return "–"
        decimals = words_of.decimals_of([float(number)])
        if abs(number) >= 1:
            decimals = min(decimals, 1)  # as the sentences beside it say it
        text = words_of.number(float(number), decimals)
        return words_of.with_unit(text, "" if pd.isna(unit) else str(unit))

    def column(heading: str, cells: Sequence[str], *, numeric: bool = False) -> Column:
        return Column(heading, numeric, tuple(words_of.clean(one) for one in cells))

    def texts(name: str) -> list[str]:
        return ["" if pd.isna(one) else str(one) for one in card[name]]

    units = card["unit"]
    latest = [figure(*pair) for pair in zip(card["latest"], units, strict=True)]
    targets = [
        figure(value, unit) + (f" by {spell_months(by)}" if isinstance(by, str) and by else "")
        for value, unit, by in zip(card["target"], units, card["target_date"], strict=True)
    ]
    table = Table(
        caption="The strategy's measures",
        first="Measure",
        names=tuple(words_of.clean(one) for one in card["measure"]),
        codes=tuple(words_of.clean(one) for one in card["id"]),
        columns=(
            column("Priority", texts("priority")),
            column("Status", texts("status")),
            column("Latest", latest, numeric=True),
            column("Period", [spell_months(one) for one in texts("latest_period")]),
            column("Target", targets, numeric=True),
            column("What shows it", texts("evidence")),
        ),
    )
    lead = (
        f"Of {len(card)} measures: {told}. Each is tested by itself; where its months vary more"
        " than chance its limits are wider than those of the same change above."
    )
    return Panel("Strategy", lead=lead, table=table)

"""Summary: the few plain sentences that a run ends with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.areas.locate import locate_points
from geoprofiles.frames import Areas
from geoprofiles.hotspots.standing import NEW, STANDING, UNSURE
from geoprofiles.indicators.attention import WORSE
from geoprofiles.indicators.control import ABOVE, BELOW
from geoprofiles.pipeline.concentration import Concentration
from geoprofiles.pipeline.figures import Figures, summary_rows
from geoprofiles.pipeline.insight import Insight
from geoprofiles.pipeline.material import Material
from geoprofiles.settings import Project
from geoprofiles.words import listed, month_words, plural


def counted(material: Material) -> dict[str, Any]:
    """Say for each source and kind how many rows ended where; they add up to the rows read."""
    ended: dict[str, Any] = {}
    for (source, areas), rows in material.fates.groupby(["source", "areas"], sort=False):
        fates = rows.groupby("fate", sort=False)["rows"].sum()
        entry = {"rows read": material.tallied[str(source)].rows}
        entry |= {str(fate): int(number) for fate, number in fates.items()}
        ended.setdefault(str(source), {})[str(areas)] = entry
    return ended


def _change_lines(kind: str, changes: dict[str, Any]) -> list[str]:
    """Say what has changed beyond chance, the surest first, and out of how many looked at."""
    lines = []
    for source, table in changes.items():
        found = table[table["verdict"].isin(["more", "fewer"])]
        before, after = table.attrs["periods"]
        told = [
            f"{row.category} in {row.area_name} ({row.before:,} to {row.after:,})"
            for row in found.head(3).itertuples()
        ]
        lines.append(
            f"{source}, {plural(kind)}, {after} against {before}: {len(found):,} of"
            f" {len(table):,} changes are more than chance"
            + (f"; the surest: {listed(told)}." if told else ".")
        )
    return lines


def _insight_lines(insight: Insight) -> list[str]:
    """Say what is worse and getting worse, and what the latest month signals."""
    lines = []
    attention = insight.attention
    if len(attention):
        kind = attention["areas"].iloc[0]
        worse = attention[(attention["list"] == WORSE) & (attention["areas"] == kind)]
        stands = worse[worse["stands_out"].astype(bool)]
        told = [f"{row.indicator} in {row.area_name}" for row in stands.head(3).itertuples()]
        lines.append(
            f"Worse than the rest and getting worse, {kind}: {len(stands)}"
            f" figure{'s' * (len(stands) != 1)} by more than {kind} differ anyway"
            + (f" ({listed(told)})" if told else "")
            + f", {len(worse) - len(stands)} as they differ anyway."
        )
    if len(insight.months):
        latest = insight.months["month"] == insight.months["month"].max()
        raised = insight.months[latest & insight.months["signal"].notna()]
        told = [
            f"{row.indicator} in {within_words(str(row.area_name))}"
            f" ({signal_words(str(row.signal))})"
            for row in raised.itertuples()
        ]
        of = f"{int(latest.sum())} series"
        lines.append(
            f"Out of the ordinary in {month_words(insight.months['month'].max())}: {len(told)} of"
            f" {of}" + (f": {listed(told, most=4)}." if told else ".")
        )
    return lines


def within_words(area: str) -> str:
    """Name an area within a sentence: all areas together begin small."""
    return re.sub(r"^All (?=.* together$)", "all ", area)


def signal_words(signal: str) -> str:
    """Say why a month is out of the ordinary."""
    return f"{signal} its limits" if signal in (ABOVE, BELOW) else signal


def summary_of(
    project: Project,
    material: Material,
    figures: Sequence[Figures],
    concentrations: Sequence[Concentration],
    insight: Insight,
    card: pd.DataFrame,
) -> list[str]:
    """Say what came out, in the order in which a reader asks."""
    lines = [project.title]
    for source, kinds in counted(material).items():
        entry = next(iter(kinds.values()))
        rest = [f"{number:,} {fate}" for fate, number in entry.items() if fate != "rows read"]
        lines.append(f"{source}: {entry['rows read']:,} rows read: {listed(rest)}.")
    for one in figures:
        name = one.rates[0]
        rows = [row for row in summary_rows(one, name) if row["value"] == row["value"]][:3]
        if rows:
            tops = [f"{row['area_name']} ({row['value']:,.1f})" for row in rows]
            lines.append(
                f"{name}, {rows[0]['unit']}, {rows[0]['period']}: highest of"
                f" {rows[0]['ranked']:.0f} {plural(one.kind)}: {listed(tops)}."
            )
    if figures:
        lines.extend(_change_lines(figures[0].kind, figures[0].changes))
    lines.extend(_insight_lines(insight))
    if len(card):
        found = [f"{number} {status}" for status, number in card["status"].value_counts().items()]
        lines.append(f"Strategy: of {len(card)} measures {listed(found, most=8)}.")
    lines.extend(_hotspot_lines(concentrations, next(iter(material.areas.values()))))
    return lines


def _hotspot_lines(concentrations: Sequence[Concentration], areas: Areas) -> list[str]:
    return [" ".join(hotspot_sentences(one, areas)) for one in concentrations]


def hotspot_sentences(one: Concentration, areas: Areas) -> list[str]:
    """Say of one question where its clusters are, how sure that is, and how they changed."""
    name, clusters = one.hotspot.name, one.clusters
    if clusters.empty:
        return [f"{name}: no place is dense enough to be a cluster."]
    sure = clusters[clusters["significant"].astype(bool)]
    null = str(clusters.attrs["null"]).partition(" drawn by ")[2]
    number = len(clusters)
    if sure.empty:
        told = "the one cluster may be chance"
        if number > 1:
            told = f"none of {number} clusters is beyond chance"
        return [f"{name}: {told}, held against {null}.", *_gone(one)]
    share, ground = float(sure["share"].sum()), float(sure["area_km2"].sum())
    size = f" on {ground:.1f} km²" if ground > 0 else ""
    one_only = len(sure) == 1
    others = number - len(sure)
    rest = f"; {others} more may be chance" if others else ""
    first = sure.sort_values(["p", "ratio"], ascending=[True, False], kind="stable").iloc[0]
    at = first.geometry.representative_point()
    ward = locate_points(np.array([at.x]), np.array([at.y]), areas)[0]
    place = f", in {areas['area_name'].iloc[ward]}," if ward >= 0 else ""
    return [
        f"{name}: {len(sure)} cluster{' is' if one_only else 's are'} beyond chance and"
        f" hold{'s' if one_only else ''} {share:.0%} of incidents{size}, held against"
        f" {null}{rest}.",
        f"The one that stands out most{place} has {first['count']:,} where {first['expected']:,.0f}"
        f" would be expected (p {first['p']:.3f}).",
        *_standing(sure["status"].value_counts(), one.earlier.words if one.earlier else ""),
        *_gone(one),
    ]


STANDINGS = {
    # status: of one cluster alone, and of several
    STANDING: ("It stood there in {earlier} too.", "stood then"),
    NEW: ("It is new: it was not there in {earlier}.", "not there then and new"),
    UNSURE: (
        "It was not found in {earlier}, and the rise may be chance.",
        "not found then, with a rise that may be chance",
    ),
}


def _standing(held: pd.Series, earlier: str) -> list[str]:
    known = {status: words for status, words in STANDINGS.items() if status in held}
    if held.sum() == 1:
        return [alone.format(earlier=earlier) for alone, _ in known.values()]
    told = [f"{held[status]} {several}" for status, (_, several) in known.items()]
    return [f"Beside {earlier}: {listed(told)}."] if told else []


def _gone(one: Concentration) -> list[str]:
    number = len(one.gone)
    if not number or one.earlier is None:
        return []
    was = "1 cluster" if number == 1 else f"{number} clusters"
    return [f"{was} of {one.earlier.words} can no longer be found."]

"""Tables of an area's page: every figure by topic, changes, and hot spots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd

from geoprofiles.model import Profile
from geoprofiles.narrative import signed
from geoprofiles.publish.charts.frame import Chart, literal
from geoprofiles.publish.charts.render import render_svg
from geoprofiles.publish.profiles.common import (
    NOT_KNOWN,
    Figure,
    Lines,
    anchor,
    isolated,
    limits,
    number,
    rank_of,
    tag,
    unit_words,
)
from geoprofiles.publish.spark import draw_spark
from geoprofiles.words import places_of, plural

ONE_PERIOD = "only one period"

SUMS = ("Student's limits", "Dobson's limits, weighted by harm", "ratio", "as given")
"""Methods whose numerator is a sum of values: no count of anything."""


def write_topics(
    profile: Profile, topics: list[str], spines: Sequence[Chart], key: Chart | None
) -> Lines:
    """Write each topic: its lines of the spine chart, and the figures behind."""
    kinds = escape(plural(profile.kind))
    past: dict[str, pd.DataFrame] = {}
    if profile.history is not None:
        past = {str(name): rows for name, rows in profile.history.groupby("indicator", sort=False)}
    areas = profile.figures["ranked"].max()
    areas = 0 if pd.isna(areas) else int(areas)
    drawn = dict(zip([one.title for one in spines], spines, strict=True))
    yield '<section id="figures" tabindex="-1" aria-labelledby="all">'
    yield '<h2 id="all">Every figure, by topic</h2>'
    yield (
        f'<p class="note">A rank of 1 is the highest of all {kinds}, whether that is good or bad.'
        " “Better” and “worse” are said only where a difference is beyond chance and beyond how"
        f" much {kinds} differ anyway; “as areas differ anyway” follows one that is beyond chance"
        " and no more than usual.</p>"
    )
    if len(topics) > 1:
        yield '<nav class="topics" aria-label="Topics"><ul>'
        for topic in topics:
            yield f'<li><a href="#{anchor(topic, topics)}">{isolated(topic)}</a></li>'
        yield "</ul></nav>"
    if spines and key is not None:
        name = isolated(profile.area_name)
        yield f'<p class="note">In each chart a line is a figure of {name}, on a scale of its own:'
        yield f" its middle is the figure of all {kinds} together.</p>"
        yield '<div class="chart key" role="region" tabindex="0" aria-label="Key of the charts">'
        yield f"{render_svg(key)}</div>"
    for topic, rows in profile.figures.groupby("topic", sort=False):
        chart = drawn.get(literal(str(topic)))
        yield from _topic(profile, str(topic), rows, anchor(topic, topics), chart, past, areas)
    yield "</section>"


def _topic(
    profile: Profile,
    topic: str,
    rows: pd.DataFrame,
    name: str,
    chart: Chart | None,
    past: Mapping[str, pd.DataFrame],
    areas: int,
) -> Lines:
    national = "national" in rows and bool(rows["national"].notna().any())
    heads = ["Value", "95% limits", "Count", f"All {plural(profile.kind)}"]
    heads += [profile.nation or "Nation"] if national else []
    heads += ["Rank", "Against the rest", "Over time"]
    yield f'<h3 class="topic" id="{name}" tabindex="-1">{isolated(topic)}</h3>'
    if chart is not None:
        yield f'<div class="chart spine" role="region" tabindex="0" aria-labelledby="{name}">'
        yield f"{render_svg(chart)}</div>"
    yield f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{name}-table">'
    yield "<table>"
    yield f'<caption id="{name}-table"><span>Figures: {isolated(topic)}</span></caption>'
    yield '<thead><tr><th scope="col">Indicator</th>'
    for head in heads:
        numeric = ' class="n"' if head not in {"Against the rest", "Over time"} else ""
        yield f'<th scope="col"{numeric}>{isolated(head)}</th>'
    yield "</tr></thead><tbody>"
    for row in rows.to_dict("records"):
        yield "".join(_figure_row(row, past, areas, national=national))
    yield "</tbody></table></div>"


def _figure_row(
    row: Figure, past: Mapping[str, pd.DataFrame], areas: int, *, national: bool
) -> Lines:
    decimals = places_of(float(row["value"]), float(row["whole"]))
    unit = str(row["unit"])
    counted = pd.notna(row["count"]) and row["method"] not in SUMS
    count = f"{row['count']:,.0f}" if counted else NOT_KNOWN
    yield f'<tr><th scope="row">{isolated(row["indicator"])}'
    yield f"<small>{isolated(unit_words(row))}</small></th>"
    yield f'<td class="n"><strong>{number(row["value"], decimals, unit)}</strong></td>'
    yield f'<td class="n">{escape(limits(row, decimals))}</td><td class="n">{count}</td>'
    yield f'<td class="n">{number(row["whole"], decimals, unit)}</td>'
    if national:
        yield f'<td class="n">{number(row["national"], decimals, unit)}</td>'
    yield f'<td class="n">{escape(rank_of(row)) or NOT_KNOWN}</td><td>{tag(row)}'
    for note in _row_notes(row, areas):
        yield f"<small>{escape(note)}</small>"
    yield f"</td><td>{_over_time(row, past)}</td></tr>"


def _row_notes(row: Figure, areas: int) -> list[str]:
    notes = []
    if pd.isna(row["value"]):
        notes.append(str(row["method"]))
    elif row.get("reliability"):
        notes.append(str(row["reliability"]))
    share = row.get("estimated", 0.0)
    if pd.notna(share) and share > 0 and pd.notna(row["value"]):
        part = f"{share:.0%}" if share >= 0.01 else "under 1%"
        notes.append(f"partly estimated: {part} is from smaller areas that lie across its border")
    if row["ranked"] < areas and pd.notna(row["whole"]):
        notes.append(f"known for {row['ranked']} of {areas} areas")
    if row.get("changes_side") is True and pd.notna(row.get("whole_without")):
        notes.append("on the other side of the average without the area that carries it")
    return notes


def _over_time(row: Figure, past: Mapping[str, pd.DataFrame]) -> str:
    trend = row.get("trend")
    told = "" if pd.isna(trend) else str(trend)
    if told == "cannot be calculated":
        reason = row.get("trend_reason")
        told = f"no trend can be told: {reason}" if pd.notna(reason) and reason else told
        if reason == ONE_PERIOD:  # nothing could be expected: it need not be said
            told = ""
    spark = draw_spark(past[row["indicator"]]) if row["indicator"] in past else ""
    return f"{spark}<small>{escape(told)}</small>"


def write_changes(profile: Profile) -> Lines:
    """Write the counts of incidents beside those of a year before."""
    if "change_before" not in profile.figures:
        return
    rows = profile.figures[profile.figures["change_before"].notna()]
    if rows.empty:
        return
    yield '<section aria-labelledby="changed"><h2 id="changed">Since a year before</h2>'
    yield '<div class="scroll" role="region" tabindex="0" aria-labelledby="counts"><table>'
    yield '<caption id="counts"><span>Incidents counted, and the year before</span></caption>'
    yield '<thead><tr><th scope="col">Incidents</th><th scope="col" class="n">Before</th>'
    yield '<th scope="col" class="n">After</th><th scope="col" class="n">Change</th>'
    yield '<th scope="col" class="n">95% limits</th><th scope="col">Verdict</th></tr></thead>'
    yield "<tbody>"
    for row in rows.sort_values("change_q").itertuples():
        change, between = NOT_KNOWN, NOT_KNOWN
        if pd.notna(row.change_percent):
            change = signed(row.change_percent)
            between = f"{signed(row.change_lower)} to {signed(row.change_upper)}"
        yield f'<tr><th scope="row">{isolated(row.indicator)}</th>'
        yield f'<td class="n">{row.change_before:,.0f}</td>'
        yield f'<td class="n">{row.change_after:,.0f}</td><td class="n">{change}</td>'
        yield f'<td class="n">{between}</td>'
        yield f'<td class="said">{escape(str(row.change_verdict))}</td></tr>'
    yield "</tbody></table></div></section>"


def write_hotspots(profile: Profile) -> Lines:
    """Write the clusters that reach into the area."""
    spots = profile.hotspots
    if spots is None:
        return
    yield '<section aria-labelledby="spots"><h2 id="spots">Hot spots here</h2>'
    tested = {"expected", "p", "status"} <= set(spots.columns)
    if tested:
        yield '<p class="note">Places where incidents concentrate, held against random draws of as'
        yield "many incidents from what is at risk. What may be chance is said.</p>"
    else:
        yield '<p class="note">Places where incidents concentrate. They are not tested against'
        yield "chance or against the people, homes or premises at risk.</p>"
    if spots.empty:
        yield f"<p>No cluster of incidents reaches into this {escape(profile.kind)}.</p></section>"
        return
    mapped = "geometry" in spots
    yield '<div class="scroll" role="region" tabindex="0" aria-labelledby="clusters"><table>'
    yield '<caption id="clusters"><span>Clusters that reach into this'
    yield f" {escape(profile.kind)}</span></caption>"
    yield '<thead><tr><th scope="col" class="n">On the map</th>' if mapped else "<thead><tr>"
    yield '<th scope="col">Cluster</th><th scope="col" class="n">Incidents</th>'
    if tested:
        yield '<th scope="col" class="n">Expected</th><th scope="col" class="n">p</th>'
        yield '<th scope="col">Standing</th>'
    yield '<th scope="col" class="n">Distinct places</th>'
    yield f'<th scope="col" class="n">Part of its ground in this {escape(profile.kind)}</th>'
    yield "</tr></thead><tbody>"
    for place, row in enumerate(spots.itertuples(), 1):
        yield f'<tr><td class="n">{place}</td>' if mapped else "<tr>"
        yield f'<th scope="row">{isolated(row.label)}</th>'
        yield f'<td class="n">{row.count:,.0f}</td>'
        if tested:
            yield f'<td class="n">{row.expected:,.0f}</td><td class="n">{row.p:.3f}</td>'
            yield f'<td class="said">{escape(str(row.status))}</td>'
        yield f'<td class="n">{row.places:,.0f}</td>'
        yield f'<td class="n">{row.inside:.0%}</td></tr>'
    yield "</tbody></table></div></section>"

"""The page of one area: its figures, charts and sentences, to be read, printed or embedded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from geoprofiles.model import Profile, Source
from geoprofiles.narrative import rank_words, signed
from geoprofiles.publish import figures as words_of
from geoprofiles.publish.assets import asset
from geoprofiles.publish.charts.frame import Chart
from geoprofiles.publish.charts.render import render_svg
from geoprofiles.publish.document import Document
from geoprofiles.publish.spark import draw_spark
from geoprofiles.publish.style import tokens_css
from geoprofiles.words import listed, places_of, plural

Lines = Iterator[str]
Charts = Mapping[str, Chart | Sequence[Chart]]

ONE_PERIOD = "only one period"
NOT_KNOWN = "–"
"""In a cell without a figure; what it means stands beside it."""

SUMS = ("Student's limits", "Dobson's limits, weighted by harm", "ratio", "as given")
"""Methods whose numerator is a sum of values: no count of anything."""

FORMS = ("spine", "months", "people")
"""Charts that a page has a place for, in its order."""


def profile_document(
    profile: Profile,
    *,
    title: str,
    charts: Charts | None = None,
    headline: Sequence[str] = (),
    notes: Sequence[str] = (),
    sources: Sequence[Source] = (),
    links: Mapping[str, str] | None = None,
) -> Document:
    """Put together what the page of one area is made of, which runs no script.

    Parameters
    ----------
    profile : Profile
        As :func:`geoprofiles.build_profile` returns it.
    title : str
        Of the whole set of profiles: ``"Port Averley: community safety profile"``.
    charts : mapping of str to Chart, optional
        ``"spine"``, ``"months"`` and ``"people"``, whichever there are; one chart or several.
    headline : sequence of str
        Names of the indicators to set at the top, in order; the first six where none is named.
    notes, sources : sequences
        Sentences on method and limits, and where data come from.
    links : mapping of str to str, optional
        Name of an area, or ``"all"`` for the list of all, to the address of its page.

    Returns
    -------
    Document
        For :func:`geoprofiles.render_page`, :func:`geoprofiles.render_folder` and
        :func:`geoprofiles.render_fragment`; the same for the same profile.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> figures = pd.DataFrame({"area_code": ["A", "B"], "area_name": ["Mill", "Quay"],
    ...     "topic": "Incidents", "indicator": "Theft", "period": "June 2026",
    ...     "unit": "per 1,000 residents", "value": [4.0, 2.0], "lower": [1.1, 0.2],
    ...     "upper": [10.2, 7.2], "count": [4, 2], "denominator": 1000.0, "whole": 3.0,
    ...     "difference": [1.0, -1.0], "rank": [1, 2], "ranked": 2, "polarity": "high is bad",
    ...     "method": "exact Poisson limits", "source": "police"})
    >>> counts = pd.DataFrame({"area_code": ["A"], "month": [pd.Timestamp("2026-06-01")],
    ...     "category": ["Theft"], "count": [4]})
    >>> profile = geoprofiles.build_profile("A", figures=figures, counts=counts, kind="ward")
    >>> page = geoprofiles.profile_document(profile, title="Town")
    >>> page.title, "<h1" in page.body, "<script" in page.body
    ('Mill: Town', True, False)
    """
    body = _body(profile, title, charts or {}, headline, notes, sources, links or {})
    return plain_document(words_of.clean(profile.area_name), title, body)


def plain_document(heading: str, title: str, body: Iterable[str]) -> Document:
    """Put together a page without a script."""
    style = tokens_css() + asset("profile.css")
    whole = f"{heading}: {words_of.clean(title)}"
    return Document(whole, "\n".join(body), (style,))


def _body(
    profile: Profile,
    title: str,
    charts: Charts,
    headline: Sequence[str],
    notes: Sequence[str],
    sources: Sequence[Source],
    links: Mapping[str, str],
) -> Lines:
    kind = words_of.clean(profile.kind)
    yield '<nav class="skips" aria-label="Skip"><a href="#figures">Skip to all figures</a></nav>'
    yield f'<header><p class="kicker"><bdi>{escape(words_of.clean(title))}</bdi></p>'
    yield f'<h1 dir="auto">{escape(words_of.clean(profile.area_name))}</h1>'
    yield (
        f'<p class="subtitle">{escape(kind[:1].upper() + kind[1:])}'
        f" {escape(words_of.clean(profile.area_code))}. Figures of incidents are of"
        f" {escape(profile.period)}.</p>"
    )
    if "all" in links:
        yield f'<p><a href="{escape(links["all"])}">All {escape(plural(kind))}</a></p>'
    yield "</header>\n<main>"
    yield from _standing_out(profile)
    yield from _headline(profile, headline)
    for form in FORMS:
        if form in charts:
            made = charts[form]
            for chart in [made] if isinstance(made, Chart) else made:
                yield f'<section class="chart {form}" role="region" tabindex="0"'
                yield f' aria-label="{escape(chart.title)}">{render_svg(chart)}</section>'
    yield from _all_figures(profile)
    yield from _changes(profile)
    yield from _hotspots(profile)
    yield from _neighbours(profile, links)
    yield "</main>\n<footer>"
    yield from _notes(profile, notes)
    if sources:
        yield "<h2>Sources</h2><ul>"
        for one in sources:
            told = ". ".join(filter(None, (one.name, one.licence, one.attribution)))
            yield f"<li><bdi>{escape(words_of.clean(told))}</bdi></li>"
        yield "</ul>"
    yield "</footer>"


def _standing_out(profile: Profile) -> Lines:
    if not profile.headlines:
        return
    yield '<section aria-labelledby="out"><h2 id="out">What stands out, and what changed</h2>'
    changed = profile.figures.get("change_before")
    compared = changed is not None and changed.notna().any()
    told = "Only what passed its test is named here."
    if not compared:
        told += " There are no months of the year before, so no change was tested."
    yield f'<p class="note">{told}</p><ul class="findings">'
    yield from (f"<li><bdi>{escape(one)}</bdi></li>" for one in profile.headlines)
    yield "</ul></section>"


MOST_CARDS = 6


def _headline(profile: Profile, wanted: Sequence[str]) -> Lines:
    table = profile.figures.drop_duplicates("indicator").set_index("indicator")
    names = [name for name in wanted if name in table.index] or list(table.index[:MOST_CARDS])
    yield '<section aria-labelledby="head"><h2 id="head">Headline figures</h2><ul class="cards">'
    for name in names:
        row = table.loc[name]
        decimals = places_of(float(row["value"]), float(row["whole"]))
        yield f'<li><h3><bdi>{escape(str(name))}</bdi></h3><p class="big">'
        yield f"{_number(row['value'], decimals, str(row['unit']))}</p>"
        yield f'<p class="note"><bdi>{escape(_unit_words(row))}</bdi></p><dl>'
        yield f"<div><dt>All {escape(plural(profile.kind))}</dt>"
        yield f"<dd>{_number(row['whole'], decimals, str(row['unit']))}</dd></div>"
        if pd.notna(row.get("national")):
            yield f"<div><dt><bdi>{escape(profile.nation or 'Nation')}</bdi></dt>"
            yield f"<dd>{_number(row['national'], decimals, str(row['unit']))}</dd></div>"
        if rank := _rank(row):
            yield f'<div class="rank"><dt>Rank</dt><dd>{escape(rank)}</dd></div>'
        yield "</dl>"
        yield f"<p>{_tag(row)}{_changed_words(row)}</p></li>"
    yield "</ul></section>"


def _unit_words(row: pd.Series) -> str:
    unit = words_of.short_unit(row["unit"])
    told = unit if len(unit) > 2 else ""
    return ", ".join(filter(None, (told, str(row["period"]))))


def _rank(row: pd.Series) -> str:
    return rank_words(row["rank"], row.get("rank_lower"), row.get("rank_upper"), row["ranked"])


def _number(value: Any, decimals: int, unit: str = "") -> str:
    if pd.isna(value):
        return NOT_KNOWN
    text = words_of.number(float(value), decimals)
    return escape(_signed(text, unit))


def _signed(text: str, unit: str) -> str:
    """Put a sign such as % or £ at a number; longer units stand elsewhere."""
    if len(unit) > 2:
        return text
    return f"{unit}{text}" if unit in {"£", "€", "$"} else words_of.with_unit(text, unit)


def _tag(row: pd.Series) -> str:
    said = row.get("significance")
    said = "not tested" if pd.isna(said) or not said else str(said)
    if pd.isna(row["value"]):
        said = "no figure"
    return f'<span class="tag {said.split()[0]}">{escape(said)}</span>'


def _changed_words(row: pd.Series) -> str:
    said = row.get("change_verdict")
    if said not in {"more", "fewer"} or pd.isna(row.get("change_percent")):
        return ""
    return f" {escape(str(said))} than a year before ({signed(row['change_percent'])})"


def _all_figures(profile: Profile) -> Lines:
    kinds = escape(plural(profile.kind))
    past: dict[str, pd.DataFrame] = {}
    if profile.history is not None:
        past = {str(name): rows for name, rows in profile.history.groupby("indicator", sort=False)}
    areas = int(profile.figures["ranked"].max())
    yield '<section id="figures" tabindex="-1" aria-labelledby="all"><h2 id="all">Every figure</h2>'
    yield (
        f'<p class="note">A rank of 1 is the highest of all {kinds}, whether that is good or bad.'
        " “Better” and “worse” are said only where a difference is beyond chance and beyond how"
        f" much {kinds} differ anyway; “as areas differ anyway” follows one that is beyond chance"
        " and no more than usual.</p>"
    )
    for place, (topic, rows) in enumerate(profile.figures.groupby("topic", sort=False)):
        national = "national" in rows and bool(rows["national"].notna().any())
        heads = ["Value", "95% limits", "Count", f"All {plural(profile.kind)}"]
        heads += [profile.nation or "Nation"] if national else []
        heads += ["Rank", "Against the rest", "Over time"]
        yield (
            f'<div class="scroll" role="region" tabindex="0" aria-labelledby="t{place}">'
            f'<table><caption id="t{place}"><bdi>{escape(str(topic))}</bdi></caption>'
            '<thead><tr><th scope="col">Indicator</th>'
        )
        for head in heads:
            numeric = ' class="n"' if head not in {"Against the rest", "Over time"} else ""
            yield f'<th scope="col"{numeric}><bdi>{escape(head)}</bdi></th>'
        yield "</tr></thead><tbody>"
        for _, row in rows.iterrows():
            yield from _figure_row(row, past, areas, national=national)
        yield "</tbody></table></div>"
    yield "</section>"


def _figure_row(
    row: pd.Series, past: Mapping[str, pd.DataFrame], areas: int, *, national: bool
) -> Lines:
    decimals = places_of(float(row["value"]), float(row["whole"]))
    unit = str(row["unit"])
    limits = NOT_KNOWN
    if pd.notna(row["lower"]):
        low, high = (words_of.number(float(row[end]), decimals) for end in ("lower", "upper"))
        limits = f"{low} to {high}"
    counted = pd.notna(row["count"]) and row["method"] not in SUMS
    count = f"{row['count']:,.0f}" if counted else NOT_KNOWN
    yield f'<tr><th scope="row"><bdi>{escape(str(row["indicator"]))}</bdi>'
    yield f"<small><bdi>{escape(_unit_words(row))}</bdi></small></th>"
    yield f'<td class="n"><strong>{_number(row["value"], decimals, unit)}</strong></td>'
    yield f'<td class="n">{escape(limits)}</td><td class="n">{count}</td>'
    yield f'<td class="n">{_number(row["whole"], decimals, unit)}</td>'
    if national:
        yield f'<td class="n">{_number(row["national"], decimals, unit)}</td>'
    yield f'<td class="n">{escape(_rank(row)) or NOT_KNOWN}</td><td>{_tag(row)}'
    for note in _row_notes(row, areas):
        yield f"<small>{escape(note)}</small>"
    yield f"</td><td>{_over_time(row, past)}</td></tr>"


def _row_notes(row: pd.Series, areas: int) -> list[str]:
    notes = []
    if pd.isna(row["value"]):
        notes.append(str(row["method"]))
    elif row.get("reliability"):
        notes.append(str(row["reliability"]))
    share = row.get("estimated")
    if pd.notna(share) and share > 0 and pd.notna(row["value"]):
        part = f"{share:.0%}" if share >= 0.01 else "under 1%"
        notes.append(f"partly estimated: {part} is from smaller areas that lie across its border")
    if row["ranked"] < areas and pd.notna(row["whole"]):
        notes.append(f"known for {row['ranked']} of {areas} areas")
    if row.get("changes_side") is True and pd.notna(row.get("whole_without")):
        notes.append("on the other side of the average without the area that carries it")
    return notes


def _over_time(row: pd.Series, past: Mapping[str, pd.DataFrame]) -> str:
    trend = row.get("trend")
    told = "" if pd.isna(trend) else str(trend)
    if told == "cannot be calculated":
        reason = row.get("trend_reason")
        told += f": {reason}" if pd.notna(reason) and reason else ""
        if reason == ONE_PERIOD:  # nothing could be expected: it need not be said
            told = ""
    spark = draw_spark(past[row["indicator"]]) if row["indicator"] in past else ""
    return f"{spark}<small>{escape(told)}</small>"


def _changes(profile: Profile) -> Lines:
    if "change_before" not in profile.figures:
        return
    rows = profile.figures[profile.figures["change_before"].notna()]
    if rows.empty:
        return
    yield '<section aria-labelledby="changed"><h2 id="changed">Since a year before</h2>'
    yield '<div class="scroll" role="region" tabindex="0" aria-labelledby="changed"><table>'
    yield '<thead><tr><th scope="col">Incidents</th><th scope="col" class="n">Before</th>'
    yield '<th scope="col" class="n">After</th><th scope="col" class="n">Change</th>'
    yield '<th scope="col" class="n">95% limits</th><th scope="col">Verdict</th></tr></thead>'
    yield "<tbody>"
    for row in rows.sort_values("change_q").itertuples():
        change, limits = NOT_KNOWN, NOT_KNOWN
        if pd.notna(row.change_percent):
            change = signed(row.change_percent)
            limits = f"{signed(row.change_lower)} to {signed(row.change_upper)}"
        yield f'<tr><th scope="row"><bdi>{escape(str(row.indicator))}</bdi></th>'
        yield f'<td class="n">{row.change_before:,.0f}</td>'
        yield f'<td class="n">{row.change_after:,.0f}</td><td class="n">{change}</td>'
        yield f'<td class="n">{limits}</td>'
        yield f'<td class="said">{escape(str(row.change_verdict))}</td></tr>'
    yield "</tbody></table></div></section>"


def _hotspots(profile: Profile) -> Lines:
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
    yield '<div class="scroll" role="region" tabindex="0" aria-labelledby="spots"><table>'
    yield '<thead><tr><th scope="col">Cluster</th><th scope="col" class="n">Incidents</th>'
    if tested:
        yield '<th scope="col" class="n">Expected</th><th scope="col" class="n">p</th>'
        yield '<th scope="col">Standing</th>'
    yield '<th scope="col" class="n">Distinct places</th>'
    yield f'<th scope="col" class="n">Part of its ground in this {escape(profile.kind)}</th>'
    yield "</tr></thead>"
    yield "<tbody>"
    for row in spots.itertuples():
        yield f'<tr><th scope="row"><bdi>{escape(str(row.label))}</bdi></th>'
        yield f'<td class="n">{row.count:,.0f}</td>'
        if tested:
            yield f'<td class="n">{row.expected:,.0f}</td><td class="n">{row.p:.3f}</td>'
            yield f'<td class="said">{escape(str(row.status))}</td>'
        yield f'<td class="n">{row.places:,.0f}</td>'
        yield f'<td class="n">{row.inside:.0%}</td></tr>'
    yield "</tbody></table></div></section>"


def _neighbours(profile: Profile, links: Mapping[str, str]) -> Lines:
    if not profile.neighbours:
        return
    yield '<section aria-labelledby="next"><h2 id="next">Neighbours</h2><p>'
    told = [
        f'<a href="{escape(links[name])}"><bdi>{escape(name)}</bdi></a>'
        if name in links
        else f"<bdi>{escape(name)}</bdi>"
        for name in profile.neighbours
    ]
    yield f"{listed(told, most=20)}.</p></section>"


def _notes(profile: Profile, notes: Sequence[str]) -> Lines:
    yield "<h2>How to read this</h2><ul>"
    yield from (f"<li><bdi>{escape(words_of.clean(note))}</bdi></li>" for note in notes)
    used = profile.figures.drop_duplicates("indicator")[["indicator", "source"]]
    grouped = used.groupby("source", sort=False)["indicator"].agg(list)
    for source, names in grouped.items():
        if str(source).strip():
            told = f"{source}: {listed(list(names), most=200)}."
            yield f"<li><bdi>{escape(words_of.clean(told))}</bdi></li>"
    yield "</ul>"


def index_document(rows: Sequence[tuple[Profile, str]], *, title: str, kind: str) -> Document:
    """Put together the page that leads to all profiles of one kind of area.

    Parameters
    ----------
    rows : sequence of pairs
        Each profile and the address of its page.
    title : str
        Of the set.
    kind : str
        What the areas are, singular.

    Returns
    -------
    Document
        Without a script.

    Examples
    --------
    >>> "<h1" in index_document([], title="Town", kind="ward").body
    True
    """
    heading = f"All {plural(kind)}"
    lines = [
        '<header><p class="kicker"><bdi>' + escape(words_of.clean(title)) + "</bdi></p>",
        f"<h1>{escape(heading)}</h1></header><main>",
        '<div class="scroll" role="region" tabindex="0" aria-label="All areas"><table>',
        f'<thead><tr><th scope="col">{escape(kind[:1].upper() + kind[1:])}</th>',
        '<th scope="col">What stands out, and what changed</th></tr></thead><tbody>',
    ]
    for profile, address in rows:
        found = profile.headlines[:3]
        told = "".join(f"<li><bdi>{escape(one)}</bdi></li>" for one in found)
        more = len(profile.headlines) - len(found)
        told += f"<li>{more} more</li>" if more > 0 else ""
        lines.append(
            f'<tr><th scope="row"><a href="{escape(address)}"><bdi>'
            f"{escape(words_of.clean(profile.area_name))}</bdi></a></th>"
            f'<td><ul class="findings">{told}</ul></td></tr>'
        )
    lines.append("</tbody></table></div></main>")
    return plain_document(heading, title, lines)

"""The page of one area: its figures, charts and sentences, to be read, printed or embedded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from geoprofiles.model import Profile, Source
from geoprofiles.publish import figures as words_of
from geoprofiles.publish.assets import asset
from geoprofiles.publish.charts.frame import Chart
from geoprofiles.publish.charts.render import render_svg
from geoprofiles.publish.document import Document
from geoprofiles.publish.profiles.cards import headline_names, write_cards, write_facts
from geoprofiles.publish.profiles.common import Lines, isolated
from geoprofiles.publish.profiles.findings import summary_sentence, tested, write_findings
from geoprofiles.publish.profiles.locator import Ground
from geoprofiles.publish.profiles.metadata import write_metadata
from geoprofiles.publish.profiles.place import write_place
from geoprofiles.publish.profiles.tables import write_changes, write_hotspots, write_topics
from geoprofiles.publish.style import tokens_css
from geoprofiles.words import listed, plural

Charts = Mapping[str, Chart | Sequence[Chart]]

FORMS = ("months", "people")
"""Charts that a page has a place of its own for, in its order."""


def profile_document(
    profile: Profile,
    *,
    title: str,
    charts: Charts | None = None,
    headline: Sequence[str] = (),
    notes: Sequence[str] = (),
    sources: Sequence[Source] = (),
    links: Mapping[str, str] | None = None,
    ground: Ground | None = None,
) -> Document:
    """Put together what the page of one area is made of, which runs no script.

    Parameters
    ----------
    profile : Profile
        As :func:`geoprofiles.build_profile` returns it.
    title : str
        Of the whole set of profiles: ``"Port Averley: community safety profile"``.
    charts : mapping of str to Chart, optional
        ``"spine"`` (one for each topic, whose title is the topic), ``"months"`` and ``"people"``,
        whichever there are; one chart or several.
    headline : sequence of str
        Names of the indicators to set at the top, in order; the first eight where
        none is named.
    notes, sources : sequences
        Sentences on method and limits, and where data come from.
    links : mapping of str to str, optional
        Name of an area, ``"all"`` for the list of all, or ``"dashboard"``, to the address of its
        page.
    ground : Ground, optional
        Outlines of all areas, for a map of where it lies.

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
    links, charts = links or {}, charts or {}
    spines = _several(charts, "spine")
    topics = [str(one) for one in profile.figures["topic"].drop_duplicates()]
    body = [
        *_header(profile, title, links),
        "<main>",
        f'<p class="told" dir="auto">{escape(words_of.clean(summary_sentence(profile)))}</p>',
        *_contents(profile, charts, ground),
        '<div class="opening">',
        *write_facts(profile),
        *write_place(profile, ground, links),
        "</div>",
        *write_cards(profile, headline_names(profile, headline)),
        *write_findings(profile, topics),
        *_charts(charts),
        *write_topics(profile, topics, spines, next(iter(_several(charts, "key")), None)),
        *write_changes(profile),
        *write_hotspots(profile),
        *write_metadata(profile),
        "</main>\n<footer>",
        *_notes(profile, notes),
        *_sources(sources),
        "</footer>",
    ]
    return plain_document(words_of.clean(profile.area_name), title, body)


def plain_document(heading: str, title: str, body: Iterable[str]) -> Document:
    """Put together a page without a script."""
    style = tokens_css() + asset("profile.css")
    whole = f"{heading}: {words_of.clean(title)}"
    return Document(whole, "\n".join(body), (style,))


def _header(profile: Profile, title: str, links: Mapping[str, str]) -> Lines:
    kind = words_of.clean(profile.kind)
    yield '<nav class="skips" aria-label="Skip"><a href="#figures">Skip to all figures</a></nav>'
    yield f'<header><p class="kicker">{isolated(title)}</p>'
    yield f'<h1 dir="auto">{escape(words_of.clean(profile.area_name))}</h1>'
    yield (
        f'<p class="subtitle">{escape(kind[:1].upper() + kind[1:])}'
        f" {isolated(profile.area_code)}. Figures of incidents are of"
        f" {escape(words_of.clean(profile.period))}.</p>"
    )
    up = {"dashboard": "Dashboard", "all": f"All {plural(kind)}"}
    shown = [
        f'<a href="{escape(links[to])}">{escape(words)}</a>'
        for to, words in up.items()
        if to in links
    ]
    if shown:
        yield f'<p class="links">{" ".join(shown)}</p>'
    yield "</header>"


def _contents(profile: Profile, charts: Charts, ground: Ground | None) -> Lines:
    """Lead to the parts of the page; those that it lacks are not named."""
    changed = profile.figures.get("change_before")
    parts = {
        "where": profile.neighbours or (ground and profile.area_code in ground.areas.index),
        "head": True,
        "out": tested(profile.figures),
        **{form: form in charts for form in FORMS},
        "figures": True,
        "changed": changed is not None and changed.notna().any(),
        "spots": profile.hotspots is not None,
        "what": not profile.figures.empty,
    }
    yield '<nav class="contents" aria-label="Contents"><ul>'
    for part, there in parts.items():
        if there:
            yield f'<li><a href="#{part}">{PARTS[part]}</a></li>'
    yield "</ul></nav>"


PARTS = {
    "where": "Where it lies",
    "head": "Headline figures",
    "out": "What stands out",
    "months": "Month by month",
    "people": "Ages",
    "figures": "Every figure",
    "changed": "Since a year before",
    "spots": "Hot spots",
    "what": "What each figure is",
}


def _several(charts: Charts, form: str) -> Sequence[Chart]:
    made = charts.get(form, ())
    return [made] if isinstance(made, Chart) else made


def _charts(charts: Charts) -> Lines:
    for form in FORMS:
        for place, chart in enumerate(_several(charts, form)):
            name = f' id="{form}"' if place == 0 else ""
            yield f'<section{name} class="chart {form}" role="region" tabindex="0"'
            yield f' aria-label="{escape(chart.title)}">{render_svg(chart)}</section>'


def _notes(profile: Profile, notes: Sequence[str]) -> Lines:
    yield "<h2>How to read this</h2><ul>"
    yield from (f"<li>{isolated(note)}</li>" for note in notes)
    if profile.definitions is None:  # else each stands with its definition
        used = profile.figures.drop_duplicates("indicator")[["indicator", "source"]]
        for source, names in used.groupby("source", sort=False)["indicator"].agg(list).items():
            if str(source).strip():
                yield f"<li>{isolated(f'{source}: {listed(list(names), most=200)}.')}</li>"
    yield "</ul>"


def _sources(sources: Sequence[Source]) -> Lines:
    if not sources:
        return
    yield "<h2>Sources</h2><ul>"
    for one in sources:
        told = ". ".join(filter(None, (one.name, one.licence, one.attribution)))
        yield f"<li>{isolated(told)}</li>"
    yield "</ul>"

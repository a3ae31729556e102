"""The page of one hot-spot question: what was found, where, when, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from geoprofiles.model import Source
from geoprofiles.publish import figures as words_of
from geoprofiles.publish.charts.frame import Chart
from geoprofiles.publish.charts.render import render_svg
from geoprofiles.publish.document import Document
from geoprofiles.publish.profile_page import plain_document
from geoprofiles.words import slug

Lines = Iterator[str]


@dataclass(frozen=True)
class Section:
    """A part of the page: sentences, charts, then a table."""

    heading: str
    sentences: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    table: pd.DataFrame | None = None
    """The first column names the row; all is text as it is to be printed."""
    caption: str = ""
    numeric: Sequence[str] = field(default=())
    """Columns whose cells stand at the right."""
    after: Sequence[str] = ()
    """Quiet sentences on how the figures were made."""


def hotspot_document(
    name: str,
    *,
    title: str,
    subtitle: str,
    findings: Sequence[str],
    sections: Sequence[Section],
    notes: Sequence[str] = (),
    sources: Sequence[Source] = (),
    links: Mapping[str, str] | None = None,
) -> Document:
    """Put together the page of one hot-spot question, which runs no script.

    Parameters
    ----------
    name : str
        Of the question: ``"Commercial burglary"``.
    title : str
        Of the whole set of products.
    subtitle : str
        What is counted, and of when.
    findings : sequence of str
        The few sentences to be read first.
    sections : sequence of Section
        The parts of the page, in order.
    notes, sources : sequences
        Sentences on method and limits, and where data come from.
    links : mapping of str to str, optional
        Words to the address of a page of the same set.

    Returns
    -------
    Document
        The same for the same content.

    Examples
    --------
    >>> page = hotspot_document("Burglary", title="Town", subtitle="2026",
    ...     findings=["None."], sections=[Section("Where", ["Nowhere."])])
    >>> page.title, "<h2" in page.body, "<script" in page.body
    ('Burglary: Town', True, False)
    """
    clean = words_of.clean(name)
    body = _body(clean, title, subtitle, findings, sections, notes, sources, links or {})
    return plain_document(clean, title, body)


def _body(
    name: str,
    title: str,
    subtitle: str,
    findings: Sequence[str],
    sections: Sequence[Section],
    notes: Sequence[str],
    sources: Sequence[Source],
    links: Mapping[str, str],
) -> Lines:
    yield f'<header><p class="kicker"><bdi>{escape(words_of.clean(title))}</bdi></p>'
    yield f'<h1 dir="auto">{escape(name)}</h1>'
    yield f'<p class="subtitle"><bdi>{escape(words_of.clean(subtitle))}</bdi></p>'
    if links:
        shown = (
            f'<a href="{escape(address)}"><bdi>{escape(words_of.clean(words))}</bdi></a>'
            for words, address in links.items()
        )
        yield f'<nav class="links" aria-label="Other pages">{" ".join(shown)}</nav>'
    yield "</header>\n<main>"
    yield '<section aria-labelledby="found"><h2 id="found">What was found</h2>'
    yield '<ul class="findings">'
    yield from (f"<li><bdi>{escape(words_of.clean(one))}</bdi></li>" for one in findings)
    yield "</ul></section>"
    for section in sections:
        yield from _section(section)
    yield "</main>\n<footer>"
    if notes:
        yield "<h2>How to read this</h2><ul>"
        yield from (f"<li><bdi>{escape(words_of.clean(one))}</bdi></li>" for one in notes)
        yield "</ul>"
    if sources:
        yield "<h2>Sources</h2><ul>"
        for source in sources:
            told = ". ".join(filter(None, (source.name, source.licence, source.attribution)))
            yield f"<li><bdi>{escape(words_of.clean(told))}</bdi></li>"
        yield "</ul>"
    yield "</footer>"


def _section(section: Section) -> Lines:
    key = slug(section.heading)
    yield f'<section aria-labelledby="{key}"><h2 id="{key}">{escape(section.heading)}</h2>'
    for one in section.sentences:
        yield f'<p class="told"><bdi>{escape(words_of.clean(one))}</bdi></p>'
    for chart in section.charts:
        label = f'role="region" tabindex="0" aria-label="{escape(chart.title)}"'
        yield f'<div class="chart still" {label}>'
        yield f"{render_svg(chart)}</div>"
    if section.table is not None and len(section.table):
        yield from _table(section, section.table, f"{key}-table")
    for one in section.after:
        yield f'<p class="note"><bdi>{escape(words_of.clean(one))}</bdi></p>'
    yield "</section>"


def _table(section: Section, table: pd.DataFrame, key: str) -> Lines:
    heads = [
        f'<th scope="col"{_side(section, name)}><bdi>{escape(str(name))}</bdi></th>'
        for name in table.columns
    ]
    yield f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{key}">'
    yield '<table class="answer">'
    yield f'<caption id="{key}"><bdi>{escape(section.caption or section.heading)}</bdi></caption>'
    yield f"<thead><tr>{''.join(heads)}</tr></thead><tbody>"
    first, *rest = table.columns
    for row in table.to_dict("records"):
        cells = [
            f"<td{_side(section, name)}><bdi>{escape(words_of.clean(row[name]))}</bdi></td>"
            for name in rest
        ]
        name = escape(words_of.clean(row[first]))
        yield f'<tr><th scope="row"><bdi>{name}</bdi></th>{"".join(cells)}</tr>'
    yield "</tbody></table></div>"


def _side(section: Section, name: object) -> str:
    return ' class="n"' if name in section.numeric else ' class="said"'

"""The page that leads to the pages of all areas of a kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import pandas as pd

from geoprofiles.model import Profile
from geoprofiles.publish import figures as words_of
from geoprofiles.publish.document import Document
from geoprofiles.publish.profile_page import plain_document
from geoprofiles.publish.profiles.cards import headline_names
from geoprofiles.publish.profiles.common import (
    APART,
    MARKS,
    NOT_KNOWN,
    Figure,
    Lines,
    isolated,
    number,
    short_period,
    verdict_of,
)
from geoprofiles.publish.profiles.findings import moves, standing, summary_sentence
from geoprofiles.publish.profiles.locator import Ground, draw_index
from geoprofiles.words import decimals_of, plural

FOUND = 2
"""Changes of each area that the list shows."""

Rows = Sequence[tuple[Profile, str]]


def index_document(
    rows: Rows,
    *,
    title: str,
    kind: str,
    headline: Sequence[str] = (),
    ground: Ground | None = None,
    dashboard: str = "",
) -> Document:
    """Put together the page that leads to all profiles of one kind of area.

    Parameters
    ----------
    rows : sequence of pairs
        Each profile and the address of its page.
    title : str
        Of the set.
    kind : str
        What the areas are, singular.
    headline : sequence of str
        Indicators whose figures stand beside each other; the first eight where none is named.
    ground : Ground, optional
        Outlines of all areas, for a map that leads to each.
    dashboard : str
        Address of the dashboard of the set.

    Returns
    -------
    Document
        Without a script.

    Examples
    --------
    >>> "<h1" in index_document([], title="Town", kind="ward").body
    True
    """
    heading = f"All {plural(words_of.clean(kind))}"
    return plain_document(
        heading, title, _lines(rows, title, heading, kind, headline, ground, dashboard)
    )


def _lines(
    rows: Rows,
    title: str,
    heading: str,
    kind: str,
    headline: Sequence[str],
    ground: Ground | None,
    dashboard: str,
) -> Iterable[str]:
    yield f'<header><p class="kicker">{isolated(title)}</p>'
    yield f"<h1>{escape(heading)}</h1>"
    if dashboard:
        yield '<p class="links">'
        yield f'<a href="{escape(dashboard)}">Dashboard</a></p>'
    yield "</header><main>"
    if not rows:
        yield f"<p>There is no {escape(words_of.clean(kind))} with a figure: no data.</p></main>"
        return
    yield f'<p class="told">{len(rows)} {escape(kind if len(rows) == 1 else plural(kind))};'
    yield " each name leads to its page.</p>"
    if ground is not None:
        links = {one.area_name: address for one, address in rows}
        told = f"Map of all {len(ground.areas)} {plural(kind)}; each leads to its page."
        yield f'<figure class="maps all">{draw_index(ground, links, told=told)}</figure>'
    yield from _figures(rows, kind, headline_names(rows[0][0], headline))
    yield from _found(rows)
    yield "</main>"


def _figures(rows: Rows, kind: str, names: Sequence[str]) -> Lines:
    """Write the headline figures of all areas beside each other."""
    tables = [_by_name(one) for one, _ in rows]
    yield '<section aria-labelledby="side"><h2 id="side">Headline figures side by side</h2>'
    yield (
        '<p class="note">A word stands beside a figure only where it differs from the rest by more'
        f" than {escape(plural(kind))} differ anyway.</p>"
        '<div class="scroll" role="region" tabindex="0" aria-labelledby="each">'
        '<table class="side"><caption id="each"><span>The latest figure of each</span></caption>'
        f'<thead><tr><th scope="col">{escape(kind[:1].upper() + kind[1:])}</th>'
    )
    places = {}
    for name in names:
        known = [one[name] for one in tables if name in one]
        every = [float(one["value"]) for one in known if pd.notna(one["value"])]
        places[name] = decimals_of(every or [0.0])
        told = ", ".join([words_of.short_unit(known[0]["unit"]), short_period(known[0]["period"])])
        yield f'<th scope="col" class="n">{isolated(name)}<small>{isolated(told)}</small></th>'
    yield '<th scope="col" class="n">Worse in<small>of all figures</small></th>'
    yield '<th scope="col" class="n">Better in<small>of all figures</small></th>'
    yield "</tr></thead><tbody>"
    for (profile, address), table in zip(rows, tables, strict=True):
        yield f'<tr><th scope="row"><a href="{escape(address)}">{isolated(profile.area_name)}</a>'
        yield "</th>"
        for name in names:
            yield _cell(table.get(name), places[name])
        sides = standing(profile.figures)["side"].value_counts()
        yield "".join(f'<td class="n">{sides.get(one, 0)}</td>' for one in ("worse", "better"))
        yield "</tr>"
    yield f'</tbody><tfoot><tr><th scope="row">All {escape(plural(kind))}</th>'
    for name in names:
        known = [one[name] for one in tables if name in one and pd.notna(one[name]["whole"])]
        told = number(known[0]["whole"], places[name], str(known[0]["unit"])) if known else ""
        yield f'<td class="n">{told or NOT_KNOWN}</td>'
    yield '<td class="n"></td><td class="n"></td></tr></tfoot></table></div></section>'


def _by_name(profile: Profile) -> dict[str, Figure]:
    rows = profile.figures.drop_duplicates("indicator").to_dict("records")
    return {str(one["indicator"]): one for one in rows}


def _cell(row: Figure | None, places: int) -> str:
    if row is None or pd.isna(row["value"]):
        return f'<td class="n">{words_of.NO_DATA}</td>'
    said = verdict_of(row)
    mark = f"<small>{MARKS[said]}&nbsp;{said}</small>" if said in APART else ""
    return f'<td class="n">{number(row["value"], places, str(row["unit"]))}{mark}</td>'


def _found(rows: Rows) -> Lines:
    """Sum each area up."""
    yield '<section aria-labelledby="out"><h2 id="out">What stands out, and what changed</h2>'
    yield '<ul class="areas">'
    for profile, address in rows:
        moved = list(moves(profile.figures))
        told = "".join(f"<li>{one}</li>" for one in moved[:FOUND])
        more = len(moved) - FOUND
        told += f"<li>{more} more on its page</li>" if more > 0 else ""
        yield f'<li><h3><a href="{escape(address)}">{isolated(profile.area_name)}</a></h3>'
        yield f"<p>{isolated(summary_sentence(profile))}</p>"
        yield f'<ul class="findings">{told}</ul></li>' if told else "</li>"
    yield "</ul></section>"

"""What each figure of a page is: defined, counted, over what, by which method, whose."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from geoprofiles.model import Profile
from geoprofiles.publish import figures as words_of
from geoprofiles.publish.profiles.common import NOT_KNOWN, Figure, Lines, isolated

NEITHER = "is neither"


def write_metadata(profile: Profile) -> Lines:
    """Write the table of what each indicator is, a body for each topic."""
    rows = profile.figures.drop_duplicates("indicator")
    if rows.empty:
        return
    known = profile.definitions
    about: dict[Any, Any] = {}
    if known is not None:
        about = {one["name"]: one for one in reversed(known.to_dict("records"))}
    yield '<section aria-labelledby="what"><h2 id="what">What each figure is</h2>'
    yield (
        '<div class="scroll" role="region" tabindex="0" aria-labelledby="meta">'
        '<table class="meta"><caption id="meta"><span>Every indicator of this page: what it is,'
        " what is counted, over what, by which method, and whose it is</span></caption><thead><tr>"
    )
    for head in ("Indicator", "What it is", "Counted", "Over", "Unit", "Limits", "Period",
                 "A high value", "Source"):  # fmt: skip
        yield f'<th scope="col">{head}</th>'
    yield "</tr></thead>"
    for topic, some in rows.groupby("topic", sort=False):
        yield f'<tbody><tr class="group"><th scope="rowgroup" colspan="9">{isolated(topic)}</th>'
        yield "</tr>"
        for row in some.to_dict("records"):
            yield "".join(_row(row, about.get(row["indicator"], {})))
        yield "</tbody>"
    yield "</table></div></section>"


def _row(row: Figure, defined: Figure) -> Lines:
    over, unit = _text(defined.get("denominator")), words_of.short_unit(row["unit"])
    if not over and " " in unit and unit.startswith("per "):
        over = unit.split(" ", 2)[-1]
        over = over[:1].upper() + over[1:]
    note = _text(defined.get("disclosure"))
    told = _text(defined.get("definition"))
    if note and note != "none":
        told = f"{told} Withheld: {note}.".strip()
    yield f'<tr><th scope="row">{isolated(row["indicator"])}</th>'
    yield f"<td>{_cell(told)}</td><td>{_cell(_text(defined.get('numerator')))}</td>"
    yield f"<td>{_cell(over)}</td><td>{_cell(unit)}</td><td>{_cell(row['method'])}</td>"
    yield f"<td>{_cell(row['period'])}</td><td>{_polarity(row.get('polarity'))}</td>"
    yield f"<td>{_cell(row.get('source'))}</td></tr>"


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else words_of.clean(value)


def _cell(value: Any) -> str:
    text = _text(value)
    return isolated(text) if text else NOT_KNOWN


def _polarity(value: Any) -> str:
    """Say whether a high value is good or bad, to stand under "A high value"."""
    return escape({"high is bad": "is bad", "high is good": "is good"}.get(_text(value), NEITHER))

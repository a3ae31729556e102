"""The head of an area's page: how large it is, and its headline figures as cards."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd

from geoprofiles.model import Profile
from geoprofiles.narrative import signed
from geoprofiles.publish import figures as words_of
from geoprofiles.publish.profiles.common import (
    Figure,
    Lines,
    isolated,
    number,
    number_text,
    rank_of,
    short_period,
    tag,
    unit_words,
)
from geoprofiles.publish.profiles.glyphs import draw_line, draw_strip, draw_tenths
from geoprofiles.words import places_of, plural

MOST_CARDS = 8
"""Cards where the project names no headline figures."""

MOST_IN_ROW = 4

ARROWS = {"more": "↑", "fewer": "↓", "higher": "↑", "lower": "↓"}


def headline_names(profile: Profile, wanted: Sequence[str]) -> list[str]:
    """Return the indicators to set at the head: those wanted that there are, or the first."""
    known = list(profile.figures["indicator"].drop_duplicates())
    return [name for name in wanted if name in known] or known[:MOST_CARDS]


def write_facts(profile: Profile) -> Lines:
    """Write how large the area is."""
    facts = profile.facts
    if facts is None or facts.empty:
        return
    yield '<section aria-labelledby="size"><h2 id="size">The area in figures</h2><dl class="facts">'
    for row in facts.itertuples():
        value = float(row.value)
        decimals = 0 if abs(value) >= 100 or value % 1 == 0 else 1 if abs(value) >= 10 else 2
        yield f"<div><dt>{isolated(row.fact)}</dt><dd>{number(value, decimals, str(row.unit))}"
        yield f" {isolated(row.unit)}" if len(str(row.unit)) > 1 else ""
        yield f"<small>{escape(str(row.told))}</small></dd></div>" if row.told else "</dd></div>"
    yield "</dl></section>"


def row_sizes(cards: int) -> list[int]:
    """Part cards into rows of up to four, as even as can be, so that none is left over.

    Examples
    --------
    >>> row_sizes(7), row_sizes(5), row_sizes(9), row_sizes(1), row_sizes(0)
    ([4, 3], [3, 2], [3, 3, 3], [1], [])
    """
    rows = -(-cards // MOST_IN_ROW)
    return [cards // rows + (place < cards % rows) for place in range(rows)]


def write_cards(profile: Profile, names: Sequence[str]) -> Lines:
    """Write the headline figures."""
    yield '<section aria-labelledby="head"><h2 id="head">Headline figures</h2>'
    if not names:
        yield f"<p>There is no figure of this {escape(profile.kind)}: no data.</p></section>"
        return
    rows = profile.figures.drop_duplicates("indicator").to_dict("records")
    table = {one["indicator"]: one for one in rows}
    among = profile.among or {}
    if any(len(among[one]) > 1 for one in names if one in among):
        kinds = escape(plural(profile.kind))
        yield (
            f'<p class="note">In each strip a thin mark is one of the {kinds}, the round one is'
            f" {isolated(profile.area_name)}, and the tall red line stands for all {kinds}"
            " together. Lines below show the periods there are, in the same colours; they stop"
            " where recording changed.</p>"
        )
    spans = [12 // size for size in row_sizes(len(names)) for _ in range(size)]
    yield '<ul class="cards">'
    for name, span in zip(names, spans, strict=True):
        yield f'<li class="s{span}">'
        yield from _card(profile, name, table[name], among.get(name))
        yield "</li>"
    yield "</ul></section>"


def _card(profile: Profile, name: str, row: Figure, among: pd.DataFrame | None) -> Lines:
    kinds, unit = plural(profile.kind), str(row["unit"])
    decimals = places_of(float(row["value"]), float(row["whole"]))
    value, whole = (number(row[one], decimals, unit) for one in ("value", "whole"))
    known = pd.notna(row["value"])
    yield f'<h3>{isolated(name)}</h3><p class="big">{value if known else words_of.NO_DATA}</p>'
    yield f'<p class="note">{isolated(unit_words(row))}</p>'
    if known and unit == "%" and pd.notna(row["whole"]):
        told = [number_text(row[one], decimals, unit) for one in ("value", "whole")]
        words = f"{told[0]} of 100%; all {kinds} together {told[1]}."
        yield draw_tenths(float(row["value"]), float(row["whole"]), told=words)
    if known and among is not None:
        yield _strip(profile, row, among, decimals)
    yield "<dl>"
    if pd.notna(row["whole"]) or not known:
        yield f"<div><dt>All {escape(kinds)}</dt><dd>{whole}</dd></div>"
    if pd.notna(row.get("national")):
        yield f"<div><dt>{isolated(profile.nation or 'Nation')}</dt>"
        yield f"<dd>{number(row['national'], decimals, unit)}</dd></div>"
    if rank := rank_of(row):
        yield f'<div class="rank"><dt>Rank</dt><dd>{escape(rank)}</dd></div>'
    yield f"</dl><p>{tag(row)}</p>"
    if known and (changed := _change(profile, name, row, decimals)):
        yield f'<p class="change">{changed}</p>'
    if known and among is not None:
        yield _line(profile, name, among, decimals)


def _strip(profile: Profile, row: Figure, among: pd.DataFrame, decimals: int) -> str:
    if row["period"] not in among or among[row["period"]].notna().sum() < 2:
        return ""
    latest = among[row["period"]]
    unit, kinds = str(row["unit"]), plural(profile.kind)
    ends = [number_text(one, decimals, unit) for one in (latest.min(), latest.max())]
    own, whole = (number_text(row[one], decimals, unit) for one in ("value", "whole"))
    told = (
        f"{words_of.clean(profile.area_name)}: {own}. All {kinds} together: {whole}."
        f" {latest.notna().sum()} {kinds} from {ends[0]} to {ends[1]}."
    )
    return draw_strip(
        latest.tolist(), float(row["value"]), float(row["whole"]), ends=(ends[0], ends[1]),
        told=told,
    )  # fmt: skip


def _line(profile: Profile, name: str, among: pd.DataFrame, decimals: int) -> str:
    if profile.area_code not in among.index:
        return ""
    told = "; ".join(
        f"{short_period(str(period))}: {words_of.number(float(value), decimals)}"
        for period, value in among.loc[profile.area_code].items()
    )
    return draw_line(among, profile.area_code, told=f"{words_of.clean(name)} over time. {told}.")


def _change(profile: Profile, name: str, row: Figure, decimals: int) -> str:
    """Say what became of a figure since the period before, and whether that is beyond chance."""
    said = row.get("change_verdict")
    if pd.notna(said) and said:
        counted = ""
        if pd.notna(row.get("change_before")):
            counted = f", {row['change_before']:,.0f} to {row['change_after']:,.0f}"
        if pd.notna(row.get("change_percent")):
            counted += f" ({signed(row['change_percent'])})"
        return f"{_arrow(str(said))}Since a year before: {escape(str(said))}{escape(counted)}"
    since = profile.since
    if since is None or name not in since.index:
        return ""
    found = since.loc[name]
    before = number(found["value"], decimals, str(row["unit"]))
    said = str(found["verdict"])
    period = escape(short_period(str(found["period"])))
    return f"{_arrow(said)}Since {period}: {escape(said)} (then {before})"


def _arrow(said: str) -> str:
    return f'<span aria-hidden="true">{ARROWS[said]} </span>' if said in ARROWS else ""

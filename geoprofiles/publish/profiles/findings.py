"""What stands out in an area and what has changed: the sharpest in words, the rest in a table."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from geoprofiles.areas.rest import HIGHER, LOWER, NOT_TESTED
from geoprofiles.model import Profile
from geoprofiles.narrative import signed
from geoprofiles.publish.figures import with_article
from geoprofiles.publish.profiles.common import (
    APART,
    MARKS,
    Figure,
    Lines,
    anchor,
    isolated,
    limits,
    number,
    short_period,
    tag,
    unit_words,
)
from geoprofiles.words import listed, places_of, plural

MOST = 8
"""Findings that are told one by one; the rest is a table."""

MOST_CHANGES = 8

HEADS = {
    "worse": "Worse than the other {kinds}",
    "better": "Better than the other {kinds}",
    "higher": "Higher, neither better nor worse",
    "lower": "Lower, neither better nor worse",
}


def standing(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that put an area apart, the surest first, with ``side``.

    Examples
    --------
    >>> figures = pd.DataFrame({"indicator": ["Theft", "Smoking"], "q_adjusted": [0.01, 0.9],
    ...     "verdict": ["higher than the rest", "cannot be told from the rest"]})
    >>> standing(figures)[["indicator", "side"]].values.tolist()
    [['Theft', 'higher']]
    """
    if "verdict" not in figures:
        return figures.iloc[:0].assign(side="")
    found = figures[figures["verdict"].isin([HIGHER, LOWER])]
    found = found.sort_values("q_adjusted", kind="stable")
    plain = found["verdict"].map({HIGHER: "higher", LOWER: "lower"})
    if "significance" in found:
        said = found["significance"].where(found["significance"].isin(APART))
        plain = said.fillna(plain)
    return found.assign(side=plain)


def sharpest(found: pd.DataFrame, most: int = MOST) -> list[Any]:
    """Choose what is told one by one: the surest, and of each side two where there are so many.

    Examples
    --------
    >>> sharpest(pd.DataFrame({"side": ["worse"] * 9 + ["lower"]}))
    [0, 1, 2, 3, 4, 5, 6, 9]
    """
    of_side = found.groupby("side", sort=False).cumcount()
    first = found.index[of_side < 2]
    more = found.index[of_side >= 2][: max(most - len(first), 0)]
    return [one for one in found.index if one in first or one in more]


def tested(figures: pd.DataFrame) -> int:
    """Return how many figures of an area were tested against the rest."""
    if "verdict" not in figures:
        return 0
    return int((figures["verdict"].fillna(NOT_TESTED) != NOT_TESTED).sum())


def summary_sentence(profile: Profile) -> str:
    """Sum an area up in a sentence or two: how many of its figures are apart, and in what.

    Examples
    --------
    >>> figures = pd.DataFrame({"indicator": ["Theft"], "topic": ["Incidents"], "value": [9.0],
    ...     "verdict": ["higher than the rest"], "significance": ["worse"], "q_adjusted": [0.01]})
    >>> one = Profile("A", "Mill", "ward", "2026", figures, pd.DataFrame())
    >>> summary_sentence(one)
    'Mill is worse than the other wards in 1 of 1 figure, most surely in Theft.'
    """
    figures, kinds = profile.figures, plural(profile.kind)
    every, sides = len(figures), standing(figures)
    name, of = profile.area_name, f"{every:,} figure{'s' * (every != 1)}"
    sized = f"{name}{_size(profile)}"
    if not figures["value"].notna().any():
        return f"There are no data for {name}: none of its figures is known."
    if not tested(figures):
        return f"{name} has {of}; none could be tested against other {kinds}."
    if sides.empty:
        return (
            f"No figure of {name} differs from the other {kinds} by more than {kinds} differ"
            f" anyway; {tested(figures):,} of {of} {'were' if every != 1 else 'was'} tested."
        )
    counts = sides["side"].value_counts()
    worse, better = (int(counts.get(one, 0)) for one in ("worse", "better"))
    other = int(counts.get("higher", 0) + counts.get("lower", 0))
    judged = [f"{word} in {count}" for word, count in (("worse", worse), ("better", better))
              if count]  # fmt: skip
    if judged:
        judged[0] = judged[0].replace(" in ", f" than the other {kinds} in ", 1) + f" of {of}"
        text = f"{sized} is {' and '.join(judged)}"
        text += f", and in {other} higher or lower without being either" if other else ""
    else:
        text = f"{sized} is higher or lower than the other {kinds} in {other} of {of}"
    return f"{text}, most surely in {listed(sides['indicator'].head(3).astype(str), most=3)}."


def _size(profile: Profile) -> str:
    """Say what the area is and how many live in it, where that is known."""
    facts = profile.facts
    if facts is None or facts.empty or facts["unit"].iloc[0]:
        return ""
    number, of = facts[["value", "fact"]].iloc[0]
    return f", {with_article(profile.kind)} of {number:,.0f} {str(of).lower()},"


def write_findings(profile: Profile, topics: list[str]) -> Lines:
    """Write what stands out, by whether it is worse, better, higher or lower."""
    figures = profile.figures
    if not tested(figures):
        return
    yield '<section aria-labelledby="out"><h2 id="out">What stands out, and what changed</h2>'
    told = "Only what passed its test is named here."
    changed = figures.get("change_before")
    if changed is None or not changed.notna().any():
        told += " There are no months of the year before, so no change was tested."
    yield f'<p class="note">{told}</p><div class="sides">'
    found = standing(figures)
    shown = found.loc[sharpest(found)]
    if found.empty:
        kinds = escape(plural(profile.kind))
        yield f"<p>No figure differs from the other {kinds} by more than {kinds} differ anyway.</p>"
    for side, head in HEADS.items():
        rows = shown[shown["side"] == side]
        if len(rows):
            yield f"<div><h3>{MARKS[side]} {escape(head.format(kinds=plural(profile.kind)))}</h3>"
            yield '<ul class="findings">'
            for row in rows.to_dict("records"):
                yield f"<li>{_finding(row, profile.kind)}</li>"
            yield "</ul></div>"
    yield from _moved(figures)
    yield "</div>"
    rest = found.drop(index=shown.index)
    if len(rest):
        yield from _rest(rest, profile.kind, topics)
    yield "</section>"


def _finding(row: Figure, kind: str) -> str:
    unit = str(row["unit"])
    decimals = places_of(float(row["value"]), float(row["whole"]))
    own, whole = (number(row[one], decimals, unit) for one in ("value", "whole"))
    about = f" {isolated(unit_words(row))}" if len(unit) > 2 else ""
    if "=" in unit:
        about = f" ({isolated(unit)}), {isolated(short_period(row['period']))}"
    elif not about:
        about = f" in {isolated(short_period(row['period']))}"
    return (
        f"<strong>{isolated(row['indicator'])}</strong>: {own}{about}"
        f" (95% limits {escape(limits(row, decimals))}); all {escape(plural(kind))} {whole}"
    )


def moves(figures: pd.DataFrame) -> Lines:
    """Tell what has changed since a year before, and what rises or falls over five periods."""
    if "change_verdict" in figures:
        found = figures[figures["change_verdict"].isin(["more", "fewer"])]
        for row in found.sort_values("change_q").to_dict("records"):
            yield (
                f"<strong>{isolated(row['indicator'])}</strong>: {row['change_verdict']} than a"
                f" year before, {row['change_before']:,.0f} to {row['change_after']:,.0f}"
                f" ({signed(row['change_percent'])})"
            )
    if "trend" in figures:
        moving = figures[figures["trend"].astype(str).str.startswith(("rising", "falling"))]
        for row in moving.to_dict("records"):
            told = escape(str(row["trend"]).replace(": ", ", "))
            yield f"<strong>{isolated(row['indicator'])}</strong>: {told}, over five periods"


def _moved(figures: pd.DataFrame) -> Lines:
    lines = list(moves(figures))
    if not lines:
        return
    yield '<div><h3>Changed</h3><ul class="findings">'
    yield from (f"<li>{one}</li>" for one in lines[:MOST_CHANGES])
    if len(lines) > MOST_CHANGES:
        yield f"<li>{len(lines) - MOST_CHANGES} more are among the figures by topic</li>"
    yield "</ul></div>"


def _rest(rows: pd.DataFrame, kind: str, topics: list[str]) -> Lines:
    kinds = escape(plural(kind))
    yield (
        '<div class="scroll" role="region" tabindex="0" aria-labelledby="rest">'
        f'<table class="tight"><caption id="rest"><span>{len(rows)} more that differ by more than'
        f" {kinds} differ anyway, the surest first</span></caption><thead><tr>"
        '<th scope="col">Indicator</th><th scope="col">Topic</th>'
        '<th scope="col" class="n">Value</th><th scope="col" class="n">95% limits</th>'
        f'<th scope="col" class="n">All {kinds}</th><th scope="col">Against the rest</th></tr>'
        "</thead><tbody>"
    )
    for row in rows.to_dict("records"):
        unit = str(row["unit"])
        decimals = places_of(float(row["value"]), float(row["whole"]))
        topic = str(row["topic"])
        yield (
            f'<tr><th scope="row">{isolated(row["indicator"])}</th>'
            f'<td><a href="#{anchor(topic, topics)}">{isolated(topic)}</a></td>'
            f'<td class="n">{number(row["value"], decimals, unit)}</td>'
            f'<td class="n">{escape(limits(row, decimals))}</td>'
            f'<td class="n">{number(row["whole"], decimals, unit)}</td><td>{tag(row)}</td></tr>'
        )
    yield "</tbody></table></div>"

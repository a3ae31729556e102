"""Questions: the page and the tables of each hot-spot question."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from geoprofiles.areas.locate import locate_points
from geoprofiles.hotspots.aoristic import week_rows
from geoprofiles.pipeline.concentration import EDGE, TESTED_NOTE, hours_of
from geoprofiles.pipeline.evidence import Evidence
from geoprofiles.pipeline.foresight import worth
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.products import sources_of
from geoprofiles.pipeline.question_charts import map_of, map_of_streets, map_over_time, week_of
from geoprofiles.pipeline.summary import hotspot_sentences
from geoprofiles.publish.hotspot_page import Section, render_hotspot_page
from geoprofiles.publish.tables import render_csv
from geoprofiles.settings import Project
from geoprofiles.words import listed, slug

SHARES = (0.01, 0.05, 0.1)
"""Of the ground, for which it is said how well a map foretells."""

MOST_STREETS = 10
BUSY = 8
"""Hours of a shift: which of them in a row hold most is said."""


def question_files(
    project: Project, material: Material, evidence: Sequence[Evidence]
) -> dict[str, bytes]:
    """Write the page of each question, and what all of them found as tables."""
    pages = {one.spot.hotspot.name: f"{slug(one.spot.hotspot.name)}.html" for one in evidence}
    files: dict[str, bytes] = {}
    for one in evidence:
        name = one.spot.hotspot.name
        others = {other: page for other, page in pages.items() if other != name}
        page = render_hotspot_page(
            name,
            title=project.title,
            subtitle=_subtitle(one),
            findings=findings_of(one, material),
            sections=sections_of(one, material),
            notes=[*project.notes, *_notes(material, one)],
            sources=sources_of(project),
            links={"Map of all areas": "../index.html", **others},
        )
        files[f"hotspots/{pages[name]}"] = page.encode()
    for name, table in question_tables(material, evidence).items():
        files[f"tables/hotspots_{name}.csv"] = render_csv(table)
    return files


def _subtitle(one: Evidence) -> str:
    """Say what is counted, and of when."""
    spot = one.spot
    count, distinct = int(spot.places["count"].sum()), len(spot.places)
    told = f"Hot spots of {spot.period.words}: {count:,} incidents at {distinct:,} distinct places"
    if spot.hotspot.window is None:
        return told
    return f"{told}, those with at least half of their time in {hours_of(spot.hotspot)}"


def question_tables(material: Material, evidence: Sequence[Evidence]) -> dict[str, pd.DataFrame]:
    """Lay out what all questions found in tables, those that any of them has."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for one in evidence:
        sight, moments = one.spot.foresight, one.moments
        found = {
            "decisions": decisions_of(one, material),
            "concentration": one.shares.reset_index(),
            "bandwidths": sight.tested,
            "accuracy": sight.curve,
            "hours": None if moments.hours is None else week_rows(moments.hours),
            "near_repeats": moments.near,
            "repeats": None if one.repeats is None else one.repeats.reset_index(),
            "streets": None
            if one.streets is None
            else one.streets.drop(columns="geometry").reset_index(),
        }
        for name, table in found.items():
            if table is not None and len(table):
                told = table.copy()
                for column in told.select_dtypes("float"):
                    told[column] = told[column].round(6)
                told.insert(0, "question", one.spot.hotspot.name)
                parts.setdefault(name, []).append(told)
    return {name: pd.concat(some, ignore_index=True) for name, some in parts.items()}


def _notes(material: Material, one: Evidence) -> list[str]:
    """Keep what concerns this question: not what other questions or tables are cautioned of."""
    questions = [choice["setting"] for choice in material.choices]
    names = {text.partition("'")[2].partition("'")[0] for text in questions if "hotspots '" in text}
    others = names - {one.spot.hotspot.name}
    mine = [note for note in material.cautions if not any(note.startswith(f"{o}:") for o in others)]
    return [TESTED_NOTE, EDGE, *mine]


def findings_of(one: Evidence, material: Material) -> list[str]:
    """Say in a few sentences where, how sure, when, and how it changed."""
    areas = next(iter(material.areas.values()))
    name = f"{one.spot.hotspot.name}: "
    told = [text.removeprefix(name) for text in hotspot_sentences(one.spot, areas)]
    found = [text[:1].upper() + text[1:] for text in told]
    if one.moments.hours is not None:
        found.append(_busiest(one.moments.hours))
    if one.pattern.steps:
        found.append(_over_time(one))
    return found


def _busiest(hours: pd.DataFrame) -> str:
    """Say which hours in a row hold most."""
    day = hours.sum(axis=1).to_numpy()
    held = [day[[(first + step) % 24 for step in range(BUSY)]].sum() for first in range(24)]
    first = max(range(24), key=held.__getitem__)
    return (
        f"The busiest {BUSY} hours are {first:02d}:00 to {(first + BUSY) % 24:02d}:00: they hold"
        f" {held[first] / day.sum():.0%}, where even hours would hold {BUSY / 24:.0%}."
    )


def _over_time(one: Evidence) -> str:
    """Count the cells by how hot they have been."""
    kinds = one.pattern.cells["kind"].astype(str)
    hot = kinds[kinds.str.endswith("hot spot")].str.removesuffix(" hot spot").value_counts()
    if hot.empty:
        return f"No cell of {one.pattern.side:,.0f} m has been a hot spot over time."
    told = listed(f"{number} {kind}" for kind, number in hot.items())
    return f"Over time, {one.pattern.steps} steps up to now, cells that are hot spots: {told}."


def sections_of(one: Evidence, material: Material) -> list[Section]:
    """Lay out what is known of a question, in the order in which a meeting asks."""
    made = (
        _where(one, material),
        _when(one),
        _again(one),
        _streets(one, material),
        _few(one),
        _time(one, material),
        _foretells(one),
        _decided(one, material),
    )
    return [section for section in made if section is not None]


def _where(one: Evidence, material: Material) -> Section:
    spot = one.spot
    clusters = spot.clusters
    named = zip(clusters.index, _places(clusters, material), strict=True)
    rows = pd.DataFrame(
        {
            "Cluster": [f"{number}: {where}" if where else str(number) for number, where in named],
            "Incidents": [f"{count:,}" for count in clusters["count"]],
            "Expected": [f"{value:,.1f}" for value in clusters["expected"]],
            "Times expected": [f"{value:.1f}" for value in clusters["ratio"]],
            "p": [f"{value:.3f}" for value in clusters["p"]],
            "Standing": [str(value) for value in clusters["status"]],
            "Distinct places": [f"{value:,}" for value in clusters["places"]],
            "Area, km²": [
                f"{area:.2f}" if outlined else "at one or two points"
                for area, outlined in zip(clusters["area_km2"], clusters["outlined"], strict=True)
            ],
        }
    )
    if spot.earlier is not None:
        before = [f"{value:,.0f}" for value in clusters["before"]]
        rows.insert(6, f"In {spot.earlier.words}", before)
    told = []
    if clusters.empty:
        told = [str(clusters.attrs.get("note") or "No place is dense enough to be a cluster.")]
    return Section(
        "Where",
        told,
        [map_of(one, material)],
        rows,
        "Clusters, the largest first",
        [name for name in rows if name not in {"Cluster", "Standing"}],
        [
            f"{spot.clusters_words}. p is how often a draw has a cluster as far beyond what is"
            " expected of it; up to 0.05 is called beyond chance.",
            f"{spot.kernel_words}. Density is not tested; clusters are.",
        ],
    )


def _places(clusters: pd.DataFrame, material: Material) -> list[str]:
    """Name the area in which the middle of each cluster lies, and the smaller one with a name."""
    if clusters.empty:
        return []
    spots = clusters.geometry.representative_point()
    first, *rest = material.areas.values()
    finer = [areas for areas in rest if len(areas) > len(first)][:1]
    names = []
    for areas in (*finer, first):
        at = locate_points(spots.x.to_numpy(), spots.y.to_numpy(), areas)
        known = areas["area_name"].astype(str).to_numpy()
        names.append([known[place] if place >= 0 else "" for place in at])
    return [", ".join(dict.fromkeys(filter(None, pair))) for pair in zip(*names, strict=True)]


def _when(one: Evidence) -> Section | None:
    hours = one.moments.hours
    if hours is None:
        return None
    return Section("When", [], [week_of(one.spot, hours)], after=[str(hours.attrs["note"])])


def _again(one: Evidence) -> Section | None:
    near, chains = one.moments.near, one.moments.chains
    told = []
    if one.repeats is not None:
        told.append(str(one.repeats.attrs["summary"]).replace("targets", "places"))
    if near is None:
        return Section("Again, and nearby", told) if told else None
    told.append(str(near.attrs["summary"]))
    if chains is not None and chains.attrs["links"]:
        facts = chains.attrs
        told.append(
            f"{facts['links']:,} pairs are near in place and time and make {facts['chains']:,}"
            f" chains; half of the pairs are at most {facts['half_life']:.0f} days apart."
        )
    spaces = list(dict.fromkeys(near["space"]))
    rows = pd.DataFrame({"Distance": spaces})
    for time, some in near.groupby("time", sort=False):
        by_space = some.set_index("space")
        rows[str(time)] = [_band(by_space.loc[space]) for space in spaces]
    return Section(
        "Again, and nearby",
        told,
        table=rows,
        caption="Pairs of incidents, over what shuffled dates would give",
        numeric=list(rows.columns[1:]),
        after=[
            f"{near.attrs['note']} A star marks what is beyond chance, at most 5% of those marked"
            " being false findings."
        ],
    )


def _band(row: pd.Series) -> str:
    star = " *" if row["found"] else ""
    return f"{row['ratio']:.2f} ({row['observed']:,.0f}){star}"


def _streets(one: Evidence, material: Material) -> Section | None:
    runs = one.streets
    if runs is None or runs.empty:
        return None
    first = runs.head(MOST_STREETS)
    rows = pd.DataFrame(
        {
            "Run": [
                f"{number}: {name or '(no name)'}"
                for number, name in zip(first.index, first["name"], strict=True)
            ],
            "Incidents": [f"{count:,.0f}" for count in first["count"]],
            "Distinct places": [f"{count:,}" for count in first["places"]],
            "Share": [f"{share:.1%}" for share in first["share"]],
            "Length, m": [f"{length:,.0f}" for length in first["length_m"]],
            "Per km and year": [f"{rate:.0f}" for rate in first["per_km_year"]],
        }
    )
    held, metres = float(first["share"].sum()), float(first["length_m"].sum())
    return Section(
        "Which streets",
        [
            f"{len(first)} runs of street, {metres / 1000:.1f} km together, hold {held:.0%} of the"
            " incidents that lie on a street."
        ],
        charts=[map_of_streets(one.spot, first, material)],
        table=rows,
        caption="Runs of the busiest segments that meet, those with most incidents first",
        numeric=[name for name in rows if name != "Run"],
        after=[str(runs.attrs["note"])],
    )


def _few(one: Evidence) -> Section:
    shares, side = one.shares, one.pattern.side
    told = str(shares.attrs["sentence"])
    told = told.replace(" places ", f" cells of {side:,.0f} m ", 1).replace("these places", "them")
    alike, earlier = one.pattern.similarity, one.spot.earlier
    more = []
    if alike is not None and earlier is not None:
        more.append(
            f"Of the cells that hold any, {alike:.0%} have the share of all that they had in"
            f" {earlier.words}, within what resampling tells (Andresen's S)."
        )
    return Section("How few places hold how much", [told, *more])


def _time(one: Evidence, material: Material) -> Section | None:
    cells = one.pattern.cells
    if "kind" not in cells:
        return None
    kinds = cells.loc[cells["kind"] != "no pattern", "kind"].astype(str)
    charts = [map_over_time(one, material)] if len(kinds) else []
    rows = pd.DataFrame(
        [
            {"Kind": kind.capitalize(), "Cells": f"{len(some):,}",
             "Incidents now": f"{cells.loc[some.index, 'count'].sum():,.0f}",
             "For example": str(cells.loc[some.index[0], "description"])}
            for kind, some in kinds.groupby(kinds, sort=False)
        ],
        columns=["Kind", "Cells", "Incidents now", "For example"],
    ).sort_values("Cells", key=lambda column: -column.str.replace(",", "").astype(int))  # fmt: skip
    told = [] if len(kinds) else ["No cell has been hotter or colder than chance explains."]
    if "change" in cells:
        more, fewer = ((cells["change"] == word).sum() for word in ("more", "fewer"))
        earlier = one.spot.earlier.words if one.spot.earlier else "the period before"
        told.append(
            f"Beside {earlier}, {more:,} cells have more and {fewer:,} fewer incidents than chance"
            " explains."
        )
    return Section(
        "Over time",
        told,
        charts,
        rows,
        f"Cells of {one.pattern.side:,.0f} m by how hot they have been",
        ["Cells", "Incidents now"],
        one.pattern.notes,
    )


def _foretells(one: Evidence) -> Section | None:
    sight = one.spot.foresight
    if sight.curve is None or sight.tested is None:
        return None
    found = {share: worth(sight.curve, share) for share in SHARES}
    rows = pd.DataFrame(
        [
            {"Densest part of the ground": f"{share:.0%}",
             "Held of later incidents": f"{one_share['captured']:.1%}",
             "In the periods foretold": f"{one_share['lowest']:.1%} to {one_share['highest']:.1%}",
             "By earlier counts alone": f"{one_share['baseline']:.1%}",
             "The best there could be": f"{one_share['best']:.1%}",
             "PAI": f"{one_share['pai']:.1f}"}
            for share, one_share in found.items() if one_share is not None
        ]
    )  # fmt: skip
    first = found[SHARES[0]]
    told = []
    if first is not None:
        better = first["captured"] > first["baseline"]
        told.append(
            "A density of this width, made of earlier months, held"
            f" {first['captured']:.1%} of the incidents of the months after in the densest 1% of"
            f" the ground; counts of the same cells held {first['baseline']:.1%}"
            + ("." if better else ", so that for a forecast counts do as well or better.")
        )
    return Section(
        "How well such a map foretells",
        told,
        table=rows,
        caption="What the densest part of the ground held of later incidents",
        numeric=list(rows.columns[1:]),
        after=[
            "Fitted on earlier months, scored on later ones, three times over. PAI is the share of"
            " incidents over the share of the ground."
        ],
    )


def _decided(one: Evidence, material: Material) -> Section:
    rows = decisions_of(one, material)
    return Section(
        "How this was decided",
        table=rows.rename(columns={"decision": "Decision", "value": "Value", "reason": "Why"}),
        caption="Every choice that was made, and why",
    )


def decisions_of(one: Evidence, material: Material) -> pd.DataFrame:
    """List what was chosen for a question and why, and what its data could not answer."""
    start = f"hotspots '{one.spot.hotspot.name}': "
    rows = [
        (choice["setting"].removeprefix(start), _plain(choice["value"]), str(choice["reason"]))
        for choice in material.choices
        if choice["setting"].startswith(start)
    ]
    spot = one.spot
    rows.append(("simulations", f"{spot.hotspot.simulations:,}", "that clusters had to beat"))
    rows.append(
        ("cells over time", f"{one.pattern.side:,.0f} m", "smaller ones hold too few to be tested")
    )
    rows += [(f"not answered: {method}", "–", why) for method, why in one.why_not.items()]
    return pd.DataFrame(rows, columns=["decision", "value", "reason"])


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return f"{value:,g}" if isinstance(value, (int, float)) else str(value)

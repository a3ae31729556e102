"""The parts of a hot-spot question's page, in the order in which a meeting asks."""

from __future__ import annotations

import pandas as pd

from geoprofiles.areas.locate import locate_points
from geoprofiles.hotspots.forward_accuracy import HELD
from geoprofiles.pipeline.concentration import Concentration
from geoprofiles.pipeline.evidence import Evidence
from geoprofiles.pipeline.foresight import worth
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.question_charts import map_of, map_of_streets, map_over_time, week_of
from geoprofiles.publish.hotspot_page import Section
from geoprofiles.words import listed

SHARES = (0.01, 0.05, 0.1)
"""Of the ground, for which it is said how well a map foretells."""

METRES = ("bandwidth", "cell", "eps")
"""Settings that are lengths."""

MOST_STREETS = 10


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
        _widths(one),
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
            *_gone(spot, material),
        ],
    )


def _gone(spot: Concentration, material: Material) -> list[str]:
    """Say where clusters were that can no longer be found."""
    if spot.gone.empty or spot.earlier is None:
        return []
    where = listed(dict.fromkeys(_places(spot.gone, material)), most=20)
    return [f"Beyond chance in {spot.earlier.words} and not found now: {where}."]


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
    told = []
    if one.spot.hotspot.window is not None:
        told = ["The hours of all incidents, not only of those in the window."]
    return Section("When", told, [week_of(one.spot, hours)], after=[str(hours.attrs["note"])])


def _again(one: Evidence) -> Section | None:
    near = one.moments.near
    told, after = [], []
    if one.repeats is not None:
        told.append(str(one.repeats.attrs["summary"]).replace("targets", "places"))
        after.append(str(one.repeats.attrs["note"]).replace("targets", "places"))
    if near is None:
        return Section("Again, and nearby", told, after=after) if told else None
    told.append(str(near.attrs["summary"]))
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
            *after,
            f"{near.attrs['note']} A star marks what is beyond chance, at most 5% of those marked"
            " being false findings.",
        ],
    )


def _band(row: pd.Series) -> str:
    if not row["expected"]:
        return "no pairs so far apart"
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
    if one.spot.at_risk is None:
        told = told.replace("by what is at risk", "by their ground")
    told = told.replace("Dropped on", "Dealt out over")
    return Section("How few places hold how much", [told])


def _time(one: Evidence, material: Material) -> Section | None:
    cells = one.pattern.cells
    if "kind" not in cells:
        return None
    kinds = cells.loc[cells["kind"] != "no pattern", "kind"].astype(str)
    charts = [map_over_time(one, material)] if len(kinds) else []
    rows = pd.DataFrame(
        [
            {"Kind": kind.capitalize(), "Cells": f"{len(some):,}",
             "Incidents in the period": f"{cells.loc[some.index, 'count'].sum():,.0f}",
             "For example": str(cells.loc[some.index[0], "description"])}
            for kind, some in kinds.groupby(kinds, sort=False)
        ],
        columns=["Kind", "Cells", "Incidents in the period", "For example"],
    ).sort_values("Cells", key=lambda column: -column.str.replace(",", "").astype(int))  # fmt: skip
    told = []
    if kinds.empty:
        told = ["No cell stands out together with those around it, neither hot nor cold."]
    if "change" in cells:
        more, fewer = (int((cells["change"] == word).sum()) for word in ("more", "fewer"))
        earlier = one.spot.earlier.words if one.spot.earlier else "the period before"
        tested = int(cells["change_p"].notna().sum())
        told.append(
            f"Beside {earlier}, of the {tested:,} cells that hold enough to be tested {more:,}"
            f" {'has' if more == 1 else 'have'} more and {fewer:,} fewer incidents than chance"
            " explains."
        )
    return Section(
        "Over time",
        told,
        charts,
        rows,
        f"Cells of {one.pattern.side:,.0f} m by how hot they have been",
        ["Cells", "Incidents in the period"],
        one.pattern.notes,
    )


def _foretells(one: Evidence) -> Section | None:
    sight = one.spot.foresight
    if sight.tested is None:
        return None
    found = {share: worth(sight.tested, sight.bandwidth, share) for share in SHARES}
    rows = pd.DataFrame(
        [
            {"Densest part of the ground": f"{share:.0%}",
             "Held of later incidents": f"{held['captured']:.1%}",
             "In the periods foretold": f"{held['lowest']:.1%} to {held['highest']:.1%}",
             "By last year's counts": f"{held['counts']:.1%}",
             "The best there could be": f"{held['best']:.1%}",
             "PAI": f"{held['pai']:.1f}"}
            for share, held in found.items() if held is not None
        ]
    )  # fmt: skip
    first = found[SHARES[0]]
    told = []
    if first is not None:
        better = first["captured"] > first["counts"]
        told.append(
            "A density of this width, made of earlier months, held"
            f" {first['captured']:.1%} of the incidents of the months after in the densest 1% of"
            f" the ground; last year's counts of the same cells held {first['counts']:.1%}"
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


def _widths(one: Evidence) -> Section | None:
    """Show what each width of a density held of later incidents, beside last year's counts."""
    tested = one.spot.foresight.tested
    if tested is None or tested["map"].nunique() < 3:
        return None
    near = tested[tested["area_share"] <= HELD + 1e-9]
    held = near.groupby("map", sort=False)["captured"].mean()
    at_one = tested[(tested["area_share"] - SHARES[0]).abs() < 1e-9].set_index("map")
    chosen = at_one.index[at_one["bandwidth"] == one.spot.foresight.bandwidth]
    rows = pd.DataFrame(
        {
            "Map": [f"{name} (taken)" if name in chosen else str(name) for name in at_one.index],
            "Held in the densest 0.5 to 5%, on average": [f"{held[n]:.1%}" for n in at_one.index],
            "In the densest 1%": [f"{value:.1%}" for value in at_one["captured"]],
            "In the periods foretold": [
                f"{low:.1%} to {high:.1%}"
                for low, high in zip(at_one["lowest"], at_one["highest"], strict=True)
            ],
        }
    )
    return Section(
        "How wide the density is",
        table=rows,
        caption="What densities of each width held of later incidents",
        numeric=list(rows.columns[1:]),
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
        (setting, _plain(choice["value"]) + " m" * (setting in METRES), str(choice["reason"]))
        for choice in material.choices
        if choice["setting"].startswith(start)
        for setting in [choice["setting"].removeprefix(start)]
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

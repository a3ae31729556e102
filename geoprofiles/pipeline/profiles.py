"""Profiles of a run: every area of the kinds that are to have pages, told whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import shapely

from geoprofiles.areas.neighbours import neighbours
from geoprofiles.areas.rates import NO_DENOMINATOR
from geoprofiles.frames import Areas
from geoprofiles.model import Profile
from geoprofiles.pipeline.breaks import breaks_of_indicator, breaks_of_rates
from geoprofiles.pipeline.concentration import Concentration
from geoprofiles.pipeline.denominators import on_kind
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.indicators import rates_of
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.outlook import months_by_area
from geoprofiles.pipeline.page_facts import facts_of, since_before, values_among
from geoprofiles.profile import build_profiles
from geoprofiles.publish.charts.rows import pyramid_rows
from geoprofiles.publish.profiles.cards import MOST_CARDS
from geoprofiles.settings import Project
from geoprofiles.words import listed

MOST_PAGES = 60
"""Kinds of up to so many areas have pages without being asked for."""

LEAST_INSIDE = 0.01
"""Part of a cluster that an area must hold to name it."""


def kinds_with_pages(project: Project, material: Material) -> list[str]:
    """Return the kinds of area that get pages: those the project names, or the first."""
    if project.profiles is not None:
        return list(project.profiles)
    first = next(iter(material.areas))
    chosen = [first] if len(material.areas[first]) <= MOST_PAGES else []
    material.choose("profiles", chosen, f"the first kind of area, up to {MOST_PAGES} areas")
    return chosen


def profiles_of(
    project: Project,
    material: Material,
    figures: Figures,
    concentrations: Sequence[Concentration],
    *,
    codes: Sequence[str] | None = None,
) -> list[Profile]:
    """Tell every area of one kind whole, or those of some codes."""
    figures = replace(
        figures,
        figures=counts_for_rates(figures.figures),
        history=counts_for_rates(figures.history),
    )
    areas = material.areas[figures.kind]
    names = areas["area_name"].astype(str)
    wanted = [str(code) for code in (areas.index if codes is None else codes)]
    charts = months_by_area(project, material, figures, rates_of(project, material)[:1])
    around = {code: [names[one] for one in near] for code, near in neighbours(areas).items()}
    people = _people(project, material, figures.kind)
    nation = (project.similar_places.nation or "") if project.similar_places else ""
    history = with_segments(project, material, figures.history)
    facts = facts_of(project, material, figures.kind, people)
    headline = headline_of(project, figures)
    among = values_among(history, headline)
    since = since_before(history, _untested(figures, headline))
    told = {
        one.area_code: replace(
            one,
            control=_rows_of(charts, one.area_code),
            people=_shares(people, one.area_code),
            nation=nation,
            among=among,
            facts=facts.get(one.area_code),
            since=since.get(one.area_code),
            definitions=figures.definitions,
        )
        for one in build_profiles(
            figures.figures[figures.figures["area_code"].isin(wanted)],
            counts=figures.counts[project.incidents[0].name],
            kind=figures.kind,
            history=history,
            neighbours=around,
            hotspots=_spots(areas, concentrations),
        )
    }
    lacking = [names[code] for code in wanted if code not in told]
    if lacking:
        material.caution(f"There is no figure of {listed(lacking)}, and so no page.")
    return [told[code] for code in wanted if code in told]


def counts_for_rates(table: pd.DataFrame) -> pd.DataFrame:
    """Put counts where a rate cannot be made for want of a denominator: they are known.

    Examples
    --------
    >>> table = pd.DataFrame({"value": [float("nan"), 2.5], "count": [4.0, 9.0],
    ...     "unit": ["no denominator", "per 1,000 homes"]})
    >>> counts_for_rates(table)[["value", "unit"]].values.tolist()
    [[4.0, 'incidents'], [2.5, 'per 1,000 homes']]
    """
    if table.empty:
        return table
    bare = (table["unit"] == NO_DENOMINATOR) & table["value"].isna() & table["count"].notna()
    if not bare.any():
        return table
    found = table.copy()
    found["value"] = found["value"].astype(float).where(~bare, table["count"].astype(float))
    found["unit"] = found["unit"].astype(object).where(~bare, "incidents")
    return found


def headline_of(project: Project, figures: Figures) -> list[str]:
    """Name the indicators at the head of each page: those the project names, or the rates."""
    known = figures.figures["indicator"].drop_duplicates()
    wanted = [name for name in project.headline or figures.rates if name in set(known)]
    return wanted or list(known[:MOST_CARDS])


def _untested(figures: Figures, names: Sequence[str]) -> list[str]:
    """Name those whose change since before no count of incidents tells."""
    table = figures.figures
    told = table.loc[table["change_verdict"].notna(), "indicator"].unique()
    return [name for name in names if name not in told]


def with_segments(project: Project, material: Material, history: pd.DataFrame) -> pd.DataFrame:
    """Give each stretch between breaks in recording a number: lines must not cross them."""
    rated = breaks_of_rates(project, material, rates_of(project, material))
    rated = rated[rated["area"] == ""]
    segment = pd.Series(0, index=history.index)
    for name, rows in history.groupby("indicator", sort=False):
        months = list(rated.loc[rated["category"] == name, "month"])
        months += [pd.Timestamp(one) for one in breaks_of_indicator(material, str(name))]
        if not months:
            continue
        first = rows["period"].astype(str).str.partition(" to ")[0]
        start = pd.to_datetime(first, format="mixed", errors="coerce")
        segment.loc[rows.index] = sum((start >= month).astype(int) for month in set(months))
    return history.assign(segment=segment)


def _rows_of(table: pd.DataFrame, code: str) -> pd.DataFrame | None:
    if table.empty:
        return None
    mine = table[table["area_code"] == code]
    return mine.reset_index(drop=True) if len(mine) else None


def _spots(areas: Areas, concentrations: Sequence[Concentration]) -> pd.DataFrame:
    """Find which clusters reach into which areas, and with which part of their ground."""
    rows = []
    shapes = areas.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    for one in concentrations:
        for number, cluster in one.clusters.iterrows():
            shape = cluster.geometry
            for at in tree.query(shape, predicate="intersects"):
                inside = 1.0
                if shape.area > 0:
                    inside = shapely.intersection(shape, shapes[at]).area / shape.area
                if inside < LEAST_INSIDE:
                    continue
                point = "" if cluster["outlined"] else " (at one or two map points)"
                rows.append(
                    (areas.index[at], f"{one.hotspot.name}, cluster {number}{point}",
                     int(cluster["count"]), int(cluster["places"]), inside,
                     float(cluster["expected"]), float(cluster["p"]), str(cluster["status"]), shape)
                )  # fmt: skip
    columns = ["area_code", "label", "count", "places", "inside", "expected", "p", "status",
               "geometry"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("count", ascending=False, kind="stable")


def _people(project: Project, material: Material, kind: str) -> pd.DataFrame | None:
    """Bring residents by age and sex to one kind of area."""
    if project.people is None or material.people is None:
        return None
    parts = []
    for sex, some in material.people.groupby("sex", sort=False):
        table = some.drop(columns="sex").reset_index(drop=True)
        moved = on_kind(material, table, project.people.areas, kind, what="residents by age")
        if moved is None:
            return None
        parts.append(moved.assign(sex=sex))
    return pd.concat(parts, ignore_index=True)


def _shares(people: pd.DataFrame | None, code: str) -> pd.DataFrame | None:
    if people is None or not (people["area_code"] == code).any():
        return None
    return pyramid_rows(people, [code])

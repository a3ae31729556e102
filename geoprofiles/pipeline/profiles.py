"""Profiles of a run: every area of the kinds that are to have pages, told whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import shapely

from geoprofiles.areas.neighbours import neighbours
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas
from geoprofiles.model import Profile
from geoprofiles.pipeline.concentration import Concentration
from geoprofiles.pipeline.denominators import on_kind
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.indicators import rates_of
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.outlook import months_by_area
from geoprofiles.profile import build_profile
from geoprofiles.publish.charts.rows import pyramid_rows
from geoprofiles.settings import Project

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
    areas = material.areas[figures.kind]
    first = rates_of(project, material)[0]
    charts = months_by_area(project, material, figures, first)
    around = neighbours(areas)
    names = areas["area_name"].astype(str)
    spots = _spots(areas, concentrations)
    people = _people(project, material, figures.kind)
    source = project.incidents[0].name
    made = []
    for code in areas.index if codes is None else codes:
        try:
            profile = build_profile(
                str(code),
                figures=figures.figures,
                counts=figures.counts[source],
                kind=figures.kind,
                history=figures.history,
                neighbours=[names[one] for one in around[str(code)]],
                hotspots=spots[spots["area_code"] == code].drop(columns="area_code"),
            )
        except InputError:  # an area of which nothing at all is known has no page
            material.caution(f"There is no figure of {names[code]}, and so no page.")
            continue
        made.append(
            replace(
                profile,
                control=charts.get(str(code)),
                people=_shares(people, str(code)),
                nation=(project.similar_places.nation or "") if project.similar_places else "",
            )
        )
    return made


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
                     int(cluster["count"]), int(cluster["places"]), inside)
                )  # fmt: skip
    table = pd.DataFrame(rows, columns=["area_code", "label", "count", "places", "inside"])
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

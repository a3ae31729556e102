"""Names in a project that must be of something it has: areas, places, criteria of topics."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.indicators.priorities import CUTS
from geoprofiles.pipeline.harm import HARM
from geoprofiles.pipeline.indicators import rates_of
from geoprofiles.pipeline.material import Material
from geoprofiles.settings import Project
from geoprofiles.words import listed, nearest


def check_names(project: Project, material: Material) -> None:
    """Refuse an area to leave out, a nation and weights of criteria that are none."""
    left = project.leave_out
    if left is not None:
        names = known_areas(material)
        if left not in names:
            raise InputError(
                f"leave_out = '{left}' names no area of this project",
                file=project.file,
                remedy=near(left, names),
            )
    wish, table = project.similar_places, material.similar
    if wish is not None and table is not None and wish.nation is not None:
        places = list(map(str, table["place"].unique()))
        if wish.nation not in places:
            raise InputError(
                f"nation = '{wish.nation}' of [similar_places] is no place of '{wish.file.name}'",
                file=project.file,
                remedy=near(wish.nation, places),
            )
    for name in (project.priorities.weights or {}) if project.priorities else {}:
        if name not in CUTS:
            raise InputError(
                f"weights of [priorities] name '{name}', which is no criterion",
                file=project.file,
                remedy=nearest(name, list(CUTS)),
            )


def check_headline(project: Project, material: Material) -> None:
    """Refuse an indicator for the head of pages that the project does not have."""
    names = [one.name for one in rates_of(project, material)]
    names += [str(name) for _, _, table in material.indicators for name in table["name"]]
    names += [HARM] if material.harm is not None else []
    for wanted in project.headline:
        if wanted not in names:
            raise InputError(
                f"headline = '{wanted}' names no indicator of this project",
                file=project.file,
                remedy=near(wanted, names),
            )


def known_areas(material: Material) -> list[str]:
    """Return the names and codes of all areas of a project."""
    found = [
        one
        for areas in material.areas.values()
        for one in (*areas["area_name"].astype(str), *areas.index.astype(str))
    ]
    return list(dict.fromkeys(found))


def near(word: str, known: list[str]) -> str:
    """Suggest the nearest known word; say the first few where none is near and there are many."""
    hint = nearest(word, known)
    return hint if hint.startswith("Did") else f"Known: {listed(known, most=8)}."


def check_criteria(topics: pd.DataFrame, file: Path) -> None:
    """Refuse a column of the table of topics that no topic is judged by."""
    for name in topics.columns:
        if name not in CUTS:
            raise InputError(
                f"'{name}' is nothing that topics are judged by",
                file=file,
                row=1,
                column=str(name),
                remedy=nearest(str(name), list(CUTS)),
            )

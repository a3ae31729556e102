"""Material: all that a run works on, and what was noticed while it was read."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd

from geoprofiles.areas.crosswalk import crosswalk_from_shapes
from geoprofiles.frames import Areas, Population
from geoprofiles.pipeline.ladder import PACKAGE
from geoprofiles.publish.look import Look
from geoprofiles.read.strategy import Strategy
from geoprofiles.reduction.combine import Tallied
from geoprofiles.settings import Denominator, Project, Rate


@dataclass(frozen=True)
class Way:
    """A way to bring sums from one kind of area to another."""

    crosswalk: pd.DataFrame
    file: str | None = None
    """None where geometry tells it."""
    force: bool = False


@dataclass
class Material:
    """All that a run works on, and what was noticed while it was read."""

    areas: dict[str, Areas] = field(default_factory=dict)
    context: dict[str, geopandas.GeoDataFrame] = field(default_factory=dict)
    tallied: dict[str, Tallied] = field(default_factory=dict)
    """What each source of incidents was reduced to."""
    streets: geopandas.GeoDataFrame | None = None
    timed: dict[str, pd.DataFrame | None] = field(default_factory=dict)
    """Rows one by one of sources whose incidents have times; None of others. Read when asked."""
    denominators: dict[str, list[tuple[Denominator, Population]]] = field(default_factory=dict)
    ways: dict[tuple[str, str], list[Way]] = field(default_factory=dict)
    """From one kind of area to another, those the project gives or one by geometry."""
    indicators: list[tuple[str, pd.DataFrame, pd.DataFrame]] = field(default_factory=list)
    rates: tuple[Rate, ...] = ()
    """Incident rates that an indicators file declares."""
    breaks: pd.DataFrame | None = None
    """Where recording changed."""
    strategy: Strategy | None = None
    """What is to be reached, and how it is measured."""
    deprivation: pd.DataFrame | None = None
    """``area_code``, ``rank`` of small areas, 1 the most deprived."""
    similar: pd.DataFrame | None = None
    harm: dict[str, float] | None = None
    """How much an incident of each category weighs."""
    people: pd.DataFrame | None = None
    """``area_code``, ``age``, ``sex``, ``population``; ``attrs["year"]``."""
    topics: pd.DataFrame | None = None
    """What is known of topics beside their incidents: index ``topic``, a column a criterion."""
    made_of: dict[str, str] = field(default_factory=dict)
    """Kinds of area that are groups of another kind, and which."""
    look: Look | None = None
    """Colours, font and logo of the council."""
    inputs: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    caution_kinds: dict[str, str] = field(default_factory=dict)
    """Cautions that concern one kind of area only, and which."""
    paths: dict[str, str] = field(default_factory=dict)
    """Each path as readers know it to how products may name it."""
    prepared: dict[tuple[str, str, int], Population | None] = field(default_factory=dict)
    """Denominators by name, kind of area and year, made once for all rates."""
    fates: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Where every row ended: ``source``, ``areas``, ``file``, ``fate``, ``reason``, ``rows``."""

    def choose(self, setting: str, value: Any, reason: str) -> None:
        """Keep an automatic choice and its reason for the manifest."""
        choice = {"setting": setting, "value": value, "reason": reason}
        if choice not in self.choices:
            self.choices.append(choice)

    def caution(self, sentence: str, *, kind: str | None = None) -> None:
        """Keep a sentence that readers of the products must see, once, with no absolute path.

        One that concerns a single kind of area is left off the pages of other kinds.
        """
        for path, name in self.paths.items():
            sentence = sentence.replace(path, name)
        if sentence not in self.cautions:
            self.cautions.append(sentence)
        if kind is not None:
            self.caution_kinds[sentence] = kind

    def cautions_of(self, kind: str | None = None) -> list[str]:
        """Return the cautions, or those that concern one kind of area."""
        kinds = self.caution_kinds
        return [one for one in self.cautions if kind is None or kinds.get(one, kind) == kind]

    def breaks_of_source(self, source: str) -> pd.DataFrame | None:
        """Return the breaks in recording that concern one source."""
        if self.breaks is None:
            return None
        said = self.breaks["source"].fillna("")
        return self.breaks[(said == "") | (said == source)]

    def ways_between(self, small: str, large: str) -> list[Way]:
        """Find or make the ways from one area kind to another; none where there is none."""
        if (small, large) not in self.ways and small in self.areas:
            crosswalk = crosswalk_from_shapes(self.areas[small], self.areas[large])
            method = crosswalk.attrs["method"]
            self.choose(
                f"look-up from {small} to {large}", method, "by geometry: no [[lookups]] for it"
            )
            self.ways[small, large] = [Way(crosswalk)]
        return self.ways.get((small, large), [])


def note_input(
    project: Project, material: Material, file: Path, facts: dict[str, Any], *, use: str
) -> None:
    """Keep what an input was: no absolute path, always a sha256 and a count of rows."""
    from geoprofiles.write import sha256

    facts.pop("file", None)
    path = Path(file)
    if "sha256" not in facts and path.is_file():
        content = path.read_bytes()
        facts = {"sha256": sha256(content), "bytes": len(content), **facts}
    entry = {"file": relative(path, project.folder), "use": use, **facts}
    if entry not in material.inputs:
        material.inputs.append(entry)


def names_of_paths(project: Project) -> dict[str, str]:
    """Map every path of a project to its relative name, the longest first."""
    files = [
        *(one.file for one in project.areas if one.file is not None),
        *_ladder_files(project),
        *(one.file for one in project.context),
        *(one.file for one in project.denominators),
        *(one.file for one in project.lookups),
        *(file for one in project.indicators for file in (one.file, one.definitions) if file),
        *(file for file in (project.breaks, project.strategy, project.streets) if file),
        *(part.file for part in _parts_with_files(project)),
        *([project.look.logo] if project.look is not None and project.look.logo else []),
        *(file for one in project.incidents for file in one.files),
    ]
    named = {str(file): relative(file, project.folder) for file in files}
    named |= {f"{project.folder}{os.sep}": "", str(project.folder): "."}
    return dict(sorted(named.items(), key=lambda pair: -len(pair[0])))


def _parts_with_files(project: Project) -> list[Any]:
    parts = (
        project.deprivation, project.similar_places, project.harm, project.people,
        project.priorities,
    )  # fmt: skip
    return [part for part in parts if part is not None and part.file is not None]


def _ladder_files(project: Project) -> list[Path]:
    one = project.geocoding
    if one is None:
        return []
    postcodes = [] if one.postcodes in {None, PACKAGE} else [project.folder / str(one.postcodes)]
    some = [file for file in (one.uprns, one.reviewed) if file is not None]
    return [*postcodes, *some, *one.gazetteers, *one.areas]


def relative(path: Path, folder: Path) -> str:
    """Write a path against the project's folder, so that no machine's own paths get out."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive, on Windows
        return path.name

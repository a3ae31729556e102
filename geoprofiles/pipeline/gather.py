"""Gather: read all that a project names, into one coordinate system, and locate it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd

from geoprofiles.areas.counts import reconcile_tally
from geoprofiles.areas.crosswalk import (
    crosswalk_from_lookup,
    crosswalk_from_points,
    crosswalk_from_shapes,
)
from geoprofiles.areas.grouping import group_areas
from geoprofiles.errors import InputError, InputWarning
from geoprofiles.frames import OUTSIDE, Areas, Population
from geoprofiles.geocoding.ladder import Ladder
from geoprofiles.indicators.check import check_indicators
from geoprofiles.pipeline.ladder import PACKAGE, read_ladder
from geoprofiles.read import (
    read_areas,
    read_breaks,
    read_declarations,
    read_indicators,
    read_lookup,
    read_population,
    read_ranks,
    read_similar_places,
    read_tables,
    read_weights,
)
from geoprofiles.reduction.combine import Tallied
from geoprofiles.reduction.files import tally_files
from geoprofiles.settings import AreaSet, Denominator, IndicatorTable, Lookup, Project, Rate
from geoprofiles.words import listed, nearest, plural

Progress = Callable[[str], None]

LIMITS = ("district", "rungs", "cutoff", "margin", "spread", "coarsest")

LARGE_FILE = 64 << 20
"""Bytes from which reading a file is worth telling of."""


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
    denominators: dict[str, list[tuple[Denominator, Population]]] = field(default_factory=dict)
    ways: dict[tuple[str, str], list[Way]] = field(default_factory=dict)
    """From one kind of area to another, those the project gives or one by geometry."""
    indicators: list[tuple[str, pd.DataFrame, pd.DataFrame]] = field(default_factory=list)
    rates: tuple[Rate, ...] = ()
    """Incident rates that an indicators file declares."""
    breaks: pd.DataFrame | None = None
    """Where recording changed."""
    deprivation: pd.DataFrame | None = None
    """``area_code``, ``rank`` of small areas, 1 the most deprived."""
    similar: pd.DataFrame | None = None
    made_of: dict[str, str] = field(default_factory=dict)
    """Kinds of area that are groups of another kind, and which."""
    inputs: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
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

    def caution(self, sentence: str) -> None:
        """Keep a sentence that readers of the products must see, once, with no absolute path."""
        for path, name in self.paths.items():
            sentence = sentence.replace(path, name)
        if sentence not in self.cautions:
            self.cautions.append(sentence)

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


def gather(project: Project, *, progress: Progress) -> Material:
    """Read every input of a project and locate its incidents in every set of areas."""
    material = Material(paths=_names_of_paths(project))
    with warnings.catch_warnings(record=True) as caught:
        # Faults found in the inputs belong on the products, not only on the screen.
        warnings.simplefilter("always", InputWarning)
        _read_areas(project, material, progress)
        _read_tables(project, material, progress)
        _read_incidents(project, material, progress)
    material.fates = _fates(project, material)
    for warning in caught:
        if issubclass(warning.category, InputWarning):
            material.caution(str(warning.message))
        else:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
    return material


def _read_areas(project: Project, material: Material, progress: Progress) -> None:
    crs = None
    for one in project.areas:
        progress(f"Reading areas: {plural(one.kind)}")
        if one.file is None:
            _group(one, material)
            continue
        areas = read_areas(
            one.file,
            code=one.code,
            name=one.name,
            kind=one.kind,
            layer=one.layer,
            source_crs=one.source_crs,
            crs=crs,
        )
        crs = areas.crs
        material.areas[one.kind] = areas
        facts = dict(areas.attrs.get("source", {}))
        for key in ("code_column", "name_column"):
            said = getattr(one, key.removesuffix("_column"))
            if said is None and facts.get(key):
                material.choose(f"{one.kind}: {key}", facts[key], "found by its name")
        _note_input(project, material, one.file, facts, use=f"areas: {one.kind}")
    for shape in project.context:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)  # water may overlap as it likes
            frame = read_areas(shape.file, crs=crs)
        material.context[shape.name] = frame
        facts = dict(frame.attrs.get("source", {}))
        _note_input(project, material, shape.file, facts, use="context")


def _group(one: AreaSet, material: Material) -> None:
    """Make a set of areas of groups of another; their look-up needs no geometry then."""
    small = str(one.of)
    areas = group_areas(material.areas[small], one.groups or {}, kind=one.kind)
    whole = areas.attrs["lookup"]
    codes = [str(code) for code in material.areas[small].index]
    pairs = pd.DataFrame({"source": codes, "target": [whole.get(one, OUTSIDE) for one in codes]})
    material.ways[small, one.kind] = [Way(crosswalk_from_lookup(pairs, best_fit=False))]
    for note in areas.attrs["notes"]:
        material.caution(f"{plural(one.kind).capitalize()}: {note}")
    material.areas[one.kind] = areas
    material.made_of[one.kind] = small


def _read_ladder(project: Project, material: Material, progress: Progress) -> Ladder | None:
    """Read what rows without coordinates are placed by."""
    one = project.geocoding
    if one is None:
        return None
    progress("Reading postcodes, names and codes")
    said = {name: getattr(one, name) for name in LIMITS}
    postcodes = one.postcodes
    if postcodes not in {None, PACKAGE}:
        postcodes = os.path.normpath(project.folder / str(postcodes))
    return read_ladder(
        material.areas,
        postcodes=postcodes,
        uprns=one.uprns,
        gazetteers=one.gazetteers,
        more_areas=one.areas,
        reviewed=one.reviewed,
        note=lambda file, frame, use: _note_input(
            project, material, file, {"rows": len(frame)}, use=use
        ),
        **said,
    )


def _read_tables(project: Project, material: Material, progress: Progress) -> None:
    for lookup in project.lookups:
        way, rows = _read_way(lookup, set(material.areas[lookup.large].index))
        material.ways.setdefault((lookup.small, lookup.large), []).append(way)
        _note_input(project, material, lookup.file, {"rows": rows}, use="look-up")
    for one in project.denominators:
        progress(f"Reading denominators: {one.name}")
        table = read_population(
            one.file, code=one.code, value=one.value, year=one.year, where=one.where
        )
        material.denominators.setdefault(one.name, []).append((one, table))
        _note_input(project, material, one.file, {"rows": len(table)}, use=one.name)
    for indicators in project.indicators:
        progress("Reading indicators")
        _read_indicators(project, material, indicators)
    if project.breaks is not None:
        material.breaks = read_breaks(project.breaks)
        _note_input(project, material, project.breaks, {"rows": len(material.breaks)}, use="breaks")
    if project.deprivation is not None:
        ranked = project.deprivation
        material.deprivation = read_ranks(ranked.file, rank=ranked.rank, code=ranked.code)
        facts = {"rows": len(material.deprivation)}
        _note_input(project, material, ranked.file, facts, use="deprivation")
    if project.similar_places is not None:
        file = project.similar_places.file
        material.similar = read_similar_places(file, place=project.similar_places.place)
        _note_input(project, material, file, {"rows": len(material.similar)}, use="similar places")


def _read_indicators(project: Project, material: Material, one: IndicatorTable) -> None:
    """Read what indicators mean, and their figures: from a long table or those the file names."""
    declared = read_declarations(one.definitions, folder=project.folder)
    definitions = declared.definitions
    _note_input(project, material, one.definitions, {"rows": len(definitions)}, use="indicators")
    material.paths |= {
        str(table.file): relative(table.file, project.folder) for table in declared.tables.values()
    }
    if one.file is not None:
        values = read_indicators(one.file, definitions=definitions)
        values.attrs["file"] = str(one.file)
        _note_input(project, material, one.file, {"rows": len(values)}, use="indicators")
        if one.areas is None:
            raise InputError(
                f"[[indicators]] '{one.file.name}' does not say on which areas it is",
                file=project.file,
                remedy="Set 'areas'.",
            )
        _add_indicators(material, one.areas, values, definitions)
    known = {name: tables[0][1] for name, tables in material.denominators.items()}
    for table, (areas, values) in zip(
        declared.used_tables(), read_tables(declared, denominators=known), strict=True
    ):
        _note_input(project, material, table.file, {"rows": len(values)}, use="indicators")
        values.attrs["file"] = str(table.file)
        _add_indicators(material, areas, values, definitions)
    material.rates += tuple(
        Rate(
            str(definitions.loc[wish.indicator, "name"]),
            incidents=wish.incidents,
            categories=wish.categories,
            denominator=wish.per,
            per=float(definitions.loc[wish.indicator, "multiplier"]),
            topic=str(definitions.loc[wish.indicator, "topic"] or "Incidents"),
            polarity=str(definitions.loc[wish.indicator, "polarity"]),  # type: ignore[arg-type]
        )
        for wish in declared.wishes
        if wish.incidents is not None
    )


def _add_indicators(
    material: Material, areas: str, values: pd.DataFrame, definitions: pd.DataFrame
) -> None:
    for note in values.attrs.get("notes", []):
        material.caution(f"{Path(values.attrs['file']).name}: {note}")
    if areas in material.areas:
        # A table of the whole country serves; what is of other places is left aside.
        mine = values["area_code"].isin(material.areas[areas].index)
        if not mine.any():
            raise InputError(
                f"no code is of the {plural(areas)} of this project; the first is"
                f" '{values['area_code'].iloc[0]}'",
                file=values.attrs["file"],
                remedy="They are of another kind or vintage: check 'areas'.",
            )
        attrs = values.attrs
        values = values[mine].reset_index(drop=True)
        values.attrs = attrs
    found = check_indicators(values, definitions)
    for row in found[found["severity"] == "error"].itertuples():
        if row.problem.startswith("the denominator is"):
            continue  # such an area has no rate, and says so
        raise InputError(
            f"indicator '{row.indicator}': {row.problem} ({row.count:,} rows, first '{row.first}')",
            file=values.attrs["file"],
            remedy=row.remedy,
        )
    material.indicators.append((areas, values, definitions))


def _read_way(lookup: Lookup, codes: set[str]) -> tuple[Way, int]:
    """Read a look-up, or postcodes or output areas that carry the codes of both kinds."""
    if lookup.weights:
        columns = {name: getattr(lookup, name) for name in ("source", "target")}
        if None in columns.values():
            raise InputError(
                "a [[lookups]] with weights must name its columns",
                file=lookup.file,
                remedy="Set source and target.",
            )
        table = read_weights(lookup.file, **columns, weight=lookup.weight)
        crosswalk = crosswalk_from_points(table, weight="weight")
    else:
        table = read_lookup(lookup.file, source=lookup.source, target=lookup.target)
        crosswalk = crosswalk_from_lookup(table)
    present = set(table["target"].dropna())
    if present and not present & codes:
        raise InputError(
            f"no code of the column for '{lookup.large}' is in that set of areas;"
            f" the first is '{min(present)}'",
            file=lookup.file,
            remedy="Check that the look-up and the boundaries are of one vintage.",
        )
    return Way(crosswalk, str(lookup.file), lookup.force), len(table)


def _read_incidents(project: Project, material: Material, progress: Progress) -> None:
    ladder = _read_ladder(project, material, progress)
    for source in project.incidents:
        progress(f"Reading {source.name}")
        tallied = tally_files(
            list(source.files),
            material.areas,
            columns=source.columns,
            source_crs=source.source_crs,
            encoding=source.encoding,
            delimiter=source.delimiter,
            repeated_ids=source.repeated_ids,
            progress=_in_tenths(source.name, progress),
            ladder=ladder,
        )
        for facts in tallied.sources:
            _note_input(project, material, Path(facts["file"]), dict(facts), use=source.name)
        for sentence in tallied.notes:
            material.caution(sentence)
        progress(f"Located {tallied.rows:,} rows")
        material.tallied[source.name] = tallied
        _check_categories(project, source.name, tallied)


def _in_tenths(name: str, progress: Progress) -> Callable[[str, int, int], None]:
    """Tell of large files how far they are read, ten times in all."""
    told: dict[str, int] = {}

    def tell(file: str, done: int, total: int) -> None:
        tenth = 10 * done // total if total > LARGE_FILE else 0
        if tenth > told.get(file, 0):
            told[file] = tenth
            progress(f"Reading {name}: {file}, {tenth}0%")

    return tell


def _fates(project: Project, material: Material) -> pd.DataFrame:
    """Say where every input row ended, for each source and kind of area."""
    parts = []
    for source, tallied in material.tallied.items():
        for kind in material.areas:
            part = reconcile_tally(tallied.tally, kind=kind)
            part["file"] = [relative(Path(name), project.folder) for name in part["file"]]
            part.insert(0, "areas", plural(kind))
            part.insert(0, "source", source)
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _check_categories(project: Project, source: str, tallied: Tallied) -> None:
    """Refuse a category that the project asks for and no row has, before long work."""
    first = project.incidents[0].name
    present = sorted(tallied.tally["category"].dropna().astype(str).unique())
    for section, wishes in (("rates", project.rates), ("hotspots", project.hotspots)):
        for wish in wishes:
            if (wish.incidents or first) != source:
                continue
            missing = [name for name in wish.categories if name not in present]
            if missing:
                raise InputError(
                    f"[[{section}]] '{wish.name}' asks for the category '{missing[0]}',"
                    f" which no row of '{source}' has",
                    file=project.file,
                    remedy=f"{nearest(missing[0], present)} Present: {listed(present, most=20)}.",
                )


def _note_input(
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


def _names_of_paths(project: Project) -> dict[str, str]:
    """Map every path of a project to its relative name, the longest first."""
    files = [
        *(one.file for one in project.areas if one.file is not None),
        *_ladder_files(project),
        *(one.file for one in project.context),
        *(one.file for one in project.denominators),
        *(one.file for one in project.lookups),
        *(file for one in project.indicators for file in (one.file, one.definitions) if file),
        *(file for file in (project.breaks, project.strategy) if file),
        *(part.file for part in (project.deprivation, project.similar_places) if part),
        *(file for one in project.incidents for file in one.files),
    ]
    named = {str(file): relative(file, project.folder) for file in files}
    named |= {f"{project.folder}{os.sep}": "", str(project.folder): "."}
    return dict(sorted(named.items(), key=lambda pair: -len(pair[0])))


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

"""Gather: read all that a project names, into one coordinate system, and locate it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from geoprofiles.areas.counts import reconcile_tally
from geoprofiles.areas.crosswalk import crosswalk_from_lookup
from geoprofiles.areas.grouping import group_areas
from geoprofiles.errors import InputError, InputWarning
from geoprofiles.frames import OUTSIDE
from geoprofiles.geocoding.ladder import Ladder
from geoprofiles.pipeline.breaks import tell_strange_breaks
from geoprofiles.pipeline.forms import look_of
from geoprofiles.pipeline.gather_tables import read_project_tables
from geoprofiles.pipeline.ladder import PACKAGE, read_ladder
from geoprofiles.pipeline.material import Material, Way, names_of_paths, note_input, relative
from geoprofiles.pipeline.names import check_headline
from geoprofiles.read import read_areas, read_streets
from geoprofiles.read.context import read_context
from geoprofiles.reduction.combine import Tallied
from geoprofiles.reduction.files import tally_files
from geoprofiles.settings import AreaSet, Hotspot, Project, Rate
from geoprofiles.words import listed, nearest, plural

Progress = Callable[[str], None]

LIMITS = ("district", "rungs", "cutoff", "margin", "spread", "coarsest")

LARGE_FILE = 64 << 20
"""Bytes from which reading a file is worth telling of."""


def gather(project: Project, *, progress: Progress) -> Material:
    """Read every input of a project and locate its incidents in every set of areas."""
    material = Material(paths=names_of_paths(project))
    with warnings.catch_warnings(record=True) as caught:
        # Faults found in the inputs belong on the products, not only on the screen.
        warnings.simplefilter("always", InputWarning)
        material.look = look_of(project, material)
        _read_areas(project, material, progress)
        read_project_tables(project, material, progress)
        _read_incidents(project, material, progress)
        tell_strange_breaks(project, material)
    check_headline(project, material)
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
        note_input(project, material, one.file, facts, use=f"areas: {one.kind}")
    for shape in project.context:
        frame = read_context(shape.file, crs=crs, style=shape.style)
        material.context[shape.name] = frame
        facts = dict(frame.attrs.get("source", {}))
        note_input(project, material, shape.file, facts, use="context")
    if project.streets is not None:
        progress("Reading streets")
        material.streets = read_streets(project.streets, crs=crs)
        note_input(
            project, material, project.streets, {"rows": len(material.streets)}, use="streets"
        )


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
        note=lambda file, frame, use: note_input(
            project, material, file, {"rows": len(frame)}, use=use
        ),
        **said,
    )


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
            note_input(project, material, Path(facts["file"]), dict(facts), use=source.name)
        for sentence in tallied.notes:
            material.caution(sentence)
        progress(f"Located {tallied.rows:,} rows")
        material.tallied[source.name] = tallied
        _check_categories(project, material, source.name, tallied)


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


def _check_categories(project: Project, material: Material, source: str, tallied: Tallied) -> None:
    """Refuse a category that the project asks for and no row has, before long work."""
    first = project.incidents[0].name
    present = sorted(tallied.tally["category"].dropna().astype(str).unique())
    wishes_by_section: tuple[tuple[str, tuple[Rate | Hotspot, ...]], ...] = (
        ("[[rates]]", project.rates),
        ("an indicator,", material.rates),
        ("[[hotspots]]", project.hotspots),
    )
    for section, wishes in wishes_by_section:
        for wish in wishes:
            if (wish.incidents or first) != source:
                continue
            missing = [name for name in wish.categories if name not in present]
            if missing:
                raise InputError(
                    f"{section} '{wish.name}' asks for the category '{missing[0]}',"
                    f" which no row of '{source}' has",
                    file=project.file,
                    remedy=f"{nearest(missing[0], present)} Present: {listed(present, most=20)}.",
                )

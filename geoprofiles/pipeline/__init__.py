"""One run: a project file in, a folder and its manifest out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoprofiles.checks import check_choice
from geoprofiles.errors import GeoprofilesError, InputError
from geoprofiles.model import Profile
from geoprofiles.pipeline.charts import chart_files
from geoprofiles.pipeline.concentration import Concentration, concentration_of, hotspots_of
from geoprofiles.pipeline.dashboard import dashboard_files
from geoprofiles.pipeline.evidence import evidence_of
from geoprofiles.pipeline.figures import Figures, figures_of
from geoprofiles.pipeline.forms import STRICT, all_forms, single_files, snippet_of
from geoprofiles.pipeline.gather import gather
from geoprofiles.pipeline.insight import insight_of
from geoprofiles.pipeline.manifest import build_manifest
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.pages import page_addresses, profile_files
from geoprofiles.pipeline.periods import choose_period
from geoprofiles.pipeline.products import (
    Files,
    credits_of,
    hotspot_files,
    manifest_bytes,
    map_files,
    notes_of,
)
from geoprofiles.pipeline.profiles import kinds_with_pages, profiles_of
from geoprofiles.pipeline.questions import question_files
from geoprofiles.pipeline.scorecard import scorecard_of
from geoprofiles.pipeline.stills import still_files
from geoprofiles.pipeline.summary import counted, summary_of
from geoprofiles.pipeline.tables import insight_files, scorecard_files, table_files
from geoprofiles.project import read_project
from geoprofiles.settings import Project
from geoprofiles.words import listed, nearest, plural
from geoprofiles.write import MANIFEST, check_replaceable, write_folder

__all__ = ["Result", "profile_areas", "profile_pages", "run"]


@dataclass(frozen=True)
class Result:
    """What a run made.

    Attributes
    ----------
    folder : Path
        Where the products are.
    page : Path
        The page to open first.
    manifest : dict
        The content of ``manifest.json``.
    summary : tuple of str
        A few plain sentences on what came out.
    """

    folder: Path
    page: Path
    manifest: dict[str, Any]
    summary: tuple[str, ...]


def run(
    project: str | os.PathLike[str] | Project,
    *,
    output: str | os.PathLike[str] | None = None,
    data: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Result:
    """Run a project: read, locate, count, rate, find hot spots, and write every product.

    Parameters
    ----------
    project : path or Project
        The project file.
    output : path, optional
        The folder to write; the project's ``output`` where not said. It is written whole or not
        at all. A folder of an earlier run is replaced; one that holds anything else is not.
    data : path, optional
        The folder that the project's relative paths start from; its own where not said.
    overwrite : bool
        Replace the folder whatever it holds.
    progress : callable, optional
        Called with one line of text at each step.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        If an input cannot be used; the message names file, row and column.
    OutputError
        If the folder cannot be written, or holds what geoprofiles did not write.

    Examples
    --------
    A project file as it is, or with less than it asks for:

    >>> import dataclasses, tempfile
    >>> import geoprofiles
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sample = geoprofiles.write_sample(Path(folder) / "sample", incidents=2000)
    ...     project = geoprofiles.read_project(sample / "geoprofiles.toml")
    ...     brief = dataclasses.replace(
    ...         project, indicators=(), strategy=None, profiles=(), hotspots=project.hotspots[1:2]
    ...     )
    ...     result = run(brief)
    ...     result.page.name
    'index.html'
    """
    say = progress or (lambda _: None)
    project = project if isinstance(project, Project) else read_project(project, data=data)
    folder = Path(output) if output is not None else project.output
    # Asked first, so that long work does not end in a refusal.
    check_replaceable(folder, overwrite=overwrite)
    material = gather(project, progress=say)
    _check_reconciled(material)
    periods = {name: choose_period(project, material, name) for name in material.tallied}
    say("Counting, rating and comparing")
    figures = [figures_of(project, material, kind, periods) for kind in material.areas]
    say("Following months, gradients and similar places")
    insight = insight_of(project, material, figures, periods)
    card, printed = scorecard_of(project, material, figures, periods)
    concentrations = _concentrations(project, material, periods, say)
    say("Looking at hot spots cell by cell, by hour and by street")
    evidence = [evidence_of(project, material, one) for one in concentrations]
    cells = [one.pattern.cells for one in evidence]
    say("Drawing the map and writing tables")
    files: Files = map_files(project, material, figures, concentrations, cells)
    files |= still_files(project, material, figures[0], evidence)
    notes = [*project.notes, *notes_of(material)]
    files |= table_files(project, material, figures, notes, credits_of(project))
    files |= insight_files(insight)
    files |= scorecard_files(card, printed)
    say("Drawing charts and writing the page of each area")
    files |= chart_files(project, material, figures[0], insight)
    pages: dict[str, dict[str, str]] = {}
    for kind in kinds_with_pages(project, material):
        mine = next(one for one in figures if one.kind == kind)
        profiles = profiles_of(project, material, mine, concentrations)
        pages[kind] = page_addresses(kind, profiles)
        own = [*project.notes, *notes_of(material, kind=kind)]
        files |= profile_files(project, material, mine, profiles, own, dashboard="../../index.html")
    files |= hotspot_files(concentrations, cells)
    files |= question_files(project, material, evidence)
    say("Putting the dashboard together")
    files |= dashboard_files(
        project, material, figures, periods, concentrations, insight, card, pages
    )
    summary = summary_of(project, material, figures, concentrations, insight, card)
    files["summary.txt"] = ("\n".join(summary) + "\n").encode()
    say("Writing each page in its three forms")
    whole = all_forms(files, material.look) | {f"{STRICT}/iframe.html": snippet_of(project.title)}
    manifest = build_manifest(project, material, whole, counts=counted(material))
    whole[MANIFEST] = manifest_bytes(manifest)
    say("Writing the folder")
    write_folder(folder, whole, overwrite=overwrite)
    return Result(folder, folder / "index.html", manifest, tuple(summary))


def profile_areas(
    project: str | os.PathLike[str] | Project,
    *,
    kind: str | None = None,
    areas: Sequence[str] = (),
    data: str | os.PathLike[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Profile]:
    """Tell areas of a project whole, without writing anything.

    Parameters
    ----------
    project : path or Project
        The project file.
    kind : str, optional
        The kind of area; the project's first where not said.
    areas : sequence of str
        Codes or names of the areas wanted; all of the kind where none is named.
    data : path, optional
        The folder that the project's relative paths start from; its own where not said.
    progress : callable, optional
        Called with one line of text at each step.

    Returns
    -------
    list of Profile
        One for each area, in the order of the boundaries or of `areas`.

    Raises
    ------
    InputError
        If an input cannot be used, or the project has no such kind or area.

    Examples
    --------
    >>> import tempfile
    >>> import geoprofiles
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sample = geoprofiles.write_sample(Path(folder) / "sample", incidents=2000)
    ...     project = Path(folder) / "sample" / "geoprofiles.toml"
    ...     (harbour,) = geoprofiles.profile_areas(project, areas=["Harbour"])
    >>> harbour.area_name, harbour.kind, len(harbour.figures) > 80
    ('Harbour', 'ward', True)
    """
    return _told(project, kind, areas, data, progress)[3]


def profile_pages(
    project: str | os.PathLike[str] | Project,
    *,
    kind: str | None = None,
    areas: Sequence[str] = (),
    data: str | os.PathLike[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> dict[str, bytes]:
    """Make the pages of areas of a project: file name to content, ``index.html`` among them.

    Takes what :func:`profile_areas` takes, and raises what it raises.
    """
    known, material, figures, profiles = _told(project, kind, areas, data, progress)
    notes = [*known.notes, *notes_of(material, kind=figures.kind)]
    pages = profile_files(known, material, figures, profiles, notes)
    files = single_files(pages, material.look)
    return {name.rpartition("/")[2]: content for name, content in files.items()}


Told = tuple[Project, Material, Figures, list[Profile]]


def _told(
    project: str | os.PathLike[str] | Project,
    kind: str | None,
    areas: Sequence[str],
    data: str | os.PathLike[str] | None,
    progress: Callable[[str], None] | None,
) -> Told:
    say = progress or (lambda _: None)
    project = project if isinstance(project, Project) else read_project(project, data=data)
    kinds = [one.kind for one in project.areas]
    kind = kinds[0] if kind is None else check_choice(kind, kinds, "kind")
    material = gather(project, progress=say)
    codes = [_code_of(material, kind, one) for one in areas] or None
    periods = {name: choose_period(project, material, name) for name in material.tallied}
    say("Counting, rating and comparing")
    figures = figures_of(project, material, kind, periods)
    spots = _concentrations(project, material, periods, say)
    return project, material, figures, profiles_of(project, material, figures, spots, codes=codes)


def _code_of(material: Material, kind: str, wanted: str) -> str:
    """Find an area by its code or its name."""
    names = material.areas[kind]["area_name"].astype(str)
    if wanted in names.index:
        return wanted
    found = names.index[names.str.casefold() == wanted.casefold()]
    if len(found) == 1:
        return str(found[0])
    if len(found) > 1:
        raise InputError(
            f"several {plural(kind)} are called '{wanted}'",
            remedy=f"Name one by its code: {listed(map(str, found))}.",
        )
    raise InputError(f"there is no {kind} '{wanted}'", remedy=nearest(wanted, list(names)))


def _concentrations(
    project: Project, material: Material, periods: dict[str, Any], say: Callable[[str], None]
) -> list[Concentration]:
    found = []
    for hotspot in hotspots_of(project, material):
        say(f"Finding hot spots: {hotspot.name}")
        one = concentration_of(project, material, hotspot, periods)
        if one is not None:
            found.append(one)
    return found


def _check_reconciled(material: Material) -> None:
    for source, kinds in counted(material).items():
        for areas, entry in kinds.items():
            ended = sum(number for fate, number in entry.items() if fate != "rows read")
            if ended != entry["rows read"]:
                raise GeoprofilesError(
                    f"{source}: {entry['rows read']} rows were read and {ended} are accounted for"
                    f" in {areas}. This is a fault of geoprofiles; please report it."
                )

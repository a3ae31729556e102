"""Gather the tables that a project names: look-ups, denominators, indicators, standings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from geoprofiles.areas.crosswalk import crosswalk_from_lookup, crosswalk_from_points
from geoprofiles.errors import InputError
from geoprofiles.frames import Population
from geoprofiles.indicators.check import TOLD_IN_RUNS, check_indicators
from geoprofiles.pipeline.material import Material, Way, note_input, relative
from geoprofiles.pipeline.names import check_criteria, check_names
from geoprofiles.read import (
    read_breaks,
    read_declarations,
    read_harm,
    read_indicators,
    read_lookup,
    read_people,
    read_population,
    read_ranks,
    read_similar_places,
    read_strategy,
    read_tables,
    read_topics,
    read_weights,
)
from geoprofiles.read.definitions import Declarations
from geoprofiles.settings import IndicatorTable, Lookup, Project, Rate
from geoprofiles.words import listed, nearest, plural

Progress = Callable[[str], None]


def read_project_tables(project: Project, material: Material, progress: Progress) -> None:
    """Read every table of a project, and keep what each was."""
    for lookup in project.lookups:
        way, rows = _read_way(lookup, set(material.areas[lookup.large].index))
        material.ways.setdefault((lookup.small, lookup.large), []).append(way)
        note_input(project, material, lookup.file, {"rows": rows}, use="look-up")
    for one in project.denominators:
        progress(f"Reading denominators: {one.name}")
        table = read_population(
            one.file, code=one.code, value=one.value, year=one.year, where=one.where
        )
        material.denominators.setdefault(one.name, []).append((one, table))
        note_input(project, material, one.file, {"rows": len(table)}, use=one.name)
    for indicators in project.indicators:
        progress("Reading indicators")
        _read_indicators(project, material, indicators)
    if project.breaks is not None:
        material.breaks = read_breaks(project.breaks)
        note_input(project, material, project.breaks, {"rows": len(material.breaks)}, use="breaks")
    if project.strategy is not None:
        material.strategy = read_strategy(project.strategy)
        facts = {"rows": len(material.strategy.measures)}
        note_input(project, material, project.strategy, facts, use="strategy")
    if project.deprivation is not None:
        ranked = project.deprivation
        material.deprivation = read_ranks(ranked.file, rank=ranked.rank, code=ranked.code)
        facts = {"rows": len(material.deprivation)}
        note_input(project, material, ranked.file, facts, use="deprivation")
    if project.similar_places is not None:
        file = project.similar_places.file
        material.similar = read_similar_places(file, place=project.similar_places.place)
        note_input(project, material, file, {"rows": len(material.similar)}, use="similar places")
    _read_judgements(project, material)
    check_names(project, material)


def _read_judgements(project: Project, material: Material) -> None:
    """Read harm weights, people by age and sex, and what else topics are judged by."""
    if project.harm is not None:
        material.harm = read_harm(project.harm.file)
        note_input(project, material, project.harm.file, {"rows": len(material.harm)}, use="harm")
    if project.people is not None:
        one = project.people
        material.people = read_people(
            one.file, code=one.code, age=one.age, sex=one.sex, value=one.value, year=one.year
        )
        note_input(project, material, one.file, {"rows": len(material.people)}, use="people")
    if project.priorities is not None and project.priorities.file is not None:
        file = project.priorities.file
        material.topics = read_topics(file)
        check_criteria(material.topics, file)
        note_input(project, material, file, {"rows": len(material.topics)}, use="topics")


def _read_indicators(project: Project, material: Material, one: IndicatorTable) -> None:
    """Read what indicators mean, and their figures: from a long table or those the file names."""
    declared = read_declarations(one.definitions, folder=project.folder)
    definitions = declared.definitions
    _refuse_names_twice(project, definitions, one.definitions)
    note_input(project, material, one.definitions, {"rows": len(definitions)}, use="indicators")
    material.paths |= {
        str(table.file): relative(table.file, project.folder) for table in declared.tables.values()
    }
    if one.file is not None:
        values = read_indicators(one.file, definitions=definitions)
        values.attrs["file"] = str(one.file)
        note_input(project, material, one.file, {"rows": len(values)}, use="indicators")
        if one.areas is None:
            raise InputError(
                f"[[indicators]] '{one.file.name}' does not say on which areas it is",
                file=project.file,
                remedy="Set 'areas'.",
            )
        _add_indicators(material, one.areas, values, definitions)
    known = _by_kind(material)
    _check_declared(project, material, declared, one.definitions)
    for table, (areas, values) in zip(
        declared.used_tables(), read_tables(declared, denominators=known), strict=True
    ):
        note_input(project, material, table.file, {"rows": len(values)}, use="indicators")
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
            definition=str(definitions.loc[wish.indicator, "definition"]),
            source=str(definitions.loc[wish.indicator, "source"]),
        )
        for wish in declared.wishes
        if wish.incidents is not None
    )


def _by_kind(material: Material) -> dict[str, dict[str, Population]]:
    """Return the denominators by name, then by the kind of area they are for."""
    return {
        name: {setting.areas: table for setting, table in reversed(tables)}
        for name, tables in material.denominators.items()
    }


def indicators_as_they_are(project: Project) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Read the tables of indicators of a project as they are, to be looked through.

    Returns pairs of figures and what they mean. Nothing is refused that can be read at all.
    """
    material = Material()
    for one in project.denominators:
        table = read_population(
            one.file, code=one.code, value=one.value, year=one.year, where=one.where
        )
        material.denominators.setdefault(one.name, []).append((one, table))
    found = []
    for wish in project.indicators:
        declared = read_declarations(wish.definitions, folder=project.folder)
        if wish.file is not None:
            found.append((read_indicators(wish.file), declared.definitions))
        tables = read_tables(declared, denominators=_by_kind(material))
        found += [(frame, declared.definitions) for _, frame in tables]
    return found


def _refuse_names_twice(project: Project, definitions: pd.DataFrame, file: Path) -> None:
    """Refuse a name that two indicators have, for products know them by it."""
    names = pd.Series([*(rate.name for rate in project.rates), *definitions["name"]])
    again = names[names.duplicated()]
    if len(again):
        raise InputError(
            f"two indicators are called '{again.iloc[0]}'",
            file=file,
            remedy="Give each its own name; those of [[rates]] count as well.",
        )


def _check_declared(
    project: Project, material: Material, declared: Declarations, file: Path
) -> None:
    """Refuse what an indicators file asks in vain.

    That is rules that cannot be kept, and sources, denominators and kinds of area that the
    project does not have.
    """
    sources = [one.name for one in project.incidents]
    for wish in declared.wishes:
        rule = declared.definitions.loc[wish.indicator, "disclosure"]
        if wish.incidents is not None and rule not in {"", "none"}:
            raise InputError(
                f"[indicators.{wish.indicator}] has the disclosure rule '{rule}', which cannot be"
                " kept: counts of incidents by month are printed in full",
                file=file,
                remedy="Take the rule out if they may be, or else the incidents.",
            )
    asked = [
        (f"[indicators.{wish.indicator}]", key, name, names)
        for wish in declared.wishes
        for key, name, names in (
            ("incidents", wish.incidents, sources),
            ("per", wish.per, list(material.denominators)),
        )
        if name is not None
    ]
    asked += [
        (f"[tables.{name}]", "only", kind, list(material.areas))
        for name, table in declared.tables.items()
        for kind in table.only
    ]
    for where, key, name, names in asked:
        if name not in names:
            raise InputError(
                f"{where} names '{name}', which the project does not have",
                file=project.file,
                column=key,
                remedy=nearest(name, names),
            )


def _add_indicators(
    material: Material, areas: str, values: pd.DataFrame, definitions: pd.DataFrame
) -> None:
    name = Path(values.attrs["file"]).name
    for note in values.attrs.get("notes", []):
        material.caution(f"{name}: {note}")
    if areas in material.areas:
        values = _of_these_areas(material, areas, values, name)
    else:
        led = _led_from(material, areas)
        if led and led < set(values["area_code"]):
            values = _only(values, values["area_code"].isin(led))
    found = check_indicators(values, definitions)
    for row in found[found["severity"] == "error"].itertuples():
        if row.problem.startswith("the denominator is"):
            continue  # such an area has no rate, and says so
        rows = f"{row.count:,} row{'s' * (row.count != 1)}"
        raise InputError(
            f"indicator '{row.indicator}': {row.problem} ({rows}, first '{row.first}')",
            file=values.attrs["file"],
            remedy=row.remedy,
        )
    told = found[found["problem"].str.startswith(TOLD_IN_RUNS)]
    for problem, some in told.groupby("problem", sort=False):
        names = listed(f"'{one}'" for one in some["indicator"])
        material.caution(
            f"{name}: in {names}, {problem}; the first is '{some['first'].iloc[0]}'."
            f" {some['remedy'].iloc[0]}"
        )
    given = values["indicator"].isin(definitions.index[definitions["method"] == "given"])
    for mine in (~given, given):
        if mine.any():
            part = _only(values, mine)
            if mine is given:
                part = _for_its_own_areas(material, areas, part, name)
            material.indicators.append((areas, part, definitions))


def _of_these_areas(
    material: Material, areas: str, values: pd.DataFrame, name: str
) -> pd.DataFrame:
    """Keep what is of the areas of a kind; tell codes of none of them, and areas that lack."""
    codes = material.areas[areas].index
    mine = values["area_code"].isin(codes)
    strange = values.loc[~mine, "area_code"].unique()
    held = set(values.loc[mine, "area_code"])
    if not held:
        raise InputError(
            f"no code is of the {plural(areas)} of this project; the first is"
            f" '{values['area_code'].iloc[0]}'",
            file=values.attrs["file"],
            remedy="They are of another kind or vintage: check 'areas'.",
        )
    # A table of the whole country serves; what is of other places is left aside without a word.
    if 0 < len(strange) < len(held):
        number, rows = len(strange), int((~mine).sum())
        codes_are = "1 code is" if number == 1 else f"{number:,} codes are"
        material.caution(
            f"{name}: {codes_are} of none of the {plural(areas)}, first '{strange[0]}';"
            f" left out ({rows:,} row{'s' * (rows != 1)})."
        )
    lacking = [str(code) for code in codes if code not in held]
    if lacking:
        material.caution(
            f"{name} has no row for {len(lacking):,} of {len(codes):,} {plural(areas)}, first"
            f" '{lacking[0]}': not known there, and not zero."
        )
    return _only(values, mine)


def _for_its_own_areas(
    material: Material, areas: str, given: pd.DataFrame, name: str
) -> pd.DataFrame:
    """Keep figures that are given as they are to the kind that they are for: none can be summed."""
    given.attrs = {**given.attrs, "only": (areas,)}
    names = listed(f"'{one}'" for one in given["indicator"].unique())
    for kind in material.areas:
        if kind != areas:
            material.caution(
                f"Left out of {plural(kind)}: {names} of {name}; given as they are for"
                f" {plural(areas)}, they cannot be added up.",
                kind=kind,
            )
    return given


def _only(values: pd.DataFrame, mine: pd.Series) -> pd.DataFrame:
    attrs = values.attrs
    values = values[mine].reset_index(drop=True)
    values.attrs = attrs
    return values


def _led_from(material: Material, areas: str) -> set[str]:
    """Return the codes of a kind that look-ups lead from to areas of the project.

    A table that has them all and more is of a larger place; one that lacks some is not cut, so
    that codes of another vintage are told.
    """
    codes: set[str] = set()
    for (small, large), ways in material.ways.items():
        for way in ways if small == areas else ():
            here = way.crosswalk["target"].isin(material.areas[large].index)
            codes |= set(way.crosswalk.loc[here, "source"])
    return codes


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
        crosswalk = crosswalk_from_lookup(table, best_fit=False if lookup.nests else None)
    present = set(table["target"].dropna())
    if present and not present & codes:
        raise InputError(
            f"no code of the column for '{lookup.large}' is in that set of areas;"
            f" the first is '{min(present)}'",
            file=lookup.file,
            remedy="Check that the look-up and the boundaries are of one vintage.",
        )
    return Way(crosswalk, str(lookup.file), lookup.force), len(table)

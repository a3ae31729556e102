"""The project file: one TOML file that describes a run.

What it may say stands in ``settings``. Relative paths are relative to the file. An unknown
key is an error that suggests the nearest known one.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from geoprofiles.errors import InputError
from geoprofiles.publish.look import faults_of
from geoprofiles.publish.style import RAMP, TOKENS
from geoprofiles.settings import PARTS, RENAMED, SECTIONS, AreaSet, Hotspot, Lookup, Project
from geoprofiles.words import WEEKDAYS, nearest

TEMPLATE = Path(__file__).with_name("project_template.toml")
"""The commented project file that ``geoprofiles init`` writes; every default is visible in it."""


CHART_FORMS = ("svg", "png")


def read_project(
    path: str | os.PathLike[str], *, data: str | os.PathLike[str] | None = None
) -> Project:
    """Read and check a project file.

    Parameters
    ----------
    path : path
        A TOML file, as ``geoprofiles init`` writes it.
    data : path, optional
        The folder that relative paths start from; the file's own where not said. ``output`` is
        always relative to the file's own.

    Returns
    -------
    Project
        With all paths made absolute.

    Raises
    ------
    InputError
        If the file is missing, is not TOML, has an unknown key (the nearest known one is
        suggested), lacks a needed key, or names an area kind, source or denominator that
        it does not define.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> text = '''title = "Town"
    ... [[areas]]
    ... kind = "ward"
    ... file = "wards.geojson"
    ... [[incidents]]
    ... files = ["2026-06-town-street.csv"]
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "geoprofiles.toml"
    ...     _ = file.write_text(text)
    ...     read_project(file).areas[0].kind
    'ward'
    """
    path = Path(path)
    text = _text(path)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise InputError(
            f"this is not TOML: {error}",
            file=path,
            row=int(line.group(1)) if line else None,
            remedy="Text stands in quotation marks, lists in [ ]. Compare with 'geoprofiles init'.",
        ) from error
    folder = path.resolve().parent if data is None else Path(data).resolve()
    if not folder.is_dir():
        raise InputError("there is no such folder", file=folder, remedy="Check --data.")
    reader = _Reader(path, text, folder)
    project = reader.table(content, Project, where="the project file")
    _check_references(project, reader)
    return project


def _of(*types: type) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise TypeError
        return value

    return convert


class _Reader:
    """Turns TOML tables into the dataclasses above; knows the lines, for errors."""

    def __init__(self, path: Path, text: str, folder: Path) -> None:
        self.path = path
        self.folder = folder
        self.lines = text.splitlines()

    def error(
        self, problem: str, *, key: str | None = None, remedy: str | None = None
    ) -> InputError:
        return InputError(problem, file=self.path, row=self._line(key), remedy=remedy)

    def _line(self, key: str | None) -> int | None:
        if key is None:
            return None
        pattern = re.compile(rf"^\s*(?:\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*(?:=|\])")
        found = [number for number, line in enumerate(self.lines, 1) if pattern.match(line)]
        return found[0] if len(found) == 1 else None

    def table(self, content: Mapping[str, Any], kind: type, *, where: str) -> Any:
        """Make one dataclass from one TOML table."""
        shown = {value: key for key, value in RENAMED.items()} if kind is Lookup else {}
        own = {"file", "folder"} if kind is Project else set()
        known = {f.name: f for f in fields(kind) if f.name not in own}
        names = [shown.get(name, name) for name in known]
        values: dict[str, Any] = {}
        if kind is Project:
            values = {"file": self.path.resolve(), "folder": self.folder}
        for key, value in content.items():
            name = RENAMED.get(key, key) if kind is Lookup else key
            if key not in names:
                raise self.error(
                    f"unknown key '{key}' in {where}", key=key, remedy=nearest(key, names)
                )
            if kind is Project and key in SECTIONS:
                values[name] = self.tables(value, key)
            elif kind is Project and key in PARTS:
                if not isinstance(value, dict):
                    raise self.error(
                        f"'{key}' must be written as a section",
                        key=key,
                        remedy=f"Write [{key}], with one pair of brackets.",
                    )
                values[name] = self.table(value, PARTS[key], where=f"[{key}]")
            else:
                values[name] = self.value(value, str(known[name].type), key, where)
        for name, one in known.items():
            if name not in values and one.default is MISSING and one.default_factory is MISSING:
                raise self.error(
                    f"{where} lacks the key '{shown.get(name, name)}'",
                    remedy="See the commented file that 'geoprofiles init' writes.",
                )
        if kind is Project:
            output = self.path.resolve().parent / content.get("output", "outputs")
            values["output"] = Path(os.path.normpath(output))
        return kind(**values)

    def tables(self, value: Any, section: str) -> tuple[Any, ...]:
        """Make the dataclasses of one repeated section, ``[[section]]``."""
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.error(
                f"'{section}' must be written as a repeated section",
                key=section,
                remedy=f"Write [[{section}]], with two brackets.",
            )
        return tuple(
            self.table(one, SECTIONS[section], where=f"[[{section}]] number {number}")
            for number, one in enumerate(value, 1)
        )

    def value(self, value: Any, annotation: str, key: str, where: str) -> Any:
        """Check one value against the type its field declares."""
        annotation = annotation.removesuffix(" | None")
        if annotation.startswith("Literal["):
            choices = re.findall(r"'([^']*)'|\"([^\"]*)\"", annotation)
            words = [first or second for first, second in choices]
            if value not in words:
                raise self.error(
                    f"'{key}' in {where} cannot be {value!r}",
                    key=key,
                    remedy=nearest(str(value), words),
                )
            return value
        expected, convert = self._converters()[annotation]
        try:
            return convert(value)
        except (TypeError, ValueError) as error:
            raise self.error(
                f"'{key}' in {where} must be {expected}; it is {value!r}", key=key
            ) from error

    def _converters(self) -> dict[str, tuple[str, Callable[[Any], Any]]]:
        def path(value: Any) -> Path:
            wanted = Path(os.path.normpath(self.folder / _of(str)(value)))
            # With --data, what is no data (indicator and strategy files) may lie by the project.
            beside = Path(os.path.normpath(self.path.resolve().parent / value))
            return beside if beside.exists() and not wanted.exists() else wanted

        def many(one: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def convert(value: Any) -> tuple[Any, ...]:
                return tuple(one(item) for item in ([value] if isinstance(value, str) else value))

            return convert

        def above_zero(value: Any) -> Any:
            if not 0 < _of(int, float)(value) < math.inf:  # no number is not above 0 either
                raise ValueError
            return value

        def groups(value: Any) -> dict[str, tuple[str, ...]]:
            return {key: many(_of(str))(one) for key, one in _of(dict)(value).items()}

        def words(value: Any) -> dict[str, str]:
            return {key: _of(str)(one) for key, one in _of(dict)(value).items()}

        def weights(value: Any) -> dict[str, float]:
            return {
                key: float(above_zero(_of(int, float)(one)))
                for key, one in _of(dict)(value).items()
            }

        return {
            "str": ("text in quotation marks", _of(str)),
            "bool": ("true or false", _of(bool)),
            "int": ("a whole number above 0", lambda value: above_zero(_of(int)(value))),
            "float": ("a number above 0", lambda value: float(above_zero(value))),
            "Path": ("a path in quotation marks", path),
            "tuple[Path, ...]": ("a list of paths", many(path)),
            "tuple[str, ...]": ("a list of texts", many(_of(str))),
            "Mapping[str, tuple[str, ...]]": (
                "a table of lists of texts, such as { West = ['Mill', 'Quay'] }",
                groups,
            ),
            "Mapping[str, float]": ("a table of numbers, such as { volume = 2 }", weights),
            "Mapping[str, str]": ("a table of texts, such as { a = 'b' }", words),
        }


def _text(path: Path) -> str:
    if path.is_dir():
        raise InputError(
            "this is a folder; a project file was expected",
            file=path,
            remedy=f"Did you mean '{path / 'geoprofiles.toml'}'?",
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(
            "there is no such file",
            file=path,
            remedy="'geoprofiles init' writes a project file to start from.",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            "the file is not UTF-8 text", file=path, remedy="Save it as UTF-8."
        ) from error
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=path) from error


def _check_references(project: Project, reader: _Reader) -> None:
    """Refuse names that a project uses and does not define, and kinds defined twice."""
    for section in ("areas", "incidents"):
        if not getattr(project, section):
            raise reader.error(
                f"the project has no [[{section}]]", remedy=f"Add one [[{section}]]."
            )
    kinds = _unique([one.kind for one in project.areas], "areas", "kind", reader)
    sources = _unique([one.name for one in project.incidents], "incidents", "name", reader)
    # One denominator may come in several tables, each for its own kind of area.
    _unique(
        [f"{one.name} of {one.areas}" for one in project.denominators],
        "denominators",
        "name",
        reader,
    )
    counted = [one.name for one in project.denominators]
    _unique([one.name for one in project.hotspots], "hotspots", "name", reader)
    _unique([one.name for one in project.rates], "rates", "name", reader)

    def known(value: str | None, names: list[str], key: str, what: str) -> None:
        if value is not None and value not in names:
            raise reader.error(
                f"{key} = '{value}' names no {what} of this project",
                remedy=nearest(value, names) if names else f"There is no [[{what}]] in it.",
            )

    _check_groups(project.areas, reader)
    for lookup in project.lookups:
        known(lookup.large, kinds, "to", "areas")
    for key, wanted in (("map", project.map), ("profiles", project.profiles or ())):
        for kind in wanted:
            known(kind, kinds, key, "areas")
    for rate in project.rates:
        known(rate.incidents, sources, "incidents", "incidents")
        known(rate.denominator, counted, "denominator", "denominators")
    for hotspot in project.hotspots:
        known(hotspot.incidents, sources, "incidents", "incidents")
        known(hotspot.denominator, counted, "denominator", "denominators")
        _check_window(hotspot, reader)
    _check_words(project, reader)
    _check_look(project, reader)


def _check_look(project: Project, reader: _Reader) -> None:
    """Refuse colours and fonts with which some readers could not read."""
    look = project.look
    if look is None:
        return
    accent, classes = look.accent or TOKENS["accent"], look.classes or RAMP
    for fault in faults_of(accent, classes, look.diverging, look.font):
        raise reader.error(
            f"'{fault.key}' of [look]: {fault.problem}", key=fault.key, remedy=fault.remedy
        )
    if look.logo_text and look.logo is None:
        raise reader.error("'logo_text' of [look] stands without a 'logo'", key="logo_text")


def _check_window(hotspot: Hotspot, reader: _Reader) -> None:
    """Refuse hours and weekdays that are none."""
    if hotspot.window is not None and not re.fullmatch(
        r"([01]?\d|2[0-3]):[0-5]\d to (([01]?\d|2[0-3]):[0-5]\d|24:00)", hotspot.window
    ):
        raise reader.error(
            f"'window' of [[hotspots]] '{hotspot.name}' cannot be '{hotspot.window}'",
            key="window",
            remedy='Write "22:00 to 06:00".',
        )
    for day in hotspot.weekdays:
        if day not in WEEKDAYS:
            raise reader.error(
                f"'weekdays' of [[hotspots]] '{hotspot.name}' cannot hold '{day}'",
                key="weekdays",
                remedy=nearest(day, WEEKDAYS),
            )
    if hotspot.weekdays and hotspot.window is None:
        raise reader.error(
            f"[[hotspots]] '{hotspot.name}' has 'weekdays' and no 'window'",
            key="weekdays",
            remedy='Say from when on: window = "00:00 to 00:00" is the whole of each day.',
        )


def _check_words(project: Project, reader: _Reader) -> None:
    """Refuse a period and forms of charts that are not known."""
    for form in project.charts:
        if form not in CHART_FORMS:
            raise reader.error(
                f"'charts' cannot hold '{form}'", key="charts", remedy=nearest(form, CHART_FORMS)
            )
    if not re.fullmatch(r"latest \d+ months|all|\d{4}-\d{2} to \d{4}-\d{2}", project.period):
        raise reader.error(
            f"'period' cannot be '{project.period}'",
            key="period",
            remedy='Write "latest 12 months", "all" or "2025-07 to 2026-06".',
        )


def _check_groups(areas: tuple[AreaSet, ...], reader: _Reader) -> None:
    """Refuse a set of areas that is neither a file nor groups of a set named before it."""
    before: list[str] = []
    for one in areas:
        where = f"[[areas]] '{one.kind}'"
        if (one.file is None) == (one.of is None) or (one.of is None) != (one.groups is None):
            raise reader.error(
                f"{where} needs either 'file', or 'of' and 'groups'",
                remedy="Name a file of boundaries, or make groups of another set's areas.",
            )
        if one.of is not None and one.of not in before:
            raise reader.error(
                f"{where} is of '{one.of}', and no set of that kind stands above it",
                remedy=nearest(one.of, before) if before else "Put that set first.",
            )
        before.append(one.kind)


def _unique(names: list[str], section: str, key: str, reader: _Reader) -> list[str]:
    for name in names:
        if names.count(name) > 1:
            raise reader.error(
                f"two [[{section}]] have the {key} '{name}'", remedy=f"Give each its own {key}."
            )
    return names

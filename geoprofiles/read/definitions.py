"""Read what indicators mean, from a table or a TOML file, and where their figures are."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pandas as pd

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import METHODS, disclosure_rule
from geoprofiles.read.archives import PathLike
from geoprofiles.read.numbers import first_row, need_codes, numbers, open_table, texts
from geoprofiles.words import nearest

POLARITIES = ("high is bad", "high is good", "neither")
MULTIPLIERS = {
    "rate": 1000.0,
    "proportion": 100.0,
    "survey": 100.0,
    "directly standardised": 100_000.0,
    "indirectly standardised": 100.0,
}
"""What figures are multiplied by where it is not said; 1 for other methods."""

WORDS = (
    "topic", "name", "definition", "numerator", "denominator", "unit", "method", "polarity",
    "source", "period_kind", "disclosure",
)  # fmt: skip
DEFINITION_COLUMNS = (*WORDS[:7], "multiplier", *WORDS[7:], "design_effect")


@dataclass(frozen=True)
class FigureTable:
    """``[tables.NAME]`` of an indicators file: a table of the analyst's, and how to read it."""

    file: Path
    areas: str
    code: str | None = None
    period: str | None = None
    period_column: str | None = None
    labels: str | None = None
    """Long tables: the column that says what each row counts."""
    value: str | None = None
    where: Mapping[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    """Kinds of area that its figures are shown for; all that they can be brought to, if empty."""


@dataclass(frozen=True)
class FigureWish:
    """Where one indicator's figures come from: columns of a table, or counted incidents."""

    indicator: str
    table: str | None = None
    take: tuple[str, ...] = ()
    """Columns (or labels) that add up to the numerator; ``"0 to 15"`` for both and all between."""
    over: tuple[str, ...] = ()
    """Columns (or labels) that add up to the denominator, or a denominator of the project; ``*``
    for all labels."""
    weight: str | None = None
    """A column or denominator to weight `take` by, where it is a score, percentage or mean."""
    incidents: str | None = None
    categories: tuple[str, ...] = ()
    per: str | None = None
    """The denominator of the project that incidents are rated by."""


@dataclass(frozen=True)
class Declarations:
    """All that an indicators file declares."""

    definitions: pd.DataFrame
    tables: Mapping[str, FigureTable] = field(default_factory=dict)
    wishes: tuple[FigureWish, ...] = ()

    def used_tables(self) -> list[FigureTable]:
        """Return the tables that an indicator takes its figures from."""
        wanted = {wish.table for wish in self.wishes}
        return [table for name, table in self.tables.items() if name in wanted]


def read_definitions(path: PathLike) -> pd.DataFrame:
    r"""Read what indicators mean: their topic, unit, method, polarity, and what is counted.

    Parameters
    ----------
    path : path
        A CSV file or workbook with ``indicator`` and any of ``topic``, ``name``, ``definition``,
        ``numerator``, ``denominator`` (what is counted, in words), ``unit``, ``method``,
        ``multiplier``, ``polarity``, ``source``, ``period_kind``, ``disclosure`` and
        ``design_effect``; or a TOML file, as :func:`read_declarations` reads it.

    Returns
    -------
    DataFrame
        Index ``indicator``; all these columns. ``method`` is one of those that
        :func:`geoprofiles.indicator_values` knows; the multiplier is 1,000 for a rate, 100 for a
        proportion, 1 for a value where not said.

    Raises
    ------
    InputError
        If a word is not one of those known, a multiplier is not above 0, or an indicator is
        defined twice; the row is named.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> text = "indicator,name,method\nrenting,Homes rented,proportion\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "definitions.csv"
    ...     _ = file.write_text(text)
    ...     geoprofiles.read.read_definitions(file).loc["renting", "multiplier"]
    np.float64(100.0)
    """
    if str(path).lower().endswith(".toml"):
        return read_declarations(path).definitions
    table = open_table(path)
    file = table.name
    names = need_codes(texts(table, "indicator"), file=file, heading="indicator")
    frame = pd.DataFrame({"indicator": names})
    for heading in WORDS:
        present = table.position(heading) is not None
        frame[heading] = texts(table, heading) if present else None
    for heading in ("multiplier", "design_effect"):
        frame[heading] = float("nan")
        if table.position(heading) is not None:
            frame[heading], _ = numbers(texts(table, heading), file=file, heading=heading)
    again = frame["indicator"].duplicated()
    if again.any():
        raise InputError(
            "this indicator is defined twice",
            file=file,
            row=first_row(again),
            column="indicator",
            remedy="Keep one row for each.",
        )
    return _finished(frame, file, rows=True)


def _finished(frame: pd.DataFrame, file: str, *, rows: bool) -> pd.DataFrame:
    """Fill in what is not said and refuse words that are not known; `rows` if rows can be named."""
    frame["name"] = frame["name"].fillna(frame["indicator"])
    frame["method"] = frame["method"].fillna("value")
    frame["polarity"] = frame["polarity"].fillna("neither")
    for heading in WORDS:
        frame[heading] = frame[heading].fillna("").astype(str)
    for at, row in frame.iterrows():
        line = int(str(at)) if rows else None
        for heading, known in (("method", METHODS), ("polarity", POLARITIES)):
            try:
                check_choice(row[heading], known, heading)
            except InputError as error:
                problem = (
                    error.problem if rows else f"[indicators.{row['indicator']}]: {error.problem}"
                )
                raise InputError(
                    problem, file=file, row=line, column=heading, remedy=error.remedy
                ) from None
        try:
            frame.loc[at, "disclosure"] = disclosure_rule(row["disclosure"])
        except InputError as error:
            raise InputError(
                error.problem, file=file, row=line, column="disclosure", remedy=error.remedy
            ) from None
    usual = frame["method"].map(MULTIPLIERS).fillna(1.0)
    frame["multiplier"] = frame["multiplier"].astype(float).fillna(usual)
    for heading in ("multiplier", "design_effect"):
        bad = frame[heading].notna() & ~(frame[heading] > 0)
        if bad.any():
            raise InputError(
                f"the {heading.replace('_', ' ')} must be above 0",
                file=file,
                row=first_row(bad) if rows else None,
                column=heading,
            )
    return frame.set_index("indicator")[list(DEFINITION_COLUMNS)]


def read_declarations(path: PathLike, *, folder: PathLike | None = None) -> Declarations:
    r"""Read an indicators file: what indicators mean, and which columns of which tables they are.

    Parameters
    ----------
    path : path
        A TOML file of ``[tables.NAME]`` and ``[indicators.ID]`` sections, or a table as for
        :func:`read_definitions`, which has no tables of its own.
    folder : path, optional
        What relative paths of tables start from; the file's own folder where not said.

    Returns
    -------
    Declarations

    Raises
    ------
    InputError
        If the file is not TOML, a key is not known (the nearest is suggested), an indicator names
        no table of the file, or is declared twice.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> text = '''
    ... [tables.tenure]
    ... file = "tenure.csv"
    ... areas = "LSOA"
    ... [indicators.renting]
    ... name = "Homes rented"
    ... method = "proportion"
    ... table = "tenure"
    ... take = ["rented"]
    ... over = ["households"]
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "indicators.toml"
    ...     _ = file.write_text(text)
    ...     read_declarations(file).wishes[0].take
    ('rented',)
    """
    if not str(path).lower().endswith(".toml"):
        return Declarations(read_definitions(path))
    content = toml_content(Path(path))
    start = Path(path).resolve().parent if folder is None else Path(folder)
    need_known(content, ("tables", "indicators"), "the file", path)
    tables = {
        name: _table(name, one, start, path) for name, one in content.get("tables", {}).items()
    }
    wishes, rows = [], []
    for name, one in content.get("indicators", {}).items():
        where = f"[indicators.{name}]"
        wanted = [entry.name for entry in fields(FigureWish) if entry.name != "indicator"]
        need_known(one, (*DEFINITION_COLUMNS, *wanted), where, path)
        wish = {key: one[key] for key in wanted if key in one}
        for key in ("take", "over", "categories"):
            if key in wish:
                said = [wish[key]] if isinstance(wish[key], str) else wish[key]
                wish[key] = tuple(map(str, said))
        table = wish.get("table")
        if table is not None and table not in tables:
            raise InputError(
                f"{where} names the table '{table}', which the file does not have",
                file=str(path),
                remedy=nearest(str(table), list(tables)) if tables else "Add [tables.…].",
            )
        if wish:
            wishes.append(FigureWish(name, **wish))
        rows.append({"indicator": name, **{key: one.get(key) for key in DEFINITION_COLUMNS}})
    if not rows:
        raise InputError(
            "the file declares no indicator", file=str(path), remedy="Add [indicators.…]."
        )
    return Declarations(_finished(pd.DataFrame(rows), str(path), rows=False), tables, tuple(wishes))


def _table(name: str, one: Mapping[str, Any], start: Path, path: PathLike) -> FigureTable:
    where = f"[tables.{name}]"
    known = [entry.name for entry in fields(FigureTable)]
    need_known(one, known, where, path)
    for key in ("file", "areas"):
        if key not in one:
            raise InputError(f"{where} lacks the key '{key}'", file=str(path))
    if ("labels" in one) != ("value" in one):
        raise InputError(
            f"{where} needs 'labels' and 'value' together",
            file=str(path),
            remedy="'labels' is the column that says what rows count, 'value' that of the number.",
        )
    only = [one["only"]] if isinstance(one.get("only"), str) else one.get("only", ())
    return FigureTable(**{**one, "file": start / str(one["file"]), "only": tuple(only)})


def need_known(one: Any, known: Any, where: str, path: PathLike) -> None:
    """Refuse what is no section, and a key that is not known; the nearest is suggested."""
    if not isinstance(one, Mapping):
        raise InputError(f"{where} must be a section", file=str(path))
    for key in one:
        if key not in known:
            raise InputError(
                f"unknown key '{key}' in {where}", file=str(path), remedy=nearest(key, list(known))
            )


def toml_content(path: Path) -> dict[str, Any]:
    """Read a TOML file; what is wrong with it is told in one line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        twice = "what" in str(error) and "overwrite" in str(error)
        raise InputError(
            f"this is not TOML: {error}",
            file=str(path),
            remedy="Is something declared twice?" if twice or "Cannot" in str(error) else None,
        ) from error
    except FileNotFoundError as error:
        raise InputError("there is no such file", file=str(path)) from error
    except (UnicodeDecodeError, OSError) as error:
        raise InputError("the file cannot be read", file=str(path)) from error

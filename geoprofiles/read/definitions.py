"""Read what indicators mean, from a table or a TOML file, and where their figures are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import METHODS, disclosure_rule
from geoprofiles.read.archives import PathLike
from geoprofiles.read.numbers import first_row, need_codes, numbers, open_table, texts
from geoprofiles.read.tables import Table
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
    age: str | None = None
    sex: str | None = None
    """Columns that say of which age and sex a row is, where an area has one for each."""
    where: Mapping[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    """Kinds of area that its figures are shown for; all that they can be brought to, if empty."""


@dataclass(frozen=True)
class FigureWish:
    """Where one indicator's figures come from: columns of a table, or counted incidents."""

    indicator: str
    table: str | None = None
    take: tuple[str, ...] = ()
    """Columns (or labels) that add up to the numerator; ``"0 to 15"`` for both and all between.

    Of a median, the column of its values, one row each; `over` then says how often, if not once.
    """
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
    _refuse_misspelt(table)
    names = need_codes(texts(table, "indicator"), file=file, heading="indicator", what="indicator")
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


def _refuse_misspelt(table: Table) -> None:
    """Refuse a heading that is nearly one of ours: what it says would not count."""
    lacking = [one for one in DEFINITION_COLUMNS if table.position(one) is None]
    for heading in table.headings:
        known = {"indicator", *DEFINITION_COLUMNS} - set(lacking)
        close = get_close_matches(heading.casefold(), lacking, n=1, cutoff=0.85)
        if close and heading.casefold() not in known:
            raise InputError(
                f"the column '{heading}' is not known",
                file=table.name,
                row=1,
                column=heading,
                remedy=f"Did you mean '{close[0]}'?",
            )


def _finished(frame: pd.DataFrame, file: str, *, rows: bool) -> pd.DataFrame:
    """Fill in what is not said and refuse words that are not known; `rows` if rows can be named."""
    frame["name"] = frame["name"].fillna(frame["indicator"])
    frame["method"] = frame["method"].fillna("value")
    frame["polarity"] = frame["polarity"].fillna("neither")
    for heading in WORDS:
        frame[heading] = frame[heading].fillna("").astype(str)
    for at, row in frame.iterrows():
        try:
            for heading, known in (("method", METHODS), ("polarity", POLARITIES)):
                check_choice(row[heading], known, heading)
            heading = "disclosure"
            frame.loc[at, heading] = disclosure_rule(row[heading])
            for heading in ("multiplier", "design_effect"):
                _check_number(row[heading], heading)
        except InputError as error:
            where = "" if rows else f"[indicators.{row['indicator']}]: "
            raise InputError(
                where + error.problem,
                file=file,
                row=int(str(at)) if rows else None,
                column=heading,
                remedy=error.remedy,
            ) from None
    usual = frame["method"].map(MULTIPLIERS).fillna(1.0)
    frame["multiplier"] = frame["multiplier"].astype(float).fillna(usual)
    frame["design_effect"] = frame["design_effect"].astype(float)
    return frame.set_index("indicator")[list(DEFINITION_COLUMNS)]


def _check_number(said: Any, heading: str) -> None:
    """Refuse what is neither left out nor a number above 0."""
    if pd.api.types.is_scalar(said) and pd.isna(said):
        return
    if isinstance(said, bool) or not pd.api.types.is_number(said) or not 0 < said < float("inf"):
        raise InputError(
            f"the {heading.replace('_', ' ')} must be a number above 0; it is {said!r}",
            remedy="Leave it out where there is none.",
        )


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
        If the file is not TOML, a key is not known (the nearest is suggested) or not of its kind,
        an indicator names no table of the file, says of a table or of incidents what needs the
        other, or is declared twice.

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
        for key, said in wish.items():
            several = key in ("take", "over", "categories")
            wish[key] = (_texts if several else _text)(said, key, where, path)
        table = wish.get("table")
        if table is not None and table not in tables:
            raise InputError(
                f"{where} names the table '{table}', which the file does not have",
                file=str(path),
                remedy=nearest(str(table), list(tables)) if tables else "Add [tables.…].",
            )
        if wish:
            _refuse_half(wish, where, path, median=one.get("method") == "median")
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
            raise InputError(
                f"{where} lacks the key '{key}'",
                file=str(path),
                remedy="A table needs its file, and the kind of area that it is for.",
            )
    if ("labels" in one) != ("value" in one):
        raise InputError(
            f"{where} needs 'labels' and 'value' together",
            file=str(path),
            remedy="'labels' is the column that says what rows count, 'value' that of the number.",
        )
    made: dict[str, Any] = {}
    for key, said in one.items():
        if key == "where":
            need_known(said, said, f"'where' of {where}", path)
            made[key] = said
        else:
            made[key] = (_texts if key == "only" else _text)(said, key, where, path)
    return FigureTable(**{**made, "file": start / made["file"]})


def _text(said: Any, key: str, where: str, path: PathLike) -> str:
    """Take a text, or a whole number such as a year in place of one."""
    if isinstance(said, bool) or not isinstance(said, (str, int)) or said == "":
        raise InputError(
            f"'{key}' of {where} must be a text; it is {said!r}",
            file=str(path),
            remedy=f'Write {key} = "…", or leave it out.',
        )
    return str(said)


def _texts(said: Any, key: str, where: str, path: PathLike) -> tuple[str, ...]:
    """Take one text or a list of them."""
    several = said if isinstance(said, list) else [said]
    if not several:
        raise InputError(
            f"'{key}' of {where} is an empty list",
            file=str(path),
            remedy=f'Write {key} = ["…", "…"], or leave it out.',
        )
    return tuple(_text(one, key, where, path) for one in several)


NEEDS = {
    "take": "table", "over": "table", "weight": "table", "table": "take",
    "categories": "incidents", "per": "incidents",
}  # fmt: skip
"""Keys of an indicator that say nothing without another."""


def _refuse_half(
    wish: Mapping[str, Any], where: str, path: PathLike, *, median: bool = False
) -> None:
    """Refuse what would be passed over in silence."""
    faults = [
        (f"'{key}' and no '{other}'", f"Add '{other}', or take '{key}' out.")
        for key, other in NEEDS.items()
        if key in wish and other not in wish
    ]
    for one, other in (("table", "incidents"), ("over", "weight")):
        if one in wish and other in wish:
            remedy = "Its figures come from one of them: take the other out."
            faults.append((f"both '{one}' and '{other}'", remedy))
    if median and (len(wish.get("take", ())) > 1 or "weight" in wish):
        remedy = "A median takes one column, of which each row has a value."
        faults.append(("a median of several columns, or of weighted ones", remedy))
    if "take" in wish and not median and not {"over", "weight"} & set(wish):
        remedy = "Say with 'over' what it is part of, or with 'weight' what weighs a score."
        faults.append(("'take' and neither 'over' nor 'weight'", remedy))
    for problem, remedy in faults[:1]:
        raise InputError(f"{where} has {problem}", file=str(path), remedy=remedy)


def need_known(one: Any, known: Any, where: str, path: PathLike) -> None:
    """Refuse what is no section, and a key that is not known; the nearest is suggested."""
    if not isinstance(one, Mapping):
        raise InputError(
            f"{where} must be a section",
            file=str(path),
            remedy="Write it as [name], then its keys.",
        )
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
        line = re.search(r"\(at line (\d+), ", str(error))
        twice = str(error).startswith("Cannot")
        raise InputError(
            f"this is not TOML: {error}",
            file=str(path),
            row=int(line[1]) if line else None,
            remedy="Is something declared twice?" if twice else "Check its quotes and brackets.",
        ) from error
    except FileNotFoundError as error:
        raise InputError(
            "there is no such file", file=str(path), remedy="Check the path."
        ) from error
    except (UnicodeDecodeError, OSError) as error:
        raise InputError(
            "the file cannot be read", file=str(path), remedy="Save it as text in UTF-8."
        ) from error

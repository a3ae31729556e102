"""Read a strategy as a framework: its priorities, measures, figures, and what it has printed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import (
    DIRECTIONS,
    MEASURE_COLUMNS,
    MEASURE_KINDS,
    MEASURE_VALUE_COLUMNS,
)
from geoprofiles.read.archives import PathLike
from geoprofiles.read.definitions import need_known, toml_content
from geoprofiles.read.measure_values import Entry, check_baseline, values_of
from geoprofiles.words import period_months

PRINTED_KINDS = ("counts", "percentages", "rate", "proportion")
PRINTED_COLUMNS = (
    "id", "text", "kind", "before", "after", "before_period", "after_period", "before_n", "after_n",
    "design_effect", "percent", "value", "per", "population", "numerator", "denominator", "note",
)  # fmt: skip
NEEDED_OF = {
    "counts": ("before", "after"),
    "percentages": ("before", "after"),
    "rate": ("value", "population"),
    "proportion": ("numerator", "denominator"),
}
"""What a printed figure of each kind is recomputed from."""

USUAL_MULTIPLIER = {"count": 1.0, "rate": 1000.0, "proportion": 100.0, "survey proportion": 100.0}
STRATEGY_KEYS = ("title", "period", "place", "source", "notes")
BREAK_KEYS = ("month", "why")
_TEXTS = (
    "id", "action", "measure", "lead", "unit", "hazard", "open_data", "source", "rate",
    "indicator",
)  # fmt: skip


@dataclass(frozen=True)
class Strategy:
    """What a strategy file says.

    Attributes
    ----------
    title, period, place, source : str
        Of the document.
    notes : tuple of str
        To be read beside every product.
    priorities : DataFrame
        ``id``, ``name``.
    measures : DataFrame
        Measures, in the order of the file; ``priority`` is the name of the priority.
    values : DataFrame
        Figures of measures that stand in the file.
    breaks : DataFrame
        Where the recording of a measure changed: ``category`` (its id), ``month``, ``why``.
    printed : DataFrame
        Figures the document quotes, for :func:`geoprofiles.check_printed`.
    """

    title: str
    measures: pd.DataFrame
    values: pd.DataFrame
    breaks: pd.DataFrame
    printed: pd.DataFrame
    priorities: pd.DataFrame
    period: str = ""
    place: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()


def read_strategy(path: PathLike) -> Strategy:
    """Read a strategy file: what is to be reached, by whom, and how it is measured.

    Parameters
    ----------
    path : path
        A TOML file of ``[strategy]``, ``[[priorities]]``, ``[[measures]]`` and ``[[printed]]``.
        A measure has its figures in ``values``, or names a ``rate`` or an ``indicator`` of a run.

    Returns
    -------
    Strategy
        Its ``measures``, ``values`` and ``breaks`` are what :func:`geoprofiles.scorecard` takes.

    Raises
    ------
    InputError
        If a key is not known (the nearest is suggested), a direction or kind is no word known, a
        measure is declared twice, a target has no baseline, a period or date cannot be read, or
        figures contradict each other; file and measure are named.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles
    >>> text = '''
    ... [strategy]
    ... title = "Safer together"
    ... [[measures]]
    ... id = "B2"
    ... measure = "Drug offences"
    ... direction = "down"
    ... kind = "count"
    ... values = [{period = "2016/17", value = 722}, {period = "2017/18", value = 664}]
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "strategy.toml"
    ...     _ = file.write_text(text)
    ...     strategy = geoprofiles.read_strategy(file)
    >>> geoprofiles.scorecard(strategy.measures, strategy.values)["status"].tolist()
    ['no clear change']
    """
    content = toml_content(Path(path))
    need_known(content, ("strategy", "priorities", "measures", "printed"), "the file", path)
    about = Entry(content.get("strategy", {}), "[strategy]", path)
    about.known(STRATEGY_KEYS)
    priorities = _priorities(_entries(content, "priorities", path))
    rows, values, breaks = [], [], []
    for entry in _entries(content, "measures", path):
        row = _measure(entry, priorities)
        check_baseline(row, entry)
        rows.append(row)
        values += values_of(row, entry)
        breaks += _breaks(entry)
    if not rows:
        raise InputError("the file has no measure", file=str(path), remedy="Add [[measures]].")
    printed = [_printed(entry) for entry in _entries(content, "printed", path)]
    return Strategy(
        **{key: about.text(key) for key in STRATEGY_KEYS[:-1]},
        notes=about.texts("notes"),
        priorities=pd.DataFrame(priorities.items(), columns=["id", "name"]),
        measures=pd.DataFrame(rows, columns=list(MEASURE_COLUMNS)),
        values=pd.DataFrame(values, columns=list(MEASURE_VALUE_COLUMNS)),
        breaks=pd.DataFrame(breaks, columns=["source", "category", "area", "month", "why"]),
        # Whole numbers stay whole: the decimals say how close a figure must come.
        printed=pd.DataFrame(printed, columns=list(PRINTED_COLUMNS), dtype=object),
    )


def _entries(content: Mapping[str, Any], section: str, path: PathLike) -> list[Entry]:
    """Return the entries of a repeated section; each has an id of its own."""
    found = content.get(section, [])
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise InputError(
            f"'{section}' must be a repeated section",
            file=str(path),
            remedy=f"Write [[{section}]], with two brackets.",
        )
    entries: list[Entry] = []
    seen: set[str] = set()
    for number, one in enumerate(found, 1):
        name = one.get("id")
        if not isinstance(name, str) or not name.strip():
            raise InputError(
                f"[[{section}]] number {number} has no 'id'",
                file=str(path),
                remedy='Give it a short one in quotation marks, such as id = "A1".',
            )
        entries.append(Entry(one, f"[[{section}]] '{name}'", path))
        if name in seen:
            raise entries[-1].refuse("it is declared twice", "Give each an id of its own.")
        seen.add(name)
    return entries


def _priorities(entries: list[Entry]) -> dict[str, str]:
    for entry in entries:
        entry.known(("id", "name"))
    return {entry.text("id"): entry.text("name") or entry.text("id") for entry in entries}


def _measure(entry: Entry, priorities: Mapping[str, str]) -> dict[str, Any]:
    """Check one measure and fill in what it does not say."""
    entry.known((*MEASURE_COLUMNS, "values", "breaks"))
    for key in ("measure", "direction"):
        if not entry.said.get(key):
            raise entry.refuse(
                f"there is no '{key}'", "Every measure needs id, measure and direction."
            )
    row: dict[str, Any] = {key: entry.text(key) for key in _TEXTS}
    row["direction"] = entry.word("direction", DIRECTIONS)
    row["priority"] = entry.text("priority")
    if priorities and row["priority"]:
        row["priority"] = priorities[entry.word("priority", tuple(priorities))]
    if row["rate"] and row["indicator"]:
        raise entry.refuse("it names both a rate and an indicator", "Choose one.")
    if "kind" not in entry.said and row["indicator"]:
        row["kind"] = ""  # as the indicator's own definition says
    else:
        row["kind"] = entry.word("kind", MEASURE_KINDS, "rate" if row["rate"] else None)
    row |= {key: entry.number(key) for key in ("baseline", "target", "per")}
    if "per" not in entry.said:
        row["per"] = USUAL_MULTIPLIER.get(row["kind"], 1.0 if row["kind"] else math.nan)
    elif row["per"] <= 0:
        raise entry.refuse("'per' must be above 0")
    row |= {key: entry.period(key) for key in ("baseline_period", "target_date")}
    row["areas"] = entry.texts("areas")
    return {key: row[key] for key in MEASURE_COLUMNS}


def _breaks(entry: Entry) -> list[dict[str, Any]]:
    rows = []
    for said in entry.items("breaks"):
        one = Entry(said, f"{entry.where}, breaks", entry.path)
        one.known(BREAK_KEYS)
        months = period_months(one.period("month"))
        if months is None or not one.text("why"):
            raise one.refuse("a break needs 'month' and 'why'", "Say who said so, or what changed.")
        first = pd.Timestamp(months[0])
        rows.append(
            {"source": "", "category": entry.said["id"], "area": "", "month": first,
             "why": one.text("why")}
        )  # fmt: skip
    return rows


def _printed(entry: Entry) -> dict[str, Any]:
    entry.known(PRINTED_COLUMNS)
    kind = entry.word("kind", PRINTED_KINDS, "counts")
    for key in PRINTED_COLUMNS:
        if key in {"before_period", "after_period"}:
            entry.period(key)
        elif key in {"id", "text", "kind", "note"}:
            entry.text(key)
        elif entry.number(key) < 0 and key != "percent":
            raise entry.refuse(f"'{key}' is below 0")
    lacking = [key for key in NEEDED_OF[kind] if key not in entry.said]
    if lacking:
        raise entry.refuse(f"figures of kind '{kind}' need '{lacking[0]}'")
    return {**{key: entry.said.get(key) for key in PRINTED_COLUMNS}, "kind": kind}

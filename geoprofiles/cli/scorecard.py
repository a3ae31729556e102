"""``scorecard``: a strategy's measures with their evidence, and what it prints recomputed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoprofiles.cli.options import (
    TABLE_FORMATS,
    check_output,
    emit,
    emit_table,
    example,
    json_option,
    output_option,
    quiet_option,
    tell,
)

if TYPE_CHECKING:
    import pandas as pd

    from geoprofiles.indicators.measured import People
    from geoprofiles.read.strategy import Strategy

WIDTH = 96


@click.command(
    epilog=example(
        "geoprofiles scorecard strategy.toml",
        "geoprofiles scorecard strategy.toml --counts counts.csv --population residents.csv",
        "geoprofiles scorecard strategy.toml --printed -o printed_figures.csv",
    )
)
@click.argument("strategy")
@click.option(
    "--counts",
    metavar="FILE",
    help="Counts, as 'geoprofiles count' writes them (or - for standard input), for measures that"
    " name a rate: a category of them.",
)
@click.option(
    "--population", metavar="FILE", help="Residents, households or premises by area, for rates."
)
@click.option("--code", metavar="COLUMN", help="Column of area codes in the population file.")
@click.option("--value", metavar="COLUMN", help="Column of numbers in the population file.")
@click.option(
    "--indicators",
    metavar="FILE",
    help="Numerators and denominators by area and period, for measures that name an indicator.",
)
@click.option(
    "--definitions",
    metavar="FILE",
    help="What the indicators mean; where not given, each measure must say its kind.",
)
@click.option("--breaks", metavar="FILE", help="Where recording changed: category, month, why.")
@click.option("--printed", is_flag=True, help="Answer with the figures it prints, recomputed.")
@click.option(
    "--level",
    type=float,
    default=0.05,
    show_default=True,
    help="Probability at which a change is more than chance.",
)
@output_option()
@json_option
@quiet_option
def scorecard(
    strategy: str,
    counts: str | None,
    population: str | None,
    code: str | None,
    value: str | None,
    indicators: str | None,
    definitions: str | None,
    breaks: str | None,
    printed: bool,
    level: float,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say of each measure of STRATEGY (a TOML file) whether it is met, and on what evidence.

    Without -o and --json the answer is to be read: every measure by its priority, with its
    status, the figures and their test, and what the measure cannot show; then the figures that
    the strategy prints, recomputed. With -o or --json it is a table.
    """
    import pandas as pd

    import geoprofiles
    from geoprofiles.indicators.measured import joined_values, measure_breaks
    from geoprofiles.read import read_breaks

    check_output(output, TABLE_FORMATS)
    said = geoprofiles.read_strategy(strategy)
    figures = geoprofiles.check_printed(said.printed, level=level)
    if printed and (output is not None or as_json):
        emit_table(figures, output, as_json=as_json)
        return
    measures, values = said.measures.assign(missing=""), said.values
    for column, given, told in (
        ("rate", counts, "Its figures are counted: give --counts, or run a project."),
        ("indicator", indicators, "Its figures are an indicator's: give --indicators."),
    ):
        if given is None:
            measures.loc[measures[column] != "", "missing"] = told
    if counts is not None:
        measures, found = _from_counts(measures, counts, population, code, value)
        values = joined_values(values, found)
    if indicators is not None:
        measures, found = _from_indicators(measures, indicators, definitions)
        values = joined_values(values, found)
    known = None if breaks is None else measure_breaks(measures, read_breaks(breaks))
    table = geoprofiles.scorecard(
        _all_kinds(measures),
        values,
        breaks=said.breaks if known is None else pd.concat([said.breaks, known]),
        level=level,
    )
    if output is not None or as_json:
        for note in table.attrs["notes"]:
            tell(note, quiet=quiet)
        emit_table(table, output, as_json=as_json)
        return
    lines = [] if printed else [*_head(said, table), *_measures(table)]
    if len(figures):
        lines += ["", "Figures as printed, recomputed", *_printed(figures)]
    lines += [] if printed else ["", *said.notes, *table.attrs["notes"]]
    emit(("\n".join(lines).strip("\n") + "\n").encode(), None)


def _from_counts(
    measures: pd.DataFrame,
    counts: str,
    population: str | None,
    code: str | None,
    value: str | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    import geoprofiles
    from geoprofiles.indicators.measured import fill_from_counts
    from geoprofiles.read.results import read_counts

    people = None
    if population is not None:
        people = _people(geoprofiles.read_population(population, code=code, value=value))
    return fill_from_counts(measures, read_counts(counts), people=people)


def _people(table: pd.DataFrame) -> People:
    """Give the population of the latest year not after a period; of the first before all."""

    def known(_: str, span: tuple[pd.Timestamp, pd.Timestamp]) -> pd.Series:
        years = sorted(table["year"].dropna().unique())
        if not years:
            return table.set_index("area_code")["population"]
        year = max((one for one in years if one <= span[1].year), default=years[0])
        return table[table["year"] == year].set_index("area_code")["population"]

    return known


def _from_indicators(
    measures: pd.DataFrame, indicators: str, definitions: str | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    import geoprofiles
    from geoprofiles.indicators.measured import METHODS_OF_KINDS, fill_from_indicators

    if definitions is not None:
        meant = geoprofiles.read_definitions(definitions)
        table = geoprofiles.read_indicators(indicators, definitions=meant)
        return fill_from_indicators(measures, table, meant)
    mine = measures[(measures["indicator"] != "") & (measures["kind"] != "")]
    mine = mine.drop_duplicates("indicator").set_index("indicator")
    meant = pd.DataFrame(
        {
            "method": mine["kind"].map(METHODS_OF_KINDS),
            "multiplier": mine["per"],
            "unit": mine["unit"],
        }
    )
    return fill_from_indicators(measures, geoprofiles.read_indicators(indicators), meant)


def _all_kinds(measures: pd.DataFrame) -> pd.DataFrame:
    """Say what is missing of measures whose indicator was not found."""
    unknown = measures["kind"] == ""
    told = "There is no figure of the indicator '" + measures["indicator"] + "'."
    return measures.assign(
        missing=measures["missing"].where(~unknown | (measures["missing"] != ""), told),
        kind=measures["kind"].where(~unknown, "given"),
    )


def _head(strategy: Strategy, table: pd.DataFrame) -> list[str]:
    from geoprofiles.indicators.scorecard import STATUSES

    about = ", ".join(one for one in (strategy.place, strategy.period) if one)
    found = table["status"].value_counts()
    counted = ", ".join(f"{found[one]} {one}" for one in STATUSES if one in found.index)
    title = strategy.title or "Strategy"
    measures = "1 measure" if len(table) == 1 else f"{len(table)} measures"
    return [f"{title} ({about})" if about else title, f"{measures}: {counted}."]


def _measures(table: pd.DataFrame) -> list[str]:
    lines: list[str] = []
    for priority, rows in table.groupby("priority", sort=False):
        lines += ["", str(priority or "Measures")]
        for row in rows.itertuples():
            lead = f". {row.lead}" if row.lead else ""
            course = f"; {row.course}" if row.course not in {"", "cannot be said"} else ""
            lines += _wrapped(f"{row.id} [{row.status}{course}] {row.measure}{lead}")
            lines += _wrapped(str(row.evidence), indent=6)
            if row.hazard:
                lines += _wrapped(f"Caution: {row.hazard}", indent=6)
    return lines


def _printed(figures: pd.DataFrame) -> list[str]:
    lines: list[str] = []
    for row in figures.itertuples():
        lines += _wrapped(f"{row.text or row.id} [{row.verdict}]")
        agrees = "" if row.agrees != "no" else f" It prints {row.printed:g}, which does not agree."
        lines += _wrapped(f"{row.sentence}{agrees}", indent=6)
    return lines


def _wrapped(text: str, *, indent: int = 2) -> list[str]:
    import textwrap

    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * max(indent, 6)
    )

"""``compare`` and ``change``: which areas differ, and what has changed, beyond chance."""

from __future__ import annotations

from pathlib import Path

import click

from geoprofiles.cli.options import (
    TABLE_FORMATS,
    check_output,
    emit_table,
    example,
    json_option,
    output_option,
    quiet_option,
    tell,
)

_level = click.option(
    "--level",
    type=float,
    default=0.05,
    show_default=True,
    help="Share of what is found that may be false.",
)


@click.command(
    epilog=example(
        "geoprofiles compare rates.csv -o compared.csv",
        "geoprofiles rates counts.csv --population residents.csv | geoprofiles compare -",
        "geoprofiles compare rates.csv --rule interval",
    )
)
@click.argument("rates")
@_level
@click.option(
    "--rule",
    type=click.Choice(["rest", "interval", "overlap"]),
    default="rest",
    show_default=True,
    help="rest: tested against the rest of the areas. interval: the whole misses the area's own"
    " limits, as Fingertips marks it. overlap: limits of area and whole do not meet.",
)
@output_option()
@json_option
@quiet_option
def compare(
    rates: str, level: float, rule: str, output: Path | None, as_json: bool, quiet: bool
) -> None:
    """Test each area of RATES (a file, or - for standard input) against the rest.

    RATES is what 'geoprofiles rates' writes. Each area gets a verdict, the limits of its rank,
    and how much more areas vary than chance allows: only an area that differs by more than
    areas differ anyway is called higher or lower without more.
    """
    import geoprofiles
    from geoprofiles.frames import INDICATOR_COLUMNS
    from geoprofiles.read.results import need_columns, read_figures

    check_output(output, TABLE_FORMATS)
    table = read_figures(rates)
    need_columns(table, INDICATOR_COLUMNS, rates, remedy="Make it with 'geoprofiles rates'.")
    if rule != "rest":
        _by_rule(table, rule, output, as_json=as_json, quiet=quiet)
        return
    tested = geoprofiles.compare_with_rest(table, level=level)
    for (name, period), rows in tested.groupby(["indicator", "period"], sort=False):
        known = rows[rows["p"].notna()]
        if known.empty:
            tell(f"{name}, {period}: nothing to test.", quiet=quiet)
            continue
        stands = int((known["q_adjusted"] <= level).sum())
        tell(
            f"{name}, {period}: {int((known['q'] <= level).sum())} of {len(known)} areas differ"
            f" from the rest, {stands} by more than areas differ anyway (each beside the rest, they"
            f" vary {known['dispersion'].iloc[0]:,.1f} times as much as chance).",
            quiet=quiet,
        )
    emit_table(tested, output, as_json=as_json)


def _by_rule(table, rule: str, output: Path | None, *, as_json: bool, quiet: bool) -> None:  # type: ignore[no-untyped-def]
    """Answer by another rule, and say what that rule is worth."""
    import geoprofiles
    from geoprofiles.areas.rules import compare_by_rule

    said = compare_by_rule(geoprofiles.compare(table), rule)  # type: ignore[arg-type]
    marked = int(said["verdict"].isin(["higher than the whole", "lower than the whole"]).sum())
    tell(
        f"{marked} of {len(said)} figures are marked by the rule '{rule}'. It allows neither for"
        " how areas differ anyway nor for how many are looked at.",
        quiet=quiet,
    )
    emit_table(said, output, as_json=as_json)


def _with_codes(breaks, counts, names, *, quiet: bool):  # type: ignore[no-untyped-def]
    """Give areas of breaks by code where they stand by name, and tell what counts do not have."""
    from geoprofiles.words import nearest

    code_of = {str(name): str(code) for code, name in names.items()}
    categories = sorted(counts["category"].dropna().astype(str).unique())
    for column, known in (("category", categories), ("area", [*code_of, *code_of.values()])):
        for name in breaks[column].unique():
            if name and name not in known:
                told = f"A break is of the {column} '{name}', which the counts do not have."
                tell(f"{told} {nearest(name, known)}", quiet=quiet)
    return breaks.assign(area=breaks["area"].map(lambda name: code_of.get(name, name)))


def as_period(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, str] | None:
    """Read a period: a month, or first and last."""
    import re

    if value is None:
        return None
    first, colon, last = value.partition(":")
    month = r"\d{4}-(0[1-9]|1[0-2])"
    if not (re.fullmatch(month, first) and re.fullmatch(month, last if colon else first)):
        raise click.BadParameter(f"'{value}' is no period; write it as 2025-07:2026-06.")
    return first, last or first


@click.command(
    epilog=example(
        "geoprofiles change counts.csv --before 2024-07:2025-06 --after 2025-07:2026-06",
        "geoprofiles change counts.csv --before 2025-06 --after 2026-06 -o changes.csv",
        "geoprofiles change counts.csv --before 2025-06 --after 2026-06 --breaks breaks.csv",
    )
)
@click.argument("counts")
@click.option(
    "--before", required=True, callback=as_period, metavar="MONTH[:MONTH]", help="First period."
)
@click.option(
    "--after", required=True, callback=as_period, metavar="MONTH[:MONTH]", help="Second period."
)
@_level
@click.option(
    "--breaks",
    metavar="FILE",
    help="Where recording changed: a table of category, month (YYYY-MM) and why. What is compared"
    " across such a month is not comparable.",
)
@output_option()
@json_option
@quiet_option
def change(
    counts: str,
    before: tuple[str, str],
    after: tuple[str, str],
    level: float,
    breaks: str | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say what has changed between two periods of COUNTS, and what is more than chance.

    COUNTS is what 'geoprofiles count' writes (a file, or - for standard input). All changes
    are listed, area by area and category by category, those with the strongest evidence
    first, each with its ratio per day, 95% limits and a verdict.
    """
    import geoprofiles
    from geoprofiles.read import read_breaks
    from geoprofiles.read.results import read_counts

    check_output(output, TABLE_FORMATS)
    table = read_counts(counts)
    names = table.drop_duplicates("area_code").set_index("area_code")["area_name"]
    known = None if breaks is None else _with_codes(read_breaks(breaks), table, names, quiet=quiet)
    changes = geoprofiles.change_between(table, before, after, level=level, breaks=known)
    changes.insert(1, "area_name", changes["area_code"].map(names))
    for note in changes.attrs["notes"]:
        tell(note, quiet=quiet)
    emit_table(changes, output, as_json=as_json)

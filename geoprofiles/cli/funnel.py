"""``funnel``: how far areas of each size may lie from the whole by chance, and which lie beyond."""

from __future__ import annotations

from pathlib import Path

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
from geoprofiles.errors import InputError

CHART_FORMATS = (".svg", ".png")
POLARITIES = ("high is bad", "high is good", "neither")


@click.command(
    epilog=example(
        "geoprofiles funnel rates.csv -o points.csv",
        "geoprofiles funnel rates.csv --indicator Burglary --chart burglary.svg -o points.csv",
        "geoprofiles funnel rates.csv --limits -o limits.csv",
    )
)
@click.argument("rates")
@click.option("--indicator", metavar="NAME", help="Which one, where RATES holds several.")
@click.option("--period", metavar="PERIOD", help="Which period, where RATES holds several.")
@click.option(
    "--chart",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"Draw it too; the ending says how: {', '.join(CHART_FORMATS)}.",
)
@click.option(
    "--polarity",
    type=click.Choice(POLARITIES),
    default="neither",
    show_default=True,
    help="Whether a high value is bad or good: then areas beyond the limits are worse or better.",
)
@click.option("--limits", is_flag=True, help="Answer with the limits by size, not with the areas.")
@output_option()
@json_option
@quiet_option
def funnel(
    rates: str,
    indicator: str | None,
    period: str | None,
    chart: Path | None,
    polarity: str,
    limits: bool,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Set each area of RATES in a funnel: against limits for its size, plain and adjusted.

    RATES is what 'geoprofiles rates' writes (a file, or - for standard input). Areas beyond the
    adjusted limits are unlike the others; those between the two differ as areas differ anyway.
    """
    import geoprofiles
    from geoprofiles.frames import INDICATOR_COLUMNS
    from geoprofiles.read.results import need_columns, read_figures

    check_output(output, TABLE_FORMATS)
    if chart is not None and chart.suffix.lower() not in CHART_FORMATS:
        raise click.BadParameter(
            f"'{chart.name}' ends in none of {', '.join(CHART_FORMATS)}.", param_hint="--chart"
        )
    table = read_figures(rates)
    need_columns(table, INDICATOR_COLUMNS, rates, remedy="Make it with 'geoprofiles rates'.")
    table = _one(_one(table, "indicator", indicator), "period", period)
    points, edges = geoprofiles.funnel(table)
    name, of = str(points["indicator"].iloc[0]), str(points["period"].iloc[0])
    spread = str(points.attrs["dispersion"]["sentence"])
    tell(f"{name}, {of}: {spread}", quiet=quiet)
    if chart is not None:
        from geoprofiles.publish.charts import chart_funnel, funnel_rows, render_png, render_svg

        unit = str(points["unit"].iloc[0])
        drawn = chart_funnel(
            funnel_rows(points, polarity=polarity),
            edges,
            title=f"{name}, {of}",
            subtitle=spread,
            x_label=unit.split(" ", 2)[-1].capitalize() if unit.count(" ") > 1 else "Denominator",
            y_label=unit,
            whole_label="All areas",
        )
        svg = chart.suffix.lower() == ".svg"
        emit(render_svg(drawn).encode() if svg else render_png(drawn), chart)
        if output is None and not as_json:
            return
    emit_table(edges if limits else points, output, as_json=as_json)


def _one(table, column: str, wanted: str | None):  # type: ignore[no-untyped-def]
    """Keep one indicator or period; ask for it where there are several."""
    from geoprofiles.words import listed, nearest

    known = list(map(str, table[column].unique()))
    if wanted is None:
        if len(known) > 1:
            raise InputError(
                f"the table holds {len(known)} {column}s: {listed(known)}",
                remedy=f"Name one with --{column}.",
            )
        return table
    if wanted not in known:
        raise InputError(f"there is no {column} '{wanted}'", remedy=nearest(wanted, known))
    return table[table[column].astype(str) == wanted]

"""``dashboard``: a table of figures as one page to explore."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geoprofiles.cli.options import (
    areas_option,
    check_output,
    emit,
    example,
    output_option,
    read_one_set,
)

FORMATS = (".html",)


@click.command(
    epilog=example(
        "geoprofiles dashboard rates.csv --areas wards.geojson -o dashboard.html",
        "geoprofiles dashboard outputs/demo/tables/wards_every_period.csv --areas wards.geojson"
        " -o dashboard.html",
    )
)
@click.argument("figures")
@areas_option()
@click.option("--title", default="Dashboard", show_default=True, help="Heading of the page.")
@click.option("--subtitle", default="", help="What stands under the heading.")
@output_option(FORMATS)
def dashboard(
    figures: str,
    areas: str,
    title: str,
    subtitle: str,
    output: Path | None,
    **area_options: Any,
) -> None:
    """Make a page to explore of FIGURES (a CSV with area_code and value, or - for standard input).

    One row is an area, an indicator and a period. Columns that are used where there are any:
    indicator, topic, period, unit, lower, upper, count, whole, rank, verdict. The page makes no
    network request. 'geoprofiles run' makes a fuller one of a whole project.
    """
    import geoprofiles
    from geoprofiles.publish.dashboard_data import NUMBERS, latest_rows
    from geoprofiles.read.results import check_codes, check_once, read_figures

    check_output(output, FORMATS)
    boundaries = read_one_set(areas, area_options)
    remedy = "Call the column that has the figures value."
    table = read_figures(figures, numbers=NUMBERS, remedy=remedy)
    check_codes(table, boundaries.index, file=figures, areas=areas)
    if "count" not in table and "numerator" in table:
        table["count"] = table["numerator"]
    texts = {"topic": "Figures", "period": "one period", "unit": ""}
    missing = dict.fromkeys({"lower", "upper", "whole"} - set(table.columns), float("nan"))
    table = table.assign(
        **{name: table[name].fillna(to).astype(str) if name in table else to
           for name, to in texts.items()},
        **missing,
    )  # fmt: skip
    check_once(table, ["area_code", "topic", "indicator", "period"], file=figures)
    kind = geoprofiles.DashboardKind(
        str(boundaries.attrs.get("kind") or "area"), boundaries, latest_rows(table), table
    )
    page = geoprofiles.build_dashboard([kind], title=title, subtitle=subtitle)
    emit(geoprofiles.render_page(page).encode(), output)

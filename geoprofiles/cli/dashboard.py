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
    from geoprofiles.publish.dashboard_data import latest_rows
    from geoprofiles.read.results import check_codes, read_figures

    check_output(output, FORMATS)
    boundaries = read_one_set(areas, area_options)
    table = read_figures(figures, remedy="Call the column that has the figures value.")
    check_codes(table, boundaries.index, file=figures, areas=areas)
    if "count" not in table and "numerator" in table:
        table["count"] = table["numerator"]
    blank = {"topic": "Figures", "period": "one period", "unit": ""}
    blank |= dict.fromkeys(("lower", "upper", "whole"), float("nan"))  # type: ignore[arg-type]
    table = table.assign(**{name: to for name, to in blank.items() if name not in table})
    table[["topic", "period", "unit"]] = table[["topic", "period", "unit"]].fillna("").astype(str)
    kind = geoprofiles.DashboardKind(
        str(boundaries.attrs.get("kind") or "area"), boundaries, latest_rows(table), table
    )
    page = geoprofiles.build_dashboard([kind], title=title, subtitle=subtitle)
    emit(geoprofiles.render_dashboard(page).encode(), output)

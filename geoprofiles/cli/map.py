"""``map``: figures by area as one self-contained page."""

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
from geoprofiles.errors import InputError

FORMATS = (".html",)


@click.command(
    "map",
    epilog=example(
        "geoprofiles map rates.csv --areas wards.geojson -o map.html",
        "geoprofiles map rates.csv --areas wards.geojson --hotspots clusters.gpkg -o map.html",
    ),
)
@click.argument("figures")
@areas_option()
@click.option("--value", default="value", show_default=True, help="Column to colour by.")
@click.option("--title", default="Map", show_default=True, help="Heading of the page.")
@click.option(
    "--hotspots",
    multiple=True,
    metavar="FILE",
    help="A layer from 'geoprofiles hotspots'; may be given more than once.",
)
@output_option(FORMATS)
def map_(
    figures: str,
    areas: str,
    value: str,
    title: str,
    hotspots: tuple[str, ...],
    output: Path | None,
    **area_options: Any,
) -> None:
    """Draw FIGURES (a CSV with area_code, or - for standard input) as one page.

    The page holds all it needs: it makes no network request, and may be opened from disk,
    e-mailed, or embedded. FIGURES is what 'geoprofiles rates' writes, or any table with a
    column area_code and a column of numbers.
    """
    import geoprofiles
    from geoprofiles.cli.layers import hotspot_layer
    from geoprofiles.model import AreaLayer
    from geoprofiles.publish.content import build_page
    from geoprofiles.read.results import read_figures

    check_output(output, FORMATS)
    boundaries = read_one_set(areas, area_options)
    table = read_figures(figures, value=value)
    unknown = set(table["area_code"]) - set(boundaries.index)
    if not set(table["area_code"]) - unknown:
        raise InputError(
            f"no area_code is a code of {areas}; one reads '{table['area_code'].iloc[0]}',"
            f" the other '{boundaries.index[0]}'",
            file=figures,
            remedy="Use the boundaries that the figures were made with.",
        )
    names = list(dict.fromkeys(table["indicator"]))
    kind = str(boundaries.attrs.get("kind") or "area")
    layers = []
    for name in names:
        rows = table[table["indicator"] == name].drop_duplicates("area_code", keep="last")
        rows = rows.set_index("area_code")
        shown = [
            column
            for column in (value, "lower", "upper", "numerator", "denominator", "rank")
            if column in rows.columns
        ]
        frame = boundaries[["area_name", "geometry"]].join(rows[shown])
        unit = str(rows["unit"].iloc[0]) if "unit" in rows else value
        period = f", {rows['period'].iloc[0]}" if "period" in rows else ""
        layers.append(
            AreaLayer(
                name=name,
                kind=kind,
                areas=frame,
                value=value,
                unit=unit + period,
                columns={column: column.capitalize() for column in shown},
                breaks=geoprofiles.class_breaks(frame[value]),
            )
        )
    page = build_page(layers, hotspots=[hotspot_layer(path) for path in hotspots], title=title)
    emit(geoprofiles.render_page(page).encode(), output)

"""``geocode``: place rows by whatever they carry, and account for every step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoprofiles.cli.ladder import ladder_options, take_ladder
from geoprofiles.cli.options import (
    TABLE_FORMATS,
    areas_option,
    check_output,
    emit_table,
    example,
    files_argument,
    how_to_read,
    json_option,
    output_option,
    quiet_option,
    read_area_sets,
    reading_options,
    take_area_options,
    tell,
)

if TYPE_CHECKING:
    import pandas as pd


@click.command(
    epilog=example(
        "geoprofiles geocode calls.csv --areas wards.geojson --postcodes ONSPD.csv -o placed.csv",
        "geoprofiles geocode calls.csv --areas wards.geojson --gazetteer names.csv"
        " --review-list review.csv -o placed.csv",
        "geoprofiles geocode calls.csv --areas wards.geojson --gazetteer names.csv"
        " --reviewed review.csv -o placed.csv",
        "geoprofiles geocode 2026-06-street.csv --areas wards.geojson --codes-of lsoa.geojson"
        " --test",
    )
)
@files_argument
@areas_option(multiple=True)
@output_option()
@ladder_options
@click.option(
    "--learn",
    is_flag=True,
    help="Learn where names are from the rows that have coordinates, for those that have none.",
)
@click.option(
    "--review-list",
    "review",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the names that could not be settled here, with candidates, to be marked by hand.",
)
@click.option(
    "--test",
    "test",
    is_flag=True,
    help="Instead, hide the coordinates of the rows that have them and say how well each way"
    " of placing finds their area again.",
)
@reading_options
@json_option
@quiet_option
def geocode(
    files: tuple[str, ...],
    areas: tuple[str, ...],
    output: Path | None,
    learn: bool,
    review: Path | None,
    test: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Place rows by postcode, code, UPRN, grid reference or name.

    Every row read is a row of the answer: with easting and northing, what it was located by,
    to how many metres, with what score and matched to what, the area of each set, or why it
    has no place. Nothing is guessed: a name of several places, or a similar one that is not
    clearly the best, places nothing and goes to --review-list. Nothing is sent anywhere.
    """
    import dataclasses

    import geoprofiles
    from geoprofiles.words import rows_are

    check_output(output, TABLE_FORMATS)
    if review is not None:
        check_output(review, (".csv", ".xlsx"))
    sets = read_area_sets(areas, take_area_options(options))
    ladder = take_ladder(options, sets)
    first = next(iter(sets.values()))
    incidents = geoprofiles.read_incidents(list(files), crs=first.crs, **how_to_read(options))
    if learn:
        learnt = geoprofiles.learn_gazetteer(incidents)
        ladder = dataclasses.replace(ladder, gazetteer=_together(ladder.gazetteer, learnt))
        tell(f"{learnt['name'].nunique():,} names were learnt from the rows.", quiet=quiet)
    if test:
        table = geoprofiles.geocoding_accuracy(incidents, ladder, first)
        emit_table(table.round(4), output, as_json=as_json)
        return
    located = geoprofiles.geocode(incidents, ladder)
    for sentence in located.attrs["geocoding"]:
        tell(sentence, quiet=quiet)
    for row in geoprofiles.match_rates(located).itertuples():
        if row.outcome == "unlocated":
            tell(f"{rows_are(row.rows)} not placed: {row.by}.", quiet=quiet)
    if ladder.postcodes is not None and {"postcode", "easting"} <= set(incidents):
        doubts = geoprofiles.doubtful_coordinates(incidents, ladder)
        for doubt, rows in doubts.groupby("doubt"):
            row = incidents.loc[rows.index[0]]
            tell(
                f"note: {rows_are(len(rows))} more than 5 km from the postcode beside the"
                f" coordinates: {doubt}. The first is row {row['row']} of {row['file']}."
            )
    if review is not None:
        listed = geoprofiles.review_list(located, ladder)
        emit_table(listed, review)
        tell(
            f"Names on {review.name}: {listed['text'].nunique():,}. Put an x to the right"
            " candidates, and give it back with --reviewed.",
            quiet=quiet,
        )
    wanted = first if len(sets) == 1 else sets
    emit_table(geoprofiles.locate(located, wanted), output, as_json=as_json)


def _together(one: pd.DataFrame | None, two: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    if one is None:
        return two
    both = pd.concat([one, two], ignore_index=True)
    both.attrs = {"crs": two.attrs.get("crs")}
    return both

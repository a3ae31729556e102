"""``locate``, ``count`` and ``rates``: the steps from incident files to rates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geoprofiles.cli.ladder import ladder_if_asked, ladder_options
from geoprofiles.cli.options import (
    TABLE_FORMATS,
    areas_option,
    category_option,
    check_output,
    chosen,
    emit_table,
    example,
    files_argument,
    how_to_read,
    json_option,
    output_option,
    period_options,
    progress_bar,
    quiet_option,
    read,
    read_area_sets,
    read_one_set,
    reading_options,
    take_area_options,
    tell,
    tell_fates,
)


@click.command(
    epilog=example(
        "geoprofiles locate 2026-06-street.csv --areas wards.geojson -o located.csv",
        "geoprofiles locate downloads/ --areas wards.geojson --areas lsoa.geojson -o out.csv",
    )
)
@files_argument
@areas_option(multiple=True)
@output_option()
@reading_options
@json_option
@quiet_option
def locate(
    files: tuple[str, ...],
    areas: tuple[str, ...],
    output: Path | None,
    as_json: bool,
    quiet: bool,
    **reading: Any,
) -> None:
    """Add the area of each incident.

    Every row read is a row of the answer: with its area's code and name, (outside) where it
    lies in none, (unlocated) where it has no usable place. The columns unlocated and refused
    say why.
    """
    import geoprofiles
    from geoprofiles.frames import OUTSIDE, UNLOCATED

    check_output(output, TABLE_FORMATS)
    sets = read_area_sets(areas, take_area_options(reading))
    incidents = read(files, areas=next(iter(sets.values())), **reading)
    wanted = next(iter(sets.values())) if len(sets) == 1 else sets
    located = geoprofiles.locate(incidents, wanted)
    placed = located["easting"].notna() & located["northing"].notna()
    for kind, one in sets.items():
        prefix = "area" if len(sets) == 1 else kind
        codes = located[f"{prefix}_code"].astype(object)
        names = codes.map(one["area_name"].to_dict())
        for column, values in ((f"{prefix}_code", codes), (f"{prefix}_name", names)):
            filled = values.where(values.notna() | ~placed, OUTSIDE)
            located[column] = filled.where(filled.notna() | placed, UNLOCATED)
        tell_fates(
            geoprofiles.reconcile(
                incidents.assign(**{f"{prefix}_code": codes}), code=f"{prefix}_code"
            ),
            quiet=quiet,
        )
    emit_table(located, output, as_json=as_json)


@click.command(
    epilog=example(
        "geoprofiles count downloads/ --areas wards.geojson -o counts.csv",
        "geoprofiles count latest.zip --areas wards.geojson |"
        " geoprofiles rates - --population residents.csv",
        "geoprofiles count 2026-06-street.csv --areas wards.geojson --state kept -o counts.csv",
        "geoprofiles count /data/*.parquet --areas wards.gpkg --scheduler tcp://10.0.0.5:8786",
    )
)
@files_argument
@areas_option()
@output_option()
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Keep what files were counted to: files it holds are not read again, new ones are added"
    " and those of a revised month replaced. The counts are of all files it holds.",
)
@click.option(
    "--index",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the index of the boundaries in this file (.npz); it is made where there is none.",
)
@click.option("--workers", type=click.IntRange(1), help="Threads; one a processor if not said.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Count on the workers of this Dask cluster, which must see the files by the same names.",
)
@ladder_options
@reading_options
@json_option
@quiet_option
def count(
    files: tuple[str, ...],
    areas: str,
    output: Path | None,
    state: Path | None,
    index: Path | None,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    quiet: bool,
    **reading: Any,
) -> None:
    """Count incidents by area, month and category.

    Writes area_code, area_name, month (YYYY-MM), category (as the source spells it) and count.
    Zeros are rows. So are (outside), for incidents in none of the areas, and (unlocated), for
    those without a usable place: the counts add up to the rows that were not refused.

    Files are read in pieces, on all processors: memory does not grow with their size.

    Rows without coordinates are placed by what else they carry, if --postcodes, --uprns,
    --gazetteer, --codes-of or --reviewed says by what; 'geoprofiles geocode' shows how well.
    """
    import geoprofiles

    check_output(output, TABLE_FORMATS)
    if scheduler and (state or index or workers):
        raise click.UsageError("--scheduler goes with none of --state, --index and --workers.")
    boundaries = read_one_set(areas, take_area_options(reading))
    kind = str(boundaries.attrs.get("kind") or "area")
    ladder = ladder_if_asked(reading, {kind: boundaries})
    how: dict[str, Any] = {
        **how_to_read(reading),
        "places": False,
        "ladder": ladder,
    }
    with progress_bar(quiet=quiet) as progress:
        if scheduler:
            tallied = geoprofiles.tally_on_cluster(
                files, boundaries, scheduler=scheduler, progress=progress, **how
            )
        else:
            indexes = {"area": geoprofiles.keep_index(boundaries, index)} if index else None
            tallied = geoprofiles.tally_files(
                files,
                boundaries,
                indexes=indexes,
                workers=workers,
                state=state,
                progress=progress,
                **how,
            )
    for note in tallied.notes:
        tell(f"note: {note}")
    tell_fates(geoprofiles.reconcile_tally(tallied.tally), quiet=quiet)
    emit_table(geoprofiles.count_tally(tallied.tally, boundaries), output, as_json=as_json)


@click.command(
    epilog=example(
        "geoprofiles rates counts.csv --population residents.csv -o rates.csv",
        "geoprofiles rates counts.csv --population homes.csv --category Burglary --name Burglary",
    )
)
@click.argument("counts")
@click.option(
    "--population", required=True, metavar="FILE", help="Residents, households or premises by area."
)
@click.option("--code", metavar="COLUMN", help="Column of area codes in the population file.")
@click.option("--value", metavar="COLUMN", help="Column of numbers in the population file.")
@click.option("--year", type=int, help="Year of the population; the latest where not said.")
@click.option(
    "--of", "of", default="residents", show_default=True, help="What the population is called."
)
@click.option("--per", type=float, default=1000, show_default=True, help="Rate per so many.")
@click.option("--name", default="Incidents", show_default=True, help="What the rate is called.")
@category_option
@period_options
@output_option()
@json_option
def rates(
    counts: str,
    population: str,
    code: str | None,
    value: str | None,
    year: int | None,
    of: str,
    per: float,
    name: str,
    categories: tuple[str, ...],
    from_month: str | None,
    to_month: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Turn COUNTS (a file, or - for standard input) into rates with 95% limits.

    COUNTS is what 'geoprofiles count' writes. The limits are exact Poisson limits below 10
    incidents and Byar's from 10. Each area is set beside all areas together, and ranked: 1 is
    the highest.
    """
    import geoprofiles
    from geoprofiles.checks import check_positive
    from geoprofiles.read.results import read_counts

    check_output(output, TABLE_FORMATS)
    check_positive(per, "per")
    table = chosen(
        read_counts(counts), categories=categories, from_month=from_month, to_month=to_month
    )
    people = geoprofiles.read_population(population, code=code, value=value, year=year)
    people = (
        people[people["year"] == people["year"].max()] if people["year"].notna().any() else people
    )
    result = geoprofiles.compare(
        geoprofiles.rate_by_area(
            table, people, indicator=name, per=per, unit=f"per {per:,.0f} {of}"
        )
    )
    names = table.drop_duplicates("area_code").set_index("area_code")["area_name"]
    result.insert(1, "area_name", result["area_code"].map(names))
    emit_table(result, output, as_json=as_json)

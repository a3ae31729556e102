"""``codes`` and ``reaggregate``: which areas codes stand for, and figures brought to others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from geoprofiles.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@click.command(
    epilog=example(
        "geoprofiles codes 2021-10-street.csv --known lsoa11_to_lsoa21.csv",
        "geoprofiles codes residents.csv --known all_ward_codes.csv --name 'Ward Name'"
        " --district 'LA name' -o checked.csv",
    )
)
@click.argument("file", metavar="FILE")
@click.option("--column", metavar="COLUMN", help="Column of codes; found where not said.")
@click.option(
    "--known",
    multiple=True,
    metavar="FILE",
    help="A list of codes or a look-up between vintages; may be given more than once.",
)
@click.option("--name", metavar="COLUMN", help="Check each code against the name beside it.")
@click.option("--district", metavar="COLUMN", help="Column of the district's name or code.")
@output_option()
@json_option
@quiet_option
def codes(
    file: str,
    column: str | None,
    known: tuple[str, ...],
    name: str | None,
    district: str | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say which kind and vintage of area the codes of FILE are.

    Writes a row for each kind and vintage that fits, the best first, with the rows that a join
    with it would lose. With --name, writes a row for each of FILE instead: whether the code fits
    the name and district beside it, and the code that would. Nothing is mended.
    """
    import pandas as pd

    import geoprofiles
    from geoprofiles.read import read_code_list, read_texts

    check_output(output, TABLE_FORMATS)
    if name is not None and not known:
        raise click.UsageError("--name needs --known: what the codes stand for.")
    if district is not None and name is None:
        raise click.UsageError("--district needs --name.")
    lists = pd.concat([read_code_list(one) for one in known]) if known else None
    table = read_texts(file, [column] if column else [])
    heading = table.columns[0]
    found = geoprofiles.recognise_codes(table[heading], lists)
    for sentence in [found.attrs["sentence"], *found.attrs["notes"]]:
        tell(f"{heading}: {sentence}", quiet=quiet)
    if name is None or lists is None:
        emit_table(found, output, as_json=as_json)
        return
    beside = [name] + ([district] if district else [])
    named = lists[lists["area_name"].notna() & lists["district"].notna()]
    checked = geoprofiles.check_codes(
        read_texts(file, [heading, *beside]), named, code=heading, name=name, district=district
    )
    tell(checked.attrs["sentence"], quiet=quiet)
    emit_table(checked.reset_index(names="row"), output, as_json=as_json)


@click.command(
    epilog=example(
        "geoprofiles reaggregate residents.csv --lookup lsoa11_to_lsoa21.csv"
        " --weights postcodes.csv -o residents_2021.csv",
        "geoprofiles reaggregate residents.csv --weights postcodes.csv --source lsoa21_code"
        " --target ward_2023_code -o by_ward.csv",
        "geoprofiles reaggregate ages.csv --by age --value n --lookup lsoa_to_msoa.csv -o out.csv",
    )
)
@click.argument("values", metavar="VALUES")
@click.option("--lookup", metavar="FILE", help="A published look-up between the two sets of areas.")
@click.option(
    "--weights", metavar="FILE", help="Postcodes, addresses or output areas with both codes."
)
@click.option("--weight", metavar="COLUMN", help="Column of weights there; each row 1 if not said.")
@click.option("--source", metavar="COLUMN", help="Column of the codes that VALUES has.")
@click.option("--target", metavar="COLUMN", help="Column of the codes that are wanted.")
@click.option(
    "--weights-source",
    metavar="COLUMN",
    help="The same in the file of weights, if called otherwise.",
)
@click.option(
    "--weights-target",
    metavar="COLUMN",
    help="The same in the file of weights, if called otherwise.",
)
@click.option("--from-areas", metavar="FILE", help="Boundaries of the areas that VALUES is on.")
@click.option("--to-areas", metavar="FILE", help="Boundaries of the areas that are wanted.")
@click.option("--code", metavar="COLUMN", help="Column of codes in VALUES; found if not said.")
@click.option("--value", metavar="COLUMN", help="Column of numbers in VALUES; found if not said.")
@click.option("--year", type=int, help="Take this year of VALUES only.")
@click.option(
    "--by",
    multiple=True,
    metavar="COLUMN",
    help="Column that tells an area's rows apart, such as age; may be given more than once.",
)
@click.option(
    "--best-fit/--exact", default=None, help="Whether the look-up is a best fit; told by the codes."
)
@click.option("--force", is_flag=True, help="Assign more than 5% by best fit or area shares.")
@output_option()
@json_option
@quiet_option
def reaggregate(
    values: str,
    lookup: str | None,
    weights: str | None,
    weight: str | None,
    source: str | None,
    target: str | None,
    weights_source: str | None,
    weights_target: str | None,
    from_areas: str | None,
    to_areas: str | None,
    code: str | None,
    value: str | None,
    year: int | None,
    by: tuple[str, ...],
    best_fit: bool | None,
    force: bool,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Bring the sums in VALUES to other areas, and say how much was assigned.

    VALUES is a table of residents or the like, counts as 'geoprofiles count' writes them, or
    indicators with numerator and denominator. Of what is given the best way that serves is
    used: whole areas summed, weights, a best fit, area shares. The last two are refused where
    they assign more than 5% of the total. Incidents that have points: count them again instead.
    """
    import geoprofiles

    check_output(output, TABLE_FORMATS)
    if bool(from_areas) != bool(to_areas):
        raise click.UsageError("--from-areas and --to-areas go together.")
    if not (lookup or weights or from_areas):
        raise click.UsageError("Give --lookup, --weights, or --from-areas and --to-areas.")
    ways, pairs, points = [], None, None
    if lookup:
        pairs = geoprofiles.read_lookup(lookup, source=source, target=target)
        source, target = pairs.attrs["source_column"], pairs.attrs["target_column"]
    if weights:
        points = _read_weights(weights, weight, weights_source or source, weights_target or target)
    if pairs is not None:
        ways.append(geoprofiles.crosswalk_from_lookup(pairs, points, best_fit=best_fit))
    if points is not None:
        ways.append(
            geoprofiles.crosswalk_from_points(
                points, source="source", target="target", weight="weight"
            )
        )
    if from_areas and to_areas:
        small = geoprofiles.read_areas(from_areas)
        large = geoprofiles.read_areas(to_areas, crs=small.crs)
        ways.append(geoprofiles.crosswalk_from_shapes(small, large))
    table = _read_values(values, code=code, value=value, year=year, by=by)
    try:
        result = geoprofiles.reaggregate(table, ways, by=by, force=force)
    except InputError as error:
        remedy = (error.remedy or "").replace("force=True", "--force")
        raise InputError(error.problem, file=values, remedy=remedy) from error
    for sentence in [result.attrs["sentence"], *result.attrs["notes"]]:
        tell(sentence, quiet=quiet)
    emit_table(result, output, as_json=as_json)


def _read_weights(
    path: str, weight: str | None, source: str | None, target: str | None
) -> pd.DataFrame:
    from geoprofiles.read import read_weights

    if not (source and target):
        raise click.UsageError("--weights needs --source and --target.")
    return read_weights(path, source=source, target=target, weight=weight)


def _read_values(
    path: str, *, code: str | None, value: str | None, year: int | None, by: tuple[str, ...]
) -> Any:
    """Read sums as what they are: by age and the like, counts, indicators, or one number each."""
    import geoprofiles
    from geoprofiles.read import read_counts, read_parts
    from geoprofiles.read.numbers import open_table

    if by:
        if value is None:
            raise click.UsageError("--by needs --value: the column of numbers.")
        return read_parts(path, value=value, by=by, code=code)
    if code is None and value is None:
        headings = set(open_table(path).headings)
        if {"month", "category", "count"} <= headings:
            return read_counts(path)
        if {"indicator", "numerator", "denominator"} <= headings:
            return geoprofiles.read_indicators(path)
    return geoprofiles.read_population(path, code=code, value=value, year=year)

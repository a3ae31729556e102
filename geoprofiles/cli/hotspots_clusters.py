"""``hotspots clusters``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from geoprofiles.cli.hotspots_reading import counted_incidents, read_at_risk, window_options
from geoprofiles.cli.options import (
    LAYER_FORMATS,
    areas_option,
    category_option,
    check_output,
    emit_layer,
    example,
    files_argument,
    output_option,
    period_options,
    progress_bar,
    quiet_option,
    reading_options,
    tell,
)

ST = "st-dbscan"

USUAL_DAYS, USUAL_MONTHS = 14, 1
"""How far apart in time is near, where not said: the two weeks of near repeats, or next month."""


@click.command(
    epilog=example(
        "geoprofiles hotspots clusters downloads/ --areas wards.geojson -o clusters.gpkg",
        "geoprofiles hotspots clusters downloads/ --areas lsoas.geojson --category Burglary"
        " --at-risk households.csv -o clusters.geojson",
        "geoprofiles hotspots clusters downloads/ --areas lsoas.geojson --category Robbery"
        " --method st-dbscan --months 2 --at-risk residents.csv -o spells.csv",
    )
)
@files_argument
@areas_option()
@category_option
@period_options
@window_options
@click.option(
    "--method",
    type=click.Choice(["dbscan", "hdbscan", "optics", ST]),
    default="dbscan",
    show_default=True,
    help="One density; the most stable of several; valleys of reach; or in space and time.",
)
@click.option(
    "--eps",
    type=float,
    metavar="METRES",
    help="How near is near; of hdbscan and optics the widest reach.",
)
@click.option(
    "--min-samples", type=click.IntRange(1), help="Incidents within eps that make a place dense."
)
@click.option("--days", type=click.IntRange(0), help="With st-dbscan: how many days are near.")
@click.option("--months", type=click.IntRange(0), help="With st-dbscan: how many months are near.")
@click.option(
    "--at-risk",
    metavar="FILE",
    help="People, homes or premises by area: clusters are held against random draws of them.",
)
@click.option(
    "--simulations",
    type=click.IntRange(1),
    help="Random draws; 999 where clusters are tested. Alone, against ground.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the draws.")
@output_option(LAYER_FORMATS)
@reading_options
@quiet_option
def clusters(
    files: tuple[str, ...],
    areas: str,
    method: str,
    eps: float | None,
    min_samples: int | None,
    days: int | None,
    months: int | None,
    at_risk: str | None,
    simulations: int | None,
    seed: int,
    output: Path | None,
    quiet: bool,
    **reading: Any,
) -> None:
    """Outline where incidents lie close together, on weighted distinct places.

    With --at-risk, or --simulations alone, say which clusters are beyond chance: the columns
    'expected', 'ratio', 'p' and 'significant'. Otherwise nothing is tested.
    """
    import geoprofiles
    from geoprofiles.hotspots.cluster_settings import suggest_eps

    check_output(output, LAYER_FORMATS)
    if method != ST and (days is not None or months is not None):
        raise click.UsageError(f"--days and --months go with --method {ST}.")
    counted, every, boundaries = counted_incidents(files, areas, reading)
    places = geoprofiles.distinct_places(counted)
    if eps is None:
        eps, reason = suggest_eps(places, boundaries)
        tell(f"eps {eps:g} m: {reason}", quiet=quiet)
    near = _near_in_time(counted, days, months, quiet=quiet) if method == ST else None
    test = None
    if at_risk is not None or simulations is not None:
        test = _test(boundaries, every, eps, at_risk, simulations or 999, seed)
    if min_samples is None:
        min_samples, reason = _min_samples(counted, places, boundaries, eps, near, test)
        tell(f"min-samples {min_samples}: {reason}", quiet=quiet)
    settings = {"eps": eps, "min_samples": min_samples}
    if test is None:
        found = _described(method, counted, places, boundaries, settings, near)
    else:
        found = _tested(method, counted, places, boundaries, settings | test, near, quiet=quiet)
        _tell_tested(found, quiet=quiet)
    if found.empty:
        tell(found.attrs.get("note") or "No place is that dense: there is no cluster.", quiet=quiet)
    emit_layer(found, output, name="clusters")


def _near_in_time(
    counted: Any, days: int | None, months: int | None, *, quiet: bool
) -> dict[str, int | None]:
    """Say how far apart in time is near, where it was not said."""
    from geoprofiles.hotspots.resolution import has_days

    if days is None and months is None:
        if has_days(counted):
            days, reason = USUAL_DAYS, "the dates have days, and near repeats come within weeks"
        else:
            months, reason = USUAL_MONTHS, "the dates have the month only"
        near = f"{USUAL_MONTHS} month" if days is None else f"{USUAL_DAYS} days"
        tell(f"up to {near} apart is near: {reason}", quiet=quiet)
    return {"days": days, "months": months}


def _test(
    areas: Any, every: Any, eps: float, at_risk: str | None, simulations: int, seed: int
) -> dict[str, Any]:
    """Read what is at risk, and keep the settings of the test."""
    from geoprofiles.hotspots.resolution import map_points
    from geoprofiles.hotspots.significance import spacing_for

    return {
        "at_risk": read_at_risk(at_risk, areas, spacing_for(areas, eps)),
        "map_points": map_points(every),
        "simulations": simulations,
        "seed": seed,
    }


def _min_samples(
    counted: Any, places: Any, areas: Any, eps: float, near: dict[str, Any] | None, test: Any
) -> tuple[int, str]:
    """Suggest how many incidents are many, in space and, where that is asked, in time."""
    import geoprofiles
    from geoprofiles.hotspots.cluster_settings import suggest_min_samples
    from geoprofiles.hotspots.st_dbscan import near_in_time, read_spans

    if test is None and near is None:
        _, found, reason = geoprofiles.suggest_clusters(places, areas, eps=eps)
        return found, reason.removeprefix("eps was given; ")
    beside = None if near is None else near_in_time(read_spans(counted, **near))
    held = {} if test is None else {key: test[key] for key in ("at_risk", "map_points")}
    return suggest_min_samples(places, areas, eps=eps, beside=beside, **held)


def _described(method: str, counted: Any, places: Any, areas: Any, settings: Any, near: Any) -> Any:
    import geoprofiles

    if method == ST:
        return geoprofiles.hotspot_st_dbscan(counted, areas, **settings, **near)
    find = {
        "dbscan": geoprofiles.hotspot_clusters,
        "hdbscan": geoprofiles.hotspot_hdbscan,
        "optics": geoprofiles.hotspot_optics,
    }[method]
    return find(places, areas, **settings)


def _tested(
    method: str, counted: Any, places: Any, areas: Any, settings: Any, near: Any, *, quiet: bool
) -> Any:
    import geoprofiles

    with progress_bar(quiet=quiet) as progress:
        told = None if progress is None else partial(progress, "random draws")
        if method == ST:
            return geoprofiles.significant_st_dbscan(
                counted, areas, **settings, **near, progress=told
            )
        return geoprofiles.significant_clusters(
            places, areas, **settings, method=method, progress=told
        )


def _tell_tested(found: Any, *, quiet: bool) -> None:
    if found.empty:
        return
    sure, every = int(found["significant"].sum()), len(found)
    one = "the one cluster is" if sure else "the one cluster may be chance; none is"
    told = f"{sure:,} of {every:,} clusters are" if every > 1 else one
    tell(
        f"{told} beyond chance, held against {found.attrs['null']}. {found.attrs['note']}".rstrip(),
        quiet=quiet,
    )

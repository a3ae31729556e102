"""What the commands on hot spots read: incidents that were chosen and lie in areas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoprofiles.cli.options import F, chosen, read, read_one_set, take_area_options, tell
from geoprofiles.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def window_options(function: F) -> F:
    """``--window``, ``--weekdays`` and ``--time-zone``."""
    for option in (
        click.option(
            "--time-zone",
            metavar="NAME",
            help="Whose clock the times show, such as Europe/London; for --window.",
        ),
        click.option(
            "--weekdays", metavar="DAYS", help="Days on which --window opens: Friday,Saturday."
        ),
        click.option(
            "--window",
            metavar="HOURS",
            help="Only these hours of the day, such as 22:00-06:00, by when incidents may have"
            " happened.",
        ),
    ):
        function = option(function)
    return function


def counted_incidents(
    files: tuple[str, ...], areas: str, reading: dict[str, Any], *, weighed: bool = False
) -> tuple[Any, Any, Any]:
    """Read incidents and areas; return those chosen that lie in the areas, all, and the areas.

    What was placed by a whole area only is left out: many on its middle would be a hot spot. With a
    window of hours, incidents have a ``weight``, the share of their time within it, where they are
    to be `weighed`; else those are left out that have no more than half of it there.
    ``attrs["years"]`` is what the files cover of the months chosen.
    """
    import geoprofiles
    from geoprofiles.frames import WHOLE_AREA_RUNGS

    choice = {key: reading.pop(key) for key in ("categories", "from_month", "to_month")}
    hours = {key: reading.pop(key, None) for key in ("window", "weekdays", "time_zone")}
    boundaries = read_one_set(areas, take_area_options(reading))
    every = read(files, areas=boundaries, **reading)
    located = geoprofiles.locate(chosen(every, **choice), boundaries)
    counted = located[located["area_code"].notna() & located["refused"].isna()]
    if "located_by" in counted:
        counted = counted[~counted["located_by"].isin(WHOLE_AREA_RUNGS)]
    if hours["window"] is not None and len(counted):
        counted = _within(counted, hours, weighed=weighed)
    elif hours["weekdays"] is not None:
        raise click.UsageError("--weekdays goes with --window.")
    if counted.empty:
        raise InputError(
            "none of the chosen incidents lies in the areas",
            remedy="'geoprofiles check' says where they are.",
        )
    counted.attrs["years"] = _years(every, choice["from_month"], choice["to_month"])
    return counted, every, boundaries


def _within(counted: Any, hours: dict[str, Any], *, weighed: bool) -> Any:
    """Keep or weigh incidents by the share of their time that lies in a window."""
    import geoprofiles
    from geoprofiles.hotspots.aoristic import MOSTLY

    opens, dash, closes = str(hours["window"]).replace(" to ", "-").partition("-")
    if not dash:
        raise click.BadParameter(
            f"'{hours['window']}' is no window; write it as 22:00-06:00.", param_hint="--window"
        )
    days = None if hours["weekdays"] is None else str(hours["weekdays"]).split(",")
    share = geoprofiles.shift_weights(
        counted, start=opens, end=closes, weekdays=days, time_zone=hours["time_zone"]
    )
    kept = counted[share > 0] if weighed else counted[share > MOSTLY]
    quiet = bool(click.get_current_context().params.get("quiet"))
    what = "any" if weighed else "more than half"
    tell(f"{len(kept):,} of {len(counted):,} have {what} of their time in {hours['window']}."
         f" {share.attrs['note']}", quiet=quiet)  # fmt: skip
    if kept.empty:
        raise InputError(
            f"no incident has {what} of its time in {hours['window']}",
            remedy="Widen --window, or take it out.",
        )
    return kept.assign(weight=share[kept.index]) if weighed else kept


def _years(every: Any, first: str | None, last: str | None) -> float:
    """Return the years that the files cover, within the months chosen.

    A month without an incident of a rare category still counts.
    """
    months = every["month"].dropna().drop_duplicates()
    if first:
        months = months[months >= first]
    if last:
        months = months[months <= last]
    return len(months) / 12


def read_at_risk(file: str | None, areas: Any, spacing: float) -> Any:
    """Spread a table of people, homes or premises over its areas; None where there is none."""
    import geoprofiles

    if file is None:
        return None
    table = geoprofiles.read_population(file).sort_values("year", kind="stable")
    table = table.drop_duplicates("area_code", keep="last").set_index("area_code")
    if not table.index.isin(areas.index).any():
        raise InputError(
            f"no code is one of --areas: here one reads '{table.index[0]}', there"
            f" '{areas.index[0]}'",
            file=file,
            remedy="Give with --areas the areas that the table is of; the smaller, the better.",
        )
    values = table["population"].reindex(areas.index).rename(Path(file).stem.replace("_", " "))
    try:
        return geoprofiles.at_risk_from_areas(areas, values, spacing=spacing)
    except InputError as error:
        raise InputError(error.problem, file=file, remedy=error.remedy) from error


def harm_by_unit(file: str, counted: Any, count: Any) -> tuple[Any, Any, Any]:
    """Weigh what each unit holds, in order, by a table of weights.

    Returns the counts by ``unit`` (a number from 0) and category, the weights, and what the
    heaviest single incident brings. `count` counts incidents by unit.
    """
    import numpy as np
    import pandas as pd

    import geoprofiles
    from geoprofiles.read.topics import read_harm

    weights = read_harm(file)
    rows = pd.concat(
        [
            pd.DataFrame({"unit": np.arange(len(counts)), "category": name, "count": counts})
            for name, some in counted.groupby(counted["category"].astype(str))
            for counts in [count(some).to_numpy()]
        ]
    )
    try:
        table = geoprofiles.harm_share(rows, weights, by="unit")
    except InputError as error:
        raise InputError(error.problem, file=file, remedy=error.remedy) from error
    return rows, weights, table


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn a frame into plain records; what is missing is null."""
    import json

    from geoprofiles.publish.tables import render_json

    rows: list[dict[str, Any]] = json.loads(render_json(frame))
    return rows

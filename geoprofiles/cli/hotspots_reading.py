"""What the commands on hot spots read: incidents that were chosen and lie in areas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoprofiles.cli.options import chosen, read, read_one_set, take_area_options
from geoprofiles.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def counted_incidents(
    files: tuple[str, ...], areas: str, reading: dict[str, Any]
) -> tuple[Any, Any, Any]:
    """Read incidents and areas; return those chosen that lie in the areas, all, and the areas.

    What was placed by a whole area only is left out: many on its middle would be a hot spot.
    """
    import geoprofiles
    from geoprofiles.frames import WHOLE_AREA_RUNGS

    choice = {key: reading.pop(key) for key in ("categories", "from_month", "to_month")}
    boundaries = read_one_set(areas, take_area_options(reading))
    every = read(files, areas=boundaries, **reading)
    located = geoprofiles.locate(chosen(every, **choice), boundaries)
    counted = located[located["area_code"].notna() & located["refused"].isna()]
    if "located_by" in counted:
        counted = counted[~counted["located_by"].isin(WHOLE_AREA_RUNGS)]
    if counted.empty:
        raise InputError(
            "none of the chosen incidents lies in the areas",
            remedy="'geoprofiles check' says where they are.",
        )
    return counted, every, boundaries


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


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn a frame into plain records; what is missing is null."""
    import json

    from geoprofiles.publish.tables import render_json

    rows: list[dict[str, Any]] = json.loads(render_json(frame))
    return rows

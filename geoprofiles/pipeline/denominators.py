"""Denominators, and sums of any kind, brought to the areas that are wanted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from geoprofiles.areas.nesting import SUMMED
from geoprofiles.areas.reaggregate import reaggregate
from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, PARTS_OF_AREAS, Population
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.periods import Period
from geoprofiles.words import listed, plural


def known_denominator(
    material: Material, name: str, kind: str, period: Period, *, quiet: bool = False
) -> Population | None:
    """Return one denominator; many rates ask for the same, and it is made once.

    `quiet` leaves out what readers need not be told of periods long gone.
    """
    wanted = (name, kind, period.last.year)
    if wanted not in material.prepared:
        silent = replace(material, choices=[], cautions=[]) if quiet else material
        material.prepared[wanted] = _denominator(silent, name, kind, period)
    return material.prepared[wanted]


def _denominator(material: Material, name: str, kind: str, period: Period) -> Population | None:
    """Return one denominator of one kind of area for the year of a period."""
    tables = material.denominators[name]
    # The table that is on this kind of area already is better than one to be summed.
    setting, table = next((one for one in tables if one[0].areas == kind), tables[0])
    years = sorted(table["year"].dropna().unique())
    if years:
        earlier = [year for year in years if year <= period.last.year]
        year = earlier[-1] if earlier else years[0]
        table = table[table["year"] == year]
        if setting.year is None:
            material.choose(
                f"year of {name}", int(year), f"the latest not after {period.last:%Y-%m}"
            )
        if abs(int(year) - period.last.year) > 1:
            material.caution(
                f"{name.capitalize()} of {plural(kind)} are of {year}, incidents of {period.words}."
            )
    moved = on_kind(material, table, setting.areas, kind, what=f"'{name}'")
    if moved is None:
        return None
    areas = material.areas[kind]
    known = moved.loc[moved["population"].notna(), "area_code"]
    lacking = areas.index[~areas.index.isin(known)]
    if not areas.index.isin(moved["area_code"].unique()).any():
        raise InputError(
            f"no code of '{name}' is a code of the {plural(kind)};"
            f" one reads '{moved['area_code'].iloc[0]}', the other '{areas.index[0]}'",
            file=setting.file,
            remedy="They are of different kinds or vintages: set 'areas' or add a [[lookups]].",
        )
    if len(lacking):
        names = areas.loc[lacking, "area_name"].astype(str)
        material.caution(
            f"The number of {name} is not known, or not whole, for {listed(names)}:"
            " no rates there.",
            kind=kind,
        )
        # What was said here needs no second warning: these areas are known to have no number.
        moved = moved.merge(pd.DataFrame({"area_code": list(areas.index)}), how="outer")
    return moved


def on_kind(
    material: Material, table: pd.DataFrame, small: str, kind: str, *, what: str
) -> pd.DataFrame | None:
    """Bring a table of sums to the areas that are wanted, and tell readers how, or why not."""
    moved, reason = brought(material, table, small, kind, what=what)
    name = what.strip("'")
    name = f"{name[:1].upper()}{name[1:]}"
    if moved is None:
        material.caution(f"{name} are left out of {plural(kind)}: {reason}.", kind=kind)
    elif moved.attrs.get("assigned", 0) > 0:
        material.caution(
            f"{name} of {plural(kind)} are made from {plural(small)}."
            f" {moved.attrs['sentence']} {moved.attrs['most']}".rstrip(),
            kind=kind,
        )
    return moved


def brought(
    material: Material, table: pd.DataFrame, small: str, kind: str, *, what: str
) -> tuple[pd.DataFrame | None, str]:
    """Bring a table of sums from the areas it is on to those that are wanted.

    Returns the table, with ``assigned`` (the share of each sum that was, and not counted), whose
    ``attrs`` say how much was ``assigned`` in all and where ``most`` was; or None and the reason
    why there is no way.
    """
    if small == kind:
        return table, ""
    ways = material.ways_between(small, kind)
    # To groups of areas the same way as to their parts, so that these add up to them.
    through = material.made_of.get(kind) or (None if ways else _between(material, small, kind))
    if through not in {None, small}:
        parts, reason = brought(material, table, small, str(through), what=what)
        if parts is None:
            return None, reason
        first = parts.get("assigned")
        moved, reason = brought(
            material, parts.drop(columns="assigned", errors="ignore"), str(through), kind, what=what
        )
        if moved is not None and first is not None:
            moved["assigned"] = moved.get("assigned", 0.0)
            moved["assigned"] = _assigned_on_the_way(material, parts, moved, (str(through), kind))
        if moved is not None and parts.attrs.get("assigned", 0) > moved.attrs.get("assigned", 0):
            moved.attrs |= {**parts.attrs, "most": ""}
        return moved, reason
    if not ways:
        return None, f"there is no way to them from {plural(small)}"
    if _is_coarser(material, small, kind):
        return None, f"they are of {plural(small)}, which are larger"
    try:
        moved = reaggregate(
            _every_value(table),
            [way.crosswalk for way in ways],
            by=[one for one in PARTS_OF_AREAS if one in table],
            force=any(way.force for way in ways),
        )
    except InputError as error:
        if ways[0].file is not None:
            raise InputError(
                f"{what}: {error.problem}",
                file=ways[0].file,
                remedy=f"{error.remedy or ''} In a project: weights = true, or force = true.",
            ) from error
        return None, f"from {plural(small)}, {error.problem}"
    attrs = {**moved.attrs, "most": _most_assigned(material, moved, kind)}
    moved = moved[moved["area_code"] != OUTSIDE].drop(columns="method")
    moved.attrs = attrs
    return moved, ""


def _assigned_on_the_way(
    material: Material, parts: pd.DataFrame, moved: pd.DataFrame, way: tuple[str, str]
) -> np.ndarray:
    """Return the share of each sum that was assigned at either step of two."""
    sums = [one for one in SUMMED if one in parts]
    shared = parts.assign(**{one: parts[one].astype(float) * parts["assigned"] for one in sums})
    shared, why = brought(material, shared.drop(columns="assigned"), *way, what="the shared part")
    if shared is None:  # the sums themselves went this way
        raise InputError(f"what was assigned cannot be brought on: {why}")
    at_first = np.zeros(len(moved))
    for one in sums:
        whole = moved[one].to_numpy(dtype=float)
        part = np.divide(
            shared[one].to_numpy(dtype=float), whole, out=np.zeros(len(whole)), where=whole > 0
        )
        at_first = np.fmax(at_first, part)
    return np.fmax(at_first, moved["assigned"].to_numpy(dtype=float))


def _every_value(table: pd.DataFrame) -> pd.DataFrame:
    """Say of each area how often it has each value of a median: most have most of them never."""
    if "observed" not in table or table["observed"].isna().all():
        return table
    seen = table["observed"].notna()
    parts = [table[~seen]]
    for (name, period), some in table[seen].groupby(["indicator", "period"], sort=False):
        pairs = pd.MultiIndex.from_product(
            [some["area_code"].unique(), some["observed"].unique()], names=["area_code", "observed"]
        )
        times = some.groupby(pairs.names)["denominator"].sum().reindex(pairs, fill_value=0.0)
        about = {"indicator": name, "period": period, "numerator": 0.0}
        parts.append(times.reset_index().assign(**about))
    every = pd.concat([one for one in parts if len(one)], ignore_index=True)[list(table)]
    every.attrs = table.attrs
    return every


def _between(material: Material, small: str, kind: str) -> str | None:
    """Return the finest areas that a look-up of the project leads to, on the way to others."""
    sizes = {
        middle: len(material.areas[middle])
        for one, middle in material.ways
        if one == small and middle != kind
    }
    finer = [name for name, size in sizes.items() if size > len(material.areas[kind])]
    return max(finer, key=lambda name: sizes[name], default=None)


def _most_assigned(material: Material, moved: pd.DataFrame, kind: str) -> str:
    """Name the areas of which most was assigned."""
    names = material.areas[kind]["area_name"]
    most = moved[moved["area_code"].isin(names.index)].groupby("area_code")["assigned"].max()
    some = most[most > 0].sort_values(ascending=False).head(3)
    told = [f"{names[code]} ({share:.0%})" for code, share in some.items()]
    return f"Most in {listed(told)}." if told else ""


def _is_coarser(material: Material, small: str, kind: str) -> bool:
    return small in material.areas and len(material.areas[small]) < len(material.areas[kind])

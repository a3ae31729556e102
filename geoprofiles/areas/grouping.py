"""Make areas of others: localities of wards, beats of small areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, check_areas
from geoprofiles.words import listed, nearest


def group_areas(
    areas: Areas, groups: Mapping[str, Sequence[str]], *, kind: str | None = None
) -> Areas:
    """Join areas to larger ones.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, such as wards.
    groups : mapping of str to list of str
        Name of each larger area to the codes of its parts; a name may stand for a code where
        only one area has it.
    kind : str, optional
        What the larger areas are, such as ``"locality"``.

    Returns
    -------
    GeoDataFrame
        Areas, whose codes are their names; in ``attrs`` ``kind``, ``lookup`` (a dict of part to
        whole) and ``notes``, which name the areas that are in no group.

    Raises
    ------
    InputError
        If a part is unknown, bears a name that several areas have, or is in two groups, or a
        group is empty.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> wards = geopandas.GeoDataFrame({"area_name": ["Mill", "Quay"]},
    ...     geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)],
    ...     index=pd.Index(["A", "B"], name="area_code"), crs=27700)
    >>> west = geoprofiles.group_areas(wards, {"West": ["Mill", "B"]}, kind="locality")
    >>> west.index.tolist(), west.area.tolist()
    (['West'], [2.0])
    """
    check_areas(areas)
    whole: dict[str, str] = {}
    for name, parts in groups.items():
        if not parts:
            raise InputError(f"the group '{name}' has no areas")
        for part in parts:
            code = _code_of(part, areas, name)
            if code in whole:
                other = whole[code]
                raise InputError(
                    f"'{part}' is in the group '{other}' and in '{name}'"
                    if other != name
                    else f"'{part}' is in the group '{name}' twice"
                )
            whole[code] = name
    of = pd.Series(whole)
    some = areas.loc[of.index]
    joined = some.dissolve(by=of.to_numpy(), sort=False)[[areas.geometry.name]]
    joined = joined.loc[list(groups)]
    joined.insert(0, "area_name", joined.index)
    joined.index = pd.Index(joined.index.astype(object), name="area_code")
    left = [str(name) for name in areas.loc[~areas.index.isin(of.index), "area_name"]]
    result = geopandas.GeoDataFrame(joined, geometry=areas.geometry.name, crs=areas.crs)
    result.attrs = {
        "kind": kind or "group",
        "vintage": areas.attrs.get("vintage", ""),
        "lookup": whole,
        "notes": [f"In no group: {listed(left)}."] if left else [],
    }
    return result


def _code_of(part: str, areas: Areas, group: str) -> str:
    if part in areas.index:
        return part
    hits = areas.index[areas["area_name"] == part]
    if len(hits) == 1:
        return str(hits[0])
    if len(hits) > 1:
        raise InputError(
            f"'{part}' of the group '{group}' is the name of {len(hits)} areas",
            remedy=f"Give its code: {listed([str(hit) for hit in hits])}.",
        )
    known = [*areas["area_name"].astype(str), *areas.index.astype(str)]
    raise InputError(
        f"'{part}' of the group '{group}' is no code or name of these areas",
        remedy=nearest(part, known),
    )

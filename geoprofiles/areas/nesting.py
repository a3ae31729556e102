"""Bring sums from smaller areas to larger ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geoprofiles.checks import check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, check_areas, check_columns
from geoprofiles.words import listed

SUMMED = ("population", "count", "numerator", "denominator", "squares")
"""Columns that are sums and may be added up. Rates and other columns are not brought along."""

KEYS = ("year", "indicator", "period", "month", "category")
"""Columns that tell the rows of an area apart."""


def sum_to_areas(values: pd.DataFrame, lookup: pd.DataFrame) -> pd.DataFrame:
    """Add up the sums of smaller areas to the larger areas they belong to.

    Parameters
    ----------
    values : DataFrame
        ``area_code`` of the smaller areas, columns that are sums (`SUMMED`), and columns that
        tell rows apart (``year``, ``indicator``, ``period``, ``month``, ``category``).
    lookup : DataFrame
        ``source`` (smaller) to ``target`` (larger); each source once.

    Returns
    -------
    DataFrame
        The same columns, on the targets, in the order of the look-up. A sum of which a part is
        missing, as a value or as a row, is missing (NaN): what is not known is not zero.
        Otherwise totals are preserved.

    Raises
    ------
    InputError
        If a source stands for two targets, or a code of `values` is not in the look-up.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> people = pd.DataFrame({"area_code": ["a", "b"], "year": 2025, "population": [10.0, 20.0]})
    >>> lookup = pd.DataFrame({"source": ["a", "b"], "target": ["A", "A"]})
    >>> geoprofiles.sum_to_areas(people, lookup).to_dict("records")
    [{'area_code': 'A', 'year': 2025, 'population': 30.0}]
    """
    check_columns(values, ["area_code"], what="Values")
    check_columns(lookup, ["source", "target"], what="Look-ups")
    pairs = lookup[["source", "target"]]
    # Of a look-up for a whole country only the areas in hand matter, with all of their parts.
    reached = pairs.loc[pairs["source"].isin(values["area_code"]), "target"]
    pairs = pairs[pairs["target"].isin(reached)].drop_duplicates()
    double = pairs["source"][pairs["source"].duplicated()]
    if len(double):
        raise InputError(
            f"the look-up gives '{double.iloc[0]}' to more than one area",
            remedy="A look-up says for each smaller area the one larger area it belongs to.",
        )
    target = values["area_code"].map(pairs.set_index("source")["target"])
    if target.isna().any():
        missing = list(dict.fromkeys(values["area_code"][target.isna()]))
        raise InputError(
            f"{len(missing)} of the codes {'is' if len(missing) == 1 else 'are'} not in the"
            f" look-up: {listed(missing, most=3)}",
            remedy="Use a look-up of the same vintage as the codes.",
        )
    sums = [column for column in SUMMED if column in values]
    keys = [column for column in KEYS if column in values]
    grouped = values.assign(area_code=target).groupby(
        ["area_code", *keys], sort=False, observed=True
    )
    table = grouped[sums].sum()
    # A part that is not known, or has no row, makes the whole not known; a plain sum would
    # call it zero.
    by = [target.rename("area_code"), *(values[key] for key in keys)]
    known = values[sums].notna().groupby(by, observed=True).all().reindex(table.index)
    held = values["area_code"].groupby(by, observed=True).nunique().reindex(table.index)
    needed = pairs.groupby("target").size()
    wanted = table.index.get_level_values("area_code").map(needed)
    complete = known.to_numpy() & (held.to_numpy() == wanted.to_numpy())[:, None]
    table = table.where(complete).reset_index()
    order = {code: place for place, code in enumerate(dict.fromkeys(pairs["target"]))}
    place = table["area_code"].map(order)
    table = table.iloc[np.argsort(place.to_numpy(), kind="stable")]
    return table[["area_code", *keys, *sums]].reset_index(drop=True)


def nest(small: Areas, large: Areas) -> pd.DataFrame:
    """Give each smaller area to the larger one that holds most of it.

    Parameters
    ----------
    small, large : GeoDataFrame
        Areas, in the same metres.

    Returns
    -------
    DataFrame
        ``source``, ``target`` and ``share``, the part of the smaller area that lies in the larger
        (0 to 1). A share below 0.99 is an area that straddles a border. Smaller areas that touch
        no larger one are left out.

    Raises
    ------
    CRSError
        If the two are in different metres.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> def areas(**boxes):
    ...     return geopandas.GeoDataFrame({"area_name": list(boxes)}, geometry=list(boxes.values()),
    ...         index=pd.Index(list(boxes), name="area_code"), crs=27700)
    >>> small, large = areas(a=box(0, 0, 4, 4)), areas(A=box(0, 0, 3, 4), B=box(3, 0, 9, 4))
    >>> geoprofiles.nest(small, large).to_dict("records")
    [{'source': 'a', 'target': 'A', 'share': 0.75}]
    """
    check_areas(small)
    check_areas(large)
    check_same_crs(small.crs, large.crs, names=("Smaller areas", "Larger areas"))
    inner, outer = small.geometry.to_numpy(), large.geometry.to_numpy()
    one, two = shapely.STRtree(outer).query(inner, predicate="intersects")
    overlap = shapely.area(shapely.intersection(inner[one], outer[two]))
    table = pd.DataFrame(
        {
            "source": small.index.to_numpy()[one],
            "target": large.index.to_numpy()[two],
            "share": overlap / shapely.area(inner[one]),
            "place": one,
        }
    )
    best = table.sort_values(["place", "share", "target"], ascending=[True, False, True])
    best = best[best["share"] > 0].drop_duplicates("place").drop(columns="place")
    return best.reset_index(drop=True)

"""Strata: figures by area and age, and how ages are written."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns
from geoprofiles.words import listed

KEYS = ("area_code", "area_name", "indicator", "period", "age", "observed")
"""What tells the rows of figures apart, but for sex."""

SUMMED = ("numerator", "denominator", "squares")
STRATA = ["area_code", "age", "numerator", "denominator"]


def both_sexes(table: pd.DataFrame) -> pd.DataFrame:
    """Add up the rows of the sexes; a sum of which a part is not known is NaN.

    Examples
    --------
    >>> table = pd.DataFrame({"area_code": "A", "sex": ["female", "male"], "numerator": [1, 2],
    ...     "denominator": [10, 20]})
    >>> both_sexes(table).values.tolist()
    [['A', 3, 30]]
    """
    if "sex" not in table:
        return table
    sums = [one for one in SUMMED if one in table]
    told = table["sex"].notna() & (table["sex"] != "")
    keys = [one for one in KEYS if one in table]
    grouped = table[told].groupby(keys, sort=False, observed=True, dropna=False)[sums]
    known = grouped.count().eq(grouped.size(), axis=0)
    added = grouped.sum().where(known).reset_index()
    rest = table[~told].drop(columns="sex")
    whole = pd.concat([one for one in (rest, added) if len(one)] or [rest], ignore_index=True)
    whole = whole.reindex(columns=list(rest))
    whole.attrs = table.attrs
    return whole


def read_bands(names: list[str]) -> dict[str, tuple[int, float]]:
    """Read bands of age: each to its first year and width, in order.

    Examples
    --------
    >>> read_bands(["5+", "0-4"])
    {'0-4': (0, 5.0), '5+': (5, inf)}
    """
    read = {}
    for name in names:
        match = re.fullmatch(r"(\d+)(?:\s*[-–]\s*(\d+)|\s*(\+))?", name.strip())
        if match is None:
            raise InputError(
                f"'{name}' is no age", remedy="Write ages as 0, 1-4, 5-9 and so on to 85+ or 90+."
            )
        first = int(match.group(1))
        last = match.group(2)
        width = np.inf if match.group(3) else (int(last) if last else first) - first + 1
        read[name] = (first, float(width))
    return dict(sorted(read.items(), key=lambda one: one[1]))


def refuse_overlap(bands: dict[str, tuple[int, float]]) -> None:
    """Refuse ages that count somebody twice."""
    for (one, (first, width)), (two, (start, _)) in itertools.pairwise(bands.items()):
        if start < first + width:
            raise InputError(
                f"the ages '{one}' and '{two}' overlap",
                remedy="Keep one set of bands; leave totals of all ages out.",
            )


def whole_life(names: list[str]) -> dict[str, tuple[int, float]]:
    """Read bands of age that must run from 0 to an open last one without a gap."""
    bands = read_bands(names)
    refuse_overlap(bands)
    ends = [first + width for first, width in bands.values()]
    starts = [first for first, _ in bands.values()]
    if starts[0] != 0 or ends[-1] != np.inf or ends[:-1] != starts[1:]:
        raise InputError(
            f"the ages leave a gap: {listed(list(bands))}",
            remedy="They must run from 0 to an open last age such as 85+.",
        )
    return bands


def check_strata(strata: pd.DataFrame) -> pd.DataFrame:
    """Return strata with ages as text and numbers as floats, once they can be used."""
    check_columns(strata, STRATA, what="Strata")
    columns = [one for one in ("numerator", "denominator", "squares") if one in strata]
    strata = strata.astype(dict.fromkeys(columns, float)).assign(
        area_code=strata["area_code"].astype(object), age=strata["age"].astype(str)
    )
    if strata["area_code"].isna().any():
        raise InputError("a row of the strata has no area code")
    for column in columns:
        if (strata[column] < 0).any():
            code = strata.loc[strata[column] < 0, "area_code"].iloc[0]
            raise InputError(f"a {column} of '{code}' is negative")
    twice = strata.duplicated(["area_code", "age"])
    if twice.any():
        code, age = strata.loc[twice, ["area_code", "age"]].iloc[0]
        raise InputError(f"the age '{age}' of '{code}' comes twice")
    if "squares" in strata:
        # Each of a person's events counts at least once when squared; a hair less is rounding.
        low = strata["squares"] < strata["numerator"] * (1 - 1e-9)
        if low.any():
            raise InputError(
                f"the squares of '{strata.loc[low, 'area_code'].iloc[0]}' are below its events",
                remedy="Square the events of each person, then add them up.",
            )
    return strata

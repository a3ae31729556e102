"""Bring sums from any set of areas to any other, and say how much of them was assigned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.areas.codes import lost_codes
from geoprofiles.areas.crosswalk import BEST_FIT, METHODS, SHARES, WHOLE
from geoprofiles.areas.nesting import KEYS, SUMMED
from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, UNLOCATED, check_columns
from geoprofiles.words import listed

LIMIT = 0.05
"""Above this share of the total, figures assigned by best fit or area shares are refused."""

REFUSED_ABOVE_LIMIT = (BEST_FIT, SHARES)
_EXACT = 1e-9
_ASIDE = (OUTSIDE, UNLOCATED)


def reaggregate(
    values: pd.DataFrame,
    ways: pd.DataFrame | Sequence[pd.DataFrame],
    *,
    by: Sequence[str] = (),
    force: bool = False,
    limit: float = LIMIT,
) -> pd.DataFrame:
    """Bring sums to other areas by the best way there is.

    Where incidents are at hand, do not use this: :func:`locate` them in the other areas and
    count again. Of the rest, whole areas summed are better than weights of output areas or
    postcodes, these than a best fit, and that than area shares.

    Parameters
    ----------
    values : DataFrame
        ``area_code``; columns that are sums (``population``, ``count``, ``numerator``,
        ``denominator``); and columns that tell rows apart (``year``, ``indicator``, ``period``,
        ``month``, ``category``). Zeros are rows: an area without a row is not known.
    ways : DataFrame or list of DataFrame
        Crosswalks, as :func:`crosswalk_from_lookup`, :func:`crosswalk_from_points` and
        :func:`crosswalk_from_shapes` make them. The best that serves is used.
    by : list of str
        More columns that tell rows apart, such as ``age`` and ``sex``.
    force : bool
        Use a best fit or area shares even where they assign more than `limit`.
    limit : float
        The share of the total, 0 to 1, that these two may assign.

    Returns
    -------
    DataFrame
        The same columns on the other areas, then ``method`` of each figure and ``assigned``, the
        share of it that comes from areas which lie in several of these and so was assigned, not
        counted (0 to 1; in a best fit also what was given to others instead). A figure of which a
        part is not known is NaN. What lies in none of the areas stays as ``(outside)``, so that
        totals are preserved. ``attrs`` holds ``method``, ``assigned`` (of the whole), ``sentence``
        and ``notes`` (with the ways that would not do, and why).

    Raises
    ------
    InputError
        If no way serves: it does not cover the codes, gives no shares for areas that were split,
        or assigns more than the limit. Also if there is no sum, or an area comes twice.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> people = pd.DataFrame({"area_code": ["a", "b"], "year": 2025, "population": [100.0, 40.0]})
    >>> points = pd.DataFrame({"source": ["a", "b", "b", "b", "b"], "target": list("AAABB")})
    >>> crosswalk = geoprofiles.crosswalk_from_points(points, small=True)
    >>> moved = geoprofiles.reaggregate(people, crosswalk)
    >>> moved[["area_code", "population", "method", "assigned"]].round(3).values.tolist()
    [['A', 120.0, 'weights', 0.167], ['B', 20.0, 'weights', 1.0]]
    >>> moved.attrs["sentence"]
    'From 2 areas to 2 by weights: 28.6% of the total was assigned, not counted.'
    """
    sums, keys = _columns(values, by)
    aside = values["area_code"].isin(_ASIDE)
    inside = values[~aside]
    way, notes = _choose(inside, sums, ways, None if force else limit)
    flows = _flows(inside, way, sums)
    table = _added_up(flows, inside, way, sums, keys)
    _check_totals(flows, inside, sums)
    if aside.any():
        rest = values.loc[aside, ["area_code", *keys, *sums]].assign(method=WHOLE, assigned=0.0)
        table = _with_aside(table, rest, sums, keys)
    if (way["share"].isin([0.0, 1.0])).all():
        table = _whole_numbers(table, values, sums)
    method, assigned = way.attrs["method"], assigned_share(inside, way)
    lacking = table.loc[table[sums].isna().any(axis=1), "area_code"].nunique()
    if lacking:
        notes.append(f"{lacking:,} areas have a figure of which a part is not known: it is empty.")
    one, other = inside["area_code"].nunique(), len(set(table["area_code"]) - set(_ASIDE))
    told = f"{assigned:.1%} of the total was assigned, not counted"
    total, left = flows[sums[0]].sum(), flows.loc[flows["target"] == OUTSIDE, sums[0]].sum()
    if left > 0:
        told += f", and {left / total:.2%} lies in none"
    table.attrs = {
        "method": method,
        "assigned": assigned,
        "sentence": f"From {one:,} areas to {other:,} by {method}: {told}.",
        "notes": notes,
    }
    return table


def _columns(values: pd.DataFrame, by: Sequence[str]) -> tuple[list[str], list[str]]:
    check_columns(values, ["area_code", *by], what="Values")
    sums = [column for column in SUMMED if column in values]
    if not sums:
        raise InputError(
            f"there is no sum to bring over: no column is called {listed(SUMMED)}",
            remedy="A rate is made again from its numerator and denominator, never averaged.",
        )
    keys = [*dict.fromkeys([*(one for one in KEYS if one in values), *by])]
    again = values.duplicated(["area_code", *keys]) & ~values["area_code"].isin(_ASIDE)
    if again.any():
        raise InputError(
            f"the area '{values.loc[again, 'area_code'].iloc[0]}' comes more than once",
            remedy="Say which columns tell its rows apart with by=['age', 'sex'].",
        )
    return sums, keys


def _choose(
    inside: pd.DataFrame, sums: list[str], ways: Any, limit: float | None
) -> tuple[pd.DataFrame, list[str]]:
    given = [ways] if isinstance(ways, pd.DataFrame) else list(ways)
    for one in given:
        check_columns(one, ["source", "target", "share", "part"], what="Crosswalks")
        if one.attrs.get("method") not in METHODS:
            raise InputError(
                "a crosswalk does not say its method",
                remedy="Make it with crosswalk_from_lookup, _from_points or _from_shapes.",
            )
    refused: list[tuple[str, InputError]] = []
    for one in sorted(given, key=lambda one: METHODS.index(one.attrs["method"])):
        way = _of_these(one, inside)
        problem = _unfit(inside, way, sums, limit)
        if problem is None:
            return way, [f"{name.capitalize()} would not do: {why}" for name, why in refused]
        refused.append((way.attrs["method"], problem))
    if len(refused) == 1:
        raise refused[0][1]
    reasons = "; ".join(f"{name}: {why.problem}" for name, why in refused)
    raise InputError(
        f"none of {len(refused)} ways will do: {reasons}" if refused else "no crosswalk is given",
        remedy="Recount the points with locate and count_by_area, or give weights of postcodes.",
    )


def _of_these(way: pd.DataFrame, inside: pd.DataFrame) -> pd.DataFrame:
    """Take the targets that the values reach, with all of their sources."""
    here = way["source"].isin(inside["area_code"].unique())
    reached = way.loc[here & (way["share"] != 0), "target"]
    return way[way["target"].isin(reached)]


def _unfit(
    inside: pd.DataFrame, way: pd.DataFrame, sums: list[str], limit: float | None
) -> InputError | None:
    lost, share = lost_codes(inside["area_code"], way["source"], weights=inside[sums[0]].abs())
    if lost:
        return InputError(
            f"the crosswalk lacks {len(lost):,} of {inside['area_code'].nunique():,} codes, with"
            f" {share:.1%} of the total: {listed(lost, most=3)}",
            remedy="Use one of the same vintage as the codes; recognise_codes tells which that is.",
        )
    mine = way[way["source"].isin(inside["area_code"].unique())]
    unknown = mine.loc[mine["share"].isna(), "source"].unique()
    if len(unknown):
        some = inside[inside["area_code"].isin(unknown)]
        part = some[sums[0]].abs().sum() / (inside[sums[0]].abs().sum() or 1.0)
        return InputError(
            f"{len(unknown):,} of the areas, with {part:.1%} of the total, were split or changed"
            f" irregularly, and nothing says how to share them out:"
            f" {listed(map(str, unknown), most=3)}",
            remedy="Recount the points, give weights of postcodes, or bring the other table to"
            " these areas instead: there the parts only add up.",
        )
    method = way.attrs["method"]
    if limit is None or method not in REFUSED_ABOVE_LIMIT:
        return None
    assigned = assigned_share(inside, way)
    if assigned <= limit:
        return None
    evidence = " (nothing tells which areas lie wholly in one)" if mine["part"].isna().all() else ""
    return InputError(
        f"by {method} {assigned:.1%} of the total would be assigned, not counted{evidence}; the"
        f" limit is {limit:.1%}",
        remedy="Recount the points with locate and count_by_area, or give weights of output areas"
        " or postcodes; force=True does it all the same.",
    )


def assigned_share(values: pd.DataFrame, way: pd.DataFrame) -> float:
    """Say which share of the total stands against areas that lie in several others.

    Of several columns of sums, that with the largest share counts.

    Examples
    --------
    >>> way = pd.DataFrame({"source": ["a", "b", "b"], "target": ["A", "A", "B"],
    ...     "share": [1.0, 0.5, 0.5], "part": [1.0, 0.5, 0.5]})
    >>> assigned_share(pd.DataFrame({"area_code": ["a", "b"], "count": [3, 1]}), way)
    0.25
    """
    straddling = way.loc[~_whole(way), "source"]
    held = values["area_code"].isin(straddling)
    shares = [0.0]
    for column in (one for one in SUMMED if one in values):
        size = values[column].abs()
        if size.sum() > 0:
            shares.append(float(size[held].sum() / size.sum()))
    return max(shares)


def _whole(way: pd.DataFrame) -> pd.Series:
    """Tell which pairs are of a source that lies wholly in the target, as far as is known."""
    return (way["part"] >= 1 - _EXACT) & (way["share"] >= 1 - _EXACT)


def _flows(inside: pd.DataFrame, way: pd.DataFrame, sums: list[str]) -> pd.DataFrame:
    """Make a row for each value and each target that it reaches."""
    pairs = way[["source", "target", "share"]].assign(
        whole=_whole(way), touched=way[["share", "part"]].max(axis=1)
    )
    flows = inside.merge(pairs, left_on="area_code", right_on="source", how="inner")
    for column in sums:
        flows[f"{column} touched"] = flows[column].astype(float) * flows["touched"]
        flows[column] = flows[column] * flows["share"]
    return flows


def _added_up(
    flows: pd.DataFrame, inside: pd.DataFrame, way: pd.DataFrame, sums: list[str], keys: list[str]
) -> pd.DataFrame:
    group = ["target", *keys]
    facts = flows[group].assign(whole=flows["whole"], given=flows["share"] > 0, unknown=False)
    for one in sums:
        facts["unknown"] |= flows[one].isna() & facts["given"]
        facts[f"{one} touched"] = flows[f"{one} touched"].abs()
        facts[f"{one} assigned"] = facts[f"{one} touched"].where(~flows["whole"], 0)
    table = _grouped(flows, group)[sums].sum()
    told = _grouped(facts, group)
    added = told[[one for one in facts if one not in (*group, "whole", "unknown")]].sum()
    needed = way[way["share"] > 0].groupby("target").size()
    targets = table.index.get_level_values("target")
    lacking = (added["given"].to_numpy() < needed.reindex(targets).to_numpy()) & (
        targets != OUTSIDE
    )
    complete = ~told["unknown"].any().to_numpy() & ~lacking
    assigned = np.zeros(len(table))
    for one in sums:
        total, some = added[f"{one} touched"].to_numpy(), added[f"{one} assigned"].to_numpy()
        share = np.divide(some, total, out=np.zeros(len(table)), where=total > 0)
        assigned = np.maximum(assigned, share)
    whole = told["whole"].all().to_numpy()
    table = table.astype({one: float for one in sums} if not complete.all() else {})
    table.loc[~complete, sums] = np.nan
    table["method"] = np.where(whole, WHOLE, way.attrs["method"]).astype(object)
    table["assigned"] = assigned
    table = table.reset_index(names=["area_code", *keys])
    order = {code: place for place, code in enumerate(dict.fromkeys(way["target"]))}
    place = table["area_code"].map({**order, OUTSIDE: len(order)})
    table = table.iloc[np.argsort(place.to_numpy(), kind="stable")]
    return table[["area_code", *keys, *sums, "method", "assigned"]].reset_index(drop=True)


def _grouped(frame: pd.DataFrame, by: list[str]) -> Any:
    return frame.groupby(by, sort=False, observed=True, dropna=False)


def _with_aside(
    table: pd.DataFrame, rest: pd.DataFrame, sums: list[str], keys: list[str]
) -> pd.DataFrame:
    """Add what lay in none of the areas before to what lies in none of them now."""
    same = ["area_code", *keys]
    both = pd.concat([table, rest], ignore_index=True)
    outside = both[both["area_code"].isin(_ASIDE)]
    if outside.duplicated(same).any():
        size = outside[sums].sum(axis=1)
        outside = outside.assign(assigned=outside["assigned"] * size)
        grouped = _grouped(outside.assign(size=size), same)
        total = grouped["size"].sum()
        merged = grouped[sums].sum(min_count=1).assign(method=grouped["method"].first())
        share = grouped["assigned"].sum().to_numpy() / total.where(total > 0).to_numpy()
        outside = merged.assign(assigned=np.nan_to_num(share)).reset_index()
    return pd.concat([both[~both["area_code"].isin(_ASIDE)], outside], ignore_index=True)


def _whole_numbers(table: pd.DataFrame, values: pd.DataFrame, sums: list[str]) -> pd.DataFrame:
    """Give sums of whole numbers their type back, where each is known."""
    whole = [
        one
        for one in sums
        if pd.api.types.is_integer_dtype(values[one]) and table[one].notna().all()
    ]
    return table.astype({one: values[one].dtype for one in whole})


def _check_totals(flows: pd.DataFrame, inside: pd.DataFrame, sums: list[str]) -> None:
    """Make sure that nothing came in or went missing; a crosswalk made by hand may do that."""
    for column in sums:
        before, after = float(inside[column].sum()), float(flows[column].sum())
        if not np.isclose(before, after, rtol=1e-6, atol=1e-6):
            raise InputError(
                f"the crosswalk does not preserve totals: {column} was {before:,.6g} and would be"
                f" {after:,.6g}",
                remedy="The shares of each source must add up to 1.",
            )


def compare_ways(
    values: pd.DataFrame, one: pd.DataFrame, other: pd.DataFrame, *, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Set what two ways make of the same values side by side, whatever they assign.

    Parameters
    ----------
    values : DataFrame
        As :func:`reaggregate` takes them.
    one, other : DataFrame
        Two crosswalks to the same areas.
    by : list of str
        More columns that tell rows apart.

    Returns
    -------
    DataFrame
        ``area_code`` and what tells rows apart; for each sum its value by either way, as
        ``population_one`` and ``population_other``, and ``population_difference``, the first over
        the second less 1.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> from geoprofiles.areas.reaggregate import compare_ways
    >>> people = pd.DataFrame({"area_code": ["a", "b"], "population": [100.0, 40.0]})
    >>> points = pd.DataFrame({"source": ["a", "a", "a", "a", "b"], "target": list("AAABB")})
    >>> lookup = pd.DataFrame({"source": ["a", "b"], "target": ["A", "B"]})
    >>> ways = (geoprofiles.crosswalk_from_lookup(lookup, best_fit=True),
    ...     geoprofiles.crosswalk_from_points(points, small=True))
    >>> compare_ways(people, *ways)["population_difference"].round(2).tolist()
    [0.33, -0.38]
    """
    sums, keys = _columns(values, by)
    first, second = (reaggregate(values, way, by=by, force=True) for way in (one, other))
    columns = ["area_code", *keys, *sums]
    both = first[columns].merge(
        second[columns], on=["area_code", *keys], how="outer", suffixes=("_one", "_other")
    )
    for column in sums:
        below = both[f"{column}_other"].where(both[f"{column}_other"] != 0)
        both[f"{column}_difference"] = both[f"{column}_one"] / below - 1
    return both

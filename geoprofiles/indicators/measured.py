"""Fill a strategy's measures from what has been counted, and from indicators."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import (
    MEASURE_VALUE_COLUMNS,
    OUTSIDE,
    UNLOCATED,
    Counts,
    check_columns,
)
from geoprofiles.indicators.strata import both_sexes
from geoprofiles.indicators.values import EVERYWHERE, indicator_values
from geoprofiles.words import nearest, period_months, period_words

Span = tuple[pd.Timestamp, pd.Timestamp]
People = Callable[[str, Span], "pd.Series | None"]
"""From the name of a rate and a period to its denominator by area code."""

COUNTED = "counted by geoprofiles"
KINDS_OF_METHODS = {"rate": "rate", "proportion": "proportion", "survey": "survey proportion"}
METHODS_OF_KINDS = {
    **{kind: method for method, kind in KINDS_OF_METHODS.items()},
    "count": "value",
    "given": "given",
}


def fill_from_counts(
    measures: pd.DataFrame,
    counts: Counts,
    *,
    people: People | None = None,
    latest: Mapping[str, Span] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take the figures of measures that name a rate from counts.

    Parameters
    ----------
    measures : DataFrame
        Measures; those with a ``rate`` are filled, for all areas together or those that ``areas``
        names by code or name.
    counts : DataFrame
        Counts, whose ``category`` is the rate.
    people : callable, optional
        Gives the denominator by area code for a rate and a period.
    latest : mapping, optional
        First and last month of the latest period of each rate; the latest twelve months (or as
        many as there are without a gap) where not said.

    Returns
    -------
    measures : DataFrame
        A copy; ``missing`` says why figures are not there.
    values : DataFrame
        Figures of the latest period, and of the baseline's or else of the same months before.

    Raises
    ------
    InputError
        If a measure names an area that the counts do not have.

    Examples
    --------
    >>> measures = pd.DataFrame({"id": ["A7"], "measure": ["Burglaries"], "direction": ["down"],
    ...     "kind": ["count"], "rate": ["Burglary"], "baseline_period": ["2025-06"]})
    >>> counts = pd.DataFrame({"area_code": "A", "category": "Burglary", "count": [40, 30],
    ...     "month": pd.to_datetime(["2025-06-01", "2026-06-01"])})
    >>> _, values = fill_from_counts(measures, counts)
    >>> values[["period", "numerator"]].values.tolist()
    [['2025-06', 40.0], ['June 2026', 30.0]]
    """
    check_columns(counts, ["area_code", "month", "category", "count"], what="Counts")
    inside = counts[~counts["area_code"].isin([OUTSIDE, UNLOCATED]) & counts["month"].notna()]
    names = sorted(map(str, inside["category"].dropna().unique()))
    rows: list[dict[str, Any]] = []
    missing = {}
    for measure in measures.to_dict("records"):
        rate = measure.get("rate")
        if not isinstance(rate, str) or not rate:
            continue
        if rate not in names:
            told = nearest(rate, names) if names else ""
            missing[measure["id"]] = f"Nothing is counted as '{rate}'. {told}".strip()
            continue
        some = _of_areas(inside[inside["category"] == rate], measure)
        held = some.groupby("month", sort=True)["count"].sum()
        span = (latest or {}).get(rate) or _latest_year(held.index)
        found, why = _periods(measure, held, span)
        missing[measure["id"]] = why
        codes = some["area_code"].unique()
        for period, months in found:
            ends = (months.index[0], months.index[-1])
            known = people(rate, ends) if people and measure["kind"] == "rate" else None
            rows.append(
                {
                    "id": measure["id"],
                    "period": period,
                    "numerator": float(months.sum()),
                    "denominator": math.nan if known is None
                    else float(known.reindex(codes).astype(float).sum(skipna=False)),
                    "months": tuple(map(float, months)),
                    "definition": COUNTED,
                }
            )  # fmt: skip
    return _with_missing(measures, missing), _values(rows)


def _of_areas(counts: Counts, measure: Mapping[str, Any]) -> Counts:
    """Keep the areas that a measure names; all where it names none."""
    wanted = measure.get("areas")
    if not isinstance(wanted, list | tuple) or not wanted:
        return counts
    mine = counts["area_code"].isin(wanted)
    known = set(counts["area_code"].astype(str))
    if "area_name" in counts:
        mine |= counts["area_name"].isin(wanted)
        known |= set(counts["area_name"].astype(str))
    lacking = [one for one in wanted if one not in known]
    if lacking:
        raise InputError(
            f"the measure '{measure['id']}' is of '{lacking[0]}', which is no area here",
            remedy=nearest(str(lacking[0]), sorted(known)),
        )
    return counts[mine]


def _latest_year(months: pd.DatetimeIndex) -> Span:
    """Return the latest twelve months, or as many as there are without a gap."""
    first = months[-1]
    while first - pd.DateOffset(months=1) in months and _months_between(first, months[-1]) < 12:
        first -= pd.DateOffset(months=1)
    return first, months[-1]


def _months_between(first: pd.Timestamp, last: pd.Timestamp) -> int:
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _periods(
    measure: Mapping[str, Any], held: pd.Series, latest: Span
) -> tuple[list[tuple[str, pd.Series]], str]:
    """Return the months of the earlier and the latest period; and what is not held."""
    holds = f"they run from {period_words(held.index[0], held.index[-1])}"
    months = held.reindex(pd.date_range(*latest, freq="MS"))
    if months.isna().any():
        return [], (
            f"The counts lack {int(months.isna().sum())} of the {len(months)} months of"
            f" {period_words(*latest)}; {holds}."
        )
    found = [(period_words(*latest), months)]
    said = measure.get("baseline_period")
    wanted = said if isinstance(said, str) else ""
    ends = period_months(wanted)
    if ends is not None:
        first, last = map(pd.Timestamp, ends)
    else:
        back = pd.DateOffset(months=12 * -(-_months_between(*latest) // 12))
        first, last = latest[0] - back, latest[1] - back
    earlier = held.reindex(pd.date_range(first, last, freq="MS"))
    if not earlier.isna().any():
        found.insert(0, (wanted if ends is not None else period_words(first, last), earlier))
    elif ends is not None:
        return found, (
            f"The counts lack {int(earlier.isna().sum())} of the {len(earlier)} months of the"
            f" baseline period {wanted}; {holds}."
        )
    return found, ""


def fill_from_indicators(
    measures: pd.DataFrame, table: pd.DataFrame, definitions: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take the figures of measures that name an indicator from tables, all areas summed.

    Parameters
    ----------
    measures : DataFrame
        Measures; those with an ``indicator`` that the table has are filled. Where their kind,
        multiplier or unit is not said, it is that of the definition.
    table : DataFrame
        As for :func:`geoprofiles.indicator_values`; numerators and denominators are summed over
        its areas. A sum of which a part is suppressed is not known.
    definitions : DataFrame
        As for :func:`geoprofiles.indicator_values`.

    Returns
    -------
    measures, values : DataFrame
        As for :func:`fill_from_counts`.

    Raises
    ------
    InputError
        As :func:`geoprofiles.indicator_values`.

    Examples
    --------
    >>> measures = pd.DataFrame({"id": ["D3"], "measure": ["Reoffending"], "direction": ["down"],
    ...     "kind": [""], "indicator": ["again"]})
    >>> table = pd.DataFrame({"area_code": ["A", "B"], "indicator": "again", "period": "2025",
    ...     "numerator": [30, 33], "denominator": [80, 97]})
    >>> definitions = pd.DataFrame({"method": ["proportion"], "multiplier": [100], "unit": ["%"]},
    ...     index=["again"])
    >>> filled, values = fill_from_indicators(measures, table, definitions)
    >>> filled["kind"][0], values[["numerator", "denominator"]].values.tolist()
    ('proportion', [[63.0, 177.0]])
    """
    filled = measures.astype({one: object for one in ("kind", "unit") if one in measures}).copy()
    rows: list[dict[str, Any]] = []
    missing = {}
    for at, measure in measures.iterrows():
        name = measure.get("indicator")
        if not isinstance(name, str) or name not in definitions.index:
            continue
        mine = _of_areas(table[table["indicator"] == name], measure)
        if mine.empty:
            continue
        definition = definitions.loc[name]
        method = str(definition["method"])
        kind = measure.get("kind") or KINDS_OF_METHODS.get(method, "given")
        filled.loc[at, "kind"] = kind
        if not measure.get("unit"):
            filled.loc[at, "unit"] = definition["unit"]
        if pd.isna(measure.get("per", math.nan)):
            filled.loc[at, "per"] = float(definition["multiplier"])
        if method == "given" and len(set(mine["area_code"])) > 1:
            missing[measure["id"]] = "Figures that are given for areas cannot be added up."
            continue
        whole = _summed(mine)
        if kind == "count":
            whole = whole.assign(value=whole["numerator"], lower=math.nan, upper=math.nan)
        else:
            whole = indicator_values(whole, definitions.loc[[name]])
        known = whole.dropna(subset=["value"])
        if known.empty:
            missing[measure["id"]] = "A part of its sum is suppressed or not known."
        parts = [] if kind == "given" else ["numerator", "denominator"]
        made = known[["period", "value", "lower", "upper", *parts]].assign(
            id=measure["id"],
            period=known["period"].astype(str),
            design_effect=definition.get("design_effect", math.nan),
            source=str(definition.get("source", "") or ""),
        )
        rows += made.to_dict("records")
    return _with_missing(filled, missing), _values(rows)


def _summed(table: pd.DataFrame) -> pd.DataFrame:
    """Sum all areas of one indicator; a sum that lacks a part is NaN."""
    table = both_sexes(table)
    if len(set(table["area_code"])) == 1:
        return table.assign(area_code=EVERYWHERE)
    keys = ["indicator", "period", *(one for one in ("age", "observed") if one in table)]
    sums = [one for one in ("numerator", "denominator", "squares") if one in table]
    added = (
        table[sums].astype(float).groupby([table[one] for one in keys], sort=False, dropna=False)
    )
    whole = added.agg(lambda one: one.sum(skipna=False)).reset_index()
    if "squares" in whole and whole["squares"].isna().all():
        whole = whole.drop(columns="squares")
    return whole.assign(area_code=EVERYWHERE)


def measure_breaks(
    measures: pd.DataFrame,
    breaks: pd.DataFrame | None,
    *,
    parts: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Turn breaks in the recording of categories into those of the measures that count them.

    Parameters
    ----------
    measures : DataFrame
        Measures.
    breaks : DataFrame or None
        ``category``, ``area``, ``month``, ``why``, as :func:`geoprofiles.read.read_breaks` gives.
    parts : mapping, optional
        The categories that a rate counts, or the names of an indicator. A rate of every category
        (``()``) is concerned by any break.

    Returns
    -------
    DataFrame
        ``category`` (the id of a measure), ``month``, ``why``.

    Examples
    --------
    >>> measures = pd.DataFrame({"id": ["A2"], "rate": ["ASB"]})
    >>> breaks = pd.DataFrame({"category": ["ASB", "Drugs"], "area": "", "why": ["rule", "?"],
    ...     "month": pd.to_datetime(["2024-07-01", "2025-01-01"])})
    >>> measure_breaks(measures, breaks)[["category", "why"]].values.tolist()
    [['A2', 'rule']]
    """
    columns = ["category", "month", "why"]
    if breaks is None or breaks.empty:
        return pd.DataFrame(columns=columns)
    found = []
    for measure in measures.to_dict("records"):
        name = measure.get("rate") or measure.get("indicator")
        if not isinstance(name, str) or not name:
            continue
        counted = (parts or {}).get(name)
        said = breaks["category"].fillna("").astype(str)
        mine = said.isin(["", name, *(counted or ())])
        if counted is not None and not len(counted):
            mine |= True
        wanted = measure.get("areas")
        if isinstance(wanted, list | tuple) and wanted and "area" in breaks:
            mine &= breaks["area"].fillna("").isin(["", *wanted])
        found.append(breaks.loc[mine, ["month", "why"]].assign(category=measure["id"]))
    return pd.concat(found)[columns] if found else pd.DataFrame(columns=columns)


def joined_values(by_hand: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Put figures that were measured beside those given by hand, in whose place they stand.

    Examples
    --------
    >>> one = pd.DataFrame({"id": "A", "period": ["2024", "2025"], "value": [1.0, 2.0]})
    >>> two = pd.DataFrame({"id": ["A"], "period": ["January 2025 to December 2025"],
    ...     "value": [3.0]})
    >>> joined_values(one, two)["value"].tolist()
    [1.0, 3.0]
    """
    both = (
        pd.concat([one for one in (by_hand, measured) if len(one)], ignore_index=True)
        if (len(by_hand) or len(measured))
        else by_hand
    )
    keys = [(name, period_months(one) or one) for name, one in zip(both["id"], both["period"],
                                                                   strict=True)]  # fmt: skip
    return both[~pd.Series(keys, index=both.index, dtype=object).duplicated(keep="last")]


def _values(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(MEASURE_VALUE_COLUMNS))


def _with_missing(measures: pd.DataFrame, missing: Mapping[str, str]) -> pd.DataFrame:
    """Say why figures are not there; what was said before stays."""
    before = measures["missing"] if "missing" in measures else pd.Series("", index=measures.index)
    told = measures["id"].map(missing)
    return measures.assign(missing=told.where(told.notna() & (told != ""), before).fillna(""))

"""Turn numerators and denominators into figures with limits, as definitions say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.areas.rates import crude_rate, proportion
from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import (
    INDICATOR_COLUMNS,
    METHODS,
    METHODS_BY_AGE,
    Indicators,
    check_columns,
)
from geoprofiles.indicators.measures import mean_with_limits, survey_proportion
from geoprofiles.indicators.standardise import (
    life_expectancy,
    standardised_rate,
    standardised_ratio,
)

RATIO, SUPPRESSED, WITHHELD = "ratio", "suppressed at its source", "withheld: fewer than "
EVERYWHERE = "(all areas)"

_NEEDED = ["area_code", "indicator", "period", "numerator", "denominator"]


def indicator_values(table: pd.DataFrame, definitions: pd.DataFrame) -> Indicators:
    """Turn numerators and denominators into indicator values, as their definitions say.

    Parameters
    ----------
    table : DataFrame
        ``area_code``, ``indicator``, ``period``, ``numerator``, ``denominator``; ``age`` for what
        is standardised by age, one row for each; ``squares`` (sum of squared values) for means;
        ``value``, ``lower``, ``upper`` where a figure is given and not made.
    definitions : DataFrame
        Index ``indicator``; ``method``, ``multiplier``, ``unit``; ``disclosure`` (``"under 5"``
        withholds what rests on one to four events) and ``design_effect`` where they apply.
        Methods: ``rate`` (crude rate, Byar's limits), ``proportion`` (Wilson's), ``value`` (a ratio
        without limits), ``mean`` (Student's), ``survey`` (Wilson's on the effective number asked),
        ``directly standardised`` (Dobson's), ``indirectly standardised`` (Byar's), ``life
        expectancy`` (Chiang's), ``given``.

    Returns
    -------
    DataFrame
        Indicators, one row for each area, indicator and period, in the order of the table; with
        ``whole`` (the figure of all areas together, made from what they sum to) where it cannot be
        told from numerators and denominators alone.

    Raises
    ------
    InputError
        If an indicator has no definition, a method is not known or lacks its columns.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> table = pd.DataFrame({"area_code": ["A"], "indicator": ["renting"], "period": ["2025"],
    ...     "numerator": [40], "denominator": [160]})
    >>> definitions = pd.DataFrame({"method": ["proportion"], "multiplier": [100], "unit": ["%"]},
    ...     index=["renting"])
    >>> geoprofiles.indicator_values(table, definitions)["value"].tolist()
    [25.0]
    """
    check_columns(table, _NEEDED, what="Indicators")
    check_columns(definitions, ["method", "multiplier", "unit"], what="Definitions")
    unknown = sorted(set(table["indicator"]) - set(definitions.index))
    if unknown:
        raise InputError(f"the indicator '{unknown[0]}' has no definition")
    parts = []
    for name, rows in table.groupby("indicator", sort=False, observed=True):
        definition = definitions.loc[name]
        method = check_choice(definition["method"], list(METHODS), f"method of {name}")
        try:
            part = (_by_age if method in METHODS_BY_AGE else _plain)(rows, definition, method)
        except InputError as error:
            raise InputError(f"indicator '{name}': {error}") from error
        part["unit"] = definition["unit"]
        part["indicator"] = name
        parts.append(_disclosed(part, str(definition.get("disclosure", "") or "")))
    if not parts:
        return pd.DataFrame(columns=list(INDICATOR_COLUMNS))
    made = pd.concat(parts)
    columns = [*INDICATOR_COLUMNS, *(["whole"] if "whole" in made else [])]
    return made.sort_index(kind="stable")[columns].reset_index(drop=True)


def _plain(rows: pd.DataFrame, definition: pd.Series, method: str) -> pd.DataFrame:
    per = float(definition["multiplier"])
    if method == "given":
        check_columns(rows, ["value", "lower", "upper"], what="Given figures")
        values = rows[["value", "lower", "upper"]].astype(float)
        values["method"] = np.where(values["value"].isna(), SUPPRESSED, "as given")
        return pd.concat([rows[_NEEDED], values], axis=1)
    extra: dict[str, Any] = {}
    if method == "mean":
        check_columns(rows, ["squares"], what="Means")
        extra["squares"] = rows["squares"]
    if method == "survey":
        effect = definition.get("design_effect")
        extra["design_effect"] = 1.0 if pd.isna(effect) else float(effect)
    values = _MADE[method](rows["numerator"], rows["denominator"], per=per, **extra)
    part = pd.concat([rows[_NEEDED], values], axis=1)
    part.loc[part["numerator"].isna() & part["denominator"].notna(), "method"] = SUPPRESSED
    return part


def _by_age(rows: pd.DataFrame, definition: pd.Series, method: str) -> pd.DataFrame:
    check_columns(rows, ["age"], what="Figures standardised by age")
    per = float(definition["multiplier"])
    parts = []
    for period, some in rows.groupby("period", sort=False, observed=True):
        sums = some.groupby("age", sort=False)[["numerator", "denominator"]].sum().reset_index()
        if method == "directly standardised":
            made = standardised_rate(some, per=per)
            whole = standardised_rate(sums.assign(area_code=EVERYWHERE), per=per)["value"]
        elif method == "indirectly standardised":
            made, whole = standardised_ratio(some, per=per), pd.Series([per])
        else:
            made = life_expectancy(some)
            whole = life_expectancy(sums.assign(area_code=EVERYWHERE))["value"]
        first = some.reset_index().drop_duplicates("area_code").set_index("area_code")["index"]
        made.index = pd.Index(first.reindex(made["area_code"]))
        parts.append(made.assign(period=period, whole=float(whole.iloc[0])))
    return pd.concat(parts)


def _ratio(numerator: pd.Series, denominator: pd.Series, *, per: float) -> pd.DataFrame:
    """Return a plain ratio, such as a mean, whose limits the two sums cannot tell."""
    part, whole = numerator.astype(float), denominator.astype(float)
    if (whole < 0).any():
        raise InputError("a denominator is negative")
    whole = whole.where(whole > 0)
    method = np.where(whole.isna(), "no denominator", RATIO).astype(object)
    return pd.DataFrame(
        {"value": part / whole * per, "lower": np.nan, "upper": np.nan, "method": method},
        index=numerator.index,
    )


_MADE: dict[str, Callable[..., pd.DataFrame]] = {
    "rate": crude_rate,
    "proportion": proportion,
    "value": _ratio,
    "mean": lambda part, whole, *, per, squares: mean_with_limits(part, whole, squares, per=per),
    "survey": survey_proportion,
}


def _disclosed(part: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Withhold what rests on few events, with a second figure where one alone could be had back.

    Where just one area of a period is withheld, its count is the total less the others: so the
    next smallest goes too.
    """
    if rule in {"", "none"}:
        return part
    least = int(rule.removeprefix("under "))
    count = part["numerator"].astype(float)
    hidden = (count > 0) & (count < least)
    for _, rows in part.groupby("period", sort=False, observed=True):
        mine = hidden.loc[rows.index]
        others = count.loc[rows.index][~mine & (count.loc[rows.index] > 0)]
        if mine.sum() == 1 and len(others):
            hidden.loc[others.idxmin()] = True
    part = part.astype({"numerator": float})
    part.loc[hidden, ["numerator", "value", "lower", "upper"]] = np.nan
    part.loc[hidden, "method"] = f"{WITHHELD}{least} events somewhere"
    return part

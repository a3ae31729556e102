"""Turn numerators and denominators into figures with limits, as definitions say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.areas.rates import NO_DENOMINATOR, crude_rate, proportion
from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import (
    INDICATOR_COLUMNS,
    METHODS,
    METHODS_BY_AGE,
    Indicators,
    check_columns,
)
from geoprofiles.indicators.measures import (
    mean_with_limits,
    median_with_limits,
    survey_proportion,
)
from geoprofiles.indicators.standardise import (
    life_expectancy,
    standardised_rate,
    standardised_ratio,
)
from geoprofiles.indicators.strata import both_sexes

GIVEN, MEDIAN = "as given", "median, Thompson's limits"
RATIO, SUPPRESSED, WITHHELD = "ratio", "suppressed at its source", "withheld: fewer than "
EVERYWHERE = "(all areas)"

_NEEDED = ["area_code", "indicator", "period", "numerator", "denominator"]


def indicator_values(table: pd.DataFrame, definitions: pd.DataFrame) -> Indicators:
    """Turn numerators and denominators into indicator values, as their definitions say.

    Parameters
    ----------
    table : DataFrame
        ``area_code``, ``indicator``, ``period``, ``numerator``, ``denominator``; ``age`` for what
        is standardised by age, one row for each; ``sex`` where figures come by sex, which are
        added up; ``observed`` for medians, a value that was seen, with ``denominator`` times;
        ``squares`` (sum of squared values) for means, and
        for rates by age of events that may befall one person again; ``value``, ``lower``, ``upper``
        where a figure is given and not made.
    definitions : DataFrame
        Index ``indicator``; ``method``, ``multiplier``, ``unit``; ``disclosure`` (``"under 5"``
        withholds what rests on one to four events; see below) and ``design_effect`` where they
        apply.
        Methods: ``rate`` (crude rate, Byar's limits), ``proportion`` (Wilson's), ``value`` (a ratio
        without limits), ``mean`` (Student's), ``median`` (Thompson's), ``survey``
        (Wilson's on the effective number asked), ``directly standardised`` (Dobson's),
        ``indirectly standardised`` (Byar's), ``life expectancy`` (Chiang's), ``given``.

    Returns
    -------
    DataFrame
        Indicators, one row for each area, indicator and period, in the order of the table; with
        ``whole`` (the figure of all areas together, made from what they sum to) where it cannot be
        told from the figures that are left.

    Raises
    ------
    InputError
        If an indicator has no definition or two, a method is not known or lacks its columns, or an
        area comes twice in a period.

    Notes
    -----
    A disclosure rule counts the numerator, in a mean or median the number of values. As the whole
    is printed, more figures go, until each withheld count could be anything that the rule hides:
    of ``"under 5"``, 1 to 4, even to one who knows the rule and which figures went for the others'
    sake. Where the others cannot do that, the period is withheld for all areas. That holds for one
    indicator, period and kind of area. Kinds of area that are nested, periods that overlap, and
    indicators that share events may tell more together, and are not looked at.

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
    named = set(map(str, table["indicator"].unique()))
    unknown = sorted(named - set(definitions.index.astype(str)))
    if unknown:
        raise InputError(f"the indicator '{unknown[0]}' has no definition")
    twice = definitions.index[definitions.index.duplicated()]
    if len(twice):
        raise InputError(f"the indicator '{twice[0]}' is defined twice")
    _refuse_given_by_sex(table, definitions)
    table = both_sexes(table.reset_index(drop=True))
    parts = []
    for name, rows in table.groupby("indicator", sort=False, observed=True):
        definition = definitions.loc[name]
        method = check_choice(definition["method"], list(METHODS), f"method of {name}")
        try:
            _refuse_twice(rows, method)
            part = _maker(method)(rows, definition, method)
        except InputError as error:
            told = f"indicator '{name}': {error.problem}"
            raise InputError(told, remedy=error.remedy) from error
        part["unit"] = definition["unit"]
        part["indicator"] = name
        rule = str(definition.get("disclosure", "") or "")
        parts.append(_disclosed(part, rule, method, float(definition["multiplier"])))
    if not parts:
        return pd.DataFrame(columns=list(INDICATOR_COLUMNS))
    made = pd.concat(parts)
    columns = [*INDICATOR_COLUMNS, *(["whole"] if "whole" in made else [])]
    return made.sort_index(kind="stable")[columns].reset_index(drop=True)


def _refuse_given_by_sex(table: pd.DataFrame, definitions: pd.DataFrame) -> None:
    """Refuse figures that are given for each sex: they do not add up to those of both."""
    if "sex" not in table:
        return
    given = table["indicator"].isin(definitions.index[definitions["method"] == "given"])
    told = given & table["sex"].notna() & (table["sex"] != "")
    if told.any():
        raise InputError(
            f"the figures of '{table.loc[told, 'indicator'].iloc[0]}' are given by sex, and given"
            " figures cannot be added up",
            remedy="Make an indicator of each sex, or give numerators and denominators.",
        )


def _maker(method: str) -> Callable[[pd.DataFrame, pd.Series, str], pd.DataFrame]:
    if method == "median":
        return _median
    return _by_age if method in METHODS_BY_AGE else _plain


def _refuse_twice(rows: pd.DataFrame, method: str) -> None:
    keys = ["area_code", "period"]
    if method in METHODS_BY_AGE and "age" in rows:
        keys.append("age")
    if method == "median" and "observed" in rows:
        keys.append("observed")
    again = rows.duplicated(keys)
    if again.any():
        code, period = rows.loc[again, ["area_code", "period"]].iloc[0]
        raise InputError(
            f"the area '{code}' comes twice in the period '{period}'",
            remedy="Keep one row for each.",
        )


def _plain(rows: pd.DataFrame, definition: pd.Series, method: str) -> pd.DataFrame:
    per = float(definition["multiplier"])
    if method == "given":
        check_columns(rows, ["value", "lower", "upper"], what="Given figures")
        values = rows[["value", "lower", "upper"]].astype(float)
        values["method"] = np.where(values["value"].isna(), SUPPRESSED, GIVEN)
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
    if "squares" in rows and rows["squares"].isna().all():
        rows = rows.drop(columns="squares")
    parts = []
    for period, some in rows.groupby("period", sort=False, observed=True):
        if method == "directly standardised":
            made = standardised_rate(some, per=per)
        elif method == "indirectly standardised":
            made = standardised_ratio(some, per=per)
        else:
            made = life_expectancy(some)
        first = some["area_code"].drop_duplicates()
        at = pd.Series(first.index, index=first.to_numpy()).reindex(made["area_code"])
        made.index = pd.Index(at.to_numpy())
        parts.append(made.assign(period=period, whole=_whole_by_age(some, made, method, per)))
    return pd.concat(parts)


def _median(rows: pd.DataFrame, definition: pd.Series, method: str) -> pd.DataFrame:
    """Take the median of each area, and that of all areas together."""
    check_columns(rows, ["observed"], what="Medians")
    per = float(definition["multiplier"])
    made = {}
    for period, some in rows.groupby("period", sort=False, observed=True):
        lacking = some[["observed", "denominator"]].isna().any(axis=1)
        held = some[~some["area_code"].isin(some.loc[lacking, "area_code"])]
        whole = median_with_limits(held["observed"], held["denominator"])[0]
        for code, mine in some.groupby("area_code", sort=False, observed=True):
            times, known = mine["denominator"].astype(float), not lacking[mine.index].any()
            middle = median_with_limits(mine["observed"], times) if known else (np.nan,) * 3
            number = float(times.sum()) if known else np.nan
            value = dict(zip(("value", "lower", "upper"), np.multiply(middle, per), strict=True))
            told = MEDIAN if not np.isnan(middle[1]) else "median, of too few for limits"
            made[mine.index[0]] = {
                "area_code": code, "indicator": definition.name, "period": period,
                "numerator": np.nan, "denominator": number, **value,
                "method": told if known and number else NO_DENOMINATOR if known else SUPPRESSED,
                "whole": whole * per,
            }  # fmt: skip
    return pd.DataFrame.from_dict(made, orient="index")


def _whole_by_age(some: pd.DataFrame, made: pd.DataFrame, method: str, per: float) -> float:
    """Return the figure of all areas together of which everything is known."""
    known = made["area_code"][made["numerator"].notna() & made["denominator"].notna()]
    some = some[some["area_code"].isin(known)]
    if some.empty:
        return np.nan
    if method == "indirectly standardised":  # what they are measured by
        return per
    sums = some.groupby("age", sort=False, observed=True)[["numerator", "denominator"]].sum()
    strata = sums.reset_index().assign(area_code=EVERYWHERE)
    if method == "directly standardised":
        return float(standardised_rate(strata, per=per)["value"].iloc[0])
    return float(life_expectancy(strata)["value"].iloc[0])


def _ratio(numerator: pd.Series, denominator: pd.Series, *, per: float) -> pd.DataFrame:
    """Return a plain ratio, such as a mean, whose limits the two sums cannot tell."""
    part, whole = numerator.astype(float), denominator.astype(float)
    if (whole < 0).any():
        raise InputError("a denominator is negative")
    whole = whole.where(whole > 0)
    method = np.where(whole.isna(), NO_DENOMINATOR, RATIO).astype(object)
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


def _disclosed(part: pd.DataFrame, rule: str, method: str, per: float) -> pd.DataFrame:
    """Withhold what rests on few events, and what would give it away."""
    if rule in {"", "none"}:
        return part
    least = int(rule.removeprefix("under "))
    names = ["numerator", "denominator", "value", "lower", "upper"]
    part = part.astype(dict.fromkeys(names, float))
    if "whole" not in part and method != "given":
        # Made before anything goes: without its small counts a whole would be too high.
        sums = part[["numerator", "denominator"]].where(part["value"].notna())
        sums = sums.groupby(part["period"], sort=False, observed=True).transform("sum")
        part["whole"] = sums["numerator"] / sums["denominator"].replace(0, np.nan) * per
    of_values = method in ("mean", "median")
    count = part["denominator" if of_values else "numerator"]
    by_period = count.groupby(part["period"], sort=False, observed=True)
    hidden = by_period.transform(lambda some: _hidden(some.to_numpy(), least)).astype(bool)
    gone = names if of_values else [one for one in names if one != "denominator"]
    part.loc[hidden, gone] = np.nan
    part.loc[hidden, "method"] = f"{WITHHELD}{least} events somewhere"
    return part


def _hidden(count: np.ndarray, least: int) -> np.ndarray:
    """Tell which counts of a period to withhold, their sum being known.

    Those that are few, and others until each of the few could be any number from 1 on.

    Examples
    --------
    >>> _hidden(np.array([0.0, 3, 9, 20]), 5), _hidden(np.array([1.0, 5, 7, 20]), 5)
    (array([False,  True,  True, False]), array([ True, False, False,  True]))
    """
    hidden = (count > 0) & (count < least)
    few, others, total = int(hidden.sum()), 0, float(count[hidden].sum())
    if few == 0:
        return hidden
    # Among themselves they are safe only where their sum lies in the middle.
    safe = few - 1 + least - 1 <= total <= 1 + (few - 1) * (least - 1)
    while not safe:
        left = np.flatnonzero(~hidden & (count >= least))
        if not len(left):
            return np.full(len(count), True)
        # Were the others as low as can be, there must be room for the highest of the few.
        needed = few - 1 + least - 1 + least * (others + 1) - total
        enough = left[count[left] >= needed]
        safe = len(enough) > 0
        at = enough[count[enough].argmin()] if safe else left[count[left].argmax()]
        hidden[at] = True
        others, total = others + 1, total + float(count[at])
    return hidden

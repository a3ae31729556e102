"""Inequality: how much a figure differs between the most and the least deprived."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.areas.rates import crude_rate, proportion
from geoprofiles.checks import check_choice, check_positive
from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns
from geoprofiles.indicators.values import indicator_values

DRAWS = 10_000
DRAWN = ("rate", "proportion")


def by_quintile(
    areas: pd.DataFrame,
    *,
    method: str = "rate",
    per: float = 1000,
    by: str = "quintile",
    design_effect: float = 1.0,
) -> pd.DataFrame:
    """Sum areas into groups, such as quintiles of deprivation, and rate each with its limits.

    Parameters
    ----------
    areas : DataFrame
        One row an area: ``numerator``, ``denominator``, and the group it is in (1 the most
        deprived). Areas without a group are left out and counted in ``attrs["left_out"]``.
    method : {"rate", "proportion"}
        Which limits.
    per : float
        The multiplier.
    by : str
        The column of groups: quintiles, or age and sex where the data have them.
    design_effect : float
        Of a survey: limits are of so many times fewer people than were asked.

    Returns
    -------
    DataFrame
        One row a group: `by`, ``areas`` (how many), ``numerator``, ``denominator``, ``value``,
        ``lower``, ``upper``, ``ratio`` (to the last group), and ``dispersion``: how many times as
        much as chance allows the areas of a group vary about it, over all groups; 1 at the least,
        and of a survey its design effect.

    Raises
    ------
    InputError
        If a column is missing, `method` is neither, or the design effect is not above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.inequality import by_quintile
    >>> areas = pd.DataFrame({"quintile": [1, 1, 2], "numerator": [30, 20, 10],
    ...     "denominator": [500, 500, 1000]})
    >>> by_quintile(areas)[["quintile", "value", "ratio"]].values.tolist()
    [[1.0, 50.0, 5.0], [2.0, 10.0, 1.0]]
    """
    check_columns(areas, ["numerator", "denominator", by], what="Areas")
    check_choice(method, list(DRAWN), "method")
    check_positive(design_effect, "design_effect")
    known = areas[areas[by].notna() & areas["numerator"].notna() & (areas["denominator"] > 0)]
    grouped = known.groupby(by, sort=True, observed=True)
    sums = grouped[["numerator", "denominator"]].sum()
    asked = sums / design_effect
    rated = (proportion if method == "proportion" else crude_rate)(
        asked["numerator"], asked["denominator"], per=per
    )
    table = pd.concat([grouped.size().rename("areas"), sums, rated.drop(columns="method")], axis=1)
    last = table["value"].iloc[-1] if len(table) else np.nan
    table["ratio"] = table["value"] / (last if last else np.nan)
    table["dispersion"] = max(_dispersion(known, sums, by, method), design_effect)
    result = table.reset_index()
    result.attrs["left_out"] = len(areas) - len(known)
    return result


def by_sex(table: pd.DataFrame, definitions: pd.DataFrame) -> pd.DataFrame:
    """Make the figure of each sex, all areas together, of what comes by sex.

    Parameters
    ----------
    table, definitions : DataFrame
        As for :func:`geoprofiles.indicator_values`, with ``sex``.

    Returns
    -------
    DataFrame
        One row a sex, indicator and period: ``indicator``, ``period``, ``sex``, ``numerator``,
        ``denominator``, ``value``, ``lower``, ``upper``, ``unit``, ``method``, and ``apart``:
        whether its limits meet those of no other. Areas of which a part is not known are left out
        of both.

    Raises
    ------
    InputError
        As :func:`geoprofiles.indicator_values`.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.inequality import by_sex
    >>> table = pd.DataFrame({"area_code": "A", "indicator": "asked", "period": "2025",
    ...     "sex": ["female", "male"], "numerator": [90, 40], "denominator": [100, 100]})
    >>> definitions = pd.DataFrame({"method": ["proportion"], "multiplier": [100], "unit": ["%"]},
    ...     index=["asked"])
    >>> by_sex(table, definitions)[["sex", "value", "apart"]].values.tolist()
    [['female', 90.0, True], ['male', 40.0, True]]
    """
    check_columns(table, ["area_code", "indicator", "period", "sex"], what="Figures by sex")
    told = table[table["sex"].notna() & (table["sex"] != "")]
    unknown = told["denominator"].isna()
    seen = told["observed"].notna() if "observed" in told else False
    unknown |= told["numerator"].isna() & ~seen
    areas = [told[one] for one in ("area_code", "indicator", "period")]
    told = told[~unknown.groupby(areas, observed=True).transform("any").astype(bool)]
    keys = [one for one in ("indicator", "period", "sex", "age", "observed") if one in told]
    sums = [one for one in ("numerator", "denominator", "squares") if one in told]
    grouped = told.groupby(keys, sort=False, observed=True, dropna=False)[sums]
    added = grouped.sum(min_count=1).reset_index().rename(columns={"sex": "area_code"})
    made = indicator_values(added, definitions).rename(columns={"area_code": "sex"})
    others = made.merge(made, on=["indicator", "period"], suffixes=("", "_other"))
    others = others[others["sex"] != others["sex_other"]]
    meet = (others["lower"] <= others["upper_other"]) & (others["lower_other"] <= others["upper"])
    apart = (~meet & others[["lower", "lower_other"]].notna().all(axis=1)).groupby(
        [others["indicator"], others["period"], others["sex"]]
    )
    index = pd.MultiIndex.from_frame(made[["indicator", "period", "sex"]])
    made["apart"] = apart.all().reindex(index, fill_value=False).to_numpy()
    order = ["indicator", "period", "sex", "numerator", "denominator", "value", "lower", "upper",
             "unit", "method", "apart"]  # fmt: skip
    return made[order]


def _dispersion(known: pd.DataFrame, sums: pd.DataFrame, by: str, method: str) -> float:
    """Pearson's statistic of areas about their group's rate, over its degrees of freedom."""
    free = len(known) - len(sums)
    if free < 1:
        return 1.0
    rate = known[by].map(sums["numerator"] / sums["denominator"]).astype(float)
    expected = rate * known["denominator"].astype(float)
    variance = expected * (1 - rate) if method == "proportion" else expected
    square = (known["numerator"].astype(float) - expected) ** 2 / variance.where(variance > 0)
    return max(float(square.sum()) / free, 1.0)


def slope_index(
    groups: pd.DataFrame,
    *,
    method: str = "rate",
    per: float = 1000,
    log: bool = False,
    rng: int | np.random.Generator = 0,
) -> dict[str, float | str]:
    """Fit a line through groups from the most to the least deprived, by their numbers of people.

    The slope index is the difference between the two ends of the line, the relative index their
    ratio. Limits come from drawing each group's events anew.

    Parameters
    ----------
    groups : DataFrame
        In order, the most deprived first: ``numerator``, ``denominator``; ``dispersion`` where
        areas of a group differ by more than chance: limits are as much wider. As
        :func:`by_quintile` gives it. Groups without a figure or without people are left out.
    method : {"rate", "proportion"}
        Whether events are counted, or are parts of the denominator: those vary less.
    per : float
        The multiplier.
    log : bool
        Fit logarithms of the rates: where they rise by a factor and not by a step.
    rng : int or numpy.random.Generator
        For the draws.

    Returns
    -------
    dict
        ``slope`` (most minus least deprived, in the unit of the rate; above 0 means more among
        the deprived), ``slope_lower``, ``slope_upper``, ``relative`` (ratio of the two ends;
        infinite where the line falls to nothing), ``relative_lower``, ``relative_upper``,
        ``relative_percent`` (slope as percent of the mean), ``attributable`` (percent of all
        events that would not be were all groups as the least deprived), ``start`` and ``end`` (the
        line's ends), ``sentence``.

    Raises
    ------
    InputError
        If there are fewer than three groups with people, a proportion's part is above its whole,
        or logarithms are wanted of a group without an event.

    References
    ----------
    Pamuk (1985). *Population Studies* 39, 17-31. Low and Low (2004), for limits. *Journal of
    Epidemiology and Community Health* 58, 1008-1011. Mackenbach and Kunst (1997). *Social Science
    and Medicine* 44, 757-771.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> groups = pd.DataFrame({"numerator": [500, 400, 300, 200, 100], "denominator": [10_000] * 5})
    >>> result = geoprofiles.slope_index(groups)
    >>> round(result["slope"], 1), round(result["relative"], 1)
    (50.0, 11.0)
    """
    check_columns(groups, ["numerator", "denominator"], what="Groups")
    check_choice(method, list(DRAWN), "method")
    some = groups[(groups["denominator"] > 0) & groups["numerator"].notna()]
    if len(some) < 3:
        raise InputError("a slope needs at least three groups with people")
    count = some["numerator"].to_numpy(dtype=float)
    people = some["denominator"].to_numpy(dtype=float)
    if log and not count.all():
        raise InputError(
            "a group has no event, and nothing has no logarithm", remedy="Fit the rates themselves."
        )
    share = people / people.sum()
    middle = np.cumsum(share) - share / 2
    spread = some["dispersion"].to_numpy(dtype=float) if "dispersion" in some else 1.0
    drawn = _drawn(count / spread, people / spread, method, np.random.default_rng(rng))
    ends = _ends(count[None, :] / people, middle, share, log=log)
    all_ends = _ends(drawn, middle, share, log=log)
    start, end = float(ends[0][0]), float(ends[1][0])
    relative = float(_ratio(*ends)[0])
    relative_low, relative_high = np.quantile(_ratio(*all_ends), [0.025, 0.975], method="nearest")
    mean, least = count.sum() / people.sum(), count[-1] / people[-1]
    slope = (start - end) * per
    low, high = np.quantile((all_ends[0] - all_ends[1]) * per, [0.025, 0.975])
    clear = low > 0 or high < 0
    side = "higher" if slope > 0 else "lower"
    sentence = (
        f"From the least to the most deprived the figure is {abs(slope):,.1f} {side} (95% limits of"
        f" the difference {low:,.1f} to {high:,.1f})."
        if clear
        else f"No clear gradient with deprivation (most less least deprived: {slope:,.1f}, 95%"
        f" limits {low:,.1f} to {high:,.1f})."
    )
    return {
        "slope": slope, "slope_lower": float(low), "slope_upper": float(high),
        "relative": relative, "relative_lower": float(relative_low),
        "relative_upper": float(relative_high),
        "relative_percent": 100 * (start - end) / mean if mean else np.nan,
        "attributable": 100 * (mean - least) / mean if mean else np.nan,
        "start": start * per, "end": end * per, "sentence": sentence,
    }  # fmt: skip


def _drawn(
    count: np.ndarray, people: np.ndarray, method: str, rng: np.random.Generator
) -> np.ndarray:
    """Draw what the rates may be, given what was counted."""
    size = (DRAWS, len(count))
    if method == "rate":
        return np.asarray(rng.gamma(count + 0.5, size=size) / people)
    if (count > people).any():
        raise InputError("a proportion has a numerator above its denominator")
    return np.asarray(rng.beta(count + 0.5, people - count + 0.5, size=size))


def _ratio(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the ratio of the line's ends; an end below nothing is nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.maximum(start, 0) / np.maximum(end, 0))


def _ends(
    rates: np.ndarray, middle: np.ndarray, share: np.ndarray, *, log: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a line weighted by people to each row of rates; return its two ends."""
    y = np.log(np.maximum(rates, 1e-12)) if log else rates
    centre = np.sum(share * middle)
    mean = y @ share
    slope = (
        (y - mean[:, None]) @ (share * (middle - centre)) / np.sum(share * (middle - centre) ** 2)
    )
    start, end = mean - slope * centre, mean + slope * (1 - centre)
    return (np.exp(start), np.exp(end)) if log else (start, end)


def concentration(areas: pd.DataFrame, *, rank: str = "rank") -> dict[str, float]:
    """Measure how far events gather among the deprived: the concentration index.

    Parameters
    ----------
    areas : DataFrame
        ``numerator``, ``denominator``, and `rank` (1 the most deprived).

    Returns
    -------
    dict
        ``index`` (-1 to 1: below 0, more among the deprived), ``share_of_most_deprived`` (of all
        events, in the fifth of people in the most deprived areas, 0 to 1).

    References
    ----------
    Kakwani, Wagstaff and van Doorslaer (1997). *Journal of Econometrics* 77, 87-103.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.inequality import concentration
    >>> areas = pd.DataFrame({"rank": [1, 2], "numerator": [10, 0], "denominator": [100, 100]})
    >>> concentration(areas)["index"]
    -0.5
    """
    check_columns(areas, ["numerator", "denominator", rank], what="Areas")
    keep = areas["denominator"].gt(0) & areas[rank].notna() & areas["numerator"].notna()
    # Areas of one rank stand at one place, whatever their order.
    some = areas[keep].groupby(rank, sort=True)[["numerator", "denominator"]].sum()
    count = some["numerator"].to_numpy(dtype=float)
    if not count.sum():
        return {"index": np.nan, "share_of_most_deprived": np.nan}
    people = some["denominator"].to_numpy(dtype=float)
    share = people / people.sum()
    place = np.cumsum(share) - share / 2
    events = count / count.sum()
    across = np.concatenate([[0.0], np.cumsum(share)])
    held = np.concatenate([[0.0], np.cumsum(events)])
    return {
        "index": float(2 * np.sum(events * place) - 1),
        "share_of_most_deprived": float(np.interp(0.2, across, held)),
    }


def gap(indicators: pd.DataFrame, *, names: pd.Series | None = None) -> dict[str, object]:
    """Return the distance between the highest and the lowest area, and whether it is sure.

    Parameters
    ----------
    indicators : DataFrame
        One indicator of one period: ``area_code``, ``value``, ``lower``, ``upper``.
    names : Series, optional
        Area code to name.

    Returns
    -------
    dict
        ``highest``, ``lowest`` (names), ``difference``, ``ratio``, ``apart`` (whether their limits
        do not meet).

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.indicators.inequality import gap
    >>> table = pd.DataFrame({"area_code": ["A", "B"], "value": [10.0, 4.0], "lower": [8.0, 3.0],
    ...     "upper": [12.0, 5.0]})
    >>> gap(table)
    {'highest': 'A', 'lowest': 'B', 'difference': 6.0, 'ratio': 2.5, 'apart': True}
    """
    known = indicators[indicators["value"].notna()]
    if known.empty:
        return {"highest": None, "lowest": None, "difference": np.nan, "ratio": np.nan,
                "apart": False}  # fmt: skip
    top, bottom = known.loc[known["value"].idxmax()], known.loc[known["value"].idxmin()]

    def name(row: pd.Series) -> str:
        return str(row["area_code"] if names is None else names[row["area_code"]])

    low = float(bottom["value"])
    return {
        "highest": name(top), "lowest": name(bottom), "difference": float(top["value"]) - low,
        "ratio": float(top["value"]) / low if low else np.inf,
        "apart": bool(top["lower"] > bottom["upper"]),
    }  # fmt: skip

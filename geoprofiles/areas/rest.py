"""Which areas differ from the rest of the city, by how much more than areas differ anyway."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd
from scipy import stats

from geoprofiles.errors import InputError
from geoprofiles.frames import Indicators, check_columns

HIGHER, LOWER, NO_DIFFERENCE, NOT_TESTED = (
    "higher than the rest",
    "lower than the rest",
    "cannot be told from the rest",
    "not tested",
)
AS_OTHERS = ", as areas differ anyway"
"""Follows a difference that is more than chance and no more than is usual among the areas."""

DRAWS = 2_000
MOST_DRAWN = 4_000_000
_FEWEST = 5
"""Areas from which their spread can be told."""


def compare_with_rest(
    indicators: Indicators, *, level: float = 0.05, rng: int | np.random.Generator = 0
) -> Indicators:
    """Test whether each area differs from the rest of the areas, and how sure its rank is.

    Given the events of all areas together, those of one follow a binomial law with its share
    of the people (for proportions, a hypergeometric one); the p-value is the mid-p of that law
    (Lancaster 1961). Where areas vary more than chance allows, almost every one differs in that
    sense, and a colour for each says nothing: only those stand out that differ by more than the
    others do (Spiegelhalter 2005). No more than `level` of what is found in an indicator is
    expected to be false (Benjamini and Hochberg 1995). Counts that were shared out between areas
    are taken to the nearest whole one. Figures that rest on no counts (means, surveys,
    standardised rates) are tested by how far their own limits lie from the whole.

    Parameters
    ----------
    indicators : DataFrame
        Indicators with counts as ``numerator``; each indicator and period within itself. Rows
        without a value, and those without limits, are not tested.
    level : float
        The share of false findings allowed.
    rng : int or numpy.random.Generator
        For the limits of ranks.

    Returns
    -------
    DataFrame
        A copy with ``p``, ``q`` (least share of false findings at which it stands),
        ``dispersion`` (of the indicator: 1 where areas vary as chance does), ``p_adjusted`` and
        ``q_adjusted`` (beyond that spread), ``verdict``, ``rank_lower`` and ``rank_upper`` (95%
        limits of the rank; 1 the highest value). A verdict is ``"higher than the rest"``,
        ``"lower than the rest"``, either with ``", as areas differ anyway"``,
        ``"cannot be told from the rest"`` or ``"not tested"``.

    Raises
    ------
    InputError
        If a column is missing, a numerator is negative, or a proportion's is above its
        denominator.

    References
    ----------
    Lancaster (1961). *Journal of the American Statistical Association* 56, 223-234.
    Spiegelhalter (2005). *Statistics in Medicine* 24, 1185-1202. Benjamini and Hochberg (1995).
    *Journal of the Royal Statistical Society B* 57, 289-300. Goldstein and Spiegelhalter (1996),
    for ranks. *Journal of the Royal Statistical Society A* 159, 385-443.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> indicators = pd.DataFrame({"area_code": list("ABC"), "indicator": "theft",
    ...     "period": "2025", "numerator": [60, 20, 21], "denominator": [1000.0] * 3,
    ...     "value": [60.0, 20.0, 21.0], "method": "Byar's limits"})
    >>> tested = geoprofiles.compare_with_rest(indicators)
    >>> tested["verdict"].tolist()
    ['higher than the rest', 'lower than the rest', 'lower than the rest']
    >>> tested[["rank_lower", "rank_upper"]].values.tolist()
    [[1, 1], [2, 3], [2, 3]]
    """
    needed = ["area_code", "indicator", "period", "numerator", "denominator", "value", "method"]
    check_columns(indicators, needed, what="Indicators")
    if not 0 < level < 1:
        raise InputError(f"'level' must be between 0 and 1; it is {level!r}")
    generator = np.random.default_rng(rng)
    tested = indicators.copy()
    for name in ("p", "q", "dispersion", "p_adjusted", "q_adjusted"):
        tested[name] = np.nan
    tested["verdict"] = NOT_TESTED
    for name in ("rank_lower", "rank_upper"):
        tested[name] = pd.array([pd.NA] * len(tested), dtype="Int64")
    place = pd.Series(np.arange(len(tested)), index=tested.index)
    made: list[tuple[np.ndarray, dict[str, np.ndarray]]] = []
    by = [tested["indicator"], tested["period"]]
    for key, rows in place.groupby(by, sort=False, observed=True):
        at = _usable(tested, rows.to_numpy(), key)
        if len(at) >= 2:
            made.append((at, _tests(tested.iloc[at], level, generator)))
    if made:  # all at once: writing into a frame group by group takes longer than the tests
        at = np.concatenate([one for one, _ in made])
        for name in made[0][1]:
            column = tested[name].to_numpy(dtype=object).copy()
            column[at] = np.concatenate([values[name] for _, values in made])
            tested[name] = pd.array(column, dtype=tested[name].dtype)
    return tested


COUNTED = ("Byar's limits", "exact Poisson limits", "Wilson's limits")
"""Methods of figures that rest on counts."""


def _usable(tested: pd.DataFrame, rows: np.ndarray, key: Hashable) -> np.ndarray:
    """Return the rows that can be tested."""
    some = tested.iloc[rows]
    count, people = some["numerator"].astype(float), some["denominator"].astype(float)
    keep = some["value"].notna() & (people > 0) & count.notna()
    if (count[keep] < 0).any():
        raise InputError(f"a numerator of {key} is negative")
    keep &= some["method"].isin(COUNTED) | _has_limits(some)
    return np.asarray(rows[keep.to_numpy()])


def _has_limits(some: pd.DataFrame) -> pd.Series:
    if not {"lower", "upper"} <= set(some.columns):
        return pd.Series(False, index=some.index)
    return some["lower"].notna() & (some["upper"].astype(float) > some["lower"].astype(float))


def _tests(some: pd.DataFrame, level: float, rng: np.random.Generator) -> dict[str, np.ndarray]:
    count = some["numerator"].to_numpy(dtype=float)
    people = some["denominator"].to_numpy(dtype=float)
    if some["method"].isin(COUNTED).all():
        p, z, above = _by_counts(np.round(count), people, some["method"])
        drawn = _drawn_rates(count, people, rng)
    else:
        p, z, above = _by_limits(some, count, people)
        drawn = _drawn_values(some, rng)
    spread = dispersion(z)
    adjusted = 2 * stats.norm.sf(np.abs(z) / np.sqrt(spread)) if spread > 1 else p
    q, q_adjusted = (stats.false_discovery_control(np.clip(one, 0, 1)) for one in (p, adjusted))
    verdict = np.where(q <= level, np.where(above, HIGHER, LOWER), NO_DIFFERENCE).astype(object)
    verdict[(q <= level) & (q_adjusted > level)] += AS_OTHERS
    low, high = _rank_limits(drawn)
    return {
        "p": p, "q": q, "dispersion": np.full(len(p), spread), "p_adjusted": adjusted,
        "q_adjusted": q_adjusted, "verdict": verdict, "rank_lower": low, "rank_upper": high,
    }  # fmt: skip


def _by_counts(
    count: np.ndarray, people: np.ndarray, method: pd.Series
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    portion = bool((method == "Wilson's limits").all())
    if portion and (count > people + 0.5).any():
        raise InputError("a proportion has a numerator above its denominator")
    total, everyone = count.sum(), people.sum()
    p = _mid_p(count, people, total, everyone, portion=portion)
    expected = total * people / everyone
    z = _standardised(count, expected, total, everyone, portion=portion)
    return p, z, count > expected


def _by_limits(
    some: pd.DataFrame, count: np.ndarray, people: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Test figures by their own limits; the whole is taken as known."""
    value = some["value"].to_numpy(dtype=float)
    if "whole" in some and some["whole"].notna().all():
        whole = some["whole"].to_numpy(dtype=float)
    else:
        whole = np.full(len(value), np.median(value * people / np.where(count > 0, count, np.nan)))
        whole = whole * count.sum() / people.sum()
    lower, upper = (some[name].to_numpy(dtype=float) for name in ("lower", "upper"))
    # Limits need not lie evenly about a figure: the side that faces the whole counts.
    error = np.where(value > whole, value - lower, upper - value) / stats.norm.ppf(0.975)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.nan_to_num((value - whole) / error)
    return 2 * stats.norm.sf(np.abs(z)), z, value > whole


def _mid_p(
    count: np.ndarray, people: np.ndarray, total: float, everyone: float, *, portion: bool
) -> np.ndarray:
    """Return the two-sided mid-p of each area's count, given the count of all."""
    law = (
        stats.hypergeom(round(everyone), round(total), np.round(people).astype(np.int64))
        if portion
        else stats.binom(round(total), people / everyone)
    )
    half = 0.5 * law.pmf(count)
    tail = np.minimum(law.cdf(count - 1) + half, law.sf(count) + half)
    return np.minimum(2 * tail, 1.0)


def _standardised(
    count: np.ndarray, expected: np.ndarray, total: float, everyone: float, *, portion: bool
) -> np.ndarray:
    """Return how far each count lies from what the whole would give, in standard errors."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = 2 * (np.sqrt(count) - np.sqrt(expected))
        if portion:  # a proportion varies less than a count, by the share that is not counted
            z = (count - expected) / np.sqrt(expected * (1 - total / everyone))
    return np.nan_to_num(z)


def dispersion(z: np.ndarray) -> float:
    """Return by how much areas vary more than chance: 1 where they do not.

    The mean square of standardised differences, a tenth at either end drawn in; taken as 1
    unless it is beyond what chance gives.

    References
    ----------
    Spiegelhalter (2005). *Statistics in Medicine* 24, 1185-1202.

    Examples
    --------
    >>> round(dispersion(np.array([-10.0, -8.0, 6.0, 5.0, 9.0, -7.0, 8.0])), 1)
    55.1
    """
    if len(z) < _FEWEST:
        return 1.0
    low, high = np.quantile(z, [0.1, 0.9])
    spread = float(np.mean(np.clip(z, low, high) ** 2))
    return spread if spread > 1 + 2 * np.sqrt(2 / len(z)) else 1.0


def _size(areas: int) -> int:
    return max(200, min(DRAWS, MOST_DRAWN // max(areas, 1)))


def _drawn_rates(count: np.ndarray, people: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    drawn = rng.standard_gamma(
        (count + 0.5).astype("float32"), size=(_size(len(count)), len(count)), dtype=np.float32
    )
    return np.asarray(drawn / people.astype("float32"))


def _drawn_values(some: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    error = (some["upper"] - some["lower"]).to_numpy(dtype=float) / (2 * stats.norm.ppf(0.975))
    drawn = rng.standard_normal((_size(len(some)), len(some)), dtype=np.float32)
    return np.asarray(some["value"].to_numpy(dtype=float) + np.nan_to_num(error) * drawn)


def _rank_limits(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return 95% limits of each area's rank, from draws of what the figures may be."""
    order = np.argsort(-drawn, axis=1)
    ranks = np.empty(order.shape, dtype=np.int32)
    places = np.arange(1, drawn.shape[1] + 1, dtype=np.int32)[None, :]
    np.put_along_axis(ranks, order, np.broadcast_to(places, order.shape), axis=1)
    ranks.sort(axis=0)
    last = len(ranks) - 1
    return (
        ranks[round(0.025 * last)].astype(np.int64), ranks[round(0.975 * last)].astype(np.int64)
    )  # fmt: skip

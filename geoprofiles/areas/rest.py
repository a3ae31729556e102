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

DRAWS = 10_000
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
    expected to be false (Benjamini and Hochberg 1995).

    Parameters
    ----------
    indicators : DataFrame
        Indicators with counts as ``numerator``; each indicator and period within itself. Rows
        without a value, and those that are ratios and not rates, are not tested.
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
    for key, rows in place.groupby([tested["indicator"], tested["period"]], sort=False):
        at = _usable(tested, rows.to_numpy(), key)
        if len(at) >= 2:
            _test(tested, at, level, generator)
    return tested


def _usable(tested: pd.DataFrame, rows: np.ndarray, key: Hashable) -> np.ndarray:
    """Return the rows that have a count, people, and a law."""
    some = tested.iloc[rows]
    count, people = some["numerator"].astype(float), some["denominator"].astype(float)
    # A ratio of two sums that are no counts, such as an income per head, has no such law.
    keep = some["value"].notna() & (some["method"] != "ratio") & (people > 0) & count.notna()
    if (count[keep] < 0).any():
        raise InputError(f"a numerator of {key} is negative")
    whole = np.isclose(count, count.round())
    return np.asarray(rows[(keep & whole).to_numpy()])


def _test(tested: pd.DataFrame, at: np.ndarray, level: float, rng: np.random.Generator) -> None:
    count = tested["numerator"].to_numpy(dtype=float)[at].round()
    people = tested["denominator"].to_numpy(dtype=float)[at]
    portion = (tested["method"].to_numpy(dtype=object)[at] == "Wilson's limits").all()
    if portion and (count > people).any():
        raise InputError("a proportion has a numerator above its denominator")
    total, everyone = count.sum(), people.sum()
    p = _mid_p(count, people, total, everyone, portion=bool(portion))
    expected = total * people / everyone
    z = _standardised(count, expected, total, everyone, portion=bool(portion))
    spread = dispersion(z)
    adjusted = 2 * stats.norm.sf(np.abs(z) / np.sqrt(spread)) if spread > 1 else p
    q, q_adjusted = (stats.false_discovery_control(np.clip(one, 0, 1)) for one in (p, adjusted))
    above = count > expected
    side = np.where(above, HIGHER, LOWER).astype(object)
    verdict = np.where(q <= level, side, NO_DIFFERENCE).astype(object)
    verdict[(q <= level) & (q_adjusted > level)] += AS_OTHERS
    ranks = _rank_limits(count, people, rng)
    for name, values in (
        ("p", p), ("q", q), ("dispersion", np.full(len(at), spread)), ("p_adjusted", adjusted),
        ("q_adjusted", q_adjusted), ("verdict", verdict), ("rank_lower", ranks[0]),
        ("rank_upper", ranks[1]),
    ):  # fmt: skip
        tested.iloc[at, tested.columns.get_loc(name)] = values


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


def _rank_limits(
    count: np.ndarray, people: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return 95% limits of each area's rank, from draws of what the rates may be."""
    size = max(1, min(DRAWS, 20_000_000 // max(len(count), 1)))
    drawn = rng.gamma(count + 0.5, size=(size, len(count))) / people
    order = np.argsort(-drawn, axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, len(count) + 1)[None, :], axis=1)
    limits = np.quantile(ranks, [0.025, 0.975], axis=0, method="nearest")
    return limits[0].astype(np.int64), limits[1].astype(np.int64)

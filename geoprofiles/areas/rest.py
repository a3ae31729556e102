"""Which areas differ from the rest of the city, by how much more than areas differ anyway."""

from __future__ import annotations

from typing import Any

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
    Spiegelhalter (2005). *Statistics in Medicine* 24, 1185-1202. Freeman and Tukey (1950). *Annals
    of Mathematical Statistics* 21, 607-611. Benjamini and Hochberg (1995).
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
    some = _numbers(tested)
    usable = _usable(some, tested)
    made: list[tuple[np.ndarray, dict[str, np.ndarray]]] = []
    place = pd.Series(np.arange(len(tested)), index=tested.index)
    by = [tested["indicator"], tested["period"]]
    for _, rows in place.groupby(by, sort=False, observed=True):
        at = rows.to_numpy()
        at = at[usable[at]]
        if len(at) >= 2:
            made.append((at, _tests(some.iloc[at], level, generator)))
    if made:  # all at once: writing into a frame group by group takes longer than the tests
        at = np.concatenate([one for one, _ in made])
        for name in made[0][1]:
            found = np.concatenate([values[name] for _, values in made])
            words = found.dtype == object
            column = np.full(
                len(tested), NOT_TESTED if words else np.nan, object if words else float
            )
            column[at] = found
            tested[name] = pd.array(column, dtype=tested[name].dtype)
    return tested


COUNTED = ("Byar's limits", "exact Poisson limits", "Wilson's limits")
"""Methods of figures that rest on counts."""


def _numbers(tested: pd.DataFrame) -> pd.DataFrame:
    """Keep what the tests need, as numbers: parting a wide frame takes longer than the tests."""
    named = ("numerator", "denominator", "value", "lower", "upper", "whole")
    some = pd.DataFrame({one: tested[one].astype(float) for one in named if one in tested})
    some["counted"] = tested["method"].isin(COUNTED)
    some["portion"] = tested["method"] == "Wilson's limits"
    return some


def _usable(some: pd.DataFrame, tested: pd.DataFrame) -> np.ndarray:
    """Tell which rows can be tested."""
    keep = some["value"].notna() & (some["denominator"] > 0) & some["numerator"].notna()
    negative = keep & some["counted"] & (some["numerator"] < 0)
    if negative.any():  # a score may lie below 0, a count may not
        key = tuple(tested.loc[negative.to_numpy(), ["indicator", "period"]].iloc[0])
        raise InputError(f"a numerator of {key} is negative")
    if {"lower", "upper"} <= set(some.columns):
        limits = some["lower"].notna() & (some["upper"] > some["lower"])
    else:
        limits = pd.Series(False, index=some.index)
    return (keep & (some["counted"] | limits)).to_numpy()


def _tests(some: pd.DataFrame, level: float, rng: np.random.Generator) -> dict[str, np.ndarray]:
    count, people = some["numerator"].to_numpy(), some["denominator"].to_numpy()
    if some["counted"].all():
        p, z, above = _by_counts(np.round(count), people, portion=bool(some["portion"].all()))
        drawn = _drawn_rates(count, people, rng, portion=bool(some["portion"].all()))
    else:
        p, z, above = _by_limits(some, count, people)
        drawn = _drawn_values(some, rng)
    spread = dispersion(z)
    # Never stronger evidence than chance alone gives, as it could be among small counts.
    adjusted = np.maximum(p, 2 * stats.norm.sf(np.abs(z) / np.sqrt(spread))) if spread > 1 else p
    q, q_adjusted = (stats.false_discovery_control(np.clip(one, 0, 1)) for one in (p, adjusted))
    verdict = np.where(q <= level, np.where(above, HIGHER, LOWER), NO_DIFFERENCE).astype(object)
    verdict[(q <= level) & (q_adjusted > level)] += AS_OTHERS
    low, high = _rank_limits(drawn, some["value"].to_numpy())
    return {
        "p": p, "q": q, "dispersion": np.full(len(p), spread), "p_adjusted": adjusted,
        "q_adjusted": q_adjusted, "verdict": verdict, "rank_lower": low, "rank_upper": high,
    }  # fmt: skip


def _by_counts(
    count: np.ndarray, people: np.ndarray, *, portion: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if portion:
        if (count > people + 0.5).any():
            raise InputError("a proportion has a numerator above its denominator")
        people = np.round(people)
        count = np.minimum(count, people)
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
        per = np.nanmedian(value * people / np.where(count != 0, count, np.nan))
        whole = np.full(len(value), per * count.sum() / people.sum())
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
    known: tuple[Any, ...]
    if portion:
        law, known = stats.hypergeom, (round(everyone), round(total), np.round(people).astype(int))
    else:
        law, known = stats.binom, (round(total), people / everyone)
    half = 0.5 * law.pmf(count, *known)
    tail = np.minimum(law.cdf(count - 1, *known) + half, law.sf(count, *known) + half)
    return np.minimum(2 * tail, 1.0)


def _standardised(
    count: np.ndarray, expected: np.ndarray, total: float, everyone: float, *, portion: bool
) -> np.ndarray:
    """Return how far each count lies from what the whole would give, in standard errors.

    Of a count by the roots of Freeman and Tukey, whose variance is 1 down to expectations of
    about one; plain roots see a spread among small counts where chance alone is at work.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if portion:  # a proportion varies less than a count, by the share that is not counted
            z = (count - expected) / np.sqrt(expected * (1 - total / everyone))
        else:
            z = np.sqrt(count) + np.sqrt(count + 1) - np.sqrt(4 * expected + 1)
        # Part of the whole itself, an area varies about it by the share of the rest.
        z = z / np.sqrt(1 - expected / total)
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


def _drawn_rates(
    count: np.ndarray, people: np.ndarray, rng: np.random.Generator, *, portion: bool
) -> np.ndarray:
    def gamma(shape: np.ndarray) -> np.ndarray:
        size = (_size(len(shape)), len(shape))
        return rng.standard_gamma(shape.astype("float32"), size=size, dtype=np.float32)

    drawn = gamma(count + 0.5)
    if portion:  # a share cannot pass 1: of two such draws, the part that one makes
        return np.asarray(drawn / (drawn + gamma(np.maximum(people - count, 0) + 0.5)))
    return np.asarray(drawn / people.astype("float32"))


def _drawn_values(some: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    error = (some["upper"] - some["lower"]).to_numpy(dtype=float) / (2 * stats.norm.ppf(0.975))
    drawn = rng.standard_normal((_size(len(some)), len(some)), dtype=np.float32)
    return np.asarray(some["value"].to_numpy(dtype=float) + np.nan_to_num(error) * drawn)


def _rank_limits(drawn: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return 95% limits of each area's rank, from draws of what the figures may be.

    The rank that the figures themselves give lies within; areas of one value share their places.
    """
    ranks = _ranks(drawn)
    ranks.sort(axis=0)
    last = len(ranks) - 1
    low, high = (ranks[round(part * last)].astype(np.int64) for part in (0.025, 0.975))
    least, most = (stats.rankdata(-value, method=one).astype(np.int64) for one in ("min", "max"))
    return np.minimum(low, least), np.maximum(high, most)


def _ranks(drawn: np.ndarray) -> np.ndarray:
    """Rank the figures of each row, 1 the highest; equal ones in the order of their columns.

    Whole numbers that hold the figure's bits and its column sort faster than floats with an index
    beside, and every machine puts what is equal in the same order.
    """
    bits = drawn.astype(np.float32).view(np.int32).astype(np.int64)
    bits ^= (bits >> 63) & 0x7FFFFFFF  # those of negative figures run the other way
    columns = np.arange(drawn.shape[1])
    order = (~bits << 32) | columns
    order.sort(axis=1)
    order &= 0xFFFFFFFF
    ranks = np.empty(drawn.shape, dtype=np.int32)
    places = (columns + 1).astype(np.int32)
    np.put_along_axis(ranks, order, np.broadcast_to(places, order.shape), axis=1)
    return ranks

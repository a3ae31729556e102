"""Local statistics: which cells or areas stand out together with their neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special, stats

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.hotspots.resample import Moments, conditional_p
from geoprofiles.hotspots.weights import Weights

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SIMULATIONS = 99_999
"""One draw serves all units, so many are cheap; 999 could not tell one unit among 50."""

ADJUSTMENTS = ("benjamini-hochberg", "benjamini-yekutieli", "none")
HOT, COLD, CHANCE = "hot", "cold", "not told from chance"
NO_NEIGHBOURS, NO_VALUE = "no neighbours", "no value"
QUADRANTS = {
    "HH": "high among high",
    "LL": "low among low",
    "HL": "high among low",
    "LH": "low among high",
}

NULL = (
    "The question asked is whether the values, shuffled over the same units, would put as much"
    " together: of counts it tells concentration, not risk."
)


def getis_ord(
    values: pd.Series,
    weights: Weights,
    *,
    star: bool = True,
    simulations: int = SIMULATIONS,
    seed: int = 0,
    level: float = 0.05,
    adjust: str = "benjamini-hochberg",
    progress: Callable[[int, int], object] | None = None,
) -> pd.DataFrame:
    """Find hot and cold spots by the statistic of Getis and Ord.

    A unit is hot where it and its neighbours together hold more than chance would put there,
    had the values been shuffled over all units. The z-score is that of Ord and Getis (1995) for
    any weights: multiplying the weights changes nothing.

    Parameters
    ----------
    values : Series
        Counts, rates, or scores of :func:`excess_over_risk`, by unit, in the order of the
        weights. Units without a value (NaN) are left out, also as neighbours.
    weights : Weights
        Of :func:`neighbour_weights`.
    star : bool
        Gi*, in which a unit belongs to its own neighbourhood: with its own weight where there is
        one, otherwise with the largest of its neighbours' (1 where it has none). Otherwise Gi,
        in which its own value is left out, of the mean and the variance too.
    simulations : int
        p is from so many conditional permutations: the unit keeps its value, its neighbours get
        those of others. 0 takes p from the normal law, which counts that are mostly zero do not
        follow: it then finds hot spots where there are none.
    seed : int
        Of the permutations.
    level : float
        The share of false findings allowed among those that are called hot or cold.
    adjust : {"benjamini-hochberg", "benjamini-yekutieli", "none"}
        How p is adjusted for looking at so many units, over the whole map. The second holds
        whatever the dependence between units.
    progress : callable, optional
        Called with the permutations done and all of them.

    Returns
    -------
    DataFrame
        By unit: ``value``, ``neighbours`` (how many, itself not counted), ``z``, ``p``
        (two-sided), ``q`` (adjusted p), ``verdict``: ``"hot"``, ``"cold"``, ``"not told from
        chance"``, ``"no neighbours"`` or ``"no value"``. ``attrs["note"]`` says how it was made.

    Raises
    ------
    InputError
        If values and weights are not of the same units, all values are alike, fewer than 4 have
        a value, a weight is negative, or an argument is out of range.

    References
    ----------
    Getis and Ord (1992). *Geographical Analysis* 24, 189-206. Ord and Getis (1995). *Geographical
    Analysis* 27, 286-306. Benjamini and Hochberg (1995). *Journal of the Royal Statistical
    Society B* 57, 289-300. Benjamini and Yekutieli (2001). *Annals of Statistics* 29, 1165-1188.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 900, 900)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> cells = geoprofiles.grid_over(areas, cell=100)
    >>> counts = pd.Series(0.0, index=cells.index)
    >>> counts[["E1N1", "E1N2", "E2N1", "E2N2"]] = 9
    >>> found = geoprofiles.getis_ord(counts, geoprofiles.neighbour_weights(cells))
    >>> found.loc[["E1N1", "E7N7"], "verdict"].tolist()
    ['hot', 'not told from chance']
    """
    x, links, here = _prepare(values, weights, level, adjust, simulations)
    others = _without_self(links)
    if star:
        links = _with_self(links, others)
        z = unconditional_z(links @ x, _sums(links), x.mean(), x.var(), len(x))
    else:
        z = Moments.of(x, others).z(others @ x)
    lonely = np.diff(others.indptr) == 0
    p = two_sided(z, x, others, simulations, seed, progress)
    if star and not simulations:  # then it is not alone: it has itself
        lonely = np.zeros(len(x), dtype=bool)
    table = _table(values, others, here, lonely, {"z": z, "p": p}, adjust)
    stands = table["q"] <= level
    table["verdict"] = np.select(
        [table["value"].isna(), table["p"].isna(), stands & (table["z"] > 0), stands],
        [NO_VALUE, NO_NEIGHBOURS, HOT, COLD],
        CHANCE,
    )
    name = "Gi*" if star else "Gi"
    table.attrs["note"] = _note(name, table, weights, level, adjust, simulations, HOT, COLD)
    return table


def local_moran(
    values: pd.Series,
    weights: Weights,
    *,
    simulations: int = SIMULATIONS,
    seed: int = 0,
    level: float = 0.05,
    adjust: str = "benjamini-hochberg",
    progress: Callable[[int, int], object] | None = None,
) -> pd.DataFrame:
    """Find units that are like their neighbours, or unlike them, by the local Moran statistic.

    ``I = (x - m) / v`` times the average of ``x - m`` over the neighbours, where m and v are mean
    and variance (divisor n) of all units. Expectation and variance are those given the unit's
    own value (Sokal, Oden and Thomson 1998), as the permutation has it too.

    Parameters
    ----------
    values : Series
        Counts, rates, or scores of :func:`excess_over_risk`, by unit, in the order of the
        weights. Units without a value (NaN) are left out, also as neighbours.
    weights : Weights
        Of :func:`neighbour_weights`. They are divided by their sum over a unit's neighbours; a
        unit is never its own.
    simulations, seed, level, adjust, progress
        As for :func:`getis_ord`.

    Returns
    -------
    DataFrame
        By unit: ``value``, ``neighbours``, ``i``, ``quadrant`` (``"HH"``, ``"LL"``, ``"HL"``,
        ``"LH"``: the unit, then its neighbours' average, high or low against the mean), ``z``,
        ``p`` (two-sided), ``q``, ``verdict``: the quadrant in words where it stands, ``"not told
        from chance"``, ``"no neighbours"`` or ``"no value"``. ``attrs["note"]`` says how.

    Raises
    ------
    InputError
        As :func:`getis_ord` does.

    Notes
    -----
    Given a unit's own value, its local Moran and its Gi ask the same of the neighbours, so that
    both have the same p: they differ in what they call it.

    References
    ----------
    Anselin (1995). *Geographical Analysis* 27, 93-115. Sokal, Oden and Thomson (1998).
    *Geographical Analysis* 30, 331-354.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 900, 900)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> cells = geoprofiles.grid_over(areas, cell=100)
    >>> counts = pd.Series(0.0, index=cells.index)
    >>> counts[["E1N1", "E1N2", "E2N1", "E2N2"]] = 9
    >>> found = geoprofiles.local_moran(counts, geoprofiles.neighbour_weights(cells))
    >>> found.loc["E1N1", ["quadrant", "verdict"]].tolist()
    ['HH', 'high among high']
    """
    x, links, here = _prepare(values, weights, level, adjust, simulations)
    others = _without_self(links)
    number = np.diff(others.indptr)
    with np.errstate(invalid="ignore"):
        others.data /= np.repeat(_sums(others)[0], number)
    lag, deviation = others @ (x - x.mean()), x - x.mean()
    z = np.sign(deviation) * Moments.of(x, others).z(others @ x)
    p = two_sided(z, x, others, simulations, seed, progress)
    lonely = number == 0
    quadrant = np.where(
        deviation > 0, np.where(lag > 0, "HH", "HL"), np.where(lag > 0, "LH", "LL")
    ).astype(object)
    quadrant[lonely] = None
    columns = {"i": deviation * lag / x.var(), "quadrant": quadrant, "z": z, "p": p}
    table = _table(values, others, here, lonely, columns, adjust)
    stands = table["q"] <= level
    table["verdict"] = np.select(
        [table["value"].isna(), table["p"].isna(), stands],
        [NO_VALUE, NO_NEIGHBOURS, table["quadrant"].map(QUADRANTS).fillna(CHANCE)],
        CHANCE,
    )
    table.attrs["note"] = _note(
        "Local Moran", table, weights, level, adjust, simulations, *QUADRANTS.values()
    )
    return table


def adjusted(p: np.ndarray, adjust: str) -> np.ndarray:
    """Adjust p for the number of tests; NaN stays and does not count as a test.

    Examples
    --------
    >>> adjusted(np.array([0.01, 0.04, np.nan]), "benjamini-hochberg").tolist()
    [0.02, 0.04, nan]
    """
    check_choice(adjust, ADJUSTMENTS, "adjust")
    q = np.array(p, dtype=float)
    told = np.isfinite(q)
    if adjust != "none" and told.any():
        method = "bh" if adjust == "benjamini-hochberg" else "by"
        q[told] = stats.false_discovery_control(np.clip(q[told], 0, 1), method=method)
    return q


def unconditional_z(
    lag: np.ndarray, sums: tuple[np.ndarray, np.ndarray], mean: float, variance: float, number: int
) -> np.ndarray:
    """Score sums over neighbourhoods that hold the unit itself, as Gi* does."""
    weight, square = sums
    spread = variance * (number * square - weight**2) / (number - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (lag - mean * weight) / np.sqrt(spread)
    # A neighbourhood of all units holds all there is: nothing can be more or less than expected.
    return np.where(spread > 1e-12 * variance * square, z, np.nan)


def _prepare(
    values: pd.Series, weights: Weights, level: float, adjust: str, simulations: int
) -> tuple[np.ndarray, csr_matrix, np.ndarray]:
    """Check all, and leave out units without a value: values, links and which units there are."""
    check_choice(adjust, ADJUSTMENTS, "adjust")
    if not 0 < level < 1:
        raise InputError(f"'level' must be between 0 and 1; it is {level!r}")
    if isinstance(simulations, bool) or simulations < 0:
        raise InputError(f"'simulations' must be 0 or more; it is {simulations!r}")
    if not isinstance(values, pd.Series) or not values.index.equals(weights.index):
        raise InputError(
            "values and weights are not of the same units in the same order",
            remedy="Give a Series with the index of the cells or areas.",
        )
    x = values.to_numpy(dtype=float)
    if np.isinf(x).any():
        raise InputError("a value is infinite", remedy="A rate of nobody at risk is no value: NaN.")
    here = np.isfinite(x)
    links = weights.matrix.astype(float)
    if len(links.data) and not links.data.min() >= 0:
        raise InputError("a weight is negative or missing")
    links = links[here][:, here] if not here.all() else links.copy()
    links.eliminate_zeros()
    x = x[here]
    if len(x) < 4:
        raise InputError(f"there are {len(x)} units with a value; local statistics need at least 4")
    if not np.ptp(x):
        raise InputError("all values are alike: there is nothing to tell high from low")
    return x, links, here


def two_sided(
    z: np.ndarray,
    x: np.ndarray,
    others: csr_matrix,
    simulations: int,
    seed: int,
    progress: Callable[[int, int], object] | None,
) -> np.ndarray:
    """Return p of each unit, from permutations or, without any, from the normal law."""
    if simulations:
        return conditional_p(x, others, simulations, seed, progress)
    return np.asarray(2 * special.ndtr(-np.abs(z)))


def _without_self(links: csr_matrix) -> csr_matrix:
    rows = np.repeat(np.arange(links.shape[0]), np.diff(links.indptr))
    others = links.copy()
    others.data[rows == others.indices] = 0
    others.eliminate_zeros()
    return others


def _with_self(links: csr_matrix, others: csr_matrix) -> csr_matrix:
    """Give a unit its own weight where it has none: the largest of its neighbours'."""
    from scipy.sparse import diags

    own = links.diagonal()
    largest = np.asarray(others.max(axis=1).todense()).ravel()
    own = np.where(own > 0, own, np.where(largest > 0, largest, 1.0))
    return (others + diags(own)).tocsr()


def _sums(links: csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    ones = np.ones(links.shape[1])
    return links @ ones, links.power(2) @ ones


def _table(
    values: pd.Series,
    others: csr_matrix,
    here: np.ndarray,
    lonely: np.ndarray,
    columns: dict[str, np.ndarray],
    adjust: str,
) -> pd.DataFrame:
    table = pd.DataFrame({"value": values.astype(float)})
    table["neighbours"] = 0
    table.loc[here, "neighbours"] = np.diff(others.indptr)
    for name, column in columns.items():
        table[name] = None if column.dtype == object else np.nan
        if column.dtype == object:
            table[name] = table[name].astype(object)
        else:
            column = np.where(lonely, np.nan, column)  # noqa: PLW2901
        table.loc[here, name] = column
    # A neighbourhood whose score cannot be told has no p either.
    table["p"] = table["p"].where(table["z"].notna())
    table["q"] = adjusted(table["p"].to_numpy(), adjust)
    return table


def _note(
    name: str,
    table: pd.DataFrame,
    weights: Weights,
    level: float,
    adjust: str,
    simulations: int,
    *kinds: str,
) -> str:
    tested = int(table["p"].notna().sum())
    found = {kind: int((table["verdict"] == kind).sum()) for kind in kinds}
    told = ", ".join(f"{number:,} {kind}" for kind, number in found.items())
    how = f"from {simulations:,} conditional permutations" if simulations else "by the normal law"
    names = {
        "benjamini-hochberg": "Benjamini-Hochberg",
        "benjamini-yekutieli": "Benjamini-Yekutieli",
    }
    over = f"adjusted after {names[adjust]} over all {tested:,} units tested"
    if adjust == "none":
        over = f"not adjusted, so that {level:.0%} of {tested:,} units would be found by chance"
    coarse = ""
    if simulations and adjust != "none" and 2 / (simulations + 1) > level / tested:
        coarse = (
            f" No p can be below 2/{simulations + 1:,}, so that a unit cannot stand alone among so"
            " many: more simulations find more."
        )
    return (
        f"{name}: {told}. Neighbours are {weights.note}; p {how}, {over}; level {level:g}.{coarse}"
        f" {NULL}"
    )

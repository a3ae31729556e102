"""Where the pattern of incidents changed between two periods, unit by unit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from geoprofiles.areas.change import FEWER, MORE, TOO_FEW, UNCLEAR, ratio_test
from geoprofiles.checks import check_choice, check_positive
from geoprofiles.errors import InputError
from geoprofiles.hotspots.units import check_pair

CORRECTIONS = {"bh": "Benjamini and Hochberg", "by": "Benjamini and Yekutieli"}
_BLOCK = 1 << 22
"""Counts that are drawn at once."""


def andresen_s(
    before: pd.Series,
    after: pd.Series,
    *,
    share: float = 0.85,
    simulations: int = 200,
    confidence: float = 0.95,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Measure how alike two patterns are: Andresen's S.

    The later incidents are resampled without replacement, `simulations` times, and each unit's
    share of all is noted; as many of the lowest and highest are dropped as `confidence` leaves
    out. A unit is alike where its earlier share lies within what is left. S is the part of units
    that are alike, and robust S leaves out units that are empty in both periods, which are alike
    for want of incidents. It compares shares: a fall that all units have alike is no change.

    Parameters
    ----------
    before, after : Series
        Whole incidents by unit, zeros included, as :func:`count_places` counts them.
    share : float
        The part of the later incidents that each draw takes.
    simulations : int
        Draws.
    confidence : float
        Of the interval of draws.
    seed : int
        Of the random numbers.
    progress : callable, optional
        Told how many draws are done, of how many.

    Returns
    -------
    DataFrame
        Index as `before`: ``before``, ``after`` (counts), ``share_before``, ``share_after``,
        ``lower``, ``upper`` (of the resampled later shares, 0 to 1), ``change``: ``"more"`` where
        the later share is higher, ``"fewer"``, or ``"alike"``. ``attrs`` holds ``s``,
        ``robust_s`` and ``note``.

    Raises
    ------
    InputError
        If the units differ, a count is not whole or not known, or a period has no incident.

    Notes
    -----
    The interval is as wide as leaving out 15 % makes it, not as sampling error would: it is too
    narrow for a test, and narrower the more incidents there are (Wheeler, Steenbeek and Andresen
    2018). To say which units changed, use :func:`change_in_cells`.

    References
    ----------
    Andresen (2009). *Applied Geography* 29, 333-345. Wheeler, Steenbeek and Andresen (2018).
    *Transactions in GIS* 22, 760-774.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> before, after = pd.Series([40, 40, 20, 0]), pd.Series([41, 20, 39, 0])
    >>> table = geoprofiles.andresen_s(before, after)
    >>> table["change"].tolist(), table.attrs["s"], round(table.attrs["robust_s"], 2)
    (['alike', 'fewer', 'more', 'alike'], 0.5, 0.33)
    """
    one, two = check_pair(before, after)
    for value, name in ((share, "share"), (confidence, "confidence")):
        if not 0 < check_positive(value, name) < 1:
            raise InputError(f"'{name}' must lie between 0 and 1; it is {value!r}")
    check_positive(simulations, "simulations")
    size = int(np.round(share * two.sum()))
    if not 0 < size < two.sum():
        raise InputError(
            f"{two.sum():,.0f} later incidents are too few to draw {share:.0%} of them",
            remedy="Choose a longer period.",
        )
    rng = np.random.default_rng(seed)
    held = np.flatnonzero(two)  # an empty unit is empty in every draw
    drawn = np.empty((simulations, len(held)), dtype=np.int32)
    step = max(1, _BLOCK // len(held))
    colours = two[held].astype(np.int64)
    for start in range(0, simulations, step):
        block = drawn[start : start + step]
        block[:] = rng.multivariate_hypergeometric(colours, size, len(block), method="marginals")
        if progress is not None:
            progress(min(start + step, simulations), simulations)
    drawn.sort(axis=0)
    tail = (1 - confidence) / 2
    # The rounding keeps 0.025 of 200 at 5, whatever the last bit of the product.
    first = int(np.floor(np.round(tail * simulations, 9)))
    last = int(np.ceil(np.round((1 - tail) * simulations, 9))) - 1
    lower, upper = np.zeros(len(two)), np.zeros(len(two))
    lower[held], upper[held] = drawn[first] / size, drawn[last] / size
    was, now = one / one.sum(), two / two.sum()
    change = np.select([was < lower, was > upper], [MORE, FEWER], "alike")
    table = pd.DataFrame(
        {
            "before": one.astype("int64"),
            "after": two.astype("int64"),
            "share_before": was,
            "share_after": now,
            "lower": lower,
            "upper": upper,
            "change": change,
        },
        index=before.index,
    )
    alike, any_at_all = change == "alike", (one + two) > 0
    s, robust = float(alike.mean()), float(alike[any_at_all].mean())
    table.attrs = {
        "s": s,
        "robust_s": robust,
        "note": (
            f"S is {s:.2f}: of {len(one):,} units, {int(alike.sum()):,} hold a share of incidents"
            f" like that before. Of the {int(any_at_all.sum()):,} with any incident it is"
            f" {robust:.2f}. S measures likeness; it tests no unit."
        ),
    }
    return table


def change_in_cells(
    before: pd.Series,
    after: pd.Series,
    *,
    exposure: float = 1.0,
    relative: bool = False,
    level: float = 0.05,
    correction: str = "bh",
    fewest: int | None = None,
) -> pd.DataFrame:
    """Say which cells or areas hold more or fewer incidents than before, beyond chance.

    Each unit is tested by itself, and the q-values are corrected over the whole map. As it
    stands, the counts are compared, by the E-test with limits exact given both counts together
    (and by the exact binomial test where one period is over twice the other, as the E-test then
    finds a few incidents in the shorter no evidence at all);
    with `relative`, the unit's share of all incidents, by Fisher's exact test: a fall that
    the whole city shares is then no change.

    Parameters
    ----------
    before, after : Series
        Whole incidents by unit, zeros included, as :func:`count_places` counts them.
    exposure : float
        What the later counts are out of, over what the earlier are: days after, over days before.
    relative : bool
        Compare shares of the whole, not counts.
    level : float
        The share of false findings allowed among those called a change.
    correction : str
        ``"bh"`` (Benjamini and Hochberg) or ``"by"`` (Benjamini and Yekutieli, which holds
        however the units depend on one another, and finds less).
    fewest : int, optional
        A unit with fewer in both periods together is too few to say, and not among the tests.
        Where not said, so many that all of them in the less likely period would be beyond chance
        (5 %): 6 for equal periods. The sum of both says nothing of a change.

    Returns
    -------
    DataFrame
        Index as `before`: ``before``, ``after``, ``ratio`` (of counts per exposure or, with
        `relative`, of shares; NaN where there were none before), ``lower``, ``upper`` (95 %; of
        shares, with that of the city taken as known), ``p``, ``q`` (both NaN where not tested),
        ``verdict``: ``"more"``, ``"fewer"``, ``"no clear change"``, ``"too few to say"``.
        ``attrs["note"]`` says what was found.

    Raises
    ------
    InputError
        If the units differ, a count is not whole or not known, or a period has no incident.

    References
    ----------
    Przyborowski and Wilenski (1940). *Biometrika* 31, 313-323. Krishnamoorthy and Thomson (2004).
    *Journal of Statistical Planning and Inference* 119, 23-35. Wheeler, Steenbeek and Andresen
    (2018). *Transactions in GIS* 22, 760-774. Benjamini and Yekutieli (2001). *Annals of
    Statistics* 29, 1165-1188.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> before, after = pd.Series([40, 30, 2]), pd.Series([90, 33, 1])
    >>> table = geoprofiles.change_in_cells(before, after)
    >>> table[["ratio", "verdict"]].round(2).values.tolist()
    [[2.25, 'more'], [1.1, 'no clear change'], [0.5, 'too few to say']]
    """
    one, two = check_pair(before, after)
    check_positive(exposure, "exposure")
    check_choice(correction, CORRECTIONS, "correction")
    if not 0 < level < 1:
        raise InputError(f"'level' must be between 0 and 1; it is {level!r}")
    table = pd.DataFrame({"before": one, "after": two}, index=before.index).astype("int64")
    usual = float(two.sum() / one.sum()) if relative else exposure
    worked = table.assign(dispersion=1.0, free=0)
    ratio_test(worked, usual)
    if relative:
        worked["p"] = _fisher(one, two)
    elif not 0.5 <= exposure <= 2:
        worked["p"] = binomial_p(one, two, exposure)
    table[["ratio", "lower", "upper", "p"]] = worked[["ratio", "lower", "upper", "p"]]
    least = _fewest(usual) if fewest is None else fewest
    told = (one + two) >= least
    table["q"] = np.nan
    if told.any():
        table.loc[told, "q"] = stats.false_discovery_control(
            table.loc[told, "p"], method=correction
        )
    table.loc[~told, "p"] = np.nan
    stands = (table["q"] <= level).to_numpy()
    rose = two > one * usual
    table["verdict"] = np.select(
        [~told, stands & rose, stands & ~rose], [TOO_FEW, MORE, FEWER], UNCLEAR
    )
    what = "share of all incidents" if relative else "number of incidents"
    table.attrs["note"] = (
        f"The {what} was compared in {len(one):,} units: {int((stands & rose).sum()):,} have more"
        f" and {int((stands & ~rose).sum()):,} fewer than chance explains, of which no more than"
        f" {level:.0%} are expected to be false ({CORRECTIONS[correction]}, over the whole map);"
        f" {int((~told).sum()):,} hold fewer than {least} in both periods together."
    )
    return table


def binomial_p(one: np.ndarray, two: np.ndarray, exposure: float) -> np.ndarray:
    """Exact p of each unit, given both counts together; each pair of counts once."""
    at, pairs = pd.factorize(one + 1j * two)
    share = exposure / (1 + exposure)
    p = [
        stats.binomtest(int(pair.imag), int(pair.real + pair.imag), share).pvalue if pair else 1.0
        for pair in pairs
    ]
    return np.asarray(p)[at]


def _fewest(exposure: float) -> int:
    """Return how many incidents it takes for all of them in one period to be beyond chance.

    Examples
    --------
    >>> _fewest(1.0), _fewest(0.1)
    (6, 2)
    """
    rarer = min(exposure, 1.0) / (1 + exposure)
    return int(np.ceil(np.log(0.025) / np.log(rarer)))


def _fisher(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Fisher's exact p of each unit against the rest of the map, each pair of counts once."""
    at, pairs = pd.factorize(one + 1j * two)
    earlier, later = int(one.sum()), int(two.sum())
    p = np.ones(len(pairs))
    for place, pair in enumerate(pairs):
        was, now = int(pair.real), int(pair.imag)
        table = [[was, earlier - was], [now, later - now]]
        p[place] = stats.fisher_exact(table).pvalue
    return p[at]

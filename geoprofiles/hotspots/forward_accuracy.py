"""Maps of several kinds held against later periods, the best beside the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import Cells
from geoprofiles.hotspots.accuracy import SHARES, check_shares, measured, over_folds
from geoprofiles.hotspots.borders import Borders, highest
from geoprofiles.hotspots.density import EDGES, hotspot_kde
from geoprofiles.hotspots.forward import BANDWIDTHS, Fold, held_out
from geoprofiles.hotspots.local_statistics import getis_ord
from geoprofiles.hotspots.weights import neighbour_weights
from geoprofiles.words import listed

METHODS = ("gaussian", "quartic", "gi-star")
LAST_YEAR = "last year's counts"
_NAMES = {"gaussian": "Gaussian", "quartic": "quartic", "gi-star": "Gi*"}


class _Map(NamedTuple):
    """A way to score cells by what was known."""

    name: str
    method: str
    bandwidth: float


def forward_accuracy(  # noqa: PLR0913
    places: pd.DataFrame,
    cells: Cells,
    *,
    methods: Sequence[str] = ("gaussian",),
    bandwidths: Sequence[float] | None = None,
    shares: Sequence[float] = SHARES,
    share: float = 0.01,
    test_months: int = 3,
    folds: int = 3,
    edge: str = "none",
    progress: Callable[[int, int], object] | None = None,
) -> pd.DataFrame:
    """Hold maps against later periods, at several shares of the area, beside last year's counts.

    The last months are cut into `folds` periods of `test_months`. For each, every map is made of
    all the months before it, and judged by the incidents of the period, as
    :func:`accuracy_curve` does. The map that captures most at `share`, on average, is the best;
    every other stands beside it with how far it is behind, and whether that can be told.

    Parameters
    ----------
    places : DataFrame
        One row a place and month: ``easting``, ``northing`` in metres, ``month``, and ``count`` or
        ``rows``, how many incidents.
    cells : GeoDataFrame
        Cells, as :func:`grid_over` makes them.
    methods : sequence of {"gaussian", "quartic", "gi-star"}
        Densities by either kernel, one with each of `bandwidths`, and Gi* of the counts of all
        earlier months. Last year's counts are always a map.
    bandwidths : sequence of float, optional
        In metres: those of :func:`hotspot_kde`; where not said, those of :func:`forward_test`.
    shares : sequence of float
        Parts of the area at which maps are judged; `share` is one more if it is not among them.
    share : float
        The part of the area by which the best is chosen: as much as can be patrolled.
    test_months, folds : int
        Length and number of the periods that are foretold.
    edge : {"none", "uniform", "diggle"}
        What is done at the edge, as in :func:`hotspot_kde`.
    progress : callable, optional
        Called with the maps made and all of them.

    Returns
    -------
    DataFrame
        One row a map and share of the area: ``map`` (its name), ``method``, ``bandwidth``,
        ``area_share``, ``area_km2``, ``captured`` (mean over the periods), ``lowest``,
        ``highest``, ``pai``, ``best``, ``pei_star``, ``per_km2``, ``area_to_perimeter``,
        ``rri_levine``, ``rri_wheeler`` (NaN for Gi*, which predicts no number), as in
        :func:`forward_test`, and those with ``_lowest`` and ``_highest``; ``behind`` (captured by
        the best map less captured by this), ``behind_lower``, ``behind_upper`` (95 %). ``attrs``:
        ``chosen``, ``runner_up`` (names), ``told_apart`` (whether the two can be), ``folds``
        (first month, incidents), ``sentences`` and ``note``.

    Raises
    ------
    InputError
        As :func:`forward_test` does, or if a method is not known or none is given.

    Notes
    -----
    The variance of ``behind`` is that of independent incidents, or what is found by how far the
    count of each cell strays from period to period, if that is more: crimes that come in series
    are then not taken for as many proofs. One period does not tell that: the limits are NaN. Nor do
    they know that the best was picked by the same periods, which flatters it.

    References
    ----------
    Chainey, Tompson and Uhlig (2008). *Security Journal* 21, 4-28. Wolter (2007).
    *Introduction to Variance Estimation*, 2nd ed., 21-106, for variances from groups alike.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 3e3, 3e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> months = pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01"])
    >>> places = pd.DataFrame({"easting": [450.0, 450, 550], "northing": 450.0, "month": months,
    ...     "count": 4})
    >>> found = geoprofiles.forward_accuracy(places, geoprofiles.grid_over(areas, cell=100),
    ...     bandwidths=[150], share=0.01, shares=[0.01], test_months=1, folds=1)
    >>> found[["map", "captured"]].round(3).values.tolist()
    [['Gaussian 150 m', 1.0], ["last year's counts", 0.009]]
    """
    for method in methods:
        check_choice(method, METHODS, "methods")
    check_choice(edge, EDGES, "edge")
    wanted = np.unique(np.append(check_shares(shares), check_shares([share])))
    maps = _maps(methods, bandwidths)
    held = held_out(places, cells, test_months=test_months, folds=folds)
    area, borders = cells["area_km2"].to_numpy(dtype=float), Borders.of(cells)
    happened = np.array([fold.happened for fold in held])
    some = np.flatnonzero(happened.any(axis=0))
    tables, hits = [], []
    for number, one in enumerate(maps):
        sums, taken = [], np.empty((folds, len(wanted), len(some)))
        for at, fold in enumerate(held):
            value, said = _scores(one, fold, cells, edge, test_months)
            chosen = highest(value, area, wanted)
            sums.append(
                measured(
                    chosen, area, fold.happened, wanted, borders, before=fold.before, predicted=said
                )
            )
            taken[at] = [part.taken[some] for part in chosen]
            if progress is not None:
                progress(number * folds + at + 1, len(maps) * folds)
        tables.append(over_folds(sums).assign(**one._asdict()))
        hits.append(taken)
    chosen_share = int(np.flatnonzero(wanted == share)[0])
    captured = np.array([table["captured"].iloc[chosen_share] for table in tables])
    order = np.argsort(-captured, kind="stable")
    best = order[0]
    for table, taken in zip(tables, hits, strict=True):
        apart = _apart(hits[best] - taken, happened[:, some])
        table[["behind", "behind_lower", "behind_upper"]] = apart
    found = pd.concat(tables, ignore_index=True).rename(columns={"name": "map"})
    first = ["map", "method", "bandwidth"]
    found = found[[*first, *(name for name in found if name not in first)]]
    rows = [table.iloc[chosen_share] for table in tables]
    found.attrs = {
        "chosen": maps[best].name,
        "runner_up": maps[order[1]].name,
        "told_apart": bool(rows[order[1]]["behind_lower"] > 0),
        "folds": [(fold.start, int(fold.happened.sum())) for fold in held],
        "sentences": _sentences([rows[at] for at in order], share),
        "note": (
            f"Judged by {happened.sum():,.0f} incidents in {_periods(folds, test_months)} from"
            f" {held[0].start}, each foretold by the months before it. The best was picked by the"
            " same periods it is judged by, which flatters it. Recorded incidents are foretold, not"
            " those that nobody reports."
        ),
    }
    return found


HELD = 0.05
"""Of the ground: bandwidths are chosen by what the densest parts up to this hold on average."""


def forward_bandwidth(found: pd.DataFrame) -> tuple[float, str]:
    """Choose a bandwidth by what its densest ground holds of later incidents.

    That is the mean over shares of the ground up to 5%: at 1% alone two widths often differ by an
    incident or two. Of widths that hold as much to a tenth of a point, the narrowest is taken.

    Parameters
    ----------
    found : DataFrame
        As :func:`forward_accuracy` gives it, of one kernel.

    Returns
    -------
    tuple of float and str
        Metres, and the reason in a sentence, with the runner-up and last year's counts.

    Raises
    ------
    InputError
        If no map has a bandwidth.

    Examples
    --------
    >>> found = pd.DataFrame({"map": ["Gaussian 100 m", "Gaussian 200 m", "last year's counts"],
    ...     "bandwidth": [100.0, 200, np.nan], "area_share": 0.01, "captured": [0.2, 0.3, 0.25]})
    >>> bandwidth, reason = forward_bandwidth(found)
    >>> bandwidth
    200.0
    >>> print(reason)
    forward test: its densest 0.5 to 5% of the ground held 30.0% of the incidents of later months on
    average; next 100 m, 20.0%; last year's counts 25.0%
    """
    near = found[found["area_share"] <= HELD + 1e-9]
    held = near.groupby("map", sort=False)["captured"].mean().round(3)
    widths = near.drop_duplicates("map").set_index("map")["bandwidth"].dropna().sort_values()
    if widths.empty:
        raise InputError("no map has a bandwidth", remedy="Hold densities against later periods.")
    order = held[widths.index].sort_values(ascending=False, kind="stable")
    best = order.index[0]
    told = (
        f"forward test: its densest 0.5 to {HELD:.0%} of the ground held {held[best]:.1%} of the"
        " incidents of later months on average"
    )
    if len(order) > 1:
        told += f"; next {widths[order.index[1]]:,.0f} m, {order.iloc[1]:.1%}"
    if LAST_YEAR in held:
        better = ", more: as a forecast they do better" if held[LAST_YEAR] > held[best] else ""
        told += f"; last year's counts {held[LAST_YEAR]:.1%}{better}"
    return float(widths[best]), told


def _maps(methods: Sequence[str], bandwidths: Sequence[float] | None) -> list[_Map]:
    if not len(methods):
        raise InputError("there is no method to hold against last year's counts")
    maps = []
    for method in dict.fromkeys(methods):
        if method == "gi-star":
            maps.append(_Map(_NAMES[method], method, np.nan))
            continue
        widths = BANDWIDTHS[method] if bandwidths is None else bandwidths
        if not len(widths):
            raise InputError("a density needs a bandwidth")
        maps += [_Map(f"{_NAMES[method]} {one:g} m", method, float(one)) for one in widths]
    return [*maps, _Map(LAST_YEAR, "counts", np.nan)]


def _scores(
    one: _Map, fold: Fold, cells: Cells, edge: str, months: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Score cells by what was known before a period; and say how many come, where that is said."""
    area, years = cells["area_km2"].to_numpy(dtype=float), months / 12
    if one.method == "counts":
        density = fold.last_year / area / min(fold.years, 1.0)
    elif one.method == "gi-star":
        counts = pd.Series(fold.before.astype(float), index=cells.index)
        around = neighbour_weights(cells)
        return getis_ord(counts, around, simulations=0)["z"].fillna(0).to_numpy(), None
    else:
        surface = hotspot_kde(
            fold.known, cells, bandwidth=one.bandwidth, kernel=one.method,
            years=fold.years, edge=edge,
        )  # fmt: skip
        density = surface["density"].to_numpy()
    return density, density * area * years


def _apart(more: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """Return how much more one map captures than another, with 95 % limits, a row a share.

    `more` is the part of each cell that the one takes beyond the other: period, share, cell.
    """
    periods, total = len(happened), happened.sum(axis=1)
    part = happened / total[:, None]
    by_period = np.einsum("fsc,fc->fs", more, part)
    apart = by_period.mean(axis=0)
    if periods == 1:  # how much the counts of a cell vary from period to period is not known
        unknown = np.full(len(apart), np.nan)
        return np.column_stack([apart, unknown, unknown])
    own = more - by_period[:, :, None]
    chance = np.einsum("fsc,fc->s", own**2, part / total[:, None])
    # How far the counts of each cell are from its share of all periods, as it bears on the rest.
    stray = part - happened.sum(axis=0) / total.sum()
    cells = np.einsum("fsc,fc->sc", own**2, stray**2) * periods / (periods - 1)
    square = (cells**2).sum(axis=1)
    free = (periods - 1) * cells.sum(axis=1) ** 2 / np.where(square > 0, square, 1.0)
    error = np.sqrt(np.maximum(cells.sum(axis=1), chance)) / periods
    reach = stats.t.ppf(0.975, np.maximum(free, 1.0)) * error
    return np.column_stack([apart, apart - reach, apart + reach])


def _sentences(rows: list[pd.Series], share: float) -> list[str]:
    """Say which map is best, which comes next, and what cannot be told from it; best first."""
    best, second = rows[:2]
    said = [
        f"{_upper(best['name'])} {_does('capture', best)} most: {best['captured']:.1%} of later"
        f" incidents in the highest {100 * share:g}% of the area ({best['lowest']:.1%} to"
        f" {best['highest']:.1%} by period), {best['pai']:.1f} times its share of the ground (PAI)"
        f" and {best['pei_star']:.0%} of what the best choice afterwards would have (PEI*)."
    ]
    if np.isfinite(best["rri_levine"]):
        kept = f"Later incidents there were {best['rri_levine']:.2f} times the share that earlier"
        kept += " ones were (Levine's RRI)"
        if np.isfinite(best["rri_wheeler"]):
            kept += f", and {best['rri_wheeler']:.2f} times as many were predicted as came"
            kept += " (Wheeler's RRI)"
        said.append(f"{kept}.")
    said.append(f"Next: {second['name']}, {second['captured']:.1%}, {_behind(second)}.")
    if best["name"] == LAST_YEAR:
        said.append("No other map does better than they: a density is then only a picture.")
    elif second["name"] != LAST_YEAR:
        counts = next(row for row in rows if row["name"] == LAST_YEAR)
        said.append(f"Last year's counts: {counts['captured']:.1%}, {_behind(counts)}.")
    alike = [row["name"] for row in rows[2:] if row["name"] != LAST_YEAR and not _less(row)]
    if alike:
        said.append(f"Nor can be told from the best: {listed(alike)}.")
    return said


def _behind(row: pd.Series) -> str:
    """Say how far a map is behind the best, and whether that is more than chance."""
    low, high = 100 * row["behind_lower"], 100 * row["behind_upper"]
    if not np.isfinite(low):
        return "and one period alone does not tell the two apart"
    points = f"{100 * row['behind']:.1f} points less"
    if _less(row):
        return f"{points} (95% {low:.1f} to {high:.1f}): more than chance"
    return (
        f"{points} (95% from {-low:.1f} more to {high:.1f} less): it cannot be told from the best"
    )


def _less(row: pd.Series) -> bool:
    return bool(row["behind_lower"] > 0)


def _many(row: pd.Series) -> bool:
    return bool(row["name"] == LAST_YEAR)


def _does(verb: str, row: pd.Series) -> str:
    return verb if _many(row) else f"{verb}s"


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _periods(folds: int, months: int) -> str:
    length = "1 month" if months == 1 else f"{months} months"
    return f"1 period of {length}" if folds == 1 else f"{folds} periods of {length}"

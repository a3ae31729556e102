"""How well a map of hot spots foretells: what the best parts of it hold of later incidents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geoprofiles.areas.rates import proportion
from geoprofiles.errors import InputError
from geoprofiles.frames import Cells, Places, check_columns
from geoprofiles.hotspots.borders import Borders, Chosen, highest
from geoprofiles.hotspots.units import count_places

SHARES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2)
"""Of the area, by which a map is judged."""

RANGED = ("pei_star", "rri_levine", "rri_wheeler", "area_to_perimeter")
"""Indices that are given with their lowest and highest period, as what is captured is."""


def accuracy_curve(
    cells: Cells,
    later: Places,
    *,
    score: str = "density",
    earlier: Places | None = None,
    predicted: str | None = None,
    shares: Sequence[float] = SHARES,
) -> pd.DataFrame:
    """Say what share of later incidents lies in the highest-scored part of the area.

    Cells are taken from the highest score on, by their true (clipped) area, until a share of the
    area is reached; the last is taken in part. Cells of one score are taken together, so that
    what is captured among them is what any order of them would on average.

    Parameters
    ----------
    cells : GeoDataFrame
        Cells with `score` and ``area_km2``.
    later : DataFrame
        Places: incidents after those that the scores were made of. Those in no cell are left out
        and counted.
    score : str
        The column by which cells are taken.
    earlier : DataFrame, optional
        Places: the incidents that the scores were made of. Their own counts are then the
        baseline, and Levine's index is given.
    predicted : str, optional
        The column of how many later incidents each cell was said to have. Wheeler's index is then
        given.
    shares : sequence of float
        Parts of the area, above 0 and at most 1.

    Returns
    -------
    DataFrame
        One row a share of the area: ``area_share``, ``area_km2``, ``captured`` (share of the later
        incidents: hit rate) with Wilson's 95% ``lower`` and ``upper``, ``pai`` (captured over the
        share of the area), ``best`` (what the best choice of as much area would have captured),
        ``pei_star`` (captured over best), ``per_km2`` (incidents per km² of what was chosen: search
        efficiency), ``area_to_perimeter`` (of the cells chosen, put together, in metres: higher
        where they lie in few patches than in many crumbs; a lone square has a quarter of its
        side), ``rri_levine`` (captured later over captured earlier by the same choice; 1 where
        what was chosen keeps its share), ``rri_wheeler`` (predicted over observed in what was
        chosen; 1 where as many came as were said, above 1 where fewer). The two are NaN without
        `earlier` and `predicted`, or where they would divide by none. With `earlier` also
        ``baseline`` (captured by taking cells by their earlier counts per km²). Limits take
        incidents for independent; where places are hit again and again they are too near, and
        several later periods tell more. ``attrs["incidents"]`` were judged by,
        ``attrs["outside"]`` lay in no cell.

    Raises
    ------
    InputError
        If a column is missing, a score or a predicted number is not known, a share is out of
        range, or no later incident lies in a cell.

    References
    ----------
    Chainey, Tompson and Uhlig (2008), for the prediction accuracy index. *Security Journal* 21,
    4-28. Levine (2008), for the recapture rate index. *Security Journal* 21, 295-302. Wheeler and
    Steenbeek (2021), for the index of that name which is predicted over observed. *Journal of
    Quantitative Criminology* 37, 445-480. Bowers, Johnson and Pease (2004), for search efficiency
    and area to perimeter. *British Journal of Criminology* 44, 641-658. Joshi, Curtis-Ham, D'Ath
    and Searle (2021), for the best possible choice. *Police Practice and Research* 22, 1285-1299.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> cells = geoprofiles.grid_over(areas, cell=500).assign(density=[9.0, 4.0, 1.0, 0.0])
    >>> later = pd.DataFrame({"easting": [100.0, 600.0], "northing": 600.0, "count": [1, 3]})
    >>> curve = geoprofiles.accuracy_curve(cells, later, shares=[0.5, 0.75])
    >>> curve[["captured", "best", "pei_star"]].values.tolist()
    [[0.0, 1.0, 0.0], [0.25, 1.0, 0.25]]
    """
    check_columns(cells, [score, "area_km2"], what="Cells")
    value = _known(cells, score)
    wanted = check_shares(shares)
    said = None if predicted is None else _known(cells, predicted)
    counts = count_places(later, cells)
    happened = counts.to_numpy()
    total = float(happened.sum())
    if not total:
        raise InputError(
            "no later incident lies in a cell", remedy="Check the period, and the metres of both."
        )
    before = None if earlier is None else count_places(earlier, cells).to_numpy()
    area = cells["area_km2"].to_numpy(dtype=float)
    chosen, borders = highest(value, area, wanted), Borders.of(cells)
    sums = measured(chosen, area, happened, wanted, borders, before=before, predicted=said)
    table = indices(sums)
    limits = proportion(sums["captured"] * total, pd.Series(np.full(len(wanted), total)), per=1)
    table.insert(3, "lower", limits["lower"])
    table.insert(4, "upper", limits["upper"])
    if before is not None:
        table["baseline"] = captured_share(before / area, area, happened, wanted)
    table.attrs = {"incidents": total, "outside": counts.attrs["outside"]}
    return table


def measured(
    chosen: Sequence[Chosen],
    area: np.ndarray,
    happened: np.ndarray,
    shares: np.ndarray,
    borders: Borders,
    *,
    before: np.ndarray | None = None,
    predicted: np.ndarray | None = None,
) -> pd.DataFrame:
    """Sum up what the highest-valued `shares` of the area hold, for :func:`indices`.

    These are sums and shares, whose means over several later periods make sense; of ratios they
    would not, where one period captures nothing.
    """

    def held(counts: np.ndarray | None) -> np.ndarray:
        if counts is None or not counts.any():
            return np.full(len(shares), np.nan)
        return np.array([one.taken @ counts for one in chosen])

    return pd.DataFrame(
        {
            "area_share": shares,
            "area_km2": shares * area.sum(),
            "captured": held(happened) / happened.sum(),
            "best": captured_share(happened / area, area, happened, shares),
            "incidents": float(happened.sum()),
            "captured_before": np.nan if before is None else held(before) / max(before.sum(), 1e-9),
            "predicted": held(predicted),
            "perimeter": borders.around(chosen),
        }
    )


def indices(sums: pd.DataFrame) -> pd.DataFrame:
    """Work out the indices of accuracy from the sums of :func:`measured`, or their means."""
    captured, hits = sums["captured"], sums["captured"] * sums["incidents"]
    return sums[["area_share", "area_km2", "captured"]].assign(
        pai=captured / sums["area_share"],
        best=sums["best"],
        pei_star=captured / sums["best"],
        per_km2=hits / sums["area_km2"],
        area_to_perimeter=1e6 * sums["area_km2"] / sums["perimeter"],
        rri_levine=captured / sums["captured_before"].where(sums["captured_before"] > 0),
        rri_wheeler=sums["predicted"] / hits.where(hits > 0),
    )


def over_folds(folds: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Work out indices over several periods from the sums of each, with lowest and highest.

    Examples
    --------
    >>> cells, two = Borders(np.full(2, 4.0), *np.zeros((3, 0), dtype=int)), np.array([2.0, 1.0])
    >>> half, even = np.array([0.5]), np.ones(2)
    >>> folds = [measured(highest(two, even, half), even, np.array(happened), half, cells)
    ...     for happened in ([3, 1], [1, 1])]
    >>> over_folds(folds)[["captured", "lowest", "highest"]].values.tolist()
    [[0.625, 0.5, 0.75]]
    """
    table = indices(pd.concat(folds).groupby(level=0).mean())
    each = pd.concat([indices(one) for one in folds]).groupby(level=0)
    low, high = each.min(), each.max()
    table.insert(3, "lowest", low["captured"])
    table.insert(4, "highest", high["captured"])
    for name in RANGED:
        table[f"{name}_lowest"], table[f"{name}_highest"] = low[name], high[name]
    return table


def check_shares(shares: Sequence[float]) -> np.ndarray:
    """Return parts of the area as numbers; refuse those that are none."""
    wanted = np.asarray(shares, dtype=float)
    if not len(wanted) or not ((wanted > 0) & (wanted <= 1)).all():
        raise InputError("a share of the area must lie above 0 and be at most 1")
    return wanted


def _known(cells: Cells, column: str) -> np.ndarray:
    check_columns(cells, [column], what="Cells")
    value = cells[column].to_numpy(dtype=float)
    if not np.isfinite(value).all():
        number = int((~np.isfinite(value)).sum())
        raise InputError(f"the '{column}' of {number:,} cells is not known, or without bound")
    return value


def captured_share(
    value: np.ndarray, area: np.ndarray, happened: np.ndarray, shares: np.ndarray
) -> np.ndarray:
    """Return what share of incidents lies in the highest-valued shares of the area.

    Examples
    --------
    >>> captured_share(np.array([5.0, 1.0]), np.ones(2), np.array([3.0, 1.0]), np.array([0.25]))
    array([0.375])
    """
    _, level = np.unique(-value, return_inverse=True)  # cells of one value go together
    ground = np.concatenate([[0.0], np.cumsum(np.bincount(level, area))])
    held = np.concatenate([[0.0], np.cumsum(np.bincount(level, happened))])
    return np.asarray(np.interp(shares * area.sum(), ground, held) / held[-1])

"""How well a map of hot spots foretells: what the best parts of it hold of later incidents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geoprofiles.areas.rates import proportion
from geoprofiles.errors import InputError
from geoprofiles.frames import Cells, Places, check_columns
from geoprofiles.hotspots.units import count_places

SHARES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2)
"""Of the area, by which a map is judged."""


def accuracy_curve(
    cells: Cells,
    later: Places,
    *,
    score: str = "density",
    earlier: Places | None = None,
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
    shares : sequence of float
        Parts of the area, above 0 and at most 1.

    Returns
    -------
    DataFrame
        One row a share of the area: ``area_share``, ``area_km2``, ``captured`` (share of the later
        incidents: hit rate) with Wilson's 95% ``lower`` and ``upper``, ``pai`` (captured over the
        share of the area), ``best`` (what the best choice of as much area would have captured),
        ``pei_star`` (captured over best), ``per_km2`` (incidents per km² of what was chosen: search
        efficiency); with `earlier`, ``baseline`` (captured by taking cells by their earlier counts
        per km²) and ``rri_levine`` (captured later over captured earlier by the same choice; NaN
        where that captured none earlier). Limits take incidents for independent; where places are
        hit again and again they are too near, and several later periods tell more.
        ``attrs["incidents"]`` were judged by, ``attrs["outside"]`` lay in no cell.

    Raises
    ------
    InputError
        If a column is missing, a score is not known, a share is out of range, or no later
        incident lies in a cell.

    References
    ----------
    Chainey, Tompson and Uhlig (2008), for the prediction accuracy index. *Security Journal* 21,
    4-28. Levine (2008), for the recapture rate index. *Security Journal* 21, 295-302. Joshi,
    Curtis-Ham, D'Ath and Searle (2021), for the best possible choice. *Police Practice and
    Research* 22, 1285-1299.

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
    value = cells[score].to_numpy(dtype=float)
    if not np.isfinite(value).all():
        number = int((~np.isfinite(value)).sum())
        raise InputError(f"the '{score}' of {number:,} cells is not known, or without bound")
    wanted = np.asarray(shares, dtype=float)
    if not len(wanted) or not ((wanted > 0) & (wanted <= 1)).all():
        raise InputError("a share of the area must lie above 0 and be at most 1")
    counts = count_places(later, cells)
    happened = counts.to_numpy()
    total = float(happened.sum())
    if not total:
        raise InputError(
            "no later incident lies in a cell", remedy="Check the period, and the metres of both."
        )
    area = cells["area_km2"].to_numpy(dtype=float)
    captured = captured_share(value, area, happened, wanted)
    best = captured_share(happened / area, area, happened, wanted)
    limits = proportion(pd.Series(captured * total), pd.Series(np.full(len(wanted), total)), per=1)
    ground = wanted * area.sum()
    table = pd.DataFrame(
        {
            "area_share": wanted, "area_km2": ground, "captured": captured,
            "lower": limits["lower"], "upper": limits["upper"], "pai": captured / wanted,
            "best": best, "pei_star": captured / best, "per_km2": captured * total / ground,
        }
    )  # fmt: skip
    if earlier is not None:
        before = count_places(earlier, cells).to_numpy()
        table["baseline"] = captured_share(before / area, area, happened, wanted)
        own = captured_share(value, area, before, wanted) if before.any() else np.zeros(len(wanted))
        table["rri_levine"] = captured / np.where(own > 0, own, np.nan)
    table.attrs = {"incidents": total, "outside": counts.attrs["outside"]}
    return table


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

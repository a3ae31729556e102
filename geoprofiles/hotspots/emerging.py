"""Emerging hot spots: how each cell has changed from step to step, in published words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from geoprofiles.checks import check_choice
from geoprofiles.crs import is_metric
from geoprofiles.errors import CRSError, InputError
from geoprofiles.frames import Cells, check_columns
from geoprofiles.hotspots.categories import NO_PATTERN, classify, describe
from geoprofiles.hotspots.excess import excess_over_risk
from geoprofiles.hotspots.grid import cells_of
from geoprofiles.hotspots.local_statistics import (
    ADJUSTMENTS,
    SIMULATIONS,
    adjusted,
    two_sided,
    unconditional_z,
)
from geoprofiles.hotspots.mann_kendall import mann_kendall
from geoprofiles.hotspots.places import check_places
from geoprofiles.hotspots.weights import Weights

FEWEST_STEPS = 10
ENOUGH = 5.0
"""Incidents that a neighbourhood holds on average in a step and the one before."""

NEIGHBOURHOOD = 18
"""Bins of a square with its neighbours, in a step and the one before."""

STEPS = (1, 2, 3, 4, 6, 12)
"""Months that a step may have."""


def suggest_step(months: int, count: float, cells: int) -> tuple[int, str]:
    """Suggest how many months a step should have.

    The fewest of 1, 2, 3, 4, 6 and 12 with which a cell, its eight neighbours and the same in the
    step before hold on average 5 incidents together; but never so many that fewer than
    10 steps are left.

    Parameters
    ----------
    months : int
        That the incidents span.
    count : float
        Incidents.
    cells : int
        Cells.

    Returns
    -------
    tuple of int and str
        The months, and the reason in a sentence.

    Raises
    ------
    InputError
        If there are fewer than 10 months.

    Examples
    --------
    >>> suggest_step(36, 720, 800)[0], suggest_step(36, 20000, 800)[0]
    (3, 1)
    """
    _need_steps(months, 1)
    possible = [one for one in STEPS if months // one >= FEWEST_STEPS]
    held = {one: count * one / months / max(cells, 1) * NEIGHBOURHOOD for one in possible}
    enough = [one for one in possible if held[one] >= ENOUGH]
    step = enough[0] if enough else possible[-1]
    words = f"a neighbourhood of {NEIGHBOURHOOD} bins then holds {held[step]:.1f} incidents"
    if enough:
        return step, f"{words}, and {ENOUGH:g} are enough"
    return step, (
        f"{words}, under the {ENOUGH:g} wished for, but longer steps would be fewer than"
        f" {FEWEST_STEPS}: take larger cells"
    )


def space_time_cube(
    places: pd.DataFrame, cells: Cells, *, months_per_step: int | None = None
) -> pd.DataFrame:
    """Count incidents by cell and step of time.

    Steps are counted back from the last month, so that the last is whole; the first months that
    make no whole step are left out, and that is said. Months in which nothing happened are zeros.

    Parameters
    ----------
    places : DataFrame
        ``easting``, ``northing`` in metres and ``month``, with ``count`` or ``rows`` where a row
        stands for more than one incident: incidents, or places by month.
    cells : GeoDataFrame
        Cells of :func:`grid_over`, in the same metres.
    months_per_step : int, optional
        Where not said, the fewest of 1, 2, 3, 4, 6 and 12 with which a neighbourhood holds some 5
        incidents, but at least 10 steps are left.

    Returns
    -------
    DataFrame
        Counts: one row a cell, one column a step, named by its first month. ``attrs`` holds
        ``months_per_step``, ``outside`` (incidents in no cell), ``early`` (in first months that
        make no step) and ``note``.

    Raises
    ------
    InputError
        If there are fewer than 10 steps, no incident lies in the cells, or a month is missing.
    CRSError
        If the incidents are in other metres.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 900, 900)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> months = pd.date_range("2025-01-01", periods=12, freq="MS")
    >>> incidents = pd.DataFrame({"easting": 450.0, "northing": 99.0, "month": months})
    >>> cells = geoprofiles.grid_over(areas, cell=300)
    >>> geoprofiles.space_time_cube(incidents, cells, months_per_step=1).shape
    (9, 12)
    """
    check_columns(places, ["easting", "northing", "month"], what="Places by month")
    system = places.attrs.get("crs")
    if not is_metric(cells.crs) or (system is not None and cells.crs != system):
        raise CRSError(
            f"the incidents are in {system}, the cells in {cells.crs}",
            remedy="Read both with the same crs, in metres.",
        )
    weight = next((places[name] for name in ("count", "rows") if name in places), 1)
    table = pd.DataFrame(places[["easting", "northing", "month"]]).assign(count=weight)
    table = table[table["easting"].notna() & table["northing"].notna()]
    if table["month"].isna().any():
        raise InputError("the month of an incident is missing", remedy="Leave such rows out.")
    points, weights = check_places(table)
    at = cells_of(points, cells)
    inside = at >= 0
    if not weights[inside].sum():
        raise InputError(
            "no incident lies in the cells", remedy="Check that both are of the same city."
        )
    number = table["month"].dt.year.to_numpy() * 12 + table["month"].dt.month.to_numpy() - 1
    first, last = int(number.min()), int(number.max())
    months = last - first + 1
    if months_per_step is None:
        step, reason = suggest_step(months, float(weights[inside].sum()), len(cells))
    else:
        step, reason = months_per_step, "as asked for"
        _need_steps(months, step)
    steps = months // step
    begin = last + 1 - steps * step
    held = inside & (number >= begin)
    bins = at[held] * steps + (number[held] - begin) // step
    counts = np.bincount(bins, weights[held], minlength=len(cells) * steps)
    starts = [pd.Timestamp(one // 12, one % 12 + 1, 1) for one in range(begin, last + 1, step)]
    cube = pd.DataFrame(
        counts.reshape(len(cells), steps), index=cells.index, columns=pd.DatetimeIndex(starts)
    )
    early = float(weights[inside & (number < begin)].sum())
    words = "1 month" if step == 1 else f"{step} months"
    cube.attrs = {
        "months_per_step": step,
        "outside": float(weights[~inside].sum()),
        "early": early,
        "note": f"{steps} steps of {words} from {starts[0]:%Y-%m}: {reason}."
        + (f" {early:,.0f} incidents of earlier months are left out." if begin > first else ""),
    }
    return cube


def emerging_hot_spots(
    cube: pd.DataFrame,
    weights: Weights,
    *,
    at_risk: pd.Series | pd.DataFrame | None = None,
    simulations: int = SIMULATIONS,
    seed: int = 0,
    level: float = 0.05,
    adjust: str = "benjamini-hochberg",
    progress: Callable[[int, int], object] | None = None,
) -> pd.DataFrame:
    """Classify each cell by how hot it has been over time, in the 17 published categories.

    Each bin of the cube gets Gi* from its cell and the cell's neighbours, in its own step and
    the one before, against all bins. Hot and cold bins are told with p adjusted over all bins;
    whether a cell's scores rise or fall, by the test of Mann and Kendall at the same `level`.

    Parameters
    ----------
    cube : DataFrame
        Of :func:`space_time_cube`: one row a cell, one column a step.
    weights : Weights
        Of the same cells, by :func:`neighbour_weights`; each neighbour counts the same.
    at_risk : Series or DataFrame, optional
        What is at risk by cell, or expected by cell and step; above 0. Bins are then compared by
        :func:`excess_over_risk`. With counts expected from the city's total in each step, a city
        in which all rises does not grow hot.
    simulations, seed
        As for :func:`getis_ord`, over all bins. 0 takes the normal law, as the published method
        does: it finds more, and of sparse counts too much.
    level : float
        For bins, the share of false findings among the hot and the cold; for trends, of the test.
    adjust : {"benjamini-hochberg", "benjamini-yekutieli", "none"}
        How p is adjusted over all bins.
    progress : callable, optional
        Called with the permutations done and all of them.

    Returns
    -------
    DataFrame
        By cell: ``count``, ``hot_steps``, ``cold_steps``, ``final`` (``"hot"``, ``"cold"`` or
        ``""``), ``final_z``, ``trend_z``, ``trend_p``, ``kind`` (such as ``"new hot spot"``,
        ``"diminishing cold spot"``, ``"no pattern"``) and ``description``, a sentence.
        ``attrs["z"]`` holds the scores of the bins, ``attrs["note"]`` how it was made.

    Raises
    ------
    InputError
        If there are fewer than 10 steps, cube, weights and risk are not of the same cells, all
        counts are alike, or nobody is at risk in a cell.

    Notes
    -----
    The published texts leave open what they do not name. Decided here: the final step decides
    before anything else, so that a cell hot in 90 of 100 steps but not in the final one is
    historical, never persistent, and one that ends cold for the first time is a new cold spot.
    Where several still fit, the first of the published order is taken: a cell that was once cold
    and is hot in the final step for the first time is new, not oscillating.
    90 percent means at least 90.

    References
    ----------
    Esri. *How Emerging Hot Spot Analysis works*, ArcGIS Pro documentation. Ord and Getis (1995).
    *Geographical Analysis* 27, 286-306. Mann (1945). *Econometrica* 13, 245-259. Kendall (1975).
    *Rank Correlation Methods*.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 2e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> cells = geoprofiles.grid_over(areas, cell=200)
    >>> months = pd.date_range("2025-01-01", periods=12, freq="MS")
    >>> cube = pd.DataFrame(1.0, index=cells.index, columns=months)
    >>> cube.loc[["E5N5", "E5N6", "E6N5", "E6N6"], months[-1]] = 60
    >>> found = geoprofiles.emerging_hot_spots(cube, geoprofiles.neighbour_weights(cells))
    >>> found.loc["E5N5", "kind"]
    'new hot spot'
    """
    check_choice(adjust, ADJUSTMENTS, "adjust")
    if not 0 < level < 1:
        raise InputError(f"'level' must be between 0 and 1; it is {level!r}")
    counts = cube.to_numpy(dtype=float)
    _need_steps(counts.shape[1], 1)
    if not cube.index.equals(weights.index):
        raise InputError("cube and weights are not of the same cells in the same order")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise InputError("a count is missing or negative")
    if not np.ptp(counts):
        raise InputError("all counts are alike: there is nothing to tell high from low")
    values = counts if at_risk is None else _excess(cube, at_risk)
    z, p = _bins(values, weights, simulations, seed, progress)
    q = adjusted(p.ravel(), adjust).reshape(z.shape)
    state = np.where(q <= level, np.sign(z), 0).astype(int)  # a score of NaN is no finding
    trend = mann_kendall(np.nan_to_num(z))
    rising = np.where(trend["p"] <= level, np.sign(trend["z"]), 0).astype(int)
    kind = classify(state, rising)
    table = pd.DataFrame(
        {
            "count": counts.sum(axis=1),
            "hot_steps": (state > 0).sum(axis=1),
            "cold_steps": (state < 0).sum(axis=1),
            "final": np.select([state[:, -1] > 0, state[:, -1] < 0], ["hot", "cold"], ""),
            "final_z": z[:, -1],
            "trend_z": trend["z"].to_numpy(),
            "trend_p": trend["p"].to_numpy(),
            "kind": kind,
            "description": describe(kind, state, rising),
        },
        index=cube.index,
    )
    found = table.loc[table["kind"] != NO_PATTERN, "kind"].value_counts()
    told = ", ".join(f"{number:,} {name}{'s' * (number > 1)}" for name, number in found.items())
    told = told or "no pattern in any"
    how = "not adjusted" if adjust == "none" else f"adjusted after {adjust.title()}"
    by = f"{simulations:,} conditional permutations" if simulations else "the normal law"
    table.attrs = {
        "z": pd.DataFrame(z, index=cube.index, columns=cube.columns),
        "note": f"{len(table):,} cells, {z.shape[1]} steps: {told}. {cube.attrs.get('note', '')}"
        f" Neighbours are {weights.note}, in the step and the one before; {z.size:,} bins tested"
        f" by {by}, {how}, level {level:g}."
        + (" No denominator: concentration, not risk." if at_risk is None else ""),
    }
    return table


def _excess(cube: pd.DataFrame, at_risk: pd.Series | pd.DataFrame) -> np.ndarray:
    """Score bins against what is at risk in them."""
    if not at_risk.index.equals(cube.index):
        raise InputError("cube and at_risk are not of the same cells in the same order")
    table = at_risk.to_numpy(dtype=float).reshape(len(cube), -1)
    if table.shape[1] not in (1, cube.shape[1]):
        raise InputError("at_risk has neither one column nor one for each step")
    if not (table > 0).all():
        raise InputError(
            "nobody is at risk in a cell",
            remedy="Lay the grid with at_risk, which leaves such cells out.",
        )
    flat = pd.Series(np.broadcast_to(table, cube.shape).ravel())
    scores = excess_over_risk(pd.Series(cube.to_numpy(dtype=float).ravel()), flat)
    return scores.to_numpy().reshape(cube.shape)


def _bins(
    values: np.ndarray,
    weights: Weights,
    simulations: int,
    seed: int,
    progress: Callable[[int, int], object] | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Score each bin by its neighbourhood in its own step and the one before; z and p."""
    from scipy.sparse import csr_matrix, eye, kron

    around = csr_matrix(weights.matrix, dtype=float, copy=True)
    around.data[:] = 1.0
    around.setdiag(0)
    around.eliminate_zeros()
    steps = values.shape[1]
    own = eye(len(values), format="csr")
    # A bin stands at cell * steps + step; the step before is one to the left.
    others = kron(around, eye(steps)) + kron(around + own, eye(steps, k=-1))
    others = others.tocsr()
    flat = values.ravel()
    each = np.diff(others.indptr) + 1.0
    z = unconditional_z(others @ flat + flat, (each, each), flat.mean(), flat.var(), len(flat))
    p = two_sided(z.ravel(), flat, others, simulations, seed, progress)
    return z.reshape(values.shape), p.reshape(values.shape)


def _need_steps(months: int, step: int) -> None:
    if isinstance(step, bool) or not isinstance(step, int | np.integer) or step < 1:
        raise InputError(f"a step must have a whole number of months; it has {step!r}")
    if months // step < FEWEST_STEPS:
        raise InputError(
            f"{months} months make {months // step} steps of {step}; categories of change over"
            f" time need at least {FEWEST_STEPS}",
            remedy="Take shorter steps or more months; 'hotspots change' (change_in_cells) compares"
            " two periods.",
        )

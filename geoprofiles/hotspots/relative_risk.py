"""Relative risk: incidents against what is at risk, or against other incidents, on one grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from geoprofiles.checks import check_choice, check_positive, check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Cells, Places
from geoprofiles.hotspots.at_risk import EVENLY, NO_DENOMINATOR, check_at_risk
from geoprofiles.hotspots.bandwidths import SAME_SMOOTHING
from geoprofiles.hotspots.density import KERNELS, cell_points, square_metres
from geoprofiles.hotspots.draws import draws
from geoprofiles.hotspots.grid import cells_of
from geoprofiles.hotspots.kernels import GAUSSIAN_REACH, kernel_sums
from geoprofiles.hotspots.neighbours import blocks
from geoprofiles.hotspots.places import check_places
from geoprofiles.hotspots.significance import check_draws

EFFECTIVE = {"gaussian": 4 * np.pi, "quartic": 5 * np.pi / 9}
"""Ground over which a kernel takes its mean, in squares of the bandwidth: 1 / ∫k²."""

ALPHA = 0.05
"""Level at which risk is called raised or lowered."""

_PAIRS = 4_000_000
"""Of a cell and a place, in a block."""

_NUMBERS = 8_000_000
"""Of cells and draws, in a block."""

_SOMETHING = 1e-9
"""Incidents: where fewer are expected, nothing is at risk."""

_ROUNDING = 1e-9
"""Of a sum; ties count against the finding, and rounding must not break them."""


def relative_risk(  # noqa: PLR0913
    cases: Places,
    cells: Cells,
    *,
    at_risk: Places | None = None,
    controls: Places | None = None,
    bandwidth: float,
    kernel: str = "quartic",
    delta: float = 0.5,
    floor: float = 1.0,
    alpha: float = ALPHA,
    simulations: int = 199,
    seed: int = 0,
    progress: Callable[[int, int], object] | None = None,
) -> Cells:
    """Map how many times as many incidents there are as what is at risk accounts for.

    Incidents and what is at risk are smoothed with one bandwidth, so that what lies beyond the
    edge cancels, and divided. Tolerance comes from chance: as many incidents are drawn from
    what is at risk, or the labels of cases and controls are shuffled, and each draw is smoothed
    and divided the same way.

    Parameters
    ----------
    cases : DataFrame
        Places, in metres, with whole numbers of incidents.
    cells : GeoDataFrame
        Cells, as :func:`grid_over` makes them, in the same metres.
    at_risk : DataFrame, optional
        Places with people, homes or premises in ``count``, as :func:`at_risk_from_areas` makes
        them. For snapped data move them first, see :func:`at_risk_on_places`.
    controls : DataFrame, optional
        Places of other incidents, instead: is there more burglary than other crime would suggest?
        With neither, the ground is at risk, and ``attrs["note"]`` says so.
    bandwidth : float
        In metres, for both, as in :func:`hotspot_kde`.
    kernel : {"quartic", "gaussian"}
        The kernel.
    delta : float
        Cases within reach of the kernel (the ground over which it takes its mean, 4πs² of a
        Gaussian) that are added to both sides, so that no ratio is infinite or rests on next to
        nothing; 0 adds nothing.
    floor : float
        Where fewer cases than this are expected within the same reach, nothing is told.
    alpha : float
        Level of ``raised`` and ``lowered``.
    simulations : int
        Draws.
    seed : int
        Of the random numbers.
    progress : callable, optional
        Called with the cells done and all of them.

    Returns
    -------
    GeoDataFrame
        A copy of `cells` with ``observed`` and ``expected`` (cases per km², edge-corrected),
        ``ratio`` ``(observed + d) / (expected + d)``, ``log_ratio``, its natural logarithm,
        ``probability`` (observed / (observed + expected): 0.5 is average), ``p`` (two-sided, of
        this cell alone), ``p_map`` (of the most unusual cell of each draw: allows for having looked
        everywhere), ``raised``, ``lowered`` (``p`` at most `alpha`). Where too little is expected
        all but the first two are NaN or False. ``attrs``: ``null``, ``note``, ``d`` (per km²),
        ``cases``, ``masked`` (cells), and what was asked for.

    Raises
    ------
    CRSError
        If frames are in different metres.
    InputError
        If a setting is out of range, cases or controls are no whole numbers, none lies in the
        cells, both `at_risk` and `controls` are given, cells are too wide for the kernel, or
        `floor` masks everything.

    Notes
    -----
    `alpha` of the cells are raised or lowered by chance alone, in a few patches; ``p_map``
    says whether any is beyond that. Incidents that bring others (repeats, series) are more
    uneven than independent draws.

    References
    ----------
    Kelsall and Diggle (1995). *Statistics in Medicine* 14, 2335-2342. Davies, Marshall and
    Hazelton (2018). *Statistics in Medicine* 37, 1191-1221. Bithell (1990). *Statistics in
    Medicine* 9, 691-701.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 2e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> homes = pd.DataFrame({"easting": [500.0, 1500], "northing": 500.0, "count": [300, 100]})
    >>> burglaries = homes.assign(count=[10, 10])
    >>> cells = geoprofiles.grid_over(areas, cell=1000)
    >>> risk = geoprofiles.relative_risk(burglaries, cells, at_risk=homes, bandwidth=1000,
    ...     delta=0)
    >>> risk[["ratio", "p"]].round(2).to_dict("list")
    {'ratio': [0.67, 2.0], 'p': [0.04, 0.04]}
    """
    check_positive(bandwidth, "bandwidth")
    check_choice(kernel, KERNELS, "kernel")
    check_draws(simulations, seed)
    if not 0 < alpha < 1:
        raise InputError(f"'alpha' must lie between 0 and 1; it is {alpha!r}")
    for value, name in ((delta, "delta"), (floor, "floor")):
        if not 0 <= value < np.inf:
            raise InputError(f"'{name}' must be a number from 0 on; it is {value!r}")
    null = _null(cases, cells, at_risk, controls)
    side = float(cells.attrs["grid"]["cell"])
    if side > bandwidth * SAME_SMOOTHING["quartic"] / SAME_SMOOTHING[kernel]:
        raise InputError(
            f"cells of {side:g} m are too wide for a bandwidth of {bandwidth:g} m",
            remedy="Lay smaller cells, a third of the bandwidth, or choose a wider one.",
        )
    at, area = cell_points(cells), square_metres(cells)
    total = null.cases.sum()
    drawn = _drawn(null, simulations, seed)
    sums = np.zeros((3, len(cells)))  # of cases, of what they are held against, of the null
    p, z = np.full((2, len(cells)), np.nan)
    told = np.zeros(len(cells), dtype=bool)
    strongest = np.zeros(simulations)
    for held, near, kernels in _kernels(at, null.points, bandwidth, kernel, simulations):
        weights = np.stack([null.cases, null.against, null.base])[:, near]
        sums[:, held] = (kernels @ weights.T).T
        # The sum of a kernel is that of the ground over which it takes its mean, over so much.
        told[held] = sums[2, held] * EFFECTIVE[kernel] * bandwidth**2 >= max(floor, _SOMETHING)
        p[held], z[held], most = _ranked(sums[0, held], kernels @ drawn[near].toarray())
        strongest = np.maximum(strongest, most.max(axis=0, where=told[held, None], initial=0))
        if progress is not None:
            progress(held.stop, len(cells))
    if not told.any():
        raise InputError(
            f"in no cell are {floor:g} or more incidents expected within reach of the kernel",
            remedy="Choose a wider bandwidth, a lower floor, or more months.",
        )
    p[~told] = np.nan
    below = np.searchsorted(np.sort(strongest), np.abs(z) * (1 - _ROUNDING))
    p_map = np.where(told, (1 + simulations - below) / (1 + simulations), np.nan)
    edge = kernel_sums(at, at, area, bandwidth, kernel)
    observed, against = sums[:2] / edge * 1e6
    even = delta / (EFFECTIVE[kernel] * bandwidth**2) * 1e6
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(told, (observed + even) / (against + even), np.nan)
        surface = cells.assign(
            observed=observed,
            expected=against,
            ratio=ratio,
            log_ratio=np.log(ratio),
            probability=np.where(told, observed / (observed + against), np.nan),
            p=p,
            p_map=p_map,
            raised=(p <= alpha) & (z > 0),
            lowered=(p <= alpha) & (z < 0),
        )
    surface.attrs |= {
        "null": null.words,
        "d": float(even),
        "cases": int(total),
        "masked": int((~told).sum()),
        "bandwidth": float(bandwidth),
        "kernel": kernel,
        "alpha": alpha,
        "simulations": simulations,
        "seed": seed,
    }
    surface.attrs["note"] = " ".join(filter(None, [_told(surface, floor), null.note]))
    return surface


class _Null(NamedTuple):
    """What cases are held against, at all points there are."""

    points: np.ndarray
    cases: np.ndarray
    against: np.ndarray  # cases at each point, if the risk were the same everywhere
    base: np.ndarray  # cases at each point on average over the draws
    pooled: np.ndarray | None  # cases and controls, where labels are shuffled
    words: str
    note: str


def _null(cases: Places, cells: Cells, at_risk: Places | None, controls: Places | None) -> _Null:
    if at_risk is not None and controls is not None:
        raise InputError("give 'at_risk' or 'controls', not both")
    points, number = _whole(cases, cells, "cases")
    if controls is not None:
        others, held = _whole(controls, cells, "controls")
        note = ""
        words = f"labels of {number.sum():,.0f} cases and {held.sum():,.0f} controls, shuffled"
    else:
        if at_risk is None:
            others, held = cell_points(cells), square_metres(cells)
            what, note = EVENLY, NO_DENOMINATOR
        else:
            check_at_risk(at_risk)
            others, held = _inside(at_risk, cells, "what is at risk")
            what = at_risk.attrs.get("at_risk", "what is at risk")
            note = at_risk.attrs.get("note", "")
        moved = "" if at_risk is None else at_risk.attrs.get("map_points", "")
        words = f"{number.sum():,.0f} incidents drawn by {what}"
        words += f", moved to the {moved:,} map points of the data" if moved else ""
    at, position = np.unique(np.vstack([points, others]), axis=0, return_inverse=True)
    position = position.ravel()
    first = np.bincount(position[: len(points)], number, minlength=len(at))
    second = np.bincount(position[len(points) :], held, minlength=len(at))
    total = first.sum()
    base = first + second if controls is not None else second
    return _Null(
        at,
        first,
        second * (total / second.sum()),
        base * (total / base.sum()),
        base if controls is not None else None,
        words,
        note,
    )


def _inside(places: Places, cells: Cells, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Return points and weights of the places that lie in a cell."""
    if places.attrs.get("crs") is not None:
        check_same_crs(places.attrs["crs"], cells.crs, names=(what.capitalize(), "Cells"))
    points, weights = check_places(places)
    inside = (weights > 0) & (cells_of(points, cells) >= 0) if len(points) else weights > 0
    if not inside.any():
        raise InputError(
            f"{what}: none lies in the cells",
            remedy="Check that places and cells are of the same city.",
        )
    return points[inside], weights[inside]


def _whole(places: Places, cells: Cells, what: str) -> tuple[np.ndarray, np.ndarray]:
    points, counts = _inside(places, cells, what)
    if (counts != np.round(counts)).any():
        raise InputError(
            f"the counts of {what} are no whole numbers, and what is drawn are whole incidents",
            remedy="Test incidents, not weights such as harm.",
        )
    return points, counts


def _drawn(null: _Null, simulations: int, seed: int) -> Any:
    """Return the incidents of each draw, points by draws, sparse."""
    from scipy.sparse import csr_array, hstack

    rng = np.random.default_rng(seed)
    total = int(null.cases.sum())
    most = max(1, _NUMBERS // len(null.points))
    if null.pooled is None:
        made = draws(null.base, total, simulations, rng, most=most)
    else:
        made = _shuffled(null.pooled.astype(np.int64), total, simulations, rng, most)
    return csr_array(hstack([csr_array(block.T) for block in made]))


def _shuffled(
    pooled: np.ndarray, total: int, simulations: int, rng: np.random.Generator, most: int
) -> Iterator[np.ndarray]:
    """Give blocks of draws by places: so many of the pooled incidents, each at most once."""
    for first in range(0, simulations, most):
        size = min(most, simulations - first)
        yield rng.multivariate_hypergeometric(pooled, total, size, method="marginals").astype(
            np.float32
        )


def _kernels(
    at: np.ndarray, points: np.ndarray, bandwidth: float, kernel: str, simulations: int
) -> Iterator[tuple[slice, np.ndarray, Any]]:
    """Give blocks of cells, the points within their reach, and the kernels of the two."""
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

    at, points = at / bandwidth, points / bandwidth
    reach, scale = (1.0, 3 / np.pi) if kernel == "quartic" else (GAUSSIAN_REACH, 1 / (2 * np.pi))
    tree = cKDTree(points)
    sizes = tree.query_ball_point(at, reach, return_length=True) / _PAIRS
    for held in blocks(np.maximum(sizes, simulations / _NUMBERS), 1):
        pairs = cKDTree(at[held]).sparse_distance_matrix(tree, reach, output_type="ndarray")
        near, column = np.unique(pairs["j"], return_inverse=True)
        squared = pairs["v"] ** 2
        heights = (1 - np.minimum(squared, 1)) ** 2 if kernel == "quartic" else np.exp(-squared / 2)
        shape = (len(at[held]), len(near))
        yield (
            held,
            near,
            csr_array((heights * scale / bandwidth**2, (pairs["i"], column)), shape=shape),
        )


def _ranked(observed: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of each cell the two-sided p and the deviation, and the size of that of each draw.

    With at risk or pooled incidents given, the ratio rises with the sum of the kernels of cases
    and with nothing else: so that is what is ranked, whatever is added to both sides. Deviations
    are those of square roots, whose chance is much the same where much and little is expected.
    """
    count = drawn.shape[1]
    above = (drawn >= observed[:, None] * (1 - _ROUNDING)).sum(axis=1)
    below = (drawn <= observed[:, None] * (1 + _ROUNDING)).sum(axis=1)
    p = np.minimum(1, 2 * (1 + np.minimum(above, below)) / (1 + count))
    roots = np.sqrt(np.column_stack([observed, drawn]))
    away = roots - roots.mean(axis=1, keepdims=True)
    deviation = away.std(axis=1, keepdims=True)
    z = np.divide(away, deviation, out=np.zeros_like(away), where=deviation > 0)
    return p, z[:, 0], np.abs(z[:, 1:])


def _told(surface: Cells, floor: float) -> str:
    area = surface["area_km2"]
    known = surface["p"].notna()
    raised, lowered = (float(area[surface[kind]].sum()) for kind in ("raised", "lowered"))
    alpha = surface.attrs["alpha"]
    parts = [
        f"Of {area[known].sum():,.1f} km² the risk is raised on {raised:,.1f} km² and lowered on"
        f" {lowered:,.1f} km², each cell judged alone at {alpha:.0%}: chance alone makes"
        f" {alpha * area[known].sum():,.1f} km². Judged over the whole map, the most unusual cell"
        f" has p {surface['p_map'].min():.3f}."
    ]
    if not known.all():
        parts.append(
            f"Nothing is told of {area[~known].sum():,.1f} km², where less than {floor:g} is"
            " expected within reach."
        )
    return " ".join(parts)

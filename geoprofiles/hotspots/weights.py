"""Who neighbours whom: among cells by arithmetic, among areas by borders or distance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.areas.neighbours import neighbours
from geoprofiles.checks import check_choice, check_positive
from geoprofiles.crs import is_metric
from geoprofiles.errors import CRSError, InputError
from geoprofiles.hotspots.grid import centres_of, lattice_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

RULES = ("queen", "rook", "border", "distance", "nearest")

MOST_LINKS = 50_000_000
"""Pairs of neighbours that are held; some 0.6 GB."""

_ROOK = ((1, 0), (-1, 0), (0, 1), (0, -1))
_STEPS = {
    "rook": _ROOK,
    "queen": (*_ROOK, (1, 1), (1, -1), (-1, 1), (-1, -1)),
    "hexagon": ((2, 0), (-2, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)),
}


class Weights(NamedTuple):
    """Weights of neighbours: a row says who counts for a unit, and how much."""

    matrix: csr_matrix
    index: pd.Index
    """Names of the units, in the order of rows and columns."""
    note: str
    """The rule, in a phrase."""


def neighbour_weights(
    units: geopandas.GeoDataFrame,
    *,
    rule: str = "queen",
    distance: float | None = None,
    number: int | None = None,
    with_self: bool = False,
) -> Weights:
    """Tell which cells or areas are neighbours, each with weight 1.

    Parameters
    ----------
    units : GeoDataFrame
        Cells of :func:`grid_over`, or areas, in metres.
    rule : {"queen", "rook", "border", "distance", "nearest"}
        ``"queen"`` and ``"rook"`` are for cells: the eight or the four around a square; around a
        hexagon, with either, the six. ``"border"`` is for areas that share a border
        (:func:`neighbours`). ``"distance"`` takes all whose centres are within `distance`,
        ``"nearest"`` the `number` nearest centres.
    distance : float, optional
        In metres. A billionth more is let in, so that what lies just so far is in on every side.
    number : int, optional
        Of nearest; where several are as far, those that come first.
    with_self : bool
        Whether a unit is its own neighbour. :func:`getis_ord` and :func:`local_moran` do not
        mind: they add or leave out the unit itself as their definition asks.

    Returns
    -------
    Weights
        ``matrix`` (scipy sparse, by rows), ``index``, ``note``.

    Raises
    ------
    CRSError
        If the units are not in metres.
    InputError
        If the rule does not fit the units, or what it needs is missing.

    Notes
    -----
    The centre of a clipped cell is that of the whole cell; of an area, its centroid.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 300, 300)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> cells = geoprofiles.grid_over(areas, cell=100)
    >>> weights = geoprofiles.neighbour_weights(cells, rule="queen")
    >>> weights.matrix.sum(axis=1).astype(int).ravel().tolist()
    [[3, 5, 3, 5, 8, 5, 3, 5, 3]]
    """
    check_choice(rule, RULES, "rule")
    if not isinstance(units, geopandas.GeoDataFrame) or not is_metric(units.crs):
        raise CRSError(
            "cells or areas must be a GeoDataFrame in metres",
            remedy="Use geoprofiles.read_areas or geoprofiles.grid_over.",
        )
    if not units.index.is_unique:
        raise InputError("a code stands for more than one unit")
    if rule in {"queen", "rook"}:
        rows, columns, note = _by_lattice(units, rule)
    elif rule == "border":
        rows, columns = _by_border(units)
        note = "areas that share a border"
    elif rule == "distance":
        if distance is None:
            raise InputError("neighbours by distance need 'distance', in metres")
        rows, columns = _within(_centres(units), check_positive(distance, "distance"))
        note = f"centres within {distance:g} m"
    else:
        if number is None or not 0 < number < len(units):
            raise InputError(
                f"the number of nearest must be from 1 to {len(units) - 1:,}, one less than there"
                f" are units; it is {number!r}"
            )
        rows, columns = _nearest(_centres(units), number)
        note = f"the {number} nearest centres"
    return Weights(_matrix(rows, columns, len(units), with_self=with_self), units.index, note)


def _matrix(rows: np.ndarray, columns: np.ndarray, number: int, *, with_self: bool) -> csr_matrix:
    from scipy.sparse import csr_matrix

    if with_self:
        own = np.arange(number)
        rows, columns = np.concatenate([rows, own]), np.concatenate([columns, own])
    links = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(number, number))
    links.sort_indices()
    return links


def _by_lattice(units: geopandas.GeoDataFrame, rule: str) -> tuple[np.ndarray, np.ndarray, str]:
    column, row = lattice_of(units.index)
    hexagon = len(units) > 0 and str(units.index[0]).startswith("H")
    steps: Iterable[tuple[int, int]] = _STEPS["hexagon" if hexagon else rule]
    # Two empty rows between columns, so that no step leads from the top of one into the next.
    span = int(np.ptp(row)) + 3 if len(row) else 1
    codes = (column - column.min(initial=0)) * span + (row - row.min(initial=0))
    order = np.argsort(codes)
    rising = codes[order]
    rows, columns = [], []
    for x, y in steps:
        wanted = rising + x * span + y
        at = np.minimum(np.searchsorted(rising, wanted), len(rising) - 1)
        met = np.flatnonzero(rising[at] == wanted)
        rows.append(order[met])
        columns.append(order[at[met]])
    words = "the six cells around" if hexagon else f"the {len(_STEPS[rule])} cells around"
    return np.concatenate(rows), np.concatenate(columns), words


def _by_border(units: geopandas.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    named = units if "area_name" in units else units.assign(area_name=units.index)
    place = {str(code): at for at, code in enumerate(units.index)}
    pairs = [(place[one], place[two]) for one, all_ in neighbours(named).items() for two in all_]
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _centres(units: geopandas.GeoDataFrame) -> np.ndarray:
    if "grid" in units.attrs:
        return centres_of(units)
    return np.asarray(shapely.get_coordinates(shapely.centroid(units.geometry.to_numpy())))


def _within(points: np.ndarray, distance: float) -> tuple[np.ndarray, np.ndarray]:
    from scipy.spatial import cKDTree

    tree = cKDTree(points - points.mean(axis=0))
    reach = distance * (1 + 1e-9)
    links = int(tree.count_neighbors(tree, reach)) - len(points)
    if links > MOST_LINKS:
        raise InputError(
            f"{distance:g} m make {links:,} pairs of neighbours, more than {MOST_LINKS:,}",
            remedy="Choose a smaller distance or larger cells.",
        )
    one, two = tree.query_pairs(reach, output_type="ndarray").reshape(-1, 2).T
    return np.concatenate([one, two]), np.concatenate([two, one])


def _nearest(points: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    from scipy.spatial import cKDTree

    tree = cKDTree(points - points.mean(axis=0))
    # A few more than asked for, so that those as far as the last are known and told apart by order.
    asked = min(number + 9, len(points))
    apart, other = tree.query(tree.data, k=asked)
    own = other == np.arange(len(points))[:, None]
    scale = apart.max() or 1.0
    apart = np.where(own, np.inf, np.round(apart / scale, 12))
    order = np.lexsort((other, apart), axis=1)[:, :number]
    chosen = np.take_along_axis(other, order, axis=1)
    return np.repeat(np.arange(len(points)), number), chosen.ravel()

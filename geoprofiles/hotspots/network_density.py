"""Density along streets: a kernel that follows the network, and splits where streets part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import shapely

from geoprofiles.checks import check_positive
from geoprofiles.frames import Places
from geoprofiles.hotspots.places import check_places
from geoprofiles.hotspots.streets import WITHIN, check_streets, junctions, segments_of

STEP = 25.0
"""Metres: the longest piece of street that has one density."""

DISTANCES = 500
"""Steps within the bandwidth in which the distance walked is told apart."""

SEGMENTS_AT_ONCE = 10_000
"""About 80 MB: beyond, incidents are taken in parts, each with the streets around it."""


def network_kde(
    places: Places,
    streets: geopandas.GeoDataFrame,
    *,
    bandwidth: float,
    step: float = STEP,
    within: float = WITHIN,
    years: float = 1.0,
) -> geopandas.GeoDataFrame:
    """Estimate how densely incidents lie along streets.

    The kernel of an incident runs along the streets from where it lies. At a junction what is
    left of it is split evenly among the other streets (the equal-split discontinuous kernel), and
    at a dead end it turns back, so that every incident counts as one, wherever it lies.

    Parameters
    ----------
    places : DataFrame
        Places, in metres.
    streets : GeoDataFrame
        Segments, in the same metres, as :func:`read_streets` reads them. Streets meet where their
        ends do; a bridge that crosses another street without an end there does not meet it.
    bandwidth : float
        Metres of street that the quartic kernel reaches to either side: √7 standard deviations.
    step : float
        Segments are cut into equal pieces at most so many metres long.
    within : float
        Metres. A place farther from every segment is on none, and counts nowhere.
    years : float
        Which the incidents span.

    Returns
    -------
    GeoDataFrame
        Index ``piece``: ``street_id``, ``name``, ``from_m``, ``to_m`` (along the segment),
        ``length_m``, ``density`` (incidents per km of street and year, the mean over the piece),
        lines. Densities times lengths add up to the incidents on streets. ``attrs`` holds
        ``matched``, ``unmatched`` (incidents) and ``note``.

    Raises
    ------
    CRSError
        If the two are in different metres.
    InputError
        If streets are no lines, an identifier repeats, no place lies near a street, or a number
        is not above 0.

    Notes
    -----
    An incident's kernel may step up or down at a junction: that is the price of keeping its mass
    and of a quick answer. Distances are rounded to a 500th of the bandwidth as they pass a
    junction, between two steps by shares, which moves a density by less than a thousandth of
    its peak.

    References
    ----------
    Okabe, Satoh and Sugihara (2009). *International Journal of Geographical Information Science*
    23, 7-32. Okabe and Sugihara (2012). *Spatial Analysis along Networks*, chapter 9. Wiley.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import LineString
    >>> import geoprofiles
    >>> lines = [LineString([(1e3, 0), (1e3, 500)]), LineString([(1e3, 500), (1500, 500)])]
    >>> streets = geopandas.GeoDataFrame({"name": ["Mill Lane", "Quay"]}, geometry=lines, crs=27700,
    ...     index=pd.Index(["S1", "S2"], name="street_id"))
    >>> places = pd.DataFrame({"easting": [1e3], "northing": [450.0], "count": [12]})
    >>> density = geoprofiles.network_kde(places, streets, bandwidth=200)
    >>> float(round((density["density"] * density["length_m"] / 1000).sum(), 3))
    12.0
    >>> density.groupby("street_id")["density"].max().round(1).to_dict()
    {'S1': 55.7, 'S2': 45.7}
    """
    for value, name in ((bandwidth, "bandwidth"), (step, "step"), (years, "years")):
        check_positive(value, name)
    check_positive(within, "within")
    check_streets(streets, places)
    points, weights = check_places(places)
    segment, _ = segments_of(points, streets, within)
    on = (segment >= 0) & (weights > 0)
    shapes = streets.geometry.to_numpy()
    along = shapely.line_locate_point(shapes[segment[on]], shapely.points(points[on]))
    pieces = _cut(streets, step)
    network = _network(shapes, pieces, bandwidth)
    segment, weight = segment[on], weights[on]
    held = _own(network, segment, along, weight)
    for part, near in _parts(shapes, np.unique(segment), bandwidth):
        mine = np.isin(segment, part)
        row = np.searchsorted(near, segment[mine])
        held[_ranges(network.first[near], network.number[near])] += _beyond(
            _some(network, near), row, along[mine], weight[mine]
        )
    pieces["density"] = held / (pieces["length_m"] / 1000) / years
    pieces = pieces[["street_id", "name", "from_m", "to_m", "length_m", "density", "geometry"]]
    matched = float(weight.sum())
    pieces.attrs = {
        "matched": matched,
        "unmatched": float(weights.sum()) - matched,
        "note": f"Incidents per km of street and year, by a quartic kernel that reaches"
        f" {bandwidth:g} m along the streets and splits evenly where they part; in pieces of at"
        f" most {step:g} m. No denominator: it is concentration, not risk.",
    }
    return pieces


def _cumulative(unit: np.ndarray) -> np.ndarray:
    """Return the part of the quartic kernel that lies below, in units of the bandwidth."""
    unit = np.clip(unit, -1, 1)
    return np.asarray(0.5 + (15 / 16) * unit * (1 - unit**2 * (2 / 3 - unit**2 / 5)))


@dataclass(frozen=True)
class _Network:
    """Streets as half-edges: number 2s leaves the first end of segment s, 2s + 1 the last."""

    bandwidth: float
    length: np.ndarray
    """Of each segment."""
    number: np.ndarray
    """Of pieces of each segment."""
    first: np.ndarray
    """Piece of each segment."""
    lower: np.ndarray
    upper: np.ndarray
    """Along the segment, of each piece."""
    onward: Any
    """Sparse: what leaves along half-edges of what comes to their junctions along others."""


def _network(shapes: np.ndarray, pieces: geopandas.GeoDataFrame, bandwidth: float) -> _Network:
    from scipy.sparse import coo_matrix, diags, eye

    number = np.bincount(pieces["segment"], minlength=len(shapes))
    node = junctions(shapes).ravel()
    arms = np.bincount(node)[node]
    met = coo_matrix((np.ones(len(node)), (node, np.arange(len(node))))).tocsr()
    # From a half-edge's junction on to the others there, shared; at a dead end, back to it.
    shared = diags(1 / np.maximum(arms - 1, 1)) @ (met.T @ met - eye(len(node)))
    return _Network(
        bandwidth=bandwidth,
        length=shapely.length(shapes),
        number=number,
        first=np.cumsum(number) - number,
        lower=pieces["from_m"].to_numpy(),
        upper=pieces["to_m"].to_numpy(),
        onward=(shared + diags((arms == 1).astype(float))).tocsr(),
    )


def _own(
    network: _Network, segment: np.ndarray, along: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return what each piece gets from incidents on its own segment."""
    place = np.repeat(np.arange(len(segment)), network.number[segment])
    piece = _ranges(network.first[segment], network.number[segment])
    low, high = (
        _cumulative((edge[piece] - along[place]) / network.bandwidth)
        for edge in (network.lower, network.upper)
    )
    return np.bincount(piece, weights[place] * (high - low), minlength=len(network.lower))


def _parts(
    shapes: np.ndarray, sources: np.ndarray, bandwidth: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Cut segments with incidents into parts that are not too many with those in reach."""
    tree = shapely.STRtree(shapes)
    left = [sources] if len(sources) else []
    while left:
        some = left.pop()
        bounds = shapely.bounds(shapes[some])
        west, south = bounds[:, :2].min(axis=0) - bandwidth
        east, north = bounds[:, 2:].max(axis=0) + bandwidth
        near = np.sort(tree.query(shapely.box(west, south, east, north)))
        if len(near) <= SEGMENTS_AT_ONCE or len(some) == 1:
            yield some, near
            continue
        order = np.argsort(bounds[:, 0 if east - west > north - south else 1], kind="stable")
        left += [some[order[: len(some) // 2]], some[order[len(some) // 2 :]]]


def _some(network: _Network, near: np.ndarray) -> _Network:
    """Take some segments; their junctions still share with those left out."""
    number = network.number[near]
    piece = _ranges(network.first[near], number)
    half = (2 * near[:, None] + [0, 1]).ravel()
    return _Network(
        bandwidth=network.bandwidth,
        length=network.length[near],
        number=number,
        first=np.cumsum(number) - number,
        lower=network.lower[piece],
        upper=network.upper[piece],
        onward=network.onward[half][:, half],
    )


def _beyond(
    network: _Network, segment: np.ndarray, along: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return what each piece gets from incidents that reach it past a junction."""
    spread = network.bandwidth / DISTANCES
    back = np.arange(2 * len(network.length)) ^ 1
    # A segment shorter than a step of distance counts as one step, so that all moves on.
    stride = np.maximum(network.length.repeat(2) / spread, 1)
    arriving = np.zeros((DISTANCES + 2, len(back)))
    _drop(arriving, 2 * segment + 1, along / spread, weights)
    _drop(arriving, 2 * segment, (network.length[segment] - along) / spread, weights)
    held = np.zeros(len(network.lower))
    for walked in range(DISTANCES):
        leaving = network.onward @ arriving[walked][back]
        go = np.flatnonzero(leaving)
        if not len(go):
            continue
        held += _laid(network, go, leaving[go], walked * spread)
        _drop(arriving, go, walked + stride[go], leaving[go])
    return held


def _laid(network: _Network, half: np.ndarray, mass: np.ndarray, walked: float) -> np.ndarray:
    """Lay kernels that have walked so far on the segments of half-edges."""
    segment = half // 2
    number = network.number[segment]
    piece, turned = _ranges(network.first[segment], number), np.repeat(half % 2 == 1, number)
    whole = np.repeat(network.length[segment], number)
    start = np.where(turned, whole - network.upper[piece], network.lower[piece])
    end = np.where(turned, whole - network.lower[piece], network.upper[piece])
    low, high = (_cumulative((walked + edge) / network.bandwidth) for edge in (start, end))
    return np.bincount(piece, np.repeat(mass, number) * (high - low), minlength=len(network.lower))


def _drop(arriving: np.ndarray, row: np.ndarray, at: np.ndarray, mass: np.ndarray) -> None:
    """Share mass between the two steps of distance that it lies between."""
    near = at < DISTANCES
    row, at, mass = row[near], at[near], mass[near]
    step = np.floor(at).astype(int)
    np.add.at(arriving, (step, row), mass * (1 - (at - step)))
    np.add.at(arriving, (step + 1, row), mass * (at - step))


def _ranges(first: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return first, first + 1 and so on, so many of each.

    Examples
    --------
    >>> _ranges(np.array([4, 0]), np.array([2, 3])).tolist()
    [4, 5, 0, 1, 2]
    """
    start = np.cumsum(number) - number
    return np.arange(int(number.sum())) + np.repeat(first - start, number)


def _cut(streets: geopandas.GeoDataFrame, step: float) -> geopandas.GeoDataFrame:
    """Cut segments into equal pieces at most a step long."""
    shapes = streets.geometry.to_numpy()
    length = shapely.length(shapes)
    number = np.maximum(np.ceil(length / step - 1e-9), 1).astype(int)
    segment = np.repeat(np.arange(len(shapes)), number)
    each = (length / number)[segment]
    place = _ranges(np.zeros(len(number), dtype=int), number)
    lower = place * each
    upper = np.where(place + 1 == number[segment], length[segment], (place + 1) * each)
    ends = [
        shapely.get_coordinates(shapely.line_interpolate_point(shapes[segment], edge))
        for edge in (lower, upper)
    ]
    corners, owner = shapely.get_coordinates(shapes, return_index=True)
    way = np.hypot(*np.diff(corners, axis=0, prepend=corners[:1]).T)
    way[np.diff(owner, prepend=-1) > 0] = 0
    way = np.cumsum(way)
    way -= way[np.searchsorted(owner, np.arange(len(shapes)))][owner]
    first = np.cumsum(number) - number
    piece = first[owner] + np.minimum(way // (length / number)[owner], number[owner] - 1).astype(
        int
    )
    inner = (way > lower[piece] + 1e-6) & (way < upper[piece] - 1e-6)
    rows = np.arange(len(segment))
    belongs = np.concatenate([rows, piece[inner], rows])
    order = np.lexsort((np.concatenate([lower, way[inner], upper]), belongs))
    line = np.vstack([ends[0], corners[inner], ends[1]])[order]
    name = streets["name"].to_numpy()[segment] if "name" in streets else ""
    pieces = geopandas.GeoDataFrame(
        {
            "street_id": streets.index.to_numpy()[segment],
            "name": name,
            "from_m": lower,
            "to_m": upper,
            "length_m": upper - lower,
            "segment": segment,
        },
        geometry=shapely.linestrings(line, indices=belongs[order]),
        crs=streets.crs,
    )
    return pieces.rename_axis("piece")

"""Bandwidths from the places themselves: a normal rule, and likelihood cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import shapely

from geoprofiles.areas.locate import locate_points
from geoprofiles.checks import check_choice, check_positive, check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, Places, check_areas
from geoprofiles.hotspots.density import KERNELS
from geoprofiles.hotspots.edges import mass_within
from geoprofiles.hotspots.kernels import kernel_sums
from geoprofiles.hotspots.places import check_places

SAME_SMOOTHING = {"gaussian": 1.0, "quartic": 8**0.5}
"""Bandwidth of a kernel whose variance on each axis is 1."""

FEWEST = 3
"""Distinct places, below which nothing can be learnt from leaving one out."""

MOST = 5_000
"""Places that are left out in turn; of more, so many are drawn."""

_STEP = 1.2
"""From one bandwidth to the next, where none are given."""

_NEAREST = 64
"""Places that count where all lie beyond the reach of the kernel."""

_LOST = 1e-9
"""Of a sum, below which what is left after taking a place away may be rounding."""


def bandwidth_nrd(places: Places, *, kernel: str = "gaussian") -> float:
    """Choose a bandwidth by the normal reference rule.

    The standard deviation of the Gaussian is ``1.06 min(sd, IQR / 1.34) n^(-1/5)`` (Scott 1992), of
    eastings and of northings, and the mean of both. The rule is right for one heap of normal
    shape. A city has many, so it smooths far too much to find streets or corners: the bandwidth is
    for comparing with other programs.

    Parameters
    ----------
    places : DataFrame
        Places, in metres; each counts as often as it has incidents.
    kernel : {"gaussian", "quartic"}
        For which kernel of :func:`hotspot_kde`: a standard deviation, or the radius that smooths
        as much, √8 times that.

    Returns
    -------
    float
        Metres. Of the Gaussian it is a quarter of the mean of what R's ``MASS::bandwidth.nrd``
        gives for each axis, which is the width of four standard deviations.

    Raises
    ------
    InputError
        If the kernel is not known, there are fewer than 3 distinct places, or coordinates are
        in degrees.

    Notes
    -----
    Where half of the incidents share one easting or northing, its interquartile range is 0 and
    only the standard deviation is used.

    References
    ----------
    Scott (1992). *Multivariate Density Estimation*, as in Venables and Ripley (2002),
    *Modern Applied Statistics with S*, chapter 5.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> places = pd.DataFrame({"easting": [1000.0, 1200, 1500, 1700], "northing": [900.0, 900,
    ...     1000, 1400], "count": [1, 2, 2, 1]})
    >>> round(geoprofiles.bandwidth_nrd(places), 1)
    110.6
    """
    check_choice(kernel, KERNELS, "kernel")
    points, weights = _folded(places)
    rules = [_normal_rule(axis, weights) for axis in points.T]
    return float(np.mean(rules)) * SAME_SMOOTHING[kernel]


def _normal_rule(values: np.ndarray, weights: np.ndarray) -> float:
    total = weights.sum()
    mean = (weights @ values) / total
    deviation = np.sqrt(weights @ (values - mean) ** 2 / (total - 1))
    lower, upper = (_quantile(values, weights, share) for share in (0.25, 0.75))
    spread = min(deviation, (upper - lower) / 1.34) or deviation
    return float(1.06 * spread * total**-0.2)


def _quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Interpolate between order statistics, of values that come as often as their weights say."""
    order = np.argsort(values)
    upto = np.cumsum(weights[order])
    at = share * (upto[-1] - 1)
    below, above = (
        values[order][min(np.searchsorted(upto, one, side="right"), len(order) - 1)]
        for one in (np.floor(at), np.floor(at) + 1)
    )
    return float(below + (at - np.floor(at)) * (above - below))


def bandwidth_likelihood(
    places: Places,
    areas: Areas,
    *,
    bandwidths: Sequence[float] | None = None,
    kernel: str = "gaussian",
    seed: int = 0,
    progress: Callable[[int, int], object] | None = None,
) -> pd.DataFrame:
    """Choose a bandwidth by how likely the density of all other places makes each.

    Every place is left out in turn, with all its incidents, and found again in the density of the
    others, corrected at the edge of the areas after Diggle so that it adds up to one. The
    bandwidth that makes the places likeliest is chosen (Loader 1999). As incidents at one place
    are left out together, map points and repeats do not drive the bandwidth to nothing.

    Parameters
    ----------
    places : DataFrame
        Places, in metres. Those outside the areas do not count.
    areas : GeoDataFrame
        Areas, in the same metres.
    bandwidths : sequence of float, optional
        In metres, for the kernel named. Without them steps of a fifth, from half the median
        distance between neighbouring places to a quarter of the shorter side of the areas.
    kernel : {"gaussian", "quartic"}
        For which kernel of :func:`hotspot_kde`. The likelihood is that of the Gaussian that
        smooths as much, since one lonely place would rule out any quartic that does not reach
        its neighbour.
    seed : int
        Of the draw of 5,000 places to be left out, where there are more.
    progress : callable, optional
        Called with the bandwidths done and all of them.

    Returns
    -------
    DataFrame
        One row a bandwidth: ``bandwidth``, ``score`` (mean log of how many times likelier an
        incident is than if all were spread evenly; 0 is no better), ``behind`` (the best score less
        this one) and ``behind_se`` (its standard error over places). ``attrs``: ``chosen``,
        ``runner_up``, ``as_good`` (the least and greatest bandwidth less than 2 standard errors
        behind), ``places`` (left out), and ``note``, a sentence.

    Raises
    ------
    InputError
        If fewer than 3 distinct places lie in the areas, or a setting is out of range.
    CRSError
        If areas and places are not in the same metres.

    References
    ----------
    Loader (1999). *Local Regression and Likelihood*, 87-90. Diggle (1985). *Applied
    Statistics* 34, 138-147.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 3e3, 3e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> places = pd.DataFrame({"easting": [500.0, 600, 700, 2500, 2600], "northing": [500.0, 600,
    ...     500, 2500, 2500], "count": 2})
    >>> found = geoprofiles.bandwidth_likelihood(places, areas, bandwidths=[50, 100, 1000])
    >>> found.attrs["chosen"], found["score"].round(2).tolist()
    (100.0, [1.91, 3.04, 0.15])
    """
    check_choice(kernel, KERNELS, "kernel")
    check_areas(areas)
    if places.attrs.get("crs") is not None:
        check_same_crs(places.attrs["crs"], areas.crs, names=("Places", "Areas"))
    check_places(places)
    inside = locate_points(places["easting"], places["northing"], areas) >= 0
    points, weights = _folded(places[inside])
    scale = SAME_SMOOTHING[kernel]
    tried = np.asarray(_ladder(points, areas, scale) if bandwidths is None else bandwidths, float)
    if not len(tried):
        raise InputError("no bandwidth was given to choose from")
    for bandwidth in tried:
        check_positive(float(bandwidth), "bandwidths")
    left_out = np.arange(len(points))
    if len(points) > MOST:
        left_out = np.sort(np.random.default_rng(seed).choice(len(points), MOST, replace=False))
    outline = shapely.union_all(areas.geometry.to_numpy())
    even = weights.sum() / shapely.area(outline)
    logs = np.empty((len(tried), len(left_out)))
    for at, bandwidth in enumerate(tried):
        logs[at] = _log_density(points, weights, left_out, outline, bandwidth / scale)
        if progress is not None:
            progress(at + 1, len(tried))
    # The density of the others holds fewer incidents than all, which must not count against it.
    logs -= np.log(even * (1 - weights[left_out] / weights.sum()))
    return _told(tried, logs, weights[left_out])


def _folded(places: Places) -> tuple[np.ndarray, np.ndarray]:
    """Return distinct points and their weights, where there are enough."""
    points, weights = check_places(places)
    points, weights = points[weights > 0], weights[weights > 0]
    points, number = np.unique(points, axis=0, return_inverse=True)
    if len(points) < FEWEST:
        raise InputError(
            f"{len(points)} distinct places are too few to choose a bandwidth from",
            remedy=f"It takes {FEWEST} at the very least; name a bandwidth in metres instead.",
        )
    return points, np.bincount(number.ravel(), weights)


def _ladder(points: np.ndarray, areas: Areas, scale: float) -> list[float]:
    from scipy.spatial import cKDTree

    spacing = float(np.median(cKDTree(points).query(points, k=2)[0][:, 1]))
    west, south, east, north = areas.total_bounds
    most = min(east - west, north - south) / 4
    least = max(spacing / 2, most / 400)
    steps = int(np.ceil(np.log(most / least) / np.log(_STEP))) if most > least else 0
    rungs = [least * _STEP**step * scale for step in range(steps + 1)]
    return [float(f"{rung:.2g}") for rung in rungs]


def _log_density(
    points: np.ndarray,
    weights: np.ndarray,
    left_out: np.ndarray,
    outline: shapely.Geometry,
    deviation: float,
) -> np.ndarray:
    """Return the log of the density of all other places at each, in incidents per m²."""
    weights = weights / mass_within(points, outline, deviation)
    all_ = kernel_sums(points[left_out], points, weights, deviation, "gaussian")
    own = weights[left_out] / (2 * np.pi * deviation**2)
    rest = all_ - own
    alone = rest <= _LOST * all_
    found = np.empty(len(left_out))
    found[~alone] = np.log(rest[~alone])
    found[alone] = _log_far(points, weights, left_out[alone], deviation)
    return found


def _log_far(
    points: np.ndarray, weights: np.ndarray, asked: np.ndarray, deviation: float
) -> np.ndarray:
    """Return the same for places whose neighbours are all so far that kernels vanish."""
    from scipy.spatial import cKDTree
    from scipy.special import logsumexp

    if not len(asked):
        return np.zeros(0)
    distance, other = cKDTree(points).query(points[asked], k=min(_NEAREST, len(points)))
    heights = -((distance / deviation) ** 2) / 2 - np.log(2 * np.pi * deviation**2)
    weight = np.where(other == asked[:, None], 0, weights[other])
    return np.asarray(logsumexp(heights, axis=1, b=weight))


def _told(bandwidths: np.ndarray, logs: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    score = logs @ weights / weights.sum()
    order = np.argsort(-score, kind="stable")
    behind = logs[order[0]] - logs
    # Of a weighted mean over places, which are what is drawn.
    residual = (behind - (score[order[0]] - score)[:, None]) * weights
    error = np.sqrt((residual**2).sum(axis=1)) / weights.sum()
    found = pd.DataFrame(
        {
            "bandwidth": bandwidths,
            "score": score,
            "behind": score[order[0]] - score,
            "behind_se": error,
        }
    )
    chosen = float(bandwidths[order[0]])
    as_good = bandwidths[found["behind"] <= 2 * error]
    second = float(bandwidths[order[1]]) if len(order) > 1 else None
    found.attrs = {
        "chosen": chosen,
        "runner_up": second,
        "as_good": (float(as_good.min()), float(as_good.max())),
        "places": len(weights),
        "note": _note(chosen, second, as_good, score[order[0]], bandwidths),
    }
    return found


def _note(
    chosen: float, second: float | None, as_good: np.ndarray, best: float, tried: np.ndarray
) -> str:
    parts = [
        f"A bandwidth of {chosen:,.0f} m makes each place {np.exp(best):.1f} times as likely, told"
        " from all others, as incidents spread evenly would."
    ]
    if best <= 0:
        parts = [f"No bandwidth tells more of each place than an even spread; {chosen:,.0f} m is"
                 " the nearest to it."]  # fmt: skip
    if second is not None:
        parts.append(f"Next best: {second:,.0f} m.")
    if as_good.min() < as_good.max():
        parts.append(
            f"From {as_good.min():,.0f} to {as_good.max():,.0f} m chance does not tell them apart."
        )
    if len(tried) > 1 and chosen in (tried.min(), tried.max()):
        end = "least" if chosen == tried.min() else "greatest"
        parts.append(f"It is the {end} that was tried: the best may lie beyond.")
    return " ".join(parts)

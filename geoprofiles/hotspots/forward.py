"""Bandwidths by a forward test: fitted on earlier months, scored on later ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import Cells, Places, check_columns
from geoprofiles.hotspots.accuracy import captured_share, measured, over_folds
from geoprofiles.hotspots.borders import Borders, highest
from geoprofiles.hotspots.density import EDGES, KERNELS, hotspot_kde
from geoprofiles.hotspots.units import count_places

BANDWIDTHS = {
    "gaussian": (100, 150, 200, 300, 400, 500, 700, 1000),
    "quartic": (300, 400, 600, 800, 1100, 1400, 2000, 2800),
}
"""Metres that are tried where none are said; a quartic radius smooths as a Gaussian of a 2.8th."""


class Fold(NamedTuple):
    """A period that is foretold, and what was known before it."""

    start: str
    """Its first month."""
    happened: np.ndarray
    """Its incidents by cell."""
    known: Places
    """Those of all months before."""
    before: np.ndarray
    """The same by cell."""
    years: float
    """That they span."""
    last_year: np.ndarray
    """Of the last 12 months before, or as many as there are."""


def forward_test(  # noqa: PLR0913
    places: pd.DataFrame,
    cells: Cells,
    *,
    bandwidths: Sequence[float] | None = None,
    kernel: str = "gaussian",
    share: float = 0.01,
    test_months: int = 3,
    folds: int = 3,
    edge: str = "none",
    progress: Callable[[int, int], object] | None = None,
) -> pd.DataFrame:
    """Choose a bandwidth by how well earlier months foretell later ones.

    The last months are cut into `folds` periods of `test_months`. For each, a density is made of
    all the months before it, and asked what share of the period's incidents lies in the densest
    `share` of the area. The bandwidth that captures most on average is chosen. Counts of the
    earlier months in the same cells are the baseline: a density that does not beat them is
    only a picture.

    Parameters
    ----------
    places : DataFrame
        One row a place and month: ``easting``, ``northing`` in metres, ``month``, and ``count`` or
        ``rows``, how many incidents.
    cells : GeoDataFrame
        Cells, as :func:`grid_over` makes them.
    bandwidths : sequence of float, optional
        In metres: those of :func:`hotspot_kde`. Where not said, 100 to 1,000 m of the Gaussian,
        or 300 to 2,800 m of the quartic kernel, which smooth alike.
    kernel : {"quartic", "gaussian"}
        The kernel.
    share : float
        Of the area, by which bandwidths are judged.
    test_months, folds : int
        Length and number of the periods that are foretold.
    edge : {"none", "uniform", "diggle"}
        What is done at the edge, as in :func:`hotspot_kde`; test the surface that will be shown.
    progress : callable, optional
        Called with the densities made and all of them.

    Returns
    -------
    DataFrame
        One row a bandwidth: ``bandwidth``, ``captured`` (mean share over the folds), ``lowest`` and
        ``highest`` of the folds, ``pai`` (captured over `share`), and the other indices of
        :func:`accuracy_curve`, each from the means of what it is a ratio of: ``pei_star``,
        ``per_km2``, ``area_to_perimeter``, ``rri_levine``, ``rri_wheeler`` (by density times area
        times the length of a fold); all but ``per_km2`` with ``_lowest`` and ``_highest`` of the
        folds. ``attrs``: ``chosen``, ``runner_up``, ``baseline`` (captured by earlier counts),
        ``folds`` (first month, incidents), and ``note``, a sentence. Of bandwidths that capture as
        much, the first given is chosen. How far folds differ is the doubt on it; one fold tells
        none.

    Raises
    ------
    InputError
        If a column is missing, a place or month is not known, a setting is out of range, there are
        too few months, or a fold has no incident to learn from or to foretell.

    References
    ----------
    Chainey, Tompson and Uhlig (2008). *Security Journal* 21, 4-28.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 3e3, 3e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> months = pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01"])
    >>> places = pd.DataFrame({"easting": [500.0, 520, 540], "northing": 500.0, "month": months,
    ...     "count": 4})
    >>> found = geoprofiles.forward_test(places, geoprofiles.grid_over(areas, cell=100),
    ...     bandwidths=[100, 500], share=0.05, test_months=1, folds=2)
    >>> found[["bandwidth", "captured"]].values.tolist()
    [[100.0, 1.0], [500.0, 1.0]]
    """
    check_choice(kernel, KERNELS, "kernel")
    check_choice(edge, EDGES, "edge")
    if not 0 < share <= 1:
        raise InputError(f"'share' must lie above 0 and be at most 1; it is {share!r}")
    bandwidths = BANDWIDTHS[kernel] if bandwidths is None else bandwidths
    if not len(bandwidths):
        raise InputError("a forward test needs a bandwidth")
    held = held_out(places, cells, test_months=test_months, folds=folds)
    area, wanted = cells["area_km2"].to_numpy(dtype=float), np.array([share])
    borders = Borders.of(cells)
    rows, captured = [], np.zeros((len(bandwidths), folds))
    for at, bandwidth in enumerate(bandwidths):
        sums = []
        for number, fold in enumerate(held):
            surface = hotspot_kde(
                fold.known, cells, bandwidth=bandwidth, kernel=kernel, years=fold.years, edge=edge
            )
            density = surface["density"].to_numpy()
            said = density * area * test_months / 12
            one = measured(
                highest(density, area, wanted),
                area,
                fold.happened,
                wanted,
                borders,
                before=fold.before,
                predicted=said,
            )
            sums.append(one)
            captured[at, number] = one["captured"].iloc[0]
            if progress is not None:
                progress(at * folds + number + 1, folds * len(bandwidths))
        rows.append(over_folds(sums))
    found = pd.concat(rows, ignore_index=True).drop(columns=["area_share", "area_km2", "best"])
    found.insert(0, "bandwidth", np.asarray(bandwidths, dtype=float))
    mean = found["captured"].to_numpy()
    order = np.argsort(-mean, kind="stable")
    chosen = float(found["bandwidth"].iloc[order[0]])
    second = float(found["bandwidth"].iloc[order[1]]) if len(order) > 1 else None
    by_counts = float(
        np.mean([captured_share(f.before / area, area, f.happened, wanted)[0] for f in held])
    )
    beats = "more than" if mean[order[0]] > by_counts else "no more than"
    found.attrs = {
        "chosen": chosen,
        "runner_up": second,
        "baseline": by_counts,
        "folds": [(fold.start, int(fold.happened.sum())) for fold in held],
        "note": (
            f"A bandwidth of {chosen:,.0f} m captures {mean[order[0]]:.1%} of later incidents in"
            f" the densest {share:.1%} of the area, {beats} the counts of earlier months in the"
            f" same cells ({by_counts:.1%})." + _doubt(captured, order, second)
        ),
    }
    return found


def held_out(places: pd.DataFrame, cells: Cells, *, test_months: int, folds: int) -> list[Fold]:
    """Cut the last months into periods, and put beside each what was known before it."""
    number = "count" if "count" in places else "rows"
    check_columns(places, ["easting", "northing", "month", number], what="Places by month")
    check_columns(cells, ["area_km2"], what="Cells")
    if test_months < 1 or folds < 1:
        raise InputError("a forward test needs a fold, and a month to foretell")
    table = pd.DataFrame(places[["easting", "northing"]]).assign(
        month=pd.to_datetime(places["month"]).dt.to_period("M"), count=places[number]
    )
    table.attrs = {}
    if table.empty:
        raise InputError("there is no incident to learn from")
    if table["month"].isna().any():
        raise InputError(
            f"{int(table['month'].isna().sum()):,} rows have no month",
            remedy="Leave them out: they cannot be put before or after others.",
        )
    first, last = table["month"].min(), table["month"].max()
    if (last - first).n + 1 <= test_months * folds:
        raise InputError(
            f"{(last - first).n + 1} months are too few to foretell {folds} times {test_months}",
            remedy="Give more months, or fewer or shorter folds: some must be left to learn from.",
        )
    held = []
    for fold in reversed(range(folds)):
        start = last - test_months * (fold + 1) + 1
        known = _folded(table[table["month"] < start])
        period = table["month"].between(start, start + test_months - 1)
        year = table["month"].between(start - 12, start - 1)
        before, happened, last_year = (
            count_places(one, cells).to_numpy()
            for one in (known, _folded(table[period]), _folded(table[year]))
        )
        if not happened.any() or not before.any():
            raise InputError(
                f"there is no incident in the cells to learn from before {start}, or to foretell"
                f" in the {test_months} months from it",
                remedy="Give longer folds, or more incidents.",
            )
        years = (start - first).n / 12
        held.append(Fold(str(start), happened, known, before, years, last_year))
    return held


def _folded(rows: pd.DataFrame) -> pd.DataFrame:
    """Fold months to distinct places."""
    return rows.groupby(["easting", "northing"], as_index=False, dropna=False)["count"].sum()


def _doubt(captured: np.ndarray, order: np.ndarray, second: float | None) -> str:
    """Say how the next best did, and whether the folds tell the two apart."""
    if second is None:
        return ""
    best, next_best = captured[order[0]], captured[order[1]]
    told = f" Next best: {second:,.0f} m, {next_best.mean():.1%}"
    if captured.shape[1] == 1:
        return f"{told}; one fold does not tell how sure that is."
    if not (best > next_best).all():
        return f"{told}, which the folds do not tell apart from it."
    return f"{told}, less in every fold."

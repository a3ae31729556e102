"""How the commands on density come by a bandwidth that was not said."""

from __future__ import annotations

from typing import Any

import click

from geoprofiles.cli.options import F, progress_bar, tell
from geoprofiles.errors import InputError

WAYS = ("rule", "nrd", "likelihood", "forward")

_MONTHS = 9
"""That a forward test foretells; more are needed, to learn from."""


def bandwidth_options(function: F) -> F:
    """``--bandwidth``, ``--bandwidth-by`` and ``--kernel``."""
    for option in (
        click.option(
            "--kernel",
            type=click.Choice(["quartic", "gaussian"]),
            default="quartic",
            show_default=True,
        ),
        click.option(
            "--bandwidth-by",
            type=click.Choice(WAYS),
            help="How to choose it: by the size of the city and the spacing of places (rule, the"
            " default), by the normal rule of other programs (nrd), by how likely each place is"
            " given all others (likelihood), or by how well earlier months foretell later"
            " ones (forward).",
        ),
        click.option(
            "--bandwidth",
            type=float,
            metavar="METRES",
            help="Radius of the quartic kernel, or standard deviation of the Gaussian.",
        ),
    ):
        function = option(function)
    return function


def chosen_bandwidth(
    bandwidth: float | None,
    by: str | None,
    kernel: str,
    counted: Any,
    boundaries: Any,
    *,
    cell: float | None = None,
    edge: str = "diggle",
    quiet: bool = False,
) -> float:
    """Return the bandwidth that was said, or choose one and tell how."""
    import geoprofiles
    from geoprofiles.hotspots.bandwidths import SAME_SMOOTHING

    if bandwidth is not None:
        if by is not None:
            raise click.UsageError("--bandwidth says it already: leave out --bandwidth-by.")
        return bandwidth
    places = geoprofiles.distinct_places(counted)
    if by == "nrd":
        found = geoprofiles.bandwidth_nrd(places, kernel=kernel)
        found = float(f"{found:.2g}")
        reason = "the normal rule, which takes the city for one heap and smooths a lot"
    elif by == "likelihood":
        with progress_bar(quiet=quiet) as shown:
            table = geoprofiles.bandwidth_likelihood(
                places, boundaries, kernel=kernel, progress=_progress(shown)
            )
        found, reason = table.attrs["chosen"], table.attrs["note"]
    elif by == "forward":
        found, reason = _forward(counted, boundaries, kernel, cell, edge, quiet)
    else:
        radius, reason = geoprofiles.suggest_bandwidth(boundaries, places=places)
        found = radius
        if kernel == "gaussian":
            found = float(f"{radius / SAME_SMOOTHING['quartic']:.2g}")
            reason = f"smooths as a quartic of {radius:g} m, {reason}"
    tell(f"bandwidth {found:g} m: {reason}", quiet=quiet)
    return found


def _forward(
    counted: Any, boundaries: Any, kernel: str, cell: float | None, edge: str, quiet: bool
) -> tuple[float, str]:
    """Choose by a forward test, on the cells that will be shown or on the usual ones."""
    import geoprofiles
    from geoprofiles.hotspots.density import suggest_cell
    from geoprofiles.hotspots.forward import BANDWIDTHS
    from geoprofiles.hotspots.forward_accuracy import forward_bandwidth

    first, last = counted["month"].min(), counted["month"].max()
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    if months <= _MONTHS:
        raise InputError(
            f"a forward test foretells 3 times 3 months from those before, and these incidents"
            f" span {months} {'month' if months == 1 else 'months'}",
            remedy="Give at least 10 months, or use --bandwidth-by likelihood, which needs none.",
        )
    side = cell or suggest_cell(boundaries)[0]
    # A kernel narrower than the cells would fall between their middles.
    tried = [float(one) for one in BANDWIDTHS[kernel] if one >= side] or [side]
    by_month = counted.groupby(["easting", "northing", "month"]).size()
    with progress_bar(quiet=quiet) as shown:
        table = geoprofiles.forward_accuracy(
            by_month.reset_index(name="count"),
            geoprofiles.grid_over(boundaries, cell=side),
            bandwidths=tried,
            methods=(kernel,),
            edge=edge,
            progress=_progress(shown),
        )
    return forward_bandwidth(table)


def _progress(shown: Any) -> Any:
    return None if shown is None else lambda done, every: shown("bandwidths", done, every)

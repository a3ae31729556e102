"""Whether an operation moved crime or lowered it: the weighted displacement difference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import special

from geoprofiles.errors import InputError

FEW = 5
"""Incidents in any one count below which the normal limits are rough."""

UNLIKE = 2.0
"""Times by which treated and control ground may differ before the operation and be called alike."""

FALL, RISE, UNSURE = "fall", "rise", "cannot be told from chance"
PARTS = ("treated", "displacement", "total")
Pair = Sequence[float]


def displacement_difference(
    treated: Pair,
    control: Pair,
    *,
    displacement: Pair | None = None,
    displacement_control: Pair | None = None,
    lengths: Pair = (1.0, 1.0),
    sizes: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate how many incidents an operation prevented, there and around: the WDD.

    ``WDD = (T1 - T0) - (C1 - C0) + (D1 - D0) - (E1 - E0)``, with T treated, C its control, D where
    crime may have moved to and E the control of that, before (0) and after (1). Its variance is
    the sum of the counts, each being Poisson.

    Parameters
    ----------
    treated, control : pair of int
        Incidents before and after the start, where the operation ran and where it did not.
    displacement, displacement_control : pair of int, optional
        Of the ground around where it ran, and of ground like that. Both or neither.
    lengths : pair of float
        How long the period before and the period after are, in one unit such as days. Earlier
        counts are scaled to the later length, so that the estimate is of incidents in that time.
    sizes : four floats
        Sizes (street kilometres, premises) of treated, control, displacement and its control, by
        which each count is divided. Give them as times the treated ground, (1, 1.3, 1, 0.8), and
        the estimate stays in incidents there.
    confidence : float
        Of the limits.

    Returns
    -------
    DataFrame
        Index ``part``: ``"treated"`` and, where displacement was given, ``"displacement"`` and
        ``"total"``. ``estimate`` (below 0: fewer incidents than without the operation), ``se``,
        ``z``, ``p`` (two-sided), ``lower``, ``upper``, ``verdict``: ``"fall"``, ``"rise"`` or
        ``"cannot be told from chance"``. ``attrs["sentences"]`` say what the operation may be said
        to have done, ``attrs["notes"]`` what that rests on.

    Raises
    ------
    InputError
        If a count is negative or not known, or not a pair; if displacement has no control; if
        a length or size is not above 0; or if there is no incident at all.

    Notes
    -----
    Without the operation, treated and control ground are taken to change by as many incidents,
    not by as many percent: choose control ground with counts alike. Ground chosen because it was
    at its worst falls back by itself.

    References
    ----------
    Wheeler and Ratcliffe (2018). *Crime Science* 7, 11.

    Examples
    --------
    >>> import geoprofiles
    >>> table = geoprofiles.displacement_difference((207, 110), (308, 318),
    ...     displacement=(178, 157), displacement_control=(150, 140))
    >>> table.loc["total", ["estimate", "se", "z"]].astype(float).round(2).tolist()
    [-118.0, 39.6, -2.98]
    >>> print(table.attrs["sentences"][2])
    In all, 118 fewer incidents than without it (40 to 196 fewer).
    """
    counts = _counts(treated, control, displacement, displacement_control)
    scale = _scales(lengths, sizes)
    if not 0 < confidence < 1:
        raise InputError(f"'confidence' must lie between 0 and 1; it is {confidence!r}")
    scaled = counts * scale
    change = scaled[:, 1] - scaled[:, 0]
    variance = (counts * scale**2).sum(axis=1)
    estimates = [change[0] - change[1], change[2] - change[3]]
    variances = [variance[0] + variance[1], variance[2] + variance[3]]
    parts = PARTS if displacement is not None else PARTS[:1]
    table = pd.DataFrame(
        {
            "estimate": [*estimates, sum(estimates)][: len(parts)],
            "se": np.sqrt([*variances, sum(variances)])[: len(parts)],
        },
        index=pd.Index(parts, name="part"),
    )
    table["z"] = table["estimate"] / table["se"].where(table["se"] > 0)
    table["p"] = 2 * special.ndtr(-table["z"].abs())
    reach = special.ndtri(0.5 + confidence / 2) * table["se"]
    table["lower"], table["upper"] = table["estimate"] - reach, table["estimate"] + reach
    table["verdict"] = np.select([table["upper"] < 0, table["lower"] > 0], [FALL, RISE], UNSURE)
    table.attrs = {
        "sentences": _sentences(table),
        "notes": _notes(counts, scaled, given=displacement is not None),
    }
    return table


def _counts(
    treated: Pair, control: Pair, displacement: Pair | None, displacement_control: Pair | None
) -> np.ndarray:
    """Return the counts, before and after in columns; refuse what is no pair of counts."""
    if (displacement is None) != (displacement_control is None):
        raise InputError(
            "'displacement' and 'displacement_control' go together",
            remedy="Without ground like that around, what happened around cannot be told from"
            " what happened everywhere; leave both out.",
        )
    given = {
        "treated": treated,
        "control": control,
        "displacement": (0, 0) if displacement is None else displacement,
        "displacement_control": (0, 0) if displacement_control is None else displacement_control,
    }
    for name, pair in given.items():
        values = np.asarray(pair, dtype=float)
        if values.shape != (2,):
            raise InputError(f"'{name}' must be two counts, before and after; it is {pair!r}")
        if not (np.isfinite(values) & (values >= 0)).all():
            raise InputError(f"a count of '{name}' is negative or not known: {pair!r}")
        if not np.array_equal(values, np.floor(values)):
            raise InputError(f"a count of '{name}' is not whole: {pair!r}")
    counts = np.array(list(given.values()), dtype=float)
    if not counts[:2].sum():
        raise InputError("there is no incident in the treated ground or its control")
    return counts


def _scales(lengths: Pair, sizes: Sequence[float]) -> np.ndarray:
    for values, name, number in ((lengths, "lengths", 2), (sizes, "sizes", 4)):
        one = np.asarray(values, dtype=float)
        if one.shape != (number,) or not (np.isfinite(one) & (one > 0)).all():
            raise InputError(f"'{name}' must be {number} numbers above 0; it is {values!r}")
    before, after = lengths
    return np.array([[after / before, 1.0]]) / np.asarray(sizes, dtype=float)[:, None]


def _sentences(table: pd.DataFrame) -> list[str]:
    """Say of each part what may be said, and no more."""
    said = []
    for part, row in table.iterrows():
        number, span = _number(abs(row["estimate"])), _span(row)
        sure = row["verdict"] != UNSURE
        way = "fewer" if row["estimate"] < 0 else "more"
        if part == "treated" and sure:
            said.append(
                f"Where the operation ran there were {number} {way} incidents than the control"
                f" ground leads one to expect ({span})."
            )
        elif part == "treated":
            said.append(
                "Where the operation ran, the change cannot be told from chance:"
                f" {span} than the control ground leads one to expect."
            )
        elif part == "displacement" and sure:
            what = "The benefit spread" if way == "fewer" else "Crime moved"
            said.append(f"{what} to the ground around: {number} {way} incidents there ({span}).")
        elif part == "displacement":
            said.append(
                f"Whether crime moved around the corner is not known: {span} there than expected."
            )
        elif sure:
            said.append(f"In all, {number} {way} incidents than without it ({span}).")
        else:
            said.append(f"In all, it is not shown to have changed anything: {span} incidents.")
    return said


def _span(row: pd.Series) -> str:
    low, high = float(row["lower"]), float(row["upper"])
    if high < 0:
        return f"{_number(-high)} to {_number(-low)} fewer"
    if low > 0:
        return f"{_number(low)} to {_number(high)} more"
    return f"anything from {_number(-low)} fewer to {_number(high)} more"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:,.1f}".removesuffix(".0")


def _notes(counts: np.ndarray, scaled: np.ndarray, *, given: bool) -> list[str]:
    notes = [
        "Without the operation, treated and control ground are taken to change by as many"
        " incidents. Counts are taken to vary as Poisson's do; where they vary more, the limits are"
        " too narrow."
    ]
    pairs = [(0, 1, "treated")] + ([(2, 3, "surrounding")] if given else [])
    for own, other, name in pairs:
        low, high = sorted((scaled[own, 0], scaled[other, 0]))
        if high > UNLIKE * max(low, 1):
            notes.append(
                f"Before the operation the {name} ground and its control were not alike"
                f" ({_number(scaled[own, 0])} and {_number(scaled[other, 0])} incidents), so as"
                " many more or fewer means another thing in each."
            )
    used = counts[: 4 if given else 2]
    if (used < FEW).any():
        notes.append(f"One of the counts is under {FEW}: the limits are rough.")
    return notes

"""Repeat victimisation: how many of the same targets are hit again, and how soon."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import Incidents, check_columns
from geoprofiles.hotspots.near_pairs import check_bands, time_label
from geoprofiles.hotspots.places import placed
from geoprofiles.hotspots.resolution import (
    MAP_POINTS,
    counted_rows,
    lattice_step,
    need_any,
    need_days,
    snapped,
)

DRAWS_AT_ONCE = 2_000_000
Z = 1.959963984540054


def repeat_table(
    incidents: Incidents,
    *,
    target: str | None = None,
    at_risk: int | None = None,
    simulations: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """Count targets by how many incidents each had.

    Parameters
    ----------
    incidents : DataFrame
        ``easting``, ``northing``; refused rows are left out.
    target : str, optional
        Column that names the target: an address, a business, a person's pseudonym. Names that
        differ in capitals or spaces alone are the same. Where none is given it is the place: the
        same easting and northing to the metre.
    at_risk : int, optional
        How many targets there are, hit or not, such as the business premises of the city. Then
        the table is compared with incidents falling on them by chance.
    simulations : int
        How often incidents are dealt to the targets at risk.
    seed : int
        Of the dealing.

    Returns
    -------
    DataFrame
        Index ``incidents_each``: 1, 2, ... and, with `at_risk`, 0. ``targets``; ``incidents``;
        ``share_of_targets`` and ``share_of_incidents`` (of the targets hit, and of their
        incidents); ``expected``: the targets that would have so many if each incident fell on any
        of those at risk alike (NaN without `at_risk`). ``attrs`` holds ``targets`` (hit),
        ``incidents``, ``repeats`` (incidents after the first of each target), ``repeat_share``,
        ``left_out``; with `at_risk` also ``expected_repeats`` and ``p`` (of so many repeats by
        chance, one-sided); ``note`` and ``summary``.

    Raises
    ------
    InputError
        If the column is missing, no row names a target, there are more targets hit than at risk,
        or places are asked for and the data tell no places apart: they stand on map points, or
        are rounded.

    Notes
    -----
    Incidents per target depend on how long the period is: compare periods of one length only.
    Chance puts several incidents on some targets too. More repeats than that means that some
    targets are always at more risk than others, or that one incident leads to the next; the table
    alone does not tell which: :func:`days_to_next` and :func:`near_repeats` ask when.

    References
    ----------
    Feller (1968). *An Introduction to Probability Theory and Its Applications*, volume 1,
    chapter II.5, of balls dealt to cells.
    Tseloni and Pease (2003). *British Journal of Criminology* 43, 196-212.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> incidents = pd.DataFrame({"easting": [450105.0, 450105.0, 453827.0],
    ...     "northing": [58913.0, 58913.0, 59343.0], "shop": ["Fox & Co", "fox & co ", "Anchor"]})
    >>> geoprofiles.repeat_table(incidents, target="shop")["targets"].to_dict()
    {1: 1, 2: 1}
    """
    if at_risk is not None and (
        isinstance(at_risk, bool) or at_risk != int(at_risk) or at_risk < 1
    ):
        raise InputError(f"'at_risk' must be a whole number above 0; it is {at_risk!r}")
    counted = counted_rows(incidents)
    names = _targets(counted, incidents, target)
    hits = counted.loc[names.notna(), "n"].groupby(names.dropna()).sum().astype(int)
    if at_risk is not None and len(hits) > at_risk:
        raise InputError(
            f"{len(hits):,} targets were hit, more than the {at_risk:,} that 'at_risk' says there"
            " are"
        )
    total = int(hits.sum())
    targets = np.bincount(hits)
    if at_risk is None:
        targets = targets[1:]
        each = np.arange(1, len(targets) + 1)
    else:
        targets[0] = at_risk - len(hits)
        each = np.arange(len(targets))
    table = pd.DataFrame(
        {
            "targets": targets,
            "incidents": targets * each,
            "share_of_targets": np.where(each > 0, targets / len(hits), np.nan),
            "share_of_incidents": targets * each / total,
            "expected": np.nan if at_risk is None else _binomial(each, total, at_risk),
        },
        index=pd.Index(each, name="incidents_each"),
    )
    table = table[(table["targets"] > 0) | (table.index <= 1)]
    repeats = total - len(hits)
    table.attrs = {
        "targets": len(hits),
        "incidents": total,
        "repeats": repeats,
        "repeat_share": repeats / total,
        "left_out": int(counted.loc[names.isna(), "n"].sum()),
    }
    if at_risk is not None:
        unhit = at_risk * (1 - 1 / at_risk) ** total
        table.attrs["expected_repeats"] = total - (at_risk - unhit)
        table.attrs["p"] = _p_of_repeats(repeats, total, at_risk, simulations, seed)
    table.attrs |= {"note": _note(table, target, at_risk), "summary": _summary(table, hits)}
    return table


def days_to_next(
    incidents: Incidents,
    *,
    target: str | None = None,
    time_bands: Sequence[float] = (0, 7, 14, 21, 28, 56, 91, 182, 365),
) -> pd.DataFrame:
    """Say how soon a target is hit again, corrected for the end of the period.

    An incident near the end of the period cannot be followed for long, so that the plain table
    of days between incidents makes quick repeats look more common than they are. Kaplan and
    Meier's estimate counts each incident for as long as it was watched.

    Parameters
    ----------
    incidents : DataFrame
        ``easting``, ``northing``, ``start``; refused rows are left out.
    target : str, optional
        As for :func:`repeat_table`.
    time_bands : list of float
        Edges in whole days, rising; a band runs from its edge to just under the next.

    Returns
    -------
    DataFrame
        One row a band: ``time`` (in words), ``time_from``, ``time_to``; ``watched``, the incidents
        watched that long and not yet followed by another; ``followed``, those followed within the
        band; ``plain_share``, of all that were followed; ``risk``, the chance to be followed
        before the band ends, with the limits ``low`` and ``high`` (95%, Greenwood, log-log). NaN
        where none was watched that long, and no limits where none or all were followed.
        ``attrs["note"]`` says how it was made.

    Raises
    ------
    InputError
        If the rows have the month only, or as for :func:`repeat_table`.

    Notes
    -----
    The period ends with the last incident of the data. Incidents on the same day follow each
    other after 0 days, in the order of their rows.

    References
    ----------
    Kaplan and Meier (1958). *Journal of the American Statistical Association* 53, 457-481.
    Polvi, Looman, Humphries and Pease (1991). *British Journal of Criminology* 31, 411-414.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> incidents = pd.DataFrame({"easting": [450105.0, 450105.0, 453827.0],
    ...     "northing": [58913.0, 58913.0, 59343.0],
    ...     "start": pd.to_datetime(["2026-01-05", "2026-01-15", "2026-01-20"])})
    >>> soon = geoprofiles.days_to_next(incidents, time_bands=(0, 7, 14))
    >>> soon[["time", "watched", "followed", "risk"]].values.tolist()
    [['0 to 6 days', 3, 0, 0.0], ['7 to 13 days', 1, 1, 1.0]]
    """
    edges = check_bands(time_bands, "time_bands", whole=True)
    counted = counted_rows(incidents)
    need_days(counted, "days to the next incident")
    names = _targets(counted, incidents, target)
    keep = (names.notna() & counted["start"].notna()).to_numpy()
    frame = counted[keep].assign(target=names[keep])
    frame = frame.iloc[np.repeat(np.arange(len(frame)), frame["n"].astype(int))]
    times = frame["start"].dt.tz_localize(None) if frame["start"].dt.tz else frame["start"]
    frame = frame.assign(day=times.to_numpy().astype("datetime64[D]").astype(np.int64))
    frame = frame.sort_values("day", kind="stable")
    gap = -frame.groupby("target")["day"].diff(-1)
    followed = gap.notna().to_numpy()
    watched = np.where(followed, gap, frame["day"].max() - frame["day"]).astype(np.int64)
    table = _survival(watched, followed, edges)
    left = int((~keep).sum())
    table.attrs["note"] = (
        f"{len(frame):,} incidents, of which {int(followed.sum()):,} were followed by another at"
        " the same target before the data end. Risk is corrected for the end of the data (Kaplan"
        " and Meier)." + (f" {left:,} without a target or a date are left out." if left else "")
    )
    return table


def _targets(counted: pd.DataFrame, incidents: pd.DataFrame, target: str | None) -> pd.Series:
    """Name each row's target; NA where it has none."""
    need_any(counted)
    if target is not None:
        check_columns(counted, [target], what="Incidents")
        names = counted[target].astype("string").str.split().str.join(" ").str.casefold()
        names = names.mask(names == "")
    else:
        if snapped(incidents):
            raise InputError(
                f"repeats at the same place cannot be told from fixed map points: {MAP_POINTS}",
                remedy="Name a column of targets, or use records with addresses.",
            )
        step = lattice_step(incidents)
        if step:
            raise InputError(
                f"repeats at the same place cannot be told: coordinates are rounded to {step:g} m",
                remedy="Name a column of targets, or use exact records.",
            )
        metres = counted[["easting", "northing"]].round()
        names = metres["easting"].astype("string") + " " + metres["northing"].astype("string")
        names = names.mask(~placed(counted))
    if names.isna().all():
        raise InputError(
            "no incident has a place of its own"
            if target is None
            else f"no row names a target in '{target}'"
        )
    return names


def _binomial(each: np.ndarray, total: int, at_risk: int) -> np.ndarray:
    from scipy import stats

    return np.asarray(at_risk * stats.binom.pmf(each, total, 1 / at_risk))


def _p_of_repeats(repeats: int, total: int, at_risk: int, simulations: int, seed: int) -> float:
    """Deal incidents to targets and see how often as many or more fall on one already hit."""
    rng = np.random.default_rng(seed)
    as_many, step = 0, max(1, DRAWS_AT_ONCE // total)
    for done in range(0, simulations, step):
        drawn = np.sort(rng.integers(0, at_risk, (min(step, simulations - done), total)), axis=1)
        as_many += int(((drawn[:, 1:] == drawn[:, :-1]).sum(axis=1) >= repeats).sum())
    return (1 + as_many) / (1 + simulations)


def _survival(watched: np.ndarray, followed: np.ndarray, edges: np.ndarray) -> pd.DataFrame:
    """Kaplan and Meier's estimate at the end of each band, with limits on the log-log scale."""
    days, at = np.unique(watched, return_inverse=True)
    events = np.bincount(at, followed, minlength=len(days))
    at_risk = len(watched) - np.concatenate([[0], np.cumsum(np.bincount(at))[:-1]])
    staying = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(events / (at_risk * (at_risk - events))))
        reach = Z * spread / np.log(staying)  # below 0
        low, high = 1 - staying ** np.exp(reach), 1 - staying ** np.exp(-reach)
    told = (staying > 0) & (staying < 1)
    low, high = np.where(told, low, np.nan), np.where(told, high, np.nan)
    rows = []
    for start, stop in pairwise(edges):
        last = int(np.searchsorted(days, stop, side="left")) - 1
        number = int((watched >= start).sum())
        within = int((followed & (watched >= start) & (watched < stop)).sum())
        share = within / followed.sum() if followed.any() else np.nan
        risk = (1 - staying[last], low[last], high[last]) if last >= 0 else (0.0, np.nan, np.nan)
        band = (time_label(start, stop), int(start), int(stop), number, within, share)
        rows.append((*band, *(risk if number else (np.nan,) * 3)))
    names = ["time", "time_from", "time_to", "watched", "followed", "plain_share", "risk", "low"]
    return pd.DataFrame(rows, columns=[*names, "high"])


def _note(table: pd.DataFrame, target: str | None, at_risk: int | None) -> str:
    facts = table.attrs
    named = f"the target named in '{target}'" if target else "the same place, to the metre"
    said = [f"A repeat is another incident at {named}."]
    if facts["left_out"]:
        said.append(f"{facts['left_out']:,} incidents without one are left out.")
    if at_risk is None:
        said.append("How many targets there are was not given: no comparison with chance.")
    else:
        said.append(f"Chance: each incident falls on any of {at_risk:,} targets alike.")
    return " ".join(said)


def _summary(table: pd.DataFrame, hits: pd.Series) -> str:
    facts = table.attrs
    several = int((hits > 1).sum())
    held = int(hits[hits > 1].sum())
    text = (
        f"{several:,} of {facts['targets']:,} targets hit ({several / facts['targets']:.1%}) were"
        f" hit more than once, and had {held:,} of {facts['incidents']:,} incidents"
        f" ({held / facts['incidents']:.1%})."
    )
    if "p" in facts:
        text += (
            f" {facts['repeats']:,} incidents were repeats; chance would give"
            f" {facts['expected_repeats']:.1f} (p {facts['p']:.3f})."
        )
    return text

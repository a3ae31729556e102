"""Chains of incidents near in space and time, and which of them came first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoprofiles.checks import check_positive
from geoprofiles.frames import Incidents
from geoprofiles.hotspots.near_pairs import SAME_PLACE, Events, near_pairs, read_events


def near_repeat_chains(
    incidents: Incidents, *, within: float = 200.0, days: int = 14, distance: str = "euclidean"
) -> pd.DataFrame:
    """Link incidents near in space and time into chains, and say which came first.

    Two incidents are linked when they are less than `within` metres and fewer than `days` days
    apart. Incidents linked to one another, directly or through others, are a chain.

    Parameters
    ----------
    incidents : DataFrame
        As for :func:`near_repeats`.
    within : float
        Metres: linked if nearer.
    days : int
        Days: linked if fewer.
    distance : {"euclidean", "manhattan"}
        As for :func:`near_repeats`.

    Returns
    -------
    DataFrame
        The index of the incidents. ``chain``: its number, 1 the largest, or NA; ``size`` of the
        chain; ``role``: ``"originator"`` (nothing linked came before), ``"repeat"`` (something
        linked came before at the same place, nearer than 1 m), ``"near repeat"`` (something linked
        came before, but elsewhere), or NA. ``attrs`` holds the number of ``chains`` and of
        ``links``; ``half_life``, the median days between linked incidents; ``half_distance``, the
        median metres between those linked that are not at the same place; and ``note``.

    Raises
    ------
    InputError
        As for :func:`near_repeats`.

    Notes
    -----
    Of incidents on the same day the one whose row stands first counts as the earlier. Chains are
    also found where nothing but chance is at work: :func:`near_repeats` says whether there is
    more. If dates were spread evenly the half-life would be near half of `days`.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> incidents = pd.DataFrame({"easting": [450000.0, 450060.0, 450000.0, 459000.0],
    ...     "northing": 60000.0,
    ...     "start": pd.to_datetime(["2026-01-05", "2026-01-08", "2026-01-09", "2026-01-09"])})
    >>> geoprofiles.near_repeat_chains(incidents)["role"].tolist()
    ['originator', 'near repeat', 'repeat', <NA>]
    """
    check_positive(within, "within")
    check_positive(days, "days")
    events = read_events(incidents, what="near repeats")
    links = _links(events, within, days, distance)
    chain, size = _chains(len(events.days), links)
    count = len(incidents)
    numbers, sizes = np.full(count, -1), np.full(count, -1)
    role = np.full(count, None, dtype=object)
    told = _roles(events, links, chain)
    # Where a row stands for several incidents, it says what the first of them is.
    for target, values in ((numbers, chain + 1), (sizes, size), (role, told)):
        target[events.rows[::-1]] = values[::-1]
    alone = numbers < 1
    frame = pd.DataFrame(
        {
            "chain": pd.Series(numbers, dtype="Int64").mask(alone).array,
            "size": pd.Series(sizes, dtype="Int64").mask(alone).array,
            "role": pd.array(role, dtype="string"),
        },
        index=incidents.index,
    )
    elsewhere = links.loc[links["metres"] >= 1, "metres"]
    frame.attrs = {
        "chains": int(chain.max() + 1),
        "links": len(links),
        "half_life": float(links["days"].median()),
        "half_distance": float(elsewhere.median()),
        "note": (
            f"Linked: less than {within:g} m and fewer than {days:g} days apart. Of incidents on"
            " the same day the one whose row stands first counts as the earlier."
        ),
    }
    return frame


def _links(events: Events, within: float, days: float, distance: str) -> pd.DataFrame:
    """Return the linked pairs: positions of the earlier and the later, metres, days."""
    found = []
    for one, other, metres in near_pairs(events.points, within, distance):
        apart = events.days[other] - events.days[one]  # events are in the order of their days
        soon = apart < days
        found.append((one[soon], other[soon], metres[soon], apart[soon]))
    columns = (np.concatenate(column) for column in zip(*found, strict=True))
    return pd.DataFrame(dict(zip(("first", "second", "metres", "days"), columns, strict=True)))


def _chains(number: int, links: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give each its chain, from 0 by size, then as they begin, or -1; and the size of it."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    pairs = (np.ones(len(links), dtype=bool), (links["first"], links["second"]))
    graph = coo_matrix(pairs, shape=(number, number))
    parts, label = connected_components(graph, directed=False)
    size = np.bincount(label, minlength=parts)
    first = np.full(parts, number)
    np.minimum.at(first, label, np.arange(number))
    rank = np.empty(parts, dtype=int)
    rank[np.lexsort((first, -size))] = np.arange(parts)
    return np.where(size[label] > 1, rank[label], -1), size[label]


def _roles(events: Events, links: pd.DataFrame, chain: np.ndarray) -> np.ndarray:
    """Tell originators, repeats and near repeats apart; None is linked to nothing."""
    number = len(events.days)
    follows, again = np.zeros(number, dtype=bool), np.zeros(number, dtype=bool)
    follows[links["second"]] = True
    again[links.loc[links["metres"] < SAME_PLACE, "second"]] = True
    role = np.where(again, "repeat", np.where(follows, "near repeat", "originator")).astype(object)
    role[chain < 0] = None
    return role

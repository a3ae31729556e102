"""Whether series rise or fall, by the order of their values alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from geoprofiles.errors import InputError


def mann_kendall(values: np.ndarray | pd.Series | pd.DataFrame) -> pd.DataFrame:
    """Test whether series rise or fall, by the order of their values alone.

    ``S`` is the number of pairs that rise less the number that fall. Its variance takes ties into
    account; the score is moved towards 0 by 1, because S is a whole number.

    Parameters
    ----------
    values : array, Series or DataFrame
        One series, or one a row, of at least 3 values.

    Returns
    -------
    DataFrame
        A row a series: ``s``, ``variance``, ``tau`` (S over all pairs), ``z``, ``p`` (two-sided,
        by the normal law). A series of equal values has a z of 0 and a p of 1.

    Raises
    ------
    InputError
        If a value is missing, or a series is shorter than 3.

    Notes
    -----
    The values are taken as independent of one another. Scores that share a step with their
    neighbours, as those of :func:`emerging_hot_spots`, are not quite.

    References
    ----------
    Mann (1945). *Econometrica* 13, 245-259. Kendall (1975). *Rank Correlation Methods*.

    Examples
    --------
    >>> import geoprofiles
    >>> geoprofiles.mann_kendall([1, 2, 2, 3, 5, 8])[["s", "z"]].round(3).values.tolist()
    [[14.0, 2.487]]
    """
    index = values.index if isinstance(values, pd.DataFrame) else None
    table = np.atleast_2d(np.asarray(values, dtype=float))
    number = table.shape[1]
    if number < 3 or not np.isfinite(table).all():
        raise InputError("a series is shorter than 3, or a value is missing")
    s, ties = np.zeros(len(table)), np.ones(table.shape)
    for step in range(1, number):
        apart = np.sign(table[:, step:] - table[:, :-step])
        s += apart.sum(axis=1)
        ties[:, step:] += apart == 0
        ties[:, :-step] += apart == 0
    # Summed over values, not over groups of equal ones: each of t gives one t-th of its group.
    lost = ((ties - 1) * (2 * ties + 5)).sum(axis=1)
    variance = (number * (number - 1) * (2 * number + 5) - lost) / 18
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, (s - np.sign(s)) / np.sqrt(variance), 0.0)
    columns = {
        "s": s,
        "variance": variance,
        "tau": s / (number * (number - 1) / 2),
        "z": z,
        "p": 2 * special.ndtr(-np.abs(z)),
    }
    return pd.DataFrame(columns, index=index)

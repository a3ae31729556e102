"""Which topics to put first: scores by stated cuts, and how much the weights decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from geoprofiles.errors import InputError
from geoprofiles.words import listed, nearest

CUTS: dict[str, tuple[float, float, float]] = {
    "volume": (0.02, 0.05, 0.12),
    "against similar places": (0.9, 1.1, 1.3),
    "trend": (0.95, 1.05, 1.2),
    "harm": (0.02, 0.05, 0.15),
    "repeats": (0.05, 0.10, 0.20),
    "concern": (0.15, 0.30, 0.45),
    "deprivation gradient": (1.2, 1.6, 2.2),
}
"""What a topic is judged by, and where scores of 2, 3 and 4 begin: share of all incidents; ratio to
the median of similar places; ratio to the year before; share of all harm; share of repeat
victims or places; share of residents who call it a problem; most over least deprived fifth."""

DRAWS = 1000
TOP = 5
FEWEST = 3
"""Criteria a topic must have a figure for, to be placed."""


def prioritise(
    topics: pd.DataFrame,
    *,
    weights: Mapping[str, float] | None = None,
    cuts: Mapping[str, Sequence[float]] | None = None,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Score topics by stated cuts, add the scores up, and say how much the weights decide.

    Each criterion scores 1 to 4. A total is the weighted mean of the scores a topic has; what it
    has no figure for neither helps nor harms it, and is said. Weights are a choice: a thousand
    others are drawn, and each topic says in how many of them it stays among the first five.

    Parameters
    ----------
    topics : DataFrame
        Index the topic; one column a criterion, any of those of `cuts`, NaN where there is no
        figure.
    weights : mapping of str to float, optional
        Criterion to its weight, 0 where it is not named; all the same where there are none.
    cuts : mapping of str to three numbers, optional
        In place of the usual cuts.
    rng : int or numpy.random.Generator
        For random weightings: uniform over all that add up to 1.

    Returns
    -------
    DataFrame
        Index the topic, the highest total first: each criterion's score (1 to 4, NaN without a
        figure), ``total`` (1 to 4), ``place`` (NA with fewer than three criteria), ``stays``
        (share of random weightings, 0 to 1, in which it is among the first five), ``lacks``
        (criteria without a figure).

    Raises
    ------
    InputError
        If a criterion has no cuts, cuts do not rise, or a weight is of no criterion or negative.

    References
    ----------
    Weights drawn over a simplex: Butler, Jia and Dyer (1997). *European Journal of Operational
    Research* 103, 531-546.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> topics = pd.DataFrame({"volume": [0.3, 0.01], "trend": [1.3, 1.0], "harm": [0.2, 0.01]},
    ...     index=["Violence", "Bicycle theft"])
    >>> geoprofiles.prioritise(topics)[["total", "stays"]].round(2).values.tolist()
    [[4.0, 1.0], [1.33, 1.0]]
    """
    cuts = {**CUTS, **(cuts or {})}
    for name in topics.columns:
        if name not in cuts:
            raise InputError(
                f"there are no cuts for '{name}'", remedy=nearest(str(name), list(cuts))
            )
        if len(cuts[name]) != 3 or not np.all(np.diff(cuts[name]) > 0):
            raise InputError(f"the cuts of '{name}' must be three rising numbers")
    given = weights or dict.fromkeys(topics.columns, 1.0)
    unknown = sorted(set(given) - set(topics.columns))
    if unknown:
        raise InputError(
            f"a weight is for '{unknown[0]}', which no topic has",
            remedy=nearest(str(unknown[0]), list(map(str, topics.columns))),
        )
    weight = np.array([float(given.get(name, 0.0)) for name in topics.columns])
    if not (weight >= 0).all() or not 0 < weight.sum() < np.inf:
        raise InputError("weights must be 0 or more, and some above 0")
    scores = pd.DataFrame(
        {name: _score(topics[name], cuts[name]) for name in topics.columns}, index=topics.index
    )
    known = scores.notna().to_numpy()
    enough = known.sum(axis=1) >= min(FEWEST, len(topics.columns))
    table = scores.copy()
    table["total"] = _totals(scores, weight[None, :])[0]
    table["place"] = table["total"].where(enough).rank(method="min", ascending=False)
    table["place"] = table["place"].astype("Int64")
    generator = np.random.default_rng(rng)
    drawn = _totals(scores, generator.dirichlet(np.ones(scores.shape[1]), DRAWS))
    drawn[:, ~enough] = -np.inf
    # Topics of one score share a place, whichever stands first; rounding makes no difference.
    places = stats.rankdata(-np.round(drawn, 9), method="min", axis=1)
    stays = (places <= TOP).mean(axis=0)
    table["stays"] = np.where(enough, stays, np.nan)
    table["lacks"] = [listed(list(scores.columns[~row])) if not row.all() else "" for row in known]
    return table.sort_values(["place", "total"], ascending=[True, False], kind="stable")


def _score(values: pd.Series, cuts: Sequence[float]) -> pd.Series:
    score = 1.0 + np.searchsorted(np.asarray(cuts), values.astype(float), side="right")
    return pd.Series(score, index=values.index).where(values.notna())


def _totals(scores: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean of the scores each topic has, for each weighting."""
    known = scores.notna().to_numpy().astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (weights @ (scores.fillna(0).to_numpy() * known).T) / (weights @ known.T)

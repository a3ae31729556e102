"""The 17 categories of emerging hot spots: what each asks, and what it says in a sentence."""

from __future__ import annotations

import numpy as np

NO_PATTERN = "no pattern"

MOST = 0.9
"""The share of steps, at least, that makes a cell one that has been hot nearly always."""

NAMES = (
    "new", "consecutive", "intensifying", "persistent", "diminishing", "sporadic", "oscillating",
    "historical",
)  # fmt: skip

SENTENCES = {
    "new": "{Hot} in the final step, for the first time.",
    "consecutive": "{Hot} in the final {run} steps without a break, and never before.",
    "intensifying": "{Hot} in {number} of {steps} steps, the final one too, and more so over time.",
    "persistent": "{Hot} in {number} of {steps} steps, the final one too, without a clear trend.",
    "diminishing": "{Hot} in {number} of {steps} steps, the final one too, but less so over time.",
    "sporadic": "{Hot} in the final step, as on and off before, {number} of {steps} steps in all;"
    " never {cold}.",
    "oscillating": "{Hot} in the final step, but {cold} at some earlier one.",
    "historical": "{Hot} in {number} of {steps} steps, but no longer in the final one.",
}


def classify(state: np.ndarray, rising: np.ndarray) -> np.ndarray:
    """Name the category of each row of states.

    Parameters
    ----------
    state : array of int
        One row a cell, one column a step: 1 hot, -1 cold, 0 neither.
    rising : array of int
        Of each cell: 1 where its scores rise, -1 where they fall, 0 where there is no clear trend.

    Returns
    -------
    array of str
        ``"new hot spot"`` and so on, ``"no pattern"`` where none fits; each row gets exactly one.

    Examples
    --------
    >>> classify(np.array([[0] * 9 + [1], [0] * 8 + [-1, -1]]), np.array([0, 0])).tolist()
    ['new hot spot', 'consecutive cold spot']
    """
    final = state[:, -1]
    kind = np.full(len(state), NO_PATTERN, dtype=object)
    for sign, word in ((1, "hot spot"), (-1, "cold spot")):
        for name, fits in _one_side(state * sign, rising * sign).items():
            # The final step decides: what ends as the other is told by the other side alone.
            mine = fits & (kind == NO_PATTERN) & (final != -sign)
            kind[mine] = f"{name} {word}"
    return kind


def _one_side(state: np.ndarray, rising: np.ndarray) -> dict[str, np.ndarray]:
    """Say which rows each category fits, in the published order, of which the first counts."""
    hot = state > 0
    steps, number, ends_hot = hot.shape[1], hot.sum(axis=1), hot[:, -1]
    one_run = number == final_run(hot)
    # In whole numbers, so that 9 of 10 are at least 90 percent.
    nearly_always = number * 10 >= steps * round(10 * MOST)
    once_cold = (state < 0).any(axis=1)
    return {
        "new": ends_hot & (number == 1),
        "consecutive": ends_hot & one_run & (number > 1) & ~nearly_always,
        "intensifying": ends_hot & nearly_always & (rising > 0),
        "persistent": ends_hot & nearly_always & (rising == 0),
        "diminishing": ends_hot & nearly_always & (rising < 0),
        "sporadic": ends_hot & ~nearly_always & ~one_run & ~once_cold,
        "oscillating": ends_hot & ~nearly_always & once_cold,
        "historical": ~ends_hot & nearly_always,
    }


def final_run(hot: np.ndarray) -> np.ndarray:
    """Count the steps at the end of each row that are hot without a break.

    Examples
    --------
    >>> final_run(np.array([[True, False, True, True]])).tolist()
    [2]
    """
    return np.asarray(np.cumprod(hot[:, ::-1], axis=1).sum(axis=1))


def describe(kind: np.ndarray, state: np.ndarray, rising: np.ndarray) -> list[str]:
    """Say each category in a sentence, with the figures of its row.

    Many a change has no published category, such as a hot spot that lasted for a third of the
    time and is gone: the sentence tells it all the same.

    Examples
    --------
    >>> state = np.array([[0] * 8 + [1, 1], [1] * 4 + [0] * 6])
    >>> for one in describe(classify(state, np.array([0, -1])), state, np.array([0, -1])):
    ...     print(one)
    Hot in the final 2 steps without a break, and never before.
    No pattern: hot in 4 of 10 steps, last 6 steps ago; scores fall over time.
    """
    told = []
    for full, row, trend in zip(kind, state, rising, strict=True):
        if full == NO_PATTERN:
            told.append(_no_pattern(row, int(trend)))
            continue
        name, side, _ = full.split(" ")
        mine = row > 0 if side == "hot" else row < 0
        told.append(
            SENTENCES[name].format(
                Hot=side.title(),
                cold="cold" if side == "hot" else "hot",
                number=int(mine.sum()),
                run=int(final_run(mine[None])[0]),
                steps=len(row),
            )
        )
    return told


def _no_pattern(row: np.ndarray, trend: int) -> str:
    parts = []
    for side, mine in (("hot", row > 0), ("cold", row < 0)):
        if mine.any():
            ago = int(np.argmax(mine[::-1]))
            when = f"last {ago} step{'s' if ago > 1 else ''} ago"
            parts.append(f"{side} in {int(mine.sum())} of {len(row)} steps, {when}")
    if not parts:
        return "No pattern: never hot or cold."
    movement = {1: "scores rise over time", 0: "no clear trend", -1: "scores fall over time"}
    return f"No pattern: {', '.join(parts)}; {movement[trend]}."

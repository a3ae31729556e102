"""Work on the distinct texts of a column, however many rows it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import pandas as pd


def parse_distinct(
    texts: Iterable[object], parse: Callable[[object], NamedTuple], nothing: NamedTuple
) -> pd.DataFrame:
    """Parse each distinct text once, and lay the answers out on all rows.

    Parameters
    ----------
    texts : Series, Categorical or iterable
        Texts; the index of a Series is kept.
    parse : callable
        Turns a text into a named tuple.
    nothing : named tuple
        The answer for a missing text.

    Returns
    -------
    DataFrame
        One row for each text, one column for each field.

    Examples
    --------
    >>> class Length(NamedTuple):
    ...     letters: int
    >>> parse_distinct(["ab", None, "ab"], lambda text: Length(len(text)), Length(0))[
    ...     "letters"].tolist()
    [2, 0, 2]
    """
    index = texts.index if isinstance(texts, pd.Series) else None
    if isinstance(texts, pd.Categorical):
        column = texts
    else:
        values: Any = texts.to_numpy() if isinstance(texts, pd.Series) else list(texts)
        column = pd.Categorical(pd.Series(values, dtype=object))
    rows = [*(parse(text) for text in column.categories), nothing]
    table = pd.DataFrame({name: _column(rows, name) for name in nothing._fields})
    spread = table.iloc[column.codes]
    return spread.set_axis(range(len(column)) if index is None else index, axis=0)


def _column(rows: list[Any], name: str) -> pd.Series:
    values = [getattr(row, name) for row in rows]
    text = any(isinstance(value, str) for value in values)
    return pd.Series(values, dtype=object if text or None in values else None)

"""Read what topics are judged by: the harm of categories, and figures from elsewhere."""

from __future__ import annotations

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.read.archives import PathLike
from geoprofiles.read.numbers import (
    first_row,
    need_codes,
    numbers,
    open_table,
    refuse_negative,
    texts,
)

PARTS_OF_1 = ("concern", "repeats", "volume", "harm")
"""Criteria that are shares, of residents, of victims, of incidents or of harm."""


def read_harm(path: PathLike) -> dict[str, float]:
    r"""Read how much an incident of each category weighs.

    Parameters
    ----------
    path : path
        A CSV file or workbook with ``category`` (as incidents spell it) and ``weight`` (0 or
        more), such as the days of a harm index or a severity score.

    Returns
    -------
    dict of str to float
        Category to weight.

    Raises
    ------
    InputError
        If a weight is missing, text or negative, all are 0, or a category comes twice.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "harm.csv"
    ...     _ = file.write_text("category,weight\nRobbery,365\nShoplifting,2\n")
    ...     geoprofiles.read.read_harm(file)
    {'Robbery': 365.0, 'Shoplifting': 2.0}
    """
    table = open_table(path)
    names = _names(texts(table, "category"), table.name, "category")
    weights, _ = numbers(texts(table, "weight"), file=table.name, heading="weight")
    refuse_negative(weights, file=table.name, heading="weight")
    if weights.isna().any():
        raise InputError(
            "this category has no weight",
            file=table.name,
            row=first_row(weights.isna()),
            column="weight",
            remedy="Give it one; 0 leaves a category out.",
        )
    if not weights.sum():
        raise InputError(
            "every weight is 0: nothing would weigh anything",
            file=table.name,
            column="weight",
            remedy="Give some category a weight above 0, or take [harm] out.",
        )
    return dict(zip(names, weights, strict=True))


def read_topics(path: PathLike) -> pd.DataFrame:
    r"""Read what is known of topics beside their incidents: public concern, repeat victims.

    Parameters
    ----------
    path : path
        A CSV file or workbook with ``topic`` (the name of a rate) and a column for each
        criterion of :func:`geoprofiles.prioritise`, as parts of 1; empty where it is not known.

    Returns
    -------
    DataFrame
        Index ``topic``, one column a criterion.

    Raises
    ------
    InputError
        If a number is text, a part of 1 (concern, repeats, volume, harm) lies outside 0 to 1, or a
        topic comes twice.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "topics.csv"
    ...     _ = file.write_text("topic,concern,repeats\nBurglary,0.31,0.12\nDrugs,0.44,\n")
    ...     geoprofiles.read.read_topics(file).loc["Drugs", "concern"]
    np.float64(0.44)
    """
    table = open_table(path)
    frame = pd.DataFrame({"topic": _names(texts(table, "topic"), table.name, "topic")})
    for heading in table.headings:
        if heading != "topic":
            frame[heading], _ = numbers(texts(table, heading), file=table.name, heading=heading)
            outside = (frame[heading] < 0) | (frame[heading] > 1)
            if heading in PARTS_OF_1 and outside.any():
                raise InputError(
                    f"{frame[heading][outside].iloc[0]:g} is no part of 1",
                    file=table.name,
                    row=first_row(outside),
                    column=heading,
                    remedy="Write 31% as 0.31.",
                )
    return frame.set_index("topic")


def _names(column: pd.Series, file: str, heading: str) -> pd.Series:
    need_codes(column, file=file, heading=heading)
    again = column.duplicated()
    if again.any():
        raise InputError(
            f"this {heading} came before", file=file, row=first_row(again), column=heading
        )
    return column

"""Read residents by age and sex, for population pyramids."""

from __future__ import annotations

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.read.archives import PathLike
from geoprofiles.read.numbers import (
    find_code,
    first_row,
    need_codes,
    numbers,
    open_table,
    refuse_negative,
    texts,
)
from geoprofiles.words import listed

SEXES = {
    "female": "female", "f": "female", "females": "female", "women": "female", "girls": "female",
    "male": "male", "m": "male", "males": "male", "men": "male", "boys": "male",
}  # fmt: skip
TOTALS = {"persons", "person", "all", "both", "total", "all persons"}


def read_people(
    path: PathLike,
    *,
    code: str | None = None,
    age: str = "age",
    sex: str = "sex",
    value: str = "population",
    year: int | None = None,
) -> pd.DataFrame:
    r"""Read residents by area, age and sex.

    Parameters
    ----------
    path : path
        A CSV file or workbook, one row for each area, age and sex.
    code : str, optional
        The column of area codes; found where not said.
    age, sex, value : str
        The columns of ages (``"0-4"``, ``"85+"``, the youngest first), sexes and numbers.
    year : int, optional
        Which year to take, where there is a column ``year``; the latest where not said.

    Returns
    -------
    DataFrame
        ``area_code``, ``age``, ``sex`` (``"female"`` or ``"male"``), ``population``. Rows of all
        persons are left out: they are the sum of the others. ``attrs["year"]`` is the year.

    Raises
    ------
    InputError
        If a column is missing, a sex is not known, a number is text or negative, or an area, age
        and sex come twice.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "people.csv"
    ...     _ = file.write_text("area_code,age,sex,population\nA,0-4,F,12\nA,0-4,M,14\n")
    ...     geoprofiles.read.read_people(file)["sex"].tolist()
    ['female', 'male']
    """
    table = open_table(path)
    heading = table.headings[table.need(code, ours="code")] if code else find_code(table)
    frame = pd.DataFrame({"area_code": texts(table, heading)})
    frame["age"] = texts(table, age)
    frame["sex"] = texts(table, sex).fillna("").str.strip().str.lower()
    frame["population"], _ = numbers(texts(table, value), file=table.name, heading=value)
    refuse_negative(frame["population"], file=table.name, heading=value)
    need_codes(frame["area_code"], file=table.name, heading=heading)
    taken = None
    if table.position("year") is not None:
        years, _ = numbers(texts(table, "year"), file=table.name, heading="year")
        taken = int(years.max()) if year is None else year
        if not (years == taken).any():
            raise InputError(
                f"there is no year {taken}",
                file=table.name,
                column="year",
                remedy=f"There are {listed(sorted({f'{one:.0f}' for one in years.dropna()}))}.",
            )
        frame = frame[years == taken]
    frame = frame[~frame["sex"].isin(TOTALS)]
    unknown = ~frame["sex"].isin(SEXES)
    if unknown.any():
        row = first_row(unknown)
        raise InputError(
            f"'{frame['sex'][row]}' is no sex that is known here",
            file=table.name,
            row=row,
            column=sex,
            remedy="Write female or male; leave rows of all persons as 'persons'.",
        )
    frame["sex"] = frame["sex"].map(SEXES)
    again = frame.duplicated(["area_code", "age", "sex"])
    if again.any():
        raise InputError(
            "this area, age and sex came before",
            file=table.name,
            row=first_row(again),
            column=heading,
            remedy="Keep one row for each, or name the year.",
        )
    result = frame.reset_index(drop=True)
    result.attrs["year"] = taken
    return result

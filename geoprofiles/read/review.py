"""Read the list of names that a person has decided on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geoprofiles import crs as systems
from geoprofiles.errors import InputError
from geoprofiles.read.archives import PathLike
from geoprofiles.read.numbers import first_row, numbers, open_table, texts

_NO = {"", "0", "n", "no", "false"}


def read_review(path: PathLike, *, crs: Any = None) -> pd.DataFrame:
    r"""Read a review list back: the rows whose ``accept`` is marked.

    Parameters
    ----------
    path : path
        The CSV file or workbook that ``review_list`` made and a person edited.
    crs : anything pyproj.CRS understands, optional
        The metres of its coordinates; EPSG:27700 where not said.

    Returns
    -------
    DataFrame
        ``text``, ``district`` (or NA), ``easting``, ``northing``, ``precision`` (metres), one row
        for each name that was decided. ``attrs["crs"]`` names the metres.

    Raises
    ------
    InputError
        If two candidates of a name are accepted, or an accepted row has no coordinates; the
        row is named.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles.read
    >>> text = "accept,text,easting,northing\nx,Car Park,441000,112000\n,Car Park,445000,112000\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "review.csv"
    ...     _ = file.write_text(text)
    ...     geoprofiles.read.read_review(file)[["text", "easting"]].values.tolist()
    [['Car Park', 441000.0]]
    """
    table = open_table(path)
    columns = {name: texts(table, name) for name in ("accept", "text")}
    present = table.position("district") is not None
    columns["district"] = (
        texts(table, "district") if present else columns["text"].map(lambda _: None)
    )
    marked = ~columns["accept"].fillna("").str.strip().str.casefold().isin(_NO)
    for name in ("easting", "northing"):
        values, _ = numbers(texts(table, name), file=table.name, heading=name)
        columns[name] = values
    if table.position("precision") is not None:
        columns["precision"], _ = numbers(
            texts(table, "precision"), file=table.name, heading="precision"
        )
    frame = pd.DataFrame(columns)[marked]
    if "precision" not in frame:
        frame["precision"] = np.nan
    nowhere = frame["easting"].isna() | frame["northing"].isna()
    if nowhere.any():
        raise InputError(
            "this row is accepted and has no coordinates",
            file=table.name,
            row=first_row(nowhere),
            column="easting",
            remedy="Write easting and northing in metres, or take the mark away.",
        )
    again = frame.duplicated(["text", "district"])
    if again.any():
        raise InputError(
            f"a second candidate is accepted for '{frame['text'][again].iloc[0]}'",
            file=table.name,
            row=first_row(again),
            column="accept",
            remedy="Mark one candidate of each name.",
        )
    frame = frame.drop(columns="accept").reset_index(drop=True)
    # A person who has looked knows the place: only what the list says limits it.
    frame["precision"] = frame["precision"].fillna(0.0)
    frame.attrs = {
        "crs": str(systems.pyproj.CRS.from_user_input(crs or systems.METRIC).to_string())
    }
    return frame

"""Whether codes fit the names and districts beside them; codes broken by a spreadsheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.frames import check_columns
from geoprofiles.words import listed

AGREES, OTHER, UNKNOWN, NO_CODE = (
    "agrees", "belongs to another area", "unknown code", "no code",
)  # fmt: skip
VERDICTS = (AGREES, OTHER, UNKNOWN, NO_CODE)

FEWEST_IN_RUN = 5
"""So many codes must count up by one, against their names, before a fill-down is suspected."""


def check_codes(
    table: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    code: str,
    name: str,
    district: str | None = None,
) -> pd.DataFrame:
    """Compare each code of a table with the name and district beside it.

    Nothing is mended: the right code is proposed where name and district tell it.

    Parameters
    ----------
    table : DataFrame
        The table as found.
    reference : DataFrame
        What codes stand for: ``area_code``, ``area_name``, ``district`` and, where known,
        ``district_code`` and ``vintage``, as :func:`geoprofiles.read.read_code_list` reads them.
    code, name : str
        The columns of `table` with codes and names.
    district : str, optional
        Its column with the name or code of the district. Without one, a name that two
        districts share proposes nothing.

    Returns
    -------
    DataFrame
        One row for each of `table`, on its index: ``code``, ``name``, ``district``, ``verdict``
        (one of `VERDICTS`), ``proposed`` (a code, or None) and ``why``. Capitals, stops and "&" for
        "and" make no difference between names. ``attrs`` holds ``sentence``, ``fill_down`` (how
        many rows have codes that were filled down) and ``counts`` by verdict.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    Where a name stood for an area of its district in several vintages, the one vintage with
    all names that `table` gives the district is taken, if there is one; ``why`` says so.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> reference = pd.DataFrame({"area_code": ["E05000001", "E05000002", "E05000009"],
    ...     "area_name": ["Mill", "Quay", "Mill"], "district": ["North", "North", "South"]})
    >>> table = pd.DataFrame({"code": ["E05000001", "E05000002"], "ward": ["Mill", "Mill"],
    ...     "in": ["North", "South"]})
    >>> checked = geoprofiles.check_codes(table, reference, code="code", name="ward",
    ...     district="in")
    >>> checked[["verdict", "proposed"]].to_dict("list")
    {'verdict': ['agrees', 'belongs to another area'], 'proposed': [None, 'E05000009']}
    """
    wanted = [code, name] + ([district] if district else [])
    check_columns(table, wanted, what="The table's rows")
    check_columns(reference, ["area_code", "area_name", "district"], what="Lists of codes")
    places = _places(reference)
    rows = pd.DataFrame({"code": table[code], "name": table[name]}, index=table.index)
    rows["district"] = table[district] if district else None
    rows = rows.astype(object).where(rows.notna(), None)
    settled = _settle_vintages(rows, places)
    found = [
        _judge(one, called, where, places, settled)
        for one, called, where in rows.itertuples(index=False)
    ]
    judged = pd.DataFrame(
        found, columns=["verdict", "proposed", "why"], index=table.index, dtype=object
    )
    result = pd.concat([rows, judged], axis=1)
    result.attrs = _summary(result)
    return result


@dataclass(frozen=True)
class _Places:
    """What codes stand for, asked by code and by plain name."""

    by_code: dict[str, list[Any]]
    by_name: dict[str, list[Any]]


def _places(reference: pd.DataFrame) -> _Places:
    frame = reference.drop_duplicates().copy()
    frame["plain"] = frame["area_name"].map(_plain)
    for column in ("district_code", "vintage"):
        if column not in frame:
            frame[column] = None
    columns = ["area_code", "area_name", "district", "district_code", "vintage", "plain"]
    by_code: dict[str, list[Any]] = {}
    by_name: dict[str, list[Any]] = {}
    for row in frame[columns].itertuples(index=False):
        by_code.setdefault(str(row.area_code), []).append(row)
        by_name.setdefault(str(row.plain), []).append(row)
    return _Places(by_code, by_name)


def _plain(text: object) -> str:
    if text is None or pd.isna(text):
        return ""
    words = str(text).casefold().replace("&", " and ").replace("'", "").replace("’", "")
    return " ".join(re.findall(r"\w+", words))


def _fits(row: Any, called: object, where: object) -> bool:
    if row.plain != _plain(called):
        return False
    return where is None or _plain(where) in (_plain(row.district), _plain(row.district_code))


def _settle_vintages(rows: pd.DataFrame, places: _Places) -> dict[str, tuple[Any, int]]:
    """Find for each district the one vintage that has all the names given for it."""
    settled = {}
    for where, part in rows[rows["district"].notna()].groupby("district"):
        names = {one for one in part["name"].map(_plain) if one}
        having: dict[Any, set[str]] = {}
        for one in names:
            for row in places.by_name.get(one, []):
                if _fits(row, one, where) and not pd.isna(row.vintage):
                    having.setdefault(row.vintage, set()).add(one)
        whole = [vintage for vintage, held in having.items() if held == names]
        if len(whole) == 1:
            settled[str(where)] = (whole[0], len(names))
    return settled


def _judge(
    code: Any, called: Any, where: Any, places: _Places, settled: dict[str, tuple[Any, int]]
) -> tuple[str, Any, str]:
    text = "" if code is None else str(code).strip()
    held = places.by_code.get(text, [])
    if any(_fits(row, called, where) for row in held):
        return AGREES, None, ""
    verdict = NO_CODE if not text else (OTHER if held else UNKNOWN)
    stands = f"{text} is {held[0].area_name}, {held[0].district}; " if held else ""
    proposed, why = _propose(called, where, places, settled)
    return verdict, proposed, stands + why


def _propose(
    called: Any, where: Any, places: _Places, settled: dict[str, tuple[Any, int]]
) -> tuple[Any, str]:
    if not _plain(called):
        return None, "there is no name to go by"
    fitting = [row for row in places.by_name.get(_plain(called), []) if _fits(row, called, where)]
    codes = sorted({str(row.area_code) for row in fitting})
    if not codes:
        beside = "" if where is None else f" in {where}"
        return None, f"no area called {called}{beside} is known"
    if len(codes) == 1:
        return codes[0], f"the one {called}, {fitting[0].district}"
    districts = sorted({str(row.district) for row in fitting})
    if len(districts) > 1:
        return None, f"{called} is a name in {listed(districts, most=3)}; the district must tell"
    vintage, number = settled.get(str(where), (None, 0))
    of_it = sorted({str(row.area_code) for row in fitting if row.vintage == vintage})
    if vintage is not None and len(of_it) == 1:
        return of_it[0], f"of {vintage}, which alone has all {number} names given for {where}"
    return None, f"{called}, {districts[0]}, has had the codes {listed(codes, most=3)}"


def _summary(result: pd.DataFrame) -> dict[str, Any]:
    counts = {one: int((result["verdict"] == one).sum()) for one in VERDICTS}
    wrong = len(result) - counts[AGREES]
    filled = _filled_down(result)
    sentence = f"{counts[AGREES]:,} of {len(result):,} codes agree with name and district."
    if wrong:
        others = [f"{counts[one]:,}: {one}" for one in VERDICTS[1:] if counts[one]]
        proposed = int(result["proposed"].notna().sum())
        sentence += f" The rest: {listed(others)}; for {proposed:,} a code is proposed."
    if filled:
        sentence += (
            f" In {filled:,} rows codes that do not fit count up by one from row to row: the column"
            " was probably filled down in a spreadsheet. Use no code of it without a check."
        )
    return {"sentence": sentence, "fill_down": filled, "counts": counts}


def _filled_down(result: pd.DataFrame) -> int:
    """Count rows in runs of codes that count up by one, most of them against their names.

    A sorted list of one district's true codes counts up too; the names tell the two apart.
    """
    codes = result["code"].fillna("").astype(str).str.strip()
    parts = codes.str.extract(r"^(.*?)(\d{1,15})$")
    number = pd.to_numeric(parts[1], errors="coerce").to_numpy(dtype=float)
    stem = parts[0].fillna("").to_numpy(dtype=object)
    follows = np.zeros(len(codes), dtype=bool)
    follows[1:] = (number[1:] == number[:-1] + 1) & (stem[1:] == stem[:-1])
    wrong = (result["verdict"] != AGREES).to_numpy()
    runs = pd.DataFrame({"run": np.cumsum(~follows), "wrong": wrong}).groupby("run")["wrong"]
    size, bad = runs.transform("size"), runs.transform("sum")
    return int((wrong & (size >= FEWEST_IN_RUN) & (bad > size / 2)).sum())

"""Which kind and vintage area codes are, and whether two tables speak of the same areas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, UNLOCATED, check_columns
from geoprofiles.words import listed, plural

PREFIXES = {
    "OA": ("E00", "W00", "S00", "N00"),
    "LSOA": ("E01", "W01"),
    "data zone": ("S01", "N20"),
    "MSOA": ("E02", "W02"),
    "intermediate zone": ("S02", "N21"),
    "parish": ("E04", "W04"),
    "ward": ("E05", "W05", "S13", "N08"),
    "district": ("E06", "E07", "E08", "E09", "W06", "S12", "N09"),
    "county": ("E10", "E11"),
    "region": ("E12",),
    "constituency": ("E14", "W07", "S14", "N05", "N06"),
    "community safety partnership": ("E22", "W22"),
    "police force area": ("E23", "W15", "S32", "N23", "N24"),
    "country": ("E92", "W92", "S92", "N92", "K02", "K03", "K04"),
}
"""Kind of area by the first three characters of its code, from the register of the ONS."""

SMALL = ("OA", "LSOA", "data zone", "postcode")
"""Kinds so small that weights within them tell much: output areas and postcodes."""

_KINDS = {prefix: kind for kind, prefixes in PREFIXES.items() for prefix in prefixes}
_GSS = re.compile(r"[EWSNKJLM]\d{8}")
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}")


def kind_of_code(code: object) -> str | None:
    """Tell the kind of area that a code is of; None for text that is no code.

    Examples
    --------
    >>> [kind_of_code(one) for one in ("E01017140", "S13002516", "SO14 0AA", "Bargate")]
    ['LSOA', 'ward', 'postcode', None]
    """
    text = str(code).strip()
    if _GSS.fullmatch(text):
        return _KINDS.get(text[:3], f"area {text[:3]}")
    return "postcode" if _POSTCODE.fullmatch(text) else None


def recognise_codes(codes: Any, known: pd.DataFrame | None = None) -> pd.DataFrame:
    """Tell which kinds and vintages of area a column of codes is of.

    Parameters
    ----------
    codes : array-like of str
        One code a row, as often as the column has it. Empty cells are left aside.
    known : DataFrame, optional
        Lists of codes as :func:`geoprofiles.read.read_code_list` reads them: ``kind``,
        ``vintage`` and ``area_code``. Without them the first characters tell the kind, and
        nothing tells the vintage.

    Returns
    -------
    DataFrame
        One row a candidate, best first: ``kind``, ``vintage`` (NA where not known), ``rows`` and
        ``codes`` it covers, ``rows_lost`` and ``codes_lost`` that a join with it would lose,
        ``lost`` (share of the rows, 0 to 1) and ``first_lost``. ``attrs`` holds ``sentence``, all
        this in plain words, and ``notes`` on empty cells and on text that is no code.

    Raises
    ------
    InputError
        If `known` lacks a column.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> known = pd.DataFrame({"kind": "LSOA", "vintage": ["2011"] * 2 + ["2021"] * 3,
    ...     "area_code": ["E01000001", "E01000002", "E01000001", "E01000003", "E01000004"]})
    >>> found = geoprofiles.recognise_codes(["E01000001"] * 3 + ["E01000002"], known)
    >>> found[["kind", "vintage", "codes", "lost"]].to_dict("list")
    {'kind': ['LSOA', 'LSOA'], 'vintage': ['2011', '2021'], 'codes': [2, 1], 'lost': [0.0, 0.25]}
    >>> found.attrs["sentence"]
    '2 of 2 codes are LSOAs of 2011; on LSOAs of 2021 1 code with 25.0% of rows would be lost.'
    """
    column = _texts(codes)
    rows = column.value_counts(sort=False)
    kinds = pd.Series([kind_of_code(one) for one in rows.index], index=rows.index, dtype=object)
    candidates: list[tuple[str, Any, Any]] = []
    if known is not None:
        check_columns(known, ["kind", "vintage", "area_code"], what="Lists of codes")
        listed_codes = known["area_code"].astype(str)
        kinds = kinds.where(kinds.notna() | ~rows.index.isin(listed_codes), "area")
        for (kind, vintage), part in known.groupby(["kind", "vintage"], dropna=False, sort=True):
            candidates.append((str(kind), vintage, rows.index.isin(part["area_code"].astype(str))))
    told = {kind for kind, _, covered in candidates if covered.any()}
    for kind in dict.fromkeys(kinds.dropna()):
        if kind not in told and kind != "area":
            candidates.append((kind, pd.NA, (kinds == kind).to_numpy()))
    coded = rows[kinds.notna()]
    found = [
        _candidate(kind, vintage, rows[covered], coded)
        for kind, vintage, covered in candidates
        if covered.any()
    ]
    columns = ["kind", "vintage", "rows", "codes", "rows_lost", "codes_lost", "lost", "first_lost"]
    table = pd.DataFrame(found, columns=columns)
    table = table.sort_values(["rows_lost", "codes_lost"], kind="stable").reset_index(drop=True)
    empty = int(pd.Series(np.asarray(codes, dtype=object)).shape[0] - len(column))
    table.attrs["sentence"] = _recognised(table, len(coded))
    table.attrs["notes"] = _leftovers(rows[kinds.isna()], empty)
    return table


def _texts(codes: Any) -> pd.Series:
    column = pd.Series(np.asarray(codes, dtype=object)).dropna().astype(str).str.strip()
    return column[~column.isin(["", OUTSIDE, UNLOCATED])]


def _candidate(kind: str, vintage: Any, covered: pd.Series, coded: pd.Series) -> tuple[Any, ...]:
    lost = coded[~coded.index.isin(covered.index)]
    share = float(lost.sum() / coded.sum())
    first = listed(sorted(lost.index), most=3)
    return (
        kind, vintage, int(covered.sum()), len(covered), int(lost.sum()), len(lost), share, first,
    )  # fmt: skip


def _leftovers(text: pd.Series, empty: int) -> list[str]:
    notes = []
    if empty:
        notes.append(f"{_many(empty, 'cell is', 'cells are')} empty or stand for no area.")
    if len(text):
        quoted = listed([f"'{one[:30]}'" for one in text.index], most=3)
        notes.append(f"{_many(int(text.sum()), 'row holds', 'rows hold')} no area code: {quoted}.")
    return notes


def _many(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"


def _recognised(table: pd.DataFrame, number: int) -> str:
    if table.empty:
        return "No text of the column is an area code."
    best = table.iloc[0]
    if pd.isna(best["vintage"]):
        return (
            f"{best['codes']:,} of {number:,} codes are {plural(best['kind'])} by their first"
            " characters; only a list of known codes tells the vintage."
        )
    same = table[table["rows_lost"] == best["rows_lost"]]
    words = [_words(one) for _, one in same.iterrows()]
    if best["rows_lost"] and len(table) > 1:
        parts = [f"{one['codes']:,} are {_words(one)}" for _, one in table.iterrows()]
        return f"No one list has all {number:,} codes: {listed(parts, most=4)}."
    start = f"{best['codes']:,} of {number:,} codes are {listed(words)}"
    worse = table[(table["kind"] == best["kind"]) & (table["rows_lost"] > best["rows_lost"])]
    if worse.empty:
        end = ", which this column does not tell apart" if len(same) > 1 else ""
        return f"{start}{end}."
    other = worse.iloc[0]
    return (
        f"{start}; on {_words(other)} {_many(other['codes_lost'], 'code', 'codes')} with"
        f" {other['lost']:.1%} of rows would be lost."
    )


def _words(candidate: pd.Series) -> str:
    vintage = candidate["vintage"]
    return plural(candidate["kind"]) + ("" if pd.isna(vintage) else f" of {vintage}")


def need_same_codes(
    codes: Any,
    areas: Any,
    *,
    names: Mapping[Any, str] | None = None,
    known: pd.DataFrame | None = None,
    weights: Any = None,
    what: str = "values",
) -> None:
    """Refuse a join that would lose rows, and say how much and why.

    Parameters
    ----------
    codes : array-like of str
        Codes of the table that is to be joined, one a row.
    areas : array-like of str
        Codes of the areas that it is to be joined to.
    names : mapping of code to str, optional
        The areas' names. A table that has these in place of codes is refused: a name may go
        on with other boundaries.
    known : DataFrame, optional
        As in :func:`recognise_codes`; tells vintages in the message.
    weights : array-like of float, optional
        What each row counts for, such as its population; each row 1 where not said.
    what : str
        What the table is called in the message.

    Returns
    -------
    None
        Where every code is there.

    Raises
    ------
    InputError
        If a code is not among those of the areas.

    Examples
    --------
    >>> need_same_codes(["A", "A", "B"], ["A", "C"], weights=[1, 2, 1])
    Traceback (most recent call last):
    geoprofiles.errors.InputError: the values have 1 code of 2, with 25.0% of the total, that \
    the areas lack: B. Bring the values to these areas with reaggregate and a look-up between \
    the two vintages.
    """
    lost, share = lost_codes(codes, areas, weights=weights)
    if not lost:
        return
    refuse_names(lost, names, what=what)
    vintages = ""
    if known is not None:
        one, other = (recognise_codes(some, known) for some in (codes, areas))
        if len(one) and len(other):
            words = _words(one.iloc[0]), _words(other.iloc[0])
            vintages = f"; the {what} are on {words[0]}, the areas are {words[1]}"
    number = _texts(codes).nunique()
    raise InputError(
        f"the {what} have {_many(len(lost), 'code', 'codes')} of {number:,}, with {share:.1%} of"
        f" the total, that the areas lack: {listed(lost, most=3)}{vintages}",
        remedy=f"Bring the {what} to these areas with reaggregate and a look-up between the two"
        " vintages.",
    )


def lost_codes(codes: Any, areas: Any, *, weights: Any = None) -> tuple[list[str], float]:
    """List the codes that areas lack, and say which share of the total stands against them.

    Examples
    --------
    >>> lost_codes(["A", "B"], ["A"], weights=[3, 1])
    (['B'], 0.25)
    """
    column = pd.Series(np.asarray(codes, dtype=object))
    real = column.notna() & ~column.isin([OUTSIDE, UNLOCATED])
    weight = np.ones(len(column)) if weights is None else np.asarray(weights, dtype=float)
    weight = pd.Series(np.nan_to_num(weight)).where(real, 0)
    lost = real & ~column.isin(list(areas))
    total = float(weight.sum())
    share = float(weight[lost].sum()) / total if total else 0.0
    return sorted(map(str, column[lost].unique())), share


def refuse_names(codes: list[str], names: Mapping[Any, str] | None, *, what: str) -> None:
    """Refuse names of areas where codes are expected.

    Examples
    --------
    >>> refuse_names(["Mill"], {"A": "Mill"}, what="residents")
    Traceback (most recent call last):
    geoprofiles.errors.InputError: the residents have names ('Mill') where the areas have codes. \
    Use a column of codes: a name may be kept when boundaries change, or be used twice.
    """
    # Where areas have no codes of their own, their names are their codes.
    labels = {str(name) for code, name in (names or {}).items() if str(name) != str(code)}
    called = (labels - set(map(str, names or {}))) & set(codes)
    if called:
        first = sorted(called)[0]
        raise InputError(
            f"the {what} have names ('{first}') where the areas have codes",
            remedy="Use a column of codes: a name may be kept when boundaries change, or be used"
            " twice.",
        )

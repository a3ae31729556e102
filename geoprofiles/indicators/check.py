"""What is wrong or odd in tables of indicators, before anything is made of them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator

import pandas as pd

from geoprofiles.frames import METHODS_BY_AGE, check_columns
from geoprofiles.words import listed

SHARES = ("proportion", "survey")
ERROR, CAUTION = "error", "caution"


def check_indicators(
    table: pd.DataFrame, definitions: pd.DataFrame, *, areas: Collection[str] | None = None
) -> pd.DataFrame:
    """Look through a table of indicators for what would mislead.

    Parameters
    ----------
    table : DataFrame
        ``area_code``, ``indicator``, ``period``, ``numerator``, ``denominator``.
    definitions : DataFrame
        Index ``indicator``; ``method``, ``unit``.
    areas : collection of str, optional
        The codes that there should be.

    Returns
    -------
    DataFrame
        ``severity`` (``"error"``: no figure can be made of it; ``"caution"``), ``indicator``,
        ``problem``, ``count`` (rows), ``first`` (code of the first area), ``remedy``. Empty where
        all is well.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> table = pd.DataFrame({"area_code": ["A", "B"], "indicator": "renting", "period": "2025",
    ...     "numerator": [40, 9], "denominator": [160, 0]})
    >>> definitions = pd.DataFrame({"method": ["proportion"], "unit": ["%"]}, index=["renting"])
    >>> geoprofiles.check_indicators(table, definitions)[["problem", "first"]].values.tolist()
    [['the denominator is zero', 'B'], ['the numerator is larger than the denominator', 'B']]
    """
    needed = ["area_code", "indicator", "period", "numerator", "denominator"]
    check_columns(table, needed, what="Indicators")
    found = []
    for name, rows in table.groupby("indicator", sort=False, observed=True):
        method = str(definitions["method"].get(name, ""))
        if not method:
            found.append((ERROR, name, "it has no definition", rows, "Define it, or leave it out."))
            continue
        found += [(one[0], name, *one[1:]) for one in _of_one(rows, method)]
        if areas is not None:
            lacking = [code for code in areas if code not in set(rows["area_code"])]
            if lacking:
                told = f"{len(lacking)} of {len(areas)} areas are missing: {listed(lacking)}"
                some = pd.DataFrame({"area_code": lacking})
                found.append(
                    (CAUTION, name, told, some, "A missing area is not zero; add its row.")
                )
    columns = ["severity", "indicator", "problem", "count", "first", "remedy"]
    return pd.DataFrame(
        [
            (severity, name, problem, len(rows), rows["area_code"].iloc[0], remedy)
            for severity, name, problem, rows, remedy in found
        ],
        columns=columns,
    )


def _of_one(rows: pd.DataFrame, method: str) -> Iterator[tuple[str, str, pd.DataFrame, str]]:
    if method == "given":
        yield from _periods(rows)
        return
    part, whole = rows["numerator"].astype(float), rows["denominator"].astype(float)
    for severity, bad, problem, remedy in (
        (ERROR, whole.isna() & part.notna(), "the denominator is missing",
         "Without it there is a count and no rate."),
        (ERROR, whole == 0, "the denominator is zero", "There is no rate where nobody is."),
        (ERROR, (part < 0) | (whole < 0), "a number is negative", "Counts are 0 or more."),
        (ERROR, (part > whole) & (method in SHARES), "the numerator is larger than the denominator",
         "A part cannot exceed its whole: are the two columns the wrong way round?"),
        (CAUTION, part.isna() & whole.notna(), "the numerator is not known (suppressed or empty)",
         "It is carried as not known; an empty cell that means none should be 0."),
    ):  # fmt: skip
        if bad.any():
            yield severity, problem, rows[bad], remedy
    if method in SHARES and (whole.dropna() == 100).all() and len(whole.dropna()):
        if part.max() <= 1:
            yield (
                ERROR, "percentages are given as parts of 1 over 100", rows,
                "Give numerators that are counted over the same denominators.",
            )  # fmt: skip
        else:
            yield (
                CAUTION, "every denominator is 100: these are percentages, not counts", rows,
                "Limits and tests need the numbers behind them.",
            )  # fmt: skip
    small = part.between(0, 1) & (part % 1 != 0)
    if method in SHARES and small.any() and (part > 1).any():
        yield (
            CAUTION, "some numerators are parts of 1, others are counts", rows[small],
            "Is a percentage given as 0 to 1 in some rows and as a count in others?",
        )  # fmt: skip
    if method in METHODS_BY_AGE and "age" not in rows:
        yield (
            ERROR,
            "it is standardised by age, and the table has no column 'age'",
            rows,
            ("Give one row for each age."),
        )
    yield from _periods(rows)


def _periods(rows: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame, str]]:
    """Find periods that share a year: they cannot be points of one trend."""
    spans = {str(one): _span(str(one)) for one in rows["period"].unique()}
    known = sorted((span, name) for name, span in spans.items() if span is not None)
    for (one, first), (two, second) in itertools.pairwise(known):
        if two[0] <= one[1]:
            yield (
                CAUTION, f"the periods '{first}' and '{second}' overlap",
                rows[rows["period"].astype(str) == second],
                "Keep periods apart, or leave the overlapping ones out of trends.",
            )  # fmt: skip
            return


def _span(period: str) -> tuple[int, int] | None:
    """Read a period as months since year 0; None where it cannot be read.

    Examples
    --------
    >>> _span("2021 to 2023"), _span("2024/25"), _span("2025")
    ((24252, 24287), (24291, 24302), (24300, 24311))
    """
    if two := re.fullmatch(r"(\d{4})\s*(?:to|-|–)\s*(\d{4})", period):
        return int(two[1]) * 12, int(two[2]) * 12 + 11
    if school := re.fullmatch(r"(\d{4})\s*/\s*(\d{2}|\d{4})", period):
        return int(school[1]) * 12 + 3, int(school[1]) * 12 + 14
    if re.fullmatch(r"\d{4}", period):
        return int(period) * 12, int(period) * 12 + 11
    return None

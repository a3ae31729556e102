"""What is wrong or odd in tables of indicators, before anything is made of them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator
from typing import TypeAlias

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import METHODS_BY_AGE, check_columns
from geoprofiles.words import listed

SHARES = ("proportion", "survey")
SCORES = ("value", "mean")
"""What may lie below 0, as a score about a mean does."""
COUNTED = ("rate", "proportion")
"""What counts: its limits and tests are those of whole numbers."""
ROUNDING = 1e-6

ERROR, CAUTION = "error", "caution"

FRACTIONS = "a numerator is no whole number"
MOST_LACK, NO_YEAR = "most areas lack the period", "no year can be read in the period"
TOLD_IN_RUNS = (FRACTIONS, MOST_LACK, NO_YEAR)
"""How the cautions begin that a run tells its readers: they change figures without a trace."""


SCALE = 20
"""Times below the median at which a percentage below 1 is asked about."""


def check_indicators(
    table: pd.DataFrame, definitions: pd.DataFrame, *, areas: Collection[str] | None = None
) -> pd.DataFrame:
    """Look through a table of indicators for what would mislead.

    Parameters
    ----------
    table : DataFrame
        ``area_code``, ``indicator``, ``period``, ``numerator``, ``denominator``.
    definitions : DataFrame
        Index ``indicator``; ``method``; ``unit`` and ``design_effect`` where there are any.
    areas : collection of str, optional
        The codes that there should be.

    Returns
    -------
    DataFrame
        ``severity`` (``"error"``: no figure can be made of it; ``"caution"``), ``indicator``,
        ``problem``, ``count`` (rows), ``first`` (code of the first area), ``remedy``. Empty where
        all is well.

    Raises
    ------
    InputError
        If a column is missing, or an indicator is defined twice.

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
    check_columns(definitions, ["method"], what="Definitions")
    twice = definitions.index[definitions.index.duplicated()]
    if len(twice):
        raise InputError(f"the indicator '{twice[0]}' is defined twice")
    found: list[tuple[str, object, str, pd.DataFrame, str]] = []
    for name, rows in table.groupby("indicator", sort=False, observed=True):
        if name not in definitions.index:
            found.append((ERROR, name, "it has no definition", rows, "Define it, or leave it out."))
            continue
        weighted = name in table.attrs.get("weighted", ())
        of_one = _of_one(rows, definitions.loc[name], weighted=weighted)
        said = itertools.chain(of_one, _of_areas(rows, areas))
        found += [(one[0], name, *one[1:]) for one in said]
    columns = ["severity", "indicator", "problem", "count", "first", "remedy"]
    return pd.DataFrame(
        [
            (severity, name, problem, len(rows), rows["area_code"].iloc[0], remedy)
            for severity, name, problem, rows, remedy in found
        ],
        columns=columns,
    )


Finding: TypeAlias = tuple[str, str, pd.DataFrame, str]
"""Severity, problem, the rows that have it, and the remedy."""


def _of_areas(rows: pd.DataFrame, areas: Collection[str] | None) -> Iterator[Finding]:
    """Compare the codes that there are with those that there should be."""
    if areas is None:
        return
    present, wanted = rows["area_code"].astype(object).unique(), list(areas)
    held, expected = set(present), set(wanted)
    for lacking, told, remedy in (
        ([one for one in wanted if one not in held], "areas are missing",
         "A missing area is not zero; add its row."),
        ([one for one in present if one not in expected], "codes are of none of these areas",
         "Are they totals, or areas of another vintage?"),
    ):  # fmt: skip
        if lacking:
            number = len(wanted) if told == "areas are missing" else len(present)
            problem = f"{len(lacking):,} of {number:,} {told}: {listed(map(str, lacking), most=5)}"
            yield CAUTION, problem, pd.DataFrame({"area_code": lacking}), remedy


def _of_one(rows: pd.DataFrame, definition: pd.Series, *, weighted: bool) -> Iterator[Finding]:
    method = str(definition["method"])
    by = ["age"] if method in METHODS_BY_AGE else ["observed"] if method == "median" else []
    split = [one for one in ("sex", *by) if one in rows]
    again = rows.duplicated(["area_code", "period", *split])
    if again.any():
        yield ERROR, "an area comes twice in a period", rows[again], "Keep one row for each."
    if method == "given":
        yield from _given(rows, str(definition.get("unit", "")), definition.get("disclosure"))
    elif method == "median":
        yield from _observed(rows)
    else:
        yield from _sums(rows, definition, method, weighted=weighted)
    yield from _periods(rows)


def _sums(
    rows: pd.DataFrame, definition: pd.Series, method: str, *, weighted: bool
) -> Iterator[Finding]:
    part, whole = rows["numerator"].astype(float), rows["denominator"].astype(float)
    negative = (part < 0) & (method not in SCORES) | (whole < 0)
    for severity, bad, problem, remedy in (
        (ERROR, whole.isna() & part.notna(), "the denominator is missing",
         "Without it there is a count and no rate."),
        (ERROR, whole == 0, "the denominator is zero", "There is no rate where nobody is."),
        (ERROR, negative, "a number is negative", "Counts are 0 or more."),
        (ERROR, (part > whole) & (method in SHARES), "the numerator is larger than the denominator",
         "A part cannot exceed its whole: are the two columns the wrong way round?"),
        (ERROR, part.isna().all() & _some(rows, "value"),
         f"it has values and no numerator, and its method is '{method}'",
         "Say method = given, or add what its values are made of."),
        (CAUTION, part.isna(), "the numerator is not known (suppressed or empty)",
         "It is carried as not known; an empty cell that means none should be 0."),
    ):  # fmt: skip
        if bad.any():
            yield severity, problem, rows[bad], remedy
    if method in COUNTED and not weighted:
        yield from _fractions(rows, part)
    if method in SHARES:
        yield from _shares(rows, part, whole)
    if method in METHODS_BY_AGE and "age" not in rows:
        problem = "it is standardised by age, and the table has no column 'age'"
        yield ERROR, problem, rows, "Give one row for each age."
    if method == "mean" and "squares" not in rows:
        problem = "it is a mean, and the table has no column 'squares'"
        yield ERROR, problem, rows, "Add the sums of squared values, or use the method 'value'."
    if method == "survey" and pd.isna(definition.get("design_effect", float("nan"))):
        problem = "it is a survey, and no design effect is said"
        yield CAUTION, problem, rows, "Its limits are those of a simple sample, as a rule too near."


def _observed(rows: pd.DataFrame) -> Iterator[Finding]:
    """Look through the values that a median is taken of."""
    if "observed" not in rows:
        problem = "it is a median, and the table has no column 'observed'"
        yield ERROR, problem, rows, "Give one row for each value that was seen."
        return
    lacking = rows["observed"].isna()
    if lacking.any():
        told = "It is carried as not known: nor is the median of its area."
        yield CAUTION, "a value is not known", rows[lacking], told


def _some(rows: pd.DataFrame, column: str) -> pd.Series:
    """Tell which rows have something in a column that need not be there."""
    return rows[column].notna() if column in rows else pd.Series(False, index=rows.index)


def _fractions(rows: pd.DataFrame, part: pd.Series) -> Iterator[Finding]:
    """Find counts that are none."""
    broken = (part - part.round()).abs() > ROUNDING
    if broken.any():
        problem = f"{FRACTIONS} ({part[broken].iloc[0]:g})"
        yield CAUTION, problem, rows[broken], "Is it a rate or a percentage in place of a count?"


def _shares(rows: pd.DataFrame, part: pd.Series, whole: pd.Series) -> Iterator[Finding]:
    """Look for percentages in place of counts."""
    known = whole.dropna()
    small = part.between(0, 1) & (part % 1 != 0)
    if len(known) and (known == 100).all():
        if small.any() and part.max() <= 1:
            yield (
                ERROR, "percentages are given as parts of 1 over 100", rows,
                "Give numerators that are counted over the same denominators.",
            )  # fmt: skip
        else:
            yield (
                CAUTION, "every denominator is 100: these are percentages, not counts", rows,
                "Limits and tests need the numbers behind them.",
            )  # fmt: skip
    elif len(known) and (known == 1).all() and small.any():
        yield (
            CAUTION, "every denominator is 1: these are parts of 1, not counts", rows,
            "Limits and tests need the numbers behind them.",
        )  # fmt: skip
    if small.any() and (part > 1).any():
        yield (
            CAUTION, "some numerators are parts of 1, others are counts", rows[small],
            "Is a percentage given as 0 to 1 in some rows and as a count in others?",
        )  # fmt: skip


def _given(rows: pd.DataFrame, unit: str, rule: object) -> Iterator[Finding]:
    """Look at figures that are taken as they are."""
    lacking = [one for one in ("value", "lower", "upper") if one not in rows]
    if lacking:
        problem = f"its figures are given, and the table has no column {listed(map(repr, lacking))}"
        yield ERROR, problem, rows, "Add it; leave cells empty where there are no limits."
        return
    value, lower, upper = (rows[one].astype(float) for one in ("value", "lower", "upper"))
    bare = rows["numerator"].isna() & value.notna()
    if rule not in {None, "", "none"} and bare.any():
        problem = f"figures are given without a numerator, which the rule '{rule}' counts"
        yield ERROR, problem, rows[bare], "Add it, or withhold what must be and take the rule out."
    outside = (value < lower) | (value > upper)
    if outside.any():
        yield ERROR, "a value lies outside its limits", rows[outside], "Are columns mixed up?"
    if value.isna().any():
        yield (
            CAUTION, "the value is not known (suppressed or empty)", rows[value.isna()],
            "It is carried as not known; an empty cell that means none should be 0.",
        )  # fmt: skip
    parts = value.between(0, 1) & (value % 1 != 0)
    if "%" in unit and parts.any() and value.max() <= 1:
        yield (
            CAUTION, "percentages are given as parts of 1", rows,
            "Multiply them by 100, or say another unit than %.",
        )  # fmt: skip
        return
    # A hundredth of the usual is a slip of scale; a twentieth catches it where areas differ too. Of
    # fewer than four figures none is usual.
    mixed = parts & (value < value.median() / SCALE) & (value.notna().sum() >= 4)
    if "%" in unit and mixed.any():
        yield (
            CAUTION, "some percentages look like parts of 1, beside others of 100", rows[mixed],
            "Multiply those by 100; leave them if they are so small.",
        )  # fmt: skip


def _periods(rows: pd.DataFrame) -> Iterator[Finding]:
    """Find periods that are mistyped, or that share a year and so cannot be points of a trend."""
    areas = rows.groupby(rows["period"].astype(str), sort=False)["area_code"].nunique()
    for period, number in areas.items():
        mine = rows["period"].astype(str) == period
        if not re.search(r"\d{4}", str(period)) and (len(areas) > 1 or period):
            problem = f"{NO_YEAR} '{period}'"
            yield CAUTION, problem, rows[mine], "Write its year in full, or it comes before others."
        elif 2 * number < areas.max():
            problem = f"{MOST_LACK} '{period}': {number:,} of {areas.max():,} have it"
            yield CAUTION, problem, rows[mine], "Is it mistyped? It is not taken for the latest."
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

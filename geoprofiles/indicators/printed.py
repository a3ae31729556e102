"""Figures that a document has printed, recomputed with the tests that it left out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

import pandas as pd

from geoprofiles.areas.change import FEWER, MORE, TOO_FEW, UNCLEAR
from geoprofiles.areas.rates import proportion
from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.indicators.difference import (
    Difference,
    count_difference,
    proportion_difference,
)
from geoprofiles.indicators.measure_figures import days_of
from geoprofiles.indicators.measure_words import change_words
from geoprofiles.words import decimals

UNTESTED = "cannot be tested without n"
POSSIBLE, IMPOSSIBLE = "some count gives it", "no count gives it"
LIMITS_ONLY = "nothing to compare with"
YES, NO, NOT_PRINTED = "yes", "no", "not printed"

PRINTED_COLUMNS = (
    "id", "text", "kind", "before", "after", "printed", "recomputed", "agrees", "ratio",
    "ratio_lower", "ratio_upper", "change", "lower", "upper", "change_unit", "p", "verdict",
    "sentence", "note",
)  # fmt: skip


def check_printed(
    figures: pd.DataFrame | Iterable[Mapping[str, Any]], *, level: float = 0.05
) -> pd.DataFrame:
    """Recompute the figures a document quotes, and test what it claims.

    Parameters
    ----------
    figures : DataFrame or list of dict
        ``id``, ``text`` and ``kind``: ``"counts"`` (the default; ``before`` and ``after``),
        ``"percentages"`` (``before`` and ``after``, with ``before_n`` and ``after_n``, how many
        they are of, and ``design_effect`` where known), ``"rate"`` (``value`` for each ``per`` of
        a ``population``: which whole counts give it?) or ``"proportion"`` (``numerator`` and
        ``denominator``). ``percent`` is what was printed: of a change for counts, of the share for
        proportions; of percentages, the change in points. ``before_period`` and ``after_period``
        let years of different lengths be compared by the day.
    level : float
        The probability at which a change is more than chance.

    Returns
    -------
    DataFrame
        One row a figure, in their order: ``printed`` and ``recomputed``, whether it ``agrees`` to
        the decimals printed, ``ratio`` (of counts) and ``change`` with 95% limits, ``p``,
        ``verdict`` (``"more"``, ``"fewer"``, ``"no clear change"``, ``"too few to say"``,
        ``"cannot be tested without n"``; of rates ``"some count gives it"`` or ``"no count gives
        it"``) and a ``sentence``.

    Raises
    ------
    InputError
        If a kind is not known, or a figure lacks what it is recomputed from.

    References
    ----------
    As for :func:`geoprofiles.scorecard`. Back-solving: Brown and Heathers (2017). *Social
    Psychological and Personality Science* 8, 363-369.

    Examples
    --------
    >>> import geoprofiles
    >>> table = geoprofiles.check_printed([
    ...     {"id": "drugs", "before": 722, "after": 664, "percent": -8},
    ...     {"id": "felt", "kind": "percentages", "before": 13, "after": 36}])
    >>> table[["recomputed", "agrees", "verdict"]].round(2).values.tolist()
    [[-8.03, 'yes', 'no clear change'], [23.0, 'not printed', 'cannot be tested without n']]
    """
    rows = figures.to_dict("records") if isinstance(figures, pd.DataFrame) else list(figures)
    told = []
    for number, row in enumerate(rows, 1):
        name = str(row.get("id") or f"number {number}")
        said = {key: value for key, value in row.items() if not _empty(value)}
        kind = check_choice(said.get("kind", "counts"), list(_CHECKS), f"kind of {name}")
        needed, check = _CHECKS[kind]
        lacking = [key for key in needed if key not in said]
        if lacking:
            raise InputError(f"the printed figure '{name}' lacks '{lacking[0]}'")
        _check_numbers(name, said)
        try:
            made = check(said, level)
        except InputError as error:
            raise InputError(f"the printed figure '{name}': {error.problem}") from error
        texts = {key: str(said.get(key, "")) for key in ("text", "note")}
        told.append({"id": name, "kind": kind, **texts, **_agreement(said, made), **made})
    return pd.DataFrame(told, columns=list(PRINTED_COLUMNS))


_NUMBERS = ("before", "after", "before_n", "after_n", "value", "per", "population", "numerator",
            "denominator", "design_effect", "percent")  # fmt: skip
_ABOVE_0 = ("before_n", "after_n", "per", "population", "denominator", "design_effect")


def _check_numbers(name: str, said: Mapping[str, Any]) -> None:
    """Refuse text for a number, and a number that cannot be."""
    for key in _NUMBERS:
        if key not in said:
            continue
        value = said[key]
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            raise InputError(f"the printed figure '{name}': '{key}' must be a number")
        if key != "percent" and (value < 0 or (key in _ABOVE_0 and value == 0)):
            least = "above 0" if key in _ABOVE_0 else "0 or more"
            raise InputError(f"the printed figure '{name}': '{key}' must be {least}")


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NA


def _agreement(said: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, Any]:
    """Tell whether what was printed is what comes out, to as many decimals as were printed."""
    if "percent" not in said or "recomputed" not in made:
        return {"agrees": NOT_PRINTED}
    printed = float(said["percent"])
    near = abs(printed - made["recomputed"]) <= 0.5 * 10 ** -decimals(printed) + 1e-9
    return {"printed": printed, "agrees": YES if near else NO}


def _tested(difference: Difference, level: float) -> dict[str, Any]:
    if difference.few:
        verdict = TOO_FEW
    elif difference.p > level or difference.sign == 0:
        verdict = UNCLEAR
    else:
        verdict = MORE if difference.sign > 0 else FEWER
    return {
        "change": difference.change, "lower": difference.lower, "upper": difference.upper,
        "change_unit": difference.unit, "p": difference.p, "verdict": verdict,
    }  # fmt: skip


def _counts(said: Mapping[str, Any], level: float) -> dict[str, Any]:
    before, after = float(said["before"]), float(said["after"])
    days = [days_of(str(said.get(key, ""))) for key in ("before_period", "after_period")]
    exposure = days[1] / days[0] if days[0] and days[1] else 1.0
    found = count_difference(before, after, exposure=exposure)
    ends = (found.change, found.lower, found.upper)
    sentence = f"{before:,.0f} to {after:,.0f}: "
    if exposure != 1 and before > 0:
        sentence += f"{100 * (after / before - 1):+.1f}%, by the day "
    sentence += "too few to say" if found.few else change_words(found)
    made = {
        **_tested(found, level), "before": before, "after": after, "sentence": f"{sentence}.",
        **{name: 1 + one / 100
           for name, one in zip(("ratio", "ratio_lower", "ratio_upper"), ends, strict=True)},
    }  # fmt: skip
    # What is printed is of the counts as they are, not by the day.
    return made | ({"recomputed": 100 * (after / before - 1)} if before > 0 else {})


def _percentages(said: Mapping[str, Any], level: float) -> dict[str, Any]:
    before, after = float(said["before"]), float(said["after"])
    points = {"before": before, "after": after, "recomputed": round(after - before, 9)}
    both = f"{before:g}% to {after:g}%"
    if "before_n" not in said or "after_n" not in said:
        sentence = f"{both}: {UNTESTED}, how many were asked."
        return {**points, "change": after - before, "change_unit": "percentage points",
                "verdict": UNTESTED, "sentence": sentence}  # fmt: skip
    sizes = float(said["before_n"]), float(said["after_n"])
    effect = float(said.get("design_effect", 1.0))
    found = proportion_difference(
        (before / 100 * sizes[0], sizes[0]), (after / 100 * sizes[1], sizes[1]),
        design_effects=(effect, effect),
    )  # fmt: skip
    asked = f"of {sizes[0]:,.0f} and {sizes[1]:,.0f}"
    told = "too few to say" if found.few else change_words(found)
    return {**_tested(found, level), **points, "sentence": f"{both} {asked}: {told}."}


def _rate(said: Mapping[str, Any], level: float) -> dict[str, Any]:
    """Say which whole counts give a rate as it is printed."""
    value, people = float(said["value"]), float(said["population"])
    per = float(said.get("per", 1000))
    lowest, highest = counts_for(value, people, per=per)
    rate = f"{value:g} per {per:,.0f} of {people:,.0f}"
    if lowest <= highest:
        counts = f"{lowest:,}" if lowest == highest else f"{lowest:,} to {highest:,}"
        return {"before": lowest, "after": highest, "verdict": POSSIBLE,
                "sentence": f"{rate}: counts of {counts} give it."}  # fmt: skip
    near = [f"{count:,} gives {count / people * per:.2f}" for count in (highest, lowest)]
    return {"verdict": IMPOSSIBLE,
            "sentence": f"{rate}: no count gives it; {near[0]} and {near[1]}."}  # fmt: skip


def counts_for(value: float, population: float, *, per: float) -> tuple[int, int]:
    """Return the least and the largest count whose rate is printed so; crossed where none is.

    Examples
    --------
    >>> counts_for(125.2, 252_359, per=1000), counts_for(439, 19_031, per=100_000)
    ((31583, 31607), (84, 83))
    """
    half = 0.5 * 10 ** -decimals(value)
    # A hair for halves, which are rounded either way.
    lowest = math.ceil((value - half) * population / per - 1e-9)
    return max(lowest, 0), math.floor((value + half) * population / per + 1e-9)


def _proportion(said: Mapping[str, Any], level: float) -> dict[str, Any]:
    part, whole = float(said["numerator"]), float(said["denominator"])
    limits = proportion([part], [whole]).iloc[0]
    value, lower, upper = (float(limits[one]) for one in ("value", "lower", "upper"))
    return {
        "after": value, "recomputed": value, "lower": lower, "upper": upper,
        "change_unit": "%", "verdict": LIMITS_ONLY,
        "sentence": f"{part:,.0f} of {whole:,.0f} is {value:.1f}%, 95% limits {lower:.1f}% to"
        f" {upper:.1f}%.",
    }  # fmt: skip


_CHECKS = {
    "counts": (("before", "after"), _counts),
    "percentages": (("before", "after"), _percentages),
    "rate": (("value", "population"), _rate),
    "proportion": (("numerator", "denominator"), _proportion),
}
"""By kind: what it is recomputed from, and how."""

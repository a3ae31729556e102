"""A strategy's scorecard: each measure with its baseline, target, latest figure and evidence."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns
from geoprofiles.indicators.measure_case import Case, make_case
from geoprofiles.indicators.measure_figures import month_number, same_length
from geoprofiles.indicators.measure_words import evidence
from geoprofiles.words import period_months

MET = "met"
RIGHT_WAY = "moving the right way (beyond chance)"
UNCLEAR = "no clear change"
WRONG_WAY = "moving the wrong way"
TOO_FEW = "too few to say"
NOT_COMPARABLE = "not comparable"
NO_DATA = "no data"
WATCH = "no direction: watch"
STATUSES = (MET, RIGHT_WAY, UNCLEAR, WRONG_WAY, TOO_FEW, NOT_COMPARABLE, NO_DATA, WATCH)

ON_COURSE, AHEAD, BEHIND, CANNOT_BE_SAID = "on course", "ahead", "behind", "cannot be said"

SCORECARD_COLUMNS = (
    "id", "priority", "action", "measure", "lead", "direction", "kind", "unit", "baseline",
    "baseline_period", "target", "target_date", "latest", "latest_lower", "latest_upper",
    "latest_period", "before", "before_period", "change", "change_lower", "change_upper",
    "change_unit", "p", "status", "course", "evidence", "hazard", "source",
)  # fmt: skip


def scorecard(
    measures: pd.DataFrame,
    values: pd.DataFrame | None = None,
    *,
    breaks: pd.DataFrame | None = None,
    level: float = 0.05,
) -> pd.DataFrame:
    """Say of each measure of a strategy whether it has been met, and what the evidence is.

    The latest figure is set against the baseline; without one against the figure before it, and
    then nothing can be met. Counts and rates are compared by the E-test with exact limits of their
    ratio, days (and people) taken into account, and the spread of months where those are given;
    proportions by a two-sample test with Newcombe's limits, surveys with their design effect;
    given figures by their limits.

    Parameters
    ----------
    measures : DataFrame
        ``id``, ``measure``, ``direction`` (``"up"``, ``"down"``, ``"none"``) and ``kind``
        (``"count"``, ``"rate"``, ``"proportion"``, ``"survey proportion"``, ``"given"``). Where
        known: ``priority``, ``action``, ``lead``, ``per``, ``unit``, ``baseline``,
        ``baseline_period``, ``target``, ``target_date``, ``hazard``, ``source``, and ``missing``
        (why figures are not there).
    values : DataFrame, optional
        ``id``, ``period``, and ``value`` or ``numerator`` and ``denominator``; ``design_effect``,
        ``lower``, ``upper``, ``months`` (counts), ``definition``, ``source`` where known. Periods
        read as in ``"2024/25"``, ``"2025"``, ``"2025-07 to 2026-06"``.
    breaks : DataFrame, optional
        Where recording changed: ``category`` (the id of a measure; empty for all), ``month``.
    level : float
        The probability at which a change is more than chance.

    Returns
    -------
    DataFrame
        One row a measure, in their order: what was said of it; ``latest`` with 95% limits and
        period; ``before`` and ``before_period`` (what it is compared with); ``change`` with limits
        and ``change_unit`` (percent for counts and rates); ``p``; ``status`` (one of eight words,
        as the documentation says); ``course`` (``"on course"``, ``"ahead"``, ``"behind"`` of a
        straight line from baseline to target, ``"cannot be said"``; empty where no target date
        lies ahead); ``evidence`` (sentences). ``attrs["notes"]`` says how many were tested.

    Raises
    ------
    InputError
        If a column is missing, a word is not known, a measure comes twice, or a figure is of none.

    References
    ----------
    As for :func:`geoprofiles.change_between`. Newcombe (1998). *Statistics in Medicine* 17,
    873-890.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> measures = pd.DataFrame({"id": ["B2"], "measure": ["Drug offences"],
    ...     "direction": ["down"], "kind": ["count"]})
    >>> values = pd.DataFrame({"id": "B2", "period": ["2016/17", "2017/18"], "value": [722, 664]})
    >>> geoprofiles.scorecard(measures, values)["evidence"][0]
    '664 (2017/18) against 722 (2016/17): −8.0% (95% limits −17.4% to +2.3%), p 0.12, which chance
    may bring. There is no baseline: the figure before it stands in its place, and it cannot be
    met.'
    """
    check_columns(measures, ["id", "measure", "direction", "kind"], what="Measures")
    if not 0 < level < 1:
        raise InputError(f"'level' must be between 0 and 1; it is {level!r}")
    again = measures["id"][measures["id"].duplicated()]
    if len(again):
        raise InputError(f"the measure '{again.iloc[0]}' comes twice")
    table = pd.DataFrame(columns=["id", "period"]) if values is None else values
    check_columns(table, ["id", "period"], what="Values")
    strange = sorted(set(table["id"]) - set(measures["id"]))
    if strange:
        raise InputError(f"there are figures of '{strange[0]}', which is no measure")
    by_id = {str(name): some.to_dict("records") for name, some in table.groupby("id", sort=False)}
    rows = [
        _row(make_case(one, by_id.get(str(one["id"]), []), breaks), level)
        for one in measures.to_dict("records")
    ]
    result = pd.DataFrame(rows, columns=list(SCORECARD_COLUMNS))
    tested = int(result["p"].notna().sum())
    result.attrs["notes"] = [
        f"{tested} of {len(result)} measures could be tested. At {level:.0%}, some"
        f" {tested * level:.1f} would seem to move by chance alone."
    ]
    return result


def _row(case: Case, level: float) -> dict[str, Any]:
    """Judge one measure."""
    measure, latest, before = case.measure, case.latest, case.before
    difference = case.difference
    row: dict[str, Any] = {
        **measure.said,
        "id": measure.id, "measure": measure.name, "direction": measure.direction,
        "kind": measure.kind, "target": measure.target, "status": _status(case, level),
        "baseline": case.base.value if case.base else measure.baseline,
        "course": _course(case), "evidence": evidence(case, reached=reached(case), level=level),
    }  # fmt: skip
    if latest is not None:
        row |= {"latest": latest.value, "latest_lower": latest.lower,
                "latest_upper": latest.upper, "latest_period": latest.period,
                "source": measure.said["source"] or latest.source}  # fmt: skip
    if before is not None:
        row |= {"before": before.value, "before_period": before.period}
    if difference is not None:
        row |= {"change": difference.change, "change_lower": difference.lower,
                "change_upper": difference.upper, "change_unit": difference.unit,
                "p": math.nan if difference.few else difference.p}  # fmt: skip
    return row


def _status(case: Case, level: float) -> str:
    """Choose the word; what is not known or not alike comes before what seems good."""
    difference = case.difference
    for holds, status in (
        (bool(case.lacking), NO_DATA),
        (case.measure.direction == "none", WATCH),
        (bool(case.broken), NOT_COMPARABLE),
        (reached(case), MET),
    ):
        if holds:
            return status
    if difference is None:
        return NOT_COMPARABLE
    if difference.few:
        return TOO_FEW
    if difference.p > level or difference.sign == 0:
        return UNCLEAR
    return RIGHT_WAY if difference.sign == case.measure.sign else WRONG_WAY


def reached(case: Case) -> bool:
    """Tell whether the target is reached; never without a baseline, nor by a shorter period."""
    measure, base, latest = case.measure, case.base, case.latest
    if base is None or latest is None or math.isnan(measure.target) or case.broken:
        return False
    return same_length(base, latest) and measure.sign * (latest.value - measure.target) >= 0


def _course(case: Case) -> str:
    """Set the latest figure beside a straight line from baseline to target."""
    measure, base, latest = case.measure, case.base, case.latest
    date = period_months(measure.said["target_date"])
    if date is None or latest is None or math.isnan(measure.target) or case.lacking:
        return ""
    if latest.months is not None and latest.months[1] >= date[1]:
        return ""
    if (
        base is None or case.difference is None or case.difference.few
        or base.months is None or latest.months is None
        or not same_length(base, latest) or math.isnan(latest.upper - latest.lower)
    ):  # fmt: skip
        return CANNOT_BE_SAID
    start, now, end = (month_number(one) for one in (base.months[1], latest.months[1], date[1]))
    line = base.value + (measure.target - base.value) * (now - start) / (end - start)
    if latest.lower <= line <= latest.upper:
        return ON_COURSE
    return AHEAD if measure.sign * (latest.value - line) > 0 else BEHIND

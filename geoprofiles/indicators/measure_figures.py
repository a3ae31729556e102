"""One figure of a strategy's measure, and what can be said of two of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.areas.rates import crude_rate, proportion
from geoprofiles.indicators.difference import (
    Difference,
    count_difference,
    given_difference,
    proportion_difference,
)
from geoprofiles.indicators.measures import survey_proportion
from geoprofiles.words import period_months

COUNTED = ("count", "rate")


@dataclass(frozen=True)
class Figure:
    """What was measured in one period, with its limits where they can be told."""

    kind: str
    period: str
    value: float
    lower: float = math.nan
    upper: float = math.nan
    numerator: float = math.nan
    denominator: float = math.nan
    design_effect: float = 1.0
    counts: tuple[float, ...] | None = None
    """Of its months."""
    definition: str = ""
    source: str = ""

    @property
    def months(self) -> tuple[str, str] | None:
        """First and last month, where the period can be read."""
        return period_months(self.period)

    @property
    def known_parts(self) -> bool:
        """Whether it can be tested: its counts are known, or its limits."""
        if self.kind == "count":
            return not math.isnan(self.numerator)
        if self.kind == "given":
            return not math.isnan(self.upper - self.lower)
        return self.denominator > 0 and not math.isnan(self.numerator)


def make_figure(row: Any, *, kind: str, per: float) -> Figure:
    """Make a figure of a row of values: from its parts where they are known."""
    said = {key: _number(row, key) for key in ("value", "lower", "upper", "numerator",
                                               "denominator", "design_effect")}  # fmt: skip
    effect = 1.0 if math.isnan(said["design_effect"]) else said["design_effect"]
    counts = row.get("months")
    counts = tuple(map(float, counts)) if isinstance(counts, list | tuple | np.ndarray) else None
    if math.isnan(said["numerator"]):
        part = said["value"] if kind == "count" else math.nan
        if kind in {"proportion", "survey proportion"}:
            part = said["value"] / per * said["denominator"]
        said["numerator"] = float(sum(counts)) if counts else part
    numerator, denominator = said["numerator"], said["denominator"]
    known = not math.isnan(numerator) and (kind == "count" or denominator > 0)
    made = None
    if known and kind in COUNTED:
        made = crude_rate([numerator], [1.0 if kind == "count" else denominator], per=per)
    elif known and kind == "proportion":
        made = proportion([numerator], [denominator], per=per)
    elif known and kind == "survey proportion":
        made = survey_proportion([numerator], [denominator], design_effect=effect, per=per)
    if made is not None:
        said |= {one: float(made[one].iloc[0]) for one in ("value", "lower", "upper")}
    return Figure(
        kind, _text(row, "period"), said["value"], said["lower"], said["upper"],
        said["numerator"], said["denominator"], effect, counts, _text(row, "definition"),
        _text(row, "source"),
    )  # fmt: skip


def compare_figures(before: Figure, after: Figure, *, unit: str) -> Difference | str:
    """Test two figures of one measure; or say why they cannot be tested."""
    kind = after.kind
    if not (before.known_parts and after.known_parts):
        return {
            "count": "a count is not known",
            "rate": "a rate cannot be tested without its count and population",
            "given": "a figure cannot be tested without its limits",
        }.get(kind, "a percentage cannot be tested without n, how many it is of")
    if kind in COUNTED:
        exposure = _exposure(before, after)
        if exposure is None:
            return "how long a period was is not known"
        months = None
        if before.counts and after.counts:
            months = (before.counts, after.counts)
        firsts = [int(one.months[0][-2:]) if one.months else 1 for one in (before, after)]
        return count_difference(
            before.numerator, after.numerator, exposure=exposure, months=months,
            first_months=(firsts[0], firsts[1]),
        )  # fmt: skip
    if kind == "given":
        ends = [(one.value, one.lower, one.upper) for one in (before, after)]
        return given_difference(ends[0], ends[1], unit=unit)
    return proportion_difference(
        (before.numerator, before.denominator),
        (after.numerator, after.denominator),
        design_effects=(before.design_effect, after.design_effect),
    )


def same_length(one: Figure, two: Figure) -> bool:
    """Tell whether two periods have as many months; what is no count or rate has no length."""
    if one.kind not in COUNTED:
        return True
    lengths = [_length(figure) for figure in (one, two)]
    return lengths[0] is not None and lengths[0] == lengths[1]


def month_number(month: str) -> int:
    """Count months from the year 0 on.

    Examples
    --------
    >>> month_number("2024-01") - month_number("2023-12")
    1
    """
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _length(figure: Figure) -> int | None:
    months = figure.months
    return None if months is None else month_number(months[1]) - month_number(months[0]) + 1


def _exposure(before: Figure, after: Figure) -> float | None:
    """Return days, or people times days, of the later over those of the earlier."""
    days = [days_of(one.period) for one in (before, after)]
    if not (days[0] and days[1]):
        return None
    people = after.denominator / before.denominator if after.kind == "rate" else 1.0
    return float(days[1] / days[0] * people)


def days_of(period: str) -> int:
    """Return how many days a period has; 0 where it cannot be read.

    Examples
    --------
    >>> days_of("2019/20"), days_of("2025"), days_of("long ago")
    (366, 365, 0)
    """
    months = period_months(period)
    if months is None:
        return 0
    first, last = pd.Timestamp(months[0]), pd.Timestamp(months[1])
    return int((last - first).days + last.days_in_month)


def _number(row: Any, key: str) -> float:
    value = row.get(key)
    return math.nan if value is None or pd.isna(value) else float(value)


def _text(row: Any, key: str) -> str:
    value = row.get(key)
    return (
        value if isinstance(value, str) else "" if value is None or pd.isna(value) else str(value)
    )

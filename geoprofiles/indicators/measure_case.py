"""A measure of a strategy, its figures, and what of them can be compared."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geoprofiles.checks import check_choice
from geoprofiles.errors import InputError
from geoprofiles.frames import DIRECTIONS, MEASURE_KINDS
from geoprofiles.indicators.breaks import breaks_of
from geoprofiles.indicators.difference import Difference
from geoprofiles.indicators.measure_figures import Figure, compare_figures, make_figure
from geoprofiles.words import decimals, month_words, period_months

USUAL_PER = {"rate": 1000.0, "proportion": 100.0, "survey proportion": 100.0}
TEXTS = ("priority", "action", "lead", "unit", "baseline_period", "target_date", "hazard",
         "source", "missing")  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """A measure, with what it does not say filled in."""

    id: str
    name: str
    direction: str
    kind: str
    per: float
    baseline: float
    target: float
    said: Mapping[str, str]
    """Words of it, by column."""

    @property
    def sign(self) -> int:
        """1 where more is success, -1 where less is, 0 where neither is."""
        return {"up": 1, "down": -1}.get(self.direction, 0)


@dataclass(frozen=True)
class Case:
    """What is known of one measure."""

    measure: Measure
    latest: Figure | None = None
    base: Figure | None = None
    before: Figure | None = None
    """What the latest is compared with: the baseline, or without one the figure before."""
    lacking: str = ""
    """Why there is no figure to judge, in a sentence."""
    broken: str = ""
    """Why the two figures are not of one thing."""
    untested: str = ""
    """Why there is no test."""
    difference: Difference | None = None


def make_case(
    row: Mapping[str, Any], values: Sequence[Mapping[str, Any]], breaks: pd.DataFrame | None
) -> Case:
    """Put together what is known of one measure, and compare what can be compared."""
    measure = _measure(row)
    try:
        made = [make_figure(one, kind=measure.kind, per=measure.per) for one in values]
    except InputError as error:
        raise InputError(f"the measure '{measure.id}': {error.problem}") from error
    figures = sorted((one for one in made if not math.isnan(one.value)), key=_when)
    base = _baseline(measure, figures)
    latest = figures[-1] if figures else None
    lacking = _lacking(measure, base, latest)
    before = base
    if base is None and len(figures) > 1 and not measure.said["baseline_period"]:
        before = figures[-2]
    if latest is None or lacking:
        return Case(measure, latest, base, lacking=lacking)
    if before is None:
        return Case(measure, latest, untested="there is no baseline, and no figure before it")
    broken = _broken(measure, before, latest, breaks)
    found = compare_figures(before, latest, unit=measure.said["unit"])
    return Case(
        measure, latest, base, before, broken=broken,
        untested=found if isinstance(found, str) else "",
        # What is not of one thing is not tested.
        difference=found if isinstance(found, Difference) and not broken else None,
    )  # fmt: skip


def _measure(row: Mapping[str, Any]) -> Measure:
    name = str(row["id"])
    direction = check_choice(row["direction"], DIRECTIONS, f"direction of {name}")
    kind = check_choice(row["kind"], MEASURE_KINDS, f"kind of {name}")
    numbers = {
        key: math.nan if row.get(key) is None or pd.isna(row[key]) else float(row[key])
        for key in ("per", "baseline", "target")
    }
    per = numbers["per"]
    if kind == "count" or math.isnan(per):
        per = USUAL_PER.get(kind, 1.0)
    said = {key: row[key] if isinstance(row.get(key), str) else "" for key in TEXTS}
    if not said["unit"] and kind == "rate":
        said["unit"] = f"per {per:,.0f}"
    elif not said["unit"] and kind in USUAL_PER and per == 100:
        said["unit"] = "%"
    return Measure(
        name, str(row["measure"]), direction, kind, per, numbers["baseline"], numbers["target"],
        said,
    )  # fmt: skip


def _when(figure: Figure) -> str:
    """Order figures by the end of their period, or by the last year that is written."""
    years = re.findall(r"(?:19|20)\d\d", figure.period)
    return figure.months[1] if figure.months else f"{years[-1]}-12" if years else ""


def _baseline(measure: Measure, figures: list[Figure]) -> Figure | None:
    """Return the figure of the baseline period; without one, the baseline as a bare number."""
    period = measure.said["baseline_period"]
    months = period_months(period)
    for one in figures:
        if period and (one.period == period or (months and one.months == months)):
            return one
    if math.isnan(measure.baseline):
        return None
    row = {"period": period, "value": measure.baseline}
    return make_figure(row, kind=measure.kind, per=measure.per)


def _lacking(measure: Measure, base: Figure | None, latest: Figure | None) -> str:
    """Say what figure is not there, in a sentence; empty where all are."""
    period, why = measure.said["baseline_period"], measure.said["missing"]
    if latest is None:
        return why or "There is no figure."
    if base is None and period:
        return why or f"There is no figure of the baseline period {period}."
    if latest is base or (base is not None and period and _when(latest) <= _when(base)):
        return why or f"There is no figure after the baseline ({period})."
    return ""


def _broken(measure: Measure, before: Figure, latest: Figure, breaks: pd.DataFrame | None) -> str:
    """Say why two figures are not of one thing; empty where they are."""
    definitions = [one.definition for one in (before, latest) if one.definition]
    if len(set(definitions)) > 1:
        return f"they are defined differently ('{definitions[0]}' and '{definitions[1]}')"
    told = measure.baseline
    if abs(before.value - told) > 0.5 * 10 ** -decimals(told) + 1e-9:
        return (
            f"the baseline is said to be {told:,g}, and the figures now give {before.value:,.6g}"
            f" for {before.period}"
        )
    if before.months is None or latest.months is None:
        return ""
    if latest.months[0] <= before.months[1]:
        return "the two periods overlap"
    known = breaks_of(breaks, category=measure.id)
    first, last = pd.Timestamp(before.months[0]), pd.Timestamp(latest.months[1])
    between = known[(known["month"] > first) & (known["month"] <= last)]
    if between.empty:
        return ""
    why = str(between["why"].iloc[0]).rstrip(".") if "why" in between else ""
    return f"recording changed in {month_words(between['month'].iloc[0])}" + (
        f" ({why})" if why else ""
    )

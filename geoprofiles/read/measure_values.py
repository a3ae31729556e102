"""The figures of a strategy's measures, as a strategy file gives them by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geoprofiles.errors import InputError
from geoprofiles.frames import MEASURE_VALUE_COLUMNS
from geoprofiles.read.archives import PathLike
from geoprofiles.read.definitions import need_known
from geoprofiles.words import decimals, nearest, period_months

SHARES = ("proportion", "survey proportion")
VALUE_KEYS = (*MEASURE_VALUE_COLUMNS[1:], "n")
_NUMBERS = ("value", "lower", "upper", "numerator", "denominator", "design_effect")
HOW_TO_WRITE = 'Write "2025", "2024/25", "2025-07", "2025-07 to 2026-06" or "year to June 2025".'


@dataclass(frozen=True)
class Entry:
    """One section of a file, and how what is wrong with it is told."""

    said: Mapping[str, Any]
    where: str
    path: PathLike

    def refuse(self, problem: str, remedy: str | None = None) -> InputError:
        """Make the error that names the file and the section."""
        return InputError(f"{self.where}: {problem}", file=str(self.path), remedy=remedy)

    def known(self, keys: Sequence[str]) -> None:
        """Refuse a key that is not known."""
        need_known(self.said, keys, self.where, self.path)

    def text(self, key: str) -> str:
        """Return a text; empty where it is not said."""
        value = self.said.get(key, "")
        if not isinstance(value, str):
            raise self.refuse(f"'{key}' must be text in quotation marks; it is {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; one text is a list of it."""
        value = self.said.get(key, [])
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise self.refuse(f"'{key}' must be a list of texts; it is {value!r}")
        return tuple(found)

    def items(self, key: str) -> list[Mapping[str, Any]]:
        """Return a list of tables."""
        found = self.said.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            raise self.refuse(
                f"'{key}' must be a list of tables", f"Write {key} = [{{ ... }}, {{ ... }}]."
            )
        return found

    def word(self, key: str, words: Sequence[str], default: str | None = None) -> str:
        """Return one of a few words; the nearest is suggested for another."""
        value = self.said.get(key, default)
        if value not in words:
            raise self.refuse(f"'{key}' cannot be {value!r}", nearest(str(value), words))
        return str(value)

    def number(self, key: str) -> float:
        """Return a number; NaN where it is not said."""
        return self.as_number(key, self.said.get(key, math.nan), said=key in self.said)

    def as_number(self, key: str, value: Any, *, said: bool = True) -> float:
        """Return what must be a number."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if said and not (number and math.isfinite(value)):
            raise self.refuse(
                f"'{key}' must be a number; it is {value!r}",
                "Write it without quotation marks, thousands separators or a unit.",
            )
        return float(value)

    def period(self, key: str) -> str:
        """Return a period or date that can be read; empty where it is not said."""
        value = str(self.said.get(key, ""))
        if key in self.said and period_months(value) is None:
            raise self.refuse(f"'{key}' cannot be read; it is '{value}'", HOW_TO_WRITE)
        return value


def values_of(measure: Mapping[str, Any], entry: Entry) -> list[dict[str, Any]]:
    """Check the figures of one measure, and bring them to numerators and denominators."""
    found = entry.items("values")
    if found and not measure["kind"]:
        raise entry.refuse(
            "its figures need a 'kind'",
            "Say whether they are a count, rate, proportion, survey proportion or given.",
        )
    rows: list[dict[str, Any]] = []
    for number, one in enumerate(found, 1):
        named = one.get("period", f"values, number {number}")
        row = _value(Entry(one, f"{entry.where}, {named}", entry.path), measure)
        if any(period_months(row["period"]) == period_months(past["period"]) for past in rows):
            raise entry.refuse(f"the period {row['period']} comes twice")
        rows.append(row)
    shares = [row["value"] for row in rows if not math.isnan(row["value"])]
    if measure["kind"] in SHARES and shares and 0 < max(shares) <= 1 < measure["per"]:
        raise entry.refuse(
            "its percentages all lie between 0 and 1",
            "Write 36 for 36%; where they are so small, give numerator and denominator.",
        )
    return rows


def _value(entry: Entry, measure: Mapping[str, Any]) -> dict[str, Any]:
    entry.known(VALUE_KEYS)
    period = entry.period("period")
    if not period:
        raise entry.refuse("there is no 'period'", HOW_TO_WRITE)
    row: dict[str, Any] = {key: entry.number(key) for key in _NUMBERS}
    if "n" in entry.said:
        if "denominator" in entry.said:
            raise entry.refuse("it has both 'n' and 'denominator'", "They are the same: give one.")
        row["denominator"] = entry.number("n")
    if row["numerator"] < 0 or row["denominator"] < 0:
        raise entry.refuse("a count is below 0")
    if row["design_effect"] <= 0:
        raise entry.refuse("the design effect must be above 0", "Without any it is 1.")
    row["months"] = _months(entry, measure, row["numerator"])
    if row["months"] is not None:
        row["numerator"] = float(sum(row["months"]))
    if measure["kind"] == "count":
        _count(row, entry)
    elif measure["kind"] in SHARES:
        _share(row, measure["per"], entry)
    if math.isnan(row["value"]) and math.isnan(row["numerator"]):
        raise entry.refuse("there is no figure", "Give value, or numerator and denominator.")
    row |= {key: entry.text(key) for key in ("definition", "source")}
    row |= {"id": measure["id"], "period": period}
    return {key: row[key] for key in MEASURE_VALUE_COLUMNS}


def _months(entry: Entry, measure: Mapping[str, Any], numerator: float) -> tuple[float, ...] | None:
    """Check the counts of months: as many as the period has, and their sum."""
    if "months" not in entry.said:
        return None
    found = entry.said["months"]
    if measure["kind"] not in {"count", "rate"} or not isinstance(found, list):
        raise entry.refuse("'months' is a list of the counts of a count or rate")
    months = tuple(entry.as_number("months", one) for one in found)
    span = period_months(entry.period("period")) or ("", "")
    (year, month), (end, until) = (map(int, one.split("-")) for one in span)
    length = (end - year) * 12 + until - month + 1
    if len(months) != length or min(months, default=0) < 0:
        raise entry.refuse(
            f"there are {len(months)} months; the period has {length}",
            "Give one count of 0 or more for each month, in order.",
        )
    if not math.isnan(numerator) and numerator != sum(months):
        raise entry.refuse(f"the months add up to {sum(months):g}, not {numerator:g}")
    return months


def _count(row: dict[str, Any], entry: Entry) -> None:
    """Let the value of a count be its number."""
    value, numerator = row["value"], row["numerator"]
    if not math.isnan(value) and not math.isnan(numerator) and value != numerator:
        raise entry.refuse(f"the count is {value:g} and {numerator:g}", "Give one of the two.")
    row["numerator"] = value if math.isnan(numerator) else numerator
    if row["numerator"] < 0 or row["numerator"] % 1 > 0:
        raise entry.refuse(
            f"{row['numerator']:g} is no count", "A count is a whole number, 0 or more."
        )


def _share(row: dict[str, Any], per: float, entry: Entry) -> None:
    """Check a percentage against its parts, and make what is missing of the two."""
    value, part, whole = row["value"], row["numerator"], row["denominator"]
    if value < 0 or value > per:
        raise entry.refuse(f"{value:g} is no share of {per:g}")
    if part > whole:
        raise entry.refuse(f"the numerator ({part:g}) is above its denominator ({whole:g})")
    made = part / whole * per if whole > 0 else math.nan
    if abs(made - value) > 0.5 * 10 ** -decimals(value) + 1e-9:
        raise entry.refuse(f"{part:g} of {whole:g} is {made:.2f}, not {value:g}")
    if math.isnan(part):
        row["numerator"] = value / per * whole


def check_baseline(measure: Mapping[str, Any], entry: Entry) -> None:
    """Refuse a target without a baseline, on its wrong side, or before it."""
    baseline, target = measure["baseline"], measure["target"]
    if not math.isnan(baseline) and not measure["baseline_period"]:
        raise entry.refuse("the baseline has no period", "Say in baseline_period of when it is.")
    if math.isnan(target):
        if measure["target_date"]:
            raise entry.refuse("it has a target_date and no target", "Give the target as well.")
        return
    if measure["direction"] == "none":
        raise entry.refuse("it has a target and no direction", "Write up or down.")
    if not measure["baseline_period"]:
        raise entry.refuse(
            "it has a target and no baseline",
            "Say in baseline_period from when it is measured; nothing is met without.",
        )
    if (target > baseline) if measure["direction"] == "down" else (target < baseline):
        raise entry.refuse(
            f"success lies {measure['direction']}, and the target of {target:g} lies the other"
            f" way from the baseline of {baseline:g}",
            "Check direction, baseline and target.",
        )
    ends = [period_months(measure[one]) for one in ("target_date", "baseline_period")]
    if ends[0] and ends[1] and ends[0][1] <= ends[1][1]:
        raise entry.refuse(
            f"the target date {measure['target_date']} does not come after the baseline"
            f" {measure['baseline_period']}"
        )

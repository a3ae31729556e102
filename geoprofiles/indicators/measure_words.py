"""How a measure's figures, their change and the evidence read."""

from __future__ import annotations

import math

from geoprofiles.indicators.difference import Difference
from geoprofiles.indicators.measure_case import Case
from geoprofiles.indicators.measure_figures import COUNTED, Figure, same_length
from geoprofiles.words import spell_months


def number_words(value: float, unit: str, *, whole: bool = False) -> str:
    """Write a figure with its unit.

    Examples
    --------
    >>> number_words(35.593, "%"), number_words(3031, "", whole=True)
    ('35.6%', '3,031')
    """
    number = f"{value:,.0f}" if whole else f"{value:,.1f}"
    return f"{number}%" if unit == "%" else f"{number} {unit}".strip()


def figure_words(figure: Figure, unit: str) -> str:
    """Write a figure with its parts and period."""
    counted = figure.kind == "count"
    said = number_words(figure.value, "" if counted else unit, whole=counted)
    parts = [spell_months(figure.period)] if figure.period else []
    if figure.kind != "given" and figure.denominator > 0:
        of = "among" if figure.kind == "rate" else "of"
        part = f"{figure.numerator:,.0f} {of} {figure.denominator:,.0f}"
        parts.insert(0, f"{part} asked" if figure.kind == "survey proportion" else part)
    return f"{said} ({', '.join(parts)})" if parts else said


def p_words(p: float) -> str:
    """Write a probability.

    Examples
    --------
    >>> p_words(0.12345), p_words(0.00718), p_words(1e-9), p_words(1.0)
    ('p 0.12', 'p 0.007', 'p below 0.001', 'p 1.00')
    """
    if p < 0.001:
        return "p below 0.001"
    return f"p {p:.3f}" if p < 0.0995 else f"p {p:.2f}"


def change_words(difference: Difference) -> str:
    """Write a change with its limits and probability."""
    unit = "%" if difference.unit == "%" else f" {difference.unit}".rstrip()
    if math.isnan(difference.change):
        return f"from none, {p_words(difference.p)}"
    change, lower, upper = (
        f"{one:+,.1f}".replace("-", "−") if round(one, 1) else "0.0"
        for one in (difference.change, difference.lower, difference.upper)
    )
    mark = "%" if unit == "%" else ""
    return f"{change}{unit} (95% limits {lower}{mark} to {upper}{mark}), {p_words(difference.p)}"


def evidence(case: Case, *, reached: bool, level: float) -> str:
    """Tell in sentences what a status rests on."""
    if case.lacking or case.latest is None:
        return case.lacking
    measure, unit = case.measure, case.measure.said["unit"]
    told = [_compared(case, level)]
    if not measure.sign:
        return told[0]
    if case.base is None:
        beside = "" if case.before is None else " the figure before it stands in its place, and"
        told.append(f"There is no baseline:{beside} it cannot be met.")
    elif not math.isnan(measure.target):
        target = number_words(measure.target, unit, whole=float(measure.target).is_integer())
        by = (
            f" by {spell_months(measure.said['target_date'])}"
            if measure.said["target_date"]
            else ""
        )
        if not same_length(case.base, case.latest):
            told.append(
                f"Whether the target of {target}{by} is met cannot be said: the periods are of"
                " different lengths."
            )
        elif not case.broken:
            told.append(f"The target of {target}{by} is {'' if reached else 'not '}reached.")
    else:
        told.append("There is no target: it cannot be met.")
    return " ".join(told)


def _compared(case: Case, level: float) -> str:
    """Set the latest figure beside the one before it."""
    if case.latest is None:
        return ""
    unit = case.measure.said["unit"]
    latest = figure_words(case.latest, unit)
    if case.before is None:
        limits = ""
        if not math.isnan(case.latest.upper) and case.latest.kind not in COUNTED:
            ends = (number_words(one, unit) for one in (case.latest.lower, case.latest.upper))
            limits = f", 95% limits {' to '.join(ends)}"
        return f"{latest}{limits}: there is nothing to compare it with."
    both = f"{latest} against {figure_words(case.before, unit)}"
    if case.broken:
        return f"{both}: they cannot be compared, for {case.broken}."
    if case.difference is None:
        return f"{both}: {case.untested}."
    if case.difference.few:
        return f"{both}: too few to tell a change from chance."
    beyond = "which chance may bring" if case.difference.p > level else "more than chance"
    return f"{both}: {change_words(case.difference)}, {beyond}."

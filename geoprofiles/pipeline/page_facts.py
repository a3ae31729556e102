"""What pages of areas say beside figures: how large an area is, and what moved since before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from geoprofiles.indicators.difference import given_difference
from geoprofiles.pipeline.material import Material
from geoprofiles.settings import Project
from geoprofiles.words import plural

FACTS = ("fact", "value", "unit", "told")

FALSE = 0.05
"""Share of the changes found in an indicator that may be false."""

YOUNG, OLD = 15, 65

NOT_COMPARABLE = "not comparable, as recording changed"


def facts_of(
    project: Project, material: Material, kind: str, people: pd.DataFrame | None
) -> dict[str, pd.DataFrame]:
    """Say how large each area of a kind is: people, homes and premises, ground, density, ages."""
    areas = material.areas[kind]
    ground = areas.geometry.area / 1e6
    ground = ground.where(ground > 0)
    rows: dict[str, list[tuple[str, float, str, str]]] = {str(code): [] for code in areas.index}
    density = None
    for denominator in dict.fromkeys(one.name for one in project.denominators):
        made = _latest(material, denominator, kind)
        if made is None:
            continue
        year, table = made
        numbers = table.groupby("area_code")["population"].sum(min_count=1).reindex(areas.index)
        whole = numbers.sum()
        name = denominator[:1].upper() + denominator[1:]
        density = (name, numbers) if density is None else density
        for code, value in numbers.dropna().items():
            share = value / whole if whole > 0 else 0.0
            about = (
                f"{year}; {share:.1%} of those in all {plural(kind)}" if len(areas) > 1 else year
            )
            rows[str(code)].append((name, float(value), "", about))
    for code, value in ground.dropna().items():
        rows[str(code)].append(("Area", float(value), "km²", "from its outline"))
        if density is None or not pd.notna(density[1][code]):
            continue
        name, numbers = density
        every = numbers.sum() / ground[numbers.notna()].sum()
        told = f"all {plural(kind)}: {every:,.0f}" if len(areas) > 1 else ""
        rows[str(code)].append((f"{name} per km²", numbers[code] / value, "", told))
    if people is not None:
        _add_ages(people, rows, kind)
    return {code: pd.DataFrame(some, columns=list(FACTS)) for code, some in rows.items()}


def _latest(material: Material, name: str, kind: str) -> tuple[str, pd.DataFrame] | None:
    """Return the newest of the denominators that rates of this kind were made with."""
    made = {
        year: table
        for (one, of, year), table in material.prepared.items()
        if (one, of) == (name, kind) and table is not None
    }
    if not made:
        return None
    table = made[max(made)]
    years = table["year"].dropna() if "year" in table else []
    return str(int(max(years))) if len(years) else "", table


def _add_ages(
    people: pd.DataFrame, rows: dict[str, list[tuple[str, float, str, str]]], kind: str
) -> None:
    """Add the shares of the young and the old, where the bands of ages part there."""
    ends = people["age"].astype(str).str.extract(r"^(\d+)(?:\s*[-–]\s*(\d+))?").astype(float)
    first, last = ends[0], ends[1].fillna(np.inf).where(ends[0].notna())
    last = last.where(~people["age"].astype(str).str.fullmatch(r"\d+"), first)
    groups = (
        (f"Aged under {YOUNG}", last < YOUNG, first < YOUNG),
        (f"Aged {OLD} and over", first >= OLD, last >= OLD),
    )
    for name, within, reached in groups:
        if first.isna().any() or (within != reached).any():
            continue
        number = people["population"].where(within, 0.0).groupby(people["area_code"]).sum()
        of = people.groupby("area_code")["population"].sum()
        whole = number.sum() / of.sum() if of.sum() > 0 else np.nan
        for code, share in (number / of).dropna().items():
            if str(code) in rows:
                told = f"all {plural(kind)}: {whole:.1%}" if len(rows) > 1 else ""
                rows[str(code)].append((name, 100 * share, "%", told))


def values_among(history: pd.DataFrame, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Set the values of all areas beside each other, period by period.

    Examples
    --------
    >>> history = pd.DataFrame({"area_code": ["A", "A", "B"], "indicator": "Smoking",
    ...     "period": ["2024", "2025", "2025"], "value": [30.0, 20.0, 25.0],
    ...     "whole": [29.0, 22.0, 22.0], "segment": 0})
    >>> table = values_among(history, ["Smoking"])["Smoking"]
    >>> table["2025"].tolist(), table.attrs
    ([20.0, 25.0], {'whole': [29.0, 22.0], 'segment': [0, 0]})
    """
    found = {}
    for name in names:
        mine = history[history["indicator"] == name]
        if mine.empty:
            continue
        firsts = mine.drop_duplicates("period").set_index("period")
        mine = mine.drop_duplicates(["area_code", "period"])
        table = mine.pivot(index="area_code", columns="period", values="value")
        table = table.reindex(columns=list(firsts.index)).astype(float)
        table.attrs = {
            "whole": firsts["whole"].astype(float).tolist(),
            "segment": firsts["segment"].astype(int).tolist(),
        }
        found[name] = table
    return found


def since_before(history: pd.DataFrame, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Hold each area's latest figure against the one before, by their limits.

    Of the changes called one in an indicator at most 5% are expected to be false.

    Parameters
    ----------
    history : DataFrame
        In order of time: ``area_code``, ``indicator``, ``period``, ``value``, ``lower``,
        ``upper``, ``segment``.
    names : sequence of str
        Indicators.

    Returns
    -------
    dict of str to DataFrame
        Area code to: index ``indicator``; ``period``, ``value``, ``change``, ``verdict``.

    Examples
    --------
    >>> history = pd.DataFrame({"area_code": "A", "indicator": "Smoking",
    ...     "period": ["2024", "2025"], "value": [30.0, 20.0], "lower": [28.0, 18.0],
    ...     "upper": [32.0, 22.0], "segment": 0})
    >>> since_before(history, ["Smoking"])["A"].loc["Smoking", ["period", "verdict"]].tolist()
    ['2024', 'lower']
    """
    found: dict[str, list[tuple[str, str, float, float, str]]] = {}
    for name in names:
        mine = history[(history["indicator"] == name)]
        periods = list(dict.fromkeys(mine["period"]))[-2:]
        if len(periods) < 2:
            continue
        before, after = (
            mine[mine["period"] == one].drop_duplicates("area_code").set_index("area_code")
            for one in periods
        )
        both = before.index[before["value"].notna() & before.index.isin(after.index)]
        ends = ["value", "lower", "upper"]
        tests = {
            code: given_difference(
                tuple(before.loc[code, ends].astype(float)),
                tuple(after.loc[code, ends].astype(float)),
                unit="",
            )
            for code in both
            if pd.notna(after.loc[code, "value"])
        }
        told = [code for code, one in tests.items() if np.isfinite(one.p)]
        q = stats.false_discovery_control([tests[one].p for one in told]) if told else []
        sure = dict(zip(told, q, strict=True))
        for code, one in tests.items():
            verdict = "not tested"
            if before.loc[code, "segment"] != after.loc[code, "segment"]:
                verdict = NOT_COMPARABLE
            elif code in sure:
                side = "higher" if one.sign > 0 else "lower"
                verdict = side if sure[code] <= FALSE and one.sign else "no clear change"
            row = (name, str(periods[0]), float(before.loc[code, "value"]), one.change, verdict)
            found.setdefault(str(code), []).append(row)
    columns = ["indicator", "period", "value", "change", "verdict"]
    return {
        code: pd.DataFrame(rows, columns=columns).set_index("indicator")
        for code, rows in found.items()
    }

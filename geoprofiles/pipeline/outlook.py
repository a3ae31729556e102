"""Outlook: months in control charts, their season, what may come, and breaks in recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, UNLOCATED, Counts
from geoprofiles.indicators.breaks import breaks_of, find_breaks
from geoprofiles.indicators.control import control_charts
from geoprofiles.indicators.months import FEWEST_FOR_FORECAST, forecast, rolling_year, season
from geoprofiles.pipeline.breaks import breaks_of_rates
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.indicators import rate_counts
from geoprofiles.pipeline.material import Material
from geoprofiles.settings import Project, Rate
from geoprofiles.words import listed, plural

ALL = "(all areas)"
"""Area code of all areas together."""

ORDER = [
    "area_code", "area_name", "indicator", "month", "count", "value", "centre", "lower", "upper",
    "phase", "signal", "rolling_12_months",
]  # fmt: skip


def months_of(
    project: Project, material: Material, figures: Figures, rates: Sequence[Rate]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Chart each rate's months, of all areas together and of each; look ahead for all together."""
    charts = months_by_area(project, material, figures, rates)
    ahead: list[dict[str, Any]] = []
    seasons: list[pd.DataFrame] = []
    whole = charts[charts["area_code"] == ALL] if len(charts) else charts
    broken = breaks_of_rates(project, material, rates)
    for rate in rates:
        if whole.empty:
            break
        months = whole.loc[whole["indicator"] == rate.name, ["month", "count"]]
        everywhere = broken[(broken["category"] == rate.name) & (broken["area"] == "")]
        if len(everywhere):
            months = months[months["month"] >= everywhere["month"].max()]
        if months.empty:
            continue
        ahead += _ahead(months, rate.name)
        try:
            found = season(months)
        except InputError:
            continue  # too few months since the last break or gap: said in the outlook
        seasons.append(found.assign(indicator=rate.name, strength=found.attrs["strength"]))
    factors = pd.concat(seasons, ignore_index=True) if seasons else pd.DataFrame()
    return charts, pd.DataFrame(ahead), factors


def months_by_area(
    project: Project, material: Material, figures: Figures, rates: Sequence[Rate]
) -> pd.DataFrame:
    """Chart the months of rates, of all areas together and of each area."""
    names = material.areas[figures.kind]["area_name"].astype(str)
    broken = breaks_of_rates(project, material, rates)
    parts = []
    for source, counts in figures.counts.items():
        mine = rate_counts(project, rates, source, counts)
        if mine.empty:
            continue
        mine = _inside(mine)[["area_code", "category", "month", "count"]]
        mine["area_code"] = mine["area_code"].astype(object)
        whole = mine.groupby(["category", "month"], sort=False)["count"].sum().reset_index()
        both = pd.concat([whole.assign(area_code=ALL), mine], ignore_index=True)
        charts = control_charts(both, breaks=_by_code(broken, names))
        rolled = charts.groupby(["area_code", "category"], sort=False)[["month", "count"]]
        charts["rolling_12_months"] = pd.concat(
            [
                rolling_year(rows).set_axis(rows.index)["total"]
                for _, rows in rolled  # months of each series stand in order
            ]
        )
        parts.append(charts)
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True).rename(columns={"category": "indicator"})
    together = f"All {plural(figures.kind)} together"
    table["area_name"] = table["area_code"].map(names).fillna(together)
    order = {rate.name: place for place, rate in enumerate(rates)}
    place = {ALL: -1} | {str(code): at for at, code in enumerate(names.index)}
    keys = pd.DataFrame(
        {"rate": table["indicator"].map(order), "area": table["area_code"].map(place)}
    )
    return table.loc[keys.sort_values(["rate", "area"], kind="stable").index, ORDER].reset_index(
        drop=True
    )


def _inside(counts: Counts) -> Counts:
    return counts[~counts["area_code"].isin([OUTSIDE, UNLOCATED]) & counts["month"].notna()].copy()


def _by_code(breaks: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Name areas of breaks by their codes; a break of one area is none of all together."""
    codes = {name: str(code) for code, name in names.items()}
    return breaks.assign(area=breaks["area"].map(lambda one: codes.get(one, one)))


def _ahead(months: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    """Say in what range the next months are likely to lie, or why that cannot be said."""
    try:
        following, report = forecast(months)
    except InputError:
        sentence = (
            f"No outlook: {FEWEST_FOR_FORECAST} months without a gap or a break are needed; there"
            f" are {len(months)}."
        )
        return [{"indicator": name, "sentence": sentence}]
    return [
        {"indicator": name, **row, "sentence": report["sentence"]}
        for row in following.to_dict("records")
    ]


def breaks_found(material: Material, figures: Figures) -> pd.DataFrame:
    """Propose breaks in recording, and say which of them stand in no table yet."""
    parts = []
    for source, counts in figures.counts.items():
        found = find_breaks(counts)
        if found.empty:
            continue
        known = []
        for row in found.itertuples():
            kept = breaks_of(material.breaks, category=str(row.category), source=source)
            known.append(bool((kept["month"] == row.month).any()))
        parts.append(found.assign(source=source, known=known))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if len(table) and not table["known"].all():
        names = listed(
            f"{row.category} from {row.month:%B %Y}" for row in table[~table["known"]].itertuples()
        )
        material.caution(
            f"Recording may have changed: {names}. If so, put it in the table of breaks: no trend"
            " is then drawn across it."
        )
    return table

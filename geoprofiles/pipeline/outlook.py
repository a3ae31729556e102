"""Outlook: months in control charts, their season, what may come, and breaks in recording."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, UNLOCATED, Counts
from geoprofiles.indicators.breaks import breaks_of, find_breaks
from geoprofiles.indicators.control import control_chart
from geoprofiles.indicators.months import FEWEST_FOR_FORECAST, forecast, rolling_year, season
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
    project: Project, material: Material, figures: Figures, rates: tuple[Rate, ...]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Chart each rate's months, of all areas together and of each; look ahead for all together."""
    charts: list[pd.DataFrame] = []
    ahead: list[dict[str, Any]] = []
    seasons: list[pd.DataFrame] = []
    for rate in rates:
        source = rate.incidents or project.incidents[0].name
        counts = rate_counts(project, [rate], source, figures.counts[source])
        if counts.empty:
            continue
        counts = _inside(counts)
        broken = breaks_of(material.breaks, category=rate.name, source=source)
        whole = counts.groupby("month", sort=True)["count"].sum().reset_index()
        about = {"indicator": rate.name, "area_code": ALL}
        everywhere = broken[broken["area"] == ""]
        charts.append(
            _chart(whole, everywhere).assign(
                **about, area_name=f"All {plural(figures.kind)} together"
            )
        )
        charts += _of_areas(counts, rate.name, broken)
        since = whole
        if len(everywhere):
            since = whole[whole["month"] >= everywhere["month"].max()]
        ahead += _ahead(since, rate.name)
        try:
            found = season(since)
        except InputError:
            continue  # too few months since the last break or gap: said in the outlook
        seasons.append(found.assign(indicator=rate.name, strength=found.attrs["strength"]))
    if not charts:
        return pd.DataFrame(), pd.DataFrame(), pd.DataFrame()
    factors = pd.concat(seasons, ignore_index=True) if seasons else pd.DataFrame()
    return pd.concat(charts, ignore_index=True)[ORDER], pd.DataFrame(ahead), factors


def months_by_area(
    project: Project, material: Material, figures: Figures, rate: Rate
) -> dict[str, pd.DataFrame]:
    """Chart one rate's months for each area: area code to its control chart."""
    source = rate.incidents or project.incidents[0].name
    counts = rate_counts(project, [rate], source, figures.counts[source])
    if counts.empty:
        return {}
    broken = breaks_of(material.breaks, category=rate.name, source=source)
    charts = _of_areas(_inside(counts), rate.name, broken)
    return {str(one["area_code"].iloc[0]): one[ORDER] for one in charts}


def _of_areas(counts: Counts, rate: str, broken: pd.DataFrame) -> list[pd.DataFrame]:
    charts = []
    for code, some in counts.groupby("area_code", sort=False, observed=True):
        name = str(some["area_name"].iloc[0])
        months = some[["month", "count"]].sort_values("month").reset_index(drop=True)
        mine = broken[broken["area"].isin(["", str(code), name])]
        charts.append(
            _chart(months, mine).assign(indicator=rate, area_code=str(code), area_name=name)
        )
    return charts


def _inside(counts: Counts) -> Counts:
    return counts[~counts["area_code"].isin([OUTSIDE, UNLOCATED]) & counts["month"].notna()]


def _chart(months: pd.DataFrame, broken: pd.DataFrame) -> pd.DataFrame:
    chart = control_chart(months, steps=list(broken["month"]))
    rolled = rolling_year(months).set_index("month")["total"]
    return chart.assign(
        rolling_12_months=chart["month"].map(rolled), count=months["count"].to_numpy()
    )


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

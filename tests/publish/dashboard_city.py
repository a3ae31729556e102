"""Figures of a small made-up city for the tests of the dashboard."""

from __future__ import annotations

import numpy as np
import pandas as pd
from publish.city import cluster_layer, density_layer, square_city

from geoprofiles.model import Source
from geoprofiles.publish.dashboard import DashboardKind, build_dashboard
from geoprofiles.publish.parts import Highlight, Panel, Question

PERIODS = ("2023", "2024", "2025")
INDICATORS = (
    ("Incidents", "Theft", "per 1,000 residents", "high is bad"),
    ("Incidents", "Burglary", "per 1,000 homes", "high is bad"),
    ("Health", "Adults who smoke", "%", "high is bad"),
    ("Categories", "Theft", "incidents", "high is bad"),
)


def figures_of(areas, *, seed=0, indicators=INDICATORS, periods=PERIODS):
    """Every period of every indicator; the first area is always the highest."""
    random = np.random.default_rng(seed)
    parts = []
    for topic, indicator, unit, polarity in indicators:
        for period in periods:
            value = np.round(random.uniform(2, 9, len(areas)), 2)
            value[0] = 12.5
            parts.append(
                pd.DataFrame(
                    {
                        "area_code": areas.index, "topic": topic, "indicator": indicator,
                        "period": period, "unit": unit, "value": value, "lower": value - 1,
                        "upper": value + 1.5, "count": (value * 10).astype(int), "whole": 5.0,
                        "polarity": polarity, "rank": pd.Series(-value).rank(method="min"),
                        "ranked": len(areas), "rank_lower": 1, "rank_upper": 3,
                        "verdict": np.where(value > 10, "higher than the rest",
                                            "cannot be told from the rest"),
                        "change_percent": 12.3, "change_lower": 1.2, "change_upper": 24.1,
                        "change_before": 9.0, "change_after": 11.0,
                        "change_verdict": np.where(value > 10, "more", "no clear change"),
                        "source": "Counted from made-up files", "method": "Byar's limits",
                    }
                )
            )  # fmt: skip
    history = pd.concat(parts, ignore_index=True)
    return history[history["period"] == periods[-1]].reset_index(drop=True), history


def months_of(areas, topic="Incidents", indicator="Theft", months=24):
    every = pd.date_range("2024-01-01", periods=months, freq="MS")
    pairs = pd.MultiIndex.from_product([areas.index, every], names=["area_code", "month"])
    return pairs.to_frame(index=False).assign(
        topic=topic, indicator=indicator, count=np.arange(len(pairs)) % 7
    )


def kind_of(areas=None, *, kind="ward", **changes):
    areas = square_city() if areas is None else areas
    areas = areas[["area_name", "geometry"]]
    figures, history = figures_of(areas)
    definitions = pd.DataFrame({"name": ["Theft"], "definition": ["Thefts that were recorded."]})
    facts = {
        "figures": figures, "history": history, "definitions": definitions,
        "months": months_of(areas), "pages": {areas.index[0]: "profiles/first.html"},
    }  # fmt: skip
    return DashboardKind(kind, areas, **(facts | changes))


def city_dashboard(kinds=None, **changes):
    kinds = kinds or [kind_of(), kind_of(square_city(45, side=600), kind="neighbourhood")]
    code = str(kinds[0].areas.index[min(2, len(kinds[0].areas) - 1)])
    facts = {
        "title": "A made-up city", "subtitle": "Nobody lives there",
        "panels": [
            Panel("What changed", "Tested.",
                  [Highlight("Burglary rose in Ward 3.", "ward", code, "Incidents", "Burglary")])
        ],
        "questions": [
            Question("Burglary", ["One cluster."], [density_layer(), cluster_layer()], "hot.html")
        ],
        "notes": ["Everything here is made up."],
        "sources": [Source("Made-up incidents", "MIT Licence", "Nobody's data")],
        "context": {"Water": square_city(1)},
    }  # fmt: skip
    return build_dashboard(kinds, **(facts | changes))

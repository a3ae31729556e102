"""Tables of a run: wide, long, by indicator, across indicators, and what their columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import pandas as pd

from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.insight import Insight
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.profiles import kinds_with_pages
from geoprofiles.profile import DRAWN
from geoprofiles.publish.columnar import has_arrow, render_parquet
from geoprofiles.publish.dictionary import data_dictionary
from geoprofiles.publish.tables import (
    SHEETS_FOR_AREAS,
    render_csv,
    render_workbook,
    table_by_indicator,
    table_profiles,
)
from geoprofiles.settings import Project
from geoprofiles.words import plural, slug

Files = dict[str, bytes]

FOR_PEOPLE = (
    "area_code", "area_name", "topic", "indicator", "period", "value", "unit", "lower", "upper",
    "count", "denominator", "whole", "rank", "ranked", "rank_lower", "rank_upper", "verdict",
    "reliability", "estimated", "trend", "change_percent", "change_verdict", "polarity", "method",
    "source",
)  # fmt: skip
"""What workbooks show; CSV and Parquet have every column."""

MOST_IN_WORKBOOK = 60
"""Kinds of more areas than this have no sheet for each indicator: CSV opens sooner."""


def table_files(
    project: Project,
    material: Material,
    figures: Sequence[Figures],
    notes: Sequence[str],
    credit: Sequence[str],
) -> Files:
    """Make the tables of each kind of area: profiles, every period, counts, changes."""
    files: Files = {}
    tidy = []
    paged = kinds_with_pages(project, material)
    for one in figures:
        name = slug(plural(one.kind))
        wide = table_profiles(one.figures)
        shown = one.figures.drop(columns=list(DRAWN))
        files[f"tables/{name}_profiles.csv"] = render_csv(shown)
        files[f"tables/{name}_profiles_wide.csv"] = render_csv(wide)
        files[f"tables/{name}_every_period.csv"] = render_csv(one.history)
        people = shown[list(FOR_PEOPLE)]
        sheets = {f"All {plural(one.kind)}": wide}
        if len(wide) <= SHEETS_FOR_AREAS:
            for _, rows in people.groupby("area_code", sort=False):
                sheets[str(rows["area_name"].iloc[0])] = rows.drop(
                    columns=["area_code", "area_name"]
                )
        title = f"{project.title}: {plural(one.kind)}"
        files[f"tables/{name}_profiles.xlsx"] = render_workbook(
            sheets, title=title, notes=[*notes, *credit]
        )
        if one.kind in paged and len(wide) <= MOST_IN_WORKBOOK:
            files[f"tables/{name}_by_indicator.xlsx"] = render_workbook(
                table_by_indicator(one.history), title=f"{title}, by indicator",
                notes=[*notes, *credit],
            )  # fmt: skip
        for source, counts in one.counts.items():
            files[f"tables/{name}_{slug(source)}_counts.csv"] = render_csv(counts)
        for source, changes in one.changes.items():
            files[f"tables/{name}_{slug(source)}_changes.csv"] = render_csv(changes)
        tidy.append(one.history.assign(areas=plural(one.kind)))
    everything = pd.concat(tidy, ignore_index=True)
    if has_arrow():
        files["tables/every_figure.parquet"] = render_parquet(everything)
    files["tables/data_dictionary.csv"] = render_csv(
        data_dictionary(pd.concat([one.definitions for one in figures]))
    )
    files["reconciliation.csv"] = render_csv(material.fates)
    return files


def insight_files(insight: Insight) -> Files:
    """Make the tables across indicators: those that the data could give."""
    names = {
        "quintiles": "deprivation_quintiles", "inequality": "deprivation_gradients",
        "by_age": "by_age", "by_sex": "by_sex", "gaps": "highest_and_lowest", "seasons": "season",
        "quotients": "location_quotients", "harm": "harm",
        "behind_priorities": "priorities_figures",
        "denominators": "denominators_side_by_side", "attention": "worse_and_worsening",
        "months": "months_control_charts", "outlook": "next_months", "breaks": "recording_breaks",
        "similar": "similar_places", "priorities": "priorities",
    }  # fmt: skip
    files: Files = {}
    for one in fields(insight):
        table = getattr(insight, one.name)
        if len(table):
            shown = table.reset_index() if table.index.name == "topic" else table
            shown = shown.drop(columns=[name for name in DRAWN if name in shown])
            for column in shown.select_dtypes("float"):
                shown[column] = shown[column].round(6)
            files[f"tables/{names[one.name]}.csv"] = render_csv(shown)
    return files


def scorecard_files(card: pd.DataFrame, printed: pd.DataFrame) -> Files:
    """Make the tables of the strategy: how its measures stand, and what it prints recomputed."""
    tables = {"scorecard": card, "printed_figures": printed}
    return {f"tables/{name}.csv": render_csv(one) for name, one in tables.items() if len(one)}

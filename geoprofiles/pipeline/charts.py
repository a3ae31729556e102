"""Charts of a run: those of each area's page, and those of all areas together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from geoprofiles.indicators.funnel import funnel
from geoprofiles.model import Profile
from geoprofiles.pipeline.breaks import breaks_of_rates
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.indicators import rates_of
from geoprofiles.pipeline.insight import Insight
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.outlook import ALL
from geoprofiles.publish.charts import (
    Chart,
    chart_comparators,
    chart_control,
    chart_funnel,
    chart_matrix,
    chart_pyramid,
    chart_quintiles,
    chart_ranked,
    chart_spine,
    funnel_rows,
    ranked_rows,
    render_png,
    render_svg,
    spine_key,
    spine_rows,
)
from geoprofiles.settings import Project
from geoprofiles.words import plural, slug

Named = Iterator[tuple[str, Chart]]

MOST_RATES = 12
"""Rates that have charts of their own; more would be a folder that nobody opens."""

FEWEST_FOR_FUNNEL = 5
"""Areas from which their spread can be told, and a funnel says anything."""

PER_DAY = "Incidents a day"

RENDER: dict[str, Callable[[Chart], bytes]] = {
    "svg": lambda chart: render_svg(chart).encode(),
    "png": render_png,
}


def page_charts(
    profile: Profile, *, breaks: pd.DataFrame | None = None
) -> dict[str, Chart | list[Chart]]:
    """Draw the charts of one area's page: a spine for each topic with its key, months, people."""
    charts: dict[str, Chart | list[Chart]] = {}
    rows = spine_rows(profile.figures)
    placed = rows["position"].notna() & rows["value"].notna()
    if placed.any():
        whole = f"All {plural(profile.kind)}"
        charts["key"] = spine_key(rows, whole_label=whole)
        charts["spine"] = [
            chart_spine(part, title=str(topic), whole_label=whole, bare=True)
            for topic, part in rows.groupby("topic", sort=False)
            if placed[part.index].any()
        ]
    if profile.control is not None and profile.control["value"].notna().any():
        charts["months"] = chart_control(
            profile.control,
            title=f"{profile.control['indicator'].iloc[0]} in {profile.area_name}, by month",
            y_label=PER_DAY,
            breaks=breaks,
            subtitle="Limits hold what months vary anyway; they are made from the first months"
            " of each stretch and stay.",
        )
    if profile.people is not None:
        charts["people"] = chart_pyramid(
            profile.people,
            title=f"Residents of {profile.area_name}, by age and sex",
            whole_label=f"All {plural(profile.kind)}",
        )
    return charts


def chart_files(
    project: Project, material: Material, figures: Figures, insight: Insight
) -> dict[str, bytes]:
    """Draw the charts of all areas together, in each form that the project asks for."""
    if not project.charts:
        return {}
    files: dict[str, bytes] = {}
    for name, chart in _all(project, material, figures, insight):
        for form in project.charts:
            files[f"charts/{name}.{form}"] = RENDER[form](chart)
    return files


def _all(project: Project, material: Material, figures: Figures, insight: Insight) -> Named:
    source = "; ".join(one.name for one in project.sources)
    yield from _of_rates(figures, source)
    yield from _of_months(project, material, figures, insight, source)
    yield from _of_quintiles(figures, insight, source)
    yield from _of_places(insight, source)
    if len(insight.priorities):
        yield (
            "priorities",
            chart_matrix(
                insight.priorities,
                title="Which topics come first",
                subtitle="Scores of 1 to 4 by stated cuts; stays: in how many of 1,000 random"
                " weightings a topic is among the first five.",
                source=source,
            ),
        )


def _of_rates(figures: Figures, source: str) -> Named:
    """Draw each rate as ranked bars, and as a funnel where there are enough areas."""
    kinds = plural(figures.kind)
    for name in figures.rates[:MOST_RATES]:
        rows = figures.figures[figures.figures["indicator"] == name]
        if rows["value"].notna().sum() < 2:
            continue
        unit, period = str(rows["unit"].iloc[0]), str(rows["period"].iloc[0])
        about = {"subtitle": f"{period}, with 95% limits", "source": source}
        yield (
            f"ranked_{slug(name)}",
            chart_ranked(
                ranked_rows(rows), title=f"{name}, by {figures.kind}", x_label=unit,
                whole=float(rows["whole"].iloc[0]), whole_label=f"All {kinds}", **about,
            ),
        )  # fmt: skip
        # Where nothing was counted there is no centre for a funnel.
        if rows["value"].notna().sum() < FEWEST_FOR_FUNNEL or not rows["count"].sum() > 0:
            continue
        points, limits = funnel(rows.rename(columns={"count": "numerator"}))
        spread = points.attrs["dispersion"]
        yield (
            f"funnel_{slug(name)}",
            chart_funnel(
                funnel_rows(points, polarity=str(rows["polarity"].iloc[0])), limits,
                title=f"{name}: {kinds} by size",
                x_label=unit.split(" ", 2)[-1].capitalize(), y_label=unit,
                subtitle=str(spread["sentence"]), source=source, whole_label=f"All {kinds}",
            ),
        )  # fmt: skip


def _of_months(
    project: Project, material: Material, figures: Figures, insight: Insight, source: str
) -> Named:
    if insight.months.empty:
        return
    whole = insight.months[insight.months["area_code"] == ALL]
    for name in figures.rates[:MOST_RATES]:
        rows = whole[whole["indicator"] == name].reset_index(drop=True)
        if rows.empty:
            continue
        yield (
            f"months_{slug(name)}",
            chart_control(
                rows, title=f"{name}, all {plural(figures.kind)} together, by month",
                y_label=PER_DAY, breaks=breaks_drawn(project, material, name), source=source,
                subtitle="Limits hold what months vary anyway; they are made from the first months"
                " of each stretch and stay.",
            ),
        )  # fmt: skip


def breaks_drawn(project: Project, material: Material, rate: str) -> pd.DataFrame | None:
    """Return the breaks of all areas that a chart of one rate shows."""
    mine = breaks_of_rates(
        project, material, [one for one in rates_of(project, material) if one.name == rate]
    )
    mine = mine[mine["area"] == ""]
    return mine if len(mine) else None


def _of_quintiles(figures: Figures, insight: Insight, source: str) -> Named:
    if insight.quintiles.empty or insight.inequality.empty:
        return
    local = insight.quintiles[insight.quintiles["grouping"] == "local"]
    slopes = insight.inequality
    for name in figures.rates[:MOST_RATES]:
        rows = local[local["indicator"] == name]
        slope = slopes[(slopes["indicator"] == name) & (slopes["grouping"] == "local")]
        if len(rows) < 3 or slope.empty:
            continue
        found = slope.iloc[0]
        yield (
            f"deprivation_{slug(name)}",
            chart_quintiles(
                rows, title=f"{name} by deprivation of small areas",
                y_label=str(found["unit"]),
                subtitle=f"{rows['period'].iloc[0]}, with 95% limits; each bar a fifth of the"
                " small areas here.",
                line=((0.0, float(found["start"])), (1.0, float(found["end"]))),
                note=str(found["sentence"]), source=source,
            ),
        )  # fmt: skip


def _of_places(insight: Insight, source: str) -> Named:
    if insight.similar.empty:
        return
    for (name, period), rows in insight.similar.groupby(["indicator", "period"], sort=False):
        first = rows.iloc[0]
        yield (
            f"similar_places_{slug(str(name))}_{slug(str(period))}",
            chart_comparators(
                rows[["place", "value", "own"]], title=f"{name} beside similar places",
                x_label=str(first["unit"]), band=(float(first["lower"]), float(first["upper"])),
                median=float(first["median"]),
                subtitle=f"{period}. The list of places: {first['dated']}.", source=source,
            ),
        )  # fmt: skip

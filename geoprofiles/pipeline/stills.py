"""Still maps of a run: each rate, its change and what stands out; each question's hot spots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from geoprofiles.pipeline.charts import MOST_RATES, RENDER
from geoprofiles.pipeline.evidence import Evidence
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.indicators import rates_of
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.products import Files, area_layer_of, sources_of
from geoprofiles.pipeline.question_charts import map_of, map_over_time
from geoprofiles.publish.charts import Chart
from geoprofiles.publish.layers_areas import change_layer, significance_layer, title_of
from geoprofiles.publish.plans import PageWords, plan_of
from geoprofiles.publish.stills import chart_plan
from geoprofiles.settings import Project
from geoprofiles.words import slug, slugs


def still_files(
    project: Project, material: Material, figures: Figures, evidence: Sequence[Evidence]
) -> Files:
    """Draw the maps of the first kind of area and of each question, in each form asked for."""
    files: Files = {}
    if not project.charts:
        return files
    charts = [*_of_rates(project, material, figures), *_of_questions(material, evidence)]
    for name, chart in charts:
        for form in project.charts:
            files[f"maps/{name}.{form}"] = RENDER[form](chart)
    return files


def _of_rates(
    project: Project, material: Material, figures: Figures
) -> Iterator[tuple[str, Chart]]:
    areas = material.areas[figures.kind]
    areas.attrs.setdefault("kind", figures.kind)
    words: PageWords = {"sources": sources_of(project), "context": material.context}
    for name in figures.rates[:MOST_RATES]:
        rows = figures.figures[figures.figures["indicator"] == name].drop_duplicates("area_code")
        rows = rows.set_index("area_code")
        layers = {"": area_layer_of(areas, figures, name)}
        if rows["verdict"].notna().any():
            layers["_beside_the_rest"] = significance_layer(areas, name, rows)
        if "change_verdict" in rows and rows["change_verdict"].notna().any():
            periods = _periods_of(project, material, figures, name)
            layers["_change"] = change_layer(areas, name, _changes(rows), periods=periods)
        for ending, layer in layers.items():
            plan = plan_of([layer], (), words, title=title_of([layer]))
            yield f"{slug(name)}{ending}", chart_plan(plan)


def _periods_of(
    project: Project, material: Material, figures: Figures, name: str
) -> tuple[str, str] | None:
    """Return the earlier and the later period of a rate's change, in words."""
    rate = next((one for one in rates_of(project, material) if one.name == name), None)
    source = (rate and rate.incidents) or project.incidents[0].name
    changes = figures.changes.get(source)
    return None if changes is None else changes.attrs.get("periods")


def _changes(rows: pd.DataFrame) -> pd.DataFrame:
    """Take the changes of figures, which are percentages, as ratios."""
    return pd.DataFrame(
        {
            "before": rows["change_before"].astype(float),
            "after": rows["change_after"].astype(float),
            "ratio": 1 + rows["change_percent"].astype(float) / 100,
            "lower": 1 + rows["change_lower"].astype(float) / 100,
            "upper": 1 + rows["change_upper"].astype(float) / 100,
            "q": rows["change_q"].astype(float),
            "verdict": rows["change_verdict"],
        }
    )


def _of_questions(material: Material, evidence: Sequence[Evidence]) -> Iterator[tuple[str, Chart]]:
    names = slugs([one.spot.hotspot.name for one in evidence])
    for one in evidence:
        name = names[one.spot.hotspot.name]
        yield f"hotspots_{name}", map_of(one, material)
        if "kind" in one.pattern.cells:
            yield f"hotspots_{name}_over_time", map_over_time(one, material)

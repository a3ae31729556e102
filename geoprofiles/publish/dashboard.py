"""The dashboard: one page for a whole run, on which area, indicator and period are chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns
from geoprofiles.model import AreaLayer, HotspotLayer, Source
from geoprofiles.publish import figures as words_of
from geoprofiles.publish.content import build_page
from geoprofiles.publish.dashboard_data import Words, indicator_rows
from geoprofiles.publish.dashboard_page import figure_table
from geoprofiles.publish.pages import overlay_data
from geoprofiles.publish.parts import Dashboard, Panel, Question
from geoprofiles.read.definitions import POLARITIES
from geoprofiles.words import plural, slug, slugs

if TYPE_CHECKING:
    import geopandas

MOST_CLUSTERS = 400
"""Clusters of a layer that the page draws, the first ones; the layers of a run have all."""

IN_ADDRESS = ("indicator", "period", "with", "spots", "colour", "view", "theme")
"""Names that the page's address has beside the kind of area."""

NEEDED = ("area_code", "topic", "indicator", "period", "value", "lower", "upper", "whole", "unit")


@dataclass(frozen=True)
class DashboardKind:
    """All figures of one kind of area.

    Attributes
    ----------
    kind : str
        Singular: ``"ward"``.
    areas : GeoDataFrame
        Index ``area_code``; ``area_name`` and geometry in any coordinate system.
    figures : DataFrame
        The latest period of each indicator: ``area_code``, ``topic``, ``indicator``, ``period``,
        ``value``, ``lower``, ``upper``, ``whole``, ``unit``; and what there is of ``count``,
        ``rank``, ``ranked``, ``rank_lower``, ``rank_upper``, ``verdict``, ``polarity``, ``trend``,
        ``change_percent``, ``change_lower``, ``change_upper``, ``change_verdict``, ``national``,
        ``method``, ``source``.
    history : DataFrame
        Every period: ``area_code``, ``topic``, ``indicator``, ``period``, ``value``, ``lower``,
        ``upper``, ``count``, ``whole``; ``segment`` numbers stretches that no line may join.
    definitions : DataFrame
        ``name``, and any of ``definition``, ``numerator``, ``denominator``, ``note``.
    months : DataFrame
        Counts of incidents by month: ``area_code``, ``topic``, ``indicator``, ``month``, ``count``;
        ``segment`` as in the history.
    pages : mapping of str to str
        Area code to the address of the area's own page.
    nation : str
        Name of the nation whose figures are ``national``.
    """

    kind: str
    areas: geopandas.GeoDataFrame
    figures: pd.DataFrame
    history: pd.DataFrame = field(default_factory=pd.DataFrame)
    definitions: pd.DataFrame = field(default_factory=pd.DataFrame)
    months: pd.DataFrame = field(default_factory=pd.DataFrame)
    pages: Mapping[str, str] = field(default_factory=dict)
    nation: str = ""


def build_dashboard(
    kinds: Sequence[DashboardKind],
    *,
    title: str,
    subtitle: str = "",
    panels: Sequence[Panel] = (),
    questions: Sequence[Question] = (),
    notes: Sequence[str] = (),
    sources: Sequence[Source] = (),
    context: Mapping[str, geopandas.GeoDataFrame] | None = None,
) -> Dashboard:
    """Work out the dashboard of one or more kinds of area.

    Parameters
    ----------
    kinds : sequence of DashboardKind
        The first is shown when the page opens.
    title, subtitle : str
        Of the page.
    panels : sequence of geoprofiles.publish.parts.Panel
        What stands below the figures: what changed, a strategy's scorecard.
    questions : sequence of geoprofiles.publish.parts.Question
        Hot-spot questions, whose layers can be laid over the map.
    notes : sequence of str
        Sentences every reader should know.
    sources : sequence of Source
        Named with their licence lines at the foot.
    context : mapping of str to GeoDataFrame, optional
        Water, roads and the like under their names, drawn quietly below the areas.

    Returns
    -------
    Dashboard
        For :func:`geoprofiles.render_page`, :func:`geoprofiles.render_folder`,
        :func:`geoprofiles.render_fragment` and :func:`geoprofiles.with_look`.

    Raises
    ------
    InputError
        If there is no kind, no figure, or a column is missing.
    CRSError
        If shapes have no coordinate system.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> import geoprofiles
    >>> wards = geopandas.GeoDataFrame({"area_name": ["Mill", "Quay"]}, index=["A", "B"],
    ...     geometry=[box(0, 0, 1e3, 1e3), box(1e3, 0, 2e3, 1e3)], crs=27700)
    >>> figures = pd.DataFrame({"area_code": ["A", "B"], "topic": "Incidents",
    ...     "indicator": "Theft", "period": "2026", "value": [4.0, 2.0], "lower": [1.1, 0.2],
    ...     "upper": [10.2, 7.2], "whole": 3.0, "unit": "per 1,000 residents"})
    >>> kind = geoprofiles.DashboardKind("ward", wards, figures)
    >>> dashboard = geoprofiles.build_dashboard([kind], title="Town")
    >>> geoprofiles.render_page(dashboard)[:15]
    '<!DOCTYPE html>'
    """
    if not kinds:
        raise InputError("a dashboard needs at least one kind of area; none came")
    kinds = [replace(one, figures=_known_first(one.figures)) for one in kinds]
    words = Words()
    keys = slugs([*IN_ADDRESS, *(one.kind for one in kinds)])
    written = [{**_kind(one, words), "key": keys[one.kind]} for one in kinds]
    layers = [_first_layer(one) for one in kinds]
    overlays = [_first_shapes(layer) for one in questions for layer in one.layers]
    page = build_page(
        layers,
        hotspots=overlays,
        title=title,
        subtitle=subtitle,
        notes=notes,
        sources=sources,
        context=context,
    )
    data = {
        "title": page.title,
        "bounds": page.bounds,
        "words": words.texts,
        "kinds": [
            {
                **one,
                "shapes": page.geometries[layer.geometry].shapes,
                "anchors": page.geometries[layer.geometry].anchors,
                "names": page.geometries[layer.geometry].names,
                "find": page.geometries[layer.geometry].find,
            }
            for one, layer in zip(written, page.layers, strict=True)
        ],
        "spots": _spots(questions, overlay_data(page)),
        "grounds": [
            {"style": one.style, "polygons": one.polygons, "lines": one.lines}
            for one in page.backdrops
        ],
        "source": "; ".join(one.name for one in page.sources),
    }
    return Dashboard(
        title=page.title,
        subtitle=page.subtitle,
        still=page,
        tables=tuple(figure_table(one.kind, one.areas, one.figures) for one in kinds),
        panels=tuple(panels),
        questions=tuple(questions),
        notes=page.notes,
        sources=page.sources,
        data=data,
    )


def _kind(one: DashboardKind, words: Words) -> dict[str, Any]:
    what = f"The figures of {plural(one.kind)}"
    check_columns(one.figures, NEEDED, what=what)
    if one.figures.empty:
        raise InputError(f"{what} have no row")
    said = one.figures["polarity"].dropna() if "polarity" in one.figures else ()
    if odd := set(said) - set(POLARITIES):
        raise InputError(
            f"{what} have the polarity '{next(iter(odd))}'",
            remedy=f"Write one of: {', '.join(POLARITIES)}; or leave it empty.",
        )
    codes = [str(code) for code in one.areas.index]
    rows = indicator_rows(codes, one.figures, one.history, one.definitions, one.months, words)
    named: set[str] = set()
    for row in rows:  # the first of several of one name has the short key
        plain = slug(row["name"])
        longer = f"{slug(row['topic'])}_{plain}"
        tries = chain([plain, longer], (f"{longer}_{number}" for number in count(2)))
        row["key"] = next(one for one in tries if one not in named)
        named.add(row["key"])
    return {
        "kind": words_of.clean(one.kind),
        "plural": plural(words_of.clean(one.kind)),
        "nation": words_of.clean(one.nation),
        "codes": [words_of.clean(code) for code in codes],
        "pages": [one.pages.get(code, "") for code in codes] if one.pages else [],
        "indicators": rows,
    }


def _known_first(figures: pd.DataFrame) -> pd.DataFrame:
    """Put indicators without any figure last: a page that opens on no data tells nothing.

    Rates are not known where a project has no denominator; its counts are.
    """
    if figures.empty or not {"topic", "indicator", "value"} <= set(figures.columns):
        return figures
    every = figures.groupby(["topic", "indicator"], sort=False, observed=True)["value"]
    empty = every.transform("count") == 0
    return figures.iloc[empty.argsort(kind="stable")] if empty.any() else figures


def _first_layer(one: DashboardKind) -> AreaLayer:
    """Make the layer that stands on the page without scripts."""
    from geoprofiles.areas.classes import class_breaks

    first = one.figures.iloc[0]
    same = (one.figures["topic"] == first["topic"]) & (
        one.figures["indicator"] == first["indicator"]
    )
    rows = one.figures[same].drop_duplicates("area_code").set_index("area_code")
    frame = one.areas[["area_name", "geometry"]].join(rows[["value", "lower", "upper"]])
    return AreaLayer(
        name=str(first["indicator"]),
        kind=one.kind,
        areas=frame,
        value="value",
        unit=f"{first['unit']}, {first['period']}",
        columns={"value": "Figure", "lower": "Lower limit", "upper": "Upper limit"},
        breaks=class_breaks(frame["value"]),
    )


def _spots(questions: Sequence[Question], overlays: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Group the layers of the map by question."""
    names = slugs([one.name for one in questions])
    rest = iter(overlays)
    return [
        {
            "name": words_of.clean(one.name),
            "key": names[one.name],
            "layers": [next(rest) | {"of": len(layer.shapes)} for layer in one.layers],
            "address": one.address,
        }
        for one in questions
    ]


def _first_shapes(layer: HotspotLayer) -> HotspotLayer:
    """Keep so many clusters as can be told apart on a map."""
    if layer.kind != "clusters":
        return layer
    return replace(layer, shapes=layer.shapes.iloc[:MOST_CLUSTERS])

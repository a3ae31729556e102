"""Still maps: any map of geoprofiles as a chart, for print and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import geopandas
import pandas as pd
import shapely

from geoprofiles import crs
from geoprofiles.errors import InputError
from geoprofiles.model import AreaLayer, HotspotLayer, MapClass
from geoprofiles.publish.backdrops import without_minor
from geoprofiles.publish.charts.frame import (
    BOLD,
    LEFT,
    RIGHT,
    Chart,
    Key,
    Sheet,
    Stroke,
    Words,
    line_height,
    literal,
    wrap,
)
from geoprofiles.publish.charts.ground import View, fill, hatch, scale_bar, trace, view_of
from geoprofiles.publish.charts.places import BORDER, Paint, chart_places, write_names
from geoprofiles.publish.charts.verdicts import sentence, tell
from geoprofiles.publish.content import classed_of
from geoprofiles.publish.plans import PanelPlan, Plan
from geoprofiles.publish.style import FILLS, TOKENS, WARM, shades
from geoprofiles.words import nearest, plural

if TYPE_CHECKING:
    import folium

GAP, COLUMNS, TALL = 14.0, {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3, 9: 3}, 300.0
"""Points between small maps, how many stand in a row, and how high one is at the most."""

TREATED, CASING = Stroke(TOKENS["ink"], 2.0), Stroke(TOKENS["paper"], 3.6)


def chart_map(map: folium.Map, *, layer: int | str = 0) -> Chart:
    """Draw any map of geoprofiles as a still chart, for print and reports.

    The title says the finding, the line below it what is measured; the legend is in words and
    counts areas. North is up, that of the grid; a bar shows the scale.

    Parameters
    ----------
    map : folium.Map
        As any ``map_*`` function returns it.
    layer : int or str
        Which layer of figures is drawn, by its place or its name.

    Returns
    -------
    Chart
        For :func:`geoprofiles.render_svg` and :func:`geoprofiles.render_png`.

    Raises
    ------
    InputError
        If the map is not one of geoprofiles, has no such layer, or nothing to draw.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> wards = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=["W1"], crs=27700)
    >>> rates = pd.DataFrame({"area_code": ["W1"], "indicator": "Burglary", "value": [3.5],
    ...     "unit": "per 1,000 homes"})
    >>> geoprofiles.chart_map(geoprofiles.map_rates(wards, rates)).alt
    'Map. Burglary: 3.50 per 1,000 homes in Mill. Mill: 3.50 per 1,000 homes.'
    """
    plan = getattr(map, "plan", None)
    if isinstance(plan, PanelPlan):
        return chart_panels(plan)
    if not isinstance(plan, Plan):
        raise InputError(
            "this map was not made by geoprofiles",
            remedy="Make it with one of geoprofiles' map_ functions.",
        )
    return chart_plan(plan, layer=layer)


def chart_plan(plan: Plan, *, layer: int | str = 0, title: str = "") -> Chart:
    """Draw one layer of a plan, with the hot spots that are shown at first."""
    chosen = _layer(plan, layer)
    areas, system = _metric(chosen.areas)
    shown = [one for one in plan.hotspots if one.shown and len(one.shapes)]
    filled = [one for one in shown if one.kind != "clusters"]
    clusters = [one for one in shown if one.kind == "clusters"]
    classed = classed_of(chosen)
    signs = classed.signs or ("",) * len(areas)
    areas["area_name"] = [
        f"{sign} {name}" if sign else str(name)
        for sign, name in zip(signs, areas["area_name"], strict=True)
    ]
    fills, paints = _over(filled, system) if filled else _areas(areas, chosen)
    finding = chosen.finding or classed.summary(
        list(chosen.areas["area_name"].astype(str)), chosen.kind
    )
    subtitle = plan.subtitle if len(plan.layers) == 1 else chosen.name
    measure = "; ".join([one.unit for one in shown] or [chosen.unit])
    return chart_places(
        areas,
        title=title or plan.title,
        subtitle=". ".join(one[:1].upper() + one[1:] for one in (subtitle, measure) if one),
        fills=fills,
        paints=paints,
        clusters=_numbered(clusters, system) if clusters else None,
        context={name: frame.to_crs(system) for name, frame in without_minor(plan.context).items()},
        source="; ".join(one.name for one in plan.sources),
        told=finding,
    )


def _layer(plan: Plan, wanted: int | str) -> AreaLayer:
    names = [one.name for one in plan.layers]
    if isinstance(wanted, str):
        if wanted not in names:
            raise InputError(f"there is no layer '{wanted}'", remedy=nearest(wanted, names))
        return plan.layers[names.index(wanted)]
    if not 0 <= wanted < len(names):
        raise InputError(f"there is no layer {wanted}; there are {len(names)}, counted from 0")
    return plan.layers[wanted]


def _metric(areas: geopandas.GeoDataFrame) -> tuple[geopandas.GeoDataFrame, object]:
    """Bring areas into metres, those of the UK's grid where they lie there."""
    present = areas.geometry[~(areas.geometry.isna() | areas.geometry.is_empty)]
    if present.empty:
        raise InputError("there is no outline to draw a map of")
    if crs.is_metric(areas.crs):
        return areas.copy(), areas.crs
    web = areas.to_crs(crs.WEB)
    system = crs.metric_crs(*web.geometry[present.index].total_bounds)
    return web.to_crs(system), system


def _areas(
    areas: geopandas.GeoDataFrame, layer: AreaLayer
) -> tuple[geopandas.GeoDataFrame | None, dict[str, Paint]]:
    """Fill areas by their class; outlines alone have no fill."""
    classed = classed_of(layer)
    if not classed.keys:
        return None, {}
    paints = {
        key.look: Paint(
            FILLS.get(key.look, TOKENS["nodata"]),
            _counted(key.words, key.count, key.noun),
            hatched=key.look == "k0",
        )
        for key in classed.keys
    }
    present = ~(areas.geometry.isna() | areas.geometry.is_empty)
    fills = areas.assign(paint=list(classed.looks))[present]
    return fills[["paint", "geometry"]], paints


def _counted(words: str, count: int | None, noun: str) -> str:
    if count is None:
        return words
    return f"{words} ({count:,} {noun if count == 1 else plural(noun)})"


def _over(
    layers: Sequence[HotspotLayer], system: object
) -> tuple[geopandas.GeoDataFrame, dict[str, Paint]]:
    """Fill bands and cells; the last layer lies on top."""
    paints: dict[str, Paint] = {}
    frames = []
    for place, layer in enumerate(layers):
        frame = layer.shapes.to_crs(system)
        if layer.kind == "density":
            levels = sorted(set(frame["level"]))
            ramp = dict(zip(levels, shades(len(levels), WARM), strict=True))
            keys = [f"{place} {level}" for level in frame["level"]]
            paints |= {
                f"{place} {level}": Paint(WARM[ramp[level] - 1], str(label))
                for level, label in zip(frame["level"], frame["label"], strict=True)
            }
        else:
            keys = [f"{place} {one}" for one in frame["class"]]
            counts = frame["class"].value_counts()
            paints |= {
                f"{place} {name}": Paint(
                    FILLS[one.colour],
                    _counted(one.words, int(counts.get(name, 0)), "cell"),
                    one.sign,
                )
                for name, one in layer.classes.items()
            }
        frames.append(
            geopandas.GeoDataFrame(
                {"paint": keys}, geometry=frame.geometry.to_numpy(), crs=frame.crs
            )
        )
    return geopandas.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs), paints


def _numbered(layers: Sequence[HotspotLayer], system: object) -> geopandas.GeoDataFrame:
    """Give clusters the numbers of the table; of several layers the first is drawn."""
    frame = layers[0].shapes.to_crs(system)
    if frame.index.name not in {"cluster", "rank"}:
        frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def chart_panels(plan: PanelPlan) -> Chart:
    """Draw several maps of the same areas on one sheet, with one legend for each set of classes."""
    first, system = _metric(plan.panels[0].areas)
    outlines = first.geometry[~(first.geometry.isna() | first.geometry.is_empty)]
    number = len(plan.panels)
    columns = COLUMNS.get(number, 4)
    wide = (RIGHT - LEFT - GAP * (columns - 1)) / columns
    small = view_of(outlines.total_bounds, wide, TALL)
    headings = [wrap(literal(one.name), wide, BOLD, most=3) for one in plan.panels]
    head = line_height(BOLD) * max(map(len, headings)) + 4
    rows = -(-number // columns)
    step = small.tall + head + GAP
    sheet = Sheet(
        Words(
            plan.title,
            plan.subtitle,
            "; ".join(one.name for one in plan.sources),
            _panel_keys(plan),
        ),
        rows * step - GAP,
    )
    water = [
        frame.to_crs(system).geometry.clip_by_rect(*_around(outlines.total_bounds))
        for frame in plan.context.values()
    ]
    for place, panel in enumerate(plan.panels):
        row, column = divmod(place, columns)
        top = sheet.top + row * step
        left = column * (wide + GAP)
        for line, text in enumerate(headings[place]):
            down = top + BOLD.size + line * line_height(BOLD)
            sheet.write(LEFT + left, down, text, BOLD)
        view = small.under(top + head, left)
        for frame in water:
            for shape in frame[~frame.is_empty]:
                fill(sheet, view, shape, TOKENS["water"], TOKENS["shore"])
        _draw_panel(sheet, view, outlines, panel, plan.outlined)
        if columns <= 2:
            write_names(sheet, view, first.loc[outlines.index], [])
        if place == 0:
            scale_bar(sheet, view)
    told = [plan.finding, *(f"{one.name}: {one.finding}" for one in plan.panels)]
    return Chart(sheet, literal(plan.title), tell("Maps.", sentence(plan.title), *told))


def _draw_panel(
    sheet: Sheet,
    view: View,
    outlines: geopandas.GeoSeries,
    panel: AreaLayer,
    outlined: Sequence[str],
) -> None:
    """Fill the areas of one small map, and mark those that are marked in all."""
    looks = dict(zip(panel.areas.index, classed_of(panel).looks, strict=True))
    for code, shape in outlines.items():
        if looks[code] == "k0":
            hatch(sheet, view, shape)
        else:
            fill(sheet, view, shape, FILLS[looks[code]])
    for shape in outlines:
        trace(sheet, view, shapely.boundary(shape), Stroke(BORDER.colour, 0.4))
    for code, shape in outlines.items():
        for stroke in (CASING, TREATED) if str(code) in outlined else ():
            trace(sheet, view, shapely.boundary(shape), stroke)


def _around(bounds: Sequence[float]) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    edge = 0.02 * max(east - west, north - south, 1.0)
    return west - edge, south - edge, east + edge, north + edge


def _panel_keys(plan: PanelPlan) -> list[Key]:
    """Explain every class that is used, each once, and the mark of treated areas."""
    keys: dict[str, Key] = {}
    blank = False
    for panel in plan.panels:
        used = set(panel.areas["class"].dropna())
        blank = blank or bool(panel.areas["class"].isna().any())
        for name, one in panel.classes.items():
            if name in used:
                words = _with_unit(panel.classes, one, panel.unit)
                keys.setdefault(one.colour, Key(words, fill=FILLS[one.colour]))
    found = list(keys.values())
    if blank:
        found.append(Key("no data", fill=TOKENS["nodata"], hatched=True))
    if plan.outlined:
        found.append(Key(plan.outline_words, stroke=TREATED))
    return found


def _with_unit(classes: Mapping[str, MapClass], one: MapClass, unit: str) -> str:
    """Put the unit after the first class of figures, so that numbers say what they count."""
    first = one is next(iter(classes.values())) and not one.sign
    return f"{one.words} {unit}" if first else one.words

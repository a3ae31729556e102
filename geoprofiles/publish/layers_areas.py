"""Layers of areas from finished frames: figures, changes, and what stands apart from the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from unicodedata import bidirectional

import geopandas
import numpy as np
import pandas as pd

from geoprofiles.areas.classes import class_breaks
from geoprofiles.errors import InputError
from geoprofiles.frames import Areas, check_columns
from geoprofiles.model import AreaLayer, HotspotLayer, MapClass
from geoprofiles.publish import figures
from geoprofiles.words import listed, period_words, plural

MORE, FEWER, UNCLEAR, FEW, APART = (
    "more", "fewer", "no clear change", "too few to say", "not comparable",
)  # fmt: skip

CHANGES = {
    "more 3": MapClass("more, by 50% or over", "d5", "▲"),
    "more 2": MapClass("more, by 20% to under 50%", "d3", "▲"),
    "more 1": MapClass("more, by under 20%", "d2", "▲"),
    "more ?": MapClass("more, but may be chance", "m3", "△"),
    "same": MapClass("no change", "m0"),
    "fewer ?": MapClass("fewer, but may be chance", "m4", "▽"),
    "fewer 1": MapClass("fewer, by under 20%", "e2", "▼"),
    "fewer 2": MapClass("fewer, by 20% to under 50%", "e3", "▼"),
    "fewer 3": MapClass("fewer, by 50% or over", "e5", "▼"),
    FEW: MapClass(FEW, "m1", "?"),
    APART: MapClass("not comparable: recording changed", "m2", "≠"),
}
"""Classes of change; what may be chance is pale, and has an open sign."""

BESIDE = {
    "higher": MapClass("higher than the rest", "d4", "▲"),
    "higher ~": MapClass("higher, as areas differ anyway", "m3", "△"),
    "same": MapClass("cannot be told from the rest", "m0"),
    "lower ~": MapClass("lower, as areas differ anyway", "m4", "▽"),
    "lower": MapClass("lower than the rest", "e4", "▼"),
    "not tested": MapClass("not tested", "m1", "?"),
}
"""Classes of what stands apart from the rest of the areas."""

PLAIN = {"area": MapClass("", "p0")}
"""Outlines alone."""

HEADINGS = {
    "value": "Figure", "lower": "Lower limit", "upper": "Upper limit", "count": "Incidents",
    "numerator": "Numerator", "denominator": "Denominator", "rank": "Rank", "before": "Before",
    "after": "After", "percent": "Change, %", "p": "p", "q": "q", "ratio": "Ratio",
}  # fmt: skip
"""Headings of columns that several layers show."""


def kind_of(areas: Areas) -> str:
    """Return what the areas are, as their reader knows it, or else that they are areas."""
    return str(areas.attrs.get("kind") or "area")


def rate_layers(areas: Areas, table: pd.DataFrame, *, value: str = "value") -> list[AreaLayer]:
    """Make a layer of each indicator of a table of figures."""
    return [_rate_layer(areas, name, rows, value) for name, rows in _by_name(areas, table, value)]


def _rate_layer(areas: Areas, name: str, rows: pd.DataFrame, value: str) -> AreaLayer:
    others = ("lower", "upper", "count", "numerator", "denominator", "rank")
    shown = [value, *(one for one in others if one in rows.columns and one != value)]
    frame = areas[["area_name", "geometry"]].join(rows[shown].apply(pd.to_numeric))
    unit = str(rows["unit"].iloc[0]) if "unit" in rows and value == "value" else _unit(value)
    headings = {one: HEADINGS.get(one, _words(one)) for one in shown}
    if value == "value":
        headings["value"] = "Rate" if unit.startswith("per ") else "Figure"
    return AreaLayer(
        name=name,
        kind=kind_of(areas),
        areas=frame,
        value=value,
        unit=_dated(unit, rows),
        columns=headings,
        breaks=class_breaks(frame[value]),
    )


def _unit(value: str) -> str:
    return {"count": "incidents", "numerator": "counted"}.get(value, _words(value))


def _words(column: str) -> str:
    return column.replace("_", " ").capitalize()


def _dated(unit: str, rows: pd.DataFrame) -> str:
    return f"{unit}, {rows['period'].iloc[0]}" if "period" in rows else unit


def _by_name(areas: Areas, table: pd.DataFrame, *needed: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Part a long table into one for each indicator or category, by area code."""
    check_columns(table, ["area_code", *needed], what="The figures")
    codes = table["area_code"].astype(str)
    known = set(areas.index.astype(str))
    if not known & set(codes):
        raise InputError(
            f"no area_code of the figures is a code of the areas; one reads '{codes.iloc[0]}'"
            if len(codes)
            else "there is no figure to draw",
            remedy="Use the boundaries that the figures were made with.",
        )
    by = next((one for one in ("indicator", "category") if one in table.columns), None)
    names = [needed[0].capitalize()] if by is None else list(dict.fromkeys(table[by]))
    for name in names:
        rows = table if by is None else table[table[by] == name]
        rows = rows.assign(area_code=rows["area_code"].astype(str))
        yield str(name), rows.drop_duplicates("area_code", keep="last").set_index("area_code")


def change_layers(areas: Areas, changes: pd.DataFrame) -> list[AreaLayer]:
    """Make a layer of each category of changes between two periods."""
    wanted = ("before", "after", "ratio", "verdict")
    periods = changes.attrs.get("periods")
    return [
        change_layer(areas, name, rows, periods=periods)
        for name, rows in _by_name(areas, changes, *wanted)
    ]


def change_layer(
    areas: Areas, name: str, rows: pd.DataFrame, *, periods: tuple[str, str] | None = None
) -> AreaLayer:
    """Make a layer of changes in classes about no change; those that may be chance are pale.

    `periods` are the earlier and the later, in words, where they are known.
    """
    between = f"from {periods[0]} to {periods[1]}" if periods else "between the two periods"
    rows = rows.reindex(areas.index)
    frame = areas[["area_name", "geometry"]].copy()
    for column in ("before", "after"):
        frame[column] = rows[column].astype(float)
    ratio = rows["ratio"].astype(float)
    found = [change_class(*one) for one in zip(rows["verdict"], ratio, strict=True)]
    frame["class"] = found
    frame["told"] = [_told(*one) for one in zip(found, ratio, strict=True)]
    columns = {"told": "Change", "before": "Before", "after": "After"}
    for end, heading in (("lower", "May be from, %"), ("upper", "May be to, %")):
        if end in rows:
            frame[f"{end}_percent"] = (rows[end].astype(float) - 1) * 100
            columns[f"{end}_percent"] = heading
    if "q" in rows:
        frame["q"] = rows["q"].astype(float)
        columns["q"] = "q (share of false findings)"
    return AreaLayer(
        name=name,
        kind=kind_of(areas),
        areas=frame,
        value="class",
        unit=f"change {between}, per day",
        columns=columns,
        note="What is more than chance is coloured in full; what may be chance is pale.",
        classes=CHANGES,
        told="told",
        finding=_change_finding(frame, kind_of(areas)),
    )


def change_class(verdict: object, ratio: float) -> str | None:
    """Name the class of one change."""
    if verdict is None or pd.isna(verdict):
        return None
    if verdict in {FEW, APART}:
        return str(verdict)
    if verdict == UNCLEAR:
        if np.isnan(ratio) or round(ratio, 3) == 1:
            return "same"
        return "more ?" if ratio > 1 else "fewer ?"
    # Twice as many and half as many are not the same share; each is told by its own.
    share = np.inf if np.isnan(ratio) else abs(ratio - 1)
    return f"{verdict} {1 if share < 0.2 else 2 if share < 0.5 else 3}"


def _told(name: str | None, ratio: float) -> str | None:
    if name is None:
        return None
    one = CHANGES[name]
    words = one.words.partition(", by")[0]
    if name in {FEW, APART}:
        return f"{one.sign} {words.partition(':')[0]}"
    if np.isnan(ratio):
        return f"{one.sign} {words}, from none".strip()
    return f"{one.sign} {percent(ratio)}, {words}".strip()


def percent(ratio: float) -> str:
    """Write a ratio as a change.

    Examples
    --------
    >>> percent(1.25), percent(0.5), percent(1.0001)
    ('+25%', '−50%', '0%')
    """
    change = round((ratio - 1) * 100)
    return f"+{change:,}%" if change > 0 else f"{change:,}%".replace("-", "−")


def _change_finding(frame: geopandas.GeoDataFrame, kind: str) -> str:
    parts = []
    kinds = frame["class"].fillna("")
    for word in (MORE, FEWER):
        mine = frame[kinds.str.fullmatch(rf"{word} \d")]
        if len(mine):
            parts.append(f"{word} in {listed(mine['area_name'].astype(str), most=3)}")
    first = f"No {kind} has a change that is more than chance"
    said = [_first("; ".join(parts)) if parts else first]
    chance, few = int(kinds.isin(["more ?", "fewer ?", "same"]).sum()), int((kinds == FEW).sum())
    if chance and parts:
        said.append(f"In {_counted(chance, kind)} a change may be chance")
    if few:
        said.append(f"{_counted(few, kind)} {'has' if few == 1 else 'have'} too few to say")
    return ". ".join(said) + "."


def _counted(number: int, kind: str) -> str:
    return f"{number:,} {kind if number == 1 else plural(kind)}"


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]


def significance_layers(areas: Areas, table: pd.DataFrame) -> list[AreaLayer]:
    """Make a layer of each indicator that tells which areas stand apart from the rest."""
    return [
        significance_layer(areas, name, rows) for name, rows in _by_name(areas, table, "verdict")
    ]


def significance_layer(areas: Areas, name: str, rows: pd.DataFrame) -> AreaLayer:
    """Make a layer of verdicts, each by colour and by sign."""
    rows = rows.reindex(areas.index)
    frame = areas[["area_name", "geometry"]].copy()
    found = [_beside(one) for one in rows["verdict"]]
    frame["class"] = found
    frame["told"] = [
        None if key is None else f"{BESIDE[key].sign} {verdict}".strip()
        for key, verdict in zip(found, rows["verdict"], strict=True)
    ]
    columns = {"told": "Against the rest"}
    for one in ("value", "lower", "upper", "rank", "q"):
        if one in rows:
            frame[one] = pd.to_numeric(rows[one]).astype(float)
            columns[one] = HEADINGS[one]
    unit = rows["unit"].dropna()
    return AreaLayer(
        name=name,
        kind=kind_of(areas),
        areas=frame,
        value="class",
        unit=_dated(f"against the rest, {unit.iloc[0]}" if len(unit) else "against the rest",
                    rows.dropna(how="all")),
        columns=columns,
        note="Areas mostly do differ: what differs by no more than that is pale.",
        classes=BESIDE,
        told="told",
        finding=_beside_finding(frame, kind_of(areas)),
    )  # fmt: skip


def _beside(verdict: object) -> str | None:
    """Name the class of a verdict, whichever rule gave it."""
    if verdict is None or pd.isna(verdict):
        return None
    text = str(verdict)
    for word in ("higher", "lower"):
        if text.startswith(word):
            return f"{word} ~" if "differ anyway" in text else word
    return "not tested" if text == "not tested" else "same"


def _beside_finding(frame: geopandas.GeoDataFrame, kind: str) -> str:
    parts = []
    for word in ("higher", "lower"):
        mine = frame.loc[frame["class"] == word, "area_name"].astype(str)
        if len(mine):
            parts.append(f"{word} than the rest in {listed(mine, most=3)}")
    if not parts:
        return f"No {kind} can be told from the rest by more than areas differ anyway."
    return _first("; ".join(parts) + ".")


def plain_layer(areas: Areas, layer: HotspotLayer, *, finding: str) -> AreaLayer:
    """Make a layer of outlines alone, which says what of a hot-spot layer each area holds."""
    frame = areas[["area_name", "geometry"]].copy()
    name, unit = layer.name, "those with their middle in it"
    if layer.kind == "density":
        frame["held"], name, unit = _densest(frame, layer.shapes), "Highest density", layer.unit
    else:
        frame["held"] = _held(frame, layer.shapes)
    return AreaLayer(
        name=name,
        kind=kind_of(areas),
        areas=frame.assign(**{"class": "area"}),
        value="class",
        unit=unit,
        columns={"held": name},
        classes=PLAIN,
        finding=finding,
    )


def _densest(areas: geopandas.GeoDataFrame, bands: geopandas.GeoDataFrame) -> pd.Series:
    """Name the highest band that reaches into each area."""
    found = pd.Series("below the lowest band", index=areas.index)
    for band in bands.sort_values("level").to_crs(areas.crs).itertuples():
        found[areas.intersects(band.geometry).to_numpy()] = band.label
    return found


def _held(areas: geopandas.GeoDataFrame, shapes: geopandas.GeoDataFrame) -> pd.Series:
    if not len(shapes):
        return pd.Series(0, index=areas.index)
    middles = geopandas.GeoDataFrame(
        geometry=shapes.to_crs(areas.crs).representative_point().to_numpy(), crs=areas.crs
    )
    found = middles.sjoin(areas[["geometry"]].reset_index(names="code"), predicate="within")
    found = found[~found.index.duplicated()]
    return found["code"].value_counts().reindex(areas.index, fill_value=0).astype(int)


def summed(counts: pd.DataFrame) -> pd.DataFrame:
    """Sum counts over all months and categories, for a map of how many there were.

    Examples
    --------
    >>> counts = pd.DataFrame({"area_code": ["A", "A"], "month": ["2026-01", "2026-02"],
    ...                        "category": "Theft", "count": [2, 3]})
    >>> summed(counts)["count"].tolist(), summed(counts)["period"].iloc[0]
    ([5], 'January 2026 to February 2026')
    """
    months = pd.to_datetime(counts["month"])
    total = counts.groupby("area_code", sort=False, as_index=False)["count"].sum()
    return total.assign(indicator="Incidents", period=period_words(months.min(), months.max()))


def isolated(text: str) -> str:
    r"""Set a name that runs from right to left apart, so that it turns no sentence around it.

    Examples
    --------
    >>> isolated("Mill"), isolated("\u05d0") == "\u2068\u05d0\u2069"
    ('Mill', True)
    """
    runs_left = any(bidirectional(letter) in {"R", "AL"} for letter in text)
    return f"\u2068{text}\u2069" if runs_left else text


def first_sentence(text: str) -> str:
    """Take the first sentence of a finding, to stand after a colon.

    Examples
    --------
    >>> first_sentence("More in St. Ann. In 2 wards a change may be chance.")
    'more in St. Ann'
    """
    text = re.split(r"\. (?=In \d|\d)", text)[0].rstrip(".")
    return text[:1].lower() + text[1:]


def title_of(layers: Sequence[AreaLayer]) -> str:
    """Say what one layer of figures shows; of several, what they are of.

    Examples
    --------
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1, 1)],
    ...     index=["A"], crs=27700)
    >>> rates = pd.DataFrame({"area_code": ["A"], "value": [2.5], "unit": "per 1,000 residents"})
    >>> title_of(rate_layers(areas, rates))
    'Value: 2.50 per 1,000 residents in Mill'
    """
    layer = layers[0]
    kinds = plural(layer.kind)
    if len(layers) > 1:
        return f"{listed([one.name for one in layers], most=3)}, by {layer.kind}"
    if layer.classes:
        return f"{isolated(layer.name)}: {first_sentence(layer.finding)}"
    values = layer.areas[layer.value].astype(float)
    known = values[np.isfinite(values)]
    if known.empty:
        return f"{layer.name}: no data for any of the {kinds}"
    unit = figures.short_unit(layer.unit)
    decimals = figures.decimals_of(known)
    highest = figures.with_unit(figures.number(known.max(), decimals), unit)
    who = layer.areas.loc[known.index[known == known.max()], "area_name"].astype(str)
    name, named = isolated(layer.name), [isolated(one) for one in who]
    if known.max() == known.min():
        where = f"in all {len(known):,} {kinds}" if len(known) > 1 else f"in {named[0]}"
        return f"{name}: {highest} {where}"
    what = "rate" if unit.startswith("per ") else "figure"
    verb = "has" if len(who) == 1 else "have"
    return f"{name}: {listed(named, most=3)} {verb} the highest {what}, {highest}"

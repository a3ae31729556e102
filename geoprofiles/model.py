"""The few parcels that are not frames: sources, layers of a map, one area's profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import geopandas
    import pandas as pd


@dataclass(frozen=True)
class Source:
    """Where data came from, and the line its licence asks to be shown."""

    name: str
    licence: str = ""
    attribution: str = ""


@dataclass(frozen=True)
class Logo:
    """A picture for the head of pages, as :func:`geoprofiles.read_logo` checks it."""

    content: bytes
    kind: Literal["png", "svg"]
    text: str
    """What is read out in its place."""


@dataclass(frozen=True)
class Tiles:
    """Map pictures of a network, below the areas: the page then asks their host.

    Attributes
    ----------
    address : str
        ``https://host/{z}/{x}/{y}.png``: one https host.
    attribution : str
        The line that their licence asks for.
    """

    address: str
    attribution: str


@dataclass(frozen=True)
class MapClass:
    """One class of a map whose classes are kinds, not steps of a figure.

    Attributes
    ----------
    words : str
        What the legend says of it; a class without words stands in no legend.
    colour : str
        A name of :data:`geoprofiles.publish.style.FILLS`: ``"d4"`` (warm, fourth step).
    sign : str
        One or two letters or signs that say the same as the colour, on the map and in the table.
    """

    words: str
    colour: str
    sign: str = ""


@dataclass(frozen=True)
class AreaLayer:
    """One choropleth: areas of one kind, coloured by one figure or by one kind of finding.

    Attributes
    ----------
    name : str
        As the layer switch shows it: ``"All incidents"``.
    kind : str
        Plain name of the areas, singular: ``"ward"``.
    areas : GeoDataFrame
        Index ``area_code``; ``area_name``, geometry in any coordinate system, and the columns
        that `columns` names. NaN means no data.
    value : str
        The column to colour by: numbers, or keys of `classes` where there are such.
    unit : str
        Unit in words: ``"per 1,000 residents, July 2025 to June 2026"``.
    columns : mapping of str to str
        Column to heading, in order: what the table and the tooltip show for each area.
    breaks : tuple of float
        Upper bounds of the classes, rising; the last is the highest value.
    polarity : {"high is bad", "high is good", "neither"}
        Whether a high value is good, bad, or neither.
    note : str
        One plain sentence on method or limits.
    classes : mapping of str to MapClass
        Classes by their key in `value`, in the order of the legend; none where `value` is numbers.
    told : str
        The column whose text the map says of an area; its value or class where empty.
    finding : str
        The sentence that sums the layer up; highest and lowest where it is empty.
    """

    name: str
    kind: str
    areas: geopandas.GeoDataFrame
    value: str
    unit: str
    columns: Mapping[str, str]
    breaks: tuple[float, ...] = ()
    polarity: Literal["high is bad", "high is good", "neither"] = "neither"
    note: str = ""
    classes: Mapping[str, MapClass] = field(default_factory=dict)
    told: str = ""
    finding: str = ""


@dataclass(frozen=True)
class HotspotLayer:
    """One hot-spot layer: density bands, cells or clusters, drawn over the areas.

    Attributes
    ----------
    name : str
        As the layer switch shows it: ``"Commercial burglary: density"``.
    kind : {"density", "clusters", "cells"}
        How it is drawn: filled bands, outlines with numbers, or shapes filled by their class.
    shapes : GeoDataFrame
        Polygons in any coordinate system, drawn in row order. Clusters that rest on fewer than
        three places are points, drawn as a marker. Columns: ``label`` (str, one line that names
        the shape), ``level`` (int, 1 for the lowest; density only) and those of `columns`.
    unit : str
        Unit in words: ``"incidents per km² per year"``.
    columns : mapping of str to str
        Column to heading, in order: what table and tooltip show for each shape.
    note : str
        What is and what is not tested, in plain words.
    shown : bool
        Whether the layer is switched on when the page opens.
    classes : mapping of str to MapClass
        Of cells: classes by their key in the column ``class``, in the order of the legend.
    """

    name: str
    kind: Literal["density", "clusters", "cells"]
    shapes: geopandas.GeoDataFrame
    unit: str
    columns: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    shown: bool = False
    classes: Mapping[str, MapClass] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """One area told whole.

    Attributes
    ----------
    area_code, area_name, kind : str
        The area and what it is.
    period : str
        The period of the incident figures, in words.
    figures : DataFrame
        One row for each indicator, with the columns of Indicators after ``compare`` and ``topic``.
    months : DataFrame
        ``month``, ``count``: all incidents of the area by month.
    sentences : tuple of str
        What the figures say, in plain words, one sentence each.
    headlines : tuple of str
        What stands out and what changed: only what passed its test.
    history : DataFrame or None
        Values of all periods.
    neighbours : tuple of str
        Names of the areas that it borders.
    hotspots : DataFrame or None
        Hot spots that reach into it: ``label``, ``count``, ``places``, ``inside`` (part of the
        cluster's ground, 0 to 1); ``expected``, ``p`` and ``status`` where they were tested.
    control : DataFrame or None
        Its months in a control chart, as :func:`geoprofiles.control_chart` gives it.
    people : DataFrame or None
        Its residents by age and sex, as shares: ``age``, ``sex``, ``share``, ``whole_share``.
    nation : str
        Name of the nation whose figures stand beside, where there are such.
    among : mapping of str to DataFrame, or None
        Of the indicators at its head, the values of all areas of the kind: a row an area, a column
        a period in order of time; ``attrs`` hold ``whole`` and ``segment`` (where recording
        changed), one for each period.
    facts : DataFrame or None
        How large it is: ``fact``, ``value``, ``unit`` and ``told``, what stands beside.
    since : DataFrame or None
        Figures beside those of the period before: index ``indicator``; ``period``, ``value``,
        ``change`` and ``verdict`` (``"higher"``, ``"lower"``, ``"no clear change"`` or
        ``"not comparable"``).
    definitions : DataFrame or None
        What each indicator is: ``name``, ``definition``, ``numerator``, ``denominator`` ...
    """

    area_code: str
    area_name: str
    kind: str
    period: str
    figures: pd.DataFrame
    months: pd.DataFrame
    sentences: tuple[str, ...] = ()
    headlines: tuple[str, ...] = ()
    history: pd.DataFrame | None = None
    neighbours: tuple[str, ...] = ()
    hotspots: pd.DataFrame | None = None
    control: pd.DataFrame | None = None
    people: pd.DataFrame | None = None
    nation: str = ""
    among: Mapping[str, pd.DataFrame] | None = None
    facts: pd.DataFrame | None = None
    since: pd.DataFrame | None = None
    definitions: pd.DataFrame | None = None

"""The kinds of frame that flow through geoprofiles: their columns and units, said once.

Plain pandas and geopandas frames carry everything. This module names their columns and
holds one check for each kind; what a column means stands here and nowhere else.

Areas : GeoDataFrame of Polygon and MultiPolygon, in metres
    index ``area_code`` (str, unique); ``area_name``; ``geometry``. ``attrs`` holds ``kind``
    (``"ward"``), ``vintage`` (``"2025"`` or ``""``), ``faults`` (sentences on what was repaired).
Incidents : DataFrame, one row for every row read, none left out
    ``incident_id`` (str or NA); ``month`` (datetime64, first day, or NaT); ``category`` (category);
    ``easting``, ``northing`` (float, metres, NaN where there is no location); ``file`` (category)
    and ``row`` (int, as a spreadsheet shows it: the heading is row 1); ``unlocated`` and
    ``refused`` (category: the reason, or NA). ``start``, ``end`` (datetime64), ``area_given``
    (str), ``place`` (str, location text), ``postcode``, ``uprn``, ``grid_reference``, ``district``
    (str) where the source has them. After ``geocode``: ``located_by`` (category, one of `RUNGS`,
    or NA), ``precision`` (metres), ``score`` (0 to 100), ``matched`` (str, what it was matched to).
    After ``locate``: ``area_code`` (category) or NA. ``attrs["crs"]`` names the metres,
    ``attrs["sources"]`` lists one dict of facts for each file.
Population : DataFrame
    ``area_code``, ``year`` (int), ``population`` (float). Any other denominator (households,
    premises) has the same columns.
Counts : DataFrame, long
    ``area_code``, ``area_name``, ``month``, ``category``, ``count`` (int). Zeros are rows; so are
    the areas ``(outside)`` and ``(unlocated)``.
Tally : DataFrame, long; tallies add up
    ``areas`` (the kind of area), ``area_code`` (or ``(outside)``, ``(unlocated)``), ``month``,
    ``category``, ``file``, ``fate`` (one of `FATES`), ``reason`` (why unlocated or refused, or
    NA), ``rows`` (int, incidents).
PlaceTally : DataFrame, long; they add up too
    ``easting``, ``northing`` (metres), ``month``, ``category``, ``rows``: incidents that are
    located and not refused.
Indicators : DataFrame, long
    ``area_code``, ``indicator``, ``period``, ``numerator``, ``denominator``, ``value``, ``lower``,
    ``upper``, ``unit``, ``method``; after ``compare`` also ``whole``, ``difference``, ``ratio``,
    ``rank``.
Measures : DataFrame, one row a measure of a strategy
    ``id``, ``measure`` (in words), ``direction`` (one of `DIRECTIONS`), ``kind`` (one of
    `MEASURE_KINDS`), ``per`` (the multiplier), ``baseline``, ``baseline_period``, ``target``,
    ``target_date``; ``rate``, ``indicator`` and ``areas`` say what of a run it is; the others are
    words. Its figures are rows of ``id``, ``period``, ``value`` or ``numerator`` and
    ``denominator``, ``design_effect`` (of a survey), ``months`` (counts that the numerator is the
    sum of), ``definition`` (figures with two definitions are not compared).
Places : DataFrame, one row a distinct place
    ``easting``, ``northing`` (metres), ``count`` (int; float where incidents were weighted),
    ``first_month``, ``last_month``.
Cells : GeoDataFrame of Polygon, index ``cell``
    ``area_km2``; then what a method adds: ``density`` (incidents per km² per year).
Clusters : GeoDataFrame of Polygon and MultiPolygon, index ``cluster``
    ``count``, ``places``, ``share`` (of all located, 0 to 1), ``area_km2``, ``first_month``,
    ``last_month``, ``per_month``, ``outlined`` (bool).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import geopandas
import pandas as pd

from geoprofiles import crs
from geoprofiles.errors import CRSError, InputError

Areas: TypeAlias = geopandas.GeoDataFrame
Incidents: TypeAlias = pd.DataFrame
Population: TypeAlias = pd.DataFrame
Counts: TypeAlias = pd.DataFrame
Tally: TypeAlias = pd.DataFrame
PlaceTally: TypeAlias = pd.DataFrame
Indicators: TypeAlias = pd.DataFrame
Places: TypeAlias = pd.DataFrame
Cells: TypeAlias = geopandas.GeoDataFrame
Clusters: TypeAlias = geopandas.GeoDataFrame

OUTSIDE = "(outside)"
"""Area code and name of incidents that have a location in none of the areas."""

UNLOCATED = "(unlocated)"
"""Area code and name of incidents without a usable location."""

FATES = ("counted", "outside", "unlocated", "refused")
"""Where a row can end: in an area; outside all; without a usable place; not counted at all."""

UNLOCATED_REASONS = (
    "no coordinates",
    "coordinates not numbers",
    "coordinates at (0, 0)",
    "coordinates out of range",
    "grid reference not readable",
    "UPRN not known",
    "postcode not readable",
    "postcode not known",
    "place name ambiguous",
    "place name not known",
    "area not known",
    "place known too coarsely",
)
"""Why a row has no usable place. The first four are told by coordinates alone, the others only
where something else was looked up too."""

RUNGS = (
    "coordinates",
    "grid reference",
    "UPRN",
    "postcode",
    "reviewed name",
    "place name",
    "area code",
    "similar place name",
    "postcode sector",
    "area name",
    "similar area name",
    "postcode district",
    "own geocoder",
)
"""What a row can be placed by, in the order in which it is tried."""

WHOLE_AREA_RUNGS = (
    "area code", "postcode sector", "area name", "similar area name", "postcode district",
)  # fmt: skip
"""Rungs that tell an area and not a place: such rows are counted, and never make a hot spot."""

INCIDENT_COLUMNS = (
    "incident_id", "month", "category", "easting", "northing", "file", "row",
    "unlocated", "refused",
)  # fmt: skip
OPTIONAL_INCIDENT_COLUMNS = (
    "start", "end", "area_given", "place", "postcode", "uprn", "grid_reference", "district",
)  # fmt: skip
GEOCODED_COLUMNS = ("located_by", "precision", "score", "matched")
POPULATION_COLUMNS = ("area_code", "year", "population")
COUNT_COLUMNS = ("area_code", "area_name", "month", "category", "count")
TALLY_COLUMNS = (
    "areas", "area_code", "month", "category", "file", "fate", "reason", "rows",
)  # fmt: skip
PLACE_TALLY_COLUMNS = ("easting", "northing", "month", "category", "rows")
INDICATOR_COLUMNS = (
    "area_code", "indicator", "period", "numerator", "denominator", "value", "lower", "upper",
    "unit", "method",
)  # fmt: skip
METHODS_BY_AGE = ("directly standardised", "indirectly standardised", "life expectancy")
METHODS = ("rate", "proportion", "value", "mean", "median", "survey", "given", *METHODS_BY_AGE)
"""How an indicator's figure and limits can be made, as its definition says."""

PARTS_OF_AREAS = ("age", "sex", "observed")
"""Columns by which an area has several rows for an indicator and period."""

DIRECTIONS = ("up", "down", "none")
"""Which way success lies for a measure of a strategy."""

MEASURE_KINDS = ("count", "rate", "proportion", "survey proportion", "given")
"""What a measure is, which says how it is tested."""

MEASURE_COLUMNS = (
    "id", "priority", "action", "measure", "lead", "direction", "kind", "per", "unit", "baseline",
    "baseline_period", "target", "target_date", "hazard", "open_data", "source", "rate",
    "indicator", "areas",
)  # fmt: skip
MEASURE_VALUE_COLUMNS = (
    "id", "period", "value", "lower", "upper", "numerator", "denominator", "design_effect",
    "months", "definition", "source",
)  # fmt: skip
PLACE_COLUMNS = ("easting", "northing", "count", "first_month", "last_month")


def check_columns(frame: pd.DataFrame, columns: Sequence[str], *, what: str) -> None:
    """Refuse a frame that lacks a column.

    Examples
    --------
    >>> check_columns(pd.DataFrame({"a": []}), ["a", "b"], what="Counts")
    Traceback (most recent call last):
    geoprofiles.errors.InputError: Counts lack the column 'b'; they have: a.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        names = ", ".join(repr(column) for column in missing)
        present = ", ".join(map(str, frame.columns)) or "none"
        plural = "s" if len(missing) > 1 else ""
        raise InputError(f"{what} lack the column{plural} {names}; they have: {present}")


def check_areas(areas: Areas) -> None:
    """Refuse areas that are not polygons in metres under unique codes."""
    if not isinstance(areas, geopandas.GeoDataFrame):
        raise InputError(
            f"Areas are a GeoDataFrame; a {type(areas).__name__} came",
            remedy="Read them with geoprofiles.read_areas.",
        )
    check_columns(areas, ["area_name"], what="Areas")
    if areas.crs is None or not crs.is_metric(areas.crs):
        raise CRSError(
            f"Areas are in {areas.crs.to_string() if areas.crs else 'no coordinate system'},"
            " not in metres",
            remedy="Read them with geoprofiles.read_areas, or use areas.to_crs('EPSG:27700').",
        )
    if not areas.index.is_unique:
        repeated = sorted(set(areas.index[areas.index.duplicated()].astype(str)))
        raise InputError(f"the area code '{repeated[0]}' stands for more than one area")


def check_incidents(incidents: Incidents) -> None:
    """Refuse incidents without coordinates in metres, or without their months and categories."""
    check_columns(incidents, ["easting", "northing"], what="Incidents")


def incidents_crs(incidents: Incidents) -> str | None:
    """Return the name of the metres that incidents are in, or None where they carry none."""
    if isinstance(incidents, geopandas.GeoDataFrame) and incidents.crs is not None:
        return str(incidents.crs.to_string())
    return incidents.attrs.get("crs")


def disclosure_rule(text: str) -> str:
    """Check a disclosure rule: ``"none"`` or ``"under 5"`` with any number from 2 on.

    Examples
    --------
    >>> disclosure_rule("Under 5"), disclosure_rule("")
    ('under 5', 'none')
    """
    plain = " ".join(str(text).split()).lower() or "none"
    if plain == "none":
        return plain
    number = plain.removeprefix("under ")
    if not number.isdigit() or int(number) < 2 or not plain.startswith("under "):
        raise InputError(
            f"'{text}' is no disclosure rule", remedy="Write 'none' or, for instance, 'under 5'."
        )
    return plain

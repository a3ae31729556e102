"""Find out which column of an incident file is which, by mapping or by common headings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from geoprofiles.errors import InputError
from geoprofiles.read.coordinates import is_point
from geoprofiles.read.tables import Table
from geoprofiles.words import listed, nearest

OURS = (
    "incident_id", "category", "month", "date", "start", "end", "longitude", "latitude",
    "easting", "northing", "point", "area_given", "place", "postcode", "uprn", "grid_reference",
    "district",
)  # fmt: skip
"""Names that a column mapping may use."""

OTHER_PLACES = ("area_given", "postcode", "uprn", "grid_reference", "place")
"""What a row may be placed by where it has no coordinates."""

STREET = {
    "incident_id": "Crime ID",
    "month": "Month",
    "longitude": "Longitude",
    "latitude": "Latitude",
    "place": "Location",
    "area_given": "LSOA code",
    "category": "Crime type",
}
_STREET_NEEDS = ("Month", "Longitude", "Latitude", "Crime type")

_COMMON: dict[str, tuple[str, ...]] = {
    "incident_id": (
        "crime id", "incident id", "offence id", "crime number", "crime no", "crime ref",
        "crime reference", "incident number", "incident no", "incident ref", "occurrence number",
        "occurrence no", "reference", "reference number", "ref", "case number", "urn", "uid", "id",
    ),
    "category": (
        "category", "crime type", "offence type", "offense type", "incident type",
        "offence category", "offence", "offense", "offence description", "primary type", "type",
    ),
    "month": ("month", "month year", "year month", "incident month", "crime month"),
    "date": (
        "date", "incident date", "offence date", "date of incident", "date of offence",
        "occurred", "date occurred", "occurred on", "datetime", "date time", "date single",
        "incident datetime", "recorded date", "date recorded", "reported date", "date reported",
        "date received", "received", "call date",
    ),
    "start": (
        "start", "start date", "from", "from date", "date from", "start datetime", "date start",
        "occurred from", "committed from", "earliest", "start date time", "from date time",
    ),
    "end": (
        "end", "end date", "to", "to date", "date to", "end datetime", "date end", "occurred to",
        "committed to", "latest", "end date time", "to date time",
    ),
    "longitude": ("longitude", "long", "lon", "lng"),
    "latitude": ("latitude", "lat"),
    "easting": ("easting", "eastings", "east", "x", "x coord", "x coordinate", "grid easting"),
    "northing": ("northing", "northings", "north", "y", "y coord", "y coordinate", "grid northing"),
    "point": ("point", "geometry", "wkt", "geom", "the geom", "geocoded column", "location 1"),
    "area_given": (
        "area given", "area code", "lsoa code", "ward code", "lsoa", "ward", "beat", "beat code",
    ),
    "place": ("place", "location", "street", "address", "location name", "site", "premises"),
    "postcode": ("postcode", "post code", "postal code", "pcd", "pcds", "offence postcode"),
    "uprn": ("uprn",),
    "grid_reference": (
        "grid reference", "grid ref", "gridref", "os grid reference", "os grid ref", "ngr",
    ),
    "district": (
        "district", "local authority", "local authority district", "lad", "lad name", "council",
        "borough",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Which heading holds what in one file.

    Attributes
    ----------
    columns : dict of str to str
        Our name to the heading.
    positions : dict of str to int
        Our name to the place of the column.
    guessed : tuple of str
        Our names that were found by common headings.
    street : bool
        Whether this is a police.uk street file.
    """

    columns: dict[str, str]
    positions: dict[str, int]
    guessed: tuple[str, ...] = ()
    street: bool = False


def police_headings(table: Table) -> str:
    """Tell by its headings which kind of police.uk file a table is; ``""`` for any other."""
    present = {heading.casefold() for heading in table.headings}
    if {name.casefold() for name in _STREET_NEEDS} <= present:
        return "street"
    if {"month", "longitude", "latitude", "outcome type"} <= present:
        return "outcomes"
    if {"type", "date", "object of search"} <= present:
        return "stop-and-search"
    return ""


def check_mapping(columns: Mapping[str, str] | None) -> dict[str, str]:
    """Refuse a mapping with a name that is not ours; return it as a dict."""
    mapping = dict(columns or {})
    for ours, theirs in mapping.items():
        if ours not in OURS:
            raise InputError(f"'columns' cannot map '{ours}'", remedy=nearest(ours, OURS))
        if not isinstance(theirs, str) or not theirs.strip():
            raise InputError(f"'columns' must map '{ours}' to a heading; it maps to {theirs!r}")
    return mapping


def find_layout(table: Table, mapping: Mapping[str, str]) -> Layout:
    """Find every column of an incident file.

    Raises
    ------
    InputError
        If a mapped column is absent, or nothing tells when or where.
    """
    street = not mapping and police_headings(table) == "street"
    if street:
        found = {
            ours: at for ours, name in STREET.items() if (at := table.position(name)) is not None
        }
        return Layout(_headings(table, found), found, street=True)
    positions = {ours: table.need(theirs, ours=ours) for ours, theirs in mapping.items()}
    guessed = _guess(table, positions)
    positions |= guessed
    if not mapping.keys() & {"longitude", "latitude", "easting", "northing", "point"}:
        positions |= _point_by_content(table, positions, guessed)
    _check_enough(table, positions)
    return Layout(_headings(table, positions), positions, tuple(guessed))


def _headings(table: Table, positions: Mapping[str, int]) -> dict[str, str]:
    return {ours: table.headings[at] for ours, at in positions.items()}


def _guess(table: Table, told: Mapping[str, int]) -> dict[str, int]:
    plain = [re.sub(r"[^a-z0-9]+", " ", heading.casefold()).strip() for heading in table.headings]
    taken, guessed = set(told.values()), {}
    for ours in _wanted(told):
        for word in _COMMON[ours]:
            at = plain.index(word) if plain.count(word) == 1 else None
            if at is not None and at not in taken:
                guessed[ours] = at
                taken.add(at)
                break
    return _consistent({**told}, guessed)


def _point_by_content(
    table: Table, positions: dict[str, int], guessed: dict[str, int]
) -> dict[str, int]:
    """Find a column of points, such as ``location``, by what stands in it."""
    if {"longitude", "easting", "point"} & set(positions):
        return {}
    for at, heading in enumerate(table.headings):
        if not re.search(r"loc|point|geo|coord|position", heading, re.IGNORECASE):
            continue
        some = [str(one) for one in table.columns([at])[0].categories[:20]]
        if some and all(is_point(one) for one in some):
            if positions.get("place") == at:
                positions.pop("place")
                guessed.pop("place", None)
            guessed["point"] = at
            return {"point": at}
    return {}


def _wanted(told: Mapping[str, int]) -> list[str]:
    """List what is still to be found: not a second date or a second pair of coordinates."""
    groups = (
        ("month", "date", "start", "end"),
        ("longitude", "latitude", "easting", "northing", "point"),
    )
    skip = set(told)
    for group in groups:
        if any(ours in told for ours in group):
            skip |= set(group)
    for first, second in (("start", "end"), ("longitude", "latitude"), ("easting", "northing")):
        if (first in told) != (second in told):
            skip -= {first, second} - set(told)
    if "end" in told and not {"month", "date", "start"} & set(told):
        skip -= {"month", "date", "start"}
    return [ours for ours in OURS if ours not in skip]


def _consistent(told: dict[str, int], guessed: dict[str, int]) -> dict[str, int]:
    """Drop half pairs, and all but the first pair of coordinates that is whole."""
    pairs = [("longitude", "latitude"), ("easting", "northing")]
    whole = [pair for pair in pairs if all(ours in told or ours in guessed for ours in pair)]
    for pair in pairs:
        if pair not in whole[:1]:
            for ours in pair:
                guessed.pop(ours, None)
    if whole:
        guessed.pop("point", None)
    return guessed


def _check_enough(table: Table, positions: Mapping[str, int]) -> None:
    present = listed([one for one in table.headings if one] or ["none"], most=30)
    when = {"month", "date", "start"} & set(positions)
    where = [
        pair
        for pair in (("longitude", "latitude"), ("easting", "northing"), ("point",))
        if set(pair) <= set(positions)
    ]
    for first, second in (("longitude", "latitude"), ("easting", "northing")):
        for one, other in ((first, second), (second, first)):
            if one in positions and other not in positions:
                raise InputError(
                    f"'{one}' is mapped and '{other}' is not; the columns are {present}",
                    file=table.name,
                    remedy=f"Map '{other}' too, or map 'point'.",
                )
    if len(where) > 1:
        raise InputError(
            "the mapping names more than one kind of coordinates",
            file=table.name,
            remedy="Map longitude and latitude, or easting and northing, or point.",
        )
    for good, what, remedy in (
        (when, "the month or date", "columns={'date': '…'} (or month, or start and end)"),
        (
            where or set(OTHER_PLACES) & set(positions),
            "the location",
            "columns={'longitude': '…', 'latitude': '…'} (or easting and northing, or point, or"
            " what 'geocode' can place: postcode, uprn, grid_reference, place, area_given)",
        ),
    ):
        if not good:
            raise InputError(
                f"no column was recognised that tells {what}; the columns are {present}",
                file=table.name,
                remedy=f"Say which it is with {remedy}.",
            )

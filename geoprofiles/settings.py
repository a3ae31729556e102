"""What a project file may say: one dataclass for each of its sections.

Every key has a type and a default, written once, here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

LATEST = "latest 12 months"


@dataclass(frozen=True)
class AreaSet:
    """``[[areas]]``: one set of boundaries, or groups of the areas of another set."""

    kind: str
    file: Path | None = None
    of: str | None = None
    groups: Mapping[str, tuple[str, ...]] | None = None
    code: str | None = None
    name: str | None = None
    layer: str | None = None
    source_crs: str | None = None


@dataclass(frozen=True)
class Context:
    """``[[context]]``: shapes drawn quietly about the areas, such as water, roads or rail."""

    name: str
    file: Path
    style: str | None = None
    """Water, park, road, minor, rail or other; told by the name where not said."""


@dataclass(frozen=True)
class TileSource:
    """``[tiles]``: map pictures of a network below the areas of the map; none where not said."""

    address: str
    attribution: str


@dataclass(frozen=True)
class IncidentSource:
    """``[[incidents]]``: one source of incident records, and how its columns map."""

    files: tuple[Path, ...]
    name: str = "incidents"
    columns: Mapping[str, str] | None = None
    source_crs: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    repeated_ids: Literal["first", "keep"] = "first"


@dataclass(frozen=True)
class Geocoding:
    """``[geocoding]``: what rows without coordinates are placed by, and how strictly."""

    postcodes: str | None = None
    uprns: Path | None = None
    gazetteers: tuple[Path, ...] = ()
    areas: tuple[Path, ...] = ()
    reviewed: Path | None = None
    district: str | None = None
    rungs: tuple[str, ...] = ()
    cutoff: float = 92.0
    margin: float = 5.0
    spread: float = 250.0
    coarsest: float = 1000.0


@dataclass(frozen=True)
class Denominator:
    """``[[denominators]]``: how many residents, households or premises each area has."""

    name: str
    file: Path
    areas: str
    code: str | None = None
    value: str | None = None
    year: int | None = None
    where: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Lookup:
    """``[[lookups]]``: which larger area each smaller one belongs to, or what both share."""

    small: str
    large: str
    file: Path
    source: str | None = None
    target: str | None = None
    weights: bool = False
    weight: str | None = None
    nests: bool = False
    """Each smaller area lies wholly in a larger one, though the kinds are known for best fits."""
    force: bool = False


@dataclass(frozen=True)
class IndicatorTable:
    """``[[indicators]]``: what indicators mean, and a table of their figures.

    Where ``definitions`` is an indicators file (TOML) that names its own tables, ``file`` and
    ``areas`` are not needed.
    """

    definitions: Path
    file: Path | None = None
    areas: str | None = None


@dataclass(frozen=True)
class Rate:
    """``[[rates]]``: incidents of some categories for each so many of a denominator."""

    name: str
    incidents: str | None = None
    categories: tuple[str, ...] = ()
    denominator: str | None = None
    per: float = 1000.0
    topic: str = "Incidents"
    polarity: Literal["high is bad", "high is good", "neither"] = "high is bad"
    definition: str = ""
    source: str = ""
    """Who counts them, in words; the name of the incidents where not said."""


@dataclass(frozen=True)
class Deprivation:
    """``[deprivation]``: how deprived small areas are, for quintiles and gradients."""

    file: Path
    areas: str
    rank: str
    code: str | None = None
    of: int | None = None
    """How many areas were ranked: those of the whole country give national quintiles too."""


@dataclass(frozen=True)
class SimilarPlaces:
    """``[similar_places]``: a dated list of places like the own one, with their figures."""

    file: Path
    own: str
    dated: str
    place: str = "place"
    nation: str | None = None
    """A place of the file that is no similar place: it is shown beside, as England is."""


@dataclass(frozen=True)
class Harm:
    """``[harm]``: how much an incident of each category weighs, and who says so."""

    file: Path
    source: str
    unit: str = "harm"


@dataclass(frozen=True)
class People:
    """``[people]``: residents by age and sex, for population pyramids."""

    file: Path
    areas: str
    code: str | None = None
    age: str = "age"
    sex: str = "sex"
    value: str = "population"
    year: int | None = None


@dataclass(frozen=True)
class Priorities:
    """``[priorities]``: what else topics are judged by, and how much each criterion weighs."""

    file: Path | None = None
    weights: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Hotspot:
    """``[[hotspots]]``: a question of the kind "where does commercial burglary concentrate?"."""

    name: str
    incidents: str | None = None
    categories: tuple[str, ...] = ()
    window: str | None = None
    """Hours of the day that are asked of: "22:00 to 06:00"; all where not said."""
    weekdays: tuple[str, ...] = ()
    """Days on which the window opens; every day where not said."""
    cell: float | None = None
    bandwidth: float | None = None
    kernel: Literal["quartic", "gaussian"] = "quartic"
    eps: float | None = None
    min_samples: int | None = None
    denominator: str | None = None
    simulations: int = 999
    shown: bool = False


@dataclass(frozen=True)
class SourceLine:
    """``[[sources]]``: a source to name at the foot of every product."""

    name: str
    licence: str = ""
    attribution: str = ""


@dataclass(frozen=True)
class LookSettings:
    """``[look]``: colours, font and logo of the council; ours where not said."""

    accent: str | None = None
    classes: tuple[str, ...] = ()
    diverging: tuple[str, ...] = ()
    font: str = ""
    logo: Path | None = None
    logo_text: str = ""
    dark: bool = True
    """Whether pages are dark for readers whose system is."""


@dataclass(frozen=True)
class Project:
    """A whole project file, checked.

    ``file`` is where it was read, ``folder`` is what its relative paths start from.
    """

    file: Path
    folder: Path
    title: str
    areas: tuple[AreaSet, ...]
    incidents: tuple[IncidentSource, ...]
    subtitle: str = ""
    output: Path = Path("outputs")
    period: str = LATEST
    time_zone: str | None = None
    """Whose clock the times of incidents show, such as "Europe/London"."""
    map: tuple[str, ...] = ()
    profiles: tuple[str, ...] | None = None
    """Kinds of area whose areas each get a page; the first kind where not said."""
    headline: tuple[str, ...] = ()
    """Names of the indicators at the head of a page; the incident rates where not said."""
    charts: tuple[str, ...] = ("svg",)
    notes: tuple[str, ...] = ()
    geocoding: Geocoding | None = None
    deprivation: Deprivation | None = None
    similar_places: SimilarPlaces | None = None
    harm: Harm | None = None
    people: People | None = None
    tiles: TileSource | None = None
    priorities: Priorities | None = None
    look: LookSettings | None = None
    leave_out: str | None = None
    """Name or code of an area that carries the whole, to show the whole without it."""
    breaks: Path | None = None
    strategy: Path | None = None
    streets: Path | None = None
    """Lines of streets, on which incidents are counted where they are placed exactly."""
    context: tuple[Context, ...] = ()
    denominators: tuple[Denominator, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    indicators: tuple[IndicatorTable, ...] = ()
    rates: tuple[Rate, ...] = ()
    hotspots: tuple[Hotspot, ...] = ()
    sources: tuple[SourceLine, ...] = field(default=())


SECTIONS: dict[str, type] = {
    "areas": AreaSet,
    "incidents": IncidentSource,
    "context": Context,
    "denominators": Denominator,
    "lookups": Lookup,
    "indicators": IndicatorTable,
    "rates": Rate,
    "hotspots": Hotspot,
    "sources": SourceLine,
}
PARTS: dict[str, type] = {
    "geocoding": Geocoding,
    "deprivation": Deprivation,
    "similar_places": SimilarPlaces,
    "harm": Harm,
    "people": People,
    "tiles": TileSource,
    "priorities": Priorities,
    "look": LookSettings,
}
"""Sections that come once."""

# TOML's own words for the two ends of a look-up are taken in Python.
RENAMED = {"from": "small", "to": "large"}

"""The sample as files: the same bytes every time."""

from __future__ import annotations

import gzip
import io
import json
import os
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles.errors import InputError, OutputError
from geoprofiles.sample.beside import similar_incidents
from geoprofiles.sample.city import City, make_city
from geoprofiles.sample.events import INCIDENTS, Events, make_events
from geoprofiles.sample.indicators import BREAK, TRENDS
from geoprofiles.sample.names import CITY, COLUMNS
from geoprofiles.sample.people import People, make_people
from geoprofiles.sample.streets import make_streets
from geoprofiles.write import sha256, write_file, write_folder

SEED = 20260701
PROJECT = Path(__file__).with_name("project.toml")
STRATEGY = Path(__file__).with_name("strategy.toml")
SLUG = "port_averley"
PLURALS = {
    "small area": "small_areas", "neighbourhood": "neighbourhoods", "ward": "wards",
    "locality": "localities",
}  # fmt: skip

README = f"""# Data of {CITY}, a fictional city

Everything here and in `boundaries/` is invented by code, from a fixed seed: no person, place,
incident or figure is real. `python -m geoprofiles.sample .` makes it again in a checkout;
`geoprofiles demo FOLDER` writes the same project anywhere.

| file | what |
| --- | --- |
| `../boundaries/` | four nested kinds of area, water, streets, and their `registry.csv` |
| `incidents/YYYY-MM/` | 36 months in the layout of data.police.uk, moved to map points |
| `commercial_burglary.csv` | commercial burglaries at their premises, with start and end times |
| `lookup.csv` | which neighbourhood, ward and locality each small area is in |
| `population_by_age.csv` | residents by small area, year, sex and age |
| `households.csv`, `business_premises.csv`, `workday_population.csv` | other denominators |
| `deprivation.csv` | score, rank and decile; rank 1 is the most deprived |
| `indicators.csv` | numerators and denominators of some eighty indicators, five years |
| `indicators_by_age.csv` | deaths and admissions by age, five years pooled |
| `indicator_definitions.csv` | what each indicator means: unit, method, polarity, disclosure rule |
| `recording_breaks.csv` | where recording changed |
| `strategy.toml` | what the city means to reach: measures, leads, baselines, targets |
| `similar_places.csv` | fourteen places like the city, and the nation, as fictional |
| `harm_weights.csv` | how much an incident of each category harms, invented |
| `topics.csv` | what a survey says of topics, and how many victims are repeat victims, invented |
| `planted_truth.json` | the hot spots, changes and non-changes that were planted |
"""


BREAKS = """category,month,why
Anti-social behaviour,2024-07,Planted: fewer calls are recorded as such from here on
Hate incidents reported,2024-01,Planted: more reports are recorded from here on
"""
"""The breaks in recording that were planted, as somebody who knows them would write them down."""


HARM = """category,weight
Anti-social behaviour,1
Bicycle theft,2
Burglary,60
Criminal damage and arson,8
Drugs,5
Other crime,10
Other theft,3
Possession of weapons,40
Public order,6
Robbery,365
Shoplifting,2
Theft from the person,10
Vehicle crime,7
Violence and sexual offences,120
"""
TOPICS = """topic,concern,repeats
Violence and sexual offences,0.34,0.22
Anti-social behaviour,0.47,0.31
Burglary,0.29,0.09
Shoplifting,0.12,
Vehicle crime,0.18,0.07
Commercial burglary,0.08,0.16
"""
"""Invented: the weights are no published index, the survey asked nobody."""


def make_sample(*, seed: int = SEED, incidents: int | None = None) -> tuple[City, People, Events]:
    """Invent the city, its people and its incidents.

    Parameters
    ----------
    seed : int
        Of the random numbers; another seed is another city.
    incidents : int, optional
        About so many street incidents; 36,000 where not said. The ground stays the same.

    Returns
    -------
    tuple of City, People and Events
        Frames: areas and water, tables by small area, incidents and the planted truth.

    Raises
    ------
    InputError
        If `incidents` is below 1.

    Examples
    --------
    >>> import geoprofiles
    >>> city, people, events = geoprofiles.make_sample(incidents=1000)
    >>> len(city.areas["ward"]), events.street["Month"].nunique()
    (16, 36)
    """
    number = INCIDENTS if incidents is None else incidents
    if number < 1:
        raise InputError(f"'incidents' must be at least 1; it is {number}")
    ground, folk, deeds = (np.random.default_rng([seed, part]) for part in range(3))
    city = make_city(ground)
    people = make_people(city, folk)
    return city, people, make_events(city, people, deeds, incidents=number)


def sample_files(*, seed: int = SEED, incidents: int | None = None) -> dict[str, bytes]:
    """Invent the city and render all its files.

    Parameters
    ----------
    seed, incidents : int
        As for :func:`make_sample`.

    Returns
    -------
    dict of str to bytes
        Path within the project folder to content, the project file included.

    Examples
    --------
    >>> sorted(name for name in sample_files(incidents=100) if name.startswith("boundaries/"))[0]
    'boundaries/port_averley_localities.geojson'
    """
    city, people, events = make_sample(seed=seed, incidents=incidents)
    streets = make_streets(city, events.map_points, np.random.default_rng([seed, 3]))
    files = _boundaries(city, streets)
    files["geoprofiles.toml"] = PROJECT.read_bytes()
    files["data/README.md"] = README.encode()
    for name, table in people.tables.items():
        files[f"data/{name}.csv"] = _csv(table)
    files["data/commercial_burglary.csv"] = _csv(events.precise)
    files["data/recording_breaks.csv"] = BREAKS.encode()
    files["data/strategy.toml"] = STRATEGY.read_bytes()
    files["data/harm_weights.csv"] = HARM.encode()
    files["data/topics.csv"] = TOPICS.encode()
    beside = [people.tables["similar_places"], similar_incidents(events.street, people.tables)]
    files["data/similar_places.csv"] = _csv(pd.concat(beside, ignore_index=True))
    planted = {"each_year": TRENDS, "recorded_differently_from": BREAK}
    truth = json.dumps({**events.truth, "indicator_trends": planted}, indent=2) + "\n"
    files["data/planted_truth.json"] = truth.encode()
    for month, rows in events.street.groupby("Month", sort=True):
        name = f"data/incidents/{month}/{month}-{SLUG.replace('_', '-')}-street.csv.gz"
        files[name] = _gzip(_csv(rows))
    return files


def write_sample(
    folder: str | os.PathLike[str], *, seed: int = SEED, incidents: int | None = None
) -> Path:
    """Write the sample project into a folder, whole or not at all.

    Parameters
    ----------
    folder : path
        New or empty.
    seed, incidents : int
        As for :func:`make_sample`.

    Returns
    -------
    Path
        The folder. Its project file is ``geoprofiles.toml``.

    Raises
    ------
    OutputError
        If the folder holds anything, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     folder = geoprofiles.write_sample(Path(parent) / "demo", incidents=100)
    ...     sorted(one.name for one in folder.iterdir())
    ['boundaries', 'data', 'geoprofiles.toml']
    """
    folder = Path(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise OutputError(f"{folder}: the folder is not empty. Choose a new one.")
    return write_folder(folder, sample_files(seed=seed, incidents=incidents))


def write_into_checkout(folder: str | os.PathLike[str]) -> None:
    """Write the sample over that of a checkout, file by file; other files there stay."""
    for name, content in sample_files().items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content)


def _boundaries(city: City, streets: geopandas.GeoDataFrame) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    registry = []
    for kind, areas in city.areas.items():
        code, name = COLUMNS[kind]
        table = areas.rename(columns={"area_name": name}).rename_axis(code).reset_index()
        path = f"{SLUG}_{PLURALS[kind]}.geojson"
        files[f"boundaries/{path}"] = _geojson(table)
        vintage = "2021" if kind == "small area" else "2025"
        registry.append((path, kind, vintage, code, name))
    for what, kind, code, shapes in (
        ("water", "context", "", city.water),
        ("streets", "street", "street_id", streets),
    ):
        files[f"boundaries/{SLUG}_{what}.geojson"] = _geojson(shapes)
        registry.append((f"{SLUG}_{what}.geojson", kind, "2025", code, "name"))
    rows = [
        (*row, "EPSG:4326", "MIT", f"{CITY} is fictional; made by code",
         sha256(files[f"boundaries/{row[0]}"]))
        for row in sorted(registry)
    ]  # fmt: skip
    columns = ["file", "kind", "vintage", "code_column", "name_column", "crs", "licence",
               "attribution", "sha256"]  # fmt: skip
    files["boundaries/registry.csv"] = _csv(pd.DataFrame(rows, columns=columns))
    return dict(sorted(files.items()))


def _geojson(frame: geopandas.GeoDataFrame) -> bytes:
    """Write GeoJSON in degrees, a feature a line."""
    names = [name for name in frame.columns if name != "geometry"]
    lines = []
    for row, shape in zip(
        frame[names].itertuples(index=False, name=None),
        shapely.orient_polygons(frame.geometry.to_numpy()),
        strict=True,
    ):
        feature = {
            "type": "Feature",
            "properties": dict(zip(names, row, strict=True)),
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        lines.append(json.dumps(feature, separators=(",", ":")))
    body = ",\n".join(lines)
    return f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'.encode()


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n").encode()


def _gzip(content: bytes) -> bytes:
    """Compress to the same bytes on every day: no time of writing, no name."""
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=9, mtime=0, filename="") as packed:
        packed.write(content)
    return stream.getvalue()

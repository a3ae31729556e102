"""Incidents of the fictional city: drawn from the people at risk, with planted truth."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geoprofiles import crs
from geoprofiles.sample.city import SOUTH, WEST, City
from geoprofiles.sample.names import CITY, street_names
from geoprofiles.sample.people import People

INCIDENTS = 36_000
FIRST_MONTH = "2023-07"
MONTHS = 36
ANCHORS = 1_500
UNLOCATED, OUTSIDE = 0.01, 0.002
FORCE = f"{CITY} Police (fictional)"
PRECISE = 1_500
ASB = "Anti-social behaviour"

# category: share of all, and what it follows: residents, households, premises, footfall.
CATEGORIES = {
    ASB: (0.15, {"residents": 0.55, "footfall": 0.45}),
    "Bicycle theft": (0.02, {"footfall": 0.6, "residents": 0.4}),
    "Burglary": (0.05, {"households": 1.0}),
    "Criminal damage and arson": (0.09, {"residents": 1.0}),
    "Drugs": (0.03, {"residents": 0.5, "footfall": 0.5}),
    "Other crime": (0.02, {"residents": 1.0}),
    "Other theft": (0.08, {"footfall": 0.6, "residents": 0.4}),
    "Possession of weapons": (0.01, {"residents": 0.5, "footfall": 0.5}),
    "Public order": (0.08, {"footfall": 0.5, "residents": 0.5}),
    "Robbery": (0.02, {"footfall": 0.7, "residents": 0.3}),
    "Shoplifting": (0.09, {"premises": 1.0}),
    "Theft from the person": (0.02, {"footfall": 1.0}),
    "Vehicle crime": (0.05, {"residents": 1.0}),
    "Violence and sexual offences": (0.29, {"residents": 0.7, "footfall": 0.3}),
}
SEASON = np.array([0.92, 0.90, 0.97, 0.99, 1.04, 1.06, 1.10, 1.07, 1.00, 1.01, 0.98, 0.96])
"""By calendar month, January first."""

HOTSPOTS = (
    # name, x, y (metres from the frame's corner), radius, category, times, first, last month
    ("Ropewalk burglaries", 3_300, 3_750, 260, "Burglary", 9.0, 0, 35),
    ("Station vehicle crime", 5_000, 4_500, 240, "Vehicle crime", 11.0, 0, 35),
    ("New: east-bank robberies", 7_500, 3_900, 330, "Robbery", 60.0, 30, 35),
    ("Fading: estate arson", 2_000, 3_250, 280, "Criminal damage and arson", 8.0, 0, 14),
)
CHANGES = (
    # ward, category, times, first month
    ("Kingsmead", "Shoplifting", 2.2, 24),
    ("Orchard Park", "Violence and sexual offences", 0.45, 24),
)
CONSTANT_WARDS = ("Highcombe", "Larkrise", "Fernleigh")
BREAK_CATEGORY, BREAK_MONTH, BREAK_FACTOR = ASB, 12, 0.7
"""A change in recording, not in behaviour: so many reports less, city-wide, from that month."""

BURGLARY_SPOT = (4_150, 2_850, 170, 7.0)
"""Of commercial burglary: x, y, radius in metres, times as many a premises."""
NEAR_REPEATS = {"share": 0.12, "metres": 120, "days": 14}
REPEATS = 0.06


@dataclass(frozen=True)
class Events:
    """Street incidents as published, the precise data set, the planted truth, and map points."""

    street: pd.DataFrame
    precise: pd.DataFrame
    truth: dict[str, object]
    map_points: pd.DataFrame


def month_labels() -> list[str]:
    """Return the months of the sample, ``YYYY-MM``."""
    return [str(one) for one in pd.period_range(FIRST_MONTH, periods=MONTHS, freq="M")]


def make_events(
    city: City, people: People, rng: np.random.Generator, *, incidents: int = INCIDENTS
) -> Events:
    """Draw the incidents: places by who and what is at risk there, months by season."""
    anchors = _anchors(city, people, rng)
    street = _street(city, anchors, rng, incidents)
    precise = _precise(city, people, rng)
    return Events(street, precise, _truth(anchors), anchors)


def _anchors(city: City, people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Lay fixed map points over the city and give each the people and shops nearest to it."""
    cells = people.cells
    weight = cells["residents"] / cells["residents"].sum() + 0.6 * cells["footfall"]
    share = np.cumsum(weight.to_numpy()) / weight.sum()
    at = np.unique(np.searchsorted(share, (np.arange(ANCHORS) + rng.random(ANCHORS)) / ANCHORS))
    xy = city.cells[["x", "y"]].to_numpy()
    points = xy[at] + (rng.random((len(at), 2)) - 0.5) * 40
    # A third axis keeps areas apart: what an anchor stands for lives in the anchor's own area.
    apart = np.unique(city.cells["small area"], return_inverse=True)[1][:, None] * 1e6
    nearest = cKDTree(np.hstack([points, apart[at]])).query(np.hstack([xy, apart]))[1]
    anchors = pd.DataFrame(points, columns=["x", "y"])
    for column in ("residents", "households", "premises", "footfall"):
        anchors[column] = np.bincount(nearest, cells[column], minlength=len(at))
    for kind in ("small area", "ward"):
        anchors[kind] = city.cells[kind].to_numpy()[at]
    names = street_names(len(at))
    place = np.array([f"On or near {names[one % len(names)]}" for one in range(len(at))], object)
    chance = rng.random(len(at))
    busy = anchors["premises"].to_numpy() > np.quantile(anchors["premises"], 0.8)
    place[chance < 0.10] = "On or near Parking Area"
    place[busy & (chance > 0.75)] = "On or near Shopping Area"
    place[busy & (chance > 0.90)] = "On or near Supermarket"
    place[~busy & (chance > 0.95)] = "On or near Sports/Recreation Area"
    anchors["place"] = place
    longitude, latitude = crs.project(points[:, 0], points[:, 1], source=crs.METRIC, target=crs.WEB)
    anchors["longitude"], anchors["latitude"] = longitude.round(6), latitude.round(6)
    return anchors


def _intensity(anchors: pd.DataFrame, city: City, category: str) -> np.ndarray:
    """Return how many incidents each anchor and month expect, relative to one another."""
    _, follows = CATEGORIES[category]
    base = sum(part * anchors[name] / anchors[name].sum() for name, part in follows.items())
    days = np.array([one.days_in_month for one in pd.PeriodIndex(month_labels(), freq="M")])
    season = SEASON[pd.PeriodIndex(month_labels(), freq="M").month.to_numpy() - 1]
    table = np.outer(np.asarray(base), days / days.mean() * season)
    x, y = (anchors["x"] - WEST).to_numpy(), (anchors["y"] - SOUTH).to_numpy()
    for _, at_x, at_y, radius, planted, times, first, last in HOTSPOTS:
        if planted == category:
            table[np.hypot(x - at_x, y - at_y) <= radius, first : last + 1] *= times
    names = city.areas["ward"]["area_name"]
    for ward, planted, times, first in CHANGES:
        if planted == category:
            held = (anchors["ward"].map(names) == ward).to_numpy()
            table[held, first:] *= times
    if category == BREAK_CATEGORY:
        table[:, BREAK_MONTH:] *= BREAK_FACTOR
    return table


def _street(
    city: City, anchors: pd.DataFrame, rng: np.random.Generator, incidents: int
) -> pd.DataFrame:
    parts = []
    for category, (share, _) in CATEGORIES.items():
        table = _intensity(anchors, city, category)
        number = round(incidents * share)
        steps = np.cumsum(table.ravel()) / table.sum()
        drawn = np.minimum(np.searchsorted(steps, rng.random(number)), table.size - 1)
        parts.append(
            pd.DataFrame({"anchor": drawn // MONTHS, "month": drawn % MONTHS, "category": category})
        )
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.iloc[np.argsort(rng.random(len(rows)), kind="stable")]
    rows = rows.sort_values(["month", "category"], kind="stable").reset_index(drop=True)
    return _published(rows, anchors, city, rng)


def _published(
    rows: pd.DataFrame, anchors: pd.DataFrame, city: City, rng: np.random.Generator
) -> pd.DataFrame:
    """Lay rows out as data.police.uk does."""
    at = rows["anchor"].to_numpy()
    names = city.areas["small area"]["area_name"]
    longitude = np.char.mod("%.6f", anchors["longitude"].to_numpy()[at]).astype(object)
    latitude = np.char.mod("%.6f", anchors["latitude"].to_numpy()[at]).astype(object)
    place = anchors["place"].to_numpy()[at]
    code = anchors["small area"].to_numpy()[at]
    name = names.reindex(code).to_numpy(dtype=object)
    chance = rng.random(len(rows))
    lost = chance < UNLOCATED
    for column in (longitude, latitude, code, name):
        column[lost] = ""
    place[lost] = "No Location"
    away = (chance > 1 - OUTSIDE) & ~lost
    # Beyond the city limit, to the north: another town's ground, without a small area here.
    longitude[away] = np.char.mod("%.6f", -1.30 + 0.05 * rng.random(int(away.sum())))
    latitude[away] = np.char.mod("%.6f", 50.52 + 0.02 * rng.random(int(away.sum())))
    code[away], name[away] = "X01999999", "Elsewhere 001A"
    category = rows["category"].to_numpy(dtype=object)
    asb = category == ASB
    identity = np.array(
        ["" if quiet else _identity(number) for number, quiet in enumerate(asb)], dtype=object
    )
    labels = np.array(month_labels(), dtype=object)
    outcome = np.where(
        rng.random(len(rows)) < 0.55,
        "Investigation complete; no suspect identified",
        np.where(rng.random(len(rows)) < 0.6, "Unable to prosecute suspect", "Under investigation"),
    ).astype(object)
    outcome[asb] = ""
    return pd.DataFrame(
        {
            "Crime ID": identity,
            "Month": labels[rows["month"].to_numpy()],
            "Reported by": FORCE,
            "Falls within": FORCE,
            "Longitude": longitude,
            "Latitude": latitude,
            "Location": place,
            "LSOA code": code,
            "LSOA name": name,
            "Crime type": category,
            "Last outcome category": outcome,
            "Context": "",
        }
    )


def _identity(number: int) -> str:
    return hashlib.sha256(f"{CITY} {number}".encode()).hexdigest()


def _precise(city: City, people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Draw commercial burglaries at premises, most found in the morning, some repeated."""
    xy = city.cells[["x", "y"]].to_numpy()
    weight = people.cells["premises"].to_numpy().copy()
    spot_x, spot_y, radius, times = BURGLARY_SPOT
    weight[np.hypot(xy[:, 0] - WEST - spot_x, xy[:, 1] - SOUTH - spot_y) <= radius] *= times
    steps = np.cumsum(weight) / weight.sum()
    single = round(PRECISE * (1 - NEAR_REPEATS["share"] - REPEATS))
    at = np.minimum(np.searchsorted(steps, rng.random(single)), len(xy) - 1)
    points = np.rint(xy[at] + (rng.random((single, 2)) - 0.5) * 70)
    days = MONTHS * 30.4375
    when = np.floor(rng.random(single) * days)
    early = np.flatnonzero(when < days - 20)  # what follows them still falls within the months
    again = early[_pick(len(early), round(PRECISE * REPEATS), rng)]
    near = early[_pick(len(early), PRECISE - single - len(again), rng)]
    reach, span = NEAR_REPEATS["metres"], NEAR_REPEATS["days"]
    offset = np.rint((rng.random((len(near), 2)) - 0.5) * reach * 1.3)
    points = _ashore(np.vstack([points, points[again], points[near] + offset]), city)
    later = when[again] + 1 + np.floor(rng.random(len(again)) * 18)
    soon = when[near] + 1 + np.floor(rng.random(len(near)) * (span - 1))
    when = np.concatenate([when, later, soon])
    order = np.argsort(when, kind="stable")
    return _recorded(points[order], when[order], rng)


def _ashore(points: np.ndarray, city: City) -> np.ndarray:
    """Move what fell into the water, or beyond the city limit, to the nearest cell's middle."""
    land = shapely.union_all(city.areas["locality"].to_crs(crs.METRIC).geometry.to_numpy())
    lost = ~shapely.contains_xy(land, points)
    xy = city.cells[["x", "y"]].to_numpy()
    moved: np.ndarray = points.copy()
    moved[lost] = np.rint(xy[cKDTree(xy).query(points[lost])[1]])
    return moved


def _pick(among: int, number: int, rng: np.random.Generator) -> np.ndarray:
    return np.minimum((rng.random(number) * among).astype(int), among - 1)


def _recorded(points: np.ndarray, when: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Write times as a force records them: locked up at the start, found at the end."""
    number = len(points)
    day = pd.Timestamp(f"{FIRST_MONTH}-01") + pd.to_timedelta(when, unit="D")
    closing = 17 * 60 + np.floor(rng.random(number) * 8) * 15
    long = rng.random(number) < 0.72
    started = np.where(long, closing, np.floor(rng.random(number) * 96) * 15)
    hours = np.where(long, 13 + rng.random(number) * 3, rng.random(number) * 1.5)
    start = day + pd.to_timedelta(started, unit="min")
    end = start + pd.to_timedelta(np.floor(hours * 60 / 5) * 5, unit="min")
    chance = rng.random(number)
    first = np.where(chance < 0.004, end, start)
    last = np.where(chance < 0.004, start, end)
    written = pd.Series(pd.DatetimeIndex(last)).dt.strftime("%d/%m/%Y %H:%M")
    written[chance > 0.97] = ""
    kinds = np.array(["Shop", "Office", "Warehouse", "Restaurant", "Public house", "Workshop"])
    kind = kinds[np.minimum((rng.random(number) * len(kinds)).astype(int), len(kinds) - 1)]
    return pd.DataFrame(
        {
            "Ref": [f"PA/{place + 1:05d}" for place in range(number)],
            "Offence": "Burglary - business and community",
            "From": pd.Series(pd.DatetimeIndex(first)).dt.strftime("%d/%m/%Y %H:%M"),
            "To": written,
            "Easting": points[:, 0].astype(int),
            "Northing": points[:, 1].astype(int),
            "Premises": kind,
        }
    )


def _truth(anchors: pd.DataFrame) -> dict[str, object]:
    """Say what was planted, for tests that ask whether methods find it and nothing else."""
    labels = month_labels()
    x, y = (anchors["x"] - WEST).to_numpy(), (anchors["y"] - SOUTH).to_numpy()
    spot_x, spot_y, radius, times = BURGLARY_SPOT
    return {
        "fictional": True,
        "crs": "EPSG:27700",
        "hotspots": [
            {
                "name": name,
                "easting": WEST + at_x,
                "northing": SOUTH + at_y,
                "radius_m": reach,
                "category": category,
                "times_background": factor,
                "first_month": labels[first],
                "last_month": labels[last],
                "places": int((np.hypot(x - at_x, y - at_y) <= reach).sum()),
            }
            for name, at_x, at_y, reach, category, factor, first, last in HOTSPOTS
        ],
        "changes": [
            {"ward": ward, "category": category, "times": factor, "from_month": labels[first]}
            for ward, category, factor, first in CHANGES
        ],
        "constant_wards": list(CONSTANT_WARDS),
        "constant_wards_note": (
            "nothing is planted in these wards but the recording break, which is city-wide"
        ),
        "recording_break": {
            "category": BREAK_CATEGORY,
            "from_month": labels[BREAK_MONTH],
            "times": BREAK_FACTOR,
        },
        "commercial_burglary": {
            "easting": WEST + spot_x,
            "northing": SOUTH + spot_y,
            "radius_m": radius,
            "times_a_premises": times,
            "repeat_share": REPEATS,
            "near_repeats": NEAR_REPEATS,
            "recorded": "mostly from closing to opening; see aoristic methods",
        },
        "elsewhere": "incidents follow residents, households, premises or footfall alone",
    }

"""The ladder: what records may be placed by, from the finest rung to the coarsest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geoprofiles import crs
from geoprofiles.areas.locate import locate_points
from geoprofiles.checks import check_choice, check_positive
from geoprofiles.errors import InputError
from geoprofiles.frames import RUNGS, Areas, check_areas, check_columns
from geoprofiles.geocoding.names import Names, plain_name, ready_names
from geoprofiles.postcode import postcode_key, postcode_parents

Hook = Callable[[Sequence[str]], pd.DataFrame]


FEWEST_HOMES = 5
"""Postcodes in an area from which their spread tells how far about its middle people live."""


@dataclass(frozen=True)
class Ladder:
    """What records are placed by, and how strictly.

    Attributes
    ----------
    postcodes : DataFrame, optional
        As ``read_postcodes`` gives them: ``postcode``, ``easting``, ``northing``, ``precision``,
        ``ended``.
    uprns : DataFrame, optional
        ``uprn``, ``easting``, ``northing``, ``precision``.
    gazetteer : DataFrame, optional
        Names of streets, premises and places: ``name``, ``easting``, ``northing``, and where
        known ``precision`` and ``district``.
    areas : mapping of str to GeoDataFrame
        Sets of areas, of any vintage, whose codes and names records may carry.
    reviewed : DataFrame, optional
        What a person has decided: ``text``, ``easting``, ``northing``, and where known
        ``district``; as ``read_review`` gives them.
    district : str, optional
        The district of all records that give none. Names are looked for in it alone.
    rungs : tuple of str
        Which rungs to try, of `RUNGS`; the order is that of `RUNGS`, from fine to coarse.
    cutoff, margin : float
        A similar name must score so much (0 to 100), and so much more than the next best.
    spread : float
        Metres about their middle within which places of one name count as one.
    coarsest : float
        Metres: a place or postcode that is not known to within so much is none. Codes and names
        of areas are taken as they are: who gives one means all of it.
    hook : callable, optional
        A geocoder of your own for the names that nothing else knows: it is given the texts and
        returns ``text``, ``easting``, ``northing`` and ``precision``. It alone may use a network,
        and only if it does: geoprofiles itself never sends anything anywhere.

    All frames carry their metres in ``attrs["crs"]`` (EPSG:27700 where they do not).
    """

    postcodes: pd.DataFrame | None = None
    uprns: pd.DataFrame | None = None
    gazetteer: pd.DataFrame | None = None
    areas: Mapping[str, Areas] = field(default_factory=dict)
    reviewed: pd.DataFrame | None = None
    district: str | None = None
    rungs: tuple[str, ...] = RUNGS
    cutoff: float = 92.0
    margin: float = 5.0
    spread: float = 250.0
    coarsest: float = 1000.0
    hook: Hook | None = None


@dataclass(frozen=True)
class Points:
    """Things with a place, to look up by a number that stands for each."""

    key: np.ndarray
    """Sorted."""
    easting: np.ndarray
    northing: np.ndarray
    precision: np.ndarray
    ended: np.ndarray
    """Whether each is a postcode that is no longer in use."""
    label: Sequence[str]


@dataclass(frozen=True)
class Ready:
    """A ladder made ready for work, in the metres of the records."""

    ladder: Ladder
    crs: str
    postcodes: Points | None = None
    parents: Mapping[str, Points] = field(default_factory=dict)
    """By level: sectors and districts of postcodes; keys are places in `labels`."""
    uprns: Points | None = None
    codes: Points | None = None
    """Areas; the codes are the labels, in sorted order."""
    places: Names | None = None
    area_names: Names | None = None
    reviewed: Names | None = None
    known: dict[tuple[str, str, str], tuple[int, int, float]] = field(default_factory=dict)
    """Names looked up already, by rung, name and district: entry, outcome and score."""


def make_ready(ladder: Ladder, system: Any) -> Ready:
    """Check a ladder and bring all it holds into one system of metres.

    Raises
    ------
    InputError
        If a rung is unknown, a limit is not above 0, or a frame lacks a column.
    CRSError
        If areas are not in metres.
    """
    for rung in ladder.rungs:
        check_choice(rung, RUNGS, "rungs")
    for name in ("cutoff", "spread", "coarsest"):
        check_positive(getattr(ladder, name), name)
    if not 0 <= ladder.margin <= 100 or ladder.cutoff > 100:
        raise InputError("'cutoff' and 'margin' are scores, from 0 to 100")
    postcodes = None
    parents: dict[str, Points] = {}
    if ladder.postcodes is not None:
        check_columns(ladder.postcodes, ["postcode", "easting", "northing"], what="Postcodes")
        postcodes = _postcode_points(ladder.postcodes, system)
        units = _in_metres(ladder.postcodes, system)
        table = postcode_parents(units)
        for level, some in table.groupby("level", observed=True):
            parents[str(level)] = _labelled(some, "postcode")
    uprns = None
    if ladder.uprns is not None:
        check_columns(ladder.uprns, ["uprn", "easting", "northing"], what="UPRNs")
        frame = _in_metres(ladder.uprns, system).sort_values("uprn")
        uprns = _points(frame, frame["uprn"].to_numpy(dtype=np.int64), ())
    centres = [
        area_centres(one, ladder.postcodes, system, kind=kind) for kind, one in ladder.areas.items()
    ]
    areas = pd.concat(centres, ignore_index=True) if centres else None
    named = None if areas is None else areas[areas["name"].astype(bool)].assign(whole=True)
    return Ready(
        ladder,
        str(crs.pyproj.CRS.from_user_input(system).to_string()),
        postcodes,
        parents,
        uprns,
        None if areas is None else _labelled(areas.drop_duplicates("code"), "code"),
        _names(ladder.gazetteer, system, "Gazetteers", ladder.spread),
        None if named is None else ready_names(named, spread=1.0),
        _names(_as_named(ladder.reviewed), system, "Reviewed names", np.inf),
    )


def ladder_fingerprint(ready: Ready) -> str:
    """Return a text that differs where a ladder places any row otherwise.

    Examples
    --------
    >>> one, two = (make_ready(Ladder(cutoff=score), 27700) for score in (90, 80))
    >>> ladder_fingerprint(one) == ladder_fingerprint(two)
    False
    """
    ladder = ready.ladder
    told = hashlib.sha256()
    settings = [ladder.rungs, ladder.cutoff, ladder.margin, ladder.spread, ladder.coarsest]
    told.update(repr([*settings, ladder.district, ready.crs, ladder.hook]).encode())
    parts = [ready.postcodes, *ready.parents.values(), ready.uprns, ready.codes]
    for points in (one for one in parts if one is not None):
        told.update("\n".join(map(str, points.label)).encode())
        for array in (points.key, points.easting, points.northing, points.precision):
            told.update(np.ascontiguousarray(array).tobytes())
    for names in (ready.places, ready.area_names, ready.reviewed):
        if names is not None:
            told.update(repr([names.names, names.districts]).encode())
            for array in (names.easting, names.northing, names.precision):
                told.update(np.ascontiguousarray(array).tobytes())
    return told.hexdigest()


def _as_named(reviewed: pd.DataFrame | None) -> pd.DataFrame | None:
    if reviewed is None:
        return None
    check_columns(reviewed, ["text"], what="Reviewed names")
    return reviewed.rename(columns={"text": "name"})


def _names(frame: pd.DataFrame | None, system: Any, what: str, spread: float) -> Names | None:
    if frame is None:
        return None
    check_columns(frame, ["name", "easting", "northing"], what=what)
    return ready_names(_in_metres(frame, system), spread=spread)


def _in_metres(frame: pd.DataFrame, system: Any) -> pd.DataFrame:
    """Return the frame with easting and northing in the metres of the records."""
    own = frame.attrs.get("crs") or crs.METRIC
    east, north = crs.project(
        frame["easting"].to_numpy(dtype=float, na_value=np.nan),
        frame["northing"].to_numpy(dtype=float, na_value=np.nan),
        source=own,
        target=system,
    )
    moved = pd.DataFrame(frame).assign(easting=east, northing=north)
    moved.attrs = {}
    return moved


def _postcode_points(postcodes: pd.DataFrame, system: Any) -> Points:
    frame = _in_metres(postcodes, system)
    frame = frame[frame["easting"].notna() & frame["northing"].notna()]
    key = postcode_key(frame["postcode"])
    order = np.argsort(key, kind="stable")
    return _points(frame.iloc[order], key[order], frame["postcode"].to_numpy()[order])


def _labelled(frame: pd.DataFrame, column: str) -> Points:
    frame = frame.sort_values(column)
    return _points(frame, np.arange(len(frame)), frame[column].tolist())


def _points(frame: pd.DataFrame, key: np.ndarray, label: Sequence[str]) -> Points:
    size = len(frame)
    return Points(
        key,
        frame["easting"].to_numpy(dtype=float),
        frame["northing"].to_numpy(dtype=float),
        frame["precision"].to_numpy(dtype=float) if "precision" in frame else np.zeros(size),
        frame["ended"].notna().to_numpy() if "ended" in frame else np.zeros(size, dtype=bool),
        label,
    )


def area_centres(
    areas: Areas, postcodes: pd.DataFrame | None, system: Any, *, kind: str = "area"
) -> pd.DataFrame:
    """Find for each area the point that stands for it: where its people live, if that is known.

    The mean of the live postcodes inside, as official best-fit look-ups use centres of
    population; a point well inside where there are none or the mean lies outside.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas.
    postcodes : DataFrame or None
        ``easting``, ``northing`` and, where known, ``ended``.
    system : anything pyproj.CRS understands
        The metres of the answer.
    kind : str
        What the areas are; kept beside them.

    Returns
    -------
    DataFrame
        ``code``, ``name``, ``kind``, ``easting``, ``northing`` and ``precision``: the metres
        within which nine in ten of its postcodes lie, or where they are few, the radius of a
        disc of its size.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> homes = pd.DataFrame({"easting": [100.0, 300.0], "northing": [200.0, 200.0]})
    >>> area_centres(areas, homes, 27700)[["easting", "northing", "precision"]].values.tolist()
    [[200.0, 200.0, 564.1895835477563]]
    """
    check_areas(areas)
    areas = areas.to_crs(system)
    shapes = areas.geometry.to_numpy()
    inside = shapely.point_on_surface(shapes)
    x, y = shapely.get_x(inside), shapely.get_y(inside)
    precision = np.sqrt(shapely.area(shapes) / np.pi)
    if postcodes is not None and len(areas):
        live = postcodes[postcodes["ended"].isna()] if "ended" in postcodes else postcodes
        live = _in_metres(live.set_axis(range(len(live))), system) if len(live) else live
        live.attrs = {}
        east, north = live["easting"].to_numpy(), live["northing"].to_numpy()
        at = locate_points(east, north, areas)
        homes = pd.DataFrame({"x": east, "y": north})[at >= 0].groupby(at[at >= 0])
        mean = homes.mean().reindex(range(len(areas)))
        good = mean["x"].notna().to_numpy(copy=True)
        good[good] &= shapely.intersects_xy(shapes[good], mean["x"][good], mean["y"][good])
        x, y = np.where(good, mean["x"], x), np.where(good, mean["y"], y)
        away = np.hypot(east - x[at], north - y[at])[at >= 0]
        reach = pd.Series(away).groupby(at[at >= 0]).quantile(0.9).reindex(range(len(areas)))
        enough = homes.size().reindex(range(len(areas)), fill_value=0) >= FEWEST_HOMES
        precision = np.where(good & enough, reach, precision)
    names = areas["area_name"].fillna("").astype(str)
    return pd.DataFrame(
        {
            "code": areas.index.astype(str),
            # A name that is only its code again tells nothing.
            "name": np.where(names == areas.index.astype(str), "", names),
            "kind": kind,
            "easting": x,
            "northing": y,
            "precision": precision,
        }
    )


def district_of(given: pd.Categorical | None, ladder: Ladder, rows: int) -> pd.Categorical:
    """Return the district of each row: its own, or that of the ladder."""
    if given is None:
        given = pd.Categorical.from_codes(np.full(rows, -1), categories=pd.Index([], dtype=object))
    if ladder.district is None or not plain_name(ladder.district):
        return given
    names = pd.Index([*given.categories, ladder.district], dtype=object)
    if not names.is_unique:
        at = names.get_loc(ladder.district)
        place = int(np.flatnonzero(at)[0]) if not isinstance(at, int) else at
        codes = np.where(given.codes < 0, place, given.codes)
        return pd.Categorical.from_codes(codes, categories=given.categories)
    codes = np.where(given.codes < 0, len(names) - 1, given.codes)
    return pd.Categorical.from_codes(codes, categories=names)

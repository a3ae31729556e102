"""Read areas: polygons in metres under unique codes, with every fault told."""

from __future__ import annotations

import os
import re
import warnings
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyproj
import shapely

from geoprofiles import crs as systems
from geoprofiles.errors import CRSError, InputError, InputWarning
from geoprofiles.frames import Areas
from geoprofiles.read.archives import PathLike
from geoprofiles.read.coverage import dissolve_repeated, find_faults, repair
from geoprofiles.read.shapes import flat, load_shapes
from geoprofiles.words import listed, nearest

KIND_OF_PREFIX = {
    "WD": "ward", "WARD": "ward", "LSOA": "LSOA", "MSOA": "MSOA", "OA": "output area",
    "LAD": "district", "LTLA": "district", "UTLA": "county", "CTY": "county", "RGN": "region",
    "PCON": "constituency", "LOC": "locality", "LOCALITY": "locality", "NBH": "neighbourhood",
    "NEIGHBOURHOOD": "neighbourhood", "SA": "small area", "CSP": "partnership",
    "PFA": "police force", "PAR": "parish", "CED": "division", "BEAT": "beat",
}  # fmt: skip

_ONS = re.compile(r"(?P<prefix>[A-Za-z]+?)(?P<year>\d{2})?_?(?P<role>CD|CODE)", re.IGNORECASE)
_CODES = ("code", "area_code", "areacd", "gss_code", "geo_code", "geography_code", "ref", "id")
_NAMES = ("name", "area_name", "areanm", "geography_name", "geography", "label", "title")
_BETTER_NAMES = ("hclnm", "neighbourhood")


def read_areas(
    path: PathLike,
    *,
    code: str | None = None,
    name: str | None = None,
    kind: str | None = None,
    layer: str | None = None,
    source_crs: Any = None,
    crs: Any = None,
) -> Areas:
    """Read a set of areas, in metres, indexed by their codes.

    Parameters
    ----------
    path : path
        GeoJSON, TopoJSON, GeoPackage or shapefile, also gzipped or zipped. What a file is, is
        told by its content; anything else is refused.
    code, name : str, optional
        The columns with codes and names. Found where not said: by the pattern of the Office
        for National Statistics (``WD25CD`` and ``WD25NM``) or by common names.
    kind : str, optional
        What the areas are, singular: ``"ward"``. Told by the code column where not said.
    layer : str, optional
        Which layer, where a file holds several.
    source_crs : anything pyproj.CRS understands, optional
        The file's coordinate system, where it does not say or is wrong.
    crs : anything pyproj.CRS understands, optional
        The metres to work in: British National Grid in Great Britain, elsewhere the UTM zone.

    Returns
    -------
    GeoDataFrame
        Index ``area_code``; ``area_name``, the file's other columns, and polygons. ``attrs``
        holds ``kind``, ``vintage``, ``faults`` (sentences) and ``source`` (a dict of facts).

    Raises
    ------
    InputError
        If the file is missing, damaged or of another kind; a column is missing; a code is
        empty or stands for areas of different names; a shape is empty or no polygon.
    CRSError
        If the coordinate system is missing and cannot be told, or does not fit the numbers.

    Warns
    -----
    InputWarning
        Of polygons that had to be repaired, parts of one area that were joined, overlaps and
        gaps. Two areas overlap by more than a sliver where they share more than 1 % of the
        smaller one, or more than 10,000 m²; a gap is a hole of more than 10,000 m² in the
        whole that no area fills.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> import geoprofiles
    >>> ring = [[-1.41, 50.9], [-1.40, 50.9], [-1.40, 50.91], [-1.41, 50.91], [-1.41, 50.9]]
    >>> ward = {"type": "Feature", "properties": {"WD25CD": "E1", "WD25NM": "Mill"},
    ...         "geometry": {"type": "Polygon", "coordinates": [ring]}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "wards.geojson"
    ...     _ = file.write_text(json.dumps({"type": "FeatureCollection", "features": [ward]}))
    ...     wards = geoprofiles.read_areas(file)
    >>> wards["area_name"].to_dict(), wards.attrs["kind"], wards.crs.to_epsg()
    ({'E1': 'Mill'}, 'ward', 27700)
    """
    file = os.fspath(path)
    frame, facts = load_shapes(path, layer=layer)
    code_column = _code_column(frame, code, file)
    name_column = _name_column(frame, name, code_column, file)
    codes = _codes(frame[code_column], code_column, file)
    names = _texts(frame[name_column]).where(lambda one: one != "", codes)
    _refuse_shapes(frame, codes, file)
    faults: list[str] = []
    system = source_system(frame, source_crs, file)
    if frame.crs is None and source_crs is None and "JSON" not in facts["format"]:
        faults.append("The file does not name its coordinate system; WGS84 was assumed.")
    target = metric_system(frame, system, crs, file)
    geometry = _projected(frame, codes, system, target, file)
    geometry = repair(geometry, codes.to_numpy(), faults, file=file)
    extra = frame.drop(columns=[frame.geometry.name, code_column, name_column], errors="ignore")
    extra = extra.drop(columns=["area_code", "area_name", "geometry"], errors="ignore")
    areas = geopandas.GeoDataFrame(
        {"area_name": names, **{str(one): extra[one] for one in extra.columns}},
        geometry=geometry,
        crs=target,
    ).set_index(codes.rename("area_code"))
    areas = dissolve_repeated(areas, faults, file=file)
    faults.extend(find_faults(areas))
    told = _ONS.fullmatch(code_column)
    areas.attrs = {
        "kind": kind or _kind(code_column, name_column),
        "vintage": _vintage(told["year"] if told else None),
        "faults": faults,
        "source": {
            **facts,
            "source_crs": system.to_string(),
            "code_column": code_column,
            "name_column": name_column,
        },
    }
    if faults:
        base = os.path.basename(file)  # noqa: PTH119 - the path may be a str
        warnings.warn(f"{base}: {' '.join(faults)}", InputWarning, stacklevel=2)
    return areas


def read_shapes(path: PathLike, *, layer: str | None = None) -> geopandas.GeoDataFrame:
    """Read shapes of any kind, points too, in their own coordinate system.

    Parameters
    ----------
    path : path
        As in :func:`read_areas`.
    layer : str, optional
        Which layer, where a file holds several.

    Returns
    -------
    GeoDataFrame
        As the file holds it. Without a stated system, degrees are taken as WGS84.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> text = '''{"type": "FeatureCollection", "features": [{"type": "Feature",
    ...     "properties": {"n": 1}, "geometry": {"type": "Point", "coordinates": [-1.4, 50.9]}}]}'''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "points.geojson"
    ...     _ = file.write_text(text)
    ...     read_shapes(file).crs.to_epsg()
    4326
    """
    frame, _ = load_shapes(path, layer=layer)
    if frame.crs is None:
        frame = frame.set_crs(source_system(frame, None, os.fspath(path)))
    return frame


def _code_column(frame: geopandas.GeoDataFrame, wanted: str | None, file: str) -> str:
    columns = _columns(frame)
    if wanted is not None:
        return _needed(wanted, columns, "code", file)
    candidates = [one for one in columns if _is_code(one)]
    if candidates:
        distinct = {one: frame[one].nunique() for one in candidates}
        return max(candidates, key=lambda one: distinct[one])  # the first of the best
    by_lower = {one.lower(): one for one in reversed(columns)}
    for common in (*_CODES, *_NAMES):
        one = by_lower.get(common)
        if one is not None and frame[one].notna().all() and frame[one].is_unique:
            return one
    if len(columns) == 1 and frame[columns[0]].notna().all() and frame[columns[0]].is_unique:
        return columns[0]
    raise InputError(
        "no column was recognised as the code; the columns are"
        f" {listed(columns, most=20) or 'none'}",
        file=file,
        remedy="Say which with code='…'.",
    )


def _is_code(column: str) -> bool:
    told = _ONS.fullmatch(column)
    if told is None:
        return False
    return bool(told["year"]) or told["prefix"].strip("_").upper() in KIND_OF_PREFIX


def _name_column(
    frame: geopandas.GeoDataFrame, wanted: str | None, code_column: str, file: str
) -> str:
    columns = _columns(frame)
    if wanted is not None:
        return _needed(wanted, columns, "name", file)
    by_lower = {one.lower(): one for one in reversed(columns)}
    told = _ONS.fullmatch(code_column)
    if told is not None:
        stem = code_column.lower()[: told.start("role")]
        if told["prefix"].upper() == "MSOA":
            for better in (f"{stem}hclnm", *_BETTER_NAMES):
                if better in by_lower:
                    return by_lower[better]
        for twin in (f"{stem}nm", f"{stem}name"):
            if twin in by_lower:
                return by_lower[twin]
    for common in _NAMES:
        if common in by_lower:
            return by_lower[common]
    return code_column


def _columns(frame: geopandas.GeoDataFrame) -> list[str]:
    return [str(one) for one in frame.columns if one != frame.geometry.name]


def _needed(wanted: str, columns: list[str], role: str, file: str) -> str:
    if wanted in columns:
        return wanted
    raise InputError(
        f"there is no column '{wanted}' for the {role}; the columns are"
        f" {listed(columns, most=20) or 'none'}",
        file=file,
        remedy=nearest(wanted, columns),
    )


def _texts(column: pd.Series) -> pd.Series:
    def text(value: Any) -> str:
        if value is None or (isinstance(value, float) and np.isnan(value)):
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value).strip()

    return pd.Series([text(one) for one in column], index=column.index, dtype=object)


def _codes(column: pd.Series, heading: str, file: str) -> pd.Series:
    codes = _texts(column)
    empty = (codes == "").to_numpy()
    if empty.any():
        raise InputError(
            f"feature {int(empty.argmax()) + 1} has no code",
            file=file,
            column=heading,
            remedy="Give every area a code, or name another column with code='…'.",
        )
    return codes


def _kind(code_column: str, name_column: str) -> str:
    if name_column.lower().endswith(_BETTER_NAMES):
        return "neighbourhood"
    told = _ONS.fullmatch(code_column)
    if told is None:
        return "area"
    return KIND_OF_PREFIX.get(told["prefix"].upper(), "area")


def _vintage(year: str | None) -> str:
    if not year:
        return ""
    return f"{'19' if int(year) > 70 else '20'}{year}"


def _refuse_shapes(frame: geopandas.GeoDataFrame, codes: pd.Series, file: str) -> None:
    shapes = frame.geometry.to_numpy()
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    kinds = shapely.get_type_id(shapes)
    other = ~np.isin(kinds, (3, 6))
    for bad, problem, remedy in (
        (empty, "has no shape", "Leave it out of the file, or export the file again."),
        (other, "is no polygon", "Areas are polygons; points and lines cannot hold incidents."),
    ):
        if bad.any():
            at = int(bad.argmax())
            what = "" if problem != "is no polygon" else f" but a {shapes[at].geom_type}"
            raise InputError(
                f"feature {at + 1}, '{codes.iloc[at]}', {problem}{what}", file=file, remedy=remedy
            )


def source_system(frame: geopandas.GeoDataFrame, told: Any, file: str) -> pyproj.CRS:
    """Return the system that a file is in: as told, as it says, or as its numbers tell."""
    west, south, east, north = frame.total_bounds
    in_degrees = -180.001 <= west <= east <= 180.001 and -90.001 <= south <= north <= 90.001
    in_grid = 0 <= west <= east <= 700_000 and 0 <= south <= north <= 1_300_000
    hint = "source_crs='EPSG:27700'" if in_grid else "source_crs='EPSG:…'"
    extent = f"{west:g} to {east:g} and {south:g} to {north:g}"
    if told is not None:
        try:
            system = pyproj.CRS.from_user_input(told)
        except pyproj.exceptions.CRSError:
            raise CRSError(
                f"'{told}' is not a coordinate system",
                file=file,
                remedy="Write it as, say, EPSG:27700.",
            ) from None
    elif frame.crs is not None:
        system = pyproj.CRS.from_user_input(frame.crs)
    elif in_degrees:
        # RFC 7946 gives GeoJSON this system; a shapefile without .prj is only likely to be so.
        system = pyproj.CRS.from_epsg(4326)
    else:
        raise CRSError(
            f"the file does not name its coordinate system, and {extent} are not degrees",
            file=file,
            remedy=f"State it with {hint}.",
        )
    if system.is_geographic and not in_degrees:
        raise CRSError(
            f"the coordinates should be degrees ({system.to_string()}), but run from {extent}",
            file=file,
            remedy=f"State the true system with {hint}.",
        )
    if system.is_geographic:
        _refuse_swapped((west + east) / 2, (south + north) / 2, file)
    return system


def _refuse_swapped(longitude: float, latitude: float, file: str) -> None:
    west, south, east, north = systems.UNITED_KINGDOM
    if west <= latitude <= east and south <= longitude <= north:
        raise CRSError(
            "longitude and latitude are swapped: the areas lie in Britain only the other way round",
            file=file,
            remedy="Export the file with longitude first, as GeoJSON wants it.",
        )


def metric_system(
    frame: geopandas.GeoDataFrame, system: pyproj.CRS, wanted: Any, file: str
) -> pyproj.CRS:
    """Return the metres to work in: those wanted, or those of where the shapes lie."""
    if wanted is not None:
        if not systems.is_metric(wanted):
            raise CRSError(f"'crs' must be in metres; '{wanted}' is not")
        return pyproj.CRS.from_user_input(wanted)
    west, south, east, north = frame.total_bounds
    x, y = np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
    longitude, latitude = systems.project(x.ravel(), y.ravel(), source=system, target=4326)
    good = np.isfinite(longitude) & np.isfinite(latitude)
    if not good.any():
        raise CRSError(
            f"the coordinates do not fit {system.to_string()}",
            file=file,
            remedy="State the true system with source_crs='EPSG:…'.",
        )
    longitude, latitude = longitude[good], latitude[good]
    return systems.metric_crs(longitude.min(), latitude.min(), longitude.max(), latitude.max())


def _projected(
    frame: geopandas.GeoDataFrame,
    codes: pd.Series,
    source: pyproj.CRS,
    target: pyproj.CRS,
    file: str,
) -> np.ndarray:
    def turn(points: np.ndarray) -> np.ndarray:
        return np.column_stack(
            systems.project(points[:, 0], points[:, 1], source=source, target=target)
        )

    shapes = shapely.transform(flat(frame.geometry.to_numpy()), turn)
    lost = ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    lost[owner[~np.isfinite(points).all(axis=1)]] = True
    if lost.any():
        raise CRSError(
            f"the area '{codes.iloc[int(lost.argmax())]}' cannot be turned into"
            f" {target.to_string()}",
            file=file,
            remedy="Check its coordinates, or name other metres with crs='EPSG:…'.",
        )
    return np.asarray(shapes, dtype=object)

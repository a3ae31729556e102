"""Read a street network: lines in metres, one a segment, with their names."""

from __future__ import annotations

import os
import warnings
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from geoprofiles import crs as systems
from geoprofiles.errors import CRSError, InputError, InputWarning
from geoprofiles.read.archives import PathLike
from geoprofiles.read.boundaries import metric_system, source_system
from geoprofiles.read.shapes import flat, load_shapes
from geoprofiles.words import listed, nearest

_IDS = ("street_id", "segment_id", "identifier", "id", "fid", "osm_id", "toid", "gml_id", "link_id")
_NAMES = ("name", "street_name", "name1", "roadname1", "street", "road_name", "fullname", "label")


def read_streets(
    path: PathLike,
    *,
    code: str | None = None,
    name: str | None = None,
    layer: str | None = None,
    source_crs: Any = None,
    crs: Any = None,
) -> geopandas.GeoDataFrame:
    """Read street segments, in metres.

    Parameters
    ----------
    path : path
        GeoJSON, TopoJSON, GeoPackage or shapefile of lines, also gzipped or zipped, such as OS
        Open Roads. A segment runs from junction to junction: streets that are not cut at their
        junctions are counted as one place each, and joined only at their ends.
    code, name : str, optional
        The columns with identifiers and names; found by common names where not said. Without
        identifiers, segments are numbered; without names, the name is empty.
    layer : str, optional
        Which layer, where a file holds several.
    source_crs : anything pyproj.CRS understands, optional
        The file's coordinate system, where it does not say or is wrong.
    crs : anything pyproj.CRS understands, optional
        The metres to work in: British National Grid in Great Britain, elsewhere the UTM zone.

    Returns
    -------
    GeoDataFrame
        Index ``street_id`` (str, unique; parts of a street of several pieces are told apart as
        ``"S7/1"``, ``"S7/2"``), ``name`` (str, ``""`` where it has none), ``length_m`` and
        LineStrings. ``attrs`` holds ``faults`` (sentences) and ``source``.

    Raises
    ------
    InputError
        If the file is missing or damaged, a column is missing, an identifier comes twice, or a
        shape is no line.
    CRSError
        If the coordinate system is missing and cannot be told, or does not fit the numbers.

    Warns
    -----
    InputWarning
        Of segments that were left out, since they have no shape or no length.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> import geoprofiles
    >>> line = {"type": "LineString", "coordinates": [[-1.41, 50.9], [-1.40, 50.9]]}
    >>> street = {"type": "Feature", "properties": {"id": 7, "name": "Mill Lane"}, "geometry": line}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "streets.geojson"
    ...     _ = file.write_text(json.dumps({"type": "FeatureCollection", "features": [street]}))
    ...     streets = geoprofiles.read_streets(file)
    >>> streets["name"].to_dict(), streets["length_m"].round().tolist(), streets.crs.to_epsg()
    ({'7': 'Mill Lane'}, [703.0], 27700)
    """
    file = os.fspath(path)
    frame, facts = load_shapes(path, layer=layer)
    columns = [str(one) for one in frame.columns if one != frame.geometry.name]
    code_column = _column(columns, code, _IDS, "code", file)
    name_column = _column(columns, name, _NAMES, "name", file)
    codes = _codes(frame, code_column, file)
    names = np.full(len(frame), "", dtype=object)
    if name_column is not None:
        names = frame[name_column].map(_text).to_numpy(dtype=object)
    shapes = flat(frame.geometry.to_numpy())
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    other = ~missing & ~np.isin(shapely.get_type_id(shapes), (1, 5))
    if other.any():
        at = int(other.argmax())
        raise InputError(
            f"feature {at + 1}, '{codes[at]}', is no line but a {shapes[at].geom_type}",
            file=file,
            remedy="Streets are lines; for areas use geoprofiles.read_areas.",
        )
    if missing.all():
        raise InputError("no feature has a shape", file=file, remedy="Export it again.")
    system = source_system(frame, source_crs, file)
    target = metric_system(frame, system, crs, file)
    parts, owner = shapely.get_parts(shapes[~missing], return_index=True)
    owner = np.flatnonzero(~missing)[owner]

    def turn(points: np.ndarray) -> np.ndarray:
        return np.column_stack(
            systems.project(points[:, 0], points[:, 1], source=system, target=target)
        )

    lines = np.asarray(shapely.transform(parts, turn), dtype=object)
    points, line = shapely.get_coordinates(lines, return_index=True)
    lost = ~np.isfinite(points).all(axis=1)
    if lost.any():
        raise CRSError(
            f"the street '{codes[owner[line[lost][0]]]}' cannot be turned into"
            f" {target.to_string()}",
            file=file,
            remedy="Check its coordinates, or name other metres with crs='EPSG:…'.",
        )
    long = shapely.length(lines) > 0
    faults = _faults(int(missing.sum()), int((~long).sum()), file)
    owner, lines = owner[long], lines[long]
    streets = geopandas.GeoDataFrame(
        {"name": names[owner], "length_m": shapely.length(lines)},
        geometry=lines,
        index=pd.Index(_apart(codes, owner), name="street_id"),
        crs=target,
    )
    streets.attrs = {
        "faults": faults,
        "source": {
            **facts,
            "source_crs": system.to_string(),
            "code_column": code_column,
            "name_column": name_column,
        },
    }
    return streets


def _column(
    columns: list[str], wanted: str | None, common: tuple[str, ...], role: str, file: str
) -> str | None:
    if wanted is not None:
        if wanted not in columns:
            raise InputError(
                f"there is no column '{wanted}' for the {role}; the columns are"
                f" {listed(columns, most=20) or 'none'}",
                file=file,
                remedy=nearest(wanted, columns),
            )
        return wanted
    by_lower = {one.lower(): one for one in reversed(columns)}
    return next((by_lower[one] for one in common if one in by_lower), None)


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _codes(frame: geopandas.GeoDataFrame, column: str | None, file: str) -> np.ndarray:
    if column is None:
        return np.array([f"{number + 1}" for number in range(len(frame))], dtype=object)
    codes = frame[column].map(_text)
    for bad, problem in ((codes == "", "has no identifier"), (codes.duplicated(), "is a second")):
        if bad.any():
            at = int(bad.to_numpy().argmax())
            said = "" if problem == "has no identifier" else f" '{codes.iloc[at]}'"
            raise InputError(
                f"feature {at + 1} {problem}{said}",
                file=file,
                column=column,
                remedy="Give every segment an identifier of its own, or name another column with"
                " code='…'.",
            )
    return np.asarray(codes.to_numpy(dtype=object))


def _apart(codes: np.ndarray, owner: np.ndarray) -> list[str]:
    """Name the parts of one street apart."""
    number = pd.Series(owner).groupby(owner).cumcount().to_numpy() + 1
    several = np.bincount(owner)[owner] > 1
    return [
        f"{codes[one]}/{part}" if many else str(codes[one])
        for one, part, many in zip(owner, number, several, strict=True)
    ]


def _faults(missing: int, short: int, file: str) -> list[str]:
    faults = [
        f"{number:,} without {what} {'was' if number == 1 else 'were'} left out."
        for number, what in ((missing, "a shape"), (short, "a length"))
        if number
    ]
    if faults:
        base = os.path.basename(file)  # noqa: PTH119 - the path may be a str
        warnings.warn(f"{base}: {' '.join(faults)}", InputWarning, stacklevel=3)
    return faults

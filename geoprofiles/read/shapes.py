"""Open boundary files of any kind after looking at what they truly are.

A file is known by its content, not by its name, and only GeoJSON, TopoJSON, GeoPackage and
shapefile are let in; drivers that follow references to other files or to the network never
see it. GeoJSON and TopoJSON are read without GDAL.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry import shape

from geoprofiles.errors import CRSError, InputError
from geoprofiles.read.archives import PathLike, gunzip, open_zip, read_bytes, read_member
from geoprofiles.read.parquet import MAGIC, check_arrow
from geoprofiles.read.topology import features_of_topology
from geoprofiles.words import listed, nearest

KINDS = "GeoJSON, TopoJSON, GeoPackage or shapefile (also zipped)"
_SQLITE = b"SQLite format 3\x00"
_GEOPACKAGE = (b"GPKG", b"GP10", b"GP11")
_SHAPEFILE = b"\x00\x00\x27\x0a"
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def load_shapes(
    path: PathLike, *, layer: str | None = None
) -> tuple[geopandas.GeoDataFrame, dict[str, Any]]:
    """Read any boundary file as it stands, with facts about it.

    Returns
    -------
    frame : GeoDataFrame
        In the file's own coordinate system; None where the file does not say.
    facts : dict
        ``file``, ``sha256``, ``bytes``, ``format``, ``features``.

    Raises
    ------
    InputError
        If the file is missing, empty, damaged, or of a kind that is not let in.
    """
    name = os.fspath(path)
    if Path(name).is_dir():
        raise InputError("this is a folder, not a boundary file", file=name)
    raw = read_bytes(name)
    facts: dict[str, Any] = {
        "file": name,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "bytes": len(raw),
    }
    if name.lower().endswith(".gz") or raw[:2] == b"\x1f\x8b":
        raw = gunzip(raw, name)
    if not raw.strip():
        raise InputError("the file is empty", file=name, remedy="Download it again.")
    frame, kind = _by_content(raw, name, layer)
    if frame.empty:
        raise InputError("the file holds no features", file=name, remedy="Export it again.")
    facts |= {"format": kind, "features": len(frame)}
    return frame, facts


def _by_content(raw: bytes, name: str, layer: str | None) -> tuple[geopandas.GeoDataFrame, str]:
    if raw.startswith(_SQLITE):
        if raw[68:72] not in _GEOPACKAGE:
            raise InputError(
                "this is an SQLite database, but not a GeoPackage",
                file=name,
                remedy=f"Give {KINDS}.",
            )
        return _geopackage(raw, name, layer), "GeoPackage"
    if raw.startswith(_SHAPEFILE):
        return _shapefile(_beside(name, raw), name), "shapefile"
    if raw.startswith(b"PK\x03\x04"):
        return _zipped(name, layer)
    if raw.startswith(MAGIC):
        return _geoparquet(raw, name), "GeoParquet"
    start = raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"{":
        return _from_json(raw, name, layer)
    raise InputError(
        f"this is not a boundary file{_likely(raw)}",
        file=name,
        remedy=f"Give {KINDS}.",
    )


def _likely(raw: bytes) -> str:
    head = raw[:512].lstrip(b"\xef\xbb\xbf \r\n\t")
    for start, what in (
        (b"<OGRVRT", "a GDAL virtual file, which points at other files"),
        (b"<!DOCTYPE html", "a web page, perhaps an error page saved as a file"),
        (b"<html", "a web page, perhaps an error page saved as a file"),
        (b"<", "XML"),
        (b"[", "a JSON list"),
    ):
        if head.lower().startswith(start.lower()):
            return f"; it looks like {what}"
    return ""


def _from_json(raw: bytes, name: str, layer: str | None) -> tuple[geopandas.GeoDataFrame, str]:
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError("this JSON is not UTF-8", file=name, remedy="Save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise InputError(
            f"this is not sound JSON ({error.msg})",
            file=name,
            row=error.lineno,
            remedy="It may be cut short: download it again.",
        ) from error
    except RecursionError:
        raise InputError("this JSON is nested too deeply to be boundaries", file=name) from None
    kind = document.get("type")
    if kind == "Topology":
        features = features_of_topology(document, name=name, layer=layer)
        return _from_features(features, name, document), "TopoJSON"
    if kind == "FeatureCollection":
        return _from_features(_features(document, name), name, document), "GeoJSON"
    if kind == "Feature":
        return _from_features([document], name, document), "GeoJSON"
    raise InputError(
        f"this JSON is not boundaries: its type is {kind!r}",
        file=name,
        remedy="GeoJSON starts with a FeatureCollection, TopoJSON with a Topology.",
    )


def _features(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    features = document.get("features")
    if not isinstance(features, list):
        raise InputError("this GeoJSON has no list of features", file=name)
    if document.get("exceededTransferLimit") or document.get("properties", {}).get(
        "exceededTransferLimit"
    ):
        raise InputError(
            f"this download was cut off by its server after {len(features):,} features",
            file=name,
            remedy="Download it whole, as a file, not by query.",
        )
    return features


def _from_features(
    features: Sequence[Any], name: str, document: dict[str, Any]
) -> geopandas.GeoDataFrame:
    shapes, properties = [], []
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict):
            raise InputError(f"feature {number} is no GeoJSON feature", file=name)
        try:
            geometry = feature.get("geometry")
            shapes.append(None if geometry is None else shape(geometry))
        except Exception as error:  # shapely lets many kinds out on a malformed geometry
            raise InputError(
                f"the geometry of feature {number} cannot be read", file=name
            ) from error
        one = dict(feature.get("properties") or {})
        if feature.get("id") is not None:
            one.setdefault("id", feature["id"])
        one.pop("geometry", None)
        properties.append(one)
    table = pd.DataFrame(properties, index=pd.RangeIndex(len(properties)))
    return geopandas.GeoDataFrame(
        table, geometry=np.array(shapes, dtype=object), crs=_json_crs(document, name)
    )


def _json_crs(document: dict[str, Any], name: str) -> pyproj.CRS | None:
    """Read the old ``crs`` member; None where the file does not say."""
    member = document.get("crs")
    if not isinstance(member, dict):
        return None
    said = (member.get("properties") or {}).get("name")
    if not isinstance(said, str):
        raise CRSError(
            "the file names its coordinate system by a link, which is not followed",
            file=name,
            remedy="State it, say source_crs='EPSG:27700'.",
        )
    if said.upper().endswith("CRS84"):
        return pyproj.CRS.from_epsg(4326)
    try:
        return pyproj.CRS.from_user_input(said)
    except pyproj.exceptions.CRSError:
        raise CRSError(
            f"the file's coordinate system '{said[:60]}' is not known",
            file=name,
            remedy="State it, say source_crs='EPSG:27700'.",
        ) from None


def _zipped(name: str, layer: str | None) -> tuple[geopandas.GeoDataFrame, str]:
    with open_zip(name) as archive:
        names = [one for one in archive.namelist() if "__MACOSX" not in one]
        layers = [one for one in names if one.lower().endswith(".shp")]
        if layers:
            member = _choose(layers, layer, name)
            return _shapefile(_members(archive, member, names, name), name), "zipped shapefile"
        others = [one for one in names if one.lower().endswith((".geojson", ".json", ".gpkg"))]
        if not others:
            raise InputError(
                f"this zip holds no boundaries; it holds {listed(names, most=4) or 'nothing'}",
                file=name,
                remedy="It should hold a .shp with its .shx and .dbf.",
            )
        member = _choose(others, layer, name)
        raw = read_member(archive, member, name)
    inner = f"{name}/{member}"
    if raw.startswith(b"PK\x03\x04"):
        raise InputError("this is a zip within a zip", file=inner)
    frame, kind = _by_content(raw, inner, None)
    return frame, f"zipped {kind}"


def _choose(layers: list[str], wanted: str | None, name: str) -> str:
    stems = {Path(one).stem: one for one in layers}
    if wanted is not None:
        if wanted not in stems:
            raise InputError(
                f"there is no layer '{wanted}'", file=name, remedy=nearest(wanted, stems)
            )
        return stems[wanted]
    if len(layers) > 1:
        raise InputError(
            f"there are {len(layers)} layers: {listed(stems)}",
            file=name,
            remedy=f"Say which with layer='{next(iter(stems))}'.",
        )
    return layers[0]


def _members(
    archive: zipfile.ZipFile, member: str, names: list[str], name: str
) -> dict[str, bytes]:
    stem = member[:-4]
    known = {one.lower(): one for one in names}
    found = {part: known.get((stem + part).lower()) for part in _SHAPEFILE_PARTS}
    return {part: read_member(archive, one, name) for part, one in found.items() if one}


def _beside(name: str, raw: bytes) -> dict[str, bytes]:
    parts = {".shp": raw}
    stem = Path(name).stem.lower()
    for entry in Path(name).parent.iterdir():
        ending = entry.suffix.lower()
        if entry.stem.lower() == stem and ending in _SHAPEFILE_PARTS[1:]:
            parts[ending] = read_bytes(entry)
    return parts


def _shapefile(parts: dict[str, bytes], name: str) -> geopandas.GeoDataFrame:
    for part in (".shp", ".shx"):
        if not parts.get(part, b"").startswith(_SHAPEFILE):
            raise InputError(
                f"the {part} part of this shapefile is missing or is something else",
                file=name,
                remedy="Keep .shp, .shx, .dbf and .prj together, or zip them.",
            )
    if ".dbf" not in parts:
        raise InputError(
            "the .dbf part of this shapefile, with the codes and names, is missing",
            file=name,
            remedy="Keep .shp, .shx, .dbf and .prj together, or zip them.",
        )
    with tempfile.TemporaryDirectory(prefix="geoprofiles-") as folder:
        for part, content in parts.items():
            (Path(folder) / f"layer{part}").write_bytes(content)
        return _by_gdal(Path(folder) / "layer.shp", name, None)


def _geopackage(raw: bytes, name: str, layer: str | None) -> geopandas.GeoDataFrame:
    import pyogrio

    with tempfile.TemporaryDirectory(prefix="geoprofiles-") as folder:
        copy = Path(folder) / "layer.gpkg"  # the driver may want to write beside its file
        copy.write_bytes(raw)
        try:
            listing = pyogrio.list_layers(copy)
        except Exception as error:
            raise _damaged(name) from error
        names = [str(one) for one, kind in listing if kind is not None]
        if not names:
            raise InputError("this GeoPackage holds no layer of shapes", file=name)
        return _by_gdal(copy, name, _choose(names, layer, name))


def _geoparquet(raw: bytes, name: str) -> geopandas.GeoDataFrame:
    check_arrow(name)
    import pyarrow as pa

    try:
        return geopandas.read_parquet(io.BytesIO(raw))
    except (pa.ArrowInvalid, ValueError, OSError) as error:
        raise InputError(
            f"this is no sound GeoParquet file ({str(error).splitlines()[0]})",
            file=name,
            remedy=f"Give {KINDS}.",
        ) from error


def _by_gdal(path: Path, name: str, layer: str | None) -> geopandas.GeoDataFrame:
    import pyogrio

    try:
        frame = pyogrio.read_dataframe(path, layer=layer)
    except Exception as error:  # GDAL says in many ways that a file is damaged
        raise _damaged(name) from error
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise InputError("this layer holds no shapes", file=name)
    return frame


def _damaged(name: str) -> InputError:
    return InputError(
        "the file is damaged or cut short", file=name, remedy="Download or export it again."
    )


def flat(geometry: np.ndarray) -> np.ndarray:
    """Drop heights."""
    return np.asarray(shapely.force_2d(geometry), dtype=object)

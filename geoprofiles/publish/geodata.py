"""Geographic layers as bytes: GeoJSON and GeoPackage, the same bytes for the same input."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely
from shapely.geometry import mapping

from geoprofiles import crs
from geoprofiles.errors import InputError, OutputError

if TYPE_CHECKING:
    import geopandas

DECIMALS = 6
"""Of longitudes and latitudes: 0.1 m, well below what any incident record carries."""

STAMP = "2000-01-01T00:00:00Z"
"""Written where a format insists on a date of writing, so that bytes depend on input alone."""


def render_geojson(frame: geopandas.GeoDataFrame) -> bytes:
    """Turn a frame into GeoJSON (RFC 7946), longitude and latitude.

    Parameters
    ----------
    frame : GeoDataFrame
        Any geometry in any coordinate system. The index becomes a property where it is named.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If the frame has no coordinate system.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import Point
    >>> frame = geopandas.GeoDataFrame({"n": [1]}, geometry=[Point(441945, 111338)], crs=27700)
    >>> json.loads(render_geojson(frame))["features"][0]["geometry"]["coordinates"]
    [-1.404901, 50.900002]
    """
    flat = _flat(frame).to_crs(crs.WEB)
    names = [name for name in flat.columns if name != flat.geometry.name]
    features = [
        {
            "type": "Feature",
            "properties": {name: _plain(value) for name, value in zip(names, row, strict=True)},
            "geometry": None if shape is None else _rounded(mapping(shape)),
        }
        for row, shape in zip(
            flat[names].itertuples(index=False, name=None),
            shapely.orient_polygons(flat.geometry.to_numpy()),
            strict=True,
        )
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def render_geopackage(layers: Mapping[str, geopandas.GeoDataFrame]) -> bytes:
    """Turn frames into one GeoPackage, a layer each.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Layer name to frame, each in its own coordinate system.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If there is no layer.
    OutputError
        If the temporary folder has no room for it.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import Point
    >>> frame = geopandas.GeoDataFrame({"n": [1]}, geometry=[Point(441946, 111340)], crs=27700)
    >>> render_geopackage({"points": frame})[:15]
    b'SQLite format 3'
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

    if not layers:
        raise InputError("a GeoPackage needs at least one layer")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    try:
        # GDAL adds layers to a file, not to bytes; the folder is gone again before we return.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "layers.gpkg"
            for name, frame in layers.items():
                _writable(frame).to_file(
                    path,
                    layer=name,
                    driver="GPKG",
                    engine="pyogrio",
                    mode="a" if path.exists() else "w",
                )
            return path.read_bytes()
    except (DataSourceError, DataLayerError, FeatureError, OSError) as error:
        raise _not_made(error) from error
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _not_made(error: Exception) -> OutputError:
    reason = str(error).split(":", maxsplit=1)[0]
    return OutputError(
        f"the GeoPackage could not be made ({reason}). Is the disk of the temporary folder full?"
    )


def _flat(frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    if frame.crs is None:
        raise InputError("the layer has no coordinate system")
    return frame.reset_index() if frame.index.name else frame.reset_index(drop=True)


def _writable(frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Make months text: a GeoPackage would give them a time of day and a zone."""
    flat = _flat(frame)
    for name in flat.columns[flat.dtypes.astype(str).str.startswith("datetime")]:
        flat[name] = flat[name].dt.strftime("%Y-%m")
    for name in flat.columns[flat.dtypes.astype(str) == "category"]:
        flat[name] = flat[name].astype(str)
    return flat


def _plain(value: Any) -> Any:
    """Make a value that JSON knows; what is missing, or without bound, is null.

    Examples
    --------
    >>> _plain(float("inf")), _plain(float("nan")), _plain(2.5)
    (None, None, 2.5)
    """
    if isinstance(value, float) and math.isinf(value):
        return None
    if value is None or (not isinstance(value, (list, tuple, dict)) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m")
    return value.item() if hasattr(value, "item") else value


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in value]
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return value

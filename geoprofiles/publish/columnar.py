"""Parquet and GeoParquet: tables and layers for programs that read columns."""

from __future__ import annotations

import importlib.util
import io

import geopandas
import pandas as pd

from geoprofiles.errors import MissingDependencyError


def render_parquet(frame: pd.DataFrame) -> bytes:
    """Return a table as a Parquet file; categories stay coded.

    Raises
    ------
    MissingDependencyError
        If pyarrow is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> render_parquet(pd.DataFrame({"area_code": ["A"], "count": [1]}))[:4]
    b'PAR1'
    """
    _check_arrow()
    plain = pd.DataFrame(frame).copy()
    plain.attrs = {}  # facts for people, and not all of them can be written
    buffer = io.BytesIO()
    plain.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def render_geoparquet(frame: geopandas.GeoDataFrame) -> bytes:
    """Return a layer of shapes as a GeoParquet file, in its own coordinate system.

    Raises
    ------
    MissingDependencyError
        If pyarrow is not installed.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import Point
    >>> frame = geopandas.GeoDataFrame({"count": [1]}, geometry=[Point(0, 0)], crs=27700)
    >>> render_geoparquet(frame)[:4]
    b'PAR1'
    """
    _check_arrow()
    plain = frame.reset_index() if frame.index.name else frame.copy()
    plain.attrs = {}
    buffer = io.BytesIO()
    plain.to_parquet(buffer, index=False)
    return buffer.getvalue()


def has_arrow() -> bool:
    """Tell whether Parquet can be written here.

    Examples
    --------
    >>> has_arrow() in {True, False}
    True
    """
    return importlib.util.find_spec("pyarrow") is not None


def _check_arrow() -> None:
    if not has_arrow():
        raise MissingDependencyError(
            "Parquet files are written by pyarrow, which is not installed."
            " Install it with: pip install 'geoprofiles[arrow]'"
        )

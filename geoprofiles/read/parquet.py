"""Read incidents from Parquet and GeoParquet, batch by batch, as tables like those of CSV.

Columns come typed: numbers are taken as numbers, dates and codes by their distinct values. Of a
GeoParquet file the points' coordinates become two more columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geoprofiles.errors import InputError, MissingDependencyError
from geoprofiles.read import arrow
from geoprofiles.read.coordinates import Numbers
from geoprofiles.read.keys import Keys
from geoprofiles.read.tables import Table

MAGIC = b"PAR1"
BATCH_ROWS = 262_144
"""Records read at a time."""


def check_arrow(name: str) -> None:
    """Refuse a Parquet file where Arrow is not installed, with the way to install it."""
    if not arrow.is_installed():
        raise MissingDependencyError(
            f"{name} is a Parquet file, and pyarrow, which reads it, is not installed."
            " Install it with: pip install 'geoprofiles[arrow]'"
        )


def parquet_tables(source: Any, *, name: str, rows: int | None = BATCH_ROWS) -> Iterator[Table]:
    """Read a Parquet file in batches; the last one is followed by nothing.

    Parameters
    ----------
    source : path or file
        What pyarrow opens.
    name : str
        Named in errors.
    rows : int, optional
        Records in a batch; all at once where None.

    Raises
    ------
    InputError
        If it is damaged, holds nothing, or its columns cannot be read.
    MissingDependencyError
        If pyarrow is not installed.
    """
    check_arrow(name)
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(source, pre_buffer=False, buffer_size=1 << 20) as file:
            points = _points_of(file.schema_arrow, name)
            size = rows or max(file.metadata.num_rows, 1)
            number = 0
            for batch in file.iter_batches(batch_size=size):
                number += batch.num_rows
                yield ParquetTable(batch, points, name)
            if not number:
                empty = pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
                yield ParquetTable(empty, points, name)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            f"the Parquet file is damaged or cut short ({str(error).splitlines()[0]})",
            file=name,
            remedy="Write or download it again.",
        ) from error


@dataclass(frozen=True)
class _Points:
    column: str
    headings: tuple[str, str]


def _points_of(schema: Any, name: str) -> _Points | None:
    """Find the points of a GeoParquet file, and what to call their coordinates."""
    about = (schema.metadata or {}).get(b"geo")
    if about is None:
        return None
    try:
        geo = json.loads(about)
        column = geo["primary_column"]
        facts = geo["columns"][column]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("the GeoParquet metadata are damaged", file=name) from error
    kinds = set(facts.get("geometry_types") or ["Point"])
    if not kinds <= {"Point", "Point Z"}:
        raise InputError(
            f"incidents are points; this file holds {', '.join(sorted(kinds))}",
            file=name,
            remedy="Boundaries are given as --areas, or to read_areas.",
        )
    # Without a system the standard says longitude and latitude.
    system = facts.get("crs", "")
    geographic = not system or "Geographic" in str(system.get("type", ""))
    return _Points(column, ("longitude", "latitude") if geographic else ("easting", "northing"))


class ParquetTable(Table):
    """A batch of a Parquet file."""

    def __init__(self, batch: Any, points: _Points | None, name: str) -> None:
        headings = [heading for heading in batch.schema.names]
        facts = {"encoding": "", "delimiter": "", "format": "Parquet"}
        if points is not None:
            facts["format"] = "GeoParquet"
            headings[headings.index(points.column)] = ""
            headings += points.headings
        # There is no row of headings in the file; counted as in a spreadsheet there is.
        super().__init__(headings, facts, 2, batch.num_rows, name)
        self._batch, self._points = batch, points

    def read(
        self,
        positions: Sequence[int],
        *,
        numeric: Sequence[int] = (),
        opaque: Sequence[int] = (),
    ) -> None:
        """Read some columns: `numeric` as numbers if that can be, `opaque` as keys."""
        for at in positions:
            if at not in self._read and at not in self._numbers and at not in self._keys:
                self._hold(at, self._column(at, numeric=at in numeric, opaque=at in opaque))

    def _column(self, at: int, *, numeric: bool, opaque: bool) -> pd.Categorical | Numbers | Keys:
        import pyarrow as pa

        if self._points is not None and at >= len(self._batch.schema.names):
            which = at - len(self._batch.schema.names)
            return self._coordinate(which, self._points.column)
        column = self._batch.column(at)
        kind = column.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind):
            raise InputError(
                f"the column is of the type {kind}, which holds no plain values",
                file=self.name,
                column=self.headings[at],
                remedy="Choose other columns, or write it otherwise.",
            )
        if numeric and (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            return arrow.plain(pa.chunked_array([column.cast(pa.float64())]))
        try:
            if pa.types.is_dictionary(kind):
                column = column.cast(kind.value_type)
            if pa.types.is_timestamp(kind):
                column = column.cast(pa.timestamp("s"), safe=False)
            texts = column.cast(pa.string())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise InputError(
                f"the column of the type {kind} cannot be read as text",
                file=self.name,
                column=self.headings[at],
            ) from error
        wanted = texts if opaque else texts.dictionary_encode()
        return arrow.plain(pa.chunked_array([wanted]))

    def _coordinate(self, which: int, points_at: str) -> Numbers:
        shapes = self._batch.column(self._batch.schema.names.index(points_at))
        points = shapely.from_wkb(shapes.to_numpy(zero_copy_only=False))
        values = shapely.get_x(points) if which == 0 else shapely.get_y(points)
        return Numbers(values, np.isnan(values))

"""Read the body of a CSV file with Arrow, where it is installed: the same table, sooner.

Arrow is asked only about bodies that it reads as the csv module does; any other body is left
to the slower ways, which account for each row that does not fit.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.read.coordinates import Numbers
from geoprofiles.read.keys import Keys, keys_in

LARGEST_BODY = 1 << 30
"""Bytes that Arrow is asked to read at one go."""


@cache
def is_installed() -> bool:
    """Tell whether Arrow can be used."""
    return importlib.util.find_spec("pyarrow") is not None


def read_columns(
    body: bytes,
    mark: str,
    width: int,
    wanted: Sequence[int],
    *,
    numeric: Sequence[int] = (),
    opaque: Sequence[int] = (),
) -> dict[int, pd.Categorical | Numbers | Keys] | None:
    """Read some columns of a body; None where not every record has `width` fields.

    Columns of `numeric` come as numbers where all of their cells are such, or empty; those of
    `opaque` as keys.
    """
    table = _table(body, mark, width, _types(wanted, numeric, opaque))
    if table is None and numeric:
        table = _table(body, mark, width, _types(wanted, (), opaque))
    if table is None:
        return None
    return {at: plain(table.column(str(at))) for at in wanted}


def _types(wanted: Sequence[int], numeric: Sequence[int], opaque: Sequence[int]) -> dict[str, Any]:
    import pyarrow as pa

    text = pa.dictionary(pa.int32(), pa.string())
    special = dict.fromkeys(numeric, pa.float64()) | dict.fromkeys(opaque, pa.string())
    return {str(at): special.get(at, text) for at in wanted}


def _table(body: bytes, mark: str, width: int, types: dict[str, Any]) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    try:
        return csv.read_csv(
            pa.py_buffer(body),
            read_options=csv.ReadOptions(
                use_threads=False,
                block_size=len(body) + 1,
                column_names=[str(at) for at in range(width)],
            ),
            parse_options=csv.ParseOptions(
                delimiter=mark, newlines_in_values=b'"' in body, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                include_columns=list(types),
                column_types=types,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        # A row of another width, or a cell that is no number: told by reading it otherwise.
        return None


def plain(column: Any) -> pd.Categorical | Numbers | Keys:
    """Turn an Arrow column of text, coded text or numbers into ours."""
    import pyarrow as pa

    one = column.combine_chunks()
    if isinstance(one, pa.ChunkedArray):
        one = one.chunk(0) if one.num_chunks else pa.array([], one.type)
    if pa.types.is_dictionary(one.type):
        codes = one.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        names = pd.Index(one.dictionary.to_pylist(), dtype=object)
        return pd.Categorical.from_codes(codes, categories=names, validate=False)
    if pa.types.is_string(one.type):
        return _keys(one)
    missing = one.is_null().to_numpy(zero_copy_only=False)
    return Numbers(one.fill_null(np.nan).to_numpy(zero_copy_only=False), missing)


def _keys(texts: Any) -> Keys:
    from pyarrow import compute

    bare = compute.utf8_trim_whitespace(texts).fill_null("")
    _, offsets, data = bare.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32)[bare.offset : bare.offset + len(bare) + 1]
    content = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, np.uint8)
    bounds = bounds.astype(np.int64)
    return Keys(keys_in(content, bounds), np.diff(bounds) > 0)

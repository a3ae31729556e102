"""Keys of 128 bits in place of texts such as incident IDs: of one size, and quick to compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_SEEDS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True)
class Keys:
    """The keys of a column of texts.

    Attributes
    ----------
    values : array of uint64, rows x 2
        Equal for equal texts, whatever file or piece they come from.
    present : array of bool
        False where the cell is empty.
    """

    values: np.ndarray
    present: np.ndarray


def keys_of(texts: Sequence[object]) -> np.ndarray:
    """Return the key of each text.

    Examples
    --------
    >>> keys = keys_of(["a1", "b2", "a1"])
    >>> bool((keys[0] == keys[2]).all()), bool((keys[0] == keys[1]).any())
    (True, False)
    """
    encoded = [str(text).encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum([len(one) for one in encoded], out=offsets[1:])
    return keys_in(np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets)


def keys_in(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the key of each text in a buffer of bytes, which start and end at `offsets`."""
    length = np.diff(offsets)
    words = (length + 7) // 8
    keys = np.empty((len(length), 2), dtype=np.uint64)
    padded = np.append(data, np.zeros(8, dtype=np.uint8))
    # Eight bytes from any place on, as one number.
    from_here = np.ndarray((len(padded) - 7,), dtype="<u8", buffer=padded, strides=(1,))
    for number in np.unique(words):
        rows = np.flatnonzero(words == number)
        start, left = offsets[rows], length[rows]
        mixed = [left.astype(np.uint64) * np.uint64(seed) for seed in _SEEDS]
        for at in range(int(number)):
            word = from_here[start + 8 * at]
            short = left - 8 * at < 8
            if short.any():
                bits = np.where(short, 8 * (left - 8 * at), 0).astype(np.uint64)
                mask = np.where(short, (np.uint64(1) << bits) - np.uint64(1), ~np.uint64(0))
                word = word & mask
            for half, seed in enumerate(_SEEDS):
                one = (mixed[half] ^ word) * np.uint64(seed)
                one ^= one >> np.uint64(29)
                one *= np.uint64(0xBF58476D1CE4E5B9)
                mixed[half] = one ^ (one >> np.uint64(32))
        keys[rows, 0], keys[rows, 1] = mixed
    return keys

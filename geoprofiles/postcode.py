"""Postcodes of the United Kingdom as people type them: brought to one spelling, or queried."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from geoprofiles.texts import parse_distinct

_LETTERS = (
    "AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT"
    " DY E EC EH EN EX FK FY G GL GU GX GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA"
    " LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG"
    " SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO"
    " ZE"
)
AREAS = frozenset(_LETTERS.split())
"""The letters that postcodes begin with."""

_OUT = r"[A-Z]{1,2}(?:\d|[1-9]\d|\d[ABCDEFGHJKMNPRSTUVWXY])"
_UNIT = re.compile(rf"({_OUT})(\d[ABD-HJLNP-UW-Z]{{2}})")
_AS_IT_SHOULD_BE = re.compile(rf"{_OUT} \d[ABD-HJLNP-UW-Z]{{2}}")
_SECTOR = re.compile(rf"({_OUT})(\d)")
_DISTRICT = re.compile(_OUT)
_ALIKE = {
    "0": "O", "O": "0", "1": "IL", "I": "1", "L": "1", "5": "S", "S": "5", "2": "Z", "Z": "2",
    "8": "B", "B": "8",
}  # fmt: skip
"""Letters and figures that are typed for one another."""

NONE, BAD, PLACELESS = (
    "no postcode",
    "not the form of a postcode",
    "a code for no fixed place",
)

_UNIT_LEVEL, _SECTOR_LEVEL, _DISTRICT_LEVEL = LEVELS = ("unit", "sector", "district")


class _Postcode(NamedTuple):
    postcode: str | None = None
    level: str | None = None
    mended: bool = False
    problem: str | None = None


def normalise_postcodes(texts: Iterable[object]) -> pd.DataFrame:
    """Bring postcodes to one spelling: upper case, one space before the last three signs.

    A letter typed for a figure, or a figure for a letter (O and 0, I or L and 1, S and 5, Z and
    2, B and 8), is put right where just one postcode can be meant, and that is said.

    Parameters
    ----------
    texts : Series, Categorical or iterable of str
        Postcodes as typed; whole ones, sectors (``SO14 7``) or districts (``SO14``).

    Returns
    -------
    DataFrame
        One row for each text, with the index of a Series: ``postcode`` (``"SO14 7LW"``, or NA),
        ``level`` (``"unit"``, ``"sector"``, ``"district"``, or NA), ``mended`` (bool) and
        ``problem`` (``"no postcode"``, ``"not the form of a postcode"``, ``"a code for no fixed
        place"``, or NA). Only the form is looked at, not whether the postcode exists.

    Examples
    --------
    >>> from geoprofiles.postcode import normalise_postcodes
    >>> normalise_postcodes(["so147lw", "S014 7LW", "so14-7", "SO14", "?"])["postcode"].tolist()
    ['SO14 7LW', 'SO14 7LW', 'SO14 7', 'SO14', None]
    """
    return parse_distinct(texts, _normalise, _Postcode(problem=NONE))


@lru_cache(maxsize=1 << 18)
def _normalise(text: object) -> _Postcode:
    if isinstance(text, str) and _AS_IT_SHOULD_BE.fullmatch(text) and _known(text):
        return _Postcode(text, _UNIT_LEVEL)  # most are, and lists of them run to millions
    typed = re.sub(r"[^A-Z0-9]+", " ", str(text).upper()).strip()
    bare = typed.replace(" ", "")
    if not bare:
        return _Postcode(problem=NONE)
    if bare.startswith(("ZZ99", "BFPO", "XX99")):
        return _Postcode(problem=PLACELESS)
    unit = "GIR 0AA" if bare == "GIR0AA" else _as_unit(bare)
    return _Postcode(unit, _UNIT_LEVEL) if unit else _part_or_slip(typed, bare)


def _part_or_slip(typed: str, bare: str) -> _Postcode:
    # 'SO14' is a district and 'SO1 4' a sector: the space tells.
    spaced = re.fullmatch(r"(\S+) (\d)", typed)
    sector = _SECTOR.fullmatch(bare)
    if _DISTRICT.fullmatch(bare) and not spaced and _known(bare):
        return _Postcode(bare, _DISTRICT_LEVEL)
    if sector and _known(bare):
        return _Postcode(f"{sector[1]} {sector[2]}", _SECTOR_LEVEL)
    mended = _mend(bare)
    return _Postcode(mended, _UNIT_LEVEL, True) if mended else _Postcode(problem=BAD)


def _as_unit(bare: str) -> str | None:
    told = _UNIT.fullmatch(bare)
    return f"{told[1]} {told[2]}" if told and _known(bare) else None


def _known(bare: str) -> bool:
    letters = re.match(r"[A-Z]+", bare)
    return letters is not None and letters[0] in AREAS


def _mend(bare: str) -> str | None:
    """Put letters and figures right that are typed for one another; None if that is not sure."""
    if not 5 <= len(bare) <= 7:
        return None
    places = [at for at, sign in enumerate(bare) if sign in _ALIKE]
    for number in (1, 2):
        found = set()
        for some in itertools.combinations(places, number):
            for signs in itertools.product(*(_ALIKE[bare[at]] for at in some)):
                changed = list(bare)
                for at, sign in zip(some, signs, strict=True):
                    changed[at] = sign
                found.add(_as_unit("".join(changed)))
        found.discard(None)
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def postcode_key(postcodes: Iterable[object]) -> np.ndarray:
    """Return a number for each whole postcode, in the order of the postcodes without spaces.

    Examples
    --------
    >>> key = postcode_key(["SO14 7LW", "SO14 7LX", "SO14 7LW"])
    >>> bool(key[0] == key[2] < key[1])
    True
    """
    bare = np.array([str(one).replace(" ", "") for one in postcodes], dtype="S8")
    return bare.view(">u8").astype(np.uint64) if len(bare) else np.empty(0, dtype=np.uint64)


def postcode_parents(postcodes: pd.DataFrame) -> pd.DataFrame:
    """Make the sectors and districts of postcodes, each at the middle of its live postcodes.

    Parameters
    ----------
    postcodes : DataFrame
        ``postcode`` (normalised), ``easting``, ``northing`` (metres) and, where known, ``ended``
        and ``precision``.

    Returns
    -------
    DataFrame
        ``postcode``, ``level`` (``"sector"`` or ``"district"``), ``easting``, ``northing``,
        ``precision`` (the metres within which nine in ten of its postcodes lie) and ``units``.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoprofiles.postcode import postcode_parents
    >>> units = pd.DataFrame({"postcode": ["SO14 7LW", "SO14 7LX"], "easting": [0.0, 100.0],
    ...     "northing": [0.0, 0.0]})
    >>> postcode_parents(units)[["postcode", "easting", "units"]].values.tolist()
    [['SO14 7', 50.0, 2], ['SO14', 50.0, 2]]
    """
    live = postcodes[postcodes["easting"].notna() & postcodes["northing"].notna()]
    if "ended" in live:
        live = live[live["ended"].isna()]
    texts = live["postcode"].astype(object)
    parts = []
    for level, name in ((_SECTOR_LEVEL, texts.str[:-2]), (_DISTRICT_LEVEL, texts.str[:-4])):
        some = live[["easting", "northing"]].set_axis(name.to_numpy(), axis=0)
        by = some.groupby(level=0, sort=True)
        middle = by.mean()
        away = np.hypot(*(some - middle.reindex(some.index)).to_numpy().T)
        reach = pd.Series(away, index=some.index, dtype=float).groupby(level=0).quantile(0.9)
        if "precision" in live:  # a sector of one postcode is known no better than that is
            own = live["precision"].set_axis(name.to_numpy()).astype(float)
            reach = np.fmax(reach, own.groupby(level=0).max())
        parts.append(
            pd.DataFrame(
                {
                    "postcode": middle.index.astype(object),
                    "level": level,
                    "easting": middle["easting"].to_numpy(),
                    "northing": middle["northing"].to_numpy(),
                    "precision": reach.to_numpy(),
                    "units": by.size().to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)

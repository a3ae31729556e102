"""Bring names of places to one spelling, and tell which of a gazetteer a name means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

_LONG = {
    "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane", "dr": "drive", "cl": "close",
    "ct": "court", "cres": "crescent", "cresc": "crescent", "sq": "square", "gdns": "gardens",
    "gdn": "garden", "gr": "grove", "grn": "green", "pk": "park", "pl": "place",
    "ter": "terrace", "terr": "terrace", "hts": "heights", "est": "estate", "ind": "industrial",
    "stn": "station", "ctr": "centre", "cntr": "centre", "center": "centre", "hosp": "hospital",
    "sch": "school", "univ": "university", "uni": "university", "bldg": "building",
    "hse": "house", "jct": "junction", "nth": "north", "sth": "south", "gt": "great",
    "upr": "upper", "lwr": "lower", "mt": "mount",
}  # fmt: skip
_LAST = {"st": "street", "wy": "way", "pde": "parade", "wk": "walk"}
"""What stands for these words at the end of a name only; before it, St is Saint."""

_BEFORE = re.compile(
    r"^(?:(?:on or near|near to|near|outside|o/s|opposite|opp|junction of|jct of)\s+)+"
)
_NOTHING = {"", "no location", "no fixed abode", "nfa", "unknown", "not known", "n a", "na", "none"}


def plain_name(text: object) -> str:
    """Bring a name to the spelling that names are compared in.

    Case, accents of typing (apostrophes, full stops, double spaces), "on or near", and the
    usual short forms fall away. Figures stay: Junction 5 is not Junction 6.

    Parameters
    ----------
    text : str or None
        A name as written.

    Returns
    -------
    str
        ``""`` where the text names no place, such as ``No Location``.

    Examples
    --------
    >>> plain_name("On or near Lord'S Hill Centre East"), plain_name("St. Mary's Rd")
    ('lords hill centre east', 'saint marys road')
    >>> plain_name("High St"), plain_name("No Location")
    ('high street', '')
    """
    if not isinstance(text, str):
        return ""
    plain = text.casefold().replace("’", "'").replace("'", "").replace("&", " and ")
    plain = _BEFORE.sub("", re.sub(r"\s+", " ", plain).strip())
    words = re.sub(r"[^\w]+", " ", plain).split()
    if " ".join(words) in _NOTHING:
        return ""
    last = len(words) - 1
    return " ".join(
        _LAST.get(word, _LONG.get(word, word))
        if at == last
        else "saint" if word == "st" else _LONG.get(word, word)
        for at, word in enumerate(words)
    )  # fmt: skip


@dataclass(frozen=True)
class Names:
    """A gazetteer made ready: one entry for each name of each district.

    Attributes
    ----------
    names, districts : list of str
        In the spelling of `plain_name`; a district of ``""`` is everywhere.
    shown : list of str
        As the gazetteer writes them.
    easting, northing : array of float
        Middle of all places of the name, in metres.
    precision : array of float
        Metres within which the places lie about the middle, at least that of each of them.
    places : array of int
        How many places bear the name.
    whole : array of bool
        Whether the entry is an area, of which a place may be anywhere inside.
    ambiguous : array of bool
        Whether places of the name are too far apart to be one.
    """

    names: list[str]
    districts: list[str]
    shown: list[str]
    easting: np.ndarray
    northing: np.ndarray
    precision: np.ndarray
    places: np.ndarray
    whole: np.ndarray
    ambiguous: np.ndarray


def ready_names(gazetteer: pd.DataFrame, *, spread: float) -> Names:
    """Group a gazetteer by name and district.

    Parameters
    ----------
    gazetteer : DataFrame
        ``name``, ``easting``, ``northing``, and, where known, ``precision`` (metres),
        ``district`` and ``whole`` (an area).
    spread : float
        Metres from their middle within which places of one name are one place, such as the
        two ends of a street.

    Returns
    -------
    Names

    Examples
    --------
    >>> import pandas as pd
    >>> places = pd.DataFrame({"name": ["High Street", "High St", "Car Park", "Car Park"],
    ...     "easting": [0.0, 90.0, 0.0, 9e3], "northing": [0.0, 0.0, 0.0, 0.0]})
    >>> names = ready_names(places, spread=300)
    >>> names.names, names.ambiguous.tolist(), names.precision.tolist()
    (['car park', 'high street'], [True, False], [4500.0, 45.0])
    """
    key = {name: plain_name(name) for name in gazetteer["name"].unique()}
    some = pd.DataFrame(
        {
            "name": gazetteer["name"].map(key),
            "district": _plain_column(gazetteer, "district"),
            "shown": gazetteer["name"].astype(object),
            "easting": gazetteer["easting"].astype(float),
            "northing": gazetteer["northing"].astype(float),
            "precision": _numbers(gazetteer, "precision"),
            "whole": gazetteer["whole"].astype(bool) if "whole" in gazetteer else False,
        }
    )
    some = some[(some["name"] != "") & some["easting"].notna() & some["northing"].notna()]
    some = some.drop_duplicates(["name", "district", "easting", "northing"])
    by = some.groupby(["name", "district"], sort=True)
    middle = by[["easting", "northing"]].transform("mean")
    away = np.hypot(some["easting"] - middle["easting"], some["northing"] - middle["northing"])
    reach = away.groupby([some["name"], some["district"]], sort=True).max()
    table = by.agg(
        shown=("shown", "first"),
        easting=("easting", "mean"),
        northing=("northing", "mean"),
        own=("precision", "max"),
        places=("shown", "size"),
        whole=("whole", "any"),
    )
    far = reach.to_numpy() > spread
    return Names(
        [name for name, _ in table.index],
        [district for _, district in table.index],
        table["shown"].tolist(),
        table["easting"].to_numpy(),
        table["northing"].to_numpy(),
        np.fmax(reach.to_numpy(), table["own"].to_numpy()),
        table["places"].to_numpy(),
        table["whole"].to_numpy(dtype=bool),
        far,
    )


def _plain_column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series("", index=frame.index)
    # NaN and None in one column would make two keys that pandas takes for one.
    known = {one: plain_name(one) for one in frame[name].dropna().unique()}
    return frame[name].map(known).astype(object).fillna("")


def _numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series(np.nan, index=frame.index)
    return frame[name].astype(float)


KNOWN, AMBIGUOUS, UNKNOWN, NOTHING = range(4)
"""What can come of looking a name up: found; several places; no place; the text names none."""


@dataclass(frozen=True)
class Found:
    """What came of looking names up, one of each.

    Attributes
    ----------
    entry : array of int
        Place in the `Names`, -1 where not found.
    outcome : array of int8
        `KNOWN`, `AMBIGUOUS`, `UNKNOWN` or `NOTHING`.
    score : array of float
        0 to 100; 100 for the same name.
    candidates : dict of int to list of (int, float)
        For an ambiguous or unknown name the entries that come nearest, with scores.
    """

    entry: np.ndarray
    outcome: np.ndarray
    score: np.ndarray
    candidates: dict[int, list[tuple[int, float]]]


def find_same(texts: Sequence[object], districts: Sequence[object], names: Names) -> Found:
    """Look names up that are written the same, in their district.

    A text with no district is looked for in all of them: a name that two districts have is
    ambiguous then. An entry of no district stands for every district.

    Examples
    --------
    >>> import pandas as pd
    >>> places = pd.DataFrame({"name": ["High Street"] * 2, "district": ["Mill", "Quay"],
    ...     "easting": [0.0, 9e3], "northing": [0.0, 0.0]})
    >>> names = ready_names(places, spread=300)
    >>> found = find_same(["high st", "high st", "low st"], ["Quay", None, None], names)
    >>> found.entry.tolist(), found.outcome.tolist()
    ([1, -1, -1], [0, 1, 2])
    """
    by_name: dict[str, list[int]] = {}
    for at, name in enumerate(names.names):
        by_name.setdefault(name, []).append(at)
    entry = np.full(len(texts), -1)
    outcome = np.full(len(texts), UNKNOWN, dtype=np.int8)
    candidates: dict[int, list[tuple[int, float]]] = {}
    for at, (text, district) in enumerate(zip(texts, districts, strict=True)):
        plain, where = plain_name(text), plain_name(district)
        if not plain:
            outcome[at] = NOTHING
            continue
        hits = _in_district(by_name.get(plain, ()), where, names)
        if len(hits) == 1 and not names.ambiguous[hits[0]]:
            entry[at], outcome[at] = hits[0], KNOWN
        elif hits:
            outcome[at] = AMBIGUOUS
            candidates[at] = [(hit, 100.0) for hit in hits]
    return Found(entry, outcome, np.where(entry >= 0, 100.0, np.nan), candidates)


def _in_district(hits: Iterable[int], district: str, names: Names) -> list[int]:
    if not district:
        return list(hits)
    return [hit for hit in hits if names.districts[hit] in {district, ""}]


def find_similar(
    texts: Sequence[object],
    districts: Sequence[object],
    names: Names,
    *,
    cutoff: float,
    margin: float,
    shown: int = 5,
) -> Found:
    """Look names up that are written alike.

    Words may stand in another order, and letters be wrong; figures must be the same, and so
    must words such as north, upper or new. The
    score is 100 times one less the share of letters to change, of words in alphabetical order
    (rapidfuzz's ``token_sort_ratio``). A name is found where the best entry reaches `cutoff`
    and is ahead of the next by `margin`; else it is ambiguous, or unknown.

    Parameters
    ----------
    texts, districts : sequence of str or None
        The names, and the district of each where known.
    names : Names
    cutoff, margin : float
        Of the score, 0 to 100.
    shown : int
        How many candidates to give.

    Examples
    --------
    >>> import pandas as pd
    >>> places = pd.DataFrame({"name": ["Portswood Road", "Portland Road", "Unit 1"],
    ...     "easting": [0.0, 900.0, 0.0], "northing": [0.0, 0.0, 900.0]})
    >>> names = ready_names(places, spread=300)
    >>> found = find_similar(["Portswod Rd", "Unit 2"], [None, None], names, cutoff=88, margin=4)
    >>> [names.shown[at] if at >= 0 else None for at in found.entry]
    ['Portswood Road', None]
    """
    from rapidfuzz import fuzz, process

    entry = np.full(len(texts), -1)
    outcome = np.full(len(texts), UNKNOWN, dtype=np.int8)
    score = np.full(len(texts), np.nan)
    candidates: dict[int, list[tuple[int, float]]] = {}
    figures = [_figures(name) for name in names.names]
    within: dict[tuple[str, str], tuple[list[str], list[int]]] = {}
    for at, (text, district) in enumerate(zip(texts, districts, strict=True)):
        plain, where = plain_name(text), plain_name(district)
        if not plain:
            outcome[at] = NOTHING
            continue
        held = _figures(plain)
        if (where, held) not in within:
            like = [at for at, one in enumerate(figures) if one == held]
            rows = _in_district(like, where, names)
            within[where, held] = [names.names[one] for one in rows], rows
        choices, rows = within[where, held]
        # Those far off are no candidates that anyone would want to see.
        best = process.extract(
            plain, choices, scorer=fuzz.token_sort_ratio, limit=shown, score_cutoff=60
        )
        some = [(rows[place], float(points)) for _, points, place in best]
        if not some:
            continue
        candidates[at], score[at] = some, some[0][1]
        ahead = len(some) == 1 or some[0][1] - some[1][1] >= margin
        if some[0][1] < cutoff:
            continue
        if ahead and not names.ambiguous[some[0][0]]:
            entry[at], outcome[at] = some[0][0], KNOWN
            del candidates[at]
        else:
            outcome[at] = AMBIGUOUS
    return Found(entry, outcome, score, candidates)


_APART = frozenset(
    ["north", "south", "east", "west", "upper", "lower", "great", "little", "old", "new"]
)
"""Words that make another place of a name that is otherwise the same."""


def _figures(name: str) -> str:
    """Return the figures of a name, and the words that tell Crescent East from Crescent West."""
    return " ".join(re.findall(r"\d+", name) + [one for one in name.split() if one in _APART])

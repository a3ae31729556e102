"""Profiles: one area told whole, from finished figures."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, UNLOCATED, Areas, Counts, Indicators, check_columns
from geoprofiles.indicators.spine import spine_positions
from geoprofiles.model import Profile
from geoprofiles.narrative import figure_sentence, headlines

FIGURE_COLUMNS = (
    "area_code", "area_name", "topic", "indicator", "period", "unit", "value", "lower", "upper",
    "count", "denominator", "whole", "difference", "rank", "ranked", "rank_lower", "rank_upper",
    "verdict", "dispersion", "q", "q_adjusted", "significance", "reliability", "estimated",
    "median", "whole_without", "changes_side", "national", "trend", "trend_reason", "change_before",
    "change_after", "change_percent", "change_lower", "change_upper", "change_q",
    "change_verdict", "position", "position_lower", "position_upper", "position_national",
    "box_low", "box_high", "polarity", "method", "source",
)  # fmt: skip

TESTS = ("rank_lower", "rank_upper", "verdict", "dispersion", "q", "q_adjusted")
"""What :func:`geoprofiles.compare_with_rest` adds."""

ADDED = (
    "estimated", "median", "whole_without", "changes_side", "national", "trend", "trend_reason",
    "change_before", "change_after", "change_percent", "change_lower", "change_upper", "change_q",
    "change_verdict",
)  # fmt: skip
"""What benchmarks, trends and changes add, where they were made."""

DRAWN = (
    "position", "position_lower", "position_upper", "position_national", "box_low", "box_high",
)  # fmt: skip
"""Where a figure stands on a spine chart: for drawing, and left out of tables."""

TEXTS = ("verdict", "trend", "trend_reason", "change_verdict", "changes_side")
FEW = 20
"""Events below which a figure is marked as resting on few."""

DECIMALS = 6
"""Of values and limits in tables: more than any figure carries, and short enough to read."""


ROUNDED = (
    "value", "lower", "upper", "whole", "difference", "dispersion", "estimated", "median",
    "whole_without",
    "national", "change_percent", "change_lower", "change_upper", "position", "position_lower",
    "position_upper", "position_national", "box_low", "box_high",
)  # fmt: skip


def reliability(figures: pd.DataFrame) -> list[str]:
    """Mark figures that rest on few events, or whose limits are wider than they are high.

    Examples
    --------
    >>> reliability(pd.DataFrame({"method": ["Byar's limits"] * 2, "value": [5.0, 5.0],
    ...     "lower": [1.0, 4.9], "upper": [9.0, 5.1], "count": [4, 900]}))
    ['fewer than 20 events', '']
    """
    count = figures["count" if "count" in figures else "numerator"].astype(float)
    # Means and scores are no events.
    events = figures["method"].isin(["Byar's limits", "exact Poisson limits"])
    wide = (figures["upper"].astype(float) - figures["lower"].astype(float)) > figures["value"]
    return [
        f"fewer than {FEW} events" if few else "limits wider than the figure" if broad else ""
        for few, broad in zip(events & (count < FEW), wide, strict=True)
    ]


def profile_figures(
    indicators: Indicators, *, areas: Areas, definitions: pd.DataFrame
) -> pd.DataFrame:
    """Join compared indicators with the names of areas and indicators.

    Parameters
    ----------
    indicators : DataFrame
        Indicators after :func:`geoprofiles.compare`, and :func:`geoprofiles.compare_with_rest`
        where differences are tested.
    areas : GeoDataFrame
        Index ``area_code``; ``area_name``.
    definitions : DataFrame
        Index ``indicator``; ``topic``, ``name``, ``polarity``, ``source``.

    Returns
    -------
    DataFrame
        Columns as `FIGURE_COLUMNS` names them, in the order of the areas, then of the
        definitions. ``whole`` is the same figure for all areas together, ``rank`` 1 the highest
        of ``ranked`` areas.

    Raises
    ------
    InputError
        If an indicator has no definition.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1, 1)],
    ...     index=pd.Index(["A"], name="area_code"), crs=27700)
    >>> indicators = pd.DataFrame({"area_code": ["A"], "indicator": ["theft"],
    ...     "period": ["June 2026"], "numerator": [4], "denominator": [1000], "value": [4.0],
    ...     "lower": [1.1], "upper": [10.2], "unit": ["per 1,000"], "method": ["exact"],
    ...     "whole": [4.0], "difference": [0.0], "ratio": [1.0], "rank": [1], "ranked": [1]})
    >>> definitions = pd.DataFrame({"topic": ["Crime"], "name": ["Theft"],
    ...     "polarity": ["high is bad"], "source": ["police"]}, index=["theft"])
    >>> figures = profile_figures(indicators, areas=areas, definitions=definitions)
    >>> figures[["area_name", "indicator", "count"]].to_dict("records")
    [{'area_name': 'Mill', 'indicator': 'Theft', 'count': 4}]
    """
    check_columns(definitions, ["topic", "name", "polarity", "source"], what="Definitions")
    unknown = set(indicators["indicator"]) - set(definitions.index)
    if unknown:
        raise InputError(f"the indicator '{min(unknown)}' has no definition")
    order = {name: place for place, name in enumerate(definitions.index)}
    known = indicators[indicators["area_code"].isin(areas.index)].copy()
    known["order"] = known["indicator"].map(order)
    known["place"] = areas.index.get_indexer(known["area_code"])
    known = known.sort_values(["place", "order", "period"], kind="stable")
    for column in ("topic", "polarity", "source", "name"):
        known[column] = known["indicator"].map(definitions[column])
    known["area_name"] = known["area_code"].map(areas["area_name"])
    known["indicator"] = known.pop("name")
    for column in (*TESTS, *ADDED):
        if column not in known:  # compared with the whole only
            known[column] = None if column in TEXTS else float("nan")
    known = spine_positions(known)
    known["reliability"] = reliability(known)
    known = known.rename(columns={"numerator": "count"})
    for column in ("count", "denominator"):
        if (known[column].dropna() % 1 == 0).all():
            known[column] = known[column].astype("Int64")
    for column in ROUNDED:
        known[column] = known[column].astype(float).round(DECIMALS)
    for column in ("q", "q_adjusted", "change_q"):  # a small one is told by its power of ten
        known[column] = [float(f"{one:.4g}") for one in known[column].astype(float)]
    return known[list(FIGURE_COLUMNS)].reset_index(drop=True)


def build_profile(
    area_code: str,
    *,
    figures: pd.DataFrame,
    counts: Counts,
    kind: str = "area",
    history: pd.DataFrame | None = None,
    neighbours: Sequence[str] = (),
    hotspots: pd.DataFrame | None = None,
) -> Profile:
    """Tell one area whole.

    Parameters
    ----------
    area_code : str
        The area.
    figures : DataFrame
        As :func:`profile_figures` makes it, for all areas of the kind.
    counts : DataFrame
        Counts of the same areas, by month.
    kind : str
        What the areas are, singular: ``"ward"``.
    history : DataFrame, optional
        Values of all periods, for trends and sparklines: ``area_code``, ``indicator``, ``period``,
        ``value``, ``lower``, ``upper``, ``whole``.
    neighbours : sequence of str
        Names of the areas that it borders.
    hotspots : DataFrame, optional
        Hot spots that lie in it, as products name them.

    Returns
    -------
    Profile

    Raises
    ------
    InputError
        If no figure is for the area.

    Examples
    --------
    >>> figures = pd.DataFrame({"area_code": ["A", "B"], "area_name": ["Mill", "Quay"],
    ...     "topic": "Incidents", "indicator": "Theft", "period": "June 2026",
    ...     "unit": "per 1,000 residents", "value": [4.0, 2.0], "lower": [1.1, 0.2],
    ...     "upper": [10.2, 7.2], "count": [4, 2], "denominator": 1000.0, "whole": 3.0,
    ...     "difference": [1.0, -1.0], "rank": [1, 2], "ranked": 2, "polarity": "high is bad",
    ...     "method": "exact Poisson", "source": "police"})
    >>> counts = pd.DataFrame({"area_code": ["A"], "month": [pd.Timestamp("2026-06-01")],
    ...     "category": ["Theft"], "count": [4]})
    >>> profile = build_profile("A", figures=figures, counts=counts, kind="ward")
    >>> print(profile.sentences[0])  # doctest: +NORMALIZE_WHITESPACE
    Theft: 4.0 per 1,000 residents in June 2026 (95% limits 1.1 to 10.2; 4 counted), the highest
    of 2 wards; all wards together 3.0.
    """
    own = figures[figures["area_code"] == area_code]
    if own.empty:
        raise InputError(f"there is no figure for the area '{area_code}'")
    mine = counts[counts["area_code"] == area_code]
    return _told(
        own,
        mine.groupby("month", observed=True)["count"].sum().reset_index(),
        kind=kind,
        history=None if history is None else history[history["area_code"] == area_code],
        neighbours=neighbours,
        hotspots=hotspots,
    )


def build_profiles(
    figures: pd.DataFrame,
    *,
    counts: Counts,
    kind: str = "area",
    history: pd.DataFrame | None = None,
    neighbours: Mapping[str, Sequence[str]] | None = None,
    hotspots: pd.DataFrame | None = None,
) -> Iterator[Profile]:
    """Tell every area that has a figure, one after the other, in the order of the figures.

    What :func:`build_profile` finds for one area by looking through all rows is parted here once.

    Parameters
    ----------
    figures, counts, kind, history
        As for :func:`build_profile`.
    neighbours : mapping of str to sequence of str, optional
        Area code to the names of the areas that it borders.
    hotspots : DataFrame, optional
        Hot spots with the ``area_code`` that they reach into; one that reaches into several has a
        row for each.

    Yields
    ------
    Profile

    Examples
    --------
    >>> figures = pd.DataFrame({"area_code": ["B", "A"], "area_name": ["Quay", "Mill"],
    ...     "indicator": "Theft", "period": "June 2026", "unit": "per 1,000", "value": [4.0, 2.0],
    ...     "lower": [1.1, 0.2], "upper": [10.2, 7.2], "count": [4, 2], "whole": 3.0,
    ...     "rank": [1, 2], "ranked": 2})
    >>> counts = pd.DataFrame({"area_code": ["A", "A"], "category": ["Theft", "Arson"],
    ...     "month": pd.Timestamp("2026-06-01"), "count": [4, 1]})
    >>> [(one.area_name, one.months["count"].tolist())
    ...     for one in build_profiles(figures, counts=counts, kind="ward")]
    [('Quay', []), ('Mill', [5])]
    """
    months = counts.groupby(["area_code", "month"], observed=True)["count"].sum().reset_index()
    months_of, history_of, hotspots_of = map(_parts, (months, history, hotspots))
    for code, own in figures.groupby("area_code", sort=False, observed=True):
        spots = hotspots_of(code)
        yield _told(
            own,
            months_of(code)[["month", "count"]].reset_index(drop=True),
            kind=kind,
            history=history_of(code),
            neighbours=(neighbours or {}).get(str(code), ()),
            hotspots=None if spots is None else spots.drop(columns="area_code"),
        )


def _parts(table: pd.DataFrame | None) -> Callable[[Hashable], Any]:
    """Return what gives an area's rows of a table; None where there is no table."""
    if table is None:
        return lambda code: None
    rows = table.groupby("area_code", sort=False, observed=True).indices
    return lambda code: table.iloc[rows.get(code, [])]


def _told(
    own: pd.DataFrame,
    months: pd.DataFrame,
    *,
    kind: str,
    history: pd.DataFrame | None,
    neighbours: Sequence[str],
    hotspots: pd.DataFrame | None,
) -> Profile:
    rows: list[Any] = own.to_dict("records")
    return Profile(
        area_code=str(rows[0]["area_code"]),
        area_name=str(rows[0]["area_name"]),
        kind=kind,
        period=str(rows[0]["period"]),
        figures=own.reset_index(drop=True),
        months=months,
        sentences=tuple(figure_sentence(row, kind=kind) for row in rows),
        headlines=tuple(headlines(own, kind=kind)),
        history=history,
        neighbours=tuple(neighbours),
        hotspots=hotspots,
    )


def counted(counts: Counts) -> int:
    """Return how many incidents lie in the areas, those outside and unlocated left out.

    Examples
    --------
    >>> counted(pd.DataFrame({"area_code": ["A", "(outside)"], "count": [4, 1]}))
    4
    """
    inside = ~counts["area_code"].astype(str).isin([OUTSIDE, UNLOCATED])
    return int(counts.loc[inside, "count"].sum())

"""Rows of charts from the frames that geoprofiles' own functions return.

What :func:`geoprofiles.control_chart`, :func:`geoprofiles.by_quintile` and
:func:`geoprofiles.prioritise` return is drawn as it is; the others are put into a chart's words
here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import check_columns
from geoprofiles.indicators.spine import significance
from geoprofiles.indicators.trend import period_order

SPINE_COLUMNS = (
    "topic", "indicator", "unit", "value", "lower", "upper", "whole", "position",
    "position_lower", "position_upper", "box_low", "box_high", "rank", "ranked",
)  # fmt: skip
NATIONAL = ("national", "position_national")


def spine_rows(figures: pd.DataFrame) -> pd.DataFrame:
    """Take the rows of a spine from one area's figures, each topic in one piece.

    Parameters
    ----------
    figures : DataFrame
        As ``Profile.figures`` holds them, or those of one area as
        :func:`geoprofiles.spine_positions` gives them with ``topic``, ``unit``, ``rank`` and
        ``ranked``.

    Returns
    -------
    DataFrame
        What :func:`geoprofiles.chart_spine` draws.

    Raises
    ------
    InputError
        If a column is missing, or there is more than one area.

    Examples
    --------
    >>> import geoprofiles
    >>> figures = geoprofiles.spine_positions(pd.DataFrame({
    ...     "area_code": list("ABC"), "topic": "Crime", "indicator": "Theft", "period": "2026",
    ...     "unit": "per 1,000", "value": [9.0, 3.0, 1.0], "lower": [7.0, 2.0, 0.5],
    ...     "upper": [11.0, 4.0, 1.5], "whole": 4.0, "rank": [1, 2, 3], "ranked": 3,
    ...     "polarity": "high is bad", "verdict": "higher than the rest"}))
    >>> rows = spine_rows(figures[figures["area_code"] == "A"])
    >>> rows[["indicator", "verdict"]].values.tolist()
    [['Theft', 'worse']]
    """
    check_columns(figures, [*SPINE_COLUMNS, "significance"], what="Figures")
    if "area_code" in figures and len(figures["area_code"].unique()) > 1:
        raise InputError(
            f"the spine is of one area; the figures are of {figures['area_code'].nunique():,}",
            remedy="Choose those of one area_code.",
        )
    kept = [*SPINE_COLUMNS, *(one for one in NATIONAL if one in figures)]
    table = figures[kept].assign(verdict=figures["significance"])
    if "rank_lower" in figures:  # a rank that may be most of them says nothing
        places = 1 + figures["rank_upper"].astype(float) - figures["rank_lower"].astype(float)
        table["rank"] = table["rank"].where(~(places > figures["ranked"].astype(float) / 2))
    topics = pd.factorize(table["topic"])[0]
    return table.iloc[np.argsort(topics, kind="stable")].reset_index(drop=True)


def ranked_rows(figures: pd.DataFrame, *, polarity: str = "neither") -> pd.DataFrame:
    """Take the rows of ranked bars from the figures of all areas for one indicator.

    Parameters
    ----------
    figures : DataFrame
        As :func:`geoprofiles.spine_positions` or a run's tables give them; or as
        :func:`geoprofiles.compare_with_rest` does, with ``area_name`` or ``area_code``.
    polarity : {"high is bad", "high is good", "neither"}
        Used where the figures have no column of it.

    Returns
    -------
    DataFrame
        What :func:`geoprofiles.chart_ranked` draws.

    Raises
    ------
    InputError
        If a column is missing, or there is more than one indicator or period.

    Examples
    --------
    >>> import geoprofiles
    >>> tested = geoprofiles.compare_with_rest(pd.DataFrame({
    ...     "area_code": list("ABC"), "indicator": "theft", "period": "2026",
    ...     "numerator": [60, 20, 21], "denominator": 1000.0, "value": [60.0, 20.0, 21.0],
    ...     "lower": [45.8, 12.2, 13.0], "upper": [77.2, 30.9, 32.1], "method": "Byar's limits"}))
    >>> ranked_rows(tested, polarity="high is bad")[["area_name", "verdict"]].values.tolist()
    [['A', 'worse'], ['B', 'better'], ['C', 'better']]
    """
    check_columns(figures, ["value", "lower", "upper"], what="Figures")
    _need_one(figures, "ranked bars are")
    return pd.DataFrame(
        {
            "area_name": _names(figures, None),
            **{name: figures[name].to_numpy() for name in ("value", "lower", "upper")},
            "verdict": _verdicts(figures, polarity),
        }
    )


def funnel_rows(
    points: pd.DataFrame, *, polarity: str = "neither", names: pd.Series | None = None
) -> pd.DataFrame:
    """Put the verdicts of a funnel's points into a chart's words.

    Parameters
    ----------
    points : DataFrame
        As :func:`geoprofiles.funnel` returns them.
    polarity : {"high is bad", "high is good", "neither"}
        Whether being beyond the limits is good or bad.
    names : Series, optional
        Name of each ``area_code``, where the points have no ``area_name``.

    Returns
    -------
    DataFrame
        What :func:`geoprofiles.chart_funnel` draws.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> import geoprofiles
    >>> points, limits = geoprofiles.funnel(pd.DataFrame({
    ...     "area_code": list("ABC"), "indicator": "theft", "period": "2026",
    ...     "numerator": [60, 20, 21], "denominator": 1000.0, "value": [60.0, 20.0, 21.0],
    ...     "method": "Byar's limits"}))
    >>> funnel_rows(points, polarity="high is bad")[["area_name", "verdict"]].values.tolist()[0]
    ['A', 'higher, as areas differ anyway']
    """
    check_columns(points, ["denominator", "value", "verdict"], what="Points")
    said = points["verdict"].replace({"higher": "higher than the rest", "lower": _LOWER})
    judged = significance(said, pd.Series(polarity, index=points.index))
    anyway = said.astype(str).str.endswith("anyway").to_numpy(dtype=bool)
    return pd.DataFrame(
        {
            "area_name": _names(points, names),
            "denominator": points["denominator"].to_numpy(),
            "value": points["value"].to_numpy(),
            "verdict": np.where(anyway, said, judged),
        }
    )


_LOWER = "lower than the rest"


def trend_rows(history: pd.DataFrame, *, breaks: Collection[str] = ()) -> pd.DataFrame:
    """Put one area's values of one indicator in order of time, parted where they must be.

    Years that are left out between others become periods without a value.

    Parameters
    ----------
    history : DataFrame
        ``period``, ``value``, ``lower``, ``upper``, and where there is one ``whole``; as
        ``Profile.history`` holds them.
    breaks : collection of str
        Periods at whose start recording changed, as for :func:`geoprofiles.trends`.

    Returns
    -------
    DataFrame
        What :func:`geoprofiles.chart_trend` draws.

    Raises
    ------
    InputError
        If a column is missing, or there is more than one area or indicator.

    Examples
    --------
    >>> history = pd.DataFrame({"period": ["2023", "2021", "2020"], "value": [5.0, 4.0, 3.0],
    ...                         "lower": 2.0, "upper": 6.0, "whole": 4.0})
    >>> trend_rows(history, breaks=["2023"])[["period", "value", "segment"]].values.tolist()
    [['2020', 3.0, 1], ['2021', 4.0, 1], ['2022', nan, 1], ['2023', 5.0, 2]]
    """
    check_columns(history, ["period", "value", "lower", "upper"], what="History")
    for name in ("area_code", "indicator"):
        if name in history and len(history[name].unique()) > 1:
            raise InputError(f"a trend is of one {name}; choose one")
    rows = history[["period", "value", "lower", "upper"]].copy()
    rows["whole"] = history.get("whole", np.nan)
    rows["period"] = rows["period"].astype(str)
    if rows["period"].duplicated().any():
        twice = rows.loc[rows["period"].duplicated(), "period"].iloc[0]
        raise InputError(f"the period '{twice}' comes twice")
    order = sorted(rows["period"], key=period_order)
    # A gap is a place of its own: periods on either side of it are no neighbours.
    rows = rows.set_index("period").reindex(_with_gaps(order)).rename_axis("period").reset_index()
    changed = set(map(str, breaks))
    rows["segment"] = 1 + rows["period"].isin(changed).to_numpy().cumsum()
    return rows


def _with_gaps(periods: list[str]) -> list[str]:
    """Name the years that lie between those that are there."""
    years = [period_order(one)[0] for one in periods]
    if len(set(years)) < len(periods) or not all(years):
        return periods
    steps = np.diff([int(one) for one in years])
    usual = int(steps.min()) if len(steps) else 1
    told: list[str] = periods[:1]
    for before, after, step in zip(periods, periods[1:], steps, strict=False):
        told += [_later(before, years_on) for years_on in range(usual, int(step), usual)]
        told.append(after)
    return told


def _later(period: str, years: int) -> str:
    """Name a period some years on.

    Examples
    --------
    >>> _later("2019", 2), _later("2019/20", 1), _later("July 2024 to June 2025", 1)
    ('2021', '2020/21', 'July 2025 to June 2026')
    """

    def later(found: re.Match[str]) -> str:
        return str(int(found[0]) + years)

    whole = re.sub(r"\d{4}", later, period)
    return re.sub(
        r"(?<=\d{4}[/\u2013-])\d{2}\b", lambda found: f"{(int(found[0]) + years) % 100:02}", whole
    )


def comparator_rows(values: Mapping[str, float], own: str) -> pd.DataFrame:
    """Take the rows of places side by side from what :func:`geoprofiles.similar_places` takes.

    Parameters
    ----------
    values : mapping of str to float
        Place to its value, the own one among them.
    own : str
        The place that is looked at.

    Returns
    -------
    DataFrame
        What :func:`geoprofiles.chart_comparators` draws. There are no limits: the band says how
        far a place like the others may lie.

    Raises
    ------
    InputError
        If the own place is not among them.

    Examples
    --------
    >>> comparator_rows({"Ayton": 4.0, "Beeford": 3.0}, "Ayton")[["place", "own"]].values.tolist()
    [['Ayton', True], ['Beeford', False]]
    """
    if own not in values:
        raise InputError(f"'{own}' is not among the places")
    return pd.DataFrame(
        {
            "place": list(values),
            "value": [float(one) for one in values.values()],
            "own": [one == own for one in values],
        }
    )


def pyramid_rows(population: pd.DataFrame, areas: Collection[str]) -> pd.DataFrame:
    """Work out the shares of ages and sexes, of an area and of all that the table holds.

    Parameters
    ----------
    population : DataFrame
        ``area_code``, ``age`` (``"0-4"``, ``"85+"``, or single years), ``sex`` ("female" or
        "male"), ``population``; one year.
    areas : collection of str
        The codes that make up the area.

    Returns
    -------
    DataFrame
        What :func:`geoprofiles.chart_pyramid` draws: the youngest first.

    Raises
    ------
    InputError
        If a column is missing, an age is not understood, or no row is of the area.

    Examples
    --------
    >>> population = pd.DataFrame({"area_code": ["A", "A", "B", "B"], "age": ["0-39", "40+"] * 2,
    ...     "sex": ["female", "male"] * 2, "population": [30, 70, 50, 50]})
    >>> pyramid_rows(population, ["A"])[["age", "share", "whole_share"]].values.tolist()
    [['0-39', 30.0, 40.0], ['40+', 70.0, 60.0]]
    """
    check_columns(population, ["area_code", "age", "sex", "population"], what="Population")
    if "year" in population and len(population["year"].unique()) > 1:
        raise InputError("a pyramid is of one year; choose one")
    own = population["area_code"].isin(list(areas))
    if not own.any():
        raise InputError("no row of the population is of the area")
    sums = (
        population.assign(own=population["population"].where(own, 0))
        .groupby(["age", "sex"], sort=False, observed=True)[["own", "population"]]
        .sum()
    )
    shares = 100 * sums / sums.sum()
    table = shares.rename(columns={"own": "share", "population": "whole_share"}).reset_index()
    table["first"] = [_first_age(one) for one in table["age"]]
    table = table.sort_values(["first", "sex"], kind="stable").drop(columns="first")
    return table.reset_index(drop=True)


def _first_age(age: object) -> int:
    found = re.match(r"\D*(\d+)", str(age))
    if found is None:
        raise InputError(f"the age {str(age)!r} does not begin with a number")
    return int(found[1])


def _need_one(figures: pd.DataFrame, what: str) -> None:
    for name in ("indicator", "period"):
        if name in figures and len(figures[name].unique()) > 1:
            raise InputError(f"{what} of one {name}; choose one")


def _names(frame: pd.DataFrame, names: pd.Series | None) -> np.ndarray:
    """Take the names of areas, or their codes where there are none."""
    if names is not None:
        check_columns(frame, ["area_code"], what="Points")
        found = frame["area_code"].map(names)
        return found.where(found.notna(), frame["area_code"]).to_numpy()
    column = "area_name" if "area_name" in frame else "area_code"
    check_columns(frame, [column], what="Figures")
    return frame[column].to_numpy()


def _verdicts(figures: pd.DataFrame, polarity: str) -> np.ndarray:
    if "significance" in figures:
        return figures["significance"].to_numpy(dtype=object)
    if "verdict" not in figures:
        return np.full(len(figures), None, dtype=object)
    judged = figures.get("polarity", pd.Series(polarity, index=figures.index))
    return significance(figures["verdict"], judged)

"""The figures of a dashboard as plain values: a column for each area, a row for each period."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import pandas as pd

from geoprofiles.areas.classes import class_breaks
from geoprofiles.indicators.spine import spine_positions
from geoprofiles.indicators.trend import period_order
from geoprofiles.publish import figures as words_of
from geoprofiles.words import month_words, period_months

MOST_WITH_LIMITS = 30_000
"""Figures of one kind of area up to which every period keeps its limits and counts; beyond, the
latest alone, to keep the page light."""

MOST_FOR_CLASSES = 200
"""Values that classes are made of; of more, so many centiles: natural breaks take their square."""

MEANINGS = {
    "definition": "What it is",
    "numerator": "Counted",
    "denominator": "Among",
    "note": "Note",
}
"""Columns of definitions that the page prints, with their headings."""

TESTED = ("verdict", "significance", "trend", "trend_reason", "change_verdict", "method", "source")
"""Columns of words that the latest period has of each area."""

CHANGES = {
    "p": "change_percent", "lo": "change_lower", "hi": "change_upper",
    "from": "change_before", "to": "change_after",
}  # fmt: skip
RANKS = {"rank": "rank", "rankLo": "rank_lower", "rankHi": "rank_upper"}
PLACES = {"at": "position", "atLo": "position_lower", "atHi": "position_upper"}


NUMBERS = ("count", "whole", "national", "segment", *CHANGES.values(), *RANKS.values())
"""Columns of figures that a table may have beside the figure and its limits."""


class Words:
    """Texts that come again and again, kept once and named by their place."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._places: dict[Any, int] = {}

    def place(self, text: Any) -> int:
        """Return the place of a text; -1 of none."""
        if pd.isna(text):
            return -1
        if text not in self._places:
            self._places[text] = len(self.texts)
            self.texts.append(words_of.clean(text))
        return self._places[text]


class Columns:
    """A frame as arrays, from which rows are taken by place; -1 is no row."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._known: dict[str, np.ndarray] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._frame

    def numbers(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Return figures, NaN where there is no row or no such column."""
        if name not in self._frame:
            return np.full(len(rows), np.nan)
        if name not in self._known:
            self._known[name] = pd.to_numeric(self._frame[name]).to_numpy(float, na_value=np.nan)
        return np.where(rows >= 0, self._known[name][rows], np.nan)

    def texts(self, name: str, rows: np.ndarray) -> list[Any]:
        """Return texts, None where there is no row."""
        key = f"{name} as text"
        if key not in self._known:
            self._known[key] = self._frame[name].to_numpy(object)
        held = self._known[key]
        return [held[row] if row >= 0 else None for row in rows]


def indicator_rows(
    codes: Sequence[str],
    figures: pd.DataFrame,
    history: pd.DataFrame,
    definitions: pd.DataFrame,
    months: pd.DataFrame,
    words: Words,
) -> list[dict[str, Any]]:
    """Write every indicator of one kind of area as the script reads it, topic by topic."""
    latest = _latest(figures)
    keys = ["area_code", "topic", "indicator", "period"]
    past = history.drop_duplicates(keys, keep="last") if len(history) else latest
    small = len(past) <= MOST_WITH_LIMITS
    index = pd.Index([str(code) for code in codes])
    now, then = Columns(latest), Columns(past)
    areas = [index.get_indexer(one["area_code"].astype(str)) for one in (latest, past)]
    periods = past["period"].astype(str).to_numpy(object)
    held = past.groupby(["topic", "indicator"], sort=False, observed=True).indices
    series: dict[Any, pd.DataFrame] = {}
    if len(months):
        series = dict(list(months.groupby(["topic", "indicator"], sort=False)))
    named = _named(definitions)
    rows = []
    for key, mine in latest.groupby(
        ["topic", "indicator"], sort=False, observed=True
    ).indices.items():
        slots = np.full(len(index), -1)
        slots[areas[0][mine][areas[0][mine] >= 0]] = mine[areas[0][mine] >= 0]
        before = held.get(key, np.array([], dtype=int))
        spans = _Spans(
            before, areas[1][before], periods[before], str(latest["period"].iloc[mine[0]])
        )
        entry = _indicator(now, then, slots, spans, words, small=small)
        entry["about"] = _about(latest.iloc[mine[0]], named)
        monthly = series.get((str(key[0]), str(key[1])))
        if monthly is not None:
            entry["months"] = _months(codes, monthly)
        rows.append(entry)
    topics = list(dict.fromkeys(one["topic"] for one in rows))
    return sorted(rows, key=lambda one: topics.index(one["topic"]))


def latest_rows(history: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the latest period of each indicator.

    Examples
    --------
    >>> history = pd.DataFrame({"topic": "Crime", "indicator": "Theft", "value": [1, 2],
    ...     "period": ["2024/25", "2025/26"]})
    >>> latest_rows(history)["value"].tolist()
    [2]
    """
    times = {period: _time(period) for period in history["period"].astype(str).unique()}
    when = history["period"].astype(str).map(times)
    last = when.groupby([history["topic"], history["indicator"]], sort=False).transform("max")
    return history[when == last].reset_index(drop=True)


def _latest(figures: pd.DataFrame) -> pd.DataFrame:
    table = figures.drop_duplicates(["area_code", "topic", "indicator"]).reset_index(drop=True)
    needed = {"verdict": None, "polarity": "neither", "whole": np.nan}
    table = table.assign(**{name: to for name, to in needed.items() if name not in table})
    table["polarity"] = table["polarity"].fillna("neither")
    alone = table["topic"].astype(str) + "\0" + table["indicator"].astype(str)
    return spine_positions(table.assign(indicator=alone)).assign(indicator=table["indicator"])


def _named(definitions: pd.DataFrame) -> dict[str, dict[str, Any]]:
    if definitions.empty:
        return {}
    one = definitions.drop_duplicates("name")
    return dict(zip(one["name"].astype(str), one.to_dict("records"), strict=True))


class _Spans:
    """The periods of one indicator, up to its latest, and the rows that hold them."""

    def __init__(self, rows: np.ndarray, areas: np.ndarray, periods: np.ndarray, now: str) -> None:
        found = sorted(set(periods), key=_time)
        found = found[: found.index(now) + 1] if now in found else [*found, now]
        at = {period: place for place, period in enumerate(found)}
        when = np.array([at.get(period, -1) for period in periods], dtype=int)
        known = (when >= 0) & (areas >= 0)
        self.names = found
        self.rows, self.when, self.areas = rows[known], when[known], areas[known]

    def grid(self, then: Columns, name: str, latest: np.ndarray) -> np.ndarray:
        """Give an array of periods down and areas across; the latest figures are the last row."""
        grid = np.full((len(self.names), len(latest)), np.nan)
        grid[self.when, self.areas] = then.numbers(name, self.rows)
        grid[-1] = np.where(np.isfinite(latest), latest, grid[-1])
        return grid

    def each(self, then: Columns, name: str) -> np.ndarray:
        """Give one figure a period: the first there is."""
        values = then.numbers(name, self.rows)
        found = np.full(len(self.names), np.nan)
        for when, value in zip(self.when[::-1], values[::-1], strict=True):
            if np.isfinite(value):
                found[when] = value
        return found


def _indicator(
    now: Columns, then: Columns, slots: np.ndarray, spans: _Spans, words: Words, *, small: bool
) -> dict[str, Any]:
    first = slots[slots >= 0][:1]
    values = spans.grid(then, "value", now.numbers("value", slots))
    whole = spans.each(then, "whole")
    last = now.numbers("whole", slots)
    if np.isfinite(last).any():
        whole[-1] = last[np.isfinite(last)][0]
    decimals = words_of.decimals_of(values.ravel())
    word = {
        name: words_of.clean(now.texts(name, first)[0]) if len(first) else ""
        for name in ("indicator", "topic", "unit", "polarity")
    }
    entry: dict[str, Any] = {
        "name": word["indicator"],
        "topic": word["topic"],
        "unit": word["unit"],
        "polarity": word["polarity"],
        "decimals": decimals,
        "periods": [words_of.clean(one) for one in spans.names],
        "whole": _kept(whole, decimals),
        "v": [_kept(row, decimals) for row in values],
        "breaks": list(_breaks(values)),
        "tested": {
            name: [words.place(one) for one in now.texts(name, slots)]
            for name in TESTED
            if name in now
        },
        **{
            short: _rounded(now.numbers(name, slots), 0)
            for short, name in RANKS.items()
            if name in now
        },
        **{short: _rounded(100 * now.numbers(name, slots), 1) for short, name in PLACES.items()},
    }
    for short, name in (("lo", "lower"), ("hi", "upper"), ("n", "count")):
        grid = spans.grid(then, name, now.numbers(name, slots))
        if np.isfinite(grid).any():
            entry[short] = _grid(grid, 0 if short == "n" else decimals, whole=small)
    _add_once(entry, now, slots, decimals)
    parts = spans.each(then, "segment")
    if np.isfinite(parts).any():
        entry["segments"] = [0 if np.isnan(one) else int(one) for one in parts]
    if np.isfinite(now.numbers("change_percent", slots)).any():
        entry["change"] = {
            short: _kept(now.numbers(name, slots), 0)
            for short, name in CHANGES.items()
            if name in now
        }
    return entry


def _add_once(entry: dict[str, Any], now: Columns, slots: np.ndarray, decimals: int) -> None:
    """Add what all areas of an indicator share: how many are ranked, the nation, the box."""
    ranked = now.numbers("ranked", slots)
    if np.isfinite(ranked).any():
        entry["ranked"] = int(np.nanmax(ranked))
    box = [now.numbers(name, slots) for name in ("box_low", "box_high")]
    if all(np.isfinite(one).any() for one in box):
        entry["box"] = [round(100 * float(one[np.isfinite(one)][0]), 1) for one in box]
    for short, name, shown, times in (
        ("national", "national", decimals, 1), ("atNation", "position_national", 0, 100),
    ):  # fmt: skip
        values = now.numbers(name, slots)
        known = values[np.isfinite(values)][:1]
        if len(known):
            entry[short] = _kept(times * known, shown)[0]


def _time(period: str) -> tuple[str, str]:
    """Order periods by when they end; those without months, as the trends do."""
    months = period_months(period)
    return (months[1], months[0]) if months else period_order(period)


def _grid(values: np.ndarray, decimals: int, *, whole: bool = True) -> list[Any]:
    """Round the rows of a grid; only the last unless `whole`."""
    return [
        _rounded(row, decimals) if whole or place == len(values) - 1 else None
        for place, row in enumerate(values)
    ]


def _rounded(row: np.ndarray, decimals: int) -> list[float | int | None]:
    """Round to plain numbers, None where there is none."""
    done = np.round(row, decimals).tolist()
    return [_plain(one) for one in done]


def _kept(row: np.ndarray, shown: int) -> list[float | int | None]:
    """Round to one digit more than is shown, or so that the page says what the tables say.

    140.4494 kept as 140.45 may be shown as 140.5; it stays 140.4494.
    """
    return [_once(float(one), near, shown) for one, near in
            zip(row, _rounded(row, shown + 1), strict=True)]  # fmt: skip


def _once(value: float, near: float | int | None, shown: int) -> float | int | None:
    if near is None or not f"{near:.{shown + 1}f}".endswith("5"):
        return near
    said = Decimal(f"{value:.{shown}f}")
    for digits in (shown + 1, shown + 3, shown + 6):
        fine = round(value, digits)
        if Decimal(repr(fine)).quantize(said, ROUND_HALF_EVEN) == said:
            return _plain(fine)
    return _plain(float(said))


def _plain(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) else value


def _breaks(values: np.ndarray) -> tuple[float, ...]:
    """Choose classes that all periods share, so that two of them can be compared."""
    known = values[np.isfinite(values)]
    if len(known) > MOST_FOR_CLASSES:
        known = np.quantile(known, np.linspace(0, 1, MOST_FOR_CLASSES), method="nearest")
    return class_breaks(known)


def _about(first: pd.Series, named: dict[str, dict[str, Any]]) -> list[list[str]]:
    """Say what an indicator is: headings and texts."""
    found = named.get(str(first["indicator"]), {})
    told = [
        [heading, words_of.clean(found[name])]
        for name, heading in MEANINGS.items()
        if isinstance(found.get(name), str) and found[name].strip()
    ]
    return [*told, ["Unit", words_of.clean(first["unit"])]]


def _months(codes: Sequence[str], months: pd.DataFrame) -> dict[str, Any]:
    """Give counts of months, a row an area; a month that the data lack is none."""
    index = pd.Index([str(code) for code in codes])
    held = pd.DatetimeIndex(sorted(months["month"].unique()))
    every = pd.date_range(held[0], held[-1], freq="MS")
    counts = np.full((len(index), len(every)), np.nan)
    counts[:, every.get_indexer(held)] = 0
    area = index.get_indexer(months["area_code"].astype(str))
    month = every.get_indexer(pd.DatetimeIndex(months["month"]))
    np.add.at(
        counts, (area[area >= 0], month[area >= 0]), months["count"].to_numpy(float)[area >= 0]
    )
    found: dict[str, Any] = {
        "labels": [month_words(one) for one in every],
        "n": [_rounded(row, 0) for row in counts],
    }
    if "segment" in months:
        parts = months.groupby("month")["segment"].max().reindex(every).ffill()
        found["segments"] = [int(one) for one in parts]
    return found

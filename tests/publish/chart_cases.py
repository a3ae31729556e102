"""Charts of made-up areas, of every kind and size, with names that mean harm."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
from publish.city import HOSTILE
from shapely import LineString, Point, box

import geoprofiles

VERDICTS = (
    "worse", "better", "higher", "lower", "no clear difference", "not tested",
    "higher, as areas differ anyway", "lower, as areas differ anyway",
)  # fmt: skip
SIGNALS = ("above", "below", "two of three near a limit", "trend of seven", "run on one side")
HARM = HOSTILE[0]
CRITERIA = ("volume", "against similar places", "trend", "harm", "repeats", "concern")


def names(count, *, hostile=True):
    plain = [f"Ward {place}" for place in range(count)]
    return [*HOSTILE, *plain][:count] if hostile else plain


def areas(count, *, hostile=True, seed=1):
    """Areas with a value, its limits and each verdict in turn; one in eleven has no value."""
    rng = np.random.default_rng(seed)
    value = np.round(rng.gamma(4, 5, count), 3)
    value[10::11] = np.nan
    return pd.DataFrame(
        {
            "area_name": names(count, hostile=hostile),
            "value": value,
            "lower": value * 0.8,
            "upper": value * 1.3,
            "denominator": rng.integers(500, 20_000, count).astype(float),
            "verdict": [VERDICTS[place % len(VERDICTS)] for place in range(count)],
        }
    )


def funnel_limits(low=400.0, high=22_000.0):
    size = np.geomspace(low, high, 30)
    wide = 400 / np.sqrt(size)
    return pd.DataFrame(
        {
            "denominator": size, "centre": 20.0, "lower": np.maximum(20 - wide, 0),
            "upper": 20 + wide, "lower_adjusted": np.maximum(14 - wide, 0),
            "upper_adjusted": 26 + wide, "lower_outer": np.nan, "upper_outer": np.nan,
        }
    )  # fmt: skip


def spine_table(count, *, hostile=True, seed=2):
    rng = np.random.default_rng(seed)
    value, position = rng.gamma(4, 5, count), rng.normal(0.5, 0.4, count)
    table = pd.DataFrame(
        {
            "topic": [("Crime", HARM, "Place")[place * 3 // count] for place in range(count)],
            "indicator": names(count, hostile=hostile),
            "unit": [("%", "per 1,000 residents", "£", HOSTILE[14])[n % 4] for n in range(count)],
            "value": value, "lower": value * 0.8, "upper": value * 1.2, "whole": value * 1.1,
            "position": position, "position_lower": position - 0.15,
            "position_upper": position + 0.15, "box_low": 0.4, "box_high": 0.62,
            "rank": rng.integers(1, 57, count), "ranked": 57,
            "verdict": [VERDICTS[place % 6] for place in range(count)],
            "position_national": rng.normal(0.5, 0.3, count),
        }
    )  # fmt: skip
    table.loc[table.index[1::13], "value"] = np.nan
    table.loc[table.index[2::13], "position"] = np.nan
    return table


def month_series(count, *, gap=()):
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "month": pd.date_range("2021-01-01", periods=count, freq="MS"),
            "value": rng.poisson(60, count) / 10,
            "centre": 6.0, "lower": 3.5, "upper": 8.5, "phase": 1 + (np.arange(count) > 30),
            "signal": [SIGNALS[place // 4] if place % 4 == 0 and place < 20 else None
                       for place in range(count)],
        }
    )  # fmt: skip
    return table.drop(index=list(gap))


def month_breaks():
    months = pd.to_datetime(["2023-06-01", "2023-08-01", "2025-11-01", "2030-01-01"])
    return pd.DataFrame({"month": months, "why": [HARM, HOSTILE[14], HOSTILE[10], "too late"]})


def trend_points(count=12):
    rng = np.random.default_rng(4)
    value = rng.gamma(4, 5, count)
    table = pd.DataFrame(
        {
            "period": [f"{2010 + n}/{11 + n}" for n in range(count)],
            "value": value, "lower": value * 0.8, "upper": value * 1.2, "whole": value * 0.9 + 1,
            "segment": 1 + (np.arange(count) > 6),
        }
    )  # fmt: skip
    table.loc[3:4, ["value", "lower", "upper", "whole"]] = np.nan
    return table


def places(count=15):
    table = areas(count)[["area_name", "value"]].rename(columns={"area_name": "place"})
    return table.assign(own=[place == 2 for place in range(count)])


def people(ages=18):
    rng = np.random.default_rng(5)
    rows = [(f"{5 * n}-{5 * n + 4}", sex) for n in range(ages) for sex in ("female", "male")]
    table = pd.DataFrame(rows, columns=["age", "sex"])
    table["share"], table["whole_share"] = (rng.gamma(5, 1, len(table)) for _ in range(2))
    return table


def quintile_rows():
    value = np.array([9.5, 7.25, 6.0, 4.125, 3.5])
    return pd.DataFrame(
        {"quintile": range(1, 6), "value": value, "lower": value - 1, "upper": value + 1.5}
    )


def scores(count=9):
    rng = np.random.default_rng(6)
    table = pd.DataFrame(
        rng.integers(1, 5, (count, len(CRITERIA))).astype(float), columns=CRITERIA,
        index=pd.Index(names(count), name="topic"),
    )  # fmt: skip
    table["total"] = table.mean(axis=1) + np.arange(count) / 100
    table["place"], table["lacks"] = range(1, count + 1), ""
    table["stays"] = rng.random(count)
    table.iloc[1, 2] = np.nan
    return table


WORDS = {"title": f"Crime {HARM}, 2026", "subtitle": HOSTILE[3], "source": HOSTILE[4]}


def spine(count=20, **how):
    return geoprofiles.chart_spine(spine_table(count, **how), **WORDS)


def funnel(count=17, **how):
    return geoprofiles.chart_funnel(
        areas(count, **how), funnel_limits(), x_label=f"Residents {HARM}", y_label=HARM, **WORDS
    )


def ranked(count=17, **how):
    table = areas(count, **how)
    return geoprofiles.chart_ranked(
        table, x_label=HARM, own=table["area_name"][min(4, count - 1)], whole=20.5,
        whole_label=HARM, **WORDS,
    )  # fmt: skip


def comparators(count=15):
    return geoprofiles.chart_comparators(
        places(count), x_label=HARM, band=(10.0, 30.0), median=19.0, **WORDS
    )


def control(count=60, gap=(5, 6, 20, 21, 22, 23)):
    return geoprofiles.chart_control(
        month_series(count, gap=gap), y_label=HARM, breaks=month_breaks(), **WORDS
    )


def trend(count=12):
    return geoprofiles.chart_trend(trend_points(count), y_label=HARM, **WORDS)


def pyramid(ages=18):
    return geoprofiles.chart_pyramid(people(ages), whole_label=HARM, **WORDS)


def quintiles():
    return geoprofiles.chart_quintiles(
        quintile_rows(), y_label=HARM, line=((0.0, 9.0), (1.0, 3.0)), note=HARM, **WORDS
    )


def matrix(count=9):
    return geoprofiles.chart_matrix(scores(count), **WORDS)


def week():
    starts = pd.date_range("2026-06-01 17:00", periods=200, freq="11h")
    ends = starts + pd.to_timedelta(np.arange(200) % 17, unit="h")
    hours = geoprofiles.aoristic_hours(pd.DataFrame({"start": starts, "end": ends}), simulations=19)
    return geoprofiles.chart_week(hours, **WORDS)


def city_map(count=16, *, cells=True):
    """Squares with hostile names, one with a hole; cells, clusters, a point, water, a street."""
    side = int(np.ceil(np.sqrt(count)))
    squares = [
        box(1e3 * (at % side), 1e3 * (at // side), 1e3 * (at % side + 1), 1e3 * (at // side + 1))
        for at in range(count)
    ]
    wards = geopandas.GeoDataFrame({"area_name": names(count)}, geometry=squares, crs=27700)
    ring = Point(1500, 1500).buffer(400).difference(Point(1500, 1500).buffer(150))
    fills = geopandas.GeoDataFrame(
        {"paint": ["band", "cell"]}, geometry=[ring, box(0, 0, 500, 500)], crs=27700
    )
    clusters = geopandas.GeoDataFrame(
        {"significant": [True, False, False]},
        geometry=[Point(1500, 1500).buffer(450), Point(600, 600).buffer(40), Point(300, 900)],
        index=[1, 2, 3], crs=27700,
    )  # fmt: skip
    streets = geopandas.GeoDataFrame(
        geometry=[LineString([(100, 100), (900, 300)])], index=[1], crs=27700
    )
    water = geopandas.GeoDataFrame(geometry=[box(-500, -500, 5e3, 50)], crs=27700)
    return geoprofiles.chart_places(
        wards,
        fills=fills if cells else None,
        paints={
            "band": geoprofiles.Paint("#de6a35", HARM),
            "cell": geoprofiles.Paint("#74181c", "new hot spot", "N"),
        },
        clusters=clusters if cells else None,
        lines=streets if cells else None,
        context={"Water": water},
        told=HARM,
        **WORDS,
    )


MAKERS = (
    spine, funnel, ranked, comparators, control, trend, pyramid, quintiles, matrix, week, city_map,
)  # fmt: skip

SIZES = {
    "map of one": lambda: city_map(1, cells=False),
    "map of 400": lambda: city_map(400),
    "spine of one": lambda: spine(3, hostile=False),
    "spine of 83": lambda: spine(83),
    "funnel of 3": lambda: funnel(3),
    "funnel of 57": lambda: funnel(57),
    "funnel of 152": lambda: funnel(152, hostile=False),
    "ranked, one": lambda: ranked(1),
    "ranked, 152": lambda: ranked(152, hostile=False),
    "one place": lambda: comparators(1),
    "11 months": lambda: control(11, gap=()),
    "one month": lambda: control(1, gap=()),
    "300 months": lambda: control(300, gap=range(100, 130)),
    "one period": lambda: trend(1),
    "40 periods": lambda: trend(40),
    "single years": lambda: pyramid(91),
    "matrix of 2": lambda: matrix(2),
}
"""The same charts, small and large."""

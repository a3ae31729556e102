"""Profiles from ready tables: values, tests, trends, changes, charts; against loops with scipy.

python benchmarks/profiles.py [--case wards|small_areas|london]

Each case runs in a process of its own, so that its peak of memory is its own. The peers
(`peers.py`) are timed in the same process, where there are many areas on a part of them.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import warnings
from collections.abc import Callable
from itertools import islice

import geopandas
import numpy as np
import pandas as pd
import peers
from measure import interleaved, shared_data, versions
from shapely import box

import geoprofiles
from geoprofiles.indicators.benchmark import benchmarks
from geoprofiles.indicators.control import control_charts
from geoprofiles.indicators.spine import spine_positions
from geoprofiles.profile import build_profiles, profile_figures

YEARS = tuple(str(year) for year in range(2021, 2026))
MONTHS = pd.date_range("2021-01-01", periods=60, freq="MS")


class Case:
    """A made-up country: areas, what indicators mean, and their figures by month and by year."""

    def __init__(self, areas: int, indicators: int, people: float, *, months: bool) -> None:
        rng = np.random.default_rng(7)
        codes = np.array([f"E0{at:07d}" for at in range(areas)], dtype=object)
        names = np.array([f"i{at:02d}" for at in range(indicators)], dtype=object)
        self.areas = geopandas.GeoDataFrame(
            {"area_name": [f"Area {code}" for code in codes]},
            geometry=[box(at, 0, at + 1, 1) for at in range(areas)],
            index=pd.Index(codes, name="area_code"),
            crs=27700,
        )
        # One indicator in four is a proportion; the others are rates.
        portion = np.arange(indicators) % 4 == 3
        self.definitions = pd.DataFrame(
            {
                "topic": "Topic",
                "name": [f"Indicator {name}" for name in names],
                "polarity": np.where(np.arange(indicators) % 3, "high is bad", "neither"),
                "source": "made up",
                "method": np.where(portion, "proportion", "rate"),
                "multiplier": np.where(portion, 100, 1000),
                "unit": np.where(portion, "%", "per 1,000"),
            },
            index=pd.Index(names, name="indicator"),
        )
        size = people * rng.lognormal(0, 0.25, areas)
        level = rng.uniform(0.002, 0.08, indicators) * (1 + 2 * portion)
        # Areas differ by a third either way, and drift by a few in a hundred a year.
        expected = size[:, None] * level * rng.gamma(9, 1 / 9, (areas, indicators))
        drift = rng.normal(0, 0.04, (areas, indicators))
        shape = (areas, indicators, len(MONTHS) if months else len(YEARS))
        parts = 12 if months else 1
        at = np.arange(shape[2]) / parts
        mean = expected[:, :, None] * np.exp(drift[:, :, None] * at) / parts
        events = rng.poisson(mean).astype(np.int64)
        self.yearly = _table(codes, names, YEARS, _yearly(events, parts), np.ceil(size * 1.5))
        # Where there are no months, a year's events stand in its January.
        last = "12" if months else "01"
        self.periods = tuple((f"{year}-01", f"{year}-{last}") for year in (2024, 2025))
        self.counts = _counts(codes, names, events, months=months)
        self.monthly = None
        if months:
            self.monthly = _table(
                codes, names, [f"{one:%Y-%m}" for one in MONTHS], events, np.ceil(size * 1.5)
            )


def _yearly(events: np.ndarray, parts: int) -> np.ndarray:
    return events.reshape(*events.shape[:2], -1, parts).sum(axis=3)


def _table(codes, names, periods, events, size) -> pd.DataFrame:
    """Lay figures out long: one row for each area, indicator and period."""
    place, which, when = (one.ravel() for one in np.indices(events.shape))
    return pd.DataFrame(
        {
            "area_code": codes[place],
            "indicator": names[which],
            "period": np.array(periods, dtype=object)[when],
            "numerator": np.minimum(events.ravel(), size[place]),
            "denominator": size[place],
        }
    )


def _counts(codes, names, events, *, months: bool) -> pd.DataFrame:
    """Counts by month; a year's stand in its January where there are no months."""
    when = MONTHS if months else MONTHS[::12]
    place, which, at = (one.ravel() for one in np.indices(events.shape))
    return pd.DataFrame(
        {
            "area_code": codes[place],
            "area_name": codes[place],
            "month": when.to_numpy()[at],
            "category": pd.Categorical.from_codes(which, categories=names),
            "count": events.ravel(),
        }
    )


class Chain:
    """The steps of a run, in order, each on what those before it made."""

    def __init__(self, case: Case, told: int) -> None:
        self.case, self.told = case, told

    def values(self) -> None:
        self.every = geoprofiles.indicator_values(self.case.yearly, self.case.definitions)

    def months_valued(self) -> None:
        made = geoprofiles.indicator_values(self.case.monthly, self.case.definitions)
        self.monthly = geoprofiles.compare(made)

    def compare(self) -> None:
        self.compared = geoprofiles.compare(self.every)
        latest = self.compared["period"] == YEARS[-1]
        self.latest = self.compared[latest].reset_index(drop=True)

    def rest(self) -> None:
        self.tested = geoprofiles.compare_with_rest(self.latest)

    def benchmarks(self) -> None:
        self.beside = benchmarks(self.tested)

    def trends(self) -> None:
        self.trended = geoprofiles.trends(self.compared)

    def change(self) -> None:
        self.changes = geoprofiles.change_between(self.case.counts, *self.case.periods)

    def charts(self) -> None:
        self.charted = control_charts(self.case.counts)

    def funnels(self) -> None:
        groups = self.latest.groupby("indicator", sort=False)
        self.funnelled = [geoprofiles.funnel(rows) for _, rows in groups]

    def spine(self) -> None:
        """Join trends and changes as a run does, and place all on the spine."""
        keys = ["area_code", "indicator"]
        trend = self.trended[[*keys, "trend", "reason"]].rename(columns={"reason": "trend_reason"})
        change = self.changes.rename(columns={"category": "indicator"})
        change["indicator"] = change["indicator"].astype(object)
        change = change[[*keys, *CHANGES]].rename(columns=lambda one: CHANGES.get(one, one))
        self.joined = self.beside.merge(trend, on=keys).merge(change, on=keys)
        polarity = self.joined["indicator"].map(self.case.definitions["polarity"])
        self.placed = spine_positions(self.joined.assign(polarity=polarity))

    def figures(self) -> None:
        self.found = profile_figures(
            self.joined, areas=self.case.areas, definitions=self.case.definitions
        )

    def profiles(self) -> None:
        made = build_profiles(self.found, counts=self.case.counts, history=self.compared)
        self.made = list(islice(made, self.told))


CHANGES = {
    "before": "change_before", "after": "change_after", "percent": "change_percent",
    "lower": "change_lower", "upper": "change_upper", "q": "change_q", "verdict": "change_verdict",
}  # fmt: skip


def some_areas(table: pd.DataFrame, number: int) -> pd.DataFrame:
    return table[table["area_code"].isin(table["area_code"].drop_duplicates().head(number))]


def peers_of(chain: Chain, number: int) -> dict[str, Callable[[], object]]:
    """The peers, each on so many areas; whole groups where it looks at all areas together."""
    days = (365, 366) if chain.case.monthly is not None else (31, 31)
    found = {
        "values": lambda: peers.values(
            some_areas(chain.case.yearly, number), chain.case.definitions
        ),
        "compare": lambda: peers.compare(chain.every),
        "rest": lambda: peers.rest(some_areas(chain.latest, number)),
        "trends": lambda: peers.trends(some_areas(chain.compared, number)),
        "change": lambda: peers.change(some_areas(chain.changes, number), days[0] / days[1]),
        "funnels": lambda: peers.funnel(chain.latest),
    }
    if chain.case.monthly is not None:
        found["charts"] = lambda: peers.charts(some_areas(chain.case.counts, number))
    return found


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def report(case: Case, *, rounds: int, sample: int, told: int, charts: bool) -> None:
    """Time the chain, then the peers, round by round, and print them side by side."""
    chain, areas, memory = Chain(case, told), len(case.areas), [peak()]
    names = [
        *["values", "months_valued", "compare", "rest", "benchmarks", "trends", "change"],
        *["charts", "funnels", "spine", "figures", "profiles"],
    ]
    if not charts:
        names = [one for one in names if one not in {"months_valued", "charts"}]
    theirs = peers_of(chain, sample)
    times = interleaved(
        {name: getattr(chain, name) for name in names}
        | {"peak": lambda: memory.append(peak())}
        | {f"peer: {name}": run for name, run in theirs.items()},
        rounds,
        warm_up=rounds > 1,
    )
    scale = {name: areas / sample for name in theirs} | {"compare": 1.0, "funnels": 1.0}
    print("| step | seconds | peer / it |")
    print("| --- " * 3 + "|")
    for name in names:
        peer = times.get(f"peer: {name}")
        ratio = f"{peer * scale[name] / times[name]:,.1f}" if peer else ""
        what = f"{name}, {told:,} areas" if name == "profiles" else name
        print(f"| {what} | {times[name]:.2f} | {ratio} |")
    print(f"| all | {sum(times[name] for name in names):.2f} | |")
    print(f"\npeak memory {memory[1]:,.0f} MB, {memory[0]:,.0f} before the first step\n")


def london() -> None:
    """Changes and charts of London's wards, by offence and month."""
    path = shared_data() / "london" / "mps_ward_level_crime_202307_202506.csv.gz"
    wide = pd.read_csv(path)
    months = [one for one in wide if one.isdigit()]
    counts = wide.melt(
        ["WardCode", "MinorText"], months, var_name="month", value_name="count"
    ).rename(columns={"WardCode": "area_code", "MinorText": "category"})
    counts["month"] = pd.to_datetime(counts["month"], format="%Y%m")
    # A ward on the border of two boroughs may have a row in each.
    keys = ["area_code", "category", "month"]
    counts = counts.groupby(keys, as_index=False)["count"].sum()
    periods = ("2023-07", "2024-06"), ("2024-07", "2025-06")
    few = counts[counts["area_code"].isin(counts["area_code"].unique()[:40])]
    made: dict[str, pd.DataFrame] = {}

    def change() -> None:
        made["changes"] = geoprofiles.change_between(counts, *periods)

    times = interleaved(
        {
            "change": change,
            "peer: change": lambda: peers.change(made["changes"], 365 / 366),
            "charts": lambda: control_charts(few),
            "peer: charts": lambda: peers.charts(few),
        },
        rounds=1,
        warm_up=False,
    )
    changes, charts = len(made["changes"]), len(few[["area_code", "category"]].drop_duplicates())
    print("| what | number | seconds | peer / it |")
    print("| --- " * 4 + "|")
    for name, number in (("change", changes), ("charts", charts)):
        ratio = times[f"peer: {name}"] / times[name]
        print(f"| {name} | {number:,} | {times[name]:.2f} | {ratio:,.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", choices=["wards", "small_areas", "london"])
    case = parser.parse_args().case
    warnings.simplefilter("ignore")
    if case is None:
        print(versions("numpy", "pandas", "scipy"), "\n", flush=True)
        for one in ("wards", "small_areas", "london"):
            subprocess.run([sys.executable, __file__, "--case", one], check=True)
    elif case == "wards":
        print("17 wards, 80 indicators, 60 months (5 years)\n")
        report(Case(17, 80, 15_000, months=True), rounds=1, sample=17, told=17, charts=True)
    elif case == "small_areas":
        print("35,000 areas, 20 indicators, 5 years\n")
        made = Case(35_000, 20, 1_600, months=False)
        report(made, rounds=1, sample=200, told=1_000, charts=False)
    else:
        print("London: wards, offences, 24 months\n")
        london()


if __name__ == "__main__":
    main()

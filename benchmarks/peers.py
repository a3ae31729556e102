"""What an analyst would write in place of the profile chain: a loop by area, with scipy.stats.

Each does one step of `profiles.py`, or the part of it that SciPy and pandas offer; what is left out
is said. They are not wrong, only slow, and most know nothing of dispersion, ranks or phases.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize, stats

KEYS = ["indicator", "period"]


def values(table: pd.DataFrame, definitions: pd.DataFrame) -> list[tuple[float, float, float]]:
    """Exact limits row by row: chi-square for rates, `binomtest` for proportions."""
    method, per = definitions["method"].to_dict(), definitions["multiplier"].to_dict()
    found = []
    for row in table.itertuples():
        count, people, times = row.numerator, row.denominator, per[row.indicator]
        if method[row.indicator] == "rate":
            low = stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
            high = stats.chi2.ppf(0.975, 2 * count + 2) / 2
            found.append((count / people * times, low / people * times, high / people * times))
        else:
            wilson = stats.binomtest(int(count), int(people)).proportion_ci(method="wilson")
            found.append((count / people * times, wilson.low * times, wilson.high * times))
    return found


def compare(indicators: pd.DataFrame) -> pd.DataFrame:
    """The whole, the difference and the rank of each group by `apply`."""

    def beside(rows: pd.DataFrame) -> pd.DataFrame:
        per = (rows["value"] * rows["denominator"] / rows["numerator"]).median()
        whole = rows["numerator"].sum() / rows["denominator"].sum() * per
        rank = rows["value"].rank(method="min", ascending=False)
        return rows.assign(whole=whole, difference=rows["value"] - whole, rank=rank)

    return indicators.groupby(KEYS, group_keys=False)[list(indicators.columns)].apply(beside)


def rest(indicators: pd.DataFrame) -> list[np.ndarray]:
    """`binomtest` of each area's share of the events; no dispersion, no limits of ranks."""
    found = []
    for _, rows in indicators.groupby(KEYS):
        total, everyone = int(rows["numerator"].sum()), rows["denominator"].sum()
        p = [
            stats.binomtest(int(row.numerator), total, row.denominator / everyone).pvalue
            for row in rows.itertuples()
        ]
        found.append(stats.false_discovery_control(p))
    return found


def trends(indicators: pd.DataFrame) -> list[tuple[float, float]]:
    """A line weighted by the limits, by `curve_fit`, for each area and indicator."""
    found = []
    for _, rows in indicators.groupby(["area_code", "indicator"]):
        value = rows["value"].to_numpy()
        error = (rows["upper"] - rows["lower"]).to_numpy() / 3.92
        (slope, _), spread = optimize.curve_fit(
            lambda x, b, a: a + b * x, np.arange(len(value)), value, sigma=error,
            absolute_sigma=True,
        )  # fmt: skip
        found.append((slope, stats.norm.sf(abs(slope) / np.sqrt(spread[0, 0]))))
    return found


def change(before: pd.DataFrame, exposure: float) -> np.ndarray:
    """`poisson_means_test` row by row, then the false discovery rate; no dispersion."""
    p = [
        stats.poisson_means_test(int(row.after), exposure, int(row.before), 1).pvalue
        for row in before.itertuples()
    ]
    return stats.false_discovery_control(np.clip(p, 0, 1))


def funnel(indicators: pd.DataFrame) -> list[tuple[np.ndarray, np.ndarray]]:
    """Poisson limits of each area's expected count at 95%, from the quantiles; no spread."""
    found = []
    for _, rows in indicators.groupby(KEYS):
        expected = rows["numerator"].sum() / rows["denominator"].sum() * rows["denominator"]
        found.append(stats.poisson.interval(0.95, expected))
    return found


def charts(counts: pd.DataFrame) -> list[pd.DataFrame]:
    """A plain u-chart of each area and category, with the run of eight by a rolling window."""
    found = []
    for _, rows in counts.groupby(["area_code", "category"], observed=True):
        days = rows["month"].dt.days_in_month
        centre = rows["count"].sum() / days.sum()
        z = (rows["count"] / days - centre) / np.sqrt(centre / days)
        side = np.sign(z).rolling(8).sum().abs() == 8
        found.append(rows.assign(z=z, signal=(z.abs() > 3) | side))
    return found

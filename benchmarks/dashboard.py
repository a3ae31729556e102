"""The dashboard: its size and how long it takes to build, to load and to change, by its figures.

Figures are drawn at random for real areas: 80 indicators, each with limits, counts, ranks and
verdicts. The peer holds a part of that: a folium map with one layer for each of the 80 indicators
in their latest period, with a tooltip of five figures. Its files from the network are answered
from disk or with nothing, which favours it. "change" is the time from choosing another indicator
until map, table, charts and text are drawn again; for folium, from switching one layer on.

python benchmarks/dashboard.py
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
import warnings
from pathlib import Path

import folium
import geopandas
import numpy as np
import pandas as pd
from measure import shared_data, versions
from page import _from_disk
from playwright.sync_api import Page, sync_playwright

import geoprofiles

INDICATORS = 80
TOPICS = 8
ROUNDS = 7
CASES = ((17, 60), (17, 5), (300, 12), (300, 1))
"""Areas and periods."""

READY = {
    "geoprofiles": "document.querySelector('#ranking tr.chosen') !== null",
    "folium": "document.querySelectorAll('path.leaflet-interactive').length > 0",
}
CHANGE = {
    "geoprofiles": """() => { const list = document.getElementById('indicator');
      const start = performance.now(); list.value = list.options[1].value;
      list.dispatchEvent(new Event('change', { bubbles: true }));
      document.body.getBoundingClientRect(); return performance.now() - start; }""",
    "folium": """() => {
      const boxes = document.querySelectorAll('.leaflet-control-layers-selector');
      const start = performance.now(); boxes[1].click();
      document.body.getBoundingClientRect(); return performance.now() - start; }""",
}


def main() -> None:
    data = shared_data()
    warnings.simplefilter("ignore")
    print(versions("folium", "playwright"))
    print("| page | areas | indicators | periods | build, s | kB | load, ms | change, ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for number, periods in CASES:
            areas = areas_of(data, number)
            history = figures_of(areas, periods)
            pages = {"geoprofiles": ours}
            if periods == CASES[1][1] or periods == 1:
                pages["folium"] = theirs
            for title, make in pages.items():
                path = Path(name) / f"{title}_{number}_{periods}.html"
                start = time.perf_counter()
                make(areas, history, path)
                build = time.perf_counter() - start
                load, change = timed(browser, path, title)
                shown = periods if title == "geoprofiles" else 1
                print(
                    f"| {title} | {number} | {INDICATORS} | {shown} | {build:.1f} |"
                    f" {path.stat().st_size / 1000:,.0f} | {load:.0f} | {change:.0f} |"
                )
        browser.close()


def areas_of(data: Path, number: int) -> geopandas.GeoDataFrame:
    """Take real areas: Southampton's wards, or so many output areas of the city."""
    folder = data / "boundaries"
    if number == 17:
        return geoprofiles.read_areas(folder / "southampton_wards_2025.geojson")
    return geoprofiles.read_areas(folder / "southampton_oa_2011.geojson").iloc[:number]


def figures_of(areas: geopandas.GeoDataFrame, periods: int) -> pd.DataFrame:
    """Draw every figure at random."""
    rng = np.random.default_rng(1)
    labels = [f"{year}" for year in range(2026 - periods, 2026)]
    if periods > 12:
        labels = [str(one)[:7] for one in pd.date_range("2021-01-01", periods=periods, freq="MS")]
    keys = pd.MultiIndex.from_product(
        [[f"Indicator {n}" for n in range(INDICATORS)], labels, areas.index],
        names=["indicator", "period", "area_code"],
    )
    table = keys.to_frame(index=False)
    value = np.round(rng.gamma(4, 10, len(table)), 3)
    return table.assign(
        topic="Topic " + (table["indicator"].str[10:].astype(int) % TOPICS).astype(str),
        value=value, lower=np.round(value * 0.9, 3), upper=np.round(value * 1.1, 3),
        count=(value * 9).astype(int), whole=40.0, unit="per 1,000 residents",
        rank=1.0, ranked=len(areas), rank_lower=1.0, rank_upper=9.0,
        verdict="cannot be told from the rest", polarity="high is bad", method="Byar's limits",
    )  # fmt: skip


def ours(areas: geopandas.GeoDataFrame, history: pd.DataFrame, path: Path) -> None:
    latest = history[history["period"] == history["period"].iloc[-1]].reset_index(drop=True)
    kind = geoprofiles.DashboardKind("ward", areas, latest, history)
    page = geoprofiles.render_page(geoprofiles.build_dashboard([kind], title="City"))
    path.write_text(page, "utf-8")


def theirs(areas: geopandas.GeoDataFrame, history: pd.DataFrame, path: Path) -> None:
    latest = history[history["period"] == history["period"].iloc[-1]]
    web = areas[["area_name", "geometry"]].to_crs(4326)
    west, south, east, north = web.total_bounds
    page = folium.Map(location=[(south + north) / 2, (west + east) / 2], zoom_start=10, tiles=None)
    fields = ["area_name", "value", "lower", "upper", "count", "rank"]
    for place, (name, rows) in enumerate(latest.groupby("indicator", sort=False)):
        layer = web.join(rows.set_index("area_code")[fields[1:]])
        folium.GeoJson(
            layer, name=name, show=place == 0, tooltip=folium.GeoJsonTooltip(fields)
        ).add_to(page)
    folium.LayerControl(collapsed=False).add_to(page)
    page.save(path)


def timed(browser, path: Path, title: str) -> tuple[float, float]:
    """Return medians of load and of change, in milliseconds."""
    loads, changes = [], []
    for _ in range(ROUNDS):
        page: Page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.route("**/*", _from_disk)
        page.goto(path.as_uri())
        page.wait_for_function(READY[title])
        entry = "performance.getEntriesByType('navigation')[0].loadEventEnd"
        loads.append(float(page.evaluate(entry)))
        changes.append(float(page.evaluate(CHANGE[title])))
        page.close()
    return statistics.median(loads), statistics.median(changes)


if __name__ == "__main__":
    main()

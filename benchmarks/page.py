"""The page: its size by incidents and by places, and how long Chromium takes to load it.

Incidents are drawn from Southampton's own, so that they fall on its map points; "moved" gives
each a place of its own. The peer is the barest page there is, one choropleth by folium without
legend or figures. It asks the network for nine files; here Leaflet is answered from disk and
the others with nothing, which favours it.

python benchmarks/page.py
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import warnings
from pathlib import Path

import folium
import geopandas
import numpy as np
import pandas as pd
from measure import shared_data, versions
from playwright.sync_api import Page, Route, sync_playwright

import geoprofiles
from geoprofiles.publish.assets import leaflet_script, leaflet_style

WARDS = "boundaries/southampton_wards_2025.geojson"

PROJECT = """
title = "Southampton"
period = "all"
[[areas]]
kind = "ward"
file = "{wards}"
[[incidents]]
files = ["incidents.csv"]
columns = {{ category = "Crime type" }}
[[rates]]
name = "All incidents"
[[hotspots]]
name = "All incidents"
shown = true
"""

COLOURS = ("#f1eef6", "#bdc9e1", "#74a9cf", "#2b8cbe", "#045a8d")
NUMBERS = (1_000, 10_000, 100_000, 1_000_000)
MOVED = 100_000
ROUNDS = 9


def main() -> None:
    data = shared_data()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = incidents_of(data)
        pages = {"folium, one bare choropleth": bare_choropleth(data, folder / "bare.html")}
        drawn = {f"geoprofiles, {number:,} incidents": draw(rows, number) for number in NUMBERS}
        drawn[f"geoprofiles, {MOVED:,} incidents, moved"] = draw(rows, MOVED, moved=True)
        for place, (title, incidents) in enumerate(drawn.items()):
            pages[title] = our_page(data, folder / str(place), incidents)
        loads, heaps = load(pages)
        print(versions("folium", "playwright"))
        print("| page | places | kB | load in Chromium, ms | of the bare one | script memory, MB |")
        print("| --- | --- | --- | --- | --- | --- |")
        bare = next(iter(loads.values()))
        for title, path in pages.items():
            places = f"{places_of(drawn[title]):,}" if title in drawn else ""
            print(
                f"| {title} | {places} | {path.stat().st_size / 1000:,.0f} | {loads[title]:.0f} |"
                f" {loads[title] / bare:.1f} | {heaps[title]:.1f} |"
            )


def incidents_of(data: Path) -> pd.DataFrame:
    """Read what the incident files hold of places, months and categories."""
    columns = ["Month", "Longitude", "Latitude", "Crime type"]
    files = sorted((data / "police" / "southampton").glob("*/*-street.csv.gz"))
    return pd.concat([pd.read_csv(file, usecols=columns) for file in files], ignore_index=True)


def draw(rows: pd.DataFrame, number: int, *, moved: bool = False) -> pd.DataFrame:
    """Draw so many incidents from the real ones, each moved to a place of its own if wished."""
    rng = np.random.default_rng(1)
    drawn = rows.iloc[rng.integers(0, len(rows), number)].copy()
    if moved:
        drawn["Longitude"] += rng.normal(0, 4e-4, number)
        drawn["Latitude"] += rng.normal(0, 3e-4, number)
    return drawn


def places_of(incidents: pd.DataFrame) -> int:
    return len(incidents[["Longitude", "Latitude"]].drop_duplicates())


def our_page(data: Path, folder: Path, incidents: pd.DataFrame) -> Path:
    """Run a project on some incidents; return its page."""
    folder.mkdir()
    incidents.to_csv(folder / "incidents.csv", index=False)
    (folder / "project.toml").write_text(PROJECT.format(wards=data / WARDS))
    page = geoprofiles.run(folder / "project.toml", output=folder / "products").page
    return page.with_name("map.html")


def bare_choropleth(data: Path, path: Path) -> Path:
    """Draw the wards in colours with folium, and nothing else."""
    wards = geopandas.read_file(data / WARDS)
    page = folium.Map(location=[50.92, -1.40], zoom_start=12, tiles=None)
    folium.GeoJson(
        wards[["WD25CD", "geometry"]],
        style_function=lambda one: {"fillColor": COLOURS[int(one["id"]) % len(COLOURS)]},
    ).add_to(page)
    page.save(path)
    return path


def load(pages: dict[str, Path]) -> tuple[dict[str, float], dict[str, float]]:
    """Load pages in turn; return medians of their load time in ms and their script memory in MB."""
    times: dict[str, list[float]] = {title: [] for title in pages}
    heaps: dict[str, list[float]] = {title: [] for title in pages}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--enable-precise-memory-info"],
        )
        for _ in range(ROUNDS):
            for title, path in pages.items():
                page = browser.new_page()
                page.route("**/*", _from_disk)
                page.goto(path.as_uri())
                times[title].append(_milliseconds(page))
                heaps[title].append(page.evaluate("performance.memory.usedJSHeapSize") / 1e6)
                page.close()
        browser.close()
    return medians(times), medians(heaps)


def medians(values: dict[str, list[float]]) -> dict[str, float]:
    return {title: statistics.median(some) for title, some in values.items()}


def _milliseconds(page: Page) -> float:
    """Say when the page was loaded, its scripts run and its areas drawn."""
    if not page.locator("path.leaflet-interactive").count():
        raise SystemExit("the page has drawn no area")
    entry = "performance.getEntriesByType('navigation')[0].loadEventEnd"
    return float(page.evaluate(entry))


def _from_disk(route: Route) -> None:
    address = route.request.url
    if address.startswith("file:"):
        route.continue_()
    elif address.endswith("leaflet.js"):
        route.fulfill(body=leaflet_script(), content_type="text/javascript")
    elif address.endswith("leaflet.css"):
        route.fulfill(body=leaflet_style(), content_type="text/css")
    else:
        kind = "text/css" if address.endswith(".css") else "text/javascript"
        route.fulfill(body="", content_type=kind)


if __name__ == "__main__":
    main()

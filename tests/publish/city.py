"""A small made-up city for the tests of pages, and texts that mean harm."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
from shapely import Point, box

from geoprofiles.model import AreaLayer, HotspotLayer, Source

HOSTILE = (
    "<img src=x onerror=window.hacked=1>",
    "</script><script>window.hacked=1</script>",
    "${window.hacked=1}",
    "\\`${window.hacked=1}`",
    "{{ 7*7 }}",
    "{% for a in b %}",
    "{# unclosed {{",
    "'\"><svg onload=window.hacked=1>",
    "<!-- <script>",
    "\u202eRIGHT TO LEFT",
    "שכונה צפונית",
    "\u2028\u2029\x00\x1b\ufffe\uffff",
    "=HYPERLINK(1)",
    "W" * 80,
    "Llanfairpwllgwyngyll and the very long quarter of Saint Mary by the Old Water Tower Hill",
    "&lt;b&gt; &amp;",
    "javascript:window.hacked=1",
)


def square_city(count=17, *, side=1000.0):
    """`count` square wards in rows of five on the British National Grid."""
    corners = [(440000 + side * (n % 5), 110000 + side * (n // 5)) for n in range(count)]
    values = np.round(np.linspace(12.3, 259.1, count), 1)
    return geopandas.GeoDataFrame(
        {
            "area_name": [f"Ward {n + 1}" for n in range(count)],
            "rate": values,
            "lower": values - 4,
            "upper": values + 4,
            "count": (values * 11).astype(int),
        },
        geometry=[box(x, y, x + side, y + side) for x, y in corners],
        index=pd.Index([f"E{n:08d}" for n in range(count)], name="area_code"),
        crs=27700,
    )


COLUMNS = {"rate": "Rate", "lower": "Lower limit", "upper": "Upper limit", "count": "Incidents"}


def area_layer(areas=None, **changes):
    areas = square_city() if areas is None else areas
    highest = areas["rate"].max()
    facts = {
        "name": "All incidents",
        "kind": "ward",
        "areas": areas,
        "value": "rate",
        "unit": "per 1,000 residents, July 2025 to June 2026",
        "columns": COLUMNS,
        "breaks": (50.0, 100.0, 150.0, 200.0, highest),
        "note": "A made-up city.",
    }
    return AreaLayer(**(facts | changes))


def cluster_layer(**changes):
    shapes = geopandas.GeoDataFrame(
        {
            "label": ["Cluster 1", "Cluster 2", "Cluster 3 (single map point)"],
            "count": [1240, 88, 31],
            "places": [14, 5, 1],
        },
        geometry=[
            box(440300, 110300, 440800, 110900),
            box(442100, 111200, 442500, 111500),
            Point(443500, 112500),
        ],
        crs=27700,
    )
    facts = {
        "name": "Burglary: clusters",
        "kind": "clusters",
        "shapes": shapes,
        "unit": "incidents",
        "columns": {"count": "Incidents", "places": "Distinct places"},
        "note": "Not tested against chance.",
        "shown": True,
    }
    return HotspotLayer(**(facts | changes))


def density_layer(**changes):
    shapes = geopandas.GeoDataFrame(
        {
            "level": [1, 2, 3],
            "label": ["2 to 4 times the mean", "4 to 8 times the mean", "over 8 times the mean"],
            "lower": [10.0, 20.0, 40.0],
            "upper": [20.0, 40.0, np.inf],
        },
        geometry=[
            box(441000, 111000, 443000, 113000),
            box(441400, 111400, 442600, 112600),
            box(441800, 111800, 442200, 112200),
        ],
        crs=27700,
    )
    facts = {
        "name": "Burglary: density",
        "kind": "density",
        "shapes": shapes,
        "unit": "incidents per km² per year",
        "columns": {"lower": "From", "upper": "To"},
        "note": "Not tested against what is at risk.",
    }
    return HotspotLayer(**(facts | changes))


def whole_city():
    """The arguments of a map with every kind of thing on it."""
    wards = square_city()
    gappy = wards.assign(rate=wards["rate"].where(wards["rate"] > 40))
    quarters = square_city(45, side=600).assign(count=7)
    water = geopandas.GeoDataFrame(geometry=[box(438000, 108000, 446000, 109800)], crs=27700)
    return {
        "layers": [
            area_layer(wards),
            area_layer(gappy, name="Burglary", note=""),
            area_layer(quarters, kind="neighbourhood"),
        ],
        "hotspots": [density_layer(), cluster_layer()],
        "title": "Incidents in a made-up city",
        "subtitle": "Per 1,000 residents",
        "notes": ["Everything here is made up."],
        "sources": [Source("Made-up incidents", "MIT Licence", "Nobody's data")],
        "context": {"Water": water},
    }

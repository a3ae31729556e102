"""The page of one area: every figure of it, nothing that runs, nothing that a name can break."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

import geoprofiles
from geoprofiles.model import Profile, Source
from geoprofiles.publish.document import write_single
from geoprofiles.publish.profile_page import profile_document
from geoprofiles.publish.profiles.index import index_document
from geoprofiles.publish.spark import draw_spark

HOSTILE = "<script>alert(1)</script>\"'& {{7*7}}"


def render_profile(*given, **options) -> str:
    return write_single(profile_document(*given, **options))


def profile(**changes) -> Profile:
    figures = pd.DataFrame(
        {
            "area_code": ["A", "A", "B", "B"],
            "area_name": ["Mill", "Mill", "Quay", "Quay"],
            "topic": ["Incidents", "Health"] * 2,
            "indicator": ["Theft", "Smoking"] * 2,
            "period": ["June 2026", "2025"] * 2,
            "unit": ["per 1,000 residents", "%"] * 2,
            "value": [4.0, float("nan"), 2.0, 31.5],
            "lower": [1.1, float("nan"), 0.2, 28.0],
            "upper": [10.2, float("nan"), 7.2, 35.0],
            "count": [4.0, float("nan"), 2.0, 63.0],
            "denominator": 1000.0,
            "whole": [3.0, 30.0, 3.0, 30.0],
            "difference": 1.0,
            "rank": [1, pd.NA, 2, 1],
            "ranked": 2,
            "significance": ["worse", "not tested", "no clear difference", "no clear difference"],
            "verdict": "cannot be told from the rest",
            "q_adjusted": 1.0,
            "polarity": "high is bad",
            "method": ["exact Poisson limits", "suppressed at its source"] * 2,
            "source": "police",
            "change_before": [10.0, float("nan"), 5.0, float("nan")],
            "change_after": [4.0, float("nan"), 5.0, float("nan")],
            "change_percent": [-60.0, float("nan"), float("nan"), float("nan")],
            "change_lower": [-80.0] + [float("nan")] * 3,
            "change_upper": [-20.0] + [float("nan")] * 3,
            "change_q": [0.01] + [float("nan")] * 3,
            "change_verdict": ["fewer", None, "too few to say", None],
        }
    )
    counts = pd.DataFrame(
        {"area_code": ["A"], "month": pd.to_datetime(["2026-06-01"]), "category": "Theft",
         "count": [4]}
    )  # fmt: skip
    made = geoprofiles.build_profile("A", figures=figures, counts=counts, kind="ward")
    return replace(made, **changes)


class Tags(HTMLParser):
    """Every element and attribute of a page, and whether what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "br", "img", "hr", "input"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag


def tags(page: str) -> list[tuple[str, dict]]:
    parser = Tags()
    parser.feed(page)
    assert parser.open == []
    return parser.seen


def test_every_figure_stands_on_the_page():
    page = render_profile(profile(), title="Town", sources=[Source("data.police.uk", "OGL")])
    text = html.unescape(re.sub(r"<[^>]+>", " ", page))
    for wanted in (
        "Theft",
        "1.1 to 10.2",
        "Smoking",
        "suppressed at its source",
        "worse",
        "−60%",
        "−80% to −20%",
        "fewer",
        "data.police.uk. OGL",
        "highest of 2",
    ):
        assert wanted in text, wanted
    assert "Quay" not in text


def test_a_page_runs_nothing_and_fetches_nothing():
    seen = tags(render_profile(profile(), title="Town"))
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in seen}
    assert not any(name.startswith("on") or name == "style" for _, one in seen for name in one)
    policy = next(one["content"] for tag, one in seen if "http-equiv" in one)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_hostile_names_are_text():
    hostile = profile(
        area_name=HOSTILE, neighbours=(HOSTILE,), headlines=(HOSTILE,), nation=HOSTILE,
        hotspots=pd.DataFrame({"label": [HOSTILE], "count": [3], "places": [2], "inside": [0.5]}),
    )  # fmt: skip
    frame = hostile.figures.assign(indicator=HOSTILE, topic=HOSTILE, source=HOSTILE, national=1.0)
    page = render_profile(
        replace(hostile, figures=frame), title=HOSTILE, notes=[HOSTILE], headline=[HOSTILE]
    )
    assert not any(tag == "script" for tag, _ in tags(page))
    assert "<script>alert" not in page
    index = write_single(index_document([(hostile, "mill.html")], title=HOSTILE, kind="ward"))
    assert not any(tag == "script" for tag, _ in tags(index))


def test_tables_have_captions_scopes_and_names():
    seen = tags(render_profile(profile(), title="Town"))
    heads = [one for tag, one in seen if tag == "th"]
    assert heads
    assert all(one.get("scope") in {"row", "col", "rowgroup"} for one in heads)
    regions = [one for tag, one in seen if one.get("role") == "region"]
    ids = {one.get("id") for _, one in seen}
    assert regions
    assert all(one["aria-labelledby"] in ids and one["tabindex"] == "0" for one in regions)
    every = [one["id"] for _, one in seen if "id" in one]
    assert len(every) == len(set(every))


def test_no_hot_spot_is_said_and_neighbours_are_led_to():
    empty = pd.DataFrame(columns=["label", "count", "places", "inside"])
    page = render_profile(
        profile(hotspots=empty, neighbours=("Quay", "Hill")), title="Town",
        links={"Quay": "quay.html", "all": "index.html"},
    )  # fmt: skip
    assert "No cluster of incidents reaches into this ward." in page
    targets = [one["href"] for tag, one in tags(page) if tag == "a" and ".html" in one["href"]]
    assert targets == ["index.html", "quay.html"]


@pytest.mark.parametrize("values", [[1.0, float("nan"), 3.0, 4.0], [2.0, 2.0, 2.0, 2.0]])
def test_a_spark_never_crosses_what_is_not_known(values):
    history = pd.DataFrame({"period": ["2022", "2023", "2024", "2025"], "value": values})
    drawn = draw_spark(history)
    pieces = re.search(r'd="([^"]+)"', drawn)[1]
    gaps = sum(value != value for value in values)
    assert pieces.count("M") == 1 + gaps
    assert pieces.count("M") + pieces.count("L") == 4 - gaps
    if gaps:
        assert "2023: no data" in drawn


def test_a_spark_never_crosses_a_break():
    history = pd.DataFrame(
        {"period": ["2023", "2024", "2025"], "value": [9.0, 3.0, 3.5], "segment": [0, 1, 1]}
    )
    pieces = re.search(r'd="([^"]+)"', draw_spark(history))[1]
    assert (pieces.count("M"), pieces.count("L")) == (2, 1)


def test_the_same_profile_gives_the_same_bytes():
    assert render_profile(profile(), title="Town") == render_profile(profile(), title="Town")

"""Hot-spot questions: what is told where the data allow it, and why not where they do not."""

from __future__ import annotations

import re

import geopandas
import numpy as np
import pandas as pd
import pytest
import toy
from shapely import Point
from shapely.geometry import shape

import geoprofiles
from geoprofiles.errors import InputError
from geoprofiles.model import Source
from geoprofiles.pipeline.foresight import FEWEST, foresight_of, worth
from geoprofiles.pipeline.pattern import pattern_of
from geoprofiles.pipeline.periods import Period
from geoprofiles.publish.document import write_single
from geoprofiles.publish.hotspot_page import Section, hotspot_document
from geoprofiles.settings import Hotspot


def held(months, *, each=60, seed=3):
    """Places by month: most incidents round one corner, the others anywhere."""
    rng = np.random.default_rng(seed)
    parts = []
    for month in months:
        near = rng.normal((600, 700), 60, (2 * each // 3, 2))
        anywhere = rng.uniform(0, 3000, (each - len(near), 2))
        points = np.clip(np.concatenate([near, anywhere]), 1, 2999)
        parts.append(
            pd.DataFrame(
                {"easting": points[:, 0] + toy.WEST, "northing": points[:, 1] + toy.SOUTH,
                 "month": month, "category": "Theft", "rows": 1}
            )
        )  # fmt: skip
    frame = pd.concat(parts, ignore_index=True)
    frame.attrs["crs"] = "EPSG:27700"
    return frame


MONTHS = pd.date_range("2024-07-01", "2026-06-01", freq="MS")
PERIOD = Period(pd.Timestamp("2025-07-01"), pd.Timestamp("2026-06-01"), 12)
EARLIER = Period(pd.Timestamp("2024-07-01"), pd.Timestamp("2025-06-01"), 12)


def test_a_bandwidth_comes_from_later_months_and_its_runner_up_is_told():
    sight = foresight_of(held(MONTHS), Hotspot("Theft"), PERIOD, toy.areas())
    near = sight.tested[sight.tested["area_share"] <= 0.05]
    means = near.dropna(subset="bandwidth").groupby("bandwidth")["captured"].mean()
    # Two thirds lie within some 100 m of one corner, so that a narrow one foretells best.
    assert sight.bandwidth <= 600
    assert means[sight.bandwidth] >= means.max() - 0.001
    assert means[sight.bandwidth] > means[2800] + 0.1
    assert sight.reason.startswith("forward test")
    assert re.search(r"next [\d,]+ m, ", sight.reason)
    assert "last year's counts" in sight.reason


def test_the_share_foretold_is_what_counting_by_hand_gives():
    frame = held(MONTHS)
    sight = foresight_of(frame, Hotspot("Theft", bandwidth=300, cell=100), PERIOD, toy.areas())
    cells = geoprofiles.grid_over(toy.areas(), cell=100)
    shares = []
    for first in pd.to_datetime(["2025-10-01", "2026-01-01", "2026-04-01"]):
        known = geoprofiles.distinct_places(frame[frame["month"] < first])
        surface = geoprofiles.hotspot_kde(known, cells, bandwidth=300, edge="diggle")
        densest = surface["density"].nlargest(9).index  # 1% of 900 cells
        later = frame[frame["month"].between(first, first + pd.DateOffset(months=2))]
        counts = geoprofiles.count_places(geoprofiles.distinct_places(later), cells)
        shares.append(counts[densest].sum() / counts.sum())
    told = worth(sight.tested, 300.0, 0.01)
    assert told["captured"] == pytest.approx(np.mean(shares))
    assert (told["lowest"], told["highest"]) == pytest.approx((min(shares), max(shares)))
    assert sight.reason == "said by the project"


@pytest.mark.parametrize(
    ("months", "each", "why"),
    [
        (MONTHS[:13], 60, "13 months are too few"),
        (MONTHS, FEWEST // 6, "incidents in 3 months are too few"),
    ],
)
def test_where_it_cannot_be_foretold_likelihood_decides_and_that_is_said(months, each, why):
    period = Period(months[0], months[-1], len(months))
    frame = held(months, each=each)
    sight = foresight_of(frame, Hotspot("Theft"), period, toy.areas())
    likely = geoprofiles.bandwidth_likelihood(
        geoprofiles.distinct_places(frame), toy.areas(), kernel="quartic"
    )
    assert sight.bandwidth == likely.attrs["chosen"]
    assert why in sight.reason
    assert sight.tested is None


@pytest.mark.parametrize(("kernel", "times"), [("quartic", 1), ("gaussian", 8**-0.5)])
def test_on_map_points_a_rule_is_taken_in_the_measure_of_the_kernel(kernel, times):
    period = Period(MONTHS[0], MONTHS[5], 6)
    frame = held(MONTHS[:6])
    points = geoprofiles.distinct_places(frame)
    sight = foresight_of(frame, Hotspot("Theft", kernel=kernel), period, toy.areas(), points=points)
    rule, _ = geoprofiles.suggest_bandwidth(toy.areas(), places=points)
    assert sight.bandwidth == pytest.approx(rule * times, rel=0.005)
    assert "stand on map points" in sight.reason


def test_cells_that_gather_more_and_more_are_found_and_others_are_not():
    frame = held(MONTHS)
    # From July 2025 on, half as many again lie in four cells of the north-east, in turn.
    more = held(MONTHS[12:], each=40)
    turn = np.arange(len(more))
    more["easting"] = toy.WEST + np.where(turn % 2, 2600.0, 2400.0)
    more["northing"] = toy.SOUTH + np.where(turn // 2 % 2, 2600.0, 2400.0)
    both = pd.concat([frame, more], ignore_index=True)
    both.attrs = frame.attrs
    found = pattern_of(both, PERIOD, EARLIER, toy.areas(), since=MONTHS[0])
    cell = found.cells[found.cells.contains(Point(toy.WEST + 2600, toy.SOUTH + 2600))].iloc[0]
    assert (cell["before"], cell["count"]) == (
        _near(frame, MONTHS[:12]), _near(frame, MONTHS[12:]) + 120,
    )  # fmt: skip
    assert cell["change"] == "more"
    # Hot for two years are the cells by the corner where most lie, and those alone.
    hot = found.cells[found.cells["kind"].str.endswith("hot spot")]
    assert (hot["hot_steps"] >= 9).all()
    assert (hot.distance(Point(toy.WEST + 600, toy.SOUTH + 700)) < 500).all()
    assert len(hot) >= 3
    assert 4 <= (found.cells["change"] == "more").sum() <= 5
    assert found.steps == 24


def _near(frame, months):
    x, y = frame["easting"] - toy.WEST, frame["northing"] - toy.SOUTH
    inside = x.between(2500, 2750) & y.between(2500, 2750) & frame["month"].isin(months)
    return int(inside.sum())


def test_a_gap_is_no_month_without_incidents():
    frame = held(MONTHS)
    found = pattern_of(frame, PERIOD, None, toy.areas(), since=pd.Timestamp("2025-10-01"))
    assert "kind" not in found.cells
    assert any("not classified over time" in note for note in found.notes)


def test_hostile_words_are_text_on_the_page():
    harm = "<img src=x onerror=window.hacked=1>"
    made = hotspot_document(
        harm,
        title=harm,
        subtitle=harm,
        findings=[harm],
        sections=[Section("Where", [harm], table=pd.DataFrame({harm: [harm], "n": ["1"]}),
                          numeric=["n"], after=[harm])],
        notes=[harm],
        sources=[Source(harm)],
        links={harm: "x.html"},
    )  # fmt: skip
    page = write_single(made)
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=window.hacked=1&gt;") >= 10


def test_a_window_weighs_density_by_time_and_counts_what_is_mostly_within(tmp_path):
    (tmp_path / "burglaries.csv").write_text(
        "Offence,From,To,Easting,Northing\n"
        + "".join(
            f"Burglary,2026-06-{day:02d} {start},2026-06-{day + 1:02d} {end},"
            f"{toy.WEST + 500 + day},{toy.SOUTH + 700}\n"
            for day in range(1, 21)
            # 18:00 to 08:00 lies for 8 of 14 hours in the window; 12:00 to 04:00 for 6 of 16.
            for start, end in ((("18:00", "08:00"), ("12:00", "04:00"))[day % 2],)
        )
    )
    toy.areas().to_file(tmp_path / "wards.geojson")
    (tmp_path / "geoprofiles.toml").write_text(
        'title = "Town"\n[[areas]]\nkind = "ward"\nfile = "wards.geojson"\n'
        '[[incidents]]\nfiles = ["burglaries.csv"]\nsource_crs = "EPSG:27700"\n'
        '[incidents.columns]\ncategory = "Offence"\nstart = "From"\nend = "To"\n'
        'easting = "Easting"\nnorthing = "Northing"\n'
        '[[hotspots]]\nname = "By night"\nwindow = "22:00 to 06:00"\n'
    )
    result = geoprofiles.run(tmp_path / "geoprofiles.toml", output=tmp_path / "out")
    page = (result.folder / "hotspots" / "by_night.html").read_text()
    assert "10 incidents at 10 distinct places" in page
    assert "more than half of their time in 22:00 to 06:00" in page
    cells = geopandas.read_file(result.folder / "hotspots" / "hotspots.gpkg",
                                layer="by_night_density")  # fmt: skip
    a_year = (cells["density"] * cells["area_km2"]).sum()
    # Twenty incidents of one month, each by its share of the window.
    assert a_year / 12 == pytest.approx(10 * 8 / 14 + 10 * 6 / 16, rel=1e-6)


def test_hours_of_data_without_times_are_refused_with_the_file(tmp_path):
    toy.areas().to_file(tmp_path / "wards.geojson")
    (tmp_path / "town.csv").write_text(
        f"Offence,Month,Easting,Northing\nTheft,2026-06,{toy.WEST + 5},{toy.SOUTH + 5}\n"
    )
    (tmp_path / "geoprofiles.toml").write_text(
        'title = "Town"\n[[areas]]\nkind = "ward"\nfile = "wards.geojson"\n'
        '[[incidents]]\nfiles = ["town.csv"]\nsource_crs = "EPSG:27700"\n'
        '[[hotspots]]\nname = "By night"\nwindow = "22:00 to 06:00"\n'
    )
    with pytest.raises(InputError, match="asks of hours, and 'incidents' has no start times"):
        geoprofiles.run(tmp_path / "geoprofiles.toml", output=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('window = "22-06"', "'window' of .* cannot be '22-06'"),
        ('window = "25:00 to 06:00"', "cannot be '25:00 to 06:00'"),
        ('window = "22:00 to 06:00"\nweekdays = ["Freitag"]', "cannot hold 'Freitag'"),
        ('weekdays = ["Friday"]', "has 'weekdays' and no 'window'"),
    ],
)
def test_hours_that_are_none_are_refused_with_their_line(tmp_path, line, told):
    (tmp_path / "geoprofiles.toml").write_text(
        'title = "Town"\n[[areas]]\nkind = "ward"\nfile = "wards.geojson"\n'
        f'[[incidents]]\nfiles = ["town.csv"]\n[[hotspots]]\nname = "By night"\n{line}\n'
    )
    with pytest.raises(InputError, match=told) as caught:
        geoprofiles.read_project(tmp_path / "geoprofiles.toml")
    assert "geoprofiles.toml" in str(caught.value)


def project(tmp_path, rows, more=""):
    """Write a project of a town with some incidents by month; the path of its file."""
    toy.areas().to_file(tmp_path / "wards.geojson")
    (tmp_path / "town.csv").write_text("Offence,Month,Easting,Northing\n" + "\n".join(rows) + "\n")
    (tmp_path / "geoprofiles.toml").write_text(
        'title = "Town"\n[[areas]]\nkind = "ward"\nfile = "wards.geojson"\n'
        f'[[incidents]]\nfiles = ["town.csv"]\nsource_crs = "EPSG:27700"\n{more}'
    )
    return tmp_path / "geoprofiles.toml"


def spread(months, each=20, seed=5):
    points = np.random.default_rng(seed).uniform(1, 2999, (len(months), each, 2)).round()
    return [
        f"Theft,{month:%Y-%m},{toy.WEST + x:.0f},{toy.SOUTH + y:.0f}"
        for month, some in zip(months, points, strict=True)
        for x, y in some
    ]


def test_a_question_of_one_incident_does_not_stop_the_others(tmp_path):
    rare = [f"Arson,{month},{toy.WEST + 900},{toy.SOUTH + 900}" for month in ("2025-01", "2026-01")]
    file = project(
        tmp_path,
        [*spread(MONTHS), *rare],
        '[[hotspots]]\nname = "Theft"\ncategories = ["Theft"]\n'
        '[[hotspots]]\nname = "Arson"\ncategories = ["Arson"]\n',
    )
    result = geoprofiles.run(file, output=tmp_path / "out")
    pages = {path.name for path in (result.folder / "hotspots").glob("*.html")}
    assert pages == {"theft.html", "arson.html"}
    assert "1 incidents at 1 distinct" in (result.folder / "hotspots" / "arson.html").read_text()


def test_questions_of_like_names_each_have_their_page(tmp_path):
    more = "".join(f'[[hotspots]]\nname = "{name}"\n' for name in ("Theft!", "theft?", "index"))
    result = geoprofiles.run(project(tmp_path, spread(MONTHS[:3]), more), output=tmp_path / "out")
    pages = {path.name for path in (result.folder / "hotspots").glob("*.html")}
    assert pages == {"theft.html", "theft_2.html", "index.html"}
    assert '<h1 dir="auto">theft?</h1>' in (result.folder / "hotspots/theft_2.html").read_text()


def test_streets_far_from_a_question_are_no_reason_to_stop(tmp_path):
    line = {"type": "LineString", "coordinates": [[toy.WEST, toy.SOUTH + 9000],
                                                  [toy.WEST + 3000, toy.SOUTH + 9000]]}  # fmt: skip
    streets = geopandas.GeoDataFrame({"name": ["Far"]}, geometry=[shape(line)], crs=27700)
    streets.to_file(tmp_path / "streets.geojson")
    file = project(tmp_path, spread(MONTHS[:3]))
    file.write_text('streets = "streets.geojson"\n' + file.read_text())
    result = geoprofiles.run(file, output=tmp_path / "out")
    page = (result.folder / "hotspots" / "all_incidents.html").read_text()
    assert "no place lies within 75 m of a street" in page


def test_a_last_month_without_the_question_is_a_month(tmp_path):
    frame = held(MONTHS[:-1])
    found = pattern_of(frame, PERIOD, EARLIER, toy.areas(), since=MONTHS[0])
    assert found.steps == 24

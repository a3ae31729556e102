"""The fictional city: the committed files are those the code makes, and hold what they say."""

from __future__ import annotations

import csv
import gzip
import io
import json

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import stats

import geoprofiles
from geoprofiles.crs import project
from geoprofiles.errors import OutputError
from geoprofiles.sample import sample_files
from geoprofiles.sample.events import CATEGORIES
from geoprofiles.write import sha256

KINDS = ("small_areas", "neighbourhoods", "wards", "localities")


@pytest.fixture(scope="module")
def files():
    return sample_files()


@pytest.fixture(scope="module")
def street(repository):
    """All street rows, read without our readers, with metres."""
    paths = sorted((repository / "data" / "incidents").glob("*/*.csv.gz"))
    rows = pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)
    rows["x"], rows["y"] = project(
        rows["Longitude"].to_numpy(), rows["Latitude"].to_numpy(), source=4326, target=27700
    )
    return rows


@pytest.fixture(scope="module")
def truth(repository):
    return json.loads((repository / "data" / "planted_truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def areas(repository):
    return {
        kind: geopandas.read_file(repository / "boundaries" / f"port_averley_{kind}.geojson")
        for kind in KINDS
    }


def test_the_committed_tables_are_those_the_code_makes(files, repository):
    for name, content in files.items():
        committed = (repository / name).read_bytes()
        if name.endswith(".gz"):
            assert gzip.decompress(committed) == gzip.decompress(content), name
        elif not name.endswith((".geojson", "registry.csv")):
            assert committed == content, name


def test_the_committed_boundaries_are_those_the_code_makes(files, repository):
    """To a tenth of a metre: another version of GEOS may begin a ring elsewhere."""
    for name in [one for one in files if one.endswith(".geojson")]:
        made = geopandas.read_file(io.BytesIO(files[name]))
        committed = geopandas.read_file(repository / name)
        assert made.drop(columns="geometry").equals(committed.drop(columns="geometry"))
        same = shapely.equals_exact(
            shapely.normalize(made.geometry.to_numpy()),
            shapely.normalize(committed.geometry.to_numpy()),
            tolerance=1e-6,
        )
        assert same.all(), name


def test_nothing_is_committed_that_the_code_does_not_make(files, repository):
    for folder in ("boundaries", "data"):
        found = {
            path.relative_to(repository).as_posix()
            for path in (repository / folder).rglob("*")
            if path.is_file() and "raw" not in path.parts
        }
        assert found <= set(files), found - set(files)


def test_the_registry_tells_the_truth(repository):
    with (repository / "boundaries" / "registry.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 6
    for row in rows:
        path = repository / "boundaries" / row["file"]
        assert sha256(path.read_bytes()) == row["sha256"]
        columns = set(geopandas.read_file(path).columns)
        assert {row["code_column"], row["name_column"]} - {""} <= columns


def test_it_is_small(repository):
    paths = [*(repository / "boundaries").rglob("*"), *(repository / "data").rglob("*")]
    assert sum(path.stat().st_size for path in paths if path.is_file()) < 6_500_000


def test_areas_are_valid_and_leave_neither_gaps_nor_overlaps(areas):
    whole = shapely.union_all(areas["small_areas"].geometry.to_numpy())
    for kind, frame in areas.items():
        shapes = frame.geometry.to_numpy()
        assert shapely.is_valid(shapes).all()
        assert (shapely.get_type_id(shapes) == 3).all(), kind  # one polygon each
        assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-9), kind
        assert shapely.union_all(shapes).symmetric_difference(whole).area < 1e-12, kind
        assert frame[frame.columns[1]].is_unique


def test_areas_nest_exactly(areas, repository):
    lookup = pd.read_csv(repository / "data" / "lookup.csv").set_index("SA21CD")
    small = areas["small_areas"].set_index("SA21CD")
    codes = {"neighbourhoods": "NBH25CD", "wards": "WD25CD", "localities": "LOC25CD"}
    for kind, code in codes.items():
        large = areas[kind].set_index(code)
        parents = large.geometry.loc[lookup[code].reindex(small.index)].to_numpy()
        inside = shapely.area(shapely.intersection(small.geometry.to_numpy(), parents))
        assert inside == pytest.approx(shapely.area(small.geometry.to_numpy()), rel=1e-9)


def test_street_files_have_the_published_layout(repository, street):
    paths = sorted((repository / "data" / "incidents").glob("*/*-port-averley-street.csv.gz"))
    months = [path.name[:7] for path in paths]
    assert months == [str(one) for one in pd.period_range("2023-07", "2026-06", freq="M")]
    heading = gzip.decompress(paths[0].read_bytes()).decode().splitlines()[0]
    assert heading == (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
        "Crime type,Last outcome category,Context"
    )
    asb = street["Crime type"] == "Anti-social behaviour"
    assert street.loc[asb, "Crime ID"].isna().all()
    assert street.loc[~asb, "Crime ID"].is_unique
    assert set(street["Crime type"]) == set(CATEGORIES)
    assert street["Reported by"].str.contains("fictional").all()
    assert 0.005 < street["Longitude"].isna().mean() < 0.02
    located = street.dropna(subset="Longitude")
    assert len(located[["Longitude", "Latitude"]].drop_duplicates()) < len(located) / 10


def test_people_are_believable(repository):
    people = pd.read_csv(repository / "data" / "population_by_age.csv")
    totals = people.groupby("year")["population"].sum()
    assert totals.between(170_000, 200_000).all()
    assert (people["population"] >= 0).all()
    assert len(people) == 160 * 3 * 2 * 18
    latest = people[people["year"] == 2025]
    young = latest.loc[latest["age"].isin(["0-4", "5-9", "10-14"]), "population"].sum()
    assert 0.12 < young / latest["population"].sum() < 0.25


def inside(rows: pd.DataFrame, spot: dict) -> pd.Series:
    return np.hypot(rows["x"] - spot["easting"], rows["y"] - spot["northing"]) <= spot["radius_m"]


def test_planted_hot_spots_stand_out(street, truth):
    """Within the circle the category takes a far larger part than within the city."""
    located = street.dropna(subset="x")
    for spot in truth["hotspots"]:
        months = located["Month"].between(spot["first_month"], spot["last_month"])
        here = inside(located, spot) & months
        own = located["Crime type"] == spot["category"]
        share = (here & own).sum() / here.sum()
        usual = (own & months).sum() / months.sum()
        assert spot["places"] >= 3, spot["name"]
        assert (here & own).sum() >= 15, spot["name"]
        assert share > 3 * usual, spot["name"]


def test_new_and_fading_hot_spots_are_so(street, truth):
    for spot in truth["hotspots"]:
        own = street[(street["Crime type"] == spot["category"]) & inside(street, spot)]
        during = own["Month"].between(spot["first_month"], spot["last_month"])
        months = pd.period_range(spot["first_month"], spot["last_month"], freq="M").size
        if months == 36:
            continue
        rate, other = during.sum() / months, (~during).sum() / (36 - months)
        assert rate > 4 * other, spot["name"]


def ward_counts(street, areas, ward, category, month):
    shape = areas["wards"].set_index("WD25NM").to_crs(27700).geometry[ward]
    own = street[(street["Crime type"] == category) & street["x"].notna()]
    held = own[shapely.contains_xy(shape, own["x"], own["y"])]
    return int((held["Month"] < month).sum()), int((held["Month"] >= month).sum())


def test_planted_changes_are_there(street, areas, truth):
    for change in truth["changes"]:
        before, after = ward_counts(
            street, areas, change["ward"], change["category"], change["from_month"]
        )
        # Given their sum, the later count is binomial (Przyborowski and Wilenski 1940).
        planted = change["times"] / (change["times"] + 2)
        assert stats.binomtest(after, before + after, planted).pvalue > 0.005
        assert stats.binomtest(after, before + after, 1 / 3).pvalue < 0.01


def test_constant_wards_stay_within_chance(street, areas, truth):
    for ward in truth["constant_wards"]:
        before, after = ward_counts(street, areas, ward, "Violence and sexual offences", "2025-07")
        assert stats.binomtest(after, before + after, 1 / 3).pvalue > 0.01


def test_the_recording_break_is_there(street, truth):
    own = street[street["Crime type"] == truth["recording_break"]["category"]]
    after = own["Month"] >= truth["recording_break"]["from_month"]
    ratio = (after.sum() / 24) / ((~after).sum() / 12)
    assert ratio == pytest.approx(truth["recording_break"]["times"], rel=0.06)


def test_commercial_burglaries_carry_what_is_planted(repository, truth):
    rows = pd.read_csv(repository / "data" / "commercial_burglary.csv")
    rows["x"], rows["y"] = rows["Easting"], rows["Northing"]
    assert len(rows) == 1_500
    spot = truth["commercial_burglary"]
    assert inside(rows, spot).mean() > 0.05
    start = pd.to_datetime(rows["From"], format="%d/%m/%Y %H:%M")
    end = pd.to_datetime(rows["To"], format="%d/%m/%Y %H:%M")
    assert 0 < end.isna().mean() < 0.05
    assert 0 < (end < start).sum() < 15
    overnight = (end - start) > pd.Timedelta(hours=10)
    assert overnight.mean() > 0.6
    assert rows[["x", "y"]].duplicated().sum() >= 60


def test_commercial_burglaries_lie_ashore_and_fill_every_month(repository, areas):
    rows = pd.read_csv(repository / "data" / "commercial_burglary.csv")
    land = shapely.union_all(areas["localities"].to_crs(27700).geometry.to_numpy())
    assert shapely.contains_xy(land, rows["Easting"], rows["Northing"]).all()
    start = pd.to_datetime(rows["From"], format="%d/%m/%Y %H:%M")
    months = start.dt.to_period("M").value_counts()
    assert len(months) == 36
    assert months.min() > 0.5 * months.mean()  # no month is cut short


def test_elsewhere_incidents_follow_the_people_at_risk_in_every_small_area(
    street, areas, truth, repository
):
    """Pearson's dispersion is 1 where nothing but chance is at work; df 134, so within 0.3."""
    data = repository / "data"
    people = pd.read_csv(data / "population_by_age.csv").query("year == 2025")
    residents = people.groupby("area_code")["population"].sum()
    households = pd.read_csv(data / "households.csv").set_index("area_code")["population"]
    follows = {
        "Burglary": households,
        "Criminal damage and arson": residents,
        "Other crime": residents,
        "Vehicle crime": residents,
    }
    shapes = areas["small_areas"].set_index("SA21CD").to_crs(27700).geometry
    spots = [
        shapely.Point(one["easting"], one["northing"]).buffer(one["radius_m"] + 250)
        for one in truth["hotspots"]
        if one["category"] in follows
    ]
    kept = shapes.index[~shapes.intersects(shapely.union_all(spots))]
    found, expected = np.zeros(len(kept)), np.zeros(len(kept))
    for category, at_risk in follows.items():
        own = street[street["Crime type"] == category].groupby("LSOA code").size()
        own = own.reindex(kept, fill_value=0).to_numpy()
        base = at_risk.reindex(kept).to_numpy()
        found, expected = found + own, expected + base / base.sum() * own.sum()
    assert ((found - expected) ** 2 / expected).sum() / (len(kept) - 1) < 1.3


def test_the_number_of_incidents_scales_and_the_ground_does_not():
    few, many = sample_files(incidents=300), sample_files(incidents=3_000)
    assert few["boundaries/registry.csv"] == many["boundaries/registry.csv"]

    def rows(files):
        return sum(
            gzip.decompress(content).count(b"\n") - 1
            for name, content in files.items()
            if name.endswith(".gz")
        )

    assert rows(few) == pytest.approx(300, abs=10)
    assert rows(many) == pytest.approx(3_000, abs=10)


def test_a_folder_with_anything_in_it_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        geoprofiles.write_sample(tmp_path, incidents=100)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]

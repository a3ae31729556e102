"""Parquet and GeoParquet, in and out, give what the same rows give as CSV and GeoJSON."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
import toy

import geoprofiles
from geoprofiles.errors import InputError, MissingDependencyError
from geoprofiles.publish.columnar import render_geoparquet, render_parquet
from geoprofiles.read import read_areas, read_incidents

pytest.importorskip("pyarrow")


def calls(number=500) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    hours = pd.to_timedelta(rng.integers(0, 1200, number), "h")
    easting = toy.WEST + rng.random(number) * 4e3
    return pd.DataFrame(
        {
            "ref": [f"{n % 450:05d}" for n in range(number)],
            "date": pd.Timestamp("2026-05-01") + hours,
            "easting": np.where(rng.random(number) < 0.05, np.nan, easting),
            "northing": toy.SOUTH + rng.random(number) * 3e3,
            "type": pd.Categorical(rng.choice(["Theft", "Drugs", None], number)),
        }
    )


def values(incidents):
    plain = incidents.drop(columns=["file", "row"])
    coded = [name for name in plain if isinstance(plain[name].dtype, pd.CategoricalDtype)]
    return plain.astype(dict.fromkeys(coded, object))


def test_a_parquet_file_reads_as_the_same_csv(tmp_path, monkeypatch):
    frame = calls()
    frame.to_parquet(tmp_path / "calls.parquet")
    frame.to_csv(tmp_path / "calls.csv", index=False, date_format="%Y-%m-%d %H:%M:%S")
    one, two = (read_incidents(tmp_path / f"calls.{kind}") for kind in ("parquet", "csv"))
    pd.testing.assert_frame_equal(values(one), values(two))
    assert one.attrs["sources"][0]["format"] == "Parquet"
    monkeypatch.setattr("geoprofiles.read.parquet.BATCH_ROWS", 70)
    tallied = geoprofiles.tally_files(tmp_path / "calls.parquet", toy.areas())
    whole, _ = geoprofiles.tally_incidents(one, {"area": toy.areas()})
    pd.testing.assert_frame_equal(tallied.tally.astype(object), whole.astype(object))


@pytest.mark.parametrize("crs", [27700, 4326])
def test_points_of_geoparquet(tmp_path, crs):
    frame = calls().dropna(subset=["easting"])
    points = geopandas.GeoDataFrame(
        frame[["ref", "date", "type"]],
        geometry=geopandas.points_from_xy(frame["easting"], frame["northing"], crs=27700),
    ).to_crs(crs)
    points.to_parquet(tmp_path / "calls.parquet")
    incidents = read_incidents(tmp_path / "calls.parquet", crs=27700)
    assert incidents.attrs["sources"][0]["format"] == "GeoParquet"
    np.testing.assert_allclose(incidents["easting"], frame["easting"], atol=0.01)
    np.testing.assert_allclose(incidents["northing"], frame["northing"], atol=0.01)


def test_parquet_of_another_schema_is_refused(tmp_path):
    calls().rename(columns={"easting": "ost"}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="no column 'easting'.*the columns are"):
        geoprofiles.tally_files(
            tmp_path / "a.parquet", toy.areas(),
            columns={"date": "date", "easting": "easting", "northing": "northing"},
        )  # fmt: skip
    calls().assign(type=[[1, 2]] * 500).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"column 'type'.*no plain values"):
        read_incidents(tmp_path / "b.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-50])
    with pytest.raises(InputError, match="damaged or cut short"):
        geoprofiles.tally_files(tmp_path / "cut.parquet", toy.areas())
    toy.areas().to_parquet(tmp_path / "areas.parquet")
    with pytest.raises(InputError, match="incidents are points"):
        read_incidents(tmp_path / "areas.parquet")


def test_without_arrow_the_way_to_it_is_told(tmp_path, monkeypatch):
    calls(3).to_parquet(tmp_path / "calls.parquet")
    monkeypatch.setattr("geoprofiles.read.arrow.is_installed", lambda: False)
    with pytest.raises(MissingDependencyError, match=r"pip install 'geoprofiles\[arrow\]'"):
        read_incidents(tmp_path / "calls.parquet")


def test_areas_in_geoparquet(tmp_path):
    areas = toy.areas()
    areas.reset_index().to_file(tmp_path / "wards.gpkg")
    (tmp_path / "wards.parquet").write_bytes(render_geoparquet(areas))
    one, two = (read_areas(tmp_path / f"wards.{kind}") for kind in ("parquet", "gpkg"))
    pd.testing.assert_frame_equal(one, two)
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "wards.parquet").read_bytes()[:-9])
    with pytest.raises(InputError, match="no sound GeoParquet"):
        read_areas(tmp_path / "cut.parquet")


def test_counts_as_parquet(tmp_path):
    counts = geoprofiles.count_by_area(
        geoprofiles.locate(toy.incidents([(500, 500)]), toy.areas()), toy.areas()
    )
    path = tmp_path / "counts.parquet"
    path.write_bytes(render_parquet(counts))
    assert pd.read_parquet(path)["count"].tolist() == [1, 0, 0, 0, 0]

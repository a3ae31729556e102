"""The reduction on a real cluster of several processes, one of which is killed at work."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest
import toy

import geoprofiles
from geoprofiles.errors import GeoprofilesError, InputError
from geoprofiles.reduction import cluster

distributed = pytest.importorskip("dask.distributed")


@pytest.fixture(scope="module")
def address():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as local:
        yield local.scheduler_address


def street_files(folder, months=6, rows=200):
    rng = np.random.default_rng(4)
    for month in range(1, months + 1):
        lines = [
            f"{rng.integers(400)},2026-{month:02d},{-1.43 + rng.random() * 0.05:.5f},"
            f"{50.885 + rng.random() * 0.03:.5f},{rng.choice(['Theft', 'Drugs'])}\n"
            for _ in range(rows)
        ]
        (folder / f"2026-{month:02d}-averley-street.csv").write_text(
            "Crime ID,Month,Longitude,Latitude,Crime type\n" + "".join(lines)
        )
    return folder


def check_same(one, two):
    pd.testing.assert_frame_equal(one.tally.astype(object), two.tally.astype(object))
    pd.testing.assert_frame_equal(one.places.astype(object), two.places.astype(object))
    assert (one.rows, one.notes, one.sources) == (two.rows, two.notes, two.sources)


def test_a_cluster_gives_what_one_machine_gives(tmp_path, address):
    folder = street_files(tmp_path)
    told = []
    found = geoprofiles.tally_on_cluster(
        folder, toy.areas(), scheduler=address, progress=lambda *at: told.append(at)
    )
    check_same(found, geoprofiles.tally_files(folder, toy.areas()))
    assert sorted(done for _, done, _ in told) == [1, 2, 3, 4, 5, 6]


def slowly(*given):
    """Stand in for the work on a worker: the same, with time to be killed in."""
    time.sleep(0.5)
    return cluster_work(*given)


cluster_work = cluster._reduce_on_worker


def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path, monkeypatch):
    folder = street_files(tmp_path, months=8)
    monkeypatch.setattr(cluster, "_reduce_on_worker", slowly)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as local,
        distributed.Client(local) as client,
    ):
        before = client.run(os.getpid)
        client.upload_file(__file__)
        victim = next(iter(before.values()))
        killer = threading.Timer(1.2, os.kill, (victim, signal.SIGKILL))
        killer.start()
        found = geoprofiles.tally_on_cluster(folder, toy.areas(), scheduler=client)
        killer.join()
        assert victim not in client.run(os.getpid).values()
    check_same(found, geoprofiles.tally_files(folder, toy.areas()))


def test_errors_on_workers_name_the_file_and_row(tmp_path, address):
    folder = street_files(tmp_path, months=2)
    bad = folder / "2026-03-averley-street.csv"
    bad.write_text('Month,Longitude,Latitude,Crime type\n2026-03,-1.4,50.9,"Theft\n')
    with pytest.raises(InputError, match="row 2: a quotation mark") as caught:
        geoprofiles.tally_on_cluster(folder, toy.areas(), scheduler=address)
    assert caught.value.row == 2


def test_a_scheduler_that_does_not_answer(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", "1s")
    street_files(tmp_path, months=1)
    with pytest.raises(GeoprofilesError, match="no scheduler answers at tcp://127.0.0.1:9"):
        geoprofiles.tally_on_cluster(tmp_path, toy.areas(), scheduler="tcp://127.0.0.1:9")


@pytest.mark.parametrize("partitions", [1, 5])
def test_a_collection_of_incidents(partitions):
    dataframe = pytest.importorskip("dask.dataframe")
    rng = np.random.default_rng(2)
    incidents = pd.DataFrame(
        {
            "easting": toy.WEST + rng.integers(0, 35, 500) * 100.0,
            "northing": toy.SOUTH + rng.integers(0, 20, 500) * 100.0,
            "month": pd.Timestamp("2026-06-01"),
            "category": rng.choice(["Theft", "Drugs"], 500),
        }
    )
    tally, places = geoprofiles.tally_collection(
        dataframe.from_pandas(incidents, npartitions=partitions), toy.areas()
    )
    whole = geoprofiles.tally_incidents(incidents, {"area": toy.areas()})
    pd.testing.assert_frame_equal(tally.astype(object), whole[0].astype(object))
    pd.testing.assert_frame_equal(places.astype(object), whole[1].astype(object))

"""Southampton's months and wards, and London's, for the rooms that chart, compare and rank them."""

from __future__ import annotations

import pandas as pd
import pytest

import geoprofiles


@pytest.fixture(scope="session")
def southampton_counts(shared_data) -> pd.DataFrame:
    """All months by ward of 2023; three stretches with gaps of years between."""
    table = pd.read_csv(
        shared_data / "ward-counts" / "southampton_street_ward2023_month_type.csv.gz"
    )
    names = {"ward_code": "area_code", "ward_name": "area_name", "crime_type": "category"}
    table = table.rename(columns={**names, "crimes": "count"})
    return table.assign(month=pd.to_datetime(table["month"]))


@pytest.fixture(scope="session")
def southampton_rates(shared_data, southampton_counts):
    """Rates by ward, March 2021 to January 2022, for chosen categories.

    Residents of small areas are shared out by their postcodes: 28 of 152 straddle a ward.
    """
    homes = pd.read_csv(shared_data / "postcodes" / "so_postcodes_2025.csv.gz")
    people = pd.read_csv(shared_data / "census2021" / "southampton_lsoa21_residents_households.csv")
    held = homes.groupby(["lsoa21_code", "ward_2023_code"]).size().rename("n").reset_index()
    held["share"] = held["n"] / held.groupby("lsoa21_code")["n"].transform("sum")
    held = held.merge(people, on="lsoa21_code")
    residents = (held["share"] * held["usual_residents"]).groupby(held["ward_2023_code"]).sum()
    late = southampton_counts[
        (southampton_counts["month"] >= "2021-03") & southampton_counts["area_name"].ne("(outside)")
    ]

    def rates(categories: list[str] | None = None, *, without: str = "") -> pd.DataFrame:
        some = late[late["category"] != without]
        some = some if categories is None else some[some["category"].isin(categories)]
        count = some.groupby("area_code")["count"].sum()
        denominator = residents.reindex(count.index)
        table = geoprofiles.crude_rate(count, denominator).assign(
            numerator=count, denominator=denominator, indicator="crime", period="2021"
        )
        return table.rename_axis("area_code").reset_index()

    return rates


@pytest.fixture(scope="session")
def london_counts(shared_data) -> pd.DataFrame:
    """24 months by ward and group of offences, zeros as rows, with ``borough``."""
    wide = pd.read_csv(shared_data / "london" / "mps_ward_level_crime_202307_202506.csv.gz")
    months = [one for one in wide if one.isdigit()]
    names = {"WardCode": "area_code", "MajorText": "category", "LookUp_BoroughName": "borough"}
    sums = wide.rename(columns=names).groupby(["borough", "area_code", "category"])[months].sum()
    long = sums.rename_axis(columns="month").stack().rename("count").reset_index()
    return long.assign(month=pd.to_datetime(long["month"], format="%Y%m"))

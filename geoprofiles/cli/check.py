"""``check``: what is in files, what was guessed, what would be dropped. Nothing is written."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import click

from geoprofiles.cli.options import (
    areas_option,
    emit_json,
    example,
    json_option,
    read,
    read_area_sets,
    read_one_set,
    reading_options,
    take_area_options,
)
from geoprofiles.words import listed

FEW_FILES = 3
"""Up to so many files are described one by one."""

BOUNDARIES = (".geojson", ".json", ".topojson", ".gpkg", ".shp", ".geojson.gz", ".json.gz")


@click.command(
    epilog=example(
        "geoprofiles check 2026-06-street.csv",
        "geoprofiles check downloads/ --areas wards.geojson --json",
        "geoprofiles check wards.geojson",
        "geoprofiles check geoprofiles.toml",
    )
)
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@areas_option(multiple=True, required=False)
@reading_options
@json_option
def check(files: tuple[str, ...], areas: tuple[str, ...], as_json: bool, **reading: Any) -> None:
    """Say what is in FILES, what was guessed, and what would be dropped and why.

    FILES are incident files, boundaries or a project file. Nothing is written.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        report = _report(files, areas, reading)
    report["notes"] = [
        *report.get("notes", []),
        *dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, UserWarning)),
    ]
    if as_json:
        emit_json(report)
    else:
        if "files" in report:
            report["files"] = _condensed(report["files"])
        _print(report)


def _report(
    files: tuple[str, ...], areas: tuple[str, ...], reading: dict[str, Any]
) -> dict[str, Any]:
    lower = [name.lower() for name in files]
    options = take_area_options(reading)
    if all(name.endswith(".toml") for name in lower):
        return _project_report(files)
    if all(name.endswith(BOUNDARIES) or _is_zipped_shapefile(name) for name in files):
        return {"areas": [_area_facts(path, options) for path in files]}
    return _incident_report(files, read_area_sets(areas, options), reading)


def _is_zipped_shapefile(name: str) -> bool:
    import zipfile

    if not name.lower().endswith(".zip") or not zipfile.is_zipfile(name):
        return False
    with zipfile.ZipFile(name) as archive:
        return any(member.lower().endswith(".shp") for member in archive.namelist())


def _area_facts(path: str, options: dict[str, Any]) -> dict[str, Any]:
    areas = read_one_set(path, options)
    west, south, east, north = areas.total_bounds
    return {
        "file": path,
        "kind": areas.attrs.get("kind") or "area",
        "vintage": areas.attrs.get("vintage") or "",
        "areas": len(areas),
        "first": f"{areas.index[0]} {areas['area_name'].iloc[0]}",
        **{
            key: value
            for key, value in areas.attrs.get("source", {}).items()
            if key not in {"file", "sha256", "bytes"}
        },
        "worked in": areas.crs.to_string(),
        "extent in km": f"{(east - west) / 1000:.1f} x {(north - south) / 1000:.1f}",
        "faults": list(areas.attrs.get("faults", [])),
    }


def _incident_report(
    files: tuple[str, ...], sets: dict[str, Any], reading: dict[str, Any]
) -> dict[str, Any]:
    import geoprofiles

    incidents = read(files, areas=next(iter(sets.values()), None), **reading)
    usable = incidents[incidents["refused"].isna()]
    months = usable["month"].dropna()
    categories = usable["category"].astype(str).value_counts()
    located = usable["easting"].notna()
    report: dict[str, Any] = {
        "rows": len(incidents),
        "would be counted": len(usable),
        "of these located": int(located.sum()),
        "distinct places": len(usable.loc[located, ["easting", "northing"]].drop_duplicates()),
        "months": f"{months.min():%Y-%m} to {months.max():%Y-%m}" if len(months) else "none",
        "months present": int(months.nunique()),
        "worked in": incidents.attrs.get("crs"),
        "unlocated": _reasons(usable["unlocated"]),
        "refused": _reasons(incidents["refused"]),
        "categories": {str(name): int(number) for name, number in categories.items()},
        "files": incidents.attrs.get("sources", []),
        "notes": list(incidents.attrs.get("notes", [])),
    }
    for kind, one in sets.items():
        table = geoprofiles.reconcile(geoprofiles.locate(incidents, one))
        fates = table.groupby("fate", sort=False)["rows"].sum()
        report[f"in {kind}"] = {str(fate): int(number) for fate, number in fates.items()}
    return report


def _condensed(files: list[dict[str, Any]]) -> Any:
    """Say once what is the same of all files; a person does not read 36 hashes."""
    plain = [
        {key: value for key, value in one.items() if key not in {"sha256", "bytes"} and value != []}
        for one in files
    ]
    if len(plain) <= FEW_FILES:
        return plain
    told: dict[str, Any] = {"number": len(plain)}
    for key in ("layout", "format", "encoding", "delimiter", "dates", "source_crs", "guessed"):
        values = list(dict.fromkeys(str(one[key]) for one in plain if key in one))
        if values:
            told[key] = listed(values)
    mappings = [one.get("columns") for one in plain]
    if all(one == mappings[0] for one in mappings):
        told["columns"] = mappings[0]
    told["notes"] = [f"{one['file']}: {note}" for one in plain for note in one.get("notes", [])]
    return told


def _reasons(column: Any) -> dict[str, int]:
    counts = column.dropna().astype(str).value_counts()
    return {str(reason): int(number) for reason, number in counts.items()}


def _project_report(files: tuple[str, ...]) -> dict[str, Any]:
    from geoprofiles.pipeline.gather import gather
    from geoprofiles.project import read_project

    project = read_project(Path(files[0]))
    material = gather(project, progress=lambda _: None)
    fates = material.fates.groupby(["source", "areas", "fate"], sort=False)["rows"].sum()
    return {
        "title": project.title,
        "areas": {kind: len(areas) for kind, areas in material.areas.items()},
        "rows": {
            f"{source}, {areas}: {fate}": int(number)
            for (source, areas, fate), number in fates.items()
        },
        "guessed": {one["setting"]: one["value"] for one in material.choices},
        "inputs": [one["file"] for one in material.inputs],
        "notes": material.cautions,
    }


def _print(content: dict[str, Any], *, indent: str = "") -> None:
    for key, value in content.items():
        if isinstance(value, dict):
            click.echo(f"{indent}{key}:" + ("" if value else " none"))
            _print(value, indent=f"{indent}  ")
        elif isinstance(value, (list, tuple)):
            click.echo(f"{indent}{key}:" + ("" if value else " none"))
            for one in value:
                if isinstance(one, dict):
                    first, *rest = one.items()
                    click.echo(f"{indent}  - {first[0]}: {first[1]}")
                    _print(dict(rest), indent=f"{indent}    ")
                else:
                    click.echo(f"{indent}  - {one}")
        else:
            shown = f"{value:,}" if isinstance(value, int) else value
            click.echo(f"{indent}{key}: {shown}")

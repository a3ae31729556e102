"""The manifest of a run: enough to know what was done, and to check that it still stands."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from geoprofiles import crs
from geoprofiles.pipeline.material import Material, relative
from geoprofiles.settings import Project
from geoprofiles.write import sha256

PACKAGES = (
    "geoprofiles", "geopandas", "shapely", "pyproj", "pyogrio", "pandas", "numpy", "scipy",
    "scikit-learn", "folium", "xlsxwriter",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions of everything that figures depend on."""
    import pyogrio
    import pyproj
    import shapely

    found = {name: version(name) for name in PACKAGES}
    return found | {
        "python": platform.python_version(),
        "GDAL": pyogrio.__gdal_version_string__,
        "PROJ": pyproj.proj_version_str,
        "GEOS": shapely.geos_version_string,
    }


def build_manifest(
    project: Project, material: Material, files: Mapping[str, bytes], *, counts: dict[str, Any]
) -> dict[str, Any]:
    """Put a manifest together. It names no machine, no user and no absolute path."""
    target = next(iter(material.areas.values())).crs
    operation = crs.operation(crs.WEB, target)
    text = project.file.read_bytes()
    manifest = {
        "title": project.title,
        "versions": versions(),
        "project": {"file": project.file.name, "sha256": sha256(text)},
        "inputs": material.inputs,
        "coordinates": {
            "worked in": target.to_string(),
            "from longitude and latitude by": operation.name,
            "stated accuracy in metres": operation.accuracy,
            "best operation available": operation.best_available,
        },
        "parameters": _parameters(project),
        "seeds": {},
        "seeds note": "No step of this run draws random numbers.",
        "choices": material.choices,
        "cautions": material.cautions,
        "faults": {
            kind: list(areas.attrs.get("faults", [])) for kind, areas in material.areas.items()
        },
        "reconciliation": counts,
        "outputs": [
            {"file": name, "bytes": len(content), "sha256": sha256(content)}
            for name, content in sorted(files.items())
        ],
    }
    return {key: _named(value, material.paths) for key, value in manifest.items()}


def _named(value: Any, paths: Mapping[str, str]) -> Any:
    """Name files as the project does wherever a reader's sentence holds a path."""
    if isinstance(value, str):
        for path, name in paths.items():
            value = value.replace(path, name)
        return value
    if isinstance(value, Mapping):
        return {key: _named(one, paths) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_named(one, paths) for one in value]
    return value


def _parameters(project: Project) -> dict[str, Any]:
    folder = project.folder

    def plain(value: Any) -> Any:
        if isinstance(value, Path):
            return relative(value, folder)
        if isinstance(value, Mapping):
            return {key: plain(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(one) for one in value]
        return value

    content: dict[str, Any] = plain(dataclasses.asdict(project))
    del content["file"], content["folder"], content["output"]
    return content

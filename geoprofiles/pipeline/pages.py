"""Pages of a run: one for each area, and the list that leads to them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from geoprofiles.model import Profile
from geoprofiles.pipeline.charts import breaks_drawn, page_charts
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.products import Files, sources_of
from geoprofiles.pipeline.profiles import headline_of
from geoprofiles.publish.profile_page import profile_document
from geoprofiles.publish.profiles.index import index_document
from geoprofiles.publish.profiles.locator import ground_of
from geoprofiles.settings import Project
from geoprofiles.words import plural, slug


def profile_files(
    project: Project,
    material: Material,
    figures: Figures,
    profiles: Sequence[Profile],
    notes: Sequence[str],
    *,
    dashboard: str = "",
) -> Files:
    """Make the page of each area of one kind, and the list of them all.

    `dashboard` is the address of a page that shows an area named behind its ``#``.
    """
    addresses = file_names(profiles)
    links = {one.area_name: addresses[one.area_code] for one in profiles} | {"all": "index.html"}
    folder = f"profiles/{slug(plural(figures.kind))}"
    breaks = breaks_drawn(project, material, figures.rates[0])
    headline = headline_of(project, figures)
    ground = ground_of(material.areas[figures.kind], material.context)
    files: Files = {
        f"{folder}/{addresses[one.area_code]}": profile_document(
            one,
            title=project.title,
            charts=page_charts(one, breaks=breaks),
            headline=headline,
            notes=notes,
            sources=sources_of(project),
            links=links | _home(dashboard, figures.kind, one.area_code),
            ground=ground,
        )
        for one in profiles
    }
    rows = [(one, addresses[one.area_code]) for one in profiles]
    index = index_document(
        rows,
        title=project.title,
        kind=figures.kind,
        headline=headline,
        ground=ground,
        dashboard=_home(dashboard, figures.kind, "all").get("dashboard", ""),
    )
    files[f"{folder}/index.html"] = index
    return files


def _home(dashboard: str, kind: str, code: str) -> dict[str, str]:
    return {"dashboard": f"{dashboard}#{urlencode({slug(kind): code})}"} if dashboard else {}


def page_addresses(kind: str, profiles: Sequence[Profile]) -> dict[str, str]:
    """Return the address of each area's page within a run's folder, by area code."""
    folder = f"profiles/{slug(plural(kind))}"
    return {code: f"{folder}/{name}" for code, name in file_names(profiles).items()}


def file_names(profiles: Sequence[Profile]) -> dict[str, str]:
    """Name each area's page after the area; after its code too where names would meet.

    Examples
    --------
    >>> import pandas as pd
    >>> def profile(code, name):
    ...     return Profile(code, name, "ward", "", pd.DataFrame(), pd.DataFrame())
    >>> file_names([profile("W1", "Mill"), profile("W2", "St Mary's"), profile("W3", "St Mary's")])
    {'W1': 'mill.html', 'W2': 'st_mary_s_w2.html', 'W3': 'st_mary_s_w3.html'}
    >>> list(file_names([profile("A/1", "Quay"), profile("A 1", "Quay")]).values())
    ['quay_a_1.html', 'quay_a_1_2.html']
    """
    plain = [slug(one.area_name) for one in profiles]
    given: dict[str, str] = {}
    for one, name in zip(profiles, plain, strict=True):
        alone = plain.count(name) == 1 and name != "index"
        stem = name if alone else f"{name}_{slug(one.area_code)}"
        taken, number = set(given.values()), 1
        while (file := f"{stem}.html" if number == 1 else f"{stem}_{number}.html") in taken:
            number += 1  # codes may meet too, once they are plain: "A/1" and "A 1"
        given[one.area_code] = file
    return given

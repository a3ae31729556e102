"""What a hot-spot question holds its incidents against."""

from __future__ import annotations

from geoprofiles.frames import Places
from geoprofiles.hotspots.at_risk import at_risk_from_areas
from geoprofiles.hotspots.significance import spacing_for
from geoprofiles.pipeline.denominators import known_denominator
from geoprofiles.pipeline.indicators import rates_of
from geoprofiles.pipeline.material import Material
from geoprofiles.pipeline.periods import Period
from geoprofiles.settings import Hotspot, Project
from geoprofiles.words import plural


def at_risk_of(
    project: Project, material: Material, hotspot: Hotspot, period: Period, eps: float
) -> Places | None:
    """Spread the denominator of a question over the smallest areas that it is known for.

    None, with a caution, where there is none: incidents are then held against ground.
    """
    name, why = _denominator(project, material, hotspot)
    setting = f"hotspots '{hotspot.name}': denominator"
    if name is None:
        material.choose(setting, "none", why)
        material.caution(
            f"{hotspot.name}: no denominator, so clusters are held against ground and not against"
            " people, homes or premises. They show concentration, not risk."
        )
        return None
    kinds = sorted(material.areas, key=lambda kind: -len(material.areas[kind]))
    for kind in kinds:
        people = known_denominator(material, name, kind, period, quiet=True)
        if people is None:
            continue
        areas = material.areas[kind]
        values = people.set_index("area_code")["population"].reindex(areas.index)
        if values.isna().any() or not values.sum() > 0:
            continue
        material.choose(setting, name, f"{why}, spread over {plural(kind)}")
        spacing = spacing_for(areas, eps)
        return at_risk_from_areas(areas, values.rename(name), spacing=spacing)
    material.choose(setting, "none", f"{name} is not wholly known for any areas")
    material.caution(
        f"{hotspot.name}: {name} is not known for every area, so clusters are held against ground"
        " and not against what is at risk. They show concentration, not risk."
    )
    return None


def _denominator(project: Project, material: Material, hotspot: Hotspot) -> tuple[str | None, str]:
    """Return the denominator said, that of the rate of the same incidents, or the usual one."""
    if hotspot.denominator:
        return hotspot.denominator, "said by the project"
    first = project.incidents[0].name
    for rate in rates_of(project, material):
        alike = (rate.incidents or first) == (hotspot.incidents or first)
        if alike and set(rate.categories) == set(hotspot.categories) and rate.denominator:
            return rate.denominator, f"that of the rate '{rate.name}'"
    if project.denominators:
        return project.denominators[0].name, "the first denominator of the project"
    return None, "the project has no denominator"

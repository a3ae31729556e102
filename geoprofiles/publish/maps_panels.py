"""Maps beside each other: over time, two periods, before and after an operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

import folium

from geoprofiles.publish import panels
from geoprofiles.publish.maps import AreaMap
from geoprofiles.publish.plans import PageWords

if TYPE_CHECKING:
    import pandas as pd

    from geoprofiles.frames import Areas


def map_periods(
    areas: Areas,
    figures: pd.DataFrame,
    *,
    by: str = "period",
    indicator: str | None = None,
    value: str = "value",
    **page: Unpack[PageWords],
) -> folium.Map:
    """Map a figure period by period: small maps in the same classes, one legend, one table.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas.
    figures : DataFrame
        One row an area and period: ``area_code``, `by` and `value`; or counts, as
        :func:`geoprofiles.count_by_area` gives them, with `by` a step of time.
    by : str
        The column of periods, in the order in which they come; or ``"year"``, ``"quarter"`` or
        ``"month"``, by which counts are summed.
    indicator : str, optional
        Which indicator or category, where there are several; of counts all together if not said.
    value : str
        The column to colour by.
    **page
        As :func:`geoprofiles.map_rates` takes it.

    Returns
    -------
    folium.Map
        Its page has all maps; an area chosen in one is marked in all.

    Raises
    ------
    InputError
        If a column is missing, or there are more than 24 periods.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> wards = geopandas.GeoDataFrame(
    ...     {"area_name": ["Mill", "Quay"]}, geometry=[box(0, 0, 1e3, 1e3), box(1e3, 0, 2e3, 1e3)],
    ...     index=["W1", "W2"], crs=27700)
    >>> figures = pd.DataFrame({"area_code": ["W1", "W2"] * 2, "value": [3.0, 5.0, 4.0, 9.0],
    ...     "period": ["2024", "2024", "2025", "2025"], "unit": "per 1,000 homes"})
    >>> geoprofiles.map_periods(wards, figures).page.title
    'Incidents: Quay was the highest area in every period'
    """
    plan = panels.period_panels(areas, figures, page, indicator=indicator, by=by, value=value)
    return AreaMap(plan)


def map_two_periods(
    areas: Areas,
    changes: pd.DataFrame,
    *,
    category: str | None = None,
    names: tuple[str, str] = ("Before", "After"),
    **page: Unpack[PageWords],
) -> folium.Map:
    """Map two periods side by side, linked, with the tested difference in the table.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas.
    changes : DataFrame
        As :func:`geoprofiles.change_between` gives them.
    category : str, optional
        Which category, where there are several.
    names : tuple of str
        What the two periods are called.
    **page
        As :func:`geoprofiles.map_rates` takes it.

    Returns
    -------
    folium.Map
        Its page has both maps, in the same classes; where the periods are not of one length they
        show incidents in 30 days.

    Raises
    ------
    InputError
        If a column is missing, or no code is one of the areas.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> wards = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=["W1"], crs=27700)
    >>> changes = pd.DataFrame({"area_code": ["W1"], "category": "Burglary", "before": [40],
    ...     "after": [90], "ratio": [2.25], "verdict": ["more"]})
    >>> geoprofiles.map_two_periods(wards, changes, names=("2024", "2025")).page.title
    'Burglary: more in Mill'
    """
    plan = panels.two_period_panels(areas, changes, page, category=category, names=names)
    return AreaMap(plan)


def map_before_after(
    areas: Areas,
    changes: pd.DataFrame,
    *,
    treated: Sequence[str] = (),
    effect: pd.DataFrame | None = None,
    category: str | None = None,
    names: tuple[str, str] = ("Before", "After"),
    **page: Unpack[PageWords],
) -> folium.Map:
    """Map before and after an operation, and the change, with the treated areas marked.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas.
    changes : DataFrame
        As :func:`geoprofiles.change_between` gives them.
    treated : sequence of str
        Codes or names of the areas in which the operation was.
    effect : DataFrame, optional
        As :func:`geoprofiles.displacement_difference` gives it: its sentences stand at the head.
    category : str, optional
        Which category, where there are several.
    names : tuple of str
        What the two periods are called.
    **page
        As :func:`geoprofiles.map_rates` takes it.

    Returns
    -------
    folium.Map
        Its page has three maps. Without `effect` it says that a change is not an effect.

    Raises
    ------
    InputError
        If a column is missing, or a treated area is not one of the areas.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> wards = geopandas.GeoDataFrame({"area_name": ["Mill"]}, geometry=[box(0, 0, 1e3, 1e3)],
    ...     index=["W1"], crs=27700)
    >>> changes = pd.DataFrame({"area_code": ["W1"], "category": "Burglary", "before": [90],
    ...     "after": [40], "ratio": [0.444], "verdict": ["fewer"]})
    >>> geoprofiles.map_before_after(wards, changes, treated=["Mill"]).page.title
    'Burglary before and after: fewer in Mill'
    """
    plan = panels.before_after_panels(
        areas, changes, page, treated=treated, effect=effect, category=category, names=names
    )
    return AreaMap(plan)

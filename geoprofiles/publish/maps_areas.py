"""Maps of figures, changes and findings by area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import folium

from geoprofiles.publish.layers_areas import (
    change_layers,
    rate_layers,
    significance_layers,
    title_of,
)
from geoprofiles.publish.maps import AreaMap
from geoprofiles.publish.plans import PageWords, plan_of

if TYPE_CHECKING:
    import pandas as pd

    from geoprofiles.frames import Areas


def map_rates(
    areas: Areas, rates: pd.DataFrame, *, value: str = "value", **page: Unpack[PageWords]
) -> folium.Map:
    """Map a rate, a count or any other figure by area.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas, as :func:`geoprofiles.read_areas` gives them. Those without a figure are hatched.
    rates : DataFrame
        One row an area and indicator: ``area_code`` and `value`; as
        :func:`geoprofiles.rate_by_area` gives them. Each ``indicator`` is a layer of its own.
    value : str
        The column to colour by: ``"value"``, ``"count"`` or another of numbers.
    **page
        ``title`` (the finding where not said), ``subtitle``, ``notes``, ``sources``, ``context``,
        as :func:`geoprofiles.map_areas` takes them.

    Returns
    -------
    folium.Map
        As of :func:`geoprofiles.map_areas`.

    Raises
    ------
    InputError
        If a column is missing, or no area has a figure.

    Examples
    --------
    >>> import geopandas
    >>> import pandas as pd
    >>> from shapely import box
    >>> import geoprofiles
    >>> wards = geopandas.GeoDataFrame(
    ...     {"area_name": ["Mill", "Quay"]}, geometry=[box(0, 0, 1e3, 1e3), box(1e3, 0, 2e3, 1e3)],
    ...     index=["W1", "W2"], crs=27700)
    >>> rates = pd.DataFrame({"area_code": ["W1", "W2"], "indicator": "Burglary",
    ...     "value": [3.5, 12.0], "unit": "per 1,000 homes"})
    >>> geoprofiles.map_rates(wards, rates).page.title
    'Burglary: Quay has the highest rate, 12.0 per 1,000 homes'
    """
    layers = rate_layers(areas, rates, value=value)
    return AreaMap(plan_of(layers, (), page, title=title_of(layers)))


def map_changes(areas: Areas, changes: pd.DataFrame, **page: Unpack[PageWords]) -> folium.Map:
    """Map changes between two periods, in classes about no change.

    What is more than chance is coloured in full; what may be chance is pale.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas.
    changes : DataFrame
        As :func:`geoprofiles.change_between` gives them; each ``category`` is a layer of its own.
    **page
        As :func:`map_rates` takes it.

    Returns
    -------
    folium.Map
        As of :func:`geoprofiles.map_areas`.

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
    >>> wards = geopandas.GeoDataFrame(
    ...     {"area_name": ["Mill", "Quay"]}, geometry=[box(0, 0, 1e3, 1e3), box(1e3, 0, 2e3, 1e3)],
    ...     index=["W1", "W2"], crs=27700)
    >>> changes = pd.DataFrame({"area_code": ["W1", "W2"], "category": "Burglary",
    ...     "before": [40, 50], "after": [90, 52], "ratio": [2.25, 1.04],
    ...     "verdict": ["more", "no clear change"]})
    >>> geoprofiles.map_changes(wards, changes).page.layers[0].values
    ('▲ +125%, more', '△ +4%, more, but may be chance')
    """
    layers = change_layers(areas, changes)
    return AreaMap(plan_of(layers, (), page, title=title_of(layers)))


def map_significance(areas: Areas, figures: pd.DataFrame, **page: Unpack[PageWords]) -> folium.Map:
    """Map which areas stand apart from the rest, each told by colour, by sign and in words.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas.
    figures : DataFrame
        As :func:`geoprofiles.compare_with_rest` gives them, or :func:`geoprofiles.compare_by_rule`;
        each ``indicator`` is a layer of its own.
    **page
        As :func:`map_rates` takes it.

    Returns
    -------
    folium.Map
        As of :func:`geoprofiles.map_areas`.

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
    >>> wards = geopandas.GeoDataFrame(
    ...     {"area_name": ["Mill", "Quay"]}, geometry=[box(0, 0, 1e3, 1e3), box(1e3, 0, 2e3, 1e3)],
    ...     index=["W1", "W2"], crs=27700)
    >>> figures = pd.DataFrame({"area_code": ["W1", "W2"], "indicator": "Burglary",
    ...     "value": [3.5, 12.0], "unit": "per 1,000 homes",
    ...     "verdict": ["cannot be told from the rest", "higher than the rest"]})
    >>> geoprofiles.map_significance(wards, figures).page.layers[0].summary
    'Higher than the rest in Quay.'
    """
    layers = significance_layers(areas, figures)
    return AreaMap(plan_of(layers, (), page, title=title_of(layers)))

"""The data dictionary: what each column of the tables and each indicator means."""

from __future__ import annotations

import pandas as pd

from geoprofiles.publish.dictionary_tables import TABLES
from geoprofiles.publish.tables import HEADINGS

COLUMNS: dict[str, tuple[str, str]] = {
    "area_code": ("text", "Published code of the area"),
    "area_name": ("text", "Its name"),
    "topic": ("text", "Topic of the indicator"),
    "indicator": ("text", "Name of the indicator"),
    "period": ("text", "What time the figure is of"),
    "unit": ("text", "What the value is in"),
    "value": ("number", "The figure; empty where it is not known, suppressed or withheld"),
    "lower": ("number", "Lower 95% limit of the value"),
    "upper": ("number", "Upper 95% limit of the value"),
    "count": ("number", "Numerator: what was counted or summed"),
    "denominator": ("number", "What it is counted over; expected events where standardised"),
    "whole": ("number", "The same figure for all areas of this kind together"),
    "difference": ("number", "Value minus whole"),
    "rank": ("whole number", "1 the highest value; ties share a rank"),
    "ranked": ("whole number", "How many areas have a rank"),
    "rank_lower": ("whole number", "Lower 95% limit of the rank"),
    "rank_upper": ("whole number", "Upper 95% limit of the rank"),
    "verdict": ("text", "Whether the area differs from the rest of the areas"),
    "dispersion": ("number", "How many times as much as chance allows the areas vary; 1 as chance"),
    "q": ("number", "Least share of false findings at which a difference would stand"),
    "q_adjusted": ("number", "The same, beyond how areas differ anyway"),
    "significance": ("text", "The verdict with its judgement: better or worse, where sure"),
    "reliability": ("text", "A caution where a figure rests on few events"),
    "estimated": (
        "share, 0 to 1",
        "Part of the figure from smaller areas across its border: shared out by rule, not counted",
    ),
    "median": ("number", "Value of the middle area"),
    "whole_without": ("number", "The whole without the area that the project leaves out"),
    "changes_side": ("true or false", "Whether leaving it out puts this area on the other side"),
    "national": ("number", "The nation's figure of the same period, where the project has it"),
    "trend": ("text", "Over the latest five periods"),
    "trend_reason": ("text", "Why a trend cannot be calculated"),
    "change_before": ("number", "Events in the same months a year before"),
    "change_after": ("number", "Events in the period"),
    "change_percent": ("percent", "Change of the events a day"),
    "change_lower": ("percent", "Lower 95% limit of the change"),
    "change_upper": ("percent", "Upper 95% limit of the change"),
    "change_q": ("number", "Least share of false findings at which the change would stand"),
    "change_verdict": ("text", "Whether it is a change"),
    "polarity": ("text", "Whether a high value is good, bad or neither"),
    "method": ("text", "How limits were made, or why there is no value"),
    "source": ("text", "Where the figure comes from"),
}
"""Column to what it is in, and its meaning, in all tables of profiles."""


def data_dictionary(definitions: pd.DataFrame) -> pd.DataFrame:
    """List what every column of every table and every indicator means.

    Where a table has a row of its own for a column, that holds for it; else the row without a
    table does. Words in capitals in the name of a column stand for any name: ``"rank: NAME"``.

    Parameters
    ----------
    definitions : DataFrame
        Index ``indicator``; ``name``, ``topic``, ``definition``, ``numerator``, ``denominator``,
        ``unit``, ``method``, ``polarity``, ``source``, ``period_kind``, ``disclosure``.

    Returns
    -------
    DataFrame
        ``what`` (column or indicator), ``table`` (empty for what columns mean in all tables of
        profiles), ``id``, ``name`` (of columns, the heading in workbooks where it is another),
        ``topic``, ``meaning``, ``numerator``, ``denominator``, ``unit``, ``method``, ``polarity``,
        ``source``, ``period_kind``, ``disclosure``.

    Examples
    --------
    >>> import pandas as pd
    >>> definitions = pd.DataFrame({"name": ["Theft"], "topic": ["Crime"], "unit": ["per 1,000"]},
    ...     index=pd.Index(["theft"], name="indicator"))
    >>> table = data_dictionary(definitions)
    >>> table.iloc[-1][["what", "id", "unit"]].tolist()
    ['indicator', 'theft', 'per 1,000']
    >>> table.loc[table["id"] == "upper", ["table", "meaning"]].values.tolist()[0]
    ['', 'Upper 95% limit of the value']
    """
    columns = pd.DataFrame(
        [
            {"what": "column", "table": table, "id": name, "meaning": meaning, "unit": unit,
             "name": "" if table else HEADINGS.get(name, "")}
            for table, meanings in {"": COLUMNS, **TABLES}.items()
            for name, (unit, meaning) in meanings.items()
        ]
    )  # fmt: skip
    known = definitions[~definitions.index.duplicated()].reset_index()
    known = known.rename(columns={"indicator": "id", "definition": "meaning"})
    order = ["what", "table", "id", "name", "topic", "meaning", "numerator", "denominator", "unit",
             "method", "polarity", "source", "period_kind", "disclosure"]  # fmt: skip
    both = pd.concat([columns, known.assign(what="indicator")], ignore_index=True)
    return both.reindex(columns=order).astype(object).fillna("")

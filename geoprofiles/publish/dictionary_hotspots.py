"""What each column means of the tables that hot-spot questions leave."""

from __future__ import annotations

from geoprofiles.publish.dictionary_kinds import (
    CHANCE,
    NUMBER,
    RATIO,
    SHARE,
    TEXT,
    WHOLE,
    YES_NO,
    Meanings,
)

METRES, KM2 = "metres", "square kilometres"
_QUESTION = {"question": (TEXT, "Name of the hot-spot question")}
_LIMIT = "95% limit over random draws"

_COMPACT = (METRES, "Its area over the length of its border: how compact it is")


def _over_periods(name: str, told: tuple[str, str]) -> Meanings:
    """Explain an index of all periods foretold, and the least and the most of one."""
    unit, meaning = told
    return {
        name: told,
        f"{name}_lowest": (unit, f"The least of a period: {meaning[:1].lower()}{meaning[1:]}"),
        f"{name}_highest": (unit, f"The most of a period: {meaning[:1].lower()}{meaning[1:]}"),
    }


HOTSPOT_TABLES: dict[str, Meanings] = {
    "hotspots_decisions": {
        **_QUESTION,
        "decision": (TEXT, "What was decided, or what the data could not answer"),
        "value": (TEXT, "What it was decided to be"),
        "reason": (TEXT, "Why it was decided so"),
    },
    "hotspots_accuracy": {
        **_QUESTION,
        "map": (TEXT, "What foretells: a density of some width, or last year's counts"),
        "method": (TEXT, "Its kernel, or counts"),
        "bandwidth": (METRES, "Radius of the quartic kernel, or Gaussian standard deviation"),
        "area_share": (SHARE, "Densest part of the ground"),
        "area_km2": (KM2, "Its area"),
        "captured": (SHARE, "Incidents of the months foretold that lie in it: hit rate, mean"),
        "lowest": (SHARE, "The least of the periods foretold"),
        "highest": (SHARE, "The most of the periods foretold"),
        "pai": (RATIO, "Captured over the share of the ground: prediction accuracy index"),
        "best": (SHARE, "What the best choice of as much ground would have captured"),
        "per_km2": (NUMBER, "Incidents in a square kilometre of it: search efficiency"),
        **_over_periods("pei_star", (RATIO, "Captured over the best there could be")),
        **_over_periods("rri_levine", (RATIO, "Captured later over captured earlier (Levine)")),
        **_over_periods("rri_wheeler", (RATIO, "Predicted over observed (Wheeler)")),
        **_over_periods("area_to_perimeter", _COMPACT),
        "behind": (SHARE, "What the best map captured beyond what this did"),
        "behind_lower": (SHARE, "Lower 95% limit of it"),
        "behind_upper": (SHARE, "Upper 95% limit of it"),
    },
    "hotspots_concentration": {
        **_QUESTION,
        "measure": (TEXT, "Gini, generalised Gini, or the cells that hold a share"),
        "observed": (NUMBER, "The measure; of cells, their share of all"),
        "expected": (NUMBER, "Its mean if incidents fell by what is at risk"),
        "lower": (NUMBER, f"Lower {_LIMIT}"),
        "upper": (NUMBER, f"Upper {_LIMIT}"),
        "marginal": (NUMBER, "How much more concentrated than that; above 0 for more"),
        "p": (CHANCE, "How often chance is as concentrated"),
        "places": (WHOLE, "How many cells hold the share"),
    },
    "hotspots_hours": {
        **_QUESTION,
        "weekday": (TEXT, "Day of the week"),
        "hour": ("0 to 23", "Hour that begins then"),
        "weight": (NUMBER, "Incidents, each spread over the time in which it may have happened"),
        "low": (NUMBER, "Lower 95% limit of chance"),
        "high": (NUMBER, "Upper 95% limit of chance"),
        "start": (WHOLE, "Incidents by the hour of their start alone"),
    },
    "hotspots_near_repeats": {
        **_QUESTION,
        "space": (TEXT, "How far apart, in words"),
        "time": (TEXT, "How long apart, in words"),
        "space_from": (METRES, "From so far on"),
        "space_to": (METRES, "To under so far"),
        "time_from": ("days", "From so long on"),
        "time_to": ("days", "To under so long"),
        "observed": (WHOLE, "Pairs of incidents"),
        "expected": (NUMBER, "Pairs if dates were dealt anew, mean"),
        "median": (NUMBER, "Their median over the shuffles"),
        "low": (NUMBER, f"Lower {_LIMIT}"),
        "high": (NUMBER, f"Upper {_LIMIT}"),
        "ratio": (RATIO, "Observed over expected"),
        "ratio_median": (RATIO, "Observed over the median"),
        "p": (CHANCE, "How often shuffled dates have as many pairs"),
        "p_poisson": (CHANCE, "The same as if pairs were independent, to compare with others"),
        "q": (SHARE, "Least share of false findings at which the band stands"),
        "found": (YES_NO, "Whether it stands"),
    },
    "hotspots_repeats": {
        **_QUESTION,
        "incidents_each": (WHOLE, "Incidents at a place"),
        "targets": (WHOLE, "Places with so many"),
        "incidents": (WHOLE, "Incidents at these"),
        "share_of_targets": (SHARE, "Of the places hit"),
        "share_of_incidents": (SHARE, "Of their incidents"),
        "expected": (NUMBER, "Places that would have so many by chance; empty if not known"),
    },
    "hotspots_streets": {
        **_QUESTION,
        "run": (WHOLE, "1 the run with most incidents"),
        "name": (TEXT, "Of its streets"),
        "segments": (WHOLE, "Segments of street in it"),
        "count": (WHOLE, "Incidents on it"),
        "places": (WHOLE, "Distinct places that these are at"),
        "share": (SHARE, "Of the incidents on streets"),
        "length_m": (METRES, "Its length"),
        "per_km_year": (NUMBER, "Incidents in a year on a kilometre of it"),
        "few_places": (YES_NO, "Whether it rests on fewer than three distinct places"),
    },
}
"""Table to its columns."""

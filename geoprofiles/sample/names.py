"""Names of the fictional city, all invented, and codes that no real place has."""

from __future__ import annotations

import numpy as np

CITY = "Port Averley"

WARDS = (
    "Harbour", "Cathedral", "Marsh Lane", "Quayside", "Lantern Hill", "Ropewalk", "Castle Rise",
    "Saltcote", "Kingsmead", "Orchard Park", "Fernleigh", "Tollgate", "Winterbourne Road",
    "Highcombe", "Netherfield", "Larkrise", "Brackenhurst", "Copperfields",
)  # fmt: skip

NEIGHBOURHOODS = (
    "Old Docks", "Customs House", "St Alban's Close", "Chandler's Yard", "Gull Street", "Mariners",
    "Ironmonger Row", "The Strand", "Priory Green", "Cooper's Field", "Tanners", "Sailcloth",
    "Market Hill", "Mill Race", "Weavers", "Long Acre", "Juniper", "The Hollows", "Penny Bridge",
    "Foundry", "Beacon", "Hawthorn", "Summerfield", "Coldharbour", "Ashgrove", "Kestrel Way",
    "Rookery", "Thornbury Rise", "Canal Side", "Barley Mow", "Windmill", "Greenways", "Primrose",
    "Halfpenny", "Stonegate", "Blackthorn", "Cricketers", "Fairmile", "Hop Garden", "Old Forge",
    "Quarry", "Bluebell", "Meadowbank", "Paddock", "Tithe Barn", "Wheelwrights", "Upper Common",
    "Lower Common", "Sandpiper", "Teal",
)  # fmt: skip

STREETS = (
    "Tiller", "Capstan", "Halyard", "Anchor", "Mast", "Keel", "Compass", "Lantern", "Cooper",
    "Weaver", "Tanner", "Saddler", "Fletcher", "Mercer", "Chandler", "Fuller", "Thatcher",
    "Hazel", "Rowan", "Alder", "Maple", "Linden", "Cedar", "Juniper", "Laurel", "Bramble",
    "Heron", "Curlew", "Plover", "Dunlin", "Sandpiper", "Lapwing", "Swift", "Martin",
    "Abbot", "Friar", "Prior", "Canon", "Bishop", "Chapel", "Minster", "Cloister",
    "Garnet", "Amber", "Coral", "Pearl", "Opal", "Jasper", "Quarry", "Flint",
)  # fmt: skip
ENDINGS = ("Street", "Road", "Avenue", "Close", "Lane", "Way", "Gardens", "Terrace")

PREFIX = {"small area": "X01", "neighbourhood": "X02", "ward": "X05", "locality": "X03"}
COLUMNS = {
    "small area": ("SA21CD", "SA21NM"),
    "neighbourhood": ("NBH25CD", "NBH25NM"),
    "ward": ("WD25CD", "WD25NM"),
    "locality": ("LOC25CD", "LOC25NM"),
}


def name_areas(
    kind: str,
    label: np.ndarray,
    points: np.ndarray,
    levels: dict[str, np.ndarray],
    centre: np.ndarray,
) -> tuple[list[str], list[str]]:
    """Name the areas of one kind, and give them codes; label k gets the k-th of both.

    Wards and neighbourhoods are named in order of distance from the centre, so that the first
    names, of docks and cathedral, fall where they belong.
    """
    number = int(label.max()) + 1
    middle = np.column_stack(
        [np.bincount(label, points[:, axis]) / np.bincount(label) for axis in (0, 1)]
    )
    order = np.argsort(np.linalg.norm(middle - centre, axis=1), kind="stable")
    place = np.empty(number, dtype=int)
    place[order] = np.arange(number)
    codes = [f"{PREFIX[kind]}{one + 1:06d}" for one in place]
    if kind == "ward":
        return [WARDS[one] for one in place], codes
    if kind == "neighbourhood":
        return [NEIGHBOURHOODS[one] for one in place], codes
    if kind == "locality":
        return _localities(middle, centre), codes
    return _small_areas(place, label, levels["neighbourhood"]), codes


def _localities(middle: np.ndarray, centre: np.ndarray) -> list[str]:
    """Name localities by where they lie from the centre."""
    names = [""] * len(middle)
    left = list(range(len(middle)))
    for name, score in (
        ("Central", lambda at: np.linalg.norm(at - centre)),
        ("East", lambda at: -at[0]),
        ("North", lambda at: -at[1]),
        ("West", lambda at: at[0]),
    ):
        if left:
            chosen = min(left, key=lambda one: score(middle[one]))
            names[chosen] = name
            left.remove(chosen)
    return names


def _small_areas(place: np.ndarray, label: np.ndarray, above: np.ndarray) -> list[str]:
    """Give small areas the number of their neighbourhood and a letter, as census areas have."""
    parent = np.zeros(len(place), dtype=int)
    parent[label] = above
    names = [""] * len(place)
    for number in np.unique(parent):
        members = np.flatnonzero(parent == number)
        for letter, one in enumerate(members[np.argsort(place[members])]):
            names[one] = f"{CITY} {number + 1:03d}{chr(65 + letter)}"
    return names


def street_names(number: int) -> list[str]:
    """Make so many different street names."""
    every = [f"{street} {ending}" for ending in ENDINGS for street in STREETS]
    return [every[(place * 131) % len(every)] for place in range(min(number, len(every)))]

"""Gradients: how figures differ by deprivation, by age, and between best and worst."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoprofiles.errors import InputError
from geoprofiles.frames import METHODS_BY_AGE
from geoprofiles.indicators.benchmark import quintiles
from geoprofiles.indicators.inequality import by_quintile, by_sex, concentration, gap, slope_index
from geoprofiles.pipeline.figures import Figures
from geoprofiles.pipeline.material import Material
from geoprofiles.settings import Deprivation, Project
from geoprofiles.words import listed, plural

SHARES = ("proportion", "survey")
TIED = 0.1
"""Share of areas whose rank another has too, above which it may be no rank."""


def gradients_of(
    project: Project, material: Material, figures: list[Figures]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rate every indicator by fifths of deprivation of the small areas that were ranked."""
    nothing = pd.DataFrame(), pd.DataFrame()
    wish, ranks = project.deprivation, material.deprivation
    if wish is None or ranks is None:
        return nothing
    mine = next((one for one in figures if one.kind == wish.areas), None)
    if mine is None:
        material.caution(
            f"Deprivation is ranked for {plural(wish.areas)}, which are no areas of this project:"
            " no gradients."
        )
        return nothing
    known = ranks[ranks["area_code"].isin(material.areas[wish.areas].index)].copy()
    known = known.rename(columns={"rank": "deprivation"})
    _tell_ranks(material, wish.areas, known["deprivation"])
    if known.empty:
        return nothing
    known["local"] = quintiles(known["deprivation"])
    groupings = ["local"]
    if wish.of is not None:
        known["national"] = _national_fifths(known["deprivation"], wish)
        groupings.append("national")
    latest = mine.history.merge(
        mine.figures[["area_code", "indicator", "period"]], on=["area_code", "indicator", "period"]
    )
    joined = latest.merge(known, on="area_code").rename(columns={"count": "numerator"})
    tables: list[pd.DataFrame] = []
    rows: list[dict[str, Any]] = []
    for name, some in joined.groupby("indicator", sort=False):
        definition = mine.definitions[mine.definitions["name"] == name].iloc[0]
        if definition["method"] not in {"rate", *SHARES}:
            continue
        per = float(definition["multiplier"])
        way = "proportion" if definition["method"] in SHARES else "rate"
        for grouping in groupings:
            about = {
                "indicator": name, "topic": definition["topic"],
                "period": some["period"].iloc[0], "grouping": grouping,
            }  # fmt: skip
            groups = by_quintile(
                some, method=way, per=per, by=grouping, design_effect=_design_effect(definition)
            )
            tables.append(groups.rename(columns={grouping: "quintile"}).assign(**about))
            if len(groups) < 3 or not groups["numerator"].sum():
                continue
            held = concentration(some, rank="deprivation")
            slope = slope_index(groups, method=way, per=per)
            rows.append({**about, **slope, **held, "unit": some["unit"].iloc[0]})
    if not tables:
        return nothing
    order = ["topic", "indicator", "period", "grouping", "quintile", "areas", "numerator",
             "denominator", "value", "lower", "upper", "ratio"]  # fmt: skip
    return pd.concat(tables, ignore_index=True)[order], pd.DataFrame(rows)


def _design_effect(definition: pd.Series) -> float:
    """Return by how much a survey's design widens limits; 1 where it is none, or not said."""
    said = definition.get("design_effect")
    return float(said) if definition["method"] == "survey" and pd.notna(said) else 1.0


def _national_fifths(ranks: pd.Series, wish: Deprivation) -> Any:
    try:
        return quintiles(ranks, of=wish.of)
    except InputError as error:
        raise InputError(
            f"{error.problem}, the areas that [deprivation] says were ranked",
            file=wish.file,
            column=wish.rank,
            remedy="Check 'of' in the project file; without it no national fifths are made.",
        ) from error


def _tell_ranks(material: Material, kind: str, ranks: pd.Series) -> None:
    """Caution on areas without a rank, and on ranks that may be none."""
    number, held = len(material.areas[kind]), len(ranks)
    if not held:
        told = f"None of the {number:,} {plural(kind)} has a rank of deprivation: no gradients."
        material.caution(f"{told} Are the codes of another kind or vintage?")
        return
    if held < number:
        material.caution(
            f"{number - held:,} of {number:,} {plural(kind)} have no rank of deprivation: they are"
            " in no fifth and no gradient."
        )
    tied = int(ranks.duplicated(keep=False).sum())
    signs = {
        "some are no whole numbers": bool((ranks % 1 != 0).any()),
        f"{tied:,} of {held:,} areas share theirs with another": tied > TIED * held,
    }
    found = [sign for sign, there in signs.items() if there]
    if found:
        material.caution(
            f"Ranks of deprivation: {listed(found)}. Was a score or a decile taken for the rank?"
            " Ranks are 1 for the most deprived, and a score runs the other way."
        )


def by_age_of(material: Material) -> pd.DataFrame:
    """Rate what comes by age, age by age, for all areas together."""
    parts = []
    for _, table, definitions in material.indicators:
        if "age" not in table:
            continue
        for (key, period), some in table.groupby(["indicator", "period"], sort=False):
            definition = definitions.loc[key]
            # What is withheld by area is not to be had by age either.
            if definition["method"] not in METHODS_BY_AGE or definition["disclosure"] != "none":
                continue
            order = {age: at for at, age in enumerate(dict.fromkeys(some["age"]))}
            ages = by_quintile(some, per=100_000, by="age").drop(columns=["areas", "ratio"])
            ages = ages.sort_values("age", key=lambda one, known=order: one.map(known))
            about = {"topic": definition["topic"], "indicator": definition["name"]}
            parts.append(ages.assign(**about, period=period, unit="per 100,000"))
    if not parts:
        return pd.DataFrame()
    order_of = ["topic", "indicator", "period", "age", "numerator", "denominator", "value",
                "lower", "upper", "unit"]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[order_of]


def by_sex_of(material: Material) -> pd.DataFrame:
    """Make the figures of each sex, for all areas together, of what comes by sex."""
    parts = []
    for _, table, definitions in material.indicators:
        if "sex" not in table:
            continue
        # What is withheld by area is not to be had by sex either.
        open_ = definitions.index[definitions["disclosure"] == "none"]
        some = table[(table["sex"] != "") & table["indicator"].isin(open_)]
        if some.empty:
            continue
        made = by_sex(some, definitions)
        topics, names = (made["indicator"].map(definitions[one]) for one in ("topic", "name"))
        made["indicator"] = names
        made.insert(0, "topic", topics)
        parts.append(made)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def gaps_of(figures: list[Figures]) -> pd.DataFrame:
    """Say for each indicator how far the highest area is from the lowest, and whether surely."""
    rows = []
    for one in figures:
        names = one.figures.drop_duplicates("area_code").set_index("area_code")["area_name"]
        for name, some in one.figures.groupby("indicator", sort=False):
            if some["value"].notna().sum() < 2:
                continue
            about = {"areas": plural(one.kind), "topic": some["topic"].iloc[0], "indicator": name}
            rows.append(
                {
                    **about,
                    "period": some["period"].iloc[0],
                    **gap(some, names=names),
                    "unit": some["unit"].iloc[0],
                }
            )
    return pd.DataFrame(rows)

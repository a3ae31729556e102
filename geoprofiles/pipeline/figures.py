"""Figures: counts, rates and indicators of every kind of area, compared with the whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geoprofiles.areas.change import change_between
from geoprofiles.areas.compare import compare
from geoprofiles.areas.counts import count_tally
from geoprofiles.areas.rates import indicator_values, rate_by_area
from geoprofiles.areas.reaggregate import reaggregate
from geoprofiles.areas.rest import compare_with_rest
from geoprofiles.errors import InputError
from geoprofiles.frames import OUTSIDE, Counts, Indicators, Population
from geoprofiles.pipeline.gather import Material
from geoprofiles.profile import DECIMALS, profile_figures
from geoprofiles.settings import Project, Rate
from geoprofiles.words import listed, period_words, plural

TOPIC = "Incidents"


@dataclass(frozen=True)
class Period:
    """First and last month of the figures of one source of incidents."""

    first: pd.Timestamp
    last: pd.Timestamp
    months: int
    """Months of it that the data hold; a gap is not a month."""

    @property
    def span(self) -> int:
        """Months from the first to the last, gaps included."""
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    @property
    def words(self) -> str:
        """The period as products print it."""
        words = period_words(self.first, self.last)
        full = self.months == self.span
        return words if full else f"{words} ({self.months} of {self.span} months)"


@dataclass(frozen=True)
class Figures:
    """What the products show of one kind of area."""

    kind: str
    counts: dict[str, Counts]
    figures: pd.DataFrame
    rates: tuple[str, ...]
    """Names of the incident rates among the figures, in order."""
    changes: dict[str, pd.DataFrame]
    """By source, all changes since the same months a year before, where the data hold those."""


def choose_period(project: Project, material: Material, source: str) -> Period:
    """Turn the project's wish for a period into months that the data hold."""
    tally = material.tallied[source].tally
    months = tally.loc[(tally["fate"] != "refused").to_numpy(), "month"].dropna()
    present = pd.DatetimeIndex(sorted(months.unique()))
    if present.empty:
        raise InputError(
            f"no row of '{source}' has a readable month",
            file=project.file,
            remedy="Run 'geoprofiles check' on its files.",
        )
    wish = project.period
    if latest := re.fullmatch(r"latest (\d+) months", wish):
        return _latest(material, source, present, wanted=int(latest.group(1)))
    first, last = present[0], present[-1]
    if wish != "all":
        first, last = (pd.Timestamp(f"{month}-01") for month in wish.split(" to "))
    held = present[(present >= first) & (present <= last)]
    if held.empty:
        raise InputError(
            f"'{source}' has no month in the period {wish}; it holds"
            f" {present[0]:%Y-%m} to {present[-1]:%Y-%m}",
            file=project.file,
            remedy="Change 'period'.",
        )
    period = Period(first, last, len(held))
    if period.months < period.span:
        material.caution(
            f"{source}: of the {period.span} months of the period only {period.months} are in the"
            " files. The others are missing, not zero; rates are for the months there are."
        )
    return period


def _latest(material: Material, source: str, present: pd.DatetimeIndex, *, wanted: int) -> Period:
    """Take the latest months without a gap, at most so many as are wanted."""
    number = 1
    while (
        number < min(wanted, len(present))
        and present[-number] - pd.DateOffset(months=1) == present[-number - 1]
    ):
        number += 1
    chosen = Period(present[-number], present[-1], number)
    reason = f"the latest {wanted} months were asked for"
    if number < wanted:
        held = "all there are" if number == len(present) else "the latest without a gap"
        reason += f"; the period holds {held}"
        months = "1 month" if number == 1 else f"{number} months"
        material.caution(
            f"{source}: the period is {months} ({chosen.words}), not {wanted}; its rates are for"
            " that period and are not yearly rates."
        )
    material.choose(f"period of {source}", chosen.words, reason)
    return chosen


def rates_of(project: Project, material: Material) -> tuple[Rate, ...]:
    """Return the rates that the project asks for; without any, all incidents and each category."""
    if project.rates:
        return project.rates
    source = project.incidents[0].name
    tally = material.tallied[source].tally
    first = (tally["areas"] == next(iter(material.areas))) & (tally["fate"] != "refused")
    rows = tally[first.to_numpy()].groupby("category", observed=True)["rows"].sum()
    names = sorted(rows.index.astype(str), key=lambda name: -int(rows[name]))
    material.choose("rates", ["All incidents", *names], "no [[rates]] in the project file")
    return (Rate("All incidents"), *(Rate(name, categories=(name,)) for name in names))


def figures_of(
    project: Project, material: Material, kind: str, periods: dict[str, Period]
) -> Figures:
    """Count, rate and compare everything for one kind of area."""
    areas = material.areas[kind]
    counts = {
        source: count_tally(tallied.tally, areas, kind=kind)
        for source, tallied in material.tallied.items()
    }
    parts: list[Indicators] = []
    definitions: list[pd.DataFrame] = []
    rates = rates_of(project, material)
    for rate in rates:
        part = _rate(project, material, kind, rate, counts, periods)
        parts.append(compare_with_rest(compare(part)))
        definitions.append(_definition(project, rate))
    for small, table, definition in material.indicators:
        values = _on_kind(material, table, small, kind, what="the indicators")
        if values is not None:
            try:
                parts.append(compare_with_rest(compare(indicator_values(values, definition))))
            except InputError as error:
                raise InputError(str(error), file=table.attrs.get("file")) from error
            definitions.append(definition)
    figures = profile_figures(
        pd.concat(parts, ignore_index=True),
        areas=areas,
        definitions=pd.concat(definitions),
    )
    changes = {
        source: table
        for source in counts
        if (table := _changes(material, counts[source], source, periods[source])) is not None
    }
    return Figures(kind, counts, figures, tuple(rate.name for rate in rates), changes)


def _changes(
    material: Material, counts: Counts, source: str, period: Period
) -> pd.DataFrame | None:
    """Compare the period with the same months a year before it, or years if it is longer."""
    if period.months < period.span:
        return None
    back = pd.DateOffset(months=12 * -(-period.span // 12))
    earlier = Period(period.first - back, period.last - back, period.span)
    held = set(counts["month"].dropna())
    if not set(pd.date_range(earlier.first, earlier.last, freq="MS")) <= held:
        material.choose(f"changes of {source}", "none", f"the files lack {earlier.words}")
        return None
    changes = change_between(counts, (earlier.first, earlier.last), (period.first, period.last))
    names = counts.drop_duplicates("area_code").set_index("area_code")["area_name"]
    changes.insert(1, "area_name", changes["area_code"].map(names))
    for column in ("ratio", "lower", "upper", "percent", "dispersion"):
        changes[column] = changes[column].round(DECIMALS)
    for column in ("p", "q"):
        changes[column] = [float(f"{one:.4g}") for one in changes[column]]
    changes.attrs["periods"] = (earlier.words, period.words)
    material.choose(f"changes of {source}", earlier.words, "the same months before the period")
    return changes


def _definition(project: Project, rate: Rate) -> pd.DataFrame:
    source = rate.incidents or project.incidents[0].name
    row = {
        "topic": TOPIC,
        "name": rate.name,
        "polarity": "high is bad",
        "source": f"Counted from {source}",
    }
    return pd.DataFrame(row, index=pd.Index([rate.name], name="indicator"))


def _rate(
    project: Project,
    material: Material,
    kind: str,
    rate: Rate,
    counts: dict[str, Counts],
    periods: dict[str, Period],
) -> Indicators:
    source = rate.incidents or project.incidents[0].name
    period = periods[source]
    wanted = counts[source]
    if rate.categories:
        wanted = wanted[wanted["category"].isin(rate.categories)]
    name = rate.denominator or (project.denominators[0].name if project.denominators else None)
    population = _known_denominator(material, name, kind, period) if name else None
    if population is None:
        codes = material.areas[kind].index
        population = pd.DataFrame(
            {"area_code": codes, "year": period.last.year, "population": float("nan")}
        )
        unit = "no denominator"
    else:
        unit = f"per {rate.per:,.0f} {name}"
    rates = rate_by_area(
        wanted,
        population,
        indicator=rate.name,
        period=(period.first, period.last),
        per=rate.per,
        unit=unit,
    )
    return rates.assign(period=period.words)


def _known_denominator(
    material: Material, name: str, kind: str, period: Period
) -> Population | None:
    """Return one denominator; many rates ask for the same, and it is made once."""
    wanted = (name, kind, period.last.year)
    if wanted not in material.prepared:
        material.prepared[wanted] = _denominator(material, name, kind, period)
    return material.prepared[wanted]


def _denominator(material: Material, name: str, kind: str, period: Period) -> Population | None:
    """Return one denominator of one kind of area for the year of a period."""
    tables = material.denominators[name]
    # The table that is on this kind of area already is better than one to be summed.
    setting, table = next((one for one in tables if one[0].areas == kind), tables[0])
    years = sorted(table["year"].dropna().unique())
    if years:
        earlier = [year for year in years if year <= period.last.year]
        year = earlier[-1] if earlier else years[0]
        table = table[table["year"] == year]
        if setting.year is None:
            material.choose(
                f"year of {name}", int(year), f"the latest not after {period.last:%Y-%m}"
            )
        if abs(int(year) - period.last.year) > 1:
            material.caution(f"{name.capitalize()} are of {year}, incidents of {period.words}.")
    on_kind = _on_kind(material, table, setting.areas, kind, what=f"'{name}'")
    if on_kind is None:
        return None
    areas = material.areas[kind]
    known = on_kind.loc[on_kind["population"].notna(), "area_code"]
    lacking = areas.index[~areas.index.isin(known)]
    if not areas.index.isin(on_kind["area_code"]).any():
        raise InputError(
            f"no code of '{name}' is a code of the {plural(kind)};"
            f" one reads '{on_kind['area_code'].iloc[0]}', the other '{areas.index[0]}'",
            file=setting.file,
            remedy="They are of different kinds or vintages: set 'areas' or add a [[lookups]].",
        )
    if len(lacking):
        names = areas.loc[lacking, "area_name"].astype(str)
        material.caution(
            f"The number of {name} is not known, or not whole, for {listed(names)}: no rates there."
        )
        # What was said here needs no second warning: these areas are known to have no number.
        on_kind = on_kind.merge(pd.DataFrame({"area_code": list(areas.index)}), how="outer")
    return on_kind


def _on_kind(
    material: Material, table: pd.DataFrame, small: str, kind: str, *, what: str
) -> pd.DataFrame | None:
    """Bring a table of sums from the areas it is on to the areas that are wanted."""
    if small == kind:
        return table
    parts = material.made_of.get(kind)
    if parts not in {None, small}:  # the same way as to its parts, so that these add up to it
        on_parts = _on_kind(material, table, small, str(parts), what=what)
        return (
            None if on_parts is None else _on_kind(material, on_parts, str(parts), kind, what=what)
        )
    ways = material.ways_between(small, kind)
    if not ways:
        material.caution(
            f"There is no way from {plural(small)} to {plural(kind)}: {what} are left out there."
        )
        return None
    if _is_coarser(material, small, kind):
        material.caution(
            f"{what.capitalize()} are for {plural(small)}, which are larger than"
            f" {plural(kind)}: left out there."
        )
        return None
    plain = what.strip("'").capitalize()
    try:
        moved = reaggregate(
            table, [way.crosswalk for way in ways], force=any(way.force for way in ways)
        )
    except InputError as error:
        if ways[0].file is not None:
            raise InputError(
                f"{what}: {error.problem}",
                file=ways[0].file,
                remedy=f"{error.remedy or ''} In a project: weights = true, or force = true.",
            ) from error
        material.caution(
            f"{plain} cannot be brought from {plural(small)} to {plural(kind)} and are"
            f" left out there: {error.problem}."
        )
        return None
    if moved.attrs["assigned"] > 0:
        material.caution(
            f"{plain} of {plural(kind)} are made from {plural(small)}."
            f" {moved.attrs['sentence']} {_most_assigned(material, moved, kind)}"
        )
    return moved[moved["area_code"] != OUTSIDE].drop(columns=["method", "assigned"])


def _most_assigned(material: Material, moved: pd.DataFrame, kind: str) -> str:
    """Name the areas of which most was assigned."""
    names = material.areas[kind]["area_name"]
    most = moved[moved["area_code"].isin(names.index)].groupby("area_code")["assigned"].max()
    some = most[most > 0].sort_values(ascending=False).head(3)
    told = [f"{names[code]} ({share:.0%})" for code, share in some.items()]
    return f"Most in {listed(told)}." if told else ""


def _is_coarser(material: Material, small: str, kind: str) -> bool:
    return small in material.areas and len(material.areas[small]) < len(material.areas[kind])


def summary_rows(figures: Figures, rate: str) -> list[dict[str, Any]]:
    """Return the areas of one rate, highest first, for the plain summary of a run."""
    rows = figures.figures[figures.figures["indicator"] == rate]
    return rows.sort_values(["rank", "area_code"]).to_dict("records")

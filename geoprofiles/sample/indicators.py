"""The indicators of the fictional city: some eighty, in the pattern of ward profiles.

What each counts stands in `ROWS`; its level goes from the least to the most deprived area. Planted
truth, beside chance: `TRENDS` says which figures move over the years.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

PERIODS = ("2021", "2022", "2023", "2024", "2025")
POOLED = "2021 to 2025"
SEED = 20_250_701
"""Of the figures that are drawn here; the rest of the sample has its own."""

BAD, GOOD, NEITHER = "high is bad", "high is good", "neither"

# indicator: topic, name, base, least and most deprived level, method, polarity, unit (for rates)
ROWS: dict[str, tuple[str, str, str, float, float, str, str]] = {
    "children": ("Demography", "Residents aged under 15", "all", 0, 0, "proportion", NEITHER),
    "older": ("Demography", "Residents aged 65 and over", "all", 0, 0, "proportion", NEITHER),
    "working_age": ("Demography", "Residents aged 15 to 64", "all", 0, 0, "proportion", NEITHER),
    "born_abroad": ("Demography", "Residents born abroad", "all", 0.08, 0.27, "proportion",
                    NEITHER),
    "household_size": ("Demography", "People in a household", "households", 0, 0, "value", NEITHER),
    "moved_in": ("Demography", "Residents who moved in within a year", "all", 0.09, 0.17,
                 "proportion", NEITHER),
    "lone_parents": ("Demography", "Households of a lone parent", "households", 0.05, 0.15,
                     "proportion", NEITHER),
    "alone_over_65": ("Demography", "People aged 65 and over who live alone", "older", 0.26, 0.39,
                      "proportion", NEITHER),
    "mean_age": ("Demography", "Mean age of residents", "all", 42, 35, "mean", NEITHER),
    "child_poverty": ("Deprivation and poverty", "Children in low-income families", "children",
                      0.06, 0.38, "proportion", BAD),
    "older_poverty": ("Deprivation and poverty", "Older people in poverty", "older", 0.06, 0.31,
                      "proportion", BAD),
    "fuel_poverty": ("Deprivation and poverty", "Households in fuel poverty", "households", 0.07,
                     0.19, "proportion", BAD),
    "free_meals": ("Deprivation and poverty", "Pupils entitled to free school meals", "aged 5-19",
                   0.08, 0.44, "proportion", BAD),
    "overcrowded": ("Deprivation and poverty", "Overcrowded households", "households", 0.02, 0.13,
                    "proportion", BAD),
    "food_help": ("Deprivation and poverty", "Households helped by a food bank", "households",
                  0.004, 0.055, "proportion", BAD),
    "debt_advice": ("Deprivation and poverty", "People advised on debts", "adults", 0.004, 0.026,
                    "rate", BAD),
    "out_of_work": ("Economy", "Working-age residents claiming out-of-work benefits", "working",
                    0.015, 0.095, "proportion", BAD),
    "young_unemployed": ("Economy", "Young people out of work", "aged 10-19", 0.004, 0.03,
                         "proportion", BAD),
    "employed": ("Economy", "Working-age residents in work", "working", 0.82, 0.61, "proportion",
                 GOOD),
    "low_paid": ("Economy", "Workers paid less than the living wage", "working", 0.08, 0.23,
                 "proportion", BAD),
    "self_employed": ("Economy", "Self-employed residents", "working", 0.13, 0.07, "proportion",
                      NEITHER),
    "new_firms": ("Economy", "New businesses", "working", 0.009, 0.005, "rate", GOOD),
    "empty_shops": ("Economy", "Empty shop units", "premises", 0.06, 0.19, "proportion", BAD),
    "feel_safe": ("Community safety", "Adults who feel safe after dark", "sample", 0.84, 0.52,
                  "survey", GOOD),
    "asb_problem": ("Community safety", "Adults who call anti-social behaviour a problem", "sample",
                    0.14, 0.46, "survey", BAD),
    "trust_police": ("Community safety", "Adults who trust the police", "sample", 0.74, 0.51,
                     "survey", GOOD),
    "first_entrants": ("Community safety", "First-time entrants to youth justice", "aged 10-19",
                       0.001, 0.0075, "rate", BAD),
    "reoffending": ("Community safety", "Young offenders who offend again", "young offenders", 0.24,
                    0.42, "proportion", BAD),
    "fires": ("Community safety", "Deliberate fires", "all", 0.0003, 0.0019, "rate", BAD),
    "hate_reports": ("Community safety", "Hate incidents reported", "all", 0.0012, 0.0042, "rate",
                     NEITHER),
    "domestic_reports": ("Community safety", "Domestic incidents reported", "all", 0.012, 0.041,
                         "rate", BAD),
    "road_injuries": ("Community safety", "People killed or badly hurt on roads", "all", 0.0003,
                      0.0008, "rate", BAD),
    "renting": ("Place", "Households renting privately", "households", 0.13, 0.36, "proportion",
                NEITHER),
    "social_rent": ("Place", "Households renting from a social landlord", "households", 0.05, 0.46,
                    "proportion", NEITHER),
    "owned": ("Place", "Households that own their home", "households", 0.78, 0.27, "proportion",
              NEITHER),
    "no_car": ("Place", "Households without a car or van", "households", 0.12, 0.47, "proportion",
               NEITHER),
    "near_green": ("Place", "Homes within 300 metres of green space", "households", 0.91, 0.67,
                   "proportion", GOOD),
    "fly_tips": ("Place", "Fly-tips cleared", "all", 0.006, 0.034, "rate", BAD),
    "noise": ("Place", "Complaints of noise", "all", 0.004, 0.014, "rate", BAD),
    "turnout": ("Place", "Turnout at local elections", "adults", 0.47, 0.24, "proportion", GOOD),
    "low_birthweight": ("Healthy start", "Babies of low weight", "births", 0.05, 0.1, "proportion",
                        BAD),
    "breastfed": ("Healthy start", "Babies breastfed at six weeks", "births", 0.68, 0.38,
                  "proportion", GOOD),
    "smoking_mothers": ("Healthy start", "Mothers who smoke at delivery", "births", 0.03, 0.15,
                        "proportion", BAD),
    "teenage_births": ("Healthy start", "Births to mothers under 20", "births", 0.01, 0.07,
                       "proportion", BAD),
    "immunised": ("Healthy start", "Children fully immunised by two", "births", 0.96, 0.88,
                  "proportion", GOOD),
    "tooth_decay": ("Healthy start", "Five-year-olds with tooth decay", "aged 5", 0.12, 0.36,
                    "proportion", BAD),
    "obese_reception": ("Healthy start", "Children in reception who are obese", "aged 5", 0.06,
                        0.14, "proportion", BAD),
    "obese_year_6": ("Healthy start", "Children in year 6 who are obese", "year 6", 0.13, 0.31,
                     "proportion", BAD),
    "good_development": ("Education", "Children at a good level of development aged 5", "aged 5",
                         0.78, 0.57, "proportion", GOOD),
    "reading_11": ("Education", "Pupils at the expected level aged 11", "year 6", 0.76, 0.52,
                   "proportion", GOOD),
    "score_16": ("Education", "Mean score of pupils aged 16", "year 6", 52, 36, "mean", GOOD),
    "absence": ("Education", "Pupils persistently absent", "aged 5-19", 0.12, 0.29, "proportion",
                BAD),
    "exclusions": ("Education", "School suspensions", "aged 5-19", 0.012, 0.085, "rate", BAD),
    "not_learning": ("Education", "Young people in neither work nor learning", "aged 10-19", 0.006,
                     0.036, "proportion", BAD),
    "no_qualifications": ("Education", "Adults without qualifications", "adults", 0.08, 0.27,
                          "proportion", BAD),
    "degree": ("Education", "Adults with a degree", "adults", 0.46, 0.19, "proportion", GOOD),
    "looked_after": ("Social care", "Children in care", "aged 0-19", 0.0015, 0.0125, "rate", BAD),
    "child_need": ("Social care", "Children in need", "aged 0-19", 0.011, 0.062, "rate", BAD),
    "protection": ("Social care", "Children on a protection plan", "aged 0-19", 0.0012, 0.0095,
                   "rate", BAD),
    "young_carers": ("Social care", "Children who give unpaid care", "aged 0-19", 0.008, 0.019,
                     "rate", NEITHER),
    "adult_care": ("Social care", "Older people in long-term care", "older", 0.018, 0.036, "rate",
                   NEITHER),
    "carers": ("Social care", "Residents who give unpaid care", "all", 0.085, 0.105, "proportion",
               NEITHER),
    "safeguarding": ("Social care", "Adults with a safeguarding enquiry", "adults", 0.002, 0.0085,
                     "rate", BAD),
    "long_illness": ("Long-term conditions", "Residents with a limiting long-term illness", "all",
                     0.12, 0.23, "proportion", BAD),
    "smoking": ("Long-term conditions", "Adults who smoke", "adults", 0.07, 0.25, "proportion",
                BAD),
    "diabetes": ("Long-term conditions", "Adults with diabetes", "adults", 0.05, 0.095,
                 "proportion", BAD),
    "depression": ("Long-term conditions", "Adults with depression", "adults", 0.1, 0.17,
                   "proportion", BAD),
    "asthma": ("Long-term conditions", "Residents with asthma", "all", 0.055, 0.075, "proportion",
               BAD),
    "copd": ("Long-term conditions", "Adults with chronic lung disease", "adults", 0.011, 0.037,
             "proportion", BAD),
    "dementia": ("Long-term conditions", "Older people with dementia", "older", 0.036, 0.05,
                 "proportion", BAD),
    "emergency": ("Hospital admissions", "Emergency hospital admissions", "all", 0.075, 0.135,
                  "rate", BAD),
    "alcohol": ("Hospital admissions", "Admissions through alcohol", "adults", 0.009, 0.027, "rate",
                BAD),
    "self_harm": ("Hospital admissions", "Admissions through self-harm", "all", 0.0012, 0.0036,
                  "rate", BAD),
    "violence": ("Hospital admissions", "Admissions through violence", "all", 0.0002, 0.0014,
                 "rate", BAD),
    "falls": ("Hospital admissions", "Admissions of older people through falls", "older", 0.018,
              0.031, "rate", BAD),
    "child_injuries": ("Hospital admissions", "Admissions of children through injuries", "children",
                       0.007, 0.014, "rate", BAD),
    "emergency_by_age": ("Hospital admissions", "Emergency admissions, allowing for age", "by age",
                         0, 0, "directly standardised", BAD),
    "mortality": ("Mortality", "Deaths from all causes", "by age", 0, 0, "directly standardised",
                  BAD),
    "life_expectancy": ("Mortality", "Life expectancy at birth", "by age", 0, 0, "life expectancy",
                        GOOD),
    "preventable": ("Mortality", "Preventable deaths under 75", "by age", 0, 0,
                    "indirectly standardised", BAD),
    "heart_deaths": ("Mortality", "Deaths from heart disease and stroke", "all", 0.0011, 0.0023,
                     "rate", BAD),
    "cancer_deaths": ("Mortality", "Deaths from cancer", "all", 0.0018, 0.0028, "rate", BAD),
    "winter_deaths": ("Mortality", "Winter deaths beyond the usual", "all", 0.0001, 0.0004, "rate",
                      BAD),
}  # fmt: skip

FIRST = (
    "children", "older", "born_abroad", "household_size", "out_of_work", "child_poverty",
    "renting", "no_car", "feel_safe", "first_entrants", "fires", "hate_reports", "emergency",
    "smoking", "obese_year_6", "long_illness", "good_development", "absence",
    "no_qualifications", "exclusions", "looked_after", "child_need", "adult_care", "carers",
)  # fmt: skip
"""Drawn from the stream of the sample's other figures, in this order; others from their own."""

UNITS = {
    "all": "residents", "adults": "adults", "working": "people of working age",
    "older": "people aged 65 and over", "children": "children aged under 15",
    "aged 0-19": "people aged 0 to 19", "aged 5-19": "pupils", "aged 10-19": "people aged 10 to 19",
    "households": "households", "premises": "business premises", "births": "births",
    "sample": "adults asked", "aged 5": "children aged 5", "year 6": "pupils in year 6",
    "young offenders": "young offenders", "by age": "residents, by age",
}  # fmt: skip
"""Bases, as words for what is counted over."""

TRENDS = {"out_of_work": -0.07, "absence": 0.09}
"""Figures that move by so much a year, up to 2025; all others move by chance."""

BREAK = {"hate_reports": ("2024", 1.4)}
"""From this year on so many times as many are recorded, in every area."""

SENSITIVE = ("looked_after", "protection", "self_harm", "violence", "winter_deaths")
DESIGN_EFFECT = 1.4
KNOWN = ("children", "older", "working_age", "household_size")


def definitions() -> pd.DataFrame:
    """Say what each indicator means, one row each."""
    rows = []
    for name, (topic, title, base, _, _, method, polarity) in ROWS.items():
        people = UNITS[base]
        per = {"rate": "per 1,000 " + people, "value": "people", "mean": "years"}.get(method, "%")
        if method == "mean" and name != "mean_age":
            per = "points"
        if base == "by age":
            per = {"life expectancy": "years", "indirectly standardised": "city = 100"}.get(
                method, "per 100,000"
            )
        counted = title if base != "by age" else {"life_expectancy": "Deaths"}.get(name, title)
        rows.append(
            {
                "indicator": name,
                "topic": topic,
                "name": title,
                "definition": f"{title}: {counted[0].lower() + counted[1:]} over {people}.",
                "numerator": counted,
                "denominator": people[0].upper() + people[1:],
                "unit": per,
                "multiplier": _multiplier(method),
                "polarity": polarity,
                "source": "Invented for Port Averley",
                "period_kind": "five years pooled" if base == "by age" else "year",
                "method": method,
                "disclosure": "under 5" if name in SENSITIVE else "none",
                "design_effect": DESIGN_EFFECT if method == "survey" else "",
            }
        )
    return pd.DataFrame(rows)


def _multiplier(method: str) -> int:
    usual = {"proportion": 100, "survey": 100, "rate": 1000, "directly standardised": 100_000}
    return {**usual, "indirectly standardised": 100}.get(method, 1)


def bases(by_age: pd.DataFrame, households: pd.Series, premises: pd.Series) -> dict[str, pd.Series]:
    """Return what indicators are counted over, by small area."""
    whole = by_age.sum(axis=1)
    teens = by_age["10-14"] + by_age["15-19"]
    school = by_age["5-9"] + teens
    columns = list(by_age.columns)
    return {
        "all": whole,
        "children": by_age[columns[:3]].sum(axis=1),
        "older": by_age[columns[13:]].sum(axis=1),
        "working": by_age[columns[3:13]].sum(axis=1),
        "adults": by_age[columns[4:]].sum(axis=1),
        "households": households,
        "premises": premises,
        "sample": (whole / 40).round().astype(int),
        "births": (by_age["0-4"] / 5).round().astype(int),
        "young offenders": (teens / 60).round().astype(int),
        "aged 10-19": teens,
        "aged 5-19": school,
        "aged 0-19": school + by_age["0-4"],
        "aged 5": (by_age["5-9"] / 5).round().astype(int),
        "year 6": (by_age["10-14"] / 5).round().astype(int),
    }


def figures(
    known: dict[str, pd.Series], deprived: pd.Series, first: np.random.Generator
) -> pd.DataFrame:
    """Draw numerators around levels that follow deprivation, for every indicator and year.

    `first` is the stream from which the figures of `FIRST` for the latest year are drawn.
    """
    areas, share = deprived.index, deprived.to_numpy()
    latest = {name: _latest(name, known, share, first) for name in FIRST}
    own = np.random.default_rng(SEED)
    parts = []
    for name, row in ROWS.items():
        base = known.get(row[2])
        if base is None:
            continue  # by age: in a table of its own
        wobble = latest[name][2] if name in latest else _wobble(len(share), own)
        for year in PERIODS:
            if year == PERIODS[-1] and name in latest:
                numerator, denominator, _ = latest[name]
                squares: np.ndarray | None = None
            else:
                numerator, denominator, squares = _year(name, year, known, share, own, wobble)
            parts.append(
                pd.DataFrame(
                    {
                        "area_code": areas,
                        "indicator": name,
                        "period": year,
                        "numerator": np.asarray(numerator),
                        "denominator": np.asarray(denominator),
                        "squares": pd.array(
                            [pd.NA] * len(areas) if squares is None else squares, dtype="Int64"
                        ),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _wobble(number: int, rng: np.random.Generator) -> np.ndarray:
    """Return by how much each area differs from its level, in every year alike."""
    return np.asarray(1 + 0.16 * (rng.random(number) - 0.5))


def _latest(
    name: str, known: dict[str, pd.Series], share: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if name in KNOWN:
        return *_counted(name, known), np.ones(len(share))
    _, _, base, least, most, _, _ = ROWS[name]
    denominator = known[base].to_numpy()
    wobble = _wobble(len(share), rng)
    return (
        draw(denominator, (least + (most - least) * share) * wobble, rng), denominator, wobble
    )  # fmt: skip


def _counted(name: str, known: dict[str, pd.Series]) -> tuple[np.ndarray, np.ndarray]:
    """Return figures that follow from the people there are."""
    part = {"children": "children", "older": "older", "working_age": "working"}.get(name, "all")
    whole = "households" if name == "household_size" else "all"
    return known[part].to_numpy(), known[whole].to_numpy()


def _year(
    name: str,
    year: str,
    known: dict[str, pd.Series],
    share: np.ndarray,
    rng: np.random.Generator,
    wobble: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    _, _, base, least, most, method, _ = ROWS[name]
    back = int(PERIODS[-1]) - int(year)
    grown = np.rint(known[base].to_numpy() * (1 - 0.006 * back)).astype(int)
    if name in KNOWN:
        part, whole = _counted(name, known)
        return (
            np.rint(part * (1 - 0.006 * back)).astype(int),
            np.rint(whole * (1 - 0.006 * back)).astype(int),
            None,
        )
    level = (least + (most - least) * share) * wobble / (1 + TRENDS.get(name, 0.0)) ** back
    if name in BREAK and year < BREAK[name][0]:
        level = level / BREAK[name][1]
    if method == "mean":
        spread = 0.55 * least
        mean = level + spread * normal(len(share), rng) / np.sqrt(np.maximum(grown, 1))
        total = np.rint(mean * grown).astype(int)
        squares = np.rint(grown * spread**2 + total**2 / np.maximum(grown, 1)).astype(int)
        return total, grown, squares
    return draw(grown, level, rng), grown, None


def draw(size: np.ndarray, share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a binomial number by its normal approximation: the same on every version of NumPy."""
    mean = size * share
    spread = np.sqrt(np.maximum(mean * (1 - share), 0))
    return np.clip(np.rint(mean + spread * normal(len(size), rng)), 0, size).astype(int)


def normal(number: int, rng: np.random.Generator) -> np.ndarray:
    """Draw normal numbers from uniform ones (Box and Muller): the same on every machine."""
    return np.sqrt(-2 * np.log(1 - rng.random(number))) * np.cos(2 * np.pi * rng.random(number))

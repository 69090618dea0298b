"""The counts in the sample extracts, with the source of each figure.

Tables of totals come first, then the functions that spread them over months and boroughs. Every run gives the same
counts. Chance comes from generators with fixed seeds, and only from `random()`, whose sequence is the same in every
version of Python. `fsum` adds up floats, since versions of Python differ in how `sum` does.

With these totals, the scorecard for January 2009 has the figures of the printed one. Source: "Headline performance
report - 12 months to January 2009", Metropolitan Police Authority, 2 April 2009. The printed page gives changes, rates
and a few volumes; the totals below are those volumes, or whole numbers worked out from them. All that the page does
not give (earlier years, months, boroughs, offences that no measure counts) is made up.
"""

import calendar
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import fsum
from random import Random

from cpa_xl.measures.periods import Month

FIRST, LAST = Month(2006, 2), Month(2009, 1)
MONTHS = tuple(FIRST + n for n in range(LAST - FIRST + 1))

# Shares of about a thousand in all, roughly as in London: serious acquisitive crime, violence, road casualties.
BOROUGHS = {
    "Barking and Dagenham": (23, 30, 17),
    "Barnet": (40, 26, 40),
    "Bexley": (21, 23, 24),
    "Brent": (36, 36, 27),
    "Bromley": (34, 31, 38),
    "Camden": (33, 29, 32),
    "Croydon": (39, 45, 40),
    "Ealing": (42, 37, 34),
    "Enfield": (40, 28, 25),
    "Greenwich": (38, 44, 34),
    "Hackney": (33, 37, 39),
    "Hammersmith and Fulham": (27, 27, 26),
    "Haringey": (40, 35, 23),
    "Harrow": (21, 18, 15),
    "Havering": (22, 22, 29),
    "Hillingdon": (32, 37, 31),
    "Hounslow": (27, 32, 28),
    "Islington": (32, 30, 26),
    "Kensington and Chelsea": (21, 18, 31),
    "Kingston upon Thames": (10, 15, 16),
    "Lambeth": (47, 44, 47),
    "Lewisham": (36, 45, 32),
    "Merton": (17, 21, 17),
    "Newham": (45, 43, 26),
    "Redbridge": (36, 26, 24),
    "Richmond upon Thames": (13, 10, 18),
    "Southwark": (46, 46, 42),
    "Sutton": (15, 18, 19),
    "Tower Hamlets": (31, 32, 40),
    "Waltham Forest": (37, 32, 27),
    "Wandsworth": (35, 34, 38),
    "Westminster": (49, 48, 70),
}
ACQUISITIVE, VIOLENCE, ROADS = range(3)

BUSINESS_GROUPS = {"Specialist Crime Directorate": 55, "Territorial Policing": 35, "Central Operations": 10}

# How busy each month of the year is, January to December; 100 is an even month.
SEASONS = {
    "flat": (100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100),
    "burglary": (114, 104, 103, 92, 92, 92, 93, 97, 90, 97, 108, 116),
    "street": (103, 100, 104, 105, 104, 103, 98, 93, 94, 104, 104, 94),
    "vehicles": (97, 103, 106, 104, 103, 99, 98, 95, 97, 104, 101, 93),
    "violence": (93, 93, 101, 101, 107, 107, 109, 102, 99, 99, 96, 94),
    "roads": (93, 92, 97, 96, 104, 106, 106, 95, 104, 106, 107, 94),
    "schools": (95, 96, 105, 100, 106, 108, 100, 84, 103, 107, 104, 88),
    "year end": (98, 97, 112, 98, 98, 99, 100, 99, 99, 100, 100, 98),
}


@dataclass(frozen=True)
class SampleSeries:
    """A series: its totals in order, each over a number of months (36 in all), and how to spread them.

    `like` names the series whose months these follow (detections follow offences); otherwise they follow the length
    of the months. `pattern` is the column of BOROUGHS.
    """

    totals: tuple[tuple[int, int], ...]
    season: str = "flat"
    like: str | None = None
    pattern: int = VIOLENCE


# RY is the year to January 2009 (February 2008 on), PRY the year before it, YTD April 2008 to January 2009. Totals
# are for Feb-06 to Jan-07, Feb and Mar 2007, Apr 2007 to Jan 2008, Feb and Mar 2008, and YTD, unless noted otherwise.
FIGURES = {
    # 4a. "Res. burglary is down 0.8% (453)": open data give 58,956 for RY, so PRY is 59,409.
    "burglary": SampleSeries(
        ((12, 60_150), (2, 10_150), (10, 59_409 - 10_150), (2, 10_108), (10, 58_956 - 10_108)),
        "burglary",
        pattern=ACQUISITIVE,
    ),
    # 4a. "robbery is down 16.5% (6,405 offences)": 6,405 / 0.165 = 38,818.
    "robbery": SampleSeries(
        ((12, 42_900), (2, 6_600), (10, 38_818 - 6_600), (2, 5_561), (10, 38_818 - 6_405 - 5_561)),
        "street",
        pattern=ACQUISITIVE,
    ),
    # 4a. "MV crime is down 7.9% (9,552)": 9,552 / 0.079 = 120,911. The three together: 202,728 on 219,138, -7.5%.
    "motor_vehicle": SampleSeries(
        ((12, 128_300), (2, 20_500), (10, 120_911 - 20_500), (2, 20_031), (10, 120_911 - 9_552 - 20_031)),
        "vehicles",
        pattern=ACQUISITIVE,
    ),
    # 4b. SD rates of RY: 14.4% of 58,956, 17.6% of 32,413 and 6.9% of 111,359 make 21,879, 10.8% of 202,728.
    # "Around 19%" in February and March 2009 for 11.8% over the financial year leaves 10.36% for YTD, 17,304 SDs; so
    # February and March 2008 had 12.8%. The proposal for 2008/09 printed 10.1% for 2007/08 so far.
    "burglary_sd": SampleSeries(
        ((12, 8_120), (2, 1_390), (10, 6_960), (2, 1_774), (10, 8_490 - 1_774)),
        "year end",
        "burglary",
        ACQUISITIVE,
    ),
    "robbery_sd": SampleSeries(
        ((12, 6_650), (2, 1_060), (10, 5_180), (2, 1_193), (10, 5_705 - 1_193)),
        "year end",
        "robbery",
        ACQUISITIVE,
    ),
    "motor_vehicle_sd": SampleSeries(
        ((12, 8_080), (2, 1_310), (10, 6_260), (2, 1_608), (10, 7_684 - 1_608)),
        "year end",
        "motor_vehicle",
        ACQUISITIVE,
    ),
    # 5. KSI -15.0%; "Road fatalities have reduced by 11.5% (26 fatalities)": 26 / 0.115 = 226. Three years.
    "ksi": SampleSeries(((12, 3_990), (12, 3_760), (12, 3_196)), "roads", pattern=ROADS),
    "deaths": SampleSeries(((12, 231), (12, 226), (12, 226 - 26)), like="ksi", pattern=ROADS),
    "slight": SampleSeries(((12, 14_200), (12, 13_700), (12, 13_300)), "roads", pattern=ROADS),
    # 6a. MSV and AWI together -2.7%. Most serious violence alone trebles in April 2008, when the rules for
    # classifying it changed: its totals are for Feb-06 to Mar-07, Apr-07 to Mar-08 and YTD.
    "msv_awi": SampleSeries(((12, 75_300), (12, 74_000), (12, 72_002)), "violence"),
    "msv": SampleSeries(((14, 4_970), (12, 4_220), (10, 10_940)), like="msv_awi"),
    # 6c. SD rates 32.3% (MSV and AWI), 28.6% (serious sexual offences) and 32.0% (both): the sexual offences are
    # 8.1% of all.
    "msv_awi_sd": SampleSeries(((12, 22_300), (12, 23_050), (12, 23_257)), like="msv_awi"),
    "sexual": SampleSeries(((12, 6_620), (12, 6_480), (12, 6_346)), "violence"),
    "sexual_sd": SampleSeries(((12, 1_790), (12, 1_800), (12, 1_815)), like="sexual"),
    # 6b. Gun crime without CS gas and pepper spray -23.7%; the proposal: CS is 11% of confirmed offences.
    "gun_crime": SampleSeries(((12, 3_380), (12, 3_300), (12, 2_518)), "street"),
    "cs_spray": SampleSeries(((12, 418), (12, 408), (12, 311)), like="gun_crime"),
    # 7. An arrest in 70.3% over RY and 72.0% over YTD, so 61.3% in February and March 2008; the proposal printed
    # 63.2% for 2007/08 so far.
    "domestic": SampleSeries(((12, 49_100), (2, 7_700), (10, 40_800), (2, 7_600), (10, 40_400)), "violence"),
    "domestic_arrest": SampleSeries(
        ((12, 29_800), (2, 4_760), (10, 25_900), (2, 4_656), (10, 29_088)), like="domestic"
    ),
    # 8. Youth victims -10.1%, April to January on the same months a year earlier.
    "youth_victims": SampleSeries(((12, 22_900), (2, 3_640), (10, 18_900), (2, 3_420), (10, 16_991)), "schools"),
    # 9a. 31.5 a month over RY (378), 30.1 over YTD (301), so 77 in February and March 2008; "dropped in the month of
    # Dec-08". The proposal printed 251 for 2007/08 so far. Last three: Apr-Nov 2008, Dec-08, Jan-09.
    "networks": SampleSeries(((12, 204), (2, 38), (10, 251), (2, 378 - 301), (8, 252), (1, 18), (1, 301 - 252 - 18))),
    # 9b. 239 a month over YTD. The year before is made up: 191 a month, where the printed target suggests 173, so
    # that no month is more than a third above the same month a year earlier.
    "assets": SampleSeries(((12, 1_870), (2, 340), (10, 1_910), (2, 386), (10, 2_390))),
    # 10. 215, 143 and 57 a month over RY (2,580, 1,716 and 684), all more than in 2007/08. Totals are for Feb-06 to
    # Mar-07, Apr-07 to Jan-08, Feb and Mar 2008, YTD.
    "class_a": SampleSeries(((14, 2_620), (10, 2_000), (2, 400), (10, 2_580 - 400))),
    "cocaine": SampleSeries(((14, 1_640), (10, 1_280), (2, 258), (10, 1_716 - 258)), like="class_a"),
    "heroin": SampleSeries(((14, 540), (10, 430), (2, 98), (10, 684 - 98)), like="class_a"),
    # Further rows, which no series counts; all made up.
    "burglary_other": SampleSeries(((12, 36_700), (12, 35_300), (12, 34_050)), pattern=ACQUISITIVE),
    "interference": SampleSeries(((12, 5_800), (12, 4_900), (12, 4_200)), "vehicles", pattern=ACQUISITIVE),
    "no_gun": SampleSeries(((12, 610), (12, 590), (12, 560)), "street"),
    "no_further_action": SampleSeries(((12, 3_650), (12, 3_600), (12, 3_500))),
    "class_b": SampleSeries(((12, 840), (12, 900), (12, 960))),
    "class_a_no_action": SampleSeries(((12, 250), (12, 240), (12, 250))),
    "possession": SampleSeries(((12, 3_500), (12, 3_700), (12, 4_000))),
    "adult_victims": SampleSeries(((12, 8_700), (12, 8_500), (12, 8_100)), "violence"),
    "other_young_victims": SampleSeries(((12, 1_450), (12, 1_400), (12, 1_350)), "schools"),
    "victims_of_unknown_age": SampleSeries(((12, 700), (12, 650), (12, 600)), "violence"),
    "confiscations": SampleSeries(((12, 640), (12, 690), (12, 730))),
}


@dataclass(frozen=True)
class SurveyQuarter:
    """A quarter of the satisfaction survey: respondents by group, the share satisfied, and the gap of the groups.

    The share is that of all respondents; the gap is the share of white respondents less that of BME respondents.
    """

    end: Month
    white: int
    bme: int
    not_stated: int
    satisfied: float
    gap: float


# 1 and 2. "77.4% [Apr - Jun], 75.9% [Jul - Sep] and 78.2% [Oct - Dec]", gaps 3.1, 6.3 and 4.1 pp; the year to Dec-08
# 77.8% and 4.8 pp. January to March 2008 follows from the year (about 79.7% and 5.7 pp). Earlier quarters made up.
SATISFACTION = (
    SurveyQuarter(Month(2006, 3), 2_610, 1_190, 148, 0.786, 0.052),
    SurveyQuarter(Month(2006, 6), 2_584, 1_204, 139, 0.774, 0.046),
    SurveyQuarter(Month(2006, 9), 2_633, 1_226, 151, 0.768, 0.058),
    SurveyQuarter(Month(2006, 12), 2_559, 1_187, 144, 0.779, 0.049),
    SurveyQuarter(Month(2007, 3), 2_621, 1_233, 153, 0.788, 0.044),
    SurveyQuarter(Month(2007, 6), 2_597, 1_218, 141, 0.777, 0.040),
    SurveyQuarter(Month(2007, 9), 2_566, 1_240, 149, 0.771, 0.052),
    SurveyQuarter(Month(2007, 12), 2_603, 1_229, 146, 0.783, 0.043),
    SurveyQuarter(Month(2008, 3), 2_615, 1_251, 152, 0.797, 0.057),
    SurveyQuarter(Month(2008, 6), 2_588, 1_243, 147, 0.774, 0.031),
    SurveyQuarter(Month(2008, 9), 2_572, 1_260, 143, 0.759, 0.063),
    SurveyQuarter(Month(2008, 12), 2_606, 1_254, 150, 0.782, 0.041),
)
GROUPS = ("White", "BME", "Not stated")
SATISFACTION_YEAR = (Month(2008, 12), 0.778, 0.048)
SATISFACTION_LEFT_OVER = Month(2008, 3)

# 3. The quarter's respondents, and the share who think that their local police do a good job. A missing share follows
# from CONFIDENCE_YEARS.
CONFIDENCE: tuple[tuple[Month, int, float | None], ...] = (
    (Month(2006, 3), 938, 0.541),
    (Month(2006, 6), 921, 0.548),
    (Month(2006, 9), 946, 0.552),
    (Month(2006, 12), 917, 0.546),
    (Month(2007, 3), 934, 0.557),
    (Month(2007, 9), 925, 0.539),
    (Month(2007, 12), 941, 0.549),
    (Month(2008, 3), 929, 0.547),
    (Month(2007, 6), 933, None),
    (Month(2008, 6), 937, None),
    (Month(2008, 9), 931, None),
)
# Four quarters each: 55.2% in 2007/08 (the target, 56.2%, is "1pp increase"), "53.7%" in the year to Jun-08, "54.2%"
# in the year to Sep-08. The quarter named first is the one that makes up the year.
CONFIDENCE_YEARS = (
    (Month(2007, 6), Month(2008, 3), 0.552),
    (Month(2008, 6), Month(2008, 6), 0.537),
    (Month(2008, 9), Month(2008, 9), 0.542),
)


MONTH_NOISE = 0.02  # how far a month may be from its season
PLACE_NOISE = 0.12  # how far a place's month may be from its share
LONG = 8  # totals over this many months or more show how a series moves from year to year


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """`total` split into whole numbers in proportion to the weights (largest remainders, equal ones from the front)."""
    unit = total / fsum(weights)
    parts = [int(unit * weight) for weight in weights]
    remainders = [unit * weight - part for weight, part in zip(weights, parts, strict=True)]
    largest = sorted(range(len(parts)), key=lambda place: -remainders[place])
    for place in largest[: total - sum(parts)]:
        parts[place] += 1
    return parts


def share_out(total: int, weights: Sequence[float], random: Callable[[], float]) -> list[int]:
    """`total` split into whole numbers in proportion to the weights, with a chance for small shares too.

    The shares lie end to end on a line. Each gets as many as there are whole numbers on it, from a random start.
    """
    unit, start, end = total / fsum(weights), random(), 0.0
    marks = [0]
    for weight in weights:
        end += unit * weight
        marks.append(min(total, int(end + start)))
    marks[-1] = total
    return [right - left for left, right in pairwise(marks)]


def chance(name: str) -> Callable[[], float]:
    """A generator of numbers from 0 to 1, always the same ones for the same name."""
    return Random(zlib.crc32(name.encode())).random  # noqa: S311 - a sample may be guessed


@cache
def by_month(name: str) -> tuple[int, ...]:
    """The counts of a series in the months of MONTHS; they add up to each total of its figure."""
    figure, random = FIGURES[name], chance(name)
    base: Sequence[float] = by_month(figure.like) if figure.like else _trend(figure.totals)
    season = SEASONS[figure.season]
    weights = [
        value * season[month.month - 1] * (1 + MONTH_NOISE * (2 * random() - 1))
        for value, month in zip(base, MONTHS, strict=True)
    ]
    counts: list[int] = []
    for length, total in figure.totals:
        counts += apportion(total, weights[len(counts) : len(counts) + length])
    return tuple(counts)


def _trend(totals: Sequence[tuple[int, int]]) -> list[float]:
    """A level for each month: straight lines between the middles of the long totals, times the days of the month."""
    middles, start = [], 0
    for length, total in totals:
        if length >= LONG:
            middles.append((start + (length - 1) / 2, total / length))
        start += length
    return [
        _between(middles, place) * calendar.monthrange(month.year, month.month)[1] for place, month in enumerate(MONTHS)
    ]


def _between(points: Sequence[tuple[float, float]], place: float) -> float:
    """The height at `place` of the line through the points, which is level before the first and after the last."""
    for (left, low), (right, high) in pairwise(points):
        if left <= place <= right:
            return low + (high - low) * (place - left) / (right - left)
    return points[0][1] if place < points[0][0] else points[-1][1]


def spread(months: Sequence[int], places: Mapping[str, float], name: str) -> list[list[int]]:
    """Monthly counts by month and then by place, in proportion to the places' shares; each month adds up."""
    random = chance(f"{name} by place")
    return [
        share_out(count, [share * (1 + PLACE_NOISE * (2 * random() - 1)) for share in places.values()], random)
        for count in months
    ]


def borough_shares(name: str) -> dict[str, float]:
    """The boroughs' shares of a series."""
    return {borough: shares[FIGURES[name].pattern] for borough, shares in BOROUGHS.items()}


def satisfaction_rows() -> Iterator[tuple[Month, str, int, int]]:
    """Quarter, group, respondents and satisfied; the year in SATISFACTION_YEAR has its figures exactly."""
    satisfied = {quarter.end: _satisfied(_asked(quarter), quarter.satisfied, quarter.gap) for quarter in SATISFACTION}
    year_end, share, gap = SATISFACTION_YEAR
    year = [quarter for quarter in SATISFACTION if year_end - 12 < quarter.end <= year_end]
    others = [satisfied[quarter.end] for quarter in year if quarter.end != SATISFACTION_LEFT_OVER]
    whole = _satisfied([sum(group) for group in zip(*map(_asked, year), strict=True)], share, gap)
    satisfied[SATISFACTION_LEFT_OVER] = [all_ - sum(other) for all_, *other in zip(whole, *others, strict=True)]
    for quarter in SATISFACTION:
        for group, asked, yes in zip(GROUPS, _asked(quarter), satisfied[quarter.end], strict=True):
            yield quarter.end, group, asked, yes


def _asked(quarter: SurveyQuarter) -> list[int]:
    return [quarter.white, quarter.bme, quarter.not_stated]


def _satisfied(asked: Sequence[int], share: float, gap: float) -> list[int]:
    """The whole numbers of satisfied respondents, by group, nearest to a share of all and a gap of two groups."""
    white, bme, other = asked
    other_yes = round(share * other)
    white_share = (share * sum(asked) - other_yes + gap * bme) / (white + bme)

    def off(yes: tuple[int, int]) -> float:
        share_off = (sum(yes) + other_yes) / sum(asked) - share
        return max(abs(share_off), abs(yes[0] / white - yes[1] / bme - gap))

    near_white, near_bme = round(white_share * white), round((white_share - gap) * bme)
    near = [(near_white + a, near_bme + b) for a in range(-2, 3) for b in range(-2, 3)]
    return [*min(near, key=off), other_yes]


def confidence_rows() -> list[tuple[Month, int, int]]:
    """Quarter, respondents and those who agree, in order; the years of CONFIDENCE_YEARS have their figures exactly."""
    asked = {end: respondents for end, respondents, _ in CONFIDENCE}
    agree = {end: round(share * respondents) for end, respondents, share in CONFIDENCE if share is not None}
    for left_over, year_end, share in CONFIDENCE_YEARS:
        year = [end for end in asked if year_end - 12 < end <= year_end]
        others = sum(agree[end] for end in year if end != left_over)
        agree[left_over] = round(share * sum(asked[end] for end in year)) - others
    return [(end, asked[end], agree[end]) for end in sorted(asked)]

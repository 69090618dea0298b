"""What the latest figures of a series may be: limits from its own past, in place of fixed percentages (V6).

A month is compared with the same month a year before, so that seasons do not matter. How much that change varied
before says how much it may vary now: the limits are those of an XmR chart of the changes (Wheeler, Understanding
Variation), at 4 in place of 3 sigma, because some 300 figures are judged in a year; and never narrower than chance
makes counts vary (Poisson).
"""

from collections.abc import Collection, Mapping
from math import exp, inf, log, sqrt
from statistics import fmean, median, pstdev

from cpa_xl.config.model import SeriesSpec
from cpa_xl.errors import Level
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.figures.neighbours import IS_IT_REAL, MonthlyCounts, figure_text, totals_of
from cpa_xl.measures.periods import Month
from cpa_xl.wording import FEWEST, first_few

SIGMAS = 4
XMR = 1.128  # the mean moving range of normal values is so many sigmas
LEAST_CHANGE = log(1.4)  # smaller changes are nobody's question
LEAST_FALL = log(1 / 0.85)  # of the last month, which may not be complete
FEWEST_SINCE = 3  # months after a known break: of fewer, none is usual
FEW_CHANGES = 6  # of fewer changes before, nothing follows
STOPS, STOPS_FROM, STOPS_SIGMAS = 3, 100, 8  # times what is expected: another unit, or another figure
AREA, AREA_FROM, AREA_SIGMAS = 8, 60, 6  # times what an area usually has: an operation gives some times, seldom so many
YEAR = 12


def check_unusual_months(
    series: SeriesSpec, counts: MonthlyCounts, findings: Findings, new: Collection[Month] | None = None
) -> None:
    """Months far from what the series' own past makes usual (V6); the last one stops where no chance explains it.

    `counts` has the figures by month and area, `new` the months to be judged: without it, the last twelve. Months on
    the two sides of a known break are not compared. `expected_change` of the series takes the place of the limits.
    """
    totals = totals_of(counts)
    if not totals:
        return
    last = max(totals)
    judged = sorted(month for month in totals if last - month < YEAR and (new is None or month in new))
    unusual, level = [], Level.WARN
    for month in judged:
        limits = _limits(series, totals, month, LEAST_FALL if month == last else LEAST_CHANGE)
        if limits is None or limits[0] <= totals[month] <= limits[1]:
            continue
        low, high = limits
        unusual.append(f"{month.label} {_rounded(totals[month])}, where {_rounded(low)} to {_rounded(high)} are usual")
        if month == last and _certain(series, totals, month):
            level = Level.STOP
    if unusual:
        message = f"{series.title} is far from its own past: {first_few(unusual, FEWEST, 'month', between='; ')}"
        findings.add("V6", message, IS_IT_REAL, level=level)
    elif new is None or last in new:
        _check_areas(series, counts, last, findings)


def check_all_rows(title: str, rows: Mapping[Month, int], series: Collection[SeriesSpec], findings: Findings) -> None:
    """A last month with far fewer records than the file's own past makes usual (V6).

    Each of its `series` may have too few to say. Known breaks of any of them are breaks of all rows.
    """
    if not rows:
        return
    last, breaks = max(rows), tuple(one for each in series for one in each.known_breaks)
    limits = _limits(SeriesSpec(title="All records", count="rows", known_breaks=breaks), rows, last, LEAST_FALL)
    if limits is not None and rows[last] < limits[0]:
        message = f"{title} has {rows[last]:,} records in {last.label}, where {_rounded(limits[0])} or more are usual"
        findings.add("V6", message, "Is the month complete?", level=Level.WARN)


def _changes(series: SeriesSpec, totals: Mapping[Month, float], until: Month) -> list[float]:
    """The logarithms of the changes on the same month a year before, of the months before `until`, in order."""
    return [
        log((totals[month] + 0.5) / (totals[month - YEAR] + 0.5))
        for month in sorted(totals)
        if month < until and _comparable(series, totals, month)
    ]


def _comparable(series: SeriesSpec, totals: Mapping[Month, float], month: Month) -> bool:
    """Whether a month can be compared with the same one a year before."""
    apart = any(month - YEAR < one.month <= month for one in series.known_breaks)
    return not apart and totals.get(month - YEAR, -1) >= 0 and totals[month] >= 0


def _expected(series: SeriesSpec, totals: Mapping[Month, float], month: Month) -> tuple[float, float, float] | None:
    """What a month is compared with, the usual change on it as a logarithm, and its sigma; None where nothing is there.

    That is the same month a year before; where a known break lies between, the middle one of the months since then.
    """
    if _comparable(series, totals, month):
        return totals[month - YEAR], *_usual(series, totals, month)
    begun = max((one.month for one in series.known_breaks if month - YEAR < one.month <= month), default=month)
    since = [totals[one] for one in sorted(totals) if begun <= one < month]
    if len(since) < FEWEST_SINCE or min(*since, totals[month]) < 0:
        return None
    usual = median(since)
    varied = pstdev(log((one + 0.5) / (usual + 0.5)) for one in since)
    return usual, 0.0, max(varied, sqrt(1 / (totals[month] + 0.5) + 1 / (usual + 0.5)))


def _limits(series: SeriesSpec, totals: Mapping[Month, float], month: Month, fall: float) -> tuple[float, float] | None:
    """The least and the most that is usual in a month; None where there is nothing to compare it with.

    A `fall` counts from there on where a year of changes says how much they vary.
    """
    expected = _expected(series, totals, month)
    if expected is None:
        return None
    (before, centre, sigma), now = expected, totals[month]
    if series.expected_change is not None:
        return before * (1 - series.expected_change), before * (1 + series.expected_change)
    if max(before, now) <= STOPS_FROM:  # small figures vary too much by chance
        return None
    rise = max(SIGMAS * sigma, LEAST_CHANGE)
    told = len(_changes(series, totals, month)) >= YEAR and _comparable(series, totals, month)
    below = max(SIGMAS * sigma, fall) if told else rise
    return before * exp(centre - below), before * exp(centre + rise)


def _usual(series: SeriesSpec, totals: Mapping[Month, float], month: Month) -> tuple[float, float]:
    """The usual change on the year before as a logarithm, and its sigma."""
    before = _changes(series, totals, month)[-2 * YEAR :]
    chance = sqrt(1 / (totals[month] + 0.5) + 1 / (totals[month - YEAR] + 0.5))
    if len(before) < FEW_CHANGES:
        return 0.0, chance
    moving = fmean(abs(one - other) for one, other in zip(before[1:], before[:-1], strict=True)) / XMR
    return median(before[-YEAR:]), max(moving, pstdev(before), chance)


def _certain(series: SeriesSpec, totals: Mapping[Month, float], month: Month) -> bool:
    """Whether a month is so far from what is expected that it is another figure, and no event."""
    compared = _expected(series, totals, month)
    if series.expected_change is not None or compared is None:
        return False
    before, centre, sigma = compared
    expected, now = before * exp(centre), totals[month]
    times = max(now, expected) / min(now, expected) if min(now, expected) > 0 else inf
    change = abs(log((now + 0.5) / (expected + 0.5)))
    return times >= STOPS and max(now, expected) >= STOPS_FROM and change > STOPS_SIGMAS * sigma


def _check_areas(series: SeriesSpec, counts: MonthlyCounts, last: Month, findings: Findings) -> None:
    """Areas whose figure of the last month is many times, or a small part of, what they usually have (V6)."""
    usual: dict[str, float] = {}
    for area in {area for month, area in counts if month == last and area is not None}:
        before = [number for at in range(1, YEAR + 1) if (number := counts.get((last - at, area))) is not None]
        if len(before) >= FEW_CHANGES and fmean(before) > 0:
            usual[area] = fmean(before)
    if len(usual) < 2:
        return
    all_together = median(counts[last, area] / mean for area, mean in usual.items())  # what happened everywhere
    far = []
    for area, mean in sorted(usual.items()):
        expected, now = mean * all_together, counts[last, area]
        if min(now, expected) <= 0 or abs(now - expected) <= AREA_SIGMAS * sqrt(expected):
            continue
        times, most = max(now, expected) / min(now, expected), max(now, expected)
        if times >= AREA and most >= AREA_FROM:
            far.append(f"{area} {_rounded(now)}, where some {_rounded(expected)} are usual")
    if far:
        message = f"{series.title} in {last.label}: {first_few(far, FEWEST, 'area', between='; ')}"
        findings.add("V6", message, "Ask whether it is real.", level=Level.WARN)


def _rounded(number: float) -> str:
    """A figure as limits need it."""
    return figure_text(round(number) if abs(number) >= 10 else round(number, 1))

"""Figures that are not what their headings say: sums of the year so far, a month that is a copy, rounded figures (V9);
and known figures that come again under another month, another series or another unit (R4).

Each needs figures that chance does not give: two Poisson counts of mean m are equal in 1 of sqrt(4 pi m) cases, so a
few areas that are all equal leave no doubt.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log, pi
from operator import eq
from statistics import median

from cpa_xl.config.model import SeriesSpec
from cpa_xl.errors import Level
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.figures.neighbours import MonthlyCounts, figure_text, totals_of
from cpa_xl.measures.periods import Month
from cpa_xl.wording import FEWEST, all_or_few

CERTAIN = 6 * log(10)  # one in a million
YEAR, FEWEST_MONTHS = 12, 12
STARTS = (4, 1)  # financial and calendar years
ROUNDED_FROM, ROUND_TO = 30, (1000, 100, 10)
TIMES = (10.0, 100.0, 1000.0, 0.1, 0.01, 0.001)  # another unit
FEW = 2  # of the smallest counts
MOST = 0.9  # of the figures that are compared

Areas = Mapping[str | None, float]


def information(counts: Iterable[float]) -> float:
    """Minus the logarithm of the probability that counts such as these come again by chance.

    Counts of one or two say nothing: areas that have few have the same few every other month.
    """
    return sum(0.5 * log(4 * pi * number) for number in counts if number > FEW)


def check_patterns(series: Mapping[str, SeriesSpec], counts: Mapping[str, MonthlyCounts], findings: Findings) -> None:
    """What the figures of one source show by themselves (V9). `counts` has those of each series by month and area."""
    months = {name: _by_month(found) for name, found in counts.items() if not series[name].median}
    for name, found in counts.items():
        if name in months and (start := _year_to_date(totals_of(found))) is not None:
            message = f"{series[name].title} rises from month to month and begins anew each {start}: the year so far"
            findings.add("V9", message, "Ask for the figure of each month by itself.")
    _check_copy(series, months, findings)
    _check_rounded(series, months, findings)


def _by_month(counts: MonthlyCounts) -> dict[Month, dict[str | None, float]]:
    found: dict[Month, dict[str | None, float]] = {}
    for (month, area), number in sorted(counts.items(), key=lambda item: item[0][0]):
        found.setdefault(month, {})[area] = number
    return found


def _year_to_date(totals: Mapping[Month, float]) -> str | None:
    """The month in which sums of the year so far begin anew; None where the figures are no such sums."""
    months = sorted(totals)
    if len(months) < FEWEST_MONTHS or months[-1] - months[0] != len(months) - 1:
        return None
    for start in STARTS:
        steps = [(totals[one], totals[one + 1], (one + 1).month == start) for one in months[:-1]]
        begins = [(before, after) for before, after, new in steps if new]
        rises = [(before, after) for before, after, new in steps if not new]
        if not begins or not all(after > before for before, after in rises):
            continue
        month = median(after - before for before, after in rises)  # what a month by itself seems to have
        whole = YEAR * month
        if all(whole / 2 < before < 2 * whole and month / 3 < after < 3 * month for before, after in begins):
            return {4: "April", 1: "January"}[start]
    return None


def _check_copy(
    series: Mapping[str, SeriesSpec], months: Mapping[str, Mapping[Month, Areas]], findings: Findings
) -> None:
    """A last month in which every figure of the source is that of the month before."""
    shared = set.intersection(*(set(found) for found in months.values())) if months else set()
    if len(shared) < 3:
        return
    *_, earlier, before, last = sorted(shared)
    equal = all(found[last] == found[before] for found in months.values())
    usual = all(found[before] == found[earlier] for found in months.values())
    if equal and not usual and max(information(found[last].values()) for found in months.values()) > CERTAIN:
        named = all_or_few([series[name].title for name in months], FEWEST)
        message = f"every figure of {last.label} is that of {before.label} ({named})"
        findings.add("V9", message, "Is it a copy? Ask for the extract again.")


def _check_rounded(
    series: Mapping[str, SeriesSpec], months: Mapping[str, Mapping[Month, Areas]], findings: Findings
) -> None:
    """Figures that are all multiples of ten, of a hundred or of a thousand."""
    for name, found in months.items():
        figures = [number for areas in found.values() for number in areas.values() if number]
        if len(figures) >= ROUNDED_FROM and len(set(figures)) >= ROUNDED_FROM // 2:
            for step in ROUND_TO:
                if all(number % step == 0 for number in figures):
                    message = f"every figure of {series[name].title} is a multiple of {step:,}: they seem to be rounded"
                    findings.add("V9", message, "Ask for the figures as they were counted.", level=Level.WARN)
                    break


def known_under_other_names(
    series: Mapping[str, SeriesSpec],
    known: Mapping[str, Mapping[Month, Areas]],
    now: Mapping[str, Mapping[Month, Areas]],
) -> Iterator[str]:
    """Sentences on known figures of a source that come again under another month, another series or another unit."""
    names = [name for name in now if known.get(name)]
    told: set[str] = set()
    for name in names:
        others = [one for one in names if one != name and not _all_equal(known[one], known[name])]
        if (other := next((one for one in others if _is(now[name], known[one], known[name])), None)) is not None:
            told.add(name)
            yield f"the figures of {series[name].title} are those known of {series[other].title}"
    for name in names:
        if name not in told:
            yield from _moved(series[name], known[name], now[name])
            yield from _of_another_area(series[name], known[name], now[name])
            yield from _in_another_unit(series[name], known[name], now[name])


def _all_equal(one: Mapping[Month, Areas], other: Mapping[Month, Areas]) -> bool:
    return all(one.get(month) == areas for month, areas in other.items())


def _is(now: Mapping[Month, Areas], other: Mapping[Month, Areas], own: Mapping[Month, Areas]) -> bool:
    """Whether figures are those known of another series, and not their own."""
    shared = [month for month in now if month in other and month in own]
    same = [month for month in shared if now[month] == other[month] != own[month]]
    certain = sum(information(now[month].values()) for month in same) > CERTAIN
    return certain and len(same) >= MOST * len([month for month in shared if other[month] != own[month]])


def _moved(series: SeriesSpec, known: Mapping[Month, Areas], now: Mapping[Month, Areas]) -> Iterator[str]:
    """Months whose figures are those known of another month."""
    found: dict[Month, Month] = {}
    for month, areas in now.items():
        if known.get(month) == areas or information(areas.values()) <= CERTAIN / (1 if len(areas) > 1 else 4):
            continue
        alike = [one for one, before in known.items() if one != month and before == areas]
        if len(alike) == 1:
            found[month] = alike[0]
    weight = sum(information(now[month].values()) for month in found)
    if not found or weight <= CERTAIN:
        return
    pairs = [f"{month.label} has what is known of {other.label}" for month, other in sorted(found.items())]
    yield f"{series.title}: {all_or_few(pairs, FEWEST, 'month')}"


def _of_another_area(series: SeriesSpec, known: Mapping[Month, Areas], now: Mapping[Month, Areas]) -> Iterator[str]:
    """Areas whose figures are those known of another area."""
    months = [month for month in now if month in known]
    areas = {area for month in months for area in known[month] if area is not None}
    before = {area: [known[month].get(area) for month in months] for area in areas}
    found = []
    for area in sorted(areas):
        here = [now[month].get(area) for month in months]
        if sum(map(eq, here, before[area])) > (1 - MOST) * len(months):
            continue
        for other in sorted(areas - {area}):
            same = {
                month: number
                for month, number, old in zip(months, here, before[other], strict=True)
                if number is not None and number == old
            }
            if len(same) >= MOST * len(months) and information(same.values()) > CERTAIN:
                found.append(f"{area} has what is known of {other}")
    if found:
        yield f"{series.title}: {all_or_few(found, FEWEST, 'area')}"


def _in_another_unit(series: SeriesSpec, known: Mapping[Month, Areas], now: Mapping[Month, Areas]) -> Iterator[str]:
    """Figures that are known ones times ten, a hundredth, or rounded."""
    places: dict[str | None, list[tuple[float, float]]] = {}
    for month in now:
        for area in set(now[month]) & set(known.get(month, {})):
            places.setdefault(area, []).append((known[month][area], now[month][area]))
    if not places:
        return
    every = [pair for pairs in places.values() for pair in pairs]
    if (times := _times(every)) is not None:
        yield f"the figures of {series.title} are those known, times {figure_text(times)}"
        return
    for area, pairs in places.items():
        if area is not None and (times := _times(pairs)) is not None:
            yield f"{series.title} of {area}: the figures are those known, times {figure_text(times)}"
    for step in ROUND_TO:
        if _rounded(every, step):
            yield f"the figures of {series.title} are those known, rounded to {step:,}"
            return


def _times(pairs: Sequence[tuple[float, float]]) -> float | None:
    """The factor from known figures to those of now; None where it is 1, or no usual one."""
    compared = [(old, new) for old, new in pairs if old and new]
    for times in TIMES:
        reach = 0.5 if times < 1 else 0  # what rounding takes away
        near = [(old, new) for old, new in compared if abs(new - old * times) <= reach + 1e-9 * abs(new)]
        if len(near) >= MOST * len(compared) and information(map(min, near)) > CERTAIN:
            return times
    return None


def _rounded(pairs: Sequence[tuple[float, float]], step: int) -> bool:
    compared = [(old, new) for old, new in pairs if old or new]
    unlike = [old for old, _ in compared if old % step]
    if not any(new for _, new in compared):
        return False
    return len(unlike) >= ROUNDED_FROM // 2 and all(new % step == 0 and abs(new - old) <= step for old, new in compared)

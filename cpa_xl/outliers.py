"""Months of a series that are not like the same month a year before: not there yet, or worth a look."""

from collections import Counter
from collections.abc import Mapping

from cpa_xl.errors import Level
from cpa_xl.faults import Findings
from cpa_xl.periods import Month
from cpa_xl.wording import FEWEST, first_few

Counts = Mapping[tuple[Month, str | None], int]

HALF = 0.5  # a last month below this part of the same month last year is hardly complete
MOST_AREAS = 0.8  # where it is so in more than this part of the areas
LEAST_BEFORE = 20  # and the same month last year had at least so many
UNUSUAL = 0.4  # a change on last year above which a month is worth a look
UNUSUAL_FROM = 100


def check_last_month(title: str, counts: Counts, findings: Findings) -> None:
    """A last month that has hardly come in (V5): it stops where nearly every area shows it, else it is a warning."""
    if not counts:
        return
    last = max(month for month, _ in counts)
    areas = {area: counts.get((last - 12, area), 0) for month, area in counts if month == last}
    before, now = sum(areas.values()), sum(counts[last, area] for area in areas)
    if before < LEAST_BEFORE or now >= HALF * before:
        return
    compared = [area for area, number in areas.items() if number]
    low = [area for area in compared if counts[last, area] < HALF * areas[area]]
    if len(low) <= MOST_AREAS * len(compared):
        return
    message = f"{title}: {last.label} has {now:,} where {(last - 12).label} had {before:,}"
    if len(compared) > 1:
        message += f", below half in {len(low)} of {len(compared)} areas"
    certain = now == 0 or len(compared) > 1
    remedy = "Is the month complete? Ask for the extract again when it is." if certain else "Is the month complete?"
    findings.add("V5", message, remedy, level=Level.STOP if certain else Level.WARN)


def check_unusual_months(title: str, counts: Counts, findings: Findings) -> None:
    """Months of the last year that differ much from the same month a year before (V6)."""
    totals: Counter[Month] = Counter()
    for (month, _), number in counts.items():
        totals[month] += number
    if not totals:
        return
    last = max(totals)
    unusual = []
    for month in (last - back for back in range(11, -1, -1)):
        before = totals.get(month - 12, 0)
        if month in totals and before > UNUSUAL_FROM and abs(totals[month] - before) > UNUSUAL * before:
            change = (totals[month] - before) / before
            unusual.append(f"{month.label} {totals[month]:,} after {before:,} ({change:+.0%})")
    if unusual:
        message = f"{title} differs much from the same month a year before: {first_few(unusual, FEWEST, 'month')}"
        findings.add("V6", message, "Ask whether it is real.", level=Level.WARN)

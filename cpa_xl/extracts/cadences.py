"""Sources that do not report by month: weeks counted into months by a stated rule, and populations by year."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from statistics import mode

from cpa_xl.config.model import Source
from cpa_xl.errors import Level
from cpa_xl.extracts.checks import MonthSpan
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.readers import Staging, month_number, sql_name
from cpa_xl.extracts.rows import ExtractReader
from cpa_xl.measures.periods import Month, months_of_week, whole_months
from cpa_xl.wording import all_or_few


def weekly_span(staging: Staging, reader: ExtractReader, as_of: Month | None, findings: Findings) -> MonthSpan | None:
    """The months that a weekly source has in full (K2 if none), for which `counted` has the rows; others noted (P2)."""
    days, rule = _weeks(staging, reader, findings), reader.source.weeks
    if not days or rule is None:
        return None
    months = whole_months(days[0], days[-1], rule)
    if not months:
        message = f"no month is complete: its weeks begin on {days[0]} to {days[-1]}"
        findings.add("K2", message, "Ask for an extract with more weeks.")
        return None
    cut = {month for day in (days[0], days[-1]) for month in months_of_week(day, rule)}.difference(months)
    for month in sorted(cut):
        if as_of is None or month <= as_of:
            message = f"{month.label} is left out, because some of its weeks are not in the file ({rule.words})"
            findings.add("P2", message, level=Level.NOTE)
    _count_weeks(staging, reader.source, days, months)
    return MonthSpan(months, 1)


def check_years(span: MonthSpan, as_of: Month | None, known: Month | None, findings: Findings) -> None:
    """The years of a population: one up to the as-of month (K2), not older than in the workbook (F3), old ones (P2)."""
    first, last = span.first.year, span.last.year
    if as_of is not None and first > as_of.year:
        message = f"the rows begin in {first}, after the as-of month {as_of.label}"
        findings.add("K2", message, "Ask for an extract that begins earlier.")
    elif as_of is not None and last < as_of.year:
        message = f"the last year is {last}; rates up to {as_of.label} are per residents of {last}"
        findings.add("P2", message, level=Level.NOTE)
    elif as_of is not None and last > as_of.year:
        findings.add("P2", f"the file goes on to {last}; years after {as_of.year} are left out", level=Level.NOTE)
    if known is not None and last < known.year:
        message = f"the file ends in {last}, but the workbook already holds {known.year}"
        findings.add("F3", message, "Give the latest extract.")


def _weeks(staging: Staging, reader: ExtractReader, findings: Findings) -> Sequence[date]:
    """The first days of the weeks, in order: on one day of the week (V2), none missing (K2)."""
    column = reader.source.month or ""
    query = "SELECT {day}, min(_row) FROM typed WHERE {day} IS NOT NULL GROUP BY ALL ORDER BY ALL"
    rows = staging.rows(query, day=sql_name(column))
    usual = mode(f"{day:%A}" for day, _ in rows) if rows else ""
    for day, row in rows:
        if f"{day:%A}" != usual:
            message = f"{day} is a {day:%A}, and the other dates are {usual}s"
            remedy = "Give the same day of each week."
            findings.add("V2", message, remedy, row=row, column=reader.layout.heading(column), was=str(day))
    before = 6 if reader.source.week_date == "last_day" else 0
    days = [day - timedelta(days=before) for day, _ in rows if f"{day:%A}" == usual]
    every = [days[0] + timedelta(days=7 * n) for n in range((days[-1] - days[0]).days // 7 + 1)] if days else []
    if missing := sorted({*every} - {*days}):
        message = f"there is no row for the week of {all_or_few([str(day) for day in missing], what='week')}"
        findings.add("K2", f"{message}, though there are some before and after", "Ask for the extract again.")
    return days


def _count_weeks(staging: Staging, source: Source, weeks: Sequence[date], months: Collection[Month]) -> None:
    """Make the view `counted`: each row of a weekly source once for each of these months in which its week counts.

    `weeks` are the first days of the weeks. The column `_days` is the number of a week's days in the month (seven
    unless weeks are split), `_month` its number.
    """
    rule = source.weeks
    parts = [
        (day, month_number(month), days)
        for day in weeks
        for month, days in (months_of_week(day, rule) if rule else {}).items()
        if month in months
    ]
    make = (
        "CREATE OR REPLACE TEMP TABLE weeks AS SELECT unnest(?::DATE[]) AS day, unnest(?::BIGINT[]) AS _month,"
        " unnest(?::BIGINT[]) AS _days"
    )
    staging.run(make, [[part[place] for part in parts] for place in range(3)])
    view = (
        "CREATE OR REPLACE TEMP VIEW counted AS SELECT typed.* EXCLUDE (_month), weeks._month, weeks._days"
        " FROM typed JOIN weeks ON typed.{day} - {before} = weeks.day"
    )
    before = "6" if source.week_date == "last_day" else "0"
    staging.run(view, day=sql_name(source.month or ""), before=before)

"""Checks of the months of an extract: which it has, gaps, the end, its name, and how its files share them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median, mode

from cpa_xl.config.model import Cadence, ColumnType, Overlap, Shape, Source
from cpa_xl.errors import Level
from cpa_xl.extracts.faults import Findings
from cpa_xl.extracts.files.find import month_in_name
from cpa_xl.extracts.files.staging import Staging, month_number, month_of, sql_name
from cpa_xl.extracts.rows import ExtractReader, count_weeks, counted_rows
from cpa_xl.extracts.values import DATE
from cpa_xl.measures.periods import Month, months_of_week, whole_months
from cpa_xl.wording import all_or_few, counted

FEW = 0.1  # isolated months with less than this part of a usual month's rows are mistyped dates, not data
ROWS_SEEN, MONTHS_SEEN = 20, 2  # so many dates of a month, in so many months, include a day above 12
DAYS_SEEN = 200  # this many dates must include a day above 12


@dataclass(frozen=True)
class MonthSpan:
    """The months of an extract, in order; `step` is the number of months between two of them (1, or 3 for quarters)."""

    months: Sequence[Month]
    step: int

    @property
    def first(self) -> Month:
        return self.months[0]

    @property
    def last(self) -> Month:
        return self.months[-1]


def span_of(staging: Staging, reader: ExtractReader, findings: Findings) -> MonthSpan | None:
    """The months of the rows; None if there are none. Dates far from all others are faults (V2)."""
    source = reader.source
    counted = {month_of(number): rows for number, rows in staging.rows(
        "SELECT _month, sum(_times) FROM weighed WHERE _month IS NOT NULL GROUP BY _month ORDER BY _month"
    )}  # fmt: skip
    if not counted:
        return None
    months = list(counted)
    if source.shape is Shape.RECORDS:
        _check_days(staging, reader, findings)
        months = _without_stray_dates(staging, reader, counted, findings)
    return MonthSpan(months, source.cadence.step)


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
    count_weeks(staging, reader.source, days, months)
    return MonthSpan(months, 1)


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


def _check_days(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """Days that never exceed 12 in many rows (V2): the file probably swaps day and month."""
    name = reader.source.month or ""
    if reader.column(name).type is not ColumnType.DATE:
        return
    query = "SELECT coalesce(sum(_times), 0), max(day({day})) FROM weighed WHERE {day} IS NOT NULL"
    [(rows, highest)] = staging.rows(query, day=sql_name(name))
    if rows >= DAYS_SEEN and highest <= 12:
        message = f"in {rows:,} dates the day is never above 12: day and month seem to have been swapped"
        remedy = f"Ask for the extract with dates {reader.column(name).format}."
        findings.add("V2", message, remedy, column=reader.layout.heading(name))
    elif rows >= DAYS_SEEN:
        _check_days_of_months(staging, reader, findings)


def _check_days_of_months(staging: Staging, reader: ExtractReader, findings: Findings) -> None:
    """Several months whose days never exceed 12, beside others (V2): days up to 12 became months, the others stayed.

    A month may have all its records on its first day.
    """
    name = reader.source.month or ""
    query = (
        "SELECT _month FROM weighed WHERE {day} IS NOT NULL GROUP BY 1"
        " HAVING sum(_times) >= {few} AND max(day({day})) <= 12 AND max(day({day})) > 1 ORDER BY 1"
    )
    low = [month_of(number) for (number,) in staging.rows(query, day=sql_name(name), few=str(ROWS_SEEN))]
    if len(low) < MONTHS_SEEN:
        return
    message = (
        f"in {listed_months(low)} the day is never above 12, though it is elsewhere: day and month seem to have been"
    )
    remedy = f"Ask for the extract again, with dates {reader.column(name).format}, and do not open it in a spreadsheet."
    findings.add("V2", f"{message} swapped", remedy, column=reader.layout.heading(name))


def _without_stray_dates(
    staging: Staging, reader: ExtractReader, counted: Mapping[Month, int], findings: Findings
) -> list[Month]:
    """The months without isolated ones with very few rows, which are mistyped dates (V2)."""
    runs: list[list[Month]] = []
    for month in counted:
        if runs and month - runs[-1][-1] == 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    few = FEW * median(counted.values())
    stray = [month for run in runs if sum(counted[month] for month in run) < few * len(run) for month in run]
    kept = [month for month in counted if month not in stray]
    if not stray or not kept:
        return list(counted)
    name = reader.source.month or ""
    form = reader.column(name).format
    template = DATE[form][1] if reader.column(name).type is ColumnType.DATE and form in DATE else "%Y-%m"
    query = "SELECT _row, strftime({day}, ?) FROM typed WHERE list_contains(?::BIGINT[], _month) ORDER BY _row"
    for row, text in staging.rows(query, [template, [month_number(month) for month in stray]], day=sql_name(name)):
        message = (
            f"'{text}' is far from the other dates, nearly all of which are in {kept[0].label} to {kept[-1].label}"
        )
        heading = reader.layout.heading(name)
        findings.add("V2", message, "Correct the date, or leave the row out.", row=row, column=heading, was=text)
    return kept


def check_months(source: Source, span: MonthSpan, as_of: Month | None, findings: Findings) -> None:
    """Every month from the first to the as-of month minus the lag has rows (K2); a late quarter gives a note (P2)."""
    check_gaps(source, span, findings)
    check_end(source, span, as_of, findings)


def check_gaps(source: Source, span: MonthSpan, findings: Findings) -> None:
    """Every month between the first and the last has rows (K2)."""
    every = {span.first + n for n in range(0, span.last - span.first + 1, span.step)}
    for month in sorted(set(span.months) - every):
        message = f"{month.label} does not lie whole quarters after {span.first.label}, where the rows begin"
        findings.add("V2", message, "Give the month that each quarter ends in.")
    if missing := sorted(every - set(span.months)):
        what = "column" if source.shape is Shape.WIDE else "row"
        message = f"there is no {what} for {listed_months(missing)}, though there are some before and after"
        every_one = "quarter" if span.step == 3 else "month"
        findings.add("K2", message, f"Ask for the extract again, with every {every_one}.")


def check_end(source: Source, span: MonthSpan, as_of: Month | None, findings: Findings) -> None:
    """The months reach the as-of month less the lag (K2); old ones are noted (P2)."""
    if as_of is None:
        return
    if span.first > as_of:
        message = f"the rows begin in {span.first.label}, after the as-of month {as_of.label}"
        findings.add("K2", message, "Ask for an extract that begins earlier.")
    elif span.last < as_of - source.lag and source.cadence.counted is Cadence.MONTHLY:
        wanted = [span.last + n for n in range(1, as_of - source.lag - span.last + 1)]
        message = f"there is nothing for {listed_months(wanted)}; the last month is {span.last.label}"
        findings.add("K2", message, f"Ask for an extract up to {(as_of - source.lag).label}.")
    elif span.last < as_of:
        behind = as_of - span.last
        allowed = "as allowed" if behind <= source.lag else f"more than the {source.lag} allowed: no letter is given"
        months = counted(behind, "month")
        message = f"{source.title} ends in {span.last.label}, {months} before {as_of.label}, {allowed}"
        findings.add("P2", message, level=Level.NOTE)


def check_name(source: Source, span: MonthSpan, known: Month | None, findings: Findings) -> None:
    """The file ends in the month of its name, and is not older than the figures in the workbook (F3)."""
    named = month_in_name(findings.file.rpartition("/")[2]) if source.month_in_name else None
    if ", sheet " in findings.file or source.cadence is Cadence.WEEKLY:  # the last week may begin another month
        named = None
    if named is not None and not span.last <= named <= span.last + source.lag:
        message = f"the file's name says {named}, but its last month is {span.last}"
        findings.add("F3", message, "Give the right file, or rename it.")
    if known is not None and span.last < known:
        message = f"the file ends in {span.last.label}, but the workbook already holds {known.label}"
        findings.add("F3", message, "Give the latest extract.")


def check_split_name(source: Source, findings: Findings) -> None:
    """The file's name has the part by which the files of one month differ (F3)."""
    name = findings.file.rpartition("/")[2]
    if source.split_name is not None and not re.fullmatch(source.split_name, name):
        message = f"its name does not fit `split_name` ({source.split_name}), which tells files of one month apart"
        findings.add("F3", message, "Is it a copy? Then take it out. Else rename it.")


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


def note_overlap(
    source: Source, other: str, shared: Sequence[Month], findings: Findings, *, later: bool, apart: bool
) -> None:
    """Two files of a source bring the same months (F3): a stop, or a note where the `later` one counts.

    `apart` says that the later file has all that this one has of these months.
    """
    if later and apart:
        come, them = ("comes", "it") if len(shared) == 1 else ("come", "them")
        message = f"{listed_months(shared)} {come} from {other}, the later file, which brings {them} too"
        findings.add("F3", message, level=Level.NOTE)
        return
    message = f"it brings {listed_months(shared)}, and so does {other}"
    remedy = "Leave the one that is right in the folder, or let the later one count: `overlap: later` in sources.yaml."
    if later:
        message += f", the later file, but not for every {source.split}"
        remedy = "Ask for files that each hold whole months, or leave the one that is right in the folder."
    elif source.overlap is Overlap.LATER:
        message += "; both end in the same month, so neither is the later one"
        remedy = "Leave the one that is right in the folder."
    findings.add("F3", message, remedy)


def months_brought(staging: Staging, source: Source, name: str, span: MonthSpan) -> Iterator[tuple[Month, str | None]]:
    """The months of a file, each with the values of the column (or the part of its name) by which its files differ."""
    other = sql_name(source.split) if source.split else "NULL"
    part = re.fullmatch(source.split_name, name.rpartition("/")[2]) if source.split_name else None
    query = "SELECT DISTINCT _month, {other} FROM {rows} WHERE _month IS NOT NULL ORDER BY ALL"
    months = set(span.months)
    for number, value in staging.rows(query, other=other, rows=counted_rows(source)):
        if (month := month_of(number)) in months:
            yield month, part[1] if part else value


def check_files(source: Source, span: MonthSpan, as_of: Month | None, known: Month | None, findings: Findings) -> None:
    """The months of all files of a source: what no file brings is unknown and named (P2); where they end (K2, F3)."""
    every = {span.first + n for n in range(0, span.last - span.first + 1, span.step)}
    if missing := sorted(every - set(span.months)):
        message = f"{source.title}: no file brings {listed_months(missing)}, so these months are unknown"
        findings.add("P2", message, level=Level.NOTE)
    check_end(source, span, as_of, findings)
    if known is not None and span.last < known:
        message = f"the files end in {span.last.label}, but the workbook already holds {known.label}"
        findings.add("F3", message, "Give the latest extract too.")


def check_provisional(source: Source, span: MonthSpan, findings: Findings) -> None:
    """A note on months that may still change (P1)."""
    if source.provisional_from is None or source.provisional_from > span.last:
        return
    why = f": {source.provisional_note}" if source.provisional_note else ""
    first = source.provisional_from.label  # the file may begin later, where months before it are known
    findings.add("P1", f"{source.title}: months from {first} are provisional{why}", level=Level.NOTE)


def listed_months(months: Sequence[Month]) -> str:
    """Months as a list, "Jul-08, Aug-08 and 3 more months"; as a range if they are consecutive, "Nov-08 to Jan-09"."""
    if len(months) > 2 and all(later - month == 1 for month, later in pairwise(months)):
        return f"{months[0].label} to {months[-1].label}"
    named = [month.label for month in months]
    return all_or_few(named, what="month")
